//! What becomes of events.

use serde_json::{Value, json};

use super::super::super::batch::Batch;
use super::super::super::feed::{Dialect, ForeignOptions};
use super::super::{Caliper, MAPPING};
use super::{
    LEARNER, MICROS, SECTION, attempt, event, film, found, micros, number, page, read, row, text,
    with,
};
use crate::data::{Kind, Role, Verb};

#[test]
fn the_page_shows_the_tables() {
    let page = include_str!("../MAPPING.md");
    assert!(page.contains(&MAPPING.markdown()));
}

#[test]
fn the_least_event_has_who_when_what_and_where() {
    let frame = row(&event("ViewEvent", "Viewed", page()));
    assert_eq!(text(&frame, "learner").as_deref(), Some(LEARNER));
    assert_eq!(micros(&frame, "time"), Some(MICROS));
    assert_eq!(text(&frame, "content").as_deref(), page()["id"].as_str());
    assert_eq!(text(&frame, "verb").as_deref(), Some("viewed"));
    assert_eq!(text(&frame, "course").as_deref(), Some(SECTION));
    let id = text(&frame, "id").unwrap();
    assert!(id.starts_with("urn:uuid:0f1c"));
    assert_eq!(number(&frame, "position"), None);
}

#[test]
fn every_row_of_the_verb_table_is_what_its_event_becomes() {
    for (source, verb) in MAPPING.verbs {
        let (words, mark) = source.split_once(" (").unwrap_or((source, ""));
        let (kind, action) = words.split_once(' ').unwrap();
        let object = match mark {
            "" if kind == "GradeEvent" || kind == "OutcomeEvent" => attempt(),
            "" => page(),
            "replyTo)" => json!({ "id": "m", "type": "Message", "replyTo": "m0" }),
            "Membership)" => json!({ "id": SECTION, "type": "Membership" }),
            other => panic!("{other}"),
        };
        let frame = row(&event(kind, action, object));
        assert_eq!(
            text(&frame, "verb").as_deref(),
            Some(verb.word()),
            "{source}"
        );
    }
}

#[test]
fn types_and_actions_mean_what_the_field_means_by_them() {
    for (kind, action, verb) in [
        ("SessionEvent", "LoggedIn", Verb::LoggedIn),
        ("SessionEvent", "TimedOut", Verb::LoggedOut),
        ("NavigationEvent", "NavigatedTo", Verb::Navigated),
        ("MediaEvent", "Resumed", Verb::Played),
        ("MediaEvent", "ForwardedTo", Verb::Seeked),
        ("AssessmentEvent", "Started", Verb::Attempted),
        ("AssessmentEvent", "Submitted", Verb::Submitted),
        ("AssessmentItemEvent", "Completed", Verb::Answered),
        ("AssignableEvent", "Completed", Verb::Completed),
        ("AnnotationEvent", "Highlighted", Verb::Highlighted),
        ("AnnotationEvent", "Tagged", Verb::Noted),
        ("ThreadEvent", "MarkedAsRead", Verb::Viewed),
        ("MessageEvent", "Posted", Verb::Posted),
        ("SearchEvent", "Searched", Verb::Searched),
        ("ResourceManagementEvent", "Downloaded", Verb::Downloaded),
        ("FeedbackEvent", "Commented", Verb::Commented),
        ("QuestionnaireEvent", "Submitted", Verb::Submitted),
    ] {
        let frame = row(&event(kind, action, page()));
        assert_eq!(
            text(&frame, "verb").as_deref(),
            Some(verb.word()),
            "{kind} {action}"
        );
    }
}

#[test]
fn an_unknown_action_is_kept_and_counted() {
    for (kind, action) in [("MediaEvent", "Danced"), ("TeaEvent", "Brewed")] {
        let mut out = read(&event(kind, action, film()));
        let frame = out.take_events().unwrap();
        assert_eq!(text(&frame, "verb").as_deref(), Some("interacted"));
        let unknown = out.take_unknown();
        assert_eq!(unknown.get(&format!("{kind} {action}")), Some(&1));
    }
}

