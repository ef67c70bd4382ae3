//! Learning Data: who studied what, when, and the facts beside it.

mod build;
pub(crate) mod calendar;
pub(crate) mod catalog;
mod columns;
mod derive;
mod duplicates;
pub(crate) mod durations;
mod encode;
mod events;
pub(crate) mod facts;
mod families;
pub(crate) mod ids;
mod job;
mod kept;
pub(crate) mod lanes;
mod learning_data;
mod lengths;
mod names;
mod numbering;
pub(crate) mod optional;
mod order;
mod partition;
mod pieces;
mod quality;
pub(crate) mod runs;
pub(crate) mod schema;
pub(crate) mod segments;
mod span;
pub(crate) mod subset;

pub use calendar::Zone;
pub use ids::Id;
pub use job::Job;
pub(crate) use learning_data::Inner;
pub use learning_data::{Duplicates, LearningData, Options, Overview, Resolution, Tables};
pub use quality::{Reason, SourceReport};
pub use schema::{Extra, Kind, Outcome, Purpose, Role, Verb};
pub use span::{DAY, HOUR, SECOND, WEEK, parse_span, show_span};

/// The tables of Learning Data, in the order of reports.
pub const TABLES: &[&str] = &[
    "source",
    "events",
    "catalog",
    "courses",
    "enrollments",
    "memberships",
    "learners",
    "consents",
    "roles",
];
