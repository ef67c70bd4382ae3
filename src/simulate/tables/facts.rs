//! The tables of facts beside the log.

use polars::prelude::*;
use rand::RngExt;

use super::{Names, column, spans, take, text, times};
use crate::Result;
use crate::simulate::study::{Chunk, Enrollment};
use crate::simulate::world::{
    CONTENTS_PER_MODULE, Content, Course, DAY, Kind, SECOND, World, stream,
};

pub(super) fn module_name(module: usize) -> String {
    format!("Module {}", module + 1)
}

pub(super) fn catalog(world: &World, names: &Names) -> Result<DataFrame> {
    let per_course = world.contents_per_course();
    let total = per_course * world.courses.len();
    let rows = || {
        world
            .courses
            .iter()
            .flat_map(|course| course.contents.iter().map(move |content| (course, content)))
    };
    let opens = |(course, content): (&Course, &Content)| course.opens(content.module);
    let due = |(course, content): (&Course, &Content)| {
        let graded = matches!(content.kind, Kind::Quiz | Kind::Problem | Kind::Assignment);
        graded.then(|| course.opens(content.module + 2))
    };
    let max_score = |(_, content): (&Course, &Content)| match content.kind {
        Kind::Quiz => Some(10.0),
        Kind::Problem => Some(1.0),
        Kind::Assignment => Some(100.0),
        _ => None,
    };
    let columns = vec![
        take("content", &names.contents, 0..total as u32)?,
        take(
            "course",
            &names.courses,
            (0..total).map(|i| (i / per_course) as u32),
        )?,
        column(
            "module",
            rows_text(rows().map(|(_, c)| module_name(c.module))),
        ),
        column("kind", rows_text(rows().map(|(_, c)| c.kind.name().into()))),
        column(
            "position",
            (0..total)
                .map(|i| Some((i % per_course + 1) as u32))
                .collect::<UInt32Chunked>(),
        ),
        times(
            "available_from",
            rows().map(|row| Some(opens(row))).collect(),
        ),
        times("due", rows().map(due).collect()),
        spans(
            "expected_duration",
            rows().map(|(_, c)| c.expected as i64 * SECOND).collect(),
        ),
        column(
            "length",
            rows()
                .map(|(_, c)| (c.length > 0).then_some(f64::from(c.length) / 10.0))
                .collect::<Float64Chunked>(),
        ),
        column(
            "max_score",
            rows().map(max_score).collect::<Float64Chunked>(),
        ),
        column(
            "required",
            rows()
                .map(|(_, c)| Some(c.required))
                .collect::<BooleanChunked>(),
        ),
        topics(total, per_course),
    ];
    Ok(DataFrame::new(total, columns)?)
}

fn rows_text(values: impl Iterator<Item = String>) -> StringChunked {
    StringChunked::from_iter_values(PlSmallStr::EMPTY, values)
}

/// Two modules share a topic; the last content of a module also belongs to the whole course.
fn topics(total: usize, per_course: usize) -> Column {
    let mut lists = ListStringChunkedBuilder::new("topics".into(), total, total * 2);
    for position in (0..total).map(|i| i % per_course) {
        let topic = format!("topic {}", position / (2 * CONTENTS_PER_MODULE) + 1);
        if (position + 1) % CONTENTS_PER_MODULE == 0 {
            lists.append_values_iter([topic.as_str(), "review"].into_iter());
        } else {
            lists.append_values_iter(std::iter::once(topic.as_str()));
        }
    }
    lists.finish().into_series().into_column()
}

pub(super) fn courses(world: &World, names: &Names) -> Result<DataFrame> {
    let count = world.courses.len();
    let columns = vec![
        take("course", &names.courses, 0..count as u32)?,
        times(
            "starts",
            world.courses.iter().map(|c| Some(c.starts * DAY)).collect(),
        ),
        times(
            "ends",
            world.courses.iter().map(|c| Some(c.ends())).collect(),
        ),
        column(
            "term",
            rows_text(std::iter::repeat_n("2025-autumn".into(), count)),
        ),
    ];
    Ok(DataFrame::new(count, columns)?)
}

