//! Sessions and study time of one learner (METRICS: sessions and study time).
//!
//! With instants `t1 <= ... <= tn` and gaps `g_i = t_(i+1) - t_i`, a session is a maximal run of
//! events whose gaps are all at most `gap`; event `i` is credited with `g_i` within a session.

#![expect(
    clippy::indexing_slicing,
    reason = "all vectors have one entry per event of the run, and spans lie within it"
)]

use super::estimator::{AttributeTo, Credit, Estimator, Measured, Sessions, StudyTime};
use crate::data::catalog::Items;
use crate::data::ids::NONE;
use crate::data::lanes::NO_TIME;
use crate::data::runs::Run;
use crate::data::schema::Kind;

/// A counted session: its first event, the one after its last, and its study time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Session {
    pub(crate) from: usize,
    pub(crate) to: usize,
    pub(crate) study_time: i64,
}

/// What each event of a run is credited with. Reused from learner to learner.
#[derive(Debug, Default)]
pub(crate) struct Credits {
    /// Credited microseconds of each event.
    pub(crate) length: Vec<i64>,
    /// When the credited time begins; empty where it is the event's own time.
    start: Vec<i64>,
    /// The counted session of each event, from 0; [`NONE`] in uncounted ones.
    pub(crate) session: Vec<u32>,
    pub(crate) sessions: Vec<Session>,
    /// Events credited to the next event's content; empty under `Preceding`.
    following: Vec<bool>,
    /// All of each session is credited, and nothing else.
    unbroken: bool,
    gaps: Vec<(Option<Kind>, i64)>,
    /// The last ping of each content in the session under way.
    beats: hashbrown::HashMap<u32, i64, foldhash::fast::RandomState>,
}

impl Credits {
    /// When the time credited to an event begins.
    pub(crate) fn start(&self, run: &Run<'_>, event: usize) -> i64 {
        self.start.get(event).copied().unwrap_or(run.time[event])
    }

    /// Calls `piece` with each stretch of credited time, whosever content it belongs to.
    pub(crate) fn pieces(&self, run: &Run<'_>, mut piece: impl FnMut(i64, i64)) {
        if self.unbroken {
            for session in &self.sessions {
                piece(run.time[session.from], run.time[session.to - 1]);
            }
            return;
        }
        for (event, length) in self.length.iter().enumerate() {
            let from = self.start(run, event);
            piece(from, from + length);
        }
    }

    /// The event whose content the time belongs to.
    pub(crate) fn owner(&self, event: usize) -> usize {
        event + usize::from(self.following.get(event).copied().unwrap_or(false))
    }

    /// Estimates a learner's sessions and study time from her activity.
    pub(crate) fn estimate(&mut self, run: &Run<'_>, rule: &StudyTime, items: &Items) {
        let n = run.time.len();
        self.length.clear();
        self.start.clear();
        self.session.clear();
        self.sessions.clear();
        self.following.clear();
        self.unbroken = false;
        if n == 0 {
            return;
        }
        if let Estimator::Heartbeat { every, min_visit } = rule.estimator {
            self.heartbeat(run, rule, items, every, min_visit);
            return;
        }
        if plain(run, rule) {
            self.gaps_alone(run, rule.gap);
            return;
        }
        let given = run.session.filter(|_| rule.sessions != Sessions::Gap);
        let measured = run.duration.filter(|_| rule.measured != Measured::Ignore);
        let medians = self.medians(run, rule, given, items);
        let credit = |which: &Credit, event: usize| match which {
            Credit::Nothing => 0,
            Credit::Fixed(span) => *span,
            Credit::Median => medians.of(items.kind(run.item[event])),
            Credit::Table(kinds) => {
                let kind = items.kind(run.item[event]).map_or("", Kind::word);
                kinds
                    .iter()
                    .find(|(k, _)| k == kind)
                    .map_or(0, |(_, span)| *span)
            }
        };
        let mut from = 0;
        for i in 0..n {
            let next = run.time.get(i + 1).map(|next| *next - run.time[i]);
            let broken = next.is_none_or(|gap| breaks(rule, given, i, gap));
            let length = match next {
                _ if rule.measured == Measured::Only => 0,
                Some(gap) if !broken && gap <= rule.gap => gap,
                Some(gap) if rule.over_gap != Credit::Nothing => credit(&rule.over_gap, i).min(gap),
                Some(gap) => credit(&rule.last_event, i).min(gap),
                None => credit(&rule.last_event, i),
            };
            self.length.push(length);
            if rule.attribute_to == AttributeTo::Following {
                self.following
                    .push(!broken && next.is_some_and(|gap| gap <= rule.gap));
            }
            if broken {
                self.sessions.push(Session {
                    from,
                    to: i + 1,
                    study_time: 0,
                });
                from = i + 1;
            }
        }
        if let Some(durations) = measured {
            self.unite(run, durations);
        }
        self.close(rule);
    }

    /// The usual estimate in one pass: gaps within sessions, and nothing else.
    fn gaps_alone(&mut self, run: &Run<'_>, limit: i64) {
        self.unbroken = true;
        let n = run.time.len();
        let (mut from, mut number, mut total) = (0, 0_u32, 0);
        for (event, pair) in run.time.windows(2).enumerate() {
            let gap = pair[1] - pair[0];
            self.session.push(number);
            if gap <= limit {
                self.length.push(gap);
                total += gap;
            } else {
                self.length.push(0);
                self.sessions.push(Session {
                    from,
                    to: event + 1,
                    study_time: total,
                });
                (from, number, total) = (event + 1, number + 1, 0);
            }
        }
        self.session.push(number);
        self.length.push(0);
        self.sessions.push(Session {
            from,
            to: n,
            study_time: total,
        });
    }

