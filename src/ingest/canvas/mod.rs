#![doc = include_str!("MAPPING.md")]

mod enrollment;
mod ids;
mod model;
mod raw;
mod table;
#[cfg(test)]
mod tests;

use std::borrow::Cow;

use super::batch::{Batch, Fault};
use super::caliper::{self, Event, KnownAs, Reading, Verbs, is_envelope, record};
use super::feed::{Dialect, ForeignOptions};
use crate::data::Zone;

pub(super) use table::MAPPING;

/// The reader.
pub(super) struct Canvas {
    zone: Option<Zone>,
    /// Where Canvas means something else by the words of Caliper, and Caliper.
    verbs: [Verbs; 2],
}

impl Canvas {
    pub(super) fn new(options: &ForeignOptions) -> Self {
        Self {
            zone: options.zone.clone(),
            verbs: [Verbs::new(&MAPPING), Verbs::new(&caliper::MAPPING)],
        }
    }

    fn caliper(&self, event: &Event<'_>, out: &mut Batch<'_>) -> Result<(), Fault> {
        if enrollment::of_caliper(event, self.zone.as_ref(), out)? {
            return Ok(());
        }
        let changer = event.actor.id.get();
        let owner = event
            .object
            .assignee
            .as_ref()
            .and_then(|owner| owner.id.get());
        if event.action.get() == Some("Modified") && owner.is_some() && owner != changer {
            out.find("submissions changed by others, left out");
            return Ok(());
        }
        let object = event.object.id.get().unwrap_or_default();
        if event.kind.get() == Some("Event") && table::is_administration(ids::kind(object)) {
            out.find("events of administration, left out");
            return Ok(());
        }
        Reading::new(self, self.zone.as_ref(), &self.verbs).event(event, out)
    }
}

impl KnownAs for Canvas {
    fn learner<'b>(&self, id: &'b str, account: Option<u64>) -> Cow<'b, str> {
        ids::learner(id, account)
    }

    fn thing<'b>(&self, id: &'b str, account: Option<u64>) -> Cow<'b, str> {
        ids::thing(id, account)
    }
}

impl Dialect for Canvas {
    const INNER: &'static [&'static str] = &["data"];

    fn holds_records(&self, record: &[u8]) -> bool {
        is_envelope(record)
    }

    fn read(&self, bytes: &[u8], out: &mut Batch<'_>) -> Result<(), Fault> {
        if memchr::memmem::find(bytes, b"\"metadata\"").is_some() {
            let raw = record::<model::Raw<'_>>(bytes)?;
            if let (Some(metadata), Some(body)) = (&raw.metadata, &raw.body) {
                return raw::read(metadata, body, self.zone.as_ref(), out);
            }
        }
        self.caliper(&record::<Event<'_>>(bytes)?, out)
    }
}
