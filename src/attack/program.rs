//! How far a sum over an atom can go, given every published sum: linear programs.
//!
//! Unknowns are the sums over atoms, each within what is known of its learners; every roster is
//! one row. Learners of an atom appear in the same rows only, so what a program says of the atom
//! says all about them. Programs that cannot tell anything are not run: values seen in the
//! solution of one program bound the answers of all others from inside.

#![expect(
    clippy::indexing_slicing,
    reason = "atoms and variables have the places they were made with"
)]

use std::collections::BTreeMap;
use std::sync::Arc;

use good_lp::solvers::{ResolutionError, SolutionStatus, WithTimeLimit};
use good_lp::{Expression, ProblemVariables, Solution, SolverModel, microlp, variable};

use super::atoms::Atoms;
use super::extremes::{Own, known_of};
use super::interval::Interval;
use super::known::Known;
use super::run::Tick;
use crate::Result;

/// Seconds for one program; one that takes longer counts as not run.
const SECONDS: f64 = 10.0;
/// What a solver may be off by.
const TOLERANCE: f64 = 1e-7;

/// The sums of one thing over rosters, as a program.
pub(super) struct Program {
    atoms: Arc<Atoms>,
    /// What an atom can be, by its learners alone.
    bounds: Vec<Interval>,
    rows: Vec<Interval>,
    scale: f64,
}

/// How far each atom can go, where a program was worth running.
pub(super) struct Ranges {
    pub(super) atoms: Arc<Atoms>,
    pub(super) of: Vec<Option<Interval>>,
    /// No values agree with what was published.
    pub(super) contradiction: bool,
    /// Atoms for which work did not suffice.
    pub(super) left_out: usize,
}

enum Outcome {
    Solved(Vec<f64>),
    Unbounded,
    Infeasible,
    Failed,
}

impl Program {
    /// `atoms` are those of the rosters in `rows`.
    pub(super) fn new(
        known: &Known<'_>,
        rows: &BTreeMap<usize, Interval>,
        atoms: Arc<Atoms>,
        own: &Own,
    ) -> Self {
        let total = |learners: &Vec<u32>| {
            let each = learners.iter().map(|l| known_of(own, *l));
            each.fold(Interval::new(0.0, 0.0), Interval::plus)
        };
        let bounds = atoms.members.iter().map(total).collect();
        let size = |value: f64, n: usize| {
            if value.is_finite() {
                value.abs() / n as f64
            } else {
                0.0
            }
        };
        let scale = rows.iter().map(|(roster, row)| {
            let n = known.roster(*roster).len();
            size(row.low, n).max(size(row.high, n))
        });
        let scale = scale.fold(0.0, f64::max);
        Self {
            bounds,
            rows: rows.values().copied().collect(),
            scale: if scale > 0.0 { scale } else { 1.0 },
            atoms,
        }
    }

    /// Runs what is `worth` running: told the range already seen to be possible, whether a
    /// narrower one than everything could still come out.
    pub(super) fn ranges(
        self,
        worth: impl Fn(&[u32], Interval) -> bool,
        mut budget: usize,
        tick: Tick<'_>,
    ) -> Result<Ranges> {
        let count = self.atoms.members.len();
        let mut seen = vec![Interval::new(f64::INFINITY, f64::NEG_INFINITY); count];
        let mut of = vec![None; count];
        let (mut contradiction, mut left_out) = (false, 0);
        let mut order: Vec<usize> = (0..count).collect();
        order.sort_by_key(|a| self.atoms.size(*a));
        'atoms: for atom in order {
            let mut range = Interval::ALL;
            for up in [true, false] {
                if !worth(&self.atoms.members[atom], seen[atom]) {
                    continue 'atoms;
                }
                if budget == 0 {
                    left_out += 1;
                    continue 'atoms;
                }
                budget -= 1;
                tick()?;
                match self.solve(atom, up) {
                    Outcome::Solved(values) => {
                        for (seen, value) in seen.iter_mut().zip(&values) {
                            *seen = Interval::new(seen.low.min(*value), seen.high.max(*value));
                        }
                        let slack = TOLERANCE * self.scale.max(values[atom].abs());
                        if up {
                            range.high = values[atom] + slack;
                        } else {
                            range.low = values[atom] - slack;
                        }
                    }
                    Outcome::Unbounded if up => seen[atom].high = f64::INFINITY,
                    Outcome::Unbounded => seen[atom].low = f64::NEG_INFINITY,
                    Outcome::Infeasible => {
                        contradiction = true;
                        break 'atoms;
                    }
                    Outcome::Failed => {
                        left_out += 1;
                        continue 'atoms;
                    }
                }
            }
            of[atom] = Some(range);
        }
        Ok(Ranges {
            atoms: self.atoms,
            of,
            contradiction,
            left_out,
        })
    }

    /// The values of all atoms where one of them is as great, or as small, as it can be.
    fn solve(&self, atom: usize, up: bool) -> Outcome {
        let mut problem = ProblemVariables::new();
        let within = |i: Interval| variable().min(i.low / self.scale).max(i.high / self.scale);
        let values: Vec<_> = self
            .bounds
            .iter()
            .map(|b| problem.add(within(*b)))
            .collect();
        let mut rows = Vec::new();
        for (inside, row) in self.atoms.of_row.iter().zip(&self.rows) {
            if *row == Interval::ALL {
                continue;
            }
            // The published number is a variable of its own, with room for its rounding.
            let slack = 1e-9 * row.low.abs().min(row.high.abs()).max(self.scale);
            let said = problem.add(within(Interval::new(row.low - slack, row.high + slack)));
            let sum: Expression = inside.iter().map(|a| values[*a]).sum();
            rows.push((sum - said).eq(0.0));
        }
        let goal: Expression = values[atom].into();
        let goal = if up {
            problem.maximise(goal)
        } else {
            problem.minimise(goal)
        };
        let model = goal.using(microlp).with_time_limit(SECONDS).with_all(rows);
        match model.solve() {
            Ok(solution) if matches!(solution.status(), SolutionStatus::Optimal) => {
                let read = values.iter().map(|v| solution.value(*v) * self.scale);
                Outcome::Solved(read.collect())
            }
            Err(ResolutionError::Unbounded) => Outcome::Unbounded,
            Err(ResolutionError::Infeasible) => Outcome::Infeasible,
            _ => Outcome::Failed,
        }
    }
}

/// What the range of an atom says about each of its learners: the rest of it takes what it can.
pub(super) fn single(learners: &[u32], range: Interval, own: &Own) -> Vec<(u32, Interval)> {
    let all: Vec<(u32, Interval)> = learners.iter().map(|l| (*l, known_of(own, *l))).collect();
    let rest = |skip: usize, end: fn(&Interval) -> f64| -> f64 {
        let others = all.iter().enumerate().filter(|(i, _)| *i != skip);
        others.map(|(_, (_, own))| end(own)).sum()
    };
    // All learners of most atoms are known alike, so their sums are taken once.
    let alike = all.windows(2).all(|pair| pair[0].1 == pair[1].1);
    let first = (rest(0, |o| o.low), rest(0, |o| o.high));
    let each = all.iter().enumerate().map(|(i, (learner, own))| {
        let (low, high) = if alike {
            first
        } else {
            (rest(i, |o| o.low), rest(i, |o| o.high))
        };
        // Endless less endless is no number, and leaves what is known as it is.
        let greatest = own.high.min(range.high - low);
        let least = own.low.max(range.low - high);
        (*learner, Interval::new(least, greatest))
    });
    each.collect()
}
