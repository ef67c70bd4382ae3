"""How far released medians and quartiles are from the truth, beside what chance does to groups of that size.

Each course is divided into tutor groups by lot, and every released quartile and median is held against the
exact one of the same learners. What it would differ by from another group of that size, drawn from the same
course, is the sampling error: who speaks of more than these very learners has it anyway.

    python benches/utility.py            # the tables of src/group/UTILITY.md
    python benches/utility.py --write    # puts them there

The published courses are read from KOHORT_DATA, else ../shared/data.
"""

from __future__ import annotations

import argparse
import os
import random
import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import kohort as kh
import numpy as np
import polars as pl

HERE = Path(__file__).resolve().parents[1]
PAGE = HERE / "src" / "group" / "UTILITY.md"
OULAD = Path(os.environ.get("KOHORT_DATA", HERE.parent / "shared" / "data")) / "oulad_2013"

BANDS = [("20-39", 20, 39), ("40-99", 40, 99), ("100-299", 100, 299), ("300-600", 300, 600)]
WHOLE = "whole courses"
QUANTILES = {"q25": 0.25, "median": 0.5, "q75": 0.75}
METRICS = ("study_time", "sessions", "events", "active_days", "contents", "completed", "progress")
SHARE = "progress"
ALL = "all but progress"
DIVISIONS = 3
DRAWS = 100


class Platform:
    """Where the learning data come from: everybody enrolled, and the data with groups of theirs."""

    def __init__(self, enrolled: pl.DataFrame, load: Callable[[pl.DataFrame], kh.LearningData]) -> None:
        self.enrolled = enrolled.select("course", "learner").unique().sort("course", "learner")
        self.load = load


def simulated() -> Platform:
    made = kh.simulate(learners=6000, courses=4, weeks=12, seed=20)
    tables = {"catalog": made.catalog, "courses": made.courses, "learners": made.learners}

    def load(memberships: pl.DataFrame) -> kh.LearningData:
        return kh.LearningData(made.events, enrollments=made.enrollments, memberships=memberships, **tables)

    return Platform(made.enrollments, load)


def published() -> Platform:
    info = pl.read_parquet(OULAD / "studentInfo.parquet")
    course = pl.format("{}-{}", "code_module", "code_presentation")
    enrolled = info.select(course=course, learner=pl.col("id_student").cast(pl.Int64))

    def load(memberships: pl.DataFrame) -> kh.LearningData:
        return kh.read_oulad(OULAD, tz="UTC", memberships=memberships)

    return Platform(enrolled, load)


def divided(enrolled: pl.DataFrame, seed: int) -> pl.DataFrame:
    """Put everybody of each course into a group by lot, about as many in small groups as in large ones."""
    dice = random.Random(seed)
    rows = []
    for (course,), part in enrolled.group_by("course", maintain_order=True):
        learners = part["learner"].to_list()
        dice.shuffle(learners)
        held = [0] * len(BANDS)
        while learners:
            at = min(range(len(BANDS)), key=lambda band: held[band])
            _, least, most = BANDS[at]
            size = dice.randint(least, most)
            if size > len(learners):
                # The rest is a group of its own, or as good as one.
                size = len(learners)
            held[at] += size
            group, learners = learners[:size], learners[size:]
            if 0 < len(learners) < BANDS[0][1]:
                group, learners = group + learners, []
            name = f"{course} {len(rows)}"
            rows.append(pl.DataFrame({"group": name, "learner": group, "course": course}))
    return pl.concat(rows)


def values_of(data: kh.LearningData, enrolled: pl.DataFrame, groups: kh.ReferenceGroups) -> pl.DataFrame:
    """Everybody's own numbers, those without activity with 0: `course, learner, metric, value`."""
    metrics = groups.summary().filter(pl.col("reason").is_null())["metric"].unique().sort().to_list()
    own = data.personal(as_of=groups.as_of).summary()
    if "study_time" in metrics:
        own = own.with_columns(pl.col("study_time").dt.total_microseconds() / 1e6)
    own = enrolled.join(own, on=["course", "learner"], how="left")
    own = own.select("course", "learner", pl.col(metrics).cast(pl.Float64).fill_null(0.0))
    return own.unpivot(metrics, index=["course", "learner"], variable_name="metric")


