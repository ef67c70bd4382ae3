//! Exact tails of the binomial distribution.
//!
//! Summed term by term: the continued fraction of the usual incomplete beta function is cut off
//! after a fixed number of steps, and loses the digits of small tails.

use std::f64::consts::PI;

use crate::error::{Error, Result};

/// Which side counts as extreme.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Alternative {
    /// As many successes, or more.
    Greater,
    /// As many successes, or fewer.
    Less,
}

/// One-sided exact binomial test: the probability of `successes` of `trials` or more (or fewer),
/// if each succeeds with `probability`. 1 for no trials: nothing speaks against any probability.
///
/// The first term follows Loader 2000, "Fast and accurate computation of binomial
/// probabilities"; the others follow from it by their ratios, away from the mean.
///
/// # Errors
/// [`Error::Parameter`] for more successes than trials, and a probability outside 0..=1.
///
/// ```
/// use kohort::stats::{Alternative, binomial_test};
/// // heads five times of five
/// assert!((binomial_test(5, 5, 0.5, Alternative::Greater)? - 0.5_f64.powi(5)).abs() < 1e-16);
/// assert_eq!(binomial_test(5, 5, 0.5, Alternative::Less)?, 1.0);
/// # Ok::<(), kohort::Error>(())
/// ```
pub fn binomial_test(
    successes: u64,
    trials: u64,
    probability: f64,
    alternative: Alternative,
) -> Result<f64> {
    if !(0.0..=1.0).contains(&probability) {
        return Err(Error::parameter("probability", "from 0 to 1", probability));
    }
    let Some(failures) = trials.checked_sub(successes) else {
        let expected = format!("at most `trials` ({trials})");
        return Err(Error::parameter("successes", expected, successes));
    };
    let (p, q) = (probability, 1.0 - probability);
    Ok(match alternative {
        Alternative::Greater => upper_tail(successes, failures, p, q),
        Alternative::Less => upper_tail(failures, successes, q, p),
    })
}

/// P(at least `k` successes) where `k + rest` are tried, each with `p`, and `q = 1 - p`.
fn upper_tail(k: u64, rest: u64, p: f64, q: f64) -> f64 {
    if k == 0 {
        return 1.0;
    }
    if p <= 0.0 {
        return 0.0;
    }
    if q <= 0.0 {
        return 1.0;
    }
    let (own, other) = (k as f64, rest as f64);
    if own > (own + other) * p {
        return sum_away(own, other, p, q).min(1.0);
    }
    // The mean lies inside: all but the tail on the other side, k - 1 successes or fewer.
    (1.0 - sum_away(other + 1.0, own - 1.0, q, p)).max(0.0)
}

/// Sum of the terms from `k` successes upwards, which fall from each to the next.
fn sum_away(k: f64, rest: f64, p: f64, q: f64) -> f64 {
    let first = term(k, rest, p, q);
    let (mut ratio, mut sum, mut up) = (1.0, 1.0, 0.0);
    while up < rest {
        up += 1.0;
        ratio *= (rest - up + 1.0) / (k + up) * (p / q);
        sum += ratio;
        if ratio < sum * 1e-18 {
            break;
        }
    }
    first * sum
}

/// The probability of exactly `k` successes and `rest` failures, by its saddle point.
fn term(k: f64, rest: f64, p: f64, q: f64) -> f64 {
    let n = k + rest;
    if k <= 0.0 {
        return power(q, p, n);
    }
    if rest <= 0.0 {
        return power(p, q, n);
    }
    let exponent = stirling_error(n)
        - stirling_error(k)
        - stirling_error(rest)
        - deviance(k, n * p)
        - deviance(rest, n * q);
    exponent.exp() * (n / (2.0 * PI * k * rest)).sqrt()
}

/// `base^n`, where `1 - base` is known more exactly than `base` near 1.
fn power(base: f64, rest: f64, n: f64) -> f64 {
    if rest < 0.5 {
        (n * (-rest).ln_1p()).exp()
    } else {
        (n * base.ln()).exp()
    }
}

/// `ln n!` less Stirling's formula.
fn stirling_error(n: f64) -> f64 {
    if n <= 16.0 {
        let mut factorial = 1.0;
        let mut next = 2.0;
        while next <= n {
            factorial *= next;
            next += 1.0;
        }
        return factorial.ln() - (n + 0.5) * n.ln() + n - 0.5 * (2.0 * PI).ln();
    }
    let s = 1.0 / (n * n);
    let tail = 1.0 / 1680.0 - s * (1.0 / 1188.0 - s * 691.0 / 360_360.0);
    (1.0 / 12.0 - s * (1.0 / 360.0 - s * (1.0 / 1260.0 - s * tail))) / n
}

/// `x ln(x / np) + np - x`, without loss of digits where `x` is near `np`.
fn deviance(x: f64, np: f64) -> f64 {
    let apart = x - np;
    if apart.abs() >= 0.1 * (x + np) {
        return x * (x / np).ln() + np - x;
    }
    let v = apart / (x + np);
    let mut sum = apart * v;
    let mut odd = 2.0 * x * v;
    let mut divisor = 1.0;
    loop {
        odd *= v * v;
        divisor += 2.0;
        let next = sum + odd / divisor;
        if next.total_cmp(&sum).is_eq() {
            return next;
        }
        sum = next;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn greater(k: u64, n: u64, p: f64) -> f64 {
        binomial_test(k, n, p, Alternative::Greater).unwrap()
    }

    #[test]
    fn two_of_three_dice_show_a_six_or_more() {
        // 3 (1/6)^2 (5/6) + (1/6)^3 = 16 / 216
        assert!((greater(2, 3, 1.0 / 6.0) - 16.0 / 216.0).abs() < 1e-15);
    }

    #[test]
    fn both_tails_overlap_in_one_term() {
        for n in [1_u64, 2, 17, 40, 1000] {
            for k in 0..=n {
                let less = binomial_test(k, n, 0.3, Alternative::Less).unwrap();
                let exactly = term(k as f64, (n - k) as f64, 0.3, 0.7);
                assert!((greater(k, n, 0.3) + less - 1.0 - exactly).abs() < 1e-13);
            }
        }
    }

    #[test]
    fn a_certain_and_an_impossible_success() {
        assert_eq!(greater(3, 3, 1.0).to_bits(), 1_f64.to_bits());
        assert_eq!(greater(1, 3, 0.0).to_bits(), 0_f64.to_bits());
        assert!(binomial_test(0, 0, 0.5, Alternative::Less).unwrap() >= 1.0);
        assert!(binomial_test(4, 3, 0.5, Alternative::Less).is_err());
        assert!(binomial_test(1, 3, f64::NAN, Alternative::Less).is_err());
    }

    #[test]
    fn a_million_trials_end() {
        let p = greater(501_000, 1_000_000, 0.5);
        assert!((p - 0.022_8).abs() < 1e-3, "{p}"); // two standard deviations
    }
}
