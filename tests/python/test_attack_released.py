"""``kh.attack`` on what kohort itself releases: what it reads off is true, and nothing follows."""

from __future__ import annotations

import itertools
import json
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import kohort as kh
import polars as pl
import pytest
from kohort.cli import main

METRICS = ("study_time", "sessions", "events", "active_days", "contents", "completed", "progress")


@pytest.fixture(scope="module")
def platform() -> kh.Simulation:
    return kh.simulate(learners=600, courses=1, seed=11)


def loaded(platform: kh.Simulation, enrollments: pl.DataFrame | None = None) -> kh.LearningData:
    enrollments = platform.enrollments if enrollments is None else enrollments
    tables = {"catalog": platform.catalog, "courses": platform.courses, "memberships": platform.memberships}
    return kh.LearningData(platform.events, enrollments=enrollments, **tables, tz="UTC")


def true_values(data: kh.LearningData, as_of: datetime, enrolled: list[str]) -> pl.DataFrame:
    """Every learner's own metrics; a member without activity has 0."""
    own = data.personal(as_of=as_of).summary()
    seconds = pl.col("study_time").dt.total_microseconds() / 1e6
    own = own.select("learner", seconds, *METRICS[1:])
    everybody = pl.DataFrame({"learner": enrolled})
    own = everybody.join(own, on="learner", how="left").with_columns(pl.col(METRICS).fill_null(0))
    long = own.with_columns(pl.col(METRICS).cast(pl.Float64)).unpivot(METRICS, index="learner")
    return long.rename({"variable": "metric"})


def true_steps(platform: kh.Simulation, data: kh.LearningData, as_of: datetime) -> pl.DataFrame:
    """Who reached each module and who left at it, 1 or 0, from everybody's own drop-off."""
    own = data.personal(as_of=as_of).drop_off().select("learner", "status", "furthest_position")
    starts = platform.catalog.group_by("module").agg(pl.col("position").min()).sort("position").rows()
    ends = [start for _, start in starts[1:]] + [float("inf")]
    at = pl.col("furthest_position").fill_null(float("-inf"))
    gone = pl.col("status").is_in(["stopped", "withdrawn"])
    steps = []
    for (module, start), end in zip(starts, ends, strict=True):
        for metric, true in [
            (f"reached {module}", at >= start),
            (f"left {module}", gone & (at >= start) & (at < end)),
        ]:
            steps.append(
                own.select("learner", pl.lit(metric).alias("metric"), true.cast(pl.Float64).alias("value"))
            )
    return pl.concat(steps)


def tables_of(groups: kh.ReferenceGroups) -> dict[str, pl.DataFrame]:
    tables = {"summary": groups.summary(), "drop_off": groups.drop_off(by="module")}
    for metric in METRICS:
        tables[f"distribution_{metric}"] = groups.distribution(metric)  # type: ignore[arg-type]
        tables[f"quantiles_{metric}"] = groups.quantiles(metric)  # type: ignore[arg-type]
    return tables


def boards(platform: kh.Simulation) -> tuple[pl.DataFrame, kh.LearningData]:
    """A course with five boards that hold all of its learners, 10 to 200 each."""
    learners = platform.enrollments["learner"].unique().sort().to_list()
    cuts = [0, 8, 25, 70, 300, len(learners)]
    rows = [
        (f"board {i}", learner)
        for i, (start, end) in enumerate(itertools.pairwise(cuts))
        for learner in learners[start:end]
    ]
    members = pl.DataFrame(rows, schema=["group", "learner"], orient="row")
    course = platform.enrollments["course"][0]
    data = kh.LearningData(
        platform.events,
        catalog=platform.catalog,
        courses=platform.courses,
        enrollments=platform.enrollments,
        memberships=members.with_columns(course=pl.lit(course)),
        tz="UTC",
    )
    return members, data


def exported(platform: kh.Simulation, k: int) -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame]:
    """Rosters, cells and the truth of a course and its boards, all released at one moment."""
    members, data = boards(platform)
    policy = kh.ReleasePolicy(k=k)
    course = data.reference_groups(by="course", policy=policy)
    groups = data.reference_groups(by="group", policy=policy)
    assert course.as_of == groups.as_of
    cells = [
        kh.released_cells(table, policy=policy)
        for part in (course, groups)
        for table in tables_of(part).values()
    ]
    everybody = platform.enrollments["learner"].unique().sort()
    name = str(course.groups[0])
    rosters = [pl.DataFrame({"release": [name] * len(everybody), "learner": everybody})]
    shown = set(groups.groups)
    rosters.append(members.rename({"group": "release"}).filter(pl.col("release").is_in(shown)))
    pooled = members.filter(~pl.col("group").is_in(shown)).select(
        pl.lit("(other)").alias("release"), "learner"
    )
    rosters.append(pooled)
    truth = pl.concat(
        [
            true_values(data, course.as_of, everybody.to_list()).select("learner", "metric", "value"),
            true_steps(platform, data, course.as_of),
        ]
    )
    return pl.concat([own.select("release", "learner") for own in rosters]), pl.concat(cells), truth


