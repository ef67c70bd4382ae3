"""What happened in a period: flows against a slow twin, laws, and how many learners were active."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta, timezone
from itertools import pairwise
from zoneinfo import ZoneInfo

import kohort as kh
import polars as pl
import pytest
from real_data import real_data

FLOWS = ("study_time", "sessions", "events", "active_days", "contents", "completed")
UTC = timezone.utc
GAP = timedelta(minutes=30)
ENGAGED = {"viewed", "submitted", "completed"}
KINDS = {"p0": "page", "p1": "page", "q0": "quiz", "q1": "quiz"}
CATALOG = {course: {f"{content}-{course}": kind for content, kind in KINDS.items()} for course in "AB"}
LEARNERS = [f"l{number:02}" for number in range(24)]
POLICY = kh.ReleasePolicy(k=5)
Event = tuple[datetime, str, str, str]  # time, content, verb, course


def log(seed: int) -> dict[str, list[Event]]:
    """Sessions at all hours of March 2024, many of them around midnight on a Sunday."""
    dice = random.Random(seed)
    # In New York clocks change on the 10th, in Helsinki on the 31st.
    sundays = [datetime(2024, 3, day, tzinfo=UTC) for day in (4, 11, 18, 25)]
    all_of: dict[str, list[Event]] = {}
    for learner in LEARNERS:
        events: list[Event] = []
        for _ in range(dice.randrange(9)):
            if dice.random() < 0.5:
                at = dice.choice(sundays) + timedelta(minutes=dice.randrange(-420, 420))
            else:
                at = datetime(2024, 3, 1, tzinfo=UTC) + timedelta(minutes=dice.randrange(30 * 1440))
            for _ in range(dice.randrange(1, 7)):
                course = dice.choice("AAB")
                content = dice.choice([*CATALOG[course]])
                verb = dice.choice(["viewed", "viewed", "submitted", "completed", "logged_in"])
                events.append((at, content, verb, course))
                at += timedelta(seconds=dice.randrange(1, 2400))
        if dice.random() < 0.7:
            events.append((datetime(2024, 3, 5, 12, tzinfo=UTC), "p0-A", "enrolled", "A"))
        all_of[learner] = sorted(events)
    return all_of


def data(events: dict[str, list[Event]], tz: str, day_start: str) -> kh.LearningData:
    rows = [(learner, *event) for learner, own in events.items() for event in own]
    catalog = [(content, course, kind) for course, own in CATALOG.items() for content, kind in own.items()]
    enrolled = [(learner, course) for learner in LEARNERS for course in "AB"]
    return kh.LearningData(
        pl.DataFrame(rows, schema=["learner", "time", "content", "verb", "course"], orient="row"),
        catalog=pl.DataFrame(catalog, schema=["content", "course", "kind"], orient="row"),
        enrollments=pl.DataFrame(enrolled, schema=["learner", "course"], orient="row"),
        tz=tz,
        day_start=day_start,
    )


def fulfils(verb: str, kind: str) -> bool:
    return verb == "completed" or (verb in ENGAGED and (kind == "page" or verb == "submitted"))


def twin(
    events: list[Event], course: str, begin: datetime, end: datetime, day_of: Callable[[datetime], date]
) -> dict[str, float]:
    """What one learner did in a course in [begin, end), from the definitions."""
    activity = [event for event in events if event[2] != "enrolled"]
    sessions: list[list[Event]] = []
    for event in activity:
        if not sessions or event[0] - sessions[-1][-1][0] > GAP:
            sessions.append([])
        sessions[-1].append(event)
    inside = [event for event in activity if begin <= event[0] < end and event[3] == course]
    spent = timedelta()
    for session in sessions:
        for one, other in pairwise(session):
            if one[3] == course:
                spent += max(min(other[0], end) - max(one[0], begin), timedelta())
    begun = 0
    for session in sessions:
        own = [event[0] for event in session if event[3] == course]
        begun += bool(own) and begin <= own[0] < end
    done: dict[str, datetime] = {}
    for time, content, verb, of in activity:
        if of == course and fulfils(verb, CATALOG[course][content]):
            done.setdefault(content, time)
    registered = [e for e in events if e[2] == "enrolled" and e[3] == course and begin <= e[0] < end]
    return {
        "study_time": spent.total_seconds(),
        "sessions": begun,
        "events": len(inside) + len(registered),
        "active_days": len({day_of(event[0]) for event in inside}),
        "contents": len({event[1] for event in inside if event[2] in ENGAGED}),
        "completed": sum(begin <= time < end for time in done.values()),
    }


def periods(made: kh.LearningData, period: str) -> Iterator[kh.ReferenceGroups]:
    """Every week or month of the log, each asked about as soon as it is over."""
    at = datetime(2024, 2, 27, tzinfo=UTC)
    seen = set()
    while at < datetime(2024, 5, 14, tzinfo=UTC):
        groups = made.reference_groups(
            by="course",
            period=period,  # type: ignore[arg-type]
            as_of=at,
            lag="1h",
            policy=POLICY,
        )
        assert groups.period is not None
        if groups.period[0] not in seen:
            seen.add(groups.period[0])
            yield groups
        at += timedelta(hours=6)


CALENDARS = [("UTC", "00:00"), ("Europe/Helsinki", "04:00"), ("America/New_York", "00:00")]


@pytest.mark.parametrize("seed", range(2))
@pytest.mark.parametrize(("tz", "day_start"), CALENDARS)
@pytest.mark.parametrize("period", ["week", "month"])
def test_own_values_are_those_of_the_slow_twin(seed: int, tz: str, day_start: str, period: str) -> None:
    events = log(seed)
    made = data(events, tz, day_start)
    hours = int(day_start[:2])

    def day_of(time: datetime) -> date:
        local = time.astimezone(ZoneInfo(tz)).replace(tzinfo=None)
        return (local - timedelta(hours=hours)).date()

    compared, active = 0, 0
    for groups in periods(made, period):
        assert groups.period is not None
        begin, end = groups.period
        for learner in LEARNERS:
            for metric in FLOWS:
                table = groups.compare(learner, f"{metric}_in_period")  # type: ignore[arg-type]
                for course, own in table.select("group", "own").rows():
                    expected = twin(events[learner], course, begin, end, day_of)[metric]
                    assert own == pytest.approx(expected, abs=1e-6), (learner, course, metric, begin)
                    compared, active = compared + 1, active + (own > 0)
    assert compared > 500
    assert active > 100


@pytest.mark.parametrize("seed", range(2))
def test_weeks_add_up_to_the_total(seed: int) -> None:
    made = data(log(seed), "Europe/Helsinki", "00:00")
    total = made.personal().summary()
    sums: dict[tuple[str, str, str], float] = defaultdict(float)
    weeks = list(periods(made, "week"))
    for groups in weeks:
        for learner in LEARNERS:
            for metric in ("study_time", "sessions", "events", "completed"):
                table = groups.compare(learner, f"{metric}_in_period")  # type: ignore[arg-type]
                for course, own in table.select("group", "own").rows():
                    sums[learner, course, metric] += own
    for row in total.rows(named=True):
        for metric in ("study_time", "sessions", "events", "completed"):
            value = row[metric]
            value = value.total_seconds() if isinstance(value, timedelta) else value
            assert sums.pop((row["learner"], row["course"], metric)) == pytest.approx(value, abs=1e-6)
    assert not any(sums.values())


def test_study_time_is_divided_as_personal_tables_divide_it() -> None:
    made = data(log(3), "UTC", "00:00")
    personal = made.personal().study_time(by=["course", "week"])
    weeks = {
        (row["learner"], row["course"], row["week"]): row["study_time"].total_seconds()
        for row in personal.rows(named=True)
    }
    for groups in periods(made, "week"):
        assert groups.period is not None
        monday = groups.period[0].date()
        for learner in LEARNERS:
            table = groups.compare(learner, "study_time_in_period")
            for course, own in table.select("group", "own").rows():
                assert own == pytest.approx(weeks.pop((learner, course, monday), 0.0), abs=1e-6)
    assert not weeks


def test_watching_counts_when_enough_was_watched() -> None:
    saturday, monday = datetime(2024, 3, 9, 12, tzinfo=UTC), datetime(2024, 3, 11, 12, tzinfo=UTC)
    rows = []
    for number, learner in enumerate(LEARNERS):
        # Half of a film each day; some watch all of it on Monday once more, some have it marked.
        for start, at in ((0.0, saturday), (30.0, monday)):
            rows.append((learner, at, "film", "played", start))
            rows.append((learner, at + timedelta(seconds=30), "film", "paused", start + 30.0))
        if number % 3 == 0:
            rows.append((learner, saturday + timedelta(hours=1), "film", "completed", None))
        if number % 3 == 1:
            rows.append((learner, monday + timedelta(hours=1), "film", "completed", None))
    columns = ["learner", "time", "content", "verb", "position"]
    made = kh.LearningData(
        pl.DataFrame(rows, schema=columns, orient="row").with_columns(course=pl.lit("A")),
        catalog=pl.DataFrame({"content": ["film"], "course": ["A"], "kind": ["video"], "length": [60.0]}),
        enrollments=pl.DataFrame({"learner": LEARNERS, "course": ["A"] * len(LEARNERS)}),
        tz="UTC",
    )
    told = {}
    for groups in periods(made, "week"):
        assert groups.period is not None
        for number, learner in enumerate(LEARNERS):
            own = groups.compare(learner, "completed_in_period")["own"][0]
            told[groups.period[0].day, groups.period[0].month, number % 3] = own
    assert {key: own for key, own in told.items() if own} == {
        (4, 3, 0): 1.0,
        (11, 3, 1): 1.0,
        (11, 3, 2): 1.0,
    }


def test_what_is_received_after_the_week_is_in_none() -> None:
    monday = datetime(2024, 3, 4, 12, tzinfo=UTC)
    rows = [(learner, monday, monday) for learner in LEARNERS]
    rows += [(learner, monday + timedelta(hours=1), monday + timedelta(days=8)) for learner in LEARNERS]
    made = kh.LearningData(
        pl.DataFrame(rows, schema=["learner", "time", "received"], orient="row").with_columns(
            course=pl.lit("A"), content=pl.lit("page")
        ),
        enrollments=pl.DataFrame({"learner": LEARNERS, "course": ["A"] * len(LEARNERS)}),
        tz="UTC",
    )
    asked: dict[str, datetime] = {"first": datetime(2024, 3, 14, tzinfo=UTC)}
    asked["second"] = asked["first"] + timedelta(days=7)
    for week, at in asked.items():
        groups = made.reference_groups(by="course", period="week", as_of=at, policy=POLICY)
        values = [groups.compare("l03", metric)["own"][0] for metric in ("events", "events_in_period")]  # type: ignore[arg-type]
        assert values == ([1.0, 1.0] if week == "first" else [2.0, 0.0])


def test_without_a_period_they_are_an_error_and_in_no_table() -> None:
    groups = data(log(1), "UTC", "00:00").reference_groups(by="course", policy=POLICY)
    for ask in (groups.distribution, groups.quantiles, lambda metric: groups.compare("l01", metric)):
        with pytest.raises(kh.ParameterError, match=r"`metric`.*`period`.*events_in_period"):
            ask("events_in_period")
    for table in (groups.summary(), groups.active_learners()):
        assert not any(str(metric).endswith("_in_period") for metric in table["metric"])
        assert table["metric"].n_unique() == 7
    with pytest.raises(kh.ParameterError, match="`metric`"):
        data(log(1), "UTC", "00:00").research(epsilon=0.5).histogram("events_in_period")  # type: ignore[arg-type]


def check_active(table: pl.DataFrame, truth: dict[tuple[str, str], tuple[int, int]], k: int) -> int:
    """Hold each count against the exact numbers of active learners and of members."""
    counted = 0
    for row in table.rows(named=True):
        active, n = truth[row["group"], row["metric"]]
        if row["reason"] is not None:
            continue
        assert abs(row["n"] - n) <= 2
        if row["code"] == "low":
            assert active < k
            assert row["low"] == 0.0
            assert active / n <= row["high"]
        elif row["code"] == "high":
            assert n - active < k
            assert row["high"] == 1.0
            assert active / n >= row["low"]
        else:
            counted += 1
            assert abs(row["learners"] - active) <= 4
            assert row["learners"] % 5 == 0
            if row["share"] is not None:
                assert row["share"] == pytest.approx(row["learners"] / row["n"], abs=0.0051)
            assert row["low"] <= row["learners"] / row["n"] <= row["high"]
    return counted


@pytest.mark.parametrize("period", ["week", "month"])
def test_active_learners_of_a_simulated_platform(period: str) -> None:
    tables = kh.simulate(learners=700, courses=3, seed=5).tables()
    made = kh.LearningData(tables["events"], enrollments=tables["enrollments"], tz="UTC")
    at = tables["events"]["time"].median()
    groups = made.reference_groups(by="course", period=period, as_of=at)  # type: ignore[arg-type]
    assert groups.period is not None
    begin, end = groups.period
    within = tables["events"].filter(
        pl.col("time").is_between(begin, end, closed="left"), pl.col("received").fill_null(begin) < end
    )
    truth = {}
    for course in groups.groups:
        enrolled = tables["enrollments"].filter(pl.col("course") == course)
        enrolled = enrolled.filter(pl.col("start").is_null() | (pl.col("start") <= groups.as_of))
        members = set(enrolled["learner"])
        active = set(within.filter(pl.col("course") == course)["learner"]) & members
        truth[course, "events_in_period"] = (len(active), len(members))
    table = groups.active_learners()
    assert table.columns[:7] == ["group", "metric", "learners", "code", "share", "low", "high"]
    assert table["metric"].unique().sort().to_list() == sorted(f"{flow}_in_period" for flow in FLOWS)
    assert check_active(table.filter(pl.col("metric") == "events_in_period"), truth, 10) > 0


def test_active_learners_of_the_open_university() -> None:
    folder = real_data("oulad_2013")
    made = kh.read_oulad(folder)
    assert made.tz == "UTC"
    begins = {"B": date(2013, 2, 1), "J": date(2013, 10, 1)}
    at = datetime(2013, 11, 20, tzinfo=UTC)
    groups = made.reference_groups(by="course", period="week", as_of=at)
    assert groups.period == (datetime(2013, 11, 11, tzinfo=UTC), datetime(2013, 11, 18, tzinfo=UTC))
    key = ["code_module", "code_presentation"]
    clicks = pl.read_parquet(folder / "studentVle.parquet")
    registered = pl.read_parquet(folder / "studentRegistration.parquet")
    truth, days = {}, {}
    for (module, term), own in registered.group_by(key):
        first = (date(2013, 11, 11) - begins[str(term)[-1]]).days
        members = own.filter(
            pl.col("date_registration").is_null() | (pl.col("date_registration") <= first + 6)
        )["id_student"]
        here = (pl.col("code_module") == module) & (pl.col("code_presentation") == term)
        week = clicks.filter(
            here, pl.col("date").is_between(first, first + 6), pl.col("id_student").is_in(members.implode())
        )
        name = f"{module}-{term}"
        truth[name, "events_in_period"] = (week["id_student"].n_unique(), members.n_unique())
        days[name] = week.group_by("id_student").agg(pl.col("date").n_unique())["date"]
    table = groups.active_learners()
    assert check_active(table.filter(metric="events_in_period"), truth, 10) >= 4
    assert table.filter(metric="study_time_in_period")["reason"].unique().to_list() == [
        "times have day resolution"
    ]
    # Every count of the distribution of active days, too.
    counts = groups.distribution("active_days_in_period").filter(pl.col("code") == "count")
    assert counts.height > 20
    for row in counts.rows(named=True):
        own = days[row["group"]]
        n = truth[row["group"], "events_in_period"][1]
        exact = n - len(own) + int((own <= row["upper"]).sum())
        assert abs(row["learners"] - exact) <= 2
