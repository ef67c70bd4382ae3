//! What each learner did in each course: the record that summary, drop-off, progress and
//! reference groups read.

#![expect(
    clippy::indexing_slicing,
    reason = "items and courses index arrays made for all of them"
)]

use super::completion::Completion;
use super::walk::{Learner, Walk};
use super::watching::Open;
use crate::data::Inner;
use crate::data::calendar::Clock;
use crate::data::ids::NONE;
use crate::data::lanes::NO_TIME;
use crate::data::schema::Outcome;

/// Whether a pass keeps courses apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Per {
    Course,
    Learner,
}

/// An enrollment as known at `as_of`; several of one course are joined.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Enrolled {
    pub(crate) start: Option<i64>,
    pub(crate) end: Option<i64>,
    pub(crate) outcome: Option<Outcome>,
}

/// One learner in one course (or, `Per::Learner`, in all of them).
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Record {
    pub(crate) learner: u32,
    /// [`NONE`] for events of no course.
    pub(crate) course: u32,
    pub(crate) events: u32,
    pub(crate) interactions: u64,
    pub(crate) activity: u32,
    pub(crate) sessions: u32,
    pub(crate) study_time: i64,
    pub(crate) active_days: u32,
    /// [`NO_TIME`] without activity.
    pub(crate) first: i64,
    pub(crate) last: i64,
    pub(crate) contents: u32,
    /// Catalog items completed; of them required; of those available at `as_of`.
    pub(crate) completed: u32,
    pub(crate) required: u32,
    pub(crate) available: u32,
    /// Expected duration of the available required items completed.
    pub(crate) expected: i64,
    pub(crate) furthest: u32,
    pub(crate) last_item: u32,
    /// The last registration event: enrolled (true) or unenrolled.
    pub(crate) registered: Option<bool>,
    pub(crate) enrolled: Option<Enrolled>,
}

impl Record {
    fn new(learner: u32, course: u32) -> Self {
        Self {
            learner,
            course,
            events: 0,
            interactions: 0,
            activity: 0,
            sessions: 0,
            study_time: 0,
            active_days: 0,
            first: NO_TIME,
            last: NO_TIME,
            contents: 0,
            completed: 0,
            required: 0,
            available: 0,
            expected: 0,
            furthest: NONE,
            last_item: NONE,
            registered: None,
            enrolled: None,
        }
    }
}

impl Per {
    /// Where a course has its record; without one comes first, as NONE wraps to 0.
    fn key(self, course: u32) -> usize {
        match self {
            Self::Course => course.wrapping_add(1) as usize,
            Self::Learner => 0,
        }
    }
}

/// A record in the making, with what it last saw.
struct Slot {
    record: Record,
    day: i32,
    session: u32,
    furthest: f64,
}

/// The local day under way, and until when it lasts.
struct Today<'a> {
    clock: Clock<'a>,
    day: i32,
    until: i64,
}

/// The measure: working space reused from learner to learner.
pub(crate) struct Courses<'a> {
    walk: &'a Walk<'a>,
    per: Per,
    completion: Completion,
    /// Syllabus position of each item; NaN without.
    positions: &'a [f64],
    /// Whether any item has one.
    positioned: bool,
    /// The last learner that touched an item; no learner has the number [`NONE`].
    touched: Vec<u32>,
    slots: Vec<Slot>,
    /// Which slot a course has, and for which learner that holds.
    place: Vec<(u32, u32)>,
}

/// Syllabus positions as a dense array, for the hot loop.
pub(crate) fn positions(data: &Inner) -> Vec<f64> {
    let position = |entry: &Option<crate::data::catalog::Entry>| {
        entry
            .as_ref()
            .and_then(|entry| entry.position)
            .unwrap_or(f64::NAN)
    };
    data.items.entry.iter().map(position).collect()
}

impl<'a> Courses<'a> {
    pub(crate) fn new(
        walk: &'a Walk<'a>,
        per: Per,
        completion: &Completion,
        positions: &'a [f64],
    ) -> Self {
        Self {
            walk,
            per,
            completion: completion.clone(),
            positions,
            positioned: positions.iter().any(|position| !position.is_nan()),
            touched: vec![NONE; walk.data.items.len()],
            slots: Vec::new(),
            place: vec![(NONE, 0); walk.data.courses.len() + 1],
        }
    }

    /// Which record an event of this course belongs to.
    fn slot(&mut self, learner: u32, course: u32) -> usize {
        let (owner, slot) = &mut self.place[self.per.key(course)];
        if *owner != learner {
            *owner = learner;
            *slot = u32::try_from(self.slots.len()).unwrap_or(NONE);
            let course = match self.per {
                Per::Course => course,
                Per::Learner => NONE,
            };
            self.slots.push(Slot {
                record: Record::new(learner, course),
                day: i32::MIN,
                session: NONE,
                furthest: f64::NEG_INFINITY,
            });
        }
        *slot as usize
    }

