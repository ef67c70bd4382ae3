//! The local calendar: time zones as tables of offsets, exact through daylight saving.

use jiff::fmt::temporal::Pieces;
use jiff::{Timestamp, civil, tz::TimeZone};

use super::span::{DAY, HOUR};
use crate::error::{Error, Result};

/// Instants outside are refused: zone rules are laid out up to here, and nobody studies later.
pub(crate) const LATEST: i64 = 7_258_118_400_000_000; // 2200-01-01T00:00:00Z

/// A time zone as the offsets in force between its transitions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Zone {
    name: String,
    /// Instants from which an offset holds; the first is the beginning of time.
    from: Vec<i64>,
    /// Local minus UTC, in microseconds.
    offset: Vec<i64>,
}

/// A stretch of time with one offset; `[from, until)` in UTC microseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Stretch {
    pub(crate) from: i64,
    pub(crate) until: i64,
    pub(crate) offset: i64,
}

impl Zone {
    /// The zone of an IANA name such as `Europe/Helsinki`.
    ///
    /// # Errors
    /// [`Error::Parameter`] if the name is not in the IANA database.
    pub fn new(name: &str) -> Result<Self> {
        let unknown = || {
            Error::parameter(
                "tz",
                "an IANA time zone such as \"Europe/Helsinki\" or \"UTC\"",
                format!("{name:?}"),
            )
        };
        let tz = TimeZone::get(name).map_err(|_| unknown())?;
        let first = Timestamp::MIN;
        let mut from = vec![i64::MIN];
        let mut offset = vec![i64::from(tz.to_offset(first).seconds()) * 1_000_000];
        for transition in tz.following(first) {
            let at = transition.timestamp().as_microsecond();
            if at >= LATEST {
                break;
            }
            from.push(at);
            offset.push(i64::from(transition.offset().seconds()) * 1_000_000);
        }
        Ok(Self {
            name: name.to_owned(),
            from,
            offset,
        })
    }

    /// Universal time.
    ///
    /// # Panics
    /// Never: it is built without the database.
    #[must_use]
    pub fn utc() -> Self {
        Self {
            name: "UTC".to_owned(),
            from: vec![i64::MIN],
            offset: vec![0],
        }
    }

    /// The zone's name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The stretch of equal offset that holds an instant.
    pub(crate) fn stretch(&self, instant: i64) -> Stretch {
        let next = self.from.partition_point(|from| *from <= instant);
        let at = next.saturating_sub(1);
        Stretch {
            from: self.from.get(at).copied().unwrap_or(i64::MIN),
            until: self.from.get(next).copied().unwrap_or(i64::MAX),
            offset: self.offset.get(at).copied().unwrap_or(0),
        }
    }

    /// The instant of a local time; `None` where the clock skips it or shows it twice.
    pub(crate) fn instant(&self, local: i64) -> Option<i64> {
        // No zone is more than 26 hours from UTC, so the answer lies in these stretches.
        let mut stretch = self.stretch(local.saturating_sub(26 * HOUR));
        let mut found = None;
        loop {
            let instant = local - stretch.offset;
            if instant >= stretch.from && instant < stretch.until {
                if found.is_some() {
                    return None;
                }
                found = Some(instant);
            }
            if stretch.until > local.saturating_add(26 * HOUR) {
                return found;
            }
            stretch = self.stretch(stretch.until);
        }
    }

    /// The local day of an instant, for a day that begins at `day_start`.
    pub(crate) fn local_day(&self, instant: i64, day_start: i64) -> i32 {
        Clock::new(self, day_start).day(instant).0
    }

    /// The first instant of a local day: midnight, or the end of the gap that swallows it.
    pub(crate) fn start_of_day(&self, day: i32) -> i64 {
        self.first_at(i64::from(day) * DAY)
    }

    /// The first instant at which the local time is not before the given one.
    pub(crate) fn first_at(&self, local: i64) -> i64 {
        if let Some(instant) = self.instant(local) {
            return instant;
        }
        // Skipped or doubled: the earliest instant whose local time is not before it.
        let mut stretch = self.stretch(local.saturating_sub(26 * HOUR));
        loop {
            let instant = (local - stretch.offset).max(stretch.from);
            if instant < stretch.until {
                return instant;
            }
            stretch = self.stretch(stretch.until);
        }
    }
}

