"""The twin's weekly features: each week from the log as it was known at the week's end."""

from __future__ import annotations

from typing import Any

from twin_assessment import by_content, handed_in, has_result, right, score, steps, success
from twin_log import (
    HOUR,
    Cell,
    Log,
    Row,
    by_day_only,
    course_end,
    course_rows,
    default_as_of,
    facts,
    is_activity,
    is_required,
    known,
)
from twin_participation import has_verbs
from twin_series import periods, spells
from twin_time import DEFAULT, StudyTime, walks


def ratio(a: float, b: int) -> float | None:
    return a / b if b else None


def whole_ratio(a: int, b: int) -> int | None:
    return a // b if b else None


def is_handed_in(attempt: list[Row]) -> bool:
    """Whether there is more of an attempt than its opening."""
    stated = score(attempt) is not None or success(attempt) is not None
    return stated or has_result(attempt) or set(steps(attempt)) != {"attempted"}


def submissions(
    log: Log, learner: Cell, course: Cell, as_of: int | None
) -> list[tuple[Cell, int, list[Row]]]:
    """List content, time and events of each attempt that was handed in."""
    return [
        (keys["content"], handed_in(attempt), attempt)
        for keys, made in by_content(log, as_of)
        if (keys["learner"], keys["course"]) == (learner, course)
        for attempt in made
        if is_handed_in(attempt)
    ]


def weekly_features(
    log: Log,
    est: StudyTime = DEFAULT,
    as_of: int | None = None,
    week: str = "iso",
    pass_mark: float | None = None,
) -> list[Row]:
    """Cut the log at the end of each week and look at the week alone."""
    now = default_as_of(log) if as_of is None else as_of
    rows = []
    for (learner, course), spell in spells(log, as_of).items():
        end = spell[1]
        shares: list[float] = []
        over = course_end(log, course)
        later = [time for _, time, _ in submissions(log, learner, course, as_of) if time <= end]
        for label, start, at in periods(log, learner, course, spell, 7, week):
            on = start + 9 * 24 * HOUR
            following = periods(log, learner, course, (start, on, on), 7, week)
            stop = following[1][1]
            seen = one_week(log, est, learner, course, (start, at, stop), pass_mark)
            share = None if seen["due_correct"] is None else ratio(seen["due_correct"], seen["due"])
            mean = sum(shares) / len(shares) if shares else None
            active = any(time >= start for time in later)
            ended = over is not None and over <= now
            rows.append(
                {"learner": learner, "course": course, "week": label, "at": at}
                | seen
                | {
                    "due_correct_share": share,
                    "due_correct_change": None if share is None or mean is None else share - mean,
                    "time_before_due": seen["time_before_due"],
                    "stopped_out": not active if active or (later and ended) else None,
                }
            )
            shares += [] if share is None else [share]
    order = list(rows[0]) if rows else []
    moved = ["time_before_due", "stopped_out"]
    names = [name for name in order if name not in moved] + moved
    return [{name: row[name] for name in names} for row in rows]


def one_week(
    log: Log, est: StudyTime, learner: Cell, course: Cell, bounds: tuple[int, int, int], mark: float | None
) -> Row:
    start, at, stop = bounds
    mine = [e for e in known(log, at) if (e["learner"], e["course"]) == (learner, course)]
    acts = [e for e in mine if is_activity(e) and start <= e["time"] <= at]
    times = [(e["time"] - start) / HOUR for e in acts]
    mean = sum(times) / len(times) if times else 0.0
    verbs = [e["verb"] for e in acts]
    written = {verb: verbs.count(verb) if has_verbs(log) else None for verb in ("posted", "replied")}
    together = sum(verbs.count(verb) for verb in ("posted", "replied", "commented"))

    sessions = walks(log, est, at).get(learner, [])
    pieces = [
        (facts(log, owner).get("kind"), min(b, stop) - max(a, start))
        for session in sessions
        for owner, a, b in session.pieces
        if owner["course"] == course and min(b, stop) > max(a, start)
    ]
    minutes = not by_day_only(log)
    studied = sum(length for _, length in pieces)

    def on(*kinds: str) -> int | None:
        return (
            sum(length for kind, length in pieces if kind in kinds)
            if minutes and log.catalog is not None
            else None
        )

    every = submissions(log, learner, course, at)
    handed = [s for s in every if start <= s[1] <= at]
    good = [s for s in handed if right(s[2], mark)]
    problems: dict[Any, list[int]] = {}
    for content, time, _ in handed:
        problems.setdefault(content, []).append(time)
    solved = {content for content, _, _ in good}
    deadlines = {r["content"]: r["due"] for r in course_rows(log, course) if r.get("due") is not None}
    early = [deadlines[content] - time for content, time, _ in handed if content in deadlines]
    asked = [
        row["content"]
        for row in course_rows(log, course)
        if row["content"] in deadlines
        and start <= row["due"] <= at
        and is_required(row)
        and row.get("kind") in ("quiz", "problem", "assignment")
    ]
    ever = {content for content, _, attempt in every if right(attempt, mark)}
    tried = any(name in row for row in log.events for name in ("verb", "score", "success"))
    counts = {
        "problems": len(problems),
        "submissions": len(handed),
        "problems_correct": len(solved),
        "submissions_correct": len(good),
        "due_correct": None if log.catalog is None else len(ever & set(asked)),
    }
    if not tried:
        counts = dict.fromkeys(counts)
    return {
        "events": len(acts),
        "event_time_variance": sum((t - mean) ** 2 for t in times) / (len(times) - 1)
        if len(times) > 1
        else None,
        "study_time": studied if minutes else None,
        "video_time": on("video"),
        "reading_time": on("page", "file"),
        "longest_event": max((length for _, length in pieces), default=None) if minutes else None,
        "posts": written["posted"],
        "replies": written["replied"],
        "collaborations": together if has_verbs(log) else None,
        "problems": counts["problems"],
        "submissions": counts["submissions"],
        "submissions_per_problem": ratio(len(handed), len(problems)),
        "problems_correct": counts["problems_correct"],
        "problems_per_correct": ratio(len(problems), len(solved)),
        "study_time_per_correct": whole_ratio(studied, len(solved)) if minutes else None,
        "time_to_solve": whole_ratio(sum(max(t) - min(t) for t in problems.values()), len(problems))
        if minutes
        else None,
        "submissions_correct": counts["submissions_correct"],
        "submissions_correct_share": ratio(len(good), len(handed)),
        "due": None if log.catalog is None else len(asked),
        "due_correct": counts["due_correct"],
        "time_before_due": whole_ratio(sum(early), len(early)),
    }
