//! Who answers for a group that is not shown: the next larger one of the same scope.

use std::collections::{BTreeMap, BTreeSet};

use hashbrown::HashMap;

use super::bundle::Place;
use super::planner::{Part, Planned};
use super::{Certificate, Group, Kin, Outcome, ReferenceGroups};

/// The groups behind the rows, and what answers for each registered one.
#[derive(Default)]
pub(super) struct Ladder {
    /// Groups without rows of their own.
    behind: Vec<Group>,
    registered: Vec<Rung>,
}

/// One registered group, or the pool, and who answers; places among rows, then those behind.
struct Rung {
    group: usize,
    used: Option<usize>,
}

/// Groups with rows, in order, and the ladder; released ones get a certificate.
pub(super) fn list(
    planned: Vec<Planned>,
    certify: impl Fn(&str, &[u32], f64) -> Certificate,
) -> (Vec<Group>, Ladder) {
    let mut times: BTreeMap<String, usize> = BTreeMap::new();
    let registered = |group: &Planned| group.part != Part::Course || group.row;
    for group in planned.iter().filter(|group| registered(group)) {
        *times.entry(group.label.clone()).or_default() += 1;
    }
    // What two of them could be called by is nobody's name.
    let mut given: BTreeSet<String> = times.keys().cloned().collect();
    let rows = planned.iter().filter(|group| group.row).count();
    let (mut row, mut hidden) = (0, rows);
    let place = |group: &Planned| {
        let next = if group.row { &mut row } else { &mut hidden };
        *next += 1;
        *next - 1
    };
    let places: Vec<usize> = planned.iter().map(place).collect();
    let (mut groups, mut ladder) = (Vec::new(), Ladder::default());
    for (planned, place) in planned.into_iter().zip(&places) {
        if registered(&planned) {
            ladder.registered.push(Rung {
                group: *place,
                used: planned.used.and_then(|at| places.get(at).copied()),
            });
        }
        let twice = times.get(&planned.label).is_some_and(|n| *n > 1);
        let label = if twice && registered(&planned) {
            let name = format!("{} of {}", planned.label, planned.family);
            unlike(&name, &mut given)
        } else {
            planned.label.clone()
        };
        let certificate = match &planned.outcome {
            Outcome::Released { members, coverage } => Some(certify(&label, members, *coverage)),
            _ => None,
        };
        let to = if planned.row {
            &mut groups
        } else {
            &mut ladder.behind
        };
        to.push(Group {
            label,
            name: planned.label,
            family: planned.family,
            course: planned.course,
            part: planned.part,
            current: planned.current,
            outcome: planned.outcome,
            certificate,
        });
    }
    (groups, ladder)
}

/// A name that none has so far: tables, and views of them, tell groups apart by it.
fn unlike(name: &str, given: &mut BTreeSet<String>) -> String {
    let mut own = name.to_string();
    let mut times = 1_u32;
    while !given.insert(own.clone()) {
        times += 1;
        own = format!("{name} ({times})");
    }
    own
}

/// Groups that nothing answers for: whether each has rows, and whether it is registered.
pub(super) fn unanswered(all: Vec<(Group, bool, bool)>) -> (Vec<Group>, Ladder) {
    let (rows, behind): (Vec<_>, Vec<_>) = all.into_iter().partition(|(_, row, _)| *row);
    let registered = rows.iter().chain(&behind).enumerate();
    let registered = registered.filter(|(_, (.., registered))| *registered);
    let rung = |(group, _)| Rung { group, used: None };
    let registered = registered.map(rung).collect();
    let bare = |groups: Vec<(Group, bool, bool)>| groups.into_iter().map(|(group, ..)| group);
    let behind = bare(behind).collect();
    (bare(rows).collect(), Ladder { behind, registered })
}

impl Ladder {
    /// Groups without rows of their own.
    pub(super) fn behind(&mut self) -> impl Iterator<Item = &mut Group> {
        self.behind.iter_mut()
    }
}

