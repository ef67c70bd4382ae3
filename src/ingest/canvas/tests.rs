//! Events written from Canvas's documentation, in both of its forms.

use polars::prelude::*;
use proptest::prelude::*;
use serde_json::{Value, json};

use super::super::batch::{Batch, fault};
use super::super::caliper::tests::{found, micros, number, text, with};
use super::super::feed::{Dialect, ForeignOptions};
use super::{Canvas, MAPPING};
use crate::data::{Kind, Role};

const TIME: &str = "2024-03-01T10:00:00.250Z";
const MICROS: i64 = 1_709_287_200_250_000;
const COURSE: &str = "30120000000000455";
const STUDENT: &str = "30120000000000071";
const TEACHER: &str = "30120000000000005";

/// An event in Canvas's own form, made by the student in the course.
fn raw(name: &str, body: Value) -> Value {
    json!({
        "metadata": {
            "event_name": name,
            "event_time": TIME,
            "user_id": STUDENT,
            "session_id": "9f0c",
            "context_type": "Course",
            "context_id": COURSE,
            "context_role": "StudentEnrollment",
            "root_account_id": "30120000000000001",
            "producer": "canvas",
        },
        "body": body,
    })
}

/// The same in the Caliper form.
fn caliper(kind: &str, action: &str, object: Value) -> Value {
    json!({
        "@context": "http://purl.imsglobal.org/ctx/caliper/v1p1",
        "id": "urn:uuid:0f1c2d3e-4b5a-4978-8697-a6b5c4d3e2f1",
        "type": kind,
        "actor": {
            "id": format!("urn:instructure:canvas:user:{STUDENT}"), "type": "Person",
            "extensions": { "com.instructure.canvas": { "root_account_id": "30120000000000001" } },
        },
        "action": action,
        "object": object,
        "eventTime": TIME,
        "group": { "id": format!("urn:instructure:canvas:course:{COURSE}"), "type": "CourseOffering" },
        "session": { "id": "urn:instructure:canvas:session:9f0c", "type": "Session" },
    })
}

fn read(event: &Value) -> Batch<'static> {
    let mut out = Batch::new(None);
    let canvas = Canvas::new(&ForeignOptions::default());
    let read = canvas.read(event.to_string().as_bytes(), &mut out);
    assert_eq!(read, Ok(()), "{event}");
    out
}

fn row(event: &Value) -> DataFrame {
    let frame = read(event).take_events().unwrap();
    assert_eq!(frame.height(), 1, "{event}");
    frame
}

fn left_out(event: &Value, finding: &str) {
    let mut out = read(event);
    assert_eq!(out.take_events().unwrap().height(), 0, "{event}");
    assert_eq!(found(&out, finding), 1, "{event}");
}

fn in_metadata(mut event: Value, more: Value) -> Value {
    event["metadata"] = with(event["metadata"].take(), more);
    event
}

#[test]
fn the_page_shows_the_tables() {
    assert!(include_str!("MAPPING.md").contains(&MAPPING.markdown()));
}

