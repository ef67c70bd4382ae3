"""Odd but plausible tables of pandas, pyarrow and files: read right, or refused by table and column."""

from __future__ import annotations

import gzip
import uuid
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from pathlib import Path

import kohort as kh
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.feather as feather
import pyarrow.parquet as pq
import pytest
from bad import NOON, UTC, check_rejects, counts, kept, log, read, refused, rejected
from twin import Cell

HERE = timezone(timedelta(hours=5, minutes=30))


def frame(**columns: Cell) -> pd.DataFrame:
    """Return three good rows in pandas, with the given columns put in."""
    good = {"learner": ["L1"] * 3, "time": pd.Series([NOON] * 3), "content": ["a", "b", "c"]}
    return pd.DataFrame(good | columns)


# ---------------------------------------------------------------- pandas


@pytest.mark.parametrize("values", [[1, "b", 2], ["a", 2, 3], [2**70, 1, 2]])
@pytest.mark.parametrize("column", ["learner", "session"])
def test_values_that_do_not_go_together_are_told_by_their_column(column: str, values: Cell) -> None:
    odd = frame(**{column: pd.Series(values, dtype=object)})
    message = refused(lambda: read(odd), "`events`", f"`{column}`", ".astype(str)", kind=ValueError)
    assert "'b'" not in message  # nothing of a learner
    assert kept(read(odd.astype({column: str}))) == 3


def test_values_that_do_not_go_together_are_told_in_other_tables_too() -> None:
    roster = pd.DataFrame({"learner": pd.Series([1, "b"], dtype=object), "course": ["A", "A"]})
    refused(lambda: read(log(), enrollments=roster), "`enrollments`", "`learner`", kind=ValueError)


def test_two_columns_of_one_name_are_told() -> None:
    odd = pd.concat([frame(), frame()[["learner"]]], axis=1)
    refused(lambda: read(odd), "`events`", "`learner`", "more than one", kind=ValueError)
    arrow = log().to_arrow()
    twice = arrow.append_column("learner", arrow["learner"])
    refused(lambda: read(twice), "`events`", "`learner`", "another column", kind=ValueError)


@pytest.mark.parametrize("last", [None, pd.NaT])
def test_times_with_and_without_a_zone_are_not_mixed_in_silence(last: Cell) -> None:
    naive = datetime(2025, 3, 3, 12)
    mixed = pd.Series([NOON, naive, last], dtype=object)
    refused(lambda: read(frame(time=mixed)), "`events`", "`time`", "zone", kind=ValueError)
    zoned = pd.Series([NOON, NOON.astimezone(HERE), last], dtype=object)
    check_rejects(read(frame(time=zoned)), 2, "time", "BadTime")
    assert read(frame(time=zoned)).personal().as_of == NOON


def test_floats_that_should_be_ids_are_told_why_they_are_floats() -> None:
    odd = frame(learner=[1, 2, np.nan])
    refused(lambda: read(odd), "`learner`", 'astype("Int64")', kind=ValueError)
    check_rejects(read(odd.astype({"learner": "Int64"})), 2, "learner", "NullId")


def test_columns_without_a_single_value_have_no_wrong_type() -> None:
    nothing = [np.nan] * 2
    catalog = pd.DataFrame({"content": ["a", "b"], "course": ["A", "A"]})
    names = ["module", "kind", "position", "available_from", "due", "expected_duration", "length"]
    for column in [*names, "max_score", "required", "topics"]:
        catalog[column] = nothing
    roster = pd.DataFrame({"learner": ["L1"], "course": ["A"], "end": [pd.NaT], "outcome": [np.nan]})
    odd = frame(**{name: [np.nan] * 3 for name in ("course", "verb", "session", "success", "received", "id")})
    data = kh.LearningData(odd, catalog=catalog, enrollments=roster)  # and no zone is needed
    assert data.rejected.height == 0
    assert counts(data, "catalog")["rows kept"] == 2


def test_an_empty_frame_is_an_empty_log() -> None:
    empty = pd.DataFrame({"learner": [], "time": [], "content": [], "duration": []})
    assert read(empty).personal().summary().height == 0
    refused(lambda: read(pd.DataFrame()), "`learner`", "the table has no columns", kind=ValueError)


@pytest.mark.parametrize(
    ("column", "values"),
    [
        ("duration", ["60", "120", None]),
        ("score", ["0.5", "1", None]),
        ("success", ["true", "False", None]),
        ("verb", ["played", "paused", None]),
        ("count", ["1", "2", "3"]),
    ],
)
def test_a_categorical_says_what_its_texts_say(column: str, values: Cell) -> None:
    plain, coded = frame(**{column: values}), frame(**{column: pd.Categorical(values)})
    assert rejected(read(coded)) == []
    assert read(coded).personal().summary().equals(read(plain).personal().summary())


