//! Periods that have ended: every question about one is answered once, and what was answered
//! stands in the ledger.
//!
//! When a period is first asked for, all tables that need nothing of the asker's own are made at
//! once and sealed as one entry per course, so that they know of the same events; a course that
//! comes later is sealed then, and the others are as they were. A question of the asker's own is
//! sealed when it is first asked. Everything goes through the sealed bytes, the first answer too.

use std::borrow::Cow;

use hashbrown::HashSet;

use super::bundle::{Head, Place, Sealable};
use super::ledger::{Asked, Book, Ledger, Seal, now};
use super::metric::Period;
use super::older::Older;
use super::question::Question;
use super::rosters::end_of_newest_day;
use super::scope::Common;
use super::{Certificate, Group, GroupOptions, Kin, ReferenceGroups, Released, release};
use crate::data::calendar::{monday, month_start};
use crate::data::runs::Partition;
use crate::data::{DAY, Inner, show_span};
use crate::personal::flows::Window;
use crate::{Error, Result};

/// How long a period waits for its events.
const LAG: i64 = 2 * DAY;

/// A period of the local calendar, `[begin, until)` in UTC microseconds.
#[derive(Debug, Clone)]
pub(super) struct Cut {
    period: Period,
    begin: i64,
    until: i64,
    /// Whose calendar it is of.
    zone: String,
}

impl Cut {
    /// The last period that had ended for as long as the lag. Where the present is not given it
    /// is the beginning of the newest day that something is known of: by then the lag was over.
    ///
    /// # Errors
    /// [`Error::Parameter`] for a lag below 0, and for a present that is still to come: what is
    /// sealed stands, and would be empty. [`Error::Ledger`].
    pub(super) fn last(
        data: &Inner,
        period: Period,
        options: &GroupOptions,
        ledger: &Ledger,
    ) -> Result<Self> {
        let (zone, day_start) = (&data.zone, data.day_start);
        let first = |day: i32| zone.first_at(i64::from(day) * DAY + day_start);
        let newest = || first(zone.local_day(end_of_newest_day(data) - 1, day_start));
        let present = options.as_of.unwrap_or_else(newest);
        let lag = options.lag.unwrap_or(LAG);
        if lag < 0 {
            let got = format!("{lag} microseconds");
            return Err(Error::parameter("lag", "a length of time, 0 or more", got));
        }
        let known = present.saturating_sub(lag);
        let start = |day| match period {
            Period::Week => monday(day),
            Period::Month => month_start(day),
        };
        let next = start(zone.local_day(known, day_start));
        let until = first(next);
        if until > end_of_newest_day(data).max(now()) {
            let expected = "a moment that has come: a period is sealed when it has ended";
            return Err(Error::parameter("as_of", expected, "a later one"));
        }
        // A newer time zone database may say that a week that is sealed began at another moment.
        let settled = |book: &mut Book| {
            let begin = first(start(next - 1));
            Ok((book.boundary(begin), book.boundary(until)))
        };
        let (begin, until) = ledger.transact(None, settled)?;
        Ok(Self {
            period,
            begin,
            until,
            zone: format!("{}, days from {}", zone.name(), show_span(day_start)),
        })
    }

    pub(super) fn period(&self) -> Period {
        self.period
    }

    /// Its first moment.
    pub(super) fn begin(&self) -> i64 {
        self.begin
    }

    /// The same by other rules of its time zone.
    #[cfg(test)]
    pub(super) fn moved(mut self, by: i64) -> Self {
        (self.begin, self.until) = (self.begin + by, self.until + by);
        self
    }

    /// What flows are counted over.
    pub(super) fn window(&self) -> Window {
        Window {
            from: self.begin,
            until: self.until,
        }
    }

    /// Its first moment and that of the next one.
    pub(super) fn span(&self) -> (i64, i64) {
        (self.begin, self.until)
    }

    /// Its last microsecond: what happens at midnight is of the next one.
    pub(super) fn last_moment(&self) -> i64 {
        self.until - 1
    }

