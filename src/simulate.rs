//! Learning data with known truth: for demos, benchmarks and tests of estimators.
//!
//! [`Simulation::run`] draws courses with planted drop-off modules, learners with study habits in
//! their own time zones, and every event they leave behind, and hands over beside the log what a
//! real log never tells: how long each learner truly studied and where each of them truly left.
//!
//! # What is simulated
//!
//! * A **course** has one module a week; a module has eight contents in syllabus order. Module *m*
//!   becomes available *m* weeks after the course starts. A course ends two weeks after its last
//!   module.
//! * A **learner** has a zone (some none: they live in UTC), two habitual hours and favourite
//!   weekdays in it, an ability, and an activity that is lognormal over learners. Some enroll in
//!   a second course, some never start, some have a phone that is often offline, so that whole
//!   sessions are `received` hours or days later.
//! * A **session** begins with `logged_in` and holds visits to contents: new ones in syllabus order
//!   and revisits to recent ones. It has its own session id. Two sessions of a learner never overlap.
//!
//! # What the truth means
//!
//! * After each event the learner is *on task* for a drawn time (playing a video: exactly the time
//!   until the next event). Now and then she is also *distracted* afterwards; a few distractions
//!   last longer than half an hour without ending the session. **True study time** is the sum of the
//!   times on task: with the unseen time after a session's last event, without the distractions.
//! * `truth_sessions`: one row per learner and session: `start` is the first event, `end` is when she
//!   really stopped (last event + its time on task), `study_time` the time on task in it. A session
//!   belongs to one course.
//! * `truth_learners`: one row per enrollment: sums of the above over its sessions; `events` are all its
//!   rows in the log, `enrolled` and `unenrolled` included. `finished` learners visit every
//!   required content at least once and thoroughly (videos to the end, quizzes submitted); the others
//!   leave at `left_module`, and `left_position` is the highest syllabus position they touched.
//!   Both are null for those who finish and for those who never start.
//! * `truth_drop_off`: one row per course and module. `hazard` is the planted probability that a learner
//!   who reaches the module leaves in it; `reached` and `left` are the realised numbers (`reached`: the
//!   furthest touched content stands in this module or a later one; `left`: in this one, and she did not
//!   finish). Those who never start are in neither. `left` counts everyone who leaves for good, also
//!   those whose last activity is so close to the end of the course that a log alone cannot tell.

#![expect(
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    clippy::cast_sign_loss,
    reason = "`check` bounds the sizes, and drawn quantities are clamped far below the types' limits"
)]

mod learner;
mod study;
mod tables;
mod world;

use polars::prelude::DataFrame;
use rayon::prelude::*;

use crate::{Error, Result};

/// Type of the ids of learners, courses, contents and sessions. Modules and groups are always text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Ids {
    /// Readable text such as `L7` and `algebra-1/3/video-2`.
    #[default]
    Text,
    /// Arbitrary, sparse, positive 64-bit integers.
    Integer,
}

/// What to simulate. Equal parameters give equal bytes, whatever the number of threads.
///
/// ```
/// use kohort::simulate::Simulation;
///
/// let simulated = Simulation { learners: 50, courses: 2, seed: 7, ..Simulation::default() }.run()?;
/// assert_eq!(simulated.learners.height(), 50);
/// assert_eq!(simulated.truth_drop_off.height(), 2 * 12);
/// # Ok::<(), kohort::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Simulation {
    /// Number of learners.
    pub learners: usize,
    /// Number of courses.
    pub courses: usize,
    /// Weeks a course teaches: one module each.
    pub weeks: usize,
    /// Seed of all random numbers.
    pub seed: u64,
    /// Type of the ids.
    pub ids: Ids,
    /// Mean number of events per learner, met within some 15 %. The visits that finishing a course
    /// implies set a floor of about 8 a week.
    pub events_per_learner: f64,
    /// Probability of leaving in an ordinary module.
    pub base_hazard: f64,
    /// Probability of leaving in a planted module (one or two per course).
    pub planted_hazard: f64,
    /// Share of enrollments without any activity.
    pub never_start: f64,
    /// Share of learners with a second course.
    pub second_course: f64,
    /// Share of learners whose phone is often offline: late `received` times.
    pub offline: f64,
    /// Share of learners below the age of consent (`age_ok` is false).
    pub under_age: f64,
}

