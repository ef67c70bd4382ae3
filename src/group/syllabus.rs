//! Public facts about a course: its steps, and what cannot be had there.

use std::collections::BTreeMap;

use super::distribution::{Facts, Step, StepList};
use super::grid::Grids;
use super::metric::Metric;
use crate::data::calendar::course_week;
use crate::data::ids::NONE;
use crate::data::{Inner, Resolution};
use crate::personal::status::last_instant;

/// A catalog made from the log says what others did: it is no fact beside it.
pub(super) const DERIVED: &str = "the catalog is derived from the log";

/// The steps of a course and the place of each catalog item among them.
pub(super) struct Syllabus {
    /// What everybody may know.
    pub(super) facts: Facts,
    /// Catalog item to its content step and the last module step up to there.
    places: BTreeMap<u32, (u32, Option<u32>)>,
}

impl Syllabus {
    /// The content step of an item, and the furthest module up to it.
    pub(super) fn place(&self, item: u32) -> Option<(u32, Option<u32>)> {
        self.places.get(&item).copied()
    }
}

/// The syllabus of a course; of all courses together when it is `None`.
pub(super) fn syllabus(data: &Inner, course: Option<u32>, as_of: i64) -> Syllabus {
    let mut steps = course.map_or_else(Vec::new, |c| positions(data, c));
    steps.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
    let mut modules: Vec<(f64, u32)> = Vec::new();
    let mut places = BTreeMap::new();
    for (step, (position, item)) in (0_u32..).zip(&steps) {
        let module = data.items.get(*item).map_or(NONE, |entry| entry.module);
        if module != NONE && !modules.iter().any(|(_, known)| *known == module) {
            modules.push((*position, module));
        }
        let last = modules
            .len()
            .checked_sub(1)
            .and_then(|m| u32::try_from(m).ok());
        places.insert(*item, (step, last));
    }
    let content = |item: u32| {
        let content = data.items.content.get(item as usize).copied();
        data.contents.get(content.unwrap_or(NONE))
    };
    let facts = Facts {
        unavailable: unavailable(data, course, as_of),
        grids: Grids::default(),
        contents: list(data, course, "positions", &steps, content),
        modules: list(data, course, "modules", &modules, |m| data.modules.get(m)),
        weeks: weeks(data, course, as_of),
        stays: stays(data, course, as_of),
    };
    Syllabus { facts, places }
}

/// Syllabus position and item of the catalog's contents of a course.
fn positions(data: &Inner, course: u32) -> Vec<(f64, u32)> {
    let items = data.items.of_course(course);
    let item = |item: usize| {
        let item = u32::try_from(item).ok()?;
        Some((data.items.get(item)?.position?, item))
    };
    items.filter_map(item).collect()
}

/// Whether a course asks for anything yet.
fn asks(data: &Inner, course: u32, as_of: i64) -> bool {
    let entries = data.items.entry.get(data.items.of_course(course));
    entries
        .into_iter()
        .flatten()
        .flatten()
        .any(|entry| entry.required && entry.available_from.is_none_or(|from| from <= as_of))
}

/// Why metrics cannot be had, from facts that hold for everybody.
fn unavailable(
    data: &Inner,
    course: Option<u32>,
    as_of: i64,
) -> [Option<String>; Metric::ALL.len()] {
    let day = data.resolution == Resolution::Day;
    let (known, derived) = (data.items.known, data.items.derived);
    Metric::ALL.map(|metric| {
        let reason = match metric {
            Metric::StudyTime
            | Metric::Sessions
            | Metric::StudyTimeInPeriod
            | Metric::SessionsInPeriod
                if day =>
            {
                "times have day resolution"
            }
            Metric::Completed | Metric::Progress | Metric::CompletedInPeriod if !known => {
                "no catalog"
            }
            Metric::Completed | Metric::Progress | Metric::CompletedInPeriod if derived => DERIVED,
            Metric::Progress if course.is_none() => "spans several courses",
            Metric::Progress if course.is_some_and(|c| !asks(data, c, as_of)) => {
                "no required content is available"
            }
            _ => return None,
        };
        Some(reason.to_string())
    })
}

fn list(
    data: &Inner,
    course: Option<u32>,
    what: &str,
    steps: &[(f64, u32)],
    id: impl Fn(u32) -> Option<crate::data::Id>,
) -> StepList {
    if course.is_none() {
        return Err("spans several courses".to_string());
    }
    if !data.items.known {
        return Err("no catalog".to_string());
    }
    if data.items.derived {
        return Err(DERIVED.to_string());
    }
    if steps.is_empty() {
        return Err(format!("no {what} in the catalog"));
    }
    let step = |(position, dense): &(f64, u32)| Step {
        label: id(*dense).map_or_else(String::new, |id| id.to_string()),
        position: Some(*position),
    };
    Ok(steps.iter().map(step).collect())
}

/// Why nobody's time in a course can be told, if so.
fn stays(data: &Inner, course: Option<u32>, as_of: i64) -> Result<(), String> {
    let Some(course) = course else {
        return Err("spans several courses".to_string());
    };
    match data.starts(course) {
        Some(starts) if starts > as_of => Err("the course has not started".to_string()),
        _ => Ok(()),
    }
}

/// Weeks from the start of a course to its end or `as_of`, whichever is earlier.
fn weeks(data: &Inner, course: Option<u32>, as_of: i64) -> StepList {
    let Some(course) = course else {
        return Err("spans several courses".to_string());
    };
    let Some(starts) = data.starts(course) else {
        return Err("no start of the course".to_string());
    };
    // A course that ends as a week begins has no event in that week.
    let until = last_instant(data, course, as_of);
    let day = |instant| data.zone.local_day(instant, data.day_start);
    let last = course_week(day(until), day(starts));
    if last < 1 {
        return Err("the course has not started".to_string());
    }
    let step = |week: i32| Step {
        label: week.to_string(),
        position: Some(f64::from(week)),
    };
    Ok((1..=last).map(step).collect())
}
