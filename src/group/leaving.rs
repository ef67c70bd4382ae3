//! Questions about when and where the learners of a group leave.

use super::question::Question;
use super::{ReferenceGroups, Released, Steps};
#[cfg(doc)]
use crate::Error;
use crate::Result;

impl ReferenceGroups {
    /// Where learners leave: `group, step, position, reached, reached_code, left,
    /// left_code, n, unit, reason`.
    ///
    /// reached(j) = learners whose furthest step is j or later; left(j) = those who
    /// stopped or withdrew with j as their furthest step. Each is rounded and coded by
    /// itself, as in [`distribution`](Self::distribution). The week of a learner is that of her
    /// last activity up to the end of the course.
    ///
    /// # Errors
    /// [`Error::Polars`] if the table cannot be built.
    pub fn drop_off(&self, by: Steps) -> Result<Released> {
        self.answer(&Question::DropOff(by))
    }

    /// Where learners leave more than elsewhere: `group, step, position, hazard, code, low,
    /// high, lift, p_value, flagged, n, unit, reason`, computed from what
    /// [`drop_off`](Self::drop_off) releases.
    ///
    /// The hazard of a step is left / reached, in whole percent, of steps that at least 2k
    /// reached (`code` is `few` otherwise). Where fewer than k left, or the share is next to
    /// nothing, `code` is `low`; where it is next to everybody, `high`: then `low, high` bound
    /// it. Else `low, high` is its 95 % Wilson interval, `lift` the ratio to the median
    /// hazard of the course. A step is `flagged` if more leave there than at all other steps
    /// together: one-sided exact binomial test, p-values adjusted after Benjamini and Hochberg,
    /// at 5 %.
    ///
    /// # Errors
    /// [`Error::Polars`] if the table cannot be built.
    pub fn hazard(&self, by: Steps) -> Result<Released> {
        self.answer(&Question::Hazard(by))
    }

    /// How long learners stay, week by week since each enrolled: `group, week, survival, low,
    /// high, left, completed, cumulative_hazard, n, unit, reason`.
    ///
    /// `survival` (Kaplan-Meier with Greenwood's variance and a 95 % log-log band) is the share
    /// that neither left nor completed; `left` and `completed` are their cumulative incidences
    /// (Aalen-Johansen), and the three add up to 1. Who is still active is censored at `as_of`
    /// or the end of the course, who never started at once. Counts are released as in
    /// [`drop_off`](Self::drop_off), and a curve steps only when k more have left or completed.
    /// It has the weeks that k of the group could have reached by then, as enrollments tell, and
    /// stops where fewer than k are left by it or fewer than 2k at risk.
    ///
    /// # Errors
    /// [`Error::Polars`] if the table cannot be built.
    pub fn survival(&self) -> Result<Released> {
        self.answer(&Question::Survival)
    }
}
