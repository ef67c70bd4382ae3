"""Personal Learning Analytics: one learner's numbers from her own events."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Literal, NamedTuple, get_args

import polars as pl

from kohort import _core, _progress
from kohort._assessment import AssessmentTables
from kohort._checks import learner_id, word
from kohort._keeping import Keeping
from kohort._navigation import NavigationTables
from kohort._objects import Facts, in_public
from kohort._participation import ParticipationTables
from kohort._rhythm import Rhythm
from kohort._spans import as_datetime, instant, show_instant, span
from kohort._standing import Standing
from kohort._watching import Watching
from kohort.estimator import StudyTime
from kohort.exceptions import ParameterError, ParameterTypeError
from kohort.typing import Dimension, Instant, Kind, LearnerId, PersonalTable, Progress, Rule, Span

if TYPE_CHECKING:
    from typing_extensions import Self

__all__ = ["PersonalAnalytics", "Sensitivity"]

Week = Literal["iso", "course"]


class Sensitivity(NamedTuple):
    """Study time by several estimators, and how their ranks agree with the first one's."""

    study_time: pl.DataFrame
    agreement: pl.DataFrame


@in_public
class PersonalAnalytics(
    Rhythm, Standing, Keeping, Watching, AssessmentTables, NavigationTables, ParticipationTables
):
    """What each learner did: study time, rhythm, progress, drop-off, video, assessment, navigation.

    Made by `LearningData.personal`. Every number is a function of what was known at
    `as_of`. Absent is not zero: what cannot be known is null, and `reasons` says why;
    a learner without activity has 0 events and no mean of anything.

    Examples
    --------
    >>> import kohort as kh
    >>> pla = kh.simulate(learners=50, courses=2, seed=1).data.personal()
    >>> pla.summary().columns[:6]
    ['learner', 'course', 'events', 'interactions', 'sessions', 'study_time']
    """

    __slots__ = ("_engine", "_estimator", "_one", "_progress")
    _estimator: StudyTime
    _one: bool

    @classmethod
    def _of(
        cls,
        data: _core.LearningData | _core.View,
        *,
        study_time: StudyTime | None,
        as_of: Instant | None,
        inactivity: Span,
        completion: Mapping[Kind, Rule] | None,
        progress: Progress,
    ) -> Self:
        estimator = check_estimator(study_time)
        core = data.personal(
            study_time=estimator._engine(),
            as_of=None if as_of is None else instant("as_of", as_of, data.tz),
            inactivity=span("inactivity", inactivity),
            completion=_rules(completion),
        )
        progress = _progress.check(progress)
        self = object.__new__(cls)
        self._set(_engine=core, _estimator=estimator, _progress=progress, _one=False)
        return self

    def __init__(self) -> None:
        raise TypeError("use LearningData.personal() to make PersonalAnalytics")

    @property
    def as_of(self) -> datetime:
        """The moment whose knowledge the numbers rest on, in UTC."""
        return as_datetime(self._engine.as_of)

    @property
    def estimator(self) -> StudyTime:
        """How study time is estimated."""
        return self._estimator

    @property
    def reasons(self) -> dict[str, str]:
        """Why a column is null throughout, per column."""
        return dict(self._engine.reasons())

    def summary(self) -> pl.DataFrame:
        """Sum up each learner in each course.

        One row per learner and course: everyone enrolled by `as_of` and everyone with an
        event. `events` are kept rows, `interactions` the sum of their `count`; `sessions`
        and `study_time` follow the estimator, sessions with an event in the course;
        `active_days` are local days with activity; `contents` the distinct ones engaged
        with, `completed` how many contents of the catalog are completed, `progress` the
        share of the required contents available so far that are completed. `status` is
        `withdrawn`, `completed`, `never_started`, `active` or `stopped`.

        Returns
        -------
        polars.DataFrame
            `learner`, `course`, `events`, `interactions`, `sessions`, `study_time`
            (Duration), `active_days`, `first_active`, `last_active`, `contents`,
            `completed`, `progress` (0..1), `furthest_content`, `furthest_position`,
            `last_content`, `status`. Without a catalog what needs one is null; with times
            of day resolution `sessions` and `study_time` are null.

        Examples
        --------
        Twenty minutes from a to b, and a again the next morning: two sessions, the second of one event.
        Two of three contents were read.

        >>> import kohort as kh, polars as pl
        >>> log = pl.DataFrame({
        ...     "learner": ["ann"] * 3,
        ...     "time": ["2024-03-04T10:00Z", "2024-03-04T10:20Z", "2024-03-05T09:00Z"],
        ...     "content": ["a", "b", "a"],
        ... })
        >>> catalog = pl.DataFrame({"content": ["a", "b", "c"], "course": ["X"] * 3, "position": [1, 2, 3]})
        >>> (row,) = kh.LearningData(log, catalog=catalog).personal().summary().to_dicts()
        >>> row["events"], row["sessions"], row["active_days"], str(row["study_time"])
        (3, 2, 2, '0:20:00')
        >>> row["contents"], row["completed"], round(row["progress"], 3)
        (2, 2, 0.667)
        >>> row["furthest_content"], row["last_content"], row["status"]
        ('b', 'a', 'active')
        """
        return self._ask(lambda report: self._engine.summary(progress=report))

    def tables(self, names: Sequence[PersonalTable] | None = None) -> dict[str, pl.DataFrame]:
        """Make several tables in one walk over the learners.

        Each is what the method of its name returns without arguments. Together they cost much
        less than one after the other: every learner's events are read once, and what several
        tables need (sessions, study time, local hours) is reckoned once.

        Parameters
        ----------
        names
            Names of tables; all of them if left out. The largest have a row for each content
            or step of a learner and need memory for it.

        Returns
        -------
        dict
            The tables by name, in the order of `names`.

        Raises
        ------
        ParameterError
            If a name is that of no table, or given twice.

        Examples
        --------
        >>> import kohort as kh
        >>> pla = kh.simulate(learners=50, courses=2, seed=1).data.personal()
        >>> found = pla.tables(["summary", "regularity"])
        >>> list(found)
        ['summary', 'regularity']
        >>> found["summary"].equals(pla.summary())
        True
        """
        if names is None:
            names = get_args(PersonalTable)
        elif isinstance(names, str) or not isinstance(names, Sequence):
            raise ParameterTypeError(f'`names` must be a list such as ["summary", "delay"], got {names!r}')
        words = [word("names", name, PersonalTable) for name in names]
        if len({*words}) < len(words):
            raise ParameterError(f"`names` must name each table once, got one of them twice: {words}")
        with _progress.reporting(self._progress) as report:
            made = self._engine.tables(words, progress=report)
        return {name: pl.DataFrame(table) for name, table in zip(words, made, strict=True)}

    def sessions(self) -> pl.DataFrame:
        """List the sessions of each learner.

        A session is a maximal run of activity whose gaps are all at most the estimator's
        `gap`, over all of the learner's courses.

        Returns
        -------
        polars.DataFrame
            `learner`, `session` (from 1), `start`, `end` (of its first and last event),
            `events`, `contents`, `courses`, `study_time` (Duration). Empty if times have
            day resolution.

        Notes
        -----
        Sessions by a gap are a convention, and its length changes findings: Kovanovic, Gasevic, Dawson,
        Joksimovic, Baker & Hatala 2015, "Penetrating the black box of time-on-task estimation", LAK '15,
        doi:10.1145/2723576.2723623.

        Examples
        --------
        Forty minutes without an event end a session; the last event of one has no time of its own.

        >>> import kohort as kh, polars as pl
        >>> log = pl.DataFrame({
        ...     "learner": ["ann"] * 3,
        ...     "time": ["2024-03-04T10:00Z", "2024-03-04T10:20Z", "2024-03-04T11:00Z"],
        ...     "content": ["a", "b", "a"],
        ... })
        >>> sessions = kh.LearningData(log).personal().sessions()
        >>> sessions.select("session", "events", "contents", pl.col("study_time").dt.total_minutes()).rows()
        [(1, 2, 2, 20), (2, 1, 1, 0)]
        """
        return self._ask(lambda report: self._engine.sessions(progress=report))

    def study_time(
        self,
        by: Dimension | Sequence[Dimension] | None = None,
        *,
        week: Literal["iso", "course"] = "iso",
    ) -> pl.DataFrame:
        """Split the study time of each learner.

        Every split adds up to the unsplit total, to the microsecond: time that crosses a
        local midnight or an hour is divided there, time of a content with several topics
        is divided among them.

        Parameters
        ----------
        by
            `course`, `module`, `content`, `kind`, `topic`, `day`, `week`, `month`,
            `weekday` (Monday is 1), `hour`, or a list of them; the total if left out.
        week
            ``"iso"`` for weeks that begin on Monday, ``"course"`` for weeks since the
            start of the course, counted from 1.

        Returns
        -------
        polars.DataFrame
            `learner`, what `by` names, `study_time` (Duration), `reason` (why it is null).
            Without `by` one row per learner, with it one row per learner and part that has
            any study time.

        Raises
        ------
        ParameterError
            If `by` names something else, or the same twice.

        Notes
        -----
        An estimate, whose rules `StudyTime` has: with the default each gap of at most 30 minutes counts
        for the content before it, a longer one counts nothing, and what the log measured comes first.
        Kovanovic, Gasevic, Dawson, Joksimovic, Baker & Hatala 2015, "Does time-on-task estimation matter?
        Implications for the validity of learning analytics findings", Journal of Learning Analytics 2(3),
        doi:10.18608/jla.2015.23.6.

        Examples
        --------
        From 23:50 to 00:15 are 25 minutes, 10 on the first day and 15 on the next.

        >>> import kohort as kh, polars as pl
        >>> log = pl.DataFrame({
        ...     "learner": ["ann"] * 2,
        ...     "time": ["2024-03-04T23:50Z", "2024-03-05T00:15Z"],
        ...     "content": ["a", "b"],
        ... })
        >>> pla = kh.LearningData(log).personal()
        >>> minutes = pl.col("study_time").dt.total_minutes()
        >>> pla.study_time().select("learner", minutes).rows()
        [('ann', 25)]
        >>> pla.study_time(by="day").select(pl.col("day").dt.to_string(), minutes).rows()
        [('2024-03-04', 10), ('2024-03-05', 15)]
        >>> pla.study_time(by="content").select("content", minutes).rows()
        [('a', 25)]
        """
        if by is None:
            dims: list[str] = []
        elif isinstance(by, str):
            dims = [word("by", by, Dimension)]
        elif isinstance(by, Sequence):
            dims = [word("by", dim, Dimension) for dim in by]
        else:
            raise ParameterTypeError(f'`by` must be a word such as "course" or a list of them, got {by!r}')
        week_ = word("week", week, Week)
        return self._ask(lambda report: self._engine.study_time(dims, week_, progress=report))

    def sensitivity(self, estimators: Mapping[str, StudyTime] | None = None) -> Sensitivity:
        """Compare study time by several estimators, to see whether a finding hangs on the choice.

        Parameters
        ----------
        estimators
            Names and estimators, the one that others are compared with first. If left out:
            ``gap_5m`` and ``gap_30m`` (longer pauses count nothing), ``cap_30m`` (they count
            30 minutes), ``gap_60m``.

        Returns
        -------
        Sensitivity
            `study_time`: `learner`, `course` and a column of Durations for each estimator;
            `agreement`: `estimator`, `correlation` (Spearman's, of its values with the first
            one's over all rows; null where one of them does not vary, and with times of day
            resolution), `n`.

        Raises
        ------
        ParameterError
            If there is no estimator, or one is called `learner` or `course`.

        References
        ----------
        Kovanovic, Gasevic, Dawson, Joksimovic, Baker, Hatala (2015): Does time-on-task
        estimation matter? Implications for the validity of learning analytics findings. Journal
        of Learning Analytics 2(3), doi:10.18608/jla.2015.23.6. Spearman (1904): The proof and
        measurement of association between two things, doi:10.2307/1412159.

        Examples
        --------
        Ann's gaps are 4 and 40 minutes, Bob's is 20. Of at most 5 minutes only 4 count; with a cap of 30
        Ann has 4 + 30; of at most 60 all count. With gaps up to 30 minutes it is Bob who has more.

        >>> import kohort as kh, polars as pl
        >>> log = pl.DataFrame({
        ...     "learner": ["ann", "ann", "ann", "bob", "bob"],
        ...     "time": [f"2024-03-04T10:{minute}Z" for minute in ("00", "04", "44", "00", "20")],
        ...     "content": ["a"] * 5,
        ... })
        >>> found = kh.LearningData(log).personal().sensitivity()
        >>> found.study_time.select(pl.exclude("learner", "course").dt.total_minutes()).rows()
        [(4, 4, 34, 44), (0, 20, 20, 20)]
        >>> found.agreement.rows()
        [('gap_5m', 1.0, 2), ('gap_30m', -1.0, 2), ('cap_30m', 1.0, 2), ('gap_60m', 1.0, 2)]
        """
        if estimators == {}:
            raise ParameterError("`estimators` must be one or more, got none")
        if estimators is None:
            estimators = {}  # the engine knows the usual ones
        if not isinstance(estimators, Mapping):
            raise ParameterTypeError(
                f'`estimators` must be such as {{"short": StudyTime(gap="5m")}}, got {estimators!r}'
            )
        names = list(estimators)
        rules = [
            check_estimator(estimator, f"estimators[{name!r}]")._engine()
            for name, estimator in estimators.items()
        ]
        with _progress.reporting(self._progress) as report:
            times, agreement = self._engine.sensitivity(names, rules, progress=report)
        return Sensitivity(pl.DataFrame(times), pl.DataFrame(agreement))

    def learner(self, learner: LearnerId) -> PersonalAnalytics:
        """Narrow every table to one learner: her own view.

        Parameters
        ----------
        learner
            Her id, in the type it came in.

        Returns
        -------
        PersonalAnalytics
            The same tables, with her rows only.

        Raises
        ------
        NoSuchLearnerError
            If there is no such learner.
        DeniedError
            In a view, if it is nobody that the viewer may see.
        ParameterError
            If the ids of the learners are integers and this is a string, or the other way round.

        Examples
        --------
        >>> import kohort as kh
        >>> me = kh.simulate(learners=50, courses=2, seed=1).data.personal().learner("L7")
        >>> me.summary()["learner"].unique().to_list()
        ['L7']
        """
        core = self._engine.learner(learner_id(learner))
        own = object.__new__(type(self))
        own._set(
            _engine=core,
            _estimator=self._estimator,
            _progress=self._progress,
            _one=True,
        )
        return own

    def _facts(self) -> Facts:
        seen = self._engine.overview()
        scope = [("learners", 1)] if self._one else [("learners", seen.learners), ("events", seen.events)]
        return [
            *scope,
            ("as of", f"{show_instant(self._engine.as_of, seen.tz)} ({seen.tz})"),
            ("estimator", self._estimator),
            *((f"no {_some(columns)}", reason) for reason, columns in self._by_reason().items()),
        ]

    def _by_reason(self) -> dict[str, list[str]]:
        columns: dict[str, list[str]] = {}
        for column, reason in self._engine.reasons():
            columns.setdefault(reason, []).append(column)
        return columns


def _some(columns: Sequence[str]) -> str:
    """Name a few columns; `reasons` has all of them."""
    most = 4
    if len(columns) <= most:
        return ", ".join(columns)
    return f"{', '.join(columns[: most - 1])} and {len(columns) - most + 1} more (see .reasons)"


def check_estimator(study_time: object, name: str = "study_time") -> StudyTime:
    """Return the estimator, or the usual one."""
    if study_time is None:
        return StudyTime()
    if isinstance(study_time, StudyTime):
        return study_time
    raise ParameterTypeError(
        f'`{name}` must be an estimator such as kohort.StudyTime(gap="30m"), got {study_time!r}'
    )


def _rules(completion: object) -> list[tuple[str, str]]:
    if completion is None:
        return []
    if not isinstance(completion, Mapping):
        raise ParameterTypeError(
            f'`completion` must be a table such as {{"quiz": "passed"}}, got {completion!r}'
        )
    return [
        (word("completion", kind, Kind), word(f"completion[{kind!r}]", rule, Rule))
        for kind, rule in completion.items()
    ]
