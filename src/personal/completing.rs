//! When each content was completed by what an event says; watching is told apart from it.

#![expect(clippy::indexing_slicing, reason = "arrays have one entry per item")]

use super::completion::Completion;
use super::spells::known;
use super::walk::Learner;
use crate::data::ids::NONE;

/// A content that an event completed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Completed {
    pub(crate) item: u32,
    /// The time of the first such event.
    pub(crate) time: i64,
    /// When the first of them became known.
    pub(crate) known: i64,
}

/// Working space, reused from learner to learner.
#[derive(Debug, Default)]
pub(crate) struct Completing {
    /// The place in `all` of each item that has one there.
    places: Vec<u32>,
    all: Vec<Completed>,
}

impl Completing {
    /// Makes an entry for each content that an event of the learner completed.
    pub(super) fn fill(&mut self, learner: &Learner<'_>, rules: &Completion) {
        self.all.clear();
        self.places.resize(rules.items(), NONE);
        for (event, (time, item)) in learner.run.time.iter().zip(learner.run.item).enumerate() {
            let Some(rule) = rules.rule(*item) else {
                continue;
            };
            if !rule.met_by(learner.verb(event)) {
                continue;
            }
            let place = &mut self.places[*item as usize];
            // What completed it for the learner before stands there still.
            let before = self.all.get_mut(*place as usize);
            if let Some(before) = before.filter(|own| own.item == *item) {
                if before.known > *time {
                    before.known = before.known.min(known(learner, event));
                }
                continue;
            }
            *place = u32::try_from(self.all.len()).unwrap_or(NONE);
            self.all.push(Completed {
                item: *item,
                time: *time,
                known: known(learner, event),
            });
        }
    }

    /// The entries, by the time of the first event.
    pub(crate) fn all(&self) -> &[Completed] {
        &self.all
    }

    /// What completed an item.
    pub(crate) fn get(&self, item: u32) -> Option<&Completed> {
        let place = self.places.get(item as usize)?;
        let own = self.all.get(*place as usize);
        own.filter(|own| own.item == item)
    }
}
