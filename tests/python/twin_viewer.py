"""Who may see whom, from the sentences of the privacy policy: slow, by hand, from rows alone."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import polars as pl

INSTANT = pl.Datetime("us", "UTC")
Row = dict[str, Any]
Courses = set[str] | None  # None: all of them


@dataclass
class Relations:
    """The tables that say who is what to whom; `consents` may not have been given."""

    memberships: list[Row] = field(default_factory=list)
    roles: list[Row] = field(default_factory=list)
    consents: list[Row] | None = None

    def frames(self, learner: pl.DataType) -> dict[str, pl.DataFrame | None]:
        """Return them as tables, ids of learners in the type that they have."""
        text, flag = pl.String(), pl.Boolean()
        memberships = {
            "group": text, "learner": learner, "course": text, "since": INSTANT, "until": INSTANT
        }  # fmt: skip
        consents = {"learner": learner, "purpose": text, "granted": flag, "time": INSTANT}
        return {
            "memberships": pl.DataFrame(self.memberships, schema=memberships, orient="row"),
            "roles": pl.DataFrame(self.roles, schema={"person": text, "group": text, "role": text}),
            "consents": None if self.consents is None else pl.DataFrame(self.consents, schema=consents),
        }

    def consents_to(self, learner: object, purpose: str, at: datetime) -> bool:
        """Whether a learner has agreed by a moment and never taken it back since."""
        if self.consents is None:
            return True
        own = [row for row in self.consents if row["learner"] == learner and row["purpose"] == purpose]
        past = [row for row in own if row["time"] <= at]
        future = [row for row in own if row["time"] > at]
        if not past or not all(row["granted"] for row in future):
            return False
        last = max(row["time"] for row in past)
        return all(row["granted"] for row in past if row["time"] == last)

    def boards(self, person: str) -> list[Row]:
        """Return the memberships of the groups that a person instructs."""
        hers = {row["group"] for row in self.roles if row["person"] == person}
        return [row for row in self.memberships if row["group"] in hers]

    def seen(self, person: str, at: datetime) -> dict[Any, Courses]:
        """Whom an instructor sees at a moment, and in which courses."""
        seen: dict[Any, Courses] = {}
        for row in self.boards(person):
            begun = row["since"] is None or row["since"] <= at
            over = row["until"] is not None and row["until"] <= at
            if begun and not over and self.consents_to(row["learner"], "personal", at):
                add(seen, row)
        return seen

    def known(self, person: str, at: datetime) -> dict[Any, Courses]:
        """Whose values an instructor knows: whoever was ever on her boards and consents."""
        known: dict[Any, Courses] = {}
        for row in self.boards(person):
            if self.consents_to(row["learner"], "personal", at):
                add(known, row)
        return known

    def newest(self, person: str, events: list[Row]) -> datetime | None:
        """Return the newest event that an instructor may see at the moment of that very event."""
        newest: list[datetime] = []
        for row in self.boards(person):
            times = [
                event["known"]
                for event in events
                if event["learner"] == row["learner"] and row["course"] in (None, event["course"])
            ]
            alone = Relations([row], [{"person": person, "group": row["group"]}], self.consents)
            if times and row["learner"] in alone.seen(person, max(times)):
                newest.append(max(times))
        return max(newest, default=None)


def add(seen: dict[Any, Courses], row: Row) -> None:
    """Add the course of a membership to what is seen of a learner."""
    courses = seen.setdefault(row["learner"], set())
    if row["course"] is None or courses is None:
        seen[row["learner"]] = None
    else:
        courses.add(row["course"])


def within(table: pl.DataFrame, seen: dict[Any, Courses]) -> pl.DataFrame:
    """Return the rows of a table about learners that are seen, in the courses where they are."""
    keep = []
    for row in table.iter_rows(named=True):
        learner = row["learner"]
        if learner in seen:
            courses = seen[learner]
            keep.append(courses is None or "course" not in row or row["course"] in courses)
        else:
            keep.append(False)
    return table.filter(pl.Series(keep, dtype=pl.Boolean))


def nfc(text: str) -> str:
    return unicodedata.normalize("NFC", text)


def hidden(atoms: list[set[Any]], known: set[Any], k: int) -> bool:
    """Whether every atom holds none or more than k who are unknown."""
    return all(len(atom - known) == 0 or len(atom - known) > k for atom in atoms)
