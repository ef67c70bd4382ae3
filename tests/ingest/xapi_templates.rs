//! The templates of ADL's conformance test: fragments of statements, good and bad. Each is put
//! into a whole statement and judged.

#![expect(
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a template that is not as expected fails the test"
)]

use std::collections::BTreeMap;
use std::env;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use super::folder_with;
use super::xapi::{read, rules};

/// Fragments whose name says that something is absent or bad, and that are good all the same.
const GOOD: &[(&str, &str)] = &[
    ("verbs/no_display", "`display` is optional"),
    ("results/no_extensions", "`extensions` are optional"),
    ("contexts/no_extensions", "`extensions` are optional"),
    ("contexts/no_platform", "`platform` is optional"),
    ("contexts/no_revision", "`revision` is optional"),
    ("activities/no_definition", "`definition` is optional"),
    ("activities/no_extensions", "`extensions` are optional"),
    (
        "activities/no_languages",
        "a definition may have neither name nor description",
    ),
    (
        "activities/no_objectType",
        "an object without `objectType` is an activity",
    ),
    (
        "groups/identified_account_no_member",
        "an identified group need not tell its members",
    ),
    (
        "groups/identified_mbox_no_member",
        "an identified group need not tell its members",
    ),
    (
        "groups/identified_mbox_sha1sum_no_member",
        "an identified group need not tell its members",
    ),
    (
        "groups/identified_openid_no_member",
        "an identified group need not tell its members",
    ),
];

/// Fragments that are bad though their name does not say it.
const BAD: &[(&str, &str)] = &[
    ("activities/string_name", "a name is a map of languages"),
    (
        "activities/string_description",
        "a description is a map of languages",
    ),
    ("activities/numeric_name", "a name is a map of languages"),
    (
        "activities/numeric_description",
        "a description is a map of languages",
    ),
];

/// Fragments that are refused in one place only, and why.
const BAD_THERE: &[(&str, &str, &str)] = &[
    (
        "groups/anonymous",
        "authority",
        "an authority that is a group has two members",
    ),
    (
        "groups/default",
        "authority",
        "an authority that is a group is not identified",
    ),
    ("groups/identified_account", "authority", "as above"),
    (
        "groups/identified_account_no_member",
        "authority",
        "as above",
    ),
    ("groups/identified_mbox", "authority", "as above"),
    ("groups/identified_mbox_no_member", "authority", "as above"),
    ("groups/identified_mbox_sha1sum", "authority", "as above"),
    (
        "groups/identified_mbox_sha1sum_no_member",
        "authority",
        "as above",
    ),
    ("groups/identified_openid", "authority", "as above"),
    (
        "groups/identified_openid_no_member",
        "authority",
        "as above",
    ),
    ("verbs/voided", "verb", "it voids an activity"),
];

fn templates() -> Option<PathBuf> {
    let data = env::var_os("KOHORT_DATA").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/data"),
        PathBuf::from,
    );
    let folder = data.join("adl_lrs_templates");
    if folder.is_dir() {
        return Some(folder);
    }
    eprintln!(
        "skipped: no templates at {}; set KOHORT_DATA",
        folder.display()
    );
    None
}

/// The fragments of one version, by folder and name.
fn fragments(folder: &Path) -> BTreeMap<String, Value> {
    let mut all = BTreeMap::new();
    for kind in fs::read_dir(folder).unwrap() {
        let kind = kind.unwrap();
        for file in fs::read_dir(kind.path()).unwrap() {
            let path = file.unwrap().path();
            let text = fs::read_to_string(&path).unwrap();
            let value = serde_json::from_str(text.trim_start_matches('\u{feff}')).unwrap();
            let name = path.file_stem().unwrap().to_string_lossy().into_owned();
            all.insert(
                format!("{}/{name}", kind.file_name().to_string_lossy()),
                value,
            );
        }
    }
    all
}

