//! Learning Data: validated, numbered, one run per learner in time order. Immutable.

use std::any::Any;
use std::sync::{Arc, OnceLock};

use polars::prelude::*;

use super::calendar::Zone;
use super::catalog::Items;
use super::facts::Facts;
use super::ids::{Id, Ids, NONE};
use super::job::Job;
use super::quality::{Quality, SourceReport};
use super::runs::{Partition, Run};
use super::schema::Extra;
use super::segments::Segments;
use super::span::DAY;
use crate::error::{Error, Result};

/// The tables that may stand beside the log.
#[derive(Debug, Clone, Default)]
pub struct Tables {
    /// `content, course, module, kind, position, available_from, due, expected_duration, ...`
    pub catalog: Option<DataFrame>,
    /// `course, starts, ends, term`
    pub courses: Option<DataFrame>,
    /// `learner, course, start, end, outcome`
    pub enrollments: Option<DataFrame>,
    /// `group, learner, course, since, until, parent`
    pub memberships: Option<DataFrame>,
    /// `learner, tz, age_ok, eligible`
    pub learners: Option<DataFrame>,
    /// `learner, purpose, granted, time`
    pub consents: Option<DataFrame>,
    /// `person, group, role`
    pub roles: Option<DataFrame>,
}

/// What to do with identical rows that have no id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Duplicates {
    /// Keep and count them: two clicks in one second are two clicks.
    #[default]
    Keep,
    /// Keep one of each.
    Drop,
}

/// How finely the log tells time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Resolution {
    /// To the second or finer.
    Instant,
    /// To the day: what needs minutes is null.
    Day,
}

/// How to read the log.
#[derive(Debug, Clone)]
pub struct Options {
    /// Our column names with those of the source: `("learner", "user_id")`.
    pub columns: Vec<(String, String)>,
    /// The zone of times without an offset and of learners without a zone of their own.
    pub tz: Option<String>,
    /// When a local day begins, in microseconds after midnight.
    pub day_start: i64,
    /// Columns outside the schema.
    pub extra: Extra,
    /// Identical rows without ids.
    pub duplicates: Duplicates,
    /// `None`: found out from the times.
    pub resolution: Option<Resolution>,
    /// The present; events more than ten minutes later are rejected.
    pub now: Option<i64>,
    /// When the platform began; earlier events are rejected.
    pub epoch: i64,
    /// Longer measured durations are cut to this.
    pub max_duration: i64,
    /// A learner's further events on one (UTC) day are rejected.
    pub max_events_per_day: u32,
    /// What reading a foreign format told, for `quality` and `rejected`.
    pub source: SourceReport,
    /// Watches and stops the work.
    pub job: Option<Arc<Job>>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            columns: Vec::new(),
            tz: None,
            day_start: 0,
            extra: Extra::Refuse,
            duplicates: Duplicates::Keep,
            resolution: None,
            now: None,
            epoch: 631_152_000_000_000, // 1990-01-01
            max_duration: DAY,
            max_events_per_day: 20_000,
            source: SourceReport::default(),
            job: None,
        }
    }
}

/// A glance at Learning Data.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Overview {
    /// Learners with events or on any roster.
    pub learners: usize,
    /// Events kept.
    pub events: usize,
    /// Courses.
    pub courses: usize,
    /// Contents.
    pub contents: usize,
    /// First and last event, UTC microseconds.
    pub span: Option<(i64, i64)>,
    /// The data set's time zone.
    pub tz: String,
    /// How finely the log tells time.
    pub resolution: Resolution,
    /// Rows in quarantine.
    pub rejected: usize,
    /// The tables given beside the log.
    pub tables: Vec<&'static str>,
}

/// Learning Data: who studied what, when. Cheap to clone.
#[derive(Clone)]
pub struct LearningData {
    pub(crate) inner: Arc<Inner>,
}

pub(crate) struct Inner {
    pub(crate) partitions: Vec<Partition>,
    pub(crate) shift: u32,
    pub(crate) learners: Ids,
    pub(crate) contents: Arc<Ids>,
    pub(crate) courses: Arc<Ids>,
    pub(crate) modules: Arc<Ids>,
    pub(crate) groups: Arc<Ids>,
    /// Who has a role.
    pub(crate) persons: Arc<Ids>,
    /// What players say was watched; events hold places in it.
    pub(crate) segments: Arc<Segments>,
    pub(crate) responses: Arc<Ids>,
    pub(crate) items: Arc<Items>,
    pub(crate) facts: Facts,
    pub(crate) zone: Zone,
    pub(crate) day_start: i64,
    pub(crate) resolution: Resolution,
    /// The newest instant the log knows of.
    pub(crate) newest: Option<i64>,
    pub(crate) quality: Quality,
    pub(crate) tables: Vec<&'static str>,
    /// Shared by all clones: what a later layer must remember about this data.
    pub(crate) slot: OnceLock<Box<dyn Any + Send + Sync>>,
    /// Whether this is a viewer's part: asking for anybody else is denied.
    pub(crate) denies: bool,
}

impl std::fmt::Debug for LearningData {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("LearningData")
            .field(&self.overview())
            .finish()
    }
}