impl ReferenceGroups {
    /// Every group, with rows or without.
    pub(super) fn everybody(&self) -> impl Iterator<Item = &Group> {
        self.groups.iter().chain(&self.ladder.behind)
    }

    /// All groups as they stand, those with rows first, and the certificates behind them.
    pub(super) fn standing(&self) -> (Vec<Place>, Vec<Certificate>) {
        let rows = self.groups.len();
        let mut certificates = Vec::new();
        let all = self.everybody().enumerate();
        let place = |(at, group): (usize, &Group)| {
            let rung = self.ladder.registered.iter().find(|rung| rung.group == at);
            Place {
                label: group.label.clone(),
                name: group.name.clone(),
                part: group.part,
                row: at < rows,
                registered: rung.is_some(),
                used: rung.and_then(|rung| rung.used),
                certificate: group.certificate.as_ref().map(|certificate| {
                    certificates.push(certificate.clone());
                    certificates.len() - 1
                }),
                low: group.outcome == Outcome::LowCoverage,
            }
        };
        (all.map(place).collect(), certificates)
    }

    /// Every registered group, then the pool of its family, and who answers for it.
    pub(super) fn rungs(&self) -> impl Iterator<Item = (&Group, Option<&Group>)> {
        let rungs = self.ladder.registered.iter();
        let used = |place: usize| self.at(place);
        rungs.filter_map(move |rung| Some((self.at(rung.group)?, rung.used.and_then(used))))
    }

    /// The rows and the ladder of those groups that are `hers`, after some were withheld. Where
    /// who answered for a group is withheld, the course answers if it is not.
    ///
    /// No other group is looked at, or copied: there may be thousands of courses.
    pub(super) fn part(
        &self,
        hers: impl Fn(&Group) -> bool,
        mut withhold: impl FnMut(&mut Group),
    ) -> (Vec<Group>, Ladder) {
        let mut courses: HashMap<Kin<'_>, usize> = HashMap::new();
        for (at, group) in self.everybody().enumerate() {
            if group.part == Part::Course {
                courses.entry(group.kin()).or_insert(at);
            }
        }
        let rows = self.groups.iter().enumerate();
        let own: Vec<usize> = rows.filter(|(_, g)| hers(g)).map(|(at, _)| at).collect();
        let rungs = self.ladder.registered.iter();
        let rungs: Vec<(&Rung, Option<usize>)> = rungs
            .filter_map(|rung| {
                let group = self.at(rung.group).filter(|group| hers(group))?;
                Some((rung, courses.get(&group.kin()).copied()))
            })
            .collect();
        let all = own
            .iter()
            .copied()
            .chain(rungs.iter().flat_map(|(rung, course)| {
                let answers = rung.used.into_iter().chain(rung.used.and(*course));
                std::iter::once(rung.group).chain(answers)
            }));
        let mut seen: HashMap<usize, Group> = HashMap::new();
        for place in all {
            if let (hashbrown::hash_map::Entry::Vacant(slot), Some(group)) =
                (seen.entry(place), self.at(place))
            {
                withhold(slot.insert(group.clone()));
            }
        }
        let answers = |place: &usize| seen.get(place).is_some_and(|g| g.outcome.is_released());
        let mut behind: Vec<usize> = Vec::new();
        let mut hidden: HashMap<usize, usize> = HashMap::new();
        let mut place = |old: usize| {
            own.binary_search(&old).unwrap_or_else(|_| {
                let next = || {
                    behind.push(old);
                    own.len() + behind.len() - 1
                };
                *hidden.entry(old).or_insert_with(next)
            })
        };
        let mut registered = Vec::new();
        for (rung, course) in rungs {
            let used = rung.used.filter(answers);
            let used = used.or_else(|| rung.used.and(course).filter(answers));
            registered.push(Rung {
                group: place(rung.group),
                used: used.map(&mut place),
            });
        }
        let mut pick = |places: &[usize]| -> Vec<Group> {
            places
                .iter()
                .filter_map(|place| seen.remove(place))
                .collect()
        };
        let behind = pick(&behind);
        (pick(&own), Ladder { behind, registered })
    }

