//! kohort
pub mod data;
mod error;
pub use error::{Error, Result};
