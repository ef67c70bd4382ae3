"""Time reading xAPI statements against ``json.loads`` and polars, from a file on disk.

Run ``python benches/ingest.py --help``; see ``benches/README.md``.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any, TypeAlias

VIDEO = "https://w3id.org/xapi/video/extensions/"
CMI5 = "https://w3id.org/xapi/cmi5/context/extensions/sessionid"
ADL = "http://adlnet.gov/expapi/verbs/"
PLATFORM = "https://learn.example.org"
SKIPPED = 3


def write(path: Path, statements: int, seed: int) -> None:
    """Write a log of video, question and page statements, about 2 kB each."""
    draw = random.Random(seed)
    with path.open("w", encoding="utf-8", buffering=1 << 20) as file:
        for number in range(statements):
            file.write(json.dumps(statement(draw, number), separators=(", ", ": ")))
            file.write("\n")


def statement(draw: random.Random, number: int) -> dict[str, Any]:
    """Make one statement as an LRS returns it."""
    course = f"course-v1:Example+C{draw.randrange(50):03}+2024"
    # Some contents are visited far more often than others.
    block = f"block-v1:{course[10:]}+type@{{}}+block@{int(draw.paretovariate(0.7)) % 400:032x}"
    moment = 1_700_000_000 + number // 20
    clock = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(moment))
    kind = draw.random()
    if kind < 0.6:
        verb, content, result, extensions = watching(draw, block)
        definition = activity("https://w3id.org/xapi/video/activity-type/video", "A lecture on video")
    elif kind < 0.85:
        verb, content = ADL + "answered", block.format("problem")
        result = {"score": {"scaled": draw.randrange(5) / 4, "raw": 3, "min": 0, "max": 12}}
        result |= {"success": draw.random() < 0.7, "completion": False, "response": "choice_1"}
        definition = activity("http://adlnet.gov/expapi/activities/cmi.interaction", "What is right?")
        definition |= {"interactionType": "choice", "correctResponsesPattern": ["choice_2"]}
        choices = [{"id": f"choice_{i}", "description": {"en": f"Answer number {i}"}} for i in range(4)]
        definition["choices"] = choices
        extensions = {CMI5: f"{draw.getrandbits(128):032x}"}
    else:
        verb, content = ADL + "experienced", block.format("html")
        result = {"duration": f"PT{draw.randrange(1, 600)}.{draw.randrange(100):02}S"}
        definition = activity("http://activitystrea.ms/schema/1.0/page", "Reading")
        extensions = {}
    parent = {"id": f"{PLATFORM}/course/{course}", "objectType": "Activity"}
    parent["definition"] = activity("http://adlnet.gov/expapi/activities/course", "Demonstration course")
    extensions["https://w3id.org/xapi/openedx/extension/transformer-version"] = "event-routing@9.3.0"
    return {
        "id": uuid(draw),
        "actor": {
            "objectType": "Agent",
            "account": {
                "homePage": PLATFORM,
                "name": f"00000000-0000-4000-8000-{int(draw.paretovariate(1.2)) % 20_000:012}",
            },
        },
        "verb": {"id": verb, "display": {"en": verb.rpartition("/")[2]}},
        "object": {"objectType": "Activity", "id": f"{PLATFORM}/xblock/{content}", "definition": definition},
        "result": result,
        "context": {
            "registration": uuid(draw),
            "contextActivities": {
                "parent": [parent],
                "category": [{"objectType": "Activity", "id": "https://w3id.org/xapi/video"}],
            },
            "extensions": extensions,
        },
        "timestamp": f"{clock}.{number % 1000:03}Z",
        "stored": f"{clock}.999000Z",
        "authority": {"objectType": "Agent", "account": {"homePage": PLATFORM, "name": "lrs"}},
        "version": "1.0.3",
    }


def watching(draw: random.Random, block: str) -> tuple[str, str, dict[str, Any], dict[str, Any]]:
    """Make what is particular to a statement of the video profile."""
    verb = draw.choice(["played", "paused", "seeked"])
    at = draw.randrange(600_000) / 1000
    if verb == "seeked":
        told: dict[str, Any] = {VIDEO + "time-from": at, VIDEO + "time-to": draw.randrange(600_000) / 1000}
    else:
        told = {VIDEO + "time": at}
    if verb == "paused":
        told |= {VIDEO + "progress": round(at / 600, 3), VIDEO + "played-segments": f"0[.]{at}"}
    extensions = {VIDEO + "length": 600, VIDEO + "session-id": uuid(draw), VIDEO + "speed": "1x"}
    extensions |= {VIDEO + "completion-threshold": 0.95, VIDEO + "full-screen": False}
    return (
        f"https://w3id.org/xapi/video/verbs/{verb}",
        block.format("video"),
        {"extensions": told},
        extensions,
    )


def activity(kind: str, name: str) -> dict[str, Any]:
    """Make a definition."""
    description = f"{name}, with a description of about the length that platforms send along."
    return {"type": kind, "name": {"en": name, "en-US": name}, "description": {"en": description}}


def uuid(draw: random.Random) -> str:
    """Draw a UUID."""
    hexes = f"{draw.getrandbits(128):032x}"
    return f"{hexes[:8]}-{hexes[8:12]}-4{hexes[13:16]}-8{hexes[17:20]}-{hexes[20:]}"


Check: TypeAlias = Callable[[], tuple[int, float]]


def read_kohort(path: Path) -> Check:
    """Read and check every statement: all columns, catalog and refusals."""
    from kohort import _core

    options: dict[str, Any] = {"output": None, "pseudonymize": None, "tz": None, "progress": None}
    read = _core.read_standard("xapi", [os.fspath(path)], home_page=PLATFORM, **options)

    def check() -> tuple[int, float]:
        import polars as pl

        events = pl.DataFrame(dict(read.tables())["events"])
        return len(events), float(events["position"].sum())

    return check


def read_json(path: Path) -> Check:
    """Read with ``json.loads`` and the least Python that fills the same columns; nothing is checked."""
    names = "learner time content verb course session duration position position_to speed length score"
    names += " success progress segments attempt response received id"
    columns: dict[str, list[Any]] = {name: [] for name in names.split()}
    appends = [column.append for column in columns.values()]
    nothing: dict[str, Any] = {}
    with path.open("rb") as file:
        for line in file:
            told = json.loads(line)
            account, what = told["actor"]["account"], told["object"]
            result, context = told.get("result", nothing), told.get("context", nothing)
            extensions = result.get("extensions", nothing)
            around = context.get("extensions", nothing)
            parents = context.get("contextActivities", nothing).get("parent")
            row = (
                account["name"],
                told["timestamp"],
                what["id"],
                told["verb"]["id"],
                parents[0]["id"] if parents else None,
                around.get(VIDEO + "session-id") or around.get(CMI5),
                result.get("duration"),
                extensions.get(VIDEO + "time-from", extensions.get(VIDEO + "time")),
                extensions.get(VIDEO + "time-to"),
                around.get(VIDEO + "speed"),
                around.get(VIDEO + "length"),
                result.get("score", nothing).get("scaled"),
                result.get("success"),
                extensions.get(VIDEO + "progress"),
                extensions.get(VIDEO + "played-segments"),
                None,
                result.get("response"),
                told.get("stored"),
                told["id"],
            )
            for append, value in zip(appends, row, strict=True):
                append(value)
    positions = columns["position"]
    return lambda: (len(positions), sum(value for value in positions if value is not None))


def read_polars(path: Path) -> Check:
    """Read with ``read_ndjson`` and expressions that fill the same columns; nothing is checked."""
    import polars as pl

    log = pl.read_ndjson(path, infer_schema_length=2_000)
    result, context = pl.col("result").struct, pl.col("context").struct
    told, around = result.field("extensions").struct, context.field("extensions").struct
    parent = context.field("contextActivities").struct.field("parent").list.first().struct
    times = "%Y-%m-%dT%H:%M:%S%.fZ"
    events = log.select(
        pl.col("actor").struct.field("account").struct.field("name").alias("learner"),
        pl.col("timestamp").str.to_datetime(times, time_unit="us").alias("time"),
        pl.col("object").struct.field("id").alias("content"),
        pl.col("verb").struct.field("id").alias("verb"),
        parent.field("id").alias("course"),
        pl.coalesce(around.field(VIDEO + "session-id"), around.field(CMI5)).alias("session"),
        result.field("duration")
        .str.strip_prefix("PT")
        .str.strip_suffix("S")
        .cast(pl.Float64)
        .alias("duration"),
        pl.coalesce(told.field(VIDEO + "time-from"), told.field(VIDEO + "time")).alias("position"),
        told.field(VIDEO + "time-to").alias("position_to"),
        around.field(VIDEO + "speed").str.strip_suffix("x").cast(pl.Float64).alias("speed"),
        around.field(VIDEO + "length").alias("length"),
        result.field("score").struct.field("scaled").alias("score"),
        result.field("success").alias("success"),
        told.field(VIDEO + "progress").alias("progress"),
        told.field(VIDEO + "played-segments").alias("segments"),
        result.field("response").alias("response"),
        pl.col("stored").str.to_datetime(times, time_unit="us").alias("received"),
        pl.col("id"),
    )
    return lambda: (len(events), float(events["position"].sum()))


ENGINES: dict[str, Callable[[Path], Check]] = {
    "kohort": read_kohort,
    "json.loads": read_json,
    "polars": read_polars,
}


def convert(path: Path) -> Check:
    """Turn the log into Parquet, as ``kohort convert`` does."""
    from kohort import _core

    output = path.with_suffix(".parquet")
    options: dict[str, Any] = {"pseudonymize": None, "tz": None, "progress": None}
    read = _core.read_standard(
        "xapi", [os.fspath(path)], output=os.fspath(output), home_page=PLATFORM, **options
    )
    output.unlink()
    return lambda: (dict(read.findings())["records read"], 0.0)


def work(name: str, path: Path) -> int:
    """Time one engine in this process and print the result as one JSON line."""
    engine = {**ENGINES, "convert": convert}[name]
    try:
        if name != "json.loads":
            import polars  # noqa: F401  # so that importing is not timed
        if name in ("kohort", "convert"):
            import kohort  # noqa: F401
    except ImportError as error:
        print(json.dumps({"skipped": str(error)}))
        return SKIPPED
    before, start = cpu(), time.perf_counter()
    check = engine(path)
    spent, wall = cpu() - before, time.perf_counter() - start
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"cpu": spent, "wall": wall, "check": check(), "rss": peak}))
    return 0


def cpu() -> float:
    """Return the CPU seconds of this process, in user code and in the system."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def measure(name: str, path: Path, threads: int) -> dict[str, Any]:
    """Run one engine in a fresh process, with the file in memory as far as the system keeps it there."""
    with path.open("rb", buffering=0) as file:
        while file.read(1 << 20):
            pass
    limits = dict.fromkeys(("RAYON_NUM_THREADS", "POLARS_MAX_THREADS"), str(threads))
    done = subprocess.run(
        [sys.executable, __file__, "--worker", name, "--data", str(path)],
        stdout=subprocess.PIPE,
        text=True,
        check=False,
        env={**os.environ, **limits},
    )
    if done.returncode not in (0, SKIPPED):
        return {"skipped": f"the process ended with {done.returncode}"}
    return json.loads(done.stdout.splitlines()[-1])


