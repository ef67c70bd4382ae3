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
    say(f"A simulated platform: {platform.learners.height:,} learners, ")
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
