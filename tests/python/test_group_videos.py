"""Released video tables equal plain loops over what was played, rounded and coded by the definition."""

from __future__ import annotations

import itertools
import math
import random
from statistics import median
from typing import Any

import kohort as kh
import polars as pl
import pytest
from group_world import FILMS, K, World, same, ways, worlds
from twin_release import Rules


def viewings(world: World, learner: str, film: str) -> list[tuple[float, float]]:
    """What was played, in the order of time: every session holds one stretch."""
    own = [row for row in world.of(learner) if row["content"] == film]
    own.sort(key=lambda row: row["time"])
    stretches = [(a["position"], b["position"]) for a, b in zip(own[::2], own[1::2], strict=True)]
    return [(a, b) for a, b in stretches if b - a >= 0.25]


def passed(stretch: tuple[float, float], at: int, width: int) -> bool:
    return stretch[0] <= at * width + width / 2 < stretch[1]


def places(film: str, width: int) -> range:
    """Stretches whose middle lies within the film."""
    return range(sum(at * width + width / 2 < FILMS[film] for at in range(100)))


@worlds
@ways
@pytest.mark.parametrize("width", [1, 5, 10])
def test_video_seconds_count_viewers_and_where_they_leave(world: World, by: str, width: int) -> None:
    table = world.groups(by).video_seconds(width=f"{width}s")
    expected = []
    for group, members in world.rosters(by).items():
        rules = Rules(len(members), K)
        for film in FILMS:
            seen = {learner: viewings(world, learner, film) for learner in members}
            furthest: list[list[int]] = [[], []]
            for own in seen.values():
                ends = [
                    max((at for at in places(film, width) if passed(s, at, width)), default=None) for s in own
                ]
                ends = [end for end in ends if end is not None]
                furthest[0] += ends[:1]
                furthest[1] += [max(ends[1:])] if ends[1:] else []
            for at in places(film, width):
                views = [sum(passed(s, at, width) for s in own) for own in seen.values()]
                counts = [sum(n >= 1 for n in views), sum(n >= 2 for n in views)]
                counts.append(sum(end >= at for end in furthest[0]))
                row: list[Any] = [group, film, float(at * width)]
                for count in counts:
                    row += rules.code(count)
                for ends in furthest:
                    row += rules.share(sum(end < at for end in ends), len(ends))
                expected.append([*row, rules.n, None])
    columns = ["viewers", "viewers_code", "rewatchers", "rewatchers_code", "reached", "reached_code"]
    columns += ["drop_off", "low", "high", "starters"]
    columns += ["drop_off_again", "low_again", "high_again", "starters_again"]
    same(table, expected, ["group", "content", "second", *columns, "n", "reason"])


def film_of(world: World) -> kh.LearningData:
    """A film of ten minutes and two hundred learners."""
    learners = [f"l{number}" for number in range(200)]
    return kh.LearningData(
        pl.DataFrame(world.rows, infer_schema_length=None),
        tz="UTC",
        catalog=pl.DataFrame({"content": ["film"], "course": ["A"], "length": [600.0]}),
        enrollments=pl.DataFrame({"learner": learners, "course": ["A"] * 200}),
    )


def viewings_of(world: World, learner: str) -> list[tuple[float, float]]:
    own = [row["position"] for row in world.of(learner)]
    return list(zip(own[::2], own[1::2], strict=True))


def crowd(again: int) -> kh.LearningData:
    """Two hundred watch a film of ten minutes; so many go back to 300 to 320 s."""
    world = World(0, learners=0)
    for number in range(200):
        world.add(f"l{number}", 0, "film", "played", session="a", position=0.0)
        world.add(f"l{number}", 10, "film", "paused", session="a", position=600.0)
        if number < again:
            world.add(f"l{number}", 20, "film", "played", session="b", position=300.0)
            world.add(f"l{number}", 21, "film", "paused", session="b", position=320.0)
    return film_of(world)


@pytest.mark.parametrize("width", ["1s", "5s"])
def test_a_part_that_many_go_back_to_is_a_peak(width: str) -> None:
    groups = crowd(again=80).reference_groups(by="course")
    first, *others = groups.rewatch_peaks(width=width).iter_rows(named=True)
    assert 280 <= first["start"] <= 300 <= first["apex"] <= 320 <= first["end"] <= 340
    assert (first["learners"], first["code"]) == (80, "count")
    assert 60 <= first["prominence"] <= 80
    assert [row["code"] for row in others] == ["none", "none"]
    quiet = crowd(again=9).reference_groups(by="course").rewatch_peaks(width=width)
    assert quiet["code"].to_list() == ["none"] * 3


