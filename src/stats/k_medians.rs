//! Clusters by city-block distance.

#![expect(
    clippy::indexing_slicing,
    reason = "places of points and clusters are below their numbers"
)]

use std::cmp::Ordering;

use ndarray::{Array2, ArrayView1, ArrayView2, Axis};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::check::finite;
use super::quantiles::median;
use crate::error::{Error, Result};

/// A run that has not settled by then keeps what it has.
const MOST_ROUNDS: usize = 300;

/// Clusters, in the order of their centers.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Clusters {
    /// The cluster of each point, from 0.
    pub cluster: Vec<usize>,
    /// One row per cluster: the median of its points in each dimension.
    pub centers: Array2<f64>,
    /// Sum of the distances of the points from their centers.
    pub cost: f64,
}

/// k-means with the L1 distance, that is k-medians: `k` centers that keep the sum of the points'
/// city-block distances small. The best of `restarts` seeded starts (k-means++ with that
/// distance). Centers are sorted, first dimension first, so that numbers of clusters do not
/// depend on the start, and the points are taken in their own order, so that nothing depends on
/// the order of the rows.
///
/// Kizilcec, Piech & Schneider 2013, "Deconstructing disengagement: analyzing learner
/// subpopulations in massive open online courses", LAK '13, doi:10.1145/2460296.2460330; start:
/// Arthur & Vassilvitskii 2007, "k-means++: the advantages of careful seeding".
///
/// # Errors
/// [`Error::Parameter`] for values that are not finite, no restarts, and a `k` that is 0 or more
/// than the number of different points.
///
/// ```
/// use ndarray::array;
/// let points = array![[9.0, 9.0], [0.0, 0.0], [0.0, 1.0], [9.0, 8.0], [0.0, 5.0]];
/// let clusters = kohort::stats::k_medians(points.view(), 2, 10, 1)?;
/// assert_eq!(clusters.cluster, [1, 0, 0, 1, 0]);
/// assert_eq!(clusters.centers.row(0).to_vec(), [0.0, 1.0]);
/// assert_eq!(clusters.cost, 1.0 + 4.0 + 1.0);
/// # Ok::<(), kohort::Error>(())
/// ```
pub fn k_medians(
    points: ArrayView2<'_, f64>,
    k: usize,
    restarts: usize,
    seed: u64,
) -> Result<Clusters> {
    let all: Vec<f64> = points.iter().copied().collect();
    finite("points", &all)?;
    if restarts == 0 {
        return Err(Error::parameter("restarts", "at least 1", restarts));
    }
    let order = sorted(points);
    let points = &points.select(Axis(0), &order);
    let rows = points.axis_iter(Axis(0));
    let next = points.axis_iter(Axis(0)).skip(1);
    let differ = rows.zip(next).filter(|(a, b)| compare(*a, *b).is_ne());
    let different = differ.count() + usize::from(points.nrows() > 0);
    if k == 0 || k > different {
        let expected = format!("from 1 to the number of different points ({different})");
        return Err(Error::parameter("k", expected, k));
    }
    let mut best: Option<Clusters> = None;
    for restart in 0..restarts {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        rng.set_stream(restart as u64);
        let found = settle(points, start(points, k, &mut rng));
        if best.as_ref().is_none_or(|best| found.cost < best.cost) {
            best = Some(found);
        }
    }
    let Some(found) = best else {
        return Err(Error::parameter("restarts", "at least 1", restarts));
    };
    Ok(numbered(found, &order))
}

fn compare(a: ArrayView1<'_, f64>, b: ArrayView1<'_, f64>) -> Ordering {
    let pairs = a.iter().zip(b);
    // Of the two zeros one.
    let mut orders = pairs.map(|(a, b)| (*a + 0.0).total_cmp(&(*b + 0.0)));
    orders.find(|o| o.is_ne()).unwrap_or(Ordering::Equal)
}

/// The places of the rows, by their values.
fn sorted(rows: ArrayView2<'_, f64>) -> Vec<usize> {
    let mut order: Vec<usize> = (0..rows.nrows()).collect();
    order.sort_by(|a, b| compare(rows.row(*a), rows.row(*b)));
    order
}

fn distance(a: ArrayView1<'_, f64>, b: ArrayView1<'_, f64>) -> f64 {
    a.iter().zip(b).map(|(a, b)| (a - b).abs()).sum()
}

