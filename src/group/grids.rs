//! Public grids: the edges at which distributions are counted, constants per metric.
//!
//! A grid never depends on data. First and last edges are finite; values outside are
//! clamped to them. Below n = 100 every second edge is kept (grids have an odd number of
//! edges, so the first and the last stay).

use polars::prelude::{Column, DataFrame};

use super::metric::{Measure, Metric};
use crate::{Error, Result};

/// From this many learners on the full grid is used.
pub(super) const FULL_GRID: usize = 100;

const M: f64 = 60.0;
const H: f64 = 3600.0;

/// Seconds: steps of a quarter or less from one minute to 1000 hours.
#[rustfmt::skip]
const STUDY_TIME: [f64; 45] = [
    0.0, M, 2.0 * M, 3.0 * M, 5.0 * M, 8.0 * M, 10.0 * M, 15.0 * M, 20.0 * M, 25.0 * M, 30.0 * M,
    40.0 * M, 50.0 * M, H, 1.25 * H, 1.5 * H, 2.0 * H, 2.5 * H, 3.0 * H, 4.0 * H, 5.0 * H, 6.0 * H,
    8.0 * H, 10.0 * H, 12.0 * H, 15.0 * H, 20.0 * H, 25.0 * H, 30.0 * H, 40.0 * H, 50.0 * H,
    60.0 * H, 80.0 * H, 100.0 * H, 120.0 * H, 150.0 * H, 200.0 * H, 250.0 * H, 300.0 * H,
    400.0 * H, 500.0 * H, 600.0 * H, 750.0 * H, 900.0 * H, 1000.0 * H,
];

/// Seconds in a week or a month: quarters of an hour and more from one hour to 300 hours.
#[rustfmt::skip]
const STUDY_TIME_IN_PERIOD: [f64; 45] = [
    0.0, M, 2.0 * M, 3.0 * M, 5.0 * M, 8.0 * M, 10.0 * M, 15.0 * M, 20.0 * M, 25.0 * M, 30.0 * M,
    40.0 * M, 50.0 * M, H, 1.25 * H, 1.5 * H, 1.75 * H, 2.0 * H, 2.5 * H, 3.0 * H, 3.5 * H,
    4.0 * H, 5.0 * H, 6.0 * H, 7.0 * H, 8.0 * H, 10.0 * H, 12.0 * H, 14.0 * H, 16.0 * H, 18.0 * H,
    20.0 * H, 25.0 * H, 30.0 * H, 35.0 * H, 40.0 * H, 50.0 * H, 60.0 * H, 80.0 * H, 100.0 * H,
    120.0 * H, 150.0 * H, 200.0 * H, 250.0 * H, 300.0 * H,
];

/// The days of a month: each up to 26.
#[rustfmt::skip]
const DAYS: [f64; 31] = [
    0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0, 10.0, 11.0, 12.0, 13.0, 14.0, 15.0, 16.0,
    17.0, 18.0, 19.0, 20.0, 21.0, 22.0, 23.0, 24.0, 25.0, 26.0, 28.0, 29.0, 30.0, 31.0,
];

/// Counts from 0 to 100 000; smaller measures use the first part.
#[rustfmt::skip]
const COUNT: [f64; 51] = [
    0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 8.0, 10.0, 12.0, 15.0, 20.0, 25.0, 30.0, 40.0, 50.0, 60.0,
    80.0, 100.0, 120.0, 150.0, 200.0, 250.0, 300.0, 400.0, 500.0, 600.0, 800.0, 1000.0, 1200.0,
    1500.0, 2000.0, 2500.0, 3000.0, 4000.0, 5000.0, 6000.0, 8000.0, 10_000.0, 12_000.0, 15_000.0,
    20_000.0, 25_000.0, 30_000.0, 40_000.0, 50_000.0, 60_000.0, 70_000.0, 80_000.0, 90_000.0,
    100_000.0,
];

/// Shares in steps of 5 %.
#[rustfmt::skip]
const SHARE: [f64; 21] = [
    0.0, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4, 0.45, 0.5, 0.55, 0.6, 0.65, 0.7, 0.75, 0.8,
    0.85, 0.9, 0.95, 1.0,
];

/// Betweenness as a share of all pairs of others.
#[rustfmt::skip]
const CENTRALITY: [f64; 13] = [
    0.0, 0.0001, 0.0002, 0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5,
];

/// Counts from 0 to 1000.
fn small() -> &'static [f64] {
    COUNT.first_chunk::<29>().map_or(&COUNT[..], |c| &c[..])
}

