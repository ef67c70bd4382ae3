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
# # Five videos examined
#
# A week of video statements from a course at France Université Numérique, and what an analyst can say
# about them: question, code, answer, what it means, how sure we may be. Everything but the last
# section is the researcher's own work on personal tables: exact, and for the desk only.
#
# ## The data
#
# They are not part of this repository. The statements are `data/statements.json.gz` of
# https://github.com/openfun/ralph, MIT, © France Université Numérique; here it is the lines of one
# course: `zcat statements.json.gz | grep -F FUN-MOOC+00001 | gzip > statements_00001.jsonl.gz`. Put that
# file into a folder `ralph_fun_video`, and name the folder that holds it in the environment variable
# `KOHORT_DATA`.
#
# The statements come as a learning record store keeps them. `kohort convert` makes a log of them that
# can be looked at before anything is counted.

# %%
import os
import tempfile
from datetime import datetime, timedelta, timezone
from pathlib import Path

import kohort as kh
import polars as pl
from kohort import cli

FUN = Path(os.environ.get("KOHORT_DATA", "../shared/data")) / "ralph_fun_video" / "statements_00001.jsonl.gz"
if not FUN.exists():
    raise FileNotFoundError(f"{FUN} is not there: the text above says where to get it")

with tempfile.TemporaryDirectory() as folder:
    log = Path(folder) / "events.parquet"
    assert cli.main(["convert", "--from", "xapi", str(FUN), "-o", str(log)]) == 0
    statements = pl.read_parquet(log)
    catalog = pl.read_parquet(log.with_name("events.catalog.parquet"))
by_length = {id_: f"{length:.0f} s" for id_, length in catalog.select("content", "length").iter_rows()}
twins = catalog.filter(pl.col("length").is_duplicated()).sort("content")["content"].to_list()
by_length |= {id_: f"{by_length[id_]} ({letter})" for id_, letter in zip(twins, "ab", strict=True)}
statements = statements.with_columns(pl.col("content").replace_strict(by_length))
catalog = catalog.select("course", pl.col("content").replace_strict(by_length), "kind", "length")
statements.select("learner", "session", "content").n_unique(), statements["learner"].n_unique()

# %% [markdown]
# 8,691 statements of 1,206 learners, in 1,833 sessions of the player; each belongs to one video, which
# we call by its length here.
#
# ## May the times be believed?
#
# A player's session is minutes long. How long are the pauses in one?

# %%
DAY = timedelta(days=1)
pauses = (
    statements.sort("session", "time")
    .select("session", pause=pl.col("time").diff().over("session"))
    .drop_nulls("pause")
)
rest = pl.col("pause").dt.total_microseconds() % 86_400_000_000 / 60e6  # minutes beyond whole days
long = pauses.filter(pl.col("pause") > timedelta(minutes=30)).with_columns(
    minutes_from_whole_days=pl.min_horizontal(rest, 1440 - rest)
)
too_long = {
    "pauses": pauses.height,
    "over 30 minutes": long.height,
    "of these within 30 minutes of whole days": (long["minutes_from_whole_days"] < 30).sum(),
}
too_long

# %% [markdown]
# Nearly half of the pauses are longer than half an hour, and 94 % of those are whole days, give or
# take. Nobody pauses a video for exactly five days. Somebody has shuffled the dates before publishing,
# and left the times of day. (Statements are not in the order of time either, but that is no trouble:
# row order never changes a result.)
#
# So put each session in order by its clock. Where it runs past midnight, its longest silence is where
# it begins. What is the same but for the date and the id is a copy.

# %%
clock = pl.col("time") - pl.col("time").dt.truncate("1d")
by_clock = statements.with_columns(clock=clock).sort("session", "clock", "id")
silence = (pl.col("clock") - pl.col("clock").shift(1, fill_value=pl.col("clock").last() - DAY)).over(
    "session"
)
begin = pl.col("clock").get(pl.col("silence").arg_max()).over("session").alias("begin")
in_order = (
    by_clock.with_columns(silence=silence)
    .with_columns(begin)
    .with_columns(since=(pl.col("clock") - pl.col("begin")).dt.total_microseconds() % 86_400_000_000)
    .unique([*(set(statements.columns) - {"time", "id"}), "since"], keep="first", maintain_order=True)
)
begins = in_order.select("learner", "session", "begin").unique().sort("learner", "begin", "session")
nth = begins.with_columns(day=2 * pl.int_range(pl.len()).over("learner"))  # apart, so that none run together
FIRST = datetime(2021, 11, 24, tzinfo=timezone.utc)
ordered = in_order.join(nth, on=["learner", "session", "begin"]).with_columns(
    time=FIRST + pl.duration(days="day") + pl.col("begin") + pl.duration(microseconds="since")
)
ordered = ordered.sort("session", "time", "id")

