"""Rows, columns and tables that are wrong are named, counted and set apart."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import kohort as kh
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from bad import MINUTE, NOON, counts, kept, log, read, refused, rejected
from twin import Cell

# ---------------------------------------------------------------- the same event twice


def test_the_same_event_twice_is_one() -> None:
    twice = log(time=[NOON] * 3, id=["a", "a", "b"])
    data = read(twice)
    assert rejected(data) == []
    assert kept(data) == 2
    found = counts(data)
    assert (found["rows read"], found["repeated ids, dropped"]) == (3, 1)


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
    assert counts(data)["identical rows, kept"] == 2
    fewer = read(same, duplicates="drop")
    assert kept(fewer) == 1
    assert counts(fewer)["identical rows, dropped"] == 2


# ---------------------------------------------------------------- columns


def test_an_unknown_column_is_named_with_what_it_may_be() -> None:
    odd = log(durationn=[1.0] * 3, zzz=[1] * 3)
    refused(lambda: kh.LearningData(odd), "`durationn`", "`duration`", "`zzz`", kind=ValueError)
    assert kept(read(odd, extra="drop")) == 3


def test_all_missing_columns_are_told_at_once() -> None:
    foreign = log().rename({"learner": "user_id", "time": "timestamp", "content": "page"})
    whole = 'columns={"learner": "user_id", "time": "timestamp", "content": "page"}'
    refused(lambda: read(foreign), whole)
    # beside what is mapped already, so that the line can be pasted
    refused(lambda: read(foreign, columns={"learner": "user_id"}), "`time` is missing", whole)
    told = {"learner": "user_id", "time": "timestamp", "content": "page"}
    assert kept(read(foreign, columns=told)) == 3


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
    refused(lambda: read(log(), **{table: pl.DataFrame({"zzz": [1]})}), table, "`zzz`", kind=ValueError)


def test_an_unknown_verb_is_an_interaction_and_counted() -> None:
    data = read(log(verb=["viewed", "frobnicated", None]))
    assert rejected(data) == []
    assert kept(data) == 3
    assert counts(data)["unknown verbs, kept as interacted"] == 1


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
        ("duration", pl.Series([Decimal("1.5")] * 3)),
        ("duration", pl.Series([True] * 3)),
    ],
)
def test_a_type_that_cannot_be_read_is_named(column: str, values: pl.Series) -> None:
    odd = log().with_columns(values.alias(column))
    refused(lambda: kh.LearningData(odd), f"`{column}`", kind=ValueError)


@pytest.mark.parametrize(
    ("column", "values"),
    [
        ("duration", pl.Series(["one", "two", "three"])),
        ("score", pl.Series(["a", "b", "c"])),
        ("success", pl.Series(["yes", "no", "perhaps"])),
        ("count", pl.Series([1.5, 2.5, 3.5])),
        ("count", pl.Series(["x", "y", "z"])),
    ],
)
def test_values_that_are_no_numbers_are_refused_or_set_apart(column: str, values: pl.Series) -> None:
    odd = log().with_columns(values.alias(column))
    try:
        data = read(odd)
    except kh.SchemaError as error:
        assert f"`{column}`" in str(error)  # noqa: PT017
    else:
        assert [(row, name) for _, row, name, _ in rejected(data)] == [(row, column) for row in range(3)]
        assert counts(data)["rows kept"] == 0


EXOTIC = {
    "decimal128": pa.array([Decimal("1.5")] * 3, pa.decimal128(30, 2)),
    "decimal256": pa.array([Decimal("1.5")] * 3, pa.decimal256(40, 2)),
    "interval": pa.array([(1, 2, 3)] * 3, pa.month_day_nano_interval()),
    "map": pa.array([[("a", 1)]] * 3, pa.map_(pa.string(), pa.int64())),
    "union": pa.UnionArray.from_sparse(
        pa.array([0, 0, 0], pa.int8()), [pa.array([1, 2, 3]), pa.array(["a", "b", "c"])]
    ),
    "float16": pa.array([0.5] * 3, pa.float16()),
    "fixed binary": pa.array([b"abc"] * 3, pa.binary(3)),
    "time": pa.array([1] * 3, pa.time32("s")),
    "list view": pa.array([[1]] * 3, pa.list_view(pa.int64())),
    "run ends": pa.RunEndEncodedArray.from_arrays([3], pa.array([1.0])),
    "uuid": pa.array([b"0" * 16] * 3, pa.uuid()),
}


@pytest.mark.parametrize("column", ["score", "session"])
@pytest.mark.parametrize("name", EXOTIC)
def test_types_that_only_arrow_has_are_refused_without_a_panic(name: str, column: str) -> None:
    odd = log().to_arrow().append_column(column, EXOTIC[name])
    refused(lambda: kh.LearningData(odd), kind=ValueError)


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
    for table in (
        pla.regularity(),
        pla.activity_calendar(),
        pla.activity_clock(),
        pla.delay(),
        pla.delay("course"),
    ):
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
    times = pl.Series(["2025-03-03T12:00:00Z", "never", "2025-03-03T12:01:00Z", "1950-01-01T00:00:00Z"] * 5)
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
    assert found["rows read"] == 20
    assert found["rows kept"] == kept(data)
    assert data.rejected["row"].is_unique().all()


# ---------------------------------------------------------------- learners


def test_a_machines_events_are_capped_per_day() -> None:
    busy = log(time=[NOON + i * MINUTE for i in range(5)] + [NOON + timedelta(days=1)])
    data = read(busy, max_events_per_day=3)
    assert kept(data) == 4
    assert [(row, reason) for _, row, _, reason in rejected(data)] == [(3, "Capped"), (4, "Capped")]
    assert counts(data)["rejected: Capped"] == 2


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
    ages = pl.DataFrame({"learner": ["L1", "young", "L2"], "age_ok": [True, False, True]})
    data = read(three, learners=ages)
    assert rejected(data) == [("events", 1, "learner", "UnderAge")]
    assert counts(data)["rejected: UnderAge"] == 1
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


@pytest.mark.parametrize("ids", [[7, "ann@example.org"], ["ann@example.org", 7]])
def test_a_pandas_column_of_several_types_is_named_and_no_value_of_it(ids: list[object]) -> None:
    frame = pd.DataFrame({"learner": ids, "time": ["2024-03-04T10:00Z"] * 2, "content": ["a", "b"]})
    with pytest.raises(kh.ColumnTypeError) as caught:
        kh.LearningData(frame)
    assert "table `events`: column `learner` holds values that do not go together" in str(caught.value)
    told: BaseException | None = caught.value
    while told is not None:
        assert "ann@" not in str(told)
        told = told.__cause__ or told.__context__
