"""Group tables about content: what learners struggle with."""

from __future__ import annotations

import polars as pl

from kohort import _core
from kohort._checks import share
from kohort._objects import Described


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
        >>> import kohort as kh
        >>> groups = kh.simulate(learners=500, courses=1, seed=1).data.reference_groups(by="course")
        >>> table = groups.struggle(pass_mark=0.9)
        >>> table.filter(table["rank"] == 1)["share"].item() == table["share"].max()
        True
        """
        mark = None if pass_mark is None else share("pass_mark", pass_mark)
        return pl.DataFrame(self._engine.struggle(mark))
