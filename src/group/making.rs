//! Making reference groups: from the tables and what the caller asks to rosters on record, all in
//! one transaction of the ledger.

use std::sync::Arc;

use super::distribution::Scopes;
use super::ledger::Slot;
use super::metric::{By, Metric, Period};
use super::roster::Family;
use super::sealing::Cut;
use super::{
    Certificate, Ledger, ReferenceGroups, ReleasePolicy, ladder, planner, rosters, scope, values,
};
#[cfg(doc)]
use crate::Error;
use crate::Result;
use crate::data::ids::Ids;
use crate::data::{Inner, Job, LearningData};
use crate::personal::StudyTime;

/// How reference groups are made.
#[derive(Debug, Clone, Default)]
pub struct GroupOptions {
    /// How cautious to be.
    pub policy: ReleasePolicy,
    /// The study time estimator.
    pub study_time: StudyTime,
    /// Only what was known then counts (UTC microseconds); default: the end of the local day
    /// of the newest event of anybody on a roster. With a period, the present.
    pub as_of: Option<i64>,
    /// Show the last such period that ended `lag` before the present, sealed once and for all.
    pub period: Option<Period>,
    /// How long to wait for events of a period (microseconds); default: two days.
    pub lag: Option<i64>,
    /// The record that everything released is held against; `None`: one in memory, of this
    /// learning data alone.
    pub ledger: Option<Ledger>,
    /// Watches and stops the work.
    pub job: Option<Arc<Job>>,
}

impl LearningData {
    /// Reference groups: what a course or a registered group does, safe to show.
    ///
    /// Every call under one ledger (without one: every call on this data and on clones of it)
    /// is held against what was released before; groups that cannot be shown safely beside it
    /// are withheld. Rosters are
    /// facts of enrollment (`By::Course`: started by `as_of`, leavers stay) or membership
    /// (`By::Group`); learners the host calls ineligible or who do not consent to the
    /// group purpose are on none. That a host does not make memberships from activity is
    /// its duty.
    ///
    /// The roster of a group is the largest within today's eligible members that is safe
    /// beside everything released before: 1..=k joiners wait for others, and when 1..=k
    /// learners who were shown together are no longer eligible, others of them step out too,
    /// so that nobody can be found by subtraction. Below the coverage floor the group is
    /// withheld. Several moments are best asked for in the order of time.
    ///
    /// With a `period`, [`Metric::FLOWS`] tell what happened in it, `as_of` is its last moment,
    /// and all tables that need nothing of the asker's own are made and sealed at once: they stand in the ledger, course by course, and are
    /// what is returned ever after, by whatever process and whatever the data and rosters are then.
    /// Another question (a funnel, a pass mark) is sealed when it is first asked. Events that come
    /// later count from the next period on, in what is cumulative; [`ReferenceGroups::late`] tells
    /// how many they are. In [`ReferenceGroups::compare`] only the learner's own value is of today.
    ///
    /// Tables of a period have a last column `as_of`: the last moment of the period that a row is
    /// of. That is an earlier one where the group is now below the coverage floor, and its rows are
    /// those of the newest earlier period in which it was shown.
    ///
    /// # Errors
    /// [`Error::Missing`] without the table that names the groups, [`Error::Policy`] if an
    /// earlier call was stricter, [`Error::Ledger`] if the ledger cannot be used or trusted,
    /// [`Error::Cancelled`] if the job is stopped.
    pub fn reference_groups(&self, by: By, options: &GroupOptions) -> Result<ReferenceGroups> {
        let data = &self.inner;
        let slot = data.slot.get_or_init(|| Box::new(Slot::default()));
        let own = Slot::default();
        let slot = slot.downcast_ref::<Slot>().unwrap_or(&own);
        let ledger = options.ledger.as_ref().unwrap_or(&slot.ledger);
        let cut = options
            .period
            .map(|period| Cut::last(data, period, options, ledger))
            .transpose()?;
        let as_of = match &cut {
            Some(cut) => cut.last_moment(),
            None => options
                .as_of
                .unwrap_or_else(|| rosters::end_of_newest_day(data)),
        };
        let courseless = scope::of_courseless(data, by, options, cut.as_ref(), ledger)?;
        let families = rosters::families(data, by, as_of, courseless)?;
        let request = Request {
            by,
            courseless,
            integer: by == By::Course && matches!(*data.courses, Ids::Ints(_)),
            policy: options.policy,
            as_of,
            scopes: values::scopes(
                self,
                &families,
                options,
                as_of,
                cut.as_ref().map(Cut::window),
            )?,
            families,
        };
        let job = options.job.as_deref();
        let mut groups = ReferenceGroups::under(request, ledger, Some((data, slot)), job)?;
        groups.shared = options.ledger.is_some();
        groups.data = Some(self.clone());
        groups.study_time = options.study_time.clone();
        if cut.is_some() {
            groups.metrics = &Metric::ALL;
        }
        groups.job.clone_from(&options.job);
        let mut groups = groups.sealed_by(cut)?;
        groups.job = None;
        Ok(groups)
    }
}

