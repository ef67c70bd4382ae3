//! Moments of marks at an item and at the others, from released counts alone.
//!
//! With counts of "at least" on both sides, moments are sums over the grid (Hoeffding 1940):
//! `cov(x, r) = sum of P(x >= s, r >= b) - P(x >= s) P(r >= b)`, times the steps of both grids, and
//! the greatest covariance with these marks puts `min(P(x >= s), P(r >= b))` in the first place.
//!
//! A count that is only known to be low is k / 2 where the counts begin to be low, and half of the
//! one before from there on; all but that many where it is only known to be high. In the body of
//! the table a low count keeps the ratio to the margin that its neighbour has.

use std::collections::BTreeMap;

use crate::group::distribution::{Cell, Rules};

/// A table of counts, every cell with what it stands for.
pub(super) struct Filled {
    levels: usize,
    bands: usize,
    counts: Vec<f64>,
}

/// Means, variances and covariances, in shares of the full marks.
#[derive(Debug, Clone, Copy)]
pub(super) struct Moments {
    /// Members behind them.
    pub(super) n: f64,
    pub(super) variance: f64,
    pub(super) rest_variance: f64,
    pub(super) covariance: f64,
    /// The greatest covariance that these marks could have.
    pub(super) most: f64,
}

impl Moments {
    /// Correlation with the marks at the others.
    pub(super) fn correlation(&self) -> Option<f64> {
        ratio(
            self.covariance,
            (self.variance * self.rest_variance).max(0.0).sqrt(),
        )
    }

    /// Correlation with the total of a test with `others` more items.
    pub(super) fn with_total(&self, others: usize) -> Option<f64> {
        let others = others as f64;
        let total =
            self.variance + 2.0 * others * self.covariance + others * others * self.rest_variance;
        let shared = self.variance + others * self.covariance;
        ratio(shared, (self.variance * total).max(0.0).sqrt())
    }

    /// Covariance / the greatest it could be.
    pub(super) fn efficiency(&self) -> Option<f64> {
        ratio(self.covariance, self.most)
    }
}

/// A ratio between -1 and 1.
fn ratio(part: f64, whole: f64) -> Option<f64> {
    (whole > 0.0).then(|| (part / whole).clamp(-1.0, 1.0))
}

/// What each of a row of falling counts stands for.
pub(super) fn chain(cells: &[Cell], rules: &Rules) -> Vec<f64> {
    let tail = f64::from(rules.k) / 2.0;
    let n = f64::from(rules.n);
    let mut counts: Vec<f64> = Vec::with_capacity(cells.len());
    let mut low = tail;
    for cell in cells {
        counts.push(match cell {
            Cell::Low => {
                low /= 2.0;
                2.0 * low
            }
            Cell::Count(count) => f64::from(*count),
            Cell::High => n,
        });
    }
    let mut short = tail;
    for (count, cell) in counts.iter_mut().zip(cells).rev() {
        if *cell == Cell::High {
            *count = n - short;
            short /= 2.0;
        }
    }
    counts
}

impl Filled {
    /// A table of `levels` by `bands`, both from 0.
    pub(super) fn new(
        (levels, bands): (usize, usize),
        cell: impl Fn(usize, usize) -> Cell,
        rules: &Rules,
    ) -> Self {
        let by_band = chain(&(0..=bands).map(|b| cell(0, b)).collect::<Vec<_>>(), rules);
        let by_level = chain(&(0..=levels).map(|l| cell(l, 0)).collect::<Vec<_>>(), rules);
        let mut own = Self {
            levels,
            bands,
            counts: vec![0.0; (levels + 1) * (bands + 1)],
        };
        let first = |row: &[f64]| row.first().copied().unwrap_or(0.0);
        let all = first(&by_band).max(first(&by_level));
        for level in 0..=levels {
            for band in 0..=bands {
                let margin = |row: &[f64], at: usize| row.get(at).copied().unwrap_or(0.0).min(all);
                let count = match (level, band) {
                    (0, 0) => all,
                    (0, band) => margin(&by_band, band),
                    (level, 0) => margin(&by_level, level),
                    _ => own.inside(level, band, &cell, rules),
                };
                let above = if level > 0 {
                    own.at(level - 1, band)
                } else {
                    all
                };
                let before = if band > 0 {
                    own.at(level, band - 1)
                } else {
                    all
                };
                let place = own.place(level, band);
                if let Some(slot) = own.counts.get_mut(place) {
                    *slot = count.min(above).min(before);
                }
            }
        }
        own
    }

    fn inside(
        &self,
        level: usize,
        band: usize,
        cell: &impl Fn(usize, usize) -> Cell,
        rules: &Rules,
    ) -> f64 {
        let keep = |margin: f64, neighbour: f64, its_margin: f64| {
            let ratio = if its_margin > 0.0 {
                neighbour / its_margin
            } else {
                0.0
            };
            (margin * ratio).min(f64::from(rules.k.saturating_sub(1)))
        };
        match cell(level, band) {
            Cell::Count(count) => f64::from(count),
            Cell::High => self.at(level, 0).min(self.at(0, band)),
            Cell::Low if cell(level, 0) == Cell::Low => {
                let neighbour = self.at(level - 1, band);
                keep(self.at(level, 0), neighbour, self.at(level - 1, 0))
            }
            Cell::Low => {
                let neighbour = self.at(level, band - 1);
                keep(self.at(0, band), neighbour, self.at(0, band - 1))
            }
        }
    }

    fn place(&self, level: usize, band: usize) -> usize {
        level * (self.bands + 1) + band
    }

    /// Members with at least this level and band.
    pub(super) fn at(&self, level: usize, band: usize) -> f64 {
        let count = self.counts.get(self.place(level, band));
        count.copied().filter(|_| band <= self.bands).unwrap_or(0.0)
    }