pub(super) fn all(chunks: &[Chunk]) -> impl Iterator<Item = &Enrollment> {
    chunks.iter().flat_map(|chunk| &chunk.enrollments)
}

pub(super) fn enrollments(chunks: &[Chunk], names: &Names) -> Result<DataFrame> {
    let columns = vec![
        take("learner", &names.learners, all(chunks).map(|e| e.learner))?,
        take(
            "course",
            &names.courses,
            all(chunks).map(|e| e.plan.course as u32),
        )?,
        times(
            "start",
            all(chunks).map(|e| Some(e.plan.enrolled)).collect(),
        ),
        times("end", all(chunks).map(|e| e.end).collect()),
        column(
            "outcome",
            all(chunks).map(|e| e.outcome).collect::<StringChunked>(),
        ),
    ];
    Ok(DataFrame::new_infer_height(columns)?)
}

pub(super) fn learners(world: &World, chunks: &[Chunk], names: &Names) -> Result<DataFrame> {
    let people = || chunks.iter().flat_map(|chunk| &chunk.people);
    let zone = |index: usize| world.zones.get(index).and_then(|zone| zone.name);
    let columns = vec![
        names
            .learners
            .clone()
            .with_name("learner".into())
            .into_column(),
        column(
            "tz",
            people().map(|p| zone(p.zone)).collect::<StringChunked>(),
        ),
        column(
            "age_ok",
            people().map(|p| Some(p.age_ok)).collect::<BooleanChunked>(),
        ),
        column(
            "eligible",
            people()
                .map(|p| Some(p.eligible))
                .collect::<BooleanChunked>(),
        ),
    ];
    Ok(DataFrame::new(world.simulation.learners, columns)?)
}

/// Boards: seven of ten learners of a course sit on one of 8-60; then a few tiny ones of 2-4 beside them.
pub(super) fn memberships(world: &World, chunks: &[Chunk], names: &Names) -> Result<DataFrame> {
    let mut rng = stream(world.simulation.seed, u64::MAX - 1);
    let mut rosters = vec![Vec::new(); world.courses.len()];
    for enrollment in all(chunks) {
        if let Some(roster) = rosters.get_mut(enrollment.plan.course) {
            roster.push(enrollment);
        }
    }
    let mut rows: Vec<(String, &Enrollment, usize)> = Vec::new();
    for (course, roster) in rosters.iter().enumerate() {
        let members: Vec<&Enrollment> = roster
            .iter()
            .copied()
            .filter(|_| rng.random::<f64>() < 0.7)
            .collect();
        let (mut rest, mut board) = (members.as_slice(), 0);
        while !rest.is_empty() {
            let mut size = rng.random_range(8..=60).min(rest.len());
            if rest.len() - size < 8 && rest.len() <= 60 {
                size = rest.len(); // no leftovers below the least size
            } else if rest.len() - size < 8 {
                size = rest.len() - 8;
            }
            let (now, later) = rest.split_at(size);
            board += 1;
            rows.extend(
                now.iter()
                    .map(|&e| (format!("board {}-{board}", course + 1), e, course)),
            );
            rest = later;
        }
        for tiny in 1..=roster.len().min(3) {
            let size = rng.random_range(2..=4);
            let from = rng.random_range(0..roster.len());
            let name = format!("tiny board {}-{tiny}", course + 1);
            rows.extend(
                roster
                    .iter()
                    .skip(from)
                    .take(size)
                    .map(|&e| (name.clone(), e, course)),
            );
        }
    }
    let since = rows.iter().map(|(_, e, course)| {
        let opens = world.courses.get(*course).map_or(0, |c| c.starts * DAY);
        Some(opens.max(e.plan.enrolled))
    });
    let columns = vec![
        text(rows.iter().map(|(group, ..)| group.clone()))
            .with_name("group".into())
            .into_column(),
        take(
            "learner",
            &names.learners,
            rows.iter().map(|(_, e, _)| e.learner),
        )?,
        take(
            "course",
            &names.courses,
            rows.iter().map(|&(_, _, course)| course as u32),
        )?,
        times("since", since.collect()),
    ];
    Ok(DataFrame::new(rows.len(), columns)?)
}
