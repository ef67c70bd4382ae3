//! The contents that learners struggle with, from released counts alone.

use crate::Result;
use crate::group::ReferenceGroups;
use crate::group::distribution::{self, Cell};

use super::contents::{Share, ask_contents};
use super::tables::{Answer, plain, release, row, shown};
use super::{Kind, Released};

/// `group, content, module, position, tried, tried_code, not_passed, not_passed_code, share, low,
/// high, rank, n, unit, reason`.
pub(in crate::group) fn struggle(
    groups: &ReferenceGroups,
    pass_mark: Option<u8>,
) -> Result<Released> {
    let mut rows = Vec::new();
    for group in groups.groups.iter() {
        let answer = ask_contents(groups, group, |members, scope| {
            let made = distribution::struggle(members, scope, groups.policy, pass_mark);
            (made.rules().clone(), made)
        })?;
        let Ok((contents, from)) = &answer.cells else {
            rows.push(row(group, &answer, Vec::new(), Vec::new(), "share"));
            continue;
        };
        let rules = from.rules();
        let cells: Vec<(Cell, Cell)> = from.contents().filter_map(pair).collect();
        let shares: Vec<Option<Share>> = cells
            .iter()
            .map(|(tried, stuck)| Share::new(*stuck, *tried, rules))
            .collect();
        for ((content, (tried, stuck)), share) in contents.iter().zip(&cells).zip(&shares) {
            let (tried, tried_code) = shown(*tried);
            let (stuck, stuck_code) = shown(*stuck);
            let (low, high) = match share {
                Some(share) => share.interval()?,
                None => (None, None),
            };
            let rank = share.as_ref().map(|own| {
                let harder = shares
                    .iter()
                    .flatten()
                    .filter(|other| other.order() > own.order());
                (harder.count() + 1) as f64
            });
            let texts = vec![
                Some(content.label.clone()),
                content.module.clone(),
                Some(tried_code.to_string()),
                Some(stuck_code.to_string()),
            ];
            let values = vec![
                content.position,
                tried,
                stuck,
                share.as_ref().and_then(Share::rate),
                low,
                high,
                rank,
            ];
            let cells = Answer {
                n: answer.n,
                cells: Ok(()),
            };
            rows.push(plain(group, &cells, texts, values, "share"));
        }
    }
    let layout = [
        ("content", Kind::Text),
        ("module", Kind::Text),
        ("position", Kind::Value),
        ("tried", Kind::Value),
        ("tried_code", Kind::Text),
        ("not_passed", Kind::Value),
        ("not_passed_code", Kind::Text),
        ("share", Kind::Value),
        ("low", Kind::Value),
        ("high", Kind::Value),
        ("rank", Kind::Whole),
    ];
    release(groups, &layout, rows)
}

fn pair(cells: &[Cell]) -> Option<(Cell, Cell)> {
    match cells {
        [one, other] => Some((*one, *other)),
        _ => None,
    }
}
