//! Files and foreign formats.

use std::path::PathBuf;

use kohort::ingest::{self, Format, OuladOptions};
use polars::frame::DataFrame;
use pyo3::prelude::*;

use crate::arrow::Table;
use crate::data::pick;
use crate::errors::ParameterError;
use crate::run::run;

/// Reads files of one format into one table; with `wanted`, only columns of these names.
#[pyfunction]
#[pyo3(signature = (form, paths, wanted=None))]
pub(crate) fn read_table(
    py: Python<'_>,
    form: &str,
    paths: Vec<String>,
    wanted: Option<Vec<String>>,
) -> PyResult<Table> {
    let formats = [
        ("parquet", Format::Parquet),
        ("csv", Format::Csv),
        ("ndjson", Format::NdJson),
        ("ipc", Format::Ipc),
    ];
    let format = pick(form, &formats)?;
    run(py, None, |_| {
        ingest::read_files(&paths, format, wanted.as_deref())
    })
    .map(Table::from)
}

/// The Open University dataset as tables of the schema, by name.
#[pyclass(frozen, module = "kohort._core")]
pub(crate) struct Oulad {
    tables: [(&'static str, Option<DataFrame>); 4],
    #[pyo3(get)]
    source_rows: Vec<(String, u64)>,
}

#[pymethods]
impl Oulad {
    fn table(&self, name: &str) -> PyResult<Table> {
        let found = self.tables.iter().find(|(known, _)| *known == name);
        found
            .and_then(|(_, frame)| frame.clone())
            .map(Table::from)
            .ok_or_else(|| ParameterError::new_err(format!("no table \"{name}\"")))
    }
}

/// Reads the Open University dataset from the folder of its tables.
#[pyfunction]
pub(crate) fn read_oulad(py: Python<'_>, folder: PathBuf, submissions: bool) -> PyResult<Oulad> {
    let options = OuladOptions { submissions };
    let read = run(py, None, |_| ingest::read_oulad(&folder, options))?;
    Ok(Oulad {
        tables: [
            ("events", Some(read.events)),
            ("catalog", read.tables.catalog),
            ("courses", read.tables.courses),
            ("enrollments", read.tables.enrollments),
        ],
        source_rows: read.source_rows,
    })
}
