//! A catalog made from the log itself, for logs that come without one.

use polars::prelude::*;
use rayon::prelude::*;

use super::LearningData;
use super::ids::NONE;
use super::runs::Run;
use super::schema::Verb;
use crate::error::{Error, Result};

/// Learners that engaged with each item, and learners active in each course.
struct Reach {
    items: Vec<u32>,
    courses: Vec<u32>,
}

impl LearningData {
    /// A catalog of the contents that at least `min_learners` learners, and at least
    /// `min_share` of the learners active in the course, engaged with: `content, course,
    /// derived`.
    ///
    /// It is an explicit table to look at, extend and pass as `catalog`. What the log does not
    /// show is not in it, so progress over it measures what others did; reference groups
    /// therefore refuse progress over a derived catalog. What is studied outside courses is in
    /// none: progress is counted within a course.
    ///
    /// # Errors
    /// [`Error::Parameter`] for a share outside 0..1; [`Error::Schema`] if all that was studied
    /// is outside courses.
    pub fn derive_catalog(&self, min_share: f64, min_learners: u32) -> Result<DataFrame> {
        if !(0.0..=1.0).contains(&min_share) {
            return Err(Error::parameter("min_share", "in 0..1", min_share));
        }
        let inner = &self.inner;
        let items = &inner.items;
        let empty = || Reach {
            items: vec![0; items.len()],
            courses: vec![0; inner.courses.len()],
        };
        let reach = inner
            .partitions
            .par_iter()
            .fold(empty, |mut reach, partition| {
                for (_, run) in partition.runs() {
                    count(&run, &items.course, &mut reach);
                }
                reach
            })
            .reduce(empty, |mut a, b| {
                let add = |to: &mut [u32], from: &[u32]| {
                    for (to, from) in to.iter_mut().zip(from) {
                        *to += from;
                    }
                };
                add(&mut a.items, &b.items);
                add(&mut a.courses, &b.courses);
                a
            });
        let studied = |inside: bool| {
            let mut reached = items.course.iter().zip(&reach.items);
            reached.any(|(course, learners)| (*course != NONE) == inside && *learners > 0)
        };
        if studied(false) && !studied(true) {
            return Err(Error::schema(
                "events",
                "no event has a `course`, and a catalog lists the contents of courses; if all are \
                 of one course, add the column: events.with_columns(course=pl.lit(\"C1\"))",
            ));
        }
        let kept: Vec<u32> = (0_u32..)
            .zip(items.course.iter().zip(&reach.items))
            .filter(|(_, (course, learners))| {
                let active = reach.courses.get(**course as usize).copied().unwrap_or(0);
                **course != NONE
                    && **learners >= min_learners
                    && f64::from(**learners) >= min_share * f64::from(active)
            })
            .map(|(item, _)| item)
            .collect();
        let courses: Vec<u32> = kept
            .iter()
            .filter_map(|item| items.course.get(*item as usize).copied())
            .collect();
        Ok(DataFrame::new(
            kept.len(),
            vec![
                inner.content_column("content", &kept),
                inner.course_column(&courses),
                Column::new("derived".into(), vec![true; kept.len()]),
            ],
        )?)
    }
}

/// Counts one learner once for each item she engaged with and each course she was active in.
fn count(run: &Run<'_>, course_of: &[u32], reach: &mut Reach) {
    let engaged = |event: usize| {
        let verb = run.verb.and_then(|verbs| verbs.get(event)).copied();
        let verb = verb.and_then(|code| Verb::ALL.get(usize::from(code)));
        verb.is_none_or(|verb| verb.is_engagement())
    };
    let items = run.item.iter().enumerate();
    let mut own: Vec<u32> = items
        .filter(|(event, _)| engaged(*event))
        .map(|(_, item)| *item)
        .collect();
    own.sort_unstable();
    own.dedup();
    // Items of a course stand together.
    let mut last = NONE;
    for item in own {
        let course = course_of.get(item as usize).copied().unwrap_or(NONE);
        if let Some(learners) = reach.items.get_mut(item as usize) {
            *learners += 1;
        }
        if course != last {
            last = course;
            if let Some(learners) = reach.courses.get_mut(course as usize) {
                *learners += 1;
            }
        }
    }
}
