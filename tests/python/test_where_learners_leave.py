"""Released hazards and survival curves against planted truth and against exact curves."""

from __future__ import annotations

import math
import warnings
from datetime import timedelta
from functools import lru_cache
from typing import Any

import kohort as kh
import numpy as np
import polars as pl
import pytest
import scipy.stats

with warnings.catch_warnings():  # its own imports warn
    warnings.simplefilter("ignore")
    from statsmodels.stats.multitest import multipletests

WEEK = 7 * 86_400_000_000
ONE = timedelta(microseconds=1)
FEATURES = ("events", "active_days", "contents")


@lru_cache(maxsize=8)
def course(seed: int, learners: int = 200) -> kh.Simulation:
    return kh.simulate(learners=learners, courses=1, seed=seed, second_course=0.0)


def test_planted_positions_are_flagged_and_hardly_any_other() -> None:
    """At 200 learners a course: recall >= 0.95, false flags <= 5 %."""
    found = planted = false = ordinary = 0
    for seed in range(40):
        platform = kh.simulate(learners=200, courses=1, seed=seed, second_course=0.0, events_per_learner=60.0)
        hazard = platform.data.reference_groups(by="course").hazard(by="module")
        truth = platform.truth_drop_off.select(pl.col("module").alias("step"), "planted")
        both = hazard.join(truth, on="step", how="inner")
        assert both.height == hazard.height
        # where few are left nobody can tell, and the table says so
        both = both.filter(pl.col("code") != "few")
        found += both.filter("planted", "flagged").height
        planted += both.filter("planted").height
        false += both.filter(~pl.col("planted"), "flagged").height
        ordinary += both.filter(~pl.col("planted")).height
    assert planted >= 40
    assert found / planted >= 0.95
    assert false / ordinary <= 0.05


@pytest.mark.parametrize("k", [5, 10])
@pytest.mark.parametrize("by", ["module", "week", "content"])
def test_hazards_are_those_of_scipy_and_statsmodels(k: int, by: Any) -> None:
    """From the released counts: one step against all others, adjusted, and the lift over the median."""
    tested = flagged = 0
    for seed in range(8):
        platform = kh.simulate(learners=150 + 40 * seed, courses=2, seed=seed, events_per_learner=40.0)
        groups = platform.data.reference_groups(by="course", policy=kh.ReleasePolicy(k=k))
        counts, hazards = groups.drop_off(by=by), groups.hazard(by=by)
        for group in groups.groups:
            rows = hazards.filter(group=group).to_dicts()
            known = []
            for count, row in zip(counts.filter(group=group).to_dicts(), rows, strict=True):
                reached, left = (stands_for(count, name, k) for name in ("reached", "left"))
                if count["reached_code"] == "low" or reached < 2 * k:
                    assert (row["code"], row["p_value"], row["flagged"]) == ("few", None, None)
                else:
                    known.append((min(left, reached), reached, count["left_code"], row))
            if len(known) < 2:
                continue
            all_left, all_reached = (sum(step[i] for step in known) for i in (0, 1))
            raw = [
                scipy.stats.binomtest(
                    left, reached, (all_left - left) / (all_reached - reached), alternative="greater"
                ).pvalue
                for left, reached, *_ in known
            ]
            usual = float(np.median([left / reached for left, reached, *_ in known]))
            for (left, reached, code, row), p in zip(
                known, multipletests(raw, method="fdr_bh")[1], strict=True
            ):
                assert row["p_value"] == pytest.approx(p, rel=1e-9, abs=1e-300)
                if abs(p - 0.05) > 1e-9:
                    assert row["flagged"] == (code != "low" and p <= 0.05)
                if row["hazard"] is not None:
                    assert row["hazard"] == pytest.approx(math.floor(100 * left / reached + 0.5) / 100)
                    assert row["lift"] == pytest.approx(left / reached / usual)
                tested += 1
                flagged += bool(row["flagged"])
    assert tested > 50
    assert flagged >= 1


