//! A learner's attempts at each content, put together from the events that speak of them.
//!
//! 1. Events that state the same attempt number of a content are one attempt.
//! 2. Without a number, `attempted`, `answered` and `submitted` are the steps of an attempt, in
//!    this order. A step that comes no later in it than the last one, or after a result, opens the
//!    next attempt. In a log without verbs an event with a score or a success is `answered`.
//! 3. `graded`, `passed`, `failed`, and `completed` with a score or a success, are results. A result
//!    belongs to the latest attempt handed in; if that has a result already, to the attempt under
//!    way; without one it replaces the earlier result. A result of work that the log does not show
//!    is an attempt by itself, and so is every further `passed` or `failed` of that kind.
//!
//! Score, success and response of an attempt are the last ones stated in it.

#![expect(
    clippy::indexing_slicing,
    reason = "items index arrays made for all of them, and places come from the attempts themselves"
)]

use foldhash::fast::RandomState;
use hashbrown::HashMap;

use super::walk::Learner;
use crate::data::ids::NONE;
use crate::data::lanes::NO_WORD;
use crate::data::runs::Run;
use crate::data::schema::Verb;

/// How far the work of an attempt has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Stage {
    /// The log shows no work, only a result.
    Unseen,
    Attempted,
    Answered,
    Submitted,
}

/// What an event means to an attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Act {
    Work(Stage),
    Grade,
    Verdict(bool),
}

/// One attempt of a learner at a content.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Attempt {
    pub(crate) item: u32,
    /// When it began: its first event.
    pub(crate) opened: i64,
    /// Its last step of work; its first result where the log shows no work.
    pub(crate) handed: i64,
    pub(crate) score: Option<f64>,
    pub(crate) success: Option<bool>,
    /// Dense response, or [`NONE`].
    pub(crate) response: u32,
    stage: Stage,
    /// It has a result.
    closed: bool,
    /// One of its results is `passed` or `failed`.
    judged: bool,
}

impl Attempt {
    fn new(item: u32, time: i64) -> Self {
        Self {
            item,
            opened: time,
            handed: time,
            score: None,
            success: None,
            response: NONE,
            stage: Stage::Unseen,
            closed: false,
            judged: false,
        }
    }

    /// Whether there is more of it than its opening: an answer or what came of it.
    pub(crate) fn handed_in(&self) -> bool {
        let judged = self.closed || self.score.is_some() || self.success.is_some();
        judged || self.stage > Stage::Attempted
    }

    /// Whether it was right; `None` if that cannot be known.
    ///
    /// A stated success decides, or a score of at least the pass mark; without a pass mark full
    /// marks are right and no marks are wrong under every one. What was opened and never handed
    /// in is not right.
    pub(crate) fn correct(&self, pass_mark: Option<f64>) -> Option<bool> {
        match (self.success, self.score, pass_mark) {
            (Some(true), ..) => Some(true),
            (_, Some(score), Some(mark)) => Some(score >= mark),
            (Some(false), ..) => Some(false),
            (None, Some(score), None) if score >= 1.0 => Some(true),
            (None, Some(score), None) if score <= 0.0 => Some(false),
            (None, None, _) if self.stage == Stage::Attempted && !self.closed => Some(false),
            _ => None,
        }
    }
}

/// What one event says.
#[derive(Debug, Clone, Copy)]
struct Told {
    item: u32,
    time: i64,
    act: Act,
    /// The attempt's number, or [`NONE`].
    number: u32,
    score: Option<f64>,
    success: Option<bool>,
    response: u32,
}

/// Where a learner stands with an item; holds for one gathering.
#[derive(Debug, Clone, Copy, Default)]
struct Place {
    gathering: u64,
    /// The attempt last worked at.
    current: u32,
    /// The attempt last handed in, or [`NONE`].
    handed: u32,
}

/// The attempts of one learner; reused from learner to learner.
#[derive(Debug, Default)]
pub(crate) struct Attempts {
    /// Once gathered, by item (courses in order, then contents), then as they were opened.
    pub(crate) all: Vec<Attempt>,
    places: Vec<Place>,
    /// The number of the gathering under way.
    gathering: u64,
    numbered: HashMap<(u32, u32), u32, RandomState>,
}

impl Attempts {
    /// Puts a learner's attempts at so many items together.
    pub(crate) fn gather(&mut self, learner: &Learner<'_>, items: usize) {
        self.begin(items);
        if !told(&learner.run) {
            return;
        }
        for event in 0..learner.run.time.len() {
            self.tell(learner, event);
        }
        self.all.sort_by_key(|attempt| attempt.item);
    }

    /// Makes ready for another learner, or for the same one as she was known at another time.
    pub(crate) fn begin(&mut self, items: usize) {
        self.all.clear();
        self.places.resize(items, Place::default());
        self.gathering += 1;
        self.numbered.clear();
    }

