//! Making all tables of a period at once: what is read from the log for several of them is read
//! once for all courses, and then every table of every course is made beside the others.

use std::sync::Arc;

use rayon::prelude::*;

use super::bundle::Sealable;
use super::older::Older;
use super::question::Question;
use super::sealing::Cut;
use super::{ReferenceGroups, release};
use crate::Result;

/// How many events a table counts as, where progress is told.
const TABLE: usize = 10_000;

impl ReferenceGroups {
    /// The answers about each of some courses, as they are sealed.
    pub(super) fn make(
        &self,
        cut: &Cut,
        courses: &[Self],
        olders: &[Vec<Older>],
        questions: &[Question],
    ) -> Result<Vec<Vec<Sealable>>> {
        // Here and not by the first table that needs them: others would wait in the midst of it.
        let made = Some(Arc::new(self.trails(questions)?));
        if questions.iter().any(Question::is_of_attempts) {
            self.assessed()?;
        }
        let own = courses.iter().map(|course| Self {
            made: made.clone(),
            assessed: Arc::clone(&self.assessed),
            ..course.clone()
        });
        let own: Vec<Self> = own.collect();
        let tasks: Vec<(&Self, &Vec<Older>, &Question)> = own
            .iter()
            .zip(olders)
            .flat_map(|(own, olders)| questions.iter().map(move |q| (own, olders, q)))
            .collect();
        if let Some(job) = &self.job {
            job.expect(TABLE.saturating_mul(tasks.len()));
        }
        let task = |(own, olders, question): &(&Self, &Vec<Older>, &Question)| {
            let made = release::dated(question.make(own)?, cut.last_moment())?;
            let made = own.with_older(question, made, olders)?;
            if let Some(job) = &self.job {
                job.advance(TABLE)?;
            }
            Sealable::new(question.name(), made)
        };
        let made: Vec<Sealable> = tasks.par_iter().map(task).collect::<Result<_>>()?;
        let mut made = made.into_iter();
        let own = courses.iter().map(|_| {
            let next = made.by_ref();
            next.take(questions.len()).collect()
        });
        Ok(own.collect())
    }
}
