//! What is known beside the log: courses, enrollments, memberships, learners, consents, roles.

use super::calendar::Zone;
use super::columns::Reader;
use super::families::Families;
use super::ids::NONE;
use super::kept::{Difference, Kept, at, known_first, time_at};
use super::quality::{Quality, Reason, Reject};
use super::schema::{Outcome, Purpose, Role};
use crate::error::{Error, Result};

/// One row of the enrollments table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Enrollment {
    pub(crate) learner: u32,
    pub(crate) course: u32,
    pub(crate) start: Option<i64>,
    pub(crate) end: Option<i64>,
    pub(crate) outcome: Option<Outcome>,
}

impl Enrollment {
    /// How two rows about the same start differ. First is the one that the kernels would take
    /// for the last word: the one without an end, then the one with the graver outcome.
    fn contradicts(&self, other: &Self) -> Difference {
        let columns = [
            ("end", known_first(other.end, self.end)),
            ("outcome", other.outcome.cmp(&self.outcome)),
        ];
        columns.into_iter().find(|(_, order)| order.is_ne())
    }
}

/// One row of the memberships table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Membership {
    pub(crate) group: u32,
    pub(crate) learner: u32,
    /// [`NONE`] for a group over all courses.
    pub(crate) course: u32,
    pub(crate) since: Option<i64>,
    pub(crate) until: Option<i64>,
}

/// A consent given or withdrawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Consent {
    pub(crate) learner: u32,
    pub(crate) purpose: Purpose,
    pub(crate) time: i64,
    pub(crate) granted: bool,
}

/// Who instructs which group, as instructor or co-instructor.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Instructs {
    pub(crate) person: u32,
    pub(crate) group: u32,
}

/// The facts, by dense id.
#[derive(Debug, Clone, Default)]
pub(crate) struct Facts {
    /// Per course, the earliest start and the latest end of its rows; `None` where unknown.
    pub(crate) starts: Vec<Option<i64>>,
    pub(crate) ends: Vec<Option<i64>>,
    /// Per course, the term of each of its rows and when it starts.
    pub(crate) terms: Vec<Vec<(Option<String>, Option<i64>)>>,
    /// Per course, whether the courses table has it.
    pub(crate) listed: Vec<bool>,
    /// By learner, course, start (unknown first), end (open last).
    pub(crate) enrollments: Option<Vec<Enrollment>>,
    pub(crate) memberships: Option<Vec<Membership>>,
    pub(crate) consents: Option<Vec<Consent>>,
    /// By person, group.
    pub(crate) instructs: Vec<Instructs>,
    /// Zones named by the learners table, and each learner's place among them.
    pub(crate) zones: Vec<Zone>,
    pub(crate) zone_of: Vec<Option<u32>>,
    /// Learners whose age is not attested: nothing of theirs may be kept.
    pub(crate) under_age: Vec<bool>,
    /// Learners the host keeps out of reference groups.
    pub(crate) ineligible: Vec<bool>,
}

/// The zone that a row names, if it is not blank.
fn zone_name(names: &polars::prelude::StringChunked, row: usize) -> Option<&str> {
    names.get(row).filter(|name| !name.trim().is_empty())
}

/// A true flag lifts the doubt about a learner; silence leaves it.
fn attest(flags: Option<&Vec<Option<bool>>>, row: usize, doubt: Option<&mut bool>) {
    if let (Some(true), Some(doubt)) = (at(flags, row), doubt) {
        *doubt = false;
    }
}

/// A false flag stands, whatever other rows say.
fn deny(flags: Option<&Vec<Option<bool>>>, row: usize, doubt: Option<&mut bool>) {
    if let (Some(false), Some(doubt)) = (at(flags, row), doubt) {
        *doubt = true;
    }
}

impl Facts {
    /// The only term of a course and when it starts; `None` without terms or with several.
    pub(crate) fn term_of(&self, course: u32) -> Option<(&str, Option<i64>)> {
        let rows = self.terms.get(course as usize)?;
        let (term, _) = rows.first()?;
        let starts = rows.iter().filter_map(|(_, start)| *start).min();
        let one = rows.iter().all(|(other, _)| other == term);
        term.as_deref().filter(|_| one).map(|term| (term, starts))
    }

