"""Assessment, navigation and participation equal the slow twin's, and keep their own laws."""

from __future__ import annotations

from collections import Counter
from typing import Any

import hypothesis.strategies as st
import kohort as kh
import polars as pl
import pytest
import twin
from bridge import Kohort, Twin, differences, rows
from hypothesis import given
from real_data import real_data
from strategies import ANCHORS, estimators, logs, moments, path_logs, quiz_logs
from test_twin import both, questions, to_days
from twin import Cell, Log

MARKS = st.sampled_from([None, None, 0.0, 0.5, 0.75, 1.0])
BEGIN = ANCHORS[0]
PLACES = st.sampled_from(["content", "kind", "module"])


@st.composite
def quizzes(draw: st.DrawFn) -> tuple[Log, dict[str, Any]]:
    log = draw(quiz_logs())
    return log, {"as_of": draw(moments(log))}


# ---------------------------------------------------------------- assessment


@given(quizzes(), MARKS)
def test_assessments_agree_with_the_twin(quiz: Cell, mark: float | None) -> None:
    ours, theirs = Kohort(quiz[0], **quiz[1]), Twin(quiz[0], **quiz[1])
    assert not differences(ours.assessments(pass_mark=mark), theirs.assessments(pass_mark=mark))


@given(quizzes())
def test_responses_agree_with_the_twin(quiz: Cell) -> None:
    ours, theirs = Kohort(quiz[0], **quiz[1]), Twin(quiz[0], **quiz[1])
    assert not differences(ours.responses(), theirs.responses())


@given(quizzes(), MARKS)
def test_struggle_agrees_with_the_twin(quiz: Cell, mark: float | None) -> None:
    ours, theirs = Kohort(quiz[0], **quiz[1]), Twin(quiz[0], **quiz[1])
    assert not differences(ours.struggle(pass_mark=mark), theirs.struggle(pass_mark=mark))


@given(quizzes(), MARKS)
def test_the_tables_of_assessment_add_up(quiz: Cell, mark: float | None) -> None:
    pla = Kohort(quiz[0], **quiz[1]).pla
    table, responses, struggle = (
        pla.assessments(pass_mark=mark),
        pla.responses(),
        pla.struggle(pass_mark=mark),
    )
    keys = ["learner", "course", "content"]
    each = responses.group_by(keys, maintain_order=True).agg(
        pl.len().cast(pl.UInt32).alias("attempts"), pl.col("score").count().alias("scored")
    )
    assert table.select(*keys, "attempts", "scored").equals(each)
    assert struggle["attempts"].sum() == responses.height
    assert struggle["contents"].sum() == table.height
    known = table.drop_nulls(["first_score"])
    assert known.select(
        (
            (pl.col("best_score") >= pl.col("mean_score") - 1e-12)
            & (pl.col("last_attempt") >= pl.col("first_attempt"))
        ).all()
    ).item()
    correct = table.drop_nulls("attempts_to_correct")
    assert correct["passed"].all()
    assert (correct["attempts_to_correct"] <= correct["attempts"]).all()


@given(quizzes(), st.sampled_from([0.25, 0.5]), st.sampled_from([0.75, 1.0]))
def test_a_higher_pass_mark_passes_nobody_more(quiz: Cell, low: float, high: float) -> None:
    pla = Kohort(quiz[0], **quiz[1]).pla
    lenient, strict = (
        pla.assessments(pass_mark=mark)["passed"].fill_null(value=False) for mark in (low, high)
    )
    assert (strict <= lenient).all()


@given(quizzes())
def test_what_is_known_without_a_pass_mark_holds_under_every_one(quiz: Cell) -> None:
    pla = Kohort(quiz[0], **quiz[1]).pla
    open_ = pla.assessments().select("passed", "attempts_to_correct")
    for mark in (0.01, 0.6, 1.0):
        under = pla.assessments(pass_mark=mark).select("passed", "attempts_to_correct")
        # a stated failure is overruled by a score that reaches the mark
        if quiz[0].events and not any(
            e.get("success") is False or e["verb"] == "failed" for e in quiz[0].events
        ):
            for column in open_.columns:
                known = open_[column].is_not_null()
                assert under[column].filter(known).equals(open_[column].filter(known)), mark


