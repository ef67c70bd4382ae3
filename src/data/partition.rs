//! From rows in any order to one run per learner in time order.
//!
//! Rows are scattered to partitions of neighbouring learners (each thread within its own range
//! of rows), then each partition, small enough for the cache, is put in order by itself.

#![expect(
    clippy::indexing_slicing,
    reason = "places come from a histogram of the same rows"
)]

use std::borrow::Cow;
use std::cmp::Ordering;

use polars::prelude::Int64Chunked;
use rayon::prelude::*;

use super::catalog::{BAD_COURSE, LARGE_COURSE};
use super::encode::{Rows, ints};
use super::ids::{BAD, LARGE, LIMIT, fault};
use super::job::Job;
use super::lanes::{Field, Lane, Lanes, compare};
use super::quality::{Reason, Reject};
use super::span::DAY;
use crate::error::Result;

/// Events of neighbouring learners, one run after the other, each in time order.
#[derive(Debug, Clone)]
pub(crate) struct Partition {
    /// Dense id of the first learner.
    pub(crate) first: u32,
    /// Where each learner's run begins, and where the last ends.
    pub(crate) offsets: Vec<u32>,
    pub(crate) time: Vec<i64>,
    pub(crate) item: Vec<u32>,
    pub(crate) lanes: Lanes,
}

/// The events of one learner, or some of them, in order.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Run<'a> {
    pub(crate) time: &'a [i64],
    pub(crate) item: &'a [u32],
    pub(crate) verb: Option<&'a [u8]>,
    pub(crate) session: Option<&'a [u32]>,
    pub(crate) duration: Option<&'a [i64]>,
    pub(crate) position: Option<&'a [f64]>,
    pub(crate) count: Option<&'a [u32]>,
    pub(crate) received: Option<&'a [i64]>,
}

impl Partition {
    fn wholes(&self, field: Field, from: usize, to: usize) -> Option<&[u32]> {
        match &self.lanes[field as usize] {
            Some(Lane::Wholes(values)) => values.get(from..to),
            _ => None,
        }
    }

    fn micros(&self, field: Field, from: usize, to: usize) -> Option<&[i64]> {
        match &self.lanes[field as usize] {
            Some(Lane::Micros(values)) => values.get(from..to),
            _ => None,
        }
    }

    /// The learners of the partition with their runs, in order.
    pub(crate) fn runs(&self) -> impl Iterator<Item = (u32, Run<'_>)> {
        let bounds = self.offsets.windows(2);
        (self.first..).zip(bounds).map(|(learner, bound)| {
            let (from, to) = (bound[0] as usize, bound[1] as usize);
            (learner, self.run(from, to))
        })
    }

    /// The run of one learner of the partition.
    pub(crate) fn run_of(&self, learner: u32) -> Option<Run<'_>> {
        let at = learner.checked_sub(self.first)? as usize;
        let (from, to) = (*self.offsets.get(at)?, *self.offsets.get(at + 1)?);
        Some(self.run(from as usize, to as usize))
    }

    fn run(&self, from: usize, to: usize) -> Run<'_> {
        Run {
            time: &self.time[from..to],
            item: &self.item[from..to],
            verb: match &self.lanes[Field::Verb as usize] {
                Some(Lane::Words(values)) => values.get(from..to),
                _ => None,
            },
            session: self.wholes(Field::Session, from, to),
            duration: self.micros(Field::Duration, from, to),
            position: match &self.lanes[Field::Position as usize] {
                Some(Lane::Numbers(values)) => values.get(from..to),
                _ => None,
            },
            count: self.wholes(Field::Count, from, to),
            received: self.micros(Field::Received, from, to),
        }
    }
}

/// One range of rows of the log, numbered within itself.
#[derive(Debug)]
pub(crate) struct Numbered {
    pub(crate) rows: Rows,
    pub(crate) learner: Vec<u32>,
    pub(crate) item: Vec<u32>,
}

