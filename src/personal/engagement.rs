//! How a learner kept up with the assessments of a course, period by period.
//!
//! A period ends when assessments are due (those due on one day, when the last of them is). In
//! it a learner is on track (all handed in by their deadlines), behind (some handed in, or some
//! late), auditing (none, but she did something in the course) or out. Without deadlines the
//! weeks of the course are the periods, and nobody is behind.
//!
//! Kizilcec, Piech & Schneider 2013, "Deconstructing disengagement: analyzing learner
//! subpopulations in massive open online courses", LAK '13, doi:10.1145/2460296.2460330.

#![expect(
    clippy::indexing_slicing,
    reason = "courses and items index arrays made for all of them, marks those of the periods"
)]

use std::sync::Arc;

use polars::prelude::*;

use super::PersonalAnalytics;
use super::completing::Completing;
use super::completion::{Completion, Rule};
use super::frames::{Rows, counts, frame, instants, phrases, wholes};
use super::grid::Grid;
use super::measure::Measure;
use super::participation::has_verbs;
use super::spells::Spell;
use super::splits::Week;
use super::walk::{Learner, Walk};
use crate::data::Inner;
use crate::data::ids::NONE;
use crate::data::schema::Kind;
use crate::error::Result;

/// Labels by their level.
const LABELS: [&str; 4] = ["out", "auditing", "behind", "on_track"];

/// The periods of a course that were over at `as_of`.
#[derive(Debug, Default)]
struct Schedule {
    /// Nothing before the first period counts.
    start: i64,
    /// Last instants, in order.
    ends: Vec<i64>,
    /// The required assessments of the course: items, and with deadlines the period and the
    /// instant in which they are due.
    assessments: Vec<(u32, Option<(usize, i64)>)>,
    dated: bool,
    /// Whether the log tells what was handed in.
    told: bool,
}

impl Schedule {
    fn period(&self, time: i64) -> Option<usize> {
        let at = self.ends.partition_point(|end| *end < time);
        (time >= self.start && at < self.ends.len()).then_some(at)
    }
}

/// Whether contents of a kind are handed in.
pub(crate) fn is_assessment(kind: Option<Kind>) -> bool {
    matches!(kind, Some(Kind::Quiz | Kind::Problem | Kind::Assignment))
}

/// The schedule of each course; no periods in one without assessments, and in one without
/// deadlines that has no start.
fn schedules(data: &Inner, rules: &Completion, as_of: i64) -> Result<Vec<Schedule>> {
    let mut all: Vec<Schedule> = (0..data.courses.len())
        .map(|_| Schedule::default())
        .collect();
    let mut dues: Vec<Vec<(i64, u32)>> = vec![Vec::new(); all.len()];
    for (item, (course, entry)) in (0_u32..).zip(data.items.course.iter().zip(&data.items.entry)) {
        let entry = entry.as_ref().filter(|entry| entry.required);
        let Some(entry) = entry.filter(|entry| is_assessment(entry.kind)) else {
            continue;
        };
        let Some(own) = all.get_mut(*course as usize) else {
            continue;
        };
        own.assessments.push((item, None));
        if let Some(due) = entry.due {
            dues[*course as usize].push((due, item));
        }
    }
    for (course, (own, mut dues)) in (0_u32..).zip(all.iter_mut().zip(dues)) {
        if own.assessments.is_empty() {
            continue;
        }
        let touched = |item| rules.rule(item) == Some(Rule::Engaged);
        own.told = has_verbs(data) || own.assessments.iter().all(|(item, _)| touched(*item));
        own.dated = !dues.is_empty();
        if own.dated {
            dues.sort_unstable();
            own.deadlines(data, &dues, as_of);
        } else {
            own.weeks(data, course, as_of)?;
        }
    }
    Ok(all)
}

impl Schedule {
    fn deadlines(&mut self, data: &Inner, dues: &[(i64, u32)], as_of: i64) {
        self.start = i64::MIN;
        self.assessments.clear();
        let day = |due: i64| data.zone.local_day(due, data.day_start);
        for own in dues.chunk_by(|a, b| day(a.0) == day(b.0)) {
            let end = own.last().map_or(i64::MAX, |(due, _)| *due);
            if end > as_of {
                break;
            }
            let due = |(due, item): &(i64, u32)| (*item, Some((self.ends.len(), *due)));
            let own: Vec<_> = own.iter().map(due).collect();
            self.assessments.extend(own);
            self.ends.push(end);
        }
    }

    fn weeks(&mut self, data: &Inner, course: u32, as_of: i64) -> Result<()> {
        let Some(begin) = data.starts(course).filter(|start| *start <= as_of) else {
            return Ok(());
        };
        let ends = data.ends(course);
        let end = ends.map_or(as_of, |end| end.min(as_of));
        if end < begin {
            return Ok(());
        }
        let (grid, mut periods) = (Grid::weeks(Week::Course), Vec::new());
        let spell = Spell {
            course,
            begin,
            end,
            last: end,
        };
        if !grid.lay(data, &data.zone, &spell, &mut periods) {
            return Err(Grid::too_many("as_of"));
        }
        self.start = periods.first().map_or(begin, |period| period.from);
        let over = ends == Some(end);
        let seen = periods
            .iter()
            .filter(|period| period.at == period.next - 1 || over);
        self.ends = seen.map(|period| period.at).collect();
        Ok(())
    }
}

