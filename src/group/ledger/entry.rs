//! Entries of the ledger and the chain they hang in: the only truth there is. What the
//! ledger knows ([`Book`](super::book::Book)) is folded from them.

use std::time::{SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Serialize};

use super::head::Head;

/// Which group a roster was released for.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(in crate::group) enum Name {
    /// All of a course.
    Course,
    /// A registered group.
    Group(String),
    /// The pool.
    Other,
}

/// What may stand in the ledger. No learner: the members of a roster are numbers of this
/// ledger, in the bytes beside it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub(crate) enum Entry {
    /// Learner ids are all integers or all strings: else one person would count twice.
    Learners { integers: bool },
    /// A policy stricter than those before. The floor is written out, so that it comes back exactly.
    Policy {
        k: u32,
        base: u32,
        coverage_floor: String,
    },
    /// A component: a course, or one term of it.
    Component {
        number: u32,
        course: String,
        integer: bool,
        term: Option<String>,
        begins: i64,
        /// When it begins, if that was known; absent in entries of earlier versions.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        starts: Option<i64>,
    },
    /// A grid for components that begin later: of a course, or of all. Edges are written out, so
    /// that they come back exactly.
    Grid {
        metric: String,
        edges: Vec<String>,
        course: Option<String>,
        at: i64,
    },
    /// A term that would have begun too soon after another one of its course.
    TermRefused {
        course: String,
        term: String,
        begins: i64,
    },
    /// From here on atoms are counted over all components of a course (or of all courses).
    Linked { component: Option<u32> },
    /// A roster, its members in the bytes.
    Roster {
        component: Option<u32>,
        group: Name,
        token: String,
    },
    /// A roster that is on record already, for another group.
    Again {
        component: Option<u32>,
        group: Name,
        roster: u64,
    },
    /// Budget spent for a purpose in a year: fractions in lowest terms.
    Spent(Spent),
    /// The first answer to a question about an ended period: the only one there is. Its bytes
    /// are beside the chain, `index` is the hash of the index of their hashes.
    Seal { asked: Asked, index: String },
}

/// A question about a period that has ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::group) struct Asked {
    /// Groups, policy, estimator and length of the period, as JSON.
    pub(in crate::group) scope: String,
    /// Its first moment and that of the next one, UTC microseconds.
    pub(in crate::group) begin: i64,
    pub(in crate::group) until: i64,
    /// The table, with all that was given to it, or the snapshot of all that need nothing.
    pub(in crate::group) question: String,
    /// Whose calendar the period is of.
    pub(in crate::group) zone: String,
    /// Events of the period that were known when it was asked.
    pub(in crate::group) events: u64,
}

/// A part of the yearly budget of a purpose that was spent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Spent {
    /// What for.
    pub(crate) purpose: String,
    /// The calendar year it counts for.
    pub(crate) year: i32,
    /// Numerator and denominator.
    pub(crate) epsilon: (u64, u64),
    /// Numerator and denominator.
    pub(crate) delta: (u64, u64),
    /// What was asked, for auditors.
    pub(crate) note: String,
}

impl Entry {
    /// The word for the kind, as tables show it.
    pub(super) fn kind(&self) -> &'static str {
        match self {
            Self::Learners { .. } => "learners",
            Self::Policy { .. } => "policy",
            Self::Component { .. } => "component",
            Self::Grid { .. } => "grid",
            Self::TermRefused { .. } => "term_refused",
            Self::Linked { .. } => "linked",
            Self::Roster { .. } => "roster",
            Self::Again { .. } => "again",
            Self::Spent(_) => "spent",
            Self::Seal { .. } => "seal",
        }
    }
}

/// An entry as it is stored: its place in the chain, what it says and the bytes beside it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::group) struct Record {
    pub(super) seq: u64,
    /// When it was written, UTC microseconds, by the clock of the machine.
    pub(super) time: i64,
    /// The [`Entry`] as JSON.
    pub(in crate::group) facts: String,
    /// Members of a roster.
    pub(super) bulk: Vec<u8>,
    pub(super) previous: [u8; 32],
    pub(super) hash: [u8; 32],
}

