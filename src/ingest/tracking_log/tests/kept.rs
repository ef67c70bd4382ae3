//! What becomes of records that are kept; the tables are the ones that are published.

use std::collections::BTreeSet;

use super::*;
use crate::data::Outcome;
use crate::ingest::tracking_log::{MAPPING, mapping};

#[test]
fn the_published_page_holds_the_tables() {
    let page = include_str!("../MAPPING.md");
    assert!(page.contains(&MAPPING.markdown()));
    let names: BTreeSet<_> = MAPPING.verbs.iter().map(|(name, _)| name).collect();
    assert_eq!(
        names.len(),
        MAPPING.verbs.len(),
        "an event stands there twice"
    );
}

#[test]
fn every_event_of_the_table_becomes_what_the_table_says() {
    for (name, verb) in MAPPING.verbs {
        let name = match *name {
            mapping::PAGE => format!("/courses/{COURSE}/progress"),
            name => name.to_owned(),
        };
        let detail = json!({"id": "5f1", "user_id": 7, "completion": 1.0, "done": true});
        let mut record = server(&name, detail);
        record["context"]["module"] = json!({"usage_key": PROBLEM});
        let got = read(&record);
        assert_eq!(got.cell("verb").as_deref(), Some(verb.word()), "{name}");
        assert!(got.unknown.is_empty(), "{name}");
        assert_eq!(
            got.cell("content").is_some(),
            verb.is_engagement() || verb.is_registration()
        );
    }
}

#[test]
fn every_column_of_the_table_is_filled_by_a_record() {
    let check = json!({
        "problem_id": PROBLEM, "grade": 1, "max_grade": 4, "success": "incorrect", "attempts": 2,
        "answers": {"p1_2_1": "choice_3"},
        "submission": {"p1_2_1": {"response_type": "multiplechoiceresponse", "answer": "a chair"}},
    });
    let seek = json!({"id": VIDEO, "old_time": "12.5", "new_time": 80, "duration": 120.0});
    let records = [
        server("problem_check", check),
        browser("seek_video", &seek),
        browser(
            "speed_change_video",
            &json!({"id": VIDEO, "current_time": 3, "new_speed": "1.5"}),
        ),
        server(
            "edx.completion.block_completion.changed",
            json!({"user_id": 7, "block_id": PROBLEM, "completion": 0.5}),
        ),
    ];
    let expected: &[(usize, &str, &str)] = &[
        (0, "learner", "7"),
        (0, "time", "2024-03-05 10:00:00.250 UTC"),
        (0, "content", PROBLEM),
        (0, "verb", "submitted"),
        (0, "course", COURSE),
        (0, "session", "0123456789abcdef0123456789abcdef"),
        (1, "position", "12.5"),
        (1, "position_to", "80.0"),
        (1, "length", "120.0"),
        (2, "speed", "1.5"),
        (0, "score", "0.25"),
        (0, "success", "false"),
        (3, "progress", "0.5"),
        (0, "attempt", "2"),
        (0, "response", "choice_3"),
    ];
    let got: Vec<Got> = records.iter().map(read).collect();
    for (record, column, value) in expected {
        let cell = got[*record].cell(column);
        assert_eq!(cell.as_deref(), Some(*value), "{column}");
    }

    let facts =
        |at: usize, content: &str| got[at].facts.contents[&(COURSE.into(), content.into())].clone();
    assert_eq!(facts(0, PROBLEM).max_score, Some(4.0));
    let film = facts(1, VIDEO);
    assert_eq!(
        (film.kind.unwrap().word(), film.length),
        ("video", Some(120.0))
    );
    let chapter = "block-v1:Uni+Stats1+2024+type@chapter+block@c1";
    assert_eq!(film.module.as_deref(), Some(chapter));
    let enrolled = read(&server(
        "edx.course.enrollment.activated",
        json!({"user_id": 9}),
    ));
    assert_eq!(enrolled.facts.enrollments[0].learner, "9");
    let member = read(&server(
        "edx.cohort.user_added",
        json!({"user_id": 9, "cohort_id": 3}),
    ));
    assert_eq!(member.facts.moves[0].group, "cohort-3");
    let staff = json!({"id": "5f1", "user_course_roles": ["staff"]});
    let role = read(&server("edx.forum.thread.created", staff));
    assert_eq!(role.facts.roles[0].2.word(), "co-instructor");

    let shown: BTreeSet<&str> = expected.iter().map(|(_, column, _)| *column).collect();
    let tables = ["catalog", "enrollments", "memberships", "roles"];
    let shown: BTreeSet<&str> = shown.into_iter().chain(tables).collect();
    let named: BTreeSet<&str> = MAPPING.fields.iter().map(|(column, _)| *column).collect();
    assert_eq!(shown, named, "each column of the page has a record here");
}

