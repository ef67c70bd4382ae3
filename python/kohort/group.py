"""Reference Group Analytics: numbers of groups that give nobody's value away."""

from __future__ import annotations

from datetime import datetime
from os import PathLike
from typing import TYPE_CHECKING, Literal

import polars as pl

from kohort import _core, _progress
from kohort._checks import learner_id, word
from kohort._group_content import ContentTables
from kohort._group_leaving import LeavingTables
from kohort._group_paths import GroupPaths
from kohort._objects import Facts, in_public
from kohort._spans import as_datetime, instant, show_instant, span
from kohort._viewer import Viewer, engine_of
from kohort.estimator import StudyTime
from kohort.exceptions import ParameterError, ParameterTypeError
from kohort.ledger import Ledger, engine
from kohort.personal import check_estimator
from kohort.policy import ReleasePolicy
from kohort.typing import GroupMetric, Instant, LearnerId, Progress, Span

if TYPE_CHECKING:
    from typing_extensions import Self

__all__ = ["ReferenceGroups"]

By = Literal["course", "group"]
Period = Literal["week", "month"]
LAG = "2d"


@in_public
class ReferenceGroups(ContentTables, GroupPaths, LeavingTables):
    """Released numbers of courses or boards.

    Made by `LearningData.reference_groups`. For every measure, a learner's value can be
    swapped with that of at least `k` others without changing a byte of anything released
    from the same data. Counts are multiples of `base`, the ends of a distribution are coded
    as low and high, and what stays withheld is null with a reason, never 0.

    Values are floats with their `unit` beside them: ``s`` for seconds, ``1`` for counts,
    ``share`` for 0..1.

    `reason` is `TooFew` where a group, or what it would leave outside, has too few learners for
    the row, `LowCoverage` where the largest roster that is safe holds too small a share of
    today's members, and otherwise says what there is nothing to tell of, such as
    `no modules in the catalog`.

    Tables of a sealed period have a last column `as_of`: the last moment of the period that the row
    is of, in UTC. It is an earlier one than `ReferenceGroups.as_of` where a group is now below the
    coverage floor of its policy: then its rows are those of the newest earlier sealed period, under
    the same policy and estimator, in which it was shown.

    Examples
    --------
    >>> import kohort as kh
    >>> groups = kh.simulate(learners=500, courses=2, seed=1).data.reference_groups(by="course")
    >>> groups.summary().columns
    ['group', 'metric', 'q25', 'median', 'q75', 'mean', 'n', 'unit', 'reason']
    """

    __slots__ = ("_by", "_engine", "_estimator", "_policy", "_tz")
    _by: str
    _engine: _core.ReferenceGroups
    _estimator: StudyTime
    _policy: ReleasePolicy
    _tz: str

    @classmethod
    def _of(
        cls,
        data: _core.LearningData | _core.View,
        *,
        by: Literal["course", "group"],
        policy: ReleasePolicy | None,
        study_time: StudyTime | None,
        as_of: Instant | None,
        period: Literal["week", "month"] | None,
        lag: Span,
        ledger: Ledger | str | PathLike[str] | None,
        progress: Progress,
    ) -> Self:
        estimator = check_estimator(study_time)
        policy = ReleasePolicy() if policy is None else policy
        if not isinstance(policy, ReleasePolicy):
            raise ParameterTypeError(
                f"`policy` must be a policy such as kohort.ReleasePolicy(k=10), got {policy!r}"
            )
        tz = data.tz
        if period is None and lag != LAG:
            raise ParameterError(f"`lag` goes with `period`, got {lag!r} without one")
        with _progress.reporting(_progress.check(progress)) as report:
            core = data.reference_groups(
                by=word("by", by, By),
                k=policy.k,
                base=policy.base,
                coverage_floor=policy.coverage_floor,
                study_time=estimator._engine(),
                as_of=None if as_of is None else instant("as_of", as_of, tz),
                period=None if period is None else word("period", period, Period),
                lag=span("lag", lag),
                ledger=None if ledger is None else engine(ledger),
                progress=report,
            )
        self = object.__new__(cls)
        self._set(_engine=core, _by=by, _estimator=estimator, _policy=policy, _tz=tz)
        return self

    def seen_by(self, viewer: Viewer) -> Self:
        """Show these groups as a viewer may see them: made once, seen by many.

        Parameters
        ----------
        viewer
            Who looks. `View.reference_groups` says what she sees.

        Returns
        -------
        ReferenceGroups
            The same tables; of groups that are not hers there is no row. Those of a sealed period
            are cut from the host's, so that what she sees is a part of what the host shows.

        Raises
        ------
        DeniedError
            If she has to do with no group, or nothing is hers to see.

        Examples
        --------
        >>> import kohort as kh
        >>> groups = kh.simulate(learners=500, courses=2, seed=1).data.reference_groups(by="course")
        >>> len(groups.seen_by(kh.Viewer.learner("L7")).groups) <= len(groups.groups)
        True
        """
        core = self._engine.seen_by(engine_of(viewer))
        own = object.__new__(type(self))
        own._set(_engine=core, _by=self._by, _estimator=self._estimator, _policy=self._policy, _tz=self._tz)
        return own

    def __init__(self) -> None:
        raise TypeError("use LearningData.reference_groups() to make ReferenceGroups")

    @property
    def as_of(self) -> datetime:
        """The moment whose knowledge the numbers rest on, in UTC."""
        return as_datetime(self._engine.as_of)

    @property
    def period(self) -> tuple[datetime, datetime] | None:
        """The sealed period: its first moment and that of the next one, in UTC."""
        cut = self._engine.period
        return None if cut is None else (as_datetime(cut[1]), as_datetime(cut[2]))

    @property
    def late(self) -> int | None:
        """How many events of the sealed period came too late for it.

        ``None`` without a period, and for a viewer. They count from the next period on, in what is
        cumulative. The number is exact and for the host alone: do not publish it. What was received
        after the period, where the log tells, is late; else what was not there when it was sealed.
        """
        return self._engine.late()

    @property
    def policy(self) -> ReleasePolicy:
        """How much these releases protect."""
        return self._policy

    @property
    def estimator(self) -> StudyTime:
        """How study time is estimated."""
        return self._estimator

    @property
    def groups(self) -> list[str]:
        """The groups that have rows; those too small are pooled as ``(other)``."""
        return self._engine.groups()

    def certificates(self) -> pl.DataFrame:
        """Show what stands behind each group that has numbers.

        Keep it beside what is published: `kohort.verify` tells whether it was changed since,
        `Ledger.vouches_for` whether it is of a ledger.

        Returns
        -------
        polars.DataFrame
            `group`, `guarantee`, `k`, `base`, `coverage_floor`, `coverage` (down to 5 %),
            `as_of`, `roster` (keyed hash: a guessed roster cannot be tested), `engine` (version),
            `ledger` (its head, to be given as ``head=`` when it is opened again), `seal` (keyed
            hash of all that, by the ledger), `hash` (of all of it).

        Examples
        --------
        >>> import kohort as kh
        >>> groups = kh.simulate(learners=500, courses=1, seed=1).data.reference_groups(by="course")
        >>> bool(kh.verify(groups.certificates()).all())
        True
        """
        return pl.DataFrame(self._engine.certificates())

    def summary(self) -> pl.DataFrame:
        """Show the quartiles and the mean of every metric in every group.

        With a `period` the metrics that end in ``_in_period`` have rows too.

        Returns
        -------
        polars.DataFrame
            `group`, `metric`, `q25`, `median`, `q75`, `mean` (winsorized), `n` (rounded),
            `unit`, `reason` (why something of the row is withheld: ``TooFew`` may stand beside a
            median). A median needs 20 learners, quartiles and the mean 40, at ``k=10``.

        Notes
        -----
        How far half of the released medians are from the exact ones of the same learners, in
        percent of these, and in brackets how far the median of another group of that size is, drawn
        by lot from the same course (all metrics but progress):

        =========  ===========  ===========
        learners   simulated    OULAD 2013
        =========  ===========  ===========
        20-39      8.5 (26.1)   8.0 (21.9)
        40-99      7.3 (20.3)   5.3 (14.7)
        100-299    4.5 (12.4)   2.0 (8.8)
        300-600    4.2 (9.4)    1.0 (5.8)
        =========  ===========  ===========

        Quartiles, and each metric by itself: ``src/group/UTILITY.md`` in the sources.

        Examples
        --------
        >>> import kohort as kh
        >>> data = kh.simulate(learners=500, courses=2, seed=1).data
        >>> n = data.reference_groups(by="course").summary()["n"]
        >>> set(n % 5)
        {0}
        """
        return pl.DataFrame(self._engine.summary())

    def active_learners(self) -> pl.DataFrame:
        """Show how many learners there is anything of.

        Those whose value is above 0: without a `period` since the start, with one in it, as in
        "300 learners were here this week". Read from the released count of those at 0, so both
        are rounded and `learners` is up to `base` off.

        Returns
        -------
        polars.DataFrame
            `group`, `metric` (with a `period` those that end in ``_in_period``, else the others),
            `learners` (rounded), `code` (``low``, ``count`` or ``high``; only ``count`` carries a
            number), `share` (of `n`, in whole percent; null where it is only bounded), `low` and
            `high` (95 % Wilson interval, or the bound), `n`, `unit`, `reason`.

        Examples
        --------
        >>> import kohort as kh
        >>> data = kh.simulate(learners=500, courses=1, seed=1).data
        >>> week = data.reference_groups(by="course", period="week").active_learners()
        >>> week.filter(metric="active_days_in_period").select("learners", "n").row(0)
        (155.0, 475)
        """
        return pl.DataFrame(self._engine.active_learners())

    def distribution(self, metric: GroupMetric) -> pl.DataFrame:
        """Show how many learners are at or below each edge of the public grid.

        Parameters
        ----------
        metric
            `study_time`, `sessions`, `events`, `active_days`, `contents`, `completed` or
            `progress`, counted from the start. With a `period` also what happened in it:
            `study_time_in_period` (divided where the period begins and ends),
            `sessions_in_period` (that began in it), `events_in_period`,
            `active_days_in_period` (days of the data's time zone), `contents_in_period`
            (distinct ones engaged with in it) and `completed_in_period`. Who did nothing in it
            counts as 0. Periods that follow each other add up, but for days and contents that
            are in several; what is received after a period is in none. How long the last event
            of a period took is known when the next one comes, so study time looks ahead by one
            gap of a session; a longer pause that the estimator fills in (`over_gap`) counts only
            as far as the next period sees it.

        Returns
        -------
        polars.DataFrame
            `group`, `metric`, `upper` (the edge), `learners` (rounded), `code` (``low``,
            ``count`` or ``high``; only ``count`` carries a number), `n`, `unit`, `reason`.

        Raises
        ------
        ParameterError
            If there is no such metric, or it is one of a period and there is none.

        Examples
        --------
        Forty of sixty read three contents, twenty read one.

        >>> import kohort as kh, polars as pl
        >>> learners = [f"l{i}" for i in range(60)]
        >>> log = pl.DataFrame({
        ...     "learner": learners + learners[:40] * 2,
        ...     "content": ["a"] * 60 + ["b"] * 40 + ["c"] * 40,
        ...     "course": "X",
        ...     "time": "2024-03-04T10:00Z",
        ... })
        >>> catalog = pl.DataFrame({"content": ["a", "b", "c"], "course": "X", "position": [1, 2, 3]})
        >>> data = kh.LearningData(
        ...     log,
        ...     catalog=catalog,
        ...     enrollments=pl.DataFrame({"learner": learners, "course": "X"}),
        ...     resolution="instant",
        ... )
        >>> groups = data.reference_groups(by="course")
        >>> groups.distribution("contents").select("upper", "learners", "code").head(3).rows()
        [(0.0, None, 'low'), (2.0, 20.0, 'count'), (4.0, None, 'high')]
        """
        return pl.DataFrame(self._engine.distribution(word("metric", metric, GroupMetric)))

    def quantiles(self, metric: GroupMetric) -> pl.DataFrame:
        """Show the quantiles that a group is large enough for.

        Parameters
        ----------
        metric
            As in `distribution`.

        Returns
        -------
        polars.DataFrame
            `group`, `metric`, `quantile`, `value`, `n`, `unit`, `reason`.

        Raises
        ------
        ParameterError
            If there is no such metric.

        Examples
        --------
        >>> import kohort as kh
        >>> groups = kh.simulate(learners=500, courses=2, seed=1).data.reference_groups(by="course")
        >>> groups.quantiles("sessions")["unit"].unique().to_list()
        ['1']
        """
        return pl.DataFrame(self._engine.quantiles(word("metric", metric, GroupMetric)))

    def trend(self, metric: GroupMetric) -> pl.DataFrame:
        """Show how a measure changes from sealed period to sealed period, of an equal roster.

        For each group the periods of the same length, policy and estimator whose roster is that of
        this one, up to this one. What was released over other rosters is left out: the difference
        would be about the learners who came and went. Where the group is now below the coverage
        floor, the roster is that of the release that is shown.

        Parameters
        ----------
        metric
            As in `distribution`.

        Returns
        -------
        polars.DataFrame
            `group`, `metric`, `begin` and `until` (first moment of the period and of the next one,
            in UTC), oldest first, `q25`, `median`, `q75`, `mean` as in the sealed `summary`,
            `change` (of the median since the row before), `n`, `unit`, `reason`.

        Raises
        ------
        ParameterError
            Without a period, or if there is no such metric.

        Examples
        --------
        >>> import kohort as kh
        >>> data = kh.simulate(learners=500, courses=1, weeks=12, seed=1).data
        >>> ledger = kh.Ledger()
        >>> for as_of in ("2025-11-05", "2025-11-12"):
        ...     week = data.reference_groups(by="course", period="week", as_of=as_of, ledger=ledger)
        >>> week.trend("study_time").select("begin", "reason").height
        2
        """
        return pl.DataFrame(self._engine.trend(word("metric", metric, GroupMetric)))

    def rosters(self) -> pl.DataFrame:
        """Show which group answers for each registered one.

        A group that is not shown is answered for by the next larger one of its scope that is:
        the pool ``(other)`` that holds its learners, else the course.

        Returns
        -------
        polars.DataFrame
            `group`, `used` (the group that answers; null if there is none), `n` (rounded) and
            `coverage` (learners on its roster / its eligible members today, down to 5 %) of
            `used`, `reason` (why it is not the group itself).

        Examples
        --------
        >>> import kohort as kh
        >>> import polars as pl
        >>> groups = kh.simulate(learners=500, courses=2, seed=1).data.reference_groups(by="group")
        >>> shown = groups.rosters().filter(pl.col("reason").is_null())
        >>> (shown["group"] == shown["used"]).all()
        True
        """
        return pl.DataFrame(self._engine.rosters())

    def compare(self, learner: LearnerId, metric: GroupMetric) -> pl.DataFrame:
        """Place one learner's own value within the groups that she is in.

        In a sealed period the bands are those that were sealed, and `as_of` tells of when they are;
        only her own value, and which groups she is in, are by what is known today.

        Parameters
        ----------
        learner
            Her id, in the type it came in.
        metric
            As in `distribution`.

        Returns
        -------
        polars.DataFrame
            `group`, `used` (the group that answers, see `rosters`), `metric`, `own`,
            `band_low`, `band_high` (share of `used` at or below her value, from the cell of
            the public grid that holds it), `median`, `n`, `unit`, `reason`.

        Raises
        ------
        NoSuchLearnerError
            If there is no such learner, or nothing that may be told about her.
        DeniedError
            In a view, for anybody whose personal analytics the viewer may not see.
        ParameterError
            If there is no such metric.

        Examples
        --------
        She read one content. Twenty of sixty read at most two, a count that is rounded to a multiple of 5;
        18 to 22 of 58 to 62 are 38 % at most.

        >>> import kohort as kh, polars as pl
        >>> learners = [f"l{i}" for i in range(60)]
        >>> log = pl.DataFrame({
        ...     "learner": learners + learners[:40] * 2,
        ...     "content": ["a"] * 60 + ["b"] * 40 + ["c"] * 40,
        ...     "course": "X",
        ...     "time": "2024-03-04T10:00Z",
        ... })
        >>> catalog = pl.DataFrame({"content": ["a", "b", "c"], "course": "X", "position": [1, 2, 3]})
        >>> data = kh.LearningData(
        ...     log,
        ...     catalog=catalog,
        ...     enrollments=pl.DataFrame({"learner": learners, "course": "X"}),
        ...     resolution="instant",
        ... )
        >>> groups = data.reference_groups(by="course")
        >>> groups.compare("l50", "contents").select("own", "band_low", "band_high").rows()
        [(1.0, 0.0, 0.38)]
        """
        return pl.DataFrame(self._engine.compare(learner_id(learner), word("metric", metric, GroupMetric)))

    def _facts(self) -> Facts:
        cells = self.summary().select("q25", "median", "q75", "mean")
        withheld = sum(cells.null_count().row(0))
        covered = min(self.rosters()["coverage"].drop_nulls().to_list(), default=None)
        coverage = "no group is shown" if covered is None else f"{covered:.0%} or more"
        coverage = coverage.removesuffix(" or more") if covered == 1 else coverage
        cut = self._engine.period
        sealed: Facts = []
        if cut is not None:
            begin, last = (show_instant(at, self._tz) for at in (cut[1], cut[2] - 1))
            # Not `late`: it is exact, and texts of objects are passed on.
            sealed = [("sealed", f"{cut[0]} {begin} to {last}")]
        return [
            ("by", self._by),
            ("groups", len(self.groups)),
            ("k", self._policy.k),
            ("base", self._policy.base),
            ("as of", f"{show_instant(self._engine.as_of, self._tz)} ({self._tz})"),
            ("estimator", self._estimator),
            *sealed,
            ("coverage", coverage),
            ("withheld cells", f"{withheld} of {cells.height * cells.width}"),
            ("guarantee", self._engine.reach),
        ]
