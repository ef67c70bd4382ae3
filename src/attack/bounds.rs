//! How far the value of a learner can go, given everything published about a metric.

use super::edges::hold_by_edges;
use super::extremes::{Own, extremes, hold, known_of, public};
use super::finding::{Attack, Finding, Inferred};
use super::history::Limits;
use super::interval::Interval;
use super::known::Known;
use super::program::{Program, single};
use super::run::Tick;
use super::sums::{Of, Sums};
use crate::Result;

/// What came of one metric.
#[derive(Default)]
pub(super) struct Bounded {
    /// What is known of every learner.
    pub(super) own: Own,
    pub(super) findings: Vec<Finding>,
    pub(super) unsearched: Vec<String>,
}

/// Everything that minima, maxima, counts and sums of a metric say about single learners.
/// Values that follow from sums already, known or narrowed, are not reported again unless more
/// is known of them now.
pub(super) fn bounds(
    known: &Known<'_>,
    metric: u32,
    sums: &[Sums],
    (told, narrowed): (&Own, &Own),
    limits: &Limits,
    tick: Tick<'_>,
) -> Result<Bounded> {
    let name = &known.facts(metric).name;
    let mine: Vec<&Sums> = sums.iter().filter(|s| s.metric == metric).collect();
    let budget = limits.programs / sums.len().max(1) + 2;
    let mut bounded = Bounded::default();
    let mut own = public(known, metric);
    if extremes(known, metric, &mut own) {
        bounded.unsearched.push(format!(
            "{name}: its minima and maxima contradict each other"
        ));
        return Ok(bounded);
    }
    let after_extremes = own.clone();
    let held = hold_by_edges(known, &mine, &mut own, budget, tick)?;
    for edge in held.contradictions {
        bounded.unsearched.push(format!(
            "{name}: no values agree with its counts up to {edge}"
        ));
    }
    let mut left_out = held.left_out;
    for sums in mine.iter().filter(|s| s.of == Of::Value) {
        for (learner, value) in told {
            hold(&mut own, *learner, *value);
        }
        let program = Program::new(known, &sums.rows, known.atoms(sums.rows.keys()), &own);
        let worth = |learners: &[u32], seen: Interval| {
            let mut all = single(learners, seen, &own).into_iter();
            all.any(|(learner, now)| {
                !told.contains_key(&learner)
                    && (now.width() < 0.0 || narrow(known, metric, now, limits))
            })
        };
        let ranges = program.ranges(worth, budget, tick)?;
        left_out += ranges.left_out;
        if ranges.contradiction {
            let note = format!("{name}: no values agree with its sums and means");
            bounded.unsearched.push(note);
            continue;
        }
        let mut after = own.clone();
        let said = ranges.atoms.members.iter().zip(&ranges.of);
        for (learners, range) in said.filter_map(|(l, r)| Some((l, (*r)?))) {
            for (learner, now) in single(learners, range, &own) {
                hold(&mut after, learner, now);
            }
        }
        own = after;
    }
    if left_out > 0 {
        bounded.unsearched.push(format!(
            "{name}: {left_out} bounds of atoms, for which the linear programs allowed did not suffice"
        ));
    }
    for (learner, now) in &own {
        if told.contains_key(learner) {
            continue;
        }
        let now = now.snapped(known.facts(metric).resolution);
        let reported = known_of(narrowed, *learner).width();
        if reported <= now.width() * (1.0 + 1e-6) + 1e-6 {
            continue;
        }
        let before = known_of(&after_extremes, *learner).snapped(known.facts(metric).resolution);
        let first = before.width() <= now.width();
        let public = Interval::new(known.facts(metric).low, known.facts(metric).high);
        let held = now.width() < public.width() && !first;
        if held || narrow(known, metric, now, limits) {
            let attack = if first {
                Attack::Extremes
            } else {
                Attack::Bounds
            };
            bounded
                .findings
                .push(value(known, metric, *learner, now, attack));
        }
    }
    bounded.own = own;
    Ok(bounded)
}

/// Whether a value is known to within the width asked for, and better than by public facts alone.
pub(super) fn narrow(known: &Known<'_>, metric: u32, now: Interval, limits: &Limits) -> bool {
    let facts = known.facts(metric);
    let public = Interval::new(facts.low, facts.high);
    if now.width().is_nan() || now.width() >= public.width() {
        return false;
    }
    let scale = if public.width().is_finite() {
        public.width()
    } else {
        now.low.abs().max(now.high.abs())
    };
    now.pins(facts.resolution) || now.width() <= limits.width * scale
}

/// What is told of one learner.
fn value(known: &Known<'_>, metric: u32, learner: u32, now: Interval, attack: Attack) -> Finding {
    Finding {
        attack,
        inferred: Inferred::Value,
        metric: Some(metric),
        release: None,
        learners: vec![learner],
        low: now.low,
        high: now.high,
        exact: now.pins(known.facts(metric).resolution),
        solutions: Vec::new(),
        evidence: String::from(match attack {
            Attack::Extremes => "minima and maxima",
            _ => "everything published",
        }),
    }
}
