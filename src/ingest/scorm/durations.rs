//! Lengths of time: `HHHH:MM:SS.SS` in AICC and SCORM 1.2, ISO 8601 in SCORM 2004, where only
//! seconds have a fraction and there is no comma.

use crate::data::durations::{clock, digits, micros};

/// Microseconds; `Err` for what is neither form, is negative, or has years or months, which are
/// no length of time.
pub(super) fn read(text: &str) -> Result<i64, ()> {
    let text = text.trim();
    match text.strip_prefix('P') {
        Some(rest) => iso(rest),
        // Two digits of hours at least.
        None => text
            .find(':')
            .filter(|at| *at >= 2)
            .and_then(|_| clock(text)),
    }
    .ok_or(())
}

fn iso(rest: &str) -> Option<i64> {
    let (date, time) = match rest.split_once('T') {
        Some((_, "")) => return None,
        Some((date, time)) => (date, time),
        None => (rest, ""),
    };
    if date.is_empty() && time.is_empty() {
        return None;
    }
    let day = 86_400_000_000;
    let days = [("Y", 0), ("M", 0), ("W", 7 * day), ("D", day)];
    let times = [("H", 3_600_000_000), ("M", 60_000_000), ("S", 1_000_000)];
    units(date, &days)?.checked_add(units(time, &times)?)
}

/// Amounts with their units, in this order, each at most once.
fn units(mut text: &str, units: &[(&str, i64)]) -> Option<i64> {
    let mut sum = 0_i64;
    for (unit, size) in units {
        let length = text
            .bytes()
            .take_while(|b| b.is_ascii_digit() || *b == b'.')
            .count();
        let (amount, rest) = text.split_at_checked(length)?;
        let Some(rest) = rest.strip_prefix(unit) else {
            continue;
        };
        text = rest;
        let part = if *unit == "S" {
            micros(amount)?
        } else {
            digits(amount)?
        };
        sum = match (*size, *unit) {
            (0, _) if part == 0 => sum,
            (0, _) => return None,
            (_, "S") => sum.checked_add(part)?,
            (size, _) => sum.checked_add(part.checked_mul(size)?)?,
        };
    }
    text.is_empty().then_some(sum)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::read;

    #[test]
    fn both_forms_are_lengths_of_time() {
        for (text, seconds) in [
            ("00:00:00", 0.0),
            ("0001:02:03.25", 3_723.25),
            ("9999:59:59.99", 35_999_999.99),
            ("00:34:00.5", 2_040.5),
            ("PT1H2M3.25S", 3_723.25),
            ("PT0S", 0.0),
            ("P1DT1S", 86_401.0),
            ("P0Y0M1D", 86_400.0),
            ("PT90M", 5_400.0),
            ("PT0.1234567S", 0.123_456),
        ] {
            #[expect(clippy::cast_possible_truncation, reason = "small numbers")]
            let micros = (seconds * 1e6_f64).round() as i64;
            assert_eq!(read(text), Ok(micros), "{text}");
        }
        for text in [
            "",
            "P",
            "PT",
            "P1",
            "1:2:3",
            "00:00",
            "00:00:00:00",
            "-00:00:01",
            "PT-1S",
            "P1Y",
            "P2M",
            "PT1S1M",
            "PT1.5M",
            "PT1.S",
            "00:00:1",
            "00:00:01.",
            "NaN",
            "12",
            "PT99999999999999999999S",
            "PT9223372036854775807S",
            "99999:00:00",
            "٠٠:00:00",
        ] {
            assert_eq!(read(text), Err(()), "{text}");
        }
    }

    proptest! {
        #[test]
        fn both_forms_agree(hours in 0_i64..10_000, minutes in 0_i64..60, cents in 0_i64..6_000) {
            let seconds = format!("{:02}.{:02}", cents / 100, cents % 100);
            let clock = read(&format!("{hours:04}:{minutes:02}:{seconds}"));
            let iso = read(&format!("PT{hours}H{minutes}M{seconds}S"));
            prop_assert_eq!(clock, iso);
            prop_assert_eq!(clock, Ok(((hours * 60 + minutes) * 6_000 + cents) * 10_000));
        }

        #[test]
        fn no_text_makes_it_stumble(text in "[PTYMWDHS0-9.:é-]{0,20}") {
            let _ = read(&text);
        }
    }
}