    /// The group at a place: those with rows first, then those behind.
    fn at(&self, place: usize) -> Option<&Group> {
        let behind = || self.ladder.behind.get(place - self.groups.len());
        self.groups.get(place).or_else(behind)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::group::fixture::{boards, course, five};
    use crate::group::roster::Family;
    use crate::group::{By, Ledger, Request};

    const NAMES: [&str; 7] = ["b0", "b1", "b2", "b3", "b4", "b5", "b6"];

    /// The slow twin of [`ReferenceGroups::part`]: all groups are copied, and all may be withheld.
    fn whole(
        own: &ReferenceGroups,
        hers: impl Fn(&Group) -> bool,
        withhold: impl FnMut(&mut Group),
    ) -> Vec<String> {
        let mut all: Vec<Group> = own.everybody().cloned().collect();
        all.iter_mut().for_each(withhold);
        let rows = own.groups.len();
        let shown = |at: &usize| all[*at].outcome.is_released();
        let mut lines: Vec<String> = (0..rows)
            .filter(|at| hers(&all[*at]))
            .map(|at| line(&all[at]))
            .collect();
        for rung in &own.ladder.registered {
            let group = &all[rung.group];
            if hers(group) {
                let of = |g: &Group| g.part == Part::Course && g.kin() == group.kin();
                let course = || all.iter().position(of).filter(shown);
                let used = rung
                    .used
                    .and_then(|at| Some(at).filter(shown).or_else(course));
                let used = used.map(|at| line(&all[at]));
                lines.push(format!("{} -> {used:?}", line(group)));
            }
        }
        lines
    }

    fn line(group: &Group) -> String {
        format!("{:?} {} {:?}", group.course, group.label, group.outcome)
    }

    fn asked(families: Vec<Family>) -> ReferenceGroups {
        let request = Request {
            courseless: crate::data::ids::NONE,
            by: By::Group,
            integer: false,
            policy: five(),
            as_of: 0,
            families,
            scopes: BTreeMap::default(),
        };
        ReferenceGroups::new(request, &Ledger::in_memory()).unwrap()
    }

    proptest! {
        #[test]
        fn a_part_of_the_groups_agrees_with_one_cut_from_copies_of_all(
            sizes in prop::collection::vec(0u32..14, 1..8),
            hers in any::<u16>(),
            withheld in any::<u16>(),
            nobody in any::<bool>(),
        ) {
            let mut next = 0;
            let mut board = |(name, n): (&'static str, u32)| {
                next += n;
                (name, (next - n..next).collect::<Vec<u32>>())
            };
            let all: Vec<_> = NAMES.into_iter().zip(sizes).map(&mut board).collect();
            let half = all.len() / 2;
            let mut other = boards((!nobody).then(|| (0..next).collect()), &all[half..]);
            (other.course, other.label) = (Some(1), "course 1".to_string());
            let families = vec![
                boards(Some((0..next).collect()), &all[..half]),
                other,
                course(2, 0..next),
            ];
            let groups = asked(families);
            let bit = |mask: u16, group: &Group| {
                let at = groups.everybody().position(|g| (g.kin(), &g.label) == (group.kin(), &group.label));
                mask >> (at.unwrap() % 16) & 1 == 1
            };
            let withhold = |group: &mut Group| {
                if bit(withheld, group) && group.outcome.is_released() {
                    group.outcome = Outcome::TooFew;
                }
            };
            let slow = whole(&groups, |group| bit(hers, group), withhold);
            let (rows, ladder) = groups.part(|group| bit(hers, group), withhold);
            let cut = ReferenceGroups {
                groups: rows.into(),
                ladder: ladder.into(),
                ..groups.clone()
            };
            let mut fast: Vec<String> = cut.groups.iter().map(line).collect();
            fast.extend(cut.rungs().map(|(own, used)| format!("{} -> {:?}", line(own), used.map(line))));
            prop_assert_eq!(fast, slow);
        }
    }
}
