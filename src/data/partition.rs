//! From rows in any order to one run per learner in time order.
//!
//! Rows are scattered to partitions of neighbouring learners (each thread within its own range
//! of rows), then each partition, small enough for the cache, is put in order by itself.

#![expect(
    clippy::indexing_slicing,
    reason = "places come from a histogram of the same rows"
)]

use polars::prelude::Int64Chunked;
use rayon::prelude::*;

use super::catalog::{BAD_COURSE, LARGE_COURSE};
use super::encode::Rows;
use super::ids::{BAD, LARGE, LIMIT, NONE, fault};
use super::job::Job;
use super::lanes::Lanes;
use super::order::{Rowed, Tidy};
use super::pieces::values;
use super::quality::{Reason, Reject};
use super::runs::Partition;
use crate::error::Result;

/// Rows that are numbered and moved at a time: blocks this small leave their memory to the next.
pub(crate) const BLOCK: usize = 1 << ROW_BITS;
const ROW_BITS: u32 = 18;

/// One block of rows of the log, numbered.
#[derive(Debug)]
pub(crate) struct Numbered {
    pub(crate) rows: Rows,
    /// Whose numbers these are: blocks of one place were numbered together.
    pub(crate) place: usize,
    /// [`NONE`] in rows that must not come in.
    pub(crate) learner: Vec<u32>,
    pub(crate) item: Vec<u32>,
}

impl Numbered {
    /// From numbers within their place to dense learners and items; what has none is rejected.
    pub(crate) fn resolve(
        &mut self,
        learners: &[u32],
        items: &[u32],
        under_age: &[bool],
    ) -> Vec<Reject> {
        let refused = under_age.iter().any(|refused| *refused);
        let mut rejects = Vec::new();
        let codes = self.learner.iter_mut().zip(&mut self.item).enumerate();
        for (i, (learner, item)) in codes {
            *learner = learners.get(*learner as usize).copied().unwrap_or(*learner);
            *item = items.get(*item as usize).copied().unwrap_or(*item);
            if *learner < LIMIT && *item < LIMIT && !refused {
                continue;
            }
            let (column, reason) = if *learner >= LIMIT {
                ("learner", fault(*learner))
            } else if *item >= LIMIT {
                match *item {
                    BAD_COURSE => ("course", fault(BAD)),
                    LARGE_COURSE => ("course", fault(LARGE)),
                    _ => ("content", fault(*item)),
                }
            } else if under_age[*learner as usize] {
                ("learner", Reason::UnderAge)
            } else {
                continue;
            };
            *learner = NONE;
            rejects.push(Reject {
                row: (self.rows.first + i) as u64,
                column,
                reason,
            });
        }
        rejects
    }

    /// Keeps rows from coming in.
    pub(crate) fn leave_out(&mut self, skip: &[bool]) {
        let rows = self.rows.first..self.rows.first + self.rows.len;
        for (learner, skip) in self.learner.iter_mut().zip(&skip[rows]) {
            if *skip {
                *learner = NONE;
            }
        }
    }
}

/// Everything the partitioning needs to know about the rows.
pub(crate) struct Log<'a> {
    pub(crate) time: &'a Int64Chunked,
    pub(crate) lanes: &'a Lanes,
    /// Rows with an id of their own; they are never "identical".
    pub(crate) identified: Option<&'a [bool]>,
    pub(crate) learners: usize,
    pub(crate) cap: u32,
    pub(crate) drop_identical: bool,
}

/// The partitions, the rows rejected on the way, and how many were identical to another.
#[derive(Debug, Default)]
pub(crate) struct Partitioned {
    pub(crate) partitions: Vec<Partition>,
    /// A learner's partition is her dense id shifted right by this.
    pub(crate) shift: u32,
    pub(crate) rejects: Vec<Reject>,
    pub(crate) identical: u64,
    pub(crate) dropped: u64,
}

/// What is moved about for each event: two words, because there is one for every row of the log.
#[derive(Clone, Copy)]
struct Moved {
    time: i64,
    item: u32,
    /// The row from the first of the block, and above it the learner from the first of the
    /// partition; [`WIDEST`] sees to it that there is room for both.
    place: u32,
}

/// Learners of a partition, as a power of two, at most: what a block's rows leave of a `u32`.
const WIDEST: u32 = u32::BITS - ROW_BITS;

/// The events of one block that fall into one partition, in the order of their rows.
#[derive(Default)]
struct Piece {
    /// First row of the block.
    first: u32,
    events: Vec<Moved>,
}

impl Moved {
    fn learner(self) -> usize {
        (self.place >> ROW_BITS) as usize
    }

