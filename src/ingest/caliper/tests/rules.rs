//! The rules by which records are refused, and what is accepted nevertheless.

use serde_json::json;

use super::super::super::batch::fault;
use super::super::super::feed::ForeignOptions;
use super::{
    LEARNER, MICROS, SECTION, TIME, event, found, micros, number, page, read, refused, row, text,
    try_read, with,
};

#[test]
fn each_rule_refuses_what_breaks_it() {
    let whole = || event("ViewEvent", "Viewed", page());
    let without = |name: &str| {
        let mut event = whole();
        event.as_object_mut().unwrap().remove(name);
        event
    };
    for name in [
        "@context",
        "id",
        "type",
        "actor",
        "action",
        "object",
        "eventTime",
    ] {
        let place = refused(&without(name));
        assert_eq!((place.place, place.rule), (name, "Missing"));
        let null = refused(&with(whole(), json!({ name: null })));
        assert_eq!((null.place, null.rule), (name, "Missing"));
    }
    for name in ["id", "type", "actor", "action", "object", "eventTime"] {
        let wrong = refused(&with(whole(), json!({ name: 5 })));
        assert_eq!((wrong.place, wrong.rule), (name, "WrongType"));
    }
    for (more, place, rule) in [
        (
            json!({ "@context": "http://schema.org" }),
            "@context",
            "NotCaliper",
        ),
        (json!({ "@context": 1 }), "@context", "NotCaliper"),
        (json!({ "actor": { "type": "Person" } }), "actor", "Missing"),
        (json!({ "object": { "id": [1] } }), "object", "WrongType"),
        (json!({ "eventTime": "yesterday" }), "eventTime", "BadTime"),
        (
            json!({ "eventTime": "2024-03-01T10:00:00" }),
            "eventTime",
            "NoZone",
        ),
        (json!({ "actor": " " }), "learner", "BadId"),
        (json!({ "object": "x".repeat(600) }), "content", "TooLarge"),
        (json!({ "data": [1] }), "data", "NestedEnvelope"),
    ] {
        assert_eq!(refused(&with(whole(), more)), fault(place, rule));
    }
    let raw = |text: &str| {
        try_read(&ForeignOptions::default(), text.as_bytes())
            .1
            .unwrap_err()
    };
    assert_eq!(raw("{"), fault("record", "NotJson"));
    assert_eq!(raw("[]"), fault("record", "NotAnObject"));
    assert_eq!(raw("7"), fault("record", "NotAnObject"));
    assert_eq!(
        raw(r#"{"type":"A","type":"B"}"#),
        fault("record", "DuplicateKey")
    );
    assert_eq!(raw(r#"{"id":"\ud800"}"#), fault("record", "NotJson"));
    assert_eq!(
        raw(r#"{"generated":{"count":NaN}}"#),
        fault("record", "NotJson")
    );
    assert_eq!(
        raw(r#"{"generated":{"count":1e400}}"#),
        fault("record", "NotJson")
    );
    let deep = format!(
        "{}{}",
        r#"{"object":{"isPartOf":"#.repeat(5_000),
        "}}".repeat(5_000)
    );
    assert_eq!(raw(&deep), fault("record", "NotJson"));
    let deep = format!(
        "{}1{}",
        r#"{"object":"#.to_owned() + &r#"{"isPartOf":"#.repeat(9_999),
        "}".repeat(10_000)
    );
    assert_eq!(raw(&deep), fault("record", "TooDeep"));
}

#[test]
fn what_is_ignored_may_be_anything() {
    let tail = format!(
        r#","extensions":{{"a":{},"a":"\ud800","b":1e400}},"edApp":"{}"}}"#,
        "[".repeat(10_000) + &"]".repeat(10_000),
        "x".repeat(10 << 20)
    );
    let mut text = event("ViewEvent", "Viewed", page()).to_string();
    text.pop();
    text.push_str(&tail);
    let (mut out, read) = try_read(&ForeignOptions::default(), text.as_bytes());
    assert_eq!(read, Ok(()));
    assert_eq!(out.take_events().unwrap().height(), 1);
}

#[test]
fn contexts_may_stand_in_a_list_and_other_ids_are_kept() {
    let listed = json!({ "@context": [{ "x": 1 }, "https://purl.imsglobal.org/ctx/caliper/v1p1"] });
    row(&with(event("ViewEvent", "Viewed", page()), listed));
    let mut out = read(&with(
        event("ViewEvent", "Viewed", page()),
        json!({ "id": "event-7" }),
    ));
    assert_eq!(
        text(&out.take_events().unwrap(), "id").as_deref(),
        Some("event-7")
    );
    assert_eq!(found(&out, "ids of events that are no urn:uuid, kept"), 1);
}

#[test]
fn events_of_caliper_1_0_are_read() {
    let frame = row(&json!({
        "@context": "http://purl.imsglobal.org/ctx/caliper/v1/Context",
        "@type": "http://purl.imsglobal.org/caliper/v1/MediaEvent",
        "actor": { "@id": LEARNER, "@type": "http://purl.imsglobal.org/caliper/v1/lis/Person" },
        "action": "http://purl.imsglobal.org/vocab/caliper/v1/action#Paused",
        "object": { "@id": "v1", "@type": "http://purl.imsglobal.org/caliper/v1/VideoObject", "duration": 1420 },
        "target": { "@id": "l", "@type": "http://purl.imsglobal.org/caliper/v1/MediaLocation", "currentTime": 710 },
        "eventTime": TIME,
    }));
    assert_eq!(text(&frame, "verb").as_deref(), Some("paused"));
    assert_eq!(number(&frame, "position"), Some(710.0));
    assert_eq!(number(&frame, "length"), Some(1420.0));
}

#[test]
fn entities_and_empty_envelopes_are_counted() {
    let mut out = read(&json!({ "@context": "x", "id": SECTION, "type": "CourseSection" }));
    assert_eq!(out.take_events().unwrap().height(), 0);
    assert_eq!(found(&out, "entity descriptions, no events"), 1);
    let out = read(&json!({ "sensor": "s", "data": [] }));
    assert_eq!(found(&out, "envelopes without events"), 1);
}

#[test]
fn options_give_zone_and_home_page() {
    let options = ForeignOptions {
        zone: Some(crate::data::Zone::new("Europe/Helsinki").unwrap()),
        home_page: Some("https://uni.example".to_owned()),
        ..ForeignOptions::default()
    };
    let local = with(
        event("ViewEvent", "Viewed", page()),
        json!({ "eventTime": "2024-03-01T12:00:00.250" }),
    );
    let (mut out, read) = try_read(&options, local.to_string().as_bytes());
    assert_eq!(read, Ok(()));
    let frame = out.take_events().unwrap();
    assert_eq!(micros(&frame, "time"), Some(MICROS));
    assert_eq!(text(&frame, "learner").as_deref(), Some("17"));
}
