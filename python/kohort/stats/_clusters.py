"""Clusters by city-block distance."""

from __future__ import annotations

from typing import NamedTuple

import polars as pl

from kohort import _core
from kohort._checks import whole
from kohort._numbers import Rows, matrix

__all__ = ["Clusters", "kmeans_l1"]


class Clusters(NamedTuple):
    """The cluster of each row, from 0; the center of each cluster; the sum of the distances."""

    cluster: pl.Series
    centers: pl.DataFrame
    cost: float


def kmeans_l1(points: Rows, k: int, *, restarts: int = 20, seed: int = 0) -> Clusters:
    """Cluster rows by city-block distance: k-means with L1, whose centers are medians.

    As Kizilcec, Piech & Schneider (2013) cluster engagement trajectories. The best of
    `restarts` seeded starts; clusters are numbered by their centers, and neither the order of
    the rows nor that of the starts changes the outcome.

    Parameters
    ----------
    points
        One row per point and one column per dimension.
    k
        Number of clusters, at most that of different points.
    restarts
        How many starts.
    seed
        Of the starts.

    Returns
    -------
    Clusters
        `cluster` (a Series, in the order of the rows), `centers` (a table), `cost`.

    Raises
    ------
    ParameterError
        For a `k` that is too large, nulls and NaN.

    Examples
    --------
    >>> from kohort.stats import kmeans_l1
    >>> found = kmeans_l1([[9, 9], [0, 0], [0, 1], [9, 8], [0, 5]], 2)
    >>> found.cluster.to_list(), found.cost
    ([1, 0, 0, 1, 0], 6.0)
    """
    table = matrix("points", points)
    clusters, centers, cost = _core.kmeans_l1(
        table,
        whole("k", k, least=1, most=2**32 - 1),
        whole("restarts", restarts, least=1, most=2**32 - 1),
        whole("seed", seed, least=0, most=2**64 - 1),
    )
    given = [name.removeprefix("points.") for name in table.columns]
    shown = pl.DataFrame(centers, schema=dict.fromkeys(given, pl.Float64), orient="row")
    return Clusters(pl.Series("cluster", clusters, dtype=pl.UInt32), shown, cost)
