//! TO BE WRITTEN

use super::batch::{Batch, Fault, fault};
use super::feed::{Dialect, ForeignOptions};
use super::mapping::Mapping;

/// The mapping tables.
pub(super) const MAPPING: Mapping = Mapping {
    verbs: &[],
    fields: &[],
};

/// The reader.
pub(super) struct TrackingLog;

impl TrackingLog {
    pub(super) fn new(_: &ForeignOptions) -> Self {
        Self
    }
}

impl Dialect for TrackingLog {
    fn read(&self, _: &[u8], _: &mut Batch<'_>) -> Result<(), Fault> {
        Err(fault("record", "Unsupported"))
    }
}
