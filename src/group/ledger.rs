//! The ledger: which rosters were released, per component, kept in memory and shared by
//! everything derived from one set of learning data.
//!
//! A component is a course. A release over all courses links them: from then on atoms
//! are counted over the joint signatures.

use std::collections::{BTreeMap, BTreeSet};
use std::hash::{BuildHasher, RandomState};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::gate::{Class, Component};
use super::policy::ReleasePolicy;
use super::roster::Members;
use crate::Result;
use crate::data::LearningData;

/// What was released in one set of learning data. Clones share one record.
#[derive(Clone, Default)]
pub(crate) struct Ledger(Arc<Mutex<Book>>);

impl std::fmt::Debug for Ledger {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Ledger").finish_non_exhaustive()
    }
}

impl Ledger {
    /// The record of some learning data, begun at the first question.
    pub(super) fn of(data: &LearningData) -> Self {
        let slot = data.inner.slot.get_or_init(|| Box::new(Self::default()));
        slot.downcast_ref::<Self>().cloned().unwrap_or_default()
    }

    /// An empty record whose choices can be repeated.
    #[cfg(test)]
    pub(super) fn with_secret(secret: [u8; 32]) -> Self {
        Self(Arc::new(Mutex::new(Book::with_secret(secret))))
    }

    /// The record, for one transaction: checked, written and only then shown.
    pub(super) fn open(&self) -> MutexGuard<'_, Book> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Which group a roster was released for.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Name {
    /// All of a course.
    Course,
    /// A registered group.
    Group(String),
    /// The pool.
    Other,
}

/// A group in its scope.
pub(super) type Key = (Option<u32>, Name);

/// The record itself.
pub(super) struct Book {
    secret: [u8; 32],
    releases: u64,
    components: BTreeMap<Option<u32>, Component>,
    merged: bool,
    known: BTreeMap<[u8; 32], BTreeSet<Option<u32>>>,
    history: BTreeMap<Key, Vec<Members>>,
    strictest: Option<ReleasePolicy>,
}

impl Default for Book {
    fn default() -> Self {
        Self::with_secret(secret())
    }
}

impl Book {
    /// An empty record whose tokens come from `secret`.
    pub(super) fn with_secret(secret: [u8; 32]) -> Self {
        Self {
            secret,
            releases: 0,
            components: BTreeMap::new(),
            merged: false,
            known: BTreeMap::new(),
            history: BTreeMap::new(),
            strictest: None,
        }
    }

    /// Rosters on record.
    #[cfg(test)]
    pub(super) fn len(&self) -> u64 {
        self.releases
    }

    /// Takes note of a policy, or refuses it if an earlier one was stricter.
    ///
    /// # Errors
    /// [`crate::Error::Policy`] if any parameter is weaker than one already used.
    pub(super) fn agree(&mut self, policy: ReleasePolicy) -> Result<()> {
        self.strictest = Some(policy.after(self.strictest)?);
        Ok(())
    }

    /// Keyed hash of a roster: nobody without the secret can test a guess.
    pub(super) fn roster_hash(&self, members: &[u32]) -> [u8; 32] {
        let mut hasher = blake3::Hasher::new_keyed(&self.secret);
        hasher.update(b"roster");
        for learner in members {
            hasher.update(&learner.to_le_bytes());
        }
        *hasher.finalize().as_bytes()
    }

    /// Passes a release of `members` through the gate and puts it on record.
    ///
    /// `false`, and nothing is changed, when some atom would have fewer than k + 1
    /// learners. A roster already on record makes no new entry, but the atoms must hold
    /// under today's `k` as well.
    pub(super) fn admit(&mut self, key: &Key, members: &[u32], k: u32) -> bool {
        if members.len() <= k as usize {
            return false;
        }
        let whole = self.merged || key.0.is_none();
        let component = if whole { None } else { key.0 };
        let hash = self.roster_hash(members);
        let known = self
            .known
            .get(&hash)
            .is_some_and(|at| whole || at.contains(&component));
        let added = if known { &[][..] } else { members };
        if whole && !self.merged {
            let all = self.joined();
            if !all.allows(added, k) {
                return false;
            }
            self.components = BTreeMap::from([(None, all)]);
            self.merged = true;
        } else {
            let before = self.components.get(&component);
            if !before.unwrap_or(&Component::default()).allows(added, k) {
                return false;
            }
        }
        if !known {
            self.releases += 1;
            let token = self.token();
            let component = self.components.entry(component).or_default();
            component.release(members, token);
        }
        self.known.entry(hash).or_default().insert(component);
        let history = self.history.entry(key.clone()).or_default();
        if !history.iter().any(|m| m == members) {
            history.push(members.to_vec());
        }
        true
    }

