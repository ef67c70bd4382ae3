//! Reference Group Analytics: every table is a `Released` one.

use kohort::group::{
    self, Between, Blank, By, Funnel, Grid, GroupOptions, Metric, Period, ReleasePolicy, Released,
    Skill, Steps, Test,
};
use kohort::personal::{Order, Place};
use pyo3::prelude::*;

use crate::arrow::Table;
use crate::audience::Viewer;
use crate::data::pick;
use crate::errors::to_py;
use crate::ledger::Ledger;
use crate::personal::{LearnerId, StudyTime};
use crate::run::run;

/// Reference groups inside the engine, their rosters on record.
#[pyclass(frozen, module = "kohort._core")]
pub(crate) struct ReferenceGroups {
    groups: group::ReferenceGroups,
    #[pyo3(get)]
    as_of: i64,
}

/// The arguments of a request, all at once.
pub(crate) struct Asked<'a> {
    pub(crate) by: &'a str,
    pub(crate) k: u32,
    pub(crate) base: u32,
    pub(crate) coverage_floor: f64,
    pub(crate) study_time: &'a StudyTime,
    pub(crate) as_of: Option<i64>,
    pub(crate) period: Option<&'a str>,
    pub(crate) lag: Option<i64>,
    pub(crate) ledger: Option<&'a Ledger>,
}

impl ReferenceGroups {
    pub(crate) fn new(
        py: Python<'_>,
        asked: &Asked<'_>,
        progress: Option<&Py<PyAny>>,
        make: impl FnOnce(By, &GroupOptions) -> kohort::Result<group::ReferenceGroups> + Send,
    ) -> PyResult<Self> {
        run(py, progress, |job| {
            let by: By = asked.by.parse()?;
            let options = GroupOptions {
                policy: ReleasePolicy::new(asked.k, asked.base, asked.coverage_floor)?,
                study_time: asked.study_time.0.clone(),
                as_of: asked.as_of,
                period: asked.period.map(str::parse::<Period>).transpose()?,
                lag: asked.lag,
                ledger: asked.ledger.map(|ledger| ledger.0.clone()),
                job: Some(job),
            };
            make(by, &options).map(Self::from)
        })
    }

    fn from(groups: group::ReferenceGroups) -> Self {
        let as_of = groups.as_of();
        Self { groups, as_of }
    }

    fn ask(
        &self,
        py: Python<'_>,
        question: impl FnOnce(&group::ReferenceGroups) -> kohort::Result<Released> + Send,
    ) -> PyResult<Table> {
        run(py, None, |job| question(&self.groups.watched_by(job)))
            .map(|released| released.into_frame().into())
    }
}

#[pymethods]
impl ReferenceGroups {
    fn groups(&self) -> Vec<String> {
        self.groups
            .groups()
            .into_iter()
            .map(str::to_owned)
            .collect()
    }

    fn certificates(&self, py: Python<'_>) -> PyResult<Table> {
        run(py, None, |_| self.groups.certificates_frame()).map(Into::into)
    }

    /// The period, its first moment and that of the next one.
    #[getter]
    fn period(&self) -> Option<(&'static str, i64, i64)> {
        let period = self.groups.period();
        period.map(|(period, begin, until)| (period.name(), begin, until))
    }

    fn late(&self, py: Python<'_>) -> Option<u64> {
        py.detach(|| self.groups.late())
    }

    #[getter]
    fn reach(&self) -> String {
        self.groups.reach()
    }

    fn seen_by(&self, viewer: &Viewer) -> PyResult<Self> {
        let seen = self.groups.seen_by(viewer.of());
        seen.map(Self::from).map_err(|e| to_py(&e))
    }

    fn summary(&self, py: Python<'_>) -> PyResult<Table> {
        self.ask(py, group::ReferenceGroups::summary)
    }

    fn active_learners(&self, py: Python<'_>) -> PyResult<Table> {
        self.ask(py, group::ReferenceGroups::active_learners)
    }

    fn distribution(&self, py: Python<'_>, metric: &str) -> PyResult<Table> {
        self.ask(py, |groups| groups.distribution(metric.parse::<Metric>()?))
    }

    fn quantiles(&self, py: Python<'_>, metric: &str) -> PyResult<Table> {
        self.ask(py, |groups| groups.quantiles(metric.parse::<Metric>()?))
    }

    fn trend(&self, py: Python<'_>, metric: &str) -> PyResult<Table> {
        self.ask(py, |groups| groups.trend(metric.parse::<Metric>()?))
    }

