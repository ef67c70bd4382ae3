//! One row for each counted session.

#![expect(clippy::indexing_slicing, reason = "sessions lie within the run")]

use polars::prelude::*;

use super::frames::{frame, spans, times, wholes};
use super::walk::{Learner, Walk};
use crate::data::ids::NONE;
use crate::error::Result;

struct Row {
    learner: u32,
    session: u32,
    start: i64,
    end: i64,
    events: u32,
    contents: u32,
    courses: u32,
    study_time: i64,
}

/// `learner, session, start, end, events, contents, courses, study_time`.
pub(crate) fn table(walk: &Walk<'_>) -> Result<DataFrame> {
    let data = walk.data;
    let rows = if walk.has_minutes() {
        walk.each(Distinct::default, |distinct, learner, out| {
            visit(walk, distinct, learner, out);
        })?
    } else {
        Vec::new()
    };
    let dense: Vec<u32> = rows.iter().map(|r| r.learner).collect();
    frame(
        rows.len(),
        vec![
            data.learner_column(&dense),
            wholes("session", rows.iter().map(|r| Some(r.session))),
            times(data, "start", rows.iter().map(|r| r.start))?,
            times(data, "end", rows.iter().map(|r| r.end))?,
            wholes("events", rows.iter().map(|r| Some(r.events))),
            wholes("contents", rows.iter().map(|r| Some(r.contents))),
            wholes("courses", rows.iter().map(|r| Some(r.courses))),
            spans("study_time", rows.iter().map(|r| Some(r.study_time))),
        ],
    )
}

#[derive(Default)]
struct Distinct {
    items: Vec<u32>,
    courses: Vec<u32>,
}

fn visit(walk: &Walk<'_>, distinct: &mut Distinct, learner: &Learner<'_>, out: &mut Vec<Row>) {
    let items = &walk.data.items;
    for (number, session) in (1_u32..).zip(&learner.credits.sessions) {
        distinct.items.clear();
        distinct.courses.clear();
        for event in session.from..session.to {
            let item = learner.run.item[event];
            if learner.verb(event).is_engagement() {
                distinct.items.push(items.content[item as usize]);
            }
            distinct.courses.push(items.course[item as usize]);
        }
        let count = |values: &mut Vec<u32>| {
            values.sort_unstable();
            values.dedup();
            let known = values.iter().filter(|value| **value != NONE);
            u32::try_from(known.count()).unwrap_or(NONE)
        };
        out.push(Row {
            learner: learner.id,
            session: number,
            start: learner.run.time[session.from],
            end: learner.run.time[session.to - 1],
            events: u32::try_from(session.to - session.from).unwrap_or(NONE),
            contents: count(&mut distinct.items),
            courses: count(&mut distinct.courses),
            study_time: session.study_time,
        });
    }
}
