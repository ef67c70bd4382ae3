//! Where a content is watched again more than around: peaks of re-watching.
//!
//! Rewatches per second are smoothed by a Gaussian kernel. A peak rises above the local median
//! from `start` to `end`, and its apex by more than three robust standard deviations (1.4826
//! times the median absolute deviation from the local median; at least the counting error of the
//! smoothed count, so that a flat neighbourhood does not make every rewatch a peak). After Kim
//! et al. (2014), L@S, doi:10.1145/2556325.2566237, who look for peaks of interaction.

/// Standard deviations that an apex must stand above the local median.
const HEIGHT: f64 = 3.0;
/// The standard deviation of a normal distribution whose median absolute deviation is 1.
const ROBUST: f64 = 1.4826;

/// A peak, in places of the series.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Peak {
    pub(crate) start: usize,
    pub(crate) apex: usize,
    /// The last second that belongs to it.
    pub(crate) end: usize,
    /// How far one must come down from the apex on the way to higher ground or to an end.
    pub(crate) prominence: f64,
}

/// The peaks of a series of rewatches, one for each second, by a kernel of `bandwidth` seconds
/// and the medians of `around` seconds on either side.
pub(crate) fn peaks(rewatches: &[u32], bandwidth: f64, around: usize) -> Vec<Peak> {
    let kernel = kernel(bandwidth);
    let smooth = smoothed(rewatches, &kernel);
    let mut found = Vec::new();
    let mut from = 0;
    while from < smooth.len() {
        let stretch = smooth.iter().zip(0_usize..).skip(from);
        let above = |at: usize| smooth.get(at).copied() > Some(local(&smooth, at, around).0);
        let Some(start) = stretch.map(|(_, at)| at).find(|at| above(*at)) else {
            break;
        };
        let end = (start + 1..smooth.len())
            .find(|at| !above(*at))
            .unwrap_or(smooth.len());
        let apex = apex(&smooth, start, end);
        let (median, deviation) = local(&smooth, apex, around);
        let noise = (median.max(1.0) * kernel.1).sqrt();
        let height = smooth.get(apex).map_or(0.0, |top| top - median);
        if height > HEIGHT * deviation.max(noise) {
            found.push(Peak {
                start,
                apex,
                end: end - 1,
                prominence: prominence(&smooth, apex),
            });
        }
        from = end;
    }
    found
}

/// The weights of one side of the kernel, the middle first, and the sum of all squares.
fn kernel(bandwidth: f64) -> (Vec<f64>, f64) {
    let reach = (0..10_000).take_while(|at| f64::from(*at) <= 3.0 * bandwidth);
    let weight = |at: u32| (-0.5 * (f64::from(at) / bandwidth.max(1e-9)).powi(2)).exp();
    let side: Vec<f64> = reach.map(weight).collect();
    let total = 2.0 * side.iter().sum::<f64>() - 1.0;
    let side: Vec<f64> = side.into_iter().map(|w| w / total).collect();
    let squares = side.iter().map(|w| w * w);
    let middle = side.first().map_or(0.0, |w| w * w);
    let squares = 2.0 * squares.sum::<f64>() - middle;
    (side, squares)
}

/// Averages of the neighbourhood; at the ends, of what there is of it.
fn smoothed(values: &[u32], (side, _): &(Vec<f64>, f64)) -> Vec<f64> {
    let average = |at: usize| {
        let (mut sum, mut weights) = (0.0, 0.0);
        let mut add = |place: Option<usize>, weight: f64| {
            if let Some(value) = place.and_then(|place| values.get(place)) {
                sum += weight * f64::from(*value);
                weights += weight;
            }
        };
        for (distance, weight) in side.iter().enumerate() {
            add(at.checked_add(distance), *weight);
            if distance > 0 {
                add(at.checked_sub(distance), *weight);
            }
        }
        sum / weights
    };
    (0..values.len()).map(average).collect()
}

/// The median of a neighbourhood, and its robust standard deviation.
fn local(smooth: &[f64], at: usize, around: usize) -> (f64, f64) {
    let from = at.saturating_sub(around);
    let to = at
        .saturating_add(around)
        .saturating_add(1)
        .min(smooth.len());
    let near = smooth.get(from..to).unwrap_or_default();
    let middle = median(near.to_vec());
    let away = near.iter().map(|value| (value - middle).abs()).collect();
    (middle, ROBUST * median(away))
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    let half = values.len() / 2;
    let at = |place: usize| values.get(place).copied().unwrap_or(0.0);
    if values.len() % 2 == 1 {
        at(half)
    } else {
        f64::midpoint(at(half.saturating_sub(1)), at(half))
    }
}

