//! The tables made of course records: summary, drop-off and progress by course.

use std::borrow::Cow;
use std::cell::OnceCell;

use polars::prelude::*;

use super::completion::Completion;
use super::courses::{Courses, Per, Record};
use super::frames::{
    Rows, SPAN, counts, frame, instants, lengths, module_of, modules, nothing, numbers, phrases,
    same, words,
};
use super::measure::Measure;
use super::splits;
use super::status::{Asked, Status, asked, inactive_days, status};
use super::walk::{Learner, Walk};
use crate::data::Inner;
use crate::data::ids::NONE;
use crate::data::lanes::NO_TIME;
use crate::error::Result;

/// The records of a pass with what is needed to read them.
pub(crate) struct Records<'a> {
    pub(crate) data: &'a Inner,
    rows: Cow<'a, [Record]>,
    pub(crate) asked: Vec<Asked>,
    pub(crate) as_of: i64,
    pub(crate) inactivity: i64,
    pub(crate) has_minutes: bool,
    shared: Shared,
}

/// Columns that several tables have, made for the first of them.
#[derive(Default)]
struct Shared {
    learners: OnceCell<Column>,
    courses: OnceCell<Column>,
    status: OnceCell<Column>,
    last_active: OnceCell<Column>,
    furthest_content: OnceCell<Column>,
    furthest_position: OnceCell<Column>,
    last_content: OnceCell<Column>,
    progress: OnceCell<Column>,
}

impl<'a> Records<'a> {
    pub(crate) fn new(walk: &Walk<'a>, rows: Cow<'a, [Record]>, inactivity: i64) -> Self {
        Self {
            data: walk.data,
            rows,
            asked: asked(walk.data, walk.as_of),
            as_of: walk.as_of,
            inactivity,
            has_minutes: walk.has_minutes(),
            shared: Shared::default(),
        }
    }
}

