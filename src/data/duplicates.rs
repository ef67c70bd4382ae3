//! Events that came twice: the same id with the same body is one event, with another body a
//! conflict. The first in order stays, whatever the order of the rows.

#![expect(clippy::indexing_slicing, reason = "rows come from the table itself")]

use std::cmp::Ordering;
use std::hash::BuildHasher;

use rayon::slice::ParallelSliceMut;

use super::encode::{IdColumn, Rows, ints, texts};
use super::quality::{Reason, Reject};

/// Which rows go, and why.
#[derive(Debug, Default)]
pub(crate) struct Duplicates {
    /// Rows whose event is there already.
    pub(crate) repeated: Vec<usize>,
    pub(crate) conflicts: Vec<Reject>,
}

/// Finds rows that share an id. `compare` puts two bodies in order; rows in `skip` do not count.
pub(crate) fn find(
    ids: &IdColumn,
    skip: Option<&[bool]>,
    compare: impl Fn(usize, usize) -> Ordering,
) -> Duplicates {
    let rows = Rows {
        first: 0,
        len: ids.len(),
    };
    let wanted = |row: usize| skip.is_none_or(|skip| !skip[row]);
    let mut found = Duplicates::default();
    match ids {
        IdColumn::Ints(column) => {
            let mut keys: Vec<(i64, u32)> = ints(column, rows)
                .zip(0_u32..)
                .filter_map(|(id, row)| Some((id?, row)))
                .filter(|(_, row)| wanted(*row as usize))
                .collect();
            keys.par_sort_unstable();
            for group in keys
                .chunk_by(|a, b| a.0 == b.0)
                .filter(|group| group.len() > 1)
            {
                let rows = group.iter().map(|(_, row)| *row as usize).collect();
                settle(rows, &compare, &mut found);
            }
        }
        IdColumn::Texts(column) => {
            let hasher = foldhash::quality::RandomState::default();
            let mut keys: Vec<(u64, u32)> = texts(column, rows)
                .zip(0_u32..)
                .filter_map(|(id, row)| Some((hasher.hash_one(id?), row)))
                .filter(|(_, row)| wanted(*row as usize))
                .collect();
            keys.par_sort_unstable();
            for group in keys
                .chunk_by(|a, b| a.0 == b.0)
                .filter(|group| group.len() > 1)
            {
                // Equal hashes are nearly always equal ids; the texts decide.
                let mut same: Vec<(&str, usize)> = group
                    .iter()
                    .filter_map(|(_, row)| Some((column.get(*row as usize)?, *row as usize)))
                    .collect();
                same.sort_unstable();
                for group in same
                    .chunk_by(|a, b| a.0 == b.0)
                    .filter(|group| group.len() > 1)
                {
                    settle(
                        group.iter().map(|(_, row)| *row).collect(),
                        &compare,
                        &mut found,
                    );
                }
            }
        }
    }
    found
}

fn settle(
    mut rows: Vec<usize>,
    compare: &impl Fn(usize, usize) -> Ordering,
    found: &mut Duplicates,
) {
    rows.sort_by(|a, b| compare(*a, *b).then(a.cmp(b)));
    let Some((first, rest)) = rows.split_first() else {
        return;
    };
    for row in rest {
        if compare(*first, *row) == Ordering::Equal {
            found.repeated.push(*row);
        } else {
            found.conflicts.push(Reject {
                row: *row as u64,
                column: "id",
                reason: Reason::Conflict,
            });
        }
    }
}
