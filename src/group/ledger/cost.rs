//! What the gate and the ledger cost with a million learners and a thousand releases. A
//! measurement, see `benches/README.md`: `make bench-gate`.

#![expect(clippy::print_stdout, reason = "a measurement is for reading")]

use std::time::{Duration, Instant};

use polars::prelude::{DataFrame, IntoColumn, NamedFrom, Series};

use super::crash::Folder;
use super::learners::Slot;
use super::{Book, Ledger, Name};
use crate::data::{LearningData, Options, Tables};
use crate::group::planner::plan;
use crate::group::policy::ReleasePolicy;
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

/// CPU time of all threads of this process so far, exact to a tick of the scheduler (4 ms or
/// less); `None` where the system does not tell.
fn cpu() -> Option<Duration> {
    let mut all = Duration::ZERO;
    for task in std::fs::read_dir("/proc/self/task").ok()? {
        let told = std::fs::read_to_string(task.ok()?.path().join("schedstat")).ok()?;
        let nanos = told.split(' ').next()?.parse().ok()?;
        all += Duration::from_nanos(nanos);
    }
    Some(all)
}

fn timed<T>(what: &str, work: impl FnOnce() -> T) -> T {
    let (start, before) = (Instant::now(), cpu());
    let made = work();
    let (wall, after) = (start.elapsed(), cpu());
    let used = before
        .zip(after)
        .map(|(before, after)| after.saturating_sub(before));
    let used = used.map_or("unknown".into(), |used| format!("{used:.1?}"));
    println!("{what:<60} CPU {used:>10}, elapsed {wall:>10.1?}");
    made
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
    let passed = timed("first: 1,000 rosters released and written", || {
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
    println!("the parts of the course of a million, in one process that knows everybody:");
    let (k, policy) = (10, ReleasePolicy::default());
    let parts = |book: &mut Book| {
        let mut one = course();
        timed("  who is who", || {
            book.enter(&data.inner, &slot, &mut one, 0)
        })?;
        let scope = one[0].course;
        let all = one[0].parent.clone().unwrap();
        timed("  gate: classes of its learners", || {
            book.classes(scope, &all)
        });
        timed("  hash of the roster", || book.roster_hash(&all));
        timed("  hash, gate and record, known", || {
            assert!(book.admit(&(scope, Name::Course), &all, k));
        });
        timed("  the whole plan, asked until it is stable", || {
            plan(&one, policy, book)
        });
        let mut boards = families.clone();
        book.enter(&data.inner, &slot, &mut boards, 0)?;
        timed("  the plan of the course and its 999 boards", || {
            plan(&boards, policy, book)
        });
        let half: Vec<u32> = all.iter().copied().filter(|l| l % 2 == 0).collect();
        timed("  gate: half a million that no roster set apart", || {
            book.check(scope, &half, k)
        });
        let other = (scope, Name::Group("half".into()));
        let passed = timed("  hash, gate, packing and record of these", || {
            book.admit(&other, &half, k)
        });
        assert!(passed, "every board is halved well above k");
        Ok(())
    };
    timed("all parts, written to disk", || {
        ledger.transact(None, parts)
    })
    .unwrap();
    let mut half = course();
    half[0].parent = Some((0..LEARNERS / 2).collect());
    timed("warm: half a million, new, refused or released", || {
        ask(&ledger, &slot, half)
    });
    let size = std::fs::metadata(folder.ledger()).unwrap().len();
    println!("{:<60} {:>8.1} MB", "the file", size as f64 / 1e6);
    let cold = timed("cold: the file opened, every entry checked", || {
        Ledger::open(folder.ledger(), None).unwrap()
    });
    let one = board();
    timed("cold: one board asked", || {
        ask(&cold, &Slot::default(), one)
    });
}
