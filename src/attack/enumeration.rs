//! All sets of whole numbers that agree with the statistics of a small group.
//!
//! Values are chosen in rising order. What orders them (minima, maxima, medians, counts up to an
//! edge) bounds each place by itself; sums and sums of squares cut branches that can no longer
//! meet them (branch and bound).

#![expect(
    clippy::indexing_slicing,
    reason = "all vectors have one element for each place"
)]

use super::run::Tick;
use crate::Result;

/// Solutions after which counting stops.
pub(super) const MANY: usize = 1000;
/// Branches between two looks at whether to stop.
const LOOK: u64 = 4096;

/// What is known about numbers in rising order.
#[derive(Debug, Clone)]
pub(super) struct Puzzle {
    /// The least and greatest number at each place.
    pub(super) places: Vec<(i64, i64)>,
    /// The sum.
    pub(super) sum: (i128, i128),
    /// The sum of squares.
    pub(super) squares: (i128, i128),
    /// Place, weight of the next place, and the interval of the weighted mean of both.
    pub(super) between: Vec<(usize, f64, f64, f64)>,
}

/// The sets that were found.
#[derive(Debug, Default)]
pub(super) struct Solutions {
    pub(super) count: usize,
    /// Whether every set was counted, or [`MANY`].
    pub(super) complete: bool,
    /// The first of them.
    pub(super) first: Vec<Vec<i64>>,
}

struct Search<'a> {
    puzzle: &'a Puzzle,
    /// Greatest sum, and greatest sum of squares, of all places from each on.
    rest: Vec<(i128, i128)>,
    chosen: Vec<i64>,
    branches: u64,
    keep: usize,
    found: Solutions,
    tick: Tick<'a>,
}

/// Counts the solutions, and keeps the first few.
pub(super) fn solve(
    puzzle: &Puzzle,
    branches: u64,
    keep: usize,
    tick: Tick<'_>,
) -> Result<Solutions> {
    let mut puzzle = puzzle.clone();
    for place in 1..puzzle.places.len() {
        puzzle.places[place].0 = puzzle.places[place].0.max(puzzle.places[place - 1].0);
    }
    for place in (1..puzzle.places.len()).rev() {
        puzzle.places[place - 1].1 = puzzle.places[place - 1].1.min(puzzle.places[place].1);
    }
    let mut rest = vec![(0, 0)];
    for (low, high) in puzzle.places.iter().rev() {
        let (sum, squares) = rest.last().copied().unwrap_or_default();
        let square = i128::from(*low).pow(2).max(i128::from(*high).pow(2));
        rest.push((sum + i128::from(*high), squares + square));
    }
    rest.reverse();
    let mut search = Search {
        puzzle: &puzzle,
        rest,
        chosen: Vec::new(),
        branches,
        keep,
        found: Solutions {
            complete: true,
            ..Solutions::default()
        },
        tick,
    };
    search.from(0, 0)?;
    Ok(search.found)
}

impl Search<'_> {
    /// Goes on with what is chosen; false once there is no more to be done.
    fn from(&mut self, sum: i128, squares: i128) -> Result<bool> {
        let place = self.chosen.len();
        let left = self.puzzle.places.len() - place;
        if left == 0 {
            self.found.count += 1;
            if self.found.first.len() < self.keep {
                self.found.first.push(self.chosen.clone());
            }
            return Ok(self.found.count < MANY);
        }
        let (mut low, mut high) = self.puzzle.places[place];
        low = low.max(self.chosen.last().copied().unwrap_or(low));
        // All later ones are at least this one, and the later ones can only be so great.
        let most = (self.puzzle.sum.1 - sum).div_euclid(left as i128);
        let least = self.puzzle.sum.0 - sum - self.rest[place + 1].0;
        high = high.min(i64::try_from(most).unwrap_or(if most < 0 { i64::MIN } else { i64::MAX }));
        low = low.max(i64::try_from(least).unwrap_or(if least < 0 { i64::MIN } else { i64::MAX }));
        let mut value = low;
        while value <= high {
            if self.branches == 0 {
                self.found.complete = false;
                return Ok(false);
            }
            self.branches -= 1;
            if self.branches.is_multiple_of(LOOK) {
                (self.tick)()?;
            }
            let square = i128::from(value).pow(2);
            if value >= 0 && squares + square * left as i128 > self.puzzle.squares.1 {
                break;
            }
            let reach = squares + square + self.rest[place + 1].1;
            if reach >= self.puzzle.squares.0 && self.fits(place, value) {
                self.chosen.push(value);
                let on = self.from(sum + i128::from(value), squares + square)?;
                self.chosen.pop();
                if !on {
                    return Ok(false);
                }
            }
            value += 1;
        }
        Ok(true)
    }

    /// Whether a value agrees with the means of neighbours that end at its place.
    fn fits(&self, place: usize, value: i64) -> bool {
        let mut ending = self.puzzle.between.iter().filter(|b| b.0 + 1 == place);
        ending.all(|(_, weight, low, high)| {
            let before = self.chosen[place - 1] as f64;
            let mean = before + weight * (value as f64 - before);
            (*low..=*high).contains(&mean)
        }) && (place + 1 < self.puzzle.places.len() || self.closes(value))
    }

    /// Whether the last value meets both sums.
    fn closes(&self, value: i64) -> bool {
        let all = || self.chosen.iter().chain([&value]).map(|v| i128::from(*v));
        let (sum, squares) = (all().sum::<i128>(), all().map(|v| v * v).sum::<i128>());
        (self.puzzle.sum.0..=self.puzzle.sum.1).contains(&sum)
            && (self.puzzle.squares.0..=self.puzzle.squares.1).contains(&squares)
    }
}
