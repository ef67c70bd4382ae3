"""Whoever is on no roster changes nothing that is released, whatever she does (attack A44)."""

from datetime import datetime, timedelta, timezone

import kohort as kh
import polars as pl
import pytest

START = datetime(2024, 3, 4, 9, tzinfo=timezone.utc)
LEARNERS = [f"l{number:02}" for number in range(40)]
EXCLUDED = "aa-excluded"  # sorts before everybody
VERBS = ["posted", "played", "replied", "paused", "searched"]


def log() -> pl.DataFrame:
    """Learner i has i + 1 events, twenty minutes apart, on two contents; the first three are answers."""
    rows = [
        {
            "id": f"{learner}-{event}",
            "learner": learner,
            "time": START + timedelta(minutes=20 * event),
            "content": f"c{event % 2}",
            "course": "A",
            "verb": "answered" if event < 3 else VERBS[(number + event) % len(VERBS)],
            "score": (number * 7 + event * 3) % 11 / 10 if event < 3 else None,
            "response": "abc"[(number + event) % 3],
            "position": 10.0 * (event % 3),
        }
        for number, learner in enumerate(LEARNERS)
        for event in range(number + 1)
    ]
    return pl.DataFrame(rows)


def released(events: pl.DataFrame, *, by: str, as_of: datetime | None) -> list[pl.DataFrame]:
    """Everything that is released about the course or its boards."""
    everybody = [*LEARNERS, EXCLUDED]
    data = kh.LearningData(
        events,
        tz="UTC",
        catalog=pl.DataFrame(
            {
                "content": ["c0", "c1"],
                "course": ["A", "A"],
                "module": ["m0", "m1"],
                "position": [0, 1],
                "kind": ["quiz", None],
                "topics": [["t"], ["t"]],
                "length": [None, 30.0],
            }
        ),
        courses=pl.DataFrame({"course": ["A"], "starts": [START]}),
        enrollments=pl.DataFrame({"learner": everybody, "course": ["A"] * len(everybody)}),
        memberships=pl.DataFrame(
            {"group": ["B1"] * 20 + ["B2"] * 20, "learner": LEARNERS, "course": ["A"] * 40}
        ),
        consents=pl.DataFrame(
            {
                "learner": everybody,
                "purpose": ["group"] * len(everybody),
                "granted": [True] * 40 + [False],
                "time": [START - timedelta(days=9)] * len(everybody),
            }
        ),
    )
    policy = kh.ReleasePolicy(k=5)
    groups = data.reference_groups(by=by, policy=policy, as_of=as_of)  # type: ignore[arg-type]
    tables = [groups.summary(), groups.drop_off(by="module"), groups.drop_off(by="week")]
    tables += [groups.struggle(pass_mark=0.5), groups.item_analysis(), groups.reliability(), groups.options()]
    tables += [groups.learning_curves(pass_mark=0.5), groups.learning_rates(pass_mark=0.5)]
    tables += [
        groups.log_rank(),
        groups.funnel(["c1", "c0"], within="5m"),
        groups.video_seconds(),
        groups.rewatch_peaks(),
    ]
    tables += [groups.feature_usage(), groups.popular_content()]
    tables += [groups.collaboration(), groups.reply_network()]
    return [*tables, groups.distribution("events"), pl.DataFrame({"repr": [repr(groups)]})]


def excluded(**changes: object) -> pl.DataFrame:
    """One event of the learner without consent, usual but for the changes."""
    row = {
        "id": "own",
        "learner": EXCLUDED,
        "time": START,
        "content": "c0",
        "course": "A",
        "verb": "answered",
        "score": 0.5,
        "response": "a",
        **changes,
    }
    return pl.DataFrame([row], schema=log().schema)


INTRUSIONS = {
    "a course of her own": excluded(course="SECRET"),
    "a content of her own": excluded(content="SECRET"),
    "a response of her own": excluded(response="SECRET"),
    "ten wrong answers": pl.concat(
        excluded(id=f"own{second}", time=START + timedelta(seconds=second), score=0.0) for second in range(10)
    ),
    "no course": excluded(course=None),
    "a year later": excluded(time=START + timedelta(days=365)),
    "a year earlier": excluded(time=START - timedelta(days=365)),
    "an event nobody can read": excluded(time=None, course="SECRET"),
    "an answer to everybody": pl.concat(
        [
            excluded(id=f"own{minute}", verb="replied", time=START + timedelta(minutes=minute))
            for minute in range(0, 800, 5)
        ]
    ),
    "a film and a feature": excluded(verb="played", position=1.0),
    "everybody's ids": log().with_columns(pl.lit(EXCLUDED).alias("learner")),
}


@pytest.mark.parametrize("as_of", [None, START + timedelta(days=3)])
@pytest.mark.parametrize("by", ["course", "group"])
@pytest.mark.parametrize("intrusion", INTRUSIONS)
@pytest.mark.filterwarnings("ignore::kohort.exceptions.RejectedRowsWarning")
def test_a44_what_the_excluded_do_changes_no_release(intrusion: str, by: str, as_of: datetime | None) -> None:
    events = pl.concat([INTRUSIONS[intrusion], log()])
    for before, after in zip(
        released(log(), by=by, as_of=as_of), released(events, by=by, as_of=as_of), strict=True
    ):
        assert before.equals(after)


def test_a44_the_same_event_of_somebody_on_the_roster_does() -> None:
    """The control: the comparison sees what it should see."""
    busy = pl.concat(
        [
            excluded(
                learner=learner,
                time=START + timedelta(minutes=step, seconds=1),
                id=f"x{learner}{step}",
                content="c1",
            )
            for learner in LEARNERS[:20]
            for step in range(30)
        ]
    )
    before = released(log(), by="course", as_of=None)
    after = released(pl.concat([log(), busy]), by="course", as_of=None)
    assert not before[0].equals(after[0])
    assert not before[3].equals(after[3])  # struggle: more of them try again


def test_what_somebody_on_the_roster_writes_and_watches_does() -> None:
    """The control of ties, features and films."""
    busy = pl.concat(
        [
            excluded(learner=learner, id=f"x{learner}{verb}", verb=verb, **more)
            for learner in LEARNERS[:20]
            for verb, more in {
                "played": {"content": "c1", "time": START + timedelta(hours=100), "position": 0.0},
                "paused": {"content": "c1", "time": START + timedelta(hours=101), "position": 29.0},
                "bookmarked": {"content": "c0", "time": START + timedelta(hours=99)},
                "replied": {"content": "c0", "time": START + timedelta(hours=101, minutes=1)},
            }.items()
        ]
    )
    before = released(log(), by="course", as_of=None)
    after = released(pl.concat([log(), busy]), by="course", as_of=None)
    changed = [not one.equals(other) for one, other in zip(before, after, strict=True)]
    # funnel, seconds, features, collaboration
    assert [changed[at] for at in (10, 11, 13, 15)] == [True] * 4


def test_a_withdrawal_that_cannot_be_read_counts() -> None:
    """A consent whose last word is unreadable is not in force."""
    consents = pl.DataFrame(
        {
            "learner": LEARNERS * 2,
            "purpose": ["group"] * 80,
            "granted": [True] * 40 + [None] * 40,
            "time": [START - timedelta(days=9)] * 80,
        }
    )
    enrollments = pl.DataFrame({"learner": LEARNERS, "course": ["A"] * 40})
    with pytest.warns(kh.exceptions.RejectedRowsWarning):
        data = kh.LearningData(log(), tz="UTC", enrollments=enrollments, consents=consents)
    summary = data.reference_groups(by="course").summary()
    assert summary["median"].null_count() == summary.height
