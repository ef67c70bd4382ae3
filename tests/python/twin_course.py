"""The twin's progress and drop-off."""

from __future__ import annotations

from twin_log import (
    DAY,
    REGISTRATION,
    RULES,
    Log,
    Row,
    by_day_only,
    by_pair,
    course_end,
    course_rows,
    default_as_of,
    enrolled,
    facts,
    first_null,
    is_activity,
    is_available,
    is_engagement,
    is_required,
)
from twin_video import watched_enough

# ---------------------------------------------------------------- progress


def is_complete(log: Log, row: Row, events: list[Row], completion: dict[str, str] | None) -> bool:
    """Whether a learner's events in the content's course complete it."""
    mine = [e for e in events if e["content"] == row["content"]]
    verbs = {e["verb"] for e in mine}
    kind = row.get("kind")
    rule = RULES.get(kind or "other", "engaged")
    rule = (completion or {}).get(kind or "", rule)
    if "passed" in verbs or ("completed" in verbs and rule != "passed"):
        return True
    if rule == "engaged":
        return any(is_engagement(e) for e in mine)
    if rule in ("submitted", "posted"):
        return rule in verbs
    if rule == "watched":
        return watched_enough(row.get("length"), mine, clock=not by_day_only(log))
    return False


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
            groups = [({"module": m}, [r for r in content_rows if r.get("module") == m]) for m in modules]
        for name, members in groups:
            asked = [r for r in members if is_required(r) and is_available(r, at)]
            done = [r for r in asked if is_complete(log, r, events, completion)]
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
        placed = [r for r in content_rows if r["content"] in touched and r.get("position") is not None]
        placed.sort(key=lambda r: (-r["position"], r["content"]))
        furthest = placed[0] if placed else {}
        final = engaged[-1]["content"] if engaged else None
        final_row = facts(log, engaged[-1]) if engaged else {}
        rows.append(
            {
                "learner": learner,
                "course": course,
                "status": status(log, events, mine, content_rows, at, over, h, last, inactivity, completion),
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
    log: Log,
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
    if required and all(is_complete(log, r, events, completion) for r in required):
        return "completed"
    if last is None:
        return "never_started"
    return "active" if last >= h - inactivity else "stopped"
