"""The same acts, told by three standards, are the same events."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import kohort as kh
import polars as pl
import pytest
from kohort import _core
from triples import ACTS, HOME, THREAD, whole

COLUMNS = [
    "learner",
    "time",
    "content",
    "course",
    "verb",
    "session",
    "position",
    "position_to",
    "score",
    "success",
    "attempt",
]
STANDARDS = ["tracking_log", "xapi", "caliper"]


@pytest.fixture(scope="module")
def logs(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Write the three logs; the records of each stand in the order of the acts."""
    folder = tmp_path_factory.mktemp("triples")
    paths = {standard: folder / f"{standard}.jsonl" for standard in STANDARDS}
    for standard, path in paths.items():
        records = [whole(act, number)[standard] for number, act in enumerate(ACTS)]
        path.write_text("".join(f"{json.dumps(record)}\n" for record in records if record is not None))
    return paths


@pytest.fixture(scope="module")
def events(logs: dict[str, Path]) -> dict[str, dict[int, dict[str, Any]]]:
    """Read the logs: by standard and number of the act, the event."""
    return {standard: numbered(standard, path) for standard, path in logs.items()}


def numbered(standard: str, path: Path) -> dict[int, dict[str, Any]]:
    """Read the events of one log; the minute of an act is its number."""
    read = _core.read_standard(
        standard, [str(path)], output=None, pseudonymize=None, tz=None, home_page=HOME, progress=None
    )
    assert pl.DataFrame(read.rejected()).height == 0
    frame = pl.DataFrame(dict(read.tables())["events"])
    absent = [pl.lit(None).alias(name) for name in COLUMNS if name not in frame.columns]
    rows = frame.with_columns(absent).select(COLUMNS).to_dicts()
    acts = {(row["time"].hour - 10) * 60 + row["time"].minute: row for row in rows}
    assert len(acts) == len(rows), "one event for each act"
    return acts


def known(row: dict[str, Any], column: str) -> object:
    """Return a value; the thread's id is an IRI only under a scheme."""
    value = row[column]
    return THREAD if column == "content" and value == f"urn:thread:{THREAD}" else value


@pytest.mark.parametrize("number", range(len(ACTS)), ids=lambda it: f"{it}-{ACTS[it].log['event_type']}")
def test_an_act_is_the_same_event(number: int, events: dict[str, dict[int, dict[str, Any]]]) -> None:
    act = ACTS[number]
    told = {standard: acts[number] for standard, acts in events.items() if number in acts}
    assert set(STANDARDS) - set(told) == set(act.untold) & set(STANDARDS)
    for standard, row in told.items():
        assert row["verb"] == act.verb, standard
    compared = [column for column in COLUMNS if column not in act.untold]
    first = told.pop("tracking_log")
    for standard, row in told.items():
        ours = {column: known(first, column) for column in compared}
        theirs = {column: known(row, column) for column in compared}
        assert theirs == ours, standard
    # What is said to be untold is different indeed, so that a reason cannot outlive its cause.
    for column in set(act.untold) - set(STANDARDS):
        assert any(known(row, column) != known(first, column) for row in told.values())


def test_there_are_acts_enough() -> None:
    complete = {act.log["event_type"] for act in ACTS if act.xapi and act.caliper and not act.untold}
    assert len(complete) >= 40


def test_every_column_is_told_by_some_act(events: dict[str, dict[int, dict[str, Any]]]) -> None:
    for standard, acts in events.items():
        for column in COLUMNS:
            values = {known(row, column) for row in acts.values()} - {None}
            assert values, (standard, column)


def test_the_readers_take_all_three(logs: dict[str, Path]) -> None:
    log = kh.read_tracking_log(logs["tracking_log"])
    statements = kh.read_xapi(logs["xapi"], home_page=HOME)
    caliper = kh.read_caliper(logs["caliper"], home_page=HOME)
    for data in (log, statements, caliper):
        assert data.rejected.height == 0
        assert data.personal().summary()["learner"].unique().to_list() == ["7"]
