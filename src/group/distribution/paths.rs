//! Records about the paths of learners, made for one question, and what may be shown of them.

use std::collections::BTreeMap;

use super::rows::Rows;
use super::{Cell, ProtectedDistribution, Rules, protect};
use crate::group::grids;
use crate::group::metric::Measure;
use crate::group::policy::ReleasePolicy;

/// Records of one kind by course and learner; a member without one did nothing.
#[derive(Debug, Clone)]
pub(crate) struct ByCourse<R>(BTreeMap<u32, Rows<R>>);

impl<R> Default for ByCourse<R> {
    fn default() -> Self {
        Self(BTreeMap::new())
    }
}

impl<R> ByCourse<R> {
    /// From course, learner and record, in any order.
    pub(crate) fn new(rows: Vec<(u32, u32, R)>) -> Self {
        let mut apart: BTreeMap<u32, Vec<(u32, R)>> = BTreeMap::new();
        for (course, learner, record) in rows {
            apart.entry(course).or_default().push((learner, record));
        }
        let made = apart.into_iter();
        Self(
            made.map(|(course, rows)| (course, Rows::new(rows)))
                .collect(),
        )
    }

    fn of(&self, course: u32) -> Rows<R> {
        self.0.get(&course).cloned().unwrap_or_default()
    }

    /// The same records, exchanged within a course.
    #[cfg(test)]
    pub(in crate::group) fn exchange(&mut self, course: u32, moves: &[(u32, u32)])
    where
        R: Clone,
    {
        if let Some(rows) = self.0.get_mut(&course) {
            *rows = rows.permuted(moves);
        }
    }
}

/// What a learner watched of one video, in stretches of equal width.
#[derive(Clone, Default)]
pub(crate) struct Viewed {
    /// Place in the list of videos.
    pub(crate) place: u32,
    /// Stretches passed at all, from the one to before the other.
    pub(crate) seen: Vec<(u32, u32)>,
    /// Passed twice or more.
    pub(crate) again: Vec<(u32, u32)>,
    /// Stretches up to the furthest of her first viewing, and of the later ones.
    pub(crate) first: u32,
    pub(crate) later: u32,
}

/// A learner among those of her course whom she writes with.
#[derive(Clone, Default)]
pub(crate) struct Tie {
    /// In the order of [`Measure::ALL`].
    pub(crate) measures: [f64; Measure::ALL.len()],
}

impl Tie {
    fn get(&self, measure: Measure) -> f64 {
        let at = Measure::ALL.iter().position(|own| *own == measure);
        at.and_then(|at| self.measures.get(at))
            .copied()
            .unwrap_or(0.0)
    }
}

/// Counts of members, one after the other, as they may be shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::group) struct ProtectedCounts {
    rules: Rules,
    cells: Vec<Cell>,
}

impl ProtectedCounts {
    /// What n allows.
    pub(in crate::group) fn rules(&self) -> &Rules {
        &self.rules
    }

    /// The counts; empty when n < 2k.
    pub(in crate::group) fn cells(&self) -> &[Cell] {
        &self.cells
    }

    /// One of them; low where there is none.
    pub(in crate::group) fn cell(&self, at: usize) -> Cell {
        self.cells.get(at).copied().unwrap_or(Cell::Low)
    }
}

/// Members who reached each step: reached(j) = count(level >= j).
pub(in crate::group) fn reached(
    members: &[u32],
    levels: &ByCourse<u32>,
    course: u32,
    steps: usize,
    policy: ReleasePolicy,
) -> ProtectedCounts {
    let rows = levels.of(course);
    let (rules, cells) = protect(members, &rows, policy, steps, |level, into| {
        into.push(0..*level as usize);
    });
    ProtectedCounts { rules, cells }
}

/// Members who used each of so many features (a bit each), then members who did not.
pub(in crate::group) fn used(
    members: &[u32],
    features: &ByCourse<u32>,
    course: u32,
    many: usize,
    policy: ReleasePolicy,
) -> ProtectedCounts {
    let rows = features.of(course);
    let (rules, cells) = protect(members, &rows, policy, 2 * many, |own, into| {
        for feature in 0..many {
            let used = *own >> feature & 1 == 1;
            let at = if used { feature } else { many + feature };
            into.push(at..at + 1);
        }
    });
    ProtectedCounts { rules, cells }
}

/// Members who engaged with each of so many contents.
pub(in crate::group) fn touched(
    members: &[u32],
    places: &ByCourse<Vec<u32>>,
    course: u32,
    contents: usize,
    policy: ReleasePolicy,
) -> ProtectedCounts {
    let rows = places.of(course);
    let (rules, cells) = protect(members, &rows, policy, contents, |own, into| {
        into.extend(own.iter().map(|at| *at as usize..*at as usize + 1));
    });
    ProtectedCounts { rules, cells }
}

/// What is counted at each stretch of a video.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(usize)]
pub(in crate::group) enum View {
    /// Members who passed it.
    Seen,
    /// Members who passed it twice or more.
    Again,
    /// Members whose first viewing came here or further.
    First,
    /// Members whose first viewing ended before.
    FirstGone,
    /// The same of all later viewings.
    Later,
    LaterGone,
}

