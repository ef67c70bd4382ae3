# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Group results, attacked
#
# For whoever publishes numbers of groups, and for whoever answers for it. A dashboard shows means of groups
# of ten learners and more, as many do. What can somebody find out who only adds and subtracts? Then
# the same twelve weeks through kohort: what can be found out there, what does it cost, and what is not
# promised? The course is simulated, so the truth is known and every claim of an attack can be checked.
#
# ## Twelve weeks of a course
#
# 320 learners on ten boards of 6 to 84. One in five leaves before the end, each on a day of her own. Fourteen
# come to the largest board late, one or two a week; what they did before is taken out of the log.

# %%
from datetime import timedelta
from itertools import accumulate

import kohort as kh
import polars as pl

platform = kh.simulate(learners=320, courses=1, weeks=12, seed=20)
begin = platform.courses["starts"][0]
ends = [begin + timedelta(days=7 * week) for week in range(1, 13)]

sizes = [6, 8, 12, 16, 20, 30, 38, 46, 60, 84]
learners = platform.enrollments["learner"].to_list()
until = list(accumulate(sizes))
names = [f"board {letter}" for letter in "ABCDEFGHIJ"]
boards = pl.DataFrame(
    [
        (name, learner)
        for name, size, end in zip(names, sizes, until, strict=True)
        for learner in learners[end - size : end]
    ],
    schema=["group", "learner"],
    orient="row",
)
late = platform.enrollments[-84:].filter(pl.col("end").is_null())["learner"][:14]
arrival = pl.DataFrame(
    {"learner": late, "came": [begin + timedelta(days=8 + 5 * place) for place in range(14)]}
)
enrollments = platform.enrollments.join(arrival, on="learner", how="left", maintain_order="left")
enrollments = enrollments.with_columns(start=pl.coalesce("came", "start")).drop("came")
memberships = boards.join(enrollments.select("learner", "course", since="start"), on="learner")
log = platform.events.join(arrival, on="learner", how="left", maintain_order="left")
log = log.filter(pl.col("came").is_null() | (pl.col("time") >= pl.col("came"))).drop("came")
tables = {"catalog": platform.catalog, "courses": platform.courses, "memberships": memberships}
data = kh.LearningData(log, enrollments=enrollments, **tables, tz="UTC")
left = enrollments.filter(pl.col("end").is_not_null() & (pl.col("end") < ends[-1]))
left.height, data

# %% [markdown]
# The number that is published about each week: the study time of a learner since the course began, in
# whole seconds.

# %%
true_times = [
    enrollments.select("learner")
    .join(data.personal(as_of=end).summary(), on="learner", how="left")
    .select(
        "learner",
        metric=pl.lit(f"study time to week {week}"),
        value=pl.col("study_time").dt.total_seconds().fill_null(0).cast(pl.Float64),
    )
    for week, end in enumerate(ends, start=1)
]
truth = pl.concat(true_times)
everybody = pl.concat([boards, enrollments.select(pl.lit("course").alias("group"), "learner")])

# %% [markdown]
# ## A dashboard without a gate
#
# It is made anew every night and shows an exact mean for every board and for the course: study time to
# the end of each week so far, over whoever is there today. No number is about fewer than ten learners.

# %%
who = []
for day in range(7, 85):
    night = begin + timedelta(days=day)
    gone = (pl.col("end") < night).fill_null(False)
    there = enrollments.filter((pl.col("start") <= night) & ~gone)
    members = everybody.join(there, on="learner", how="semi", maintain_order="left")
    who.append(members.filter(pl.len().over("group") >= 10).with_columns(day=pl.lit(day)))
present = pl.concat(who).with_columns(release=pl.format("{} on day {}", "group", "day"))
of_week = truth.with_columns(known_from=pl.col("metric").str.extract(r"(\d+)$").cast(pl.Int32) * 7)
means = (
    present.join(of_week, on="learner")
    .filter(pl.col("known_from") <= pl.col("day"))
    .group_by("release", "metric")
    .agg(pl.col("value").mean().alias("low"))
    .with_columns(statistic=pl.lit("mean"), high="low")
    .sort("release", "metric")
)
means.height, present.group_by("release").len()["len"].min()

# %% [markdown]
# `kh.attack` is told what was shown, and who was in which group when, which classmates and tutors know
# anyway. It adds, subtracts and solves; it does not guess. The truth is there only to check what it says.

# %%
public = pl.DataFrame({"metric": truth["metric"].unique(), "low": 0.0, "high": None, "resolution": 1.0})
on_means = kh.attack(present.select("release", "learner"), means, truth=truth, metrics=public)
exact = on_means.findings.filter((pl.col("inferred") == "value") & pl.col("exact"))
exact = exact.select(
    "metric",
    pl.col("learners").list.first().alias("learner"),
    pl.col("low").alias("value"),
    "right",
    "evidence",
)
exact.filter(pl.col("value") > 0).head(8)

