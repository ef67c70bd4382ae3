//! What protects a person: pseudonyms in place of Personal Identifiers.

mod pseudonym;

pub use pseudonym::Pseudonyms;
