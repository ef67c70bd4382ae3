//! Personal Learning Analytics: one class per result, one method per table.

use std::sync::Arc;

use kohort::data::{Id, Job};
use kohort::personal::{
    self, AttributeTo, Credit, Estimator, Measured, Open, PersonalOptions, Place, Rule, Sessions,
    Split, Streaks, Week,
};
use polars::frame::DataFrame;
use pyo3::prelude::*;

use crate::arrow::Table;
use crate::data::{Overview, pick};
use crate::errors::to_py;
use crate::run::run;

/// The estimator of study time.
#[pyclass(frozen, module = "kohort._core")]
pub(crate) struct StudyTime(pub(crate) personal::StudyTime);

/// What an event counts: a word, a length of time, and lengths by kind of content.
type Filling = (String, i64, Vec<(String, i64)>);

#[pymethods]
impl StudyTime {
    #[new]
    #[pyo3(signature = (
        *, estimator, beat, min_visit, gap, over_gap, last_event, attribute_to, sessions, min_events, min_duration,
        max_session, measured
    ))]
    #[expect(
        clippy::too_many_arguments,
        reason = "each is a keyword of the Python face"
    )]
    fn new(
        estimator: &str,
        beat: i64,
        min_visit: i64,
        gap: i64,
        over_gap: Filling,
        last_event: Filling,
        attribute_to: &str,
        sessions: &str,
        min_events: u32,
        min_duration: i64,
        max_session: Option<i64>,
        measured: &str,
    ) -> PyResult<Self> {
        let heartbeat = Estimator::Heartbeat {
            every: beat,
            min_visit,
        };
        let words = [("gaps", Estimator::Gaps), ("heartbeat", heartbeat)];
        let rule = personal::StudyTime {
            estimator: pick(estimator, &words)?,
            gap,
            over_gap: credit(over_gap)?,
            last_event: credit(last_event)?,
            attribute_to: pick(
                attribute_to,
                &[
                    ("preceding", AttributeTo::Preceding),
                    ("following", AttributeTo::Following),
                ],
            )?,
            sessions: pick(
                sessions,
                &[
                    ("gap", Sessions::Gap),
                    ("given", Sessions::Given),
                    ("both", Sessions::Both),
                ],
            )?,
            min_events,
            min_duration,
            max_session,
            measured: pick(
                measured,
                &[
                    ("prefer", Measured::Prefer),
                    ("ignore", Measured::Ignore),
                    ("only", Measured::Only),
                ],
            )?,
        };
        rule.check().map_err(|e| to_py(&e))?;
        Ok(Self(rule))
    }
}

fn credit((word, micros, table): Filling) -> PyResult<Credit> {
    let words = [("nothing", 0), ("fixed", 1), ("median", 2), ("table", 3)];
    Ok(match pick(&word, &words)? {
        0 => Credit::Nothing,
        1 => Credit::Fixed(micros),
        2 => Credit::Median,
        _ => Credit::Table(table),
    })
}

fn weeks(word: &str) -> PyResult<Week> {
    pick(word, &[("iso", Week::Iso), ("course", Week::Course)])
}

/// Personal Learning Analytics inside the engine.
#[pyclass(frozen, module = "kohort._core")]
pub(crate) struct PersonalAnalytics(personal::PersonalAnalytics);

impl PersonalAnalytics {
    /// The analytics that `make` makes under these options.
    pub(crate) fn new(
        study_time: &StudyTime,
        as_of: Option<i64>,
        inactivity: i64,
        completion: Vec<(String, String)>,
        make: impl FnOnce(&PersonalOptions) -> kohort::Result<personal::PersonalAnalytics>,
    ) -> PyResult<Self> {
        let rules = completion
            .into_iter()
            .map(|(kind, rule)| Ok((kind, Rule::parse(&rule)?)))
            .collect::<kohort::Result<_>>();
        let options = PersonalOptions {
            study_time: study_time.0.clone(),
            as_of,
            inactivity,
            completion: rules.map_err(|e| to_py(&e))?,
            job: None,
        };
        make(&options).map(Self).map_err(|e| to_py(&e))
    }

    /// Asks one question on a worker, watched by a job of its own.
    fn ask(
        &self,
        py: Python<'_>,
        progress: Option<&Py<PyAny>>,
        question: impl FnOnce(&personal::PersonalAnalytics) -> kohort::Result<DataFrame> + Send,
    ) -> PyResult<Table> {
        run(py, progress, |job: Arc<Job>| {
            question(&self.0.watched_by(job))
        })
        .map(Table::from)
    }
}

#[pymethods]
impl PersonalAnalytics {
    #[getter]
    fn as_of(&self) -> i64 {
        self.0.as_of()
    }

    fn overview(&self, py: Python<'_>) -> Overview {
        py.detach(|| self.0.overview()).into()
    }

    fn reasons(&self) -> Vec<(String, String)> {
        self.0.reasons()
    }