#[test]
#[expect(clippy::too_many_lines, reason = "a list of pairs")]
fn both_forms_give_the_same_event() {
    let urn = |kind: &str, id: &str| format!("urn:instructure:canvas:{kind}:{id}");
    let student = json!({ "id": urn("user", STUDENT), "type": "Person" });
    let submission = json!({
        "id": urn("submission", "8"), "type": "Attempt", "count": 2, "assignee": student,
        "assignable": { "id": urn("assignment", "30120000000000033"), "type": "AssignableDigitalResource" },
    });
    let score = json!({ "type": "Score", "scoreGiven": 3, "maxScore": 4 });
    for (own, other) in [
        (
            raw(
                "asset_accessed",
                json!({ "asset_type": "quizzes:quiz", "asset_id": "30120000000000009", "asset_subtype": null }),
            ),
            caliper(
                "NavigationEvent",
                "NavigatedTo",
                json!({ "id": urn("quizzes:quiz", "30120000000000009"), "type": "Entity" }),
            ),
        ),
        (
            raw(
                "asset_accessed",
                json!({ "asset_type": "course", "asset_id": COURSE, "asset_subtype": "grades" }),
            ),
            caliper(
                "NavigationEvent",
                "NavigatedTo",
                json!({
                    "id": urn("course", COURSE), "type": "CourseOffering",
                    "extensions": { "com.instructure.canvas": { "asset_subtype": "grades" } },
                }),
            ),
        ),
        (
            raw(
                "submission_created",
                json!({ "user_id": STUDENT, "assignment_id": "33", "attempt": 2, "submission_id": "8" }),
            ),
            caliper("AssignableEvent", "Submitted", submission.clone()),
        ),
        (
            in_metadata(
                raw(
                    "grade_change",
                    json!({ "student_id": STUDENT, "user_id": STUDENT, "assignment_id": "33", "score": 3, "points_possible": 4, "attempt": 2 }),
                ),
                json!({ "user_id": TEACHER }),
            ),
            with(
                caliper("GradeEvent", "Graded", submission),
                json!({ "generated": score }),
            ),
        ),
        (
            raw(
                "discussion_entry_created",
                json!({ "user_id": "71", "discussion_topic_id": "12", "discussion_entry_id": "5" }),
            ),
            caliper(
                "MessageEvent",
                "Posted",
                json!({
                    "id": urn("discussionEntry", "5"), "type": "Message",
                    "isPartOf": { "id": urn("discussion", "12"), "type": "Thread" },
                }),
            ),
        ),
        (
            raw(
                "discussion_topic_created",
                json!({ "discussion_topic_id": "12" }),
            ),
            caliper(
                "ThreadEvent",
                "Created",
                json!({ "id": urn("discussion", "12"), "type": "Thread" }),
            ),
        ),
        (
            raw("logged_in", json!({ "redirect_url": "x" })),
            caliper(
                "SessionEvent",
                "LoggedIn",
                json!({ "id": "http://canvas.example/", "type": "SoftwareApplication" }),
            ),
        ),
        (
            raw("wiki_page_updated", json!({ "wiki_page_id": "4" })),
            caliper(
                "Event",
                "Modified",
                json!({ "id": urn("wikiPage", "30120000000000004"), "type": "Page" }),
            ),
        ),
    ] {
        let (own, other) = (row(&own), row(&other).drop("id").unwrap());
        assert!(
            own.drop("id").unwrap().equals_missing(&other),
            "{own} {other}"
        );
    }
}

#[test]
fn every_row_of_the_verb_table_is_what_its_event_becomes() {
    let body = json!({
        "asset_type": "assignment", "asset_id": "1", "type": "StudentEnrollment", "user_id": STUDENT,
    });
    for (source, verb) in MAPPING.verbs {
        let (name, mark) = source.split_once(" (").unwrap_or((source, ""));
        let state = if mark == "deleted)" {
            "deleted"
        } else {
            "active"
        };
        let mut body = with(body.clone(), json!({ "workflow_state": state }));
        if mark.starts_with("parent") {
            body["parent_discussion_entry_id"] = json!("5");
        }
        let event = match name.split_once(' ') {
            Some((kind, action)) => caliper(kind, action, json!({ "id": "x" })),
            None => raw(name, body),
        };
        assert_eq!(
            text(&row(&event), "verb").as_deref(),
            Some(verb.word()),
            "{source}"
        );
    }
}

#[test]
fn every_column_of_the_field_table_is_filled_by_some_record() {
    let mut out = Batch::new(None);
    let canvas = Canvas::new(&ForeignOptions::default());
    let progress = json!({ "requirement_completed_count": 3, "requirement_count": 4 });
    for event in [
        raw(
            "asset_accessed",
            json!({ "asset_type": "wiki_page", "asset_id": "1" }),
        ),
        raw(
            "submission_created",
            json!({ "user_id": "71", "assignment_id": "33", "attempt": 2 }),
        ),
        raw(
            "grade_change",
            json!({ "student_id": "71", "assignment_id": "33", "score": 3, "points_possible": 4 }),
        ),
        raw(
            "course_progress",
            json!({ "user": { "id": "71" }, "course": { "id": "455" }, "progress": progress }),
        ),
        caliper("NavigationEvent", "NavigatedTo", json!({ "id": "x" })),
    ] {
        canvas.read(event.to_string().as_bytes(), &mut out).unwrap();
    }
    let frame = out.take_events().unwrap();
    for (column, source) in MAPPING.fields {
        let filled = frame.column(column).unwrap().null_count() < frame.height();
        let promised = !source.starts_with("not told") && *source != "never read";
        assert_eq!(filled, promised, "{column}");
    }
}

