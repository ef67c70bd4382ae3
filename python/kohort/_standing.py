"""Where learners stand in a course: progress, pace, contents studied, drop-off."""

from __future__ import annotations

from typing import Literal

import polars as pl

from kohort._asking import Asking
from kohort._checks import word
from kohort._spans import span
from kohort.typing import Span


class Standing(Asking):
    """Tables about where a learner stands in a course."""

    __slots__ = ()

    def progress(self, by: Literal["module"] | None = None) -> pl.DataFrame:
        """Tell how much of what is required each learner has completed.

        A video is completed when 95 % of its seconds were watched (as `video` tells it:
        seeking to the end is not watching), a page, file or live meeting by any event, a problem, quiz or
        assignment when submitted, a discussion by a post; an explicit `completed` or
        `passed` completes anything. `LearningData.personal(completion=...)` changes the
        rules.

        Parameters
        ----------
        by
            ``"module"`` for one row per learner, course and module.

        Returns
        -------
        polars.DataFrame
            `learner`, `course`, (`module`), `completed` and `available` (required contents
            available by `as_of`), `progress` (their ratio, 0..1), `progress_weighted` (by
            expected duration; null unless every content has one), `reason`.

        Notes
        -----
        ``progress = completed / available``. Null without a catalog, with the `reason`, and where nothing
        required is available yet. The rule for videos never takes the furthest position for what was
        watched; the definitions are those of this library.

        Examples
        --------
        A page was read; a quiz was opened and not submitted, and the film was not watched; what is not
        required does not count. By the time to plan for them: 20 of 60 minutes.

        >>> import kohort as kh, polars as pl
        >>> log = pl.DataFrame({
        ...     "learner": ["ann"] * 3,
        ...     "time": [f"2024-03-04T10:0{minute}Z" for minute in range(3)],
        ...     "content": ["text", "quiz", "more"],
        ...     "verb": ["viewed"] * 3,
        ... })
        >>> catalog = pl.DataFrame({
        ...     "content": ["text", "quiz", "film", "more"],
        ...     "course": ["X"] * 4,
        ...     "module": ["m1", "m1", "m2", "m2"],
        ...     "kind": ["page", "quiz", "video", "page"],
        ...     "required": [True, True, True, False],
        ...     "expected_duration": [1200, 1800, 600, 300],
        ... })
        >>> pla = kh.LearningData(log, catalog=catalog).personal()
        >>> (row,) = pla.progress().to_dicts()
        >>> row["completed"], row["available"], round(row["progress"], 3), round(row["progress_weighted"], 3)
        (1, 3, 0.333, 0.333)
        >>> pla.progress(by="module").select("module", "completed", "available", "progress").rows()
        [('m1', 1, 2, 0.5), ('m2', 0, 1, 0.0)]
        """
        by_module = by is not None and word("by", by, Literal["module"]) == "module"
        return self._ask(lambda report: self._engine.progress(by_module, progress=report))

    def progress_over_time(
        self, *, every: Span = "1w", week: Literal["iso", "course"] = "iso"
    ) -> pl.DataFrame:
        """Tell each learner's progress at the end of each period.

        One row per learner, course and period, from the first thing that was known of her in
        the course (activity, registration or enrollment; for an enrollment without a start the
        start of the course) until `as_of` or the end of the course, whichever comes first. In
        a course without an end the last period is the one in which her last activity became
        known: she does nothing in any later one, and their rows would only repeat.
        Each row is that of `progress` as of `at`, the last instant of the period: what was
        received later does not count, and contents that become available raise `available`,
        so that `progress` may fall. Who came after the end of the course has no rows.

        Parameters
        ----------
        every
            ``"1d"`` or ``"1w"``: local days or weeks of the calendar, in the learner's time
            zone and with the data set's `day_start`. With ``week="course"`` any number of
            whole days.
        week
            ``"iso"`` for weeks that begin on Monday, ``"course"`` for periods counted from
            the day on which the course starts. Courses without a start then have no rows.

        Returns
        -------
        polars.DataFrame
            `learner`, `course`, `period` (its first local day, or with ``week="course"`` its
            number, from 1), `at` (its last microsecond, or where the series ends), and of
            `progress`: `completed`, `available`, `progress` (0..1), `progress_weighted`,
            `reason`. Null without a catalog, and `progress` while nothing required is
            available.

        Raises
        ------
        ParameterError
            If `every` is no such length, or makes more than 10 000 periods.

        Examples
        --------
        Two contents, one done in each of the first two weeks; a third comes in the last.

        >>> import kohort as kh, polars as pl
        >>> log = pl.DataFrame(
        ...     {
        ...         "learner": ["L1"] * 3,
        ...         "time": ["2026-03-03 10:00", "2026-03-10 10:00", "2026-03-17 10:00"],
        ...         "content": ["a", "b", "a"],
        ...     }
        ... )
        >>> opens = [None, None, "2026-03-16"]
        >>> catalog = pl.DataFrame({"content": list("abc"), "course": "C", "available_from": opens})
        >>> series = kh.LearningData(log, catalog=catalog, tz="UTC").personal().progress_over_time()
        >>> series["period"].dt.to_string().to_list()
        ['2026-03-02', '2026-03-09', '2026-03-16']
        >>> series["completed"].to_list(), series["available"].to_list()
        ([1, 2, 2], [2, 2, 3])
        """
        length = span("every", every)
        word_ = word("week", week, Literal["iso", "course"])
        return self._ask(lambda report: self._engine.progress_over_time(length, word_, progress=report))

    def pace(self) -> pl.DataFrame:
        """Tell how far each learner is ahead of the course's schedule, or behind it.

        `pace` is `progress` less `expected`, the share of the available required contents
        whose deadline has come: the catalog's `due`; in a course without any due date, the
        release of the next contents (`available_from`). What has no deadline by this is
        expected by the end of the course. Above 0 is ahead.

        Returns
        -------
        polars.DataFrame
            `learner`, `course`, `progress` (0..1), `expected` (0..1), `pace` (-1..1),
            `reason`. Null without a catalog, and `expected` and `pace` in courses with
            neither due dates nor two different release dates.

        Examples
        --------
        Two of four contents were due, one is done: 0.25 - 0.5.

        >>> import kohort as kh, polars as pl
        >>> log = pl.DataFrame({"learner": ["L1"], "time": ["2026-03-10 10:00"], "content": ["a"]})
        >>> catalog = pl.DataFrame(
        ...     {
        ...         "content": ["a", "b", "c", "d"],
        ...         "course": ["C"] * 4,
        ...         "due": ["2026-03-02", "2026-03-09", "2026-03-16", "2026-03-23"],
        ...     }
        ... )
        >>> pace = kh.LearningData(log, catalog=catalog, tz="UTC").personal().pace()
        >>> pace.select("progress", "expected", "pace").row(0)
        (0.25, 0.5, -0.25)
        """
        return self._ask(lambda report: self._engine.pace(progress=report))

    def studied_content(self) -> pl.DataFrame:
        """List what each learner touched, with time, visits and completion.

        One row per learner, course and content that she engaged with (any event but being
        enrolled, unenrolled, logged in or out). A visit is a maximal run of events at one
        content within a session.

        Returns
        -------
        polars.DataFrame
            `learner`, `course`, `content`, `module`, `kind`, `events`, `visits`,
            `study_time` (Duration), `active_days`, `first_active`, `last_active`,
            `completed` (null for what is not in the catalog). With times of day resolution
            `visits` and `study_time` are null.

        Examples
        --------
        A page, a film, the page again within one session, and once more two hours later.

        >>> import kohort as kh, polars as pl
        >>> log = pl.DataFrame({
        ...     "learner": ["ann"] * 4,
        ...     "time": ["2024-03-04T10:00Z", "2024-03-04T10:05Z", "2024-03-04T10:15Z", "2024-03-04T12:15Z"],
        ...     "content": ["page", "film", "page", "page"],
        ... })
        >>> studied = kh.LearningData(log).personal().studied_content()
        >>> studied.select("content", "events", "visits", pl.col("study_time").dt.total_minutes()).rows()
        [('film', 1, 1, 10), ('page', 3, 3, 5)]
        """
        return self._ask(lambda report: self._engine.studied_content(progress=report))

    def drop_off(self) -> pl.DataFrame:
        """Tell where each learner is, and whether she has left.

        `status`, the first that fits: `withdrawn`; `completed` (passed, or all required
        contents completed); `never_started`; `active` (seen within `inactivity` of `as_of`
        or of the end of the course); `stopped`. The drop-off point is both the furthest
        content in the order of the syllabus and the last one engaged with.

        Returns
        -------
        polars.DataFrame
            `learner`, `course`, `status`, `enrolled`, `last_active`, `inactive_days`,
            `furthest_content`, `furthest_module`, `furthest_position`, `last_content`,
            `last_module`, `last_position`.

        Notes
        -----
        The moment that counts is h, `as_of` or the end of the course if that comes first; a course
        without an `ends` is never over. ``active`` if the last activity lies at most `inactivity` before h
        (`LearningData.personal(inactivity=...)`, 14 days): of her it is not known yet whether she leaves,
        and in a survival analysis she is censored. The days are from the last activity to h, below 0 where
        that lies after the end of the course. The furthest content is null without positions in the
        catalog, every point before anything was touched.

        Examples
        --------
        Three weeks after Ann's last event, on a content that comes before the furthest one she saw.

        >>> import kohort as kh, polars as pl
        >>> log = pl.DataFrame({
        ...     "learner": ["ann", "ann", "bob"],
        ...     "time": ["2024-03-04T10:00Z", "2024-03-05T10:00Z", "2024-03-25T10:00Z"],
        ...     "content": ["c", "a", "b"],
        ... })
        >>> catalog = pl.DataFrame({"content": ["a", "b", "c"], "course": ["X"] * 3, "position": [1, 2, 3]})
        >>> enrollments = pl.DataFrame({"learner": ["ann", "bob", "cat"], "course": ["X"] * 3})
        >>> data = kh.LearningData(log, catalog=catalog, enrollments=enrollments)
        >>> left = data.personal().drop_off()
        >>> left.select("status", "inactive_days", "furthest_content", "last_content").rows()
        [('stopped', 20.0, 'c', 'a'), ('active', 0.0, 'b', 'b'), ('never_started', None, None, None)]
        """
        return self._ask(lambda report: self._engine.drop_off(progress=report))

    def person_periods(self, *, every: Span = "7d") -> pl.DataFrame:
        """Lay out each learner's time in a course as periods, for a model of drop-off.

        One row for each period that was seen to its end, or in which the learner left or
        completed: what a discrete-time survival model (a logistic regression of `left`) is
        fitted to (Singer and Willett 1993, doi:10.3102/10769986018002155). The features are
        what was known before the period; nothing in them looks ahead.

        Parameters
        ----------
        every
            The length of a period, counted from the enrollment, else from the start of the
            course.

        Returns
        -------
        polars.DataFrame
            `learner`, `course`, `period` (from 1), `start`, `end`, `left` (the last activity
            of one who stopped lies in it; of one who withdrew, the event of unenrolling or the
            end of the enrollment, if there is one), `completed` (the last activity of one who
            completed lies in it), and known before it: `events`, `active_days`, `contents`,
            `days_since_last` (null before the first event). A course that is over has no
            periods more: who was seen or withdrew after its end did so in the last one. Learners
            of whom nothing says when they began have no row.

        Raises
        ------
        ParameterError
            If a period is shorter than a day.

        Examples
        --------
        A course that starts on Monday 4 March; it is 1 April. Ann was last active in the second week and
        left in it. Bob came in the fifth, which is not over.

        >>> import kohort as kh, polars as pl
        >>> log = pl.DataFrame({
        ...     "learner": ["ann", "ann", "bob"],
        ...     "time": ["2024-03-04T10:00Z", "2024-03-12T10:00Z", "2024-04-01T10:00Z"],
        ...     "content": ["a", "b", "a"],
        ...     "course": ["X"] * 3,
        ... })
        >>> courses = pl.DataFrame({"course": ["X"], "starts": ["2024-03-04T00:00Z"]})
        >>> periods = kh.LearningData(log, courses=courses).personal().person_periods()
        >>> periods.filter(learner="ann").select("period", "left", "events", "contents").rows()
        [(1, False, 0, 0), (2, True, 1, 1)]
        >>> periods.filter(learner="bob").select("period", "left", "events").rows()
        [(1, False, 0), (2, False, 0), (3, False, 0), (4, False, 0)]
        """
        length = span("every", every)
        return self._ask(lambda report: self._engine.person_periods(length, progress=report))
