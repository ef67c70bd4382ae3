//! Small networks by hand, random ones against a slow twin, a real forum against networkx.

use std::path::Path;

use polars::prelude::{ParquetReader, SerReader};
use proptest::prelude::{ProptestConfig, prop_assert, proptest};

use super::*;

#[test]
fn who_stands_between_is_who_passes_on() {
    // 0 -> 1 -> 2 and 0 -> 3 -> 2: two ways from 0 to 2, each over one of the middle nodes.
    let net = Network::new(&[(0, 1), (1, 2), (0, 3), (3, 2), (0, 0), (0, 1)], 4);
    assert_eq!(net.betweenness(), [0.0, 0.5, 0.0, 0.5]);
    assert_eq!(net.degrees(), [(0, 2), (1, 1), (2, 0), (1, 1)]);
    assert_eq!(net.reciprocity(), Some(0.0));
}

#[test]
fn two_of_three_ties_go_both_ways() {
    let net = Network::new(&[(0, 1), (1, 0), (1, 2), (7, 0)], 3);
    assert!((net.reciprocity().unwrap() - 2.0 / 3.0).abs() < 1e-12);
    assert_eq!(Network::new(&[(1, 1)], 2).reciprocity(), None);
}

#[test]
fn who_writes_in_the_same_thread_is_a_peer_once() {
    let written = [(0, 5), (1, 5), (1, 5), (0, 6), (1, 6), (2, 6), (3, 7)];
    let pairs = together(&written);
    assert_eq!(pairs, [(0, 1, 2), (0, 2, 1), (1, 2, 1)]);
    assert_eq!(peers(&pairs, 4), [2, 2, 2, 0]);
}

/// Betweenness from the definition: all pairs, distances and numbers of shortest ways.
#[expect(
    clippy::needless_range_loop,
    reason = "a matrix is read by both indices"
)]
fn slow(ties: &[(usize, usize)], n: usize) -> Vec<f64> {
    let far = 1_000;
    let tie = |a: usize, b: usize| a != b && ties.contains(&(a, b));
    let mut distance = vec![vec![far; n]; n];
    for a in 0..n {
        for b in 0..n {
            distance[a][b] = if a == b {
                0
            } else if tie(a, b) {
                1
            } else {
                far
            };
        }
    }
    for k in 0..n {
        for a in 0..n {
            for b in 0..n {
                distance[a][b] = distance[a][b].min(distance[a][k] + distance[k][b]);
            }
        }
    }
    // Ways of length d end in a tie from a node at distance d - 1.
    let mut ways = vec![vec![0.0; n]; n];
    for a in 0..n {
        ways[a][a] = 1.0;
        for d in 1..n {
            for b in (0..n).filter(|b| distance[a][*b] == d) {
                ways[a][b] = (0..n)
                    .filter(|k| tie(*k, b) && distance[a][*k] == d - 1)
                    .map(|k| ways[a][k])
                    .sum();
            }
        }
    }
    (0..n)
        .map(|v| {
            let mut sum = 0.0;
            for a in (0..n).filter(|a| *a != v) {
                for b in (0..n).filter(|b| *b != v && *b != a) {
                    let over = distance[a][v] + distance[v][b] == distance[a][b];
                    if distance[a][b] < far && over && ways[a][b] != 0.0 {
                        sum += ways[a][v] * ways[v][b] / ways[a][b];
                    }
                }
            }
            sum
        })
        .collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]
    #[test]
    fn betweenness_agrees_with_its_definition(
        ties in proptest::collection::vec((0_usize..7, 0_usize..7), 0..25),
    ) {
        let (quick, slow) = (Network::new(&ties, 7).betweenness(), slow(&ties, 7));
        for (a, b) in quick.iter().zip(&slow) {
            prop_assert!((a - b).abs() < 1e-9, "{quick:?} against {slow:?}");
        }
    }
}

/// The ties of a real forum (Kellogg & Edelmann 2015), if it is here.
fn forum() -> Option<Vec<(usize, usize)>> {
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/data");
    let root = std::env::var_os("KOHORT_DATA").map_or(beside, Into::into);
    let file = std::fs::File::open(root.join("mooced_forum/dlt1_forum_edges.parquet")).ok()?;
    let frame = ParquetReader::new(file).finish().unwrap();
    let ids = |name: &str| -> Vec<usize> {
        let texts = frame.column(name).unwrap().str().unwrap();
        texts
            .iter()
            .map(|id| id.unwrap().parse().unwrap())
            .collect()
    };
    Some(ids("Sender").into_iter().zip(ids("Receiver")).collect())
}

#[test]
fn a_real_forum_has_the_numbers_that_networkx_finds() {
    let Some(ties) = forum() else {
        eprintln!("skipped: the forum is not here (KOHORT_DATA or ../shared/data)");
        return;
    };
    assert_eq!(ties.len(), 2_529);
    let net = Network::new(&ties, 600);
    let told: usize = net.degrees().iter().map(|(_, out)| out).sum();
    assert_eq!(told, 1_936);
    let near = |a: f64, b: f64| assert!((a - b).abs() <= 1e-9 * b, "{a} against {b}");
    near(net.reciprocity().unwrap(), 0.219_008_264_462_809_9);
    let between = net.betweenness();
    near(between.iter().sum(), 215_020.0);
    assert_eq!(between.iter().filter(|v| **v > 0.0).count(), 229);
    for (node, value, degrees) in [
        (444, 67_767.217_835_215_18, (273, 74)),
        (445, 19_027.382_079_181_17, (147, 34)),
        (44, 8_950.169_914_534_044, (36, 41)),
        (19, 7_055.668_056_403_921, (28, 23)),
        (432, 4_834.779_231_024_084, (5, 33)),
    ] {
        near(between[node], value);
        assert_eq!(net.degrees()[node], degrees);
    }
}
