//! The ledger of releases.

use std::path::PathBuf;

use kohort::group::{self, Certificate, Grid};
use pyo3::prelude::*;

use crate::arrow::Table;
use crate::personal::LearnerId;
use crate::run::run;

/// The record of what was released; in memory without a path.
#[pyclass(frozen, module = "kohort._core")]
pub(crate) struct Ledger(pub(crate) group::Ledger);

#[pymethods]
impl Ledger {
    #[new]
    fn new(py: Python<'_>, path: Option<PathBuf>, head: Option<&str>) -> PyResult<Self> {
        run(py, None, |job| match path {
            None => Ok(Self(group::Ledger::in_memory())),
            Some(path) => group::Ledger::open_watched(path, head, &job).map(Self),
        })
    }

    #[getter]
    fn head(&self, py: Python<'_>) -> PyResult<String> {
        run(py, None, |_| self.0.head())
    }

    fn register_grid(
        &self,
        py: Python<'_>,
        metric: &str,
        edges: Vec<f64>,
        course: Option<LearnerId>,
    ) -> PyResult<()> {
        let course = course.map(Into::into);
        run(py, None, |_| {
            let grid = Grid::new(metric.parse()?, edges)?;
            self.0.register_grid(&grid, course.as_ref())
        })
    }

    fn grids(&self, py: Python<'_>) -> PyResult<Table> {
        run(py, None, |_| self.0.grids()).map(Into::into)
    }

    fn entries(&self, py: Python<'_>) -> PyResult<Table> {
        run(py, None, |_| self.0.entries()).map(Into::into)
    }

    fn verify(&self, py: Python<'_>) -> PyResult<u64> {
        run(py, None, |_| self.0.verify())
    }

    fn vouches_for(&self, py: Python<'_>, certificates: Vec<String>) -> PyResult<Vec<bool>> {
        run(py, None, |_| {
            let read: Vec<Option<Certificate>> = certificates
                .iter()
                .map(|text| Certificate::from_json(text).ok())
                .collect();
            self.0.vouches_for(&read)
        })
    }
}

/// Whether certificates are as they were issued.
#[pyfunction]
pub(crate) fn verify(certificates: Vec<String>) -> Vec<bool> {
    let check = |text: &String| Certificate::from_json(text).is_ok_and(|made| made.verify());
    certificates.iter().map(check).collect()
}
