//! Quantiles, means and positions: post-processing of a protected distribution.
//!
//! Edges before the last Low one count 0, the last Low edge k/2, a counted edge its
//! count, the first High edge n - k/2, edges after it n (n is the rounded one). Between
//! edges counts are interpolated linearly. A whole number stands for the unit around it: where
//! things are counted, the edge 12 lies at 12.5, so that a group whose members all have 12
//! events is not told to have fewer.

use crate::group::distribution::{Cell, ProtectedDistribution, QUANTILES};

use super::rate::Rate;

/// Edges with the count each stands for.
fn points(from: &ProtectedDistribution) -> Vec<(f64, f64)> {
    let n = f64::from(from.rules().n);
    let tail = f64::from(from.rules().k) / 2.0;
    let cells: Vec<(f64, Cell)> = from.cells().collect();
    let last_low = cells.iter().rposition(|(_, c)| *c == Cell::Low);
    let first_high = cells.iter().position(|(_, c)| *c == Cell::High);
    let count = |(i, (edge, cell)): (usize, (f64, Cell))| {
        let count = match cell {
            Cell::Low if Some(i) == last_low => tail,
            Cell::Low => 0.0,
            Cell::Count(count) => f64::from(count),
            Cell::High if Some(i) == first_high => n - tail,
            Cell::High => n,
        };
        (edge + from.half(), count)
    };
    cells.into_iter().enumerate().map(count).collect()
}

/// The quantile `part / whole`, where n allows it: the first point on the interpolated
/// curve that reaches q n.
pub(in crate::group) fn quantile(
    from: &ProtectedDistribution,
    (part, whole): (u32, u32),
) -> Option<f64> {
    let at = QUANTILES.iter().position(|q| *q == (part, whole))?;
    if !*from.rules().quantiles.get(at)? {
        return None;
    }
    let target = f64::from(part) * f64::from(from.rules().n) / f64::from(whole);
    let mut before: Option<(f64, f64)> = None;
    for (edge, count) in points(from) {
        if count >= target {
            let Some((edge0, count0)) = before else {
                return Some(edge - from.half());
            };
            return Some(edge0 + (edge - edge0) * (target - count0) / (count - count0));
        }
        before = Some((edge, count));
    }
    before.map(|(edge, _)| edge)
}

/// The mean, winsorized at the coded tails, where n >= 4k: what lies at or below the
/// last Low edge (or the first edge) counts as that edge, what lies above the first High
/// edge as that edge, what lies between two edges as their middle.
pub(in crate::group) fn mean(from: &ProtectedDistribution) -> Option<f64> {
    if !from.rules().mean {
        return None;
    }
    let n = f64::from(from.rules().n);
    let cells: Vec<Cell> = from.cells().map(|(_, c)| c).collect();
    let points = points(from);
    let start = cells.iter().rposition(|c| *c == Cell::Low).unwrap_or(0);
    let end = cells.iter().position(|c| *c == Cell::High)?;
    let (first, below) = *points.get(start)?;
    let (last, within) = *points.get(end)?;
    let mut sum = (first - from.half()) * below + last * (n - within);
    for pair in points.get(start..=end)?.windows(2) {
        if let [(edge0, count0), (edge, count)] = pair {
            sum += (count - count0) * (edge0 + edge) / 2.0;
        }
    }
    Some(sum / n)
}

/// Between which shares of the roster `own` lies: those at or below the two edges of the
/// grid cell that holds it. Nothing when no cell is shown.
pub(in crate::group) fn position(from: &ProtectedDistribution, own: f64) -> Option<(f64, f64)> {
    let band = |cell| Rate::band(cell, from.rules());
    // Values are clamped into the grid, so nothing lies beyond its last edge.
    let own = from.cells().last().map(|(edge, _)| own.min(edge))?;
    let mut low = 0.0;
    for (edge, cell) in from.cells() {
        if own <= edge {
            return Some((low, band(cell).1));
        }
        low = band(cell).0;
    }
    None
}
