//! What a learner touched: one row for each content she engaged with.

#![expect(
    clippy::indexing_slicing,
    reason = "items index arrays made for all of them"
)]

use polars::prelude::*;

use super::PersonalAnalytics;
use super::completion::Completion;
use super::frames::{Rows, SPAN, counts, flags, frame, instants, lengths, modules, nothing, texts};
use super::measure::Measure;
use super::walk::{Learner, Walk};
use super::watching::Open;
use crate::data::Kind;
use crate::data::calendar::Clock;
use crate::data::ids::NONE;
use crate::error::Result;

/// A content that a learner touched.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Touched {
    learner: u32,
    item: u32,
    events: u32,
    visits: u32,
    study_time: i64,
    active_days: u32,
    first: i64,
    last: i64,
    completed: bool,
    day: i32,
}

/// The measure.
pub(crate) struct Studied<'a> {
    walk: &'a Walk<'a>,
    completion: Completion,
    /// Where an item's row stands, and for which learner that holds.
    place: Vec<(u32, u32)>,
    /// The rows of the learner, and their order.
    rows: Vec<Touched>,
    order: Vec<(u32, u32)>,
}

impl<'a> Studied<'a> {
    pub(crate) fn new(walk: &'a Walk<'a>, completion: &Completion) -> Self {
        Self {
            walk,
            completion: completion.clone(),
            place: vec![(NONE, 0); walk.data.items.len()],
            rows: Vec::new(),
            order: Vec::new(),
        }
    }

    fn slot(&mut self, learner: u32, item: u32, time: i64) -> &mut Touched {
        let place = &mut self.place[item as usize];
        if place.0 != learner {
            *place = (learner, u32::try_from(self.rows.len()).unwrap_or(NONE));
            self.rows.push(Touched {
                learner,
                item,
                events: 0,
                visits: 0,
                study_time: 0,
                active_days: 0,
                first: time,
                last: time,
                completed: false,
                day: i32::MIN,
            });
        }
        &mut self.rows[place.1 as usize]
    }

    pub(crate) fn visit(&mut self, learner: &Learner<'_>, out: &mut Vec<Touched>) {
        let data = self.walk.data;
        self.rows.clear();
        let mut until = i64::MIN;
        let mut day = 0;
        let mut clock = Clock::new(data.zone_of(learner.id), data.day_start);
        let mut visited = (NONE, NONE);
        let content = &data.items.content;
        let touches = |event: usize| {
            let item = learner.run.item[event];
            content[item as usize] != NONE && learner.verb(event).is_engagement()
        };
        for (event, (time, item)) in learner.run.time.iter().zip(learner.run.item).enumerate() {
            let length = learner.credits.length.get(event).copied().unwrap_or(0);
            let owner = learner.credits.owner(event);
            if touches(event) {
                let session = learner.credits.session.get(event).copied();
                if *time >= until {
                    (day, until) = clock.day(*time);
                }
                let own = self.slot(learner.id, *item, *time);
                own.events += 1;
                own.last = *time;
                if own.day != day {
                    own.day = day;
                    own.active_days += 1;
                }
                let visit = (*item, session.unwrap_or(NONE));
                if visit != visited {
                    visited = visit;
                    own.visits += 1;
                }
                if owner == event {
                    own.study_time += length;
                }
            }
            // The owner of the time may be the next event; a content is first touched by its own.
            if owner != event && length > 0 && touches(owner) {
                let (item, time) = (learner.run.item[owner], learner.run.time[owner]);
                self.slot(learner.id, item, time).study_time += length;
            }
        }
        let mut completion = std::mem::replace(&mut self.completion, Completion::empty());
        completion.each(learner, self.walk.medium(Open::Drop), |item| {
            let (owner, at) = self.place[item as usize];
            if owner == learner.id {
                self.rows[at as usize].completed = true;
            }
        });
        self.completion = completion;
        // By course and content, in the order of their ids.
        let Self { order, rows, .. } = self;
        order.clear();
        order.extend((0..).zip(rows.iter()).map(|(at, own)| (own.item, at)));
        order.sort_unstable();
        out.extend(order.iter().map(|(_, at)| rows[*at as usize]));
    }
}

