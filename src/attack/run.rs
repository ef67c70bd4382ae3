//! The suite: every attack on one history.

use std::collections::BTreeMap;

use rayon::prelude::*;

use super::bounds::bounds;
use super::extremes::Own;
use super::finding::Report;
use super::history::{History, Limits};
use super::known::Known;
use super::reconstruction::reconstruct;
use super::sample_size::sample_sizes;
use super::sums::sums;
use super::totals::totals;
use crate::Result;

/// Asked now and then whether to go on.
pub(super) type Tick<'a> = &'a (dyn Fn() -> Result<()> + Sync);

/// Everything that the suite can infer from a history.
///
/// `tick` is asked now and then, and may stop the work by an error such as
/// [`Error::Cancelled`](crate::Error::Cancelled).
///
/// ```
/// use kohort::attack::{attack, Cell, Facts, History, Limits, Statistic};
/// let mean = |release, n: f64, sum: f64| Cell {
///     release, metric: Some(0), statistic: Statistic::Mean, low: sum / n, high: sum / n,
/// };
/// // Twenty learners in the first week, the same and one more in the second.
/// let weeks = [20, 21];
/// let history = History {
///     releases: vec!["week 1".into(), "week 2".into()],
///     metrics: vec![Facts {
///         name: "minutes".into(), low: 0.0, high: f64::INFINITY, resolution: Some(1.0),
///     }],
///     rosters: (0..).zip(weeks).flat_map(|(r, n)| (0..n).map(move |l| (r, l))).collect(),
///     cells: vec![mean(0, 20.0, 2400.0), mean(1, 21.0, 2520.0)],
/// };
/// let report = attack(&history, &Limits::default(), &|| Ok(()))?;
/// let found = &report.findings[0];
/// assert_eq!((found.learners.as_slice(), found.low.round()), (&[20][..], 120.0));
/// assert_eq!(found.evidence, "week 2 - week 1");
/// # Ok::<(), kohort::Error>(())
/// ```
///
/// # Errors
/// [`Error::Parameter`](crate::Error::Parameter) for what cannot be a history; what `tick` returns.
pub fn attack(history: &History, limits: &Limits, tick: Tick<'_>) -> Result<Report> {
    history.check()?;
    let known = Known::new(history);
    let sums = sums(&known);
    let mut report = Report::default();
    if known.unknown > 0 {
        report.unsearched.push(format!(
            "{} releases without a roster: only their number of learners was looked for",
            known.unknown
        ));
    }
    if known.averaged > 0 {
        report.unsearched.push(format!(
            "{} questions with answers that contradict each other: their mean was taken, with four \
             standard errors to both sides",
            known.averaged
        ));
    }
    let totals = totals(&known, &sums, limits, tick)?;
    report.unsearched.extend(totals.unsearched);
    report.findings.extend(totals.findings);
    let metrics: Vec<u32> = (0_u32..).take(history.metrics.len()).collect();
    let each = |metric: &u32| {
        let of = |own: &'_ BTreeMap<u32, Own>| own.get(metric).cloned().unwrap_or_default();
        let parts = totals.parts.get(metric).map_or(&[][..], Vec::as_slice);
        let singles = (&of(&totals.told), &of(&totals.narrowed));
        let bounded = bounds(&known, *metric, &sums, singles, limits, tick)?;
        let facts = (sums.as_slice(), parts, &bounded.own);
        let reconstructed = reconstruct(&known, *metric, facts, limits, tick)?;
        Ok((bounded, reconstructed))
    };
    let done: Result<Vec<_>> = metrics.par_iter().map(each).collect();
    for (bounded, reconstructed) in done? {
        report.findings.extend(bounded.findings);
        report.unsearched.extend(bounded.unsearched);
        report.findings.extend(reconstructed.findings);
        report.groups.extend(reconstructed.groups);
        report.unsearched.extend(reconstructed.unsearched);
    }
    report.findings.extend(sample_sizes(&known));
    report.findings.sort_by_key(|f| (f.attack, f.metric));
    Ok(report)
}
