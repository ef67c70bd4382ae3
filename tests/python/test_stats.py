"""Rates, correlations, items, clusters and networks against scipy, statsmodels, networkx, numpy."""

from __future__ import annotations

import itertools
import math
import warnings
from typing import Any

import kohort as kh
import networkx as nx
import numpy as np
import polars as pl
import pytest
import scipy.spatial.distance
import scipy.stats
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from kohort.stats import (
    benjamini_hochberg,
    betweenness,
    binomial_test,
    cronbach_alpha,
    degrees,
    entropy,
    jensen_shannon,
    kmeans_l1,
    kr20,
    pearson,
    periodicity,
    reciprocity,
    spearman,
    standard_error_of_measurement,
    wilson,
)

with warnings.catch_warnings():  # its own imports warn
    warnings.simplefilter("ignore")
    from statsmodels.stats.multitest import multipletests
    from statsmodels.stats.proportion import proportion_confint

values = st.floats(-1e6, 1e6) | st.integers(-5, 5).map(float)
weights = st.lists(st.floats(0, 1e6) | st.integers(0, 4).map(float), min_size=1, max_size=30)
pairs = st.integers(2, 30).flatmap(
    lambda n: st.tuples(st.lists(values, min_size=n, max_size=n), st.lists(values, min_size=n, max_size=n))
)


def close(ours: float | None, theirs: float, relative: float = 1e-12, absolute: float = 1e-14) -> bool:
    return ours is not None and math.isclose(ours, theirs, rel_tol=relative, abs_tol=absolute)


# ---------------------------------------------------------------- rates


@given(st.integers(0, 10**6), st.integers(0, 10**6), st.sampled_from([0.5, 0.8, 0.95, 0.999]))
def test_wilson_agrees_with_statsmodels(won: int, lost: int, confidence: float) -> None:
    assume(won + lost > 0)
    row = wilson(won, won + lost, confidence=confidence).row(0, named=True)
    low, high = proportion_confint(won, won + lost, 1 - confidence, method="wilson")
    # theirs is a difference where the lower end is near 0
    assert close(row["lower"], low, 1e-12, 1e-13)
    assert close(row["upper"], high, 1e-12)
    assert 0 <= row["lower"] <= row["rate"] <= row["upper"] <= 1


def test_wilson_has_exact_ends_and_nothing_for_no_trials() -> None:
    table = wilson([0, 7, 0], [7, 7, 0])
    assert table["lower"].to_list()[0] == 0.0
    assert table["upper"].to_list()[1] == 1.0
    assert table.row(2) == (0, 0, None, None, None)


@given(st.integers(0, 3000), st.integers(0, 3000), st.floats(0, 1) | st.sampled_from([1e-9, 0.5]))
def test_binomial_tails_agree_with_scipy(won: int, lost: int, probability: float) -> None:
    n = won + lost
    assume(n > 0)
    for side in ("greater", "less"):
        theirs = scipy.stats.binomtest(won, n, probability, alternative=side).pvalue
        ours = binomial_test(won, n, probability, alternative=side)  # type: ignore[arg-type]
        assert 0 <= ours <= 1
        assert close(ours, theirs, 1e-11 if theirs > 1e-30 else 1e-9, 1e-290)


@given(st.integers(1, 40), st.integers(0, 40), st.fractions(0, 1, max_denominator=20))
def test_binomial_tails_are_their_sums(n: int, won: int, probability: Any) -> None:
    assume(won <= n)
    p = probability
    exact = sum(math.comb(n, k) * p**k * (1 - p) ** (n - k) for k in range(won, n + 1))
    assert close(binomial_test(won, n, float(p)), float(exact), 1e-12, 1e-300)


@given(st.lists(st.floats(0, 1) | st.sampled_from([0.0, 0.01, 1.0]), max_size=40))
def test_benjamini_hochberg_agrees_with_statsmodels(p_values: list[float]) -> None:
    ours = benjamini_hochberg(p_values).to_list()
    theirs = multipletests(p_values, method="fdr_bh")[1] if p_values else []
    assert all(close(a, b, 1e-12, 1e-300) for a, b in zip(ours, theirs, strict=True))


