"""Personal tables of navigation: which content follows which."""

from __future__ import annotations

from typing import Literal

import polars as pl

from kohort._asking import Asking
from kohort._checks import flag, word

Place = Literal["content", "kind", "module"]


class NavigationTables(Asking):
    """The tables about the order of contents; `navigation` says what follows what."""

    __slots__ = ()

    def navigation(
        self, by: Literal["content", "kind", "module"] = "content", *, self_loops: bool = False
    ) -> pl.DataFrame:
        """Count which content directly follows which, within sessions.

        A trace is what a learner did in one course within one session of the estimator: her
        events that touch a content, in order. A session that touches two courses has a trace in
        each. ``count(a, b)`` is the number of neighbours (a, b) in her traces in the course; a
        trace also has a pair (null, first) as it begins and (last, null) as it ends.

        Parameters
        ----------
        by
            ``"content"``, or the ``"kind"`` or ``"module"`` of contents. Contents without a
            kind (module) are passed over: what comes before and after them are neighbours.
        self_loops
            Whether pairs (a, a) are listed too.

        Returns
        -------
        polars.DataFrame
            `learner`, `course`, `source`, `target`, `count`, by learner, course, source and
            target. A null `source` is the begin of a trace, a null `target` its end. Empty with
            times of day resolution, and by kind or module without a catalog.

        Raises
        ------
        ParameterError
            If `by` names something else.

        Notes
        -----
        The directly-follows graph of process mining: van der Aalst 2016, "Process Mining: Data
        Science in Action", doi:10.1007/978-3-662-49851-4. Its tools read the table as it is.
        pm4py takes three dictionaries::

            graph = edges.group_by("source", "target").agg(pl.col("count").sum())
            pairs = {(a, b): n for a, b, n in graph.drop_nulls().iter_rows()}
            begins = {b: n for a, b, n in graph.iter_rows() if a is None}
            ends = {a: n for a, b, n in graph.iter_rows() if b is None}
            pm4py.view_dfg(pairs, begins, ends)

        networkx takes ``networkx.from_pandas_edgelist(graph.drop_nulls().to_pandas(), "source",
        "target", "count", create_using=networkx.DiGraph)``; Gephi and bupaR read the columns
        `source`, `target` and `count` from CSV. The first-order Markov matrix, whose rows add up to 1, is
        ``count`` over its sum for the same source, as in the example; list self-loops for it.

        Examples
        --------
        One session: page, video, page, and an hour later the page again.

        >>> import kohort as kh
        >>> import polars as pl
        >>> log = pl.DataFrame({
        ...     "learner": ["ann"] * 4,
        ...     "time": ["2024-03-01T10:00Z", "2024-03-01T10:05Z", "2024-03-01T10:09Z", "2024-03-01T11:30Z"],
        ...     "content": ["page", "video", "page", "page"],
        ... })
        >>> kh.LearningData(log).personal().navigation().drop("learner", "course").rows()
        [(None, 'page', 2), ('page', None, 2), ('page', 'video', 1), ('video', 'page', 1)]

        From the page she goes to the end in two of three cases, and to the video in one.

        >>> edges = kh.LearningData(log).personal().navigation(self_loops=True)
        >>> whole = pl.col("count").sum().over("learner", "course", "source")
        >>> markov = edges.select("source", "target", (pl.col("count") / whole).round(3).alias("share"))
        >>> markov.rows()
        [(None, 'page', 1.0), ('page', None, 0.667), ('page', 'video', 0.333), ('video', 'page', 1.0)]
        """
        place = word("by", by, Place)
        loops = flag("self_loops", self_loops)
        return self._ask(lambda report: self._engine.navigation(place, loops, progress=report))

    def navigation_summary(self) -> pl.DataFrame:
        """Tell how each learner moves: back, over required contents, how predictably.

        A transition is a directly-follows pair, as in `navigation`, of two different contents.
        With n_ij transitions from i to j, n_i from i and N in all,
        ``entropy = sum n_ij ln(n_i / n_ij) / N``: the entropy of each row of the Markov matrix,
        weighted by how often the row was left, in nats; 0 if every content has one successor.
        Begin and end of a session, and self-loops, stand apart.

        Returns
        -------
        polars.DataFrame
            `learner`, `course` (one row each, as in `summary`); `transitions`; `self_loops`
            (pairs of the same content); `self_loop_share` of both; `placed`, transitions whose
            contents both have a position; `backward_share` of these, to a lower position;
            `skip_share` of these, forward over at least one required content of the course that
            was available at the time (seen before or not); `entropy`. Shares and entropy are
            null where there is nothing to divide by; all is null with times of day resolution.

        Notes
        -----
        Backward jumps and skipped contents: Guo & Reinecke 2014, "Demographic differences in
        how students navigate through MOOCs", doi:10.1145/2556325.2566247. Entropy: Shannon
        1948, "A mathematical theory of communication", doi:10.1002/j.1538-7305.1948.tb01338.x.

        Examples
        --------
        Contents a, b, c stand at 1, 2, 3. The moves of a session a c a b are a-c, which skips
        b, c-a, which goes back, and a-b. From a two moves are equally likely (ln 2), from c
        one is certain: entropy 2/3 ln 2.

        >>> import kohort as kh
        >>> import polars as pl
        >>> log = pl.DataFrame({
        ...     "learner": ["ann"] * 4,
        ...     "time": [f"2024-03-01T10:0{minute}Z" for minute in range(4)],
        ...     "content": ["a", "c", "a", "b"],
        ... })
        >>> catalog = pl.DataFrame({"content": ["a", "b", "c"], "course": ["X"] * 3, "position": [1, 2, 3]})
        >>> (row,) = kh.LearningData(log, catalog=catalog).personal().navigation_summary().to_dicts()
        >>> row["transitions"], round(row["backward_share"], 3), round(row["skip_share"], 3)
        (3, 0.333, 0.333)
        >>> round(row["entropy"], 4)  # 2/3 of 0.6931
        0.4621
        """
        return self._ask(lambda report: self._engine.navigation_summary(progress=report))
