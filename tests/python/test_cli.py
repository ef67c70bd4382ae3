"""The command ``kohort``."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any, get_args

import kohort as kh
import polars as pl
import pytest
from kohort import _outputs
from kohort.cli import main
from kohort.typing import PersonalTable
from polars.testing import assert_frame_equal


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A simulated platform in files."""
    path = tmp_path_factory.mktemp("platform")
    assert main(["simulate", "--learners", "300", "--courses", "2", "-o", str(path)]) == 0
    return path


def given(folder: Path) -> list[str]:
    words = [str(folder / "events.parquet")]
    for table in ("catalog", "courses", "enrollments"):
        words += [f"--{table}", str(folder / f"{table}.parquet")]
    return words


def test_simulate_writes_what_the_function_makes(folder: Path) -> None:
    platform = kh.simulate(learners=300, courses=2)
    assert_frame_equal(pl.read_parquet(folder / "events.parquet"), platform.events)
    assert_frame_equal(pl.read_parquet(folder / "truth_drop_off.parquet"), platform.truth_drop_off)
    manifest = json.loads((folder / "manifest.json").read_text())
    assert manifest["options"] == {"learners": 300, "courses": 2, "seed": 0, "weeks": 12, "ids": "text"}
    assert len(manifest["outputs"]) == 9


def test_summary_writes_what_the_method_returns(folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "summary.parquet"
    assert main(["summary", *given(folder), "--gap", "20m", "-o", str(out)]) == 0
    data = kh.read_parquet(
        folder / "events.parquet",
        catalog=folder / "catalog.parquet",
        courses=folder / "courses.parquet",
        enrollments=folder / "enrollments.parquet",
    )
    assert_frame_equal(pl.read_parquet(out), data.personal(study_time=kh.StudyTime(gap="20m")).summary())


def test_several_tables_go_to_a_folder(folder: Path, tmp_path: Path, capsys: Any) -> None:
    asked = ["summary", *given(folder), "--table", "sessions", "--table", "pace"]
    assert main([*asked, "-o", str(tmp_path / "out")]) == 0
    for name in ("sessions", "pace"):
        alone = tmp_path / f"{name}.parquet"
        assert main(["summary", *given(folder), "--table", name, "-o", str(alone)]) == 0
        assert_frame_equal(pl.read_parquet(tmp_path / "out" / f"{name}.parquet"), pl.read_parquet(alone))
    manifest = json.loads((tmp_path / "out" / "manifest.json").read_text())
    assert manifest["options"]["table"] == ["sessions", "pace"]
    assert len(manifest["outputs"]) == 2
    capsys.readouterr()
    assert main(asked) == 0
    shown = capsys.readouterr().out
    assert shown.index("sessions") < shown.index("pace")
    assert main([*asked, "--by", "course"]) == 1
    assert "one --table" in capsys.readouterr().err


def test_every_personal_table_is_among_the_choices() -> None:
    """All that a learner's table can be asked for without an argument of its own."""
    others = {"as_of", "estimator", "reasons", "learner", "sensitivity", "tables"}
    names = {name for name in dir(kh.PersonalAnalytics) if not name.startswith("_")}
    assert set(get_args(PersonalTable)) == names - others


TABLES = [
    ["summary", "--table", "sessions"],
    ["summary", "--table", "study_time", "--by", "course", "--by", "week"],
    ["summary", "--table", "frequency", "--by", "course"],
    ["summary", "--table", "regularity", "--by", "course"],
    ["summary", "--table", "activity_clock"],
    ["summary", "--table", "delay", "--by", "course"],
    ["summary", "--table", "progress", "--by", "module"],
    ["summary", "--table", "person_periods"],
    ["summary", "--table", "assessments"],
    ["summary", "--table", "responses"],
    ["summary", "--table", "struggle"],
    ["summary", "--table", "navigation"],
    ["summary", "--table", "navigation", "--by", "kind"],
    ["summary", "--table", "navigation_summary"],
    ["summary", "--table", "feature_usage"],
    ["summary", "--table", "collaboration"],
    ["summary", "--table", "drop_off", "--as-of", "2026-01-01", "--inactivity", "7d"],
    ["summary", "--over-gap", "cap=5m", "--last-event", "fixed=1m"],
    ["summary", "--over-gap", "impute", "--last-event", "impute"],
    ["groups", "--by", "course"],
    ["groups", "--by", "course", "--table", "distribution", "--metric", "sessions"],
    ["groups", "--by", "course", "--table", "quantiles"],
    ["groups", "--by", "course", "--table", "active_learners", "--period", "week"],
    ["groups", "--by", "course", "--table", "drop_off", "--step", "week", "--k", "15"],
    ["groups", "--by", "course", "--table", "popular_content"],
    ["groups", "--by", "course", "--table", "video_seconds"],
    ["groups", "--by", "course", "--table", "reply_network"],
    ["groups", "--by", "course", "--table", "rosters"],
]


def test_every_group_table_is_among_the_choices() -> None:
    """All but one learner's position, and the funnel, whose steps are a question of its own."""
    others = {"as_of", "period", "late", "policy", "estimator", "groups", "seen_by", "certificates"}
    names = {name for name in dir(kh.ReferenceGroups) if not name.startswith("_")}
    assert set(kh.cli.GROUP) == names - others - {"compare", "funnel"}


def test_a_lag_goes_with_a_period(folder: Path, capsys: Any) -> None:
    assert main(["groups", *given(folder), "--by", "course", "--lag", "3d"]) == 1
    assert "--period" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["groups", "--by", "course", "--metric", "sessions"], "`--metric` goes with --table distribution"),
        (["groups", "--by", "course", "--table", "survival", "--step", "week"], "`--step` goes with"),
        (["research", "--table", "popularity", "--epsilon", "1", "--by", "group"], "`--by` goes with"),
        (["research", "--table", "counts", "--epsilon", "1", "--of", "course"], "`--of` goes with"),
        (["summary", "--table", "pace", "--table", "pace"], "`--table` must name each table once"),
    ],
)
def test_an_option_that_does_not_fit_the_table_is_refused(
    folder: Path, words: list[str], told: str, capsys: Any
) -> None:
    command, *rest = words
    assert main([command, *given(folder), *rest]) == 1
    assert told in capsys.readouterr().err


