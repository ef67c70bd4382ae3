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
#[derive(Debug, Clone)]
pub(crate) struct Completing {
    /// Learner and place in `all` of each item.
    places: Vec<(u32, u32)>,
    all: Vec<Completed>,
}

impl Completing {
    pub(crate) fn new(items: usize) -> Self {
        Self {
            places: vec![(NONE, 0); items],
            all: Vec::new(),
        }
    }

    /// Makes an entry for each content that an event of the learner completed.
    pub(crate) fn of(&mut self, learner: &Learner<'_>, rules: &Completion) {
        self.all.clear();
        for (event, item) in learner.run.item.iter().enumerate() {
            let Some(rule) = rules.rule(*item) else {
                continue;
            };
            let (owner, place) = &mut self.places[*item as usize];
            if *owner == learner.id && learner.run.received.is_none() {
                continue; // Events come by time, so the first one is the earliest known.
            }
            if !rule.met_by(learner.verb(event)) {
                continue;
            }
            let (time, known) = (learner.run.time[event], known(learner, event));
            if *owner == learner.id {
                let before = &mut self.all[*place as usize];
                before.known = before.known.min(known);
            } else {
                (*owner, *place) = (learner.id, u32::try_from(self.all.len()).unwrap_or(NONE));
                self.all.push(Completed {
                    item: *item,
                    time,
                    known,
                });
            }
        }
    }

    /// The entries made last.
    pub(crate) fn all(&self) -> &[Completed] {
        &self.all
    }

    /// What completed an item of the learner whose entries were made last.
    pub(crate) fn get(&self, learner: u32, item: u32) -> Option<&Completed> {
        let (owner, place) = self.places.get(item as usize)?;
        self.all.get(*place as usize).filter(|_| *owner == learner)
    }
}
