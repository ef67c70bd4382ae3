//! How a learner moves through a course (METRICS: navigation): back, over what is required, and
//! how predictably.

#![expect(
    clippy::indexing_slicing,
    reason = "items index arrays made for all of them, and chunks are never empty"
)]

use std::sync::Arc;

use polars::prelude::*;

use super::PersonalAnalytics;
use super::courses::positions;
use super::frames::{Rows, counts, frame, nothing, numbers};
use super::measure::Measure;
use super::navigation::{Codes, steps};
use super::walk::{Learner, Walk};
use crate::data::Inner;
use crate::data::ids::NONE;
use crate::error::Result;

/// Numbers whose ratios have their logarithms ready.
const SMALL: u32 = 32;

/// A move from one content to another, or back to the same, in one course.
#[derive(Debug, Clone, Copy)]
struct Move {
    course: u32,
    source: u32,
    target: u32,
    time: i64,
}

/// How a learner moves in one course.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Path {
    learner: u32,
    course: u32,
    transitions: u32,
    self_loops: u32,
    /// Transitions between contents that both have a position.
    placed: u32,
    backward: u32,
    skips: u32,
    entropy: Option<f64>,
}

/// The required contents of each course by position, with when they became available; index 0 is
/// "no course".
fn required(data: &Inner) -> Vec<Vec<(f64, i64)>> {
    let mut all = vec![Vec::new(); data.courses.len() + 1];
    for (course, entry) in data.items.course.iter().zip(&data.items.entry) {
        let Some(entry) = entry.as_ref().filter(|entry| entry.required) else {
            continue;
        };
        if let Some(position) = entry.position {
            let from = entry.available_from.unwrap_or(i64::MIN);
            all[course.wrapping_add(1) as usize].push((position, from));
        }
    }
    for own in &mut all {
        own.sort_by(|a, b| a.0.total_cmp(&b.0));
    }
    all
}

/// What does not change from learner to learner.
struct Plan {
    codes: Codes,
    /// The place of each item: itself, or [`NONE`] without a content.
    places: Vec<u32>,
    positions: Vec<f64>,
    positioned: bool,
    /// Of ratios of small numbers.
    logarithms: Vec<f64>,
    required: Vec<Vec<(f64, i64)>>,
}

/// The measure: one entry for each course of a learner.
struct Paths<'a> {
    walk: &'a Walk<'a>,
    plan: Arc<Plan>,
    open: Vec<(u32, u32)>,
    moves: Vec<Move>,
    cells: Vec<u32>,
}

impl Paths<'_> {
    fn visit(&mut self, learner: &Learner<'_>, out: &mut Vec<Path>) {
        if self.plan.positioned {
            self.placed(learner);
        }
        let plan = Arc::clone(&self.plan);
        let mut steps = learner.moves(&plan.codes);
        for course in learner.courses(self.walk) {
            let key = course.wrapping_add(1);
            let mut path = Path {
                learner: learner.id,
                course: *course,
                transitions: 0,
                self_loops: 0,
                placed: 0,
                backward: 0,
                skips: 0,
                entropy: None,
            };
            steps = self.count(&mut path, steps);
            let from = self
                .moves
                .partition_point(|m| m.course.wrapping_add(1) < key);
            let to = self
                .moves
                .partition_point(|m| m.course.wrapping_add(1) <= key);
            let required = &self.plan.required[key as usize];
            for step in &self.moves[from..to] {
                place(&mut path, step, &self.plan.positions, required);
            }
            out.push(path);
        }
    }

    /// The moves of a learner by course, with their times.
    fn placed(&mut self, learner: &Learner<'_>) {
        let Self {
            open, moves, plan, ..
        } = self;
        let courses = &self.walk.data.items.course;
        moves.clear();
        steps(learner, courses, &plan.places, open, |step| {
            if step.source != NONE && step.target != NONE && step.source != step.target {
                moves.push(Move {
                    course: step.course,
                    source: step.source,
                    target: step.target,
                    time: learner.run.time[step.event],
                });
            }
        });
        moves.sort_unstable_by_key(|m| m.course.wrapping_add(1));
    }

    /// Counts the steps of a course, which come first, and tells the entropy of the next content
    /// given the last, in nats: the mean over the rows of the Markov matrix, each weighted by how
    /// often it was left. The steps of the next courses remain.
    fn count<'s>(&mut self, path: &mut Path, mut steps: &'s [u64]) -> &'s [u64] {
        let (mut total, mut sum) = (0.0, 0.0);
        let past = self.plan.codes.past(path.course);
        while let Some(first) = steps.first().filter(|first| **first < past) {
            let (source, mut next) = (first >> 32, Some(first));
            let mut left = 0;
            self.cells.clear();
            while let Some(step) = next.filter(|step| *step >> 32 == source) {
                let same = steps.iter().position(|other| other != step);
                let same = same.unwrap_or(steps.len());
                steps = &steps[same..];
                let number = u32::try_from(same).unwrap_or(u32::MAX);
                if step & u64::from(NONE) == source {
                    path.self_loops += number;
                } else {
                    left += number;
                    self.cells.push(number);
                }
                next = steps.first();
            }
            path.transitions += left;
            sum = self.add(sum, left);
            total += f64::from(left);
        }
        path.entropy = (total > 0.0).then(|| sum / total);
        steps
    }

    /// Adds to a sum, for each cell of a row, its number times the logarithm of the whole over it.
    fn add(&self, mut sum: f64, whole: u32) -> f64 {
        if whole < SMALL {
            let row = &self.plan.logarithms[(whole * SMALL) as usize..][..SMALL as usize];
            for cell in &self.cells {
                sum += f64::from(*cell) * row[*cell as usize];
            }
        } else {
            for cell in &self.cells {
                sum += f64::from(*cell) * (f64::from(whole) / f64::from(*cell)).ln();
            }
        }
        sum
    }
}

