//! The ids of the log, numbered block by block, and which of its rows may come in.

use std::cmp::Ordering;

use polars::prelude::*;
use rayon::prelude::*;

use super::duplicates;
use super::encode::{IdColumn, Rows, encode_pairs};
use super::families::{Families, Gathering};
use super::ids::LIMIT;
use super::job::Job;
use super::lanes::{Lanes, compare};
use super::partition::{BLOCK, Numbered};
use super::quality::Reject;
use crate::error::Result;

/// The id columns of the log.
pub(crate) struct LogIds {
    pub(crate) learner: IdColumn,
    pub(crate) content: IdColumn,
    course: Option<IdColumn>,
    session: Option<IdColumn>,
    response: Option<IdColumn>,
    event: Option<IdColumn>,
}

impl LogIds {
    /// Reads the id columns.
    ///
    /// # Errors
    /// [`crate::Error::Schema`] for a type that cannot be an id.
    pub(crate) fn new(log: &DataFrame) -> Result<Self> {
        let optional = |name: &str| {
            let column = log.column(name).ok();
            column
                .map(|column| IdColumn::new("events", column))
                .transpose()
        };
        Ok(Self {
            learner: IdColumn::new("events", log.column("learner")?)?,
            content: IdColumn::new("events", log.column("content")?)?,
            course: optional("course")?,
            session: optional("session")?,
            response: optional("response")?,
            event: optional("id")?,
        })
    }

    /// Numbers the rows, each thread some of the blocks; the distinct values go to the gathering.
    ///
    /// # Errors
    /// [`crate::Error::Cancelled`] if the job is stopped.
    pub(crate) fn number<'a>(
        &'a self,
        gathering: &mut Gathering<'a>,
        job: &Job,
    ) -> Result<Numbering> {
        let height = self.learner.len();
        let threads = rayon::current_num_threads().min(16);
        let blocks = Rows::split(height, height.div_ceil(threads).min(BLOCK));
        // Turn by turn, so that the memory of any stretch of blocks comes from all threads alike.
        let encoded: Vec<_> = (0..threads.min(blocks.len()))
            .into_par_iter()
            .map(|thread| {
                let own: Vec<Rows> = blocks
                    .iter()
                    .skip(thread)
                    .step_by(threads)
                    .copied()
                    .collect();
                let half = own.iter().map(|rows| rows.len).sum::<usize>() / 2;
                let learners = self.learner.encode(&own);
                job.advance(half)?;
                let pairs = encode_pairs(&self.content, self.course.as_ref(), &own);
                job.advance(half)?;
                Ok((learners, pairs))
            })
            .collect::<Result<_>>()?;
        let mut all = Numbering {
            blocks: Vec::with_capacity(blocks.len()),
            places: Vec::with_capacity(encoded.len()),
        };
        let mut codes = Vec::with_capacity(encoded.len());
        for ((learner, values), pairs) in encoded {
            all.places.push(Place {
                learner: gathering.add("events", "learner", values),
                content: gathering.add("events", "content", pairs.contents),
                course: gathering.add("events", "course", pairs.courses),
                pairs: pairs.meaning,
            });
            codes.push(learner.into_iter().zip(pairs.codes));
        }
        for (rows, place) in blocks.into_iter().zip((0..codes.len()).cycle()) {
            if let Some((learner, item)) = codes.get_mut(place).and_then(Iterator::next) {
                all.blocks.push(Numbered {
                    rows,
                    place,
                    learner,
                    item,
                });
            }
        }
        for (name, ids) in [("session", &self.session), ("response", &self.response)] {
            if let Some(ids) = ids {
                gathering.add_column("events", name, ids);
            }
        }
        Ok(all)
    }
}

/// Where the values of a thread's blocks went.
struct Place {
    learner: usize,
    content: usize,
    course: usize,
    pairs: Vec<(u32, u32)>,
}

/// The log, numbered.
pub(crate) struct Numbering {
    pub(crate) blocks: Vec<Numbered>,
    places: Vec<Place>,
}

