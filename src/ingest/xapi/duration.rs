//! Lengths of time as ISO 8601 writes them.

use crate::ingest::batch::{Fault, fault};

const MICROS: f64 = 1e6;

/// The length in microseconds; `None` if it counts months or years, whose length is not known,
/// or more than can be.
///
/// # Errors
/// `BadDuration`.
pub(super) fn duration(text: &str, place: &'static str) -> Result<Option<i64>, Fault> {
    parse(text).ok_or(fault(place, "BadDuration"))
}

/// The designators in the order in which they may come, with their seconds.
const DATES: &[(u8, Option<f64>)] = &[
    (b'Y', None),
    (b'M', None),
    (b'W', Some(604_800.0)),
    (b'D', Some(86_400.0)),
];
const TIMES: &[(u8, Option<f64>)] = &[(b'H', Some(3_600.0)), (b'M', Some(60.0)), (b'S', Some(1.0))];

#[expect(
    clippy::option_option,
    reason = "no length, and a length that is not known"
)]
fn parse(text: &str) -> Option<Option<i64>> {
    let mut rest = text.strip_prefix('P')?;
    let mut units = DATES.iter();
    let (mut total, mut known, mut parts, mut last) = (0.0, true, 0, false);
    let mut weeks = false;
    let mut in_time = false;
    while !rest.is_empty() {
        if let Some(time) = rest.strip_prefix('T') {
            // Nothing may follow a fraction, and something must follow the T.
            if in_time || time.is_empty() {
                return None;
            }
            in_time = true;
            units = TIMES.iter();
            rest = time;
            continue;
        }
        let length = rest
            .bytes()
            .take_while(|byte| matches!(byte, b'0'..=b'9' | b'.' | b','))
            .count();
        let (number, after) = rest.split_at_checked(length)?;
        let designator = *after.as_bytes().first()?;
        let (_, seconds) = units.find(|(letter, _)| *letter == designator)?;
        if last || weeks {
            return None;
        }
        let (value, fraction) = value(number)?;
        last = fraction;
        weeks = designator == b'W';
        parts += 1;
        if weeks && parts > 1 {
            return None;
        }
        match seconds {
            Some(seconds) => total += value * seconds,
            None => known &= value == 0.0,
        }
        rest = after.get(1..)?;
    }
    if parts == 0 {
        return None;
    }
    let micros = (total * MICROS).round();
    #[expect(clippy::cast_possible_truncation, reason = "it lies below 2^53")]
    let micros = (known && micros < 9e15).then_some(micros as i64);
    Some(micros)
}

/// A number with or without a fraction, which a comma may begin, too.
fn value(number: &str) -> Option<(f64, bool)> {
    let dotted = number.replacen(',', ".", 1);
    let (whole, fraction) = match dotted.split_once('.') {
        Some((whole, fraction)) => (whole, Some(fraction)),
        None => (dotted.as_str(), None),
    };
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if !digits(whole) || !fraction.is_none_or(digits) {
        return None;
    }
    Some((dotted.parse().ok()?, fraction.is_some()))
}

#[cfg(test)]
#[expect(clippy::cast_possible_truncation, reason = "the lengths are small")]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn designators_fractions_and_what_is_wrong() {
        for (text, seconds) in [
            ("PT1H0M0S", 3600.0),
            ("PT0S", 0.0),
            ("P1DT2H3M4.005S", 93_784.005),
            ("PT1.5M", 90.0),
            ("PT0,25S", 0.25),
            ("P2W", 1_209_600.0),
            ("P0Y0M1D", 86_400.0),
            ("PT36H", 129_600.0),
        ] {
            assert_eq!(parse(text), Some(Some((seconds * MICROS) as i64)), "{text}");
        }
        for unknown in ["P1Y", "P2M", "P1Y2M3DT4H", "PT99999999999999999999999S"] {
            assert_eq!(parse(unknown), Some(None), "{unknown}");
        }
        for bad in [
            "",
            "P",
            "PT",
            "P1",
            "1S",
            "PT1",
            "PT1M1H",
            "PT1.5M1S",
            "P1DT",
            "PT1S1S",
            "PT-1S",
            "-PT1S",
            "PT.5S",
            "PT1.S",
            "P1W1D",
            "P1DT1W",
            "pt1s",
            "PT1S ",
            "PT1.2.3S",
            "PTS",
            "P1H",
            "PT1.5HT1S",
        ] {
            assert_eq!(parse(bad), None, "{bad}");
        }
    }

    proptest! {
        /// jiff reads the same lengths from the same texts.
        #[test]
        fn lengths_agree_with_jiff(d in 0_i64..400, h in 0_i64..400, m in 0_i64..400, s in 0_i64..400, micros in 0_i64..1_000_000) {
            let text = format!("P{d}DT{h}H{m}M{s}.{micros:06}S");
            let span: jiff::Span = text.parse().unwrap();
            let days = jiff::SpanRelativeTo::days_are_24_hours();
            let twin = span.total((jiff::Unit::Microsecond, days)).unwrap();
            prop_assert_eq!(parse(&text), Some(Some(twin as i64)));
        }

        #[test]
        fn no_text_makes_it_stumble(text in "P[0-9YMWDTHS.,]{0,20}|\\PC{0,10}") {
            let _ = parse(&text);
        }
    }
}
