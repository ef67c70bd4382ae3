//! Moodle's log table.

use kohort::ingest::{Foreign, TableOptions, TableStandard};
use polars::prelude::*;

use super::tables::{every_field_is_filled, in_zone, read_with, refused, rules, table};
use super::{ints, texts};

const HEADER: &str = "id | eventname | objectid | crud | edulevel | contextlevel | contextinstanceid | userid | courseid | relateduserid | anonymous | other | timecreated | origin | realuserid";

fn read(rows: &[&str]) -> Foreign {
    read_with(
        TableStandard::Moodle,
        table(HEADER, rows),
        &TableOptions::default(),
    )
}

fn modules() -> DataFrame {
    table(
        "id | course | modname | section | sectionnum",
        &[
            "41 | 7 | quiz | 90 | 1",
            "42 | 7 | forum | 91 | 2",
            "43 | 8 | mod_page | 95 | 1",
        ],
    )
}

#[test]
fn every_column_of_the_mapping_is_filled() {
    let options = TableOptions {
        modules: Some(modules()),
        ..TableOptions::default()
    };
    let rows = [
        r#"1 | \core\event\course_module_completion_updated | 9 | u | 2 | 70 | 41 | 5 | 7 | 5 | 0 | {"completionstate":3} | 1772445600 | web |"#,
        r"2 | \core\event\user_enrolment_created | 9 | c | 0 | 50 | 7 | 2 | 7 | 5 | 0 | | 1772445600 | cli |",
        r#"3 | \core\event\user_enrolment_deleted | 9 | d | 0 | 50 | 7 | 2 | 7 | 5 | 0 | {"userenrolment":{"lastenrol":true}} | 1772445700 | web |"#,
        r"4 | \core\event\group_member_added | 30 | c | 0 | 50 | 7 | 2 | 7 | 5 | 0 | | 1772445600 | web |",
        r"5 | \core\event\role_assigned | 3 | c | 0 | 50 | 7 | 2 | 7 | 4 | 0 | | 1772445600 | web |",
    ];
    let read = read_with(TableStandard::Moodle, table(HEADER, &rows), &options);
    every_field_is_filled(TableStandard::Moodle, &read);
    assert!(refused(&read).is_empty());
    assert_eq!(
        texts(&read.events, "verb").concat_texts(),
        "failed enrolled unenrolled"
    );
}

trait Concat {
    fn concat_texts(&self) -> String;
}

impl Concat for Vec<Option<String>> {
    fn concat_texts(&self) -> String {
        let words: Vec<&str> = self
            .iter()
            .map(|text| text.as_deref().unwrap_or("-"))
            .collect();
        words.join(" ")
    }
}

/// Looks at each line of the published table through the reader.
#[test]
fn every_verb_of_the_mapping_comes_out() {
    for (key, verb) in TableStandard::Moodle.mapping().verbs {
        let (name, state) = key.split_once(" completionstate=").unwrap_or((key, ""));
        let (name, crud) = match *key {
            "crud=r" => (r"\tool_x\event\thing_looked", "r"),
            _ => (name, "u"),
        };
        let name = name.replace("mod_*", "mod_unheard");
        let name = match name.split_once("action=") {
            Some((target, action)) => {
                let target = target.trim().strip_prefix("target=").unwrap_or("thing");
                format!(r"\tool_x\event\{target}_{action}")
            }
            None => name,
        };
        let other = if state.is_empty() {
            String::new()
        } else {
            format!("{{\"completionstate\":{state}}}")
        };
        let row = format!(
            "1 | {name} | 9 | {crud} | 2 | 50 | 7 | 5 | 7 | 5 | 0 | {other} | 1772445600 | web |"
        );
        let read = read(&[&row]);
        assert_eq!(
            texts(&read.events, "verb"),
            [Some(verb.word().to_owned())],
            "{key}"
        );
        assert_eq!(ints(&read.events, "learner"), [Some(5)], "{key}");
    }
}

#[test]
fn contents_and_courses_follow_the_context() {
    let read = read(&[
        r"1 | \mod_quiz\event\course_module_viewed | 1 | r | 2 | 70 | 41 | 5 | 7 | | 0 | | 1772445600 | web |",
        r"2 | \core\event\course_viewed | | r | 2 | 50 | 7 | 5 | 7 | | 0 | | 1772445600 | web | 0",
        r"3 | \core\event\user_profile_viewed | 6 | r | 0 | 30 | 6 | 5 | 7 | 6 | 0 | | 1772445600 | ws |",
        r"4 | \core\event\dashboard_viewed | | r | 0 | 30 | 5 | 5 | 0 | | 0 | | 1772445600 | web |",
        r"5 | \core\event\course_viewed | | r | 2 | 50 | 1 | 5 | 1 | | 0 | | 1772445600 | web |",
        r"6 | \core\event\user_loggedin | 5 | r | 0 | 10 | 0 | 5 | 0 | | 0 | | 1772445600 | web |",
    ]);
    assert_eq!(
        texts(&read.events, "content").concat_texts(),
        "cm:41 course:7 course:7 site site -"
    );
    let seven = Some(7);
    assert_eq!(
        ints(&read.events, "course"),
        [seven, seven, seven, None, None, None]
    );
    assert_eq!(
        ints(&read.events, "id"),
        (1..=6).map(Some).collect::<Vec<_>>()
    );
    let catalog = read.tables.catalog.unwrap();
    assert_eq!(texts(&catalog, "content").concat_texts(), "cm:41");
    assert_eq!(texts(&catalog, "kind").concat_texts(), "quiz");
    assert_eq!(ints(&catalog, "course"), [seven]);
}

