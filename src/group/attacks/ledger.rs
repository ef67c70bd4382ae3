//! Attacks on the ledger in a file: putting it back, editing it, reading it, starting over.

use std::fs;
use std::path::Path;

use polars::prelude::{DataFrame, IntoColumn, NamedFrom, Series};
use rusqlite::Connection;

use super::*;
use crate::data::{LearningData, Options, Tables};
use crate::group::ledger::Spent;
use crate::group::ledger::crash::Folder;
use crate::group::{Certificate, GroupOptions};

/// Learners `from..to` of course "algebra", all enrolled, each with one event.
pub(super) fn data(learners: std::ops::Range<u32>, term: Option<(&str, &str)>) -> LearningData {
    let names: Vec<String> = learners.map(|l| format!("marker-{l:04}")).collect();
    data_of(Series::new("learner".into(), &names), term)
}

fn data_of(learner: Series, term: Option<(&str, &str)>) -> LearningData {
    let n = learner.len();
    let same = |name: &str, text: &str| Series::new(name.into(), vec![text; n]).into_column();
    let events = vec![
        learner.clone().into_column(),
        same("time", "2026-03-02T10:00:00Z"),
        same("content", "page"),
        same("course", "algebra"),
    ];
    let rows = vec![learner.into_column(), same("course", "algebra")];
    let courses = term.map(|(term, starts)| {
        let one = |name: &str, text: &str| Series::new(name.into(), [text]).into_column();
        let columns = vec![
            one("course", "algebra"),
            one("term", term),
            one("starts", starts),
        ];
        DataFrame::new_infer_height(columns).unwrap()
    });
    let tables = Tables {
        enrollments: Some(DataFrame::new_infer_height(rows).unwrap()),
        courses,
        ..Tables::default()
    };
    let events = DataFrame::new_infer_height(events).unwrap();
    LearningData::new(events, tables, &Options::default()).unwrap()
}

/// Groups by course under a ledger, released k = 5.
pub(super) fn groups(data: &LearningData, ledger: &Ledger) -> crate::Result<ReferenceGroups> {
    let options = GroupOptions {
        policy: five(),
        ledger: Some(ledger.clone()),
        ..GroupOptions::default()
    };
    data.reference_groups(By::Course, &options)
}

/// n of the only course, 0 where it is withheld.
fn n(groups: &ReferenceGroups) -> u32 {
    shown(groups).first().map_or(0, |(_, n)| *n)
}

fn message(outcome: crate::Result<impl Sized>) -> String {
    outcome.err().map(|e| e.to_string()).unwrap_or_default()
}

fn sql(path: &Path, statement: &str) {
    Connection::open(path)
        .unwrap()
        .execute_batch(statement)
        .unwrap();
}

#[test]
fn learners_are_the_same_persons_in_every_process_and_after_re_reading() {
    let folder = Folder::new("same");
    let first = Ledger::open(folder.ledger(), None).unwrap();
    assert_eq!(n(&groups(&data(0..20, None), &first).unwrap()), 20);
    // Opened anew, the data read anew, other dense ids: ten come before them.
    let again = Ledger::open(folder.ledger(), None).unwrap();
    let few_more = data_of(
        Series::new(
            "learner".into(),
            (0..22)
                .map(|l| format!("marker-{:04}", if l < 20 { l } else { 5000 + l }))
                .collect::<Vec<_>>(),
        ),
        None,
    );
    let shown = groups(&few_more, &again).unwrap();
    assert_eq!(n(&shown), 20, "two joiners wait");
    assert_eq!(again.look(Book::len), 1);
    // A ledger of its own knows nothing, and shows all 22: the difference is two learners.
    let alone = groups(&few_more, &Ledger::in_memory()).unwrap();
    assert_eq!(alone.certificates().len(), 1);
    assert!(
        message(groups(
            &data_of(
                Series::new("learner".into(), (0..20_i64).collect::<Vec<_>>()),
                None
            ),
            &again
        ))
        .contains("one type")
    );
}

