//! How members write with each other, from released distributions alone.

use crate::Result;
use crate::group::metric::Measure;
use crate::group::ties::MOST;
use crate::group::{ReferenceGroups, distribution};

use super::contents::Share;
use super::funnel::share;
use super::paths::ask_course;
use super::shape::{mean, quantile};
use super::tables::{Answer, plain, release, row};
use super::{Kind, Released};

const LARGE: &str = "more than 5,000 learners";

/// `group, measure, none, none_low, none_high, q25, median, q75, mean, n, unit, reason`.
pub(in crate::group) fn collaboration(groups: &ReferenceGroups) -> Result<Released> {
    let ties = groups.ties()?;
    let members = groups.members();
    let mut rows = Vec::new();
    for group in groups.groups.iter() {
        for measure in Measure::ALL {
            let large = |course| members.get(&course).is_some_and(|all| all.len() > MOST);
            let public = |course| {
                let large = measure == Measure::Centrality && large(course);
                groups.no_verbs().or(large.then(|| LARGE.to_owned()))
            };
            let answer = ask_course(groups, group, public, |members, course| {
                let made = distribution::ties(members, &ties, course, measure, groups.policy);
                (made.rules().clone(), made)
            });
            let values = match &answer.cells {
                Ok(from) => {
                    let none = from.cells().next().map(|(_, cell)| cell);
                    let none = none.map(|none| Share::of_all(none, from.rules()));
                    let [none, low, high, _] = share(none)?;
                    let quantile = |q| quantile(from, q);
                    let (q25, median, q75) = (quantile((1, 4)), quantile((1, 2)), quantile((3, 4)));
                    vec![none, low, high, q25, median, q75, mean(from)]
                }
                Err(_) => Vec::new(),
            };
            let text = vec![Some(measure.name().to_owned())];
            // A null share is bounded, a null quantile has too few behind it.
            let few = values.iter().skip(3).any(Option::is_none);
            let mut made = plain(group, &answer, text, values, measure.unit());
            if made.reason.is_none() && few {
                made.reason = Some(super::tables::TOO_FEW.to_owned());
            }
            rows.push(made);
        }
    }
    let value = |name| (name, Kind::Value);
    let layout = [
        ("measure", Kind::Text),
        value("none"),
        value("none_low"),
        value("none_high"),
        value("q25"),
        value("median"),
        value("q75"),
        value("mean"),
    ];
    release(groups, &layout, rows)
}

/// `group, alone, alone_low, alone_high, reciprocity, reciprocity_low, reciprocity_high,
/// answering, density, n, unit, reason`.
pub(in crate::group) fn reply_network(groups: &ReferenceGroups) -> Result<Released> {
    let ties = groups.ties()?;
    let all = groups.members();
    let mut rows = Vec::new();
    for group in groups.groups.iter() {
        let answer = ask_course(
            groups,
            group,
            |_| groups.no_verbs(),
            |members, course| {
                let made = distribution::answering(members, &ties, course, groups.policy);
                let peers =
                    distribution::ties(members, &ties, course, Measure::Peers, groups.policy);
                (made.rules().clone(), (course, made, peers))
            },
        );
        let Ok((course, from, peers)) = &answer.cells else {
            rows.push(row(group, &answer, Vec::new(), Vec::new(), "share"));
            continue;
        };
        let rules = from.rules();
        let [alone, alone_low, alone_high, _] = share(Some(Share::of_all(from.cell(0), rules)))?;
        let back = Share::new(from.cell(2), from.cell(1), rules);
        let [back, back_low, back_high, answering] = share(back)?;
        // Others whom a member could write with: as released, rounded.
        let others = all.get(course).map_or(0, Vec::len);
        let others = groups
            .policy
            .round(u32::try_from(others).unwrap_or(u32::MAX));
        let others = f64::from(others.saturating_sub(1).max(1));
        let density = mean(peers).map(|peers| (peers / others).min(1.0));
        let values = vec![
            alone, alone_low, alone_high, back, back_low, back_high, answering, density,
        ];
        let cells = Answer {
            n: answer.n,
            cells: Ok(()),
        };
        let mut made = plain(group, &cells, Vec::new(), values, "share");
        if density.is_none() {
            made.reason = Some(super::tables::TOO_FEW.to_owned());
        }
        rows.push(made);
    }
    let layout = [
        "alone",
        "alone_low",
        "alone_high",
        "reciprocity",
        "reciprocity_low",
        "reciprocity_high",
        "answering",
        "density",
    ];
    release(groups, &layout.map(|name| (name, Kind::Value)), rows)
}
