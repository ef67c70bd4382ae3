"""Sealed periods: which tables the snapshot holds, who sees them, and what is shown again."""

from __future__ import annotations

import inspect
import itertools
import re
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any, get_args

import kohort as kh
import polars as pl
import pytest
from kohort.cli import main
from polars.testing import assert_frame_equal

FREE = {"funnel", "compare", "seen_by"}
"""Methods that cannot be asked without something of the asker's own."""


def closed(method: Any) -> list[dict[str, Any]] | None:
    """Return every call that gives nothing but words of closed lists; None if there is none."""
    names, choices = [], []
    for name, parameter in list(inspect.signature(method).parameters.items())[1:]:
        words = re.fullmatch(r"Literal\[(.*)\]|(GroupMetric)", parameter.annotation)
        if words:
            names.append(name)
            metrics = get_args(kh.typing.GroupMetric)
            choices.append(metrics if words[2] else [word.strip(" \"'") for word in words[1].split(",")])
        elif parameter.default is inspect.Parameter.empty:
            return None
    return [dict(zip(names, chosen, strict=True)) for chosen in itertools.product(*choices)]


def tables() -> dict[str, list[dict[str, Any]]]:
    """Return all methods of groups that make a table, with all calls that need nothing."""
    found = {}
    for owner in kh.ReferenceGroups.__mro__[:-1]:
        for name, method in vars(owner).items():
            if inspect.isfunction(method) and not name.startswith("_"):
                calls = closed(method)
                assert (calls is None) == (name in FREE), f"{name}: is it to be sealed with the others?"
                if calls is not None:
                    found[name] = calls
    return found


PLATFORM = kh.simulate(learners=300, courses=2, seed=1)
ONE_COURSE = PLATFORM.enrollments.group_by("learner").len().filter(pl.col("len") == 1)["learner"].min()
"""A learner of one course."""


@pytest.fixture(scope="module")
def data() -> kh.LearningData:
    return PLATFORM.data


def test_every_table_that_needs_nothing_is_sealed_at_once(data: kh.LearningData) -> None:
    ledger = kh.Ledger()
    groups = data.reference_groups(by="course", period="week", ledger=ledger)
    before = ledger.verify()
    asked = 0
    for name, calls in tables().items():
        for arguments in calls:
            table = getattr(groups, name)(**arguments)
            if name not in ("certificates", "trend"):  # they have moments of their own
                assert table.schema["as_of"] == pl.Datetime("us", "UTC"), name
                assert table["as_of"].unique().to_list() in ([groups.as_of], []), name
            asked += 1
    for metric in get_args(kh.typing.GroupMetric):
        groups.compare("L7", metric)
    assert asked > 40
    assert ledger.verify() == before, "nothing was sealed besides"
    groups.struggle(pass_mark=0.5)
    groups.funnel(groups.drop_off(by="module")["step"].unique().to_list()[:2], by="module")
    assert ledger.verify() == before + 4, "two of the asker's own, of two courses"


def test_all_tables_know_of_the_same_events(tmp_path: Path) -> None:
    platform = kh.simulate(learners=300, courses=1, seed=1)
    whole = platform.tables()
    early = whole["events"].filter(pl.col("id") % 3 > 0)
    ledger = kh.Ledger(tmp_path / "releases.sqlite")

    def groups(events: pl.DataFrame, ledger: kh.Ledger | None) -> kh.ReferenceGroups:
        data = kh.LearningData(events, enrollments=whole["enrollments"], catalog=whole["catalog"])
        return data.reference_groups(by="course", period="week", ledger=ledger)

    first = groups(early, ledger)
    late = groups(whole["events"], ledger)
    fresh = groups(whole["events"], None)
    assert late.late is not None
    assert late.late > 0
    differ = 0
    for name, calls in tables().items():
        for arguments in calls:
            own, sealed = (getattr(g, name)(**arguments) for g in (first, late))
            assert_frame_equal(own, sealed)
            differ += not own.equals(getattr(fresh, name)(**arguments))
    assert differ > 10, "the control: without the seal the late events are seen"


