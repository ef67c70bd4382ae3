"""Released tables about contents against the twin, and against exact statistics."""

from __future__ import annotations

import random
import warnings
from datetime import datetime, timedelta, timezone
from functools import lru_cache
from typing import Any

import kohort as kh
import numpy as np
import polars as pl
import pytest
import twin_group_content as slow

with warnings.catch_warnings():  # its own imports warn
    warnings.simplefilter("ignore")
    from statsmodels.genmod.families import Binomial
    from statsmodels.genmod.generalized_linear_model import GLM

START = datetime(2024, 3, 4, 9, tzinfo=timezone.utc)
CONTENTS = ["a1", "a2", "b1", "b2", "b3", "c1"]
MODULES = {"a": ["a1", "a2"], "b": ["b1", "b2", "b3"], "c": ["c1"]}
TOPICS = {"sums": ["a1", "b1", "b2", "c1"], "roots": ["a2", "b2", "b3"]}
SIZES = [30, 60, 75, 130, 240]


@lru_cache(maxsize=16)
def world(n: int, seed: int) -> kh.LearningData:
    """A course whose learners answer, some without a score, some not at all."""
    dice = random.Random(f"{n} {seed}")
    rows = []
    for number in range(n):
        ability = dice.gauss(0, 1)
        now = START + timedelta(minutes=number)
        for place in dice.sample(range(len(CONTENTS)), len(CONTENTS)):
            if dice.random() < 0.15:
                continue
            for _ in range(dice.choice([1, 1, 2, 3])):
                now += timedelta(minutes=dice.choice([0, 5]))
                good = ability + dice.gauss(0, 1) > (place - 3) / 2
                row: dict[str, Any] = {
                    "learner": f"l{number}",
                    "time": now,
                    "content": CONTENTS[place],
                    "score": None,
                    "success": None,
                    "response": dice.choice(["yes", "no", "no idea", f"own words {number}", None]),
                }
                if place % 2:
                    row["success"] = good if dice.random() < 0.9 else None
                elif dice.random() < 0.9:
                    score = min(20, max(0, round(10 + 6 * ability + dice.gauss(0, 5))))
                    row["score"] = dice.choice([score / 20, float(good)])
                rows.append(row)
    schema = {"score": pl.Float64, "success": pl.Boolean, "response": pl.String}
    log = pl.DataFrame(rows, schema_overrides=schema, infer_schema_length=None)
    topics = [[topic for topic, contents in TOPICS.items() if content in contents] for content in CONTENTS]
    return kh.LearningData(
        log.with_columns(pl.lit("A").alias("course"), pl.lit("answered").alias("verb")),
        catalog=pl.DataFrame(
            {
                "content": CONTENTS,
                "course": ["A"] * len(CONTENTS),
                "module": [content[0] for content in CONTENTS],
                "kind": ["quiz"] * len(CONTENTS),
                "position": range(len(CONTENTS)),
                "topics": topics,
            }
        ),
        enrollments=pl.DataFrame({"learner": [f"l{number}" for number in range(n)], "course": ["A"] * n}),
        tz="UTC",
    )


def groups(data: kh.LearningData, k: int = 5) -> kh.ReferenceGroups:
    return data.reference_groups(by="course", policy=kh.ReleasePolicy(k=k))


def told(row: dict[str, Any], name: str) -> slow.Code:
    """A count as it is shown."""
    code = row[f"{name}_code"]
    return int(row[name]) if code == "count" else str(code)


def agrees(value: float | None, twin: float | None) -> bool:
    """Whether a value of two decimals is what the twin found."""
    if value is None or twin is None:
        return value is None and twin is None
    return abs(value - twin) <= 0.005 + 1e-9


