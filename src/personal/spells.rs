//! When a learner's time in each of her courses began: what series over time start from.

use super::walk::{Learner, Walk};
use crate::data::Inner;
use crate::data::ids::NONE;
use crate::data::lanes::NO_TIME;
use crate::data::schema::Verb;

/// A learner in a course.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Spell {
    pub(crate) course: u32,
    /// When the first thing about her became known.
    pub(crate) begin: i64,
    /// The end of the course, or `as_of` if that came first.
    pub(crate) end: i64,
    /// The last period holds this: the end, or in a course without one when her last activity
    /// became known. What comes after would only repeat.
    pub(crate) last: i64,
}

/// When an event became known: as it happened, or when it was received.
pub(crate) fn known(learner: &Learner<'_>, event: usize) -> i64 {
    let run = &learner.run;
    let time = run.time.get(event).copied().unwrap_or(NO_TIME);
    let received = run.received.and_then(|received| received.get(event));
    received.map_or(time, |received| time.max(*received)) // [`NO_TIME`] is the smallest
}

/// A learner's courses in order: from the first activity, registration or enrollment (for one
/// without a start the start of the course) until the course ends, or in a course without an
/// end until her last activity. Where nothing tells when she began, it began at the end.
pub(super) fn fill(walk: &Walk<'_>, learner: &Learner<'_>, all: &mut Vec<Spell>) {
    Spells { all }.of(walk, learner);
}

/// The list in the making.
struct Spells<'l> {
    all: &'l mut Vec<Spell>,
}

impl Spells<'_> {
    fn of(&mut self, walk: &Walk<'_>, learner: &Learner<'_>) {
        let (data, as_of) = (walk.data, walk.as_of);
        self.met(data, learner);
        if !learner.registrations.is_empty() {
            self.registered(walk, learner.id);
        }
        for row in data.facts.enrollments_of(learner.id) {
            match row.start {
                Some(start) if start > as_of => {}
                Some(start) => self.began(row.course, start),
                None => {
                    let end = data.ends(row.course).map_or(as_of, |end| end.min(as_of));
                    let start = data.starts(row.course).unwrap_or(end);
                    self.began(row.course, start.min(end));
                }
            }
        }
        for spell in self.all.iter_mut() {
            let ends = data.ends(spell.course);
            spell.end = ends.map_or(as_of, |end| end.min(as_of));
            spell.last = if ends.is_some() {
                spell.end
            } else {
                spell.last.max(spell.begin)
            };
        }
        self.all
            .retain(|spell| spell.course != NONE && spell.begin <= spell.end);
        self.all.sort_unstable_by_key(|spell| spell.course);
    }

    fn began(&mut self, course: u32, at: i64) {
        if let Some(spell) = self.all.iter_mut().find(|spell| spell.course == course) {
            spell.begin = spell.begin.min(at);
            return;
        }
        self.all.push(Spell {
            course,
            begin: at,
            end: at,
            last: NO_TIME,
        });
    }

    /// She was active in a course that began before.
    fn acted(&mut self, course: u32, at: i64) {
        if let Some(spell) = self.all.iter_mut().find(|spell| spell.course == course) {
            spell.last = spell.last.max(at);
        }
    }

    /// Activity. Each stretch of events in one course tells by its ends; by its extremes, where
    /// events need not have been known as they happened.
    fn met(&mut self, data: &Inner, learner: &Learner<'_>) {
        let course = |item: &u32| data.items.course.get(*item as usize).copied();
        let run = &learner.run;
        let mut from = 0;
        for own in run.item.chunk_by(|a, b| course(a) == course(b)) {
            let to = from + own.len();
            let place = own.first().and_then(course).unwrap_or(NONE);
            let (first, last) = if run.received.is_none() {
                (known(learner, from), known(learner, to - 1))
            } else {
                let all = (from..to).map(|event| known(learner, event));
                all.fold((i64::MAX, NO_TIME), |(a, b), at| (a.min(at), b.max(at)))
            };
            self.began(place, first);
            self.acted(place, last);
            from = to;
        }
    }

    /// Registrations are no activity; when they became known stands in the whole run.
    fn registered(&mut self, walk: &Walk<'_>, learner: u32) {
        let Some(run) = walk.data.run_of(learner) else {
            return;
        };
        for (event, (time, item)) in run.time.iter().zip(run.item).enumerate() {
            let verb = run.verb.and_then(|verbs| verbs.get(event)).copied();
            let verb = verb.and_then(|code| Verb::ALL.get(usize::from(code)));
            let received = run.received.and_then(|r| r.get(event)).copied();
            let at = (*time).max(received.unwrap_or(*time));
            if verb.is_some_and(|verb| verb.is_registration()) && at <= walk.as_of {
                let course = walk.data.items.course.get(*item as usize).copied();
                self.began(course.unwrap_or(NONE), at);
            }
        }
    }
}
