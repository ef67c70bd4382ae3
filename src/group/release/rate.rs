//! Rates: a coded count over n, in whole percent, bounded at both ends.

use std::fmt;

use crate::group::distribution::{Cell, Rules};

/// A share of a roster as it may be shown, in percent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::group) enum Rate {
    /// At most this.
    AtMost(u32),
    /// This, to the whole percent.
    Percent(u32),
    /// At least this.
    AtLeast(u32),
}

impl Rate {
    /// The share of the roster that a cell counts: count / `n_rounded`, half up; never
    /// below or above the bounds that the coding of small counts knows.
    pub(in crate::group) fn new(cell: Cell, rules: &Rules) -> Self {
        let n = u64::from(rules.n.max(1));
        match cell {
            Cell::Low => Self::AtMost(rules.bound),
            Cell::High => Self::AtLeast(100 - rules.bound),
            Cell::Count(count) => {
                let percent = (200 * u64::from(count) + n) / (2 * n);
                match u32::try_from(percent).unwrap_or(100) {
                    p if p < rules.bound => Self::AtMost(rules.bound),
                    p if p > 100 - rules.bound => Self::AtLeast(100 - rules.bound),
                    p => Self::Percent(p),
                }
            }
        }
    }

    /// Least and most the share can be, to the whole percent: a count and n are known up to
    /// their rounding only.
    pub(in crate::group) fn band(cell: Cell, rules: &Rules) -> (f64, f64) {
        let share = |percent: u32| f64::from(percent) / 100.0;
        match (Self::new(cell, rules), cell) {
            (Self::Percent(_), Cell::Count(count)) => {
                let slack = rules.slack;
                let low = 100 * count.saturating_sub(slack) / (rules.n + slack).max(1);
                let least = rules.n.saturating_sub(slack).max(1);
                let high = (100 * (count + slack)).div_ceil(least);
                (share(low), share(high.min(100)))
            }
            (Self::AtMost(p) | Self::Percent(p), _) => (0.0, share(p)),
            (Self::AtLeast(p), _) => (share(p), 1.0),
        }
    }
}

impl fmt::Display for Rate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::AtMost(p) => write!(f, "<= {p} %"),
            Self::Percent(p) => write!(f, "{p} %"),
            Self::AtLeast(p) => write!(f, ">= {p} %"),
        }
    }
}
