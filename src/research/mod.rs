//! Differential privacy for what leaves the platform.
//!
//! *Any result could have come out almost equally (factor e^epsilon, slack delta; epsilon <= 1
//! and delta <= 0.000001 per purpose and year) without any one learner's data.*
//!
//! The way of a number: who counts is decided by **facts** (eligible, consent to the purpose in
//! force), the cells that each of them touches are **bounded**, the **budget** is looked at
//! before anything is computed and drawn on before anything is drawn, the **mechanism** adds the
//! noise, and the table leaves as [`Private`]. There is no row, token, sequence or time of a
//! learner in it, and no function that would give one.
//!
//! Neighbours are two sets of learning data of which one lacks everything of one learner: her
//! events and her rows in all tables. What names no learner is public: the catalog and the
//! courses table, the public grids, the form of the log (its columns, time zone and whether its
//! times tell more than days). The moment that numbers are as of is the caller's or the
//! clock's; the newest event would be somebody's.
//!
//! Tables whose rows are known from those public facts have every row, and cost no delta. Where
//! rows are there because learners made them (groups, contents without a catalog, pairs), those
//! below a threshold are absent, which costs delta.
//!
//! For batches only: how long a draw takes depends on the noise. What was spent stands in the
//! ledger of releases: in a file, for every process that opens it; without one, in memory, for
//! everything derived from one `LearningData`.
//!
//! Not promised: what one learner lets on about another, accounts that one person made, a
//! malicious host process, or secrecy of what is true of learners at large.

mod bounding;
mod budget;
mod certificate;
mod contents;
mod counts;
mod histogram;
mod mechanism;
mod private;
mod spending;
mod who;

#[cfg(test)]
mod attacks;
#[cfg(test)]
mod neighbours;
#[cfg(test)]
mod world;

use std::fmt;
use std::sync::Arc;

pub use certificate::Certificate;
pub use contents::Pairs;
pub use counts::Counted;
pub use private::Private;

use polars::prelude::Column;

use crate::data::{Job, LearningData, Purpose};
use crate::group::{By, Ledger, Metric, ledger_of};
use crate::personal::{PersonalAnalytics, PersonalOptions, StudyTime};
use crate::{Error, Result};
use bounding::{Bounded, Cell, Lots};
use budget::{Loss, Spent};
use mechanism::Mechanism;
use spending::Spending;

/// The most cells that a learner may be asked to count in.
const MOST: u32 = 10_000;

/// What each release costs, for which purpose, as of when.
#[derive(Debug, Clone)]
pub struct ResearchOptions {
    /// `Research` or `Recommendation`: whose consent is needed, and whose budget is spent.
    pub purpose: Purpose,
    /// What each release costs; at most 1 per purpose and year.
    pub epsilon: f64,
    /// What each release with a threshold costs besides; at most 0.000001 per purpose and year.
    pub delta: f64,
    /// The study time estimator.
    pub study_time: StudyTime,
    /// Only what was known then counts (UTC microseconds); default: the present.
    pub as_of: Option<i64>,
    /// The record of what was spent; `None`: one in memory, of this learning data alone.
    pub ledger: Option<Ledger>,
    /// Watches and stops the work.
    pub job: Option<Arc<Job>>,
}

impl ResearchOptions {
    /// Releases for research that cost `epsilon` each, and 0.000001 of delta where there is a
    /// threshold.
    pub fn new(epsilon: f64) -> Self {
        Self {
            purpose: Purpose::Research,
            epsilon,
            delta: 1e-6,
            study_time: StudyTime::default(),
            as_of: None,
            ledger: None,
            job: None,
        }
    }
}

/// Asks for tables that may leave the platform; every method spends and returns a [`Private`].
#[derive(Clone)]
pub struct Research {
    data: LearningData,
    options: ResearchOptions,
    loss: Loss,
    as_of: i64,
    spending: Spending,
    clock: fn() -> i64,
}

