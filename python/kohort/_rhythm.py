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
        A streak is a run of local days with activity; the current one ends with the last
        active day, and is 0 if neither today nor yesterday is active, whatever `freeze` is.

        Parameters
        ----------
        by
            ``"course"`` for one row per learner and course.
        min_activity
            A day, and in a streak of weeks a week, needs so many events to count.
        freeze
            So many missed days in all a streak of days survives; they do not count for its
            length. A streak of weeks survives none.

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

        Notes
        -----
        ``sessions_per_week = sessions / weeks`` and likewise the days; `weeks` need not be whole and
        are at least one. `session_gap_cv` is the standard deviation of the gaps (n - 1) over their
        mean, null with fewer than two gaps. Counts are 0 for who is enrolled and was never active;
        means, shares and rates are null where there is nothing to divide by.

        Examples
        --------
        Sessions on Monday from 10:00 to 10:20 and from 12:20 on, Tuesday at 20:00, Saturday at 10:00.

        >>> import kohort as kh, polars as pl
        >>> days = ["04T10:00Z", "04T10:20Z", "04T12:20Z", "05T20:00Z", "09T10:00Z"]
        >>> log = pl.DataFrame({
        ...     "learner": ["ann"] * 5,
        ...     "time": [f"2024-03-{day}" for day in days],
        ...     "content": ["a"] * 5,
        ... })
        >>> pla = kh.LearningData(log).personal()
        >>> (row,) = pla.frequency().to_dicts()
        >>> row["sessions"], row["active_days"], row["weeks"], row["sessions_per_week"]
        (4, 3, 1.0, 4.0)
        >>> str(row["session_gap_median"])  # of 2:00, 31:40 and 86:00 hours
        '1 day, 7:40:00'
        >>> row["weekend_share"], row["morning_share"]  # one and three of five events
        (0.2, 0.6)
        >>> row["longest_streak"], pla.frequency(freeze=3)["longest_streak"][0]  # Tuesday to Saturday
        (2, 3)
        >>> pla.frequency(freeze=2)["longest_streak"][0]  # three days were missed
        2
        >>> busy = pla.frequency(min_activity=2)  # two events on Monday only, but five in the week
        >>> busy["longest_streak"][0], busy["longest_week_streak"][0]
        (1, 1)
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

        Notes
        -----
        With H the entropy in nats and D(k) the number of days active in hour k,
        ``pdh = (ln 24 - H(D)) max D``; with W(k) the number of weeks active on weekday k,
        ``pwd = (ln 7 - H(W)) max W``. With A the active weekdays of a week and P(k) its active hours on
        weekday k, the mean over all pairs of active weeks i, j of
        ``ws1 = |A_i and A_j| / max(|A_i|, |A_j|)``, ``ws2 = 1 - JSD(P_i, P_j) / ln 2`` and
        ``ws3 = 1 - mean over A_i or A_j of ((P_i - P_j) / (P_i + P_j))^2``. With a(h) whether hour h was
        active, ``fdh = |sum a(h) exp(-2 pi i h / 24)|``; `fwh` likewise with 168, `fwd` over days with 7.

        Boroujeni, Sharma, Kidzinski, Lucignano & Dillenbourg 2016, "How to quantify student's
        regularity?", EC-TEL 2016, doi:10.1007/978-3-319-45153-4_21.

        Examples
        --------
        Two weeks, always at nine: Monday, then Monday and Wednesday. All hours of activity fall into one
        hour of the day, whose count is 3; of the days two are Mondays. The weeks share one of two days.

        >>> import kohort as kh, polars as pl
        >>> from math import cos, hypot, log, pi, sin
        >>> events = pl.DataFrame({
        ...     "learner": ["ann"] * 3,
        ...     "time": ["2024-03-04T09:00Z", "2024-03-11T09:00Z", "2024-03-13T09:00Z"],
        ...     "content": ["a"] * 3,
        ... })
        >>> (row,) = kh.LearningData(events).personal().regularity().to_dicts()
        >>> round(row["pdh"], 6) == round(log(24) * 3, 6)  # no spread over the hours
        True
        >>> spread = -(2 / 3 * log(2 / 3) + 1 / 3 * log(1 / 3))
        >>> round(row["pwd"], 6) == round((log(7) - spread) * 2, 6)
        True
        >>> row["ws1"], row["ws3"]  # 1 of 2 days; 1 - (0 + 1) / 2
        (0.5, 0.5)
        >>> divergence = (log(4 / 3) + 1 / 2 * log(2 / 3) + 1 / 2 * log(2)) / 2  # (1, 0) and (1/2, 1/2)
        >>> round(row["ws2"], 6) == round(1 - divergence / log(2), 6)
        True
        >>> round(row["fdh"], 6), round(row["fdh_normalized"], 6)  # three arrows in one direction
        (3.0, 1.0)
        >>> turn = 2 * 2 * pi / 7  # Wednesday lies two sevenths of a week after Monday
        >>> round(row["fwd"], 6) == round(hypot(2 + cos(turn), sin(turn)), 6)
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
        Ten minutes before midnight, and twenty after it.

        >>> import kohort as kh, polars as pl
        >>> log = pl.DataFrame({
        ...     "learner": ["ann"] * 3,
        ...     "time": ["2024-03-04T23:50Z", "2024-03-05T00:10Z", "2024-03-05T00:20Z"],
        ...     "content": ["a"] * 3,
        ... })
        >>> days = kh.LearningData(log).personal().activity_calendar()
        >>> minutes = pl.col("study_time").dt.total_minutes()
        >>> days.select(pl.col("day").dt.to_string(), "events", "active_hours", minutes).rows()
        [('2024-03-04', 1, 1, 10), ('2024-03-05', 2, 1, 20)]
        """
        return self._ask(lambda report: self._engine.activity_calendar(progress=report))

    def activity_clock(self) -> pl.DataFrame:
        """Tell on which weekdays and at which local hours each learner was active.

        Returns
        -------
        polars.DataFrame
            `learner`, `weekday` (Monday is 1), `hour` (0 to 23), `events`, `study_time`
            (Duration, divided at the hours). One row per hour with an event or study time; empty
            if times have day resolution. The hour is that of the clock, the weekday that of the
            learner's day: with a `day_start` of 03:00, 01:00 on a Tuesday is hour 1 of Monday.

        Examples
        --------
        Monday from 23:50 on, and Tuesday until 00:20.

        >>> import kohort as kh, polars as pl
        >>> log = pl.DataFrame({
        ...     "learner": ["ann"] * 3,
        ...     "time": ["2024-03-04T23:50Z", "2024-03-05T00:10Z", "2024-03-05T00:20Z"],
        ...     "content": ["a"] * 3,
        ... })
        >>> clock = kh.LearningData(log).personal().activity_clock()
        >>> clock.with_columns(pl.col("study_time").dt.total_minutes()).drop("learner").rows()
        [(1, 23, 1, 10), (2, 0, 2, 20)]
        >>> late = kh.LearningData(log, day_start="03:00").personal().activity_clock()
        >>> late.select("weekday", "hour").rows()
        [(1, 0), (1, 23)]
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
            ``"course"`` for one row per learner and course: medians of `delay` and `earliness`
            over the contents that have one (`delays` and `submissions` of them), the median of
            all lags of all contents together (`lags` of them), and the cram share of all contents
            whose deadline is over together (`window_study_time` is theirs).

        Returns
        -------
        polars.DataFrame
            `learner`, `course`, `content`, `available_from`, `due`, `first_active`, `delay`
            (Duration), `submitted`, `earliness`, `window_study_time` (Duration), `cram_share`
            (0..1), `active_days`, `accesses`, `lag_median` (Duration); by course `learner`,
            `course`, `contents`, `delay_median`, `delays`, `earliness_median`, `submissions`,
            `window_study_time`, `cram_share`, `lag_median`, `lags`. Null where the catalog does
            not tell the dates; with times of day resolution what needs minutes.

        Notes
        -----
        ``earliness = (due - submitted) / (due - available_from)``. Delay of first access: Agnihotri, Essa &
        Baker 2017, "Impact of student choice of content adoption delay on course outcomes", LAK '17,
        doi:10.1145/3027385.3027437. Spacing: Cepeda, Pashler, Vul, Wixted & Rohrer 2006, "Distributed
        practice in verbal recall tasks", doi:10.1037/0033-2909.132.3.354. The cram share is defined here.

        Examples
        --------
        An essay of ten days, opened after three, handed in 23 h 30 min before the end. Of the study time
        all 30 minutes lie in the last day, the last tenth.

        >>> import kohort as kh, polars as pl
        >>> log = pl.DataFrame({
        ...     "learner": ["ann"] * 3,
        ...     "time": ["2024-03-04T00:00Z", "2024-03-10T00:00Z", "2024-03-10T00:30Z"],
        ...     "content": ["essay"] * 3,
        ...     "verb": ["viewed", "viewed", "submitted"],
        ... })
        >>> window = {"available_from": ["2024-03-01T00:00Z"], "due": ["2024-03-11T00:00Z"]}
        >>> catalog = pl.DataFrame({"content": ["essay"], "course": ["X"], **window})
        >>> (row,) = kh.LearningData(log, catalog=catalog).personal(as_of="2024-03-12").delay().to_dicts()
        >>> row["delay"].days, round(row["earliness"], 4)  # 23.5 / 240 hours
        (3, 0.0979)
        >>> row["cram_share"], row["accesses"], row["lag_median"].days
        (1.0, 2, 6)
        """
        by_course = by is not None and word("by", by, Literal["course"]) == "course"
        return self._ask(lambda report: self._engine.delay(by_course, progress=report))