def test_a_viewer_sees_a_part_of_what_the_host_shows(data: kh.LearningData, tmp_path: Path) -> None:
    ledger = tmp_path / "releases.sqlite"
    assert isinstance(ONE_COURSE, str)
    view = data.seen_by(kh.Viewer.learner(ONE_COURSE))
    hers = view.reference_groups(by="course", period="week", ledger=ledger)
    head = kh.Ledger(ledger).head
    host = data.reference_groups(by="course", period="week", ledger=ledger)
    assert kh.Ledger(ledger).head == head, "she sealed what the host seals"
    labels = hers.groups
    assert set(labels) < set(host.groups)
    assert_frame_equal(hers.summary(), host.summary().filter(pl.col("group").is_in(labels)))
    assert_frame_equal(hers.compare(ONE_COURSE, "events"), host.compare(ONE_COURSE, "events"))
    assert_frame_equal(hers.trend("events"), host.trend("events").filter(pl.col("group").is_in(labels)))
    assert hers.late is None
    assert host.late is not None
    assert "late events" not in repr(host), "an exact number, and texts are passed on"
    assert hers.certificates()["group"].to_list() == labels
    assert len(host.certificates()) > len(hers.certificates())
    with pytest.raises(kh.DeniedError):
        hers.compare("L8" if ONE_COURSE != "L8" else "L9", "events")
    with pytest.raises(kh.DeniedError):
        data.seen_by(kh.Viewer.researcher()).reference_groups(by="course", period="week")
    assert host.seen_by(kh.Viewer.learner(ONE_COURSE)).summary().equals(hers.summary())


def enrolled(learners: int, until: datetime) -> kh.LearningData:
    """Give learners of one course, ten events of each, the last at `until`."""
    start = datetime(2026, 3, 2, 10, tzinfo=timezone.utc)
    ids = [f"l{number:02}" for number in range(learners)]
    log = pl.DataFrame(
        {
            "learner": [name for name in ids for _ in range(10)],
            "time": [time for _ in ids for time in [*(start + timedelta(hours=h) for h in range(9)), until]],
            "content": "page",
            "course": "A",
        }
    )
    return kh.LearningData(log, enrollments=pl.DataFrame({"learner": ids, "course": "A"}))


def test_below_the_floor_the_last_sealed_release_is_shown_with_its_date() -> None:
    ledger, policy = kh.Ledger(), kh.ReleasePolicy(k=5)
    week = timedelta(days=7)
    wednesday = datetime(2026, 3, 11, 12, tzinfo=timezone.utc)

    def asked(learners: int, until: datetime) -> kh.ReferenceGroups:
        data = enrolled(learners, until)
        return data.reference_groups(by="course", period="week", policy=policy, ledger=ledger)

    first = asked(10, wednesday)
    low = asked(15, wednesday + week)
    assert low.as_of == first.as_of + week
    assert low.summary()["as_of"].unique().to_list() == [first.as_of]
    assert_frame_equal(low.summary(), first.summary())
    assert low.rosters().select("used", "as_of").rows() == [("A", first.as_of)]
    mine = low.compare("l12", "events")
    assert mine.select("used", "own", "as_of").rows() == [("A", 9.0, first.as_of)]
    open_groups = enrolled(15, wednesday + week).reference_groups(by="course", policy=policy, ledger=ledger)
    assert open_groups.rosters()["reason"].to_list() == ["LowCoverage"]


def test_the_command_line_shows_a_sealed_period_to_a_viewer(tmp_path: Path) -> None:
    words = ["groups"]
    for name in ("events", "enrollments"):
        PLATFORM.tables()[name].write_parquet(tmp_path / f"{name}.parquet")
        words += ([] if name == "events" else [f"--{name}"]) + [str(tmp_path / f"{name}.parquet")]
    ledger, out = tmp_path / "releases.sqlite", tmp_path / "out.parquet"
    words += ["--by", "course", "--period", "week", "--ledger", str(ledger), "-o", str(out)]
    assert main([*words, "--as", f"learner:{ONE_COURSE}"]) == 0
    hers = pl.read_parquet(out)
    assert main(words) == 0
    host = pl.read_parquet(out)
    assert 0 < hers.height < host.height
    assert_frame_equal(hers, host.filter(pl.col("group").is_in(hers["group"].unique().to_list())))
    assert main(["ledger", "verify", str(ledger)]) == 0
    assert main([*words, "--as", "learner:nobody"]) == 1
