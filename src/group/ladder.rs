//! Who answers for a group that is not shown: the next larger one of the same scope.

use std::collections::BTreeMap;

use super::planner::{Part, Planned};
use super::{Certificate, Group, Outcome, ReferenceGroups};

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
        let label = if twice {
            format!("{} of {}", planned.label, planned.family)
        } else {
            planned.label
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

impl Ladder {
    /// Groups without rows of their own.
    pub(super) fn behind(&mut self) -> impl Iterator<Item = &mut Group> {
        self.behind.iter_mut()
    }
}

impl ReferenceGroups {
    /// Every registered group, then the pool of its family, and who answers for it.
    pub(super) fn rungs(&self) -> impl Iterator<Item = (&Group, Option<&Group>)> {
        let at = |place: usize| {
            let behind = || self.ladder.behind.get(place - self.groups.len());
            self.groups.get(place).or_else(behind)
        };
        let rungs = self.ladder.registered.iter();
        rungs.filter_map(move |rung| Some((at(rung.group)?, rung.used.and_then(at))))
    }
}
