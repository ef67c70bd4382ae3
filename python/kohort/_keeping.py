"""How learners keep up with a course, period by period."""

from __future__ import annotations

from typing import Literal

import polars as pl

from kohort._asking import Asking
from kohort._checks import share, word


class Keeping(Asking):
    """Tables about a learner's course, period by period."""

    __slots__ = ()

    def engagement(self) -> pl.DataFrame:
        """Tell how each learner kept up with the assessments of each course, period by period.

        Assessments are the required contents of the kinds quiz, problem and assignment. A
        period ends when some of them are due: those due on one local day of the data set, at
        the last of their deadlines; the next one begins then. A learner is

        - ``on_track`` (3): she handed in, by their deadlines, all that were due;
        - ``behind`` (2): she handed in some, or some late (by `as_of`);
        - ``auditing`` (1): she handed in none, but did something in the course in the period;
        - ``out`` (0): neither.

        Handed in means completed by what an event says, by the rules of
        `LearningData.personal(completion=...)`. In a course without deadlines the periods are
        its weeks, from its start to its end: ``on_track`` is handing in any assessment in the
        week, and nobody is ``behind``.

        These are a learner's own labels. `kohort.stats.trajectories` finds the four typical
        trajectories among those of many.

        Returns
        -------
        polars.DataFrame
            `learner`, `course`, `period` (from 1), `until` (its last instant), `due` (the
            assessments due), `submitted` (of those due, at any time; without deadlines, those
            first handed in in the week), `on_time`, `label`, `level` (0 to 3), `reason`. One
            row for each period that was over at `as_of`, also from before she came. `due` and
            `on_time` are null without deadlines, and all but `due` in a log without verbs,
            which does not tell what was handed in. There are no rows without a catalog, for
            courses without assessments, and for those with neither deadlines nor a start.

        References
        ----------
        Kizilcec, Piech, Schneider (2013): Deconstructing disengagement: analyzing learner
        subpopulations in massive open online courses. LAK '13, doi:10.1145/2460296.2460330.

        Examples
        --------
        The first quiz in time, the second late, before the third only a page.

        >>> import kohort as kh, polars as pl
        >>> log = pl.DataFrame(
        ...     {
        ...         "learner": ["L1"] * 3,
        ...         "time": ["2026-03-05 10:00", "2026-03-16 10:00", "2026-03-18 10:00"],
        ...         "content": ["q1", "q2", "p"],
        ...         "verb": ["submitted", "submitted", "viewed"],
        ...     }
        ... )
        >>> catalog = pl.DataFrame(
        ...     {
        ...         "content": ["q1", "q2", "q3", "p"],
        ...         "course": "C",
        ...         "kind": ["quiz", "quiz", "quiz", "page"],
        ...         "due": ["2026-03-08", "2026-03-15", "2026-03-22", None],
        ...     }
        ... )
        >>> data = kh.LearningData(log, catalog=catalog, tz="UTC")
        >>> data.personal(as_of="2026-03-31").engagement()["label"].to_list()
        ['on_track', 'behind', 'auditing']
        """
        return self._ask(lambda report: self._engine.engagement(progress=report))

    def weekly_features(
        self, *, week: Literal["iso", "course"] = "iso", pass_mark: float | None = None
    ) -> pl.DataFrame:
        """Describe each learner's weeks in each course, for a model of stopout.

        The features of Taylor, Veeramachaneni & O'Reilly (2014), under the numbers they have
        there (x2 ...). One row per learner, course and local week, from the first thing that
        was known of her in the course until `as_of` or the end of the course, also for weeks
        in which she did nothing; in a course without an end until the week in which her last
        activity became known, since she did nothing in any later one.

        Each row is what was known at its end, `at`: the log is cut there, so study time after
        the last event of a week, results that come later and events that are received later are
        not in it. Only `stopped_out`, the outcome to be predicted, looks ahead.

        A problem is a content that something was submitted to, a submission an attempt that
        was answered, submitted or has a result (as `responses` lists them), in the week of
        its last step. It is right if its results say so by the end of that week.

        Parameters
        ----------
        week
            ``"iso"`` for weeks that begin on Monday, ``"course"`` for weeks counted from the
            day on which the course starts: that week is 1, the one before it 0; courses without
            a start then have no rows.
        pass_mark
            The score (0..1) from which a submission is right, as in `assessments`.

        Returns
        -------
        polars.DataFrame
            `learner`, `course`, `week` (its Monday, or its number in the course), `at` (the
            last microsecond of it that is seen), and

            - `events`: of the week, and `event_time_variance` (x13): the variance of their
              times, n - 1, in square hours; null for fewer than two.
            - `study_time` (x2, Duration), of it `video_time` (x16, on videos) and
              `reading_time` (x17, on pages and files), `longest_event` (x15): the longest
              stretch credited to one event; null without any.
            - `posts` (x3), `replies` (x201), `collaborations` (x14): posts, replies and
              comments. Null in a log without verbs.
            - `problems` (x6), `submissions` (x7), `submissions_per_problem` (x9 = x7 / x6),
              `problems_correct` (x8), `problems_per_correct` (x11 = x6 / x8),
              `study_time_per_correct` (x10 = x2 / x8, Duration), `time_to_solve` (x12,
              Duration): mean over problems of the time from the first to the last submission
              of the week; `submissions_correct` (x208), `submissions_correct_share` (x209 =
              x208 / x7). Ratios are null where their denominator is 0.
            - `due`: required quizzes, problems and assignments due in the week, up to `at`;
              `due_correct`: those answered right by then; `due_correct_share` (x204), null
              without any; `due_correct_change` (x205): the share less the mean of those of
              the learner's earlier weeks; null without any. Null without a catalog.
            - `time_before_due` (x210, Duration): mean over submissions to contents with a
              deadline of the time until it; negative after it; null without any.
            - `stopped_out` (x1): whether nothing was submitted in this week or later; null
              while that is open, because the course is not over, and for a learner who never
              submitted anything in it: she had nothing to stop.

            What is made of submissions is null in a log without verbs, scores and successes.
            With times of day resolution what is made of study time, and `time_to_solve`, is
            null; `video_time` and `reading_time` are so without a catalog.

        Raises
        ------
        ParameterError
            If `pass_mark` is no share, or there are more than 10 000 weeks.

        Notes
        -----
        Left out: wiki edits and time (x4, x18) and laboratories (x206, x207), which events do
        not tell apart; the length of posts (x5), which is not stored; the rank among other
        learners (x202, x203), since a learner's numbers depend on her events only.

        References
        ----------
        Taylor, Veeramachaneni, O'Reilly (2014): Likely to stop? Predicting stopout in massive
        open online courses. arXiv:1408.3382.

        Examples
        --------
        Two problems at two attempts and one, 20 minutes of work; nothing in the second week.

        >>> import kohort as kh, polars as pl
        >>> log = pl.DataFrame(
        ...     {
        ...         "learner": ["L1"] * 3,
        ...         "time": ["2026-03-03 10:00", "2026-03-03 10:15", "2026-03-03 10:20"],
        ...         "content": ["a", "a", "b"],
        ...         "course": ["C"] * 3,
        ...         "verb": ["submitted"] * 3,
        ...         "success": [False, True, False],
        ...     }
        ... )
        >>> courses = pl.DataFrame({"course": ["C"], "ends": ["2026-04-30"]})
        >>> data = kh.LearningData(log, courses=courses, tz="UTC")
        >>> weeks = data.personal(as_of="2026-03-12").weekly_features()
        >>> first, second = weeks.rows(named=True)
        >>> first["submissions"], first["problems"], first["problems_correct"]
        (3, 2, 1)
        >>> str(first["study_time_per_correct"]), str(first["time_to_solve"])
        ('0:20:00', '0:07:30')
        >>> second["submissions"], second["submissions_per_problem"], second["stopped_out"]
        (0, None, None)

        A matrix of numbers for scikit-learn: lengths of time as seconds, null as NaN.

        >>> import polars.selectors as cs
        >>> seconds = cs.duration().dt.total_microseconds() / 1e6
        >>> numbers = weeks.with_columns(seconds).select(cs.numeric()).to_numpy()
        >>> numbers.dtype, numbers.shape
        (dtype('float64'), (2, 23))
        """
        word_ = word("week", week, Literal["iso", "course"])
        mark = None if pass_mark is None else share("pass_mark", pass_mark)
        return self._ask(lambda report: self._engine.weekly_features(word_, mark, progress=report))