def stands_for(count: dict[str, Any], name: str, k: int) -> int:
    """The number that a coded count stands for."""
    shown = {"low": k // 2, "high": count["n"] - k // 2}
    return shown.get(count[f"{name}_code"]) or int(count[name])


@pytest.mark.parametrize(("leavers", "code"), [(60, "high"), (30, "count")])
def test_that_everybody_left_is_not_told(leavers: int, code: str) -> None:
    """Sixty learners reach the second page; the share that leaves there is bounded near 1."""
    start, late = "2024-03-01T10:00Z", "2024-06-01T10:00Z"
    seen = [(f"p{i}", start, "two") for i in range(60)]
    seen += [(f"p{i}", late, "one") for i in range(leavers, 60)]
    events = pl.DataFrame(seen, schema=["learner", "time", "content"], orient="row")
    pages = pl.DataFrame(
        {"content": ["one", "two"], "kind": "page", "position": [1.0, 2.0], "required": False}
    )
    enrolled = pl.DataFrame({"learner": [f"p{i}" for i in range(60)], "course": "c"})
    data = kh.LearningData(
        events.with_columns(course=pl.lit("c")),
        catalog=pages.with_columns(course=pl.lit("c")),
        enrollments=enrolled,
    )
    groups = data.reference_groups(by="course", as_of=late)
    step = groups.hazard(by="content").row(1, named=True)
    assert step["step"] == "two"
    assert step["code"] == code
    if code == "high":
        assert step["hazard"] is None
        assert step["low"] < 1.0
        assert step["high"] == 1.0
    else:
        # all sixty reached it: that is coded, and 55 = n - k / 2 stand for them
        assert step["hazard"] == round(30 / 55, 2)


def test_without_planted_positions_hardly_anything_is_flagged() -> None:
    flagged = steps = 0
    for seed in range(20):
        platform = kh.simulate(
            learners=200, courses=1, seed=seed, base_hazard=0.08, planted_hazard=0.08, events_per_learner=60.0
        )
        hazard = platform.data.reference_groups(by="course").hazard(by="module")
        flagged += hazard["flagged"].sum()
        steps += hazard.height
    assert flagged / steps <= 0.05


def spells(platform: kh.Simulation) -> pl.DataFrame:
    """Each learner's weeks and way out, from her own personal table: exact, and identified."""
    pla = platform.data.personal()
    ends = platform.courses.select("course", "ends")
    rows = pla.drop_off().join(ends, on="course", how="left")
    rows = rows.join(
        platform.enrollments.select("learner", "course", "start", "end"), on=["learner", "course"]
    )
    as_of = pl.lit(pla.as_of).dt.convert_time_zone("UTC")
    utc = [pl.col(name).dt.convert_time_zone("UTC") for name in ("start", "end", "last_active", "ends")]
    rows = rows.with_columns(utc)
    begin = pl.col("start")
    last = pl.coalesce("last_active", begin)
    end = (
        pl.when(pl.col("status") == "withdrawn")
        .then(pl.coalesce("end", last))
        .when(pl.col("status").is_in(["stopped", "completed"]))
        .then(last)
        .when(pl.col("status") == "active")
        .then(pl.min_horizontal(as_of, "ends"))
        .otherwise(begin)
    )
    way = (
        pl.when(pl.col("status").is_in(["withdrawn", "stopped"]))
        .then(pl.lit("left"))
        .when(pl.col("status") == "completed")
        .then(pl.lit("completed"))
        .otherwise(pl.lit("censored"))
    )
    weeks = pl.max_horizontal((end - begin).dt.total_microseconds(), 0) // WEEK
    return rows.select("learner", weeks.alias("week"), way.alias("way"))


def exact(rows: pl.DataFrame, weeks: int) -> list[tuple[int, float, float, float, float]]:
    """At risk, survival, incidences and the hazard of leaving by plain loops over weeks."""
    at_risk = rows.height
    survival, left, completed, hazard = 1.0, 0.0, 0.0, 0.0
    curve = []
    for week in range(weeks):
        here = rows.filter(pl.col("week") == week)["way"].to_list()
        leaving, completing = here.count("left"), here.count("completed")
        if at_risk:
            left += survival * leaving / at_risk
            completed += survival * completing / at_risk
            hazard += leaving / at_risk
            survival *= 1 - (leaving + completing) / at_risk
        curve.append((at_risk, survival, left, completed, hazard))
        at_risk -= len(here)
    return curve


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_released_curves_follow_the_exact_ones(seed: int) -> None:
    """Rounding to five and steps of ten cost little at 4,000 learners, and more at 200."""
    for learners, tolerance in ((4_000, 0.01), (200, 0.08)):
        platform = course(seed, learners)
        as_of = platform.data.personal().as_of
        groups = platform.data.reference_groups(by="course", as_of=as_of)
        curve = groups.survival()
        on_roster = spells_on_roster(platform)
        theirs, k = exact(on_roster, curve.height), groups.policy.k
        for exactly, row in zip(theirs, curve.iter_rows(named=True), strict=True):
            at_risk, survival, left, completed, hazard = exactly
            if row["survival"] is None:
                assert survival * on_roster.height < 1.5 * k or at_risk < 3 * k
                continue
            # A hazard adds up what the curve multiplies: near its end it is less certain.
            assert row["cumulative_hazard"] == pytest.approx(hazard, abs=tolerance / max(survival, 0.1))
            assert row["survival"] == pytest.approx(survival, abs=tolerance)
            assert row["left"] == pytest.approx(left, abs=tolerance)
            assert row["completed"] == pytest.approx(completed, abs=tolerance)


def spells_on_roster(platform: kh.Simulation) -> pl.DataFrame:
    """The rows of those who may stand on a roster: attested of age and eligible."""
    may = platform.learners.filter(pl.col("age_ok") & pl.col("eligible"))["learner"]
    return spells(platform).filter(pl.col("learner").is_in(may.implode()))


def test_curves_never_rise_and_add_up() -> None:
    curve = course(1, 4_000).data.reference_groups(by="course").survival()
    assert (curve["survival"].diff().drop_nulls() <= 0).all()
    assert (curve["left"].diff().drop_nulls() >= 0).all()
    assert ((curve["survival"] + curve["left"] + curve["completed"] - 1).abs() < 1e-12).all()
    assert curve.filter(pl.col("low") > pl.col("survival")).is_empty()


def test_features_of_a_period_are_what_was_known_before_it() -> None:
    """No feature looks ahead: the summary as of the period's beginning says the same."""
    platform = kh.simulate(learners=60, courses=1, seed=5, offline=0.5, events_per_learner=400.0)
    assert (platform.events["received"] > platform.events["time"].dt.offset_by("1d")).any()
    periods = platform.data.personal().person_periods(every="1d").filter(pl.col("period") <= 6)
    seen = 0
    for number in range(1, 7):
        for row in periods.filter(pl.col("period") == number).iter_rows(named=True):
            if row["learner"] not in {f"L{i}" for i in range(1, 13)}:
                continue
            before = platform.data.personal(as_of=row["start"] - ONE)
            known = before.learner(row["learner"])
            here = pl.col("course") == row["course"]
            often, touched = known.frequency(by="course").filter(here), known.summary().filter(here)
            was = [0, 0, 0]
            if often.height:
                was = [often["events"][0], often["active_days"][0], touched["contents"][0]]
            assert [row[name] for name in FEATURES] == was, row
            seen += 1
    assert seen > 20


def test_each_learner_leaves_once_at_most_and_then_has_no_period_more() -> None:
    platform = course(5, 400)
    pla = platform.data.personal()
    periods = pla.person_periods(every="7d")
    ends = periods.group_by("learner").agg(
        (pl.col("left") | pl.col("completed")).sum().alias("ends"),
        pl.col("period").filter(pl.col("left") | pl.col("completed")).max().alias("at"),
        pl.col("period").max().alias("last"),
        pl.len().alias("rows"),
    )
    assert (ends["ends"] <= 1).all()
    assert ends.filter(pl.col("at") != pl.col("last")).is_empty()
    assert (ends["rows"] == ends["last"]).all()
    status = pl.col("status")
    left = pla.drop_off().filter(status.is_in(["withdrawn", "stopped"]))["learner"]
    flagged = periods.filter("left")["learner"]
    assert set(flagged) == set(left)
