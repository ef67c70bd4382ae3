"""Weekly features equal the slow twin's, and each week knows nothing of the next."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import bridge
import hypothesis.strategies as st
import kohort as kh
import polars as pl
import pytest
import twin
from bridge import Kohort, Twin, differences
from hypothesis import given
from strategies import KINDS, estimators, logs, moments, quiz_logs
from twin import DAY, HOUR, SECOND, Cell, Log
from twin_log import course_end

HINDSIGHT = "stopped_out"


@st.composite
def with_deadlines(draw: st.DrawFn, log: Log) -> Log:
    """Give the contents of a log deadlines around its events, and let them be assessments."""
    times = sorted(event["time"] for event in log.events)
    due = st.sampled_from(times).flatmap(
        lambda time: st.sampled_from([time - 1, time, time + SECOND, time + 20 * HOUR, time + 6 * DAY])
    )
    kinds = st.sampled_from(["quiz", "problem", "assignment", *KINDS])
    rows = [row | {"kind": draw(kinds), "due": draw(st.none() | due)} for row in log.catalog or []]
    return replace(log, catalog=rows or None)


@st.composite
def questions(draw: st.DrawFn) -> tuple[Log, twin.StudyTime, dict[str, Any]]:
    """Draw a log, an estimator and a moment."""
    log = draw(with_deadlines(draw(logs())))
    return log, draw(estimators()), {"as_of": draw(moments(log))}


@st.composite
def quiz_weeks(draw: st.DrawFn) -> tuple[Log, twin.StudyTime, dict[str, Any]]:
    """Draw work and results on quizzes that spread over weeks."""
    log = draw(quiz_logs())
    rows = [
        row | {"time": row["time"] + draw(st.sampled_from([0, 0, 5 * DAY, 9 * DAY]))} for row in log.events
    ]
    late = st.sampled_from([0, DAY, 8 * DAY])
    rows = [row | {"received": row["received"] and row["time"] + draw(late)} for row in rows]
    catalog = [{"content": c, "course": "A", "kind": "quiz", "required": True} for c in ("c1", "c2")]
    log = replace(log, events=rows, catalog=draw(st.sampled_from([catalog, catalog, None])))
    if log.resolution == "day":
        log = replace(log, events=[row | {"time": row["time"] // DAY * DAY} for row in rows])
    return draw(with_deadlines(log)), draw(estimators()), {"as_of": None}


def agree(question: tuple[Log, twin.StudyTime, dict[str, Any]], **options: Cell) -> None:
    log, est, moment = question
    ours = Kohort(log, est, **moment).weekly_features(**options)
    theirs = Twin(log, est, **moment).weekly_features(**options)
    assert not differences(ours, theirs)


@given(questions(), st.sampled_from(["iso", "course"]))
def test_weekly_features_agree_with_the_twin(question: Cell, week: str) -> None:
    agree(question, week=week)


@given(quiz_weeks(), st.sampled_from([None, 0.5]))
def test_weeks_of_quizzes_agree_with_the_twin(question: Cell, pass_mark: float | None) -> None:
    agree(question, pass_mark=pass_mark)


@given(questions())
def test_a_week_knows_nothing_of_the_next(question: Cell) -> None:
    log, est, moment = question
    data = bridge.learning_data(log)
    last = twin.default_as_of(log) if moment["as_of"] is None else moment["as_of"]
    options = {"study_time": bridge.estimator(est)}
    whole = data.personal(as_of=twin.EPOCH + bridge.span(last), **options).weekly_features()
    for (at,), rows in whole.drop(HINDSIGHT).group_by("at", maintain_order=True):
        assert isinstance(at, datetime)
        then = data.personal(as_of=at, **options).weekly_features()
        then = then.drop(HINDSIGHT).filter(pl.col("at") == at)
        # in a course without an end, a week in which nothing happens is told by later ones
        untold = rows.join(then, on=["learner", "course"], how="anti")
        assert (untold["events"] == 0).all()
        assert all(course_end(log, course) is None for course in untold["course"])
        rows = rows.join(then, on=["learner", "course"], how="semi")
        again = then.join(rows, on=["learner", "course"], how="semi")
        assert again.equals(rows)


def platform() -> kh.LearningData:
    made = kh.simulate(learners=60, courses=2, seed=7, weeks=6)
    late = pl.col("time") + pl.duration(days=pl.col("time").dt.minute() % 5)
    events = made.events.with_columns(received=late)
    tables = {name: getattr(made, name) for name in ("catalog", "courses", "enrollments", "learners")}
    return kh.LearningData(events, **tables, tz="Europe/Helsinki")


def test_a_week_of_a_platform_knows_nothing_of_the_next() -> None:
    data = platform()
    est = kh.StudyTime(over_gap=kh.impute(), last_event=kh.fixed("1m"), max_session="3h")
    whole = data.personal(study_time=est).weekly_features(week="course", pass_mark=0.5)
    assert whole.height > 300
    assert whole["submissions"].sum() > 500
    for (at,), rows in whole.drop(HINDSIGHT).group_by("at", maintain_order=True):
        assert isinstance(at, datetime)
        then = data.personal(study_time=est, as_of=at).weekly_features(week="course", pass_mark=0.5)
        then = then.drop(HINDSIGHT).filter(pl.col("at") == at)
        assert then.join(rows, on=["learner", "course"], how="semi").equals(rows)


def test_weeks_add_up_where_nobody_studies_past_the_end_of_one() -> None:
    made = kh.simulate(learners=60, courses=2, seed=7, weeks=6)
    tables = {name: getattr(made, name) for name in ("catalog", "enrollments")}
    # nights without study, so that no session crosses the end of a week
    log = made.events.filter(pl.col("time").dt.hour().is_between(2, 22))
    pla = kh.LearningData(log, **tables, tz="UTC").personal()
    weeks, summary = pla.weekly_features(), pla.summary()
    total = weeks.group_by("learner", "course").agg(pl.col("study_time", "events").sum())
    both = total.join(summary, on=["learner", "course"], how="inner").sort("learner", "course")
    assert both.height == summary.height
    assert both["study_time"].equals(both["study_time_right"].rename("study_time"))
    registered = log.filter(pl.col("verb").is_in(["enrolled", "unenrolled"])).height
    assert weeks["events"].sum() == summary["events"].sum() - registered
    posts = pla.collaboration()["posts"].sum()
    assert weeks["posts"].sum() == posts


def test_a_week_by_hand() -> None:
    monday = datetime(2026, 3, 2)
    at = lambda day, hour, minute=0: monday + timedelta(days=day, hours=hour, minutes=minute)  # noqa: E731
    deeds = [
        ("v", at(0, 10), "played", None),
        ("q1", at(0, 10, 10), "submitted", 0.4),
        ("q1", at(0, 10, 30), "submitted", 1.0),
        ("forum", at(0, 10, 40), "posted", None),
        ("forum", at(1, 12), "replied", None),
        ("q2", at(7, 9), "submitted", 0.2),
        ("q3", at(8, 9), "submitted", 1.0),
    ]
    log = pl.DataFrame(deeds, schema=["content", "time", "verb", "score"], orient="row")
    catalog = pl.DataFrame(
        {
            "content": ["v", "q1", "q2", "q3", "forum"],
            "course": "C",
            "kind": ["video", "quiz", "quiz", "quiz", "discussion"],
            "due": [None, at(4, 0), at(6, 0), at(9, 0), None],
        }
    )
    courses = pl.DataFrame({"course": ["C"], "starts": [at(0, 0)], "ends": [at(20, 23)]})
    data = kh.LearningData(log.with_columns(learner=pl.lit("L")), catalog=catalog, courses=courses, tz="UTC")
    rows = data.personal(as_of=at(30, 0)).weekly_features(week="course").rows(named=True)
    first, second, third = rows
    assert [row["week"] for row in rows] == [1, 2, 3]
    minutes = timedelta(minutes=1)
    assert first["study_time"] == 40 * minutes
    assert first["video_time"] == 10 * minutes
    assert first["longest_event"] == 20 * minutes
    # hours 0, 1/6, 1/2, 2/3 and 26 after the first event: mean 82/15
    assert first["event_time_variance"] == pytest.approx(
        sum((t - 82 / 15) ** 2 for t in (0, 1 / 6, 1 / 2, 2 / 3, 26)) / 4
    )
    assert (first["events"], first["posts"], first["replies"], first["collaborations"]) == (5, 1, 1, 2)
    assert (first["problems"], first["submissions"], first["submissions_per_problem"]) == (1, 2, 2.0)
    assert (first["problems_correct"], first["submissions_correct_share"]) == (1, 0.5)
    assert first["study_time_per_correct"] == 40 * minutes
    assert first["time_to_solve"] == 20 * minutes
    # due on Friday at 00:00; submitted on Monday at 10:10 and at 10:30
    assert first["time_before_due"] == timedelta(days=3, hours=13, minutes=40)
    assert (first["due"], first["due_correct_share"], first["due_correct_change"]) == (2, 0.5, None)
    # q2 a day and nine hours late, q3 fifteen hours early
    assert second["time_before_due"] == -timedelta(hours=9)
    assert (second["due"], second["due_correct_share"], second["due_correct_change"]) == (1, 1.0, 0.5)
    assert second["problems_per_correct"] == 2.0
    assert (third["submissions"], third["submissions_correct_share"], third["longest_event"]) == (
        0,
        None,
        None,
    )
    assert [row["stopped_out"] for row in rows] == [False, False, True]


def test_what_is_learned_later_is_in_no_earlier_week() -> None:
    log = pl.DataFrame(
        {
            "learner": "L",
            "time": [datetime(2026, 3, 4, 10), datetime(2026, 3, 11, 10)],
            "content": "q",
            "course": "C",
            "verb": ["submitted", "graded"],
            "score": [None, 1.0],
        }
    )
    weeks = kh.LearningData(log, tz="UTC").personal().weekly_features()
    assert weeks["submissions"].to_list() == [1, 0]
    assert weeks["submissions_correct"].to_list() == [0, 0]
    assert weeks["stopped_out"].to_list() == [False, None]
