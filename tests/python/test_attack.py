"""``kh.attack`` breaks releases made without a gate, and says so no more than it can prove."""

from __future__ import annotations

import itertools
import math
import random
from fractions import Fraction
from typing import Any

import kohort as kh
import naive_dashboard as naive
import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from naive_dashboard import names
from scipy.optimize import linprog

WHOLE = pl.DataFrame(
    {"metric": ["minutes"], "low": [0.0], "high": [None], "resolution": [1.0]},
    schema_overrides={"high": pl.Float64},
)


def broken(report: kh.AttackReport, attack: str, learners: list[str]) -> dict[str, Any]:
    """Return the one finding of an attack about these learners."""
    rows = report.findings.filter(pl.col("attack") == attack).rows(named=True)
    (found,) = [row for row in rows if row["learners"] == learners]
    assert found["right"] is True
    return found


def against(
    rosters: naive.Rosters, values: naive.Values, *which: str, digits: int | None = None
) -> kh.AttackReport:
    cells = naive.cells(rosters, values, which, digits)
    return kh.attack(naive.table(rosters), cells, truth=naive.truth(values), metrics=WHOLE)


def test_a01_four_learners_are_read_off_their_statistics() -> None:
    values = dict(zip(names(*range(4)), [10.0, 20.0, 30.0, 40.0], strict=True))
    report = against({"board": list(values)}, values, "mean", "sd", "median", "minimum", "maximum")
    assert broken(report, "small_group", list(values))["low"] == pytest.approx(100)
    assert broken(report, "reconstruction", list(values))["values"] == "10, 20, 30, 40"


def test_a02_the_total_of_five_is_known_to_be_one() -> None:
    values = naive.minutes(5)
    assert broken(against({"board": list(values)}, values, "mean"), "small_group", list(values))["exact"]


def test_a03_and_a04_joiners_and_leavers_are_the_difference() -> None:
    values = naive.minutes(21)
    everybody = list(values)
    for before, after in [("20", "21"), ("21", "20")]:
        weeks = {f"week 1: {before}": everybody[: int(before)], f"week 2: {after}": everybody[: int(after)]}
        found = broken(against(weeks, values, "mean"), "difference", everybody[20:])
        assert found["exact"]
        assert found["low"] == pytest.approx(values[everybody[20]])


def test_a05_and_a06_what_nested_groups_leave_over_is_a_total() -> None:
    values = naive.minutes(30)
    everybody = list(values)
    found = broken(
        against({"course": everybody[:20], "board": everybody[:17]}, values, "sum"),
        "difference",
        everybody[17:20],
    )
    assert found["evidence"] == "course - board"
    boards = {"course": everybody, "a": everybody[:12], "b": everybody[12:24]}
    found = broken(against(boards, values, "sum"), "tracker", everybody[24:])
    assert found["evidence"] == "course - a - b"


def test_a07_and_a08_trackers_that_pass_pairwise_checks_single_one_out() -> None:
    values = naive.minutes(25)
    everybody = list(values)
    x, y, t = everybody[:10], everybody[10:20], everybody[20:21]
    found = broken(against({"A": x + t, "B": y, "C": x + y}, values, "mean"), "tracker", t)
    assert found["evidence"] == "A + B - C"

    p, q, r, s = (everybody[i : i + 6] for i in range(0, 24, 6))
    t = everybody[24:]
    rosters = {"A": p + q + t, "B": r + s, "C": p + r, "D": q + s}
    assert all(len(roster) >= 12 for roster in rosters.values())
    for one, other in itertools.permutations(map(set, rosters.values()), 2):
        assert len(one - other) >= 5
        assert len(one & other) == 0 or len(one & other) >= 6
    found = broken(against(rosters, values, "mean"), "tracker", t)
    assert found["evidence"] == "A + B - C - D"
    assert found["low"] == pytest.approx(values[t[0]])


