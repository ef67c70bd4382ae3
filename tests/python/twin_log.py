"""The log as the twin sees it: its rows, what was known when, and the calendar."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone
from functools import lru_cache
from typing import Any, TypeAlias
from zoneinfo import ZoneInfo

Cell: TypeAlias = Any
Row: TypeAlias = dict[str, Any]

SECOND = 1_000_000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR
EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)

VERBS = (
    "viewed interacted played paused seeked ended progressed completed attempted answered "
    "submitted graded passed failed hinted searched navigated posted replied commented "
    "highlighted noted liked shared bookmarked downloaded enrolled unenrolled logged_in "
    "logged_out terminated"
).split()
RANK = {verb: rank for rank, verb in enumerate(VERBS)}
REGISTRATION = ("enrolled", "unenrolled")
PRESENCE = ("logged_in", "logged_out")
NO_CONTENT = (*REGISTRATION, *PRESENCE)
RULES = {
    "video": "watched",
    "problem": "submitted",
    "quiz": "submitted",
    "assignment": "submitted",
    "discussion": "posted",
}
COLUMNS = (
    "learner time content verb course session duration position position_to speed length "
    "score success progress segments attempt response count received id"
).split()
ORDER = ("time", "course", "content", "verb", "session", *COLUMNS[6:])
DIMS = ("course", "module", "content", "kind", "topic")
CALENDAR = ("day", "week", "month", "weekday", "hour")
DAY_REASON = "times have day resolution"


@dataclass(frozen=True, eq=False)
class Log:
    """A log and its tables; ``None`` for a table that was not given."""

    events: list[Row]
    catalog: list[Row] | None = None
    courses: list[Row] | None = None
    enrollments: list[Row] | None = None
    learners: list[Row] | None = None
    tz: str | None = None
    day_start: int = 0
    resolution: str | None = None
    max_duration: int = DAY


# ---------------------------------------------------------------- events


def first_null(value: Cell) -> tuple[bool, Any]:
    """Sort nulls before values."""
    return (value is not None, value)


def canonical(event: Row) -> tuple[Any, ...]:
    """Order one learner's events; nothing depends on the order of the rows."""
    verb = RANK[event["verb"]] if event["told"] else None
    values = [verb if c == "verb" else event[c] for c in ORDER]
    return tuple(first_null(value) for value in values)


@lru_cache(maxsize=4)
def default_as_of(log: Log) -> int:
    """Return the newest moment the log knows of."""
    seen = [e["time"] for e in kept(log)] + [e["received"] for e in kept(log)]
    return max((t for t in seen if t is not None), default=0)


@lru_cache(maxsize=4)
def kept(log: Log) -> list[Row]:
    """Events with every column, without duplicates by id, in canonical order."""
    homes: dict[Any, set[Any]] = {}
    for row in log.catalog or []:
        homes.setdefault(row["content"], set()).add(row["course"])
    filled = []
    for raw in log.events:
        event = {c: raw.get(c) for c in COLUMNS}
        event["told"] = event["verb"] is not None
        event["verb"] = event["verb"] or "interacted"
        event["count"] = 1 if event["count"] is None else event["count"]
        if event["duration"] is not None:
            event["duration"] = min(event["duration"], log.max_duration)
        if event["course"] is None and len(homes.get(event["content"], ())) == 1:
            (event["course"],) = homes[event["content"]]
        filled.append(event)
    filled.sort(key=canonical)
    ids: set[Any] = set()
    events = []
    for event in filled:
        if event["id"] is None or event["id"] not in ids:
            events.append(event)
        ids.add(event["id"])
    return events


@lru_cache(maxsize=4)
def known(log: Log, as_of: int | None) -> list[Row]:
    """Keep what had happened, and had been received, by ``as_of``."""
    at = default_as_of(log) if as_of is None else as_of
    return [e for e in kept(log) if e["time"] <= at and (e["received"] is None or e["received"] <= at)]


def is_activity(event: Row) -> bool:
    return event["verb"] not in REGISTRATION


