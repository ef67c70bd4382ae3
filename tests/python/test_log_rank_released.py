"""The released log-rank test: equal to plain loops over rounded weeks, close to exact data."""

from __future__ import annotations

import kohort as kh
import polars as pl
import pytest
from lifelines.statistics import multivariate_logrank_test
from test_where_learners_leave import spells_on_roster
from twin_release import Rules


def divided(learners: int, seed: int, early: float) -> tuple[kh.LearningData, pl.DataFrame, kh.Simulation]:
    """A course in three boards; on the first an additional part has left early."""
    platform = kh.simulate(learners=learners, courses=1, seed=seed, second_course=0.0)
    exact = spells_on_roster(platform).sort("learner")
    by_week = exact.with_row_index("row").with_columns(
        board=pl.when(
            ((pl.col("way") == "left") & (pl.col("week") < 3)) & (pl.col("row") % 100 < 100 * early)
        )
        .then(pl.lit("B0"))
        .otherwise(pl.format("B{}", pl.col("row") % 3))
    )
    boards = by_week.select(group="board", learner="learner", course=pl.lit(platform.courses["course"][0]))
    data = kh.LearningData(
        platform.events,
        catalog=platform.catalog,
        courses=platform.courses,
        enrollments=platform.enrollments,
        learners=platform.learners,
        memberships=boards,
    )
    return data, by_week, platform


def exact_test(rows: pl.DataFrame) -> tuple[float, float]:
    found = multivariate_logrank_test(
        rows["week"].to_numpy(), rows["board"].to_numpy(), (rows["way"] == "left").to_numpy()
    )
    return float(found.test_statistic), float(found.p_value)


@pytest.mark.parametrize("early", [0.0, 0.1, 0.3])
def test_at_several_thousand_learners_it_says_what_exact_data_say(early: float) -> None:
    """The statistic is within 10 % or 0.8 of the exact one, and p-values agree on which side of 5 %."""
    data, rows, platform = divided(6_000, 3, early)
    groups = data.reference_groups(by="group", as_of=platform.data.personal().as_of)
    released = groups.log_rank()
    assert released["code"].to_list() == ["count"] * 3
    for pair in released.iter_rows(named=True):
        own = rows.filter(pl.col("board").is_in([pair["group"], pair["other"]]))
        statistic, p_value = exact_test(own)
        assert pair["chi_square"] == pytest.approx(statistic, rel=0.1, abs=0.8)
        if min(p_value, pair["p_value"]) < 0.01 or max(p_value, pair["p_value"]) > 0.1:
            assert (pair["p_value"] < 0.05) == (p_value < 0.05)
    (whole,) = groups.log_rank(between="all").iter_rows(named=True)
    statistic, _ = exact_test(rows)
    assert whole["df"] == 2.0
    assert whole["chi_square"] == pytest.approx(statistic, rel=0.1, abs=0.8)


def test_a_course_without_boards_has_nothing_to_compare() -> None:
    data = kh.simulate(learners=300, courses=2, seed=1).data
    table = data.reference_groups(by="course").log_rank()
    assert table["reason"].to_list() == ["no other group of the course"] * 2
    with pytest.raises(kh.ParameterError, match="`between` must be one of"):
        data.reference_groups(by="course").log_rank(between="none")  # type: ignore[arg-type]


# ---------------------------------------------------------------- the twin: rounded weeks, plain loops

Week = tuple[int, int]  # left, at risk


def rounded_weeks(rows: pl.DataFrame, rules: Rules, weeks: int) -> list[list[int]]:
    """Per way out and week the released count of those who are out by its end; low counts as none."""
    found = []
    for way in ("left", "completed", "censored"):
        out = rows.filter(pl.col("way") == way)["week"].to_list()
        counts = [sum(week <= last for week in out) for last in range(weeks)]
        found.append([0 if count < rules.k else rules.stands_for(count) for count in counts])
    return found


def compared(boards: list[tuple[pl.DataFrame, Rules]], weeks: int) -> list[list[Week]]:
    """From the first week by whose end all have lost k, while all have five units at risk."""
    cells = [rounded_weeks(rows, rules, weeks) for rows, rules in boards]
    first = max(sum(count == 0 for count in left) for left, _, _ in cells)
    found = []
    for (_, rules), (left, completed, censored) in zip(boards, cells, strict=True):
        own, gone, before = [], 0, 0
        for week in range(first, weeks):
            own.append((left[week] - before, rules.n - gone))
            before, gone = left[week], left[week] + completed[week] + censored[week]
        found.append(own)
    unit = max(boards[0][1].k, 2 * boards[0][1].base)
    enough = [all(at_risk >= 5 * unit for _, at_risk in now) for now in zip(*found, strict=True)]
    last = enough.index(False) if False in enough else len(enough)
    return [own[:last] for own in found]


def two_sample(one: list[Week], other: list[Week]) -> tuple[float, float]:
    """Return the statistic, and (O / E) / (O' / E')."""
    observed = expected = total = variance = 0.0
    for (d1, n1), (d2, n2) in zip(one, other, strict=True):
        d, n = d1 + d2, n1 + n2
        observed, total, expected = observed + d1, total + d, expected + d * n1 / n
        variance += d * (n - d) / (n - 1) * n1 / n * n2 / n
    ratio = observed / expected / ((total - observed) / (total - expected))
    return (observed - expected) ** 2 / variance, ratio


@pytest.mark.parametrize("seed", [1, 2, 3, 4])
@pytest.mark.parametrize("k", [5, 10])
def test_it_is_the_test_of_the_rounded_weeks(seed: int, k: int) -> None:
    data, rows, platform = divided(700, seed, 0.2)
    as_of = platform.data.personal().as_of
    groups = data.reference_groups(by="group", as_of=as_of, policy=kh.ReleasePolicy(k=k))
    weeks = groups.survival().group_by("group").len()["len"].max()
    assert isinstance(weeks, int)
    boards = {}
    for (board,), own in rows.group_by("board"):
        boards[board] = (own, Rules(own.height, k))
    for pair in groups.log_rank().iter_rows(named=True):
        both = [boards[pair["group"]], boards[pair["other"]]]
        statistic, ratio = two_sample(*compared(both, weeks))
        assert pair["chi_square"] == pytest.approx(statistic, rel=1e-9)
        assert pair["hazard_ratio"] == pytest.approx(ratio, rel=1e-9)
        assert (pair["n"], pair["n_other"]) == (both[0][1].n, both[1][1].n)
