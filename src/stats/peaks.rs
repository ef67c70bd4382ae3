//! Local maxima of a series.

use super::check::finite;
use crate::error::{Error, Result};

/// A local maximum, with the ground it stands on.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub struct Peak {
    /// Its place; the middle of a plateau, rounded down.
    pub apex: usize,
    /// The lowest place between it and higher ground (or the end) before it, nearest to it.
    pub start: usize,
    /// The same after it.
    pub end: usize,
    /// The value at the apex.
    pub height: f64,
    /// How far one must go down from it to reach higher ground: its height above the higher of
    /// the values at `start` and `end`.
    pub prominence: f64,
}

/// The local maxima that stand out by at least `min_prominence`, in order. Values before and
/// after must be lower: neither the first nor the last is a maximum.
///
/// # Errors
/// [`Error::Parameter`] for values that are not finite, and a prominence that is negative.
///
/// ```
/// let peaks = kohort::stats::peaks(&[0.0, 5.0, 3.0, 4.0, 1.0], 0.0)?;
/// assert_eq!((peaks[0].apex, peaks[0].prominence), (1, 4.0)); // down to 1 on the right
/// assert_eq!((peaks[1].apex, peaks[1].prominence), (3, 1.0)); // the higher one is left of it
/// assert_eq!(kohort::stats::peaks(&[0.0, 5.0, 3.0, 4.0, 1.0], 2.0)?.len(), 1);
/// # Ok::<(), kohort::Error>(())
/// ```
pub fn peaks(values: &[f64], min_prominence: f64) -> Result<Vec<Peak>> {
    finite("values", values)?;
    if !min_prominence.is_finite() || min_prominence < 0.0 {
        let expected = "a finite number from 0";
        return Err(Error::parameter("min_prominence", expected, min_prominence));
    }
    let mut found = Vec::new();
    let mut before = 0;
    let plateaus: Vec<&[f64]> = values.chunk_by(|a, b| level(*a, *b)).collect();
    for three in plateaus.windows(3) {
        let [left, own, right] = three else { continue };
        before += left.len();
        let (Some(left), Some(height), Some(right)) = (left.last(), own.first(), right.first())
        else {
            continue;
        };
        if left < height && right < height {
            found.push(stand(values, before + (own.len() - 1) / 2, *height));
        }
    }
    found.retain(|peak| peak.prominence >= min_prominence);
    Ok(found)
}

/// Whether two values are the same; of the two zeros there is one.
fn level(a: f64, b: f64) -> bool {
    (a + 0.0).total_cmp(&(b + 0.0)).is_eq()
}

fn stand(values: &[f64], apex: usize, height: f64) -> Peak {
    let places = || values.iter().copied().enumerate();
    let lowest = |mut best: (usize, f64), next: (usize, f64)| {
        if next.1 < best.1 {
            best = next;
        }
        best
    };
    let own = (apex, height);
    let lower = |(_, value): &(usize, f64)| *value <= height;
    let left = places().take(apex).rev().take_while(lower);
    let (start, left) = left.fold(own, lowest);
    let right = places().skip(apex + 1).take_while(lower);
    let (end, right) = right.fold(own, lowest);
    Peak {
        apex,
        start,
        end,
        height,
        prominence: height - left.max(right),
    }
}
