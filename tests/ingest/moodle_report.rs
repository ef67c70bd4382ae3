//! Moodle's log report.

use std::fs;

use kohort::ingest::{
    Foreign, TableOptions, TableSource, TableStandard, is_moodle_report, read_tables,
};
use polars::prelude::*;

use super::tables::{every_field_is_filled, in_zone, read_with, refused, rules, table};
use super::{folder, ints, texts};

const HEADER: &str = "Time | User full name | Event context | Component | Event name | Description | Origin | IP address";

fn row(time: &str, name: &str, description: &str, origin: &str) -> String {
    format!("{time} | Ann Lee | x | y | {name} | {description} | {origin} | 10.0.0.1")
}

fn read(rows: &[String], options: &TableOptions) -> Foreign {
    let rows: Vec<&str> = rows.iter().map(String::as_str).collect();
    read_with(TableStandard::MoodleReport, table(HEADER, &rows), options)
}

const VIEWED: &str = "The user with id '5' viewed the 'quiz' activity with course module id '41'.";

#[test]
fn every_column_of_the_mapping_is_filled() {
    let options = TableOptions {
        modules: Some(table("id | course | modname", &["41 | 7 | quiz"])),
        ..in_zone("UTC")
    };
    let rows = [
        row("2/03/26, 10:00", "Course module viewed", VIEWED, "web"),
        row(
            "2/03/26, 10:00",
            "User enrolled in course",
            "The user with id '2' enrolled the user with id '5' using the enrolment method 'manual' in the course with id '7'.",
            "cli",
        ),
        row(
            "3/03/26, 10:00",
            "User unenrolled from course",
            "The user with id '2' unenrolled the user with id '5' using the enrolment method 'manual' from the course with id '7'.",
            "web",
        ),
        row(
            "2/03/26, 10:00",
            "Group member added",
            "The user with id '2' added the user with id '5' to the group with id '30'.",
            "web",
        ),
    ];
    let read = read(&rows, &options);
    every_field_is_filled(TableStandard::MoodleReport, &read);
    assert!(refused(&read).is_empty());
    assert_eq!(ints(&read.events, "course"), [Some(7), Some(7), Some(7)]);
    // Nothing of a name or an address is anywhere.
    let all = format!("{:?} {:?}", read.events, read.tables);
    assert!(!all.contains("Ann") && !all.contains("10.0.0"));
}

#[test]
fn every_verb_of_the_mapping_comes_out() {
    for (key, verb) in TableStandard::MoodleReport.mapping().verbs {
        let (name, deed) = match key.strip_prefix("the user ... ") {
            Some(deed) => ("Etwas anderes", deed),
            None => (*key, "frobbed"),
        };
        let text = format!(
            "The user with id '5' has {deed} the course with id '7' for the user with id '5'."
        );
        let read = read(
            &[row("2/03/26, 10:00", name, &text, "web")],
            &in_zone("UTC"),
        );
        assert_eq!(
            texts(&read.events, "verb"),
            [Some(verb.word().to_owned())],
            "{key}"
        );
    }
}

#[test]
fn contents_are_what_the_description_names() {
    let texts_of = [
        (VIEWED, "cm:41"),
        (
            "The user with id '5' viewed the course with id '7'.",
            "course:7",
        ),
        (
            "The user with id '5' viewed the bigbluebuttonbn activity with id '596' for the course id '7'.",
            "bigbluebuttonbn:596",
        ),
        (
            "The user with id '5' updated the grade with id '1' for the grade item with id '24'.",
            "gradeitem:24",
        ),
        ("The user with id '5' did something.", "course:3"),
    ];
    let rows = texts_of.map(|(text, _)| row("2/03/26, 10:00", "Course viewed", text, "web"));
    let here = TableOptions {
        course: Some("3".to_owned()),
        ..in_zone("UTC")
    };
    let read_here = read(&rows, &here);
    let expected = texts_of.map(|(_, content)| Some(content.to_owned()));
    assert_eq!(texts(&read_here.events, "content"), expected);
    assert_eq!(ints(&read_here.events, "course"), [3, 7, 7, 3, 3].map(Some));
    let nowhere = read(&rows, &in_zone("UTC"));
    assert_eq!(
        refused(&nowhere),
        [(4, "Description".to_owned(), "NoContent".to_owned())]
    );
}

