"""Figures of the notebook about OULAD 2013, against counts in SQL that know nothing of kohort."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import duckdb
import kohort as kh
import polars as pl
import pytest
from notebook_runs import names_of
from polars.testing import assert_frame_equal
from real_data import real_data

if TYPE_CHECKING:
    from pathlib import Path

# withdrawals before the course, and in its weeks 1 to 35
BY_WEEK = [
    *(973, 335, 118, 72, 206, 98, 94, 109, 83, 102, 67, 67, 60, 83, 112, 88, 73, 56),
    *(73, 66, 74, 55, 53, 72, 85, 77, 46, 34, 29, 29, 49, 45, 52, 40, 32, 9),
]
# enrolled, completed, withdrawn, stopped, active, never_started
STATUS = {
    "AAA-2013J": (383, 278, 60, 38, 7, 0),
    "BBB-2013B": (1767, 803, 505, 332, 82, 45),
    "BBB-2013J": (2237, 1072, 644, 431, 44, 46),
    "DDD-2013B": (1303, 510, 432, 240, 107, 14),
    "DDD-2013J": (1938, 829, 681, 341, 73, 14),
    "EEE-2013J": (1052, 609, 243, 178, 9, 13),
    "FFF-2013B": (1614, 782, 411, 336, 76, 9),
    "FFF-2013J": (2283, 1095, 675, 458, 48, 7),
    "GGG-2013J": (952, 592, 66, 249, 12, 33),
}


@pytest.fixture(scope="module")
def names() -> dict[str, Any]:
    return names_of("02_a_course_examined")


def sql(query: str) -> list[tuple[Any, ...]]:
    """Ask the published tables; `{data}` is their folder."""
    with duckdb.connect() as connection:
        return connection.execute(query.replace("{data}", str(real_data("oulad_2013")))).fetchall()


def test_statuses_are_the_known_ones(names: dict[str, Any]) -> None:
    assert {course: tuple(rest) for course, *rest in names["status"].iter_rows()} == STATUS
    outcomes = dict(
        sql("select final_result, count(*) from '{data}/studentInfo.parquet' group by final_result")
    )
    totals = names["status"].drop("course").sum().row(0, named=True)
    assert totals["withdrawn"] == outcomes["Withdrawn"] == 3_717
    assert totals["completed"] == outcomes["Pass"] + outcomes["Distinction"] == 6_570
    assert totals["stopped"] + totals["active"] + totals["never_started"] == outcomes["Fail"] == 3_242


def test_withdrawals_by_week_are_those_of_the_published_table(names: dict[str, Any]) -> None:
    ours = dict(names["withdrawals"].select("week", "withdrawals").iter_rows())
    # withdrawn on paper half a year after the end: in the last week of the course
    assert ours == dict(enumerate(BY_WEEK)) | {39: 1, 64: 0}
    # no day of theirs is in the table, so their last click stands for it
    otherwise = {0: 1, 14: 1, 35: 1} | {39: 1, 64: -1}
    theirs = dict(
        sql("""
        select greatest(cast(floor(date_unregistration / 7.0) as integer) + 1, 0), count(*)
        from '{data}/studentInfo.parquet'
        join '{data}/studentRegistration.parquet' using (code_module, code_presentation, id_student)
        where final_result = 'Withdrawn' and date_unregistration is not null group by 1
        """)
    )
    placed = {week: n - otherwise.get(week, 0) for week, n in ours.items()}
    assert {week: n for week, n in placed.items() if n} == theirs
    by_hand = names["withdrawals"].filter(pl.col("by_hand") > 0)
    assert dict(by_hand.select("week", "by_hand").iter_rows()) == theirs
    assert sum(theirs.values()) == 3_714
    assert round(names["too_late"], 3) == 0.384


def test_who_stays_half_a_year(names: dict[str, Any]) -> None:
    stay = dict(names["stay"].select("group", pl.col("survival").round(3)).iter_rows())
    assert stay == {
        **{
            "AAA-2013J": 0.896,
            "BBB-2013B": 0.663,
            "BBB-2013J": 0.662,
            "DDD-2013B": 0.643,
            "DDD-2013J": 0.714,
        },
        **{"EEE-2013J": 0.744, "FFF-2013B": 0.721, "FFF-2013J": 0.694, "GGG-2013J": 0.814},
    }
    assert names["stay"]["reason"].null_count() == 9
    assert (names["stay"]["n"] % 5 == 0).all()


def test_released_weeks_are_the_exact_ones_rounded(names: dict[str, Any]) -> None:
    """Last click or submission up to the end by course week: exact, and for the desk."""
    released = names["groups"].drop_off(by="week")
    days = sql("""
        with done as (
            select code_module, code_presentation, id_student, date from '{data}/studentVle.parquet'
            union all
            select code_module, code_presentation, id_student, date_submitted
            from '{data}/studentAssessment.parquet' join '{data}/assessments.parquet' using (id_assessment)
            where is_banked = 0)
        select code_module || '-' || code_presentation, id_student, max(date) // 7 + 1
        from done join '{data}/courses.parquet' using (code_module, code_presentation)
        where date <= module_presentation_length group by all
    """)
    weeks_of = pl.DataFrame(days, schema=["course", "learner", "week"], orient="row")
    seen = names["own_work"].drop_off().join(weeks_of, on=["course", "learner"])
    numbers = 0
    for row in released.iter_rows(named=True):
        weeks = released.filter(pl.col("group") == row["group"]).height
        here = seen.filter(pl.col("course") == row["group"]).with_columns(pl.col("week").clip(1, weeks))
        last = here.filter(pl.col("week") == row["position"])
        for name, exact in (
            ("reached", here.filter(pl.col("week") >= row["position"]).height),
            ("left", last.filter(pl.col("status").is_in(["withdrawn", "stopped"])).height),
        ):
            if row[f"{name}_code"] == "count":
                numbers += 1
                assert abs(row[name] - exact) <= 2.5
            else:
                assert row[name] is None
    assert numbers > 400


def test_the_released_curve_is_close_to_the_exact_one(names: dict[str, Any]) -> None:
    """Kaplan and Meier's product over weeks since enrollment, with who passed as gone as well."""
    starts = pl.col("course").str.split("-").list.last().replace_strict(names["STARTS"], return_dtype=pl.Date)
    lengths = pl.read_parquet(real_data("oulad_2013") / "courses.parquet").select(
        course=pl.format("{}-{}", "code_module", "code_presentation"), days="module_presentation_length"
    )
    dates = names["registered"].select(
        pl.col("id_student").cast(pl.Int64).alias("learner"),
        pl.format("{}-{}", "code_module", "code_presentation").alias("course"),
        "date_registration",
        "date_unregistration",
    )
    spells = names["own_work"].drop_off().join(dates, on=["learner", "course"]).join(lengths, on="course")
    seen = (pl.col("last_active").dt.convert_time_zone("UTC").dt.date() - starts).dt.total_days()
    last = pl.coalesce(seen, "date_registration")
    status = pl.col("status")
    until = (
        pl.when(status == "withdrawn")
        .then(pl.coalesce("date_unregistration", last))
        .when(status.is_in(["stopped", "completed"]))
        .then(last)
        .when(status == "active")
        .then("days")
        .otherwise("date_registration")
    )
    weeks = pl.max_horizontal(until - pl.col("date_registration"), 0) // 7
    gone = status.is_in(["withdrawn", "stopped", "completed"])
    rows = spells.select("course", week=weeks, gone=gone).drop_nulls("week")
    for course, survival in names["stay"].select("group", "survival").iter_rows():
        here = rows.filter(pl.col("course") == course)
        exact = 1.0
        for week in range(26):
            at_risk = here.filter(pl.col("week") >= week).height
            exact *= 1 - here.filter(pl.col("week") == week)["gone"].sum() / at_risk
        assert survival == pytest.approx(exact, abs=0.01), course


