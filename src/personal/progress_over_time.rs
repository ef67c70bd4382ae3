//! Progress as a series: what the table of progress told at the end of each period.
//!
//! A content that an event completes stays so. One that watching completes need not: a player may
//! tell less later, and a medium turn out longer. It is looked at whenever more of it was known.

#![expect(
    clippy::indexing_slicing,
    reason = "items and courses index arrays made for all of them, periods those laid out"
)]

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use polars::prelude::*;

use super::PersonalAnalytics;
use super::completing::Completing;
use super::completion::{Completion, Rule};
use super::frames::{Rows, counts, frame, instants, nothing, numbers, phrases, same};
use super::grid::{Grid, Period};
use super::measure::Measure;
use super::spells::{Spell, known};
use super::splits::Week;
use super::summary::NO_CATALOG;
use super::walk::{Learner, Walk};
use super::watching::Stepping;
use crate::data::Inner;
use crate::error::Result;

struct Row {
    learner: u32,
    course: u32,
    label: i32,
    at: i64,
    completed: u32,
    available: u32,
    /// NaN where there is none.
    weighted: f64,
}

/// What a course asks for as its contents become available.
#[derive(Debug, Default, Clone)]
struct Syllabus {
    /// When required contents become available, and their expected durations; in order.
    releases: Vec<(i64, Option<i64>)>,
    /// Expected durations added up; `None` from the first that is not known.
    expected: Vec<Option<i64>>,
}

/// The syllabus of each course.
fn syllabi(data: &Inner) -> Vec<Syllabus> {
    let mut all = vec![Syllabus::default(); data.courses.len()];
    for (course, entry) in data.items.course.iter().zip(&data.items.entry) {
        let required = entry.as_ref().filter(|entry| entry.required);
        if let Some((own, entry)) = all.get_mut(*course as usize).zip(required) {
            let from = entry.available_from.unwrap_or(i64::MIN);
            own.releases.push((from, entry.expected));
        }
    }
    for own in &mut all {
        own.releases.sort_unstable();
        let mut sum = Some(0);
        let add = |(_, expected): &(i64, Option<i64>)| {
            sum = sum.zip(*expected).map(|(a, b)| a + b);
            sum
        };
        own.expected = own.releases.iter().map(add).collect();
    }
    all
}

/// The measure.
struct Series<'a> {
    walk: &'a Walk<'a>,
    grid: Grid,
    rules: &'a Completion,
    syllabi: Arc<Vec<Syllabus>>,
    stepping: Stepping,
    periods: Vec<Period>,
    /// What completed contents add at each period: their number and expected duration.
    changes: Vec<(i32, i64)>,
    /// Set where a learner has more periods than are made.
    too_many: Arc<AtomicBool>,
}

impl Series<'_> {
    fn visit(&mut self, learner: &Learner<'_>, out: &mut Vec<Row>) {
        for spell in learner.spells(self.walk) {
            let mut periods = std::mem::take(&mut self.periods);
            let data = self.walk.data;
            let zone = data.zone_of(learner.id);
            if self.grid.lay(data, zone, spell, &mut periods) {
                self.course(learner, spell, &periods, out);
            } else {
                self.too_many.store(true, Ordering::Relaxed);
            }
            self.periods = periods;
        }
    }

    fn course(
        &mut self,
        learner: &Learner<'_>,
        spell: &Spell,
        periods: &[Period],
        out: &mut Vec<Row>,
    ) {
        if !self.walk.data.items.known {
            out.extend(periods.iter().map(|period| Row {
                learner: learner.id,
                course: spell.course,
                label: period.label,
                at: period.at,
                completed: 0,
                available: 0,
                weighted: f64::NAN,
            }));
            return;
        }
        self.changes.clear();
        self.changes.resize(periods.len() + 1, (0, 0));
        let completing = learner.completing(self.rules);
        self.told(spell, periods, completing);
        if self.rules.watches() {
            self.watched(learner, spell, periods, completing);
        }
        let syllabus = &self.syllabi[spell.course as usize];
        let (mut completed, mut spent, mut available) = (0_i32, 0_i64, 0);
        for (period, change) in periods.iter().zip(&self.changes) {
            completed += change.0;
            spent += change.1;
            let later = &syllabus.releases[available..];
            available += later.partition_point(|(from, _)| *from <= period.at);
            let expected = available
                .checked_sub(1)
                .and_then(|at| syllabus.expected[at]);
            let weighted = expected.filter(|expected| *expected > 0);
            out.push(Row {
                learner: learner.id,
                course: spell.course,
                label: period.label,
                at: period.at,
                completed: u32::try_from(completed).unwrap_or(0),
                available: u32::try_from(available).unwrap_or(u32::MAX),
                weighted: weighted.map_or(f64::NAN, |expected| spent as f64 / expected as f64),
            });
        }
    }

    /// Counts a content as completed from a period up to another.
    fn count(&mut self, item: u32, periods: &[Period], from: usize, to: usize) {
        let entry = self.walk.data.items.get(item);
        let Some(entry) = entry.filter(|entry| entry.required) else {
            return;
        };
        let available = entry.available_from.map_or(0, |from| step(periods, from));
        let from = from.max(available);
        if from < to {
            let expected = entry.expected.unwrap_or(0);
            for (at, sign) in [(from, 1), (to, -1)] {
                let change = &mut self.changes[at];
                change.0 += sign;
                change.1 += i64::from(sign) * expected;
            }
        }
    }

    /// What events complete.
    fn told(&mut self, spell: &Spell, periods: &[Period], completing: &Completing) {
        let courses = &self.walk.data.items.course;
        for own in completing.all() {
            if courses[own.item as usize] == spell.course {
                let from = step(periods, own.known);
                self.count(own.item, periods, from, periods.len());
            }
        }
    }

    /// What watching completes, until an event does.
    fn watched(
        &mut self,
        learner: &Learner<'_>,
        spell: &Spell,
        periods: &[Period],
        completing: &Completing,
    ) {
        let items = &self.walk.data.items;
        let rules = self.rules;
        let wanted = |item: u32| {
            rules.rule(item) == Some(Rule::Watched) && items.course[item as usize] == spell.course
        };
        // Items, from when on, and whether enough of them was watched.
        let mut seen: Vec<(u32, usize, bool)> = Vec::new();
        let when = |event| step(periods, known(learner, event));
        self.stepping
            .each(self.walk, learner, wanted, when, |film, at| {
                seen.push((film.item, at, film.is_watched()));
            });
        for (number, (item, from, enough)) in seen.iter().enumerate() {
            let next = seen.get(number + 1).filter(|next| next.0 == *item);
            let told = completing.get(*item);
            let told = told.map_or(periods.len(), |own| step(periods, own.known));
            let to = next.map_or(periods.len(), |next| next.1).min(told);
            if *enough {
                self.count(*item, periods, *from, to);
            }
        }
    }
}