def test_a16_and_a17_counts_of_nobody_and_of_everybody_tell_about_each() -> None:
    modules = dict.fromkeys(names(*range(20)), 3.0)
    cells = naive.counts("board", list(modules.values()), [2, 3, 9])
    report = kh.attack(
        naive.table({"board": list(modules)}), cells, truth=naive.truth(modules), metrics=WHOLE
    )
    assert report.summary.select("attack", "exact", "right", "blind").row(0) == ("bounds", 20, 20, 1.0)
    # Nobody of a hundred has passed 9: each is held by it, and a blind guess is as good.
    values = dict(zip(names(*range(100)), [float(i % 9) for i in range(100)], strict=True))
    report = kh.attack(
        naive.table({"course": list(values)}),
        naive.counts("course", list(values.values()), [9]),
        metrics=WHOLE,
    )
    assert report.findings.select("exact", "high").unique().rows() == [(False, 9.0)]


def test_a18_one_who_dominates_a_sum_is_narrowed() -> None:
    """One learner with 2400 minutes beside ten with 6 at most: the total tells her to within 60."""
    values = dict(zip(names(*range(11)), [2400.0, *[6.0] * 10], strict=True))
    cells = pl.concat(
        [
            naive.cells({"board": list(values)}, values, ["sum"]),
            naive.counts("board", list(values.values()), [6, 60]),
        ]
    )
    report = kh.attack(naive.table({"board": list(values)}), cells, truth=naive.truth(values), metrics=WHOLE)
    assert report.findings.filter(pl.col("attack") == "bounds").is_empty(), "who it is, nobody can say"
    everybody = list(values)
    cells = pl.concat([cells, naive.cells({"old": everybody[1:]}, values, ["maximum"])])
    rosters = naive.table({"board": everybody, "old": everybody[1:]})
    report = kh.attack(rosters, cells, truth=naive.truth(values), metrics=WHOLE)
    found = broken(report, "bounds", everybody[:1])
    assert (found["low"], found["high"]) == (pytest.approx(2400), pytest.approx(2460))


def test_a21_and_a22_decimals_tell_the_number_of_learners() -> None:
    share = pl.DataFrame({"metric": ["passed"], "low": [0.0], "high": [1.0], "resolution": [1.0]})
    members = names(*range(23))
    rows = [("board", None, "n", None, 23.0, 27.0), ("board", "passed", "mean", None, 0.30425, 0.30435)]
    cells = pl.DataFrame(rows, schema=naive.CELLS, orient="row")
    report = kh.attack(naive.table({"board": members}), cells, metrics=share)
    found = report.findings.row(0, named=True)
    assert (found["attack"], found["low"], found["right"]) == ("sample_size", 23.0, True)
    # kohort shows 20 % (5 of 25): read as decimals of a mean, it leads to a number that is wrong.
    rate = pl.col("statistic") == "mean"
    coded = cells.with_columns(
        low=pl.when(rate).then(0.195).otherwise("low"), high=pl.when(rate).then(0.205).otherwise("high")
    )
    sizes = kh.attack(naive.table({"board": members}), coded, metrics=share).findings
    assert sizes.select("low", "right").rows() == [(25.0, False)]


def test_a23_six_statistics_of_six_learners_are_their_values() -> None:
    values = dict(zip(names(*range(6)), [1.0, 3, 4, 4, 7, 9], strict=True))
    report = against({"b": list(values)}, values, "mean", "sd", "median", "minimum", "maximum", digits=2)
    found = broken(report, "reconstruction", list(values))
    assert found["exact"]
    assert found["values"] == "1, 3, 4, 4, 7, 9"