# %% [markdown]
# No number was about fewer than ten, and yet: who leaves a board alone is given away, with every number that
# was shown before she left, to the second. So is who joins alone: what she did before is known to be
# nothing. The groups were large enough each time. It is the *difference* of two large groups that is
# one person.

# %%
given_away = exact.group_by("learner").agg(pl.col("metric").n_unique().alias("values"), pl.col("right").all())
given_away.sort("values", "learner", descending=True).head(5)

# %%
given_away.height, exact.select("learner", "metric").n_unique(), exact["right"].mean()

# %% [markdown]
# ## The same weeks through kohort
#
# Week by week, the course and its boards: quartiles, median, mean and the whole distribution. Two boards
# are too small for a row of their own and are pooled as `(other)`. Leavers stay on the rosters, so that
# their leaving changes none. Late learners wait until eleven of them can be shown together.

# %%
parts, answers = [], []
for week, end in enumerate(ends, start=1):
    for by in ("course", "group"):
        groups = data.reference_groups(by=by, as_of=end)
        for table in (groups.summary(), groups.quantiles("study_time"), groups.distribution("study_time")):
            cells_of = kh.released_cells(table.filter(pl.col("metric") == "study_time"))
            parts.append(
                cells_of.with_columns(
                    release=pl.format("{} in week {}", "release", pl.lit(week)),
                    metric=pl.when(pl.col("metric").is_not_null()).then(pl.lit(f"study time to week {week}")),
                )
            )
        answers.append(groups.rosters().with_columns(week=pl.lit(week)))
cells = pl.concat(parts)
answering = pl.concat(answers)
answering.filter(pl.col("week").is_in([1, 8, 9]) & pl.col("group").is_in(["board A", "board B", "board J"]))

# %% [markdown]
# The attacker gets the exact rosters of kohort too. They are no secret: the rule is public, and she knows
# who came when.

# %%
lists, on_record = [], enrollments.filter(pl.col("start") <= ends[0])
for week, end in enumerate(ends, start=1):
    came = enrollments.filter(pl.col("start") <= end)
    on_record = came if came.height - on_record.height > 10 else on_record
    of_boards = boards.join(on_record, on="learner", how="semi", maintain_order="left")
    small = pl.col("group").is_in(["board A", "board B"])
    of_boards = of_boards.with_columns(group=pl.when(small).then(pl.lit("(other)")).otherwise("group"))
    course = on_record.select(pl.lit("algebra-1").alias("group"), "learner")
    lists.append(pl.concat([course, of_boards]).with_columns(week=pl.lit(week)))
