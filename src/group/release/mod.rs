//! The only way out: tables of released cells.
//!
//! [`Released`] can be made in this module alone, from protected distributions alone.

mod active;
mod bands;
mod collaboration;
mod contents;
mod curves;
mod funnel;
mod hazard;
mod items;
mod joint;
mod log_rank;
mod options;
mod participation;
mod paths;
mod rate;
mod rosters;
mod sealed;
mod shape;
mod struggle;
mod survival;
mod tables;
mod trend;
mod videos;

use polars::prelude::{Column, DataFrame, DataType};

pub(super) use active::active_learners;
pub(super) use bands::{bands, compare_sealed};
pub(super) use collaboration::{collaboration, reply_network};
pub(super) use curves::{curves, rates};
pub(super) use funnel::funnel;
pub(super) use hazard::hazard;
pub(super) use items::{items, reliability};
pub(super) use log_rank::{log_rank, readjusted, unpaired};
pub(super) use options::options;
pub(super) use participation::{feature_usage, popular_content};
pub(super) use rosters::rosters;
pub(super) use sealed::{Rows, dated, sift, vouched};
pub(super) use struggle::struggle;
pub(super) use survival::survival;
pub(super) use tables::{compare, distribution, drop_off, quantiles, summary};
pub(super) use trend::{Course, Period, trend};
pub(super) use videos::{rewatch_peaks, video_seconds};

use super::certificate::Certificate;
use crate::Result;

#[cfg(test)]
pub(super) use {
    rate::Rate,
    shape::{mean, quantile},
};

/// A table about reference groups that may be shown: the only thing group analytics
/// hands out, and nothing else can make one.
///
/// A withheld cell is null with a `reason`, never 0, and the reason depends on rosters
/// (or on facts of the whole log) only.
///
/// ```compile_fail
/// // Nobody else makes one, and there are no rows per learner to ask for.
/// let forged = kohort::group::Released { frame: Default::default(), certificates: vec![] };
/// ```
#[derive(Debug, Clone)]
pub struct Released {
    frame: DataFrame,
    certificates: Vec<Certificate>,
}

impl Released {
    /// The table.
    pub fn frame(&self) -> &DataFrame {
        &self.frame
    }

    /// The table, without its certificates.
    pub fn into_frame(self) -> DataFrame {
        self.frame
    }

    /// One certificate per group that is shown.
    pub fn certificates(&self) -> &[Certificate] {
        &self.certificates
    }

    /// Whether every certificate is as it was issued.
    pub fn verify(&self) -> bool {
        self.certificates.iter().all(Certificate::verify)
    }

    /// Puts rows under the columns of `layout`, between `group` and `n, unit, reason`.
    fn new(
        layout: &[(&str, Kind)],
        rows: Vec<Row>,
        integer: bool,
        certificates: Vec<Certificate>,
    ) -> Result<Self> {
        let labels: Vec<&str> = rows.iter().map(|r| r.group.as_str()).collect();
        let group = Column::new("group".into(), labels);
        let mut columns = vec![if integer {
            group.cast(&DataType::Int64)?
        } else {
            group
        }];
        let (mut texts, mut values) = (0, 0);
        for (name, kind) in layout {
            columns.push(match kind {
                Kind::Text => {
                    let cells = rows.iter().map(|r| r.texts.get(texts).cloned().flatten());
                    let column = Column::new((*name).into(), cells.collect::<Vec<_>>());
                    texts += 1;
                    column
                }
                Kind::Value | Kind::Whole => {
                    let cells = rows.iter().map(|r| r.values.get(values).copied().flatten());
                    let column = Column::new((*name).into(), cells.collect::<Vec<_>>());
                    values += 1;
                    match kind {
                        Kind::Whole => column.cast(&DataType::UInt32)?,
                        _ => column,
                    }
                }
                Kind::Flag => {
                    let cells = rows.iter().map(|r| r.values.get(values).copied().flatten());
                    let cells = cells.map(|cell| cell.map(|value| value > 0.5));
                    let column = Column::new((*name).into(), cells.collect::<Vec<_>>());
                    values += 1;
                    column
                }
            });
        }
        let n: Vec<Option<u32>> = rows.iter().map(|r| r.n).collect();
        let unit: Vec<&str> = rows.iter().map(|r| r.unit).collect();
        let reason: Vec<Option<String>> = rows.into_iter().map(|r| r.reason).collect();
        columns.push(Column::new("n".into(), n));
        columns.push(Column::new("unit".into(), unit));
        columns.push(Column::new("reason".into(), reason));
        let frame = DataFrame::new_infer_height(columns)?;
        Ok(Self {
            frame,
            certificates,
        })
    }
}

/// An answer that was sealed, read again.
pub(super) fn reread(frame: DataFrame, certificates: Vec<Certificate>) -> Released {
    Released {
        frame,
        certificates,
    }
}

/// Answers about the groups of several courses, one below the other.
pub(super) fn together(answers: Vec<Released>) -> Result<Released> {
    let mut answers = answers.into_iter();
    let mut all = answers
        .next()
        .unwrap_or_else(|| reread(DataFrame::empty(), Vec::new()));
    for answer in answers {
        all.frame.vstack_mut_owned(answer.frame)?;
        all.certificates.extend(answer.certificates);
    }
    Ok(all)
}

/// What a column holds.
#[derive(Clone, Copy)]
enum Kind {
    Text,
    Value,
    /// A whole number that tells rows apart or counts what is public: a week, a rank.
    Whole,
    /// A value that is 1 or 0, shown as true or false.
    Flag,
}

/// A row before it is put into columns.
struct Row {
    group: String,
    texts: Vec<Option<String>>,
    values: Vec<Option<f64>>,
    n: Option<u32>,
    unit: &'static str,
    reason: Option<String>,
}
