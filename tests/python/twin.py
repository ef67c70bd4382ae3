"""A slow, obvious twin of every personal metric.

Plain loops over plain dicts, written from the definitions alone and never from the
engine: its only job is to be easy to check by eye. Times and lengths of time are whole
microseconds (instants in UTC), calendars come from ``datetime`` and ``zoneinfo``.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta, timezone
from fractions import Fraction
from functools import lru_cache
from itertools import pairwise
from math import sqrt
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
PLAY_ENDS = ("paused", "seeked", "ended", "completed", "terminated")
RULES = {
    "video": "watched",
    "problem": "submitted",
    "quiz": "submitted",
    "assignment": "submitted",
    "discussion": "posted",
}
COLUMNS = (
    "learner time content verb course session duration position position_to speed length "
    "score success progress attempt response count received id"
).split()
ORDER = ("time", "course", "content", "verb", "session", *COLUMNS[6:])
DIMS = ("course", "module", "content", "kind", "topic")
CALENDAR = ("day", "week", "month", "weekday", "hour")
DAY_REASON = "times have day resolution"


@dataclass(frozen=True)
class StudyTime:
    """The parameters of the study time estimator, lengths of time in microseconds.

    ``over_gap`` is ``"drop"``, ``("cap", d)`` or ``("impute", table or None)``;
    ``last_event`` is ``"zero"``, ``("fixed", d)`` or ``("impute", table or None)``.
    """

    gap: int = 30 * MINUTE
    over_gap: Any = "drop"
    last_event: Any = "zero"
    attribute_to: str = "preceding"
    sessions: str = "gap"
    min_events: int = 1
    min_duration: int = 0
    max_session: int | None = None
    measured: str = "prefer"


DEFAULT = StudyTime()


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


@dataclass
class Session:
    """A run of one learner's activity, with its credited pieces ``(owner, start, end)``."""

    events: list[Row]
    pieces: list[tuple[Row, int, int]] = field(default_factory=list)

    @property
    def study_time(self) -> int:
        return sum(end - start for _, start, end in self.pieces)


# ---------------------------------------------------------------- events


def first_null(value: Cell) -> tuple[bool, Any]:
    """Sort nulls before values."""
    return (value is not None, value)


def canonical(event: Row) -> tuple[Any, ...]:
    """Order one learner's events; nothing depends on the order of the rows."""
    values = [RANK[event[c]] if c == "verb" else event[c] for c in ORDER]
    return tuple(first_null(value) for value in values)


def default_as_of(log: Log) -> int:
    """Return the newest moment the log knows of."""
    seen = [e["time"] for e in log.events] + [e.get("received") for e in log.events]
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
    return [
        e for e in kept(log) if e["time"] <= at and (e["received"] is None or e["received"] <= at)
    ]


def is_activity(event: Row) -> bool:
    return event["verb"] not in REGISTRATION


def is_engagement(event: Row) -> bool:
    return event["verb"] not in REGISTRATION + PRESENCE and event["content"] is not None


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


def label(instant: int, zone: ZoneInfo, day_start: int) -> tuple[date, int]:
    """Local day and true local hour."""
    return local_day(instant, zone, day_start), wall(instant, zone).hour


