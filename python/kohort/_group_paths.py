"""Reference groups: how they stay, and the paths they take."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import polars as pl

from kohort import _core
from kohort._checks import learner_id, word
from kohort._spans import span
from kohort.exceptions import ParameterTypeError
from kohort.typing import Span

Between = Literal["pairs", "all"]
Order = Literal["ordered", "strict", "any"]
Place = Literal["content", "module", "kind"]


class GroupPaths:
    """Released tables about staying and about paths through a course."""

    __slots__ = ()
    _engine: _core.ReferenceGroups

    def log_rank(self, *, between: Literal["pairs", "all"] = "pairs") -> pl.DataFrame:
        """Test whether groups of the same course stay equally long.

        The log-rank test over what is released of the weeks behind `survival`: leaving is the
        event, who completed or was last seen is censored. At each week with ``d`` leaving among
        ``n`` at risk, ``n_j`` of them of group ``j``, the ``d_j`` who leave are compared with
        the ``d n_j / n`` to be expected were the hazards the same.

        Parameters
        ----------
        between
            ``"pairs"``: each two groups of a course. ``"all"``: all groups of a course that are
            large enough, at once; the row bears the name of the course, and `n` counts them all.

        Returns
        -------
        polars.DataFrame
            `group`, `other`, `chi_square`, `df`, `p_value`, `adjusted` (the p-value after
            Benjamini and Hochberg among the pairs of the course), `hazard_ratio` (how much
            faster `group` leaves than `other`: observed over expected of the one, divided by
            that of the other; of pairs), `code`, `n_other`, `n`, `unit`, `reason`.

        Notes
        -----
        A group needs ten times the larger of k and twice the base (100 learners at ``k=10``),
        else `reason` is ``TooFew``; groups that share learners are not compared, nor is one that
        is alone. The test begins with the first week by whose end each group has lost k, and ends
        when one has fewer than half of those ten times at risk (50 at ``k=10``). Where too few
        have left for that, `code` is ``few`` and the test is null; else it is ``count``. Because
        counts are rounded, groups that are alike differ at the 5 % level in 4 to 8 tests of 100,
        not in 5; from some hundred learners on each side in about 5. With 6,000 learners on three boards the
        statistic is within 0.8, or 10 %, of that of the exact data.

        References
        ----------
        Mantel 1966, "Evaluation of survival data and two new rank order statistics arising in
        its consideration", Cancer Chemotherapy Reports 50(3). Benjamini & Hochberg 1995,
        "Controlling the false discovery rate", doi:10.1111/j.2517-6161.1995.tb02031.x.

        Examples
        --------
        >>> import kohort as kh
        >>> data = kh.simulate(learners=2000, courses=1, seed=1).data
        >>> tests = data.reference_groups(by="group").log_rank()
        >>> bool((tests["p_value"] <= tests["adjusted"]).all())
        True
        """
        return pl.DataFrame(self._engine.log_rank(word("between", between, Between)))

    def funnel(
        self,
        steps: Sequence[str | int],
        *,
        by: Literal["content", "module", "kind"] = "content",
        order: Literal["ordered", "strict", "any"] = "ordered",
        within: Span | None = None,
    ) -> pl.DataFrame:
        """Count how many come from step to step.

        A member reaches a step by engaging with a content that belongs to it, in the group's
        course. `learners` counts the members who reached a step and all before it, at best;
        every count is rounded and coded by itself, and the shares are computed from these counts.

        Parameters
        ----------
        steps
            Ids of contents or modules, or kinds of content, from the first to the last: 1 to
            100 that differ. One that there is not is reached by nobody.
        by
            What the steps are.
        order
            ``"ordered"``: one after the other, whatever lies between. ``"strict"``: with nothing
            else of the course between; to stay at a step is nothing else. ``"any"``: in any
            order; row j counts those who reached j of the steps, and `place` is null.
        within
            The time from the first step to the last, at most; of the public grid ``5m``, ``15m``,
            ``30m``, ``1h``, ``2h``, ``6h``, ``12h``, ``1d``, ``2d``, ``3d``, ``7d``, ``14d``,
            ``28d``, ``56d``, ``112d``, ``365d``. With windows of every length the order of all
            learners' times could be found out.

        Returns
        -------
        polars.DataFrame
            `group`, `step` (its number), `place` (its id), `learners`, `code` (``low``: fewer
            than k, ``high``: all but fewer than k, else ``count``), `conversion` (share of those
            of the step before; at the first step, of the group), `conversion_low`,
            `conversion_high`, `conversion_n` (of how many; all but k/2 of the group where that
            is coded high), `overall` (share of those of the first step; null there), its
            `overall_low`, `overall_high` and `overall_n`, `n`, `unit`, `reason`.

        Raises
        ------
        ParameterError
            For steps or a window that cannot be asked.

        Notes
        -----
        Shares are in whole percent, of at least 2 k learners, and all null below. Near 0 and 1
        they are null and only bounded: then `low` and `high` are the least and the most they can
        be, else their 95 % Wilson interval. Events of one instant (of one day, in a log of days)
        are taken in the order of the steps; a strict order is not told in a log of days. Whatever
        steps are asked, the counts are a function of the members' records taken together, so that
        nobody can be told from the k others she can be swapped with.

        References
        ----------
        Wilson 1927, "Probable inference, the law of succession, and statistical inference",
        doi:10.1080/01621459.1927.10502953.

        Examples
        --------
        All sixty read a, forty went on to b and c. Nearly all are all but k/2: 40 / 55 come to the
        second step, and of these nearly all to the third.

        >>> import kohort as kh, polars as pl
        >>> learners = [f"l{i}" for i in range(60)]
        >>> log = pl.DataFrame({
        ...     "learner": learners + learners[:40] * 2,
        ...     "content": ["a"] * 60 + ["b"] * 40 + ["c"] * 40,
        ...     "course": "X",
        ...     "time": ["2024-03-04T10:00Z"] * 60 + ["2024-03-05T10:00Z"] * 40 + ["2024-03-06T10:00Z"] * 40,
        ... })
        >>> catalog = pl.DataFrame({"content": ["a", "b", "c"], "course": "X", "position": [1, 2, 3]})
        >>> data = kh.LearningData(
        ...     log,
        ...     catalog=catalog,
        ...     enrollments=pl.DataFrame({"learner": learners, "course": "X"}),
        ...     resolution="instant",
        ... )
        >>> funnel = data.reference_groups(by="course").funnel(["a", "b", "c"])
        >>> funnel.select("step", "learners", "code", "conversion", "overall").rows()
        [(1, None, 'high', None, None), (2, 40.0, 'count', 0.73, 0.73), (3, 40.0, 'count', None, 0.73)]
        """
        if isinstance(steps, str) or not isinstance(steps, Sequence):
            raise ParameterTypeError(f"`steps` must be a list of ids, got {steps!r}")
        ids = [learner_id(step, name="steps") for step in steps]
        window = None if within is None else span("within", within)
        how = word("by", by, Place), word("order", order, Order)
        return pl.DataFrame(self._engine.funnel(ids, *how, window))

    def video_seconds(self, *, width: Span = "5s") -> pl.DataFrame:
        """Count who watches each part of each video, who again, and who leaves where.

        `viewers` are the members who passed a stretch of the video, `rewatchers` those who
        passed it twice or more; how often beyond that does not matter, so that one learner
        cannot make a peak. `reached` are those whose first viewing came to the stretch or
        further, and `drop_off` is the share of all who started whose first viewing ended
        before: ``1 - reached / starters``, from a count of its own. A viewing is a session of
        the log in which anything was watched; without sessions, all of it.

        Parameters
        ----------
        width
            The length of a stretch: whole seconds, up to an hour. A learner passes it when she
            passes its middle, as in `PersonalAnalytics.video_segments`.

        Returns
        -------
        polars.DataFrame
            `group`, `content`, `second` (where the stretch begins), `viewers`, `viewers_code`,
            `rewatchers`, `rewatchers_code`, `reached`, `reached_code`, `drop_off`, `low`,
            `high`, `starters`, then `drop_off_again`, `low_again`, `high_again` and
            `starters_again` of all viewings after the first together, `n`, `unit`, `reason`.
            Counts are null where their code is ``low`` (fewer than k) or ``high`` (all but fewer
            than k), shares as in `funnel`.

        Raises
        ------
        ParameterError
            For a width that is not whole seconds.

        Notes
        -----
        The rows are the videos of the catalog (of kind ``video`` or of no kind, with a `length`),
        over their whole length, whatever learners did.

        References
        ----------
        Kim, Guo, Seaton, Mitros, Gajos & Miller 2014, "Understanding in-video dropouts and
        interaction peaks in online lecture videos", doi:10.1145/2556325.2566237.

        Examples
        --------
        >>> import kohort as kh
        >>> import polars as pl
        >>> from datetime import datetime, timedelta, timezone
        >>> start = datetime(2024, 3, 1, 10, tzinfo=timezone.utc)
        >>> log = pl.DataFrame({
        ...     "learner": [f"l{i // 2}" for i in range(120)],
        ...     "time": [start + timedelta(seconds=i % 2 * 20) for i in range(120)],
        ...     "content": ["film"] * 120,
        ...     "verb": ["played", "paused"] * 60,
        ...     "position": [0.0, 20.0] * 60,
        ... })
        >>> data = kh.LearningData(
        ...     log,
        ...     catalog=pl.DataFrame({"content": ["film"], "course": ["A"], "length": [30.0]}),
        ...     enrollments=pl.DataFrame({"learner": [f"l{i}" for i in range(100)], "course": ["A"] * 100}),
        ... )
        >>> seconds = data.reference_groups(by="course").video_seconds(width="10s")
        >>> seconds.select("second", "viewers", "viewers_code").rows()
        [(0, 60.0, 'count'), (10, 60.0, 'count'), (20, None, 'low')]
        """
        return pl.DataFrame(self._engine.video_seconds(span("width", width)))

    def rewatch_peaks(self, *, width: Span = "5s") -> pl.DataFrame:
        """Find where a video is watched again more than around.

        The `rewatchers` of `video_seconds`, as released (a count coded low stands for none), are
        smoothed by a Gaussian kernel of 3 s (of one stretch, if that is longer). A peak rises
        above the median of the minute on either side, and its apex by more than three robust
        standard deviations (1.4826 times the median absolute deviation, at least the counting
        error).

        Parameters
        ----------
        width
            As in `video_seconds`.

        Returns
        -------
        polars.DataFrame
            `group`, `content`, `rank` (1 to 3 for each video, the most prominent first),
            `start`, `apex`, `end` (seconds; of stretches where they begin, `end` where the last
            one ends), `prominence` (learners that one must come down from the apex to reach
            higher ground or an end), `learners` (who watched any of it twice or more), `code` (of
            that count, or ``none`` where there is no such peak), `n`, `unit`, `reason`.

        Raises
        ------
        ParameterError
            For a width that is not whole seconds.

        References
        ----------
        Kim, Guo, Seaton, Mitros, Gajos & Miller 2014, "Understanding in-video dropouts and
        interaction peaks in online lecture videos", doi:10.1145/2556325.2566237, who look for
        peaks of interaction in smoothed counts.

        Examples
        --------
        >>> import kohort as kh
        >>> groups = kh.simulate(learners=500, courses=1, seed=1).data.reference_groups(by="course")
        >>> set(groups.rewatch_peaks()["code"]) <= {"none", "low", "count", "high", None}
        True
        """
        return pl.DataFrame(self._engine.rewatch_peaks(span("width", width)))

    def feature_usage(self) -> pl.DataFrame:
        """Count who uses each feature of the platform, and who ignores it.

        Features and their verbs are those of `PersonalAnalytics.feature_usage`.

        Returns
        -------
        polars.DataFrame
            `group`, `feature`, `learners` (members who used it once or more), `code`, `ignored`
            (share of members who never did, counted by itself), its `low` and `high`, `n`,
            `unit`, `reason`. Counts are null where their code is ``low`` or ``high``, shares as in
            `funnel`. Withheld in a log without verbs.

        Notes
        -----
        Whoever is on the roster counts, also without any activity.

        Examples
        --------
        Forty of sixty searched; nobody used anything else, or next to nobody.

        >>> import kohort as kh, polars as pl
        >>> learners = [f"l{i}" for i in range(60)]
        >>> log = pl.DataFrame({
        ...     "learner": learners,
        ...     "content": "a",
        ...     "course": "X",
        ...     "time": "2024-03-04T10:00Z",
        ...     "verb": ["searched"] * 40 + ["viewed"] * 20,
        ... })
        >>> data = kh.LearningData(log, enrollments=pl.DataFrame({"learner": learners, "course": "X"}))
        >>> usage = data.reference_groups(by="course").feature_usage()
        >>> usage.filter(feature="search").select("learners", "ignored").rows()
        [(40.0, 0.33)]
        >>> usage.filter(feature="notes").select("learners", "code", "low").rows()
        [(None, 'low', 0.84)]
        """
        return pl.DataFrame(self._engine.feature_usage())

    def popular_content(self) -> pl.DataFrame:
        """Count how many members engaged with each content of the catalog.

        Engaging is any event but enrolling, unenrolling, logging in and out.

        Returns
        -------
        polars.DataFrame
            `group`, `content`, `module`, `position`, `learners`, `code`, `share` (of the
            members), its `low` and `high`, `n`, `unit`, `reason`; counts and shares as in
            `funnel`. One row per content, in the order of the syllabus.

        Examples
        --------
        All of sixty read a, which is coded, and forty read b and c.

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
        >>> popular = data.reference_groups(by="course").popular_content()
        >>> popular.select("content", "learners", "code", "share").rows()
        [('a', None, 'high', None), ('b', 40.0, 'count', 0.67), ('c', 40.0, 'count', 0.67)]
        """
        return pl.DataFrame(self._engine.popular_content())

    def collaboration(self) -> pl.DataFrame:
        """Show how members write with each other.

        Each measure is a number of each member's own, and what is shown is its distribution on
        the public grid (`kohort.grids`), as in `summary`: `posts`, `replies`, `comments`,
        `threads` (distinct contents she did any of these in); `peers`, others who wrote in a
        thread she wrote in; `answers`, others whom she answered; `answered_by`, others who
        answered her; `mutual`, others of whom both are true; `centrality`, her betweenness among
        these answers over the ``(n - 1)(n - 2)`` pairs of others.

        A reply or a comment answers whoever wrote last before it in its thread, all of them if
        several did at one instant; nobody answers herself.

        Returns
        -------
        polars.DataFrame
            `group`, `measure`, `none` (share of members with 0), `none_low`, `none_high`, `q25`,
            `median`, `q75`, `mean` (winsorized), `n`, `unit`, `reason`. Shares as in `funnel`,
            quantiles and the mean as in `summary`. Withheld in a log without verbs; `centrality`
            above 5,000 learners, too.

        Notes
        -----
        Ties are counted among the learners of the released groups of the course and nobody else,
        so that who is on no roster changes nobody's number. Two learners who exchange all they
        wrote exchange their places and nobody else's, so that ties do not loosen the promise.
        Sums over a network, such as Freeman's centralization, are not shown: one learner could
        make them up alone.

        References
        ----------
        Freeman 1977, "A set of measures of centrality based on betweenness", doi:10.2307/3033543.
        Brandes 2001, "A faster algorithm for betweenness centrality",
        doi:10.1080/0022250X.2001.9990249.

        Examples
        --------
        >>> import kohort as kh
        >>> groups = kh.simulate(learners=500, courses=1, seed=1).data.reference_groups(by="course")
        >>> groups.collaboration()["measure"].to_list()[4:]
        ['peers', 'answers', 'answered_by', 'mutual', 'centrality']
        """
        return pl.DataFrame(self._engine.collaboration())

    def reply_network(self) -> pl.DataFrame:
        """Describe who answers whom in three numbers.

        Returns
        -------
        polars.DataFrame
            `group`, `alone` (share of members without a peer), `alone_low`, `alone_high`,
            `reciprocity` (share of those who answer anybody whom one of these answers back),
            `reciprocity_low`, `reciprocity_high`, `answering` (how many answer anybody),
            `density` (mean of the released distribution of `peers` in `collaboration`, over the
            others there are: learners of the released groups of the course, rounded, less one),
            `n`, `unit`, `reason`. Shares as in `funnel`; the density needs 4 k learners.

        Notes
        -----
        Peers and answers are those of `collaboration`. The usual reciprocity, the share of ties
        that go both ways, is not shown: one learner adds many ties.

        References
        ----------
        Wasserman & Faust 1994, "Social network analysis: methods and applications",
        doi:10.1017/CBO9780511815478.

        Examples
        --------
        >>> import kohort as kh
        >>> groups = kh.simulate(learners=500, courses=1, seed=1).data.reference_groups(by="course")
        >>> groups.reply_network().height
        1
        """
        return pl.DataFrame(self._engine.reply_network())
