//! The budget: how much about any one learner may leave, per purpose and year.
//!
//! A pure fold over what was spent. Losses add up (sequential composition), in whole
//! millionths of epsilon and whole trillionths (1e-12) of delta, so sums are exact.

use std::collections::BTreeMap;

use crate::data::Purpose;
use crate::{Error, Result};

/// Epsilon is counted in these: 0.000001.
const PER_EPSILON: f64 = 1e6;
/// Delta is counted in these: 0.000000000001.
const PER_DELTA: f64 = 1e12;

/// What a release costs every learner at most.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Loss {
    /// In millionths.
    pub(super) epsilon: u64,
    /// In trillionths.
    pub(super) delta: u64,
}

/// What may be lost per purpose and year: epsilon 1, delta 0.000001.
pub(super) const LIMIT: Loss = Loss {
    epsilon: 1_000_000,
    delta: 1_000_000,
};

impl Loss {
    /// A loss as a user writes it.
    ///
    /// # Errors
    /// [`Error::Parameter`] beyond what a year has, or for finer steps than are counted.
    pub(super) fn new(epsilon: f64, delta: f64) -> Result<Self> {
        let whole = |value: f64, per: f64, least: f64, most: u64| {
            let units = (value * per).round();
            let counted = (value * per - units).abs() <= 1e-6 * units.max(1.0);
            let within = units >= least && units <= most as f64;
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "whole, and within the limits of a year"
            )]
            let units = (counted && within).then_some(units as u64);
            units
        };
        let epsilon_units = whole(epsilon, PER_EPSILON, 1.0, LIMIT.epsilon);
        let delta_units = whole(delta, PER_DELTA, 0.0, LIMIT.delta);
        let bad = |name, expected, got| Error::parameter(name, expected, got);
        Ok(Self {
            epsilon: epsilon_units.ok_or_else(|| {
                bad(
                    "epsilon",
                    "a multiple of 0.000001, above 0 and up to 1",
                    epsilon,
                )
            })?,
            delta: delta_units
                .ok_or_else(|| bad("delta", "a multiple of 1e-12, from 0 to 0.000001", delta))?,
        })
    }

    /// The same without the part that only thresholds need.
    pub(super) fn without_delta(self) -> Self {
        Self { delta: 0, ..self }
    }

    /// Epsilon as a number.
    pub(super) fn epsilon(self) -> f64 {
        self.epsilon as f64 / PER_EPSILON
    }

    /// Delta as a number.
    pub(super) fn delta(self) -> f64 {
        self.delta as f64 / PER_DELTA
    }

    /// Both losses together; too many to count stay too many.
    fn plus(self, other: Self) -> Self {
        Self {
            epsilon: self.epsilon.saturating_add(other.epsilon),
            delta: self.delta.saturating_add(other.delta),
        }
    }

    fn within(self, limit: Self) -> bool {
        self.epsilon <= limit.epsilon && self.delta <= limit.delta
    }
}

/// A line of the record: what was spent, for which purpose, in which (UTC) year.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Spent {
    pub(super) purpose: Purpose,
    pub(super) year: i16,
    pub(super) loss: Loss,
}

/// What the record adds up to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Budget(BTreeMap<(Purpose, i16), Loss>);

impl Budget {
    /// What is left for a purpose in a year.
    pub(super) fn left(&self, purpose: Purpose, year: i16) -> Loss {
        let spent = self.0.get(&(purpose, year)).copied().unwrap_or_default();
        Loss {
            epsilon: LIMIT.epsilon.saturating_sub(spent.epsilon),
            delta: LIMIT.delta.saturating_sub(spent.delta),
        }
    }

    /// Whether a release may be made; nothing is changed.
    ///
    /// # Errors
    /// [`Error::BudgetSpent`] if it would go beyond the limit of the year.
    pub(super) fn allows(&self, asked: &Spent) -> Result<()> {
        let left = self.left(asked.purpose, asked.year);
        if asked.loss.within(left) {
            return Ok(());
        }
        Err(Error::BudgetSpent {
            purpose: asked.purpose.word(),
            year: asked.year,
            asked: (asked.loss.epsilon(), asked.loss.delta()),
            left: (left.epsilon(), left.delta()),
        })
    }

    /// The next state: `asked` taken off.
    ///
    /// # Errors
    /// [`Error::BudgetSpent`], and the state stays as it is.
    #[cfg(test)]
    pub(super) fn spend(&mut self, asked: &Spent) -> Result<()> {
        self.allows(asked)?;
        self.note(asked);
        Ok(())
    }

