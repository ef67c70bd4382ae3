"""Survival estimates against lifelines, statsmodels and slow twins."""

from __future__ import annotations

import math
import warnings
from collections.abc import Iterator
from fractions import Fraction
from typing import Any

import kohort as kh
import numpy as np
import polars as pl
import pytest
import survival_cases as slow
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from kohort.stats import aalen_johansen, kaplan_meier, log_rank, nelson_aalen, restricted_mean
from survival_cases import Case, cases

with warnings.catch_warnings():  # its own imports warn
    warnings.simplefilter("ignore")
    import lifelines
    import lifelines.statistics
    import lifelines.utils
from statsmodels.duration.survfunc import CumIncidenceRight, SurvfuncRight, survdiff

FEWER = settings(max_examples=30)


@pytest.fixture(autouse=True)
def _quiet() -> Iterator[None]:
    """Let the libraries that we compare with warn as they like; kohort warns of nothing here."""
    with warnings.catch_warnings():
        for library in ("lifelines", "pandas", "numpy", "statsmodels", "autograd"):
            warnings.filterwarnings("ignore", module=rf"{library}(\.|$)")
        yield


def close(ours: float | None, theirs: float | Fraction | None, tolerance: float = 1e-9) -> bool:
    if ours is None or theirs is None:
        return ours is theirs
    return math.isclose(ours, float(theirs), rel_tol=tolerance, abs_tol=tolerance)


def same(ours: pl.Series, theirs: Any, tolerance: float = 1e-9) -> bool:
    return all(close(a, b, tolerance) for a, b in zip(ours, theirs, strict=True))


# ---------------------------------------------------------------- slow twins


@given(cases())
def test_the_survival_curve_is_its_definition(case: Case) -> None:
    ours = kaplan_meier(case.time, case.event, entry=case.entry)
    theirs = slow.survival(case)
    assert ours["time"].to_list() == case.times
    assert ours["at_risk"].to_list() == [case.at_risk(t) for t in case.times]
    assert ours["events"].to_list() == [case.events(t) for t in case.times]
    assert ours["events"].sum() + ours["censored"].sum() == len(case.time)
    assert same(ours["survival"], [s for s, _ in theirs], 1e-12)
    assert same(ours["variance"], [v for _, v in theirs], 1e-12)


@given(cases())
def test_the_cumulative_hazard_is_its_definition(case: Case) -> None:
    ours = nelson_aalen(case.time, case.event, entry=case.entry)
    assert same(ours["hazard"], [h for h, _ in slow.hazard(case)], 1e-12)
    assert same(ours["variance"], [v for _, v in slow.hazard(case)], 1e-12)
    assert ours["lower"].is_null().to_list() == [h == 0 for h, _ in slow.hazard(case)]


@given(cases(), st.sampled_from([1, 2, 3]))
def test_the_cumulative_incidence_is_its_definition(case: Case, kind: int) -> None:
    ours = aalen_johansen(case.time, case.event, kind=kind, entry=case.entry)
    theirs = slow.incidence(case, kind)
    assert same(ours["incidence"], [f for f, _ in theirs], 1e-12)
    assert same(ours["variance"], [v for _, v in theirs], 1e-12)
    assert ours["events"].to_list() == [case.events(t, kind) for t in case.times]


@given(cases())
def test_incidences_of_all_kinds_and_survival_add_up_to_one(case: Case) -> None:
    curve = kaplan_meier(case.time, case.event, entry=case.entry)["survival"]
    for kind in (1, 2):
        curve = curve + aalen_johansen(case.time, case.event, kind=kind, entry=case.entry)["incidence"]
    assert same(curve, [1.0] * len(curve), 1e-12)


@given(cases(), st.fractions(Fraction(1, 4), 9, max_denominator=4))
def test_the_restricted_mean_is_the_area(case: Case, horizon: Fraction) -> None:
    assume(horizon <= max(case.time) or slow.survival(case)[-1][0] == 0)
    ours = restricted_mean(case.time, case.event, horizon=float(horizon), entry=case.entry)
    mean, variance = slow.mean_until(case, horizon)
    assert ours is not None
    assert close(ours.mean, mean, 1e-12)
    assert close(ours.variance, variance, 1e-12)


