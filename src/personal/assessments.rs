//! What came of a learner's attempts (METRICS: assessment): scores by content, responses by
//! attempt, struggle by course.

#![expect(
    clippy::indexing_slicing,
    reason = "items index arrays made for all of them, and chunks are never empty"
)]

use polars::prelude::*;

use super::PersonalAnalytics;
pub(crate) use super::attempts::Attempt;
use super::attempts::by_item;
use super::frames::{Rows, counts, flags, frame, instants, numbers, spans, wholes};
use super::measure::Measure;
use super::walk::{Learner, Walk};
use crate::data::Inner;
use crate::data::ids::NONE;
use crate::error::{Error, Result};

/// A learner's attempts at one content.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Assessed {
    pub(crate) learner: u32,
    pub(crate) item: u32,
    pub(crate) attempts: u32,
    /// Attempts with a score.
    pub(crate) scored: u32,
    pub(crate) first_score: Option<f64>,
    pub(crate) best_score: Option<f64>,
    pub(crate) last_score: Option<f64>,
    pub(crate) mean_score: Option<f64>,
    pub(crate) first_attempt: i64,
    pub(crate) last_attempt: i64,
    pub(crate) time_to_first_correct: Option<i64>,
    pub(crate) attempts_to_correct: Option<u32>,
    /// Whether an attempt was right; `None` if that cannot be known.
    pub(crate) passed: Option<bool>,
}

impl Assessed {
    /// Sums up the attempts at one item, in order.
    fn new(learner: u32, attempts: &[Attempt], pass_mark: Option<f64>) -> Self {
        let all = || attempts.iter().filter_map(|attempt| attempt.score);
        let scored = whole(all().count());
        let verdict = |attempt: &Attempt| attempt.correct(pass_mark);
        // An attempt before the first right one may have been right, if nobody says it was not.
        let settled = attempts.iter().position(|a| verdict(a) != Some(false));
        let first_right = settled.filter(|at| verdict(&attempts[*at]) == Some(true));
        let any_right = attempts.iter().any(|a| verdict(a) == Some(true));
        Self {
            learner,
            item: attempts[0].item,
            attempts: whole(attempts.len()),
            scored,
            first_score: all().next(),
            best_score: all().reduce(f64::max),
            last_score: all().next_back(),
            mean_score: (scored > 0).then(|| all().sum::<f64>() / f64::from(scored)),
            first_attempt: attempts[0].opened,
            last_attempt: attempts[attempts.len() - 1].opened,
            time_to_first_correct: first_right.map(|at| attempts[at].handed - attempts[0].opened),
            attempts_to_correct: first_right.map(|at| whole(at + 1)),
            passed: match settled {
                _ if any_right => Some(true),
                Some(_) => None,
                None => Some(false),
            },
        }
    }

    /// Last minus first score; one score is no change.
    fn improvement(&self) -> Option<f64> {
        let (last, first) = self.last_score.zip(self.first_score)?;
        (self.scored > 1).then_some(last - first)
    }
}

/// The measure: one entry for each content with attempts.
struct Assessments<'a> {
    walk: &'a Walk<'a>,
    pass_mark: Option<f64>,
}

impl Assessments<'_> {
    fn visit(&mut self, learner: &Learner<'_>, out: &mut Vec<Assessed>) {
        let rows = by_item(learner.attempts(self.walk));
        out.extend(rows.map(|own| Assessed::new(learner.id, own, self.pass_mark)));
    }
}

/// One attempt, as the matrix that item analysis stands on has it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Response {
    pub(crate) learner: u32,
    /// From 1, within learner and item.
    pub(crate) number: u32,
    pub(crate) attempt: Attempt,
}

/// The measure: one entry for each attempt.
struct Responses<'a>(&'a Walk<'a>);

impl Responses<'_> {
    fn visit(&mut self, learner: &Learner<'_>, out: &mut Vec<Response>) {
        for own in by_item(learner.attempts(self.0)) {
            out.extend((1..).zip(own).map(|(number, attempt)| Response {
                learner: learner.id,
                number,
                attempt: *attempt,
            }));
        }
    }
}

