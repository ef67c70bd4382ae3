"""Who left when, in real courses (OULAD 2013): personal and released tables against SQL and lifelines.

The queries know the published tables and the definitions, and nothing of kohort. Days count from the
start of a presentation; who left or completed after its end did so half a day before it.
"""

from __future__ import annotations

import warnings
from functools import lru_cache
from typing import Any

import duckdb
import kohort as kh
import numpy as np
import polars as pl
import pytest
from polars.testing import assert_frame_equal
from real_data import real_data

with warnings.catch_warnings():  # its own imports warn
    warnings.simplefilter("ignore")
    import lifelines

# before the autumn courses, in their middle, when some are over and some are not, and after all
MOMENTS = ["2013-06-01", "2013-12-15", "2014-06-20", "2016-01-01"]
KEYS = ["course", "learner"]

COURSES = """
courses as (
    select *, code_module || '-' || code_presentation as course,
        date_diff('day', starts, date '{as_of}') as now, least(now, ends) as h
    from (select *, module_presentation_length as ends,
        make_date(2013, case right(code_presentation, 1) when 'B' then 2 else 10 end, 1) as starts
        from '{data}/courses.parquet')),
deeds as (
    select course, id_student as learner, date as on_day, id_site as content, activity_type
    from '{data}/studentVle.parquet' join courses using (code_module, code_presentation)
    join '{data}/vle.parquet' using (code_module, code_presentation, id_site)
    where date <= now group by all)
"""

STANDING = (
    "with"
    + COURSES
    + """,
seen as (
    select course, learner, max(on_day) as last_day, min(on_day) as first_day from deeds group by all),
enrolled as (
    select course, id_student as learner, now, h, ends, date_registration as registered,
        date_unregistration as unregistered, lower(final_result) as outcome
    from '{data}/studentRegistration.parquet'
    join '{data}/studentInfo.parquet' using (code_module, code_presentation, id_student)
    join courses using (code_module, code_presentation)
    where coalesce(date_registration, now) <= now),
standing as (
    select *, ends <= now as over, coalesce(registered, 0) as began,
        case
            when outcome = 'withdrawn' and unregistered <= now then 'withdrawn'
            when outcome = 'withdrawn' and unregistered is null and over then 'withdrawn'
            when outcome in ('pass', 'distinction') and over then 'completed'
            when last_day is null then 'never_started'
            when last_day >= h - 14 then 'active'
            else 'stopped'
        end as status
    from enrolled left join seen using (course, learner)),
spells as (
    select *, case status
            when 'withdrawn' then coalesce(unregistered, last_day, began)
            when 'active' then h
            when 'never_started' then began
            else last_day
        end as out_day,
        case when status in ('withdrawn', 'stopped') then 1 when status = 'completed' then 2 else 0 end
            as way,
        case when over and way > 0 then least(out_day, ends - 0.5::double) else out_day end as within,
        greatest(within - began, 0) as stayed,
        greatest(case when over then ends - 0.5::double else h end - began, 0) as could
    from standing)
"""
)


def ask(query: str, as_of: str) -> pl.DataFrame:
    """Ask the published tables, whose folder is `{data}`."""
    with duckdb.connect() as connection:
        found = connection.execute(query.replace("{data}", str(folder())).replace("{as_of}", as_of))
        names = [column[0] for column in found.description]
        return pl.DataFrame(found.fetchall(), schema=names, orient="row", infer_schema_length=None)


def folder() -> Any:
    return real_data("oulad_2013")


@lru_cache(maxsize=1)
def oulad() -> kh.LearningData:
    return kh.read_oulad(folder())


@lru_cache(maxsize=4)
def spells(as_of: str) -> pl.DataFrame:
    return ask(STANDING + "select * from spells order by course, learner", as_of)


def day(name: str) -> pl.Expr:
    """Days since the start of the presentation."""
    spring = pl.col("course").str.ends_with("B")
    start = pl.when(spring).then(pl.date(2013, 2, 1)).otherwise(pl.date(2013, 10, 1))
    return (pl.col(name).dt.date() - start).dt.total_days().alias(name)