/// `learner, course, content, module, kind, events, visits, study_time, active_days,
/// first_active, last_active, completed`.
pub(super) fn table<'a>(walk: &'a Walk<'a>, completion: &'a Completion) -> Measure<'a> {
    let data = walk.data;
    let minutes = walk.has_minutes();
    let table = move |rows: &Rows<Touched>| {
        let height = rows.len();
        let known = data.items.known;
        let learners = rows.all(|r| r.learner);
        let courses = rows.all(|r| data.items.course[r.item as usize]);
        let items = rows.all(|r| r.item);
        let events = rows.all(|r| r.events);
        let visits = rows.all(|r| r.visits);
        let lasting = rows.all(|r| r.study_time);
        let active_days = rows.all(|r| r.active_days);
        let firsts = rows.all(|r| r.first);
        let lasts = rows.all(|r| r.last);
        let entry = |row: &Touched| data.items.get(row.item);
        let kind = |row: &Touched| entry(row).and_then(|e| e.kind).map(Kind::word);
        let (module, kind, completed) = if known {
            let own = rows.all(|r| entry(r).map_or(NONE, |entry| entry.module));
            (
                modules(data, "module", &own),
                texts("kind", rows.iter().map(kind)),
                flags(
                    "completed",
                    rows.iter().map(|r| entry(r).map(|_| r.completed)),
                ),
            )
        } else {
            (
                modules(data, "module", &vec![NONE; height]),
                nothing("kind", &DataType::String, height),
                nothing("completed", &DataType::Boolean, height),
            )
        };
        let (visits, study_time) = if minutes {
            (counts("visits", visits), lengths("study_time", lasting))
        } else {
            (
                nothing("visits", &DataType::UInt32, height),
                nothing("study_time", &SPAN, height),
            )
        };
        frame(
            height,
            vec![
                data.learner_column(&learners),
                data.course_column(&courses),
                data.content_column("content", &items),
                module,
                kind,
                counts("events", events),
                visits,
                study_time,
                counts("active_days", active_days),
                instants(data, "first_active", firsts)?,
                instants(data, "last_active", lasts)?,
                completed,
            ],
        )
    };
    Measure::new(
        move || Studied::new(walk, completion),
        Studied::visit,
        table,
    )
}

impl PersonalAnalytics {
    /// Lets `take` see the items whose contents each learner engaged with, rising, each once.
    ///
    /// # Errors
    /// [`crate::Error::Cancelled`] if the job is stopped.
    pub(crate) fn of_contents<T: Send>(
        &self,
        take: impl Fn(u32, &[u32], &mut Vec<T>) + Send + Sync,
    ) -> Result<Vec<T>> {
        let walk = self.walk();
        let contents = &walk.data.items.content;
        walk.each(Vec::new, |items: &mut Vec<u32>, learner, out| {
            items.clear();
            let own = learner.run.item.iter().enumerate();
            let engaged = own.filter(|(event, item)| {
                contents[**item as usize] != NONE && learner.verb(*event).is_engagement()
            });
            items.extend(engaged.map(|(_, item)| *item));
            items.sort_unstable();
            items.dedup();
            take(learner.id, items, out);
        })
    }

    /// `learner, course, content, module, kind, events, visits, study_time, active_days,
    /// first_active, last_active, completed`: one row for each content that a learner engaged
    /// with. A visit is a maximal run of events at one content within a session.
    ///
    /// # Errors
    /// [`crate::Error::Cancelled`] if the job is stopped.
    pub fn studied_content(&self) -> Result<DataFrame> {
        let walk = self.walk();
        let completion = self.completion()?;
        walk.table(table(&walk, &completion))
    }
}
