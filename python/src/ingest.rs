//! Files and foreign formats.

use std::path::PathBuf;

use kohort::data::{SourceReport, Zone};
use kohort::ingest::{self, ForeignOptions, Format, OuladOptions, Standard};
use kohort::privacy::Pseudonyms;
use pyo3::prelude::*;

use crate::arrow::Table;
use crate::data::pick;
use crate::errors::to_py;
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

/// A foreign format as tables of the schema, with what reading told.
#[pyclass(frozen, module = "kohort._core")]
pub(crate) struct Foreign(ingest::Foreign);

impl From<ingest::Foreign> for Foreign {
    fn from(read: ingest::Foreign) -> Self {
        Self(read)
    }
}

impl Foreign {
    /// What reading told.
    pub(crate) fn report(&self) -> SourceReport {
        self.0.report.clone()
    }
}

#[pymethods]
impl Foreign {
    /// The tables that are there, by name; `events` comes first.
    fn tables(&self) -> Vec<(&'static str, Table)> {
        let ingest::Foreign { events, tables, .. } = self.0.clone();
        let beside = [
            ("events", Some(events)),
            ("catalog", tables.catalog),
            ("courses", tables.courses),
            ("enrollments", tables.enrollments),
            ("memberships", tables.memberships),
            ("roles", tables.roles),
        ];
        let there = beside.into_iter();
        there
            .filter_map(|(name, frame)| Some((name, Table::from(frame?))))
            .collect()
    }

    /// What was counted, in order.
    fn findings(&self) -> Vec<(String, u64)> {
        self.0.report.findings().to_vec()
    }

    /// The refused records.
    fn rejected(&self) -> PyResult<Table> {
        let table = self.0.report.rejected();
        table.map(Table::from).map_err(|e| to_py(&e))
    }
}

/// Reads the Open University dataset from the folder of its tables.
#[pyfunction]
pub(crate) fn read_oulad(py: Python<'_>, folder: PathBuf, submissions: bool) -> PyResult<Foreign> {
    let options = OuladOptions { submissions };
    run(py, None, |_| ingest::read_oulad(&folder, options)).map(Foreign)
}

/// Reads files of a standard; with `output`, the events go there as Parquet instead.
#[pyfunction]
#[pyo3(signature = (standard, paths, *, output, pseudonymize, tz, home_page, progress))]
#[expect(
    clippy::too_many_arguments,
    reason = "each is a keyword of the Python face"
)]
pub(crate) fn read_standard(
    py: Python<'_>,
    standard: &str,
    paths: Vec<String>,
    output: Option<PathBuf>,
    pseudonymize: Option<Vec<u8>>,
    tz: Option<String>,
    home_page: Option<String>,
    progress: Option<Py<PyAny>>,
) -> PyResult<Foreign> {
    run(py, progress.as_ref(), |job| {
        let standard = Standard::parse(standard)?;
        let options = ForeignOptions {
            pseudonyms: pseudonymize.as_deref().map(Pseudonyms::new).transpose()?,
            zone: tz.as_deref().map(Zone::new).transpose()?,
            home_page,
            job: Some(job),
        };
        match output {
            Some(output) => ingest::convert_standard(standard, &paths, &options, &output),
            None => ingest::read_standard(standard, &paths, &options),
        }
    })
    .map(Foreign)
}

/// `source, verb`: what the verbs of a standard become.
#[pyfunction]
pub(crate) fn standard_mapping(standard: &str) -> PyResult<Table> {
    let verbs = Standard::parse(standard).and_then(|standard| standard.mapping().verb_frame());
    verbs.map(Table::from).map_err(|e| to_py(&e))
}