#[test]
fn a41_a_ledger_that_was_put_back_stops_all_releases() {
    let folder = Folder::new("rollback");
    let (path, copy) = (folder.ledger(), folder.0.join("yesterday"));
    let ledger = Ledger::open(&path, None).unwrap();
    assert_eq!(n(&groups(&data(0..20, None), &ledger).unwrap()), 20);
    fs::copy(&path, &copy).unwrap();
    let side = folder.0.join("releases.sqlite.head");
    let side_copy = fs::read(&side).unwrap();
    let today = groups(&data(0..40, None), &ledger).unwrap();
    assert_eq!(n(&today), 40);
    let head = today.certificates()[0].ledger().to_string();
    let fresh = fs::read(&side).unwrap();

    fs::copy(&copy, &path).unwrap();
    let stop = "was put back";
    assert!(message(groups(&data(0..20, None), &ledger)).contains("this process"));
    assert!(
        message(groups(&data(0..20, None), &ledger)).contains(stop),
        "and it stays so"
    );
    assert!(message(Ledger::open(&path, None)).contains("the head beside it"));
    // With the file beside it put back too, only the certificate knows, if it is asked.
    fs::write(&side, &side_copy).unwrap();
    assert!(message(Ledger::open(&path, Some(&head))).contains(stop));
    // Control: without the checks, the first twenty would be asked again beside 19 of them.
    let blind = Ledger::open(&path, None).unwrap();
    assert_eq!(blind.look(Book::len), 1);

    // A lost head is told too, and a pinned one makes it good.
    fs::remove_file(&side).unwrap();
    assert!(message(Ledger::open(&path, None)).contains("lost its head"));
    drop(blind);
    fs::remove_file(&path).unwrap();
    fs::write(&side, &fresh).unwrap();
    assert!(message(Ledger::open(&path, None)).contains("put back or lost"));
}

#[test]
fn a41_an_edited_forked_or_cut_chain_names_its_entry() {
    let folder = Folder::new("edited");
    let path = folder.ledger();
    let ledger = Ledger::open(&path, None).unwrap();
    groups(&data(0..20, None), &ledger).unwrap();
    groups(&data(0..40, None), &ledger).unwrap();
    let entries = ledger.verify().unwrap();
    let good = fs::read(&path).unwrap();
    for (edit, expected) in [
        (
            "UPDATE entries SET facts = replace(facts, '\"k\":5', '\"k\":1') WHERE facts LIKE '%policy%'",
            "entry 1 was changed",
        ),
        (
            "UPDATE entries SET bulk = x'00' WHERE facts LIKE '%roster%'",
            "was changed",
        ),
        (
            "UPDATE entries SET time = time + 1 WHERE seq = 3",
            "entry 3 was changed",
        ),
        (
            "DELETE FROM entries WHERE seq = 2",
            "entry 3 is not where it belongs",
        ),
        (
            "DELETE FROM entries WHERE seq = (SELECT max(seq) FROM entries)",
            "was put back",
        ),
        ("UPDATE secret SET value = randomblob(32)", "entry 1"),
        ("PRAGMA user_version = 3", "version 3"),
        ("PRAGMA application_id = 7", "no ledger"),
    ] {
        sql(&path, edit);
        let said = message(Ledger::open(&path, None));
        assert!(said.contains(expected), "{edit}: {said}");
        fs::write(&path, &good).unwrap();
        assert_eq!(
            Ledger::open(&path, None).unwrap().verify().unwrap(),
            entries
        );
    }
    // A fork: the same beginning, then another release.
    groups(&data(0..60, None), &ledger).unwrap();
    fs::write(&path, &good).unwrap();
    let side = folder.0.join("releases.sqlite.head");
    let kept = fs::read(&side).unwrap();
    fs::remove_file(&side).unwrap();
    let before = Ledger::open(&path, Some(&message_head(&path))).unwrap();
    groups(&data(0..70, None), &before).unwrap();
    fs::write(&side, kept).unwrap();
    assert!(message(Ledger::open(&path, None)).contains("forked"));
    assert!(message(ledger.verify()).contains("forked"));
}

