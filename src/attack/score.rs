//! How much of what was inferred is right, beside a blind guess.

use std::collections::BTreeMap;

use super::finding::{Attack, Finding, Inferred};
use super::history::History;
use super::interval::Interval;

/// The truth about one learner.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Truth {
    /// Who.
    pub learner: u32,
    /// Which metric.
    pub metric: u32,
    /// Her value.
    pub value: f64,
}

/// What one attack came to on one metric.
#[derive(Debug, Clone, PartialEq)]
pub struct Score {
    /// How.
    pub attack: Attack,
    /// Of which metric; none for sizes.
    pub metric: Option<u32>,
    /// Learners whose value is known.
    pub exact: usize,
    /// Learners whose value is narrowed.
    pub narrowed: usize,
    /// Totals and sets of values of few learners, and sizes.
    pub others: usize,
    /// Findings that the truth says something about.
    pub checked: usize,
    /// How many of those are right.
    pub right: usize,
    /// Mean chance that a guess without any release is right: the most frequent value for a
    /// known one, an interval of the same width around the median for a narrowed one. Of single
    /// learners; none where nothing could be checked.
    pub blind: Option<f64>,
}

/// Counts what was inferred by attack and metric, and what of it is `right`, finding by finding.
///
/// The second part is one entry for each finding: nothing where the truth is not known.
pub fn score(
    history: &History,
    findings: &[Finding],
    truth: &[Truth],
) -> (Vec<Score>, Vec<Option<bool>>) {
    let mut values: BTreeMap<u32, BTreeMap<u32, f64>> = BTreeMap::new();
    for own in truth.iter().filter(|t| t.value.is_finite()) {
        values
            .entry(own.metric)
            .or_default()
            .insert(own.learner, own.value);
    }
    let mut sizes: BTreeMap<u32, std::collections::BTreeSet<u32>> = BTreeMap::new();
    for (release, learner) in &history.rosters {
        sizes.entry(*release).or_default().insert(*learner);
    }
    let guesses: BTreeMap<u32, Guess> = values.iter().map(|(m, v)| (*m, Guess::new(v))).collect();
    let mut scores: BTreeMap<(Attack, Option<u32>), (Score, Vec<f64>)> = BTreeMap::new();
    let mut verdicts = Vec::new();
    for finding in findings {
        let of_metric = finding.metric.and_then(|m| values.get(&m));
        let right = match finding.inferred {
            Inferred::Size => {
                let size = finding
                    .release
                    .and_then(|r| sizes.get(&r))
                    .map(|s| s.len() as f64);
                size.map(|n| {
                    finding
                        .solutions
                        .iter()
                        .flatten()
                        .any(|s| (s - n).abs() < 0.5)
                })
            }
            _ => of_metric.and_then(|values| is_right(finding, values)),
        };
        let empty = || Score {
            attack: finding.attack,
            metric: finding.metric,
            exact: 0,
            narrowed: 0,
            others: 0,
            checked: 0,
            right: 0,
            blind: None,
        };
        let key = (finding.attack, finding.metric);
        let (score, chances) = scores.entry(key).or_insert_with(|| (empty(), Vec::new()));
        match (finding.inferred, finding.exact) {
            (Inferred::Value, true) => score.exact += 1,
            (Inferred::Value, false) => score.narrowed += 1,
            _ => score.others += 1,
        }
        score.checked += usize::from(right.is_some());
        score.right += usize::from(right == Some(true));
        let guess = finding.metric.and_then(|m| guesses.get(&m));
        if let (Inferred::Value, Some(_), Some(guess)) = (finding.inferred, right, guess) {
            chances.push(guess.chance(finding));
        }
        verdicts.push(right);
    }
    let finish = |(mut score, chances): (Score, Vec<f64>)| {
        score.blind = crate::stats::mean(&chances);
        score
    };
    (scores.into_values().map(finish).collect(), verdicts)
}

fn is_right(finding: &Finding, values: &BTreeMap<u32, f64>) -> Option<bool> {
    let own: Option<Vec<f64>> = finding
        .learners
        .iter()
        .map(|l| values.get(l).copied())
        .collect();
    let mut own = own?;
    if finding.inferred == Inferred::Values {
        own.sort_by(f64::total_cmp);
        let same = |set: &Vec<f64>| set.iter().zip(&own).all(|(a, b)| close(*a, *b));
        return Some(finding.solutions.iter().any(same));
    }
    let total: f64 = own.iter().sum();
    let inside = total >= finding.low && total <= finding.high;
    Some(inside || close(total, finding.low) || close(total, finding.high))
}

fn close(a: f64, b: f64) -> bool {
    (a - b).abs() <= 1e-6 * a.abs().max(b.abs()).max(1e-6)
}

/// What can be guessed of a metric without any release.
struct Guess {
    sorted: Vec<f64>,
    /// Share of the most frequent value.
    mode: f64,
}

impl Guess {
    fn new(values: &BTreeMap<u32, f64>) -> Self {
        let mut sorted: Vec<f64> = values.values().copied().collect();
        sorted.sort_by(f64::total_cmp);
        let runs = sorted.chunk_by(|a, b| close(*a, *b)).map(<[f64]>::len);
        let mode = runs.max().unwrap_or(0) as f64 / sorted.len().max(1) as f64;
        Self { sorted, mode }
    }

    fn chance(&self, finding: &Finding) -> f64 {
        if finding.exact {
            return self.mode;
        }
        let own = Interval::new(finding.low, finding.high);
        let middle = crate::stats::median(&self.sorted).unwrap_or(0.0);
        let half = own.width() / 2.0;
        let inside = self.sorted.iter().filter(|v| (**v - middle).abs() <= half);
        inside.count() as f64 / self.sorted.len().max(1) as f64
    }
}
