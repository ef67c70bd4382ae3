//! Attacks on what a sealed answer is about: groups whose memberships name no course, courses that
//! bear the name of all of them, and weeks that another time zone database moves.

use polars::prelude::df;

use super::*;
use crate::data::{HOUR, Id, LearningData, Options, Tables};
use crate::group::ledger::crash::Folder;
use crate::group::{GroupOptions, Period};
use crate::privacy::Viewer;

/// Forty learners of course A in two boards, and half of them in further courses.
#[derive(Clone, Copy, Default)]
struct World {
    /// Courses that there are besides A.
    more: &'static [&'static str],
    /// Which course each board's memberships name.
    boards: [Option<&'static str>; 2],
    /// Whether twelve learners have events in A that nobody knew of at first.
    late: bool,
    /// When the last event of everybody is.
    last: Option<&'static str>,
}

impl World {
    fn data(&self) -> LearningData {
        let name = |l: usize| format!("l{l:02}");
        let (mut who, mut when, mut of) = (Vec::new(), Vec::new(), Vec::new());
        let mut add = |l: usize, time: String, course: &str| {
            who.push(name(l));
            when.push(time);
            of.push(course.to_string());
        };
        for l in 0..40 {
            (0..=l).for_each(|e| add(l, format!("2026-03-{:02}T10:{e:02}:00Z", e % 5 + 2), "A"));
            add(
                l,
                self.last.unwrap_or("2026-03-11T12:00:00Z").to_string(),
                "A",
            );
        }
        for l in (0..12).filter(|_| self.late) {
            (0..30).for_each(|e| add(l, format!("2026-03-03T12:{e:02}:00Z"), "A"));
        }
        for course in self.more {
            (0..20).for_each(|l| add(l, "2026-03-04T10:00:00Z".to_string(), course));
        }
        let height = who.len();
        let events = df!("learner" => who, "time" => when, "content" => vec!["page"; height],
            "course" => of);
        let more = self.more.iter().flat_map(|c| (0..20).map(move |l| (l, *c)));
        let enrolled: Vec<(usize, &str)> = (0..40).map(|l| (l, "A")).chain(more).collect();
        let enrollments = df!(
            "learner" => enrolled.iter().map(|row| name(row.0)).collect::<Vec<_>>(),
            "course" => enrolled.iter().map(|row| row.1).collect::<Vec<_>>(),
        );
        let board = |l: usize| usize::from(l >= 18);
        let memberships = df!(
            "group" => (0..40).map(|l| ["b1", "b2"][board(l)]).collect::<Vec<_>>(),
            "learner" => (0..40).map(name).collect::<Vec<_>>(),
            "course" => (0..40).map(|l| self.boards[board(l)]).collect::<Vec<_>>(),
        );
        let roles = df!("person" => ["t1"], "group" => ["b1"], "role" => ["instructor"]);
        let tables = Tables {
            enrollments: Some(enrollments.unwrap()),
            memberships: Some(memberships.unwrap()),
            roles: Some(roles.unwrap()),
            ..Tables::default()
        };
        LearningData::new(events.unwrap(), tables, &Options::default()).unwrap()
    }

    fn week(&self, ledger: &Ledger) -> ReferenceGroups {
        let options = options(ledger);
        self.data().reference_groups(By::Group, &options).unwrap()
    }
}

fn options(ledger: &Ledger) -> GroupOptions {
    GroupOptions {
        policy: five(),
        period: Some(Period::Week),
        ledger: Some(ledger.clone()),
        ..GroupOptions::default()
    }
}

/// What was sealed, in order.
fn seals(ledger: &Ledger) -> Vec<String> {
    let facts = ledger.look(|book| {
        let all = book.log.iter().map(|record| record.facts.clone());
        all.collect::<Vec<_>>()
    });
    let seals = facts.into_iter().filter(|facts| facts.contains("\"seal\""));
    seals.collect()
}

/// Snapshots of periods, the answers to questions of the asker's own left out.
fn snapshots(ledger: &Ledger) -> usize {
    let all = seals(ledger);
    all.iter()
        .filter(|facts| facts.contains("\"snapshot\""))
        .count()
}

/// All that is shown to the host, an instructor and a learner without late events.
fn shown(groups: &ReferenceGroups) -> Vec<DataFrame> {
    let hers = groups.seen_by(&Viewer::instructor("t1")).unwrap();
    let mut all = [tables(groups), tables(&hers)].concat();
    let learner = groups.seen_by(&Viewer::learner("l25")).unwrap();
    all.extend(tables(&learner));
    let own = learner.compare(&Id::from("l25"), Metric::Events).unwrap();
    all.push(own.into_frame().drop("own").unwrap());
    all
}

#[test]
fn a_course_that_opens_has_no_week_sealed_anew() {
    let ledger = Ledger::in_memory();
    let one = World::default();
    let before = shown(&one.week(&ledger));
    let sealed = seals(&ledger);
    let two = World {
        more: &["B"],
        late: true,
        ..one
    };
    let groups = two.week(&ledger);
    assert!(same(&shown(&groups), &before));
    assert_eq!(seals(&ledger), sealed);
    assert_eq!(groups.late(), Some(360), "those of B are not about A");
    // The control: without the seal the late events are seen.
    assert!(!same(&shown(&two.week(&Ledger::in_memory())), &before));
    // The next week is of all courses.
    let next = World {
        last: Some("2026-03-18T12:00:00Z"),
        ..two
    };
    let after = next.week(&ledger);
    assert_eq!(snapshots(&ledger), 2);
    assert!(after.summary().unwrap().frame().height() > 0);
    assert!(same(&shown(&two.week(&ledger)), &before));
    ledger.verify().unwrap();
}