# ---------------------------------------------------------------- one column or two


@given(weights)
def test_entropy_agrees_with_scipy(counts: list[float]) -> None:
    if sum(counts) == 0:
        assert entropy(counts) is None
    else:
        assert close(entropy(counts), float(scipy.stats.entropy(counts)))


@given(st.data())
def test_jensen_shannon_is_the_square_of_scipys_distance(data: st.DataObject) -> None:
    p = data.draw(weights)
    q = data.draw(st.lists(st.integers(0, 9).map(float), min_size=len(p), max_size=len(p)))
    ours = jensen_shannon(p, q)
    if sum(p) == 0 or sum(q) == 0:
        assert ours is None
        return
    assert close(ours, float(scipy.spatial.distance.jensenshannon(p, q)) ** 2, 1e-12, 1e-15)
    assert close(jensen_shannon(q, p), ours or 0.0)
    assert 0 <= (ours or 0.0) <= math.log(2)


def test_jensen_shannon_keeps_its_digits_where_distributions_nearly_agree() -> None:
    # p = (1 + e) / 2 and (1 - e) / 2 against halves: e^2 / 8 to first order
    e = 1e-6
    assert close(jensen_shannon([1 + e, 1 - e], [1, 1]), e * e / 8, 1e-6, 0)


@given(pairs)
def test_spearman_agrees_with_scipy(both: tuple[list[float], list[float]]) -> None:
    x, y = both
    ours = spearman(x, y)
    if len(set(x)) == 1 or len(set(y)) == 1:
        assert ours is None
    else:
        assert close(ours, float(scipy.stats.spearmanr(x, y).statistic), 1e-12, 1e-14)


@given(pairs)
def test_pearson_agrees_with_numpy(both: tuple[list[float], list[float]]) -> None:
    x, y = both
    assume(np.ptp(x) > 1e-3 * np.abs(x).max() and np.ptp(y) > 1e-3 * np.abs(y).max())
    assert close(pearson(x, y), float(np.corrcoef(x, y)[0, 1]), 1e-9, 1e-11)


@given(st.lists(st.floats(-100, 100), min_size=1, max_size=60), st.integers(1, 59))
def test_periodicity_agrees_with_the_fft(series: list[float], frequency: int) -> None:
    assume(frequency < len(series))
    theirs = abs(np.fft.fft(series)[frequency])
    size = sum(abs(v) for v in series)
    assert close(periodicity(series, len(series) / frequency), float(theirs), 1e-12, 1e-12 * size)


# ---------------------------------------------------------------- items


# Four items, six persons; every number of the test can be had with pencil and paper.
TABLE = [
    [1, 1, 1, 1],  # total 4
    [1, 1, 1, 0],  # 3
    [1, 1, 0, 0],  # 2
    [1, 0, 1, 0],  # 2
    [1, 0, 0, 0],  # 1
    [0, 0, 0, 0],  # 0
]


def test_the_hand_made_test_has_its_reliability() -> None:
    # facilities 5/6, 3/6, 3/6, 1/6: sum pq = 5/36 + 9/36 + 9/36 + 5/36 = 28/36
    # totals 4 3 2 2 1 0, mean 2, squares 4 1 0 0 1 4: variance 10/6
    # 4/3 * (1 - (28/36) / (10/6)) = 4/3 * (1 - 7/15) = 32/45
    assert close(kr20(TABLE), 32 / 45)
    assert close(cronbach_alpha(TABLE), 32 / 45)
    # sample variance 2: sqrt(2 * 13/45)
    assert close(standard_error_of_measurement(TABLE), math.sqrt(26 / 45))
    # the last item with the total: right 4, wrong mean 8/5, p = 1/6, population sd sqrt(10/6)
    item = [row[3] == 1 for row in TABLE]
    expected = (4 - 8 / 5) / math.sqrt(10 / 6) * math.sqrt(5 / 36)
    assert close(pearson(item, [sum(row) for row in TABLE]), expected)


