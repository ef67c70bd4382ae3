//! How regularly a learner studies (METRICS: regularity).
//!
//! Boroujeni, Sharma, Kidziński, Lucignano & Dillenbourg 2016, "How to quantify student's
//! regularity?", EC-TEL 2016, LNCS 9891.
//!
//! What counts is whether an hour is active, not how many events it has. Hours and days are the
//! learner's local ones; hours of a day are counted from `day_start`, so that each belongs to one
//! day. Weeks begin on Monday.

use polars::prelude::*;

use super::courses::Per;
use super::frames::{Rows, frame, numbers};
use super::measure::Measure;
use super::slots::Slots;
use super::walk::{Learner, Walk};
use super::week_pairs::{Week, fill, similarity};
use crate::data::calendar::{Clock, weekday};
use crate::data::ids::NONE;
use crate::error::Result;
use crate::stats::{Wheel, entropy};

/// The columns that need hours.
pub(crate) const BY_HOUR: &[&str] = &[
    "pdh",
    "ws2",
    "ws3",
    "fdh",
    "fwh",
    "fdh_normalized",
    "fwh_normalized",
];

/// One learner (in one course).
pub(crate) struct Row {
    learner: u32,
    course: u32,
    measures: Measures,
}

/// The measures; `None` without activity, `ws*` with less than two active weeks.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
struct Measures {
    pdh: Option<f64>,
    pwd: Option<f64>,
    ws1: Option<f64>,
    ws2: Option<f64>,
    ws3: Option<f64>,
    fdh: Option<f64>,
    fwh: Option<f64>,
    fwd: Option<f64>,
    hours: f64,
    days: f64,
}

/// The measure: working space reused from learner to learner.
pub(crate) struct Regularity<'a> {
    walk: &'a Walk<'a>,
    per: Per,
    /// Active hours of each course, as they come.
    slots: Slots<Vec<i64>>,
    hours: Vec<i64>,
    space: Space,
}

/// What the measures of one learner are made with.
#[derive(Debug)]
struct Space {
    days: Vec<i32>,
    weeks: Vec<Week>,
    day: Wheel<24>,
    week: Wheel<168>,
    days_of_week: Wheel<7>,
}

impl Default for Space {
    fn default() -> Self {
        Self {
            days: Vec::new(),
            weeks: Vec::new(),
            day: Wheel::new(),
            week: Wheel::new(),
            days_of_week: Wheel::new(),
        }
    }
}

/// One row per learner, or per learner and course.
pub(super) fn table<'a>(walk: &'a Walk<'a>, per: Per) -> Measure<'a> {
    let start = move || Regularity::new(walk, per);
    Measure::new(start, Regularity::visit, move |rows| show(walk, per, rows))
}

fn show(walk: &Walk<'_>, per: Per, rows: &Rows<Row>) -> Result<DataFrame> {
    let data = walk.data;
    let minutes = walk.has_minutes();
    let mut columns = vec![data.learner_column(&rows.all(|r| r.learner))];
    if per == Per::Course {
        columns.push(data.course_column(&rows.all(|r| r.course)));
    }
    let column = |name: &str, value: &dyn Fn(&Measures) -> Option<f64>| {
        let known = minutes || !BY_HOUR.contains(&name);
        numbers(
            name,
            rows.iter().map(|r| value(&r.measures).filter(|_| known)),
        )
    };
    columns.extend([
        column("pdh", &|m| m.pdh),
        column("pwd", &|m| m.pwd),
        column("ws1", &|m| m.ws1),
        column("ws2", &|m| m.ws2),
        column("ws3", &|m| m.ws3),
        column("fdh", &|m| m.fdh),
        column("fwh", &|m| m.fwh),
        column("fwd", &|m| m.fwd),
        column("fdh_normalized", &|m| m.fdh.map(|f| f / m.hours)),
        column("fwh_normalized", &|m| m.fwh.map(|f| f / m.hours)),
        column("fwd_normalized", &|m| m.fwd.map(|f| f / m.days)),
    ]);
    frame(rows.len(), columns)
}

impl<'a> Regularity<'a> {
    pub(crate) fn new(walk: &'a Walk<'a>, per: Per) -> Self {
        Self {
            walk,
            per,
            slots: Slots::new(per),
            hours: Vec::new(),
            space: Space::default(),
        }
    }

    /// Appends the rows of one learner, by course (none first).
    pub(crate) fn visit(&mut self, learner: &Learner<'_>, out: &mut Vec<Row>) {
        if self.per == Per::Learner {
            self.together(learner, out);
            return;
        }
        let data = self.walk.data;
        self.slots.enroll(self.walk, learner);
        let mut clock = Clock::new(data.zone_of(learner.id), data.day_start);
        for (time, item) in learner.run.time.iter().zip(learner.run.item) {
            let hour = clock.hour_of_days(*time);
            let course = data.items.course.get(*item as usize).copied();
            let hours = self.slots.of(course.unwrap_or(u32::MAX));
            if hours.last() != Some(&hour) {
                hours.push(hour);
            }
        }
        for (course, mut hours) in self.slots.drain() {
            // Where clocks go back, an hour comes twice.
            hours.sort_unstable();
            hours.dedup();
            out.push(Row {
                learner: learner.id,
                course,
                measures: measure(&hours, &mut self.space),
            });
        }
    }

