//! Reading files, foreign tables, and the Open University Learning Analytics Dataset, end to end.

#![expect(
    clippy::unwrap_used,
    reason = "helpers of tests may fail like the tests themselves"
)]

mod canvas_web_logs;
mod files;
mod moodle;
mod moodle_report;
mod oulad;
mod oulad_2013;
mod scorm;
mod tables;
mod xapi;
mod xapi_templates;
mod xapi_video;

use std::fs;
use std::path::PathBuf;

use kohort::ingest::{Format, read_files};
use polars::prelude::*;

/// A new, empty folder for one test.
fn folder(name: &str) -> PathBuf {
    let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR"))
        .join("ingest")
        .join(name);
    let _ = fs::remove_dir_all(&path);
    fs::create_dir_all(&path).unwrap();
    path
}

/// A new folder with files in it.
fn folder_with(name: &str, files: &[(&str, &str)]) -> PathBuf {
    let path = folder(name);
    for (file, content) in files {
        fs::write(path.join(file), content).unwrap();
    }
    path
}

/// Reads one file or folder.
fn read(path: &std::path::Path, format: Format) -> Result<DataFrame, String> {
    let source = [path.display().to_string()];
    read_files(&source, format, None).map_err(|e| e.to_string())
}

/// The whole column as a list of values, for comparison with what a person can write.
fn ints(frame: &DataFrame, name: &str) -> Vec<Option<i64>> {
    let column = frame.column(name).unwrap().cast(&DataType::Int64).unwrap();
    column
        .as_materialized_series()
        .i64()
        .unwrap()
        .iter()
        .collect()
}

/// The whole column as text.
fn texts(frame: &DataFrame, name: &str) -> Vec<Option<String>> {
    let column = frame.column(name).unwrap().cast(&DataType::String).unwrap();
    let texts = column.as_materialized_series().str().unwrap().iter();
    texts.map(|text| text.map(str::to_owned)).collect()
}
