//! The cumulative incidence of one kind of event among others.

use super::log_log_band;
use super::subjects::Subjects;
use crate::error::{Error, Result};
use crate::stats::wilson::normal_quantile;

/// The cumulative incidence from one time of leaving to the next.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub struct IncidenceStep {
    /// When someone left.
    pub time: f64,
    /// Subjects at risk just before.
    pub at_risk: usize,
    /// Events of the kind asked for then.
    pub events: usize,
    /// Events of other kinds then.
    pub competing: usize,
    /// Censorings then.
    pub censored: usize,
    /// Probability of the event up to and including this time.
    pub incidence: f64,
    /// Its variance.
    pub variance: f64,
    /// The ends of its band; `None` where the incidence is 0 or 1.
    pub lower: Option<f64>,
    /// See `lower`.
    pub upper: Option<f64>,
}

/// Aalen-Johansen estimate of the cumulative incidence of one kind of event while the others
/// compete, with its variance and a pointwise log-log band.
///
/// With `S` the Kaplan-Meier curve of all events together, `F(t)` is the sum of `S(t-) d/n` over
/// the times up to `t`, where `d` counts the events of the kind. To treat competing events as
/// censored would overstate it. The variance is the delta method's, with `e` the events of all
/// kinds: the sum over times `s` up to `t` of
/// `(F(t) - F(s))^2 e / (n (n - e)) + S(s-)^2 d (n - d) / n^3 - 2 (F(t) - F(s)) S(s-) d / n^2`.
///
/// Aalen & Johansen 1978, "An empirical transition matrix for non-homogeneous Markov chains based
/// on censored observations", Scandinavian Journal of Statistics 5(3). Variance: Marubini &
/// Valsecchi 1995, "Analysing survival data from clinical trials and observational studies".
///
/// # Errors
/// [`Error::Parameter`] for kind 0, which is censoring, and a confidence not between 0 and 1.
///
/// ```
/// use kohort::stats::{Subjects, aalen_johansen};
/// // at 1 one of four has event 1, at 2 one of three event 2, at 3 one of two event 1
/// let subjects = Subjects::new(&[1.0, 2.0, 3.0, 4.0], &[1, 2, 1, 0], None)?;
/// let incidence = aalen_johansen(&subjects, 1, 0.95)?;
/// assert_eq!(incidence[0].incidence, 0.25);
/// assert_eq!(incidence[1].incidence, 0.25);
/// assert_eq!(incidence[2].incidence, 0.5); // 1/4 + 3/4 * 2/3 * 1/2
/// assert!((incidence[2].variance - 0.0625).abs() < 1e-15); // no censoring: p (1 - p) / 4
/// # Ok::<(), kohort::Error>(())
/// ```
pub fn aalen_johansen(
    subjects: &Subjects,
    kind: u32,
    confidence: f64,
) -> Result<Vec<IncidenceStep>> {
    let z = normal_quantile(confidence)?;
    if kind == 0 {
        let expected = "a kind of event, from 1 (0 is censoring)";
        return Err(Error::parameter("kind", expected, kind));
    }
    let (mut survival, mut incidence) = (1.0, 0.0);
    let mut spread = Spread::default();
    let steps = subjects.moments(kind).into_iter().map(|moment| {
        let (n, own) = (moment.at_risk as f64, moment.of_kind as f64);
        let all = moment.events as f64;
        let left = (moment.at_risk - moment.events) as f64;
        let grown = survival * own / n;
        spread.grow(grown);
        spread.binomial += survival * survival * own * (n - own) / (n * n * n);
        // Once nobody is left the incidence stays, and with it the terms that multiply its growth.
        if left > 0.0 {
            spread.hazard += all / (n * left);
            spread.mixed += survival * own / (n * n);
        }
        incidence += grown;
        survival *= left / n;
        let variance = spread.variance();
        let band = log_log_band(incidence, variance, z);
        IncidenceStep {
            time: moment.time,
            at_risk: moment.at_risk,
            events: moment.of_kind,
            competing: moment.events - moment.of_kind,
            censored: moment.censored,
            incidence,
            variance,
            lower: band.map(|band| band.0),
            upper: band.map(|band| band.1),
        }
    });
    Ok(steps.collect())
}

/// The three sums of the variance, kept up as `F` grows: with `a` and `b` the factors of the
/// first and the last, `sum (F - F(s))^2 a`, `sum (F - F(s)) a` and `sum (F - F(s)) b`.
#[derive(Debug, Default)]
struct Spread {
    squared: f64,
    linear: f64,
    hazard: f64,
    binomial: f64,
    crossed: f64,
    mixed: f64,
}

impl Spread {
    fn grow(&mut self, by: f64) {
        self.squared += by * (2.0 * self.linear + by * self.hazard);
        self.linear += by * self.hazard;
        self.crossed += by * self.mixed;
    }

    fn variance(&self) -> f64 {
        (self.squared + self.binomial - 2.0 * self.crossed).max(0.0)
    }
}
