"""Study time by several estimators: each as if asked alone, and agreement as scipy has it."""

from __future__ import annotations

import kohort as kh
import polars as pl
import pytest
from scipy.stats import spearmanr

USUAL = {
    "gap_5m": kh.StudyTime(gap="5m"),
    "gap_30m": kh.StudyTime(gap="30m"),
    "cap_30m": kh.StudyTime(gap="30m", over_gap=kh.cap("30m")),
    "gap_60m": kh.StudyTime(gap="60m"),
}


@pytest.fixture(scope="module")
def data() -> kh.LearningData:
    return kh.simulate(learners=80, courses=2, seed=4).data


@pytest.mark.parametrize("estimators", [None, USUAL])
def test_each_column_is_what_its_estimator_says_alone(
    data: kh.LearningData, estimators: dict[str, kh.StudyTime] | None
) -> None:
    both = data.personal().sensitivity(estimators)
    assert both.study_time.columns == ["learner", "course", *USUAL]
    for name, rule in USUAL.items():
        alone = data.personal(study_time=rule).summary().select("learner", "course", "study_time")
        assert both.study_time.select("learner", "course", pl.col(name).alias("study_time")).equals(alone)


def test_agreement_is_the_rank_correlation(data: kh.LearningData) -> None:
    both = data.personal().sensitivity()
    first = both.study_time["gap_5m"].dt.total_microseconds()
    for name, correlation, n in both.agreement.iter_rows():
        theirs = spearmanr(first, both.study_time[name].dt.total_microseconds()).statistic
        assert correlation == pytest.approx(theirs, rel=1e-12)
        assert n == both.study_time.height


def test_names_are_names_of_columns(data: kh.LearningData) -> None:
    for estimators in ({}, {"learner": kh.StudyTime()}):
        with pytest.raises(kh.ParameterError, match="estimators"):
            data.personal().sensitivity(estimators)


def test_a_log_of_days_has_no_study_time_by_any_estimator() -> None:
    log = pl.DataFrame({"learner": ["a", "b"], "time": ["2026-03-02", "2026-03-03"], "content": ["x", "x"]})
    both = kh.LearningData(log, tz="UTC").personal().sensitivity()
    assert both.study_time["gap_5m"].null_count() == 2
    assert both.agreement["correlation"].null_count() == 4
