"""Files that are whole or absent, with a manifest that says what they were made from."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import polars as pl

from kohort import __version__
from kohort.exceptions import FileError, ParameterError

CHUNK = 1 << 20
Manifest = Mapping[str, object]


def write_table(table: pl.DataFrame, path: Path, made: Manifest) -> None:
    """Write a table as Parquet, and its manifest beside it as ``<name>.manifest.json``."""
    _refuse_other_forms(path)
    facts = _write_parquet(table, path)
    manifest = path.with_name(f"{path.name}.manifest.json")
    _write_json({"engine": f"kohort {__version__}", **made, "output": facts}, manifest)


def check(path: Path) -> None:
    """Refuse a name that cannot be written to, before anything is computed, released or spent."""
    _refuse_other_forms(path)
    if not path.parent.is_dir():
        raise FileError(f"`{path}`: there is no folder `{path.parent}`")
    if path.is_dir():
        raise FileError(f"`{path}`: is a folder, not a file")


def fill_table(
    path: Path, fill: Callable[[Path], object], made: Manifest, findings: Callable[[], Mapping[str, int]]
) -> Mapping[str, int]:
    """Let `fill` write a Parquet file, move it into place, and write its manifest with the findings."""
    _refuse_other_forms(path)
    _write(path, fill)
    found = findings()
    schema = pl.read_parquet_schema(path)
    facts = {
        "file": path.name,
        "columns": {name: str(dtype) for name, dtype in schema.items()},
        **_fingerprint(path),
    }
    manifest = path.with_name(f"{path.name}.manifest.json")
    _write_json({"engine": f"kohort {__version__}", **made, "findings": found, "output": facts}, manifest)
    return found


def write_folder(tables: Mapping[str, pl.DataFrame], folder: Path, made: Manifest) -> None:
    """Write tables as Parquet into a folder, with one ``manifest.json`` for all of them."""
    with _file_errors(folder):
        folder.mkdir(parents=True, exist_ok=True)
    outputs = [_write_parquet(table, folder / f"{name}.parquet") for name, table in tables.items()]
    engine = f"kohort {__version__}"
    _write_json({"engine": engine, **made, "outputs": outputs}, folder / "manifest.json")


def write_text(text: str, path: Path) -> None:
    """Write a text, whole or not at all."""
    _write(path, lambda temporary: temporary.write_text(text, encoding="utf-8"))


def inputs(files: Iterable[tuple[str, Path]], *, checksums: bool) -> list[dict[str, object]]:
    """Return the role and path (as given) of each file that was read, and size and checksum if asked.

    A checksum of raw events lets anyone who knows most of them test guesses of the rest, so it
    does not go beside group results.
    """
    return [
        {"table": table, "path": str(path), **(_fingerprint(path) if checksums else {})}
        for table, path in files
    ]


def _refuse_other_forms(path: Path) -> None:
    if path.suffix.lower() in {".csv", ".json", ".ndjson", ".jsonl", ".xlsx", ".ipc", ".arrow", ".feather"}:
        raise ParameterError(f"`-o` writes Parquet, so its name must not end in {path.suffix}: use .parquet")


def _write_parquet(table: pl.DataFrame, path: Path) -> dict[str, object]:
    _write(path, lambda temporary: table.write_parquet(temporary))
    return {
        "file": path.name,
        "rows": table.height,
        "columns": {name: str(dtype) for name, dtype in table.schema.items()},
        **_fingerprint(path),
    }


def _write_json(content: Mapping[str, object], path: Path) -> None:
    write_text(json.dumps(content, indent=2, ensure_ascii=False) + "\n", path)


def _write(path: Path, fill: Callable[[Path], object]) -> None:
    """Fill a temporary file and move it into place: readers see the old file or the new one."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    with _file_errors(path):
        try:
            fill(temporary)
            _sync(temporary)
            temporary.replace(path)
            _sync(path.parent)
        finally:
            temporary.unlink(missing_ok=True)


def _sync(path: Path) -> None:
    if os.name == "nt" and path.is_dir():
        return  # folders cannot be opened there
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _fingerprint(path: Path) -> dict[str, object]:
    digest = hashlib.sha256()
    size = 0
    with _file_errors(path), path.open("rb") as file:
        while chunk := file.read(CHUNK):
            size += len(chunk)
            digest.update(chunk)
    return {"bytes": size, "sha256": digest.hexdigest()}


@contextmanager
def _file_errors(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise FileError(f"`{path}`: {error.strerror or error}") from error
