"""Values that are wrong are named, counted and set apart; nothing panics and nothing is lost."""

from __future__ import annotations

import unicodedata
from datetime import datetime, timedelta

import kohort as kh
import polars as pl
import pytest
from bad import MINUTE, NOON, UTC, check_rejects, counts, kept, log, read, refused, rejected
from twin import Cell

# ---------------------------------------------------------------- times


@pytest.mark.parametrize("bad", ["2025-13-45T99:00Z", "", "yesterday", "2025-02-30T10:00:00Z", None, "12:00"])
def test_a_time_that_is_none_is_set_apart(bad: str | None) -> None:
    good = ["2025-03-03T12:00:00Z", "2025-03-03T12:05:00Z"]
    data = read(log(time=[good[0], bad, good[1]]))
    check_rejects(data, 1, "time", "BadTime")


def test_a_missing_instant_is_set_apart() -> None:
    check_rejects(read(log(time=[NOON, None, NOON])), 1, "time", "BadTime")


def test_a_time_without_a_zone_needs_one() -> None:
    naive = log().with_columns(pl.col("time").dt.replace_time_zone(None))
    refused(lambda: kh.LearningData(naive), "`time`", "tz", kind=ValueError)
    assert read(naive, tz="Europe/Berlin").personal().as_of == NOON + 2 * MINUTE - 60 * MINUTE


@pytest.mark.parametrize("local", ["2025-03-30 02:30:00", "2025-10-26 02:30:00"])
@pytest.mark.parametrize("text", [True, False])
def test_an_hour_that_never_was_or_was_twice_is_ambiguous(local: str, text: bool) -> None:
    times = pl.Series(["2025-03-29 10:00:00", local, "2025-10-27 10:00:00"])
    if not text:
        times = times.str.to_datetime(time_unit="us")
    data = read(log(time=[None] * 3).with_columns(time=times), tz="Europe/Berlin")
    check_rejects(data, 1, "time", "AmbiguousTime")


def test_an_offset_makes_the_hour_that_was_twice_clear() -> None:
    both = ["2025-10-26T02:30:00+02:00", "2025-10-26T02:30:00+01:00", "2025-10-26T00:31:00Z"]
    data = read(log(time=both), tz="Europe/Berlin")
    times = data.personal(study_time=kh.StudyTime(gap="7d")).sessions()
    assert times["start"].dt.convert_time_zone("UTC").item() == datetime(2025, 10, 26, 0, 30, tzinfo=UTC)
    assert times["study_time"].item() == 60 * MINUTE


def test_zones_may_be_mixed_and_the_order_of_instants_is_kept() -> None:
    mixed = ["2025-03-03T12:00:00+02:00", "2025-03-03T10:01:00Z", "2025-03-03T05:02:00-05:00"]
    sessions = read(log(time=mixed)).personal().sessions()
    assert sessions["study_time"].item() == 2 * MINUTE


@pytest.mark.parametrize(
    "bad",
    [
        datetime(1989, 12, 31, 23, 59, tzinfo=UTC),
        datetime(9999, 12, 31, tzinfo=UTC),
        datetime(1, 1, 1, tzinfo=UTC),
    ],
)
def test_a_time_out_of_range_is_set_apart(bad: datetime) -> None:
    times = pl.Series([NOON, bad, NOON], dtype=pl.Datetime("us", "UTC"))
    check_rejects(read(log(time=[None] * 3).with_columns(time=times)), 1, "time", "OutOfRange")


@pytest.mark.parametrize("unit", ["ms", "us"])
@pytest.mark.parametrize("number", [-(2**63) + 1, 2**63 - 1])
def test_no_instant_overflows(unit: str, number: int) -> None:
    times = pl.Series([0, number, 0]).cast(pl.Datetime(unit, "UTC"))  # type: ignore[arg-type]
    times = (
        pl.Series([NOON, None, NOON])
        .dt.cast_time_unit(unit)
        .zip_with(  # type: ignore[arg-type]
            pl.Series([True, False, True]), times
        )
    )
    check_rejects(read(log(time=[None] * 3).with_columns(time=times)), 1, "time", "OutOfRange")


def test_the_epoch_is_the_platforms_own() -> None:
    old = log(time=[datetime(1985, 5, 5, tzinfo=UTC), NOON, NOON])
    assert kept(read(old, epoch="1980-01-01")) == 3
    assert rejected(read(old)) == [("events", 0, "time", "OutOfRange")]
    assert len(rejected(read(old, epoch="2025-03-04"))) == 3


