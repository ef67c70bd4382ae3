"""What is wrong in a log is named, counted and set apart; nothing panics and nothing is lost."""

from __future__ import annotations

import re
import unicodedata
import warnings
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import kohort as kh
import numpy as np
import polars as pl
import pyarrow as pa
import pytest
from twin import Cell

UTC = timezone.utc
NOON = datetime(2025, 3, 3, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def log(**columns: Cell) -> pl.DataFrame:
    """As many good rows as the given columns have, with those columns put in."""
    n = max((len(values) for values in columns.values()), default=3)
    good: dict[str, Any] = {
        "learner": ["L1"] * n,
        "time": [NOON + i * MINUTE for i in range(n)],
        "content": ["c1"] * n,
    }
    return pl.DataFrame(good | columns)


def read(events: Cell, **options: Cell) -> kh.LearningData:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", kh.RejectedRowsWarning)
        return kh.LearningData(events, **{"tz": "UTC", "resolution": "instant", **options})


def rejected(data: kh.LearningData) -> list[tuple[str, int, str | None, str]]:
    assert data.rejected.columns == ["table", "row", "column", "reason"]
    return sorted(data.rejected.rows())


def counts(data: kh.LearningData, table: str = "events") -> dict[str, int]:
    """Return the findings about one table."""
    assert data.quality.columns == ["table", "finding", "rows"]
    rows = data.quality.filter(pl.col("table") == table)
    return dict(rows.select("finding", "rows").rows())


def kept(data: kh.LearningData) -> int:
    return int(data.personal().summary()["events"].sum())


def refused(call: Cell, *words: str, kind: type[Exception] = kh.KohortError) -> str:
    """Return the message of the error, which holds every word."""
    with pytest.raises(kind) as caught:
        call()
    message = str(caught.value)
    for word in words:
        assert word in message, message
    assert "panick" not in message
    return message


def check_rejects(data: kh.LearningData, row: int, column: str, reason: str) -> None:
    """Exactly the one row is set apart, with its reason, and the counts add up."""
    assert rejected(data) == [("events", row, column, reason)]
    found = counts(data)
    assert found["rows read"] == 3
    assert found["rows kept"] == 2 == kept(data)
    assert found[reason] == 1


# ---------------------------------------------------------------- times


@pytest.mark.parametrize(
    "bad", ["2025-13-45T99:00Z", "", "yesterday", "2025-02-30T10:00:00Z", None, "12:00"]
)
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
    assert times["start"].dt.convert_time_zone("UTC").item() == datetime(
        2025, 10, 26, 0, 30, tzinfo=UTC
    )
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

BAD_IDS = ["", "  ", "\t", "a\0b", "a\nb", "a\u202eb", "a\u200bb", "\ufeffa", "x" * 129, "é" * 65]


@pytest.mark.parametrize("bad", BAD_IDS)
@pytest.mark.parametrize("column", ["learner", "content", "course", "session", "id"])
def test_an_id_that_cannot_be_one_is_set_apart(column: str, bad: str) -> None:
    check_rejects(read(log(**{column: ["a", bad, "b"]})), 1, column, "BadId")


def test_an_event_without_a_learner_is_nobodys() -> None:
    check_rejects(read(log(learner=["L1", None, "L2"])), 1, "learner", "NullId")
    check_rejects(read(log(learner=[1, None, 2])), 1, "learner", "NullId")


@pytest.mark.parametrize("good", ["x" * 128, "é" * 64, "L 1", "ملف", "学生", "👩", "-", "null"])
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


@pytest.mark.parametrize(
    "dtype", [pl.Int8, pl.Int16, pl.Int32, pl.Int64, pl.UInt8, pl.UInt16, pl.UInt32]
)
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
    assert 1 in [rows for finding, rows in counts(data).items() if "duration" in finding]
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


# ---------------------------------------------------------------- the same event twice


def test_the_same_event_twice_is_one() -> None:
    twice = log(time=[NOON] * 3, id=["a", "a", "b"])
    data = read(twice)
    assert rejected(data) == []
    assert kept(data) == 2
    found = counts(data)
    assert found["rows read"] == 3
    assert 1 in [rows for finding, rows in found.items() if "duplicate" in finding.lower()]


@pytest.mark.parametrize("order", [[0, 1, 2], [1, 0, 2], [2, 1, 0]])
def test_of_two_events_with_one_id_the_first_in_order_is_kept(order: list[int]) -> None:
    clash = log(time=[NOON, NOON + MINUTE, NOON], content=["a", "b", "c"], id=["x", "x", "y"])
    data = read(clash[order])
    ((table, row, _, reason),) = rejected(data)
    assert (table, row, reason) == ("events", order.index(1), "Conflict")
    contents = data.personal(study_time=kh.StudyTime(last_event=kh.fixed("1s")))
    assert contents.study_time(by="content")["content"].to_list() == ["c"]
    assert kept(data) == 2


def test_identical_rows_without_an_id_are_kept_and_counted() -> None:
    same = log(time=[NOON] * 3)
    data = read(same)
    assert kept(data) == 3
    assert 2 in [rows for finding, rows in counts(data).items() if "identical" in finding]
    assert kept(read(same, duplicates="drop")) == 1


# ---------------------------------------------------------------- columns


def test_an_unknown_column_is_named_with_what_it_may_be() -> None:
    odd = log(durationn=[1.0] * 3, zzz=[1] * 3)
    refused(lambda: kh.LearningData(odd), "`durationn`", "`duration`", "`zzz`", kind=ValueError)
    assert kept(read(odd, extra="drop")) == 3


def test_a_missing_column_lists_what_the_frame_has() -> None:
    renamed = log().rename({"learner": "user_id"})
    refused(
        lambda: kh.LearningData(renamed),
        "`learner`",
        "`user_id`",
        "`time`",
        "`content`",
        kind=ValueError,
    )
    assert kept(read(renamed, columns={"learner": "user_id"})) == 3


def test_a_mapping_onto_nothing_is_named() -> None:
    refused(lambda: read(log(), columns={"learner": "nobody"}), "`nobody`", kind=ValueError)
    refused(lambda: read(log(), columns={"lerner": "learner"}), "lerner", kind=ValueError)


@pytest.mark.parametrize(
    "column",
    [
        "email",
        "e_mail",
        "first_name",
        "Last Name",
        "address",
        "phone",
        "birth_date",
        "photo",
        "username",
    ],
)
def test_columns_about_persons_are_refused(column: str) -> None:
    person = log(**{column: ["x"] * 3})
    refused(lambda: kh.LearningData(person), f"`{column}`", kind=ValueError)


@pytest.mark.parametrize("table", ["catalog", "courses", "enrollments", "learners", "memberships"])
def test_the_other_tables_are_checked_alike(table: str) -> None:
    refused(
        lambda: read(log(), **{table: pl.DataFrame({"zzz": [1]})}), table, "`zzz`", kind=ValueError
    )


def test_an_unknown_verb_is_an_interaction_and_counted() -> None:
    data = read(log(verb=["viewed", "frobnicated", None]))
    assert rejected(data) == []
    assert kept(data) == 3
    assert 1 in [rows for finding, rows in counts(data).items() if "verb" in finding]


@pytest.mark.parametrize(
    ("column", "values"),
    [
        ("learner", pl.Series([1.5, 2.0, 3.0])),
        ("learner", pl.Series([True, False, True])),
        ("learner", pl.Series([[1], [2], [3]])),
        ("learner", pl.Series([b"a", b"b", b"c"])),
        ("learner", pl.Series([Decimal("1.5")] * 3)),
        ("learner", pl.Series([{"a": 1}] * 3)),
        ("learner", pl.Series([NOON] * 3)),
        ("time", pl.Series([1, 2, 3])),
        ("time", pl.Series([True, False, True])),
        ("time", pl.Series([[NOON]] * 3)),
        ("verb", pl.Series([1, 2, 3])),
        ("duration", pl.Series(["1h", "2h", "3h"])),
        ("duration", pl.Series([Decimal("1.5")] * 3)),
        ("duration", pl.Series([True] * 3)),
        ("count", pl.Series([1.5, 2.5, 3.5])),
        ("score", pl.Series(["a", "b", "c"])),
        ("success", pl.Series(["yes", "no", "yes"])),
    ],
)
def test_a_type_that_cannot_be_read_is_named(column: str, values: pl.Series) -> None:
    odd = log().with_columns(values.alias(column))
    refused(lambda: kh.LearningData(odd), f"`{column}`", kind=ValueError)


def test_types_that_only_arrow_has_are_refused_without_a_panic() -> None:
    table = log().to_arrow()
    exotic = {
        "decimal": pa.array([Decimal("1.5")] * 3, pa.decimal256(40, 2)),
        "interval": pa.array([(1, 2, 3)] * 3, pa.month_day_nano_interval()),
        "map": pa.array([[("a", 1)]] * 3, pa.map_(pa.string(), pa.int64())),
        "union": pa.UnionArray.from_sparse(
            pa.array([0, 0, 0], pa.int8()), [pa.array([1, 2, 3]), pa.array(["a", "b", "c"])]
        ),
    }
    for name, values in exotic.items():
        odd = table.append_column("score", values)
        refused(lambda odd=odd: kh.LearningData(odd), "`score`", kind=ValueError), name


def test_python_objects_are_refused() -> None:
    odd = log().with_columns(pl.Series("session", [object()] * 3, dtype=pl.Object))
    refused(lambda: kh.LearningData(odd), "`session`", kind=ValueError)


@pytest.mark.parametrize("odd", [None, 3, [1, 2], {"a": [1]}, object(), pl.Series([1])])
def test_what_is_no_table_is_refused(odd: Cell) -> None:
    with pytest.raises((kh.KohortError, TypeError, ValueError)):
        kh.LearningData(odd)


def test_an_empty_log_has_empty_tables() -> None:
    empty = read(log().clear())
    pla = empty.personal()
    for table in (pla.summary(), pla.sessions(), pla.study_time(), pla.frequency(), pla.drop_off()):
        assert table.height == 0
    full = read(log()).personal()
    assert pla.summary().schema == full.summary().schema
    refused(lambda: kh.LearningData(pl.DataFrame()), "`learner`", kind=ValueError)


def test_an_empty_log_still_knows_who_is_enrolled() -> None:
    roster = pl.DataFrame({"learner": ["L1"], "course": ["A"]})
    summary = read(log().clear(), enrollments=roster).personal(as_of="2025-03-03").summary()
    row = summary.row(0, named=True)
    assert (row["learner"], row["course"], row["status"]) == ("L1", "A", "never_started")
    assert (row["events"], row["study_time"], row["last_active"]) == (0, timedelta(0), None)


def test_every_row_of_a_bad_log_is_accounted_for() -> None:
    times = pl.Series(
        ["2025-03-03T12:00:00Z", "never", "2025-03-03T12:01:00Z", "1950-01-01T00:00:00Z"] * 5
    )
    odd = pl.DataFrame(
        {
            "learner": ["L1", "L1", None, "L2"] * 5,
            "time": times,
            "content": ["c"] * 20,
            "id": [f"e{i % 12}" for i in range(20)],
        }
    )
    data = read(odd)
    found = counts(data)
    reasons = data.rejected["reason"].value_counts().rows()
    assert found["rows read"] == 20
    assert found["rows kept"] == kept(data)
    assert all(found[reason] == rows for reason, rows in reasons)
    duplicates = sum(rows for finding, rows in found.items() if "duplicate" in finding.lower())
    assert found["rows kept"] + data.rejected.height + duplicates == 20
    assert data.rejected["row"].is_unique().all()


# ---------------------------------------------------------------- learners


def test_a_machines_events_are_capped_per_day() -> None:
    busy = log(time=[NOON + i * MINUTE for i in range(5)] + [NOON + timedelta(days=1)])
    data = read(busy, max_events_per_day=3)
    assert kept(data) == 4
    assert [(row, reason) for _, row, _, reason in rejected(data)] == [(3, "Capped"), (4, "Capped")]
    assert counts(data)["Capped"] == 2


def test_the_cap_keeps_the_same_events_in_any_order() -> None:
    busy = log(content=[f"c{i}" for i in range(6)])
    contents = []
    for seed in range(3):
        data = read(busy.sample(fraction=1.0, shuffle=True, seed=seed), max_events_per_day=3)
        contents.append(data.personal().study_time(by="content"))
    assert contents[0].equals(contents[1])
    assert contents[0].equals(contents[2])


def test_events_of_those_below_the_age_of_consent_are_not_kept() -> None:
    three = log(learner=["L1", "young", "L2"])
    ages = pl.DataFrame({"learner": ["L1", "young"], "age_ok": [True, False]})
    data = read(three, learners=ages)
    assert ("events", 1, "UnderAge") in [(t, r, reason) for t, r, _, reason in rejected(data)]
    assert data.personal().summary()["learner"].to_list() == ["L1", "L2"]


def test_a_zone_that_does_not_exist_is_named() -> None:
    refused(lambda: read(log(), tz="Mars/Phobos"), "`tz`", "Mars/Phobos", kind=ValueError)
    zones = pl.DataFrame({"learner": ["L1"], "tz": ["Mars/Phobos"]})
    try:
        data = read(log(), learners=zones)
    except kh.KohortError as error:
        assert "tz" in str(error)  # noqa: PT017
    else:
        assert rejected(data) == [("learners", 0, "tz", "BadValue")]


def test_rejected_rows_are_warned_about_once() -> None:
    with pytest.warns(kh.RejectedRowsWarning, match="1 row") as caught:
        kh.LearningData(log(learner=["L1", None, "L2"]))
    assert len(caught) == 1


# ---------------------------------------------------------------- arguments

NOT_SPANS = [30, 30.0, True, "30", "30 minutes?", "", "m", "-5m", "1e400d", "99999999999d", None]
NOT_SPANS += [Decimal(30), np.int64(30), np.float64(1.5), np.bool_(True), timedelta(seconds=-1)]


@pytest.mark.parametrize("odd", NOT_SPANS, ids=repr)
def test_a_length_of_time_that_is_none_shows_the_right_form(odd: Cell) -> None:
    for call in (lambda: kh.StudyTime(gap=odd), lambda: kh.cap(odd), lambda: kh.fixed(odd)):
        refused(call, '"30m"', kind=ValueError)
    refused(lambda: read(log()).personal(inactivity=odd), "`inactivity`", '"30m"', kind=ValueError)
    refused(lambda: read(log(), max_duration=odd), "`max_duration`", '"30m"', kind=ValueError)


@pytest.mark.parametrize("odd", [True, 2.0, Decimal(2), np.float64(2), "2", None, 0, -1, 2**70])
def test_a_whole_number_is_taken_exactly_or_not_at_all(odd: Cell) -> None:
    kinds = (kh.KohortError, TypeError, OverflowError)
    for call in (
        lambda: kh.StudyTime(min_events=odd),
        lambda: read(log(), max_events_per_day=odd),
        lambda: kh.simulate(learners=odd),
        lambda: read(log()).personal().frequency(min_activity=odd),
    ):
        with pytest.raises(kinds, match=r"min_events|max_events_per_day|learners|min_activity"):
            call()


def test_numpy_integers_are_whole_numbers() -> None:
    assert kh.StudyTime(min_events=np.int64(2)) == kh.StudyTime(min_events=2)
    assert read(log(), max_events_per_day=np.uint32(9)).personal() is not None


@pytest.mark.parametrize(
    "odd", [5, 5.0, True, "soon", "2025-13-01", "", Decimal(5), np.int64(5), [NOON]], ids=repr
)
def test_an_instant_that_is_none_shows_the_right_form(odd: Cell) -> None:
    refused(lambda: read(log()).personal(as_of=odd), "`as_of`", "2014-03-01", kind=ValueError)


def test_an_instant_may_be_written_in_several_ways() -> None:
    data = read(log(), tz="Europe/Helsinki")
    start = datetime(2025, 3, 3, 22, tzinfo=UTC)  # midnight in Helsinki
    for same in ("2025-03-04", date(2025, 3, 4), datetime(2025, 3, 4), start, "2025-03-03T22:00Z"):
        assert data.personal(as_of=same).as_of == start  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("call", "word"),
    [
        (lambda d: d.personal(completion={"quiz": "guessed"}), "guessed"),
        (lambda d: d.personal(completion={"quizz": "passed"}), "quizz"),
        (lambda d: d.personal(study_time="30m"), "study_time"),
        (lambda d: d.personal().study_time(by="planet"), "planet"),
        (lambda d: d.personal().study_time(by=["day", "day"]), "day"),
        (lambda d: d.personal().study_time(by=5), "by"),
        (lambda d: d.personal().study_time(week="lunar"), "lunar"),
        (lambda d: d.personal().frequency(by="day"), "day"),
        (lambda d: d.personal().frequency(freeze=-1), "freeze"),
        (lambda d: d.personal().progress(by="course"), "course"),
        (lambda d: d.personal().learner("nobody"), "nobody"),
        (lambda d: d.personal().learner(7), "learner"),
        (lambda d: d.personal().learner(True), "learner"),
        (lambda d: d.personal().learner(Decimal(1)), "learner"),
        (lambda _: read(log(), resolution="hour"), "hour"),
        (lambda _: read(log(), duplicates="maybe"), "maybe"),
        (lambda _: read(log(), extra="ignore"), "ignore"),
        (lambda _: read(log(), day_start="25:00"), "day_start"),
        (lambda _: read(log(), day_start=4), "day_start"),
        (lambda _: read(log(), tz=5), "tz"),
        (lambda _: kh.StudyTime(sessions="guess"), "guess"),
        (lambda _: kh.StudyTime(over_gap="cap"), "over_gap"),
        (lambda _: kh.StudyTime(last_event=kh.cap("1m")), "last_event"),
        (lambda _: kh.StudyTime(measured=True), "measured"),
        (lambda _: kh.impute({"film": "4m"}), "film"),
        (lambda _: kh.impute({"video": 4}), "video"),
        (lambda _: kh.read_parquet("/no/such/file.parquet"), "file.parquet"),
        (lambda _: kh.simulate(ids="uuid"), "uuid"),
    ],
)
def test_a_wrong_argument_is_named(call: Cell, word: str) -> None:
    data = read(log())
    with pytest.raises(kh.KohortError, match=re.escape(word)):
        call(data)
