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
# # Quickstart
#
# From a log of clicks to what one learner may know about herself, and to what everybody may know
# about a course. The platform here is simulated, so the true answers are known and we can look at
# how close the estimates come. To use your own log, replace the first cell with
# `kh.read_parquet("events/*.parquet", columns={"learner": "user_id", ...},
# tz="Europe/Helsinki")`.

# %%
import kohort as kh
import polars as pl

platform = kh.simulate(learners=600, courses=3, weeks=12, seed=20)
data = platform.data
data

# %% [markdown]
# ## What came in
#
# Every row is accounted for. Rows that cannot be understood are in `data.rejected` with a reason;
# the rest of the findings, such as duplicates and unknown verbs, are counted here.

# %%
data.quality

# %% [markdown]
# ## What each learner did
#
# One row per learner and course. `study_time` is an estimate: it adds up the gaps between a
# learner's events, as long as they are no longer than `gap`. Another choice gives other numbers,
# so the choice is an object that stays with the result.

# %%
pla = data.personal(study_time=kh.StudyTime(gap="30m"), inactivity="14d")
summary = pla.summary()
summary

# %% [markdown]
# Sessions, and study time split by week. Whatever the split, the parts add up to the whole.

# %%
pla.sessions().head()

# %%
weekly = pla.study_time(by=["course", "week"])
assert weekly["study_time"].sum() == pla.study_time()["study_time"].sum()
weekly.group_by("course", "week").agg(pl.col("study_time").sum()).sort("course", "week").head(8)

# %% [markdown]
# Habits: how often, at which time of day, how many days in a row. Hours and days are those of the
# learner's own time zone.

# %%
pla.frequency(min_activity=1, freeze=1).select(
    "learner",
    "active_days",
    "sessions_per_week",
    "session_gap_median",
    "evening_share",
    "longest_streak",
).head()

# %% [markdown]
# ## One learner
#
# Her own view is computed from her events alone, and it is the same as her rows in the tables
# above.

# %%
learner = summary.sort("study_time", descending=True)["learner"][0]
me = pla.learner(learner)
assert me.summary().equals(summary.filter(pl.col("learner") == learner))
me.study_time(by="week")

# %% [markdown]
# ## Where learners stop
#
# The status of every enrollment. `active` learners were seen in the last two weeks, so nobody knows
# yet where they will stop.

# %%
drop_off = pla.drop_off()
drop_off.group_by("course", "status").len().sort("course", "status")

# %% [markdown]
# ## What may be said about the group
#
# Rosters come from the enrollments. What leaves is safe to show: every learner could swap her
# values with those of at least `k` others without changing a byte of anything released here.

# %%
groups = data.reference_groups(by="course", policy=kh.ReleasePolicy(k=10))
typical = groups.summary()
typical

# %% [markdown]
# At which module do learners leave? `reached` counts those whose furthest activity lies there or
# later, `left` those of them who stopped or withdrew right there. Counts are multiples of five, and
# those too near to none or to all are coded as low or high, without a number.

# %%
leaving = groups.drop_off(by="module")
gates = leaving.filter(pl.col("left_code") == "count")
gates.select("group", "step", "reached", "left")

# %% [markdown]
# The simulation made it hard to get past certain modules. They are the ones that the table finds.

# %%
planted = platform.truth_drop_off.filter("planted")
planted.select("course", "module", "hazard", "reached", "left")

# %% [markdown]
# One learner beside her course: not a rank, but the band of the released distribution that holds
# her own value.

# %%
position = groups.compare(learner, "study_time")
position

# %% [markdown]
# ## What is withheld, and why
#
# A withheld cell is null and says why; it is never 0. The reason depends on who is on the roster and
# never on what they did. Take three boards, with 200, 14 and 6 members. Six are too few: they would
# not hide behind one another, so they are pooled into `(other)`. Alone there they would still be six,
# so the smallest board that could be shown joins them. The twenty of them are enough for a median and
# too few for quartiles.

# %%
some = platform.enrollments["learner"].unique().sort()
boards = pl.concat(
    [
        pl.DataFrame({"group": "board of 200", "learner": some[:200]}),
        pl.DataFrame({"group": "board of 14", "learner": some[200:214]}),
        pl.DataFrame({"group": "board of 6", "learner": some[214:220]}),
    ]
)
on_boards = kh.LearningData(
    platform.events,
    catalog=platform.catalog,
    courses=platform.courses,
    enrollments=platform.enrollments,
    memberships=boards,
    tz="UTC",
)
by_board = on_boards.reference_groups(by="group").quantiles("study_time")
by_board.filter(pl.col("quantile").is_in([0.25, 0.5, 0.75]))

# %% [markdown]
# ## How good is the estimate?
#
# The simulation knows how long everybody really studied. A log of clicks cannot see the minutes after
# the last click of a session, which makes the estimate too low, nor that somebody went for a coffee
# between two clicks, which makes it too high. How the two balance depends on `gap`; how learners
# compare with one another hardly does.

# %%
true_time = platform.truth_learners.group_by("learner").agg(pl.col("study_time").sum().alias("true"))


def against_the_truth(gap: str) -> dict[str, object]:
    """Compare the estimates at one gap with the times on task."""
    estimate = data.personal(study_time=kh.StudyTime(gap=gap)).study_time()
    both = estimate.join(true_time, on="learner")
    return {
        "gap": gap,
        "estimated / true": both["study_time"].sum() / both["true"].sum(),
        "rank correlation": both.select(pl.corr("study_time", "true", method="spearman")).item(),
    }


quality = pl.DataFrame([against_the_truth(gap) for gap in ["5m", "15m", "30m", "60m"]])
quality
