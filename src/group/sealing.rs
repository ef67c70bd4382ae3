//! Periods that have ended: every question about one is answered once, and what was answered
//! stands in the ledger.
//!
//! One seal per question and course, so that a course that comes later is answered anew and the
//! others are not. Everything goes through the sealed bytes, the first answer too.

use std::io::Cursor;

use polars::prelude::*;

use super::ledger::{Asked, Book};
use super::metric::{By, Period};
use super::rosters::end_of_newest_day;
use super::{Certificate, Group, GroupOptions, ReferenceGroups, Released, release};
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
    pub(super) fn last(data: &Inner, period: Period, options: &GroupOptions) -> Self {
        let (zone, day_start) = (&data.zone, data.day_start);
        let first = |day: i32| zone.first_at(i64::from(day) * DAY + day_start);
        let newest = || first(zone.local_day(end_of_newest_day(data) - 1, day_start));
        let present = options.as_of.unwrap_or_else(newest);
        let known = present.saturating_sub(options.lag.unwrap_or(LAG));
        let start = |day| match period {
            Period::Week => monday(day),
            Period::Month => month_start(day),
        };
        let next = start(zone.local_day(known, day_start));
        Self {
            period,
            begin: first(start(next - 1)),
            until: first(next),
            zone: format!("{}, days from {}", zone.name(), show_span(day_start)),
        }
    }

    /// What flows are counted over.
    pub(super) fn window(&self) -> Window {
        Window {
            from: self.begin,
            until: self.until,
        }
    }

    /// Its last microsecond: what happens at midnight is of the next one.
    pub(super) fn last_moment(&self) -> i64 {
        self.until - 1
    }
}

impl ReferenceGroups {
    /// The period whose answers are sealed: what it is, its first moment and that of the next
    /// one (UTC microseconds).
    pub fn period(&self) -> Option<(Period, i64, i64)> {
        let cut = self.cut.as_ref();
        cut.map(|cut| (cut.period, cut.begin, cut.until))
    }

    /// How many events of the period are known now that were not when it was sealed; `None`
    /// without a period. For the host: it is exact, and not for publication.
    ///
    /// # Errors
    /// [`Error::Ledger`].
    pub fn late(&self) -> Result<Option<u64>> {
        let (Some(cut), Some(data)) = (&self.cut, &self.data) else {
            return Ok(None);
        };
        let scopes = self.scopes_of(cut, &self.families());
        let known = self.ledger.transact(None, |book| {
            let seal = |scope: &String| book.sealed(scope, ROSTERS).map_or(0, |seal| seal.events);
            Ok(scopes.iter().map(seal).collect::<Vec<u64>>())
        })?;
        let now = self
            .families()
            .into_iter()
            .zip(known)
            .map(|(family, then)| {
                let now = events(&data.inner, cut, self.course_of(family), true);
                now.saturating_sub(then)
            });
        Ok(Some(now.sum()))
    }

    /// With the seal of a period, and of the rosters it speaks of.
    pub(super) fn sealed_by(mut self, cut: Option<Cut>) -> Result<Self> {
        self.cut = cut;
        if self.cut.is_some() {
            self.rosters()?;
        }
        Ok(self)
    }

    /// The answer to a question; about a period, the first one that was given.
    pub(super) fn answer(
        &self,
        question: &str,
        make: impl Fn(&Self) -> Result<Released>,
    ) -> Result<Released> {
        let families = self.families();
        let Some(cut) = self.cut.as_ref().filter(|_| !families.is_empty()) else {
            return make(self);
        };
        let scopes = self.scopes_of(cut, &families);
        let find = |book: &mut Book| {
            let found = scopes.iter().map(|scope| book.sealed(scope, question));
            Ok(found.collect::<Vec<_>>())
        };
        let mut seals = self.ledger.transact(None, find)?;
        let mut fresh = Vec::new();
        for ((at, family), scope) in families.iter().enumerate().zip(&scopes) {
            if seals.get(at).is_some_and(Option::is_some) {
                continue;
            }
            let (groups, ladder) = self.part(|group| group.family == *family, |_| {});
            let own = Self {
                groups: groups.into(),
                ladder: ladder.into(),
                ..self.clone()
            };
            let asked = Asked {
                scope: scope.clone(),
                question: question.to_string(),
                zone: cut.zone.clone(),
                events: match (question, &self.data) {
                    (ROSTERS, Some(data)) => {
                        events(&data.inner, cut, self.course_of(family), false)
                    }
                    _ => 0,
                },
            };
            fresh.push((at, asked, encode(&make(&own)?)?));
        }
        if !fresh.is_empty() {
            self.ledger.transact(None, |book| {
                for (at, asked, bytes) in fresh {
                    let seal = book.seal(asked, bytes)?;
                    if let Some(place) = seals.get_mut(at) {
                        *place = Some(seal);
                    }
                }
                Ok(())
            })?;
        }
        let answers = seals.iter().flatten().map(|seal| self.decode(&seal.bytes));
        release::together(answers.collect::<Result<_>>()?)
    }