@pytest.mark.parametrize("as_of", MOMENTS)
def test_drop_off_is_that_of_the_published_tables(as_of: str) -> None:
    ours = oulad().personal(as_of=as_of).drop_off().with_columns(day("enrolled"), day("last_active"))
    theirs = spells(as_of).select(
        *KEYS,
        "status",
        enrolled="registered",
        last_active="last_day",
        inactive_days=(pl.col("h") - pl.col("last_day")).cast(pl.Float64),
    )
    assert theirs.height > 4_000
    ours = ours.select(theirs.columns).sort(KEYS)
    # the learners of a course that has not begun have no row in it yet
    assert_frame_equal(ours, theirs, check_dtypes=False)


@pytest.mark.parametrize("as_of", ["2013-12-15", "2016-01-01"])
def test_points_of_leaving_are_the_furthest_and_the_last_week_of_contents(as_of: str) -> None:
    query = (
        "with"
        + COURSES
        + """
        select course, learner, max(week_from) as furthest_position,
            min(content) filter (week_from = furthest) as furthest_content
        from (select course, learner, content, week_from, max(week_from) over (partition by course, learner)
                as furthest
            from deeds join '{data}/vle.parquet' on content = id_site)
        group by all order by course, learner
        """
    )
    ours = oulad().personal(as_of=as_of).drop_off().drop_nulls("last_active").sort(KEYS)
    theirs = ask(query, as_of)
    assert_frame_equal(ours.select(theirs.columns), theirs, check_dtypes=False)


@pytest.mark.parametrize("as_of", ["2013-12-15", "2016-01-01"])
def test_person_periods_are_those_of_the_published_tables(as_of: str) -> None:
    """Half a million weeks since enrollment, each with what was known before it."""
    query = (
        STANDING
        + """,
        days as (
            select course, learner, on_day, count(*) as n, count(*) filter (first_touch = on_day) as fresh
            from (select *, min(on_day) over (partition by course, learner, content) as first_touch
                from deeds)
            group by all),
        known as (
            select course, learner, on_day, sum(n) over before as events, count(*) over before as active_days,
                sum(fresh) over before as contents
            from days window before as (partition by course, learner order by on_day)),
        whole as (select *, cast(floor(stayed / 7) as integer) as weeks from spells),
        weeks as (
            select *, began + 7 * (period - 1) as begin_day from (
                select *, unnest(range(1, weeks + case when way > 0 then 2 else 1 end)) as period from whole))
        select weeks.course, weeks.learner, period, begin_day,
            way = 1 and period = weeks + 1 as "left", way = 2 and period = weeks + 1 as completed,
            coalesce(events, 0) as events, coalesce(active_days, 0) as active_days,
            coalesce(contents, 0) as contents, begin_day - on_day as days_since_last
        from weeks asof left join known on weeks.course = known.course and weeks.learner = known.learner
            and begin_day > on_day
        order by all
        """
    )
    theirs = ask(query, as_of)
    ours = oulad().personal(as_of=as_of).person_periods()
    ours = ours.with_columns(day("start")).rename({"start": "begin_day"})
    assert theirs.height > 200_000
    assert_frame_equal(ours.select(theirs.columns).sort(*KEYS, "period"), theirs, check_dtypes=False)


