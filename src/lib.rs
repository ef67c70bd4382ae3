//! kohort
mod error;
pub use error::{Error, Result};
pub mod group;
