"""What goes in, what comes out, and what is refused: the Python face."""

from __future__ import annotations

import decimal
import pickle
import re
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from datetime import date, datetime, timedelta, timezone
from pathlib import Path
from typing import Any, get_args

import duckdb
import kohort as kh
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.compute as pc
import pytest
from kohort import _core, typing
from polars.testing import assert_frame_equal

UTC = timezone.utc
LOG = pl.DataFrame(
    {
        "learner": ["L1", "L1", "L2", "L1"],
        "time": [
            datetime(2026, 3, 2, 10, 0, tzinfo=UTC),
            datetime(2026, 3, 2, 10, 5, tzinfo=UTC),
            datetime(2026, 3, 2, 11, 0, tzinfo=UTC),
            datetime(2026, 3, 3, 9, 0, tzinfo=UTC),
        ],
        "content": ["intro", "quiz", "intro", "quiz"],
        "verb": ["viewed", "submitted", "viewed", "viewed"],
    }
)


@pytest.fixture(scope="module")
def platform() -> kh.Simulation:
    return kh.simulate(learners=300, courses=2, seed=5)


@pytest.fixture(scope="module")
def data(platform: kh.Simulation) -> kh.LearningData:
    return platform.data


# ---------------------------------------------------------------- what goes in


def as_duckdb(log: pl.DataFrame) -> object:
    return duckdb.sql("select * from log")


def indexed(log: pl.DataFrame) -> object:
    frame = log.to_pandas()
    frame.index = frame.index[::-1]  # an index that pyarrow would store as a column
    return frame


KINDS: dict[str, Callable[[pl.DataFrame], object]] = {
    "polars": lambda log: log,
    "many chunks": lambda log: pl.concat([log[:1], log[1:3], log[3:]], rechunk=False),
    "lazy": lambda log: log.lazy(),
    "categorical": lambda log: log.cast({"learner": pl.Categorical, "verb": pl.Categorical}),
    "enum": lambda log: log.cast({"verb": pl.Enum(["viewed", "submitted"])}),
    "nanoseconds": lambda log: log.cast({"time": pl.Datetime("ns", "UTC")}),
    "milliseconds": lambda log: log.cast({"time": pl.Datetime("ms", "UTC")}),
    "another zone": lambda log: log.with_columns(pl.col("time").dt.convert_time_zone("Asia/Kolkata")),
    "pandas": lambda log: log.to_pandas(),
    "pandas with an index": indexed,
    "pandas from pyarrow": lambda log: log.to_pandas(use_pyarrow_extension_array=True),
    "pyarrow": lambda log: log.to_arrow(),
    "pyarrow with dictionaries": lambda log: log.to_arrow().set_column(
        0, "learner", log.to_arrow()["learner"].cast(pa.string()).dictionary_encode()
    ),
    "pyarrow slice": lambda log: pa.concat_tables([log.to_arrow(), log.to_arrow()]).slice(4),
    "pyarrow reader": lambda log: log.to_arrow().to_reader(max_chunksize=1),
    "duckdb": as_duckdb,
}


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_table_gives_the_same_numbers(kind: str) -> None:
    given = KINDS[kind](LOG)
    assert_frame_equal(kh.LearningData(given).personal().summary(), kh.LearningData(LOG).personal().summary())


def write(log: pl.DataFrame, path: Path) -> None:
    by_suffix: dict[str, Callable[[], object]] = {
        ".parquet": lambda: log.write_parquet(path),
        ".csv": lambda: log.with_columns(pl.col("time").dt.to_string("iso:strict")).write_csv(path),
        ".ndjson": lambda: log.with_columns(pl.col("time").dt.to_string("iso:strict")).write_ndjson(path),
        ".arrow": lambda: log.write_ipc(path),
    }
    by_suffix[path.suffix]()


READERS = {
    ".parquet": kh.read_parquet,
    ".csv": kh.read_csv,
    ".ndjson": kh.read_ndjson,
    ".arrow": kh.read_ipc,
}


