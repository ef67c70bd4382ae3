//! The tables made of course records: summary, drop-off and progress by course.

use polars::prelude::*;

use super::courses::Record;
use super::frames::{frame, module_of, modules, numbers, spans, texts, times, wholes};
use super::status::{Asked, Status, inactive_days, status};
use crate::data::Inner;
use crate::data::ids::NONE;
use crate::data::lanes::NO_TIME;
use crate::error::Result;

/// The records of a pass with what is needed to read them.
pub(crate) struct Records<'a> {
    pub(crate) data: &'a Inner,
    /// In order, as the walk over the parts of the data left them.
    pub(crate) parts: Vec<Vec<Record>>,
    pub(crate) asked: Vec<Asked>,
    pub(crate) as_of: i64,
    pub(crate) inactivity: i64,
    pub(crate) has_minutes: bool,
}

impl Records<'_> {
    /// The records, in order.
    pub(crate) fn rows(&self) -> impl Iterator<Item = &Record> + Clone {
        self.parts.iter().flatten()
    }

    fn len(&self) -> usize {
        self.parts.iter().map(Vec::len).sum()
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

    fn learners(&self) -> Column {
        let dense: Vec<u32> = self.rows().map(|r| r.learner).collect();
        self.data.learner_column(&dense)
    }

    fn courses(&self) -> Column {
        let dense: Vec<u32> = self.rows().map(|r| r.course).collect();
        self.data.course_column(&dense)
    }

    fn items(&self, name: &str, item: impl Fn(&Record) -> u32) -> Column {
        let items: Vec<u32> = self.rows().map(item).collect();
        self.data.content_column(name, &items)
    }

    fn item_modules(&self, name: &str, item: impl Fn(&Record) -> u32) -> Column {
        let dense: Vec<u32> = self.rows().map(|r| module_of(self.data, item(r))).collect();
        modules(self.data, name, &dense)
    }

    fn item_positions(&self, name: &str, item: impl Fn(&Record) -> u32) -> Column {
        let position = |r: &Record| {
            self.data
                .items
                .get(item(r))
                .and_then(|entry| entry.position)
        };
        numbers(name, self.rows().map(position))
    }

    /// One row per learner and course.
    pub(crate) fn summary(&self) -> Result<DataFrame> {
        let rows = || self.rows();
        let minutes = self.has_minutes;
        let known = self.data.items.known;
        let count =
            |name: &str, f: &dyn Fn(&Record) -> u32| wholes(name, rows().map(|r| Some(f(r))));
        let interactions: Vec<u64> = rows().map(|r| r.interactions).collect();
        frame(
            self.len(),
            vec![
                self.learners(),
                self.courses(),
                count("events", &|r| r.events),
                Column::new("interactions".into(), interactions),
                wholes("sessions", rows().map(|r| minutes.then_some(r.sessions))),
                spans(
                    "study_time",
                    rows().map(|r| minutes.then_some(r.study_time)),
                ),
                count("active_days", &|r| r.active_days),
                times(self.data, "first_active", rows().map(|r| r.first))?,
                times(self.data, "last_active", rows().map(|r| r.last))?,
                count("contents", &|r| r.contents),
                wholes("completed", rows().map(|r| known.then_some(r.completed))),
                numbers("progress", rows().map(|r| self.progress(r))),
                self.items("furthest_content", |r| r.furthest),
                self.item_positions("furthest_position", |r| r.furthest),
                self.items("last_content", |r| r.last_item),
                texts("status", rows().map(|r| Some(self.status(r).word()))),
            ],
        )
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
                texts("status", rows().map(|r| Some(self.status(r).word()))),
                times(self.data, "enrolled", rows().map(start))?,
                times(self.data, "last_active", rows().map(|r| r.last))?,
                numbers(
                    "inactive_days",
                    rows().map(|r| inactive_days(self.data, r, self.as_of)),
                ),
                self.items("furthest_content", |r| r.furthest),
                self.item_modules("furthest_module", |r| r.furthest),
                self.item_positions("furthest_position", |r| r.furthest),
                self.items("last_content", |r| r.last_item),
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
                wholes("completed", rows().map(|r| known.then_some(r.available))),
                wholes(
                    "available",
                    rows().map(|r| known.then_some(self.asked(r).available)),
                ),
                numbers("progress", rows().map(|r| self.progress(r))),
                numbers("progress_weighted", rows().map(weighted)),
                texts("reason", rows().map(|r| self.progress_reason(r))),
            ],
        )
    }

    fn progress_reason(&self, record: &Record) -> Option<&'static str> {
        if !self.data.items.known {
            return Some(NO_CATALOG);
        }
        let course = record.course != NONE;
        (self.asked(record).available == 0).then_some(if course {
            "no required content is available"
        } else {
            "no course"
        })
    }
}

/// Why progress is null without a catalog.
pub(crate) const NO_CATALOG: &str = "no catalog";
/// Why minutes are null in a log that only tells days.
pub(crate) const DAY_RESOLUTION: &str = "times have day resolution";