def cut(start: int, end: int, zone: ZoneInfo, day_start: int) -> list[tuple[int, int]]:
    """Divide an interval where the local day or hour changes (always on a whole minute)."""
    pieces = []
    here = label(start, zone, day_start)
    at = start
    probe = start
    while probe < end:
        quarter = (probe // (15 * MINUTE) + 1) * 15 * MINUTE
        if label(quarter, zone, day_start) == here:
            probe = quarter
            continue
        minute = (probe // MINUTE + 1) * MINUTE
        if minute < end and label(minute, zone, day_start) != here:
            pieces.append((at, minute))
            at = minute
            here = label(minute, zone, day_start)
        probe = minute
    pieces.append((at, end))
    return pieces


# ---------------------------------------------------------------- sessions and study time


def facts(log: Log, event: Row) -> Row:
    """Return the catalog row of an event's content in its course, else an empty one."""
    for row in log.catalog or []:
        if row["content"] == event["content"] and row["course"] == event["course"]:
            return row
    return {}


def breaks(before: Row, after: Row, est: StudyTime) -> bool:
    """Whether a new session begins between two consecutive events."""
    too_long = bool(after["time"] - before["time"] > est.gap)
    if est.sessions == "gap":
        return too_long
    both_named = before["session"] is not None and after["session"] is not None
    differ = both_named and before["session"] != after["session"]
    if est.sessions == "both":
        return too_long or differ
    return differ if both_named else too_long


def median(values: Sequence[int]) -> int | None:
    """Whole microseconds: the floor of the mean of the middle two."""
    ordered = sorted(values)
    n = len(ordered)
    if n == 0:
        return None
    return (ordered[(n - 1) // 2] + ordered[n // 2]) // 2


def imputed(table: Row | None, kind: str | None, inside: list[tuple[str | None, int]]) -> int:
    """Take a table's value, or the median of the learner's own gaps at the same kind."""
    if table is not None:
        return int(table.get(kind, 0)) if kind is not None else 0
    same = median([gap for k, gap in inside if k == kind])
    if same is not None:
        return same
    return median([gap for _, gap in inside]) or 0


def walk(log: Log, activity: list[Row], est: StudyTime) -> list[Session]:
    """Cut one learner's activity into sessions and credit each event once.

    Sessions below ``min_events`` or ``min_duration`` are gone from the result.
    """
    kinds = [facts(log, e).get("kind") for e in activity]
    last = len(activity) - 1
    ends_session = [
        i == last or breaks(activity[i], activity[i + 1], est) for i in range(len(activity))
    ]
    gaps: list[int] = [b["time"] - a["time"] for a, b in pairwise(activity)]
    inside = [
        (kinds[i], gaps[i]) for i in range(last) if not ends_session[i] and gaps[i] <= est.gap
    ]

    def estimate(i: int) -> int:
        gap: int | None = gaps[i] if i < last else None
        if gap is not None and not ends_session[i] and gap <= est.gap:
            return gap
        rule = est.last_event if gap is None or est.over_gap == "drop" else est.over_gap
        if rule == "zero":
            return 0
        name, value = rule
        length = imputed(value, kinds[i], inside) if name == "impute" else value
        return int(length if gap is None else min(length, gap))

    found: list[Session] = []
    covered: int | None = None
    for i, event in enumerate(activity):
        if i == 0 or ends_session[i - 1]:
            found.append(Session([]))
        session = found[-1]
        session.events.append(event)
        owner = event
        start = event["time"]
        if covered is not None:
            start = max(start, covered)
        if est.measured != "ignore" and event["duration"] is not None:
            end = event["time"] + event["duration"]
            covered = end if covered is None else max(covered, end)
        elif est.measured == "only":
            continue
        else:
            end = event["time"] + estimate(i)
            if est.attribute_to == "following" and not ends_session[i]:
                owner = activity[i + 1]
        if end > start:
            session.pieces.append((owner, start, end))

    counted = []
    for session in found:
        if len(session.events) < est.min_events or session.study_time < est.min_duration:
            continue
        if est.max_session is not None:
            left = est.max_session
            shorter = []
            for owner, start, end in session.pieces:
                length = min(end - start, left)
                left -= length
                if length > 0:
                    shorter.append((owner, start, start + length))
            session.pieces = shorter
        counted.append(session)
    return counted


def learners_of(log: Log, as_of: int | None) -> list[Any]:
    return sorted({learner for learner, _ in pairs(log, as_of)})


def by_pair(log: Log, as_of: int | None) -> dict[tuple[Any, Any], list[Row]]:
    """Sort the known events by learner and course."""
    found: dict[tuple[Any, Any], list[Row]] = {pair: [] for pair in pairs(log, as_of)}
    for event in known(log, as_of):
        found[event["learner"], event["course"]].append(event)
    return found


def walks(log: Log, est: StudyTime, as_of: int | None) -> dict[Any, list[Session]]:
    """List the counted sessions of every learner; none when the log knows only days."""
    runs: dict[Any, list[Row]] = {learner: [] for learner in learners_of(log, as_of)}
    for event in known(log, as_of):
        if is_activity(event):
            runs[event["learner"]].append(event)
    if by_day_only(log):
        return {learner: [] for learner in runs}
    return {learner: walk(log, run, est) for learner, run in runs.items()}


def sessions(log: Log, est: StudyTime = DEFAULT, as_of: int | None = None) -> list[Row]:
    """List the counted sessions of each learner in time order."""
    rows = []
    for learner, counted in walks(log, est, as_of).items():
        for number, session in enumerate(counted, start=1):
            events = session.events
            rows.append(
                {
                    "learner": learner,
                    "session": number,
                    "start": events[0]["time"],
                    "end": events[-1]["time"],
                    "events": len(events),
                    "contents": len({e["content"] for e in events if is_engagement(e)}),
                    "courses": len({e["course"] for e in events} - {None}),
                    "study_time": session.study_time,
                }
            )
    return rows


def week_of_course(log: Log, course: Cell, day: date, zone: ZoneInfo) -> int | None:
    """Weeks from the course's start, the first one being 1."""
    for row in log.courses or []:
        if row["course"] == course and row.get("starts") is not None:
            start = local_day(row["starts"], zone, log.day_start)
            return (day - start).days // 7 + 1
    return None


def study_time(
    log: Log,
    est: StudyTime = DEFAULT,
    as_of: int | None = None,
    by: Iterable[str] = (),
    week: str = "iso",
) -> list[Row]:
    """Split each learner's study time; every split adds up to the unsplit total."""
    dims = list(by)
    if by_day_only(log):
        if dims not in ([], ["course"]):
            return []
        keys = pairs(log, as_of) if dims else [(x,) for x in learners_of(log, as_of)]
        return [
            dict(zip(["learner", *dims], key, strict=True))
            | {"study_time": None, "reason": DAY_REASON}
            for key in keys
        ]
    totals: dict[tuple[Any, ...], int] = {}
    for learner, counted in walks(log, est, as_of).items():
        zone = zone_of(log, learner)
        if not dims:
            totals[(learner,)] = sum(session.study_time for session in counted)
        for session in counted if dims else []:
            for owner, start, end in session.pieces:
                pieces = [(start, end)]
                if set(dims) & set(CALENDAR):
                    pieces = cut(start, end, zone, log.day_start)
                for a, b in pieces:
                    for topic, length in shares(log, owner, b - a, "topic" in dims):
                        where = place(log, owner, a, zone, week) | {"topic": topic}
                        key = (learner, *(where[d] for d in dims))
                        totals[key] = totals.get(key, 0) + length
    keys = sorted(totals, key=lambda key: [first_null(v) for v in key])
    return [
        dict(zip(["learner", *dims], key, strict=True))
        | {"study_time": totals[key], "reason": None}
        for key in keys
        if totals[key] > 0 or not dims
    ]


def shares(log: Log, owner: Row, length: int, split: bool) -> list[tuple[Any, int]]:
    """Divide a piece equally among the topics of its content, the rest to the first ones."""
    topics = facts(log, owner).get("topics") or []
    if not split or not topics:
        return [(None, length)]
    each, rest = divmod(length, len(topics))
    return [(topic, each + (1 if i < rest else 0)) for i, topic in enumerate(topics)]


def place(log: Log, owner: Row, start: int, zone: ZoneInfo, week: str) -> Row:
    """Everything a piece can be split by, but the topic."""
    row = facts(log, owner)
    day, hour = label(start, zone, log.day_start)
    return {
        "course": owner["course"],
        "content": owner["content"],
        "module": row.get("module"),
        "kind": row.get("kind"),
        "day": day,
        "week": monday(day) if week == "iso" else week_of_course(log, owner["course"], day, zone),
        "month": day.replace(day=1),
        "weekday": day.isoweekday(),
        "hour": hour,
    }


# ---------------------------------------------------------------- summary


def enrolled(log: Log, as_of: int | None) -> list[Row]:
    """Enrollments that had begun by ``as_of``."""
    at = default_as_of(log) if as_of is None else as_of
    return [e for e in log.enrollments or [] if e.get("start") is None or e["start"] <= at]


def pairs(log: Log, as_of: int | None) -> list[tuple[Any, Any]]:
    """Learner and course of enrollments and of events, sorted."""
    found = {(e["learner"], e["course"]) for e in known(log, as_of)}
    found |= {(e["learner"], e["course"]) for e in enrolled(log, as_of)}
    return sorted(found, key=lambda pair: [first_null(v) for v in pair])


def course_rows(log: Log, course: Cell) -> list[Row]:
    return [row for row in log.catalog or [] if row["course"] == course and course is not None]


def is_required(row: Row) -> bool:
    return row.get("required") is not False


def is_available(row: Row, at: int) -> bool:
    return row.get("available_from") is None or row["available_from"] <= at


def summary(
    log: Log,
    est: StudyTime = DEFAULT,
    as_of: int | None = None,
    inactivity: int = 14 * DAY,
    completion: dict[str, str] | None = None,
) -> list[Row]:
    """Give one row per learner and course."""
    day_only = by_day_only(log)
    all_sessions = walks(log, est, as_of)
    progressed = progress(log, as_of, completion=completion)
    dropped = drop_off(log, as_of, inactivity=inactivity, completion=completion)
    rows = []
    for ((learner, course), events), done, left in zip(
        by_pair(log, as_of).items(), progressed, dropped, strict=True
    ):
        activity = [e for e in events if is_activity(e)]
        zone = zone_of(log, learner)
        counted = all_sessions[learner]
        pieces = [p for session in counted for p in session.pieces]
        days = {local_day(e["time"], zone, log.day_start) for e in activity}
        finished = [row for row in course_rows(log, course) if is_complete(row, events, completion)]
        rows.append(
            {
                "learner": learner,
                "course": course,
                "events": len(events),
                "interactions": sum(e["count"] for e in events),
                "sessions": None if day_only else len(touching(counted, course)),
                "study_time": None
                if day_only
                else sum(b - a for owner, a, b in pieces if owner["course"] == course),
                "active_days": len(days),
                "first_active": activity[0]["time"] if activity else None,
                "last_active": activity[-1]["time"] if activity else None,
                "contents": len({e["content"] for e in events if is_engagement(e)}),
                "completed": None if log.catalog is None else len(finished),
                "progress": done["progress"],
                "furthest_content": left["furthest_content"],
                "furthest_position": left["furthest_position"],
                "last_content": left["last_content"],
                "status": left["status"],
            }
        )
    return rows


def touching(counted: list[Session], course: Cell) -> list[list[Row]]:
    """List the events in a course of each session that has one."""
    inside = [[e for e in session.events if e["course"] == course] for session in counted]
    return [events for events in inside if events]


# ---------------------------------------------------------------- frequency


def frequency(
    log: Log,
    est: StudyTime = DEFAULT,
    as_of: int | None = None,
    by: str | None = None,
    min_activity: int = 1,
    freeze: int = 0,
) -> list[Row]:
    """How often and how regularly, per learner or per learner and course."""
    at = default_as_of(log) if as_of is None else as_of
    day_only = by_day_only(log)
    all_sessions = walks(log, est, as_of)
    runs: dict[tuple[Any, ...], list[Row]] = {(x,): [] for x in learners_of(log, as_of)}
    for event in known(log, as_of):
        runs[(event["learner"],)].append(event)
    if by == "course":
        runs = dict(by_pair(log, as_of))
    rows = []
    for key, run in runs.items():
        learner = key[0]
        zone = zone_of(log, learner)
        events = [e for e in run if is_activity(e)]
        starts = [e.get("start") for e in enrolled(log, as_of) if e["learner"] == learner]
        spans = [session.events for session in all_sessions[learner]]
        end = at
        if by == "course":
            course = key[1]
            starts = [
                e.get("start") for e in enrolled(log, as_of) if (e["learner"], e["course"]) == key
            ]
            spans = touching(all_sessions[learner], course)
            over = course_end(log, course)
            end = at if over is None else min(at, over)
        rows.append(
            dict(zip(["learner", "course"], key, strict=False))
            | rhythm(log, events, spans, starts, zone, (at, end), day_only, min_activity, freeze)
        )
    return rows


def rhythm(
    log: Log,
    events: list[Row],
    spans: list[list[Row]],
    enrollment_starts: list[int | None],
    zone: ZoneInfo,
    until: tuple[int, int],
    day_only: bool,
    min_activity: int,
    freeze: int,
) -> Row:
    """One row of frequency from activity events and the events of each counted session."""
    at, end = until
    days = [local_day(e["time"], zone, log.day_start) for e in events]
    hours = [wall(e["time"], zone).hour for e in events]
    active_weeks = {monday(day) for day in days}
    beginnings = [t for t in enrollment_starts if t is not None]
    beginnings += [e["time"] for e in events]
    weeks = None
    if beginnings:
        weeks = max(1.0, (end - min(beginnings)) / (7 * DAY))
    gaps = [after[0]["time"] - before[-1]["time"] for before, after in pairwise(spans)]
    n = len(events)

    def share(flags: Iterable[bool]) -> float | None:
        return sum(flags) / n if n else None

    def part(first: int) -> float | None:
        return None if day_only else share(first <= hour < first + 6 for hour in hours)

    today = local_day(at, zone, log.day_start)
    enough_days = sorted(d for d, k in Counter(days).items() if k >= min_activity)
    enough_weeks = sorted(
        w for w, k in Counter(monday(d) for d in days).items() if k >= min_activity
    )
    day_numbers = [d.toordinal() for d in enough_days]
    week_numbers = [d.toordinal() // 7 for d in enough_weeks]
    return {
        "events": n,
        "sessions": None if day_only else len(spans),
        "active_days": len(set(days)),
        "active_weeks": len(active_weeks),
        "weeks": weeks,
        "sessions_per_week": None if day_only or weeks is None else len(spans) / weeks,
        "active_days_per_week": None if weeks is None else len(set(days)) / weeks,
        "session_gap_median": median(gaps),
        "session_gap_mean": sum(gaps) // len(gaps) if gaps else None,
        "session_gap_cv": variation(gaps),
        "weekend_share": share(day.isoweekday() >= 6 for day in days),
        "night_share": part(0),
        "morning_share": part(6),
        "afternoon_share": part(12),
        "evening_share": part(18),
        "first_active": events[0]["time"] if events else None,
        "last_active": events[-1]["time"] if events else None,
        "days_since_last": (today - days[-1]).days if days else None,
        "longest_streak": longest_streak(day_numbers, freeze),
        "current_streak": current_streak(day_numbers, freeze, today.toordinal()),
        "longest_week_streak": longest_streak(week_numbers, 0),
        "current_week_streak": current_streak(week_numbers, 0, monday(today).toordinal() // 7),
    }


def variation(gaps: list[int]) -> float | None:
    """Sample standard deviation over the mean."""
    if len(gaps) < 2 or sum(gaps) == 0:
        return None
    mean = Fraction(sum(gaps), len(gaps))
    variance = sum((gap - mean) ** 2 for gap in gaps) / (len(gaps) - 1)
    return sqrt(variance / mean**2)


def longest_streak(numbers: list[int], freeze: int) -> int:
    """Most active days in a window of consecutive days that misses at most ``freeze``."""
    best = 0
    for i, first in enumerate(numbers):
        for j in range(i, len(numbers)):
            active = j - i + 1
            missed = numbers[j] - first + 1 - active
            if missed <= freeze:
                best = max(best, active)
    return best


def current_streak(numbers: list[int], freeze: int, today: int) -> int:
    """Find the longest such window that ends at the last active day, if that is recent."""
    if not numbers or numbers[-1] not in (today, today - 1):
        return 0
    best = 0
    for i, first in enumerate(numbers):
        active = len(numbers) - i
        if numbers[-1] - first + 1 - active <= freeze:
            best = max(best, active)
    return best


# ---------------------------------------------------------------- progress


def course_end(log: Log, course: Cell) -> int | None:
    for row in log.courses or []:
        if row["course"] == course and row.get("ends") is not None:
            return int(row["ends"])
    return None


def is_complete(row: Row, events: list[Row], completion: dict[str, str] | None) -> bool:
    """Whether a learner's events in the content's course complete it."""
    mine = [e for e in events if e["content"] == row["content"]]
    verbs = {e["verb"] for e in mine}
    if verbs & {"completed", "passed"}:
        return True
    kind = row.get("kind")
    rule = RULES.get(kind or "other", "engaged")
    rule = (completion or {}).get(kind or "", rule)
    if rule == "engaged":
        return any(is_engagement(e) for e in mine)
    if rule in ("submitted", "posted"):
        return rule in verbs
    if rule == "watched":
        return watched_enough(row.get("length"), mine)
    return False


def watched_enough(length: float | None, events: list[Row]) -> bool:
    """Distinct seconds watched over length, never the furthest position."""
    if length is None or length <= 0:
        return False
    intervals = []
    opened: dict[Any, float | None] = {}
    for e in events:
        if e["verb"] == "played":
            opened[e["session"]] = e["position"]
        elif e["verb"] in PLAY_ENDS:
            start = opened.pop(e["session"], None)
            end = e["position"]
            if start is not None and end is not None and end - start >= 0.25:
                intervals.append((max(start, 0.0), min(end, length)))
    watched = 0.0
    reached = 0.0
    for start, end in sorted(intervals):
        if end > max(start, reached):
            watched += end - max(start, reached)
            reached = end
    return watched / length >= 0.95


def progress(
    log: Log,
    as_of: int | None = None,
    by: str | None = None,
    completion: dict[str, str] | None = None,
) -> list[Row]:
    """Share of the required, available contents that are completed."""
    at = default_as_of(log) if as_of is None else as_of
    rows = []
    for (learner, course), events in by_pair(log, as_of).items():
        content_rows = course_rows(log, course)
        groups: list[tuple[Row, list[Row]]] = [({}, content_rows)]
        if by == "module":
            modules = sorted({row.get("module") for row in content_rows}, key=first_null)
            groups = [
                ({"module": m}, [r for r in content_rows if r.get("module") == m]) for m in modules
            ]
        for name, members in groups:
            asked = [r for r in members if is_required(r) and is_available(r, at)]
            done = [r for r in asked if is_complete(r, events, completion)]
            rows.append({"learner": learner, "course": course} | name | ratio(log, asked, done))
    return rows


def ratio(log: Log, asked: list[Row], done: list[Row]) -> Row:
    if log.catalog is None:
        return dict.fromkeys(("completed", "available", "progress", "progress_weighted"))
    weights = [r["expected_duration"] for r in asked if r.get("expected_duration") is not None]
    weighted = None
    if len(weights) == len(asked) and sum(weights) > 0:
        weighted = sum(r["expected_duration"] for r in done) / sum(weights)
    return {
        "completed": len(done),
        "available": len(asked),
        "progress": len(done) / len(asked) if asked else None,
        "progress_weighted": weighted,
    }


# ---------------------------------------------------------------- drop-off


def drop_off(
    log: Log,
    as_of: int | None = None,
    inactivity: int = 14 * DAY,
    completion: dict[str, str] | None = None,
) -> list[Row]:
    """Who is still there, who left, and where."""
    at = default_as_of(log) if as_of is None else as_of
    rows = []
    for (learner, course), events in by_pair(log, as_of).items():
        activity = [e for e in events if is_activity(e)]
        engaged = [e for e in events if is_engagement(e)]
        content_rows = course_rows(log, course)
        mine = [e for e in enrolled(log, as_of) if (e["learner"], e["course"]) == (learner, course)]
        starts = [e["start"] for e in mine if e.get("start") is not None]
        over = course_end(log, course)
        h = at if over is None else min(at, over)
        last = activity[-1]["time"] if activity else None
        touched = {e["content"] for e in engaged}
        placed = [
            r for r in content_rows if r["content"] in touched and r.get("position") is not None
        ]
        placed.sort(key=lambda r: (-r["position"], r["content"]))
        furthest = placed[0] if placed else {}
        final = engaged[-1]["content"] if engaged else None
        final_row = facts(log, engaged[-1]) if engaged else {}
        rows.append(
            {
                "learner": learner,
                "course": course,
                "status": status(
                    events, mine, content_rows, at, over, h, last, inactivity, completion
                ),
                "enrolled": min(starts) if starts else None,
                "last_active": last,
                "inactive_days": None if last is None else (h - last) / DAY,
                "furthest_content": furthest.get("content"),
                "furthest_module": furthest.get("module"),
                "furthest_position": furthest.get("position"),
                "last_content": final,
                "last_module": final_row.get("module"),
                "last_position": final_row.get("position"),
            }
        )
    return rows


def status(
    events: list[Row],
    enrollments: list[Row],
    content_rows: list[Row],
    at: int,
    ends: int | None,
    h: int,
    last: int | None,
    inactivity: int,
    completion: dict[str, str] | None,
) -> str:
    """First match wins: withdrawn, completed, never_started, active, stopped."""
    over = ends is not None and ends <= at
    end, outcome = None, None
    if enrollments:
        # the latest start says how it ended; of equal starts, the one without an end
        latest = max(
            enrollments,
            key=lambda e: (
                first_null(e.get("start")),
                e.get("end") is None,
                e.get("end") or 0,
            ),
        )
        end, outcome = latest.get("end"), latest.get("outcome")
    registrations = [e["verb"] for e in events if e["verb"] in REGISTRATION]
    if registrations and registrations[-1] == "unenrolled":
        return "withdrawn"
    if end is not None and end <= at and outcome in (None, "withdrawn"):
        return "withdrawn"
    if end is None and outcome == "withdrawn" and over:
        return "withdrawn"
    if outcome in ("pass", "distinction") and over:
        return "completed"
    required = [r for r in content_rows if is_required(r)]
    if required and all(is_complete(r, events, completion) for r in required):
        return "completed"
    if last is None:
        return "never_started"
    return "active" if last >= h - inactivity else "stopped"