    pub(crate) fn read_courses(
        &mut self,
        mut reader: Reader<'_>,
        families: &Families,
        quality: &mut Quality,
    ) -> Result<()> {
        let course = families.codes("courses", "course")?;
        let (starts, ends) = (reader.times("starts")?, reader.times("ends")?);
        let terms = reader.labels("term")?;
        let mut kept = Kept::new(reader, &[("course", course, true)], families);
        kept.count_turned(starts.as_ref(), ends.as_ref());
        let n = families.ids("course").len();
        self.starts = vec![None; n];
        self.ends = vec![None; n];
        self.terms = vec![Vec::new(); n];
        self.listed = vec![false; n];
        for row in kept.rows() {
            let dense = families.dense(course, row) as usize;
            if let Some(own) = self.terms.get_mut(dense) {
                let term = terms.as_ref().and_then(|terms| terms.get(row));
                own.push((term.cloned().flatten(), time_at(starts.as_ref(), row)));
            }
            if let Some(slot) = self.listed.get_mut(dense) {
                *slot = true;
            }
            if let Some(slot) = self.starts.get_mut(dense) {
                *slot = (*slot)
                    .into_iter()
                    .chain(time_at(starts.as_ref(), row))
                    .min();
            }
            if let Some(slot) = self.ends.get_mut(dense) {
                *slot = (*slot).into_iter().chain(time_at(ends.as_ref(), row)).max();
            }
        }
        kept.file(quality);
        Ok(())
    }

    pub(crate) fn read_enrollments(
        &mut self,
        mut reader: Reader<'_>,
        families: &Families,
        quality: &mut Quality,
    ) -> Result<()> {
        let learner = families.codes("enrollments", "learner")?;
        let course = families.codes("enrollments", "course")?;
        let (start, end) = (reader.times("start")?, reader.times("end")?);
        let outcome = reader.words(
            "outcome",
            Outcome::parse,
            Outcome::ALL.iter().map(|o| o.word()),
        )?;
        let ids = [("learner", learner, true), ("course", course, true)];
        let read = |row| Enrollment {
            learner: families.dense(learner, row),
            course: families.dense(course, row),
            start: time_at(start.as_ref(), row),
            end: time_at(end.as_ref(), row),
            outcome: at(outcome.as_ref(), row),
        };
        let mut kept = Kept::new(reader, &ids, families);
        kept.settle(
            |row| {
                let Enrollment {
                    learner,
                    course,
                    start,
                    ..
                } = read(row);
                (learner, course, start)
            },
            |a, b| read(a).contradicts(&read(b)),
        );
        kept.count_turned(start.as_ref(), end.as_ref());
        let mut rows: Vec<Enrollment> = kept.rows().map(read).collect();
        kept.file(quality);
        rows.sort_unstable_by_key(|e| {
            let end = e.end.unwrap_or(i64::MAX);
            (e.learner, e.course, e.start, end, e.outcome)
        });
        self.enrollments = Some(rows);
        Ok(())
    }

    pub(crate) fn read_memberships(
        &mut self,
        mut reader: Reader<'_>,
        families: &Families,
        quality: &mut Quality,
    ) -> Result<()> {
        let group = families.codes("memberships", "group")?;
        if families.ids("group").find(&"(other)".into()).is_some() {
            let problem =
                "`group` may not be named `(other)`: that is what pooled groups are called";
            return Err(Error::schema("memberships", problem));
        }
        let learner = families.codes("memberships", "learner")?;
        let course = families.codes("memberships", "course").ok();
        let since = reader.times("since")?;
        let until = reader.times("until")?;
        let mut ids = vec![("group", group, true), ("learner", learner, true)];
        ids.extend(course.map(|codes| ("course", codes, false)));
        let mut kept = Kept::new(reader, &ids, families);
        kept.count_turned(since.as_ref(), until.as_ref());
        let mut rows: Vec<Membership> = kept
            .rows()
            .map(|row| Membership {
                group: families.dense(group, row),
                learner: families.dense(learner, row),
                course: course.map_or(NONE, |codes| families.dense(codes, row)),
                since: time_at(since.as_ref(), row),
                until: time_at(until.as_ref(), row),
            })
            .collect();
        rows.sort_unstable();
        kept.file(quality);
        self.memberships = Some(rows);
        Ok(())
    }

