//! Who keeps the record of what was spent. In memory, one record for a set of learning data
//! and everything derived from it; a line is on record before anything is drawn.

use std::sync::{Arc, Mutex, PoisonError};

use super::budget::{Budget, Loss, Spent};
use crate::Result;
use crate::data::Purpose;

/// The record. Clones share it.
#[derive(Clone, Default)]
pub(super) struct Spending(Arc<Mutex<Budget>>);

impl Spending {
    /// Whether a release may be made, at this moment.
    ///
    /// # Errors
    /// [`crate::Error::BudgetSpent`].
    pub(super) fn allows(&self, asked: &Spent) -> Result<()> {
        self.open(|budget| budget.allows(asked))
    }

    /// Checks and records in one step: of two that race for the rest, one is refused.
    ///
    /// # Errors
    /// [`crate::Error::BudgetSpent`], and nothing is recorded.
    pub(super) fn spend(&self, asked: &Spent) -> Result<()> {
        self.open(|budget| budget.spend(asked))
    }

    /// What is left for a purpose in a year.
    pub(super) fn left(&self, purpose: Purpose, year: i16) -> Loss {
        self.open(|budget| budget.left(purpose, year))
    }

    fn open<T>(&self, act: impl FnOnce(&mut Budget) -> T) -> T {
        act(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};

    use super::*;

    #[test]
    fn threads_that_race_for_the_budget_never_exceed_it() {
        for _ in 0..50 {
            let spending = Spending::default();
            let through = AtomicU32::new(0);
            std::thread::scope(|scope| {
                for _ in 0..8 {
                    scope.spawn(|| {
                        for _ in 0..40 {
                            let asked = Spent {
                                purpose: Purpose::Research,
                                year: 2026,
                                loss: Loss::new(0.03, 0.0).unwrap(),
                            };
                            if spending.spend(&asked).is_ok() {
                                through.fetch_add(1, Ordering::Relaxed);
                            }
                        }
                    });
                }
            });
            assert_eq!(through.into_inner(), 33);
            assert_eq!(spending.left(Purpose::Research, 2026).epsilon, 10_000);
        }
    }
}
