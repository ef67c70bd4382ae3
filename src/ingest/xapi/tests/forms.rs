//! What is read by its form is what is read without it.

use proptest::prelude::*;
use proptest::sample::Index;

use super::columns::columns;
use super::*;

/// As [`Xapi::statement`] read before there were forms; `of_activity` is asked for by the rules
/// of a whole statement only, which a form has passed.
fn slow<'a>(text: &Json<'a>) -> std::result::Result<Statement<'a>, Fault> {
    let mut json = text.clone();
    let mut statement = Statement::read(&mut json, None, false)?;
    json.end()?;
    statement.context.of_activity = false;
    Ok(statement)
}

fn by_form<'a>(text: &Json<'a>) -> Option<Statement<'a>> {
    form::read(text, None)
}

/// Reads and learns.
fn learn(text: &str) {
    let json = Json::new(text.as_bytes()).unwrap();
    if let Ok(statement) = slow(&json) {
        form::learn(&json, &statement);
    }
}

/// A statement that says a lot, all of which a form can leave open.
fn much() -> Value {
    let told = json!({
        "actor": { "objectType": "Agent", "name": "Ann" },
        "verb": { "display": { "en": "answered" } },
        "object": {
            "objectType": "Activity",
            "definition": {
                "type": "http://adlnet.gov/expapi/activities/cmi.interaction",
                "interactionType": "choice",
                "choices": [{ "id": "a", "description": { "en": "A" } }, { "id": "b" }],
            },
        },
        "result": {
            "score": { "scaled": 0.5, "raw": 1, "min": 0, "max": 2 },
            "success": true, "completion": false, "response": "a", "duration": "PT1.5S",
            "extensions": { video("time"): 1.25, video("progress"): "0.5", "x:y": [1, { "z": null }] },
        },
        "context": {
            "registration": "11111111-2222-4333-8444-555555555555",
            "platform": "somewhere", "language": "de",
            "contextActivities": { "parent": [{ "id": "http://lms.example/course/course-v1:A+B+C" }] },
            "extensions": { video("session-id"): "s", video("speed"): "1.5x", video("length"): 60 },
        },
        "stored": "2024-03-01T10:00:00.123456+01:00",
        "authority": { "mbox": "mailto:lrs@lms.example" },
        "version": "1.0.3",
        "attachments": [],
    });
    with(least(), &told)
}

/// The least statement, or one that says much, with some changes.
fn statement() -> impl Strategy<Value = Value> {
    let changes: Vec<Value> = columns().into_iter().map(|(_, change, _)| change).collect();
    let base = prop::bool::ANY.prop_map(|rich| if rich { much() } else { least() });
    (
        base,
        prop::collection::vec(prop::sample::select(changes), 0..3),
    )
        .prop_map(|(base, changes)| changes.iter().fold(base, with))
}

/// Values that may take the place of others.
fn value() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(json!(null)),
        any::<bool>().prop_map(|flag| json!(flag)),
        (-3.0..3.0).prop_map(|number: f64| json!(number)),
        Just(json!("http://adlnet.gov/expapi/verbs/voided")),
        Just(json!("22222222-AAAA-4333-8444-555555555555")),
        Just(json!("2021-02-03T04:05:06Z")),
        Just(json!("PT3M")),
        Just(json!("\"\\\n\u{e9}\u{1f600}")),
        Just(json!("")),
        Just(json!("mailto:eve@lms.example")),
        Just(json!("StatementRef")),
        Just(json!({ "id": "a:b" })),
        Just(json!([{ "id": "a:b" }])),
        "[ -~]{0,20}".prop_map(|text| json!(text)),
    ]
}

/// Puts `new` in the place of one of the values inside.
fn replace(value: &mut Value, at: &mut usize, new: &Value) {
    let inside: Vec<&mut Value> = match value {
        Value::Object(map) => map.values_mut().collect(),
        Value::Array(all) => all.iter_mut().collect(),
        _ => Vec::new(),
    };
    for value in inside {
        if *at == 0 {
            *value = new.clone();
        }
        *at = at.wrapping_sub(1);
        replace(value, at, new);
    }
}

fn count(value: &Value) -> usize {
    match value {
        Value::Object(map) => map.values().map(|value| 1 + count(value)).sum(),
        Value::Array(all) => all.iter().map(|value| 1 + count(value)).sum(),
        _ => 0,
    }
}

