//! The tables, one function each.

use crate::group::distribution::{
    self, Cell, ProtectedDistribution, ProtectedSpells, ProtectedSteps, QUANTILES, Rules, Scope,
    Step,
};
use crate::group::metric::{Metric, Steps};
use crate::group::planner::{Outcome, Part};
use crate::group::{Group, ReferenceGroups};
use crate::{Error, Result};

use super::rosters::note;
use super::shape::{mean, position, quantile};
use super::{Kind, Released, Row};

/// Why a cell is empty when too few learners stand behind it.
pub(super) const TOO_FEW: &str = "TooFew";

/// What may be shown of one group: n, and the cells or the reason why there are none.
pub(super) struct Answer<T> {
    pub(super) n: Option<u32>,
    pub(super) cells: std::result::Result<T, String>,
}

/// `group, metric, q25, median, q75, mean, n, unit, reason`.
pub(in crate::group) fn summary(groups: &ReferenceGroups) -> Result<Released> {
    let mut rows = Vec::new();
    for group in groups.groups.iter() {
        for metric in groups.metrics.iter().copied() {
            let answer = ask(groups, group, metric);
            let values = match &answer.cells {
                Ok(from) => vec![
                    quantile(from, (1, 4)),
                    quantile(from, (1, 2)),
                    quantile(from, (3, 4)),
                    mean(from),
                ],
                Err(_) => Vec::new(),
            };
            let text = vec![Some(metric.name().to_string())];
            rows.push(row(group, &answer, text, values, metric.unit()));
        }
    }
    let value = |name| (name, Kind::Value);
    let columns = [value("q25"), value("median"), value("q75"), value("mean")];
    release(
        groups,
        &[&[("metric", Kind::Text)], &columns[..]].concat(),
        rows,
    )
}

/// `group, metric, upper, learners, code, n, unit, reason`.
pub(in crate::group) fn distribution(groups: &ReferenceGroups, metric: Metric) -> Result<Released> {
    let mut rows = Vec::new();
    for group in groups.groups.iter() {
        let answer = ask(groups, group, metric);
        let name = || Some(metric.name().to_string());
        let Ok(from) = &answer.cells else {
            rows.push(row(group, &answer, vec![name()], Vec::new(), metric.unit()));
            continue;
        };
        for (upper, cell) in from.cells() {
            let (count, code) = shown(cell);
            let texts = vec![name(), Some(code.to_string())];
            let cells = Answer {
                n: answer.n,
                cells: Ok(()),
            };
            rows.push(plain(
                group,
                &cells,
                texts,
                vec![Some(upper), count],
                metric.unit(),
            ));
        }
    }
    let layout = [
        ("metric", Kind::Text),
        ("upper", Kind::Value),
        ("learners", Kind::Value),
        ("code", Kind::Text),
    ];
    release(groups, &layout, rows)
}

/// `group, metric, quantile, value, n, unit, reason`.
pub(in crate::group) fn quantiles(groups: &ReferenceGroups, metric: Metric) -> Result<Released> {
    let mut rows = Vec::new();
    for group in groups.groups.iter() {
        let answer = ask(groups, group, metric);
        for (part, whole) in QUANTILES {
            let value = answer
                .cells
                .as_ref()
                .ok()
                .and_then(|from| quantile(from, (part, whole)));
            let text = vec![Some(metric.name().to_string())];
            let mut made = row(group, &answer, text, vec![value], metric.unit());
            made.values
                .insert(0, Some(f64::from(part) / f64::from(whole)));
            rows.push(made);
        }
    }
    let layout = [
        ("metric", Kind::Text),
        ("quantile", Kind::Value),
        ("value", Kind::Value),
    ];
    release(groups, &layout, rows)
}

/// `group, step, position, reached, reached_code, left, left_code, n, unit, reason`.
pub(in crate::group) fn drop_off(groups: &ReferenceGroups, by: Steps) -> Result<Released> {
    let mut rows = Vec::new();
    for group in groups.groups.iter() {
        let answer = ask_steps(groups, group, by);
        let Ok((steps, from)) = &answer.cells else {
            rows.push(row(group, &answer, Vec::new(), Vec::new(), "1"));
            continue;
        };
        for (step, (reached, left)) in steps.iter().zip(from.cells()) {
            let (reached, reached_code) = shown(*reached);
            let (left, left_code) = shown(*left);
            let texts = [step.label.as_str(), reached_code, left_code];
            let texts = texts.map(|t| Some(t.to_string())).to_vec();
            let cells = Answer {
                n: answer.n,
                cells: Ok(()),
            };
            rows.push(plain(
                group,
                &cells,
                texts,
                vec![step.position, reached, left],
                "1",
            ));
        }
    }
    let layout = [
        ("step", Kind::Text),
        ("position", Kind::Value),
        ("reached", Kind::Value),
        ("reached_code", Kind::Text),
        ("left", Kind::Value),
        ("left_code", Kind::Text),
    ];
    release(groups, &layout, rows)
}

