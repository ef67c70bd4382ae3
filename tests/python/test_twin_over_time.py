"""Tables over time equal the slow twin's, and each row is what was known at its end."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta, timezone
from typing import Any

import hypothesis.strategies as st
import kohort as kh
import polars as pl
import pytest
import twin
from bridge import Kohort, Twin, differences
from hypothesis import given
from strategies import estimators, film_logs, logs, moments
from twin import DAY, Cell, Log

RULES = ["watched", "engaged", "submitted", "posted", "passed", "completed"]
WEEKS = [("iso", 7), ("iso", 7), ("course", 7), ("course", 5)]


@st.composite
def questions(draw: st.DrawFn) -> tuple[Log, twin.StudyTime, dict[str, Any]]:
    """Draw a log, an estimator, a moment and rules of completion for every kind."""
    log = draw(logs())
    kinds = st.sampled_from(["video", "quiz", "page", "discussion", "problem"])
    rules = st.dictionaries(kinds, st.sampled_from(RULES), min_size=1, max_size=3)
    options = {"as_of": draw(moments(log)), "completion": draw(st.none() | rules)}
    return log, draw(estimators()), options


def both(question: tuple[Log, twin.StudyTime, dict[str, Any]]) -> tuple[Kohort, Twin]:
    log, est, options = question
    return Kohort(log, est, **options), Twin(log, est, **options)


# ---------------------------------------------------------------- progress


@given(questions(), st.sampled_from(WEEKS))
def test_progress_over_time_agrees_with_the_twin(question: Cell, grid: tuple[str, int]) -> None:
    ours, theirs = both(question)
    options = {"week": grid[0], "every": grid[1] * DAY}
    assert not differences(ours.progress_over_time(**options), theirs.progress_over_time(**options))


@st.composite
def late_film_logs(draw: st.DrawFn) -> Log:
    """Films whose playback spreads over weeks, and becomes known late and out of order."""
    log = draw(film_logs())
    events = []
    for row in log.events:
        time = row["time"] + draw(st.sampled_from([0, 0, DAY, 8 * DAY, 15 * DAY]))
        late = draw(st.sampled_from([None, None, 0, DAY, 9 * DAY]))
        events.append(row | {"time": time, "received": None if late is None else time + late})
    return replace(log, events=events)


@given(late_film_logs(), st.sampled_from([1, 7]))
def test_progress_by_watching_agrees_with_the_twin(log: Log, days: int) -> None:
    ours, theirs = Kohort(log), Twin(log)
    every = {"every": days * DAY}
    assert not differences(ours.progress_over_time(**every), theirs.progress_over_time(**every))


def test_a_row_is_the_progress_as_of_its_moment() -> None:
    made = kh.simulate(learners=40, courses=2, seed=3, weeks=6)
    late = pl.col("time") + pl.duration(days=pl.col("time").dt.hour() % 9)
    events = made.events.with_columns(received=late)
    tables = {name: getattr(made, name) for name in ("catalog", "courses", "enrollments", "learners")}
    data = kh.LearningData(events, **tables, tz="Europe/Helsinki")
    last = made.events["time"].max()
    assert isinstance(last, datetime)
    series = data.personal(as_of=last).progress_over_time()
    assert series.height > 300
    assert series["progress"].n_unique() > 20
    columns = ["learner", "course", "completed", "available", "progress", "progress_weighted", "reason"]
    for (at,), rows in series.group_by("at"):
        assert isinstance(at, datetime)
        then = data.personal(as_of=at).progress()
        found = rows.select("learner", "course").join(then, on=["learner", "course"], how="left")
        assert found.sort("learner", "course").equals(rows.select(columns).sort("learner", "course"))
    everyone = data.personal(as_of=last).progress().select("learner", "course")
    assert everyone.join(series, on=["learner", "course"], how="anti").is_empty()


def test_a_video_that_turns_out_longer_is_no_longer_complete() -> None:
    # all of 60 s in the first week; in the second the player says that it lasts 80 s
    start = datetime(2026, 3, 3, 10, tzinfo=timezone.utc)
    log = pl.DataFrame(
        {
            "learner": "L1",
            "time": [start, start + timedelta(seconds=60), start + timedelta(days=7)],
            "content": "v",
            "verb": ["played", "paused", "played"],
            "position": [0.0, 60.0, 0.0],
            "length": [60.0, 60.0, 80.0],
        }
    )
    catalog = pl.DataFrame({"content": ["v"], "course": ["C"], "kind": ["video"]})
    series = kh.LearningData(log, catalog=catalog).personal().progress_over_time()
    assert series["completed"].to_list() == [1, 0]


def test_periods_of_a_course_are_counted_from_its_start() -> None:
    log = pl.DataFrame(
        {
            "learner": ["L1", "L1"],
            "time": ["2026-03-03 10:00", "2026-03-14 10:00"],
            "content": ["a", "b"],
            "course": "C",
        }
    )
    courses = pl.DataFrame({"course": ["C"], "starts": ["2026-03-05"], "ends": ["2026-03-13"]})
    catalog = pl.DataFrame({"content": ["a", "b"], "course": "C"})
    data = kh.LearningData(log, catalog=catalog, courses=courses, tz="UTC")
    series = data.personal().progress_over_time(every="3d", week="course")
    # 2-4 March, 5-7, 8-10, 11-13 March, cut where the course ends: before the second content
    assert series["period"].to_list() == [0, 1, 2, 3]
    assert series["progress"].to_list() == [0.5] * 4
    assert series["at"].to_list()[-1] == datetime(2026, 3, 13, tzinfo=timezone.utc)


@pytest.mark.parametrize(
    ("every", "week", "says"),
    [
        ("36h", "course", "whole days"),
        ("2w", "iso", "1d or 1w"),
        ("0s", "iso", "1d or 1w"),
    ],
)
def test_periods_are_days_or_weeks(every: str, week: Any, says: str) -> None:
    pla = kh.simulate(learners=3, courses=1, seed=1).data.personal()
    with pytest.raises(kh.ParameterError, match=says):
        pla.progress_over_time(every=every, week=week)
    with pytest.raises(kh.ParameterTypeError, match='"7d"'):
        pla.progress_over_time(every=7)  # type: ignore[arg-type]


def test_too_many_periods_are_refused() -> None:
    log = pl.DataFrame({"learner": ["L1"], "time": ["2026-03-03 10:00"], "content": ["a"], "course": "C"})
    roster = pl.DataFrame({"learner": ["L1"], "course": ["C"], "start": ["1950-01-01"]})
    pla = kh.LearningData(log, enrollments=roster, tz="UTC").personal()
    with pytest.raises(kh.ParameterError, match="10000 periods"):
        pla.progress_over_time(every="1d")
    assert pla.progress_over_time(every="1w").height == 3976
    older = pl.DataFrame({"learner": ["L1"], "course": ["C"], "start": ["1820-01-01"]})
    pla = kh.LearningData(log, enrollments=older, tz="UTC").personal()
    for table in (pla.progress_over_time, pla.weekly_features):
        with pytest.raises(kh.ParameterError, match="10000 periods"):
            table()


def test_in_a_course_without_an_end_weeks_end_with_the_last_activity() -> None:
    # the last event is known a week later; the course D has an end
    log = pl.DataFrame(
        {
            "learner": ["L1", "L1", "L1", "L2"],
            "time": ["2026-03-03 10:00", "2026-03-10 10:00", "2026-03-03 11:00", "2026-03-04 10:00"],
            "received": [None, "2026-03-17 10:00", None, None],
            "content": ["a", "b", "x", "a"],
            "course": ["C", "C", "D", "C"],
        }
    )
    courses = pl.DataFrame({"course": ["D"], "ends": ["2026-04-10"]})
    data = kh.LearningData(log, courses=courses, tz="UTC")
    soon, late = (data.personal(as_of=day) for day in ("2026-04-20", "2031-01-01"))
    for name in ("progress_over_time", "weekly_features"):
        table = getattr(soon, name)()
        weeks = table.group_by("learner", "course", maintain_order=True).len()
        assert weeks.rows() == [("L1", "C", 3), ("L1", "D", 6), ("L2", "C", 1)]
        assert getattr(late, name)().equals(table)
