//! What the specification forbids is refused under the name of its rule.

use super::*;

#[test]
#[expect(clippy::too_many_lines, reason = "a table")]
fn what_the_specification_forbids_is_refused_by_name() {
    let choice = |choices: Value| json!({ "object": { "definition": { "interactionType": "choice", "choices": choices } } });
    for (change, place, rule) in [
        (json!({ "id": "1" }), "id", "NotAUuid"),
        (json!({ "extra": 1 }), "statement", "UnknownProperty"),
        (
            json!({ "Timestamp": "2024-03-01T10:00:00Z" }),
            "statement",
            "UnknownProperty",
        ),
        (
            json!({ "actor": { "mbox": "mailto:a@b.c" } }),
            "actor",
            "SeveralIdentifiers",
        ),
        (
            json!({ "actor": { "account": { "name": 7 } } }),
            "actor",
            "NotAString",
        ),
        (
            json!({ "actor": { "member": [] } }),
            "actor",
            "MemberOfAgent",
        ),
        (
            json!({ "actor": { "objectType": "agent" } }),
            "actor",
            "BadObjectType",
        ),
        (
            json!({ "actor": { "objectType": "Group", "member": [{ "objectType": "Group", "member": [] }] } }),
            "actor",
            "GroupInGroup",
        ),
        (json!({ "verb": "experienced" }), "verb", "NotAnObject"),
        (
            json!({ "verb": { "id": "experienced" } }),
            "verb.id",
            "NotAnIri",
        ),
        (
            json!({ "verb": { "display": { "en_US": "x" } } }),
            "verb.display",
            "BadLanguage",
        ),
        (
            json!({ "verb": { "id": "http://adlnet.gov/expapi/verbs/voided" } }),
            "object",
            "VoidsNoStatement",
        ),
        (
            json!({ "object": { "id": "page" } }),
            "object.id",
            "NotAnIri",
        ),
        (
            json!({ "object": { "objectType": "Activities" } }),
            "object",
            "BadObjectType",
        ),
        (
            json!({ "object": { "objectType": "StatementRef" } }),
            "object.id",
            "NotAUuid",
        ),
        (
            json!({ "object": { "definition": { "type": "page" } } }),
            "object.definition",
            "NotAnIri",
        ),
        (
            json!({ "object": { "definition": { "extensions": { "x": 1 } } } }),
            "object.definition",
            "NotAnIri",
        ),
        (
            json!({ "object": { "definition": { "scale": [] } } }),
            "object.definition",
            "NoInteractionType",
        ),
        (
            choice(json!([{ "id": "a" }, { "id": "a" }])),
            "object.definition",
            "DuplicateId",
        ),
        (
            choice(json!([{ "description": {} }])),
            "object.definition",
            "NoId",
        ),
        (
            json!({ "result": { "score": { "scaled": 1.1 } } }),
            "result.score",
            "ScaledOutOfBounds",
        ),
        (
            json!({ "result": { "score": { "raw": 5, "max": 4 } } }),
            "result.score",
            "RawOutOfBounds",
        ),
        (
            json!({ "result": { "score": { "min": 4, "max": 4 } } }),
            "result.score",
            "MinNotBelowMax",
        ),
        (
            json!({ "result": { "success": "true" } }),
            "result",
            "NotABoolean",
        ),
        (
            json!({ "result": { "duration": "1h" } }),
            "result.duration",
            "BadDuration",
        ),
        (
            json!({ "context": { "registration": "r" } }),
            "context.registration",
            "NotAUuid",
        ),
        (
            json!({ "context": { "language": "en_US" } }),
            "context.language",
            "BadLanguage",
        ),
        (
            json!({ "context": { "team": { "mbox": "mailto:a@b.c" } } }),
            "context.team",
            "TeamNotAGroup",
        ),
        (
            json!({ "context": { "contextActivities": { "parent": [{ "objectType": "Agent" }] } } }),
            "context.contextActivities",
            "BadObjectType",
        ),
        (
            json!({ "context": { "statement": { "id": "11111111-2222-3333-4444-555555555555" } } }),
            "context.statement",
            "BadObjectType",
        ),
        (
            json!({ "context": { "contextAgents": [{ "objectType": "contextAgent" }] } }),
            "context.contextAgents",
            "NoRelatedActor",
        ),
        (
            json!({ "context": { "platform": "x" }, "object": { "objectType": "Agent", "id": null, "mbox": "mailto:a@b.c" } }),
            "context",
            "OnlyOfActivity",
        ),
        (json!({ "timestamp": "2024-03-01" }), "timestamp", "BadTime"),
        (
            json!({ "timestamp": "2024-03-01T10:00:00" }),
            "timestamp",
            "NoOffset",
        ),
        (json!({ "timestamp": null }), "timestamp", "NoTime"),
        (json!({ "version": "0.95" }), "version", "BadVersion"),
        (json!({ "version": "1.0.x" }), "version", "BadVersion"),
        (
            json!({ "authority": { "objectType": "Group", "member": [{ "mbox": "mailto:a@b.c" }] } }),
            "authority",
            "BadAuthority",
        ),
        (
            json!({ "attachments": [{ "usageType": "http://x/y" }] }),
            "attachments",
            "IncompleteAttachment",
        ),
        (
            json!({ "actor": { "account": { "name": "\u{200b}" } } }),
            "learner",
            "BadId",
        ),
        (
            json!({ "object": { "id": format!("http://x/{}", "y".repeat(3_000)) } }),
            "content",
            "TooLarge",
        ),
    ] {
        assert_eq!(refused(&change), (place, rule), "{change}");
    }
    let inside = |change: &Value| {
        let sub = with(
            least(),
            &json!({ "id": null, "object": { "objectType": "Activity" } }),
        );
        json!({ "object": with(with(sub, &json!({ "objectType": "SubStatement" })), change) })
    };
    let whole = |change: &Value| with(with(least(), &json!({ "object": null })), &inside(change));
    let options = ForeignOptions::default();
    assert!(read_with(&options, whole(&json!({})).to_string().as_bytes()).is_ok());
    for (change, rule) in [
        (
            json!({ "id": "11111111-2222-3333-4444-555555555555" }),
            "NotInSubStatement",
        ),
        (
            json!({ "object": { "id": null, "objectType": "SubStatement" } }),
            "NestedSubStatement",
        ),
        (json!({ "actor": null }), "NoActor"),
    ] {
        let fault = read_with(&options, whole(&change).to_string().as_bytes())
            .err()
            .unwrap();
        assert_eq!((fault.place, fault.rule), ("object", rule), "{change}");
    }
}

#[test]
fn null_is_refused_everywhere_but_in_extensions() {
    let text = |key: &str| format!("{{\"{key}\":null,{}", least().to_string().get(1..).unwrap());
    for key in [
        "result",
        "context",
        "attachments",
        "stored",
        "version",
        "authority",
    ] {
        let fault = read_with(&ForeignOptions::default(), text(key).as_bytes())
            .err()
            .unwrap();
        assert_eq!(fault.rule, "NullValue", "{key}");
    }
    let text = text("stored").replace("\"stored\":null", "\"result\":{\"extensions\":{\"a:b\":null,\"https://w3id.org/xapi/video/extensions/time\":null}}");
    assert!(read_with(&ForeignOptions::default(), text.as_bytes()).is_ok());
}

/// A reader that takes what is no statement would be found here.
#[test]
fn the_negative_control_is_refused() {
    for text in [
        "{}",
        "[]",
        "null",
        "{\"actor\":{}}",
        "\"statement\"",
        "{\"statements\":[]}",
    ] {
        assert!(
            read_with(&ForeignOptions::default(), text.as_bytes()).is_err(),
            "{text}"
        );
    }
}
