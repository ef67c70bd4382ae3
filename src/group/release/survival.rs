//! How long learners stay, with censoring: survival and cumulative incidence on a weekly grid,
//! from released counts alone.
//!
//! The estimators run over every count that may be shown, so that each meets the risk set of its
//! own week, while the curve waits for k of them: k leavers of ten weeks divided by those at risk
//! in the tenth would be too many wherever others are censored meanwhile.

use crate::Result;
use crate::group::ReferenceGroups;
use crate::group::distribution::{Cell, ProtectedSpells, Rules};

use super::tables::{Answer, ask_spells, plain, release, row};
use super::{Kind, Released};

/// The normal quantile of a 95 % band.
const Z: f64 = 1.959_963_984_540_054;

/// The curve at the end of a week.
struct Point {
    survival: f64,
    band: Option<(f64, f64)>,
    left: f64,
    completed: f64,
    hazard: f64,
}

/// `group, week, survival, low, high, left, completed, cumulative_hazard, n, unit, reason`.
pub(in crate::group) fn survival(groups: &ReferenceGroups) -> Result<Released> {
    let mut rows = Vec::new();
    for group in groups.groups.iter() {
        let answer = ask_spells(groups, group);
        let Ok(from) = &answer.cells else {
            rows.push(row(group, &answer, Vec::new(), Vec::new(), "share"));
            continue;
        };
        for (week, point) in (1_u32..).zip(curve(from)) {
            let values = vec![
                Some(f64::from(week)),
                point.as_ref().map(|point| point.survival),
                point.as_ref().and_then(|point| Some(point.band?.0)),
                point.as_ref().and_then(|point| Some(point.band?.1)),
                point.as_ref().map(|point| point.left),
                point.as_ref().map(|point| point.completed),
                point.as_ref().map(|point| point.hazard),
            ];
            let cells = Answer {
                n: answer.n,
                cells: Ok(()),
            };
            rows.push(plain(group, &cells, Vec::new(), values, "share"));
        }
    }
    let value = |name| (name, Kind::Value);
    let layout = [
        ("week", Kind::Whole),
        value("survival"),
        value("low"),
        value("high"),
        value("left"),
        value("completed"),
        value("cumulative_hazard"),
    ];
    release(groups, &layout, rows)
}

/// Kaplan-Meier survival (neither left nor completed) with Greenwood's variance on the log-log
/// scale, Aalen-Johansen incidences of leaving and completing, and the Nelson-Aalen cumulative
/// hazard of leaving, all over the counts as they may be shown. A curve steps only when at least
/// k learners more have left (or completed) since its last step. It stops where fewer than k of
/// the group are left by it, so that what the last of them do is not told week by week, and
/// where fewer than 2k are at risk: no rate is shown of so few.
fn curve(from: &ProtectedSpells) -> Vec<Option<Point>> {
    let rules = from.rules();
    let (n, least) = (f64::from(rules.n), f64::from(rules.k));
    let mut run = Running::default();
    let (mut left, mut completed) = (Step::default(), Step::default());
    let (mut hazard, mut variance) = (0.0, 0.0);
    let mut points = Vec::with_capacity(from.weeks().len());
    for week in from.weeks() {
        let counts = week.map(|cell| count(cell, rules));
        let at_risk = n - run.gone;
        run.week(counts, n);
        let stepped = left.take(run.left, run.to_left, least);
        if stepped {
            hazard = run.hazard;
        }
        if completed.take(run.completed, run.to_completed, least) || stepped {
            variance = run.variance;
        }
        let survival = 1.0 - left.incidence - completed.incidence;
        let enough = survival * n >= least && at_risk >= 2.0 * least;
        points.push(enough.then(|| Point {
            survival,
            band: band(survival, variance),
            left: left.incidence,
            completed: completed.incidence,
            hazard,
        }));
    }
    points
}

/// The estimators after some weeks, each learner counted in the week in which her count is.
#[derive(Default)]
struct Running {
    /// Counts so far, and all who are no longer at risk.
    left: f64,
    completed: f64,
    gone: f64,
    to_left: f64,
    to_completed: f64,
    hazard: f64,
    variance: f64,
}

impl Running {
    fn week(&mut self, [left, completed, censored]: [f64; 3], n: f64) {
        let at_risk = n - self.gone;
        let more = [left - self.left, completed - self.completed];
        let [leaving, completing] = more.map(|count| count.max(0.0));
        let events = leaving + completing;
        if events > 0.0 && at_risk > 0.0 {
            // Rounded counts can add up to more than there are.
            let part = (at_risk / events).min(1.0) / at_risk;
            let survival = 1.0 - self.to_left - self.to_completed;
            self.to_left += survival * leaving * part;
            self.to_completed += survival * completing * part;
            self.hazard += leaving * part;
            if at_risk > events {
                self.variance += events / (at_risk * (at_risk - events));
            }
        }
        self.left = left.max(self.left);
        self.completed = completed.max(self.completed);
        self.gone = (left + completed + censored).min(n).max(self.gone);
    }
}

/// Where a curve stands, and how many learners that tells of.
#[derive(Default)]
struct Step {
    count: f64,
    incidence: f64,
}

impl Step {
    /// Whether enough have come for another step.
    fn take(&mut self, count: f64, incidence: f64, least: f64) -> bool {
        let enough = count - self.count >= least;
        if enough {
            *self = Self { count, incidence };
        }
        enough
    }
}

/// The log-log band; none where the curve has not moved yet or has ended.
fn band(survival: f64, variance: f64) -> Option<(f64, f64)> {
    if survival <= 0.0 || survival >= 1.0 {
        return None;
    }
    let spread = (Z * variance.sqrt() / survival.ln()).exp();
    let (a, b) = (survival.powf(spread), survival.powf(1.0 / spread));
    Some((a.min(b), a.max(b)))
}

/// A count that is only known to be low is none, one known to be high is all but k / 2.
fn count(cell: Cell, rules: &Rules) -> f64 {
    match cell {
        Cell::Low => 0.0,
        Cell::Count(count) => f64::from(count),
        Cell::High => f64::from(rules.n) - f64::from(rules.k) / 2.0,
    }
}
