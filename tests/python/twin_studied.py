"""The twin's list of contents a learner touched, and her pace."""

from __future__ import annotations

from typing import Any

from twin_course import is_complete, progress
from twin_log import (
    Log,
    Row,
    by_day_only,
    by_pair,
    course_end,
    course_rows,
    default_as_of,
    facts,
    first_null,
    is_activity,
    is_available,
    is_engagement,
    is_required,
    kept,
    local_day,
    zone_of,
)
from twin_time import DEFAULT, StudyTime, walks


def studied_content(
    log: Log,
    est: StudyTime = DEFAULT,
    as_of: int | None = None,
    completion: dict[str, str] | None = None,
) -> list[Row]:
    """One row for each content of a course that a learner engaged with."""
    day_only = by_day_only(log)
    visits = visit_counts(log, est, as_of)
    credited: dict[Any, int] = {}
    for learner, counted in walks(log, est, as_of).items():
        for session in counted:
            for owner, a, b in session.pieces:
                key = (learner, owner["course"], owner["content"])
                credited[key] = credited.get(key, 0) + (b - a if is_engagement(owner) else 0)
    rows = []
    for (learner, course), events in by_pair(log, as_of).items():
        touched = [e for e in events if is_activity(e) and is_engagement(e) and e["content"] is not None]
        for content in sorted({e["content"] for e in touched}, key=first_null):
            mine = [e for e in touched if e["content"] == content]
            row = facts(log, mine[0])
            zone = zone_of(log, learner)
            key = (learner, course, content)
            known = [r for r in course_rows(log, course) if r["content"] == content]
            rows.append(
                {
                    "learner": learner,
                    "course": course,
                    "content": content,
                    "module": row.get("module"),
                    "kind": row.get("kind"),
                    "events": len(mine),
                    "visits": None if day_only else visits[key],
                    "study_time": None if day_only else credited.get(key, 0),
                    "active_days": len({local_day(e["time"], zone, log.day_start) for e in mine}),
                    "first_active": mine[0]["time"],
                    "last_active": mine[-1]["time"],
                    "completed": is_complete(log, known[0], events, completion) if known else None,
                }
            )
    return rows


def visit_counts(log: Log, est: StudyTime, as_of: int | None) -> dict[Any, int]:
    """Count runs of engagement with one content that no other content interrupts."""
    counts: dict[Any, int] = {}
    session_of: dict[int, Any] = {}
    for learner, counted in walks(log, est, as_of).items():
        for number, session in enumerate(counted):
            session_of |= {id(e): (learner, number) for e in session.events}
    mine: dict[Any, list[Row]] = {}
    for (learner, _), events in by_pair(log, as_of).items():
        mine.setdefault(learner, []).extend(events)
    for learner, events in mine.items():
        last: Any = None
        for e in in_order(log, events):
            if not (is_activity(e) and is_engagement(e)) or e["content"] is None:
                continue
            here = (e["course"], e["content"], session_of.get(id(e)))
            if here != last:
                key = (learner, e["course"], e["content"])
                counts[key] = counts.get(key, 0) + 1
            last = here
    return counts


def in_order(log: Log, events: list[Row]) -> list[Row]:
    """A learner's events of all courses in the order of the log."""
    place = {id(e): i for i, e in enumerate(kept(log))}
    return sorted(events, key=lambda e: place[id(e)])


def pace(log: Log, as_of: int | None = None, completion: dict[str, str] | None = None) -> list[Row]:
    """Progress less the share of the available contents whose deadline has come."""
    at = default_as_of(log) if as_of is None else as_of
    rows = []
    for row in progress(log, as_of, completion=completion):
        expected = None if log.catalog is None else expected_share(log, row["course"], at)
        own = row["progress"]
        rows.append(
            {
                "learner": row["learner"],
                "course": row["course"],
                "progress": own,
                "expected": expected,
                "pace": None if own is None or expected is None else own - expected,
            }
        )
    return rows


def expected_share(log: Log, course: Any, at: int) -> float | None:
    required = [r for r in course_rows(log, course) if is_required(r)]
    opened = [r for r in required if is_available(r, at)]
    releases = {r["available_from"] for r in required if r.get("available_from") is not None}
    dated = any(r.get("due") is not None for r in required)
    if course is None or not opened or not (dated or len(releases) >= 2):
        return None
    over = 0
    for row in opened:
        release = row.get("available_from")
        if dated:
            deadline = row.get("due")
        else:
            deadline = min((r for r in releases if release is not None and r > release), default=None)
        if deadline is None:
            deadline = course_end(log, course)
        over += deadline is not None and deadline <= at
    return over / len(opened)