def shares_agree(row: dict[str, Any], name: str, twin: Any) -> bool:
    if twin is None:
        return row[name] is None and row["low"] is None and row["high"] is None
    percent, bounds = twin
    return row[name] == percent and (bounds is None or (row["low"], row["high"]) == bounds)


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("n", SIZES)
@pytest.mark.parametrize("mark", [None, 0.6, 0.15])
def test_struggle_is_counted_again(n: int, seed: int, mark: float | None) -> None:
    data = world(n, seed)
    table = groups(data).struggle(pass_mark=mark)
    twin = slow.struggle(slow.Group(n, 5), CONTENTS, data.personal().assessments(pass_mark=mark).to_dicts())
    for row, own in zip(table.to_dicts(), twin, strict=True):
        assert row["content"] == own["content"]
        assert row["module"] == own["content"][0]
        assert (told(row, "tried"), told(row, "not_passed")) == (own["tried"], own["not_passed"])
        assert shares_agree(row, "share", own["share"])
        assert row["rank"] == own["rank"]
        if row["share"] is not None:
            assert (row["low"], row["high"]) == pytest.approx(slow.wilson(row["not_passed"], row["tried"]))


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("n", SIZES)
@pytest.mark.parametrize("by", ["course", "module"])
@pytest.mark.parametrize("blank", ["skip", "zero"])
def test_items_are_counted_again(n: int, seed: int, by: str, blank: str) -> None:
    data = world(n, seed)
    tests = [CONTENTS] if by == "course" else list(MODULES.values())
    learners = [f"l{number}" for number in range(n)]
    facts = (slow.Group(n, 5), learners, tests, data.personal().responses().to_dicts(), blank)
    table = groups(data).item_analysis(by=by, blank=blank)  # type: ignore[arg-type]
    for row, own in zip(table.to_dicts(), slow.item_analysis(*facts), strict=True):
        assert row["content"] == own["content"]
        assert told(row, "answered") == own["answered"]
        assert shares_agree(row, "facility", own["facility"])
        for name in ("discrimination", "point_biserial", "upper_lower", "efficiency", "weight"):
            assert agrees(row[name], own[name]), (name, row, own)
        assert row["negative"] == (None if row["discrimination"] is None else row["discrimination"] < 0)
        assert row["reason"] == ("TooFew" if n < 50 else None)
    table = groups(data).reliability(by=by, blank=blank)  # type: ignore[arg-type]
    for row, own in zip(table.to_dicts(), slow.reliability(*facts), strict=True):
        assert row["contents"] == own["contents"]
        assert row["used"] == (own["used"] if n >= 50 else None)
        assert agrees(row["alpha"], own["alpha"])
        assert agrees(row["sem"], own["sem"])


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("n", SIZES)
def test_options_are_counted_again(n: int, seed: int) -> None:
    data = world(n, seed)
    learners = [f"l{number}" for number in range(n)]
    table = groups(data).options().filter(pl.col("option").is_not_null())
    twin = slow.options(slow.Group(n, 5), learners, CONTENTS, data.personal().responses().to_dicts())
    rows = {(row["content"], row["option"]): row for row in table.to_dicts()}
    assert set(rows) == {(own["content"], own["option"]) for own in twin}
    assert all(option in {"yes", "no", "no idea"} for _, option in rows)
    for own in twin:
        row = rows[own["content"], own["option"]]
        assert (told(row, "answered"), told(row, "chosen")) == (own["answered"], own["chosen"])
        assert shares_agree(row, "share", own["share"])
        assert agrees(row["rest"], own["rest"])
        assert agrees(row["discrimination"], own["discrimination"])


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("n", SIZES)
@pytest.mark.parametrize("mark", [None, 0.6])
@pytest.mark.parametrize("by", ["topic", "module"])
def test_learning_curves_are_counted_again(n: int, seed: int, mark: float | None, by: str) -> None:
    data = world(n, seed)
    began = {
        (row["learner"], row["content"]): row["first_attempt"]
        for row in data.personal().assessments().to_dicts()
    }
    learners = [f"l{number}" for number in range(n)]
    responses = data.personal().responses().to_dicts()
    skills = TOPICS if by == "topic" else MODULES
    twin = slow.curves(slow.Group(n, 5), learners, skills, responses, began, mark)
    made = groups(data)
    table = made.learning_curves(by=by, pass_mark=mark)  # type: ignore[arg-type]
    rows = {(row["skill"], row["opportunity"]): row for row in table.to_dicts()}
    assert len(rows) == len(twin)
    for own in twin:
        row = rows[own["skill"], own["opportunity"]]
        assert (told(row, "answered"), told(row, "errors")) == (own["answered"], own["errors"])
        assert shares_agree(row, "error_rate", own["error_rate"])
    for row in made.learning_rates(by=by, pass_mark=mark).to_dicts():  # type: ignore[arg-type]
        points = [
            (o["opportunity"], *o["counts"]) for o in twin if o["skill"] == row["skill"] and o["counts"]
        ]
        assert row["points"] == len(points)
        if len(points) < 3:
            assert row["exponent"] is None
            assert row["slope"] is None
            continue
        scale, exponent = slow.power_law([(at, errors / known) for at, errors, known in points])
        assert agrees(row["first_error"], min(scale, 1.0))
        assert agrees(row["exponent"], exponent)
        curve = {o: rows[row["skill"], o]["logistic"] for o, *_ in points}
        # the score equations of maximum likelihood, up to the two decimals shown
        surplus = sum(errors - known * curve[at] for at, errors, known in points)
        assert abs(surplus) <= 0.005 * sum(known for *_, known in points) + 1e-6
        wrong = [(errors, known - errors) for _, errors, known in points]
        design = [(1.0, at - 1.0) for at, *_ in points]
        with warnings.catch_warnings():  # it takes shares on a line for separated ones
            warnings.simplefilter("ignore")
            fit = GLM(np.array(wrong), np.array(design), family=Binomial()).fit(tol=1e-12)
        theirs = (*fit.params, fit.bse[1])
        for name, value in zip(("intercept", "slope", "slope_se"), theirs, strict=True):
            assert row[name] == pytest.approx(value, abs=0.00501), name  # shown in hundredths


