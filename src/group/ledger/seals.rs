//! Sealed answers: what was answered first to a question about an ended period. Nothing takes
//! them back.
//!
//! Their bytes, in parts, are beside the chain: what hangs in it is the hash of an index, which
//! is the hashes of the parts. So a ledger is opened without reading them, nothing of them stays
//! in memory, and a part is checked when it is read.

use std::collections::{BTreeMap, BTreeSet};

use super::Ledger;
use super::book::Book;
use super::entry::{Asked, Entry, Record};
use crate::data::DAY;
use crate::{Error, Result};

/// How far another version of a time zone may move the beginning of a day.
const NEAR: i64 = DAY / 2;

/// Bytes of a hash.
const HASH: usize = blake3::OUT_LEN;

/// Where a sealed answer is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::group) struct Seal {
    seq: u64,
    index: blake3::Hash,
    /// First moment of the period and that of the next one.
    pub(in crate::group) span: (i64, i64),
    /// Events of the period that were known then.
    pub(in crate::group) events: u64,
}

/// All of them, by scope, first moment and question.
#[derive(Default)]
pub(super) struct Seals {
    all: BTreeMap<(String, i64, String), Seal>,
    /// The calendar of every period.
    zone: Option<String>,
    /// The first moments of periods and of those after them.
    boundaries: BTreeSet<i64>,
}

impl Seal {
    /// The number of its entry.
    pub(in crate::group) fn number(&self) -> u64 {
        self.seq
    }
}

impl Seals {
    /// Takes in a seal; `false` if it cannot be read, the question has one, or the period is of
    /// another calendar.
    pub(super) fn keep(&mut self, asked: &Asked, seq: u64, index: &str) -> bool {
        let Ok(index) = blake3::Hash::from_hex(index) else {
            return false;
        };
        let seal = Seal {
            seq,
            index,
            span: (asked.begin, asked.until),
            events: asked.events,
        };
        self.boundaries.extend([asked.begin, asked.until]);
        let zone = self.zone.get_or_insert_with(|| asked.zone.clone());
        let key = (asked.scope.clone(), asked.begin, asked.question.clone());
        *zone == asked.zone && self.all.insert(key, seal).is_none()
    }
}

impl Book {
    /// Where the answer to a question is, if it was asked before.
    pub(in crate::group) fn sealed(&self, scope: &str, begin: i64, question: &str) -> Option<Seal> {
        let key = (scope.to_string(), begin, question.to_string());
        self.seals.all.get(&key).copied()
    }

    /// Every answer about a period.
    pub(in crate::group) fn sealed_in(&self, scope: &str, begin: i64) -> Vec<Seal> {
        let from = (scope.to_string(), begin, String::new());
        let all = self.seals.all.range(from..);
        let own = all.take_while(|((of, at, _), _)| of == scope && *at == begin);
        own.map(|(_, seal)| *seal).collect()
    }

    /// The answers to a question about earlier periods, the newest first.
    pub(in crate::group) fn sealed_before(
        &self,
        scope: &str,
        begin: i64,
        question: &str,
    ) -> Vec<Seal> {
        let from = (scope.to_string(), i64::MIN, String::new());
        let until = (scope.to_string(), begin, String::new());
        let all = self.seals.all.range(from..until).rev();
        let same = all.filter(|((.., asked), _)| asked == question);
        same.map(|(_, seal)| *seal).collect()
    }

    /// Where a period begins by the calendar of this ledger: at `at`, or at the moment of a sealed
    /// period that is less than half a day away. Days differ by more, so that is the same day by
    /// other rules of its time zone, and weeks by both rules would overlap in part.
    pub(in crate::group) fn boundary(&self, at: i64) -> i64 {
        let near = at.saturating_sub(NEAR)..at.saturating_add(NEAR);
        let sealed = self.seals.boundaries.range(near).copied();
        sealed.min_by_key(|own| own.abs_diff(at)).unwrap_or(at)
    }

    /// How many bytes are in memory.
    #[cfg(test)]
    pub(in crate::group) fn sealed_bytes(&self) -> usize {
        self.sealed.values().flatten().map(Vec::len).sum()
    }

    /// Makes sure that all periods are of one calendar.
    ///
    /// # Errors
    /// [`Error::Policy`] if periods under this ledger are of another one.
    pub(in crate::group) fn agree_on_calendar(&self, zone: &str) -> Result<()> {
        match self.seals.zone.as_ref().filter(|known| *known != zone) {
            None => Ok(()),
            Some(known) => Err(Error::Policy(format!(
                "periods under this ledger are those of {known}, here they are those of {zone}: \
                 weeks that overlap would show what lies between them"
            ))),
        }
    }

