//! Many tests at once.

use super::check::shares;
use crate::error::Result;

/// Benjamini-Hochberg adjusted p-values, in the order given: those at most `q` keep the expected
/// share of false discoveries at most `q`, for independent or positively dependent tests.
///
/// The i-th smallest of `m` becomes the least of `p_j m / j` over `j >= i`, at most 1.
///
/// Benjamini & Hochberg 1995, "Controlling the false discovery rate", Journal of the Royal
/// Statistical Society B 57(1), doi:10.1111/j.2517-6161.1995.tb02031.x.
///
/// # Errors
/// [`crate::Error::Parameter`] for a p-value outside 0..=1.
///
/// ```
/// // 0.01 * 3 / 1 = 0.03, 0.04 * 3 / 2 = 0.06, 0.05 * 3 / 3 = 0.05: the second takes the third's
/// let adjusted = kohort::stats::benjamini_hochberg(&[0.05, 0.01, 0.04])?;
/// assert_eq!(adjusted, [0.05, 0.03, 0.05]);
/// # Ok::<(), kohort::Error>(())
/// ```
pub fn benjamini_hochberg(p_values: &[f64]) -> Result<Vec<f64>> {
    shares("p_values", p_values)?;
    let many = p_values.len() as f64;
    let mut order: Vec<(usize, f64)> = p_values.iter().copied().enumerate().collect();
    order.sort_by(|a, b| a.1.total_cmp(&b.1));
    let mut least: f64 = 1.0;
    for (rank, (_, p)) in order.iter_mut().enumerate().rev() {
        least = least.min(*p * (many / (rank + 1) as f64));
        *p = least;
    }
    order.sort_unstable_by_key(|(place, _)| *place);
    Ok(order.into_iter().map(|(_, p)| p).collect())
}
