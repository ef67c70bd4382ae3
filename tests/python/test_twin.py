"""Every personal table equals the slow twin's, on random logs and on a real course."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import hypothesis.strategies as st
import polars as pl
import pytest
import twin
from bridge import Kohort, Twin, differences
from hypothesis import given
from real_data import real_data
from strategies import estimators, film_logs, logs, moments
from twin import DAY, Cell, Log

RULES = ["watched", "engaged", "submitted", "posted", "passed", "completed"]
SPLITS = ["course", "module", "content", "kind", "topic", *twin.CALENDAR]


@st.composite
def questions(draw: st.DrawFn) -> tuple[Log, twin.StudyTime, dict[str, Any]]:
    """Draw a log, an estimator and the other options of ``personal``."""
    log = draw(logs())
    kinds = st.sampled_from([kind for kind in ("video", "quiz", "page", "discussion")])
    options = {
        "as_of": draw(moments(log)),
        "inactivity": draw(st.sampled_from([14 * DAY, DAY, 3 * DAY])),
        "completion": draw(
            st.none() | st.dictionaries(kinds, st.sampled_from(RULES), min_size=1, max_size=2)
        ),
    }
    return log, draw(estimators()), options


def both(question: tuple[Log, twin.StudyTime, dict[str, Any]]) -> tuple[Kohort, Twin]:
    log, est, options = question
    return Kohort(log, est, **options), Twin(log, est, **options)


@given(questions())
def test_summary_agrees_with_the_twin(question: Cell) -> None:
    ours, theirs = both(question)
    assert not differences(ours.summary(), theirs.summary())


@given(questions())
def test_studied_content_agrees_with_the_twin(question: Cell) -> None:
    ours, theirs = both(question)
    assert not differences(ours.studied_content(), theirs.studied_content())


@given(questions())
def test_pace_agrees_with_the_twin(question: Cell) -> None:
    ours, theirs = both(question)
    assert not differences(ours.pace(), theirs.pace())


@given(questions())
def test_sessions_agree_with_the_twin(question: Cell) -> None:
    ours, theirs = both(question)
    assert not differences(ours.sessions(), theirs.sessions())


@given(
    questions(),
    st.lists(st.sampled_from(SPLITS), max_size=3, unique=True),
    st.sampled_from(["iso", "course"]),
)
def test_study_time_agrees_with_the_twin(question: Cell, by: list[str], week: str) -> None:
    ours, theirs = both(question)
    assert not differences(ours.study_time(by, week), theirs.study_time(by, week))


@given(questions(), st.sampled_from([None, "course"]), st.integers(1, 3), st.integers(0, 2))
def test_frequency_agrees_with_the_twin(
    question: Cell, by: str | None, min_activity: int, freeze: int
) -> None:
    ours, theirs = both(question)
    options = {"by": by, "min_activity": min_activity, "freeze": freeze}
    assert not differences(ours.frequency(**options), theirs.frequency(**options))


@given(questions(), st.sampled_from([None, "module"]))
def test_progress_agrees_with_the_twin(question: Cell, by: str | None) -> None:
    ours, theirs = both(question)
    assert not differences(ours.progress(by), theirs.progress(by))


@given(questions())
def test_drop_off_agrees_with_the_twin(question: Cell) -> None:
    ours, theirs = both(question)
    assert not differences(ours.drop_off(), theirs.drop_off())


@given(questions(), st.sampled_from([DAY, 3 * DAY, 7 * DAY, 7 * DAY + 1]))
def test_person_periods_agree_with_the_twin(question: Cell, every: int) -> None:
    ours, theirs = both(question)
    assert not differences(ours.person_periods(every=every), theirs.person_periods(every=every))


@given(questions())
def test_a_learners_own_view_is_her_part_of_the_whole(question: Cell) -> None:
    whole, _ = both(question)
    learner = question[0].events[0]["learner"]
    own = whole.pla.learner(learner)
    tables = "summary sessions study_time frequency progress drop_off video video_segments "
    tables += "progress_over_time engagement weekly_features person_periods"
    for table in tables.split():
        part = getattr(whole.pla, table)().filter(pl.col("learner") == learner)
        assert getattr(own, table)().equals(part), table


@given(film_logs())
def test_what_was_watched_agrees_with_the_twin(log: Log) -> None:
    ours, theirs = Kohort(log), Twin(log)
    assert not differences(ours.progress(), theirs.progress())


@given(film_logs(), st.sampled_from(["drop", "impute"]), st.sampled_from([1, 1, 7]))
def test_video_agrees_with_the_twin(log: Log, open: str, width: int) -> None:
    ours, theirs = Kohort(log), Twin(log)
    assert not differences(ours.video(open=open), theirs.video(open=open))
    assert not differences(ours.video_segments(width), theirs.video_segments(width))


@given(questions(), st.sampled_from(["drop", "impute"]))
def test_video_in_any_log_agrees_with_the_twin(question: Cell, open: str) -> None:
    ours, theirs = both(question)
    assert not differences(ours.video(open=open), theirs.video(open=open))
    assert not differences(ours.video_segments(), theirs.video_segments())


def to_days(log: Log) -> Log:
    """Cut every time to its day, as logs do that know no more."""
    events = [row | {"time": row["time"] // DAY * DAY} for row in log.events]
    return replace(log, events=events, learners=None, tz=None, resolution=None, day_start=0)


@given(logs(), st.sampled_from([None, "course"]))
def test_logs_of_days_agree_with_the_twin(log: Log, by: str | None) -> None:
    days = to_days(log)
    ours, theirs = Kohort(days), Twin(days)
    assert not differences(ours.summary(), theirs.summary())
    assert not differences(ours.frequency(by=by), theirs.frequency(by=by))
    assert not differences(ours.drop_off(), theirs.drop_off())
    splits = [by] if by else []
    assert not differences(ours.study_time(splits), theirs.study_time(splits))
    assert not differences(ours.study_time(["day"]), theirs.study_time(["day"]))
    assert not differences(ours.sessions(), theirs.sessions())
    assert not differences(ours.video(open="impute"), theirs.video(open="impute"))


# ---------------------------------------------------------------- a real course


@pytest.fixture(scope="module")
def la_course() -> Log:
    """Read the LA course log: 130 learners, seconds."""
    path = real_data("la_course_synthetic/la_course_events.parquet")
    frame = pl.read_parquet(path).select(
        learner="user",
        time=pl.col("timecreated").dt.timestamp("us"),
        content="Event.context",
        kind="Component",
    )
    return Log(frame.drop("kind").to_dicts(), tz="Europe/Helsinki")


@pytest.fixture(scope="module")
def la_course_both(la_course: Log) -> tuple[Kohort, Twin]:
    return Kohort(la_course), Twin(la_course)


@pytest.mark.parametrize("table", ["summary", "sessions", "frequency"])
def test_the_real_course_agrees_with_the_twin(la_course_both: tuple[Kohort, Twin], table: str) -> None:
    ours, theirs = (getattr(side, table)() for side in la_course_both)
    assert len({row["learner"] for row in ours}) == 130
    assert not differences(ours, theirs)


@pytest.mark.parametrize("by", [[], ["day"], ["hour"], ["content", "week"]])
def test_study_time_of_the_real_course_agrees_with_the_twin(
    la_course_both: tuple[Kohort, Twin], by: list[str]
) -> None:
    ours, theirs = (side.study_time(by) for side in la_course_both)
    assert not differences(ours, theirs)


def test_the_real_course_has_its_published_sessions(la_course: Log) -> None:
    # counts from the data's own description: at 900 s 9,383 sessions of two or more events,
    # 9,560 with the single ones
    est = twin.StudyTime(gap=900 * twin.SECOND)
    assert len(Kohort(la_course, est).sessions()) == 9_560
    longer = twin.StudyTime(gap=900 * twin.SECOND, min_events=2)
    assert len(Kohort(la_course, longer).sessions()) == 9_383
