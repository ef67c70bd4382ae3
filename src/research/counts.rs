//! How many learners courses and registered groups have.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::str::FromStr;

use super::bounding::{Bounded, Cell, Lots, count};
use super::{Private, Question, Research};
use crate::data::Inner;
use crate::data::ids::NONE;
use crate::group::By;
use crate::personal::courses::Per;
use crate::{Error, Result};

/// Which members of a course or group are counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Counted {
    /// Everybody on it.
    Enrolled,
    /// Those with activity in its course by then; in any course, for a group over all of them.
    Active,
}

impl FromStr for Counted {
    type Err = Error;

    /// # Errors
    /// [`Error::Parameter`] for anything but `enrolled` and `active`.
    fn from_str(name: &str) -> Result<Self> {
        match name {
            "enrolled" => Ok(Self::Enrolled),
            "active" => Ok(Self::Active),
            _ => {
                let expected = "one of \"enrolled\", \"active\"";
                Err(Error::parameter("counted", expected, format!("\"{name}\"")))
            }
        }
    }
}

pub(super) fn release(
    research: &Research,
    by: By,
    counted: Counted,
    contributions: u32,
) -> Result<Private> {
    research.ask(&question(research, by, counted)?, contributions)
}

pub(super) fn question(research: &Research, by: By, counted: Counted) -> Result<Question<'_>> {
    let data = &research.data.inner;
    let known = match by {
        By::Course => {
            needs_enrollments(data, "counting learners by course")?;
            known_courses(data)
        }
        By::Group if data.facts.memberships.is_some() => None,
        By::Group => {
            return Err(Error::Missing {
                needs: "counting learners by group",
                what: "the memberships table",
                how: "give `memberships` (group, learner, course, since, until, parent)",
            });
        }
    };
    let cells = |all: &Vec<u32>| all.iter().map(|course| cell_of((*course, NONE))).collect();
    Ok(Question {
        name: match by {
            By::Course => "counts by course",
            By::Group => "counts by group",
        },
        known: known.as_ref().map(cells),
        tally: Box::new(move |lots| {
            let places = match by {
                By::Course => courses_of(research, known.as_deref()),
                By::Group => groups_of(research),
            };
            tally(research, &places, counted, lots)
        }),
        keys: Box::new(move |cells| {
            let (courses, groups): (Vec<u32>, Vec<u32>) =
                cells.iter().map(|c| place_of(*c)).unzip();
            let mut keys = vec![data.course_column(&courses)];
            if by == By::Group {
                keys.push(data.groups.column("group", &groups));
            }
            keys
        }),
    })
}

/// # Errors
/// [`Error::Missing`] without the enrollments table.
pub(super) fn needs_enrollments(data: &Inner, needs: &'static str) -> Result<()> {
    let what = "the enrollments table";
    let how = "give `enrollments` (learner, course, start, end, outcome)";
    let given = data.facts.enrollments.is_some();
    given
        .then_some(())
        .ok_or(Error::Missing { needs, what, how })
}

/// Courses that a table names which names no learner; `None` without such a table.
pub(super) fn known_courses(data: &Inner) -> Option<Vec<u32>> {
    let listed = (0..).zip(&data.facts.listed).filter(|(_, listed)| **listed);
    let catalog = data.items.course.iter().zip(&data.items.entry);
    let catalog = catalog
        .filter(|(_, entry)| entry.is_some())
        .map(|(c, _)| *c);
    let all: BTreeSet<u32> = listed.map(|(course, _)| course).chain(catalog).collect();
    let all: Vec<u32> = all.into_iter().filter(|course| *course != NONE).collect();
    (!all.is_empty()).then_some(all)
}

/// A course and a group in it, either of which may be [`NONE`].
type Place = (u32, u32);

fn cell_of((course, group): Place) -> Cell {
    (Cell::from(course) << 32) | Cell::from(group)
}

fn place_of(cell: Cell) -> Place {
    let half = |part: u64| u32::try_from(part & u64::from(u32::MAX)).unwrap_or(NONE);
    (half(cell >> 32), half(cell))
}

/// The courses that each learner who counts is enrolled in, rising; of `known` ones only.
pub(super) fn courses_of(research: &Research, known: Option<&[u32]>) -> BTreeMap<u32, Vec<Place>> {
    let rows = research.data.inner.facts.enrollments.iter().flatten();
    let rows = rows.filter(|row| row.start.is_none_or(|start| start <= research.as_of));
    let shown = |course: &u32| known.is_none_or(|known| known.binary_search(course).is_ok());
    let rows = rows.filter(|row| shown(&row.course));
    of_learners(research, rows.map(|row| (row.learner, (row.course, NONE))))
}

/// The registered groups that each learner who counts is in, rising.
fn groups_of(research: &Research) -> BTreeMap<u32, Vec<Place>> {
    let rows = research.data.inner.facts.memberships.iter().flatten();
    let rows = rows.filter(|row| row.since.is_none_or(|since| since <= research.as_of));
    of_learners(
        research,
        rows.map(|row| (row.learner, (row.course, row.group))),
    )
}

fn of_learners(
    research: &Research,
    rows: impl Iterator<Item = (u32, Place)>,
) -> BTreeMap<u32, Vec<Place>> {
    let mut places: BTreeMap<u32, Vec<Place>> = BTreeMap::new();
    for (learner, place) in rows {
        places.entry(learner).or_default().push(place);
    }
    places.retain(|learner, _| research.counts_learner(*learner));
    for own in places.values_mut() {
        own.sort_unstable();
        own.dedup();
    }
    places
}

fn tally(
    research: &Research,
    places: &BTreeMap<u32, Vec<Place>>,
    counted: Counted,
    lots: &Lots,
) -> Result<Bounded> {
    let active = match counted {
        Counted::Enrolled => None,
        Counted::Active => Some(active(research)?),
    };
    let mut kept = Vec::new();
    for (learner, own) in places {
        let Some(id) = research.who(*learner) else {
            continue;
        };
        let wanted = |(course, _): &&Place| {
            active
                .as_ref()
                .is_none_or(|active| active.contains(&(*learner, *course)))
        };
        let own: Vec<Cell> = own
            .iter()
            .filter(wanted)
            .map(|place| cell_of(*place))
            .collect();
        kept.extend(lots.cells(&id, &own));
    }
    Ok(count(kept, lots.bound()))
}

/// Learners with the courses that they have activity in, and with [`NONE`] for any activity.
fn active(research: &Research) -> Result<HashSet<(u32, u32)>> {
    let personal = research.personal()?;
    let records = personal.records(Per::Course)?;
    let rows = records.rows().filter(|row| row.activity > 0);
    Ok(rows
        .flat_map(|row| [(row.learner, row.course), (row.learner, NONE)])
        .collect())
}
