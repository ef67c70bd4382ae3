//! Whether a finding about study time hangs on the estimator.

use polars::prelude::*;

use super::PersonalAnalytics;
use super::courses::Per;
use super::estimator::{Credit, StudyTime};
use super::frames::{frame, numbers, spans, texts, wholes};
use crate::data::SECOND;
use crate::error::{Error, Result};
use crate::stats::spearman;

/// Study time by several estimators.
#[derive(Debug, Clone)]
pub struct Sensitivity {
    /// `learner, course`, and one column for each estimator.
    pub study_time: DataFrame,
    /// `estimator, correlation, n`: how the ranks of its values agree with those of the first.
    pub agreement: DataFrame,
}

/// The estimators that studies use most: a gap of 5 or 30 minutes, pauses cut to 30 minutes,
/// and a gap of 60 minutes.
#[must_use]
pub fn usual_estimators() -> Vec<(String, StudyTime)> {
    let minutes = |minutes: i64| minutes * 60 * SECOND;
    let gap = |long: i64| StudyTime {
        gap: minutes(long),
        ..StudyTime::default()
    };
    let cap = StudyTime {
        over_gap: Credit::Fixed(minutes(30)),
        ..gap(30)
    };
    vec![
        ("gap_5m".to_owned(), gap(5)),
        ("gap_30m".to_owned(), gap(30)),
        ("cap_30m".to_owned(), cap),
        ("gap_60m".to_owned(), gap(60)),
    ]
}

impl PersonalAnalytics {
    /// Study time per learner and course by several estimators, and Spearman's rank correlation
    /// of each with the first over all rows (Kovanović et al. 2015: the choice changes findings).
    ///
    /// # Errors
    /// [`Error::Parameter`] without an estimator, for one without a meaning, and for a name that
    /// comes twice; [`Error::Cancelled`].
    pub fn sensitivity(&self, estimators: &[(String, StudyTime)]) -> Result<Sensitivity> {
        let taken = ["learner", "course"];
        for (at, (name, rule)) in estimators.iter().enumerate() {
            rule.check()?;
            let before = estimators.iter().take(at);
            if taken.contains(&name.as_str()) || before.clone().any(|(other, _)| other == name) {
                let expected = "named each by a name of its own";
                return Err(Error::parameter(
                    "estimators",
                    expected,
                    format!("{name:?}"),
                ));
            }
        }
        if estimators.is_empty() {
            return Err(Error::parameter("estimators", "one or more", "none"));
        }
        let minutes = self.walk().has_minutes();
        let mut all: Vec<Vec<i64>> = Vec::with_capacity(estimators.len());
        let mut keys: Vec<(u32, u32)> = Vec::new();
        for (_, rule) in estimators {
            let mut own = self.clone();
            own.options.study_time = rule.clone();
            let records = own.records(Per::Course)?;
            keys = records.rows().map(|r| (r.learner, r.course)).collect();
            all.push(records.rows().map(|r| r.study_time).collect());
        }
        let data = self.inner();
        let learners: Vec<u32> = keys.iter().map(|key| key.0).collect();
        let courses: Vec<u32> = keys.iter().map(|key| key.1).collect();
        let mut columns = vec![data.learner_column(&learners), data.course_column(&courses)];
        for ((name, _), values) in estimators.iter().zip(&all) {
            columns.push(spans(name, values.iter().map(|v| minutes.then_some(*v))));
        }
        let seconds = |values: &[i64]| -> Vec<f64> {
            values.iter().map(|v| *v as f64 / SECOND as f64).collect()
        };
        let first = all.first().map_or_else(Vec::new, |values| seconds(values));
        let agreement = |values: &Vec<i64>| {
            if minutes {
                spearman(&first, &seconds(values))
            } else {
                Ok(None)
            }
        };
        let agreements: Vec<Option<f64>> = all.iter().map(agreement).collect::<Result<_>>()?;
        let n = u32::try_from(keys.len()).ok();
        Ok(Sensitivity {
            study_time: frame(keys.len(), columns)?,
            agreement: frame(
                estimators.len(),
                vec![
                    texts(
                        "estimator",
                        estimators.iter().map(|(name, _)| Some(name.as_str())),
                    ),
                    numbers("correlation", agreements.into_iter()),
                    wholes("n", estimators.iter().map(|_| n)),
                ],
            )?,
        })
    }
}
