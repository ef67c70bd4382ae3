"""Labels of engagement against the twin, clusters against a plain L1 k-means and planted kinds."""

from __future__ import annotations

import itertools
import random
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from typing import Any

import hypothesis.strategies as st
import kohort as kh
import polars as pl
import pytest
from bridge import Kohort, Twin, differences
from hypothesis import given
from kohort.stats import kmeans_l1, trajectories
from strategies import logs, moments
from twin import DAY, HOUR, SECOND, Cell, Log

KINDS = ["quiz", "quiz", "problem", "assignment", "page", None]
RULES = ["engaged", "submitted", "passed", "completed", "watched"]


@st.composite
def questions(draw: st.DrawFn) -> tuple[Log, dict[str, Any]]:
    """Draw a log with assessments, some with deadlines around the events, some late by an instant."""
    log = draw(logs())
    times = sorted(event["time"] for event in log.events)
    due = st.sampled_from(times).flatmap(
        lambda time: st.sampled_from([time - 1, time, time + SECOND, time + 20 * HOUR, time + 6 * DAY])
    )
    dated = draw(st.booleans())
    catalog = [
        row | {"kind": draw(st.sampled_from(KINDS)), "due": draw(st.none() | due) if dated else None}
        for row in log.catalog or []
    ]
    rules = st.dictionaries(st.sampled_from(["quiz", "problem"]), st.sampled_from(RULES), max_size=2)
    options = {"as_of": draw(moments(log)), "completion": draw(rules) or None}
    return replace(log, catalog=catalog or None), options


@given(questions())
def test_engagement_agrees_with_the_twin(question: Cell) -> None:
    log, options = question
    assert not differences(Kohort(log, **options).engagement(), Twin(log, **options).engagement())


def test_labels_by_hand() -> None:
    # two quizzes due on Sunday, one a second before midnight, one at noon; one more a week later
    at = lambda day, hour=12: datetime(2026, 3, day, hour, tzinfo=timezone.utc)  # noqa: E731
    deeds = [
        ("both in time", "q1", at(5), "submitted"),
        ("both in time", "q2", at(8, 12), "submitted"),
        ("one in time", "q1", at(5), "submitted"),
        ("late", "q1", at(5), "submitted"),
        ("late", "q2", at(8, 13), "submitted"),
        ("read", "p", at(5), "viewed"),
        ("opened", "q1", at(5), "viewed"),
        ("logged in", "p", at(5), "logged_in"),
    ]
    log = pl.DataFrame(deeds, schema=["learner", "content", "time", "verb"], orient="row")
    catalog = pl.DataFrame(
        {
            "content": ["q1", "q2", "q3", "p", "extra"],
            "course": "C",
            "kind": ["quiz", "quiz", "assignment", "page", "quiz"],
            "due": [at(8, 23) + timedelta(minutes=59), at(8), at(15), None, at(1)],
            "required": [True, True, None, True, False],
        }
    )
    table = kh.LearningData(log.with_columns(course=pl.lit("C")), catalog=catalog).personal(
        as_of="2026-03-20"
    )
    labels = table.engagement()
    first = labels.filter(pl.col("period") == 1)
    assert dict(zip(first["learner"], first["label"], strict=True)) == {
        "both in time": "on_track",
        "late": "behind",
        "logged in": "out",
        "one in time": "behind",
        "opened": "auditing",
        "read": "auditing",
    }
    assert set(first["until"]) == {at(8, 23) + timedelta(minutes=59)}
    assert labels.filter(pl.col("period") == 2)["level"].to_list() == [0] * 6
    assert labels.filter(pl.col("period") > 2).is_empty()


# ---------------------------------------------------------------- clusters


def plain_l1(points: list[tuple[int, ...]], starts: list[list[tuple[int, ...]]]) -> float:
    """Return the least cost of k-means with medians, from every given start: loops and nothing else."""

    def apart(a: Any, b: Any) -> float:
        return sum(abs(x - y) for x, y in zip(a, b, strict=True))

    def median(values: list[float]) -> float:
        ordered, half = sorted(values), len(values) // 2
        return ordered[half] if len(ordered) % 2 else (ordered[half - 1] + ordered[half]) / 2

    best = float("inf")
    for start in starts:
        centers: list[Any] = list(start)
        while True:
            near = [min(range(len(centers)), key=lambda c: apart(p, centers[c])) for p in points]
            moved = []
            for c, center in enumerate(centers):
                own = [p for p, n in zip(points, near, strict=True) if n == c]
                moved.append(tuple(median(list(v)) for v in zip(*own, strict=True)) if own else center)
            if moved == centers:
                break
            centers = moved
        best = min(best, sum(min(apart(p, c) for c in centers) for p in points))
    return best


points = st.lists(st.tuples(*[st.integers(0, 3)] * 4), min_size=3, max_size=9)


@given(points, st.integers(1, 3))
def test_clusters_cost_what_a_plain_implementation_finds(levels: list[tuple[int, ...]], k: int) -> None:
    different = sorted(set(levels))
    k = min(k, len(different))
    starts = [list(start) for start in itertools.combinations(different, k)]
    ours = kmeans_l1(levels, k, restarts=60, seed=1)
    # both are the best of local optima; the plain one starts from every choice of points
    assert ours.cost == pytest.approx(plain_l1(levels, starts), abs=1e-9)


def table(levels: dict[str, list[int]], course: str = "C") -> pl.DataFrame:
    rows = [(who, course, at, level) for who, own in levels.items() for at, level in enumerate(own, start=1)]
    return pl.DataFrame(rows, schema=["learner", "course", "period", "level"], orient="row")