#[test]
fn an_unknown_event_is_interacted_and_counted_by_name() {
    let got = read(&server("edx.new.thing", json!({"usage_key": PROBLEM})));
    assert_eq!(got.cell("verb").as_deref(), Some("interacted"));
    assert_eq!(got.unknown, ["edx.new.thing"]);
    let nowhere =
        json!({"event_type": "x", "time": "2024-01-01T00:00:00Z", "context": {"user_id": 1}});
    let got = read(&nowhere);
    assert_eq!(got.rule(), ("content", "NoContent"));
    assert!(got.unknown.is_empty());
}

#[test]
fn what_tells_nothing_of_a_learner_is_counted_and_left_out() {
    let left_out = |record: &Json| {
        let got = read(record);
        assert!(
            got.refused.is_none() && got.events.height() == 0,
            "{record}"
        );
        assert_eq!(got.findings.len(), 1, "{record}");
    };
    for name in mapping::BESIDE {
        left_out(&server(name, json!({"user_id": 7})));
    }
    for name in mapping::COPIES {
        left_out(&browser(name, &json!({"problem_id": PROBLEM})));
    }
    for path in [
        "/static/x.png".to_owned(),
        "/api/user/v1/me".to_owned(),
        format!("/courses/{COURSE}/xblock/{PROBLEM}/handler/xmodule_handler/problem_check"),
    ] {
        left_out(&server(&path, json!("{\"POST\": {}, \"GET\": {}}")));
    }
}

#[test]
fn the_name_goes_before_the_type() {
    let mut record = server("edx.video.played", json!({"module_id": VIDEO}));
    record["event_type"] = "play_video_of_old".into();
    assert_eq!(read(&record).cell("verb").as_deref(), Some("played"));
    record["name"] = Json::Null;
    assert_eq!(read(&record).unknown, ["play_video_of_old"]);
}

#[test]
fn acts_about_a_learner_belong_to_her_whoever_set_them_off() {
    for (name, member) in [
        ("edx.grades.problem.rescored", "user_id"),
        ("edx.course.enrollment.deactivated", "user_id"),
        (
            "edx.special_exam.timed.attempt.submitted",
            "attempt_user_id",
        ),
    ] {
        let mut record = server(name, json!({member: "31"}));
        record["agent"] = "python-requests/2.31".into();
        assert_eq!(
            read(&record).cell("learner").as_deref(),
            Some("31"),
            "{name}"
        );
    }
}

#[test]
fn enrollments_are_told_with_their_certificate() {
    for (name, enrolled, outcome) in [
        ("edx.course.enrollment.activated", Some(true), None),
        ("edx.course.enrollment.deactivated", Some(false), None),
        ("edx.course.enrollment.mode_changed", Some(true), None),
        ("edx.certificate.created", None, Some("pass")),
    ] {
        let detail = json!({"user_id": 9, "course_id": "Uni/S1/2013", "mode": "audit"});
        let got = read(&server(name, detail));
        let [fact] = &got.facts.enrollments[..] else {
            panic!("{name}")
        };
        // The course of the detail goes before the page on which it was set off.
        assert_eq!(
            (fact.learner.as_str(), fact.course.as_str()),
            ("9", "Uni/S1/2013")
        );
        assert_eq!(
            (fact.enrolled, fact.outcome.map(Outcome::word)),
            (enrolled, outcome)
        );
    }
    assert!(
        read(&server("showanswer", json!({"problem": PROBLEM})))
            .facts
            .enrollments
            .is_empty()
    );
}

#[test]
fn a_header_or_the_form_of_the_event_bus_changes_nothing() {
    let record = server(
        "problem_check",
        json!({"problem_id": PROBLEM, "grade": 1, "max_grade": 2}),
    );
    let plain = read(&record).events;
    let text = record.to_string();
    for header in [
        "Mar  5 10:00:00 lms tracking: ",
        "[INFO] 2024 [user 7] - ",
        "\u{feff}",
    ] {
        let got = read_bytes(format!("{header}{text}").as_bytes());
        assert!(got.events.equals_missing(&plain), "{header}");
    }
    let mut bus = record.clone();
    let object = bus.as_object_mut().unwrap();
    for (new, old) in [("data", "event"), ("timestamp", "time")] {
        let value = object.remove(old).unwrap();
        object.insert(new.to_owned(), value);
    }
    for member in ["session", "agent", "event_type", "page"] {
        let value = object.remove(member).unwrap();
        object["context"][member] = value;
    }
    assert!(read(&bus).events.equals_missing(&plain));
}
