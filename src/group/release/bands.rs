//! A learner's position in a sealed period: her own value, placed in the bands that were sealed.

use polars::prelude::{Column, DataFrame};

use crate::data::ids::NONE;
use crate::group::distribution;
use crate::group::metric::Metric;
use crate::group::planner::Part;
use crate::group::question::Question;
use crate::group::sealing::Cut;
use crate::group::{Certificate, Group, ReferenceGroups};
use crate::{Error, Result};

use super::rosters::note;
use super::sealed::{self, AS_OF};
use super::shape::{position, quantile};
use super::tables::{TOO_FEW, ask, plain};
use super::{Kind, Released, Row};

/// What the sealed rows of a group say.
struct Band {
    used: Option<String>,
    upper: Option<f64>,
    low: Option<f64>,
    high: Option<f64>,
    median: Option<f64>,
    n: Option<u32>,
    reason: Option<String>,
    /// The moment that it is of.
    as_of: Option<i64>,
}

/// `group, used, upper, low, high, median, n, unit, reason`: which share of `used` lies in
/// whose cell, per registered group and edge.
pub(in crate::group) fn bands(groups: &ReferenceGroups, metric: Metric) -> Result<Released> {
    let (mut rows, mut certificates) = (Vec::new(), Vec::new());
    for (group, used) in groups.rungs() {
        let answer = ask(groups, used.unwrap_or(group), metric);
        let name = vec![used.map(|used| used.label.clone())];
        note(&mut certificates, used);
        let Ok(from) = &answer.cells else {
            rows.push(plain(group, &answer, name, vec![None; 4], metric.unit()));
            continue;
        };
        let median = quantile(from, (1, 2));
        for (upper, _) in from.cells() {
            let band = position(from, upper);
            let values = vec![Some(upper), band.map(|b| b.0), band.map(|b| b.1), median];
            rows.push(plain(group, &answer, name.clone(), values, metric.unit()));
        }
    }
    let value = |name| (name, Kind::Value);
    let layout = [
        ("used", Kind::Text),
        value("upper"),
        value("low"),
        value("high"),
        value("median"),
    ];
    Released::new(&layout, rows, false, certificates)
}

