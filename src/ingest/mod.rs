//! Files and foreign formats in, tables of the kohort schema out.
//!
//! [`read_files`] reads one table from Parquet, CSV, newline-delimited JSON or Arrow IPC;
//! [`read_oulad`] reads the Open University Learning Analytics Dataset as it is published;
//! [`read_standard`] reads what learning platforms write in the field's standards;
//! [`read_tables`] reads tables of Moodle, Canvas and SCORM players.
//! Nothing is guessed about a value: what cannot be read is an error that names the file, the
//! row and the column, and never shows the value.

mod batch;
mod caliper;
mod canvas;
mod canvas_web_logs;
mod cells;
mod delimited;
mod feed;
mod files;
mod foreign;
mod json;
mod mapping;
mod moodle;
mod ndjson;
mod open;
mod oulad;
mod paths;
mod records;
mod scorm;
mod tables;
mod tracking_log;
mod xapi;

pub use feed::ForeignOptions;
pub use files::{Format, read_files};
pub use foreign::{Foreign, Standard, convert_standard, read_standard};
pub use mapping::Mapping;
pub use oulad::{OuladOptions, oulad, read_oulad};
pub use tables::{
    TableOptions, TableSource, TableStandard, convert_tables, is_moodle_report,
    read_canvas_web_logs, read_tables,
};