/// Walks forward through a learner's local time, remembering the stretch it is in.
#[derive(Debug, Clone)]
pub(crate) struct Clock<'a> {
    zone: &'a Zone,
    day_start: i64,
    stretch: Stretch,
}

impl<'a> Clock<'a> {
    pub(crate) fn new(zone: &'a Zone, day_start: i64) -> Self {
        Self {
            zone,
            day_start,
            stretch: zone.stretch(0),
        }
    }

    fn seek(&mut self, instant: i64) -> Stretch {
        if instant < self.stretch.from || instant >= self.stretch.until {
            self.stretch = self.zone.stretch(instant);
        }
        self.stretch
    }

    /// The local day of an instant (days since 1970-01-01), and the instant up to which that
    /// answer certainly holds.
    pub(crate) fn day(&mut self, instant: i64) -> (i32, i64) {
        let stretch = self.seek(instant);
        let shifted = instant + stretch.offset - self.day_start;
        let day = shifted.div_euclid(DAY);
        let ends = (day + 1) * DAY - stretch.offset + self.day_start;
        (clamp_day(day), ends.min(stretch.until))
    }

    /// The local hour of an instant on the clock that strikes 0 when a day begins: whole hours
    /// since the beginning of the local day 1970-01-01. Days are every 24 of them.
    pub(crate) fn hour_of_days(&mut self, instant: i64) -> i64 {
        let stretch = self.seek(instant);
        (instant + stretch.offset - self.day_start).div_euclid(HOUR)
    }

    /// The local hour of day 0..=23, and the instant up to which that answer certainly holds.
    pub(crate) fn hour(&mut self, instant: i64) -> (u8, i64) {
        let stretch = self.seek(instant);
        let hours = (instant + stretch.offset).div_euclid(HOUR);
        let ends = (hours + 1) * HOUR - stretch.offset;
        (
            u8::try_from(hours.rem_euclid(24)).unwrap_or(0),
            ends.min(stretch.until),
        )
    }
}

fn clamp_day(day: i64) -> i32 {
    i32::try_from(day).unwrap_or(if day < 0 { i32::MIN } else { i32::MAX })
}

/// Days from a Monday: 0 for Monday ... 6 for Sunday.
pub(crate) fn weekday(day: i32) -> i32 {
    (day + 3).rem_euclid(7) // 1970-01-01 was a Thursday
}

/// The Monday of the ISO week of a day.
pub(crate) fn monday(day: i32) -> i32 {
    day - weekday(day)
}

/// The first day of the month of a day.
pub(crate) fn month_start(day: i32) -> i32 {
    let epoch = civil::date(1970, 1, 1);
    epoch
        .checked_add(jiff::Span::new().days(day))
        .and_then(|date| date.first_of_month().since(epoch))
        .map_or(day, |span| span.get_days())
}

/// The week of a course that a local day lies in: the course's first day begins week 1, earlier
/// weeks are 0, -1, ...
pub(crate) fn course_week(day: i32, first: i32) -> i32 {
    day.saturating_sub(first).div_euclid(7) + 1
}

/// Reads an ISO 8601 time; without an offset it is local to `zone`.
pub(crate) fn parse_time(text: &str, zone: Option<&Zone>) -> std::result::Result<i64, TimeFault> {
    let text = text.trim();
    if let Ok(instant) = text.parse::<Timestamp>() {
        return Ok(instant.as_microsecond());
    }
    let local = text
        .parse::<civil::DateTime>()
        .or_else(|_| text.parse::<civil::Date>().map(civil::DateTime::from))
        .map_err(|_| match Pieces::parse(text) {
            // `9999-12-31T23:59Z`, by which databases say that something has no end
            Ok(pieces) if pieces.date().year() == 9999 => TimeFault::TooFar,
            _ => TimeFault::Unreadable,
        })?;
    let zone = zone.ok_or(TimeFault::NoZone)?;
    let micros = TimeZone::UTC
        .to_timestamp(local)
        .map_err(|_| TimeFault::TooFar)?
        .as_microsecond();
    zone.instant(micros).ok_or(TimeFault::Ambiguous)
}

