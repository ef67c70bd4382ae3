//! How often and when a learner studies (METRICS: frequency, streaks).

#![expect(
    clippy::indexing_slicing,
    reason = "items and courses index arrays made for all of them"
)]

use polars::prelude::*;

use super::courses::Per;
use super::frames::{frame, numbers, spans, times, wholes};
use super::walk::{Learner, Walk};
use crate::data::calendar::{Clock, monday, weekday};
use crate::data::ids::NONE;
use crate::data::lanes::NO_TIME;
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
#[derive(Debug, Clone)]
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
    fn new(course: u32) -> Self {
        Self {
            course,
            events: 0,
            weekend: 0,
            parts: [0; 4],
            first: NO_TIME,
            last: NO_TIME,
            days: Vec::new(),
            sessions: Vec::new(),
            enrolled: None,
        }
    }

    fn event(&mut self, time: i64, day: i32, hour: u8, session: u32) {
        self.events += 1;
        self.weekend += u32::from(weekday(day) >= 5);
        self.parts[usize::from(hour / 6)] += 1;
        if self.first == NO_TIME {
            self.first = time;
        }
        self.last = time;
        match self.days.last_mut() {
            Some((last, events)) if *last == day => *events += 1,
            _ => self.days.push((day, 1)),
        }
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

/// One row per learner, or per learner and course.
pub(crate) fn table(walk: &Walk<'_>, per: Per, streaks: Streaks) -> Result<DataFrame> {
    let rows = walk.each(Vec::new, |tallies, learner, out| {
        gather(walk, per, learner, tallies);
        let mut clock = Clock::new(walk.data.zone_of(learner.id), walk.data.day_start);
        let (today, _) = clock.day(walk.as_of);
        out.extend(
            tallies
                .drain(..)
                .map(|tally| finish(walk, streaks, learner.id, today, tally)),
        );
    })?;
    let data = walk.data;
    let minutes = walk.has_minutes();
    let dense: Vec<u32> = rows.iter().map(|r| r.learner).collect();
    let mut columns = vec![data.learner_column(&dense)];
    if per == Per::Course {
        let courses: Vec<u32> = rows.iter().map(|r| r.course).collect();
        columns.push(data.course_column(&courses));
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
    let streak = |name, at: usize| wholes(name, rows.iter().map(|r| Some(r.streaks[at])));
    columns.extend([
        wholes("events", rows.iter().map(|r| Some(r.events))),
        wholes(
            "sessions",
            rows.iter().map(|r| minutes.then_some(r.sessions)),
        ),
        wholes("active_days", rows.iter().map(|r| Some(r.active_days))),
        wholes("active_weeks", rows.iter().map(|r| Some(r.active_weeks))),
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
        times(data, "first_active", rows.iter().map(|r| r.first))?,
        times(data, "last_active", rows.iter().map(|r| r.last))?,
        Int32Chunked::from_iter_options(
            "days_since_last".into(),
            rows.iter().map(|r| r.days_since_last),
        )
        .into_column(),
        streak("longest_streak", 0),
        streak("current_streak", 1),
        streak("longest_week_streak", 2),
        streak("current_week_streak", 3),
    ]);
    frame(rows.len(), columns)
}

fn gather(walk: &Walk<'_>, per: Per, learner: &Learner<'_>, tallies: &mut Vec<Tally>) {
    let data = walk.data;
    let place = |tallies: &mut Vec<Tally>, course: u32| {
        let key = if per == Per::Course { course } else { NONE };
        let at = tallies.iter().position(|tally| tally.course == key);
        at.unwrap_or_else(|| {
            tallies.push(Tally::new(key));
            tallies.len() - 1
        })
    };
    for registration in learner.registrations {
        place(tallies, data.items.course[registration.item as usize]);
    }
    let mut clock = Clock::new(data.zone_of(learner.id), data.day_start);
    let run = &learner.run;
    for (event, (time, item)) in run.time.iter().zip(run.item).enumerate() {
        let (day, _) = clock.day(*time);
        let (hour, _) = clock.hour(*time);
        let session = learner.credits.session.get(event).copied().unwrap_or(NONE);
        let at = place(tallies, data.items.course[*item as usize]);
        tallies[at].event(*time, day, hour, session);
    }
    for row in data.facts.enrollments_of(learner.id) {
        if row.start.is_none_or(|start| start <= walk.as_of) {
            let at = place(tallies, row.course);
            let enrolled = &mut tallies[at].enrolled;
            *enrolled = match (*enrolled, row.start) {
                (Some(a), Some(b)) => Some(a.min(b)),
                (a, b) => a.or(b),
            };
        }
    }
    tallies.sort_by_key(|tally| tally.course.wrapping_add(1));
}

fn finish(walk: &Walk<'_>, streaks: Streaks, learner: u32, today: i32, tally: Tally) -> Row {
    let gaps: Vec<i64> = tally
        .sessions
        .windows(2)
        .map(|pair| pair[1].1 - pair[0].2)
        .collect();
    let mut sorted = gaps;
    sorted.sort_unstable();
    let mean = i64::try_from(sorted.len())
        .ok()
        .filter(|n| *n > 0)
        .map(|n| sorted.iter().sum::<i64>().div_euclid(n));
    let (exact, sd) = moments(&sorted.iter().map(|gap| *gap as f64).collect::<Vec<_>>());
    let cv = sd
        .zip(exact)
        .filter(|(_, mean)| *mean > 0.0)
        .map(|(sd, mean)| sd / mean);
    let enough = |days: &[(i32, u32)]| -> Vec<i32> {
        let full = days
            .iter()
            .filter(|(_, events)| *events >= streaks.min_activity);
        full.map(|(day, _)| *day).collect()
    };
    let mut weeks: Vec<(i32, u32)> = Vec::new();
    for (day, events) in &tally.days {
        let own = monday(*day);
        match weeks.last_mut() {
            Some((last, sum)) if *last == own => *sum += events,
            _ => weeks.push((own, *events)),
        }
    }
    let (longest, current) = streak(&enough(&tally.days), today, streaks.freeze);
    let by_week = enough(&weeks).iter().map(|day| day / 7).collect::<Vec<_>>();
    let (longest_week, current_week) = streak(&by_week, monday(today) / 7, 0);
    let count = |n: usize| u32::try_from(n).unwrap_or(NONE);
    Row {
        learner,
        course: tally.course,
        events: tally.events,
        sessions: count(tally.sessions.len()),
        active_days: count(tally.days.len()),
        active_weeks: count(weeks.len()),
        weeks: observed_weeks(walk.data, &tally, walk.as_of),
        gap_median: median_floor(&sorted),
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
