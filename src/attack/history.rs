//! What goes in: releases, rosters, published cells and public facts.

use std::cmp::Ordering;

use crate::{Error, Result};

/// What was published, and what an attacker knows beside it.
#[derive(Debug, Clone, Default)]
pub struct History {
    /// Names of the releases.
    pub releases: Vec<String>,
    /// What is public about each metric. A metric has one value per learner; where values change
    /// from one period to the next, each period is a metric of its own.
    pub metrics: Vec<Facts>,
    /// Pairs of release and learner. A release without any has an unknown roster.
    pub rosters: Vec<(u32, u32)>,
    /// What was published.
    pub cells: Vec<Cell>,
}

/// What everybody knows about a metric.
#[derive(Debug, Clone, PartialEq)]
pub struct Facts {
    /// Its name.
    pub name: String,
    /// The least value there can be; infinite if unknown.
    pub low: f64,
    /// The greatest value there can be; infinite if unknown.
    pub high: f64,
    /// Values are multiples of this, if they are known to be.
    pub resolution: Option<f64>,
}

/// A published number: it lies from `low` to `high`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Cell {
    /// Which release.
    pub release: u32,
    /// Which metric; none for [`Statistic::N`].
    pub metric: Option<u32>,
    /// What of it.
    pub statistic: Statistic,
    /// The least it can be. A number published as it is has `low = high`.
    pub low: f64,
    /// The greatest it can be.
    pub high: f64,
}

/// A statistic of the values of a roster.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub enum Statistic {
    /// How many learners are on the roster.
    N,
    /// The sum.
    Sum,
    /// The mean.
    Mean,
    /// How many values are at most this.
    AtMost(f64),
    /// How many values are above this.
    Above(f64),
    /// A quantile, interpolated between order statistics (number 7 of Hyndman & Fan 1996).
    Quantile(f64),
    /// The least value.
    Minimum,
    /// The greatest value.
    Maximum,
    /// The standard deviation of a sample (n - 1).
    Deviation,
}

impl Statistic {
    /// The statistic of that name: `n`, `sum`, `mean`, `count_at_most`, `count_above`,
    /// `quantile` (these three with an argument), `median`, `minimum`, `maximum` or `sd`.
    ///
    /// # Errors
    /// [`Error::Parameter`] for another name, or without the argument it needs.
    pub fn named(name: &str, argument: Option<f64>) -> Result<Self> {
        // One zero, so that equal edges are one edge.
        let needed = argument.filter(|a| a.is_finite()).map(|a| a + 0.0);
        let of = |make: fn(f64) -> Self| {
            needed
                .map(make)
                .ok_or_else(|| Error::parameter("argument", format!("given for {name}"), "none"))
        };
        match name {
            "n" => Ok(Self::N),
            "sum" => Ok(Self::Sum),
            "mean" => Ok(Self::Mean),
            "count_at_most" => of(Self::AtMost),
            "count_above" => of(Self::Above),
            "quantile" => match needed {
                Some(q) if !(0.0..=1.0).contains(&q) => {
                    Err(Error::parameter("argument", "a quantile from 0 to 1", q))
                }
                _ => of(Self::Quantile),
            },
            "median" => Ok(Self::Quantile(0.5)),
            "minimum" => Ok(Self::Minimum),
            "maximum" => Ok(Self::Maximum),
            "sd" => Ok(Self::Deviation),
            _ => Err(Error::parameter(
                "statistic",
                "one of n, sum, mean, count_at_most, count_above, quantile, median, minimum, \
                 maximum, sd",
                format!("\"{name}\""),
            )),
        }
    }

    fn key(self) -> (u8, f64) {
        match self {
            Self::N => (0, 0.0),
            Self::Sum => (1, 0.0),
            Self::Mean => (2, 0.0),
            Self::AtMost(edge) => (3, edge),
            Self::Above(edge) => (4, edge),
            Self::Quantile(q) => (5, q),
            Self::Minimum => (6, 0.0),
            Self::Maximum => (7, 0.0),
            Self::Deviation => (8, 0.0),
        }
    }
}

impl Ord for Statistic {
    fn cmp(&self, other: &Self) -> Ordering {
        let ((kind, argument), (other, others)) = (self.key(), other.key());
        kind.cmp(&other).then(argument.total_cmp(&others))
    }
}

impl PartialOrd for Statistic {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Statistic {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Statistic {}

/// What counts as inferred, and how much work may be done.
#[derive(Debug, Clone)]
pub struct Limits {
    /// Totals of at most so many learners are reported.
    pub k: usize,
    /// A value is narrowed if it is known to within this share of the metric's public range (of
    /// its own size where there is none).
    pub width: f64,
    /// Multiplications of one elimination.
    pub steps: u64,
    /// Linear programs altogether.
    pub programs: usize,
    /// Groups of at most so many learners are reconstructed.
    pub members: usize,
    /// Branches looked at in one reconstruction.
    pub branches: u64,
    /// A reconstruction with at most so many solutions is reported.
    pub solutions: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            k: 10,
            width: 0.1,
            steps: 4_000_000_000,
            programs: 20_000,
            members: 12,
            branches: 2_000_000,
            solutions: 3,
        }
    }
}

impl History {
    /// Refuses what cannot be a history.
    ///
    /// # Errors
    /// [`Error::Parameter`] that tells the place of the first problem.
    pub(super) fn check(&self) -> Result<()> {
        let releases = self.releases.len();
        let stray = |(release, _): &(u32, u32)| *release as usize >= releases;
        if let Some(at) = self.rosters.iter().position(stray) {
            return wrong("rosters", "of a release there is", at);
        }
        for (at, facts) in self.metrics.iter().enumerate() {
            let fine = facts.resolution.is_none_or(|r| r > 0.0 && r.is_finite());
            if !fine || !ordered(facts.low, facts.high) {
                return wrong(
                    "metrics",
                    "bounds with low <= high, a resolution above 0",
                    at,
                );
            }
        }
        for (at, cell) in self.cells.iter().enumerate() {
            if cell.release as usize >= releases {
                return wrong("cells", "of a release there is", at);
            }
            let known = |m: u32| (m as usize) < self.metrics.len();
            if !cell.metric.map_or(cell.statistic == Statistic::N, known) {
                return wrong("cells", "of a metric there is", at);
            }
            if !ordered(cell.low, cell.high) {
                return wrong("cells", "numbers with low <= high", at);
            }
        }
        Ok(())
    }
}

/// Whether two ends hold some finite number; no number is no end.
fn ordered(low: f64, high: f64) -> bool {
    low <= high && low < f64::INFINITY && high > f64::NEG_INFINITY
}

fn wrong<T>(name: &'static str, expected: &str, at: usize) -> Result<T> {
    Err(Error::parameter(name, expected, format!("another at {at}")))
}
