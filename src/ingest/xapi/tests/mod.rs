//! Statements that fill each column, and the rules that refuse them.

use serde_json::{Value, json};

use polars::prelude::*;

use super::*;

mod columns;
mod damage;
mod forms;
mod refused;
mod told;

/// A statement that tells as little as may be.
fn least() -> Value {
    json!({
        "id": "11111111-2222-3333-4444-555555555555",
        "actor": { "account": { "homePage": "http://lms.example", "name": "ann" } },
        "verb": { "id": "http://adlnet.gov/expapi/verbs/experienced" },
        "object": { "id": "http://lms.example/page/1" },
        "timestamp": "2024-03-01T10:00:00Z",
    })
}

/// `change` laid over a statement: objects are joined, null takes away, all else replaces.
fn with(mut statement: Value, change: &Value) -> Value {
    match (&mut statement, change) {
        (Value::Object(map), Value::Object(change)) => {
            for (key, change) in change {
                if change.is_null() {
                    map.remove(key);
                } else {
                    let old = map.remove(key).unwrap_or(Value::Null);
                    map.insert(key.clone(), with(old, change));
                }
            }
            statement
        }
        _ => change.clone(),
    }
}

fn read_with<'a>(
    options: &'a ForeignOptions,
    text: &[u8],
) -> std::result::Result<Batch<'a>, Fault> {
    let mut batch = Batch::new(options.pseudonyms.as_ref());
    Xapi::new(options).read(text, &mut batch)?;
    Ok(batch)
}

fn events(change: &Value) -> DataFrame {
    let text = with(least(), change).to_string();
    let options = ForeignOptions::default();
    let mut batch = read_with(&options, text.as_bytes()).unwrap();
    batch.take_events().unwrap()
}

fn findings(change: &Value) -> Vec<&'static str> {
    let text = with(least(), change).to_string();
    let options = ForeignOptions::default();
    let batch = read_with(&options, text.as_bytes()).unwrap();
    batch.findings.into_keys().collect()
}

fn refused(change: &Value) -> (&'static str, &'static str) {
    let text = with(least(), change).to_string();
    let options = ForeignOptions::default();
    let fault = read_with(&options, text.as_bytes());
    let fault = fault.err().unwrap_or_else(|| panic!("accepted: {text}"));
    (fault.place, fault.rule)
}

fn cells(frame: &DataFrame, column: &str) -> Vec<String> {
    let column = frame.column(column).unwrap();
    let cell = |row| match column.get(row).unwrap() {
        AnyValue::Null => String::new(),
        value => value.str_value().into_owned(),
    };
    (0..frame.height()).map(cell).collect()
}

fn video(name: &str) -> String {
    format!("https://w3id.org/xapi/video/extensions/{name}")
}