@pytest.mark.parametrize("suffix", READERS)
def test_files_give_the_same_numbers_whole_or_split(tmp_path: Path, suffix: str) -> None:
    expected = kh.LearningData(LOG).personal().summary()
    write(LOG, tmp_path / f"whole{suffix}")
    write(LOG[:2], tmp_path / f"part-1{suffix}")
    write(LOG[2:], tmp_path / f"part-2{suffix}")
    read = READERS[suffix]
    sources: list[Any] = [
        tmp_path / f"whole{suffix}",
        str(tmp_path / f"part-*{suffix}"),
        [tmp_path / f"part-2{suffix}", tmp_path / f"part-1{suffix}"],
    ]
    for source in sources:
        assert_frame_equal(read(source).personal().summary(), expected)
    assert_frame_equal(kh.LearningData(tmp_path / f"whole{suffix}").personal().summary(), expected)


def test_tables_beside_the_log_may_be_files_too(tmp_path: Path) -> None:
    pl.DataFrame({"learner": ["L9"], "course": ["c"]}).write_csv(tmp_path / "enrollments.csv")
    pla = kh.LearningData(LOG, enrollments=tmp_path / "enrollments.csv").personal()
    assert "L9" in pla.summary()["learner"]


def test_columns_left_behind_may_be_of_any_type(tmp_path: Path) -> None:
    log = LOG.with_columns(amount=pl.lit(decimal.Decimal("1.5")))
    log.write_parquet(tmp_path / "log.parquet")
    assert kh.read_parquet(tmp_path / "log.parquet", extra="drop").personal().summary().height == 2
    assert kh.LearningData(log, extra="drop").personal().summary().height == 2
    renamed = log.rename({"amount": "points"})
    with pytest.raises(kh.ColumnTypeError, match="table `events`: column `points`"):
        kh.LearningData(renamed, extra="drop", columns={"score": "points"})


def test_an_error_about_columns_of_files_lists_all_of_them(tmp_path: Path) -> None:
    LOG.rename({"learner": "who"}).with_columns(shoe_size=1).write_parquet(tmp_path / "log.parquet")
    with pytest.raises(kh.SchemaError, match="`shoe_size`"):
        kh.read_parquet(tmp_path / "log.parquet", extra="drop")


def test_a_missing_file_is_an_error_with_its_name(tmp_path: Path) -> None:
    with pytest.raises(OSError, match=r"nowhere\.parquet"):
        kh.read_parquet(tmp_path / "nowhere.parquet")
    with pytest.raises(kh.FileError, match="nothing"):
        kh.read_csv(str(tmp_path / "nothing-*.csv"))


@pytest.mark.parametrize(
    ("column", "values"),
    [
        ("decimal", pa.array([decimal.Decimal("1.5")] * 4)),
        ("time of day", pa.array([1] * 4, pa.time32("s"))),
        ("half float", pa.array([1] * 4, pa.float16())),
        ("fixed list", pa.array([[1, 2]] * 4, pa.list_(pa.int64(), 2))),
        ("map", pa.array([[("a", 1)]] * 4, pa.map_(pa.string(), pa.int64()))),
        ("nested decimal", pa.array([[decimal.Decimal("1.5")]] * 4)),
        ("interval", pa.array([(1, 2, 3)] * 4, pa.month_day_nano_interval())),
        ("bytes of one size", pa.array([b"ab"] * 4, pa.binary(2))),
        ("wide decimal", pa.array([decimal.Decimal("1.5")] * 4, pa.decimal256(40, 2))),
        ("uuid", pa.array([b"0" * 16] * 4, pa.uuid())),
        ("union", pa.UnionArray.from_sparse(pa.array([0] * 4, pa.int8()), [pa.array([1, 2, 3, 4])])),
    ],
)
def test_an_arrow_type_that_is_not_read_is_named(column: str, values: Any) -> None:
    table = LOG.to_arrow().append_column(column, values)
    with pytest.raises(TypeError, match=f"`{column}` has the Arrow type"):
        kh.LearningData(table)
    with pytest.raises(kh.SchemaError):
        kh.LearningData(table)


