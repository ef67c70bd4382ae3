//! What a learner watched of each medium: the one kernel behind completion and the video tables.
//!
//! Coverage is what the player's own played segments say where it tells them (the latest of each
//! session), else what lies between plays and stops. How much was watched in all, repeats
//! included, is the larger of both: a player may leave repeats out of its segments.

#![expect(
    clippy::indexing_slicing,
    reason = "sittings bound the stretches that were pushed for them"
)]

use std::ops::{Deref, Range};

use super::playing::{Counts, Playing, Told};
use super::walk::{Learner, Walk};
use crate::data::catalog::Items;
use crate::data::ids::NONE;
use crate::data::schema::Verb;
use crate::data::segments::Segments;

/// The share of a medium that must have been watched to complete it.
pub(crate) const WATCHED: f64 = 0.95;

/// What becomes of plays that nothing closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Open {
    /// Nothing of them was watched; they are counted.
    #[default]
    Drop,
    /// They ran until the learner's next event (half an hour at most) or the end of the medium.
    Impute,
}

/// Content time from a second to a second.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Stretch {
    pub(crate) from: f64,
    pub(crate) to: f64,
}

impl Stretch {
    /// What lies within the medium, if any.
    pub(super) fn within(self, length: Option<f64>) -> Option<Self> {
        let from = self.from.max(0.0);
        let to = length.map_or(self.to, |length| self.to.min(length));
        (to > from).then_some(Self { from, to })
    }

    fn seconds(self) -> f64 {
        self.to - self.from
    }
}

/// One viewing of a film: a session of the log; without sessions, all of it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Sitting {
    /// When it began.
    pub(crate) time: i64,
    from: usize,
    /// What the player told ends here; what lies between plays and stops follows.
    middle: usize,
    to: usize,
    told: bool,
}

/// One learner's playback of one content, but for its sittings.
#[derive(Debug, Clone)]
pub(crate) struct Reel {
    pub(crate) item: u32,
    pub(crate) counts: Counts,
    /// Seconds; of the catalog, else the longest that the log tells.
    pub(crate) length: Option<f64>,
    /// Whether any position or segment was told.
    pub(crate) placed: bool,
    /// Distinct content seconds watched.
    pub(crate) distinct: f64,
    /// The furthest second watched.
    pub(crate) furthest: Option<f64>,
    sittings: Range<usize>,
    /// The events that tell of it.
    moments: Range<usize>,
}

/// One learner's playback of one content.
#[derive(Debug)]
pub(crate) struct Film<'a> {
    reel: &'a Reel,
    pub(crate) sittings: &'a [Sitting],
    stretches: &'a [Stretch],
}

impl Deref for Film<'_> {
    type Target = Reel;

    fn deref(&self) -> &Reel {
        self.reel
    }
}

impl Sitting {
    /// Whether the player told what was covered.
    pub(crate) fn is_told(&self) -> bool {
        self.told
    }
}

impl Film<'_> {
    /// What was covered in a sitting, in no order.
    pub(crate) fn covered(&self, sitting: &Sitting) -> &[Stretch] {
        let to = if sitting.told {
            sitting.middle
        } else {
            sitting.to
        };
        &self.stretches[sitting.from..to]
    }

    /// What lies between plays and stops.
    pub(crate) fn played(&self, sitting: &Sitting) -> &[Stretch] {
        &self.stretches[sitting.middle..sitting.to]
    }

    /// Whether it is known how much was watched, be it nothing: plays that nothing closed, and
    /// stops of plays that are not in the log, leave it open.
    pub(crate) fn known(&self) -> bool {
        let closed = self.counts.plays > 0 && self.counts.open == 0;
        let mut sittings = self.sittings.iter();
        self.placed && (closed || sittings.any(|s| s.told || s.to > s.from))
    }

    /// Content seconds watched, repeats included.
    pub(crate) fn watch_time(&self) -> f64 {
        let sum = |stretches: &[Stretch]| stretches.iter().map(|s| s.seconds()).sum::<f64>();
        let most = |s: &Sitting| sum(self.covered(s)).max(sum(self.played(s)));
        self.sittings.iter().map(most).sum()
    }

    /// The share of the medium that was watched.
    pub(crate) fn coverage(&self) -> Option<f64> {
        self.length.map(|length| self.distinct / length)
    }

    /// Whether enough of it was watched to complete it.
    pub(crate) fn is_watched(&self) -> bool {
        self.coverage().is_some_and(|share| share >= WATCHED)
    }
}

