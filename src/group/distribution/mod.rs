//! The one primitive that is released, and the only code that reads values.
//!
//! Per metric and roster: how many learners lie at or below each edge of a public grid,
//! each count rounded to the base and coded at both ends. Everything else shown about a
//! group is computed from this. A learner adds one unit per cell, so nobody dominates.
//!
//! All thresholds use the exact n, once, here.

mod contents;
mod curves;
mod items;
mod options;
mod paths;
mod records;
mod rows;

pub(in crate::group) use contents::struggle;
pub(crate) use contents::{Content, ContentList, ContentScope, ContentScopes, Tried};
pub(in crate::group) use curves::{Practice, ProtectedCurves, curves, skills};
pub(in crate::group) use items::{Joint, ProtectedItems, items, tests};
pub(in crate::group) use options::{Chosen, options};
pub(crate) use paths::{ByCourse, Tie, Viewed};
pub(in crate::group) use paths::{
    ProtectedCounts, ProtectedViews, View, answering, reached, rewatched, ties, touched, used,
    watched,
};
pub(crate) use rows::Rows;

pub(crate) use records::{Facts, Record, Scope, Scopes, Spell, Step, StepList};

use std::ops::Range;

use super::metric::{Metric, Steps};
use super::policy::ReleasePolicy;
use crate::personal::status::Exit;

/// A count as it may be shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Cell {
    /// Fewer than k.
    Low,
    /// A multiple of the base.
    Count(u32),
    /// All but fewer than k.
    High,
}

/// Weeks of a curve at most: an enrollment a lifetime ago is a slip of the pen.
const MOST: u32 = 1000;

/// Quantiles that may be asked for, as exact fractions.
pub(super) const QUANTILES: [(u32, u32); 11] = [
    (1, 10),
    (1, 5),
    (1, 4),
    (3, 10),
    (2, 5),
    (1, 2),
    (3, 5),
    (7, 10),
    (3, 4),
    (4, 5),
    (9, 10),
];

/// What the exact n allows; decided once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Rules {
    /// n rounded to the base.
    pub(super) n: u32,
    /// n >= 2k: cells are shown at all.
    pub(super) cells: bool,
    /// n >= 4k: the mean is shown.
    pub(super) mean: bool,
    /// What tests between groups count in, the larger of k and twice the base, if n is 10 times
    /// that at least.
    pub(super) test_unit: Option<u32>,
    /// n >= 10k: how two things go together is shown.
    pub(super) together: bool,
    /// Per quantile q: q n >= k and (1 - q) n >= k.
    pub(super) quantiles: [bool; QUANTILES.len()],
    /// Percent at or below which a rate is only bounded.
    pub(super) bound: u32,
    /// What an open tail counts as, twice: k.
    pub(super) k: u32,
    /// How far a rounded count may be from the exact one.
    pub(super) slack: u32,
}

impl Rules {
    fn new(n: usize, policy: ReleasePolicy) -> Self {
        let exact = n as u64;
        let k = u64::from(policy.k());
        let rounded = policy.round(u32::try_from(n).unwrap_or(u32::MAX));
        let unit = policy.k().max(policy.base().saturating_mul(2));
        let enough = |(part, whole): (u32, u32)| {
            let (part, whole) = (u64::from(part), u64::from(whole));
            part * exact >= k * whole && (whole - part) * exact >= k * whole
        };
        Self {
            n: rounded,
            cells: exact >= 2 * k,
            mean: exact >= 4 * k,
            test_unit: Some(unit).filter(|unit| exact >= 10 * u64::from(*unit)),
            together: exact >= 10 * k,
            quantiles: QUANTILES.map(enough),
            bound: bound(exact, rounded, policy),
            k: policy.k(),
            slack: policy.base() / 2,
        }
    }
}