#[test]
fn events_about_somebody_are_hers() {
    let read = read(&[
        r"1 | \core\event\user_graded | 1 | u | 1 | 50 | 7 | 2 | 7 | 5 | 0 | | 1772445600 | web |",
        r"2 | \mod_quiz\event\attempt_submitted | 1 | u | 2 | 70 | 41 | 2 | 7 | 5 | 0 | | 1772445600 | web |",
        r"3 | \mod_quiz\event\attempt_reviewed | 1 | r | 1 | 70 | 41 | 2 | 7 | 5 | 0 | | 1772445600 | web |",
        r"4 | \mod_forum\event\post_created | 1 | c | 2 | 70 | 42 | 5 | 7 | 6 | 0 | | 1772445600 | web |",
    ]);
    assert_eq!(
        ints(&read.events, "learner"),
        [Some(5), Some(5), Some(2), Some(5)]
    );
    assert_eq!(
        texts(&read.events, "verb").concat_texts(),
        "graded submitted viewed replied"
    );
}

#[test]
#[expect(clippy::too_many_lines, reason = "a table of rules")]
fn what_no_learner_did_is_refused_by_name() {
    let row = |name: &str, level: &str, user: &str, anonymous: &str, time: &str, rest: &str| {
        format!(
            "1 | {name} | 1 | u | {level} | 50 | 7 | {user} | 7 | | {anonymous} | | {time} | {rest}"
        )
    };
    let viewed = r"\core\event\course_viewed";
    let (good, web) = ("1772445600", "web |");
    for (row, place, rule) in [
        (
            row(viewed, "2", "5", "1", good, web),
            "anonymous",
            "Anonymous",
        ),
        (row(viewed, "2", "1", "0", good, web), "userid", "Guest"),
        (row(viewed, "2", "0", "0", good, web), "userid", "NoUserId"),
        (
            row(viewed, "2", "-10", "0", good, web),
            "userid",
            "NoUserId",
        ),
        (row(viewed, "2", "", "0", good, web), "userid", "NoUserId"),
        (
            row(viewed, "2", "NULL", "0", good, web),
            "userid",
            "NoUserId",
        ),
        (
            row(viewed, "2", r"\N", "0", good, web),
            "userid",
            "NoUserId",
        ),
        (
            row(viewed, "2", "5", "0", good, "cli |"),
            "origin",
            "CommandLine",
        ),
        (
            row(viewed, "2", "5", "0", good, "restore |"),
            "origin",
            "Restore",
        ),
        (
            row(viewed, "2", "5", "0", good, "web | 2"),
            "realuserid",
            "LoggedInAs",
        ),
        (
            row(viewed, "2", "5", "0", "", web),
            "timecreated",
            "BadTime",
        ),
        (
            row(viewed, "2", "5", "0", "yesterday", web),
            "timecreated",
            "BadTime",
        ),
        (
            row(viewed, "2", "5", "0", "2026-03-02T10:00", web),
            "timecreated",
            "NoZone",
        ),
        (
            row("", "2", "5", "0", good, web),
            "eventname",
            "NoEventName",
        ),
        (
            row(r"\core\event\course_updated", "1", "5", "0", good, web),
            "eventname",
            "NotLearning",
        ),
        (
            row(r"\mod_x\event\thing_locked", "1", "5", "0", good, web),
            "eventname",
            "NotLearning",
        ),
        (
            row(r"\core\event\role_assigned", "0", "5", "0", good, web),
            "eventname",
            "NotLearning",
        ),
        (
            row(viewed, "2", "a\u{202e}b", "0", good, web),
            "learner",
            "BadId",
        ),
    ] {
        let read = read(&[&row]);
        assert_eq!(
            refused(&read),
            [(0, place.to_owned(), rule.to_owned())],
            "{row}"
        );
        assert_eq!(read.events.height(), 0);
        assert!(read.tables.enrollments.is_none() && read.tables.roles.is_none());
    }
    let read = read(&[&row(
        r"\mod_x\event\thing_frobbed",
        "2",
        "5",
        "0",
        good,
        web,
    )]);
    assert_eq!(texts(&read.events, "verb"), [Some("interacted".to_owned())]);
    let told = r"verb kept as interacted: \mod_x\event\thing_frobbed".to_owned();
    assert!(read.report.findings().contains(&(told, 1)));
}

