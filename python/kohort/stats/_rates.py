"""Rates, and many tests at once."""

from __future__ import annotations

from typing import Literal

import polars as pl

from kohort import _core
from kohort._checks import whole, word
from kohort._numbers import Column, counts, number, numbers, paired

__all__ = ["benjamini_hochberg", "binomial_test", "wilson"]


def wilson(successes: int | Column, trials: int | Column, *, confidence: float = 0.95) -> pl.DataFrame:
    """Wilson's score interval of each rate (Wilson 1927), without continuity correction.

    Parameters
    ----------
    successes, trials
        Whole numbers, or columns of them.
    confidence
        Of the interval.

    Returns
    -------
    polars.DataFrame
        `successes`, `trials`, `rate`, `lower`, `upper`; the last three null for no trials.

    Raises
    ------
    ParameterError
        For more successes than trials, nulls, and columns of different length.

    Examples
    --------
    >>> from kohort.stats import wilson
    >>> [round(end, 4) for end in wilson(5, 10).select("lower", "upper").row(0)]
    [0.2366, 0.7634]
    """
    won, tried = counts("successes", successes), counts("trials", trials)
    table = paired(
        [pl.Series("successes", won, dtype=pl.UInt64), pl.Series("trials", tried, dtype=pl.UInt64)]
    )
    ends = _core.wilson(won, tried, number("confidence", confidence))
    rate = pl.when(pl.col("trials") > 0).then(pl.col("successes") / pl.col("trials"))
    return table.with_columns(
        rate.alias("rate"),
        pl.Series("lower", [None if end is None else end[0] for end in ends], dtype=pl.Float64),
        pl.Series("upper", [None if end is None else end[1] for end in ends], dtype=pl.Float64),
    )


def binomial_test(
    successes: int,
    trials: int,
    probability: float,
    *,
    alternative: Literal["greater", "less"] = "greater",
) -> float:
    """One-sided exact binomial test.

    The probability of so many successes or more (or fewer), if each trial succeeds with
    `probability`.

    Parameters
    ----------
    successes, trials
        What was seen.
    probability
        Under the hypothesis, 0..1.
    alternative
        ``"greater"`` for so many or more, ``"less"`` for so many or fewer.

    Returns
    -------
    float
        The p-value; 1 for no trials.

    Raises
    ------
    ParameterError
        For more successes than trials, and a probability outside 0..1.

    Examples
    --------
    >>> from kohort.stats import binomial_test
    >>> round(binomial_test(5, 5, 0.5), 12)
    0.03125
    """
    won = whole("successes", successes, least=0, most=2**63 - 1)
    tried = whole("trials", trials, least=0, most=2**63 - 1)
    side = word("alternative", alternative, Literal["greater", "less"])
    return _core.binomial_test(won, tried, number("probability", probability), side)


def benjamini_hochberg(p_values: Column) -> pl.Series:
    """Adjust p-values for the share of false discoveries (Benjamini & Hochberg 1995).

    Parameters
    ----------
    p_values
        Of independent or positively dependent tests, 0..1.

    Returns
    -------
    polars.Series
        Adjusted p-values in the same order: those up to 0.05 hold at most 5 % false discoveries
        in expectation.

    Raises
    ------
    ParameterError
        For values outside 0..1, nulls and NaN.

    Examples
    --------
    >>> from kohort.stats import benjamini_hochberg
    >>> benjamini_hochberg([0.05, 0.01, 0.04]).to_list()
    [0.05, 0.03, 0.05]
    """
    given = pl.DataFrame([numbers("p_values", p_values)])
    return pl.DataFrame(_core.benjamini_hochberg(given)).get_column("adjusted")
