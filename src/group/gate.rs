//! The gate: a release is allowed iff, with it added, every atom of its component has at
//! least k + 1 learners.
//!
//! **Theorem.** If every output is a function of the multiset of per-learner records on
//! its roster, and rosters do not depend on those records, then permuting records inside
//! atoms changes no byte of anything ever released. *Proof*: each roster is a union of
//! atoms, so a permutation inside atoms maps it onto itself and leaves its multiset,
//! hence every function of it, a refusal included.
//!
//! The set of releases a learner was in is carried as the exclusive or of one random
//! 128-bit token per release, so equal sets have equal signatures and different ones
//! collide with probability 2^-128.
//!
//! The gate asks every atom on its own, so the largest roster it allows is found atom by
//! atom, see [`Class::stays`].

use hashbrown::HashMap;

use super::roster::Members;

/// Learners with the same signature, as far as some roster holds them.
#[derive(Debug, Clone, Default)]
pub(super) struct Class {
    /// Those on the roster, in its order.
    pub(super) inside: Members,
    /// How many of the atom are not on it; 0 for learners who were in no release, because
    /// nothing told yet of them can be subtracted.
    pub(super) outside: usize,
}

impl Class {
    /// How many of those inside the largest roster keeps.
    ///
    /// After a release both parts of an atom must be empty or hold more than k. With 1..=k
    /// outside, some inside step out until the part outside holds k + 1: fewer would not do,
    /// and more would show less. If fewer than k + 1 would remain inside, nobody may. No
    /// condition names two atoms, so the union over the atoms is the largest roster.
    ///
    /// Those who stepped out share an atom of k + 1 with who left. While she is away, at most k
    /// of it are eligible, so they stay out for as long, without anything being written down;
    /// when she returns the atom is whole, and they return with her.
    pub(super) fn stays(&self, k: usize) -> usize {
        let (inside, outside) = (self.inside.len(), self.outside);
        let stays = if outside == 0 || outside > k {
            inside
        } else {
            (inside + outside).saturating_sub(k + 1)
        };
        if stays > k { stays } else { 0 }
    }
}

/// What was released about the learners of one component.
#[derive(Debug, Clone, Default)]
pub(super) struct Component {
    /// Per learner the exclusive or of the tokens of the releases she was in.
    signatures: HashMap<u32, u128>,
    /// Learners per signature.
    atoms: HashMap<u128, u32>,
}

impl Component {
    /// Whether every atom has at least k + 1 learners once `candidate` is released too; an
    /// empty one asks about the component as it stands.
    ///
    /// Only atoms that the candidate meets are counted anew.
    pub(super) fn allows(&self, candidate: &[u32], k: u32) -> bool {
        let mut inside: HashMap<u128, u32> = HashMap::new();
        for learner in candidate {
            *inside.entry(self.signature(*learner)).or_default() += 1;
        }
        let parts = |(signature, within): (&u128, &u32)| {
            let outside = self.size(*signature).saturating_sub(*within);
            *within > k && (outside == 0 || outside > k)
        };
        self.atoms.values().all(|size| *size > k) && inside.iter().all(parts)
    }

    /// Whether every atom has 0 or more than k learners that somebody does not know: then those
    /// can be swapped even under her eyes.
    pub(super) fn hides(&self, knows: impl Fn(u32) -> bool, k: u32) -> bool {
        let mut unknown: HashMap<u128, u32> = HashMap::new();
        for (learner, signature) in &self.signatures {
            if !knows(*learner) {
                *unknown.entry(*signature).or_default() += 1;
            }
        }
        unknown.values().all(|learners| *learners > k)
    }

    /// The learners of `roster` by signature, in the order in which they are met.
    pub(super) fn classes(&self, roster: &[u32]) -> Vec<Class> {
        let mut at: HashMap<u128, usize> = HashMap::new();
        let mut classes: Vec<(u128, Class)> = Vec::new();
        for learner in roster {
            let signature = self.signature(*learner);
            let place = *at.entry(signature).or_insert(classes.len());
            if place == classes.len() {
                classes.push((signature, Class::default()));
            }
            if let Some((_, class)) = classes.get_mut(place) {
                class.inside.push(*learner);
            }
        }
        let counted = |(signature, mut class): (u128, Class)| {
            let size = self.size(signature) as usize;
            class.outside = size.saturating_sub(class.inside.len());
            class
        };
        classes.into_iter().map(counted).collect()
    }

    /// Puts a release of `members` on record.
    pub(super) fn release(&mut self, members: &[u32], token: u128) {
        for learner in members {
            let before = self.signature(*learner);
            self.put(*learner, before ^ token);
        }
    }

    /// Both components as one: their releases count together.
    #[must_use]
    pub(super) fn join(mut self, other: &Self) -> Self {
        let theirs = other.signatures.iter();
        theirs.for_each(|(learner, signature)| {
            let before = self.signature(*learner);
            self.put(*learner, before ^ signature);
        });
        self
    }

    /// 0 for learners who were in no release.
    fn signature(&self, learner: u32) -> u128 {
        self.signatures.get(&learner).copied().unwrap_or(0)
    }

    fn size(&self, signature: u128) -> u32 {
        self.atoms.get(&signature).copied().unwrap_or(0)
    }

    /// Moves a learner to the atom of another signature.
    fn put(&mut self, learner: u32, signature: u128) {
        if let Some(before) = self.signatures.insert(learner, signature) {
            let left = self.size(before).saturating_sub(1);
            if left == 0 {
                self.atoms.remove(&before);
            } else {
                self.atoms.insert(before, left);
            }
        }
        *self.atoms.entry(signature).or_default() += 1;
    }
}

