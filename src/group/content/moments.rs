//! Covariance and correlation of two columns, and the interval of a share.

use crate::stats;

/// Population covariance; `None` for no data.
pub(super) fn covariance(a: &[f64], b: &[f64]) -> Option<f64> {
    let n = a.len().min(b.len());
    if n == 0 {
        return None;
    }
    let mean = |values: &[f64]| values.iter().sum::<f64>() / n as f64;
    let (left, right) = (mean(a), mean(b));
    let products = a.iter().zip(b).map(|(x, y)| (x - left) * (y - right));
    Some(products.sum::<f64>() / n as f64)
}

/// Pearson's correlation from the covariances; `None` unless both columns vary.
pub(super) fn correlation(a: &[f64], b: &[f64]) -> Option<f64> {
    if !varies(a) || !varies(b) {
        return None;
    }
    let spread = (covariance(a, a)? * covariance(b, b)?).sqrt();
    (spread > 0.0).then_some((covariance(a, b)? / spread).clamp(-1.0, 1.0))
}

/// Whether two values differ; a variance of equal values may not come out as 0.
pub(super) fn varies(values: &[f64]) -> bool {
    let first = values.first();
    values.iter().any(|value| Some(value) != first)
}

/// Wilson's 95 % interval of `part` of `n`; `None` for no data.
pub(super) fn wilson(part: usize, n: usize) -> Option<(f64, f64)> {
    stats::wilson(part as u64, n as u64, 0.95).ok().flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_correlation_needs_variance_on_both_sides() {
        let line = correlation(&[1.0, 2.0, 3.0], &[2.0, 4.0, 6.0]);
        assert!((line.unwrap() - 1.0).abs() < 1e-12);
        // Deviations -1 0 1 and -1/3 2/3 -1/3 have no product in common.
        let none = correlation(&[1.0, 2.0, 3.0], &[0.0, 1.0, 0.0]);
        assert!(none.unwrap().abs() < 1e-12);
        assert_eq!(correlation(&[0.1, 0.1, 0.1], &[1.0, 2.0, 3.0]), None);
        assert_eq!(correlation(&[], &[]), None);
    }

    #[test]
    fn wilson_of_one_in_two_is_symmetric_and_stays_inside() {
        let (low, high) = wilson(1, 2).unwrap();
        assert!((low + high - 1.0).abs() < 1e-12);
        // z^2 = 3.8415: (0.5 - 1.96 sqrt(1/8 + z^2/16) + z^2/4) / (1 + z^2/2)
        assert!((low - 0.094_531_205_734_230_73).abs() < 1e-12);
        assert!(wilson(0, 5).unwrap().0.abs() < 1e-12);
        assert_eq!(wilson(0, 0), None);
    }
}
