"""What was watched, against two outside truths.

France Université Numérique's player states in its xAPI statements what was watched so far
(`played-segments`, `progress`): our intervals must say the same. Open edX Aspects publishes the
one-second segments that it computes from a set of playback events: ours must be the same.
"""

from __future__ import annotations

import gzip
import itertools
import json
from collections import defaultdict
from datetime import datetime, timedelta, timezone

import kohort as kh
import polars as pl
import pytest
from real_data import real_data
from twin import Cell, Row

XAPI = "https://w3id.org/xapi/video/extensions/"
DAY = timedelta(days=1)
VERBS = {"played", "paused", "seeked", "completed", "terminated", "interacted", "downloaded"}
STOPS = {"paused", "seeked", "completed", "terminated"}
INSTANT = pl.Datetime("us", "UTC")

Key = tuple[str, str, str]
Sessions = dict[Key, list[Row]]

# ---------------------------------------------------------------- France Université Numérique


def row_of(statement: Cell) -> Row:
    """Read one statement as plain JSON."""
    told = {**statement["context"]["extensions"], **statement.get("result", {}).get("extensions", {})}
    get = {name.removeprefix(XAPI): value for name, value in told.items()}.get
    verb = statement["verb"]["id"].rsplit("/", 1)[1]
    speed = get("speed")
    return {
        "learner": statement["actor"]["account"]["name"],
        "course": statement["context"]["contextActivities"]["parent"][0]["id"],
        "content": statement["object"]["id"],
        "session": get("session-id"),
        "time": datetime.fromisoformat(statement["timestamp"]),
        "verb": verb if verb in VERBS else "viewed",
        "position": get("time-from") if verb == "seeked" else get("time"),
        "position_to": get("time-to"),
        "speed": None if speed is None else float(speed.removesuffix("x")),
        "length": get("length"),
        "progress": get("progress"),
        "segments": get("played-segments"),
    }


def put_in_order(rows: list[Row]) -> list[Row]:
    """Put one session in the order in which it happened.

    The file is not in the order of time, and the dates of its statements are shuffled over
    eight days: the statements of one session come from several days, but by their times of
    day they tell one story (a pause at 124 s comes 124 s after the play at 0 s). So the time
    of day counts. Where a session passes midnight its longest silence is cut. Statements that
    are the same but for the date are copies.
    """
    clock = sorted(rows, key=time_of_day)
    ends = [time_of_day(row) for row in clock]
    silence = [(b - a) % DAY for a, b in zip([ends[-1], *ends], ends, strict=False)]
    first = silence.index(max(silence))
    clock = clock[first:] + clock[:first]
    start = time_of_day(clock[0])
    told: dict[Cell, Row] = {}
    for row in clock:
        row["time"] = datetime(2021, 11, 24, tzinfo=timezone.utc) + start + (time_of_day(row) - start) % DAY
        told.setdefault(tuple(row.values()), row)
    return list(told.values())


def time_of_day(row: Row) -> timedelta:
    time: datetime = row["time"]
    return timedelta(hours=time.hour, minutes=time.minute, seconds=time.second, microseconds=time.microsecond)


@pytest.fixture(scope="module")
def sessions() -> Sessions:
    """Every learner's sessions of each video, in order."""
    path = real_data("ralph_fun_video") / "statements_00001.jsonl.gz"
    found: Sessions = defaultdict(list)
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            row = row_of(json.loads(line))
            found[row["learner"], row["content"], row["session"]].append(row)
    assert sum(map(len, found.values())) == 8_691
    return {key: put_in_order(rows) for key, rows in found.items()}


def until_told(rows: list[Row]) -> list[Row]:
    """Leave out what comes after the last statement that tells segments."""
    last = max(at for at, row in enumerate(rows) if row["segments"])
    return rows[: last + 1]


def telling(sessions: Sessions) -> Sessions:
    """Sessions whose player says what was watched, up to where it says so last."""
    return {key: until_told(rows) for key, rows in sessions.items() if any(r["segments"] for r in rows)}


def watched(sessions: Sessions, leave_out: tuple[str, ...] = ()) -> dict[Key, Row]:
    """Ask kohort about each session of each learner and video apart."""
    rows = [
        row | {"content": f"{row['content']} {row['session']}"} for own in sessions.values() for row in own
    ]
    frame = pl.DataFrame(rows, infer_schema_length=None).drop(leave_out)
    data = kh.LearningData(frame.with_columns(pl.col("time").cast(INSTANT)))
    assert data.rejected.is_empty()
    table = data.personal().video()
    found = {}
    for row in table.iter_rows(named=True):
        content, session = row["content"].split(" ")
        found[row["learner"], content, session] = row
    return found


