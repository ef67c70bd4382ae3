"""Arguments are taken exactly, or refused with the right form."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta
from decimal import Decimal

import kohort as kh
import numpy as np
import pytest
from bad import NOON, UTC, log, read, refused
from twin import Cell

NOT_SPANS = [30, 30.0, True, "30", "30 minutes?", "", "m", "-5m", "1e400d", "99999999999d", None]
NOT_SPANS += [Decimal(30), np.int64(30), np.float64(1.5), np.bool_(True), timedelta(seconds=-1)]


@pytest.mark.parametrize("odd", NOT_SPANS, ids=repr)
def test_a_length_of_time_that_is_none_shows_the_right_form(odd: Cell) -> None:
    for call in (lambda: kh.StudyTime(gap=odd), lambda: kh.cap(odd), lambda: kh.fixed(odd)):
        refused(call, '"30m"', kind=ValueError)
    refused(lambda: read(log()).personal(inactivity=odd), "`inactivity`", '"30m"', kind=ValueError)
    refused(lambda: read(log(), max_duration=odd), "`max_duration`", '"30m"', kind=ValueError)


@pytest.mark.parametrize("odd", [True, 2.0, Decimal(2), np.float64(2), "2", None, 0, -1, 2**70])
def test_a_whole_number_is_taken_exactly_or_not_at_all(odd: Cell) -> None:
    kinds = (kh.KohortError, TypeError, OverflowError)
    for call in (
        lambda: kh.StudyTime(min_events=odd),
        lambda: read(log(), max_events_per_day=odd),
        lambda: kh.simulate(learners=odd),
        lambda: read(log()).personal().frequency(min_activity=odd),
    ):
        with pytest.raises(kinds, match=r"min_events|max_events_per_day|learners|min_activity"):
            call()


def test_numpy_integers_are_whole_numbers() -> None:
    assert kh.StudyTime(min_events=np.int64(2)) == kh.StudyTime(min_events=2)
    assert read(log(), max_events_per_day=np.uint32(9)).personal() is not None


@pytest.mark.parametrize(
    "odd", [5, 5.0, True, "soon", "2025-13-01", "", Decimal(5), np.int64(5), [NOON]], ids=repr
)
def test_an_instant_that_is_none_shows_the_right_form(odd: Cell) -> None:
    refused(lambda: read(log()).personal(as_of=odd), "`as_of`", "2014-03-01", kind=ValueError)


EDGES = ["9999-12-31", "9999-12-31T12:00", "0001-01-02", date(9999, 12, 31), datetime(1, 1, 1, tzinfo=UTC)]


@pytest.mark.parametrize("edge", EDGES, ids=str)
@pytest.mark.parametrize("zone", ["UTC", "Asia/Tokyo", "America/New_York"])
def test_an_instant_may_be_as_far_as_a_datetime_goes(edge: Cell, zone: str) -> None:
    personal = read(log(), tz=zone).personal(as_of=edge)
    after = personal.as_of > NOON  # of what lies centuries before or after all events, so much counts
    assert after is ("9999" in str(edge))
    assert personal.summary().height == int(after)


def test_an_instant_that_no_datetime_holds_is_refused_by_name() -> None:
    for far, zone in (("9999-12-31T23:00", "America/New_York"), ("0001-01-01", "Asia/Tokyo")):
        data = read(log(), tz=zone)
        refused(lambda data=data, far=far: data.personal(as_of=far), "`as_of`", "1 to 9999", kind=ValueError)


def test_an_instant_may_be_written_in_several_ways() -> None:
    data = read(log(), tz="Europe/Helsinki")
    start = datetime(2025, 3, 3, 22, tzinfo=UTC)  # midnight in Helsinki
    for same in ("2025-03-04", date(2025, 3, 4), datetime(2025, 3, 4), start, "2025-03-03T22:00Z"):
        assert data.personal(as_of=same).as_of == start  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("call", "word"),
    [
        (lambda d: d.personal(completion={"quiz": "guessed"}), "guessed"),
        (lambda d: d.personal(completion={"quizz": "passed"}), "quizz"),
        (lambda d: d.personal(study_time="30m"), "study_time"),
        (lambda d: d.personal().study_time(by="planet"), "planet"),
        (lambda d: d.personal().study_time(by=["day", "day"]), "day"),
        (lambda d: d.personal().study_time(by=5), "by"),
        (lambda d: d.personal().study_time(week="lunar"), "lunar"),
        (lambda d: d.personal().frequency(by="day"), "day"),
        (lambda d: d.personal().regularity(by="day"), "day"),
        (lambda d: d.personal().delay(by="week"), "week"),
        (lambda d: d.personal().frequency(freeze=-1), "freeze"),
        (lambda d: d.personal().progress(by="course"), "course"),
        (lambda d: d.personal().video(open="guess"), "guess"),
        (lambda d: d.personal().video_segments(width="1500ms"), "width"),
        (lambda d: d.personal().video_segments(width="0s"), "width"),
        (lambda d: d.personal().video_segments(width="25h"), "width"),
        (lambda d: d.personal().video_segments(width=1), "width"),
        (lambda d: d.personal().learner("nobody"), "no such learner"),
        (lambda d: d.personal().learner(7), "learner"),
        (lambda d: d.personal().learner(True), "learner"),
        (lambda d: d.personal().learner(Decimal(1)), "learner"),
        (lambda _: read(log(), resolution="hour"), "hour"),
        (lambda _: read(log(), duplicates="maybe"), "maybe"),
        (lambda _: read(log(), extra="ignore"), "ignore"),
        (lambda _: read(log(), day_start="25:00"), "day_start"),
        (lambda _: read(log(), day_start=4), "day_start"),
        (lambda _: read(log(), tz=5), "tz"),
        (lambda _: kh.StudyTime(sessions="guess"), "guess"),
        (lambda _: kh.StudyTime(over_gap="cap"), "over_gap"),
        (lambda _: kh.StudyTime(last_event=kh.cap("1m")), "last_event"),
        (lambda _: kh.StudyTime(measured=True), "measured"),
        (lambda _: kh.impute({"film": "4m"}), "film"),
        (lambda _: kh.impute({"video": 4}), "video"),
        (lambda _: kh.read_parquet("/no/such/file.parquet"), "file.parquet"),
        (lambda _: kh.simulate(ids="uuid"), "uuid"),
    ],
)
def test_a_wrong_argument_is_named(call: Cell, word: str) -> None:
    data = read(log())
    with pytest.raises(kh.KohortError, match=re.escape(word)):
        call(data)
