//! kohort
pub mod data;
mod error;
pub mod personal;
pub mod stats;
pub use error::{Error, Result};
pub mod group;