Stretches = list[tuple[float, float]]


def stretches(segments: str) -> Stretches:
    """Read the player's segments; one that has only begun is none yet."""
    pairs = [segment.split("[.]") for segment in segments.split("[,]")]
    return [(float(pair[0]), float(pair[1])) for pair in pairs if len(pair) == 2]


def union(parts: Stretches) -> float:
    """Sum up distinct seconds, by looking at every piece between two ends."""
    cuts = sorted({end for part in parts for end in part})
    return sum(b - a for a, b in itertools.pairwise(cuts) if any(x <= a and b <= y for x, y in parts))


def share(agree: list[bool]) -> float:
    return sum(agree) / len(agree)


def seconds(span: timedelta | None) -> float:
    return 0.0 if span is None else span.total_seconds()


def test_coverage_is_what_the_player_says(sessions: Sessions) -> None:
    told = telling(sessions)
    ours = watched(told)
    assert len(told) == 1_146
    distances = [
        abs(seconds(ours[key]["distinct"]) - union(stretches(rows[-1]["segments"])))
        for key, rows in told.items()
    ]
    assert share([distance <= 0.5 for distance in distances]) >= 0.99


def test_coverage_is_the_progress_that_the_player_states(sessions: Sessions) -> None:
    told = telling(sessions)
    ours = watched(told)
    # `completed` says 1 once a threshold of the video is passed, whatever its segments say
    plain = {key: rows[-1] for key, rows in told.items() if rows[-1]["verb"] != "completed"}
    assert len(plain) == 916
    agree = [abs(ours[key]["coverage"] - row["progress"]) <= 0.01 for key, row in plain.items()]
    assert share(agree) >= 0.97
    rest = {key: rows[-1] for key, rows in told.items() if key not in plain}
    assert {row["progress"] for row in rest.values()} == {1}
    assert min(ours[key]["coverage"] for key in rest) > 0.8


def has_lost_a_statement(rows: list[Row]) -> bool:
    """Whether the statements themselves show that one is missing: the file holds a sample.

    Either the position moved on while nothing played, or one end of what the player says was
    watched is the position of no statement.
    """
    playing, here = False, 0.0
    for row in rows:
        if row["verb"] != "played" and row["verb"] not in STOPS:
            continue
        if not playing and row["verb"] != "played" and row["position"] > here + 0.5:
            return True
        playing = row["verb"] in ("played", "completed") or (playing and row["verb"] == "seeked")
        here = row["position_to"] if row["verb"] == "seeked" else row["position"]
    begins = [row["position_to" if row["verb"] == "seeked" else "position"] for row in rows]
    ends = [row["position"] for row in rows if row["verb"] in STOPS]
    watched = [part for part in stretches(rows[-1]["segments"]) if part[1] - part[0] >= 0.25]

    def near(place: float, places: list[float | None]) -> bool:
        return any(other is not None and abs(place - other) <= 0.5 for other in places)

    return not watched or not all(near(a, begins) and near(b, ends) for a, b in watched)


def counts_what_a_seek_left_out(rows: list[Row]) -> bool:
    """Whether a statement of a seek forward has the player count the part that was jumped over."""
    return any(
        row["verb"] == "seeked"
        and row["position_to"] > row["position"] + 2
        and any(a <= row["position"] and b >= row["position_to"] for a, b in stretches(row["segments"]))
        for row in rows
    )


def test_plays_and_stops_alone_tell_the_same(sessions: Sessions) -> None:
    told = telling(sessions)
    whole = {key: rows for key, rows in told.items() if not has_lost_a_statement(rows)}
    sound = {key: rows for key, rows in whole.items() if not counts_what_a_seek_left_out(rows)}
    assert (len(whole), len(sound)) == (99, 95)
    ours = watched(sound, leave_out=("segments", "progress"))
    agree = [
        abs(seconds(ours[key]["distinct"]) - union(stretches(rows[-1]["segments"]))) <= 2
        for key, rows in sound.items()
    ]
    # The rest: a speed that no statement tells, a seek that is not in the file, and one video
    # that stood still for more than an hour.
    assert share(agree) >= 0.95


def by_second(segments: pl.DataFrame) -> pl.DataFrame:
    """Give each second of the segments a row."""
    seconds = pl.int_ranges("from_second", "to_second", dtype=pl.Int64)
    return segments.with_columns(second=seconds).explode("second").drop("from_second", "to_second")