    fn row(self) -> u32 {
        self.place & ((1 << ROW_BITS) - 1)
    }
}

/// Puts the log in order. Blocks and pieces are given up as soon as they are read, so that what
/// is made of them finds its memory there.
///
/// # Errors
/// [`crate::Error::Cancelled`] if the job is stopped.
pub(crate) fn partition(log: &Log<'_>, blocks: Vec<Numbered>, job: &Job) -> Result<Partitioned> {
    let mut shift = 0;
    while (log.learners >> shift) >= 1024 && shift < WIDEST {
        shift += 1;
    }
    let parts = log
        .learners
        .checked_sub(1)
        .map_or(0, |last| (last >> shift) + 1);
    let scattered: Vec<Vec<Piece>> = blocks
        .into_par_iter()
        .map(|block| {
            job.advance(block.rows.len / 2)?;
            Ok(scatter(log.time, &block, shift, parts))
        })
        .collect::<Result<_>>()?;
    let mut pieces: Vec<Vec<Piece>> = Vec::new();
    pieces.resize_with(parts, || Vec::with_capacity(scattered.len()));
    for block in scattered {
        for (part, piece) in pieces.iter_mut().zip(block) {
            part.push(piece);
        }
    }
    let ordered: Vec<Ordered> = pieces
        .into_par_iter()
        .enumerate()
        .map(|(part, pieces)| {
            let done = order(log, pieces, part, shift);
            job.advance(done.partition.time.len() / 2)?;
            Ok(done)
        })
        .collect::<Result<_>>()?;
    let mut all = Partitioned {
        shift,
        ..Partitioned::default()
    };
    for part in ordered {
        all.identical += part.identical;
        all.dropped += part.dropped;
        all.rejects.extend(part.capped);
        all.partitions.push(part.partition);
    }
    Ok(all)
}

/// The rows of a block by partition.
fn scatter(time: &Int64Chunked, block: &Numbered, shift: u32, parts: usize) -> Vec<Piece> {
    let mut counts = vec![0; parts];
    for learner in block.learner.iter().filter(|learner| **learner != NONE) {
        counts[(learner >> shift) as usize] += 1;
    }
    let first = u32::try_from(block.rows.first).unwrap_or(NONE);
    let piece = |events| Piece {
        first,
        events: Vec::with_capacity(events),
    };
    let mut pieces: Vec<Piece> = counts.into_iter().map(piece).collect();
    let time = values(time, block.rows);
    let codes = block.learner.iter().zip(&block.item);
    for (row, ((learner, item), time)) in (0_u32..).zip(codes.zip(&*time)) {
        if *learner != NONE {
            let own = learner & ((1 << shift) - 1);
            pieces[(learner >> shift) as usize].events.push(Moved {
                time: *time,
                item: *item,
                place: own << ROW_BITS | row,
            });
        }
    }
    pieces
}

struct Ordered {
    partition: Partition,
    capped: Vec<Reject>,
    identical: u64,
    dropped: u64,
}

fn order(log: &Log<'_>, pieces: Vec<Piece>, part: usize, shift: u32) -> Ordered {
    let first = u32::try_from(part << shift).unwrap_or(NONE);
    let width = (1_usize << shift).min(log.learners - (part << shift));
    let mut offsets = vec![0_u32; width + 1];
    for moved in pieces.iter().flat_map(|piece| &piece.events) {
        offsets[moved.learner() + 1] += 1;
    }
    for learner in 0..width {
        offsets[learner + 1] += offsets[learner];
    }
    let events = offsets[width] as usize;
    let mut next = offsets.clone();
    let (mut time, mut item) = (vec![0; events], vec![0; events]);
    let mut row = vec![0; events];
    for piece in pieces {
        for moved in piece.events {
            let slot = &mut next[moved.learner()];
            let at = *slot as usize;
            time[at] = moved.time;
            item[at] = moved.item;
            row[at] = piece.first + moved.row();
            *slot += 1;
        }
    }
    let mut rows = Rowed {
        log,
        offsets,
        time,
        item,
        row,
    };
    let tidy = if rows.sort() {
        Tidy::default()
    } else {
        rows.tidy()
    };
    let Rowed {
        offsets,
        time,
        item,
        row,
        ..
    } = rows;
    let lanes = log.lanes.each_ref();
    let lanes = lanes.map(|lane| lane.as_ref().map(|lane| lane.take(row.iter().copied())));
    Ordered {
        partition: Partition {
            first,
            offsets,
            time,
            item,
            lanes,
        },
        capped: tidy.capped,
        identical: tidy.identical,
        dropped: tidy.dropped,
    }
}
