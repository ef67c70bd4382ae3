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
    /// A text that is no length of time: not a number of seconds, `30m`, `00:30:00` or `PT30M`.
    BadDuration,
    /// A length of time below zero.
    NegativeDuration,
    /// NaN or infinity.
    NotFinite,
    /// An id that is empty, has control or invisible characters, or lone surrogates.
    BadId,
    /// An id that must be there and is not.
    NullId,
    /// The same event id with another body, or another row of a table about the same thing, such
    /// as a content of a course; the first in order is kept, whatever the order of rows.
    Conflict,
    /// More events of one learner on one day than a person makes.
    Capped,
    /// The learner's age is not attested.
    UnderAge,
    /// An id above 512 bytes, or segments above 1 MiB.
    TooLarge,
    /// A share outside 0..1, or a count below 1.
    OutOfBounds,
    /// Any other value that does not fit its column.
    BadValue,
    /// A rule of the format that the record came in.
    Rule(&'static str),
}

impl std::fmt::Display for Reason {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Rule(name) => f.write_str(name),
            other => write!(f, "{other:?}"),
        }
    }
}

/// What reading a foreign format told before there were events: rows read, records refused by a
/// rule of the format, and other findings. They stand in `quality` and `rejected` as `source`.
#[derive(Debug, Clone, Default)]
pub struct SourceReport {
    pub(crate) rejected: Vec<Reject>,
    findings: Vec<(String, u64)>,
}

impl SourceReport {
    /// Counts something worth knowing.
    pub fn find(&mut self, finding: impl Into<String>, rows: u64) {
        self.findings.push((finding.into(), rows));
    }

    /// Files a record that was refused: its number from 0, the place in it, and the rule.
    pub fn reject(&mut self, row: u64, place: &'static str, rule: &'static str) {
        self.rejected.push(Reject {
            row,
            column: place,
            reason: Reason::Rule(rule),
        });
    }

    /// The findings, in order.
    pub fn findings(&self) -> &[(String, u64)] {
        &self.findings
    }

    /// How many refusals there are; one record may hold several.
    pub fn refused(&self) -> usize {
        self.rejected.len()
    }

    /// `table, row, column, reason`: the refused records, as `rejected` shows them.
    ///
    /// # Errors
    /// What polars returns.
    pub fn rejected(&self) -> Result<DataFrame> {
        let mut quality = Quality::default();
        quality.source(self);
        quality.rejected_frame()
    }
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

    /// Takes over what reading told.
    pub(crate) fn source(&mut self, report: &SourceReport) {
        for (finding, count) in &report.findings {
            self.find("source", finding.as_str(), *count);
        }
        // A record may hold several events, so a row may stand there more than once.
        let mut rejects = report.rejected.clone();
        rejects.sort_by_key(|reject| reject.row);
        self.rejected
            .extend(rejects.into_iter().map(|reject| ("source", reject)));
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
                texts("reason", &|(_, r)| r.reason.to_string()),
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
                let finding = format!("rejected: {reason}");
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
