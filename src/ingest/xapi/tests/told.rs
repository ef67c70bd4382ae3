//! What statements tell beside the columns of one event.

use super::*;

#[test]
fn completion_is_an_event_of_its_own_at_the_end() {
    let frame = events(&json!({ "result": { "completion": true, "duration": "PT1H" } }));
    assert_eq!(cells(&frame, "verb"), ["viewed", "completed"]);
    assert_eq!(
        cells(&frame, "time"),
        ["2024-03-01 09:00:00 UTC", "2024-03-01 10:00:00 UTC"]
    );
    let ids = cells(&frame, "id");
    assert_eq!(ids[1], format!("{}#completion", ids[0]));
    for verb in ["completed", "passed"] {
        let verb = format!("http://adlnet.gov/expapi/verbs/{verb}");
        let once = events(&json!({ "verb": { "id": verb }, "result": { "completion": true } }));
        assert_eq!(once.height(), 1);
    }
    assert_eq!(
        events(&json!({ "result": { "completion": false } })).height(),
        1
    );
}

#[test]
fn a_group_gives_an_event_for_each_member() {
    let member =
        |name: &str| json!({ "account": { "homePage": "http://lms.example", "name": name } });
    let members = json!([member("ann"), member("bo"), member("ann")]);
    let group = json!({ "actor": { "objectType": "Group", "account": null, "member": members } });
    let frame = events(&group);
    assert_eq!(
        cells(&frame, "learner"),
        ["http://lms.example ann", "http://lms.example bo"]
    );
    assert!(
        cells(&frame, "id")
            .iter()
            .all(|id| id.contains("-555555555555#"))
    );

    let identified = with(
        group,
        &json!({ "actor": { "mbox": "mailto:team@example.org" } }),
    );
    let text = with(least(), &identified).to_string();
    let options = ForeignOptions {
        home_page: Some("http://lms.example".into()),
        ..ForeignOptions::default()
    };
    let batch = read_with(&options, text.as_bytes()).unwrap();
    let pair = ("mailto:team@example.org".to_owned(), "bo".to_owned());
    assert!(batch.facts.memberships.contains(&pair));

    let alone = json!({ "actor": { "objectType": "Group", "account": null, "mbox": "mailto:team@example.org" } });
    assert_eq!(events(&alone).height(), 0);
    assert_eq!(
        findings(&alone),
        ["statements of a group whose members are not told, no event"]
    );
    // One member that cannot be an id: nothing is added for the others.
    let bad = json!({ "actor": { "objectType": "Group", "account": null, "member": [member("ann"), member("\u{200b}")] } });
    assert_eq!(refused(&bad), ("learner", "BadId"));
}

#[test]
fn teams_and_instructors_are_memberships_and_roles() {
    let options = ForeignOptions::default();
    let change = json!({ "context": {
        "team": { "objectType": "Group", "account": { "homePage": "http://lms.example", "name": "t" } },
        "instructor": { "account": { "homePage": "http://lms.example", "name": "eve" } },
    } });
    let batch = read_with(&options, with(least(), &change).to_string().as_bytes()).unwrap();
    let (ann, team) = (
        "http://lms.example ann".to_owned(),
        "http://lms.example t".to_owned(),
    );
    assert_eq!(batch.facts.memberships, [(team.clone(), ann)]);
    assert_eq!(
        batch.facts.roles,
        [(
            "http://lms.example eve".to_owned(),
            team,
            crate::data::Role::Instructor
        )]
    );
}

#[test]
fn what_gives_no_event_is_counted() {
    let person = json!({ "object": { "objectType": "Agent", "id": null, "mbox": "mailto:a@b.c" } });
    assert_eq!(
        findings(&person),
        ["statements about a person or a statement, no event"]
    );
    let login = with(
        person,
        &json!({ "verb": { "id": "https://w3id.org/xapi/adl/verbs/logged-in" } }),
    );
    assert_eq!(cells(&events(&login), "verb"), ["logged_in"]);
    let other = json!({ "object": { "objectType": "StatementRef", "id": "11111111-2222-3333-4444-555555555555" } });
    assert_eq!(
        findings(&other),
        ["statements about a person or a statement, no event"]
    );
    for (change, finding) in [
        (
            json!({ "result": { "duration": "P1M" } }),
            "durations in months or years, left out",
        ),
        (
            json!({ "result": { "extensions": { video("time"): -1 } } }),
            "positions below 0, left out",
        ),
        (
            json!({ "result": { "extensions": { video("progress"): 2 } } }),
            "progress outside 0..1, left out",
        ),
        (
            json!({ "result": { "score": { "scaled": -1 } } }),
            "scores below 0 or without a maximum, left out",
        ),
    ] {
        assert_eq!(findings(&change), [finding], "{change}");
        assert_eq!(events(&change).height(), 1);
    }
}

#[test]
fn catalog_and_enrollments_come_from_what_statements_tell() {
    let course =
        json!({ "id": "http://lms.example/c", "definition": { "type": "http://x/course" } });
    let module = json!({ "id": "http://lms.example/m", "definition": { "type": "http://adlnet.gov/expapi/activities/module" } });
    let change = json!({
        "object": { "definition": { "type": "https://w3id.org/xapi/video/activity-type/video" } },
        "context": { "contextActivities": { "grouping": [course], "parent": [module] }, "extensions": { video("length"): 60 } },
        "result": { "score": { "raw": 1, "max": 5 } },
    });
    let options = ForeignOptions::default();
    let batch = read_with(&options, with(least(), &change).to_string().as_bytes()).unwrap();
    let key = (
        "http://lms.example/c".to_owned(),
        "http://lms.example/page/1".to_owned(),
    );
    let facts = &batch.facts.contents[&key];
    assert_eq!(facts.kind, Some(crate::data::Kind::Video));
    assert_eq!((facts.length, facts.max_score), (Some(60.0), Some(5.0)));
    assert_eq!(facts.module.as_deref(), Some("http://lms.example/m"));

    let enrolled = json!({ "verb": { "id": "http://adlnet.gov/expapi/verbs/registered" }, "object": { "id": "http://lms.example/course/course-v1:A+B+C" } });
    let batch = read_with(&options, with(least(), &enrolled).to_string().as_bytes()).unwrap();
    let fact = &batch.facts.enrollments[0];
    assert_eq!(
        (fact.course.as_str(), fact.enrolled),
        ("course-v1:A+B+C", Some(true))
    );
}

#[test]
fn a_zone_a_home_page_and_a_key_change_what_is_read() {
    let options = ForeignOptions {
        zone: Some(Zone::new("Europe/Helsinki").unwrap()),
        home_page: Some("http://lms.example".into()),
        ..ForeignOptions::default()
    };
    let text = with(least(), &json!({ "timestamp": "2024-03-01T10:00:00" })).to_string();
    let mut batch = read_with(&options, text.as_bytes()).unwrap();
    let frame = batch.take_events().unwrap();
    assert_eq!(cells(&frame, "learner"), ["ann"]);
    assert_eq!(cells(&frame, "time"), ["2024-03-01 08:00:00 UTC"]);

    let keyed = ForeignOptions {
        pseudonyms: Some(crate::privacy::Pseudonyms::new(&[7; 32]).unwrap()),
        ..ForeignOptions::default()
    };
    let text = with(
        least(),
        &json!({ "actor": { "account": null, "mbox": "mailto:ann@example.org" } }),
    );
    let mut batch = read_with(&keyed, text.to_string().as_bytes()).unwrap();
    let learner = cells(&batch.take_events().unwrap(), "learner");
    assert!(learner[0].len() == 32 && !learner[0].contains("ann"));
}
