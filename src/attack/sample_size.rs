//! Which number of learners a rounded one hides, from decimals.
//!
//! A mean of whole units is a fraction with n below the line: 7 of 23 are 30.43 %, and no other n
//! around 25 has a share that rounds to that. All means of a release have the same n.

use super::finding::{Attack, Finding, Inferred};
use super::interval::Interval;
use super::known::{Known, Said};

/// Numbers of learners that are tried.
const MOST: f64 = 100_000.0;

/// The releases whose exact n follows, or is one of two.
pub(super) fn sample_sizes(known: &Known<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (release, said) in (0_u32..).zip(&known.releases) {
        let Some(n) = said.n.map(Interval::wholes) else {
            continue;
        };
        let (least, n_high) = (n.low.max(1.0), n.high);
        if !(n_high > least && n_high <= MOST) {
            continue;
        }
        let tried: Vec<f64> = std::iter::successors(Some(least), |n| Some(n + 1.0))
            .take_while(|n| *n <= n_high)
            .collect();
        let published = tried.len();
        let left: Vec<f64> = tried
            .into_iter()
            .filter(|n| agrees(known, said, *n))
            .collect();
        let (Some(low), Some(high)) = (left.first(), left.last()) else {
            continue;
        };
        if left.len() < published && left.len() <= 2 {
            findings.push(Finding {
                attack: Attack::SampleSize,
                inferred: Inferred::Size,
                metric: None,
                release: Some(release),
                learners: Vec::new(),
                low: *low,
                high: *high,
                exact: left.len() == 1,
                solutions: left.iter().map(|n| vec![*n]).collect(),
                evidence: format!("decimals of {} means", said.means.len()),
            });
        }
    }
    findings
}

/// Whether every mean can come from n values of its resolution.
fn agrees(known: &Known<'_>, said: &Said, n: f64) -> bool {
    said.means.iter().all(|(metric, mean)| {
        known.facts(*metric).resolution.is_none_or(|step| {
            let sum = mean.times(n / step).wholes();
            sum.low <= sum.high
        })
    })
}
