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

use hashbrown::HashMap;

/// One learner and the exclusive or of the tokens of the releases she was in.
pub(super) type Signed = (u32, u128);

/// Whether every atom has at least k + 1 learners once `candidate` is released too.
///
/// `signatures` is sorted by learner and holds those released before; an empty
/// `candidate` asks about the component as it stands.
pub(super) fn holds(signatures: &[Signed], candidate: &[u32], k: u32) -> bool {
    let mut atoms: HashMap<(u128, bool), u32> = HashMap::new();
    for (_, signature, inside) in joined(signatures, candidate) {
        *atoms.entry((signature, inside)).or_default() += 1;
    }
    atoms.values().all(|size| *size > k)
}

/// The signatures once `candidate` is released under `token`.
pub(super) fn sign(signatures: &[Signed], candidate: &[u32], token: u128) -> Vec<Signed> {
    joined(signatures, candidate)
        .map(|(l, signature, inside)| (l, signature ^ if inside { token } else { 0 }))
        .collect()
}

/// Signatures over the releases of both components.
pub(super) fn join(one: &[Signed], other: &[Signed]) -> Vec<Signed> {
    let mut all = [one, other].concat();
    all.sort_unstable_by_key(|(l, _)| *l);
    let mut out: Vec<Signed> = Vec::with_capacity(all.len());
    for (learner, signature) in all {
        match out.last_mut() {
            Some((last, merged)) if *last == learner => *merged ^= signature,
            _ => out.push((learner, signature)),
        }
    }
    out
}

/// Everybody released before or in `candidate`, sorted: learner, signature so far,
/// whether in `candidate`.
fn joined<'a>(
    signatures: &'a [Signed],
    candidate: &'a [u32],
) -> impl Iterator<Item = (u32, u128, bool)> + 'a {
    let mut before = signatures.iter().copied().peekable();
    let mut now = candidate.iter().copied().peekable();
    std::iter::from_fn(
        move || match (before.peek().copied(), now.peek().copied()) {
            (Some((l, signature)), Some(c)) if l == c => {
                before.next();
                now.next();
                Some((l, signature, true))
            }
            (Some((l, signature)), c) if c.is_none_or(|c| l < c) => {
                before.next();
                Some((l, signature, false))
            }
            (_, Some(c)) => {
                now.next();
                Some((c, 0, true))
            }
            _ => None,
        },
    )
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
            let mut signatures = Vec::new();
            let mut released: Vec<Vec<u32>> = Vec::new();
            for (i, roster) in rosters.iter().enumerate() {
                let mut with = released.clone();
                with.push(roster.clone());
                let allowed = holds(&signatures, roster, k);
                prop_assert_eq!(allowed, twin::holds(&with, k));
                if allowed {
                    let token = u128::from_le_bytes(*blake3::hash(&[u8::try_from(i).unwrap()]).as_bytes().first_chunk().unwrap());
                    signatures = sign(&signatures, roster, token);
                    released = with;
                }
            }
        }
    }

    #[test]
    fn two_components_join_learner_by_learner() {
        assert_eq!(
            join(&[(1, 1), (2, 1)], &[(2, 6), (3, 6)]),
            [(1, 1), (2, 7), (3, 6)]
        );
    }
}