@pytest.mark.parametrize("name", ["nowhere/table.parquet", "table.csv", "."])
@pytest.mark.parametrize(
    "words", [["research", "--table", "counts", "--epsilon", "1"], ["groups", "--by", "course"]]
)
def test_nothing_is_released_for_a_file_that_cannot_be_written(
    folder: Path, tmp_path: Path, words: list[str], name: str, capsys: Any
) -> None:
    command, *rest = words
    ledger = tmp_path / "releases.sqlite"
    arguments = [command, *given(folder), *rest, "--ledger", str(ledger)]
    assert main([*arguments, "-o", str(tmp_path / name)]) == 1
    assert ".tmp" not in capsys.readouterr().err
    assert not ledger.exists()


def test_the_help_tells_what_a_moment_and_a_gap_are_if_left_out(capsys: Any) -> None:
    for command, moment in (("summary", "the newest time in the log"), ("research", "the present")):
        with pytest.raises(SystemExit):
            main([command, "--help"])
        shown = " ".join(capsys.readouterr().out.split())
        assert f"else {moment}" in shown
        assert "ends a session (default: 30m)" in shown


@pytest.mark.parametrize("words", TABLES, ids=" ".join)
def test_every_table_can_be_had(folder: Path, tmp_path: Path, words: list[str], capsys: Any) -> None:
    command, *rest = words
    out = tmp_path / "table.parquet"
    assert main([command, *given(folder), *rest, "-o", str(out)]) == 0
    assert pl.read_parquet(out).width > 2
    assert main([command, *given(folder), *rest]) == 0
    assert "learner" in capsys.readouterr().out or command == "groups"


