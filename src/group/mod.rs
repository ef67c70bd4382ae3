//! Reference Group Analytics that are safe to show.
//!
//! The way of a number: registered groups become **rosters**, the **planner** chooses
//! which to release, the **gate** lets a roster pass only if afterwards everybody can
//! still be swapped with `k` others over the whole history in the **ledger**, one
//! function reads the values into a **protected distribution**, and everything shown is
//! computed from that and leaves as [`Released`].
//!
//! What it promises: *for every measure, your value can be swapped with that of at least
//! k other learners without changing a byte of anything ever published about it.*
//! Not promised: what all members of a cell share, accounts that one person made, one
//! learner's values across terms, outside knowledge, timing, a malicious host process.
//! It reaches as far as the [`Ledger`]: one in a file spans every process that opens it; without
//! one it is everything derived from one `LearningData` in one process. [`proof`] has the
//! theorem, what it needs and where the code sees to it.
//!
//! Measured with an attacker who knows every roster and every release, and names for each
//! learner who joins, leaves or changes boards the cell of the public grid that holds her value:
//! how often she is right by a blind guess (the fullest cell of the course), from what the gate
//! lets out, and from exact means of 10 and more; and how many of the boards and courses of 30 and
//! more were shown, week by week.
//!
//! | | targets | blind guess | gate | exact means | shown |
//! |---|---|---|---|---|---|
//! | 50 simulated terms, daily | 2265 | 9.3 % | 10.9 % | 97.1 % | 77.1 % |
//! | OULAD 2013, active days of each week, weekly | 33417 | 39.0 % | 38.4 % | 87.5 % | 100.0 % |
//! | the same, daily | 33417 | 39.0 % | 38.5 % | 97.1 % | 100.0 % |
//! | active days of the first four weeks, daily | 2534 | 12.2 % | 12.4 % | 91.9 % | 100.0 % |
//! | active days of each week, weekly; who leaves withdraws consent | 33417 | 39.0 % | 38.9 % | 87.5 % | 35.8 % |
//!
//! The simulated terms have eight boards of 30, whose members also change boards and withdraw. The
//! others are the nine courses of OULAD 2013, in tutor groups of about 40 by lot, with rosters by
//! day of registration and of unregistration; a number of a week is shown in every release from
//! the end of that week on, and a target is who leaves while it is. From weekly exact means fewer
//! are told than from daily ones, because of several who leave a group in one week only the sum
//! is told. No group is lost when learners leave; when they withdraw their consent, many are:
//! [`ReleasePolicy`] says from which size on a group stays. What the protection costs in precision
//! is measured in [`utility`].

mod bundle;
mod certificate;
mod contents;
mod distribution;
mod funnel;
mod gate;
mod grid;
pub(crate) mod grids;
mod items;
mod ladder;
mod leaving;
mod ledger;
mod making;
mod marks;
mod measures;
mod metric;
mod older;
mod paths;
mod planner;
mod policy;
mod pool;
#[doc = include_str!("PROOF.md")]
pub mod proof {}
mod question;
mod release;
mod roster;
mod rosters;
mod scope;
mod sealing;
mod seen;
mod sight;
mod snapshot;
mod syllabus;
mod ties;
mod trails;
mod trend;
#[doc = include_str!("UTILITY.md")]
pub mod utility {}
mod values;
mod wording;

#[cfg(test)]
mod attacks;
#[cfg(test)]
mod content;
#[cfg(test)]
mod exchangeability;
#[cfg(test)]
mod fixture;
#[cfg(test)]
mod histories;

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, OnceLock};

use polars::prelude::DataFrame;

pub use certificate::{Certificate, Guarantee, Unit};
pub use funnel::Funnel;
pub use grid::Grid;
pub use grids::grids;
pub use ledger::Ledger;
pub(crate) use ledger::{Book, Spent as Line};
pub use making::GroupOptions;
pub(crate) use making::ledger_of;
pub use metric::{Between, Blank, By, Metric, Period, Skill, Steps, Test};
pub use policy::ReleasePolicy;
pub use release::Released;

