"""Dashboards without a gate: exact numbers of whoever is in a group, as many publish them."""

from __future__ import annotations

import random
import statistics
from collections.abc import Callable, Iterable

import polars as pl

Rosters = dict[str, list[str]]
Values = dict[str, float]

STATISTICS: dict[str, Callable[[list[float]], float]] = {
    "sum": sum,
    "mean": statistics.fmean,
    "median": statistics.median,
    "minimum": min,
    "maximum": max,
    "sd": statistics.stdev,
}


def cells(rosters: Rosters, values: Values, which: Iterable[str], digits: int | None = None) -> pl.DataFrame:
    """Publish statistics of a metric called minutes, to so many digits."""
    rows = []
    for release, members in rosters.items():
        own = [values[learner] for learner in members]
        for name in which:
            exact = STATISTICS[name](own)
            shown = exact if digits is None else round(exact, digits)
            half = 0.0 if digits is None else 0.5 * 10**-digits
            rows.append((release, "minutes", name, None, shown - half, shown + half))
    return pl.DataFrame(rows, schema=CELLS, orient="row")


CELLS = {
    "release": pl.String,
    "metric": pl.String,
    "statistic": pl.String,
    "argument": pl.Float64,
    "low": pl.Float64,
    "high": pl.Float64,
}


def counts(release: str, values: list[float], edges: Iterable[float]) -> pl.DataFrame:
    """Publish how many lie at or below each edge."""
    rows = [
        (release, "minutes", "count_at_most", float(edge), float(n), float(n))
        for edge in edges
        for n in [sum(value <= edge for value in values)]
    ]
    return pl.DataFrame(rows, schema=CELLS, orient="row")


def table(rosters: Rosters) -> pl.DataFrame:
    """Return rosters as the attack takes them."""
    rows = [(release, learner) for release, members in rosters.items() for learner in members]
    return pl.DataFrame(rows, schema=["release", "learner"], orient="row")


def truth(values: Values) -> pl.DataFrame:
    """Return values as the attack takes them."""
    rows = [(learner, "minutes", value) for learner, value in values.items()]
    return pl.DataFrame(rows, schema=["learner", "metric", "value"], orient="row")


def names(*numbers: int) -> list[str]:
    return [f"L{number:03}" for number in numbers]


def minutes(n: int, seed: int = 0) -> Values:
    """Heavy-tailed whole minutes."""
    dice = random.Random(seed)
    return {name: float(int(dice.lognormvariate(4, 1))) for name in names(*range(n))}


def weeks(seed: int, *, least: int, boards: int = 3, span: int = 8) -> Rosters:
    """Three boards and their course, week by week: some join, some leave, small groups are held back."""
    dice = random.Random(seed)
    groups = [set(names(*range(100 * board, 100 * board + dice.randrange(8, 25)))) for board in range(boards)]
    fresh = 1000
    made: Rosters = {}
    for week in range(span):
        for members in groups:
            for _ in range(dice.choice([0, 0, 0, 1, 1, 2])):
                members.add(names(fresh)[0])
                fresh += 1
            if dice.random() < 0.25:
                members.discard(dice.choice(sorted(members)))
        course = set().union(*groups)
        for label, roster in [("course", course), *((f"board {i}", own) for i, own in enumerate(groups))]:
            if len(roster) >= least:
                made[f"{label} week {week}"] = sorted(roster)
    return made
