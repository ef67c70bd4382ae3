"""The main job on a simulated platform, told in a terminal."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import polars as pl

import kohort
from kohort import _outputs, _show
from kohort.typing import GroupMetric

METRICS: tuple[GroupMetric, ...] = (
    "study_time",
    "sessions",
    "active_days",
    "completed",
    "progress",
)
PERSONAL = [
    "learner",
    "course",
    "sessions",
    "study_time",
    "active_days",
    "last_active",
    "completed",
    "progress",
    "status",
]


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
    say(
        f"A simulated platform: {platform.learners.height:,} learners in "
        f"{platform.courses.height} courses, {platform.events.height:,} events"
    )
    pla = data.personal(progress=bar)
    groups = data.reference_groups(by="course", progress=bar)
    summary = pla.summary()
    leaving = groups.drop_off(by="module")

    say(_title("Each learner's own numbers", f"{pla.estimator}, as of {pla.as_of:%Y-%m-%d}"))
    say(_show.table(summary.select(PERSONAL), rows=8))

    learner = _typical(summary)
    mine = pl.concat([groups.compare(learner, metric) for metric in METRICS])
    say(_title(f"Learner {learner} beside the reference group", f"k = {groups.policy.k}"))
    say(_show.table(mine.select(pl.exclude("reason"))))
    for sentence in positions(mine):
        say(f"  {sentence}")

    say(_title("Where learners leave each course", "counts rounded to multiples of 5"))
    for sentence in departures(leaving, groups.policy.k):
        say(f"  {sentence}")

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
    say(f"\n{len(tables)} tables with a manifest are in {out}")


def positions(mine: pl.DataFrame) -> list[str]:
    """Say in words where the own values lie in the group."""
    sentences = []
    for row in mine.filter(pl.col("reason").is_null()).iter_rows(named=True):
        low, high = row["band_low"], row["band_high"]
        if low is None or high is None:
            continue
        name = row["metric"].replace("_", " ")
        where = f"{low:.0%}" if low == high else f"{low:.0%} to {high:.0%}"
        sentences.append(f"{name}: {where} of {row['group']} are at or below {_amount(row)}")
    return sentences


def departures(leaving: pl.DataFrame, k: int) -> list[str]:
    """Say in words at which step most of those who reach it leave.

    Only released counts are used, and only where enough learners reach the step.
    """
    counted = leaving.filter(
        pl.col("reason").is_null(),
        reached_code="count",
        left_code="count",
    ).filter(pl.col("reached") >= 2 * k)
    worst = (
        counted.with_columns(share=pl.col("left") / pl.col("reached"))
        .sort("share", "position", descending=[True, False])
        .group_by("group", maintain_order=True)
        .first()
        .sort("group")
    )
    said = [
        f"{row['group']}: about {_percent(row['share'], row['reached'])} % of those who reach "
        f"{row['step']} leave there (about {row['left']:.0f} of {row['reached']:.0f})"
        for row in worst.iter_rows(named=True)
    ]
    silent = sorted(set(leaving["group"]) - set(worst["group"]))
    return said + [f"{group}: no single place where enough learners leave" for group in silent]


def _percent(share: float, n: float) -> int:
    """Return a whole percent, coarser the fewer learners it rests on."""
    code = next(code for least, code in ((300, 1), (100, 2), (40, 5), (20, 10), (0, 20)) if n >= least)
    return code * round(100 * share / code)


def _amount(row: dict[str, object]) -> str:
    own = row["own"]
    assert isinstance(own, float)
    if row["unit"] == "s":
        return f"{own / 3600:.1f} h"
    return f"{own:.0%}" if row["unit"] == "share" else f"{own:.0f}"


def _typical(summary: pl.DataFrame) -> str | int:
    """Return the learner in the middle by study time, among those still there."""
    totals = (
        summary.filter(pl.col("status") == "active")
        .group_by("learner")
        .agg(pl.col("study_time").sum())
        .sort("study_time", "learner")
    )
    if totals.is_empty():
        totals = summary.select("learner").unique().sort("learner")
    learner: str | int = totals["learner"][totals.height // 2]
    return learner


def _title(text: str, more: str) -> str:
    return f"\n{text}  ({more})"
