//! Classical item analysis (METRICS: assessment), after Lord & Novick 1968; efficiency and
//! effective weight as Moodle's quiz statistics define them.

use std::collections::BTreeMap;

use super::moments::{correlation, covariance, varies};
use crate::personal::assessments::Response;

/// Kelley (1939): the tails of 27 % tell an item's discrimination best.
const TAIL: f64 = 0.27;
/// Totals closer than this are the same.
const TIE: f64 = 1e-9;

/// What a missing score counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Missing {
    /// No marks, as in a quiz handed in with a blank.
    Zero,
    /// Learners who lack one are left out.
    LeaveOut,
}

/// The scores of learners at items, without gaps.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Scores {
    /// By item, then learner.
    columns: Vec<Vec<f64>>,
    totals: Vec<f64>,
}

impl Scores {
    /// From one row per learner; learners without any score are left out.
    pub(crate) fn new(rows: &[Vec<Option<f64>>], items: usize, missing: Missing) -> Self {
        let cell = |row: &[Option<f64>], item: usize| row.get(item).copied().flatten();
        let kept = rows.iter().filter(|row| {
            let mut has = (0..items).map(|item| cell(row, item).is_some());
            match missing {
                Missing::Zero => has.any(|has| has),
                Missing::LeaveOut => items > 0 && has.all(|has| has),
            }
        });
        let mut columns = vec![Vec::new(); items];
        let mut totals = Vec::new();
        for row in kept {
            for (item, column) in columns.iter_mut().enumerate() {
                column.push(cell(row, item).unwrap_or(0.0));
            }
            totals.push((0..items).filter_map(|item| cell(row, item)).sum());
        }
        Self { columns, totals }
    }

    pub(crate) fn learners(&self) -> usize {
        self.totals.len()
    }

    /// Each learner's sum over the other items, not total minus item: equal sums stay equal.
    pub(crate) fn rest(&self, item: usize) -> Vec<f64> {
        let mut rest = vec![0.0; self.learners()];
        let others = self
            .columns
            .iter()
            .enumerate()
            .filter(|(at, _)| *at != item);
        for (_, column) in others {
            rest.iter_mut().zip(column).for_each(|(sum, v)| *sum += v);
        }
        rest
    }
}

/// First attempts as a matrix, one row per learner, one column per item of `items`. Where nobody's
/// first attempt at an item has a score, a stated success is full marks and a failure none.
pub(crate) fn first_attempts(
    responses: &[Response],
    items: std::ops::Range<u32>,
) -> Vec<Vec<Option<f64>>> {
    let width = items.len();
    let first = || {
        let own = responses.iter().filter(|r| r.number == 1);
        own.filter(|r| items.contains(&r.attempt.item))
    };
    let place = |r: &Response| (r.attempt.item - items.start) as usize;
    let mut scored = vec![false; width];
    for response in first().filter(|r| r.attempt.score.is_some()) {
        scored[place(response)] = true;
    }
    let mut rows: BTreeMap<u32, Vec<Option<f64>>> = BTreeMap::new();
    for response in first() {
        let success = response.attempt.success.map(|s| f64::from(u8::from(s)));
        let at = place(response);
        let row = rows
            .entry(response.learner)
            .or_insert_with(|| vec![None; width]);
        row[at] = response.attempt.score.or(success.filter(|_| !scored[at]));
    }
    rows.into_values().collect()
}

/// What classical test theory says about an item.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Item {
    pub(crate) n: usize,
    /// Mean / full marks.
    pub(crate) facility: Option<f64>,
    /// Correlation with the sum of the other items.
    pub(crate) discrimination: Option<f64>,
    /// Correlation with the total; of items that are right or wrong only.
    pub(crate) point_biserial: Option<f64>,
    /// Facility among the best 27 % minus that among the last 27 %.
    pub(crate) upper_lower: Option<f64>,
    /// Covariance with the rest / the greatest it could be with these scores.
    pub(crate) efficiency: Option<f64>,
    /// The item's part of the spread of totals; `None` where it works against it.
    pub(crate) weight: Option<f64>,
}

impl Item {
    pub(crate) fn hard(&self) -> bool {
        self.facility.is_some_and(|p| p < 0.2)
    }

    pub(crate) fn easy(&self) -> bool {
        self.facility.is_some_and(|p| p > 0.95)
    }