impl Default for Simulation {
    fn default() -> Self {
        Self {
            learners: 1000,
            courses: 3,
            weeks: 12,
            seed: 0,
            ids: Ids::Text,
            events_per_learner: 200.0,
            base_hazard: 0.02,
            planted_hazard: 0.3,
            never_start: 0.08,
            second_course: 0.15,
            offline: 0.1,
            under_age: 0.0,
        }
    }
}

/// The tables of a learning-data set, and the truth behind them.
#[derive(Debug, Clone)]
pub struct Simulated {
    /// The log in time order: `learner, time, content, verb, course, session, position, position_to,
    /// length, score, success, attempt, received, id`.
    pub events: DataFrame,
    /// `content, course, module, kind, position, available_from, due, expected_duration, length,
    /// max_score, required, topics`.
    pub catalog: DataFrame,
    /// `course, starts, ends, term`.
    pub courses: DataFrame,
    /// `learner, course, start, end, outcome`.
    pub enrollments: DataFrame,
    /// Boards of a course: `group, learner, course, since`; a few of them are tiny.
    pub memberships: DataFrame,
    /// `learner, tz, age_ok, eligible`.
    pub learners: DataFrame,
    /// `learner, course, started, finished, withdrawn, left_module, left_position, events, sessions, study_time`.
    pub truth_learners: DataFrame,
    /// `learner, session, course, start, end, events, study_time`, by learner and start.
    pub truth_sessions: DataFrame,
    /// `course, module, position, planted, hazard, left, reached`; `position` is the module's, from 1.
    pub truth_drop_off: DataFrame,
}

impl Simulation {
    /// Draws the log, its tables and its truth.
    ///
    /// Each learner has a `ChaCha8` stream of her own, numbered by her index, so learners can be
    /// drawn in any order on any number of threads.
    ///
    /// # Errors
    /// [`Error::Parameter`] if a number is out of range.
    pub fn run(&self) -> Result<Simulated> {
        self.check()?;
        let world = world::World::draw(self)?;
        let rate = learner::rate(&world);
        let starts: Vec<usize> = (0..self.learners).step_by(LEARNERS_PER_CHUNK).collect();
        let mut chunks: Vec<study::Chunk> = starts
            .into_par_iter()
            .map(|from| {
                let to = (from + LEARNERS_PER_CHUNK).min(self.learners);
                let mut chunk = study::Chunk::default();
                (from..to).for_each(|index| study::learner(&world, index, rate, &mut chunk));
                chunk
            })
            .collect();
        tables::build(&world, &mut chunks)
    }

    fn check(&self) -> Result<()> {
        let count = |name, value: usize, most: usize| match value {
            v if (1..=most).contains(&v) => Ok(()),
            v => Err(Error::parameter(name, format!("from 1 to {most}"), v)),
        };
        let share = |name, value: f64| match value {
            v if (0.0..=1.0).contains(&v) => Ok(()),
            v => Err(Error::parameter(name, "a share from 0 to 1", v)),
        };
        count("learners", self.learners, 50_000_000)?;
        count("courses", self.courses, 10_000)?;
        count("weeks", self.weeks, 104)?;
        let most = 250.0 * self.weeks as f64;
        if !(1.0..=most).contains(&self.events_per_learner) {
            let expected = format!("from 1 to {most} (250 a week)");
            return Err(Error::parameter(
                "events_per_learner",
                expected,
                self.events_per_learner,
            ));
        }
        share("base_hazard", self.base_hazard)?;
        share("planted_hazard", self.planted_hazard)?;
        share("never_start", self.never_start)?;
        share("second_course", self.second_course)?;
        share("offline", self.offline)?;
        share("under_age", self.under_age)
    }
}

/// Fixed, so that nothing depends on the number of threads.
const LEARNERS_PER_CHUNK: usize = 256;