/// Percent at or below which a rate is shown as a bound only: the larger of the code for
/// n and ceil(100 (k - 1) / (`n_rounded` - floor(base / 2))), so that a label never claims
/// more than the coding knows (codes after NCES SLDS Technical Brief 3).
fn bound(exact: u64, rounded: u32, policy: ReleasePolicy) -> u32 {
    let code = match exact {
        300.. => 1,
        100..300 => 2,
        40..100 => 5,
        20..40 => 10,
        _ => 20,
    };
    let least = u64::from(rounded.saturating_sub(policy.base() / 2)).max(1);
    let known = (100 * u64::from(policy.k() - 1)).div_ceil(least);
    u32::try_from(known).map_or(100, |known| known.max(code).min(100))
}

/// Counts of learners at or below each edge, as they may be shown.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct ProtectedDistribution {
    rules: Rules,
    grid: Vec<f64>,
    cumulative: Vec<Cell>,
    /// Half the unit of a metric that counts things; 0 for one that measures.
    half: f64,
}

impl ProtectedDistribution {
    /// Half the unit of a metric that counts things; 0 for one that measures.
    pub(super) fn half(&self) -> f64 {
        self.half
    }

    /// What n allows.
    pub(super) fn rules(&self) -> &Rules {
        &self.rules
    }

    /// Edges and what is at or below each; empty when n < 2k.
    pub(super) fn cells(&self) -> impl Iterator<Item = (f64, Cell)> + '_ {
        self.grid
            .iter()
            .copied()
            .zip(self.cumulative.iter().copied())
    }
}

/// Counts of learners who reached each step and who left at it, as they may be shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct ProtectedSteps {
    rules: Rules,
    cells: Vec<(Cell, Cell)>,
}

impl ProtectedSteps {
    /// What n allows.
    pub(super) fn rules(&self) -> &Rules {
        &self.rules
    }

    /// Per step: reached, left; empty when n < 2k.
    pub(super) fn cells(&self) -> &[(Cell, Cell)] {
        &self.cells
    }
}

/// Counts of learners who had left, completed or were last seen by the end of each week of
/// theirs, as they may be shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct ProtectedSpells {
    rules: Rules,
    weeks: Vec<[Cell; 3]>,
}

impl ProtectedSpells {
    /// What n allows.
    pub(super) fn rules(&self) -> &Rules {
        &self.rules
    }

    /// Per week since enrollment: left, completed, censored up to its end; empty when n < 2k.
    pub(super) fn weeks(&self) -> &[[Cell; 3]] {
        &self.weeks
    }
}

/// The distribution of a metric over a roster.
pub(super) fn distribution(
    members: &[u32],
    scope: &Scope,
    metric: Metric,
    policy: ReleasePolicy,
) -> ProtectedDistribution {
    let grid = scope.facts().grids.of(metric, members.len());
    let (rules, cumulative) = protect(members, scope.rows(), policy, grid.len(), |record, into| {
        let value = value(record, metric);
        let first = grid
            .partition_point(|edge| *edge < value)
            .min(grid.len() - 1);
        into.push(first..grid.len());
    });
    ProtectedDistribution {
        rules,
        grid,
        cumulative,
        half: if metric.unit() == "1" { 0.5 } else { 0.0 },
    }
}

/// Who reached and who left each step:
/// reached(j) = count(furthest >= j), left(j) = count(left and furthest = j).
/// Steps at one position are reached together.
pub(super) fn steps(
    members: &[u32],
    scope: &Scope,
    by: Steps,
    policy: ReleasePolicy,
) -> ProtectedSteps {
    let list = scope.facts().steps(by).as_deref().unwrap_or(&[]);
    let steps = list.len();
    let place = |step: usize| list.get(step).and_then(|s| s.position);
    let level = |step: usize| {
        let here = |next: &usize| place(*next).is_some() && place(*next) == place(step);
        (step + 1..steps).take_while(here).last().unwrap_or(step) + 1
    };
    let furthest = |record: &Record| {
        let step = match by {
            Steps::Content => record.furthest_content,
            Steps::Module => record.furthest_module,
            Steps::Week => record.last_week,
        }?;
        Some((step as usize).min(steps.checked_sub(1)?))
    };
    let (rules, reached) = protect(members, scope.rows(), policy, steps, |record, into| {
        into.extend(furthest(record).map(|step| 0..level(step)));
    });
    let (_, left) = protect(members, scope.rows(), policy, steps, |record, into| {
        let step = furthest(record).filter(|_| record.left);
        into.extend(step.map(|step| step..step + 1));
    });
    let cells = reached.into_iter().zip(left).collect();
    ProtectedSteps { rules, cells }
}