    /// Every certificate that stands behind a sealed answer, each once; `None` without a period.
    pub(super) fn sealed_certificates(&self) -> Result<Option<Vec<Certificate>>> {
        let Some(cut) = &self.cut else {
            return Ok(None);
        };
        let scopes = self.scopes_of(cut, &self.families());
        let seals = self.ledger.transact(None, |book| {
            let own = scopes.iter().flat_map(|scope| book.sealed_in(scope));
            Ok(own.collect::<Vec<_>>())
        })?;
        let mut all: Vec<Certificate> = Vec::new();
        for seal in seals {
            for certificate in self.decode(&seal.bytes)?.certificates() {
                if !all.contains(certificate) {
                    all.push(certificate.clone());
                }
            }
        }
        Ok(Some(all))
    }

    /// The families of the groups with rows, in order.
    fn families(&self) -> Vec<&str> {
        let mut all: Vec<&str> = self.groups.iter().map(|g| g.family.as_str()).collect();
        all.dedup();
        all
    }

    fn course_of(&self, family: &str) -> Option<u32> {
        let of = |group: &&Group| group.family == family;
        self.groups.iter().find(of).and_then(|group| group.course)
    }

    /// What a question is about besides itself, per family. Not its groups: a group that is
    /// registered later has no place in a period that was shown without it.
    fn scopes_of(&self, cut: &Cut, families: &[&str]) -> Vec<String> {
        let by = match self.by {
            By::Course => "course",
            By::Group => "group",
        };
        let scope = |family: &&str| {
            let facts = serde_json::json!({
                "by": by,
                "course": family,
                "period": cut.period.name(),
                "begin": cut.begin,
                "until": cut.until,
                "k": self.policy.k(),
                "base": self.policy.base(),
                "coverage_floor": self.policy.coverage_floor().to_string(),
                "study_time": format!("{:?}", self.study_time),
            });
            facts.to_string()
        };
        families.iter().map(scope).collect()
    }

    fn decode(&self, bytes: &[u8]) -> Result<Released> {
        let wrong = || Error::Ledger {
            path: match self.ledger.path() {
                Some(path) => path.display().to_string(),
                None => "in memory".to_string(),
            },
            problem: "a sealed answer cannot be read".to_string(),
        };
        let (length, rest) = bytes.split_first_chunk::<8>().ok_or_else(wrong)?;
        let length = usize::try_from(u64::from_le_bytes(*length)).unwrap_or(usize::MAX);
        let (certificates, table) = rest.split_at_checked(length).ok_or_else(wrong)?;
        let certificates = serde_json::from_slice(certificates).map_err(|_| wrong())?;
        let frame = IpcReader::new(Cursor::new(table)).finish();
        Ok(release::reread(frame.map_err(|_| wrong())?, certificates))
    }
}

/// The question that every period is sealed with.
const ROSTERS: &str = "rosters";

/// Certificates, after their length, and the table as Arrow IPC.
pub(super) fn encode(answer: &Released) -> Result<Vec<u8>> {
    let certificates: Vec<String> = answer
        .certificates()
        .iter()
        .map(Certificate::to_json)
        .collect();
    let certificates = format!("[{}]", certificates.join(","));
    let mut bytes = (certificates.len() as u64).to_le_bytes().to_vec();
    bytes.extend_from_slice(certificates.as_bytes());
    let mut table = Vec::new();
    IpcWriter::new(&mut table).finish(&mut answer.frame().clone())?;
    bytes.extend_from_slice(&table);
    Ok(bytes)
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
