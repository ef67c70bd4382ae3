//! Entropy and divergence of distributions, in nats.

use std::f64::consts::LN_2;

use super::check::{not_negative, paired};
use crate::error::Result;

/// Shannon entropy of weights that are made to add up to 1: `-sum p ln p`, with `0 ln 0 = 0`.
/// `None` if the weights add up to nothing.
///
/// Shannon 1948, "A mathematical theory of communication", Bell System Technical Journal 27(3),
/// doi:10.1002/j.1538-7305.1948.tb01338.x.
///
/// # Errors
/// [`crate::Error::Parameter`] for a weight that is negative or not finite.
///
/// ```
/// use kohort::stats::entropy;
/// assert_eq!(entropy(&[3.0, 3.0])?, Some(2_f64.ln()));
/// assert_eq!(entropy(&[5.0, 0.0])?, Some(0.0));
/// assert_eq!(entropy(&[0.0])?, None);
/// # Ok::<(), kohort::Error>(())
/// ```
pub fn entropy(weights: &[f64]) -> Result<Option<f64>> {
    not_negative("weights", weights)?;
    Ok(distribution(weights).map(|p| {
        let terms = p.filter(|p| *p > 0.0).map(|p| p * p.ln());
        (0.0 - terms.sum::<f64>()).max(0.0)
    }))
}

/// Jensen-Shannon divergence of two distributions, from 0 (the same) to `ln 2` (nothing in
/// common): `(KL(p, m) + KL(q, m)) / 2` with `m = (p + q) / 2`. The divergence itself, not its
/// square root. Weights are made to add up to 1; `None` if either adds up to nothing.
///
/// Lin 1991, "Divergence measures based on the Shannon entropy", IEEE Transactions on
/// Information Theory 37(1), doi:10.1109/18.61115.
///
/// # Errors
/// [`crate::Error::Parameter`] for a weight that is negative or not finite, and for slices of
/// different length.
///
/// ```
/// use kohort::stats::jensen_shannon;
/// assert_eq!(jensen_shannon(&[1.0, 1.0], &[2.0, 2.0])?, Some(0.0));
/// assert_eq!(jensen_shannon(&[1.0, 0.0], &[0.0, 4.0])?, Some(2_f64.ln()));
/// # Ok::<(), kohort::Error>(())
/// ```
pub fn jensen_shannon(p: &[f64], q: &[f64]) -> Result<Option<f64>> {
    paired("q", q.len(), "p", p.len())?;
    not_negative("p", p)?;
    not_negative("q", q)?;
    let both = distribution(p).zip(distribution(q));
    Ok(both.map(|(p, q)| {
        let sum: f64 = p.zip(q).map(|(p, q)| divergence_part(p, q)).sum();
        sum.clamp(0.0, LN_2)
    }))
}

/// One outcome's part of the divergence: never negative.
pub(crate) fn divergence_part(p: f64, q: f64) -> f64 {
    let middle = f64::midpoint(p, q);
    if middle <= 0.0 {
        return 0.0;
    }
    if p <= 0.0 || q <= 0.0 {
        return 0.5 * (p + q) * LN_2; // ln 2 is that of p over its half
    }
    let apart = (p - q) / (p + q);
    if apart.abs() < 0.5 {
        // The same, without the difference of nearly equal terms.
        return middle * 0.5 * ((-apart * apart).ln_1p() + 2.0 * apart * apart.atanh());
    }
    let term = |x: f64| x * (x / middle).ln();
    0.5 * (term(p) + term(q))
}

/// Weights over their sum.
fn distribution(weights: &[f64]) -> Option<impl Iterator<Item = f64>> {
    let most = weights.iter().copied().fold(0.0, f64::max);
    if most <= 0.0 {
        return None;
    }
    // By the largest first, so that the sum stays within the type.
    let scaled = weights.iter().map(move |w| w / most);
    let sum: f64 = scaled.clone().sum();
    Some(scaled.map(move |w| w / sum))
}