@pytest.mark.parametrize(
    "thing", [[1, 2], {"learner": ["L1"]}, 7, None, pl.Series([1]), pd.Series([1]), np.zeros((2, 2))]
)
def test_what_is_no_table_is_refused(thing: Any) -> None:
    with pytest.raises(TypeError, match="table"):
        kh.LearningData(thing)


def test_an_arrow_type_that_nobody_reads_is_refused() -> None:
    for values in (
        pa.array([[1]] * 4, pa.list_view(pa.int64())),
        pc.run_end_encode(pa.array([1, 1, 2, 2])),
    ):
        with pytest.raises(kh.ColumnTypeError, match="cannot be read"):
            kh.LearningData(LOG.to_arrow().append_column("score", values))


def test_python_objects_in_a_column_are_refused() -> None:
    with pytest.raises(kh.ColumnTypeError, match="`thing` holds Python objects"):
        kh.LearningData(LOG.with_columns(thing=pl.Series([object()] * 4)))


def test_a_frame_in_ids_of_integers_comes_back_in_integers() -> None:
    log = LOG.with_columns(learner=pl.Series([7, 7, 9, 7], dtype=pl.UInt16))
    pla = kh.LearningData(log).personal()
    assert pla.summary()["learner"].to_list() == [7, 9]
    assert pla.learner(np.int64(7)).summary()["learner"].to_list() == [7]


def test_the_names_of_the_schema_are_the_engines() -> None:
    with pytest.raises(kh.SchemaError) as caught:
        kh.LearningData(LOG.with_columns(shoe_size=1))
    listed = str(caught.value).split("the schema has ")[1]
    names = re.findall(r"`(\w+)`", listed.split(";")[0])
    assert sorted(names) == sorted(get_args(typing.EventColumn))


# ---------------------------------------------------------------- what comes out


def test_polars_frames_come_out(data: kh.LearningData) -> None:
    pla = data.personal()
    for table in (
        pla.summary(),
        pla.sessions(),
        pla.study_time(by="week"),
        pla.frequency(),
        pla.regularity(by="course"),
        pla.activity_calendar(),
        pla.activity_clock(),
        pla.delay(),
        pla.progress(),
        pla.drop_off(),
        data.rejected,
        data.quality,
        kh.grids(),
        data.reference_groups(by="course").summary(),
    ):
        assert isinstance(table, pl.DataFrame)


def test_a_table_goes_on_to_other_libraries(platform: kh.Simulation) -> None:
    table = platform._engine.table("learners")
    assert len(table) == 300
    rows = pa.table(table)
    assert rows.num_rows == 300
    assert duckdb.sql("select count(*) from rows").fetchall() == [(300,)]


def test_columns_have_the_types_of_the_contract(data: kh.LearningData) -> None:
    schema = data.personal().summary().schema
    assert schema["learner"] == pl.String
    assert schema["study_time"] == pl.Duration("us")
    assert schema["sessions"] == schema["events"] == pl.UInt32
    assert schema["interactions"] == pl.UInt64
    assert schema["progress"] == pl.Float64
    first = schema["first_active"]
    assert isinstance(first, pl.Datetime)
    assert (first.time_unit, first.time_zone) == ("us", "UTC")


OBJECTS: dict[str, Callable[[kh.LearningData], Any]] = {
    "LearningData": lambda data: data,
    "PersonalAnalytics": lambda data: data.personal(),
    "ReferenceGroups": lambda data: data.reference_groups(by="course"),
    "Simulation": lambda data: kh.simulate(learners=3, courses=1),
    "StudyTime": lambda data: kh.StudyTime(),
    "ReleasePolicy": lambda data: kh.ReleasePolicy(),
}


@pytest.mark.parametrize("name", OBJECTS)
def test_every_object_says_what_it_is(data: kh.LearningData, name: str) -> None:
    thing = OBJECTS[name](data)
    assert name in repr(thing)
    assert "\n" not in repr(thing)
    assert thing._repr_html_().startswith("<table>")


