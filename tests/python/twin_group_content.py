"""The tables about contents of one group, counted again with plain loops, and their rounding.

Written from the docstrings: what a member did comes from the personal tables of responses and
assessments, everything else from counts that are rounded and coded here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from fractions import Fraction
from math import log, sqrt
from typing import Any

Row = dict[str, Any]
Code = int | str  # a multiple of the base, "low" or "high"


class Group:
    """A group of `n` learners, and the policy it is shown under."""

    def __init__(self, n: int, k: int, base: int = 5) -> None:
        self.n, self.k, self.base = n, k, base
        self.rounded = self.round(n)

    def round(self, count: int) -> int:
        return (2 * count + self.base) // (2 * self.base) * self.base

    def code(self, count: int) -> Code:
        if count < self.k:
            return "low"
        return "high" if count > self.n - self.k else self.round(count)

    def stands_for(self, cell: Code) -> int:
        if cell == "low":
            return self.k // 2
        return self.rounded - self.k // 2 if cell == "high" else int(cell)

    def share(self, part: int, whole: int) -> tuple[float | None, tuple[float, float] | None] | None:
        """Return the share in percent, and the bounds of one that is not shown; ``None`` for too few."""
        if whole < 2 * self.k:
            return None
        part = min(part, whole)
        bound = max(-(-100 * (self.k - 1) // (whole - self.base // 2)), self.bound())
        bound = min(bound, 50)
        percent = (200 * part + whole) // (2 * whole)
        if bound <= percent <= 100 - bound:
            return percent / 100, None
        return None, ((100 - bound) / 100, 1.0) if percent >= 50 else (0.0, bound / 100)

    def bound(self) -> int:
        code = (
            1 if self.n >= 300 else 2 if self.n >= 100 else 5 if self.n >= 40 else 10 if self.n >= 20 else 20
        )
        return min(100, max(code, -(-100 * (self.k - 1) // (self.rounded - self.base // 2))))

    def share_of(self, part: Code, whole: Code) -> tuple[float | None, tuple[float, float] | None] | None:
        return None if whole == "low" else self.share(self.stands_for(part), self.stands_for(whole))

    def chain(self, cells: list[Code]) -> list[float]:
        """What falling counts stand for: halves of halves of k beyond where they are known."""
        made: list[float] = []
        low = self.k / 2
        for cell in cells:
            if cell == "low":
                made.append(low)
                low /= 2
            else:
                made.append(float(cell) if cell != "high" else 0.0)
        short = self.k / 2
        for at in reversed(range(len(cells))):
            if cells[at] == "high":
                made[at] = self.rounded - short
                short /= 2
        return made


def wilson(part: int, n: int) -> tuple[float, float]:
    z = 1.959963984540054
    p = part / n
    middle = (p + z * z / (2 * n)) / (1 + z * z / n)
    half = z / (1 + z * z / n) * sqrt(p * (1 - p) / n + z * z / (4 * n * n))
    return middle - half, middle + half


def struggle(group: Group, contents: list[str], assessments: list[Row]) -> list[Row]:
    rows = []
    for content in contents:
        known = [r for r in assessments if r["content"] == content and r["attempts"] >= 2]
        known = [r for r in known if r["passed"] is not None]
        tried = group.code(len(known))
        stuck = group.code(sum(not r["passed"] for r in known))
        rows.append(
            {"content": content, "tried": tried, "not_passed": stuck, "share": group.share_of(stuck, tried)}
        )
    places = [place(row["share"]) for row in rows]
    for row, own in zip(rows, places, strict=True):
        row["rank"] = None if own is None else 1 + sum(other is not None and other > own for other in places)
    return rows


def place(share: tuple[float | None, tuple[float, float] | None] | None) -> float | None:
    """What shares are ordered by: those that are only bounded come first or last."""
    if share is None:
        return None
    percent, bounds = share
    return percent if bounds is None else float(bounds[1] == 1.0)


def marks(row: Row, levels: int) -> int | None:
    """Marks of a first attempt, to the nearest of 5 or 10 steps."""
    edges = {10: [0.05, 0.15, 0.25, 0.35, 0.45, 0.55, 0.65, 0.75, 0.85, 0.95], 5: [0.1, 0.3, 0.5, 0.7, 0.9]}
    if row["score"] is not None:
        return sum(row["score"] >= edge for edge in edges[levels])
    return None if row["success"] is None else levels * row["success"]


def firsts(responses: list[Row]) -> dict[tuple[str, str], Row]:
    return {(r["learner"], r["content"]): r for r in responses if r["attempt"] == 1}


def fineness(group: Group, others: int) -> tuple[int, int]:
    """Levels of marks, and bands of the share of `others` more items."""
    levels, bands = (5, 10) if group.n < 100 else (10, 20)
    if others == 0:
        return levels, 0
    return levels, bands if others > bands else others * max(1, bands // others)


def band(
    learner: str, content: str, test: list[str], first: dict[tuple[str, str], Row], blank: str, bands: int
) -> int | None:
    """The band of a learner's marks at the other items of a test."""
    got = {c: marks(first[learner, c], 10) for c in test if (learner, c) in first}
    got = {c: own for c, own in got.items() if own is not None}
    rest = [own for c, own in got.items() if c != content]
    met = len(rest)
    if blank == "zero":
        met = len(test) - 1 if got else 0
    if met == 0:
        return None
    return int(bands * Fraction(sum(rest), 10 * met) + Fraction(1, 2))


