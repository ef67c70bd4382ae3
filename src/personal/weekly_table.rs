//! The weekly features of Taylor, Veeramachaneni & O'Reilly 2014 ("Likely to stop? Predicting
//! stopout in massive open online courses", arXiv:1408.3382) as a table.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use polars::prelude::*;

use super::PersonalAnalytics;
use super::assessments::check;
use super::frames::{Rows, SPAN, counts, flags, frame, instants, lengths, nothing, numbers, spans};
use super::grid::Grid;
use super::measure::Measure;
use super::participation::has_verbs;
use super::splits;
use super::walk::Walk;
use super::weekly::{Asked, Block, More, Weeks, attempted};
use crate::data::Inner;
use crate::error::Result;

/// What is null in a log of days.
pub(crate) const BY_MINUTES: &[&str] = &[
    "video_time",
    "reading_time",
    "longest_event",
    "study_time_per_correct",
    "time_to_solve",
];
/// What is null without a catalog.
pub(crate) const BY_CATALOG: &[&str] = &["video_time", "reading_time", "due", "due_correct"];

/// A part of a number, if there is any.
fn share(part: u32, whole: u32) -> Option<f64> {
    (whole > 0).then(|| f64::from(part) / f64::from(whole))
}

/// A length of time for each of a number, if there is any; rounded down.
fn each(length: i64, number: u32) -> Option<i64> {
    (number > 0).then(|| length.div_euclid(i64::from(number)))
}

impl PersonalAnalytics {
    /// One row per learner, course and week, from her first activity or enrollment until `as_of`
    /// or the end of the course, in one without an end until her last activity: `learner, course, week, at, events, event_time_variance,
    /// study_time, video_time, reading_time, longest_event, posts, replies, collaborations,
    /// problems, submissions, submissions_per_problem, problems_correct, problems_per_correct,
    /// study_time_per_correct, time_to_solve, submissions_correct, submissions_correct_share,
    /// due, due_correct, due_correct_share, due_correct_change, time_before_due, stopped_out`.
    ///
    /// All but `stopped_out`, the outcome, is as it was known at the end of the week.
    ///
    /// # Errors
    /// [`crate::Error::Parameter`] for a pass mark outside 0..1 and for more than 10 000 weeks,
    /// [`crate::Error::Cancelled`].
    pub fn weekly_features(&self, week: splits::Week, pass_mark: Option<f64>) -> Result<DataFrame> {
        check(pass_mark)?;
        let walk = self.walk();
        walk.table(measure(&walk, week, pass_mark))
    }
}

pub(super) fn measure<'a>(
    walk: &'a Walk<'a>,
    week: splits::Week,
    pass_mark: Option<f64>,
) -> Measure<'a> {
    let grid = Grid::weeks(week);
    let asked = Arc::new(Asked::new(walk.data, grid, pass_mark));
    let started = Arc::clone(&asked);
    let start = move || Weeks::new(walk, Arc::clone(&started));
    let finish = move |blocks: &Rows<Block>| {
        if asked.too_many.load(Ordering::Relaxed) {
            return Err(Grid::too_many("as_of"));
        }
        let none = Block::default();
        let block = blocks.iter().next().unwrap_or(&none);
        table(walk.data, grid, walk.has_minutes(), block)
    };
    Measure::new(start, Weeks::visit, finish)
}

fn table(data: &Inner, grid: Grid, minutes: bool, block: &Block) -> Result<DataFrame> {
    let Block { rows, more } = block;
    let height = rows.len();
    let known = data.items.known;
    let verbs = has_verbs(data);
    let kinds = minutes && known;
    let tried = attempted(data);
    // Nothing where nothing can be known: a column without a reader costs no row.
    let told = |name: &str, shown: bool, of: fn(&More) -> u32| {
        if !shown {
            return nothing(name, &DataType::UInt32, height);
        }
        counts(name, more.all(of))
    };
    let number = |name: &str, shown: bool, of: fn(&More) -> Option<f64>| {
        if !shown {
            return nothing(name, &DataType::Float64, height);
        }
        numbers(name, more.iter().map(of))
    };
    let span = |name: &str, shown: bool, of: fn(&More) -> Option<i64>| {
        if !shown {
            return nothing(name, &SPAN, height);
        }
        spans(name, more.iter().map(of))
    };
    let learners = rows.all(|r| r.learner);
    let courses = rows.all(|r| r.course);
    let labels = rows.all(|r| r.label);
    let ats = rows.all(|r| r.at);
    let events = rows.all(|r| r.events);
    let variances = rows.all(|r| Some(r.event_time_variance).filter(|v| !v.is_nan()));
    let lasting = rows.all(|r| r.study_time);
    let longest = rows.all(|r| Some(r.longest).filter(|longest| *longest > 0));
    let study_time = if minutes {
        lengths("study_time", lasting)
    } else {
        nothing("study_time", &SPAN, height)
    };
    let per_correct = if minutes && tried {
        let both = rows.iter().zip(more.iter());
        let per = both.map(|(r, m)| each(r.study_time, m.problems_correct));
        spans("study_time_per_correct", per)
    } else {
        nothing("study_time_per_correct", &SPAN, height)
    };
    let stopped = if tried {
        flags("stopped_out", more.iter().map(|m| m.stopped_out))
    } else {
        nothing("stopped_out", &DataType::Boolean, height)
    };
    frame(
        height,
        vec![
            data.learner_column(&learners),
            data.course_column(&courses),
            grid.column("week", labels),
            instants(data, "at", ats)?,
            counts("events", events),
            numbers("event_time_variance", variances.into_iter()),
            study_time,
            span("video_time", kinds, |m| Some(m.video_time)),
            span("reading_time", kinds, |m| Some(m.reading_time)),
            if minutes {
                spans("longest_event", longest.into_iter())
            } else {
                nothing("longest_event", &SPAN, height)
            },
            told("posts", verbs, |m| m.posts),
            told("replies", verbs, |m| m.replies),
            told("collaborations", verbs, |m| {
                m.posts + m.replies + m.comments
            }),
            told("problems", tried, |m| m.problems),
            told("submissions", tried, |m| m.submissions),
            number("submissions_per_problem", tried, |m| {
                share(m.submissions, m.problems)
            }),
            told("problems_correct", tried, |m| m.problems_correct),
            number("problems_per_correct", tried, |m| {
                share(m.problems, m.problems_correct)
            }),
            per_correct,
            span("time_to_solve", minutes && tried, |m| {
                each(m.solving, m.problems)
            }),
            told("submissions_correct", tried, |m| m.submissions_correct),
            number("submissions_correct_share", tried, |m| {
                share(m.submissions_correct, m.submissions)
            }),
            told("due", known, |m| m.due),
            told("due_correct", known && tried, |m| m.due_correct),
            number("due_correct_share", known && tried, More::due_share),
            number("due_correct_change", known && tried, |m| m.due_change),
            span("time_before_due", tried, |m| each(m.before_due, m.dated)),
            stopped,
        ],
    )
}
