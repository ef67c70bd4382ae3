//! How long learners stay, with censoring: survival and cumulative incidence on a weekly grid,
//! from released counts alone.

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
/// hazard of leaving. A curve steps only when at
/// least k learners more have left (or completed) since its last step, and stops where fewer than
/// k of the group are left by it: what the last of them do is not told week by week.
fn curve(from: &ProtectedSpells) -> Vec<Option<Point>> {
    let rules = from.rules();
    let n = f64::from(rules.n);
    let least = f64::from(rules.k);
    // What the steps so far have used: left, completed, and all who are gone.
    let (mut left, mut completed, mut gone) = (0.0, 0.0, 0.0);
    let (mut survival, mut variance) = (1.0_f64, 0.0_f64);
    let (mut to_left, mut to_completed, mut hazard) = (0.0, 0.0, 0.0);
    let mut points = Vec::with_capacity(from.weeks().len());
    for week in from.weeks() {
        let [now_left, now_completed, censored] = week.map(|cell| count(cell, rules));
        let step = |now: f64, used: f64| if now - used >= least { now - used } else { 0.0 };
        let (leaving, completing) = (step(now_left, left), step(now_completed, completed));
        let events = leaving + completing;
        let at_risk = n - gone;
        if events > 0.0 && at_risk > 0.0 {
            let events = events.min(at_risk);
            to_left += survival * leaving.min(at_risk) / at_risk;
            to_completed += survival * completing.min(at_risk) / at_risk;
            hazard += leaving.min(at_risk) / at_risk;
            survival *= 1.0 - events / at_risk;
            if at_risk > events {
                variance += events / (at_risk * (at_risk - events));
            }
            left += leaving;
            completed += completing;
        }
        gone = (left + completed + censored).min(n).max(gone);
        points.push((survival * n >= least).then(|| Point {
            survival,
            band: band(survival, variance),
            left: to_left,
            completed: to_completed,
            hazard,
        }));
    }
    points
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
