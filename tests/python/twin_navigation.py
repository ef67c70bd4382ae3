"""The twin's navigation: plain loops over the traces of sessions."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise
from math import log as ln
from typing import Any

from twin_log import Log, Row, by_day_only, course_rows, facts, first_null, is_engagement, is_required, pairs
from twin_time import DEFAULT, StudyTime, walks

KINDS = "video page quiz problem assignment discussion file live other".split()


def traces(log: Log, est: StudyTime, as_of: int | None) -> dict[tuple[Any, Any], list[list[Row]]]:
    """Return the engagement events of each learner and course, session by session."""
    found: dict[tuple[Any, Any], list[list[Row]]] = {}
    sessions = {} if by_day_only(log) else walks(log, est, as_of)
    for learner, course in pairs(log, as_of):
        inside = [
            [e for e in session.events if is_engagement(e) and e["course"] == course]
            for session in sessions.get(learner, [])
        ]
        found[learner, course] = [trace for trace in inside if trace]
    return found


def navigation(
    log: Log,
    est: StudyTime = DEFAULT,
    as_of: int | None = None,
    by: str = "content",
    self_loops: bool = False,
) -> list[Row]:
    """Count directly-follows pairs with begins and ends."""
    rows = []
    for (learner, course), inside in traces(log, est, as_of).items():
        counts: Counter[tuple[Any, Any]] = Counter()
        for trace in inside:
            places = [e["content"] if by == "content" else facts(log, e).get(by) for e in trace]
            places = [place for place in places if place is not None]
            if places:
                counts.update(pairwise([None, *places, None]))
        for source, target in sorted(counts, key=lambda edge: [rank(place, by) for place in edge]):
            if source != target or self_loops:
                edge = {"source": source, "target": target, "count": counts[source, target]}
                rows.append({"learner": learner, "course": course} | edge)
    return rows


def rank(place: Any, by: str) -> tuple[bool, Any]:
    return first_null(KINDS.index(place) if by == "kind" and place is not None else place)


def navigation_summary(log: Log, est: StudyTime = DEFAULT, as_of: int | None = None) -> list[Row]:
    """Tell how each learner moves through each course."""
    rows = []
    for (learner, course), inside in traces(log, est, as_of).items():
        steps = [(a, b) for trace in inside for a, b in pairwise(trace)]
        moves = [(a, b) for a, b in steps if a["content"] != b["content"]]
        placed = []
        for a, b in moves:
            here, there = (facts(log, e).get("position") for e in (a, b))
            if here is not None and there is not None:
                placed.append((here, there, b["time"]))
        backward = [there < here for here, there, _ in placed]
        skips = [any(between(row, *move) for row in course_rows(log, course)) for move in placed]
        known = not by_day_only(log)
        rows.append(
            {
                "learner": learner,
                "course": course,
                "transitions": len(moves) if known else None,
                "self_loops": len(steps) - len(moves) if known else None,
                "self_loop_share": (len(steps) - len(moves)) / len(steps) if steps else None,
                "placed": len(placed) if known else None,
                "backward_share": sum(backward) / len(placed) if placed else None,
                "skip_share": sum(skips) / len(placed) if placed else None,
                "entropy": entropy([(a["content"], b["content"]) for a, b in moves]),
            }
        )
    return rows


def between(row: Row, here: float, there: float, time: int) -> bool:
    """Whether a move skips this content: required, placed between, and there at the time."""
    position, since = row.get("position"), row.get("available_from")
    if position is None or not is_required(row):
        return False
    return bool(here < position < there and (since is None or since <= time))


def entropy(moves: list[tuple[Any, Any]]) -> float | None:
    """Mean entropy of the rows of the Markov matrix, weighted by how often each was left."""
    if not moves:
        return None
    total = 0.0
    for source in {a for a, _ in moves}:
        row = Counter(b for a, b in moves if a == source)
        n = sum(row.values())
        own = -sum(k / n * ln(k / n) for k in row.values())
        total += n / len(moves) * own
    return total
