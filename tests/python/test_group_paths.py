"""Released paths equal plain loops over the events, rounded and coded by the definition."""

from __future__ import annotations

import random
from collections import Counter, defaultdict
from datetime import timedelta
from typing import Any

import kohort as kh
import networkx as nx
import polars as pl
import pytest
from group_world import CATALOG, KINDS, MODULES, START, THREADS, WORLDS, K, Row, World, same, ways, worlds
from twin_participation import FEATURES
from twin_release import Rules, mean, quantile

# ---------------------------------------------------------------- funnels


def reached(rows: list[Row], steps: list[str], by: str, order: str, within: timedelta | None) -> int:
    """Try every beginning; the events of one instant stand in the order of the steps."""
    name = {"content": lambda c: c, "module": MODULES.get, "kind": KINDS.get}[by]
    events = [(row["time"], name(row["content"])) for row in rows]
    rank = {step: at for at, step in enumerate(steps)}
    events.sort(key=lambda e: (e[0], rank.get(e[1], len(steps))))
    best = 0
    for first, (start, _) in enumerate(events):
        inside = [e[1] for e in events[first:] if within is None or e[0] - start <= within]
        if order == "any":
            best = max(best, len(set(inside) & set(steps)))
        elif events[first][1] == steps[0]:
            at = 0
            for step in inside:
                if at < len(steps) and step == steps[at]:
                    at += 1
                elif order == "strict" and step != steps[at - 1]:
                    break
            best = max(best, at)
    return best


QUESTIONS = [
    (["p0", "p1", "p2"], "content", "ordered", None),
    (["p0", "v0", "p3"], "content", "ordered", "1d"),
    (["p2", "p1"], "content", "strict", None),
    (["p1", "p0"], "content", "strict", "12h"),
    (["p0", "p1", "p2", "p3"], "content", "any", "1d"),
    (["p0", "nowhere"], "content", "ordered", None),
    (["m0", "m1", "m2"], "module", "ordered", None),
    (["m1", "m0"], "module", "strict", "1d"),
    (["page", "discussion", "video"], "kind", "any", None),
]


@worlds
@ways
@pytest.mark.parametrize("question", QUESTIONS, ids=lambda q: f"{q[2]} {q[1]} {q[3]}")
def test_funnels_count_who_came_how_far(world: World, by: str, question: tuple[Any, ...]) -> None:
    steps, place, order, within = question
    window = {None: None, "1d": timedelta(days=1), "12h": timedelta(hours=12)}[within]
    table = world.groups(by).funnel(steps, by=place, order=order, within=within)
    expected = []
    for group, members in world.rosters(by).items():
        rules = Rules(len(members), K)
        levels = [reached(world.of(learner), steps, place, order, window) for learner in members]
        counts = [sum(level > at for level in levels) for at in range(len(steps))]
        for at, (step, count) in enumerate(zip(steps, counts, strict=True)):
            conversion = rules.share(count) if at == 0 else rules.share(count, counts[at - 1])
            overall = [None] * 4 if at == 0 else rules.share(count, counts[0])
            label = None if order == "any" else step
            head = [group, at + 1.0, label, *rules.code(count)]
            expected.append([*head, *conversion, *overall, rules.n, None])
    shares = ["", "_low", "_high", "_n"]
    columns = [name + part for name in ("conversion", "overall") for part in shares]
    columns = ["group", "step", "place", "learners", "code", *columns, "n", "reason"]
    same(table, expected, columns)


def test_funnels_that_cannot_be_asked() -> None:
    groups = WORLDS[0].groups("course")
    for steps in ([], ["p0", "p0"], [1, "1"], list(map(str, range(101)))):
        with pytest.raises(kh.ParameterError, match="`steps` must be"):
            groups.funnel(steps)
    with pytest.raises(kh.ParameterError, match="kinds of content"):
        groups.funnel(["page", "essay"], by="kind")
    for within in ("4h", "1m", timedelta(microseconds=1)):
        with pytest.raises(kh.ParameterError, match="`within` must be one of"):
            groups.funnel(["p0"], within=within)
    for steps in ("p0", {"p0"}, None, [None], [1.5]):
        with pytest.raises(kh.ParameterTypeError, match="`steps` must be"):
            groups.funnel(steps)  # type: ignore[arg-type]
    with pytest.raises(kh.ParameterError, match="`order` must be one of"):
        groups.funnel(["p0"], order="random")  # type: ignore[arg-type]


