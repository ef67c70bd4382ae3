//! How many watched each second of a content, how often, and where they left it.
//!
//! Aggregates over learners: they leave the engine through the gate of reference groups only.
//!
//! Kim, Guo, Seaton, Mitros, Gajos, Miller (2014), Understanding in-video dropouts and
//! interaction peaks in online lecture videos, L@S, doi:10.1145/2556325.2566237.

#![cfg_attr(
    not(test),
    expect(
        dead_code,
        reason = "reference groups will release it through their gate"
    )
)]

use super::video::Views;
use super::walk::Walk;
use super::watching::{Open, Watching};
use crate::error::Result;

/// One learner's viewing of one content: a session of the log; without sessions, all of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Viewing {
    pub(crate) item: u32,
    pub(crate) learner: u32,
    /// Not her first.
    pub(crate) again: bool,
    /// Passes over each second, up to the furthest watched.
    pub(crate) views: Vec<u32>,
}

/// One second of a content.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Second {
    pub(crate) viewers: u32,
    pub(crate) views: u32,
    /// Views beyond each viewer's first.
    pub(crate) rewatches: u32,
    /// The share of first viewings that never came to this second or a later one.
    pub(crate) drop_off: Option<f64>,
    /// The same of later viewings.
    pub(crate) drop_off_again: Option<f64>,
}

/// Every viewing in which anything was watched, by content, learner and time.
///
/// # Errors
/// [`crate::Error::Cancelled`] if the job is stopped.
pub(crate) fn viewings(walk: &Walk<'_>, width: u32) -> Result<Vec<Viewing>> {
    let medium = walk.medium(Open::Drop);
    let start = || (Watching::default(), Views::default());
    let mut all = walk.each(start, |(watching, views), learner, out| {
        let every = |_| true;
        watching.each(learner, medium, every, |film| {
            let mut again = false;
            for sitting in film.sittings {
                let views = views.of_sitting(film, sitting, width);
                if views.iter().any(|views| *views > 0) {
                    out.push(Viewing {
                        item: film.item,
                        learner: learner.id,
                        again,
                        views: views.to_vec(),
                    });
                    again = true;
                }
            }
        });
    })?;
    // Stable: viewings of a learner stay in the order of time.
    all.sort_by_key(|viewing| (viewing.item, viewing.learner));
    Ok(all)
}

