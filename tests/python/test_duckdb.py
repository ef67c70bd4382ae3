"""SQL written from the definitions agrees on a simulated log of five million events."""

from __future__ import annotations

from collections.abc import Iterator

import duckdb
import kohort as kh
import polars as pl
import pytest
import twin

EVENTS = 5_000_000
GAP = 30 * twin.MINUTE
LONGEST = 24 * twin.HOUR

# One row per activity event with its course, in whole microseconds.
ACTIVITY = """
CREATE TABLE activity AS
WITH homes AS (
    SELECT content, any_value(course) AS home
    FROM catalog GROUP BY content HAVING count(*) = 1
)
SELECT learner, coalesce(course, home) AS course, t,
       CASE WHEN duration > {longest} THEN {longest} ELSE duration END AS duration,
       row_number() OVER (
           PARTITION BY learner
           ORDER BY t, coalesce(course, home) NULLS FIRST, content NULLS FIRST, rank,
                    session NULLS FIRST, duration NULLS FIRST
       ) AS place
FROM events LEFT JOIN homes USING (content)
WHERE verb NOT IN ('enrolled', 'unenrolled')
"""

# A session ends before a longer gap. A stated duration counts from where the ones before it
# end; any other event counts to the next one of its session, less what is measured already.
CREDITS = """
WITH near AS (
    SELECT learner, course, t, {duration} AS duration, place,
           lag(t) OVER w AS before, lead(t) OVER w AS after,
           max(t + {duration}) OVER (w ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS covered
    FROM activity WINDOW w AS (PARTITION BY learner ORDER BY place)
), credited AS (
    SELECT learner, course, t, place, before IS NULL OR t - before > {gap} AS opens,
           greatest(t, coalesce(covered, t)) AS since,
           CASE WHEN duration IS NOT NULL THEN t + duration
                WHEN after - t <= {gap} THEN after
                ELSE t END AS until
    FROM near
)
SELECT learner, course, greatest(until - since, 0) AS credit,
       sum(opens::INTEGER) OVER (PARTITION BY learner ORDER BY place) AS session
FROM credited
"""


@pytest.fixture(scope="module")
def platform() -> kh.Simulation:
    """Simulate about five million events: as many learners as it takes."""
    few = kh.simulate(learners=1000, courses=5, seed=1, ids="integer").events.height
    learners = round(1000 * EVENTS / few)
    return kh.simulate(learners=learners, courses=5, seed=1, ids="integer")


@pytest.fixture(scope="module")
def log(platform: kh.Simulation) -> pl.DataFrame:
    """State a duration for every fourth event, of up to an hour, and for some of two days."""
    number = pl.col("id").abs()
    seconds = pl.when(number % 997 == 0).then(2 * 86_400).otherwise(number % 3_600)
    length = pl.when(number % 4 == 0).then(seconds * 1_000_000)
    return platform.events.with_columns(duration=length.cast(pl.Duration("us")))


@pytest.fixture(scope="module")
def sql(platform: kh.Simulation, log: pl.DataFrame) -> Iterator[duckdb.DuckDBPyConnection]:
    """Put the activity into DuckDB; an event that was sent twice is one."""
    ranks = {verb: rank for rank, verb in enumerate(twin.VERBS)}
    events = log.unique("id").select(
        "learner",
        "content",
        "course",
        "session",
        "verb",
        rank=pl.col("verb").replace_strict(ranks, return_dtype=pl.Int64),
        t=pl.col("time").to_physical(),
        duration=pl.col("duration").to_physical(),
    )
    db = duckdb.connect(config={"threads": 2})
    db.register("events", events)
    db.register("catalog", platform.catalog.select("content", "course"))
    db.execute(ACTIVITY.format(longest=LONGEST))
    yield db
    db.close()


@pytest.fixture(scope="module")
def data(platform: kh.Simulation, log: pl.DataFrame) -> kh.LearningData:
    """Read the same log without the learners' zones: every day is one of UTC."""
    return kh.LearningData(log, catalog=platform.catalog, tz="UTC")


def credits(measured: str) -> str:
    duration = "duration" if measured == "prefer" else "CAST(NULL AS BIGINT)"
    return CREDITS.format(gap=GAP, duration=duration)


def plain(table: pl.DataFrame) -> pl.DataFrame:
    lengths = [name for name, dtype in table.schema.items() if dtype == pl.Duration]
    return table.with_columns(pl.col(name).to_physical() for name in lengths)


def agree(ours: pl.DataFrame, theirs: pl.DataFrame) -> bool:
    keys = [name for name in ("learner", "course") if name in ours.columns]
    theirs = theirs.select(pl.col(name).cast(ours.schema[name]) for name in ours.columns)
    return ours.sort(keys).equals(theirs.sort(keys))


def test_there_are_five_million_events(log: pl.DataFrame) -> None:
    assert log.height == pytest.approx(EVENTS, rel=0.05)


@pytest.mark.parametrize("measured", ["prefer", "ignore"])
def test_sessions_and_study_time_agree_with_sql(
    data: kh.LearningData, sql: duckdb.DuckDBPyConnection, measured: str
) -> None:
    per_learner = sql.sql(
        f"SELECT learner, max(session) AS sessions, sum(credit) AS study_time "
        f"FROM ({credits(measured)}) GROUP BY learner"
    ).pl()
    per_course = sql.sql(
        f"SELECT learner, course, count(DISTINCT session) AS sessions, sum(credit) AS study_time "
        f"FROM ({credits(measured)}) GROUP BY learner, course"
    ).pl()
    est = kh.StudyTime(measured=measured)  # type: ignore[arg-type]
    pla = data.personal(study_time=est)
    learners = pla.frequency().filter(pl.col("events") > 0).select("learner", "sessions")
    learners = learners.join(pla.study_time().select("learner", "study_time"), on="learner")
    assert agree(plain(learners), per_learner)
    courses = pla.summary().filter(pl.col("first_active").is_not_null())
    assert agree(plain(courses.select("learner", "course", "sessions", "study_time")), per_course)


def test_events_and_active_days_agree_with_sql(data: kh.LearningData, sql: duckdb.DuckDBPyConnection) -> None:
    days = sql.sql(
        f"SELECT learner, course, count(*) AS events, "
        f"count(DISTINCT t // {twin.DAY}) AS active_days FROM activity GROUP BY learner, course"
    ).pl()
    ours = data.personal().frequency(by="course").filter(pl.col("events") > 0)
    assert agree(ours.select("learner", "course", "events", "active_days"), days)
