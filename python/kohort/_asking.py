"""What all families of personal tables share: the engine, and how it is asked."""

from __future__ import annotations

from collections.abc import Callable

import polars as pl

from kohort import _core, _progress
from kohort._objects import Described
from kohort.typing import Progress


class Asking(Described):
    """Asks the engine for tables, with progress shown as the user wishes."""

    __slots__ = ()
    _engine: _core.PersonalAnalytics
    _progress: Progress

    def _ask(self, question: Callable[[Callable[[int, int], object] | None], _core.Table]) -> pl.DataFrame:
        with _progress.reporting(self._progress) as report:
            return pl.DataFrame(question(report))