/// Why a time could not be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TimeFault {
    Unreadable,
    TooFar,
    NoZone,
    Ambiguous,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn micros(text: &str) -> i64 {
        text.parse::<Timestamp>().unwrap().as_microsecond()
    }

    #[test]
    fn a_local_day_follows_daylight_saving() {
        let helsinki = Zone::new("Europe/Helsinki").unwrap();
        let mut clock = Clock::new(&helsinki, 0);
        // 2025-03-30 has 23 hours there: 22:00 UTC on the 29th until 21:00 UTC on the 30th.
        let (day, _) = clock.day(micros("2025-03-29T22:00:00Z"));
        assert_eq!(clock.day(micros("2025-03-30T20:59:59Z")).0, day);
        assert_eq!(clock.day(micros("2025-03-30T21:00:00Z")).0, day + 1);
        assert_eq!(clock.hour(micros("2025-03-30T01:00:00Z")).0, 4); // 03:00 does not exist
        assert_eq!(helsinki.start_of_day(day), micros("2025-03-29T22:00:00Z"));
    }

    #[test]
    fn hours_of_days_are_those_on_the_clock() {
        let helsinki = Zone::new("Europe/Helsinki").unwrap();
        let mut clock = Clock::new(&helsinki, 0);
        let mut hour = |text| clock.hour_of_days(micros(text));
        // 03:30 comes twice on 2025-10-26, an hour apart, and is one hour of that day
        assert_eq!(hour("2025-10-26T00:30:00Z"), hour("2025-10-26T01:30:00Z"));
        assert_eq!(hour("2025-10-26T01:30:00Z").rem_euclid(24), 3);
        let mut late = Clock::new(&helsinki, 4 * HOUR);
        // one at night is the 22nd hour of the day before
        let (day, _) = late.day(micros("2025-06-30T22:00:00Z"));
        let hour = late.hour_of_days(micros("2025-06-30T22:00:00Z"));
        assert_eq!(
            (hour.div_euclid(24), hour.rem_euclid(24)),
            (i64::from(day), 21)
        );
    }

    #[test]
    fn skipped_and_doubled_local_times_have_no_single_instant() {
        let berlin = Zone::new("Europe/Berlin").unwrap();
        let read = |text| parse_time(text, Some(&berlin));
        assert_eq!(read("2025-03-30T02:30"), Err(TimeFault::Ambiguous));
        assert_eq!(read("2025-10-26 02:30:00"), Err(TimeFault::Ambiguous));
        assert_eq!(
            read("2025-10-26 02:30:00+02:00"),
            Ok(micros("2025-10-26T00:30:00Z"))
        );
        assert_eq!(read("2025-07-01"), Ok(micros("2025-06-30T22:00:00Z")));
        assert_eq!(read("2025-13-45T99:00Z"), Err(TimeFault::Unreadable));
        assert_eq!(parse_time("2025-07-01", None), Err(TimeFault::NoZone));
    }

    #[test]
    fn a_zone_may_skip_a_whole_day() {
        // Samoa had no 30 December 2011.
        let apia = Zone::new("Pacific/Apia").unwrap();
        let missing = civil::date(2011, 12, 30);
        let day = missing.since(civil::date(1970, 1, 1)).unwrap().get_days();
        assert_eq!(apia.start_of_day(day), micros("2011-12-30T10:00:00Z"));
        assert_eq!(apia.start_of_day(day + 1), micros("2011-12-30T10:00:00Z"));
    }

    #[test]
    fn weeks_begin_on_monday_and_months_on_the_first() {
        let day = 20_409; // 2025-11-17, a Monday
        assert_eq!(weekday(day), 0);
        assert_eq!(monday(day + 6), day);
        assert_eq!(month_start(day), day - 16);
    }

    #[test]
    fn weeks_of_a_course_are_seven_local_days() {
        let helsinki = Zone::new("Europe/Helsinki").unwrap();
        let first = helsinki.local_day(micros("2024-03-24T22:00:00Z"), 0);
        let week = |text| course_week(helsinki.local_day(micros(text), 0), first);
        assert_eq!(week("2024-03-24T21:59:59Z"), 0);
        assert_eq!(week("2024-03-31T20:59:59Z"), 1); // 167 hours: the clocks went forward
        assert_eq!(week("2024-03-31T21:00:00Z"), 2);
    }

    #[test]
    fn an_unknown_zone_is_named() {
        let message = Zone::new("Europe/Hell").unwrap_err().to_string();
        assert!(message.contains("Europe/Hell"), "{message}");
    }
}
