//! What a learner touched: one row for each content she engaged with.

#![expect(
    clippy::indexing_slicing,
    reason = "items index arrays made for all of them"
)]

use polars::prelude::*;

use super::PersonalAnalytics;
use super::completion::Completion;
use super::frames::{frame, modules, spans, texts, times, wholes};
use super::walk::{Learner, Walk};
use super::watching::Open;
use crate::data::Kind;
use crate::data::calendar::Clock;
use crate::data::ids::NONE;
use crate::error::Result;

/// A content that a learner touched.
#[derive(Debug, Clone)]
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
    place: Vec<(u32, usize)>,
}

impl<'a> Studied<'a> {
    pub(crate) fn new(walk: &'a Walk<'a>, completion: &Completion) -> Self {
        Self {
            walk,
            completion: completion.clone(),
            place: vec![(NONE, 0); walk.data.items.len()],
        }
    }

    fn slot<'b>(
        &mut self,
        learner: u32,
        item: u32,
        time: i64,
        out: &'b mut Vec<Touched>,
    ) -> &'b mut Touched {
        let place = &mut self.place[item as usize];
        if place.0 != learner {
            *place = (learner, out.len());
            out.push(Touched {
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
        &mut out[place.1]
    }

    pub(crate) fn visit(&mut self, learner: &Learner<'_>, out: &mut Vec<Touched>) {
        let data = self.walk.data;
        let from = out.len();
        let mut clock = Clock::new(data.zone_of(learner.id), data.day_start);
        let mut visited = (NONE, NONE);
        for (event, (time, item)) in learner.run.time.iter().zip(learner.run.item).enumerate() {
            let touches = |event: usize| {
                let item = learner.run.item[event];
                data.items.content[item as usize] != NONE && learner.verb(event).is_engagement()
            };
            if touches(event) {
                let session = learner.credits.session.get(event).copied();
                let (day, _) = clock.day(*time);
                let own = self.slot(learner.id, *item, *time, out);
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
            }
            // The owner of the time may be the next event; a content is first touched by its own.
            let length = learner.credits.length.get(event).copied().unwrap_or(0);
            let owner = learner.credits.owner(event);
            if length > 0 && touches(owner) {
                let (item, time) = (learner.run.item[owner], learner.run.time[owner]);
                self.slot(learner.id, item, time, out).study_time += length;
            }
        }
        let mut completion = std::mem::replace(&mut self.completion, Completion::empty());
        completion.each(learner, self.walk.medium(Open::Drop), |item| {
            let (owner, at) = self.place[item as usize];
            if owner == learner.id {
                out[at].completed = true;
            }
        });
        self.completion = completion;
        // By course and content, in the order of their ids; rows are found no more.
        for own in &out[from..] {
            self.place[own.item as usize].0 = NONE;
        }
        out[from..].sort_unstable_by_key(|own| own.item);
    }
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
        let rows = walk.each(|| Studied::new(&walk, &completion), Studied::visit)?;
        let data = walk.data;
        let minutes = walk.has_minutes();
        let learners: Vec<u32> = rows.iter().map(|r| r.learner).collect();
        let items: Vec<u32> = rows.iter().map(|r| r.item).collect();
        let courses: Vec<u32> = items
            .iter()
            .map(|i| data.items.course[*i as usize])
            .collect();
        let entry = |row: &Touched| data.items.get(row.item);
        let own: Vec<u32> = rows
            .iter()
            .map(|row| entry(row).map_or(NONE, |entry| entry.module))
            .collect();
        let kind = |row: &Touched| entry(row).and_then(|e| e.kind).map(Kind::word);
        let completed = rows.iter().map(|r| entry(r).map(|_| r.completed));
        frame(
            rows.len(),
            vec![
                data.learner_column(&learners),
                data.course_column(&courses),
                data.content_column("content", &items),
                modules(data, "module", &own),
                texts("kind", rows.iter().map(kind)),
                wholes("events", rows.iter().map(|r| Some(r.events))),
                wholes("visits", rows.iter().map(|r| minutes.then_some(r.visits))),
                spans(
                    "study_time",
                    rows.iter().map(|r| minutes.then_some(r.study_time)),
                ),
                wholes("active_days", rows.iter().map(|r| Some(r.active_days))),
                times(data, "first_active", rows.iter().map(|r| r.first))?,
                times(data, "last_active", rows.iter().map(|r| r.last))?,
                BooleanChunked::from_iter_options("completed".into(), completed).into_column(),
            ],
        )
    }
}