class Item:
    """One item beside the others of its test."""

    def __init__(
        self,
        group: Group,
        learners: list[str],
        content: str,
        test: list[str],
        responses: list[Row],
        blank: str,
    ) -> None:
        self.group, self.content = group, content
        first = firsts(responses)
        self.levels, self.bands = fineness(group, len(test) - 1)
        own: list[tuple[int, int | None]] = []
        for learner in learners:
            row = first.get((learner, content))
            level = None if row is None else marks(row, self.levels)
            any_marks = any((learner, c) in first and marks(first[learner, c], 10) is not None for c in test)
            if level is None and blank == "zero" and any_marks:
                level = 0
            if level is not None:
                own.append(
                    (level, band(learner, content, test, first, blank, self.bands) if self.bands else None)
                )

        def count(s: int, b: int) -> int:
            return sum(level >= s and other is not None and other >= b for level, other in own)

        self.marked = [group.code(sum(level >= s for level, _ in own)) for s in range(self.levels + 1)]
        self.cells = [
            [group.code(count(s, b)) for b in range(self.bands + 1)] for s in range(self.levels + 1)
        ]
        self.table = fill(group, self.cells)
        self.facility = self.mean()

    def mean(self) -> tuple[float | None, tuple[float, float] | None] | None:
        counts = self.group.chain(self.marked)
        if self.marked[0] == "low":
            return None
        everybody = max(counts[0], self.table[0][0]) if self.marked[0] == "high" else counts[0]
        part = sum(counts[1:]) / self.levels
        return self.group.share(half_up(part), half_up(everybody))

    def usable(self) -> bool:
        group = self.group
        shown = self.facility is not None and self.facility[1] is None
        enough = self.cells[0][0] == "high" or self.table[0][0] >= 10 * group.k
        return shown and self.bands > 0 and group.n >= 10 * group.k and enough


def half_up(value: float) -> int:
    return int(value + 0.5)


def fill(group: Group, cells: list[list[Code]]) -> list[list[float]]:
    """What each cell of a table of "at least" stands for."""
    top, side = group.chain(cells[0]), group.chain([row[0] for row in cells])
    everybody = max(top[0], side[0])
    table: list[list[float]] = []
    for s, row in enumerate(cells):
        table.append([])
        for b, cell in enumerate(row):
            if s == 0 or b == 0:
                value = everybody if s == b else top[b] if s == 0 else side[s]
            elif cell == "high":
                value = min(table[s][0], table[0][b])
            elif cell != "low":
                value = float(cell)
            elif row[0] == "low":
                value = min(group.k - 1.0, table[s][0] * ratio(table[s - 1][b], table[s - 1][0]))
            else:
                value = min(group.k - 1.0, table[0][b] * ratio(table[s][b - 1], table[0][b - 1]))
            before = [everybody, *([table[s - 1][b]] if s else []), *([table[s][b - 1]] if b else [])]
            table[s].append(min(value, *before))
    return table


def ratio(part: float, whole: float) -> float:
    return part / whole if whole > 0 else 0.0


