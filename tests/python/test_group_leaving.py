"""Released weeks of leaving equal the slow twin's, and time after the end of a course is no time in it."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import datetime, timedelta, timezone

import kohort as kh
import lifelines
import polars as pl
import pytest
import twin_leaving as slow
from bridge import learning_data
from hypothesis import given
from hypothesis import strategies as st
from polars.testing import assert_frame_equal
from twin import DAY, EPOCH, Cell, Log, Row
from twin_leaving import WEEK

START = int((datetime(2024, 3, 4, 6, tzinfo=timezone.utc) - EPOCH) / timedelta(microseconds=1))
POLICY = kh.ReleasePolicy(k=5)
MOMENTS = [START - 3 * DAY, START + 40 * DAY, START + 70 * DAY, START + 70 * DAY + 1, START + 200 * DAY]


def course(seed: int, learners: int, *, ends: int | None = START + 70 * DAY, spread: int = 60) -> Log:
    """A course of ten weeks in which all that may happen to an enrollment happens to somebody."""
    dice = random.Random(seed)
    events: list[Row] = []
    enrollments: list[Row] = []
    for number in range(learners):
        name = f"L{number:03}"
        start = START + dice.randrange(-spread, 20) * DAY + dice.randrange(DAY)
        row = {"learner": name, "course": "A", "start": start, "end": None, "outcome": None}
        luck = dice.random()
        if luck < 0.2:
            row["end"] = start + dice.randrange(-2, 140) * DAY
            row["outcome"] = dice.choice([None, "withdrawn", "withdrawn", "fail"])
        elif luck < 0.6:
            row["outcome"] = dice.choice(["pass", "fail", "withdrawn", "distinction"])
        elif luck < 0.65:
            row["start"] = None
        elif luck < 0.7:  # came, went and came again
            enrollments.append(row | {"end": start + 5 * DAY, "outcome": "withdrawn"})
            row["start"] = start + 20 * DAY
        enrollments.append(row)
        lasts = dice.choice([0, 20 * DAY, 90 * DAY, 150 * DAY])
        for _ in range(dice.randrange(1, 7) if lasts else 0):
            time = start - 2 * DAY + dice.randrange(lasts)
            verb = dice.choice(["viewed"] * 12 + ["enrolled", "unenrolled"])
            events.append(
                {"learner": name, "time": time, "content": "c", "course": "A", "verb": verb, "received": None}
                | ({"received": time + 30 * DAY} if dice.random() < 0.1 else {})
            )
    courses = [{"course": "A", "starts": START, "ends": ends}]
    zone = "Europe/Helsinki"
    return Log(events, courses=courses, enrollments=enrollments, tz=zone, resolution="instant")


def groups(log: Log, as_of: int | None) -> kh.ReferenceGroups:
    at = None if as_of is None else EPOCH + timedelta(microseconds=as_of)
    return learning_data(log).reference_groups(by="course", policy=POLICY, as_of=at)


def same(ours: pl.DataFrame, theirs: list[Row]) -> None:
    assert ours.height == len(theirs)
    for own, row in zip(ours.iter_rows(named=True), theirs, strict=True):
        for name, value in row.items():
            expected = value if value is None else pytest.approx(value, rel=1e-9, abs=1e-12)
            assert own[name] == expected, (name, own, row)


@given(st.integers(0, 10**6), st.integers(12, 150), st.sampled_from(MOMENTS))
def test_curves_agree_with_the_twin(seed: int, learners: int, as_of: int) -> None:
    log = course(seed, learners)
    ours = groups(log, as_of).survival()
    if ours["reason"].null_count() < ours.height:
        assert ours["reason"].to_list()[0] in ("TooFew", "the course has not started")
        return
    same(ours, slow.survival(slow.stays(log, "A", as_of), k=5))


@given(st.integers(0, 10**6), st.integers(12, 150), st.sampled_from(MOMENTS[1:]))
def test_weeks_agree_with_the_twin(seed: int, learners: int, as_of: int) -> None:
    log = course(seed, learners)
    ours = groups(log, as_of).drop_off(by="week")
    if ours["reason"].null_count() < ours.height:
        assert ours["reason"].to_list() == ["TooFew"]
        return
    theirs = slow.weekly_drop_off(log, "A", 5, as_of)
    assert ours.height == len(theirs)
    for own, row in zip(ours.iter_rows(named=True), theirs, strict=True):
        found = {name: (own[name], own[f"{name}_code"]) for name in ("reached", "left")}
        assert {"step": own["step"]} | found == row


# ---------------------------------------------------------------- after the end


def after_the_end(log: Log, who: list[str]) -> Log:
    """The same log, with activity of these learners a month after the course."""
    late = [
        {"learner": name, "time": START + 100 * DAY, "content": "c", "course": "A", "verb": "viewed"}
        for name in who
    ]
    return replace(log, events=[*log.events, *late])


def test_activity_after_the_end_is_in_no_week() -> None:
    """Forty left by withdrawing in week 3 or 9; that all look in again after the course moves nobody."""
    names = [f"L{i}" for i in range(120)]
    events = [
        {"learner": n, "time": START + (20 if i < 20 else 60) * DAY, "content": "c", "course": "A"}
        | {"verb": "viewed"}
        for i, n in enumerate(names)
    ]
    enrollments = [
        {"learner": n, "course": "A", "start": START, "end": START + 62 * DAY if i < 40 else None}
        | {"outcome": "withdrawn" if i < 40 else "pass"}
        for i, n in enumerate(names)
    ]
    courses = [{"course": "A", "starts": START, "ends": START + 70 * DAY}]
    log = Log(events, courses=courses, enrollments=enrollments, tz="UTC", resolution="instant")
    before, after = (groups(one, START + 200 * DAY) for one in (log, after_the_end(log, names)))
    weeks = before.drop_off(by="week")
    assert weeks.filter(pl.col("left") == 20)["step"].to_list() == ["3", "9"]
    assert_frame_equal(weeks, after.drop_off(by="week"))
    assert_frame_equal(before.hazard(by="week"), after.hazard(by="week"))
    # Who completed is seen until the end, and no longer; who withdrew, until the day of that.
    exact = after.survival()
    assert exact.height == 10
    assert exact["left"].to_list()[8] == pytest.approx(1 / 3)
    assert before.survival()["completed"].to_list()[7:] == [0.0, None, None]  # in the ninth
    assert exact["completed"].to_list()[8:] == [0.0, None]  # all are gone in the tenth


@given(st.integers(0, 10**6), st.sets(st.integers(0, 79), max_size=60))
def test_the_hazard_of_the_last_week_is_that_of_the_course(seed: int, who: set[int]) -> None:
    """Whoever comes after the end, and however many: the last week stays as it was."""
    log = course(seed, 80)
    # An event is there anyway: the end of the log, and so of the time known, is the same.
    log = after_the_end(log, ["L999"])
    more = after_the_end(log, [f"L{number:03}" for number in who])
    one, other = (groups(own, START + 200 * DAY).hazard(by="week").tail(1) for own in (log, more))
    columns = ["step", "hazard", "code", "low", "high"]
    assert_frame_equal(one.select(columns), other.select(columns))


# ---------------------------------------------------------------- how far a curve reaches


def test_a_curve_reaches_the_end_of_the_course() -> None:
    """Enrolled eight weeks before a course of ten; the half that completes does so in its last week."""
    names = [f"L{i}" for i in range(100)]
    begin, ends = START - 56 * DAY, START + 70 * DAY
    last = [10 * DAY if i < 30 else 68 * DAY if i < 80 else 70 * DAY for i in range(100)]
    events = [
        {"learner": n, "time": START + last[i], "content": "c", "course": "A", "verb": "viewed"}
        for i, n in enumerate(names)
    ]
    enrollments = [
        {"learner": n, "course": "A", "start": begin, "end": None}
        | {"outcome": "pass" if 30 <= i < 80 else "fail"}
        for i, n in enumerate(names)
    ]
    courses = [{"course": "A", "starts": START, "ends": ends}]
    log = Log(events, courses=courses, enrollments=enrollments, tz="UTC", resolution="instant")
    curve = groups(log, START + 200 * DAY).survival()
    assert curve["week"].to_list() == list(range(1, 19))  # eight and ten
    weeks = [(begin_to + 56 * DAY) // WEEK for begin_to in last]
    fitted = lifelines.KaplanMeierFitter().fit(
        [min(week, 17) for week in weeks], [int(i < 80) for i in range(100)]
    )
    assert curve["survival"].to_list() == pytest.approx([float(fitted.predict(w)) for w in range(18)])
    assert curve["survival"].to_list()[-1] == pytest.approx(0.2)
    assert curve["completed"].to_list()[-1] == pytest.approx(0.5)


def test_where_a_curve_ends_is_told_by_enrollments_alone() -> None:
    """Other events, another end of each learner's time: the weeks are the same."""
    for seed in range(8):
        one, other = course(seed, 90), course(seed + 100, 90)
        other = replace(other, enrollments=one.enrollments)
        tables = [groups(log, START + 200 * DAY).survival() for log in (one, other)]
        assert_frame_equal(*(table.select("group", "week", "n", "reason") for table in tables))
        assert not tables[0]["survival"].equals(tables[1]["survival"])


