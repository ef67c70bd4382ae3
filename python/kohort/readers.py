"""Learning data from files and foreign formats."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kohort import _core, _tables
from kohort.data import DataOptions, LearningData, build, known
from kohort.exceptions import ParameterTypeError, SchemaError
from kohort.typing import Path, Paths

if TYPE_CHECKING:
    from typing_extensions import Unpack

__all__ = ["read_csv", "read_ipc", "read_ndjson", "read_oulad", "read_parquet"]


def read_parquet(source: Paths, **options: Unpack[DataOptions]) -> LearningData:
    """Read a log from Parquet files.

    Parameters
    ----------
    source
        A path, a pattern such as ``"events/*.parquet"``, a folder, or several of them. Into how
        many files a log is split changes nothing.
    **options
        As in `LearningData`.

    Returns
    -------
    LearningData
        The log with its tables.

    Raises
    ------
    FileError
        If a file cannot be read, or no file matches.

    Examples
    --------
    >>> import kohort as kh
    >>> data = kh.read_parquet("events/*.parquet", tz="Europe/Helsinki")  # doctest: +SKIP
    """
    return _read("parquet", source, options)


def read_csv(source: Paths, **options: Unpack[DataOptions]) -> LearningData:
    """Read a log from CSV files with a header.

    Parameters
    ----------
    source
        A path, a pattern, a folder, or several of them; gzipped files too.
    **options
        As in `LearningData`.

    Returns
    -------
    LearningData
        The log with its tables.

    Raises
    ------
    FileError
        If a file cannot be read, or no file matches.

    Examples
    --------
    >>> import kohort as kh
    >>> data = kh.read_csv("log.csv", columns={"learner": "user"}, tz="UTC")  # doctest: +SKIP
    """
    return _read("csv", source, options)


def read_ndjson(source: Paths, **options: Unpack[DataOptions]) -> LearningData:
    """Read a log from files with one JSON object per line.

    Parameters
    ----------
    source
        A path, a pattern, a folder, or several of them; gzipped files too.
    **options
        As in `LearningData`.

    Returns
    -------
    LearningData
        The log with its tables.

    Raises
    ------
    FileError
        If a file cannot be read, or no file matches.

    Examples
    --------
    >>> import kohort as kh
    >>> data = kh.read_ndjson("log.jsonl", tz="UTC")  # doctest: +SKIP
    """
    return _read("ndjson", source, options)


def read_ipc(source: Paths, **options: Unpack[DataOptions]) -> LearningData:
    """Read a log from Arrow IPC (Feather) files.

    Parameters
    ----------
    source
        A path, a pattern, a folder, or several of them.
    **options
        As in `LearningData`.

    Returns
    -------
    LearningData
        The log with its tables.

    Raises
    ------
    FileError
        If a file cannot be read, or no file matches.

    Examples
    --------
    >>> import kohort as kh
    >>> data = kh.read_ipc("log.arrow", tz="UTC")  # doctest: +SKIP
    """
    return _read("ipc", source, options)


def read_oulad(folder: Path, *, submissions: bool = False, **options: Unpack[DataOptions]) -> LearningData:
    """Read the Open University Learning Analytics Dataset as it is published.

    A course is a presentation such as ``AAA-2013J``, a learner a student, a content a site,
    `count` its clicks on a day. Times have day resolution, so study time is null, with a
    reason. Catalog, courses and enrollments come along; a table that you give replaces its
    own.

    Parameters
    ----------
    folder
        Where the tables are, as CSV (plain or gzipped) or Parquet.
    submissions
        Whether handed-in assessments are events too.
    **options
        As in `LearningData`.

    Returns
    -------
    LearningData
        The log with its tables.

    Raises
    ------
    FileError
        If a table is missing or cannot be read.

    References
    ----------
    Kuzilek, Hlosta, Zdrahal (2017): Open University Learning Analytics dataset.
    Scientific Data 4, 170171.

    Examples
    --------
    >>> import kohort as kh
    >>> data = kh.read_oulad("oulad")  # doctest: +SKIP
    """
    if not isinstance(submissions, bool):
        raise ParameterTypeError(f"`submissions` must be True or False, got {submissions!r}")
    (path,) = _tables.paths("folder", [folder])
    oulad = _core.read_oulad(path, submissions)
    tables: DataOptions = {
        "catalog": oulad.table("catalog"),
        "courses": oulad.table("courses"),
        "enrollments": oulad.table("enrollments"),
    }
    core = build(oulad.table("events"), {**tables, **options}, oulad.source_rows)
    return LearningData._of(core, stacklevel=3)


def _read(form: str, source: Paths, options: DataOptions) -> LearningData:
    files = _tables.paths("source", source)
    if options.get("extra") != "drop":
        return LearningData._of(build(_core.read_table(form, files), options), stacklevel=4)
    # What is left behind anyway is not read; an error shall still list what the files have.
    try:
        core = build(_core.read_table(form, files, known(options)), options)
    except SchemaError:
        core = None
    return LearningData._of(core or build(_core.read_table(form, files), options), stacklevel=4)
