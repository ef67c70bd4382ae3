//! How a learner moves through a course (METRICS: navigation): back, over what is required, and
//! how predictably.

#![expect(
    clippy::indexing_slicing,
    reason = "items index arrays made for all of them, and chunks are never empty"
)]

use polars::prelude::*;

use super::PersonalAnalytics;
use super::courses::positions;
use super::frames::{frame, numbers, wholes};
use super::navigation::steps;
use super::standing::Standing;
use super::walk::{Learner, Walk};
use crate::data::Inner;
use crate::data::ids::NONE;
use crate::error::Result;

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

/// The measure: one entry for each course of a learner.
struct Paths<'a> {
    courses: &'a [u32],
    /// Items themselves: a content of two courses is two places. [`NONE`] without a content.
    places: &'a [u32],
    positions: &'a [f64],
    required: &'a [Vec<(f64, i64)>],
    standing: Standing<'a>,
    open: Vec<(u32, u32)>,
    moves: Vec<Move>,
}

impl Paths<'_> {
    fn visit(&mut self, learner: &Learner<'_>, out: &mut Vec<Path>) {
        let Self { open, moves, .. } = self;
        moves.clear();
        steps(learner, self.courses, self.places, open, |step| {
            if step.source != NONE && step.target != NONE {
                moves.push(Move {
                    course: step.course,
                    source: step.source,
                    target: step.target,
                    time: learner.run.time[step.event],
                });
            }
        });
        moves.sort_unstable_by_key(|m| (m.course.wrapping_add(1), m.source, m.target));
        for course in self.standing.courses(learner) {
            let key = course.wrapping_add(1);
            let from = moves.partition_point(|m| m.course.wrapping_add(1) < key);
            let to = moves.partition_point(|m| m.course.wrapping_add(1) <= key);
            let mut path = Path {
                learner: learner.id,
                course: *course,
                transitions: 0,
                self_loops: 0,
                placed: 0,
                backward: 0,
                skips: 0,
                entropy: entropy(&moves[from..to]),
            };
            for step in &moves[from..to] {
                count(
                    &mut path,
                    step,
                    self.positions,
                    &self.required[key as usize],
                );
            }
            out.push(path);
        }
    }
}

fn count(path: &mut Path, step: &Move, positions: &[f64], required: &[(f64, i64)]) {
    if step.source == step.target {
        path.self_loops += 1;
        return;
    }
    path.transitions += 1;
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

/// The entropy of the next content given the last, in nats: the mean over the rows of the Markov
/// matrix, each weighted by how often it was left. Moves come sorted by source and target.
fn entropy(moves: &[Move]) -> Option<f64> {
    let (mut total, mut sum) = (0.0, 0.0);
    for row in moves.chunk_by(|a, b| a.source == b.source) {
        let away = |same: &&[Move]| same[0].source != same[0].target;
        let cells = || row.chunk_by(|a, b| a.target == b.target).filter(away);
        let n: usize = cells().map(<[Move]>::len).sum();
        for cell in cells() {
            let (cell, n) = (cell.len() as f64, n as f64);
            sum += cell * (n / cell).ln();
        }
        total += n as f64;
    }
    (total > 0.0).then(|| sum / total)
}

fn paths(walk: &Walk<'_>) -> Result<Vec<Path>> {
    let items = &walk.data.items;
    let place = |(item, content): (u32, &u32)| if *content == NONE { NONE } else { item };
    let places: Vec<u32> = (0_u32..).zip(&items.content).map(place).collect();
    let positions = positions(walk.data);
    let required = required(walk.data);
    let start = || Paths {
        courses: &items.course,
        places: &places,
        positions: &positions,
        required: &required,
        standing: Standing::new(walk),
        open: Vec::new(),
        moves: Vec::new(),
    };
    walk.each(start, Paths::visit)
}

impl PersonalAnalytics {
    /// One row per learner and course: `learner, course, transitions, self_loops,
    /// self_loop_share, placed, backward_share, skip_share, entropy`. All null for a log of days.
    ///
    /// # Errors
    /// [`crate::Error::Cancelled`] if the job is stopped.
    pub fn navigation_summary(&self) -> Result<DataFrame> {
        let walk = self.walk();
        let rows = paths(&walk)?;
        let minutes = walk.has_minutes();
        let column = |f: fn(&Path) -> u32| -> Vec<u32> { rows.iter().map(f).collect() };
        let count = |name: &str, f: fn(&Path) -> u32| {
            wholes(name, rows.iter().map(|r| minutes.then_some(f(r))))
        };
        let share = |name: &str, part: fn(&Path) -> u32, of: fn(&Path) -> u32| {
            let ratio = |r| (of(r) > 0).then(|| f64::from(part(r)) / f64::from(of(r)));
            numbers(name, rows.iter().map(ratio))
        };
        frame(
            rows.len(),
            vec![
                walk.data.learner_column(&column(|r| r.learner)),
                walk.data.course_column(&column(|r| r.course)),
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
}