def test_a30_a_single_drop_shows_between_two_steps() -> None:
    """Thirty learners, one leaves at module 4: reached(4) = 30, reached(5) = 29, and left(4) = 1."""
    left = {name: float(name == "L007") for name in names(*range(30))}
    rosters = {"course": list(left), "board": names(*range(12)), "others": names(*range(12, 30))}
    cells = naive.cells(rosters, left, ["sum"])
    public = pl.DataFrame({"metric": ["minutes"], "low": [0.0], "high": [1.0], "resolution": [1.0]})
    report = kh.attack(naive.table(rosters), cells, truth=naive.truth(left), metrics=public)
    exact = report.findings.filter((pl.col("attack") == "bounds") & pl.col("exact"))
    assert exact.height == 18, "all of the others are known to have stayed"
    assert exact["right"].all()


def test_most_histories_of_boards_over_weeks_give_somebody_away() -> None:
    """The negative control of the gate: groups of ten and more, exact means, eight weeks."""
    given_away = 0
    for seed in range(60):
        rosters = naive.weeks(seed, least=10)
        everybody = sorted({learner for members in rosters.values() for learner in members})
        values = dict(zip(everybody, naive.minutes(len(everybody), seed).values(), strict=True))
        report = against(rosters, values, "mean")
        singled = report.findings.filter((pl.col("inferred") == "value") & pl.col("exact"))
        assert report.findings["right"].all(), seed
        given_away += singled.height > 0
    assert given_away >= 54, given_away


def test_means_with_one_decimal_narrow_a_joiner_without_error() -> None:
    values = naive.minutes(21)
    everybody = list(values)
    report = against({"w1": everybody[:20], "w2": everybody}, values, "mean", digits=1)
    found = broken(report, "difference", everybody[20:])
    # 20 and 21 learners, each mean to within 0.05: four whole minutes at most.
    assert not found["exact"]
    assert 0 < found["high"] - found["low"] <= 4
    assert report.findings.height == 1


def nullspace_singles(matrix: list[list[int]]) -> set[int]:
    """Columns that every solution of M x = 0 leaves at 0, by elimination over the rationals."""
    rows = [[Fraction(cell) for cell in row] for row in matrix]
    width = len(matrix[0])
    pivots: list[int] = []
    for column in range(width):
        rank = len(pivots)
        at = next((i for i in range(rank, len(rows)) if rows[i][column]), None)
        if at is None:
            continue
        rows[rank], rows[at] = rows[at], rows[rank]
        rows[rank] = [cell / rows[rank][column] for cell in rows[rank]]
        for i, row in enumerate(rows):
            if i != rank and row[column]:
                rows[i] = [a - row[column] * b for a, b in zip(row, rows[rank], strict=True)]
        pivots.append(column)
    free = [column for column in range(width) if column not in pivots]
    return {pivot for i, pivot in enumerate(pivots) if not any(rows[i][f] for f in free)}


@st.composite
def rosters_of_twelve(draw: st.DrawFn) -> naive.Rosters:
    count = draw(st.integers(2, 7))
    chosen = st.lists(st.integers(0, 11), min_size=2, max_size=11, unique=True)
    return {f"r{i}": names(*sorted(draw(chosen))) for i in range(count)}


@given(rosters_of_twelve(), st.integers(0, 10**6))
def test_just_those_learners_are_found_whom_the_rationals_determine(
    rosters: naive.Rosters, seed: int
) -> None:
    values = naive.minutes(12, seed)
    report = against(rosters, values, "sum")
    found = report.findings.filter(
        pl.col("attack").is_in(["small_group", "difference", "tracker"]) & (pl.col("inferred") == "value")
    )
    everybody = names(*range(12))
    matrix = [[int(name in members) for name in everybody] for members in rosters.values()]
    rank = np.linalg.matrix_rank(np.array(matrix))
    singles = {i for i in range(12) if np.linalg.matrix_rank(np.vstack([matrix, np.eye(12)[i]])) == rank}
    assert singles == nullspace_singles(matrix)
    assert {row[0] for row in found["learners"]} == {everybody[i] for i in singles}
    assert found["right"].all()
    for row in found.iter_rows(named=True):
        assert row["low"] == pytest.approx(values[row["learners"][0]], abs=1e-6)