@pytest.mark.parametrize("as_of", ["2013-12-15", "2016-01-01"])
def test_progress_over_time_is_that_of_the_published_tables(as_of: str) -> None:
    """Sites that a click completes; forums ask for a post and quizzes for an answer, which clicks are not."""
    query = (
        STANDING
        + """,
        firsts as (select course, learner, content, min(on_day) as on_day from deeds
            where activity_type not in ('forumng', 'quiz', 'externalquiz') group by all),
        done as (select course, learner, on_day, sum(count(*)) over (
                partition by course, learner order by on_day) as completed
            from firsts group by course, learner, on_day),
        sites as (select course, count(*) as available from '{data}/vle.parquet'
            join courses using (code_module, code_presentation) group by all),
        since as (select s.*, starts + cast(least(began, first_day) as integer) as from_day,
                starts + cast(s.h as integer) as to_day, starts
            from standing s join courses using (course)),
        weeks as (select *, cast(unnest(generate_series(date_trunc('week', from_day),
            date_trunc('week', to_day), interval 7 days)) as date) as period from since),
        ends as (select course, learner, period, date_diff('day', starts, least(period + 6, to_day)) as last
            from weeks)
        select ends.course, ends.learner, period, coalesce(completed, 0) as completed, available,
            coalesce(completed, 0) / available as progress
        from ends asof left join done on ends.course = done.course and ends.learner = done.learner
            and ends.last >= done.on_day
        join sites on ends.course = sites.course
        order by all
        """
    )
    theirs = ask(query, as_of)
    ours = oulad().personal(as_of=as_of).progress_over_time().select(theirs.columns)
    assert theirs.height > 200_000
    assert_frame_equal(ours.sort(*KEYS, "period"), theirs, check_dtypes=False)


def test_pace_counts_assessments_when_they_are_due_and_all_else_at_the_end() -> None:
    as_of = "2014-06-20"
    query = (
        "with"
        + COURSES
        + """,
        asked as (
            select course, id_site as content, ends as due from '{data}/vle.parquet'
            join courses using (code_module, code_presentation)
            union all
            select course, id_assessment, coalesce(date, ends) from '{data}/assessments.parquet'
            join courses using (code_module, code_presentation))
        select course, count(*) filter (due <= now) / count(*) as expected
        from asked join courses using (course) group by all order by course
        """
    )
    pace = kh.read_oulad(folder(), submissions=True).personal(as_of=as_of).pace()
    assert pace["reason"].null_count() == pace.height
    ours = pace.select("course", "expected").unique().sort("course")
    assert_frame_equal(ours, ask(query, as_of), check_dtypes=False)
    assert 0 < ours["expected"].min() < ours["expected"].max() == 1  # type: ignore[operator]
    off = pace["pace"] - (pace["progress"] - pace["expected"])
    assert off.abs().max() == 0


# ---------------------------------------------------------------- released, against exact curves


@pytest.mark.parametrize(("as_of", "apart"), [("2016-01-01", 0.04), ("2013-12-15", 0.12)])
def test_released_curves_are_close_to_those_of_lifelines(as_of: str, apart: float) -> None:
    """Counts in fives and steps of ten; in the middle of a course all but a few are censored by the end."""
    k = 10
    released = oulad().reference_groups(by="course", as_of=as_of).survival()
    shown = 0
    for (course,), rows in spells(as_of).group_by("course", maintain_order=True):
        curve = released.filter(pl.col("group") == course)
        weeks, way = (rows["stayed"] // 7).to_numpy(), rows["way"].to_numpy()
        could = np.sort((rows["could"] // 7).to_numpy())[::-1]
        assert curve.height == could[k - 1] + 1, "as far as the tenth could have come"
        alive = lifelines.KaplanMeierFitter().fit(weeks, way > 0)
        hazard = lifelines.NelsonAalenFitter(nelson_aalen_smoothing=False).fit(weeks, way == 1)
        for row in curve.iter_rows(named=True):
            at_risk = int((weeks >= row["week"] - 1).sum())
            if row["survival"] is None:
                assert at_risk < 4 * k or alive.predict(row["week"] - 1) * len(weeks) < 2 * k
                continue
            assert row["survival"] == pytest.approx(float(alive.predict(row["week"] - 1)), abs=apart)
            assert row["cumulative_hazard"] == pytest.approx(
                float(hazard.predict(row["week"] - 1)), abs=apart + 0.15
            )
            shown += 1
    assert shown > 300


def test_the_share_still_there_at_the_end_is_that_of_the_tables() -> None:
    """The curve reaches the end of the course, where all but those who failed to the last are gone."""
    released = oulad().reference_groups(by="course", as_of="2016-01-01").survival()
    last = released.drop_nulls("survival").group_by("group").agg(pl.col("survival").last())
    assert last.height == 9
    assert last["survival"].max() < 0.15  # type: ignore[operator]
