"""The types that kohort's functions take, for your own annotations."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Literal, Protocol, TypeAlias, runtime_checkable

if TYPE_CHECKING:
    import polars as pl

__all__ = [
    "ArrowTable",
    "Dimension",
    "EventColumn",
    "GroupMetric",
    "Instant",
    "Kind",
    "LearnerId",
    "Path",
    "Paths",
    "PeriodMetric",
    "PersonalTable",
    "Progress",
    "Rule",
    "Span",
    "Standard",
    "Table",
    "TableStandard",
    "TotalMetric",
]


@runtime_checkable
class ArrowTable(Protocol):
    """Any table that speaks the Arrow C stream: polars, pandas, pyarrow, duckdb and others."""

    def __arrow_c_stream__(self, requested_schema: object | None = None) -> object:
        """Return the table as a capsule."""
        ...


Path: TypeAlias = "str | os.PathLike[str]"
"""A path, or a pattern such as ``events/*.parquet``."""

Paths: TypeAlias = "Path | Sequence[Path]"
"""One path or pattern, or several."""

Table: TypeAlias = "ArrowTable | pl.LazyFrame | Path"
"""A table: in memory, lazy, or in files."""

Span: TypeAlias = "str | timedelta"
"""A length of time: ``"30m"``, ``"1h30m"``, ``"7d"``, or a timedelta. Never a bare number."""

Instant: TypeAlias = "str | datetime | date"
"""A moment: an ISO 8601 string, a datetime, or a date (its first moment). Local if naive."""

LearnerId: TypeAlias = "str | int"
"""A learner's id, in the type it came in."""

Progress: TypeAlias = "bool | Callable[[int, int], object]"
"""``True`` for a bar on stderr, or a function of (done, total)."""

Kind: TypeAlias = Literal[
    "video", "page", "quiz", "problem", "assignment", "discussion", "file", "live", "other"
]
"""The kind of a content."""

Rule: TypeAlias = Literal["watched", "engaged", "submitted", "posted", "passed", "completed"]
"""What completes a content."""

EventColumn: TypeAlias = Literal[
    "learner",
    "time",
    "content",
    "verb",
    "course",
    "session",
    "duration",
    "position",
    "position_to",
    "speed",
    "length",
    "score",
    "success",
    "progress",
    "segments",
    "attempt",
    "response",
    "count",
    "received",
    "id",
]
"""A column of a log."""

Standard: TypeAlias = Literal["xapi", "caliper", "tracking_log", "canvas"]
"""A standard of the field whose files hold JSON records."""

TableStandard: TypeAlias = Literal["moodle", "moodle_report", "canvas_web_logs", "scorm"]
"""A format of the field whose rows stand in a table."""

Dimension: TypeAlias = Literal[
    "course", "module", "content", "kind", "topic", "day", "week", "month", "weekday", "hour"
]
"""What study time can be split by."""

PersonalTable: TypeAlias = Literal[
    "summary",
    "sessions",
    "study_time",
    "studied_content",
    "frequency",
    "progress",
    "progress_over_time",
    "pace",
    "engagement",
    "drop_off",
    "video",
    "video_segments",
    "person_periods",
    "weekly_features",
    "assessments",
    "responses",
    "struggle",
    "navigation",
    "navigation_summary",
    "feature_usage",
    "collaboration",
    "regularity",
    "activity_calendar",
    "activity_clock",
    "delay",
]
"""A table of Personal Learning Analytics, by the name of its method."""

TotalMetric: TypeAlias = Literal[
    "study_time", "sessions", "events", "active_days", "contents", "completed", "progress"
]
"""What reference groups are compared on, counted from the start."""

PeriodMetric: TypeAlias = Literal[
    "study_time_in_period",
    "sessions_in_period",
    "events_in_period",
    "active_days_in_period",
    "contents_in_period",
    "completed_in_period",
]
"""What happened in a week or a month; for reference groups of a `period`."""

GroupMetric: TypeAlias = Literal[TotalMetric, PeriodMetric]
"""What reference groups are compared on."""
