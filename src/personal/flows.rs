//! What each learner did in a window of time, by course: the record that reference groups read
//! for a week or a month.
//!
//! Study time is divided at both ends of the window, as [`splits`](super::splits) divide it at
//! those of a week; a session counts where it begins, a content as completed where what completed
//! it happened. So what lies in windows that follow each other adds up to what lies in all of
//! them. What is received after the window is in none.

#![expect(
    clippy::indexing_slicing,
    reason = "items and courses index arrays made for all of them, events those of the run"
)]

use super::completion::{Completion, Rule};
use super::courses::Per;
use super::slots::Slots;
use super::spells::known;
use super::walk::{Learner, Walk};
use super::watching::Stepping;
use crate::data::calendar::Clock;
use crate::data::ids::NONE;

/// From a moment until another: `[from, until)` in UTC microseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Window {
    pub(crate) from: i64,
    pub(crate) until: i64,
}

impl Window {
    /// Whether something that became known at some time counts: 1 if so, 0 for what was before
    /// and 2 for what was later.
    fn step(&self, time: i64, known: i64) -> usize {
        if time >= self.until || known >= self.until {
            2
        } else {
            usize::from(time >= self.from)
        }
    }
}

/// One learner in one course (or, `Per::Learner`, in all of them).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Flow {
    pub(crate) study_time: i64,
    pub(crate) sessions: u32,
    pub(crate) events: u32,
    pub(crate) active_days: u32,
    pub(crate) contents: u32,
    pub(crate) completed: u32,
}

/// A flow in the making, with what it last saw.
struct Slot {
    flow: Flow,
    day: i32,
    session: u32,
}

impl Default for Slot {
    fn default() -> Self {
        Self {
            flow: Flow::default(),
            day: i32::MIN,
            session: NONE,
        }
    }
}

/// The measure: working space reused from learner to learner. The walk must know what comes up
/// to one gap of a session after the window: only the next event tells how long the last one took.
pub(crate) struct Flows<'a> {
    walk: &'a Walk<'a>,
    window: Window,
    rules: &'a Completion,
    stepping: Stepping,
    /// The last learner that touched an item; no learner has the number [`NONE`].
    touched: Vec<u32>,
    slots: Slots<Slot>,
}

impl<'a> Flows<'a> {
    pub(crate) fn new(walk: &'a Walk<'a>, per: Per, window: Window, rules: &'a Completion) -> Self {
        Self {
            walk,
            window,
            rules,
            stepping: Stepping::default(),
            touched: vec![NONE; walk.data.items.len()],
            slots: Slots::new(per),
        }
    }

    /// Appends the flows of one learner: by course, none where there was nothing.
    pub(crate) fn visit(&mut self, learner: &Learner<'_>, out: &mut Vec<(u32, u32, Flow)>) {
        for registration in learner.registrations {
            if self.window.step(registration.time, registration.known) == 1 {
                let course = self.walk.data.items.course[registration.item as usize];
                self.slots.of(course).flow.events += 1;
            }
        }
        self.activity(learner);
        if self.walk.has_minutes() {
            self.study_time(learner);
        }
        if self.walk.data.items.known {
            self.completed(learner);
        }
        let flows = self.slots.drain().map(|(course, slot)| (course, slot.flow));
        let some = flows.filter(|(_, flow)| *flow != Flow::default());
        out.extend(some.map(|(course, flow)| (learner.id, course, flow)));
    }

    fn activity(&mut self, learner: &Learner<'_>) {
        let (data, window) = (self.walk.data, self.window);
        let run = &learner.run;
        let from = run.time.partition_point(|time| *time < window.from);
        let to = run.time.partition_point(|time| *time < window.until);
        // A session that is under way as the window opens has begun in its courses before.
        let session = |event: usize| learner.credits.session.get(event).copied();
        let under_way = session(from).and_then(|own| learner.credits.sessions.get(own as usize));
        let begun = under_way.map_or(from, |own| own.from.min(from));
        // The calendar of a window is that of the data set, not of the learner.
        let mut clock = Clock::new(&data.zone, data.day_start);
        let (mut day, mut until) = (0, i64::MIN);
        for event in begun..to {
            let (time, item) = (run.time[event], run.item[event]);
            let step = window.step(time, known(learner, event));
            if step > 1 {
                // What is not known yet begins no session: that is for the first event known.
                continue;
            }
            let slot = self.slots.of(data.items.course[item as usize]);
            let counted = session(event).filter(|own| *own != NONE);
            let begins = counted.is_some_and(|own| own != slot.session);
            slot.session = counted.unwrap_or(slot.session);
            if step < 1 {
                continue;
            }
            if time >= until {
                (day, until) = clock.day(time);
            }
            let flow = &mut slot.flow;
            flow.sessions += u32::from(begins);
            flow.events += 1;
            flow.active_days += u32::from(slot.day != day);
            slot.day = day;
            let place = item as usize;
            if learner.verb(event).is_engagement() {
                flow.contents += u32::from(self.touched[place] != learner.id);
                self.touched[place] = learner.id;
            }
        }
    }

    fn study_time(&mut self, learner: &Learner<'_>) {
        let (run, credits, window) = (&learner.run, learner.credits, self.window);
        for (event, length) in credits.length.iter().enumerate() {
            let start = credits.start(run, event);
            let inside = (start + length).min(window.until) - start.max(window.from);
            if inside > 0 && known(learner, event) < window.until {
                let item = run.item[credits.owner(event)];
                let course = self.walk.data.items.course[item as usize];
                self.slots.of(course).flow.study_time += inside;
            }
        }
    }

    fn completed(&mut self, learner: &Learner<'_>) {
        let (data, window, rules) = (self.walk.data, self.window, self.rules);
        let completing = learner.completing(rules);
        // Films of which enough was watched, and when that was so first.
        let mut films: Vec<(u32, usize)> = Vec::new();
        if rules.watches() {
            let when = |event: usize| window.step(learner.run.time[event], known(learner, event));
            let wanted = |item: u32| rules.rule(item) == Some(Rule::Watched);
            self.stepping
                .each(self.walk, learner, wanted, when, |film, at| {
                    let enough = film.is_watched();
                    if enough && films.last().is_none_or(|(item, _)| *item != film.item) {
                        films.push((film.item, at));
                    }
                });
        }
        let watched = |item: u32| {
            let at = films.binary_search_by_key(&item, |(item, _)| *item).ok()?;
            films.get(at).map(|(_, at)| *at)
        };
        let told = |item: u32| {
            let own = completing.get(item)?;
            Some(window.step(own.time, own.known))
        };
        for own in completing.all() {
            if told(own.item) == Some(1) && watched(own.item).is_none_or(|at| at > 0) {
                let course = data.items.course[own.item as usize];
                self.slots.of(course).flow.completed += 1;
            }
        }
        for (item, at) in &films {
            if *at == 1 && told(*item).is_none_or(|at| at > 1) {
                let course = data.items.course[*item as usize];
                self.slots.of(course).flow.completed += 1;
            }
        }
    }
}