impl Record {
    /// The entry behind `head`.
    pub(super) fn after(head: &Head, key: &[u8; 32], facts: String, bulk: Vec<u8>) -> Self {
        let mut made = Self {
            seq: head.seq + 1,
            time: now(),
            facts,
            bulk,
            previous: head.hash,
            hash: [0; 32],
        };
        made.hash = made.digest(key);
        made
    }

    /// Why this is not the entry behind `head`, if it is not.
    pub(super) fn fault(&self, head: &Head, key: &[u8; 32]) -> Option<&'static str> {
        if self.seq != head.seq + 1 {
            Some("is not where it belongs: entries are missing before it")
        } else if self.previous != head.hash {
            Some("does not follow the one before it")
        } else if self.hash != self.digest(key) {
            Some("was changed after it was written")
        } else {
            None
        }
    }

    /// The head of a chain that ends here.
    pub(super) fn head(&self) -> Head {
        Head {
            seq: self.seq,
            hash: self.hash,
        }
    }

    /// Keyed BLAKE3 over everything but the hash, each part with its length.
    fn digest(&self, key: &[u8; 32]) -> [u8; 32] {
        let mut hasher = blake3::Hasher::new_keyed(key);
        hasher.update(&self.seq.to_le_bytes());
        hasher.update(&self.time.to_le_bytes());
        hasher.update(&(self.facts.len() as u64).to_le_bytes());
        hasher.update(self.facts.as_bytes());
        hasher.update(&(self.bulk.len() as u64).to_le_bytes());
        hasher.update(&self.bulk);
        hasher.update(&self.previous);
        *hasher.finalize().as_bytes()
    }
}

/// The clock of the machine, UTC microseconds: for auditors. Nothing is computed from it but
/// which terms had begun when a grid was registered.
pub(in crate::group) fn now() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.map_or(0, |t| i64::try_from(t.as_micros()).unwrap_or(i64::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_changed_part_of_an_entry_is_seen() {
        let (start, key) = (Head::start(&[1; 32]), [2; 32]);
        let good = Record::after(&start, &key, "{}".into(), vec![1, 2]);
        assert_eq!(good.fault(&start, &key), None);
        let changes: [fn(&mut Record); 6] = [
            |r| r.seq += 1,
            |r| r.time += 1,
            |r| r.facts.push(' '),
            |r| r.bulk.push(0),
            |r| r.previous[0] ^= 1,
            |r| r.hash[0] ^= 1,
        ];
        for change in changes {
            let mut bad = good.clone();
            change(&mut bad);
            assert!(bad.fault(&start, &key).is_some());
        }
        assert!(good.fault(&start, &[3; 32]).is_some(), "another key");
    }

    #[test]
    fn entries_come_back_as_they_were_written() {
        let entries = [
            Entry::Learners { integers: true },
            Entry::Roster {
                component: None,
                group: Name::Group("a".into()),
                token: "00".into(),
            },
            Entry::Again {
                component: Some(3),
                group: Name::Other,
                roster: 7,
            },
            Entry::Grid {
                metric: "study_time".into(),
                edges: vec!["0".into(), "0.1".into(), "7200".into()],
                course: Some("7".into()),
                at: 5,
            },
            Entry::Component {
                number: 0,
                course: "7".into(),
                integer: true,
                term: None,
                begins: 3,
                starts: Some(2),
            },
            Entry::Spent(Spent {
                purpose: "research".into(),
                year: 2026,
                epsilon: (1, 10),
                delta: (1, 10_000_000),
                note: "pairs".into(),
            }),
        ];
        for entry in entries {
            let text = serde_json::to_string(&entry).unwrap();
            assert_eq!(serde_json::from_str::<Entry>(&text).unwrap(), entry);
            assert!(text.contains(entry.kind()));
        }
    }
}