impl Numbering {
    /// The (content, course) pairs of each place, in dense ids.
    pub(crate) fn pairs(&self, families: &Families<'_>) -> Vec<Vec<(u32, u32)>> {
        let dense = |map: &[u32], code: u32| map.get(code as usize).copied().unwrap_or(code);
        let settle = |place: &Place| {
            let contents = families.map("content", place.content);
            let courses = families.map("course", place.course);
            let pair = |(content, course): &(u32, u32)| {
                (dense(contents, *content), dense(courses, *course))
            };
            place.pairs.iter().map(pair).collect()
        };
        self.places.iter().map(settle).collect()
    }

    /// Makes all numbers dense; what has none is rejected.
    pub(crate) fn resolve(
        &mut self,
        families: &Families<'_>,
        items: &[Vec<u32>],
        under_age: &[bool],
    ) -> Vec<Reject> {
        let places = &self.places;
        self.blocks
            .par_iter_mut()
            .filter_map(|block| {
                let (place, items) = (places.get(block.place)?, items.get(block.place)?);
                let learners = families.map("learner", place.learner);
                Some(block.resolve(learners, items, under_age))
            })
            .flatten_iter()
            .collect()
    }

    /// Learner and item of a row.
    fn at(&self, row: usize) -> Option<(u32, u32)> {
        let block = self
            .blocks
            .partition_point(|block| block.rows.first + block.rows.len <= row);
        let block = self.blocks.get(block)?;
        let at = row - block.rows.first;
        Some((*block.learner.get(at)?, *block.item.get(at)?))
    }
}

/// Which rows of the log stay out, and why.
pub(crate) struct Admission {
    /// `None`: all come in.
    skip: Option<Vec<bool>>,
    height: usize,
    pub(crate) rejects: Vec<Reject>,
    /// Rows whose event is there already.
    pub(crate) repeated: u64,
    /// Rows with an id of their own; they are never "identical".
    pub(crate) identified: Option<Vec<bool>>,
}

impl Admission {
    pub(crate) fn new(height: usize) -> Self {
        Self {
            skip: None,
            height,
            rejects: Vec::new(),
            repeated: 0,
            identified: None,
        }
    }

    /// Keeps rows out, for a reason.
    pub(crate) fn refuse(&mut self, rejects: Vec<Reject>) {
        self.mark(rejects.iter().map(|reject| reject.row));
        self.rejects.extend(rejects);
    }

    fn mark(&mut self, rows: impl Iterator<Item = u64>) {
        for row in rows {
            let skip = self.skip.get_or_insert_with(|| vec![false; self.height]);
            if let Some(slot) = usize::try_from(row).ok().and_then(|row| skip.get_mut(row)) {
                *slot = true;
            }
        }
    }

    /// Keeps out events that came twice.
    pub(crate) fn find_duplicates(
        &mut self,
        ids: &LogIds,
        log: &Numbering,
        time: &Int64Chunked,
        lanes: &Lanes,
    ) {
        let Some(events) = &ids.event else {
            return;
        };
        let body = |row: usize| {
            log.at(row)
                .map(|(learner, item)| (learner, time.get(row), item))
        };
        let learner = |row: usize| log.at(row).map(|(learner, _)| learner);
        let order = |a: usize, b: usize| -> Ordering {
            let row = |row| u32::try_from(row).unwrap_or(LIMIT);
            let bodies = body(a).cmp(&body(b));
            bodies.then_with(|| compare(lanes, row(a), row(b)))
        };
        let found = duplicates::find(events, self.skip.as_deref(), learner, order);
        self.repeated = found.repeated.len() as u64;
        self.mark(found.repeated.iter().map(|row| *row as u64));
        self.refuse(found.rejects);
        self.identified = Some(events.present());
    }

    /// Takes the rows that stay out from the log.
    pub(crate) fn apply(&self, log: &mut Numbering) {
        if let Some(skip) = &self.skip {
            for block in &mut log.blocks {
                block.leave_out(skip);
            }
        }
    }
}