/// Counts a move from one content to another between positions.
fn place(path: &mut Path, step: &Move, positions: &[f64], required: &[(f64, i64)]) {
    let from = positions[step.source as usize];
    let to = positions[step.target as usize];
    if from.is_nan() || to.is_nan() {
        return;
    }
    path.placed += 1;
    if to < from {
        path.backward += 1;
    } else {
        let next = required.partition_point(|(position, _)| *position <= from);
        let between = required[next..].iter().take_while(|(p, _)| *p < to);
        let skipped = between
            .map(|(_, since)| *since)
            .any(|since| since <= step.time);
        path.skips += u32::from(skipped);
    }
}

/// `learner, course, transitions, self_loops, self_loop_share, placed, backward_share, skip_share,
/// entropy`.
pub(super) fn table<'a>(walk: &'a Walk<'a>) -> Measure<'a> {
    let data = walk.data;
    let place = |(item, content): (u32, &u32)| if *content == NONE { NONE } else { item };
    let positions = positions(data);
    let plan = Arc::new(Plan {
        codes: Codes::new(data),
        places: (0_u32..).zip(&data.items.content).map(place).collect(),
        positioned: positions.iter().any(|position| !position.is_nan()),
        positions,
        logarithms: (0..SMALL * SMALL)
            .map(|both| (f64::from(both / SMALL) / f64::from(both % SMALL)).ln())
            .collect(),
        required: required(data),
    });
    let start = move || Paths {
        walk,
        plan: Arc::clone(&plan),
        open: Vec::new(),
        moves: Vec::new(),
        cells: Vec::new(),
    };
    Measure::new(start, Paths::visit, move |rows| show(walk, rows))
}

fn show(walk: &Walk<'_>, rows: &Rows<Path>) -> Result<DataFrame> {
    let height = rows.len();
    let minutes = walk.has_minutes();
    let count = |name: &str, f: fn(&Path) -> u32| {
        if minutes {
            counts(name, rows.all(f))
        } else {
            nothing(name, &DataType::UInt32, height)
        }
    };
    let share = |name: &str, part: fn(&Path) -> u32, of: fn(&Path) -> u32| {
        let ratio = |r| (of(r) > 0).then(|| f64::from(part(r)) / f64::from(of(r)));
        numbers(name, rows.iter().map(ratio))
    };
    frame(
        height,
        vec![
            walk.data.learner_column(&rows.all(|r| r.learner)),
            walk.data.course_column(&rows.all(|r| r.course)),
            count("transitions", |r| r.transitions),
            count("self_loops", |r| r.self_loops),
            share(
                "self_loop_share",
                |r| r.self_loops,
                |r| r.transitions + r.self_loops,
            ),
            count("placed", |r| r.placed),
            share("backward_share", |r| r.backward, |r| r.placed),
            share("skip_share", |r| r.skips, |r| r.placed),
            numbers("entropy", rows.iter().map(|r| r.entropy)),
        ],
    )
}

impl PersonalAnalytics {
    /// One row per learner and course: `learner, course, transitions, self_loops,
    /// self_loop_share, placed, backward_share, skip_share, entropy`. All null for a log of days.
    ///
    /// # Errors
    /// [`crate::Error::Cancelled`] if the job is stopped.
    pub fn navigation_summary(&self) -> Result<DataFrame> {
        let walk = self.walk();
        walk.table(table(&walk))
    }
}
