//! Courses, their contents, and the clockwork that all learners share.

use jiff::civil::{Date, date};
use jiff::tz::TimeZone;
use jiff::{ToSpan, civil};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rand_distr::{Distribution, StandardNormal};

use super::Simulation;
use crate::{Error, Result};

pub(super) const SECOND: i64 = 1_000_000;
pub(super) const DAY: i64 = 86_400 * SECOND;
/// 2025-09-01, a Monday: autumn courses live through the end of summer time.
const FIRST_DAY: i64 = 20_332;
/// Days before `FIRST_DAY` that the calendar covers.
const LEAD: i64 = 30;
pub(super) const CONTENTS_PER_MODULE: usize = 8;
/// Zones and the share of learners in them; the last ones have none.
const ZONES: [(Option<&str>, f64); 6] = [
    (Some("Europe/Helsinki"), 0.4),
    (Some("America/New_York"), 0.2),
    (Some("Asia/Kolkata"), 0.2),
    (Some("Asia/Tokyo"), 0.1),
    (Some("Africa/Nairobi"), 0.05),
    (None, 0.05),
];

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Page,
    Video,
    Problem,
    Discussion,
    Assignment,
    Quiz,
}

impl Kind {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Page => "page",
            Self::Video => "video",
            Self::Problem => "problem",
            Self::Discussion => "discussion",
            Self::Assignment => "assignment",
            Self::Quiz => "quiz",
        }
    }

    /// Mean number of events of one visit (see `study.rs`).
    pub(super) fn events_per_visit(self) -> f64 {
        match self {
            Self::Page => 1.1,
            Self::Video => 2.8,
            Self::Problem | Self::Quiz => 2.5,
            Self::Discussion => 1.5,
            Self::Assignment => 1.6,
        }
    }
}

/// One content of a course.
#[derive(Debug, Clone, Copy)]
pub(super) struct Content {
    pub(super) kind: Kind,
    pub(super) module: usize,
    pub(super) required: bool,
    /// Tenths of a second; 0 for anything but videos.
    pub(super) length: u32,
    /// Seconds a learner is expected to need.
    pub(super) expected: f64,
}

#[derive(Debug)]
pub(super) struct Course {
    /// Days since 1970.
    pub(super) starts: i64,
    pub(super) planted: Vec<bool>,
    pub(super) contents: Vec<Content>,
}

#[derive(Debug)]
pub(super) struct Zone {
    pub(super) name: Option<&'static str>,
    pub(super) tz: TimeZone,
}

/// Everything that is fixed before the first learner is drawn.
#[derive(Debug)]
pub(super) struct World<'s> {
    pub(super) simulation: &'s Simulation,
    pub(super) courses: Vec<Course>,
    pub(super) zones: Vec<Zone>,
    dates: Vec<Date>,
}

impl<'s> World<'s> {
    pub(super) fn draw(simulation: &'s Simulation) -> Result<Self> {
        let mut rng = stream(simulation.seed, u64::MAX);
        let courses = (0..simulation.courses)
            .map(|index| course(simulation, index, &mut rng))
            .collect();
        let zones = ZONES
            .iter()
            .map(|&(name, _)| zone(name))
            .collect::<Result<_>>()?;
        let first = date(2025, 9, 1).saturating_sub(LEAD.days());
        let days = LEAD as usize + 7 * simulation.weeks + 90;
        let dates = first.series(1.day()).take(days).collect();
        Ok(Self {
            simulation,
            courses,
            zones,
            dates,
        })
    }

    pub(super) fn contents_per_course(&self) -> usize {
        self.simulation.weeks * CONTENTS_PER_MODULE
    }

    pub(super) fn hazard(&self, planted: bool) -> f64 {
        if planted {
            self.simulation.planted_hazard
        } else {
            self.simulation.base_hazard
        }
    }

    pub(super) fn draw_zone(rng: &mut ChaCha8Rng) -> usize {
        let mut left: f64 = rng.random();
        ZONES
            .iter()
            .position(|&(_, share)| {
                left -= share;
                left < 0.0
            })
            .unwrap_or(ZONES.len() - 1)
    }