#[test]
fn media_have_positions_and_lengths() {
    let place =
        json!({ "target": { "id": "p", "type": "MediaLocation", "currentTime": "PT1M2.5S" } });
    let paused = row(&with(event("MediaEvent", "Paused", film()), place.clone()));
    assert_eq!(number(&paused, "position"), Some(62.5));
    assert_eq!(number(&paused, "length"), Some(1230.5));
    assert_eq!(
        text(&paused, "content").as_deref(),
        Some("https://uni.example/films/4")
    );
    // A jump tells where to, and only Open edX where from.
    let jumped = row(&with(event("MediaEvent", "JumpedTo", film()), place));
    assert_eq!(number(&jumped, "position"), None);
    assert_eq!(number(&jumped, "position_to"), Some(62.5));
    let mut object = film();
    object["extensions"] = json!({ "old_time": "PT3M", "new_time": "PT10S" });
    let jumped = row(&event("MediaEvent", "JumpedTo", object));
    assert_eq!(number(&jumped, "position"), Some(180.0));
    assert_eq!(number(&jumped, "position_to"), Some(10.0));
}

#[test]
fn what_an_attempt_takes_ends_at_its_event() {
    let sent = with(
        event(
            "AssessmentEvent",
            "Submitted",
            attempt()["assignable"].clone(),
        ),
        json!({ "generated": attempt() }),
    );
    let frame = row(&sent);
    assert_eq!(micros(&frame, "duration"), Some(300_000_000));
    assert_eq!(micros(&frame, "time"), Some(MICROS - 300_000_000));
    assert_eq!(number(&frame, "attempt"), Some(2.0));
    // What has only begun has no length yet.
    let begun = with(sent, json!({ "action": "Started" }));
    assert_eq!(micros(&row(&begun), "duration"), None);
    assert_eq!(micros(&row(&begun), "time"), Some(MICROS));
}

#[test]
fn a_grade_is_the_learners_and_not_the_graders() {
    let graded = with(
        event("GradeEvent", "Graded", attempt()),
        json!({
            "actor": { "id": "https://uni.example/autograder", "type": "SoftwareApplication" },
            "generated": { "id": "s", "type": "Score", "maxScore": 8, "scoreGiven": 6 },
        }),
    );
    let mut out = read(&graded);
    let frame = out.take_events().unwrap();
    assert_eq!(text(&frame, "learner").as_deref(), Some(LEARNER));
    assert_eq!(
        text(&frame, "content").as_deref(),
        Some("https://uni.example/quizzes/9")
    );
    assert_eq!(number(&frame, "score"), Some(0.75));
    assert_eq!(micros(&frame, "duration"), None);
    let key = (
        SECTION.to_owned(),
        "https://uni.example/quizzes/9".to_owned(),
    );
    let facts = out.facts.contents.get(&key).unwrap();
    assert_eq!((facts.kind, facts.max_score), (Some(Kind::Quiz), Some(8.0)));
    // Nobody's grade is left out, and a score above the best is no share.
    let nobody = with(
        graded.clone(),
        json!({ "object": "https://uni.example/attempts/1" }),
    );
    let mut out = read(&nobody);
    assert_eq!(out.take_events().unwrap().height(), 0);
    assert_eq!(found(&out, "grades of nobody named, left out"), 1);
    let above = with(
        graded,
        json!({ "generated": { "type": "Score", "maxScore": 1, "scoreGiven": 5 } }),
    );
    let mut out = read(&above);
    assert_eq!(number(&out.take_events().unwrap(), "score"), None);
    assert_eq!(found(&out, "scores and shares outside 0..1, left out"), 1);
}

#[test]
fn a_response_is_the_option_chosen_and_never_a_text() {
    let item = json!({ "id": "https://uni.example/items/3", "type": "AssessmentItem" });
    let of = |response: Value| {
        let done = with(
            event("AssessmentItemEvent", "Completed", item.clone()),
            json!({ "generated": response }),
        );
        text(&row(&done), "response")
    };
    let choice = json!({ "type": "MultipleChoiceResponse", "value": "C" });
    assert_eq!(of(choice).as_deref(), Some("C"));
    let several = json!({ "type": "MultipleResponseResponse", "values": ["A", "D"] });
    assert_eq!(of(several).as_deref(), Some("A[,]D"));
    let truth = json!({ "type": "TrueFalseResponse", "value": true });
    assert_eq!(of(truth).as_deref(), Some("true"));
    let rating = json!({ "type": "RatingScaleResponse", "selections": [4] });
    assert_eq!(of(rating).as_deref(), Some("4"));
    for free in [
        "FillinBlankResponse",
        "OpenEndedResponse",
        "Response",
        "Comment",
    ] {
        let written = json!({ "type": free, "value": "my own words", "values": ["mine"] });
        assert_eq!(of(written), None, "{free}");
    }
    let endless = json!({ "type": "SelectTextResponse", "values": ["x".repeat(600)] });
    assert_eq!(of(endless), None);
    let ranked = with(
        event("FeedbackEvent", "Ranked", page()),
        json!({ "generated": { "type": "Rating", "selections": ["3"], "ratingComment": "why" } }),
    );
    assert_eq!(text(&row(&ranked), "response").as_deref(), Some("3"));
}

