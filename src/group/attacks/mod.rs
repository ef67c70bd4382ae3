//! Attacks on reference groups, each with its negative control: what a system without
//! the gate or the coding gives away.

#![expect(
    clippy::many_single_char_names,
    reason = "the attacks are written with the letters of their source"
)]

mod attribution;
mod coding;
mod contents;
mod coverage;
mod crossing;
mod doors;
mod floors;
mod grids;
mod ledger;
mod oracle;
mod paths;
mod periods;
mod rosters;
mod scopes;
mod sights;
mod suite;
mod time;
mod values;

use polars::prelude::DataFrame;

pub(super) use super::distribution::{
    ByCourse, Content, ContentScope, Record, Scope, Tried, Viewed,
};
pub(super) use super::distribution::{Cell, distribution, steps};
pub(super) use super::fixture::scope as scope_of;
pub(super) use super::fixture::{
    Trails, ask, attempts, boards, course, facts, five, modules, naive, paths, scope, shown, ten,
    three_steps, who_tried,
};
pub(super) use super::ledger::{Book, Ledger};
pub(super) use super::release::{Rate, compare, mean, quantile};
pub(super) use super::{Between, Blank, By, Grid, Metric, ReferenceGroups, Skill, Steps, Test};
pub(super) use crate::Error;

/// Learners `a..b`.
pub(super) fn ids(range: std::ops::Range<u32>) -> Vec<u32> {
    range.collect()
}

/// Minutes of `n` learners, all different.
pub(super) fn minutes(n: u32) -> Vec<f64> {
    (0..n).map(|l| f64::from(l * l + 60)).collect()
}

/// Every table there is.
pub(super) fn tables(groups: &ReferenceGroups) -> Vec<DataFrame> {
    let mut all = vec![groups.summary().unwrap(), groups.rosters().unwrap()];
    all.push(groups.active_learners().unwrap());
    for metric in groups.metrics {
        all.push(groups.distribution(*metric).unwrap());
        all.push(groups.quantiles(*metric).unwrap());
    }
    for by in [Steps::Content, Steps::Module, Steps::Week] {
        all.push(groups.drop_off(by).unwrap());
        all.push(groups.hazard(by).unwrap());
    }
    all.push(groups.survival().unwrap());
    for between in [Between::Pairs, Between::All] {
        all.push(groups.log_rank(between).unwrap());
    }
    all.extend(paths(groups));
    all.extend(about_contents(groups));
    all.into_iter().map(super::Released::into_frame).collect()
}

/// Every table about contents.
pub(in crate::group) fn about_contents(groups: &ReferenceGroups) -> Vec<super::Released> {
    let mut all = Vec::new();
    for mark in [None, Some(0.6)] {
        all.push(groups.struggle(mark).unwrap());
        for by in [Skill::Topic, Skill::Module] {
            all.push(groups.learning_curves(by, mark).unwrap());
            all.push(groups.learning_rates(by, mark).unwrap());
        }
    }
    for by in [Test::Course, Test::Module] {
        for blank in [Blank::Skip, Blank::Zero] {
            all.push(groups.item_analysis(by, blank).unwrap());
            all.push(groups.reliability(by, blank).unwrap());
        }
        all.push(groups.options(by).unwrap());
    }
    all
}

pub(super) fn same(one: &[DataFrame], other: &[DataFrame]) -> bool {
    one.len() == other.len() && one.iter().zip(other).all(|(a, b)| a.equals_missing(b))
}

/// Texts of a column.
pub(super) fn texts(frame: &DataFrame, column: &str) -> Vec<Option<String>> {
    let column = frame.column(column).unwrap().str().unwrap();
    column.iter().map(|t| t.map(str::to_string)).collect()
}