impl LearningData {
    /// Differentially private tables: counts, histograms, popularity and co-occurrence.
    ///
    /// Every call under one ledger (without one: every call on this data and on clones of it)
    /// shares one budget per purpose and year.
    ///
    /// ```
    /// use kohort::data::{LearningData, Options, Tables};
    /// use kohort::group::By;
    /// use kohort::research::{Counted, ResearchOptions};
    ///
    /// let log = kohort::simulate::Simulation { learners: 50, courses: 1, ..Default::default() }.run()?;
    /// let tables = Tables {
    ///     courses: Some(log.courses),
    ///     enrollments: Some(log.enrollments),
    ///     ..Default::default()
    /// };
    /// let data = LearningData::new(log.events, tables, &Options::default())?;
    /// let research = data.research(&ResearchOptions::new(0.25))?;
    /// let counts = research.counts(By::Course, Counted::Enrolled, 1)?;
    /// assert!(counts.certificate().verify());
    /// assert_eq!(research.left()?, (0.75, 1e-6));
    /// # Ok::<(), kohort::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Parameter`] for another purpose or a loss that no year has, [`Error::Schema`] if
    /// the catalog was derived from the log: its rows would tell what single learners did.
    pub fn research(&self, options: &ResearchOptions) -> Result<Research> {
        Research::new(self, options, present)
    }
}

/// The present, in UTC microseconds.
fn present() -> i64 {
    jiff::Timestamp::now().as_microsecond()
}

impl Research {
    fn new(data: &LearningData, options: &ResearchOptions, clock: fn() -> i64) -> Result<Self> {
        let loss = Loss::new(options.epsilon, options.delta)?;
        let purposes = [Purpose::Research, Purpose::Recommendation];
        if !purposes.contains(&options.purpose) {
            let expected = "\"research\" or \"recommendation\"";
            let got = format!("\"{}\"", options.purpose.word());
            return Err(Error::parameter("purpose", expected, got));
        }
        if data.inner.items.derived {
            let problem = "it was derived from the log, so its rows tell what single learners did; \
                           give the platform's own catalog, or none";
            return Err(Error::schema("catalog", problem));
        }
        options.study_time.check()?;
        let ledger = options.ledger.clone();
        Ok(Self {
            data: data.clone(),
            options: options.clone(),
            loss,
            as_of: options.as_of.unwrap_or_else(clock),
            spending: Spending::new(ledger.unwrap_or_else(|| ledger_of(&data.inner))),
            clock,
        })
    }

    /// How many learners each course or registered group has: `course, learners, ...` or
    /// `course, group, learners, ...`.
    ///
    /// Courses are those of the courses table and the catalog; without both, and for groups,
    /// small ones are absent. A learner counts in at most `contributions` of them.
    ///
    /// # Errors
    /// [`Error::Missing`] without the table that says who is in it, [`Error::BudgetSpent`], [`Error::Ledger`],
    /// [`Error::Parameter`] for `contributions` outside 1..=10000, [`Error::Cancelled`].
    pub fn counts(&self, by: By, counted: Counted, contributions: u32) -> Result<Private> {
        counts::release(self, by, counted, contributions)
    }

    /// How many learners of each course lie in each cell of the public grid of a metric:
    /// `course, metric, above, upper, unit, learners, ...`, for above < value <= upper; the
    /// outer cells hold what is beyond.
    ///
    /// A learner counts once in a course, in at most `contributions` courses, and not at all
    /// where her value cannot be known.
    ///
    /// # Errors
    /// [`Error::Missing`] without enrollments or what the metric needs, [`Error::BudgetSpent`], [`Error::Ledger`],
    /// [`Error::Parameter`] for `contributions` outside 1..=10000, [`Error::Cancelled`].
    pub fn histogram(&self, metric: Metric, contributions: u32) -> Result<Private> {
        histogram::release(self, metric, contributions)
    }

    /// How many learners used each content: `course, content, learners, ...`.
    ///
    /// With a catalog, every content in it and no other; without, those above the threshold. A
    /// learner counts for at most `contributions` contents, drawn by lot among hers.
    ///
    /// # Errors
    /// [`Error::BudgetSpent`], [`Error::Ledger`], [`Error::Parameter`] for `contributions` outside 1..=10000,
    /// [`Error::Cancelled`].
    pub fn popularity(&self, contributions: u32) -> Result<Private> {
        contents::popularity(self, contributions)
    }