def is_engagement(event: Row) -> bool:
    return event["verb"] not in NO_CONTENT and event["content"] is not None


@lru_cache(maxsize=4)
def by_day_only(log: Log) -> bool:
    """Whether the times say no more than the day."""
    if log.resolution is not None:
        return log.resolution == "day"
    times = [e["time"] for e in kept(log)]
    if len(times) < 2:
        return False
    zone = ZoneInfo(log.tz or "UTC")
    midnight = datetime.min.time()
    return all(t % DAY == 0 for t in times) or all(wall(t, zone).time() == midnight for t in times)


# ---------------------------------------------------------------- tables


def facts(log: Log, event: Row) -> Row:
    """Return the catalog row of an event's content in its course, else an empty one."""
    for row in log.catalog or []:
        if row["content"] == event["content"] and row["course"] == event["course"]:
            return row
    return {}


def enrolled(log: Log, as_of: int | None) -> list[Row]:
    """Enrollments that had begun by ``as_of``."""
    at = default_as_of(log) if as_of is None else as_of
    return [e for e in log.enrollments or [] if e.get("start") is None or e["start"] <= at]


def pairs(log: Log, as_of: int | None) -> list[tuple[Any, Any]]:
    """Learner and course of enrollments and of events, sorted."""
    found = {(e["learner"], e["course"]) for e in known(log, as_of)}
    found |= {(e["learner"], e["course"]) for e in enrolled(log, as_of)}
    return sorted(found, key=lambda pair: [first_null(v) for v in pair])


def learners_of(log: Log, as_of: int | None) -> list[Any]:
    return sorted({learner for learner, _ in pairs(log, as_of)})


def by_pair(log: Log, as_of: int | None) -> dict[tuple[Any, Any], list[Row]]:
    """Sort the known events by learner and course."""
    found: dict[tuple[Any, Any], list[Row]] = {pair: [] for pair in pairs(log, as_of)}
    for event in known(log, as_of):
        found[event["learner"], event["course"]].append(event)
    return found


def course_rows(log: Log, course: Cell) -> list[Row]:
    return [row for row in log.catalog or [] if row["course"] == course and course is not None]


def is_required(row: Row) -> bool:
    return row.get("required") is not False


def is_available(row: Row, at: int) -> bool:
    return row.get("available_from") is None or row["available_from"] <= at


def course_end(log: Log, course: Cell) -> int | None:
    for row in log.courses or []:
        if row["course"] == course and row.get("ends") is not None:
            return int(row["ends"])
    return None


# ---------------------------------------------------------------- calendar


def wall(instant: int, zone: ZoneInfo) -> datetime:
    """Return the naive local time of an instant."""
    utc = EPOCH + timedelta(microseconds=instant)
    return utc.astimezone(zone).replace(tzinfo=None)


def local_day(instant: int, zone: ZoneInfo, day_start: int) -> date:
    return (wall(instant, zone) - timedelta(microseconds=day_start)).date()


def monday(day: date) -> date:
    return day - timedelta(days=day.isoweekday() - 1)


def zone_of(log: Log, learner: Cell) -> ZoneInfo:
    """Return the learner's time zone, else the data set's, else UTC."""
    for row in log.learners or []:
        if row["learner"] == learner and row.get("tz") is not None:
            return ZoneInfo(row["tz"])
    return ZoneInfo(log.tz or "UTC")


def cut(start: int, end: int, label: Callable[[int], Cell]) -> list[tuple[int, int]]:
    """Divide an interval where a label changes; labels change on whole minutes only.

    None lasts less than a quarter of an hour, so most minutes need not be looked at.
    """
    pieces = []
    here = label(start)
    at = probe = start
    while probe < end:
        quarter = (probe // (15 * MINUTE) + 1) * 15 * MINUTE
        if label(quarter) == here:
            probe = quarter
            continue
        minute = (probe // MINUTE + 1) * MINUTE
        if minute < end and label(minute) != here:
            pieces.append((at, minute))
            at, here = minute, label(minute)
        probe = minute
    pieces.append((at, end))
    return pieces