/// Counts from 0 to 10 000.
fn medium() -> &'static [f64] {
    COUNT.first_chunk::<39>().map_or(&COUNT[..], |c| &c[..])
}

/// The full grid of a measure of collaboration.
fn full_of_measure(measure: Measure) -> &'static [f64] {
    match measure {
        Measure::Centrality => &CENTRALITY,
        _ => &COUNT,
    }
}

/// The grid used for a measure of collaboration and a roster of exactly `n` learners.
pub(super) fn of_measure(measure: Measure, n: usize) -> Vec<f64> {
    coarsened(full_of_measure(measure), n)
}

/// Every second edge for few learners.
pub(super) fn coarsened(grid: &[f64], n: usize) -> Vec<f64> {
    let step = if n < FULL_GRID { 2 } else { 1 };
    grid.iter().copied().step_by(step).collect()
}

/// The built-in grid of a metric.
pub(crate) fn full(metric: Metric) -> &'static [f64] {
    match metric {
        Metric::StudyTime => &STUDY_TIME,
        Metric::Events => &COUNT,
        Metric::Progress => &SHARE,
        Metric::StudyTimeInPeriod => &STUDY_TIME_IN_PERIOD,
        Metric::ActiveDaysInPeriod => &DAYS,
        Metric::EventsInPeriod => medium(),
        _ => small(),
    }
}

/// How many steps of 5 % a share reaches, 0 to 20: the grid of scores and of pass marks.
pub(super) fn steps_reached(share: f64) -> u8 {
    let reached = SHARE.iter().skip(1).take_while(|edge| **edge <= share);
    u8::try_from(reached.count()).unwrap_or(u8::MAX)
}

/// A pass mark as a number of steps of 5 %: no other can be asked, because with a mark of every
/// height the order of all scores could be found out.
///
/// # Errors
/// [`crate::Error::Parameter`] for anything but a multiple of 0.05 above 0 and up to 1.
pub(super) fn pass_mark(mark: Option<f64>) -> Result<Option<u8>> {
    let Some(mark) = mark else { return Ok(None) };
    let same = |edge: &&f64| (**edge - mark).abs() < 1e-9;
    match SHARE.iter().skip(1).find(same) {
        Some(edge) => Ok(Some(steps_reached(*edge))),
        None => Err(Error::parameter(
            "pass_mark",
            "a multiple of 0.05 from 0.05 to 1",
            mark,
        )),
    }
}

/// The built-in public grids as a table: `metric, unit, upper`, one row per edge. A ledger can
/// have others: [`Ledger::grids`](super::Ledger::grids).
///
/// A distribution counts learners whose value is at or below `upper`. Groups of fewer
/// than 100 learners are shown on every second edge.
///
/// # Errors
/// [`crate::Error::Polars`] if the table cannot be built.
///
/// ```
/// let grids = kohort::group::grids()?;
/// assert_eq!(grids.get_column_names(), ["metric", "unit", "upper"]);
/// # Ok::<(), kohort::Error>(())
/// ```
pub fn grids() -> Result<DataFrame> {
    let metrics = Metric::ALL.map(|m| (m.name(), m.unit(), full(m)));
    let measures = Measure::ALL.map(|m| (m.name(), m.unit(), full_of_measure(m)));
    let all = || metrics.iter().chain(&measures);
    let each = |part: fn(&(&'static str, &'static str, &'static [f64])) -> &'static str| {
        let rows = all().flat_map(|own| own.2.iter().map(move |_| part(own)));
        rows.collect::<Vec<_>>()
    };
    let edges = all().flat_map(|own| own.2.iter().copied());
    let columns = vec![
        Column::new("metric".into(), each(|own| own.0)),
        Column::new("unit".into(), each(|own| own.1)),
        Column::new("upper".into(), edges.collect::<Vec<_>>()),
    ];
    Ok(DataFrame::new_infer_height(columns)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn grids_rise_and_keep_both_ends_when_coarsened() {
        for metric in Metric::ALL {
            let fine = coarsened(full(metric), 100);
            let coarse = coarsened(full(metric), 99);
            assert!(fine.windows(2).all(|w| w[0] < w[1]));
            assert_eq!(fine.first(), coarse.first());
            assert_eq!(fine.last(), coarse.last());
            assert!(fine.iter().all(|e| e.is_finite()));
            assert_eq!(fine.first(), Some(&0.0), "who did nothing is at or below 0");
        }
    }

    #[test]
    fn the_table_lists_every_edge() {
        assert_eq!(
            grids().unwrap().height(),
            45 + 51 + 4 * 29 + 21 + 45 + 39 + 31 + 3 * 29 + 8 * 51 + 13
        );
    }
}
