"""The page about what protection costs: its figures are computed again, and its text agrees with them."""

from __future__ import annotations

import importlib.util
import inspect
import random
import re
import statistics
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

import kohort as kh
import numpy as np
import polars as pl
import pytest
from real_data import real_data

HERE = Path(__file__).resolve().parents[2]
ROUNDED = 0.051


@cache
def bench() -> ModuleType:
    spec = importlib.util.spec_from_file_location("utility", HERE / "benches" / "utility.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def figures(table: str) -> dict[tuple[str, str], list[float | None]]:
    """Read a table, by metric and size: groups, two numbers for each quantile, and the last column."""
    rows = {}
    for line in table.splitlines()[2:]:
        metric, size, *cells = (cell.strip() for cell in line.strip("|").split("|"))
        numbers = [part for cell in cells for part in (["-", "-"] if cell == "-" else cell.split(" / "))]
        rows[metric.strip("`"), size] = [
            None if part == "-" else float(part.replace(",", "")) for part in numbers
        ]
    return rows


def on_the_page(name: str) -> dict[tuple[str, str], list[float | None]]:
    return figures(bench().between(name, bench().PAGE.read_text(encoding="utf-8"))[0].strip())


def differences(made: str, name: str) -> list[Any]:
    """Cells of the page that are not what was computed now."""
    now, then = figures(made), on_the_page(name)
    assert now.keys() == then.keys()
    pairs = [(at, a, b) for at in now for a, b in zip(now[at], then[at], strict=True)]
    return [
        (at, a, b) for at, a, b in pairs if (a is None) != (b is None) or abs((a or 0) - (b or 0)) > ROUNDED
    ]


def test_the_simulated_figures_still_hold() -> None:
    rows = bench().measured(bench().simulated())
    made = bench().text(bench().table(rows))
    assert differences(made, "simulated") == []
    # A number that is another one is seen.
    assert len(differences(made.replace(" 12.8 / 36.2 ", " 12.9 / 36.2 "), "simulated")) == 1
    # Nothing is shown of quartiles of fewer than 40, and everything of 40 and more.
    quartiles = rows.filter((pl.col("quantile") != "median") & (pl.col("exact") > 0))
    assert (quartiles["off"].is_null() == (quartiles["n"] < 40)).all()


def test_the_published_ones_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bench(), "OULAD", real_data("oulad_2013"))
    made = bench().text(bench().table(bench().measured(bench().published())))
    assert differences(made, "OULAD 2013") == []


def test_errors_are_those_of_the_definition() -> None:
    """One course of whole groups, by hand: the exact quantile, and the error relative to it."""
    own = bench()
    platform = own.simulated()
    members = own.divided(platform.enrolled, 0)
    assert members.select("learner", "course").is_unique().all()
    assert members.height == platform.enrolled.height
    data = platform.load(members)
    groups = data.reference_groups(by="group")
    values = own.values_of(data, platform.enrolled, groups)
    rows = pl.DataFrame(list(own.errors(groups, members, values, np.random.default_rng(0))))
    rows = rows.filter((pl.col("metric") == "events") & (pl.col("quantile") == "median"))
    summary = data.personal(as_of=groups.as_of).summary()
    released = groups.quantiles("events").filter(pl.col("quantile") == 0.5)
    medians = dict(released.select("group", "value").drop_nulls().iter_rows())
    for group, median in medians.items():
        roster = members.filter(pl.col("group") == group).select("learner", "course")
        events = roster.join(summary, on=["learner", "course"], how="left")["events"].fill_null(0).sort()
        exact = (events[(events.len() - 1) // 2] + events[events.len() // 2]) / 2
        row = rows.row(by_predicate=pl.col("group") == group, named=True)
        assert (row["n"], row["exact"]) == (events.len(), exact)
        assert row["off"] == pytest.approx(abs(median - exact))
    assert len(medians) > 75
    # The sampling error, drawn again without numpy.
    dice = random.Random(0)
    row = rows.sort("n", "group").row(-1, named=True)
    (course,) = members.filter(pl.col("group") == row["group"])["course"].unique()
    everybody = values.filter((pl.col("course") == course) & (pl.col("metric") == "events"))[
        "value"
    ].to_list()
    others = [statistics.median(dice.choices(everybody, k=row["n"])) for _ in range(400)]
    drawn = statistics.median(abs(other - row["exact"]) for other in others)
    assert row["chance"] == pytest.approx(drawn, rel=0.3)


def ratio(name: str, size: str, quantile: int) -> float:
    """How many times nearer the released numbers are than those of another group."""
    off, chance = on_the_page(name)[bench().ALL, size][1 + 2 * quantile : 3 + 2 * quantile]
    assert off is not None
    assert chance is not None
    return chance / off


def test_the_text_says_what_the_figures_say() -> None:
    groups = [size for size, _, _ in bench().BANDS]
    for name in bench().PLATFORMS:
        assert all(2 <= ratio(name, size, 1) <= 6 for size in groups)
        assert all(2.9 <= ratio(name, size, 0) <= 6 for size in groups[1:])
        assert on_the_page(name)[bench().ALL, "20-39"][-1] == pytest.approx(25, abs=2.5)
    assert all(2 <= ratio("OULAD 2013", size, 2) <= 4 for size in groups[1:])
    assert all(ratio("simulated", size, 2) < 1 for size in ["40-99", "100-299", "300-600", bench().WHOLE])
    whole = on_the_page("OULAD 2013")[bench().ALL, bench().WHOLE]
    assert [round(number or 0) for number in whole[1:7]] == [1, 5, 1, 2, 1, 2]
    assert on_the_page("simulated")[bench().ALL, bench().WHOLE][3] == pytest.approx(4, abs=0.4)


def test_the_docstring_has_the_medians_of_the_page() -> None:
    doc = inspect.getdoc(kh.ReferenceGroups.summary)
    assert doc is not None
    found = re.findall(r"^(\d+-\d+) +([\d.]+) \(([\d.]+)\) +([\d.]+) \(([\d.]+)\)$", doc, re.MULTILINE)
    assert [size for size, *_ in found] == [size for size, _, _ in bench().BANDS]
    for size, *numbers in found:
        pages = [on_the_page(name)[bench().ALL, size][3:5] for name in ("simulated", "OULAD 2013")]
        assert [float(number) for number in numbers] == [number for page in pages for number in page]
