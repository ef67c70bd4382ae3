"""Time to an event, under left truncation and right censoring."""

from __future__ import annotations

from typing import NamedTuple

import polars as pl

from kohort import _core
from kohort._checks import whole
from kohort._numbers import Column, codes, number, numbers, paired, series
from kohort.exceptions import ParameterTypeError

__all__ = [
    "LogRank",
    "RestrictedMean",
    "aalen_johansen",
    "kaplan_meier",
    "log_rank",
    "nelson_aalen",
    "restricted_mean",
]


class RestrictedMean(NamedTuple):
    """A restricted mean survival time, with the variance of its estimate."""

    mean: float
    variance: float
    horizon: float


class LogRank(NamedTuple):
    """A log-rank test; `groups` has `group`, `subjects`, `observed` and `expected` events."""

    chi_square: float
    degrees_of_freedom: int
    p_value: float
    groups: pl.DataFrame


def kaplan_meier(
    time: Column, event: Column, *, entry: Column | None = None, confidence: float = 0.95
) -> pl.DataFrame:
    """Estimate the share without an event over time (Kaplan & Meier 1958).

    ``S(t)`` is the product of ``1 - events / at_risk`` over the times up to ``t``, with
    Greenwood's variance and a pointwise band on the scale of ``log(-log S)``. Before the first
    row it is 1. A subject is at risk on ``(entry, time]``.

    Parameters
    ----------
    time
        When each subject left, by an event or by censoring; numbers from 0.
    event
        Whether it was an event (True or a number above 0) or censoring (False or 0).
    entry
        When each subject entered (left truncation), before `time`; from the beginning if left out.
    confidence
        Of the band.

    Returns
    -------
    polars.DataFrame
        One row per distinct `time`: `time`, `at_risk`, `events`, `censored`, `survival`,
        `variance`, `lower`, `upper`. The variance is null once nobody survives, the band
        where the curve is 1 or 0.

    Raises
    ------
    ParameterError
        For nulls, NaN, negative times, columns of different length, an entry that is not before
        its time.

    Examples
    --------
    >>> from kohort.stats import kaplan_meier
    >>> curve = kaplan_meier([1, 2, 3, 4], [True, False, True, False])
    >>> curve["survival"].to_list()  # one of four leaves at 1, one of the last two at 3
    [0.75, 0.75, 0.375, 0.375]
    """
    subjects = _subjects(time, event, entry)
    return pl.DataFrame(_core.kaplan_meier(subjects, number("confidence", confidence)))


def nelson_aalen(
    time: Column, event: Column, *, entry: Column | None = None, confidence: float = 0.95
) -> pl.DataFrame:
    """Estimate the cumulative hazard over time (Nelson 1969; Aalen 1978).

    ``H(t)`` is the sum of ``events / at_risk`` over the times up to ``t``, its variance the sum
    of ``events / at_risk**2``; the band is pointwise, on the scale of ``log H``. Events at the
    same time are taken as such, not one after the other.

    Parameters
    ----------
    time, event, entry, confidence
        As for `kaplan_meier`.

    Returns
    -------
    polars.DataFrame
        One row per distinct `time`: `time`, `at_risk`, `events`, `censored`, `hazard`,
        `variance`, `lower`, `upper`. The band is null before the first event.

    Raises
    ------
    ParameterError
        As for `kaplan_meier`.

    Examples
    --------
    >>> from kohort.stats import nelson_aalen
    >>> nelson_aalen([1, 2, 3, 4], [1, 0, 1, 0])["hazard"].to_list()
    [0.25, 0.25, 0.75, 0.75]
    """
    subjects = _subjects(time, event, entry)
    return pl.DataFrame(_core.nelson_aalen(subjects, number("confidence", confidence)))


