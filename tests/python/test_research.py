"""Differentially private tables, against counts made in polars and noise made by scipy's definition."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from pathlib import Path

import kohort as kh
import numpy as np
import polars as pl
import pytest
from kohort.cli import main
from scipy import stats

BEHIND = ["learners", "accuracy", "epsilon", "delta", "contributions", "threshold"]


@pytest.fixture(scope="module")
def platform() -> kh.Simulation:
    return kh.simulate(learners=1500, courses=3, seed=5)


def fresh(platform: kh.Simulation, *, catalog: bool = True, **tables: pl.DataFrame) -> kh.LearningData:
    """The platform's data with a budget of its own; everybody in it may be counted."""
    given = {"courses": platform.courses} | ({"catalog": platform.catalog} if catalog else {})
    given |= {"enrollments": platform.enrollments, **tables}
    return kh.LearningData(platform.events, **given, tz="UTC", extra="drop")


def near(noisy: pl.DataFrame, exact: pl.DataFrame, on: list[str]) -> None:
    """Rows are those of `exact`, and every count is off by what noise of that scale can be."""
    both = noisy.join(exact, on=on, how="full", coalesce=True, nulls_equal=True)
    assert both.height == noisy.height == exact.height
    off = (both["learners"] - both["exact"]).abs().max()
    assert isinstance(off, int)
    assert off <= 8 * noisy["accuracy"][0], "beyond the noise: e^-24 for a cell"


def noise(epsilon: float, contributions: int, contents: int = 5000) -> np.ndarray:
    """What is released of contents that nobody used."""
    catalog = pl.DataFrame({"content": [f"c{i}" for i in range(contents)], "course": "A"})
    events = pl.DataFrame(
        {"learner": ["a"], "time": ["2024-03-01T10:00:01Z"], "content": ["x"], "course": "A"}
    )
    research = kh.LearningData(events, catalog=catalog).research(epsilon=epsilon, delta=0)
    return research.popularity(contributions=contributions)["learners"].to_numpy()


def fits(drawn: np.ndarray, a: float) -> bool:
    """Kolmogorov-Smirnov and chi-square against the discrete Laplace distribution of parameter a."""
    law = stats.dlaplace(a)
    seen = np.sort(drawn)
    points = np.arange(seen[0] - 1, seen[-1] + 2)
    gap = np.abs(np.searchsorted(seen, points, side="right") / len(seen) - law.cdf(points)).max()
    by_steps = 2 * np.exp(-2 * len(seen) * gap**2)  # Dvoretzky, Kiefer, Wolfowitz, Massart
    edges = np.unique(law.ppf(np.linspace(0.1, 0.9, 9)))
    parts = np.diff(np.concatenate([[0.0], law.cdf(edges), [1.0]]))
    found = np.bincount(np.searchsorted(edges, drawn, side="left"), minlength=len(parts))
    return bool(by_steps > 1e-3 and stats.chisquare(found, parts * len(drawn)).pvalue > 1e-3)


@pytest.mark.parametrize(("epsilon", "contributions"), [(1.0, 1), (0.5, 1), (1.0, 10), (0.1, 2)])
def test_5000_draws_are_discrete_laplace(epsilon: float, contributions: int) -> None:
    a = epsilon / contributions
    # Each test is wrong once in a thousand; twice in a row is no chance.
    assert fits(noise(epsilon, contributions), a) or fits(noise(epsilon, contributions), a)


@pytest.mark.parametrize("off", [0.9, 1.1])
def test_draws_that_are_off_by_a_tenth_are_caught(off: float) -> None:
    rng = np.random.default_rng(11)
    for a in (1.0, 0.5, 0.1):
        assert fits(stats.dlaplace(a).rvs(5000, random_state=rng), a)
        assert not fits(stats.dlaplace(a * off).rvs(5000, random_state=rng), a)


def test_accuracy_holds_in_95_of_100_draws() -> None:
    catalog = pl.DataFrame({"content": [f"c{i}" for i in range(5000)], "course": "A"})
    events = pl.DataFrame(
        {"learner": ["a"], "time": ["2024-03-01T10:00:01Z"], "content": ["x"], "course": "A"}
    )
    table = kh.LearningData(events, catalog=catalog).research(epsilon=0.5).popularity(contributions=3)
    within = (table["learners"].abs() <= table["accuracy"]).mean()
    assert within is not None
    assert within > 0.935