/// Everything the partitioning needs to know about the rows.
pub(crate) struct Log<'a> {
    pub(crate) ranges: &'a [Numbered],
    /// Per range: from local to dense learners, and from local pairs to items.
    pub(crate) learner_maps: &'a [&'a [u32]],
    pub(crate) item_maps: &'a [Vec<u32>],
    pub(crate) time: &'a Int64Chunked,
    pub(crate) lanes: &'a Lanes,
    /// Rows that must not come in (their reason is filed elsewhere).
    pub(crate) skip: Option<&'a [bool]>,
    /// Rows with an id of their own; they are never "identical".
    pub(crate) identified: Option<&'a [bool]>,
    /// Learners whose events must not come in.
    pub(crate) under_age: &'a [bool],
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
    fn new(time: i64, learner: u32, item: u32, row: u32) -> Self;
    fn time(self) -> i64;
    fn learner(self) -> u32;
    fn item(self) -> u32;
    fn row(self) -> u32;
}

#[derive(Clone, Copy, Default)]
struct Slim(i64, u32, u32);

impl Record for Slim {
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
    for range in scattered {
        all.rejects.extend(range.rejects);
    }
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
    rejects: Vec<Reject>,
}

/// The instants of some rows, borrowed where they lie in one piece without nulls.
fn instants(time: &Int64Chunked, rows: Rows) -> Cow<'_, [i64]> {
    if time.null_count() == 0
        && let Ok(all) = time.cont_slice()
    {
        return Cow::Borrowed(&all[rows.first..rows.first + rows.len]);
    }
    Cow::Owned(ints(time, rows).map(Option::unwrap_or_default).collect())
}

fn scatter<R: Record>(log: &Log<'_>, range: usize, shift: u32, parts: usize) -> Scattered<R> {
    let Numbered {
        rows,
        learner,
        item,
    } = &log.ranges[range];
    let (learners, items) = (log.learner_maps[range], &log.item_maps[range]);
    let skip = log
        .skip
        .map(|skip| &skip[rows.first..rows.first + rows.len]);
    let refused = log.under_age.iter().any(|refused| *refused);
    let mut rejects = Vec::new();
    // The dense learner of a row that may come in.
    let admit = |i: usize, rejects: Option<&mut Vec<Reject>>| -> Option<(u32, u32)> {
        let dense = learners
            .get(learner[i] as usize)
            .copied()
            .unwrap_or(learner[i]);
        let place = items.get(item[i] as usize).copied().unwrap_or(item[i]);
        let problem = if skip.is_some_and(|skip| skip[i]) {
            None
        } else if dense >= LIMIT {
            Some(("learner", fault(dense)))
        } else if place >= LIMIT {
            Some(match place {
                BAD_COURSE => ("course", fault(BAD)),
                LARGE_COURSE => ("course", fault(LARGE)),
                _ => ("content", fault(place)),
            })
        } else if refused && log.under_age[dense as usize] {
            Some(("learner", Reason::UnderAge))
        } else {
            return Some((dense, place));
        };
        if let (Some(rejects), Some((column, reason))) = (rejects, problem) {
            rejects.push(Reject {
                row: (rows.first + i) as u64,
                column,
                reason,
            });
        }
        None
    };
    let mut offsets = vec![0_u32; parts + 1];
    for i in 0..rows.len {
        if let Some((dense, _)) = admit(i, Some(&mut rejects)) {
            offsets[(dense >> shift) as usize + 1] += 1;
        }
    }
    for part in 0..parts {
        offsets[part + 1] += offsets[part];
    }
    let mut next = offsets.clone();
    let mut records = vec![R::default(); offsets[parts] as usize];
    let time = instants(log.time, *rows);
    for (i, time) in time.iter().enumerate() {
        if let Some((dense, place)) = admit(i, None) {
            let slot = &mut next[(dense >> shift) as usize];
            let row = u32::try_from(rows.first + i).unwrap_or(u32::MAX);
            records[*slot as usize] = R::new(*time, dense, place, row);
            *slot += 1;
        }
    }
    Scattered {
        records,
        offsets,
        rejects,
    }
}

struct Ordered {
    partition: Partition,
    capped: Vec<Reject>,
    identical: u64,
    dropped: u64,
}

