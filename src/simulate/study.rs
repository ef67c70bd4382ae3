//! What a learner does: visits, sessions, events.

mod sitting;
pub(super) mod visit;

use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use rand_distr::{Distribution, Exp1};

use super::learner::{Learner, Plan};
use super::world::{SECOND, World};
use sitting::{Sitting, sit};
use visit::Desk;

/// No value, in a field of a [`Row`].
pub(super) const NONE: u32 = u32::MAX;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verb {
    Viewed,
    Played,
    Paused,
    Seeked,
    Ended,
    Attempted,
    Submitted,
    Posted,
    Replied,
    Noted,
    Enrolled,
    Unenrolled,
    LoggedIn,
}

/// One event, small enough to be sorted by value.
#[derive(Debug, Clone, Copy)]
pub(super) struct Row {
    pub(super) time: i64,
    pub(super) learner: u32,
    /// Over all courses; `NONE` for logins and registration.
    pub(super) content: u32,
    pub(super) session: u32,
    /// Tenths of a second.
    pub(super) position: u32,
    pub(super) position_to: u32,
    /// Milliseconds after `time`.
    pub(super) received: u32,
    pub(super) course: u16,
    pub(super) verb: Verb,
    /// Hundredths; above 100: none.
    pub(super) score: u8,
    /// 0: none.
    pub(super) attempt: u8,
}

#[derive(Debug, Clone, Copy)]
pub(super) struct Session {
    pub(super) learner: u32,
    /// From 0 within the learner.
    pub(super) number: u32,
    pub(super) course: u16,
    pub(super) start: i64,
    pub(super) end: i64,
    pub(super) events: u32,
    pub(super) study: i64,
}

#[derive(Debug)]
pub(super) struct Enrollment {
    pub(super) learner: u32,
    pub(super) plan: Plan,
    pub(super) outcome: Option<&'static str>,
    /// End of the latest session, and after registration: the withdrawal.
    pub(super) end: Option<i64>,
    pub(super) events: u32,
    pub(super) sessions: u32,
    pub(super) study: i64,
    /// Attempts so far at each content of the course.
    tries: Vec<u8>,
}

#[derive(Debug, Clone, Copy)]
pub(super) struct Person {
    pub(super) zone: usize,
    pub(super) age_ok: bool,
    pub(super) eligible: bool,
}

/// What a run of learners leaves behind, learner by learner.
#[derive(Debug, Default)]
pub(super) struct Chunk {
    pub(super) rows: Vec<Row>,
    /// `Row::session` counts within the chunk.
    pub(super) sessions: Vec<Session>,
    pub(super) enrollments: Vec<Enrollment>,
    pub(super) people: Vec<Person>,
}

/// Draws one learner's whole history into the chunk.
pub(super) fn learner(world: &World, index: usize, rate: f64, chunk: &mut Chunk) {
    let (mut learner, mut rng) = Learner::draw(world, index);
    let rng = &mut rng;
    let plans = std::mem::take(&mut learner.plans);
    let mut sittings = Vec::new();
    for (order, plan) in plans.iter().enumerate() {
        if let Some(course) = world.courses.get(plan.course) {
            let mean = rate * learner.activity;
            sit(
                world,
                course,
                &learner,
                (plan, order),
                mean,
                rng,
                &mut sittings,
            );
        }
    }
    sittings.sort_by_key(|sitting| (sitting.start, sitting.enrollment));
    let mut enrollments: Vec<Enrollment> = plans
        .into_iter()
        .map(|plan| Enrollment::new(world, index as u32, plan))
        .collect();
    let mut free = i64::MIN;
    for (number, sitting) in sittings.iter().enumerate() {
        if let Some(enrollment) = enrollments.get_mut(sitting.enrollment) {
            let start = sitting.start.max(free);
            let number = number as u32;
            let end = attend(
                world,
                &learner,
                (sitting, start, number),
                enrollment,
                rng,
                chunk,
            );
            free = end + (300 + exponential(3600.0, rng)) * SECOND;
        }
    }
    for (order, mut enrollment) in enrollments.into_iter().enumerate() {
        register(&mut enrollment, order, rng, &mut chunk.rows);
        enrollment.tries = Vec::new();
        chunk.enrollments.push(enrollment);
    }
    chunk.people.push(Person {
        zone: learner.zone,
        age_ok: learner.age_ok,
        eligible: learner.eligible,
    });
}