    /// Takes a learner's next event in; the place of the attempt it speaks of, if of any.
    pub(crate) fn tell(&mut self, learner: &Learner<'_>, event: usize) -> Option<u32> {
        let verb = learner.verb(event);
        if !speaks(verb) {
            return None;
        }
        let run = &learner.run;
        let score = run.score.map(|s| s[event]).filter(|s| !s.is_nan());
        let success = run.success.map_or(NO_WORD, |s| s[event]);
        let success = (success != NO_WORD).then_some(success != 0);
        let stated = score.is_some() || success.is_some();
        let untold = run.verb.is_none_or(|verbs| verbs[event] == NO_WORD);
        let act = act(verb, untold, stated)?;
        let told = Told {
            item: run.item[event],
            time: run.time[event],
            act,
            number: run.attempt.map_or(NONE, |a| a[event]),
            score,
            success,
            response: run.response.map_or(NONE, |r| r[event]),
        };
        Some(self.add(told))
    }

    fn add(&mut self, told: Told) -> u32 {
        let place = &mut self.places[told.item as usize];
        if place.gathering != self.gathering {
            *place = Place {
                gathering: self.gathering,
                current: NONE,
                handed: NONE,
            };
        }
        let known = match told.number {
            NONE => self.unnumbered(told),
            number => self.numbered.get(&(told.item, number)).copied(),
        };
        let at = known.unwrap_or_else(|| {
            self.all.push(Attempt::new(told.item, told.time));
            u32::try_from(self.all.len() - 1).unwrap_or(NONE)
        });
        if told.number != NONE {
            self.numbered.insert((told.item, told.number), at);
        }
        let attempt = &mut self.all[at as usize];
        let place = &mut self.places[told.item as usize];
        match told.act {
            Act::Work(stage) => {
                attempt.stage = attempt.stage.max(stage);
                attempt.handed = told.time;
                place.current = at;
                if stage > Stage::Attempted {
                    place.handed = at;
                }
            }
            Act::Grade | Act::Verdict(_) => {
                attempt.closed = true;
                place.handed = at;
                if place.current == NONE {
                    place.current = at;
                }
            }
        }
        attempt.score = told.score.or(attempt.score);
        attempt.success = told.success.or(attempt.success);
        if let Act::Verdict(passed) = told.act {
            attempt.judged = true;
            attempt.success = Some(passed);
        }
        if told.response != NONE {
            attempt.response = told.response;
        }
        at
    }

    /// The attempt that an event without a number belongs to; `None` for a new one.
    fn unnumbered(&self, told: Told) -> Option<u32> {
        let place = self.places[told.item as usize];
        let attempt = |at: u32| self.all.get(at as usize).map(|attempt| (at, attempt));
        let (current, handed) = (attempt(place.current), attempt(place.handed));
        if let Act::Work(stage) = told.act {
            let (at, under_way) = current?;
            let next = under_way.stage != Stage::Unseen && under_way.stage < stage;
            return (next && !under_way.closed).then_some(at);
        }
        let open = |found: &(u32, &Attempt)| !found.1.closed;
        let (at, attempt) = handed.filter(open).or(current.filter(open)).or(handed)?;
        let again = matches!(told.act, Act::Verdict(_)) && attempt.judged;
        (attempt.stage != Stage::Unseen || !again).then_some(at)
    }
}

/// Whether a log tells of attempts at all.
pub(crate) fn told(run: &Run<'_>) -> bool {
    run.verb.is_some() || run.score.is_some() || run.success.is_some()
}

/// The attempts at one item after the other.
pub(crate) fn by_item(all: &[Attempt]) -> impl Iterator<Item = &[Attempt]> {
    all.chunk_by(|a, b| a.item == b.item)
}

/// Whether a verb may mean anything to an attempt.
fn speaks(verb: Verb) -> bool {
    matches!(
        verb,
        Verb::Attempted
            | Verb::Answered
            | Verb::Submitted
            | Verb::Graded
            | Verb::Completed
            | Verb::Passed
            | Verb::Failed
            | Verb::Interacted
    )
}

/// What a verb means to an attempt.
fn act(verb: Verb, untold: bool, stated: bool) -> Option<Act> {
    Some(match verb {
        Verb::Attempted => Act::Work(Stage::Attempted),
        Verb::Answered => Act::Work(Stage::Answered),
        Verb::Submitted => Act::Work(Stage::Submitted),
        Verb::Graded => Act::Grade,
        Verb::Completed if stated => Act::Grade,
        Verb::Passed => Act::Verdict(true),
        Verb::Failed => Act::Verdict(false),
        Verb::Interacted if untold && stated => Act::Work(Stage::Answered),
        _ => return None,
    })
}

#[cfg(test)]
mod tests;
