"""Who sees what: a viewer gets what a relation in the tables allows, and nothing else."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import hypothesis.strategies as st
import kohort as kh
import polars as pl
import pytest
import strategies
import twin
from hypothesis import given
from kohort.exceptions import DeniedError
from test_laws import Case, cases, changed, results
from twin_viewer import Relations, within

pytestmark = pytest.mark.filterwarnings("ignore::kohort.RejectedRowsWarning")

MOMENTS = [twin.EPOCH + timedelta(microseconds=t) for t in strategies.ANCHORS]
PEOPLE = ["t1", "t2"]
GROUPS = ["g1", "g2", "g3"]


def in_courses(case: Case) -> Case:
    """Return the case with a course in every row: which one a content belongs to is no matter here."""
    events = case.events
    if "course" not in events.columns:
        events = events.with_columns(pl.lit("A").alias("course"))
    return replace(case, events=events.with_columns(pl.col("course").fill_null("B")))


@st.composite
def worlds(draw: st.DrawFn) -> tuple[Case, Relations]:
    """Draw a log, and who is what to whom in it."""
    case = in_courses(draw(cases()))
    learners = case.events["learner"].unique().sort().to_list()
    text = isinstance(learners[0], str)
    somebody = st.sampled_from([*learners, "nobody" if text else 404])
    moments = st.sampled_from([None] * 20 + MOMENTS)
    membership = st.fixed_dictionaries(
        {
            "group": st.sampled_from(GROUPS),
            "learner": somebody,
            "course": st.sampled_from([None, "A", "A", "B", "Ä"]),
            "since": moments,
            "until": moments,
        }
    )
    role = st.fixed_dictionaries(
        {
            "person": st.sampled_from(PEOPLE),
            "group": st.sampled_from([*GROUPS, "empty"]),
            "role": st.sampled_from(["instructor", "co-instructor"]),
        }
    )
    early = MOMENTS[0] - timedelta(days=400)
    consent = st.fixed_dictionaries(
        {
            "learner": somebody,
            "purpose": st.sampled_from(["personal", "personal", "group"]),
            "granted": st.sampled_from([True, True, False]),
            "time": st.sampled_from([early, *MOMENTS]),
        }
    )
    given_once = [{"learner": x, "purpose": "personal", "granted": True, "time": early} for x in learners]
    relations = Relations(
        draw(st.lists(membership, min_size=2, max_size=8)),
        draw(st.lists(role, min_size=2, max_size=6)),
        draw(st.none() | st.lists(consent, max_size=4).map(given_once.__add__)),
    )
    return case, relations


def load(case: Case, relations: Relations) -> kh.LearningData:
    tables = relations.frames(case.events.schema["learner"])
    return kh.LearningData(case.events, **case.tables, **tables, **case.options)


def part(case: Case, seen: dict[Any, Any]) -> kh.PersonalAnalytics:
    """Make the analytics of a log that never held anything else."""
    tables = {
        name: within(table, seen) if table is not None and "learner" in table.columns else table
        for name, table in case.tables.items()
    }
    return replace(case, events=within(case.events, seen), tables=tables).analysis()


# ---------------------------------------------------------------- personal analytics


@given(worlds(), st.sampled_from(PEOPLE))
def test_an_instructor_gets_what_a_log_of_her_boards_alone_would_give(
    world: tuple[Case, Relations], person: str
) -> None:
    case, relations = world
    view = load(case, relations).seen_by(kh.Viewer.instructor(person))
    if not relations.boards(person):
        with pytest.raises(DeniedError):
            view.personal()
        return
    pla = view.personal(study_time=case.est, as_of=case.as_of)
    seen = relations.seen(person, case.as_of)
    active = within(case.events, seen)
    if active.is_empty():
        rows = {name: len(table) for name, table in results(pla).items() if "learner" in table.columns}
        enrolled = case.tables["enrollments"]
        if enrolled is None or within(enrolled, seen).is_empty():
            assert not any(rows.values())
        return
    assert not changed(results(part(case, seen)), results(pla))


@given(worlds())
def test_a_learner_gets_her_rows_of_what_the_host_gets(world: tuple[Case, Relations]) -> None:
    case, relations = world
    data = load(case, relations)
    host = results(data.personal(study_time=case.est, as_of=case.as_of))
    for learner in case.events["learner"].unique():
        view = data.seen_by(kh.Viewer.learner(learner))
        own = results(view.personal(study_time=case.est, as_of=case.as_of))
        expected = {name: table.filter(pl.col("learner") == learner) for name, table in host.items()}
        assert not changed(expected, own)


@given(worlds(), st.sampled_from(PEOPLE), st.integers(-5000, 5000))
def test_what_others_do_changes_no_byte(world: tuple[Case, Relations], person: str, minutes: int) -> None:
    """Neither with a moment given nor by default."""
    case, relations = world
    if not relations.boards(person):
        return
    hers = {row["learner"]: None for row in relations.boards(person)}
    viewer = kh.Viewer.instructor(person)
    mine = within(case.events, hers)
    others = case.events.join(mine, on=case.events.columns, how="anti", nulls_equal=True)
    moved = others.with_columns(
        pl.col("time") + timedelta(minutes=minutes), pl.lit("elsewhere").alias("content")
    )
    for events in (mine, pl.concat([moved, mine]), pl.concat([mine, moved, moved])):
        if events.is_empty():
            continue
        other = replace(case, events=events)
        for as_of in (None, case.as_of):
            before = load(case, relations).seen_by(viewer).personal(as_of=as_of)
            after = load(other, relations).seen_by(viewer).personal(as_of=as_of)
            assert before.as_of == after.as_of
            assert not changed(results(before), results(after))


@given(worlds(), st.sampled_from(PEOPLE))
def test_the_default_moment_is_that_of_the_newest_event_to_be_seen(
    world: tuple[Case, Relations], person: str
) -> None:
    case, relations = world
    data = load(case, relations)
    rejected = data.rejected.filter(table="events")["row"].to_list()
    events = case.events.with_row_index("row").filter(~pl.col("row").is_in(rejected))
    known = pl.col("time")
    if "received" in events.columns:
        known = pl.max_horizontal("time", "received")
    newest = relations.newest(person, events.with_columns(known.alias("known")).rows(named=True))
    if newest is not None and "enrollments" not in {n for n, t in case.tables.items() if t is not None}:
        assert data.seen_by(kh.Viewer.instructor(person)).personal().as_of == newest


# ---------------------------------------------------------------- attacks, by hand

START = datetime(2024, 3, 4, 9, tzinfo=MOMENTS[0].tzinfo)
NFC, NFD = "Zo\u00eb", "Zoe\u0308"


def world(**changes: Any) -> kh.LearningData:
    """Three learners: a and A on board b1 of T1, the third on board b2 of nobody."""
    log = [
        {"learner": learner, "time": START + timedelta(minutes=minute), "content": "c", "course": "A"}
        for minute, learner in enumerate(["a", "A", NFC] * 3)
    ]
    tables = {
        "memberships": pl.DataFrame({"group": ["b1", "b1", "b2"], "learner": ["a", "A", NFC]}),
        "roles": pl.DataFrame({"person": ["T1", "T2"], "group": ["b1", "empty"], "role": ["instructor"] * 2}),
        "enrollments": pl.DataFrame({"learner": ["a", "A", NFC], "course": ["A"] * 3}),
        **changes,
    }
    return kh.LearningData(pl.DataFrame(log), tz="UTC", **tables)


def shown(table: pl.DataFrame) -> set[Any]:
    return set(table["learner"].to_list())


def refusal(ask: Any) -> tuple[type, tuple[Any, ...], str]:
    with pytest.raises(DeniedError) as caught:
        ask()
    return type(caught.value), caught.value.args, str(caught.value)


def test_a49_a_learner_of_another_board_reads_like_nobody() -> None:
    data = world()
    view = data.seen_by(kh.Viewer.instructor("T1"))
    assert shown(view.personal().summary()) == {"a", "A"}
    said = {
        refusal(lambda: view.personal().learner(NFC)),
        refusal(lambda: view.personal().learner("nobody")),
        refusal(lambda: view.personal().learner(7)),
        refusal(lambda: view.reference_groups(by="course").compare(NFC, "events")),
        refusal(lambda: view.reference_groups(by="course").compare("nobody", "events")),
        refusal(lambda: view.reference_groups(by="course").compare(7, "events")),
        refusal(lambda: data.seen_by(kh.Viewer.learner("nobody")).personal()),
        refusal(lambda: data.seen_by(kh.Viewer.instructor("nobody")).personal()),
    }
    assert len(said) == 1
    kind, _, text = said.pop()
    assert issubclass(kind, kh.KohortError)
    assert issubclass(kind, PermissionError)
    assert "a49" not in text
    # The control: the host, who has no viewer, tells them apart.
    assert shown(data.personal().learner(NFC).summary()) == {NFC}
    with pytest.raises(kh.NoSuchLearnerError):
        data.personal().learner("nobody")


def test_a49_a_role_alone_gives_nothing() -> None:
    data = world()
    for viewer in (kh.Viewer.instructor("T2"), kh.Viewer.instructor("a"), kh.Viewer.instructor("t1")):
        view = data.seen_by(viewer)
        refusal(view.personal)
        refusal(lambda view=view: view.reference_groups(by="course"))
        refusal(lambda view=view: view.reference_groups(by="group"))
    with pytest.raises(kh.SchemaError, match="role"):
        world(roles=pl.DataFrame({"person": ["T9"], "group": ["b1"], "role": ["admin"]}))
    unread = world(
        roles=pl.DataFrame({"person": ["T9"], "group": ["b1"], "role": pl.Series([None], dtype=str)})
    )
    refusal(unread.seen_by(kh.Viewer.instructor("T9")).personal)


def test_a50_self_is_self_to_the_byte() -> None:
    data = world()
    for own in ("a", "A", NFC, NFD):
        me = data.seen_by(kh.Viewer.learner(own)).personal()
        assert shown(me.summary()) == {NFC if own == NFD else own}
        assert me.learner(own).summary().equals(me.summary())
    view = data.seen_by(kh.Viewer.learner("a"))
    for other in ("A", NFC, "b"):
        refusal(lambda other=other: view.personal().learner(other))
        refusal(lambda other=other: view.reference_groups(by="course").compare(other, "events"))
    # The control: the host gets both, and they differ; without case they would be one person, and
    # byte by byte the two ways to write one name would be two.
    host = data.personal()
    assert not host.learner("a").summary().equals(host.learner("A").summary())
    assert "a".casefold() == "A".casefold()
    assert NFC.encode() != NFD.encode()


def test_a51_groups_of_others_look_like_none() -> None:
    big = [f"l{i}" for i in range(30)]
    log = pl.DataFrame({"learner": big, "time": [START] * 30, "content": ["c"] * 30, "course": ["A"] * 30})
    boards = {"b1": big[:12], "b2": big[12:]}
    rows = [(board, learner) for board, members in boards.items() for learner in members]
    memberships = pl.DataFrame(rows, schema=["group", "learner"], orient="row")
    data = kh.LearningData(log, tz="UTC", memberships=memberships, resolution="instant")
    host = data.reference_groups(by="group")
    for learner, board in ((big[0], "b1"), (big[29], "b2")):
        mine = data.seen_by(kh.Viewer.learner(learner)).reference_groups(by="group")
        assert mine.groups == [board]
        for ask in ("summary", "survival", "popular_content", "struggle", "log_rank"):
            ours, theirs = getattr(mine, ask)(), getattr(host, ask)()
            if ask != "log_rank":  # which compares groups with each other
                assert ours.equals(theirs.filter(group=board))
        assert mine.summary()["n"].null_count() == 0
    # An outsider, who is on no roster, has no rows; the text of a small group is that of any other.
    outside = pl.concat([log, log.head(1).with_columns(pl.lit("x").alias("learner"))])
    data = kh.LearningData(outside, tz="UTC", memberships=memberships, resolution="instant")
    assert data.seen_by(kh.Viewer.learner("x")).reference_groups(by="group").summary().is_empty()


def test_a52_no_id_in_texts(capfd: pytest.CaptureFixture[str]) -> None:
    marker = "MARKER-7f3a"
    data = world()
    viewers = [kh.Viewer.learner(marker), kh.Viewer.instructor(marker)]
    said = [repr(viewer) + str(viewer) + viewer._repr_html_() for viewer in viewers]
    for viewer in viewers:
        view = data.seen_by(viewer)
        said += [repr(view), repr(vars(type(view)))]
        said.append(refusal(view.personal)[2])
        said.append(refusal(lambda view=view: view.reference_groups(by="course"))[2])
    view = data.seen_by(kh.Viewer.learner("a"))
    said.append(refusal(lambda: view.personal().learner(marker))[2])
    said.append(refusal(lambda: view.reference_groups(by="course").compare(marker, "events"))[2])
    out, err = capfd.readouterr()
    assert marker not in "".join([*said, out, err])
    # The control: an error that Python makes of an id shows it.
    assert marker in str(KeyError(marker))


def test_a52_no_id_of_the_data_in_texts(capfd: pytest.CaptureFixture[str]) -> None:
    """Ids, contents and boards of the data itself: in no text, no warning and no error."""
    marker = "MARKER-7f3a"
    people = [f"{marker}-{number}" for number in range(30)]
    log = pl.DataFrame({"learner": people, "time": [START] * 30, "content": ["c"] * 30, "course": ["A"] * 30})
    roles = pl.DataFrame({"person": [people[0]], "group": ["b"], "role": ["instructor"]})
    broken = pl.concat([log, log.head(3).with_columns(pl.lit(None).cast(log.schema["time"]).alias("time"))])
    with pytest.warns(kh.RejectedRowsWarning) as warned:
        data = kh.LearningData(
            broken,
            tz="UTC",
            resolution="instant",
            memberships=pl.DataFrame({"group": ["b"] * 30, "learner": people}),
            enrollments=pl.DataFrame({"learner": people, "course": ["A"] * 30}),
            roles=roles,
        )
    groups = data.reference_groups(by="course")
    said = [str(warning.message) for warning in warned]
    view = data.seen_by(kh.Viewer.instructor(people[0]))
    for shown in (data, data.quality, data.personal(), groups, groups.policy, view, view.personal()):
        html = shown._repr_html_() if hasattr(shown, "_repr_html_") else ""
        said += [repr(shown), str(shown), html]
    with pytest.raises(kh.NoSuchLearnerError) as caught:
        data.personal().learner(f"{marker}-99")
    said.append(str(caught.value))
    said.append(groups.certificates().write_json())
    out, err = capfd.readouterr()
    assert marker not in "".join([*said, out, err])
    assert marker in str(data.personal().summary()["learner"][0]), "control: tables of the host hold it"


def consent(*rows: tuple[str, bool, datetime]) -> pl.DataFrame:
    made = [{"learner": a, "purpose": "personal", "granted": b, "time": c} for a, b, c in rows]
    return pl.DataFrame(made)


def test_a_withdrawal_hides_her_from_the_instructor_from_the_next_computation_on() -> None:
    early, late = START - timedelta(days=9), START + timedelta(days=9)
    both = [("a", True, early), ("A", True, early)]
    teacher = kh.Viewer.instructor("T1")

    def sees(*rows: tuple[str, bool, datetime], as_of: datetime | None = None) -> set[Any]:
        data = world(consents=consent(*both, *rows))
        assert shown(data.seen_by(kh.Viewer.learner("a")).personal().summary()) == {"a"}
        return shown(data.seen_by(teacher).personal(as_of=as_of).summary())

    assert sees() == {"a", "A"}
    assert sees(("a", False, START)) == {"A"}
    assert sees(("a", False, late), as_of=START) == {"A"}, "a look back does not undo it"
    assert sees(("a", False, START), ("a", True, START + timedelta(minutes=1))) == {"a", "A"}
    assert sees(("a", False, START), ("a", True, START)) == {"A"}, "at one moment it wins"
    # By default nobody consents, once there is a table.
    assert shown(world(consents=consent(("a", True, early))).seen_by(teacher).personal().summary()) == {"a"}
    assert shown(world().seen_by(teacher).personal().summary()) == {"a", "A"}
    # What cannot be read may be a withdrawal, of any purpose.
    for unread in ({"purpose": None}, {"time": None}, {"granted": None}):
        rows = consent(*both, ("a", False, START)).with_row_index()
        made = [
            pl.when(index=2).then(pl.lit(value)).otherwise(name).alias(name) for name, value in unread.items()
        ]
        doubtful = world(consents=rows.with_columns(made).drop("index"))
        assert shown(doubtful.seen_by(teacher).personal(as_of=late).summary()) == {"A"}


def test_a_board_shows_its_own_course_only() -> None:
    log = pl.DataFrame(
        {
            "learner": ["a"] * 4,
            "time": [START + timedelta(minutes=minute) for minute in range(4)],
            "content": ["c1", "c2", "c1", "c2"],
            "course": ["A", "B", "A", "B"],
        }
    )
    roles = pl.DataFrame({"person": ["T"], "group": ["b"], "role": ["co-instructor"]})

    def view(course: str | None) -> kh.PersonalAnalytics:
        memberships = pl.DataFrame({"group": ["b"], "learner": ["a"], "course": [course]})
        data = kh.LearningData(log, tz="UTC", memberships=memberships, roles=roles)
        return data.seen_by(kh.Viewer.instructor("T")).personal()

    assert view("A").summary()["course"].to_list() == ["A"]
    assert view("A").sessions()["events"].to_list() == [2]
    assert view(None).summary()["course"].to_list() == ["A", "B"]
    assert view("C").summary().is_empty()


def test_a_board_shows_who_is_on_it() -> None:
    def sees(at: datetime, **dates: datetime) -> int:
        memberships = pl.DataFrame({"group": ["b1"], "learner": ["a"], **{k: [v] for k, v in dates.items()}})
        data = world(memberships=memberships)
        return data.seen_by(kh.Viewer.instructor("T1")).personal(as_of=at).summary().height

    day = timedelta(days=1)
    assert sees(START, since=START, until=START + day) == 1
    assert sees(START, since=START + day) == 0
    assert sees(START + day, since=START, until=START + day) == 0


def test_researchers_and_recommenders_see_no_person_and_no_group() -> None:
    for viewer in (kh.Viewer.researcher(), kh.Viewer.recommender()):
        view = world().seen_by(viewer)
        refusal(view.personal)
        refusal(lambda view=view: view.reference_groups(by="course"))
        assert view.research(epsilon=0.25).counts(by="course").height == 0, "three are not shown"
    for viewer in (kh.Viewer.learner("a"), kh.Viewer.instructor("T1")):
        refusal(lambda viewer=viewer: world().seen_by(viewer).research(epsilon=0.25))


def test_what_is_denied_leaves_no_trace_in_the_ledger() -> None:
    data = world()
    strict = kh.ReleasePolicy(k=20)
    refusal(lambda: data.seen_by(kh.Viewer.researcher()).reference_groups(by="course", policy=strict))
    data.reference_groups(by="course", policy=kh.ReleasePolicy(k=5))  # a weaker one after it is no error


def test_ids_of_people_may_be_integers() -> None:
    roles = pl.DataFrame({"person": [12], "group": ["b1"], "role": ["instructor"]})
    data = world(roles=roles)
    assert shown(data.seen_by(kh.Viewer.instructor(12)).personal().summary()) == {"a", "A"}
    refusal(data.seen_by(kh.Viewer.instructor("12")).personal)


def test_only_a_viewer_looks() -> None:
    for wrong in ("a", None, kh.Viewer):
        with pytest.raises(kh.ParameterTypeError, match="viewer"):
            world().seen_by(wrong)  # type: ignore[arg-type]
    for bad in (None, 1.5, True):
        with pytest.raises(kh.ParameterTypeError, match="`id`"):
            kh.Viewer.learner(bad)  # type: ignore[arg-type]
    with pytest.raises(TypeError):
        kh.Viewer()
    with pytest.raises(TypeError):
        kh.View()
