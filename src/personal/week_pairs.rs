//! How alike the weeks of a learner are, two by two (METRICS: regularity, `ws1` to `ws3`).
//!
//! A learner of twenty active weeks has 190 pairs of them. A day has at most 24 active hours and
//! most weeks have few, so what two days differ by was reckoned before, once for all learners.

#![expect(
    clippy::indexing_slicing,
    reason = "days index arrays of seven, and tables have a place for each number below their side"
)]

use std::f64::consts::LN_2;
use std::sync::LazyLock;

use crate::data::calendar::monday;
use crate::stats::divergence_part;

/// Weeks of up to so many active hours have their shares in the table.
const FEW: usize = 16;
/// Active hours of a day, 0 to 24.
const HOURS: usize = 25;

/// Active hours on each weekday of a week, and in all.
#[derive(Debug)]
pub(super) struct Week {
    hours: [u8; 7],
    sum: f64,
    /// The places of the shares of the sum in [`Known`], if they have one.
    places: Option<[u16; 7]>,
    /// Its active days, a bit for each.
    days: u8,
}

/// What two days differ by, by hours and by shares of hours.
struct Known {
    /// The squared relative difference of each two numbers of hours, and nothing of two zeros.
    apart: Vec<[f64; HOURS]>,
    /// The place of each share: some hours of a sum.
    place: [[u16; FEW + 1]; FEW + 1],
    side: usize,
    /// The part of each two shares in the divergence.
    part: Vec<f64>,
}

static KNOWN: LazyLock<Known> = LazyLock::new(|| {
    let hours = || (0_u32..).take(HOURS).map(f64::from);
    let apart = |a: f64, b: f64| {
        let sum = a + b;
        if sum > 0.0 {
            ((a - b) / sum).powi(2)
        } else {
            0.0
        }
    };
    let row = |a| {
        let mut row = [0.0; HOURS];
        for (cell, b) in row.iter_mut().zip(hours()) {
            *cell = apart(a, b);
        }
        row
    };
    let mut place = [[0; FEW + 1]; FEW + 1];
    let mut shares: Vec<f64> = Vec::new();
    for (sum, row) in (0_u32..).zip(&mut place).skip(1) {
        for (own, cell) in (0..=sum).zip(row) {
            let share = f64::from(own) / f64::from(sum);
            // Equal ratios are equal numbers.
            let known = shares.iter().position(|s| s.total_cmp(&share).is_eq());
            let at = known.unwrap_or_else(|| {
                shares.push(share);
                shares.len() - 1
            });
            *cell = u16::try_from(at).unwrap_or(u16::MAX);
        }
    }
    let parts = |p: &f64| {
        let p = *p;
        shares.iter().map(move |q| divergence_part(p, *q))
    };
    Known {
        apart: hours().map(row).collect(),
        place,
        side: shares.len(),
        part: shares.iter().flat_map(parts).collect(),
    }
});

/// The active weeks, from the day of each active hour in order.
pub(super) fn fill(weeks: &mut Vec<Week>, days: &[i32]) {
    weeks.clear();
    let known = &*KNOWN;
    let mut rest = days;
    while let Some(first) = rest.first() {
        let begin = monday(*first);
        let next = begin.saturating_add(7);
        let held = rest.iter().position(|day| *day >= next);
        let (own, later) = rest.split_at(held.unwrap_or(rest.len()));
        rest = later;
        let mut hours = [0_u8; 7];
        for day in own {
            let place = usize::try_from(day - begin).ok();
            if let Some(count) = place.and_then(|place| hours.get_mut(place)) {
                *count = count.saturating_add(1);
            }
        }
        let of_sum = known.place.get(own.len());
        weeks.push(Week {
            hours,
            sum: own.len() as f64,
            places: of_sum.map(|places| hours.map(|count| places[usize::from(count)])),
            days: (0..7).fold(0, |days, day| days | u8::from(hours[day] > 0) << day),
        });
    }
}