    /// Hardly tells good from weak learners.
    pub(crate) fn weak(&self) -> bool {
        self.discrimination.is_some_and(|d| d < 0.1)
    }

    /// Good learners do worse: probably the wrong key.
    pub(crate) fn negative(&self) -> bool {
        self.discrimination.is_some_and(|d| d < 0.0)
    }
}

/// Analyses all items; `full` are their full marks.
pub(crate) fn analyse(scores: &Scores, full: &[f64]) -> Vec<Item> {
    let roots: Vec<Option<f64>> = scores
        .columns
        .iter()
        .map(|column| covariance(column, &scores.totals))
        .map(|cov| cov.filter(|cov| *cov >= 0.0).map(f64::sqrt))
        .collect();
    let sum: f64 = roots.iter().flatten().sum();
    let tails = tails(&scores.totals);
    let items = scores.columns.iter().enumerate();
    items
        .map(|(item, column)| {
            let full = full.get(item).copied().filter(|full| *full > 0.0);
            let rest = scores.rest(item);
            let binary = full.is_some_and(|full| column.iter().all(|v| *v <= 0.0 || *v >= full));
            let n = column.len();
            let mean = (n > 0).then(|| column.iter().sum::<f64>() / n as f64);
            Item {
                n,
                facility: mean.zip(full).map(|(mean, full)| mean / full),
                discrimination: correlation(column, &rest),
                point_biserial: correlation(column, &scores.totals).filter(|_| binary),
                upper_lower: tails
                    .as_ref()
                    .zip(full)
                    .map(|(tails, full)| tails.difference(column) / full),
                efficiency: efficiency(column, &rest),
                weight: roots[item].filter(|_| sum > 0.0).map(|root| root / sum),
            }
        })
        .collect()
}

fn efficiency(column: &[f64], rest: &[f64]) -> Option<f64> {
    if !varies(column) || !varies(rest) {
        return None;
    }
    let sorted = |values: &[f64]| {
        let mut values = values.to_vec();
        values.sort_by(f64::total_cmp);
        values
    };
    let most = covariance(&sorted(column), &sorted(rest))?;
    Some(covariance(column, rest)? / most)
}

/// The learners with the highest and the lowest totals.
struct Tails {
    size: f64,
    /// Each learner's part in the upper and in the lower tail, 0..1.
    parts: Vec<(f64, f64)>,
}

impl Tails {
    fn difference(&self, column: &[f64]) -> f64 {
        let (mut upper, mut lower) = (0.0, 0.0);
        for (value, part) in column.iter().zip(&self.parts) {
            upper += value * part.0;
            lower += value * part.1;
        }
        (upper - lower) / self.size
    }
}

/// 27 % of the learners at either end. Those tied at the border share its places, so that the
/// order of the learners means nothing. `None` if all have the same total.
fn tails(totals: &[f64]) -> Option<Tails> {
    let mut sorted = totals.to_vec();
    sorted.sort_by(f64::total_cmp);
    let n = sorted.len();
    let (first, last) = (*sorted.first()?, *sorted.last()?);
    if last - first <= TIE {
        return None;
    }
    let size = (TAIL * n as f64).round().max(1.0);
    let place = (1..=n).take_while(|place| *place as f64 <= size).count();
    let (lower, upper) = (sorted[place - 1], sorted[n - place]);
    let count = |test: &dyn Fn(f64) -> bool| totals.iter().filter(|t| test(**t)).count() as f64;
    let border = |inside: f64, tied: f64| (size - inside) / tied;
    let high = border(
        count(&|t| t > upper + TIE),
        count(&|t| (t - upper).abs() <= TIE),
    );
    let low = border(
        count(&|t| t < lower - TIE),
        count(&|t| (t - lower).abs() <= TIE),
    );
    let part = |beyond: bool, tied: bool, border: f64| match (beyond, tied) {
        (true, _) => 1.0,
        (_, true) => border,
        _ => 0.0,
    };
    let parts = totals
        .iter()
        .map(|t| {
            let up = part(*t > upper + TIE, (t - upper).abs() <= TIE, high);
            let down = part(*t < lower - TIE, (t - lower).abs() <= TIE, low);
            (up, down)
        })
        .collect();
    Some(Tails { size, parts })
}

#[cfg(test)]
#[path = "items_tests.rs"]
mod tests;