def test_a_repr_tells_the_facts(data: kh.LearningData) -> None:
    shown = repr(data)
    assert "learners: 300" in shown
    assert "time zone: UTC" in shown
    assert re.search(r"span: 20\d\d-\d\d-\d\d \d\d:\d\d to 20\d\d", shown)
    assert 'estimator: StudyTime(gap="30m")' in repr(data.personal())
    groups = repr(data.reference_groups(by="course"))
    assert "k: 10" in groups
    assert re.search(r"withheld cells: \d+ of \d+", groups)
    assert "coverage: 100%," in groups
    few = kh.simulate(learners=4, courses=1, seed=1).data.reference_groups(by="course")
    assert "coverage: no group is shown" in repr(few)


def test_a_repr_shows_no_learner(data: kh.LearningData) -> None:
    assert "L7" not in repr(data.personal().learner("L7"))


def test_markup_in_names_is_escaped() -> None:
    shown = kh.LearningData(LOG, tz="UTC").personal()._repr_html_()
    assert "<script" not in shown
    assert "&quot;30m&quot;" in shown


@pytest.mark.parametrize("name", OBJECTS)
def test_no_object_can_be_changed(data: kh.LearningData, name: str) -> None:
    thing = OBJECTS[name](data)
    for attribute in ("anything", "gap", "k", "_engine"):
        with pytest.raises((AttributeError, TypeError)):
            setattr(thing, attribute, 1)
    with pytest.raises((AttributeError, TypeError)):
        del thing._engine


def test_results_are_made_by_their_data_only() -> None:
    for kind in (kh.PersonalAnalytics, kh.ReferenceGroups, kh.Simulation):
        with pytest.raises(TypeError):
            kind()


def test_estimators_with_the_same_meaning_are_equal() -> None:
    a = kh.StudyTime(gap="90m", over_gap=kh.impute({"video": "4m"}))
    b = kh.StudyTime(gap=timedelta(hours=1.5), over_gap=kh.impute({"video": timedelta(minutes=4)}))
    assert a == b
    assert hash(a) == hash(b)
    assert a != kh.StudyTime(gap="90m")
    assert pickle.loads(pickle.dumps(a)) == a
    assert eval(repr(a), {"StudyTime": kh.StudyTime, "impute": kh.impute}) == a


def test_as_of_means_the_same_in_every_form() -> None:
    data = kh.LearningData(LOG, tz="Europe/Helsinki")
    forms = [
        "2026-03-03",
        "2026-03-02T22:00Z",
        "2026-03-03T00:00:00+02:00",
        "2026-03-03 00:00",
        date(2026, 3, 3),
        datetime(2026, 3, 3),
        datetime(2026, 3, 2, 22, tzinfo=UTC),
        pd.Timestamp("2026-03-03", tz="Europe/Helsinki"),
    ]
    for form in forms:
        assert data.personal(as_of=form).as_of == datetime(2026, 3, 2, 22, tzinfo=UTC), form


def test_a_date_is_its_first_moment_where_the_clock_skips_midnight() -> None:
    # Chile turns its clocks from 24:00 to 01:00
    data = kh.LearningData(LOG, tz="America/Santiago")
    assert data.personal(as_of="2025-09-07").as_of == datetime(2025, 9, 7, 4, tzinfo=UTC)


@pytest.mark.parametrize("clock", ["2026-03-29 03:30", "2025-10-26 03:30"])
def test_a_time_that_the_clock_skips_or_repeats_is_refused(clock: str) -> None:
    data = kh.LearningData(LOG, tz="Europe/Helsinki")
    with pytest.raises(ValueError, match="offset"):
        data.personal(as_of=clock)


def test_the_newest_time_is_the_default_as_of() -> None:
    assert kh.LearningData(LOG).personal().as_of == datetime(2026, 3, 3, 9, tzinfo=UTC)


# ---------------------------------------------------------------- what is refused


