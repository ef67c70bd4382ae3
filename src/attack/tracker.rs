//! The shortest tracker of a total: up to four releases, added and subtracted.
//!
//! Every learner bears a random-looking number of 128 bits and a roster the sum of those of its
//! learners. A tracker of four is then two differences of two that meet; what meets is added up
//! again, learner by learner, before it is believed.

#![expect(
    clippy::indexing_slicing,
    reason = "places come from a list of the same rosters"
)]

use std::collections::BTreeMap;

use hashbrown::HashMap;

/// Rosters up to which trackers are searched; longer ones come from the elimination.
const ROSTERS: usize = 300;

/// Rosters, ready for the search.
pub(super) struct Trackers<'a> {
    rosters: &'a [&'a [u32]],
    sums: Vec<u128>,
    differences: HashMap<u128, (usize, usize)>,
}

type Combination = Vec<(usize, i64)>;

impl<'a> Trackers<'a> {
    pub(super) fn new(rosters: &'a [&'a [u32]]) -> Self {
        let all = &rosters[..rosters.len().min(ROSTERS)];
        let sums: Vec<u128> = all.iter().map(|r| total(r)).collect();
        let mut differences = HashMap::new();
        for (i, one) in sums.iter().enumerate() {
            for (j, other) in sums.iter().enumerate() {
                let difference = one.wrapping_sub(*other);
                differences.entry(difference).or_insert((i, j));
            }
        }
        Self {
            rosters: all,
            sums,
            differences,
        }
    }

    /// The shortest combination of up to four rosters that leaves just these learners.
    pub(super) fn shortest(&self, learners: &[u32]) -> Option<Combination> {
        let target = total(learners);
        let fits =
            |combination: Combination| self.makes(&combination, learners).then_some(combination);
        if let Some(&(i, j)) = self.differences.get(&target) {
            return fits(vec![(i, 1), (j, -1)]);
        }
        for (k, own) in self.sums.iter().enumerate() {
            for (sign, rest) in [
                (1, target.wrapping_sub(*own)),
                (-1, target.wrapping_add(*own)),
            ] {
                if let Some(&(i, j)) = self.differences.get(&rest) {
                    return fits(vec![(i, 1), (j, -1), (k, sign)]);
                }
            }
        }
        for (k, own) in self.sums.iter().enumerate() {
            for (l, other) in self.sums.iter().enumerate() {
                for (sign, rest) in [
                    (1, target.wrapping_sub(*own).wrapping_add(*other)),
                    (-1, target.wrapping_add(*own).wrapping_add(*other)),
                ] {
                    if let Some(&(i, j)) = self.differences.get(&rest) {
                        return fits(vec![(i, 1), (k, sign), (j, -1), (l, -1)]);
                    }
                }
            }
        }
        None
    }

    fn makes(&self, combination: &[(usize, i64)], learners: &[u32]) -> bool {
        let mut counts: BTreeMap<u32, i64> = learners.iter().map(|l| (*l, -1)).collect();
        for (row, factor) in combination {
            for learner in self.rosters[*row] {
                *counts.entry(*learner).or_default() += factor;
            }
        }
        counts.values().all(|c| *c == 0)
    }
}

fn total(learners: &[u32]) -> u128 {
    let sum = |so_far: u128, learner: &u32| so_far.wrapping_add(token(*learner));
    learners.iter().fold(0, sum)
}

/// Two rounds of the mixer of `SplitMix64` (Steele, Lea & Flood 2014).
fn token(learner: u32) -> u128 {
    let mix = |seed: u64| {
        let z = seed.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    };
    let first = mix(u64::from(learner) + 1);
    u128::from(first) << 64 | u128::from(mix(first))
}
