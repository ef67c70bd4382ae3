//! Which values a small group has, from its statistics.
//!
//! With few learners, n, mean, standard deviation, median, minimum and maximum often leave one
//! set of values only (Garfinkel, Abowd & Martindale 2019 did so to census tables). Groups are
//! rosters, and what is left when rosters are subtracted from each other.

#![expect(
    clippy::cast_possible_truncation,
    reason = "ends beyond the range of whole numbers become its ends"
)]

use std::collections::BTreeMap;

use super::enumeration::{MANY, Puzzle, Solutions, solve};
use super::extremes::{Own, known_of};
use super::finding::{Attack, Finding, Group, Inferred};
use super::history::{Limits, Statistic};
use super::interval::Interval;
use super::known::Known;
use super::run::Tick;
use super::sums::{Of, Sums};
use super::totals::{Part, combine};
use crate::Result;

/// Units from zero up to which values are enumerated.
const LARGEST: f64 = 1e8;
/// Beyond any sum of squares of those.
const ENDLESS: f64 = 1e30;

/// What came of the groups of a metric.
#[derive(Default)]
pub(super) struct Reconstructed {
    pub(super) findings: Vec<Finding>,
    pub(super) groups: Vec<Group>,
    pub(super) unsearched: Vec<String>,
}

/// Searches for the values of all small groups of a metric that has a resolution.
pub(super) fn reconstruct(
    known: &Known<'_>,
    metric: u32,
    (sums, parts, own): (&[Sums], &[Part], &Own),
    limits: &Limits,
    tick: Tick<'_>,
) -> Result<Reconstructed> {
    let mut made = Reconstructed::default();
    let facts = known.facts(metric);
    let mine: Vec<&Sums> = sums.iter().filter(|s| s.metric == metric).collect();
    let mut groups: BTreeMap<&[u32], Vec<&Part>> = BTreeMap::new();
    let of_rosters = rosters(known, metric, limits);
    for part in of_rosters.iter().chain(parts) {
        if (2..=limits.members).contains(&part.learners.len()) {
            groups.entry(&part.learners).or_default().push(part);
        }
    }
    let Some(step) = facts.resolution else {
        if !groups.is_empty() {
            let note = format!("{}: no reconstruction without a resolution", facts.name);
            made.unsearched.push(note);
        }
        return Ok(made);
    };
    let (mut open, mut endless) = (0, 0);
    for (learners, ways) in groups {
        let Some(part) = ways.first() else { continue };
        let Some(puzzle) = puzzle(known, metric, &mine, (learners, &ways), own, step) else {
            endless += 1;
            continue;
        };
        let found = solve(&puzzle, limits.branches, limits.solutions, tick)?;
        if !found.complete {
            open += 1;
        } else if (1..=limits.solutions).contains(&found.count) {
            made.findings.push(finding(metric, part, &found, step));
        }
        made.groups.push(Group {
            evidence: part.evidence.clone(),
            metric,
            learners: learners.len(),
            solutions: found.count,
            complete: found.complete,
        });
    }
    for (count, why) in [
        (open, "whose search took more branches than allowed"),
        (
            endless,
            "whose values have no bounds, or too many values to try",
        ),
    ] {
        if count > 0 {
            let note = format!("{}: {count} small groups {why}", facts.name);
            made.unsearched.push(note);
        }
    }
    Ok(made)
}

/// Small rosters that something was said about, each as a part of its own.
fn rosters(known: &Known<'_>, metric: u32, limits: &Limits) -> Vec<Part> {
    let mut said: Vec<usize> = known
        .cells
        .keys()
        .filter(|(_, m, _)| *m == metric)
        .map(|(roster, ..)| *roster)
        .filter(|roster| known.roster(*roster).len() <= limits.members)
        .collect();
    said.dedup();
    let part = |roster: usize| Part {
        learners: known.roster(roster).to_vec(),
        combination: vec![(roster, 1.0)],
        evidence: known.name(roster).to_owned(),
    };
    said.into_iter().map(part).collect()
}

