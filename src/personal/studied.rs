//! What a learner touched: one row for each content she engaged with.

#![expect(
    clippy::indexing_slicing,
    reason = "items index arrays made for all of them"
)]

use polars::prelude::*;

use super::PersonalAnalytics;
use super::completion::Completion;
use super::frames::{
    Rows, SPAN, counts, flags, frame, instants, lengths, modules, nothing, phrases,
};
use super::measure::Measure;
use super::walk::{Learner, Walk};
use crate::data::Kind;
use crate::data::calendar::Clock;
use crate::data::ids::NONE;
use crate::data::lanes::NO_TIME;
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
    completion: &'a Completion,
    /// A row for each item of the learner, in order.
    rows: Vec<Touched>,
}

impl<'a> Studied<'a> {
    pub(crate) fn new(walk: &'a Walk<'a>, completion: &'a Completion) -> Self {
        Self {
            walk,
            completion,
            rows: Vec::new(),
        }
    }

    pub(crate) fn visit(&mut self, learner: &Learner<'_>, out: &mut Vec<Touched>) {
        let data = self.walk.data;
        let (items, ranks) = (learner.items(self.walk), learner.ranks(self.walk));
        let rows = &mut self.rows;
        rows.clear();
        rows.extend(items.iter().map(|item| Touched::new(learner.id, *item)));
        let content = |item: &u32| data.items.content[*item as usize];
        let always = learner.run.verb.is_none() && items.iter().all(|item| content(item) != NONE);
        let touches = |event: usize| {
            let item = &learner.run.item[event];
            always || (content(item) != NONE && learner.verb(event).is_engagement())
        };
        let mut clock = Clock::new(data.zone_of(learner.id), data.day_start);
        let (mut day, mut until) = (0, i64::MIN);
        let mut visited = (NONE, NONE);
        for (event, (time, rank)) in learner.run.time.iter().zip(ranks).enumerate() {
            let length = learner.credits.length.get(event).copied().unwrap_or(0);
            let owner = learner.credits.owner(event);
            if touches(event) {
                if *time >= until {
                    (day, until) = clock.day(*time);
                }
                let session = learner.credits.session.get(event).copied();
                let visit = (*rank, session.unwrap_or(NONE));
                let own = &mut rows[*rank as usize];
                own.touch(*time, day, visit != visited);
                visited = visit;
                own.study_time += if owner == event { length } else { 0 };
            }
            // The owner of the time may be the next event.
            if owner != event && touches(owner) {
                rows[ranks[owner] as usize].study_time += length;
            }
        }
        self.completion.each(self.walk, learner, |item| {
            if let Ok(rank) = items.binary_search(&item) {
                rows[rank].completed = true;
            }
        });
        out.extend(rows.iter().filter(|own| own.events > 0));
    }
}

impl Touched {
    fn new(learner: u32, item: u32) -> Self {
        Self {
            learner,
            item,
            events: 0,
            visits: 0,
            study_time: 0,
            active_days: 0,
            first: NO_TIME,
            last: NO_TIME,
            completed: false,
            day: i32::MIN,
        }
    }

    /// One more event.
    fn touch(&mut self, time: i64, day: i32, visit: bool) {
        self.first = if self.events == 0 { time } else { self.first };
        self.last = time;
        self.events += 1;
        self.visits += u32::from(visit);
        self.active_days += u32::from(self.day != day);
        self.day = day;
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
                phrases("kind", rows.iter().map(kind))?,
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
