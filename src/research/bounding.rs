//! User level: whatever a learner did, she counts in at most so many cells, once in each.
//!
//! Which of hers are kept is drawn by lot, under a key that is fresh for each release and her
//! own id: it hangs on nothing that anybody else did. So with or without her, at most `bound`
//! counts differ, each by one. (Numbers that the engine gives to learners would not do: they
//! move when another learner comes or goes.)

use std::collections::{BTreeMap, BTreeSet};

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha12Rng;

use crate::data::Id;

/// A cell of a table, as the table numbers them.
pub(super) type Cell = u64;

/// How many learners a cell has: a whole number, and made of nothing else.
///
/// Noise is for integers. Added to a float, its low digits would give the value away (Mironov
/// 2012, On significance of the least significant bits for differential privacy).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub(super) struct Count(u32);

impl Count {
    pub(super) fn get(self) -> u32 {
        self.0
    }
}

impl From<u32> for Count {
    fn from(count: u32) -> Self {
        Self(count)
    }
}

/// Exact counts under a bound on what a learner adds. They must not be shown.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Bounded {
    pub(super) counts: BTreeMap<Cell, Count>,
    /// So many cells a learner counts in at most.
    pub(super) bound: u32,
}

/// What draws the cells of each learner.
pub(super) struct Lots {
    key: [u8; 32],
    bound: u32,
}

impl Lots {
    pub(super) fn new(key: [u8; 32], bound: u32) -> Self {
        Self { key, bound }
    }

    /// So many cells a learner keeps at most.
    pub(super) fn bound(&self) -> u32 {
        self.bound
    }

    /// The places of the cells that a learner with `n` cells keeps, rising.
    pub(super) fn keep(&self, learner: &Id, n: u64) -> Vec<u64> {
        let bound = u64::from(self.bound);
        if n <= bound {
            return (0..n).collect();
        }
        let mut lot = self.lot(learner);
        // Floyd's sample without replacement (Bentley & Floyd 1987): every set of `bound`
        // places is as likely as any other, and no list of all of them is made.
        let mut kept = BTreeSet::new();
        for last in n - bound..n {
            let drawn = lot.random_range(0..=last);
            if !kept.insert(drawn) {
                kept.insert(last);
            }
        }
        kept.into_iter().collect()
    }

    /// The cells that a learner keeps of hers, which come in their order, each once.
    pub(super) fn cells(&self, learner: &Id, own: &[Cell]) -> Vec<Cell> {
        let places = self.keep(learner, own.len() as u64);
        let at = |place| usize::try_from(place).ok().and_then(|at| own.get(at));
        places.into_iter().filter_map(at).copied().collect()
    }

    /// The pairs of things that a learner keeps of all pairs of hers.
    pub(super) fn pairs(&self, learner: &Id, own: &[u32]) -> Vec<Cell> {
        let n = own.len() as u64;
        let places = self.keep(learner, n * n.saturating_sub(1) / 2);
        let at = |place| usize::try_from(place).ok().and_then(|at| own.get(at));
        let pair = |place| {
            let (one, other) = pair_at(place);
            Some(cell_of_pair(*at(one)?, *at(other)?))
        };
        places.into_iter().filter_map(pair).collect()
    }

    fn lot(&self, learner: &Id) -> ChaCha12Rng {
        let mut hasher = blake3::Hasher::new_keyed(&self.key);
        match learner {
            Id::Int(id) => hasher.update(b"i").update(&id.to_le_bytes()),
            Id::Text(id) => hasher.update(b"t").update(id.as_bytes()),
        };
        ChaCha12Rng::from_seed(*hasher.finalize().as_bytes())
    }
}

/// The pair at a place, when pairs come as 01, 02, 12, 03, 13, 23, ...
fn pair_at(place: u64) -> (u64, u64) {
    // The first pair of `other` stands at other (other - 1) / 2.
    let mut other = place
        .saturating_mul(8)
        .saturating_add(1)
        .isqrt()
        .div_ceil(2);
    while other * (other - 1) / 2 > place {
        other -= 1;
    }
    (place - other * (other - 1) / 2, other)
}

/// Two things as one cell, the smaller first.
pub(super) fn cell_of_pair(one: u32, other: u32) -> Cell {
    let (low, high) = (one.min(other), one.max(other));
    (u64::from(low) << 32) | u64::from(high)
}

/// The two things of a cell.
pub(super) fn pair_of_cell(cell: Cell) -> (u32, u32) {
    let half = |part: u64| u32::try_from(part & u64::from(u32::MAX)).unwrap_or(u32::MAX);
    (half(cell >> 32), half(cell))
}