    /// Pings: a content's first one in a session counts `min_visit`, each later interval of
    /// length `every` that has one counts `every`.
    fn heartbeat(
        &mut self,
        run: &Run<'_>,
        rule: &StudyTime,
        items: &Items,
        every: i64,
        min_visit: i64,
    ) {
        let given = run.session.filter(|_| rule.sessions != Sessions::Gap);
        let n = run.time.len();
        let mut from = 0;
        for i in 0..n {
            let content = items.content[run.item[i] as usize];
            let beat = run.time[i].div_euclid(every);
            self.length.push(match self.beats.insert(content, beat) {
                _ if content == NONE => 0,
                None => min_visit,
                Some(last) if last < beat => every,
                Some(_) => 0,
            });
            let next = run.time.get(i + 1).map(|next| *next - run.time[i]);
            if next.is_none_or(|gap| breaks(rule, given, i, gap)) {
                self.sessions.push(Session {
                    from,
                    to: i + 1,
                    study_time: 0,
                });
                from = i + 1;
                self.beats.clear();
            }
        }
        self.close(rule);
    }

    /// Measured intervals are united, and an estimate never counts what they cover.
    fn unite(&mut self, run: &Run<'_>, durations: &[i64]) {
        let mut covered = i64::MIN;
        for (i, duration) in durations.iter().enumerate() {
            let time = run.time[i];
            let stated = *duration != NO_TIME;
            let end = time.saturating_add(if stated { *duration } else { self.length[i] });
            let start = time.max(covered);
            self.start.push(start);
            self.length[i] = (end - start).max(0);
            if stated {
                covered = covered.max(end);
                if let Some(following) = self.following.get_mut(i) {
                    *following = false;
                }
            }
        }
    }

    /// Adds up the sessions, caps them, and leaves out those below the minima.
    fn close(&mut self, rule: &StudyTime) {
        let Self {
            length,
            session,
            sessions,
            ..
        } = self;
        let mut counted = 0_u32;
        sessions.retain_mut(|span| {
            let own = &mut length[span.from..span.to];
            if let Some(cap) = rule.max_session {
                let mut left = cap;
                for length in own.iter_mut() {
                    *length = (*length).min(left);
                    left -= *length;
                }
            }
            span.study_time = own.iter().sum();
            let events = span.to - span.from;
            let counts = events >= rule.min_events as usize && span.study_time >= rule.min_duration;
            if !counts {
                own.fill(0);
            }
            session.resize(span.to, if counts { counted } else { NONE });
            counted += u32::from(counts);
            counts
        });
    }

    /// The medians of the learner's own gaps within sessions, where the rule asks for them.
    fn medians(
        &mut self,
        run: &Run<'_>,
        rule: &StudyTime,
        given: Option<&[u32]>,
        items: &Items,
    ) -> Medians {
        let mut medians = Medians::default();
        if rule.over_gap != Credit::Median && rule.last_event != Credit::Median {
            return medians;
        }
        self.gaps.clear();
        for (i, pair) in run.time.windows(2).enumerate() {
            let gap = pair[1] - pair[0];
            if gap <= rule.gap && !breaks(rule, given, i, gap) {
                self.gaps.push((items.kind(run.item[i]), gap));
            }
        }
        self.gaps.sort_unstable();
        for kind in self.gaps.chunk_by(|a, b| a.0 == b.0) {
            medians.by_kind.push((kind[0].0, middle(kind)));
        }
        self.gaps.sort_unstable_by_key(|(_, gap)| *gap);
        if !self.gaps.is_empty() {
            medians.all = middle(&self.gaps);
        }
        medians
    }
}

/// Whether nothing but gaps decides: the default, on a log without stated durations.
pub(crate) fn plain(run: &Run<'_>, rule: &StudyTime) -> bool {
    let StudyTime {
        estimator: Estimator::Gaps,
        gap: _,
        over_gap: Credit::Nothing,
        last_event: Credit::Nothing,
        attribute_to: AttributeTo::Preceding,
        sessions,
        min_events: 0 | 1,
        min_duration: 0,
        max_session: None,
        measured,
    } = rule
    else {
        return false;
    };
    (*sessions == Sessions::Gap || run.session.is_none())
        && (*measured == Measured::Ignore
            || (*measured == Measured::Prefer && run.duration.is_none()))
}

/// Whether the session ends between an event and the next.
fn breaks(rule: &StudyTime, given: Option<&[u32]>, event: usize, gap: i64) -> bool {
    let far = gap > rule.gap;
    let Some(ids) = given else {
        return far;
    };
    let (own, next) = (ids[event], ids[event + 1]);
    if own == NONE || next == NONE {
        return far;
    }
    own != next || (rule.sessions == Sessions::Both && far)
}

/// The median of sorted gaps; between two middles, their mean rounded down.
fn middle(sorted: &[(Option<Kind>, i64)]) -> i64 {
    let half = sorted.len() / 2;
    if sorted.len() % 2 == 1 {
        return sorted[half].1;
    }
    i64::midpoint(sorted[half - 1].1, sorted[half].1)
}

#[derive(Debug, Default)]
struct Medians {
    by_kind: Vec<(Option<Kind>, i64)>,
    all: i64,
}

impl Medians {
    fn of(&self, kind: Option<Kind>) -> i64 {
        let own = self.by_kind.iter().find(|(other, _)| *other == kind);
        own.map_or(self.all, |(_, median)| *median)
    }
}
