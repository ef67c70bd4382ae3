//! Without one learner, everything else equal: what every table counts before the noise differs
//! in at most L0 cells, each by one. Asked of whole learning data, so that nothing on the way
//! (numbers given to ids, grids, moments) lets one learner touch what another one adds.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;

use super::bounding::Lots;
use super::world::{Beside, Own, START, ask, data};
use super::{Counted, Pairs, Question, Research, contents, counts, histogram};
use crate::data::LearningData;
use crate::group::{By, Metric};

/// Every question there is.
fn questions(research: &Research) -> Vec<Question<'_>> {
    let mut all = vec![contents::popular(research)];
    for of in [Pairs::Content, Pairs::Course] {
        all.push(contents::together(research, of).unwrap());
    }
    for counted in [Counted::Enrolled, Counted::Active] {
        for by in [By::Course, By::Group] {
            all.push(counts::question(research, by, counted).unwrap());
        }
    }
    for metric in Metric::ALL {
        all.extend(histogram::question(research, metric).ok());
    }
    all
}

/// The exact counts by the keys as they are shown: numbers inside differ from world to world.
fn exact(question: &Question<'_>, bound: u32) -> BTreeMap<String, u32> {
    let counts = (question.tally)(&Lots::new([5; 32], bound)).unwrap().counts;
    let cells: Vec<u64> = counts.keys().copied().collect();
    let keys = (question.keys)(&cells);
    let label = |row: usize| {
        let cells = keys.iter().map(|key| key.get(row).unwrap().to_string());
        cells.collect::<Vec<_>>().join("|")
    };
    counts
        .values()
        .enumerate()
        .map(|(row, n)| (label(row), n.get()))
        .collect()
}

/// Cells that differ, and by how much at most.
fn distance(one: &BTreeMap<String, u32>, other: &BTreeMap<String, u32>) -> (usize, u32) {
    let cells: BTreeSet<&String> = one.keys().chain(other.keys()).collect();
    let at = |table: &BTreeMap<String, u32>, cell| table.get(cell).copied().unwrap_or(0);
    let gaps = cells
        .into_iter()
        .map(|cell| at(one, cell).abs_diff(at(other, cell)));
    let gaps: Vec<u32> = gaps.filter(|gap| *gap > 0).collect();
    (gaps.len(), gaps.iter().copied().max().unwrap_or(0))
}

fn check(one: &LearningData, other: &LearningData, bound: u32) -> Result<(), TestCaseError> {
    let (one, other) = (ask(one, 1.0, 1e-6), ask(other, 1.0, 1e-6));
    let (before, after) = (questions(&one), questions(&other));
    prop_assert_eq!(before.len(), after.len());
    for (a, b) in before.iter().zip(&after) {
        let (cells, by) = distance(&exact(a, bound), &exact(b, bound));
        prop_assert!(
            cells <= bound as usize && by <= 1,
            "{}: {cells} by {by}",
            a.name
        );
        // What is known of rows is known without her.
        let known = |question: &Question<'_>| {
            let cells = question.known.as_ref()?;
            Some(format!("{:?}", (question.keys)(cells)))
        };
        prop_assert_eq!(known(a), known(b));
    }
    Ok(())
}

fn own(id: usize) -> impl Strategy<Value = Own> {
    let name = |prefix: char, n| move |i: usize| format!("{prefix}{}", i % n);
    let events = prop::collection::vec((0_usize..4, 0_usize..9, 0_i64..90_000), 0..14);
    let courses = prop::collection::vec(0_usize..4, 0..5);
    let groups = prop::collection::vec(0_usize..3, 0..4);
    let granted = prop::collection::vec((0_usize..2, any::<bool>()), 0..3);
    (events, courses, groups, granted, any::<bool>()).prop_map(
        move |(events, courses, groups, consents, eligible)| Own {
            // Ids that come before, between and after those of others.
            id: format!("{}{id}", ["a", "m", "z"][id % 3]),
            courses: courses.into_iter().map(name('K', 4)).collect(),
            groups: groups.into_iter().map(name('g', 3)).collect(),
            events: events
                .into_iter()
                .map(|(course, content, minute)| {
                    // Some contents are hers alone: they shift the numbers of all others.
                    let content = match content {
                        8 => format!("c{id}own"),
                        other => format!("c{other:04}"),
                    };
                    (
                        ["A".to_string(), format!("K{course}")][course % 2].clone(),
                        content,
                        minute,
                    )
                })
                .collect(),
            consents: consents
                .into_iter()
                .map(|(purpose, granted)| (["research", "group"][purpose], granted))
                .collect(),
            eligible: Some(eligible || !id.is_multiple_of(4)),
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(150))]
    #[test]
    fn without_one_learner_no_table_differs_beyond_the_bound(
        all in (own(0), own(1), own(2), own(3), own(4), own(5)).prop_map(|t| [t.0, t.1, t.2, t.3, t.4, t.5]),
        gone in 0_usize..6, bound in 1_u32..5, catalog: bool, consents: bool, learners: bool,
    ) {
        let beside = Beside { catalog: usize::from(catalog) * 6, consents, learners };
        let rest: Vec<Own> =
            all.iter().enumerate().filter(|(at, _)| *at != gone).map(|(_, own)| own.clone()).collect();
        check(&data(&all, beside), &data(&rest, beside), bound)?;
    }
}

