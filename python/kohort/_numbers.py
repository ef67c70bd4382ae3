"""Numbers in whatever holds them, on their way into a numeric kernel."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any, TypeAlias

import polars as pl

from kohort import _tables
from kohort.exceptions import ColumnTypeError, ParameterError, ParameterTypeError

if TYPE_CHECKING:
    import numpy.typing as npt

    from kohort.typing import ArrowTable

Column: TypeAlias = "pl.Series | Sequence[Any] | npt.NDArray[Any]"
"""One column: a polars Series, a numpy array or a sequence."""

Rows: TypeAlias = "ArrowTable | pl.LazyFrame | Sequence[Sequence[Any]] | npt.NDArray[Any]"
"""A table with a column for each variable, a numpy array or a sequence of rows."""

COLUMN = "a polars Series, a numpy array or a sequence"
ROWS = "a table with a column for each, a numpy array or a sequence of rows"


def number(name: str, value: object) -> float:
    """Return a float; a bool, a text or a Decimal is none."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise ParameterTypeError(f"`{name}` must be a number, got {value!r}")
    return float(value)


def series(name: str, values: object) -> pl.Series:
    """Return one column under a name, without nulls."""
    if isinstance(values, (str, bytes, pl.DataFrame, pl.LazyFrame)) or not isinstance(values, Iterable):
        raise ParameterTypeError(f"`{name}` must be {COLUMN}, got {type(values).__name__}")
    given: Any = values
    if isinstance(values, (set, frozenset, dict)):
        raise ParameterTypeError(f"`{name}` must be {COLUMN}, in order, got {type(values).__name__}")
    try:
        if isinstance(given, (list, tuple)) and {type(value) for value in given} >= {int, float}:
            given = [float(value) if type(value) is int else value for value in given]
        column = given.rename(name) if isinstance(given, pl.Series) else pl.Series(name, given)
    except (TypeError, ValueError, OverflowError, pl.exceptions.PolarsError):
        raise ParameterTypeError(f"`{name}` must be {COLUMN} of one type") from None
    if column.null_count():
        raise ParameterError(f"`{name}` must have no nulls, got {column.null_count()}")
    return column


def numbers(name: str, values: object) -> pl.Series:
    """Return one column of floats without nulls; flags are 0 and 1."""
    column = series(name, values)
    is_number = column.dtype.is_numeric() or column.dtype in (pl.Boolean, pl.Null)
    if not is_number:
        raise ParameterTypeError(f"`{name}` must hold numbers, got {column.dtype}")
    return column.cast(pl.Float64)


def codes(name: str, values: object) -> pl.Series:
    """Return one column of whole numbers from 0 without nulls; flags are 0 and 1."""
    column = series(name, values)
    is_whole = column.dtype.is_integer() or column.dtype in (pl.Boolean, pl.Null)
    if not is_whole:
        raise ParameterTypeError(f"`{name}` must hold whole numbers or flags, got {column.dtype}")
    coded = column.cast(pl.UInt32, strict=False)
    if coded.null_count():
        raise ParameterError(f"`{name}` must hold whole numbers from 0 to {2**32 - 1}")
    return coded


def counts(name: str, values: object) -> list[int]:
    """Return whole numbers from 0, one alone as a list of one."""
    if isinstance(values, float):
        raise ParameterTypeError(f"`{name}` must be a whole number or a column of them, got {values!r}")
    column = series(name, [values] if isinstance(values, int) else values)
    if not (column.dtype.is_integer() or column.dtype == pl.Null):
        raise ParameterTypeError(f"`{name}` must hold whole numbers, got {column.dtype}")
    whole: list[int] = column.to_list()
    if any(value < 0 for value in whole):
        raise ParameterError(f"`{name}` must hold whole numbers from 0")
    return whole


def paired(columns: Sequence[pl.Series]) -> pl.DataFrame:
    """Make a table of columns, which must be of one length."""
    first = columns[0]
    for column in columns[1:]:
        if len(column) != len(first):
            raise ParameterError(
                f"`{column.name}` must be as long as `{first.name}` ({len(first)}), got {len(column)}"
            )
    return pl.DataFrame(columns)


def rows(name: str, values: object) -> pl.DataFrame:
    """Return a table of whatever holds one, as it is."""
    given: Any = values
    if isinstance(values, (pl.LazyFrame, pl.DataFrame)) or hasattr(values, "__arrow_c_stream__"):
        if isinstance(values, pl.Series):
            raise ParameterTypeError(f"`{name}` must be {ROWS}, got one column")
        given = _tables.table(name, values)
        return pl.DataFrame(given)
    try:
        if hasattr(values, "__array__"):
            if len(given.shape) == 2:
                return pl.DataFrame(given, orient="row")
        elif isinstance(values, Sequence) and not isinstance(values, (str, bytes)):
            return pl.DataFrame([tuple(row) for row in values], orient="row")
    except (TypeError, ValueError, OverflowError, pl.exceptions.PolarsError):
        raise ParameterTypeError(f"`{name}` must be {ROWS}, all of one length") from None
    raise ParameterTypeError(f"`{name}` must be {ROWS}, got {type(values).__name__}")


def matrix(name: str, values: object) -> pl.DataFrame:
    """Return a table of floats without nulls."""
    table = rows(name, values)
    return pl.DataFrame([numbers(f"{name}.{column.name}", column) for column in table.get_columns()])


def graph(values: object, nodes: object) -> tuple[pl.DataFrame, pl.Series]:
    """Return edges between numbered nodes, and the nodes in order."""
    table = rows("edges", values)
    if {"source", "target"} <= set(table.columns):
        table = table.select("source", "target")
    elif table.width == 0:
        table = pl.DataFrame({"source": [], "target": []})
    elif table.width != 2:
        raise ParameterError(
            f"`edges` must have the columns `source` and `target`, or two columns, got {table.columns}"
        )
    source, target = (
        series(name, c) for name, c in zip(("source", "target"), table.get_columns(), strict=True)
    )
    given = [source, target] + ([] if nodes is None else [series("nodes", nodes)])
    known = [_ids(column) for column in given if len(column)]
    if len({str(column.dtype) for column in known}) > 1:
        kinds = ", ".join(f"`{column.name}` {column.dtype}" for column in known)
        raise ColumnTypeError(f"nodes must be of one type, got {kinds}")
    if not known:
        return pl.DataFrame(schema={"source": pl.UInt32, "target": pl.UInt32}), source.rename("node")
    everyone = pl.concat([column.rename("node") for column in known]).unique().sort()
    number = pl.DataFrame(
        {"node": everyone, "number": pl.int_range(len(everyone), dtype=pl.UInt32, eager=True)}
    )
    ends = pl.DataFrame([_ids(source), _ids(target)]) if len(source) else None
    if ends is None:
        return pl.DataFrame(schema={"source": pl.UInt32, "target": pl.UInt32}), everyone
    numbered = ends.with_columns(
        pl.col(end).replace_strict(number["node"], number["number"], return_dtype=pl.UInt32)
        for end in ("source", "target")
    )
    return numbered, everyone


def _ids(column: pl.Series) -> pl.Series:
    """Return ids as texts or 64-bit integers."""
    if column.dtype.is_integer():
        return column.cast(pl.Int64)
    if column.dtype in (pl.String, pl.Categorical, pl.Enum):
        return column.cast(pl.String)
    raise ColumnTypeError(f"`{column.name}` must hold texts or whole numbers, got {column.dtype}")
