//! What protects a person: pseudonyms in place of Personal Identifiers, and who may see what.

mod pseudonym;
mod viewer;

pub use pseudonym::Pseudonyms;
pub(crate) use viewer::Relations;
pub use viewer::Viewer;