def test_weeks_after_a_deadline_are_flagged_more_often(names: dict[str, Any]) -> None:
    first = names["flagged"].filter(pl.col("step") == "1")
    assert (names["flagged"].height, first.height) == (38, 7)
    bbb = names["flagged"].filter(pl.col("group") == "BBB-2013B")["step"].to_list()
    assert bbb == ["1", "5", "7", "9", "14", "19", "24", "28"]
    dues = dict(
        sql("""
        select date // 7 + 1, count(*) from '{data}/assessments.parquet'
        where code_module = 'BBB' and code_presentation = '2013B' and date is not null group by 1
    """)
    )
    assert set(dues) == {3, 7, 8, 13, 18, 23, 27}
    assert names["deadlines"].rows() == [(False, 18, 274), (True, 13, 54)]
    low, high = names["share_flagged"].select("lower", "upper").row(1)
    assert (round(low, 2), round(high, 2)) == (0.15, 0.37)


def test_marks_are_those_of_the_published_table(names: dict[str, Any]) -> None:
    theirs = sql("""
        select code_module || '-' || code_presentation, count(*), count(score), avg(score),
            count(*) filter (score >= 40) / count(score)
        from '{data}/studentAssessment.parquet' join '{data}/assessments.parquet' using (id_assessment)
        where is_banked = 0 group by 1 order by 1
    """)
    assert [row[:3] for row in names["marks"].iter_rows()] == [row[:3] for row in theirs]
    for ours, other in zip(names["marks"].iter_rows(), theirs, strict=True):
        assert ours[3:] == pytest.approx(other[3:], rel=1e-9)
    assert names["marks"]["handed_in"].sum() == 82_122
    assert names["marks"]["scored"].sum() == 82_122 - 83
    assert round(names["work"]["passed"].mean(), 2) == 0.96


