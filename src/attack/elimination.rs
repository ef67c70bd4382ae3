//! Which totals of few learners the rosters determine, by exact linear algebra.
//!
//! Rosters are rows of zeros and ones over atoms. The total of some atoms is determined by the
//! totals of rosters if and only if its indicator lies in the span of the rows. In the reduced row
//! echelon form an indicator of one atom that lies in the span is a row by itself, so every atom
//! that can be singled out is found, by however long a tracker (Denning, Denning & Schwartz 1979).
//! Also looked at: other rows that hold few learners, two rows that cancel each other but for two
//! atoms, rosters inside others, and small rosters themselves.

#![expect(
    clippy::indexing_slicing,
    reason = "rows and columns are below the sides of the matrices made here"
)]

use std::collections::{BTreeMap, BTreeSet};

use rayon::prelude::*;

use super::atoms::Atoms;
use super::field::{PRIME, fraction, inverse, minus, times};
use super::run::Tick;
use super::tracker::Trackers;
use crate::Result;

/// Rosters up to which pairs are looked at one by one.
const PAIRS: usize = 500;

/// A total that follows from others.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Determined {
    /// Whose total.
    pub(super) learners: Vec<u32>,
    /// Rosters, as places in the list given, with the factor of each.
    pub(super) combination: Vec<(usize, i64)>,
    /// What all factors are divided by.
    pub(super) divisor: i64,
}

/// What was found, and what was not looked at.
#[derive(Debug, Default)]
pub(super) struct Found {
    pub(super) totals: Vec<Determined>,
    /// Rosters that were too many for the work allowed.
    pub(super) left_out: usize,
    /// Combinations whose factors were too large to verify.
    pub(super) unverified: usize,
}

/// Every total of at most `k` learners that is looked for, with the way it comes about.
pub(super) fn determined(
    rosters: &[&[u32]],
    k: usize,
    steps: u64,
    tick: Tick<'_>,
) -> Result<Found> {
    let mut kept = rosters.len();
    let mut atoms = Atoms::of(rosters);
    let work = |rows: usize, atoms: usize| {
        (rows.saturating_mul(rows) as u64).saturating_mul((atoms + rows) as u64)
    };
    while kept > 1 && work(kept, atoms.members.len()) > steps {
        kept = kept * 9 / 10;
        atoms = Atoms::of(&rosters[..kept]);
    }
    let mut found = Found {
        left_out: rosters.len() - kept,
        ..Found::default()
    };
    let rosters = &rosters[..kept];
    let reduced = Reduced::new(&atoms, tick)?;
    let mut candidates = Candidates {
        atoms: &atoms,
        k,
        seen: BTreeSet::new(),
        found: &mut found,
    };
    for row in 0..rosters.len() {
        candidates.plain(&[(row, 1)]);
    }
    candidates.pairs();
    for row in &reduced.rows {
        candidates.offer(&row.cells, &row.made);
    }
    for (one, other) in reduced.cancelling() {
        let sum = |a: &[u64], b: &[u64]| -> Vec<u64> {
            a.iter()
                .zip(b)
                .map(|(a, b)| minus(*a, minus(0, *b)))
                .collect()
        };
        candidates.offer(&sum(&one.cells, &other.cells), &sum(&one.made, &other.made));
    }
    let trackers = Trackers::new(rosters);
    for total in &mut found.totals {
        if total.combination.len() > 2
            && let Some(shorter) = trackers.shortest(&total.learners)
            && shorter.len() < total.combination.len()
        {
            total.combination = shorter;
            total.divisor = 1;
        }
    }
    Ok(found)
}

/// A row and the combination of the given rows that makes it.
struct Row {
    cells: Vec<u64>,
    made: Vec<u64>,
}

/// The reduced row echelon form.
struct Reduced {
    rows: Vec<Row>,
    pivots: Vec<usize>,
}

impl Reduced {
    fn new(atoms: &Atoms, tick: Tick<'_>) -> Result<Self> {
        let (height, width) = (atoms.of_row.len(), atoms.members.len());
        let mut own = Self {
            rows: Vec::new(),
            pivots: Vec::new(),
        };
        for (place, inside) in atoms.of_row.iter().enumerate() {
            tick()?;
            let mut row = Row {
                cells: vec![0; width],
                made: vec![0; height],
            };
            for atom in inside {
                row.cells[*atom] = 1;
            }
            row.made[place] = 1;
            for (other, pivot) in own.rows.iter().zip(&own.pivots) {
                let factor = row.cells[*pivot];
                subtract(&mut row, other, factor);
            }
            let open = (0..width).filter(|a| row.cells[*a] != 0);
            let Some(pivot) = open.min_by_key(|a| atoms.size(*a)) else {
                continue;
            };
            let scale = inverse(row.cells[pivot]);
            for cell in row.cells.iter_mut().chain(&mut row.made) {
                *cell = times(*cell, scale);
            }
            own.rows.par_iter_mut().for_each(|other| {
                let factor = other.cells[pivot];
                subtract(other, &row, factor);
            });
            own.rows.push(row);
            own.pivots.push(pivot);
        }
        Ok(own)
    }

