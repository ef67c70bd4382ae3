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
use crate::data::ids::NONE;

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
///
/// Learners ascending and the atom of each in a vector beside them: a component takes 8 bytes
/// for each of its learners however they are numbered, and a roster, ascending too, is found in
/// one walk over both. A million learners are classified without hashing any of them.
#[derive(Debug, Clone, Default)]
pub(super) struct Component {
    learners: Vec<u32>,
    /// Index of her atom, per learner.
    atom_of: Vec<u32>,
    atoms: Vec<Atom>,
    /// Atoms that nobody is in any more.
    free: Vec<u32>,
    by_signature: HashMap<u128, u32>,
}

/// Learners who were in the same releases.
#[derive(Debug, Clone, Copy)]
struct Atom {
    /// The exclusive or of the tokens of these releases.
    signature: u128,
    size: u32,
}

impl Component {
    /// Whether every atom has at least k + 1 learners once `candidate` is released too; an
    /// empty one asks about the component as it stands.
    pub(super) fn allows(&self, candidate: &[u32], k: u32) -> bool {
        let mut inside = vec![0_u32; self.atoms.len()];
        let mut new = 0_u32;
        for (_, place) in self.find(candidate) {
            match place.and_then(|at| inside.get_mut(self.atom(at))) {
                Some(count) => *count += 1,
                None => new += 1,
            }
        }
        let part = |n: u32| n == 0 || n > k;
        let holds = |(atom, within): (&Atom, &u32)| {
            part(atom.size) && part(*within) && part(atom.size.saturating_sub(*within))
        };
        part(new) && self.atoms.iter().zip(&inside).all(holds)
    }

    /// Whether every atom has 0 or more than k learners that somebody does not know: then those
    /// can be swapped even under her eyes. Of whom it cannot be said (`None`), she may be known
    /// or not, and must do no harm either way.
    pub(super) fn hides(&self, knows: impl Fn(u32) -> Option<bool>, k: u32) -> bool {
        // Strangers for certain, and those of whom it cannot be said.
        let mut unknown = vec![(0_u32, 0_u32); self.atoms.len()];
        for (learner, atom) in self.learners.iter().zip(&self.atom_of) {
            if let Some((strangers, doubtful)) = unknown.get_mut(*atom as usize) {
                match knows(*learner) {
                    Some(true) => {}
                    Some(false) => *strangers += 1,
                    None => *doubtful += 1,
                }
            }
        }
        unknown
            .iter()
            .all(|(strangers, doubtful)| *strangers > k || strangers + doubtful == 0)
    }

    /// The learners of `roster` by signature, in the order in which they are met.
    pub(super) fn classes(&self, roster: &[u32]) -> Vec<Class> {
        // The last place is for learners who were in no release.
        let new = self.atoms.len();
        let mut class_of = vec![usize::MAX; new + 1];
        let mut classes: Vec<Class> = Vec::new();
        for (learner, place) in self.find(roster) {
            let atom = place.map_or(new, |at| self.atom(at));
            let Some(class) = class_of.get_mut(atom) else {
                continue;
            };
            if *class == usize::MAX {
                *class = classes.len();
                let outside = self.atoms.get(atom).map_or(0, |a| a.size as usize);
                classes.push(Class {
                    inside: Members::new(),
                    outside,
                });
            }
            if let Some(class) = classes.get_mut(*class) {
                class.inside.push(learner);
            }
        }
        for class in &mut classes {
            class.outside = class.outside.saturating_sub(class.inside.len());
        }
        classes
    }

    /// Puts a release of `members` on record.
    pub(super) fn release(&mut self, members: &[u32], token: u128) {
        let mut places = Vec::with_capacity(members.len());
        let mut new = Vec::new();
        for (learner, place) in self.find(members) {
            match place {
                Some(at) => places.push(at),
                None => new.push(learner),
            }
        }
        // Where the learners of each atom go.
        let mut target = vec![NONE; self.atoms.len()];
        for at in places {
            let before = self.atom(at);
            let known = target.get(before).copied().filter(|to| *to != NONE);
            let to = known.unwrap_or_else(|| {
                let signature = self.atoms.get(before).map_or(0, |a| a.signature);
                self.atom_with(signature ^ token)
            });
            if let Some(slot) = target.get_mut(before) {
                *slot = to;
            }
            self.resize(before, -1);
            self.resize(to as usize, 1);
            if let Some(slot) = self.atom_of.get_mut(at) {
                *slot = to;
            }
        }
        self.sweep(target);
        self.add(new, token);
    }

    /// Both components as one: their releases count together.
    #[must_use]
    pub(super) fn join(self, other: &Self) -> Self {
        let mut joint = Self::default();
        let (mut own, mut theirs) = (self.signed().peekable(), other.signed().peekable());
        loop {
            let first = [own.peek(), theirs.peek()].into_iter().flatten();
            let Some(learner) = first.map(|(learner, _)| *learner).min() else {
                break;
            };
            let here = |(next, _): &(u32, u128)| *next == learner;
            let parts = [own.next_if(here), theirs.next_if(here)];
            let signature = parts.iter().flatten().fold(0, |all, (_, s)| all ^ s);
            let atom = joint.atom_with(signature);
            joint.resize(atom as usize, 1);
            joint.learners.push(learner);
            joint.atom_of.push(atom);
        }
        joint
    }

