//! The events of one visit to a content, and the time truly spent on each.

use rand::RngExt;
use rand_chacha::ChaCha8Rng;

use super::{Row, Verb};
use crate::simulate::world::{Content, Kind, SECOND, lognormal, normal};

/// A learner at work: writes rows and counts the time on task.
#[derive(Debug)]
pub(super) struct Desk<'a> {
    pub(super) rows: &'a mut Vec<Row>,
    pub(super) rng: &'a mut ChaCha8Rng,
    /// Attempts so far at each content of the course.
    pub(super) tries: &'a mut [u8],
    pub(super) base: Row,
    /// Number of the course's first content over all courses.
    pub(super) first: u32,
    pub(super) ability: f64,
    pub(super) now: i64,
    /// Last event and its time on task.
    pub(super) end: i64,
    /// Time on task so far.
    pub(super) study: i64,
}

impl Desk<'_> {
    pub(super) fn login(&mut self) {
        let base = self.base;
        self.then(base, 6.0, 0.8);
    }

    /// One visit. A thorough one completes the content.
    pub(super) fn visit(&mut self, position: usize, content: &Content, thorough: bool) {
        let row = Row {
            content: self.first + position as u32,
            ..self.base
        };
        match content.kind {
            Kind::Page => {
                self.then(verb(row, Verb::Viewed), content.expected, 0.7);
                if self.chance(0.1) {
                    self.then(verb(row, Verb::Noted), 25.0, 0.8);
                }
            }
            Kind::Video => self.watch(row, content, thorough),
            Kind::Problem => {
                self.then(verb(row, Verb::Viewed), content.expected * 0.7, 0.7);
                self.attempt(row, position, (Kind::Problem, 45.0), thorough);
            }
            Kind::Quiz if !thorough && self.chance(0.15) => {
                self.then(verb(row, Verb::Attempted), 60.0, 0.8);
            }
            Kind::Quiz => self.attempt(row, position, (Kind::Quiz, content.expected), thorough),
            Kind::Assignment => {
                self.then(verb(row, Verb::Viewed), content.expected, 0.7);
                if thorough || self.chance(0.6) {
                    let attempt = self.next_try(position);
                    self.then(
                        Row {
                            attempt,
                            ..verb(row, Verb::Submitted)
                        },
                        20.0,
                        0.6,
                    );
                }
            }
            Kind::Discussion => {
                self.then(verb(row, Verb::Viewed), content.expected * 0.8, 0.8);
                if thorough || self.chance(0.25) {
                    self.then(verb(row, Verb::Posted), 30.0, 0.8);
                } else if self.chance(0.3) {
                    self.then(verb(row, Verb::Replied), 30.0, 0.8);
                }
            }
        }
    }

    /// Plays a video at speed 1: the time between two positions is the time between their events.
    fn watch(&mut self, row: Row, content: &Content, thorough: bool) {
        let length = content.length;
        let share = |desk: &mut Self, low, high| {
            (f64::from(length) * desk.rng.random_range(low..high)) as u32
        };
        let mut at = 0;
        if thorough || self.chance(0.6) {
            if self.chance(0.35) {
                let stop = share(self, 0.1, 0.6);
                self.play(row, at, stop);
                self.then(
                    Row {
                        position: stop,
                        ..verb(row, Verb::Paused)
                    },
                    18.0,
                    1.0,
                );
                at = stop;
            }
            if self.chance(0.15) {
                let stop = share(self, 0.65, 0.95);
                self.play(row, at, stop);
                at = stop.saturating_sub(300).max(at);
                self.seek(row, stop, at);
            }
            self.play(row, at, length);
            self.then(
                Row {
                    position: length,
                    ..verb(row, Verb::Ended)
                },
                8.0,
                0.8,
            );
        } else {
            if self.chance(0.25) {
                let stop = share(self, 0.02, 0.3);
                self.play(row, at, stop);
                at = share(self, 0.35, 0.6);
                self.seek(row, stop, at);
            }
            let stop = at + share(self, 0.05, 0.39);
            self.play(row, at, stop);
            self.then(
                Row {
                    position: stop,
                    ..verb(row, Verb::Paused)
                },
                8.0,
                0.8,
            );
        }
    }

    fn play(&mut self, row: Row, from: u32, to: u32) {
        let watched = i64::from(to.saturating_sub(from).max(1)) * SECOND / 10;
        self.event(
            Row {
                position: from,
                ..verb(row, Verb::Played)
            },
            watched,
            0,
        );
    }

    fn seek(&mut self, row: Row, from: u32, to: u32) {
        let row = Row {
            position: from,
            position_to: to,
            ..verb(row, Verb::Seeked)
        };
        self.event(row, SECOND / 5, 0);
    }

    /// Up to three attempts, until one succeeds; a problem is submitted without a start.
    fn attempt(&mut self, row: Row, position: usize, (kind, seconds): (Kind, f64), thorough: bool) {
        let quiz = kind == Kind::Quiz;
        for _ in 0..3 {
            let attempt = self.next_try(position);
            if quiz {
                self.then(
                    Row {
                        attempt,
                        ..verb(row, Verb::Attempted)
                    },
                    seconds,
                    0.6,
                );
            }
            let logit = 1.4 + self.ability + 0.9 * normal(self.rng) + 0.4 * f64::from(attempt - 1);
            let score = (100.0 / (1.0 + (-logit).exp())).round() as u8;
            let row = Row {
                score,
                attempt,
                ..verb(row, Verb::Submitted)
            };
            self.then(row, if quiz { 20.0 } else { seconds }, 0.7);
            if score >= PASS || (!thorough && self.chance(0.5)) {
                break;
            }
        }
    }

    fn next_try(&mut self, position: usize) -> u8 {
        self.tries.get_mut(position).map_or(1, |tries| {
            *tries = tries.saturating_add(1);
            *tries
        })
    }

    fn chance(&mut self, share: f64) -> bool {
        self.rng.random::<f64>() < share
    }

    /// An event, a lognormal time on task after it, and sometimes a distraction.
    fn then(&mut self, row: Row, median: f64, sigma: f64) {
        let on_task = lognormal(median, sigma, self.rng).clamp(0.4, 1500.0);
        let distracted = if self.chance(0.025) {
            lognormal(360.0, 1.1, self.rng).min(7200.0)
        } else {
            0.0
        };
        self.event(row, us(on_task), us(distracted));
    }

    fn event(&mut self, row: Row, on_task: i64, distracted: i64) {
        self.rows.push(Row {
            time: self.now,
            ..row
        });
        self.study += on_task;
        self.end = self.now + on_task;
        self.now = self.end + distracted;
    }
}

/// Hundredths a score needs for success.
pub(in crate::simulate) const PASS: u8 = 60;

fn verb(row: Row, verb: Verb) -> Row {
    Row { verb, ..row }
}

/// Microseconds, to the millisecond.
fn us(seconds: f64) -> i64 {
    (seconds * 1000.0).round() as i64 * 1000
}
