//! How cautious a release is: the parameters of the gate and the coding, with floors.

use serde::Serialize;

use crate::{Error, Result};

/// Lowest `k` that is accepted.
const K_FLOOR: u32 = 5;
/// Lowest rounding base that is accepted.
const BASE_FLOOR: u32 = 5;
/// Highest `k` that is accepted, so that no threshold can overflow.
const K_CEILING: u32 = 1_000_000;
/// Lowest coverage that is accepted.
const COVERAGE_FLOOR: f64 = 0.5;

/// How cautious a release is; a policy below a floor cannot be made.
///
/// `k` is the number of *other* learners every learner can be swapped with, so an
/// atom has at least `k + 1`. 10 is the mode of the rules of 39 US states (NCES SLDS
/// Brief 3) and the rule of ABS `DataLab`; 5 on microdata was broken (Cohen 2022).
///
/// # How large a group must be
///
/// Who withdraws is on no later release, so she must not be found by subtracting two of them: `k`
/// others of her atom step out with her. Of a group of `n` who are one atom, `n - k - 1` of `n - 1`
/// are left, and that is at least the coverage floor `f` if and only if
///
/// `n >= 1 + k / (1 - f)`,
///
/// 35 learners by default; 19 of 29 are too few. When the next one withdraws from what is shown,
/// `k` more step out. After `w` such withdrawals, each before another release, the group is
/// still there if `n >= w (1 + k / (1 - f))`, and if both parts of the last atom hold `k + 1`:
/// `n >= (w + 1) (k + 1)`. The gate allows no larger roster: with fewer outside, the
/// one who withdrew could be told. Smallest groups that outlast 1, 2 and 3 withdrawals:
///
/// | k | f = 0.5 | f = 0.6 | f = 0.7 | f = 0.8 |
/// |---|---|---|---|---|
/// | 5 | 12, 22, 33 | 14, 27, 41 | 18, 36, 53 | 26, 52, 78 |
/// | 10 | 22, 42, 63 | 26, 52, 78 | 35, 69, 103 | 51, 102, 153 |
/// | 15 | 32, 62, 93 | 39, 77, 116 | 51, 102, 153 | 76, 152, 228 |
/// | 20 | 42, 82, 123 | 51, 102, 153 | 68, 136, 203 | 101, 202, 303 |
///
/// Who changes groups costs the group that she leaves as much. Of those who withdraw between two
/// releases up to `k + 1` cost together no more than one alone: whoever releases weekly rather than
/// daily loses fewer groups. Leaving a course costs nothing, since leavers stay on the roster.
/// Learners who wait to be shown lower the coverage too: `w` of them leave `n / (n + w)`. What is
/// below the floor is answered by the course, see
/// [`ReferenceGroups::rosters`](super::ReferenceGroups::rosters).
///
/// In simulated terms of daily releases, in which some two learners of a course with eight boards
/// withdraw and four change boards, boards of 30, 40 and 70 and their course are shown
/// in 76 %, 89 % and 95 % of the weeks.
///
/// ```
/// use kohort::group::ReleasePolicy;
/// assert_eq!(ReleasePolicy::default().k(), 10);
/// assert!(ReleasePolicy::new(3, 5, 0.7).is_err());
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct ReleasePolicy {
    k: u32,
    base: u32,
    coverage_floor: f64,
}

impl Default for ReleasePolicy {
    /// `k = 10`, counts to base 5, coverage of at least 70 %.
    fn default() -> Self {
        Self {
            k: 10,
            base: 5,
            coverage_floor: 0.7,
        }
    }
}

impl ReleasePolicy {
    /// A policy with `k` other learners per atom, counts rounded to `base` and a floor
    /// under released roster / eligible members.
    ///
    /// # Errors
    /// [`Error::Policy`] if `k < 5`, `base < 5`, `k` is no multiple of `base`, or the
    /// coverage floor lies outside 0.5..=1.
    pub fn new(k: u32, base: u32, coverage_floor: f64) -> Result<Self> {
        if !(K_FLOOR..=K_CEILING).contains(&k) {
            return refuse(format!("`k` must be at least {K_FLOOR}, got {k}"));
        }
        if base < BASE_FLOOR {
            return refuse(format!("`base` must be at least {BASE_FLOOR}, got {base}"));
        }
        if !k.is_multiple_of(base) {
            return refuse(format!(
                "`k` must be a multiple of `base`, got k = {k} and base = {base}"
            ));
        }
        if !(COVERAGE_FLOOR..=1.0).contains(&coverage_floor) {
            return refuse(format!(
                "`coverage_floor` must be in {COVERAGE_FLOOR}..=1, got {coverage_floor}"
            ));
        }
        Ok(Self {
            k,
            base,
            coverage_floor,
        })
    }

    /// Other learners in every atom.
    pub fn k(&self) -> u32 {
        self.k
    }

    /// Every count is a multiple of this.
    pub fn base(&self) -> u32 {
        self.base
    }

    /// Smallest share of the eligible members that a released roster must hold.
    pub fn coverage_floor(&self) -> f64 {
        self.coverage_floor
    }

    /// `count` to the nearest multiple of the base, half up.
    pub(super) fn round(&self, count: u32) -> u32 {
        let base = u64::from(self.base);
        let rounded = (u64::from(count) + base / 2) / base * base;
        u32::try_from(rounded).unwrap_or(u32::MAX)
    }

    /// The strictest of both, parameter by parameter; an error if `self` is weaker
    /// than `used` in any of them.
    pub(super) fn after(self, used: Option<Self>) -> Result<Self> {
        let Some(used) = used else { return Ok(self) };
        for (name, now, before) in [
            ("k", f64::from(self.k), f64::from(used.k)),
            ("base", f64::from(self.base), f64::from(used.base)),
            ("coverage_floor", self.coverage_floor, used.coverage_floor),
        ] {
            if now < before {
                return refuse(format!(
                    "`{name}` = {now} is weaker than {before}, which an earlier call under this ledger used"
                ));
            }
        }
        Ok(self)
    }
}

fn refuse<T>(why: String) -> Result<T> {
    Err(Error::Policy(why))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weaker_than_a_floor_is_an_error_and_not_a_warning() {
        for (k, base, floor) in [
            (4, 5, 0.7),
            (10, 4, 0.7),
            (12, 5, 0.7),
            (10, 5, 0.49),
            (10, 5, f64::NAN),
            (10, 5, 1.1),
            (0, 0, 0.7),
        ] {
            assert!(matches!(
                ReleasePolicy::new(k, base, floor),
                Err(Error::Policy(_))
            ));
        }
        assert!(ReleasePolicy::new(5, 5, 0.5).is_ok());
    }

    #[test]
    fn counts_are_rounded_half_up() {
        let five = ReleasePolicy::default();
        assert_eq!([22, 23, 27, 28].map(|n| five.round(n)), [20, 25, 25, 30]);
        let ten = ReleasePolicy::new(10, 10, 0.7).unwrap();
        assert_eq!([14, 15, 24, 25].map(|n| ten.round(n)), [10, 20, 20, 30]);
    }

    #[test]
    fn a_weaker_policy_after_a_stricter_one_is_refused() {
        let strict = ReleasePolicy::new(20, 5, 0.7).unwrap();
        assert!(ReleasePolicy::default().after(Some(strict)).is_err());
        assert!(strict.after(Some(ReleasePolicy::default())).is_ok());
        let partial = ReleasePolicy::new(20, 5, 0.6).unwrap();
        assert!(partial.after(Some(ReleasePolicy::default())).is_err());
    }
}