def test_released_statistics_of_a_simulated_course_are_near_the_exact_ones() -> None:
    """Over learners with marks at an item and at others, as `blank="skip"` says."""
    platform = kh.simulate(learners=1500, courses=1, seed=3, events_per_learner=60.0)
    first = platform.data.personal().responses().filter(pl.col("attempt") == 1, pl.col("score").is_not_null())
    rest = first.join(first, on="learner", suffix="_other").filter(
        pl.col("content") != pl.col("content_other")
    )
    rest = rest.group_by("learner", "content").agg(pl.col("score").first(), rest=pl.col("score_other").mean())
    exact = rest.group_by("content").agg(pl.corr("score", "rest").alias("r"), pl.len().alias("known"))
    means = first.group_by("content").agg(pl.col("score").mean().alias("p"))
    items = platform.data.reference_groups(by="course").item_analysis()
    both = (
        items.join(exact, on="content")
        .join(means, on="content")
        .filter(pl.col("discrimination").is_not_null())
    )
    assert both.height >= 20
    assert (both["discrimination"] - both["r"]).abs().max() < 0.06  # type: ignore[operator]
    assert (both["facility"] - both["p"]).abs().max() < 0.02  # type: ignore[operator]


def test_without_a_catalog_there_is_a_reason_and_no_row_of_a_content() -> None:
    learners = [f"l{number}" for number in range(40)]
    log = pl.DataFrame(
        {"learner": learners, "course": "A", "content": "q", "time": START, "verb": "answered"}
    )
    data = kh.LearningData(log, enrollments=pl.DataFrame({"learner": learners, "course": ["A"] * 40}))
    for table in tables(groups(data)):
        assert table["reason"].to_list() == ["no catalog"]


def test_a_course_without_topics_says_so() -> None:
    data = kh.LearningData(
        pl.DataFrame(
            {"learner": ["l0"], "course": ["A"], "content": ["q"], "time": [START], "verb": ["answered"]}
        ),
        catalog=pl.DataFrame({"content": ["q", "v"], "course": ["A", "A"], "kind": ["quiz", "video"]}),
        enrollments=pl.DataFrame({"learner": [f"l{number}" for number in range(30)], "course": ["A"] * 30}),
    )
    made = groups(data)
    assert made.learning_curves()["reason"].to_list() == ["no topics in the catalog"]
    assert made.learning_curves(by="module")["reason"].to_list() == ["no modules in the catalog"]
    assert made.struggle()["content"].to_list() == ["q"]


def test_the_rows_do_not_depend_on_what_learners_do() -> None:
    busy, quiet = groups(world(60, 0)), groups(world(60, 0)).struggle()
    for table in (busy.struggle(), busy.item_analysis()):
        assert table["content"].to_list() == CONTENTS == quiet["content"].to_list()


def tables(made: kh.ReferenceGroups) -> list[pl.DataFrame]:
    return [
        made.struggle(),
        made.item_analysis(),
        made.reliability(),
        made.options(),
        made.learning_curves(),
        made.learning_rates(),
    ]


@pytest.mark.parametrize("mark", [0.61, 0.001, 1.5, float("nan")])
def test_pass_marks_are_those_of_the_public_grid(mark: float) -> None:
    made = groups(world(60, 0))
    with pytest.raises(kh.exceptions.ParameterError):
        made.struggle(pass_mark=mark)
    with pytest.raises(kh.exceptions.ParameterError):
        made.learning_curves(pass_mark=mark)
