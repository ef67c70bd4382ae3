"""Random small learning logs for hypothesis, rich in the cases that are easy to get wrong."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import twin
from hypothesis import strategies as st
from twin import DAY, HOUR, MINUTE, SECOND, Cell, Log, Row

ZONES = ["UTC", "Europe/Helsinki", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe"]
# Around these something happens to the calendar: clocks change, an ISO year begins, a leap day.
ANCHORS = [
    int((datetime.fromisoformat(text) - twin.EPOCH) / timedelta(microseconds=1))
    for text in (
        "2024-03-31T01:00:00+00:00",  # Helsinki to summer time
        "2024-10-27T01:00:00+00:00",  # and back
        "2024-03-10T07:00:00+00:00",  # New York
        "2024-11-03T06:00:00+00:00",
        "2024-04-06T15:00:00+00:00",  # Lord Howe, by half an hour
        "2024-10-05T15:30:00+00:00",
        "2024-12-29T22:00:00+00:00",  # ISO 2025-W01 begins
        "2024-02-28T18:30:00+00:00",  # midnight of the leap day in Kolkata
    )
]
GAPS = [
    0,
    1,
    SECOND,
    4 * MINUTE,
    30 * MINUTE - 1,
    30 * MINUTE,
    30 * MINUTE + 1,
    45 * MINUTE,
    HOUR,
    3 * HOUR,
    20 * HOUR,
    DAY,
    2 * DAY,
    7 * DAY,
    16 * DAY,
]
DURATIONS = [None, None, 0, SECOND, 5 * MINUTE, 20 * MINUTE, HOUR, 5 * HOUR, 30 * HOUR]
KINDS = [
    "video", "page", "quiz", "problem", "assignment", "discussion", "file", "live", "other", None,
]  # fmt: skip
COURSES = ["A", "B", "C", "Ä"]
CONTENTS = ["c1", "c2", "c3", "c4", "é5"]
SEGMENTS = ["0[.]60", "0[.]3[,]57[.]80", "0[.]0[,]0.1[.]57.5[,]3", "20[.]40[,]30[.]50[,]0[.]1", "7"]
WORK = ["attempted", "answered", "submitted"]
RESULTS = ["graded", "passed", "failed", "completed"]
PLAYBACK = ["played", "played", "paused", "seeked", "ended", "terminated"]
COMMON = ["viewed", "interacted", "submitted", "posted", "completed", "passed", "logged_in"]
TEXT_IDS = ["L1", "L2", "l1", "Åsa", "10", "9"]
INTEGER_IDS = [7, 10, 9, -3, 2**40]


def gaps() -> st.SearchStrategy[int]:
    """Whole microseconds, drawn often from just below and above the limits."""
    return st.one_of(st.sampled_from(GAPS), st.integers(0, 29).map(MINUTE.__mul__), st.integers(0, HOUR))


@st.composite
def catalogs(draw: st.DrawFn, courses: list[str]) -> list[Row]:
    """Contents of one or two courses each, most facts sometimes missing."""
    rows = []
    for content in draw(st.lists(st.sampled_from(CONTENTS), min_size=1, unique=True)):
        homes = draw(st.lists(st.sampled_from(courses), min_size=1, max_size=2, unique=True))
        for course in homes:
            topics = st.lists(st.sampled_from(["t1", "t2", "t3"]), unique=True, max_size=3)
            rows.append(
                {
                    "content": content,
                    "course": course,
                    "module": draw(st.sampled_from(["m1", "m2", None])),
                    "kind": draw(st.sampled_from(KINDS)),
                    "position": draw(st.sampled_from([1, 2, 3, 10, None])),
                    "available_from": draw(st.sampled_from([None, None, *ANCHORS])),
                    "expected_duration": draw(st.sampled_from([5 * MINUTE, HOUR, HOUR, 0, None])),
                    "length": draw(st.sampled_from([20.0, 60.0, 60.5, None])),
                    "required": draw(st.sampled_from([None, True, True, False])),
                    "topics": draw(st.none() | topics),
                }
            )
    return rows


@st.composite
def runs(draw: st.DrawFn, learner: Cell, has: set[str], courses: list[str]) -> list[Row]:
    """One learner's events: a few gaps after a moment near a change of the calendar."""
    if not draw(st.booleans()) and not draw(st.booleans()):
        return []
    time = draw(st.sampled_from(ANCHORS)) + draw(gaps()) - 90 * MINUTE
    rows = []
    for gap in [0, *draw(st.lists(gaps(), min_size=2, max_size=12))]:
        time += gap
        verb = draw(
            st.one_of(st.sampled_from(PLAYBACK), st.sampled_from(COMMON), st.sampled_from(twin.VERBS))
        )
        row: Row = {"learner": learner, "time": time, "verb": verb}
        lacks_content = verb in twin.NO_CONTENT and draw(st.booleans())
        row["content"] = None if lacks_content and "verb" in has else draw(st.sampled_from(CONTENTS))
        if "verb" not in has:
            del row["verb"]
        if "course" in has:
            row["course"] = draw(st.sampled_from([None, None, *courses]))
        if "session" in has:
            row["session"] = draw(st.sampled_from([None, "s1", "s2"]))
        if "duration" in has:
            row["duration"] = draw(st.sampled_from(DURATIONS))
        if "position" in has:
            row["position"] = draw(st.sampled_from([None, 0.0, 0.1, 0.3, 3.0, 57.0, 60.0, 80.0]))
        if "segments" in has:
            row["segments"] = draw(st.sampled_from([None, None, *SEGMENTS]))
        if "score" in has:
            row["score"] = draw(st.sampled_from([None, None, 0.0, 0.5, 1.0]))
            row["success"] = draw(st.sampled_from([None, None, False, True]))
        if "count" in has:
            row["count"] = draw(st.sampled_from([None, 1, 2, 30]))
        if "received" in has:
            late = draw(st.sampled_from([None, 0, HOUR, DAY, 3 * DAY]))
            row["received"] = None if late is None else time + late
        rows.append(row)
    if "id" in has:
        for number, row in enumerate(rows):
            row["id"] = draw(st.just(f"{learner}-{number}") | st.none())
    for row in list(rows):
        copies = draw(st.sampled_from([0] * 8 + [1, 2]))
        rows += [dict(row) for _ in range(copies)]
        if copies and draw(st.booleans()):  # with an id: a conflict; without: one more event
            rows[-1]["time"] += draw(st.sampled_from([SECOND, HOUR]))
    return draw(st.permutations(rows))


