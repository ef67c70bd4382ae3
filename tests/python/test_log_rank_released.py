"""The released log-rank test against lifelines on exact, identified data."""

from __future__ import annotations

import kohort as kh
import polars as pl
import pytest
from lifelines.statistics import multivariate_logrank_test
from test_where_learners_leave import spells_on_roster


def divided(learners: int, seed: int, early: float) -> tuple[kh.LearningData, pl.DataFrame, kh.Simulation]:
    """A course in three boards; on the first an additional part has left early."""
    platform = kh.simulate(learners=learners, courses=1, seed=seed, second_course=0.0)
    exact = spells_on_roster(platform).sort("learner")
    by_week = exact.with_row_index("row").with_columns(
        board=pl.when(((pl.col("way") == "left") & (pl.col("week") < 3)) & (pl.col("row") % 100 < 100 * early))
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
    """The statistic is within 15 % or 1 of the exact one, and p-values agree on which side of 5 %."""
    data, rows, platform = divided(6_000, 3, early)
    groups = data.reference_groups(by="group", as_of=platform.data.personal().as_of)
    released = groups.log_rank()
    assert released["code"].to_list() == ["count"] * 3
    for pair in released.iter_rows(named=True):
        own = rows.filter(pl.col("board").is_in([pair["group"], pair["other"]]))
        statistic, p_value = exact_test(own)
        assert pair["chi_square"] == pytest.approx(statistic, rel=0.15, abs=1.0)
        if min(p_value, pair["p_value"]) < 0.01 or max(p_value, pair["p_value"]) > 0.1:
            assert (pair["p_value"] < 0.05) == (p_value < 0.05)
    (whole,) = groups.log_rank(between="all").iter_rows(named=True)
    statistic, _ = exact_test(rows)
    assert whole["df"] == 2.0
    assert whole["chi_square"] == pytest.approx(statistic, rel=0.15, abs=1.5)


def test_a_course_without_boards_has_nothing_to_compare() -> None:
    data = kh.simulate(learners=300, courses=2, seed=1).data
    table = data.reference_groups(by="course").log_rank()
    assert table["reason"].to_list() == ["no other group of the course"] * 2
    with pytest.raises(kh.ParameterError, match="`between` must be one of"):
        data.reference_groups(by="course").log_rank(between="none")  # type: ignore[arg-type]