# ---------------------------------------------------------------- other libraries


@given(cases())
@FEWER
def test_lifelines_has_the_same_survival_and_band(case: Case) -> None:
    assume(case.entry is None or min(case.entry) == 0)  # it calls the first moment the beginning
    ours = kaplan_meier(case.time, case.event, entry=case.entry)
    fit = lifelines.KaplanMeierFitter().fit(case.time, case.any_event, entry=case.entry)
    theirs = fit.survival_function_at_times(case.times)
    band = fit.confidence_interval_.loc[case.times]
    assert same(ours["survival"], theirs)
    for row, low, high in zip(ours.iter_rows(named=True), band.iloc[:, 0], band.iloc[:, 1], strict=True):
        if row["lower"] is not None:
            assert close(row["lower"], low)
            assert close(row["upper"], high)
        else:
            assert row["survival"] in (0.0, 1.0)


@given(cases())
@FEWER
def test_statsmodels_has_the_same_survival_and_errors(case: Case) -> None:
    entry = None if case.entry is None else np.array(case.entry)
    theirs = SurvfuncRight(np.array(case.time), np.array(case.any_event), entry=entry)
    ours = kaplan_meier(case.time, case.event, entry=case.entry).filter(pl.col("events") > 0)
    alive = int((ours["survival"] > 0).sum())  # it leaves 0 again
    assert same(ours["survival"][:alive], theirs.surv_prob[:alive])
    assert same(ours["variance"][:alive].sqrt(), theirs.surv_prob_se[:alive])


@given(cases(ties=False))
@FEWER
def test_lifelines_has_the_same_hazard_and_band_without_ties(case: Case) -> None:
    assume(case.entry is None or min(case.entry) == 0)
    ours = nelson_aalen(case.time, case.event, entry=case.entry)
    fit = lifelines.NelsonAalenFitter().fit(case.time, case.any_event, entry=case.entry)
    assert same(ours["hazard"], fit.cumulative_hazard_at_times(case.times))
    band = fit.confidence_interval_.loc[case.times]
    for row, low, high in zip(ours.iter_rows(named=True), band.iloc[:, 0], band.iloc[:, 1], strict=True):
        if row["lower"] is not None:
            assert close(row["lower"], low)
            assert close(row["upper"], high)


@given(cases())
@FEWER
def test_lifelines_has_the_same_hazard_with_ties_taken_as_such(case: Case) -> None:
    assume(case.entry is None or min(case.entry) == 0)
    ours = nelson_aalen(case.time, case.event, entry=case.entry)
    fit = lifelines.NelsonAalenFitter(nelson_aalen_smoothing=False)
    fit.fit(case.time, case.any_event, entry=case.entry)
    assert same(ours["hazard"], fit.cumulative_hazard_at_times(case.times))


@given(cases(ties=False))
@FEWER
def test_lifelines_has_the_same_incidence_without_ties(case: Case) -> None:
    assume(case.entry is None or min(case.entry) == 0)
    assume(1 in case.event)
    ours = aalen_johansen(case.time, case.event, entry=case.entry)
    fit = lifelines.AalenJohansenFitter(calculate_variance=False)
    fit.fit(np.array(case.time), np.array(case.event), event_of_interest=1, entry=case.entry)
    theirs = fit.cumulative_density_.iloc[:, 0]
    assert same(ours["incidence"], [theirs.loc[t] for t in case.times])


@given(cases(truncated=False))
@FEWER
def test_statsmodels_has_the_same_incidence_and_errors_with_ties(case: Case) -> None:
    kinds = max(case.event)
    assume(kinds > 0)
    theirs = CumIncidenceRight(np.array(case.time), np.array(case.event))
    for kind in range(1, kinds + 1):
        ours = aalen_johansen(case.time, case.event, kind=kind)
        left = ours.filter(pl.col("at_risk") > pl.col("events") + pl.col("competing"))
        places = [place for place, t in enumerate(case.times) if t in set(left["time"])]
        alive = [p for p in places if p < len(left)]  # it has no number once nobody is left
        assert same(ours["incidence"][alive], theirs.cinc[kind - 1][alive])
        squares = theirs.cinc_se[kind - 1][alive] ** 2
        assert same(ours["variance"][alive], np.nan_to_num(squares))


