"""The twin's regularity, heat maps and delays."""

from __future__ import annotations

from cmath import exp
from collections import Counter, defaultdict
from datetime import date, datetime, timedelta
from itertools import combinations, pairwise
from math import log as ln
from math import pi
from statistics import median as middle
from typing import Any

from twin_log import (
    Log,
    Row,
    by_day_only,
    by_pair,
    default_as_of,
    facts,
    first_null,
    is_activity,
    is_engagement,
    known,
    learners_of,
    local_day,
    monday,
    wall,
    zone_of,
)
from twin_time import DEFAULT, StudyTime, median, study_time, walks

BY_HOUR = ("pdh", "ws2", "ws3", "fdh", "fwh", "fdh_normalized", "fwh_normalized")


def active_hours(log: Log, learner: Any, events: list[Row]) -> set[datetime]:
    """Hours with activity on the learner's clock, which strikes 0 at ``day_start``."""
    zone = zone_of(log, learner)
    clock = [wall(e["time"], zone) - timedelta(microseconds=log.day_start) for e in events if is_activity(e)]
    return {moment.replace(minute=0, second=0, microsecond=0) for moment in clock}


def entropy(counts: list[int]) -> float:
    return -sum(c / sum(counts) * ln(c / sum(counts)) for c in counts if c)


def jensen_shannon(p: list[float], q: list[float]) -> float:
    def above(x: list[float], y: list[float]) -> float:
        return sum(a * ln(a / b) for a, b in zip(x, y, strict=True) if a)

    mid = [(a + b) / 2 for a, b in zip(p, q, strict=True)]
    return (above(p, mid) + above(q, mid)) / 2


def mean(values: list[float]) -> float | None:
    return sum(values) / len(values) if values else None


def regularity(log: Log, as_of: int | None = None, by: str | None = None) -> list[Row]:
    """The measures of Boroujeni et al. (2016), sum by sum."""
    runs: dict[tuple[Any, ...], list[Row]] = {(x,): [] for x in learners_of(log, as_of)}
    for event in known(log, as_of):
        runs[(event["learner"],)].append(event)
    if by == "course":
        runs = dict(by_pair(log, as_of))
    rows = []
    for key, run in runs.items():
        row = measures(active_hours(log, key[0], run))
        if by_day_only(log):
            row |= dict.fromkeys(BY_HOUR)
        rows.append(dict(zip(["learner", "course"], key, strict=False)) | row)
    return rows


