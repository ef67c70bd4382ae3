//! Events written from the specification; the files beside say what becomes of them.

mod robust;
mod rows;
mod rules;

use polars::prelude::*;
use serde_json::{Value, json};

use super::super::batch::{Batch, Fault};
use super::super::feed::{Dialect, ForeignOptions};
use super::Caliper;

const TIME: &str = "2024-03-01T10:00:00.250Z";
const MICROS: i64 = 1_709_287_200_250_000;
const LEARNER: &str = "https://uni.example/people/17";
const SECTION: &str = "https://uni.example/terms/2024/courses/bio/sections/1";

/// An event of a type with an action about an object, with everything that is required.
fn event(kind: &str, action: &str, object: Value) -> Value {
    json!({
        "@context": "http://purl.imsglobal.org/ctx/caliper/v1p2",
        "id": "urn:uuid:0f1c2d3e-4b5a-4978-8697-a6b5c4d3e2f1",
        "type": kind,
        "actor": { "id": LEARNER, "type": "Person" },
        "action": action,
        "object": object,
        "eventTime": TIME,
        "group": { "id": SECTION, "type": "CourseSection" },
    })
}

pub(in crate::ingest) fn with(mut event: Value, more: Value) -> Value {
    for (name, value) in more.as_object().unwrap() {
        event[name] = value.clone();
    }
    event
}

fn page() -> Value {
    json!({ "id": "https://uni.example/pages/cells", "type": "WebPage" })
}

fn film() -> Value {
    json!({ "id": "https://uni.example/films/4", "type": "VideoObject", "duration": "PT20M30.5S" })
}

fn attempt() -> Value {
    json!({
        "id": "https://uni.example/quizzes/9/attempts/2",
        "type": "Attempt",
        "assignee": { "id": LEARNER, "type": "Person" },
        "assignable": { "id": "https://uni.example/quizzes/9", "type": "Assessment", "maxScore": 8 },
        "count": 2,
        "duration": "PT5M",
    })
}

fn try_read<'a>(options: &ForeignOptions, record: &[u8]) -> (Batch<'a>, Result<(), Fault>) {
    let mut out = Batch::new(None);
    let read = Caliper::new(options).read(record, &mut out);
    (out, read)
}

fn read(event: &Value) -> Batch<'static> {
    let (out, read) = try_read(&ForeignOptions::default(), event.to_string().as_bytes());
    assert_eq!(read, Ok(()), "{event}");
    out
}

fn refused(event: &Value) -> Fault {
    let (mut out, read) = try_read(&ForeignOptions::default(), event.to_string().as_bytes());
    assert_eq!(out.take_events().unwrap().height(), 0);
    read.unwrap_err()
}

fn row(event: &Value) -> DataFrame {
    let frame = read(event).take_events().unwrap();
    assert_eq!(frame.height(), 1, "{event}");
    frame
}

pub(in crate::ingest) fn text(frame: &DataFrame, name: &str) -> Option<String> {
    let column = frame.column(name).unwrap().str().unwrap();
    column.get(0).map(str::to_owned)
}

pub(in crate::ingest) fn number(frame: &DataFrame, name: &str) -> Option<f64> {
    let column = frame
        .column(name)
        .unwrap()
        .cast(&DataType::Float64)
        .unwrap();
    column.f64().unwrap().get(0)
}

pub(in crate::ingest) fn micros(frame: &DataFrame, name: &str) -> Option<i64> {
    let column = frame.column(name).unwrap().cast(&DataType::Int64).unwrap();
    column.i64().unwrap().get(0)
}

pub(in crate::ingest) fn found(out: &Batch<'_>, finding: &str) -> u64 {
    out.findings.get(finding).copied().unwrap_or_default()
}
