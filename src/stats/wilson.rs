//! The interval that stands beside every rate.

use statrs::distribution::{ContinuousCDF, Normal};

use super::check;
use crate::error::{Error, Result};

/// Wilson's score interval of a proportion, without continuity correction. `None` for no trials.
///
/// With `z` the normal quantile of the confidence and `p = successes / trials`, the ends solve
/// `(p - x)^2 = z^2 x (1 - x) / trials`. They never leave 0..=1.
///
/// Wilson 1927, "Probable inference, the law of succession, and statistical inference", Journal
/// of the American Statistical Association 22(158), doi:10.1080/01621459.1927.10502953.
///
/// # Errors
/// [`Error::Parameter`] for more successes than trials, and a confidence not between 0 and 1.
///
/// ```
/// // z^2 = 3.8415: the ends are (p + z^2/2n -+ z sqrt(p(1-p)/n + z^2/4n^2)) / (1 + z^2/n)
/// let (low, high) = kohort::stats::wilson(5, 10, 0.95)?.unwrap();
/// assert!((low - 0.236_593).abs() < 1e-6 && (high - 0.763_407).abs() < 1e-6);
/// assert_eq!(kohort::stats::wilson(0, 0, 0.95)?, None);
/// # Ok::<(), kohort::Error>(())
/// ```
pub fn wilson(successes: u64, trials: u64, confidence: f64) -> Result<Option<(f64, f64)>> {
    let z = normal_quantile(confidence)?;
    let Some(failures) = trials.checked_sub(successes) else {
        let expected = format!("at most `trials` ({trials})");
        return Err(Error::parameter("successes", expected, successes));
    };
    if trials == 0 {
        return Ok(None);
    }
    let n = trials as f64;
    let (p, q) = (successes as f64 / n, failures as f64 / n);
    let square = z * z;
    let spread = p * q / n + square / (4.0 * n * n);
    let upper = p + square / (2.0 * n) + z * spread.sqrt();
    // The lower end as the product of both over the upper one: no difference of near numbers.
    let low = p * p / upper;
    let high = if failures == 0 {
        1.0
    } else {
        upper / (1.0 + square / n)
    };
    Ok(Some((low, high)))
}

/// The normal quantile that a two-sided confidence reaches to.
pub(super) fn normal_quantile(confidence: f64) -> Result<f64> {
    check::confidence(confidence)?;
    Ok(Normal::standard().inverse_cdf(f64::midpoint(1.0, confidence)))
}
