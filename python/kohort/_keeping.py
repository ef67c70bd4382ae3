"""How learners keep up with a course, period by period."""

from __future__ import annotations

import polars as pl

from kohort._asking import Asking


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
            first handed in in the week), `on_time`, `label`, `level` (0 to 3). One row for
            each period that was over at `as_of`, also from before she came. `due` and
            `on_time` are null without deadlines; courses with neither deadlines nor a start
            have no rows, and no course has any without a catalog.

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
