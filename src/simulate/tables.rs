//! From rows to data frames.

mod facts;
mod truth;

use polars::prelude::*;
use rayon::prelude::*;

use super::study::{Chunk, NONE, Row, Verb, visit::PASS};
use super::world::{CONTENTS_PER_MODULE, World, scramble};
use super::{Ids, Simulated};
use crate::Result;

/// The ids as users see them, one entry per learner, content, course and session.
struct Names {
    learners: Series,
    contents: Series,
    courses: Series,
    sessions: Series,
}

/// Builds all tables; empties the chunks.
pub(super) fn build(world: &World, chunks: &mut Vec<Chunk>) -> Result<Simulated> {
    let names = Names::of(world, chunks);
    let (catalog, courses) = (
        facts::catalog(world, &names)?,
        facts::courses(world, &names)?,
    );
    let (enrollments, memberships, learners) = (
        facts::enrollments(chunks, &names)?,
        facts::memberships(world, chunks, &names)?,
        facts::learners(world, chunks, &names)?,
    );
    let (truth_learners, truth_sessions, truth_drop_off) = (
        truth::learners(chunks, &names)?,
        truth::sessions(chunks, &names)?,
        truth::drop_off(world, chunks, &names)?,
    );
    Ok(Simulated {
        events: events(world, sorted(chunks), &names)?,
        catalog,
        courses,
        enrollments,
        memberships,
        learners,
        truth_learners,
        truth_sessions,
        truth_drop_off,
    })
}

/// Enough for the sessions of one learner: 28 a week in two courses of 104 weeks.
const SESSION_BITS: u32 = 13;

const SUBJECTS: [&str; 6] = [
    "algebra",
    "biology",
    "chemistry",
    "drawing",
    "economics",
    "finnish",
];

/// `algebra-1`, `biology-1`, ..., `algebra-2`, ...
fn course_name(index: usize) -> String {
    let subject = SUBJECTS
        .iter()
        .cycle()
        .nth(index)
        .copied()
        .unwrap_or_default();
    format!("{subject}-{}", index / SUBJECTS.len() + 1)
}

impl Names {
    fn of(world: &World, chunks: &[Chunk]) -> Self {
        let ids = world.simulation.ids;
        let per_course = world.contents_per_course();
        let contents = world.courses.iter().enumerate();
        let contents = contents.flat_map(|(c, course)| {
            course
                .contents
                .iter()
                .enumerate()
                .map(move |(k, content)| (c, k, content))
        });
        let sessions = chunks.iter().flat_map(|chunk| &chunk.sessions);
        let sessions =
            sessions.map(|s| (u64::from(s.learner) << SESSION_BITS) | u64::from(s.number));
        match ids {
            Ids::Integer => {
                let id = |value: u64| scramble(value, 62).cast_signed();
                Self {
                    learners: (0..world.simulation.learners)
                        .map(|i| id(i as u64))
                        .collect(),
                    contents: contents
                        .map(|(c, k, _)| id(1 << 40 | (c * per_course + k) as u64))
                        .collect(),
                    courses: (0..world.courses.len())
                        .map(|i| id(1 << 41 | i as u64))
                        .collect(),
                    sessions: sessions.map(|s| scramble(s, 63).cast_signed()).collect(),
                }
            }
            Ids::Text => {
                let content = |(c, k, content): (usize, usize, &super::world::Content)| {
                    let (module, order) = (content.module + 1, k % CONTENTS_PER_MODULE + 1);
                    format!(
                        "{}/{module}/{}-{order}",
                        course_name(c),
                        content.kind.name()
                    )
                };
                Self {
                    learners: text((0..world.simulation.learners).map(|i| format!("L{}", i + 1))),
                    contents: text(contents.map(content)),
                    courses: text((0..world.courses.len()).map(course_name)),
                    sessions: text(sessions.map(|s| format!("{:012x}", scramble(s, 48)))),
                }
            }
        }
    }
}

fn text(values: impl Iterator<Item = String>) -> Series {
    StringChunked::from_iter_values(PlSmallStr::EMPTY, values).into_series()
}

/// A column of entries of a dictionary; `NONE` is null.
fn take(name: &str, dictionary: &Series, codes: impl Iterator<Item = u32>) -> Result<Column> {
    let codes: IdxCa = codes.map(|code| (code != NONE).then_some(code)).collect();
    Ok(dictionary
        .take(&codes)?
        .with_name(name.into())
        .into_column())
}

/// Instants in UTC.
fn times(name: &str, values: Int64Chunked) -> Column {
    let zoned = values.into_datetime(TimeUnit::Microseconds, Some(TimeZone::UTC));
    zoned.into_series().with_name(name.into()).into_column()
}

/// Lengths of time in microseconds.
fn spans(name: &str, values: Vec<i64>) -> Column {
    let values = Int64Chunked::from_vec(name.into(), values);
    values
        .into_duration(TimeUnit::Microseconds)
        .into_series()
        .into_column()
}

