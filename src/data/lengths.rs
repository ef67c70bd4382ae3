//! Reads columns that hold lengths of time.

use polars::prelude::*;

use super::columns::{Reader, to_micros};
use super::durations;
use super::quality::Reason;
use crate::error::Result;

const EXPECTED: &str =
    "a Duration, a number of seconds, or a text such as \"30m\", \"00:30:00\" or \"PT30M\"";

impl Reader<'_> {
    /// Lengths of time in microseconds, from Durations, numbers of seconds, and texts.
    ///
    /// # Errors
    /// [`crate::Error::Schema`] for any other type.
    pub(crate) fn spans(&mut self, name: &'static str) -> Result<Option<Vec<Option<i64>>>> {
        let micros = match self.measured(name)? {
            Some(micros) => Some(micros),
            None => self.seconds(name)?.map(|seconds| {
                let micros = seconds.into_iter().map(|s| s.map(seconds_to_micros));
                micros.collect()
            }),
        };
        for (row, value) in micros.iter().flatten().enumerate() {
            if value.is_some_and(|v| v < 0) {
                self.reject(row, name, Reason::NegativeDuration);
            }
        }
        Ok(micros)
    }

    /// Lengths of a medium in seconds, from whatever [`Reader::spans`] takes.
    ///
    /// # Errors
    /// As [`Reader::spans`].
    pub(crate) fn lengths(&mut self, name: &'static str) -> Result<Option<Vec<Option<f64>>>> {
        match self.measured(name)? {
            Some(micros) => {
                let seconds = micros.into_iter().map(|m| m.map(micros_to_seconds));
                Ok(Some(seconds.collect()))
            }
            None => self.seconds(name),
        }
    }

    /// Microseconds of a column of Durations.
    fn measured(&self, name: &str) -> Result<Option<Vec<Option<i64>>>> {
        let Some(series) = self.column(name) else {
            return Ok(None);
        };
        let DataType::Duration(unit) = series.dtype() else {
            return Ok(None);
        };
        let physical = series.to_physical_repr();
        Ok(Some(to_micros(physical.i64()?, *unit).iter().collect()))
    }

    fn seconds(&mut self, name: &'static str) -> Result<Option<Vec<Option<f64>>>> {
        let text = |text: &str| durations::read(text).map(micros_to_seconds);
        self.numbers_or(name, EXPECTED, text, Reason::BadDuration)
    }
}

#[expect(
    clippy::cast_precision_loss,
    reason = "the microseconds of a century have a double of their own"
)]
fn micros_to_seconds(micros: i64) -> f64 {
    micros as f64 / 1e6
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "`as` saturates, and lengths are capped afterwards"
)]
fn seconds_to_micros(seconds: f64) -> i64 {
    (seconds * 1e6).round() as i64
}
