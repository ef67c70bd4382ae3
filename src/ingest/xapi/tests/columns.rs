//! Each column has a statement that fills it; the published tables are those in use.

use std::fmt::Write as _;

use super::*;
use crate::ingest::foreign::Standard;

/// For each column: a change to the least statement, and what the column then holds.
#[expect(clippy::too_many_lines, reason = "a table")]
pub(super) fn columns() -> Vec<(&'static str, Value, &'static str)> {
    let of_video =
        |name: &str, value: Value| json!({ "result": { "extensions": { video(name): value } } });
    vec![
        ("learner", json!({}), "http://lms.example ann"),
        (
            "learner",
            json!({ "actor": { "account": null, "mbox": "mailto:ann@example.org" } }),
            "mailto:ann@example.org",
        ),
        (
            "learner",
            json!({ "actor": { "account": null, "mbox_sha1sum": "CD9B00A5611F94EAA7B1661EDAB976068E364975" } }),
            "cd9b00a5611f94eaa7b1661edab976068e364975",
        ),
        (
            "learner",
            json!({ "actor": { "account": null, "openid": "http://ann.example/" } }),
            "http://ann.example/",
        ),
        ("time", json!({}), "2024-03-01 10:00:00 UTC"),
        (
            "time",
            json!({ "timestamp": null, "stored": "2024-03-01T12:00:00+01:00" }),
            "2024-03-01 11:00:00 UTC",
        ),
        (
            "time",
            json!({ "result": { "duration": "PT1M30.5S" } }),
            "2024-03-01 09:58:29.500 UTC",
        ),
        ("content", json!({}), "http://lms.example/page/1"),
        (
            "content",
            json!({ "object": { "id": "http://lms.example/xblock/block-v1%3AA+B+C+type@html+block@1" } }),
            "block-v1:A+B+C+type@html+block@1",
        ),
        ("verb", json!({}), "viewed"),
        (
            "verb",
            json!({ "verb": { "id": "https://adlnet.gov/expapi/verbs/experienced/" } }),
            "viewed",
        ),
        (
            "verb",
            json!({ "verb": { "id": "http://example.org/pondered" } }),
            "interacted",
        ),
        (
            "verb",
            json!({ "verb": { "id": "https://w3id.org/xapi/acrossx/verbs/evaluated" } }),
            "graded",
        ),
        (
            "verb",
            json!({ "verb": { "id": "https://w3id.org/xapi/acrossx/verbs/evaluated" }, "object": { "definition": { "interactionType": "choice" } } }),
            "submitted",
        ),
        (
            "course",
            json!({ "object": { "definition": { "type": "http://adlnet.gov/expapi/activities/course" } } }),
            "http://lms.example/page/1",
        ),
        (
            "course",
            json!({ "context": { "contextActivities": { "parent": { "id": "http://lms.example/c/2", "definition": { "type": "http://x/course" } }, "grouping": [{ "id": "http://lms.example/c/1", "definition": { "type": "http://x/course" } }] } } }),
            "http://lms.example/c/1",
        ),
        (
            "course",
            json!({ "context": { "contextActivities": { "parent": [{ "id": "http://lms.example/x/course-v1:A+B+C/y" }] } } }),
            "course-v1:A+B+C",
        ),
        (
            "course",
            json!({ "object": { "id": "http://lms.example/xblock/block-v1:A+B+C+type@html+block@1" } }),
            "course-v1:A+B+C",
        ),
        (
            "session",
            json!({ "context": { "extensions": { video("session-id"): "s1" } } }),
            "s1",
        ),
        (
            "session",
            json!({ "context": { "extensions": { "https://w3id.org/xapi/cmi5/context/extensions/sessionid": "s2" } } }),
            "s2",
        ),
        (
            "duration",
            json!({ "result": { "duration": "PT2M" } }),
            "2m",
        ),
        ("position", of_video("time", json!(12.5)), "12.5"),
        (
            "position",
            json!({ "result": { "extensions": { video("time-from"): 1, video("time"): 9 } } }),
            "1.0",
        ),
        ("position_to", of_video("time-to", json!(3)), "3.0"),
        (
            "speed",
            json!({ "context": { "extensions": { video("speed"): "1.5x" } } }),
            "1.5",
        ),
        (
            "length",
            json!({ "context": { "extensions": { video("length"): 300 } } }),
            "300.0",
        ),
        (
            "score",
            json!({ "result": { "score": { "scaled": 0.5, "raw": 9, "max": 10 } } }),
            "0.5",
        ),
        (
            "score",
            json!({ "result": { "score": { "raw": 6, "min": 2, "max": 10 } } }),
            "0.5",
        ),
        (
            "score",
            json!({ "result": { "score": { "scaled": -0.5, "raw": 3, "max": 4 } } }),
            "0.75",
        ),
        (
            "score",
            json!({ "result": { "score": { "scaled": -0.5 } } }),
            "",
        ),
        ("score", json!({ "result": { "score": { "raw": 3 } } }), ""),
        (
            "success",
            json!({ "result": { "success": false } }),
            "false",
        ),
        ("progress", of_video("progress", json!(0.25)), "0.25"),
        (
            "progress",
            json!({ "result": { "extensions": { "https://w3id.org/xapi/cmi5/result/extensions/progress": 40 } } }),
            "0.4",
        ),
        (
            "segments",
            of_video("played-segments", json!("0[.]5[,]7[.]9")),
            "0[.]5[,]7[.]9",
        ),
        (
            "attempt",
            json!({ "object": { "definition": { "extensions": { "http://id.tincanapi.com/extension/attempt-id": 3 } } } }),
            "3",
        ),
        (
            "response",
            json!({ "result": { "response": "b[,]a" }, "object": { "definition": { "interactionType": "choice", "choices": [{ "id": "a" }, { "id": "b" }] } } }),
            "b[,]a",
        ),
        (
            "response",
            json!({ "result": { "response": "true" }, "object": { "definition": { "interactionType": "true-false" } } }),
            "true",
        ),
        (
            "response",
            json!({ "result": { "response": "a[.]1" }, "object": { "definition": { "interactionType": "matching", "source": [{ "id": "a" }], "target": [{ "id": "1" }] } } }),
            "a[.]1",
        ),
        (
            "response",
            json!({ "result": { "response": "I am Ann" }, "object": { "definition": { "interactionType": "choice", "choices": [{ "id": "a" }] } } }),
            "",
        ),
        (
            "response",
            json!({ "result": { "response": "3.5" }, "object": { "definition": { "interactionType": "numeric" } } }),
            "3.5",
        ),
        (
            "response",
            json!({ "result": { "response": "about 3" }, "object": { "definition": { "interactionType": "numeric" } } }),
            "",
        ),
        (
            "response",
            json!({ "result": { "response": "Ann" }, "object": { "definition": { "interactionType": "fill-in" } } }),
            "",
        ),
        (
            "response",
            json!({ "result": { "response": "Ann" }, "object": { "definition": { "interactionType": "long-fill-in" } } }),
            "",
        ),
        (
            "response",
            json!({ "result": { "response": "Ann" }, "object": { "definition": { "interactionType": "other" } } }),
            "",
        ),
        ("response", json!({ "result": { "response": "Ann" } }), ""),
        (
            "received",
            json!({ "stored": "2024-03-01T10:00:01.25Z" }),
            "2024-03-01 10:00:01.250 UTC",
        ),
        (
            "id",
            json!({ "id": "AAAAAAAA-2222-3333-4444-555555555555" }),
            "aaaaaaaa-2222-3333-4444-555555555555",
        ),
    ]
}