# ---------------------------------------------------------------- navigation


@given(questions(), PLACES, st.booleans())
def test_navigation_agrees_with_the_twin(question: Cell, by: str, self_loops: bool) -> None:
    ours, theirs = both(question)
    options = {"by": by, "self_loops": self_loops}
    assert not differences(ours.navigation(**options), theirs.navigation(**options))


@given(questions())
def test_navigation_summary_agrees_with_the_twin(question: Cell) -> None:
    ours, theirs = both(question)
    assert not differences(ours.navigation_summary(), theirs.navigation_summary())


@given(path_logs(), PLACES, st.booleans(), estimators())
def test_long_ways_agree_with_the_twin(log: Log, by: str, self_loops: bool, est: Cell) -> None:
    ours, theirs = Kohort(log, est), Twin(log, est)
    assert not differences(ours.navigation_summary(), theirs.navigation_summary())
    options = {"by": by, "self_loops": self_loops}
    assert not differences(ours.navigation(**options), theirs.navigation(**options))


@given(questions())
def test_the_counts_of_edges_add_up_to_the_transitions(question: Cell) -> None:
    pla = Kohort(question[0], question[1], **question[2]).pla
    summary = pla.navigation_summary()
    inner = pl.col("source").is_not_null() & pl.col("target").is_not_null()
    plain, loops = pla.navigation(), pla.navigation(self_loops=True)
    assert plain.filter(inner)["count"].sum() == summary["transitions"].sum()
    assert loops.filter(inner)["count"].sum() == (summary["transitions"] + summary["self_loops"]).sum()
    assert loops.filter(pl.col("source") != pl.col("target")).equals(plain.filter(inner))
    # what is entered is left: in- and out-degree of every place balance, begin and end included
    for side, other in (("source", "target"), ("target", "source")):
        assert loops.filter(pl.col(side).is_null() & pl.col(other).is_null()).is_empty()
    keys = ["learner", "course"]
    into = loops.drop_nulls("target").group_by(*keys, place="target").agg(pl.col("count").sum())
    out = loops.drop_nulls("source").group_by(*keys, place="source").agg(pl.col("count").sum())
    assert into.sort(into.columns).equals(out.sort(out.columns))


@given(path_logs())
def test_entropy_is_between_nothing_and_the_logarithm_of_the_places(log: Log) -> None:
    pla = Kohort(log).pla
    table = pla.navigation_summary().drop_nulls("entropy")
    targets = pla.navigation().drop_nulls(["source", "target"])
    most = targets.group_by("learner", "course").agg(pl.col("target").n_unique().log().alias("most"))
    table = table.join(most, on=["learner", "course"], nulls_equal=True)
    assert table.select(pl.col("entropy").is_between(0.0, pl.col("most") + 1e-12).all()).item()


# ---------------------------------------------------------------- participation


@given(questions())
def test_participation_agrees_with_the_twin(question: Cell) -> None:
    ours, theirs = both(question)
    assert not differences(ours.feature_usage(), theirs.feature_usage())
    assert not differences(ours.collaboration(), theirs.collaboration())


@given(logs())
def test_discussions_are_what_collaboration_counts(log: Log) -> None:
    pla = Kohort(log).pla
    usage, own = pla.feature_usage(), pla.collaboration()
    spoken = usage.filter(pl.col("feature") == "discussions")
    assert spoken.select("learner", "course").equals(own.select("learner", "course"))
    assert spoken["events"].equals(own["posts"] + own["replies"] + own["comments"], check_names=False)


@given(logs())
def test_logs_of_days_agree_with_the_twin(log: Log) -> None:
    days = to_days(log)
    ours, theirs = Kohort(days), Twin(days)
    assert not differences(ours.assessments(), theirs.assessments())
    assert not differences(ours.navigation(), theirs.navigation())
    assert not differences(ours.navigation_summary(), theirs.navigation_summary())
    assert not differences(ours.feature_usage(), theirs.feature_usage())


