"""A report of attacks as text."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import polars as pl

from kohort import _show

if TYPE_CHECKING:
    from kohort.attacks import AttackReport

SHOWN = 20


def text(report: AttackReport) -> str:
    """Return what was inferred, by which attack, and what was not looked for."""
    found = report.findings
    lines = []
    if found.is_empty():
        lines.append("nothing could be inferred")
    else:
        single = found.filter(pl.col("inferred") == "value")
        learners = {exact: _learners(single.filter(pl.col("exact") == exact)) for exact in (True, False)}
        lines.append(
            f"learners whose value is known: {len(learners[True])}, and to within a range: "
            f"{len(learners[False] - learners[True])}; totals, sets of values and sizes of groups: "
            f"{found.height - single.height}"
        )
        lines += ["", _show.table(_summary(report.summary)), ""]
        rows = list(found.head(SHOWN).iter_rows(named=True))
        lines += [_line(row) for row in rows]
        if found.height > SHOWN:
            lines.append(f"... and {found.height - SHOWN:,} more")
    if report.groups.height:
        many = report.groups.filter(pl.col("solutions") >= 1000).height
        lines += ["", f"small groups searched: {report.groups.height}, {many} with 1000 or more solutions"]
    if report.unsearched:
        lines += ["", "not searched, or to be known:", *(f"  {note}" for note in report.unsearched)]
    return "\n".join(lines)


def _learners(findings: pl.DataFrame) -> set[Any]:
    return set(findings["learners"].explode().drop_nulls())


def _summary(summary: pl.DataFrame) -> pl.DataFrame:
    shares = pl.when(pl.col("checked") > 0).then(pl.col("right") / pl.col("checked")).alias("share right")
    return summary.with_columns(shares).rename({"blind": "blind guess"})


def _line(row: dict[str, Any]) -> str:
    whom = row["learners"]
    what = {
        "value": lambda: f"{row['metric']} of {whom[0]}",
        "total": lambda: f"{row['metric']} of {len(whom)} learners together",
        "values": lambda: f"{row['metric']} of {len(whom)} learners",
        "size": lambda: f"learners of {row['release']}",
    }[row["inferred"]]()
    if row["values"] is not None:
        value = f"one of {row['values'].count(';') + 1} sets: {row['values']}"
    elif row["exact"]:
        value = f"{row['low']:.10g}"
    else:
        value = f"{row['low']:.10g} to {row['high']:.10g}"
    right = {True: ", right", False: ", wrong", None: ""}[row["right"]]
    return f"{row['attack']}: {what} = {value}{right} ({row['evidence']})"
