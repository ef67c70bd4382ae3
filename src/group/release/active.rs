//! How many learners did anything, from the released distributions alone.

use crate::Result;
use crate::group::ReferenceGroups;
use crate::group::distribution::{Cell, ProtectedDistribution};
use crate::group::metric::Metric;

use super::contents::Share;
use super::funnel::share;
use super::tables::{Answer, ask, plain, release, row, shown};
use super::{Kind, Released};

/// `group, metric, learners, code, share, low, high, n, unit, reason`.
pub(in crate::group) fn active_learners(groups: &ReferenceGroups) -> Result<Released> {
    let flows = groups.metrics.iter().any(|m| Metric::FLOWS.contains(m));
    let told = |metric: &&Metric| Metric::FLOWS.contains(*metric) == flows;
    let mut rows = Vec::new();
    for group in groups.groups.iter() {
        for metric in groups.metrics.iter().filter(told) {
            let answer = ask(groups, group, *metric);
            let name = Some(metric.name().to_string());
            let active = match &answer.cells {
                Ok(from) => above_zero(from).map(|active| (active, from)),
                Err(reason) => Err(reason.clone()),
            };
            let (active, from) = match active {
                Ok(made) => made,
                Err(reason) => {
                    let withheld = Answer::<()> {
                        n: answer.n,
                        cells: Err(reason),
                    };
                    rows.push(row(group, &withheld, vec![name], Vec::new(), "share"));
                    continue;
                }
            };
            let (learners, code) = shown(active);
            let own = Share::of_all(active, from.rules());
            let [rate, low, high, _] = share(Some(own))?;
            let cells = Answer {
                n: answer.n,
                cells: Ok(()),
            };
            let texts = vec![name, Some(code.to_string())];
            let values = vec![learners, rate, low, high];
            rows.push(plain(group, &cells, texts, values, "share"));
        }
    }
    let value = |name| (name, Kind::Value);
    let layout = [
        ("metric", Kind::Text),
        value("learners"),
        ("code", Kind::Text),
        value("share"),
        value("low"),
        value("high"),
    ];
    release(groups, &layout, rows)
}

/// All but those at 0, the first edge of every built-in grid. Both counts are rounded, so theirs
/// is up to two halves of the base off.
fn above_zero(from: &ProtectedDistribution) -> std::result::Result<Cell, String> {
    let none = from.cells().next().filter(|(edge, _)| *edge <= 0.0);
    match none.map(|(_, cell)| cell) {
        Some(Cell::Low) => Ok(Cell::High),
        Some(Cell::Count(none)) => Ok(Cell::Count(from.rules().n.saturating_sub(none))),
        Some(Cell::High) => Ok(Cell::Low),
        None => Err("the grid has no edge at 0".to_string()),
    }
}
