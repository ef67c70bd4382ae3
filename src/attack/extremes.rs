//! Whose value a published minimum or maximum is.
//!
//! Nobody on a roster lies beyond its extremes. If of all its learners one only can have the
//! maximum, because the others are held below it by other rosters, it is hers (auditing of
//! maximum queries, Chin 1986). Repeated until nothing new follows.

use std::collections::BTreeMap;

use super::history::Statistic;
use super::interval::Interval;
use super::known::Known;

/// Rounds of inference; each holds at least one learner more.
const ROUNDS: usize = 50;

/// What is known about the value of each learner.
pub(super) type Own = BTreeMap<u32, Interval>;

/// Everybody who is on a roster that something was said about, within the public bounds.
pub(super) fn public(known: &Known<'_>, metric: u32) -> Own {
    let facts = known.facts(metric);
    let rosters = known.cells.keys().filter(|(_, m, _)| *m == metric);
    let learners = rosters.flat_map(|(roster, _, _)| known.roster(*roster));
    let all = Interval::new(facts.low, facts.high);
    learners.map(|learner| (*learner, all)).collect()
}

/// Narrows what is known by minima and maxima; whether they contradict each other.
pub(super) fn extremes(known: &Known<'_>, metric: u32, own: &mut Own) -> bool {
    let of = |statistic: Statistic| -> Vec<(&[u32], Interval)> {
        let cells = known.cells.iter();
        let mine = cells.filter(|((_, m, s), _)| *m == metric && *s == statistic);
        mine.map(|((roster, ..), value)| (known.roster(*roster), *value))
            .collect()
    };
    let (least, greatest) = (of(Statistic::Minimum), of(Statistic::Maximum));
    if least.is_empty() && greatest.is_empty() {
        return false;
    }
    let mut sound = true;
    for (roster, value) in &least {
        for learner in *roster {
            sound &= hold(own, *learner, Interval::new(value.low, f64::INFINITY));
        }
    }
    for (roster, value) in &greatest {
        for learner in *roster {
            sound &= hold(own, *learner, Interval::new(f64::NEG_INFINITY, value.high));
        }
    }
    for _ in 0..ROUNDS {
        let before = own.clone();
        for (roster, value) in &greatest {
            if let Some(learner) = only(roster, |l| known_of(own, l).high >= value.low) {
                sound &= hold(own, learner, Interval::new(value.low, f64::INFINITY));
            }
        }
        for (roster, value) in &least {
            if let Some(learner) = only(roster, |l| known_of(own, l).low <= value.high) {
                sound &= hold(own, learner, Interval::new(f64::NEG_INFINITY, value.high));
            }
        }
        if *own == before {
            break;
        }
    }
    !sound
}

pub(super) fn known_of(own: &Own, learner: u32) -> Interval {
    own.get(&learner).copied().unwrap_or(Interval::ALL)
}

/// Takes note of what is known of a learner; false if it contradicts what is known already.
pub(super) fn hold(own: &mut Own, learner: u32, what: Interval) -> bool {
    let narrowed = known_of(own, learner).and(what);
    if let Some(narrowed) = narrowed {
        own.insert(learner, narrowed);
    }
    narrowed.is_some()
}

/// The one learner for whom it holds, if there is just one.
fn only(roster: &[u32], holds: impl Fn(u32) -> bool) -> Option<u32> {
    let mut all = roster.iter().copied().filter(|l| holds(*l));
    let first = all.next()?;
    all.next().is_none().then_some(first)
}