@pytest.mark.parametrize(("early", "weeks"), [(0, 10), (4, 10), (5, 40)])
def test_a_few_who_enrolled_early_add_no_week(early: int, weeks: int) -> None:
    """Of sixty, fewer than k enrolled thirty weeks before the others: the curve says nothing of it."""
    enrollments: list[dict[str, Cell]] = [
        {"learner": f"L{i}", "course": "A", "start": START - (30 * WEEK if i < early else 0)}
        | {"end": None, "outcome": None}
        for i in range(60)
    ]
    events = [
        {"learner": f"L{i}", "time": START + 69 * DAY, "content": "c", "course": "A", "verb": "viewed"}
        for i in range(60)
    ]
    courses = [{"course": "A", "starts": START, "ends": START + 70 * DAY}]
    log = Log(events, courses=courses, enrollments=enrollments, tz="UTC", resolution="instant")
    curve = groups(log, START + 90 * DAY).survival()
    assert curve.height == weeks
    # Where fewer than 2k are at risk nothing is shown, however many of the group are left by the curve.
    assert curve["survival"].is_not_null().to_list() == [week < 10 for week in range(weeks)]


def test_enrollments_are_enough_where_a_course_has_no_start() -> None:
    log = replace(course(3, 80, spread=10), courses=None)
    table = groups(log, START + 60 * DAY).survival()
    assert table["reason"].null_count() == table.height > 5
    nobody = [row | {"start": None} for row in log.enrollments or []]
    table = groups(replace(log, enrollments=nobody), START + 60 * DAY).survival()
    assert table["reason"].to_list() == ["no start of the course"]


