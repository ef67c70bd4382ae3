//! What protects a person: pseudonyms in place of Personal Identifiers, and who may see what.

mod pseudonym;
mod viewer;

pub use pseudonym::Pseudonyms;
pub use viewer::Viewer;
pub(crate) use viewer::Relations;