@st.composite
def enrollments(draw: st.DrawFn, learners: list[Any], courses: list[str]) -> list[Row]:
    """Zero to two enrollments for each learner and course."""
    rows = []
    for learner in learners:
        for course in courses:
            moments = st.sampled_from([None] + [t - 12 * HOUR for t in ANCHORS])
            lengths = st.sampled_from([None, None, DAY, 60 * DAY])
            spans = st.lists(st.tuples(moments, lengths), max_size=2, unique=True)
            outcomes = st.sampled_from([None, None, "pass", "distinction", "fail", "withdrawn"])
            rows += [
                {
                    "learner": learner,
                    "course": course,
                    "start": start,
                    "end": None if length is None else (start or ANCHORS[0]) + length,
                    "outcome": draw(outcomes),
                }
                for start, length in draw(spans)
            ]
    return rows


@st.composite
def logs(draw: st.DrawFn) -> Log:
    """Draw a small log with any subset of the optional columns and tables."""
    pool: list[Any] = draw(st.sampled_from([TEXT_IDS, INTEGER_IDS]))
    learners = draw(st.lists(st.sampled_from(pool), min_size=1, max_size=3, unique=True))
    courses = draw(st.lists(st.sampled_from(COURSES), min_size=1, max_size=3, unique=True))
    optional = "verb course session duration position segments score count received id".split()
    lacks = draw(st.sets(st.sampled_from(optional), max_size=5))
    has = set(optional) - lacks
    events = [row for learner in learners for row in draw(runs(learner, has, courses))]
    if not events:
        row: Row = {"learner": learners[0], "time": ANCHORS[0], "content": "c1"}
        events = [row]
    zones = st.sampled_from([None, *ZONES])
    known = draw(st.none() | st.just([{"learner": x, "tz": draw(zones)} for x in learners]))
    moments = st.sampled_from([None, *ANCHORS])
    calendar = [{"course": c, "starts": draw(moments), "ends": draw(moments)} for c in courses]
    return Log(
        events=events,
        catalog=draw(st.none() | catalogs(courses)),
        courses=draw(st.sampled_from([None, calendar])),
        enrollments=draw(st.none() | enrollments(learners, courses)) or None,
        learners=known,
        tz=draw(zones),
        day_start=draw(st.sampled_from([0, 0, 4 * HOUR, 2 * HOUR + 30 * MINUTE])),
        resolution="instant",
    )


