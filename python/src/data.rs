//! Learning Data, from Arrow tables and files.

use std::collections::HashMap;

use kohort::data::{self, Duplicates, Extra, Options, Resolution, SourceReport, Tables};
use pyo3::prelude::*;

use crate::arrow::{Input, Table};
use crate::audience::{View, Viewer};
use crate::errors::{ParameterError, to_py};
use crate::group::{Asked, ReferenceGroups};
use crate::ingest::Foreign;
use crate::ledger::Ledger;
use crate::personal::{PersonalAnalytics, StudyTime};
use crate::research::Research;
use crate::run::run;

/// Learning Data inside the engine.
#[pyclass(frozen, module = "kohort._core")]
pub(crate) struct LearningData(data::LearningData);

/// What came in and what was kept, at a glance.
#[pyclass(frozen, get_all, module = "kohort._core")]
pub(crate) struct Overview {
    learners: usize,
    events: usize,
    courses: usize,
    contents: usize,
    first: Option<i64>,
    last: Option<i64>,
    tz: String,
    resolution: &'static str,
    rejected: usize,
    tables: Vec<&'static str>,
}

#[pymethods]
impl LearningData {
    #[new]
    #[pyo3(signature = (
        events, *, tables, columns, tz, day_start, extra, duplicates, resolution, now, epoch,
        max_duration, max_events_per_day, source, known, progress
    ))]
    #[expect(
        clippy::too_many_arguments,
        reason = "each is a keyword of the Python face"
    )]
    fn new(
        py: Python<'_>,
        events: Input,
        tables: HashMap<String, Input>,
        columns: Vec<(String, String)>,
        tz: Option<String>,
        day_start: i64,
        extra: &str,
        duplicates: &str,
        resolution: Option<&str>,
        now: Option<i64>,
        epoch: Option<i64>,
        max_duration: i64,
        max_events_per_day: u32,
        source: Option<PyRef<'_, Foreign>>,
        known: Vec<String>,
        progress: Option<Py<PyAny>>,
    ) -> PyResult<Self> {
        // Columns that are left behind may be of any type.
        let drops = extra == "drop";
        let events = events.frame("events", drops.then_some(&known[..]))?;
        let tables = beside(tables)?;
        let usual = Options::default();
        let options = Options {
            columns,
            tz,
            day_start,
            extra: pick(extra, &[("error", Extra::Refuse), ("drop", Extra::Drop)])?,
            duplicates: pick(
                duplicates,
                &[("keep", Duplicates::Keep), ("drop", Duplicates::Drop)],
            )?,
            resolution: resolution.map(|word| pick(word, RESOLUTIONS)).transpose()?,
            now,
            epoch: epoch.unwrap_or(usual.epoch),
            max_duration,
            max_events_per_day,
            source: source.map_or_else(SourceReport::default, |read| read.report()),
            job: None,
        };
        run(py, progress.as_ref(), |job| {
            let options = Options {
                job: Some(job),
                ..options
            };
            data::LearningData::new(events, tables, &options)
        })
        .map(Self)
    }

    fn overview(&self, py: Python<'_>) -> Overview {
        py.detach(|| self.0.overview()).into()
    }

    fn rejected(&self, py: Python<'_>) -> PyResult<Table> {
        let table = py.detach(|| self.0.rejected());
        table.map(Table::from).map_err(|e| to_py(&e))
    }

    fn quality(&self, py: Python<'_>) -> PyResult<Table> {
        let table = py.detach(|| self.0.quality());
        table.map(Table::from).map_err(|e| to_py(&e))
    }

    fn derive_catalog(&self, py: Python<'_>, min_share: f64, min_learners: u32) -> PyResult<Table> {
        let table = py.detach(|| self.0.derive_catalog(min_share, min_learners));
        table.map(Table::from).map_err(|e| to_py(&e))
    }

    #[getter]
    fn tz(&self) -> &str {
        self.0.tz()
    }

    #[pyo3(signature = (*, study_time, as_of, inactivity, completion))]
    fn personal(
        &self,
        study_time: &StudyTime,
        as_of: Option<i64>,
        inactivity: i64,
        completion: Vec<(String, String)>,
    ) -> PyResult<PersonalAnalytics> {
        PersonalAnalytics::new(study_time, as_of, inactivity, completion, |options| {
            self.0.personal(options)
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

    fn seen_by(&self, viewer: &Viewer) -> View {
        viewer.view(&self.0)
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

const RESOLUTIONS: &[(&str, Resolution)] =
    &[("instant", Resolution::Instant), ("day", Resolution::Day)];

/// The value that goes by a word; the Python face has checked the word already.
pub(crate) fn pick<T: Copy>(word: &str, known: &[(&str, T)]) -> PyResult<T> {
    let found = known.iter().find(|(name, _)| *name == word);
    found
        .map(|(_, value)| *value)
        .ok_or_else(|| ParameterError::new_err(format!("unknown word \"{word}\"")))
}

/// The tables beside the log, by name.
fn beside(mut given: HashMap<String, Input>) -> PyResult<Tables> {
    let mut take = |name| {
        let input = given.remove(name);
        input.map(|input| input.frame(name, None)).transpose()
    };
    Ok(Tables {
        catalog: take("catalog")?,
        courses: take("courses")?,
        enrollments: take("enrollments")?,
        memberships: take("memberships")?,
        learners: take("learners")?,
        consents: take("consents")?,
        roles: take("roles")?,
    })
}

impl From<data::Overview> for Overview {
    fn from(seen: data::Overview) -> Self {
        Self {
            learners: seen.learners,
            events: seen.events,
            courses: seen.courses,
            contents: seen.contents,
            first: seen.span.map(|(first, _)| first),
            last: seen.span.map(|(_, last)| last),
            tz: seen.tz,
            resolution: match seen.resolution {
                Resolution::Instant => "instant",
                Resolution::Day => "day",
            },
            rejected: seen.rejected,
            tables: seen.tables,
        }
    }
}

/// Microseconds in a length of time such as `30m`.
#[pyfunction]
pub(crate) fn parse_span(text: &str) -> PyResult<i64> {
    data::parse_span(text).map_err(|e| to_py(&e))
}

/// A length of time as a person would write it.
#[pyfunction]
pub(crate) fn show_span(micros: i64) -> String {
    data::show_span(micros)
}
