"""Laws that hold for every log, on random small logs and on a simulated platform."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import bridge
import hypothesis.strategies as st
import kohort as kh
import polars as pl
import pytest
import twin
from hypothesis import given
from strategies import estimators, film_logs, logs, moments
from test_twin import SPLITS
from twin import Cell

# of two events with one id the second is set apart
pytestmark = pytest.mark.filterwarnings("ignore::kohort.RejectedRowsWarning")

WEEK_DIMS = [["weekday"], ["hour"], ["course", "weekday", "hour"]]
TABLES = ("catalog", "courses", "enrollments", "learners")


@dataclass(frozen=True)
class Case:
    """Everything that goes into one analysis, as frames."""

    events: pl.DataFrame
    tables: dict[str, pl.DataFrame | None]
    options: dict[str, Any]
    as_of: datetime
    est: kh.StudyTime = field(default_factory=kh.StudyTime)

    def analysis(self) -> kh.PersonalAnalytics:
        data = kh.LearningData(self.events, **self.tables, **self.options)
        return data.personal(study_time=self.est, as_of=self.as_of)


def results(pla: kh.PersonalAnalytics) -> dict[str, pl.DataFrame]:
    """Every personal table, the study time in several splits."""
    return {
        "summary": pla.summary(),
        "sessions": pla.sessions(),
        "frequency": pla.frequency(),
        "frequency by course": pla.frequency(by="course", freeze=1),
        "progress": pla.progress(),
        "progress by module": pla.progress(by="module"),
        "progress over time": pla.progress_over_time(),
        "engagement": pla.engagement(),
        "weekly_features": pla.weekly_features(),
        "drop_off": pla.drop_off(),
        "study_time": pla.study_time(),
        "study_time by day": pla.study_time(by=["course", "day", "hour"]),
        "study_time by topic": pla.study_time(by=["topic", "kind"]),
        "video": pla.video(),
        "video, open plays imputed": pla.video(open="impute"),
        "video_segments": pla.video_segments(),
        "studied_content": pla.studied_content(),
        "pace": pla.pace(),
        "person_periods": pla.person_periods(),
        "regularity": pla.regularity(by="course"),
        "delay": pla.delay(),
        "assessments": pla.assessments(pass_mark=0.5),
        "responses": pla.responses(),
        "struggle": pla.struggle(),
        "navigation": pla.navigation(self_loops=True),
        "navigation by kind": pla.navigation(by="kind"),
        "navigation_summary": pla.navigation_summary(),
        "feature_usage": pla.feature_usage(),
        "collaboration": pla.collaboration(),
    }


def changed(before: dict[str, pl.DataFrame], after: dict[str, pl.DataFrame]) -> list[str]:
    return [name for name in before if not before[name].equals(after[name])]


@st.composite
def cases(draw: st.DrawFn, **fixed: Cell) -> Case:
    """Draw a random log and everything that is asked of it."""
    log = replace(draw(logs()), **fixed)
    as_of = draw(moments(log))
    as_of = twin.default_as_of(log) if as_of is None else as_of
    options = {"tz": log.tz, "resolution": "instant", "extra": "error"}
    options["day_start"] = f"{log.day_start // twin.HOUR:02}:00"
    return Case(
        bridge.frame(log.events),
        bridge.tables(log),
        options,
        twin.EPOCH + bridge.span(as_of),
        bridge.estimator(draw(estimators())),
    )


@pytest.fixture(scope="module")
def platform() -> Case:
    """Simulate a platform, cut in the middle of its time."""
    made = kh.simulate(learners=120, courses=3, seed=11, weeks=6)
    first, last = made.events["time"].min(), made.events["time"].max()
    assert isinstance(first, datetime)
    assert isinstance(last, datetime)
    return Case(
        made.events,
        {name: getattr(made, name) for name in TABLES},
        {"tz": "UTC", "resolution": "instant"},
        first + (last - first) * 0.7,
        kh.StudyTime(over_gap=kh.impute(), last_event=kh.fixed("1m"), max_session="3h"),
    )


# ---------------------------------------------------------------- the order of rows means nothing


def shuffled(case: Case, seed: int) -> Case:
    tables = {
        name: None if table is None else table.sample(fraction=1.0, shuffle=True, seed=seed)
        for name, table in case.tables.items()
    }
    events = case.events.sample(fraction=1.0, shuffle=True, seed=seed)
    return replace(case, events=events, tables=tables)


@given(cases(), st.integers(0, 2**30))
def test_the_order_of_rows_means_nothing(case: Case, seed: int) -> None:
    assert not changed(results(case.analysis()), results(shuffled(case, seed).analysis()))


def test_the_order_of_rows_means_nothing_on_a_platform(platform: Case) -> None:
    assert not changed(results(platform.analysis()), results(shuffled(platform, 5).analysis()))


# ---------------------------------------------------------------- the same event twice is one event


def with_ids(case: Case) -> Case:
    named = case.events.drop("id", strict=False).with_row_index("id")
    return replace(case, events=named.with_columns(pl.format("e{}", "id").alias("id")))


@given(cases(), st.integers(0, 2**30))
def test_a_row_that_comes_twice_with_its_id_counts_once(case: Case, seed: int) -> None:
    case = with_ids(case)
    again = case.events.sample(fraction=0.5, seed=seed)
    twice = replace(case, events=pl.concat([again, case.events]))
    assert not changed(results(case.analysis()), results(twice.analysis()))


def test_a_platform_read_twice_counts_once(platform: Case) -> None:
    case = with_ids(platform)
    twice = replace(case, events=pl.concat([case.events, case.events]))
    assert not changed(results(case.analysis()), results(twice.analysis()))


# ---------------------------------------------------------------- many files are one log


@given(cases(), st.integers(1, 4), st.sampled_from(["parquet", "ipc"]))
def test_a_log_in_several_files_is_the_same_log(case: Case, parts: int, form: str) -> None:
    # not the tmp_path fixture: one folder for each example
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        for number in range(parts):
            part = case.events.gather_every(parts, number)
            getattr(part, f"write_{form}")(Path(folder) / f"part-{number}.{form}")
        read = getattr(kh, f"read_{form}")
        data = read(str(Path(folder) / f"*.{form}"), **case.tables, **case.options)
    files = data.personal(study_time=case.est, as_of=case.as_of)
    assert not changed(results(case.analysis()), results(files))


def test_a_platform_in_several_files_is_the_same_platform(platform: Case, tmp_path: Path) -> None:
    for number in range(5):
        part = platform.events.gather_every(5, number)
        part.write_parquet(tmp_path / f"part-{number}.parquet")
    data = kh.read_parquet(f"{tmp_path}/*.parquet", **platform.tables, **platform.options)
    files = data.personal(study_time=platform.est, as_of=platform.as_of)
    assert not changed(results(platform.analysis()), results(files))
    chunks = pl.concat([platform.events.gather_every(3, number) for number in range(3)], rechunk=False)
    pieces = replace(platform, events=chunks)
    assert not changed(results(platform.analysis()), results(pieces.analysis()))


# ---------------------------------------------------------------- weeks later, the same numbers


def moved(table: pl.DataFrame, by: timedelta) -> pl.DataFrame:
    times = [
        name for name, dtype in table.schema.items() if isinstance(dtype, pl.Datetime) or dtype == pl.Date
    ]
    return table.with_columns(pl.col(name) + by for name in times)


def later(case: Case, weeks: int) -> Case:
    by = timedelta(weeks=weeks)
    tables = {n: None if t is None else moved(t, by) for n, t in case.tables.items()}
    return replace(case, events=moved(case.events, by), tables=tables, as_of=case.as_of + by)


def check_shift(case: Case, weeks: int) -> None:
    before, after = case.analysis(), later(case, weeks).analysis()
    expected = {name: moved(table, timedelta(weeks=weeks)) for name, table in results(before).items()}
    assert not changed(expected, results(after))
    for by in WEEK_DIMS:
        assert before.study_time(by=by).equals(after.study_time(by=by))


@given(cases(tz="UTC", learners=None), st.integers(-200, 200))
def test_a_shift_by_whole_weeks_shifts_nothing_but_the_times(case: Case, weeks: int) -> None:
    check_shift(case, weeks)


def test_a_platform_weeks_later_has_the_same_numbers(platform: Case) -> None:
    check_shift(replace(platform, tables=platform.tables | {"learners": None}), 53)


# ---------------------------------------------------------------- every split adds up


def check_split(pla: kh.PersonalAnalytics, by: list[str], week: str) -> None:
    whole = pla.study_time().filter(pl.col("study_time") > timedelta(0))
    split = pla.study_time(by=by, week=week)
    assert list(split.columns) == ["learner", *by, "study_time", "reason"]
    total = split.group_by("learner").agg(pl.col("study_time").sum()).sort("learner")
    assert total.equals(whole.select("learner", "study_time"))


@given(
    cases(),
    st.lists(st.sampled_from(SPLITS), min_size=1, max_size=4, unique=True),
    st.sampled_from(["iso", "course"]),
)
def test_every_split_adds_up_to_the_microsecond(case: Case, by: list[str], week: str) -> None:
    pla = case.analysis()
    check_split(pla, by, week)
    total = pla.study_time()["study_time"].sum()
    assert total == pla.summary()["study_time"].sum()
    assert total == (pla.sessions()["study_time"].sum() or timedelta(0))


@pytest.mark.parametrize("by", [[dim] for dim in SPLITS] + [SPLITS])
def test_every_split_of_a_platform_adds_up(platform: Case, by: list[str]) -> None:
    check_split(platform.analysis(), by, "course")


# ---------------------------------------------------------------- the future changes nothing


def known(case: Case) -> Case:
    """Without the events that had not happened, or not been received, at ``as_of``."""
    keep = pl.col("time") <= case.as_of
    if "received" in case.events.columns:
        keep &= pl.col("received").is_null() | (pl.col("received") <= case.as_of)
    return replace(case, events=case.events.filter(keep))


@given(cases())
def test_nothing_after_as_of_matters(case: Case) -> None:
    case = replace(case, events=case.events.drop("id", strict=False))
    assert not changed(results(known(case).analysis()), results(case.analysis()))


def test_nothing_after_as_of_matters_on_a_platform(platform: Case) -> None:
    past = known(platform)
    assert 0 < past.events.height < platform.events.height
    assert not changed(results(past.analysis()), results(platform.analysis()))


# ---------------------------------------------------------------- nobody matters to anybody else


def check_alone(case: Case, learner: Cell) -> None:
    mine = pl.col("learner") == learner
    alone = replace(case, events=case.events.filter(mine))
    whole, part = results(case.analysis()), results(alone.analysis())
    for name, table in whole.items():
        assert table.filter(mine).equals(part[name].filter(mine)), name


@given(cases())
def test_learners_do_not_influence_one_another(case: Case) -> None:
    for learner in case.events["learner"].unique():
        check_alone(case, learner)


def test_a_learner_of_a_platform_has_the_same_numbers_alone(platform: Case) -> None:
    for learner in platform.events["learner"].unique().sort().gather_every(40):
        check_alone(platform, learner)


# ---------------------------------------------------------------- threads

BYTES = """
import hashlib, io, sys
import kohort as kh

