"""What the commands read: files, tables, and the words of the estimator."""

from __future__ import annotations

import argparse
import glob
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import kohort
from kohort import _tables
from kohort.exceptions import DeniedError, FileError, ParameterError

T = TypeVar("T")
TABLES = ("catalog", "courses", "enrollments", "memberships", "learners", "consents", "roles")
READERS: dict[str, Callable[..., kohort.LearningData]] = {
    "parquet": kohort.read_parquet,
    "csv": kohort.read_csv,
    "ndjson": kohort.read_ndjson,
    "ipc": kohort.read_ipc,
}


def add_data_options(command: argparse.ArgumentParser, *, as_of: str = "the newest time in the log") -> None:
    """Add the log, its tables, and how they are read."""
    command.add_argument("events", nargs="+", help="paths or patterns of the log's files")
    command.add_argument("--format", choices=tuple(READERS), help="else told by the file name")
    for table in TABLES:
        command.add_argument(f"--{table}", metavar="FILE")
    command.add_argument(
        "--column",
        action="append",
        default=[],
        metavar="OURS=YOURS",
        help="your name for a column of the log, such as learner=user_id; may be repeated",
    )
    command.add_argument(
        "--tz", metavar="ZONE", help="of times without one, and of local days: such as Europe/Helsinki"
    )
    command.add_argument(
        "--day-start", default="00:00", metavar="HH:MM", help="when a day begins (default: %(default)s)"
    )
    command.add_argument(
        "--extra",
        choices=("error", "drop"),
        default="error",
        help="columns outside the schema are named in an error, or left out (default: %(default)s)",
    )
    command.add_argument(
        "--duplicates",
        choices=("keep", "drop"),
        default="keep",
        help="identical rows without an id (default: %(default)s)",
    )
    command.add_argument(
        "--resolution", choices=("instant", "day"), help="of the times; else found out from them"
    )
    command.add_argument("--as-of", metavar="TIME", help=f"such as 2014-03-01; else {as_of}")


def add_viewer_option(command: argparse.ArgumentParser) -> None:
    """Add whose view is shown."""
    command.add_argument(
        "--as",
        dest="viewer",
        metavar="learner:ID|instructor:ID",
        help="show only what this viewer may see; needs --memberships and --roles for an instructor",
    )


def add_estimator_options(command: argparse.ArgumentParser) -> None:
    """Add the parameters of the estimator of study time."""
    own = command.add_argument_group("study time", "The estimator; `help(kohort.StudyTime)` has its rules.")
    own.add_argument(
        "--gap", default="30m", metavar="SPAN", help="a longer pause ends a session (default: %(default)s)"
    )
    own.add_argument(
        "--over-gap",
        default="drop",
        metavar="drop|impute|cap=SPAN",
        help="what a longer pause counts (default: %(default)s)",
    )
    own.add_argument(
        "--last-event",
        default="zero",
        metavar="zero|impute|fixed=SPAN",
        help="what the last event of a session counts (default: %(default)s)",
    )
    own.add_argument(
        "--attribute-to",
        choices=("preceding", "following"),
        default="preceding",
        help="the event that a pause counts for (default: %(default)s)",
    )
    own.add_argument(
        "--sessions",
        choices=("gap", "given", "both"),
        default="gap",
        help="by --gap, by the column `session`, or by either (default: %(default)s)",
    )
    own.add_argument("--min-events", type=int, default=1, help="of a session (default: %(default)s)")
    own.add_argument(
        "--min-duration", default="0s", metavar="SPAN", help="of a session (default: %(default)s)"
    )
    own.add_argument("--max-session", metavar="SPAN", help="no session counts more; else no limit")
    own.add_argument(
        "--measured",
        choices=("prefer", "ignore", "only"),
        default="prefer",
        help="durations that the log has (default: %(default)s)",
    )


def read(options: argparse.Namespace, *, bar: bool) -> tuple[kohort.LearningData, list[tuple[str, Path]]]:
    """Read the log and its tables; return them with the files they came from."""
    log = [path for pattern in options.events for path in files(pattern)]
    given = {table: getattr(options, table) for table in TABLES if getattr(options, table)}
    sources = [("events", path) for path in log]
    for table, pattern in given.items():
        sources += [(table, path) for path in files(pattern)]
    reader = READERS[options.format or _tables.reader(log[0])]
    data = reader(
        [str(path) for path in log],
        **given,
        columns=_columns(options.column),
        tz=options.tz,
        day_start=options.day_start,
        extra=options.extra,
        duplicates=options.duplicates,
        resolution=options.resolution,
        progress=bar,
    )
    return data, sources


def ask(
    data: kohort.LearningData, viewer: str | None, question: Callable[[kohort.LearningData | kohort.View], T]
) -> T:
    """Ask the data, or a viewer's view of it; a number may be an id of either type."""
    if viewer is None:
        return question(data)
    kind, _, text = viewer.partition(":")
    if kind not in ("learner", "instructor") or not text:
        raise ParameterError("`--as` must be such as learner:ID or instructor:ID")
    ids: list[str | int] = [text]
    if text.removeprefix("-").isdecimal():
        ids.append(int(text))
    for id in ids[:-1]:
        try:
            return question(data.seen_by(getattr(kohort.Viewer, kind)(id)))
        except DeniedError:
            continue
    return question(data.seen_by(getattr(kohort.Viewer, kind)(ids[-1])))


def estimator(options: argparse.Namespace) -> kohort.StudyTime:
    """Return the estimator that the options ask for."""
    return kohort.StudyTime(
        gap=options.gap,
        over_gap=_rule("--over-gap", options.over_gap, "drop", "cap", kohort.cap),
        last_event=_rule("--last-event", options.last_event, "zero", "fixed", kohort.fixed),
        attribute_to=options.attribute_to,
        sessions=options.sessions,
        min_events=options.min_events,
        min_duration=options.min_duration,
        max_session=options.max_session,
        measured=options.measured,
    )


def files(pattern: str) -> list[Path]:
    """Return the files of a path or a pattern, sorted, so that a manifest can list them."""
    path = Path(pattern)
    if path.is_file():
        return [path]
    found = [Path(name) for name in sorted(glob.glob(pattern, recursive=True))]  # noqa: PTH207
    if path.is_dir():
        found = [
            file
            for file in sorted(path.rglob("*"))
            if _tables.suffix(file) in _tables.READERS and not file.name.startswith((".", "_"))
        ]
    found = [file for file in found if file.is_file()]
    if not found:
        raise FileError(f"`{pattern}`: no such file")
    return found


def _rule(name: str, text: str, word: str, call: str, make: Callable[[str], Any]) -> Any:  # noqa: ANN401
    if text == word:
        return word
    if text == "impute":
        return kohort.impute()
    kind, _, length = text.partition("=")
    if kind != call or not length:
        raise ParameterError(f"`{name}` must be {word}, impute or {call}=10m, got {text!r}")
    return make(length)


def _columns(pairs: list[str]) -> dict[str, str]:
    columns = {}
    for pair in pairs:
        ours, equals, yours = pair.partition("=")
        if not (ours and equals and yours):
            raise ParameterError(f"`--column` must be such as learner=user_id, got {pair!r}")
        columns[ours] = yours
    return columns
