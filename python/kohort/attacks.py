"""What could be inferred about single learners from what was published about groups."""

from __future__ import annotations

from typing import NamedTuple

import polars as pl

from kohort import _attack_tables, _core
from kohort._attack_tables import frame
from kohort._checks import share, whole
from kohort.exceptions import ParameterError, ParameterTypeError, SchemaError
from kohort.policy import ReleasePolicy
from kohort.typing import Table

__all__ = ["AttackReport", "attack", "released_cells"]

TRUTH = {"metric": pl.String, "value": pl.Float64}


class AttackReport(NamedTuple):
    """What `attack` found.

    `findings` has one row per inference, `summary` one per attack and metric, `groups` one per
    small group whose values were searched for, `unsearched` what was left out and why.
    """

    findings: pl.DataFrame
    summary: pl.DataFrame
    groups: pl.DataFrame
    unsearched: list[str]

    def __str__(self) -> str:
        """Return the report as text."""
        from kohort import _attack_report

        return _attack_report.text(self)


def attack(
    rosters: Table,
    cells: Table,
    *,
    truth: Table | None = None,
    metrics: Table | None = None,
    k: int = 10,
    width: float = 0.1,
) -> AttackReport:
    """Attack releases, by whatever software, as somebody could who knows the memberships.

    Everything reported follows from what was published; nothing is guessed, except where answers
    to one question contradict each other and their mean is taken. A metric has one value per
    learner: where values change from week to week, each week is a metric of its own.

    Parameters
    ----------
    rosters
        Who was in what: columns `release` and `learner`.
    cells
        What was published: `release`, `metric`, `statistic`, `argument`, `low`, `high`. A
        statistic is ``n`` (without a metric), ``sum``, ``mean``, ``count_at_most`` or
        ``count_above`` (of the value in `argument`), ``quantile`` (`argument` 0..1; between order
        statistics, as numpy has it), ``median``, ``minimum``, ``maximum`` or ``sd`` (n - 1). It
        lies from `low` to `high`: the same number twice if it was published as it is, half a
        unit of the last digit to both sides if it was rounded. Rows without both are withheld.
        `released_cells` makes them of kohort's own tables.
    truth
        `learner`, `metric`, `value`, to tell what of it is right.
    metrics
        What is public about a metric: `metric`, `low`, `high` (null where there is no bound) and
        `resolution` (values are multiples of it).
    k
        Totals of at most so many learners are reported.
    width
        A value counts as narrowed if it is known to within this share of the metric's public
        range, of its own size where there is none.

    Returns
    -------
    AttackReport
        `findings` has

        - `attack`: ``small_group`` (its total was published), ``difference`` (one release less
          another), ``tracker`` (three or more releases, added and subtracted), ``extremes``
          (whose minimum or maximum it is), ``bounds`` (what all numbers together leave open, by
          linear programs), ``reconstruction`` (the sets of values that agree with a small
          group's statistics), ``sample_size`` (the n that decimals give away);
        - `inferred`: ``value`` of one learner, ``total`` of `learners`, their ``values`` in no
          order, or ``size``;
        - `metric`, `release`, `learners` (a list), `low` and `high`, `exact` (nothing is left
          open), `right` (null without the truth), `values` (the sets that agree) and `evidence`,
          such as ``A + B - C - D``.

        `summary` has `attack`, `metric`, `exact` and `narrowed` (learners), `others` (totals, sets
        and sizes), `checked` and `right` (findings), and `blind`: the chance to be right without
        any release, by the most frequent value or an interval as wide around the median.

    Raises
    ------
    SchemaError
        If a table lacks a column, or has another type in it.
    ParameterError
        If a number or a statistic is none.

    Notes
    -----
    Rosters are solved over learners that no roster tells apart, in a prime field, and every
    combination is verified in whole numbers. Not searched are quantiles beyond the
    reconstruction of small groups, and counts at several edges together: each edge has its own
    linear programs. What the bounds on work left out is told in `unsearched`.

    References
    ----------
    Denning, Denning, Schwartz (1979): The tracker: a threat to statistical database security.
    doi:10.1145/320064.320069.

    Examples
    --------
    The mean of 20 learners, and a week later of the same and one more.

    >>> import kohort as kh, polars as pl
    >>> rosters = pl.DataFrame(
    ...     {
    ...         "release": ["week 1"] * 20 + ["week 2"] * 21,
    ...         "learner": [*range(20), *range(21)],
    ...     }
    ... )
    >>> cells = pl.DataFrame(
    ...     {
    ...         "release": ["week 1", "week 2"],
    ...         "metric": "minutes",
    ...         "statistic": "sum",
    ...         "low": [2400.0, 2520.0],
    ...         "high": [2400.0, 2520.0],
    ...     }
    ... )
    >>> found = kh.attack(rosters, cells).findings
    >>> found.select("attack", "learners", "low", "evidence").row(0)
    ('difference', [20], 120.0, 'week 2 - week 1')
    """
    least = whole("k", k, least=0, most=2**31 - 1)
    wide = share("width", width)
    on = frame("rosters", rosters).pipe(_with, "rosters", {"release": pl.String})
    said = _attack_tables.normal(frame("cells", cells), "cells", _attack_tables.CELLS)
    said = said.filter(pl.col("low").is_not_null() & pl.col("high").is_not_null())
    facts = _facts(metrics)
    true = frame("truth", truth).pipe(_with, "truth", TRUTH) if truth is not None else None
    if on["learner"].dtype == pl.Null:
        on = on.with_columns(pl.col("learner").cast(pl.String))
    learners = on.select("learner").unique().sort("learner").with_row_index("at")
    releases = _numbered(on["release"], said["release"])
    names = _numbered(said["metric"], facts["metric"])
    facts = names.join(facts, left_on="name", right_on="metric", how="left", maintain_order="left")
    found, about, summary, groups, unsearched = _core.attack(
        releases["name"].to_list(),
        facts.select("name", "low", "high", "resolution"),
        on.select(_place("release", releases), _place("learner", learners)),
        said.with_columns(_place("release", releases), _place("metric", names)),
        _truth(true, learners, names),
        least,
        wide,
    )
    return AttackReport(
        _findings(pl.DataFrame(found), pl.DataFrame(about), learners, (releases, names)),
        _named(pl.DataFrame(summary), names),
        _named(pl.DataFrame(groups), names),
        unsearched,
    )


