"""Lengths of time as tables have them: durations, seconds, and texts in the usual forms."""

from __future__ import annotations

from datetime import time, timedelta
from pathlib import Path

import kohort as kh
import pandas as pd
import polars as pl
import pytest
from bad import check_rejects, counts, log, read, refused, rejected
from hypothesis import given
from hypothesis import strategies as st
from twin import Cell

FORMS = [
    "PT5M",
    "00:05:00",
    "0:05:00",
    "5m",
    "300s",
    "300",
    " 300 ",
    "300.0",
    "P0DT300S",
    "PT0H5M0S",
    "00:05:00.000",
]


@pytest.mark.parametrize("form", FORMS)
def test_every_form_says_the_same(form: str) -> None:
    data = read(log(duration=[form, None, ""]))
    assert rejected(data) == []
    studied = data.personal().study_time()["study_time"].item()
    assert studied == read(log(duration=[300.0, None, None])).personal().study_time()["study_time"].item()


@pytest.mark.parametrize(
    "bad",
    ["5 min", "05:00", "5:0", "five", "PT", "P1M", "-00:05:00", "1:2:3:4", "PT5M!", "-1 days +23:59:55"],
)
def test_a_text_that_is_no_length_of_time_is_set_apart(bad: str) -> None:
    check_rejects(read(log(duration=["PT5M", bad, "300"])), 1, "duration", "BadDuration")


def test_what_pandas_writes_to_csv_is_read_again(tmp_path: Path) -> None:
    lengths = [timedelta(days=1, seconds=1), timedelta(milliseconds=1), None]
    frame = pd.DataFrame({**log(duration=lengths).to_dict(as_series=False), "duration": pd.Series(lengths)})
    frame.to_csv(tmp_path / "log.csv", index=False)
    again = kh.read_csv(tmp_path / "log.csv", max_duration="2d", resolution="instant")
    direct = read(log(duration=lengths), max_duration="2d")
    assert again.personal().study_time().equals(direct.personal().study_time())


def test_a_negative_number_in_a_text_is_negative() -> None:
    check_rejects(read(log(duration=["1", "-5", "2"])), 1, "duration", "NegativeDuration")


@pytest.mark.parametrize("column", ["expected_duration", "length"])
def test_the_catalog_takes_them_too(column: str) -> None:
    catalog = pl.DataFrame(
        {"content": ["a", "b", "c", "d"], "course": ["A"] * 4, column: ["PT5M", "00:05:00", "5m", "300"]}
    )
    data = read(log(), catalog=catalog)
    assert rejected(data) == []
    wrong = catalog.with_columns(pl.Series(column, ["PT5M", "5 min", "05:00", "x"]))
    data = read(log(), catalog=wrong)
    assert rejected(data) == [("catalog", row, column, "BadDuration") for row in (1, 2, 3)]
    assert counts(data, "catalog")["rows kept"] == 1


LENGTHS: list[Cell] = [
    ["00:01:40"],
    ["PT1M40S"],
    [100],
    ["100"],
    pl.Series([timedelta(seconds=100)]),
    pl.Series([timedelta(seconds=100)], dtype=pl.Duration("ms")),
]


@pytest.mark.parametrize("length", LENGTHS, ids=lambda length: str(getattr(length, "dtype", length)))
def test_the_length_of_a_video_is_one(length: Cell) -> None:
    watched = log(verb=["played", "paused", "paused"], position=[0.0, 50.0, None], course=["A"] * 3)
    catalog = pl.DataFrame({"content": ["c1"], "course": ["A"], "kind": ["video"], "length": length})
    video = read(watched, catalog=catalog).personal().video()
    assert video["coverage"].to_list() == [0.5]


def test_a_time_of_day_is_told_to_be_cast_and_then_read() -> None:
    clock = log(duration=pl.Series([time(0, 5), None, None]))
    refused(lambda: read(clock), "`duration`", "Time64", "cast it to", "a string", kind=ValueError)
    told = read(clock.with_columns(pl.col("duration").cast(pl.String))).personal().study_time()
    assert told.equals(read(log(duration=[300, None, None])).personal().study_time())


@pytest.mark.parametrize("odd", [pl.Series([True] * 3), pl.Series([[1.0]] * 3), log()["time"]])
@pytest.mark.parametrize("column", ["duration", "length"])
def test_a_type_that_is_none_is_told_the_forms(column: str, odd: pl.Series) -> None:
    refused(lambda: read(log(**{column: odd})), f"`{column}`", '"00:30:00"', '"PT30M"', kind=ValueError)


@given(st.timedeltas(timedelta(0), timedelta(hours=23)))
def test_texts_are_read_to_the_microsecond(length: timedelta) -> None:
    seconds, micros = divmod(round(length / timedelta(microseconds=1)), 10**6)
    hours, rest = divmod(seconds, 3600)
    clock = f"{hours:02}:{rest // 60:02}:{rest % 60:02}.{micros:06}"
    iso = f"PT{hours}H{rest // 60}M{rest % 60}.{micros:06}S"
    for text in (clock, iso):
        events = log(duration=[text])
        assert read(events).personal().study_time()["study_time"].item() == length


# ---------------------------------------------------------------- a catalog from the log


def test_a_catalog_of_a_log_without_courses_is_refused_by_name() -> None:
    words = ("`course`", "events")
    refused(lambda: read(log()).derive_catalog(min_learners=1), *words, kind=ValueError)
    nowhere = log(course=pl.Series([None] * 3, dtype=pl.String))
    refused(lambda: read(nowhere).derive_catalog(min_learners=1), *words, kind=ValueError)


def test_a_catalog_lists_what_is_studied_in_courses() -> None:
    some = log(content=["a", "b", "c"], course=["A", None, "A"])
    assert read(some).derive_catalog(min_learners=1)["content"].to_list() == ["a", "c"]
    few = read(some).derive_catalog(min_learners=5)
    assert (few.height, few.columns) == (0, ["content", "course", "derived"])
    assert read(log().clear()).derive_catalog().height == 0
