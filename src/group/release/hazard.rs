//! Where learners leave: the hazard at each step, from released counts alone.

use crate::group::ReferenceGroups;
use crate::group::distribution::{Cell, Rules};
use crate::group::metric::Steps;
use crate::stats::{Alternative, benjamini_hochberg, binomial_test, median};
use crate::{Error, Result};

use super::contents::Share;
use super::tables::{Answer, ask_steps, plain, release, row};
use super::{Kind, Released};

/// Steps whose adjusted p-value is at most this are flagged.
const LEVEL: f64 = 0.05;

/// A step that enough learners reached to speak of a hazard.
struct Step {
    reached: u64,
    /// What stands for a count that is only known to be low: k / 2, rounded down.
    left: u64,
    code: &'static str,
}

impl Step {
    fn new((reached, left): (Cell, Cell), rules: &Rules) -> Option<Self> {
        let tail = u64::from(rules.k / 2);
        let count = |cell: Cell| match cell {
            Cell::Low => tail,
            Cell::Count(count) => u64::from(count),
            Cell::High => u64::from(rules.n).saturating_sub(tail),
        };
        let reached_count = count(reached);
        if reached == Cell::Low || reached_count < 2 * u64::from(rules.k) {
            return None;
        }
        Some(Self {
            reached: reached_count,
            left: count(left).min(reached_count),
            code: match left {
                Cell::Low => "low",
                Cell::Count(_) => "count",
                Cell::High => "high",
            },
        })
    }

    fn rate(&self) -> f64 {
        self.left as f64 / self.reached as f64
    }

    /// The percent above which a count that is coded low cannot lie: never less than the coding
    /// of small counts knows.
    fn bound(&self, rules: &Rules) -> f64 {
        let least = self.reached.saturating_sub(u64::from(rules.slack)).max(1);
        let known = (100 * u64::from(rules.k.saturating_sub(1))).div_ceil(least);
        known.max(u64::from(rules.bound)).min(100) as f64 / 100.0
    }
}

/// `group, step, position, hazard, code, low, high, lift, p_value, flagged, n, unit, reason`.
pub(in crate::group) fn hazard(groups: &ReferenceGroups, by: Steps) -> Result<Released> {
    let mut rows = Vec::new();
    for group in groups.groups.iter() {
        let answer = ask_steps(groups, group, by);
        let Ok((steps, from)) = &answer.cells else {
            rows.push(row(group, &answer, Vec::new(), Vec::new(), "share"));
            continue;
        };
        let rules = from.rules();
        let known: Vec<Option<Step>> = from
            .cells()
            .iter()
            .map(|cells| Step::new(*cells, rules))
            .collect();
        let p_values = p_values(&known)?;
        let rates: Vec<f64> = known.iter().flatten().map(Step::rate).collect();
        let usual = median(&rates).filter(|rate| *rate > 0.0);
        for ((step, own), p_value) in steps.iter().zip(&known).zip(p_values) {
            let share = own
                .as_ref()
                .and_then(|own| Share::of(own.left, own.reached, rules));
            let (low, high) = match (own, share) {
                (Some(own), _) if own.code == "low" => (Some(0.0), Some(own.bound(rules))),
                (Some(_), Some(share)) => share.interval()?,
                _ => (None, None),
            };
            // A share that is too near 0 or 1 is bounded only: nobody learns that all left.
            let rate = share
                .filter(|_| own.as_ref().is_some_and(|own| own.code == "count"))
                .and_then(|share| share.rate());
            let shown = own.as_ref().filter(|_| rate.is_some());
            let flag = own.as_ref().zip(p_value).map(|(own, p)| {
                let stands_out = own.code != "low" && p <= LEVEL;
                f64::from(u8::from(stands_out))
            });
            let values = vec![
                step.position,
                rate,
                low,
                high,
                shown.zip(usual).map(|(own, usual)| own.rate() / usual),
                p_value,
                flag,
            ];
            let code = match (own, share) {
                (Some(own), Some(share)) if own.code == "count" && rate.is_none() => {
                    if share.order() == 100 { "high" } else { "low" }
                }
                (own, _) => own.as_ref().map_or("few", |own| own.code),
            };
            let texts = vec![Some(step.label.clone()), Some(code.to_owned())];
            let cells = Answer {
                n: answer.n,
                cells: Ok(()),
            };
            rows.push(plain(group, &cells, texts, values, "share"));
        }
    }
    let layout = [
        ("step", Kind::Text),
        ("position", Kind::Value),
        ("hazard", Kind::Value),
        ("code", Kind::Text),
        ("low", Kind::Value),
        ("high", Kind::Value),
        ("lift", Kind::Value),
        ("p_value", Kind::Value),
        ("flagged", Kind::Flag),
    ];
    release(groups, &layout, rows)
}

/// For each step the adjusted p-value of a one-sided exact binomial test that more leave there
/// than at all other steps together.
fn p_values(steps: &[Option<Step>]) -> Result<Vec<Option<f64>>> {
    let all = steps.iter().flatten();
    let (left, reached) = all.fold((0, 0), |(left, reached), step| {
        (left + step.left, reached + step.reached)
    });
    let test = |step: &Step| {
        let others = (left - step.left, reached - step.reached);
        if others.1 == 0 {
            return Ok(1.0);
        }
        let usual = others.0 as f64 / others.1 as f64;
        binomial_test(step.left, step.reached, usual, Alternative::Greater)
    };
    let raw: Vec<f64> = steps.iter().flatten().map(test).collect::<Result<_>>()?;
    let mut adjusted = benjamini_hochberg(&raw)?.into_iter();
    let fill = |step: &Option<Step>| match step {
        Some(_) => adjusted.next().map(Some).ok_or(Error::Cancelled),
        None => Ok(None),
    };
    steps.iter().map(fill).collect()
}
