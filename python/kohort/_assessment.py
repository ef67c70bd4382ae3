"""Personal tables of assessment: scores, responses, struggle."""

from __future__ import annotations

import polars as pl

from kohort._asking import Asking
from kohort._checks import share


class AssessmentTables(Asking):
    """The tables about attempts; `assessments` says what an attempt is."""

    __slots__ = ()

    def assessments(self, *, pass_mark: float | None = None) -> pl.DataFrame:
        """Sum up the attempts of each learner at each content.

        The score, success and response of an attempt are the last ones stated in it by `as_of`,
        so a `graded` event gives the score of the submission before it. Scores are shares of
        the full marks, 0..1; a success without a score is no score.

        **What an attempt is.** Events that state the same `attempt` number of a content are one
        attempt. Without a number `attempted`, `answered` and `submitted` are the steps of an
        attempt, in this order: a step that comes no later in it than the last one, or that
        follows a result, opens the next attempt. So three `answered` are three attempts, and
        `attempted`, `submitted` are one. In a log without verbs an event with a score or a
        success is `answered`. A row is one event, whatever its `count`.

        **Results** are `graded`, `passed`, `failed`, and `completed` with a score or a success.
        They belong to the latest attempt handed in; if that has a result already, to the
        attempt under way; without one they replace the earlier result. A result of work that
        the log does not show is an attempt by itself, and so is each further `passed` or
        `failed` of that kind.

        **Right or wrong.** An attempt is right if a success is stated (`passed` states one), or
        if its score reaches `pass_mark`. Without a pass mark full marks are right and no marks
        are wrong, as they are under every pass mark; a score in between is neither, and what
        depends on it is null. What was opened and never handed in is not right; what was handed
        in and has no result is neither.

        Parameters
        ----------
        pass_mark
            The share of the full marks that makes an attempt right.

        Returns
        -------
        polars.DataFrame
            `learner`, `course`, `content` (one row each that has attempts); `attempts`;
            `scored`, how many of them have a score; `first_score`, `best_score`, `last_score`
            and `mean_score` of those, null without any; `improvement`, last minus first score,
            null with fewer than two; `first_attempt` and `last_attempt`, when each began;
            `time_to_first_correct` (Duration) from the begin of the first attempt to the last
            step of work in the first right one (waiting for the grade is not counted), null
            with times of day resolution; `attempts_to_correct`, the number of the first right
            one; `passed`, whether any was right. The last three are null as well where it is
            not known which attempts were right.

        Raises
        ------
        ParameterError
            If `pass_mark` lies outside 0..1.

        Notes
        -----
        Kinds of score and their order follow the gradebooks of learning platforms (highest,
        first, last, mean attempt). Time and attempts to the first right answer are those of the
        PSLC DataShop (Koedinger, Baker, Cunningham, Skogsholm, Leber, Stamper 2010, "A data
        repository for the EDM community", Handbook of Educational Data Mining).

        Examples
        --------
        Ann tries twice within five minutes; 0.9 - 0.4 is the improvement.

        >>> import kohort as kh
        >>> import polars as pl
        >>> log = pl.DataFrame({
        ...     "learner": ["ann", "ann", "ann", "bob"],
        ...     "time": ["2024-03-01T10:00Z", "2024-03-01T10:05Z", "2024-03-02T08:00Z", "2024-03-01T10:00Z"],
        ...     "content": ["quiz"] * 4,
        ...     "verb": ["submitted", "submitted", "graded", "submitted"],
        ...     "score": [0.4, None, 0.9, None],
        ... })
        >>> table = kh.LearningData(log).personal().assessments(pass_mark=0.5)
        >>> table.select("learner", "attempts", "scored", "best_score", "improvement").rows()
        [('ann', 2, 2, 0.9, 0.5), ('bob', 1, 0, None, None)]
        >>> table.select("attempts_to_correct", "time_to_first_correct", "passed").rows()
        [(2, datetime.timedelta(seconds=300), True), (None, None, None)]
        """
        mark = None if pass_mark is None else share("pass_mark", pass_mark)
        return self._ask(lambda report: self._engine.assessments(mark, progress=report))

    def responses(self) -> pl.DataFrame:
        """List every attempt of each learner: what item analysis stands on.

        `success` is the last one stated (`passed` is true, `failed` is false), never derived
        from a score, and `score` is never derived from a success. `assessments` says what counts
        as an attempt.

        Returns
        -------
        polars.DataFrame
            `learner`, `course`, `content`, `attempt` (from 1, in the order in which they were
            begun), `score` (0..1), `success`, `response`, `time` (the attempt's last step of
            work; its first result where the log shows no work).

        Notes
        -----
        A matrix for classical test theory (Lord & Novick 1968, "Statistical Theories of Mental
        Test Scores") is
        ``responses.filter(pl.col("attempt") == 1).pivot("content", index="learner", values="score")``.

        Examples
        --------
        Three answers are three attempts; no score is made of a success.

        >>> import kohort as kh
        >>> import polars as pl
        >>> log = pl.DataFrame({
        ...     "learner": ["ann"] * 3,
        ...     "time": ["2024-03-01T10:00Z", "2024-03-01T10:01Z", "2024-03-01T10:02Z"],
        ...     "content": ["q1", "q1", "q2"],
        ...     "verb": ["answered"] * 3,
        ...     "success": [False, True, None],
        ...     "response": ["a", "c", "b"],
        ... })
        >>> table = kh.LearningData(log).personal().responses()
        >>> table.select("content", "attempt", "score", "success", "response").rows()
        [('q1', 1, None, False, 'a'), ('q1', 2, None, True, 'c'), ('q2', 1, None, None, 'b')]
        """
        return self._ask(lambda report: self._engine.responses(progress=report))

    def struggle(self, *, pass_mark: float | None = None) -> pl.DataFrame:
        """Tell how many attempts each learner needs for a content that she passes.

        ``attempts_per_passed = attempts / passed``: all her attempts in the course over the
        contents that she passed. `assessments` says what counts as an attempt, and as right.

        Parameters
        ----------
        pass_mark
            The share of the full marks that makes an attempt right.

        Returns
        -------
        polars.DataFrame
            `learner`, `course` (one row each, as in `summary`), `contents` with attempts,
            `attempts` at them, `passed` contents, `unjudged` ones (nobody can say whether they
            were passed), `stuck` ones (not passed after two or more attempts),
            `attempts_per_passed`, null if none is passed or any is unjudged.

        Raises
        ------
        ParameterError
            If `pass_mark` lies outside 0..1.

        Notes
        -----
        The "attempts per problem completed" of edX Insights (learner engagement, 2015), where
        completed means answered correctly.

        Examples
        --------
        Ann needs three answers for two problems: 3 / 2.

        >>> import kohort as kh
        >>> import polars as pl
        >>> log = pl.DataFrame({
        ...     "learner": ["ann", "ann", "ann", "bob", "bob"],
        ...     "time": [f"2024-03-01T10:0{minute}Z" for minute in range(5)],
        ...     "content": ["q1", "q1", "q2", "q1", "q1"],
        ...     "verb": ["answered"] * 5,
        ...     "success": [False, True, True, False, False],
        ... })
        >>> kh.LearningData(log).personal().struggle().drop("course", "unjudged").rows()
        [('ann', 2, 3, 2, 0, 1.5), ('bob', 1, 2, 0, 1, None)]
        """
        mark = None if pass_mark is None else share("pass_mark", pass_mark)
        return self._ask(lambda report: self._engine.struggle(mark, progress=report))
