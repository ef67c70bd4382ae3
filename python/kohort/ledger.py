"""The ledger: the record of what was released, that every release is held against."""

from __future__ import annotations

import json
import os
from datetime import datetime
from os import PathLike

import polars as pl

from kohort import _core
from kohort._checks import learner_id, number
from kohort._objects import Described, Facts
from kohort._spans import EPOCH, MICROSECOND
from kohort.exceptions import ParameterError, ParameterTypeError
from kohort.grid import Grid

__all__ = ["Ledger", "verify"]

CERTIFICATE = (
    "guarantee",
    "group",
    "roster",
    "coverage",
    "as_of",
    "k",
    "base",
    "coverage_floor",
    "engine",
    "ledger",
    "seal",
    "hash",
)


class Ledger(Described):
    """The record of what was released, in a file or in memory.

    Reference groups made under one ledger are safe beside each other, in whatever process and
    from whatever reading of the data: it knows learners again by a keyed hash of their ids, and
    what is released is on disk before a number is returned. Many processes may use one file at
    once. The key is in the file as well, so it is pseudonymized, not anonymous: only its owner
    may read it. The file and ``<path>.head`` beside it belong together.

    Parameters
    ----------
    path
        An SQLite file, made if there is none; in memory if left out.
    head
        `Ledger.head` as the newest certificate names it (column `ledger`): a ledger that was put
        back to an earlier state, together with the file beside it, is then found out too.

    Raises
    ------
    LedgerError
        If the file is no ledger, of another version, cannot be written, was edited or put back,
        or another process holds it for more than 30 seconds.

    Examples
    --------
    >>> import kohort as kh
    >>> ledger = kh.Ledger()
    >>> data = kh.simulate(learners=500, courses=1, seed=1).data
    >>> groups = data.reference_groups(by="course", ledger=ledger)
    >>> ledger.entries()["kind"].to_list()
    ['policy', 'learners', 'component', 'roster']
    """

    __slots__ = ("_engine", "_path")
    _engine: _core.Ledger
    _path: str | None

    def __init__(self, path: str | PathLike[str] | None = None, *, head: str | None = None) -> None:
        if path is not None:
            path = _path("path", path)
        if head is not None and not isinstance(head, str):
            raise ParameterTypeError(f"`head` must be a string (number:hash), got {head!r}")
        if head is not None and path is None:
            raise ParameterError("`head` goes with `path`: a ledger in memory is new")
        self._set(_engine=_core.Ledger(path, head), _path=path)

    @property
    def path(self) -> str | None:
        """Where it is kept; ``None`` if in memory."""
        return self._path

    @property
    def head(self) -> str:
        """How many entries there are and the hash of the last one, as ``number:hash``."""
        return self._engine.head

    def register_grid(self, grid: Grid, *, course: str | int | None = None) -> None:
        """Register a grid, for all courses or for one, in place of the built-in one of its metric.

        It counts for terms (or courses) that begin later, by the `starts` of the courses table;
        where that is not known, for those of which nothing was released so far. What has begun
        keeps its grid to the end: nobody chooses a grid by the values. Of several the newest
        counts, one for the course before one for all; all stay on record.

        Parameters
        ----------
        grid
            The edges.
        course
            The id of the course; all of them if left out.

        Raises
        ------
        LedgerError
            If the ledger cannot be written.

        Examples
        --------
        >>> import kohort as kh
        >>> ledger = kh.Ledger()
        >>> ledger.register_grid(kh.Grid("active_days", [0, 5, 10, 20, 40]))
        >>> ledger.entries()["kind"].to_list()
        ['grid']
        """
        if not isinstance(grid, Grid):
            raise ParameterTypeError(
                f'`grid` must be a grid such as kohort.Grid("events", [0, 10, 100]), got {grid!r}'
            )
        edges = [number("edges", edge) for edge in grid.edges]
        self._engine.register_grid(
            grid.metric, edges, None if course is None else learner_id(course, name="course")
        )

    def grids(self) -> pl.DataFrame:
        """Show the grids in use: the edges on which groups are counted.

        Returns
        -------
        polars.DataFrame
            `component` (as in `entries`; ``(later)`` for courses and terms that begin from now
            on), `metric`, `unit`, `upper`, `registered` (when; null for a built-in grid).

        Examples
        --------
        >>> import kohort as kh
        >>> ledger = kh.Ledger()
        >>> ledger.register_grid(kh.Grid("active_days", [0, 5, 10, 20, 40]))
        >>> ledger.grids().filter(metric="active_days")["upper"].to_list()
        [0.0, 5.0, 10.0, 20.0, 40.0]
        """
        return pl.DataFrame(self._engine.grids())

    def entries(self) -> pl.DataFrame:
        """Show what was written, for auditors: everything but learners.

        Returns
        -------
        polars.DataFrame
            `seq`, `time` (when it was written), `kind`, `component` (a course, or a term of
            it), `group`, `learners` (how many are on a roster, to the nearest 5), `note`.

        Examples
        --------
        >>> import kohort as kh
        >>> kh.Ledger().entries().height
        0
        """
        return pl.DataFrame(self._engine.entries())

    def verify(self) -> int:
        """Read every entry anew and check that they hang together.

        Returns
        -------
        int
            How many there are.

        Raises
        ------
        LedgerError
            If an entry was edited, taken away or added; it names the first one.

        Examples
        --------
        >>> import kohort as kh
        >>> kh.Ledger().verify()
        0
        """
        return self._engine.verify()

    def vouches_for(self, certificates: pl.DataFrame) -> pl.Series:
        """Tell which certificates are of this ledger.

        Unlike `kohort.verify` it cannot be deceived by somebody who computes the hash anew: the
        seal needs the key of the ledger.

        Parameters
        ----------
        certificates
            As from `ReferenceGroups.certificates`.

        Returns
        -------
        polars.Series
            True where the certificate is unchanged, sealed by this ledger, and tells of an entry
            that it holds.

        Examples
        --------
        >>> import kohort as kh
        >>> ledger = kh.Ledger()
        >>> data = kh.simulate(learners=500, courses=1, seed=1).data
        >>> groups = data.reference_groups(by="course", ledger=ledger)
        >>> ledger.vouches_for(groups.certificates()).to_list()
        [True]
        >>> kh.Ledger().vouches_for(groups.certificates()).to_list()
        [False]
        """
        return pl.Series("vouched", self._engine.vouches_for(_texts(certificates)), dtype=pl.Boolean)

    def _facts(self) -> Facts:
        entries = self.entries()
        rosters = entries.filter(pl.col("kind") == "roster").height
        return [
            ("path", self._path or "in memory"),
            ("entries", entries.height),
            ("rosters", rosters),
            ("head", self.head[:20]),
        ]


