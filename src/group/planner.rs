//! The planner: which rosters of a family are released, so that users get answers
//! rather than refusals. Value-free and deterministic; the gate has the last word.
//!
//! 1. The parent is put on record first, asked for or not, so that a later call for the
//!    course is not refused because of an earlier one for its groups.
//! 2. Children inside the parent that do not overlap nest. Those with fewer than k + 1
//!    learners are pooled into `(other)`, with the parent's learners outside every child
//!    when those are 1..=k or the pool alone is too small; if the pool is still too
//!    small the smallest child that would be released joins it (ties: first id).
//! 3. Children that cross go through the gate one by one, in the order of their ids.
//!
//! A roster that the gate refuses falls back to the group's largest earlier release
//! within today's members: joiners wait.

use hashbrown::HashSet;

use super::ledger::{Book, Key, Name};
use super::policy::ReleasePolicy;
use super::roster::{Family, Members, Roster, difference, is_subset, union};

/// What the pool of a family is called.
pub(super) const OTHER: &str = "(other)";

/// What became of one group. It depends on rosters only.
#[derive(Debug, Clone)]
pub(super) enum Outcome {
    /// Shown over `members`, who are this share of those eligible today.
    Released { members: Members, coverage: f64 },
    /// Too few learners, or too few set apart by it.
    TooFew,
    /// The roster on record holds too small a share of today's members.
    LowCoverage,
}

/// One row group of a table.
#[derive(Debug, Clone)]
pub(super) struct Planned {
    pub(super) label: String,
    pub(super) family: String,
    pub(super) course: Option<u32>,
    /// Today's members, whoever is shown.
    pub(super) current: Members,
    pub(super) outcome: Outcome,
}

/// Plans families in the order given and puts what is released on record.
pub(super) fn plan(families: &[Family], policy: ReleasePolicy, book: &mut Book) -> Vec<Planned> {
    let mut rows = Vec::new();
    for family in families {
        let mut planner = Planner {
            family,
            policy,
            book,
        };
        planner.run(&mut rows);
    }
    rows
}

struct Planner<'a> {
    family: &'a Family,
    policy: ReleasePolicy,
    book: &'a mut Book,
}

impl Planner<'_> {
    fn run(&mut self, planned: &mut Vec<Planned>) {
        let parent = self.parent(planned);
        let (nested, crossing) = self.sort(parent.as_deref());
        let (alone, other) = pool(nested, parent.as_deref(), self.policy.k());
        let mut rows: Vec<(usize, Planned)> = Vec::new();
        for (i, roster) in alone {
            rows.push((i, self.child(i, &roster)));
        }
        if !other.is_empty() {
            let key = self.key(Name::Other);
            let outcome = self.settle(&key, &other, &other);
            rows.push((usize::MAX, self.row(OTHER, &other, outcome)));
        }
        for i in crossing {
            let members = self.family.children.get(i).map(|c| c.members.clone());
            rows.push((i, self.child(i, &members.unwrap_or_default())));
        }
        rows.sort_by_key(|(i, _)| *i);
        planned.extend(rows.into_iter().map(|(_, row)| row));
    }

    /// Puts the parent on record; its row if asked for, its released roster if any.
    fn parent(&mut self, planned: &mut Vec<Planned>) -> Option<Members> {
        let today = self.family.parent.as_ref()?;
        let outcome = self.settle(&self.key(Name::Course), today, today);
        if self.family.show_parent {
            planned.push(self.row(&self.family.label, today, outcome.clone()));
        }
        match outcome {
            Outcome::Released { members, .. } => Some(members),
            _ => None,
        }
    }

    /// Children that nest in the parent, with the roster to release, and those that cross.
    fn sort(&self, parent: Option<&[u32]>) -> (Vec<(usize, Members)>, Vec<usize>) {
        let mut taken: HashSet<u32> = HashSet::new();
        let (mut nested, mut crossing) = (Vec::new(), Vec::new());
        for (i, child) in self.family.children.iter().enumerate() {
            let fits = |m: &Members| {
                parent.is_none_or(|p| is_subset(m, p)) && m.iter().all(|l| !taken.contains(l))
            };
            let today = Some(child.members.clone()).filter(&fits);
            let key = self.key(Name::Group(child.label.clone()));
            let roster = today.or_else(|| self.book.earlier(&key, &child.members).filter(&fits));
            if let Some(roster) = roster {
                taken.extend(&roster);
                nested.push((i, roster));
            } else {
                crossing.push(i);
            }
        }
        (nested, crossing)
    }

    /// Releases one child over `roster`, or says why not.
    fn child(&mut self, i: usize, roster: &[u32]) -> Planned {
        let none = Roster {
            label: String::new(),
            members: Vec::new(),
        };
        let child = self.family.children.get(i).unwrap_or(&none);
        let key = self.key(Name::Group(child.label.clone()));
        let outcome = self.settle(&key, roster, &child.members);
        self.row(&child.label, &child.members, outcome)
    }

    /// The gate, then the earlier release, then the coverage floor.
    fn settle(&mut self, key: &Key, roster: &[u32], today: &[u32]) -> Outcome {
        let k = self.policy.k();
        let released = if self.book.admit(key, roster, k) {
            Some(roster.to_vec())
        } else {
            let earlier = self.book.earlier(key, today);
            earlier.filter(|m| self.book.admit(key, m, k))
        };
        let Some(members) = released else {
            return Outcome::TooFew;
        };
        let coverage = members.len() as f64 / today.len().max(1) as f64;
        if coverage < self.policy.coverage_floor() {
            return Outcome::LowCoverage;
        }
        Outcome::Released { members, coverage }
    }

    fn key(&self, name: Name) -> Key {
        (self.family.course, name)
    }

    fn row(&self, label: &str, current: &[u32], outcome: Outcome) -> Planned {
        Planned {
            label: label.to_string(),
            family: self.family.label.clone(),
            course: self.family.course,
            current: current.to_vec(),
            outcome,
        }
    }
}

/// Splits nested children into those with a row of their own and the pool.
fn pool(
    nested: Vec<(usize, Members)>,
    parent: Option<&[u32]>,
    k: u32,
) -> (Vec<(usize, Members)>, Members) {
    let few = |m: &Members| !m.is_empty() && m.len() <= k as usize;
    let taken = union(nested.iter().map(|(_, m)| m));
    let rest = parent.map_or_else(Vec::new, |p| difference(p, &taken));
    let (mut alone, small): (Vec<_>, Vec<_>) =
        nested.into_iter().partition(|(_, m)| m.len() > k as usize);
    let mut other = union(small.iter().map(|(_, m)| m));
    if few(&other) || few(&rest) {
        other = union([&other, &rest]);
    }
    while few(&other) {
        let smallest = (0..alone.len()).min_by_key(|i| alone.get(*i).map(|(_, m)| m.len()));
        let Some(smallest) = smallest else { break };
        let (_, joins) = alone.remove(smallest);
        other = union([&other, &joins]);
    }
    (alone, other)
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
        planned
            .iter()
            .map(|p| match &p.outcome {
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
    fn a_group_outside_its_course_goes_through_the_gate() {
        let family = family(Some(0..40), &[0..20, 35..60]);
        assert_eq!(run(&[family]), [("b0".into(), 20), ("b1".into(), 0)]);
    }
}