@given(cases(most=40), st.data())
@FEWER
def test_lifelines_has_the_same_log_rank_test(case: Case, data: st.DataObject) -> None:
    n = len(case.time)
    groups = data.draw(st.lists(st.sampled_from("abc"), min_size=n, max_size=n))
    assume(len(set(groups)) > 1)
    ours = log_rank(case.time, case.event, groups)
    everyone_meets = all(
        any(g == own and t >= first for g, t in zip(groups, case.time, strict=True))
        for own in set(groups)
        for first in [min((t for t, e in zip(case.time, case.event, strict=True) if e), default=0)]
    )
    assume(ours is not None and everyone_meets and ours.degrees_of_freedom == len(set(groups)) - 1)
    assert ours is not None
    theirs = lifelines.statistics.multivariate_logrank_test(case.time, groups, case.any_event)
    assert close(ours.chi_square, theirs.test_statistic)
    assert close(ours.p_value, theirs.p_value)


@given(cases(most=40), st.data())
@FEWER
def test_the_log_rank_test_is_its_definition_under_truncation(case: Case, data: st.DataObject) -> None:
    n = len(case.time)
    groups = data.draw(st.lists(st.sampled_from("abc"), min_size=n, max_size=n))
    names = sorted(set(groups))
    assume(len(names) > 1)
    parts = [
        Case(
            [t for t, g in zip(case.time, groups, strict=True) if g == name],
            [e for e, g in zip(case.event, groups, strict=True) if g == name],
            case.entry and [t for t, g in zip(case.entry, groups, strict=True) if g == name],
        )
        for name in names
    ]
    z, v = np.zeros(len(names)), np.zeros((len(names), len(names)))
    for t in case.times:
        own = np.array([part.at_risk(t) for part in parts])
        seen = np.array([part.events(t) for part in parts])
        total, d = own.sum(), seen.sum()
        z += seen - d * own / total
        if total > 1:
            shares = own / total
            v += d * (total - d) / (total - 1) * (np.diag(shares) - np.outer(shares, shares))
    ours = log_rank(case.time, case.event, groups, entry=case.entry)
    rank = int(np.linalg.matrix_rank(v, tol=1e-9))
    if ours is None:
        assert rank == 0
        return
    assert ours.degrees_of_freedom == rank
    assert close(ours.chi_square, float(z @ np.linalg.pinv(v, rcond=1e-9) @ z), 1e-8)
    assert ours.groups["group"].to_list() == names
    assert close(ours.groups["expected"].sum(), ours.groups["observed"].sum())


def test_statsmodels_has_the_same_log_rank_test_under_truncation() -> None:
    rng = np.random.default_rng(5)
    entry = rng.integers(0, 6, 200)
    time = entry + rng.integers(1, 9, 200)
    event = rng.integers(0, 2, 200)
    group = rng.integers(0, 2, 200)
    chi_square, p_value = survdiff(time, event, group, entry=entry)
    ours = log_rank(time, event, group, entry=entry)
    assert ours is not None
    assert close(ours.chi_square, chi_square)
    assert close(ours.p_value, p_value)


@given(cases(), st.floats(0.1, 9))
@FEWER
def test_lifelines_has_the_same_restricted_mean(case: Case, horizon: float) -> None:
    assume(horizon <= max(case.time))
    assume(case.entry is None or min(case.entry) == 0)
    ours = restricted_mean(case.time, case.event, horizon=horizon, entry=case.entry)
    fit = lifelines.KaplanMeierFitter().fit(case.time, case.any_event, entry=case.entry)
    assert ours is not None
    assert close(ours.mean, lifelines.utils.restricted_mean_survival_time(fit, t=horizon))


# ---------------------------------------------------------------- laws