def test_counts_are_those_of_enrollments_and_activity(platform: kh.Simulation) -> None:
    rows = platform.enrollments.select("learner", "course").unique()
    exact = rows.group_by("course").agg(pl.len().cast(pl.Int64).alias("exact"))
    enrolled = fresh(platform).research(epsilon=1.0).counts(contributions=3)
    near(enrolled, exact, ["course"])
    assert enrolled.columns == ["course", *BEHIND]
    assert enrolled["threshold"].null_count() == 3
    assert (enrolled["delta"] == 0).all()
    kinds = ~pl.col("verb").is_in(["enrolled", "unenrolled"])
    active = (
        platform.events.filter(kinds)
        .select("learner", "course")
        .unique()
        .join(rows, on=["learner", "course"])
    )
    exact = active.group_by("course").agg(pl.len().cast(pl.Int64).alias("exact"))
    near(fresh(platform).research(epsilon=1.0).counts(counted="active", contributions=3), exact, ["course"])


def test_histograms_are_those_of_the_summary(platform: kh.Simulation) -> None:
    summary = fresh(platform).personal(as_of="2030-01-01").summary()
    rows = platform.enrollments.select("learner", "course").unique()
    values = rows.join(summary, on=["learner", "course"], how="left")
    grids = kh.grids()
    for metric in ("study_time", "active_days", "progress"):
        edges = grids.filter(metric=metric)["upper"].to_list()
        own = values[metric].dt.total_microseconds() / 1e6 if metric == "study_time" else values[metric]
        bins = np.minimum(np.searchsorted(edges, own.fill_null(0).to_numpy(), side="left"), len(edges) - 1)
        placed = values.select("course").with_columns(upper=pl.Series([edges[b] for b in bins]))
        exact = placed.group_by("course", "upper").agg(pl.len().cast(pl.Int64).alias("exact"))
        every = platform.courses.select("course").join(pl.DataFrame({"upper": edges}), how="cross")
        exact = every.join(exact, on=["course", "upper"], how="left").with_columns(
            pl.col("exact").fill_null(0)
        )
        research = fresh(platform).research(epsilon=1.0, as_of="2030-01-01")
        table = research.histogram(metric, contributions=3)  # type: ignore[arg-type]
        near(table, exact, ["course", "upper"])
        assert table.filter(pl.col("above").is_null()).height == 3


def engaged(platform: kh.Simulation) -> pl.DataFrame:
    """Each learner with the contents she used."""
    others = ["enrolled", "unenrolled", "logged_in", "logged_out"]
    used = platform.events.filter(~pl.col("verb").is_in(others), pl.col("content").is_not_null())
    return used.select("learner", "course", "content").unique()


def test_popularity_is_that_of_the_log(platform: kh.Simulation) -> None:
    used = engaged(platform)
    most = int(used.group_by("learner").len()["len"].max())  # type: ignore[arg-type]
    exact = used.group_by("course", "content").agg(pl.len().cast(pl.Int64).alias("exact"))
    every = platform.catalog.select("course", "content").join(exact, on=["course", "content"], how="left")
    every = every.with_columns(pl.col("exact").fill_null(0))
    near(fresh(platform).research(epsilon=1.0).popularity(contributions=most), every, ["course", "content"])
    # Cut to 5 contents each, as many learners are counted as may be.
    cut = fresh(platform).research(epsilon=1.0).popularity(contributions=5)
    kept = used.group_by("learner").len()["len"].clip(0, 5).sum()
    assert abs(cut["learners"].sum() - kept) < 5 * 10 * cut.height**0.5


def test_without_a_catalog_small_contents_are_absent(platform: kh.Simulation) -> None:
    table = fresh(platform, catalog=False).research(epsilon=1.0).popularity(contributions=3)
    assert (table["learners"] >= table["threshold"]).all()
    assert 0 < table.height < platform.catalog.height
    assert (table["delta"] == 1e-6).all()


