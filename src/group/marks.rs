//! A note beside each of some learners, found by her number. A map would hash every learner of
//! every course for each plan; this is one vector for all of them, wiped after use.

use crate::data::ids::NONE;

/// Notes by learner.
#[derive(Default)]
pub(super) struct Marks {
    of: Vec<u32>,
    marked: Vec<u32>,
}

impl Marks {
    /// Notes something beside some learners, in place of what was there.
    pub(super) fn set(&mut self, learners: &[u32], note: u32) {
        for learner in learners {
            let at = *learner as usize;
            if self.of.len() <= at {
                self.of.resize(at + 1, NONE);
            }
            if let Some(slot) = self.of.get_mut(at) {
                *slot = note;
            }
        }
        self.marked.extend(learners);
    }

    /// What is noted beside a learner.
    pub(super) fn get(&self, learner: u32) -> Option<u32> {
        let note = self.of.get(learner as usize).copied();
        note.filter(|note| *note != NONE)
    }

    /// Wipes all notes, whose room stays.
    pub(super) fn wipe(&mut self) {
        for learner in self.marked.drain(..) {
            if let Some(slot) = self.of.get_mut(learner as usize) {
                *slot = NONE;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn notes_are_there_until_they_are_wiped() {
        let mut marks = Marks::default();
        marks.set(&[2, 7], 0);
        marks.set(&[7], 3);
        let all = |marks: &Marks| [0, 2, 7, 8].map(|learner| marks.get(learner));
        assert_eq!(all(&marks), [None, Some(0), Some(3), None]);
        marks.wipe();
        assert_eq!(all(&marks), [None; 4]);
        marks.set(&[8], 5);
        assert_eq!(all(&marks), [None, None, None, Some(5)]);
    }
}
