"""Published tables as cells of an attack: what each number says about the values behind it."""

from __future__ import annotations

from typing import Any

import polars as pl

from kohort import _core, _tables
from kohort.exceptions import SchemaError

CELLS = {
    "release": pl.String,
    "metric": pl.String,
    "statistic": pl.String,
    "argument": pl.Float64,
    "low": pl.Float64,
    "high": pl.Float64,
}
FACTS = {"metric": pl.String, "low": pl.Float64, "high": pl.Float64, "resolution": pl.Float64}
DISTRIBUTION = ("metric", "upper", "learners", "code")
DROP_OFF = ("step", "reached", "reached_code", "left", "left_code")
QUANTILES = ("metric", "quantile", "value")
SUMMARY = ("metric", "q25", "median", "q75")


def frame(name: str, table: object) -> pl.DataFrame:
    """Return whatever holds a table as a polars table."""
    given: Any = _tables.table(name, table)
    return pl.DataFrame(given)


def cells_of(table: pl.DataFrame, k: int, base: int) -> pl.DataFrame | None:
    """Return what a table that kohort released says, or None if it is no such table."""
    if not {"group", "n", "unit"} <= set(table.columns):
        return None
    name = "release" if "release" in table.columns else "group"
    table = table.with_columns(pl.col(name).cast(pl.String).alias("release"))
    parts = [_sizes(table, base)]
    if has(table, DISTRIBUTION):
        parts.append(_distribution(table, k, base))
    elif has(table, DROP_OFF):
        parts += [_steps(table, which, k, base) for which in ("reached", "left")]
    elif has(table, QUANTILES):
        parts.append(_quantiles(table, base))
    elif has(table, SUMMARY):
        for column, share in (("q25", 0.25), ("median", 0.5), ("q75", 0.75)):
            one = table.with_columns(pl.lit(share).alias("quantile"), pl.col(column).alias("value"))
            parts.append(_quantiles(one, base))
    return pl.concat(parts)


def facts_of(table: pl.DataFrame) -> pl.DataFrame:
    """Return what is public about the metrics of a table that kohort released."""
    rows: list[tuple[str, float, float | None, float | None]] = []
    if has(table, DROP_OFF):
        for step in table["step"].cast(pl.String).drop_nulls().unique(maintain_order=True):
            rows += [(f"{which} {step}", 0.0, 1.0, 1.0) for which in ("reached", "left")]
    elif "metric" in table.columns:
        for metric, unit in table.select("metric", "unit").unique(maintain_order=True).rows():
            rows.append((metric, 0.0, 1.0 if unit == "share" else None, 1.0 if unit == "1" else None))
    return pl.DataFrame(rows, schema=FACTS, orient="row")


def has(table: pl.DataFrame, columns: tuple[str, ...]) -> bool:
    """Return whether a table has all of these columns."""
    return set(columns) <= set(table.columns)


def normal(table: pl.DataFrame, name: str, schema: dict[str, type[pl.DataType]]) -> pl.DataFrame:
    """Return a table in the form of a schema; columns of numbers that are not there are null."""
    missing = [c for c in schema if c not in table.columns and c not in ("argument", "resolution")]
    if missing:
        raise SchemaError(f"table `{name}`: expected a column `{missing[0]}`, got {', '.join(table.columns)}")
    try:
        return table.select(
            (pl.col(column) if column in table.columns else pl.lit(None)).cast(dtype).alias(column)
            for column, dtype in schema.items()
        )
    except pl.exceptions.PolarsError:
        raise SchemaError(f"table `{name}`: expected {_form(schema)}") from None


def _form(schema: dict[str, type[pl.DataType]]) -> str:
    kinds = {pl.String: "text", pl.Float64: "numbers"}
    return ", ".join(f"`{column}` as {kinds[dtype]}" for column, dtype in schema.items())


def _sizes(table: pl.DataFrame, base: int) -> pl.DataFrame:
    """Return the n of each release, with what rounding hides to both sides."""
    said = table.filter(pl.col("n").is_not_null()).unique(["release", "n"], maintain_order=True)
    return _made(said, pl.lit(None), "n", None, *_around(pl.col("n"), base))


