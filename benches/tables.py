"""Time every personal table beside the summary, in memory.

Run ``python benches/tables.py --help``; see ``benches/README.md``.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from pathlib import Path
from statistics import median

import events
import kohort
import polars as pl
from engines import cpu
from kohort.cli import PERSONAL, RHYTHM


def measure(path: Path, repetitions: int) -> None:
    """Make the tables one after the other and print what each costs."""
    pla = kohort.LearningData(pl.read_parquet(path), tz="UTC").personal()
    spent: dict[str, float] = {}
    print(f"{'table':<22}{'rows':>12}{'CPU':>8}{'wall':>8}{'ratio':>8}")
    for name in (*PERSONAL, *RHYTHM):
        runs = []
        for _ in range(repetitions):
            before, start = cpu(), time.perf_counter()
            rows = getattr(pla, name)().height
            runs.append((cpu() - before, time.perf_counter() - start))
        spent[name], wall = (median(column) for column in zip(*runs, strict=True))
        ratio = spent[name] / spent["summary"]
        print(f"{name:<22}{rows:>12,}{spent[name]:>8.2f}{wall:>8.2f}{ratio:>8.1f}", flush=True)
    total = sum(spent.values())
    print(f"{'all':<22}{'':>12}{total:>8.2f}{'':>8}{total / spent['summary']:>8.1f}")
    print("CPU seconds (user + system), medians; ratio: to the summary")


def main() -> None:
    """Make the log if need be, then measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=float, default=20e6)
    parser.add_argument("--courses", type=int, default=100)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--repetitions", type=int, default=3)
    parser.add_argument("--data", type=Path, help="keep the log in this file, or use it again")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        path = options.data or Path(folder) / "events.parquet"
        if not path.exists():
            count = int(options.events)
            learners = max(1, count // 100)
            events.write(path, events=count, learners=learners, courses=options.courses, seed=options.seed)
        measure(path, options.repetitions)


if __name__ == "__main__":
    main()