def bounds_by_scipy(
    rosters: naive.Rosters, cells: pl.DataFrame, most: float
) -> dict[str, tuple[float, float]]:
    everybody = sorted({learner for members in rosters.values() for learner in members})
    rows, limits = [], []
    for release, low, high in cells.select("release", "low", "high").rows():
        row = [float(learner in rosters[release]) for learner in everybody]
        rows += [row, [-cell for cell in row]]
        limits += [high, -low]
    found = {}
    for i, learner in enumerate(everybody):
        goal = np.eye(len(everybody))[i]
        ends = [
            sign * linprog(sign * goal, rows, limits, bounds=(0, most), method="highs").fun
            for sign in (1, -1)
        ]
        found[learner] = (ends[0], ends[1])
    return found


@given(rosters_of_twelve(), st.integers(0, 10**6), st.sampled_from([0.5, 2.0, 5.0]))
def test_bounds_are_those_of_another_solver(rosters: naive.Rosters, seed: int, blur: float) -> None:
    dice = random.Random(seed)
    values = {name: float(dice.randrange(0, 101)) for name in names(*range(12))}
    cells = naive.cells(rosters, values, ["sum"])
    cells = cells.with_columns(pl.col("low") - blur, pl.col("high") + blur)
    public = pl.DataFrame({"metric": ["minutes"], "low": [0.0], "high": [100.0], "resolution": [None]})
    public = public.with_columns(pl.col("resolution").cast(pl.Float64))
    report = kh.attack(naive.table(rosters), cells, truth=naive.truth(values), metrics=public, width=0.2)
    mine = {
        row["learners"][0]: (row["low"], row["high"])
        for row in report.findings.iter_rows(named=True)
        if row["inferred"] == "value"
    }
    theirs = bounds_by_scipy(rosters, cells, 100.0)
    for learner, (low, high) in theirs.items():
        if high - low <= 19.9:
            assert learner in mine, learner
        if high - low < 99.9 and learner in mine:
            own = mine[learner]
            assert own[0] <= low + 1e-4, "never narrower than it is"
            assert own[1] >= high - 1e-4, "never narrower than it is"
    assert report.findings["right"].all()


@given(st.lists(st.integers(0, 8), min_size=2, max_size=5), st.sampled_from([0, 1, 2]))
def test_sets_of_values_are_counted_as_by_trying_all(values: list[int], digits: int) -> None:
    which = ["mean", "sd", "median", "maximum"]
    own = {name: float(v) for name, v in zip(names(*range(len(values))), values, strict=True)}
    cells = naive.cells({"b": list(own)}, own, which, digits)
    public = pl.DataFrame({"metric": ["minutes"], "low": [0.0], "high": [8.0], "resolution": [1.0]})
    report = kh.attack(naive.table({"b": list(own)}), cells, metrics=public)
    said = {row["statistic"]: (row["low"], row["high"]) for row in cells.iter_rows(named=True)}

    def agrees(candidate: tuple[int, ...]) -> bool:
        floats = [float(v) for v in candidate]
        shown = {
            "mean": np.mean(floats),
            "sd": np.std(floats, ddof=1),
            "median": np.quantile(floats, 0.5),
            "maximum": max(floats),
        }
        return all(said[name][0] - 1e-9 <= value <= said[name][1] + 1e-9 for name, value in shown.items())

    sets = [set_ for set_ in itertools.combinations_with_replacement(range(9), len(values)) if agrees(set_)]
    (group,) = report.groups.rows(named=True)
    assert group["complete"]
    # A rounded deviation is used beside a rounded mean as if both could be at any end at once.
    assert group["solutions"] >= len(sets) > 0
    if digits == 2 and len(sets) == 1:
        assert group["solutions"] <= 3
    found = report.findings.filter(pl.col("attack") == "reconstruction")
    if found.height:
        shown = ", ".join(str(v) for v in sorted(values))
        assert shown in found["values"][0].split("; ")


