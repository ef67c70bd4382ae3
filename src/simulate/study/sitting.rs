//! When a learner sits down, and which contents she plans to visit then.

use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use rand_distr::{Distribution, Exp1};

use super::exponential;
use crate::simulate::learner::{Learner, Plan};
use crate::simulate::world::{CONTENTS_PER_MODULE, Course, DAY, SECOND, World, normal};

#[derive(Debug, Clone, Copy)]
pub(super) struct Visit {
    /// Within the course.
    pub(super) position: usize,
    pub(super) thorough: bool,
}

/// A session before its minutes are drawn.
#[derive(Debug)]
pub(super) struct Sitting {
    pub(super) start: i64,
    pub(super) enrollment: usize,
    pub(super) visits: Vec<Visit>,
}

/// Plans the sittings of one enrollment, module by module.
pub(super) fn sit(
    world: &World,
    course: &Course,
    learner: &Learner,
    (plan, enrollment): (&Plan, usize),
    mean: f64,
    rng: &mut ChaCha8Rng,
    sittings: &mut Vec<Sitting>,
) {
    let Some(last) = plan.last else { return };
    let mut seen = Vec::new();
    let mut after = plan.enrolled + 60 * SECOND;
    let per_sitting = 5.0 + 2.0 * (1.0 + mean).ln();
    for module in 0..=last / CONTENTS_PER_MODULE {
        let visits = visits(course, plan, module, mean, rng, &mut seen);
        if visits.is_empty() {
            continue;
        }
        let wanted = (visits.len() as f64 / per_sitting).round() as usize;
        let mut starts: Vec<i64> = (0..wanted.clamp(1, 28))
            .map(|_| start(world, course, learner, plan, module, rng))
            .collect();
        starts.sort_unstable();
        let count = starts.len() as f64;
        let mut left = visits.as_slice();
        for (order, start) in starts.into_iter().enumerate() {
            let ahead = (order + 1) as f64;
            let jitter = if ahead < count {
                rng.random_range(-0.5..0.5)
            } else {
                0.5
            };
            let upto = (visits.len() as f64 * (ahead + jitter) / count) as usize;
            let take = (upto + left.len())
                .saturating_sub(visits.len())
                .min(left.len());
            let (now, later) = left.split_at(take);
            left = later;
            if now.is_empty() {
                continue;
            }
            after = start.max(after);
            sittings.push(Sitting {
                start: after,
                enrollment,
                visits: now.to_vec(),
            });
            after += 60 * SECOND;
        }
    }
}

/// The visits of one module: its contents in syllabus order, mixed with revisits to recent ones.
fn visits(
    course: &Course,
    plan: &Plan,
    module: usize,
    mean: f64,
    rng: &mut ChaCha8Rng,
    seen: &mut Vec<usize>,
) -> Vec<Visit> {
    let first = module * CONTENTS_PER_MODULE;
    let mut new = Vec::with_capacity(CONTENTS_PER_MODULE);
    let mut reached = 0.0;
    for position in first..first + CONTENTS_PER_MODULE {
        if plan.last.is_some_and(|last| position > last) {
            break;
        }
        reached += 1.0;
        let thorough = plan.must(course, position) && plan.finishes;
        if plan.must(course, position) || rng.random::<f64>() < mean {
            new.push(Visit { position, thorough });
        }
    }
    let spread: f64 = Exp1.sample(rng);
    let extra =
        (reached * (mean - 1.0).max(0.0) * (0.5 + spread / 2.0) + rng.random::<f64>()) as usize;
    let mut visits = Vec::with_capacity(new.len() + extra);
    let (mut new, mut extra) = (new.into_iter().peekable(), extra);
    while new.peek().is_some() || extra > 0 {
        let ahead = new.len();
        if ahead > 0 && (seen.is_empty() || rng.random_range(0..ahead + extra) < ahead) {
            visits.extend(new.next().inspect(|visit| seen.push(visit.position)));
        } else {
            extra = extra.saturating_sub(1);
            let back = exponential(5.0, rng) as usize;
            let again = seen
                .iter()
                .rev()
                .nth(back.min(seen.len().saturating_sub(1)));
            visits.extend(again.map(|&position| Visit {
                position,
                thorough: false,
            }));
        }
    }
    visits
}

/// When a sitting of this module begins: a habitual hour on a favoured day of the module's window.
fn start(
    world: &World,
    course: &Course,
    learner: &Learner,
    plan: &Plan,
    module: usize,
    rng: &mut ChaCha8Rng,
) -> i64 {
    let enrolled = plan.enrolled as f64 / DAY as f64 - course.starts as f64;
    // a day late at least, so that no zone sees a module before it opens
    let opens = 7.0 * module as f64 + 1.0 + plan.lag;
    let (low, high) = if opens + 7.0 < enrolled + 0.5 {
        (enrolled, enrolled + 3.0)
    } else {
        (opens.max(enrolled), opens + 7.0)
    };
    let mut day = course.starts;
    for _ in 0..4 {
        day = course.starts + rng.random_range(low..high).floor() as i64;
        let weekday = (day + 3).rem_euclid(7) as usize;
        if rng.random::<f64>() < learner.weekdays.get(weekday).copied().unwrap_or(1.0) {
            break;
        }
    }
    let [usual, other] = learner.hours;
    let hour = if rng.random::<f64>() < 0.7 {
        usual
    } else {
        other
    };
    let second = ((hour + normal(rng)) * 3600.0).rem_euclid(86_400.0) as i64;
    let at = world.instant(learner.zone, day, second.clamp(0, 86_399));
    at + rng.random_range(0..1000) * 1000
}
