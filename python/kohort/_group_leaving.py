"""Reference groups: when and where learners leave."""

from __future__ import annotations

from typing import Literal

import polars as pl

from kohort import _core
from kohort._checks import word

Step = Literal["content", "module", "week"]


class LeavingTables:
    """Released tables about leaving."""

    __slots__ = ()
    _engine: _core.ReferenceGroups

    def drop_off(self, *, by: Literal["content", "module", "week"] = "module") -> pl.DataFrame:
        """Show where learners leave.

        `reached` counts those whose furthest content is at a step or later, `left` those
        who stopped or withdrew with their furthest content there. Their ratio is the share
        that leaves at the step. For weeks it is the last activity up to the end of the course
        that counts: before the start it is in week 1, and who was never active until the end is
        in none. Activity after the end moves nobody to another week.

        Parameters
        ----------
        by
            Steps are contents, modules, or weeks since the start of the course.

        Returns
        -------
        polars.DataFrame
            `group`, `step`, `position`, `reached`, `reached_code`, `left`, `left_code`,
            `n`, `unit`, `reason`.

        Raises
        ------
        ParameterError
            If `by` is something else.

        Examples
        --------
        Twenty of sixty read the first content only and were not seen for eight weeks. That all reached
        it is coded, like the one or none who left elsewhere.

        >>> import kohort as kh, polars as pl
        >>> learners = [f"l{i}" for i in range(60)]
        >>> log = pl.DataFrame({
        ...     "learner": learners + learners[:40] * 2,
        ...     "content": ["a"] * 60 + ["b"] * 40 + ["c"] * 40,
        ...     "course": "X",
        ...     "time": "2024-03-04T10:00Z",
        ... })
        >>> catalog = pl.DataFrame({"content": ["a", "b", "c"], "course": "X", "position": [1, 2, 3]})
        >>> data = kh.LearningData(
        ...     log,
        ...     catalog=catalog,
        ...     enrollments=pl.DataFrame({"learner": learners, "course": "X"}),
        ...     resolution="instant",
        ... )
        >>> groups = data.reference_groups(by="course", as_of="2024-04-30")
        >>> steps = groups.drop_off(by="content")
        >>> steps.select("step", "reached", "reached_code", "left", "left_code").rows()[:2]
        [('a', None, 'high', 20.0, 'count'), ('b', 40.0, 'count', None, 'low')]
        """
        return pl.DataFrame(self._engine.drop_off(word("by", by, Step)))

    def hazard(self, *, by: Literal["content", "module", "week"] = "module") -> pl.DataFrame:
        """Find the steps where more learners leave than elsewhere.

        Computed from what `drop_off` releases. The hazard of a step is `left` / `reached`,
        in whole percent, where at least 2 k learners reached it. A step is `flagged` if more
        leave there than at all other steps together: a one-sided exact binomial test, its
        p-values adjusted after Benjamini and Hochberg (1995), at 5 %.

        Parameters
        ----------
        by
            Steps are contents, modules, or weeks since the start of the course.

        Returns
        -------
        polars.DataFrame
            `group`, `step`, `position`, `hazard` (0..1), `code` (``count``; ``low``: fewer
            than k left, or next to nobody; ``high``: next to everybody; ``few``: too few
            reached the step), `low` and `high` (95 % Wilson interval; what bounds the hazard
            where it is coded), `lift` (ratio to the median hazard of the course), `p_value`
            (adjusted), `flagged`, `n`, `unit`, `reason`.

        Raises
        ------
        ParameterError
            If `by` is something else.

        Notes
        -----
        The p-value of a step is that of ``left`` or more out of ``reached``, at the hazard of all other
        steps together. Wilson 1927, doi:10.1080/01621459.1927.10502953; Benjamini & Hochberg 1995,
        doi:10.1111/j.2517-6161.1995.tb02031.x.

        Examples
        --------
        Of sixty, of whom all but k/2 stand for "all", twenty left at the first content: 20 / 55.

        >>> import kohort as kh, polars as pl
        >>> learners = [f"l{i}" for i in range(60)]
        >>> log = pl.DataFrame({
        ...     "learner": learners + learners[:40] * 2,
        ...     "content": ["a"] * 60 + ["b"] * 40 + ["c"] * 40,
        ...     "course": "X",
        ...     "time": "2024-03-04T10:00Z",
        ... })
        >>> catalog = pl.DataFrame({"content": ["a", "b", "c"], "course": "X", "position": [1, 2, 3]})
        >>> data = kh.LearningData(
        ...     log,
        ...     catalog=catalog,
        ...     enrollments=pl.DataFrame({"learner": learners, "course": "X"}),
        ...     resolution="instant",
        ... )
        >>> groups = data.reference_groups(by="course", as_of="2024-04-30")
        >>> groups.hazard(by="content").select("step", "hazard", "code", "flagged").rows()[:2]
        [('a', 0.36, 'count', True), ('b', None, 'low', False)]
        """
        return pl.DataFrame(self._engine.hazard(word("by", by, Step)))

    def survival(self) -> pl.DataFrame:
        """Show how long learners stay, week by week since each enrolled.

        `survival` is the share that has neither left nor completed (Kaplan and Meier 1958,
        with Greenwood's variance and a 95 % band on the log-log scale), `left` and
        `completed` are the cumulative incidences of the two ways out (Aalen and Johansen
        1978); the three add up to 1. `cumulative_hazard` is that of leaving (Nelson 1969, Aalen
        1978): the sum of ``leaving / at risk`` over the weeks so far. Who is still active is
        censored at `as_of` or the end of the course; who never started is censored at once.
        Who left or completed after the end did so at the end. Curves step only when at least k
        more learners have left or completed, and stop where fewer than k of the group are left
        by them (`survival` x `n` < k) or fewer than 2 k are still at risk.

        There is a row for each week that at least k of the group could have reached: those who
        enrolled so long before `as_of` or the end of the course. Where learners enroll long
        before the start, there are more weeks than the course has. What anybody did, and when
        she left, moves no end of a curve.

        Returns
        -------
        polars.DataFrame
            `group`, `week` (completed weeks since enrollment), `survival`, `low`, `high`
            (null where the curve has not moved), `left`, `completed`, `cumulative_hazard`, `n`,
            `unit`, `reason`. Estimates are null from the week on in which the curve stops.

        Notes
        -----
        Kaplan & Meier 1958, "Nonparametric estimation from incomplete observations",
        doi:10.1080/01621459.1958.10501452. Aalen & Johansen 1978, "An empirical transition matrix for
        non-homogeneous Markov chains based on censored observations". Nelson 1969, "Hazard plotting for
        incomplete failure data". The exact estimators, for data of one's own, are in `kohort.stats`.

        Examples
        --------
        Of a hundred, thirty were last seen in the second week and thirty in the fourth; the others
        are still there after ten.

        >>> import kohort as kh, polars as pl
        >>> from datetime import datetime, timedelta, timezone
        >>> start = datetime(2024, 3, 4, tzinfo=timezone.utc)
        >>> learners = [f"l{i}" for i in range(100)]
        >>> last = [1] * 30 + [3] * 30 + [9] * 40
        >>> log = pl.DataFrame({
        ...     "learner": learners * 2,
        ...     "time": [start] * 100 + [start + timedelta(weeks=week) for week in last],
        ...     "content": "a",
        ...     "course": "X",
        ... })
        >>> data = kh.LearningData(
        ...     log,
        ...     courses=pl.DataFrame({"course": ["X"], "starts": [start]}),
        ...     enrollments=pl.DataFrame({"learner": learners, "course": "X", "start": start}),
        ...     resolution="instant",
        ... )
        >>> curve = data.reference_groups(by="course", as_of=start + timedelta(weeks=10)).survival()
        >>> curve.head(5).select("week", pl.col("survival", "left").round(9)).rows()
        [(1, 1.0, 0.0), (2, 0.7, 0.3), (3, 0.7, 0.3), (4, 0.4, 0.6), (5, 0.4, 0.6)]
        >>> curve["cumulative_hazard"].round(4).to_list()[:4]  # 30 / 100, then 30 / 70 more
        [0.0, 0.3, 0.3, 0.7286]

        Had they all enrolled four weeks before the course starts, they would have left four weeks later
        by their own time, and the curve would reach four weeks further.

        >>> early = pl.DataFrame({"learner": learners, "course": "X", "start": start - timedelta(weeks=4)})
        >>> data = kh.LearningData(
        ...     log,
        ...     courses=pl.DataFrame({"course": ["X"], "starts": [start]}),
        ...     enrollments=early,
        ...     resolution="instant",
        ... )
        >>> later = data.reference_groups(by="course", as_of=start + timedelta(weeks=10)).survival()
        >>> later["week"].max() - curve["week"].max(), later["survival"].round(9).to_list()[5:9]
        (4, [0.7, 0.7, 0.4, 0.4])
        """
        return pl.DataFrame(self._engine.survival())
