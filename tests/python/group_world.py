"""A course whose learners do everything by chance, and how tables of it are compared."""

from __future__ import annotations

import random
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from typing import Any

import kohort as kh
import polars as pl
import pytest

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