    pub(crate) fn read_learners(
        &mut self,
        reader: Reader<'_>,
        families: &Families,
        quality: &mut Quality,
    ) -> Result<()> {
        let learner = families.codes("learners", "learner")?;
        let mut names: Vec<String> = Vec::new();
        let tz = reader.frame.column("tz").ok().map(|tz| {
            tz.as_materialized_series()
                .cast(&polars::prelude::DataType::String)
        });
        let tz = tz.transpose()?;
        let (age_ok, eligible) = (reader.flags("age_ok")?, reader.flags("eligible")?);
        let mut kept = Kept::new(reader, &[("learner", learner, true)], families);
        let n = families.ids("learner").len();
        self.zone_of = vec![None; n];
        // Where ages are attested, silence is no attestation.
        self.under_age = vec![age_ok.is_some(); n];
        self.ineligible = vec![eligible.is_some(); n];
        for row in kept.rows() {
            let dense = families.dense(learner, row) as usize;
            let name = tz.as_ref().map(|tz| tz.str()).transpose()?;
            if let Some(name) = name.and_then(|names| zone_name(names, row)) {
                let place = names.iter().position(|known| known == name);
                let place = place.unwrap_or_else(|| {
                    names.push(name.to_owned());
                    names.len() - 1
                });
                let place = u32::try_from(place).ok();
                if let Some(slot) = self.zone_of.get_mut(dense) {
                    let earlier = |at: &u32| names.get(*at as usize);
                    let keep = slot.as_ref().and_then(earlier) < place.as_ref().and_then(earlier);
                    *slot = slot.filter(|_| keep).or(place);
                }
            }
            attest(age_ok.as_ref(), row, self.under_age.get_mut(dense));
            attest(eligible.as_ref(), row, self.ineligible.get_mut(dense));
        }
        let zones = names.iter().map(|name| {
            Zone::new(name).map_err(|_| {
                Error::schema(
                    "learners",
                    "`tz` must hold IANA time zones such as `Europe/Helsinki`; one is unknown",
                )
            })
        });
        self.zones = zones.collect::<Result<_>>()?;
        for row in kept.rows() {
            let dense = families.dense(learner, row) as usize;
            deny(age_ok.as_ref(), row, self.under_age.get_mut(dense));
            deny(eligible.as_ref(), row, self.ineligible.get_mut(dense));
        }
        if let Some(texts) = tz.as_ref().map(|tz| tz.str()).transpose()? {
            let other = |row: &usize| {
                let dense = families.dense(learner, *row) as usize;
                let own = self.zone_of.get(dense).copied().flatten();
                let own = own.and_then(|place| names.get(place as usize));
                zone_name(texts, *row).is_some_and(|zone| own.is_some_and(|own| own != zone))
            };
            let others: Vec<usize> = kept.rows().filter(other).collect();
            for row in others {
                kept.reject(Reject {
                    row: row as u64,
                    column: "tz",
                    reason: Reason::Conflict,
                });
            }
        }
        kept.file(quality);
        Ok(())
    }

    pub(crate) fn read_consents(
        &mut self,
        mut reader: Reader<'_>,
        families: &Families,
        quality: &mut Quality,
    ) -> Result<()> {
        let learner = families.codes("consents", "learner")?;
        let all = Purpose::ALL.iter().map(|p| p.word());
        let purpose = reader.words("purpose", Purpose::parse, all)?;
        let granted = reader.flags("granted")?;
        let time = reader.times("time")?;
        for row in 0..reader.frame.height() {
            if at(purpose.as_ref(), row).is_none() || at(granted.as_ref(), row).is_none() {
                reader.reject(row, "granted", Reason::BadValue);
            }
            if time_at(time.as_ref(), row).is_none() {
                reader.reject(row, "time", Reason::BadTime);
            }
        }
        let height = reader.frame.height();
        let readable = Kept::new(reader, &[("learner", learner, true)], families);
        let kept: std::collections::BTreeSet<usize> = readable.rows().collect();
        readable.file(quality);
        // A row that cannot be read may be a withdrawal, so it counts as one; of every purpose,
        // if it does not say of which.
        let consents = |row| {
            let read = kept.contains(&row);
            let own = at(purpose.as_ref(), row);
            let about = Purpose::ALL.iter().copied();
            let about = about.filter(move |purpose| own.is_none_or(|own| own == *purpose));
            let learner = families.dense(learner, row);
            let time = time_at(time.as_ref(), row).filter(|_| read);
            let granted = read && at(granted.as_ref(), row).unwrap_or(false);
            about.map(move |purpose| Consent {
                learner,
                purpose,
                time: time.unwrap_or(i64::MAX),
                granted,
            })
        };
        let mut rows: Vec<Consent> = (0..height).flat_map(consents).collect();
        // At the same instant a withdrawal (false) must win, so it comes last.
        rows.sort_unstable_by_key(|c| (c.learner, c.purpose, c.time, !c.granted));
        self.consents = Some(rows);
        Ok(())
    }

