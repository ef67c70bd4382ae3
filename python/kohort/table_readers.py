"""Learning data from tables of learning platforms: Moodle, Canvas and SCORM players."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Literal

from kohort import _core, _progress, _tables
from kohort._checks import word
from kohort._options import BesideOptions, check_options
from kohort.data import LearningData
from kohort.exceptions import ParameterTypeError
from kohort.readers import foreign, key
from kohort.typing import Paths, Table, TableStandard

if TYPE_CHECKING:
    from typing_extensions import Unpack

__all__ = ["read_canvas_web_logs", "read_moodle", "read_scorm"]

Form = Literal["log", "report"]
FORMS: Mapping[str, TableStandard] = {"log": "moodle", "report": "moodle_report"}


def read_moodle(
    source: Paths | Table,
    *,
    form: Form | None = None,
    modules: Table | None = None,
    course: str | int | None = None,
    columns: Mapping[str, str] | None = None,
    date_format: str | None = None,
    encoding: str | None = None,
    pseudonymize: bytes | None = None,
    **options: Unpack[BesideOptions],
) -> LearningData:
    r"""Read Moodle's log: the table ``logstore_standard_log``, or the log report as a site exports it.

    A course module is the content ``cm:`` and its id, a course page ``course:`` and its id. What
    guests, the command line and people logged in as others did, and what only staff do, is
    refused under the name of a rule and stands in `LearningData.rejected`; names, addresses and
    ``other`` are never kept. Logs do not tell roles: what teachers view is in, like what learners
    view; leave them out with your own list. ``kh.mapping("moodle")`` shows what the events become.

    Parameters
    ----------
    source
        A path, a pattern, a folder, or several of them (Parquet, CSV, JSON lines or arrays; text
        gzipped or zstd-compressed, too), or a table in memory.
    form
        ``"log"`` for the table, ``"report"`` for the report with Time, Event name and Description;
        found out from the columns if left out. A report needs `tz`, and has whole minutes.
    modules
        The table of course modules: `id`, `course`, and `modname`, `section`, `position` or
        `sectionnum`. It becomes the catalog. Without it, the catalog is what the log shows.
    course
        The course of a report, for rows that do not tell it.
    columns
        Your names for the columns: ``{"userid": "user"}``, ``{"Time": "Zeit"}``.
    date_format
        How a report writes times: ``"d/m/yy, HH:MM"`` if left out. ``"m/d/yy, h:MM AM"``,
        ``"d Month yyyy, HH:MM"``, ``"Weekday, d Month yyyy, h:MM AM"`` are others.
    encoding
        The encoding of text files, such as ``"cp1252"``; UTF-8 if left out.
    pseudonymize
        A secret key of at least 16 bytes: learners come in under pseudonyms.
    **options
        As in `LearningData`. A table that you give replaces what the log tells of it.

    Returns
    -------
    LearningData
        The log with its tables.

    Raises
    ------
    FileError
        If a file cannot be read, or no file matches.
    SchemaError
        If a column that must be there is missing.
    MissingTableError
        If a report is read without `tz`.

    Examples
    --------
    >>> import kohort as kh, polars as pl
    >>> log = pl.DataFrame(
    ...     {
    ...         "eventname": ["\\core\\event\\course_viewed", "\\mod_quiz\\event\\attempt_started"],
    ...         "userid": [7, 7],
    ...         "courseid": [3, 3],
    ...         "contextlevel": [50, 70],
    ...         "contextinstanceid": [3, 41],
    ...         "timecreated": [1772445600, 1772445900],
    ...     }
    ... )
    >>> data = kh.read_moodle(log)
    >>> data.personal().summary().select("learner", "course", "events", "contents").row(0)
    (7, 3, 2, 2)
    """
    standard = None if form is None else FORMS[word("form", form, Form)]
    given = _options(columns, pseudonymize, options)
    given["date_format"] = _text("date_format", date_format)
    given["encoding"] = _text("encoding", encoding)
    if course is not None and (isinstance(course, bool) or not isinstance(course, (str, int))):
        raise ParameterTypeError(f"`course` must be the id of a course, got {type(course).__name__}")
    given["course"] = None if course is None else str(course)
    given["modules"] = None if modules is None else _tables.table("modules", modules)
    return foreign(_read(standard, source, given, options), options)


def read_canvas_web_logs(
    source: Paths | Table,
    *,
    columns: Mapping[str, str] | None = None,
    pseudonymize: bytes | None = None,
    **options: Unpack[BesideOptions],
) -> LearningData:
    """Read the requests that Canvas served: `web_logs` of Canvas Data 2, or page views.

    ``kh.mapping("canvas_web_logs")`` shows what requests become. `interaction_seconds` is the
    measured duration; `interaction_micros` is the server's time and is not read.

    Parameters
    ----------
    source
        A path, a pattern, a folder, or several of them (Parquet, CSV, JSON lines or arrays), as
        exported with or without ``key.`` and ``value.``, or a table in memory.
    columns
        Your names for the columns: ``{"user_id": "user"}``.
    pseudonymize
        A secret key of at least 16 bytes: learners come in under pseudonyms.
    **options
        As in `LearningData`. A table that you give replaces what the log tells of it.

    Returns
    -------
    LearningData
        The log with its tables.

    Raises
    ------
    FileError
        If a file cannot be read, or no file matches.
    SchemaError
        If a column that must be there is missing.

    Examples
    --------
    >>> import kohort as kh
    >>> data = kh.read_canvas_web_logs("web_logs/*.parquet")  # doctest: +SKIP
    """
    return foreign(
        _read("canvas_web_logs", source, _options(columns, pseudonymize, options), options), options
    )


def read_scorm(
    source: Paths | Table,
    *,
    columns: Mapping[str, str] | None = None,
    pseudonymize: bytes | None = None,
    **options: Unpack[BesideOptions],
) -> LearningData:
    """Read run-time data of SCORM 1.2, SCORM 2004 and AICC: one row per session with a SCO.

    `time` is when the session ended; its event begins `session_time` earlier and lasts as long.
    ``kh.mapping("scorm")`` shows what the statuses become.

    Parameters
    ----------
    source
        A path, a pattern, a folder, or several of them (Parquet, CSV, JSON lines or arrays), or a
        table in memory, with `learner`, `sco`, `time`, and `course`, `session_time`,
        `score_raw`, `score_min`, `score_max`, `score_scaled`, `lesson_status`,
        `completion_status`, `success_status`, `progress_measure`, `attempt`, `id`.
    columns
        Your names for the columns: ``{"learner": "student", "sco": "lesson"}``.
    pseudonymize
        A secret key of at least 16 bytes: learners come in under pseudonyms.
    **options
        As in `LearningData`. A table that you give replaces what the data tells of it.

    Returns
    -------
    LearningData
        The log with its tables.

    Raises
    ------
    FileError
        If a file cannot be read, or no file matches.
    SchemaError
        If a column that must be there is missing.

    Examples
    --------
    >>> import kohort as kh, polars as pl
    >>> table = pl.DataFrame(
    ...     {
    ...         "learner": ["ann"],
    ...         "sco": ["unit-1"],
    ...         "time": ["2026-03-02T10:30:00Z"],
    ...         "session_time": ["0000:30:00.00"],
    ...         "lesson_status": ["passed"],
    ...     }
    ... )
    >>> kh.read_scorm(table).personal().sessions().select("start", "events").row(0)
    (datetime.datetime(2026, 3, 2, 10, 0, tzinfo=zoneinfo.ZoneInfo(key='UTC')), 1)
    """
    return foreign(_read("scorm", source, _options(columns, pseudonymize, options), options), options)


def _read(
    standard: TableStandard | None,
    source: Paths | Table,
    given: dict[str, object],
    options: BesideOptions,
) -> _core.Foreign:
    with _progress.reporting(_progress.check(options.get("progress", False))) as report:
        return _core.read_foreign_table(standard, _source(source), given, output=None, progress=report)


def _source(source: Paths | Table) -> object:
    several = isinstance(source, Sequence) and not hasattr(source, "__arrow_c_stream__")
    if several or isinstance(source, os.PathLike):
        return _tables.paths("source", source)
    return _tables.table("source", source)


def _options(
    columns: Mapping[str, str] | None, pseudonymize: bytes | None, options: BesideOptions
) -> dict[str, object]:
    """Return what the engine wants to know, with what only Moodle has left open."""
    check_options(options, BesideOptions)
    if columns is not None and not isinstance(columns, Mapping):
        raise ParameterTypeError(
            f'`columns` must be a table such as {{"userid": "user"}}, got {type(columns).__name__}'
        )
    pairs = list((columns or {}).items())
    for ours, yours in pairs:
        if not isinstance(ours, str) or not isinstance(yours, str):
            raise ParameterTypeError(
                f"`columns` must map the format's names to yours, got {ours!r}: {yours!r}"
            )
    return {
        "columns": pairs,
        "encoding": None,
        "date_format": None,
        "course": None,
        "modules": None,
        "pseudonymize": key(pseudonymize),
        "tz": _text("tz", options.get("tz")),
    }


def _text(name: str, value: object) -> str | None:
    if value is not None and not isinstance(value, str):
        raise ParameterTypeError(f"`{name}` must be a text, got {type(value).__name__}")
    return value