def test_plays_and_stops_invent_no_watching(sessions: Sessions) -> None:
    """Each pass over a second, in any session, is one that the player counts too."""
    told = telling(sessions)
    rows = [row | {"content": f"{row['content']} {row['session']}"} for own in told.values() for row in own]
    frame = pl.DataFrame(rows, infer_schema_length=None).with_columns(pl.col("time").cast(INSTANT))
    by_player = by_second(kh.LearningData(frame.drop("progress")).personal().video_segments())
    by_events = kh.LearningData(frame.drop("progress", "segments")).personal().video_segments()
    by_events = by_second(by_events)
    keys = ["learner", "content", "second"]
    invented = by_events.join(by_player, on=keys, how="anti")
    assert by_events.height > 30_000
    assert invented.height / by_events.height <= 0.03


# ---------------------------------------------------------------- Open edX Aspects

ASPECTS = {
    "actor_id": "learner",
    "course_key": "course",
    "object_id": "content",
    "watched_segment": "second",
    "watch_count": "views",
}


def aspects_events() -> pl.DataFrame:
    path = real_data("aspects_dbt_seeds") / "video" / "video_playback_events_expected.csv"
    events = pl.read_csv(path)
    assert events.height == 6_979
    return events.select(
        learner="actor_id",
        course="course_key",
        content="object_id",
        time=pl.col("emission_time").str.to_datetime(time_unit="us", time_zone="UTC"),
        verb=pl.col("verb_id").str.split("/").list.last(),
        position=pl.col("video_position").cast(pl.Float64),
    )


def as_aspects_pairs(events: pl.DataFrame) -> pl.DataFrame:
    """Put Aspects' definition into ours.

    Aspects has no sessions and closes a `played` not with the next stop but with the last one
    (`paused`, `seeked`, `completed`, `terminated`) before the next `played`; a stop at the very
    place of the play closes nothing; the second in which it stops counts as watched. Ours closes
    with the next stop, where it stops. So of each play the last stop stays, a second later.
    """
    keys = ["learner", "course", "content"]
    playback = events.filter(pl.col("verb") != "initialized").sort(*keys, "time")
    plays = pl.col("verb") == "played"
    playback = playback.with_columns(play=plays.cum_sum().over(keys)).filter(pl.col("play") > 0)
    own = [*keys, "play"]
    last = plays | (pl.int_range(pl.len()).over(own) == pl.len().over(own) - 1)
    playback = playback.with_columns(start=pl.col("position").first().over(own)).filter(last)
    watched = plays | (pl.col("position") != pl.col("start"))
    stop = pl.when(plays).then("position").otherwise(pl.col("position") + 1)
    return playback.filter(watched).select(
        *keys, "time", position=stop, verb=pl.when(plays).then(pl.lit("played")).otherwise(pl.lit("paused"))
    )


def test_the_seconds_are_those_of_aspects() -> None:
    path = real_data("aspects_dbt_seeds") / "video" / "fact_video_segments_expected.csv"
    facts = pl.read_csv(path)
    keys = ["learner", "course", "content", "second"]
    theirs = facts.select(*ASPECTS).rename(ASPECTS).cast({"second": pl.Int64, "views": pl.Int64}).sort(keys)
    assert (theirs.height, theirs["views"].sum()) == (14_628, 14_900)

    pairs = as_aspects_pairs(aspects_events())
    ours = by_second(kh.LearningData(pairs).personal().video_segments())
    ours = ours.select(*keys, "views").cast({"second": pl.Int64, "views": pl.Int64}).sort(keys)
    # Aspects counts seconds from 1: what was watched from the very beginning lacks second 0.
    first = ours.filter(pl.col("second") == 0)
    assert (first.height, first["views"].sum()) == (2, 2)
    assert ours.filter(pl.col("second") > 0).equals(theirs)


def test_without_the_adaptation_the_definitions_differ_as_described() -> None:
    """The next stop closes, in ours: by far less is watched than up to the last stop."""
    events = aspects_events().with_columns(
        verb=pl.when(pl.col("verb") == "initialized").then(pl.lit("viewed")).otherwise("verb")
    )
    table = kh.LearningData(events).personal().video()
    watched = table["watch_time"].drop_nulls().sum()
    assert isinstance(watched, timedelta)
    assert 0 < watched.total_seconds() < 14_900
    assert table["plays"].sum() == 2_490