/// Lives through one sitting and hands back when she stopped.
fn attend(
    world: &World,
    learner: &Learner,
    (sitting, start, number): (&Sitting, i64, u32),
    enrollment: &mut Enrollment,
    rng: &mut ChaCha8Rng,
    chunk: &mut Chunk,
) -> i64 {
    let from = chunk.rows.len();
    let index = enrollment.plan.course;
    let mut desk = Desk {
        rows: &mut chunk.rows,
        rng: &mut *rng,
        tries: &mut enrollment.tries,
        base: blank(enrollment.learner, index, chunk.sessions.len() as u32),
        first: (index * world.contents_per_course()) as u32,
        ability: learner.ability,
        now: start,
        end: start,
        study: 0,
    };
    desk.login();
    for visit in &sitting.visits {
        let course = world.courses.get(index);
        if let Some(content) = course.and_then(|c| c.contents.get(visit.position)) {
            desk.visit(visit.position, content, visit.thorough);
        }
    }
    let (end, study) = (desk.end, desk.study);
    let rows = chunk.rows.get_mut(from..).unwrap_or_default();
    receive(rows, end, learner.offline, rng);
    let events = rows.len() as u32;
    enrollment.events += events;
    enrollment.sessions += 1;
    enrollment.study += study;
    enrollment.end = Some(end);
    chunk.sessions.push(Session {
        learner: enrollment.learner,
        number,
        course: index as u16,
        start,
        end,
        events,
        study,
    });
    end
}

impl Enrollment {
    fn new(world: &World, learner: u32, plan: Plan) -> Self {
        Self {
            learner,
            plan,
            outcome: None,
            end: None,
            events: 0,
            sessions: 0,
            study: 0,
            tries: vec![0; world.contents_per_course()],
        }
    }
}

fn blank(learner: u32, course: usize, session: u32) -> Row {
    Row {
        time: 0,
        learner,
        content: NONE,
        session,
        position: NONE,
        position_to: NONE,
        received: 0,
        course: course as u16,
        verb: Verb::LoggedIn,
        score: u8::MAX,
        attempt: 0,
    }
}

/// Whole units, exponential with the given mean.
fn exponential(mean: f64, rng: &mut ChaCha8Rng) -> i64 {
    let x: f64 = Exp1.sample(rng);
    (mean * x) as i64
}

/// When the events became known: at once, or when the phone was online again.
fn receive(rows: &mut [Row], end: i64, offline: bool, rng: &mut ChaCha8Rng) {
    let latency = rng.random_range(150..2000);
    let away = offline && rng.random::<f64>() < 0.4;
    let delay = match rng.random::<f64>() {
        days if days < 0.1 => rng.random_range(86_400..8 * 86_400),
        _ => exponential(3.0 * 3600.0, rng).min(86_400),
    };
    for row in rows {
        let since = if away {
            (end - row.time) / 1000 + delay * 1000
        } else {
            0
        };
        row.received = latency + since as u32;
    }
}

/// Outcome, end and the registration events of an enrollment.
///
/// Activity has whole milliseconds; registration has not, so the two never share an instant.
fn register(enrollment: &mut Enrollment, order: usize, rng: &mut ChaCha8Rng, rows: &mut Vec<Row>) {
    let plan = &enrollment.plan;
    let draw: f64 = rng.random();
    let withdraws = !plan.finishes && rng.random::<f64>() < 0.3;
    enrollment.outcome = match draw {
        _ if withdraws => Some("withdrawn"),
        d if plan.finishes && d < 0.05 => Some("fail"),
        d if plan.finishes && d < 0.2 => Some("distinction"),
        _ if plan.finishes => Some("pass"),
        d if d < 0.1 => None,
        _ => Some("fail"),
    };
    let known = enrollment.end.unwrap_or(plan.enrolled);
    let pause = (rng.random_range(0.2..7.0) * 86_400.0) as i64 * SECOND;
    enrollment.end = withdraws.then_some(known + pause);
    let base = blank(enrollment.learner, plan.course, NONE);
    let instants = [
        (Some(plan.enrolled), Verb::Enrolled),
        (enrollment.end, Verb::Unenrolled),
    ];
    for (time, verb) in instants
        .into_iter()
        .filter_map(|(time, verb)| Some((time?, verb)))
    {
        rows.push(Row {
            time: time + 1 + order as i64,
            received: 1000,
            verb,
            ..base
        });
        enrollment.events += 1;
    }
}
