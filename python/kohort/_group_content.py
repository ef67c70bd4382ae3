"""Group tables about content: struggle, item analysis, options, learning curves."""

from __future__ import annotations

from typing import Literal

import polars as pl

from kohort import _core
from kohort._checks import share, word
from kohort._objects import Described

Test = Literal["course", "module"]
Blank = Literal["skip", "zero"]
Skill = Literal["topic", "module"]


class ContentTables(Described):
    """Released tables with a row per content of the catalog."""

    __slots__ = ()
    _engine: _core.ReferenceGroups

    def struggle(self, *, pass_mark: float | None = None) -> pl.DataFrame:
        """Rank the contents by how many of those who try again do not pass.

        `tried` counts the members with two or more attempts of whom it is known whether they
        passed, `not_passed` those of them who did not; `PersonalAnalytics.assessments` says what
        an attempt is, and what passing is. Both counts are rounded and coded by themselves, and
        everything else is computed from them: `share` is ``not_passed / tried``.

        The rows are the contents that the catalog calls a problem, a quiz or an assignment, that
        it gives a `max_score`, or whose kind it does not tell. They are the same whatever learners
        do.

        Parameters
        ----------
        pass_mark
            The share of the full marks that makes an attempt right: a multiple of 0.05, because
            with marks of every height the order of all scores could be found out.

        Returns
        -------
        polars.DataFrame
            `group`, `content`, `module`, `position`; `tried` and `not_passed`, null where
            `tried_code` or `not_passed_code` is ``low`` (fewer than k) or ``high`` (all but fewer
            than k of the group); `share` in whole percent as 0..1, null where fewer than 2 k
            tried, and near 0 and 1, where it is only bounded by `low` and `high`; `low` and `high`
            else its 95 % Wilson interval; `rank`, 1 for the greatest share, equal shares alike;
            `n` (rounded), `unit`, `reason` (why a group is withheld).

        Raises
        ------
        ParameterError
            If `pass_mark` is no multiple of 0.05 in 0.05..1.

        Notes
        -----
        The interval is that of Wilson (1927, "Probable inference, the law of succession, and
        statistical inference", doi:10.1080/01621459.1927.10502953).

        Examples
        --------
        Forty of sixty tried a question twice, and twenty of them never got it right.

        >>> import kohort as kh, polars as pl
        >>> learners = [f"l{i}" for i in range(60)]
        >>> log = pl.DataFrame({
        ...     "learner": learners[:40] * 2,
        ...     "time": ["2024-03-04T10:00Z"] * 40 + ["2024-03-04T10:05Z"] * 40,
        ...     "content": "q1",
        ...     "course": "X",
        ...     "verb": "answered",
        ...     "success": [False] * 60 + [True] * 20,
        ... })
        >>> data = kh.LearningData(
        ...     log,
        ...     catalog=pl.DataFrame({"content": ["q1"], "course": ["X"], "kind": ["quiz"]}),
        ...     enrollments=pl.DataFrame({"learner": learners, "course": "X"}),
        ... )
        >>> table = data.reference_groups(by="course").struggle()
        >>> table.select("tried", "not_passed", "share", "rank").rows()
        [(40.0, 20.0, 0.5, 1)]
        """
        mark = None if pass_mark is None else share("pass_mark", pass_mark)
        return pl.DataFrame(self._engine.struggle(mark))

    def item_analysis(
        self, *, by: Literal["course", "module"] = "course", blank: Literal["skip", "zero"] = "skip"
    ) -> pl.DataFrame:
        """Analyse the items of a test: how hard they are, and how well they tell learners apart.

        Items are the contents that `struggle` has rows for. Marks are those of first attempts:
        the score to the nearest tenth (below 100 learners the nearest fifth), and full or no
        marks where only a success or a failure is stated. Every content counts one mark.

        Everything is computed from released counts: how many members have marks x of at least
        each level s, and how many of those have at least each share b of the marks r at the other
        items. So covariances are sums over the grid,
        ``cov(x, r) = sum P(x >= s, r >= b) - P(x >= s) P(r >= b)``, times the steps of s and b
        (Hoeffding 1940).

        Parameters
        ----------
        by
            A test is all the items of the course, or those of each module.
        blank
            An item without marks: ``"skip"`` compares a learner over the items that she has marks
            at; ``"zero"`` counts it as no marks, for learners who have marks at any item of the
            test.

        Returns
        -------
        polars.DataFrame
            `group`, `content`, `module`, `position`; `answered`, the members with marks (null
            where `answered_code` is ``low`` or ``high``); `facility`, mean marks in whole percent
            as 0..1, null near 0 and 1, where `low` and `high` bound it, else they are its 95 %
            Wilson interval (wider than needed for marks between none and full);
            `discrimination`, the correlation with the marks at the other items; `point_biserial`,
            that with the total, of items that are right or wrong only; `upper_lower`, the
            facility among the best 27 % by total less that among the last 27 %; `efficiency`, the
            covariance with the others / the greatest it could be with these marks; `weight`, the
            item's part of the spread of totals, null where it works against it; the flags `hard`
            (facility < 0.2), `easy` (> 0.95), `weak` (discrimination < 0.1) and `negative` (< 0),
            null where the counts do not tell; `n`, `unit`, `reason`.

            `facility` needs 2 k members and as many with marks; what needs two marks of a learner
            10 k members (`reason` says so), and as many (or all but fewer than k of them) with
            marks, and is null where the facility is only bounded.

        Raises
        ------
        ParameterError
            If `by` or `blank` is something else.

        Notes
        -----
        Lord and Novick 1968, "Statistical Theories of Mental Test Scores"; the tails of 27 %:
        Kelley 1939, "The selection of upper and lower groups for the validation of test items",
        doi:10.1037/h0057123; efficiency and effective weight as in the quiz statistics of Moodle.

        How far released numbers are from exact ones was measured on tests of 20 right-or-wrong
        items (k = 10): the root mean square error of the discrimination is 0.07 at 100 learners,
        0.023 at 300, 0.008 at 1000, 0.004 at 4000, and that of Cronbach's alpha 0.023, 0.006,
        0.005, 0.003. Which learners happen to be in a group makes about 0.1 of a correlation at 100
        and 0.016 at 4000.

        Examples
        --------
        Half of 200 have q0 right, the same half q1, and half of either half q2. That all answered is coded
        and stands for 195: 100 / 195. With exact counts q0 and the other two correlate by 1 / sqrt(2)
        = 0.71, and q2 not at all.

        >>> import kohort as kh, polars as pl
        >>> learners = [f"l{i}" for i in range(200)]
        >>> right = [i % 2 == 0 for i in range(200)] * 2 + [i % 4 < 2 for i in range(200)]
        >>> log = pl.DataFrame({
        ...     "learner": learners * 3,
        ...     "content": [f"q{k}" for k in range(3) for _ in learners],
        ...     "course": "X",
        ...     "time": "2024-03-04T10:00Z",
        ...     "verb": "answered",
        ...     "success": right,
        ... })
        >>> data = kh.LearningData(
        ...     log,
        ...     catalog=pl.DataFrame({"content": ["q0", "q1", "q2"], "course": "X", "kind": "quiz"}),
        ...     enrollments=pl.DataFrame({"learner": learners, "course": "X"}),
        ... )
        >>> found = data.reference_groups(by="course").item_analysis()
        >>> found.select("content", "facility", "discrimination", "weak").rows()
        [('q0', 0.51, 0.7, False), ('q1', 0.51, 0.7, False), ('q2', 0.51, -0.03, True)]
        """
        return pl.DataFrame(self._engine.item_analysis(word("by", by, Test), word("blank", blank, Blank)))

    def reliability(
        self, *, by: Literal["course", "module"] = "course", blank: Literal["skip", "zero"] = "skip"
    ) -> pl.DataFrame:
        """Tell how well the items of each test agree.

        Cronbach's alpha, ``m / (m - 1) * (1 - sum var_i / var_total)`` over the m items that
        `item_analysis` has a discrimination for; the variance of the total is the sum of the
        items' variances and of their covariances with the others. With ``blank="skip"`` these are
        covariances over learners who have marks at the item and at others.

        Parameters
        ----------
        by, blank
            As in `item_analysis`.

        Returns
        -------
        polars.DataFrame
            `group`, `module` (null for the course as one test), `contents`, `used` (those with
            enough marks, m), `alpha` (may be negative; null with fewer than two), `kr20` (the
            same, where all items are right or wrong only as far as released counts tell), `sem`
            (standard error of measurement, in marks: one per item used), `n`, `unit`, `reason`.

        Raises
        ------
        ParameterError
            If `by` or `blank` is something else.

        Notes
        -----
        Cronbach 1951, "Coefficient alpha and the internal structure of tests",
        doi:10.1007/BF02310555; Kuder and Richardson 1937, "The theory of the estimation of test
        reliability", doi:10.1007/BF02288391.

        Examples
        --------
        Three items of variance 1/4, two of them the same: the total has 3/4 + 2/4, and alpha is
        3/2 (1 - 3/5) = 0.6, from exact counts.

        >>> import kohort as kh, polars as pl
        >>> learners = [f"l{i}" for i in range(200)]
        >>> right = [i % 2 == 0 for i in range(200)] * 2 + [i % 4 < 2 for i in range(200)]
        >>> log = pl.DataFrame({
        ...     "learner": learners * 3,
        ...     "content": [f"q{k}" for k in range(3) for _ in learners],
        ...     "course": "X",
        ...     "time": "2024-03-04T10:00Z",
        ...     "verb": "answered",
        ...     "success": right,
        ... })
        >>> data = kh.LearningData(
        ...     log,
        ...     catalog=pl.DataFrame({"content": ["q0", "q1", "q2"], "course": "X", "kind": "quiz"}),
        ...     enrollments=pl.DataFrame({"learner": learners, "course": "X"}),
        ... )
        >>> data.reference_groups(by="course").reliability().select("used", "alpha", "kr20").rows()
        [(3, 0.58, 0.58)]
        """
        return pl.DataFrame(self._engine.reliability(word("by", by, Test), word("blank", blank, Blank)))

    def options(self, *, by: Literal["course", "module"] = "course") -> pl.DataFrame:
        """Show which options were chosen, and how good the learners who chose them are otherwise.

        An option is a `response` of a first attempt. Responses are what learners wrote, so one is
        named only if at least k members gave it; what fewer gave has no row, and a content without
        any named option has one row without one. Which options are named is a function of the
        records of the group as a whole, like every count: exchanging what learners did with each
        other changes none.

        Parameters
        ----------
        by
            The marks at the other items are those of the course, or of the module.

        Returns
        -------
        polars.DataFrame
            `group`, `content`, `module`, `position`, `answered` (members with a response) and its
            `answered_code`, `option`, `chosen` and its `chosen_code`; `share` of those who
            answered, with `low` and `high` as in `struggle`; `rest`, the mean share of the marks
            at the other items of those who chose it, where 4 k did; `discrimination`, the
            correlation of choosing it with that share (a key's is positive, a good distractor's
            negative), where 2 k chose it and 2 k did not; both where n and those with a response
            and other marks are 10 k; `n`, `unit`, `reason`.

        Raises
        ------
        ParameterError
            If `by` is something else.

        Notes
        -----
        The distractor table of classical test theory (Lord and Novick 1968).

        Examples
        --------
        >>> import kohort as kh
        >>> import polars as pl
        >>> learners = [f"l{number}" for number in range(40)]
        >>> log = pl.DataFrame({
        ...     "learner": learners, "course": "A", "content": "q1", "time": "2024-03-01T10:00Z",
        ...     "verb": "answered", "response": ["ja"] * 25 + ["nein"] * 14 + ["my cat"],
        ... })
        >>> data = kh.LearningData(
        ...     log,
        ...     catalog=pl.DataFrame({"content": ["q1"], "course": ["A"]}),
        ...     enrollments=pl.DataFrame({"learner": learners, "course": "A"}),
        ... )
        >>> table = data.reference_groups(by="course").options()
        >>> table.select("option", "chosen", "chosen_code").rows()
        [('ja', 25.0, 'count'), ('nein', 15.0, 'count')]
        """
        return pl.DataFrame(self._engine.options(word("by", by, Test)))

    def learning_curves(
        self, *, by: Literal["topic", "module"] = "topic", pass_mark: float | None = None
    ) -> pl.DataFrame:
        """Show how errors fall from opportunity to opportunity.

        An opportunity to use a skill is a learner's first attempt at a content with it, numbered
        in the order in which she began them. Those whose outcome is unknown are numbered, because
        they were practice, and not counted. `PersonalAnalytics.assessments` says what is wrong:
        also what was opened and never handed in.

        Parameters
        ----------
        by
            A skill is a topic of the catalog, or a module.
        pass_mark
            As in `struggle`.

        Returns
        -------
        polars.DataFrame
            `group`, `skill`, `opportunity` (up to the number of contents with the skill),
            `answered` (members whose outcome there is known) and `errors` (those of them who were
            wrong) with their codes; `error_rate`, `low` and `high` as `share` in `struggle`;
            `power_law` and `logistic`, the curves of `learning_rates` at these opportunities; `n`,
            `unit`, `reason`.

        Raises
        ------
        ParameterError
            If `by` is something else, or `pass_mark` no multiple of 0.05.

        Notes
        -----
        Koedinger et al. 2010, "A data repository for the EDM community: the PSLC DataShop". Who
        has a second opportunity is not everybody who had a first, so a curve may also fall because
        weaker learners leave; `answered` tells how many are left.

        Examples
        --------
        Three questions on fractions: forty, twenty and ten of sixty err. All answered, which is coded
        and stands for 55.

        >>> import kohort as kh, polars as pl
        >>> learners = [f"l{i}" for i in range(60)]
        >>> log = pl.DataFrame({
        ...     "learner": learners * 3,
        ...     "time": [f"2024-03-04T10:0{k}Z" for k in range(3) for _ in learners],
        ...     "content": [f"q{k}" for k in range(3) for _ in learners],
        ...     "course": "X",
        ...     "verb": "answered",
        ...     "success": [i >= wrong for wrong in (40, 20, 10) for i in range(60)],
        ... })
        >>> questions = {"content": ["q0", "q1", "q2"], "course": "X", "kind": "quiz"}
        >>> data = kh.LearningData(
        ...     log,
        ...     catalog=pl.DataFrame({**questions, "topics": [["fractions"]] * 3}),
        ...     enrollments=pl.DataFrame({"learner": learners, "course": "X"}),
        ... )
        >>> curves = data.reference_groups(by="course").learning_curves()
        >>> curves.select("opportunity", "answered_code", "errors", "error_rate").rows()
        [(1, 'high', 40.0, 0.73), (2, 'high', 20.0, 0.36), (3, 'high', 10.0, 0.18)]
        """
        mark = None if pass_mark is None else share("pass_mark", pass_mark)
        return pl.DataFrame(self._engine.learning_curves(word("by", by, Skill), mark))

    def learning_rates(
        self, *, by: Literal["topic", "module"] = "topic", pass_mark: float | None = None
    ) -> pl.DataFrame:
        """Fit how fast errors fall with practice.

        Two curves are fitted to the points of `learning_curves` that at least 2 k members stand
        behind, if there are three: the power law ``error = first_error * opportunity ** exponent``
        by least squares of logarithms, and the logistic curve
        ``log odds of an error = intercept + slope * (opportunity - 1)`` by maximum likelihood: the
        additive factors model without a term for each learner, whose data are not asked for.

        Parameters
        ----------
        by, pass_mark
            As in `learning_curves`.

        Returns
        -------
        polars.DataFrame
            `group`, `skill`, `contents` that have it, `points` used; `first_error` (at most 1),
            `exponent` (negative where errors fall), `r_squared` (of the logarithms); `intercept`,
            `slope` and its standard error `slope_se`, in log odds; `n`, `unit`, `reason`. A count
            that is only known to be low stands for k / 2 in the fits.

        Raises
        ------
        ParameterError
            As in `learning_curves`.

        Notes
        -----
        Newell and Rosenbloom 1981, "Mechanisms of skill acquisition and the law of practice"; Cen,
        Koedinger and Junker 2006, "Learning factors analysis", doi:10.1007/11774303_17.

        Examples
        --------
        Three questions on fractions: forty, twenty and ten of sixty err, so that the odds of an error fall
        to somewhat less than a third each time (exp(-1.26) = 0.28).

        >>> import kohort as kh, polars as pl
        >>> learners = [f"l{i}" for i in range(60)]
        >>> log = pl.DataFrame({
        ...     "learner": learners * 3,
        ...     "time": [f"2024-03-04T10:0{k}Z" for k in range(3) for _ in learners],
        ...     "content": [f"q{k}" for k in range(3) for _ in learners],
        ...     "course": "X",
        ...     "verb": "answered",
        ...     "success": [i >= wrong for wrong in (40, 20, 10) for i in range(60)],
        ... })
        >>> questions = {"content": ["q0", "q1", "q2"], "course": "X", "kind": "quiz"}
        >>> data = kh.LearningData(
        ...     log,
        ...     catalog=pl.DataFrame({**questions, "topics": [["fractions"]] * 3}),
        ...     enrollments=pl.DataFrame({"learner": learners, "course": "X"}),
        ... )
        >>> rates = data.reference_groups(by="course").learning_rates()
        >>> rates.select("points", "first_error", "exponent", "slope").rows()
        [(3, 0.76, -1.23, -1.26)]
        """
        mark = None if pass_mark is None else share("pass_mark", pass_mark)
        return pl.DataFrame(self._engine.learning_rates(word("by", by, Skill), mark))
