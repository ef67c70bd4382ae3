"""Open edX tracking logs, from files to learning data."""

from __future__ import annotations

import gzip
import json
from datetime import datetime, timezone
from pathlib import Path

import kohort as kh
import polars as pl
import pytest
from kohort import _core
from real_data import real_data

COURSE = "course-v1:Uni+Stats1+2024"
VIDEO = "block-v1:Uni+Stats1+2024+type@video+block@v1"


def record(name: str, event: object, *, user: object = 7, time: str = "2024-03-05T10:00:00+00:00") -> str:
    """Write an event of the server."""
    line = {
        "event_type": name,
        "event_source": "server",
        "event": event,
        "time": time,
        "agent": "Mozilla/5.0 Firefox/115.0",
        "context": {"user_id": user, "course_id": COURSE},
    }
    return json.dumps(line)


def tables(path: Path) -> dict[str, pl.DataFrame]:
    """Read the events and the tables beside them."""
    read = _core.read_standard(
        "tracking_log", [str(path)], output=None, pseudonymize=None, tz=None, home_page=None, progress=None
    )
    return {name: pl.DataFrame(table) for name, table in read.tables()}


def found(data: kh.LearningData) -> dict[str, int]:
    """What reading the source told."""
    quality = data.quality.filter(pl.col("table") == "source")
    return dict(quality.select("finding", "rows").iter_rows())


LINES = [
    record("play_video", json.dumps({"id": VIDEO, "currentTime": 0})),
    record("pause_video", {"id": VIDEO, "currentTime": "30.5"}, time="2024-03-05T10:00:31+00:00"),
    record("edx.new.thing", {"usage_key": VIDEO}),
    record("play_video", {"id": VIDEO}, user=None),
    "not json",
    record("/static/a.png", ""),
]


@pytest.mark.filterwarnings("ignore::kohort.RejectedRowsWarning")
@pytest.mark.parametrize("header", ["", "Mar  5 10:00:00 lms [tracking] - "])
@pytest.mark.parametrize("packed", [False, True])
def test_a_log_comes_in_with_what_was_refused(tmp_path: Path, header: str, packed: bool) -> None:
    text = "".join(f"{header}{line}\n" for line in LINES).encode()
    path = tmp_path / ("tracking.log.gz" if packed else "tracking.log")
    path.write_bytes(gzip.compress(text) if packed else text)
    data = kh.read_tracking_log(tmp_path)
    assert data.rejected.select("row", "reason").rows() == [(3, "Anonymous"), (4, "NotJson")]
    told = found(data)
    assert told["records read"] == len(LINES)
    assert told["verb kept as interacted: edx.new.thing"] == 1
    assert told["requests for files, interfaces or pages outside courses, left out"] == 1
    assert tables(path)["events"]["verb"].to_list() == ["played", "paused", "interacted"]


def test_a_pseudonym_takes_the_place_of_the_account(tmp_path: Path) -> None:
    path = tmp_path / "tracking.log"
    path.write_text(LINES[0] + "\n" + record("edx.course.enrollment.activated", {"user_id": "7"}))
    data = kh.read_tracking_log(path, pseudonymize=b"k" * 32)
    learners = data.personal().summary()["learner"].to_list()
    assert len(learners) == 1
    assert learners != ["7"]


def test_groups_have_the_time_of_coming_and_of_leaving(tmp_path: Path) -> None:
    moves = [
        ("edx.cohort.user_added", "1", "2024-03-01"),
        ("edx.cohort.user_added", "2", "2024-03-01"),
        ("edx.cohort.user_removed", "2", "2024-03-03"),
        ("edx.cohort.user_added", "3", "2024-03-01"),
        ("edx.cohort.user_removed", "3", "2024-03-02"),
        ("edx.cohort.user_added", "3", "2024-03-04"),
    ]
    path = tmp_path / "tracking.log"
    # The order of the lines does not matter, their times do.
    lines = [
        record(name, {"cohort_id": 5, "user_id": user}, time=f"{day}T00:00:00Z") for name, user, day in moves
    ]
    path.write_text("\n".join([*reversed(lines), LINES[0]]))
    members = tables(path)["memberships"]
    days = members.select("group", "learner", pl.col("since").dt.day(), pl.col("until").dt.day())
    assert days.rows() == [("cohort-5", "1", 1, None), ("cohort-5", "2", 1, 3), ("cohort-5", "3", 1, None)]
    kh.read_tracking_log(path)


def test_the_enrollments_of_aspects(tmp_path: Path) -> None:
    """Aspects counts 729 enrolments.

    Its seeds hold no tracking log: `enrollment_events_expected.csv` are the statements that the
    platform made of its enrolment events, flattened. So each row is written down as the record it
    came from (`registered` from an activation, `unregistered` from a deactivation), and what the
    reader makes of the log must equal the facts, and the last word on each learner and course.
    """
    folder = real_data("aspects_dbt_seeds/enrollment")
    rows = pl.read_csv(folder / "enrollment_events_expected.csv")
    names = {"registered": "activated", "unregistered": "deactivated"}
    path = tmp_path / "tracking.log"
    with path.open("w") as log:
        for row in rows.iter_rows(named=True):
            detail = {
                "user_id": row["actor_id"],
                "course_id": row["course_key"],
                "mode": row["enrollment_mode"],
            }
            name = f"edx.course.enrollment.{names[row['enrollment_status']]}"
            # The account that set it off is not the one that is enrolled.
            log.write(record(name, detail, user=1, time=row["emission_time"]) + "\n")
    read = tables(path)

    facts = pl.read_csv(folder / "fact_enrollments_expected.csv")
    assert facts.height == 729
    time = pl.col("emission_time").str.to_datetime(time_zone="UTC", time_unit="us")
    verbs = {"registered": "enrolled", "unregistered": "unenrolled"}
    expected = facts.select(
        learner="actor_id",
        course="course_key",
        time=time,
        verb=pl.col("enrollment_status").replace_strict(verbs),
    )
    events = read["events"].select("learner", "course", "time", "verb")
    keys = ["learner", "course", "time", "verb"]
    assert events.sort(keys).equals(expected.sort(keys))

    last = pl.read_csv(folder / "dim_most_recent_enrollment_expected.csv")
    enrollments = read["enrollments"]
    state = enrollments.select(
        "learner",
        "course",
        status=pl.when(pl.col("end").is_null()).then(pl.lit("registered")).otherwise(pl.lit("unregistered")),
    )
    known = last.select(learner="actor_id", course="course_key", status="enrollment_status")
    keys = ["learner", "course"]
    assert state.sort(keys).equals(known.sort(keys))
    first = expected.filter(pl.col("verb") == "enrolled").group_by(keys).agg(start=pl.col("time").min())
    assert enrollments.select(*keys, "start").drop_nulls().sort(keys).equals(first.sort(keys))


def test_the_table_of_events_is_published() -> None:
    table = kh.mapping("tracking_log")
    assert table.height > 150
    assert table.filter(pl.col("source") == "problem_check")["verb"].to_list() == ["submitted"]


def test_times_without_an_offset_are_utc_in_every_zone(tmp_path: Path) -> None:
    path = tmp_path / "tracking.log"
    path.write_text(record("play_video", {"id": VIDEO}, time="2012-11-04T09:30:00.5"))
    data = kh.read_tracking_log(path, tz="Asia/Tokyo")
    assert found(data)["times without an offset, read as UTC"] == 1
    assert tables(path)["events"]["time"].to_list() == [
        datetime(2012, 11, 4, 9, 30, 0, 500_000, timezone.utc)
    ]
