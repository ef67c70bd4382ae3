//! Numeric kernels on slices; they know nothing of learning.

/// The median of sorted whole numbers; between two middles their mean, rounded down.
/// `None` for no data.
///
/// ```
/// assert_eq!(kohort::stats::median_floor(&[1, 2, 4, 9]), Some(3));
/// assert_eq!(kohort::stats::median_floor(&[]), None);
/// ```
pub fn median_floor(sorted: &[i64]) -> Option<i64> {
    let half = sorted.len() / 2;
    let upper = *sorted.get(half)?;
    if sorted.len() % 2 == 1 {
        return Some(upper);
    }
    let lower = *sorted.get(half.checked_sub(1)?)?;
    Some(lower + (upper - lower).div_euclid(2))
}

/// Mean and sample standard deviation (`n - 1`); each `None` where there is too little data.
/// Two passes, so that large values with a small spread keep their digits.
///
/// ```
/// let (mean, sd) = kohort::stats::moments(&[2.0, 4.0, 6.0]);
/// assert_eq!((mean, sd), (Some(4.0), Some(2.0)));
/// ```
pub fn moments(values: &[f64]) -> (Option<f64>, Option<f64>) {
    if values.is_empty() {
        return (None, None);
    }
    let n = values.len() as f64;
    let mean = values.iter().sum::<f64>() / n;
    if values.len() < 2 {
        return (Some(mean), None);
    }
    let squares: f64 = values.iter().map(|v| (v - mean).powi(2)).sum();
    (Some(mean), Some((squares / (n - 1.0)).sqrt()))
}
