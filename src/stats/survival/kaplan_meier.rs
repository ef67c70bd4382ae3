//! The survival curve.

use super::log_log_band;
use super::subjects::Subjects;
use crate::error::Result;
use crate::stats::wilson::normal_quantile;

/// The survival curve from one time of leaving to the next.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub struct SurvivalStep {
    /// When someone left.
    pub time: f64,
    /// Subjects at risk just before.
    pub at_risk: usize,
    /// Events then, of any kind.
    pub events: usize,
    /// Censorings then.
    pub censored: usize,
    /// Probability of no event up to and including this time.
    pub survival: f64,
    /// Its variance; `None` once nobody survives, where Greenwood's formula has no value.
    pub variance: Option<f64>,
    /// The ends of its band; `None` where the curve is 1 or 0.
    pub lower: Option<f64>,
    /// See `lower`.
    pub upper: Option<f64>,
}

/// Kaplan-Meier estimate of survival, with Greenwood's variance and a pointwise log-log band.
///
/// With `d` events among `n` at risk at each time, `S(t)` is the product of `1 - d/n` over the
/// times up to `t`, its variance `S(t)^2 sum d / (n (n - d))`, and the band
/// `S^exp(-+ z se / (S ln S))`. Before the first time `S` is 1. Under left truncation few may be
/// at risk early; once all of them have the event, the curve stays at 0.
///
/// Kaplan & Meier 1958, "Nonparametric estimation from incomplete observations", Journal of the
/// American Statistical Association 53(282), doi:10.1080/01621459.1958.10501452. Band:
/// Kalbfleisch & Prentice 1980, "The statistical analysis of failure time data".
///
/// # Errors
/// [`crate::Error::Parameter`] for a confidence not between 0 and 1.
///
/// ```
/// use kohort::stats::{Subjects, kaplan_meier};
/// // one of four leaves at 1, one is censored at 2, one of the other two leaves at 3
/// let subjects = Subjects::new(&[1.0, 2.0, 3.0, 4.0], &[1, 0, 1, 0], None)?;
/// let curve = kaplan_meier(&subjects, 0.95)?;
/// assert_eq!(curve[2].at_risk, 2);
/// assert_eq!(curve[2].survival, 0.75 * 0.5);
/// // (3/8)^2 (1/(4*3) + 1/(2*1)) = 21/256
/// assert!((curve[2].variance.unwrap() - 21.0 / 256.0).abs() < 1e-15);
/// # Ok::<(), kohort::Error>(())
/// ```
pub fn kaplan_meier(subjects: &Subjects, confidence: f64) -> Result<Vec<SurvivalStep>> {
    let z = normal_quantile(confidence)?;
    let (mut survival, mut sum) = (1.0, Some(0.0));
    let steps = subjects.moments(1).into_iter().map(|moment| {
        let (n, d) = (moment.at_risk as f64, moment.events as f64);
        let left = (moment.at_risk - moment.events) as f64;
        survival *= left / n;
        sum = sum.filter(|_| left > 0.0).map(|sum| sum + d / (n * left));
        let variance = sum.map(|sum| survival * survival * sum);
        let band = variance.and_then(|variance| log_log_band(survival, variance, z));
        SurvivalStep {
            time: moment.time,
            at_risk: moment.at_risk,
            events: moment.events,
            censored: moment.censored,
            survival,
            variance,
            lower: band.map(|band| band.0),
            upper: band.map(|band| band.1),
        }
    });
    Ok(steps.collect())
}