#[test]
fn a_message_is_about_its_thread() {
    let message = json!({
        "id": "m1", "type": "Message", "replyTo": { "id": "m0", "type": "Message" },
        "isPartOf": { "id": "t1", "type": "Thread", "isPartOf": { "id": "f1", "type": "Forum" } },
    });
    let frame = row(&event("MessageEvent", "Posted", message));
    assert_eq!(text(&frame, "content").as_deref(), Some("t1"));
    assert_eq!(text(&frame, "verb").as_deref(), Some("replied"));
    let loose =
        json!({ "id": "m1", "type": "Message", "isPartOf": { "id": "f1", "type": "Forum" } });
    let frame = row(&event("MessageEvent", "MarkedAsRead", loose));
    assert_eq!(text(&frame, "content").as_deref(), Some("f1"));
}

#[test]
fn the_launched_link_is_the_content_of_a_launch() {
    let tool = json!({ "id": "https://tool.example", "type": "SoftwareApplication" });
    let launch = event("ToolLaunchEvent", "Launched", tool);
    assert_eq!(
        text(&row(&launch), "content").as_deref(),
        Some("https://tool.example")
    );
    let link = json!({ "target": { "id": "https://tool.example/l/7", "type": "LtiLink" } });
    let frame = row(&with(launch, link));
    assert_eq!(
        text(&frame, "content").as_deref(),
        Some("https://tool.example/l/7")
    );
}

#[test]
fn a_session_ends_for_its_user() {
    let app = json!({ "id": "https://uni.example", "type": "SoftwareApplication" });
    let left = with(
        event(
            "SessionEvent",
            "TimedOut",
            json!({ "id": "s1", "type": "Session", "user": LEARNER }),
        ),
        json!({ "actor": app, "session": { "id": "s1", "type": "Session" } }),
    );
    let frame = row(&left);
    assert_eq!(text(&frame, "learner").as_deref(), Some(LEARNER));
    assert_eq!(text(&frame, "session").as_deref(), Some("s1"));
    assert_eq!(text(&frame, "content"), None);
    let mut out = read(&with(
        left,
        json!({ "object": { "id": "s1", "type": "Session" } }),
    ));
    assert_eq!(out.take_events().unwrap().height(), 0);
    assert_eq!(
        found(&out, "events of software and organizations, left out"),
        1
    );
}

#[test]
fn anonymous_people_are_not_made_one_learner() {
    for id in ["http://purl.imsglobal.org/caliper/Person", "_:b0"] {
        let mut out = read(&with(
            event("ViewEvent", "Viewed", page()),
            json!({ "actor": id }),
        ));
        assert_eq!(out.take_events().unwrap().height(), 0);
        assert_eq!(found(&out, "events of anonymous people, left out"), 1);
    }
}

#[test]
fn the_course_is_what_the_group_belongs_to() {
    let of = |more: Value| {
        text(
            &row(&with(event("ViewEvent", "Viewed", page()), more)),
            "course",
        )
    };
    let team = json!({ "group": {
        "id": "team", "type": "Group", "subOrganizationOf": { "id": "c1", "type": "CourseSection" },
    } });
    assert_eq!(of(team).as_deref(), Some("c1"));
    assert_eq!(of(json!({ "group": "c2" })).as_deref(), Some("c2"));
    let member = json!({
        "group": null,
        "membership": { "organization": { "id": "c3", "type": "CourseOffering" }, "member": LEARNER },
    });
    assert_eq!(of(member).as_deref(), Some("c3"));
    assert_eq!(of(json!({ "group": { "id": "x", "type": "Group" } })), None);
}

