//! The planner: which rosters of a family are released, so that users get answers
//! rather than refusals. Value-free and deterministic; the gate has the last word.
//!
//! A roster is the largest within today's eligible members that the gate allows, atom by
//! atom ([`Class::stays`](super::gate::Class::stays)): joiners wait until k + 1 of them
//! make an intake, and when 1..=k of an atom have left, enough others step out with them.
//!
//! 1. The parent is planned first, asked for or not, so that a later call for the course is
//!    not cut short by an earlier one for its groups. Who waits there waits in its groups.
//! 2. Children that share at most k learners with those before them nest: they are planned
//!    together, and what is too small for a row of its own is pooled into `(other)`, see
//!    [`pool`](super::pool).
//! 3. Children that cross go through the gate one by one, in the order of their ids.
//!
//! Below the coverage floor nothing is shown, so nothing is put on record either.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::ledger::{Book, Key, Name};
use super::marks::Marks;
use super::policy::ReleasePolicy;
use super::pool::{Parts, divide};
use super::roster::{Family, Members, Roster, difference, tidy};

/// What the pool of a family is called.
pub(super) const OTHER: &str = "(other)";

/// Two are the rule; these were enough for 100 000 random histories.
const PASSES: usize = 8;

/// What became of one group. It depends on rosters only.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Outcome {
    /// Shown over `members`, who are this share of those eligible today.
    Released { members: Members, coverage: f64 },
    /// Too few learners, or too few set apart by it.
    TooFew,
    /// The largest roster that is safe holds too small a share of today's members.
    LowCoverage,
}

impl Outcome {
    pub(super) fn is_released(&self) -> bool {
        matches!(self, Self::Released { .. })
    }
}

/// What a group is to its family.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Part {
    /// The course itself.
    Course,
    /// A registered group.
    Group,
    /// Those of groups too small for a row of their own.
    Pool,
}

/// One group of a family.
#[derive(Debug, Clone)]
pub(super) struct Planned {
    pub(super) label: String,
    pub(super) family: String,
    pub(super) course: Option<u32>,
    pub(super) part: Part,
    /// Whether tables have rows of it.
    pub(super) row: bool,
    /// Today's members, whoever is shown.
    pub(super) current: Members,
    pub(super) outcome: Outcome,
    /// Which of the planned groups answers for it: itself, the pool that holds it, or the
    /// course, the first of them that is shown.
    pub(super) used: Option<usize>,
}

/// Plans families in the order given and puts what is released on record.
///
/// Groups that cross divide the atoms of those planned before them, and in smaller atoms
/// more groups may stand alone. So the plan is made again until it no longer changes: asking
/// again then gives the same.
pub(super) fn plan(families: &[Family], policy: ReleasePolicy, book: &mut Book) -> Vec<Planned> {
    let mut marks = Marks::default();
    let mut planned = pass(families, policy, book, &mut marks);
    for _ in 1..PASSES {
        let again = pass(families, policy, book, &mut marks);
        let stable = planned
            .iter()
            .zip(&again)
            .all(|(a, b)| a.outcome == b.outcome);
        planned = again;
        if stable {
            break;
        }
    }
    planned
}

fn pass(
    families: &[Family],
    policy: ReleasePolicy,
    book: &mut Book,
    marks: &mut Marks,
) -> Vec<Planned> {
    let mut planned = Vec::new();
    for family in families {
        let start = planned.len();
        let own = Planner {
            family,
            policy,
            book,
            marks,
        };
        own.run(&mut planned);
        ladder(&mut planned, start);
    }
    planned
}

struct Planner<'a> {
    family: &'a Family,
    policy: ReleasePolicy,
    book: &'a mut Book,
    /// Of learners: which child holds them.
    marks: &'a mut Marks,
}

/// The course, as its groups see it.
struct Course {
    /// Enrolled today, but not on the planned roster.
    waiting: Members,
    /// Its released roster; nobody if it is not shown.
    released: Members,
}

