//! Reference groups as one viewer may see them.
//!
//! **The instructor rule.** An instructor knows the values of learners on her boards, so a
//! release is shown to her only if everybody on its roster is known to her, or every atom of its
//! component holds 0 or more than k learners unknown to her. All atoms count and not only those
//! of the roster: what was shown to her before is a union of atoms too, and may lie beside it.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::ledger::{Book, Persons};
use super::planner::{Outcome, Part};
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
    /// A learner sees groups that she is on the roster of today, an instructor her boards and the
    /// courses of her boards, and `(other)` where one of her boards is pooled into it. Against two
    /// instructors who put together what each of them knows nothing is promised.
    ///
    /// The sealed tables of a period are cut from those of the host, by the groups and rosters
    /// that were sealed; a test over all groups of a course is shown where all of them are.
    ///
    /// # Errors
    /// [`Error::Denied`] without a relation.
    pub fn seen_by(&self, viewer: &Viewer) -> Result<Self> {
        if self.cut.is_some() {
            return self.sealed_for(viewer);
        }
        let data = self.data.as_ref().ok_or(Error::Denied)?;
        let inner = &*data.inner;
        let relations = viewer.relations(inner)?;
        let (groups, ladder) = match &relations {
            Relations::Herself(learner) => {
                let hers = |group: &Group| group.current.binary_search(learner).is_ok();
                self.part(hers, |_| {})
            }
            Relations::Boards(rows) => {
                let boards = self.boards(inner, rows);
                let known = relations.known(inner, self.as_of);
                let met = relations.met(inner, self.as_of);
                let acquainted = |learner, course| acquainted(&known, &met, learner, course);
                let mut hidden = Hidden::default();
                self.part(
                    |group| self.instructs(&boards, group),
                    |group| self.withhold(group, acquainted, inner, &mut hidden),
                )
            }
        };
        Ok(Self {
            groups: Arc::new(groups),
            ladder: Arc::new(ladder),
            seen: Some(Arc::new(relations.seen(inner, self.as_of))),
            ..self.clone()
        })
    }

    /// An instructor's boards: scope, name, members, and whether tables have rows of the board.
    pub(super) fn boards(&self, data: &Inner, rows: &[Membership]) -> Vec<Board> {
        let mut boards: BTreeMap<(Option<u32>, u32), Vec<u32>> = BTreeMap::new();
        for row in rows {
            let course = match row.course {
                NONE => self.courseless,
                own => own,
            };
            let course = Some(course).filter(|course| *course != NONE);
            boards
                .entry((course, row.group))
                .or_default()
                .push(row.learner);
        }
        let board = |((course, group), members): ((Option<u32>, u32), Vec<u32>)| {
            let name = data.groups.get(group)?.to_string();
            let same = |group: &Group| group.course == course && group.name == name;
            Some(Board {
                alone: self.groups.iter().any(same),
                course,
                name,
                members,
            })
        };
        boards.into_iter().filter_map(board).collect()
    }

    /// Whether a group is one of an instructor's.
    fn instructs(&self, boards: &[Board], group: &Group) -> bool {
        let mut here = boards.iter().filter(|board| board.course == group.course);
        let on = |learner: &u32| group.current.binary_search(learner).is_ok();
        match (self.by, group.part) {
            (By::Course, _) => group.course.is_some() && here.next().is_some(),
            (By::Group, Part::Group) => here.any(|board| board.name == group.name),
            // Where a board has no row, the pool that holds its learners stands for it.
            (By::Group, Part::Pool) => {
                here.any(|board| !board.alone && board.members.iter().any(on))
            }
            (By::Group, Part::Course) => false,
        }
    }

    /// Withholds a group by the instructor rule; it then looks like one with too few learners.
    fn withhold(
        &self,
        group: &mut Group,
        knows: impl Fn(u32, u32) -> Option<bool>,
        data: &Inner,
        hidden: &mut Hidden,
    ) {
        let Outcome::Released { members, .. } = &group.outcome else {
            return;
        };
        let knows = |learner: u32| knows(learner, group.course.unwrap_or(NONE));
        if members.iter().all(|learner| knows(*learner) == Some(true)) {
            return;
        }
        let k = self.policy.k();
        // A ledger that cannot be asked hides nobody.
        let Hidden { persons, scopes } = hidden;
        let hides = |book: &mut Book| {
            let persons = persons.get_or_insert_with(|| book.persons(data));
            Ok(book.hides(data, persons, group.course, knows, k))
        };
        let ask = || self.ledger.transact(None, hides).unwrap_or(false);
        if !*scopes.entry(group.course).or_insert_with(ask) {
            group.outcome = Outcome::TooFew;
            group.certificate = None;
        }
    }

    /// The groups in which a viewer may see a learner's own values.
    ///
    /// # Errors
    /// [`Error::Denied`] if the viewer may not see the learner.
    pub(super) fn about(&self, learner: u32) -> Result<Self> {
        let Some(one) = self.own(learner)? else {
            return Ok(self.clone());
        };
        let inside = |group: &Group| one.covers(group.course.unwrap_or(NONE));
        let (groups, ladder) = self.part(inside, |_| {});
        Ok(Self {
            groups: Arc::new(groups),
            ladder: Arc::new(ladder),
            ..self.clone()
        })
    }
}

impl ReferenceGroups {
    /// What of a learner's own values a viewer may see; `None` where nobody looks but the host.
    ///
    /// # Errors
    /// [`Error::Denied`] if the viewer may not see the learner.
    pub(super) fn own(&self, learner: u32) -> Result<Option<&Seen>> {
        let Some(seen) = &self.seen else {
            return Ok(None);
        };
        let at = seen.binary_search_by_key(&learner, |seen| seen.learner);
        let one = at.ok().and_then(|at| seen.get(at));
        one.map(Some).ok_or(Error::Denied)
    }
}

/// What was found out for one view: who is who, and whether the atoms of each scope hide enough.
#[derive(Default)]
struct Hidden {
    persons: Option<Persons>,
    scopes: BTreeMap<Option<u32>, bool>,
}

/// Whether somebody knows a learner's values in a course. Of whom she met and who withdrew since,
/// it cannot be said.
pub(super) fn acquainted(known: &[Seen], met: &[Seen], learner: u32, course: u32) -> Option<bool> {
    if covers(known, learner, course) {
        return Some(true);
    }
    (!covers(met, learner, course)).then_some(false)
}

/// One group of an instructor's, in one scope.
pub(super) struct Board {
    pub(super) course: Option<u32>,
    pub(super) name: String,
    pub(super) members: Vec<u32>,
    /// Whether tables have rows of it.
    alone: bool,
}

/// Whether a learner is among these in a course.
fn covers(these: &[Seen], learner: u32, course: u32) -> bool {
    let at = these.binary_search_by_key(&learner, |seen| seen.learner);
    let seen = at.ok().and_then(|at| these.get(at));
    seen.is_some_and(|seen| seen.covers(course))
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
