//! What an attacker has sorted: equal rosters as one, answers to one question as one.
//!
//! Two answers to one question that do not overlap were disturbed. Their mean is closer than each
//! (repeat and average): it stands for them with four standard errors to both sides.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::atoms::Atoms;
use super::history::{Facts, History, Statistic};
use super::interval::Interval;

/// A history, sorted.
pub(super) struct Known<'a> {
    pub(super) history: &'a History,
    /// Every roster once, each in order.
    pub(super) rosters: Vec<Vec<u32>>,
    /// The first release of each roster.
    pub(super) first: Vec<u32>,
    /// What was said about each roster.
    pub(super) cells: BTreeMap<(usize, u32, Statistic), Interval>,
    /// What was said about releases whose roster may be known or not, with their n.
    pub(super) releases: Vec<Said>,
    /// Questions whose answers contradict each other.
    pub(super) averaged: usize,
    /// Releases without a roster.
    pub(super) unknown: usize,
}

/// What one release said by itself.
#[derive(Default, Clone)]
pub(super) struct Said {
    pub(super) roster: Option<usize>,
    pub(super) n: Option<Interval>,
    pub(super) means: Vec<(u32, Interval)>,
}

impl<'a> Known<'a> {
    pub(super) fn new(history: &'a History) -> Self {
        let mut sets = vec![BTreeSet::new(); history.releases.len()];
        for (release, learner) in &history.rosters {
            if let Some(set) = sets.get_mut(*release as usize) {
                set.insert(*learner);
            }
        }
        let mut places: BTreeMap<Vec<u32>, usize> = BTreeMap::new();
        let (mut rosters, mut first) = (Vec::new(), Vec::new());
        let mut releases = vec![Said::default(); sets.len()];
        for (release, (set, said)) in (0_u32..).zip(sets.into_iter().zip(&mut releases)) {
            if set.is_empty() {
                continue;
            }
            let roster: Vec<u32> = set.into_iter().collect();
            said.roster = Some(*places.entry(roster).or_insert_with_key(|roster| {
                rosters.push(roster.clone());
                first.push(release);
                rosters.len() - 1
            }));
        }
        let unknown = releases.iter().filter(|r| r.roster.is_none()).count();
        let mut answers: BTreeMap<(usize, u32, Statistic), Vec<Interval>> = BTreeMap::new();
        for cell in &history.cells {
            let Some(said) = releases.get_mut(cell.release as usize) else {
                continue;
            };
            let value = Interval::new(cell.low, cell.high);
            match (cell.metric, cell.statistic) {
                (_, Statistic::N) => {
                    let before = said.n.unwrap_or(Interval::ALL);
                    said.n = before.and(value).or(said.n);
                }
                (Some(metric), statistic) => {
                    if statistic == Statistic::Mean {
                        said.means.push((metric, value));
                    }
                    if let Some(roster) = said.roster {
                        let question = (roster, metric, statistic);
                        answers.entry(question).or_default().push(value);
                    }
                }
                (None, _) => {}
            }
        }
        let mut averaged = 0;
        let cells = answers.into_iter().map(|(question, answers)| {
            let agreed = answers
                .iter()
                .try_fold(Interval::ALL, |so_far, own| so_far.and(*own));
            let one = agreed.unwrap_or_else(|| {
                averaged += 1;
                average(&answers)
            });
            (question, one)
        });
        Self {
            cells: cells.collect(),
            history,
            rosters,
            first,
            releases,
            averaged,
            unknown,
        }
    }

    pub(super) fn facts(&self, metric: u32) -> &Facts {
        const NOTHING: &Facts = &Facts {
            name: String::new(),
            low: f64::NEG_INFINITY,
            high: f64::INFINITY,
            resolution: None,
        };
        self.history.metrics.get(metric as usize).unwrap_or(NOTHING)
    }

    pub(super) fn roster(&self, at: usize) -> &[u32] {
        self.rosters.get(at).map_or(&[], Vec::as_slice)
    }

    /// The atoms of some rosters.
    pub(super) fn atoms<'r>(&self, rosters: impl Iterator<Item = &'r usize>) -> Arc<Atoms> {
        let rosters: Vec<&[u32]> = rosters.map(|r| self.roster(*r)).collect();
        Arc::new(Atoms::of(&rosters))
    }

    /// The name of a release with this roster.
    pub(super) fn name(&self, roster: usize) -> &str {
        let release = self.first.get(roster).map_or(usize::MAX, |r| *r as usize);
        self.history
            .releases
            .get(release)
            .map_or("", String::as_str)
    }

    pub(super) fn cell(&self, roster: usize, metric: u32, of: Statistic) -> Option<Interval> {
        self.cells.get(&(roster, metric, of)).copied()
    }
}

/// The mean of disturbed answers, with four standard errors to both sides.
fn average(answers: &[Interval]) -> Interval {
    let middles: Vec<f64> = answers.iter().map(|a| a.middle()).collect();
    let (Some(mean), Some(deviation)) = crate::stats::moments(&middles) else {
        return Interval::ALL;
    };
    let error = deviation / (middles.len() as f64).sqrt();
    Interval::new(mean - 4.0 * error, mean + 4.0 * error)
}