impl Planner<'_> {
    fn run(mut self, planned: &mut Vec<Planned>) {
        let course = self.course(planned);
        let (nested, crossing) = self.sort(&course.waiting);
        let (rosters, other) = self.divide(&nested, course.released);
        let mut children: BTreeMap<usize, Planned> = BTreeMap::new();
        let mut pooled = other.clone();
        for ((i, _), roster) in nested.iter().zip(rosters) {
            if let Some(child) = self.family.children.get(*i) {
                let row = !roster.is_empty();
                if !row {
                    pooled.extend(&child.members);
                }
                children.insert(*i, self.child(child, &roster, row));
            }
        }
        let pooled = tidy(pooled);
        let pool = (!pooled.is_empty()).then(|| {
            let outcome = self.settle(&self.key(Name::Other), &other, &pooled);
            self.planned(OTHER, Part::Pool, &pooled, outcome)
        });
        for i in crossing {
            if let Some(child) = self.family.children.get(i) {
                let roster = self.widest(&difference(&child.members, &course.waiting));
                children.insert(i, self.child(child, &roster, true));
            }
        }
        planned.extend(children.into_values());
        planned.extend(pool);
    }

    /// Plans the course and puts it on record.
    fn course(&mut self, planned: &mut Vec<Planned>) -> Course {
        let Some(today) = &self.family.parent else {
            return Course {
                waiting: Members::new(),
                released: Members::new(),
            };
        };
        let roster = self.widest(today);
        let outcome = self.settle(&self.key(Name::Course), &roster, today);
        let waiting = difference(today, &roster);
        let released = if outcome.is_released() {
            roster
        } else {
            Members::new()
        };
        let label = &self.family.label;
        planned.push(Planned {
            row: self.family.show_parent,
            ..self.planned(label, Part::Course, today, outcome)
        });
        Course { waiting, released }
    }

    /// Children that nest, with those of them who do not wait, and children that cross.
    fn sort(&mut self, waiting: &[u32]) -> (Vec<(usize, Members)>, Vec<usize>) {
        let (mut nested, mut crossing) = (Vec::new(), Vec::new());
        for (i, child) in self.family.children.iter().enumerate() {
            let mut own = difference(&child.members, waiting);
            let before = own.len();
            own.retain(|learner| self.marks.get(*learner).is_none());
            if before - own.len() > self.policy.k() as usize {
                crossing.push(i);
            } else {
                self.marks.set(&own, 0);
                nested.push((i, own));
            }
        }
        self.marks.wipe();
        (nested, crossing)
    }

    /// The rosters of nested children, and that of the pool.
    fn divide(&mut self, nested: &[(usize, Members)], course: Members) -> (Vec<Members>, Members) {
        if nested.is_empty() {
            // A course that is shown is a union of atoms: none of them is for a pool.
            return (Vec::new(), Members::new());
        }
        let mut everybody = course;
        for (at, (_, own)) in (0..).zip(nested) {
            self.marks.set(own, at);
            everybody.extend(own);
        }
        let mut rosters = vec![Members::new(); nested.len()];
        let mut other = Members::new();
        for class in self.book.classes(self.family.course, &tidy(everybody)) {
            let mut cells: BTreeMap<usize, Members> = BTreeMap::new();
            let mut rest = Members::new();
            for learner in class.inside {
                match self.marks.get(learner) {
                    Some(at) => cells.entry(at as usize).or_default().push(learner),
                    None => rest.push(learner),
                }
            }
            let parts = Parts {
                cells: cells.into_iter().collect(),
                rest,
                outside: class.outside,
            };
            let (alone, pool) = divide(parts, self.policy.k() as usize, |at, cell, stay| {
                self.part_with(nested.get(at).map(|(i, _)| *i), cell, stay)
            });
            for (at, cell) in alone {
                if let Some(roster) = rosters.get_mut(at) {
                    roster.extend(cell);
                }
            }
            other.extend(pool);
        }
        self.marks.wipe();
        (rosters.into_iter().map(tidy).collect(), tidy(other))
    }

    /// Those who step out of a cell so that `stay` remain, if it was released for this child
    /// before: they were shown as a part of it, so its row should not end.
    fn part_with(&self, child: Option<usize>, cell: &mut Members, stay: usize) -> Option<Members> {
        let child = self.family.children.get(child?)?;
        let key = self.key(Name::Group(child.label.clone()));
        let held = self.book.held(&key, *cell.first()?);
        held.then(|| self.book.step_out(cell, stay))
    }

    /// The largest roster within `today` that the gate allows.
    fn widest(&self, today: &[u32]) -> Members {
        let k = self.policy.k() as usize;
        let classes = self.book.classes(self.family.course, today);
        if classes
            .iter()
            .all(|class| class.stays(k) == class.inside.len())
        {
            return today.to_vec();
        }
        let mut roster = Members::new();
        for mut class in classes {
            let stay = class.stays(k);
            self.book.step_out(&mut class.inside, stay);
            roster.extend(class.inside);
        }
        tidy(roster)
    }

    /// The coverage floor, then the gate, which puts what it allows on record.
    fn settle(&mut self, key: &Key, roster: &[u32], today: &[u32]) -> Outcome {
        if roster.is_empty() {
            return Outcome::TooFew;
        }
        let coverage = roster.len() as f64 / today.len().max(1) as f64;
        if coverage < self.policy.coverage_floor() {
            return Outcome::LowCoverage;
        }
        if !self.book.admit(key, roster, self.policy.k()) {
            return Outcome::TooFew;
        }
        Outcome::Released {
            members: roster.to_vec(),
            coverage,
        }
    }

    /// Releases one child over `roster`, or says why not.
    fn child(&mut self, child: &Roster, roster: &[u32], row: bool) -> Planned {
        let key = self.key(Name::Group(child.label.clone()));
        let outcome = self.settle(&key, roster, &child.members);
        Planned {
            row,
            ..self.planned(&child.label, Part::Group, &child.members, outcome)
        }
    }

    fn key(&self, name: Name) -> Key {
        (self.family.course, name)
    }

    fn planned(&self, label: &str, part: Part, current: &[u32], outcome: Outcome) -> Planned {
        Planned {
            label: label.to_string(),
            family: self.family.label.clone(),
            course: self.family.course,
            part,
            row: true,
            current: current.to_vec(),
            outcome,
            used: None,
        }
    }
}

