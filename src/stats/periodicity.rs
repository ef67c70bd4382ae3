//! How strongly a series repeats with a period.

use std::f64::consts::TAU;

use super::check::finite;
use crate::error::{Error, Result};

/// `|sum x(t) e^(-2 pi i t / T)|` over `t = 0, 1, ...`: the magnitude of the Fourier transform at
/// period `T`, which need not divide the length. 0 for an empty series.
///
/// # Errors
/// [`Error::Parameter`] for values that are not finite, and a period that is not above 0.
///
/// ```
/// use kohort::stats::periodicity;
/// assert!((periodicity(&[1.0, 0.0, 0.0, 1.0, 0.0, 0.0], 3.0)? - 2.0).abs() < 1e-12);
/// assert!(periodicity(&[1.0; 6], 3.0)? < 1e-12); // every phase alike
/// # Ok::<(), kohort::Error>(())
/// ```
pub fn periodicity(values: &[f64], period: f64) -> Result<f64> {
    finite("values", values)?;
    if !period.is_finite() || period <= 0.0 {
        return Err(Error::parameter(
            "period",
            "a finite number above 0",
            period,
        ));
    }
    let turns = (0_u32..).zip(values);
    Ok(magnitude(turns.map(|(t, x)| {
        // The part of a turn, so that the angle keeps its digits far along the series.
        ((f64::from(t) % period) / period, *x)
    })))
}

/// The same for a 0/1 series that is told by the times of its ones: each time counts once as
/// often as it is given. 0 for a period of 0.
///
/// ```
/// use kohort::stats::periodicity_of_times;
/// assert!((periodicity_of_times([9, 33, 57], 24) - 3.0).abs() < 1e-12); // nine o'clock, daily
/// assert!(periodicity_of_times([0, 12], 24) < 1e-12); // opposite hours
/// ```
pub fn periodicity_of_times(times: impl IntoIterator<Item = i64>, period: u32) -> f64 {
    let mut phases = vec![0_u32; period as usize];
    for time in times {
        let phase = time.checked_rem_euclid(i64::from(period));
        let place = phase.and_then(|phase| usize::try_from(phase).ok());
        if let Some(count) = place.and_then(|place| phases.get_mut(place)) {
            *count += 1;
        }
    }
    let turns = (0_u32..).zip(&phases).filter(|(_, count)| **count > 0);
    magnitude(turns.map(|(phase, count)| {
        let turn = f64::from(phase) / f64::from(period);
        (turn, f64::from(*count))
    }))
}

/// The same for many series of one period, known to the compiler: the angles are reckoned once,
/// and only phases that were met are looked at.
#[derive(Debug)]
pub(crate) struct Wheel<const PERIOD: usize> {
    /// Cosine and sine of each phase.
    angles: [(f64, f64); PERIOD],
    counts: [u32; PERIOD],
    /// A bit for each phase that was met.
    met: Vec<u64>,
}

impl<const PERIOD: usize> Wheel<PERIOD> {
    pub(crate) fn new() -> Self {
        let mut angles = [(0.0, 0.0); PERIOD];
        for (phase, angle) in (0_u32..).zip(&mut angles) {
            let (sin, cos) = (TAU * (f64::from(phase) / PERIOD as f64)).sin_cos();
            *angle = (cos, sin);
        }
        Self {
            angles,
            counts: [0; PERIOD],
            met: vec![0; PERIOD.div_ceil(64)],
        }
    }

    /// As [`periodicity_of_times`], to the last digit.
    #[expect(
        clippy::indexing_slicing,
        clippy::cast_possible_truncation,
        clippy::cast_possible_wrap,
        reason = "periods are short, a phase is less than the period, and each has its bit"
    )]
    pub(crate) fn strength(&mut self, times: impl IntoIterator<Item = i64>) -> f64 {
        for time in times {
            let phase = time.rem_euclid(PERIOD as i64) as usize;
            self.counts[phase] += 1;
            self.met[phase / 64] |= 1 << (phase % 64);
        }
        let (mut real, mut imaginary) = (0.0, 0.0);
        for (word, bits) in self.met.iter_mut().enumerate() {
            while *bits != 0 {
                let phase = word * 64 + bits.trailing_zeros() as usize;
                *bits &= *bits - 1;
                let weight = f64::from(std::mem::take(&mut self.counts[phase]));
                let (cos, sin) = self.angles[phase];
                real += weight * cos;
                imaginary += weight * sin;
            }
        }
        f64::hypot(real, imaginary)
    }
}

fn magnitude(weighted: impl Iterator<Item = (f64, f64)>) -> f64 {
    let (mut real, mut imaginary) = (0.0, 0.0);
    for (turn, weight) in weighted {
        let (sin, cos) = (TAU * turn).sin_cos();
        real += weight * cos;
        imaginary += weight * sin;
    }
    f64::hypot(real, imaginary)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wheel_turns_as_single_series_do() {
        fn turn<const PERIOD: usize>() {
            let mut wheel = Wheel::<PERIOD>::new();
            for series in [&[3, 9, 33, 500][..], &[], &[-1, 0, 0, 77], &[5; 9]] {
                let period = u32::try_from(PERIOD).unwrap();
                let alone = periodicity_of_times(series.iter().copied(), period);
                let turned = wheel.strength(series.iter().copied());
                assert_eq!(turned.to_bits(), alone.to_bits());
            }
        }
        turn::<1>();
        turn::<7>();
        turn::<24>();
        turn::<168>();
    }
}
