//! The rows of a table beside the log that are kept: those that can be read, and of those that say
//! different things about the same one.

use std::cmp::Ordering;

use polars::prelude::Int64Chunked;

use super::columns::Reader;
use super::families::{Codes, Families};
use super::ids::{LIMIT, NONE, fault};
use super::quality::{Quality, Reason, Reject};

/// The first column in which two rows differ, and how; `None` if they say the same.
pub(crate) type Difference = Option<(&'static str, Ordering)>;

/// The rows of a small table that can be kept, after its readers have run.
pub(crate) struct Kept {
    table: &'static str,
    rejects: Vec<Reject>,
    gone: Vec<bool>,
    repeated: u64,
    turned: usize,
}

impl Kept {
    /// Takes over the rejects of the reader; rows whose ids are at fault join them.
    pub(crate) fn new(
        reader: Reader<'_>,
        ids: &[(&'static str, &Codes<'_>, bool)],
        families: &Families,
    ) -> Self {
        let height = reader.frame.height();
        let mut kept = Self {
            table: reader.table,
            rejects: Vec::new(),
            gone: vec![false; height],
            repeated: 0,
            turned: 0,
        };
        for reject in reader.rejects {
            kept.reject(reject);
        }
        for (column, codes, required) in ids {
            for row in 0..height {
                let dense = families.dense(codes, row);
                if dense >= LIMIT && (*required || dense != NONE) {
                    kept.reject(Reject {
                        row: row as u64,
                        column,
                        reason: fault(dense),
                    });
                }
            }
        }
        kept
    }

    /// Sets a row apart.
    pub(crate) fn reject(&mut self, reject: Reject) {
        self.drop(reject.row);
        self.rejects.push(reject);
    }

    fn drop(&mut self, row: u64) {
        let slot = usize::try_from(row).ok().and_then(|r| self.gone.get_mut(r));
        if let Some(slot) = slot {
            *slot = true;
        }
    }

    /// Leaves one row of those with the same key, whatever order they came in: the first by
    /// `compare`. Others are dropped if they say the same, and conflicts if they do not.
    pub(crate) fn settle<K: Ord>(
        &mut self,
        key: impl Fn(usize) -> K,
        compare: impl Fn(usize, usize) -> Difference,
    ) {
        let order = |a, b| compare(a, b).map_or(Ordering::Equal, |(_, order)| order);
        let mut keys: Vec<(K, usize)> = self.rows().map(|row| (key(row), row)).collect();
        keys.sort_by(|(a, first), (b, second)| a.cmp(b).then_with(|| order(*first, *second)));
        for about_one in keys.chunk_by(|a, b| a.0 == b.0) {
            let Some(((_, first), rest)) = about_one.split_first() else {
                continue;
            };
            for (_, row) in rest {
                let row_number = *row as u64;
                match compare(*first, *row) {
                    None => {
                        self.repeated += 1;
                        self.drop(row_number);
                    }
                    Some((column, _)) => self.reject(Reject {
                        row: row_number,
                        column,
                        reason: Reason::Conflict,
                    }),
                }
            }
        }
    }

    /// Counts the rows that end before they start. They are kept: which of the two is wrong
    /// nobody knows.
    pub(crate) fn count_turned(&mut self, from: Option<&Int64Chunked>, to: Option<&Int64Chunked>) {
        let turned = |row: &usize| match (time_at(from, *row), time_at(to, *row)) {
            (Some(from), Some(to)) => to < from,
            _ => false,
        };
        self.turned = self.rows().filter(turned).count();
    }

    /// The row numbers that are kept.
    pub(crate) fn rows(&self) -> impl Iterator<Item = usize> {
        let rows = self.gone.iter().enumerate();
        rows.filter(|(_, gone)| !**gone).map(|(row, _)| row)
    }

    /// Tells what was kept, and files the rejects.
    pub(crate) fn file(self, quality: &mut Quality) {
        quality.find(self.table, "rows read", self.gone.len() as u64);
        quality.find(self.table, "rows kept", self.rows().count() as u64);
        if self.repeated > 0 {
            quality.find(self.table, "repeated rows, dropped", self.repeated);
        }
        if self.turned > 0 {
            let turned = self.turned as u64;
            quality.find(self.table, "rows that end before they start, kept", turned);
        }
        quality.reject(self.table, self.rejects);
    }
}

/// Values in their order, with what is not known at the end.
pub(crate) fn known_first<T: Ord>(a: Option<T>, b: Option<T>) -> Ordering {
    a.is_none().cmp(&b.is_none()).then_with(|| a.cmp(&b))
}

/// The value of a column at a row; `None` if the column is absent or null there.
pub(crate) fn at<T: Copy>(column: Option<&Vec<Option<T>>>, row: usize) -> Option<T> {
    column.and_then(|values| values.get(row)).copied().flatten()
}

/// As [`at`], for a column of instants.
pub(crate) fn time_at(column: Option<&Int64Chunked>, row: usize) -> Option<i64> {
    column.and_then(|values| values.get(row))
}