    pub(crate) fn read_roles(
        &mut self,
        mut reader: Reader<'_>,
        families: &Families,
        quality: &mut Quality,
    ) -> Result<()> {
        let all = Role::ALL.iter().map(|r| r.word());
        let role = reader.words("role", Role::parse, all)?;
        for row in 0..reader.frame.height() {
            if at(role.as_ref(), row).is_none() {
                reader.reject(row, "role", Reason::BadValue);
            }
        }
        let person = families.codes("roles", "person")?;
        let group = families.codes("roles", "group")?;
        let ids = [("person", person, true), ("group", group, true)];
        let kept = Kept::new(reader, &ids, families);
        let row = |row| Instructs {
            person: families.dense(person, row),
            group: families.dense(group, row),
        };
        self.instructs = kept.rows().map(row).collect();
        self.instructs.sort_unstable();
        self.instructs.dedup();
        kept.file(quality);
        Ok(())
    }

    /// The groups that a person instructs.
    pub(crate) fn groups_of(&self, person: u32) -> impl Iterator<Item = u32> {
        let from = self.instructs.partition_point(|row| row.person < person);
        let own = self.instructs.get(from..).unwrap_or(&[]).iter();
        own.take_while(move |row| row.person == person)
            .map(|row| row.group)
    }

    /// The memberships of a group.
    pub(crate) fn members_of(&self, group: u32) -> &[Membership] {
        let all = self.memberships.as_deref().unwrap_or(&[]);
        let from = all.partition_point(|row| row.group < group);
        let to = all.partition_point(|row| row.group <= group);
        all.get(from..to).unwrap_or(&[])
    }

    /// Learners whose age is not attested stand on no roster.
    pub(crate) fn forget_under_age(&mut self) {
        let refused = &self.under_age;
        let of_age = |learner: u32| !refused.get(learner as usize).copied().unwrap_or(false);
        if let Some(rows) = &mut self.enrollments {
            rows.retain(|row| of_age(row.learner));
        }
        if let Some(rows) = &mut self.memberships {
            rows.retain(|row| of_age(row.learner));
        }
        if let Some(rows) = &mut self.consents {
            rows.retain(|row| of_age(row.learner));
        }
    }

    /// Whether a consent for a purpose is in force: granted by `now`, and not withdrawn since.
    /// Without a consents table the host answers for it and every learner counts as consenting.
    pub(crate) fn consents_to(&self, learner: u32, purpose: Purpose, now: i64) -> bool {
        let Some(consents) = &self.consents else {
            return true;
        };
        let from = consents.partition_point(|c| (c.learner, c.purpose) < (learner, purpose));
        let to = consents.partition_point(|c| (c.learner, c.purpose) <= (learner, purpose));
        let own = consents.get(from..to).unwrap_or(&[]);
        let (past, future) = own.split_at(own.partition_point(|c| c.time <= now));
        past.last().is_some_and(|c| c.granted) && future.iter().all(|c| c.granted)
    }

    /// A learner's enrollments, by course.
    pub(crate) fn enrollments_of(&self, learner: u32) -> &[Enrollment] {
        let all = self.enrollments.as_deref().unwrap_or(&[]);
        let from = all.partition_point(|e| e.learner < learner);
        let to = all.partition_point(|e| e.learner <= learner);
        all.get(from..to).unwrap_or(&[])
    }
}