/// The length of the union of stretches.
pub(crate) fn union(stretches: &mut [Stretch]) -> f64 {
    stretches.sort_by(|a, b| a.from.total_cmp(&b.from).then(a.to.total_cmp(&b.to)));
    let (mut total, mut covered) = (0.0, 0.0_f64);
    for stretch in stretches {
        let from = stretch.from.max(covered);
        if stretch.to > from {
            total += stretch.to - from;
            covered = stretch.to;
        }
    }
    total
}

/// One event of playback: item, session, place in the run.
type Moment = (u32, u32, usize);

/// The films of a learner, and working space that is reused from learner to learner.
#[derive(Debug, Default)]
pub(crate) struct Watching {
    moments: Vec<Moment>,
    reels: Vec<Reel>,
    sittings: Vec<Sitting>,
    stretches: Vec<Stretch>,
    told: Vec<Told>,
    covered: Vec<Stretch>,
}

/// What does not change from learner to learner.
#[derive(Clone, Copy)]
pub(crate) struct Medium<'a> {
    pub(crate) items: &'a Items,
    pub(crate) segments: &'a Segments,
    pub(crate) open: Open,
    /// Whether times tell how long something ran.
    pub(crate) clock: bool,
}

impl Watching {
    /// Puts together what a learner watched.
    pub(crate) fn fill(&mut self, learner: &Learner<'_>, medium: Medium<'_>) {
        self.clear();
        self.moments.clear();
        find(learner, medium, &mut self.moments);
        let moments = std::mem::take(&mut self.moments);
        let mut from = 0;
        for own in moments.chunk_by(|a, b| a.0 == b.0) {
            self.film(learner, medium, own, from);
            from += own.len();
        }
        self.moments = moments;
    }

    /// The contents with playback, in the order of items.
    pub(crate) fn films(&self) -> impl Iterator<Item = Film<'_>> {
        self.reels.iter().map(|reel| Film {
            reel,
            sittings: &self.sittings[reel.sittings.clone()],
            stretches: &self.stretches,
        })
    }

    fn clear(&mut self) {
        self.reels.clear();
        self.sittings.clear();
        self.stretches.clear();
    }

    /// Puts one content together, unless its events only tell of a medium that has playback.
    fn film(&mut self, learner: &Learner<'_>, medium: Medium<'_>, own: &[Moment], from: usize) {
        if !is_playback(learner, own) {
            return;
        }
        let item = own[0].0;
        let length = length(learner, medium.items, own);
        let mut counts = Counts::default();
        let mut placed = false;
        let first = self.sittings.len();
        self.covered.clear();
        for session in own.chunk_by(|a, b| a.1 == b.1) {
            let from = self.stretches.len();
            let told = self.told_of(learner, medium, session, length);
            let middle = self.stretches.len();
            self.play(learner, medium, session, length, &mut counts);
            let to = self.stretches.len();
            placed |= told || self.told.iter().any(|t| !t.position.is_nan());
            let covered = from..if told { middle } else { to };
            self.covered.extend_from_slice(&self.stretches[covered]);
            self.sittings.push(Sitting {
                time: learner.run.time[session[0].2],
                from,
                middle,
                to,
                told,
            });
        }
        self.sittings[first..].sort_by_key(|sitting| sitting.time);
        let furthest = self.covered.iter().map(|s| s.to).reduce(f64::max);
        self.reels.push(Reel {
            item,
            counts,
            length,
            placed,
            distinct: union(&mut self.covered),
            furthest,
            sittings: first..self.sittings.len(),
            moments: from..from + own.len(),
        });
    }

    /// Takes over the latest segments of a sitting; whether there are any.
    fn told_of(
        &mut self,
        learner: &Learner<'_>,
        medium: Medium<'_>,
        sitting: &[Moment],
        length: Option<f64>,
    ) -> bool {
        let Some(codes) = learner.run.segments else {
            return false;
        };
        let mut told = sitting.iter().rev().map(|(_, _, event)| codes[*event]);
        let latest = told.find_map(|code| medium.segments.get(code));
        let stretches = latest.unwrap_or_default().iter();
        let within = stretches.filter_map(|(from, to)| {
            let (from, to) = (*from, *to);
            Stretch { from, to }.within(length)
        });
        self.stretches.extend(within);
        latest.is_some()
    }

    /// Runs one sitting's events.
    fn play(
        &mut self,
        learner: &Learner<'_>,
        medium: Medium<'_>,
        sitting: &[Moment],
        length: Option<f64>,
        counts: &mut Counts,
    ) {
        let run = &learner.run;
        let number = |lane: Option<&[f64]>, event: usize| lane.map_or(f64::NAN, |lane| lane[event]);
        self.told.clear();
        self.told.extend(sitting.iter().map(|(_, _, event)| {
            let gap = run.time.get(event + 1).filter(|_| medium.clock);
            Told {
                verb: learner.verb(*event),
                time: if medium.clock { run.time[*event] } else { 0 },
                position: number(run.position, *event),
                position_to: number(run.position_to, *event),
                speed: number(run.speed, *event),
                gap: gap.map_or(f64::NAN, |next| (next - run.time[*event]) as f64 / 1e6),
            }
        }));
        let mut playing = Playing::new(&mut self.stretches, counts, medium.open, length);
        if medium.clock {
            for instant in self.told.chunk_by(|a, b| a.time == b.time) {
                playing.instant(instant);
            }
        } else {
            for told in &self.told {
                playing.instant(std::slice::from_ref(told));
            }
        }
        playing.finish();
    }
}

