"""Numbers about one column or two."""

from __future__ import annotations

import polars as pl

from kohort import _core
from kohort._numbers import Column, number, numbers, paired

__all__ = ["entropy", "jensen_shannon", "pearson", "periodicity", "spearman"]


def entropy(weights: Column) -> float | None:
    """Shannon entropy in nats of weights that are made to add up to 1.

    Parameters
    ----------
    weights
        Numbers from 0, such as counts.

    Returns
    -------
    float or None
        ``-sum p ln p``; None if the weights add up to nothing.

    Raises
    ------
    ParameterError
        For negative weights, nulls and NaN.

    Examples
    --------
    >>> from kohort.stats import entropy
    >>> round(entropy([3, 3, 0]), 6)  # ln 2
    0.693147
    """
    return _core.from_columns("entropy", pl.DataFrame([numbers("weights", weights)]))


def jensen_shannon(p: Column, q: Column) -> float | None:
    """Jensen-Shannon divergence of two distributions, in nats (Lin 1991).

    The divergence itself, from 0 to ``ln 2``; its square root is the Jensen-Shannon distance.

    Parameters
    ----------
    p, q
        Weights from 0 over the same outcomes, each made to add up to 1.

    Returns
    -------
    float or None
        None if either adds up to nothing.

    Raises
    ------
    ParameterError
        For negative weights, nulls, NaN, and columns of different length.

    Examples
    --------
    >>> from kohort.stats import jensen_shannon
    >>> jensen_shannon([1, 2, 3], [2, 4, 6])
    0.0
    """
    return _core.from_columns("jensen_shannon", paired([numbers("p", p), numbers("q", q)]))


def spearman(x: Column, y: Column) -> float | None:
    """Spearman's rank correlation; ties share their average rank (Spearman 1904).

    Parameters
    ----------
    x, y
        Numbers, pair by pair.

    Returns
    -------
    float or None
        -1..1; None for fewer than two pairs, and where either does not vary.

    Raises
    ------
    ParameterError
        For nulls, NaN, and columns of different length.

    Examples
    --------
    >>> from kohort.stats import spearman
    >>> round(spearman([1, 2, 3, 9], [10, 20, 40, 30]), 12)
    0.8
    """
    return _core.from_columns("spearman", paired([numbers("x", x), numbers("y", y)]))


def pearson(x: Column, y: Column) -> float | None:
    """Pearson's correlation; of an item that is right or wrong, the point-biserial one.

    Parameters
    ----------
    x, y
        Numbers or flags, pair by pair.

    Returns
    -------
    float or None
        -1..1; None for fewer than two pairs, and where either does not vary.

    Raises
    ------
    ParameterError
        For nulls, NaN, and columns of different length.

    Examples
    --------
    >>> from kohort.stats import pearson
    >>> round(pearson([False, False, True, True], [0, 2, 2, 4]), 6)
    0.707107
    """
    return _core.from_columns("pearson", paired([numbers("x", x), numbers("y", y)]))


def periodicity(values: Column, period: float) -> float:
    """Tell how strongly a series repeats: ``|sum x(t) exp(-2 pi i t / period)|``.

    Parameters
    ----------
    values
        The series at t = 0, 1, ...
    period
        In the same steps; need not be whole.

    Returns
    -------
    float
        The magnitude; 0 for an empty series.

    Raises
    ------
    ParameterError
        For a period that is not above 0, nulls and NaN.

    Examples
    --------
    >>> from kohort.stats import periodicity
    >>> round(periodicity([1, 0, 0, 1, 0, 0], 3), 12)
    2.0
    """
    return _core.periodicity(pl.DataFrame([numbers("values", values)]), number("period", period))