/// The ledger of learning data for which no other is given.
pub(crate) fn ledger_of(data: &Inner) -> Ledger {
    let slot = data.slot.get_or_init(|| Box::new(Slot::default()));
    let slot = slot.downcast_ref::<Slot>();
    slot.map(|slot| slot.ledger.clone()).unwrap_or_default()
}

/// Everything group analytics needs to know, gathered from the tables.
pub(super) struct Request {
    /// How groups were made.
    pub(super) by: By,
    /// The course of groups whose memberships name none, [`NONE`](crate::data::ids::NONE) for
    /// all courses.
    pub(super) courseless: u32,
    /// Whether group labels are integers and shown as such.
    pub(super) integer: bool,
    /// How cautious to be.
    pub(super) policy: ReleasePolicy,
    /// Time the values are taken at, in microseconds.
    pub(super) as_of: i64,
    /// Groups to plan, in order.
    pub(super) families: Vec<Family>,
    /// Values and public facts per course.
    pub(super) scopes: Scopes,
}

impl ReferenceGroups {
    /// As [`Self::under`], for learners who are numbered alike everywhere.
    #[cfg(test)]
    pub(super) fn new(request: Request, ledger: &Ledger) -> Result<Self> {
        Self::under(request, ledger, None, None)
    }

    /// Plans the groups and puts what is released on record, in one transaction.
    ///
    /// # Errors
    /// [`Error::Policy`] if an earlier call on the same ledger was stricter, [`Error::Ledger`].
    fn under(
        request: Request,
        ledger: &Ledger,
        data: Option<(&Inner, &Slot)>,
        job: Option<&Job>,
    ) -> Result<Self> {
        let Request {
            by,
            courseless,
            integer,
            policy,
            as_of,
            mut families,
            mut scopes,
        } = request;
        let (groups, ladder) = ledger.transact(job, |book| {
            book.agree(policy)?;
            let back = data.map(|(data, slot)| book.enter(data, slot, &mut families, as_of));
            let back = back.transpose()?;
            for family in &families {
                let course = match (family.course, &back) {
                    (Some(number), Some(back)) => back.course(number).map(Some),
                    (course, _) => Some(course),
                };
                if let Some(scope) = course.and_then(|course| scopes.get_mut(&course)) {
                    scope.count_on(book.grids(family.course));
                }
            }
            let planned = planner::plan(&families, policy, book);
            let proof = book.proof();
            let certify = |label: &str, members: &[u32], coverage| {
                let roster = book.roster_hash(members);
                Certificate::new(label, roster, coverage, as_of, policy).signed(&proof)
            };
            let (mut groups, mut ladder) = ladder::list(planned, certify);
            if let Some(back) = back {
                let all = groups.iter_mut().chain(ladder.behind());
                all.for_each(|group| back.translate(group));
            }
            Ok((groups, ladder))
        })?;
        let groups = Arc::new(groups);
        Ok(Self {
            by,
            courseless,
            integer,
            policy,
            as_of,
            planned: Arc::clone(&groups),
            groups,
            seen: None,
            sight: None,
            ladder: Arc::new(ladder),
            scopes: Arc::new(scopes),
            metrics: &Metric::CUMULATIVE,
            data: None,
            study_time: StudyTime::default(),
            ledger: ledger.clone(),
            shared: false,
            job: None,
            cut: None,
            sealed: Arc::default(),
            made: None,
            assessed: Arc::default(),
            #[cfg(test)]
            trails: None,
        })
    }
}
