"""Sealed periods as Python users meet them: what was answered once stays."""

from __future__ import annotations

import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import kohort as kh
import polars as pl
import pytest
from kohort.cli import main

CHILD = """
import sys, kohort as kh, polars as pl
def read(more):
    p = kh.simulate(learners=300, courses=2, seed=1)
    events = p.tables()["events"]
    late = events.filter(pl.col("time") < pl.col("time").max() - pl.duration(days=4))
    moved = (pl.col("time") - pl.duration(seconds=7), pl.col("id") + 10**9)
    events = pl.concat([events, late.with_columns(*moved)]) if more else events
    return kh.LearningData(events, enrollments=p.tables()["enrollments"])
data = read(sys.argv[2] == "late")
groups = data.reference_groups(by="course", period="week", ledger=sys.argv[1])
print(groups.quantiles("events").write_csv(), groups.certificates().write_csv(), groups.period)
print(groups.late, file=sys.stderr)
"""


EVENTS = kh.simulate(learners=300, courses=2, seed=1).tables()["events"]


def asked(path: Path, which: str) -> tuple[str, int]:
    child = [sys.executable, "-c", CHILD, str(path), which]
    done = subprocess.run(child, capture_output=True, text=True, check=True)
    return done.stdout, int(done.stderr)


@pytest.fixture(scope="module")
def data() -> kh.LearningData:
    return kh.simulate(learners=300, courses=2, seed=1).data


def test_a12_another_process_with_late_events_gets_the_same_table(tmp_path: Path) -> None:
    sealed, fresh = tmp_path / "sealed.sqlite", tmp_path / "fresh.sqlite"
    first, few = asked(sealed, "early")
    head = kh.Ledger(sealed).head
    again, many = asked(sealed, "late")
    assert again == first
    assert many > few
    assert kh.Ledger(sealed).head == head, "one entry for each question and course"
    other, _ = asked(fresh, "late")
    assert other.split("\n\n")[0] != first.split("\n\n")[0], "without the seal they are seen"


def test_a13_other_cuts_cannot_be_asked_for(data: kh.LearningData) -> None:
    with pytest.raises(kh.ParameterError, match=r"week.*month"):
        data.reference_groups(by="course", period="tue-mon")  # type: ignore[arg-type]
    with pytest.raises(kh.ParameterError, match="lag"):
        data.reference_groups(by="course", period="week", lag="two days")
    with pytest.raises(kh.ParameterError, match="goes with `period`"):
        data.reference_groups(by="course", lag="3d")


def test_the_text_tells_the_period(data: kh.LearningData) -> None:
    groups = data.reference_groups(by="course", period="week")
    assert groups.period is not None
    begin, end = groups.period
    assert end - begin == timedelta(days=7)
    assert begin.weekday() == 0
    assert groups.as_of == end - timedelta(microseconds=1)
    assert "sealed: week" in repr(groups)
    assert "late" not in repr(groups), "an exact number, for the host alone"
    received = pl.col("received") >= end
    within = pl.col("time").is_between(begin, end, closed="left")
    assert groups.late == EVENTS.filter(within, received).height
    open_groups = data.reference_groups(by="course")
    assert open_groups.period is None
    assert open_groups.late is None
    columns = open_groups.compare("L7", "sessions").columns
    assert groups.compare("L7", "sessions").columns == [*columns, "as_of"]


def test_the_command_line_seals(tmp_path: Path) -> None:
    platform = kh.simulate(learners=300, courses=1, seed=1)
    events, enrolled = tmp_path / "events.parquet", tmp_path / "enrollments.parquet"
    platform.tables()["events"].write_parquet(events)
    platform.tables()["enrollments"].write_parquet(enrolled)
    ledger = tmp_path / "releases.sqlite"
    run = ["groups", str(events), "--enrollments", str(enrolled), "--by", "course"]
    run += ["--period", "week", "--lag", "2d", "--ledger", str(ledger)]
    tables = []
    for name in ("one.parquet", "two.parquet"):
        assert main([*run, "--output", str(tmp_path / name)]) == 0
        tables.append(pl.read_parquet(tmp_path / name))
    assert tables[0].equals(tables[1])
    kinds = kh.Ledger(ledger).entries()["kind"].to_list()
    assert kinds.count("seal") == 1
