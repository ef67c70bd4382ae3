//! Who answers whom: degree, reciprocity and betweenness over an explicit list of ties, and the
//! ties between those who write in the same threads.

#![expect(
    clippy::indexing_slicing,
    reason = "every array has one place for each node"
)]

use std::collections::{BTreeMap, BTreeSet, VecDeque};

/// A directed network without weights; a tie to oneself is no tie.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Network {
    /// Whom each node answers, in order.
    out: Vec<Vec<usize>>,
    into: Vec<usize>,
}

impl Network {
    /// From ties `(who answers, whom)` among nodes below `nodes`; others are left out.
    pub(crate) fn new(ties: &[(usize, usize)], nodes: usize) -> Self {
        let sound = |(a, b): &&(usize, usize)| a != b && *a < nodes && *b < nodes;
        let ties: BTreeSet<(usize, usize)> = ties.iter().filter(sound).copied().collect();
        let mut network = Self {
            out: vec![Vec::new(); nodes],
            into: vec![0; nodes],
        };
        for (from, to) in ties {
            network.out[from].push(to);
            network.into[to] += 1;
        }
        network
    }

    /// How many others each node is answered by and answers.
    pub(crate) fn degrees(&self) -> Vec<(usize, usize)> {
        let out = self.out.iter().map(Vec::len);
        self.into.iter().copied().zip(out).collect()
    }

    /// The share of ties that go both ways; `None` without ties.
    pub(crate) fn reciprocity(&self) -> Option<f64> {
        let ties = self.out.iter().map(Vec::len).sum::<usize>();
        let back = |from: usize, to: &usize| self.out[*to].binary_search(&from).is_ok();
        let mutual = |(from, to): (usize, &Vec<usize>)| to.iter().filter(|t| back(from, t)).count();
        let both: usize = self.out.iter().enumerate().map(mutual).sum();
        (ties > 0).then(|| both as f64 / ties as f64)
    }

    /// How many shortest ways between others lead over each node, shared where there are several
    /// (Brandes 2001, doi:10.1080/0022250X.2001.9990249). Not normalised.
    pub(crate) fn betweenness(&self) -> Vec<f64> {
        let n = self.out.len();
        let mut between = vec![0.0; n];
        for source in 0..n {
            let mut ways = vec![0.0; n];
            let mut distance = vec![usize::MAX; n];
            let mut before: Vec<Vec<usize>> = vec![Vec::new(); n];
            let (mut order, mut queue) = (Vec::new(), VecDeque::from([source]));
            (ways[source], distance[source]) = (1.0, 0);
            while let Some(node) = queue.pop_front() {
                order.push(node);
                for next in &self.out[node] {
                    if distance[*next] == usize::MAX {
                        distance[*next] = distance[node] + 1;
                        queue.push_back(*next);
                    }
                    if distance[*next] == distance[node] + 1 {
                        ways[*next] += ways[node];
                        before[*next].push(node);
                    }
                }
            }
            let mut depends = vec![0.0; n];
            for node in order.into_iter().rev() {
                for earlier in &before[node] {
                    depends[*earlier] += ways[*earlier] / ways[node] * (1.0 + depends[node]);
                }
                if node != source {
                    between[node] += depends[node];
                }
            }
        }
        between
    }
}

/// Pairs of learners who write in the same threads, the lesser first, with how many they share.
pub(crate) fn together(written: &[(usize, usize)]) -> Vec<(usize, usize, usize)> {
    let mut threads: BTreeMap<usize, BTreeSet<usize>> = BTreeMap::new();
    for (learner, thread) in written {
        threads.entry(*thread).or_default().insert(*learner);
    }
    let mut shared: BTreeMap<(usize, usize), usize> = BTreeMap::new();
    for writers in threads.values() {
        for (at, one) in writers.iter().enumerate() {
            for other in writers.iter().skip(at + 1) {
                *shared.entry((*one, *other)).or_default() += 1;
            }
        }
    }
    let row = |((one, other), threads)| (one, other, threads);
    shared.into_iter().map(row).collect()
}

/// How many distinct others each learner shares a thread with.
pub(crate) fn peers(together: &[(usize, usize, usize)], learners: usize) -> Vec<usize> {
    let mut peers = vec![0; learners];
    for (one, other, _) in together {
        for learner in [one, other] {
            if let Some(own) = peers.get_mut(*learner) {
                *own += 1;
            }
        }
    }
    peers
}

#[cfg(test)]
#[path = "network_tests.rs"]
mod tests;
