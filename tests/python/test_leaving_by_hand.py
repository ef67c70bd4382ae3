"""What may be odd about an enrollment, with numbers a reader can check by hand, for the twin and kohort.

A course of four weeks begins on Monday 4 March 2024. `days(2)` is the third day of it at 10:00, the
midnight before it is `midnight(2)`. Of its two contents one is due after a week, one after two.
"""

from __future__ import annotations

from typing import Any

import pytest
from bridge import Kohort, Twin
from test_twin_by_hand import at
from twin import DAY, HOUR, Cell, Log, Row

START = at("2024-03-04 00:00")
COURSE = {"course": "A", "starts": START, "ends": START + 28 * DAY}
CATALOG = [
    {"content": "read", "course": "A", "kind": "page", "position": 1, "due": START + 7 * DAY},
    {"content": "work", "course": "A", "kind": "assignment", "position": 2, "due": START + 14 * DAY},
]
# somebody else is in the course, so that there is always a log
OTHER = {"learner": "other", "time": START, "content": "read", "course": "A", "verb": "viewed"}


@pytest.fixture(params=[Twin, Kohort], ids=["twin", "kohort"])
def side(request: pytest.FixtureRequest) -> Any:
    return request.param


def midnight(day: float) -> int:
    return START + int(day * DAY)


def days(*numbers: int, verb: str = "viewed", content: str = "read", late: int = 0) -> list[Row]:
    times = [midnight(number) + 10 * HOUR for number in numbers]
    return [
        {
            "learner": "L",
            "time": t,
            "content": content,
            "course": "A",
            "verb": verb,
            "received": t + late * DAY,
        }
        for t in times
    ]


def enrolled(start: float | None, end: float | None = None, outcome: str | None = None) -> Row:
    return {
        "learner": "L",
        "course": "A",
        "start": None if start is None else midnight(start),
        "end": None if end is None else midnight(end),
        "outcome": outcome,
    }


def world(events: list[Row], enrollments: list[Row] | None, **course: Cell) -> Log:
    return Log(
        [OTHER | {"received": START}, *events],
        catalog=CATALOG,
        courses=[COURSE | course],
        enrollments=enrollments,
        tz="UTC",
        resolution="instant",
    )


def hers(rows: list[Row]) -> list[Row]:
    return [row for row in rows if row["learner"] == "L"]


def told(rows: list[Row]) -> str:
    """One letter for each period: L left in it, C completed in it, - neither."""
    return "".join("L" if row["left"] else "C" if row["completed"] else "-" for row in hers(rows))


Q = 14 / 24  # from 10:00 to midnight
NEVER = ("never_started", None, "")


@pytest.mark.parametrize(
    ("events", "enrollments", "as_of", "expected"),
    [
        # never active: censored at once
        ([], [enrolled(0)], 40, NEVER),
        # unenrolled ten days after enrolling, ten days before the start
        ([], [enrolled(-20, -10)], 40, ("withdrawn", None, "-L")),
        ([], [enrolled(-20, -10)], -5, ("withdrawn", None, "-L")),
        # the end lies before the start: she left when she came
        ([], [enrolled(0, -5)], 40, ("withdrawn", None, "L")),
        # again in the course: the first enrollment begins her time, the latest says how it ended
        (days(3, 20), [enrolled(-30, -20, "withdrawn"), enrolled(2)], 40, ("active", 7 + Q, "-" * 8)),
        (days(3), [enrolled(-30, -20, "withdrawn"), enrolled(2, 9)], 40, ("withdrawn", 24 + Q, "-----L")),
        # active before enrolling, and not since
        (days(2, 3), [enrolled(10)], 40, ("stopped", 24 + Q, "L")),
        # active after unenrolling, and after the end of the course
        (days(1, 20), [enrolled(0, 8)], 40, ("withdrawn", 7 + Q, "-L")),
        (days(1, 35), [enrolled(0, 8)], 40, ("withdrawn", -8 + Q, "-L")),
        # after the end there is no time in the course: the fourth week is the last
        (days(1, 35), [enrolled(0, 33)], 40, ("withdrawn", -8 + Q, "---L")),
        (days(1, 35), [enrolled(0, None, "pass")], 40, ("completed", -8 + Q, "---C")),
        (days(1, 35), [enrolled(0)], 40, ("active", -8 + Q, "----")),
        # an outcome counts once the course is over
        (days(1), [enrolled(0, None, "pass")], 28, ("completed", 26 + Q, "C")),
        (days(1), [enrolled(0, None, "pass")], 27, ("stopped", 25 + Q, "L")),
        (days(1), [enrolled(0, None, "withdrawn")], 28, ("withdrawn", 26 + Q, "L")),
        (days(1), [enrolled(0, None, "fail")], 28, ("stopped", 26 + Q, "L")),
        # as of the middle: what comes is not known
        (days(1, 9, 20), [enrolled(0, 20)], 10, ("active", Q, "-")),
        (days(1, 9, 20), [enrolled(0, 20)], 20, ("withdrawn", 10 + Q, "--L")),
        # no start of the enrollment: the course's
        (days(9), [enrolled(None)], 40, ("stopped", 18 + Q, "-L")),
        (days(9), None, 40, ("stopped", 18 + Q, "-L")),
        # completed in the second week, seen until the third
        (days(1) + days(8, verb="submitted", content="work") + days(15), [enrolled(0)], 20,
         ("completed", 4 + Q, "--C")),
        # unenrolled by an event, before the enrollment was to end, after the last activity
        (days(1) + days(9, verb="unenrolled"), [enrolled(0, 28, "fail")], 20,
         ("withdrawn", 18 + Q, "-L")),
        (days(9, verb="unenrolled"), [enrolled(0, 60)], 20, ("withdrawn", None, "-L")),
        # ... which was received ten days later, so that it was not known before
        (days(1) + days(2, verb="unenrolled", late=10), [enrolled(0)], 11,
         ("active", 9 + Q, "-")),
        (days(1) + days(2, verb="unenrolled", late=10), [enrolled(0)], 13,
         ("withdrawn", 11 + Q, "L")),
        # unenrolled twice, and in another log back again
        (days(1) + days(9, 12, verb="unenrolled"), [enrolled(0)], 20, ("withdrawn", 18 + Q, "-L")),
        (days(1) + days(9, verb="unenrolled") + days(12, verb="enrolled"), [enrolled(0)], 14,
         ("active", 12 + Q, "--")),
    ],
)  # fmt: skip
def test_what_may_happen_to_an_enrollment(
    side: Any, events: list[Row], enrollments: list[Row] | None, as_of: int, expected: tuple[Any, ...]
) -> None:
    other = [] if enrollments is None else [enrolled(0) | {"learner": "other"}]
    log = world(events, None if enrollments is None else [*enrollments, *other])
    ours = side(log, as_of=midnight(as_of))
    (row,) = hers(ours.drop_off())
    status, quiet, periods = expected
    assert row["status"] == status
    assert row["inactive_days"] == (None if quiet is None else pytest.approx(quiet))
    assert told(ours.person_periods()) == periods


