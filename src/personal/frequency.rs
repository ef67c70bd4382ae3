//! How often and when a learner studies (METRICS: frequency, streaks).

#![expect(
    clippy::indexing_slicing,
    reason = "items and courses index arrays made for all of them"
)]

use polars::prelude::*;

use super::courses::Per;
use super::frames::{Rows, counts, frame, instants, numbers, spans, wholes};
use super::measure::Measure;
use super::walk::{Learner, Walk};
use crate::data::calendar::{Clock, monday, weekday};
use crate::data::ids::NONE;
use crate::data::lanes::NO_TIME;
use crate::data::optional::optional;
use crate::data::{Inner, WEEK};
use crate::error::Result;
use crate::stats::{median_floor, moments};

/// What a streak is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Streaks {
    /// Activity events that make a day (or week) count.
    pub min_activity: u32,
    /// Missed days that a streak of days survives.
    pub freeze: u32,
}

impl Default for Streaks {
    fn default() -> Self {
        Self {
            min_activity: 1,
            freeze: 0,
        }
    }
}

/// What is gathered about one learner (in one course).
#[derive(Debug, Clone, Default)]
struct Tally {
    course: u32,
    events: u32,
    weekend: u32,
    /// Night, morning, afternoon, evening.
    parts: [u32; 4],
    first: i64,
    last: i64,
    /// Active local days with their events.
    days: Vec<(i32, u32)>,
    /// First and last event of each counted session.
    sessions: Vec<(u32, i64, i64)>,
    enrolled: Option<i64>,
}

impl Tally {
    /// Begins anew, in the room there is.
    fn begin(&mut self, course: u32) {
        let (mut days, mut sessions) = (
            std::mem::take(&mut self.days),
            std::mem::take(&mut self.sessions),
        );
        days.clear();
        sessions.clear();
        *self = Self {
            course,
            first: NO_TIME,
            last: NO_TIME,
            days,
            sessions,
            ..Self::default()
        };
    }

    /// Events of one hour.
    fn hour(&mut self, events: u32, day: i32, hour: u8) {
        self.events += events;
        if weekday(day) >= 5 {
            self.weekend += events;
        }
        self.parts[usize::from(hour / 6)] += events;
        match self.days.last_mut() {
            Some((last, sum)) if *last == day => *sum += events,
            _ => self.days.push((day, events)),
        }
    }

    fn event(&mut self, time: i64, day: i32, hour: u8, session: u32) {
        self.hour(1, day, hour);
        if self.first == NO_TIME {
            self.first = time;
        }
        self.last = time;
        if session == NONE {
            return;
        }
        match self.sessions.last_mut() {
            Some((last, _, end)) if *last == session => *end = time,
            _ => self.sessions.push((session, time, time)),
        }
    }
}

/// A finished row.
struct Row {
    learner: u32,
    course: u32,
    events: u32,
    sessions: u32,
    active_days: u32,
    active_weeks: u32,
    weeks: Option<f64>,
    gap_median: Option<i64>,
    gap_mean: Option<i64>,
    gap_cv: Option<f64>,
    weekend: u32,
    parts: [u32; 4],
    first: i64,
    last: i64,
    days_since_last: Option<i32>,
    streaks: [u32; 4],
}

/// Tallies of one learner and what a row is made with, reused from learner to learner.
#[derive(Default)]
struct Space {
    tallies: Vec<Tally>,
    used: usize,
    gaps: Vec<i64>,
    lengths: Vec<f64>,
    weeks: Vec<(i32, u32)>,
    full: Vec<i32>,
}

impl Space {
    fn place(&mut self, key: u32) -> &mut Tally {
        let used = &self.tallies[..self.used];
        let at = used.iter().position(|tally| tally.course == key);
        let at = at.unwrap_or_else(|| {
            if self.used == self.tallies.len() {
                self.tallies.push(Tally::default());
            }
            self.tallies[self.used].begin(key);
            self.used += 1;
            self.used - 1
        });
        &mut self.tallies[at]
    }
}

/// One row per learner, or per learner and course.
pub(super) fn table<'a>(walk: &'a Walk<'a>, per: Per, streaks: Streaks) -> Measure<'a> {
    let visit = move |space: &mut Space, learner: &Learner<'_>, out: &mut Vec<Row>| {
        gather(walk, per, learner, space);
        let mut clock = Clock::new(walk.data.zone_of(learner.id), walk.data.day_start);
        let (today, _) = clock.day(walk.as_of);
        let tallies = std::mem::take(&mut space.tallies);
        let used = tallies.iter().take(space.used);
        out.extend(used.map(|tally| finish(walk, streaks, learner.id, today, tally, space)));
        space.tallies = tallies;
    };
    Measure::new(Space::default, visit, move |rows| show(walk, per, rows))
}

