//! Everything published that is a sum over learners.
//!
//! A mean is a sum divided by a known n; a standard deviation beside a mean tells the sum of
//! squares; a count of values up to an edge is a sum of zeros and ones.

use std::collections::BTreeMap;

use super::history::Statistic;
use super::interval::Interval;
use super::known::Known;

/// What is added up, learner by learner.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Of {
    /// The value.
    Value,
    /// Its square.
    Square,
    /// 1 if the value is at most this, else 0.
    AtMost(f64),
}

/// The published sums of one thing over rosters.
#[derive(Debug, Clone)]
pub(super) struct Sums {
    pub(super) metric: u32,
    pub(super) of: Of,
    /// Roster and sum.
    pub(super) rows: BTreeMap<usize, Interval>,
}

impl Sums {
    fn say(&mut self, roster: usize, sum: Interval) {
        let before = self.rows.get(&roster).copied().unwrap_or(Interval::ALL);
        // A contradiction is left to the programs, which will find no solution.
        self.rows.insert(roster, before.and(sum).unwrap_or(sum));
    }
}

/// All sums of a history: values, squares and counts of each metric.
pub(super) fn sums(known: &Known<'_>) -> Vec<Sums> {
    let mut all: BTreeMap<(u32, u8, u64), Sums> = BTreeMap::new();
    let mut say = |roster: usize, metric: u32, of: Of, sum: Interval| {
        let key = match of {
            Of::Value => (metric, 0, 0),
            Of::Square => (metric, 1, 0),
            Of::AtMost(edge) => (metric, 2, ordered(edge)),
        };
        let rows = BTreeMap::new();
        let own = all.entry(key).or_insert(Sums { metric, of, rows });
        own.say(roster, sum);
    };
    for ((roster, metric, statistic), value) in &known.cells {
        let n = known.roster(*roster).len() as f64;
        let mut own = |of: Of, sum: Interval| say(*roster, *metric, of, sum);
        match statistic {
            Statistic::Sum => own(Of::Value, *value),
            Statistic::Mean => own(Of::Value, value.times(n)),
            Statistic::AtMost(edge) => own(Of::AtMost(*edge), *value),
            Statistic::Above(edge) => own(
                Of::AtMost(*edge),
                Interval::new(n - value.high, n - value.low),
            ),
            Statistic::Deviation => {
                let mean = known.cell(*roster, *metric, Statistic::Mean).or_else(|| {
                    let sum = known.cell(*roster, *metric, Statistic::Sum)?;
                    Some(sum.times(1.0 / n))
                });
                if let Some(mean) = mean {
                    let spread = Interval::new(value.low.max(0.0), value.high.max(0.0));
                    let around = spread.squared().times(n - 1.0);
                    own(Of::Square, around.plus(mean.squared().times(n)));
                }
            }
            _ => {}
        }
    }
    all.into_values().collect()
}

/// Bits whose order is that of the numbers.
fn ordered(value: f64) -> u64 {
    let bits = value.to_bits();
    if bits >> 63 == 1 {
        !bits
    } else {
        bits | 1 << 63
    }
}