def test_a_strict_order_is_not_told_of_days() -> None:
    world = WORLDS[0]
    days = pl.DataFrame({"learner": world.members, "content": ["p0"] * 62, "course": ["A"] * 62})
    days = days.with_columns(time=pl.lit(START.date()))
    enrollments = pl.DataFrame({"learner": world.members, "course": ["A"] * 62})
    data = kh.LearningData(days, tz="UTC", catalog=CATALOG, enrollments=enrollments)
    groups = data.reference_groups(by="course", policy=kh.ReleasePolicy(k=K))
    assert groups.funnel(["p0"], order="strict")["reason"].to_list() == ["times have day resolution"]
    assert groups.funnel(["p0"])["code"].to_list() == ["high"]
    assert groups.feature_usage()["reason"].to_list() == ["the log has no verbs"]
    assert groups.collaboration()["reason"].unique().to_list() == ["the log has no verbs"]


# ---------------------------------------------------------------- participation


@worlds
@ways
def test_features_are_used_or_ignored(world: World, by: str) -> None:
    groups = world.groups(by)
    own = world.data().personal().feature_usage().filter("used")
    users = {feature: set(rows["learner"]) for (feature,), rows in own.group_by("feature")}
    expected = []
    for group, members in world.rosters(by).items():
        rules = Rules(len(members), K)
        for feature in FEATURES:
            used = sum(learner in users.get(feature, ()) for learner in members)
            ignored = rules.share(len(members) - used)[:3]
            expected.append([group, feature, *rules.code(used), *ignored, rules.n, None])
    columns = ["group", "feature", "learners", "code", "ignored", "low", "high", "n", "reason"]
    same(groups.feature_usage(), expected, columns)


@worlds
@ways
def test_contents_are_popular_with_those_who_touched_them(world: World, by: str) -> None:
    table = world.groups(by).popular_content()
    touched = {(row["learner"], row["content"]) for row in world.rows}
    expected = []
    for group, members in world.rosters(by).items():
        rules = Rules(len(members), K)
        for content, module, position in CATALOG.select("content", "module", "position").rows():
            count = sum((learner, content) in touched for learner in members)
            shares = rules.share(count)[:3]
            expected.append([group, content, module, position, *rules.code(count), *shares, rules.n, None])
    columns = ["group", "content", "module", "position", "learners", "code", "share", "low", "high"]
    same(table, expected, [*columns, "n", "reason"])


# ---------------------------------------------------------------- collaboration

WRITES = {"posted": "posts", "replied": "replies", "commented": "comments"}


def network(world: World, among: list[str]) -> nx.DiGraph:
    """A reply answers whoever wrote last before it; several at one instant are all answered."""
    graph = nx.DiGraph()
    graph.add_nodes_from(among)
    for thread in THREADS:
        wrote = [r for r in world.rows if r["content"] == thread and r["learner"] in set(among)]
        for row in wrote:
            if row["verb"] == "posted":
                continue
            before = [r for r in wrote if r["time"] < row["time"] and r["learner"] != row["learner"]]
            latest = max((r["time"] for r in before), default=None)
            graph.add_edges_from((row["learner"], r["learner"]) for r in before if r["time"] == latest)
    return graph


def places_of(world: World, among: list[str]) -> dict[str, dict[str, float]]:
    graph = network(world, among)
    central = nx.betweenness_centrality(graph, normalized=True)
    writers = defaultdict(set)
    own: dict[str, Counter[str]] = defaultdict(Counter)
    for row in world.rows:
        if row["verb"] in WRITES:
            own[row["learner"]][WRITES[row["verb"]]] += 1
            writers[row["content"]].add(row["learner"])
    found = {}
    for learner in among:
        threads = [all_ & set(among) for all_ in writers.values() if learner in all_]
        answers, back = set(graph.successors(learner)), set(graph.predecessors(learner))
        found[learner] = {
            **{name: float(own[learner][name]) for name in WRITES.values()},
            "threads": float(len(threads)),
            "peers": float(len(set().union(*threads) - {learner})),
            "answers": float(len(answers)),
            "answered_by": float(len(back)),
            "mutual": float(len(answers & back)),
            "centrality": central[learner],
        }
    return found


