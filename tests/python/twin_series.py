"""The twin's calendar periods, and its series over them: each row is made of a log cut at its end."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from twin_course import progress
from twin_log import (
    DAY,
    EPOCH,
    MINUTE,
    Cell,
    Log,
    Row,
    course_end,
    default_as_of,
    enrolled,
    first_null,
    is_activity,
    known,
    local_day,
    monday,
    zone_of,
)

QUARTER = 15 * MINUTE


def course_start(log: Log, course: Cell) -> int | None:
    for row in log.courses or []:
        if row["course"] == course and row.get("starts") is not None:
            return int(row["starts"])
    return None


def first_instant(day: date, zone: ZoneInfo, day_start: int) -> int:
    """Return the first instant of a local day."""
    naive = datetime.combine(day, datetime.min.time()) + timedelta(microseconds=day_start)
    at = (naive.replace(tzinfo=zone) - EPOCH) // timedelta(microseconds=1)
    while local_day(at, zone, day_start) < day:
        at += QUARTER
    while local_day(at - 1, zone, day_start) >= day:
        at -= QUARTER  # clocks skip the beginning of the day
    return at


def spells(log: Log, as_of: int | None) -> dict[tuple[Any, Any], tuple[int, int, int]]:
    """From when until when each learner was in each course, and what the last period holds.

    That is the end of the course (so far); in a course without one, the last activity.
    """
    now = default_as_of(log) if as_of is None else as_of
    found: dict[tuple[Any, Any], list[int]] = {}
    acted: dict[tuple[Any, Any], int] = {}
    for event in known(log, as_of):
        told = max(t for t in (event["time"], event["received"]) if t is not None)
        pair = event["learner"], event["course"]
        found.setdefault(pair, []).append(told)
        if is_activity(event):
            acted[pair] = max(told, acted.get(pair, told))

    def end(course: Cell) -> int:
        over = course_end(log, course)
        return now if over is None else min(now, over)

    for row in enrolled(log, as_of):
        course = row["course"]
        start = row.get("start")
        if start is None:
            begun = course_start(log, course)
            start = end(course) if begun is None else min(begun, end(course))
        found.setdefault((row["learner"], course), []).append(start)

    def last(pair: tuple[Any, Any]) -> int:
        if course_end(log, pair[1]) is not None:
            return end(pair[1])
        return max(min(found[pair]), acted.get(pair, min(found[pair])))

    times = {pair: (min(found[pair]), end(pair[1]), last(pair)) for pair in found if pair[1] is not None}
    pairs = sorted(times, key=lambda pair: [first_null(v) for v in pair])
    return {pair: times[pair] for pair in pairs if times[pair][0] <= times[pair][1]}


def periods(
    log: Log, learner: Cell, course: Cell, spell: tuple[int, int, int], length: int, week: str
) -> list[tuple[Cell, int, int]]:
    """Label, first and last instant of each period of ``length`` days."""
    begin, end, last = spell
    zone = zone_of(log, learner)
    day = local_day(begin, zone, log.day_start)
    if week == "course":
        start = course_start(log, course)
        if start is None:
            return []
        anchor = local_day(start, zone, log.day_start)
        first = anchor + timedelta(days=(day - anchor).days // length * length)
    else:
        first = monday(day) if length == 7 else day
    found = []
    while True:
        after = first + timedelta(days=length)
        start, stop = (first_instant(d, zone, log.day_start) for d in (first, after))
        label = (first - anchor).days // length + 1 if week == "course" else first
        found.append((label, start, min(stop - 1, end)))
        if stop > last:
            return found
        first = after


def progress_over_time(
    log: Log,
    as_of: int | None = None,
    every: int = 7 * DAY,
    week: str = "iso",
    completion: dict[str, str] | None = None,
) -> list[Row]:
    """Ask for the progress at the end of each period."""
    then: dict[int, dict[tuple[Any, Any], Row]] = {}
    rows = []
    for (learner, course), spell in spells(log, as_of).items():
        for label, _, at in periods(log, learner, course, spell, every // DAY, week):
            if at not in then:
                told = progress(log, at, completion=completion)
                then[at] = {(row["learner"], row["course"]): row for row in told}
            row = then[at][learner, course]
            rows.append({"learner": learner, "course": course, "period": label, "at": at} | row)
    return rows