#[test]
fn each_column_is_filled_by_what_the_table_says() {
    for (column, change, value) in columns() {
        let frame = events(&change);
        assert_eq!(cells(&frame, column), [value], "{column} {change}");
    }
    for (column, _) in MAPPING.fields {
        assert!(
            columns().iter().any(|(name, ..)| name == column),
            "{column}"
        );
    }
    let names = events(&json!({})).get_column_names_owned();
    let mapped: Vec<&str> = MAPPING.fields.iter().map(|(name, _)| *name).collect();
    for name in names {
        assert!(
            mapped.contains(&name.as_str()),
            "{name} is not in the table"
        );
    }
}

#[test]
fn the_published_page_holds_the_very_tables() {
    let page = include_str!("../MAPPING.md");
    assert!(
        page.contains(&MAPPING.markdown()),
        "write:\n{}",
        MAPPING.markdown()
    );
    let mut kinds = String::from("| last word of the type | kind |\n|---|---|\n");
    for (word, kind) in super::super::kinds::KINDS {
        let _ = writeln!(kinds, "| `{word}` | `{}` |", kind.word());
    }
    assert!(page.contains(&kinds), "write:\n{kinds}");
    for word in super::super::kinds::MODULES {
        assert!(page.contains(word), "{word}");
    }
}

#[test]
fn every_verb_is_looked_up_and_stands_in_the_table_once() {
    let reader = Xapi::new(&ForeignOptions::default());
    assert_eq!(reader.verbs.len(), MAPPING.verbs.len());
    for (name, verb) in MAPPING.verbs {
        assert_eq!(reader.verb(name), Some(*verb), "{name}");
        assert!(super::super::rules::is_iri(name), "{name}");
    }
    assert_eq!(Standard::Xapi.mapping().verbs, MAPPING.verbs);
}
