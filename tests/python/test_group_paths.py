"""Released paths equal plain loops over the events, rounded and coded by the definition."""

from __future__ import annotations

import random
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from typing import Any

import kohort as kh
import networkx as nx
import polars as pl
import pytest
from twin_participation import FEATURES
from twin_release import Rules, mean, quantile

START = datetime(2024, 3, 4, 9, tzinfo=timezone.utc)
K = 5
PAGES = ["p0", "p1", "p2", "p3"]
FILMS = {"v0": 61.0, "v1": 34.5}
THREADS = ["t0", "t1", "t2"]
CATALOG = pl.DataFrame(
    {
        "content": [*PAGES, *FILMS, *THREADS],
        "course": ["A"] * 9,
        "module": ["m0", "m0", "m1", "m1", "m0", "m2", "m2", None, None],
        "kind": ["page"] * 4 + ["video"] * 2 + ["discussion"] * 3,
        "position": [float(i) for i in range(9)],
        "length": [None] * 4 + list(FILMS.values()) + [None] * 3,
    }
)
MODULES = dict(zip(CATALOG["content"], CATALOG["module"], strict=True))
KINDS = dict(zip(CATALOG["content"], CATALOG["kind"], strict=True))
Row = dict[str, Any]


@dataclass
class World:
    """A course, its boards, and what everybody did in it."""

    seed: int
    learners: int = 70
    rows: list[Row] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.dice = random.Random(self.seed)
        # The last eight did not consent: whatever they do is not there.
        for learner in self.everybody:
            self.live(learner)
        self.boards = {"B1": self.everybody[:24], "B2": self.everybody[24:62]}

    @property
    def everybody(self) -> list[str]:
        return [f"l{i:03}" for i in range(self.learners)]

    @property
    def members(self) -> list[str]:
        return self.everybody[:-8]

    def add(self, learner: str, minute: float, content: str, verb: str, **more: Any) -> None:
        time = START + timedelta(minutes=minute)
        row = {"learner": learner, "time": time, "content": content, "verb": verb, "course": "A"}
        self.rows.append({**row, "session": None, "position": None, **more})

    def live(self, learner: str) -> None:
        dice = self.dice
        keen = dice.random()
        for _ in range(dice.randrange(2 + int(14 * keen))):
            verb = dice.choice(["viewed", "viewed", "searched", "bookmarked", "liked"])
            self.add(learner, dice.randrange(3000), dice.choice(PAGES), verb)
        for _ in range(dice.randrange(1 + int(7 * keen))):
            verb = dice.choice(["posted", "replied", "replied", "commented"])
            self.add(learner, dice.randrange(60), dice.choice(THREADS), verb)
        for number in range(dice.randrange(1 + int(6 * keen))):
            film = dice.choice(list(FILMS))
            start = dice.uniform(0, 20)
            end = min(start + dice.uniform(1, 45), FILMS[film])
            session, minute = f"{learner}-{number}", 4000 + 100 * number
            self.add(learner, minute, film, "played", session=session, position=start)
            self.add(learner, minute + 1, film, "paused", session=session, position=end)

    def data(self) -> kh.LearningData:
        flags = [True] * (self.learners - 8) + [False] * 8
        everybody = self.everybody
        boards = [(board, learner) for board, members in self.boards.items() for learner in members]
        return kh.LearningData(
            pl.DataFrame(self.rows, infer_schema_length=None),
            tz="UTC",
            catalog=CATALOG,
            courses=pl.DataFrame({"course": ["A"], "starts": [START]}),
            enrollments=pl.DataFrame({"learner": everybody, "course": ["A"] * len(everybody)}),
            memberships=pl.DataFrame(boards, schema=["group", "learner"], orient="row").with_columns(
                course=pl.lit("A")
            ),
            learners=pl.DataFrame({"learner": everybody, "age_ok": [True] * len(flags), "eligible": flags}),
        )

    def groups(self, by: str) -> kh.ReferenceGroups:
        return self.data().reference_groups(by=by, policy=kh.ReleasePolicy(k=K))  # type: ignore[arg-type]

    def rosters(self, by: str) -> dict[str, list[str]]:
        return {"A": self.members} if by == "course" else self.boards

    def of(self, learner: str) -> list[Row]:
        return [row for row in self.rows if row["learner"] == learner]


WORLDS = [World(seed) for seed in range(3)]
worlds = pytest.mark.parametrize("world", WORLDS, ids=lambda world: f"seed {world.seed}")
ways = pytest.mark.parametrize("by", ["course", "group"])


