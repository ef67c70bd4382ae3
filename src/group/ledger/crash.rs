//! Attacks A42 and A43: processes that are killed, and processes that race.
//!
//! A child is this test program, started again with a task in its environment. It releases
//! rosters and says so; its parent kills it and asks the ledger.

#![expect(clippy::print_stdout, reason = "children speak to their parent")]

use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};

use super::entry::Entry;
use super::{Asked, Book, Ledger, Name};

const STEPS: [&str; 8] = [
    "locked",
    "caught up",
    "checked",
    "appended",
    "committed",
    "head kept",
    "closed",
    "returned",
];

/// Waits to be killed, where the parent wants it: in the second release, when one has been shown.
pub(super) fn step(name: &'static str) {
    let here = std::env::var("KOHORT_TEST_STOP").is_ok_and(|at| at == name);
    if here && released() > 1 {
        println!("at {name}");
        std::io::stdin().read_to_end(&mut Vec::new()).unwrap();
    }
}

thread_local! {
    /// Releases this process asked for.
    static ASKED: std::cell::Cell<u32> = const { std::cell::Cell::new(0) };
}

fn released() -> u32 {
    ASKED.get()
}

/// A folder of our own, gone when dropped.
pub(in crate::group) struct Folder(pub(in crate::group) PathBuf);

impl Folder {
    pub(in crate::group) fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("kohort-{name}-{}", std::process::id()));
        drop(std::fs::remove_dir_all(&path));
        std::fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    pub(in crate::group) fn ledger(&self) -> PathBuf {
        self.0.join("releases.sqlite")
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        drop(std::fs::remove_dir_all(&self.0));
    }
}

/// This program again, as a child with a task.
fn child(task: &str, ledger: &Path, more: &[(&str, String)]) -> Child {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command
        .args([
            "group::ledger::crash::the_child",
            "--exact",
            "--nocapture",
            "--test-threads=1",
        ])
        .env("KOHORT_TEST_TASK", task)
        .env("KOHORT_TEST_LEDGER", ledger)
        .envs(more.iter().map(|(name, value)| (*name, value)))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null());
    command.spawn().unwrap()
}

fn number(name: &str) -> u32 {
    std::env::var(name).unwrap().parse().unwrap()
}

/// Releases a roster of course `c`, and seals what is told of it; whether it may be shown.
fn release(ledger: &Ledger, c: u32, members: std::ops::Range<u32>) -> bool {
    ASKED.set(ASKED.get() + 1);
    let members: Vec<u32> = members.collect();
    let admit = |book: &mut Book| {
        let admitted = book.admit(&(Some(c), Name::Course), &members, 5);
        if admitted {
            let asked = Asked {
                scope: format!("course {c}"),
                begin: 0,
                until: 1,
                question: "snapshot".to_string(),
                zone: "UTC".to_string(),
                events: 0,
            };
            book.seal(asked, vec![c.to_le_bytes().repeat(500); 3])?;
        }
        Ok(admitted)
    };
    ledger.transact(None, admit).unwrap()
}

/// What a child does; nothing in an ordinary run.
#[test]
fn the_child() {
    let Ok(task) = std::env::var("KOHORT_TEST_TASK") else {
        return;
    };
    let path = std::env::var("KOHORT_TEST_LEDGER").unwrap();
    let ledger = Ledger::open(&path, None).unwrap();
    println!(); // the name of the test stands at the beginning of the line
    match task.as_str() {
        // Course after course, each said only when its value is there.
        "release" => {
            let start = number("KOHORT_TEST_FROM");
            for c in start..start + 100 {
                assert!(release(&ledger, c, 0..20));
                step("returned");
                println!("value {c}");
            }
        }
        // Half of each unsafe pair, in an order of its own.
        "race" => {
            let (own, pairs) = (number("KOHORT_TEST_FROM"), number("KOHORT_TEST_PAIRS"));
            for i in 0..pairs {
                let c = (i * 7 + own * 131) % pairs;
                let members = if own.is_multiple_of(2) { 0..20 } else { 0..19 };
                if release(&ledger, c, members) {
                    println!("value {c}");
                }
            }
        }
        // What must not be: a value that is shown before it stands on record.
        "careless" => {
            let c = number("KOHORT_TEST_FROM");
            for c in [c, c + 1] {
                println!("value {c}");
                release(&ledger, c, 0..20);
            }
        }
        other => panic!("no task {other}"),
    }
}

/// Courses whose value a child showed, from what it said.
fn values(said: &str) -> Vec<u32> {
    let lines = said.lines().filter_map(|line| line.strip_prefix("value "));
    lines.map(|c| c.parse().unwrap()).collect()
}

/// Courses with a roster on record; the chain is checked on the way.
fn on_record(ledger: &Path) -> Vec<u32> {
    let ledger = Ledger::open(ledger, None).unwrap();
    ledger.verify().unwrap();
    let records = ledger.verified().unwrap();
    let entries = records
        .iter()
        .map(|r| serde_json::from_str::<Entry>(&r.facts).unwrap());
    let entries: Vec<Entry> = entries.collect();
    let seals = entries.iter().filter(|e| matches!(e, Entry::Seal { .. }));
    let (seals, course) = (seals.count(), |entry| match entry {
        Entry::Roster { component, .. } => component,
        _ => None,
    });
    let courses: Vec<u32> = entries.into_iter().filter_map(course).collect();
    assert_eq!(seals, courses.len(), "a roster and its seal are one step");
    courses
}

