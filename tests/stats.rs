//! Laws of the numeric kernels, and slow twins of those that are not looked at from Python.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "tests may panic"
)]

use kohort::stats::{
    Design, logistic_regression, mean, median, median_absolute_deviation, peaks, periodicity,
    periodicity_of_times, power_law, quantile, smooth, variance,
};
use proptest::prelude::*;

fn close(a: f64, b: f64, tolerance: f64) -> bool {
    (a - b).abs() <= tolerance * a.abs().max(b.abs()).max(1.0)
}

fn series() -> impl Strategy<Value = Vec<f64>> {
    prop_oneof![
        proptest::collection::vec((-5_i32..5).prop_map(f64::from), 0..30),
        proptest::collection::vec(-1e6_f64..1e6, 0..30),
    ]
}

/// A peak as its definition has it: walk from the apex both ways to higher ground.
fn slow_peaks(values: &[f64]) -> Vec<(usize, f64)> {
    let mut found = Vec::new();
    let mut from = 1;
    while from < values.len() {
        let mut to = from;
        while to + 1 < values.len() && values[to + 1].total_cmp(&values[from]).is_eq() {
            to += 1;
        }
        if to + 1 < values.len() && values[from - 1] < values[from] && values[to + 1] < values[from]
        {
            let apex = usize::midpoint(from, to);
            let ground = |side: &mut dyn Iterator<Item = usize>| {
                let mut lowest = values[apex];
                for place in side {
                    if values[place] > values[apex] {
                        break;
                    }
                    lowest = lowest.min(values[place]);
                }
                lowest
            };
            let left = ground(&mut (0..apex).rev());
            let right = ground(&mut (apex + 1..values.len()));
            found.push((apex, values[apex] - left.max(right)));
        }
        from = to + 1;
    }
    found
}

