//! What sums of rosters, added and subtracted, tell about few learners.

use std::collections::BTreeMap;
use std::sync::Arc;

use rayon::prelude::*;

use super::bounds::narrow;
use super::elimination::{Determined, Found, determined};
use super::extremes::Own;
use super::finding::{Attack, Finding, Inferred};
use super::history::Limits;
use super::interval::Interval;
use super::known::Known;
use super::run::Tick;
use super::sums::{Of, Sums};
use crate::Result;

/// A total with the rosters that it comes from.
#[derive(Debug, Clone)]
pub(super) struct Part {
    pub(super) learners: Vec<u32>,
    /// Rosters with the factor of each.
    pub(super) combination: Vec<(usize, f64)>,
    pub(super) evidence: String,
}

/// What sums tell.
#[derive(Default)]
pub(super) struct Totals {
    pub(super) findings: Vec<Finding>,
    /// Values of single learners that are known, by metric.
    pub(super) told: BTreeMap<u32, Own>,
    /// Values of single learners that are narrowed, by metric.
    pub(super) narrowed: BTreeMap<u32, Own>,
    /// Totals of several learners, by metric.
    pub(super) parts: BTreeMap<u32, Vec<Part>>,
    pub(super) unsearched: Vec<String>,
}

/// Every total of few learners that published sums determine.
pub(super) fn totals(
    known: &Known<'_>,
    sums: &[Sums],
    limits: &Limits,
    tick: Tick<'_>,
) -> Result<Totals> {
    let values: Vec<&Sums> = sums.iter().filter(|s| s.of == Of::Value).collect();
    // Metrics published for the same rosters share one elimination.
    let mut wanted: Vec<Vec<usize>> = values
        .iter()
        .map(|s| s.rows.keys().copied().collect())
        .collect();
    wanted.sort();
    wanted.dedup();
    let solve = |rows: Vec<usize>| {
        let rosters: Vec<&[u32]> = rows.iter().map(|r| known.roster(*r)).collect();
        Ok((
            rows,
            Arc::new(determined(&rosters, limits.k, limits.steps, tick)?),
        ))
    };
    let solved: Result<BTreeMap<Vec<usize>, Arc<Found>>> =
        wanted.into_par_iter().map(solve).collect();
    let solved = solved?;
    let mut totals = Totals::default();
    for sums in values {
        let rows: Vec<usize> = sums.rows.keys().copied().collect();
        let Some(found) = solved.get(&rows) else {
            continue;
        };
        totals.note(&known.facts(sums.metric).name, found);
        for total in &found.totals {
            let part = part(known, total, &rows);
            totals.report(known, sums, part, limits);
        }
    }
    Ok(totals)
}

impl Totals {
    fn note(&mut self, name: &str, found: &Found) {
        if found.left_out > 0 {
            self.unsearched.push(format!(
                "{name}: {} releases left out of the linear algebra, for which the steps allowed did not suffice",
                found.left_out
            ));
        }
        if found.unverified > 0 {
            self.unsearched.push(format!(
                "{name}: {} combinations of releases whose factors are too large to verify",
                found.unverified
            ));
        }
    }

    fn report(&mut self, known: &Known<'_>, sums: &Sums, part: Part, limits: &Limits) {
        let facts = known.facts(sums.metric);
        let size = part.learners.len() as f64;
        let public = Interval::new(facts.low, facts.high).times(size);
        let Some(total) = combine(sums, &part.combination).and_then(|t| t.and(public)) else {
            return;
        };
        let total = total.snapped(facts.resolution);
        let one = |interval: Interval| interval.times(1.0 / size);
        if narrow(known, sums.metric, one(total), limits) || total.pins(facts.resolution) {
            let (several, long) = (part.learners.len() > 1, part.combination.len());
            self.findings.push(Finding {
                attack: match long {
                    1 => Attack::SmallGroup,
                    2 => Attack::Difference,
                    _ => Attack::Tracker,
                },
                inferred: if several {
                    Inferred::Total
                } else {
                    Inferred::Value
                },
                metric: Some(sums.metric),
                release: None,
                learners: part.learners.clone(),
                low: total.low,
                high: total.high,
                exact: total.pins(facts.resolution),
                solutions: Vec::new(),
                evidence: part.evidence.clone(),
            });
        }
        match part.learners.as_slice() {
            [learner] => {
                let own = if total.pins(facts.resolution) {
                    &mut self.told
                } else {
                    &mut self.narrowed
                };
                own.entry(sums.metric).or_default().insert(*learner, total);
            }
            _ => self.parts.entry(sums.metric).or_default().push(part),
        }
    }
}

/// What sums say about a combination of rosters; nothing unless all of them were published.
pub(super) fn combine(sums: &Sums, combination: &[(usize, f64)]) -> Option<Interval> {
    let each = combination.iter().map(|(roster, factor)| {
        let sum = sums.rows.get(roster)?;
        Some(sum.times(*factor))
    });
    each.into_iter()
        .try_fold(Interval::new(0.0, 0.0), |so_far, own| {
            Some(so_far.plus(own?))
        })
}

fn part(known: &Known<'_>, total: &Determined, rows: &[usize]) -> Part {
    let mut terms: Vec<(usize, i64)> = total
        .combination
        .iter()
        .filter_map(|(row, factor)| Some((*rows.get(*row)?, *factor)))
        .collect();
    // What is added first, what is subtracted behind it.
    terms.sort_by_key(|(roster, factor)| (*factor < 0, *roster));
    let mut evidence = String::new();
    for (roster, factor) in &terms {
        evidence.push_str(match (evidence.is_empty(), *factor < 0) {
            (true, false) => "",
            (true, true) => "-",
            (false, false) => " + ",
            (false, true) => " - ",
        });
        if factor.abs() > 1 {
            evidence.push_str(&factor.unsigned_abs().to_string());
            evidence.push(' ');
        }
        evidence.push_str(known.name(*roster));
    }
    if total.divisor > 1 {
        evidence = format!("({evidence}) / {}", total.divisor);
    }
    let factor = |f: i64| f as f64 / total.divisor as f64;
    Part {
        learners: total.learners.clone(),
        combination: terms.into_iter().map(|(r, f)| (r, factor(f))).collect(),
        evidence,
    }
}
