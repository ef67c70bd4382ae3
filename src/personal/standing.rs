//! The courses a learner stands in: with an event of hers, or an enrollment, known at `as_of`.

use super::walk::{Learner, Walk};
use crate::data::ids::NONE;

/// The measure: working space reused from learner to learner.
pub(crate) struct Standing<'a> {
    walk: &'a Walk<'a>,
    courses: Vec<u32>,
}

impl<'a> Standing<'a> {
    pub(crate) fn new(walk: &'a Walk<'a>) -> Self {
        Self {
            walk,
            courses: Vec::new(),
        }
    }

    /// A learner's courses in order, none ([`NONE`]) first.
    pub(crate) fn courses(&mut self, learner: &Learner<'_>) -> &[u32] {
        let data = self.walk.data;
        self.courses.clear();
        let registered = learner.registrations.iter().map(|r| r.item);
        let mut last = NONE - 1;
        for item in registered.chain(learner.run.item.iter().copied()) {
            let course = data.items.course.get(item as usize).copied();
            let course = course.unwrap_or(NONE);
            if course != last && !self.courses.contains(&course) {
                self.courses.push(course);
            }
            last = course;
        }
        for row in data.facts.enrollments_of(learner.id) {
            let begun = row.start.is_none_or(|start| start <= self.walk.as_of);
            if begun && !self.courses.contains(&row.course) {
                self.courses.push(row.course);
            }
        }
        self.courses
            .sort_unstable_by_key(|course| course.wrapping_add(1));
        &self.courses
    }
}