    /// Takes a line that is on record into the sum, whatever it comes to.
    pub(super) fn note(&mut self, line: &Spent) {
        let slot = self.0.entry((line.purpose, line.year)).or_default();
        *slot = slot.plus(line.loss);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn line(epsilon: f64, delta: f64) -> Spent {
        Spent {
            purpose: Purpose::Research,
            year: 2026,
            loss: Loss::new(epsilon, delta).unwrap(),
        }
    }

    #[test]
    fn ten_tenths_are_one_and_an_eleventh_is_refused() {
        let mut budget = Budget::default();
        for _ in 0..10 {
            budget.spend(&line(0.1, 0.0)).unwrap();
        }
        assert_eq!(budget.left(Purpose::Research, 2026).epsilon, 0);
        let before = budget.clone();
        let refused = budget.spend(&line(0.000_001, 0.0));
        assert!(matches!(refused, Err(Error::BudgetSpent { .. })));
        assert_eq!(budget, before);
    }

    #[test]
    fn delta_runs_out_by_itself_and_purposes_and_years_are_apart() {
        let mut budget = Budget::default();
        budget.spend(&line(0.1, 1e-6)).unwrap();
        assert!(budget.spend(&line(0.1, 1e-12)).is_err());
        budget.spend(&line(0.1, 0.0)).unwrap();
        let mut other = line(1.0, 1e-6);
        other.purpose = Purpose::Recommendation;
        budget.spend(&other).unwrap();
        other.year = 2027;
        budget.spend(&other).unwrap();
    }

    #[test]
    fn what_no_year_has_is_no_loss() {
        for (epsilon, delta) in [
            (0.0, 0.0),
            (-0.1, 0.0),
            (1.000_001, 0.0),
            (f64::NAN, 0.0),
            (f64::INFINITY, 0.0),
            (0.000_000_5, 0.0),
            (0.123_456_7, 0.0),
            (0.1, -1e-12),
            (0.1, 1.1e-6),
            (0.1, 1.5e-12),
            (0.1, f64::NAN),
        ] {
            assert!(Loss::new(epsilon, delta).is_err(), "{epsilon} {delta}");
        }
        assert_eq!(Loss::new(1.0, 1e-6).unwrap(), LIMIT);
        let tenth = Loss::new(0.1, 2.5e-7).unwrap();
        assert_eq!((tenth.epsilon, tenth.delta), (100_000, 250_000));
    }

    /// A small generator, so that 100,000 sequences take no time.
    struct Dice(u64);

    impl Dice {
        fn one_of<T: Copy>(&mut self, all: &[T]) -> T {
            all[usize::try_from(self.roll(all.len() as u64)).unwrap()]
        }

        fn roll(&mut self, below: u64) -> u64 {
            self.0 ^= self.0 << 13;
            self.0 ^= self.0 >> 7;
            self.0 ^= self.0 << 17;
            self.0 % below
        }
    }

    /// Sums of what was let through, kept apart from the budget, in decimal digits.
    fn never_exceeded(dice: &mut Dice, allow: impl Fn(&mut Budget, &Spent) -> bool) -> bool {
        let mut budget = Budget::default();
        let mut sums: BTreeMap<(Purpose, i16), (u128, u128)> = BTreeMap::new();
        for _ in 0..dice.roll(40) {
            let most = dice.one_of(&[1_000_001, 400_000, 50_000, 2]);
            let asked = Spent {
                purpose: dice.one_of(&[Purpose::Research, Purpose::Recommendation]),
                year: 2026 + i16::try_from(dice.roll(2)).unwrap(),
                loss: Loss {
                    epsilon: 1 + dice.roll(most),
                    delta: dice.roll(2) * dice.roll(most),
                },
            };
            let (epsilon, delta) = sums.entry((asked.purpose, asked.year)).or_default();
            let next = (
                *epsilon + u128::from(asked.loss.epsilon),
                *delta + u128::from(asked.loss.delta),
            );
            let fits = next.0 <= 1_000_000 && next.1 <= 1_000_000;
            let let_through = allow(&mut budget, &asked);
            if let_through {
                (*epsilon, *delta) = next;
            }
            if let_through != fits {
                return false;
            }
        }
        sums.values()
            .all(|(e, d)| *e <= 1_000_000 && *d <= 1_000_000)
    }

    #[test]
    fn the_budget_is_never_exceeded_over_100_000_request_sequences() {
        let mut dice = Dice(0x9E37_79B9_7F4A_7C15);
        for sequence in 0..100_000 {
            let held = never_exceeded(&mut dice, |budget, asked| budget.spend(asked).is_ok());
            assert!(held, "sequence {sequence}");
        }
        // Control: a budget that looks at epsilon alone is caught.
        let mut dice = Dice(0x9E37_79B9_7F4A_7C15);
        let careless = |budget: &mut Budget, asked: &Spent| {
            let left = budget.left(asked.purpose, asked.year);
            let allowed = asked.loss.epsilon <= left.epsilon;
            if allowed {
                budget.note(asked);
            }
            allowed
        };
        assert!((0..100).any(|_| !never_exceeded(&mut dice, careless)));
    }

    proptest! {
        #[test]
        fn a_fold_of_what_was_let_through_is_the_same_budget(
            asked in proptest::collection::vec((1_u64..600_000, 0_u64..600_000), 0..12),
        ) {
            let mut budget = Budget::default();
            let mut record = Vec::new();
            for (epsilon, delta) in asked {
                let line = Spent { loss: Loss { epsilon, delta }, ..line(0.5, 0.0) };
                if budget.spend(&line).is_ok() {
                    record.push(line);
                }
            }
            let mut folded = Budget::default();
            for line in &record {
                folded.note(line);
            }
            prop_assert_eq!(folded, budget);
        }
    }
}
