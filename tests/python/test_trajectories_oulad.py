"""Engagement in real courses (OULAD 2013) against a query of its own, and what became of the clusters."""

from __future__ import annotations

from typing import TYPE_CHECKING

import kohort as kh
import polars as pl
import pytest
from real_data import real_data

if TYPE_CHECKING:
    from pathlib import Path

COURSE = pl.format("{}-{}", "code_module", "code_presentation").alias("course")
KEYS = ["learner", "course", "period"]


def starts(course: pl.Expr) -> pl.Expr:
    """The first day of a presentation: B is February, J is October."""
    spring = course.str.ends_with("B")
    return pl.when(spring).then(pl.date(2013, 2, 1)).otherwise(pl.date(2013, 10, 1))


@pytest.fixture(scope="module")
def folder() -> Path:
    return real_data("oulad_2013")


@pytest.fixture(scope="module")
def assessments(folder: Path) -> pl.DataFrame:
    """Tutor and computer marked assignments, with the day they were due since the start."""
    table = pl.read_parquet(folder / "assessments.parquet").filter(
        (pl.col("assessment_type") != "Exam") & pl.col("date").is_not_null()
    )
    return table.select("id_assessment", COURSE, due_day=pl.col("date").cast(pl.Int64))


@pytest.fixture(scope="module")
def submitted(folder: Path, assessments: pl.DataFrame) -> pl.DataFrame:
    table = pl.read_parquet(folder / "studentAssessment.parquet").filter(pl.col("is_banked") == 0)
    table = table.join(assessments, on="id_assessment")
    return table.select(
        "course",
        "id_assessment",
        "due_day",
        learner="id_student",
        day=pl.col("date_submitted").cast(pl.Int64),
    )


@pytest.fixture(scope="module")
def clicks(folder: Path) -> pl.DataFrame:
    table = pl.read_parquet(folder / "studentVle.parquet")
    return table.select(COURSE, learner="id_student", day=pl.col("date").cast(pl.Int64)).unique()


@pytest.fixture(scope="module")
def labels(assessments: pl.DataFrame, submitted: pl.DataFrame, clicks: pl.DataFrame) -> pl.DataFrame:
    midnight = starts(pl.col("course")).cast(pl.Datetime("us")) + pl.duration(days="day")
    deeds = [
        submitted.select(
            "learner",
            "course",
            time=midnight,
            content=pl.format("a{}", "id_assessment"),
            verb=pl.lit("submitted"),
        ),
        clicks.select("learner", "course", time=midnight, content=pl.lit("site"), verb=pl.lit("viewed")),
    ]
    last = starts(pl.col("course")).cast(pl.Datetime("us")) + pl.duration(days=pl.col("due_day"))
    catalog = assessments.select(
        "course",
        content=pl.format("a{}", "id_assessment"),
        kind=pl.lit("assignment"),
        due=last + pl.duration(hours=23, minutes=59),
    )
    data = kh.LearningData(pl.concat(deeds), catalog=catalog, tz="UTC", resolution="day")
    return data.personal(as_of="2016-01-01").engagement()


def by_query(assessments: pl.DataFrame, submitted: pl.DataFrame, clicks: pl.DataFrame) -> pl.DataFrame:
    """Label every learner in every period with joins and group-bys of polars."""
    periods = assessments.group_by("course", "due_day").agg(due=pl.len()).sort("course", "due_day")
    periods = periods.with_columns(
        period=pl.int_range(1, pl.len() + 1).over("course"),
        after=pl.col("due_day").shift(1).over("course").fill_null(-10_000),
    )
    people = pl.concat([submitted.select("learner", "course"), clicks.select("learner", "course")]).unique()
    grid = people.join(periods, on="course")
    late = (pl.col("day") <= pl.col("due_day")).sum()
    first = submitted.group_by("learner", "course", "id_assessment", "due_day").agg(pl.col("day").min())
    work = first.group_by("learner", "course", "due_day").agg(submitted=pl.len(), on_time=late)
    days = pl.concat(
        [submitted.select("learner", "course", "day"), clicks.select("learner", "course", "day")]
    )
    seen = days.unique().join(periods, on="course")
    seen = seen.filter((pl.col("day") > pl.col("after")) & (pl.col("day") <= pl.col("due_day")))
    seen = seen.select("learner", "course", "due_day").unique().with_columns(active=pl.lit(True))
    table = grid.join(work, on=["learner", "course", "due_day"], how="left")
    table = table.join(seen, on=["learner", "course", "due_day"], how="left")
    level = (
        pl.when(pl.col("on_time") == pl.col("due"))
        .then(3)
        .when(pl.col("submitted") > 0)
        .then(2)
        .otherwise(pl.col("active").fill_null(False).cast(pl.Int32))
    )
    return table.select(*KEYS, level=level)


def test_labels_of_real_courses_agree_with_a_query(
    labels: pl.DataFrame, assessments: pl.DataFrame, submitted: pl.DataFrame, clicks: pl.DataFrame
) -> None:
    theirs = by_query(assessments, submitted, clicks).cast(
        dict.fromkeys(["learner", "period", "level"], pl.Int64)
    )
    ours = labels.select(*KEYS, "level").cast({"learner": pl.Int64, "period": pl.Int64, "level": pl.Int64})
    assert ours.height == theirs.height > 80_000
    assert ours.sort(KEYS).equals(theirs.sort(KEYS))
    assert ours["level"].n_unique() == 4


def test_clusters_of_a_real_course_end_as_their_names_say(labels: pl.DataFrame, folder: Path) -> None:
    found = kh.stats.trajectories(labels.filter(pl.col("course") == "DDD-2013J"))
    info = pl.read_parquet(folder / "studentInfo.parquet").with_columns(COURSE)
    passed = pl.col("final_result").is_in(["Pass", "Distinction"]).mean()
    joined = found.learners.join(
        info.select("course", "final_result", learner=pl.col("id_student").cast(pl.Int64)),
        on=["learner", "course"],
    )
    share = dict(joined.group_by("name").agg(passed).iter_rows())
    # grades had no part in the clusters
    assert share["completing"] > 0.8
    assert share["disengaging"] < 0.2
    assert share["sampling"] < 0.05