proptest! {
    #[test]
    fn peaks_are_their_definition(values in series(), least in 0.0_f64..4.0) {
        let values: Vec<f64> = values.iter().map(|v| v + 0.0).collect();
        let ours: Vec<_> = peaks(&values, 0.0).unwrap().iter().map(|p| (p.apex, p.prominence)).collect();
        let theirs = slow_peaks(&values);
        prop_assert_eq!(&ours, &theirs);
        let some = peaks(&values, least).unwrap();
        prop_assert_eq!(some.len(), theirs.iter().filter(|p| p.1 >= least).count());
        for peak in some {
            prop_assert!(peak.start < peak.apex && peak.apex < peak.end);
            let ground = values[peak.start].max(values[peak.end]);
            prop_assert!(close(peak.height - ground, peak.prominence, 1e-12));
        }
    }

    #[test]
    fn smoothing_stays_between_the_ends_and_keeps_a_mirror(values in series(), bandwidth in 0.1_f64..20.0) {
        let smoothed = smooth(&values, bandwidth).unwrap();
        prop_assert_eq!(smoothed.len(), values.len());
        let low = values.iter().copied().fold(f64::INFINITY, f64::min);
        let high = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        for value in &smoothed {
            prop_assert!(*value >= low - 1e-6 && *value <= high + 1e-6);
        }
        let mirrored: Vec<f64> = values.iter().rev().copied().collect();
        let back = smooth(&mirrored, bandwidth).unwrap();
        for (a, b) in smoothed.iter().zip(back.iter().rev()) {
            prop_assert!(close(*a, *b, 1e-9));
        }
    }

    #[test]
    fn quantiles_grow_with_the_share_and_hit_every_value(values in series(), a in 0.0_f64..=1.0, b in 0.0_f64..=1.0) {
        prop_assume!(!values.is_empty());
        let (low, high) = (a.min(b), a.max(b));
        prop_assert!(quantile(&values, low).unwrap() <= quantile(&values, high).unwrap() + 1e-9);
        let mut sorted = values.clone();
        sorted.sort_unstable_by(f64::total_cmp);
        let n = sorted.len();
        for (place, value) in sorted.iter().enumerate() {
            let share = if n == 1 { 0.5 } else { place as f64 / (n - 1) as f64 };
            prop_assert!(close(quantile(&values, share).unwrap(), *value, 1e-6));
        }
        let shifted: Vec<f64> = values.iter().map(|v| v + 7.0).collect();
        let (own, moved) = (median_absolute_deviation(&values), median_absolute_deviation(&shifted));
        prop_assert!(close(own.unwrap(), moved.unwrap(), 1e-9));
        let middle = median(&values).unwrap();
        prop_assert!(values.iter().filter(|v| **v < middle - 1e-9).count() * 2 <= n);
    }

    #[test]
    fn variance_is_the_mean_square_less_the_squared_mean(values in proptest::collection::vec(-100.0_f64..100.0, 2..40)) {
        let squares: Vec<f64> = values.iter().map(|v| v * v).collect();
        let expected = mean(&squares).unwrap() - mean(&values).unwrap().powi(2);
        prop_assert!((variance(&values, 0).unwrap() - expected).abs() < 1e-8);
    }

    #[test]
    fn a_series_and_the_times_of_its_ones_have_one_period(
        ones in proptest::collection::btree_set(0_i64..500, 0..60),
        period in 1_u32..40,
    ) {
        let dense: Vec<f64> = (0..500).map(|t| f64::from(u8::from(ones.contains(&t)))).collect();
        let by_times = periodicity_of_times(ones.iter().copied(), period);
        prop_assert!(close(by_times, periodicity(&dense, f64::from(period)).unwrap(), 1e-9));
        // where time begins does not matter
        let moved = ones.iter().map(|t| t - 1_000_003);
        prop_assert!(close(by_times, periodicity_of_times(moved, period), 1e-9));
    }

    #[test]
    fn a_power_law_is_found_again(scale in 0.01_f64..100.0, exponent in -3.0_f64..3.0, n in 2_u32..20) {
        let x: Vec<f64> = (1..=n).map(f64::from).collect();
        let y: Vec<f64> = x.iter().map(|x| scale * x.powf(exponent)).collect();
        let fit = power_law(&x, &y).unwrap().unwrap();
        prop_assert!(close(fit.scale, scale, 1e-9) && close(fit.exponent, exponent, 1e-9));
    }

    /// At the maximum every column's residuals balance its ridge, and no step uphill is left.
    #[test]
    fn a_logistic_fit_solves_its_score_equations(
        rows in proptest::collection::vec((0_usize..3, 0.0_f64..4.0, any::<bool>()), 1..60),
        ridge in 0.05_f64..2.0,
    ) {
        // persons in three columns, one slope
        let mut design = Design::new(4);
        for (person, times, _) in &rows {
            design.push(&[(*person, 1.0), (3, *times)]).unwrap();
        }
        let outcome: Vec<bool> = rows.iter().map(|r| r.2).collect();
        let fit = logistic_regression(&design, &outcome, &[ridge; 4]).unwrap().unwrap();
        let b = &fit.coefficients;
        let mut score: Vec<f64> = b.iter().map(|b| -ridge * b).collect();
        let mut likelihood = 0.0;
        for (person, times, right) in &rows {
            let p = 1.0 / (1.0 + (-(b[*person] + times * b[3])).exp());
            let residual = f64::from(u8::from(*right)) - p;
            score[*person] += residual;
            score[3] += residual * times;
            likelihood += if *right { p.ln() } else { (1.0 - p).ln() };
        }
        prop_assert!(score.iter().all(|s| s.abs() < 1e-7), "{score:?}");
        prop_assert!(close(likelihood, fit.log_likelihood, 1e-9));
        prop_assert!(fit.standard_errors.iter().all(|e| *e > 0.0 && *e <= ridge.sqrt().recip() + 1e-12));
    }
}

#[test]
fn what_is_no_number_gives_none_or_an_error() {
    for odd in [f64::NAN, f64::INFINITY] {
        assert_eq!(mean(&[1.0, odd]), None);
        assert_eq!(variance(&[1.0, odd], 1), None);
        assert_eq!(quantile(&[1.0, odd], 0.5), None);
        assert!(peaks(&[odd], 0.0).is_err());
        assert!(smooth(&[odd], 1.0).is_err());
        assert!(smooth(&[1.0], odd).is_err());
        assert!(power_law(&[odd, 1.0], &[1.0, 1.0]).is_err());
        assert!(periodicity(&[1.0], odd).is_err());
    }
    assert_eq!(quantile(&[1.0], 1.5), None);
    assert_eq!(mean(&[f64::MAX, f64::MAX]), None);
    assert_eq!(power_law(&[2.0, 2.0], &[1.0, 3.0]).unwrap(), None);
    assert!(power_law(&[1.0, 2.0], &[0.0, 1.0]).is_err());
}
