//! Lengths of time as people write them (`"30m"`), in whole microseconds inside.

use crate::error::{Error, Result};

/// One second in microseconds, the unit of every instant and length in kohort.
pub const SECOND: i64 = 1_000_000;
/// One hour in microseconds.
pub const HOUR: i64 = 3_600 * SECOND;
/// One day of 24 hours in microseconds.
pub const DAY: i64 = 24 * HOUR;
/// Seven days in microseconds.
pub const WEEK: i64 = 7 * DAY;

const UNITS: &[(&str, i64)] = &[
    ("us", 1),
    ("ms", 1_000),
    ("s", SECOND),
    ("m", 60 * SECOND),
    ("h", HOUR),
    ("d", DAY),
    ("w", WEEK),
];

/// Microseconds in a length of time such as `"30m"`, `"1h30m"`, `"0.5s"` or `"7d"`.
///
/// Units are `us`, `ms`, `s`, `m`, `h`, `d` (24 hours) and `w`.
///
/// # Errors
/// [`Error::Parameter`] for a bare number, an unknown unit, a negative or an overlong length.
///
/// ```
/// assert_eq!(kohort::data::parse_span("30m")?, 1_800_000_000);
/// assert!(kohort::data::parse_span("30").is_err());
/// # Ok::<(), kohort::Error>(())
/// ```
pub fn parse_span(text: &str) -> Result<i64> {
    let bad = || {
        Error::parameter(
            "length of time",
            "a number with a unit, such as \"30m\", \"1h30m\" or \"7d\" (us, ms, s, m, h, d, w)",
            format!("{text:?}"),
        )
    };
    let mut rest = text.trim();
    let mut total = 0_i64;
    if rest.is_empty() {
        return Err(bad());
    }
    while !rest.is_empty() {
        let end = rest
            .find(|c: char| !c.is_ascii_digit() && c != '.')
            .ok_or_else(bad)?;
        let (number, tail) = rest.split_at(end);
        let unit_end = tail
            .find(|c: char| !c.is_ascii_alphabetic())
            .unwrap_or(tail.len());
        let (unit, tail) = tail.split_at(unit_end);
        let micros = UNITS
            .iter()
            .find(|(name, _)| *name == unit)
            .map(|(_, micros)| *micros)
            .ok_or_else(bad)?;
        let part = scale(number, micros).ok_or_else(bad)?;
        total = total.checked_add(part).ok_or_else(bad)?;
        rest = tail.trim_start();
    }
    Ok(total)
}

/// `number` (digits with at most one point) times `micros`, exact to the microsecond.
fn scale(number: &str, micros: i64) -> Option<i64> {
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    let whole: i64 = if whole.is_empty() && !fraction.is_empty() {
        0
    } else {
        whole.parse().ok()?
    };
    let mut total = whole.checked_mul(micros)?;
    let mut unit = micros;
    for digit in fraction.chars() {
        unit /= 10;
        total = total.checked_add(i64::from(digit.to_digit(10)?) * unit)?;
    }
    Some(total)
}

/// A length of time as a person would write it, such as `30m` or `1h 30m`.
#[must_use]
pub fn show_span(micros: i64) -> String {
    if micros == 0 {
        return "0s".into();
    }
    let sign = if micros < 0 { "-" } else { "" };
    let mut rest = micros.unsigned_abs();
    let mut parts = Vec::new();
    for (name, unit) in UNITS.iter().rev() {
        let unit = unit.unsigned_abs();
        if *name != "w" && rest >= unit {
            parts.push(format!("{}{name}", rest / unit));
            rest %= unit;
        }
    }
    format!("{sign}{}", parts.join(" "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_read_as_written() {
        assert_eq!(parse_span("1h30m").unwrap(), 5_400 * SECOND);
        assert_eq!(parse_span("0.5s").unwrap(), 500_000);
        assert_eq!(parse_span("2w").unwrap(), 14 * DAY);
        assert_eq!(show_span(parse_span("1h30m").unwrap()), "1h 30m");
    }

    #[test]
    fn what_has_no_unit_is_refused_with_the_right_form() {
        for bad in ["", "30", "m", "-5m", "5 parsecs", "1..5s", "99999999999w"] {
            let message = parse_span(bad).unwrap_err().to_string();
            assert!(message.contains("\"30m\""), "{bad}: {message}");
        }
    }
}
