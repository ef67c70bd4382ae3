"""The twin's attempts, scores and struggle."""

from __future__ import annotations

from typing import Any

from twin_log import Cell, Log, Row, by_day_only, by_pair, first_null, is_activity

STEPS = ["attempted", "answered", "submitted"]


def role(event: Row) -> str | None:
    """Return the step of work of an event, ``"result"``, or nothing."""
    verb = event["verb"]
    stated = event["score"] is not None or event["success"] is not None
    if verb in STEPS:
        return str(verb)
    if not event["told"] and stated:
        return "answered"
    if verb in ("graded", "passed", "failed") or (verb == "completed" and stated):
        return "result"
    return None


def attempts(events: list[Row]) -> list[list[Row]]:
    """Group the events of one learner at one content into attempts, in the order they began."""
    made: list[list[Row]] = []
    worked: list[Row] | None = None  # the attempt last worked at
    handed: list[Row] | None = None  # the attempt last handed in
    for event in events:
        what = role(event)
        if what is None:
            continue
        mine = choose(event, what, made, worked, handed)
        if mine is None:
            mine = []
            made.append(mine)
        mine.append(event)
        if what == "result":
            handed = mine
            worked = worked if worked is not None else mine
        else:
            worked = mine
            handed = handed if what == "attempted" else mine
    return made


def choose(
    event: Row, what: str, made: list[list[Row]], worked: list[Row] | None, handed: list[Row] | None
) -> list[Row] | None:
    """Find the attempt an event belongs to; ``None`` if it opens one."""
    if event["attempt"] is not None:
        same = [a for a in made if any(e["attempt"] == event["attempt"] for e in a)]
        return same[0] if same else None
    if what in STEPS:
        if worked is None or has_result(worked) or not steps(worked):
            return None
        latest = max(STEPS.index(step) for step in steps(worked))
        return worked if STEPS.index(what) > latest else None
    target = handed
    if handed is None or has_result(handed):
        if worked is not None and not has_result(worked):
            target = worked
    if target is None:
        return None
    judged = any(e["verb"] in ("passed", "failed") for e in target)
    again = event["verb"] in ("passed", "failed") and judged
    return None if again and not steps(target) else target


def steps(attempt: list[Row]) -> list[str]:
    return [str(role(e)) for e in attempt if role(e) != "result"]


def has_result(attempt: list[Row]) -> bool:
    return any(role(e) == "result" for e in attempt)


def last(values: list[Any]) -> Cell:
    stated = [value for value in values if value is not None]
    return stated[-1] if stated else None


def score(attempt: list[Row]) -> float | None:
    return last([e["score"] for e in attempt])  # type: ignore[no-any-return]


def success(attempt: list[Row]) -> bool | None:
    told = {"passed": True, "failed": False}
    return last([told.get(e["verb"], e["success"]) for e in attempt])  # type: ignore[no-any-return]


def handed_in(attempt: list[Row]) -> int:
    work = [e["time"] for e in attempt if role(e) != "result"]
    return int(work[-1] if work else attempt[0]["time"])


def right(attempt: list[Row], pass_mark: float | None) -> bool | None:
    mark, said = score(attempt), success(attempt)
    if said is True or (mark is not None and pass_mark is not None and mark >= pass_mark):
        return True
    if said is False or (mark is not None and pass_mark is not None):
        return False
    if mark in (0, 1):
        return mark == 1
    if mark is None and set(steps(attempt)) == {"attempted"} and not has_result(attempt):
        return False
    return None


def by_content(log: Log, as_of: int | None) -> list[tuple[Row, list[list[Row]]]]:
    """Return learner, course and content with the attempts there, sorted."""
    found = []
    for (learner, course), events in by_pair(log, as_of).items():
        contents = {e["content"] for e in events if is_activity(e)}
        for content in sorted(contents, key=first_null):
            made = attempts([e for e in events if e["content"] == content])
            if made:
                found.append(({"learner": learner, "course": course, "content": content}, made))
    return found


def assessments(log: Log, as_of: int | None = None, pass_mark: float | None = None) -> list[Row]:
    """Sum up the attempts of each learner at each content."""
    rows = []
    for keys, made in by_content(log, as_of):
        scores = [s for s in map(score, made) if s is not None]
        verdicts = [right(attempt, pass_mark) for attempt in made]
        first = None  # the first right attempt, if all before it are known to be wrong
        if True in verdicts and all(v is False for v in verdicts[: verdicts.index(True)]):
            first = verdicts.index(True)
        begin = made[0][0]["time"]
        rows.append(
            keys
            | {
                "attempts": len(made),
                "scored": len(scores),
                "first_score": scores[0] if scores else None,
                "best_score": max(scores) if scores else None,
                "last_score": scores[-1] if scores else None,
                "mean_score": sum(scores) / len(scores) if scores else None,
                "improvement": scores[-1] - scores[0] if len(scores) > 1 else None,
                "first_attempt": begin,
                "last_attempt": made[-1][0]["time"],
                "time_to_first_correct": None
                if first is None or by_day_only(log)
                else handed_in(made[first]) - begin,
                "attempts_to_correct": None if first is None else first + 1,
                "passed": True if True in verdicts else None if None in verdicts else False,
            }
        )
    return rows


def responses(log: Log, as_of: int | None = None) -> list[Row]:
    """Give one row per attempt."""
    return [
        keys
        | {
            "attempt": number,
            "score": score(attempt),
            "success": success(attempt),
            "response": last([e["response"] for e in attempt]),
            "time": handed_in(attempt),
        }
        for keys, made in by_content(log, as_of)
        for number, attempt in enumerate(made, start=1)
    ]


def struggle(log: Log, as_of: int | None = None, pass_mark: float | None = None) -> list[Row]:
    """Count attempts per passed content, one row per learner and course."""
    rows = []
    assessed = assessments(log, as_of, pass_mark)
    for learner, course in by_pair(log, as_of):
        mine = [r for r in assessed if (r["learner"], r["course"]) == (learner, course)]
        passed = sum(r["passed"] is True for r in mine)
        unjudged = sum(r["passed"] is None for r in mine)
        total = sum(r["attempts"] for r in mine)
        rows.append(
            {
                "learner": learner,
                "course": course,
                "contents": len(mine),
                "attempts": total,
                "passed": passed,
                "unjudged": unjudged,
                "stuck": sum(r["passed"] is False and r["attempts"] >= 2 for r in mine),
                "attempts_per_passed": total / passed if passed and not unjudged else None,
            }
        )
    return rows
