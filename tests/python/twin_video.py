"""The twin's video: what was watched of each content, session by session."""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass, field

from twin_log import SECOND, Cell, Log, Row, by_day_only, facts, first_null, is_activity, known

Stretch = tuple[float, float]
HALF_HOUR = 1800.0
STOPS = ("paused", "ended", "terminated")
MOVES = ("played", "paused", "seeked")


def parsed(segments: str) -> list[Stretch]:
    """Read ``0[.]12.5[,]30[.]31``; a last stretch without an end has only begun."""
    ends = [part.split("[.]") for part in segments.split("[,]")]
    return [(float(pair[0]), float(pair[1])) for pair in ends if len(pair) == 2]


def inside(stretches: list[Stretch], length: float | None) -> list[Stretch]:
    cut = [(max(a, 0.0), b if length is None else min(b, length)) for a, b in stretches]
    return [(a, b) for a, b in cut if b > a]


def union(stretches: list[Stretch]) -> float:
    total = reached = 0.0
    for a, b in sorted(stretches):
        if b > max(a, reached):
            total += b - max(a, reached)
            reached = b
    return total


def added(stretches: list[Stretch]) -> float:
    return sum((b - a for a, b in stretches), 0.0)


def telling(events: list[Row]) -> list[Row]:
    """Keep the events that tell anything of playing."""
    verbs = (*MOVES, *STOPS, "completed")
    columns = ("segments", "speed", "length")
    return [e for e in events if e["verb"] in verbs or any(e[c] is not None for c in columns)]


def length_of(catalog: float | None, events: list[Row]) -> float | None:
    """Take the catalog's length, else the longest that the events tell."""
    told = [e["length"] for e in events if e["length"] is not None]
    length = catalog if catalog is not None else max(told, default=None)
    return length if length is not None and length > 0 else None


def sessions_of(events: list[Row], length: float | None, impute: bool, clock: bool) -> list[Session]:
    found: dict[Cell, list[Row]] = {}
    for e in telling(events):
        found.setdefault(e["session"], []).append(e)
    return [Session(own, length, impute, clock) for own in found.values()]


def watched_enough(catalog: float | None, events: list[Row], clock: bool) -> bool:
    """Distinct seconds watched over length, never the furthest position."""
    length = length_of(catalog, events)
    sessions = sessions_of(events, length, impute=False, clock=clock)
    covered = [stretch for s in sessions for stretch in s.covered]
    return length is not None and union(covered) / length >= 0.95


@dataclass
class Session:
    """One learner's events of one content in one session, and what follows from them."""

    events: list[Row]
    length: float | None
    impute: bool
    clock: bool
    open: int = 0
    raw: list[Stretch] = field(default_factory=list)

    def __post_init__(self) -> None:
        told = [e["segments"] for e in self.events if e["segments"] is not None]
        self.told = bool(told)
        self.run()
        long_enough = [(a, b) for a, b in self.raw if b - a >= 0.25]
        self.played = inside(long_enough, self.length)
        self.covered = inside(parsed(told[-1]), self.length) if told else self.played

    def in_order(self) -> list[Row]:
        """At one instant what stops a running stretch comes before what begins another."""
        if not self.clock:
            return list(self.events)
        ordered: list[Row] = []
        for time in sorted({e["time"] for e in self.events}):
            now = [e for e in self.events if e["time"] == time]
            if self.runs_after(ordered):
                now.sort(key=lambda e: e["verb"] == "played")
            ordered += now
        return ordered

    @staticmethod
    def runs_after(events: list[Row]) -> bool:
        running = False
        for e in events:
            if e["verb"] == "played":
                running = True
            elif e["verb"] in STOPS:
                running = False
        return running

    def run(self) -> None:
        start: Row | None = None  # of what runs: where from, since which event, begun by a play
        events = self.in_order()
        for at, e in enumerate(events):
            verb, here = e["verb"], e["position"]
            stops = verb in (*STOPS, "seeked", "completed")
            if start and stops:
                if start["play"] or self.reached(start, events[start["at"] : at + 1], here):
                    self.keep(start["from"], here)
                goes_on = {"seeked": e["position_to"], "completed": here}
                start = {"from": goes_on[verb], "at": at, "play": False} if verb in goes_on else None
            elif verb == "played":
                if start and self.reached(start, events[start["at"] : at + 1], here):
                    self.keep(start["from"], here)
                elif start:
                    self.leave(start, events)
                start = {"from": here, "at": at, "play": True}
        if start:
            self.leave(start, events)

    def reached(self, start: Row, between: list[Row], here: float | None) -> bool:
        """Whether playing on from the start could have come here, and did not stand still long."""
        if start["from"] is None or here is None:
            return False
        far = 0.0
        if self.clock:
            first = self.events_until(between[0])
            for e, later in itertools.pairwise(between):
                far += (later["time"] - e["time"]) / SECOND * self.speed([*first, *between], e)
        played = here - start["from"]
        return bool(-1 <= played <= far + 1 and far - played <= HALF_HOUR)

    def events_until(self, event: Row) -> list[Row]:
        events = self.in_order()
        return events[: [e is event for e in events].index(True)]

    @staticmethod
    def speed(events: list[Row], until: Row) -> float:
        """Return the speed told last."""
        speed = 1.0
        for e in events:
            if e["speed"] is not None and e["speed"] > 0:
                speed = e["speed"]
            if e is until:
                break
        return speed

    def keep(self, start: float | None, end: float | None) -> None:
        if start is not None and end is not None:
            self.raw.append((start, end))

    def leave(self, start: Row, events: list[Row]) -> None:
        if not start["play"]:
            return
        self.open += 1
        if not self.impute or not self.clock:
            return
        e = events[start["at"]]
        gap = e["gap"]
        if self.length is not None and gap is not None and start["from"] is not None:
            far = self.speed(events, e) * min(gap, HALF_HOUR)
            self.raw.append((start["from"], start["from"] + far))


