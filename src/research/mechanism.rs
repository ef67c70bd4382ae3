//! The noise, and the only file that names `opendp`: everything here is asked of that crate.
//!
//! Cells that are known beforehand get discrete Laplace noise (`make_laplace`; Canonne, Kamath,
//! Steinke 2020, arXiv:2004.00010, exact, without floating point). Where the cells themselves
//! come from learners, those whose noisy count stays below a threshold are left out
//! (`make_laplace_threshold`; Rogers 2023, arXiv:2309.09170). Epsilon and delta are what the
//! privacy maps of opendp say about the bound of the counts.
//!
//! **Delta.** In opendp 0.16 a count *at* the threshold is released, but the map sums the tail
//! beyond it, so it reports a delta that is too small by the factor e^(-1/scale) (known there:
//! issue 2922). Our threshold is therefore one higher than the one that the map is asked about:
//! P(1 + noise >= t) = P(noise > (t - 1) - 1). The map then speaks the truth, and so it does if
//! the fault is mended there.
//!
//! **Randomness.** Without its feature `use-openssl`, opendp draws from `thread_rng` of rand
//! 0.7. That is `ChaCha20` under a key of the operating system (getrandom), with a new key each
//! 64 KiB: a cryptographic generator, and sound for this use. Its weak spot is fork: up to a
//! block already computed (256 bytes) is the same in parent and child, and equal noise can be
//! subtracted. So each release draws in a thread of its own, whose generator gets a fresh key
//! and ends with it. If the system gives no randomness, the thread fails and nothing is released.

use std::collections::HashMap;

use opendp::accuracy::discrete_laplacian_scale_to_accuracy;
use opendp::core::Measurement;
use opendp::domains::{AtomDomain, MapDomain, VectorDomain};
use opendp::error::Error as Fault;
use opendp::measurements::{make_laplace, make_laplace_threshold};
use opendp::measures::{Approximate, MaxDivergence};
use opendp::metrics::{AbsoluteDistance, L0PInfDistance, L1Distance};
use opendp::traits::samplers::fill_bytes;

use super::bounding::{Bounded, Cell};
use super::budget::Loss;
use crate::{Error, Result};

/// Scales are multiples of 1 / this: exact as floats, so that no rounding weakens them.
const STEPS: u64 = 1024;
/// Noise stays within the accuracy with a probability of at least 1 - this.
const ALPHA: f64 = 0.05;
/// No count of learners is as large.
const FURTHEST: i64 = 1 << 48;

type Vector = VectorDomain<AtomDomain<i64>>;
type Known = Measurement<Vector, L1Distance<i64>, MaxDivergence, Vec<i64>>;
type Map = MapDomain<AtomDomain<Cell>, AtomDomain<i64>>;
type Near = L0PInfDistance<1, AbsoluteDistance<i64>>;
type Unknown = Measurement<Map, Near, Approximate<MaxDivergence>, HashMap<Cell, i64>>;

/// How counts of which a learner touches at most `bound` are released for a loss.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Mechanism {
    /// What it costs.
    pub(super) loss: Loss,
    pub(super) bound: u32,
    /// Of the noise; its standard deviation / sqrt(2).
    pub(super) scale: f64,
    /// Noisy counts below are left out; without, every known cell is there.
    pub(super) threshold: Option<i64>,
}

impl Mechanism {
    /// For cells that are known without any learner's data; costs no delta.
    ///
    /// # Errors
    /// [`Error::Noise`] if opendp refuses.
    pub(super) fn known(loss: Loss, bound: u32) -> Result<Self> {
        let loss = loss.without_delta();
        Ok(Self {
            scale: scale(loss, bound)?,
            loss,
            bound,
            threshold: None,
        })
    }

    /// For cells that exist because learners made them.
    ///
    /// # Errors
    /// [`Error::Parameter`] without a delta, [`Error::Noise`] if opendp refuses.
    pub(super) fn unknown(loss: Loss, bound: u32) -> Result<Self> {
        if loss.delta == 0 {
            let expected = "above 0 for a table whose rows are not known beforehand";
            return Err(Error::parameter("delta", expected, 0));
        }
        let scale = scale(loss, bound)?;
        let enough = |told: i64| {
            let (epsilon, delta) = unknown(scale, told)?
                .map(&(bound, i64::from(bound), 1))
                .map_err(fault)?;
            Ok::<bool, Error>(epsilon <= loss.epsilon() && delta <= loss.delta())
        };
        // The least threshold that the map finds enough: delta falls as the threshold rises.
        let (mut low, mut high) = (1, 1);
        while !enough(high)? {
            if high >= FURTHEST {
                let why = "no threshold is enough for so small an epsilon and delta";
                return Err(Error::Noise(why.to_string()));
            }
            (low, high) = (high + 1, 2 * high);
        }
        while low < high {
            let middle = low + (high - low) / 2;
            if enough(middle)? {
                high = middle;
            } else {
                low = middle + 1;
            }
        }
        Ok(Self {
            loss,
            bound,
            scale,
            threshold: Some(low + 1),
        })
    }

