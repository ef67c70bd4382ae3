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

/// The same for many series of one period: the angles are reckoned once.
#[derive(Debug)]
pub(crate) struct Wheel {
    /// Sine and cosine of each phase.
    angles: Vec<(f64, f64)>,
    counts: Vec<u32>,
}

impl Wheel {
    pub(crate) fn new(period: u32) -> Self {
        let turn = |phase| (TAU * (f64::from(phase) / f64::from(period))).sin_cos();
        Self {
            angles: (0..period).map(turn).collect(),
            counts: vec![0; period as usize],
        }
    }

    /// As [`periodicity_of_times`], to the last digit.
    pub(crate) fn strength(&mut self, times: impl IntoIterator<Item = i64>) -> f64 {
        let period = i64::try_from(self.counts.len()).unwrap_or(i64::MAX);
        for time in times {
            let phase = time.checked_rem_euclid(period);
            let place = phase.and_then(|phase| usize::try_from(phase).ok());
            if let Some(count) = place.and_then(|place| self.counts.get_mut(place)) {
                *count += 1;
            }
        }
        let (mut real, mut imaginary) = (0.0, 0.0);
        for ((sin, cos), count) in self.angles.iter().zip(&mut self.counts) {
            let weight = f64::from(std::mem::take(count));
            if weight > 0.0 {
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
        for period in [1, 7, 24, 168] {
            let mut wheel = Wheel::new(period);
            for series in [&[3, 9, 33, 500][..], &[], &[-1, 0, 0, 77], &[5; 9]] {
                let alone = periodicity_of_times(series.iter().copied(), period);
                let turned = wheel.strength(series.iter().copied());
                assert_eq!(turned.to_bits(), alone.to_bits());
            }
        }
    }
}
