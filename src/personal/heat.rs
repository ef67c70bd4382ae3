//! When a learner is active: by local day, and by weekday and hour.

use polars::prelude::*;

use super::frames::{Rows, SPAN, counts, frame, lengths, nothing};
use super::measure::Measure;
use super::walk::{Learner, Walk};
use crate::data::calendar::{Clock, weekday};

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
pub(super) fn calendar<'a>(walk: &'a Walk<'a>) -> Measure<'a> {
    let minutes = walk.has_minutes();
    let visit = move |space: &mut Space, learner: &Learner<'_>, out: &mut Vec<Day>| {
        by_day(walk, space, learner, out);
    };
    let table = move |rows: &Rows<Day>| {
        let height = rows.len();
        let (hours, spent) = if minutes {
            (
                counts("active_hours", rows.all(|r| r.hours)),
                lengths("study_time", rows.all(|r| r.study_time)),
            )
        } else {
            (
                nothing("active_hours", &DataType::UInt32, height),
                nothing("study_time", &SPAN, height),
            )
        };
        frame(
            height,
            vec![
                walk.data.learner_column(&rows.all(|r| r.learner)),
                Int32Chunked::from_vec("day".into(), rows.all(|r| r.date))
                    .into_date()
                    .into_column(),
                counts("events", rows.all(|r| r.events)),
                hours,
                spent,
            ],
        )
    };
    Measure::new(Space::default, visit, table)
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
    for own in learner.stretches(walk) {
        hours.push(own.hour_of_days);
        let events = u32::try_from(own.to - own.from).unwrap_or(u32::MAX);
        match parts.last_mut() {
            Some(last) if last.date == own.day => last.events += events,
            _ => parts.push(Day {
                date: own.day,
                events,
                ..Day::default()
            }),
        }
    }
    hours.sort_unstable();
    hours.dedup();
    parts.extend(hours.iter().map(|hour| Day {
        date: i32::try_from(hour.div_euclid(24)).unwrap_or(i32::MAX),
        hours: 1,
        ..Day::default()
    }));
    let label = |from| {
        let (day, until) = clock.day(from);
        (until, day)
    };
    divide(learner, label, |date, study_time| match parts.last_mut() {
        Some(last) if last.date == date => last.study_time += study_time,
        _ => parts.push(Day {
            date,
            study_time,
            ..Day::default()
        }),
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
pub(super) fn clock<'a>(walk: &'a Walk<'a>) -> Measure<'a> {
    let visit = move |(): &mut (), learner: &Learner<'_>, out: &mut Vec<Cell>| {
        if walk.has_minutes() {
            by_hour(walk, learner, out);
        }
    };
    let table = |rows: &Rows<Cell>| {
        let small = |name: &str, value: &dyn Fn(&Cell) -> i8| {
            Int8Chunked::from_vec(name.into(), rows.all(value)).into_column()
        };
        frame(
            rows.len(),
            vec![
                walk.data.learner_column(&rows.all(|r| r.learner)),
                small("weekday", &|r| r.weekday),
                small("hour", &|r| r.hour),
                counts("events", rows.all(|r| r.events)),
                lengths("study_time", rows.all(|r| r.study_time)),
            ],
        )
    };
    Measure::new(|| (), visit, table)
}

fn by_hour(walk: &Walk<'_>, learner: &Learner<'_>, out: &mut Vec<Cell>) {
    let data = walk.data;
    let mut clock = Clock::new(data.zone_of(learner.id), data.day_start);
    let mut cells = [(0_u32, 0_i64); 168];
    let place = |day: i32, hour: u8| usize::try_from(weekday(day) * 24 + i32::from(hour)).ok();
    for own in learner.stretches(walk) {
        let at = place(own.day, own.hour);
        if let Some(cell) = at.and_then(|at| cells.get_mut(at)) {
            cell.0 += u32::try_from(own.to - own.from).unwrap_or(u32::MAX);
        }
    }
    let label = |from| {
        let (day, day_ends) = clock.day(from);
        let (hour, hour_ends) = clock.hour(from);
        (day_ends.min(hour_ends), place(day, hour))
    };
    divide(learner, label, |at, length| {
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
    mut piece: impl FnMut(L, i64),
) {
    learner.credits.pieces(&learner.run, |mut from, end| {
        while from < end {
            let (until, own) = label(from);
            let until = until.min(end);
            piece(own, until - from);
            from = until;
        }
    });
}