#[test]
fn memberships_tell_learners_and_instructors() {
    let of = |roles: Value, status: &str| {
        let more = json!({ "membership": {
            "type": "Membership", "member": { "id": LEARNER }, "roles": roles, "status": status,
            "organization": { "id": SECTION, "type": "CourseSection" },
        } });
        let facts = read(&with(event("ViewEvent", "Viewed", page()), more)).facts;
        (facts.memberships, facts.roles)
    };
    let (members, roles) = of(json!(["Learner"]), "Active");
    assert_eq!(members, [(SECTION.to_owned(), LEARNER.to_owned())]);
    assert!(roles.is_empty());
    let (members, roles) = of(
        json!(["Instructor", "TeachingAssistant", "Mentor"]),
        "Active",
    );
    assert!(members.is_empty());
    let told: Vec<Role> = roles.iter().map(|(.., role)| *role).collect();
    assert_eq!(told, [Role::Instructor, Role::CoInstructor]);
    let (members, roles) = of(json!("Learner"), "Deleted");
    assert!(members.is_empty() && roles.is_empty());
    let vocabulary = "http://purl.imsglobal.org/vocab/lis/v2/membership#Learner";
    assert_eq!(of(json!([vocabulary]), "Active").0.len(), 1);
}

#[test]
fn contents_know_their_module_kind_and_length() {
    let mut object = film();
    object["isPartOf"] = json!({
        "id": "p1", "type": "WebPage", "isPartOf": { "id": "c7", "type": "Chapter" },
    });
    let out = read(&event("MediaEvent", "Started", object));
    let facts = out.facts.contents.values().next().unwrap();
    assert_eq!(facts.module.as_deref(), Some("c7"));
    assert_eq!(facts.kind, Some(Kind::Video));
    assert_eq!(facts.length, Some(1230.5));
}

#[test]
fn open_edx_in_caliper_has_its_own_keys_enrollments_and_results() {
    let course = "course-v1:Uni+Bio+2024";
    let joins = json!({
        "id": "http://lms.example/courses/course-v1%3AUni%2BBio%2B2024/", "type": "Membership",
        "extensions": { "course_id": course, "mode": "audit" },
    });
    let mut activated = event("Event", "Activated", joins);
    activated.as_object_mut().unwrap().remove("group");
    let mut out = read(&activated);
    let frame = out.take_events().unwrap();
    assert_eq!(text(&frame, "verb").as_deref(), Some("enrolled"));
    assert_eq!(text(&frame, "course").as_deref(), Some(course));
    assert_eq!(text(&frame, "content"), None);
    let fact = out.facts.enrollments.first().unwrap();
    assert_eq!(
        (fact.learner.as_str(), fact.time, fact.enrolled),
        (LEARNER, MICROS, Some(true))
    );
    let checked = json!({
        "id": "block-v1:Uni+Bio+2024+type@problem+block@7", "type": "Assessment",
        "extensions": { "attempts": 3, "grade": 1, "max_grade": 2, "success": "incorrect" },
    });
    let frame = row(&event("AssessmentEvent", "Submitted", checked));
    assert_eq!(number(&frame, "attempt"), Some(3.0));
    assert_eq!(number(&frame, "score"), Some(0.5));
    assert_eq!(number(&frame, "success"), Some(0.0));
}

#[test]
fn every_column_of_the_field_table_is_filled_by_some_record() {
    let mut out = Batch::new(None);
    let caliper = Caliper::new(&ForeignOptions::default());
    let mut seek = film();
    seek["extensions"] = json!({ "old_time": "PT3M", "new_time": "PT10S" });
    let answer = json!({ "generated": {
        "id": "r", "type": "MultipleChoiceResponse", "value": "B", "attempt": attempt(), "duration": "PT9S",
    } });
    let item =
        json!({ "id": "i", "type": "AssessmentItem", "extensions": { "success": "correct" } });
    for record in [
        with(
            event("MediaEvent", "JumpedTo", seek),
            json!({ "session": "s1" }),
        ),
        with(event("AssessmentItemEvent", "Completed", item), answer),
        with(
            event("GradeEvent", "Graded", attempt()),
            json!({ "generated": { "type": "Score", "maxScore": 8, "scoreGiven": 6 } }),
        ),
    ] {
        caliper
            .read(record.to_string().as_bytes(), &mut out)
            .unwrap();
    }
    let frame = out.take_events().unwrap();
    for (column, source) in MAPPING.fields {
        let filled = frame.column(column).unwrap().null_count() < frame.height();
        let promised = !source.starts_with("not ");
        assert_eq!(filled, promised, "{column}");
    }
    let all = crate::data::schema::EVENTS.iter().map(|(name, ..)| *name);
    let told: Vec<&str> = MAPPING.fields.iter().map(|(name, _)| *name).collect();
    assert!(
        all.filter(|name| *name != "count")
            .all(|name| told.contains(&name))
    );
}
