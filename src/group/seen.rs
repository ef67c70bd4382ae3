//! Reference groups as one viewer may see them.
//!
//! **The instructor rule.** An instructor knows the values of learners on her boards, so a
//! release is shown to her only if everybody on its roster is known to her, or every atom of its
//! component holds 0 or more than k learners unknown to her. All atoms count and not only those
//! of the roster: what was shown to her before is a union of atoms too, and may lie beside it.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::ledger::Ledger;
use super::planner::{OTHER, Outcome};
use super::rosters::scope_of;
use super::{By, Group, ReferenceGroups};
use crate::data::Inner;
use crate::data::facts::Membership;
use crate::data::ids::NONE;
use crate::data::subset::Seen;
use crate::privacy::{Relations, Viewer};
use crate::{Error, Result};

impl ReferenceGroups {
    /// These groups as a viewer may see them. All others are left out: a group of somebody else
    /// looks like one that does not exist.
    ///
    /// A learner sees groups whose roster she is on today, an instructor her boards and the
    /// courses of her boards, and `(other)` where one of her boards is pooled into it. Between
    /// two instructors who put together what each of them knows nothing is promised.
    ///
    /// # Errors
    /// [`Error::Denied`] without a relation.
    pub fn seen_by(&self, viewer: &Viewer) -> Result<Self> {
        let data = self.data.as_ref().ok_or(Error::Denied)?;
        let inner = &*data.inner;
        let relations = viewer.relations(inner)?;
        let mut shown: Vec<Group> = match &relations {
            Relations::Herself(learner) => {
                let hers = |group: &&Group| group.current.binary_search(learner).is_ok();
                self.groups.iter().filter(hers).cloned().collect()
            }
            Relations::Boards(rows) => self.of_boards(inner, rows),
        };
        if matches!(relations, Relations::Boards(_)) {
            let known = relations.known(inner, self.as_of);
            let ledger = Ledger::of(data);
            for group in &mut shown {
                self.withhold(group, &known, &ledger);
            }
        }
        Ok(Self {
            groups: Arc::new(shown),
            seen: Some(Arc::new(relations.seen(inner, self.as_of))),
            ..self.clone()
        })
    }

    /// An instructor's boards, or the courses of them.
    fn of_boards(&self, data: &Inner, rows: &[Membership]) -> Vec<Group> {
        let scope = |row: &Membership| Some(scope_of(data, row.course)).filter(|c| *c != NONE);
        let courses: BTreeSet<Option<u32>> = rows.iter().map(scope).collect();
        let label = |row: &Membership| data.groups.get(row.group).map(|id| id.to_string());
        let boards: BTreeSet<(Option<u32>, String)> = rows
            .iter()
            .filter_map(|row| Some((scope(row), label(row)?)))
            .collect();
        let own: BTreeSet<(Option<u32>, &str)> = self
            .groups
            .iter()
            .map(|group| (group.course, group.registered.as_str()))
            .collect();
        // Where a board has no row, the pool stands for it.
        let pooled = |group: &Group| {
            let alone = |row: &Membership| {
                label(row).is_some_and(|label| own.contains(&(scope(row), label.as_str())))
            };
            let on = |row: &&Membership| group.current.binary_search(&row.learner).is_ok();
            let mut inside = rows
                .iter()
                .filter(|row| scope(row) == group.course)
                .filter(on);
            inside.any(|row| !alone(row))
        };
        let hers = |group: &&Group| match self.by {
            By::Course => group.course.is_some() && courses.contains(&group.course),
            By::Group if group.registered == OTHER => pooled(group),
            By::Group => boards.contains(&(group.course, group.registered.clone())),
        };
        self.groups.iter().filter(hers).cloned().collect()
    }

    /// Withholds a group by the instructor rule; it then looks like one with too few learners.
    fn withhold(&self, group: &mut Group, acquainted: &[Seen], ledger: &Ledger) {
        let Outcome::Released { members, .. } = &group.outcome else {
            return;
        };
        let knows = |learner: u32| {
            let at = acquainted.binary_search_by_key(&learner, |seen| seen.learner);
            let seen = at.ok().and_then(|at| acquainted.get(at));
            seen.is_some_and(|seen| seen.covers(group.course.unwrap_or(NONE)))
        };
        let all = members.iter().all(|learner| knows(*learner));
        let k = self.policy.k();
        if !all && !ledger.open().hides(group.course, knows, k) {
            group.outcome = Outcome::TooFew;
            group.certificate = None;
        }
    }

    /// The groups in which a viewer may see a learner's own values.
    ///
    /// # Errors
    /// [`Error::Denied`] if the viewer may not see the learner.
    pub(super) fn about(&self, learner: u32) -> Result<Self> {
        let Some(seen) = &self.seen else {
            return Ok(self.clone());
        };
        let at = seen.binary_search_by_key(&learner, |seen| seen.learner);
        let one = at.ok().and_then(|at| seen.get(at)).ok_or(Error::Denied)?;
        let inside = |group: &&Group| one.covers(group.course.unwrap_or(NONE));
        Ok(Self {
            groups: Arc::new(self.groups.iter().filter(inside).cloned().collect()),
            ..self.clone()
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use crate::group::Metric;
    use crate::group::attacks::{same, tables};
    use crate::group::fixture::{ask, course, five, scope};
    use crate::group::ledger::Ledger;

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(16))]
        /// A24: two friends in an atom of six pool what they know. The values of the other four
        /// can still be swapped without changing a byte.
        #[test]
        fn a24_friends_who_pool_their_values_cannot_place_those_of_the_others(
            values in prop::collection::vec(0u32..2000, 6),
            order in Just((2..6usize).collect::<Vec<_>>()).prop_shuffle(),
        ) {
            let values: Vec<f64> = values.into_iter().map(f64::from).collect();
            let mut swapped = values.clone();
            for (to, from) in (2..6).zip(order) {
                swapped[to] = values[from];
            }
            let shown = |values: &[f64]| {
                let families = vec![course(0, 0..6)];
                tables(&ask(families, &scope(values, Metric::StudyTime), five(), &Ledger::default()))
            };
            prop_assert!(same(&shown(&values), &shown(&swapped)));
        }
    }

    #[test]
    fn a24_without_the_gate_two_friends_know_the_third() {
        // A system that releases the sum over any three tells them hers.
        let values = [10.0, 20.0, 30.0, 40.0, 50.0, 60.0];
        let (_, sum) = crate::group::fixture::naive(&values, &[0, 1, 2]);
        assert!((sum - values[0] - values[1] - 30.0).abs() < 1e-9);
        // With the gate a roster of three is refused.
        let scope = scope(&values, Metric::StudyTime);
        let groups = ask(vec![course(0, 0..3)], &scope, five(), &Ledger::default());
        assert!(crate::group::fixture::shown(&groups).is_empty());
    }
}
