"""The notebooks run from the first cell to the last, and find what their text says."""

from __future__ import annotations

import runpy
from pathlib import Path
from typing import Any

import polars as pl
import pytest

NOTEBOOKS = sorted((Path(__file__).resolve().parents[2] / "notebooks").glob("*.py"))


@pytest.fixture(scope="module", params=NOTEBOOKS, ids=lambda path: path.stem)
def notebook(request: pytest.FixtureRequest) -> tuple[str, dict[str, Any]]:
    return request.param.stem, runpy.run_path(str(request.param))


def test_every_notebook_runs(notebook: tuple[str, dict[str, Any]]) -> None:
    _, names = notebook
    frames = {name: value for name, value in names.items() if isinstance(value, pl.DataFrame)}
    assert frames
    assert [name for name, frame in frames.items() if frame.height == 0] == []


def test_the_text_form_opens_as_a_notebook() -> None:
    for path in NOTEBOOKS:
        text = path.read_text(encoding="utf-8")
        assert "format_name: percent" in text.split("# %%")[0]
        assert text.count("\n# %% [markdown]\n") >= 2


def test_the_quickstart_says_what_it_finds(notebook: tuple[str, dict[str, Any]]) -> None:
    name, names = notebook
    if name != "01_quickstart":
        pytest.skip("about the quickstart only")
    assert 0.7 < names["ratio"] < 1.0
    assert names["order"] > 0.9
    boards = names["by_board"]
    assert boards.filter(pl.col("group") == "board of 200")["reason"].is_null().all()
    assert boards.filter(pl.col("group") != "board of 200")["reason"].is_not_null().all()
    assert names["position"]["band_low"].is_not_null().all()
    assert set(names["leaving"]["group"]) == set(names["platform"].courses["course"])
