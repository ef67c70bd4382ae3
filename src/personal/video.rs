//! What each learner watched, per content and per second (METRICS: video).
//!
//! Kim, Guo, Seaton, Mitros, Gajos, Miller (2014), Understanding in-video dropouts and
//! interaction peaks in online lecture videos, L@S, doi:10.1145/2556325.2566237; the xAPI Video
//! Profile for played segments.

use polars::prelude::*;

use super::frames::{Rows, counts, frame, numbers, spans, texts};
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
            watched: known.then(|| (film.watch_time(), film.distinct())),
            coverage: film.coverage().filter(|_| known),
            furthest: film.furthest(),
        }
    }

    fn rewatch_share(&self) -> Option<f64> {
        let (watch_time, distinct) = self.watched?;
        (watch_time > 0.0).then(|| ((watch_time - distinct) / watch_time).max(0.0))
    }
}

/// One row per learner and content with playback.
pub(super) fn table<'a>(walk: &'a Walk<'a>, open: Open) -> Measure<'a> {
    let medium = walk.medium(open);
    let visit = move |watching: &mut Watching, learner: &Learner<'_>, out: &mut Vec<Row>| {
        watching.each(
            learner,
            medium,
            |_| true,
            |film| out.push(Row::new(learner.id, film)),
        );
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
            texts("reason", rows.iter().map(|r| r.reason)),
        ]);
        frame(rows.len(), columns)
    };
    Measure::new(Watching::default, visit, table)
}

/// A stretch that a learner watched: learner, item, its first second, and how often.
type Watched = (u32, u32, u32, u32);

/// One row per learner, content and stretch of `width` seconds that she watched.
pub(super) fn seconds<'a>(walk: &'a Walk<'a>, width: u32) -> Measure<'a> {
    let medium = walk.medium(Open::Drop);
    let visit = move |(watching, views): &mut (Watching, Views),
                      learner: &Learner<'_>,
                      out: &mut Vec<Watched>| {
        watching.each(
            learner,
            medium,
            |_| true,
            |film| {
                let seen = views.of(film, width).iter().zip(0_u32..);
                let seen = seen.filter(|(views, _)| **views > 0);
                out.extend(seen.map(|(views, bin)| (learner.id, film.item, bin * width, *views)));
            },
        );
    };
    let table = |rows: &Rows<Watched>| {
        let mut columns = keys(walk.data, rows.iter().map(|r| (r.0, r.1)));
        columns.push(counts("second", rows.all(|r| r.2)));
        columns.push(counts("views", rows.all(|r| r.3)));
        frame(rows.len(), columns)
    };
    let start = || (Watching::default(), Views::default());
    Measure::new(start, visit, table)
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

/// How often each stretch of `width` seconds was passed.
///
/// A pass counts where it runs over the middle of the stretch. So a pause and what follows it
/// are one pass of the second they share, and the views add up to what was watched.
#[derive(Debug, Default)]
pub(crate) struct Views {
    all: Vec<u32>,
    covered: Vec<u32>,
    played: Vec<u32>,
}

impl Views {
    /// The views of each stretch of a film, from its beginning.
    pub(crate) fn of(&mut self, film: &Film<'_>, width: u32) -> &[u32] {
        self.all.clear();
        for sitting in film.sittings {
            self.add(film, sitting, width);
        }
        &self.all
    }

    /// The same of one sitting alone.
    pub(crate) fn of_sitting(&mut self, film: &Film<'_>, sitting: &Sitting, width: u32) -> &[u32] {
        self.all.clear();
        self.add(film, sitting, width);
        &self.all
    }

    /// What the player told is the truth of which seconds were seen, plays and stops may know
    /// better how often.
    fn add(&mut self, film: &Film<'_>, sitting: &Sitting, width: u32) {
        let ends = film.covered(sitting).iter().map(|s| s.to);
        let last = bin(ends.fold(0.0, f64::max), width);
        for (counts, stretches) in [
            (&mut self.covered, film.covered(sitting)),
            (&mut self.played, film.played(sitting)),
        ] {
            count(counts, stretches, last, width);
        }
        if self.all.len() < last {
            self.all.resize(last, 0);
        }
        let both = self.covered.iter().zip(&self.played);
        for (all, (covered, played)) in self.all.iter_mut().zip(both) {
            *all += if *covered > 0 {
                *covered.max(played)
            } else {
                0
            };
        }
    }
}

/// How many stretches pass each of the first `last` places; by the steps up and down, so that
/// many long stretches cost no more than many short ones.
fn count(counts: &mut Vec<u32>, stretches: &[Stretch], last: usize, width: u32) {
    counts.clear();
    counts.resize(last + 1, 0);
    for stretch in stretches {
        let (from, to) = (bin(stretch.from, width), bin(stretch.to, width));
        if let Some(up) = counts.get_mut(from.min(last)) {
            *up = up.wrapping_add(1);
        }
        if let Some(down) = counts.get_mut(to.min(last)) {
            *down = down.wrapping_sub(1);
        }
    }
    counts.iter_mut().fold(0_u32, |sum, here| {
        *here = sum.wrapping_add(*here);
        *here
    });
    counts.truncate(last);
}

/// The first stretch of `width` seconds whose middle is not before a position.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "positions within a medium are not negative, and `as` saturates"
)]
pub(crate) fn bin(position: f64, width: u32) -> usize {
    let width = f64::from(width);
    ((position.min(f64::from(LONGEST)) - width / 2.0) / width).ceil() as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passes_are_counted_where_they_overlap() {
        let stretch = |from, to| Stretch { from, to };
        let all = [
            stretch(0.0, 3.0),
            stretch(2.0, 9.0),
            stretch(2.0, 4.0),
            stretch(7.0, 7.2),
        ];
        let mut counts = Vec::new();
        count(&mut counts, &all, 6, 1);
        assert_eq!(counts, [1, 1, 3, 2, 1, 1]);
    }

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
