//! Instants as the specification writes them (RFC 3339, offsets also as ISO 8601 shortens them).

use crate::data::Zone;
use crate::ingest::batch::{Fault, fault};

/// The instant in UTC microseconds; a time without an offset is of `zone`, or refused.
///
/// # Errors
/// `BadTime`, `NoOffset`, `NegativeZeroOffset`, `AmbiguousTime`.
pub(super) fn instant(text: &str, zone: Option<&Zone>, place: &'static str) -> Result<i64, Fault> {
    let (local, offset) = parse(text.as_bytes()).ok_or(fault(place, "BadTime"))?;
    match (offset, zone) {
        (Offset::East(seconds), _) => Ok(local - seconds * 1_000_000),
        (Offset::NegativeZero, _) => Err(fault(place, "NegativeZeroOffset")),
        (Offset::None, None) => Err(fault(place, "NoOffset")),
        (Offset::None, Some(zone)) => zone.instant(local).ok_or(fault(place, "AmbiguousTime")),
    }
}

enum Offset {
    /// Seconds east of Greenwich.
    East(i64),
    NegativeZero,
    None,
}

/// The local time in microseconds, and its offset.
fn parse(text: &[u8]) -> Option<(i64, Offset)> {
    let (head, tail) = text.split_at_checked(19)?;
    let [
        y0,
        y1,
        y2,
        y3,
        b'-',
        m0,
        m1,
        b'-',
        d0,
        d1,
        b'T' | b't' | b' ',
        h0,
        h1,
        b':',
        n0,
        n1,
        b':',
        s0,
        s1,
    ] = *head
    else {
        return None;
    };
    let year = pair(y0, y1)? * 100 + pair(y2, y3)?;
    let (month, day) = (pair(m0, m1)?, pair(d0, d1)?);
    let (hour, minute, second) = (pair(h0, h1)?, pair(n0, n1)?, pair(s0, s1)?);
    if !(1..=12).contains(&month) || day < 1 || day > days_of(year, month) {
        return None;
    }
    // A leap second is the last moment of its minute.
    let leap = second == 60 && minute == 59;
    if hour > 23 || minute > 59 || second > 59 && !leap {
        return None;
    }
    let (fraction, zone) = fraction(tail)?;
    let seconds = ((days(year, month, day) * 24 + hour) * 60 + minute) * 60 + second.min(59);
    let fraction = if leap { 999_999 } else { fraction };
    Some((seconds * 1_000_000 + fraction, offset(zone)?))
}

fn pair(tens: u8, ones: u8) -> Option<i64> {
    let both = tens.is_ascii_digit() && ones.is_ascii_digit();
    both.then(|| i64::from(tens - b'0') * 10 + i64::from(ones - b'0'))
}

/// Microseconds, cut; and what follows.
fn fraction(tail: &[u8]) -> Option<(i64, &[u8])> {
    let Some((b'.', digits)) = tail.split_first() else {
        return Some((0, tail));
    };
    let (mut micros, mut unit, mut count) = (0, 100_000, 0);
    for byte in digits.iter().take_while(|byte| byte.is_ascii_digit()) {
        micros += i64::from(byte - b'0') * unit;
        unit /= 10;
        count += 1;
    }
    let rest = digits.get(count..)?;
    (count > 0).then_some((micros, rest))
}

fn offset(zone: &[u8]) -> Option<Offset> {
    let (sign, hours, minutes) = match *zone {
        [] => return Some(Offset::None),
        [b'Z' | b'z'] => return Some(Offset::East(0)),
        [sign, h0, h1] => (sign, pair(h0, h1)?, 0),
        [sign, h0, h1, b':', m0, m1] | [sign, h0, h1, m0, m1] => {
            (sign, pair(h0, h1)?, pair(m0, m1)?)
        }
        _ => return None,
    };
    if hours > 23 || minutes > 59 {
        return None;
    }
    let seconds = (hours * 60 + minutes) * 60;
    match sign {
        b'+' => Some(Offset::East(seconds)),
        b'-' if seconds == 0 => Some(Offset::NegativeZero),
        b'-' => Some(Offset::East(-seconds)),
        _ => None,
    }
}

