"""``kohort convert``: logs in a standard of the field become Parquet, in bounded memory."""

from __future__ import annotations

import argparse
import os
from pathlib import Path
from typing import get_args

import polars as pl

from kohort import _core, _outputs, _progress
from kohort.exceptions import FileError
from kohort.typing import Standard


def add_options(command: argparse.ArgumentParser) -> None:
    """Add the options of the command."""
    command.add_argument("inputs", nargs="+", help="paths, patterns or folders of the log's files")
    command.add_argument("--from", dest="form", choices=get_args(Standard), required=True)
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
    command.add_argument("-o", "--output", type=Path, required=True, metavar="FILE.parquet")


def run(options: argparse.Namespace, *, bar: bool) -> None:
    """Convert, write the tables and the refused records beside the events, and say what was read."""
    read: list[_core.Foreign] = []
    key = None if options.key_file is None else _key(options.key_file)

    def fill(temporary: Path) -> None:
        with _progress.reporting(bar) as report:
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
    for name, table in [*read[0].tables(), ("rejected", read[0].rejected())]:
        if name != "events" and len(table):
            path = beside.with_name(f"{beside.name}.{name}.parquet")
            _outputs.write_table(pl.DataFrame(table), path, made)
    for finding, rows in findings.items():
        print(f"{finding}: {rows:,}")


def _key(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise FileError(f"`{path}`: {error.strerror or error}") from error