const VIEWS: usize = 6;

/// Counts of members by video, stretch and [`View`], as they may be shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::group) struct ProtectedViews {
    counts: ProtectedCounts,
    /// Where the stretches of each video begin, and how many there are in all.
    begin: Vec<usize>,
    total: usize,
}

impl ProtectedViews {
    /// What n allows.
    pub(in crate::group) fn rules(&self) -> &Rules {
        &self.counts.rules
    }

    /// A count of one stretch.
    pub(in crate::group) fn cell(&self, video: usize, stretch: usize, view: View) -> Cell {
        let begin = self.begin.get(video).copied().unwrap_or(self.total);
        self.counts
            .cell(view as usize * self.total + begin + stretch)
    }
}

/// What members watched of videos with so many stretches each.
pub(in crate::group) fn watched(
    members: &[u32],
    rows: &ByCourse<Vec<Viewed>>,
    course: u32,
    stretches: &[usize],
    policy: ReleasePolicy,
) -> ProtectedViews {
    let rows = rows.of(course);
    let sums = stretches.iter().scan(0, |sum, own| {
        *sum += own;
        Some(*sum - own)
    });
    let begin: Vec<usize> = sums.collect();
    let total = stretches.iter().sum();
    let (rules, cells) = protect(members, &rows, policy, VIEWS * total, |own, into| {
        for video in own {
            let place = video.place as usize;
            let (Some(begin), Some(many)) = (begin.get(place), stretches.get(place)) else {
                continue;
            };
            let mut add = |view: View, from: u32, to: u32| {
                let at = view as usize * total + begin;
                let (from, to) = (from as usize, (to as usize).min(*many));
                if from < to {
                    into.push(at + from..at + to);
                }
            };
            let end = u32::try_from(*many).unwrap_or(u32::MAX);
            for (view, spans) in [(View::Seen, &video.seen), (View::Again, &video.again)] {
                for (from, to) in spans {
                    add(view, *from, *to);
                }
            }
            for (came, gone, reached) in [
                (View::First, View::FirstGone, video.first),
                (View::Later, View::LaterGone, video.later),
            ] {
                if reached > 0 {
                    add(came, 0, reached);
                    add(gone, reached, end);
                }
            }
        }
    });
    ProtectedViews {
        counts: ProtectedCounts { rules, cells },
        begin,
        total,
    }
}

/// Members who passed any stretch of each part (video, from, to) twice or more. Parts come in the
/// order of videos.
pub(in crate::group) fn rewatched(
    members: &[u32],
    rows: &ByCourse<Vec<Viewed>>,
    course: u32,
    parts: &[(usize, u32, u32)],
    policy: ReleasePolicy,
) -> ProtectedCounts {
    let rows = rows.of(course);
    let (rules, cells) = protect(members, &rows, policy, parts.len(), |own, into| {
        for video in own {
            let place = video.place as usize;
            let first = parts.partition_point(|part| part.0 < place);
            let here = parts.iter().enumerate().skip(first);
            for (at, (_, from, to)) in here.take_while(|(_, part)| part.0 == place) {
                let mut spans = video.again.iter();
                if spans.any(|(begin, end)| begin < to && from < end) {
                    into.push(at..at + 1);
                }
            }
        }
    });
    ProtectedCounts { rules, cells }
}

/// The distribution of a measure of collaboration.
pub(in crate::group) fn ties(
    members: &[u32],
    rows: &ByCourse<Tie>,
    course: u32,
    measure: Measure,
    policy: ReleasePolicy,
) -> ProtectedDistribution {
    let grid = grids::of_measure(measure, members.len());
    let rows = rows.of(course);
    let (rules, cumulative) = protect(members, &rows, policy, grid.len(), |own, into| {
        let value = own.get(measure);
        let first = grid.partition_point(|edge| *edge < value);
        into.push(first.min(grid.len() - 1)..grid.len());
    });
    ProtectedDistribution {
        rules,
        grid,
        cumulative,
        half: if measure.unit() == "1" { 0.5 } else { 0.0 },
    }
}

/// Members who write beside nobody, members who answer anybody, and those of the latter whom
/// somebody answers back.
pub(in crate::group) fn answering(
    members: &[u32],
    rows: &ByCourse<Tie>,
    course: u32,
    policy: ReleasePolicy,
) -> ProtectedCounts {
    let rows = rows.of(course);
    let (rules, cells) = protect(members, &rows, policy, 3, |own, into| {
        let none = |measure| own.get(measure) < 0.5;
        let alone = none(Measure::Peers);
        let answers = !none(Measure::Answers);
        let back = answers && !none(Measure::Mutual);
        let facts = [alone, answers, back];
        into.extend(
            (0..3)
                .zip(facts)
                .filter(|(_, is)| *is)
                .map(|(at, _)| at..at + 1),
        );
    });
    ProtectedCounts { rules, cells }
}
