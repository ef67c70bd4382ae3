"""Grids that a host registers: from when on they count, and what is counted on them."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import kohort as kh
import polars as pl
import pytest
from kohort.cli import main

LEARNERS = [f"l{number:03}" for number in range(120)]
POLICY = kh.ReleasePolicy(k=5)
FINE = kh.Grid("events", [0, 1, 2, 3, 5, 7, 9, 11, 13])


def data(starts: datetime | None, learners: list[str] = LEARNERS, **course: str) -> kh.LearningData:
    """Learner `i` has `i % 14` events, a minute apart, from the start of the course on."""
    first = starts or datetime(2024, 3, 4, 9, tzinfo=timezone.utc)
    rows = [
        (learner, first + timedelta(minutes=minute), f"page {minute}", "A")
        for number, learner in enumerate(learners)
        for minute in range(number % 14)
    ]
    courses = pl.DataFrame({"course": ["A"], "starts": [starts], **{k: [v] for k, v in course.items()}})
    return kh.LearningData(
        pl.DataFrame(rows, schema=["learner", "time", "content", "course"], orient="row"),
        courses=None if starts is None else courses,
        enrollments=pl.DataFrame({"learner": learners, "course": ["A"] * len(learners)}),
        tz="UTC",
    )


def groups(made: kh.LearningData, ledger: kh.Ledger, **more: Any) -> kh.ReferenceGroups:
    return made.reference_groups(by="course", policy=POLICY, ledger=ledger, **more)


def edges(made: kh.ReferenceGroups, metric: Any = "events") -> list[float]:
    return made.distribution(metric)["upper"].to_list()


LATER = datetime(2100, 3, 1, tzinfo=timezone.utc)
BEGUN = datetime(2024, 3, 4, tzinfo=timezone.utc)


@pytest.mark.parametrize(("starts", "counts"), [(LATER, True), (None, True), (BEGUN, False)])
@pytest.mark.parametrize("course", [None, "A", "B"])
@pytest.mark.parametrize("term", [{}, {"term": "one"}])
def test_it_counts_for_what_begins_later(
    starts: datetime | None, counts: bool, course: str | None, term: dict[str, str]
) -> None:
    ledger = kh.Ledger()
    ledger.register_grid(FINE, course=course)
    made = groups(data(starts, **term), ledger)
    mine = counts and course != "B"
    assert (edges(made) == list(FINE.edges)) == mine
    assert edges(made, "sessions") == kh.grids().filter(metric="sessions")["upper"].to_list()
    shown = ledger.grids().filter(metric="events").filter(pl.col("component").str.starts_with("A"))
    if starts is not None or course != "A":
        name = "A, one" if term and starts is not None else "A"
        own = shown.filter(component=name)
        assert own["upper"].to_list() == edges(made)
        assert own["registered"].is_not_null().all() == mine


def test_counts_on_it_are_those_of_the_definition() -> None:
    for learners in (LEARNERS, LEARNERS[:60]):
        ledger = kh.Ledger()
        ledger.register_grid(FINE)
        made = groups(data(None, learners), ledger)
        wanted = list(FINE.edges)[:: 1 if len(learners) >= 100 else 2]
        assert edges(made) == wanted
        values = [number % 14 for number in range(len(learners))]
        for row in made.distribution("events").rows(named=True):
            exact = sum(value <= row["upper"] for value in values)
            if row["upper"] == wanted[-1]:
                exact = len(values)  # what lies beyond is counted at the last edge
            if row["code"] == "count":
                assert abs(row["learners"] - exact) <= 2
            else:
                assert exact < 5 if row["code"] == "low" else len(values) - exact < 5
        # A position comes from the same edges.
        own = made.compare("l007", "events").row(0, named=True)
        assert own["own"] == 7.0
        below = sum(value <= 5 for value in values) / len(values)
        assert own["band_low"] <= below + 0.001
        assert own["band_high"] >= sum(value <= 7 for value in values) / len(values) - 0.001


def every_table(made: kh.ReferenceGroups) -> list[pl.DataFrame]:
    tables = [made.summary(), made.active_learners(), made.distribution("events"), made.quantiles("events")]
    return [*tables, *(made.compare(learner, "events") for learner in LEARNERS[:14])]


@pytest.mark.parametrize("period", [None, "week"])
def test_in_mid_term_it_changes_no_byte(period: Any) -> None:
    ledger = kh.Ledger()
    made = data(None)
    at = datetime(2024, 3, 14, tzinfo=timezone.utc)
    before = every_table(groups(made, ledger, period=period, as_of=at))
    ledger.register_grid(FINE)
    ledger.register_grid(kh.Grid("events_in_period", FINE.edges), course="A")
    asked = groups(made, ledger, period=period, as_of=at)
    after = every_table(asked)
    assert all(one.equals(other) for one, other in zip(before, after, strict=True))
    if period:
        assert edges(asked, "events_in_period") != list(FINE.edges), "a question not asked before"
    # Before the term begins it counts, and sets learners apart that were in one cell.
    fresh = kh.Ledger()
    fresh.register_grid(FINE)
    chosen = groups(made, fresh, period=period, as_of=at)
    pair = ("l011", "l012")
    bands = [[own.compare(her, "events")["band_low"][0] for her in pair] for own in (asked, chosen)]
    assert bands[0][0] == bands[0][1]
    assert bands[1][0] != bands[1][1]


def test_the_chain_holds_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "releases.sqlite"
    kh.Ledger(path).register_grid(FINE)
    kh.Ledger(path).register_grid(kh.Grid("study_time", ["0s", "30m", "1h"]), course=7)
    again = kh.Ledger(path)
    assert again.verify() == 2
    entries = again.entries()
    assert entries["kind"].to_list() == ["grid", "grid"]
    assert entries["component"].to_list() == ["(later)", "7 (later)"]
    assert entries["note"].to_list() == ["events: 0, 1, 2, 3, 5, 7, 9, 11, 13", "study_time: 0, 1800, 3600"]
    later = again.grids().filter(metric="study_time", component="7 (later)")
    assert later["upper"].to_list() == [0.0, 1800.0, 3600.0]
    assert later["registered"].dtype == pl.Datetime("us", "UTC")
    assert edges(groups(data(None), again)) == list(FINE.edges)
    assert main(["ledger", "show", str(path)]) == 0
    assert "grid" in capsys.readouterr().out


BAD: list[tuple[Any, Any, str]] = [
    ("minutes", [0, 1, 2], r"`metric` must be one of"),
    ("events", [0, 1], r"`edges` must be for events, an odd number of edges from 3 to 101, got 2"),
    ("events", list(range(103)), r"from 3 to 101, got 103"),
    ("events", [0, 1, 2, 3], r"an odd number .* got 4"),
    ("events", [0, 2, 1], r"strictly rising, got 2 before 1"),
    ("events", [0, 1, float("inf")], r"finite numbers, got inf"),
    ("events", [0, float("nan"), 1], r"finite numbers, got NaN"),
    ("events", [-1, 0, 1], r"0 or more, got -1"),
    ("events", [0, 0.5, 1], r"whole numbers, as it counts things, got 0.5"),
    ("events", ["0s", "1m", "2m"], r"`edges` must be a number, got '0s'"),
    ("events", "123", r"`edges` must be a sequence of numbers"),
    ("events", [True, 2, 3], r"`edges` must be a number, got True"),
    ("study_time", ["0s", "1 fortnight", "2h"], r"`edges` must be a length of time"),
]


@pytest.mark.parametrize(("metric", "wrong", "said"), BAD)
def test_what_is_wrong_is_said(metric: Any, wrong: Any, said: str) -> None:
    with pytest.raises(kh.KohortError, match=said):
        kh.Grid(metric, wrong)


def test_only_grids_are_registered() -> None:
    with pytest.raises(TypeError, match="`grid` must be a grid such as"):
        kh.Ledger().register_grid([0, 1, 2])  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="`course` must be a string or an integer"):
        kh.Ledger().register_grid(FINE, course=1.5)  # type: ignore[arg-type]
    assert "<table>" in FINE._repr_html_()
