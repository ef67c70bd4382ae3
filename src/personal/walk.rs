//! One pass over every learner's run: what was known at `as_of`, activity and registrations
//! apart, sessions and study time estimated once for all measures of the pass.

use std::ops::Range;

use memchr::memchr2;
use rayon::prelude::*;

use super::credits::Credits;
use super::estimator::StudyTime;
use super::shared::Shared;
use super::watching::{Medium, Open};
use crate::data::lanes::{NO_TIME, NO_WORD};
use crate::data::runs::{Partition, Run};
use crate::data::schema::Verb;
use crate::data::{Inner, Job, Resolution};
use crate::error::Result;

/// A block of the data has at least so many events,
const BLOCK: usize = 1 << 17;
/// and there are no more blocks than this.
const MOST_BLOCKS: usize = 64;

/// Being enrolled or unenrolled, as the log tells it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Registration {
    pub(crate) item: u32,
    pub(crate) enrolled: bool,
    pub(crate) count: u32,
    pub(crate) time: i64,
    /// When it became known.
    pub(crate) known: i64,
}

/// One learner as a measure sees her.
pub(crate) struct Learner<'a> {
    pub(crate) id: u32,
    /// Her activity known at `as_of`, in order.
    pub(crate) run: Run<'a>,
    pub(crate) registrations: &'a [Registration],
    /// Empty under day resolution.
    pub(crate) credits: &'a Credits,
    /// What several measures want to know of her.
    pub(crate) shared: &'a Shared,
}

impl Learner<'_> {
    /// What the learner did in an event; logs without verbs only say that she interacted.
    pub(crate) fn verb(&self, event: usize) -> Verb {
        verb_of(self.run.verb, event)
    }

    /// How many interactions an event stands for.
    pub(crate) fn count(&self, event: usize) -> u32 {
        count_of(self.run.count, event)
    }
}

fn verb_of(verbs: Option<&[u8]>, event: usize) -> Verb {
    let code = verbs.and_then(|verbs| verbs.get(event)).copied();
    let verb = Verb::ALL.get(usize::from(code.unwrap_or(NO_WORD)));
    verb.copied().unwrap_or(Verb::Interacted)
}

fn count_of(counts: Option<&[u32]>, event: usize) -> u32 {
    counts
        .and_then(|counts| counts.get(event))
        .copied()
        .unwrap_or(1)
}

/// What to walk over, and until when.
pub(crate) struct Walk<'a> {
    pub(crate) data: &'a Inner,
    pub(crate) as_of: i64,
    pub(crate) rule: &'a StudyTime,
    /// One learner instead of all.
    pub(crate) only: Option<u32>,
    pub(crate) job: Option<&'a Job>,
}

