//! Mean time without an event, up to a horizon.

use super::subjects::Subjects;
use crate::error::{Error, Result};

/// A restricted mean survival time.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub struct RestrictedMean {
    /// The mean.
    pub mean: f64,
    /// The variance of this estimate of it.
    pub variance: f64,
    /// Up to when.
    pub horizon: f64,
}

/// Restricted mean survival time: the area under the Kaplan-Meier curve up to the horizon, which
/// is the mean time without an event within it. `None` for no subjects.
///
/// Its variance is the sum over event times `s` up to the horizon of
/// `(area after s)^2 d / (n (n - d))`. The default horizon is the latest time anyone left.
///
/// Irwin 1949, "The standard error of an estimate of expectation of life", The Journal of Hygiene
/// 47(2), doi:10.1017/S0022172400014443.
///
/// # Errors
/// [`Error::Parameter`] for a horizon that is not above 0, or beyond the latest time of leaving
/// while some survive: there the curve is not known.
///
/// ```
/// use kohort::stats::{Subjects, restricted_mean};
/// let subjects = Subjects::new(&[1.0, 2.0, 3.0, 4.0], &[1, 0, 1, 0], None)?;
/// let mean = restricted_mean(&subjects, Some(4.0))?.unwrap();
/// // 1 up to 1, 3/4 up to 3, 3/8 up to 4
/// assert_eq!(mean.mean, 1.0 + 2.0 * 0.75 + 0.375);
/// // the area after 1 is 15/8, after 3 it is 3/8
/// let expected = (15.0_f64 / 8.0).powi(2) / 12.0 + (3.0_f64 / 8.0).powi(2) / 2.0;
/// assert!((mean.variance - expected).abs() < 1e-15);
/// assert!(restricted_mean(&subjects, Some(5.0)).is_err());
/// # Ok::<(), kohort::Error>(())
/// ```
pub fn restricted_mean(
    subjects: &Subjects,
    horizon: Option<f64>,
) -> Result<Option<RestrictedMean>> {
    if let Some(asked) = horizon.filter(|at| !at.is_finite() || *at <= 0.0) {
        return Err(Error::parameter("horizon", "a finite time above 0", asked));
    }
    let Some(latest) = subjects.latest() else {
        return Ok(None);
    };
    let horizon = horizon.unwrap_or(latest);
    let moments = subjects.moments(1);
    let mut pieces = Vec::with_capacity(moments.len() + 1);
    let (mut from, mut survival, mut hazard) = (0.0, 1.0, 0.0);
    for moment in moments.iter().take_while(|moment| moment.time <= horizon) {
        pieces.push((survival * (moment.time - from), hazard));
        let (n, d) = (moment.at_risk as f64, moment.events as f64);
        let left = (moment.at_risk - moment.events) as f64;
        hazard = if left > 0.0 { d / (n * left) } else { 0.0 };
        survival *= left / n;
        from = moment.time;
    }
    if horizon > latest && survival > 0.0 {
        let expected = "at most the latest time of leaving, while some survive";
        return Err(Error::parameter("horizon", expected, horizon));
    }
    pieces.push((survival * (horizon - from), hazard));
    // Backwards: the area after a time is known when its piece is reached.
    let (mut mean, mut variance) = (0.0, 0.0);
    for (area, hazard) in pieces.iter().rev() {
        mean += area;
        variance += mean * mean * hazard;
    }
    Ok(Some(RestrictedMean {
        mean,
        variance,
        horizon,
    }))
}
