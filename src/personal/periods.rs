//! The person-period table: what a discrete-time model of drop-off is fitted to.

use std::sync::Arc;

use polars::prelude::*;

use super::PersonalAnalytics;
use super::completion::Completion;
use super::courses::{Courses, Per, Record};
use super::frames::{Rows, counts, frame, instants, numbers};
use super::measure::Measure;
use super::shared::Met;
use super::spells::known;
use super::status::{self, Exit, asked};
use super::walk::{Learner, Walk};
use crate::data::calendar::Clock;
use crate::data::ids::NONE;
use crate::data::lanes::NO_TIME;
use crate::data::{DAY, show_span};
use crate::error::{Error, Result};

/// A learner's course may have this many periods: shorter ones make no model.
const MOST: i64 = 10_000;

struct Row {
    learner: u32,
    course: u32,
    period: u32,
    start: i64,
    end: i64,
    left: bool,
    completed: bool,
    events: u32,
    active_days: u32,
    contents: u32,
    days_since_last: Option<f64>,
}

/// An event of a course, and when it became known.
#[derive(Debug, Clone, Copy)]
struct Event {
    course: u32,
    known: i64,
    time: i64,
    day: i32,
    /// [`NONE`] where no content was engaged with.
    item: u32,
}

/// What was known of a learner in a course so far; reused from course to course.
#[derive(Default)]
struct Known {
    events: u32,
    /// In order.
    days: Vec<i32>,
    contents: u32,
    last: Option<i64>,
    met: Met,
}

impl Known {
    /// Makes ready for another course and so many items.
    fn begin(&mut self, items: usize) {
        self.met.begin(items);
        (self.events, self.contents, self.last) = (0, 0, None);
        self.days.clear();
    }

    fn add(&mut self, event: &Event) {
        self.events += 1;
        // Most days come in order.
        if self.days.last().is_none_or(|last| *last < event.day) {
            self.days.push(event.day);
        } else if let Err(at) = self.days.binary_search(&event.day) {
            self.days.insert(at, event.day);
        }
        let engaged = event.item != NONE;
        self.contents += u32::from(engaged && self.met.first(event.item as usize));
        self.last = self.last.max(Some(event.time));
    }
}

/// The measure.
struct Periods<'a> {
    walk: &'a Walk<'a>,
    inactivity: i64,
    courses: Courses<'a>,
    asked: Arc<Vec<status::Asked>>,
    every: i64,
    events: Vec<Event>,
    known: Known,
}

impl Periods<'_> {
    /// A learner's activity by course, in the order in which it became known.
    fn gather(&mut self, learner: &Learner<'_>) {
        let data = self.walk.data;
        let mut clock = Clock::new(data.zone_of(learner.id), data.day_start);
        let (mut day, mut until) = (0, i64::MIN);
        self.events.clear();
        for (at, (time, item)) in learner.run.time.iter().zip(learner.run.item).enumerate() {
            if *time >= until {
                (day, until) = clock.day(*time);
            }
            let of = |all: &[u32]| all.get(*item as usize).copied().unwrap_or(NONE);
            let engaged = of(&data.items.content) != NONE && learner.verb(at).is_engagement();
            self.events.push(Event {
                course: of(&data.items.course),
                known: known(learner, at),
                time: *time,
                day,
                item: if engaged { *item } else { NONE },
            });
        }
        self.events.sort_by_key(|event| (event.course, event.known));
    }

    fn visit(&mut self, learner: &Learner<'_>, out: &mut Vec<Row>) {
        let courses = &mut self.courses;
        let records = learner.records(|all| courses.visit(learner, all));
        self.gather(learner);
        for record in records.iter().filter(|record| record.course != NONE) {
            self.course(learner, record, out);
        }
    }

    fn course(&mut self, learner: &Learner<'_>, record: &Record, out: &mut Vec<Row>) {
        let (data, as_of) = (self.walk.data, self.walk.as_of);
        let asked = self.asked.get(record.course.wrapping_add(1) as usize);
        let asked = asked.copied().unwrap_or_default();
        let status = status::status(data, record, asked, as_of, self.inactivity);
        let Some((begin, end, exit)) = status::spell(data, record, status, as_of) else {
            return;
        };
        let from = self.events.partition_point(|e| e.course < record.course);
        let events = self.events.get(from..).unwrap_or(&[]).iter();
        let own = events.take_while(|event| event.course == record.course);
        let mut events = own.peekable();
        let known = &mut self.known;
        known.begin(data.items.len());
        let periods = ((end - begin).div_euclid(self.every)).min(MOST);
        for (number, period) in (1_u32..).zip(0..=periods) {
            let start = begin + period * self.every;
            while let Some(event) = events.next_if(|event| event.known < start) {
                known.add(event);
            }
            let last = period == periods;
            // A period that was not seen to its end tells nothing, unless something ended it.
            if last && exit == Exit::Censored {
                return;
            }
            out.push(Row {
                learner: learner.id,
                course: record.course,
                period: number,
                start,
                end: start + self.every,
                left: last && exit == Exit::Left,
                completed: last && exit == Exit::Completed,
                events: known.events,
                active_days: u32::try_from(known.days.len()).unwrap_or(NONE),
                contents: known.contents,
                days_since_last: known.last.map(|last| (start - last) as f64 / DAY as f64),
            });
        }
    }
}

