"""Learning data: validated, with every row that was not understood accounted for."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from datetime import time
from os import PathLike
from typing import TYPE_CHECKING, Literal, TypedDict, get_args

import polars as pl

from kohort import _core, _progress, _tables
from kohort._checks import callers_level, share, whole, word
from kohort._objects import Described, Facts
from kohort._spans import instant, read_day_start, show_instant, span
from kohort._viewer import Viewer
from kohort.audience import View
from kohort.exceptions import ParameterTypeError, RejectedRowsWarning
from kohort.group import ReferenceGroups
from kohort.ledger import Ledger
from kohort.personal import PersonalAnalytics
from kohort.policy import ReleasePolicy
from kohort.research import Research
from kohort.typing import (
    EventColumn,
    Instant,
    Kind,
    Progress,
    Rule,
    Span,
    Table,
)

if TYPE_CHECKING:
    from typing_extensions import Self

    from kohort.estimator import StudyTime

__all__ = [
    "BesideOptions",
    "DataOptions",
    "LearningData",
]

TABLES = ("catalog", "courses", "enrollments", "memberships", "learners", "consents", "roles")
Extra = Literal["error", "drop"]
Duplicates = Literal["keep", "drop"]
Resolution = Literal["instant", "day"]


class BesideOptions(TypedDict, total=False):
    """The options of readers whose columns are named by the format; `LearningData` explains them."""

    catalog: Table | None
    courses: Table | None
    enrollments: Table | None
    memberships: Table | None
    learners: Table | None
    consents: Table | None
    roles: Table | None
    tz: str | None
    day_start: str | time
    duplicates: Duplicates
    resolution: Resolution | None
    now: Instant | None
    epoch: Instant | None
    max_duration: Span
    max_events_per_day: int
    progress: Progress


class DataOptions(BesideOptions, total=False):
    """The options that `LearningData` and all readers share; `LearningData` explains them."""

    columns: Mapping[EventColumn, str] | None
    extra: Extra


class LearningData(Described):
    """Learning events and the facts about content, courses and people that belong to them.

    The schema is closed: a column that kohort does not know is named in an error, or left
    out with ``extra="drop"``. Rows that cannot be understood are kept apart in `rejected`,
    each with its reason; everything else is an error.

    Parameters
    ----------
    events
        The log: `learner`, `time` and `content`, and what else is known (`verb`, `course`,
        `session`, `duration`, `position`, `position_to`, `speed`, `length`, `score`,
        `success`, `progress`, `segments`, `attempt`, `response`, `count`, `received`,
        `id`). Anything with ``__arrow_c_stream__`` (polars, pandas, pyarrow, duckdb), a
        LazyFrame, a path or a pattern such as ``"events/*.parquet"``. Lengths of time are
        durations, numbers of seconds, or texts: ``30m``, ``00:30:00``, ``PT30M`` (not
        ``05:00``, which may be minutes or hours). `segments` is what
        the player says was watched so far in the session, as the xAPI Video Profile
        writes it: ``"0[.]12.5[,]30[.]31"``, in seconds.
    catalog
        What can be studied: `content`, `course`, and `module`, `kind`, `position`,
        `available_from`, `due`, `expected_duration`, `length`, `max_score`, `required`,
        `topics`. Of rows about the same content of a course that differ, one is taken
        whatever their order, the others are rejected as `Conflict` under the first column
        that differs: taken is the smaller value there, and any value before none.
    courses
        `course`, and `starts`, `ends`, `term`.
    enrollments
        `learner`, `course`, and `start`, `end`, `outcome`. Of rows about the same start
        that differ, the one without an end is taken, or the later end, then the graver
        outcome; the others are rejected as `Conflict`.
    memberships
        Boards and other reference groups: `group`, `learner`, and `course`, `since`,
        `until`, `parent`.
    learners
        `learner`, and `tz`, `age_ok`, `eligible`. Of two zones of one learner the first by
        name is taken, and the row of the other rejected as `Conflict`; what rows say of age
        and eligibility stands: one no outweighs all else.
    consents
        `learner`, `purpose`, `granted`, `time`.
    roles
        `person`, `group`, `role`.
    columns
        Your names for the columns of `events`: ``{"learner": "user_id"}``.
    tz
        The zone of times without one, and of local days, weeks and hours of learners who
        have no zone of their own. ``"Europe/Helsinki"``, for example.
    day_start
        The time of day at which a learner's day begins.
    extra
        ``"error"`` names columns outside the schema, ``"drop"`` leaves them out.
    duplicates
        Rows with the same `id` are always one. Identical rows without an id are kept and
        counted (``"keep"``) or dropped (``"drop"``).
    resolution
        ``"day"`` says that times are days, ``"instant"`` that they are not; found out
        from the times if left out.
    now
        The clock; events more than ten minutes after it are rejected.
    epoch
        Events before it are rejected (1990 if left out).
    max_duration
        Measured durations above it are cut to it.
    max_events_per_day
        Events of one learner on one day above it are rejected: a machine made them.
    progress
        ``True`` for a bar on stderr, or a function of (done, total).

    Raises
    ------
    SchemaError
        If a column is missing, unknown, or of a type that it cannot have.
    ParameterError
        If an option is outside what it may be.

    Warns
    -----
    RejectedRowsWarning
        If rows were rejected.

    Examples
    --------
    >>> import kohort as kh, polars as pl
    >>> log = pl.DataFrame(
    ...     {
    ...         "user": ["L1", "L1", "L2"],
    ...         "time": ["2026-03-02 10:00", "2026-03-02 10:05", "2026-03-02 11:00"],
    ...         "content": ["intro", "quiz", "intro"],
    ...     }
    ... )
    >>> data = kh.LearningData(log, columns={"learner": "user"}, tz="Europe/Helsinki")
    >>> data.personal().summary().select("learner", "events", "sessions", "study_time")
    shape: (2, 4)
    ┌─────────┬────────┬──────────┬──────────────┐
    │ learner ┆ events ┆ sessions ┆ study_time   │
    │ ---     ┆ ---    ┆ ---      ┆ ---          │
    │ str     ┆ u32    ┆ u32      ┆ duration[μs] │
    ╞═════════╪════════╪══════════╪══════════════╡
    │ L1      ┆ 2      ┆ 1        ┆ 5m           │
    │ L2      ┆ 1      ┆ 1        ┆ 0µs          │
    └─────────┴────────┴──────────┴──────────────┘
    """

    __slots__ = ("_engine",)
    _engine: _core.LearningData

    def __init__(
        self,
        events: Table,
        *,
        catalog: Table | None = None,
        courses: Table | None = None,
        enrollments: Table | None = None,
        memberships: Table | None = None,
        learners: Table | None = None,
        consents: Table | None = None,
        roles: Table | None = None,
        columns: Mapping[EventColumn, str] | None = None,
        tz: str | None = None,
        day_start: str | time = "00:00",
        extra: Extra = "error",
        duplicates: Duplicates = "keep",
        resolution: Resolution | None = None,
        now: Instant | None = None,
        epoch: Instant | None = None,
        max_duration: Span = "24h",
        max_events_per_day: int = 20_000,
        progress: Progress = False,
    ) -> None:
        options: DataOptions = {
            "catalog": catalog,
            "courses": courses,
            "enrollments": enrollments,
            "memberships": memberships,
            "learners": learners,
            "consents": consents,
            "roles": roles,
            "columns": columns,
            "tz": tz,
            "day_start": day_start,
            "extra": extra,
            "duplicates": duplicates,
            "resolution": resolution,
            "now": now,
            "epoch": epoch,
            "max_duration": max_duration,
            "max_events_per_day": max_events_per_day,
            "progress": progress,
        }
        self._set(_engine=build(_tables.table("events", events), options))
        self._warn()

    @classmethod
    def _of(cls, core: _core.LearningData) -> Self:
        self = object.__new__(cls)
        self._set(_engine=core)
        self._warn()
        return self

    def _warn(self) -> None:
        rejected = len(self._engine.rejected())
        if rejected:
            rows = "1 row was" if rejected == 1 else f"{rejected:,} rows were"
            warnings.warn(
                f"{rows} not understood and not counted; `.rejected` lists them, "
                "`.quality` counts them by reason",
                RejectedRowsWarning,
                stacklevel=callers_level(),
            )

    @property
    def rejected(self) -> pl.DataFrame:
        """Rows that were not understood: `table`, `row` (from 0), `column`, `reason`.

        The reasons: `BadTime` (not a time), `AmbiguousTime` (a local time that daylight saving
        skips or shows twice), `FutureTime` (more than ten minutes after `now`), `OutOfRange`
        (before `epoch` or after 2200), `BadDuration` (a text that is no length of time: not a
        number of seconds, ``30m``, ``00:30:00`` or ``PT30M``), `NegativeDuration`, `NotFinite`,
        `BadId` (empty, or with characters that cannot be seen), `NullId`, `Conflict` (the id of
        another row with another body, or another row of a table about the same content,
        enrollment or learner), `Capped` (more than `max_events_per_day`), `UnderAge`, `TooLarge`,
        `OutOfBounds` (a share outside 0..1, a count below 1), `BadValue` (anything else that its
        column cannot hold); and the rules of the format that was read.
        """
        return pl.DataFrame(self._engine.rejected())

    @property
    def quality(self) -> pl.DataFrame:
        """What came in, what was kept, and why the rest was not: `table`, `finding`, `rows`."""
        return pl.DataFrame(self._engine.quality())

    @property
    def tz(self) -> str:
        """The zone of local days, weeks and hours of learners without one of their own."""
        return self._engine.tz

    def derive_catalog(self, *, min_share: float = 0.01, min_learners: int = 5) -> pl.DataFrame:
        """Make a catalog of what learners engaged with, to look at, extend and pass on.

        What the log does not show is not in it, so progress over it measures what others
        did. Reference groups refuse progress over it. What is studied outside courses is in
        no catalog.

        Parameters
        ----------
        min_share, min_learners
            A content is in the catalog if at least so many learners, and at least this
            share of the learners active in the course, engaged with it.

        Returns
        -------
        polars.DataFrame
            `content`, `course`, `derived`.

        Raises
        ------
        ParameterError
            If a number is out of range.
        SchemaError
            If no event has a course.

        Examples
        --------
        >>> import kohort as kh
        >>> data = kh.simulate(learners=100, courses=1, seed=1).data
        >>> catalog = data.derive_catalog(min_share=0.05)
        >>> bool(catalog["derived"].all())
        True
        """
        least = whole("min_learners", min_learners, least=0, most=2**32 - 1)
        return pl.DataFrame(self._engine.derive_catalog(share("min_share", min_share), least))

    def personal(
        self,
        *,
        study_time: StudyTime | None = None,
        as_of: Instant | None = None,
        inactivity: Span = "14d",
        completion: Mapping[Kind, Rule] | None = None,
        progress: Progress = False,
    ) -> PersonalAnalytics:
        """Make Personal Learning Analytics: each learner's numbers from her own events.

        Parameters
        ----------
        study_time
            The estimator of study time; `StudyTime` as it is if left out.
        as_of
            What was known then decides every number; the newest time in the log if left
            out. A date is its first moment; what has no zone is in the data's.
        inactivity
            A learner without activity for longer has stopped.
        completion
            Rules that differ from the usual ones, per kind of content:
            ``{"quiz": "passed"}``.
        progress
            ``True`` for a bar on stderr, or a function of (done, total).

        Returns
        -------
        PersonalAnalytics
            The tables to ask for.

        Raises
        ------
        ParameterError
            If an option is outside what it may be.

        Examples
        --------
        >>> import kohort as kh
        >>> pla = kh.simulate(learners=20, courses=1).data.personal(inactivity="7d")
        >>> pla.drop_off().columns[:3]
        ['learner', 'course', 'status']
        """
        return PersonalAnalytics._of(
            self._engine,
            study_time=study_time,
            as_of=as_of,
            inactivity=inactivity,
            completion=completion,
            progress=progress,
        )

    def reference_groups(
        self,
        *,
        by: Literal["course", "group"],
        policy: ReleasePolicy | None = None,
        study_time: StudyTime | None = None,
        as_of: Instant | None = None,
        period: Literal["week", "month"] | None = None,
        lag: Span = "2d",
        ledger: Ledger | str | PathLike[str] | None = None,
        progress: Progress = False,
    ) -> ReferenceGroups:
        """Make Reference Group Analytics: numbers of groups that give nobody's value away.

        A release is allowed only if, with it added, the learners who were in the same
        releases so far are always at least ``k + 1``. What was released stands in a ledger:
        without one, in memory, for this object alone.

        Parameters
        ----------
        by
            ``"course"`` takes the groups from the enrollments, ``"group"`` from the
            memberships.
        policy
            How much is protected; `ReleasePolicy` as it is if left out. A policy weaker
            than one already used under the same ledger is refused.
        study_time
            The estimator of study time; `StudyTime` as it is if left out.
        as_of
            What was known then decides every number; the end of the local day of the newest
            event of anybody on a roster if left out. With `period` it is the present.
        period
            ``"week"`` (Monday to Sunday) or ``"month"``, in the time zone of the data: the last
            one that ended `lag` ago. All tables of it are made and sealed at once, course by course,
            so that they know of the same events: they stand in the ledger, and asking again,
            whatever the data are by then, returns the same bytes. What comes late counts from the
            next period on, in what is cumulative (`ReferenceGroups.late`). A table with a part that
            the asker chose freely (the steps of a funnel, a pass mark, another width) is sealed
            when it is first asked for, from what is known then.
        lag
            How long to wait for the events of a period.
        ledger
            A file, or a `Ledger`, for everything that releases more than once: other processes,
            the job of next week. Each course (each term of it, where the courses table names
            one) is held against all that was ever released of it.
        progress
            ``True`` for a bar on stderr, or a function of (done, total).

        Returns
        -------
        ReferenceGroups
            The tables to ask for.

        Raises
        ------
        MissingTableError
            If the enrollments or memberships were not given.
        PolicyError
            If the policy is below its floor or weaker than before, or a term begins less than
            28 days from another one of its course.
        LedgerError
            If the ledger cannot be used, was edited or was put back.

        Examples
        --------
        >>> import kohort as kh
        >>> groups = kh.simulate(learners=500, courses=2).data.reference_groups(by="course")
        >>> groups.quantiles("study_time").columns
        ['group', 'metric', 'quantile', 'value', 'n', 'unit', 'reason']

        The last week that ended two days before the newest day, sealed:

        >>> data = kh.simulate(learners=500, courses=1, seed=1).data
        >>> ledger = kh.Ledger()
        >>> week = data.reference_groups(by="course", period="week", ledger=ledger)
        >>> week.period[1] - week.period[0]
        datetime.timedelta(days=7)
        >>> again = data.reference_groups(by="course", period="week", ledger=ledger)
        >>> week.summary().equals(again.summary()), week.late
        (True, 0)
        """
        return ReferenceGroups._of(
            self._engine,
            by=by,
            policy=policy,
            study_time=study_time,
            as_of=as_of,
            period=period,
            lag=lag,
            ledger=ledger,
            progress=progress,
        )

    def research(
        self,
        *,
        epsilon: float,
        delta: float = 1e-6,
        purpose: Literal["research", "recommendation"] = "research",
        study_time: StudyTime | None = None,
        as_of: Instant | None = None,
        ledger: Ledger | str | PathLike[str] | None = None,
        progress: Progress = False,
    ) -> Research:
        """Ask for tables that may leave the platform: differentially private ones.

        Any result could have come out almost equally (factor e^epsilon, slack delta) without
        any one learner's data. Each table that is asked for costs `epsilon`, and `delta` where
        small rows are left out; per purpose and year, epsilon 1 and delta 0.000001 can be
        spent, and no more. What was spent stands in a ledger: without one, in memory, for this
        object alone.

        Parameters
        ----------
        epsilon
            What each table costs: above 0 and up to 1, in steps of 0.000001. Less of it is more
            noise.
        delta
            What each table costs besides that has a threshold: up to 0.000001, in steps of
            1e-12. Less of it is a higher threshold.
        purpose
            Whose consent is needed, and whose budget is spent.
        study_time
            The estimator of study time; `StudyTime` as it is if left out.
        as_of
            What was known then decides every number; the present if left out, because the
            newest event would be some learner's.
        ledger
            A file, or a `Ledger`, for everything that releases more than once: other processes,
            the job of next month. What a table costs is on disk before its noise is drawn.
        progress
            ``True`` for a bar on stderr, or a function of (done, total).

        Returns
        -------
        Research
            The tables to ask for.

        Raises
        ------
        ParameterError
            If there is no such purpose, or no year has so large an epsilon or delta.
        SchemaError
            If the catalog was derived from the log.
        LedgerError
            If the ledger cannot be used, was edited or was put back.

        Examples
        --------
        >>> import kohort as kh
        >>> research = kh.simulate(learners=500, courses=2).data.research(epsilon=0.25)
        >>> research.counts(by="course").height
        2
        >>> research.left["epsilon"]
        0.75
        """
        return Research._of(
            self._engine,
            epsilon=epsilon,
            delta=delta,
            purpose=purpose,
            study_time=study_time,
            as_of=as_of,
            ledger=ledger,
            progress=progress,
        )

    def seen_by(self, viewer: Viewer) -> View:
        """Show this data as a viewer may see it; what no relation allows is denied.

        `LearningData` itself is the host's and shows everything. The host knows who asks;
        the tables say what she is to whom: `roles` who instructs a group, `memberships`
        who is on it, `consents` who agrees to be seen there.

        Parameters
        ----------
        viewer
            Who looks: ``kh.Viewer.learner(id)``, ``.instructor(id)``, ``.researcher()``
            or ``.recommender()``.

        Returns
        -------
        View
            What she may see.

        Raises
        ------
        ParameterTypeError
            If it is no viewer.

        Examples
        --------
        >>> import kohort as kh
        >>> data = kh.simulate(learners=50, courses=2, seed=1).data
        >>> view = data.seen_by(kh.Viewer.learner("L7"))
        >>> view.personal().summary()["learner"].unique().to_list()
        ['L7']
        """
        return View._of(self._engine, viewer)

    def _facts(self) -> Facts:
        seen = self._engine.overview()
        if seen.first is None or seen.last is None:
            when = "none"
        else:
            when = f"{show_instant(seen.first, seen.tz)} to {show_instant(seen.last, seen.tz)}"
        facts: list[tuple[str, object]] = [
            ("learners", seen.learners),
            ("events", seen.events),
            ("span", when),
            ("time zone", seen.tz),
            ("resolution", seen.resolution),
        ]
        if seen.rejected:
            facts.append(("rejected rows", seen.rejected))
        return facts


def build(events: object, options: DataOptions, source: _core.Foreign | None = None) -> _core.LearningData:
    """Check and convert the options, and hand everything to the engine."""
    get = options.get
    tz, resolution, now, epoch = get("tz"), get("resolution"), get("now"), get("epoch")
    if tz is not None and not isinstance(tz, str):
        raise ParameterTypeError(f'`tz` must be a name such as "Europe/Helsinki", got {tz!r}')
    tables = {name: get(name) for name in TABLES}
    with _progress.reporting(_progress.check(get("progress", False))) as report:
        return _core.LearningData(
            events,
            tables=_tables.given(tables),
            columns=_mapping(get("columns")),
            tz=tz,
            day_start=read_day_start(get("day_start", "00:00")),
            extra=word("extra", get("extra", "error"), Extra),
            duplicates=word("duplicates", get("duplicates", "keep"), Duplicates),
            resolution=None if resolution is None else word("resolution", resolution, Resolution),
            now=None if now is None else instant("now", now, tz),
            epoch=None if epoch is None else instant("epoch", epoch, tz),
            max_duration=span("max_duration", get("max_duration", "24h")),
            max_events_per_day=whole(
                "max_events_per_day", get("max_events_per_day", 20_000), least=1, most=2**32 - 1
            ),
            source=source,
            known=known(options),
            progress=report,
        )


def check_options(options: BesideOptions, allowed: type[BesideOptions]) -> None:
    """Refuse an option that a reader does not have: a misspelt one must not be passed over."""
    names = list(allowed.__annotations__)
    for name in options:
        if name not in names:
            raise ParameterTypeError(
                f"`{name}` is no option of this reader; it has {', '.join(f'`{known}`' for known in names)}"
            )


def known(options: DataOptions) -> list[str]:
    """Return the columns of the schema under the names that the log has them by."""
    yours = dict(_mapping(options.get("columns")))
    return [yours.get(name, name) for name in get_args(EventColumn)]


def _mapping(columns: object) -> list[tuple[str, str]]:
    if columns is None:
        return []
    if not isinstance(columns, Mapping):
        raise ParameterTypeError(
            f'`columns` must be a table such as {{"learner": "user_id"}}, got {type(columns).__name__}'
        )
    for ours, yours in columns.items():
        if not isinstance(ours, str) or not isinstance(yours, str):
            raise ParameterTypeError(f"`columns` must map kohort's names to yours, got {ours!r}: {yours!r}")
    return list(columns.items())
