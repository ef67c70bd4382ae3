"""What an instructor sees of groups: her own, less what would give away learners she does not know."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import hypothesis.strategies as st
import kohort as kh
import polars as pl
from hypothesis import given
from test_viewer import START, refusal, shown
from twin_viewer import Relations, hidden

K = 5
POLICY = kh.ReleasePolicy(k=K)
ASKED = ("summary", "survival", "popular_content", "feature_usage", "struggle", "collaboration")


@st.composite
def boards(draw: st.DrawFn) -> tuple[dict[str, list[str]], list[str], set[str], set[str]]:
    """Draw boards that are large enough to be released, whose rest is as well, and two instructors."""
    sizes = draw(st.lists(st.integers(K + 1, 14), min_size=1, max_size=4))
    rest = draw(st.sampled_from([0, K + 1, 9, 13]))
    everybody = [f"l{number:02}" for number in range(sum(sizes) + rest)]
    first, made = 0, {}
    for number, size in enumerate(sizes):
        made[f"b{number}"] = everybody[first : first + size]
        first += size
    hers = draw(st.sets(st.sampled_from(sorted(made)), min_size=1))
    silent = draw(st.sets(st.sampled_from(everybody), max_size=draw(st.sampled_from([0, 1, 3, 20]))))
    return made, everybody, hers, silent


@given(boards(), st.booleans())
def test_an_instructor_gets_the_rows_of_her_groups_less_what_the_rule_withholds(
    drawn: tuple[dict[str, list[str]], list[str], set[str], set[str]], boards_first: bool
) -> None:
    groups, everybody, hers, silent = drawn
    log = pl.DataFrame(
        {
            "learner": learner,
            "time": START + timedelta(minutes=7 * number * event),
            "content": f"c{event % 3}",
            "course": "A",
        }
        for number, learner in enumerate(everybody)
        for event in range(number + 1)
    )
    early = START - timedelta(days=9)
    relations = Relations(
        [
            {"group": board, "learner": learner, "course": "A", "since": None, "until": None}
            for board, members in groups.items()
            for learner in members
        ],
        [{"person": "T", "group": board, "role": "instructor"} for board in sorted(hers)],
        [
            {"learner": learner, "purpose": purpose, "granted": True, "time": early}
            for learner in everybody
            for purpose in (["group"] if learner in silent else ["group", "personal"])
        ],
    )
    enrollments = pl.DataFrame({"learner": everybody, "course": ["A"] * len(everybody)})
    tables = relations.frames(pl.String())
    data = kh.LearningData(log, tz="UTC", enrollments=enrollments, **tables)
    view = data.seen_by(kh.Viewer.instructor("T"))
    known = set(relations.known("T", START))
    rest = set(everybody).difference(*groups.values())
    released = [set(everybody)]  # before the boards are asked for
    if boards_first:
        data.reference_groups(by="group", policy=POLICY)
        released = [set(members) for members in groups.values()] + [rest]
    check(view, data, "course", {"A": set(everybody)}, known, released)
    split = [set(members) for members in groups.values()] + [rest]
    rosters = {board: set(members) for board, members in groups.items() if board in hers}
    check(view, data, "group", rosters, known, split)
    check(view, data, "course", {"A": set(everybody)}, known, split)


def check(
    view: kh.View,
    data: kh.LearningData,
    by: Any,
    rosters: dict[str, set[str]],
    known: set[str],
    atoms: list[set[str]],
) -> None:
    seen = view.reference_groups(by=by, policy=POLICY)
    host = data.reference_groups(by=by, policy=POLICY)
    assert seen.groups == sorted(rosters)
    again = host.seen_by(view.viewer)
    for ask in ASKED:
        ours, theirs = getattr(seen, ask)(), getattr(host, ask)()
        assert ours.equals(getattr(again, ask)())
        for group, roster in rosters.items():
            own = ours.filter(group=group)
            if roster <= known or hidden(atoms, known, K):
                assert own.equals(theirs.filter(group=group))
                assert own["n"].null_count() == 0
            else:
                assert own["n"].null_count() == own.height > 0
                assert set(own["reason"]) == {"TooFew"}
                shown = set(own.columns) - {"group", "metric", "unit", "reason"}
                values = [name for name in shown if own.schema[name].is_float()]
                assert all(own[name].null_count() == own.height for name in values)


def test_two_who_withdrew_are_not_worked_out_by_their_instructor() -> None:
    """The control: without the rule the board's numbers less what she knows are theirs."""
    everybody = [f"l{number:02}" for number in range(20)]
    log = pl.DataFrame(
        {"learner": learner, "time": START + timedelta(hours=event), "content": "c", "course": "A"}
        for number, learner in enumerate(everybody)
        for event in range(number + 1)
    )
    purposes = [(learner, "group") for learner in everybody]
    purposes += [(learner, "personal") for learner in everybody[:18]]
    consents = pl.DataFrame(purposes, schema=["learner", "purpose"], orient="row").with_columns(
        granted=True, time=pl.lit(START - timedelta(days=1))
    )
    data = kh.LearningData(
        log,
        tz="UTC",
        memberships=pl.DataFrame({"group": ["b"] * 20, "learner": everybody, "course": ["A"] * 20}),
        roles=pl.DataFrame({"person": ["T"], "group": ["b"], "role": ["instructor"]}),
        consents=consents,
    )
    host = data.reference_groups(by="group", policy=POLICY)
    assert host.summary()["n"].to_list() == [20] * 7
    seen = data.seen_by(kh.Viewer.instructor("T"))
    assert seen.reference_groups(by="group", policy=POLICY).summary()["n"].null_count() == 7
    assert shown(seen.personal().summary()) == set(everybody[:18])
    refusal(lambda: seen.reference_groups(by="group", policy=POLICY).compare("l19", "events"))
    mine = seen.reference_groups(by="group", policy=POLICY).compare("l03", "events")
    assert mine.select("own", "band_low").rows() == [(4.0, None)]