    /// Seals an answer, and tells where the one is that stands: that of whoever was first.
    ///
    /// # Errors
    /// [`Error::Policy`] if periods under this ledger are of another calendar.
    pub(in crate::group) fn seal(&mut self, asked: Asked, parts: Vec<Vec<u8>>) -> Result<Seal> {
        if let Some(first) = self.sealed(&asked.scope, asked.begin, &asked.question) {
            return Ok(first);
        }
        self.agree_on_calendar(&asked.zone)?;
        let hashes = parts.iter().map(|part| *blake3::hash(part).as_bytes());
        let index = hashes.collect::<Vec<_>>().concat();
        let hash = blake3::hash(&index);
        let seq = self.head.seq + 1;
        let seal = Seal {
            seq,
            index: hash,
            span: (asked.begin, asked.until),
            events: asked.events,
        };
        let index_hash = hash.to_hex().to_string();
        self.seals.keep(&asked, seq, &index_hash);
        let mut all = vec![index];
        all.extend(parts);
        self.sealed.insert(seq, all);
        let entry = Entry::Seal {
            asked,
            index: index_hash,
        };
        self.append(&entry, Vec::new());
        Ok(seal)
    }
}

/// A part of what was sealed with an entry, where it is.
type Store<'a> = &'a dyn Fn(u64, usize) -> Result<Option<Vec<u8>>>;

impl Ledger {
    /// Parts of sealed answers, counted from 0, in the order in which they are wanted.
    ///
    /// # Errors
    /// [`Error::Ledger`] if one is not what was sealed.
    pub(in crate::group) fn parts(&self, wanted: &[(Seal, usize)]) -> Result<Vec<Vec<u8>>> {
        if wanted.is_empty() {
            return Ok(Vec::new());
        }
        self.store(|store| {
            let read = |(seal, part): &(Seal, usize)| {
                let index = self.index(seal, store)?;
                self.part(seal, &index, *part, store)
            };
            wanted.iter().map(read).collect()
        })
    }

    /// Reads all that was sealed.
    ///
    /// # Errors
    /// [`Error::Ledger`] names the first entry that does not hold.
    pub(super) fn check_sealed(&self, records: &[Record]) -> Result<()> {
        self.store(|store| {
            for record in records {
                let Ok(Entry::Seal { asked, index }) = serde_json::from_str(&record.facts) else {
                    continue;
                };
                let Ok(index) = blake3::Hash::from_hex(index) else {
                    return Err(self.changed(record.seq));
                };
                let seal = Seal {
                    seq: record.seq,
                    index,
                    span: (asked.begin, asked.until),
                    events: asked.events,
                };
                let index = self.index(&seal, store)?;
                for part in 0..index.len() / HASH {
                    self.part(&seal, &index, part, store)?;
                }
            }
            Ok(())
        })
    }

    fn store<T>(&self, work: impl FnOnce(Store<'_>) -> Result<T>) -> Result<T> {
        if let Some(file) = &self.0.file {
            let db = file.connect(None)?;
            return work(&|seq, part| file.part(&db, seq, part));
        }
        let book = self.lock();
        work(&|seq, part| {
            let parts = book.as_ref().and_then(|book| book.sealed.get(&seq));
            Ok(parts.and_then(|parts| parts.get(part)).cloned())
        })
    }

    /// The hashes of the parts.
    fn index(&self, seal: &Seal, store: Store<'_>) -> Result<Vec<u8>> {
        let found = store(seal.seq, 0)?;
        let whole = found.filter(|index| blake3::hash(index) == seal.index);
        whole.ok_or_else(|| self.changed(seal.seq))
    }

    fn part(&self, seal: &Seal, index: &[u8], part: usize, store: Store<'_>) -> Result<Vec<u8>> {
        let (hashes, _) = index.as_chunks::<HASH>();
        let hash = hashes.get(part);
        let found = store(seal.seq, part + 1)?;
        let whole = found.filter(|bytes| hash.is_some_and(|h| blake3::hash(bytes) == *h));
        whole.ok_or_else(|| self.changed(seal.seq))
    }

    fn changed(&self, seq: u64) -> Error {
        self.wrong(format!("entry {seq} was changed after it was sealed"))
    }
}
