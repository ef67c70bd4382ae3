//! What a real log never tells.

use polars::prelude::*;

use super::facts::{all, module_name};
use super::{Names, column, spans, take, text, times};
use crate::Result;
use crate::simulate::study::{Chunk, Enrollment, Session};
use crate::simulate::world::{CONTENTS_PER_MODULE, World};

/// Where she left for good; `None` if she finished or never started.
fn left(enrollment: &Enrollment) -> Option<usize> {
    enrollment.plan.last.filter(|_| !enrollment.plan.finishes)
}

pub(super) fn learners(chunks: &[Chunk], names: &Names) -> Result<DataFrame> {
    let withdrawn = |e: &Enrollment| e.end.is_some();
    let columns = vec![
        take("learner", &names.learners, all(chunks).map(|e| e.learner))?,
        take(
            "course",
            &names.courses,
            all(chunks).map(|e| e.plan.course as u32),
        )?,
        column(
            "started",
            all(chunks)
                .map(|e| Some(e.plan.last.is_some()))
                .collect::<BooleanChunked>(),
        ),
        column(
            "finished",
            all(chunks)
                .map(|e| Some(e.plan.finishes))
                .collect::<BooleanChunked>(),
        ),
        column(
            "withdrawn",
            all(chunks)
                .map(|e| Some(withdrawn(e)))
                .collect::<BooleanChunked>(),
        ),
        column(
            "left_module",
            all(chunks)
                .map(|e| Some(module_name(left(e)? / CONTENTS_PER_MODULE)))
                .collect::<StringChunked>(),
        ),
        column(
            "left_position",
            all(chunks)
                .map(|e| Some(left(e)? as u32 + 1))
                .collect::<UInt32Chunked>(),
        ),
        column(
            "events",
            all(chunks)
                .map(|e| Some(e.events))
                .collect::<UInt32Chunked>(),
        ),
        column(
            "sessions",
            all(chunks)
                .map(|e| Some(e.sessions))
                .collect::<UInt32Chunked>(),
        ),
        spans("study_time", all(chunks).map(|e| e.study).collect()),
    ];
    Ok(DataFrame::new_infer_height(columns)?)
}

pub(super) fn sessions(chunks: &[Chunk], names: &Names) -> Result<DataFrame> {
    let rows = || chunks.iter().flat_map(|chunk| &chunk.sessions);
    let instants = |of: fn(&Session) -> i64| {
        Int64Chunked::from_vec(PlSmallStr::EMPTY, rows().map(of).collect())
    };
    let columns = vec![
        take("learner", &names.learners, rows().map(|s| s.learner))?,
        names
            .sessions
            .clone()
            .with_name("session".into())
            .into_column(),
        take(
            "course",
            &names.courses,
            rows().map(|s| u32::from(s.course)),
        )?,
        times("start", instants(|s| s.start)),
        times("end", instants(|s| s.end)),
        column(
            "events",
            rows().map(|s| Some(s.events)).collect::<UInt32Chunked>(),
        ),
        spans("study_time", rows().map(|s| s.study).collect()),
    ];
    Ok(DataFrame::new_infer_height(columns)?)
}

pub(super) fn drop_off(world: &World, chunks: &[Chunk], names: &Names) -> Result<DataFrame> {
    let modules = world.simulation.weeks;
    let total = modules * world.courses.len();
    // last[i]: learners whose furthest content stands in module i; gone[i]: those of them who left
    let (mut last, mut gone) = (vec![0_u32; total], vec![0_u32; total]);
    for enrollment in all(chunks) {
        let cell =
            |position: usize| enrollment.plan.course * modules + position / CONTENTS_PER_MODULE;
        let add = |counts: &mut Vec<u32>, position: Option<usize>| {
            if let Some(count) = position.and_then(|p| counts.get_mut(cell(p))) {
                *count += 1;
            }
        };
        add(&mut last, enrollment.plan.last);
        add(&mut gone, left(enrollment));
    }
    let reached = last.chunks(modules).flat_map(|course| {
        let later = |from| course.iter().skip(from).sum::<u32>();
        (0..course.len()).map(later).collect::<Vec<_>>()
    });
    let planted: Vec<bool> = world
        .courses
        .iter()
        .flat_map(|course| course.planted.clone())
        .collect();
    let columns = vec![
        take(
            "course",
            &names.courses,
            (0..total).map(|i| (i / modules) as u32),
        )?,
        text((0..total).map(|i| module_name(i % modules)))
            .with_name("module".into())
            .into_column(),
        column(
            "position",
            (0..total)
                .map(|i| Some((i % modules + 1) as u32))
                .collect::<UInt32Chunked>(),
        ),
        column(
            "planted",
            planted.iter().map(|&p| Some(p)).collect::<BooleanChunked>(),
        ),
        column(
            "hazard",
            planted
                .iter()
                .map(|&p| Some(world.hazard(p)))
                .collect::<Float64Chunked>(),
        ),
        column(
            "left",
            gone.iter().map(|&n| Some(n)).collect::<UInt32Chunked>(),
        ),
        column("reached", reached.map(Some).collect::<UInt32Chunked>()),
    ];
    Ok(DataFrame::new(total, columns)?)
}
