"""Whatever holds a table, on its way into the engine."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence

import polars as pl

from kohort import _core
from kohort.exceptions import ColumnTypeError, ParameterTypeError

FORM = (
    "a table (polars, pandas, pyarrow, duckdb: anything with `__arrow_c_stream__`), "
    "a polars LazyFrame, or a path"
)
READERS = {
    ".parquet": "parquet",
    ".pq": "parquet",
    ".csv": "csv",
    ".ndjson": "ndjson",
    ".jsonl": "ndjson",
    ".arrow": "ipc",
    ".feather": "ipc",
    ".ipc": "ipc",
}


def given(tables: Mapping[str, object]) -> dict[str, object]:
    """Return the tables that were given, each as something with `__arrow_c_stream__`."""
    return {name: table(name, value) for name, value in tables.items() if value is not None}


def table(name: str, value: object) -> object:
    """Return a table as something with `__arrow_c_stream__`."""
    if isinstance(value, (str, os.PathLike)):
        return _core.read_table(reader(value), [os.fspath(value)])
    if isinstance(value, pl.LazyFrame):
        value = value.collect()
    if isinstance(value, pl.DataFrame):
        for column, dtype in value.schema.items():
            if dtype == pl.Object:
                raise ColumnTypeError(f"table `{name}`: column `{column}` holds Python objects")
        return value
    if type(value).__module__.partition(".")[0] == "pandas":
        return _pandas(name, value)
    if hasattr(value, "__arrow_c_stream__"):
        return value
    raise ParameterTypeError(f"`{name}` must be {FORM}, got {type(value).__name__}")


def paths(name: str, source: object) -> list[str]:
    """Return one path or several as strings."""
    several = [source] if isinstance(source, (str, os.PathLike)) else source
    if not isinstance(several, Sequence) or not all(isinstance(path, (str, os.PathLike)) for path in several):
        raise ParameterTypeError(
            f"`{name}` must be a path, a pattern, or a list of them, got {type(source).__name__}"
        )
    return [os.fspath(path) for path in several]


def reader(path: str | os.PathLike[str]) -> str:
    """Return the reader that a file name asks for; Parquet if it does not say."""
    return READERS.get(suffix(path), "parquet")


def suffix(path: str | os.PathLike[str]) -> str:
    """Return what a file name ends in, below ``.gz``."""
    name = os.fspath(path).lower().removesuffix(".gz")
    return os.path.splitext(name)[1]  # noqa: PTH122 (a pattern is no path)


def _pandas(name: str, value: object) -> object:
    """Return a pandas frame without its nameless index, which is no column."""
    index = getattr(value, "index", None)
    if index is None or not hasattr(value, "columns"):
        raise ParameterTypeError(f"`{name}` must be {FORM}, got a pandas {type(value).__name__}")
    if all(label is None for label in index.names):
        value = value.reset_index(drop=True)  # type: ignore[attr-defined]
    if hasattr(value, "__arrow_c_stream__"):
        return _Stream(name, value)
    return pl.from_pandas(value, include_index=index.names[0] is not None)


class _Stream:
    """A pandas frame whose columns of several types are told by name, not by a value in them."""

    def __init__(self, name: str, frame: object) -> None:
        self._name = name
        self._frame = frame

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        try:
            return self._frame.__arrow_c_stream__(requested_schema)  # type: ignore[attr-defined]
        except (TypeError, ValueError) as error:  # what pyarrow raises, which quotes the value
            found = re.search(r"Conversion failed for column (.+) with type", str(error))
            which = f"column `{found[1]}` holds" if found else "a column holds"
            told = f"table `{self._name}`: {which} values of several types, or of a type without a column"
        raise ColumnTypeError(told)