@pytest.mark.parametrize("unit", ["ms", "us", "ns"])
def test_every_unit_of_time_says_the_same(unit: str) -> None:
    given = log().with_columns(pl.col("time").dt.cast_time_unit(unit))  # type: ignore[arg-type]
    assert read(given).personal().summary().equals(read(log()).personal().summary())


def test_the_future_is_set_apart_when_the_clock_is_known() -> None:
    ahead = log(time=[NOON, NOON + 10 * MINUTE, NOON + 10 * MINUTE + timedelta(microseconds=1)])
    assert kept(read(ahead)) == 3
    data = read(ahead, now=NOON)
    check_rejects(data, 2, "time", "FutureTime")
    assert data.personal().as_of == NOON  # up to ten minutes of skew are taken back to now


# ---------------------------------------------------------------- ids

BAD_IDS = ["", "  ", "\t", "a\0b", "a\nb", "a\u202eb", "a\u200bb", "\ufeffa"]


@pytest.mark.parametrize("bad", BAD_IDS, ids=lambda bad: ascii(bad[:4]))
@pytest.mark.parametrize("column", ["learner", "content", "course", "session"])
def test_an_id_that_cannot_be_one_is_set_apart(column: str, bad: str) -> None:
    check_rejects(read(log(**{column: ["a", bad, "b"]})), 1, column, "BadId")


@pytest.mark.parametrize("bad", ["", "  ", "a\0b"])
def test_the_id_of_an_event_is_an_id_too(bad: str) -> None:
    check_rejects(read(log(id=["a", bad, "b"])), 1, "id", "BadId")


@pytest.mark.parametrize("column", ["learner", "content", "course", "session"])
def test_an_id_of_more_than_512_bytes_is_set_apart(column: str) -> None:
    for long in ("x" * 513, "é" * 257, "x" * 10_000_000):
        check_rejects(read(log(**{column: ["a", long, "b"]})), 1, column, "TooLarge")


@pytest.mark.parametrize("column", ["learner", "content"])
def test_an_event_without_a_learner_or_a_content_is_set_apart(column: str) -> None:
    check_rejects(read(log(**{column: ["L1", None, "L2"]})), 1, column, "NullId")
    check_rejects(read(log(**{column: [1, None, 2]})), 1, column, "NullId")


@pytest.mark.parametrize("good", ["x" * 512, "é" * 256, "L 1", "ملف", "学生", "👩", "-", "null"])
def test_an_id_in_any_script_is_an_id(good: str) -> None:
    assert read(log(learner=[good] * 3)).personal().summary()["learner"].item() == good


def test_two_ways_to_write_the_same_letters_are_one_id_but_case_counts() -> None:
    composed = unicodedata.normalize("NFC", "café")
    split = unicodedata.normalize("NFD", "café")
    data = read(log(learner=[composed, split, "CAFÉ", "Cafe"]))
    assert data.personal().summary().select("learner", "events").rows() == [
        ("CAFÉ", 1),
        ("Cafe", 1),
        (composed, 2),
    ]


def test_learners_are_found_whichever_way_they_are_written() -> None:
    split = unicodedata.normalize("NFD", "café")
    pla = read(log(learner=[split] * 3)).personal()
    assert pla.learner(split).summary()["events"].item() == 3
    assert pla.learner(unicodedata.normalize("NFC", "café")).summary()["events"].item() == 3


def test_mail_addresses_are_no_learner_ids() -> None:
    people = log(learner=["L1", "ada@example.org", "L2"])
    message = refused(lambda: kh.LearningData(people), "`learner`", kind=ValueError)
    assert "ada" not in message


@pytest.mark.parametrize("dtype", [pl.Int8, pl.Int16, pl.Int32, pl.Int64, pl.UInt8, pl.UInt16, pl.UInt32])
def test_integers_of_any_width_are_ids(dtype: Cell) -> None:
    narrow = log(learner=[1, 2, 1]).with_columns(pl.col("learner").cast(dtype))
    wide = log(learner=[1, 2, 1])
    assert read(narrow).personal().summary().equals(read(wide).personal().summary())


def test_an_integer_id_that_does_not_fit_is_refused_or_set_apart() -> None:
    huge = log().with_columns(learner=pl.Series([1, 2**64 - 1, 2], dtype=pl.UInt64))
    try:
        data = read(huge)
    except kh.KohortError as error:
        assert "learner" in str(error)  # noqa: PT017
    else:
        assert rejected(data) == [("events", 1, "learner", "BadId")]