def test_who_leaves_is_divided_by_those_at_risk_in_her_week() -> None:
    """Enrolled over a year in a course without an end: two in a hundred leave each week, many stay."""
    dice = random.Random(5)
    events, enrollments, now = [], [], START + 50 * WEEK
    for number in range(600):
        name, start = f"L{number}", START + dice.randrange(50 * WEEK)
        enrollments.append({"learner": name, "course": "A", "start": start, "end": None})
        leaves = start + int(dice.expovariate(0.02) * WEEK)
        times = [start, *range(start, min(leaves, now), 3 * DAY), min(leaves, now)]
        events += [{"learner": name, "time": t, "content": "c", "course": "A"} for t in times]
    courses = [{"course": "A", "starts": START, "ends": None}]
    log = Log(events, courses=courses, enrollments=enrollments, tz="UTC", resolution="instant")
    data = learning_data(log)
    at = EPOCH + timedelta(microseconds=now)
    curve = data.reference_groups(by="course", as_of=at).survival()
    rows = slow.stays(log, "A", now)
    fitted = lifelines.KaplanMeierFitter().fit([r.week for r in rows], [int(r.way == "left") for r in rows])
    shown = curve.drop_nulls("survival")
    assert shown.height > 40
    errors = [row["survival"] - float(fitted.predict(row["week"] - 1)) for row in shown.iter_rows(named=True)]
    assert max(map(abs, errors)) < 0.05
