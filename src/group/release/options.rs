//! Which options were chosen, and by how good learners: from released counts alone.

use std::cmp::Reverse;

use crate::Result;
use crate::group::ReferenceGroups;
use crate::group::distribution::{self, Cell, Chosen, Rules};
use crate::group::metric::Test;

use super::contents::{Share, ask_contents, hundredths};
use super::joint::Filled;
use super::tables::{Answer, TOO_FEW, plain, release, row, shown};
use super::{Kind, Released};

/// `group, content, module, position, answered, answered_code, option, chosen, chosen_code, share,
/// low, high, rest, discrimination, n, unit, reason`.
pub(in crate::group) fn options(groups: &ReferenceGroups, by: Test) -> Result<Released> {
    let mut rows = Vec::new();
    for group in groups.groups.iter() {
        let answer = ask_contents(groups, group, |members, scope| {
            let made = distribution::options(members, scope, groups.policy, by);
            (made.rules().clone(), made)
        })?;
        let Ok((contents, from)) = &answer.cells else {
            rows.push(row(group, &answer, Vec::new(), Vec::new(), "share"));
            continue;
        };
        let rules = from.rules();
        let cells = Answer {
            n: answer.n,
            cells: Ok(()),
        };
        for (place, (content, all)) in contents.iter().zip(from.answered()).enumerate() {
            let here = from.options().iter().filter(|option| option.place == place);
            let mut options: Vec<Option<&Chosen>> = here.map(Some).collect();
            options.sort_by_key(|option| Reverse(option.map(|option| rank(option.by))));
            if options.is_empty() {
                options.push(None);
            }
            for option in options {
                let (answered, answered_code) = shown(*all);
                let chosen = option.map(|option| shown(option.by));
                let share = option.and_then(|option| Share::new(option.by, *all, rules));
                let (low, high) = match share {
                    Some(share) => share.interval()?,
                    None => (None, None),
                };
                let (rest, discrimination) = option.map_or((None, None), |own| good(own, rules));
                let texts = vec![
                    Some(content.label.clone()),
                    content.module.clone(),
                    Some(answered_code.to_string()),
                    option.and_then(|own| groups.response(own.response)),
                    chosen.map(|(_, code)| code.to_string()),
                ];
                let values = vec![
                    content.position,
                    answered,
                    chosen.and_then(|(count, _)| count),
                    share.and_then(|share| share.rate()),
                    low,
                    high,
                    rest,
                    discrimination,
                ];
                let mut made = plain(group, &cells, texts, values, "share");
                made.reason = (!rules.together).then(|| TOO_FEW.to_string());
                rows.push(made);
            }
        }
    }
    let value = |name| (name, Kind::Value);
    let layout = [
        ("content", Kind::Text),
        ("module", Kind::Text),
        value("position"),
        value("answered"),
        ("answered_code", Kind::Text),
        ("option", Kind::Text),
        value("chosen"),
        ("chosen_code", Kind::Text),
        value("share"),
        value("low"),
        value("high"),
        value("rest"),
        value("discrimination"),
    ];
    release(groups, &layout, rows)
}

/// Most chosen first.
fn rank(cell: Cell) -> u32 {
    match cell {
        Cell::Low => 0,
        Cell::Count(count) => count,
        Cell::High => u32::MAX,
    }
}

/// Mean share of the marks at the others of those who chose an option, and how choosing it goes
/// together with them.
fn good(option: &Chosen, rules: &Rules) -> (Option<f64>, Option<f64>) {
    let cell = |level: usize, band: usize| {
        let pair = option.bands.get(band).and_then(|pair| pair.get(level));
        pair.copied().unwrap_or(Cell::Low)
    };
    let filled = Filled::new((1, option.bands.len() - 1), cell, rules);
    let k = f64::from(rules.k);
    let all = cell(0, 0) == Cell::High || filled.at(0, 0) >= 10.0 * k;
    let enough = all && cell(1, 0) != Cell::Low;
    let (chose, others) = (filled.at(1, 0), filled.at(0, 0) - filled.at(1, 0));
    if !rules.together || !enough {
        return (None, None);
    }
    let rest = filled.rest_of_full().filter(|_| chose >= 4.0 * k);
    let together = filled.moments().and_then(|m| m.correlation());
    let together = together.filter(|_| chose >= 2.0 * k && others >= 2.0 * k);
    (rest.map(hundredths), together.map(hundredths))
}