def _distribution(table: pl.DataFrame, k: int, base: int) -> pl.DataFrame:
    # Values beyond the last edge are counted at it, so it says nothing.
    table = table.filter(pl.col("upper") < pl.col("upper").max().over("release", "metric"))
    return _coded(table, pl.col("metric"), pl.col("upper"), ("learners", "code"), (k, base))


def _steps(table: pl.DataFrame, which: str, k: int, base: int) -> pl.DataFrame:
    """Who reached a step, or left at it, has the value 1, everybody else 0."""
    metric = pl.concat_str(pl.lit(f"{which} "), pl.col("step").cast(pl.String))
    within = pl.lit(0.5)
    return _coded(table, metric, within, (which, f"{which}_code"), (k, base), ones=True)


def _coded(
    table: pl.DataFrame,
    metric: pl.Expr,
    edge: pl.Expr,
    columns: tuple[str, str],
    policy: tuple[int, int],
    *,
    ones: bool = False,
) -> pl.DataFrame:
    """``low``: fewer than k on this side of the edge; ``high``: fewer than k on the other."""
    count, code = columns
    k, base = policy
    here, there = ("count_above", "count_at_most") if ones else ("count_at_most", "count_above")
    few = (pl.lit(0.0), pl.lit(k - 1.0))
    return pl.concat(
        [
            _made(table.filter(pl.col(code) == "low"), metric, here, edge, *few),
            _made(table.filter(pl.col(code) == "high"), metric, there, edge, *few),
            _made(table.filter(pl.col(code) == "count"), metric, here, edge, *_around(pl.col(count), base)),
        ]
    )


def _quantiles(table: pl.DataFrame, base: int) -> pl.DataFrame:
    """Return the counts that a quantile tells: it lies between two edges of the grid.

    Counts and n are rounded, so about `base` fewer may lie at or below the upper edge, and about
    `base` more at or below the lower one. Small groups are shown on every second edge: those are
    edges of large groups too, and the wider bracket holds for both.
    """
    shown = table.filter(pl.col("value").is_not_null())
    wanted = pl.col("quantile") * pl.col("n")
    rows = []
    for metric, edges in _edges().items():
        mine = shown.filter(pl.col("metric") == metric)
        if mine.is_empty():
            continue
        half = 0.5 if mine["unit"][0] == "1" else 0.0
        at = pl.Series(edges) + half
        value = mine["value"]
        upper = [edges[i] if (i := _first(at, v)) < len(edges) - 1 else None for v in value]
        lower = [edges[i - 1] if (i := _first(at, v)) > 0 else None for v in value]
        mine = mine.with_columns(
            pl.Series("upper", upper, dtype=pl.Float64), pl.Series("lower", lower, dtype=pl.Float64)
        )
        name, endless = pl.lit(metric), pl.lit(float("inf"))
        within = mine.filter(pl.col("upper").is_not_null())
        beyond = mine.filter(pl.col("lower").is_not_null())
        least = (wanted - base).clip(lower_bound=0)
        rows.append(_made(within, name, "count_at_most", pl.col("upper"), least, endless))
        rows.append(_made(beyond, name, "count_at_most", pl.col("lower"), pl.lit(0.0), wanted + base))
    return pl.concat([pl.DataFrame(schema=CELLS), *rows])


def _first(edges: pl.Series, value: float) -> int:
    """Return the place of the first edge at or above a value."""
    return int((edges < value - 1e-9 * max(1.0, abs(value))).sum())


def _edges() -> dict[str, list[float]]:
    """Return the edges that groups of every size are shown on."""
    grids = pl.DataFrame(_core.grids())
    return {str(name[0]): part["upper"].to_list()[::2] for name, part in grids.group_by("metric")}


def _around(count: pl.Expr, base: int) -> tuple[pl.Expr, pl.Expr]:
    half = base // 2
    return (count - half).clip(lower_bound=0), count + (base - 1 - half)


def _made(
    table: pl.DataFrame,
    metric: pl.Expr,
    statistic: str,
    argument: pl.Expr | None,
    low: pl.Expr,
    high: pl.Expr,
) -> pl.DataFrame:
    columns = (pl.col("release"), metric, pl.lit(statistic), argument, low, high)
    made = zip(CELLS.items(), columns, strict=True)
    return table.select(
        (pl.lit(None) if expression is None else expression).cast(dtype).alias(name)
        for (name, dtype), expression in made
    )
