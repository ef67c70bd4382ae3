//! Personal Learning Analytics: each learner's own events become her own measures.

pub(crate) mod assessments;
mod attempts;
mod completing;
mod completion;
pub(crate) mod courses;
mod credits;
pub(crate) mod crowd;
mod delay;
mod engagement;
mod estimator;
pub(crate) mod flows;
mod frames;
mod frequency;
mod funnels;
mod grid;
mod heat;
mod lags;
mod measure;
mod navigation;
mod pace;
pub(crate) mod participation;
mod paths;
pub(crate) mod peaks;
mod periods;
mod playing;
mod progress;
mod progress_over_time;
mod regularity;
mod sensitivity;
mod sessions;
mod shared;
mod slots;
mod spells;
mod splits;
pub(crate) mod status;
mod studied;
pub(crate) mod summary;
mod tables;
mod video;
mod walk;
mod watching;
mod week_cut;
mod week_pairs;
mod weekly;
mod weekly_pass;
mod weekly_table;

use std::borrow::Cow;
use std::sync::Arc;

use polars::prelude::DataFrame;

pub use completion::Rule;
pub use estimator::{AttributeTo, Credit, Estimator, Measured, Sessions, StudyTime};
pub use frequency::Streaks;
pub use funnels::Order;
pub use navigation::Place;
pub use sensitivity::{Sensitivity, usual_estimators};
pub use splits::{Split, Week};
pub use status::Status;
pub use tables::Table;
pub use watching::Open;

use crate::data::calendar::LATEST;
use crate::data::lanes::Field;
use crate::data::{DAY, Id, Inner, Job, LearningData, Overview, Resolution, SECOND, show_span};
use crate::error::{Error, Result};
use completion::Completion;
use courses::{Courses, Per};
use flows::{Flow, Flows, Window};
use summary::{DAY_RESOLUTION, NO_CATALOG, Records};
use walk::Walk;

/// What to compute, as of when.
#[derive(Debug, Clone)]
pub struct PersonalOptions {
    /// The study time estimator.
    pub study_time: StudyTime,
    /// Only what was known then counts (UTC microseconds); default: the newest instant of the log.
    pub as_of: Option<i64>,
    /// After this long without activity a learner counts as stopped (microseconds).
    pub inactivity: i64,
    /// Completion rules by kind of content that replace the defaults.
    pub completion: Vec<(String, Rule)>,
    /// Watches and stops the work.
    pub job: Option<Arc<Job>>,
}

impl Default for PersonalOptions {
    fn default() -> Self {
        Self {
            study_time: StudyTime::default(),
            as_of: None,
            inactivity: 14 * DAY,
            completion: Vec::new(),
            job: None,
        }
    }
}

/// Each learner's own measures. A learner's numbers depend on her events and the catalog only.
#[derive(Debug, Clone)]
pub struct PersonalAnalytics {
    data: LearningData,
    options: PersonalOptions,
    as_of: i64,
    only: Option<u32>,
}

impl LearningData {
    /// Personal Learning Analytics of every learner.
    ///
    /// # Errors
    /// [`Error::Parameter`] for options without a meaning.
    pub fn personal(&self, options: &PersonalOptions) -> Result<PersonalAnalytics> {
        options.study_time.check()?;
        if options.inactivity <= 0 {
            let got = show_span(options.inactivity);
            return Err(Error::parameter("inactivity", "longer than 0s", got));
        }
        let pla = PersonalAnalytics {
            data: self.clone(),
            // Beyond these nothing changes, and sums stay far from the limits of the type.
            as_of: options
                .as_of
                .unwrap_or_else(|| self.inner.newest())
                .clamp(-LATEST, 2 * LATEST),
            options: options.clone(),
            only: None,
        };
        pla.completion()?;
        Ok(pla)
    }
}

impl PersonalAnalytics {
    /// The same analytics of one learner alone: her own view.
    ///
    /// # Errors
    /// [`Error::NoSuchLearner`], [`Error::Parameter`] for a string where ids are integers, or the
    /// other way round.
    pub fn learner(&self, id: &Id) -> Result<Self> {
        let learner = self.inner().learner(id)?;
        if self.only.is_some_and(|only| only != learner) {
            return Err(Error::NoSuchLearner);
        }
        Ok(Self {
            only: Some(learner),
            ..self.clone()
        })
    }

    /// The same analytics, watched by a job.
    #[must_use]
    pub fn watched_by(&self, job: Arc<Job>) -> Self {
        let mut own = self.clone();
        own.options.job = Some(job);
        own
    }

    /// Only what was known then counts, in UTC microseconds.
    pub fn as_of(&self) -> i64 {
        self.as_of
    }