tables = st.tuples(st.integers(2, 12), st.integers(2, 6)).flatmap(
    lambda size: st.lists(
        st.lists(st.sampled_from([0, 1]), min_size=size[1], max_size=size[1]),
        min_size=size[0],
        max_size=size[0],
    )
)


@given(tables)
def test_kr20_and_alpha_agree_on_right_and_wrong(table: list[list[int]]) -> None:
    ours, theirs = kr20(table), cronbach_alpha(table)
    assert (ours is None) == (theirs is None) == (len({sum(row) for row in table}) == 1)
    assert ours is None or close(ours, theirs or 0.0, 1e-11)


@given(
    st.lists(st.lists(st.floats(0, 10), min_size=3, max_size=3), min_size=3, max_size=12),
)
def test_alpha_is_the_ratio_of_covariances(table: list[list[float]]) -> None:
    cells = np.array(table)
    covariance = np.cov(cells.T)
    assume(covariance.sum() > 1e-3)
    theirs = 3 / 2 * (1 - np.trace(covariance) / covariance.sum())
    assert close(cronbach_alpha(cells), float(theirs), 1e-9)
    assert cronbach_alpha(pl.DataFrame(cells)) == cronbach_alpha(table)


def test_items_without_answer_are_refused() -> None:
    for hole in (None, math.nan):
        with pytest.raises(kh.ParameterError):
            cronbach_alpha([[1.0, 2.0], [hole, 1.0]])
    with pytest.raises(kh.ParameterError, match="0 or 1"):
        kr20([[2, 0], [1, 1]])
    assert cronbach_alpha([[1, 2]]) is None
    assert cronbach_alpha([[1], [2]]) is None
    assert cronbach_alpha([[0.1, 0.2, 0.3], [0.3, 0.2, 0.1]]) is None  # the totals are the same


# ---------------------------------------------------------------- clusters


points = st.integers(1, 3).flatmap(
    lambda width: st.lists(st.tuples(*[st.integers(0, 6)] * width), min_size=1, max_size=7)
)


@given(points, st.integers(1, 3))
@settings(max_examples=60)
def test_clusters_cost_the_least_there_is(rows: list[tuple[int, ...]], k: int) -> None:
    assume(len(set(rows)) >= k)
    found = kmeans_l1(rows, k, restarts=30, seed=3)
    cells = np.array(rows, dtype=float)

    def cost(labels: tuple[int, ...]) -> float:
        parts = [cells[np.array(labels) == own] for own in range(k)]
        return float(sum(np.abs(part - np.median(part, axis=0)).sum() for part in parts if len(part)))

    least = min(cost(labels) for labels in itertools.product(range(k), repeat=len(rows)))
    assert close(found.cost, least, 1e-12, 1e-12)
    # every point stands with its nearest center, and the centers are in order
    centers = found.centers.to_numpy()
    apart = np.abs(cells[:, None, :] - centers[None, :, :]).sum(axis=2)
    assert close(found.cost, float(apart.min(axis=1).sum()), 1e-12, 1e-12)
    own = apart[np.arange(len(rows)), found.cluster.to_numpy()]
    assert np.allclose(own, apart.min(axis=1))
    assert [tuple(c) for c in centers] == sorted(tuple(c) for c in centers)


@given(points, st.integers(1, 3), st.randoms())
@settings(max_examples=40)
def test_clusters_do_not_depend_on_the_order_of_rows(
    rows: list[tuple[int, ...]], k: int, random: Any
) -> None:
    assume(len(set(rows)) >= k)
    order = list(range(len(rows)))
    random.shuffle(order)
    first = kmeans_l1(rows, k, restarts=2)
    second = kmeans_l1([rows[i] for i in order], k, restarts=2)
    assert second.centers.equals(first.centers)
    assert second.cluster.to_list() == [first.cluster[i] for i in order]