/// The mean similarity of two active weeks: by their active days, by how hours spread over them,
/// by the hours of each.
pub(super) fn similarity(weeks: &[Week]) -> [Option<f64>; 3] {
    let known = &*KNOWN;
    let mut sums = [0.0; 3];
    let mut pairs = 0_u32;
    for (place, one) in weeks.iter().enumerate() {
        for other in &weeks[place + 1..] {
            let own = known.alike(one, other);
            for (sum, value) in sums.iter_mut().zip(own) {
                *sum += value;
            }
            pairs += 1;
        }
    }
    sums.map(|sum| (pairs > 0).then(|| sum / f64::from(pairs)))
}

impl Known {
    /// How alike two weeks are: the days active in both over those of the week with more; 1 less
    /// the divergence of their spreads (itself, not its root) in units of its largest; 1 less the
    /// mean squared relative difference over the days active in either.
    fn alike(&self, one: &Week, other: &Week) -> [f64; 3] {
        let (both, either) = (one.days & other.days, one.days | other.days);
        let most = one.days.count_ones().max(other.days.count_ones());
        // Days active in neither add nothing.
        let apart: f64 = (0..7)
            .map(|day| self.apart[usize::from(one.hours[day])][usize::from(other.hours[day])])
            .sum();
        let spread: f64 = if let (Some(own), Some(others)) = (&one.places, &other.places) {
            let part = |day: usize| {
                self.part[usize::from(own[day]) * self.side + usize::from(others[day])]
            };
            (0..7).map(part).sum()
        } else {
            let share = |week: &Week, day: usize| f64::from(week.hours[day]) / week.sum;
            let part = |day: usize| divergence_part(share(one, day), share(other, day));
            (0..7).map(part).sum()
        };
        [
            f64::from(both.count_ones()) / f64::from(most),
            1.0 - spread.clamp(0.0, LN_2) / LN_2,
            1.0 - apart / f64::from(either.count_ones()),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::jensen_shannon;
    use proptest::prelude::*;

    /// The definition, without tables.
    fn slowly(one: [u8; 7], other: [u8; 7]) -> [f64; 3] {
        let pairs = || {
            one.iter()
                .zip(other)
                .map(|(a, b)| (f64::from(*a), f64::from(b)))
        };
        let active = |week: [u8; 7]| week.iter().filter(|hours| **hours > 0).count();
        let both = pairs().filter(|(a, b)| *a > 0.0 && *b > 0.0).count();
        let either: Vec<_> = pairs().filter(|(a, b)| a + b > 0.0).collect();
        let apart: f64 = either
            .iter()
            .map(|(a, b)| ((a - b) / (a + b)).powi(2))
            .sum();
        let spread = jensen_shannon(&one.map(f64::from), &other.map(f64::from));
        [
            both as f64 / active(one).max(active(other)) as f64,
            1.0 - spread.unwrap().unwrap() / LN_2,
            1.0 - apart / either.len() as f64,
        ]
    }

    fn hours() -> impl Strategy<Value = [u8; 7]> {
        // Few hours, which have their place in the table, and many.
        prop_oneof![
            prop::array::uniform7(0_u8..4),
            prop::array::uniform7(0_u8..25)
        ]
        .prop_filter("active weeks", |hours| hours.iter().any(|hour| *hour > 0))
    }

    proptest! {
        #[test]
        fn two_weeks_are_as_alike_as_the_definition_says(one in hours(), other in hours()) {
            let monday = 4; // 1970-01-05
            let mut days = Vec::new();
            for (day, hours) in (monday..).zip(one.iter().chain(&other)) {
                days.extend((0..*hours).map(|_| day));
            }
            let mut weeks = Vec::new();
            fill(&mut weeks, &days);
            let found = similarity(&weeks);
            for (value, expected) in found.iter().zip(slowly(one, other)) {
                prop_assert!((value.unwrap() - expected).abs() < 1e-12);
            }
        }
    }
}