    /// The moments; `None` for no members or no others.
    pub(super) fn moments(&self) -> Option<Moments> {
        let n = self.at(0, 0);
        if n <= 0.0 || self.bands == 0 || self.levels == 0 {
            return None;
        }
        let (step, band_step) = (1.0 / self.levels as f64, 1.0 / self.bands as f64);
        let variance = spread(self.levels, |level| self.at(level, 0) / n);
        let rest_variance = spread(self.bands, |band| self.at(0, band) / n);
        let (mut covariance, mut most) = (0.0, 0.0);
        for level in 1..=self.levels {
            let marks = self.at(level, 0) / n;
            for band in 1..=self.bands {
                let rest = self.at(0, band) / n;
                covariance += self.at(level, band) / n - marks * rest;
                most += marks.min(rest) - marks * rest;
            }
        }
        Some(Moments {
            n,
            variance,
            rest_variance,
            covariance: covariance * step * band_step,
            most: most * step * band_step,
        })
    }

    /// Mean share of the others of those with full marks at this.
    pub(super) fn rest_of_full(&self) -> Option<f64> {
        let own = self.at(self.levels, 0);
        let sum: f64 = (1..=self.bands)
            .map(|band| self.at(self.levels, band))
            .sum();
        (own > 0.0 && self.bands > 0).then(|| sum / self.bands as f64 / own)
    }

    /// Mean marks of the best 27 % by total less those of the last 27 %; those tied at the border
    /// share its places. The total counts this item once and the others `others` times.
    pub(super) fn upper_lower(&self, others: usize) -> Option<f64> {
        let size = 0.27 * self.at(0, 0);
        if size <= 0.0 || others == 0 {
            return None;
        }
        // Members with exactly this level and band, by their total in common steps.
        let mut by_total: BTreeMap<usize, (f64, f64)> = BTreeMap::new();
        for level in 0..=self.levels {
            for band in 0..=self.bands {
                let exactly = |band: usize| {
                    let next = if level < self.levels {
                        self.at(level + 1, band)
                    } else {
                        0.0
                    };
                    self.at(level, band) - next
                };
                let members = exactly(band) - exactly(band + 1);
                let total = level * self.bands + others * band * self.levels;
                let own = by_total.entry(total).or_default();
                own.0 += members;
                own.1 += members * level as f64 / self.levels as f64;
            }
        }
        if by_total
            .values()
            .filter(|(members, _)| *members > 0.0)
            .count()
            < 2
        {
            return None;
        }
        let marks = |groups: &mut dyn Iterator<Item = &(f64, f64)>| {
            let (mut left, mut sum) = (size, 0.0);
            for (members, own) in groups {
                let part = if *members > left { left / members } else { 1.0 };
                left -= members * part;
                sum += own * part;
                if left <= 0.0 {
                    break;
                }
            }
            sum / size
        };
        let upper = marks(&mut by_total.values().rev());
        let lower = marks(&mut by_total.values());
        Some((upper - lower).clamp(-1.0, 1.0))
    }
}

/// Variance of a share whose steps these parts of all reach.
fn spread(steps: usize, reach: impl Fn(usize) -> f64) -> f64 {
    let step = 1.0 / steps as f64;
    let (mut mean, mut square) = (0.0, 0.0);
    for at in 1..=steps {
        mean += step * reach(at);
        square += step * step * (2 * at - 1) as f64 * reach(at);
    }
    square - mean * mean
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::group::distribution::distribution;
    use crate::group::fixture::{scope, ten};
    use crate::group::metric::Metric;

    /// What 100 learners allow, at k = 10.
    fn rules() -> Rules {
        let members: Vec<u32> = (0..100).collect();
        let made = distribution(&members, &scope(&[], Metric::Events), Metric::Events, ten());
        made.rules().clone()
    }

    fn near(told: Option<f64>, by_hand: f64) {
        assert!((told.unwrap() - by_hand).abs() < 1e-12, "{told:?}");
    }

    #[test]
    fn four_fields_by_hand() {
        // 100 learners, 50 right, 50 good at the others, 40 both.
        let cells = [[100, 50], [50, 40]];
        let made = Filled::new((1, 1), |l, b| Cell::Count(cells[l][b]), &rules());
        let moments = made.moments().unwrap();
        near(Some(moments.covariance), 0.4 - 0.25);
        near(moments.correlation(), 0.15 / 0.25);
        near(moments.efficiency(), 0.15 / 0.25);
        // With the total of both: (0.25 + 0.15) / sqrt(0.25 * 0.8).
        near(moments.with_total(1), 0.4 / 0.2_f64.sqrt());
        near(made.rest_of_full(), 0.8);
        // 40 have both, 40 none: the 27 best and the 27 last are among them.
        near(made.upper_lower(1), 1.0);
    }

    #[test]
    fn open_ends_are_halved_and_halved_again() {
        let cells = [
            Cell::High,
            Cell::High,
            Cell::Count(60),
            Cell::Low,
            Cell::Low,
        ];
        assert_eq!(chain(&cells, &rules()), [97.5, 95.0, 60.0, 5.0, 2.5]);
    }

    #[test]
    fn what_hardly_anybody_can_do_goes_together_with_nothing() {
        let cell = |level: usize, band: usize| match (level, band) {
            (0, 0) => Cell::Count(90),
            (0, 1) => Cell::Count(40),
            _ => Cell::Low,
        };
        let made = Filled::new((1, 1), cell, &rules()).moments().unwrap();
        // 5 of 90, and 40 / 90 of them.
        assert!(made.covariance.abs() < 1e-12);
    }
}