def verify(certificates: pl.DataFrame) -> pl.Series:
    """Tell which certificates are as they were issued.

    The hash needs no key, so anybody can check it; it proves that nothing was changed by accident
    or by somebody who did not compute it anew. `Ledger.vouches_for` proves more.

    Parameters
    ----------
    certificates
        As from `ReferenceGroups.certificates`.

    Returns
    -------
    polars.Series
        True where nothing was changed.

    Raises
    ------
    ParameterError
        If a column is missing.

    Examples
    --------
    >>> import kohort as kh
    >>> import polars as pl
    >>> groups = kh.simulate(learners=500, courses=1, seed=1).data.reference_groups(by="course")
    >>> forged = groups.certificates().with_columns(k=pl.lit(20))
    >>> kh.verify(forged).to_list()
    [False]
    """
    return pl.Series("verified", _core.verify(_texts(certificates)), dtype=pl.Boolean)


def engine(ledger: object) -> _core.Ledger:
    """Return the engine's ledger behind an argument: a `Ledger`, or the path of one."""
    if isinstance(ledger, Ledger):
        return ledger._engine
    return _core.Ledger(_path("ledger", ledger), None)


def _path(name: str, path: object) -> str:
    if not isinstance(path, (str, PathLike)):
        raise ParameterTypeError(f"`{name}` must be the path of a file, or a kohort.Ledger, got {path!r}")
    return os.fsdecode(path)


def _texts(certificates: object) -> list[str]:
    """Each row as JSON, as the engine hashes it."""
    if not isinstance(certificates, pl.DataFrame):
        raise ParameterTypeError(
            f"`certificates` must be a table as from certificates(), got {type(certificates).__name__}"
        )
    missing = [name for name in CERTIFICATE if name not in certificates.columns]
    if missing:
        raise ParameterError(f"`certificates` has no column `{missing[0]}`")
    return [json.dumps(_fields(row)) for row in certificates.select(CERTIFICATE).iter_rows(named=True)]


def _fields(row: dict[str, object]) -> dict[str, object]:
    as_of = row["as_of"]
    micros = (as_of - EPOCH) // MICROSECOND if isinstance(as_of, datetime) else as_of
    return {**row, "as_of": micros, "guarantee": {str(row["guarantee"]): {"k": row["k"]}}}
