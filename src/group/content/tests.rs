//! From a log to the kernels.

use polars::prelude::*;

use super::curves::{curves, opportunities};
use super::items::{Missing, Scores, analyse, first_attempts};
use super::struggle::rank;
use crate::data::{LearningData, Options, Tables};
use crate::personal::{PersonalAnalytics, PersonalOptions};

/// Ann and bob answer two questions on one topic; cid only one of them, twice.
fn questions() -> (LearningData, PersonalAnalytics) {
    let events = df!(
        "learner" => ["ann", "ann", "bob", "bob", "bob", "cid", "cid"],
        "time" => (0..7).map(|m| format!("2024-03-01T10:0{m}Z")).collect::<Vec<_>>(),
        "content" => ["q1", "q2", "q2", "q1", "q1", "q1", "q1"],
        "verb" => ["answered"; 7],
        "score" => [Some(1.0), None, None, Some(0.0), Some(1.0), Some(0.0), Some(0.0)],
        "success" => [Some(true), Some(true), Some(false), None, None, None, None],
    )
    .unwrap();
    let catalog = df!(
        "content" => ["q1", "q2"],
        "course" => ["A", "A"],
        "topics" => ["sums", "sums"],
    )
    .unwrap();
    let tables = Tables {
        catalog: Some(catalog),
        ..Tables::default()
    };
    let data = LearningData::new(events, tables, &Options::default()).unwrap();
    let pla = data.personal(&PersonalOptions::default()).unwrap();
    (data, pla)
}

#[test]
fn first_attempts_are_a_matrix_and_success_counts_where_no_score_is() {
    let responses = questions().1.responded().unwrap();
    let rows = first_attempts(&responses, 0..2);
    // q1 has scores; q2 has none, so right is 1 and wrong is 0.
    let expected = [
        vec![Some(1.0), Some(1.0)],
        vec![Some(0.0), Some(0.0)],
        vec![Some(0.0), None],
    ];
    assert_eq!(rows, expected);
    let items = analyse(&Scores::new(&rows, 2, Missing::LeaveOut), &[1.0; 2]);
    assert_eq!((items[0].n, items[0].facility), (2, Some(0.5)));
    assert_eq!(items[0].discrimination, Some(1.0));
}

#[test]
fn opportunities_are_first_attempts_by_topic_in_order_of_time() {
    let (data, pla) = questions();
    let responses = pla.responded().unwrap();
    let points = curves(&opportunities(&responses, &data.inner.items, None));
    let told: Vec<_> = points
        .iter()
        .map(|p| (p.opportunity, p.n, p.errors))
        .collect();
    // First: ann right at q1, bob wrong at q2, cid wrong at q1. Second: ann right, bob wrong.
    assert_eq!(told, [(1, 3, 2), (2, 2, 1)]);
}

#[test]
fn who_tried_twice_and_has_not_passed_struggles() {
    let assessed = questions().1.assessed(None).unwrap();
    let tried: Vec<_> = assessed
        .iter()
        .map(|a| (a.item, a.attempts, a.passed))
        .collect();
    let ranked = rank(&tried);
    // At q1 bob passed at his second attempt, cid did not.
    assert_eq!(ranked.len(), 1);
    assert_eq!((ranked[0].not_passed, ranked[0].n), (1, 2));
}