def test_a_course_without_an_end_is_never_over(side: Any) -> None:
    for outcome in ("pass", "withdrawn", None):
        log = world(days(1), [enrolled(0, None, outcome)], ends=None)
        late, soon = (side(log, as_of=midnight(day)) for day in (400, 10))
        assert [row["status"] for row in hers(late.drop_off())] == ["stopped"]
        assert told(late.person_periods()) == "L"
        assert [row["status"] for row in hers(soon.drop_off())] == ["active"]
        assert told(soon.person_periods()) == "-"
        assert len(hers(late.progress_over_time())) == 1  # what comes after would repeat


def test_where_nothing_says_when_she_began_there_are_no_periods(side: Any) -> None:
    log = world(days(1, 9), None, starts=None)
    ours = side(log, as_of=midnight(40))
    assert [row["status"] for row in hers(ours.drop_off())] == ["stopped"]
    assert told(ours.person_periods()) == ""
    weeks = [row["completed"] for row in hers(ours.progress_over_time())]
    assert weeks == [1] * 5  # from the first event on: 4, 11, 18 and 25 March, and the last moment


def test_an_enrollment_that_has_not_begun_is_not_there(side: Any) -> None:
    ours = side(world([], [enrolled(12)]), as_of=midnight(10))
    for table in ("drop_off", "person_periods", "pace", "engagement", "progress_over_time"):
        assert hers(getattr(ours, table)()) == [], table


def test_what_was_done_before_enrolling_is_known_in_the_first_week(side: Any) -> None:
    (row,) = hers(side(world(days(2, 3), [enrolled(10)]), as_of=midnight(40)).person_periods())
    assert (row["events"], row["active_days"], row["contents"]) == (2, 2, 1)
    assert row["days_since_last"] == pytest.approx(10 - 3 - 10 / 24)
    assert (row["start"], row["end"]) == (midnight(10), midnight(17))


def test_who_is_enrolled_and_never_active_falls_behind(side: Any) -> None:
    """Nothing of two contents done, and after two weeks both are due."""
    for day, expected in ((6, 0.0), (7, 0.5), (14, 1.0), (40, 1.0)):
        ours = side(world([], [enrolled(0)]), as_of=midnight(day))
        (row,) = hers(ours.pace())
        assert (row["progress"], row["expected"], row["pace"]) == (0.0, expected, -expected)
    (row,) = hers(ours.engagement())
    assert (row["label"], row["until"]) == ("out", midnight(14))
    series = hers(ours.progress_over_time())
    # four weeks, and the last moment of the course, which is a Monday
    assert [row["progress"] for row in series] == [0.0] * 5
    assert series[-1]["at"] == midnight(28)


@pytest.mark.parametrize(
    ("day", "late", "label"),
    [(13, 0, "on_track"), (14, 0, "behind"), (40, 0, "behind"), (13, 30, "on_track")],
)
def test_work_counts_when_it_was_handed_in(side: Any, day: int, late: int, label: str) -> None:
    """Due at midnight of day 14; work of before counts as in time, however late it became known."""
    log = world(days(day, verb="submitted", content="work", late=late), [enrolled(0)])
    (row,) = hers(side(log, as_of=midnight(100)).engagement())
    assert row["label"] == label
    if late:
        (row,) = hers(side(log, as_of=midnight(day + late)).engagement())
        assert row["label"] == "out"


def test_progress_is_that_of_the_week_in_which_it_became_known(side: Any) -> None:
    log = world(days(1) + days(8, verb="submitted", content="work", late=8), [enrolled(-7)])
    series = hers(side(log, as_of=midnight(40)).progress_over_time())
    # from the week of the enrollment; the work of the third week was received in the fourth
    assert [row["progress"] for row in series] == [0.0, 0.5, 0.5, 1.0, 1.0, 1.0]
    assert [str(row["period"]) for row in series][:2] == ["2024-02-26", "2024-03-04"]
