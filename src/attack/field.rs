//! Arithmetic modulo the prime 2^61 - 1, and back to fractions.
//!
//! An elimination over the rationals grows numbers of hundreds of digits. Over a prime field it is
//! exact in machine words; a combination found there is turned back into fractions (Wang's rational
//! reconstruction, 1981) and verified in integers, so nothing wrong is ever reported. What could be
//! missed: combinations with a numerator or denominator of 2^30 or more, and what only a matrix
//! whose rank is smaller modulo this prime than it is would tell.

/// A Mersenne prime.
pub(super) const PRIME: u64 = (1 << 61) - 1;
/// Numerators and denominators are at most this: the square root of half the prime.
const LARGEST: u64 = 1 << 30;

pub(super) fn times(a: u64, b: u64) -> u64 {
    let product = u128::from(a) * u128::from(b);
    // 2^61 is 1, so the upper bits are added to the lower ones; both parts fit.
    let low = u64::try_from(product & u128::from(PRIME)).unwrap_or_default();
    let high = u64::try_from(product >> 61).unwrap_or_default();
    let sum = low + high;
    if sum >= PRIME { sum - PRIME } else { sum }
}

pub(super) fn minus(a: u64, b: u64) -> u64 {
    if a >= b { a - b } else { a + PRIME - b }
}

/// `a^-1`, by Fermat; 0 for 0.
pub(super) fn inverse(a: u64) -> u64 {
    let (mut power, mut result, mut exponent) = (a, 1, PRIME - 2);
    while exponent > 0 {
        if exponent & 1 == 1 {
            result = times(result, power);
        }
        power = times(power, power);
        exponent >>= 1;
    }
    result
}

/// The fraction that is `a` here, if there is one with small parts.
pub(super) fn fraction(a: u64) -> Option<(i64, i64)> {
    let (mut r0, mut r1) = (i128::from(PRIME), i128::from(a));
    let (mut t0, mut t1) = (0_i128, 1_i128);
    while r1 >= i128::from(LARGEST) {
        let quotient = r0 / r1;
        (r0, r1) = (r1, r0 - quotient * r1);
        (t0, t1) = (t1, t0 - quotient * t1);
    }
    let (n, d) = if t1 < 0 { (-r1, -t1) } else { (r1, t1) };
    if d == 0 || d >= i128::from(LARGEST) {
        return None;
    }
    Some((i64::try_from(n).ok()?, i64::try_from(d).ok()?))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn fractions_come_back(n in -1_000_000_i64..1_000_000, d in 1_i64..1_000_000) {
            let own = |v: i64| u64::try_from(i128::from(v).rem_euclid(i128::from(PRIME))).unwrap();
            let (n2, d2) = fraction(times(own(n), inverse(own(d)))).unwrap();
            prop_assert_eq!(n * d2, n2 * d);
        }

        #[test]
        fn an_inverse_is_one(a in 1..PRIME) {
            prop_assert_eq!(times(a, inverse(a)), 1);
            prop_assert_eq!(minus(0, a), PRIME - a);
        }
    }
}