    /// Several tables in one walk, in the order of their names.
    #[pyo3(signature = (names, *, progress))]
    fn tables(
        &self,
        py: Python<'_>,
        names: Vec<String>,
        progress: Option<Py<PyAny>>,
    ) -> PyResult<Vec<Table>> {
        let made = run(py, progress.as_ref(), |job: Arc<Job>| {
            let words = names.iter().map(|word| personal::Table::parse(word));
            let asked = words.collect::<kohort::Result<Vec<_>>>()?;
            self.0.watched_by(job).tables(&asked)
        })?;
        Ok(made.into_iter().map(Table::from).collect())
    }

    #[pyo3(signature = (*, progress))]
    fn summary(&self, py: Python<'_>, progress: Option<Py<PyAny>>) -> PyResult<Table> {
        self.ask(py, progress.as_ref(), personal::PersonalAnalytics::summary)
    }

    #[pyo3(signature = (*, progress))]
    fn sessions(&self, py: Python<'_>, progress: Option<Py<PyAny>>) -> PyResult<Table> {
        self.ask(py, progress.as_ref(), personal::PersonalAnalytics::sessions)
    }

    #[pyo3(signature = (by, week, *, progress))]
    fn study_time(
        &self,
        py: Python<'_>,
        by: Vec<String>,
        week: &str,
        progress: Option<Py<PyAny>>,
    ) -> PyResult<Table> {
        let week = weeks(week)?;
        self.ask(py, progress.as_ref(), |pla| {
            let by = by.iter().map(|word| Split::parse(word));
            pla.study_time(&by.collect::<kohort::Result<Vec<_>>>()?, week)
        })
    }

    #[pyo3(signature = (by_course, min_activity, freeze, *, progress))]
    fn frequency(
        &self,
        py: Python<'_>,
        by_course: bool,
        min_activity: u32,
        freeze: u32,
        progress: Option<Py<PyAny>>,
    ) -> PyResult<Table> {
        let streaks = Streaks {
            min_activity,
            freeze,
        };
        self.ask(py, progress.as_ref(), |pla| {
            pla.frequency(by_course, streaks)
        })
    }

    #[pyo3(signature = (by_course, *, progress))]
    fn regularity(
        &self,
        py: Python<'_>,
        by_course: bool,
        progress: Option<Py<PyAny>>,
    ) -> PyResult<Table> {
        self.ask(py, progress.as_ref(), |pla| pla.regularity(by_course))
    }

    #[pyo3(signature = (*, progress))]
    fn activity_calendar(&self, py: Python<'_>, progress: Option<Py<PyAny>>) -> PyResult<Table> {
        self.ask(
            py,
            progress.as_ref(),
            personal::PersonalAnalytics::activity_calendar,
        )
    }

    #[pyo3(signature = (*, progress))]
    fn activity_clock(&self, py: Python<'_>, progress: Option<Py<PyAny>>) -> PyResult<Table> {
        self.ask(
            py,
            progress.as_ref(),
            personal::PersonalAnalytics::activity_clock,
        )
    }

    #[pyo3(signature = (by_course, *, progress))]
    fn delay(
        &self,
        py: Python<'_>,
        by_course: bool,
        progress: Option<Py<PyAny>>,
    ) -> PyResult<Table> {
        self.ask(py, progress.as_ref(), |pla| pla.delay(by_course))
    }

    #[pyo3(signature = (by_module, *, progress))]
    fn progress(
        &self,
        py: Python<'_>,
        by_module: bool,
        progress: Option<Py<PyAny>>,
    ) -> PyResult<Table> {
        self.ask(py, progress.as_ref(), |pla| pla.progress(by_module))
    }

    #[pyo3(signature = (every, week, *, progress))]
    fn progress_over_time(
        &self,
        py: Python<'_>,
        every: i64,
        week: &str,
        progress: Option<Py<PyAny>>,
    ) -> PyResult<Table> {
        let week = weeks(week)?;
        self.ask(py, progress.as_ref(), |pla| {
            pla.progress_over_time(every, week)
        })
    }

    #[pyo3(signature = (*, progress))]
    fn engagement(&self, py: Python<'_>, progress: Option<Py<PyAny>>) -> PyResult<Table> {
        self.ask(
            py,
            progress.as_ref(),
            personal::PersonalAnalytics::engagement,
        )
    }

    #[pyo3(signature = (week, pass_mark, *, progress))]
    fn weekly_features(
        &self,
        py: Python<'_>,
        week: &str,
        pass_mark: Option<f64>,
        progress: Option<Py<PyAny>>,
    ) -> PyResult<Table> {
        let week = weeks(week)?;
        self.ask(py, progress.as_ref(), |pla| {
            pla.weekly_features(week, pass_mark)
        })
    }

    #[pyo3(signature = (*, progress))]
    fn drop_off(&self, py: Python<'_>, progress: Option<Py<PyAny>>) -> PyResult<Table> {
        self.ask(py, progress.as_ref(), personal::PersonalAnalytics::drop_off)
    }

    #[pyo3(signature = (*, progress))]
    fn pace(&self, py: Python<'_>, progress: Option<Py<PyAny>>) -> PyResult<Table> {
        self.ask(py, progress.as_ref(), personal::PersonalAnalytics::pace)
    }