/// The seconds of one content, from its viewings by learner.
pub(crate) fn seconds(viewings: &[Viewing]) -> Vec<Second> {
    let last = viewings.iter().map(|v| v.views.len()).max().unwrap_or(0);
    let mut views = vec![0_u32; last];
    let mut viewers = vec![0_u32; last];
    // How many viewings of either kind end before each second.
    let mut ended = [vec![0_u32; last + 1], vec![0_u32; last + 1]];
    let mut starters = [0_u32; 2];
    for own in viewings.chunk_by(|a, b| a.learner == b.learner) {
        let mut seen = vec![false; last];
        for viewing in own {
            for ((sum, seen), passes) in views.iter_mut().zip(&mut seen).zip(&viewing.views) {
                *sum += passes;
                *seen |= *passes > 0;
            }
            let reached = viewing.views.iter().rposition(|passes| *passes > 0);
            let [first, later] = &mut ended;
            let ended = if viewing.again { later } else { first };
            if let Some(slot) = reached.and_then(|at| ended.get_mut(at + 1)) {
                *slot += 1;
                let [first, later] = &mut starters;
                *(if viewing.again { later } else { first }) += 1;
            }
        }
        for (count, seen) in viewers.iter_mut().zip(seen) {
            *count += u32::from(seen);
        }
    }
    let [first, later] = ended.map(|ended| {
        let sum = ended.into_iter().scan(0, |sum, here| {
            *sum += here;
            Some(*sum)
        });
        sum.collect::<Vec<u32>>()
    });
    let share = |gone: u32, of: u32| (of > 0).then(|| f64::from(gone) / f64::from(of));
    let gone = first.into_iter().zip(later);
    views
        .into_iter()
        .zip(viewers)
        .zip(gone)
        .map(|((views, viewers), (first, later))| Second {
            viewers,
            views,
            rewatches: views - viewers,
            drop_off: share(first, starters[0]),
            drop_off_again: share(later, starters[1]),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::{LearningData, Options, Tables};
    use crate::personal::PersonalOptions;
    use polars::prelude::*;
    use proptest::prelude::*;

    fn viewing(learner: u32, again: bool, views: &[u32]) -> Viewing {
        Viewing {
            item: 0,
            learner,
            again,
            views: views.to_vec(),
        }
    }

    #[test]
    fn views_beyond_each_viewers_first_are_rewatches() {
        let found = seconds(&[
            viewing(1, false, &[1, 2, 0, 1]),
            viewing(1, true, &[1]),
            viewing(2, false, &[1, 1]),
        ]);
        let counts: Vec<_> = found
            .iter()
            .map(|s| (s.viewers, s.views, s.rewatches))
            .collect();
        assert_eq!(counts, [(2, 3, 1), (2, 3, 1), (0, 0, 0), (1, 1, 0)]);
        let gone: Vec<_> = found
            .iter()
            .map(|s| (s.drop_off, s.drop_off_again))
            .collect();
        let half = Some(0.5);
        assert_eq!(
            gone,
            [
                (Some(0.0), Some(0.0)),
                (Some(0.0), Some(1.0)),
                (half, Some(1.0)),
                (half, Some(1.0))
            ]
        );
        assert_eq!(seconds(&[]), []);
    }

    #[test]
    fn a_second_session_is_a_viewing_of_its_own() {
        let log = df!(
            "learner" => ["b", "b", "a", "a", "a", "a"],
            "time" => [0_i64, 3, 10, 13, 90, 92].map(|s| (1_700_000_000 + s) * 1_000_000),
            "content" => ["film"; 6],
            "verb" => ["played", "paused", "played", "paused", "played", "paused"],
            "session" => ["x", "x", "y", "y", "z", "z"],
            "position" => [0.0, 3.0, 1.0, 4.0, 1.0, 3.0],
        )
        .unwrap();
        let micros = DataType::Datetime(TimeUnit::Microseconds, Some(TimeZone::UTC));
        let mut log = log;
        let time = log.column("time").unwrap().cast(&micros).unwrap();
        log.with_column(time).unwrap();
        let data = LearningData::new(log, Tables::default(), &Options::default()).unwrap();
        let pla = data.personal(&PersonalOptions::default()).unwrap();
        let found = viewings(&pla.walk(), 1).unwrap();
        assert_eq!(
            found,
            [
                viewing(0, false, &[0, 1, 1, 1]),
                viewing(0, true, &[0, 1, 1]),
                viewing(1, false, &[1, 1, 1]),
            ]
        );
    }

    proptest! {
        #[test]
        fn counts_hold_together(
            crowd in proptest::collection::vec(
                (0_u32..4, any::<bool>(), proptest::collection::vec(0_u32..3, 0..8)), 0..12)
        ) {
            let mut crowd: Vec<_> = crowd.iter().map(|(l, a, v)| viewing(*l, *a, v)).collect();
            crowd.sort_by_key(|v| v.learner);
            let found = seconds(&crowd);
            let total: u32 = crowd.iter().flat_map(|v| &v.views).sum();
            prop_assert_eq!(found.iter().map(|s| s.views).sum::<u32>(), total);
            for (at, second) in found.iter().enumerate() {
                prop_assert_eq!(second.views, second.viewers + second.rewatches);
                let reach = |again| crowd.iter().filter(move |v| v.again == again
                    && v.views.iter().skip(at).any(|n| *n > 0)).count();
                let start = |again| crowd.iter().filter(move |v| v.again == again
                    && v.views.iter().any(|n| *n > 0)).count();
                for (again, told) in [(false, second.drop_off), (true, second.drop_off_again)] {
                    let expected = (start(again) > 0)
                        .then(|| 1.0 - reach(again) as f64 / start(again) as f64);
                    prop_assert_eq!(told.is_some(), expected.is_some());
                    let gap = told.unwrap_or(0.0) - expected.unwrap_or(0.0);
                    prop_assert!(gap.abs() < 1e-12);
                }
            }
        }
    }
}
