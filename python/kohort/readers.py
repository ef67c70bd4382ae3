"""Learning data from files and foreign formats."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, cast, get_args

import polars as pl

from kohort import _core, _progress, _tables
from kohort._checks import word
from kohort._options import BesideOptions, DataOptions, build, check_options, known
from kohort.data import LearningData
from kohort.exceptions import ParameterTypeError, SchemaError
from kohort.typing import Path, Paths, Standard, TableStandard

if TYPE_CHECKING:
    from typing_extensions import Unpack

__all__ = [
    "mapping",
    "read_caliper",
    "read_canvas",
    "read_csv",
    "read_ipc",
    "read_ndjson",
    "read_oulad",
    "read_parquet",
    "read_tracking_log",
    "read_xapi",
]


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
    reason. Without `submissions` nothing tells what was handed in, so what `engagement`,
    `weekly_features`, `assessments` and `pace` say of it is that of somebody who handed in
    nothing. Catalog, courses and enrollments come along; a table that you give replaces its
    own.

    Parameters
    ----------
    folder
        Where the tables are, as CSV (plain or gzipped) or Parquet.
    submissions
        Whether handed-in assessments are events, and assessments required contents. The data
        set has results of no exam but those of DDD; as exams are required all the same, nobody
        elsewhere is ``on_track`` in a period in which one is due, nor has a progress of 1.
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
    check_options(options, DataOptions)
    if not isinstance(submissions, bool):
        raise ParameterTypeError(f"`submissions` must be True or False, got {submissions!r}")
    (path,) = _tables.paths("folder", [folder])
    return foreign(_core.read_oulad(path, submissions), options)


def read_xapi(
    source: Paths,
    *,
    pseudonymize: bytes | None = None,
    home_page: str | None = None,
    **options: Unpack[DataOptions],
) -> LearningData:
    """Read xAPI statements (1.0.3 and 2.0, with the video and cmi5 profiles).

    Statements may stand one on a line, in an array, or in the pages of a learning record
    store; files may be plain, gzipped or zstd-compressed. A statement that breaks a rule of the
    specification is refused and stands in `LearningData.rejected` under the name of the rule.
    ``kh.mapping("xapi")`` shows what its verbs become.

    Parameters
    ----------
    source
        A path, a pattern, a folder, or several of them.
    pseudonymize
        A secret key of at least 16 bytes: learners come in under pseudonyms. Without it,
        learners known by e-mail addresses are refused.
    home_page
        An account of the platform at this address is its name alone; any other is its home page,
        a space and its name.
    **options
        As in `LearningData`. A table that you give replaces what the statements tell of it.

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
    >>> data = kh.read_xapi("statements.jsonl.gz", pseudonymize=b"k" * 32)  # doctest: +SKIP
    """
    return _standard("xapi", source, pseudonymize, options, home_page=home_page)


def read_caliper(
    source: Paths,
    *,
    pseudonymize: bytes | None = None,
    home_page: str | None = None,
    **options: Unpack[DataOptions],
) -> LearningData:
    """Read Caliper events (1.1 and 1.2, and 1.0), single or in envelopes.

    Events may stand one on a line, in an array, or in the `data` of envelopes; files may be
    plain, gzipped or zstd-compressed. An event that breaks a rule of the specification is
    refused and stands in `LearningData.rejected` under the name of the rule.
    ``kh.mapping("caliper")`` shows what types and actions become.

    Parameters
    ----------
    source
        A path, a pattern, a folder, or several of them.
    pseudonymize
        A secret key of at least 16 bytes: learners come in under pseudonyms.
    home_page
        The address of the platform: learners known under it are known by its last part.
    **options
        As in `LearningData`. A table that you give replaces what the events tell of it.

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
    >>> data = kh.read_caliper("envelopes.jsonl", home_page="https://uni.example")  # doctest: +SKIP
    """
    return _standard("caliper", source, pseudonymize, options, home_page=home_page)


def read_canvas(
    source: Paths, *, pseudonymize: bytes | None = None, **options: Unpack[DataOptions]
) -> LearningData:
    """Read Canvas Live Events, in their Caliper form or in Canvas's own.

    Both forms give the same events under the same ids, with enrollments, roles, groups and
    what is told of contents. What staff do while acting as somebody else, and events of
    administration, are left out and counted. ``kh.mapping("canvas")`` shows what the events
    become.

    Parameters
    ----------
    source
        A path, a pattern, a folder, or several of them.
    pseudonymize
        A secret key of at least 16 bytes: learners come in under pseudonyms.
    **options
        As in `LearningData`. A table that you give replaces what the events tell of it.

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
    >>> data = kh.read_canvas("live-events/*.json.gz")  # doctest: +SKIP
    """
    return _standard("canvas", source, pseudonymize, options)


def read_tracking_log(
    source: Paths, *, pseudonymize: bytes | None = None, **options: Unpack[DataOptions]
) -> LearningData:
    """Read tracking logs of Open edX: browser, server and mobile events.

    Learners are known by the number of their account, never by their user name. Records of
    nobody, of robots, of the course team's tools and of staff who look through a learner's eyes
    are refused and stand in `LearningData.rejected`. ``kh.mapping("tracking_log")`` shows what
    the events become.

    Parameters
    ----------
    source
        A path, a pattern, a folder, or several of them.
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

    Examples
    --------
    >>> import kohort as kh
    >>> data = kh.read_tracking_log("tracking.log*.gz")  # doctest: +SKIP
    """
    return _standard("tracking_log", source, pseudonymize, options)


def mapping(standard: Standard | TableStandard) -> pl.DataFrame:
    """Return what the verbs or events of a standard become.

    Parameters
    ----------
    standard
        ``"xapi"``, ``"caliper"``, ``"tracking_log"``, ``"canvas"``, ``"moodle"``,
        ``"moodle_report"``, ``"canvas_web_logs"`` or ``"scorm"``.

    Returns
    -------
    polars.DataFrame
        `source`, `verb`. What is not in it is kept as `interacted` and counted in
        `LearningData.quality`.

    Raises
    ------
    ParameterError
        If there is no such standard.

    Examples
    --------
    >>> import kohort as kh
    >>> kh.mapping("xapi").columns
    ['source', 'verb']
    """
    word("standard", standard, Literal[Standard, TableStandard])
    tables = standard in get_args(TableStandard)
    return pl.DataFrame(_core.table_mapping(standard) if tables else _core.standard_mapping(standard))


def _standard(
    standard: Standard,
    source: Paths,
    pseudonymize: bytes | None,
    options: DataOptions,
    *,
    home_page: str | None = None,
) -> LearningData:
    check_options(options, DataOptions)
    if home_page is not None and not isinstance(home_page, str):
        raise ParameterTypeError(
            f'`home_page` must be an address such as "https://lms.example.org", got {home_page!r}'
        )
    with _progress.reporting(_progress.check(options.get("progress", False))) as report:
        read = _core.read_standard(
            standard,
            _tables.paths("source", source),
            output=None,
            pseudonymize=key(pseudonymize),
            tz=options.get("tz"),
            home_page=home_page,
            progress=report,
        )
    return foreign(read, options)


def key(pseudonymize: object) -> bytes | None:
    """Return the key as it is; a text or a number is no key."""
    if pseudonymize is not None and not isinstance(pseudonymize, bytes):
        raise ParameterTypeError(
            "`pseudonymize` must be a key of at least 16 bytes, such as `secrets.token_bytes(32)`, "
            f"got {type(pseudonymize).__name__}"
        )
    return pseudonymize


def foreign(read: _core.Foreign, options: BesideOptions) -> LearningData:
    """Return what was read as learning data; a table of the caller's replaces the format's."""
    tables: dict[str, object] = dict(read.tables())
    events = tables.pop("events")
    own = {name: value for name, value in options.items() if value is not None}
    core = build(events, cast("DataOptions", {**tables, **own}), read)
    return LearningData._of(core)


def _read(form: str, source: Paths, options: DataOptions) -> LearningData:
    check_options(options, DataOptions)
    files = _tables.paths("source", source)
    if options.get("extra") != "drop":
        return LearningData._of(build(_core.read_table(form, files), options))
    # What is left behind anyway is not read; an error shall still list what the files have.
    try:
        core = build(_core.read_table(form, files, known(options)), options)
    except SchemaError:
        core = None
    return LearningData._of(core or build(_core.read_table(form, files), options))