def test_a_blind_guess_stands_beside_the_share_that_is_right() -> None:
    values = dict(zip(names(*range(40)), [30.0] * 20 + [float(i) for i in range(100, 120)], strict=True))
    everybody = list(values)
    report = against({"w1": everybody[:39], "w2": everybody}, values, "mean")
    row = report.summary.filter(pl.col("attack") == "difference").row(0, named=True)
    assert (row["exact"], row["right"], row["checked"], row["blind"]) == (1, 1, 1, 0.5)
    assert "learners whose value is known: 1," in str(report)


def test_learners_and_releases_keep_their_names_and_types() -> None:
    rosters = pl.DataFrame({"release": [1] * 20 + [2] * 21, "learner": [*range(20), *range(21)]})
    cells = pl.DataFrame(
        {"release": ["1", "2"], "metric": "m", "statistic": "sum", "low": [10.0, 11.0], "high": [10.0, 11.0]}
    )
    truth = pl.DataFrame({"learner": [20, 99], "metric": "m", "value": [1.0, 5.0]})
    findings = kh.attack(rosters.to_pandas(), cells.to_arrow(), truth=truth.lazy()).findings
    assert findings["learners"].to_list() == [[20]]
    assert findings["right"].to_list() == [True]


ROSTERS = pl.DataFrame({"release": ["a"], "learner": ["x"]})
GOOD = naive.cells({"a": ["x"]}, {"x": 1.0}, ["sum"])


@pytest.mark.parametrize(
    ("rosters", "cells", "more", "error", "said"),
    [
        (ROSTERS.drop("learner"), GOOD, {}, kh.SchemaError, "learner"),
        (ROSTERS.with_columns(learner=pl.lit(None)), GOOD, {}, kh.SchemaError, "nulls"),
        (ROSTERS.with_columns(learner=1.5), GOOD, {}, kh.SchemaError, "whole numbers"),
        (ROSTERS, GOOD.drop("low"), {}, kh.SchemaError, "low"),
        (ROSTERS, GOOD.with_columns(low=pl.lit("many")), {}, kh.SchemaError, "numbers"),
        (ROSTERS, GOOD.with_columns(statistic=pl.lit("mode")), {}, kh.ParameterError, "one of n, sum"),
        (ROSTERS, GOOD.with_columns(statistic=pl.lit("quantile")), {}, kh.ParameterError, "argument"),
        (ROSTERS, GOOD.with_columns(low=math.nan), {}, kh.ParameterError, "low <= high"),
        (ROSTERS, GOOD.with_columns(low=9.0), {}, kh.ParameterError, "low <= high"),
        (ROSTERS, GOOD.with_columns(metric=pl.lit(None, pl.String)), {}, kh.ParameterError, "metric"),
        (ROSTERS, GOOD, {"k": -1}, kh.ParameterError, "k"),
        (ROSTERS, GOOD, {"width": 2}, kh.ParameterError, "width"),
        (ROSTERS, GOOD, {"truth": GOOD}, kh.SchemaError, "learner"),
        (ROSTERS, GOOD, {"metrics": pl.concat([WHOLE, WHOLE])}, kh.ParameterError, "one row"),
    ],
)
def test_what_cannot_be_attacked_is_refused(
    rosters: pl.DataFrame, cells: pl.DataFrame, more: dict[str, Any], error: type[Exception], said: str
) -> None:
    with pytest.raises(error, match=said):
        kh.attack(rosters, cells, **more)


def test_nothing_is_inferred_from_nothing() -> None:
    for rosters, cells in [(ROSTERS, GOOD.clear()), (ROSTERS.clear(), GOOD), (ROSTERS.clear(), GOOD.clear())]:
        report = kh.attack(rosters, cells)
        assert report.findings.is_empty()
        assert "nothing could be inferred" in str(report)