fn order<R: Record>(log: &Log<'_>, scattered: &[Scattered<R>], part: usize, shift: u32) -> Ordered {
    let pieces: Vec<&[R]> = scattered
        .iter()
        .map(|range| {
            let (from, to) = (range.offsets[part], range.offsets[part + 1]);
            &range.records[from as usize..to as usize]
        })
        .collect();
    let first = u32::try_from(part << shift).unwrap_or(u32::MAX);
    let width = (1_usize << shift).min(log.learners - (part << shift));
    let mut offsets = vec![0_u32; width + 1];
    for record in pieces.iter().flat_map(|piece| piece.iter()) {
        offsets[(record.learner() - first) as usize + 1] += 1;
    }
    for learner in 0..width {
        offsets[learner + 1] += offsets[learner];
    }
    let mut next = offsets.clone();
    let mut records = vec![R::default(); offsets[width] as usize];
    for record in pieces.iter().flat_map(|piece| piece.iter()) {
        let slot = &mut next[(record.learner() - first) as usize];
        records[*slot as usize] = *record;
        *slot += 1;
    }
    let cmp = |a: &R, b: &R| {
        a.time()
            .cmp(&b.time())
            .then_with(|| a.item().cmp(&b.item()))
            .then_with(|| compare(log.lanes, a.row(), b.row()))
    };
    for bound in offsets.windows(2) {
        let run = &mut records[bound[0] as usize..bound[1] as usize];
        if !run.is_sorted_by(|a, b| cmp(a, b) != Ordering::Greater) {
            run.sort_by(cmp);
        }
    }
    let same = |a: &R, b: &R| {
        let free = |r: &R| log.identified.is_none_or(|ids| !ids[r.row() as usize]);
        cmp(a, b) == Ordering::Equal && free(a) && free(b)
    };
    let tidy = tidy(log, &records, &offsets, same);
    if let Some(keep) = tidy.keep {
        let mut kept_offsets = Vec::with_capacity(offsets.len());
        let mut kept = 0_u32;
        let mut at = 0_u32;
        for bound in &offsets {
            kept += (at..*bound)
                .map(|i| u32::from(keep[i as usize]))
                .sum::<u32>();
            at = *bound;
            kept_offsets.push(kept);
        }
        offsets = kept_offsets;
        let mut keep = keep.into_iter();
        records.retain(|_| keep.next().unwrap_or(true));
    }
    let lanes = log.lanes.each_ref().map(|lane| {
        let lane = lane.as_ref()?;
        Some(lane.take(records.iter().map(|record| record.row())))
    });
    Ordered {
        partition: Partition {
            first,
            offsets,
            time: records.iter().map(|record| record.time()).collect(),
            item: records.iter().map(|record| record.item()).collect(),
            lanes,
        },
        capped: tidy.capped,
        identical: tidy.identical,
        dropped: tidy.dropped,
    }
}

#[derive(Default)]
struct Tidy {
    /// `None`: everything stays.
    keep: Option<Vec<bool>>,
    capped: Vec<Reject>,
    identical: u64,
    dropped: u64,
}

/// Counts identical rows, drops them if asked, and caps a learner's events per (UTC) day.
fn tidy<R: Record>(
    log: &Log<'_>,
    records: &[R],
    offsets: &[u32],
    same: impl Fn(&R, &R) -> bool,
) -> Tidy {
    let mut tidy = Tidy::default();
    for bound in offsets.windows(2) {
        let (from, to) = (bound[0] as usize, bound[1] as usize);
        let (mut today, mut until) = (0_u32, i64::MIN);
        for i in from..to {
            let record = records[i];
            if i > from && record.time() == records[i - 1].time() && same(&records[i - 1], &record)
            {
                tidy.identical += 1;
                if log.drop_identical {
                    tidy.dropped += 1;
                    tidy.keep.get_or_insert_with(|| vec![true; records.len()])[i] = false;
                    continue;
                }
            }
            if record.time() >= until {
                until = (record.time().div_euclid(DAY) + 1) * DAY;
                today = 0;
            }
            today += 1;
            if today > log.cap {
                tidy.capped.push(Reject {
                    row: u64::from(record.row()),
                    column: "time",
                    reason: Reason::Capped,
                });
                tidy.keep.get_or_insert_with(|| vec![true; records.len()])[i] = false;
            }
        }
    }
    tidy
}
