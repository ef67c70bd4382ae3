"""The twin's sessions and study time."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

from twin_log import (
    CALENDAR,
    DAY_REASON,
    MINUTE,
    Cell,
    Log,
    Row,
    by_day_only,
    cut,
    facts,
    first_null,
    is_activity,
    is_engagement,
    known,
    learners_of,
    local_day,
    monday,
    pairs,
    wall,
    zone_of,
)


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
    #: the time between pings and what the first one counts; then gaps count nothing
    heartbeat: tuple[int, int] | None = None


DEFAULT = StudyTime()


@dataclass
class Session:
    """A run of one learner's activity, with its credited pieces ``(owner, start, end)``."""

    events: list[Row]
    pieces: list[tuple[Row, int, int]] = field(default_factory=list)

    @property
    def study_time(self) -> int:
        return sum(end - start for _, start, end in self.pieces)


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
    ends_session = [i == last or breaks(activity[i], activity[i + 1], est) for i in range(len(activity))]
    gaps: list[int] = [b["time"] - a["time"] for a, b in pairwise(activity)]
    inside = [(kinds[i], gaps[i]) for i in range(last) if not ends_session[i] and gaps[i] <= est.gap]

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
        if est.heartbeat is not None:
            session.pieces += ping(session.events, *est.heartbeat)
            continue
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
            # what stands in for a longer pause, or for none, is the event's own
            is_gap = not ends_session[i] and gaps[i] <= est.gap
            if est.attribute_to == "following" and is_gap:
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


def ping(events: list[Row], every: int, min_visit: int) -> list[tuple[Row, int, int]]:
    """What the last of a session's events so far adds to its content."""
    event = events[-1]
    if event["content"] is None:
        return []
    before = {e["time"] // every for e in events[:-1] if e["content"] == event["content"]}
    new = event["time"] // every not in before
    length = min_visit if not before else every if new else 0
    return [(event, event["time"], event["time"] + length)] if length > 0 else []


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
            dict(zip(["learner", *dims], key, strict=True)) | {"study_time": None, "reason": DAY_REASON}
            for key in keys
        ]
    totals: dict[tuple[Any, ...], int] = {}
    for learner, counted in walks(log, est, as_of).items():
        zone = zone_of(log, learner)
        if not dims:
            totals[(learner,)] = sum(session.study_time for session in counted)
        for session in counted if dims else []:
            for owner, start, end in session.pieces:

                def label(t: int, owner: Row = owner, zone: ZoneInfo = zone) -> list[Cell]:
                    where = calendar(log, owner, t, zone, week)
                    return [where[d] for d in dims if d in CALENDAR]

                for a, b in cut(start, end, label) if set(dims) & set(CALENDAR) else [(start, end)]:
                    for topic, length in shares(log, owner, b - a, "topic" in dims):
                        where = place(log, owner, a, zone, week) | {"topic": topic}
                        key = (learner, *(where[d] for d in dims))
                        totals[key] = totals.get(key, 0) + length
    keys = sorted(totals, key=lambda key: [first_null(v) for v in key])
    return [
        dict(zip(["learner", *dims], key, strict=True)) | {"study_time": totals[key], "reason": None}
        for key in keys
        if totals[key] > 0 or not dims
    ]


def shares(log: Log, owner: Row, length: int, split: bool) -> list[tuple[Any, int]]:
    """Divide a piece equally among the topics of its content, the rest to the first ones."""
    topics = sorted(facts(log, owner).get("topics") or [])
    if not split or not topics:
        return [(None, length)]
    each, rest = divmod(length, len(topics))
    return [(topic, each + (1 if i < rest else 0)) for i, topic in enumerate(topics)]


def place(log: Log, owner: Row, start: int, zone: ZoneInfo, week: str) -> Row:
    """Everything a piece can be split by, but the topic."""
    row = facts(log, owner)
    return calendar(log, owner, start, zone, week) | {
        "course": owner["course"],
        "content": owner["content"],
        "module": row.get("module"),
        "kind": row.get("kind"),
    }


def calendar(log: Log, owner: Row, instant: int, zone: ZoneInfo, week: str) -> Row:
    """Local day, week, month, weekday and true local hour of an instant."""
    day = local_day(instant, zone, log.day_start)
    return {
        "day": day,
        "week": monday(day) if week == "iso" else week_of_course(log, owner["course"], day, zone),
        "month": day.replace(day=1),
        "weekday": day.isoweekday(),
        "hour": wall(instant, zone).hour,
    }


def touching(counted: list[Session], course: Cell) -> list[list[Row]]:
    """List the events in a course of each session that has one."""
    inside = [[e for e in session.events if e["course"] == course] for session in counted]
    return [events for events in inside if events]