# %% [markdown]
# Is this order the right one? Something else in the log must know: while a video plays, the clock and
# the position go on together.

# %%
stops = ["paused", "seeked", "completed", "terminated"]


def agreement(log: pl.DataFrame) -> tuple[int, float]:
    """Count plays followed by a stop, and the share where clock and position agree to two seconds."""
    neighbours = log.sort("session", "time", "id").with_columns(
        pl.col("verb", "position", "time").shift(-1).over("session").name.prefix("next_")
    )
    pairs = neighbours.filter(
        pl.col("verb") == "played",
        pl.col("next_verb").is_in(stops),
        pl.col("next_position") >= pl.col("position"),
    )
    clock = (pl.col("next_time") - pl.col("time")).dt.total_seconds(fractional=True)
    apart = (clock - (pl.col("next_position") - pl.col("position"))).abs()
    return pairs.height, pairs.select((apart <= 2).mean()).item()


as_dated_agrees, in_order_agrees = agreement(statements), agreement(ordered)
as_dated_agrees, in_order_agrees

# %% [markdown]
# In the order of the clock 42 % of the plays agree to two seconds, in the order of the dates 11 %.
# More can hardly be had: the file is a sample, where a pause and a play are missing in between the
# position stands still and the clock goes on. The days themselves are lost. So streaks, days, weeks
# and drop-off are not for this log, however readily they could be computed, and everything below is
# about sessions.
#
# ## How long do they sit, and what would the dates have told?

# %%
COLUMNS = statements.columns
GIVEN = kh.StudyTime(sessions="given")


def sitting(log: pl.DataFrame, rule: kh.StudyTime) -> dict[str, object]:
    sessions = kh.LearningData(log.select(COLUMNS), catalog=catalog).personal(study_time=rule).sessions()
    minutes = sessions["study_time"].dt.total_seconds(fractional=True) / 60
    return {
        "sessions": sessions.height,
        "single events": (sessions["events"] == 1).mean(),
        "hours in all": minutes.sum() / 60,
        "median minutes": minutes.median(),
        "90 % below": minutes.quantile(0.9, interpolation="nearest"),
    }


sittings = pl.DataFrame(
    [
        {"order": "as dated", **sitting(statements, kh.StudyTime())},
        {"order": "by the clock", **sitting(ordered, GIVEN)},
    ]
)
sittings

# %% [markdown]
# The dates would have told of 4,690 sessions and
# 302 hours; there are 1,833 sessions and 131 hours. Numbers do not look wrong by themselves.
#
# How sure? Of the order of magnitude. 38 % of the sessions have one statement left and count no time,
# so 131 hours are less than was spent. Half of the sessions stay under a minute: people look in.
#
# ## How much of a video do they watch?

# %%
personal = kh.LearningData(ordered.select(COLUMNS), catalog=catalog).personal(study_time=GIVEN)
video = personal.video()
known = pl.col("coverage").is_not_null()
coverage = (
    video.group_by("content")
    .agg(
        pl.len().alias("learners"),
        known.sum().alias("known"),
        pl.col("coverage").median(),
        pl.col("completed").mean().alias("watched_whole"),
        (pl.col("coverage") < 0.1).mean().alias("below_a_tenth"),
        pl.col("watch_time").dt.total_hours(fractional=True).sum().alias("hours"),
        pl.col("rewatch_share").mean(),
    )
    .sort("content")
)
coverage

# %% [markdown]
# In the middle they watch nearly all (0.91 to 1.00), and 43 to 71 % reach 95 %. 5 to 17 % leave within
# the first tenth, the 508 s video loses most. 117 pairs of learner and video have only plays that no
# statement closes: what those watched is unknown, and null, not 0.
#
# How sure? The player counts too: its `progress` is the share of the video watched so far in the
# session. Where a learner had one session with a video, it must be our coverage. (A `completed` is
# left out: it says 1 as soon as nearly all was watched.)