def lengths() -> st.SearchStrategy[int]:
    return st.sampled_from([SECOND, 10 * MINUTE, 30 * MINUTE, HOUR])


@st.composite
def estimators(draw: st.DrawFn) -> twin.StudyTime:
    """Every parameter of the estimator, the defaults more often than not."""
    table = st.dictionaries(st.sampled_from(["video", "page", "quiz"]), lengths(), min_size=1, max_size=2)
    imputed = st.tuples(st.just("impute"), st.none() | table)
    shortest = draw(st.sampled_from([0, 0, SECOND, 10 * MINUTE]))
    longest = st.sampled_from([None, None, 10 * MINUTE, 45 * MINUTE])
    return twin.StudyTime(
        gap=draw(st.sampled_from([30 * MINUTE, 30 * MINUTE, 5 * MINUTE, 2 * HOUR])),
        over_gap=draw(st.just("drop") | st.tuples(st.just("cap"), lengths()) | imputed),
        last_event=draw(st.just("zero") | st.tuples(st.just("fixed"), lengths()) | imputed),
        attribute_to=draw(st.sampled_from(["preceding", "following"])),
        sessions=draw(st.sampled_from(["gap", "given", "both"])),
        min_events=draw(st.sampled_from([1, 1, 2, 3])),
        min_duration=shortest,
        max_session=draw(longest),
        measured=draw(st.sampled_from(["prefer", "prefer", "ignore", "only"])),
        heartbeat=draw(st.sampled_from([None] * 5 + [(30 * SECOND, 0), (10 * MINUTE, 5 * SECOND)])),
    )


@st.composite
def film_logs(draw: st.DrawFn) -> Log:
    """One learner and one or two films: plays that overlap, jump, restart and never end."""
    rows = []
    told = draw(st.booleans())  # whether the player says what was watched
    time = ANCHORS[0]
    position = st.sampled_from([None, 0.0, 0.0, 0.2, 0.25, 0.5, 1.0, 20.0, 57.0, 60.0, 90.0])
    for _ in range(draw(st.integers(1, 12))):
        time += draw(st.sampled_from([0, SECOND, SECOND, 20 * SECOND, 60 * SECOND, 2 * SECOND, HOUR]))
        rows.append(
            {
                "learner": "L",
                "time": time,
                "content": draw(st.sampled_from(["c1", "c1", "c1", "c2"])),
                "verb": draw(st.sampled_from(PLAYBACK * 4 + ["viewed", "completed"])),
                "session": draw(st.sampled_from([None] * 6 + ["s1", "s2"])),
                "position": draw(position),
                "position_to": draw(position),
                "speed": draw(st.sampled_from([None] * 8 + [0.5, 2.0, 0.0])),
                "length": draw(st.sampled_from([None] * 8 + [60.0, 80.0, 0.0])),
                "segments": draw(st.sampled_from([None] * (12 if told else 1) + SEGMENTS * told)),
            }
        )
    length = st.sampled_from([60.0, 60.0, 60.25, 1.0, 1.0, None])
    catalog = [
        {"content": content, "course": "A", "kind": "video", "length": draw(length)}
        for content in ("c1", "c2")
    ]
    return Log(draw(st.permutations(rows)), catalog=catalog, resolution="instant")


