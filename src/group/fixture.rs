//! Small worlds for the tests of this module.

use std::sync::{Arc, OnceLock};

use super::distribution::{
    Content, ContentScope, ContentScopes, Facts, Record, Rows, Scope, Scopes, Step, Tried,
};
use super::ledger::Ledger;
use super::roster::{Family, Roster};
use super::{By, Metric, ReferenceGroups, ReleasePolicy, Request};

/// k = 5, the k of the small attacks.
pub(super) fn five() -> ReleasePolicy {
    ReleasePolicy::new(5, 5, 0.7).unwrap()
}

/// k = 10.
pub(super) fn ten() -> ReleasePolicy {
    ReleasePolicy::default()
}

/// Nine modules, nine contents, nine weeks, and every metric available.
pub(super) fn facts() -> Facts {
    let steps = || -> Vec<Step> {
        let step = |i: u32| Step {
            label: i.to_string(),
            position: Some(f64::from(i)),
        };
        (1..=9).map(step).collect()
    };
    Facts {
        unavailable: Default::default(),
        contents: Ok(steps()),
        modules: Ok(steps()),
        weeks: Ok(steps()),
    }
}

/// Records whose `metric` takes the given values, learner by learner.
pub(super) fn scope(values: &[f64], metric: Metric) -> Scope {
    let at = Metric::ALL.iter().position(|m| *m == metric).unwrap();
    let row = |(l, v): (u32, &f64)| {
        let mut record = Record::default();
        record.metrics[at] = Some(*v);
        (l, record)
    };
    Scope::new((0u32..).zip(values).map(row).collect(), facts())
}

/// Learners by the module (1..=9) they reached last, and whether they left there.
pub(super) fn modules(furthest: &[(u32, bool)]) -> Scope {
    let row = |(l, (module, left)): (u32, &(u32, bool))| {
        let record = Record {
            furthest_module: Some(module - 1),
            left: *left,
            ..Record::default()
        };
        (l, record)
    };
    Scope::new((0u32..).zip(furthest).map(row).collect(), facts())
}

/// A course of all learners in `members`.
pub(super) fn course(course: u32, members: impl IntoIterator<Item = u32>) -> Family {
    Family {
        label: format!("course {course}"),
        course: Some(course),
        parent: Some(members.into_iter().collect()),
        children: Vec::new(),
        show_parent: true,
    }
}

/// Groups of course 0, inside `parent` if given.
pub(super) fn boards(parent: Option<Vec<u32>>, children: &[(&str, Vec<u32>)]) -> Family {
    let roster = |(label, members): &(&str, Vec<u32>)| {
        let mut members = members.clone();
        members.sort_unstable();
        Roster {
            label: (*label).to_string(),
            members,
        }
    };
    Family {
        label: "course 0".to_string(),
        course: Some(0),
        parent,
        children: children.iter().map(roster).collect(),
        show_parent: false,
    }
}

/// Nine contents in three modules, and what each learner made of them.
pub(super) fn attempts(rows: Vec<(u32, Vec<Tried>)>) -> ContentScope {
    let content = |i: u32| Content {
        label: format!("c{i}"),
        module: Some(format!("m{}", i / 3)),
        position: Some(f64::from(i)),
        topics: vec![["odd", "even"][i as usize % 2].to_string()],
    };
    ContentScope::new(Ok((0..9).map(content).collect()), Rows::new(rows))
}

/// The same groups, who made these attempts in course 0.
pub(super) fn who_tried(groups: ReferenceGroups, scope: ContentScope) -> ReferenceGroups {
    ReferenceGroups {
        assessed: Arc::new(OnceLock::from(ContentScopes::from([(0, scope)]))),
        ..groups
    }
}

/// Attempts of learners that differ from one to the next.
pub(super) fn varied(learners: u32) -> ContentScope {
    let own = |l: u32| -> Vec<Tried> {
        let try_at = |place: u32| Tried {
            place,
            again: !(l + place).is_multiple_of(3),
            passed: [Some(true), Some(false), None][((l * 7 + place) % 5 % 3) as usize],
            best: Some(u8::try_from((l * 3 + place) % 21).unwrap()),
            first: Some(u8::try_from((l * 5 + place * l) % 21).unwrap()),
            success: Some(!(l + place).is_multiple_of(3)),
            right: [Some(true), Some(false), None][((l * 11 + place) % 7 % 3) as usize],
            response: (l + place * 3) % 4,
            ..Tried::default()
        };
        (0..9)
            .filter(|p| !(l + p).is_multiple_of(4))
            .map(try_at)
            .collect()
    };
    attempts((0..learners).map(|l| (l, own(l))).collect())
}

/// Plans families on a ledger, with `scope` as course 0.
pub(super) fn ask(
    families: Vec<Family>,
    scope: &Scope,
    policy: ReleasePolicy,
    ledger: &Ledger,
) -> ReferenceGroups {
    let request = Request {
        by: By::Group,
        integer: false,
        policy,
        as_of: 0,
        families,
        scopes: Scopes::from([(Some(0), scope.clone())]),
    };
    let groups = ReferenceGroups::new(request, ledger).unwrap();
    who_tried(groups, varied(1000))
}

/// Labels of the groups that are shown, with n.
pub(super) fn shown(groups: &ReferenceGroups) -> Vec<(String, u32)> {
    let released = groups.distribution(Metric::StudyTime).unwrap();
    let frame = released.frame();
    let labels = frame.column("group").unwrap().str().unwrap().clone();
    let n = frame.column("n").unwrap().u32().unwrap().clone();
    let mut shown: Vec<(String, u32)> = labels
        .iter()
        .zip(n.iter())
        .filter_map(|(l, n)| Some((l?.to_string(), n?)))
        .collect();
    shown.dedup();
    shown
}

/// What a system without a gate shows: exact n and sum.
pub(super) fn naive(values: &[f64], members: &[u32]) -> (usize, f64) {
    (
        members.len(),
        members.iter().map(|l| values[*l as usize]).sum(),
    )
}
