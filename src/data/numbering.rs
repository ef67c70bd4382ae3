//! The ids of the log, numbered range by range, and which of its rows may come in.

use std::cmp::Ordering;

use polars::prelude::*;
use rayon::prelude::*;

use super::duplicates;
use super::encode::{IdColumn, Rows, encode_pairs};
use super::families::{Families, Gathering};
use super::ids::LIMIT;
use super::job::Job;
use super::lanes::{Lanes, compare};
use super::partition::Numbered;
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

    /// Numbers each range of rows within itself; the distinct values go to the gathering.
    ///
    /// # Errors
    /// [`crate::Error::Cancelled`] if the job is stopped.
    pub(crate) fn number<'a>(
        &'a self,
        gathering: &mut Gathering<'a>,
        job: &Job,
    ) -> Result<Numbering> {
        let height = self.learner.len();
        let ranges = Rows::split(height, rayon::current_num_threads().min(16));
        let encoded: Vec<_> = ranges
            .par_iter()
            .map(|rows| {
                let learners = self.learner.encode(*rows);
                job.advance(rows.len / 2)?;
                let pairs = encode_pairs(&self.content, self.course.as_ref(), *rows);
                job.advance(rows.len / 2)?;
                Ok((learners, pairs))
            })
            .collect::<Result<_>>()?;
        let mut all = Numbering {
            ranges: Vec::with_capacity(ranges.len()),
            places: Vec::with_capacity(ranges.len()),
        };
        for (rows, ((learner, values), pairs)) in ranges.iter().zip(encoded) {
            all.places.push(Place {
                learner: gathering.add("learner", values),
                content: gathering.add("content", pairs.contents),
                course: gathering.add("course", pairs.courses),
                pairs: pairs.meaning,
            });
            all.ranges.push(Numbered {
                rows: *rows,
                learner,
                item: pairs.codes,
            });
        }
        for (name, ids) in [("session", &self.session), ("response", &self.response)] {
            if let Some(ids) = ids {
                gathering.add_column("events", name, ids);
            }
        }
        Ok(all)
    }
}

/// Where the values of a range went.
struct Place {
    learner: usize,
    content: usize,
    course: usize,
    pairs: Vec<(u32, u32)>,
}

/// The log, numbered.
pub(crate) struct Numbering {
    pub(crate) ranges: Vec<Numbered>,
    places: Vec<Place>,
}

impl Numbering {
    /// The (content, course) pairs of each range, in dense ids.
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
        let places = self.places.par_iter().zip(items);
        self.ranges
            .par_iter_mut()
            .zip(places)
            .flat_map_iter(|(range, (place, items))| {
                range.resolve(families.map("learner", place.learner), items, under_age)
            })
            .collect()
    }

    /// Learner and item of a row.
    fn at(&self, row: usize) -> Option<(u32, u32)> {
        let range = self
            .ranges
            .partition_point(|range| range.rows.first + range.rows.len <= row);
        let range = self.ranges.get(range)?;
        let at = row - range.rows.first;
        Some((*range.learner.get(at)?, *range.item.get(at)?))
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
        let order = |a: usize, b: usize| -> Ordering {
            let row = |row| u32::try_from(row).unwrap_or(LIMIT);
            let bodies = body(a).cmp(&body(b));
            bodies.then_with(|| compare(lanes, row(a), row(b)))
        };
        let found = duplicates::find(events, self.skip.as_deref(), order);
        self.repeated = found.repeated.len() as u64;
        self.mark(found.repeated.iter().map(|row| *row as u64));
        self.refuse(found.rejects);
        self.identified = Some(events.present());
    }

    /// Takes the rows that stay out from the log.
    pub(crate) fn apply(&self, log: &mut Numbering) {
        if let Some(skip) = &self.skip {
            for range in &mut log.ranges {
                range.leave_out(skip);
            }
        }
    }
}