#[test]
fn local_ids_become_global_and_the_own_person_counts() {
    let event = in_metadata(
        raw(
            "course_progress",
            json!({
                "user": { "id": "71", "email": "x@example.org" }, "course": { "id": "455" },
                "progress": { "requirement_completed_count": 3, "requirement_count": 4 },
            }),
        ),
        json!({ "user_id": null, "context_id": null, "context_type": null }),
    );
    let frame = row(&event);
    assert_eq!(text(&frame, "learner").as_deref(), Some(STUDENT));
    assert_eq!(text(&frame, "course").as_deref(), Some(COURSE));
    assert_eq!(text(&frame, "content").as_deref(), Some(COURSE));
    assert_eq!(number(&frame, "progress"), Some(0.75));
    assert_eq!(micros(&frame, "time"), Some(MICROS));
}

#[test]
fn enrollments_come_go_and_tell_roles_in_both_forms() {
    let body = |kind: &str, state: &str| {
        json!({
            "user_id": "71", "course_id": COURSE, "type": kind, "workflow_state": state,
            "created_at": "2024-02-01T00:00:00Z",
        })
    };
    let of = |event: &Value| {
        let mut out = read(event);
        let verbs = out.take_events().unwrap();
        let verb = (verbs.height() == 1).then(|| text(&verbs, "verb").unwrap());
        (verb, out.facts)
    };
    let (verb, facts) = of(&raw(
        "enrollment_created",
        body("StudentEnrollment", "active"),
    ));
    assert_eq!(verb.as_deref(), Some("enrolled"));
    let fact = facts.enrollments.first().unwrap();
    assert_eq!(
        (fact.learner.as_str(), fact.course.as_str()),
        (STUDENT, COURSE)
    );
    assert_eq!(
        (fact.time, fact.enrolled),
        (1_706_745_600_000_000, Some(true))
    );
    let (verb, facts) = of(&raw(
        "enrollment_updated",
        body("StudentEnrollment", "deleted"),
    ));
    assert_eq!(verb.as_deref(), Some("unenrolled"));
    let fact = facts.enrollments.first().unwrap();
    assert_eq!((fact.time, fact.enrolled), (MICROS, Some(false)));
    // That it goes on is no event, and that it is over says nothing of how.
    let (verb, facts) = of(&raw(
        "enrollment_updated",
        body("StudentEnrollment", "active"),
    ));
    assert_eq!((verb, facts.enrollments.len()), (None, 1));
    let (verb, facts) = of(&raw(
        "enrollment_updated",
        body("StudentEnrollment", "completed"),
    ));
    assert_eq!((verb, facts.enrollments.len()), (None, 0));
    let (verb, facts) = of(&raw("enrollment_created", body("TaEnrollment", "active")));
    let role = (STUDENT.to_owned(), COURSE.to_owned(), Role::CoInstructor);
    assert_eq!((verb, facts.roles), (None, vec![role]));
    let finding = "enrollments of observers, designers and test students, left out";
    left_out(
        &raw("enrollment_created", body("ObserverEnrollment", "active")),
        finding,
    );
    let told = json!({
        "id": "urn:instructure:canvas:enrollment:3", "type": "Entity",
        "extensions": { "com.instructure.canvas": {
            "course_id": format!("urn:instructure:canvas:course:{COURSE}"),
            "user_id": format!("urn:instructure:canvas:user:{STUDENT}"),
            "type": "StudentEnrollment", "workflow_state": "active",
        } },
    });
    let (verb, facts) = of(&caliper("Event", "Created", told));
    assert_eq!(verb.as_deref(), Some("enrolled"));
    assert_eq!(facts.enrollments.first().unwrap().course, COURSE);
}

#[test]
fn facts_about_contents_and_groups_are_kept() {
    let out = read(&raw(
        "assignment_created",
        json!({ "assignment_id": "33", "points_possible": 12 }),
    ));
    assert_eq!(found(&out, "events of administration, left out"), 1);
    let key = (COURSE.to_owned(), "assignment:30120000000000033".to_owned());
    let facts = out.facts.contents.get(&key).unwrap();
    assert_eq!(
        (facts.kind, facts.max_score),
        (Some(Kind::Assignment), Some(12.0))
    );
    let accepted = json!({ "user_id": "71", "group_id": "6", "workflow_state": "accepted" });
    let out = read(&raw("group_membership_created", accepted));
    let group = "group:30120000000000006".to_owned();
    assert_eq!(out.facts.memberships, [(group, STUDENT.to_owned())]);
}