def test_regularity_turns_round_at_like_activity(names: dict[str, Any]) -> None:
    all_ = {row["status"]: row for row in names["medians"].iter_rows(named=True)}
    assert {status: row["n"] for status, row in all_.items()} == {
        "completed": 6_570,
        "active": 458,
        "stopped": 2_603,
        "withdrawn": 2_612,
    }
    assert all_["completed"]["ws1"] == pytest.approx(0.3014, abs=1e-4)
    assert all_["withdrawn"]["ws1"] == pytest.approx(0.2471, abs=1e-4)
    assert all_["completed"]["fwd_normalized"] == pytest.approx(0.1381, abs=1e-4)
    assert all_["withdrawn"]["fwd_normalized"] == pytest.approx(0.2373, abs=1e-4)
    assert names["similar"].height == 2_863
    assert names["by_rank"]["fwd_normalized"] == pytest.approx(0.195, abs=5e-4)
    assert names["by_rank"]["ws1"] == pytest.approx(-0.375, abs=5e-4)


def test_one_learner_stands_in_a_band(names: dict[str, Any]) -> None:
    assert names["her"] == 173_412
    hers = {row["metric"]: row for row in names["hers"].iter_rows(named=True)}
    assert (hers["active_days"]["own"], hers["contents"]["own"], hers["events"]["own"]) == (61, 156, 414)
    assert (hers["active_days"]["band_low"], hers["active_days"]["band_high"]) == (0.49, 0.6)
    assert hers["contents"]["band_low"] == 0.7
    assert hers["study_time"]["own"] is None
    assert hers["study_time"]["reason"] == "times have day resolution"


def test_the_download_becomes_what_the_notebook_reads(names: dict[str, Any], tmp_path: Path) -> None:
    download = tmp_path / "download"
    download.mkdir()
    for path in real_data("oulad_2013/csv_original_format").iterdir():
        name = path.name.split("_AAA_2013J")[0] + ".csv"
        pl.read_csv(path, infer_schema=False).write_csv(download / name, quote_style="always")
    other = pl.read_csv(download / "courses.csv", infer_schema=False).with_columns(
        code_presentation=pl.lit("2014J")
    )
    both = pl.concat([pl.read_csv(download / "courses.csv", infer_schema=False), other])
    both.write_csv(download / "courses.csv", quote_style="always")
    names["only_2013"](download, tmp_path / "oulad_2013")
    made = kh.read_oulad(tmp_path / "oulad_2013").personal(as_of="2016-01-01").summary()
    whole = kh.read_oulad(real_data("oulad_2013")).personal(as_of="2016-01-01").summary()
    assert_frame_equal(made, whole.filter(pl.col("course") == "AAA-2013J"))