/// How hard a learner finds the problems of a course.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Struggle {
    learner: u32,
    course: u32,
    contents: u32,
    passed: u32,
    /// Contents of which nobody can say whether they were passed.
    unjudged: u32,
    attempts: u32,
    /// Contents not passed after two or more attempts.
    stuck: u32,
}

impl Struggle {
    /// One more content with attempts.
    fn add(&mut self, own: &Assessed) {
        self.contents += 1;
        self.attempts += own.attempts;
        self.passed += u32::from(own.passed == Some(true));
        self.unjudged += u32::from(own.passed.is_none());
        self.stuck += u32::from(own.passed == Some(false) && own.attempts > 1);
    }

    fn per_passed(&self) -> Option<f64> {
        let known = self.passed > 0 && self.unjudged == 0;
        known.then(|| f64::from(self.attempts) / f64::from(self.passed))
    }
}

fn whole(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}

/// `learner, course, contents, attempts, passed, unjudged, stuck, attempts_per_passed`.
pub(super) fn struggle<'a>(walk: &'a Walk<'a>, pass_mark: Option<f64>) -> Measure<'a> {
    let courses = &walk.data.items.course;
    let visit = move |(measure, found): &mut (Assessments<'_>, Vec<Assessed>),
                      learner: &Learner<'_>,
                      out: &mut Vec<Struggle>| {
        found.clear();
        measure.visit(learner, found);
        for course in learner.courses(walk) {
            let mut own = Struggle {
                learner: learner.id,
                course: *course,
                contents: 0,
                passed: 0,
                unjudged: 0,
                attempts: 0,
                stuck: 0,
            };
            let here = found.iter().filter(|r| courses[r.item as usize] == *course);
            here.for_each(|assessed| own.add(assessed));
            out.push(own);
        }
    };
    let table = |rows: &Rows<Struggle>| {
        frame(
            rows.len(),
            vec![
                walk.data.learner_column(&rows.all(|r| r.learner)),
                walk.data.course_column(&rows.all(|r| r.course)),
                counts("contents", rows.all(|r| r.contents)),
                counts("attempts", rows.all(|r| r.attempts)),
                counts("passed", rows.all(|r| r.passed)),
                counts("unjudged", rows.all(|r| r.unjudged)),
                counts("stuck", rows.all(|r| r.stuck)),
                numbers("attempts_per_passed", rows.iter().map(Struggle::per_passed)),
            ],
        )
    };
    let start = move || (Assessments { walk, pass_mark }, Vec::new());
    Measure::new(start, visit, table)
}

/// `learner, course, content, attempts, scored, first_score, ..., passed`.
pub(super) fn assessments<'a>(walk: &'a Walk<'a>, pass_mark: Option<f64>) -> Measure<'a> {
    let data = walk.data;
    let minutes = walk.has_minutes();
    let table = move |rows: &Rows<Assessed>| {
        let score = |name: &str, f: fn(&Assessed) -> Option<f64>| numbers(name, rows.iter().map(f));
        let wait = |r: &Assessed| r.time_to_first_correct.filter(|_| minutes);
        let mut columns = keys(data, rows.iter().map(|r| (r.learner, r.item)));
        columns.extend([
            counts("attempts", rows.all(|r| r.attempts)),
            counts("scored", rows.all(|r| r.scored)),
            score("first_score", |r| r.first_score),
            score("best_score", |r| r.best_score),
            score("last_score", |r| r.last_score),
            score("mean_score", |r| r.mean_score),
            score("improvement", Assessed::improvement),
            instants(data, "first_attempt", rows.all(|r| r.first_attempt))?,
            instants(data, "last_attempt", rows.all(|r| r.last_attempt))?,
            spans("time_to_first_correct", rows.iter().map(wait)),
            wholes(
                "attempts_to_correct",
                rows.iter().map(|r| r.attempts_to_correct),
            ),
            flags("passed", rows.iter().map(|r| r.passed)),
        ]);
        frame(rows.len(), columns)
    };
    let start = move || Assessments { walk, pass_mark };
    Measure::new(start, Assessments::visit, table)
}

/// `learner, course, content, attempt, score, success, response, time`.
pub(super) fn responses<'a>(walk: &'a Walk<'a>) -> Measure<'a> {
    let data = walk.data;
    let table = |rows: &Rows<Response>| {
        let given = rows.all(|r| r.attempt.response);
        let mut columns = keys(data, rows.iter().map(|r| (r.learner, r.attempt.item)));
        columns.extend([
            counts("attempt", rows.all(|r| r.number)),
            numbers("score", rows.iter().map(|r| r.attempt.score)),
            flags("success", rows.iter().map(|r| r.attempt.success)),
            data.responses.column("response", &given),
            instants(data, "time", rows.all(|r| r.attempt.handed))?,
        ]);
        frame(rows.len(), columns)
    };
    Measure::new(|| Responses(walk), Responses::visit, table)
}

/// The first columns of a table by learner, course and content.
fn keys(data: &Inner, rows: impl Iterator<Item = (u32, u32)>) -> Vec<Column> {
    let (learners, items): (Vec<u32>, Vec<u32>) = rows.unzip();
    let course = |item: &u32| data.items.course.get(*item as usize).copied();
    let courses: Vec<u32> = items.iter().map(|i| course(i).unwrap_or(NONE)).collect();
    vec![
        data.learner_column(&learners),
        data.course_column(&courses),
        data.content_column("content", &items),
    ]
}

impl PersonalAnalytics {
    /// The attempts of each learner at each content, summed up.
    #[cfg(test)]
    pub(crate) fn assessed(&self, pass_mark: Option<f64>) -> Result<Vec<Assessed>> {
        let walk = &self.walk();
        walk.each(|| Assessments { walk, pass_mark }, Assessments::visit)
    }

    /// What `make` appends for the attempts of each learner, which come by item, then as they were
    /// begun.
    pub(crate) fn of_attempts<T: Send>(
        &self,
        make: impl Fn(u32, &[Attempt], &mut Vec<T>) + Send + Sync,
    ) -> Result<Vec<T>> {
        let walk = &self.walk();
        walk.each(
            || (),
            |(), learner, out| make(learner.id, learner.attempts(walk), out),
        )
    }

    /// Every attempt of each learner.
    #[cfg(test)]
    pub(crate) fn responded(&self) -> Result<Vec<Response>> {
        let walk = &self.walk();
        walk.each(|| Responses(walk), Responses::visit)
    }

    /// One row per learner, course and content with attempts: `learner, course, content,
    /// attempts, scored, first_score, best_score, last_score, mean_score, improvement,
    /// first_attempt, last_attempt, time_to_first_correct, attempts_to_correct, passed`.
    ///
    /// What an attempt is stands in `attempts.rs`; scores are shares of the full marks, and a
    /// success without a score is no score. Without a pass mark a score between none and full
    /// marks is neither right nor wrong.
    ///
    /// # Errors
    /// [`Error::Parameter`] for a pass mark outside 0..1, [`Error::Cancelled`].
    pub fn assessments(&self, pass_mark: Option<f64>) -> Result<DataFrame> {
        check(pass_mark)?;
        let walk = self.walk();
        walk.table(assessments(&walk, pass_mark))
    }

    /// One row per attempt: `learner, course, content, attempt, score, success, response, time`.
    ///
    /// # Errors
    /// [`Error::Cancelled`] if the job is stopped.
    pub fn responses(&self) -> Result<DataFrame> {
        let walk = self.walk();
        walk.table(responses(&walk))
    }

    /// One row per learner and course: `learner, course, contents, attempts, passed, unjudged,
    /// stuck, attempts_per_passed`.
    ///
    /// # Errors
    /// [`Error::Parameter`] for a pass mark outside 0..1, [`Error::Cancelled`].
    pub fn struggle(&self, pass_mark: Option<f64>) -> Result<DataFrame> {
        check(pass_mark)?;
        let walk = self.walk();
        walk.table(struggle(&walk, pass_mark))
    }
}

pub(super) fn check(pass_mark: Option<f64>) -> Result<()> {
    match pass_mark {
        Some(mark) if !(0.0..=1.0).contains(&mark) => Err(Error::parameter(
            "pass_mark",
            "a share of the full marks from 0 to 1",
            mark,
        )),
        _ => Ok(()),
    }
}
