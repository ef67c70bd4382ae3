//! What both forms of the log have in common: who may be a learner, and what is refused.

use crate::ingest::batch::{Fault, fault};

/// The account that visitors without one share; Moodle's installer makes it the first.
const GUEST: &str = "1";

/// An id that is a person: not nobody (nothing, 0, below 0), and not the guest account.
pub(super) fn person<'a>(place: &'static str, id: Option<&'a str>) -> Result<&'a str, Fault> {
    match id.map(str::trim) {
        None | Some("" | "0") => Err(fault(place, "NoUserId")),
        Some(id) if id.starts_with('-') => Err(fault(place, "NoUserId")),
        Some(GUEST) => Err(fault(place, "Guest")),
        Some(id) => Ok(id),
    }
}

/// A course; the site itself, which Moodle keeps as course 1, is none.
pub(super) fn course(id: Option<&str>) -> Option<&str> {
    id.map(str::trim)
        .filter(|id| !matches!(*id, "" | "0" | "1"))
}

/// Refuses what no person did with her own hands.
pub(super) fn by_hand(place: &'static str, origin: Option<&str>) -> Result<(), Fault> {
    match origin {
        Some("cli" | "cron") => Err(fault(place, "CommandLine")),
        Some("restore") => Err(fault(place, "Restore")),
        _ => Ok(()),
    }
}
