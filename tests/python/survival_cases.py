"""Subjects for the survival tests, and the estimators as slow as their definitions."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from hypothesis import strategies as st


@dataclass(frozen=True)
class Case:
    """Times of leaving, what happened then (0: censored), and times of entering."""

    time: list[float]
    event: list[int]
    entry: list[float] | None

    @property
    def any_event(self) -> list[int]:
        return [int(kind > 0) for kind in self.event]

    @property
    def times(self) -> list[float]:
        return sorted(set(self.time))

    def at_risk(self, t: float) -> int:
        entry = self.entry or [-1.0] * len(self.time)
        return sum(1 for a, b in zip(entry, self.time, strict=True) if a < t <= b)

    def events(self, t: float, kind: int | None = None) -> int:
        return sum(
            1
            for b, own in zip(self.time, self.event, strict=True)
            if b == t and (own > 0 if kind is None else own == kind)
        )


@st.composite
def cases(draw: st.DrawFn, *, ties: bool = True, truncated: bool | None = None, most: int = 30) -> Case:
    """Draw subjects; without `ties` no two numbers of all times and entries are the same."""
    n = draw(st.integers(2, most))
    event = draw(st.lists(st.sampled_from([0, 1, 1, 2]), min_size=n, max_size=n))
    late = draw(st.booleans()) if truncated is None else truncated
    if ties:
        time = [float(t) for t in draw(st.lists(st.integers(1, 9), min_size=n, max_size=n))]
        part = st.sampled_from([0.0, 0.3, 0.5, 0.9])
        entry = [float(int(t * draw(part))) for t in time]
    else:
        moments = draw(st.permutations(range(1, 2 * n + 1)))
        pairs = list(zip(moments[:n], moments[n:], strict=True))
        time = [float(max(pair)) for pair in pairs]
        entry = [float(min(pair)) for pair in pairs]
        if draw(st.booleans()):  # most are there from the beginning
            entry = [e if place % 3 == 0 else 0.0 for place, e in enumerate(entry)]
    return Case(time, event, entry if late else None)


def survival(case: Case) -> list[tuple[Fraction, Fraction | None]]:
    """Kaplan-Meier and Greenwood's variance, at each distinct time."""
    rows = []
    for until in case.times:
        s, total, defined = Fraction(1), Fraction(0), True
        for t in case.times:
            if t <= until:
                n, d = case.at_risk(t), case.events(t)
                s *= Fraction(n - d, n)
                if n > d:
                    total += Fraction(d, n * (n - d))
                else:
                    defined = False
        rows.append((s, s * s * total if defined else None))
    return rows


def hazard(case: Case) -> list[tuple[Fraction, Fraction]]:
    """Nelson-Aalen and its variance, at each distinct time."""
    rows = []
    for until in case.times:
        steps = [(case.events(t), case.at_risk(t)) for t in case.times if t <= until]
        rows.append((sum(Fraction(d, n) for d, n in steps), sum(Fraction(d, n * n) for d, n in steps)))
    return rows


def incidence(case: Case, kind: int) -> list[tuple[Fraction, Fraction]]:
    """Aalen-Johansen and the delta method's variance, at each distinct time."""
    before, own = [], []
    s, f = Fraction(1), Fraction(0)
    for t in case.times:
        n = case.at_risk(t)
        before.append(s)
        f += s * Fraction(case.events(t, kind), n)
        own.append(f)
        s *= Fraction(n - case.events(t), n)
    rows = []
    for last in range(len(own)):
        v = Fraction(0)
        for i, t in enumerate(case.times[: last + 1]):
            n, d, e = case.at_risk(t), case.events(t, kind), case.events(t)
            grown = own[last] - own[i]
            if n > e:  # else nobody is left and nothing grows any more
                v += grown**2 * Fraction(e, n * (n - e))
                v -= 2 * grown * before[i] * Fraction(d, n * n)
            v += before[i] ** 2 * Fraction(d * (n - d), n**3)
        rows.append((own[last], v))
    return rows


def mean_until(case: Case, horizon: Fraction) -> tuple[Fraction, Fraction]:
    """Area under the Kaplan-Meier curve, and the variance of this estimate."""
    steps = [Fraction(0), *(Fraction(t) for t in case.times), horizon]
    curve = [Fraction(1), *(s for s, _ in survival(case))]

    def area(since: Fraction) -> Fraction:
        total = Fraction(0)
        for place, s in enumerate(curve):
            a, b = (
                max(steps[place], since),
                min(steps[place + 1] if place + 1 < len(curve) else horizon, horizon),
            )
            total += s * max(b - a, Fraction(0))
        return total

    v = Fraction(0)
    for t in case.times:
        n, d = case.at_risk(t), case.events(t)
        if t <= horizon and n > d:
            v += area(Fraction(t)) ** 2 * Fraction(d, n * (n - d))
    return area(Fraction(0)), v
