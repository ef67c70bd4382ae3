"""Public grids: the edges on which groups are counted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

import polars as pl

from kohort import _core
from kohort._checks import number, word
from kohort._objects import html
from kohort._spans import span
from kohort.exceptions import ParameterTypeError
from kohort.typing import GroupMetric, Span

__all__ = ["Grid", "grids"]


@dataclass(frozen=True, slots=True)
class Grid:
    """Edges on which a metric is to be counted, in place of the built-in ones.

    It counts once it is registered, for terms that begin later: `Ledger.register_grid`.

    Parameters
    ----------
    metric
        As in `ReferenceGroups.distribution`.
    edges
        3 to 101 rising numbers from 0 on, in the unit that `grids` shows; for study time also
        lengths of time such as ``"30m"``. Their number is odd, so that groups below 100 learners,
        who are shown on every second edge, keep the first and the last. Metrics that count things
        take whole numbers. What lies outside is counted at the first and the last edge.

    Raises
    ------
    ParameterError
        If the edges are no such numbers.

    Examples
    --------
    >>> import kohort as kh
    >>> kh.Grid("study_time", ["0s", "30m", "1h", "2h", "4h"])
    Grid(metric='study_time', edges=(0.0, 1800.0, 3600.0, 7200.0, 14400.0))
    """

    metric: GroupMetric
    edges: Sequence[float | Span]

    def __post_init__(self) -> None:
        """Take the edges as numbers; the rules are the engine's."""
        metric = word("metric", self.metric, GroupMetric)
        if isinstance(self.edges, str) or not isinstance(self.edges, (Sequence, pl.Series)):
            raise ParameterTypeError(f"`edges` must be a sequence of numbers, got {self.edges!r}")
        of_time = metric in ("study_time", "study_time_in_period")
        edges = tuple(_edge(edge, of_time=of_time) for edge in self.edges)
        _core.check_grid(metric, list(edges))
        object.__setattr__(self, "edges", edges)

    def _repr_html_(self) -> str:
        edges = ", ".join(str(edge) for edge in self.edges)
        return html("Grid", [("metric", self.metric), ("edges", edges)])


def _edge(edge: object, *, of_time: bool) -> float:
    if of_time and isinstance(edge, (str, timedelta)):
        return span("edges", edge) / 1e6
    return number("edges", edge)


def grids() -> pl.DataFrame:
    """List the built-in public grids: the edges on which groups are counted.

    They are constants per metric of `ReferenceGroups.summary` and per measure of
    `ReferenceGroups.collaboration`; groups below 100 learners use every second edge. A host can
    register others for terms to come: `Ledger.register_grid`, and `Ledger.grids` shows those.

    Returns
    -------
    polars.DataFrame
        `metric`, `unit`, `upper`.

    Examples
    --------
    >>> import kohort as kh
    >>> import polars as pl
    >>> kh.grids().filter(pl.col("metric") == "progress").height
    21
    """
    return pl.DataFrame(_core.grids())
