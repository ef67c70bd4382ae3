//! Smoothing of a series.

use super::check::finite;
use crate::error::{Error, Result};

/// A series smoothed by a Gaussian kernel whose standard deviation is `bandwidth` places: each
/// value becomes the weighted mean of those within four bandwidths. At the ends the weights of
/// the values that are there are made to add up to 1.
///
/// Nadaraya 1964, "On estimating regression", doi:10.1137/1109020; Watson 1964, "Smooth
/// regression analysis".
///
/// # Errors
/// [`Error::Parameter`] for values that are not finite, and a bandwidth that is not above 0.
///
/// ```
/// use kohort::stats::smooth;
/// assert_eq!(smooth(&[2.0, 2.0, 2.0], 1.0)?, [2.0, 2.0, 2.0]);
/// let bump = smooth(&[0.0, 0.0, 1.0, 0.0, 0.0], 1.0)?;
/// assert!(bump[2] < 1.0 && bump[1] > 0.0 && (bump[1] - bump[3]).abs() < 1e-15);
/// # Ok::<(), kohort::Error>(())
/// ```
pub fn smooth(values: &[f64], bandwidth: f64) -> Result<Vec<f64>> {
    finite("values", values)?;
    if !bandwidth.is_finite() || bandwidth <= 0.0 {
        return Err(Error::parameter("bandwidth", "above 0", bandwidth));
    }
    let near = (0_u32..).map(f64::from).take(values.len());
    let near = near.take_while(|apart| *apart <= 4.0 * bandwidth);
    let kernel: Vec<f64> = near
        .map(|apart| (-0.5 * (apart / bandwidth).powi(2)).exp())
        .collect();
    let reach = kernel.len().saturating_sub(1);
    let smoothed = (0..values.len()).map(|place| {
        let from = place.saturating_sub(reach);
        let around = values
            .iter()
            .enumerate()
            .skip(from)
            .take(place - from + reach + 1);
        let (mut sum, mut weights) = (0.0, 0.0);
        for (other, value) in around {
            let weight = kernel.get(other.abs_diff(place)).copied().unwrap_or(0.0);
            sum += weight * value;
            weights += weight;
        }
        sum / weights
    });
    Ok(smoothed.collect())
}