# %%
last_told = (
    ordered.drop_nulls("progress")
    .group_by("learner", "content", "session")
    .agg(pl.col("progress", "verb").last(), (pl.col("segments").is_not_null()).last().alias("told"))
)
once = ordered.group_by("learner", "content").agg(pl.col("session").n_unique()).filter(pl.col("session") == 1)
told = (
    last_told.join(once, on=["learner", "content"], how="semi")
    .filter(pl.col("verb") != "completed", "told")
    .join(video, on=["learner", "content"])
)
agrees = told.select(
    pl.len().alias("learners and videos"),
    ((pl.col("coverage") - pl.col("progress")).abs() <= 0.01).mean().alias("within 0.01"),
)
agrees

# %% [markdown]
# ## Which parts do they watch again, and where do they stop?
#
# `video_segments` tells how often each learner passed which steps of each video. `viewers` saw the step;
# `gone` is the share of those who saw any of the video and nothing from the step on (Kim et al. 2014);
# `again` are passes beyond the first.

# %%
segments = personal.video_segments(width="10s")
passes = segments.with_columns(second=pl.int_ranges("from_second", "to_second", step=10)).explode("second")
furthest = passes.group_by("learner", "content").agg(pl.col("second").max().alias("last"))
starters = furthest.group_by("content").len("starters")
steps = passes.group_by("content", "second").agg(
    pl.len().alias("viewers"), (pl.col("views") - 1).sum().alias("again")
)
reached = steps.join(furthest, on="content").filter(pl.col("last") >= pl.col("second"))
reached = reached.group_by("content", "second").len("reached")
watched = (
    steps.join(reached, on=["content", "second"])
    .join(starters, on="content")
    .with_columns(
        gone=1 - pl.col("reached") / pl.col("starters"), again_share=pl.col("again") / pl.col("viewers")
    )
    .sort("content", "second")
)
short = watched.filter(pl.col("content") == "254 s (b)").drop("content", "reached", "starters")
with pl.Config(tbl_rows=-1):
    print(short)

# %%
ends = (
    watched.group_by("content")
    .agg(
        pl.col("starters").first(),
        pl.col("gone").get(1).alias("gone_at_10_s"),
        pl.col("gone").get(pl.len() // 2).alias("gone_at_half"),
        pl.col("gone").last().alias("gone_at_the_end"),
        pl.col("second").get(pl.col("again").arg_max()).alias("most_again_at"),
        pl.col("again").max(),
    )
    .sort("content")
)
ends

# %% [markdown]
# In the first ten seconds 2 to 4 % are lost, by the middle 10 to 30 %. The last step is not seen by 35 to
# 71 %, which sounds worse than it is: of the 480 s video 60 % miss the last step and 40 % miss the 95 %
# that complete it, so a third of those who miss the end had no need of it. The 508 s video loses three
# in ten by its middle, twice as many as the 480 s one; with 118 and 168 starters the intervals are 22 to
# 38 % and 10 to 21 %.
#
# What is watched again lies at the start, in all five, and falls from there on: whoever comes back
# begins at 0. There is no peak at a hard passage, and with 6 to 40 repeats to a step none could be told
# from noise.
#
# ## Where do they go next?
#
# The days are lost, the hours are not: two sessions that follow one another by the clock may well be
# one evening. Put all sessions of a learner on one day, and see what follows what within 30 minutes.

# %%
one_day = ordered.with_columns(time=pl.col("time") - pl.duration(days="day"))
moves = (
    kh.LearningData(one_day.select(COLUMNS), catalog=catalog)
    .personal()
    .navigation()
    .drop_nulls(["source", "target"])
    .group_by("source", "target")
    .agg(pl.col("count").sum())
    .sort("count", descending=True)
)
forth, back = moves["count"][:2]
forth_share = kh.stats.wilson(forth, forth + back)
moves

# %% [markdown]
# From 254 s (b) to 579 s in 102 of 108 moves between the two (94 %, 95 % interval 88 to 97 %): they
# belong together, in this order, although no catalog says so. Had these been chance meetings of
# different days, both directions would be about as frequent. The other videos hardly meet: other weeks
# of the course, perhaps; the log does not say.
#
# ## What may be said to others about this course?

# %%
try:
    kh.LearningData(ordered.select(COLUMNS), catalog=catalog).reference_groups(by="course")
except kh.MissingTableError as error:
    refused = str(error)
refused

# %% [markdown]
# Nothing, from this log alone. Who was in the course is a fact of enrollment; a roster made from
# clicks would tell, of everybody on it, that they clicked. With the enrollments at hand, medians and
# distributions of `sessions`, `contents` or `completed` could be released as they were above.
