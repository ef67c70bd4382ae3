//! What each learner watched, per content and per second (METRICS: video).
//!
//! Kim, Guo, Seaton, Mitros, Gajos, Miller (2014), Understanding in-video dropouts and
//! interaction peaks in online lecture videos, L@S, doi:10.1145/2556325.2566237; the xAPI Video
//! Profile for played segments.

#![expect(clippy::indexing_slicing, reason = "chunks are never empty")]

use polars::prelude::*;

use super::frames::{Rows, counts, frame, numbers, phrases, spans};
use super::measure::Measure;
use super::playing::Counts;
use super::walk::{Learner, Walk};
use super::watching::{Film, Open, Sitting, Stretch, WATCHED, Watching};
use crate::data::Inner;

/// Seconds of a medium that are told apart: a day. What lies behind is in no second.
pub(crate) const LONGEST: u32 = 86_400;

const NO_POSITIONS: &str = "no positions";
const NOT_CLOSED: &str = "no play was closed";
const NO_LENGTH: &str = "no length";

struct Row {
    learner: u32,
    item: u32,
    counts: Counts,
    reason: Option<&'static str>,
    /// Null together: watch time and distinct.
    watched: Option<(f64, f64)>,
    coverage: Option<f64>,
    furthest: Option<f64>,
}

impl Row {
    fn new(learner: u32, film: &Film<'_>) -> Self {
        let known = film.known();
        let reason = match (known, film.length) {
            (false, _) if !film.placed => Some(NO_POSITIONS),
            (false, _) => Some(NOT_CLOSED),
            (true, None) => Some(NO_LENGTH),
            (true, Some(_)) => None,
        };
        Self {
            learner,
            item: film.item,
            counts: film.counts,
            reason,
            watched: known.then(|| (film.watch_time(), film.distinct)),
            coverage: film.coverage().filter(|_| known),
            furthest: film.furthest,
        }
    }

    fn rewatch_share(&self) -> Option<f64> {
        let (watch_time, distinct) = self.watched?;
        (watch_time > 0.0).then(|| ((watch_time - distinct) / watch_time).max(0.0))
    }
}

/// One row per learner and content with playback.
pub(super) fn table<'a>(walk: &'a Walk<'a>, open: Open) -> Measure<'a> {
    let visit = move |own: &mut Watching, learner: &Learner<'_>, out: &mut Vec<Row>| {
        let watching = if open == Open::Drop {
            learner.films(walk)
        } else {
            own.fill(learner, walk.medium(open));
            own
        };
        let rows = watching.films().map(|film| Row::new(learner.id, &film));
        out.extend(rows);
    };
    let table = |rows: &Rows<Row>| {
        let mut columns = keys(walk.data, rows.iter().map(|r| (r.learner, r.item)));
        let count = |name, of: &dyn Fn(&Counts) -> u32| counts(name, rows.all(|r| of(&r.counts)));
        let completed = rows.iter().map(|r| r.coverage.map(|c| c >= WATCHED));
        columns.extend([
            count("plays", &|c| c.plays),
            count("pauses", &|c| c.pauses),
            count("seeks", &|c| c.seeks),
            spans(
                "watch_time",
                rows.iter().map(|r| Some(micros(r.watched?.0))),
            ),
            spans("distinct", rows.iter().map(|r| Some(micros(r.watched?.1)))),
            numbers("coverage", rows.iter().map(|r| r.coverage)),
            numbers("rewatch_share", rows.iter().map(Row::rewatch_share)),
            numbers("furthest", rows.iter().map(|r| r.furthest)),
            BooleanChunked::from_iter_options("completed".into(), completed).into_column(),
            count("open", &|c| c.open),
            phrases("reason", rows.iter().map(|r| r.reason))?,
        ]);
        frame(rows.len(), columns)
    };
    Measure::new(Watching::default, visit, table)
}

/// A run of seconds that a learner watched equally often: learner and item.
type Watched = (u32, u32, Run);

/// One row per learner, content and run of neighbouring stretches of `width` seconds that she
/// watched equally often.
pub(super) fn segments<'a>(walk: &'a Walk<'a>, width: u32) -> Measure<'a> {
    let visit = move |views: &mut Views, learner: &Learner<'_>, out: &mut Vec<Watched>| {
        for film in learner.films(walk).films() {
            let runs = views.of(&film, film.sittings, width).iter();
            out.extend(runs.map(|run| (learner.id, film.item, *run)));
        }
    };
    let table = move |rows: &Rows<Watched>| {
        let mut columns = keys(walk.data, rows.iter().map(|r| (r.0, r.1)));
        columns.push(counts("from_second", rows.all(|r| r.2.from * width)));
        columns.push(counts("to_second", rows.all(|r| r.2.to * width)));
        columns.push(counts("views", rows.all(|r| r.2.views)));
        frame(rows.len(), columns)
    };
    Measure::new(Views::default, visit, table)
}

