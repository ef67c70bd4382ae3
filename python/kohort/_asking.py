"""What the families of personal tables have in common: they ask the engine."""

from __future__ import annotations

from collections.abc import Callable

import polars as pl

from kohort import _core, _progress
from kohort._objects import Described
from kohort.typing import Progress


class Asking(Described):
    """A described object that asks the engine for tables and shows how far it is."""

    __slots__ = ()
    _engine: _core.PersonalAnalytics
    _progress: Progress

    def _ask(self, question: Callable[[Callable[[int, int], object] | None], _core.Table]) -> pl.DataFrame:
        with _progress.reporting(self._progress) as report:
            return pl.DataFrame(question(report))