/// Who answers for each group of the family that starts at `start`: a group that is not shown
/// goes to the pool if that holds it, else to the course.
fn ladder(planned: &mut [Planned], start: usize) {
    let groups = planned.get(start..).unwrap_or(&[]);
    let shown = |part: Part| {
        let is = |p: &Planned| p.part == part && p.outcome.is_released();
        groups.iter().position(is).map(|at| at + start)
    };
    let (course, pool) = (shown(Part::Course), shown(Part::Pool));
    for (at, group) in planned.iter_mut().enumerate().skip(start) {
        group.used = if group.outcome.is_released() {
            Some(at)
        } else if group.part == Part::Group && !group.row {
            pool.or(course)
        } else {
            course
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn family(parent: Option<std::ops::Range<u32>>, children: &[std::ops::Range<u32>]) -> Family {
        Family {
            label: "course".into(),
            course: Some(0),
            parent: parent.map(Iterator::collect),
            children: children
                .iter()
                .enumerate()
                .map(|(i, r)| Roster {
                    label: format!("b{i}"),
                    members: r.clone().collect(),
                })
                .collect(),
            show_parent: false,
        }
    }

    fn shown(planned: &[Planned]) -> Vec<(String, usize)> {
        let rows = planned.iter().filter(|p| p.row);
        rows.map(|p| match &p.outcome {
            Outcome::Released { members, .. } => (p.label.clone(), members.len()),
            _ => (p.label.clone(), 0),
        })
        .collect()
    }

    fn run(families: &[Family]) -> Vec<(String, usize)> {
        shown(&plan(
            families,
            ReleasePolicy::default(),
            &mut Book::default(),
        ))
    }

    #[test]
    fn small_groups_are_pooled_and_have_no_row() {
        let boards = [0..20, 20..28, 28..33];
        let expected = [("b0".into(), 20), (OTHER.into(), 13)];
        assert_eq!(run(&[family(Some(0..33), &boards)]), expected);
    }

    #[test]
    fn a_small_pool_takes_the_smallest_sibling_with_it() {
        let boards = [0..14, 14..26, 26..38, 38..44];
        let expected = [("b0".into(), 14), ("b2".into(), 12), (OTHER.into(), 18)];
        assert_eq!(run(&[family(Some(0..44), &boards)]), expected);
    }

    #[test]
    fn learners_without_a_group_join_the_pool_only_when_few() {
        let few = family(Some(0..48), &[0..20, 20..40]);
        assert_eq!(run(&[few]), [("b1".into(), 20), (OTHER.into(), 28)]);
        let many = family(Some(0..60), &[0..20, 20..40]);
        assert_eq!(run(&[many]), [("b0".into(), 20), ("b1".into(), 20)]);
        let with_small = family(Some(0..60), &[0..20, 20..25]);
        assert_eq!(run(&[with_small]), [("b0".into(), 20), (OTHER.into(), 40)]);
    }

    #[test]
    fn the_course_is_never_refused_because_of_its_groups() {
        let groups = family(Some(0..33), &[0..20, 20..28, 28..33]);
        let mut course = family(Some(0..33), &[]);
        course.show_parent = true;
        for order in [[&groups, &course], [&course, &groups]] {
            let order = order.map(Clone::clone);
            let all = run(&order);
            assert_eq!(all.len(), 3);
            assert!(all.iter().all(|(_, n)| *n > 0));
        }
    }

    #[test]
    fn joiners_wait_until_there_are_enough_of_them() {
        let mut book = Book::default();
        let mut at = |n: u32| {
            let mut course = family(Some(0..n), &[]);
            course.show_parent = true;
            shown(&plan(&[course], ReleasePolicy::default(), &mut book))
        };
        let label = "course".to_string();
        assert_eq!(at(20), [(label.clone(), 20)]);
        assert_eq!(at(24), [(label.clone(), 20)]);
        assert_eq!(
            at(30),
            [(label.clone(), 0)],
            "20 of 30 is below the coverage floor"
        );
        assert_eq!(at(31), [(label, 31)]);
    }

    #[test]
    fn a_group_half_outside_its_course_is_shown_as_far_as_the_gate_allows() {
        let family = family(Some(0..40), &[0..20, 35..60]);
        let expected = [("b0".into(), 20), ("b1".into(), 20), (OTHER.into(), 20)];
        assert_eq!(run(&[family]), expected);
    }
}
