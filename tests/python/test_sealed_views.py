"""What views of sealed periods must not tell, found by reviewing them: each with what gave it away."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta, timezone
from pathlib import Path

import kohort as kh
import polars as pl
import pytest

UTC = timezone.utc
POLICY = kh.ReleasePolicy(k=5)
WEDNESDAY = datetime(2026, 3, 11, 12, tzinfo=UTC)

Board = tuple[str, str, Iterable[int]]


def name(learner: int) -> str:
    return f"l{learner:03}"


def world(
    boards: list[Board],
    learners: int,
    courses: list[str],
    *,
    heavy: Iterable[int] = (),
    since: datetime | None = None,
) -> kh.LearningData:
    """Events of the week of March 2, one to seven a learner and course, more of who is heavy."""
    rows = []
    for learner in range(learners):
        for course in courses:
            for event in range(learner % 7 + 1 + 20 * (learner in set(heavy))):
                moment = datetime(2026, 3, 2 + event % 5, 10, event, tzinfo=UTC)
                rows.append((name(learner), moment, f"p{course}", course))
            rows.append((name(learner), WEDNESDAY, f"p{course}", course))
    members = [(board, name(learner), course, since) for board, course, own in boards for learner in own]
    return kh.LearningData(
        pl.DataFrame(rows, schema=["learner", "time", "content", "course"], orient="row"),
        enrollments=pl.DataFrame(
            [(name(learner), course) for learner in range(learners) for course in courses],
            schema=["learner", "course"],
            orient="row",
        ),
        memberships=pl.DataFrame(
            members,
            schema={
                "group": pl.String,
                "learner": pl.String,
                "course": pl.String,
                "since": pl.Datetime("us", "UTC"),
            },
            orient="row",
        ),
    )


def events(groups: kh.ReferenceGroups) -> dict[str, float | None]:
    rows = groups.summary().filter(metric="events").select("group", "median").rows()
    assert len(rows) == len(dict(rows))
    return dict(rows)


def test_boards_that_could_bear_one_name_have_two() -> None:
    """Board `a` of c1, beside `a` of c2, was called as the board `a of c1` is."""
    boards: list[Board] = [("a", "c1", range(12)), ("a of c1", "c1", range(12, 24)), ("a", "c2", range(12))]
    data = world(boards, 36, ["c1", "c2"], heavy=range(12, 24))
    groups = data.reference_groups(by="group", policy=POLICY, period="week")
    shown = events(groups)
    assert sorted(groups.groups) == ["a of c1", "a of c1 (2)", "a of c2"]
    for learner, hers in ((1, {"a of c1 (2)", "a of c2"}), (20, {"a of c1"})):
        seen = groups.seen_by(kh.Viewer.learner(name(learner)))
        assert events(seen) == {group: shown[group] for group in hers}
        assert set(seen.compare(name(learner), "events")["group"]) == hers
    assert shown["a of c1"] != shown["a of c1 (2)"]


def test_where_no_board_has_members_a_view_of_its_period_is_empty() -> None:
    """Nothing was sealed then, and a view was answered with the table of the host."""
    boards: list[Board] = [("b1", "c1", range(12)), ("b2", "c1", range(12, 24))]
    data = world(boards, 36, ["c1"], since=datetime(2026, 3, 10, tzinfo=UTC))
    groups = data.reference_groups(by="group", policy=POLICY, period="week")
    assert groups.rosters()["group"].to_list() == ["b1", "b2"]
    nobody = groups.seen_by(kh.Viewer.learner(name(30)))
    for table in (nobody.rosters(), nobody.summary(), nobody.trend("events"), nobody.log_rank(between="all")):
        assert table.height == 0
    assert nobody.certificates().height == 0


def staying(weeks_of_c: int) -> kh.LearningData:
    """Three boards of 150; t1 leads A, B and D, which holds all but three of C."""
    start = datetime(2026, 1, 5, tzinfo=UTC)
    rows, enrolled, members = [], [], []
    for board in "ABC":
        for i in range(150):
            own = f"{board}{i:03}"
            late = i % 5 + 1 if i % 3 == 0 else (i % 12 + 1) * 2
            week = {"A": i % 12 + 1, "B": late, "C": i % weeks_of_c + 1}[board]
            end = start + timedelta(weeks=week) if week < 9 else None
            enrolled.append((own, "c1", start, end, "withdrawn" if end else None))
            members.append((board, own, "c1"))
            rows.append((own, start + timedelta(hours=1), "p", "c1"))
            if end is None:
                rows.append((own, WEDNESDAY, "p", "c1"))
    members += [("D", f"C{i:03}", "c1") for i in range(147)]
    moment = pl.Datetime("us", "UTC")
    return kh.LearningData(
        pl.DataFrame(rows, schema=["learner", "time", "content", "course"], orient="row"),
        enrollments=pl.DataFrame(
            enrolled,
            schema={
                "learner": pl.String,
                "course": pl.String,
                "start": moment,
                "end": moment,
                "outcome": pl.String,
            },
            orient="row",
        ),
        memberships=pl.DataFrame(members, schema=["group", "learner", "course"], orient="row"),
        roles=pl.DataFrame({"person": "t1", "group": ["A", "B", "D"], "role": "instructor"}),
        courses=pl.DataFrame({"course": ["c1"], "starts": [start]}),
    )


def test_a_test_that_is_not_hers_decides_no_p_value_of_hers() -> None:
    """Adjusted were p-values for all tests of the host; the board C is none of hers."""
    differ = 0
    for weeks_of_c in (12, 3, 40):
        groups = staying(weeks_of_c).reference_groups(by="group", policy=POLICY, period="week")
        seen = groups.seen_by(kh.Viewer.instructor("t1")).log_rank()
        assert "C" not in {*seen["group"], *seen["other"]}
        tested = seen.drop_nulls("p_value")
        assert tested.height > 1
        expected = kh.stats.benjamini_hochberg(tested["p_value"])
        assert tested["adjusted"].to_list() == list(expected)
        host = groups.log_rank().join(tested, on=["group", "other"])
        assert host["p_value"].to_list() == host["p_value_right"].to_list()
        differ += host["adjusted"].to_list() != host["adjusted_right"].to_list()
    assert differ, "the control: among all tests of the host they are others"


def test_a_session_counts_where_its_first_known_event_is() -> None:
    """An event received just after the week took the session with it, and it counted nowhere."""
    at = datetime(2026, 3, 8, 20, tzinfo=UTC)
    learners = [f"l{i:02}" for i in range(20)]
    rows = []
    for learner in learners:
        late = datetime(2026, 3, 9, 0, 10, tzinfo=UTC)
        rows += [(learner, at, late, "p1", "c")]
        rows += [
            (learner, at + timedelta(minutes=m), at + timedelta(minutes=m), f"p{m}", "c") for m in (10, 20)
        ]
        rows += [(learner, at + timedelta(days=11), at + timedelta(days=11), "p1", "c")]
    data = kh.LearningData(
        pl.DataFrame(rows, schema=["learner", "time", "received", "content", "course"], orient="row"),
        enrollments=pl.DataFrame({"learner": learners, "course": "c"}),
    )
    week = data.reference_groups(
        by="course", policy=POLICY, period="week", as_of=datetime(2026, 3, 11, tzinfo=UTC)
    )
    own = {
        m: week.compare("l00", m)["own"][0] for m in ("events_in_period", "sessions_in_period", "sessions")
    }
    assert own == {"events_in_period": 2.0, "sessions_in_period": 1.0, "sessions": 1.0}


@pytest.mark.parametrize("later", [False, True])
def test_what_was_withheld_from_an_instructor_is_withheld_in_the_next_term(
    tmp_path: Path, later: bool
) -> None:
    """Atoms of the term of today opened the weeks of the term before."""
    learners = [name(i) for i in range(20)]

    def term(term: str, starts: datetime, last: datetime) -> kh.LearningData:
        rows = []
        for i, learner in enumerate(learners):
            rows += [
                (learner, datetime(2026, 3, 3, 10, minute, tzinfo=UTC), "p", "c") for minute in range(i + 1)
            ]
            rows.append((learner, last, "p", "c"))
        members = [
            (board, name(i), "c") for board, own in (("b1", range(9)), ("b2", range(9, 18))) for i in own
        ]
        return kh.LearningData(
            pl.DataFrame(rows, schema=["learner", "time", "content", "course"], orient="row"),
            enrollments=pl.DataFrame({"learner": learners, "course": "c"}),
            memberships=pl.DataFrame(members, schema=["group", "learner", "course"], orient="row"),
            roles=pl.DataFrame({"person": ["t1"], "group": ["b1"], "role": ["instructor"]}),
            courses=pl.DataFrame({"course": ["c"], "term": [term], "starts": [starts]}),
        )

    ledger = tmp_path / "releases.sqlite"
    first = term("s1", datetime(2026, 2, 1, tzinfo=UTC), WEDNESDAY)
    first.reference_groups(by="group", policy=POLICY, period="week", ledger=ledger)
    host = first.reference_groups(by="course", policy=POLICY, period="week", ledger=ledger)
    data, moment = first, WEDNESDAY
    if later:
        data = term("s2", datetime(2026, 4, 15, tzinfo=UTC), datetime(2026, 5, 13, 12, tzinfo=UTC))
    groups = data.reference_groups(by="course", policy=POLICY, period="week", as_of=moment, ledger=ledger)
    assert groups.quantiles("events").equals(host.quantiles("events"))
    assert groups.quantiles("events")["value"].is_not_null().any(), "the control: the host is shown it"
    seen = groups.seen_by(kh.Viewer.instructor("t1"))
    assert seen.quantiles("events")["value"].is_null().all()
    if later:
        newest = data.reference_groups(by="course", policy=POLICY, period="week", ledger=ledger)
        begins = newest.seen_by(kh.Viewer.instructor("t1")).trend("events").drop_nulls("median")["begin"]
        assert (begins > WEDNESDAY).all()
        assert (newest.trend("events").drop_nulls("median")["begin"] < WEDNESDAY).any()


def test_a_week_that_is_still_to_come_is_not_sealed() -> None:
    """It would stand in the ledger, empty for good."""
    data = world([("b1", "c1", range(12))], 12, ["c1"])
    for years in (1, 40):
        moment = datetime.now(UTC) + timedelta(days=366 * years)
        with pytest.raises(kh.ParameterError, match="has come"):
            data.reference_groups(by="course", policy=POLICY, period="week", as_of=moment)
