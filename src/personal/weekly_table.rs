//! The weekly features of Taylor, Veeramachaneni & O'Reilly 2014 ("Likely to stop? Predicting
//! stopout in massive open online courses", arXiv:1408.3382) as a table.

use polars::prelude::*;

use super::PersonalAnalytics;
use super::assessments::check;
use super::frames::{flags, frame, numbers, spans, times, wholes};
use super::grid::Grid;
use super::participation::{has, has_verbs};
use super::splits;
use super::weekly::{Asked, Week, Weeks};
use crate::data::lanes::Field;
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
    /// or the end of the course: `learner, course, week, at, events, event_time_variance,
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
        let grid = Grid::weeks(week);
        let walk = self.walk();
        let data = walk.data;
        let asked = Asked::new(data, grid, pass_mark);
        let found = walk.each(|| Weeks::new(&walk, &asked), Weeks::visit)?;
        let rows: Option<Vec<Week>> = found.into_iter().collect();
        let rows = rows.ok_or_else(|| Grid::too_many("as_of"))?;
        let (minutes, verbs) = (walk.has_minutes(), has_verbs(data));
        let known = data.items.known;
        let kinds = minutes && known;
        // Attempts are told by verbs or by results.
        let tried = [Field::Verb, Field::Score, Field::Success];
        let tried = tried.iter().any(|field| has(data, *field));
        let column = |of: fn(&Week) -> u32| -> Vec<u32> { rows.iter().map(of).collect() };
        let count =
            |name: &str, of: fn(&Week) -> u32| wholes(name, rows.iter().map(|r| Some(of(r))));
        let told = |name: &str, of: fn(&Week) -> u32| {
            let counts = rows.iter().map(|r| verbs.then(|| of(r)));
            wholes(name, counts)
        };
        let submitted = |name: &str, of: fn(&Week) -> u32| {
            let counts = rows.iter().map(|r| tried.then(|| of(r)));
            wholes(name, counts)
        };
        let judged = |name: &str, of: fn(&Week) -> Option<f64>| {
            let shares = rows.iter().map(|r| of(r).filter(|_| tried));
            numbers(name, shares)
        };
        let number = |name: &str, of: fn(&Week) -> Option<f64>| numbers(name, rows.iter().map(of));
        let span = |name: &str, shown: bool, of: fn(&Week) -> Option<i64>| {
            let lengths = rows.iter().map(|r| of(r).filter(|_| shown));
            spans(name, lengths)
        };
        frame(
            rows.len(),
            vec![
                data.learner_column(&column(|r| r.learner)),
                data.course_column(&column(|r| r.course)),
                grid.column("week", rows.iter().map(|r| r.label)),
                times(data, "at", rows.iter().map(|r| r.at))?,
                count("events", |r| r.events),
                number("event_time_variance", |r| r.event_time_variance),
                span("study_time", minutes, |r| Some(r.study_time)),
                span("video_time", kinds, |r| Some(r.video_time)),
                span("reading_time", kinds, |r| Some(r.reading_time)),
                span("longest_event", minutes, |r| {
                    Some(r.longest).filter(|longest| *longest > 0)
                }),
                told("posts", |r| r.posts),
                told("replies", |r| r.replies),
                told("collaborations", |r| r.posts + r.replies + r.comments),
                submitted("problems", |r| r.problems),
                submitted("submissions", |r| r.submissions),
                number("submissions_per_problem", |r| {
                    share(r.submissions, r.problems)
                }),
                submitted("problems_correct", |r| r.problems_correct),
                number("problems_per_correct", |r| {
                    share(r.problems, r.problems_correct)
                }),
                span("study_time_per_correct", minutes, |r| {
                    each(r.study_time, r.problems_correct)
                }),
                span("time_to_solve", minutes, |r| each(r.solving, r.problems)),
                submitted("submissions_correct", |r| r.submissions_correct),
                number("submissions_correct_share", |r| {
                    share(r.submissions_correct, r.submissions)
                }),
                wholes("due", rows.iter().map(|r| known.then_some(r.due))),
                wholes(
                    "due_correct",
                    rows.iter()
                        .map(|r| (known && tried).then_some(r.due_correct)),
                ),
                judged("due_correct_share", Week::due_share),
                judged("due_correct_change", |r| r.due_change),
                span("time_before_due", true, |r| each(r.before_due, r.dated)),
                flags("stopped_out", rows.iter().map(|r| r.stopped_out)),
            ],
        )
    }
}
