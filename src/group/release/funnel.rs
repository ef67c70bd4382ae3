//! How many come from step to step, from released counts alone.

use crate::Result;
use crate::group::distribution::{self, Cell, ProtectedCounts};
use crate::group::funnel::Funnel;
use crate::group::{Group, ReferenceGroups};
use crate::personal::Order;

use super::contents::Share;
use super::paths::ask_course;
use super::tables::{Answer, plain, release, row, shown};
use super::{Kind, Released, Row};

/// `group, step, place, learners, code, conversion, conversion_low, conversion_high,
/// conversion_n, overall, overall_low, overall_high, overall_n, n, unit, reason`.
pub(in crate::group) fn funnel(groups: &ReferenceGroups, asked: &Funnel) -> Result<Released> {
    let levels = groups.levels(asked)?;
    let mut rows = Vec::new();
    for group in groups.groups.iter() {
        let answer = ask_course(
            groups,
            group,
            |_| groups.no_order(asked),
            |members, course| {
                let steps = asked.steps.len();
                let made = distribution::reached(members, &levels, course, steps, groups.policy);
                (made.rules().clone(), made)
            },
        );
        match &answer.cells {
            Ok(from) => rows.extend(steps(group, asked, &answer, from)?),
            Err(_) => rows.push(row(group, &answer, Vec::new(), Vec::new(), "1")),
        }
    }
    let value = |name| (name, Kind::Value);
    let layout = [
        ("step", Kind::Whole),
        ("place", Kind::Text),
        value("learners"),
        ("code", Kind::Text),
        value("conversion"),
        value("conversion_low"),
        value("conversion_high"),
        value("conversion_n"),
        value("overall"),
        value("overall_low"),
        value("overall_high"),
        value("overall_n"),
    ];
    release(groups, &layout, rows)
}

fn steps(
    group: &Group,
    asked: &Funnel,
    answer: &Answer<ProtectedCounts>,
    from: &ProtectedCounts,
) -> Result<Vec<Row>> {
    let rules = from.rules();
    let of = |part: Cell, whole: Option<&Cell>| match whole {
        Some(whole) => Share::new(part, *whole, rules),
        None => Some(Share::of_all(part, rules)),
    };
    let mut made = Vec::with_capacity(asked.steps.len());
    let mut before = None;
    for ((number, own), id) in (1_u32..).zip(from.cells()).zip(&asked.steps) {
        let (learners, code) = shown(*own);
        let mut values = vec![Some(f64::from(number)), learners];
        values.extend(share(of(*own, before))?);
        let first = from.cells().first().filter(|_| before.is_some());
        values.extend(share(
            first.and_then(|first| Share::new(*own, *first, rules)),
        )?);
        let place = Some(id.to_string()).filter(|_| asked.order != Order::Any);
        let cells = Answer {
            n: answer.n,
            cells: Ok(()),
        };
        let texts = vec![place, Some(code.to_string())];
        made.push(plain(group, &cells, texts, values, "1"));
        before = Some(own);
    }
    Ok(made)
}

/// A share, its interval, and of how many.
///
/// # Errors
/// None: a part is never more than the whole.
pub(super) fn share(own: Option<Share>) -> Result<[Option<f64>; 4]> {
    let Some(own) = own else {
        return Ok([None; 4]);
    };
    let (low, high) = own.interval()?;
    Ok([own.rate(), low, high, Some(own.whole() as f64)])
}
