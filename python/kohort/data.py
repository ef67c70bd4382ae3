"""Learning data: validated, with every row that was not understood accounted for."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from datetime import time
from typing import TYPE_CHECKING

import polars as pl

from kohort import _core, _tables
from kohort._analyses import Analyses
from kohort._checks import callers_level, share, whole
from kohort._objects import Facts, in_public
from kohort._options import DataOptions, Duplicates, Extra, Resolution, build
from kohort._spans import show_instant
from kohort.exceptions import RejectedRowsWarning
from kohort.typing import EventColumn, Instant, Progress, Span, Table

if TYPE_CHECKING:
    from typing_extensions import Self

__all__ = ["LearningData"]


@in_public
class LearningData(Analyses):
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
