//! Differential privacy for what leaves the platform: every table is a `Private` one.

use kohort::data::Purpose;
use kohort::group::{By, Metric};
use kohort::research::{self, Counted, Pairs, Private, ResearchOptions};
use pyo3::prelude::*;

use crate::arrow::Table;
use crate::data::pick;
use crate::errors::to_py;
use crate::ledger::Ledger;
use crate::personal::StudyTime;
use crate::run::run;

/// Differentially private tables inside the engine, on the budget of their data.
#[pyclass(frozen, module = "kohort._core")]
pub(crate) struct Research {
    research: research::Research,
    #[pyo3(get)]
    as_of: i64,
}

const PURPOSES: &[(&str, Purpose)] = &[
    ("research", Purpose::Research),
    ("recommendation", Purpose::Recommendation),
];

impl Research {
    /// The tables that `make` makes under these options.
    pub(crate) fn new(
        purpose: &str,
        (epsilon, delta): (f64, f64),
        study_time: &StudyTime,
        as_of: Option<i64>,
        ledger: Option<&Ledger>,
        make: impl FnOnce(&ResearchOptions) -> kohort::Result<research::Research>,
    ) -> PyResult<Self> {
        let options = ResearchOptions {
            purpose: pick(purpose, PURPOSES)?,
            delta,
            study_time: study_time.0.clone(),
            as_of,
            ledger: ledger.map(|ledger| ledger.0.clone()),
            ..ResearchOptions::new(epsilon)
        };
        let research = make(&options).map_err(|e| to_py(&e))?;
        let as_of = research.as_of();
        Ok(Self { research, as_of })
    }

    /// The table, and its certificate as JSON.
    fn ask(
        &self,
        py: Python<'_>,
        progress: Option<&Py<PyAny>>,
        question: impl FnOnce(&research::Research) -> kohort::Result<Private> + Send,
    ) -> PyResult<(Table, String)> {
        let made = run(py, progress, |job| question(&self.research.watched_by(job)))?;
        let certificate = made.certificate().to_json();
        Ok((made.into_frame().into(), certificate))
    }
}

#[pymethods]
impl Research {
    #[pyo3(signature = (by, counted, contributions, *, progress))]
    fn counts(
        &self,
        py: Python<'_>,
        by: &str,
        counted: &str,
        contributions: u32,
        progress: Option<Py<PyAny>>,
    ) -> PyResult<(Table, String)> {
        self.ask(py, progress.as_ref(), |research| {
            research.counts(
                by.parse::<By>()?,
                counted.parse::<Counted>()?,
                contributions,
            )
        })
    }

    #[pyo3(signature = (metric, contributions, *, progress))]
    fn histogram(
        &self,
        py: Python<'_>,
        metric: &str,
        contributions: u32,
        progress: Option<Py<PyAny>>,
    ) -> PyResult<(Table, String)> {
        self.ask(py, progress.as_ref(), |research| {
            research.histogram(metric.parse::<Metric>()?, contributions)
        })
    }

    #[pyo3(signature = (contributions, *, progress))]
    fn popularity(
        &self,
        py: Python<'_>,
        contributions: u32,
        progress: Option<Py<PyAny>>,
    ) -> PyResult<(Table, String)> {
        self.ask(py, progress.as_ref(), |research| {
            research.popularity(contributions)
        })
    }

    #[pyo3(signature = (of, contributions, *, progress))]
    fn co_occurrence(
        &self,
        py: Python<'_>,
        of: &str,
        contributions: u32,
        progress: Option<Py<PyAny>>,
    ) -> PyResult<(Table, String)> {
        self.ask(py, progress.as_ref(), |research| {
            research.co_occurrence(of.parse::<Pairs>()?, contributions)
        })
    }

    /// Epsilon and delta that are left this year.
    fn left(&self, py: Python<'_>) -> PyResult<(f64, f64)> {
        run(py, None, |_| self.research.left())
    }

    #[getter]
    fn year(&self) -> i16 {
        self.research.year()
    }
}
