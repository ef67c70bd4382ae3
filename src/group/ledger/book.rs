//! What a ledger knows: which rosters were released, per component. A pure fold over its
//! entries; whatever is decided here is written as an entry and read back from it.

use std::collections::{BTreeMap, BTreeSet};

use super::entry::{Entry, Name, Record, Spent};
use super::grids::Registry;
use super::head::Head;
use super::members::{pack, unpack};
use super::names::{Names, Place};
use super::seals::Seals;
use crate::data::Id;
use crate::group::Certificate;
use crate::group::gate::Component;
use crate::group::policy::ReleasePolicy;
use crate::group::roster::Members;

/// A group in its scope: a component, or all of them.
pub(in crate::group) type Key = (Option<u32>, Name);

/// Where the chain ends, and the key of certificates.
pub(in crate::group) struct Proof {
    pub(in crate::group) head: String,
    pub(in crate::group) key: [u8; 32],
}

/// The record itself.
pub(crate) struct Book {
    secret: [u8; 32],
    chain: [u8; 32],
    pub(super) head: Head,
    /// Entries that are not in the store yet; in memory, all of them.
    pub(in crate::group) log: Vec<Record>,
    pub(super) names: Names,
    pub(super) integers: Option<bool>,
    pub(super) components: BTreeMap<Option<u32>, Component>,
    pub(super) merged: bool,
    /// Components that stand for all terms of their course.
    pub(super) whole: BTreeSet<u32>,
    rosters: Vec<Members>,
    known: BTreeMap<[u8; 32], (usize, BTreeSet<Option<u32>>)>,
    history: BTreeMap<Key, Vec<usize>>,
    pub(super) strictest: Option<ReleasePolicy>,
    pub(super) refused: BTreeSet<(String, String)>,
    spent: Vec<Spent>,
    pub(super) seals: Seals,
    pub(super) registry: Registry,
    /// What was sealed and is not in the store yet, by entry; in memory, all of it.
    pub(super) sealed: BTreeMap<u64, Vec<Vec<u8>>>,
}

#[cfg(test)]
impl Default for Book {
    fn default() -> Self {
        Self::with_secret([7; 32])
    }
}

impl Book {
    /// An empty record whose tokens come from `secret`.
    pub(in crate::group) fn with_secret(secret: [u8; 32]) -> Self {
        Self {
            secret,
            chain: blake3::derive_key("kohort ledger 1 chain", &secret),
            head: Head::start(&secret),
            log: Vec::new(),
            names: Names::default(),
            integers: None,
            components: BTreeMap::new(),
            merged: false,
            whole: BTreeSet::new(),
            rosters: Vec::new(),
            known: BTreeMap::new(),
            history: BTreeMap::new(),
            strictest: None,
            refused: BTreeSet::new(),
            spent: Vec::new(),
            seals: Seals::default(),
            registry: Registry::default(),
            sealed: BTreeMap::new(),
        }
    }

    /// The same ledger before its first entry.
    pub(super) fn emptied(&self) -> Self {
        Self::with_secret(self.secret)
    }

    /// Whether it is the ledger of this secret.
    pub(super) fn is_of(&self, secret: &[u8; 32]) -> bool {
        self.secret == *secret
    }

    /// A key of this ledger for one use.
    pub(super) fn key(&self, context: &'static str) -> [u8; 32] {
        blake3::derive_key(context, &self.secret)
    }

    /// What a certificate needs to be traced to this ledger.
    pub(in crate::group) fn proof(&self) -> Proof {
        Proof {
            head: self.head.to_string(),
            key: self.key("kohort ledger 1 certificates"),
        }
    }

    /// Rosters on record.
    #[cfg(test)]
    pub(in crate::group) fn len(&self) -> u64 {
        self.rosters.len() as u64
    }