@st.composite
def quiz_logs(draw: st.DrawFn) -> Log:
    """One or two learners and quizzes: work, results, numbers and responses in any order."""
    has = draw(st.sets(st.sampled_from(["score", "success", "attempt", "response"])))
    verbs = draw(st.sampled_from([WORK * 3 + RESULTS, WORK + RESULTS * 2 + ["viewed", None], [None]]))
    shares = st.sampled_from([None, None, 0.0, 0.25, 0.5, 0.75, 0.9, 1.0])
    numbers = draw(st.sampled_from([[1, 2, 3], [None, None, 1, 2], [0, 0, 2**31]]))
    time = ANCHORS[0]
    rows: list[Row] = []
    for _ in range(draw(st.integers(1, 14))):
        time += draw(st.sampled_from([0, SECOND, HOUR, 2 * DAY]))
        row: Row = {
            "learner": draw(st.sampled_from(["L1", "L1", "L2"])),
            "time": time,
            "content": draw(st.sampled_from(["c1", "c1", "c1", "c2"])),
            "course": draw(st.sampled_from(["A", "A", "A", None])),
            "verb": draw(st.sampled_from(verbs)),
            "received": draw(st.sampled_from([None, None, None, time + DAY])),
        }
        if "score" in has:
            row["score"] = draw(shares)
        if "success" in has:
            row["success"] = draw(st.sampled_from([None, None, False, True]))
        if "attempt" in has:
            row["attempt"] = draw(st.sampled_from(numbers))
        if "response" in has:
            row["response"] = draw(st.sampled_from([None, "a", "b", "ä c"]))
        rows.append(row)
    learners = draw(st.none() | st.just([{"learner": "L3", "course": "B", "start": None, "end": None}]))
    resolution = draw(st.sampled_from(["instant", "instant", "instant", "day"]))
    return Log(draw(st.permutations(rows)), enrollments=learners, resolution=resolution)


@st.composite
def path_logs(draw: st.DrawFn) -> Log:
    """One learner on long ways through one or two small courses, most contents placed."""
    time = ANCHORS[0]
    moments = st.sampled_from([None, time + 10 * MINUTE, time + HOUR, time + HOUR])
    catalog = [
        {
            "content": content,
            "course": course,
            "module": draw(st.sampled_from(["m1", "m2", None])),
            "kind": draw(st.sampled_from(KINDS)),
            "position": draw(st.sampled_from([1, 2, 3, 4, 5, 5, None])),
            "available_from": draw(moments),
            "required": draw(st.sampled_from([None, True, True, False])),
        }
        for content in CONTENTS
        for course in ("A", "B")
    ]
    rows = []
    for _ in range(draw(st.integers(6, 30))):
        time += draw(st.sampled_from([0, SECOND, 4 * MINUTE, 4 * MINUTE, 30 * MINUTE, 31 * MINUTE]))
        rows.append(
            {
                "learner": "L",
                "time": time,
                "content": draw(st.sampled_from(CONTENTS)),
                "course": draw(st.sampled_from(["A"] * 6 + ["B"])),
                "verb": draw(st.sampled_from(["viewed", "viewed", "played", "logged_in"])),
            }
        )
    return Log(draw(st.permutations(rows)), catalog=catalog, resolution="instant")


def moments(log: Log) -> st.SearchStrategy[int | None]:
    """``as_of`` before, at, between and after the events, and when something ends or begins."""
    events, courses, enrolled = log.events, log.courses or [], log.enrollments or []
    told = [row["time"] for row in events] + [row["ends"] for row in courses]
    told += [row[name] for row in enrolled for name in ("start", "end")]
    times = sorted({time for time in told if time is not None})
    return st.none() | st.sampled_from(times).flatmap(
        lambda time: st.sampled_from([time - 1, time, time + DAY, time + 20 * DAY])
    )