class Moments:
    """Every member of a filled table written out with her level and band, weighted."""

    def __init__(self, table: list[list[float]]) -> None:
        levels, bands = len(table) - 1, len(table[0]) - 1

        def at(s: int, b: int) -> float:
            return table[s][b] if s <= levels and b <= bands else 0.0

        self.people = [
            (at(s, b) - at(s + 1, b) - at(s, b + 1) + at(s + 1, b + 1), s / levels, b / bands)
            for s in range(levels + 1)
            for b in range(bands + 1)
        ]
        self.keys = [(s, b) for s in range(levels + 1) for b in range(bands + 1)]
        self.levels, self.bands = levels, bands
        self.n = table[0][0]
        self.x, self.r = self.average(lambda x, _: x), self.average(lambda _, r: r)
        self.var_x = self.average(lambda x, _: x * x) - self.x**2
        self.var_r = self.average(lambda _, r: r * r) - self.r**2
        self.cov = self.average(lambda x, r: x * r) - self.x * self.r
        most = sum(min(table[s][0], table[0][b]) for s in range(1, levels + 1) for b in range(1, bands + 1))
        self.most = most / self.n / levels / bands - self.x * self.r

    def average(self, of: Callable[[float, float], float]) -> float:
        return sum(weight * of(x, r) for weight, x, r in self.people) / self.n

    def discrimination(self) -> float | None:
        return clamp(self.cov, sqrt(max(0.0, self.var_x * self.var_r)))

    def with_total(self, others: int) -> float | None:
        total = self.var_x + 2 * others * self.cov + others**2 * self.var_r
        return clamp(self.var_x + others * self.cov, sqrt(max(0.0, self.var_x * total)))

    def efficiency(self) -> float | None:
        return clamp(self.cov, self.most)

    def upper_lower(self, others: int) -> float | None:
        size = 0.27 * self.n
        totals: dict[int, list[float]] = {}
        for (weight, x, _), (s, b) in zip(self.people, self.keys, strict=True):
            own = totals.setdefault(s * self.bands + others * b * self.levels, [0.0, 0.0])
            own[0] += weight
            own[1] += weight * x
        if sum(own[0] > 1e-9 for own in totals.values()) < 2:
            return None

        def tail(order: Iterable[int]) -> float:
            left, got = size, 0.0
            for total in order:
                people, points = totals[total]
                part = left / people if people > left else 1.0
                left -= people * part
                got += points * part
                if left <= 1e-12:
                    break
            return got / size

        return max(-1.0, min(1.0, tail(sorted(totals, reverse=True)) - tail(sorted(totals))))


def clamp(part: float, whole: float) -> float | None:
    return max(-1.0, min(1.0, part / whole)) if whole > 1e-12 else None


def item_analysis(
    group: Group, learners: list[str], tests: list[list[str]], responses: list[Row], blank: str
) -> list[Row]:
    rows = []
    for test in tests:
        items = [Item(group, learners, content, test, responses, blank) for content in test]
        others = max(0, sum(item.marked[0] != "low" for item in items) - 1)
        moments = {item.content: Moments(item.table) for item in items if item.usable()}
        shared = {c: m.var_x + others * m.cov for c, m in moments.items()}
        roots = {c: sqrt(v) for c, v in shared.items() if v >= 0}
        for item in items:
            own = moments.get(item.content)
            binary = all(cell == item.marked[1] for cell in item.marked[1:])
            rows.append(
                {
                    "content": item.content,
                    "answered": item.marked[0],
                    "facility": item.facility,
                    "discrimination": own and own.discrimination(),
                    "point_biserial": own.with_total(others) if own and binary else None,
                    "upper_lower": own.upper_lower(others) if own and others else None,
                    "efficiency": own and own.efficiency(),
                    "weight": roots[item.content] / sum(roots.values())
                    if item.content in roots and sum(roots.values()) > 0
                    else None,
                }
            )
    return rows


def reliability(
    group: Group, learners: list[str], tests: list[list[str]], responses: list[Row], blank: str
) -> list[Row]:
    rows = []
    for test in tests:
        items = [Item(group, learners, content, test, responses, blank) for content in test]
        others = max(0, sum(item.marked[0] != "low" for item in items) - 1)
        used = [Moments(item.table) for item in items if item.usable()]
        m = len(used)
        apart = sum(own.var_x for own in used)
        shared = sum((m - 1 if blank == "skip" else others) * own.cov for own in used)
        alpha = m / (m - 1) * (1 - apart / (apart + shared)) if m > 1 and apart + shared > 0 else None
        sem = None if alpha is None else sqrt((apart + shared) * max(0.0, 1 - alpha))
        rows.append({"contents": len(test), "used": m, "alpha": alpha, "sem": sem})
    return rows


