//! Lengths of time in statements: ISO 8601, as the data layer reads it.

use crate::data::durations::iso;
use crate::ingest::batch::{Fault, fault};

/// The length in microseconds; `None` if it counts months or years, whose length is not known,
/// or more than can be.
///
/// # Errors
/// `BadDuration`.
pub(super) fn duration(text: &str, place: &'static str) -> Result<Option<i64>, Fault> {
    iso(text).ok_or(fault(place, "BadDuration"))
}