@pytest.mark.parametrize("gap", [30, 30.0, True, None, np.int64(30), decimal.Decimal(30), b"30m"])
def test_a_bare_number_is_refused_with_the_right_form(gap: Any) -> None:
    with pytest.raises(TypeError, match=r'`gap` must be a length of time such as "30m"'):
        kh.StudyTime(gap=gap)


@pytest.mark.parametrize(
    "gap", ["30", "", "m", "5 parsecs", "-5m", timedelta(-1), timedelta.max, pd.NaT, pd.Timedelta(1, "ns")]
)
def test_a_length_of_time_that_is_none_is_refused(gap: Any) -> None:
    with pytest.raises(ValueError, match="`gap`"):
        kh.StudyTime(gap=gap)


@pytest.mark.parametrize("as_of", [0, 1.5, True, np.datetime64("2026-03-03"), b"2026"])
def test_a_number_is_no_time(data: kh.LearningData, as_of: Any) -> None:
    with pytest.raises(TypeError, match="`as_of` must be a time such as"):
        data.personal(as_of=as_of)


@pytest.mark.parametrize("as_of", ["2026-13-01", "yesterday", "", pd.NaT, pd.Timestamp(1)])
def test_a_time_that_is_none_is_refused(data: kh.LearningData, as_of: Any) -> None:
    with pytest.raises(ValueError, match="`as_of`"):
        data.personal(as_of=as_of)


@pytest.mark.parametrize("number", [True, 1.0, decimal.Decimal(1), np.float64(1), np.bool_(True), "1"])
def test_whole_numbers_are_taken_exactly_or_not_at_all(data: kh.LearningData, number: Any) -> None:
    calls: list[Callable[[], object]] = [
        lambda: kh.StudyTime(min_events=number),
        lambda: kh.ReleasePolicy(k=number),
        lambda: data.personal().frequency(freeze=number),
        lambda: kh.simulate(learners=number),
        lambda: kh.LearningData(LOG, max_events_per_day=number),
    ]
    for call in calls:
        with pytest.raises(TypeError, match="whole number"):
            call()


def test_numpy_integers_are_whole_numbers() -> None:
    assert kh.StudyTime(min_events=np.int32(2)).min_events == 2  # type: ignore[arg-type]


@pytest.mark.parametrize("number", [10**30, -1])
def test_numbers_out_of_range_are_errors_not_truncated(number: int) -> None:
    with pytest.raises(ValueError, match="learners"):
        kh.simulate(learners=number)
    with pytest.raises(ValueError, match="seed"):
        kh.simulate(learners=1, seed=number)


WRONG: dict[str, tuple[Callable[[kh.LearningData], object], type[Exception], type[Exception], str]] = {
    "unknown word": (
        lambda data: data.personal().study_time(by="colour"),  # type: ignore[arg-type]
        kh.ParameterError,
        ValueError,
        '"course"',
    ),
    "unknown metric": (
        lambda data: data.reference_groups(by="course").quantiles("shoe_size"),  # type: ignore[arg-type]
        kh.ParameterError,
        ValueError,
        '"study_time"',
    ),
    "unknown rule": (
        lambda data: data.personal(completion={"quiz": "guessed"}),  # type: ignore[dict-item]
        kh.ParameterError,
        ValueError,
        '"passed"',
    ),
    "unknown zone": (
        lambda data: kh.LearningData(LOG, tz="Mars/Olympus"),
        kh.ParameterError,
        ValueError,
        "Mars/Olympus",
    ),
    "missing column": (
        lambda data: kh.LearningData(LOG.drop("time")),
        kh.SchemaError,
        ValueError,
        "`time`",
    ),
    "unknown column": (
        lambda data: kh.LearningData(LOG.with_columns(shoe_size=42)),
        kh.SchemaError,
        ValueError,
        "`shoe_size`",
    ),
    "missing table": (
        lambda data: kh.LearningData(LOG).reference_groups(by="course"),
        kh.MissingTableError,
        ValueError,
        "enrollments",
    ),
    "unknown learner": (
        lambda data: data.personal().learner("nobody"),
        kh.NoSuchLearnerError,
        KeyError,
        "no such learner",
    ),
    "a learner's id of another kind": (
        lambda data: data.personal().learner(7),
        kh.ParameterError,
        ValueError,
        "`learner` must be a string, as the ids of these learners are, got an integer",
    ),
    "weak policy": (
        lambda data: data.reference_groups(by="course", policy=kh.ReleasePolicy(k=3)),
        kh.PolicyError,
        ValueError,
        "k",
    ),
    "missing file": (lambda data: kh.read_csv("nowhere.csv"), kh.FileError, OSError, "nowhere"),
    "wrong estimator": (
        lambda data: data.personal(study_time="30m"),  # type: ignore[arg-type]
        kh.ParameterTypeError,
        TypeError,
        "StudyTime",
    ),
    "cap for the last event": (
        lambda data: kh.StudyTime(last_event=kh.cap("5m")),  # type: ignore[arg-type]
        kh.ParameterError,
        ValueError,
        "fixed",
    ),
}


