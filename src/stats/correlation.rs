//! Correlation of pairs.

use super::check::{finite, paired};
use crate::error::Result;

/// Pearson's product-moment correlation, -1..=1. `None` for fewer than two pairs, and where
/// either side does not vary.
///
/// # Errors
/// [`crate::Error::Parameter`] for values that are not finite, and slices of different length.
///
/// ```
/// use kohort::stats::pearson;
/// assert_eq!(pearson(&[1.0, 2.0, 3.0], &[10.0, 20.0, 30.0])?, Some(1.0));
/// assert_eq!(pearson(&[1.0, 2.0], &[5.0, 5.0])?, None);
/// # Ok::<(), kohort::Error>(())
/// ```
pub fn pearson(x: &[f64], y: &[f64]) -> Result<Option<f64>> {
    paired("y", y.len(), "x", x.len())?;
    finite("x", x)?;
    finite("y", y)?;
    let both = centred(x).zip(centred(y));
    Ok(both.map(|((x, of_x), (y, of_y))| {
        let product: f64 = x.iter().zip(&y).map(|(a, b)| a * b).sum();
        // One root: of equal columns it is the sum itself, and the correlation 1 to the last digit.
        (product / (of_x * of_y).sqrt()).clamp(-1.0, 1.0)
    }))
}

/// Spearman's rank correlation: Pearson's of the ranks, ties sharing their average rank. `None`
/// for fewer than two pairs, and where either side does not vary.
///
/// Spearman 1904, "The proof and measurement of association between two things", The American
/// Journal of Psychology 15(1), doi:10.2307/1412159.
///
/// # Errors
/// [`crate::Error::Parameter`] for values that are not finite, and slices of different length.
///
/// ```
/// use kohort::stats::spearman;
/// // ranks 1 2 3 4 and 1 2 4 3: 1 - 6 * (0 + 0 + 1 + 1) / (4 * 15)
/// let rho = spearman(&[1.0, 2.0, 3.0, 9.0], &[10.0, 20.0, 40.0, 30.0])?.unwrap();
/// assert!((rho - 0.8).abs() < 1e-15);
/// assert_eq!(spearman(&[1.0, 9.0], &[0.1, 0.7])?, Some(1.0));
/// # Ok::<(), kohort::Error>(())
/// ```
pub fn spearman(x: &[f64], y: &[f64]) -> Result<Option<f64>> {
    paired("y", y.len(), "x", x.len())?;
    finite("x", x)?;
    finite("y", y)?;
    pearson(&ranks(x), &ranks(y))
}

/// The rank of each value from 1; equal values share the average of their ranks.
///
/// ```
/// assert_eq!(kohort::stats::ranks(&[7.0, 3.0, 7.0]), [2.5, 1.0, 2.5]);
/// ```
pub fn ranks(values: &[f64]) -> Vec<f64> {
    let mut order: Vec<(usize, f64)> = values
        .iter()
        .map(|v| *v + 0.0) // of the two zeros one
        .enumerate()
        .collect();
    order.sort_unstable_by(|a, b| a.1.total_cmp(&b.1));
    let mut out = vec![0.0; values.len()];
    let mut before = 0;
    for tie in order.chunk_by(|a, b| a.1.total_cmp(&b.1).is_eq()) {
        let rank = before as f64 + (tie.len() + 1) as f64 / 2.0;
        for (place, _) in tie {
            if let Some(own) = out.get_mut(*place) {
                *own = rank;
            }
        }
        before += tie.len();
    }
    out
}

/// Differences from the mean in units of the largest value, and the sum of their squares; `None`
/// where nothing differs.
fn centred(values: &[f64]) -> Option<(Vec<f64>, f64)> {
    let largest = values.iter().fold(0.0_f64, |most, v| most.max(v.abs()));
    let first = *values.first()?;
    if values.iter().all(|v| v.total_cmp(&first).is_eq()) || largest <= 0.0 {
        return None;
    }
    // Scaled first: squares of huge and of tiny values stay within the type.
    let scaled: Vec<f64> = values.iter().map(|v| v / largest).collect();
    let mean = scaled.iter().sum::<f64>() / scaled.len() as f64;
    let apart: Vec<f64> = scaled.iter().map(|v| v - mean).collect();
    let squares = apart.iter().map(|v| v * v).sum::<f64>();
    (squares > 0.0).then_some((apart, squares))
}