    /// Whether every atom of a scope holds 0 or more than k learners whom somebody does not know.
    pub(super) fn hides(&self, scope: Option<u32>, knows: impl Fn(u32) -> bool, k: u32) -> bool {
        let scope = scope.filter(|_| !self.merged);
        let component = self.components.get(&scope);
        component.is_none_or(|component| component.hides(knows, k))
    }

    /// Learners by what was released about them in the component that a release in `scope`
    /// would be part of.
    pub(super) fn classes(&self, scope: Option<u32>, members: &[u32]) -> Vec<Class> {
        if scope.is_none() && !self.merged {
            return self.joined().classes(members);
        }
        let at = scope.filter(|_| !self.merged);
        let own = self.components.get(&at);
        own.unwrap_or(&Component::default()).classes(members)
    }

    /// Leaves `stay` of `members`, the first in a keyed order that nobody without the secret
    /// can foresee, and hands back the others.
    pub(super) fn step_out(&self, members: &mut Members, stay: usize) -> Members {
        if stay >= members.len() {
            return Members::new();
        }
        members.sort_by_cached_key(|learner| {
            let mut hasher = blake3::Hasher::new_keyed(&self.secret);
            hasher.update(b"order");
            hasher.update(&learner.to_le_bytes());
            *hasher.finalize().as_bytes()
        });
        members.split_off(stay)
    }

    /// Whether a learner was on a roster released for this group.
    pub(super) fn held(&self, key: &Key, learner: u32) -> bool {
        let before = self.history.get(key).into_iter().flatten();
        before
            .into_iter()
            .any(|m| m.binary_search(&learner).is_ok())
    }

    /// Every roster on record with its course.
    #[cfg(test)]
    pub(super) fn released(&self) -> Vec<(Option<u32>, Members)> {
        let rosters = self.history.iter();
        rosters
            .flat_map(|((course, _), all)| all.iter().map(|m| (*course, m.clone())))
            .collect()
    }

    /// All courses as one component.
    fn joined(&self) -> Component {
        let start = Component::default();
        self.components.values().fold(start, Component::join)
    }

    /// The token of the release that is being written.
    fn token(&self) -> u128 {
        let mut hasher = blake3::Hasher::new_keyed(&self.secret);
        hasher.update(b"token");
        hasher.update(&self.releases.to_le_bytes());
        let mut bytes = [0; 16];
        hasher.finalize_xof().fill(&mut bytes);
        u128::from_le_bytes(bytes)
    }
}

/// 128 bits of the operating system's randomness, through the keys that std draws from
/// it for its hash maps (`SipHash` under secret keys), spread over 256.
fn secret() -> [u8; 32] {
    let state = RandomState::new();
    let mut hasher = blake3::Hasher::new();
    for i in 0_u64..8 {
        hasher.update(&state.hash_one(i).to_le_bytes());
    }
    *hasher.finalize().as_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn course(c: u32) -> Key {
        (Some(c), Name::Course)
    }

    #[test]
    fn the_same_roster_is_one_entry() {
        let mut book = Book::default();
        let members: Vec<u32> = (0..20).collect();
        for _ in 0..100 {
            assert!(book.admit(&course(0), &members, 10));
        }
        assert_eq!(book.len(), 1);
    }

    #[test]
    fn courses_are_apart_until_a_release_links_them() {
        let mut book = Book::default();
        let (a, b): (Vec<u32>, Vec<u32>) = ((0..20).collect(), (17..40).collect());
        assert!(book.admit(&course(0), &a, 5));
        assert!(book.admit(&course(1), &b, 5));
        let platform = (None, Name::Group("all".into()));
        let everybody: Vec<u32> = (0..40).collect();
        assert!(
            !book.admit(&platform, &everybody, 5),
            "17..20 are in both courses"
        );
        assert!(book.admit(&course(2), &a, 5), "a refusal links nothing");
    }

    #[test]
    fn a_linking_release_holds_later_courses_to_the_joint_atoms() {
        let mut book = Book::default();
        let platform = (None, Name::Group("all".into()));
        let everybody: Vec<u32> = (0..40).collect();
        assert!(book.admit(&platform, &everybody, 5));
        let most: Vec<u32> = (0..37).collect();
        assert!(!book.admit(&course(0), &most, 5));
        let half: Vec<u32> = (0..20).collect();
        assert!(book.admit(&course(0), &half, 5));
        assert!(!book.admit(&course(1), &(0..22).collect::<Vec<_>>(), 5));
    }

    #[test]
    fn a_known_roster_is_held_to_a_stricter_k() {
        let mut book = Book::default();
        let members: Vec<u32> = (0..14).collect();
        assert!(book.admit(&course(0), &members, 5));
        assert!(book.admit(&(Some(0), Name::Group("a".into())), &members[..7], 5));
        assert!(!book.admit(&course(0), &members, 10));
    }

    #[test]
    fn secrets_differ() {
        assert_ne!(secret(), secret());
    }
}
