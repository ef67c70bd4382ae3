#![doc = include_str!("../README.md")]

pub mod attack;
pub mod audience;
pub mod data;
mod error;
pub mod group;
pub mod ingest;
pub mod personal;
pub mod privacy;
pub mod research;
pub mod simulate;
pub mod stats;

pub use error::{Error, Result};
