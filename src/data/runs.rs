//! Learners' runs: the events of each, in time order, side by side in partitions.

#![expect(
    clippy::indexing_slicing,
    reason = "offsets bound the columns they were counted from"
)]

use super::lanes::{Field, Lane, Lanes};

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
    pub(crate) position_to: Option<&'a [f64]>,
    pub(crate) speed: Option<&'a [f64]>,
    pub(crate) length: Option<&'a [f64]>,
    /// Places in the table of segments.
    pub(crate) segments: Option<&'a [u32]>,
    pub(crate) score: Option<&'a [f64]>,
    pub(crate) success: Option<&'a [u8]>,
    pub(crate) attempt: Option<&'a [u32]>,
    pub(crate) response: Option<&'a [u32]>,
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

    fn numbers(&self, field: Field, from: usize, to: usize) -> Option<&[f64]> {
        match &self.lanes[field as usize] {
            Some(Lane::Numbers(values)) => values.get(from..to),
            _ => None,
        }
    }

    fn words(&self, field: Field, from: usize, to: usize) -> Option<&[u8]> {
        match &self.lanes[field as usize] {
            Some(Lane::Words(values)) => values.get(from..to),
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

    /// The rows of one learner of the partition.
    pub(crate) fn rows_of(&self, learner: u32) -> Option<std::ops::Range<u32>> {
        let at = learner.checked_sub(self.first)? as usize;
        Some(*self.offsets.get(at)?..*self.offsets.get(at + 1)?)
    }

    /// First and last event; each run tells its own by its ends.
    pub(crate) fn span(&self) -> Option<(i64, i64)> {
        let ends = self
            .runs()
            .filter_map(|(_, run)| Some((*run.time.first()?, *run.time.last()?)));
        ends.reduce(|a, b| (a.0.min(b.0), a.1.max(b.1)))
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
            verb: self.words(Field::Verb, from, to),
            session: self.wholes(Field::Session, from, to),
            duration: self.micros(Field::Duration, from, to),
            position: self.numbers(Field::Position, from, to),
            position_to: self.numbers(Field::PositionTo, from, to),
            speed: self.numbers(Field::Speed, from, to),
            length: self.numbers(Field::Length, from, to),
            segments: self.wholes(Field::Segments, from, to),
            score: self.numbers(Field::Score, from, to),
            success: self.words(Field::Success, from, to),
            attempt: self.wholes(Field::Attempt, from, to),
            response: self.wholes(Field::Response, from, to),
            count: self.wholes(Field::Count, from, to),
            received: self.micros(Field::Received, from, to),
        }
    }
}