#[cfg(doc)]
use crate::Error;
use crate::Result;
use crate::data::subset::Seen;
use crate::data::{Job, LearningData};
use crate::personal::{PersonalAnalytics, PersonalOptions, StudyTime};
use distribution::{ContentScopes, Scope, Scopes};
use ladder::Ladder;
#[cfg(test)]
use making::Request;
use planner::{Outcome, Part};
use question::Question;
use roster::union;
use sealing::{Course, Cut};
use sight::Sight;
use trails::Trails;

/// Reference groups whose rosters are on record; every method returns a [`Released`].
#[derive(Clone)]
pub struct ReferenceGroups {
    by: By,
    /// The course of groups whose memberships name none.
    courseless: u32,
    integer: bool,
    policy: ReleasePolicy,
    as_of: i64,
    /// Every group that was planned.
    planned: Arc<Vec<Group>>,
    /// Those that are shown.
    groups: Arc<Vec<Group>>,
    /// Whose own values may be asked for; `None` for everybody's.
    seen: Option<Arc<Vec<Seen>>>,
    /// What of the sealed groups is seen; `None`: everything.
    sight: Option<Arc<Sight>>,
    ladder: Arc<Ladder>,
    scopes: Arc<Scopes>,
    /// What may be asked of them: with a period, what happened in it as well.
    metrics: &'static [Metric],
    data: Option<LearningData>,
    study_time: StudyTime,
    ledger: Ledger,
    /// Whether the ledger was given, and may span more than this learning data.
    shared: bool,
    /// Watches and stops the work of a question.
    job: Option<Arc<Job>>,
    /// The period whose answers are sealed.
    cut: Option<Cut>,
    /// What was sealed of it, course by course.
    sealed: Arc<[Course]>,
    /// What tables about paths are made from, where several are made at once.
    made: Option<Arc<Trails>>,
    /// Attempts by course, made at the first question about them.
    assessed: Arc<OnceLock<ContentScopes>>,
    /// Records about paths, in place of those made from the data.
    #[cfg(test)]
    trails: Option<fixture::Trails>,
}

/// One group as it is shown.
#[derive(Clone)]
struct Group {
    label: String,
    /// What it is called among the groups of its course.
    name: String,
    /// What its course is called; see [`Self::kin`] for which it is.
    family: String,
    course: Option<u32>,
    part: Part,
    current: Vec<u32>,
    outcome: Outcome,
    certificate: Option<Certificate>,
}

/// The groups of one course: its number, `None` for all courses, and what they are called together.
type Kin<'a> = (Option<u32>, &'a str);

impl Group {
    /// The groups it is one of: those of its course.
    fn kin(&self) -> Kin<'_> {
        (self.course, &self.family)
    }
}

impl ReferenceGroups {
    /// Which group answers for each registered one: `group, used, n, coverage, reason`.
    ///
    /// `used` is the group itself if it is shown, else the pool `(other)` that holds its
    /// learners, else the course, else null; `n` and `coverage` (down to 5 %) are those of
    /// `used`, `reason` says why it is not the group itself.
    ///
    /// # Errors
    /// [`Error::Polars`] if the table cannot be built.
    pub fn rosters(&self) -> Result<Released> {
        self.answer(&Question::Rosters)
    }

    /// The groups, in the order tables show them.
    pub fn groups(&self) -> Vec<&str> {
        match &self.cut {
            None => self.groups.iter().map(|g| g.label.as_str()).collect(),
            Some(_) => self
                .in_sight()
                .map(|(place, _)| place.label.as_str())
                .collect(),
        }
    }

    /// Only what was known then counts, in UTC microseconds.
    pub fn as_of(&self) -> i64 {
        self.as_of
    }

    /// The policy everything is released under.
    pub fn policy(&self) -> ReleasePolicy {
        self.policy
    }

