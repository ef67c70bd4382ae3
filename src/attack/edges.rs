//! Who lies for certain at or below an edge, or above it.
//!
//! A count of values up to an edge is a sum of zeros and ones. Where the programs leave a
//! learner one of the two, her value is held by the edge.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::atoms::Atoms;
use super::extremes::{Own, hold, known_of};
use super::interval::Interval;
use super::known::Known;
use super::program::{Program, single};
use super::run::Tick;
use super::sums::{Of, Sums};
use crate::Result;

/// What is left after the counts of one metric.
#[derive(Default)]
pub(super) struct Held {
    pub(super) contradictions: Vec<f64>,
    pub(super) left_out: usize,
}

/// Narrows what is known by all counts of a metric, edge by edge.
pub(super) fn hold_by_edges(
    known: &Known<'_>,
    counts: &[&Sums],
    own: &mut Own,
    budget: usize,
    tick: Tick<'_>,
) -> Result<Held> {
    let mut held = Held::default();
    // Most edges were counted for the same rosters, so their atoms are made once.
    let mut atoms: BTreeMap<Vec<usize>, Arc<Atoms>> = BTreeMap::new();
    for sums in counts {
        let Of::AtMost(edge) = sums.of else { continue };
        let step = known.facts(sums.metric).resolution;
        let indicators: Own = sums
            .rows
            .keys()
            .flat_map(|roster| known.roster(*roster))
            .map(|learner| (*learner, indicator(known_of(own, *learner), edge)))
            .collect();
        let rows: BTreeMap<usize, Interval> = sums
            .rows
            .iter()
            .map(|(roster, count)| (*roster, count.wholes()))
            .collect();
        let atoms = atoms
            .entry(rows.keys().copied().collect())
            .or_insert_with(|| known.atoms(rows.keys()));
        let program = Program::new(known, &rows, Arc::clone(atoms), &indicators);
        let worth = |learners: &[u32], seen: Interval| {
            let mut all = single(learners, seen, &indicators).into_iter();
            all.any(|(learner, now)| {
                known_of(&indicators, learner).width() > 0.5 && now.width() < 1.0 - 1e-6
            })
        };
        let ranges = program.ranges(worth, budget, tick)?;
        held.left_out += ranges.left_out;
        if ranges.contradiction {
            held.contradictions.push(edge);
            continue;
        }
        let told = ranges.atoms.members.iter().zip(&ranges.of);
        for (learners, range) in told.filter_map(|(l, r)| Some((l, (*r)?))) {
            for (learner, now) in single(learners, range.wholes(), &indicators) {
                if now.low > 0.5 {
                    hold(own, learner, Interval::new(f64::NEG_INFINITY, edge));
                } else if now.high < 0.5 {
                    hold(
                        own,
                        learner,
                        Interval::new(above(edge, step), f64::INFINITY),
                    );
                }
            }
        }
    }
    Ok(held)
}

/// What is known of 1 if the value is at most the edge, else 0.
fn indicator(own: Interval, edge: f64) -> Interval {
    let sure = f64::from(u8::from(own.high <= edge));
    let possible = f64::from(u8::from(own.low <= edge));
    Interval::new(sure, possible)
}

/// The least value above an edge.
fn above(edge: f64, step: Option<f64>) -> f64 {
    match step {
        Some(step) => ((edge / step + 1e-7).floor() + 1.0) * step,
        None => edge.next_up(),
    }
}