@given(questions())
def test_a_learners_own_view_is_her_part_of_the_whole(question: Cell) -> None:
    whole, _ = both(question)
    learner = question[0].events[0]["learner"]
    own = whole.pla.learner(learner)
    for table in (
        "assessments",
        "responses",
        "struggle",
        "navigation",
        "navigation_summary",
        "feature_usage",
        "collaboration",
    ):
        part = getattr(whole.pla, table)().filter(pl.col("learner") == learner)
        assert getattr(own, table)().equals(part), table


# ---------------------------------------------------------------- real data


def test_the_real_course_navigates_as_a_plain_loop_says() -> None:
    path = real_data("la_course_synthetic/la_course_events.parquet")
    frame = pl.read_parquet(path).select(learner="user", time="timecreated", content="Event.context")
    frame = frame.with_columns(pl.col("time").dt.timestamp("us")).sort("learner", "time", "content")
    pairs: Counter[tuple[str | None, str | None]] = Counter()
    before: tuple[str, int, str] | None = None
    for learner, time, content in frame.rows():
        near = before is not None and before[0] == learner and time - before[1] <= 30 * twin.MINUTE
        if near and before is not None:
            pairs[before[2], content] += 1
        else:
            pairs[None, content] += 1
            if before is not None:
                pairs[before[2], None] += 1
        before = (learner, time, content)
    assert before is not None
    pairs[before[2], None] += 1
    log = kh.LearningData(
        path,
        columns={"learner": "user", "time": "timecreated", "content": "Event.context"},
        extra="drop",
        tz="Europe/Helsinki",
    )
    edges = log.personal().navigation(self_loops=True).group_by("source", "target").agg(pl.col("count").sum())
    assert {(a, b): n for a, b, n in edges.iter_rows()} == dict(pairs)


def test_assessments_of_oulad_are_its_table_of_submissions() -> None:
    path = real_data("oulad_2013")
    data = kh.read_oulad(path, submissions=True)
    table = data.personal(as_of="2016-01-01").assessments(pass_mark=0.4)
    whole = pl.read_parquet(path / "studentAssessment.parquet")
    given_ = whole.filter(pl.col("is_banked") == 0)  # the others are work of an earlier presentation
    assert table.height == given_.height
    assert table["attempts"].max() == 1
    assert table["scored"].sum() == given_["score"].count()
    assert table["best_score"].sum() == pytest.approx(given_["score"].cast(pl.Float64).sum() / 100)
    assert table["passed"].sum() == (given_["score"].cast(pl.Float64) >= 40).sum()
    assert table["time_to_first_correct"].is_null().all()


# ---------------------------------------------------------------- by hand


@pytest.fixture(params=[Twin, Kohort], ids=["twin", "kohort"])
def side(request: pytest.FixtureRequest) -> Any:
    return request.param


def act(minute: int, verb: str | None, content: str = "q", **more: Cell) -> dict[str, Any]:
    return {"learner": "L", "time": BEGIN + minute * twin.MINUTE, "content": content, "verb": verb, **more}


def test_a_grade_is_the_score_of_the_submission_before(side: Any) -> None:
    log = Log(
        [
            act(0, "attempted"),
            act(5, "submitted"),
            act(60, "attempted"),
            act(61, "graded", score=0.3),
            act(70, "submitted"),
            act(99, "graded", score=0.8),
        ],
        resolution="instant",
    )
    (row,) = side(log).assessments(pass_mark=0.5)
    assert (row["attempts"], row["first_score"], row["last_score"]) == (2, 0.3, 0.8)
    assert row["improvement"] == pytest.approx(0.5)
    # from the begin of the first attempt to the submission of the right one, not to its grade
    assert (row["attempts_to_correct"], row["time_to_first_correct"]) == (2, 70 * twin.MINUTE)


def test_a_success_without_a_score_is_right_and_no_score(side: Any) -> None:
    log = Log([act(0, "answered", success=False), act(2, "answered", success=True)], resolution="instant")
    (row,) = side(log).assessments()
    assert (row["attempts"], row["scored"], row["mean_score"]) == (2, 0, None)
    assert (row["passed"], row["attempts_to_correct"], row["time_to_first_correct"]) == (
        True,
        2,
        2 * twin.MINUTE,
    )