@dataclass
class Film:
    """What one learner did with one content."""

    learner: Cell
    course: Cell
    content: Cell
    events: list[Row]
    length: float | None
    sessions: list[Session]

    @property
    def known(self) -> bool:
        """Whether it is known how much was watched."""
        plays = any(e["verb"] == "played" for e in self.events)
        closed = plays and not any(s.open for s in self.sessions)
        return self.placed and (closed or any(s.told or s.played for s in self.sessions))

    @property
    def placed(self) -> bool:
        """Whether any place in the content is told."""
        places = ("position", "segments")
        return any(e[column] is not None for e in telling(self.events) for column in places)

    def covered(self) -> list[Stretch]:
        return [stretch for s in self.sessions for stretch in s.covered]

    def coverage(self) -> float | None:
        return None if self.length is None else union(self.covered()) / self.length

    def row(self) -> Row:
        covered = self.covered()
        watched = sum((max(added(s.covered), added(s.played)) for s in self.sessions), 0.0)
        distinct = union(covered)
        known = self.known
        coverage = self.coverage() if known else None

        def micros(seconds: float) -> int | None:
            return math.floor(seconds * 1e6 + 0.5) if known else None

        return {
            "learner": self.learner,
            "course": self.course,
            "content": self.content,
            "plays": sum(e["verb"] == "played" for e in self.events),
            "pauses": sum(e["verb"] == "paused" for e in self.events),
            "seeks": sum(e["verb"] == "seeked" for e in self.events),
            "watch_time": micros(watched),
            "distinct": micros(distinct),
            "coverage": coverage,
            "rewatch_share": (watched - distinct) / watched if known and watched > 0 else None,
            "furthest": max((b for _, b in covered), default=None),
            "completed": None if coverage is None else coverage >= 0.95,
            "open": sum(s.open for s in self.sessions),
            "reason": None,
        }

    def views(self, width: int) -> dict[int, int]:
        """Passes over the middle of each step of so many seconds."""
        found: dict[int, int] = {}
        for s in self.sessions:
            end = max((b for _, b in s.covered), default=0.0)
            for number in range(int(end // width) + 1):
                middle = number * width + width / 2
                by_player = sum(a <= middle < b for a, b in s.covered)
                by_events = sum(a <= middle < b for a, b in s.played)
                if by_player:
                    found[number * width] = found.get(number * width, 0) + max(by_player, by_events)
        return found


def films(log: Log, as_of: int | None, open: str = "drop") -> list[Film]:
    """Every learner's contents with playback, in order."""
    runs: dict[Cell, list[Row]] = {}
    for e in known(log, as_of):
        if is_activity(e):
            runs.setdefault(e["learner"], []).append(e)
    found = []
    for learner, run in runs.items():
        gaps = [(later["time"] - e["time"]) / SECOND for e, later in itertools.pairwise(run)]
        run = [e | {"gap": gap} for e, gap in zip(run, [*gaps, None], strict=True)]
        keys = {(e["course"], e["content"]) for e in run if e["content"] is not None}
        for course, content in sorted(keys, key=lambda key: [first_null(v) for v in key]):
            own = [e for e in run if (e["course"], e["content"]) == (course, content)]
            if any(e["verb"] in MOVES or e["segments"] is not None for e in own):
                found.append(film(log, learner, course, content, own, open))
    found.sort(key=lambda f: f.learner)
    return found


def film(log: Log, learner: Cell, course: Cell, content: Cell, own: list[Row], open: str) -> Film:
    length = length_of(facts(log, own[0]).get("length"), own)
    sessions = sessions_of(own, length, impute=open == "impute", clock=not by_day_only(log))
    return Film(learner, course, content, own, length, sessions)


def video(log: Log, as_of: int | None = None, open: str = "drop") -> list[Row]:
    """Give one row per learner and content with playback."""
    rows = []
    for film in films(log, as_of, open):
        row = film.row()
        if not film.known:
            row["reason"] = "no play was closed" if film.placed else "no positions"
        elif film.length is None:
            row["reason"] = "no length"
        rows.append(row)
    return rows


def video_segments(log: Log, as_of: int | None = None, width: int = 1) -> list[Row]:
    """Give one row per learner, content and run of steps of so many seconds with as many views."""
    rows: list[Row] = []
    for film in films(log, as_of):
        own: list[Row] = []
        for second, views in sorted(film.views(width).items()):
            if own and own[-1]["to_second"] == second and own[-1]["views"] == views:
                own[-1]["to_second"] += width
                continue
            keys: Row = {"learner": film.learner, "course": film.course, "content": film.content}
            own.append(keys | {"from_second": second, "to_second": second + width, "views": views})
        rows += own
    return rows
