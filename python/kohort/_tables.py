"""Whatever holds a table, on its way into the engine."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import polars as pl

from kohort import _core
from kohort.exceptions import ColumnTypeError, ParameterError, ParameterTypeError, SchemaError

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
    raise ParameterTypeError(f"`{name}` must be {FORM}, got {type(value).__name__}{_how(value)}")


def paths(name: str, source: object) -> list[str]:
    """Return one path or several as strings."""
    several = [source] if isinstance(source, (str, os.PathLike)) else source
    if not isinstance(several, Sequence) or not all(isinstance(path, (str, os.PathLike)) for path in several):
        raise ParameterTypeError(
            f"`{name}` must be a path, a pattern, or a list of them, got {type(source).__name__}"
        )
    return [os.fspath(path) for path in several]


def _how(value: object) -> str:
    if isinstance(value, list) and value and all(isinstance(path, (str, os.PathLike)) for path in value):
        return " of paths, which read_parquet, read_csv, read_ndjson and read_ipc take"
    return "; pl.DataFrame(...) makes one of it" if isinstance(value, (list, dict)) else ""


def reader(path: str | os.PathLike[str]) -> str:
    """Return the reader that a file name asks for; Parquet if it does not say."""
    ending = suffix(path)
    if ending and ending not in READERS and _is_other(Path(path)):
        known = ", ".join(f"`{known}`" for known in READERS)
        raise ParameterError(
            f"`{os.fspath(path)}`: a file of a table ends in {known}, got `{ending}`; "
            "logs in a standard of the field have readers of their own"
        )
    return READERS.get(ending, "parquet")


def _is_other(path: Path) -> bool:
    """Whether this is a file, and not of Parquet."""
    try:
        with path.open("rb") as file:
            return file.read(4) != b"PAR1"
    except OSError:
        return False


def suffix(path: str | os.PathLike[str]) -> str:
    """Return what a file name ends in, below ``.gz`` or ``.zst``."""
    name = os.fspath(path).lower().removesuffix(".gz").removesuffix(".zst")
    return os.path.splitext(name)[1]  # noqa: PTH122 (a pattern is no path)


def _pandas(name: str, value: object) -> object:
    """Return a pandas frame without its nameless index, which is no column."""
    index = getattr(value, "index", None)
    if index is None or not hasattr(value, "columns"):
        raise ParameterTypeError(f"`{name}` must be {FORM}, got a pandas {type(value).__name__}")
    labels = value.columns
    if not labels.is_unique:
        twice = ", ".join(f"`{label}`" for label in labels[labels.duplicated()].unique())
        raise SchemaError(f"table `{name}`: more than one column is named {twice}")
    if all(label is None for label in index.names):
        value = value.reset_index(drop=True)  # type: ignore[attr-defined]
    if not hasattr(value, "__arrow_c_stream__"):
        return pl.from_pandas(value, include_index=index.names[0] is not None)
    for label, column in value.items():  # type: ignore[attr-defined]
        if column.dtype == object and _half_zoned(column):
            raise ColumnTypeError(
                f"table `{name}`: column `{label}` holds times with a zone and times without one; "
                "give all of them one"
            )
    try:
        return _Stream(value.__arrow_c_stream__())
    except Exception as error:
        kind = type(error).__name__
    # What Arrow says may quote a value: it is not even the context of what is raised.
    for label in labels:
        if not _converts(value[[label]]):  # type: ignore[index]
            raise ColumnTypeError(
                f"table `{name}`: column `{label}` holds values that do not go together, or no "
                "type of Arrow can hold; give them one type, for ids .astype(str)"
            )
    raise ColumnTypeError(f"table `{name}` cannot be read as Arrow: {kind}")


def _half_zoned(column: Any) -> bool:  # noqa: ANN401 (a pandas Series, of which no types are at hand)
    told = (value for value in column if value is not None and value == value)  # NaT is not itself
    first = next(told, None)
    if not isinstance(first, datetime):
        return False
    naive = first.tzinfo is None
    return any((value.tzinfo is None) is not naive for value in told if isinstance(value, datetime))


def _converts(value: Any) -> bool:  # noqa: ANN401
    try:
        value.__arrow_c_stream__()
    except Exception:
        return False
    return True


class _Stream:
    """A table that was converted to Arrow already, to be read once."""

    __slots__ = ("_capsule",)

    def __init__(self, capsule: object) -> None:
        self._capsule = capsule

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        """Hand the table over."""
        return self._capsule
