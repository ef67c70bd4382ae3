//! Options of an item: who chose them, and how much of the marks at the other items those have.
//!
//! What learners responded may be free text, so a response is named only if at least k members
//! gave it first; all others do not exist for a reader. Which are named is a function of the
//! multiset of records, like every count: exchanging records inside atoms names the same ones.

use std::collections::BTreeMap;

use super::contents::ContentScope;
use super::items::{Own, Shape, tests};
use super::{Cell, Rules, protect};
use crate::data::ids::NONE;
use crate::group::metric::{Blank, Test};
use crate::group::policy::ReleasePolicy;

/// Counts of members by option and share of the marks at the others.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::group) struct ProtectedOptions {
    rules: Rules,
    answered: Vec<Cell>,
    options: Vec<Chosen>,
}

/// An option that at least k members chose.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::group) struct Chosen {
    /// Place of the content.
    pub(in crate::group) place: usize,
    /// Dense response.
    pub(in crate::group) response: u32,
    /// How many chose it.
    pub(in crate::group) by: Cell,
    /// Members who responded, and those who chose it, with at least each band of the others.
    pub(in crate::group) bands: Vec<[Cell; 2]>,
}

impl ProtectedOptions {
    /// What n allows.
    pub(in crate::group) fn rules(&self) -> &Rules {
        &self.rules
    }

    /// Members who responded, content by content; empty when n < 2k.
    pub(in crate::group) fn answered(&self) -> &[Cell] {
        &self.answered
    }

    /// The named options, by content, then response.
    pub(in crate::group) fn options(&self) -> &[Chosen] {
        &self.options
    }
}

/// The options of the contents of a course.
pub(in crate::group) fn options(
    members: &[u32],
    scope: &ContentScope,
    policy: ReleasePolicy,
    by: Test,
) -> ProtectedOptions {
    let contents = scope.list().as_deref().unwrap_or(&[]);
    let (of, sizes) = tests(contents, by);
    let named = named(members, scope, policy);
    let shape = Shape::new(members.len());
    let bands = |place: usize| {
        let others = of.get(place).and_then(|test| sizes.get(*test));
        shape.bands(others.map_or(0, |size| size - 1))
    };
    // Each named option: chosen, then per band who responded and who chose it.
    let width = 1 + 2 * (shape.bands + 1);
    let start = |option: usize| contents.len() + option * width;
    let len = start(named.len());
    let (rules, cells) = protect(members, scope.rows(), policy, len, |tried, into| {
        let own = Own::new(tried, &of, sizes.len());
        for mine in tried.iter().filter(|own| own.response != NONE) {
            let place = mine.place as usize;
            into.push(place..place + 1);
            let Some(test) = of.get(place) else { continue };
            let others = sizes.get(*test).map_or(0, |size| size - 1);
            let most = bands(place);
            let band = own.band(Some(mine), (*test, others), Blank::Skip, most);
            let from = named.partition_point(|(other, _)| *other < mine.place);
            let here = named.iter().enumerate().skip(from);
            for (option, (_, response)) in here.take_while(|(_, (other, _))| *other == mine.place) {
                let start = start(option);
                let chose = *response == mine.response;
                if chose {
                    into.push(start..start + 1);
                }
                let Some(band) = band else { continue };
                let end = band.min(most) + 1;
                into.push(start + 1..start + 1 + end);
                if chose {
                    let second = start + 2 + shape.bands;
                    into.push(second..second + end);
                }
            }
        }
    });
    let at = |at: usize| cells.get(at).copied().unwrap_or(Cell::Low);
    let option = |(option, (place, response)): (usize, &(u32, u32))| {
        let start = start(option);
        let place = *place as usize;
        let band = |band| [at(start + 1 + band), at(start + 2 + shape.bands + band)];
        Chosen {
            place,
            response: *response,
            by: at(start),
            bands: (0..=bands(place)).map(band).collect(),
        }
    };
    let shown = if rules.cells { named.as_slice() } else { &[] };
    ProtectedOptions {
        answered: cells.iter().take(contents.len()).copied().collect(),
        options: shown.iter().enumerate().map(option).collect(),
        rules,
    }
}

/// Place and response of what at least k members responded first.
fn named(members: &[u32], scope: &ContentScope, policy: ReleasePolicy) -> Vec<(u32, u32)> {
    let mut counts: BTreeMap<(u32, u32), u32> = BTreeMap::new();
    for tried in members
        .iter()
        .filter_map(|member| scope.rows().get(*member))
    {
        for own in tried.iter().filter(|own| own.response != NONE) {
            *counts.entry((own.place, own.response)).or_default() += 1;
        }
    }
    let enough = counts.into_iter().filter(|(_, n)| *n >= policy.k());
    enough.map(|(option, _)| option).collect()
}
