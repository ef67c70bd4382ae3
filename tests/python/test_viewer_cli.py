"""``--as``: the command shows what a viewer may see, and leaves no id of hers behind."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import kohort as kh
import polars as pl
import pytest
from kohort.cli import main
from polars.testing import assert_frame_equal


def platform(folder: Path, ids: str) -> tuple[kh.Simulation, list[str]]:
    """Write a platform with a board of its first twenty learners and an instructor."""
    made = kh.simulate(learners=120, courses=1, seed=3, ids=ids)  # type: ignore[arg-type]
    everybody = made.enrollments["learner"].unique().sort()
    person: list[Any] = ["T-MARK"] if ids == "text" else [977]
    tables = {
        "events": made.events,
        "enrollments": made.enrollments,
        "memberships": pl.DataFrame({"group": ["b"] * 20, "learner": everybody.head(20)}),
        "roles": pl.DataFrame({"person": person, "group": ["b"], "role": ["instructor"]}),
    }
    words = []
    for name, table in tables.items():
        table.write_parquet(folder / f"{name}.parquet")
        words += ([] if name == "events" else [f"--{name}"]) + [str(folder / f"{name}.parquet")]
    return made, words


@pytest.mark.parametrize("ids", ["text", "integer"])
def test_the_command_shows_a_viewer_what_the_method_does(ids: str, tmp_path: Path) -> None:
    made, words = platform(tmp_path, ids)
    learner = made.enrollments["learner"].sort()[0]
    person: Any = "T-MARK" if ids == "text" else 977
    memberships, roles = (pl.read_parquet(tmp_path / f"{n}.parquet") for n in ("memberships", "roles"))
    out = tmp_path / "out.parquet"

    def view(viewer: kh.Viewer) -> kh.View:
        tables = {"enrollments": made.enrollments, "memberships": memberships, "roles": roles}
        return kh.LearningData(made.events, **tables).seen_by(viewer)

    assert main(["summary", *words, "--as", f"learner:{learner}", "-o", str(out)]) == 0
    assert_frame_equal(pl.read_parquet(out), view(kh.Viewer.learner(learner)).personal().summary())
    assert main(["summary", *words, "--as", f"instructor:{person}", "-o", str(out)]) == 0
    seen = view(kh.Viewer.instructor(person)).personal().summary()
    assert seen["learner"].n_unique() == 20
    assert_frame_equal(pl.read_parquet(out), seen)
    by_group = ["groups", *words, "--by", "group", "--as", f"instructor:{person}", "-o", str(out)]
    assert main(by_group) == 0
    groups = view(kh.Viewer.instructor(person)).reference_groups(by="group")
    assert_frame_equal(pl.read_parquet(out), groups.summary())
    assert groups.groups == ["b"]


def test_a52_no_side_file_tells_who_looked(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    _, words = platform(tmp_path, "text")
    out = tmp_path / "out.parquet"
    assert main(["summary", *words, "--as", "instructor:T-MARK", "-o", str(out)]) == 0
    for denied in ("instructor:MARK", "learner:MARK", "learner:7"):
        assert main(["summary", *words, "--as", denied, "-o", str(tmp_path / "none.parquet")]) == 1
    for misspelt in ("MARK", "teacher:MARK", "learner:"):
        assert main(["groups", *words, "--by", "course", "--as", misspelt]) == 1
    said = "".join(capfd.readouterr())
    made = [path for path in tmp_path.iterdir() if path.name != "roles.parquet"]
    assert not (tmp_path / "none.parquet").exists()
    assert (tmp_path / "out.parquet.manifest.json") in made
    assert "denied" in said
    assert "MARK" not in said + "".join(path.name for path in made)
    assert all(b"MARK" not in path.read_bytes() for path in made)
    manifest = (tmp_path / "out.parquet.manifest.json").read_text()
    assert '"as": "instructor"' in manifest
    assert "sha256" not in manifest.partition('"output"')[0], "a checksum of everybody's events"