@pytest.mark.parametrize("name", WRONG)
def test_errors_are_kohorts_own_and_the_fitting_builtin(data: kh.LearningData, name: str) -> None:
    call, own, builtin, told = WRONG[name]
    with pytest.raises(kh.KohortError) as caught:
        call(data)
    assert isinstance(caught.value, own)
    assert isinstance(caught.value, builtin)
    assert told in str(caught.value)
    assert "\n" not in str(caught.value)


def test_an_unknown_learner_is_not_repeated_in_the_error(data: kh.LearningData) -> None:
    with pytest.raises(KeyError) as caught:
        data.personal().learner("Erika Mustermann")
    assert "Erika" not in str(caught.value)
    assert str(caught.value) == "no such learner"


def test_rejected_rows_are_warned_about_once_and_kept() -> None:
    log = LOG.with_columns(learner=pl.Series(["L1", None, "L2", ""]))
    with pytest.warns(kh.RejectedRowsWarning, match="2 rows were not understood") as caught:
        data = kh.LearningData(log)
    assert len(caught) == 1
    assert caught[0].filename == __file__
    assert data.rejected.select("row", "reason").rows() == [(1, "NullId"), (3, "BadId")]
    assert data.personal().summary()["events"].sum() == 2


def test_a_warning_about_files_points_to_the_callers_line(tmp_path: Path) -> None:
    LOG.with_columns(learner=pl.Series(["L1", None, "L2", ""])).write_parquet(tmp_path / "log.parquet")
    for extra in ("error", "drop"):
        with pytest.warns(kh.RejectedRowsWarning) as caught:
            kh.read_parquet(tmp_path / "log.parquet", extra=extra)
        assert [warning.filename for warning in caught] == [__file__]


def test_options_are_keyword_only(data: kh.LearningData) -> None:
    calls: list[Callable[..., object]] = [
        lambda: kh.LearningData(LOG, None),  # type: ignore[misc]
        lambda: data.personal(None),  # type: ignore[misc]
        lambda: data.reference_groups("course"),  # type: ignore[misc]
        lambda: kh.StudyTime("30m"),  # type: ignore[misc]
        lambda: kh.ReleasePolicy(10),  # type: ignore[misc]
        lambda: kh.simulate(10),  # type: ignore[misc]
    ]
    for call in calls:
        with pytest.raises(TypeError, match="positional"):
            call()


# ---------------------------------------------------------------- long work


@pytest.fixture(scope="module")
def large() -> kh.Simulation:
    return kh.simulate(learners=20_000, courses=3, seed=2)


def options(platform: kh.Simulation) -> dict[str, Any]:
    return {"catalog": platform.catalog, "courses": platform.courses}


def test_progress_is_reported_and_grows(large: kh.Simulation) -> None:
    seen: list[tuple[int, int]] = []
    events = large.events
    kh.LearningData(events, **options(large), progress=lambda done, total: seen.append((done, total)))
    assert seen
    assert all(0 <= done <= total for done, total in seen)
    assert seen == sorted(seen)