def same(table: pl.DataFrame, expected: Iterable[list[Any]], columns: list[str]) -> None:
    """Compare all rows, floats to the last few digits."""
    rows = table.select(columns).rows()
    expected = list(expected)
    assert len(rows) == len(expected)
    for ours, theirs in zip(rows, expected, strict=True):
        for name, own, other in zip(columns, ours, theirs, strict=True):
            if isinstance(own, float) and isinstance(other, float):
                assert own == pytest.approx(other, abs=1e-9), (name, ours, theirs)
            else:
                assert own == other, (name, ours, theirs)


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


# ---------------------------------------------------------------- videos


def viewings(world: World, learner: str, film: str) -> list[tuple[float, float]]:
    """What was played, in the order of time: every session holds one stretch."""
    own = [row for row in world.of(learner) if row["content"] == film]
    own.sort(key=lambda row: row["time"])
    stretches = [(a["position"], b["position"]) for a, b in zip(own[::2], own[1::2], strict=True)]
    return [(a, b) for a, b in stretches if b - a >= 0.25]


def passed(stretch: tuple[float, float], at: int, width: int) -> bool:
    return stretch[0] <= at * width + width / 2 < stretch[1]


def places(film: str, width: int) -> range:
    """Stretches whose middle lies within the film."""
    return range(sum(at * width + width / 2 < FILMS[film] for at in range(100)))


@worlds
@ways
@pytest.mark.parametrize("width", [1, 5, 10])
def test_video_seconds_count_viewers_and_where_they_leave(world: World, by: str, width: int) -> None:
    table = world.groups(by).video_seconds(width=f"{width}s")
    expected = []
    for group, members in world.rosters(by).items():
        rules = Rules(len(members), K)
        for film in FILMS:
            seen = {learner: viewings(world, learner, film) for learner in members}
            furthest: list[list[int]] = [[], []]
            for own in seen.values():
                ends = [
                    max((at for at in places(film, width) if passed(s, at, width)), default=None)
                    for s in own
                ]
                ends = [end for end in ends if end is not None]
                furthest[0] += ends[:1]
                furthest[1] += [max(ends[1:])] if ends[1:] else []
            for at in places(film, width):
                views = [sum(passed(s, at, width) for s in own) for own in seen.values()]
                counts = [sum(n >= 1 for n in views), sum(n >= 2 for n in views)]
                counts.append(sum(end >= at for end in furthest[0]))
                row: list[Any] = [group, film, float(at * width)]
                for count in counts:
                    row += rules.code(count)
                for ends in furthest:
                    row += rules.share(sum(end < at for end in ends), len(ends))
                expected.append([*row, rules.n, None])
    columns = ["viewers", "viewers_code", "rewatchers", "rewatchers_code", "reached", "reached_code"]
    columns += ["drop_off", "low", "high", "starters"]
    columns += ["drop_off_again", "low_again", "high_again", "starters_again"]
    same(table, expected, ["group", "content", "second", *columns, "n", "reason"])


def crowd(again: int) -> kh.LearningData:
    """Two hundred watch a film of ten minutes; so many go back to 300 to 320 s."""
    world = World(0, learners=0)
    for number in range(200):
        world.add(f"l{number}", 0, "film", "played", session="a", position=0.0)
        world.add(f"l{number}", 10, "film", "paused", session="a", position=600.0)
        if number < again:
            world.add(f"l{number}", 20, "film", "played", session="b", position=300.0)
            world.add(f"l{number}", 21, "film", "paused", session="b", position=320.0)
    learners = [f"l{number}" for number in range(200)]
    return kh.LearningData(
        pl.DataFrame(world.rows, infer_schema_length=None),
        tz="UTC",
        catalog=pl.DataFrame({"content": ["film"], "course": ["A"], "length": [600.0]}),
        enrollments=pl.DataFrame({"learner": learners, "course": ["A"] * 200}),
    )


@pytest.mark.parametrize("width", ["1s", "5s"])
def test_a_part_that_many_go_back_to_is_a_peak(width: str) -> None:
    groups = crowd(again=80).reference_groups(by="course")
    first, *others = groups.rewatch_peaks(width=width).iter_rows(named=True)
    assert 290 <= first["start"] <= 300 <= first["apex"] <= 320 <= first["end"] <= 330
    assert (first["learners"], first["code"]) == (80, "count")
    assert 60 <= first["prominence"] <= 80
    assert [row["code"] for row in others] == ["none", "none"]
    quiet = crowd(again=9).reference_groups(by="course").rewatch_peaks(width=width)
    assert quiet["code"].to_list() == ["none"] * 3


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
        for measure in [*WRITES.values(), "threads", "peers", "answers", "answered_by", "mutual", "centrality"]:
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
            made += [groups.funnel(*question[:1], by=question[1], order=question[2]) for question in QUESTIONS]
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