/// `group, used, metric, own, band_low, band_high, median, n, unit, reason`, one row per
/// group that the learner is on.
pub(in crate::group) fn compare(
    groups: &ReferenceGroups,
    learner: u32,
    metric: Metric,
) -> Result<Released> {
    let on = |(group, _): &(&Group, Option<&Group>)| group.current.binary_search(&learner).is_ok();
    let mut rungs: Vec<_> = groups.rungs().filter(on).collect();
    if rungs.iter().any(|(group, _)| group.part != Part::Pool) {
        rungs.retain(|(group, _)| group.part != Part::Pool);
    }
    if rungs.is_empty() {
        return Err(Error::NoSuchLearner);
    }
    let (mut rows, mut certificates) = (Vec::new(), Vec::new());
    for (group, used) in rungs {
        let answer = ask(groups, used.unwrap_or(group), metric);
        let own = groups
            .scope(group)
            .filter(|s| s.facts().reason(metric).is_none())
            .map(|s| distribution::own(learner, s, metric));
        let from = answer.cells.as_ref().ok();
        let band = from.zip(own).and_then(|(from, own)| position(from, own));
        let values = vec![
            band.map(|b| b.0),
            band.map(|b| b.1),
            from.and_then(|from| quantile(from, (1, 2))),
        ];
        let name = used.map(|used| used.label.clone());
        let texts = vec![name, Some(metric.name().to_string())];
        let mut made = row(group, &answer, texts, values, metric.unit());
        made.values.insert(0, own);
        rows.push(made);
        note(&mut certificates, used);
    }
    let value = |name| (name, Kind::Value);
    let layout = [
        ("used", Kind::Text),
        ("metric", Kind::Text),
        value("own"),
        value("band_low"),
        value("band_high"),
        value("median"),
    ];
    Released::new(&layout, rows, groups.integer, certificates)
}

/// What `make` reads of a group that is released, or the reason why not. A group that is
/// withheld says so before anything else.
fn read<'a, T>(
    groups: &'a ReferenceGroups,
    group: &Group,
    make: impl FnOnce(&[u32], &'a Scope) -> Answer<T>,
) -> Answer<T> {
    match released(group) {
        Ok(members) => match groups.scope(group) {
            Some(scope) => make(members, scope),
            None => no_scope(groups, members, Err("no learning data".to_string())),
        },
        Err(reason) => Answer {
            n: None,
            cells: Err(reason),
        },
    }
}

/// The distribution of a metric over a group.
pub(super) fn ask(
    groups: &ReferenceGroups,
    group: &Group,
    metric: Metric,
) -> Answer<ProtectedDistribution> {
    read(groups, group, |members, scope| {
        let made = distribution::distribution(members, scope, metric, groups.policy);
        let rules = made.rules().clone();
        answer(&rules, scope.facts().reason(metric).cloned(), made)
    })
}

/// The spells of a group.
pub(super) fn ask_spells(groups: &ReferenceGroups, group: &Group) -> Answer<ProtectedSpells> {
    read(groups, group, |members, scope| {
        let made = distribution::spells(members, scope, groups.policy);
        let rules = made.rules().clone();
        let mut public = scope.facts().stays.clone().err();
        if rules.cells && made.weeks().is_empty() {
            public = public.or_else(|| Some("no start of the course".to_owned()));
        }
        answer(&rules, public, made)
    })
}

/// The steps of a group.
pub(super) fn ask_steps<'a>(
    groups: &'a ReferenceGroups,
    group: &Group,
    by: Steps,
) -> Answer<(&'a [Step], ProtectedSteps)> {
    read(groups, group, |members, scope| {
        let list = scope.facts().steps(by);
        let steps = list.as_ref().map_or(&[][..], Vec::as_slice);
        let made = distribution::steps(members, scope, by, groups.policy);
        let rules = made.rules().clone();
        answer(&rules, list.as_ref().err().cloned(), (steps, made))
    })
}

pub(super) fn answer<T>(rules: &Rules, public: Option<String>, made: T) -> Answer<T> {
    let cells = match public {
        Some(reason) => Err(reason),
        None if rules.cells => Ok(made),
        None => Err(TOO_FEW.to_string()),
    };
    Answer {
        n: Some(rules.n),
        cells,
    }
}

/// A released group of which nothing is known, for a public reason.
pub(super) fn no_scope<T>(
    groups: &ReferenceGroups,
    members: &[u32],
    cells: std::result::Result<T, String>,
) -> Answer<T> {
    let n = u32::try_from(members.len()).unwrap_or(u32::MAX);
    Answer {
        n: Some(groups.policy.round(n)),
        cells,
    }
}

pub(super) fn released(group: &Group) -> std::result::Result<&[u32], String> {
    match &group.outcome {
        Outcome::Released { members, .. } => Ok(members),
        Outcome::TooFew => Err(TOO_FEW.to_string()),
        Outcome::LowCoverage => Err("LowCoverage".to_string()),
    }
}

pub(super) fn shown(cell: Cell) -> (Option<f64>, &'static str) {
    match cell {
        Cell::Low => (None, "low"),
        Cell::Count(count) => (Some(f64::from(count)), "count"),
        Cell::High => (None, "high"),
    }
}

/// A row whose empty cells are explained: by the answer, else by too few learners for
/// that statistic.
pub(super) fn row<T>(
    group: &Group,
    answer: &Answer<T>,
    texts: Vec<Option<String>>,
    values: Vec<Option<f64>>,
    unit: &'static str,
) -> Row {
    let incomplete = values.iter().any(Option::is_none);
    let mut made = plain(group, answer, texts, values, unit);
    if made.reason.is_none() && incomplete {
        made.reason = Some(TOO_FEW.to_string());
    }
    made
}

/// A row whose empty cells are codes, not refusals.
pub(super) fn plain<T>(
    group: &Group,
    answer: &Answer<T>,
    texts: Vec<Option<String>>,
    values: Vec<Option<f64>>,
    unit: &'static str,
) -> Row {
    Row {
        group: group.label.clone(),
        texts,
        values,
        n: answer.n,
        unit,
        reason: answer.cells.as_ref().err().cloned(),
    }
}

pub(super) fn release(
    groups: &ReferenceGroups,
    layout: &[(&str, Kind)],
    rows: Vec<Row>,
) -> Result<Released> {
    let certificates = groups.groups.iter().filter_map(|g| g.certificate.clone());
    Released::new(layout, rows, groups.integer, certificates.collect())
}