    /// What they rest on, at a glance.
    pub fn overview(&self) -> Overview {
        self.data.overview()
    }

    /// The columns that are null throughout, and why.
    pub fn reasons(&self) -> Vec<(String, String)> {
        let mut reasons = Vec::new();
        let mut say = |columns: &[&str], reason: &str| {
            reasons.extend(columns.iter().map(|c| ((*c).to_owned(), reason.to_owned())));
        };
        if self.inner().resolution == Resolution::Day {
            say(&["sessions", "study_time", "active_hours"], DAY_RESOLUTION);
            say(regularity::BY_HOUR, DAY_RESOLUTION);
            say(&["window_study_time", "cram_share"], DAY_RESOLUTION);
            say(&["accesses", "lag_median", "lags"], DAY_RESOLUTION);
            say(weekly_table::BY_MINUTES, DAY_RESOLUTION);
        }
        let items = &self.inner().items;
        let positions = ["furthest_content", "furthest_position"];
        if !items.known {
            say(&["completed", "progress"], NO_CATALOG);
            say(&positions, NO_CATALOG);
            say(weekly_table::BY_CATALOG, NO_CATALOG);
        } else if items.entry.iter().flatten().all(|e| e.position.is_none()) {
            say(&positions, "no positions in the catalog");
        }
        reasons
    }

    /// The estimator and the moment, in one line.
    pub fn describe(&self) -> String {
        self.options.study_time.describe()
    }

    fn inner(&self) -> &Inner {
        &self.data.inner
    }