def test_the_manifest_tells_what_a_table_was_made_from(folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "groups.parquet"
    assert main(["groups", *given(folder), "--by", "course", "-o", str(out)]) == 0
    manifest = json.loads((tmp_path / "groups.parquet.manifest.json").read_text())
    assert manifest["engine"] == f"kohort {kh.__version__}"
    assert manifest["command"] == "groups"
    assert manifest["options"]["by"] == "course"
    assert manifest["estimator"] == 'StudyTime(gap="30m")'
    assert [entry["table"] for entry in manifest["inputs"]] == [
        "events",
        "catalog",
        "courses",
        "enrollments",
    ]
    # A checksum of the events would let anyone test guesses of them.
    assert all(set(entry) == {"table", "path"} for entry in manifest["inputs"])
    assert manifest["output"]["file"] == "groups.parquet"
    assert manifest["output"]["rows"] == pl.read_parquet(out).height
    assert manifest["output"]["sha256"] == hashlib.sha256(out.read_bytes()).hexdigest()


def test_paths_stand_in_the_manifest_as_they_were_given(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(folder)
    out = tmp_path / "summary.parquet"
    assert main(["summary", "events*.parquet", "-o", str(out)]) == 0
    text = (tmp_path / "summary.parquet.manifest.json").read_text()
    entry = json.loads(text)["inputs"][0]
    raw = Path("events.parquet").read_bytes()
    assert entry["path"] == "events.parquet"
    assert (entry["bytes"], entry["sha256"]) == (len(raw), hashlib.sha256(raw).hexdigest())
    assert str(folder) not in text
    assert str(tmp_path) not in text


def test_an_output_named_like_another_format_is_refused(folder: Path, tmp_path: Path, capsys: Any) -> None:
    out = tmp_path / "summary.csv"
    assert main(["summary", *given(folder), "-o", str(out)]) == 1
    assert ".parquet" in capsys.readouterr().err
    assert not out.exists()


def test_running_twice_gives_the_same_bytes(folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "summary.parquet"
    command = ["summary", *given(folder), "-o", str(out)]
    assert main(command) == 0
    first = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    assert main(command) == 0
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == first
    assert sorted(first) == ["summary.parquet", "summary.parquet.manifest.json"]


def test_a_failed_write_leaves_the_old_file_and_no_other(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    out = tmp_path / "summary.parquet"
    out.write_bytes(b"old")

    def full(path: Path) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(_outputs, "_sync", full)
    assert main(["summary", *given(folder), "-o", str(out)]) == 1
    assert "No space left" in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["summary.parquet"]
    assert out.read_bytes() == b"old"


WRONG = [
    ["summary", "nowhere.parquet"],
    ["summary", "{events}", "--tz", "Mars/Olympus"],
    ["summary", "{events}", "--gap", "30"],
    ["summary", "{events}", "--column", "learner"],
    ["summary", "{events}", "--over-gap", "cap"],
    ["summary", "{events}", "--by", "week"],
    ["groups", "{events}", "--by", "course"],
    ["groups", "{events}", "--by", "course", "--enrollments", "{enrollments}", "--k", "3"],
    ["summary", "{events}", "-o", "{events}/no/folder.parquet"],
    ["simulate", "--learners", "0", "-o", "{events}"],
]


@pytest.mark.parametrize("words", WRONG, ids=" ".join)
def test_an_error_is_one_line_and_exit_code_1(folder: Path, words: list[str], capsys: Any) -> None:
    files = {name: str(folder / f"{name}.parquet") for name in ("events", "enrollments")}
    assert main([word.format(**files) for word in words]) == 1
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("kohort: error: ")
    assert err.count("\n") == 1


@pytest.mark.parametrize(
    "words", [[], ["dance"], ["summary"], ["groups", "x.parquet"], ["groups", "x", "--by", "shoe size"]]
)
def test_a_wrong_command_line_is_exit_code_2(words: list[str], capsys: Any) -> None:
    with pytest.raises(SystemExit) as caught:
        main(words)
    assert caught.value.code == 2
    assert "usage: kohort" in capsys.readouterr().err


def test_the_version_is_told(capsys: Any) -> None:
    with pytest.raises(SystemExit) as caught:
        main(["--version"])
    assert caught.value.code == 0
    assert capsys.readouterr().out == f"kohort {kh.__version__}\n"


def test_rejected_rows_are_one_line_on_stderr(tmp_path: Path, capsys: Any) -> None:
    log = tmp_path / "log.csv"
    log.write_text("learner,time,content\nL1,2026-03-02T10:00Z,a\n,2026-03-02T10:00Z,a\n")
    assert main(["summary", str(log)]) == 0
    out, err = capsys.readouterr()
    assert "L1" in out
    assert err == (
        "kohort: warning: 1 row was not understood and not counted; `.rejected` lists them, "
        "`.quality` counts them by reason\n"
    )


def test_the_demo_tells_the_main_job_in_tables(tmp_path: Path, capsys: Any) -> None:
    out = tmp_path / "demo"
    assert main(["demo", "--learners", "500", "--out", str(out)]) == 0
    text, err = capsys.readouterr()
    assert err == ""  # no bar: this is no terminal
    for title in ("own numbers", "beside the reference group", "Where learners leave"):
        assert title in text
    assert " % of those who reach " in text
    written = sorted(path.name for path in out.iterdir())
    assert "manifest.json" in written
    assert len(written) == 7
    assert pl.read_parquet(out / "summary.parquet").height > 500


def test_a_log_of_another_standard_is_told(tmp_path: Path, capsys: Any) -> None:
    log = tmp_path / "log.jsonl"
    log.write_text('{"who": "ann"}\n' * 3)
    command = ["convert", "--from", "xapi", str(log), "-o"]
    assert main([*command, str(tmp_path / "events.parquet")]) == 1
    shown = capsys.readouterr()
    rules = pl.read_parquet(tmp_path / "events.rejected.parquet")["reason"].value_counts()
    for rule, rows in rules.iter_rows():
        assert f"  {rule}: {rows}" in shown.out
    assert "nothing was kept; is it a log for --from xapi?" in shown.err
    assert main([*command, str(tmp_path / "no" / "events.parquet")]) == 1
    assert "there is no folder" in capsys.readouterr().err