/// Any other column.
fn column<C: IntoSeries>(name: &str, values: C) -> Column {
    values.into_series().with_name(name.into()).into_column()
}

/// All rows in time order. No two rows of a learner share an instant, so the order is total.
fn sorted(chunks: &mut Vec<Chunk>) -> Vec<Row> {
    let mut rows = Vec::with_capacity(chunks.iter().map(|chunk| chunk.rows.len()).sum());
    let mut sessions = 0;
    for chunk in chunks.drain(..) {
        rows.extend(chunk.rows.into_iter().map(|mut row| {
            if row.session != NONE {
                row.session += sessions;
            }
            row
        }));
        sessions += chunk.sessions.len() as u32;
    }
    rows.par_sort_unstable_by_key(|row| (row.time, row.learner));
    rows
}

type Build<'a> = &'a (dyn Fn() -> Result<Column> + Sync);

fn events(world: &World, rows: Vec<Row>, names: &Names) -> Result<DataFrame> {
    let lengths: Vec<u32> = world
        .courses
        .iter()
        .flat_map(|c| c.contents.iter().map(|c| c.length))
        .collect();
    let length = |row: &Row| match row.position {
        NONE => None,
        _ => lengths
            .get(row.content as usize)
            .map(|&tenths| f64::from(tenths) / 10.0),
    };
    let seconds = |tenths: u32| (tenths != NONE).then_some(f64::from(tenths) / 10.0);
    let score = |row: &Row| (row.score <= 100).then_some(row.score);
    let verbs = text(VERBS.iter().map(|&(_, name)| name.into()));
    let columns: [Build; 14] = [
        &|| take("learner", &names.learners, rows.iter().map(|r| r.learner)),
        &|| {
            Ok(times(
                "time",
                Int64Chunked::from_vec(PlSmallStr::EMPTY, rows.iter().map(|r| r.time).collect()),
            ))
        },
        &|| take("content", &names.contents, rows.iter().map(|r| r.content)),
        &|| take("verb", &verbs, rows.iter().map(|r| code(r.verb))),
        &|| {
            take(
                "course",
                &names.courses,
                rows.iter().map(|r| u32::from(r.course)),
            )
        },
        &|| take("session", &names.sessions, rows.iter().map(|r| r.session)),
        &|| {
            Ok(column(
                "position",
                rows.iter()
                    .map(|r| seconds(r.position))
                    .collect::<Float64Chunked>(),
            ))
        },
        &|| {
            Ok(column(
                "position_to",
                rows.iter()
                    .map(|r| seconds(r.position_to))
                    .collect::<Float64Chunked>(),
            ))
        },
        &|| {
            Ok(column(
                "length",
                rows.iter().map(length).collect::<Float64Chunked>(),
            ))
        },
        &|| {
            Ok(column(
                "score",
                rows.iter()
                    .map(|r| Some(f64::from(score(r)?) / 100.0))
                    .collect::<Float64Chunked>(),
            ))
        },
        &|| {
            Ok(column(
                "success",
                rows.iter()
                    .map(|r| Some(score(r)? >= PASS))
                    .collect::<BooleanChunked>(),
            ))
        },
        &|| {
            Ok(column(
                "attempt",
                rows.iter()
                    .map(|r| (r.attempt > 0).then_some(u32::from(r.attempt)))
                    .collect::<UInt32Chunked>(),
            ))
        },
        &|| {
            let received = rows
                .iter()
                .map(|r| r.time + i64::from(r.received) * 1000)
                .collect();
            Ok(times(
                "received",
                Int64Chunked::from_vec(PlSmallStr::EMPTY, received),
            ))
        },
        &|| {
            let ids = (0..rows.len() as u64)
                .map(|i| scramble(i, 63).cast_signed())
                .collect();
            Ok(column("id", Int64Chunked::from_vec(PlSmallStr::EMPTY, ids)))
        },
    ];
    let columns = columns
        .par_iter()
        .map(|build| build())
        .collect::<Result<Vec<_>>>()?;
    Ok(DataFrame::new(rows.len(), columns)?)
}

const VERBS: [(Verb, &str); 13] = [
    (Verb::Viewed, "viewed"),
    (Verb::Played, "played"),
    (Verb::Paused, "paused"),
    (Verb::Seeked, "seeked"),
    (Verb::Ended, "ended"),
    (Verb::Attempted, "attempted"),
    (Verb::Submitted, "submitted"),
    (Verb::Posted, "posted"),
    (Verb::Replied, "replied"),
    (Verb::Noted, "noted"),
    (Verb::Enrolled, "enrolled"),
    (Verb::Unenrolled, "unenrolled"),
    (Verb::LoggedIn, "logged_in"),
];

fn code(verb: Verb) -> u32 {
    VERBS
        .iter()
        .position(|&(v, _)| v == verb)
        .map_or(NONE, |code| code as u32)
}
