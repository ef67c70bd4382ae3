//! ISO 8601 durations, as lengths in seconds.

use std::borrow::Cow;

use super::json::FromJson;

/// A length in seconds: a duration of ISO 8601, or a number as in Caliper 1.0.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(in crate::ingest) struct Seconds(pub(in crate::ingest) Option<f64>);

impl<'de> FromJson<'de> for Seconds {
    fn text(text: Cow<'de, str>) -> Self {
        Self(seconds(&text))
    }

    fn number(number: f64) -> Self {
        Self(Some(number).filter(|number| number.is_finite() && *number >= 0.0))
    }
}

impl Seconds {
    /// In whole microseconds; a length of more than a century is none.
    pub(in crate::ingest) fn micros(self) -> Option<i64> {
        const CENTURY: f64 = 3.2e9;
        let seconds = self.0.filter(|seconds| *seconds < CENTURY)?;
        #[expect(clippy::cast_possible_truncation, reason = "below a century it fits")]
        Some((seconds * 1e6).round() as i64)
    }
}

/// The seconds of a duration; years and months have no fixed length and are not understood.
pub(in crate::ingest) fn seconds(text: &str) -> Option<f64> {
    const DATE: &[(u8, f64)] = &[(b'W', 604_800.0), (b'D', 86_400.0)];
    const CLOCK: &[(u8, f64)] = &[(b'H', 3_600.0), (b'M', 60.0), (b'S', 1.0)];
    let text = text.trim().strip_prefix('P')?;
    let (date, clock) = match text.split_once('T') {
        Some((date, clock)) => (date, Some(clock)),
        None => (text, None),
    };
    if date.is_empty() && clock.is_none() || clock.is_some_and(str::is_empty) {
        return None;
    }
    let total = sum(date, DATE)? + sum(clock.unwrap_or_default(), CLOCK)?;
    Some(total).filter(|total| total.is_finite())
}

/// Adds numbers with units, each unit at most once and in their order.
fn sum(mut text: &str, mut units: &[(u8, f64)]) -> Option<f64> {
    let mut total = 0.0;
    while !text.is_empty() {
        let end = text.find(|c: char| !c.is_ascii_digit() && c != '.' && c != ',')?;
        let (number, rest) = text.split_at(end);
        let unit = *rest.as_bytes().first()?;
        let at = units.iter().position(|(name, _)| *name == unit)?;
        let (_, length) = units.get(at)?;
        units = units.get(at + 1..)?;
        if !number.starts_with(|c: char| c.is_ascii_digit()) {
            return None;
        }
        total += number.replace(',', ".").parse::<f64>().ok()? * length;
        text = rest.get(1..)?;
    }
    Some(total)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_are_read_with_fractions() {
        for (text, expected) in [
            ("PT30M54S", 1854.0),
            ("PT0.2S", 0.2),
            ("PT1H30M1,5S", 5401.5),
            ("P1DT1S", 86_401.0),
            ("P2W", 1_209_600.0),
            ("PT1.5H", 5400.0),
            ("PT194.381000000000034S", 194.381),
            ("PT0S", 0.0),
        ] {
            let read = seconds(text).unwrap();
            assert!((read - expected).abs() < 1e-9, "{text}: {read}");
        }
    }

    #[test]
    fn what_has_no_fixed_length_or_no_form_is_none() {
        for text in [
            "",
            "P",
            "PT",
            "P1Y",
            "P1M",
            "PT5",
            "PT5X",
            "PT1S1S",
            "PT1S1M",
            "-PT5S",
            "PT-5S",
            "5",
            "PT.S",
            "PT1e3S",
            "P1DT",
            "PT\u{665}S",
            "PTS",
            "PT1.2.3S",
        ] {
            assert_eq!(seconds(text), None, "{text}");
        }
        let long = format!("PT{}S", "9".repeat(400));
        assert_eq!(seconds(&long), None);
        assert_eq!(Seconds(Some(1e12)).micros(), None);
        assert_eq!(Seconds(seconds("PT0.0000015S")).micros(), Some(2));
    }
}
