//! A metric of the learners of each course, on its public grid.

use polars::prelude::{Column, Float64Chunked, IntoColumn, NewChunkedArray};

use super::bounding::{Bounded, Cell, Lots, count};
use super::counts::{courses_of, known_courses, needs_enrollments};
use super::{Private, Question, Research};
use crate::data::{Resolution, SECOND};
use crate::group::{Metric, grids};
use crate::personal::courses::{Per, Record};
use crate::personal::summary::{DAY_RESOLUTION, Records};
use crate::{Error, Result};

/// More cells than any grid has.
const WIDE: u64 = 1 << 16;

pub(super) fn release(research: &Research, metric: Metric, contributions: u32) -> Result<Private> {
    research.ask(&question(research, metric)?, contributions)
}

pub(super) fn question(research: &Research, metric: Metric) -> Result<Question<'_>> {
    let data = &research.data.inner;
    needs_enrollments(data, "a histogram by course")?;
    can_be_had(research, metric)?;
    // The whole grid always: how many edges reference groups show hangs on who is there.
    let grid = grids::full(metric);
    let known = known_courses(data);
    Ok(Question {
        name: "histogram",
        known: known.as_ref().map(|courses| every_cell(courses, grid)),
        tally: Box::new(move |lots| tally(research, metric, grid, known.as_deref(), lots)),
        keys: Box::new(move |cells| {
            let course = |cell: &Cell| u32::try_from(cell / WIDE).unwrap_or(u32::MAX);
            let courses: Vec<u32> = cells.iter().map(course).collect();
            let edge = |cell: &Cell, back: usize| {
                let place = usize::try_from(cell % WIDE).ok()?.checked_sub(back)?;
                grid.get(place).copied()
            };
            let edges = |name: &str, back| {
                let edges = cells.iter().map(|cell| edge(cell, back));
                Float64Chunked::from_iter_options(name.into(), edges).into_column()
            };
            vec![
                data.course_column(&courses),
                Column::new("metric".into(), vec![metric.name(); cells.len()]),
                edges("above", 1),
                edges("upper", 0),
                Column::new("unit".into(), vec![metric.unit(); cells.len()]),
            ]
        }),
    })
}

/// # Errors
/// [`Error::Missing`] for a metric that these tables tell nothing of, [`Error::Parameter`] for one
/// of a period.
fn can_be_had(research: &Research, metric: Metric) -> Result<()> {
    let data = &research.data.inner;
    let missing = |what, how| {
        let needs = "the histogram of this metric";
        Err(Error::Missing { needs, what, how })
    };
    if Metric::FLOWS.contains(&metric) {
        let expected = "counted from the start: research has no periods";
        return Err(Error::parameter("metric", expected, metric.name()));
    }
    match metric {
        Metric::StudyTime | Metric::Sessions if data.resolution == Resolution::Day => {
            missing("times of day", DAY_RESOLUTION)
        }
        Metric::Completed | Metric::Progress if !data.items.known => {
            missing("a catalog", "give `catalog` (content, course, kind, ...)")
        }
        _ => Ok(()),
    }
}

fn every_cell(courses: &[u32], grid: &[f64]) -> Vec<Cell> {
    let of = |course: &u32| {
        let first = Cell::from(*course) * WIDE;
        first..first + grid.len() as u64
    };
    courses.iter().flat_map(of).collect()
}

fn tally(
    research: &Research,
    metric: Metric,
    grid: &[f64],
    known: Option<&[u32]>,
    lots: &Lots,
) -> Result<Bounded> {
    let personal = research.personal()?;
    let records = personal.records(Per::Course)?;
    let courses = courses_of(research, known);
    let mut kept = Vec::new();
    let rows: Vec<&Record> = records.rows().collect();
    for own in rows.chunk_by(|a, b| a.learner == b.learner) {
        let Some(learner) = own.first().map(|record| record.learner) else {
            continue;
        };
        let (Some(id), Some(courses)) = (research.who(learner), courses.get(&learner)) else {
            continue;
        };
        let enrolled = own.iter().filter(|record| {
            let place = courses.binary_search_by_key(&record.course, |(course, _)| *course);
            place.is_ok()
        });
        let cells = enrolled.filter_map(|record| {
            let value = value(&records, metric, record)?;
            Some(Cell::from(record.course) * WIDE + bin(grid, value))
        });
        kept.extend(lots.cells(&id, &cells.collect::<Vec<_>>()));
    }
    Ok(count(kept, lots.bound()))
}

/// The cell that holds a value: above < value <= upper, what is beyond in the outer ones.
fn bin(grid: &[f64], value: f64) -> u64 {
    let below = grid.partition_point(|edge| *edge < value);
    below.min(grid.len().saturating_sub(1)) as u64
}

/// A learner's value in a course; `None` where it cannot be known.
fn value(records: &Records<'_>, metric: Metric, own: &Record) -> Option<f64> {
    match metric {
        Metric::StudyTime => Some(own.study_time as f64 / SECOND as f64),
        Metric::Sessions => Some(f64::from(own.sessions)),
        Metric::Events => Some(f64::from(own.events)),
        Metric::ActiveDays => Some(f64::from(own.active_days)),
        Metric::Contents => Some(f64::from(own.contents)),
        Metric::Completed => Some(f64::from(own.completed)),
        Metric::Progress => records.progress(own),
        // Refused before.
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_above_the_edge_before_and_at_most_its_own() {
        let grid = grids::full(Metric::Progress);
        assert_eq!(bin(grid, 0.0), 0);
        assert_eq!(bin(grid, 0.01), 1);
        assert_eq!(bin(grid, 0.05), 1);
        assert_eq!(bin(grid, 1.0), 20);
        assert_eq!(bin(grid, 7.0), 20);
        assert_eq!(bin(grid, -1.0), 0);
    }
}
