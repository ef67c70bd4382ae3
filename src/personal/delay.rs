//! How soon, how early and how spread out a learner works on contents (METRICS: delay and
//! spacing).

use polars::prelude::*;

use super::frames::{frame, numbers, spans, times, wholes};
use super::walk::{Learner, Walk};
use crate::data::calendar::Clock;
use crate::data::catalog::Entry;
use crate::data::ids::NONE;
use crate::data::lanes::NO_TIME;
use crate::data::schema::Verb;
use crate::error::Result;
use crate::stats::{median, median_floor};

/// One content of a learner.
#[derive(Debug, Clone)]
struct Row {
    learner: u32,
    item: u32,
    first: i64,
    /// The first submission, or [`NO_TIME`].
    submitted: i64,
    active_days: u32,
    accesses: u32,
    /// From the end of each access to the beginning of the next, in order of length.
    lags: Vec<i64>,
    /// Study time between release and deadline, and in the last tenth of that; `None` before the
    /// deadline, or without one.
    window: Option<(i64, i64)>,
}

/// When a content was released and due.
#[derive(Debug, Clone, Copy)]
struct Dates {
    released: Option<i64>,
    due: Option<i64>,
}

impl Dates {
    fn of(entry: Option<&Entry>) -> Self {
        Self {
            released: entry.and_then(|entry| entry.available_from),
            due: entry.and_then(|entry| entry.due),
        }
    }

    /// From release to deadline, where there is time between them.
    fn window(self) -> Option<(i64, i64)> {
        self.released.zip(self.due).filter(|(from, to)| from < to)
    }
}

impl Row {
    fn delay(&self, dates: Dates) -> Option<i64> {
        dates.released.map(|released| self.first - released)
    }

    fn earliness(&self, dates: Dates) -> Option<f64> {
        let (released, due) = dates.window()?;
        let left = (self.submitted != NO_TIME).then(|| due - self.submitted)?;
        Some(left as f64 / (due - released) as f64)
    }
}

/// One row per learner and content engaged with, or (`by_course`) per learner and course.
pub(crate) fn table(walk: &Walk<'_>, by_course: bool) -> Result<DataFrame> {
    let rows = walk.each(Vec::new, |touched, learner, out| {
        visit(walk, touched, learner, out);
    })?;
    if by_course {
        courses(walk, &rows)
    } else {
        contents(walk, &rows)
    }
}

fn visit(
    walk: &Walk<'_>,
    touched: &mut Vec<(u32, usize)>,
    learner: &Learner<'_>,
    out: &mut Vec<Row>,
) {
    let data = walk.data;
    let run = &learner.run;
    touched.clear();
    let content = |item: u32| data.items.content.get(item as usize).copied();
    let engaged = run.item.iter().copied().enumerate();
    touched.extend(
        engaged
            .filter(|(event, item)| {
                learner.verb(*event).is_engagement() && content(*item).is_some_and(|c| c != NONE)
            })
            .map(|(event, item)| (item, event)),
    );
    touched.sort_unstable();
    let own = out.len();
    let mut clock = Clock::new(data.zone_of(learner.id), data.day_start);
    for events in touched.chunk_by(|a, b| a.0 == b.0) {
        out.extend(row(learner, &mut clock, events));
    }
    if let Some(rows) = out.get_mut(own..) {
        cram(walk, learner, rows);
    }
}

/// What the events on one content tell.
fn row(learner: &Learner<'_>, clock: &mut Clock<'_>, events: &[(u32, usize)]) -> Option<Row> {
    let time = |event: usize| learner.run.time.get(event).copied();
    let (item, first) = *events.first()?;
    let mut row = Row {
        learner: learner.id,
        item,
        first: time(first)?,
        submitted: NO_TIME,
        active_days: 0,
        accesses: 0,
        lags: Vec::new(),
        window: None,
    };
    let (mut last_day, mut last) = (None, None);
    for (_, event) in events {
        let at = time(*event)?;
        let (day, _) = clock.day(at);
        row.active_days += u32::from(last_day != Some(day));
        last_day = Some(day);
        if row.submitted == NO_TIME && learner.verb(*event) == Verb::Submitted {
            row.submitted = at;
        }
        let session = learner.credits.session.get(*event).copied();
        let Some(session) = session.filter(|session| *session != NONE) else {
            continue;
        };
        match last {
            Some((same, _)) if same == session => {}
            other => {
                row.accesses += 1;
                row.lags.extend(other.map(|(_, end)| at - end));
            }
        }
        last = Some((session, at));
    }
    row.lags.sort_unstable();
    Some(row)
}

/// Fills in the study time before deadlines that are over.
fn cram(walk: &Walk<'_>, learner: &Learner<'_>, rows: &mut [Row]) {
    if !walk.has_minutes() {
        return;
    }
    let window = |item: u32| {
        let window = Dates::of(walk.data.items.get(item)).window();
        window.filter(|(_, due)| *due <= walk.as_of)
    };
    for row in rows.iter_mut() {
        row.window = window(row.item).map(|_| (0, 0));
    }
    for (event, length) in learner.credits.length.iter().enumerate() {
        let owner = learner.credits.owner(event);
        let Some(item) = learner.run.item.get(owner).copied() else {
            continue;
        };
        let place = rows.binary_search_by_key(&item, |row| row.item).ok();
        let row = place.and_then(|place| rows.get_mut(place));
        let Some(((all, last), (released, due))) = row
            .and_then(|row| row.window.as_mut())
            .zip(window(item))
            .map(|(sums, w)| ((&mut sums.0, &mut sums.1), w))
        else {
            continue;
        };
        let from = learner.credits.start(&learner.run, event);
        let within = |since: i64| ((from + length).min(due) - from.max(since)).max(0);
        *all += within(released);
        *last += within(due - (due - released) / 10);
    }
}