impl LearningData {
    /// Validates a log and its tables, numbers the ids and puts each learner's events in order.
    ///
    /// Rows that cannot be understood go to quarantine ([`Self::rejected`]); the result does not
    /// depend on the order of the rows.
    ///
    /// # Errors
    /// [`crate::Error::Schema`] for missing, unknown or mistyped columns and Personal
    /// Identifiers, [`crate::Error::Parameter`] for bad options, [`crate::Error::Cancelled`].
    pub fn new(events: DataFrame, tables: Tables, options: &Options) -> Result<Self> {
        let inner = super::build::build(&events, &tables, options)?;
        Ok(Self {
            inner: Arc::new(inner),
        })
    }

    /// What came in and what was kept, at a glance.
    pub fn overview(&self) -> Overview {
        let inner = &self.inner;
        let events = inner.partitions.iter().map(|p| p.time.len()).sum();
        let facts = &inner.facts;
        let mut known = vec![false; inner.learners.len()];
        let active = inner.partitions.iter().flat_map(Partition::runs);
        let active = active
            .filter(|(_, run)| !run.time.is_empty())
            .map(|(l, _)| l);
        let enrolled = facts.enrollments.iter().flatten().map(|row| row.learner);
        let members = facts.memberships.iter().flatten().map(|row| row.learner);
        for learner in active.chain(enrolled).chain(members) {
            if let Some(slot) = known.get_mut(learner as usize) {
                *slot = true;
            }
        }
        let spans = || inner.partitions.iter().filter_map(Partition::span);
        let first = spans().map(|(first, _)| first).min();
        let last = spans().map(|(_, last)| last).max();
        Overview {
            learners: known.into_iter().filter(|known| *known).count(),
            events,
            courses: inner.courses.len(),
            contents: inner.contents.len(),
            span: first.zip(last),
            tz: inner.zone.name().to_owned(),
            resolution: inner.resolution,
            rejected: inner.quality.rejected_rows(),
            tables: inner.tables.clone(),
        }
    }

    /// `table, row, column, reason`: every row in quarantine, with the first thing wrong in it.
    ///
    /// # Errors
    /// Only if polars cannot build the table.
    pub fn rejected(&self) -> Result<DataFrame> {
        self.inner.quality.rejected_frame()
    }

    /// `table, finding, rows`: what was read, kept, rejected and noticed.
    ///
    /// # Errors
    /// Only if polars cannot build the table.
    pub fn quality(&self) -> Result<DataFrame> {
        self.inner.quality.frame()
    }

    /// The instant of a local time of the data set's zone, for arguments such as `as_of`.
    /// `None` where daylight saving skips or doubles it.
    pub fn instant(&self, local: i64) -> Option<i64> {
        self.inner.zone.instant(local)
    }

    /// The data set's time zone.
    pub fn tz(&self) -> &str {
        self.inner.zone.name()
    }
}

impl Inner {
    /// The dense id of a learner.
    ///
    /// # Errors
    /// [`Error::NoSuchLearner`]; [`Error::Parameter`] for an id of a kind that no learner has;
    /// [`Error::Denied`] for either in a viewer's part.
    pub(crate) fn learner(&self, id: &Id) -> Result<u32> {
        if let Some(dense) = self.learners.find(id) {
            return Ok(dense);
        }
        if self.denies {
            return Err(Error::Denied);
        }
        let (expected, got) = match (&self.learners, id) {
            (Ids::Ints(known), Id::Text(_)) if !known.is_empty() => ("an integer", "a string"),
            (Ids::Texts(known), Id::Int(_)) if !known.is_empty() => ("a string", "an integer"),
            _ => return Err(Error::NoSuchLearner),
        };
        let expected = format!("{expected}, as the ids of these learners are");
        Err(Error::parameter("learner", expected, got))
    }

    pub(crate) fn zone_of(&self, learner: u32) -> &Zone {
        self.facts
            .zone_of
            .get(learner as usize)
            .copied()
            .flatten()
            .and_then(|place| self.facts.zones.get(place as usize))
            .unwrap_or(&self.zone)
    }

    /// A learner's events; `None` for learners that are only on rosters.
    pub(crate) fn run_of(&self, learner: u32) -> Option<Run<'_>> {
        let part = (learner >> self.shift) as usize;
        self.partitions.get(part)?.run_of(learner)
    }

    pub(crate) fn starts(&self, course: u32) -> Option<i64> {
        self.facts.starts.get(course as usize).copied().flatten()
    }

    pub(crate) fn ends(&self, course: u32) -> Option<i64> {
        self.facts.ends.get(course as usize).copied().flatten()
    }

    /// The default of `as_of`.
    pub(crate) fn newest(&self) -> i64 {
        self.newest.unwrap_or(0)
    }

    /// A column of learner ids.
    pub(crate) fn learner_column(&self, dense: &[u32]) -> Column {
        self.learners.column("learner", dense)
    }

    /// A column of course ids.
    pub(crate) fn course_column(&self, dense: &[u32]) -> Column {
        self.courses.column("course", dense)
    }

    /// A column of the contents of items; null for [`NONE`].
    pub(crate) fn content_column(&self, name: &str, items: &[u32]) -> Column {
        let contents: Vec<u32> = items
            .iter()
            .map(|item| {
                self.items
                    .content
                    .get(*item as usize)
                    .copied()
                    .unwrap_or(NONE)
            })
            .collect();
        self.contents.column(name, &contents)
    }
}