impl PersonalAnalytics {
    /// `learner, course, period, start, end, left, completed, events, active_days, contents,
    /// days_since_last`: one row for each period of a learner's time in a course that was seen
    /// to its end, or that ended it.
    ///
    /// Periods of length `every` count from her enrollment (else the start of the course).
    /// `left` is true in the period in which she stopped (last activity) or withdrew,
    /// `completed` in that of the last activity of one who completed; after the end of the course
    /// there is no period. The features are what was known before the period: nothing in them
    /// looks ahead.
    ///
    /// # Errors
    /// [`Error::Parameter`] for a period shorter than a day, [`Error::Cancelled`].
    pub fn person_periods(&self, every: i64) -> Result<DataFrame> {
        if every < DAY {
            return Err(Error::parameter("every", "at least 1d", show_span(every)));
        }
        let walk = self.walk();
        let completion: Completion = self.completion()?;
        let positions = super::courses::positions(walk.data);
        let inactivity = self.options.inactivity;
        walk.table(table(&walk, &completion, &positions, inactivity, every))
    }
}

/// `learner, course, period, start, end, left, completed, events, active_days, contents,
/// days_since_last`.
pub(super) fn table<'a>(
    walk: &'a Walk<'a>,
    completion: &'a Completion,
    positions: &'a [f64],
    inactivity: i64,
    every: i64,
) -> Measure<'a> {
    let data = walk.data;
    let asked = Arc::new(asked(data, walk.as_of));
    let start = move || Periods {
        walk,
        inactivity,
        courses: Courses::new(walk, Per::Course, completion, positions),
        asked: Arc::clone(&asked),
        every,
        events: Vec::new(),
        known: Known::default(),
    };
    let table = |rows: &Rows<Row>| {
        let flag = |name: &str, of: fn(&Row) -> bool| {
            BooleanChunked::from_iter_values(name.into(), rows.iter().map(of)).into_column()
        };
        frame(
            rows.len(),
            vec![
                data.learner_column(&rows.all(|r| r.learner)),
                data.course_column(&rows.all(|r| r.course)),
                counts("period", rows.all(|r| r.period)),
                instants(data, "start", rows.all(|r| r.start.max(NO_TIME + 1)))?,
                instants(data, "end", rows.all(|r| r.end))?,
                flag("left", |r| r.left),
                flag("completed", |r| r.completed),
                counts("events", rows.all(|r| r.events)),
                counts("active_days", rows.all(|r| r.active_days)),
                counts("contents", rows.all(|r| r.contents)),
                numbers("days_since_last", rows.iter().map(|r| r.days_since_last)),
            ],
        )
    };
    Measure::new(start, Periods::visit, table)
}