    #[pyo3(signature = (*, progress))]
    fn studied_content(&self, py: Python<'_>, progress: Option<Py<PyAny>>) -> PyResult<Table> {
        self.ask(
            py,
            progress.as_ref(),
            personal::PersonalAnalytics::studied_content,
        )
    }

    #[pyo3(signature = (every, *, progress))]
    fn person_periods(
        &self,
        py: Python<'_>,
        every: i64,
        progress: Option<Py<PyAny>>,
    ) -> PyResult<Table> {
        self.ask(py, progress.as_ref(), |pla| pla.person_periods(every))
    }

    /// Study time by each estimator (the usual ones if none is given), and how their ranks agree.
    #[pyo3(signature = (names, estimators, *, progress))]
    fn sensitivity(
        &self,
        py: Python<'_>,
        names: Vec<String>,
        estimators: Vec<PyRef<'_, StudyTime>>,
        progress: Option<Py<PyAny>>,
    ) -> PyResult<(Table, Table)> {
        let rules = estimators.iter().map(|estimator| estimator.0.clone());
        let mut asked: Vec<_> = names.into_iter().zip(rules).collect();
        if asked.is_empty() {
            asked = personal::usual_estimators();
        }
        let both = run(py, progress.as_ref(), |job: Arc<Job>| {
            self.0.watched_by(job).sensitivity(&asked)
        })?;
        Ok((both.study_time.into(), both.agreement.into()))
    }

    #[pyo3(signature = (open, *, progress))]
    fn video(&self, py: Python<'_>, open: &str, progress: Option<Py<PyAny>>) -> PyResult<Table> {
        let open = pick(open, &[("drop", Open::Drop), ("impute", Open::Impute)])?;
        self.ask(py, progress.as_ref(), |pla| pla.video(open))
    }

    #[pyo3(signature = (width, *, progress))]
    fn video_segments(
        &self,
        py: Python<'_>,
        width: i64,
        progress: Option<Py<PyAny>>,
    ) -> PyResult<Table> {
        self.ask(py, progress.as_ref(), |pla| pla.video_segments(width))
    }

    #[pyo3(signature = (pass_mark, *, progress))]
    fn assessments(
        &self,
        py: Python<'_>,
        pass_mark: Option<f64>,
        progress: Option<Py<PyAny>>,
    ) -> PyResult<Table> {
        self.ask(py, progress.as_ref(), |pla| pla.assessments(pass_mark))
    }

    #[pyo3(signature = (*, progress))]
    fn responses(&self, py: Python<'_>, progress: Option<Py<PyAny>>) -> PyResult<Table> {
        self.ask(
            py,
            progress.as_ref(),
            personal::PersonalAnalytics::responses,
        )
    }

    #[pyo3(signature = (pass_mark, *, progress))]
    fn struggle(
        &self,
        py: Python<'_>,
        pass_mark: Option<f64>,
        progress: Option<Py<PyAny>>,
    ) -> PyResult<Table> {
        self.ask(py, progress.as_ref(), |pla| pla.struggle(pass_mark))
    }

    #[pyo3(signature = (by, self_loops, *, progress))]
    fn navigation(
        &self,
        py: Python<'_>,
        by: &str,
        self_loops: bool,
        progress: Option<Py<PyAny>>,
    ) -> PyResult<Table> {
        let by = Place::parse(by).map_err(|e| to_py(&e))?;
        self.ask(py, progress.as_ref(), |pla| pla.navigation(by, self_loops))
    }

    #[pyo3(signature = (*, progress))]
    fn navigation_summary(&self, py: Python<'_>, progress: Option<Py<PyAny>>) -> PyResult<Table> {
        self.ask(
            py,
            progress.as_ref(),
            personal::PersonalAnalytics::navigation_summary,
        )
    }

    #[pyo3(signature = (*, progress))]
    fn feature_usage(&self, py: Python<'_>, progress: Option<Py<PyAny>>) -> PyResult<Table> {
        self.ask(
            py,
            progress.as_ref(),
            personal::PersonalAnalytics::feature_usage,
        )
    }

    #[pyo3(signature = (*, progress))]
    fn collaboration(&self, py: Python<'_>, progress: Option<Py<PyAny>>) -> PyResult<Table> {
        self.ask(
            py,
            progress.as_ref(),
            personal::PersonalAnalytics::collaboration,
        )
    }

    fn learner(&self, learner: LearnerId) -> PyResult<Self> {
        self.0
            .learner(&learner.into())
            .map(Self)
            .map_err(|e| to_py(&e))
    }
}

/// A learner's id as Python has it.
#[derive(FromPyObject)]
pub(crate) enum LearnerId {
    Int(i64),
    Text(String),
}

impl From<LearnerId> for Id {
    fn from(id: LearnerId) -> Self {
        match id {
            LearnerId::Int(value) => Self::Int(value),
            LearnerId::Text(value) => Self::Text(value),
        }
    }
}
