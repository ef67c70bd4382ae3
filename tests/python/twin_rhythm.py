"""The twin's frequency."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from fractions import Fraction
from itertools import pairwise
from math import sqrt
from typing import Any
from zoneinfo import ZoneInfo

from twin_log import (
    DAY,
    Log,
    Row,
    by_day_only,
    by_pair,
    course_end,
    default_as_of,
    enrolled,
    is_activity,
    known,
    learners_of,
    local_day,
    monday,
    wall,
    zone_of,
)
from twin_time import DEFAULT, StudyTime, median, touching, walks


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
            starts = [e.get("start") for e in enrolled(log, as_of) if (e["learner"], e["course"]) == key]
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
    enough_weeks = sorted(w for w, k in Counter(monday(d) for d in days).items() if k >= min_activity)
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