#[test]
fn a_statement_that_says_much_has_a_form_with_all_of_it_open() {
    learn(&much().to_string());
    let other = with(
        much(),
        &json!({
            "id": "99999999-2222-3333-4444-555555555555",
            "actor": { "name": "Bob", "account": { "homePage": "http://a", "name": "\u{e9}\"" } },
            "verb": { "id": "http://adlnet.gov/expapi/verbs/failed", "display": { "de": "nein" } },
            "object": { "id": "http://lms.example/page/2", "definition": { "type": "a:b" } },
            "result": {
                "score": { "scaled": -1, "raw": 4e0, "min": -1.5, "max": 9 },
                "success": false, "completion": true, "response": "b", "duration": "P1Y",
                "extensions": { video("time"): "2x", video("progress"): false, "x:y": "z" },
            },
            "context": {
                "registration": "AAAAAAAA-2222-4333-8444-555555555555",
                "platform": "elsewhere",
                "contextActivities": { "grouping": { "id": "http://lms.example/course/course-v1:D+E+F" } },
                "extensions": { video("session-id"): 5, video("speed"): 2, video("length"): "61" },
            },
            "timestamp": "2024-03-02T10:00:00-05",
            "stored": "2025-03-01T10:00:00Z",
            "authority": { "mbox": null, "openid": "http://lms.example/lrs" },
            "attachments": [{
                "usageType": "a:b", "display": { "en": "x" }, "contentType": "y/z", "length": 1, "sha2": "ab",
            }],
        }),
    );
    for text in [other.to_string(), format!("{other} \n")] {
        let json = Json::new(text.as_bytes()).unwrap();
        assert_eq!(by_form(&json), slow(&json).ok());
        assert!(by_form(&json).is_some());
    }
    for (place, value) in [
        ("objectType", json!("Agent")),
        ("version", json!("1.0.2")),
        ("more", json!(1)),
    ] {
        let text = with(other.clone(), &json!({ place: value })).to_string();
        assert_eq!(by_form(&Json::new(text.as_bytes()).unwrap()), None);
    }
}

#[test]
fn what_does_not_go_together_is_refused_as_ever() {
    learn(&much().to_string());
    for (change, rule) in [
        (
            json!({ "verb": { "id": "http://adlnet.gov/expapi/verbs/voided" } }),
            "VoidsNoStatement",
        ),
        (
            json!({ "result": { "score": { "raw": 3 } } }),
            "RawOutOfBounds",
        ),
        (
            json!({ "result": { "score": { "scaled": 3 } } }),
            "ScaledOutOfBounds",
        ),
        (json!({ "result": { "success": null } }), "NullValue"),
        (json!({ "object": { "id": "no address" } }), "NotAnIri"),
        (json!({ "timestamp": "now" }), "BadTime"),
        (json!({ "authority": { "x": 1 } }), "UnknownProperty"),
    ] {
        let mut text = with(much(), &change).to_string();
        if rule == "NullValue" {
            text = much()
                .to_string()
                .replace("\"success\":true", "\"success\":null");
        }
        let options = ForeignOptions::default();
        let read = read_with(&options, text.as_bytes());
        assert_eq!(read.err().map(|fault| fault.rule), Some(rule));
    }
    let deep = format!("{}{}", "[".repeat(125), "]".repeat(125));
    for (inside, good) in [(&deep[1..249], true), (&deep[..], false)] {
        let text = much().to_string().replace("[1,{\"z\":null}]", inside);
        let json = Json::new(text.as_bytes()).unwrap();
        assert_eq!(slow(&json).is_ok(), good, "the limit of the slow reader");
        assert_eq!(by_form(&json).is_some(), good);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]

    /// Statements like each other, in which values were replaced and bytes changed: whatever a
    /// form reads is what is read without it.
    #[test]
    fn reading_by_form_is_reading(
        models in prop::collection::vec(statement(), 1..4),
        which in any::<Index>(),
        changes in prop::collection::vec((any::<Index>(), value()), 0..3),
        damage in prop::collection::vec((any::<Index>(), any::<u8>(), 0..4_u8), 0..3),
        spaced in any::<bool>())
    {
        let written = |value: &Value| {
            if spaced { serde_json::to_string_pretty(value).unwrap() } else { value.to_string() }
        };
        for model in &models {
            learn(&written(model));
        }
        let mut other = which.get(&models).clone();
        for (at, new) in changes {
            let mut at = at.index(count(&other));
            replace(&mut other, &mut at, &new);
        }
        let mut text = written(&other).into_bytes();
        for (at, byte, how) in damage {
            let at = at.index(text.len());
            match how {
                0 => text[at] = byte,
                1 => text[at] ^= 1 << (byte % 8),
                2 => { text.remove(at); }
                _ => text.insert(at, byte),
            }
        }
        let Ok(json) = Json::new(&text) else { return Ok(()) };
        let slow = slow(&json).ok();
        if let Some(read) = by_form(&json) {
            prop_assert_eq!(Some(read), slow);
        } else if let Some(statement) = slow {
            form::learn(&json, &statement);
            if let Some(again) = by_form(&json) {
                prop_assert_eq!(again, statement);
            }
        }
    }
}
