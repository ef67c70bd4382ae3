//! Who a learner is, what she enrolls in, and how far she will go.

use rand::RngExt;
use rand_chacha::ChaCha8Rng;

use super::world::{CONTENTS_PER_MODULE, Course, DAY, SECOND, World, normal, stream};

/// One learner with her habits.
#[derive(Debug)]
pub(super) struct Learner {
    pub(super) zone: usize,
    /// Lognormal with mean 1.
    pub(super) activity: f64,
    pub(super) ability: f64,
    /// Two habitual local hours; the first one is the usual one.
    pub(super) hours: [f64; 2],
    /// How readily she studies on each weekday, from Monday; at most 1.
    pub(super) weekdays: [f64; 7],
    pub(super) offline: bool,
    pub(super) age_ok: bool,
    pub(super) eligible: bool,
    pub(super) plans: Vec<Plan>,
}

/// One enrollment and its fate.
#[derive(Debug)]
pub(super) struct Plan {
    pub(super) course: usize,
    pub(super) enrolled: i64,
    /// Days she is behind the release of the modules.
    pub(super) lag: f64,
    /// Index of the furthest content she will touch; `None` if she never starts.
    pub(super) last: Option<usize>,
    pub(super) finishes: bool,
}

impl Learner {
    /// Draws a learner from the head of her own stream, and hands the stream on.
    pub(super) fn draw(world: &World, index: usize) -> (Self, ChaCha8Rng) {
        let simulation = world.simulation;
        let mut rng = stream(simulation.seed, index as u64);
        let rng = &mut rng;
        let zone = World::draw_zone(rng);
        let activity = (SIGMA * normal(rng) - SIGMA * SIGMA / 2.0).exp().min(25.0);
        let ability = normal(rng);
        let evening = 19.5 + 1.5 * normal(rng);
        let hours = [evening, evening - rng.random_range(6.0..12.0)];
        let mut weekdays = [0.5; 7];
        weekdays.iter_mut().skip(5).for_each(|day| *day *= 0.7);
        for _ in 0..2 {
            let favourite = rng.random_range(0..7);
            weekdays
                .iter_mut()
                .skip(favourite)
                .take(1)
                .for_each(|day| *day = 1.0);
        }
        let offline = rng.random::<f64>() < simulation.offline;
        let age_ok = rng.random::<f64>() >= simulation.under_age;
        let eligible = rng.random::<f64>() >= 0.03;
        let first = (simulation.courses as f64 * rng.random::<f64>().powf(1.3)) as usize;
        let first = first.min(simulation.courses - 1);
        let mut plans = vec![plan(world, first, rng)];
        if rng.random::<f64>() < simulation.second_course && simulation.courses > 1 {
            let second = (first + rng.random_range(1..simulation.courses)) % simulation.courses;
            plans.push(plan(world, second, rng));
        }
        let learner = Self {
            zone,
            activity,
            ability,
            hours,
            weekdays,
            offline,
            age_ok,
            eligible,
            plans,
        };
        (learner, rng.clone())
    }
}

impl Plan {
    /// Must she visit this content, however little she does?
    pub(super) fn must(&self, course: &Course, position: usize) -> bool {
        let required = course.contents.get(position).is_some_and(|c| c.required);
        self.last == Some(position) || (self.finishes && required)
    }
}

/// Spread of the activity of learners.
const SIGMA: f64 = 1.0;

fn plan(world: &World, index: usize, rng: &mut ChaCha8Rng) -> Plan {
    let course = world.courses.get(index);
    let starts = course.map_or(0, |c| c.starts);
    let early = rng.random::<f64>() < 0.85;
    let days = if early {
        -14.0 * rng.random::<f64>()
    } else {
        7.0 * rng.random::<f64>()
    };
    // whole seconds; `study.rs` sets registration apart from activity by microseconds
    let enrolled = starts * DAY + (days * 86_400.0) as i64 * SECOND;
    let lag = 6.0 * rng.random::<f64>().powi(2);
    let starts_at_all = rng.random::<f64>() >= world.simulation.never_start;
    let leaves = course.and_then(|course| {
        let mut modules = course.planted.iter();
        modules.position(|&planted| rng.random::<f64>() < world.hazard(planted))
    });
    let within = rng.random_range(0..CONTENTS_PER_MODULE);
    let last = match leaves {
        Some(module) => module * CONTENTS_PER_MODULE + within,
        None => world.contents_per_course() - 1,
    };
    Plan {
        course: index,
        enrolled,
        lag,
        last: starts_at_all.then_some(last),
        finishes: starts_at_all && leaves.is_none(),
    }
}

/// Visits per content of a learner with activity 1, such that the mean number of events is what was asked for.
///
/// Solved by bisection on the expected number over a sample of the learners' plans.
pub(super) fn rate(world: &World) -> f64 {
    let learners = world.simulation.learners;
    let sample = learners.min(4096);
    let mut loads = Vec::with_capacity(sample);
    for draw in 0..sample {
        let (learner, _) = Learner::draw(world, draw * learners / sample);
        for plan in &learner.plans {
            loads.push(Load::of(world, plan, learner.activity));
        }
    }
    let wanted = world.simulation.events_per_learner * sample as f64;
    let (mut low, mut high) = (0.0, 1e4);
    for _ in 0..60 {
        let rate = f64::midpoint(low, high);
        if loads.iter().map(|load| load.events(rate)).sum::<f64>() < wanted {
            low = rate;
        } else {
            high = rate;
        }
    }
    high
}

/// Expected events of an enrollment as a function of the rate.
#[derive(Debug, Default)]
struct Load {
    activity: f64,
    must: f64,
    may: f64,
}

impl Load {
    fn of(world: &World, plan: &Plan, activity: f64) -> Self {
        let mut load = Self {
            activity,
            ..Self::default()
        };
        let reached = plan.last.map_or(0, |last| last + 1);
        let course = world.courses.get(plan.course);
        for (position, content) in course
            .iter()
            .flat_map(|c| c.contents.iter().take(reached).enumerate())
        {
            let events = content.kind.events_per_visit() + LOGINS_PER_VISIT;
            let must = course.is_some_and(|c| plan.must(c, position));
            *(if must { &mut load.must } else { &mut load.may }) += events;
        }
        load
    }

    fn events(&self, rate: f64) -> f64 {
        let visits = rate * self.activity;
        1.1 + self.must
            + self.may * visits.min(1.0)
            + (self.must + self.may) * (visits - 1.0).max(0.0)
    }
}

const LOGINS_PER_VISIT: f64 = 0.2;