fn days_of(year: i64, month: i64) -> i64 {
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    match month {
        2 => 28 + i64::from(leap),
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Days since 1970-01-01, counting years from March so that leap days come last.
fn days(year: i64, month: i64, day: i64) -> i64 {
    let (year, month) = if month > 2 {
        (year, month - 3)
    } else {
        (year - 1, month + 9)
    };
    let leaps = year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400);
    year * 365 + leaps + (month * 153 + 2) / 5 + day - 719_469
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn utc(text: &str) -> Result<i64, &'static str> {
        instant(text, None, "timestamp").map_err(|fault| fault.rule)
    }

    #[test]
    fn instants_with_their_offsets() {
        assert_eq!(utc("1970-01-01T00:00:00Z"), Ok(0));
        assert_eq!(utc("1970-01-01T01:00:00.5+01:00"), Ok(500_000));
        assert_eq!(utc("1969-12-31T23:00:00.0000009-0100"), Ok(0));
        assert_eq!(utc("1970-01-01 02:00:00+02"), Ok(0));
        assert_eq!(
            utc("2016-12-31T23:59:60Z"),
            utc("2016-12-31T23:59:59.999999Z")
        );
        for zero in ["-00", "-0000", "-00:00"] {
            assert_eq!(
                utc(&format!("2020-01-01T00:00:00{zero}")),
                Err("NegativeZeroOffset")
            );
        }
        assert_eq!(utc("2020-01-01T00:00:00"), Err("NoOffset"));
        for bad in [
            "",
            "2025-13-45T99:00Z",
            "2020-02-30T00:00:00Z",
            "2021-02-29T00:00:00Z",
            "2020-01-01",
            "2020-01-01T00:00Z",
            "2020-01-01T24:00:00Z",
            "2020-01-01T00:00:00.Z",
            "2020-01-01T00:00:60Z",
            "2020-01-01T00:00:00+1",
            "2020-01-01T00:00:00+24:00",
            "2020-01-01T00:00:00Zx",
            "+2020-01-01T00:00:00Z",
            "2020-01-01T00:00:00é",
            "yesterday",
        ] {
            assert_eq!(utc(bad), Err("BadTime"), "{bad}");
        }
    }

    #[test]
    fn a_zone_tells_times_without_an_offset() {
        let berlin = Zone::new("Europe/Berlin").unwrap();
        let at = |text| instant(text, Some(&berlin), "x").map_err(|fault| fault.rule);
        assert_eq!(at("2025-07-01T12:00:00"), utc("2025-07-01T10:00:00Z"));
        assert_eq!(at("2025-07-01T12:00:00Z"), utc("2025-07-01T12:00:00Z"));
        assert_eq!(at("2025-03-30T02:30:00"), Err("AmbiguousTime"));
        assert_eq!(at("2025-10-26T02:30:00"), Err("AmbiguousTime"));
    }

    proptest! {
        #[test]
        fn instants_agree_with_jiff(seconds in -62_167_000_000_i64..253_402_000_000, micros in 0_i64..1_000_000, minutes in -1439_i64..1440) {
            let stamp = jiff::Timestamp::from_microsecond(seconds * 1_000_000 + micros).unwrap();
            let offset = jiff::tz::Offset::from_seconds(i32::try_from(minutes * 60).unwrap()).unwrap();
            let local = offset.to_datetime(stamp);
            let sign = if minutes < 0 { '-' } else { '+' };
            let text = format!("{local:.6}{sign}{:02}:{:02}", minutes.abs() / 60, minutes.abs() % 60);
            prop_assume!(!text.starts_with('-'));
            prop_assert_eq!(utc(&text), Ok(stamp.as_microsecond()), "{}", text);
        }

        #[test]
        fn no_text_makes_it_stumble(text in "[0-9TZ:+. -]{0,35}|\\PC{0,30}") {
            let _ = utc(&text);
        }
    }
}