fn show(walk: &Walk<'_>, per: Per, rows: &Rows<Row>) -> Result<DataFrame> {
    let data = walk.data;
    let minutes = walk.has_minutes();
    let mut columns = vec![data.learner_column(&rows.all(|r| r.learner))];
    if per == Per::Course {
        columns.push(data.course_column(&rows.all(|r| r.course)));
    }
    let rate = |count: u32, weeks: Option<f64>| {
        if count == 0 {
            weeks.map(|_| 0.0)
        } else {
            weeks.map(|weeks| f64::from(count) / weeks)
        }
    };
    let share = |part: u32, of: u32| (of > 0).then(|| f64::from(part) / f64::from(of));
    let part = |name, at: usize| {
        numbers(
            name,
            rows.iter()
                .map(|r| share(r.parts[at], r.events).filter(|_| minutes)),
        )
    };
    let streak = |name, at: usize| counts(name, rows.all(|r| r.streaks[at]));
    columns.extend([
        counts("events", rows.all(|r| r.events)),
        wholes(
            "sessions",
            rows.iter().map(|r| minutes.then_some(r.sessions)),
        ),
        counts("active_days", rows.all(|r| r.active_days)),
        counts("active_weeks", rows.all(|r| r.active_weeks)),
        numbers("weeks", rows.iter().map(|r| r.weeks)),
        numbers(
            "sessions_per_week",
            rows.iter()
                .map(|r| rate(r.sessions, r.weeks).filter(|_| minutes)),
        ),
        numbers(
            "active_days_per_week",
            rows.iter().map(|r| rate(r.active_days, r.weeks)),
        ),
        spans("session_gap_median", rows.iter().map(|r| r.gap_median)),
        spans("session_gap_mean", rows.iter().map(|r| r.gap_mean)),
        numbers("session_gap_cv", rows.iter().map(|r| r.gap_cv)),
        numbers(
            "weekend_share",
            rows.iter().map(|r| share(r.weekend, r.events)),
        ),
        part("night_share", 0),
        part("morning_share", 1),
        part("afternoon_share", 2),
        part("evening_share", 3),
        instants(data, "first_active", rows.all(|r| r.first))?,
        instants(data, "last_active", rows.all(|r| r.last))?,
        optional::<Int32Type>("days_since_last", rows.iter().map(|r| r.days_since_last))
            .into_column(),
        streak("longest_streak", 0),
        streak("current_streak", 1),
        streak("longest_week_streak", 2),
        streak("current_week_streak", 3),
    ]);
    frame(rows.len(), columns)
}

fn gather(walk: &Walk<'_>, per: Per, learner: &Learner<'_>, space: &mut Space) {
    space.used = 0;
    let data = walk.data;
    let run = &learner.run;
    let key = |course: u32| if per == Per::Course { course } else { NONE };
    for registration in learner.registrations {
        space.place(key(data.items.course[registration.item as usize]));
    }
    if per == Per::Learner {
        together(walk, learner, space);
    } else {
        let mut clock = Clock::new(data.zone_of(learner.id), data.day_start);
        for (event, (time, item)) in run.time.iter().zip(run.item).enumerate() {
            let (day, _) = clock.day(*time);
            let (hour, _) = clock.hour(*time);
            let session = learner.credits.session.get(event).copied().unwrap_or(NONE);
            let tally = space.place(data.items.course[*item as usize]);
            tally.event(*time, day, hour, session);
        }
    }
    for row in data.facts.enrollments_of(learner.id) {
        if row.start.is_none_or(|start| start <= walk.as_of) {
            let enrolled = &mut space.place(key(row.course)).enrolled;
            *enrolled = match (*enrolled, row.start) {
                (Some(a), Some(b)) => Some(a.min(b)),
                (a, b) => a.or(b),
            };
        }
    }
    space.tallies[..space.used].sort_by_key(|tally| tally.course.wrapping_add(1));
}

/// All courses in one: hour by hour and session by session.
fn together(walk: &Walk<'_>, learner: &Learner<'_>, space: &mut Space) {
    let time = learner.run.time;
    let Some((first, last)) = time.first().zip(time.last()) else {
        return;
    };
    let tally = space.place(NONE);
    (tally.first, tally.last) = (*first, *last);
    for own in learner.stretches(walk) {
        let events = u32::try_from(own.to - own.from).unwrap_or(NONE);
        tally.hour(events, own.day, own.hour);
    }
    let sessions = (0_u32..).zip(&learner.credits.sessions);
    let ends = sessions.map(|(number, own)| (number, time[own.from], time[own.to - 1]));
    tally.sessions.extend(ends);
}

