//! What a learner watched of each medium: the one kernel behind completion and the video tables.
//!
//! Coverage is what the player's own played segments say where it tells them (the latest of each
//! session), else what lies between plays and stops. How much was watched in all, repeats
//! included, is the larger of both: a player may leave repeats out of its segments.

#![expect(
    clippy::indexing_slicing,
    reason = "sittings bound the stretches that were pushed for them"
)]

use super::playing::{Counts, Playing, Told};
use super::walk::Learner;
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

/// One learner's playback of one content.
#[derive(Debug)]
pub(crate) struct Film<'a> {
    pub(crate) item: u32,
    pub(crate) counts: Counts,
    /// Seconds; of the catalog, else the longest that the log tells.
    pub(crate) length: Option<f64>,
    /// Whether any position or segment was told.
    pub(crate) placed: bool,
    pub(crate) sittings: &'a [Sitting],
    stretches: &'a [Stretch],
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

    fn all_covered(&self) -> Vec<Stretch> {
        let covered = self.sittings.iter().flat_map(|s| self.covered(s));
        covered.copied().collect()
    }

    /// Distinct content seconds watched.
    pub(crate) fn distinct(&self) -> f64 {
        union(&mut self.all_covered())
    }

    /// The furthest second watched.
    pub(crate) fn furthest(&self) -> Option<f64> {
        self.all_covered().iter().map(|s| s.to).reduce(f64::max)
    }

    /// The share of the medium that was watched.
    pub(crate) fn coverage(&self) -> Option<f64> {
        self.length.map(|length| self.distinct() / length)
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

/// Working space, reused from learner to learner.
#[derive(Debug, Clone, Default)]
pub(crate) struct Watching {
    moments: Vec<Moment>,
    told: Vec<Told>,
    stretches: Vec<Stretch>,
    sittings: Vec<Sitting>,
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
    /// Calls `see` for each content with playback that is wanted, in the order of items.
    pub(crate) fn each(
        &mut self,
        learner: &Learner<'_>,
        medium: Medium<'_>,
        wanted: impl Fn(u32) -> bool,
        mut see: impl FnMut(&Film<'_>),
    ) {
        let moments = self.moments(learner, medium, wanted);
        for own in moments.chunk_by(|a, b| a.0 == b.0) {
            if is_playback(learner, own) {
                see(&self.film(learner, medium, own));
            }
        }
        self.moments = moments;
    }

    /// Calls `see` for each content that is wanted, once for each step at which more of its
    /// playback became known, with what was known by then. `step` tells when an event did.
    pub(crate) fn each_step(
        &mut self,
        learner: &Learner<'_>,
        medium: Medium<'_>,
        wanted: impl Fn(u32) -> bool,
        step: impl Fn(usize) -> usize,
        mut see: impl FnMut(&Film<'_>, usize),
    ) {
        let moments = self.moments(learner, medium, wanted);
        let (mut steps, mut known) = (Vec::new(), Vec::new());
        for own in moments.chunk_by(|a, b| a.0 == b.0) {
            steps.clear();
            steps.extend(own.iter().map(|(_, _, event)| step(*event)));
            steps.sort_unstable();
            steps.dedup();
            for at in &steps {
                known.clear();
                let earlier = own.iter().filter(|(_, _, event)| step(*event) <= *at);
                known.extend(earlier);
                if is_playback(learner, &known) {
                    see(&self.film(learner, medium, &known), *at);
                }
            }
        }
        self.moments = moments;
    }

    /// The events of playback of what is wanted, by item and session.
    fn moments(
        &mut self,
        learner: &Learner<'_>,
        medium: Medium<'_>,
        wanted: impl Fn(u32) -> bool,
    ) -> Vec<Moment> {
        let run = &learner.run;
        let mut moments = std::mem::take(&mut self.moments);
        moments.clear();
        if run.verb.is_none() && run.segments.is_none() {
            return moments; // nothing tells of playback
        }
        for (event, item) in run.item.iter().enumerate() {
            let content = medium.items.content[*item as usize];
            if content != NONE && concerns(learner, event) && wanted(*item) {
                let session = run.session.map_or(NONE, |s| s[event]);
                moments.push((*item, session, event));
            }
        }
        moments.sort_unstable();
        moments
    }

    fn film(&mut self, learner: &Learner<'_>, medium: Medium<'_>, own: &[Moment]) -> Film<'_> {
        self.stretches.clear();
        self.sittings.clear();
        let item = own[0].0;
        let length = length(learner, medium.items, own);
        let mut counts = Counts::default();
        let mut placed = false;
        for session in own.chunk_by(|a, b| a.1 == b.1) {
            let from = self.stretches.len();
            let told = self.told_of(learner, medium, session, length);
            let middle = self.stretches.len();
            self.play(learner, medium, session, length, &mut counts);
            placed |= told || self.told.iter().any(|t| !t.position.is_nan());
            self.sittings.push(Sitting {
                time: learner.run.time[session[0].2],
                from,
                middle,
                to: self.stretches.len(),
                told,
            });
        }
        self.sittings.sort_by_key(|sitting| sitting.time);
        Film {
            item,
            counts,
            length,
            placed,
            sittings: &self.sittings,
            stretches: &self.stretches,
        }
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