/// The highest place of a stretch; of equal neighbours the middle one.
fn apex(smooth: &[f64], start: usize, end: usize) -> usize {
    let stretch = smooth.get(start..end).unwrap_or_default();
    let top = stretch.iter().copied().fold(f64::MIN, f64::max);
    let is_top = |value: &f64| value.total_cmp(&top).is_eq();
    let first = stretch.iter().position(is_top).unwrap_or(0);
    let level = stretch.iter().skip(first).take_while(|v| is_top(v)).count();
    start + first + level.saturating_sub(1) / 2
}

fn prominence(smooth: &[f64], apex: usize) -> f64 {
    let Some(top) = smooth.get(apex) else {
        return 0.0;
    };
    let lowest = |side: &mut dyn Iterator<Item = &f64>| {
        let lower = side.take_while(|value| *value <= top);
        lower.copied().reduce(f64::min)
    };
    let left = lowest(&mut smooth.iter().take(apex).rev());
    let right = lowest(&mut smooth.iter().skip(apex + 1));
    // At an end of the series there is one way down only.
    match (left, right) {
        (Some(left), Some(right)) => top - left.max(right),
        (one, other) => top - one.or(other).unwrap_or(0.0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Two hills on a plain that is not quite flat.
    fn hills() -> Vec<u32> {
        let mut plain: Vec<u32> = (0..300).map(|second| 2 + second % 2).collect();
        for (hill, height) in [(100..110, 20), (200..205, 8)] {
            plain[hill].iter_mut().for_each(|second| *second += height);
        }
        plain
    }

    #[test]
    fn hills_are_found_and_the_plain_is_not() {
        let found = peaks(&hills(), 3.0, 60);
        assert_eq!(found.len(), 2, "{found:?}");
        assert!((104..=105).contains(&found[0].apex), "{found:?}");
        assert!((201..=203).contains(&found[1].apex), "{found:?}");
        for (peak, hill) in found.iter().zip([100..110, 200..205]) {
            assert!(
                peak.start <= hill.start && peak.end + 1 >= hill.end,
                "{peak:?}"
            );
            assert!(peak.end - peak.start < 40, "{peak:?}");
        }
        assert!(found[0].prominence > found[1].prominence && found[1].prominence > 2.0);
        assert_eq!(peaks(&[3; 300], 3.0, 60), []);
        assert_eq!(peaks(&[], 3.0, 60), []);
    }

    #[test]
    fn one_stray_rewatch_is_no_peak() {
        let mut quiet = vec![0_u32; 200];
        quiet[50] = 1;
        assert_eq!(peaks(&quiet, 3.0, 60), []);
        // a class that goes back to the same ten seconds is one
        quiet[120..130].fill(12);
        let found = peaks(&quiet, 3.0, 60);
        assert_eq!(found.len(), 1);
        assert!((124..=125).contains(&found[0].apex));
    }

    #[test]
    fn smoothing_keeps_what_is_flat_and_a_median_is_one() {
        let flat = smoothed(&[7; 20], &kernel(4.0));
        assert!(flat.iter().all(|value| (value - 7.0).abs() < 1e-12));
        assert!((median(vec![4.0, 1.0, 3.0, 2.0]) - 2.5).abs() < 1e-12);
        // 1, 1, 2, 2, 4, 6, 9: median 2, deviations 1 1 0 0 2 4 7, their median 1
        let (middle, deviation) = local(&[1.0, 1.0, 2.0, 2.0, 4.0, 6.0, 9.0], 3, 60);
        assert!((middle - 2.0).abs() < 1e-12 && (deviation - 1.4826).abs() < 1e-12);
    }

    #[test]
    fn prominence_is_the_way_down_to_higher_ground() {
        let ridge = [0.0, 5.0, 2.0, 3.0, 1.0, 8.0, 4.0];
        assert!((prominence(&ridge, 3) - 1.0).abs() < 1e-12);
        assert!((prominence(&ridge, 1) - 4.0).abs() < 1e-12);
        assert!((prominence(&ridge, 5) - 4.0).abs() < 1e-12);
        assert!((prominence(&[6.0, 2.0, 3.0], 0) - 4.0).abs() < 1e-12);
    }

    proptest! {
        #[test]
        fn peaks_lie_in_order_and_hold_their_apex(
            series in proptest::collection::vec(0_u32..40, 0..120),
            bandwidth in 0.5_f64..8.0,
            around in 1_usize..80,
        ) {
            let found = peaks(&series, bandwidth, around);
            for peak in &found {
                prop_assert!(peak.start <= peak.apex && peak.apex <= peak.end);
                prop_assert!(peak.end < series.len());
                prop_assert!(peak.prominence >= 0.0);
            }
            prop_assert!(found.windows(2).all(|two| two[0].end < two[1].start));
        }
    }
}