#[derive(Debug)]
struct Row {
    learner: u32,
    course: u32,
    /// From 0.
    period: u32,
    until: i64,
    due: Option<u32>,
    submitted: Option<u32>,
    on_time: Option<u32>,
    level: Option<u8>,
}

/// What a learner did in a period.
#[derive(Debug, Clone, Copy, Default)]
struct Mark {
    active: bool,
    due: u32,
    submitted: u32,
    on_time: u32,
}

impl Mark {
    fn level(self, dated: bool) -> u8 {
        match self {
            Self { due, on_time, .. } if dated && on_time == due => 3,
            Self { submitted: 1.., .. } => {
                if dated {
                    2
                } else {
                    3
                }
            }
            Self { active, .. } => u8::from(active),
        }
    }
}

/// The measure.
struct Keeping<'a> {
    walk: &'a Walk<'a>,
    rules: &'a Completion,
    schedules: Arc<Vec<Schedule>>,
    marks: Vec<Mark>,
}

impl Keeping<'_> {
    fn visit(&mut self, learner: &Learner<'_>, out: &mut Vec<Row>) {
        if !self.walk.data.items.known {
            return;
        }
        let completing = learner.completing(self.rules);
        let courses = learner.courses(self.walk);
        for course in courses.iter().filter(|course| **course != NONE) {
            let schedule = &self.schedules[*course as usize];
            mark(
                self.walk.data,
                learner,
                *course,
                schedule,
                completing,
                &mut self.marks,
            );
            let marks = self.marks.iter().zip(&schedule.ends);
            out.extend((0..).zip(marks).map(|(period, (mark, until))| Row {
                learner: learner.id,
                course: *course,
                period,
                until: *until,
                due: schedule.dated.then_some(mark.due),
                submitted: schedule.told.then_some(mark.submitted),
                on_time: (schedule.dated && schedule.told).then_some(mark.on_time),
                level: schedule.told.then(|| mark.level(schedule.dated)),
            }));
        }
    }
}

/// What a learner did in each period of a course.
fn mark(
    data: &Inner,
    learner: &Learner<'_>,
    course: u32,
    schedule: &Schedule,
    completing: &Completing,
    marks: &mut Vec<Mark>,
) {
    marks.clear();
    marks.resize(schedule.ends.len(), Mark::default());
    for (event, (time, item)) in learner.run.time.iter().zip(learner.run.item).enumerate() {
        let here = data.items.course[*item as usize] == course;
        let engaged = here && learner.verb(event).is_engagement();
        if let Some(period) = schedule.period(*time).filter(|_| engaged) {
            marks[period].active = true;
        }
    }
    for (item, due) in &schedule.assessments {
        let handed = completing.get(*item).map(|own| own.time);
        if let Some((period, due)) = due {
            let own = &mut marks[*period];
            own.due += 1;
            own.submitted += u32::from(handed.is_some());
            own.on_time += u32::from(handed.is_some_and(|time| time <= *due));
        } else if let Some(period) = handed.and_then(|time| schedule.period(time)) {
            marks[period].submitted += 1;
        }
    }
}

/// `learner, course, period, until, due, submitted, on_time, label, level, reason`.
pub(super) fn table<'a>(walk: &'a Walk<'a>, rules: &'a Completion) -> Result<Measure<'a>> {
    let data = walk.data;
    let schedules = if data.items.known {
        schedules(data, rules, walk.as_of)?
    } else {
        Vec::new()
    };
    let schedules = Arc::new(schedules);
    let start = move || Keeping {
        walk,
        rules,
        schedules: Arc::clone(&schedules),
        marks: Vec::new(),
    };
    let table = |rows: &Rows<Row>| {
        let label = |r: &Row| LABELS.get(usize::from(r.level?)).copied();
        let reason = |r: &Row| r.level.is_none().then_some("no verbs in the log");
        frame(
            rows.len(),
            vec![
                data.learner_column(&rows.all(|r| r.learner)),
                data.course_column(&rows.all(|r| r.course)),
                counts("period", rows.all(|r| r.period + 1)),
                instants(data, "until", rows.all(|r| r.until))?,
                wholes("due", rows.iter().map(|r| r.due)),
                wholes("submitted", rows.iter().map(|r| r.submitted)),
                wholes("on_time", rows.iter().map(|r| r.on_time)),
                phrases("label", rows.iter().map(label))?,
                Column::new("level".into(), rows.all(|r| r.level)),
                phrases("reason", rows.iter().map(reason))?,
            ],
        )
    };
    Ok(Measure::new(start, Keeping::visit, table))
}

impl PersonalAnalytics {
    /// `learner, course, period, until, due, submitted, on_time, label, level, reason`: one row per
    /// learner, course and assessment period that was over at `as_of`. What the labels mean
    /// stands in `engagement.rs`; no rows without a catalog.
    ///
    /// # Errors
    /// [`crate::Error::Parameter`] for a course of more than 10 000 weeks,
    /// [`crate::Error::Cancelled`].
    pub fn engagement(&self) -> Result<DataFrame> {
        let walk = self.walk();
        let rules = self.completion()?;
        walk.table(table(&walk, &rules)?)
    }
}