# ---------------------------------------------------------------- networks


edge_lists = st.lists(st.tuples(st.integers(0, 8), st.integers(0, 8)), max_size=40)


@given(edge_lists, st.booleans())
def test_networks_agree_with_networkx(pairs: list[tuple[int, int]], normalized: bool) -> None:
    graph = nx.DiGraph(pairs)
    graph.add_nodes_from([20, 21, 22])  # alone, and enough to normalize by
    nodes = sorted(graph.nodes)
    table = degrees(pairs, nodes=[20, 21, 22])
    assert table["node"].to_list() == nodes
    assert table["in_degree"].to_list() == [graph.in_degree(n) for n in nodes]
    assert table["out_degree"].to_list() == [graph.out_degree(n) for n in nodes]
    theirs = nx.betweenness_centrality(graph, normalized=normalized)
    ours = betweenness(pairs, normalized=normalized, nodes=[20, 21, 22])
    assert ours["node"].to_list() == nodes
    for node, value in ours.iter_rows():
        assert close(value, theirs[node], 1e-12, 1e-14)
    if pairs:
        assert close(reciprocity(pairs), nx.overall_reciprocity(graph))
    else:
        assert reciprocity(pairs) is None


def test_edges_come_in_any_form() -> None:
    frame = pl.DataFrame({"who": ["x", "y"], "source": ["a", "b"], "target": ["b", "a"]})
    assert reciprocity(frame) == 1.0
    assert reciprocity(frame.select("source", "target").to_pandas()) == 1.0
    assert reciprocity(np.array([[1, 2], [2, 1], [1, 3], [3, 4]])) == 0.5
    assert degrees(frame.lazy())["node"].to_list() == ["a", "b"]
    assert betweenness([("a", "b")])["betweenness"].to_list() == [None, None]
    assert degrees([]).height == 0


@pytest.mark.parametrize(
    ("edges", "message"),
    [
        ([("a", None)], "no nulls"),
        ([(1.5, 2.0)], "texts or whole numbers"),
        ([(1, 2, 3)], "two columns"),
        ("ab", "`edges` must be a table"),
        (pl.DataFrame({"source": ["a"], "target": [1]}), "one type"),
    ],
)
def test_edges_that_are_none_are_refused(edges: Any, message: str) -> None:
    with pytest.raises(kh.KohortError, match=message):
        reciprocity(edges)


# ---------------------------------------------------------------- arguments


@pytest.mark.parametrize(
    "call",
    [
        lambda: entropy([1, -1]),
        lambda: entropy([1, math.nan]),
        lambda: entropy([1, None]),
        lambda: entropy("12"),
        lambda: entropy(["a"]),
        lambda: jensen_shannon([1], [1, 2]),
        lambda: spearman([1, 2], [1, math.inf]),
        lambda: benjamini_hochberg([1.5]),
        lambda: binomial_test(3, 2, 0.5),
        lambda: binomial_test(1, 2, 1.5),
        lambda: binomial_test(1, 2, 0.5, alternative="two-sided"),  # type: ignore[arg-type]
        lambda: wilson(3, 2),
        lambda: wilson(-1, 2),
        lambda: wilson([1], [1, 2]),
        lambda: wilson(0.5, 2),  # type: ignore[arg-type]
        lambda: periodicity([1], 0),
        lambda: periodicity([1], "week"),  # type: ignore[arg-type]
        lambda: kmeans_l1([[1], [1]], 2),
        lambda: kmeans_l1([[1], [2]], 0),
        lambda: kmeans_l1([[math.nan], [2]], 1),
        lambda: kmeans_l1([[1], [2]], 1, restarts=0),
        lambda: kmeans_l1([[1], [2, 3]], 1),
        lambda: betweenness([(1, 2)], normalized=1),  # type: ignore[arg-type]
    ],
)
def test_what_has_no_meaning_is_refused(call: Any) -> None:
    with pytest.raises(kh.ParameterError) as caught:
        call()
    assert not str(caught.value).endswith(".")