def errors(
    groups: kh.ReferenceGroups, members: pl.DataFrame, values: pl.DataFrame, dice: np.random.Generator
) -> Iterator[dict[str, object]]:
    """One row per released number: the exact one beside it, and the sampling error."""
    assert (groups.certificates()["coverage"] == 1.0).all(), "everybody is on the roster"
    key = ["course", "metric"]
    courses = {name: part["value"].to_numpy() for name, part in values.group_by(key, maintain_order=True)}
    key = ["group", "course", "metric"]
    rosters = members.join(values, on=["course", "learner"], maintain_order="left_right")
    shown = {(row["group"], row["metric"]): row for row in groups.summary().iter_rows(named=True)}
    for (group, course, metric), part in rosters.group_by(key, maintain_order=True):
        row, roster = shown[group, metric], part["value"].to_numpy()
        drawn = dice.choice(courses[course, metric], size=(DRAWS, roster.size))
        others = np.quantile(drawn, list(QUANTILES.values()), axis=1)
        exact = np.quantile(roster, list(QUANTILES.values()))
        for at, name in enumerate(QUANTILES):
            yield {
                "group": group,
                "n": roster.size,
                "metric": metric,
                "quantile": name,
                "exact": exact[at],
                "off": None if row[name] is None else abs(row[name] - exact[at]),
                "chance": np.median(np.abs(others[at] - exact[at])),
            }


def measured(platform: Platform) -> pl.DataFrame:
    """All courses, and all divisions of them into groups: one row per quantile, metric and group."""
    rows: list[dict[str, object]] = []
    for seed in range(DIVISIONS):
        members = divided(platform.enrolled, seed)
        data = platform.load(members)
        dice = np.random.default_rng(seed)
        groups = data.reference_groups(by="group")
        values = values_of(data, platform.enrolled, groups)
        rows += [row | {"lot": True} for row in errors(groups, members, values, dice)]
        if seed == 0:
            courses = data.reference_groups(by="course")
            everybody = platform.enrolled.with_columns(group=pl.col("course"))
            rows += [row | {"lot": False} for row in errors(courses, everybody, values, dice)]
    size = pl.lit(WHOLE)
    for name, least, most in BANDS:
        here = pl.col("lot") & pl.col("n").is_between(least, most)
        size = pl.when(here).then(pl.lit(name)).otherwise(size)
    # In percent of the exact number, where there is one to be relative to; shares in points.
    whole = pl.when(pl.col("metric") == SHARE).then(1.0).when(pl.col("exact") > 0).then("exact")
    return pl.DataFrame(rows).with_columns(
        size.alias("size"), off=100 * pl.col("off") / whole, chance=100 * pl.col("chance") / whole
    )


def table(rows: pl.DataFrame) -> pl.DataFrame:
    """Medians over the groups, metric by metric, and first those of all that are relative."""
    relative = rows.filter(pl.col("metric") != SHARE).with_columns(metric=pl.lit(ALL))
    rows = pl.concat([relative, rows])
    sizes = pl.Enum([name for name, _, _ in BANDS] + [WHOLE])
    metrics = pl.Enum([ALL, *METRICS])
    made = (
        rows.with_columns(pl.col("size").cast(sizes), pl.col("metric").cast(metrics))
        .drop_nulls("off")
        .group_by("metric", "size", "quantile")
        .agg(
            pl.len().alias("groups"),
            pl.col("off", "chance").median(),
            pl.col("off").quantile(0.9, "linear").alias("nine"),
        )
    )
    made = made.pivot("quantile", index=["metric", "size"], values=["groups", "off", "chance", "nine"])
    return made.sort("metric", "size")


def text(made: pl.DataFrame) -> str:
    """The same as markdown."""

    def pair(row: dict[str, float | None], name: str) -> str:
        off, chance = row[f"off_{name}"], row[f"chance_{name}"]
        return "-" if off is None else f"{off:.1f} / {chance:.1f}"

    lines = [
        "| metric | learners | groups | lower quartile | median | upper quartile | 9 of 10 medians within |",
        "|---|---|---|---|---|---|---|",
    ]
    for row in made.iter_rows(named=True):
        metric = row["metric"] if row["metric"] == ALL else f"`{row['metric']}`"
        cells = [metric, row["size"], f"{row['groups_median']:,}", *(pair(row, q) for q in QUANTILES)]
        lines.append(f"| {' | '.join([*cells, format(row['nine_median'], '.1f')])} |")
    return "\n".join(lines)


def between(name: str, page: str) -> re.Match[str]:
    """Find the place of a table on the page."""
    found = re.search(f"(?<=<!-- {name} -->\\n).*?(?=<!-- end -->)", page, re.DOTALL)
    assert found, name
    return found


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--write", action="store_true", help="put the tables into src/group/UTILITY.md")
    write = parser.parse_args().write
    for name, platform in PLATFORMS.items():
        if platform is published and not OULAD.is_dir():
            print(f"{name} is left out: no learning data at {OULAD}; set KOHORT_DATA", file=sys.stderr)
            continue
        made = text(table(measured(platform())))
        if write:
            page = PAGE.read_text(encoding="utf-8")
            place = between(name, page)
            page = page[: place.start()] + made + "\n" + page[place.end() :]
            PAGE.write_text(page, encoding="utf-8")
        else:
            print(f"\n{name}\n\n{made}")


PLATFORMS: dict[str, Callable[[], Platform]] = {"simulated": simulated, "OULAD 2013": published}


if __name__ == "__main__":
    main()
