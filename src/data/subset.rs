//! A part of Learning Data: some learners, each in some courses or in all, and nothing of
//! anybody else. What is computed from the part cannot depend on what was left out.

use std::sync::{Arc, OnceLock};

use super::build::newest;
use super::facts::{Consent, Enrollment, Facts, Membership};
use super::lanes::{FIELDS, Lanes};
use super::learning_data::{Inner, LearningData};
use super::quality::Quality;
use super::runs::Partition;

/// Learners of a partition of a part, as a power of two.
const SHIFT: u32 = 6;

/// A learner, and what of her is seen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Seen {
    pub(crate) learner: u32,
    /// Dense courses, sorted; `None` for everything.
    pub(crate) courses: Option<Vec<u32>>,
}

impl Seen {
    /// Whether a course is seen; what belongs to no course is so only with everything.
    pub(crate) fn covers(&self, course: u32) -> bool {
        let courses = self.courses.as_ref();
        courses.is_none_or(|courses| courses.binary_search(&course).is_ok())
    }
}

impl LearningData {
    /// The part of these learners (by dense id, each once); whoever else is asked for is denied.
    pub(crate) fn only(&self, seen: &[Seen]) -> Self {
        Self {
            inner: Arc::new(self.inner.only(seen)),
        }
    }
}

impl Inner {
    fn only(&self, seen: &[Seen]) -> Self {
        let parts = seen.chunks(1 << SHIFT).enumerate();
        let partitions: Vec<Partition> = parts.map(|(at, seen)| self.gather(at, seen)).collect();
        let facts = self.facts.only(seen);
        Self {
            newest: newest(&partitions).or_else(|| {
                let rows = facts.enrollments.iter().flatten();
                rows.filter_map(|row| row.start).max()
            }),
            partitions,
            shift: SHIFT,
            learners: self.learners.pick(seen.iter().map(|seen| seen.learner)),
            contents: Arc::clone(&self.contents),
            courses: Arc::clone(&self.courses),
            modules: Arc::clone(&self.modules),
            groups: Arc::clone(&self.groups),
            persons: Arc::default(),
            segments: Arc::clone(&self.segments),
            responses: Arc::clone(&self.responses),
            items: Arc::clone(&self.items),
            facts,
            zone: self.zone.clone(),
            day_start: self.day_start,
            resolution: self.resolution,
            quality: Quality::default(),
            tables: self.tables.clone(),
            slot: OnceLock::new(),
            denies: true,
        }
    }

    /// The events of some learners, in a partition of their own.
    fn gather(&self, at: usize, seen: &[Seen]) -> Partition {
        let mut made = Partition {
            first: u32::try_from(at << SHIFT).unwrap_or(u32::MAX),
            offsets: vec![0],
            time: Vec::new(),
            item: Vec::new(),
            lanes: [const { None }; FIELDS],
        };
        for one in seen {
            self.append(one, &mut made);
            let end = u32::try_from(made.time.len()).unwrap_or(u32::MAX);
            made.offsets.push(end);
        }
        made
    }

    fn append(&self, seen: &Seen, made: &mut Partition) {
        let source = self.partitions.get((seen.learner >> self.shift) as usize);
        let rows = source.and_then(|source| source.rows_of(seen.learner));
        let Some((source, rows)) = source.zip(rows) else {
            return;
        };
        let covered = |row: &u32| {
            let item = source.item.get(*row as usize);
            let course = item.and_then(|item| self.items.course.get(*item as usize));
            course.is_some_and(|course| seen.covers(*course))
        };
        let rows: Vec<u32> = rows.filter(covered).collect();
        let rows = || rows.iter().copied();
        let time = rows().filter_map(|row| source.time.get(row as usize));
        made.time.extend(time);
        let item = rows().filter_map(|row| source.item.get(row as usize));
        made.item.extend(item);
        put(&mut made.lanes, &source.lanes, rows);
    }
}

/// Puts some rows behind those that are there; all partitions have the same columns.
fn put<I: Iterator<Item = u32>>(to: &mut Lanes, from: &Lanes, rows: impl Fn() -> I) {
    for (to, from) in to.iter_mut().zip(from) {
        let Some(more) = from.as_ref().map(|lane| lane.take(rows())) else {
            continue;
        };
        match to {
            Some(lane) => lane.append(more),
            None => *to = Some(more),
        }
    }
}

impl Facts {
    fn only(&self, seen: &[Seen]) -> Self {
        let place = |learner: u32| {
            let at = seen.binary_search_by_key(&learner, |seen| seen.learner);
            let at = at.ok()?;
            Some((u32::try_from(at).ok()?, seen.get(at)?))
        };
        let enrolled = |row: &Enrollment| {
            let (learner, seen) = place(row.learner)?;
            seen.covers(row.course)
                .then_some(Enrollment { learner, ..*row })
        };
        let member = |row: &Membership| {
            let (learner, seen) = place(row.learner)?;
            seen.covers(row.course)
                .then_some(Membership { learner, ..*row })
        };
        let consent =
            |row: &Consent| place(row.learner).map(|(learner, _)| Consent { learner, ..*row });
        Self {
            listed: self.listed.clone(),
            starts: self.starts.clone(),
            ends: self.ends.clone(),
            terms: self.terms.clone(),
            enrollments: kept(self.enrollments.as_ref(), enrolled),
            memberships: kept(self.memberships.as_ref(), member),
            consents: kept(self.consents.as_ref(), consent),
            instructs: Vec::new(),
            zones: self.zones.clone(),
            zone_of: of(&self.zone_of, seen),
            under_age: of(&self.under_age, seen),
            ineligible: of(&self.ineligible, seen),
        }
    }
}

/// The rows that are kept, if there is a table.
fn kept<T>(rows: Option<&Vec<T>>, keep: impl Fn(&T) -> Option<T>) -> Option<Vec<T>> {
    rows.map(|rows| rows.iter().filter_map(keep).collect())
}

/// What is known of each learner, if anything is known of learners.
fn of<T: Copy + Default>(values: &[T], seen: &[Seen]) -> Vec<T> {
    if values.is_empty() {
        return Vec::new();
    }
    let value = |seen: &Seen| values.get(seen.learner as usize).copied();
    seen.iter()
        .map(|seen| value(seen).unwrap_or_default())
        .collect()
}