@pytest.mark.parametrize(
    "flags",
    [
        [1, 0, 1],
        [1.0, 0.0, 1.0],
        ["1", "0", "1"],
        ["True", "FALSE", "true"],
        pl.Series([1, 0, 1], dtype=pl.UInt8),
    ],
    ids=str,
)
def test_a_flag_may_be_written_as_a_number(flags: Cell) -> None:
    roster = pl.DataFrame({"learner": ["a", "b", "c"], "age_ok": flags})
    data = read(log(learner=["a", "b", "c"]), learners=roster)
    assert rejected(data) == [("events", 1, "learner", "UnderAge")]


def test_a_flag_without_a_value_is_none() -> None:
    for flags in (["1", "", None], [1.0, None, None], ["true", "NA", None]):
        data = read(
            log(learner=["a", "b", "c"]), learners=pl.DataFrame({"learner": ["a", "b", "c"], "age_ok": flags})
        )
        assert [row for _, row, _, _ in rejected(data)] == [1, 2]


@pytest.mark.parametrize(
    "flags", [[1, 0, 2], [0.5, 1.0, 0.0], ["yes", "no", None], [-1, 0, 1], [float("nan"), 1.0, 0.0]]
)
def test_other_numbers_and_words_are_no_flags(flags: Cell) -> None:
    refused(lambda: read(log(success=pl.Series(flags))), "`success`", "true", "false", kind=ValueError)


def test_a_blank_zone_of_a_learner_is_none() -> None:
    people = pl.DataFrame({"learner": ["L1", "L2", "L3"], "tz": ["Asia/Tokyo", "", " "]})
    twice = pl.concat([people, people.with_columns(tz=pl.lit(""))])
    data = read(log(learner=["L1", "L2", "L3"]), learners=twice)
    assert rejected(data) == []
    hours = data.personal().activity_clock()
    assert hours.sort("learner")["hour"].to_list() == [21, 12, 12]


def test_words_are_known_in_whatever_case() -> None:
    shouted = log(verb=["PLAYED", "Paused", " viewed "])
    assert counts(read(shouted))["unknown verbs, kept as interacted"] == 0
    said = log(verb=["played", "paused", "viewed"])
    assert read(shouted).personal().tables()["summary"].equals(read(said).personal().tables()["summary"])
    catalog = pl.DataFrame({"content": ["a", "b"], "course": ["A", "A"], "kind": ["Video", ""]})
    assert rejected(read(log(), catalog=catalog)) == []
    long = log(verb=["V" * 16, "W" * 17, "É"])
    assert counts(read(long))["unknown verbs, kept as interacted"] == 3


@pytest.mark.parametrize("share", ["7/10", "70%", "0,7"])
def test_a_score_that_is_no_number_is_set_apart(share: str) -> None:
    check_rejects(read(log(score=["0.7", share, " 1 "])), 1, "score", "BadValue")


def test_what_is_no_table_is_told_how_to_make_one() -> None:
    row = {"learner": "L1", "time": "2025-03-03T12:00Z", "content": "a"}
    for odd in ([row], {name: [value] for name, value in row.items()}):
        refused(lambda odd=odd: read(odd), "`events`", "pl.DataFrame(...)", kind=TypeError)
        assert kept(read(pl.DataFrame(odd))) == 1


def test_uuids_are_told_to_be_cast() -> None:
    odd = frame(learner=[uuid.uuid4()] * 3)
    if pa.Table.from_pandas(odd).schema.field("learner").type == pa.string():
        assert kept(read(odd)) == 3  # some versions of pyarrow make texts of them
    else:
        refused(lambda: read(odd), "`learner`", "string", kind=ValueError)
    assert kept(read(odd.astype({"learner": str}))) == 3


# ---------------------------------------------------------------- zones and far times


@pytest.mark.parametrize("zone", ["+05:30", "-03:30", "+00:00", "Z", "UTC", "Asia/Kolkata", "-03:00"])
@pytest.mark.parametrize("unit", ["s", "ms", "us", "ns"])
def test_an_instant_is_the_same_in_every_zone(zone: str, unit: str) -> None:
    micros = pa.array([NOON] * 3, pa.timestamp(unit, "UTC")).cast(pa.timestamp(unit, zone))
    arrow = log().to_arrow().set_column(1, "time", micros)
    assert read(arrow).personal().as_of == NOON
    assert read(arrow.to_pandas() if zone != "Z" else arrow).personal().as_of == NOON


def test_a_text_with_an_offset_in_pandas_is_an_instant() -> None:
    odd = frame(time=pd.to_datetime(["2025-03-03 17:30+05:30"] * 3))
    assert read(odd).personal().as_of == NOON


