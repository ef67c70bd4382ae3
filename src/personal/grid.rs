//! Local calendar periods of a learner's time in a course, and the last instant of each.

use polars::prelude::*;

use super::frames::days;
use super::spells::Spell;
use super::splits::Week;
use crate::data::calendar::Zone;
use crate::data::{DAY, Inner, show_span};
use crate::error::{Error, Result};

/// A learner's course may have this many periods.
const MOST: usize = 10_000;
/// Days from a Monday to 1970-01-01.
const MONDAY: i32 = 3;

/// How time is divided.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Grid {
    /// Local days.
    length: i32,
    week: Week,
}

/// A period of a learner's time in a course.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Period {
    /// Its first local day, or its number in the course.
    pub(crate) label: i32,
    /// Its first instant.
    pub(crate) from: i64,
    /// The last instant of it that is seen.
    pub(crate) at: i64,
    /// The first instant after it.
    pub(crate) next: i64,
}

impl Grid {
    /// # Errors
    /// [`Error::Parameter`] for periods that are not whole local days, and for those of the
    /// calendar other than days and weeks.
    pub(crate) fn new(every: i64, week: Week) -> Result<Self> {
        let length = i32::try_from(every / DAY).unwrap_or(0);
        let whole = every % DAY == 0 && length > 0;
        if !whole || (week == Week::Iso && length != 1 && length != 7) {
            let expected = match week {
                Week::Iso => "1d or 1w (other whole days with `week=\"course\"`)",
                Week::Course => "whole days",
            };
            return Err(Error::parameter("every", expected, show_span(every)));
        }
        Ok(Self { length, week })
    }

    /// Weeks.
    pub(crate) const fn weeks(week: Week) -> Self {
        Self { length: 7, week }
    }

    /// The periods of a spell on the clocks of a zone, the last one cut at its end; none where they are counted from the
    /// start of a course that has none. False if there are too many.
    pub(crate) fn lay(
        self,
        data: &Inner,
        zone: &Zone,
        spell: &Spell,
        periods: &mut Vec<Period>,
    ) -> bool {
        periods.clear();
        let local = |instant| zone.local_day(instant, data.day_start);
        let anchor = match self.week {
            Week::Iso => Some(-MONDAY),
            Week::Course => data.starts(spell.course).map(local),
        };
        let Some(anchor) = anchor else {
            return true;
        };
        let first = |day: i32| zone.first_at(i64::from(day) * DAY + data.day_start);
        let past = local(spell.begin).saturating_sub(anchor);
        let mut day = anchor + past.div_euclid(self.length) * self.length;
        let mut from = first(day);
        loop {
            let next = first(day + self.length);
            let at = (next - 1).min(spell.end);
            // Where clocks turn back over the beginning of a day, a period may end before its day.
            if at >= spell.begin {
                periods.push(Period {
                    label: match self.week {
                        Week::Iso => day,
                        Week::Course => (day - anchor).div_euclid(self.length) + 1,
                    },
                    from,
                    at,
                    next,
                });
            }
            if at >= spell.end {
                return true;
            }
            if periods.len() == MOST {
                return false;
            }
            (day, from) = (day + self.length, next);
        }
    }

    /// What to say where there were too many.
    pub(crate) fn too_many(self) -> Error {
        Error::parameter(
            "every",
            format!("long enough for at most {MOST} periods of each learner and course"),
            show_span(i64::from(self.length) * DAY),
        )
    }

    /// The column of labels.
    pub(crate) fn column(self, name: &str, labels: impl Iterator<Item = i32>) -> Column {
        let labels = labels.map(Some);
        match self.week {
            Week::Iso => days(name, labels),
            Week::Course => Int32Chunked::from_iter_options(name.into(), labels).into_column(),
        }
    }
}
