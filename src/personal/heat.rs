//! When a learner is active: by local day, and by weekday and hour.

use polars::prelude::*;

use super::frames::{days, frame, spans, wholes};
use super::walk::{Learner, Walk};
use crate::data::calendar::{Clock, weekday};
use crate::error::Result;

/// One local day of a learner.
#[derive(Debug, Clone, Copy, Default)]
struct Day {
    learner: u32,
    date: i32,
    events: u32,
    hours: u32,
    study_time: i64,
}

/// `learner, day, events, active_hours, study_time`: days with activity or study time.
pub(crate) fn calendar(walk: &Walk<'_>) -> Result<DataFrame> {
    let rows = walk.each(Space::default, |space, learner, out| {
        by_day(walk, space, learner, out);
    })?;
    let minutes = walk.has_minutes();
    let dense: Vec<u32> = rows.iter().map(|r| r.learner).collect();
    let hours = rows.iter().map(|r| minutes.then_some(r.hours));
    let spent = rows.iter().map(|r| minutes.then_some(r.study_time));
    frame(
        rows.len(),
        vec![
            walk.data.learner_column(&dense),
            days("day", rows.iter().map(|r| Some(r.date))),
            wholes("events", rows.iter().map(|r| Some(r.events))),
            wholes("active_hours", hours),
            spans("study_time", spent),
        ],
    )
}

#[derive(Default)]
struct Space {
    hours: Vec<i64>,
    parts: Vec<Day>,
}

fn by_day(walk: &Walk<'_>, space: &mut Space, learner: &Learner<'_>, out: &mut Vec<Day>) {
    let data = walk.data;
    let mut clock = Clock::new(data.zone_of(learner.id), data.day_start);
    let Space { hours, parts } = space;
    hours.clear();
    parts.clear();
    for time in learner.run.time {
        let (day, _) = clock.day(*time);
        hours.push(clock.hour_of_days(*time));
        parts.push(Day {
            date: day,
            events: 1,
            ..Day::default()
        });
    }
    hours.sort_unstable();
    hours.dedup();
    parts.extend(hours.iter().map(|hour| Day {
        date: i32::try_from(hour.div_euclid(24)).unwrap_or(i32::MAX),
        hours: 1,
        ..Day::default()
    }));
    divide(learner, |from| {
        let (day, until) = clock.day(from);
        (until, day)
    })
    .for_each(|(day, study_time)| {
        parts.push(Day {
            date: day,
            study_time,
            ..Day::default()
        });
    });
    parts.sort_by_key(|part| part.date);
    for own in parts.chunk_by(|a, b| a.date == b.date) {
        let start = Day {
            learner: learner.id,
            ..Day::default()
        };
        out.push(own.iter().fold(start, |sum, part| Day {
            learner: sum.learner,
            date: part.date,
            events: sum.events + part.events,
            hours: sum.hours + part.hours,
            study_time: sum.study_time + part.study_time,
        }));
    }
}

/// One hour of one weekday of a learner.
struct Cell {
    learner: u32,
    weekday: i8,
    hour: i8,
    events: u32,
    study_time: i64,
}

/// `learner, weekday, hour, events, study_time`: cells with activity or study time; empty for a
/// log of days.
pub(crate) fn clock(walk: &Walk<'_>) -> Result<DataFrame> {
    let rows = if walk.has_minutes() {
        walk.each(|| (), |(), learner, out| by_hour(walk, learner, out))?
    } else {
        Vec::new()
    };
    let dense: Vec<u32> = rows.iter().map(|r| r.learner).collect();
    let small = |name: &str, value: &dyn Fn(&Cell) -> i8| {
        let values: Vec<i8> = rows.iter().map(value).collect();
        Column::new(name.into(), values)
    };
    frame(
        rows.len(),
        vec![
            walk.data.learner_column(&dense),
            small("weekday", &|r| r.weekday),
            small("hour", &|r| r.hour),
            wholes("events", rows.iter().map(|r| Some(r.events))),
            spans("study_time", rows.iter().map(|r| Some(r.study_time))),
        ],
    )
}

fn by_hour(walk: &Walk<'_>, learner: &Learner<'_>, out: &mut Vec<Cell>) {
    let data = walk.data;
    let mut clock = Clock::new(data.zone_of(learner.id), data.day_start);
    let mut cells = [(0_u32, 0_i64); 168];
    let place = |day: i32, hour: u8| usize::try_from(weekday(day) * 24 + i32::from(hour)).ok();
    for time in learner.run.time {
        let at = place(clock.day(*time).0, clock.hour(*time).0);
        if let Some(cell) = at.and_then(|at| cells.get_mut(at)) {
            cell.0 += 1;
        }
    }
    divide(learner, |from| {
        let (day, day_ends) = clock.day(from);
        let (hour, hour_ends) = clock.hour(from);
        (day_ends.min(hour_ends), place(day, hour))
    })
    .for_each(|(at, length)| {
        if let Some(cell) = at.and_then(|at| cells.get_mut(at)) {
            cell.1 += length;
        }
    });
    let filled = (0_i8..7).flat_map(|day| (0_i8..24).map(move |hour| (day + 1, hour)));
    for ((weekday, hour), (events, study_time)) in filled.zip(cells) {
        if events > 0 || study_time > 0 {
            out.push(Cell {
                learner: learner.id,
                weekday,
                hour,
                events,
                study_time,
            });
        }
    }
}

/// The credited time of a learner, divided where a label ends: `label` tells until when the label
/// of an instant holds, and the label.
fn divide<L>(
    learner: &Learner<'_>,
    mut label: impl FnMut(i64) -> (i64, L),
) -> impl Iterator<Item = (L, i64)> {
    let mut pieces = Vec::new();
    for (event, length) in learner.credits.length.iter().enumerate() {
        let mut from = learner.credits.start(&learner.run, event);
        let end = from + length;
        while from < end {
            let (until, own) = label(from);
            let until = until.min(end);
            pieces.push((own, until - from));
            from = until;
        }
    }
    pieces.into_iter()
}
