//! The cumulative hazard.

use super::subjects::Subjects;
use crate::error::Result;
use crate::stats::wilson::normal_quantile;

/// The cumulative hazard from one time of leaving to the next.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub struct HazardStep {
    /// When someone left.
    pub time: f64,
    /// Subjects at risk just before.
    pub at_risk: usize,
    /// Events then, of any kind.
    pub events: usize,
    /// Censorings then.
    pub censored: usize,
    /// Cumulative hazard up to and including this time.
    pub hazard: f64,
    /// Its variance.
    pub variance: f64,
    /// The ends of its band; `None` before the first event.
    pub lower: Option<f64>,
    /// See `lower`.
    pub upper: Option<f64>,
}

/// Nelson-Aalen estimate of the cumulative hazard, with its variance and a pointwise log band.
///
/// With `d` events among `n` at risk at each time, `H(t)` is the sum of `d/n` over the times up
/// to `t`, its variance the sum of `d/n^2`, and the band `H exp(-+ z se / H)`. Events at the same
/// time are taken as such, not one after the other.
///
/// Aalen 1978, "Nonparametric inference for a family of counting processes", The Annals of
/// Statistics 6(4), doi:10.1214/aos/1176344247.
///
/// # Errors
/// [`crate::Error::Parameter`] for a confidence not between 0 and 1.
///
/// ```
/// use kohort::stats::{Subjects, nelson_aalen};
/// let subjects = Subjects::new(&[1.0, 2.0, 3.0, 4.0], &[1, 0, 1, 0], None)?;
/// let last = nelson_aalen(&subjects, 0.95)?[3];
/// assert_eq!((last.hazard, last.variance), (1.0 / 4.0 + 1.0 / 2.0, 1.0 / 16.0 + 1.0 / 4.0));
/// # Ok::<(), kohort::Error>(())
/// ```
pub fn nelson_aalen(subjects: &Subjects, confidence: f64) -> Result<Vec<HazardStep>> {
    let z = normal_quantile(confidence)?;
    let (mut hazard, mut variance) = (0.0, 0.0);
    let steps = subjects.moments(1).into_iter().map(|moment| {
        let (n, d) = (moment.at_risk as f64, moment.events as f64);
        hazard += d / n;
        variance += d / (n * n);
        let reach = (hazard > 0.0).then(|| (z * f64::sqrt(variance) / hazard).exp());
        HazardStep {
            time: moment.time,
            at_risk: moment.at_risk,
            events: moment.events,
            censored: moment.censored,
            hazard,
            variance,
            lower: reach.map(|reach| hazard / reach),
            upper: reach.map(|reach| hazard * reach),
        }
    });
    Ok(steps.collect())
}