made = kh.simulate(learners=400, courses=3, seed=3, weeks=4)
data = kh.LearningData(
    made.events, catalog=made.catalog, courses=made.courses,
    enrollments=made.enrollments, learners=made.learners, tz="Europe/Helsinki",
)
pla = data.personal(study_time=kh.StudyTime(over_gap=kh.impute(), last_event=kh.fixed("1m")))
tables = [
    made.events, pla.summary(), pla.sessions(), pla.study_time(), pla.frequency(by="course"),
    pla.study_time(by=["day", "hour", "topic"]), pla.progress(by="module"), pla.drop_off(),
    pla.progress_over_time(), pla.engagement(), pla.weekly_features(),
    pla.studied_content(), pla.pace(), pla.person_periods(), pla.regularity(), pla.video(),
    pla.delay(), pla.assessments(), pla.responses(), pla.navigation(), pla.navigation_summary(),
    data.quality, data.rejected,
]
for table in tables:
    file = io.BytesIO()
    table.write_ipc(file, compression="uncompressed")
    print(table.height, hashlib.sha256(file.getvalue()).hexdigest())
"""


def test_any_number_of_threads_gives_the_same_bytes() -> None:
    printed = []
    for threads in ("1", "2", "3"):
        env = os.environ | {"RAYON_NUM_THREADS": threads, "POLARS_MAX_THREADS": threads}
        done = subprocess.run(
            [sys.executable, "-c", BYTES], env=env, check=True, capture_output=True, text=True
        )
        printed.append(done.stdout)
    assert printed[0] == printed[1] == printed[2]
    assert printed[0].count("\n") == 23


# ---------------------------------------------------------------- watching


@given(film_logs())
def test_what_was_watched_holds_together(log: twin.Log) -> None:
    pla = bridge.learning_data(log).personal()
    dropped, imputed = pla.video(), pla.video(open="impute")
    known = dropped.drop_nulls("watch_time")
    assert (known["distinct"] <= known["watch_time"]).all()
    assert known["coverage"].drop_nulls().is_between(0, 1 + 1e-12).all()
    assert known["rewatch_share"].drop_nulls().is_between(0, 1).all()
    assert (dropped["open"] <= dropped["plays"]).all()
    assert imputed["open"].equals(dropped["open"])
    both = dropped.join(imputed, on=["learner", "course", "content"], nulls_equal=True).drop_nulls("distinct")
    assert (both["distinct"] <= both["distinct_right"]).all()
    segments = pla.video_segments()
    assert (segments["views"] >= 1).all()
    assert (segments["from_second"] < segments["to_second"]).all()
    # they come in order, side by side only where the views differ
    film = [pl.col(key).eq_missing(pl.col(key).shift()) for key in ("learner", "course", "content")]
    pairs = segments.with_columns(
        same=pl.all_horizontal(film), before=pl.col("to_second").shift(), views_before=pl.col("views").shift()
    ).filter("same")
    assert (pairs["before"] <= pairs["from_second"]).all()
    assert pairs.filter(
        pl.col("before") == pl.col("from_second"), pl.col("views") == pl.col("views_before")
    ).is_empty()
    # the middle of each second lies within what was watched
    furthest = segments.join(dropped, on=["learner", "course", "content"], nulls_equal=True)
    assert (furthest["to_second"] - 0.5 < furthest["furthest"]).all()
    assert furthest.height == segments.height
