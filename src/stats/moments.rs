//! Mean and spread.

use super::check::shown;

/// Arithmetic mean. `None` for no data, or data that are not all finite.
///
/// ```
/// assert_eq!(kohort::stats::mean(&[1.0, 2.0, 6.0]), Some(3.0));
/// assert_eq!(kohort::stats::mean(&[]), None);
/// ```
pub fn mean(values: &[f64]) -> Option<f64> {
    if values.is_empty() {
        return None;
    }
    shown(values.iter().sum::<f64>() / values.len() as f64)
}

/// Variance: the sum of squared differences from the mean over `n - ddof`. `None` unless
/// `n > ddof`, or where the data are not all finite.
///
/// Two passes, so that large values with a small spread keep their digits.
///
/// ```
/// use kohort::stats::variance;
/// assert_eq!(variance(&[2.0, 4.0, 6.0], 1), Some(4.0));
/// assert_eq!(variance(&[2.0, 6.0], 0), Some(4.0));
/// assert_eq!(variance(&[2.0], 1), None);
/// ```
pub fn variance(values: &[f64], ddof: usize) -> Option<f64> {
    let degrees = values.len().checked_sub(ddof).filter(|n| *n > 0)?;
    let mean = mean(values)?;
    let squares: f64 = values.iter().map(|v| (v - mean).powi(2)).sum();
    shown(squares / degrees as f64)
}

/// Mean and sample standard deviation (`n - 1`); each `None` where there is too little data.
///
/// ```
/// let (mean, sd) = kohort::stats::moments(&[2.0, 4.0, 6.0]);
/// assert_eq!((mean, sd), (Some(4.0), Some(2.0)));
/// ```
pub fn moments(values: &[f64]) -> (Option<f64>, Option<f64>) {
    (mean(values), variance(values, 1).map(f64::sqrt))
}