    /// How many learners used both contents, or are enrolled in both courses: `course, content,
    /// other_course, other_content, learners, ...` or `course, other_course, learners, ...`,
    /// pairs above the threshold.
    ///
    /// A learner counts for at most `contributions` pairs, drawn by lot among hers.
    ///
    /// # Errors
    /// [`Error::Missing`] without enrollments (courses), [`Error::BudgetSpent`], [`Error::Ledger`],
    /// [`Error::Parameter`] for `contributions` outside 1..=10000, [`Error::Cancelled`].
    pub fn co_occurrence(&self, of: Pairs, contributions: u32) -> Result<Private> {
        contents::co_occurrence(self, of, contributions)
    }

    /// Epsilon and delta that are left for the purpose in this (UTC) year.
    ///
    /// # Errors
    /// [`Error::Ledger`] if the ledger cannot be used or trusted.
    pub fn left(&self) -> Result<(f64, f64)> {
        let left = self.spending.left(self.options.purpose, self.year())?;
        Ok((left.epsilon(), left.delta()))
    }

    /// Only what was known then counts, in UTC microseconds.
    pub fn as_of(&self) -> i64 {
        self.as_of
    }

    /// The year whose budget is spent, in UTC.
    pub fn year(&self) -> i16 {
        let now = jiff::Timestamp::from_microsecond((self.clock)()).unwrap_or_default();
        now.to_zoned(jiff::tz::TimeZone::UTC).year()
    }

    /// The same, its questions watched by a job.
    #[must_use]
    pub fn watched_by(&self, job: Arc<Job>) -> Self {
        let mut own = self.clone();
        own.options.job = Some(job);
        own
    }

    /// Answers a question: looks at the budget, computes, draws on the budget, then draws.
    fn ask(&self, question: &Question<'_>, bound: u32) -> Result<Private> {
        if !(1..=MOST).contains(&bound) {
            let expected = format!("in 1..={MOST}");
            return Err(Error::parameter("contributions", expected, bound));
        }
        let mechanism = match question.known {
            Some(_) => Mechanism::known(self.loss, bound)?,
            None => Mechanism::unknown(self.loss, bound)?,
        };
        let spent = Spent {
            purpose: self.options.purpose,
            year: self.year(),
            loss: mechanism.loss,
        };
        let job = self.options.job.as_deref();
        self.spending.allows(&spent, job)?;
        let lots = Lots::new(mechanism::key()?, bound);
        let exact = (question.tally)(&lots)?;
        let note = format!("{}, contributions {bound}", question.name);
        self.spending.spend(&spent, note, job)?;
        let noisy = mechanism.release(&exact, question.known.as_deref())?;
        let cells: Vec<Cell> = noisy.iter().map(|(cell, _)| *cell).collect();
        let keys = (question.keys)(&cells);
        let certificate = Certificate::new(question.name, &spent, &mechanism, self.as_of);
        Private::new(keys, &noisy, &mechanism, certificate)
    }

    /// Each learner's own measures, as of the same moment.
    fn personal(&self) -> Result<PersonalAnalytics> {
        self.data.personal(&PersonalOptions {
            study_time: self.options.study_time.clone(),
            as_of: Some(self.as_of),
            job: self.options.job.clone(),
            ..PersonalOptions::default()
        })
    }
}

type Tally<'a> = Box<dyn Fn(&Lots) -> Result<Bounded> + 'a>;
type Keys<'a> = Box<dyn Fn(&[Cell]) -> Vec<Column> + 'a>;

/// A table to be made.
struct Question<'a> {
    name: &'static str,
    /// The rows, if they are known without any learner's data.
    known: Option<Vec<Cell>>,
    /// The exact counts.
    tally: Tally<'a>,
    /// The key columns of cells.
    keys: Keys<'a>,
}

impl fmt::Debug for Research {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Research")
            .field("purpose", &self.options.purpose.word())
            .field("year", &self.year())
            .finish_non_exhaustive()
    }
}