@pytest.mark.parametrize("k", [5, 10])
def test_every_cell_holds_the_truth(platform: kh.Simulation, k: int) -> None:
    """What is read off kohort's tables is sound: an attack on it would report nothing false."""
    rosters, cells, truth = exported(platform, k)
    values = rosters.join(truth, on="learner")
    held = 0
    for (release, metric, statistic, argument), part in cells.group_by(
        "release", "metric", "statistic", "argument"
    ):
        if statistic == "n":
            true = float(rosters.filter(pl.col("release") == release).height)
        else:
            own = values.filter((pl.col("release") == release) & (pl.col("metric") == metric))["value"]
            at_most = own <= argument
            true = float(at_most.sum() if statistic == "count_at_most" else (~at_most).sum())
        assert (part["low"] <= true).all(), (release, metric, statistic, argument, true)
        assert (part["high"] >= true).all(), (release, metric, statistic, argument, true)
        held += 1
    assert held > 1000


@pytest.mark.parametrize("k", [5, 10])
def test_nothing_follows_from_a_course_and_its_boards(platform: kh.Simulation, k: int) -> None:
    rosters, cells, truth = exported(platform, k)
    assert cells["release"].n_unique() >= 4, "something is released"
    report = kh.attack(rosters, cells, truth=truth, metrics=PUBLIC)
    assert report.findings.is_empty(), str(report)
    assert not any("agree" in note or "suffice" in note for note in report.unsearched), report.unsearched


PUBLIC = pl.DataFrame(
    {
        "metric": METRICS,
        "low": [0.0] * 7,
        "high": [None] * 6 + [1.0],
        "resolution": [None, 1.0, 1.0, 1.0, 1.0, 1.0, None],
    },
    schema_overrides={"high": pl.Float64, "resolution": pl.Float64},
)


def naive_of(rosters: pl.DataFrame, truth: pl.DataFrame) -> pl.DataFrame:
    """Exact means of the same metrics over the same rosters."""
    joined = rosters.join(truth, on="learner")
    means = joined.group_by("release", "metric").agg(pl.col("value").mean().alias("low"))
    return means.with_columns(statistic=pl.lit("mean"), high="low")


def test_joiners_and_leavers_over_weeks(platform: kh.Simulation) -> None:
    """Weekly releases while learners enroll: kohort's tell nothing, exact means of the same weeks do.

    Values are those of the last moment throughout, so that all weeks speak of the same numbers.
    """
    everybody = platform.enrollments["learner"].unique().sort().to_list()
    course = platform.enrollments["course"][0]
    end = platform.events["time"].max()
    assert isinstance(end, datetime)
    first = end - timedelta(days=60)
    # Fifty at first, then one, two or three a week.
    joined = {learner: first - timedelta(days=30) for learner in everybody[:50]}
    arrivals = [1, 2, 1, 3, 1, 1, 2, 1]
    rest = iter(everybody[50:])
    for week, count in enumerate(arrivals):
        joined |= {next(rest): first + timedelta(days=7 * week + 1) for _ in range(count)}
    enrolled = pl.DataFrame({"learner": list(joined), "course": course, "start": list(joined.values())})
    data = loaded(platform, enrolled)
    truth = true_values(data, end, list(joined))
    cells, rosters, naive = [], [], []
    previous: list[str] = []
    for week in range(len(arrivals) + 1):
        as_of = first + timedelta(days=7 * week)
        groups = data.reference_groups(by="course", as_of=as_of)
        today = [learner for learner, start in joined.items() if start <= as_of]
        # The roster on record: today's once eleven have joined, else the one before.
        previous = today if len(today) - len(previous) > 10 else previous
        release = f"week {week}"
        rosters.append(pl.DataFrame({"release": [release] * len(previous), "learner": previous}))
        naive.append(pl.DataFrame({"release": [release] * len(today), "learner": today}))
        n = groups.summary()["n"][0]
        assert n == (2 * len(previous) + 5) // 10 * 5
        for name, table in tables_of(groups).items():
            named = table.with_columns(release=pl.lit(release))
            part = kh.released_cells(named)
            # Each week's values are others.
            part = part.with_columns(pl.concat_str(pl.lit(f"{release} "), "metric").alias("metric"))
            cells.append(part)
            assert name
    report = kh.attack(pl.concat(rosters), pl.concat(cells))
    assert report.findings.is_empty(), str(report)

    without = kh.attack(pl.concat(naive), naive_of(pl.concat(naive), truth), truth=truth, metrics=PUBLIC)
    single = without.findings.filter((pl.col("inferred") == "value") & pl.col("exact"))
    assert single["learners"].explode().n_unique() >= 4
    assert single["right"].all()


