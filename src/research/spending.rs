//! The record of what was spent: lines of the ledger of releases.
//!
//! In memory it is one record for a set of learning data and everything derived from it; in a
//! file, one for all processes that open it. A line is on record, and on disk, before anything
//! is drawn, and of two that race for the rest one is refused.

use super::budget::{Budget, Loss, Spent};
use crate::Result;
use crate::data::{Job, Purpose};
use crate::group::{Book, Ledger, Line};

/// The record. Clones share it.
#[derive(Clone)]
pub(super) struct Spending(Ledger);

impl Spending {
    pub(super) fn new(ledger: Ledger) -> Self {
        Self(ledger)
    }

    /// Whether a release may be made, at this moment.
    ///
    /// # Errors
    /// [`crate::Error::BudgetSpent`], [`crate::Error::Ledger`].
    pub(super) fn allows(&self, asked: &Spent, job: Option<&Job>) -> Result<()> {
        self.0.transact(job, |book| sum(book).allows(asked))
    }

    /// Checks and records in one transaction.
    ///
    /// # Errors
    /// [`crate::Error::BudgetSpent`], and nothing is recorded; [`crate::Error::Ledger`], and
    /// nothing may be drawn.
    pub(super) fn spend(&self, asked: &Spent, note: String, job: Option<&Job>) -> Result<()> {
        self.0.transact(job, |book| {
            sum(book).allows(asked)?;
            book.spend(line(asked, note));
            Ok(())
        })
    }

    /// What is left for a purpose in a year.
    ///
    /// # Errors
    /// [`crate::Error::Ledger`].
    pub(super) fn left(&self, purpose: Purpose, year: i16) -> Result<Loss> {
        self.0
            .transact(None, |book| Ok(sum(book).left(purpose, year)))
    }
}

/// What the lines on record add up to.
fn sum(book: &Book) -> Budget {
    let mut budget = Budget::default();
    for line in book.spent() {
        let purpose = Purpose::parse(&line.purpose);
        let year = i16::try_from(line.year).ok();
        if let (Some(purpose), Some(year)) = (purpose, year) {
            let loss = Loss {
                epsilon: units(line.epsilon, PER_EPSILON),
                delta: units(line.delta, PER_DELTA),
            };
            budget.note(&Spent {
                purpose,
                year,
                loss,
            });
        }
    }
    budget
}

/// Of a whole, as many make 1.
const PER_EPSILON: u64 = 1_000_000;
const PER_DELTA: u64 = 1_000_000_000_000;

fn line(asked: &Spent, note: String) -> Line {
    Line {
        purpose: asked.purpose.word().to_string(),
        year: i32::from(asked.year),
        epsilon: lowest(asked.loss.epsilon, PER_EPSILON),
        delta: lowest(asked.loss.delta, PER_DELTA),
        note,
    }
}

/// A fraction in lowest terms.
fn lowest(units: u64, per: u64) -> (u64, u64) {
    let (mut a, mut b) = (units, per);
    while b > 0 {
        (a, b) = (b, a % b);
    }
    (units / a.max(1), per / a.max(1))
}

/// A fraction in units, rounded up: what is on record counts in full.
fn units((over, under): (u64, u64), per: u64) -> u64 {
    let whole = (u128::from(over) * u128::from(per)).div_ceil(u128::from(under.max(1)));
    u64::try_from(whole).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};

    use proptest::prelude::*;

    use super::super::budget::LIMIT;
    use super::*;

    fn asked(epsilon: f64, delta: f64) -> Spent {
        Spent {
            purpose: Purpose::Research,
            year: 2026,
            loss: Loss::new(epsilon, delta).unwrap(),
        }
    }

    #[test]
    fn threads_that_race_for_the_budget_never_exceed_it() {
        for _ in 0..50 {
            let spending = Spending::new(Ledger::in_memory());
            let through = AtomicU32::new(0);
            std::thread::scope(|scope| {
                for _ in 0..8 {
                    scope.spawn(|| {
                        for _ in 0..40 {
                            let line = asked(0.03, 0.0);
                            if spending.spend(&line, String::new(), None).is_ok() {
                                through.fetch_add(1, Ordering::Relaxed);
                            }
                        }
                    });
                }
            });
            assert_eq!(through.into_inner(), 33);
            let left = spending.left(Purpose::Research, 2026).unwrap();
            assert_eq!(left.epsilon, 10_000);
        }
    }

    #[test]
    fn what_others_put_on_record_counts_in_full() {
        let ledger = Ledger::in_memory();
        let third = Line {
            epsilon: (1, 3),
            delta: (1, 3_000_000),
            ..line(&asked(0.5, 0.0), "by another engine".into())
        };
        let other = Line {
            purpose: "training".into(),
            ..third.clone()
        };
        let put = |book: &mut Book| -> Result<()> {
            for line in [third, other] {
                book.spend(line);
            }
            Ok(())
        };
        ledger.transact(None, put).unwrap();
        let left = Spending::new(ledger).left(Purpose::Research, 2026).unwrap();
        assert_eq!((left.epsilon, left.delta), (666_666, 666_666));
    }

    proptest! {
        #[test]
        fn a_line_on_record_is_what_was_spent(
            epsilon in 1..=LIMIT.epsilon, delta in 0..=LIMIT.delta,
        ) {
            let loss = Loss { epsilon, delta };
            let line = line(&Spent { loss, ..asked(0.5, 0.0) }, String::new());
            prop_assert_eq!(units(line.epsilon, PER_EPSILON), epsilon);
            prop_assert_eq!(units(line.delta, PER_DELTA), delta);
        }
    }
}
