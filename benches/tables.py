"""Time the personal tables beside the summary, one by one and all at once, in memory.

Run ``python benches/tables.py --help``; see ``benches/README.md``.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import get_args

import events
import kohort
import numpy as np
import polars as pl
from engines import cpu
from kohort.typing import PersonalTable

#: One row or less for each learner, or each learner and course.
SMALL = (
    *("summary", "study_time", "frequency", "regularity", "progress", "pace", "drop_off"),
    *("struggle", "navigation_summary", "collaboration"),
)

#: So many events a simulated learner has.
EVENTS_EACH = 193


def describe(log: pl.DataFrame) -> None:
    """Print what the log has."""
    span = log["time"].max() - log["time"].min()  # type: ignore[operator]
    names = ("learner", "course", "content")
    found = {name: log[name].n_unique() for name in names if name in log.columns}
    counts = ", ".join(f"{count:,} {name}s" for name, count in found.items())
    pairs = log.select("learner", "course").n_unique() if "course" in found else 0
    print(f"{log.height:,} events of {counts} ({pairs:,} learners in courses), {span.days // 7} weeks")


def simulated(count: int, courses: int, seed: int) -> kohort.LearningData:
    """Return about so many events as a platform writes them: verbs, videos, scores, late ones, a catalog."""
    platform = kohort.simulate(learners=max(1, count // EVENTS_EACH), courses=courses, seed=seed)
    describe(platform.events)
    tables = {"catalog": platform.catalog, "courses": platform.courses, "enrollments": platform.enrollments}
    return kohort.LearningData(platform.events, **tables, tz="UTC")


def measure(data: kohort.LearningData, repetitions: int) -> None:
    """Make the tables, alone and together, and print what each costs."""
    pla = data.personal()
    names = get_args(PersonalTable)
    small = [name for name in names if name in SMALL]
    alone: dict[str, Callable[[], int]] = {name: lambda n=name: getattr(pla, n)().height for name in names}
    together: dict[str, Callable[[], int]] = {
        f"{len(small)} small at once": lambda: rows(pla.tables(small)),
        f"all {len(names)} at once": lambda: rows(pla.tables()),
    }
    floors = {name: floor(pla.tables(which)) for name, which in (("small", small), ("all", names))}
    together |= {f"writing {name} alone": write for name, write in floors.items()}
    spent: dict[str, float] = {}
    print(f"{'table':<22}{'rows':>12}{'CPU':>8}{'wall':>8}{'ratio':>8}")
    for name, ask in (alone | together).items():
        runs = []
        for _ in range(repetitions):
            before, start = cpu(), time.perf_counter()
            height = ask()
            runs.append((cpu() - before, time.perf_counter() - start))
        spent[name], wall = (median(column) for column in zip(*runs, strict=True))
        ratio = spent[name] / spent["summary"]
        print(f"{name:<22}{height:>12,}{spent[name]:>8.2f}{wall:>8.2f}{ratio:>8.1f}", flush=True)
    for which, sum_ in ((small, "small one by one"), (names, "all one by one")):
        total = sum(spent[name] for name in which)
        print(f"{sum_:<22}{'':>12}{total:>8.2f}{'':>8}{total / spent['summary']:>8.1f}")
    print("CPU seconds (user + system), medians; ratio: to the summary")
    print("writing: nothing but as many bytes as the columns hold; its rows are megabytes")
    print(f"small: a row for each learner (and course): {', '.join(small)}")


def floor(tables: dict[str, pl.DataFrame]) -> Callable[[], int]:
    """Return what allocates and fills as many bytes as tables hold, and tells how many megabytes they are.

    Chunks are as large as those of the tables. Columns that are null throughout are left out: the
    engine does not fill them either.
    """
    columns = [own for table in tables.values() for own in table if own.null_count() < len(own)]
    sizes = [(int(own.estimated_size()) // own.n_chunks(), own.n_chunks()) for own in columns]

    def write() -> int:
        kept = [np.full(size // 8 + 1, 1, dtype=np.int64) for size, number in sizes for _ in range(number)]
        return sum(chunk.nbytes for chunk in kept) // 1_000_000

    return write


def rows(tables: dict[str, pl.DataFrame]) -> int:
    """Add up the rows of tables."""
    return sum(table.height for table in tables.values())


def main() -> None:
    """Make the log if need be, then measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=float, default=20e6)
    parser.add_argument("--courses", type=int, default=100)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--repetitions", type=int, default=3)
    source = parser.add_mutually_exclusive_group()
    source.add_argument("--data", type=Path, help="keep the log in this file, or use it again")
    source.add_argument("--simulated", action="store_true", help="a log in which no table is empty")
    options = parser.parse_args()
    if options.simulated:
        measure(simulated(int(options.events), options.courses, options.seed), options.repetitions)
        return
    with tempfile.TemporaryDirectory() as folder:
        path = options.data or Path(folder) / "events.parquet"
        if not path.exists():
            count = int(options.events)
            learners = max(1, count // 100)
            events.write(path, events=count, learners=learners, courses=options.courses, seed=options.seed)
        log = pl.read_parquet(path)
        describe(log)
        measure(kohort.LearningData(log, tz="UTC"), options.repetitions)


if __name__ == "__main__":
    main()