def released_cells(table: Table, *, policy: ReleasePolicy | None = None) -> pl.DataFrame:
    """Tell what a table that kohort released says about the values behind it, for `attack`.

    A count is its multiple of `base` with what rounding hides to both sides, ``low`` is 0 to
    k - 1 learners, ``high`` 0 to k - 1 on the other side of the edge, and a quantile lies between
    two edges of the built-in public grid, so quantiles on a registered one (`Grid`) are to be left
    out. Means say nothing that `distribution` does not.

    Parameters
    ----------
    table
        From `ReferenceGroups`: `distribution`, `drop_off`, `quantiles`, `summary`. Of other
        tables with `group`, `unit` and `n` only n is used.
    policy
        Under which it was released; the default one if left out.

    Returns
    -------
    polars.DataFrame
        `release` (the table's own column of that name, else its `group`), `metric`, `statistic`,
        `argument`, `low`, `high`. For `drop_off` the metrics are ``reached`` and ``left`` with the
        name of the step, 1 or 0 for each learner.

    Raises
    ------
    SchemaError
        If it is no table of reference groups.

    Examples
    --------
    >>> import kohort as kh
    >>> groups = kh.simulate(learners=500, courses=1, seed=1).data.reference_groups(by="course")
    >>> cells = kh.released_cells(groups.distribution("sessions"))
    >>> bool((cells["low"] <= cells["high"]).all())
    True
    """
    policy = ReleasePolicy() if policy is None else policy
    if not isinstance(policy, ReleasePolicy):
        raise ParameterTypeError(
            f"`policy` must be a policy such as kohort.ReleasePolicy(k=10), got {policy!r}"
        )
    cells = _attack_tables.cells_of(frame("table", table), policy.k, policy.base)
    if cells is None:
        raise SchemaError("table `table`: expected a table of reference groups, with `group`, `n` and `unit`")
    return cells