fn finish(
    walk: &Walk<'_>,
    streaks: Streaks,
    learner: u32,
    today: i32,
    tally: &Tally,
    space: &mut Space,
) -> Row {
    let Space {
        gaps,
        lengths,
        weeks,
        full,
        ..
    } = space;
    gaps.clear();
    gaps.extend(tally.sessions.windows(2).map(|pair| pair[1].1 - pair[0].2));
    gaps.sort_unstable();
    let mean = i64::try_from(gaps.len())
        .ok()
        .filter(|n| *n > 0)
        .map(|n| gaps.iter().sum::<i64>().div_euclid(n));
    lengths.clear();
    lengths.extend(gaps.iter().map(|gap| *gap as f64));
    let (exact, sd) = moments(lengths);
    let cv = sd
        .zip(exact)
        .filter(|(_, mean)| *mean > 0.0)
        .map(|(sd, mean)| sd / mean);
    let enough = |days: &[(i32, u32)], full: &mut Vec<i32>| {
        full.clear();
        let own = days
            .iter()
            .filter(|(_, events)| *events >= streaks.min_activity);
        full.extend(own.map(|(day, _)| *day));
    };
    weeks.clear();
    for (day, events) in &tally.days {
        let own = monday(*day);
        match weeks.last_mut() {
            Some((last, sum)) if *last == own => *sum += events,
            _ => weeks.push((own, *events)),
        }
    }
    enough(&tally.days, full);
    let (longest, current) = streak(full, today, streaks.freeze);
    enough(weeks, full);
    for day in full.iter_mut() {
        *day /= 7;
    }
    let (longest_week, current_week) = streak(full, monday(today) / 7, 0);
    let count = |n: usize| u32::try_from(n).unwrap_or(NONE);
    Row {
        learner,
        course: tally.course,
        events: tally.events,
        sessions: count(tally.sessions.len()),
        active_days: count(tally.days.len()),
        active_weeks: count(weeks.len()),
        weeks: observed_weeks(walk.data, tally, walk.as_of),
        gap_median: median_floor(gaps),
        gap_mean: mean,
        gap_cv: cv,
        weekend: tally.weekend,
        parts: tally.parts,
        first: tally.first,
        last: tally.last,
        days_since_last: tally.days.last().map(|(day, _)| today - day),
        streaks: [longest, current, longest_week, current_week],
    }
}

/// Weeks from first activity or enrollment to `as_of` or the end of the course, at least one.
fn observed_weeks(data: &Inner, tally: &Tally, as_of: i64) -> Option<f64> {
    let first = (tally.first != NO_TIME).then_some(tally.first);
    let start = match (first, tally.enrolled) {
        (Some(a), Some(b)) => a.min(b),
        (a, b) => a.or(b)?,
    };
    let end = data.ends(tally.course).map_or(as_of, |end| end.min(as_of));
    Some(((end - start) as f64 / WEEK as f64).max(1.0))
}

/// The longest and the current streak of sorted days: the most active days in a stretch that
/// misses at most `freeze` days. The current one ends today or yesterday.
fn streak(days: &[i32], today: i32, freeze: u32) -> (u32, u32) {
    let (mut longest, mut current, mut from) = (0, 0, 0);
    for (at, day) in days.iter().enumerate() {
        let missed = |from: usize, at: usize| {
            let span = i64::from(*day) - i64::from(days[from]) + 1;
            span - i64::try_from(at - from + 1).unwrap_or(span)
        };
        while missed(from, at) > i64::from(freeze) {
            from += 1;
        }
        current = u32::try_from(at - from + 1).unwrap_or(NONE);
        longest = longest.max(current);
    }
    let alive = days.last().is_some_and(|last| today - last <= 1);
    (longest, if alive { current } else { 0 })
}

#[cfg(test)]
mod tests {
    use super::streak;

    #[test]
    fn a_freeze_bridges_a_missed_day_and_does_not_count_it() {
        let days = [1, 2, 4, 5, 6, 9];
        assert_eq!(streak(&days, 9, 0), (3, 1));
        assert_eq!(streak(&days, 10, 1), (5, 1));
        assert_eq!(streak(&days, 10, 3), (6, 6));
        assert_eq!(streak(&days, 11, 3), (6, 0));
        assert_eq!(streak(&[], 0, 0), (0, 0));
    }
}