rosters = pl.concat(lists)
# They are the right ones: each shown n is theirs, to the nearest five.
counted = rosters.group_by("group", "week").agg(((pl.len() + 2) // 5 * 5).cast(pl.UInt32).alias("theirs"))
checked = answering.filter(pl.col("used").is_not_null()).join(
    counted, left_on=["used", "week"], right_on=["group", "week"]
)
assert checked.height == answering.height
assert (checked["n"] == checked["theirs"]).all()
rosters = rosters.select(pl.format("{} in week {}", "group", "week").alias("release"), "learner")

# %%
on_kohort = kh.attack(rosters, cells, truth=truth, metrics=public)
print(on_kohort)

# %% [markdown]
# Nothing, of the same learners and the same weeks. That an attack finds nothing proves nothing, and kohort
# does not rest on it. What it rests on is proved in `src/group/PROOF.md`: for every measure a learner's
# value could be swapped with that of at least `k` others without changing a byte of anything ever shown.
#
# ## And if she guesses?
#
# An attacker need not be sure. Let her name, of every leaver and for every week that she was there, the
# cell of the public grid that holds her study time. Blind: the fullest cell of the course. From kohort: the
# fullest cell of the leaver's board, or of the course where her board shows no cells. From the dashboard:
# what was found above, else blind.

# %%
grid = kh.grids().filter(pl.col("metric") == "study_time")["upper"]


def cell_of(value: pl.Expr) -> pl.Expr:
    """Return the number of the cell of the public grid that holds a value."""
    return pl.sum_horizontal([(value > edge).cast(pl.Int32) for edge in grid])


released = []
for week, end in enumerate(ends, start=1):
    for by in ("course", "group"):
        table = data.reference_groups(by=by, as_of=end).distribution("study_time")
        released.append(table.with_columns(metric=pl.lit(f"study time to week {week}")))
filled = (
    pl.when(pl.col("code") == "low").then(0.0).when(pl.col("code") == "high").then("n").otherwise("learners")
)
fullest = (
    pl.concat(released)
    .drop_nulls("upper")
    .with_columns(below=filled.cast(pl.Float64))
    .with_columns(inside=pl.col("below").diff().fill_null(pl.col("below")).over("group", "metric"))
    .sort("group", "metric", "inside", descending=True, maintain_order=True)
    .group_by("group", "metric", maintain_order=True)
    .first()
    .select("group", "metric", cell_of(pl.col("upper")).alias("named"))
)
cells_of_all = truth.with_columns(cell=cell_of(pl.col("value")))
blind = cells_of_all.group_by("metric").agg(pl.col("cell").mode().min().alias("blind"))

targets = (
    cells_of_all.join(left.select("learner", "end"), on="learner")
    .join(
        pl.DataFrame({"metric": [f"study time to week {w}" for w in range(1, 13)], "to": ends}), on="metric"
    )
    .filter(pl.col("end") >= pl.col("to"))
    .join(boards, on="learner")
    .join(blind, on="metric")
    .join(fullest, on=["group", "metric"], how="left")
    .join(fullest.filter(pl.col("group") == "algebra-1").drop("group"), on="metric", suffix="_course")
    .join(
        exact.unique(["learner", "metric"]).select("learner", "metric", "value"),
        on=["learner", "metric"],
        how="left",
        suffix="_found",
    )
    .with_columns(found=pl.when(pl.col("value_found").is_not_null()).then(cell_of(pl.col("value_found"))))
)
guesses = targets.select(
    values=pl.len(),
    learners=pl.col("learner").n_unique(),
    blind=(pl.col("blind") == pl.col("cell")).mean(),
    kohort=(pl.coalesce("named", "named_course") == pl.col("cell")).mean(),
    dashboard=(pl.coalesce("found", "blind") == pl.col("cell")).mean(),
)
guesses

# %% [markdown]
# The dashboard tells her most of the cells, to begin with those of who left alone. From kohort she is right
# as often as without it. Here it is 316 values of 51 learners; a sharper guess than the fullest cell, on
# fifty simulated terms and on nine real courses, is in the documentation of the crate (`kohort::group`),
# with the same outcome.
#
# ## What does it cost?
#
# The median of each group in the last week, released and exact, and beside it what the exact median of
# another group of the same size differs by: as many learners of this course, drawn by lot.

# %%
last_week = everybody.join(true_times[-1], on="learner", maintain_order="left")
whole = last_week.filter(pl.col("group") == "course")["value"]
summary = pl.concat([data.reference_groups(by=by, as_of=ends[-1]).summary() for by in ("course", "group")])
summary = summary.filter((pl.col("metric") == "study_time") & pl.col("median").is_not_null())
costs = []
for name, median in summary.select("group", "median").iter_rows():
    own = last_week.filter(pl.col("group") == ("course" if name == "algebra-1" else name))["value"]
    true_median = own.median()
    drawn = [whole.sample(own.len(), with_replacement=True, seed=seed).median() for seed in range(200)]
    by_lot = pl.Series(drawn, dtype=pl.Float64)
    costs.append(
        {
            "group": name,
            "learners": own.len(),
            "released minutes": median / 60,
            "exact minutes": true_median / 60,
            "off by %": 100 * abs(median - true_median) / true_median,
            "another group %": 100 * (by_lot - true_median).abs().median() / true_median,
        }
    )
cost = pl.DataFrame(costs)
cost

# %% [markdown]
# Below twenty learners there is no median, and `n` is told to the nearest five only. Six of seven released
# medians are nearer to the truth than another group's would be. That of board I is not: nobody there studied
# between four hours and six, and 31 of 60 who studied five hours or less are shown as 30, so that the median
# comes to lie at five. Whoever compares boards of twenty or forty learners reads chance in the first
# place. All metrics and quartiles, in more groups and in nine real courses: `src/group/UTILITY.md`.
#
# ## What is not promised
#
# - What all of a group share. If nobody on a board studied, its members did not either; coded ends only
#   keep it from being said of each for certain.
# - Anything against somebody who holds all seats of a group but one, or against `k` members who
#   put together what each knows of herself.
# - One learner's values across terms; what is known from elsewhere; memberships that a platform makes from
#   activity.
# - That a group stays. A learner who withdraws her *consent* leaves the roster, and `k` others step out
#   with her. A board of fewer than 35 then falls below the coverage floor and is answered by the
#   course; `kh.ReleasePolicy` says which sizes outlast how many. Let one of board F (30) and one of board
#   H (46) withdraw:

# %%
ledger = kh.Ledger()
agreed = enrollments.select("learner", purpose=pl.lit("group"), granted=pl.lit(True), time=pl.lit(begin))
first_of = boards.filter(pl.col("group").is_in(["board F", "board H"])).group_by("group").first()
withdrawn = agreed.join(first_of, on="learner", how="semi").with_columns(
    granted=pl.lit(False), time=pl.lit(ends[8])
)
shown_by = []
for name, consents in (("before", agreed), ("after", pl.concat([agreed, withdrawn]))):
    own = kh.LearningData(log, enrollments=enrollments, **tables, consents=consents, tz="UTC")
    groups = own.reference_groups(by="group", as_of=ends[-1], ledger=ledger)
    rows = groups.rosters().filter(pl.col("group").is_in(["board F", "board G", "board H"]))
    shown_by.append(rows.with_columns(when=pl.lit(name)))
withdrawals = pl.concat(shown_by)
withdrawals
