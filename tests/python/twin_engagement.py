"""The twin's labels of assessment periods."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from twin_course import is_complete
from twin_log import (
    Cell,
    Log,
    Row,
    by_pair,
    course_end,
    course_rows,
    default_as_of,
    is_engagement,
    is_required,
    local_day,
)
from twin_participation import has_verbs
from twin_series import course_start, first_instant, timedelta

WORDS = {3: "on_track", 2: "behind", 1: "auditing", 0: "out"}


def engagement(log: Log, as_of: int | None = None, completion: dict[str, str] | None = None) -> list[Row]:
    """Label each learner in each assessment period of each of her courses."""
    now = default_as_of(log) if as_of is None else as_of
    rows = []
    for (learner, course), events in by_pair(log, as_of).items():
        if course is None or log.catalog is None:
            continue
        assessments = [
            row
            for row in course_rows(log, course)
            if is_required(row) and row.get("kind") in ("quiz", "problem", "assignment")
        ]
        if not assessments:
            continue
        rules = [(completion or {}).get(row["kind"]) for row in assessments]
        told = has_verbs(log) or all(rule == "engaged" for rule in rules)
        done = {row["content"]: handed_in(log, row, events, completion) for row in assessments}
        dated = any(row.get("due") is not None for row in assessments)
        bounds = deadlines(log, assessments, now) if dated else weeks(log, course, now)
        for number, (begin, end) in enumerate(bounds, start=1):
            inside = [e for e in events if begin <= e["time"] <= end]
            active = any(is_engagement(e) for e in inside)
            if dated:
                due = [r for r in assessments if r.get("due") is not None and begin <= r["due"] <= end]
                submitted = [r for r in due if done[r["content"]] is not None]
                on_time = [r for r in submitted if done[r["content"]] <= r["due"]]
                level = 3 if len(on_time) == len(due) else 2 if submitted else int(active)
            else:
                times = [t for t in done.values() if t is not None]
                submitted = [{} for t in times if begin <= t <= end]
                level = 3 if submitted else int(active)
            rows.append(
                {
                    "learner": learner,
                    "course": course,
                    "period": number,
                    "until": end,
                    "due": len(due) if dated else None,
                    "submitted": len(submitted) if told else None,
                    "on_time": len(on_time) if dated and told else None,
                    "label": WORDS[level] if told else None,
                    "level": level if told else None,
                }
            )
    return rows


def handed_in(log: Log, row: Row, events: list[Row], completion: dict[str, str] | None) -> int | None:
    """Time of the first event that completes a content by itself."""
    rules = {kind: "completed" if rule == "watched" else rule for kind, rule in (completion or {}).items()}
    times = [e["time"] for e in events if is_complete(log, row, [e], rules)]
    return min(times, default=None)


def deadlines(log: Log, assessments: list[Row], now: int) -> list[tuple[int, int]]:
    """First and last instant of the periods that deadlines end."""
    last: dict[Cell, int] = {}
    for due in sorted(r["due"] for r in assessments if r.get("due") is not None):
        last[local_day(due, ZoneInfo(log.tz or "UTC"), log.day_start)] = due
    ends = sorted(last.values())
    begins = [-(2**62), *(end + 1 for end in ends)]
    return [(begin, end) for begin, end in zip(begins, ends, strict=False) if end <= now]


def weeks(log: Log, course: Cell, now: int) -> list[tuple[int, int]]:
    """First and last instant of the weeks of a course."""
    start, over = course_start(log, course), course_end(log, course)
    if start is None or start > now or (over is not None and over < start):
        return []
    zone = ZoneInfo(log.tz or "UTC")
    day = local_day(start, zone, log.day_start)
    found = []
    while True:
        begin = first_instant(day, zone, log.day_start)
        day += timedelta(days=7)
        end = first_instant(day, zone, log.day_start) - 1
        if over is not None and over <= min(end, now):
            return [*found, (begin, over)]
        if end > now:
            return found
        found.append((begin, end))
