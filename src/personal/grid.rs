//! Local calendar periods of a learner's time in a course, and the last instant of each.

use polars::prelude::*;

use super::spells::Spell;
use super::splits::Week;
use crate::data::calendar::Zone;
use crate::data::{DAY, Inner, show_span};
use crate::error::{Error, Result};

/// A learner's course may have this many periods.
const MOST: usize = 10_000;
/// Longer periods have no use, and none of these overflows.
const LONGEST: i32 = 36_500;
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
        let whole = every % DAY == 0 && (1..=LONGEST).contains(&length);
        if !whole || (week == Week::Iso && length != 1 && length != 7) {
            let expected = match week {
                Week::Iso => "1d or 1w (other whole days with `week=\"course\"`)",
                Week::Course => "whole days, from 1d to 36500d",
            };
            return Err(Error::parameter("every", expected, show_span(every)));
        }
        Ok(Self { length, week })
    }

    /// Weeks.
    pub(crate) const fn weeks(week: Week) -> Self {
        Self { length: 7, week }
    }

    /// The periods of a spell on the clocks of a zone up to the one that holds its last instant,
    /// cut where the spell ends; none where they are counted from the start of a course that has
    /// none. False if there are too many.
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
            if at >= spell.last {
                return true;
            }
            if periods.len() == MOST {
                return false;
            }
            (day, from) = (day + self.length, next);
        }
    }

    /// What to say where there were too many: the argument that could change it.
    pub(crate) fn too_many(argument: &'static str) -> Error {
        let expected = format!("such that each learner and course has at most {MOST} periods");
        Error::parameter(argument, expected, "more")
    }

    /// The column of labels.
    pub(crate) fn column(self, name: &str, labels: Vec<i32>) -> Column {
        let labels = Int32Chunked::from_vec(name.into(), labels);
        match self.week {
            Week::Iso => labels.into_date().into_column(),
            Week::Course => labels.into_column(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::{LearningData, Options, Tables};

    const HOUR: i64 = DAY / 24;

    /// The periods of a spell in Helsinki, where a course starts at `starts`.
    fn periods(grid: Grid, starts: &str, begin: i64, end: i64) -> Vec<Period> {
        let log = df!("learner" => ["L"], "time" => ["2024-03-20T10:00Z"], "content" => ["x"]);
        let tables = Tables {
            courses: df!("course" => ["C"], "starts" => [starts]).ok(),
            ..Tables::default()
        };
        let data = LearningData::new(log.unwrap(), tables, &Options::default()).unwrap();
        let (zone, mut found) = (Zone::new("Europe/Helsinki").unwrap(), Vec::new());
        let spell = Spell {
            course: 0,
            begin,
            end,
            last: end,
        };
        assert!(grid.lay(&data.inner, &zone, &spell, &mut found));
        found
    }

    #[test]
    fn a_week_with_the_change_of_clocks_is_an_hour_short() {
        let monday = Zone::new("Europe/Helsinki").unwrap().start_of_day(19_807); // 2024-03-25
        let grid = Grid::new(7 * DAY, Week::Iso).unwrap();
        let found = periods(grid, "2024-03-01T00:00Z", monday + 1, monday + 8 * DAY);
        assert_eq!(found.len(), 2);
        assert_eq!((found[0].label, found[0].from), (19_807, monday));
        assert_eq!(found[0].next - found[0].from, 7 * DAY - HOUR);
        assert_eq!(found[0].at, found[1].from - 1);
        assert_eq!(found[1].at, monday + 8 * DAY);
        assert!(found[1].at < found[1].next - 1);
    }

    #[test]
    fn periods_of_a_course_are_counted_from_its_first_local_day() {
        // 23:00 of 2 March in Helsinki
        let start = 19_785 * DAY - 3 * HOUR;
        let grid = Grid::new(3 * DAY, Week::Course).unwrap();
        let found = periods(grid, "2024-03-02T21:00Z", start - 4 * DAY, start + 3 * DAY);
        let labels: Vec<i32> = found.iter().map(|period| period.label).collect();
        assert_eq!(labels, [-1, 0, 1, 2]);
        assert_eq!(found[2].from, start - 23 * HOUR);
    }

    #[test]
    fn periods_without_a_use_are_refused() {
        for every in [0, -DAY, DAY - 1, 2 * DAY, i64::MAX, i64::MIN] {
            assert!(Grid::new(every, Week::Iso).is_err());
        }
        assert!(Grid::new(2 * DAY, Week::Course).is_ok());
        assert!(Grid::new(40_000 * DAY, Week::Course).is_err());
    }
}
