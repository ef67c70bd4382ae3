"""Regularity, heat maps and delays: on paper, against the twin, and the known mistakes."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import numpy as np
import polars as pl
import pytest
import twin
from bridge import Kohort, Twin, differences, learning_data
from hypothesis import given
from hypothesis import strategies as st
from strategies import ANCHORS, estimators, logs, moments
from test_twin_by_hand import at, event, log, only_row
from twin import DAY, HOUR, MINUTE, Cell, Log

Side = Callable[..., Any]


@pytest.fixture(params=[Twin, Kohort], ids=["twin", "kohort"])
def side(request: pytest.FixtureRequest) -> Side:
    return request.param  # type: ignore[no-any-return]


# Two weeks: Monday 4 March at 9 (three events) and 10, Tuesday at 9; Monday 11 March and
# Wednesday 13 March at 9.
WEEKS = log(
    event("2024-03-04 09:00"),
    event("2024-03-04 09:10"),
    event("2024-03-04 09:59"),
    event("2024-03-04 10:00"),
    event("2024-03-05 09:30"),
    event("2024-03-11 09:00"),
    event("2024-03-13 09:00"),
)
LN2 = math.log(2)
# weeks (2/3, 1/3, 0) and (1/2, 0, 1/2) of Monday, Tuesday, Wednesday; middle (7/12, 1/6, 1/4)
DIVERGENCE = (2 / 3 * math.log(8 / 7) + 1 / 3 * LN2 + 1 / 2 * math.log(6 / 7) + 1 / 2 * LN2) / 2


def test_two_weeks_on_paper(side: Side) -> None:
    row = only_row(side(WEEKS).regularity())
    # hours of the day: nine on four days, ten on one
    spread = -(0.8 * math.log(0.8) + 0.2 * math.log(0.2))
    assert row["pdh"] == pytest.approx((math.log(24) - spread) * 4)
    # days: two Mondays, one Tuesday, one Wednesday
    assert row["pwd"] == pytest.approx((math.log(7) - 1.5 * LN2) * 2)
    assert row["ws1"] == pytest.approx(1 / 2)  # Monday of two days
    assert row["ws2"] == pytest.approx(1 - DIVERGENCE / LN2)
    assert row["ws3"] == pytest.approx(1 - ((1 / 3) ** 2 + 1 + 1) / 3)
    # four arrows and one turned by 15 degrees
    assert row["fdh"] == pytest.approx(math.sqrt(17 + 8 * math.cos(math.tau / 24)))
    assert row["fdh_normalized"] == pytest.approx(row["fdh"] / 5)
    # two Mondays, a seventh of a turn, two sevenths
    north = 2 + math.cos(math.tau / 7) + math.cos(2 * math.tau / 7)
    east = math.sin(math.tau / 7) + math.sin(2 * math.tau / 7)
    assert row["fwd"] == pytest.approx(math.hypot(north, east))
    assert row["fwd_normalized"] == pytest.approx(math.hypot(north, east) / 4)
    # hours of the week 9 twice, 10, 33, 57
    angles = [math.tau * h / 168 for h in (9, 9, 10, 33, 57)]
    reach = math.hypot(sum(map(math.cos, angles)), sum(map(math.sin, angles)))
    assert row["fwh"] == pytest.approx(reach)
    assert row["fwh_normalized"] == pytest.approx(reach / 5)


def test_the_divergence_is_not_rooted(side: Side) -> None:
    rooted = 1 - math.sqrt(DIVERGENCE / LN2)
    assert abs(only_row(side(WEEKS).regularity())["ws2"] - rooted) > 0.1


def test_days_active_in_one_of_the_weeks_count(side: Side) -> None:
    intersected = 1 - (1 / 3) ** 2  # Monday alone
    assert abs(only_row(side(WEEKS).regularity())["ws3"] - intersected) > 0.1


def test_an_hour_counts_once_whatever_happens_in_it(side: Side) -> None:
    seen = only_row(side(WEEKS).regularity())
    once = log(
        *[e for e in WEEKS.events if e["time"] not in (at("2024-03-04 09:10"), at("2024-03-04 09:59"))]
    )
    assert len(once.events) == len(WEEKS.events) - 2
    assert only_row(side(once).regularity()) == seen
    by_events = 6 / 7  # six of seven events at nine
    spread = -(by_events * math.log(by_events) + 1 / 7 * math.log(1 / 7))
    assert abs(seen["pdh"] - (math.log(24) - spread) * 6) > 1


def test_hours_and_days_are_local(side: Side) -> None:
    # Sunday 18:40 UTC is Monday 00:10 in Kolkata, 19:20 is 00:50: one hour there, two in UTC
    night = log(
        event("2024-03-03 18:40"),
        event("2024-03-03 19:20"),
        event("2024-03-11 18:40"),  # Tuesday there
        learners=[{"learner": "L", "tz": "Asia/Kolkata"}],
    )
    row = only_row(side(night).regularity())
    assert row["pdh"] == pytest.approx(math.log(24) * 2)
    assert row["ws1"] == 0.0  # Monday and Tuesday; in UTC Sunday and Monday
    (first, second) = side(night).activity_calendar()
    assert (first["day"], first["events"], first["active_hours"]) == (date(2024, 3, 4), 2, 1)
    assert (second["day"], second["active_hours"]) == (date(2024, 3, 12), 1)
    assert [(r["weekday"], r["hour"], r["events"]) for r in side(night).activity_clock()] == [
        (1, 0, 2),
        (2, 0, 1),
    ]
    utc = only_row(side(replace(night, learners=None)).regularity())
    assert utc["pdh"] != pytest.approx(row["pdh"])


def test_the_day_may_begin_later(side: Side) -> None:
    # one at night belongs to the evening before, hour and all
    late = log(event("2024-03-05 23:00"), event("2024-03-06 01:00"), day_start=4 * HOUR)
    row = only_row(side(late).regularity())
    assert row["pwd"] == pytest.approx(math.log(7))
    assert row["fwd"] == pytest.approx(1)
    (day,) = side(late).activity_calendar()
    assert (day["day"], day["active_hours"]) == (date(2024, 3, 5), 2)
    assert [(r["weekday"], r["hour"]) for r in side(late).activity_clock()] == [(2, 1), (2, 23)]


def test_an_hour_that_comes_twice_is_one(side: Side) -> None:
    # Helsinki sets its clocks back at 4 on 27 October: 3:30 is at 0:30 and at 1:30 UTC
    twice = log(event("2024-10-27 00:30"), event("2024-10-27 01:30"), tz="Europe/Helsinki")
    row = only_row(side(twice).regularity())
    assert row["pdh"] == pytest.approx(math.log(24))
    assert row["fdh"] == pytest.approx(1)


def test_nothing_has_no_regularity_and_one_week_none_to_compare(side: Side) -> None:
    here = log(
        event("2024-03-04 09:00", course="A"),
        enrollments=[{"learner": "L", "course": "A"}, {"learner": "M", "course": "B"}],
    )
    first, second = side(here).regularity()
    assert (first["ws1"], first["ws2"], first["ws3"]) == (None, None, None)
    assert (first["pdh"], first["fwd"]) == (pytest.approx(math.log(24)), pytest.approx(1))
    assert {v for k, v in second.items() if k != "learner"} == {None}
    assert [(r["learner"], r["course"]) for r in side(here).regularity("course")] == [("L", "A"), ("M", "B")]


def test_a_log_of_days_has_days_only(side: Side) -> None:
    days = Log([event(f"2024-03-{day:02} 00:00") for day in (4, 5, 11)])
    row = only_row(side(days).regularity())
    by_hour = ("pdh", "ws2", "ws3", "fdh", "fwh", "fdh_normalized", "fwh_normalized")
    assert all(row[name] is None for name in by_hour)
    assert (row["ws1"], row["fwd"] is None) == (0.5, False)
    assert side(days).activity_calendar()[0]["study_time"] is None
    assert side(days).activity_clock() == []


def test_a_log_of_days_says_why() -> None:
    days = Log([event(f"2024-03-{day:02} 00:00") for day in (4, 5, 11)])
    reasons = learning_data(days).personal().reasons
    for name in ("pdh", "ws2", "fwh_normalized", "active_hours", "cram_share", "lag_median"):
        assert "day resolution" in reasons[name]
    assert "pwd" not in reasons
    assert "fwd" not in reasons


# ---------------------------------------------------------------- delay


ESSAY = log(
    event("2024-03-04 00:00", "essay", course="A", verb="viewed"),
    event("2024-03-04 00:20", "essay", course="A", verb="viewed"),
    event("2024-03-09 23:50", "essay", course="A", verb="viewed"),
    event("2024-03-10 00:20", "essay", course="A", verb="submitted"),
    event("2024-03-10 00:25", "essay", course="A", verb="submitted"),
    event("2024-03-13 12:00", "quiz", course="A", verb="viewed"),
    catalog=[
        {
            "content": "essay",
            "course": "A",
            "available_from": at("2024-03-01 00:00"),
            "due": at("2024-03-11 00:00"),
        },
        {"content": "quiz", "course": "A", "available_from": at("2024-03-13 00:00"), "due": None},
    ],
)


def test_an_essay_on_paper(side: Side) -> None:
    essay, quiz = side(ESSAY).delay()
    assert (essay["content"], essay["delay"], essay["submitted"]) == (
        "essay",
        3 * DAY,
        at("2024-03-10 00:20"),
    )
    # 23 h 40 min before the end of ten days
    assert essay["earliness"] == pytest.approx((23 + 2 / 3) / 240)
    # 20, 30 and 5 minutes; the last day begins on the 10th: 20 and 5 of them
    assert essay["window_study_time"] == 55 * MINUTE
    assert essay["cram_share"] == pytest.approx(25 / 55)
    assert (essay["active_days"], essay["accesses"]) == (3, 2)
    assert essay["lag_median"] == at("2024-03-09 23:50") - at("2024-03-04 00:20")
    assert (quiz["delay"], quiz["submitted"], quiz["earliness"], quiz["cram_share"]) == (
        12 * HOUR,
        None,
        None,
        None,
    )
    course = only_row(side(ESSAY).delay("course"))
    assert (course["contents"], course["delays"], course["submissions"], course["lags"]) == (2, 2, 1, 1)
    assert course["delay_median"] == (3 * DAY + 12 * HOUR) // 2
    assert course["cram_share"] == pytest.approx(25 / 55)


def test_what_is_not_over_has_no_cram_share(side: Side) -> None:
    early = side(ESSAY, as_of=at("2024-03-10 23:59")).delay()[0]
    assert (early["cram_share"], early["window_study_time"]) == (None, None)
    assert early["earliness"] is not None


def test_a_late_submission_has_negative_earliness(side: Side) -> None:
    late = replace(ESSAY, events=[event("2024-03-12 00:00", "essay", course="A", verb="submitted")])
    assert only_row(side(late).delay())["earliness"] == pytest.approx(-0.1)


# ---------------------------------------------------------------- twin and laws


@st.composite
def questions(draw: st.DrawFn) -> tuple[Log, twin.StudyTime, dict[str, Any]]:
    """Draw a log with deadlines, an estimator and a moment."""
    drawn = draw(logs())
    deadline = st.none() | st.tuples(
        st.sampled_from(ANCHORS), st.sampled_from([-12 * HOUR, 0, HOUR, DAY, 16 * DAY])
    ).map(sum)
    released = st.none() | st.sampled_from([t - DAY for t in ANCHORS])
    catalog = drawn.catalog and [
        row | {"due": draw(deadline), "available_from": draw(released)} for row in drawn.catalog
    ]
    return replace(drawn, catalog=catalog), draw(estimators()), {"as_of": draw(moments(drawn))}


def both(question: Cell) -> tuple[Kohort, Twin]:
    drawn, est, options = question
    return Kohort(drawn, est, **options), Twin(drawn, est, **options)


@given(questions(), st.sampled_from([None, "course"]))
def test_regularity_agrees_with_the_twin(question: Cell, by: str | None) -> None:
    ours, theirs = both(question)
    assert not differences(ours.regularity(by), theirs.regularity(by))


@given(questions())
def test_heat_maps_agree_with_the_twin(question: Cell) -> None:
    ours, theirs = both(question)
    assert not differences(ours.activity_calendar(), theirs.activity_calendar())
    assert not differences(ours.activity_clock(), theirs.activity_clock())


@given(questions(), st.sampled_from([None, "course"]))
def test_delay_agrees_with_the_twin(question: Cell, by: str | None) -> None:
    ours, theirs = both(question)
    assert not differences(ours.delay(by), theirs.delay(by))


@given(logs(), st.sampled_from([None, "course"]))
def test_logs_of_days_agree_with_the_twin(drawn: Log, by: str | None) -> None:
    events = [row | {"time": row["time"] // DAY * DAY} for row in drawn.events]
    days = replace(drawn, events=events, learners=None, tz=None, resolution=None, day_start=0)
    ours, theirs = Kohort(days), Twin(days)
    assert not differences(ours.regularity(by), theirs.regularity(by))
    assert not differences(ours.activity_calendar(), theirs.activity_calendar())
    assert not differences(ours.delay(by), theirs.delay(by))


@given(questions())
def test_heat_maps_add_up_and_a_learners_own_view_is_her_part(question: Cell) -> None:
    pla = both(question)[0].pla
    spent = dict(pla.study_time().select("learner", "study_time").rows())
    events = dict(pla.frequency().select("learner", "events").rows())
    for table in (pla.activity_calendar(), pla.activity_clock()):
        sums = table.group_by("learner").agg(pl.col("study_time", "events").sum())
        own = {learner: parts for learner, *parts in sums.rows()}
        for learner in spent:
            assert own.get(learner, [timedelta(0), 0]) == [spent[learner], events[learner]]
    learner = question[0].events[0]["learner"]
    for name in ("regularity", "activity_calendar", "activity_clock", "delay"):
        part = getattr(pla, name)().filter(pl.col("learner") == learner)
        assert getattr(pla.learner(learner), name)().equals(part), name


@given(st.sets(st.integers(0, 4 * 168 - 1), min_size=1, max_size=60))
def test_periods_are_those_of_the_fft(hours: set[int]) -> None:
    """Four weeks as a series of 0 and 1: the periods of a day and a week are bins 28 and 4."""
    monday = at("2024-03-04 00:00")
    active, days = np.zeros(4 * 168), np.zeros(28)
    active[list(hours)] = 1
    days[[hour // 24 for hour in hours]] = 1
    events = [event("2024-03-04 00:00") | {"time": monday + hour * HOUR} for hour in sorted(hours)]
    row = only_row(Kohort(log(*events)).regularity())
    by_hour, by_day = abs(np.fft.fft(active)), abs(np.fft.fft(days))
    for name, theirs, most in (
        ("fdh", by_hour[28], active.sum()),
        ("fwh", by_hour[4], active.sum()),
        ("fwd", by_day[4], days.sum()),
    ):
        assert row[name] == pytest.approx(theirs, rel=1e-12, abs=1e-12 * most)
        assert row[f"{name}_normalized"] == pytest.approx(theirs / most, rel=1e-12, abs=1e-12)


@given(logs(), st.integers(-3, 3))
def test_shifting_a_log_by_weeks_changes_no_regularity(drawn: Log, weeks: int) -> None:
    utc = replace(drawn, tz=None, learners=None, enrollments=None, courses=None, catalog=None)
    moved = [row | {"time": row["time"] + weeks * 7 * DAY} for row in utc.events]
    moved = [row | ({"received": None} if "received" in row else {}) for row in moved]
    still = [row | ({"received": None} if "received" in row else {}) for row in utc.events]
    ours, theirs = (Kohort(replace(utc, events=rows)).regularity() for rows in (still, moved))
    assert not differences(ours, theirs)