def compare(path: Path, options: argparse.Namespace) -> int:
    """Make the log if need be, run all engines in turn and report."""
    if not path.exists():
        print(f"{int(options.statements):,} statements ...", flush=True)
        write(path, int(options.statements), options.seed)
    size = path.stat().st_size
    runs: dict[str, list[dict[str, Any]]] = {}
    for turn in range(options.rounds):
        for name in options.engines:
            run = measure(name, path, options.threads)
            if "skipped" in run:
                print(f"skipped: {name} ({run['skipped']})")
                continue
            runs.setdefault(name, []).append(run)
            print(f"round {turn + 1}  {name:<12}{run['cpu']:>8.2f} s CPU", flush=True)
    print(
        f"\n{size / 1e9:.2f} GB\n"
        f"{'engine':<12}{'CPU':>8}{'wall':>8}{'MB/CPU s':>10}{'peak MB':>9}{'ratio':>7}"
    )
    spent = {name: median(run["cpu"] for run in all_runs) for name, all_runs in runs.items()}
    for name, all_runs in runs.items():
        wall = median(run["wall"] for run in all_runs)
        peak = max(run["rss"] for run in all_runs)
        ratio = spent[name] / spent["kohort"] if "kohort" in spent else float("nan")
        print(
            f"{name:<12}{spent[name]:>8.2f}{wall:>8.2f}"
            f"{size / 1e6 / spent[name]:>10.0f}{peak:>9.0f}{ratio:>7.1f}"
        )
    checks = {
        tuple(round(value, 3) for value in run["check"])
        for name in runs
        if name != "convert"
        for run in runs[name]
    }
    print("same events" if len(checks) <= 1 else f"DIFFERS: {checks}")
    return 0 if len(checks) <= 1 else 1


def main() -> int:
    """Run the comparison, or one engine of it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--statements", type=float, default=1e6)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=3)
    every = [*ENGINES, "convert"]
    parser.add_argument("--engines", nargs="+", choices=every, default=every)
    parser.add_argument("--data", type=Path, help="keep the log in this file, or use it again")
    parser.add_argument("--worker", choices=every, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.worker:
        return work(options.worker, options.data)
    if options.data:
        return compare(options.data, options)
    with tempfile.TemporaryDirectory() as folder:
        return compare(Path(folder) / "statements.jsonl", options)


if __name__ == "__main__":
    sys.exit(main())