    /// The instant at which clocks in the zone show `second` of the local `day` (days since 1970).
    pub(super) fn instant(&self, zone: usize, day: i64, second: i64) -> i64 {
        let local = usize::try_from(day - FIRST_DAY + LEAD)
            .ok()
            .and_then(|index| self.dates.get(index));
        let at = local.zip(self.zones.get(zone)).and_then(|(date, zone)| {
            let (hour, minute) = (second / 3600, second / 60 % 60);
            let time = civil::time(hour as i8, minute as i8, (second % 60) as i8, 0);
            zone.tz.to_timestamp(date.to_datetime(time)).ok()
        });
        at.map_or(day * DAY + second * SECOND, jiff::Timestamp::as_microsecond)
    }
}

impl Course {
    /// Instant at which a module opens.
    pub(super) fn opens(&self, module: usize) -> i64 {
        (self.starts + 7 * module as i64) * DAY
    }

    pub(super) fn ends(&self) -> i64 {
        self.opens(self.planted.len() + 2)
    }
}

fn zone(name: Option<&'static str>) -> Result<Zone> {
    let tz = match name {
        None => TimeZone::UTC,
        Some(name) => TimeZone::get(name).map_err(|_| Error::Missing {
            needs: "simulate",
            what: "the time zone database",
            how: "build jiff with `tzdb-bundle-always`",
        })?,
    };
    Ok(Zone { name, tz })
}

fn course(simulation: &Simulation, index: usize, rng: &mut ChaCha8Rng) -> Course {
    let modules = simulation.weeks;
    let mut planted = vec![false; modules];
    // neither the first nor the last module, where there are others
    let (low, high) = if modules > 3 {
        (1, modules - 1)
    } else {
        (0, modules)
    };
    for _ in 0..rng.random_range(1..=2) {
        if let Some(module) = planted.get_mut(rng.random_range(low..high)) {
            *module = true;
        }
    }
    let contents = (0..modules * CONTENTS_PER_MODULE)
        .map(|position| content(position, rng))
        .collect();
    Course {
        starts: FIRST_DAY + 7 * (index % 3) as i64,
        planted,
        contents,
    }
}

fn content(position: usize, rng: &mut ChaCha8Rng) -> Content {
    let module = position / CONTENTS_PER_MODULE;
    let (kind, required) = match position % CONTENTS_PER_MODULE {
        1 | 4 => (Kind::Video, true),
        2 => (Kind::Page, false),
        3 => (Kind::Problem, true),
        5 => (Kind::Discussion, module.is_multiple_of(2)),
        6 if module % 3 == 2 => (Kind::Assignment, true),
        0 | 6 => (Kind::Page, true),
        _ => (Kind::Quiz, true),
    };
    let typical = match kind {
        Kind::Page => 90.0,
        Kind::Video => 300.0,
        Kind::Problem => 180.0,
        Kind::Discussion => 150.0,
        Kind::Assignment => 600.0,
        Kind::Quiz => 240.0,
    };
    let seconds = lognormal(typical, 0.4, rng).clamp(30.0, 1500.0).round();
    Content {
        kind,
        module,
        required,
        length: if kind == Kind::Video {
            seconds as u32 * 10
        } else {
            0
        },
        expected: seconds,
    }
}

/// The random numbers of one learner (or, at the top end, of the world).
pub(super) fn stream(seed: u64, index: u64) -> ChaCha8Rng {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    rng.set_stream(index);
    rng
}

pub(super) fn normal(rng: &mut ChaCha8Rng) -> f64 {
    StandardNormal.sample(rng)
}

/// Lognormal with the given median.
pub(super) fn lognormal(median: f64, sigma: f64, rng: &mut ChaCha8Rng) -> f64 {
    median * (sigma * normal(rng)).exp()
}

/// A bijection on integers of `bits` bits: ids that are arbitrary and never collide.
pub(super) fn scramble(value: u64, bits: u32) -> u64 {
    let mask = (1 << bits) - 1;
    let mixed = value
        .wrapping_add(0x5851_F42D)
        .wrapping_mul(0x9E37_79B9_7F4A_7C15)
        & mask;
    let mixed = (mixed ^ (mixed >> (bits / 2))).wrapping_mul(0xBF58_476D_1CE4_E5B9) & mask;
    mixed ^ (mixed >> (bits / 2))
}