#[test]
fn what_is_not_a_learners_own_is_left_out_and_counted() {
    let seen = raw(
        "asset_accessed",
        json!({ "asset_type": "assignment", "asset_id": "1" }),
    );
    let acting = in_metadata(seen.clone(), json!({ "real_user_id": TEACHER }));
    left_out(&acting, "events of staff acting as somebody else, left out");
    row(&in_metadata(
        seen.clone(),
        json!({ "real_user_id": STUDENT }),
    ));
    let nobody = in_metadata(seen.clone(), json!({ "user_id": null }));
    left_out(&nobody, "events of nobody named, left out");
    let mut test = seen;
    test["body"]["role"] = json!("StudentViewEnrollment");
    left_out(&test, "events of test students, left out");
    let graded = in_metadata(
        raw(
            "submission_updated",
            json!({ "user_id": STUDENT, "assignment_id": "33" }),
        ),
        json!({ "user_id": TEACHER }),
    );
    left_out(&graded, "submissions changed by others, left out");
    let object = json!({
        "id": "urn:instructure:canvas:submission:8", "type": "Attempt",
        "assignee": { "id": format!("urn:instructure:canvas:user:{TEACHER}") },
    });
    left_out(
        &caliper("AssignableEvent", "Modified", object),
        "submissions changed by others, left out",
    );
    let made = json!({ "id": "urn:instructure:canvas:account:1", "type": "Entity" });
    left_out(
        &caliper("Event", "Created", made),
        "events of administration, left out",
    );
}

#[test]
fn an_unknown_event_is_kept_and_counted() {
    let mut out = read(&raw("tea_brewed", json!({})));
    let frame = out.take_events().unwrap();
    assert_eq!(text(&frame, "verb").as_deref(), Some("interacted"));
    assert_eq!(text(&frame, "content").as_deref(), Some(COURSE));
    assert_eq!(out.take_unknown().get("tea_brewed"), Some(&1));
}

#[test]
fn each_rule_refuses_what_breaks_it() {
    let enrolled = |body: Value| {
        in_metadata(
            raw("enrollment_created", body),
            json!({ "context_type": null }),
        )
    };
    for (event, place, rule) in [
        (
            in_metadata(raw("x", json!({})), json!({ "event_name": null })),
            "metadata.event_name",
            "Missing",
        ),
        (
            in_metadata(raw("x", json!({})), json!({ "event_name": [] })),
            "metadata.event_name",
            "WrongType",
        ),
        (
            in_metadata(raw("x", json!({})), json!({ "event_time": null })),
            "metadata.event_time",
            "Missing",
        ),
        (
            in_metadata(raw("x", json!({})), json!({ "event_time": "soon" })),
            "metadata.event_time",
            "BadTime",
        ),
        (
            enrolled(json!({ "course_id": "1" })),
            "body.user_id",
            "Missing",
        ),
        (
            enrolled(json!({ "user_id": "1" })),
            "body.course_id",
            "Missing",
        ),
        (
            raw("group_membership_created", json!({ "user_id": "1" })),
            "body.group_id",
            "Missing",
        ),
        (
            json!({ "metadata": {}, "type": "ViewEvent" }),
            "@context",
            "Missing",
        ),
        (
            in_metadata(raw("logged_in", json!({})), json!({ "user_id": "\u{1}" })),
            "learner",
            "BadId",
        ),
    ] {
        let mut out = Batch::new(None);
        let canvas = Canvas::new(&ForeignOptions::default());
        let read = canvas.read(event.to_string().as_bytes(), &mut out);
        assert_eq!(read, Err(fault(place, rule)), "{event}");
    }
}

proptest! {
    #[test]
    fn no_bytes_make_it_stumble(
        changes in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..9),
        name in prop::sample::select(MAPPING.verbs.iter().map(|(name, _)| *name).collect::<Vec<_>>()),
    ) {
        let body = json!({ "asset_type": "a", "asset_id": 7, "user": { "id": 1 }, "progress": {}, "attempt": 1 });
        let mut bytes = raw(name, body).to_string().into_bytes();
        for (at, byte) in changes {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        let mut out = Batch::new(None);
        let canvas = Canvas::new(&ForeignOptions::default());
        let read = canvas.read(&bytes, &mut out);
        let rows = out.take_events().unwrap().height();
        prop_assert!(rows <= 1 && (read.is_ok() || rows == 0));
    }
}