#[test]
fn local_times_follow_the_clock() {
    let header = "eventname | userid | timecreated";
    let rows = [
        r"\core\event\dashboard_viewed | 5 | 2026-03-29T02:30",
        r"\core\event\dashboard_viewed | 5 | 2026-10-25 02:30:00",
        r"\core\event\dashboard_viewed | 5 | 2026-10-25T02:30:00+02:00",
        r"\core\event\dashboard_viewed | 5 | 2026-02-31T10:00",
    ];
    let read = read_with(
        TableStandard::Moodle,
        table(header, &rows),
        &in_zone("Europe/Berlin"),
    );
    assert_eq!(rules(&read), ["AmbiguousTime", "AmbiguousTime", "BadTime"]);
    assert_eq!(ints(&read.events, "time"), [Some(1_792_888_200_000_000)]);
}

#[test]
fn facts_hold_as_the_log_says_last() {
    let row = |name: &str, object: &str, person: &str, time: i64, other: &str| {
        format!(
            r"{time} | \core\event\{name} | {object} | c | 0 | 50 | 7 | 2 | 7 | {person} | 0 | {other} | {time} | cli |"
        )
    };
    let php = r#"a:1:{s:13:"userenrolment";a:1:{s:9:"lastenrol";b:0;}}"#;
    let read = read(&[
        &row("user_enrolment_deleted", "1", "5", 300, ""),
        &row("user_enrolment_created", "1", "5", 100, ""),
        &row("user_enrolment_created", "1", "6", 100, ""),
        &row("user_enrolment_deleted", "1", "6", 200, php),
        &row("group_member_added", "30", "5", 100, ""),
        &row("group_member_removed", "30", "5", 200, ""),
        &row("group_member_removed", "30", "6", 100, ""),
        &row("group_member_added", "30", "6", 200, ""),
        &row("role_assigned", "4", "8", 100, ""),
        &row("role_assigned", "3", "9", 100, ""),
        &row("role_unassigned", "3", "9", 200, ""),
        &row("role_assigned", "5", "6", 100, ""),
    ]);
    let enrollments = read.tables.enrollments.as_ref().unwrap();
    assert_eq!(ints(enrollments, "learner"), [Some(5), Some(6)]);
    assert_eq!(
        ints(enrollments, "start"),
        [Some(100_000_000), Some(100_000_000)]
    );
    assert_eq!(ints(enrollments, "end"), [Some(300_000_000), None]);
    let memberships = read.tables.memberships.as_ref().unwrap();
    // One has left, the other came back.
    assert_eq!(ints(memberships, "learner"), [Some(5), Some(6)]);
    assert_eq!(
        ints(memberships, "since"),
        [Some(100_000_000), Some(200_000_000)]
    );
    assert_eq!(ints(memberships, "until"), [Some(200_000_000), None]);
    let group = Some("30".to_owned());
    assert_eq!(texts(memberships, "group"), [group.clone(), group]);
    let roles = read.tables.roles.as_ref().unwrap();
    assert_eq!(ints(roles, "person"), [Some(8)]);
    assert_eq!(texts(roles, "role"), [Some("co-instructor".to_owned())]);
    assert_eq!(rules(&read), ["StillEnrolled", "NotLearning"]);
}

#[test]
fn the_list_of_modules_is_the_catalog() {
    let options = TableOptions {
        modules: Some(modules()),
        ..TableOptions::default()
    };
    let rows = [
        r"1 | \mod_quiz\event\course_module_viewed | 1 | r | 2 | 70 | 99 | 5 | 7 | | 0 | | 1772445600 | web |",
    ];
    let read = read_with(TableStandard::Moodle, table(HEADER, &rows), &options);
    let catalog = read.tables.catalog.unwrap();
    assert_eq!(
        texts(&catalog, "content").concat_texts(),
        "cm:41 cm:42 cm:43"
    );
    assert_eq!(
        texts(&catalog, "kind").concat_texts(),
        "quiz discussion page"
    );
    assert_eq!(
        texts(&catalog, "module").concat_texts(),
        "section:90 section:91 section:95"
    );
    assert_eq!(ints(&catalog, "position"), [Some(1), Some(2), Some(1)]);
    assert_eq!(ints(&catalog, "course"), [Some(7), Some(7), Some(8)]);
    // Numbers of modules differ from site to site: no kind is made of them.
    let numbers = table("id | course | module", &["41 | 7 | 16"]);
    let options = TableOptions {
        modules: Some(numbers),
        ..TableOptions::default()
    };
    let read = read_with(TableStandard::Moodle, table(HEADER, &rows), &options);
    assert_eq!(texts(&read.tables.catalog.unwrap(), "kind"), [None]);
}
