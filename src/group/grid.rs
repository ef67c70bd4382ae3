//! A grid that a host registers in place of a built-in one.

use std::sync::Arc;

use super::grids::{coarsened, full};
use super::metric::Metric;
use crate::{Error, Result};

/// Edges on which a metric is to be counted, in its unit: seconds, a count, or a share.
///
/// It counts once it is registered, for terms that begin later:
/// [`Ledger::register_grid`](super::Ledger::register_grid).
///
/// ```
/// use kohort::group::{Grid, Metric};
/// let hours = Grid::new(Metric::StudyTime, [0, 1, 2, 4, 8].map(|h| f64::from(h) * 3600.0))?;
/// assert_eq!(hours.edges().len(), 5);
/// assert!(Grid::new(Metric::StudyTime, [0.0, 60.0]).is_err());
/// # Ok::<(), kohort::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Grid {
    metric: Metric,
    edges: Arc<[f64]>,
}

impl Grid {
    /// A grid of 3 to 101 edges. Their number is odd, so that groups of fewer than 100 learners,
    /// who are shown on every second edge, keep the first and the last.
    ///
    /// # Errors
    /// [`Error::Parameter`] for edges that do not rise, are not finite or below 0, for fractions
    /// where things are counted, and for another number of them.
    pub fn new(metric: Metric, edges: impl Into<Vec<f64>>) -> Result<Self> {
        let edges: Vec<f64> = edges.into();
        let wrong = |expected: &str, got: String| {
            let expected = format!("for {}, {expected}", metric.name());
            Err(Error::parameter("edges", expected, got))
        };
        if !(3..=101).contains(&edges.len()) || edges.len().is_multiple_of(2) {
            let got = edges.len().to_string();
            return wrong("an odd number of edges from 3 to 101", got);
        }
        if let Some(edge) = edges.iter().find(|edge| !edge.is_finite()) {
            return wrong("finite numbers", edge.to_string());
        }
        let falls = |pair: &&[f64]| matches!(pair, [one, other] if one >= other);
        if let Some([one, other]) = edges.windows(2).find(falls) {
            return wrong("strictly rising", format!("{one} before {other}"));
        }
        if let Some(edge) = edges.first().filter(|edge| **edge < 0.0) {
            return wrong("0 or more", edge.to_string());
        }
        let broken = |edge: &&f64| edge.fract() != 0.0;
        if let Some(edge) = edges.iter().find(broken).filter(|_| metric.unit() == "1") {
            return wrong("whole numbers, as it counts things", edge.to_string());
        }
        Ok(Self {
            metric,
            edges: edges.into(),
        })
    }

    /// The metric that is counted on it.
    pub fn metric(&self) -> Metric {
        self.metric
    }

    /// Its edges, rising.
    pub fn edges(&self) -> &[f64] {
        &self.edges
    }
}

/// The grids in use for a component: those that are registered, in place of the built-in ones.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Grids(Arc<[Grid]>);

impl Grids {
    /// At most one for each metric.
    pub(super) fn new(registered: Vec<Grid>) -> Self {
        Self(registered.into())
    }

    /// All edges for a metric.
    pub(super) fn full(&self, metric: Metric) -> &[f64] {
        let own = self.0.iter().find(|grid| grid.metric == metric);
        own.map_or_else(|| full(metric), |grid| &grid.edges)
    }

    /// The edges for a roster of exactly `n` learners.
    pub(super) fn of(&self, metric: Metric, n: usize) -> Vec<f64> {
        coarsened(self.full(metric), n)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_is_wrong_with_edges_is_said() {
        let said = |metric, edges: &[f64]| Grid::new(metric, edges).unwrap_err().to_string();
        let time = Metric::StudyTime;
        assert_eq!(
            said(time, &[0.0, 1.0]),
            "`edges` must be for study_time, an odd number of edges from 3 to 101, got 2"
        );
        assert!(said(time, &vec![0.0; 103]).ends_with("got 103"));
        assert!(said(time, &[0.0, 2.0, 2.0]).ends_with("strictly rising, got 2 before 2"));
        assert!(said(time, &[0.0, f64::NAN, 2.0]).ends_with("finite numbers, got NaN"));
        assert!(said(time, &[0.0, 1.0, f64::INFINITY]).ends_with("finite numbers, got inf"));
        assert!(said(time, &[-1.0, 0.0, 2.0]).ends_with("0 or more, got -1"));
        assert!(said(Metric::Events, &[0.0, 1.5, 2.0]).contains("whole numbers"));
        assert!(Grid::new(time, [0.5, 1.5, 2.5]).is_ok());
    }

    proptest! {
        #[test]
        fn a_coarse_grid_keeps_both_ends(
            steps in prop::collection::vec(1u32..1000, 2..100),
            first in 0u32..9,
        ) {
            let mut edges = vec![f64::from(first)];
            for step in &steps {
                edges.push(edges.last().unwrap() + f64::from(*step));
            }
            let odd = edges.len() % 2 == 1;
            let made = Grid::new(Metric::Events, edges.clone());
            prop_assert_eq!(made.is_ok(), odd);
            if let Ok(made) = made {
                let grids = Grids::new(vec![made]);
                let coarse = grids.of(Metric::Events, 99);
                prop_assert_eq!(grids.of(Metric::Events, 100), edges.clone());
                prop_assert_eq!((coarse.first(), coarse.last()), (edges.first(), edges.last()));
                prop_assert_eq!(grids.full(Metric::Sessions), full(Metric::Sessions));
            }
        }
    }
}
