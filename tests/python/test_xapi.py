"""xAPI through the public API: people, options, and what Open edX publishes of its own statements."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import kohort as kh
import polars as pl
import pytest
from kohort import cli
from polars.testing import assert_frame_equal
from real_data import real_data

if TYPE_CHECKING:
    from pathlib import Path

PLATFORM = "https://lms.example.org"


def statement(number: int, actor: dict[str, Any], verb: str, content: str, time: str) -> dict[str, Any]:
    return {
        "id": f"11111111-2222-4333-8444-{number:012}",
        "actor": actor,
        "verb": {"id": verb},
        "object": {"id": content},
        "timestamp": time,
    }


def account(name: str) -> dict[str, Any]:
    return {"account": {"homePage": PLATFORM, "name": name}}


def write(path: Path, statements: list[dict[str, Any]]) -> Path:
    path.write_text("".join(json.dumps(one) + "\n" for one in statements), encoding="utf-8")
    return path


@pytest.fixture
def log(tmp_path: Path) -> Path:
    verb, time = "http://adlnet.gov/expapi/verbs/experienced", "2024-03-01T10:00:{:02}Z"
    people = [account("ann"), account("bo"), account("ann")]
    return write(
        tmp_path / "log.jsonl",
        [statement(n, who, verb, f"{PLATFORM}/page", time.format(n)) for n, who in enumerate(people)],
    )


def learners(data: kh.LearningData) -> set[str]:
    return set(data.personal().summary()["learner"])


def test_accounts_of_the_home_page_are_their_names(log: Path) -> None:
    assert learners(kh.read_xapi(log)) == {f"{PLATFORM} ann", f"{PLATFORM} bo"}
    assert learners(kh.read_xapi(log, home_page=PLATFORM)) == {"ann", "bo"}
    with pytest.raises(kh.KohortError, match="home_page"):
        kh.read_xapi(log, home_page=7)  # type: ignore[arg-type]


def test_addresses_are_refused_unless_there_is_a_key(tmp_path: Path) -> None:
    person = {"mbox": "mailto:ann@example.org"}
    verb = "http://adlnet.gov/expapi/verbs/experienced"
    path = write(
        tmp_path / "log.jsonl", [statement(1, person, verb, f"{PLATFORM}/page", "2024-03-01T10:00:00Z")]
    )
    with pytest.raises(kh.SchemaError, match="e-mail"):
        kh.read_xapi(path)
    (learner,) = learners(kh.read_xapi(path, pseudonymize=b"k" * 32))
    assert "ann" not in learner


def test_what_breaks_a_rule_is_told_by_its_name(log: Path) -> None:
    with log.open("a", encoding="utf-8") as file:
        file.write('{"actor": {}}\n')
    with pytest.warns(UserWarning, match="1"):
        data = kh.read_xapi(log)
    assert data.rejected.select("table", "row", "column", "reason").rows() == [
        ("source", 3, "actor", "NoIdentifier")
    ]


def test_the_mapping_says_what_verbs_become() -> None:
    verbs = dict(kh.mapping("xapi").iter_rows())
    assert verbs["https://w3id.org/xapi/video/verbs/seeked"] == "seeked"
    cmi5 = "abandoned completed failed initialized launched passed satisfied terminated waived"
    assert all(any(verb.endswith(f"/{word}") for verb in verbs) for word in cmi5.split())


def from_csv(path: Path, output: Path) -> tuple[pl.DataFrame, Path]:
    """Make the statements of a table that Open edX Aspects derived from them."""
    table = pl.read_csv(path, infer_schema=False)
    rows = table.to_dicts()
    video = "https://w3id.org/xapi/video/extensions/"
    made = []
    for row in rows:
        time = row["emission_time"].replace(" ", "T") + "Z"
        one = statement(0, account(row["actor_id"]), row["verb_id"], row["object_id"], time) | {
            "id": row["event_id"]
        }
        if "video_position" in row:
            one["result"] = {"extensions": {video + "time": float(row["video_position"])}}
            one["context"] = {"extensions": {video + "length": float(row["video_duration"])}}
        made.append(one)
    return table, write(output, made)


def events(path: Path, tmp_path: Path) -> pl.DataFrame:
    output = tmp_path / "events.parquet"
    code = cli.main(["convert", "--from", "xapi", str(path), "--home-page", PLATFORM, "-o", str(output)])
    assert code == 0
    return pl.read_parquet(output)


def test_enrollments_are_those_of_aspects(tmp_path: Path) -> None:
    folder = real_data("aspects_dbt_seeds") / "enrollment"
    _, path = from_csv(folder / "enrollment_events_expected.csv", tmp_path / "log.jsonl")
    read = events(path, tmp_path)
    status = {"enrolled": "registered", "unenrolled": "unregistered"}
    ours = read.select(
        pl.col("time").dt.strftime("%Y-%m-%d %H:%M:%S").alias("emission_time"),
        pl.col("course").alias("course_key"),
        pl.col("learner").alias("actor_id"),
        pl.col("verb").replace_strict(status).alias("enrollment_status"),
    )
    theirs = pl.read_csv(folder / "fact_enrollments_expected.csv", infer_schema=False)
    assert len(theirs) == 729
    assert_frame_equal(ours, theirs.select(ours.columns), check_row_order=False)

    enrollments = pl.read_parquet(tmp_path / "events.enrollments.parquet")
    last = pl.read_csv(folder / "dim_most_recent_enrollment_expected.csv", infer_schema=False)
    still = enrollments.filter(pl.col("end").is_null()).select(actor_id="learner", course_key="course")
    known = last.filter(enrollment_status="registered").select("actor_id", "course_key")
    assert len(enrollments) == len(last)
    assert_frame_equal(still, known, check_row_order=False)


def test_video_events_are_those_of_aspects(tmp_path: Path) -> None:
    path = real_data("aspects_dbt_seeds") / "video" / "video_playback_events_expected.csv"
    table, log = from_csv(path, tmp_path / "log.jsonl")
    read = events(log, tmp_path)
    assert len(read) == len(table) == 6_979
    ours = read.select("id", "content", "course", "position", "length")
    theirs = table.select(
        id="event_id",
        content=pl.col("object_id").str.extract(r"(block-v1:.*)$"),
        course="course_key",
        position=pl.col("video_position").cast(pl.Float64),
        length=pl.col("video_duration").cast(pl.Float64),
    )
    assert_frame_equal(ours, theirs, check_row_order=False)
    assert read["verb"].is_in(["played", "paused", "seeked", "completed", "terminated", "viewed"]).all()