impl Walk<'_> {
    /// Whether sessions and study time can be had.
    pub(crate) fn has_minutes(&self) -> bool {
        self.data.resolution == Resolution::Instant
    }

    /// What the measures of watching need to know.
    pub(crate) fn medium(&self, open: Open) -> Medium<'_> {
        Medium {
            items: &self.data.items,
            segments: &self.data.segments,
            open,
            clock: self.has_minutes(),
        }
    }

    /// Lets a measure visit every learner in the order of their ids. `start` makes the measure's
    /// working space; what `visit` appends comes back in order.
    ///
    /// # Errors
    /// [`crate::Error::Cancelled`] if the job is stopped.
    pub(crate) fn each<S, T, Start, Visit>(&self, start: Start, visit: Visit) -> Result<Vec<T>>
    where
        T: Send,
        Start: Fn() -> S + Send + Sync,
        Visit: Fn(&mut S, &Learner<'_>, &mut Vec<T>) + Send + Sync,
    {
        let blocks = self.by_block(
            || (start(), Vec::new()),
            |(state, out), learner| visit(state, learner, out),
            |(_, out)| Ok(std::mem::take(out)),
        )?;
        let mut all = Vec::with_capacity(blocks.iter().map(Vec::len).sum());
        for block in blocks {
            all.extend(block);
        }
        Ok(all)
    }

    /// What `take` takes from a worker's space after each block of the data, in order. How the
    /// data is divided into blocks depends on the data alone.
    ///
    /// # Errors
    /// [`crate::Error::Cancelled`] if the job is stopped.
    pub(crate) fn by_block<S, P, Start, Visit, Take>(
        &self,
        start: Start,
        visit: Visit,
        take: Take,
    ) -> Result<Vec<P>>
    where
        P: Send,
        Start: Fn() -> S + Send + Sync,
        Visit: Fn(&mut S, &Learner<'_>) + Send + Sync,
        Take: Fn(&mut S) -> Result<P> + Send + Sync,
    {
        let fresh = || (start(), Space::default());
        if let Some(learner) = self.only {
            let (mut state, mut space) = fresh();
            if let Some(run) = self.data.run_of(learner) {
                self.meet(learner, &run, &mut space, &mut state, &visit);
            }
            return Ok(vec![take(&mut state)?]);
        }
        let blocks = blocks(&self.data.partitions);
        if let Some(job) = self.job {
            job.expect(self.data.partitions.iter().map(|p| p.time.len()).sum());
        }
        let share = blocks.len() / (4 * rayon::current_num_threads()).max(1);
        blocks
            .par_iter()
            .with_min_len(share.max(1))
            .map_init(fresh, |(state, space), block| {
                for partition in *block {
                    for (learner, run) in partition.runs() {
                        self.meet(learner, &run, space, state, &visit);
                    }
                    if let Some(job) = self.job {
                        job.advance(partition.time.len())?;
                    }
                }
                take(state)
            })
            .collect()
    }

    fn meet<S>(
        &self,
        id: u32,
        run: &Run<'_>,
        space: &mut Space,
        state: &mut S,
        visit: &impl Fn(&mut S, &Learner<'_>),
    ) {
        let known = run.time.partition_point(|time| *time <= self.as_of);
        let run = part(run, &(0..known));
        let Space {
            buffer,
            registrations,
            credits,
            shared,
        } = space;
        shared.forget();
        let run = buffer.activity(run, self.as_of, registrations);
        if self.has_minutes() {
            credits.estimate(&run, self.rule, &self.data.items);
        }
        let learner = Learner {
            id,
            run,
            registrations,
            credits,
            shared,
        };
        visit(state, &learner);
    }
}

/// Neighbouring partitions that are walked together: enough events to be worth a table of their
/// own, and blocks for as many workers as there may be.
fn blocks(partitions: &[Partition]) -> Vec<&[Partition]> {
    let events: usize = partitions.iter().map(|p| p.time.len()).sum();
    let enough = (events / MOST_BLOCKS).max(BLOCK);
    let mut all = Vec::new();
    let (mut rest, mut taken, mut held) = (partitions, 0, 0);
    for partition in partitions {
        taken += 1;
        held += partition.time.len();
        if held >= enough
            && let Some((block, later)) = rest.split_at_checked(taken)
        {
            all.push(block);
            (rest, taken, held) = (later, 0, 0);
        }
    }
    if !rest.is_empty() {
        all.push(rest);
    }
    all
}

/// Neighbouring events of a run.
fn part<'a>(run: &Run<'a>, events: &Range<usize>) -> Run<'a> {
    fn of<'a, T>(values: Option<&'a [T]>, events: &Range<usize>) -> Option<&'a [T]> {
        values.and_then(|values| values.get(events.clone()))
    }
    Run {
        time: run.time.get(events.clone()).unwrap_or(run.time),
        item: run.item.get(events.clone()).unwrap_or(run.item),
        verb: of(run.verb, events),
        session: of(run.session, events),
        duration: of(run.duration, events),
        position: of(run.position, events),
        position_to: of(run.position_to, events),
        speed: of(run.speed, events),
        length: of(run.length, events),
        segments: of(run.segments, events),
        score: of(run.score, events),
        success: of(run.success, events),
        attempt: of(run.attempt, events),
        response: of(run.response, events),
        count: of(run.count, events),
        received: of(run.received, events),
    }
}

