"""``kohort convert``: logs in a standard of the field become Parquet, in bounded memory."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path
from typing import get_args

import polars as pl

from kohort import _core, _outputs, _progress, _tables
from kohort.exceptions import FileError, ParameterError
from kohort.typing import Standard, TableStandard

TABLES = get_args(TableStandard)


def add_options(command: argparse.ArgumentParser) -> None:
    """Add the options of the command."""
    command.add_argument("inputs", nargs="+", help="paths, patterns or folders of the log's files")
    command.add_argument("--from", dest="form", choices=(*get_args(Standard), *TABLES), required=True)
    command.add_argument("--tz", metavar="ZONE", help="the zone of times without an offset")
    command.add_argument(
        "--home-page",
        metavar="ADDRESS",
        help="learners known under this address (xAPI, Caliper) lose it",
    )
    command.add_argument(
        "--key-file",
        type=Path,
        metavar="FILE",
        help="a secret key of 16 bytes or more: learners come out under pseudonyms",
    )
    moodle = command.add_argument_group("Moodle")
    moodle.add_argument("--modules", type=Path, metavar="FILE", help="the table of course modules")
    moodle.add_argument("--course", metavar="ID", help="the course of a report")
    moodle.add_argument("--date-format", metavar="PATTERN", help='times of a report: "m/d/yy, h:MM AM"')
    moodle.add_argument("--encoding", metavar="NAME", help='of CSV files: "cp1252"')
    command.add_argument("-o", "--output", type=Path, required=True, metavar="FILE.parquet")


def run(options: argparse.Namespace, *, bar: bool) -> int:
    """Convert, write the tables and the refused records beside the events, and say what was read.

    Returns 1 if all was refused.
    """
    _outputs.check(options.output)
    if not options.form.startswith("moodle"):
        _refuse_moodle(options)
    read: list[_core.Foreign] = []
    key = None if options.key_file is None else _key(options.key_file)

    def fill(temporary: Path) -> None:
        with _progress.reporting(bar) as report:
            if options.form in TABLES:
                read.append(
                    _core.read_foreign_table(
                        options.form,
                        options.inputs,
                        _table_options(options, key),
                        output=os.fspath(temporary),
                        progress=report,
                    )
                )
                return
            read.append(
                _core.read_standard(
                    options.form,
                    options.inputs,
                    output=os.fspath(temporary),
                    pseudonymize=key,
                    tz=options.tz,
                    home_page=options.home_page,
                    progress=report,
                )
            )

    made = {"command": "convert", "from": options.form, "inputs": [str(path) for path in options.inputs]}
    beside = options.output.with_suffix("")
    findings = _outputs.fill_table(options.output, fill, made, lambda: dict(read[0].findings()))
    rejected = pl.DataFrame(read[0].rejected())
    tables = [(name, pl.DataFrame(own)) for name, own in read[0].tables() if name != "events" and len(own)]
    for name, own in [*tables, ("rejected", rejected)]:
        if not own.is_empty():
            path = beside.with_name(f"{beside.name}.{name}.parquet")
            _outputs.write_table(own, path, made)
    for finding, rows in findings.items():
        print(f"{finding}: {rows:,}")
    if rejected.is_empty():
        return 0
    for reason, rows in (
        rejected["reason"].value_counts().sort("count", "reason", descending=True).iter_rows()
    ):
        print(f"  {reason}: {rows:,}")
    if tables or pl.scan_parquet(options.output).select(pl.len()).collect().item():
        return 0
    print(f"kohort: error: nothing was kept; is it a log for --from {options.form}?", file=sys.stderr)
    return 1


def _table_options(options: argparse.Namespace, key: bytes | None) -> dict[str, object]:
    modules = options.modules
    return {
        "columns": [],
        "encoding": options.encoding,
        "date_format": options.date_format,
        "course": options.course,
        "modules": None if modules is None else _tables.table("modules", modules),
        "pseudonymize": key,
        "tz": options.tz,
    }


def _refuse_moodle(options: argparse.Namespace) -> None:
    for name in ("modules", "course", "date_format", "encoding"):
        if getattr(options, name) is not None:
            flag = name.replace("_", "-")
            raise ParameterError(f"`--{flag}` does not go with --from {options.form}")


def _key(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise FileError(f"`{path}`: {error.strerror or error}") from error