def aalen_johansen(
    time: Column,
    event: Column,
    *,
    kind: int = 1,
    entry: Column | None = None,
    confidence: float = 0.95,
) -> pl.DataFrame:
    """Estimate the probability of one kind of event over time while others compete.

    Those who complete a course can no longer drop out of it: counting them as censored would
    overstate the drop-out. The cumulative incidence ``F(t)`` is the sum of
    ``S(t-) * events / at_risk`` over the times up to ``t``, with ``S`` the Kaplan-Meier curve of
    all events together (Aalen & Johansen 1978); the variance is the delta method's (Marubini &
    Valsecchi 1995), the band is pointwise, on the scale of ``log(-log F)``.

    Parameters
    ----------
    time, entry, confidence
        As for `kaplan_meier`.
    event
        The kind of event from 1, or 0 for censoring.
    kind
        The kind that is asked for.

    Returns
    -------
    polars.DataFrame
        One row per distinct `time`: `time`, `at_risk`, `events` (of the kind), `competing`,
        `censored`, `incidence`, `variance`, `lower`, `upper`.

    Raises
    ------
    ParameterError
        As for `kaplan_meier`; for `kind` 0.

    Examples
    --------
    >>> from kohort.stats import aalen_johansen
    >>> left, completed = 1, 2
    >>> aalen_johansen([1, 2, 3, 4], [left, completed, left, 0], kind=left)["incidence"].to_list()
    [0.25, 0.25, 0.5, 0.5]
    """
    asked = whole("kind", kind, least=1, most=2**32 - 1)
    subjects = _subjects(time, event, entry)
    return pl.DataFrame(_core.aalen_johansen(subjects, asked, number("confidence", confidence)))


def restricted_mean(
    time: Column, event: Column, *, horizon: float | None = None, entry: Column | None = None
) -> RestrictedMean | None:
    """Mean time without an event up to a horizon: the area under the Kaplan-Meier curve.

    Parameters
    ----------
    time, event, entry
        As for `kaplan_meier`.
    horizon
        Up to when; the latest `time` if left out.

    Returns
    -------
    RestrictedMean or None
        `mean`, `variance` (of the estimate) and `horizon`; None without subjects.

    Raises
    ------
    ParameterError
        As for `kaplan_meier`; for a horizon beyond the latest time while some survive, where the
        curve is not known.

    Examples
    --------
    >>> from kohort.stats import restricted_mean
    >>> restricted_mean([1, 2, 3, 4], [1, 0, 1, 0]).mean  # 1 + 2 * 0.75 + 0.375
    2.875
    """
    until = None if horizon is None else number("horizon", horizon)
    found = _core.restricted_mean(_subjects(time, event, entry), until)
    return None if found is None else RestrictedMean(*found)


def log_rank(time: Column, event: Column, group: Column, *, entry: Column | None = None) -> LogRank | None:
    """Test whether groups differ in survival (Mantel 1966).

    At each time the events of a group are compared with those to be expected if all at risk had
    the same hazard, with the exact covariance for ties.

    Parameters
    ----------
    time, event, entry
        As for `kaplan_meier`.
    group
        The group of each subject, two or more different ones.

    Returns
    -------
    LogRank or None
        `chi_square`, `degrees_of_freedom`, `p_value`, and `groups` (a table, in order); None if no
        event falls into a time when two groups are at risk.

    Raises
    ------
    ParameterError
        As for `kaplan_meier`; for fewer than two groups.

    Examples
    --------
    >>> from kohort.stats import log_rank
    >>> test = log_rank([1, 2, 3, 4], [1, 1, 1, 1], ["early", "early", "late", "late"])
    >>> round(test.chi_square, 6), test.degrees_of_freedom
    (2.882353, 1)
    """
    subjects = _subjects(time, event, entry)
    labels = series("group", group)
    paired([subjects.get_column("time"), labels])
    if not (labels.dtype.is_integer() or labels.dtype in (pl.String, pl.Categorical, pl.Enum, pl.Boolean)):
        raise ParameterTypeError(f"`group` must hold texts, whole numbers or flags, got {labels.dtype}")
    names = labels.unique().sort()
    parts = [subjects.filter(labels == name) for name in names]
    found = _core.log_rank(list(parts))
    if found is None:
        return None
    chi_square, degrees_of_freedom, p_value, observed, expected = found
    table = pl.DataFrame(
        {
            "group": names,
            "subjects": pl.Series([len(part) for part in parts], dtype=pl.UInt32),
            "observed": pl.Series(observed, dtype=pl.UInt32),
            "expected": expected,
        }
    )
    return LogRank(chi_square, degrees_of_freedom, p_value, table)


def _subjects(time: Column, event: Column, entry: Column | None) -> pl.DataFrame:
    columns = [numbers("time", time), codes("event", event)]
    return paired(columns if entry is None else [*columns, numbers("entry", entry)])
