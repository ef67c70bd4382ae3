"""Differential privacy: tables that may leave the platform."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime
from os import PathLike
from typing import TYPE_CHECKING, Any, Literal

import polars as pl

from kohort import _core, _progress
from kohort._checks import number, whole, word
from kohort._objects import Described, Facts
from kohort._spans import as_datetime, instant, show_instant
from kohort.ledger import Ledger, engine
from kohort.personal import check_estimator
from kohort.typing import Instant, Progress, TotalMetric

if TYPE_CHECKING:
    from typing_extensions import Self

    from kohort.estimator import StudyTime

__all__ = ["Research"]

By = Literal["course", "group"]
Counted = Literal["enrolled", "active"]
Pairs = Literal["content", "course"]
Purpose = Literal["research", "recommendation"]

MOST = 10_000


class Research(Described):
    """Tables that could have come out almost equally without any one learner's data.

    Made by `LearningData.research`. Who counts is decided by facts: learners who are eligible
    and whose consent to the purpose is in force. Each of them adds at most 1 to at most
    `contributions` cells, drawn by lot among hers. Then each cell gets noise (discrete Laplace,
    through the crate opendp), and what is not known beforehand to be a row is left out below a
    threshold. There are no rows, tokens, sequences or times of a learner.

    Every table has, behind its keys, `learners` (the noisy count), `accuracy` (the noise is
    within plus or minus this with a probability of 95 %), `epsilon`, `delta`, `contributions`
    and `threshold`. A count may be negative: noise around a small one. To cut it off at 0 is
    allowed, but sums of cut counts come out too high.

    For batches: how long a table takes depends on the noise, so do not make one while somebody
    waits for it. Asking again draws again, and costs again.

    Examples
    --------
    >>> import kohort as kh
    >>> research = kh.simulate(learners=500, courses=2).data.research(epsilon=0.5)
    >>> research.popularity(contributions=20).columns[:4]
    ['course', 'content', 'learners', 'accuracy']
    """

    __slots__ = ("_certificates", "_engine", "_loss", "_progress", "_purpose", "_tz")
    _certificates: list[str]
    _engine: _core.Research
    _loss: tuple[float, float]
    _progress: Progress
    _purpose: str
    _tz: str

    @classmethod
    def _of(
        cls,
        data: _core.LearningData | _core.View,
        *,
        epsilon: float,
        delta: float,
        purpose: str,
        study_time: StudyTime | None,
        as_of: Instant | None,
        ledger: Ledger | str | PathLike[str] | None,
        progress: Progress,
    ) -> Self:
        tz = data.tz
        loss = number("epsilon", epsilon), number("delta", delta)
        core = data.research(
            purpose=word("purpose", purpose, Purpose),
            epsilon=loss[0],
            delta=loss[1],
            study_time=check_estimator(study_time)._engine(),
            as_of=None if as_of is None else instant("as_of", as_of, tz),
            ledger=None if ledger is None else engine(ledger),
        )
        self = object.__new__(cls)
        self._set(
            _certificates=[],
            _engine=core,
            _loss=loss,
            _progress=_progress.check(progress),
            _purpose=purpose,
            _tz=tz,
        )
        return self

    def __init__(self) -> None:
        raise TypeError("use LearningData.research() to make Research")

    @property
    def as_of(self) -> datetime:
        """The moment whose knowledge the numbers rest on, in UTC."""
        return as_datetime(self._engine.as_of)

    @property
    def left(self) -> dict[str, float]:
        """What can still be spent for the purpose in this (UTC) year: `epsilon` and `delta`."""
        epsilon, delta = self._engine.left()
        return {"epsilon": epsilon, "delta": delta}

    @property
    def certificates(self) -> list[dict[str, Any]]:
        """What is guaranteed of each table made so far, with a hash over all of it."""
        return [json.loads(certificate) for certificate in self._certificates]

    def counts(
        self, *, by: By = "course", counted: Counted = "enrolled", contributions: int = 3
    ) -> pl.DataFrame:
        """Count the learners of each course or registered group.

        Parameters
        ----------
        by
            ``"course"`` counts by the enrollments, ``"group"`` by the memberships.
        counted
            ``"enrolled"`` counts everybody on it, ``"active"`` those with activity in its
            course by then.
        contributions
            In so many courses or groups a learner counts at most; noise grows with it.

        Returns
        -------
        polars.DataFrame
            `course` (and `group`), `learners`, `accuracy`, `epsilon`, `delta`,
            `contributions`, `threshold`. Courses are those of the courses table and the
            catalog; without both, and for groups, small ones are absent.

        Raises
        ------
        BudgetSpentError
            If the year does not allow it; nothing was computed.
        MissingTableError
            If the enrollments or memberships were not given.

        Examples
        --------
        >>> import kohort as kh
        >>> research = kh.simulate(learners=500, courses=2).data.research(epsilon=0.5)
        >>> research.counts(by="course", contributions=2)["learners"].dtype
        Int64
        """
        groups, who = word("by", by, By), word("counted", counted, Counted)
        most = self._most(contributions)
        return self._ask(lambda report: self._engine.counts(groups, who, most, progress=report))

    def histogram(self, metric: TotalMetric, *, contributions: int = 3) -> pl.DataFrame:
        """Count the learners of each course in each cell of the public grid of a metric.

        Parameters
        ----------
        metric
            `study_time`, `sessions`, `events`, `active_days`, `contents`, `completed` or
            `progress`.
        contributions
            In so many courses a learner counts at most, once in each; noise grows with it.

        Returns
        -------
        polars.DataFrame
            `course`, `metric`, `above` and `upper` (for above < value <= upper; the outer cells
            hold what is beyond), `unit`, `learners`, `accuracy`, `epsilon`, `delta`,
            `contributions`, `threshold`.

        Raises
        ------
        BudgetSpentError
            If the year does not allow it; nothing was computed.
        MissingTableError
            If the enrollments, or what the metric needs, were not given.

        Examples
        --------
        >>> import kohort as kh
        >>> research = kh.simulate(learners=500, courses=2).data.research(epsilon=0.5)
        >>> research.histogram("progress", contributions=2).height
        42
        """
        measure, most = word("metric", metric, TotalMetric), self._most(contributions)
        return self._ask(lambda report: self._engine.histogram(measure, most, progress=report))

    def popularity(self, *, contributions: int = 10) -> pl.DataFrame:
        """Count the learners who used each content.

        Parameters
        ----------
        contributions
            For so many contents a learner counts at most, drawn by lot among hers; noise grows
            with it.

        Returns
        -------
        polars.DataFrame
            `course`, `content`, `learners`, `accuracy`, `epsilon`, `delta`, `contributions`,
            `threshold`. With a catalog, every content in it and no other; without, those above
            the threshold.

        Raises
        ------
        BudgetSpentError
            If the year does not allow it; nothing was computed.

        Examples
        --------
        >>> import kohort as kh
        >>> platform = kh.simulate(learners=500, courses=2)
        >>> popular = platform.data.research(epsilon=0.5).popularity()
        >>> popular.height == platform.catalog.height
        True
        """
        most = self._most(contributions)
        return self._ask(lambda report: self._engine.popularity(most, progress=report))

    def co_occurrence(self, of: Pairs = "content", *, contributions: int = 10) -> pl.DataFrame:
        """Count the learners who used both contents, or are enrolled in both courses.

        Parameters
        ----------
        of
            What is paired: ``"content"`` or ``"course"``.
        contributions
            For so many pairs a learner counts at most, drawn by lot among hers; noise and
            threshold grow with it.

        Returns
        -------
        polars.DataFrame
            `course`, `content`, `other_course`, `other_content` (or `course`, `other_course`),
            `learners`, `accuracy`, `epsilon`, `delta`, `contributions`, `threshold`: pairs
            above the threshold, in the order of their ids.

        Raises
        ------
        BudgetSpentError
            If the year does not allow it; nothing was computed.
        MissingTableError
            If courses are paired without enrollments.

        Examples
        --------
        >>> import kohort as kh
        >>> research = kh.simulate(learners=500, courses=2).data.research(epsilon=1.0)
        >>> pairs = research.co_occurrence("course", contributions=1)
        >>> bool((pairs["learners"] >= pairs["threshold"]).all())
        True
        """
        pairs, most = word("of", of, Pairs), self._most(contributions)
        return self._ask(lambda report: self._engine.co_occurrence(pairs, most, progress=report))

    def _most(self, contributions: int) -> int:
        return whole("contributions", contributions, least=1, most=MOST)

    def _ask(
        self, question: Callable[[Callable[[int, int], object] | None], tuple[_core.Table, str]]
    ) -> pl.DataFrame:
        with _progress.reporting(self._progress) as report:
            table, certificate = question(report)
        self._certificates.append(certificate)
        return pl.DataFrame(table)

    def _facts(self) -> Facts:
        left = self.left
        return [
            ("purpose", self._purpose),
            ("epsilon of each table", self._loss[0]),
            ("delta of each threshold", self._loss[1]),
            (f"left in {self._engine.year}", f"epsilon {left['epsilon']}, delta {left['delta']}"),
            ("as of", show_instant(self._engine.as_of, self._tz)),
        ]
