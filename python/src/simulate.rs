//! Simulated platforms.

use kohort::simulate::{Ids, Simulation};
use polars::frame::DataFrame;
use pyo3::prelude::*;

use crate::arrow::Table;
use crate::data::pick;
use crate::errors::ParameterError;
use crate::run::run;

/// The tables of a simulated platform, by name.
#[pyclass(frozen, module = "kohort._core")]
pub(crate) struct Simulated([(&'static str, DataFrame); 9]);

#[pymethods]
impl Simulated {
    fn table(&self, name: &str) -> PyResult<Table> {
        let found = self.0.iter().find(|(known, _)| *known == name);
        found
            .map(|(_, frame)| frame.clone().into())
            .ok_or_else(|| ParameterError::new_err(format!("no table \"{name}\"")))
    }
}

/// Draws a platform's log, its tables and its truth.
#[pyfunction]
#[pyo3(signature = (
    *, learners, courses, seed, weeks, ids, events_per_learner, base_hazard, planted_hazard,
    never_start, second_course, offline, under_age
))]
#[expect(
    clippy::too_many_arguments,
    reason = "each is a keyword of the Python face"
)]
pub(crate) fn simulate(
    py: Python<'_>,
    learners: usize,
    courses: usize,
    seed: u64,
    weeks: usize,
    ids: &str,
    events_per_learner: f64,
    base_hazard: f64,
    planted_hazard: f64,
    never_start: f64,
    second_course: f64,
    offline: f64,
    under_age: f64,
) -> PyResult<Simulated> {
    let simulation = Simulation {
        learners,
        courses,
        weeks,
        seed,
        ids: pick(ids, &[("text", Ids::Text), ("integer", Ids::Integer)])?,
        events_per_learner,
        base_hazard,
        planted_hazard,
        never_start,
        second_course,
        offline,
        under_age,
    };
    let made = run(py, None, |_| simulation.run())?;
    Ok(Simulated([
        ("events", made.events),
        ("catalog", made.catalog),
        ("courses", made.courses),
        ("enrollments", made.enrollments),
        ("memberships", made.memberships),
        ("learners", made.learners),
        ("truth_learners", made.truth_learners),
        ("truth_sessions", made.truth_sessions),
        ("truth_drop_off", made.truth_drop_off),
    ]))
}
