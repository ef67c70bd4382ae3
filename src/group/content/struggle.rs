//! The contents that learners struggle with: ranked by the share of those who tried twice or more
//! and have not passed (METRICS: assessment).

use std::collections::BTreeMap;

use super::moments::wilson;

/// Attempts from which not having passed is struggling.
const ENOUGH: u32 = 2;

/// A content and how many struggle with it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Ranked {
    pub(crate) item: u32,
    /// Learners with two or more attempts of whom it is known whether they passed.
    pub(crate) n: usize,
    pub(crate) not_passed: usize,
    pub(crate) share: f64,
    /// Wilson's 95 % interval of the share.
    pub(crate) interval: (f64, f64),
}

/// One learner at one item: the item, her attempts, and whether she passed, if that is known.
pub(crate) type Tried = (u32, u32, Option<bool>);

/// The hardest first; of equal shares the one that more learners stand behind.
pub(crate) fn rank(tried: &[Tried]) -> Vec<Ranked> {
    let mut counts: BTreeMap<u32, (usize, usize)> = BTreeMap::new();
    for (item, attempts, passed) in tried {
        if let Some(passed) = passed.filter(|_| *attempts >= ENOUGH) {
            let (n, not_passed) = counts.entry(*item).or_default();
            *n += 1;
            *not_passed += usize::from(!passed);
        }
    }
    let row = |(item, (n, not_passed)): (u32, (usize, usize))| {
        Some(Ranked {
            item,
            n,
            not_passed,
            share: not_passed as f64 / n as f64,
            interval: wilson(not_passed, n)?,
        })
    };
    let mut ranked: Vec<Ranked> = counts.into_iter().filter_map(row).collect();
    ranked.sort_by(|a, b| b.share.total_cmp(&a.share).then(b.n.cmp(&a.n)));
    ranked
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_repeated_attempts_with_a_known_end_are_ranked() {
        let tried = [
            (1, 2, Some(false)),
            (1, 5, Some(true)),
            (2, 3, Some(false)),
            (3, 1, Some(false)), // one attempt is no struggle
            (4, 4, None),        // not known
            (5, 2, Some(false)),
            (5, 2, Some(false)),
            (6, 2, Some(true)),
        ];
        let told: Vec<_> = rank(&tried)
            .iter()
            .map(|r| (r.item, r.not_passed, r.n))
            .collect();
        assert_eq!(told, [(5, 2, 2), (2, 1, 1), (1, 1, 2), (6, 0, 1)]);
        let (low, high) = rank(&tried)[2].interval;
        assert!(low > 0.0 && low < 0.5 && high > 0.5 && high < 1.0);
    }
}
