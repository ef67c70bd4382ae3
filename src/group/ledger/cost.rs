//! What the ledger costs with a million learners and a thousand releases. A measurement:
//! `cargo test --lib group::ledger::cost -- --ignored --nocapture`

#![expect(clippy::print_stdout, reason = "a measurement is for reading")]

use std::time::{Duration, Instant};

use polars::prelude::{DataFrame, IntoColumn, NamedFrom, Series};

use super::crash::Folder;
use super::learners::Slot;
use super::{Book, Ledger, Name};
use crate::data::{LearningData, Options, Tables};
use crate::group::roster::{Family, Roster};

const LEARNERS: u32 = 1_000_000;
const BOARDS: u32 = 999;

/// A million enrolled learners, one of whom was seen.
fn data() -> LearningData {
    let same =
        |name: &str, text: &str, n: usize| Series::new(name.into(), vec![text; n]).into_column();
    let learners: Vec<String> = (0..LEARNERS).map(|l| format!("learner {l:07}")).collect();
    let n = learners.len();
    let rows = vec![
        Series::new("learner".into(), &learners).into_column(),
        same("course", "c", n),
    ];
    let event = vec![
        same("learner", "learner 0000000", 1),
        same("time", "2026-03-02T10:00:00Z", 1),
        same("content", "page", 1),
    ];
    let tables = Tables {
        enrollments: Some(DataFrame::new_infer_height(rows).unwrap()),
        ..Tables::default()
    };
    let events = DataFrame::new_infer_height(event).unwrap();
    LearningData::new(events, tables, &Options::default()).unwrap()
}

/// The course and its boards, each learner on one.
fn families() -> Vec<Family> {
    let board = |b: u32| Roster {
        label: format!("board {b}"),
        members: (0..LEARNERS).filter(|l| l % BOARDS == b).collect(),
    };
    vec![Family {
        label: "c".into(),
        course: Some(0),
        parent: Some((0..LEARNERS).collect()),
        children: (0..BOARDS).map(board).collect(),
        show_parent: true,
    }]
}

/// Every roster through the gate; how many passed.
fn admit(book: &mut Book, families: &[Family]) -> usize {
    let mut passed = 0;
    for family in families {
        let parent = family.parent.as_ref().map(|m| (Name::Course, m));
        let children = family
            .children
            .iter()
            .map(|c| (Name::Group(c.label.clone()), &c.members));
        for (name, members) in parent.into_iter().chain(children) {
            passed += usize::from(book.admit(&(family.course, name), members, 10));
        }
    }
    passed
}

fn timed<T>(what: &str, work: impl FnOnce() -> T) -> (T, Duration) {
    let start = Instant::now();
    let made = work();
    println!("{what:<60} {:>10.1?}", start.elapsed());
    (made, start.elapsed())
}

#[test]
#[ignore = "a measurement of many seconds"]
fn a_million_learners_and_a_thousand_releases() {
    let folder = Folder::new("cost");
    let (data, families) = (data(), families());
    let slot = Slot::default();
    let ledger = Ledger::open(folder.ledger(), None).unwrap();
    let ask = |ledger: &Ledger, slot: &Slot, mut families: Vec<Family>| {
        let work = |book: &mut Book| {
            book.enter(&data.inner, slot, &mut families, 0)?;
            Ok(admit(book, &families))
        };
        ledger.transact(None, work).unwrap()
    };
    let thousand = families.clone();
    let (passed, _) = timed("first: 1,000 rosters released and written", || {
        ask(&ledger, &slot, thousand)
    });
    assert_eq!(passed, 1 + BOARDS as usize);
    let thousand = families.clone();
    timed("second: who is who is looked up and kept", || {
        ask(&ledger, &slot, thousand)
    });
    let all = families.clone();
    timed("warm: all 1,000 asked again", || ask(&ledger, &slot, all));
    let course = || {
        let mut course = families.clone();
        course[0].children.clear();
        course
    };
    let one = course();
    timed("warm: the course of a million asked again", || {
        ask(&ledger, &slot, one)
    });
    let board = || {
        let mut board = families.clone();
        board[0].parent = None;
        board[0].children.truncate(1);
        board
    };
    let one = board();
    timed("warm: one board asked again", || ask(&ledger, &slot, one));
    let mut half = course();
    half[0].parent = Some((0..LEARNERS / 2).collect());
    timed("warm: half a million, new, refused or released", || {
        ask(&ledger, &slot, half)
    });
    let size = std::fs::metadata(folder.ledger()).unwrap().len();
    println!("{:<60} {:>8.1} MB", "the file", size as f64 / 1e6);
    let (cold, _) = timed("cold: the file opened, every entry checked", || {
        Ledger::open(folder.ledger(), None).unwrap()
    });
    let one = board();
    timed("cold: one board asked", || {
        ask(&cold, &Slot::default(), one)
    });
}
