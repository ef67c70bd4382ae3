//! Learning Data as one viewer sees it.

use kohort::audience;
use kohort::privacy;
use pyo3::prelude::*;

use crate::group::{Asked, ReferenceGroups};
use crate::ledger::Ledger;
use crate::personal::{LearnerId, PersonalAnalytics, StudyTime};
use crate::research::Research;

/// Somebody who looks at Learning Data; she says nothing about herself.
#[pyclass(frozen, module = "kohort._core")]
pub(crate) struct Viewer(privacy::Viewer);

#[pymethods]
impl Viewer {
    #[staticmethod]
    fn learner(id: LearnerId) -> Self {
        Self(privacy::Viewer::learner(id))
    }

    #[staticmethod]
    fn instructor(id: LearnerId) -> Self {
        Self(privacy::Viewer::instructor(id))
    }

    #[staticmethod]
    fn researcher() -> Self {
        Self(privacy::Viewer::researcher())
    }

    #[staticmethod]
    fn recommender() -> Self {
        Self(privacy::Viewer::recommender())
    }
}

impl Viewer {
    pub(crate) fn view(&self, data: &kohort::data::LearningData) -> View {
        View(data.seen_by(self.0.clone()))
    }

    pub(crate) fn of(&self) -> &privacy::Viewer {
        &self.0
    }
}

/// What one viewer may see.
#[pyclass(frozen, module = "kohort._core")]
pub(crate) struct View(audience::View);

#[pymethods]
impl View {
    #[getter]
    fn tz(&self) -> &str {
        self.0.tz()
    }

    #[pyo3(signature = (*, study_time, as_of, inactivity, completion))]
    fn personal(
        &self,
        py: Python<'_>,
        study_time: &StudyTime,
        as_of: Option<i64>,
        inactivity: i64,
        completion: Vec<(String, String)>,
    ) -> PyResult<PersonalAnalytics> {
        PersonalAnalytics::new(study_time, as_of, inactivity, completion, |options| {
            py.detach(|| self.0.personal(options))
        })
    }

    #[pyo3(signature = (*, by, k, base, coverage_floor, study_time, as_of, period, lag, ledger, progress))]
    #[expect(
        clippy::too_many_arguments,
        reason = "each is a keyword of the Python face"
    )]
    fn reference_groups(
        &self,
        py: Python<'_>,
        by: &str,
        k: u32,
        base: u32,
        coverage_floor: f64,
        study_time: &StudyTime,
        as_of: Option<i64>,
        period: Option<&str>,
        lag: Option<i64>,
        ledger: Option<&Ledger>,
        progress: Option<Py<PyAny>>,
    ) -> PyResult<ReferenceGroups> {
        let asked = Asked {
            by,
            k,
            base,
            coverage_floor,
            study_time,
            as_of,
            period,
            lag,
            ledger,
        };
        ReferenceGroups::new(py, &asked, progress.as_ref(), |by, options| {
            self.0.reference_groups(by, options)
        })
    }

    #[pyo3(signature = (*, purpose, epsilon, delta, study_time, as_of, ledger))]
    fn research(
        &self,
        purpose: &str,
        epsilon: f64,
        delta: f64,
        study_time: &StudyTime,
        as_of: Option<i64>,
        ledger: Option<&Ledger>,
    ) -> PyResult<Research> {
        Research::new(
            purpose,
            (epsilon, delta),
            study_time,
            as_of,
            ledger,
            |options| self.0.research(options),
        )
    }
}