@pytest.mark.parametrize("dtype", [pl.Categorical, pl.Enum(["L1", "L2"])])
def test_dictionaries_are_ids(dtype: Cell) -> None:
    text = log(learner=["L1", "L2", "L1"])
    coded = text.with_columns(pl.col("learner").cast(dtype))
    assert read(coded).personal().summary().equals(read(text).personal().summary())


# ---------------------------------------------------------------- numbers


@pytest.mark.parametrize("bad", [float("nan"), float("inf"), float("-inf")])
@pytest.mark.parametrize("column", ["duration", "position", "position_to", "speed", "score"])
def test_a_number_that_is_none_is_set_apart(column: str, bad: float) -> None:
    check_rejects(read(log(**{column: [0.5, bad, 1.0]})), 1, column, "NotFinite")


@pytest.mark.parametrize("bad", [timedelta(microseconds=-1), timedelta(days=-40)])
def test_a_negative_duration_is_set_apart(bad: timedelta) -> None:
    data = read(log(duration=[MINUTE, bad, MINUTE]))
    check_rejects(data, 1, "duration", "NegativeDuration")


def test_a_negative_zero_is_a_zero() -> None:
    data = read(log(duration=[-0.0, -0.0, -0.0]))
    assert rejected(data) == []
    assert data.personal().study_time()["study_time"].item() == timedelta(0)


def test_numbers_of_a_duration_are_seconds() -> None:
    for durations in ([60, 60, 60], [60.0, 60.0, 60.0]):
        total = read(log(duration=durations)).personal().study_time()["study_time"].item()
        assert total == 3 * MINUTE


@pytest.mark.parametrize(
    ("column", "bad"),
    [
        ("score", 1.01),
        ("score", -0.01),
        ("progress", 1.5),
        ("progress", -1.0),
        ("count", 0),
        ("count", -5),
    ],
)
def test_a_number_out_of_bounds_is_set_apart(column: str, bad: float) -> None:
    good = 1 if column == "count" else 0.5
    check_rejects(read(log(**{column: [good, bad, good]})), 1, column, "OutOfBounds")


def test_the_bounds_themselves_are_good() -> None:
    assert kept(read(log(score=[0.0, 1.0, None], count=[1, 2**31, None]))) == 3


@pytest.mark.parametrize("bad", ["[.]", "0[.]1[,]", "2[.]1", "-1[.]2", "0[.]NaN", "0-1", "1[,]0[.]1"])
def test_segments_that_are_none_are_set_apart(bad: str) -> None:
    check_rejects(read(log(segments=["0[.]1", bad, None])), 1, "segments", "BadValue")


def test_segments_above_a_mebibyte_are_set_apart() -> None:
    long = "0[.]1[,]" * 2**17 + "2[.]3"
    check_rejects(read(log(segments=["0[.]1", long, ""])), 1, "segments", "TooLarge")


def test_segments_tell_rows_apart() -> None:
    twice = pl.concat([log(segments=[text, "3", None]) for text in ("0[.]1", "0[.]2")])
    findings = read(twice, duplicates="drop").quality
    dropped = findings.filter(pl.col("finding") == "identical rows, dropped")["rows"].item()
    assert dropped == 2


def test_segments_must_be_texts() -> None:
    with pytest.raises(kh.SchemaError, match="`segments` must be a text"):
        read(log(segments=[0.5, 1.0, None]))


def test_counts_do_not_wrap() -> None:
    huge = log(count=[2**62, 2**62, 2**62])
    try:
        data = read(huge)
    except kh.KohortError:
        return
    try:
        total = data.personal().summary()["interactions"].sum()
    except kh.KohortError:
        return
    assert total + sum(2**62 for row in rejected(data)) == 3 * 2**62


def test_a_duration_of_more_than_a_day_is_cut_and_counted() -> None:
    week = log(duration=[timedelta(days=7)]).head(1)
    data = read(week)
    assert data.personal().study_time()["study_time"].item() == timedelta(hours=24)
    assert rejected(data) == []
    assert counts(data)["durations cut to the cap"] == 1
    capped = read(week, max_duration="2h").personal().study_time()["study_time"].item()
    assert capped == timedelta(hours=2)


def test_no_duration_overflows() -> None:
    longest = pl.Series([2**63 - 1]).cast(pl.Duration("us"))
    data = read(log(duration=[None]).with_columns(duration=longest))
    assert data.personal().study_time()["study_time"].item() == timedelta(hours=24)
    seconds = read(log(duration=[1e300]))
    assert seconds.personal().study_time()["study_time"].item() in (
        timedelta(hours=24),
        timedelta(0),
    )
