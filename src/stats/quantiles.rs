//! Quantiles, and spread by quantiles.

use super::check::shown;

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

/// The quantile at `share`, of type 7: linear between order statistics at `(n - 1) * share`.
/// `None` for no data, data that are not all finite, and a share outside 0..=1.
///
/// Hyndman & Fan 1996, "Sample quantiles in statistical packages", The American Statistician
/// 50(4), doi:10.1080/00031305.1996.10473566.
///
/// ```
/// use kohort::stats::quantile;
/// let values = [40.0, 10.0, 20.0, 30.0];
/// assert_eq!(quantile(&values, 0.25), Some(17.5)); // 10, 20: three quarters of the way
/// assert_eq!(quantile(&values, 1.0), Some(40.0));
/// assert_eq!(quantile(&[], 0.5), None);
/// ```
pub fn quantile(values: &[f64], share: f64) -> Option<f64> {
    if !(0.0..=1.0).contains(&share) || !values.iter().all(|v| v.is_finite()) {
        return None;
    }
    let mut sorted = values.to_vec();
    sorted.sort_unstable_by(f64::total_cmp);
    let place = sorted.len().checked_sub(1)? as f64 * share;
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a place lies between 0 and the last index"
    )]
    let below = place.floor() as usize;
    let lower = *sorted.get(below)?;
    let upper = sorted.get(below + 1).copied().unwrap_or(lower);
    let part = place - place.floor();
    let step = upper - lower;
    if step.is_finite() {
        return Some(lower + step * part);
    }
    shown(lower * (1.0 - part) + upper * part)
}

/// The median: the quantile at one half. `None` as for [`quantile`].
///
/// ```
/// assert_eq!(kohort::stats::median(&[9.0, 1.0, 2.0, 4.0]), Some(3.0));
/// ```
pub fn median(values: &[f64]) -> Option<f64> {
    quantile(values, 0.5)
}

/// Median absolute deviation from the median, as it is (times 1.4826 it estimates the standard
/// deviation of a normal sample). `None` as for [`quantile`].
///
/// Hampel 1974, "The influence curve and its role in robust estimation", Journal of the American
/// Statistical Association 69(346), doi:10.1080/01621459.1974.10482962.
///
/// ```
/// // median 2; the distances from it are 1, 0, 0, 2 and 98
/// let mad = kohort::stats::median_absolute_deviation(&[1.0, 2.0, 2.0, 4.0, 100.0]);
/// assert_eq!(mad, Some(1.0));
/// ```
pub fn median_absolute_deviation(values: &[f64]) -> Option<f64> {
    let middle = median(values)?;
    let distances: Vec<f64> = values.iter().map(|v| (v - middle).abs()).collect();
    median(&distances)
}
