//! Questions about the measures of a group: how its learners are distributed, and where one
//! of them stands.

use super::question::Question;
use super::{Metric, ReferenceGroups, Released, release};
use crate::data::Id;
use crate::{Error, Result};

impl ReferenceGroups {
    /// Quartiles, median and mean of every metric:
    /// `group, metric, q25, median, q75, mean, n, unit, reason`.
    ///
    /// The median needs about 2k learners, quartiles 4k (q n >= k and (1 - q) n >= k),
    /// the mean, winsorized at the coded tails, 4k. `n` is rounded to the base.
    ///
    /// # Errors
    /// [`Error::Polars`] if the table cannot be built.
    pub fn summary(&self) -> Result<Released> {
        self.answer(&Question::Summary)
    }

    /// How many learners lie at or below each edge of the public grid:
    /// `group, metric, upper, learners, code, n, unit, reason`.
    ///
    /// `code` is `low` (fewer than k), `high` (all but fewer than k) or `count`, when
    /// `learners` is the count to the nearest multiple of the base. A group that is
    /// withheld has one row, with the reason.
    ///
    /// # Errors
    /// [`Error::Polars`] if the table cannot be built, [`Error::Parameter`] for one of
    /// [`Metric::FLOWS`] without a period.
    pub fn distribution(&self, metric: Metric) -> Result<Released> {
        self.may_ask(metric)?;
        self.answer(&Question::Distribution(metric))
    }

    /// Deciles and quartiles, where n allows: `group, metric, quantile, value, n, unit,
    /// reason`, interpolated in the released distribution.
    ///
    /// # Errors
    /// [`Error::Polars`] if the table cannot be built, [`Error::Parameter`] as there.
    pub fn quantiles(&self, metric: Metric) -> Result<Released> {
        self.may_ask(metric)?;
        self.answer(&Question::Quantiles(metric))
    }

    /// How many learners there is anything of: `group, metric, learners, code, share, low, high,
    /// n, unit, reason`.
    ///
    /// Those whose value is above 0, read from the released count of those at 0. With a period
    /// they are the learners of [`Metric::FLOWS`], active in the period; else those of
    /// [`Metric::CUMULATIVE`]. `code` is that of `learners`, as in
    /// [`distribution`](Self::distribution); `share` is in whole percent, null where it is only
    /// bounded, and `low` and `high` are Wilson's 95 % interval or the bound.
    ///
    /// # Errors
    /// [`Error::Polars`] if the table cannot be built.
    pub fn active_learners(&self) -> Result<Released> {
        self.answer(&Question::ActiveLearners)
    }

    /// # Errors
    /// [`Error::Parameter`] for what happened in a period where there is none.
    fn may_ask(&self, metric: Metric) -> Result<()> {
        if self.metrics.contains(&metric) {
            return Ok(());
        }
        let expected = "counted from the start, or asked with a `period`";
        let got = format!("\"{}\" without one", metric.name());
        Err(Error::parameter("metric", expected, got))
    }

    /// A learner's own value among her groups: `group, used, metric, own, band_low, band_high,
    /// median, n, unit, reason`.
    ///
    /// A group that is not shown is answered for by the next larger one of its scope that is,
    /// `used`, as [`rosters`](Self::rosters) lists.
    /// The bands are the shares of the roster, 0 to 1, at or below the two edges of the
    /// public grid cell that holds the own value, read from the released distribution.
    ///
    /// # Errors
    /// [`Error::NoSuchLearner`] if she is on no roster; [`Error::Denied`] instead, and for
    /// everybody else, where a viewer asks who may not see her ([`Self::seen_by`]);
    /// [`Error::Parameter`] as there.
    pub fn compare(&self, learner: &Id, metric: Metric) -> Result<Released> {
        self.may_ask(metric)?;
        let data = self.data.as_ref().ok_or(Error::NoSuchLearner)?;
        let find = || {
            let learner = data.inner.learner(learner)?;
            if let Some(cut) = &self.cut {
                return release::compare_sealed(self, cut, learner, metric);
            }
            release::compare(&self.about(learner)?, learner, metric)
        };
        match find() {
            Err(Error::NoSuchLearner | Error::Parameter { .. }) if self.seen.is_some() => {
                Err(Error::Denied)
            }
            found => found,
        }
    }
}