def test_the_command_tells_by_its_exit_code(platform: kh.Simulation, tmp_path: Path, capsys: Any) -> None:
    _, data = boards(platform)
    folder = tmp_path / "history"
    (folder / "2026").mkdir(parents=True)
    platform.events.write_parquet(tmp_path / "events.parquet")
    for name in ("catalog", "courses", "enrollments"):
        getattr(platform, name).write_parquet(tmp_path / f"{name}.parquet")
    words = ["groups", str(tmp_path / "events.parquet"), "--by", "course"]
    for name in ("catalog", "courses", "enrollments"):
        words += [f"--{name}", str(tmp_path / f"{name}.parquet")]
    for table in ("summary", "distribution", "drop_off"):
        out = folder / "2026" / f"{table}.parquet"
        assert main([*words, "--table", table, "-o", str(out)]) == 0
    everybody = platform.enrollments["learner"].unique().sort()
    course = str(data.reference_groups(by="course").groups[0])
    rosters = pl.DataFrame({"release": [course] * len(everybody), "learner": everybody})
    rosters.write_csv(folder / "rosters.csv")
    truth = tmp_path / "truth.parquet"
    values = true_values(data, data.reference_groups(by="course").as_of, everybody.to_list())
    values.write_parquet(truth)
    out = tmp_path / "report"
    attack = ["attack", str(folder), "--truth", str(truth)]
    capsys.readouterr()
    assert main([*attack, "-o", str(out)]) == 0
    assert "nothing could be inferred" in (out / "report.txt").read_text()
    assert main(attack) == 0
    assert "nothing could be inferred" in capsys.readouterr().out

    # The same course, and the same but for one: exact sums.
    more = pl.concat([rosters, rosters.with_columns(release=pl.lit("old")).slice(1)])
    more.write_csv(folder / "rosters.csv")
    sums = more.join(values.filter(pl.col("metric") == "events"), on="learner")
    sums = sums.group_by("release", "metric").agg(pl.col("value").sum().alias("low"))
    sums.with_columns(statistic=pl.lit("sum"), high="low").write_parquet(folder / "cells.parquet")
    assert main([*attack, "-o", str(out)]) == 1
    assert f"difference: events of {everybody[0]} = " in (out / "report.txt").read_text()
    findings = pl.read_parquet(out / "findings.parquet")
    assert findings.select("attack", "exact", "right").row(0) == ("difference", True, True)
    manifest = json.loads((out / "manifest.json").read_text())
    assert manifest["inferred"] == findings.height == 1


@pytest.mark.parametrize("spoil", ["folder", "cells", "rosters", "truth", "column"])
def test_bad_input_is_exit_code_2(tmp_path: Path, spoil: str, capsys: Any) -> None:
    folder, truth = tmp_path / "history", tmp_path / "truth.csv"
    folder.mkdir()
    (folder / "rosters.csv").write_text("release,learner\na,x\n")
    (folder / "cells.csv").write_text("release,metric,statistic,low,high\na,m,sum,1,1\n")
    truth.write_text("learner,metric,value\nx,m,1\n")
    command = ["attack", str(folder), "--truth", str(truth)]
    assert main(command) == 1
    assert "small_group: m of x = 1, right (a)" in capsys.readouterr().out
    if spoil == "folder":
        command[1] = str(tmp_path / "nowhere")
    elif spoil == "truth":
        truth.write_text("learner,value\nx,1\n")
    elif spoil == "column":
        (folder / "cells.csv").write_text("release,metric,statistic,low\na,m,sum,1\n")
    else:
        (folder / f"{spoil}.csv").unlink()
    assert main(command) == 2
    assert capsys.readouterr().err.startswith("kohort: error: ")