    /// Learners and signatures.
    fn signed(&self) -> impl Iterator<Item = (u32, u128)> {
        let signature = |atom: &u32| self.atoms.get(*atom as usize).map_or(0, |a| a.signature);
        let signatures = self.atom_of.iter().map(signature);
        self.learners.iter().copied().zip(signatures)
    }

    /// Each learner with her place here, if she was in a release. From one to the next the
    /// step doubles until it is too far: a whole roster takes one walk, a small one few steps.
    fn find<'a>(&'a self, roster: &'a [u32]) -> impl Iterator<Item = (u32, Option<usize>)> + 'a {
        let mut at = 0;
        let mut before = 0;
        roster.iter().map(move |learner| {
            if *learner < before {
                at = 0; // out of order
            }
            before = *learner;
            let mut step = 1;
            while self.learners.get(at + step).is_some_and(|l| l <= learner) {
                at += step;
                step *= 2;
            }
            let reach = self.learners.get(at..).unwrap_or(&[]);
            let reach = reach.get(..step).unwrap_or(reach);
            if step > 1 || reach.first().is_some_and(|l| l < learner) {
                at += reach.partition_point(|l| l < learner);
            }
            (
                *learner,
                (self.learners.get(at) == Some(learner)).then_some(at),
            )
        })
    }

    /// The atom of the learner at a place.
    fn atom(&self, at: usize) -> usize {
        self.atom_of
            .get(at)
            .map_or(usize::MAX, |atom| *atom as usize)
    }

    /// The atom of a signature; nobody is in a new one.
    fn atom_with(&mut self, signature: u128) -> u32 {
        if let Some(atom) = self.by_signature.get(&signature) {
            return *atom;
        }
        let new = Atom { signature, size: 0 };
        let at = self.free.pop().unwrap_or_else(|| {
            self.atoms.push(new);
            u32::try_from(self.atoms.len() - 1).unwrap_or(NONE)
        });
        if let Some(atom) = self.atoms.get_mut(at as usize) {
            *atom = new;
        }
        self.by_signature.insert(signature, at);
        at
    }

    fn resize(&mut self, atom: usize, by: i32) {
        if let Some(atom) = self.atoms.get_mut(atom) {
            atom.size = atom.size.saturating_add_signed(by);
        }
    }

    /// Forgets those of the atoms left by somebody that are empty now.
    fn sweep(&mut self, target: Vec<u32>) {
        let left = (0..).zip(target).filter(|(_, to)| *to != NONE);
        for (at, _) in left {
            let atom = self.atoms.get(at as usize).filter(|a| a.size == 0);
            let Some(signature) = atom.map(|a| a.signature) else {
                continue;
            };
            self.by_signature.remove(&signature);
            self.free.push(at);
        }
    }

    /// Takes in learners who were in no release before this one.
    fn add(&mut self, mut new: Vec<u32>, token: u128) {
        if !new.is_sorted() {
            new.sort_unstable();
        }
        new.dedup();
        if new.is_empty() {
            return;
        }
        let atom = self.atom_with(token);
        let size = i32::try_from(new.len()).unwrap_or(i32::MAX);
        self.resize(atom as usize, size);
        if self.learners.last() < new.first() {
            self.atom_of.resize(self.learners.len() + new.len(), atom);
            self.learners.extend(new);
            return;
        }
        let (learners, atoms) = (
            std::mem::take(&mut self.learners),
            std::mem::take(&mut self.atom_of),
        );
        self.learners.reserve(learners.len() + new.len());
        self.atom_of.reserve(learners.len() + new.len());
        let mut new = new.into_iter().peekable();
        for (learner, own) in learners.into_iter().zip(atoms) {
            while let Some(before) = new.next_if(|n| *n < learner) {
                self.learners.push(before);
                self.atom_of.push(atom);
            }
            self.learners.push(learner);
            self.atom_of.push(own);
        }
        self.learners.extend(new);
        self.atom_of.resize(self.learners.len(), atom);
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
            doubtful in prop::collection::btree_set(0u32..24, 0..4),
            k in 1u32..5,
        ) {
            let rosters: Vec<Vec<u32>> = rosters.into_iter().map(|r| r.into_iter().collect()).collect();
            let mut component = Component::default();
            for (token, roster) in (1..).zip(&rosters) {
                component.release(roster, 1 << token);
            }
            // Whichever of the doubtful she knows: hidden in the best and in the worst case.
            let unknown = |atom: &Vec<u32>, doubt: bool| {
                let stranger = |l: &&u32| !known.contains(l) && (doubt || !doubtful.contains(l));
                atom.iter().filter(stranger).count()
            };
            let fits = |n: usize| n == 0 || n > k as usize;
            let hidden = twin::atoms(&rosters).iter().all(|atom| {
                (unknown(atom, false)..=unknown(atom, true)).all(fits)
            });
            let knows = |l| (known.contains(&l) || !doubtful.contains(&l)).then(|| known.contains(&l));
            prop_assert_eq!(component.hides(knows, k), hidden);
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
