//! Whether groups differ in survival.

#![expect(
    clippy::indexing_slicing,
    reason = "groups are below their number, and every table has one place for each"
)]

use ndarray::{Array1, Array2};
use statrs::distribution::{ChiSquared, ContinuousCDF};

use super::subjects::Subjects;
use crate::error::{Error, Result};
use crate::stats::linear::semi_definite_form;

/// A log-rank test.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct LogRank {
    /// The statistic.
    pub chi_square: f64,
    /// Groups that can be told apart, less one.
    pub degrees_of_freedom: usize,
    /// Probability of such a statistic or a larger one, were the hazards of all groups the same.
    pub p_value: f64,
    /// Events of each group.
    pub observed: Vec<usize>,
    /// Events of each group to be expected, were the hazards the same.
    pub expected: Vec<f64>,
}

/// Log-rank test of two or more groups. `None` if no event falls into a time when two groups are
/// at risk.
///
/// At each time with `d` events among `n` at risk, `n_j` of them of group `j`, the events of `j`
/// are compared with the expected `d n_j / n`; their covariances are those of a draw without
/// replacement, `d (n - d) / (n - 1) * (n_j / n) ([j = k] - n_k / n)`, exact for ties.
///
/// Mantel 1966, "Evaluation of survival data and two new rank order statistics arising in its
/// consideration", Cancer Chemotherapy Reports 50(3); Peto & Peto 1972, doi:10.2307/2344317.
///
/// # Errors
/// [`Error::Parameter`] for fewer than two groups.
///
/// ```
/// use kohort::stats::{Subjects, log_rank};
/// let early = Subjects::new(&[1.0, 2.0], &[1, 1], None)?;
/// let late = Subjects::new(&[3.0, 4.0], &[1, 1], None)?;
/// let test = log_rank(&[early, late])?.unwrap();
/// // at 1 two of four are early, at 2 one of three
/// assert!((test.expected[0] - (1.0 / 2.0 + 1.0 / 3.0)).abs() < 1e-15);
/// let variance = 1.0 / 4.0 + 2.0 / 9.0;
/// assert!((test.chi_square - (2.0_f64 - 5.0 / 6.0).powi(2) / variance).abs() < 1e-12);
/// # Ok::<(), kohort::Error>(())
/// ```
pub fn log_rank(groups: &[Subjects]) -> Result<Option<LogRank>> {
    if groups.len() < 2 {
        let expected = "two groups or more";
        return Err(Error::parameter("groups", expected, groups.len()));
    }
    let events = events_of(groups);
    let size = groups.len();
    let mut observed = vec![0; size];
    let mut expected = vec![0.0; size];
    let mut excess = Array1::<f64>::zeros(size);
    let mut covariance = Array2::<f64>::zeros((size, size));
    for tie in events.chunk_by(|a, b| a.0.total_cmp(&b.0).is_eq()) {
        let Some((time, _, _)) = tie.first() else {
            continue;
        };
        let at_risk: Vec<f64> = groups.iter().map(|g| g.at_risk(*time) as f64).collect();
        let n: f64 = at_risk.iter().sum();
        let d: f64 = tie.iter().map(|(_, _, events)| *events as f64).sum();
        for (_, group, events) in tie {
            observed[*group] += events;
            excess[*group] += *events as f64;
        }
        // A single subject at risk, or everyone having the event, leaves no choice.
        let scale = if n > 1.0 {
            d * (n - d) / (n - 1.0)
        } else {
            0.0
        };
        for (j, own) in at_risk.iter().enumerate() {
            let share = own / n;
            expected[j] += d * share;
            excess[j] -= d * share;
            for (k, other) in at_risk.iter().enumerate() {
                let same = if j == k { 1.0 } else { 0.0 };
                covariance[[j, k]] += scale * share * (same - other / n);
            }
        }
    }
    let (chi_square, rank) = semi_definite_form(covariance, excess);
    let p_value = (rank > 0).then(|| upper_tail(chi_square, rank)).flatten();
    Ok(p_value.map(|p_value| LogRank {
        chi_square,
        degrees_of_freedom: rank,
        p_value,
        observed,
        expected,
    }))
}

/// Times with events in order, the group, and how many of its subjects have one then.
fn events_of(groups: &[Subjects]) -> Vec<(f64, usize, usize)> {
    let mut all = Vec::new();
    for (group, subjects) in groups.iter().enumerate() {
        let moments = subjects.moments(1);
        let with = moments.iter().filter(|moment| moment.events > 0);
        all.extend(with.map(|moment| (moment.time, group, moment.events)));
    }
    all.sort_unstable_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
    all
}

fn upper_tail(chi_square: f64, degrees: usize) -> Option<f64> {
    if chi_square <= 0.0 {
        return Some(1.0);
    }
    let distribution = ChiSquared::new(degrees as f64).ok()?;
    Some(distribution.sf(chi_square).clamp(0.0, 1.0))
}