def among(world: World, by: str) -> list[str]:
    return sorted({learner for members in world.rosters(by).values() for learner in members})


@worlds
@ways
def test_collaboration_is_the_distribution_of_each_members_place(world: World, by: str) -> None:
    table = world.groups(by).collaboration()
    found = places_of(world, among(world, by))
    grids = {name: rows["upper"].to_list() for (name,), rows in kh.grids().group_by("metric")}
    expected = []
    for group, members in world.rosters(by).items():
        rules = Rules(len(members), K)
        for measure in [
            *WRITES.values(),
            "threads",
            "peers",
            "answers",
            "answered_by",
            "mutual",
            "centrality",
        ]:
            values = [found[learner][measure] for learner in members]
            grid = grids[measure][:: 1 if len(members) >= 100 else 2]
            half = 0.0 if measure == "centrality" else 0.5
            quartiles = [quantile(rules, values, grid, half, q) for q in (0.25, 0.5, 0.75)]
            none = rules.share(sum(value <= 0 for value in values))[:3]
            row = [group, measure, *none, *quartiles, mean(rules, values, grid, half), rules.n]
            expected.append(row)
    columns = ["group", "measure", "none", "none_low", "none_high", "q25", "median", "q75", "mean", "n"]
    same(table, expected, columns)


@worlds
@ways
def test_the_reply_network_in_three_numbers(world: World, by: str) -> None:
    table = world.groups(by).reply_network()
    found = places_of(world, among(world, by))
    grid = kh.grids().filter(pl.col("metric") == "peers")["upper"].to_list()[::2]
    others = Rules(len(among(world, by)), K).n - 1
    expected = []
    for group, members in world.rosters(by).items():
        rules = Rules(len(members), K)
        own = [found[learner] for learner in members]
        alone = rules.share(sum(place["peers"] == 0 for place in own))[:3]
        answering = [place for place in own if place["answers"] > 0]
        back = rules.share(sum(place["mutual"] > 0 for place in answering), len(answering))
        peers = mean(rules, [place["peers"] for place in own], grid, 0.5)
        expected.append([group, *alone, *back, None if peers is None else peers / others, rules.n])
    columns = ["alone", "alone_low", "alone_high"]
    columns += ["reciprocity", "reciprocity_low", "reciprocity_high", "answering"]
    same(table, expected, ["group", *columns, "density", "n"])


# ---------------------------------------------------------------- what swapping changes


@worlds
@pytest.mark.parametrize("seed", range(3))
def test_learners_of_an_atom_who_swap_their_events_change_no_byte(world: World, seed: int) -> None:
    """Whole logs are exchanged, not records: ties of one learner to another go with them."""

    def tables(data: kh.LearningData) -> list[pl.DataFrame]:
        policy = kh.ReleasePolicy(k=K)
        made = []
        for groups in (data.reference_groups(by=by, policy=policy) for by in ("course", "group")):
            made += [
                groups.funnel(*question[:1], by=question[1], order=question[2]) for question in QUESTIONS
            ]
            made += [groups.video_seconds(), groups.rewatch_peaks(), groups.feature_usage()]
            made += [groups.popular_content(), groups.collaboration(), groups.reply_network()]
            made += [groups.log_rank(between=between) for between in ("pairs", "all")]
        return made

    dice = random.Random(seed)
    new = {}
    for board in world.boards.values():
        new.update(zip(board, dice.sample(board, len(board)), strict=True))
    assert any(a != b for a, b in new.items())
    swapped = World(world.seed)
    for row in swapped.rows:
        row["learner"] = new.get(row["learner"], row["learner"])
    before, after = tables(world.data()), tables(swapped.data())
    for one, other in zip(before, after, strict=True):
        assert one.equals(other)
    # The control: across boards it is another table.
    across = World(world.seed)
    names = [*world.boards["B2"], *world.boards["B1"]]
    other_board = dict(zip([*world.boards["B1"], *world.boards["B2"]], names, strict=True))
    for row in across.rows:
        row["learner"] = other_board.get(row["learner"], row["learner"])
    assert not all(a.equals(b) for a, b in zip(before, tables(across.data()), strict=True))
