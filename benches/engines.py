"""The same workload in kohort and in the engines one would otherwise write it in.

Per learner: events, sessions at a gap of 30 minutes, study time, active days,
first and last time. Per learner and course: distinct contents and the last
one. Every peer materialises both tables. An engine is a class whose instance
holds the loaded log; ``run`` is what is timed, ``drop`` frees its results and
``checks`` reads the checksums, both untimed.
"""

from __future__ import annotations

import resource
from typing import TYPE_CHECKING, ClassVar, Protocol

if TYPE_CHECKING:
    from pathlib import Path

GAP = 1_800_000_000
DAY = 86_400_000_000
CHECKS = ("events", "sessions", "study time (us)", "active days", "pairs", "contents")


def cpu() -> float:
    """User and system seconds of this process, over all its threads."""
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


class Engine(Protocol):
    """A loaded log and a way to run the workload over it."""

    def __init__(self, path: Path, threads: int) -> None:
        """Load the log."""

    def run(self) -> dict[str, float]:
        """Run the workload; CPU seconds of named parts, if any."""

    def drop(self) -> None:
        """Free the results of the last run."""

    def checks(self) -> list[int]:
        """Checksums in the order of ``CHECKS``."""


class Kohort:
    """``LearningData`` from a frame, then ``personal().summary()``.

    Threads are set by RAYON_NUM_THREADS.
    """

    def __init__(self, path: Path, threads: int) -> None:
        """Load the log."""
        import kohort
        import polars as pl

        self.make = kohort.LearningData
        self.frame = pl.read_parquet(path)
        self.drop()

    def run(self) -> dict[str, float]:
        """Run the workload."""
        self.data = self.make(self.frame, tz="UTC")
        before = cpu()
        self.table = self.data.personal().summary()
        return {"summary alone": cpu() - before}

    def drop(self) -> None:
        """Free the results."""
        self.data = self.table = None

    def checks(self) -> list[int]:
        """Sum up the results."""
        # sessions and days of a learner do not add up over her courses
        whole = self.data.personal().frequency()
        return [
            int(self.table["events"].sum()),
            int(whole["sessions"].sum()),
            int(self.table["study_time"].dt.total_microseconds().sum()),
            int(whole["active_days"].sum()),
            self.table.height,
            int(self.table["contents"].sum()),
        ]


class DuckDb:
    """Lag window, days counted where they change, distinct in two phases (win2-p2)."""

    LEARNERS = f"""
        select l, count(*) n,
            count(*) filter (where p is null or t - p > {GAP}) sessions,
            coalesce(sum(t - p) filter (where t - p <= {GAP}), 0) study,
            count(*) filter (where p is null or t // {DAY} <> p // {DAY}) as active,
            min(t) t0, max(t) t1
        from (select l, t, lag(t) over (partition by l order by t) p from ev)
        group by l"""
    PAIRS = """
        select l, course, count(*) contents, arg_max(c, t) as last
        from (select l, course, c, max(t) t from ev group by l, course, c)
        group by l, course"""
    READ = """
        select (select sum(n) from s), (select sum(sessions) from s),
            (select sum(study) from s), (select sum(active) from s),
            (select count(*) from p), (select sum(contents) from p)"""

    def __init__(self, path: Path, threads: int) -> None:
        """Load the log."""
        import duckdb

        self.db = duckdb.connect()
        self.db.execute(f"set threads = {threads}")
        self.db.execute("set preserve_insertion_order = false")
        self.db.execute(
            "create table ev as select learner l, epoch_us(time) t, course, content c "
            f"from read_parquet('{path}')"
        )

    def run(self) -> dict[str, float]:
        """Run the workload."""
        self.db.execute(f"create table s as {self.LEARNERS}")
        self.db.execute(f"create table p as {self.PAIRS}")
        return {}

    def drop(self) -> None:
        """Free the results."""
        self.db.execute("drop table if exists s")
        self.db.execute("drop table if exists p")

    def checks(self) -> list[int]:
        """Sum up the results."""
        return [int(value) for value in self.db.execute(self.READ).fetchone()]