@pytest.mark.parametrize("write", [pq.write_table, feather.write_feather], ids=["parquet", "ipc"])
def test_a_file_with_a_zone_that_cannot_be_read_is_told_what_to_do(
    write: Callable[..., None], tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    times = pa.array([NOON] * 3, pa.timestamp("us", "+05:30"))
    path = tmp_path / ("log.parquet" if write is pq.write_table else "log.arrow")
    write(log().to_arrow().set_column(1, "time", times), str(path))
    refused(lambda: read(path), "`time`", "`+05:30`", "UTC", kind=OSError)
    assert capfd.readouterr().err == ""


@pytest.mark.parametrize("far", ["9999-12-31", "9999-12-31T23:59:59Z", "9999-12-31 00:00:00", "2201-01-01"])
def test_a_far_time_is_out_of_range_as_a_text_too(far: str) -> None:
    check_rejects(read(log(time=["2025-03-03", far, "2025-03-04"])), 1, "time", "OutOfRange")


def test_the_first_and_the_last_second_of_32_bits_are_times() -> None:
    far = pl.Series([datetime(1970, 1, 1, tzinfo=UTC), datetime(2106, 2, 7, 6, 28, 15, tzinfo=UTC), NOON])
    assert rejected(read(log(time=far))) == [("events", 0, "time", "OutOfRange")]  # before `epoch`
    assert kept(read(log(time=far), epoch="1970-01-01")) == 3


# ---------------------------------------------------------------- ids and names between tables


def test_ids_of_two_types_are_told_with_both_tables() -> None:
    whole, text = log(learner=[1, 2, 3]), log(learner=["1", "2", "3"])
    boards = pl.DataFrame({"group": ["g"], "learner": ["1"]})
    refused(
        lambda: read(whole, memberships=boards), "`memberships`", "`events`", "`learner`", kind=ValueError
    )
    roster = pl.DataFrame({"learner": [1], "course": ["A"]})
    refused(lambda: read(text, enrollments=roster), "`enrollments`", "`events`", "`learner`", kind=ValueError)
    roles = pl.DataFrame({"person": ["p"], "group": [1], "role": ["instructor"]})
    refused(lambda: read(text, memberships=boards, roles=roles), "`roles`", "`memberships`", "`group`")
    catalog = pl.DataFrame({"content": ["c1"], "course": [7]})
    refused(lambda: read(log(course=["7"] * 3), catalog=catalog), "`catalog`", "`events`", "`course`")


def test_addresses_are_told_with_their_table() -> None:
    roster = pl.DataFrame({"learner": ["ada@example.org"], "course": ["A"]})
    message = refused(lambda: read(log(), enrollments=roster), "`enrollments`", "`learner`", kind=ValueError)
    assert "ada" not in message


@pytest.mark.parametrize(
    "near", ["lerner", "laerner", "learnr", "leanrer", "Learner", "LEARNER_", " learner"]
)
def test_a_name_that_is_nearly_right_is_guessed(near: str) -> None:
    odd = log().rename({"learner": near})
    refused(
        lambda: read(odd), f"it is probably `{near}`", f'columns={{"learner": "{near}"}}', kind=ValueError
    )
    assert kept(read(odd, columns={"learner": near})) == 3


@pytest.mark.parametrize(
    ("table", "near", "name"),
    [("events", "Duration", "duration"), ("events", "sesion", "session"), ("enrollments", "Start", "start")],
)
def test_an_unknown_name_that_is_nearly_one_is_told_so(table: str, near: str, name: str) -> None:
    tables: dict[str, Cell] = {
        "events": log(),
        "enrollments": pl.DataFrame({"learner": ["L1"], "course": ["A"]}),
    }
    tables[table] = tables[table].with_columns(pl.lit(None).alias(near))
    how = "`columns`" if table == "events" else "rename it"
    call = lambda: read(tables.pop("events"), **tables)  # noqa: E731
    refused(call, f"`{table}`", f"`{near}` is probably `{name}`", how, kind=ValueError)


@pytest.mark.parametrize("far", ["frob", "ts2", "x", "id2x"])
def test_a_name_that_is_far_from_all_is_not_guessed(far: str) -> None:
    message = refused(lambda: read(log(**{far: [1] * 3})), f"`{far}`", kind=ValueError)
    assert "probably" not in message


# ---------------------------------------------------------------- paths


@pytest.mark.parametrize("ending", ["json", "xlsx", "tsv", "txt", "json.gz", "sqlite"])
def test_a_file_of_another_kind_is_told_which_are_read(ending: str, tmp_path: Path) -> None:
    path = tmp_path / f"log.{ending}"
    path.write_bytes(b"[]")
    refused(lambda: read(path), f"log.{ending}`", "`.parquet`", "`.csv`", kind=ValueError)
    refused(lambda: read(log(), catalog=path), f"log.{ending}`", "`.parquet`", kind=ValueError)


def test_parquet_is_known_under_any_name(tmp_path: Path) -> None:
    for name in ("log", "log.2025-03", "log.snappy"):
        log().write_parquet(tmp_path / name)
        assert kept(read(tmp_path / name)) == 3


def test_compressed_files_are_known_by_the_name_below(tmp_path: Path) -> None:
    text = log().write_csv().encode()
    for ending, pack in (
        ("gz", gzip.compress),
        ("zst", lambda data: pa.compress(data, "zstd", asbytes=True)),
    ):
        path = tmp_path / f"log.csv.{ending}"
        path.write_bytes(pack(text))
        assert kept(read(path)) == 3


def test_a_list_of_paths_is_told_who_takes_it(tmp_path: Path) -> None:
    log().write_parquet(tmp_path / "log.parquet")
    refused(lambda: read([tmp_path / "log.parquet"]), "`events`", "read_parquet", kind=TypeError)
    assert kept(kh.read_parquet([tmp_path / "log.parquet"])) == 3