def _with(table: pl.DataFrame, name: str, schema: dict[str, type[pl.DataType]]) -> pl.DataFrame:
    """Return the columns of a schema and the learner, without nulls."""
    if "learner" not in table.columns:
        raise SchemaError(f"table `{name}`: expected a column `learner`, got {', '.join(table.columns)}")
    own = _attack_tables.normal(table, name, schema).with_columns(table["learner"])
    for column in ("learner", *schema):
        if own[column].null_count() and column != "value":
            raise SchemaError(f"table `{name}`: expected no nulls in column `{column}`")
    kind = own["learner"].dtype
    if isinstance(kind, (pl.Categorical, pl.Enum)):
        own = own.with_columns(pl.col("learner").cast(pl.String))
    elif not (kind.is_integer() or kind in (pl.String, pl.Null)):
        raise SchemaError(f"table `{name}`: expected `learner` as text or whole numbers, got {kind}")
    return own


def _facts(metrics: Table | None) -> pl.DataFrame:
    schema = _attack_tables.FACTS
    if metrics is None:
        return pl.DataFrame(schema=schema)
    facts = _attack_tables.normal(frame("metrics", metrics), "metrics", schema)
    if facts["metric"].is_duplicated().any():
        raise ParameterError("`metrics` must have one row per metric")
    return facts


def _numbered(*names: pl.Series) -> pl.DataFrame:
    """Return the distinct names, each with its place."""
    every = pl.concat([own.alias("name") for own in names]).drop_nulls()
    return every.unique(maintain_order=True).to_frame().with_row_index("at")


def _place(column: str, numbered: pl.DataFrame) -> pl.Expr:
    names = numbered[numbered.columns[1]]
    return pl.col(column).replace_strict(names, numbered["at"], default=None, return_dtype=pl.UInt32)


def _truth(truth: pl.DataFrame | None, learners: pl.DataFrame, names: pl.DataFrame) -> pl.DataFrame:
    """Return what is true of the metrics that were published, by places.

    Learners who are on no roster count too: a blind guess is made about everybody.
    """
    if truth is None:
        return pl.DataFrame(schema={"learner": pl.UInt32, "metric": pl.UInt32, "value": pl.Float64})
    kind = learners["learner"].dtype
    try:
        own = truth.with_columns(pl.col("learner").cast(kind), _place("metric", names))
    except pl.exceptions.PolarsError:
        raise SchemaError(f"table `truth`: expected `learner` as in `rosters` ({kind})") from None
    own = own.filter(pl.col("metric").is_not_null() & pl.col("value").is_not_null())
    everybody = _numbered_learners(learners, own)
    return own.with_columns(_place("learner", everybody)).select("learner", "metric", "value")


def _numbered_learners(learners: pl.DataFrame, truth: pl.DataFrame) -> pl.DataFrame:
    others = truth.select("learner").unique().join(learners, on="learner", how="anti").sort("learner")
    return pl.concat([learners.select("learner"), others]).with_row_index("at")


def _named(table: pl.DataFrame, names: pl.DataFrame) -> pl.DataFrame:
    return table.with_columns(_name("metric", names))


def _name(column: str, numbered: pl.DataFrame) -> pl.Expr:
    names = numbered["name"].cast(pl.String)
    return pl.col(column).replace_strict(numbered["at"], names, default=None, return_dtype=pl.String)


def _findings(
    found: pl.DataFrame,
    about: pl.DataFrame,
    learners: pl.DataFrame,
    numbered: tuple[pl.DataFrame, pl.DataFrame],
) -> pl.DataFrame:
    releases, names = numbered
    who = about.join(learners, left_on="learner", right_on="at", how="left", maintain_order="left")
    lists = who.group_by("finding", maintain_order=True).agg(pl.col("learner_right").alias("learners"))
    table = found.drop("learners").with_row_index("finding")
    table = table.join(lists, on="finding", how="left", maintain_order="left")
    return table.select(
        "attack",
        "inferred",
        _name("metric", names),
        _name("release", releases),
        pl.col("learners").fill_null([]),
        "low",
        "high",
        "exact",
        "right",
        "values",
        "evidence",
    )