    /// Appends the records of one learner, by course (none first).
    pub(crate) fn visit(&mut self, learner: &Learner<'_>, out: &mut Vec<Record>) {
        self.slots.clear();
        let data = self.walk.data;
        let courses = &data.items.course;
        for registration in learner.registrations {
            let at = self.slot(learner.id, courses[registration.item as usize]);
            let record = &mut self.slots[at].record;
            record.events += 1;
            record.interactions += u64::from(registration.count);
            record.registered = Some(registration.enrolled);
        }
        if self.walk.has_minutes() {
            self.activity::<true>(learner);
        } else {
            self.activity::<false>(learner);
        }
        self.completed(learner);
        self.enrolled(learner.id);
        self.slots
            .sort_unstable_by_key(|slot| slot.record.course.wrapping_add(1));
        out.extend(self.slots.drain(..).map(|slot| slot.record));
        // Slots are numbered by learner; the places of this one must not serve the next.
    }

    /// Everything that is told event by event; with `MINUTES`, sessions and study time too.
    fn activity<const MINUTES: bool>(&mut self, learner: &Learner<'_>) {
        let data = self.walk.data;
        let mut today = Today {
            clock: Clock::new(data.zone_of(learner.id), data.day_start),
            day: 0,
            until: i64::MIN,
        };
        let mut event = 0;
        let items = learner.run.item;
        while event < items.len() {
            let owner = if MINUTES {
                learner.credits.owner(event)
            } else {
                event
            };
            for item in [items[event], items[owner]] {
                self.slot(learner.id, data.items.course[item as usize]);
            }
            event = self.stretch::<MINUTES>(learner, event, &mut today);
        }
        for slot in &mut self.slots {
            slot.record.events += slot.record.activity;
        }
    }

    /// The events from one on, up to the first of a course that has no record yet.
    ///
    /// What changes from event to event without a pattern (the course, the session, whether a
    /// content is new) is reckoned with rather than branched on: no processor guesses it.
    fn stretch<const MINUTES: bool>(
        &mut self,
        learner: &Learner<'_>,
        from: usize,
        today: &mut Today<'_>,
    ) -> usize {
        let items = &self.walk.data.items;
        let (courses, contents) = (items.course.as_slice(), items.content.as_slice());
        let (run, credits) = (&learner.run, learner.credits);
        let (times, lengths, sessions) = (run.time, &credits.length[..], &credits.session[..]);
        let (positions, positioned) = (self.positions, self.positioned);
        let (touched, slots) = (&mut self.touched[..], &mut self.slots[..]);
        let (per, place) = (self.per, &self.place[..]);
        let at = |item: u32| {
            let (owner, slot) = place[per.key(courses[item as usize])];
            (owner == learner.id).then_some(slot as usize)
        };
        let follows = credits.follows();
        for event in from..times.len() {
            let (time, item) = (times[event], run.item[event]);
            let Some(own) = at(item) else {
                return event;
            };
            if time >= today.until {
                (today.day, today.until) = today.clock.day(time);
            }
            if MINUTES {
                let owner = if follows { credits.owner(event) } else { event };
                if owner == event {
                    slots[own].record.study_time += lengths[event];
                } else if let Some(next) = at(run.item[owner]) {
                    slots[next].record.study_time += lengths[event];
                } else {
                    return event;
                }
            }
            let slot = &mut slots[own];
            let record = &mut slot.record;
            if MINUTES {
                let session = sessions[event];
                let counted = session != NONE;
                record.sessions += u32::from(counted && session != slot.session);
                slot.session = if counted { session } else { slot.session };
            }
            record.activity += 1;
            record.interactions += u64::from(learner.count(event));
            if record.first == NO_TIME {
                record.first = time;
            }
            record.last = time;
            record.active_days += u32::from(slot.day != today.day);
            slot.day = today.day;
            if run.verb.is_some() && !learner.verb(event).is_engagement() {
                continue;
            }
            record.last_item = item;
            let item = item as usize;
            record.contents += u32::from(touched[item] != learner.id);
            touched[item] = learner.id;
            if positioned {
                // A content met before cannot be further than itself.
                let position = positions[item];
                let further = position > slot.furthest
                    || (position >= slot.furthest
                        && record.furthest != NONE
                        && contents[item] < contents[record.furthest as usize]);
                if further {
                    slot.furthest = position;
                    record.furthest = record.last_item;
                }
            }
        }
        times.len()
    }

    fn completed(&mut self, learner: &Learner<'_>) {
        let items = &self.walk.data.items;
        let as_of = self.walk.as_of;
        let mut completion = std::mem::replace(&mut self.completion, Completion::empty());
        completion.each(learner, self.walk.medium(Open::Drop), |item| {
            let at = self.slot(learner.id, items.course[item as usize]);
            let record = &mut self.slots[at].record;
            record.completed += 1;
            if let Some(entry) = items.get(item).filter(|entry| entry.required) {
                record.required += 1;
                if entry.available_from.is_none_or(|from| from <= as_of) {
                    record.available += 1;
                    record.expected += entry.expected.unwrap_or(0);
                }
            }
        });
        self.completion = completion;
    }

    fn enrolled(&mut self, learner: u32) {
        let data = self.walk.data;
        let as_of = self.walk.as_of;
        for row in data.facts.enrollments_of(learner) {
            if row.start.is_some_and(|start| start > as_of) {
                continue;
            }
            let at = self.slot(learner, row.course);
            let enrolled = &mut self.slots[at].record.enrolled;
            let earlier = enrolled.and_then(|e| e.start);
            // Rows of a course come by start, unknown starts first: the last one tells the end.
            *enrolled = Some(Enrolled {
                start: earlier.or(row.start),
                end: row.end,
                outcome: row.outcome,
            });
        }
    }
}
