"""Time ``LearningData(...).personal().summary()`` against the best peers, in memory.

Run ``python benches/summary.py --help``; see ``benches/README.md``.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

import events
from engines import CHECKS, Engines, cpu

SKIPPED = 3


def work(name: str, path: Path, threads: int, repetitions: int) -> int:
    """Time one engine in this process and print the result as one JSON line."""
    try:
        engine = Engines.ALL[name](path, threads)
    except (ImportError, AttributeError) as error:
        print(json.dumps({"skipped": str(error)}))
        return SKIPPED
    rows = []
    for _ in range(repetitions):
        engine.drop()
        before, start = cpu(), time.perf_counter()
        parts = engine.run()
        rows.append({"cpu": cpu() - before, "wall": time.perf_counter() - start, **parts})
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2
    print(json.dumps({"rows": rows, "checks": engine.checks(), "rss": peak}))
    return 0


def measure(name: str, path: Path, options: argparse.Namespace) -> dict:
    """Run one engine in a fresh process."""
    threads = str(options.threads)
    command = [sys.executable, __file__, "--worker", name, "--data", str(path)]
    command += ["--threads", threads, "--repetitions", str(options.repetitions)]
    limits = dict.fromkeys(("RAYON_NUM_THREADS", "POLARS_MAX_THREADS"), threads)
    done = subprocess.run(
        command,
        stdout=subprocess.PIPE,
        text=True,
        check=False,
        env={**os.environ, **limits},
    )
    if done.returncode not in (0, SKIPPED):
        return {"skipped": f"the process ended with {done.returncode}"}
    return json.loads(done.stdout.splitlines()[-1])


def figures(runs: list[dict], key: str = "cpu") -> tuple[float, float]:
    """Medians over the processes: of the first repetitions, and of all later ones."""
    first = median(run["rows"][0][key] for run in runs)
    later = [row[key] for run in runs for row in run["rows"][1:]]
    return first, median(later or [first])


def report(results: dict[str, list[dict]], count: int) -> None:
    """Print the table and the ratio against the best peer."""
    table = {name: figures(runs) for name, runs in results.items()}
    own = table.get("kohort")
    heads = ("engine", "first", "later", "wall", "GiB", "ratio first", "later")
    print("\n{:<18}{:>8}{:>8}{:>8}{:>6}{:>13}{:>7}".format(*heads))
    for name, (first, later) in table.items():
        wall = figures(results[name], "wall")[1]
        rss = max(run["rss"] for run in results[name])
        ratios = f"{first / own[0]:>13.1f}{later / own[1]:>7.1f}" if own else ""
        print(f"{name:<18}{first:>8.2f}{later:>8.2f}{wall:>8.2f}{rss:>6.1f}{ratios}")
    print("CPU seconds (user + system), median; first: repetition 1, later and wall: the others")
    peers = {name: row for name, row in table.items() if name != "kohort"}
    if own:
        part = figures(results["kohort"], "summary alone")
        print(f"kohort, summary alone: first {part[0]:.2f}, later {part[1]:.2f}")
        print(f"kohort, later: {count / own[1] / 1e6:.1f} million events per CPU second")
    if own and peers:
        for which, column in (("first", 0), ("later", 1)):
            best = min(peers, key=lambda name: peers[name][column])
            ratio = peers[best][column] / own[column]
            print(f"best peer, {which}: {best}, {ratio:.1f} x kohort")


def agree(results: dict[str, list[dict]]) -> bool:
    """Do all engines have the same checksums? Says which have not."""
    same = True
    for order, check in enumerate(CHECKS):
        found = {name: sorted({run["checks"][order] for run in runs}) for name, runs in results.items()}
        values = {value for sums in found.values() for value in sums}
        if len(values) == 1:
            print(f"{check:<18}{values.pop():>24}")
        else:
            same = False
            print(f"{check:<18} DIFFERS: {found}")
    return same


def parse() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=float, default=20e6)
    parser.add_argument("--learners", type=float, help="default: one per 100 events")
    parser.add_argument("--courses", type=int, default=100)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--repetitions", type=int, default=5, help="within a process")
    parser.add_argument("--rounds", type=int, default=2, help="processes per engine, alternating")
    parser.add_argument("--engines", nargs="+", choices=Engines.ALL, default=list(Engines.ALL))
    parser.add_argument("--data", type=Path, help="keep the log in this file, or use it again")
    parser.add_argument("--worker", choices=Engines.ALL, help=argparse.SUPPRESS)
    return parser.parse_args()


def compare(path: Path, options: argparse.Namespace) -> int:
    """Make the log if need be, run all engines and report."""
    count = int(options.events)
    if not path.exists():
        learners = int(options.learners or max(1, count // 100))
        print(f"{count:,} events of {learners:,} learners ...", flush=True)
        events.write(
            path,
            events=count,
            learners=learners,
            courses=options.courses,
            seed=options.seed,
        )
    results: dict[str, list[dict]] = {}
    skipped: dict[str, str] = {}
    for turn in range(options.rounds):
        for name in options.engines:
            if name in skipped:
                continue
            run = measure(name, path, options)
            if "skipped" in run:
                skipped[name] = run["skipped"]
                continue
            results.setdefault(name, []).append(run)
            seconds = " ".join(f"{row['cpu']:.2f}" for row in run["rows"])
            print(f"round {turn + 1}  {name:<18}{seconds}", flush=True)
    for name, why in skipped.items():
        print(f"skipped: {name} ({why})")
    if not results:
        return 1
    report(results, sum_of_events(results))
    print()
    return 0 if agree(results) else 1


def sum_of_events(results: dict[str, list[dict]]) -> int:
    """Events in the log, as an engine counted them."""
    return next(iter(results.values()))[0]["checks"][0]


def main() -> int:
    """Run the comparison, or one engine of it."""
    options = parse()
    if options.worker:
        return work(options.worker, options.data, options.threads, options.repetitions)
    if options.data:
        return compare(options.data, options)
    with tempfile.TemporaryDirectory() as folder:
        return compare(Path(folder) / "events.parquet", options)


if __name__ == "__main__":
    sys.exit(main())
