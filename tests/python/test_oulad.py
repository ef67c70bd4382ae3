"""OULAD 2013 (Kuzilek, Hlosta & Zdrahal 2017): known counts, through the public API.

The figures were computed independently of kohort, from the published tables.
"""

from __future__ import annotations

import gzip
from typing import TYPE_CHECKING

import kohort as kh
import polars as pl
import pytest
from polars.testing import assert_frame_equal
from real_data import real_data

if TYPE_CHECKING:
    from pathlib import Path

# course: enrolled, active, sum of active days, distinct (learner, site), clicks,
# median active days of active learners, percent withdrawn
COURSES = {
    "AAA-2013J": (383, 378, 34_072, 24_112, 648_494, 81, 15.67),
    "BBB-2013B": (1_767, 1_537, 78_647, 57_068, 1_347_911, 39, 28.58),
    "BBB-2013J": (2_237, 1_870, 93_548, 67_531, 1_378_656, 35, 28.79),
    "DDD-2013B": (1_303, 1_214, 90_441, 125_540, 1_387_467, 63, 33.15),
    "DDD-2013J": (1_938, 1_768, 124_457, 155_849, 1_757_214, 59, 35.14),
    "EEE-2013J": (1_052, 964, 66_963, 42_202, 1_535_953, 62, 23.10),
    "FFF-2013B": (1_614, 1_510, 127_584, 182_744, 4_220_055, 76, 25.46),
    "FFF-2013J": (2_283, 2_098, 163_222, 229_416, 5_116_439, 67, 29.57),
    "GGG-2013J": (952, 895, 32_352, 29_666, 509_091, 31, 6.93),
}


@pytest.fixture(scope="module")
def oulad() -> kh.LearningData:
    return kh.read_oulad(real_data("oulad_2013"))


@pytest.fixture(scope="module")
def pla(oulad: kh.LearningData) -> kh.PersonalAnalytics:
    # Some withdrew on paper long after the last click: outcomes need a later day than that.
    return oulad.personal(as_of="2016-01-01")


@pytest.fixture(scope="module")
def summary(pla: kh.PersonalAnalytics) -> pl.DataFrame:
    return pla.summary()


@pytest.mark.parametrize("course", COURSES)
def test_each_course_has_its_known_counts(summary: pl.DataFrame, course: str) -> None:
    enrolled, active, days, contents, clicks, median_days, withdrawn = COURSES[course]
    rows = summary.filter(pl.col("course") == course)
    assert rows.height == enrolled
    assert rows["learner"].n_unique() == enrolled
    seen = rows.filter(pl.col("active_days") > 0)
    assert seen.height == active
    assert rows["active_days"].sum() == days
    assert rows["contents"].sum() == contents
    assert rows["interactions"].sum() == clicks
    assert seen["active_days"].median() == median_days
    assert round(100 * (rows["status"] == "withdrawn").sum() / enrolled, 2) == withdrawn


def test_the_totals_are_the_known_ones(summary: pl.DataFrame) -> None:
    seen = summary.filter(pl.col("interactions") > 0)
    assert summary.height == 13_529
    assert summary["course"].n_unique() == len(COURSES) == 9
    assert seen.height == 12_234
    assert seen["learner"].n_unique() == 12_102
    assert summary["interactions"].sum() == 17_901_280


def test_what_came_in_is_accounted_for(oulad: kh.LearningData) -> None:
    # 4,875,652 source rows stand for 3,949,842 (enrollment, site, day); none may be lost.
    found = {(table, finding): rows for table, finding, rows in oulad.quality.iter_rows()}
    known = {"studentVle": 4_875_652, "studentInfo": 13_529, "vle": 3_023, "assessments": 92, "courses": 9}
    assert {name: found["source", f"rows read: {name}"] for name in known} == known
    assert found["events", "rows read"] == found["events", "rows kept"] == 3_949_842
    assert oulad.rejected.height == 0


def test_learners_enrolled_twice_keep_their_courses_apart(summary: pl.DataFrame) -> None:
    seen = summary.filter(pl.col("interactions") > 0)
    # 12,234 active enrollments of 12,102 learners
    assert seen.height - seen["learner"].n_unique() == 132
    assert not summary.select("learner", "course").is_duplicated().any()


def test_study_time_cannot_be_had_from_days(pla: kh.PersonalAnalytics, summary: pl.DataFrame) -> None:
    reason = "times have day resolution"
    assert summary["study_time"].null_count() == summary.height
    assert summary["sessions"].null_count() == summary.height
    assert reason in pla.reasons["study_time"]
    assert reason in pla.reasons["sessions"]
    whole = pla.study_time()
    assert whole["study_time"].null_count() == whole.height == summary["learner"].n_unique()
    assert set(whole["reason"]) == {reason}
    assert pla.sessions().height == 0


def test_groups_withhold_study_time_with_the_same_reason(oulad: kh.LearningData) -> None:
    groups = oulad.reference_groups(by="course", as_of="2016-01-01")
    table = groups.summary()
    study = table.filter(pl.col("metric") == "study_time")
    assert study.height == 9
    assert study["median"].null_count() == 9
    assert study["reason"].null_count() == 0
    days = table.filter(pl.col("metric") == "active_days")
    assert days["median"].null_count() == 0
    # n is rounded to the nearest 5, half up
    rounded = {course: 5 * ((figures[0] + 2) // 5) for course, figures in COURSES.items()}
    assert dict(days.select("group", "n").iter_rows()) == rounded


def test_submissions_come_on_request(summary: pl.DataFrame) -> None:
    folder = real_data("oulad_2013")
    more = kh.read_oulad(folder, submissions=True)
    found = {(table, finding): rows for table, finding, rows in more.quality.iter_rows()}
    assert found["source", "rows read: studentAssessment"] == 82_842
    # A banked score was carried over from an earlier presentation: nothing was handed in here.
    raw = pl.read_parquet(folder / "studentAssessment.parquet")
    handed_in = raw.filter(pl.col("is_banked") == 0).height
    assert handed_in == 82_842 - 720
    events = more.personal(as_of="2016-01-01").summary()["events"].sum()
    assert events - summary["events"].sum() == handed_in


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Lay out the CSV files as they are published: one folder, plain names."""
    source = real_data("oulad_2013/csv_original_format")
    folder = tmp_path_factory.mktemp("oulad_csv")
    for path in source.iterdir():
        name = path.name.split("_AAA_2013J")[0] + ".csv"
        raw = path.read_bytes()
        (folder / name).write_bytes(gzip.decompress(raw) if path.suffix == ".gz" else raw)
    return folder


def test_the_original_csv_form_agrees_with_parquet(original: Path, summary: pl.DataFrame) -> None:
    from_csv = kh.read_oulad(original).personal(as_of="2016-01-01").summary()
    from_parquet = summary.filter(pl.col("course") == "AAA-2013J")
    assert from_csv.height == COURSES["AAA-2013J"][0]
    assert_frame_equal(from_csv, from_parquet)
