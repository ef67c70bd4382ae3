//! Pace: how far a learner is ahead of the course's schedule, or behind it.

#![expect(
    clippy::indexing_slicing,
    reason = "courses index an array made for all of them"
)]

use polars::prelude::{DataFrame, DataType};

use super::frames::{frame, nothing, numbers, phrases, same};
use super::summary::{NO_CATALOG, Records};
use super::{PersonalAnalytics, Table};
use crate::data::Inner;
use crate::data::ids::NONE;
use crate::error::Result;

/// Which share of the available required contents should be completed at `as_of`, by course
/// (index 0 is "no course"); `None` without a schedule.
///
/// A content is due at its `due`; in a course without due dates, when the next contents are
/// released, and the last ones when the course ends.
fn expected(data: &Inner, as_of: i64) -> Vec<Option<f64>> {
    #[derive(Default, Clone)]
    struct Schedule {
        /// Release and due date of each required content.
        required: Vec<(Option<i64>, Option<i64>)>,
    }
    let mut courses = vec![Schedule::default(); data.courses.len() + 1];
    for (course, entry) in data.items.course.iter().zip(&data.items.entry) {
        if let Some(entry) = entry.as_ref().filter(|entry| entry.required) {
            let own = &mut courses[course.wrapping_add(1) as usize];
            own.required.push((entry.available_from, entry.due));
        }
    }
    let share = |(course, schedule): (usize, &Schedule)| {
        let ends = u32::try_from(course)
            .ok()
            .and_then(|course| course.checked_sub(1))
            .and_then(|course| data.ends(course));
        let dated = schedule.required.iter().any(|(_, due)| due.is_some());
        let mut releases: Vec<i64> = schedule.required.iter().filter_map(|r| r.0).collect();
        releases.sort_unstable();
        releases.dedup();
        if !dated && releases.len() < 2 {
            return None;
        }
        let deadline = |(release, due): (Option<i64>, Option<i64>)| {
            let next = || {
                let later = releases.partition_point(|other| Some(*other) <= release);
                releases.get(later).copied().filter(|_| release.is_some())
            };
            if dated { due } else { next() }.or(ends)
        };
        let available = |r: &&(Option<i64>, Option<i64>)| r.0.is_none_or(|from| from <= as_of);
        let open: Vec<_> = schedule.required.iter().filter(available).collect();
        let due = open
            .iter()
            .filter(|own| deadline(***own).is_some_and(|deadline| deadline <= as_of));
        let due = due.count();
        (!open.is_empty()).then(|| due as f64 / open.len() as f64)
    };
    courses.iter().enumerate().map(share).collect()
}

/// `learner, course, progress, expected, pace, reason`, from the records of a pass by course.
pub(super) fn table(records: &Records<'_>) -> Result<DataFrame> {
    let data = records.data;
    if !data.items.known {
        let height = records.len();
        let null = |name: &str| nothing(name, &DataType::Float64, height);
        return frame(
            height,
            vec![
                records.learners(),
                records.courses(),
                null("progress"),
                null("expected"),
                null("pace"),
                same("reason", NO_CATALOG, height),
            ],
        );
    }
    let schedule = expected(data, records.as_of);
    let expected = |course: u32| schedule[course.wrapping_add(1) as usize];
    let rows: Vec<_> = records
        .rows()
        .map(|own| {
            let known = own.course != NONE;
            (
                own,
                records.progress(own),
                expected(own.course).filter(|_| known),
            )
        })
        .collect();
    let learners: Vec<u32> = rows.iter().map(|(own, ..)| own.learner).collect();
    let courses: Vec<u32> = rows.iter().map(|(own, ..)| own.course).collect();
    let pace = |progress: Option<f64>, expected: Option<f64>| Some(progress? - expected?);
    let reason = |progress: Option<f64>, expected: Option<f64>| match (progress, expected) {
        (None, _) => Some("no required content is available"),
        (_, None) => Some("no due or release dates in the catalog"),
        _ => None,
    };
    frame(
        rows.len(),
        vec![
            data.learner_column(&learners),
            data.course_column(&courses),
            numbers("progress", rows.iter().map(|(_, progress, _)| *progress)),
            numbers("expected", rows.iter().map(|(.., expected)| *expected)),
            numbers("pace", rows.iter().map(|(_, p, e)| pace(*p, *e))),
            phrases("reason", rows.iter().map(|(_, p, e)| reason(*p, *e)))?,
        ],
    )
}

impl PersonalAnalytics {
    /// `learner, course, progress, expected, pace, reason`: progress less what the schedule
    /// expects at `as_of`; above 0 is ahead. The schedule is the catalog's due dates; in a course
    /// without any, what is released is expected when the next contents are released, and the
    /// last ones when the course ends. Null without a catalog or a schedule.
    ///
    /// # Errors
    /// [`crate::Error::Cancelled`] if the job is stopped.
    pub fn pace(&self) -> Result<DataFrame> {
        self.alone(Table::Pace)
    }
}
