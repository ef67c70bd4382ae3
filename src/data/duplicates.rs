//! Events that came twice: the same id of one learner with the same body is one event, with
//! another body a conflict. Ids of different learners do not touch: her numbers depend on her
//! events only. The first in order stays, whatever the order of the rows.

#![expect(clippy::indexing_slicing, reason = "rows come from the table itself")]

use std::cmp::Ordering;
use std::hash::BuildHasher;

use rayon::slice::ParallelSliceMut;

use super::encode::{IdColumn, Rows, texts};
use super::ids::{check, fault};
use super::pieces::ints;
use super::quality::{Reason, Reject};

/// Which rows go, and why.
#[derive(Debug, Default)]
pub(crate) struct Duplicates {
    /// Rows whose event is there already.
    pub(crate) repeated: Vec<usize>,
    /// Conflicts, and ids that are none.
    pub(crate) rejects: Vec<Reject>,
}

/// Finds rows of one learner that share an id. `compare` puts two bodies in order, learners first; rows in `skip` do not count.
pub(crate) fn find(
    ids: &IdColumn,
    skip: Option<&[bool]>,
    learner: impl Fn(usize) -> Option<u32>,
    compare: impl Fn(usize, usize) -> Ordering,
) -> Duplicates {
    let rows = Rows {
        first: 0,
        len: ids.len(),
    };
    let wanted = |row: usize| skip.is_none_or(|skip| !skip[row]);
    let mut found = Duplicates::default();
    let mut among = |ids: &mut dyn Iterator<Item = Option<i64>>| {
        let keys = ids.zip(0_u32..).filter_map(|(id, row)| Some((id?, row)));
        let mut keys: Vec<(i64, u32)> = keys.filter(|(_, row)| wanted(*row as usize)).collect();
        keys.par_sort_unstable();
        for group in groups(&keys) {
            let rows = group.iter().map(|(_, row)| *row as usize).collect();
            settle(rows, &learner, &compare, &mut found);
        }
    };
    match ids {
        IdColumn::Ints(column) => among(&mut ints(column, rows)),
        IdColumn::SmallInts(column) => among(&mut ints(column, rows)),
        IdColumn::Texts(column) => {
            let hasher = foldhash::quality::RandomState::default();
            let mut keys: Vec<(u64, u32)> = Vec::new();
            for (id, row) in texts(column, rows).zip(0_u32..) {
                let Some(id) = id.filter(|_| wanted(row as usize)) else {
                    continue;
                };
                match check(id) {
                    Ok(id) => keys.push((hasher.hash_one(&*id), row)),
                    Err(code) => found.rejects.push(Reject {
                        row: u64::from(row),
                        column: "id",
                        reason: fault(code),
                    }),
                }
            }
            keys.par_sort_unstable();
            for group in groups(&keys) {
                // Equal hashes are nearly always equal ids; the texts decide.
                let same = group.iter().filter_map(|(_, row)| {
                    let id = check(column.get(*row as usize)?).ok()?;
                    Some((id, *row as usize))
                });
                let mut same: Vec<_> = same.collect();
                same.sort_unstable();
                for group in groups(&same) {
                    let rows = group.iter().map(|(_, row)| *row).collect();
                    settle(rows, &learner, &compare, &mut found);
                }
            }
        }
    }
    found
}

/// Neighbours with the same key, where there are several.
fn groups<K: PartialEq, R>(keys: &[(K, R)]) -> impl Iterator<Item = &[(K, R)]> {
    let groups = keys.chunk_by(|a, b| a.0 == b.0);
    groups.filter(|group| group.len() > 1)
}

/// Sorts out the rows with one id, learner by learner.
fn settle(
    mut rows: Vec<usize>,
    learner: &impl Fn(usize) -> Option<u32>,
    compare: &impl Fn(usize, usize) -> Ordering,
    found: &mut Duplicates,
) {
    rows.sort_by(|a, b| compare(*a, *b).then(a.cmp(b)));
    for own in rows.chunk_by(|a, b| learner(*a) == learner(*b)) {
        let Some((first, rest)) = own.split_first() else {
            continue;
        };
        for row in rest {
            if compare(*first, *row) == Ordering::Equal {
                found.repeated.push(*row);
            } else {
                found.rejects.push(Reject {
                    row: *row as u64,
                    column: "id",
                    reason: Reason::Conflict,
                });
            }
        }
    }
}
