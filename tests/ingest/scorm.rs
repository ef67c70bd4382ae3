//! Run-time data of SCORM and AICC as a table.

use kohort::ingest::{Foreign, TableOptions, TableStandard};

use super::tables::{every_field_is_filled, in_zone, read_with, refused, table};
use super::{ints, texts};

const HEADER: &str = "id | learner | course | sco | time | session_time | score_raw | score_min | score_max | score_scaled | lesson_status | completion_status | success_status | progress_measure | attempt";

fn read(rows: &[&str]) -> Foreign {
    read_with(
        TableStandard::Scorm,
        table(HEADER, rows),
        &TableOptions::default(),
    )
}

fn numbers(read: &Foreign, name: &str) -> Vec<Option<f64>> {
    let column = read.events.column(name);
    let column = column.map(|column| column.f64().unwrap().iter().collect());
    column.unwrap_or_else(|_| vec![None; read.events.height()])
}

#[test]
fn every_column_of_the_mapping_is_filled() {
    let read = read(&[
        "r1 | ann | c1 | u1 | 2026-03-02T10:30:00Z | 0000:30:00.50 | 80 | | | | passed | | | 0.5 | 2",
    ]);
    every_field_is_filled(TableStandard::Scorm, &read);
    // The session ended at half past ten and began 30 minutes and half a second before.
    assert_eq!(ints(&read.events, "time"), [Some(1_772_445_599_500_000)]);
    assert_eq!(
        ints(&read.events, "received"),
        [Some(1_772_447_400_000_000)]
    );
    assert_eq!(ints(&read.events, "duration"), [Some(1_800_500_000)]);
    assert_eq!(numbers(&read, "score"), [Some(0.8)]);
    assert_eq!(ints(&read.events, "attempt"), [Some(2)]);
}

#[test]
fn every_status_of_the_mapping_comes_out() {
    for (status, verb) in TableStandard::Scorm.mapping().verbs {
        let initial = &status[..1];
        for written in [
            (*status).to_owned(),
            status.to_uppercase(),
            format!("{initial}, suspend"),
        ] {
            if written.starts_with('u') && written.len() < 12 && written != "unknown" {
                continue; // no abbreviation
            }
            let row = format!("| ann | | u1 | 1772445600 | | | | | | {written} | | | |");
            assert_eq!(
                texts(&read(&[&row]).events, "verb"),
                [Some(verb.word().to_owned())],
                "{written}"
            );
        }
    }
    // SCORM 2004 tells success and completion apart; success says more.
    for (completion, success, verb, flag) in [
        ("completed", "passed", "passed", Some("true")),
        ("completed", "failed", "failed", Some("false")),
        ("completed", "unknown", "completed", None),
        ("incomplete", "", "attempted", None),
        ("not attempted", "unknown", "viewed", None),
        ("unknown", "unknown", "interacted", None),
    ] {
        let row = format!("| ann | | u1 | 1772445600 | | | | | | | {completion} | {success} | |");
        let read = read(&[&row]);
        assert_eq!(texts(&read.events, "verb"), [Some(verb.to_owned())]);
        let success = read
            .events
            .column("success")
            .is_ok()
            .then(|| texts(&read.events, "success"));
        assert_eq!(success, flag.map(|flag| vec![Some(flag.to_owned())]));
    }
}

#[test]
fn scores_are_shares_of_what_their_edition_says() {
    for (cells, score) in [
        ("80 | | | | passed | | |", Some(0.8)),
        ("80 | 60 | 100 | | passed | | |", Some(0.5)),
        ("8 | | 10 | | | completed | |", Some(0.8)),
        ("80 | | | | | completed | |", None),
        ("80 | 0 | 100 | 0.25 | | completed | |", Some(0.25)),
        ("| | | -0.5 | | completed | |", None),
        ("| | | | passed | | |", None),
    ] {
        let read = read(&[&format!("| ann | | u1 | 1772445600 | | {cells} |")]);
        assert_eq!(numbers(&read, "score"), [score], "{cells}");
    }
}

#[test]
fn rows_that_no_standard_allows_are_refused_by_name() {
    for (row, place, rule) in [
        (
            "| | | u1 | 1772445600 | | | | | | passed | | | |",
            "learner",
            "NoLearner",
        ),
        (
            "| ann | | | 1772445600 | | | | | | passed | | | |",
            "sco",
            "NoSco",
        ),
        (
            "| ann | | u1 | | | | | | | passed | | | |",
            "time",
            "BadTime",
        ),
        (
            "| ann | | u1 | 2026-03-02T10:00 | | | | | | passed | | | |",
            "time",
            "NoZone",
        ),
        (
            "| ann | | u1 | 99999999999999 | | | | | | passed | | | |",
            "time",
            "OutOfRange",
        ),
        (
            "| ann | | u1 | 60 | 01:00:00 | | | | | passed | | | |",
            "session_time",
            "OutOfRange",
        ),
        (
            "| ann | | u1 | 1772445600 | 30 min | | | | | passed | | | |",
            "session_time",
            "BadDuration",
        ),
        (
            "| ann | | u1 | 1772445600 | P1M | | | | | passed | | | |",
            "session_time",
            "BadDuration",
        ),
        (
            "| ann | | u1 | 1772445600 | | NaN | | | | passed | | | |",
            "score_raw",
            "NotFinite",
        ),
        (
            "| ann | | u1 | 1772445600 | | A+ | | | | passed | | | |",
            "score_raw",
            "BadNumber",
        ),
        (
            "| ann | | u1 | 1772445600 | | 101 | | | | passed | | | |",
            "score_raw",
            "OutOfBounds",
        ),
        (
            "| ann | | u1 | 1772445600 | | 5 | 10 | 10 | | passed | | | |",
            "score_max",
            "OutOfBounds",
        ),
        (
            "| ann | | u1 | 1772445600 | | | | | 1.5 | | completed | | |",
            "score_scaled",
            "OutOfBounds",
        ),
        (
            "| ann | | u1 | 1772445600 | | | | | | passed | | | 1.01 |",
            "progress_measure",
            "OutOfBounds",
        ),
        (
            "| ann | | u1 | 1772445600 | | | | | | passed | | | | 0",
            "attempt",
            "BadAttempt",
        ),
    ] {
        let read = read(&[row]);
        assert_eq!(
            refused(&read),
            [(0, place.to_owned(), rule.to_owned())],
            "{row}"
        );
        assert_eq!(read.events.height(), 0);
    }
    let header = "learner | sco | time";
    let rows = ["ann | u1 | 2026-03-29T02:30", "ann | u1 | 2026-03-29T03:30"];
    let read = read_with(
        TableStandard::Scorm,
        table(header, &rows),
        &in_zone("Europe/Berlin"),
    );
    assert_eq!(
        refused(&read),
        [(0, "time".to_owned(), "AmbiguousTime".to_owned())]
    );
    assert_eq!(ints(&read.events, "time"), [Some(1_774_747_800_000_000)]);
}

#[test]
fn a_status_that_no_standard_has_is_counted() {
    let read = read(&["| ann | | u1 | 1772445600 | | | | | | jolly | | | |"]);
    assert_eq!(texts(&read.events, "verb"), [Some("interacted".to_owned())]);
    let told = "verb kept as interacted: a status that no standard has".to_owned();
    assert!(read.report.findings().contains(&(told, 1)));
}
