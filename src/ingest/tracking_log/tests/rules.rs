//! Each rule with records that break it, and records that just do not.

use super::*;

fn with(change: impl FnOnce(&mut Json)) -> Got {
    let mut record = server("showanswer", json!({"problem": PROBLEM}));
    change(&mut record);
    read(&record)
}

#[test]
fn a_record_is_a_json_object() {
    for text in ["", "no json", "{", "{}}", "{\"a\":}", "[1", "{} x", "\u{0}"] {
        let (place, rule) = read_bytes(text.as_bytes()).rule();
        assert!(
            (place, rule) == ("record", "NotJson") || rule == "NoEventType",
            "{text}"
        );
    }
    assert_eq!(read_bytes(b"{}").rule(), ("event_type", "NoEventType"));
}

#[test]
fn a_member_that_is_read_stands_there_once() {
    let good = server("showanswer", json!({"problem": PROBLEM})).to_string();
    for (member, place) in [
        ("\"event_type\":\"showanswer\"", "record"),
        ("\"user_id\":7", "record"),
        (&*format!("\"problem\":\"{PROBLEM}\""), "event"),
    ] {
        let double = good.replacen(member, &format!("{member},{member}"), 1);
        assert_ne!(double, good);
        assert_eq!(
            read_bytes(double.as_bytes()).rule(),
            (place, "DuplicateKey")
        );
    }
    let unread = good.replacen("\"username\":\"ann\"", "\"username\":1,\"username\":2", 1);
    assert!(read_bytes(unread.as_bytes()).refused.is_none());
    let inside = format!("{{\"problem\":\"{PROBLEM}\",\"problem\":1}}");
    assert_eq!(
        with(|r| r["event"] = inside.into()).rule(),
        ("event", "DuplicateKey")
    );
}

#[test]
fn an_event_has_a_type_and_a_time() {
    let nameless = with(|r| {
        r["name"] = Json::Null;
        r["event_type"] = " ".into();
    });
    assert_eq!(nameless.rule(), ("event_type", "NoEventType"));
    for (time, rule) in [
        (json!(null), "NoTime"),
        (json!(""), "NoTime"),
        (json!("2024-13-45T99:00Z"), "BadTime"),
        (json!("yesterday"), "BadTime"),
        (json!(1_700_000_000), "BadTime"),
        (json!({}), "BadTime"),
    ] {
        assert_eq!(with(|r| r["time"] = time).rule(), ("time", rule));
    }
}

#[test]
fn a_time_without_an_offset_is_utc_and_counted() {
    let at = |time: &str| with(|r| r["time"] = time.into());
    let zoned = at("2012-11-04T09:30:00.123456+00:00");
    for same in [
        "2012-11-04T10:30:00.123456+01:00",
        "2012-11-04T09:30:00.123456Z",
    ] {
        assert!(at(same).events.equals_missing(&zoned.events));
        assert!(at(same).findings.is_empty());
    }
    for naive in ["2012-11-04T09:30:00.123456", "2012-11-04 09:30:00.123456"] {
        assert!(at(naive).events.equals_missing(&zoned.events));
        assert_eq!(at(naive).findings, ["times without an offset, read as UTC"]);
    }
}

#[test]
fn nobodys_records_are_refused_and_a_user_name_is_no_id() {
    for nobody in [json!(null), json!(""), json!(" "), json!(0), json!("None")] {
        let got = with(|r| r["context"]["user_id"] = nobody);
        assert_eq!(got.rule(), ("learner", "Anonymous"));
    }
    let old = with(|r| {
        r.as_object_mut().unwrap().remove("context");
    });
    assert_eq!(old.rule(), ("learner", "Anonymous"));
    for wrong in [json!(1.5), json!(true), json!([7]), json!({"id": 7})] {
        let got = with(|r| r["context"]["user_id"] = wrong);
        assert_eq!(got.rule(), ("learner", "BadUser"));
    }
    for (id, learner) in [
        (json!(12), "12"),
        (json!("12"), "12"),
        (json!("a-b"), "a-b"),
    ] {
        let got = with(|r| r["context"]["user_id"] = id);
        assert_eq!(got.cell("learner").as_deref(), Some(learner));
    }
    let mobile = with(|r| {
        r["context"]["user_id"] = Json::Null;
        r["user_id"] = 7.into();
    });
    assert_eq!(mobile.cell("learner").as_deref(), Some("7"));
}

