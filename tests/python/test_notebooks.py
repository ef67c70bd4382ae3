"""The notebooks run from the first cell to the last, and find what their text says."""

from __future__ import annotations

import runpy

import polars as pl
import pytest
from notebook_runs import NOTEBOOKS, READS, names_of


@pytest.mark.parametrize("stem", [path.stem for path in NOTEBOOKS])
def test_every_notebook_runs(stem: str) -> None:
    frames = {name: value for name, value in names_of(stem).items() if isinstance(value, pl.DataFrame)}
    assert frames
    assert [name for name, frame in frames.items() if frame.height == 0] == []


def test_the_text_form_opens_as_a_notebook() -> None:
    for path in NOTEBOOKS:
        text = path.read_text(encoding="utf-8")
        assert "format_name: percent" in text.split("# %%")[0]
        assert text.count("\n# %% [markdown]\n") >= 2


@pytest.mark.parametrize("stem", READS)
def test_without_its_data_a_notebook_says_where_to_get_it(
    stem: str, monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
) -> None:
    (path,) = [path for path in NOTEBOOKS if path.stem == stem]
    monkeypatch.setenv("KOHORT_DATA", str(tmp_path_factory.mktemp("empty")))
    with pytest.raises(FileNotFoundError, match="the text above says where to get it"):
        runpy.run_path(str(path))


def test_the_quickstart_says_what_it_finds() -> None:
    names = names_of("01_quickstart")
    at_30_minutes = names["quality"].row(by_predicate=pl.col("gap") == "30m", named=True)
    assert 0.9 < at_30_minutes["estimated / true"] < 1.1
    assert names["quality"]["rank correlation"].min() > 0.9
    boards = names["by_board"]
    assert set(boards["group"]) == {"board of 200", "(other)"}
    assert boards.filter(pl.col("group") == "board of 200")["reason"].is_null().all()
    pooled = boards.filter(pl.col("group") == "(other)")
    assert pooled.filter(pl.col("value").is_not_null())["quantile"].to_list() == [0.5]
    assert set(pooled.filter(pl.col("quantile") != 0.5)["reason"]) == {"TooFew"}
    found = set(names["gates"].select("group", "step").iter_rows())
    assert found == set(names["planted"].select("course", "module").iter_rows())
    assert names["position"]["band_low"].is_not_null().all()