/// How long learners stayed and what ended it, week by week since each enrolled: up to the last
/// week that k of them could have reached, which enrollments tell and nothing that anybody did.
pub(super) fn spells(members: &[u32], scope: &Scope, policy: ReleasePolicy) -> ProtectedSpells {
    let could = |record: &Record| {
        record
            .spell
            .map_or(0, |spell| spell.could.min(MOST) as usize + 1)
    };
    let of = |member: &u32| scope.rows().get(*member).map_or(0, could);
    let most = members.iter().map(of).max().unwrap_or(0);
    let (_, reach) = protect(members, scope.rows(), policy, most, |record, into| {
        into.push(0..could(record));
    });
    let weeks = reach.iter().take_while(|cell| **cell != Cell::Low).count();
    let by = |exit: Exit| {
        protect(members, scope.rows(), policy, weeks, |record, into| {
            // A member of whom nothing is known was seen in no week.
            let spell = record.spell.unwrap_or_default();
            let from = if spell.exit == exit {
                spell.week as usize
            } else {
                weeks
            };
            into.push(from.min(weeks)..weeks);
        })
    };
    let (rules, left) = by(Exit::Left);
    let (completed, censored) = (by(Exit::Completed).1, by(Exit::Censored).1);
    let weeks = left.into_iter().zip(completed).zip(censored);
    ProtectedSpells {
        rules,
        weeks: weeks.map(|((a, b), c)| [a, b, c]).collect(),
    }
}

/// A learner's own value, for her own eyes.
pub(super) fn own(learner: u32, scope: &Scope, metric: Metric) -> f64 {
    scope
        .rows()
        .get(learner)
        .map_or(0.0, |record| value(record, metric))
}

/// The one reader of a roster's values: counts, per cell, the members whose `cells`
/// hold it, and codes each count by itself. A function of the multiset of records; a learner
/// adds one to a cell or nothing, whatever her record says.
fn protect<R: Default>(
    members: &[u32],
    rows: &Rows<R>,
    policy: ReleasePolicy,
    len: usize,
    cells: impl Fn(&R, &mut Vec<Range<usize>>),
) -> (Rules, Vec<Cell>) {
    let rules = Rules::new(members.len(), policy);
    if !rules.cells {
        return (rules, Vec::new());
    }
    let absent = R::default();
    let mut counts = vec![0_i64; len + 1];
    let mut inside = Vec::new();
    for member in members {
        inside.clear();
        cells(rows.get(*member).unwrap_or(&absent), &mut inside);
        inside.sort_unstable_by_key(|range| range.start);
        let mut counted = 0;
        for range in &inside {
            let (from, to) = (range.start.max(counted), range.end.min(len));
            if from >= to {
                continue;
            }
            for (at, change) in [(from, 1), (to, -1)] {
                if let Some(count) = counts.get_mut(at) {
                    *count += change;
                }
            }
            counted = to;
        }
    }
    counts.truncate(len);
    let counted = counts.iter().scan(0, |sum, change| {
        *sum += change;
        Some(code(*sum, members.len(), policy))
    });
    (rules, counted.collect())
}

/// 0..k is low, n - k + 1..=n is high, anything between is rounded to the base.
fn code(count: i64, n: usize, policy: ReleasePolicy) -> Cell {
    let k = i64::from(policy.k());
    let n = i64::try_from(n).unwrap_or(i64::MAX);
    if count < k {
        Cell::Low
    } else if count > n - k {
        Cell::High
    } else {
        Cell::Count(policy.round(u32::try_from(count).unwrap_or(u32::MAX)))
    }
}

/// A metric of a record; absent is 0, because a member without activity has 0.
fn value(record: &Record, metric: Metric) -> f64 {
    let at = Metric::ALL.iter().position(|m| *m == metric);
    let value = at.and_then(|i| record.metrics.get(i).copied());
    value.filter(|v| !v.is_nan()).unwrap_or(0.0)
}

#[cfg(test)]
mod tests;
