"""The twin's person-period table: one row for each period of a learner's time in a course."""

from __future__ import annotations

from twin_course import drop_off
from twin_log import (
    DAY,
    Log,
    Row,
    by_pair,
    course_end,
    default_as_of,
    enrolled,
    is_activity,
    is_engagement,
    local_day,
    zone_of,
)


def person_periods(
    log: Log,
    as_of: int | None = None,
    every: int = 7 * DAY,
    inactivity: int = 14 * DAY,
    completion: dict[str, str] | None = None,
) -> list[Row]:
    """Lay out each learner's time in a course as periods with what was known before each."""
    at = default_as_of(log) if as_of is None else as_of
    standing = {(r["learner"], r["course"]): r for r in drop_off(log, as_of, inactivity, completion)}
    rows = []
    for (learner, course), events in by_pair(log, as_of).items():
        if course is None:
            continue
        row = standing[learner, course]
        begin = row["enrolled"] if row["enrolled"] is not None else course_start(log, course)
        if begin is None:
            continue
        end, left, completed = way_out(log, row, begin, at, as_of)
        activity = [e for e in events if is_activity(e)]
        last = max((end - begin) // every, 0)
        for period in range(last + 1):
            ending = period == last
            if ending and not (left or completed):
                break  # not seen to its end
            start = begin + period * every
            before = [e for e in activity if max(e["time"], e["received"] or e["time"]) < start]
            zone = zone_of(log, learner)
            newest = max((e["time"] for e in before), default=None)
            rows.append(
                {
                    "learner": learner,
                    "course": course,
                    "period": period + 1,
                    "start": start,
                    "end": start + every,
                    "left": ending and left,
                    "completed": ending and completed,
                    "events": len(before),
                    "active_days": len({local_day(e["time"], zone, log.day_start) for e in before}),
                    "contents": len({e["content"] for e in before if is_engagement(e)}),
                    "days_since_last": None if newest is None else (start - newest) / DAY,
                }
            )
    return rows


def way_out(log: Log, row: Row, begin: int, at: int, as_of: int | None) -> tuple[int, bool, bool]:
    """Return when a learner's time in a course ended, and whether she left or completed."""
    status, last = row["status"], row["last_active"]
    last = begin if last is None else last
    over = course_end(log, row["course"])
    # after its end a course has no time in which anybody could leave or complete it
    newest = over - 1 if over is not None and over <= at else at
    if status == "withdrawn":
        mine = [
            e for e in enrolled(log, as_of) if (e["learner"], e["course"]) == (row["learner"], row["course"])
        ]
        # the latest enrollment says when it ended, as it says how
        mine.sort(
            key=lambda e: (
                e.get("start") is not None,
                e.get("start") or 0,
                e.get("end") is None,
                e.get("end") or 0,
            )
        )
        ended = mine[-1].get("end") if mine else None
        if ended is not None and (ended > at or mine[-1].get("outcome") not in (None, "withdrawn")):
            ended = None  # that is not how she withdrew
        known = [t for t in (ended, unenrolled(log, row, as_of)) if t is not None]
        return min(*known, newest) if known else min(last, newest), True, False
    if status == "active":
        return (at if over is None else min(at, over)), False, False
    if status == "never_started":
        return begin, False, False
    if status == "completed":
        return min(last, newest), False, True
    return last, True, False


def unenrolled(log: Log, row: Row, as_of: int | None) -> int | None:
    """Return when a learner unenrolled for the last time and did not come back."""
    events = by_pair(log, as_of)[row["learner"], row["course"]]
    since = None
    for event in events:
        if event["verb"] == "enrolled":
            since = None
        elif event["verb"] == "unenrolled" and since is None:
            since = int(event["time"])
    return since


def course_start(log: Log, course: object) -> int | None:
    for row in log.courses or []:
        if row["course"] == course and row.get("starts") is not None:
            return int(row["starts"])
    return None
