"""A misspelt option is an error, and a warning or error points to what the caller wrote."""

from __future__ import annotations

import inspect
import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import kohort as kh
import polars as pl
import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

READERS = [name for name in kh.__all__ if name.startswith("read_")]
LOG = pl.DataFrame({"learner": ["a"], "time": ["2026-03-02T10:00Z"], "content": ["x"]})


@pytest.mark.parametrize("name", READERS)
@pytest.mark.parametrize("odd", ["duplicate", "timezone", "Tz"])
def test_a_reader_refuses_an_option_that_it_does_not_have(name: str, odd: str, tmp_path: Path) -> None:
    read: Callable[..., object] = getattr(kh, name)
    with pytest.raises(TypeError, match=rf"^`{odd}` is no option of this reader; it has `\w+`.*`duplicates`"):
        read(tmp_path / "log", **{odd: "drop"})


@pytest.mark.parametrize("name", READERS)
def test_a_reader_takes_every_option_of_learning_data(name: str, tmp_path: Path) -> None:
    shared = [
        p for p in inspect.signature(kh.LearningData).parameters if p not in ("events", "columns", "extra")
    ]
    assert {"tz", "duplicates", "enrollments"} <= set(shared)
    read: Callable[..., object] = getattr(kh, name)
    for option in shared:  # the file is not there, and nothing else is wrong
        with pytest.raises(kh.FileError):
            read(
                tmp_path / "missing.json",
                **{option: inspect.signature(kh.LearningData).parameters[option].default},
            )


def test_options_of_readers_are_used(tmp_path: Path) -> None:
    pl.concat([LOG, LOG]).write_csv(tmp_path / "log.csv")
    kept = kh.read_csv(tmp_path / "log.csv").personal().summary()["events"].sum()
    dropped = kh.read_csv(tmp_path / "log.csv", duplicates="drop").personal().summary()["events"].sum()
    assert (kept, dropped) == (2, 1)


def not_understood(name: str, folder: Path) -> Any:
    """Read a record that breaks a rule, with this reader."""
    path = folder / "records.json"
    path.write_text(json.dumps({"odd": 1}), encoding="utf-8")
    return getattr(kh, name)(path)


@pytest.mark.parametrize("name", ["read_xapi", "read_caliper", "read_canvas", "read_tracking_log"])
def test_a_warning_of_a_standard_points_to_the_callers_line(name: str, tmp_path: Path) -> None:
    with pytest.warns(kh.RejectedRowsWarning) as caught:
        not_understood(name, tmp_path)
    assert [warning.filename for warning in caught] == [__file__]


def test_a_wrong_estimator_is_named_by_its_own_name() -> None:
    personal = kh.LearningData(LOG).personal()
    with pytest.raises(TypeError, match=r"^`estimators\['short'\]` must be an estimator"):
        personal.sensitivity({"usual": kh.StudyTime(), "short": "5m"})  # type: ignore[dict-item]


def test_a_repr_tells_each_reason_once() -> None:
    shown = repr(kh.LearningData(LOG, resolution="day").personal())
    assert shown.count("times have day resolution") == 1
    assert "study_time" in shown.split(": times have day resolution")[0]


def test_a_repr_stays_short_however_many_columns_are_null() -> None:
    personal = kh.LearningData(LOG, resolution="day").personal()
    shown = repr(personal)
    assert "more (see .reasons): times have day resolution" in shown
    assert len(personal.reasons) > 20
    assert len(shown) < 400


def test_a_count_that_is_no_whole_number_is_told_what_it_must_be() -> None:
    with pytest.raises(TypeError, match=r"`successes` must be a whole number or a column of them, got 1\.5"):
        kh.stats.wilson(1.5, 3)  # type: ignore[arg-type]


def test_a_pause_within_a_given_session_counts_up_to_the_gap() -> None:
    log = pl.DataFrame(
        {
            "learner": ["a"] * 3,
            "time": ["2026-03-02T10:00Z", "2026-03-02T10:10Z", "2026-03-02T11:00Z"],
            "content": ["x"] * 3,
            "session": ["s"] * 3,
        }
    )
    data = kh.LearningData(log)
    minutes = [
        data.personal(study_time=kh.StudyTime(sessions="given", gap=gap)).sessions()["study_time"].to_list()
        for gap in ("30m", "24h")
    ]
    assert [[time.total_seconds() / 60 for time in times] for times in minutes] == [[10], [60]]


def test_every_reason_of_a_rejected_row_is_explained() -> None:
    """The words are the engine's; where its sources are, none may be missing in the documentation."""
    source = (Path(__file__).resolve().parents[2] / "src/data/quality.rs").read_text(encoding="utf-8")
    variants = re.findall(
        r"^    ([A-Z]\w+),$", source.split("pub enum Reason {")[1].split("\n}")[0], re.MULTILINE
    )
    assert len(variants) >= 14
    told = inspect.getdoc(kh.LearningData.rejected) or ""
    assert [name for name in variants if f"`{name}`" not in told] == []


def test_a_cap_counts_the_night_between_two_sessions_too() -> None:
    log = pl.DataFrame(
        {
            "learner": ["a"] * 3,
            "time": ["2026-03-02T22:00Z", "2026-03-02T22:10Z", "2026-03-03T08:00Z"],
            "content": ["x"] * 3,
        }
    )
    capped = kh.LearningData(log).personal(study_time=kh.StudyTime(gap="30m", over_gap=kh.cap("15m")))
    assert capped.study_time()["study_time"].item().total_seconds() / 60 == 10 + 15
