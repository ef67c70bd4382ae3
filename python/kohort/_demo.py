"""The main job on a simulated platform, told in a terminal."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import polars as pl

import kohort
from kohort import _outputs, _show
from kohort.typing import GroupMetric

METRICS: tuple[GroupMetric, ...] = ("study_time", "sessions", "active_days", "completed", "progress")
PERSONAL = (
    "learner",
    "course",
    "sessions",
    "study_time",
    "active_days",
    "last_active",
    "completed",
    "progress",
    "status",
)


def run(
    *,
    learners: int,
    courses: int,
    seed: int,
    out: Path,
    bar: bool,
    say: Callable[[str], object],
) -> None:
    """Simulate, analyse, show, and write the tables."""
    platform = kohort.simulate(learners=learners, courses=courses, seed=seed)
    data = platform.data
    pla = data.personal(progress=bar)
    groups = data.reference_groups(by="course", progress=bar)
    summary, leaving = pla.summary(), groups.drop_off(by="module")
    say(
        f"A simulated platform: {platform.learners.height:,} learners in "
        f"{platform.courses.height:,} {'course' if platform.courses.height == 1 else 'courses'}, "
        f"{platform.events.height:,} events."
    )

    say(f"\n1. Each learner's own numbers. {pla.estimator}, as of {pla.as_of:%Y-%m-%d}.")
    say(_show.table(summary.select(PERSONAL), rows=8))

    learner, mine = compared(groups, candidates(summary))
    say(f"\n2. {learner} beside the reference group: her value can be swapped with that of")
    say(f"   {groups.policy.k} others without changing what is shown of the group.")
    say(_show.table(beside(mine)))

    say("\n3. Where learners leave each course, by module: left of those who reached it.")
    steps = departures(leaving)
    if steps.height:
        say(_show.table(steps, rows=60))
    for sentence in sentences(leaving, groups.policy.k):
        say(sentence)

    tables = {
        "summary": summary,
        "study_time_by_week": pla.study_time(by=["course", "week"]),
        "frequency": pla.frequency(),
        "drop_off": pla.drop_off(),
        "groups_summary": groups.summary(),
        "groups_drop_off": leaving,
    }
    options = {"learners": learners, "courses": courses, "seed": seed}
    _outputs.write_folder(tables, out, {"command": "demo", "options": options})
    say(f"\n{len(tables)} tables in Parquet and their manifest are in {out}/")


def candidates(summary: pl.DataFrame) -> list[str | int]:
    """Return the learners, those still there and in the middle by study time first."""
    totals = (
        summary.group_by("learner")
        .agg(pl.col("study_time").sum(), there=(pl.col("status") == "active").any())
        .sort("study_time", "learner")
        .with_row_index("rank")
        .with_columns(middle=(pl.col("rank").cast(pl.Int64) - pl.len() // 2).abs())
        .sort("there", "middle", descending=[True, False])
    )
    return totals["learner"].to_list()


def compared(groups: kohort.ReferenceGroups, learners: list[str | int]) -> tuple[str, pl.DataFrame]:
    """Return the first learner who is in a group, and her values beside its."""
    for learner in learners:
        try:
            mine = pl.concat([groups.compare(learner, metric) for metric in METRICS])
        except kohort.NoSuchLearnerError:  # on no roster: a teacher's own account, for one
            continue
        return f"Learner {learner}", mine
    return "No learner", pl.DataFrame()


def beside(mine: pl.DataFrame) -> pl.DataFrame:
    """Put the own values beside the group's, in words that a reader knows."""
    rows = []
    for row in mine.iter_rows(named=True):
        low, high = row["band_low"], row["band_high"]
        if low is None or high is None:
            band = f"withheld: {row['reason']}"
        else:
            band = f"{low:.0%}" if low == high else f"{low:.0%} to {high:.0%}"
        rows.append(
            {
                "course": row["group"],
                "metric": row["metric"].replace("_", " "),
                "own": _amount(row["own"], row["unit"]),
                "median of the group": _amount(row["median"], row["unit"]),
                "at or below own": band,
                "learners": f"about {row['n']}" if row["n"] is not None else "",
            }
        )
    return pl.DataFrame(rows)


def departures(leaving: pl.DataFrame) -> pl.DataFrame:
    """Put the released counts of each step side by side, one column per group."""
    left, reached = _coded("left"), _coded("reached")
    cell = left + pl.lit(" of ") + reached
    return (
        leaving.filter(pl.col("reason").is_null())
        .with_columns(cell=cell)
        .sort("position")
        .pivot(on="group", index="step", values="cell", aggregate_function="first", maintain_order=True)
    )


def sentences(leaving: pl.DataFrame, k: int) -> list[str]:
    """Say at which steps most of those who reach them leave.

    Only released counts are used, and only where enough learners reach the step.
    """
    counted = leaving.filter(pl.col("reason").is_null(), reached_code="count", left_code="count")
    shares = counted.filter(pl.col("reached") >= 2 * k).with_columns(share=pl.col("left") / pl.col("reached"))
    worst = shares.filter(pl.col("share") >= pl.col("share").max().over("group") / 2)
    said = []
    for group in leaving["group"].unique(maintain_order=True):
        places = [
            f"{_percent(row['share'], row['reached'])} % of those who reach {row['step']}"
            for row in worst.filter(group=group).sort("position").iter_rows(named=True)
        ]
        where = " and ".join(places)
        if where:
            said.append(f"{group}: {where} leave there.")
        elif leaving.filter(pl.col("reason").is_null(), group=group).is_empty():
            said.append(f"{group}: too few learners to show anything.")
        else:
            said.append(f"{group}: few leave at any one module.")
    return said


def _coded(count: str) -> pl.Expr:
    """Return a released count as text; below k and above n - k it is no number."""
    code = pl.col(f"{count}_code")
    return (
        pl.when(code == "count")
        .then(pl.col(count).cast(pl.Int64).cast(pl.String))
        .when(code == "high")
        .then(pl.lit("nearly all"))
        .otherwise(pl.lit("few"))
    )


def _percent(share: float, n: float) -> int:
    """Return a whole percent, coarser the fewer learners it rests on."""
    codes = ((300, 1), (100, 2), (40, 5), (20, 10), (0, 20))
    code = next(code for least, code in codes if n >= least)
    return code * round(100 * share / code)


def _amount(value: float | None, unit: str) -> str:
    if value is None:
        return ""
    if unit == "s":
        return f"{value / 3600:.1f} h"
    return f"{value:.0%}" if unit == "share" else f"{value:.0f}"
