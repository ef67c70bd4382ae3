"""What a release makes of exact counts, from the definition: rounding, coding, shares, quantiles."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

Cell = Any


def half_up(value: int, base: int) -> int:
    return (2 * value + base) // (2 * base) * base


@dataclass
class Rules:
    """What the exact number of members allows."""

    exact: int
    k: int
    base: int = 5

    @property
    def n(self) -> int:
        """Return the rounded number."""
        return half_up(self.exact, self.base)

    @property
    def bound(self) -> int:
        """Return the percent below which a share of the group is only bounded."""
        codes = [(300, 1), (100, 2), (40, 5), (20, 10), (0, 20)]
        code = next(percent for least, percent in codes if self.exact >= least)
        return max(code, math.ceil(100 * (self.k - 1) / (self.n - self.base // 2)))

    def code(self, count: int) -> tuple[float | None, str]:
        """Return what is shown of a count, and its code."""
        if count < self.k:
            return None, "low"
        if count > self.exact - self.k:
            return None, "high"
        return float(half_up(count, self.base)), "count"

    def stands_for(self, count: int) -> int:
        """Return the number that later steps count with."""
        shown, code = self.code(count)
        tail = self.k // 2
        return {"low": tail, "high": self.n - tail}.get(code) or int(shown or 0)

    def share(self, part: int, whole: int | None = None) -> list[float | None]:
        """Return a share, its ends, and of how many; of the group if no whole is given."""
        of, bound = self.n, self.bound
        if whole is not None:
            of = self.stands_for(whole)
            if self.code(whole)[1] == "low" or of < 2 * self.k:
                return [None] * 4
            bound = max(bound, math.ceil(100 * (self.k - 1) / (of - self.base // 2)))
        bound = min(bound, 50)
        count = min(self.stands_for(part), of)
        percent = math.floor(100 * count / of + 0.5)
        if percent < bound or percent > 100 - bound:
            ends = [1 - bound / 100, 1.0] if percent >= 50 else [0.0, bound / 100]
            return [None, *ends, float(of)]
        return [percent / 100, *wilson(count, of), float(of)]


def wilson(part: int, whole: int) -> list[float]:
    z = 1.959963984540054
    p, w = part / whole, z * z / whole
    middle, reach = p + w / 2, z * math.sqrt(p * (1 - p) / whole + w / (4 * whole))
    return [(middle - reach) / (1 + w), (middle + reach) / (1 + w)]


def quantile(rules: Rules, values: list[float], grid: list[float], half: float, q: float) -> float | None:
    """Interpolate in the coded counts at or below each edge."""
    if min(q, 1 - q) * rules.exact < rules.k:
        return None
    before: tuple[float, float] | None = None
    for edge, count in points(rules, values, grid, half):
        if count >= q * rules.n:
            if before is None:
                return edge - half
            return before[0] + (edge - before[0]) * (q * rules.n - before[1]) / (count - before[1])
        before = (edge, count)
    return None if before is None else before[0]


def mean(rules: Rules, values: list[float], grid: list[float], half: float) -> float | None:
    """Take what lies in the coded tails as their edges."""
    if rules.exact < 4 * rules.k:
        return None
    codes = [rules.code(count)[1] for count in cumulative(values, grid)]
    found = points(rules, values, grid, half)
    first = max((i for i, code in enumerate(codes) if code == "low"), default=0)
    last = codes.index("high")
    total = (found[first][0] - half) * found[first][1]
    total += found[last][0] * (rules.n - found[last][1])
    for i in range(first, last):
        (a, below), (b, at) = found[i], found[i + 1]
        total += (at - below) * (a + b) / 2
    return total / rules.n


def cumulative(values: list[float], grid: list[float]) -> list[int]:
    return [sum(min(value, grid[-1]) <= edge for value in values) for edge in grid]


def points(rules: Rules, values: list[float], grid: list[float], half: float) -> list[tuple[float, float]]:
    counts = cumulative(values, grid)
    codes = [rules.code(count)[1] for count in counts]
    last_low = max((i for i, code in enumerate(codes) if code == "low"), default=None)
    first_high = codes.index("high") if "high" in codes else None
    found = []
    for i, (edge, count) in enumerate(zip(grid, counts, strict=True)):
        if codes[i] == "low":
            level = rules.k / 2 if i == last_low else 0.0
        elif codes[i] == "high":
            level = rules.n - rules.k / 2 if i == first_high else float(rules.n)
        else:
            level = float(half_up(count, rules.base))
        found.append((edge + half, level))
    return found
