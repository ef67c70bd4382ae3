//! What came in, what was kept, and why the rest was not: nothing is lost silently.

use polars::prelude::*;

use crate::error::Result;

/// Why a row stands in quarantine.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Reason {
    /// The time cannot be read or is absent.
    BadTime,
    /// A local time that daylight saving skips or shows twice.
    AmbiguousTime,
    /// More than ten minutes after `now`.
    FutureTime,
    /// Before the platform's epoch, or after 2200.
    OutOfRange,
    /// A length of time below zero.
    NegativeDuration,
    /// NaN or infinity.
    NotFinite,
    /// An id that is empty, has control or invisible characters, or lone surrogates.
    BadId,
    /// An id that must be there and is not.
    NullId,
    /// The same event id with another body; the first in order is kept.
    Conflict,
    /// More events of one learner on one day than a person makes.
    Capped,
    /// The learner's age is not attested.
    UnderAge,
    /// An id above 128 bytes.
    TooLarge,
    /// A share outside 0..1, or a count below 1.
    OutOfBounds,
    /// Any other value that does not fit its column.
    BadValue,
}

/// A row that was not understood; `row` counts from 0 in the table as given.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Reject {
    pub(crate) row: u64,
    pub(crate) column: &'static str,
    pub(crate) reason: Reason,
}

/// The rejected rows and the findings of one ingestion.
#[derive(Debug, Clone, Default)]
pub(crate) struct Quality {
    rejected: Vec<(&'static str, Reject)>,
    findings: Vec<(String, String, u64)>,
}

impl Quality {
    /// Files a table's rejects, one per row: the first column of the schema that is wrong names it.
    pub(crate) fn reject(&mut self, table: &'static str, mut rejects: Vec<Reject>) {
        rejects.sort_by_key(|reject| reject.row);
        rejects.dedup_by_key(|reject| reject.row);
        self.rejected
            .extend(rejects.into_iter().map(|reject| (table, reject)));
    }

    /// Counts something about a table that is worth knowing.
    pub(crate) fn find(&mut self, table: &str, finding: impl Into<String>, rows: u64) {
        self.findings.push((table.to_owned(), finding.into(), rows));
    }

    pub(crate) fn rejected_rows(&self) -> usize {
        self.rejected.len()
    }

    /// `table, row, column, reason`: one row for each rejected row.
    pub(crate) fn rejected_frame(&self) -> Result<DataFrame> {
        let n = self.rejected.len();
        let texts = |name: &str, f: &dyn Fn(&(&'static str, Reject)) -> String| {
            Column::new(name.into(), self.rejected.iter().map(f).collect::<Vec<_>>())
        };
        Ok(DataFrame::new(
            n,
            vec![
                texts("table", &|(table, _)| (*table).to_owned()),
                Column::new(
                    "row".into(),
                    self.rejected
                        .iter()
                        .map(|(_, r)| r.row)
                        .collect::<Vec<u64>>(),
                ),
                texts("column", &|(_, r)| r.column.to_owned()),
                texts("reason", &|(_, r)| format!("{:?}", r.reason)),
            ],
        )?)
    }

    /// `table, finding, rows`: what was read, kept, rejected by reason, and noticed.
    pub(crate) fn frame(&self) -> Result<DataFrame> {
        let mut rows = self.findings.clone();
        let mut reasons: Vec<(&str, Reason)> = self
            .rejected
            .iter()
            .map(|(table, reject)| (*table, reject.reason))
            .collect();
        reasons.sort_unstable();
        for group in reasons.chunk_by(|a, b| a == b) {
            if let Some((table, reason)) = group.first() {
                let finding = format!("rejected: {reason:?}");
                rows.push(((*table).to_owned(), finding, group.len() as u64));
            }
        }
        rows.sort_by_key(|(table, _, _)| super::TABLES.iter().position(|name| name == table));
        let (mut tables, mut findings, mut counts) = (Vec::new(), Vec::new(), Vec::new());
        for (table, finding, count) in rows {
            tables.push(table);
            findings.push(finding);
            counts.push(count);
        }
        Ok(DataFrame::new(
            counts.len(),
            vec![
                Column::new("table".into(), tables),
                Column::new("finding".into(), findings),
                Column::new("rows".into(), counts),
            ],
        )?)
    }
}