def measures(hours: set[datetime]) -> Row:
    names = "pdh pwd ws1 ws2 ws3 fdh fwh fwd fdh_normalized fwh_normalized fwd_normalized".split()
    if not hours:
        return dict.fromkeys(names)
    days = {hour.date() for hour in hours}
    by_hour = [sum(hour.hour == k for hour in hours) for k in range(24)]
    by_weekday = [sum(day.weekday() == k for day in days) for k in range(7)]
    weeks: dict[date, list[int]] = defaultdict(lambda: [0] * 7)
    for hour in sorted(hours):
        weeks[monday(hour.date())][hour.weekday()] += 1
    ws1, ws2, ws3 = [], [], []
    for p, q in combinations(weeks.values(), 2):
        a, b = ({k for k in range(7) if x[k]} for x in (p, q))
        ws1.append(len(a & b) / max(len(a), len(b)))
        shares = [[v / sum(x) for v in x] for x in (p, q)]
        ws2.append(1 - jensen_shannon(*shares) / ln(2))
        ws3.append(1 - sum(((p[k] - q[k]) / (p[k] + q[k])) ** 2 for k in a | b) / len(a | b))
    start = min(hours)
    since = [(hour - start) // timedelta(hours=1) for hour in hours]
    numbers = [day.toordinal() for day in days]
    fdh = abs(sum(exp(-2j * pi * h / 24) for h in since))
    fwh = abs(sum(exp(-2j * pi * h / 168) for h in since))
    fwd = abs(sum(exp(-2j * pi * (d % 7) / 7) for d in numbers))
    return {
        "pdh": (ln(24) - entropy(by_hour)) * max(by_hour),
        "pwd": (ln(7) - entropy(by_weekday)) * max(by_weekday),
        "ws1": mean(ws1),
        "ws2": mean(ws2),
        "ws3": mean(ws3),
        "fdh": fdh,
        "fwh": fwh,
        "fwd": fwd,
        "fdh_normalized": fdh / len(hours),
        "fwh_normalized": fwh / len(hours),
        "fwd_normalized": fwd / len(days),
    }


def activity_calendar(log: Log, est: StudyTime = DEFAULT, as_of: int | None = None) -> list[Row]:
    """Events, active hours and study time of each day that has any."""
    day_only = by_day_only(log)
    spent = {(r["learner"], r["day"]): r["study_time"] for r in study_time(log, est, as_of, ["day"])}
    rows = []
    for learner in learners_of(log, as_of):
        events = [e for e in known(log, as_of) if e["learner"] == learner and is_activity(e)]
        days = Counter(local_day(e["time"], zone_of(log, learner), log.day_start) for e in events)
        hours = Counter(hour.date() for hour in active_hours(log, learner, events))
        for day in sorted({*days, *(day for who, day in spent if who == learner)}):
            rows.append(
                {
                    "learner": learner,
                    "day": day,
                    "events": days[day],
                    "active_hours": None if day_only else hours[day],
                    "study_time": None if day_only else spent.get((learner, day), 0),
                }
            )
    return rows


def activity_clock(log: Log, est: StudyTime = DEFAULT, as_of: int | None = None) -> list[Row]:
    """Events and study time of each hour of the week that has any."""
    if by_day_only(log):
        return []
    cells: dict[tuple[Any, int, int], list[int]] = defaultdict(lambda: [0, 0])
    for event in known(log, as_of):
        if is_activity(event):
            zone = zone_of(log, event["learner"])
            weekday = local_day(event["time"], zone, log.day_start).isoweekday()
            cells[event["learner"], weekday, wall(event["time"], zone).hour][0] += 1
    for row in study_time(log, est, as_of, ["weekday", "hour"]):
        cells[row["learner"], row["weekday"], row["hour"]][1] += row["study_time"]
    names = ("learner", "weekday", "hour", "events", "study_time")
    return [dict(zip(names, (*key, *cells[key]), strict=True)) for key in sorted(cells)]


def delay(log: Log, est: StudyTime = DEFAULT, as_of: int | None = None, by: str | None = None) -> list[Row]:
    """Delay, earliness, cramming and spacing of each content, or of those of each course."""
    at = default_as_of(log) if as_of is None else as_of
    day_only = by_day_only(log)
    counted = walks(log, est, as_of)
    touched: dict[tuple[Any, Any, Any], list[Row]] = defaultdict(list)
    for event in known(log, as_of):
        if is_engagement(event):
            touched[event["learner"], event["course"], event["content"]].append(event)
    rows, lags_of = [], defaultdict(list)
    crammed_of: dict[Any, list[tuple[int, int]]] = defaultdict(list)
    for key in sorted(touched, key=lambda k: [first_null(v) for v in k]):
        learner, course, content = key
        events = touched[key]
        released, due = (facts(log, events[0]).get(name) for name in ("available_from", "due"))
        window = released is not None and due is not None and released < due
        handed_in = [e["time"] for e in events if e["verb"] == "submitted"]
        visits = [
            [e["time"] for e in s.events if is_engagement(e) and (e["course"], e["content"]) == key[1:]]
            for s in counted[learner]
        ]
        visits = [visit for visit in visits if visit]
        lags = [after[0] - before[-1] for before, after in pairwise(visits)]
        lags_of[learner, course] += lags
        spent = crammed = None
        if window and due <= at and not day_only:
            own = [
                (a, b)
                for s in counted[learner]
                for owner, a, b in s.pieces
                if (owner["course"], owner["content"]) == key[1:]
            ]
            late = due - (due - released) // 10
            spent = sum(max(0, min(b, due) - max(a, released)) for a, b in own)
            crammed = sum(max(0, min(b, due) - max(a, late)) for a, b in own)
            crammed_of[learner, course].append((spent, crammed))
        zone = zone_of(log, learner)
        rows.append(
            {
                "learner": learner,
                "course": course,
                "content": content,
                "available_from": released,
                "due": due,
                "first_active": events[0]["time"],
                "delay": None if released is None else events[0]["time"] - released,
                "submitted": min(handed_in, default=None),
                "earliness": (due - min(handed_in)) / (due - released) if window and handed_in else None,
                "window_study_time": spent,
                "cram_share": crammed / spent if spent else None,  # type: ignore[operator]
                "active_days": len({local_day(e["time"], zone, log.day_start) for e in events}),
                "accesses": None if day_only else len(visits),
                "lag_median": median(lags),
            }
        )
    if by is None:
        return rows
    whole = []
    for pair in dict.fromkeys((row["learner"], row["course"]) for row in rows):
        own = [row for row in rows if (row["learner"], row["course"]) == pair]
        delays = [row["delay"] for row in own if row["delay"] is not None]
        early = [row["earliness"] for row in own if row["earliness"] is not None]
        windows = crammed_of[pair]
        spent = sum(a for a, _ in windows) if windows else None
        whole.append(
            {
                "learner": pair[0],
                "course": pair[1],
                "contents": len(own),
                "delay_median": median(delays),
                "delays": len(delays),
                "earliness_median": middle(early) if early else None,
                "submissions": len(early),
                "window_study_time": spent,
                "cram_share": sum(b for _, b in windows) / spent if spent else None,
                "lag_median": median(lags_of[pair]),
                "lags": None if day_only else len(lags_of[pair]),
            }
        )
    return whole
