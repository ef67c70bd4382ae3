"""Figures of the notebook that attacks a dashboard and kohort, and what its text says of them."""

from __future__ import annotations

from typing import Any

import polars as pl
import pytest
from notebook_runs import names_of


@pytest.fixture(scope="module")
def names() -> dict[str, Any]:
    return names_of("05_group_results_attacked")


def test_the_dashboard_gives_away_who_leaves_or_joins_alone(names: dict[str, Any]) -> None:
    assert names["present"].group_by("release").len()["len"].min() == 10
    away, left = names["given_away"], names["left"]
    assert (left.height, away.height) == (63, 55)
    assert away.join(left, on="learner", how="semi").height == 42
    assert away.join(names["arrival"], on="learner", how="semi").height == 13
    assert away["right"].all()
    exact = names["exact"].unique(["learner", "metric"])
    assert exact.height == 323
    # Each value found is the one that the personal table has.
    both = exact.join(names["truth"], on=["learner", "metric"], suffix="_true")
    assert both.height == exact.height
    assert (both["value"] == both["value_true"]).all()


def test_kohort_gives_away_nobody_though_all_was_searched(names: dict[str, Any]) -> None:
    report = names["on_kohort"]
    assert report.findings.is_empty()
    assert report.unsearched == []
    assert names["cells"]["release"].n_unique() == 12 * 10
    # Every cell is true of its roster, so the attack had something to hold on to.
    values = names["rosters"].join(names["truth"], on="learner")
    cells = names["cells"].filter(pl.col("statistic") == "count_at_most")
    for (release, metric, edge), part in cells.group_by("release", "metric", "argument"):
        own = values.filter((pl.col("release") == release) & (pl.col("metric") == metric))["value"]
        assert (part["low"] <= (own <= edge).sum()).all()
        assert (part["high"] >= (own <= edge).sum()).all()


def test_late_learners_wait_until_eleven(names: dict[str, Any]) -> None:
    board = names["answering"].filter(pl.col("group") == "board J").sort("week")
    assert board["n"].to_list() == [70] * 8 + [80] * 4
    assert board["coverage"].min() == 0.85


def test_guesses_are_no_better_with_kohort_than_without(names: dict[str, Any]) -> None:
    row = names["guesses"].row(0, named=True)
    assert (row["values"], row["learners"]) == (316, 51)
    assert row["kohort"] <= row["blind"] + 0.02
    shares = [round(row[name], 3) for name in ("blind", "kohort", "dashboard")]
    assert shares == [0.177, 0.161, 0.839]


def test_six_of_seven_medians_are_nearer_than_another_group(names: dict[str, Any]) -> None:
    cost = names["cost"]
    assert cost.height == 7
    further = cost.filter(pl.col("off by %") > pl.col("another group %"))
    assert further["group"].to_list() == ["board I"]
    hours = names["last_week"].filter(pl.col("group") == "board I")["value"] / 3600
    assert not hours.is_between(4, 6).any()
    assert ((hours <= 5).sum(), hours.len()) == (31, 60)


def test_a_board_of_thirty_is_lost_when_one_withdraws(names: dict[str, Any]) -> None:
    rows = (
        names["withdrawals"].filter(pl.col("when") == "after").select("group", "used", "n", "reason").rows()
    )
    assert rows == [
        ("board F", "algebra-1", 300, "LowCoverage"),
        ("board G", "board G", 40, None),
        ("board H", "board H", 35, None),
    ]
