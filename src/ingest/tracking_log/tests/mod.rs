mod details;
mod kept;
mod robust;
mod rules;

use polars::prelude::*;
use serde_json::{Value as Json, json};

use super::super::batch::{Batch, FactsBeside, Fault};
use super::super::feed::{Dialect, ForeignOptions};
use super::TrackingLog;

const COURSE: &str = "course-v1:Uni+Stats1+2024";
const PROBLEM: &str = "block-v1:Uni+Stats1+2024+type@problem+block@p1";
const VIDEO: &str = "block-v1:Uni+Stats1+2024+type@video+block@v1";

/// What one record gave.
struct Got {
    events: DataFrame,
    facts: FactsBeside,
    findings: Vec<&'static str>,
    unknown: Vec<String>,
    refused: Option<Fault>,
}

impl Got {
    /// The value of a column in the only event, as text.
    fn cell(&self, name: &str) -> Option<String> {
        assert_eq!(self.events.height(), 1, "{:?}", self.refused);
        let value = self.events.column(name).unwrap().get(0).unwrap();
        let text = value.get_str().map(str::to_owned);
        (!value.is_null()).then(|| text.unwrap_or_else(|| value.to_string()))
    }

    fn rule(&self) -> (&'static str, &'static str) {
        assert_eq!(self.events.height(), 0);
        let fault = self.refused.unwrap();
        (fault.place, fault.rule)
    }
}

fn read_bytes(record: &[u8]) -> Got {
    let reader = TrackingLog::new(&ForeignOptions::default());
    let mut out = Batch::new(None);
    let refused = reader.read(record, &mut out).err();
    let events = out.take_events().unwrap();
    assert!(refused.is_none() || events.height() == 0);
    Got {
        events,
        unknown: out.take_unknown().into_keys().collect(),
        findings: out.findings.keys().copied().collect(),
        facts: out.facts,
        refused,
    }
}

fn read(record: &Json) -> Got {
    read_bytes(record.to_string().as_bytes())
}

/// An event of the server in the course, with a detail.
fn server(name: &str, event: Json) -> Json {
    json!({
        "event_type": name,
        "name": name,
        "event_source": "server",
        "event": event,
        "time": "2024-03-05T10:00:00.250000+00:00",
        "session": "0123456789abcdef0123456789abcdef",
        "username": "ann",
        "agent": "Mozilla/5.0 (X11; Linux x86_64) Firefox/115.0",
        "page": "x_module",
        "context": {"user_id": 7, "course_id": COURSE, "path": "/"},
    })
}

/// An event of a browser: the detail is a text.
fn browser(name: &str, event: &Json) -> Json {
    let mut record = server(name, event.to_string().into());
    record["event_source"] = "browser".into();
    record["page"] = format!("https://lms.example.org/courses/{COURSE}/courseware/c1/s1/").into();
    record
}