class ChDb:
    """Sorted arrays per learner, exact distinct (arr-p1)."""

    LEARNERS = f"""
        select l, length(ts) n, 1 + arrayCount(x -> x > {GAP}, d) sessions,
            arraySum(x -> if(x <= {GAP}, x, 0), d) study,
            length(arrayCompact(arrayMap(x -> intDiv(x, {DAY}), ts))) days,
            ts[1] t0, ts[-1] t1
        from (select l, arraySort(groupArray(t)) ts,
                  arrayPopFront(arrayDifference(ts)) d
              from d.ev group by l)"""
    PAIRS = """
        select l, course, uniqExact(c) contents, argMax(c, t) last
        from d.ev group by l, course"""
    READ = """
        select (select sum(n) from d.s), (select sum(sessions) from d.s),
            (select sum(study) from d.s), (select sum(days) from d.s),
            (select count() from d.p), (select sum(contents) from d.p)"""

    def __init__(self, path: Path, threads: int) -> None:
        """Load the log."""
        from chdb import session

        self.session = session.Session()
        self.settings = f"settings max_threads = {threads}"
        self.query("create database if not exists d engine = Atomic")
        self.query(
            "create table d.ev engine = Memory as select learner l, "
            "toUnixTimestamp64Micro(time) t, course, content c "
            f"from file('{path}', Parquet) {self.settings}"
        )

    def query(self, text: str) -> str:
        """Run one statement."""
        return str(self.session.query(text, "CSV")).strip()

    def run(self) -> dict[str, float]:
        """Run the workload."""
        self.query(f"create table d.s engine = Memory as {self.LEARNERS} {self.settings}")
        self.query(f"create table d.p engine = Memory as {self.PAIRS} {self.settings}")
        return {}

    def drop(self) -> None:
        """Free the results."""
        self.query("drop table if exists d.s sync")
        self.query("drop table if exists d.p sync")

    def checks(self) -> list[int]:
        """Sum up the results."""
        return [int(value) for value in self.query(self.READ).split(",")]


class Polars:
    """What the two variants share; threads are set by POLARS_MAX_THREADS."""

    def __init__(self, path: Path, threads: int) -> None:
        """Load the log."""
        import polars as pl

        self.pl = pl
        log = pl.read_parquet(path)
        self.log = log.select(l="learner", t=pl.col("time").to_physical(), course="course", c="content")
        self.drop()

    def totals(self) -> list:
        """Aggregate over ``t`` and the time before it, ``p``."""
        pl = self.pl
        t, p = pl.col("t"), pl.col("p")
        gap = t - p
        return [
            pl.len().alias("n"),
            (gap.is_null() | (gap > GAP)).sum().alias("sessions"),
            gap.filter(gap <= GAP).sum().alias("study"),
            (p.is_null() | (t // DAY != p // DAY)).sum().alias("days"),
            t.min().alias("t0"),
            t.max().alias("t1"),
        ]

    def drop(self) -> None:
        """Free the results."""
        self.learners = self.pairs = None

    def checks(self) -> list[int]:
        """Sum up the results."""
        sums = self.learners.select(self.pl.sum("n", "sessions", "study", "days")).row(0)
        return [int(v) for v in (*sums, self.pairs.height, self.pairs["contents"].sum())]


class PolarsStreaming(Polars):
    """Times sorted in the group, then exploded; ``max_by`` (nosort-exp-p4-str)."""

    def run(self) -> dict[str, float]:
        """Run the workload."""
        pl, log, t = self.pl, self.log.lazy(), self.pl.col("t")
        runs = log.group_by("l").agg(t=t.sort(), p=t.sort().shift()).explode("t", "p")
        learners = runs.group_by("l").agg(self.totals())
        pairs = log.group_by("l", "course").agg(contents=pl.col("c").n_unique(), last=pl.col("c").max_by("t"))
        self.learners = learners.collect(engine="streaming")
        self.pairs = pairs.collect(engine="streaming")
        return {}


class PolarsSorted(Polars):
    """One global sort, then shifts (gsort-shift-p1-mem)."""

    def run(self) -> dict[str, float]:
        """Run the workload."""
        pl, log = self.pl, self.log.lazy().sort("l", "t")
        same = pl.col("l") == pl.col("l").shift()
        runs = log.with_columns(p=pl.when(same).then(pl.col("t").shift()))
        learners = runs.group_by("l").agg(self.totals())
        pairs = log.group_by("l", "course").agg(contents=pl.col("c").n_unique(), last=pl.col("c").last())
        self.learners, self.pairs = pl.collect_all([learners, pairs], engine="in-memory")
        return {}


class Engines:
    """All engines by name; the first is the one the others are compared with."""

    ALL: ClassVar[dict[str, type[Engine]]] = {
        "kohort": Kohort,
        "duckdb": DuckDb,
        "chdb": ChDb,
        "polars-streaming": PolarsStreaming,
        "polars-sorted": PolarsSorted,
    }
