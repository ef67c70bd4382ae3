"""Telling a user how far long work is."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from kohort.exceptions import ParameterTypeError
from kohort.typing import Progress

WIDTH = 30


def check(progress: object) -> Progress:
    """Return `progress` if it is a bool or can be called."""
    if isinstance(progress, bool) or callable(progress):
        return progress
    raise ParameterTypeError(
        f"`progress` must be True, False or a function of (done, total), got {progress!r}"
    )


@contextmanager
def reporting(progress: Progress) -> Iterator[Callable[[int, int], object] | None]:
    """Yield what the engine calls every 50 ms, and clean up the bar afterwards."""
    if progress is False:
        yield None
    elif progress is True:
        bar = _Bar()
        try:
            yield bar.show
        finally:
            bar.clear()
    else:
        yield progress


class _Bar:
    """A bar on stderr, drawn over itself."""

    def __init__(self) -> None:
        self._drawn = 0

    def show(self, done: int, total: int) -> None:
        share = min(done / total, 1.0) if total else 0.0
        full = int(share * WIDTH)
        text = f"kohort [{'#' * full}{'.' * (WIDTH - full)}] {share:4.0%}"
        self._write(f"\r{text}")
        self._drawn = len(text)

    def clear(self) -> None:
        if self._drawn:
            self._write(f"\r{' ' * self._drawn}\r")

    def _write(self, text: str) -> None:
        if sys.stderr is not None:  # a service may have none
            sys.stderr.write(text)
            sys.stderr.flush()