    /// Takes in an entry that the store holds.
    ///
    /// # Errors
    /// What is wrong with it: it does not hang in the chain, or cannot be understood.
    pub(super) fn read(&mut self, record: &Record) -> std::result::Result<(), &'static str> {
        if let Some(fault) = record.fault(&self.head, &self.chain) {
            return Err(fault);
        }
        let entry = serde_json::from_str(&record.facts);
        let entry: Entry = entry.map_err(|_| "is of a kind that this version does not know")?;
        let taken = match &entry {
            Entry::Roster {
                component,
                group,
                token,
            } => unpack(&record.bulk)
                .zip(u128::from_str_radix(token, 16).ok())
                .is_some_and(|((members, newcomers), token)| {
                    let key = (*component, group.clone());
                    self.release(&key, members, &newcomers, token)
                }),
            Entry::Seal { asked, index } => self.seals.keep(asked, record.seq, index),
            other => self.take(other),
        };
        self.head = record.head();
        self.registry.written(record.time);
        taken.then_some(()).ok_or("contradicts the ones before it")
    }

    /// Takes in an entry that names no learner.
    fn take(&mut self, entry: &Entry) -> bool {
        match entry {
            Entry::Learners { integers } => {
                self.integers = Some(*integers);
            }
            Entry::Policy {
                k,
                base,
                coverage_floor,
            } => {
                let floor = coverage_floor.parse().unwrap_or(f64::NAN);
                let Ok(policy) = ReleasePolicy::new(*k, *base, floor) else {
                    return false;
                };
                self.strictest = Some(policy);
            }
            Entry::Component {
                number,
                course,
                integer,
                term,
                begins,
                starts,
            } => {
                let course = if *integer {
                    let Ok(course) = course.parse() else {
                        return false;
                    };
                    Id::Int(course)
                } else {
                    Id::Text(course.clone())
                };
                let place = Place {
                    course,
                    term: term.clone(),
                    begins: *begins,
                    // Earlier versions wrote that of a term as `begins`.
                    starts: starts.or_else(|| term.as_ref().map(|_| *begins)),
                };
                return self.names.open(*number, place);
            }
            Entry::Grid { .. } => return self.registry.take(entry),
            Entry::TermRefused { course, term, .. } => {
                self.refused.insert((course.clone(), term.clone()));
            }
            Entry::Linked { component } => {
                let all = self.joined(*component);
                let gone = |at: &Option<u32>| self.within(*at, *component);
                let gone: Vec<Option<u32>> = self.components.keys().copied().filter(gone).collect();
                for at in gone {
                    self.components.remove(&at);
                }
                self.components.insert(*component, all);
                match component {
                    Some(whole) => drop(self.whole.insert(*whole)),
                    None => self.merged = true,
                }
            }
            Entry::Again {
                component,
                group,
                roster,
            } => {
                let at = usize::try_from(*roster).unwrap_or(usize::MAX);
                if at >= self.rosters.len() {
                    return false;
                }
                self.remember(&(*component, group.clone()), at);
            }
            Entry::Spent(spent) => self.spent.push(spent.clone()),
            Entry::Roster { .. } | Entry::Seal { .. } => return false,
        }
        true
    }

    /// Takes in a roster.
    fn release(&mut self, key: &Key, members: Members, newcomers: &[u128], token: u128) -> bool {
        let root = self.root(key.0);
        let hash = self.roster_hash(&members);
        let named = self.names.name(&members, newcomers);
        let component = self.components.entry(root).or_default();
        component.release(&members, token);
        if let Some(n) = key
            .0
            .filter(|n| self.names.at(*n).is_some_and(|p| p.term.is_none()))
        {
            self.whole.insert(n);
        }
        let next = self.rosters.len();
        let (at, places) = self.known.entry(hash).or_insert((next, BTreeSet::new()));
        places.insert(key.0);
        let at = *at;
        if at == next {
            self.rosters.push(members);
        }
        self.remember(key, at);
        named
    }

    fn remember(&mut self, key: &Key, roster: usize) {
        let history = self.history.entry(key.clone()).or_default();
        if !history.contains(&roster) {
            history.push(roster);
        }
        self.registry.released(key.0);
    }

    /// Puts an entry at the end of the chain.
    pub(super) fn append(&mut self, entry: &Entry, bulk: Vec<u8>) {
        let facts = serde_json::to_string(entry).unwrap_or_default();
        let record = Record::after(&self.head, &self.chain, facts, bulk);
        self.head = record.head();
        self.registry.written(record.time);
        self.log.push(record);
    }

    /// Writes an entry that names no learner.
    pub(super) fn write(&mut self, entry: &Entry) {
        self.take(entry);
        self.append(entry, Vec::new());
    }

    /// Keyed hash of a roster: nobody without the secret can test a guess.
    pub(in crate::group) fn roster_hash(&self, members: &[u32]) -> [u8; 32] {
        let mut hasher = blake3::Hasher::new_keyed(&self.secret);
        hasher.update(b"roster");
        let mut bytes = [[0_u8; 4]; 4096];
        for part in members.chunks(bytes.len()) {
            for (slot, member) in bytes.iter_mut().zip(part) {
                *slot = member.to_le_bytes();
            }
            let used = bytes.get(..part.len()).unwrap_or(&bytes);
            hasher.update(used.as_flattened());
        }
        *hasher.finalize().as_bytes()
    }

    /// The members of a roster on record, by the hash in its certificate.
    pub(in crate::group) fn roster_of(&self, certificate: &Certificate) -> Option<&Members> {
        let hash = blake3::Hash::from_hex(certificate.roster()).ok()?;
        let (at, _) = self.known.get(hash.as_bytes())?;
        self.rosters.get(*at)
    }

    /// The components in which the roster of a certificate stands, those of other terms too;
    /// `None` if it is not on record.
    pub(in crate::group) fn places_of(
        &self,
        certificate: &Certificate,
    ) -> Option<&BTreeSet<Option<u32>>> {
        let hash = blake3::Hash::from_hex(certificate.roster()).ok()?;
        self.known.get(hash.as_bytes()).map(|(_, places)| places)
    }

    /// Passes a release of `members` through the gate and puts it on record.
    ///
    /// `false`, and nothing is changed, when some atom would have fewer than k + 1
    /// learners. A roster already on record makes no new entry, but the atoms must hold
    /// under today's `k` as well.
    pub(in crate::group) fn admit(&mut self, key: &Key, members: &[u32], k: u32) -> bool {
        if members.len() <= k as usize {
            return false;
        }
        let links = self.links(key.0);
        let root = if links { key.0 } else { self.root(key.0) };
        let known = self.known.get(&self.roster_hash(members));
        let known = known.filter(|(_, at)| at.iter().any(|at| self.within(*at, root)));
        let known = known.map(|(at, _)| *at);
        let added = if known.is_some() { &[][..] } else { members };
        if !self.check(key.0, added, k) {
            return false;
        }
        let newcomers = match known {
            Some(_) => Vec::new(),
            None => self.names.newcomers(members),
        };
        let packed = known.map_or_else(|| pack(members, &newcomers), |_| Ok(Vec::new()));
        let Ok(bulk) = packed else { return false };
        if links {
            self.write(&Entry::Linked { component: root });
        }
        if let Some(at) = known {
            let history = self.history.get(key);
            if !history.is_some_and(|h| h.contains(&at)) {
                self.write(&Entry::Again {
                    component: key.0,
                    group: key.1.clone(),
                    roster: at as u64,
                });
            }
            return true;
        }
        let token = self.token();
        self.release(key, members.to_vec(), &newcomers, token);
        let entry = Entry::Roster {
            component: key.0,
            group: key.1.clone(),
            token: format!("{token:032x}"),
        };
        self.append(&entry, bulk);
        true
    }

    /// Leaves `stay` of `members`, the first in a keyed order that nobody without the secret
    /// can foresee, and hands back the others.
    pub(in crate::group) fn step_out(&self, members: &mut Members, stay: usize) -> Members {
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
    pub(in crate::group) fn held(&self, key: &Key, learner: u32) -> bool {
        let before = self.history.get(key).into_iter().flatten();
        let mut rosters = before.filter_map(|at| self.rosters.get(*at));
        rosters.any(|members| members.binary_search(&learner).is_ok())
    }

    /// Puts budget spent on record. What may be spent is for the caller to check, in the same
    /// transaction.
    pub(crate) fn spend(&mut self, spent: Spent) {
        self.write(&Entry::Spent(spent));
    }

    /// What was spent so far, in order.
    pub(crate) fn spent(&self) -> &[Spent] {
        &self.spent
    }

    /// Every roster on record with its component.
    #[cfg(test)]
    pub(in crate::group) fn released(&self) -> Vec<(Option<u32>, Members)> {
        let rosters = self.history.iter();
        rosters
            .flat_map(|((course, _), all)| {
                all.iter().map(|at| (*course, self.rosters[*at].clone()))
            })
            .collect()
    }

    /// The token of the release that is being written.
    fn token(&self) -> u128 {
        let mut hasher = blake3::Hasher::new_keyed(&self.secret);
        hasher.update(b"token");
        hasher.update(&self.head.seq.to_le_bytes());
        hasher.update(&self.head.hash);
        let mut bytes = [0; 16];
        hasher.finalize_xof().fill(&mut bytes);
        u128::from_le_bytes(bytes)
    }
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
    fn a_known_roster_is_held_to_a_stricter_k() {
        let mut book = Book::default();
        let members: Vec<u32> = (0..14).collect();
        assert!(book.admit(&course(0), &members, 5));
        assert!(book.admit(&(Some(0), Name::Group("a".into())), &members[..7], 5));
        assert!(!book.admit(&course(0), &members, 10));
    }
}
