//! The courses of the dataset: a module in a presentation, `AAA-2013J`, and its calendar.

use std::path::Path;

use jiff::civil::Date;
use jiff::tz;
use polars::prelude::*;

use super::source::{Field, Holds, Part, load};
use crate::error::Result;

/// One day in microseconds.
const DAY: i64 = 86_400_000_000;

/// Days further than this from the start of a presentation are faults.
const FAR: i64 = 36_500;

const COLUMNS: &[Field] = &[
    ("code_module", false, Holds::Text),
    ("code_presentation", false, Holds::Text),
    ("module_presentation_length", true, Holds::Whole),
];

struct Presentation {
    module: String,
    term: String,
    start: i64,
    end: Option<i64>,
}

/// All courses, sorted by module and presentation; the other tables refer to them by place.
pub(super) struct Presentations(Vec<Presentation>);

impl Presentations {
    pub(super) fn read(folder: &Path) -> Result<(Self, u64)> {
        let mut all = Vec::new();
        for part in load(folder, "courses", COLUMNS)? {
            let modules = part.texts("code_module")?.iter();
            let terms = part.texts("code_presentation")?.iter();
            let lengths = part.ints("module_presentation_length")?.iter();
            for (row, ((module, term), days)) in modules.zip(terms).zip(lengths).enumerate() {
                let (module, term) = (module.unwrap_or_default(), term.unwrap_or_default());
                let start = start(term).ok_or_else(|| {
                    let problem = "is not a year and B (February) or J (October)";
                    part.bad(row, "code_presentation", problem)
                })?;
                let end = days.map(|days| {
                    let end = plus_days(start, days).filter(|_| days >= 0);
                    let problem = "is not a number of days";
                    end.ok_or_else(|| part.bad(row, "module_presentation_length", problem))
                });
                all.push(Presentation {
                    module: module.to_owned(),
                    term: term.to_owned(),
                    start,
                    end: end.transpose()?,
                });
            }
        }
        let rows = all.len() as u64;
        all.sort_by(|a, b| (&a.module, &a.term).cmp(&(&b.module, &b.term)));
        all.dedup_by(|a, b| (&a.module, &a.term) == (&b.module, &b.term));
        Ok((Self(all), rows))
    }

    /// The course of each row of a table.
    ///
    /// # Errors
    /// [`crate::Error::File`] for the first row of a course that `courses` does not have.
    pub(super) fn places(&self, part: &Part) -> Result<Vec<u32>> {
        let modules = part.texts("code_module")?.iter();
        let terms = part.texts("code_presentation")?.iter();
        let mut places = Vec::with_capacity(part.frame.height());
        // Rows of one course mostly follow each other.
        let mut last = (("", ""), 0);
        for (row, (module, term)) in modules.zip(terms).enumerate() {
            let key = (module.unwrap_or_default(), term.unwrap_or_default());
            if row == 0 || key != last.0 {
                let place = self
                    .0
                    .binary_search_by(|p| (p.module.as_str(), p.term.as_str()).cmp(&key));
                let unknown =
                    |_| part.bad(row, "code_presentation", "`courses` has no such course");
                let place = place.map_err(unknown)?;
                last = (key, u32::try_from(place).unwrap_or(u32::MAX));
            }
            places.push(last.1);
        }
        Ok(places)
    }

    /// The instant of a day counted from the start of a course.
    pub(super) fn instant(&self, place: u32, day: i64) -> Option<i64> {
        plus_days(self.0.get(place as usize)?.start, day)
    }

    /// The names of the courses at these places.
    pub(super) fn names(&self, name: &str, places: impl Iterator<Item = u32>) -> Column {
        let names: Vec<String> = self
            .0
            .iter()
            .map(|p| format!("{}-{}", p.module, p.term))
            .collect();
        let texts = places.map(|place| names.get(place as usize).map(String::as_str));
        let texts: StringChunked = texts.collect();
        texts.with_name(name.into()).into_column()
    }

    /// `course, starts, ends, term`.
    pub(super) fn frame(&self) -> Result<DataFrame> {
        let all = &self.0;
        let terms: Vec<&str> = all.iter().map(|p| p.term.as_str()).collect();
        let count = u32::try_from(all.len()).unwrap_or(u32::MAX);
        let columns = vec![
            self.names("course", 0..count),
            times("starts", all.iter().map(|p| Some(p.start))),
            times("ends", all.iter().map(|p| p.end)),
            Column::new("term".into(), terms),
        ];
        Ok(DataFrame::new(all.len(), columns)?)
    }
}

/// A column of instants in UTC.
pub(super) fn times(name: &str, instants: impl Iterator<Item = Option<i64>>) -> Column {
    let instants: Int64Chunked = instants.collect();
    let times = instants.into_datetime(TimeUnit::Microseconds, Some(TimeZone::UTC));
    times.into_series().with_name(name.into()).into_column()
}

/// Midnight UTC of the first of February (`2013B`) or October (`2013J`).
fn start(term: &str) -> Option<i64> {
    let (year, month) = term.split_at_checked(4)?;
    let month = match month {
        "B" => 2,
        "J" => 10,
        _ => return None,
    };
    let year = year
        .bytes()
        .all(|b| b.is_ascii_digit())
        .then(|| year.parse().ok())??;
    let first = Date::new(year, month, 1)
        .ok()?
        .to_zoned(tz::TimeZone::UTC)
        .ok()?;
    Some(first.timestamp().as_microsecond())
}

fn plus_days(start: i64, days: i64) -> Option<i64> {
    let near = (-FAR..=FAR).contains(&days);
    near.then(|| start.checked_add(days.checked_mul(DAY)?))?
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn presentations_start_in_february_or_october() {
        // 43 years after 1970, 11 of them leap years, are 15,706 days; then 31 and 273 more.
        assert_eq!(start("2013B"), Some((15_706 + 31) * DAY));
        assert_eq!(start("2013J"), Some((15_706 + 273) * DAY));
        for wrong in [
            "2013", "2013K", "13B", "", "2013j", "+013B", "é13B", "2013BB",
        ] {
            assert_eq!(start(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn days_count_from_the_start_in_both_directions() {
        assert_eq!(plus_days(0, -10), Some(-10 * DAY));
        // 2013-10-01 and 268 days: October has 31, so the end is 2014-06-26.
        let end = plus_days(start("2013J").unwrap(), 268).unwrap();
        assert_eq!(end / DAY, 15_706 + 365 + 31 + 28 + 31 + 30 + 31 + 25);
        assert_eq!(plus_days(0, FAR + 1), None);
        assert_eq!(plus_days(0, i64::MIN), None);
    }
}
