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
use super::encode::{Rows, values};
use super::ids::{BAD, LARGE, LIMIT, NONE, fault};
use super::job::Job;
use super::lanes::Lanes;
use super::order::{Rowed, Tidy};
use super::quality::{Reason, Reject};
use super::runs::Partition;
use crate::error::Result;

/// One range of rows of the log, numbered.
#[derive(Debug)]
pub(crate) struct Numbered {
    pub(crate) rows: Rows,
    /// [`NONE`] in rows that must not come in.
    pub(crate) learner: Vec<u32>,
    pub(crate) item: Vec<u32>,
}

impl Numbered {
    /// From numbers within the range to dense learners and items; what has none is rejected.
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
    pub(crate) ranges: &'a [Numbered],
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

/// What is moved about for each event; slim when nobody asks for the row again.
trait Record: Copy + Default + Send + Sync {
    /// Whether it knows its row.
    const ROWS: bool;
    fn new(time: i64, learner: u32, item: u32, row: u32) -> Self;
    fn time(self) -> i64;
    fn learner(self) -> u32;
    fn item(self) -> u32;
    fn row(self) -> u32;
}

#[derive(Clone, Copy, Default)]
struct Slim(i64, u32, u32);

impl Record for Slim {
    const ROWS: bool = false;
    fn new(time: i64, learner: u32, item: u32, _: u32) -> Self {
        Self(time, learner, item)
    }
    fn time(self) -> i64 {
        self.0
    }
    fn learner(self) -> u32 {
        self.1
    }
    fn item(self) -> u32 {
        self.2
    }
    fn row(self) -> u32 {
        0
    }
}

#[derive(Clone, Copy, Default)]
struct Full(Slim, u32);

impl Record for Full {
    const ROWS: bool = true;
    fn new(time: i64, learner: u32, item: u32, row: u32) -> Self {
        Self(Slim(time, learner, item), row)
    }
    fn time(self) -> i64 {
        self.0.0
    }
    fn learner(self) -> u32 {
        self.0.1
    }
    fn item(self) -> u32 {
        self.0.2
    }
    fn row(self) -> u32 {
        self.1
    }
}

/// Puts the log in order.
///
/// # Errors
/// [`crate::Error::Cancelled`] if the job is stopped.
pub(crate) fn partition(log: &Log<'_>, job: &Job) -> Result<Partitioned> {
    let lanes = log.lanes.iter().any(Option::is_some);
    if !lanes && log.identified.is_none() {
        let (done, capped) = run::<Slim>(log, job)?;
        if !capped {
            return Ok(done);
        }
        // Rows are rejected by number, so they must be carried along after all.
    }
    Ok(run::<Full>(log, job)?.0)
}

fn run<R: Record>(log: &Log<'_>, job: &Job) -> Result<(Partitioned, bool)> {
    let mut shift = 0;
    while (log.learners >> shift) >= 1024 {
        shift += 1;
    }
    let parts = log
        .learners
        .checked_sub(1)
        .map_or(0, |last| (last >> shift) + 1);
    let scattered: Vec<Scattered<R>> = (0..log.ranges.len())
        .into_par_iter()
        .map(|range| {
            let done = scatter(log, range, shift, parts);
            job.advance(log.ranges[range].rows.len / 2)?;
            Ok(done)
        })
        .collect::<Result<_>>()?;
    let ordered: Vec<Ordered> = (0..parts)
        .into_par_iter()
        .map(|part| {
            let done = order(log, &scattered, part, shift);
            job.advance(done.partition.time.len() / 2)?;
            Ok(done)
        })
        .collect::<Result<_>>()?;
    let mut all = Partitioned {
        shift,
        ..Partitioned::default()
    };
    let mut capped = false;
    for part in ordered {
        all.identical += part.identical;
        all.dropped += part.dropped;
        capped |= !part.capped.is_empty();
        all.rejects.extend(part.capped);
        all.partitions.push(part.partition);
    }
    Ok((all, capped))
}

struct Scattered<R> {
    records: Vec<R>,
    offsets: Vec<u32>,
}

fn scatter<R: Record>(log: &Log<'_>, range: usize, shift: u32, parts: usize) -> Scattered<R> {
    let Numbered {
        rows,
        learner,
        item,
    } = &log.ranges[range];
    let mut offsets = vec![0_u32; parts + 1];
    for learner in learner.iter().filter(|learner| **learner != NONE) {
        offsets[(learner >> shift) as usize + 1] += 1;
    }
    for part in 0..parts {
        offsets[part + 1] += offsets[part];
    }
    let mut next = offsets.clone();
    let mut records = vec![R::default(); offsets[parts] as usize];
    let time = values(log.time, *rows);
    let first = u32::try_from(rows.first).unwrap_or(NONE);
    for (row, ((learner, item), time)) in (first..).zip(learner.iter().zip(item).zip(&*time)) {
        if *learner != NONE {
            let slot = &mut next[(learner >> shift) as usize];
            records[*slot as usize] = R::new(*time, *learner, *item, row);
            *slot += 1;
        }
    }
    Scattered { records, offsets }
}

struct Ordered {
    partition: Partition,
    capped: Vec<Reject>,
    identical: u64,
    dropped: u64,
}

fn order<R: Record>(log: &Log<'_>, scattered: &[Scattered<R>], part: usize, shift: u32) -> Ordered {
    let pieces = scattered.iter().map(|range| {
        let (from, to) = (range.offsets[part], range.offsets[part + 1]);
        &range.records[from as usize..to as usize]
    });
    let pieces: Vec<&[R]> = pieces.collect();
    let first = u32::try_from(part << shift).unwrap_or(NONE);
    let width = (1_usize << shift).min(log.learners - (part << shift));
    let mut offsets = vec![0_u32; width + 1];
    for record in pieces.iter().flat_map(|piece| piece.iter()) {
        offsets[(record.learner() - first) as usize + 1] += 1;
    }
    for learner in 0..width {
        offsets[learner + 1] += offsets[learner];
    }
    let events = offsets[width] as usize;
    let mut next = offsets.clone();
    let (mut time, mut item) = (vec![0; events], vec![0; events]);
    let mut row = vec![0; if R::ROWS { events } else { 0 }];
    for piece in pieces {
        for record in piece {
            let slot = &mut next[(record.learner() - first) as usize];
            let at = *slot as usize;
            time[at] = record.time();
            item[at] = record.item();
            if R::ROWS {
                row[at] = record.row();
            }
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
