//! What every kernel asks of its arguments, said the same way. No message tells a value: only
//! where it stands.

use crate::error::{Error, Result};

/// Products of two such values stay within the type.
const LARGEST: f64 = 1e150;

/// Refuses values that are no numbers.
pub(super) fn finite(name: &'static str, values: &[f64]) -> Result<()> {
    let expected = "finite numbers, 1e150 at most in size";
    each(name, expected, values, |v| v.abs() <= LARGEST)
}

/// Refuses values that are no numbers, or negative.
pub(super) fn not_negative(name: &'static str, values: &[f64]) -> Result<()> {
    let expected = "finite numbers from 0 to 1e150";
    each(name, expected, values, |v| (0.0..=LARGEST).contains(&v))
}

/// Refuses values outside 0..=1.
pub(super) fn shares(name: &'static str, values: &[f64]) -> Result<()> {
    each(name, "numbers from 0 to 1", values, |v| {
        (0.0..=1.0).contains(&v)
    })
}

/// Refuses values that are not sound, by the place of the first.
pub(super) fn each(
    name: &'static str,
    expected: &str,
    values: &[f64],
    sound: impl Fn(f64) -> bool,
) -> Result<()> {
    match values.iter().position(|v| !sound(*v)) {
        None => Ok(()),
        Some(at) => Err(Error::parameter(name, expected, format!("another at {at}"))),
    }
}

/// Refuses a slice that does not pair with another.
pub(super) fn paired(name: &'static str, length: usize, with: &str, other: usize) -> Result<()> {
    if length == other {
        return Ok(());
    }
    let expected = format!("as long as `{with}` ({other})");
    Err(Error::parameter(name, expected, length))
}

/// Refuses a level of confidence that is no share.
pub(super) fn confidence(level: f64) -> Result<()> {
    if level > 0.0 && level < 1.0 {
        return Ok(());
    }
    Err(Error::parameter("confidence", "between 0 and 1", level))
}

/// A number that can be shown, or none.
pub(super) fn shown(value: f64) -> Option<f64> {
    value.is_finite().then_some(value)
}
