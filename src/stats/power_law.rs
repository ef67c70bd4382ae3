//! Curves that fall or rise by a power.

use super::check::{each, paired};
use crate::error::Result;

/// `y = scale * x^exponent`.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub struct PowerLaw {
    /// The value at `x = 1`.
    pub scale: f64,
    /// Negative where the curve falls.
    pub exponent: f64,
    /// Share of the variance of `ln y` that the line explains; `None` where `y` does not vary.
    pub r_squared: Option<f64>,
}

/// Fits a power law by least squares of `ln y` on `ln x`. `None` unless there are two different
/// `x`.
///
/// Newell & Rosenbloom 1981, "Mechanisms of skill acquisition and the law of practice".
///
/// # Errors
/// [`crate::Error::Parameter`] for values that are not above 0, which have no logarithm, and
/// slices of different length.
///
/// ```
/// // 0.8 at the first, half of it at the fourth: 0.8 x^(-1/2)
/// let fit = kohort::stats::power_law(&[1.0, 4.0, 16.0], &[0.8, 0.4, 0.2])?.unwrap();
/// assert!((fit.scale - 0.8).abs() < 1e-12 && (fit.exponent + 0.5).abs() < 1e-12);
/// # Ok::<(), kohort::Error>(())
/// ```
pub fn power_law(x: &[f64], y: &[f64]) -> Result<Option<PowerLaw>> {
    paired("y", y.len(), "x", x.len())?;
    for (name, values) in [("x", x), ("y", y)] {
        each(name, "finite numbers above 0", values, |v| {
            v.is_finite() && v > 0.0
        })?;
    }
    let Some(first) = x.first() else {
        return Ok(None);
    };
    if x.iter().all(|v| v.total_cmp(first).is_eq()) {
        return Ok(None);
    }
    let n = x.len() as f64;
    let (x, y): (Vec<f64>, Vec<f64>) = x.iter().zip(y).map(|(x, y)| (x.ln(), y.ln())).unzip();
    let (x_mean, y_mean) = (x.iter().sum::<f64>() / n, y.iter().sum::<f64>() / n);
    let (mut xx, mut xy, mut yy) = (0.0, 0.0, 0.0);
    for (x, y) in x.iter().zip(&y) {
        let (x, y) = (x - x_mean, y - y_mean);
        xx += x * x;
        xy += x * y;
        yy += y * y;
    }
    let exponent = xy / xx;
    let fit = PowerLaw {
        scale: (y_mean - exponent * x_mean).exp(),
        exponent,
        r_squared: (yy > 0.0).then(|| (xy * xy / (xx * yy)).min(1.0)),
    };
    Ok(Some(fit).filter(|fit| fit.scale.is_finite() && fit.exponent.is_finite()))
}