    /// A question about it, for the ledger.
    fn asked(&self, scope: &str, question: &str, events: u64) -> Asked {
        Asked {
            scope: scope.to_string(),
            begin: self.begin,
            until: self.until,
            question: question.to_string(),
            zone: self.zone.clone(),
            events,
        }
    }
}

/// A course of a sealed period.
#[derive(Debug, Clone)]
pub(super) struct Course {
    /// Its number; `None`: all courses together.
    pub(super) about: Option<u32>,
    /// What it is called.
    pub(super) family: String,
    /// What its seals are about besides the period and the question.
    pub(super) scope: String,
    pub(super) seal: Seal,
    pub(super) head: Head,
}

impl Course {
    /// The groups that it is about.
    pub(super) fn kin(&self) -> Kin<'_> {
        (self.about, &self.family)
    }
}

/// What was sealed about a course, in full: its head, that of the snapshot or of a seal of its own,
/// and the table.
pub(super) type Answer<'a> = (&'a Course, Cow<'a, Head>, Released);

/// What the snapshot of a period is called in ledgers.
pub(super) const SNAPSHOT: &str = "snapshot";

impl ReferenceGroups {
    /// The period whose answers are sealed: what it is, its first moment and that of the next
    /// one (UTC microseconds).
    pub fn period(&self) -> Option<(Period, i64, i64)> {
        let cut = self.cut.as_ref();
        cut.map(|cut| (cut.period, cut.begin, cut.until))
    }

    /// How many events of the period are known now that were not when it was sealed; `None`
    /// without a period, and where a viewer looks. For the host: it is exact, and not for publication.
    pub fn late(&self) -> Option<u64> {
        let (Some(cut), Some(data), None) = (&self.cut, &self.data, &self.sight) else {
            return None;
        };
        let late = |course: &Course| {
            let now = events(&data.inner, cut, course.about, true);
            now.saturating_sub(course.seal.events)
        };
        Some(self.sealed.iter().map(late).sum())
    }