#[test]
fn what_is_no_event_is_refused_by_name() {
    let good = "2/03/26, 10:00";
    for (row, place, rule) in [
        (
            row("29/02/18, 10:00", "Course viewed", VIEWED, "web"),
            "Time",
            "BadTime",
        ),
        (
            row("31/02/26, 10:00", "Course viewed", VIEWED, "web"),
            "Time",
            "BadTime",
        ),
        (
            row("3/14/26, 10:00", "Course viewed", VIEWED, "web"),
            "Time",
            "BadTime",
        ),
        (
            row("29/03/26, 02:30", "Course viewed", VIEWED, "web"),
            "Time",
            "AmbiguousTime",
        ),
        (
            row("25/10/26, 02:30", "Course viewed", VIEWED, "web"),
            "Time",
            "AmbiguousTime",
        ),
        (row("", "Course viewed", VIEWED, "web"), "Time", "BadTime"),
        (
            row(good, "Course viewed", "", "web"),
            "Description",
            "NoUserId",
        ),
        (
            row(
                good,
                "Course viewed",
                "The user with id '0' viewed the course with id '7'.",
                "web",
            ),
            "Description",
            "NoUserId",
        ),
        (
            row(
                good,
                "Course viewed",
                "The user with id '1' viewed the course with id '7'.",
                "web",
            ),
            "Description",
            "Guest",
        ),
        (
            row(
                good,
                "User graded",
                "The user with id '5' updated the grade with id '1' for the user with id '[x]' for the grade item with id '2'.",
                "web",
            ),
            "Description",
            "NoUserId",
        ),
        (
            row(good, "Course viewed", VIEWED, "cli"),
            "Origin",
            "CommandLine",
        ),
        (
            row(good, "Course viewed", VIEWED, "restore"),
            "Origin",
            "Restore",
        ),
        (
            row(good, "Grader report viewed", VIEWED, "web"),
            "Event name",
            "NotLearning",
        ),
    ] {
        let read = read(std::slice::from_ref(&row), &in_zone("Europe/Berlin"));
        assert_eq!(
            refused(&read),
            [(0, place.to_owned(), rule.to_owned())],
            "{row}"
        );
        assert_eq!(read.events.height(), 0);
    }
}

#[test]
fn a_report_needs_a_zone_and_a_pattern() {
    let source = TableSource::Frame(table(HEADER, &[&row("2/03/26, 10:00", "x", VIEWED, "web")]));
    let read = |options: &TableOptions| {
        let read = read_tables(TableStandard::MoodleReport, &source, options);
        read.map(|read| rules(&read)).map_err(|e| e.to_string())
    };
    assert!(
        read(&TableOptions::default())
            .unwrap_err()
            .contains("time zone")
    );
    let pattern = |pattern: &str| TableOptions {
        date_format: Some(pattern.to_owned()),
        ..in_zone("UTC")
    };
    assert!(read(&pattern("d/q")).unwrap_err().contains("date_format"));
    assert_eq!(read(&pattern("m/d/yy")).unwrap(), Vec::<String>::new());
    assert_eq!(read(&pattern("d Month yyyy")).unwrap(), ["BadTime"]);
    assert!(is_moodle_report(&source, &TableOptions::default()).unwrap());
}

#[test]
fn files_of_windows_and_of_other_languages_are_read() {
    let folder = folder("report_files");
    let path = folder.join("logs.csv");
    let text = "Zeit,Vollst\u{e4}ndiger Name,Ereigniskontext,Ereignisname,Beschreibung,Herkunft\r\n\
        \"2. M\u{e4}r 2026\",x,y,z,w,web\r\n\
        \"02.03.26, 10:05\",\"Ann,\r\nLee\",\"Kurs: \u{e4}\r\n\u{f6}\",Kurs angezeigt,\"The user with id '5' viewed\r\n the course with id '7'.\",web\r\n";
    let (bytes, _, _) = encoding_rs::WINDOWS_1252.encode(text);
    fs::write(&path, &bytes).unwrap();
    let named = |ours: &str, theirs: &str| (ours.to_owned(), theirs.to_owned());
    let options = TableOptions {
        encoding: Some("cp1252".to_owned()),
        date_format: Some("dd.mm.yy, HH:MM".to_owned()),
        columns: vec![
            named("Time", "Zeit"),
            named("Event name", "Ereignisname"),
            named("Description", "Beschreibung"),
            named("Origin", "Herkunft"),
        ],
        ..in_zone("Europe/Berlin")
    };
    let source = TableSource::Files(vec![path.display().to_string()]);
    let read = read_tables(TableStandard::MoodleReport, &source, &options).unwrap();
    assert_eq!(rules(&read), ["BadTime"]);
    assert_eq!(ints(&read.events, "time"), [Some(1_772_442_300_000_000)]);
    assert_eq!(texts(&read.events, "verb"), [Some("viewed".to_owned())]);
    assert_eq!(
        read.events.column("learner").unwrap().dtype(),
        &DataType::Int64
    );
    let utf8 = TableOptions {
        encoding: None,
        ..options
    };
    let message = read_tables(TableStandard::MoodleReport, &source, &utf8);
    let message = message.map(|_| ()).unwrap_err().to_string();
    assert!(message.contains("encoding=\"cp1252\""), "{message}");
}