def test_pairs_are_those_that_many_learners_have() -> None:
    sets = [*[("a", "b")] * 600, *[("a", "c", "d")] * 400, *[("e", "f")] * 12]
    rows = [(f"l{learner}", content) for learner, own in enumerate(sets) for content in own]
    log = pl.DataFrame(rows, schema=["learner", "content"], orient="row")
    events = log.with_columns(time=pl.lit("2024-03-01T10:00:01Z"), course=pl.lit("K"))
    table = kh.LearningData(events).research(epsilon=1.0).co_occurrence(contributions=3)
    named = {"content": ["a", "a", "a", "c"], "other_content": ["b", "c", "d", "d"]}
    near(table, pl.DataFrame({**named, "exact": [600, 400, 400, 400]}), ["content", "other_content"])
    taken = pl.DataFrame(rows, schema=["learner", "course"], orient="row")
    research = kh.LearningData(events, enrollments=taken).research(epsilon=1.0)
    courses = research.co_occurrence("course", contributions=3)
    named = {"course": ["a", "a", "a", "c"], "other_course": ["b", "c", "d", "d"]}
    near(courses, pl.DataFrame({**named, "exact": [600, 400, 400, 400]}), ["course", "other_course"])


def test_groups_need_memberships_and_small_ones_are_absent(platform: kh.Simulation) -> None:
    with pytest.raises(kh.MissingTableError, match="memberships"):
        fresh(platform).research(epsilon=0.5).counts(by="group")
    learners = platform.enrollments["learner"].unique().sort()
    boards = pl.DataFrame({"learner": learners, "group": ["small"] * 6 + ["large"] * (len(learners) - 6)})
    table = fresh(platform, memberships=boards).research(epsilon=1.0).counts(by="group", contributions=1)
    assert table["group"].to_list() == ["large"]
    assert table["course"].null_count() == 1


def test_consent_to_the_purpose_decides_who_counts(platform: kh.Simulation) -> None:
    learners = platform.enrollments["learner"].unique().sort()
    consents = pl.DataFrame(
        {
            "learner": learners,
            "purpose": ["research", "group"] * (len(learners) // 2),
            "granted": True,
            "time": "2000-01-01T00:00:00Z",
        }
    )
    every_other = fresh(platform, consents=consents).research(epsilon=1.0).counts(contributions=3)
    rows = platform.enrollments.select("learner", "course").unique()
    rows = rows.filter(pl.col("learner").is_in(learners.gather_every(2).implode()))
    near(every_other, rows.group_by("course").agg(pl.len().cast(pl.Int64).alias("exact")), ["course"])
    nobody = fresh(platform, consents=consents).research(epsilon=1.0, purpose="recommendation").counts()
    assert nobody["learners"].abs().max() < 100  # type: ignore[operator]


def test_the_budget_is_shared_by_everything_from_one_data(platform: kh.Simulation) -> None:
    data = fresh(platform)
    research = data.research(epsilon=0.4)
    research.counts()
    research.popularity()
    with pytest.raises(kh.BudgetSpentError, match=r"epsilon = 0.4.*left are epsilon = 0.2"):
        research.counts()
    with pytest.raises(ValueError, match="budget"):
        data.research(epsilon=0.3).counts()
    assert data.research(epsilon=0.4, purpose="recommendation").counts().height == 3
    assert data.research(epsilon=0.2).counts().height == 3
    assert research.left == {"epsilon": 0.0, "delta": 1e-6}
    assert [c["table"] for c in research.certificates] == ["counts by course", "popularity"]


def test_threads_never_exceed_the_budget(platform: kh.Simulation) -> None:
    data = fresh(platform)
    through: list[int] = []

    def ask() -> None:
        research = data.research(epsilon=0.3)
        for _ in range(3):
            try:
                through.append(research.counts().height)
            except kh.BudgetSpentError:
                pass

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(through) == 3


def test_a_ledger_on_disk_holds_the_budget_for_everybody(platform: kh.Simulation, tmp_path: Path) -> None:
    file = tmp_path / "releases.sqlite"
    fresh(platform).research(epsilon=0.4, ledger=file).counts()
    # Read anew, as another process would, beside releases of groups.
    again = fresh(platform)
    again.reference_groups(by="course", ledger=file)
    research = again.research(epsilon=0.4, ledger=kh.Ledger(file))
    assert research.left["epsilon"] == 0.6
    research.histogram("events")
    with pytest.raises(kh.BudgetSpentError):
        fresh(platform).research(epsilon=0.4, ledger=file).popularity()
    ledger = kh.Ledger(file)
    assert ledger.verify() > 2
    assert ledger.entries().filter(kind="spent").height == 2
    # Other budgets are not touched, and that in memory is another one.
    assert again.research(epsilon=0.4).left["epsilon"] == 1.0


ASK = """
import sys, kohort as kh, polars as pl
events = pl.DataFrame({"learner": ["a"], "time": ["2024-03-01T10:00:01Z"], "content": ["x"], "course": "A"})
catalog = pl.DataFrame({"content": ["x"], "course": ["A"]})
research = kh.LearningData(events, catalog=catalog).research(epsilon=0.04, ledger=sys.argv[1])
through = 0
for _ in range(20):
    try:
        through += research.popularity(contributions=1).height
    except kh.BudgetSpentError:
        break
print(through)
"""


def test_processes_that_race_never_exceed_the_budget(tmp_path: Path) -> None:
    words = [sys.executable, "-c", ASK, str(tmp_path / "releases.sqlite")]
    racing = [subprocess.Popen(words, stdout=subprocess.PIPE, text=True) for _ in range(3)]
    through = [int(process.communicate(timeout=300)[0]) for process in racing]
    assert sum(through) == 25
    assert kh.Ledger(tmp_path / "releases.sqlite").entries().filter(kind="spent").height == 25


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        ({"epsilon": 0}, kh.ParameterError),
        ({"epsilon": 1.5}, kh.ParameterError),
        ({"epsilon": float("nan")}, kh.ParameterError),
        ({"epsilon": "0.1"}, kh.ParameterTypeError),
        ({"epsilon": True}, kh.ParameterTypeError),
        ({"epsilon": 0.1, "delta": 1e-5}, kh.ParameterError),
        ({"epsilon": 0.1, "delta": -1e-9}, kh.ParameterError),
        ({"epsilon": 0.1, "purpose": "group"}, kh.ParameterError),
    ],
)
def test_bad_losses_are_refused(
    platform: kh.Simulation, arguments: dict[str, object], error: type[Exception]
) -> None:
    with pytest.raises(error):
        fresh(platform).research(**arguments)  # type: ignore[arg-type]