#[test]
fn nor_has_a_course_that_is_left_alone() {
    let ledger = Ledger::in_memory();
    let two = World {
        more: &["B"],
        ..World::default()
    };
    let before = shown(&two.week(&ledger));
    let sealed = seals(&ledger);
    let one = World {
        late: true,
        ..World::default()
    };
    assert!(same(&shown(&one.week(&ledger)), &before));
    assert_eq!(seals(&ledger), sealed);
}

#[test]
fn boards_of_a_course_and_boards_of_all_courses_stay_apart() {
    let ledger = Ledger::in_memory();
    let mixed = World {
        more: &["B"],
        boards: [Some("A"), None],
        ..World::default()
    };
    let before = shown(&mixed.week(&ledger));
    let sealed = seals(&ledger);
    assert_eq!(snapshots(&ledger), 2, "course A, and all courses");
    let late = World {
        late: true,
        ..mixed
    };
    assert!(same(&shown(&late.week(&ledger)), &before));
    assert_eq!(seals(&ledger), sealed);
    // Another course with boards of the same names is asked for itself.
    let other = World {
        boards: [Some("B"), Some("B")],
        ..mixed
    };
    other.week(&ledger);
    assert_eq!(snapshots(&ledger), 3);
}

#[test]
fn a_ledger_file_finds_the_course_that_its_weeks_were_sealed_under() {
    let folder = Folder::new("scopes");
    let before = {
        let ledger = Ledger::open(folder.ledger(), None).unwrap();
        shown(&World::default().week(&ledger))
    };
    let ledger = Ledger::open(folder.ledger(), None).unwrap();
    let kinds = |ledger: &Ledger| {
        let kinds = texts(&ledger.entries().unwrap(), "kind").into_iter();
        kinds.flatten().filter(|kind| kind == "seal").count()
    };
    let sealed = kinds(&ledger);
    let two = World {
        more: &["B", "C"],
        late: true,
        ..World::default()
    };
    assert!(same(&shown(&two.week(&ledger)), &before));
    assert_eq!(kinds(&ledger), sealed);
}

#[test]
fn no_course_bears_the_name_of_all_courses() {
    let named = World {
        more: &["all courses"],
        boards: [Some("all courses"), None],
        ..World::default()
    };
    let plain = World {
        more: &["B"],
        boards: [Some("B"), None],
        ..World::default()
    };
    let ledger = Ledger::in_memory();
    let groups = named.week(&ledger);
    assert_eq!(snapshots(&ledger), 2);
    // The same tables but for the name, and they are found again.
    let control = plain.week(&Ledger::in_memory());
    let labels = |groups: &ReferenceGroups| -> Vec<String> {
        groups.groups().into_iter().map(str::to_string).collect()
    };
    assert_eq!(labels(&groups), labels(&control));
    let all = |groups: &ReferenceGroups| {
        let table = groups.log_rank(Between::All).unwrap().into_frame();
        texts(&table, "group")
            .into_iter()
            .flatten()
            .collect::<Vec<_>>()
    };
    assert_eq!(all(&control), ["B", "all courses"]);
    assert_eq!(all(&groups), ["all courses", "all courses (2)"]);
    for metric in Metric::ALL {
        let [own, other] = [&groups, &control].map(|g| g.quantiles(metric).unwrap().into_frame());
        assert!(own.equals_missing(&other), "{metric}");
    }
    let late = World {
        late: true,
        ..named
    };
    assert!(same(&shown(&late.week(&ledger)), &shown(&groups)));
    assert_eq!(snapshots(&ledger), 2);
}

/// The time zone database of a host was old when a week was sealed: by the newer one the week
/// begins and ends an hour later.
#[test]
fn a13_other_rules_of_a_time_zone_cut_no_sealed_week_otherwise() {
    let ledger = Ledger::in_memory();
    let world = World::default();
    let fresh = world.week(&Ledger::in_memory());
    let (_, begin, until) = fresh.period().unwrap();
    let moved = ReferenceGroups {
        ledger: ledger.clone(),
        ..fresh.clone()
    };
    let cut = fresh.cut.clone().unwrap().moved(-HOUR);
    let before = moved.sealed_by(Some(cut)).unwrap();
    assert_eq!(snapshots(&ledger), 1);
    let late = World {
        late: true,
        ..world
    };
    let now = late.week(&ledger);
    assert_eq!(
        now.period(),
        Some((Period::Week, begin - HOUR, until - HOUR))
    );
    assert_eq!(snapshots(&ledger), 1);
    assert!(same(&tables(&now), &tables(&before)));
    // The week after it begins where it ended, and ends by the newer rules.
    let next = World {
        last: Some("2026-03-18T12:00:00Z"),
        ..world
    };
    let next = next.week(&ledger).period().unwrap();
    assert_eq!((next.1, next.2), (until - HOUR, until + crate::data::WEEK));
}
