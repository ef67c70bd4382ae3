//! The weeks of a learner in one pass over her events.
//!
//! Where events were known as they happened and nothing but gaps makes study time, the log cut at
//! the end of a week is the beginning of the whole one, and only the credit of its last event
//! differs: it has none. So a gap counts in the week in which the next event ends it, from the
//! beginning of that week on, and an attempt stands at the end of a week as it did when the last
//! event of the week was taken in.

#![expect(
    clippy::indexing_slicing,
    reason = "items and courses index arrays made for all of them, lanes their own cells"
)]

use super::attempts::{self, Attempts};
use super::credits::plain;
use super::walk::{Learner, Walk};
use super::week_cut::{due, problem};
use super::weekly::{Asked, Cell};
use crate::data::ids::NONE;
use crate::data::schema::Verb;
use crate::stats::variance;

/// The weeks of one course, with the one under way.
#[derive(Debug, Default)]
struct Lane {
    to: usize,
    at: usize,
    /// The week under way, from its first instant to the last that is seen.
    from: i64,
    until: i64,
    /// Hours into the week under way of its events.
    hours: Vec<f64>,
    /// Attempts touched since the last week was closed.
    touched: Vec<u32>,
}

impl Lane {
    /// Whether the week under way holds an instant, and it was seen then.
    fn holds(&self, time: i64) -> bool {
        (self.from..=self.until).contains(&time)
    }

    /// Goes on to the week that holds an instant; whether there is one, and it was seen then.
    fn seek(&mut self, cells: &mut [Cell], time: i64) -> bool {
        if self.holds(time) {
            return true;
        }
        while self.at < self.to && cells[self.at].period.next <= time {
            self.leave(cells);
            self.at += 1;
        }
        let period = cells[..self.to].get(self.at).map(|cell| cell.period);
        // Where no week is left, none holds anything.
        (self.from, self.until) = period.map_or((0, -1), |period| (period.from, period.at));
        self.holds(time)
    }

    fn leave(&mut self, cells: &mut [Cell]) {
        if !self.hours.is_empty() {
            let week = &mut cells[self.at].week;
            week.events = u32::try_from(self.hours.len()).unwrap_or(NONE);
            week.event_time_variance = variance(&self.hours, 1);
            self.hours.clear();
        }
    }
}

/// Working space, reused from learner to learner.
#[derive(Debug)]
pub(crate) struct Pass {
    lanes: Vec<Lane>,
    used: usize,
    /// Which lane a course has, and for which learner that holds.
    place: Vec<(u32, u32)>,
    /// Weeks by their end.
    order: Vec<(i64, u32)>,
}

/// Whether the weeks of a run can be had in one pass, where events were known as they happened.
pub(crate) fn fits(walk: &Walk<'_>, learner: &Learner<'_>) -> bool {
    !walk.has_minutes() || plain(&learner.run, walk.rule)
}

impl Pass {
    pub(crate) fn new(courses: usize) -> Self {
        Self {
            lanes: Vec::new(),
            used: 0,
            place: vec![(NONE, 0); courses],
            order: Vec::new(),
        }
    }

    fn open(&mut self, learner: u32, cells: &[Cell]) {
        self.used = 0;
        let mut from = 0;
        for own in cells.chunk_by(|a, b| a.week.course == b.week.course) {
            if self.lanes.len() == self.used {
                self.lanes.push(Lane::default());
            }
            let lane = &mut self.lanes[self.used];
            (lane.at, lane.to) = (from, from + own.len());
            (lane.from, lane.until) = (own[0].period.from, own[0].period.at);
            lane.touched.clear();
            let number = u32::try_from(self.used).unwrap_or(NONE);
            self.place[own[0].week.course as usize] = (learner, number);
            (from, self.used) = (lane.to, self.used + 1);
        }
    }

    /// Fills the weeks in; attempts are left as the whole log tells them, in no order.
    pub(crate) fn fill(
        &mut self,
        walk: &Walk<'_>,
        asked: &Asked,
        learner: &Learner<'_>,
        attempts: &mut Attempts,
        cells: &mut [Cell],
    ) {
        self.open(learner.id, cells);
        attempts.begin(walk.data.items.len());
        let tells = attempts::told(&learner.run);
        let mut closing = 0;
        if tells {
            self.order.clear();
            let ends = (0_u32..).zip(cells.iter());
            self.order
                .extend(ends.map(|(at, cell)| (cell.period.at, at)));
            self.order.sort_unstable();
        }
        let (run, items) = (&learner.run, &walk.data.items);
        // The lane of the event before.
        let mut before = None;
        for (event, (time, item)) in run.time.iter().zip(run.item).enumerate() {
            if tells {
                closing = self.close(closing, *time, walk, asked, attempts, cells);
            }
            if let Some(last) = event.checked_sub(1) {
                let credit = learner.credits.length.get(last).copied().unwrap_or(0);
                if let Some(lane) = before.filter(|_| credit > 0) {
                    let kind = items.known.then(|| items.kind(run.item[last])).flatten();
                    let lane: &mut Lane = &mut self.lanes[lane];
                    // A gap counts in the week in which it ended.
                    if lane.seek(cells, *time) {
                        let from = (*time - credit).max(lane.from);
                        cells[lane.at].week.credit(kind, *time - from);
                    }
                }
            }
            before = self.lane(learner.id, items.course[*item as usize]);
            let Some(lane) = before.map(|lane| &mut self.lanes[lane]) else {
                continue;
            };
            if lane.seek(cells, *time) {
                lane.hours.push((*time - lane.from) as f64 / 3.6e9);
                if run.verb.is_some() {
                    let week = &mut cells[lane.at].week;
                    match learner.verb(event) {
                        Verb::Posted => week.more.posts += 1,
                        Verb::Replied => week.more.replies += 1,
                        Verb::Commented => week.more.comments += 1,
                        _ => {}
                    }
                }
            }
            if tells && let Some(touched) = attempts.tell(learner, event) {
                lane.touched.push(touched);
            }
        }
        for lane in &mut self.lanes[..self.used] {
            if lane.at < lane.to {
                lane.leave(cells);
            }
        }
        if tells {
            self.close(closing, i64::MAX, walk, asked, attempts, cells);
        } else {
            for cell in cells {
                due(asked, &[], cell);
            }
        }
    }

    /// The lane of a course, if the learner has one.
    fn lane(&self, learner: u32, course: u32) -> Option<usize> {
        let (owner, lane) = self.place.get(course as usize)?;
        (*owner == learner).then_some(*lane as usize)
    }

    /// Closes the weeks that ended before an instant.
    fn close(
        &mut self,
        mut closing: usize,
        before: i64,
        walk: &Walk<'_>,
        asked: &Asked,
        attempts: &Attempts,
        cells: &mut [Cell],
    ) -> usize {
        while let Some((_, cell)) = self.order.get(closing).filter(|(at, _)| *at < before) {
            let cell = &mut cells[*cell as usize];
            let (_, lane) = self.place[cell.week.course as usize];
            let touched = &mut self.lanes[lane as usize].touched;
            let item = |attempt: &u32| attempts.all[*attempt as usize].item;
            touched.sort_unstable_by_key(|attempt| (item(attempt), *attempt));
            touched.dedup();
            for own in touched.chunk_by(|a, b| item(a) == item(b)) {
                let own = own.iter().map(|attempt| &attempts.all[*attempt as usize]);
                problem(walk.data, asked, own, cell);
            }
            touched.clear();
            due(asked, &attempts.all, cell);
            closing += 1;
        }
        closing
    }
}