/// The head of the chain in a file, whatever stands beside it.
fn message_head(path: &Path) -> String {
    let db = Connection::open(path).unwrap();
    let find = "SELECT seq, hash FROM entries ORDER BY seq DESC LIMIT 1";
    let (seq, hash): (i64, [u8; 32]) = db
        .query_row(find, [], |row| Ok((row.get(0)?, row.get(1)?)))
        .unwrap();
    format!("{seq}:{}", blake3::Hash::from_bytes(hash))
}

#[test]
fn what_is_no_ledger_is_told() {
    let folder = Folder::new("no-ledger");
    let at = |name: &str| folder.0.join(name);
    fs::write(
        at("text"),
        "not a database, and long enough to be read as one".repeat(99),
    )
    .unwrap();
    sql(&at("other"), "CREATE TABLE t (x)");
    fs::create_dir(at("folder")).unwrap();
    for (name, expected) in [
        ("text", "not an SQLite database"),
        ("other", "no ledger"),
        ("folder", "is a folder"),
        ("missing/ledger", "No such file"),
    ] {
        let said = message(Ledger::open(at(name), None));
        assert!(said.contains(expected), "{name}: {said}");
    }
    let ledger = at("ledger");
    Ledger::open(&ledger, None).unwrap();
    let mut locked = fs::metadata(&ledger).unwrap().permissions();
    assert_eq!(
        std::os::unix::fs::PermissionsExt::mode(&locked) & 0o777,
        0o600
    );
    locked.set_readonly(true);
    fs::set_permissions(&ledger, locked).unwrap();
    // The superuser writes where nobody may.
    if fs::OpenOptions::new().write(true).open(&ledger).is_err() {
        assert!(message(Ledger::open(&ledger, None)).contains("cannot be written"));
    }
}

#[test]
fn a52_no_learner_stands_in_the_files_or_in_what_is_said() {
    let folder = Folder::new("files");
    let path = folder.ledger();
    let ledger = Ledger::open(&path, None).unwrap();
    // Somebody reads meanwhile, so that the log of SQLite stays.
    let reader = Connection::open(&path).unwrap();
    reader
        .execute_batch("BEGIN; SELECT count(*) FROM entries")
        .unwrap();
    let made = groups(&data(0..20, None), &ledger).unwrap();
    assert_eq!(n(&made), 20);
    let mut names = Vec::new();
    for file in fs::read_dir(&folder.0).unwrap() {
        let file = file.unwrap();
        names.push(file.file_name().into_string().unwrap());
        let bytes = fs::read(file.path()).unwrap();
        let holds = |text: &[u8]| bytes.windows(text.len()).any(|part| part == text);
        assert!(!holds(b"marker-"), "{names:?}");
    }
    names.sort();
    let all = [
        "releases.sqlite",
        "releases.sqlite-shm",
        "releases.sqlite-wal",
        "releases.sqlite.head",
    ];
    assert_eq!(names, all);
    // Control: the course is there, as auditors see it.
    let wal = fs::read(folder.0.join("releases.sqlite-wal")).unwrap();
    assert!(wal.windows(7).any(|part| part == b"algebra"));
    drop(reader);
    let said = format!(
        "{ledger:?} {made:?} {} {}",
        ledger.entries().unwrap(),
        made.certificates()[0].to_json()
    );
    assert!(!said.contains("marker-"));
}

