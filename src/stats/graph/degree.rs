//! Degrees, and how often an edge is answered.

use super::Graph;

/// The edges of one node.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct Degree {
    /// Edges that lead to it.
    pub incoming: u32,
    /// Edges that lead from it.
    pub outgoing: u32,
}

/// In- and out-degree of every node. Each edge counts once; one from a node to itself counts on
/// both sides.
///
/// ```
/// use kohort::stats::{Graph, degrees};
/// let degrees = degrees(&Graph::new(3, &[(0, 1), (0, 1), (2, 1)])?);
/// assert_eq!((degrees[0].outgoing, degrees[1].incoming), (1, 2));
/// # Ok::<(), kohort::Error>(())
/// ```
pub fn degrees(graph: &Graph) -> Vec<Degree> {
    let mut degrees = vec![Degree::default(); graph.nodes()];
    for node in 0..graph.nodes() {
        for target in graph.out(node) {
            if let Some(own) = degrees.get_mut(node) {
                own.outgoing += 1;
            }
            if let Some(other) = degrees.get_mut(*target as usize) {
                other.incoming += 1;
            }
        }
    }
    degrees
}

/// Overall reciprocity: the share of edges whose opposite is there too. An edge from a node to
/// itself has none. `None` for a graph without edges.
///
/// Wasserman & Faust 1994, "Social network analysis"; the same as networkx's
/// `overall_reciprocity`.
///
/// ```
/// use kohort::stats::{Graph, reciprocity};
/// let graph = Graph::new(3, &[(0, 1), (1, 0), (0, 2), (2, 2)])?;
/// assert_eq!(reciprocity(&graph), Some(0.5));
/// # Ok::<(), kohort::Error>(())
/// ```
pub fn reciprocity(graph: &Graph) -> Option<f64> {
    let answered = |from: usize, to: u32| {
        let own = u32::try_from(from).unwrap_or(u32::MAX);
        to != own && graph.out(to as usize).binary_search(&own).is_ok()
    };
    let mut mutual = 0;
    for node in 0..graph.nodes() {
        let out = graph.out(node).iter();
        mutual += out.filter(|target| answered(node, **target)).count();
    }
    let edges = graph.targets.len();
    (edges > 0).then(|| mutual as f64 / edges as f64)
}
