"""Figures of the notebook about study time: what is seeded is known to the digit that it is told with."""

from __future__ import annotations

from typing import Any

import polars as pl
import pytest
from notebook_runs import names_of

# per learner, then per session: bias and mean error in minutes, relative error, rank correlation
BY_GAP = {
    ("learner", "5m"): (-205.70, 205.70, 0.494, 0.982),
    ("learner", "10m"): (-88.38, 88.61, 0.213, 0.988),
    ("learner", "30m"): (16.12, 21.08, 0.051, 0.996),
    ("learner", "60m"): (38.41, 42.39, 0.102, 0.993),
    ("session", "5m"): (-14.34, 14.38, 0.496, 0.614),
    ("session", "10m"): (-6.18, 6.82, 0.235, 0.775),
    ("session", "30m"): (0.80, 2.40, 0.083, 0.959),
    ("session", "60m"): (1.42, 2.93, 0.101, 0.946),
}
# per learner: bias in minutes, relative error
BY_VARIANT = {
    "10 min, long pauses count 0": (-88.38, 0.213),
    "10 min, they count 10 min": (110.80, 0.266),
    "10 min, what is usual for the content": (-48.76, 0.130),
    "30 min, long pauses count 0": (16.12, 0.051),
    "30 min, last click 1 min": (30.48, 0.076),
    "30 min, they count 5 min": (82.94, 0.199),
    "30 min, they count 30 min": (417.04, 1.002),
    "30 min, what is usual for the content": (53.27, 0.129),
    "the platform's sessions": (11.44, 0.041),
    "heartbeat of 1 min": (-326.60, 0.785),
}


@pytest.fixture(scope="module")
def names() -> dict[str, Any]:
    return names_of("03_how_much_is_study_time")


def test_what_is_left_is_coffee_less_tail_in_every_session(names: dict[str, Any]) -> None:
    beside = names["beside"]
    assert beside.height == 8_075
    assert (beside["error"] - beside["distraction"] + beside["tail"]).dt.total_microseconds().abs().sum() == 0
    hours, tail, distraction = names["unseen"].drop("sessions").row(0)
    assert hours == pytest.approx(3_906.15, abs=0.01)
    assert (round(tail, 4), round(distraction, 4)) == (0.0313, 0.0937)
    # seen in all is true less tail plus distraction, whichever way it is added
    seen = names["seen"]["study_time"].dt.total_hours(fractional=True).sum()
    assert seen == pytest.approx(hours * (1 - tail + distraction))


def test_errors_by_gap(names: dict[str, Any]) -> None:
    found = {(unit, gap): rest for unit, gap, *rest in names["by_gap"].iter_rows()}
    assert found.keys() == BY_GAP.keys()
    for key, (bias, error, relative, rank) in BY_GAP.items():
        assert found[key][:2] == pytest.approx((bias, error), abs=0.01), key
        assert found[key][2:] == pytest.approx((relative, rank), abs=0.001), key


def test_errors_by_gap_are_those_of_pauses_added_up_by_hand(names: dict[str, Any]) -> None:
    """The same errors per session from plain pauses between the events of each true session."""
    events = names["platform"].events.drop_nulls("session")
    pauses = events.sort("learner", "time").with_columns(
        pause=pl.col("time").diff().over("learner", "session").fill_null(pl.duration())
    )
    true = names["platform"].truth_sessions.select("learner", "session", "study_time")
    for gap in (5, 10, 30, 60):
        short = pl.col("pause") <= pl.duration(minutes=gap)
        estimate = pauses.group_by("learner", "session").agg(pl.col("pause").filter(short).sum())
        off = true.join(estimate, on=["learner", "session"]).select(
            (pl.col("pause") - pl.col("study_time")).dt.total_microseconds() / 60e6
        )["pause"]
        bias, error, *_ = BY_GAP["session", f"{gap}m"]
        assert off.mean() == pytest.approx(bias, abs=0.01)
        assert off.abs().mean() == pytest.approx(error, abs=0.01)


def test_errors_by_variant(names: dict[str, Any]) -> None:
    rows = {row["variant"]: row for row in names["by_variant"].iter_rows(named=True)}
    assert rows.keys() == BY_VARIANT.keys()
    for name, (bias, relative) in BY_VARIANT.items():
        assert rows[name]["bias"] == pytest.approx(bias, abs=0.01), name
        assert rows[name]["relative"] == pytest.approx(relative, abs=0.001), name
        assert rows[name]["rank"] > 0.98, name


def test_heartbeats_lose_less_than_one_beat(names: dict[str, Any]) -> None:
    sessions, least, mean, most = names["by_beat"].row(0)
    assert sessions == 8_075
    assert 0 <= least <= most < 30
    assert mean == pytest.approx(15, abs=0.3)


def test_the_choice_changes_who_is_below_a_line(names: dict[str, Any]) -> None:
    assert dict(names["agreement"].select("estimator", pl.col("correlation").round(3)).iter_rows()) == {
        "gap_5m": 1.0,
        "gap_30m": 0.98,
        "cap_30m": 0.974,
        "gap_60m": 0.976,
    }
    counts = names["below"].select("estimator", "below 3 hours", "wrongly", "missed").rows()
    assert counts == [
        ("gap_5m", 271, 61, 0),
        ("gap_30m", 209, 3, 4),
        ("cap_30m", 86, 0, 124),
        ("gap_60m", 202, 2, 10),
        ("true", 210, 0, 0),
    ]
    assert names["hours"].height == 563


def test_other_seeds_say_the_same(names: dict[str, Any]) -> None:
    assert len(names["ratios"]) == 10
    assert names["ratios"].mean() == pytest.approx(1.037, abs=0.001)
    assert names["ratios"].std() == pytest.approx(0.0026, abs=0.0002)


def test_planted_modules_are_found(names: dict[str, Any]) -> None:
    assert names["found"].rows() == [(0.3, 54, 54, 426, 0), (0.15, 54, 54, 426, 0), (0.08, 54, 23, 426, 0)]