def test_a_score_between_none_and_full_marks_needs_a_pass_mark(side: Any) -> None:
    log = Log([act(0, "submitted", score=0.7), act(5, "submitted", score=1.0)], resolution="instant")
    (row,) = side(log).assessments()
    # the second is right under every pass mark; whether the first was is not known
    assert (row["passed"], row["attempts_to_correct"]) == (True, None)
    (row,) = side(log).assessments(pass_mark=0.7)
    assert (row["passed"], row["attempts_to_correct"]) == (True, 1)
    (row,) = side(log).struggle(pass_mark=0.7)
    assert row["attempts_per_passed"] == 2.0


def test_attempts_that_state_their_number_are_told_apart_by_it(side: Any) -> None:
    log = Log(
        [
            act(0, "answered", attempt=1),
            act(1, "answered", attempt=1),
            act(2, "graded", attempt=7, score=0.5),
        ],
        resolution="instant",
    )
    made = side(log).responses()
    assert [(row["attempt"], row["score"]) for row in made] == [(1, None), (2, 0.5)]


def test_moves_back_and_over_what_is_required(side: Any) -> None:
    def row(content: str, position: int | None, **more: Cell) -> dict[str, Any]:
        return {
            "content": content,
            "course": "A",
            "position": position,
            "required": True,
            "available_from": None,
        } | more

    catalog = [
        row("a", 1),
        row("b", 2, required=False),
        row("c", 3, available_from=BEGIN + 2 * twin.MINUTE),
        row("d", 4),
        row("e", None),
    ]
    steps = [act(at, "viewed", content) for at, content in enumerate("adadeea")]
    (row_,) = side(Log(steps, catalog=catalog, resolution="instant")).navigation_summary()
    # a-d at minute 1: c is not there yet; d-a back; a-d at minute 3 skips c; d-e, e-a have no place
    assert (row_["transitions"], row_["self_loops"], row_["placed"]) == (5, 1, 3)
    assert row_["backward_share"] == pytest.approx(1 / 3)
    assert row_["skip_share"] == pytest.approx(1 / 3)
    assert row_["self_loop_share"] == pytest.approx(1 / 6)
    # a-d twice, d-a and d-e once each, e-a once: 2/5 of ln 2
    assert row_["entropy"] == pytest.approx(0.4 * 0.6931471805599453)


def test_a_session_over_two_courses_has_a_trace_in_each(side: Any) -> None:
    log = Log(
        [
            act(0, "viewed", "a", course="A"),
            act(1, "viewed", "x", course="B"),
            act(2, "viewed", "b", course="A"),
        ],
        resolution="instant",
    )
    edges = [(r["course"], r["source"], r["target"]) for r in side(log).navigation()]
    assert edges == [("A", None, "a"), ("A", "a", "b"), ("A", "b", None), ("B", None, "x"), ("B", "x", None)]


@pytest.mark.parametrize(
    "call",
    [
        lambda pla: pla.assessments(pass_mark=1.5),
        lambda pla: pla.struggle(pass_mark=-0.1),
        lambda pla: pla.navigation(by="verb"),
    ],
)
def test_what_has_no_meaning_is_refused(call: Any) -> None:
    pla = Kohort(Log([act(0, "viewed")])).pla
    with pytest.raises(kh.ParameterError, match="must be"):
        call(pla)


@pytest.mark.parametrize(
    "call",
    [
        lambda pla: pla.assessments(pass_mark="40 %"),
        lambda pla: pla.assessments(pass_mark=True),
        lambda pla: pla.navigation(self_loops=1),
        lambda pla: pla.navigation(by=["content"]),
    ],
)
def test_what_is_of_the_wrong_type_is_refused(call: Any) -> None:
    pla = Kohort(Log([act(0, "viewed")])).pla
    with pytest.raises(kh.ParameterTypeError, match="must be"):
        call(pla)


def test_empty_tables_keep_their_columns() -> None:
    pla = Kohort(Log([act(0, "viewed")], resolution="day")).pla
    assert rows(pla.navigation()) == []
    assert pla.navigation().columns == ["learner", "course", "source", "target", "count"]
    assert pla.assessments().height == pla.responses().height == 0