/// The events of playback, by item and session.
fn find(learner: &Learner<'_>, medium: Medium<'_>, moments: &mut Vec<Moment>) {
    let run = &learner.run;
    if run.verb.is_none() && run.segments.is_none() {
        return; // nothing tells of playback
    }
    for (event, item) in run.item.iter().enumerate() {
        if concerns(learner, event) && medium.items.content[*item as usize] != NONE {
            moments.push((*item, run.session.map_or(NONE, |s| s[event]), event));
        }
    }
    moments.sort_unstable();
}

/// Working space to look at films as they were known at steps of time.
#[derive(Debug, Default)]
pub(crate) struct Stepping {
    steps: Vec<usize>,
    known: Vec<Moment>,
    then: Watching,
}

impl Stepping {
    /// Calls `see` for each film that is wanted, once for each step at which more of its playback
    /// became known, with what was known by then. `step` tells when an event did.
    pub(crate) fn each(
        &mut self,
        walk: &Walk<'_>,
        learner: &Learner<'_>,
        wanted: impl Fn(u32) -> bool,
        step: impl Fn(usize) -> usize,
        mut see: impl FnMut(&Film<'_>, usize),
    ) {
        let now = learner.films(walk);
        for film in now.films().filter(|film| wanted(film.item)) {
            let own = &now.moments[film.moments.clone()];
            self.steps.clear();
            self.steps
                .extend(own.iter().map(|(_, _, event)| step(*event)));
            self.steps.sort_unstable();
            self.steps.dedup();
            if let [at] = *self.steps {
                see(&film, at);
                continue;
            }
            for at in &self.steps {
                self.known.clear();
                let earlier = own.iter().filter(|(_, _, event)| step(*event) <= *at);
                self.known.extend(earlier);
                self.then.clear();
                self.then
                    .film(learner, walk.medium(Open::Drop), &self.known, 0);
                self.then.films().for_each(|film| see(&film, *at));
            }
        }
    }
}

/// Whether events tell of playback, not only of a medium that has some.
fn is_playback(learner: &Learner<'_>, own: &[Moment]) -> bool {
    own.iter().any(|(_, _, event)| {
        let told = learner.run.segments.is_some_and(|s| s[*event] != NONE);
        let verb = learner.verb(*event);
        told || matches!(verb, Verb::Played | Verb::Paused | Verb::Seeked)
    })
}

/// Whether an event tells anything of playing.
fn concerns(learner: &Learner<'_>, event: usize) -> bool {
    let run = &learner.run;
    let number = |lane: Option<&[f64]>| lane.is_some_and(|lane| !lane[event].is_nan());
    let playback = matches!(
        learner.verb(event),
        Verb::Played
            | Verb::Paused
            | Verb::Seeked
            | Verb::Ended
            | Verb::Completed
            | Verb::Terminated
    );
    let told = || run.segments.is_some_and(|segments| segments[event] != NONE);
    playback || told() || number(run.speed) || number(run.length)
}

/// The catalog's length of an item, else the longest that the learner's events tell.
fn length(learner: &Learner<'_>, items: &Items, own: &[Moment]) -> Option<f64> {
    let entry = items.get(own[0].0).and_then(|entry| entry.length);
    let told = || {
        let lengths = learner.run.length?;
        let lengths = own.iter().map(|(_, _, event)| lengths[*event]);
        lengths.filter(|length| !length.is_nan()).reduce(f64::max)
    };
    entry.or_else(told).filter(|length| *length > 0.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn watching_twice_is_watching_once() {
        let stretch = |from, to| Stretch { from, to };
        let mut stretches = [
            stretch(80.0, 100.0),
            stretch(30.0, 50.0),
            stretch(0.0, 60.0),
        ];
        assert!((union(&mut stretches) - 80.0).abs() < 1e-12);
        assert_eq!(
            stretch(-3.0, 130.0).within(Some(100.0)),
            Some(stretch(0.0, 100.0))
        );
        assert_eq!(stretch(100.0, 130.0).within(Some(100.0)), None);
    }
}
