"""Questions about groups that cannot be asked (attacks A09, A10)."""

from __future__ import annotations

import inspect
from datetime import datetime, timedelta, timezone

import kohort as kh
import polars as pl
import pytest

START = datetime(2024, 3, 4, 9, tzinfo=timezone.utc)
LEARNERS = [f"l{number:02}" for number in range(20)]


def data(active: int = 20) -> kh.LearningData:
    """Twenty learners of one course, so many of whom have an event in it, and one content each."""
    rows = [
        {"learner": learner, "time": START + timedelta(minutes=number), "content": "c", "course": "A"}
        for number, learner in enumerate(LEARNERS[:active])
    ]
    enrollments = pl.DataFrame({"learner": LEARNERS, "course": ["A"] * 20})
    return kh.LearningData(pl.DataFrame(rows), tz="UTC", resolution="instant", enrollments=enrollments)


@pytest.mark.parametrize("by", ["modules>3 or country=IS", "country", "active", "events", "status", "", None])
def test_a09_a10_by_is_course_or_group(by: str | None) -> None:
    """A predicate, a column, a value and a metric make no roster."""
    with pytest.raises(kh.KohortError, match="by"):
        data().reference_groups(by=by)  # type: ignore[arg-type]


def test_a09_no_method_takes_a_filter() -> None:
    """No argument of a group table is an expression or a list of learners."""
    allowed = {"metric", "by", "between", "pass_mark", "blank", "width", "steps", "level", "order", "within"}
    allowed |= {"learner", "viewer", "place", "of"}
    for name, method in inspect.getmembers(kh.ReferenceGroups, callable):
        if name.startswith("_"):
            continue
        taken = set(inspect.signature(method).parameters) - {"self"}
        assert taken <= allowed, (name, taken - allowed)
    with pytest.raises(TypeError):
        data().reference_groups(by="course", where=pl.col("events") > 3)  # type: ignore[call-arg]
    # The control: with a filter, two requests single out who had the last event.
    table = data().personal().summary()
    assert table.height - table.filter(pl.col("first_active") < START + timedelta(minutes=19)).height == 1


def test_a10_who_is_idle_stays_on_the_roster() -> None:
    """With six of twenty at work the roster is the same; a roster of the active ones is six."""
    shown = [data(active).reference_groups(by="course", policy=kh.ReleasePolicy(k=5)) for active in (20, 6)]
    assert [groups.summary()["n"].unique().to_list() for groups in shown] == [[20], [20]]
    events = shown[1].distribution("events").filter(upper=0)
    assert events["learners"].to_list() == [15], "fourteen with 0 events"
    assert data(6).personal().summary().filter(pl.col("events") > 0).height == 6