fn contents(walk: &Walk<'_>, rows: &[Row]) -> Result<DataFrame> {
    let data = walk.data;
    let minutes = walk.has_minutes();
    let dates: Vec<Dates> = rows
        .iter()
        .map(|r| Dates::of(data.items.get(r.item)))
        .collect();
    let both = || rows.iter().zip(dates.iter().copied());
    let dense: Vec<u32> = rows.iter().map(|r| r.learner).collect();
    let items: Vec<u32> = rows.iter().map(|r| r.item).collect();
    let known = |time: Option<i64>| time.unwrap_or(NO_TIME);
    frame(
        rows.len(),
        vec![
            data.learner_column(&dense),
            data.course_column(&course_of(walk, rows)),
            data.content_column("content", &items),
            times(
                data,
                "available_from",
                dates.iter().map(|d| known(d.released)),
            )?,
            times(data, "due", dates.iter().map(|d| known(d.due)))?,
            times(data, "first_active", rows.iter().map(|r| r.first))?,
            spans("delay", both().map(|(r, d)| r.delay(d))),
            times(data, "submitted", rows.iter().map(|r| r.submitted))?,
            numbers("earliness", both().map(|(r, d)| r.earliness(d))),
            spans(
                "window_study_time",
                rows.iter().map(|r| r.window.map(|(all, _)| all)),
            ),
            numbers("cram_share", rows.iter().map(|r| share(r.window))),
            wholes("active_days", rows.iter().map(|r| Some(r.active_days))),
            wholes(
                "accesses",
                rows.iter().map(|r| minutes.then_some(r.accesses)),
            ),
            spans("lag_median", rows.iter().map(|r| median_floor(&r.lags))),
        ],
    )
}

fn courses(walk: &Walk<'_>, rows: &[Row]) -> Result<DataFrame> {
    let data = walk.data;
    let minutes = walk.has_minutes();
    let course = course_of(walk, rows);
    let keyed: Vec<(&Row, u32)> = rows.iter().zip(course).collect();
    let parts: Vec<&[(&Row, u32)]> = keyed
        .chunk_by(|a, b| (a.0.learner, a.1) == (b.0.learner, b.1))
        .collect();
    let dates = |row: &Row| Dates::of(data.items.get(row.item));
    let delays: Vec<Vec<i64>> = parts
        .iter()
        .map(|part| sorted(part.iter().filter_map(|(r, _)| r.delay(dates(r)))))
        .collect();
    let early: Vec<Vec<f64>> = parts
        .iter()
        .map(|part| {
            part.iter()
                .filter_map(|(r, _)| r.earliness(dates(r)))
                .collect()
        })
        .collect();
    let lags: Vec<Vec<i64>> = parts
        .iter()
        .map(|part| sorted(part.iter().flat_map(|(r, _)| r.lags.iter().copied())))
        .collect();
    let window = |part: &[(&Row, u32)]| {
        let known = part.iter().filter_map(|(r, _)| r.window);
        known.reduce(|a, b| (a.0 + b.0, a.1 + b.1))
    };
    let count = |n: usize| u32::try_from(n).ok();
    let learner = |part: &&[(&Row, u32)]| part.first().map_or(NONE, |(r, _)| r.learner);
    let dense: Vec<u32> = parts.iter().map(learner).collect();
    let own = |part: &&[(&Row, u32)]| part.first().map_or(NONE, |(_, course)| *course);
    let course: Vec<u32> = parts.iter().map(own).collect();
    let lag_counts = lags.iter().map(|l| count(l.len()).filter(|_| minutes));
    frame(
        parts.len(),
        vec![
            data.learner_column(&dense),
            data.course_column(&course),
            wholes("contents", parts.iter().map(|part| count(part.len()))),
            spans("delay_median", delays.iter().map(|d| median_floor(d))),
            wholes("delays", delays.iter().map(|d| count(d.len()))),
            numbers("earliness_median", early.iter().map(|e| median(e))),
            wholes("submissions", early.iter().map(|e| count(e.len()))),
            spans(
                "window_study_time",
                parts.iter().map(|part| window(part).map(|(all, _)| all)),
            ),
            numbers("cram_share", parts.iter().map(|part| share(window(part)))),
            spans("lag_median", lags.iter().map(|l| median_floor(l))),
            wholes("lags", lag_counts),
        ],
    )
}

fn course_of(walk: &Walk<'_>, rows: &[Row]) -> Vec<u32> {
    let courses = &walk.data.items.course;
    let course = |row: &Row| courses.get(row.item as usize).copied();
    rows.iter().map(|row| course(row).unwrap_or(NONE)).collect()
}

fn share(window: Option<(i64, i64)>) -> Option<f64> {
    let (all, last) = window?;
    (all > 0).then(|| last as f64 / all as f64)
}

fn sorted(values: impl Iterator<Item = i64>) -> Vec<i64> {
    let mut all: Vec<i64> = values.collect();
    all.sort_unstable();
    all
}
