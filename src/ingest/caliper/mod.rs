#![doc = include_str!("MAPPING.md")]

mod duration;
mod event;
mod facts;
mod ids;
mod json;
mod model;
mod table;
#[cfg(test)]
pub(super) mod tests;

use memchr::memmem;

use super::batch::{Batch, Fault};
use super::feed::{Dialect, ForeignOptions};
use crate::data::Zone;

pub(super) use event::{KnownAs, NO_SHARE, Reading, clock, ordinal, share};
pub(super) use json::{FromJson, Json, Number, TWICE, Text, object, record};
pub(super) use model::Event;
pub(super) use table::{MAPPING, Verbs};

/// The reader.
pub(super) struct Caliper {
    home_page: Option<String>,
    zone: Option<Zone>,
    verbs: [Verbs; 1],
}

impl Caliper {
    pub(super) fn new(options: &ForeignOptions) -> Self {
        Self {
            home_page: options.home_page.clone(),
            zone: options.zone.clone(),
            verbs: [Verbs::new(&MAPPING)],
        }
    }
}

impl KnownAs for Caliper {
    fn learner<'b>(&self, id: &'b str, _: Option<u64>) -> std::borrow::Cow<'b, str> {
        ids::learner(id, self.home_page.as_deref())
    }

    fn thing<'b>(&self, id: &'b str, _: Option<u64>) -> std::borrow::Cow<'b, str> {
        ids::open_edx(id).unwrap_or(id.into())
    }
}

impl Dialect for Caliper {
    const INNER: &'static [&'static str] = &["data"];

    fn holds_records(&self, record: &[u8]) -> bool {
        is_envelope(record)
    }

    fn read(&self, record: &[u8], out: &mut Batch<'_>) -> Result<(), Fault> {
        let event = json::record::<Event<'_>>(record)?;
        let reading = Reading::new(self, self.zone.as_ref(), &self.verbs);
        reading.event(&event, out)
    }
}

/// Whether a record is an array, or an envelope by its first property.
pub(super) fn is_envelope(record: &[u8]) -> bool {
    let inside = record.strip_prefix(b"{").unwrap_or_default();
    let first = inside.trim_ascii_start();
    let begins = |name: &[u8]| first.starts_with(name);
    record.starts_with(b"[")
        || (begins(b"\"sensor\"") || begins(b"\"sendTime\"") || begins(b"\"dataVersion\""))
            && memmem::find(inside, b"\"data\"").is_some()
}
