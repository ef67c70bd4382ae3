//! Foreign tables: Moodle, Canvas and SCORM.

use std::path::PathBuf;

use kohort::data::Zone;
use kohort::ingest::{self, ForeignOptions, TableOptions, TableSource, TableStandard};
use kohort::privacy::Pseudonyms;
use pyo3::prelude::*;

use crate::arrow::{Input, Table};
use crate::errors::to_py;
use crate::ingest::Foreign;
use crate::run::run;

/// What may be said about a table, as a dict of Python.
#[derive(FromPyObject)]
#[pyo3(from_item_all)]
pub(crate) struct Arguments {
    columns: Vec<(String, String)>,
    encoding: Option<String>,
    date_format: Option<String>,
    course: Option<String>,
    modules: Option<Input>,
    pseudonymize: Option<Vec<u8>>,
    tz: Option<String>,
}

/// Reads paths or a frame in one of the formats; `moodle` alone may be either of its two. With
/// `output`, the events go there as Parquet instead.
#[pyfunction]
#[pyo3(signature = (standard, source, options, *, output, progress))]
pub(crate) fn read_foreign_table(
    py: Python<'_>,
    standard: Option<&str>,
    source: &Bound<'_, PyAny>,
    options: Arguments,
    output: Option<PathBuf>,
    progress: Option<Py<PyAny>>,
) -> PyResult<Foreign> {
    let known = standard.map(TableStandard::parse).transpose();
    let known = known.map_err(|e| to_py(&e))?;
    // Frames are sequences, too: of the names of their columns.
    let source = if source.hasattr("__arrow_c_stream__")? {
        let wanted = wanted(known, &options.columns);
        TableSource::Frame(source.extract::<Input>()?.frame("source", Some(&wanted))?)
    } else {
        TableSource::Files(source.extract()?)
    };
    let modules = options.modules.map(|input| input.frame("modules", None));
    let modules = modules.transpose()?;
    run(py, progress.as_ref(), |job| {
        let options = TableOptions {
            foreign: ForeignOptions {
                pseudonyms: options
                    .pseudonymize
                    .as_deref()
                    .map(Pseudonyms::new)
                    .transpose()?,
                zone: options.tz.as_deref().map(Zone::new).transpose()?,
                job: Some(job),
                ..ForeignOptions::default()
            },
            columns: options.columns,
            encoding: options.encoding,
            date_format: options.date_format,
            course: options.course,
            modules,
        };
        let standard = match known {
            Some(standard) => standard,
            None if ingest::is_moodle_report(&source, &options)? => TableStandard::MoodleReport,
            None => TableStandard::Moodle,
        };
        match output {
            Some(output) => ingest::convert_tables(standard, &source, &options, &output),
            None => ingest::read_tables(standard, &source, &options),
        }
    })
    .map(Foreign::from)
}

/// The names under which a frame may hold what is read; others may be of any type.
fn wanted(standard: Option<TableStandard>, own: &[(String, String)]) -> Vec<String> {
    let both = [TableStandard::Moodle, TableStandard::MoodleReport];
    let standards = standard.map_or(both.to_vec(), |standard| vec![standard]);
    let names = standards.into_iter().flat_map(TableStandard::columns);
    let theirs = own.iter().map(|(_, theirs)| theirs.clone());
    let wrappers = ["key", "value"].map(str::to_owned);
    names
        .map(str::to_owned)
        .chain(theirs)
        .chain(wrappers)
        .collect()
}

/// `source, verb`: what the verbs of a table's format become.
#[pyfunction]
pub(crate) fn table_mapping(standard: &str) -> PyResult<Table> {
    let verbs = TableStandard::parse(standard).and_then(|standard| standard.mapping().verb_frame());
    verbs.map(Table::from).map_err(|e| to_py(&e))
}