def test_an_exception_in_the_callback_stops_the_work_and_comes_out(large: kh.Simulation) -> None:
    class Enough(Exception):
        pass

    def stop(done: int, total: int) -> None:
        raise Enough

    events = large.events
    with pytest.raises(Enough):
        kh.LearningData(events, progress=stop)
    # and nothing is left in a bad state
    assert kh.LearningData(LOG).personal().summary().height == 2


def test_a_stopped_question_can_be_asked_again(large: kh.Simulation) -> None:
    stopping = True

    def maybe(done: int, total: int) -> None:
        if stopping:
            raise KeyboardInterrupt

    data = kh.LearningData(large.events, **options(large))
    pla = data.personal(progress=maybe)
    try:
        pla.frequency()  # too fast to be stopped on some machines
    except KeyboardInterrupt:
        pass
    stopping = False
    assert pla.frequency().height == 20_000


def test_other_threads_run_while_the_engine_works(large: kh.Simulation) -> None:
    ticks: list[float] = []
    done = threading.Event()

    def tick() -> None:
        while not done.wait(0.01):
            ticks.append(time.perf_counter())

    events = large.events
    thread = threading.Thread(target=tick)
    thread.start()
    began = time.perf_counter()
    kh.LearningData(events)
    lasted = time.perf_counter() - began
    done.set()
    thread.join()
    assert len([t for t in ticks if began <= t <= began + lasted]) >= min(10, lasted / 0.05)


CTRL_C = """
import os, signal, threading, time
import kohort as kh
events = kh.simulate(learners=60_000, courses=3, seed=2).events
threading.Timer(0.15, lambda: os.kill(os.getpid(), signal.SIGINT)).start()
began = time.perf_counter()
try:
    while time.perf_counter() < began + 30:
        kh.LearningData(events)
except KeyboardInterrupt:
    print("stopped after", time.perf_counter() - began)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="no SIGINT to oneself there")
def test_ctrl_c_stops_the_engine() -> None:
    ran = run_python(CTRL_C)
    assert ran.returncode == 0, ran.stderr
    assert float(ran.stdout.split()[-1]) < 5


def test_a_bar_is_drawn_on_stderr_and_cleared(large: kh.Simulation, capfd: Any) -> None:
    kh.LearningData(large.events, progress=True)
    out, err = capfd.readouterr()
    assert out == ""
    assert "kohort [" in err
    assert err.endswith("\r")


def test_nothing_is_printed_without_being_asked_for(data: kh.LearningData, capfd: Any) -> None:
    data.personal().summary()
    data.reference_groups(by="course").summary()
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("progress", [1, "yes", None])
def test_progress_is_a_bool_or_a_function(progress: Any) -> None:
    with pytest.raises(TypeError, match="progress"):
        kh.LearningData(LOG, progress=progress)


# ---------------------------------------------------------------- the package


def run_python(code: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=120, check=False
    )


IMPORT = """
import sys, time
import polars
began = time.perf_counter()
import kohort
print(time.perf_counter() - began)
heavy = ("altair", "pandas", "pyarrow", "duckdb", "argparse", "numpy")
print([name for name in heavy if name in sys.modules])
"""


def test_import_costs_little_beyond_polars() -> None:
    runs = [run_python(IMPORT).stdout.splitlines() for _ in range(3)]
    assert min(float(seconds) for seconds, _ in runs) < 0.3
    assert {modules for _, modules in runs} == {"[]"}


def test_everything_public_is_there_and_documented() -> None:
    for name in kh.__all__:
        thing = getattr(kh, name)
        assert name == "__version__" or thing.__doc__, name
    assert kh.__version__ == _core.__version__
    assert (Path(kh.__file__).parent / "py.typed").exists()


def test_the_example_in_a_docstring_of_every_function_runs() -> None:
    # pytest runs them; here it is only made sure that they exist
    for kind in (kh.LearningData, kh.PersonalAnalytics, kh.ReferenceGroups):
        for name, member in vars(kind).items():
            if callable(member) and not name.startswith("_"):
                assert ">>>" in (member.__doc__ or ""), f"{kind.__name__}.{name}"