def options(group: Group, learners: list[str], contents: list[str], responses: list[Row]) -> list[Row]:
    first = firsts(responses)
    rows = []
    for content in contents:
        given = {
            learner: first[learner, content]["response"]
            for learner in learners
            if (learner, content) in first
        }
        given = {learner: text for learner, text in given.items() if text is not None}
        answered = group.code(len(given))
        _, bands = fineness(group, len(contents) - 1)
        for text in sorted(set(given.values())):
            chosen = group.code(sum(own == text for own in given.values()))
            if chosen == "low":
                continue
            pairs = [
                (int(own == text), band(learner, content, contents, first, "skip", bands))
                for learner, own in given.items()
            ]
            cells = [
                [
                    group.code(sum(x >= s and r is not None and r >= b for x, r in pairs))
                    for b in range(bands + 1)
                ]
                for s in (0, 1)
            ]
            table = fill(group, cells)
            chose, rest = table[1][0], table[0][0] - table[1][0]
            k = group.k
            enough = cells[0][0] == "high" or table[0][0] >= 10 * k
            enough = enough and group.n >= 10 * k and cells[1][0] != "low"
            rows.append(
                {
                    "content": content,
                    "answered": answered,
                    "option": text,
                    "chosen": chosen,
                    "share": group.share_of(chosen, answered),
                    "rest": sum(table[1][1:]) / bands / chose if enough and chose >= 4 * k else None,
                    "discrimination": Moments(table).discrimination()
                    if enough and chose >= 2 * k and rest >= 2 * k
                    else None,
                }
            )
    return rows


def right(row: Row, pass_mark: float | None, opened_only: bool) -> bool | None:
    """Whether an attempt was right, as `assessments` says."""
    score, success = row["score"], row["success"]
    if success is True or (pass_mark is not None and score is not None and score >= pass_mark):
        return True
    if success is False or (pass_mark is not None and score is not None):
        return False
    if score in (0.0, 1.0):
        return bool(score)
    return False if score is None and opened_only else None


def curves(
    group: Group,
    learners: list[str],
    skills: dict[str, list[str]],
    responses: list[Row],
    began: dict[tuple[str, str], Any],
    pass_mark: float | None,
) -> list[Row]:
    """Count errors by opportunity; `began` says when each learner first opened each content."""
    first = firsts(responses)
    rows = []
    for skill, contents in skills.items():
        met: dict[int, list[bool | None]] = {number: [] for number in range(1, len(contents) + 1)}
        for learner in learners:
            own = [c for c in contents if (learner, c) in first]
            own.sort(key=lambda c: (began[learner, c], contents.index(c)))
            for number, content in enumerate(own, start=1):
                met[number].append(right(first[learner, content], pass_mark, opened_only=False))
        for number, outcomes in met.items():
            known = [outcome for outcome in outcomes if outcome is not None]
            answered, errors = group.code(len(known)), group.code(known.count(False))
            rows.append(
                {
                    "skill": skill,
                    "opportunity": number,
                    "answered": answered,
                    "errors": errors,
                    "error_rate": group.share_of(errors, answered),
                    "counts": None
                    if answered == "low" or group.stands_for(answered) < 2 * group.k
                    else (
                        min(group.stands_for(errors), group.stands_for(answered)),
                        group.stands_for(answered),
                    ),
                }
            )
    return rows


def power_law(points: list[tuple[int, float]]) -> tuple[float, float]:
    """Least squares of logarithms: scale and exponent."""
    x, y = [log(at) for at, _ in points], [log(rate) for _, rate in points]
    x_mean, y_mean = sum(x) / len(x), sum(y) / len(y)
    up = sum((a - x_mean) * (b - y_mean) for a, b in zip(x, y, strict=True))
    exponent = up / sum((a - x_mean) ** 2 for a in x)
    return 2.718281828459045 ** (y_mean - exponent * x_mean), exponent
