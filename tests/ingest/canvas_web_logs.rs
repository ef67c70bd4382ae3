//! Requests that Canvas served.

use std::fs;

use kohort::ingest::{Foreign, TableOptions, TableSource, TableStandard, read_canvas_web_logs};
use polars::prelude::*;

use super::tables::{every_field_is_filled, read_with, refused, table};
use super::{folder, ints, texts};

const HEADER: &str = "id | timestamp | user_id | real_user_id | course_id | quiz_id | discussion_id | assignment_id | web_application_controller | web_application_action | url | http_method | http_status | session_id | interaction_seconds | participated | user_request | remote_ip";

fn read(rows: &[&str]) -> Foreign {
    let all = |row: &&str| format!("{row} | 10.0.0.1");
    let rows: Vec<String> = rows.iter().map(all).collect();
    let rows: Vec<&str> = rows.iter().map(String::as_str).collect();
    read_with(
        TableStandard::CanvasWebLogs,
        table(HEADER, &rows),
        &TableOptions::default(),
    )
}

#[test]
fn every_column_of_the_mapping_is_filled() {
    let read = read(&[
        "a | 2026-03-02T10:00:00.250Z | 5 | | 7 | 9 | | | quizzes/quizzes | show | /courses/7/quizzes/9 | GET | 200 | s1 | 12.5 | false | true",
    ]);
    every_field_is_filled(TableStandard::CanvasWebLogs, &read);
    assert_eq!(ints(&read.events, "duration"), [Some(12_500_000)]);
    assert_eq!(ints(&read.events, "time"), [Some(1_772_445_600_250_000)]);
    assert_eq!(
        texts(read.tables.catalog.as_ref().unwrap(), "kind"),
        [Some("quiz".to_owned())]
    );
}

#[test]
fn every_verb_of_the_mapping_comes_out() {
    for (key, verb) in TableStandard::CanvasWebLogs.mapping().verbs {
        let (controller, action) = key.rsplit_once('/').unwrap_or(("x", "y"));
        let controller = if controller == "*" {
            "unheard"
        } else {
            controller
        };
        let participated = *key == "participated";
        let method = if *key == "http_method=GET" {
            "GET"
        } else {
            "POST"
        };
        let row = format!(
            "a | 2026-03-02 10:00:00 UTC | 5 | 5 | 7 | | | | {controller} | {action} | /x | {method} | 302 | | | {participated} |"
        );
        assert_eq!(
            texts(&read(&[&row]).events, "verb"),
            [Some(verb.word().to_owned())],
            "{key}"
        );
    }
}

#[test]
fn contents_come_from_columns_and_then_from_the_path() {
    let row = |course: &str, quiz: &str, discussion: &str, assignment: &str, url: &str| {
        format!(
            "| 2026-03-02 10:00:00 | 5 | | {course} | {quiz} | {discussion} | {assignment} | x | show | {url} | GET | | | | |"
        )
    };
    let rows = [
        (
            row("7", "9", "", "3", "/courses/7/quizzes/9"),
            Some(7),
            "quiz:9",
        ),
        (row("7", "", "4", "", ""), Some(7), "discussion:4"),
        (row("7", "", "", "3", ""), Some(7), "assignment:3"),
        (
            row(
                "",
                "",
                "",
                "",
                "/courses/8/files/2/download?verifier=secret",
            ),
            Some(8),
            "file:2",
        ),
        (
            row("", "", "", "", "/courses/8/pages/week-1"),
            Some(8),
            "page:week-1",
        ),
        (row("7", "", "", "", "/courses/7"), Some(7), "course:7"),
        (row("", "", "", "", "/?next=/courses/8"), None, "site"),
    ];
    let texts_of: Vec<&str> = rows.iter().map(|(row, ..)| row.as_str()).collect();
    let read = read(&texts_of);
    let expected: Vec<_> = rows
        .iter()
        .map(|(.., content)| Some((*content).to_owned()))
        .collect();
    assert_eq!(texts(&read.events, "content"), expected);
    let expected: Vec<_> = rows.iter().map(|(_, course, _)| *course).collect();
    assert_eq!(ints(&read.events, "course"), expected);
}

