//! Which nodes the shortest paths lead through.

#![expect(
    clippy::indexing_slicing,
    reason = "all vectors have one place per node, and edges lead to nodes"
)]

use super::Graph;

/// Betweenness of every node: over all ordered pairs of other nodes, the share of the shortest
/// directed paths between them that pass through it, summed; `normalized` over the
/// `(n - 1)(n - 2)` pairs. Edges have no weights. `None` if normalized with fewer than three
/// nodes, where there are no pairs.
///
/// Freeman 1977, "A set of measures of centrality based on betweenness", Sociometry 40(1),
/// doi:10.2307/3033543; computed as Brandes 2001, "A faster algorithm for betweenness
/// centrality", Journal of Mathematical Sociology 25(2), doi:10.1080/0022250X.2001.9990249.
///
/// ```
/// use kohort::stats::{Graph, betweenness};
/// // two ways from 0 to 3, through 1 and through 2
/// let graph = Graph::new(4, &[(0, 1), (0, 2), (1, 3), (2, 3)])?;
/// assert_eq!(betweenness(&graph, false), Some(vec![0.0, 0.5, 0.5, 0.0]));
/// assert_eq!(betweenness(&graph, true).unwrap()[1], 0.5 / 6.0);
/// # Ok::<(), kohort::Error>(())
/// ```
pub fn betweenness(graph: &Graph, normalized: bool) -> Option<Vec<f64>> {
    let n = graph.nodes();
    if normalized && n < 3 {
        return None;
    }
    let mut sums = vec![0.0; n];
    let mut search = Search {
        distance: vec![usize::MAX; n],
        paths: vec![0.0; n],
        through: vec![0.0; n],
        order: Vec::with_capacity(n),
    };
    for source in 0..n {
        search.from(graph, source);
        search.add_to(graph, &mut sums);
    }
    if normalized {
        let pairs = (n - 1) as f64 * (n - 2) as f64;
        for sum in &mut sums {
            *sum /= pairs;
        }
    }
    Some(sums)
}

/// A search by breadth from one node; its space serves for the next.
struct Search {
    distance: Vec<usize>,
    /// Shortest paths from the source to each node.
    paths: Vec<f64>,
    /// Pairs from the source that pass through each node, in parts.
    through: Vec<f64>,
    /// Nodes as they were reached.
    order: Vec<usize>,
}

impl Search {
    fn from(&mut self, graph: &Graph, source: usize) {
        for node in self.order.drain(..) {
            self.distance[node] = usize::MAX;
            self.paths[node] = 0.0;
            self.through[node] = 0.0;
        }
        self.distance[source] = 0;
        self.paths[source] = 1.0;
        self.order.push(source);
        let mut next = 0;
        while let Some(node) = self.order.get(next).copied() {
            next += 1;
            for target in graph.out(node) {
                let target = *target as usize;
                if self.distance[target] == usize::MAX {
                    self.distance[target] = self.distance[node] + 1;
                    self.order.push(target);
                }
                if self.distance[target] == self.distance[node] + 1 {
                    self.paths[target] += self.paths[node];
                }
            }
        }
    }

    /// From the farthest back: a node passes on to its predecessors, by their share of its paths.
    fn add_to(&mut self, graph: &Graph, sums: &mut [f64]) {
        for node in self.order.iter().rev() {
            let mut own = 0.0;
            for target in graph.out(*node) {
                let target = *target as usize;
                if self.distance[target] == self.distance[*node] + 1 {
                    own += self.paths[*node] / self.paths[target] * (1.0 + self.through[target]);
                }
            }
            self.through[*node] = own;
            if self.distance[*node] > 0 {
                sums[*node] += own;
            }
        }
    }
}
