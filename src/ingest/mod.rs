//! Files and foreign formats in, tables of the kohort schema out.
//!
//! [`read_files`] reads one table from Parquet, CSV, newline-delimited JSON or Arrow IPC;
//! [`read_oulad`] reads the Open University Learning Analytics Dataset as it is published.
//! Nothing is guessed about a value: what cannot be read is an error that names the file, the
//! row and the column, and never shows the value.

mod cells;
mod delimited;
mod files;
mod ndjson;
mod open;
mod oulad;
mod paths;

pub use files::{Format, read_files};
pub use oulad::{OuladOptions, OuladTables, oulad, read_oulad};