impl Records<'_> {
    /// The records, in order.
    pub(crate) fn rows(&self) -> impl Iterator<Item = &Record> + Clone {
        self.rows.iter()
    }

    pub(crate) fn len(&self) -> usize {
        self.rows.len()
    }

    /// What each record has of something.
    fn all<T>(&self, of: impl Fn(&Record) -> T) -> Vec<T> {
        self.rows.iter().map(of).collect()
    }

    fn asked(&self, record: &Record) -> Asked {
        let at = record.course.wrapping_add(1) as usize;
        self.asked.get(at).copied().unwrap_or_default()
    }

    pub(crate) fn status(&self, record: &Record) -> Status {
        status(
            self.data,
            record,
            self.asked(record),
            self.as_of,
            self.inactivity,
        )
    }

    /// Completed required contents over those available; `None` where none is asked.
    pub(crate) fn progress(&self, record: &Record) -> Option<f64> {
        let asked = self.asked(record).available;
        (self.data.items.known && asked > 0).then(|| f64::from(record.available) / f64::from(asked))
    }

    pub(super) fn learners(&self) -> Column {
        let make = || self.data.learner_column(&self.all(|r| r.learner));
        self.shared.learners.get_or_init(make).clone()
    }

    pub(super) fn courses(&self) -> Column {
        let make = || self.data.course_column(&self.all(|r| r.course));
        self.shared.courses.get_or_init(make).clone()
    }

    fn items(&self, name: &str, item: fn(&Record) -> u32) -> Column {
        self.data.content_column(name, &self.all(item))
    }

    fn furthest_content(&self) -> Column {
        let make = || self.items("furthest_content", |r| r.furthest);
        self.shared.furthest_content.get_or_init(make).clone()
    }

    fn furthest_position(&self) -> Column {
        let make = || self.item_positions("furthest_position", |r| r.furthest);
        self.shared.furthest_position.get_or_init(make).clone()
    }

    fn last_content(&self) -> Column {
        let make = || self.items("last_content", |r| r.last_item);
        self.shared.last_content.get_or_init(make).clone()
    }

    fn last_active(&self) -> Result<Column> {
        if let Some(made) = self.shared.last_active.get() {
            return Ok(made.clone());
        }
        let made = instants(self.data, "last_active", self.all(|r| r.last))?;
        Ok(self.shared.last_active.get_or_init(|| made).clone())
    }

    fn item_modules(&self, name: &str, item: fn(&Record) -> u32) -> Column {
        let dense = self.all(|r| module_of(self.data, item(r)));
        modules(self.data, name, &dense)
    }

    fn item_positions(&self, name: &str, item: fn(&Record) -> u32) -> Column {
        if !self.data.items.known {
            return nothing(name, &DataType::Float64, self.len());
        }
        let position = |r: &Record| {
            self.data
                .items
                .get(item(r))
                .and_then(|entry| entry.position)
        };
        numbers(name, self.rows().map(position))
    }

    /// Counts that are null throughout where they cannot be known.
    fn counts_if(&self, known: bool, name: &str, count: impl Fn(&Record) -> u32) -> Column {
        if known {
            counts(name, self.all(count))
        } else {
            nothing(name, &DataType::UInt32, self.len())
        }
    }

    /// One row per learner and course.
    pub(crate) fn summary(&self) -> Result<DataFrame> {
        let minutes = self.has_minutes;
        let known = self.data.items.known;
        let study_time = if minutes {
            lengths("study_time", self.all(|r| r.study_time))
        } else {
            nothing("study_time", &SPAN, self.len())
        };
        frame(
            self.len(),
            vec![
                self.learners(),
                self.courses(),
                counts("events", self.all(|r| r.events)),
                UInt64Chunked::from_vec("interactions".into(), self.all(|r| r.interactions))
                    .into_column(),
                self.counts_if(minutes, "sessions", |r| r.sessions),
                study_time,
                counts("active_days", self.all(|r| r.active_days)),
                instants(self.data, "first_active", self.all(|r| r.first))?,
                instants(self.data, "last_active", self.all(|r| r.last))?,
                counts("contents", self.all(|r| r.contents)),
                self.counts_if(known, "completed", |r| r.completed),
                self.progress_column(),
                self.furthest_content(),
                self.furthest_position(),
                self.last_content(),
                self.status_column()?,
            ],
        )
    }

    fn status_column(&self) -> Result<Column> {
        if let Some(made) = self.shared.status.get() {
            return Ok(made.clone());
        }
        let list = Status::ALL.map(Status::word);
        let made = words("status", &list, self.all(|r| self.status(r) as u32))?;
        Ok(self.shared.status.get_or_init(|| made).clone())
    }

    fn progress_column(&self) -> Column {
        let make = || {
            if self.data.items.known {
                numbers("progress", self.rows().map(|r| self.progress(r)))
            } else {
                nothing("progress", &DataType::Float64, self.len())
            }
        };
        self.shared.progress.get_or_init(make).clone()
    }

    /// Study time of each learner, her courses taken together.
    pub(crate) fn study_time(&self) -> Result<DataFrame> {
        let rows: Vec<&Record> = self.rows().collect();
        let total = |own: &[&Record]| {
            let learner = own.first().map_or(NONE, |r| r.learner);
            (learner, None, own.iter().map(|r| r.study_time).sum())
        };
        let totals = rows.chunk_by(|a, b| a.learner == b.learner).map(total);
        let totals: Vec<_> = totals.collect();
        splits::totals(self.data, &totals, false, self.has_minutes)
    }

    /// Standing and drop-off points.
    pub(crate) fn drop_off(&self) -> Result<DataFrame> {
        let rows = || self.rows();
        let start = |r: &Record| r.enrolled.and_then(|e| e.start).unwrap_or(NO_TIME);
        frame(
            self.len(),
            vec![
                self.learners(),
                self.courses(),
                self.status_column()?,
                instants(self.data, "enrolled", self.all(start))?,
                self.last_active()?,
                numbers(
                    "inactive_days",
                    rows().map(|r| inactive_days(self.data, r, self.as_of)),
                ),
                self.furthest_content(),
                self.item_modules("furthest_module", |r| r.furthest),
                self.furthest_position(),
                self.last_content(),
                self.item_modules("last_module", |r| r.last_item),
                self.item_positions("last_position", |r| r.last_item),
            ],
        )
    }

    /// Progress by course.
    pub(crate) fn progress_table(&self) -> Result<DataFrame> {
        let rows = || self.rows();
        let known = self.data.items.known;
        let weighted = |r: &Record| {
            let expected = self
                .asked(r)
                .expected
                .filter(|expected| known && *expected > 0)?;
            Some(r.expected as f64 / expected as f64)
        };
        frame(
            self.len(),
            vec![
                self.learners(),
                self.courses(),
                self.counts_if(known, "completed", |r| r.available),
                self.counts_if(known, "available", |r| self.asked(r).available),
                self.progress_column(),
                numbers("progress_weighted", rows().map(weighted)),
                if known {
                    phrases("reason", rows().map(|r| self.progress_reason(r)))?
                } else {
                    same("reason", NO_CATALOG, self.len())
                },
            ],
        )
    }

    fn progress_reason(&self, record: &Record) -> Option<&'static str> {
        let course = record.course != NONE;
        (self.asked(record).available == 0).then_some(if course {
            "no required content is available"
        } else {
            "no course"
        })
    }
}

/// The tables that are made of the records of one pass.
pub(super) fn measure<'a>(
    walk: &'a Walk<'a>,
    (completion, positions): (&'a Completion, &'a [f64]),
    inactivity: i64,
    tables: Vec<fn(&Records<'_>) -> Result<DataFrame>>,
) -> Measure<'a> {
    let start = move || Courses::new(walk, Per::Course, completion, positions);
    let finish = move |rows: &Rows<Record>| {
        let records = Records::new(walk, Cow::Borrowed(&rows.0), inactivity);
        tables.iter().map(|table| table(&records)).collect()
    };
    let visit = |courses: &mut Courses<'_>, learner: &Learner<'_>, out: &mut Vec<Record>| {
        out.extend_from_slice(learner.records(|all| courses.visit(learner, all)));
    };
    Measure::several(start, visit, finish)
}

/// Why progress is null without a catalog.
pub(crate) const NO_CATALOG: &str = "no catalog";
/// Why minutes are null in a log that only tells days.
pub(crate) const DAY_RESOLUTION: &str = "times have day resolution";
