//! Lengths of time as texts have them: `PT1H30M`, `01:30:00`, `1h30m`, `2 days 01:30:00`.

use super::span::{DAY, parse_span};

const MICROS: f64 = 1e6;

/// Microseconds in a text of any of the forms. Two parts, `05:00`, are none: they may be
/// minutes and seconds or hours and minutes.
pub(crate) fn read(text: &str) -> Option<i64> {
    match text.as_bytes().first()? {
        b'P' => iso(text)?,
        _ if text.contains(':') => match text.split_once(" day") {
            Some((days, rest)) => after_days(days, rest),
            None => clock(text),
        },
        _ => parse_span(text).ok(),
    }
}

/// What pandas and databases write: days, and a clock behind them.
fn after_days(days: &str, rest: &str) -> Option<i64> {
    let rest = rest.strip_prefix('s').unwrap_or(rest);
    let clock = clock(rest.trim_start_matches([' ', ',']))?;
    digits(days)?.checked_mul(DAY)?.checked_add(clock)
}

/// Microseconds in `H:MM:SS` with up to four digits of hours, and a fraction of seconds or none.
pub(crate) fn clock(text: &str) -> Option<i64> {
    let mut parts = text.split(':');
    let (hours, minutes, seconds) = (parts.next()?, parts.next()?, parts.next()?);
    if parts.next().is_some() || !(1..=4).contains(&hours.len()) || minutes.len() != 2 {
        return None;
    }
    let whole = seconds.split('.').next()?;
    if whole.len() != 2 {
        return None;
    }
    let hours = digits(hours)?.checked_mul(3_600_000_000)?;
    let minutes = digits(minutes)?.checked_mul(60_000_000)?;
    hours.checked_add(minutes)?.checked_add(micros(seconds)?)
}

/// Whole seconds with or without a fraction, as microseconds; finer parts are let go.
pub(crate) fn micros(text: &str) -> Option<i64> {
    let (whole, part) = text.split_once('.').unwrap_or((text, "0"));
    let whole = digits(whole)?.checked_mul(1_000_000)?;
    if part.is_empty() || !part.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let part: String = part.chars().chain("000000".chars()).take(6).collect();
    whole.checked_add(digits(&part)?)
}

/// A whole number of nothing but digits.
pub(crate) fn digits(text: &str) -> Option<i64> {
    let plain = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    plain.then(|| text.parse().ok()).flatten()
}

/// The designators in the order in which they may come, with their seconds.
const DATES: &[(u8, Option<f64>)] = &[
    (b'Y', None),
    (b'M', None),
    (b'W', Some(604_800.0)),
    (b'D', Some(86_400.0)),
];
const TIMES: &[(u8, Option<f64>)] = &[(b'H', Some(3_600.0)), (b'M', Some(60.0)), (b'S', Some(1.0))];

/// Microseconds in a length as ISO 8601 writes it, such as `PT1H30M`; `Some(None)` if it counts
/// months or years, whose length is not known, or more than can be.
#[expect(
    clippy::option_option,
    reason = "no length, and a length that is not known"
)]
pub(crate) fn iso(text: &str) -> Option<Option<i64>> {
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
            assert_eq!(iso(text), Some(Some((seconds * MICROS) as i64)), "{text}");
        }
        for unknown in ["P1Y", "P2M", "P1Y2M3DT4H", "PT99999999999999999999999S"] {
            assert_eq!(iso(unknown), Some(None), "{unknown}");
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
            assert_eq!(iso(bad), None, "{bad}");
        }
    }

    #[test]
    fn a_clock_has_three_parts() {
        for (text, seconds) in [
            ("00:05:00", 300),
            ("1:02:03", 3_723),
            ("9999:59:59", 35_999_999),
            ("00:90:00", 5_400),
            ("0 days 00:05:00", 300),
            ("1 day, 1:00:00", 90_000),
            ("2 days 00:00:01.5", 172_801),
        ] {
            let half = i64::from(text.ends_with(".5")) * 500_000;
            assert_eq!(read(text), Some(seconds * 1_000_000 + half), "{text}");
        }
        for unclear in [
            "05:00",
            "0:5:0",
            "-00:05:00",
            ":05:00",
            "1:2:3:4",
            "00:05:00:00",
            "00:05",
            "5 min",
            "P1Y",
            "-1 days +23:59:55",
            "days 00:05:00",
            "1 dayz 00:05:00",
            "99999999999999 days 00:00:00",
        ] {
            assert_eq!(read(unclear), None, "{unclear}");
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
            prop_assert_eq!(iso(&text), Some(Some(twin as i64)));
        }

        #[test]
        fn clocks_agree_with_iso_8601(h in 0_i64..10_000, m in 0_i64..60, s in 0_i64..60, micros in 0_i64..1_000_000) {
            let told = iso(&format!("PT{h}H{m}M{s}.{micros:06}S")).unwrap();
            prop_assert_eq!(clock(&format!("{h}:{m:02}:{s:02}.{micros:06}")), told);
            prop_assert_eq!(read(&format!("{h}h{m}m{s}.{micros:06}s")), told);
        }

        #[test]
        fn no_text_makes_it_stumble(text in "P[0-9YMWDTHS.,]{0,20}|[0-9:.]{0,20}|\\PC{0,10}") {
            let _ = (iso(&text), clock(&text), read(&text));
        }
    }
}