/// Working space that is reused from learner to learner.
#[derive(Default)]
struct Space {
    buffer: Buffer,
    registrations: Vec<Registration>,
    credits: Credits,
    shared: Shared,
}

/// Room for a run without some of its events.
#[derive(Default)]
struct Buffer {
    /// The events that are kept, stretch by stretch.
    keep: Vec<Range<usize>>,
    time: Vec<i64>,
    item: Vec<u32>,
    verb: Vec<u8>,
    session: Vec<u32>,
    duration: Vec<i64>,
    position: Vec<f64>,
    position_to: Vec<f64>,
    speed: Vec<f64>,
    length: Vec<f64>,
    segments: Vec<u32>,
    score: Vec<f64>,
    success: Vec<u8>,
    attempt: Vec<u32>,
    response: Vec<u32>,
    count: Vec<u32>,
    received: Vec<i64>,
}

impl Buffer {
    /// The activity of a run that was received by `as_of`; registrations go to their own list.
    fn activity<'a>(
        &'a mut self,
        run: Run<'a>,
        as_of: i64,
        registrations: &mut Vec<Registration>,
    ) -> Run<'a> {
        registrations.clear();
        let late = |event: usize| {
            let received = run.received.and_then(|r| r.get(event)).copied();
            received.is_some_and(|r| r != NO_TIME && r > as_of)
        };
        let registers =
            |verbs: &[u8]| memchr2(Verb::Enrolled as u8, Verb::Unenrolled as u8, verbs).is_some();
        let all_known = run.received.is_none_or(|r| r.iter().all(|r| *r <= as_of));
        if all_known && !run.verb.is_some_and(registers) {
            return run;
        }
        self.keep.clear();
        let mut from = 0;
        for event in 0..run.time.len() {
            let late = !all_known && late(event);
            let verb = verb_of(run.verb, event);
            if !late && !verb.is_registration() {
                continue;
            }
            if !late {
                let time = run.time.get(event).copied().unwrap_or(NO_TIME);
                let received = run.received.and_then(|r| r.get(event)).copied();
                registrations.push(Registration {
                    item: run.item.get(event).copied().unwrap_or(u32::MAX),
                    enrolled: verb == Verb::Enrolled,
                    count: count_of(run.count, event),
                    time,
                    known: time.max(received.unwrap_or(time)),
                });
            }
            self.keep.push(from..event);
            from = event + 1;
        }
        self.keep.push(from..run.time.len());
        self.keep.retain(|events| !events.is_empty());
        let keep = self.keep.as_slice();
        if let [events] = keep {
            return part(&run, events); // she enrolled before, or left after, all else
        }
        Run {
            time: fill(&mut self.time, run.time, keep),
            item: fill(&mut self.item, run.item, keep),
            verb: run.verb.map(|v| fill(&mut self.verb, v, keep)),
            session: run.session.map(|v| fill(&mut self.session, v, keep)),
            duration: run.duration.map(|v| fill(&mut self.duration, v, keep)),
            position: run.position.map(|v| fill(&mut self.position, v, keep)),
            position_to: run
                .position_to
                .map(|v| fill(&mut self.position_to, v, keep)),
            speed: run.speed.map(|v| fill(&mut self.speed, v, keep)),
            length: run.length.map(|v| fill(&mut self.length, v, keep)),
            segments: run.segments.map(|v| fill(&mut self.segments, v, keep)),
            score: run.score.map(|v| fill(&mut self.score, v, keep)),
            success: run.success.map(|v| fill(&mut self.success, v, keep)),
            attempt: run.attempt.map(|v| fill(&mut self.attempt, v, keep)),
            response: run.response.map(|v| fill(&mut self.response, v, keep)),
            count: run.count.map(|v| fill(&mut self.count, v, keep)),
            received: run.received.map(|v| fill(&mut self.received, v, keep)),
        }
    }
}

/// The kept values of a column.
fn fill<'b, T: Copy>(to: &'b mut Vec<T>, from: &[T], keep: &[Range<usize>]) -> &'b [T] {
    to.clear();
    for events in keep {
        to.extend_from_slice(from.get(events.clone()).unwrap_or(&[]));
    }
    to
}