    /// With the seal of a period, and of all tables that need nothing of the asker's own.
    pub(super) fn sealed_by(mut self, cut: Option<Cut>) -> Result<Self> {
        let Some(cut) = cut else { return Ok(self) };
        let families = self.families();
        let scopes = self.scopes_of(&cut, &families);
        let found = self.ledger.transact(None, |book| {
            book.agree_on_calendar(&cut.zone)?;
            let find = |scope: &String| book.sealed(scope, cut.begin, SNAPSHOT);
            Ok(scopes.iter().map(find).collect::<Vec<_>>())
        })?;
        let missing = || {
            let all = families.iter().zip(&scopes).zip(&found);
            all.filter(|(_, seal)| seal.is_none())
        };
        let own: Vec<Self> = missing().map(|((f, _), _)| self.of_family(*f)).collect();
        let asked = |(((course, _), scope), _): ((&Kin<'_>, &String), _)| {
            let data = self.data.as_ref().map(|data| &*data.inner);
            let events = data.map_or(0, |data| events(data, &cut, *course, false));
            cut.asked(scope, SNAPSHOT, events)
        };
        let asked: Vec<Asked> = missing().map(asked).collect();
        let mut fresh = self
            .seal(&cut, own, asked, &Question::standard())?
            .into_iter();
        let seals: Vec<Seal> = found
            .into_iter()
            .filter_map(|seal| seal.or_else(|| fresh.next()))
            .collect();
        let heads = self.heads(&seals)?;
        let courses = families.iter().zip(scopes).zip(seals).zip(heads);
        let course = |((((course, family), scope), seal), head): (((&Kin<'_>, _), _), _)| Course {
            about: *course,
            family: (*family).to_string(),
            scope,
            seal,
            head,
        };
        self.sealed = courses.map(course).collect::<Vec<_>>().into();
        self.cut = Some(cut);
        Ok(self)
    }

    /// The answer to a question; about a period, the first one that was given.
    pub(super) fn answer(&self, question: &Question) -> Result<Released> {
        let Some(cut) = &self.cut else {
            return question.make(self);
        };
        let answers = self.answers(cut, question)?;
        if answers.is_empty() {
            // Nothing is sealed where there is no group at all.
            let none = self.of_groups(|_| false);
            return release::dated(question.make(&none)?, cut.last_moment());
        }
        if self.sight.is_some() {
            return release::together(self.cut_for(cut, question, &answers)?);
        }
        release::together(answers.into_iter().map(|(.., own)| own).collect())
    }

    /// The sealed groups that have rows and are seen, and what stands behind them if shown.
    pub(super) fn in_sight(&self) -> impl Iterator<Item = (&Place, Option<&Certificate>)> {
        let courses = self.sealed.iter().zip(self.seeing());
        courses.flat_map(|(course, seeing)| {
            let places = course.head.places.iter().enumerate();
            places.filter_map(move |(at, place)| {
                let behind = course.head.behind(place).filter(|_| seeing.is_open(at));
                (place.row && seeing.is_hers(at)).then_some((place, behind))
            })
        })
    }

    /// What was sealed about each course, in full, with its head.
    pub(super) fn answers(&self, cut: &Cut, question: &Question) -> Result<Vec<Answer<'_>>> {
        let name = question.name();
        let alone = |course: &&Course| course.head.part_of(&name).is_none();
        let alone: Vec<&Course> = self.sealed.iter().filter(alone).collect();
        let mut found = self.alone(cut, &alone, question)?.into_iter();
        let (mut wanted, mut places) = (Vec::new(), Vec::new());
        for course in self.sealed.iter() {
            if let Some(part) = course.head.part_of(&name) {
                wanted.push((course, Cow::Borrowed(&course.head)));
                places.push((course.seal, part));
            } else if let Some((seal, head)) = found.next() {
                places.push((seal, head.part_of(&name).ok_or_else(|| self.unreadable())?));
                wanted.push((course, Cow::Owned(head)));
            }
        }
        let parts = self.ledger.parts(&places)?;
        let mut answers = Vec::with_capacity(wanted.len());
        for (((course, head), (_, part)), bytes) in wanted.into_iter().zip(&places).zip(parts) {
            let table = head.table(*part, &bytes);
            answers.push((course, head, table.ok_or_else(|| self.unreadable())?));
        }
        Ok(answers)
    }

    /// The seals of a question of the asker's own, set for courses that have none.
    fn alone(&self, cut: &Cut, courses: &[&Course], of: &Question) -> Result<Vec<(Seal, Head)>> {
        if courses.is_empty() {
            return Ok(Vec::new());
        }
        let name = of.name();
        let found = self.ledger.transact(None, |book| {
            let find = |course: &&Course| book.sealed(&course.scope, cut.begin, &name);
            Ok(courses.iter().map(find).collect::<Vec<_>>())
        })?;
        let missing = || {
            let all = courses.iter().zip(&found);
            all.filter(|(_, seal)| seal.is_none())
                .map(|(course, _)| course)
        };
        let own: Vec<Self> = missing().map(|c| self.of_family(c.kin())).collect();
        let asked: Vec<Asked> = missing().map(|c| cut.asked(&c.scope, &name, 0)).collect();
        let mut fresh = self
            .seal(cut, own, asked, std::slice::from_ref(of))?
            .into_iter();
        let seals = found.into_iter();
        let seals: Vec<Seal> = seals.filter_map(|s| s.or_else(|| fresh.next())).collect();
        let heads = self.heads(&seals)?;
        Ok(seals.into_iter().zip(heads).collect())
    }

    /// Makes answers about some courses and seals them, all in one transaction.
    fn seal(
        &self,
        cut: &Cut,
        own: Vec<Self>,
        asked: Vec<Asked>,
        questions: &[Question],
    ) -> Result<Vec<Seal>> {
        if own.is_empty() {
            return Ok(Vec::new());
        }
        let olders: Vec<_> = own
            .iter()
            .zip(&asked)
            .map(|(own, asked)| own.olders(asked))
            .collect::<Result<_>>()?;
        let made = self.make(cut, &own, &olders, questions)?;
        let bundles = own.iter().zip(&olders).zip(made);
        let pack = |((own, olders), answers): ((&Self, &Vec<Older>), Vec<Sealable>)| {
            let (places, certificates) = own.places(olders);
            Head::new(places, certificates).pack(answers)
        };
        let bundles: Vec<Vec<Vec<u8>>> = bundles.map(pack).collect::<Result<_>>()?;
        self.ledger.transact(self.job.as_deref(), |book| {
            let all = asked.into_iter().zip(bundles);
            all.map(|(asked, parts)| book.seal(asked, parts)).collect()
        })
    }

    /// The heads of seals.
    pub(super) fn heads(&self, seals: &[Seal]) -> Result<Vec<Head>> {
        let first: Vec<(Seal, usize)> = seals.iter().map(|seal| (*seal, 0)).collect();
        let parts = self.ledger.parts(&first)?;
        let read = |part: Vec<u8>| Head::read(&part).ok_or_else(|| self.unreadable());
        parts.into_iter().map(read).collect()
    }

    /// Every certificate that stands behind a sealed answer, each once; `None` without a period.
    pub(super) fn sealed_certificates(&self) -> Result<Option<Vec<Certificate>>> {
        let Some(cut) = &self.cut else {
            return Ok(None);
        };
        let seals = self.ledger.transact(None, |book| {
            let of = |course: &Course| book.sealed_in(&course.scope, cut.begin);
            Ok(self.sealed.iter().map(of).collect::<Vec<_>>())
        })?;
        let courses = self.sealed.iter().zip(&seals);
        let courses = courses.flat_map(|(course, own)| own.iter().map(move |_| course));
        let heads = self.heads(&seals.concat())?;
        self.behind(courses.zip(heads).collect()).map(Some)
    }

    /// The groups of one course alone.
    fn of_family(&self, family: Kin<'_>) -> Self {
        self.of_groups(|group| group.kin() == family)
    }

    fn of_groups(&self, own: impl Fn(&Group) -> bool) -> Self {
        let (groups, ladder) = self.part(own, |_| {});
        Self {
            groups: groups.into(),
            ladder: ladder.into(),
            ..self.clone()
        }
    }

    /// The families of all groups, in order: one without rows is sealed too, with who answers for
    /// its groups.
    fn families(&self) -> Vec<Kin<'_>> {
        let mut seen: HashSet<Kin<'_>> = HashSet::new();
        let all = self.everybody().map(Group::kin);
        all.filter(|family| seen.insert(*family)).collect()
    }

    /// What a question is about besides itself and the period, per family.
    fn scopes_of(&self, cut: &Cut, families: &[Kin<'_>]) -> Vec<String> {
        let common = Common {
            by: self.by,
            policy: self.policy,
            study_time: &self.study_time,
        };
        let scope = |(course, family): &Kin<'_>| common.of(cut, course.map(|_| *family));
        families.iter().map(scope).collect()
    }

    /// The part of the first course that answers a question.
    #[cfg(test)]
    pub(super) fn sealed_part(&self, question: &Question) -> usize {
        self.sealed[0].head.part_of(&question.name()).unwrap()
    }

    pub(super) fn unreadable(&self) -> Error {
        self.ledger.wrong("a sealed answer cannot be read")
    }
}

/// Events of a course (of all courses) in the period; `late` counts those as well that were
/// received after it.
fn events(data: &Inner, cut: &Cut, course: Option<u32>, late: bool) -> u64 {
    let of = |item: &u32| data.items.course.get(*item as usize).copied();
    let runs = data.partitions.iter().flat_map(Partition::runs);
    let count = runs.map(|(_, run)| {
        let from = run.time.partition_point(|time| *time < cut.begin);
        let to = run.time.partition_point(|time| *time < cut.until);
        let own = run.item.iter().enumerate().take(to).skip(from);
        let known = |at: usize| {
            let received = run.received.and_then(|received| received.get(at));
            late || received.is_none_or(|received| *received < cut.until)
        };
        let own = own.filter(|(at, item)| known(*at) && (course.is_none() || of(item) == course));
        own.count() as u64
    });
    count.sum()
}
