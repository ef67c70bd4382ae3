//! Directed graphs as lists of edges between numbered nodes.

mod betweenness;
mod degree;

pub use betweenness::betweenness;
pub use degree::{Degree, degrees, reciprocity};

use crate::error::{Error, Result};

/// A directed graph: each edge once, however often it was given.
#[derive(Debug, Clone)]
pub struct Graph {
    /// Where the edges out of each node begin, and where the last end.
    offsets: Vec<usize>,
    targets: Vec<u32>,
}

impl Graph {
    /// A graph of `nodes` numbered from 0.
    ///
    /// # Errors
    /// [`Error::Parameter`] for an edge from or to a node that there is not.
    ///
    /// ```
    /// use kohort::stats::Graph;
    /// assert!(Graph::new(2, &[(0, 1), (0, 1)]).is_ok());
    /// assert!(Graph::new(2, &[(0, 2)]).is_err());
    /// ```
    pub fn new(nodes: u32, edges: &[(u32, u32)]) -> Result<Self> {
        let outside = |(a, b): &(u32, u32)| *a >= nodes || *b >= nodes;
        if let Some((a, b)) = edges.iter().find(|edge| outside(edge)) {
            let expected = format!("nodes below {nodes}");
            return Err(Error::parameter("edges", expected, a.max(b)));
        }
        let mut sorted = edges.to_vec();
        sorted.sort_unstable();
        sorted.dedup();
        let offsets = (0..=nodes).map(|node| sorted.partition_point(|(from, _)| *from < node));
        Ok(Self {
            offsets: offsets.collect(),
            targets: sorted.iter().map(|(_, to)| *to).collect(),
        })
    }

    /// How many nodes there are.
    #[must_use]
    pub fn nodes(&self) -> usize {
        self.offsets.len().saturating_sub(1)
    }

    /// Where the edges out of a node lead, in order.
    fn out(&self, node: usize) -> &[u32] {
        let bounds = self.offsets.get(node).zip(self.offsets.get(node + 1));
        bounds
            .and_then(|(from, to)| self.targets.get(*from..*to))
            .unwrap_or(&[])
    }
}
