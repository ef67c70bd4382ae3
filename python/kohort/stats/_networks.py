"""Directed graphs, such as who replies to whom."""

from __future__ import annotations

import polars as pl

from kohort import _core
from kohort._numbers import Column, Rows, graph
from kohort.exceptions import ParameterTypeError

__all__ = ["betweenness", "degrees", "reciprocity"]


def degrees(edges: Rows, *, nodes: Column | None = None) -> pl.DataFrame:
    """Count the edges to and from each node of a directed graph, such as a reply network.

    Parameters
    ----------
    edges
        A table with `source` and `target`, or pairs; ids are texts or whole numbers. An edge that
        stands there twice counts once.
    nodes
        Nodes that shall be there even without edges.

    Returns
    -------
    polars.DataFrame
        `node` (in order), `in_degree`, `out_degree`.

    Raises
    ------
    SchemaError
        For ids of another type, or of two types.

    Examples
    --------
    >>> from kohort.stats import degrees
    >>> degrees([("ann", "bob"), ("cat", "bob")]).rows()
    [('ann', 0, 1), ('bob', 2, 0), ('cat', 0, 1)]
    """
    table, everyone = graph(edges, nodes)
    found = _core.degrees(table, len(everyone))
    return pl.DataFrame(
        {
            "node": everyone,
            "in_degree": pl.Series([own[0] for own in found], dtype=pl.UInt32),
            "out_degree": pl.Series([own[1] for own in found], dtype=pl.UInt32),
        }
    )


def reciprocity(edges: Rows) -> float | None:
    """Tell which share of the edges of a directed graph is answered by the opposite one.

    As networkx's ``overall_reciprocity``: an edge from a node to itself is never answered.

    Parameters
    ----------
    edges
        As for `degrees`.

    Returns
    -------
    float or None
        0..1; None without edges.

    Raises
    ------
    SchemaError
        As for `degrees`.

    Examples
    --------
    >>> from kohort.stats import reciprocity
    >>> reciprocity([("ann", "bob"), ("bob", "ann"), ("ann", "cat"), ("cat", "cat")])
    0.5
    """
    table, everyone = graph(edges, None)
    return _core.reciprocity(table, len(everyone))


def betweenness(edges: Rows, *, normalized: bool = True, nodes: Column | None = None) -> pl.DataFrame:
    """Tell through which nodes of a directed graph the shortest paths lead.

    Over all ordered pairs of other nodes, the share of the shortest paths between them that pass
    through the node, summed (Freeman 1977; Brandes 2001).

    Parameters
    ----------
    edges, nodes
        As for `degrees`.
    normalized
        Whether to divide by the ``(n - 1)(n - 2)`` pairs.

    Returns
    -------
    polars.DataFrame
        `node` (in order), `betweenness`; null if normalized with fewer than three nodes.

    Raises
    ------
    SchemaError
        As for `degrees`.

    Examples
    --------
    >>> from kohort.stats import betweenness
    >>> betweenness([(0, 1), (0, 2), (1, 3), (2, 3)], normalized=False).rows()
    [(0, 0.0), (1, 0.5), (2, 0.5), (3, 0.0)]
    """
    if not isinstance(normalized, bool):
        raise ParameterTypeError(f"`normalized` must be True or False, got {normalized!r}")
    table, everyone = graph(edges, nodes)
    found = _core.betweenness(table, len(everyone), normalized)
    values = [None] * len(everyone) if found is None else found
    return pl.DataFrame({"node": everyone, "betweenness": pl.Series(values, dtype=pl.Float64)})
