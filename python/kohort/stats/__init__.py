"""Statistics that learning analytics keeps asking for, on tables of one's own.

Survival under left truncation and right censoring, rates with their intervals, agreement of
test items, entropy, rank correlation, clusters and reply networks: the kernels that kohort's own
measures stand on. Columns go in as polars Series, numpy arrays or sequences, tables as anything
with a column for each variable; polars tables and floats come out. What there is too little data
for is None; nulls and NaN are refused, never guessed::

    curve = kohort.stats.kaplan_meier(table["weeks"], table["left"], entry=table["joined"])
"""

from kohort.stats._clusters import Clusters, kmeans_l1
from kohort.stats._items import cronbach_alpha, kr20, standard_error_of_measurement
from kohort.stats._networks import betweenness, degrees, reciprocity
from kohort.stats._rates import benjamini_hochberg, binomial_test, wilson
from kohort.stats._series import entropy, jensen_shannon, pearson, periodicity, spearman
from kohort.stats._survival import (
    LogRank,
    RestrictedMean,
    aalen_johansen,
    kaplan_meier,
    log_rank,
    nelson_aalen,
    restricted_mean,
)
from kohort.stats._trajectories import Trajectories, trajectories

__all__ = [
    "Clusters",
    "LogRank",
    "RestrictedMean",
    "Trajectories",
    "aalen_johansen",
    "benjamini_hochberg",
    "betweenness",
    "binomial_test",
    "cronbach_alpha",
    "degrees",
    "entropy",
    "jensen_shannon",
    "kaplan_meier",
    "kmeans_l1",
    "kr20",
    "log_rank",
    "nelson_aalen",
    "pearson",
    "periodicity",
    "reciprocity",
    "restricted_mean",
    "spearman",
    "standard_error_of_measurement",
    "trajectories",
    "wilson",
]