    /// All courses in one: active hours are those of her stretches.
    fn together(&mut self, learner: &Learner<'_>, out: &mut Vec<Row>) {
        if learner.courses(self.walk).is_empty() {
            return;
        }
        self.hours.clear();
        let stretches = learner.stretches(self.walk).iter();
        self.hours.extend(stretches.map(|own| own.hour_of_days));
        self.hours.sort_unstable();
        self.hours.dedup();
        out.push(Row {
            learner: learner.id,
            course: NONE,
            measures: measure(&self.hours, &mut self.space),
        });
    }
}

/// The measures of distinct active hours in order.
fn measure(hours: &[i64], space: &mut Space) -> Measures {
    if hours.is_empty() {
        return Measures::default();
    }
    let day = |hour: &i64| i32::try_from(hour.div_euclid(24)).unwrap_or(i32::MAX);
    let Space { days, weeks, .. } = space;
    days.clear();
    days.extend(hours.iter().map(day));
    fill(weeks, days);
    days.dedup();
    let [ws1, ws2, ws3] = similarity(weeks);
    let of_day = hours.iter().map(|hour| hour.rem_euclid(24));
    let of_week = days.iter().map(|day| i64::from(weekday(*day)));
    // Day 0 was a Thursday; where the series begins turns the sum without changing its length.
    let absolute = days.iter().map(|day| i64::from(*day));
    Measures {
        pdh: peak::<24>(of_day),
        pwd: peak::<7>(of_week),
        ws1,
        ws2,
        ws3,
        fdh: Some(space.day.strength(hours.iter().copied())),
        fwh: Some(space.week.strength(hours.iter().copied())),
        fwd: Some(space.days_of_week.strength(absolute)),
        hours: hours.len() as f64,
        days: days.len() as f64,
    }
}

/// How much one of `N` phases stands out: `(ln N - H(counts)) max counts`.
fn peak<const N: usize>(phases: impl Iterator<Item = i64>) -> Option<f64> {
    let mut counts = [0.0_f64; N];
    for phase in phases {
        let place = usize::try_from(phase).ok();
        if let Some(count) = place.and_then(|place| counts.get_mut(place)) {
            *count += 1.0;
        }
    }
    let most = counts.iter().copied().fold(0.0, f64::max);
    let even = (N as f64).ln();
    entropy(&counts)
        .ok()
        .flatten()
        .map(|entropy| (even - entropy).max(0.0) * most)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Monday 1970-01-05.
    const MONDAY: i64 = 4 * 24;

    fn of(hours: &[i64]) -> Measures {
        let absolute: Vec<i64> = hours.iter().map(|hour| MONDAY + hour).collect();
        measure(&absolute, &mut Space::default())
    }

    fn near(value: Option<f64>, expected: f64) {
        assert!(
            (value.unwrap() - expected).abs() < 1e-12,
            "{value:?}, not {expected}"
        );
    }

    #[test]
    fn always_mondays_at_nine_is_as_regular_as_can_be() {
        let m = of(&[9, 168 + 9, 336 + 9]);
        near(m.pdh, 24_f64.ln() * 3.0);
        near(m.pwd, 7_f64.ln() * 3.0);
        for ws in [m.ws1, m.ws2, m.ws3] {
            near(ws, 1.0);
        }
        for f in [m.fdh, m.fwh, m.fwd] {
            near(f, 3.0);
        }
    }

    #[test]
    fn two_weeks_on_paper() {
        // week 1: Monday 9, 10, Tuesday 9; week 2: Monday 9, Wednesday 9
        let m = of(&[9, 10, 24 + 9, 168 + 9, 168 + 48 + 9]);
        // hours of day: four nines and a ten
        let entropy = -(0.8 * 0.8_f64.ln() + 0.2 * 0.2_f64.ln());
        near(m.pdh, (24_f64.ln() - entropy) * 4.0);
        // days: two Mondays, a Tuesday, a Wednesday
        near(m.pwd, (7_f64.ln() - 1.5 * 2_f64.ln()) * 2.0);
        // {Mo, Tu} and {Mo, We}
        near(m.ws1, 0.5);
        // (2/3, 1/3, 0) and (1/2, 0, 1/2), their middle (7/12, 1/6, 1/4)
        let one = 2.0 / 3.0 * (8.0_f64 / 7.0).ln() + 1.0 / 3.0 * 2_f64.ln();
        let two = 0.5 * (6.0_f64 / 7.0).ln() + 0.5 * 2_f64.ln();
        near(m.ws2, 1.0 - f64::midpoint(one, two) / 2_f64.ln());
        // Monday ((2 - 1) / 3)^2, Tuesday 1, Wednesday 1, over the three days of either
        near(m.ws3, 1.0 - (1.0 / 9.0 + 2.0) / 3.0);
        // four at one phase and one an hour (15 degrees) on
        let turn = std::f64::consts::TAU / 24.0;
        near(m.fdh, (16.0 + 1.0 + 8.0 * turn.cos()).sqrt());
        near(Some(m.hours), 5.0);
        near(Some(m.days), 4.0);
    }

    #[test]
    fn one_week_has_nothing_to_be_like() {
        let m = of(&[9, 33]);
        assert_eq!([m.ws1, m.ws2, m.ws3], [None; 3]);
        assert!(m.pdh.is_some());
        assert_eq!(of(&[]), Measures::default());
    }

    #[test]
    fn an_hour_in_every_phase_is_no_rhythm() {
        let m = of(&(0..168).collect::<Vec<_>>());
        near(m.pdh, 0.0);
        near(m.pwd, 0.0);
        for f in [m.fdh, m.fwh, m.fwd] {
            near(f, 0.0);
        }
    }
}
