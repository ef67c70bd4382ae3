"""How often and when learners study: frequency, regularity, heat maps, delay."""

from __future__ import annotations

from typing import Literal

import polars as pl

from kohort._asking import Asking
from kohort._checks import whole, word


class Rhythm(Asking):
    """Tables about how often and when a learner studies."""

    __slots__ = ()

    def frequency(
        self,
        by: Literal["course"] | None = None,
        *,
        min_activity: int = 1,
        freeze: int = 0,
    ) -> pl.DataFrame:
        """Tell how often, how regularly and when each learner studies.

        Weeks run from the first activity or enrollment to `as_of`, or to the end of the
        course if that comes sooner; a rate is per such week. The gap between two sessions
        is from the end of one to the start of the next. The shares are of activity at
        weekends and in parts of the local day (0-6, 6-12, 12-18, 18-24), out of `events`.
        A streak is a run of local days with activity; the current one is 0 if neither
        today nor yesterday is active.

        Parameters
        ----------
        by
            ``"course"`` for one row per learner and course.
        min_activity
            A day needs so many events to count for a streak.
        freeze
            So many missed days a streak survives.

        Returns
        -------
        polars.DataFrame
            `learner`, (`course`), `events`, `sessions`, `active_days`, `active_weeks`,
            `weeks`, `sessions_per_week`, `active_days_per_week`, `session_gap_median`,
            `session_gap_mean`, `session_gap_cv`, `weekend_share`, `night_share`,
            `morning_share`, `afternoon_share`, `evening_share`, `first_active`,
            `last_active`, `days_since_last`, `longest_streak`, `current_streak`,
            `longest_week_streak`, `current_week_streak`. With times of day resolution what
            needs hours is null.

        Examples
        --------
        >>> import kohort as kh
        >>> pla = kh.simulate(learners=50, courses=2, seed=1).data.personal()
        >>> frequency = pla.frequency(freeze=1)
        >>> bool((frequency["current_streak"] <= frequency["longest_streak"]).all())
        True
        """
        by_course = by is not None and word("by", by, Literal["course"]) == "course"
        least = whole("min_activity", min_activity, least=1, most=2**32 - 1)
        missed = whole("freeze", freeze, least=0, most=2**32 - 1)
        return self._ask(lambda report: self._engine.frequency(by_course, least, missed, progress=report))

    def regularity(self, by: Literal["course"] | None = None) -> pl.DataFrame:
        """Tell how regular the hours, days and weeks of each learner are.

        The measures of Boroujeni, Sharma, Kidziński, Lucignano & Dillenbourg (EC-TEL 2016), on
        active local hours and days, whatever the number of events in them. `pdh` and `pwd`: do
        activities fall into the same hours of the day, the same days of the week; the
        entropy below that of an even spread, times the highest count. `ws1`, `ws2`, `ws3`: how
        similar two weeks with activity are on average, by their active days, by how their hours
        spread over the days (1 less the Jensen-Shannon divergence in bits), by the hours of each
        day. `fdh`, `fwh`, `fwd`: strength of the period of a day and of a week in the active
        hours, and of a week in the active days; normalized, over their number (0..1).

        Hours of a day are counted from `day_start`, weeks begin on Monday.

        Parameters
        ----------
        by
            ``"course"`` for one row per learner and course.

        Returns
        -------
        polars.DataFrame
            `learner`, (`course`), `pdh`, `pwd`, `ws1`, `ws2`, `ws3`, `fdh`, `fwh`, `fwd`,
            `fdh_normalized`, `fwh_normalized`, `fwd_normalized`. Null without activity; `ws1`
            to `ws3` with less than two active weeks; with times of day resolution what needs
            hours.

        Examples
        --------
        >>> import kohort as kh
        >>> pla = kh.simulate(learners=50, courses=2, seed=1).data.personal()
        >>> regular = pla.regularity()
        >>> bool(regular["ws2"].drop_nulls().is_between(0, 1).all())
        True
        """
        by_course = by is not None and word("by", by, Literal["course"]) == "course"
        return self._ask(lambda report: self._engine.regularity(by_course, progress=report))

    def activity_calendar(self) -> pl.DataFrame:
        """Tell on which local days each learner was active, for a calendar heat map.

        Returns
        -------
        polars.DataFrame
            `learner`, `day`, `events`, `active_hours` (hours of the day with an event, counted
            from `day_start`), `study_time` (Duration, divided at midnight). One row per day with
            an event or study time. With times of day resolution the last two are null.

        Examples
        --------
        >>> import kohort as kh
        >>> pla = kh.simulate(learners=50, courses=2, seed=1).data.personal()
        >>> days = pla.activity_calendar()
        >>> days["study_time"].sum() == pla.study_time()["study_time"].sum()
        True
        """
        return self._ask(lambda report: self._engine.activity_calendar(progress=report))

    def activity_clock(self) -> pl.DataFrame:
        """Tell on which weekdays and at which local hours each learner was active.

        Returns
        -------
        polars.DataFrame
            `learner`, `weekday` (Monday is 1), `hour` (0 to 23), `events`, `study_time`
            (Duration, divided at the hours). One row per hour with an event or study time; empty
            if times have day resolution.

        Examples
        --------
        >>> import kohort as kh
        >>> pla = kh.simulate(learners=50, courses=2, seed=1).data.personal()
        >>> clock = pla.activity_clock()
        >>> clock["study_time"].sum() == pla.study_time()["study_time"].sum()
        True
        """
        return self._ask(lambda report: self._engine.activity_clock(progress=report))

    def delay(self, by: Literal["course"] | None = None) -> pl.DataFrame:
        """Tell how soon, how early and how spread out each learner works on contents.

        `delay` is from the release of a content to the first engagement with it. `earliness`
        of the first submission is 1 at the release, 0 at the deadline and negative after it.
        `cram_share` is the share of the study time between release and deadline
        (`window_study_time`) that falls into the last tenth of it; known once the deadline
        is over. `accesses` are sessions with the content, `lag_median` the median time from the
        end of one to the beginning of the next. Contents that were never engaged with are not
        listed: their delay is not over.

        Parameters
        ----------
        by
            ``"course"`` for one row per learner and course: medians over contents with their
            numbers, and the cram share of all of its contents together.

        Returns
        -------
        polars.DataFrame
            `learner`, `course`, `content`, `available_from`, `due`, `first_active`, `delay`
            (Duration), `submitted`, `earliness`, `window_study_time` (Duration), `cram_share`
            (0..1), `active_days`, `accesses`, `lag_median` (Duration); by course `learner`,
            `course`, `contents`, `delay_median`, `delays`, `earliness_median`, `submissions`,
            `window_study_time`, `cram_share`, `lag_median`, `lags`. Null where the catalog does
            not tell the dates; with times of day resolution what needs minutes.

        Examples
        --------
        >>> import kohort as kh
        >>> pla = kh.simulate(learners=50, courses=2, seed=1).data.personal()
        >>> pla.delay(by="course").columns[:5]
        ['learner', 'course', 'contents', 'delay_median', 'delays']
        """
        by_course = by is not None and word("by", by, Literal["course"]) == "course"
        return self._ask(lambda report: self._engine.delay(by_course, progress=report))
