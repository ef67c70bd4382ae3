//! Small worlds for the tests of this module.

use std::sync::{Arc, OnceLock};

use super::distribution::{
    ByCourse, Content, ContentList, ContentScope, ContentScopes, Facts, Record, Rows, Scope,
    Scopes, Step, Tie, Tried, Viewed,
};
use super::funnel::Funnel;
use super::grid::Grids;
use super::ledger::Ledger;
use super::metric::Measure;
use super::roster::{Family, Roster};
use super::trails::{Lists, Videos};
use super::{By, Metric, ReferenceGroups, ReleasePolicy, Released, Request};
use crate::data::{Id, SECOND};
use crate::personal::{Order, Place};

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
        grids: Grids::default(),
        contents: Ok(steps()),
        modules: Ok(steps()),
        weeks: Ok(steps()),
        stays: Ok(()),
    }
}

/// Records whose `metric` takes the given values, learner by learner.
pub(super) fn scope(values: &[f64], metric: Metric) -> Scope {
    let at = Metric::ALL.iter().position(|m| *m == metric).unwrap();
    let row = |(l, v): (u32, &f64)| {
        let mut record = Record::default();
        record.metrics[at] = *v;
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

/// Records about paths, in place of those made from data.
#[derive(Clone, Default)]
pub(super) struct Trails {
    pub(super) levels: ByCourse<u32>,
    pub(super) features: ByCourse<u32>,
    pub(super) contents: Lists<ContentList>,
    pub(super) touched: ByCourse<Vec<u32>>,
    pub(super) videos: Lists<Videos>,
    pub(super) watched: ByCourse<Vec<Viewed>>,
    pub(super) ties: ByCourse<Tie>,
}

/// A funnel of three steps that such levels tell of.
pub(super) fn three_steps() -> Funnel {
    let steps = ["one", "two", "three"].map(Id::from).to_vec();
    Funnel::new(steps, Place::Content, Order::Ordered, None).unwrap()
}

/// Records about paths in some courses, chosen by `below(n)`, which gives numbers under n.
pub(super) fn trails(courses: &[u32], learners: u32, mut below: impl FnMut(u32) -> u32) -> Trails {
    let list = |names: &[&str]| -> ContentList {
        let content = |label: &&str| Content {
            label: (*label).to_string(),
            ..Content::default()
        };
        Ok(names.iter().map(content).collect())
    };
    let mut made = Trails::default();
    let (mut levels, mut features, mut touched) = (Vec::new(), Vec::new(), Vec::new());
    let (mut watched, mut ties) = (Vec::new(), Vec::new());
    for course in courses {
        let videos = Videos {
            list: list(&["film", "talk"]),
            stretches: vec![12, 5],
        };
        made.videos.insert(*course, videos);
        made.contents.insert(*course, list(&["x", "y", "z"]));
        for learner in 0..learners {
            levels.push((*course, learner, below(4)));
            features.push((*course, learner, below(1024)));
            let places: Vec<u32> = (0..3).filter(|_| below(2) == 0).collect();
            touched.push((*course, learner, places));
            let mut films = Vec::new();
            for place in 0..2 {
                let from = below(9);
                films.push(Viewed {
                    place,
                    seen: vec![(from, from + 1 + below(5))],
                    again: vec![(from, from + below(3))],
                    first: below(13),
                    later: below(13),
                });
            }
            watched.push((*course, learner, films));
            let measures = std::array::from_fn(|at| {
                let scale = if at + 1 == Measure::ALL.len() {
                    0.001
                } else {
                    1.0
                };
                f64::from(below(12)) * scale
            });
            ties.push((*course, learner, Tie { measures }));
        }
    }
    made.levels = ByCourse::new(levels);
    made.features = ByCourse::new(features);
    made.touched = ByCourse::new(touched);
    made.watched = ByCourse::new(watched);
    made.ties = ByCourse::new(ties);
    made
}

impl Trails {
    /// The records of learners of a course, exchanged.
    pub(super) fn exchange(&mut self, course: u32, moves: &[(u32, u32)]) {
        self.levels.exchange(course, moves);
        self.features.exchange(course, moves);
        self.touched.exchange(course, moves);
        self.watched.exchange(course, moves);
        self.ties.exchange(course, moves);
    }
}

/// The tables about paths.
pub(super) fn paths(groups: &ReferenceGroups) -> Vec<Released> {
    let all = [
        groups.funnel(&three_steps()),
        groups.video_seconds(SECOND),
        groups.rewatch_peaks(SECOND),
        groups.feature_usage(),
        groups.popular_content(),
        groups.collaboration(),
        groups.reply_network(),
    ];
    all.map(std::result::Result::unwrap).into()
}

/// Plans families on a ledger, with `scope` as course 0.
pub(super) fn ask(
    families: Vec<Family>,
    scope: &Scope,
    policy: ReleasePolicy,
    ledger: &Ledger,
) -> ReferenceGroups {
    let request = Request {
        courseless: crate::data::ids::NONE,
        by: By::Group,
        integer: false,
        policy,
        as_of: 0,
        families,
        scopes: Scopes::from([(Some(0), scope.clone())]),
    };
    let groups = ReferenceGroups::new(request, ledger).unwrap();
    let mut at = 0;
    let below = |n: u32| {
        at += 1;
        at * 7 / 3 % n
    };
    ReferenceGroups {
        metrics: &Metric::ALL,
        trails: Some(trails(&[0], 1000, below)),
        ..who_tried(groups, varied(1000))
    }
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
