//! Who writes with whom: from what was written in a course to each learner's place among the
//! others.
//!
//! A thread is a content. Peers are learners who write in the same thread. A reply or a comment
//! answers whoever wrote last before it in its thread, all of them if several did at one instant;
//! nobody answers herself. Nothing depends on how learners are numbered, so that two who exchange
//! all they wrote exchange their places and nobody else's.

use std::collections::{BTreeMap, BTreeSet};

use super::metric::Measure;
use crate::Result;
use crate::personal::participation::Writing;
use crate::stats::{Graph, betweenness};

/// Beyond so many learners nobody waits for betweenness.
pub(super) const MOST: usize = 5_000;

/// The measures of learners who wrote anything, among `members` (in order) alone.
///
/// # Errors
/// None: ties lead between members.
pub(super) fn ties(
    written: &[Writing],
    members: &[u32],
) -> Result<BTreeMap<u32, BTreeMap<Measure, f64>>> {
    let node = |learner: u32| {
        let at = members.binary_search(&learner).ok()?;
        u32::try_from(at).ok()
    };
    let mut threads: BTreeMap<u32, Vec<(i64, u32, bool)>> = BTreeMap::new();
    for own in written {
        if let Some(node) = node(own.learner) {
            let thread = threads.entry(own.item).or_default();
            thread.push((own.time, node, own.answers));
        }
    }
    let mut edges = BTreeSet::new();
    let mut threads_of: BTreeMap<u32, Vec<u32>> = BTreeMap::new();
    let mut writers_of: BTreeMap<u32, Vec<u32>> = BTreeMap::new();
    for (thread, written) in &mut threads {
        written.sort_unstable();
        answers(written, &mut edges);
        let mut writers: Vec<u32> = written.iter().map(|(_, node, _)| *node).collect();
        writers.sort_unstable();
        writers.dedup();
        for writer in &writers {
            threads_of.entry(*writer).or_default().push(*thread);
        }
        writers_of.insert(*thread, writers);
    }
    let edges: Vec<(u32, u32)> = edges.into_iter().collect();
    let many = u32::try_from(members.len()).unwrap_or(u32::MAX);
    let central = match members.len() {
        3..=MOST => betweenness(&Graph::new(many, &edges)?, true),
        _ => None,
    };
    let mut made: BTreeMap<u32, BTreeMap<Measure, f64>> = BTreeMap::new();
    let mut met = vec![u32::MAX; members.len()];
    for (own, threads) in &threads_of {
        let mut peers = 0_u32;
        let beside = threads.iter().filter_map(|thread| writers_of.get(thread));
        for other in beside.flatten().filter(|other| *other != own) {
            if let Some(last) = met.get_mut(*other as usize).filter(|last| **last != *own) {
                *last = *own;
                peers += 1;
            }
        }
        let place = made.entry(*own).or_default();
        place.insert(Measure::Peers, f64::from(peers));
        // Sums of parts may end in different last digits, and edges are round.
        let share = central.as_ref().and_then(|all| all.get(*own as usize));
        let share = share.map_or(0.0, |share| (share * 1e9).round() / 1e9);
        place.insert(Measure::Centrality, share);
    }
    for (from, to) in &edges {
        let mut add = |node: &u32, measure: Measure| {
            let place = made.entry(*node).or_default();
            *place.entry(measure).or_default() += 1.0;
        };
        add(from, Measure::Answers);
        add(to, Measure::AnsweredBy);
        if edges.binary_search(&(*to, *from)).is_ok() {
            add(from, Measure::Mutual);
        }
    }
    let named = |(node, place): (u32, _)| Some((*members.get(node as usize)?, place));
    Ok(made.into_iter().filter_map(named).collect())
}

/// Who answers whom in one thread, in the order of time.
fn answers(written: &[(i64, u32, bool)], edges: &mut BTreeSet<(u32, u32)>) {
    // The last two instants: a learner does not answer herself, but who wrote before her.
    let instants: Vec<&[(i64, u32, bool)]> = written.chunk_by(|a, b| a.0 == b.0).collect();
    for (at, now) in instants.iter().enumerate() {
        for (_, own, _) in now.iter().filter(|(.., answers)| *answers) {
            let before = instants.iter().take(at).rev();
            let others = |instant: &&[(i64, u32, bool)]| instant.iter().any(|(_, w, _)| w != own);
            let last = before.copied().find(|instant| others(instant));
            let writers = last.unwrap_or(&[]).iter().map(|(_, writer, _)| *writer);
            edges.extend(writers.filter(|w| w != own).map(|writer| (*own, writer)));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn wrote(learner: u32, item: u32, time: i64, answers: bool) -> Writing {
        Writing {
            learner,
            item,
            time,
            answers,
        }
    }

    fn told(written: &[Writing], members: &[u32], measure: Measure) -> Vec<f64> {
        let made = ties(written, members).unwrap();
        let own = |l: &u32| made.get(l).and_then(|place| place.get(&measure).copied());
        members.iter().map(|l| own(l).unwrap_or(0.0)).collect()
    }

    #[test]
    fn a_reply_answers_who_wrote_last() {
        let talk = [
            wrote(1, 7, 0, false),
            wrote(2, 7, 1, true),
            wrote(2, 7, 2, true), // still answers 1
            wrote(3, 7, 3, true), // answers 2
            wrote(1, 7, 4, true), // answers 3
            wrote(2, 8, 0, true), // nobody there
            wrote(9, 7, 2, true), // no member
        ];
        let members = [1, 2, 3, 4];
        assert_eq!(
            told(&talk, &members, Measure::Answers),
            [1.0, 1.0, 1.0, 0.0]
        );
        assert_eq!(
            told(&talk, &members, Measure::AnsweredBy),
            [1.0; 3].iter().copied().chain([0.0]).collect::<Vec<_>>()
        );
        assert_eq!(told(&talk, &members, Measure::Mutual), [0.0; 4]);
        assert_eq!(told(&talk, &members, Measure::Peers), [2.0, 2.0, 2.0, 0.0]);
        // a ring of three: each lies between the two others, once in six pairs
        let share = told(&talk, &members, Measure::Centrality);
        assert!((share[0] - 1.0 / 6.0).abs() < 1e-8, "{share:?}");
    }

    #[test]
    fn who_writes_at_one_instant_is_answered_together() {
        let talk = [
            wrote(1, 7, 0, false),
            wrote(2, 7, 0, false),
            wrote(3, 7, 5, true),
            wrote(1, 7, 9, true),
        ];
        let members = [1, 2, 3];
        assert_eq!(told(&talk, &members, Measure::Answers), [1.0, 0.0, 2.0]);
        assert_eq!(told(&talk, &members, Measure::Mutual), [1.0, 0.0, 1.0]);
    }

    proptest! {
        #[test]
        fn learners_who_exchange_what_they_wrote_exchange_places(
            talk in proptest::collection::vec((0_u32..8, 0_u32..3, 0_i64..6, any::<bool>()), 0..40),
            a in 0_u32..6, b in 0_u32..6,
        ) {
            let members: Vec<u32> = (0..6).collect();
            let swap = |l: u32| if l == a { b } else if l == b { a } else { l };
            let before: Vec<Writing> = talk.iter().map(|(l, i, t, r)| wrote(*l, *i, *t, *r)).collect();
            let after: Vec<Writing> = before.iter().map(|w| Writing { learner: swap(w.learner), ..*w }).collect();
            let (before, after) = (ties(&before, &members).unwrap(), ties(&after, &members).unwrap());
            for learner in &members {
                prop_assert_eq!(before.get(learner), after.get(&swap(*learner)));
            }
        }
    }
}