/// Everything a child says until it stands at its step.
fn until_it_stands(out: &mut BufReader<ChildStdout>) -> String {
    let mut said = String::new();
    let mut line = String::new();
    while out.read_line(&mut line).unwrap() > 0 {
        if line.contains("at ")
            && STEPS
                .iter()
                .any(|s| line.trim_end().ends_with(&format!("at {s}")))
        {
            return said;
        }
        said.push_str(&line);
        line.clear();
    }
    panic!("the child ended before it stood: {said}");
}

/// Kills children at every step of a release, again and again on one ledger.
fn killed_at_every_step(name: &str, times: u32) -> (u32, u32) {
    let folder = Folder::new(name);
    let (mut kept, mut lost) = (0, 0);
    let mut from = 0;
    for _ in 0..times {
        for stop in STEPS {
            let more = [
                ("KOHORT_TEST_STOP", stop.to_string()),
                ("KOHORT_TEST_FROM", from.to_string()),
            ];
            let mut child = child("release", &folder.ledger(), &more);
            let mut out = BufReader::new(child.stdout.take().unwrap());
            let mut said = until_it_stands(&mut out);
            child.kill().unwrap();
            child.wait().unwrap();
            out.read_to_string(&mut said).unwrap();
            let there = on_record(&folder.ledger());
            assert_eq!(values(&said), [from]);
            assert!(there.contains(&from), "a value without its entry");
            let written = there.contains(&(from + 1));
            let before = ["locked", "caught up", "checked", "appended"].contains(&stop);
            assert_eq!(written, !before, "killed when {stop}");
            kept += u32::from(written);
            lost += u32::from(!written);
            from += 2;
        }
    }
    (kept, lost)
}

#[test]
fn a43_no_value_without_its_entry_when_killed_at_any_step() {
    // 50 rounds of 8 steps; as many kept as lost. Side by side on five ledgers: one waits for
    // the disk while another works.
    std::thread::scope(|scope| {
        let kills =
            |i: u32| scope.spawn(move || killed_at_every_step(&format!("crash-steps-{i}"), 10));
        for done in [0, 1, 2, 3, 4].map(kills) {
            assert_eq!(done.join().unwrap(), (40, 40));
        }
    });
}

/// The control: who shows values first is found out at every step before the entry is written.
#[test]
fn a43_a_value_shown_before_its_entry_is_found_without_one() {
    let folder = Folder::new("crash-careless");
    let mut without = Vec::new();
    for (i, stop) in (0_u32..).zip(STEPS.iter().filter(|stop| **stop != "returned")) {
        let more = [
            ("KOHORT_TEST_STOP", (*stop).to_string()),
            ("KOHORT_TEST_FROM", (2 * i).to_string()),
        ];
        let mut child = child("careless", &folder.ledger(), &more);
        let mut out = BufReader::new(child.stdout.take().unwrap());
        let said = until_it_stands(&mut out);
        child.kill().unwrap();
        child.wait().unwrap();
        let there = on_record(&folder.ledger());
        if !values(&said).iter().all(|c| there.contains(c)) {
            without.push(*stop);
        }
    }
    assert_eq!(without, ["locked", "caught up", "checked", "appended"]);
}

#[test]
fn a43_no_value_without_its_entry_when_killed_at_any_moment() {
    let folder = Folder::new("crash-moments");
    let mut last = std::collections::BTreeSet::new();
    for i in 0..100_u32 {
        let mut child = child(
            "release",
            &folder.ledger(),
            &[("KOHORT_TEST_FROM", (i * 100).to_string())],
        );
        let mut out = BufReader::new(child.stdout.take().unwrap());
        let mut said = String::new();
        let mut pause = std::time::Duration::ZERO;
        while said.matches("value ").count() < 3 {
            let start = std::time::Instant::now();
            out.read_line(&mut said).unwrap();
            pause = start.elapsed(); // as long as one release takes
        }
        std::thread::sleep(pause * (i * 7919 % 100) / 50);
        child.kill().unwrap();
        out.read_to_string(&mut said).unwrap();
        child.wait().unwrap();
        // A line that the kill cut short tells of nothing.
        let whole = said.rfind('\n').map_or("", |end| &said[..end]);
        let there = on_record(&folder.ledger());
        let values = values(whole);
        assert!(
            values.iter().all(|c| there.contains(c)),
            "a value without its entry"
        );
        last.insert(there.last().copied() == values.last().copied());
    }
    assert_eq!(last.len(), 2, "both before and after an entry was written");
}

#[test]
fn a42_of_two_unsafe_releases_one_succeeds_whatever_process_asks() {
    let (folder, pairs) = (Folder::new("race"), 1000);
    let more = |own: u32| {
        [
            ("KOHORT_TEST_FROM", own.to_string()),
            ("KOHORT_TEST_PAIRS", pairs.to_string()),
            ("KOHORT_TEST_QUICK", String::new()), // nobody cuts the power here
        ]
    };
    let children: Vec<Child> = (0..8)
        .map(|own| child("race", &folder.ledger(), &more(own)))
        .collect();
    let (mut even, mut odd) = (Vec::new(), Vec::new());
    for (own, child) in children.into_iter().enumerate() {
        let done = child.wait_with_output().unwrap();
        assert!(done.status.success());
        let said = values(&String::from_utf8(done.stdout).unwrap());
        if own.is_multiple_of(2) {
            even.extend(said);
        } else {
            odd.extend(said);
        }
    }
    for c in 0..pairs {
        assert!(
            even.contains(&c) != odd.contains(&c),
            "pair {c}: both or neither"
        );
    }
    assert!(
        !even.is_empty() && !odd.is_empty(),
        "no race: one side won all"
    );
    // Without a common ledger both halves are shown, and the twentieth learner stands alone.
    let (one, other) = (Ledger::in_memory(), Ledger::in_memory());
    assert!(release(&one, 0, 0..20) && release(&other, 0, 0..19));
}