#[test]
fn what_no_learner_did_is_refused_by_name() {
    let row = |time: &str, user: &str, real: &str, request: &str, status: &str, rest: &str| {
        format!("| {time} | {user} | {real} | 7 | | | | {request} | /x | GET | {status} | | {rest}")
    };
    let (time, show, rest) = ("2026-03-02T10:00:00Z", "courses | show", "| |");
    for (row, place, rule) in [
        (
            row("noon", "5", "", show, "200", rest),
            "timestamp",
            "BadTime",
        ),
        (row(time, "", "", show, "200", rest), "user_id", "NoUserId"),
        (
            row(time, "5", "2", show, "200", rest),
            "real_user_id",
            "Masquerading",
        ),
        (
            row(time, "5", "", "users | ping", "200", rest),
            "web_application_action",
            "Background",
        ),
        (
            row(time, "5", "", show, "200", "| | false"),
            "web_application_action",
            "Background",
        ),
        (
            row(time, "5", "", "gradebooks | speed_grader", "200", rest),
            "web_application_action",
            "NotLearning",
        ),
        (
            row(time, "5", "", show, "404", rest),
            "http_status",
            "FailedRequest",
        ),
        (
            row(time, "5", "", show, "200", "-1 | |"),
            "interaction_seconds",
            "NegativeDuration",
        ),
        (
            row(time, "5", "", show, "200", "inf | |"),
            "interaction_seconds",
            "NotFinite",
        ),
        (
            row(time, "5", "", show, "200", "long | |"),
            "interaction_seconds",
            "BadDuration",
        ),
    ] {
        let read = read(&[&row]);
        assert_eq!(
            refused(&read),
            [(0, place.to_owned(), rule.to_owned())],
            "{row}"
        );
        assert_eq!(read.events.height(), 0);
    }
}

#[test]
fn exports_may_wrap_their_columns() {
    let folder = folder("web_logs");
    let line = r#"{"key":{"id":"a"},"value":{"timestamp":"2026-03-02T10:00:00Z","user_id":5,"course_id":7,"web_application_controller":"courses","web_application_action":"show","interaction_micros":9},"meta":{"ts":"2026-03-02T11:00:00Z"}}"#;
    fs::write(folder.join("a.jsonl"), line).unwrap();
    fs::write(
        folder.join("b.csv"),
        "key.id,value.timestamp,value.user_id,value.course_id,value.web_application_controller,value.web_application_action,meta.ts\n\
         a,2026-03-02T10:00:00Z,5,7,courses,show,x\n",
    )
    .unwrap();
    let text = |name: &str, value: &str| Series::new(name.into(), [value]);
    let value = [
        text("timestamp", "2026-03-02T10:00:00Z"),
        text("user_id", "5"),
        text("course_id", "7"),
        text("web_application_controller", "courses"),
        text("web_application_action", "show"),
    ];
    let key = StructChunked::from_series("key".into(), 1, [text("id", "a")].iter()).unwrap();
    let value = StructChunked::from_series("value".into(), 1, value.iter()).unwrap();
    let columns = vec![
        key.into_series().into_column(),
        value.into_series().into_column(),
    ];
    let mut frame = DataFrame::new(1, columns).unwrap();
    let file = fs::File::create(folder.join("c.parquet")).unwrap();
    ParquetWriter::new(file).finish(&mut frame).unwrap();
    for name in ["a.jsonl", "b.csv", "c.parquet"] {
        let source = TableSource::Files(vec![folder.join(name).display().to_string()]);
        let read = read_canvas_web_logs(&source, &TableOptions::default()).unwrap();
        assert_eq!(texts(&read.events, "id"), [Some("a".to_owned())], "{name}");
        assert_eq!(ints(&read.events, "learner"), [Some(5)], "{name}");
        assert_eq!(
            texts(&read.events, "content"),
            [Some("course:7".to_owned())],
            "{name}"
        );
        assert!(read.events.column("duration").is_err(), "{name}");
    }
}