/// As [`compare`](super::compare), about a sealed period: only her own value, and which groups she
/// is a member of, are of today.
pub(in crate::group) fn compare_sealed(
    groups: &ReferenceGroups,
    cut: &Cut,
    learner: u32,
    metric: Metric,
) -> Result<Released> {
    let own = groups.own(learner)?;
    let covered = |group: &Group| own.is_none_or(|seen| seen.covers(group.course.unwrap_or(NONE)));
    let on = |group: &&Group| group.current.binary_search(&learner).is_ok() && covered(group);
    let mut rungs: Vec<&Group> = groups.rungs().map(|(group, _)| group).filter(on).collect();
    if rungs.iter().any(|group| group.part != Part::Pool) {
        rungs.retain(|group| group.part != Part::Pool);
    }
    let answers = groups.answers(cut, &Question::Bands(metric))?;
    let heads: Vec<_> = answers
        .iter()
        .map(|(course, head, _)| (*course, &**head))
        .collect();
    let seeing = groups.seen_in(&answers)?;
    let mut found = Table::default();
    for group in rungs {
        let same = |at: &usize| heads.get(*at).is_some_and(|(c, _)| c.kin() == group.kin());
        let at = (0..heads.len()).find(same);
        let whole =
            at.and_then(|at| Some((heads.get(at)?.1, seeing.get(at)?, &answers.get(at)?.2)));
        let Some((head, seeing, sealed)) = whole else {
            continue;
        };
        let mut places = head.places.iter().enumerate();
        let place = places.find(|(_, place)| {
            place.registered && place.part == group.part && place.name == group.name
        });
        // A group that is not hers to see looks like one that does not exist.
        if own.is_some() && !place.is_some_and(|(at, _)| seeing.is_hers(at)) {
            continue;
        }
        let used = place.and_then(|(_, place)| place.used);
        let hidden = used.is_some_and(|used| !seeing.is_open(used));
        let cells = match place.filter(|_| !hidden) {
            Some((_, place)) => of(&sealed.frame, &place.label)?,
            None => Vec::new(),
        };
        let own = groups
            .scope(group)
            .filter(|scope| scope.facts().reason(metric).is_none())
            .map(|scope| distribution::own(learner, scope, metric));
        let label = place.map_or(&group.label, |(_, place)| &place.label);
        found.push(label, own, cells, metric, cut.last_moment());
        if let Some(behind) = used
            .filter(|_| !hidden)
            .and_then(|used| head.places.get(used))
        {
            found.certificates.extend(head.behind(behind).cloned());
        }
    }
    if found.rows.is_empty() {
        return Err(Error::NoSuchLearner);
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
    found.certificates.dedup();
    let table = Released::new(&layout, found.rows, groups.integer, found.certificates)?;
    sealed::dated_by(table, found.moments)
}

/// Rows of a comparison, what stands behind them, and which moment each is of.
#[derive(Default)]
struct Table {
    rows: Vec<Row>,
    certificates: Vec<Certificate>,
    moments: Vec<Option<i64>>,
}

impl Table {
    /// A learner's own value in the cells of a group.
    fn push(
        &mut self,
        label: &str,
        own: Option<f64>,
        mut cells: Vec<Band>,
        metric: Metric,
        moment: i64,
    ) {
        let holds = |cell: &Band| cell.upper.zip(own).is_some_and(|(upper, own)| own <= upper);
        let at = cells.iter().position(holds);
        // Values are clamped into the grid, so nothing lies beyond its last edge.
        let at = at.unwrap_or(cells.len().saturating_sub(1));
        let cell = (at < cells.len()).then(|| cells.swap_remove(at));
        let number = |of: fn(&Band) -> Option<f64>| cell.as_ref().and_then(of);
        let band = [number(|cell| cell.low), number(|cell| cell.high)].map(|b| own.and(b));
        let values = vec![own, band[0], band[1], number(|cell| cell.median)];
        let missing = || {
            let empty = values.iter().skip(1).any(Option::is_none);
            empty.then(|| TOO_FEW.to_string())
        };
        let used = cell.as_ref().and_then(|cell| cell.used.clone());
        let of = cell.as_ref().and_then(|cell| cell.as_of);
        self.moments.push(of.or(Some(moment)));
        self.rows.push(Row {
            group: label.to_string(),
            texts: vec![used, Some(metric.name().to_string())],
            n: cell.as_ref().and_then(|cell| cell.n),
            unit: metric.unit(),
            reason: cell.and_then(|cell| cell.reason).or_else(missing),
            values,
        });
    }
}

/// The sealed rows of a group, by edge.
fn of(frame: &DataFrame, label: &str) -> Result<Vec<Band>> {
    let text = |column: &Column, row: usize| -> Result<Option<String>> {
        Ok(column.str()?.get(row).map(str::to_string))
    };
    let column = |name: &str| frame.column(name);
    let (groups, used, reason) = (column("group")?, column("used")?, column("reason")?);
    let numbers = [
        column("upper")?.f64()?,
        column("low")?.f64()?,
        column("high")?.f64()?,
        column("median")?.f64()?,
    ];
    let n = column("n")?.u32()?;
    let moments = column(AS_OF)?.datetime()?;
    let mut found = Vec::new();
    for row in 0..frame.height() {
        if groups.str()?.get(row) != Some(label) {
            continue;
        }
        let [upper, low, high, median] = numbers.map(|values| values.get(row));
        found.push(Band {
            used: text(used, row)?,
            upper,
            low,
            high,
            median,
            n: n.get(row),
            reason: text(reason, row)?,
            as_of: moments.physical().get(row),
        });
    }
    Ok(found)
}