/// Adds up what learners keep.
pub(super) fn count(kept: impl IntoIterator<Item = Cell>, bound: u32) -> Bounded {
    let mut counts: BTreeMap<Cell, Count> = BTreeMap::new();
    for cell in kept {
        let slot = counts.entry(cell).or_default();
        *slot = Count(slot.0.saturating_add(1));
    }
    Bounded { counts, bound }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn bounded(key: u8, bound: u32, learners: &[(i64, Vec<Cell>)]) -> Bounded {
        let lots = Lots::new([key; 32], bound);
        let kept = learners
            .iter()
            .flat_map(|(id, own)| lots.cells(&Id::Int(*id), own));
        count(kept, bound)
    }

    /// How many cells differ, and by how much at most.
    fn distance(one: &Bounded, other: &Bounded) -> (usize, u32) {
        let cells: BTreeSet<Cell> = one
            .counts
            .keys()
            .chain(other.counts.keys())
            .copied()
            .collect();
        let at = |table: &Bounded, cell| table.counts.get(cell).copied().unwrap_or_default().0;
        let gaps = cells
            .iter()
            .map(|cell| at(one, cell).abs_diff(at(other, cell)));
        let gaps: Vec<u32> = gaps.filter(|gap| *gap > 0).collect();
        (gaps.len(), gaps.iter().copied().max().unwrap_or(0))
    }

    #[test]
    fn pairs_are_numbered_without_gaps() {
        let mut place = 0;
        for other in 1..60 {
            for one in 0..other {
                assert_eq!(pair_at(place), (one, other));
                place += 1;
            }
        }
        let n = 1_u64 << 31;
        assert_eq!(pair_at(n * (n - 1) / 2 - 1), (n - 2, n - 1));
        assert_eq!(pair_of_cell(cell_of_pair(7, 3)), (3, 7));
    }

    #[test]
    fn every_pair_of_a_learner_is_as_likely_as_any_other() {
        // 10 things, 45 pairs, 9 kept: each in a fifth of the draws.
        let own: Vec<u32> = (0..10).collect();
        let mut seen: BTreeMap<Cell, u32> = BTreeMap::new();
        let draws = 4000;
        for learner in 0..draws {
            let kept = Lots::new([1; 32], 9).pairs(&Id::Int(learner), &own);
            assert_eq!(kept.iter().collect::<BTreeSet<_>>().len(), 9);
            for pair in kept {
                *seen.entry(pair).or_default() += 1;
            }
        }
        assert_eq!(seen.len(), 45);
        let expected = f64::from(u32::try_from(draws).unwrap()) / 5.0;
        let far = seen
            .values()
            .map(|n| (f64::from(*n) - expected).abs())
            .fold(0.0, f64::max);
        assert!(far < 5.0 * (expected * 0.8).sqrt(), "{far}");
    }

    proptest! {
        #[test]
        fn the_bound_holds_for_everybody_and_takes_only_what_is_hers(
            own in proptest::collection::btree_set(0_u64..200, 0..60), bound in 1_u32..20, key: u8,
        ) {
            let own: Vec<Cell> = own.into_iter().collect();
            let kept = Lots::new([key; 32], bound).cells(&Id::from("a"), &own);
            prop_assert_eq!(kept.len(), own.len().min(bound as usize));
            prop_assert!(kept.windows(2).all(|two| two[0] < two[1]));
            prop_assert!(kept.iter().all(|cell| own.contains(cell)));
            if own.len() <= bound as usize {
                prop_assert_eq!(kept, own);
            }
        }

        /// The slow twin writes all pairs down and takes those at the places drawn.
        #[test]
        fn pairs_are_those_of_a_list_of_all_pairs(
            own in proptest::collection::btree_set(0_u32..500, 0..25), bound in 1_u32..40, key: u8,
        ) {
            let own: Vec<u32> = own.into_iter().collect();
            let lots = Lots::new([key; 32], bound);
            let mut all = Vec::new();
            for (j, high) in own.iter().enumerate() {
                all.extend(own[..j].iter().map(|low| cell_of_pair(*low, *high)));
            }
            prop_assert_eq!(lots.pairs(&Id::Int(3), &own), lots.cells(&Id::Int(3), &all));
        }

        /// Sensitivity: without one learner at most `bound` counts differ, each by one.
        #[test]
        fn without_one_learner_few_counts_differ_by_one(
            tables in proptest::collection::vec(proptest::collection::btree_set(0_u64..12, 0..12), 1..8),
            bound in 1_u32..5, key: u8, without: proptest::sample::Index,
        ) {
            let mut learners: Vec<(i64, Vec<Cell>)> =
                (0..).zip(tables.into_iter().map(|own| own.into_iter().collect())).collect();
            let whole = bounded(key, bound, &learners);
            learners.remove(without.index(learners.len()));
            let rest = bounded(key, bound, &learners);
            let (cells, by) = distance(&whole, &rest);
            prop_assert!(cells <= bound as usize && by <= 1);
        }
    }

    #[test]
    fn all_small_worlds_differ_from_their_neighbours_within_the_bound() {
        // Three learners, every set of four cells each: 4096 worlds, 3 neighbours of each.
        let sets: Vec<Vec<Cell>> = (0_u64..16)
            .map(|bits| (0..4).filter(|cell| bits >> cell & 1 == 1).collect())
            .collect();
        for bound in 1..=3 {
            let mut furthest = 0;
            for world in 0..4096_usize {
                let own = |l: usize| sets[world >> (4 * l) & 15].clone();
                let whole: Vec<_> = (0_i64..).zip((0..3).map(own)).collect();
                let table = bounded(9, bound, &whole);
                for gone in 0..3 {
                    let rest: Vec<_> = whole.iter().filter(|(l, _)| *l != gone).cloned().collect();
                    let (cells, by) = distance(&table, &bounded(9, bound, &rest));
                    assert!(cells <= bound as usize && by <= 1);
                    furthest = furthest.max(cells);
                }
            }
            assert_eq!(furthest, bound as usize, "the bound is reached");
        }
    }
}
