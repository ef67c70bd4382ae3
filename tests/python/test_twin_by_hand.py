"""Small cases whose numbers a reader can check by hand, for the twin and for kohort alike."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import pytest
import twin
from bridge import Kohort, Twin
from twin import DAY, HOUR, MINUTE, SECOND, Cell, Log, Row, StudyTime

Side = Callable[..., Any]


@pytest.fixture(params=[Twin, Kohort], ids=["twin", "kohort"])
def side(request: pytest.FixtureRequest) -> Side:
    return request.param  # type: ignore[no-any-return]


def at(text: str) -> int:
    """Microseconds of a moment in UTC, ``"2024-03-04 10:00"``."""
    moment = datetime.fromisoformat(text).replace(tzinfo=twin.EPOCH.tzinfo)
    return (moment - twin.EPOCH) // timedelta(microseconds=1)


def event(time: str, content: str = "c1", learner: str = "L", **more: Cell) -> Row:
    return {"learner": learner, "time": at(time), "content": content, **more}


def log(*events: Row, **more: Cell) -> Log:
    return Log(list(events), **{"resolution": "instant", **more})


MORNING = log(
    event("2024-03-04 10:00"),
    event("2024-03-04 10:10"),
    event("2024-03-04 10:40"),  # exactly 30 minutes: the same session
    event("2024-03-04 11:11"),  # 31 minutes: the next one
)


def only(rows: list[Row], column: str) -> Cell:
    (row,) = rows
    return row[column]


def test_a_gap_of_exactly_the_limit_is_inside_the_session(side: Side) -> None:
    first, second = side(MORNING).sessions()
    assert (first["start"], first["end"]) == (at("2024-03-04 10:00"), at("2024-03-04 10:40"))
    assert (first["session"], first["events"], first["study_time"]) == (1, 3, 40 * MINUTE)
    assert (second["session"], second["events"], second["study_time"]) == (2, 1, 0)


@pytest.mark.parametrize(
    ("est", "minutes"),
    [
        (StudyTime(), 10 + 30),
        (StudyTime(gap=20 * MINUTE), 10),
        (StudyTime(over_gap=("cap", 5 * MINUTE)), 10 + 30 + 5),
        (StudyTime(over_gap=("cap", HOUR)), 10 + 30 + 31),
        (StudyTime(last_event=("fixed", 5 * MINUTE)), 10 + 30 + 5 + 5),
        (StudyTime(last_event=("fixed", HOUR)), 10 + 30 + 31 + 60),
        (StudyTime(over_gap=("cap", 5 * MINUTE), last_event=("fixed", MINUTE)), 40 + 5 + 1),
        (StudyTime(over_gap=("impute", None)), 10 + 30 + 20),  # median of 10 and 30
        (StudyTime(over_gap=("impute", {"video": 9 * MINUTE})), 10 + 30),  # kind null: 0
        (StudyTime(min_events=2), 40),
        (StudyTime(min_duration=41 * MINUTE), 0),
        (StudyTime(max_session=35 * MINUTE), 35),
        (StudyTime(measured="only"), 0),
    ],
)
def test_each_parameter_of_the_estimator_moves_the_total_as_it_says(
    side: Side, est: StudyTime, minutes: int
) -> None:
    assert only(side(MORNING, est).study_time(), "study_time") == minutes * MINUTE


def test_the_gap_belongs_to_the_content_before_it_or_after_it(side: Side) -> None:
    two = log(event("2024-03-04 10:00", "a"), event("2024-03-04 10:10", "b"))
    before = side(two).study_time(["content"])
    after = side(two, StudyTime(attribute_to="following")).study_time(["content"])
    assert before == [{"learner": "L", "content": "a", "study_time": 10 * MINUTE}]
    assert after == [{"learner": "L", "content": "b", "study_time": 10 * MINUTE}]


def test_measured_intervals_are_united_before_they_are_added(side: Side) -> None:
    # two intervals of 10 minutes that share 5 are 15
    overlap = log(
        event("2024-03-04 10:00", duration=10 * MINUTE),
        event("2024-03-04 10:05", duration=10 * MINUTE),
    )
    assert only(side(overlap).study_time(), "study_time") == 15 * MINUTE
    ignored = side(overlap, StudyTime(measured="ignore")).study_time()
    assert only(ignored, "study_time") == 5 * MINUTE


def test_an_estimate_never_counts_what_a_measured_interval_covers(side: Side) -> None:
    # measured 10:00-10:20; the gap 10:10-10:30 adds only 10:20-10:30
    mixed = log(
        event("2024-03-04 10:00", "a", duration=20 * MINUTE),
        event("2024-03-04 10:10", "b", duration=None),
        event("2024-03-04 10:30", "c", duration=None),
    )
    assert side(mixed).study_time(["content"]) == [
        {"learner": "L", "content": "a", "study_time": 20 * MINUTE},
        {"learner": "L", "content": "b", "study_time": 10 * MINUTE},
    ]


def test_heartbeats_count_the_beats_between_them(side: Side) -> None:
    # pings of a film at 10:00:10, 10:00:40, 10:01:20 and 10:02:30 lie in the minutes 0, 0, 1 and 2: two
    # beats, and 5 s for the first; a page is opened once in between, which is its first ping only
    pings = log(
        event("2024-03-04 10:00:10", "film"),
        event("2024-03-04 10:00:40", "film"),
        event("2024-03-04 10:01:20", "film"),
        event("2024-03-04 10:01:50", "page"),
        event("2024-03-04 10:02:30", "film"),
    )
    est = StudyTime(heartbeat=(MINUTE, 5 * SECOND))
    assert side(pings, est).study_time(["content"]) == [
        {"learner": "L", "content": "film", "study_time": 125 * SECOND},
        {"learner": "L", "content": "page", "study_time": 5 * SECOND},
    ]
    assert only(side(pings).study_time(), "study_time") == 140 * SECOND


def test_session_ids_cut_where_they_differ(side: Side) -> None:
    named = log(
        event("2024-03-04 10:00", session="s"),
        event("2024-03-04 12:00", session="s"),
        event("2024-03-04 12:10", session="t"),
    )
    counts = {
        mode: len(side(named, StudyTime(sessions=mode)).sessions()) for mode in ("gap", "given", "both")
    }
    # gap: 10:00 | 12:00 12:10; given: 10:00 12:00 | 12:10; both: three
    assert counts == {"gap": 2, "given": 2, "both": 3}


def test_time_is_divided_at_midnight_and_at_the_hour(side: Side) -> None:
    late = log(event("2024-03-04 23:50"), event("2024-03-05 00:15"))
    days = side(late).study_time(["day"])
    assert [(r["day"], r["study_time"]) for r in days] == [
        (date(2024, 3, 4), 10 * MINUTE),
        (date(2024, 3, 5), 15 * MINUTE),
    ]
    hours = side(late).study_time(["hour"])
    assert [(r["hour"], r["study_time"]) for r in hours] == [(0, 15 * MINUTE), (23, 10 * MINUTE)]


def test_a_day_that_starts_at_four_keeps_the_night_together(side: Side) -> None:
    late = log(event("2024-03-04 23:50"), event("2024-03-05 00:15"), day_start=4 * HOUR)
    assert only(side(late).study_time(["day"]), "day") == date(2024, 3, 4)
    assert only(side(late).summary(), "active_days") == 1


def test_the_hour_that_comes_twice_counts_twice(side: Side) -> None:
    # Helsinki, 27 October 2024: 03:00-04:00 comes twice, at 00:00 and 01:00 UTC
    night = log(
        *[event(f"2024-10-27 0{h}:{m}") for h in (0, 1) for m in ("00", "30")],
        event("2024-10-27 02:00"),
        tz="Europe/Helsinki",
    )
    rows = side(night).study_time(["hour"])
    assert rows == [{"learner": "L", "hour": 3, "study_time": 2 * HOUR}]


def test_weeks_of_a_course_begin_with_its_local_day(side: Side) -> None:
    # Helsinki: the course starts on Monday 25 March, the clocks change on the 31st, and at
    # 00:30 on Monday 1 April its second week has begun, 167.5 hours after the first
    spring = log(
        event("2024-03-31 21:30", course="A"),
        event("2024-03-31 21:31", course="A"),
        courses=[{"course": "A", "starts": at("2024-03-24 22:00"), "ends": None}],
        tz="Europe/Helsinki",
    )
    assert only(side(spring).study_time(["week"], "course"), "week") == 2


def test_a_learners_own_zone_decides_her_day(side: Side) -> None:
    twins = log(
        event("2024-03-04 20:00", learner="a"),
        event("2024-03-04 20:00", learner="b"),
        event("2024-03-04 23:30", learner="a"),
        event("2024-03-04 23:30", learner="b"),
        learners=[{"learner": "a", "tz": "Asia/Kolkata"}, {"learner": "b", "tz": None}],
        tz="Europe/Helsinki",
    )
    # Kolkata: 01:30 and 05:00 of the 5th; Helsinki: 22:00 of the 4th and 01:30 of the 5th
    assert [r["active_days"] for r in side(twins).summary()] == [1, 2]


CATALOG = [
    {
        "content": name,
        "course": "A",
        "module": module,
        "kind": kind,
        "position": position,
        "length": length,
        "expected_duration": expected,
        "required": required,
    }
    for name, module, kind, position, length, expected, required in [
        ("film", "m1", "video", 1, 100.0, 10 * MINUTE, True),
        ("text", "m1", "page", 2, None, 20 * MINUTE, None),
        ("test", "m2", "quiz", 3, None, 30 * MINUTE, True),
        ("more", "m2", "page", 4, None, 5 * MINUTE, False),
    ]
]


def play(minute: int, verb: str, position: float) -> Row:
    return event(f"2024-03-04 10:{minute:02}", "film", verb=verb, position=position)


def seek(minute: int, position: float, to: float) -> Row:
    return play(minute, "seeked", position) | {"position_to": to}


def told(minute: int, segments: str) -> Row:
    return event(f"2024-03-04 10:{minute:02}", "film", verb="interacted", segments=segments)


@pytest.mark.parametrize(
    ("events", "completed"),
    [
        ([play(0, "played", 0.0), play(2, "paused", 95.0)], 1),
        ([play(0, "played", 0.0), play(2, "paused", 94.0)], 0),
        # seeking to the end is not watching it
        ([play(0, "played", 0.0), play(1, "seeked", 10.0), play(2, "ended", 100.0)], 0),
        # seconds 0-60 and 40-96 are 96 distinct seconds
        (
            [
                play(0, "played", 0.0),
                play(1, "paused", 60.0),
                play(2, "played", 40.0),
                play(3, "paused", 96.0),
            ],
            1,
        ),
        # a second play ends the first where playing can have come to in a minute, not beyond
        ([play(0, "played", 0.0), play(1, "played", 50.0), play(2, "paused", 100.0)], 1),
        ([play(0, "played", 0.0), play(1, "played", 70.0), play(2, "paused", 100.0)], 0),
        # nor after more than half an hour of standing still
        ([play(0, "played", 0.0), play(32, "played", 50.0), play(33, "paused", 100.0)], 0),
        # a seek out of playing goes on where it went
        ([play(0, "played", 0.0), seek(1, 50.0, 50.0), play(2, "ended", 100.0)], 1),
        ([play(0, "played", 0.0), seek(1, 50.0, 60.0), play(2, "ended", 100.0)], 0),
        # what the player says
        ([play(0, "played", 0.0), told(1, "0[.]60"), told(2, "0[.]60[,]61[.]98")], 1),
        # the latest that the player says is the truth, whatever was played and paused
        ([play(0, "played", 0.0), play(1, "paused", 99.0), told(2, "0[.]60")], 0),
        ([told(0, "0[.]99"), told(1, "0[.]60[,]3")], 0),
        # closed is closed: the second pause is of no play
        ([play(0, "played", 0.0), play(1, "paused", 9.0), play(2, "paused", 100.0)], 0),
        # said to be completed
        ([play(0, "completed", 3.0)], 1),
    ],
)
def test_a_video_is_complete_at_95_percent_of_distinct_seconds(
    side: Side, events: list[Row], completed: int
) -> None:
    films = log(*events, catalog=CATALOG)
    assert only(side(films).summary(), "completed") == completed


def test_what_was_watched_of_a_film(side: Side) -> None:
    films = log(
        play(0, "played", 0.0),
        play(1, "paused", 60.0),
        play(2, "played", 40.0),
        seek(3, 90.0, 0.0),
        play(4, "paused", 50.0),
        play(5, "played", 10.0),
        catalog=CATALOG,
    )
    expected = {
        "plays": 3,
        "pauses": 2,
        "seeks": 1,
        "watch_time": 160 * SECOND,  # 0-60, 40-90, 0-50
        "distinct": 90 * SECOND,
        "coverage": 0.9,
        "rewatch_share": 70 / 160,
        "furthest": 90.0,
        "completed": False,
        "open": 1,
        "reason": None,
    }
    (row,) = side(films).video()
    assert {name: row[name] for name in expected} == expected
    columns = ["from_second", "to_second", "views"]
    runs = [tuple(row[column] for column in columns) for row in side(films).video_segments(10)]
    assert runs == [(0, 40, 2), (40, 50, 3), (50, 60, 2), (60, 90, 1)]


def test_an_open_play_is_imputed_to_the_next_event(side: Side) -> None:
    films = log(
        play(0, "played", 10.0) | {"speed": 1.5},
        event("2024-03-04 10:00:30", "text"),
        play(2, "played", 0.0),
        event("2024-03-04 11:30", "text"),
        catalog=CATALOG,
    )
    (dropped,) = side(films).video()
    assert (dropped["watch_time"], dropped["open"], dropped["reason"]) == (None, 2, "no play was closed")
    (imputed,) = side(films).video(open="impute")
    # 10 to 55 at one and a half times; then to the end of the film
    assert (imputed["watch_time"], imputed["coverage"], imputed["open"]) == (145 * SECOND, 1.0, 2)


@pytest.mark.parametrize(
    ("events", "reason"),
    [
        ([event("2024-03-04 10:00", "film", verb="played")], "no positions"),
        ([play(0, "played", 0.0)], "no play was closed"),
        ([play(0, "paused", 9.0)], "no play was closed"),
    ],
)
def test_what_is_not_known_is_not_zero(side: Side, events: list[Row], reason: str) -> None:
    (row,) = side(log(*events, catalog=CATALOG)).video()
    assert (row["reason"], row["watch_time"], row["distinct"], row["coverage"]) == (reason, None, None, None)


def test_without_a_catalog_the_longest_length_told_counts(side: Side) -> None:
    events = [play(0, "played", 0.0), play(1, "paused", 30.0) | {"length": 60.0}]
    (row,) = side(log(*events)).video()
    assert (row["coverage"], row["completed"], row["reason"]) == (0.5, False, None)
    (unknown,) = side(log(*(e | {"length": None} for e in events))).video()
    assert (unknown["coverage"], unknown["distinct"], unknown["reason"]) == (None, 30 * SECOND, "no length")


def test_progress_counts_what_is_required_and_available(side: Side) -> None:
    read = log(
        event("2024-03-04 10:00", "text", verb="viewed"),
        event("2024-03-04 10:05", "more", verb="viewed"),
        event("2024-03-04 10:06", "test", verb="viewed"),
        catalog=CATALOG,
    )
    row = side(read).progress()[0]
    # of film, text, test only text is done: 1 of 3; by expected time 20 of 60 minutes
    assert (row["completed"], row["available"]) == (1, 3)
    assert row["progress"] == pytest.approx(1 / 3)
    assert row["progress_weighted"] == pytest.approx(20 / 60)
    modules = side(read).progress("module")
    assert [(r["module"], r["completed"], r["available"]) for r in modules] == [
        ("m1", 1, 2),
        ("m2", 0, 1),
    ]
    assert only(side(read).summary(), "completed") == 2  # text and more
    looked = side(read, completion={"quiz": "engaged"}).summary()
    assert only(looked, "completed") == 3


@pytest.mark.parametrize(
    ("enrollment", "verbs", "days_later", "expected"),
    [
        ({}, ["viewed"], 14, "active"),  # exactly the limit is still active
        ({}, ["viewed"], 15, "stopped"),
        ({}, ["enrolled"], 1, "never_started"),
        ({}, ["viewed", "unenrolled"], 1, "withdrawn"),
        ({}, ["viewed", "unenrolled", "enrolled"], 1, "active"),
        ({"end": at("2024-03-05 00:00")}, ["viewed"], 1, "withdrawn"),
        ({"end": at("2024-03-05 00:00"), "outcome": "fail"}, ["viewed"], 1, "active"),
        ({"outcome": "pass"}, ["viewed"], 1, "active"),  # not yet over
        ({"outcome": "pass"}, ["viewed"], 40, "completed"),
        ({"outcome": "pass"}, ["viewed"], 30, "completed"),  # over to the microsecond
        ({"end": at("2024-03-04 10:00") + DAY}, ["viewed"], 1, "withdrawn"),
        ({"outcome": "withdrawn"}, ["viewed"], 40, "withdrawn"),
        ({"outcome": "withdrawn"}, ["viewed"], 1, "active"),
        ({"outcome": "fail"}, ["viewed"], 40, "stopped"),
    ],
)
def test_the_first_status_that_matches_wins(
    side: Side, enrollment: Row, verbs: list[str], days_later: int, expected: str
) -> None:
    start = at("2024-03-04 10:00")
    one = log(
        *[event(f"2024-03-04 10:0{i}", course="A", verb=v) for i, v in enumerate(verbs)],
        enrollments=[
            {"learner": "L", "course": "A", "start": start, "end": None, "outcome": None} | enrollment
        ],
        courses=[{"course": "A", "starts": start, "ends": start + 30 * DAY}],
    )
    rows = side(one, as_of=start + days_later * DAY).drop_off()
    assert only(rows, "status") == expected


def test_the_furthest_content_is_not_the_last(side: Side) -> None:
    back = log(
        event("2024-03-04 10:00", "test"),
        event("2024-03-05 10:00", "film"),
        event("2024-03-06 10:00", "text", verb="logged_in"),
        catalog=CATALOG,
    )
    row = side(back).drop_off()[-1]
    assert (row["furthest_content"], row["furthest_module"]) == ("test", "m2")
    assert row["furthest_position"] == 3
    assert (row["last_content"], row["last_module"], row["last_position"]) == ("film", "m1", 1)


def test_streaks_are_runs_of_local_days(side: Side) -> None:
    days = log(*[event(f"2024-03-{day:02} 10:00") for day in (1, 2, 3, 5, 6, 20, 21)])
    row = only_row(side(days).frequency())
    assert (row["longest_streak"], row["current_streak"]) == (3, 2)
    assert only(side(days).frequency(freeze=1), "longest_streak") == 5
    tomorrow, later = at("2024-03-22 23:00"), at("2024-03-23 00:00")
    assert only(side(days, as_of=tomorrow).frequency(), "current_streak") == 2
    assert only(side(days, as_of=later).frequency(), "current_streak") == 0
    # 1-3 March is ISO week 9, 5-6 week 10, 20-21 week 12
    assert (row["active_weeks"], row["longest_week_streak"]) == (3, 2)
    assert (row["current_week_streak"], row["days_since_last"]) == (1, 0)


def only_row(rows: list[Row]) -> Row:
    (row,) = rows
    return row


def test_gaps_between_sessions_run_from_end_to_start(side: Side) -> None:
    three = log(
        event("2024-03-04 10:00"),
        event("2024-03-04 10:20"),
        event("2024-03-04 12:20"),  # two hours after the end
        event("2024-03-04 16:20"),  # four hours
    )
    row = only_row(side(three).frequency())
    assert (row["sessions"], row["session_gap_median"]) == (3, 3 * HOUR)
    assert row["session_gap_mean"] == 3 * HOUR
    assert row["session_gap_cv"] == pytest.approx(2**0.5 / 3)  # sd of 2 and 4 over 3
    assert (row["morning_share"], row["afternoon_share"]) == (0.5, 0.5)
    assert (row["weeks"], row["sessions_per_week"]) == (1.0, 3.0)


def test_a_pause_of_the_learner_in_another_course_does_not_cut_the_session(side: Side) -> None:
    mixed = log(
        event("2024-03-04 10:00", course="A"),
        event("2024-03-04 10:20", course="B"),
        event("2024-03-04 10:40", course="A"),
    )
    assert [(r["course"], r["sessions"], r["study_time"]) for r in side(mixed).summary()] == [
        ("A", 1, 20 * MINUTE),
        ("B", 1, 20 * MINUTE),
    ]


def test_registration_is_a_fact_and_not_activity(side: Side) -> None:
    row = only_row(side(log(event("2024-03-04 10:00", verb="enrolled", course="A", count=3))).summary())
    assert (row["events"], row["interactions"]) == (1, 3)
    assert (row["sessions"], row["active_days"], row["study_time"]) == (0, 0, 0)
    assert row["first_active"] is None


def test_logging_in_is_activity_but_touches_no_content(side: Side) -> None:
    row = only_row(side(log(event("2024-03-04 10:00", verb="logged_in", course="A"))).summary())
    assert (row["sessions"], row["active_days"], row["contents"]) == (1, 1, 0)


def test_what_was_received_later_was_not_known(side: Side) -> None:
    late = log(
        event("2024-03-04 10:00", received=at("2024-03-04 10:00")),
        event("2024-03-04 11:00", received=at("2024-03-09 11:00")),
    )
    assert only(side(late, as_of=at("2024-03-05 00:00")).summary(), "events") == 1
    assert only(side(late).summary(), "events") == 2


def test_a_log_of_days_has_no_minutes(side: Side) -> None:
    days = [event("2024-03-04 00:00", course="A"), event("2024-03-05 00:00", course="A")]
    clicks = Log(days)
    row = only_row(side(clicks).summary())
    assert (row["sessions"], row["study_time"], row["active_days"]) == (None, None, 2)
    assert side(clicks).sessions() == []
    assert side(clicks).study_time() == [{"learner": "L", "study_time": None}]
    assert side(clicks).study_time(["hour"]) == []


def test_a_course_follows_from_the_catalog_only_when_it_is_the_only_one(side: Side) -> None:
    shelf = [
        {"content": "c1", "course": "A"},
        {"content": "c2", "course": "A"},
        {"content": "c2", "course": "B"},
    ]
    both = log(event("2024-03-04 10:00", "c1"), event("2024-03-04 10:05", "c2"), catalog=shelf)
    assert [row["course"] for row in side(both).summary()] == [None, "A"]
