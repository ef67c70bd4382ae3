//! kohort
mod error;
pub mod simulate;
pub use error::{Error, Result};