    /// What stands behind each group that is shown.
    pub fn certificates(&self) -> Vec<&Certificate> {
        match &self.cut {
            None => {
                let groups = self.groups.iter();
                groups.filter_map(|g| g.certificate.as_ref()).collect()
            }
            Some(_) => self.in_sight().filter_map(|(_, behind)| behind).collect(),
        }
    }

    /// The same as a table: `group, guarantee, k, base, coverage_floor, coverage, as_of, roster,
    /// engine, ledger, seal, hash`; of a period, those of its sealed answers.
    ///
    /// # Errors
    /// [`Error::Polars`] if the table cannot be built, [`Error::Ledger`].
    pub fn certificates_frame(&self) -> Result<DataFrame> {
        let sealed = self.sealed_certificates()?;
        match &sealed {
            Some(sealed) => Certificate::frame(&sealed.iter().collect::<Vec<_>>()),
            None => Certificate::frame(&self.certificates()),
        }
    }

    /// The record that these releases are held against.
    pub fn ledger(&self) -> &Ledger {
        &self.ledger
    }

    /// How far the guarantee reaches.
    pub fn reach(&self) -> String {
        match (self.ledger.path(), self.shared) {
            (Some(path), _) => {
                let file = path.file_name().unwrap_or(path.as_os_str());
                format!("spans every release under the ledger {}", file.display())
            }
            (None, true) => "spans every release under its ledger in this process".to_string(),
            (None, false) => {
                "spans every release from this learning data in this process".to_string()
            }
        }
    }

    /// How many groups are shown, under what guarantee and how far it reaches.
    pub fn describe(&self) -> String {
        let (shown, groups) = (self.certificates().len(), self.groups().len());
        let by = match self.by {
            By::Course => "course",
            By::Group => "group",
        };
        format!(
            "reference groups by {by}: {shown} of {groups} shown, k = {}, counts to base {}; the \
             guarantee {}",
            self.policy.k(),
            self.policy.base(),
            self.reach(),
        )
    }

    /// The same groups, their questions watched by a job.
    #[must_use]
    pub fn watched_by(&self, job: Arc<Job>) -> Self {
        let mut own = self.clone();
        own.job = Some(job);
        own
    }

    /// The attempts of everybody on a released roster, by course.
    ///
    /// # Errors
    /// [`Error::Cancelled`] if the job is stopped.
    fn assessed(&self) -> Result<&ContentScopes> {
        if let Some(made) = self.assessed.get() {
            return Ok(made);
        }
        let made = match (&self.data, self.personal()?) {
            (Some(data), Some(personal)) => {
                contents::assessed(&data.inner, &personal, &self.members())?
            }
            _ => ContentScopes::new(),
        };
        Ok(self.assessed.get_or_init(|| made))
    }

    /// What records about contents are made from: the same estimator and moment as all the rest.
    fn personal(&self) -> Result<Option<PersonalAnalytics>> {
        let make = |data: &LearningData| {
            data.personal(&PersonalOptions {
                study_time: self.study_time.clone(),
                as_of: Some(self.as_of),
                job: self.job.clone(),
                ..PersonalOptions::default()
            })
        };
        self.data.as_ref().map(make).transpose()
    }

    /// Everybody on a released roster, by course.
    fn members(&self) -> BTreeMap<u32, Vec<u32>> {
        let mut rosters: BTreeMap<u32, Vec<&Vec<u32>>> = BTreeMap::new();
        for group in self.planned.iter() {
            if let (Some(course), Outcome::Released { members, .. }) =
                (group.course, &group.outcome)
            {
                rosters.entry(course).or_default().push(members);
            }
        }
        let all = |(course, rosters)| (course, union(Vec::into_iter(rosters)));
        rosters.into_iter().map(all).collect()
    }

    fn scope(&self, group: &Group) -> Option<&Scope> {
        self.scopes.get(&group.course)
    }
}

impl fmt::Debug for ReferenceGroups {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.describe())
    }
}