@given(st.lists(st.integers(1, 20), min_size=2, max_size=40))
def test_without_censoring_everything_is_the_plain_share(time: list[int]) -> None:
    n = len(time)
    curve = kaplan_meier(time, [1] * n)
    for row in curve.iter_rows(named=True):
        share = sum(t > row["time"] for t in time) / n
        assert close(row["survival"], share, 1e-12)
        if share > 0:
            assert close(row["variance"], share * (1 - share) / n, 1e-12)
    mean = restricted_mean(time, [1] * n)
    assert mean is not None
    assert close(mean.mean, sum(time) / n, 1e-12)
    assert close(mean.variance, float(np.var(time)) / n, 1e-12)


@given(cases(), st.randoms())
def test_the_order_of_subjects_does_not_matter(case: Case, random: Any) -> None:
    order = list(range(len(case.time)))
    random.shuffle(order)
    entry = None if case.entry is None else [case.entry[i] for i in order]
    shuffled = kaplan_meier([case.time[i] for i in order], [case.event[i] for i in order], entry=entry)
    assert shuffled.equals(kaplan_meier(case.time, case.event, entry=case.entry))


def test_nobody_gives_empty_tables() -> None:
    assert kaplan_meier([], []).height == 0
    assert nelson_aalen([], []).height == 0
    assert aalen_johansen([], []).height == 0
    assert restricted_mean([], []) is None


def test_a_risk_set_that_dies_out_early_keeps_the_curve_at_zero() -> None:
    # one subject alone at risk at 1 has the event, three more enter later
    curve = kaplan_meier([1, 5, 6, 7], [1, 1, 0, 1], entry=[0, 2, 2, 2])
    assert curve["survival"].to_list() == [0.0] * 4
    assert curve["variance"].is_null().all()


def test_groups_that_never_meet_cannot_be_compared() -> None:
    assert log_rank([1, 1, 3, 3], [1, 1, 1, 1], ["a", "a", "b", "b"], entry=[0, 0, 2, 2]) is None


@pytest.mark.parametrize(
    ("time", "event", "entry", "message"),
    [
        ([1, None], [1, 0], None, "`time` must have no nulls"),
        ([1, math.nan], [1, 0], None, "`time` must be finite numbers"),
        ([1, -1], [1, 0], None, "`time` must be finite numbers from 0"),
        ([1, math.inf], [1, 0], None, "`time` must be finite numbers"),
        ([1, 2], [1, None], None, "`event` must have no nulls"),
        ([1, 2], [1, -1], None, "`event` must hold whole numbers from 0"),
        ([1, 2], [1, 0.5], None, "`event` must hold whole numbers or flags"),
        ([1, 2], [1], None, "`event` must be as long as `time`"),
        ([1, 2], [1, 0], [0, 2], "`entry` must be before `time`"),
        ([1, 2], [1, 0], [0], "`entry` must be as long as `time`"),
        (["1", "2"], [1, 0], None, "`time` must hold numbers"),
        ("12", [1, 0], None, "`time` must be a polars Series"),
    ],
)
def test_what_is_no_subject_is_refused(time: Any, event: Any, entry: Any, message: str) -> None:
    for estimate in (kaplan_meier, nelson_aalen, aalen_johansen, restricted_mean):
        with pytest.raises(kh.ParameterError, match=message):
            estimate(time, event, entry=entry)


def test_a_horizon_beyond_what_is_known_is_refused() -> None:
    with pytest.raises(kh.ParameterError, match="latest time of leaving"):
        restricted_mean([1, 2], [1, 0], horizon=3)
    whole = restricted_mean([1, 2], [1, 1], horizon=3)  # nobody survives: the rest is known
    assert whole is not None
    assert whole.mean == 1.5


@pytest.mark.parametrize("confidence", [0, 1, -0.5, 95, math.nan])
def test_a_confidence_is_a_share(confidence: float) -> None:
    with pytest.raises(kh.ParameterError, match="confidence"):
        kaplan_meier([1, 2], [1, 0], confidence=confidence)


def test_whatever_holds_a_column_goes_in() -> None:
    expected = kaplan_meier([1.0, 2.0, 3.0], [True, False, True])
    for time in (pl.Series([1, 2, 3]), np.array([1, 2, 3], dtype=np.int16), (1, 2, 3), range(1, 4)):
        for event in (pl.Series([1, 0, 1], dtype=pl.UInt8), np.array([True, False, True]), [1, 0, 1]):
            assert kaplan_meier(time, event).equals(expected)