def test_nothing_else_can_be_asked(platform: kh.Simulation) -> None:
    """A34 and A39: a closed list of tables, no rows of learners, no floats to add up."""
    names = {name for name in dir(kh.Research) if not name.startswith("_")}
    tables = {"counts", "histogram", "popularity", "co_occurrence"}
    assert names == tables | {"as_of", "left", "certificates"}
    research = fresh(platform).research(epsilon=0.1)
    for bad in (0, 10_001):
        with pytest.raises(kh.ParameterError):
            research.popularity(contributions=bad)
    with pytest.raises(kh.ParameterTypeError):
        research.popularity(contributions=2.5)  # type: ignore[arg-type]
    with pytest.raises(kh.ParameterTypeError):
        research.histogram(platform.events["learner"])  # type: ignore[arg-type]
    with pytest.raises(kh.ParameterError):
        research.co_occurrence("learner")  # type: ignore[arg-type]
    assert research.left["epsilon"] == 1.0


def test_the_command_writes_a_table_and_its_certificate(tmp_path: Path) -> None:
    assert main(["simulate", "--learners", "300", "--courses", "2", "-o", str(tmp_path)]) == 0
    words = ["research", str(tmp_path / "events.parquet")]
    for table in ("catalog", "courses", "enrollments"):
        words += [f"--{table}", str(tmp_path / f"{table}.parquet")]
    out = tmp_path / "popular.parquet"
    asked = ["--table", "popularity", "--epsilon", "0.5", "--contributions", "4", "-o", str(out)]
    assert main([*words, *asked]) == 0
    table = pl.read_parquet(out)
    assert table.columns == ["course", "content", *BEHIND]
    assert table["contributions"].unique().to_list() == [4]
    manifest = json.loads((tmp_path / "popular.parquet.manifest.json").read_text())
    promised = {"DifferentiallyPrivate": {"epsilon": 0.5, "delta": 0.0, "unit": "learner"}}
    assert manifest["certificate"]["guarantee"] == promised
    assert all("sha256" not in file for file in manifest["inputs"])
    assert main([*words, "--table", "counts", "--epsilon", "2"]) == 1


def test_nothing_that_answers_requests_draws_noise() -> None:
    """A40: in Python, data, the command and the package itself know of research, and no other."""
    package = Path(kh.__file__).parent
    knowing = {
        path.name
        for path in package.glob("*.py")
        if "kohort.research import" in path.read_text() or ".research(" in path.read_text()
    }
    assert knowing == {"__init__.py", "_analyses.py", "audience.py", "cli.py", "research.py"}
