"""Typical trajectories of engagement, among the learners of a course."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import polars as pl

from kohort._checks import whole
from kohort._numbers import Rows, rows
from kohort.exceptions import ColumnTypeError, ParameterError, SchemaError
from kohort.stats._clusters import kmeans_l1

__all__ = ["Trajectories", "trajectories"]

NEEDED = ("learner", "course", "period", "level")
# halfway between the levels: out 0, auditing 1, behind 2, on track 3
SAMPLED, ASSESSED = 0.5, 1.5


class Trajectories(NamedTuple):
    """The cluster of each learner in each course, and the clusters of each course."""

    learners: pl.DataFrame
    clusters: pl.DataFrame


def trajectories(labels: Rows, *, clusters: int = 4, restarts: int = 20, seed: int = 0) -> Trajectories:
    """Cluster the learners of each course by how they kept up with it.

    Their levels over the periods (on track 3, behind 2, auditing 1, out 0) are clustered by
    k-means with the city-block distance (`kmeans_l1`), each course by itself.

    For research: a learner's cluster depends on everybody else in the table, so it is no
    measure of hers, and the centers speak about a group without the protection of
    `LearningData.reference_groups`. Show neither to learners or instructors.

    A cluster gets its name from its center, by mean levels of periods; a third of them is
    rounded up to whole ones. The limits lie halfway between auditing and behind, and between
    out and auditing:

    - ``completing``: 1.5 or more in the last third;
    - ``disengaging``: less, but 1.5 or more in the first period or the first third;
    - ``auditing``: less there too, but 0.5 or more on the whole;
    - ``sampling``: the rest.

    Several clusters may have one name, and a name may be missing, where the learners of a
    course do not fall into the four kinds.

    Parameters
    ----------
    labels
        The table `PersonalAnalytics.engagement()`, or one with its columns `learner`,
        `course`, `period` and `level`. Every learner of a course needs a level in each of its
        periods.
    clusters
        How many, in each course; at most the number of different trajectories in it.
    restarts
        How many starts.
    seed
        Of the starts.

    Returns
    -------
    Trajectories
        `learners`: `learner`, `course`, `cluster` (from 0, those who did least first), `name`,
        `trajectory` (the levels in the order of the periods), `distance` (from the center).
        `clusters`: `course`, `cluster`, `name`, `learners` (how many), `center` (the median
        level in each period), `distance` (the sum of those of its learners).

    Raises
    ------
    SchemaError
        If a column is missing.
    ParameterError
        If a learner has no level in a period, or two, and for too many clusters.

    References
    ----------
    Kizilcec, Piech, Schneider (2013): Deconstructing disengagement: analyzing learner
    subpopulations in massive open online courses. LAK '13, doi:10.1145/2460296.2460330.

    Examples
    --------
    >>> import polars as pl
    >>> from kohort.stats import trajectories
    >>> levels = {"a": [3, 3, 3], "b": [3, 2, 3], "c": [3, 0, 0], "d": [1, 1, 1], "e": [0, 1, 0]}
    >>> labels = pl.DataFrame(
    ...     [(who, "C", at, level) for who, own in levels.items() for at, level in enumerate(own)],
    ...     schema=["learner", "course", "period", "level"],
    ...     orient="row",
    ... )
    >>> found = trajectories(labels)
    >>> found.learners["name"].to_list()
    ['completing', 'completing', 'disengaging', 'auditing', 'sampling']
    >>> found.clusters["learners"].to_list()
    [1, 1, 1, 2]
    """
    table = _checked(labels)
    number = whole("clusters", clusters, least=1)
    found = [
        _of_course(own, number, restarts, seed) for _, own in table.group_by("course", maintain_order=True)
    ]
    if not found:
        return _nothing(table)
    return Trajectories(pl.concat(f.learners for f in found), pl.concat(f.clusters for f in found))


def _of_course(table: pl.DataFrame, number: int, restarts: int, seed: int) -> Trajectories:
    """Cluster the learners of one course."""
    people = table.group_by("learner", maintain_order=True).agg(
        pl.col("course").first(), pl.col("level").alias("trajectory")
    )
    periods = range(table["period"].n_unique())
    levels = people.select(pl.col("trajectory").list.get(at).alias(str(at)) for at in periods)
    different = levels.unique().height
    if number > different:
        raise ParameterError(
            "`clusters` must be at most the number of different trajectories of each course: "
            f"got {number}, and a course has {different}"
        )
    clustered = kmeans_l1(levels, number, restarts=restarts, seed=seed)
    summary = pl.DataFrame(
        {
            "course": people["course"].gather([0] * number),
            "cluster": pl.int_range(number, dtype=pl.UInt32, eager=True),
            "name": [_name(center) for center in clustered.centers.iter_rows()],
            "center": pl.Series(map(list, clustered.centers.iter_rows()), dtype=pl.List(pl.Float64)),
        }
    )
    nearest = clustered.centers[clustered.cluster.to_list()]
    people = people.with_columns(
        cluster=clustered.cluster,
        name=summary["name"].gather(clustered.cluster),
        distance=pl.DataFrame(
            (own - center).abs()
            for own, center in zip(levels.get_columns(), nearest.get_columns(), strict=True)
        ).sum_horizontal(),
    )
    sizes = people.group_by("cluster").agg(
        learners=pl.len().cast(pl.UInt32), distance=pl.col("distance").sum()
    )
    summary = summary.join(sizes, on="cluster", how="left", maintain_order="left")
    return Trajectories(
        people.select("learner", "course", "cluster", "name", "trajectory", "distance"),
        summary.select(
            "course",
            "cluster",
            "name",
            pl.col("learners").fill_null(0),
            "center",
            pl.col("distance").fill_null(0.0),
        ),
    )


def _checked(labels: Rows) -> pl.DataFrame:
    """Return the four columns by course, learner and period, all of them complete."""
    table = rows("labels", labels)
    missing = [name for name in NEEDED if name not in table.columns]
    if missing:
        raise SchemaError(f"`labels` needs the columns {', '.join(NEEDED)}; it lacks {', '.join(missing)}")
    table = table.select(NEEDED)
    if not (table.schema["level"].is_numeric() or table.is_empty()):
        raise ColumnTypeError(f"`labels`: column `level` must hold numbers, got {table.schema['level']}")
    if table.null_count().sum_horizontal().item():
        raise ParameterError("`labels` must have no nulls")
    table = table.with_columns(pl.col("level").cast(pl.Float64)).sort("course", "learner", "period")
    if table.select("learner", "course", "period").is_duplicated().any():
        raise ParameterError("`labels` must have one level for each learner, course and period, got two")
    spread = table.group_by("course").agg(
        rows=pl.len(), cells=pl.col("learner").n_unique() * pl.col("period").n_unique()
    )
    if (spread["rows"] != spread["cells"]).any():
        raise ParameterError("`labels` must have a level of every learner in each period of her course")
    return table


def _name(center: Sequence[float]) -> str:
    """Name a cluster by its center."""
    third = -(-len(center) // 3)
    first, last = sum(center[:third]) / third, sum(center[-third:]) / third
    if last >= ASSESSED:
        return "completing"
    if max(first, center[0]) >= ASSESSED:
        return "disengaging"
    return "auditing" if sum(center) / len(center) >= SAMPLED else "sampling"


def _nothing(table: pl.DataFrame) -> Trajectories:
    """Return the two tables without rows."""
    ids = table.select("learner", "course")
    named = [pl.Series("cluster", dtype=pl.UInt32), pl.Series("name", dtype=pl.String)]
    levels = pl.Series("trajectory", dtype=pl.List(pl.Float64))
    center = pl.Series("center", dtype=pl.List(pl.Float64))
    distance = pl.Series("distance", dtype=pl.Float64)
    learners = ids.with_columns(*named, levels, distance)
    sizes = pl.Series("learners", dtype=pl.UInt32)
    return Trajectories(learners, ids.select("course").with_columns(*named, sizes, center, distance))
