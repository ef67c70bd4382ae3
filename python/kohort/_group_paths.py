"""Reference groups: how they stay, and the paths they take."""

from __future__ import annotations

from typing import Literal

import polars as pl

from kohort import _core
from kohort._checks import word

Between = Literal["pairs", "all"]


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
            ``"pairs"``: each two groups of a course. ``"all"``: all groups of a course at once;
            the row bears the name of the course.

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
        when one has fewer than half of that many at risk. Where too few have left for that,
        `code` is ``few`` and the test is null; else it is ``count``. Because counts are rounded,
        groups that are alike differ at the 5 % level in 4 to 8 tests of 100, not in 5; from some
        hundred learners on each side in about 5.

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