def planted(seed: int, periods: int = 9, each: int = 60) -> tuple[pl.DataFrame, dict[str, str]]:
    """Draw learners of the four kinds, each with a level changed here and there."""
    rng = random.Random(seed)
    levels, truth = {}, {}
    for kind in ("completing", "auditing", "disengaging", "sampling"):
        for number in range(each):
            who = f"{kind[0]}{number:03}"
            leaves = rng.randint(periods // 3, periods // 2)
            own = {
                "completing": [3] * periods,
                "auditing": [1] * periods,
                "disengaging": [3] * leaves + [0] * (periods - leaves),
                "sampling": [0] * periods,
            }[kind]
            if kind == "sampling":
                own[rng.randrange(periods)] = 1
            for place in range(periods):
                if rng.random() < 0.08:
                    own[place] = rng.choice([0, 1, 2, 3])
            levels[who], truth[who] = own, kind
    return table(levels), truth


@pytest.mark.parametrize("seed", range(5))
def test_planted_trajectories_are_found_and_named(seed: int) -> None:
    labels, truth = planted(seed)
    found = trajectories(labels)
    assert set(found.clusters["name"]) == set(truth.values())
    right = [truth[who] == name for who, name in found.learners.select("learner", "name").iter_rows()]
    assert sum(right) / len(right) > 0.95
    # the four kinds are no artefact of asking for four: the cost falls steeply up to them only
    matrix = labels.pivot("period", index="learner", values="level").drop("learner")
    cost = {k: kmeans_l1(matrix, k).cost for k in (3, 4, 5)}
    assert cost[3] - cost[4] > 3 * (cost[4] - cost[5])


def test_clusters_from_events_to_names() -> None:
    # five weeks with a quiz each; twelve learners of each kind
    start = datetime(2026, 3, 2, 12, tzinfo=timezone.utc)
    kinds = {"completing": "qqqqq", "disengaging": "qq...", "auditing": "ppppp", "sampling": "..p.."}
    events = [
        (f"{kind} {n}", f"{what}{week}", start + timedelta(days=7 * week, minutes=n), what)
        for kind, weeks in kinds.items()
        for n in range(12)
        for week, what in enumerate(weeks)
        if what != "."
    ]
    log = pl.DataFrame(events, schema=["learner", "content", "time", "verb"], orient="row")
    log = log.with_columns(pl.col("verb").replace_strict({"q": "submitted", "p": "viewed"}))
    quizzes = [(f"q{w}", "C", "quiz", start + timedelta(days=7 * w + 5)) for w in range(5)]
    pages = [(f"p{w}", "C", "page", None) for w in range(5)]
    catalog = pl.DataFrame(quizzes + pages, schema=["content", "course", "kind", "due"], orient="row")
    labels = kh.LearningData(log, catalog=catalog).personal(as_of="2026-05-01").engagement()
    found = trajectories(labels)
    named = found.learners.with_columns(kind=pl.col("learner").str.split(" ").list.first())
    assert (named["kind"] == named["name"]).all()
    assert found.clusters["distance"].sum() == 0
    assert found.clusters["learners"].to_list() == [12] * 4


@pytest.mark.parametrize(
    ("levels", "name"),
    [
        ([3, 3, 3, 3, 3, 3], "completing"),
        ([0, 0, 0, 0, 1, 2], "completing"),  # 1.5 in the last two of six
        ([3, 3, 3, 3, 1, 1], "disengaging"),
        ([3, 1, 0, 0, 0, 0, 0], "disengaging"),  # 4/3 in the first three of seven, but 3 in the first
        ([0, 3, 0, 0, 0, 0], "disengaging"),
        ([1, 1, 3, 1, 1, 1], "auditing"),
        ([0, 1, 0, 1, 1, 0], "auditing"),  # 0.5 on the whole
        ([1, 1, 0, 0, 0, 0], "sampling"),
        ([0], "sampling"),
        ([3], "completing"),
    ],
)
def test_names_follow_from_the_center(levels: list[int], name: str) -> None:
    assert trajectories(table({"a": levels}), clusters=1).clusters["name"].to_list() == [name]


def test_courses_are_clustered_apart_and_rows_come_in_any_order() -> None:
    labels = pl.concat([planted(1, each=10)[0], planted(2, 4, each=8)[0].with_columns(course=pl.lit("D"))])
    found = trajectories(labels)
    shuffled = trajectories(labels.sample(fraction=1.0, shuffle=True, seed=3))
    assert found.learners.equals(shuffled.learners)
    assert found.clusters.equals(shuffled.clusters)
    alone = trajectories(labels.filter(pl.col("course") == "D"))
    assert found.learners.filter(pl.col("course") == "D").equals(alone.learners)
    assert found.learners["trajectory"].list.len().unique().sort().to_list() == [4, 9]


def test_labels_that_are_incomplete_are_refused() -> None:
    labels, _ = planted(0, each=3)
    with pytest.raises(kh.ParameterError, match="every learner in each period"):
        trajectories(labels.head(labels.height - 1))
    with pytest.raises(kh.ParameterError, match="got two"):
        trajectories(pl.concat([labels, labels.head(1)]))
    with pytest.raises(kh.SchemaError, match="level"):
        trajectories(labels.drop("level"))
    with pytest.raises(kh.ParameterError, match="a course has 1"):
        trajectories(table({"a": [3, 3], "b": [3, 3]}), clusters=2)
    empty = trajectories(labels.clear())
    assert empty.learners.is_empty()
    assert empty.clusters.is_empty()
    assert empty.learners.columns == trajectories(labels).learners.columns