/// Puts the default fragment where a template leaves a place for one.
fn filled(value: &Value, key: &str, all: &BTreeMap<String, Value>) -> Value {
    let place = match value {
        Value::Object(map) if map.len() == 1 => match map.get("objectType").and_then(Value::as_str)
        {
            Some("Agent") => Some("agents/default"),
            Some("Group") => Some("groups/default"),
            Some("Activity") => Some("activities/default"),
            Some("SubStatement") => Some("substatements/default"),
            _ => None,
        },
        Value::Object(map) if map.is_empty() && key == "verb" => Some("verbs/default"),
        Value::Object(map) if map.is_empty() && key == "context" => Some("contexts/default"),
        Value::Object(map) if map.is_empty() && key == "result" => Some("results/default"),
        _ => None,
    };
    if let Some(place) = place {
        return all[place].clone();
    }
    match value {
        Value::Object(map) => map
            .iter()
            .map(|(key, value)| (key.clone(), filled(value, key, all)))
            .collect(),
        Value::Array(values) => values.iter().map(|value| filled(value, "", all)).collect(),
        other => other.clone(),
    }
}

/// The whole statements that a fragment may stand in, by the place where it stands.
fn statements(
    name: &str,
    fragment: &Value,
    all: &BTreeMap<String, Value>,
) -> Vec<(&'static str, Value)> {
    let whole = |changes: &[(&'static str, Value)]| {
        let mut statement = all["statements/default"].clone();
        for (place, value) in changes {
            statement[*place] = value.clone();
        }
        statement["timestamp"] = json!("2024-03-01T10:00:00Z");
        statement
    };
    let of = |place: &'static str| (place, whole(&[(place, fragment.clone())]));
    let inside =
        |place: &'static str, key: &str| (place, whole(&[("context", json!({ key: fragment }))]));
    let (kind, _) = name.split_once('/').unwrap();
    match kind {
        "agents" => vec![
            of("actor"),
            of("object"),
            of("authority"),
            inside("instructor", "instructor"),
        ],
        "groups" => vec![
            of("actor"),
            of("object"),
            of("authority"),
            inside("team", "team"),
            inside("instructor", "instructor"),
        ],
        "activities" => vec![
            of("object"),
            (
                "parent",
                whole(&[(
                    "context",
                    json!({ "contextActivities": { "parent": [fragment] } }),
                )]),
            ),
        ],
        "verbs" if name == "verbs/voided" => {
            let target = all["statements/object_statementref"]["object"].clone();
            vec![
                of("verb"),
                (
                    "voiding",
                    whole(&[("verb", fragment.clone()), ("object", target)]),
                ),
            ]
        }
        "verbs" => vec![of("verb")],
        "contexts" => vec![of("context")],
        "results" => vec![of("result")],
        "substatements" => vec![of("object")],
        "statements" => {
            let mut statement = fragment.clone();
            statement["timestamp"] = json!("2024-03-01T10:00:00Z");
            vec![("whole", statement)]
        }
        other => panic!("no such kind of template: {other}"),
    }
}

fn is_bad(name: &str, place: &str) -> bool {
    let (_, short) = name.split_once('/').unwrap();
    let says = short.contains("invalid") || short.starts_with("no_") || short.contains("_no_");
    let listed = |list: &[(&str, &str)]| list.iter().any(|(listed, _)| *listed == name);
    let there = BAD_THERE
        .iter()
        .any(|(listed, at, _)| *listed == name && *at == place);
    (says && !listed(GOOD)) || listed(BAD) || there
}

#[test]
fn the_good_are_accepted_and_the_bad_refused_by_rule() {
    let Some(folder) = templates() else { return };
    for (version, fragments_there, statements_there) in [("v1_0_3", 119, 0), ("v2_0", 121, 0)] {
        let all = fragments(&folder.join(version));
        assert_eq!(all.len(), fragments_there, "{version}");
        let mut seen = statements_there;
        let mut refused = BTreeMap::new();
        for (name, fragment) in &all {
            for (place, statement) in statements(name, &filled(fragment, "", &all), &all) {
                seen += 1;
                let text = format!("{statement}\n");
                let path = folder_with("xapi_template", &[("statement.jsonl", &text)]);
                let rules = rules(&read(&path).unwrap());
                assert_eq!(
                    !rules.is_empty(),
                    is_bad(name, place),
                    "{version} {name} as {place}: {rules:?}\n{statement}"
                );
                for rule in rules {
                    *refused
                        .entry(rule.split(' ').next_back().unwrap().to_owned())
                        .or_insert(0) += 1;
                }
            }
        }
        assert!(
            seen > 100 && !refused.is_empty(),
            "{version}: {seen}, {refused:?}"
        );
    }
    let known = |name: &str| folder.join("v2_0").join(format!("{name}.json")).exists();
    for (name, _) in GOOD.iter().chain(BAD) {
        assert!(known(name), "{name}");
    }
}
