//! Progress by module: completed over available required contents of each module.

#![expect(
    clippy::indexing_slicing,
    reason = "items index arrays made for all of them"
)]

use polars::prelude::*;

use super::completion::Completion;
use super::courses::{Courses, Per, Record};
use super::frames::{frame, modules, numbers, phrases, wholes};
use super::summary::NO_CATALOG;
use super::walk::Walk;
use crate::error::Result;

/// A module of a course and what the catalog asks of it.
struct Module {
    id: u32,
    available: u32,
    /// `None` once a required content has no expected duration.
    expected: Option<i64>,
}

struct Row {
    learner: u32,
    course: u32,
    module: u32,
    completed: u32,
    available: u32,
    weighted: Option<f64>,
}

/// `learner, course, module, completed, available, progress, progress_weighted, reason`.
pub(crate) fn by_module(
    walk: &Walk<'_>,
    completion: &Completion,
    positions: &[f64],
) -> Result<DataFrame> {
    let data = walk.data;
    let items = &data.items;
    let open = |item: usize| {
        let entry = items.entry[item].as_ref();
        entry.filter(|e| e.required && e.available_from.is_none_or(|from| from <= walk.as_of))
    };
    // Modules by course, none first; index 0 is "no course".
    let mut syllabus: Vec<Vec<Module>> = (0..=data.courses.len()).map(|_| Vec::new()).collect();
    for item in 0..items.len() {
        let Some(entry) = items.entry[item].as_ref() else {
            continue;
        };
        let own = &mut syllabus[items.course[item].wrapping_add(1) as usize];
        let known = own.iter().position(|m| m.id == entry.module);
        let at = known.unwrap_or_else(|| {
            own.push(Module {
                id: entry.module,
                available: 0,
                expected: Some(0),
            });
            own.len() - 1
        });
        if open(item).is_some() {
            own[at].available += 1;
            own[at].expected = own[at].expected.zip(entry.expected).map(|(a, b)| a + b);
        }
    }
    for own in &mut syllabus {
        own.sort_by_key(|m| m.id.wrapping_add(1));
    }
    let start = || {
        let courses = Courses::new(walk, Per::Course, completion, positions);
        (courses, Vec::new(), Vec::<Record>::new())
    };
    let rows = walk.each(start, |(courses, done, records), learner, out| {
        records.clear();
        courses.visit(learner, records);
        done.clear();
        completion.each(walk, learner, |item| done.push(item));
        for record in records.iter() {
            for module in &syllabus[record.course.wrapping_add(1) as usize] {
                let own = done.iter().filter_map(|item| {
                    let entry = open(*item as usize)?;
                    let here =
                        items.course[*item as usize] == record.course && entry.module == module.id;
                    here.then_some(entry)
                });
                let (mut completed, mut spent) = (0, 0);
                for entry in own {
                    completed += 1;
                    spent += entry.expected.unwrap_or(0);
                }
                let expected = module.expected.filter(|expected| *expected > 0);
                out.push(Row {
                    learner: record.learner,
                    course: record.course,
                    module: module.id,
                    completed,
                    available: module.available,
                    weighted: expected.map(|expected| spent as f64 / expected as f64),
                });
            }
        }
    })?;
    let column = |f: fn(&Row) -> u32| -> Vec<u32> { rows.iter().map(f).collect() };
    let reason = |r: &Row| {
        if !items.known {
            return Some(NO_CATALOG);
        }
        (r.available == 0).then_some("no required content is available")
    };
    let share =
        |r: &Row| (r.available > 0).then(|| f64::from(r.completed) / f64::from(r.available));
    frame(
        rows.len(),
        vec![
            data.learner_column(&column(|r| r.learner)),
            data.course_column(&column(|r| r.course)),
            modules(data, "module", &column(|r| r.module)),
            wholes("completed", rows.iter().map(|r| Some(r.completed))),
            wholes("available", rows.iter().map(|r| Some(r.available))),
            numbers("progress", rows.iter().map(share)),
            numbers("progress_weighted", rows.iter().map(|r| r.weighted)),
            phrases("reason", rows.iter().map(reason))?,
        ],
    )
}
