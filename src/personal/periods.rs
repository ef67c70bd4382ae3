//! The person-period table: what a discrete-time model of drop-off is fitted to.

use polars::prelude::*;

use super::PersonalAnalytics;
use super::completion::Completion;
use super::courses::{Courses, Per, Record};
use super::frames::{frame, numbers, times, wholes};
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

/// What was known of a learner in a course so far.
#[derive(Default)]
struct Known {
    events: u32,
    active_days: u32,
    day: Option<i32>,
    contents: Vec<u32>,
    last: Option<i64>,
}

impl Known {
    fn add(&mut self, time: i64, day: i32, content: Option<u32>) {
        self.events += 1;
        if self.day != Some(day) {
            self.day = Some(day);
            self.active_days += 1;
        }
        self.last = Some(time);
        self.contents
            .extend(content.filter(|content| !self.contents.contains(content)));
    }
}

/// The measure.
struct Periods<'a> {
    walk: &'a Walk<'a>,
    analytics: &'a PersonalAnalytics,
    courses: Courses<'a>,
    records: Vec<Record>,
    asked: &'a [status::Asked],
    every: i64,
}

impl Periods<'_> {
    fn visit(&mut self, learner: &Learner<'_>, out: &mut Vec<Row>) {
        let mut records = std::mem::take(&mut self.records);
        records.clear();
        self.courses.visit(learner, &mut records);
        for record in &records {
            if record.course != NONE {
                self.course(learner, record, out);
            }
        }
        self.records = records;
    }

    fn course(&self, learner: &Learner<'_>, record: &Record, out: &mut Vec<Row>) {
        let (data, as_of) = (self.walk.data, self.walk.as_of);
        let asked = self.asked.get(record.course.wrapping_add(1) as usize);
        let inactivity = self.analytics.options.inactivity;
        let asked = asked.copied().unwrap_or_default();
        let status = status::status(data, record, asked, as_of, inactivity);
        let Some((begin, end, exit)) = status::spell(data, record, status, as_of) else {
            return;
        };
        let items = &data.items;
        let course = |item: u32| items.course.get(item as usize).copied();
        let mut clock = Clock::new(data.zone_of(learner.id), data.day_start);
        let mut events = learner
            .run
            .time
            .iter()
            .zip(learner.run.item)
            .enumerate()
            .filter(|(_, (_, item))| course(**item) == Some(record.course))
            .peekable();
        let mut known = Known::default();
        let periods = ((end - begin).div_euclid(self.every)).min(MOST);
        for (number, period) in (1_u32..).zip(0..=periods) {
            let start = begin + period * self.every;
            while let Some((event, (time, item))) = events.next_if(|(_, (time, _))| **time < start)
            {
                let content = items.content.get(*item as usize).copied();
                let touched = content.filter(|_| learner.verb(event).is_engagement());
                let (day, _) = clock.day(*time);
                known.add(*time, day, touched.filter(|content| *content != NONE));
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
                active_days: known.active_days,
                contents: u32::try_from(known.contents.len()).unwrap_or(NONE),
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
    /// `completed` in that of the last activity of one who completed. The features are what was
    /// known before the period: nothing in them looks ahead.
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
        let asked = asked(walk.data, self.as_of);
        let start = || Periods {
            walk: &walk,
            analytics: self,
            courses: Courses::new(&walk, Per::Course, &completion, &positions),
            records: Vec::new(),
            asked: &asked,
            every,
        };
        let rows = walk.each(start, Periods::visit)?;
        let data = walk.data;
        let dense = |of: fn(&Row) -> u32| -> Vec<u32> { rows.iter().map(of).collect() };
        let flag = |name: &str, of: fn(&Row) -> bool| {
            BooleanChunked::from_iter_values(name.into(), rows.iter().map(of)).into_column()
        };
        let whole =
            |name: &str, of: fn(&Row) -> u32| wholes(name, rows.iter().map(|r| Some(of(r))));
        frame(
            rows.len(),
            vec![
                data.learner_column(&dense(|r| r.learner)),
                data.course_column(&dense(|r| r.course)),
                whole("period", |r| r.period),
                times(data, "start", rows.iter().map(|r| r.start.max(NO_TIME + 1)))?,
                times(data, "end", rows.iter().map(|r| r.end))?,
                flag("left", |r| r.left),
                flag("completed", |r| r.completed),
                whole("events", |r| r.events),
                whole("active_days", |r| r.active_days),
                whole("contents", |r| r.contents),
                numbers("days_since_last", rows.iter().map(|r| r.days_since_last)),
            ],
        )
    }
}