    fn drop_off(&self, py: Python<'_>, by: &str) -> PyResult<Table> {
        self.ask(py, |groups| groups.drop_off(by.parse::<Steps>()?))
    }

    fn hazard(&self, py: Python<'_>, by: &str) -> PyResult<Table> {
        self.ask(py, |groups| groups.hazard(by.parse::<Steps>()?))
    }

    fn survival(&self, py: Python<'_>) -> PyResult<Table> {
        self.ask(py, group::ReferenceGroups::survival)
    }

    fn log_rank(&self, py: Python<'_>, between: &str) -> PyResult<Table> {
        self.ask(py, |groups| groups.log_rank(between.parse::<Between>()?))
    }

    fn struggle(&self, py: Python<'_>, pass_mark: Option<f64>) -> PyResult<Table> {
        self.ask(py, |groups| groups.struggle(pass_mark))
    }

    fn funnel(
        &self,
        py: Python<'_>,
        steps: Vec<LearnerId>,
        by: &str,
        order: &str,
        within: Option<i64>,
    ) -> PyResult<Table> {
        let known = [
            ("ordered", Order::Ordered),
            ("strict", Order::Strict),
            ("any", Order::Any),
        ];
        let order = pick(order, &known)?;
        let steps = steps.into_iter().map(Into::into).collect();
        self.ask(py, |groups| {
            groups.funnel(&Funnel::new(steps, Place::parse(by)?, order, within)?)
        })
    }

    fn video_seconds(&self, py: Python<'_>, width: i64) -> PyResult<Table> {
        self.ask(py, |groups| groups.video_seconds(width))
    }

    fn rewatch_peaks(&self, py: Python<'_>, width: i64) -> PyResult<Table> {
        self.ask(py, |groups| groups.rewatch_peaks(width))
    }

    fn feature_usage(&self, py: Python<'_>) -> PyResult<Table> {
        self.ask(py, group::ReferenceGroups::feature_usage)
    }

    fn popular_content(&self, py: Python<'_>) -> PyResult<Table> {
        self.ask(py, group::ReferenceGroups::popular_content)
    }

    fn collaboration(&self, py: Python<'_>) -> PyResult<Table> {
        self.ask(py, group::ReferenceGroups::collaboration)
    }

    fn reply_network(&self, py: Python<'_>) -> PyResult<Table> {
        self.ask(py, group::ReferenceGroups::reply_network)
    }

    fn item_analysis(&self, py: Python<'_>, by: &str, blank: &str) -> PyResult<Table> {
        self.ask(py, |groups| {
            groups.item_analysis(by.parse::<Test>()?, blank.parse::<Blank>()?)
        })
    }

    fn reliability(&self, py: Python<'_>, by: &str, blank: &str) -> PyResult<Table> {
        self.ask(py, |groups| {
            groups.reliability(by.parse::<Test>()?, blank.parse::<Blank>()?)
        })
    }

    fn options(&self, py: Python<'_>, by: &str) -> PyResult<Table> {
        self.ask(py, |groups| groups.options(by.parse::<Test>()?))
    }

    fn learning_curves(&self, py: Python<'_>, by: &str, pass_mark: Option<f64>) -> PyResult<Table> {
        self.ask(py, |groups| {
            groups.learning_curves(by.parse::<Skill>()?, pass_mark)
        })
    }

    fn learning_rates(&self, py: Python<'_>, by: &str, pass_mark: Option<f64>) -> PyResult<Table> {
        self.ask(py, |groups| {
            groups.learning_rates(by.parse::<Skill>()?, pass_mark)
        })
    }

    fn rosters(&self, py: Python<'_>) -> PyResult<Table> {
        self.ask(py, group::ReferenceGroups::rosters)
    }

    fn compare(&self, py: Python<'_>, learner: LearnerId, metric: &str) -> PyResult<Table> {
        let learner = learner.into();
        self.ask(py, |groups| {
            groups.compare(&learner, metric.parse::<Metric>()?)
        })
    }
}

/// Whether a metric can be counted on these edges.
#[pyfunction]
pub(crate) fn check_grid(metric: &str, edges: Vec<f64>) -> PyResult<()> {
    let made = metric.parse().and_then(|metric| Grid::new(metric, edges));
    made.map(drop).map_err(|e| to_py(&e))
}

/// The built-in grids, one row per edge.
#[pyfunction]
pub(crate) fn grids() -> PyResult<Table> {
    group::grids().map(Table::from).map_err(|e| to_py(&e))
}
