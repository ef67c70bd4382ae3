"""The ledger as Python users meet it: files, several processes, certificates."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import kohort as kh
import polars as pl
import pytest
from kohort.cli import main

CHILD = """
import sys, kohort as kh
data = kh.simulate(learners=300, courses=1, seed=int(sys.argv[2])).data
groups = data.reference_groups(by="course", ledger=sys.argv[1])
print(groups.certificates()["roster"].to_list())
"""


@pytest.fixture(scope="module")
def data() -> kh.LearningData:
    return kh.simulate(learners=300, courses=1, seed=1).data


def in_another_process(path: Path) -> str:
    asked = [sys.executable, "-c", CHILD, str(path), "1"]
    return subprocess.run(asked, capture_output=True, text=True, check=True).stdout


def test_another_process_goes_on_with_the_same_ledger(data: kh.LearningData, tmp_path: Path) -> None:
    path = tmp_path / "releases.sqlite"
    groups = data.reference_groups(by="course", ledger=path)
    before = kh.Ledger(path).head
    assert in_another_process(path) == f"{groups.certificates()['roster'].to_list()}\n"
    assert kh.Ledger(path).head == before, "the same roster is no new entry"
    other = tmp_path / "other.sqlite"
    assert in_another_process(other) != f"{groups.certificates()['roster'].to_list()}\n"


def test_the_guarantee_says_how_far_it_reaches(data: kh.LearningData, tmp_path: Path) -> None:
    path = tmp_path / "releases.sqlite"
    assert "this learning data" in repr(data.reference_groups(by="course"))
    assert "under its ledger in this process" in repr(data.reference_groups(by="course", ledger=kh.Ledger()))
    on_disk = data.reference_groups(by="course", ledger=str(path))
    assert "under the ledger releases.sqlite" in repr(on_disk)
    ledger = kh.Ledger(path)
    assert "rosters: 1" in repr(ledger)
    assert "<table>" in ledger._repr_html_()
    assert kh.Ledger().path is None


def test_a_policy_is_agreed_for_good(data: kh.LearningData, tmp_path: Path) -> None:
    path = tmp_path / "releases.sqlite"
    data.reference_groups(by="course", ledger=path, policy=kh.ReleasePolicy(k=20))
    again = kh.simulate(learners=300, courses=1, seed=1).data
    with pytest.raises(kh.PolicyError, match="earlier call under this ledger"):
        again.reference_groups(by="course", ledger=path)
    again.reference_groups(by="course", policy=kh.ReleasePolicy(k=10))  # without it, nobody knows


def test_a_ledger_that_was_put_back_stops_releases(data: kh.LearningData, tmp_path: Path) -> None:
    path = tmp_path / "releases.sqlite"
    ledger = kh.Ledger(path)
    yesterday = path.read_bytes()
    head = data.reference_groups(by="course", ledger=ledger).certificates()["ledger"][0]
    assert kh.Ledger(path, head=head).head == head
    path.write_bytes(yesterday)
    for asked in (ledger, path):
        with pytest.raises(kh.LedgerError, match="was put back"):
            data.reference_groups(by="course", ledger=asked)


def test_an_edited_certificate_does_not_verify(data: kh.LearningData) -> None:
    ledger = kh.Ledger()
    made = data.reference_groups(by="course", ledger=ledger).certificates()
    assert kh.verify(made).to_list() == [True]
    assert ledger.vouches_for(made).to_list() == [True]
    edits: dict[str, object] = {
        "k": 20,
        "base": 10,
        "coverage": 0.5,
        "coverage_floor": 0.6,
        "group": "another",
        "guarantee": "perfect",
        "engine": "99",
        "ledger": made["ledger"][0].replace(":", "0:"),
        "seal": made["hash"][0],
        "hash": made["seal"][0],
        "roster": made["seal"][0],
    }
    for column, value in edits.items():
        forged = made.with_columns(pl.lit(value).cast(made.schema[column]).alias(column))
        assert kh.verify(forged).to_list() == [False], column
        assert ledger.vouches_for(forged).to_list() == [False], column
    later = made.with_columns(pl.col("as_of").dt.offset_by("1d"))
    assert kh.verify(later).to_list() == [False]
    with pytest.raises(kh.ParameterError, match="no column `seal`"):
        kh.verify(made.drop("seal"))


def test_certificates_survive_a_file(data: kh.LearningData, tmp_path: Path) -> None:
    made = data.reference_groups(by="course").certificates()
    made.write_parquet(tmp_path / "certificates.parquet")
    assert kh.verify(pl.read_parquet(tmp_path / "certificates.parquet")).all()


def test_the_command_line_checks_and_shows_it(
    data: kh.LearningData, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "releases.sqlite"
    assert main(["ledger", "verify", str(path)]) == 1
    assert not path.exists(), "to look for it does not make it"
    data.reference_groups(by="course", ledger=path)
    assert main(["ledger", "verify", str(path)]) == 0
    assert "4 entries hang together" in capsys.readouterr().out
    assert main(["ledger", "show", str(path)]) == 0
    assert "roster" in capsys.readouterr().out
    assert main(["ledger", "verify", str(path), "--head", "9:" + "0" * 64]) == 1
    path.write_bytes(b"not a ledger at all" * 100)
    assert main(["ledger", "verify", str(path)]) == 1


def test_arguments_that_are_no_ledger_are_told(data: kh.LearningData, tmp_path: Path) -> None:
    with pytest.raises(kh.exceptions.ParameterTypeError, match=r"`ledger` must be the path"):
        data.reference_groups(by="course", ledger=7)  # type: ignore[arg-type]
    with pytest.raises(kh.ParameterError, match=r"`head` must be the `head` of a ledger"):
        kh.Ledger(tmp_path / "releases.sqlite", head="yesterday")
    with pytest.raises(kh.ParameterError, match="goes with `path`"):
        kh.Ledger(head="1:00")
    with pytest.raises(kh.LedgerError, match="is a folder"):
        kh.Ledger(tmp_path)
