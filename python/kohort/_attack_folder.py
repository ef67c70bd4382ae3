"""A history of releases in a folder, and what the command makes of it."""

from __future__ import annotations

import argparse
import json
from dataclasses import dataclass, field
from pathlib import Path

import polars as pl

from kohort import _attack_tables, _outputs, _tables
from kohort.attacks import attack
from kohort.exceptions import FileError, ParameterError, SchemaError

OWN = ("rosters", "cells", "metrics")


@dataclass
class Folder:
    """The tables of a folder, joined."""

    rosters: list[pl.DataFrame] = field(default_factory=list)
    cells: list[pl.DataFrame] = field(default_factory=list)
    metrics: list[pl.DataFrame] = field(default_factory=list)
    passed_over: list[str] = field(default_factory=list)


def add_options(command: argparse.ArgumentParser) -> None:
    """Add what the command takes."""
    command.add_argument("folder", type=Path, help="with rosters.*, cells.* and tables that kohort wrote")
    command.add_argument("--truth", metavar="FILE", required=True, help="learner, metric, value")
    command.add_argument(
        "--k",
        type=int,
        default=10,
        help="of kohort's tables without a manifest; totals of so many learners are reported",
    )
    command.add_argument("--base", type=int, default=5, help="of kohort's tables without a manifest")
    command.add_argument(
        "--width", type=float, default=0.1, help="share of the range that counts as narrowed"
    )
    command.add_argument("-o", "--output", type=Path, metavar="FOLDER", help="report.txt and its tables")


def run(options: argparse.Namespace) -> int:
    """Attack the folder, show or write the report; 1 if something could be inferred."""
    history = read(options.folder, options.k, options.base)
    if not history.cells:
        raise FileError(f"`{options.folder}`: no cells.* and no table that kohort released")
    cells = pl.concat(history.cells)
    rosters = _rosters(history, cells)
    report = attack(
        rosters,
        cells,
        truth=_truth(options.truth, cells),
        metrics=_metrics(history),
        k=options.k,
        width=options.width,
    )
    report.unsearched.extend(history.passed_over)
    if options.output is None:
        print(report)
    else:
        tables = {"findings": report.findings, "summary": report.summary, "groups": report.groups}
        made = {
            "command": "attack",
            "options": {"k": options.k, "base": options.base, "width": options.width},
            "inferred": report.findings.height,
            "unsearched": report.unsearched,
        }
        _outputs.write_folder(tables, options.output, made)
        _outputs.write_text(f"{report}\n", options.output / "report.txt")
    return 1 if report.findings.height else 0


def read(folder: Path, k: int, base: int) -> Folder:
    """Read every table of a folder; those in a folder below are of a period of that name."""
    if not folder.is_dir():
        raise FileError(f"`{folder}`: no such folder")
    history = Folder()
    for path in sorted(folder.rglob("*")):
        if _tables.suffix(path) not in _tables.READERS or path.name.startswith((".", "_")):
            continue
        period = "/".join(path.parent.relative_to(folder).parts)
        table = _attack_tables.frame("table", path)
        name = path.name.split(".")[0]
        if name in OWN:
            # What the folder itself says of a metric goes before what kohort's tables do.
            at = 0 if name == "metrics" else len(getattr(history, name))
            getattr(history, name).insert(at, _of_period(_own(name, table), period))
            continue
        own_k, own_base = _policy(path, k, base)
        said = _attack_tables.cells_of(table, own_k, own_base)
        if said is None:
            history.passed_over.append(f"{path.name}: neither rosters, cells, metrics nor reference groups")
            continue
        history.cells.append(_of_period(said, period))
        history.metrics.append(_of_period(_attack_tables.facts_of(table), period))
    return history


def _own(name: str, table: pl.DataFrame) -> pl.DataFrame:
    if name == "cells":
        return _attack_tables.normal(table, name, _attack_tables.CELLS)
    if name == "metrics":
        return _attack_tables.normal(table, name, _attack_tables.FACTS)
    for column in ("release", "learner"):
        if column not in table.columns:
            raise SchemaError(f"table `{name}`: expected a column `{column}`, got {', '.join(table.columns)}")
    return table.select(pl.col("release").cast(pl.String), "learner")


def _of_period(table: pl.DataFrame, period: str) -> pl.DataFrame:
    """Put the period before the names of releases and metrics: other values, other rosters."""
    if not period:
        return table
    named = [column for column in ("release", "metric") if column in table.columns]
    return table.with_columns(
        pl.concat_str(pl.lit(f"{period}/"), pl.col(column)).alias(column) for column in named
    )


def _policy(path: Path, k: int, base: int) -> tuple[int, int]:
    """Return k and base as the table's manifest has them."""
    manifest = path.with_name(f"{path.name}.manifest.json")
    try:
        made = json.loads(manifest.read_text(encoding="utf-8"))["options"]
        return int(made["k"]), int(made["base"])
    except (OSError, ValueError, KeyError, TypeError):
        return k, base


def _rosters(history: Folder, cells: pl.DataFrame) -> pl.DataFrame:
    """Return all rosters; a release of a period without one has that of its own name."""
    if not history.rosters:
        raise FileError("expected rosters.parquet or rosters.csv in the folder, with `release` and `learner`")
    try:
        rosters = pl.concat(history.rosters, how="vertical_relaxed")
    except pl.exceptions.PolarsError:
        raise SchemaError("table `rosters`: expected `learner` to have one type in all files") from None
    named = cells.select(pl.col("release").unique(maintain_order=True)).with_columns(
        pl.col("release").str.split("/").list.last().alias("plain")
    )
    bare = named.join(rosters, on="release", how="anti")
    more = bare.join(rosters, left_on="plain", right_on="release").select("release", "learner")
    return pl.concat([rosters, more])


def _truth(source: str, cells: pl.DataFrame) -> pl.DataFrame:
    """Read the truth; a metric of a period that is not in it has the value of its own name."""
    truth = _attack_tables.frame("truth", source)
    for column in ("learner", "metric", "value"):
        if column not in truth.columns:
            raise SchemaError(f"table `truth`: expected a column `{column}`, got {', '.join(truth.columns)}")
    truth = truth.select("learner", pl.col("metric").cast(pl.String), "value")
    named = cells.select(pl.col("metric").drop_nulls().unique(maintain_order=True)).with_columns(
        pl.col("metric").str.split("/").list.last().alias("plain")
    )
    bare = named.join(truth, on="metric", how="anti")
    more = bare.join(truth, left_on="plain", right_on="metric").select("learner", "metric", "value")
    return pl.concat([truth, more])


def _metrics(history: Folder) -> pl.DataFrame | None:
    """Return what is public, what metrics.* says before what kohort's tables do."""
    if not history.metrics:
        return None
    every = pl.concat(history.metrics)
    if every["metric"].null_count():
        raise ParameterError("table `metrics`: expected no nulls in column `metric`")
    return every.unique("metric", keep="first", maintain_order=True)