    /// Noise stays within plus or minus this with a probability of 95 % or more.
    ///
    /// # Errors
    /// [`Error::Noise`] if opendp refuses.
    pub(super) fn accuracy(&self) -> Result<i64> {
        // P(|noise| >= far) is 5 %, so noise is below it: at most the whole number before.
        let far = discrete_laplacian_scale_to_accuracy(self.scale, ALPHA).map_err(fault)?;
        #[expect(
            clippy::cast_possible_truncation,
            reason = "a few times the scale, which is far below the limits of the type"
        )]
        let within = (far.ceil() as i64 - 1).max(0);
        Ok(within)
    }

    /// Draws: the counts of `cells` with noise, or of those above the threshold.
    ///
    /// # Errors
    /// [`Error::Noise`] if the counts are bounded otherwise, or there is no randomness.
    pub(super) fn release(&self, counts: &Bounded, cells: Option<&[Cell]>) -> Result<Noisy> {
        if counts.bound != self.bound {
            let why = "the counts are under another bound than the noise";
            return Err(Error::Noise(why.to_string()));
        }
        let exact = |cell: &Cell| {
            let count = counts.counts.get(cell).copied().unwrap_or_default();
            i64::from(count.get())
        };
        match (self.threshold, cells) {
            (None, Some(cells)) => {
                let exact: Vec<i64> = cells.iter().map(exact).collect();
                let noisy = apart(|| known(self.scale)?.invoke(&exact).map_err(fault))?;
                Ok(cells.iter().copied().zip(noisy).collect())
            }
            (Some(threshold), None) => {
                let cells = counts.counts.keys();
                let exact: HashMap<Cell, i64> = cells.map(|cell| (*cell, exact(cell))).collect();
                let made = || unknown(self.scale, threshold);
                let kept = apart(|| made()?.invoke(&exact).map_err(fault))?;
                let mut noisy: Noisy = kept.into_iter().collect();
                noisy.sort_unstable();
                Ok(noisy)
            }
            _ => {
                let why = "rows are either known or under a threshold";
                Err(Error::Noise(why.to_string()))
            }
        }
    }
}

/// Cells with their noisy counts; known ones in the order asked, others in their own.
pub(super) type Noisy = Vec<(Cell, i64)>;

/// A key nobody can guess, for the lots of one release.
///
/// # Errors
/// [`Error::Noise`] if the system gives no randomness.
pub(super) fn key() -> Result<[u8; 32]> {
    apart(|| {
        let mut key = [0; 32];
        fill_bytes(&mut key).map_err(fault)?;
        Ok(key)
    })
}

/// The smallest scale, in steps, whose epsilon is not above the one asked for.
fn scale(loss: Loss, bound: u32) -> Result<f64> {
    let per = u64::from(bound) * 1_000_000 * STEPS;
    let least = per.div_ceil(loss.epsilon.max(1));
    for steps in least..least + 4 {
        let scale = steps as f64 / STEPS as f64;
        let epsilon = known(scale)?.map(&i64::from(bound)).map_err(fault)?;
        if epsilon <= loss.epsilon() {
            return Ok(scale);
        }
    }
    Err(Error::Noise("no scale is enough for epsilon".to_string()))
}

fn known(scale: f64) -> Result<Known> {
    let counts = VectorDomain::new(AtomDomain::<i64>::default());
    make_laplace(counts, L1Distance::<i64>::default(), scale, None).map_err(fault)
}

fn unknown(scale: f64, threshold: i64) -> Result<Unknown> {
    let counts = MapDomain::new(AtomDomain::<Cell>::default(), AtomDomain::<i64>::default());
    let near = L0PInfDistance(AbsoluteDistance::<i64>::default());
    make_laplace_threshold(counts, near, scale, threshold, None).map_err(fault)
}

/// Draws in a thread of its own, whose generator starts from a fresh key.
fn apart<T: Send>(draw: impl FnOnce() -> Result<T> + Send) -> Result<T> {
    let none = || Error::Noise("the system gives no thread or no randomness".to_string());
    std::thread::scope(|scope| {
        let thread = std::thread::Builder::new().spawn_scoped(scope, draw);
        thread.map_err(|_| none())?.join().map_err(|_| none())?
    })
}

/// What opendp says, without its trace; its faults carry parameters and no counts.
fn fault(fault: Fault) -> Error {
    Error::Noise(
        fault
            .message
            .unwrap_or_else(|| format!("{:?}", fault.variant)),
    )
}

#[cfg(test)]
mod tests;
