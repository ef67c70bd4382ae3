//! What each learner did in each course: the record that summary, drop-off, progress and
//! reference groups read.

#![expect(
    clippy::indexing_slicing,
    reason = "items and courses index arrays made for all of them"
)]

use super::completion::Completion;
use super::walk::{Learner, Walk};
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
#[derive(Debug, Clone, Copy, PartialEq)]
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
    /// Last activity up to the end of the course, or [`NO_TIME`].
    pub(crate) during: i64,
    pub(crate) contents: u32,
    /// Catalog items completed; of them required; of those available at `as_of`.
    pub(crate) completed: u32,
    pub(crate) required: u32,
    pub(crate) available: u32,
    /// Expected duration of the available required items completed.
    pub(crate) expected: i64,
    pub(crate) furthest: u32,
    pub(crate) last_item: u32,
    /// Since when she is unenrolled, if the last registration event says so.
    pub(crate) unenrolled: Option<i64>,
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
            during: NO_TIME,
            contents: 0,
            completed: 0,
            required: 0,
            available: 0,
            expected: 0,
            furthest: NONE,
            last_item: NONE,
            unenrolled: None,
            enrolled: None,
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

/// The measure: working space reused from learner to learner.
pub(crate) struct Courses<'a> {
    walk: &'a Walk<'a>,
    per: Per,
    completion: &'a Completion,
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

/// A learner's last activity in a course up to its end. Few are seen after it.
fn during(data: &Inner, learner: &Learner<'_>, record: &Record) -> i64 {
    let ends = data.ends(record.course).filter(|_| record.course != NONE);
    let Some(ends) = ends.filter(|ends| *ends < record.last) else {
        return record.last;
    };
    let run = &learner.run;
    let before = run.time.partition_point(|time| *time <= ends);
    let here = |item: &&u32| data.items.course[**item as usize] == record.course;
    let last = run.item[..before].iter().rposition(|item| here(&item));
    last.map_or(NO_TIME, |at| run.time[at])
}

impl<'a> Courses<'a> {
    pub(crate) fn new(
        walk: &'a Walk<'a>,
        per: Per,
        completion: &'a Completion,
        positions: &'a [f64],
    ) -> Self {
        Self {
            walk,
            per,
            completion,
            positions,
            positioned: positions.iter().any(|position| !position.is_nan()),
            touched: vec![NONE; walk.data.items.len()],
            slots: Vec::new(),
            place: vec![(NONE, 0); walk.data.courses.len() + 1],
        }
    }

    /// Which record an event of this course belongs to.
    #[inline]
    fn slot(&mut self, learner: u32, course: u32) -> usize {
        let key = match self.per {
            Per::Course => course,
            Per::Learner => NONE,
        };
        // No course comes first: NONE wraps to 0.
        let (owner, slot) = &mut self.place[key.wrapping_add(1) as usize];
        if *owner != learner {
            *owner = learner;
            *slot = u32::try_from(self.slots.len()).unwrap_or(NONE);
            self.slots.push(Slot {
                record: Record::new(learner, key),
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
            let since = record.unenrolled.unwrap_or(registration.time);
            record.unenrolled = (!registration.enrolled).then_some(since);
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
    ///
    /// What changes from event to event without a pattern (the course, the session, whether a
    /// content is new) is reckoned with rather than branched on: no processor guesses it.
    fn activity<const MINUTES: bool>(&mut self, learner: &Learner<'_>) {
        let data = self.walk.data;
        let run = &learner.run;
        let mut clock = Clock::new(data.zone_of(learner.id), data.day_start);
        let (mut day, mut until) = (0, i64::MIN);
        for (event, (time, item)) in run.time.iter().zip(run.item).enumerate() {
            if *time >= until {
                (day, until) = clock.day(*time);
            }
            let place = *item as usize;
            let at = self.slot(learner.id, data.items.course[place]);
            if MINUTES {
                self.minutes(learner, event, at);
            }
            let slot = &mut self.slots[at];
            let record = &mut slot.record;
            record.activity += 1;
            record.interactions += u64::from(learner.count(event));
            if record.first == NO_TIME {
                record.first = *time;
            }
            record.last = *time;
            record.active_days += u32::from(slot.day != day);
            slot.day = day;
            if run.verb.is_some() && !learner.verb(event).is_engagement() {
                continue;
            }
            record.last_item = *item;
            record.contents += u32::from(self.touched[place] != learner.id);
            self.touched[place] = learner.id;
            if self.positioned {
                // A content met before cannot be further than itself.
                let position = self.positions[place];
                let further = position > slot.furthest
                    || (position >= slot.furthest
                        && record.furthest != NONE
                        && data.items.content[place]
                            < data.items.content[record.furthest as usize]);
                if further {
                    slot.furthest = position;
                    record.furthest = *item;
                }
            }
        }
        for slot in &mut self.slots {
            slot.record.events += slot.record.activity;
            slot.record.during = during(data, learner, &slot.record);
        }
    }

    /// The session and the study time of one event.
    #[inline]
    fn minutes(&mut self, learner: &Learner<'_>, event: usize, at: usize) {
        let credits = learner.credits;
        let slot = &mut self.slots[at];
        let session = credits.session[event];
        let counted = session != NONE;
        slot.record.sessions += u32::from(counted && session != slot.session);
        slot.session = if counted { session } else { slot.session };
        let owner = credits.owner(event);
        if owner == event {
            slot.record.study_time += credits.length[event];
        } else {
            let course = self.walk.data.items.course[learner.run.item[owner] as usize];
            let next = self.slot(learner.id, course);
            self.slots[next].record.study_time += credits.length[event];
        }
    }

    fn completed(&mut self, learner: &Learner<'_>) {
        let items = &self.walk.data.items;
        let as_of = self.walk.as_of;
        let (completion, walk) = (self.completion, self.walk);
        completion.each(walk, learner, |item| {
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
