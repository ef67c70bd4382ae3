"""Events for the benchmarks: a plain log in time order, ids arbitrary integers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl

if TYPE_CHECKING:
    from pathlib import Path

DAY = 86_400.0
SPAN = 100 * DAY
CONTENTS_PER_COURSE = 60


def scramble(values: np.ndarray) -> np.ndarray:
    """Map small integers one to one onto arbitrary integers below 2**62."""
    mask = np.uint64((1 << 62) - 1)
    mixed = (values.astype(np.uint64) + np.uint64(1)) * np.uint64(0x9E3779B97F4A7C15) & mask
    mixed = (mixed ^ (mixed >> np.uint64(31))) * np.uint64(0xBF58476D1CE4E5B9) & mask
    return (mixed ^ (mixed >> np.uint64(31))).astype(np.int64)


def write(path: Path, *, events: int, learners: int, courses: int, seed: int) -> None:
    """Write ``learner, time, course, content`` to a Parquet file.

    Activity is lognormal over learners, sessions have 12 events on average,
    gaps within them are lognormal, and 15 % of the events of a learner belong
    to her second course.
    """
    rng = np.random.default_rng(seed)
    weight = rng.lognormal(0, 1.2, learners)
    counts = rng.multinomial(events, weight / weight.sum())
    learner = np.repeat(np.arange(learners), counts)
    first = np.r_[True, learner[1:] != learner[:-1]]
    # between sessions: 2.2 days, or less where the learner has many to fit in
    pause = np.minimum(2.2 * DAY, 12 * SPAN / np.maximum(counts, 1))[learner]
    gap = rng.lognormal(3.5, 1.2, events)
    fresh = rng.random(events) < 1 / 12
    gap[fresh] = 1800 + rng.exponential(1.0, int(fresh.sum())) * pause[fresh]
    gap[first] = 0
    elapsed = np.cumsum(gap)
    elapsed -= np.maximum.accumulate(np.where(first, elapsed, 0))
    time = elapsed + rng.uniform(0, 60 * DAY, learners)[learner]
    course = rng.integers(0, courses, learners)[learner]
    course = np.where(rng.random(events) < 0.15, (course + 1) % courses, course)
    progress = (elapsed / SPAN * CONTENTS_PER_COURSE).astype(np.int64) + rng.integers(0, 6, events)
    content = course * CONTENTS_PER_COURSE + np.minimum(progress, CONTENTS_PER_COURSE - 1)
    order = np.argsort(time, kind="stable")
    frame = pl.DataFrame(
        {
            "learner": scramble(learner[order]),
            "time": 1_704_067_200_000_000 + (time[order] * 1e6).astype(np.int64),
            "course": course[order],
            "content": scramble(content[order]),
        }
    ).with_columns(pl.col("time").cast(pl.Datetime("us", "UTC")))
    frame.write_parquet(path, row_group_size=1 << 20)
