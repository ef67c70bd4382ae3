//! A space of its own for each course of a learner, or one for all of them.

use super::courses::Per;
use super::walk::{Learner, Walk};
use crate::data::ids::NONE;

/// What is gathered about one learner, by course (none first).
#[derive(Debug)]
pub(crate) struct Slots<T> {
    per: Per,
    slots: Vec<(u32, T)>,
}

impl<T: Default> Slots<T> {
    pub(crate) fn new(per: Per) -> Self {
        Self {
            per,
            slots: Vec::new(),
        }
    }

    /// The space of a course.
    pub(crate) fn of(&mut self, course: u32) -> &mut T {
        let key = match self.per {
            Per::Course => course,
            Per::Learner => NONE,
        };
        // No course comes first: NONE wraps to 0.
        let rank = |course: u32| course.wrapping_add(1);
        let at = match self.slots.binary_search_by_key(&rank(key), |s| rank(s.0)) {
            Ok(at) => at,
            Err(at) => {
                self.slots.insert(at, (key, T::default()));
                at
            }
        };
        #[expect(clippy::indexing_slicing, reason = "it was found or made there")]
        &mut self.slots[at].1
    }

    /// Makes a space for every course that a learner has anything to do with: by her enrollments
    /// known at `as_of` and her registrations. Her activity makes its own.
    pub(crate) fn enroll(&mut self, walk: &Walk<'_>, learner: &Learner<'_>) {
        for registration in learner.registrations {
            let course = walk.data.items.course.get(registration.item as usize);
            self.of(course.copied().unwrap_or(NONE));
        }
        for row in walk.data.facts.enrollments_of(learner.id) {
            if row.start.is_none_or(|start| start <= walk.as_of) {
                self.of(row.course);
            }
        }
    }

    /// Hands over what was gathered, in order, and is empty again.
    pub(crate) fn drain(&mut self) -> impl Iterator<Item = (u32, T)> + '_ {
        self.slots.drain(..)
    }
}