/// The first centers: points, each the likelier the farther from those before.
fn start(points: &Array2<f64>, k: usize, rng: &mut ChaCha8Rng) -> Array2<f64> {
    let mut chosen = vec![rng.random_range(0..points.nrows())];
    let mut near = vec![f64::INFINITY; points.nrows()];
    while chosen.len() < k {
        let last = chosen.last().copied().unwrap_or(0);
        for (near, point) in near.iter_mut().zip(points.axis_iter(Axis(0))) {
            *near = near.min(distance(point, points.row(last)));
        }
        let mut left = rng.random::<f64>() * near.iter().sum::<f64>();
        let mut pick = None;
        for (place, near) in near.iter().enumerate().filter(|(_, near)| **near > 0.0) {
            pick = Some(place);
            left -= near;
            if left < 0.0 {
                break;
            }
        }
        chosen.push(pick.unwrap_or(0));
    }
    points.select(Axis(0), &chosen)
}

/// Points to their nearest center and centers to the median of their points, until nothing moves.
fn settle(points: &Array2<f64>, mut centers: Array2<f64>) -> Clusters {
    let (mut cluster, mut apart) = nearest(points, &centers);
    for _ in 0..MOST_ROUNDS {
        fill_empty(&mut cluster, &mut apart, centers.nrows());
        for (own, mut center) in centers.axis_iter_mut(Axis(0)).enumerate() {
            for (dimension, value) in center.iter_mut().enumerate() {
                let column = points.column(dimension);
                let members = column.iter().zip(&cluster);
                let members = members.filter(|(_, cluster)| **cluster == own);
                let members: Vec<f64> = members.map(|(v, _)| *v).collect();
                *value = median(&members).unwrap_or(*value);
            }
        }
        let (next, distances) = nearest(points, &centers);
        let same = next == cluster;
        (cluster, apart) = (next, distances);
        if same {
            break;
        }
    }
    Clusters {
        cost: apart.iter().sum(),
        cluster,
        centers,
    }
}

/// The nearest center of each point, the first of equals, and how far it is.
fn nearest(points: &Array2<f64>, centers: &Array2<f64>) -> (Vec<usize>, Vec<f64>) {
    let found = points.axis_iter(Axis(0)).map(|point| {
        let mut best = (0, f64::INFINITY);
        for (number, center) in centers.axis_iter(Axis(0)).enumerate() {
            let apart = distance(point, center);
            if apart < best.1 {
                best = (number, apart);
            }
        }
        best
    });
    found.unzip()
}

/// A cluster without points takes the one that lies farthest from its center.
fn fill_empty(cluster: &mut [usize], apart: &mut [f64], k: usize) {
    for own in 0..k {
        if cluster.contains(&own) {
            continue;
        }
        let farthest = (0..apart.len()).max_by(|a, b| {
            let by_distance = apart[*a].total_cmp(&apart[*b]);
            by_distance.then(b.cmp(a))
        });
        if let Some(place) = farthest {
            cluster[place] = own;
            apart[place] = 0.0;
        }
    }
}

/// Clusters numbered by their centers, for the points in the order they were given.
fn numbered(found: Clusters, order: &[usize]) -> Clusters {
    let by_center = sorted(found.centers.view());
    let mut number = vec![0; by_center.len()];
    for (new, old) in by_center.iter().enumerate() {
        number[*old] = new;
    }
    let mut cluster = vec![0; order.len()];
    for (place, own) in order.iter().zip(&found.cluster) {
        cluster[*place] = number[*own];
    }
    Clusters {
        cluster,
        centers: found.centers.select(Axis(0), &by_center),
        cost: found.cost,
    }
}

#[cfg(test)]
mod tests {
    use ndarray::array;

    use super::*;

    #[test]
    fn as_many_clusters_as_points_cost_nothing() {
        let points = array![[3.0], [1.0], [2.0], [1.0]];
        let all = k_medians(points.view(), 3, 5, 0).unwrap();
        assert_eq!(all.cluster, [2, 0, 1, 0]);
        assert!(all.cost <= 0.0);
        assert!(k_medians(points.view(), 4, 5, 0).is_err());
        assert!(k_medians(points.view(), 0, 5, 0).is_err());
        assert!(k_medians(Array2::zeros((0, 2)).view(), 1, 5, 0).is_err());
    }

    #[test]
    fn one_cluster_has_the_median_for_its_center() {
        let points = array![[0.0, 5.0], [1.0, 1.0], [50.0, 2.0]];
        let one = k_medians(points.view(), 1, 1, 7).unwrap();
        assert_eq!(one.centers, array![[1.0, 2.0]]);
    }

    #[test]
    fn an_empty_cluster_is_filled_with_the_farthest_point() {
        let (mut cluster, mut apart) = (vec![0, 0, 0], vec![1.0, 4.0, 4.0]);
        fill_empty(&mut cluster, &mut apart, 2);
        assert_eq!(cluster, [0, 1, 0]);
    }
}
