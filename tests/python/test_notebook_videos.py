"""Figures of the notebook about the videos of France Université Numérique."""

from __future__ import annotations

from typing import Any

import pytest
from notebook_runs import names_of


@pytest.fixture(scope="module")
def names() -> dict[str, Any]:
    return names_of("04_videos_examined")


def test_the_dates_are_shuffled_and_the_hours_are_not(names: dict[str, Any]) -> None:
    assert names["too_long"] == {
        "pauses": 6_858,
        "over 30 minutes": 3_273,
        "of these within 30 minutes of whole days": 3_066,
    }
    dated, clock = names["as_dated_agrees"], names["in_order_agrees"]
    assert (dated[0], clock[0]) == (814, 1_019)
    assert (round(dated[1], 3), round(clock[1], 3)) == (0.106, 0.421)


def test_sessions_and_hours(names: dict[str, Any]) -> None:
    dated, clock = names["sittings"].rows(named=True)
    assert (dated["sessions"], clock["sessions"]) == (4_690, 1_833)
    assert (round(dated["hours in all"], 1), round(clock["hours in all"], 1)) == (301.5, 131.5)
    assert (round(clock["median minutes"], 2), round(clock["single events"], 3)) == (0.58, 0.376)


def test_coverage_is_what_the_player_told(names: dict[str, Any]) -> None:
    assert names["agrees"].row(0) == (581, 1.0)
    rows = {row["content"]: row for row in names["coverage"].iter_rows(named=True)}
    shown = {name: (row["learners"], row["known"], round(row["coverage"], 3)) for name, row in rows.items()}
    assert shown == {
        "254 s (a)": (212, 193, 0.994),
        "254 s (b)": (363, 331, 0.997),
        "480 s": (193, 170, 0.972),
        "508 s": (149, 121, 0.909),
        "579 s": (209, 194, 0.999),
    }
    assert sum(row["learners"] - row["known"] for row in rows.values()) == 117
    whole = {round(row["watched_whole"], 2) for row in rows.values()}
    assert (min(whole), max(whole)) == (0.43, 0.71)


def test_where_they_stop_and_what_they_see_again(names: dict[str, Any]) -> None:
    found = {
        row["content"]: (row["starters"], round(row["gone_at_half"], 2), round(row["gone_at_the_end"], 2))
        for row in names["ends"].iter_rows(named=True)
    }
    assert found == {
        "254 s (a)": (187, 0.19, 0.42),
        "254 s (b)": (325, 0.16, 0.38),
        "480 s": (168, 0.15, 0.60),
        "508 s": (118, 0.30, 0.71),
        "579 s": (187, 0.10, 0.35),
    }
    assert names["ends"]["most_again_at"].to_list() == [0] * 5
    assert sorted(names["ends"]["again"]) == [10, 21, 25, 31, 40]


def test_two_videos_belong_together(names: dict[str, Any]) -> None:
    moves = {(source, target): count for source, target, count in names["moves"].iter_rows()}
    assert moves[("254 s (b)", "579 s")] == 102
    assert moves[("579 s", "254 s (b)")] == 6
    assert sum(moves.values()) == 111
    assert "enrollments" in names["refused"]