/// The first period at whose end something of an instant is seen.
fn step(periods: &[Period], instant: i64) -> usize {
    periods.partition_point(|period| period.at < instant)
}

impl PersonalAnalytics {
    /// `learner, course, period, at, completed, available, progress, progress_weighted, reason`:
    /// progress at the last instant of each local period, from a learner's first activity or
    /// enrollment until `as_of` or the end of the course, in one without an end until her last
    /// activity. Each row is that of
    /// [`Self::progress`] as of `at`.
    ///
    /// # Errors
    /// [`crate::Error::Parameter`] for periods that are not days or weeks (or, in weeks of the
    /// course, whole days) and for too many of them, [`crate::Error::Cancelled`].
    pub fn progress_over_time(&self, every: i64, week: Week) -> Result<DataFrame> {
        let grid = Grid::new(every, week)?;
        let walk = self.walk();
        let rules = self.completion()?;
        walk.table(table(&walk, grid, &rules))
    }
}

/// `learner, course, period, at, completed, available, progress, progress_weighted, reason`.
pub(super) fn table<'a>(walk: &'a Walk<'a>, grid: Grid, rules: &'a Completion) -> Measure<'a> {
    let data = walk.data;
    let syllabi = Arc::new(syllabi(data));
    let too_many = Arc::new(AtomicBool::new(false));
    let found = Arc::clone(&too_many);
    let start = move || Series {
        walk,
        grid,
        rules,
        syllabi: Arc::clone(&syllabi),
        stepping: Stepping::default(),
        periods: Vec::new(),
        changes: Vec::new(),
        too_many: Arc::clone(&found),
    };
    let finish = move |rows: &Rows<Row>| {
        if too_many.load(Ordering::Relaxed) {
            return Err(Grid::too_many("every"));
        }
        series(data, grid, rows)
    };
    Measure::new(start, Series::visit, finish)
}

fn series(data: &Inner, grid: Grid, rows: &Rows<Row>) -> Result<DataFrame> {
    let known = data.items.known;
    let share =
        |r: &Row| (r.available > 0).then(|| f64::from(r.completed) / f64::from(r.available));
    let weighted = |r: &Row| Some(r.weighted).filter(|share| !share.is_nan());
    let reason = |r: &Row| (r.available == 0).then_some("no required content is available");
    let height = rows.len();
    let mut columns = vec![
        data.learner_column(&rows.all(|r| r.learner)),
        data.course_column(&rows.all(|r| r.course)),
        grid.column("period", rows.all(|r| r.label)),
        instants(data, "at", rows.all(|r| r.at))?,
    ];
    if known {
        columns.extend([
            counts("completed", rows.all(|r| r.completed)),
            counts("available", rows.all(|r| r.available)),
            numbers("progress", rows.iter().map(share)),
            numbers("progress_weighted", rows.iter().map(weighted)),
        ]);
    } else {
        columns.extend([
            nothing("completed", &DataType::UInt32, height),
            nothing("available", &DataType::UInt32, height),
            nothing("progress", &DataType::Float64, height),
            nothing("progress_weighted", &DataType::Float64, height),
        ]);
    }
    columns.push(if known {
        phrases("reason", rows.iter().map(reason))?
    } else {
        same("reason", NO_CATALOG, height)
    });
    frame(height, columns)
}