def peaks(series: list[int], width: int) -> list[tuple[int, int, int, float]]:
    """Start, apex, end and prominence, from the definition."""
    bandwidth, around = max(3 / width, 1.0), max(math.ceil(60 / width), 5)
    reach = math.floor(3 * bandwidth)
    weights = {d: math.exp(-0.5 * (d / bandwidth) ** 2) for d in range(-reach, reach + 1)}
    squares = sum(w * w for w in weights.values()) / sum(weights.values()) ** 2
    smooth = []
    for at in range(len(series)):
        near = {at + d: w for d, w in weights.items() if 0 <= at + d < len(series)}
        smooth.append(sum(w * series[i] for i, w in near.items()) / sum(near.values()))
    middle = [median(smooth[max(at - around, 0) : at + around + 1]) for at in range(len(smooth))]
    found = []
    above = [value > level for value, level in zip(smooth, middle, strict=True)]
    for start in range(len(smooth)):
        if not above[start] or (start > 0 and above[start - 1]):
            continue
        end = next((at for at in range(start, len(smooth)) if not above[at]), len(smooth))
        top = max(smooth[start:end])
        apex = smooth.index(top, start)
        while apex + 2 < end and smooth[apex + 1] == smooth[apex + 2] == top:
            apex += 1
        near = smooth[max(apex - around, 0) : apex + around + 1]
        spread = 1.4826 * median([abs(value - middle[apex]) for value in near])
        noise = math.sqrt(max(middle[apex], 1.0) * squares)
        if top - middle[apex] > 3 * max(spread, noise):
            found.append((start, apex, end, prominence(smooth, apex)))
    return found


def prominence(smooth: list[float], apex: int) -> float:
    sides = []
    for side in (smooth[:apex][::-1], smooth[apex + 1 :]):
        lower = list(itertools.takewhile(lambda value: value <= smooth[apex], side))
        sides += [min(lower)] if lower else []
    return smooth[apex] - max(sides)


@pytest.mark.parametrize("width", [1, 4])
@pytest.mark.parametrize("seed", range(4))
def test_peaks_are_those_of_the_released_table(seed: int, width: int) -> None:
    dice = random.Random(seed)
    hills = [(dice.uniform(40, 560), dice.randrange(20, 90)) for _ in range(4)]
    world = World(0, learners=0)
    for number in range(200):
        world.add(f"l{number}", 0, "film", "played", session="a", position=0.0)
        world.add(f"l{number}", 10, "film", "paused", session="a", position=600.0)
        for at, (place, size) in enumerate(hills):
            if dice.randrange(200) < size:
                start = max(place + dice.gauss(0, 4), 0)
                world.add(f"l{number}", 20 + at, "film", "played", session=f"b{at}", position=start)
                world.add(f"l{number}", 20.5 + at, "film", "paused", session=f"b{at}", position=start + 15)
    groups = film_of(world).reference_groups(by="course")
    seconds = groups.video_seconds(width=f"{width}s")
    shown = {"low": 0, "high": 200 - 5}
    series = [
        shown.get(code, int(count or 0))
        for count, code in seconds.select("rewatchers", "rewatchers_code").rows()
    ]
    expected = sorted(peaks(series, width), key=lambda peak: (-peak[3], peak[1]))[:3]
    assert expected
    rules = Rules(200, 10)
    table = groups.rewatch_peaks(width=f"{width}s").rows(named=True)
    for row, peak in itertools.zip_longest(table, expected):
        if peak is None:
            assert (row["code"], row["apex"]) == ("none", None)
            continue
        start, apex, end, prominent = peak
        assert [row["start"], row["apex"], row["end"]] == [x * width for x in (start, apex, end)]
        assert row["prominence"] == pytest.approx(prominent, abs=1e-9)
        inside = sum(
            any(sum(passed(s, at, width) for s in own) >= 2 for at in range(start, end))
            for own in (viewings_of(world, f"l{number}") for number in range(200))
        )
        assert (row["learners"], row["code"]) == rules.code(inside)
