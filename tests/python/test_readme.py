"""What the README shows runs, and what its tables list exists."""

from __future__ import annotations

import re
from datetime import datetime, timedelta, timezone
from itertools import takewhile
from pathlib import Path
from typing import Any

import kohort as kh
import polars as pl
import pytest

README = (Path(__file__).resolve().parents[2] / "README.md").read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", README, flags=re.DOTALL | re.MULTILINE)


def tables(header: str) -> list[list[list[str]]]:
    """Cells of every table under this header, in the README's order."""
    found = []
    for part in README.split(header + "\n")[1:]:
        lines = takewhile(lambda line: line.startswith("|"), part.splitlines()[1:])
        found.append([[cell.strip() for cell in line.strip("|").split("|")] for line in lines])
    return found


def ticked(cell: str) -> list[str]:
    return re.findall(r"`([a-z_]+)`", cell)


@pytest.fixture(scope="module")
def shown() -> dict[str, Any]:
    """Names that the Python example leaves behind."""
    (example,) = blocks("python")
    names: dict[str, Any] = {}
    exec(compile(example, "README.md", "exec"), names)
    return names


def test_the_python_example_runs_and_every_table_has_rows(shown: dict[str, Any]) -> None:
    for name in ["summary", "weekly", "sessions", "typical", "leaving", "position"]:
        assert isinstance(shown[name], pl.DataFrame), name
        assert shown[name].height > 0, name


def test_the_example_releases_more_than_it_withholds(shown: dict[str, Any]) -> None:
    typical = shown["typical"]
    assert typical["reason"].is_null().any(), "500 learners in two courses: nothing was released"


@pytest.mark.parametrize("language", ["python", "rust"])
def test_the_examples_are_short(language: str) -> None:
    (example,) = blocks(language)
    assert len([line for line in example.splitlines() if line.strip()]) <= 13


def test_every_metric_listed_is_a_column_that_comes_out(shown: dict[str, Any]) -> None:
    pla = shown["pla"]
    there = {*pla.summary().columns, *pla.frequency(by="course").columns, *pla.progress().columns}
    (metrics,) = tables("| column | definition |")
    listed = [name for row in metrics for name in ticked(row[0])]
    assert len(listed) > 20
    assert [name for name in listed if name not in there] == []


def test_every_group_metric_listed_can_be_asked_for(shown: dict[str, Any]) -> None:
    sentence = re.findall(r"speak about (.*?)[;.]", README)[0]
    metrics = ticked(sentence)
    assert len(metrics) == 7
    assert set(shown["groups"].summary()["metric"]) == set(metrics)


VALUES: dict[str, Any] = {
    "time": datetime(2026, 3, 2, 10, tzinfo=timezone.utc),
    "verb": "viewed",
    "success": True,
    "granted": True,
    "required": True,
    "derived": False,
    "age_ok": True,
    "eligible": True,
    "count": 2,
    "attempt": 1,
    "position": 1.0,
    "position_to": 2.0,
    "speed": 1.0,
    "score": 0.5,
    "progress": 0.5,
    "segments": "0[.]12.5[,]30[.]31",
    "max_score": 10.0,
    "kind": "video",
    "tz": "Europe/Helsinki",
    "outcome": "pass",
    "purpose": "group",
    "role": "instructor",
    "topics": ["algebra"],
    "duration": timedelta(minutes=5),
    "expected_duration": timedelta(minutes=5),
    "length": 540.0,
    **dict.fromkeys(
        ["received", "available_from", "due", "starts", "ends", "start", "end", "since", "until"],
        datetime(2026, 3, 2, 10, tzinfo=timezone.utc),
    ),
}


def row_of(columns: list[str]) -> pl.DataFrame:
    return pl.DataFrame({name: [VALUES.get(name, name[:1] + "1")] for name in columns})


def test_every_column_listed_is_one_that_goes_in() -> None:
    events, catalog = (
        [name for row in rows for name in ticked(row[0])] for rows in tables("| column | meaning |")
    )
    (others,) = tables("| table | columns |")
    facts = {name: ticked(columns) for name, columns in others}
    assert {"learner", "time", "content", "received", "id"} <= set(events)
    assert sorted(facts) == [
        "consents",
        "courses",
        "enrollments",
        "learners",
        "memberships",
        "roles",
    ]
    data = kh.LearningData(
        row_of(events),
        catalog=row_of(catalog),
        **{name: row_of(columns) for name, columns in facts.items()},
        now=datetime(2026, 4, 1, tzinfo=timezone.utc),
    )
    assert data.rejected.height == 0


def test_every_verb_listed_is_known() -> None:
    (sentence,) = re.findall(r"^Verbs: (.*?)\.", README, flags=re.MULTILINE)
    verbs = ticked(sentence)
    assert len(verbs) == 31
    log = pl.DataFrame(
        {
            "learner": "L1",
            "content": "C1",
            "verb": verbs,
            "time": [datetime(2026, 3, 2, 10, minute, tzinfo=timezone.utc) for minute in range(31)],
        }
    )
    quality = kh.LearningData(log).quality
    assert quality.filter(pl.col("finding").str.contains("verb")).select(pl.col("rows").sum()).item() == 0
