"""The twin of released tables about leaving: exact counts by plain loops, then rounded and coded."""

from __future__ import annotations

import math
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from twin_course import drop_off
from twin_log import DAY, Cell, Log, Row, by_pair, course_end, default_as_of, is_activity, local_day
from twin_periods import course_start, way_out
from twin_release import Rules

WEEK = 7 * DAY


@dataclass
class Stay:
    """A member's weeks in a course, what ended them, and how many they could have been by now."""

    week: int
    way: str
    could: int


def last_instant(log: Log, course: Cell, at: int) -> int:
    """Return the newest instant of a course that is known of."""
    over = course_end(log, course)
    return over - 1 if over is not None and over <= at else at


def stays(log: Log, course: Cell, as_of: int | None) -> list[Stay]:
    """Count each learner's weeks in a course from her enrollment, else from its start."""
    at = default_as_of(log) if as_of is None else as_of
    found = []
    for row in drop_off(log, as_of):
        begin = course_start(log, course) if row["enrolled"] is None else row["enrolled"]
        if row["course"] != course or begin is None:
            continue
        end, left, completed = way_out(log, row, begin, at, as_of)
        could = max(last_instant(log, course, at) - begin, 0) // WEEK
        way = "left" if left else "completed" if completed else "censored"
        found.append(Stay(min(max(end - begin, 0) // WEEK, could), way, could))
    return found


def stands_for(rules: Rules, count: int) -> float:
    """Return what a curve counts with: nothing where fewer than k are known of."""
    shown, code = rules.code(count)
    return {"low": 0.0, "high": rules.n - rules.k / 2}.get(code) or shown or 0.0


def survival(members: list[Stay], k: int) -> list[Row]:
    """Estimate over the shown counts of every week; show a step when k more have gone that way."""
    rules = Rules(len(members), k)
    weeks = 0
    while rules.code(sum(m.could >= weeks for m in members))[1] != "low":
        weeks += 1
    total = {"left": 0.0, "completed": 0.0, "hazard": 0.0, "variance": 0.0}
    before = {"left": 0.0, "completed": 0.0}
    shown = {"left": (0.0, 0.0), "completed": (0.0, 0.0)}  # incidence, and how many that tells of
    hazard = variance = gone = 0.0
    rows: list[Row] = []
    for week in range(weeks):
        counts = {
            way: stands_for(rules, sum(m.way == way and m.week <= week for m in members))
            for way in ("left", "completed", "censored")
        }
        at_risk = rules.n - gone
        more = {way: max(counts[way] - before[way], 0.0) for way in before}
        events = sum(more.values())
        if events > 0 and at_risk > 0:
            alive = 1 - total["left"] - total["completed"]
            share = {way: number / max(events, at_risk) for way, number in more.items()}
            total["left"] += alive * share["left"]
            total["completed"] += alive * share["completed"]
            total["hazard"] += share["left"]
            if at_risk > events:
                total["variance"] += events / (at_risk * (at_risk - events))
        before = {way: max(counts[way], before[way]) for way in before}
        gone = max(gone, min(sum(counts.values()), rules.n))
        for way in ("left", "completed"):
            if counts[way] - shown[way][1] >= k:
                shown[way] = (total[way], counts[way])
                variance = total["variance"]
                hazard = total["hazard"] if way == "left" else hazard
        alive = 1 - shown["left"][0] - shown["completed"][0]
        enough = alive * rules.n >= k and at_risk >= 2 * k
        low, high = band(alive, variance)
        values = [alive, low, high, shown["left"][0], shown["completed"][0], hazard]
        names = ["survival", "low", "high", "left", "completed", "cumulative_hazard"]
        row = dict(zip(names, values if enough else [None] * 6, strict=True))
        rows.append({"week": week + 1} | row)
    return rows


def band(alive: float, variance: float) -> tuple[float | None, float | None]:
    if not 0 < alive < 1:
        return None, None
    spread = math.exp(1.959963984540054 * math.sqrt(variance) / math.log(alive))
    return min(alive**spread, alive ** (1 / spread)), max(alive**spread, alive ** (1 / spread))


def weekly_drop_off(log: Log, course: Cell, k: int, as_of: int | None) -> list[Row]:
    """Count who was last active in each week of a course or later, and who of them left."""
    at = default_as_of(log) if as_of is None else as_of
    zone = ZoneInfo(log.tz or "UTC")
    start, over = course_start(log, course), course_end(log, course)
    assert start is not None

    def week(instant: int) -> int:
        first = local_day(start, zone, log.day_start)
        return (local_day(instant, zone, log.day_start) - first).days // 7 + 1

    last = week(last_instant(log, course, at))
    events = by_pair(log, as_of)
    reached, left, members = [0] * last, [0] * last, 0
    for row in drop_off(log, as_of):
        if row["course"] != course:
            continue
        members += 1
        within = [
            e["time"]
            for e in events[row["learner"], course]
            if is_activity(e) and (over is None or e["time"] <= over)
        ]
        if not within:
            continue
        own = min(max(week(max(within)), 1), last)
        for step in range(own):
            reached[step] += 1
        left[own - 1] += row["status"] in ("withdrawn", "stopped")
    rules = Rules(members, k)
    return [
        {"step": str(step + 1), "reached": rules.code(reached[step]), "left": rules.code(left[step])}
        for step in range(last)
    ]