/// The slow twin: atoms by explicit partition of the sets of releases.
#[cfg(test)]
pub(super) mod twin {
    use std::collections::{BTreeMap, BTreeSet};

    /// Learners with the same non-empty set of releases, written from the definition.
    pub(crate) fn atoms(releases: &[Vec<u32>]) -> Vec<Vec<u32>> {
        let everybody: BTreeSet<u32> = releases.iter().flatten().copied().collect();
        let mut atoms: BTreeMap<Vec<usize>, Vec<u32>> = BTreeMap::new();
        for learner in everybody {
            let mut set = Vec::new();
            for (i, roster) in releases.iter().enumerate() {
                if roster.contains(&learner) {
                    set.push(i);
                }
            }
            atoms.entry(set).or_default().push(learner);
        }
        atoms.into_values().collect()
    }

    /// The gate, written from the definition.
    pub(crate) fn holds(releases: &[Vec<u32>], k: u32) -> bool {
        atoms(releases).iter().all(|a| a.len() > k as usize)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn the_gate_agrees_with_the_explicit_partition(
            rosters in prop::collection::vec(prop::collection::btree_set(0u32..24, 0..24), 1..7),
            k in 1u32..5,
        ) {
            let rosters: Vec<Vec<u32>> = rosters.into_iter().map(|r| r.into_iter().collect()).collect();
            let mut component = Component::default();
            let mut released: Vec<Vec<u32>> = Vec::new();
            for (i, roster) in rosters.iter().enumerate() {
                let mut with = released.clone();
                with.push(roster.clone());
                let allowed = component.allows(roster, k);
                prop_assert_eq!(allowed, twin::holds(&with, k));
                if allowed {
                    let token = u128::from_le_bytes(*blake3::hash(&[u8::try_from(i).unwrap()]).as_bytes().first_chunk().unwrap());
                    component.release(roster, token);
                    released = with;
                }
            }
        }
    }

    proptest! {
        /// The instructor rule agrees with the explicit partition.
        #[test]
        fn what_is_hidden_from_somebody_agrees_with_the_explicit_partition(
            rosters in prop::collection::vec(prop::collection::btree_set(0u32..24, 0..24), 0..4),
            known in prop::collection::btree_set(0u32..24, 0..24),
            k in 1u32..5,
        ) {
            let rosters: Vec<Vec<u32>> = rosters.into_iter().map(|r| r.into_iter().collect()).collect();
            let mut component = Component::default();
            for (token, roster) in (1..).zip(&rosters) {
                component.release(roster, 1 << token);
            }
            let strangers = |atom: &Vec<u32>| atom.iter().filter(|l| !known.contains(l)).count();
            let hidden = twin::atoms(&rosters).iter().map(strangers).all(|n| n == 0 || n > k as usize);
            prop_assert_eq!(component.hides(|l| known.contains(&l), k), hidden);
        }
    }

    /// The largest roster within `today`, whoever of an atom steps out.
    fn widest(component: &Component, today: &[u32], k: usize) -> Vec<u32> {
        let classes = component.classes(today);
        let stay = |c: Class| c.inside[..c.stays(k)].to_vec();
        classes.into_iter().flat_map(stay).collect()
    }

    proptest! {
        /// The slow twin: every subset of today's learners, and the gate by definition.
        #[test]
        fn no_larger_roster_passes(
            rosters in prop::collection::vec(0u16..1 << 11, 0..5),
            today in 0u16..1 << 11,
            k in 1u32..4,
        ) {
            let bits = |mask: u16| (0..11u32).filter(|l| mask >> l & 1 == 1).collect::<Vec<u32>>();
            let mut component = Component::default();
            let mut released: Vec<Vec<u32>> = Vec::new();
            for (i, roster) in rosters.into_iter().enumerate() {
                let roster = widest(&component, &bits(roster), k as usize);
                prop_assert!(component.allows(&roster, k));
                component.release(&roster, 1 << i);
                released.push(roster);
            }
            let found = widest(&component, &bits(today), k as usize);
            let passes = |mask: &u16| {
                let mut with = released.clone();
                with.push(bits(*mask));
                mask & !today == 0 && twin::holds(&with, k)
            };
            let largest = (0..1 << 11).filter(passes).map(u16::count_ones).max();
            prop_assert_eq!(Some(u32::try_from(found.len()).unwrap()), largest);
        }
    }

    #[test]
    fn who_stepped_out_stays_out_until_the_one_who_left_returns() {
        let mut component = Component::default();
        component.release(&(0..20).collect::<Vec<_>>(), 1);
        let without = |component: &Component| widest(component, &(0..19).collect::<Vec<_>>(), 5);
        assert_eq!(without(&component), (0..14).collect::<Vec<_>>());
        component.release(&(0..14).collect::<Vec<_>>(), 2);
        assert_eq!(without(&component), (0..14).collect::<Vec<_>>());
        let returned: Vec<u32> = (0..20).collect();
        assert_eq!(widest(&component, &returned, 5).len(), 20);
    }

    #[test]
    fn joined_components_count_their_releases_together() {
        let mut one = Component::default();
        one.release(&(0..20).collect::<Vec<_>>(), 1);
        let mut other = Component::default();
        other.release(&(17..40).collect::<Vec<_>>(), 2);
        assert!(one.allows(&[], 5) && other.allows(&[], 5));
        assert!(!one.clone().join(&other).allows(&[], 5));
        assert!(one.join(&other).allows(&[], 2));
    }
}
