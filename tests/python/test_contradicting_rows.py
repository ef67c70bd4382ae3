"""Rows beside the log that contradict each other: one is kept, whatever their order, and the others told."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from typing import Any

import polars as pl
import pytest
from bad import NOON, counts, log, read, rejected
from hypothesis import given
from hypothesis import strategies as st

EVENTS = log(content=["x", "y", "x"], course=["A"] * 3)
FACTS: dict[str, tuple[Any, Any]] = {
    "module": ("m1", "m2"),
    "kind": ("video", "quiz"),
    "position": (1.0, 2.0),
    "available_from": (NOON, NOON + timedelta(days=1)),
    "due": (NOON, NOON + timedelta(days=1)),
    "expected_duration": (60.0, 90.0),
    "length": (60.0, 90.0),
    "max_score": (1.0, 10.0),
    "required": (True, False),
    "topics": (["a"], ["b"]),
}


@pytest.mark.parametrize("column", FACTS)
@pytest.mark.parametrize("turned", [False, True])
@pytest.mark.parametrize("silent", [False, True])
def test_of_two_rows_about_one_content_one_is_kept_in_any_order(
    column: str, turned: bool, silent: bool
) -> None:
    first, second = FACTS[column]
    if silent:  # a row that says nothing gives way to one that does; silence about `required` is a yes
        second = False if column == "required" else None
    catalog = pl.DataFrame({"content": ["x", "x"], "course": ["A", "A"], column: [first, second]})
    data = read(EVENTS, catalog=catalog.reverse() if turned else catalog)
    assert rejected(data) == [("catalog", 0 if turned else 1, column, "Conflict")]
    found = counts(data, "catalog")
    assert (found["rows kept"], found["rejected: Conflict"]) == (1, 1)


def test_the_kept_row_is_the_one_that_counts() -> None:
    catalog = pl.DataFrame(
        {"content": ["x", "x", "y"], "course": ["A"] * 3, "kind": ["quiz", "page", "page"]}
    )
    for order in ([0, 1, 2], [1, 2, 0], [2, 0, 1]):
        progress = read(EVENTS, catalog=catalog[order]).personal().progress()
        assert progress["completed"].to_list() == [2]  # opening completes a page, not a quiz


def test_the_same_row_twice_is_one_and_counted() -> None:
    catalog = pl.DataFrame({"content": ["x", "x", "x"], "course": ["A"] * 3, "kind": ["page"] * 3})
    data = read(EVENTS, catalog=catalog)
    assert rejected(data) == []
    found = counts(data, "catalog")
    assert (found["rows read"], found["rows kept"], found["repeated rows, dropped"]) == (3, 1, 2)


def test_a_row_that_cannot_be_read_does_not_stand_in_the_way_of_one_that_can() -> None:
    catalog = pl.DataFrame({"content": ["x", "x"], "course": ["A", "A"], "length": [-1.0, 60.0]})
    for turned in (False, True):
        data = read(EVENTS, catalog=catalog.reverse() if turned else catalog)
        assert rejected(data) == [("catalog", int(turned), "length", "OutOfBounds")]
        assert counts(data, "catalog")["rows kept"] == 1


@pytest.mark.parametrize("turned", [False, True])
def test_two_ends_of_one_enrollment_contradict_each_other(turned: bool) -> None:
    roster = pl.DataFrame(
        {
            "learner": ["L1"] * 3,
            "course": ["A"] * 3,
            "start": [NOON, NOON, NOON + timedelta(days=1)],
            "outcome": ["pass", "withdrawn", None],
        }
    ).head(2)
    courses = pl.DataFrame({"course": ["A"], "ends": [NOON]})
    data = read(EVENTS, enrollments=roster.reverse() if turned else roster, courses=courses)
    assert rejected(data) == [("enrollments", int(turned), "outcome", "Conflict")]
    assert counts(data, "enrollments")["rows kept"] == 1
    assert data.personal().drop_off()["status"].to_list() == ["withdrawn"]


def test_coming_back_is_no_contradiction() -> None:
    again = pl.DataFrame(
        {
            "learner": ["L1"] * 2,
            "course": ["A"] * 2,
            "start": [NOON, NOON + timedelta(days=9)],
            "outcome": ["withdrawn", None],
        }
    )
    data = read(EVENTS, enrollments=again)
    assert rejected(data) == []
    assert counts(data, "enrollments")["rows kept"] == 2


@pytest.mark.parametrize("turned", [False, True])
def test_two_zones_of_one_learner_contradict_each_other_and_her_flags_stand(turned: bool) -> None:
    people = pl.DataFrame(
        {
            "learner": ["L1", "L1"],
            "tz": ["Europe/Helsinki", "Europe/Berlin"],
            "age_ok": [True, None],
            "eligible": [False, True],
        }
    )
    data = read(EVENTS, learners=people.reverse() if turned else people)
    assert rejected(data) == [("learners", int(turned), "tz", "Conflict")]
    assert data.personal().summary()["events"].to_list() == [3]  # attested by the row set apart
    clock = data.personal().activity_clock()
    assert clock["hour"].unique().to_list() == [13]  # noon in Greenwich is 13:00 in Berlin


TURNED = {
    "catalog": {"content": ["x", "y"], "course": ["A", "A"], "available_from": NOON, "due": NOON},
    "courses": {"course": ["A", "B"], "starts": NOON, "ends": NOON},
    "enrollments": {"learner": ["L1", "L2"], "course": ["A", "A"], "start": NOON, "end": NOON},
    "memberships": {"group": ["g", "g"], "learner": ["L1", "L2"], "since": NOON, "until": NOON},
}


@pytest.mark.parametrize("table", TURNED)
def test_what_ends_before_it_starts_is_kept_and_counted(table: str) -> None:
    good = pl.DataFrame(TURNED[table])
    finding = "rows that end before they start, kept"
    assert finding not in counts(read(EVENTS, **{table: good}), table)
    end = good.columns[-1]
    turned = good.with_columns(pl.Series(end, [NOON - timedelta(microseconds=1), NOON]))
    data = read(EVENTS, **{table: turned})
    assert rejected(data) == []
    found = counts(data, table)
    assert (found["rows kept"], found[finding]) == (2, 1)


rows = st.fixed_dictionaries(
    {
        "content": st.sampled_from("xyz"),
        "course": st.sampled_from("AB"),
        "kind": st.sampled_from(["page", "quiz", None]),
        "length": st.sampled_from([None, 1.0, 2.0, -1.0]),
        "required": st.sampled_from([None, True, False]),
    }
)


@given(catalog=st.lists(rows, min_size=1, max_size=12), data=st.data())
def test_which_row_is_kept_does_not_depend_on_their_order(
    catalog: list[dict[str, Any]], data: st.DataObject
) -> None:
    schema = {
        "content": pl.String,
        "course": pl.String,
        "kind": pl.String,
        "length": pl.Float64,
        "required": pl.Boolean,
    }
    told = []
    for order in (list(range(len(catalog))), data.draw(st.permutations(range(len(catalog))))):
        frame = pl.DataFrame([catalog[at] for at in order], schema=schema)
        got = read(EVENTS, catalog=frame)
        found = counts(got, "catalog")
        # nothing is lost, and each content of a course that has a sound row is there once
        sound = {(row["content"], row["course"]) for row in catalog if row["length"] != -1.0}
        assert found["rows kept"] == len(sound)
        why = Counter((catalog[order[row]]["content"], *rest) for _, row, *rest in rejected(got))
        told.append((got.personal().progress().rows(), found, why))
    assert told[0] == told[1]