    /// Pairs of rows whose sum holds their two pivots and nothing else.
    fn cancelling(&self) -> Vec<(&Row, &Row)> {
        let pivots: BTreeSet<usize> = self.pivots.iter().copied().collect();
        let rest = |row: &Row, sign: bool| -> Vec<(usize, u64)> {
            let open = row.cells.iter().enumerate();
            open.filter(|(a, v)| **v != 0 && !pivots.contains(a))
                .map(|(a, v)| (a, if sign { minus(0, *v) } else { *v }))
                .collect()
        };
        let mut by_rest: BTreeMap<Vec<(usize, u64)>, &Row> = BTreeMap::new();
        let mut pairs = Vec::new();
        for row in &self.rows {
            let own = rest(row, false);
            if own.is_empty() {
                continue;
            }
            if let Some(other) = by_rest.get(&rest(row, true)) {
                pairs.push((*other, row));
            }
            by_rest.entry(own).or_insert(row);
        }
        pairs
    }
}

fn subtract(row: &mut Row, other: &Row, factor: u64) {
    if factor == 0 {
        return;
    }
    let from = row.cells.iter_mut().chain(&mut row.made);
    for (cell, own) in from.zip(other.cells.iter().chain(&other.made)) {
        if *own != 0 {
            *cell = minus(*cell, times(factor, *own));
        }
    }
}

/// Combinations on their way to being reported.
struct Candidates<'a> {
    atoms: &'a Atoms,
    k: usize,
    seen: BTreeSet<Vec<u32>>,
    found: &'a mut Found,
}

impl Candidates<'_> {
    /// A combination in the field, if what it makes is a plain total of few learners.
    fn offer(&mut self, cells: &[u64], made: &[u64]) {
        let held: Vec<usize> = (0..cells.len()).filter(|a| cells[*a] != 0).collect();
        let size: usize = held.iter().map(|a| self.atoms.size(*a)).sum();
        if held.is_empty() || size > self.k || held.iter().any(|a| cells[*a] != 1) {
            return;
        }
        if self.seen.contains(&self.atoms.learners(&held)) {
            return;
        }
        let Some((combination, divisor)) = fractions(made) else {
            self.found.unverified += 1;
            return;
        };
        self.verified(&combination, divisor, &held);
    }

    /// A combination of whole factors, if what it makes is a total of few learners.
    fn plain(&mut self, combination: &[(usize, i64)]) {
        let mut sum: BTreeMap<usize, i64> = BTreeMap::new();
        for (row, factor) in combination {
            for atom in &self.atoms.of_row[*row] {
                *sum.entry(*atom).or_default() += factor;
            }
        }
        sum.retain(|_, v| *v != 0);
        let size: usize = sum.keys().map(|a| self.atoms.size(*a)).sum();
        if sum.is_empty() || size > self.k || sum.values().any(|v| *v != 1) {
            return;
        }
        let held: Vec<usize> = sum.into_keys().collect();
        self.verified(combination, 1, &held);
    }

    /// Reports a total after adding its combination up in whole numbers.
    fn verified(&mut self, combination: &[(usize, i64)], divisor: i64, held: &[usize]) {
        let mut sum: BTreeMap<usize, i128> =
            held.iter().map(|a| (*a, -i128::from(divisor))).collect();
        for (row, factor) in combination {
            for atom in &self.atoms.of_row[*row] {
                *sum.entry(*atom).or_default() += i128::from(*factor);
            }
        }
        if sum.values().any(|v| *v != 0) {
            self.found.unverified += 1;
            return;
        }
        let learners = self.atoms.learners(held);
        if self.seen.insert(learners.clone()) {
            self.found.totals.push(Determined {
                learners,
                combination: combination.to_vec(),
                divisor,
            });
        }
    }

    /// Rosters inside others that leave few outside.
    fn pairs(&mut self) {
        let rows = self.atoms.of_row.len().min(PAIRS);
        let size = |row: usize| -> usize {
            let atoms = &self.atoms.of_row[row];
            atoms.iter().map(|a| self.atoms.size(*a)).sum()
        };
        let sizes: Vec<usize> = (0..rows).map(size).collect();
        for (large, small) in (0..rows).flat_map(|a| (0..rows).map(move |b| (a, b))) {
            if sizes[large] > sizes[small] && sizes[large] - sizes[small] <= self.k {
                self.plain(&[(large, 1), (small, -1)]);
            }
        }
    }
}

/// Whole factors and what they are divided by.
fn fractions(made: &[u64]) -> Option<(Vec<(usize, i64)>, i64)> {
    let mut parts = Vec::new();
    let mut divisor: i64 = 1;
    for (row, value) in made.iter().enumerate().filter(|(_, v)| **v != 0) {
        let (n, d) = fraction(*value % PRIME)?;
        divisor = divisor.checked_mul(d / common(divisor, d))?;
        parts.push((row, n, d));
    }
    let whole = |(row, n, d): (usize, i64, i64)| Some((row, n.checked_mul(divisor / d)?));
    let factors: Option<Vec<(usize, i64)>> = parts.into_iter().map(whole).collect();
    Some((factors?, divisor))
}

/// The greatest common divisor.
fn common(a: i64, b: i64) -> i64 {
    if b == 0 {
        a.abs().max(1)
    } else {
        common(b, a % b)
    }
}
