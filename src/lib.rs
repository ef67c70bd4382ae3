//! kohort
pub mod data;
mod error;
pub mod group;
pub mod personal;
pub mod stats;
pub use error::{Error, Result};
