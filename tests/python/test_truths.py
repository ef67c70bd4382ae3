"""Session counts of two public data sets that were computed independently of kohort."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import kohort as kh
import polars as pl
import pytest
from real_data import real_data


@pytest.fixture(scope="module")
def la_course() -> kh.LearningData:
    """LMS/LA course, University of Eastern Finland (synthetic), in seconds."""
    return kh.read_parquet(
        real_data("la_course_synthetic/la_course_events.parquet"),
        columns={"learner": "user", "time": "timecreated", "content": "Event.context"},
        tz="UTC",
        extra="drop",
    )


@pytest.fixture(scope="module")
def tna() -> kh.LearningData:
    """``group_regulation_long`` of the R package tna."""
    return kh.read_parquet(
        real_data("tna/group_regulation_long.parquet"),
        columns={"learner": "Actor", "time": "Time", "content": "Action", "course": "Course"},
        tz="UTC",
        extra="drop",
    )


def sessions(data: kh.LearningData, gap: str, min_events: int = 1) -> pl.DataFrame:
    return data.personal(study_time=kh.StudyTime(gap=gap, min_events=min_events)).sessions()


def test_la_course_is_read_whole(la_course: kh.LearningData) -> None:
    summary = la_course.personal().summary()
    assert summary["events"].sum() == 95_626
    assert summary["learner"].n_unique() == 130
    assert summary["first_active"].min() == datetime(2019, 9, 9, 14, 8, 1, tzinfo=timezone.utc)
    assert summary["last_active"].max() == datetime(2019, 10, 27, 19, 27, 41, tzinfo=timezone.utc)


def test_la_course_has_9560_sessions_at_a_gap_of_900_seconds(la_course: kh.LearningData) -> None:
    every = sessions(la_course, "900s")
    assert every.height == 9_560
    assert every.filter(pl.col("events") >= 2).height == 9_383
    assert every["events"].sum() == 95_626


def test_la_course_has_9383_sessions_of_two_or_more_events(la_course: kh.LearningData) -> None:
    assert sessions(la_course, "15m", min_events=2).height == 9_383


def test_ninety_percent_of_the_gaps_are_at_most_841_seconds(la_course: kh.LearningData) -> None:
    # Each session but a learner's first follows a gap above the limit: counting one counts both.
    gaps = 95_626 - 130

    def share_within(limit: str) -> float:
        return 1 - (sessions(la_course, limit).height - 130) / gaps

    assert share_within("840s") < 0.9 <= share_within("841s")
    raw = pl.read_parquet(real_data("la_course_synthetic/la_course_events.parquet"))
    seconds = raw.sort("user", "timecreated").select(pl.col("timecreated").diff().over("user")).to_series()
    assert seconds.drop_nulls().quantile(0.9, "nearest") == timedelta(seconds=841)


def test_tna_has_one_session_for_each_actor(tna: kh.LearningData) -> None:
    found = sessions(tna, "900s")
    assert found.height == 2_000
    assert found["learner"].n_unique() == 2_000
    assert found["events"].sum() == 27_533
    assert found["events"].max() == 26