fn keys(data: &Inner, rows: impl Iterator<Item = (u32, u32)>) -> Vec<Column> {
    let (learners, items): (Vec<u32>, Vec<u32>) = rows.unzip();
    let course = |item: &u32| data.items.course.get(*item as usize).copied();
    let courses: Vec<u32> = items.iter().filter_map(course).collect();
    vec![
        data.learner_column(&learners),
        data.course_column(&courses),
        data.content_column("content", &items),
    ]
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "`as` saturates, and no medium is that long"
)]
pub(super) fn micros(seconds: f64) -> i64 {
    (seconds * 1e6).round() as i64
}

/// Stretches of equal width, from one to before the other, that were passed equally often.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Run {
    pub(crate) from: u32,
    pub(crate) to: u32,
    /// At least 1.
    pub(crate) views: u32,
}

/// How often each stretch of `width` seconds was passed.
///
/// A pass counts where it runs over the middle of the stretch. So a pause and what follows it
/// are one pass of the second they share, and the views add up to what was watched.
#[derive(Debug, Default)]
pub(crate) struct Views {
    /// Where the number of passes changes, and by how much: a film costs what happened in it,
    /// however long it is.
    changes: Vec<(u32, i64)>,
    /// Of one sitting: by what the player told, and by plays and stops.
    both: Vec<(u32, i64, i64)>,
    runs: Vec<Run>,
}

impl Views {
    /// The runs that were passed in some sittings of a film, from its beginning.
    pub(crate) fn of(&mut self, film: &Film<'_>, sittings: &[Sitting], width: u32) -> &[Run] {
        self.changes.clear();
        for sitting in sittings {
            if sitting.is_told() {
                self.told(film, sitting, width);
            } else {
                self.changes.extend(steps(film.played(sitting), width));
            }
        }
        self.changes.sort_unstable();
        self.runs.clear();
        let mut views = 0;
        for here in self.changes.chunk_by(|a, b| a.0 == b.0) {
            let (at, _) = here[0];
            let change: i64 = here.iter().map(|(_, by)| by).sum();
            if change == 0 {
                continue;
            }
            if let Some(last) = self.runs.last_mut().filter(|_| views > 0) {
                last.to = at;
            }
            views += change;
            if views > 0 {
                self.runs.push(Run {
                    from: at,
                    to: at,
                    views: u32::try_from(views).unwrap_or(u32::MAX),
                });
            }
        }
        &self.runs
    }

    /// What the player told is the truth of which seconds were seen, plays and stops may know
    /// better how often.
    fn told(&mut self, film: &Film<'_>, sitting: &Sitting, width: u32) {
        let Self { changes, both, .. } = self;
        both.clear();
        both.extend(steps(film.covered(sitting), width).map(|(at, by)| (at, by, 0)));
        both.extend(steps(film.played(sitting), width).map(|(at, by)| (at, 0, by)));
        both.sort_unstable();
        let (mut covered, mut played, mut views) = (0, 0, 0);
        for here in both.chunk_by(|a, b| a.0 == b.0) {
            covered += here.iter().map(|(_, by, _)| by).sum::<i64>();
            played += here.iter().map(|(_, _, by)| by).sum::<i64>();
            let now = if covered > 0 { played.max(covered) } else { 0 };
            changes.push((here[0].0, now - views));
            views = now;
        }
    }
}

/// Where stretches begin and end.
fn steps(stretches: &[Stretch], width: u32) -> impl Iterator<Item = (u32, i64)> {
    let ends = move |s: &Stretch| [(bin(s.from, width), 1), (bin(s.to, width), -1)];
    stretches.iter().flat_map(ends)
}

/// The first stretch of `width` seconds whose middle is not before a position.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "positions within a medium are not negative, and `as` saturates"
)]
pub(crate) fn bin(position: f64, width: u32) -> u32 {
    let width = f64::from(width);
    ((position.min(f64::from(LONGEST)) - width / 2.0) / width).ceil() as u32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_is_passed_at_its_middle() {
        let bins = |from, to| bin(from, 1)..bin(to, 1);
        assert_eq!(bins(4.0, 7.0), 4..7);
        assert_eq!(bins(4.5, 7.5), 4..7);
        assert_eq!(bins(4.6, 7.6), 5..8);
        assert_eq!(bins(0.0, 0.4), 0..0);
        // a pause at 10.3: no second is passed twice
        assert_eq!((bins(8.0, 10.3), bins(10.3, 12.0)), (8..10, 10..12));
        assert_eq!(bin(24.9, 10), 2);
        assert_eq!(bin(25.1, 10), 3);
        assert_eq!(bin(f64::MAX, 1), 86_400);
    }
}
