//! How well the items of a test agree (classical test theory).

use ndarray::{ArrayView2, Axis};

use super::check::{each, finite};
use super::correlation::pearson;
use super::moments::variance;
use crate::error::{Error, Result};

/// Cronbach's alpha of a table with one row per person and one column per item:
/// `k / (k - 1) * (1 - sum of the items' variances / variance of the totals)`. `None` for fewer
/// than two items or two persons, and where the totals do not vary. May be negative.
///
/// Cronbach 1951, "Coefficient alpha and the internal structure of tests", Psychometrika 16(3),
/// doi:10.1007/BF02310555.
///
/// # Errors
/// [`Error::Parameter`] for scores that are not finite.
///
/// ```
/// use ndarray::array;
/// // item variances 1/3 and 1/3, totals 0, 1, 2, 2 with variance 11/12
/// let scores = array![[0.0, 0.0], [1.0, 0.0], [1.0, 1.0], [1.0, 1.0]];
/// let alpha = kohort::stats::cronbach_alpha(scores.view())?.unwrap();
/// assert!((alpha - 2.0 * (1.0 - (1.0 / 4.0 + 1.0 / 3.0) / (11.0 / 12.0))).abs() < 1e-15);
/// # Ok::<(), kohort::Error>(())
/// ```
pub fn cronbach_alpha(scores: ArrayView2<'_, f64>) -> Result<Option<f64>> {
    Ok(Agreement::of(scores)?.map(|agreement| agreement.alpha))
}

/// Kuder-Richardson formula 20: Cronbach's alpha of items that are right (1) or wrong (0),
/// `k / (k - 1) * (1 - sum p (1 - p) / variance of the totals)`. Both variances have the same
/// degrees of freedom, so it equals [`cronbach_alpha`]. `None` as there.
///
/// Kuder & Richardson 1937, "The theory of the estimation of test reliability", Psychometrika
/// 2(3), doi:10.1007/BF02288391.
///
/// # Errors
/// [`Error::Parameter`] for scores other than 0 and 1.
///
/// ```
/// use ndarray::array;
/// let scores = array![[0.0, 0.0], [1.0, 0.0], [1.0, 1.0], [1.0, 1.0]];
/// // p (1 - p) is 3/16 and 1/4; the totals' population variance is 11/16
/// let kr20 = kohort::stats::kr20(scores.view())?.unwrap();
/// assert!((kr20 - 2.0 * (1.0 - (3.0 / 16.0 + 1.0 / 4.0) / (11.0 / 16.0))).abs() < 1e-15);
/// assert!(kohort::stats::kr20(array![[0.5, 1.0], [1.0, 0.0]].view()).is_err());
/// # Ok::<(), kohort::Error>(())
/// ```
pub fn kr20(scores: ArrayView2<'_, f64>) -> Result<Option<f64>> {
    let all: Vec<f64> = scores.iter().copied().collect();
    each("scores", "0 or 1 each", &all, |v| {
        v.total_cmp(&1.0).is_eq() || v.abs() <= 0.0
    })?;
    let (persons, items) = scores.dim();
    if persons < 2 || items < 2 {
        return Ok(None);
    }
    let n = persons as f64;
    let apart: f64 = scores
        .axis_iter(Axis(1))
        .map(|item| item.sum() / n)
        .map(|p| p * (1.0 - p))
        .sum();
    let totals: Vec<f64> = scores.axis_iter(Axis(0)).map(|row| row.sum()).collect();
    let k = items as f64;
    let spread = variance(&totals, 0).filter(|variance| *variance > 0.0);
    Ok(spread.map(|spread| k / (k - 1.0) * (1.0 - apart / spread)))
}

/// Standard error of measurement: the standard deviation of the totals times
/// `sqrt(1 - alpha)`, in points of the test. `None` as for [`cronbach_alpha`].
///
/// # Errors
/// [`Error::Parameter`] for scores that are not finite.
///
/// ```
/// use ndarray::array;
/// // the two items agree fully: alpha is 1
/// let scores = array![[0.0, 0.0], [1.0, 1.0], [2.0, 2.0]];
/// let error = kohort::stats::standard_error_of_measurement(scores.view())?;
/// assert_eq!(error, Some(0.0));
/// # Ok::<(), kohort::Error>(())
/// ```
pub fn standard_error_of_measurement(scores: ArrayView2<'_, f64>) -> Result<Option<f64>> {
    Ok(Agreement::of(scores)?.map(|own| (own.spread * (1.0 - own.alpha).max(0.0)).sqrt()))
}

/// Point-biserial correlation of an item that is right or wrong with a score: Pearson's, which is
/// `(mean of the right - mean of the wrong) / population sd * sqrt(p (1 - p))`. `None` for fewer
/// than two persons, and where all are right, all are wrong, or all scores are the same.
///
/// # Errors
/// [`Error::Parameter`] for scores that are not finite, and slices of different length.
///
/// ```
/// // means 3 and 1, sd sqrt(5/4) over 0, 2, 2, 4, p = 1/2
/// let r = kohort::stats::point_biserial(&[false, false, true, true], &[0.0, 2.0, 2.0, 4.0])?;
/// assert!((r.unwrap() - 2.0 / 2_f64.sqrt() * 0.5).abs() < 1e-15);
/// # Ok::<(), kohort::Error>(())
/// ```
pub fn point_biserial(right: &[bool], scores: &[f64]) -> Result<Option<f64>> {
    let item: Vec<f64> = right.iter().map(|r| f64::from(u8::from(*r))).collect();
    pearson(&item, scores).map_err(|_| {
        let expected = "finite numbers, as many as `right`";
        Error::parameter("scores", expected, format!("{} scores", scores.len()))
    })
}

struct Agreement {
    alpha: f64,
    /// Variance of the totals.
    spread: f64,
}

impl Agreement {
    fn of(scores: ArrayView2<'_, f64>) -> Result<Option<Self>> {
        let all: Vec<f64> = scores.iter().copied().collect();
        finite("scores", &all)?;
        let (persons, items) = scores.dim();
        if persons < 2 || items < 2 {
            return Ok(None);
        }
        let apart: Option<f64> = scores
            .axis_iter(Axis(1))
            .map(|item| variance(&item.to_vec(), 1))
            .sum();
        let totals: Vec<f64> = scores.axis_iter(Axis(0)).map(|row| row.sum()).collect();
        // Totals that are equal but for the rounding of their sums do not vary.
        let sizes = scores
            .axis_iter(Axis(0))
            .map(|row| row.iter().map(|v| v.abs()).sum());
        let rounding = sizes.fold(0.0, f64::max) * f64::EPSILON * items as f64;
        let spread = variance(&totals, 1).filter(|spread| spread.sqrt() > rounding);
        let k = items as f64;
        Ok(apart.zip(spread).map(|(apart, spread)| Self {
            alpha: k / (k - 1.0) * (1.0 - apart / spread),
            spread,
        }))
    }
}
