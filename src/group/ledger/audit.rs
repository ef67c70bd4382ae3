//! What auditors see of a ledger: its entries without a learner, and whether they hold.

use std::collections::BTreeSet;

use polars::prelude::*;

use super::Ledger;
use super::book::Book;
use super::entry::{Entry, Name, Record};
use super::members::unpack;
use crate::Result;
use crate::group::certificate::Certificate;

impl Ledger {
    /// `seq, time, kind, component, group, learners, note`: every entry, without a learner.
    /// `learners` is how many a roster has, to the nearest multiple of 5.
    ///
    /// # Errors
    /// [`crate::Error::Ledger`] if the ledger cannot be read or trusted.
    pub fn entries(&self) -> Result<DataFrame> {
        let records = self.verified()?;
        let mut components: Vec<String> = Vec::new();
        let mut rows = Rows::default();
        for record in &records {
            let Ok(entry) = serde_json::from_str::<Entry>(&record.facts) else {
                continue;
            };
            rows.push(record, &entry, &mut components);
        }
        rows.frame()
    }

    /// Reads every entry anew and checks the chain, and all that was sealed; how many entries
    /// there are.
    ///
    /// # Errors
    /// [`crate::Error::Ledger`] names the first entry that does not hold.
    pub fn verify(&self) -> Result<u64> {
        let records = self.verified()?;
        self.check_sealed(&records)?;
        Ok(records.len() as u64)
    }

    /// Which certificates are of this ledger: unchanged, sealed with its key, and made when
    /// the chain ended at an entry that it still holds.
    ///
    /// # Errors
    /// [`crate::Error::Ledger`] if the ledger itself cannot be trusted.
    pub fn vouches_for(&self, certificates: &[Option<Certificate>]) -> Result<Vec<bool>> {
        let proof = self.transact(None, |book| Ok(book.proof()))?;
        let records = self.verified()?;
        let heads: BTreeSet<String> = records.iter().map(|r| r.head().to_string()).collect();
        let ours = |certificate: &Certificate| {
            certificate.verify()
                && certificate.sealed_under(&proof.key)
                && heads.contains(certificate.ledger())
        };
        let all = certificates.iter();
        Ok(all.map(|c| c.as_ref().is_some_and(ours)).collect())
    }

    /// Every entry, the chain checked from its start.
    pub(super) fn verified(&self) -> Result<Vec<Record>> {
        let empty = self.transact(None, |book| Ok((book.emptied(), book.log.clone())))?;
        let (mut book, kept) = empty;
        let records = match &self.0.file {
            Some(file) => file.records(None)?,
            None => kept,
        };
        for record in &records {
            if let Err(fault) = Book::read(&mut book, record) {
                return Err(self.wrong(format!("entry {} {fault}", record.seq)));
            }
        }
        Ok(records)
    }
}

/// The columns, row by row.
#[derive(Default)]
struct Rows {
    seq: Vec<u64>,
    time: Vec<i64>,
    kind: Vec<&'static str>,
    component: Vec<Option<String>>,
    group: Vec<Option<String>>,
    learners: Vec<Option<u64>>,
    note: Vec<Option<String>>,
}

impl Rows {
    fn push(&mut self, record: &Record, entry: &Entry, components: &mut Vec<String>) {
        let at = |component: &Option<u32>| match component {
            None => Some("all courses".to_string()),
            Some(n) => components.get(*n as usize).cloned(),
        };
        let label = |group: &Name| match group {
            Name::Course => "(course)".to_string(),
            Name::Other => "(other)".to_string(),
            Name::Group(label) => label.clone(),
        };
        let (component, group, note) = match entry {
            Entry::Learners { integers } => {
                let kind = if *integers { "integers" } else { "strings" };
                (None, None, Some(format!("learner ids are {kind}")))
            }
            Entry::Policy {
                k,
                base,
                coverage_floor,
            } => {
                let note = format!("k = {k}, base = {base}, coverage_floor = {coverage_floor}");
                (None, None, Some(note))
            }
            Entry::Component { course, term, .. } => {
                let label = term
                    .as_ref()
                    .map_or_else(|| course.clone(), |t| format!("{course}, {t}"));
                components.push(label.clone());
                (Some(label), None, None)
            }
            Entry::Grid {
                metric,
                edges,
                course,
                ..
            } => {
                let note = format!("{metric}: {}", edges.join(", "));
                let later = course.as_ref().map(|course| format!("{course} (later)"));
                (
                    later.or_else(|| Some("(later)".to_string())),
                    None,
                    Some(note),
                )
            }
            Entry::TermRefused { course, term, .. } => {
                let note = "begins less than 28 days from another term";
                (
                    Some(format!("{course}, {term}")),
                    None,
                    Some(note.to_string()),
                )
            }
            Entry::Linked { component } => (at(component), None, None),
            Entry::Roster {
                component, group, ..
            } => (at(component), Some(label(group)), None),
            Entry::Again {
                component,
                group,
                roster,
            } => {
                let note = format!("the same learners as in roster {}", roster + 1);
                (at(component), Some(label(group)), Some(note))
            }
            Entry::Spent(spent) => {
                let (epsilon, delta) = (spent.epsilon, spent.delta);
                let note = format!(
                    "{} {}: epsilon {}/{}, delta {}/{}; {}",
                    spent.purpose, spent.year, epsilon.0, epsilon.1, delta.0, delta.1, spent.note
                );
                (None, None, Some(note))
            }
            Entry::Seal { asked, .. } => {
                let (from, until) = (asked.begin, asked.until);
                let note = format!("{} of {from}..{until} of {}", asked.question, asked.scope);
                (None, None, Some(note))
            }
        };
        let members = matches!(entry, Entry::Roster { .. })
            .then(|| unpack(&record.bulk))
            .flatten();
        self.seq.push(record.seq);
        self.time.push(record.time);
        self.kind.push(entry.kind());
        self.component.push(component);
        self.group.push(group);
        self.learners
            .push(members.map(|(members, _)| (members.len() as u64 + 2) / 5 * 5));
        self.note.push(note);
    }

    fn frame(self) -> Result<DataFrame> {
        let utc = DataType::Datetime(TimeUnit::Microseconds, Some(TimeZone::UTC));
        let columns = vec![
            Column::new("seq".into(), self.seq),
            Column::new("time".into(), self.time).cast(&utc)?,
            Column::new("kind".into(), self.kind),
            Column::new("component".into(), self.component),
            Column::new("group".into(), self.group),
            Column::new("learners".into(), self.learners),
            Column::new("note".into(), self.note),
        ];
        Ok(DataFrame::new_infer_height(columns)?)
    }
}
