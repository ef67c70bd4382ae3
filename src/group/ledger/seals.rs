//! Sealed answers: what was answered first to a question about an ended period. The bytes hang
//! in the chain like rosters, and nothing takes them back.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::book::Book;
use super::entry::{Asked, Entry};
use crate::{Error, Result};

/// A sealed answer.
#[derive(Clone)]
pub(in crate::group) struct Seal {
    /// What was returned.
    pub(in crate::group) bytes: Arc<[u8]>,
    /// Events of the period that were known then.
    pub(in crate::group) events: u64,
}

/// All of them, by scope and question.
#[derive(Default)]
pub(super) struct Seals {
    all: BTreeMap<(String, String), Seal>,
    /// The calendar of every period.
    zone: Option<String>,
}

impl Seals {
    /// Takes in a seal; `false` if the question has one, or the period is of another calendar.
    pub(super) fn keep(&mut self, asked: &Asked, bytes: &[u8]) -> bool {
        let seal = Seal {
            bytes: Arc::from(bytes),
            events: asked.events,
        };
        let zone = self.zone.get_or_insert_with(|| asked.zone.clone());
        let key = (asked.scope.clone(), asked.question.clone());
        *zone == asked.zone && self.all.insert(key, seal).is_none()
    }
}

impl Book {
    /// What was answered to a question, if it was asked before.
    pub(in crate::group) fn sealed(&self, scope: &str, question: &str) -> Option<Seal> {
        let key = (scope.to_string(), question.to_string());
        self.seals.all.get(&key).cloned()
    }

    /// Every answer of a scope.
    pub(in crate::group) fn sealed_in(&self, scope: &str) -> Vec<Seal> {
        let from = (scope.to_string(), String::new());
        let all = self.seals.all.range(from..);
        let own = all.take_while(|((at, _), _)| at == scope);
        own.map(|(_, seal)| seal.clone()).collect()
    }

    /// Seals an answer, and hands back the one that stands: that of whoever was first.
    ///
    /// # Errors
    /// [`Error::Policy`] if periods under this ledger are of another calendar.
    pub(in crate::group) fn seal(&mut self, asked: Asked, bytes: Vec<u8>) -> Result<Seal> {
        if let Some(first) = self.sealed(&asked.scope, &asked.question) {
            return Ok(first);
        }
        if let Some(zone) = self.seals.zone.as_ref().filter(|zone| **zone != asked.zone) {
            return Err(Error::Policy(format!(
                "periods under this ledger are those of {zone}, here they are those of {}: weeks \
                 that overlap would show what lies between them",
                asked.zone
            )));
        }
        self.seals.keep(&asked, &bytes);
        let seal = Seal {
            bytes: Arc::from(bytes.as_slice()),
            events: asked.events,
        };
        self.append(&Entry::Seal(asked), bytes);
        Ok(seal)
    }
}