    fn walk(&self) -> Walk<'_> {
        Walk {
            data: self.inner(),
            as_of: self.as_of,
            rule: &self.options.study_time,
            only: self.only,
            job: self.options.job.as_deref(),
        }
    }

    fn completion(&self) -> Result<Completion> {
        let places = self.inner().partitions.iter().any(|p| {
            let has = |field: Field| p.lanes.get(field as usize).is_some_and(Option::is_some);
            has(Field::Position) || has(Field::Segments)
        });
        Completion::new(&self.inner().items, &self.options.completion, places)
    }

    pub(crate) fn records(&self, per: Per) -> Result<Records<'_>> {
        let walk = self.walk();
        let completion = self.completion()?;
        let positions = courses::positions(self.inner());
        let start = || Courses::new(&walk, per, &completion, &positions);
        let rows = Cow::Owned(walk.each(start, Courses::visit)?);
        Ok(Records::new(&walk, rows, self.options.inactivity))
    }

    /// One table alone.
    fn alone(&self, table: Table) -> Result<DataFrame> {
        Ok(self.tables(&[table])?.pop().unwrap_or_default())
    }

    /// Learner, course and what she did there in a window; nobody who did nothing.
    ///
    /// # Errors
    /// [`Error::Cancelled`] if the job is stopped.
    pub(crate) fn flows(&self, per: Per, window: Window) -> Result<Vec<(u32, u32, Flow)>> {
        let walk = self.walk();
        let completion = self.completion()?;
        walk.each(|| Flows::new(&walk, per, window, &completion), Flows::visit)
    }

    /// One row per learner and course: `learner, course, events, interactions, sessions,
    /// study_time, active_days, first_active, last_active, contents, completed, progress,
    /// furthest_content, furthest_position, last_content, status`.
    ///
    /// # Errors
    /// [`Error::Cancelled`] if the job is stopped.
    pub fn summary(&self) -> Result<DataFrame> {
        self.alone(Table::Summary)
    }

    /// One row per counted session: `learner, session, start, end, events, contents, courses,
    /// study_time`; empty for a log of days.
    ///
    /// # Errors
    /// [`Error::Cancelled`] if the job is stopped.
    pub fn sessions(&self) -> Result<DataFrame> {
        let walk = self.walk();
        walk.table(sessions::table(&walk))
    }

    /// Study time, split by any of [`Split`]; every split adds up to the total.
    ///
    /// # Errors
    /// [`Error::Parameter`] for a split asked twice, [`Error::Cancelled`].
    pub fn study_time(&self, by: &[Split], week: Week) -> Result<DataFrame> {
        let minutes = self.inner().resolution == Resolution::Instant;
        let by_course = by == [Split::Course];
        if by.is_empty() || (by_course && !minutes) {
            let per = if by_course { Per::Course } else { Per::Learner };
            let records = self.records(per)?;
            let rows: Vec<_> = records
                .rows()
                .map(|r| (r.learner, by_course.then_some(r.course), r.study_time))
                .collect();
            return splits::totals(self.inner(), &rows, by_course, minutes);
        }
        splits::table(&self.walk(), by, week)
    }

    /// Frequency, rhythm and streaks, per learner or per learner and course.
    ///
    /// # Errors
    /// [`Error::Parameter`] for a `min_activity` of 0, [`Error::Cancelled`].
    pub fn frequency(&self, by_course: bool, streaks: Streaks) -> Result<DataFrame> {
        if streaks.min_activity == 0 {
            return Err(Error::parameter("min_activity", "at least 1", 0));
        }
        let per = if by_course { Per::Course } else { Per::Learner };
        let walk = self.walk();
        walk.table(frequency::table(&walk, per, streaks))
    }

    /// Regularity of hours, days and weeks, per learner or per learner and course: `learner,
    /// (course,) pdh, pwd, ws1, ws2, ws3, fdh, fwh, fwd, fdh_normalized, fwh_normalized,
    /// fwd_normalized`. Null without activity, `ws*` with less than two active weeks, and what
    /// needs hours in a log of days.
    ///
    /// # Errors
    /// [`Error::Cancelled`] if the job is stopped.
    pub fn regularity(&self, by_course: bool) -> Result<DataFrame> {
        let per = if by_course { Per::Course } else { Per::Learner };
        let walk = self.walk();
        walk.table(regularity::table(&walk, per))
    }

    /// One row per learner and local day with activity or study time: `learner, day, events,
    /// active_hours, study_time`.
    ///
    /// # Errors
    /// [`Error::Cancelled`] if the job is stopped.
    pub fn activity_calendar(&self) -> Result<DataFrame> {
        let walk = self.walk();
        walk.table(heat::calendar(&walk))
    }

    /// One row per learner, weekday (1 is Monday) and local hour with activity or study time:
    /// `learner, weekday, hour, events, study_time`; empty for a log of days.
    ///
    /// # Errors
    /// [`Error::Cancelled`] if the job is stopped.
    pub fn activity_clock(&self) -> Result<DataFrame> {
        let walk = self.walk();
        walk.table(heat::clock(&walk))
    }

    /// How soon, how early and how spread out each learner works. One row per learner and content
    /// engaged with: `learner, course, content, available_from, due, first_active, delay,
    /// submitted, earliness, window_study_time, cram_share, active_days, accesses, lag_median`; or
    /// one per learner and course: `learner, course, contents, delay_median, delays,
    /// earliness_median, submissions, window_study_time, cram_share, lag_median, lags`.
    ///
    /// # Errors
    /// [`Error::Cancelled`] if the job is stopped.
    pub fn delay(&self, by_course: bool) -> Result<DataFrame> {
        let walk = self.walk();
        walk.table(if by_course {
            delay::courses(&walk)
        } else {
            delay::contents(&walk)
        })
    }

    /// Progress per learner and course, or per module as well.
    ///
    /// # Errors
    /// [`Error::Cancelled`] if the job is stopped.
    pub fn progress(&self, by_module: bool) -> Result<DataFrame> {
        if by_module {
            let positions = courses::positions(self.inner());
            return progress::by_module(&self.walk(), &self.completion()?, &positions);
        }
        self.alone(Table::Progress)
    }

    /// What each learner watched, per learner and content with playback: `learner, course,
    /// content, plays, pauses, seeks, watch_time, distinct, coverage, rewatch_share, furthest,
    /// completed, open, reason`.
    ///
    /// # Errors
    /// [`Error::Cancelled`] if the job is stopped.
    pub fn video(&self, open: Open) -> Result<DataFrame> {
        let walk = self.walk();
        walk.table(video::table(&walk, open))
    }

    /// Which seconds each learner watched, and how often, in steps of `width` microseconds:
    /// `learner, course, content, from_second, to_second, views`, one row for each run of
    /// neighbouring steps with as many views.
    ///
    /// # Errors
    /// [`Error::Parameter`] for a width that is not a number of whole seconds,
    /// [`Error::Cancelled`].
    pub fn video_segments(&self, width: i64) -> Result<DataFrame> {
        let seconds = u32::try_from(width / SECOND).unwrap_or(u32::MAX);
        if width % SECOND == 0 && (1..=video::LONGEST).contains(&seconds) {
            let walk = self.walk();
            return walk.table(video::segments(&walk, seconds));
        }
        let expected = "whole seconds, from 1s to 1d";
        Err(Error::parameter("width", expected, show_span(width)))
    }

    /// Standing and drop-off points per learner and course.
    ///
    /// # Errors
    /// [`Error::Cancelled`] if the job is stopped.
    pub fn drop_off(&self) -> Result<DataFrame> {
        self.alone(Table::DropOff)
    }
}
