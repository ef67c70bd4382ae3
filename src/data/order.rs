//! The order of a learner's events, and what to do with those that are one too many.

#![expect(
    clippy::indexing_slicing,
    reason = "all columns have one entry per event, and offsets lie within them"
)]

use std::cmp::Ordering;

use super::lanes::compare;
use super::partition::Log;
use super::quality::{Reason, Reject};
use super::span::DAY;

/// What was found when a partition was put in order.
#[derive(Default)]
pub(crate) struct Tidy {
    pub(crate) capped: Vec<Reject>,
    pub(crate) identical: u64,
    pub(crate) dropped: u64,
}

/// The events of a partition on their way into order.
pub(crate) struct Rowed<'a> {
    pub(crate) log: &'a Log<'a>,
    pub(crate) offsets: Vec<u32>,
    pub(crate) time: Vec<i64>,
    pub(crate) item: Vec<u32>,
    /// Rows of the log.
    pub(crate) row: Vec<u32>,
}

impl Rowed<'_> {
    /// The order of events: time, item, then the other columns of the schema.
    fn compare(&self, a: usize, b: usize) -> Ordering {
        (self.time[a], self.item[a])
            .cmp(&(self.time[b], self.item[b]))
            .then_with(|| compare(self.log.lanes, self.row[a], self.row[b]))
    }

    /// Puts each run in order. Nearly all come so, without two events at one instant and below
    /// the cap; the answer is whether all do, and nothing is left to tidy.
    pub(crate) fn sort(&mut self) -> bool {
        let mut plain = true;
        for learner in 1..self.offsets.len() {
            let run = self.offsets[learner - 1] as usize..self.offsets[learner] as usize;
            let strict = self.time[run.clone()].is_sorted_by(|a, b| a < b);
            if strict && run.len() <= self.log.cap as usize {
                continue;
            }
            plain = false;
            let mut order: Vec<usize> = run.clone().collect();
            if order.is_sorted_by(|a, b| self.compare(*a, *b) != Ordering::Greater) {
                continue;
            }
            order.sort_by(|a, b| self.compare(*a, *b));
            permute(&mut self.time, &order, run.start);
            permute(&mut self.item, &order, run.start);
            permute(&mut self.row, &order, run.start);
        }
        plain
    }

    /// Counts identical rows, drops them if asked, and caps a learner's events per (UTC) day.
    pub(crate) fn tidy(&mut self) -> Tidy {
        let mut tidy = Tidy::default();
        let mut keep = vec![true; self.time.len()];
        for learner in 1..self.offsets.len() {
            let (from, to) = (
                self.offsets[learner - 1] as usize,
                self.offsets[learner] as usize,
            );
            let (mut today, mut until) = (0_u32, i64::MIN);
            for (event, keep) in (from..to).zip(&mut keep[from..to]) {
                if event > from && self.identical(event - 1, event) {
                    tidy.identical += 1;
                    if self.log.drop_identical {
                        tidy.dropped += 1;
                        *keep = false;
                        continue;
                    }
                }
                let time = self.time[event];
                if time >= until {
                    until = (time.div_euclid(DAY) + 1) * DAY;
                    today = 0;
                }
                today += 1;
                if today > self.log.cap {
                    tidy.capped.push(Reject {
                        row: u64::from(self.row[event]),
                        column: "time",
                        reason: Reason::Capped,
                    });
                    *keep = false;
                }
            }
        }
        if keep.contains(&false) {
            self.retain(&keep);
        }
        tidy
    }

    /// Whether two events are the same in every column and have no ids to tell them apart.
    fn identical(&self, a: usize, b: usize) -> bool {
        let identified = self.log.identified;
        let free = |event| identified.is_none_or(|ids| !ids[self.row[event] as usize]);
        self.time[a] == self.time[b] && self.compare(a, b) == Ordering::Equal && free(a) && free(b)
    }

    fn retain(&mut self, keep: &[bool]) {
        let mut kept = vec![0_u32];
        kept.extend(keep.iter().scan(0, |sum, keep| {
            *sum += u32::from(*keep);
            Some(*sum)
        }));
        for bound in &mut self.offsets {
            *bound = kept[*bound as usize];
        }
        filter(&mut self.time, keep);
        filter(&mut self.item, keep);
        filter(&mut self.row, keep);
    }
}

/// Rearranges a stretch of a column: what stood at `order[i]` comes to `from + i`.
fn permute<T: Copy>(column: &mut [T], order: &[usize], from: usize) {
    let sorted: Vec<T> = order.iter().map(|at| column[*at]).collect();
    column[from..from + sorted.len()].copy_from_slice(&sorted);
}

/// Keeps some values of a column.
fn filter<T>(column: &mut Vec<T>, keep: &[bool]) {
    let mut keep = keep.iter();
    column.retain(|_| keep.next().copied().unwrap_or(true));
}