/// Control: drawn under numbers of the engine instead of ids, the bound does not hold.
#[test]
fn lots_under_dense_numbers_would_let_one_learner_move_the_others() {
    let many = |(id, without): (&str, i64)| Own {
        id: id.to_string(),
        events: (1..31)
            .filter(|c| c % without > 0)
            .map(|c| ("A".to_string(), format!("c{c:04}"), c))
            .collect(),
        ..Own::default()
    };
    let all: Vec<Own> = [("a", 2), ("b", 3), ("c", 4), ("d", 5)].map(many).to_vec();
    let by_number = |learners: &[Own]| {
        let data = data(learners, Beside::default());
        let lots = Lots::new([5; 32], 3);
        let personal = ask(&data, 1.0, 1e-6).personal().unwrap();
        let kept = personal.of_contents(|learner, own, out| {
            let own: Vec<u64> = own.iter().map(|item| u64::from(*item)).collect();
            out.extend(lots.cells(&i64::from(learner).into(), &own));
        });
        let counts = super::bounding::count(kept.unwrap(), 3).counts;
        counts
            .into_iter()
            .map(|(cell, n)| (cell.to_string(), n.get()))
            .collect()
    };
    let (cells, _) = distance(&by_number(&all), &by_number(&all[1..]));
    assert!(cells > 3, "{cells}");
    let (one, other) = (
        data(&all, Beside::default()),
        data(&all[1..], Beside::default()),
    );
    check(&one, &other, 3).unwrap();
}

/// Non-interference: who does not count moves nothing at all, whatever she does.
#[test]
fn without_consent_nothing_of_hers_is_in_any_count() {
    let one = |l: usize| Own {
        consents: vec![("research", true)],
        eligible: Some(true),
        groups: vec!["g".into()],
        ..super::world::user(l, 0..5)
    };
    let rest: Vec<Own> = (0..6).map(one).collect();
    let beside = Beside {
        consents: true,
        learners: true,
        ..Beside::default()
    };
    let withdrawn = |consents: &[(&'static str, bool)], eligible| Own {
        consents: consents.to_vec(),
        eligible: Some(eligible),
        ..one(900)
    };
    let mut moved = Vec::new();
    for her in [
        withdrawn(&[], true),
        withdrawn(&[("group", true)], true),
        withdrawn(&[("research", true), ("research", false)], true),
        withdrawn(&[("research", true)], false),
        // Control: she who counts does move them.
        withdrawn(&[("research", true)], true),
    ] {
        let all: Vec<Own> = rest.iter().cloned().chain([her]).collect();
        let (with, without) = (data(&all, beside), data(&rest, beside));
        let (with, without) = (ask(&with, 1.0, 1e-6), ask(&without, 1.0, 1e-6));
        let (with, without) = (questions(&with), questions(&without));
        let pairs = with.iter().zip(&without);
        moved.push(pairs.filter(|(a, b)| exact(a, 3) != exact(b, 3)).count());
    }
    assert_eq!(moved[..4], [0; 4]);
    assert!(moved[4] > 5, "{moved:?}");
}

/// The moment is the caller's: the newest event of somebody moves nothing.
#[test]
fn one_learners_newest_event_does_not_move_the_moment() {
    let early = super::world::user(1, 0..3);
    let mut late = super::world::user(2, 0..3);
    late.events
        .iter_mut()
        .for_each(|event| event.2 += 60 * 24 * 50);
    let moment = |all: &[Own]| ask(&data(all, Beside::default()), 1.0, 1e-6).as_of();
    assert_eq!(moment(&[early.clone(), late]), moment(&[early]));
    assert!(moment(&[]) > START);
}