/// The statistics of a group as bounds in units of the resolution.
fn puzzle(
    known: &Known<'_>,
    metric: u32,
    sums: &[&Sums],
    (learners, ways): (&[u32], &[&Part]),
    own: &Own,
    step: f64,
) -> Option<Puzzle> {
    let n = learners.len();
    let each: Vec<Interval> = learners.iter().map(|l| known_of(own, *l)).collect();
    let low = each.iter().map(|i| i.low).fold(f64::INFINITY, f64::min);
    let high = each
        .iter()
        .map(|i| i.high)
        .fold(f64::NEG_INFINITY, f64::max);
    let mut places = vec![Interval::new(low, high); n];
    let (mut sum, mut squares) = (Interval::ALL, Interval::ALL);
    let mut between = Vec::new();
    for sums in sums {
        for part in ways {
            let Some(total) = combine(sums, &part.combination) else {
                continue;
            };
            match sums.of {
                Of::Value => sum = sum.and(total)?,
                Of::Square => squares = squares.and(total)?,
                Of::AtMost(edge) => {
                    let count = total.wholes();
                    for (place, own) in places.iter_mut().enumerate() {
                        // The first `low` are at or below the edge, those behind `high` above it.
                        if (place as f64) < count.low {
                            own.high = own.high.min(edge);
                        }
                        if place as f64 >= count.high {
                            own.low = own.low.max(edge + step / 2.0);
                        }
                    }
                }
            }
        }
    }
    let whole = ways
        .iter()
        .filter_map(|part| match part.combination.as_slice() {
            [(roster, factor)] if (*factor - 1.0).abs() < 1e-12 => Some(*roster),
            _ => None,
        });
    let statistics = whole.flat_map(|roster| {
        let cells = known.cells.iter();
        cells.filter(move |((r, m, _), _)| *r == roster && *m == metric)
    });
    for ((_, _, statistic), value) in statistics {
        let (at, weight) = match statistic {
            Statistic::Minimum => (0, 0.0),
            Statistic::Maximum => (n - 1, 0.0),
            Statistic::Quantile(q) => {
                let place = q * (n - 1) as f64;
                // The place is below n, so it is a small whole number.
                let at = (0..n).rev().find(|at| *at as f64 <= place + 1e-9)?;
                (at, (place - at as f64).max(0.0))
            }
            _ => continue,
        };
        let own = places.get_mut(at)?;
        if weight < 1e-9 {
            *own = own.and(*value)?;
        } else {
            own.high = own.high.min(value.high);
            let next = places.get_mut(at + 1)?;
            next.low = next.low.max(value.low);
            let slack = 1e-7;
            between.push((
                at,
                weight,
                value.low / step - slack,
                value.high / step + slack,
            ));
        }
    }
    // Nobody is below the least value, so nobody is above what the sums leave for one.
    let most = (sum.high - low * (n - 1) as f64).min(squares.high.max(0.0).sqrt());
    let units = |i: &Interval| {
        let own = Interval::new(i.low, i.high.min(most))
            .times(1.0 / step)
            .wholes();
        let fits = own.low.abs() <= LARGEST && own.high.abs() <= LARGEST;
        fits.then_some((own.low as i64, own.high as i64))
    };
    let ends = |i: Interval, scale: f64| {
        let own = i.times(1.0 / scale).wholes();
        let within = |end: f64| end.clamp(-ENDLESS, ENDLESS) as i128;
        (within(own.low), within(own.high))
    };
    Some(Puzzle {
        places: places.iter().map(units).collect::<Option<_>>()?,
        sum: ends(sum, step),
        squares: ends(squares, step * step),
        between,
    })
}

fn finding(metric: u32, part: &Part, found: &Solutions, step: f64) -> Finding {
    let values = |set: &Vec<i64>| -> Vec<f64> { set.iter().map(|v| *v as f64 * step).collect() };
    let solutions: Vec<Vec<f64>> = found.first.iter().map(values).collect();
    let all = || solutions.iter().flatten().copied();
    debug_assert!(found.count < MANY);
    Finding {
        attack: Attack::Reconstruction,
        inferred: Inferred::Values,
        metric: Some(metric),
        release: None,
        learners: part.learners.clone(),
        low: all().fold(f64::INFINITY, f64::min),
        high: all().fold(f64::NEG_INFINITY, f64::max),
        exact: found.count == 1,
        evidence: part.evidence.clone(),
        solutions,
    }
}
