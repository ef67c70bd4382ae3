//! The only way out: a table of noisy counts.

use polars::prelude::{Column, DataFrame, Int64Chunked, IntoColumn, NewChunkedArray};

use super::certificate::Certificate;
use super::mechanism::{Mechanism, Noisy};
use crate::Result;

/// A table that may leave the platform: key columns, then `learners, accuracy, epsilon, delta,
/// contributions, threshold`.
///
/// `learners` is a count with noise, off by at most `accuracy` with a probability of 95 % before
/// anything was left out by a threshold. It may be negative: that is noise around a small count.
/// To cut it off at 0 costs nothing, but sums and means of cut counts come out too high.
///
/// ```compile_fail
/// // Nobody else makes one, and there are no rows per learner to ask for.
/// let forged = kohort::research::Private { frame: Default::default() };
/// ```
#[derive(Debug, Clone)]
pub struct Private {
    frame: DataFrame,
    certificate: Certificate,
}

impl Private {
    pub(super) fn new(
        keys: Vec<Column>,
        noisy: &Noisy,
        mechanism: &Mechanism,
        certificate: Certificate,
    ) -> Result<Self> {
        let rows = noisy.len();
        let threshold = std::iter::repeat_n(mechanism.threshold, rows);
        let counts: Vec<i64> = noisy.iter().map(|(_, count)| *count).collect();
        let mut columns = keys;
        columns.extend([
            Column::new("learners".into(), counts),
            Column::new("accuracy".into(), vec![mechanism.accuracy()?; rows]),
            Column::new("epsilon".into(), vec![mechanism.loss.epsilon(); rows]),
            Column::new("delta".into(), vec![mechanism.loss.delta(); rows]),
            Column::new("contributions".into(), vec![mechanism.bound; rows]),
            Int64Chunked::from_iter_options("threshold".into(), threshold).into_column(),
        ]);
        Ok(Self {
            frame: DataFrame::new_infer_height(columns)?,
            certificate,
        })
    }

    /// The table.
    pub fn frame(&self) -> &DataFrame {
        &self.frame
    }

    /// The table, without its certificate.
    pub fn into_frame(self) -> DataFrame {
        self.frame
    }

    /// What is guaranteed, by which parameters.
    pub fn certificate(&self) -> &Certificate {
        &self.certificate
    }
}
