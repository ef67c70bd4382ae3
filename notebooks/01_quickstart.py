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
# The status of every enrollment, and the furthest place in the syllabus that it reached.

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
# At which module do learners leave? `left` of those who `reached` it stopped or withdrew there.
# Counts are multiples of five; those too near to none or to all are coded as low or high.

# %%
leaving = groups.drop_off(by="module")
leaving

# %% [markdown]
# One learner beside her course: not a rank, but the band of the released distribution that holds
# her own value.

# %%
position = groups.compare(learner, "study_time")
position

# %% [markdown]
# ## What is withheld, and why
#
# A withheld cell is null and says why; it is never 0. The reason depends on who is on the roster
# and never on what they did. Here a course with 14 learners is too small for quartiles, and one
# with 6 is not spoken about at all: fewer than `k + 1` learners would be hiding behind one
# another.

# %%
some = platform.enrollments.select("learner").unique().sort("learner")["learner"]
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
by_board

# %% [markdown]
# ## How good is the estimate?
#
# The simulation knows how long everybody really studied. A log of clicks cannot see the minutes
# after the last click of a session, so the estimate is a little low; what matters for comparisons
# is that it puts learners in nearly the right order.

# %%
truth = platform.truth_learners.group_by("learner").agg(pl.col("study_time").sum().alias("true_time"))
both = pla.study_time().join(truth, on="learner")
ratio = both["study_time"].sum() / both["true_time"].sum()
order = both.select(pl.corr("study_time", "true_time", method="spearman")).item()
pl.DataFrame({"estimated / true": [ratio], "rank correlation": [order]})

# %% [markdown]
# And another estimator, for comparison: a shorter gap loses the time of long reading.

# %%
pl.concat(
    [
        data.personal(study_time=kh.StudyTime(gap=gap))
        .study_time()
        .select(gap=pl.lit(gap), total=pl.col("study_time").sum())
        .head(1)
        for gap in ["5m", "15m", "30m", "60m"]
    ]
)