#[test]
fn who_looks_through_anothers_eyes_is_refused() {
    let flags = [
        "masquerade",
        "masquerading",
        "is_masquerading",
        "masquerade_user_id",
    ];
    for flag in flags {
        for value in [json!(true), json!(9), json!({"role": "student"})] {
            let got = with(|r| r["context"][flag] = value);
            assert_eq!(got.rule(), ("learner", "Masquerade"));
        }
        for value in [json!(false), json!(null), json!(""), json!("false")] {
            assert!(with(|r| r["context"][flag] = value).refused.is_none());
        }
    }
    for change in ["/user_id", "/event/user_id", "/context/real_user_id"] {
        let change = |record: &mut Json, id: Json| {
            let (path, key) = change.rsplit_once('/').unwrap();
            record.pointer_mut(path).unwrap()[key] = id;
        };
        let got = with(|r| change(r, json!(8)));
        assert_eq!(got.rule(), ("learner", "Masquerade"));
        assert!(with(|r| change(r, json!("7"))).refused.is_none());
    }
}

#[test]
fn robots_and_the_course_team_are_no_learners() {
    let robot = with(|r| r["agent"] = "Mozilla/5.0 (compatible; bingbot/2.0)".into());
    assert_eq!(robot.rule(), ("agent", "Bot"));
    for name in super::super::mapping::COURSE_TEAM {
        let name = if name.ends_with('.') {
            format!("{name}x")
        } else {
            (*name).to_owned()
        };
        let got = read(&server(&name, json!({})));
        assert_eq!(got.rule(), ("event_type", "CourseTeam"), "{name}");
    }
    let path = format!("/courses/{COURSE}/instructor/api/get_grading_config");
    assert_eq!(
        read(&server(&path, json!({}))).rule(),
        ("event_type", "CourseTeam")
    );
}

#[test]
fn an_event_is_somewhere() {
    let nowhere = |name: &str| {
        let mut record = server(name, json!({"user_id": 7}));
        record["context"]["course_id"] = "".into();
        read(&record)
    };
    assert_eq!(nowhere("showanswer").rule(), ("content", "NoContent"));
    assert_eq!(
        nowhere("edx.course.enrollment.activated").rule(),
        ("course", "NoCourse")
    );
    assert_eq!(
        nowhere("edx.cohort.user_added").rule(),
        ("event", "NoGroup")
    );
    assert_eq!(nowhere("/logout").cell("content"), None);
    assert_eq!(
        nowhere("/logout").cell("verb").as_deref(),
        Some("logged_out")
    );
}

#[test]
fn ids_are_ids() {
    let long = format!(
        "block-v1:Uni+Stats1+2024+type@problem+block@{}",
        "x".repeat(3_000)
    );
    assert_eq!(
        with(|r| r["event"]["problem"] = long.into()).rule(),
        ("content", "TooLarge")
    );
    let session = with(|r| r["session"] = "a\u{200b}b".into());
    assert_eq!(session.rule(), ("session", "BadId"));
    let user = with(|r| r["context"]["user_id"] = "a\u{0}b".into());
    assert_eq!(user.rule(), ("learner", "BadId"));
}

#[test]
fn every_rule_stands_on_the_page() {
    let page = include_str!("../MAPPING.md");
    for rule in [
        "NotJson",
        "TooLarge",
        "DuplicateKey",
        "NoEventType",
        "NoTime",
        "BadTime",
        "Anonymous",
        "BadUser",
        "Masquerade",
        "Bot",
        "CourseTeam",
        "NoContent",
        "NoCourse",
        "NoGroup",
        "BadId",
    ] {
        assert!(page.contains(&format!("`{rule}`")), "{rule}");
    }
}
