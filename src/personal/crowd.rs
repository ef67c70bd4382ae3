//! What a learner watched of each content, as stretches of equal width: what groups count.
//!
//! A viewing is a session of the log in which anything was watched; without sessions, all of it.
//! Kim, Guo, Seaton, Mitros, Gajos, Miller (2014), Understanding in-video dropouts and
//! interaction peaks in online lecture videos, L@S, doi:10.1145/2556325.2566237.

use super::PersonalAnalytics;
use super::video::{Run, Views};
use super::watching::Film;
use crate::error::Result;

pub(crate) use super::video::bin;

/// Stretches from one to before the other.
pub(crate) type Span = (u32, u32);

/// One learner's watching of one content.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Watched {
    pub(crate) learner: u32,
    pub(crate) item: u32,
    /// What she passed at all.
    pub(crate) seen: Vec<Span>,
    /// What she passed twice or more.
    pub(crate) again: Vec<Span>,
    /// How far her first viewing came: the number of stretches up to the furthest she passed.
    pub(crate) first: u32,
    /// The same of her later viewings; 0 if there are none.
    pub(crate) later: u32,
}

impl Watched {
    /// `None` if nothing was passed.
    fn new(learner: u32, film: &Film<'_>, views: &mut Views, width: u32) -> Option<Self> {
        let (mut first, mut later) = (0, 0);
        for sitting in film.sittings {
            let passed = views.of(film, std::slice::from_ref(sitting), width);
            let reached = passed.last().map_or(0, |run| run.to);
            if first == 0 {
                first = reached;
            } else {
                later = later.max(reached);
            }
        }
        let all = views.of(film, film.sittings, width);
        (first > 0).then(|| Self {
            learner,
            item: film.item,
            seen: spans(all, 1),
            again: spans(all, 2),
            first,
            later,
        })
    }
}

/// Where there were at least so many views.
fn spans(runs: &[Run], least: u32) -> Vec<Span> {
    let mut found: Vec<Span> = Vec::new();
    for run in runs.iter().filter(|run| run.views >= least) {
        match found.last_mut() {
            Some((_, end)) if *end == run.from => *end = run.to,
            _ => found.push((run.from, run.to)),
        }
    }
    found
}

impl PersonalAnalytics {
    /// What each learner watched of the contents that are wanted, in stretches of `width` seconds.
    ///
    /// # Errors
    /// [`crate::Error::Cancelled`] if the job is stopped.
    pub(crate) fn watched(
        &self,
        width: u32,
        wanted: impl Fn(u32) -> bool + Send + Sync,
    ) -> Result<Vec<Watched>> {
        let walk = self.walk();
        walk.each(Views::default, |views, learner, out| {
            for film in learner.films(&walk).films() {
                if wanted(film.item) {
                    out.extend(Watched::new(learner.id, &film, views, width));
                }
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::{LearningData, Options, Tables};
    use crate::personal::PersonalOptions;
    use polars::prelude::*;

    #[test]
    fn a_second_session_is_a_later_viewing() {
        let mut log = df!(
            "learner" => ["b", "b", "a", "a", "a", "a"],
            "time" => [0_i64, 3, 10, 13, 90, 92].map(|s| (1_700_000_000 + s) * 1_000_000),
            "content" => ["film"; 6],
            "verb" => ["played", "paused", "played", "paused", "played", "paused"],
            "session" => ["x", "x", "y", "y", "z", "z"],
            "position" => [0.0, 3.0, 1.0, 4.0, 1.0, 3.0],
        )
        .unwrap();
        let micros = DataType::Datetime(TimeUnit::Microseconds, Some(TimeZone::UTC));
        let time = log.column("time").unwrap().cast(&micros).unwrap();
        log.with_column(time).unwrap();
        let data = LearningData::new(log, Tables::default(), &Options::default()).unwrap();
        let pla = data.personal(&PersonalOptions::default()).unwrap();
        let watched = |learner, seen, again, first, later| Watched {
            learner,
            item: 0,
            seen,
            again,
            first,
            later,
        };
        assert_eq!(
            pla.watched(1, |_| true).unwrap(),
            [
                watched(0, vec![(1, 4)], vec![(1, 3)], 4, 3),
                watched(1, vec![(0, 3)], vec![], 3, 0),
            ]
        );
        assert_eq!(pla.watched(1, |_| false).unwrap(), []);
    }

    #[test]
    fn stretches_with_enough_views_stand_together() {
        let run = |from, to, views| Run { from, to, views };
        let runs = [run(0, 1, 1), run(1, 2, 2), run(3, 5, 3)];
        assert_eq!(spans(&runs, 1), [(0, 2), (3, 5)]);
        assert_eq!(spans(&runs, 2), [(1, 2), (3, 5)]);
        assert_eq!(spans(&[], 1), []);
    }
}
