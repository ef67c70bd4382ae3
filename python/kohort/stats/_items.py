"""How well the items of a test agree."""

from __future__ import annotations

from kohort import _core
from kohort._numbers import Rows, matrix

__all__ = ["cronbach_alpha", "kr20", "standard_error_of_measurement"]


def cronbach_alpha(items: Rows) -> float | None:
    """Cronbach's alpha: how well the items of a test agree (Cronbach 1951).

    ``k / (k - 1) * (1 - sum of the items' variances / variance of the totals)``.

    Parameters
    ----------
    items
        One row per person and one column per item, with the scores.

    Returns
    -------
    float or None
        At most 1, possibly negative; None for fewer than two items or persons, and where the
        totals do not vary.

    Raises
    ------
    ParameterError
        For nulls and NaN: leave out the persons who did not answer, or score them.

    Examples
    --------
    >>> from kohort.stats import cronbach_alpha
    >>> round(cronbach_alpha([[0, 0], [1, 0], [1, 1], [1, 1]]), 6)
    0.727273
    """
    return _core.from_items("cronbach_alpha", matrix("items", items))


def kr20(items: Rows) -> float | None:
    """Kuder-Richardson formula 20: Cronbach's alpha of items that are right or wrong.

    The variances of items and totals have the same degrees of freedom, so it equals
    `cronbach_alpha` (Kuder & Richardson 1937).

    Parameters
    ----------
    items
        One row per person and one column per item: 1 or True where right, else 0.

    Returns
    -------
    float or None
        As for `cronbach_alpha`.

    Raises
    ------
    ParameterError
        For other scores than 0 and 1, nulls and NaN.

    Examples
    --------
    >>> from kohort.stats import kr20
    >>> round(kr20([[0, 0], [1, 0], [1, 1], [1, 1]]), 6)
    0.727273
    """
    return _core.from_items("kr20", matrix("items", items))


def standard_error_of_measurement(items: Rows) -> float | None:
    """Tell how far a total lies from the person's true one: ``sd * sqrt(1 - alpha)``.

    Parameters
    ----------
    items
        As for `cronbach_alpha`.

    Returns
    -------
    float or None
        In points of the test; None as for `cronbach_alpha`.

    Raises
    ------
    ParameterError
        For nulls and NaN.

    Examples
    --------
    >>> from kohort.stats import standard_error_of_measurement
    >>> standard_error_of_measurement([[0, 0], [1, 1], [2, 2]])
    0.0
    """
    return _core.from_items("standard_error_of_measurement", matrix("items", items))
