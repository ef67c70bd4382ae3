"""Tables made in one walk equal those made one by one."""

from __future__ import annotations

from typing import Any, get_args

import bridge
import kohort as kh
import polars as pl
import pytest
from hypothesis import given
from kohort.typing import PersonalTable
from polars.testing import assert_frame_equal
from strategies import estimators, film_logs, logs, path_logs, quiz_logs
from twin import Log, StudyTime

NAMES = get_args(PersonalTable)


def check(pla: kh.PersonalAnalytics) -> None:
    made = pla.tables()
    assert tuple(made) == NAMES
    for name, table in made.items():
        assert_frame_equal(table, getattr(pla, name)(), check_exact=True)


@pytest.fixture(scope="module")
def platform() -> kh.LearningData:
    """Return a platform with every column: verbs, playback, scores, a catalog, late arrivals."""
    made = kh.simulate(learners=80, courses=2, seed=5, weeks=6)
    late = pl.col("time") + pl.duration(days=pl.col("time").dt.minute() % 3)
    tables = {name: getattr(made, name) for name in ("catalog", "courses", "enrollments", "learners")}
    return kh.LearningData(made.events.with_columns(received=late), **tables, tz="Europe/Helsinki")


@pytest.mark.parametrize("name", NAMES)
def test_a_table_of_a_platform_is_the_same_alone_and_among_all(platform: kh.LearningData, name: Any) -> None:
    pla = platform.personal(study_time=kh.StudyTime(over_gap=kh.cap("10m"), last_event=kh.fixed("1m")))
    together = pla.tables()[name]
    assert together.height > 0
    assert_frame_equal(together, getattr(pla, name)(), check_exact=True)
    assert_frame_equal(together, pla.tables([name])[name], check_exact=True)


@given(logs(), estimators())
def test_all_at_once_is_one_by_one(log: Log, est: StudyTime) -> None:
    data = bridge.learning_data(log)
    check(data.personal(study_time=bridge.estimator(est)))
    check(data.personal())


@given(film_logs() | quiz_logs() | path_logs())
def test_all_at_once_is_one_by_one_in_logs_of_acts(log: Log) -> None:
    pla = bridge.learning_data(log).personal()
    check(pla)
    learner = log.events[0]["learner"]
    if learner is not None:
        check(pla.learner(learner))


def test_tables_come_in_the_order_asked_for(platform: kh.LearningData) -> None:
    names: list[Any] = ["delay", "summary", "sessions", "drop_off"]
    assert list(platform.personal().tables(names)) == names
    assert platform.personal().tables([]) == {}


def test_progress_is_told_and_a_walk_for_many_can_be_stopped() -> None:
    data = kh.simulate(learners=2_000, courses=2, seed=1).data
    seen: list[tuple[int, int]] = []

    def watch(done: int, total: int) -> None:
        seen.append((done, total))
        raise KeyboardInterrupt

    def walk_until_watched() -> None:
        for _ in range(50):  # until a walk takes longer than a tick
            data.personal(progress=watch).tables()

    with pytest.raises(KeyboardInterrupt):
        walk_until_watched()
    assert seen
    assert seen[0][0] <= seen[0][1]


def test_names_are_a_list_of_tables_each_once() -> None:
    pla: Any = kh.simulate(learners=3, courses=1, seed=1).data.personal()
    with pytest.raises(kh.ParameterError, match="summery"):
        pla.tables(["summery"])
    with pytest.raises(kh.ParameterError, match="twice"):
        pla.tables(["summary", "summary"])
    with pytest.raises(kh.ParameterTypeError, match="list"):
        pla.tables("summary")