#[test]
fn a57_a_forged_certificate_is_found_out() {
    let (ledger, other) = (Ledger::in_memory(), Ledger::in_memory());
    let made = groups(&data(0..20, None), &ledger).unwrap();
    let genuine = made.certificates()[0].clone();
    assert!(genuine.verify());
    let forged = genuine.to_json().replace("\"k\":5", "\"k\":1");
    let forged = Certificate::from_json(&forged).unwrap();
    assert!(!forged.verify());
    // Who computes the hash anew passes the check without a key, and not that of the ledger.
    let again = Certificate::from_json(&forged.clone().rehashed().to_json()).unwrap();
    assert!(again.verify());
    let all = [Some(genuine), Some(forged), Some(again), None];
    assert_eq!(
        ledger.vouches_for(&all).unwrap(),
        [true, false, false, false]
    );
    assert_eq!(other.vouches_for(&all).unwrap(), [false; 4]);
}

#[test]
fn a58_a_new_term_each_day_does_not_start_over() {
    let ledger = Ledger::in_memory();
    let spring = data(0..20, Some(("spring", "2026-03-02T00:00:00Z")));
    assert_eq!(n(&groups(&spring, &ledger).unwrap()), 20);
    for day in 3..30 {
        let term = format!("spring again {day}");
        let starts = format!("2026-03-{day:02}T00:00:00Z");
        let reset = data(0..19, Some((&term, &starts)));
        for _ in 0..2 {
            let refused = message(groups(&reset, &ledger));
            assert!(refused.contains("28 days"), "{refused}");
        }
    }
    let noted = ledger.look(|book| {
        book.log
            .iter()
            .filter(|r| r.facts.contains("term_refused"))
            .count()
    });
    assert_eq!(noted, 27, "each is noted once");
    // The next one is a component of its own: 19 of them are shown. So is a day apart without
    // the rule (control: another ledger).
    let next = data(0..19, Some(("summer", "2026-03-30T00:00:00Z")));
    assert_eq!(groups(&next, &ledger).unwrap().certificates().len(), 1);
    let control = data(0..19, Some(("spring again 3", "2026-03-03T00:00:00Z")));
    assert_eq!(
        groups(&control, &Ledger::in_memory())
            .unwrap()
            .certificates()
            .len(),
        1
    );
}

#[test]
fn a_course_without_terms_holds_all_of_its_terms_together() {
    let ledger = Ledger::in_memory();
    assert_eq!(n(&groups(&data(0..20, None), &ledger).unwrap()), 20);
    let term = data(0..23, Some(("spring", "2026-03-02T00:00:00Z")));
    assert_eq!(
        n(&groups(&term, &ledger).unwrap()),
        20,
        "three joiners wait"
    );
    let alone = groups(&term, &Ledger::in_memory()).unwrap();
    assert_eq!(n(&alone), 25, "alone all 23 are shown");
    let terms = Ledger::in_memory();
    let (one, two) = (
        data(0..20, Some(("one", "2026-01-01T00:00:00Z"))),
        data(0..23, Some(("two", "2026-03-02T00:00:00Z"))),
    );
    assert_eq!(n(&groups(&one, &terms).unwrap()), 20);
    assert_eq!(n(&groups(&two, &terms).unwrap()), 25, "a term starts over");
    // A release over all terms would set three learners apart: it is withheld.
    assert_eq!(
        groups(&data(0..23, None), &terms)
            .unwrap()
            .certificates()
            .len(),
        0
    );
}

#[test]
fn budget_that_was_spent_stays_spent() {
    let folder = Folder::new("spent");
    let spent = Spent {
        purpose: "research".into(),
        year: 2026,
        epsilon: (1, 2),
        delta: (1, 2_000_000),
        note: "pairs of contents".into(),
    };
    let ledger = Ledger::open(folder.ledger(), None).unwrap();
    let write = |book: &mut Book| {
        book.spend(spent.clone());
        Ok(())
    };
    ledger.transact(None, write).unwrap();
    let again = Ledger::open(folder.ledger(), None).unwrap();
    assert_eq!(again.look(|book| book.spent().to_vec()), [spent]);
    assert_eq!(again.entries().unwrap().height(), 1);
}
