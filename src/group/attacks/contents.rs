//! Attacks through tables about contents.

use super::*;

/// Learners who all tried the first content twice; `failed` of them did not pass.
fn first_content(n: u32, failed: u32) -> ContentScope {
    let own = |l: u32| {
        let tried = Tried {
            again: true,
            passed: Some(l >= failed),
            ..Tried::default()
        };
        (l, vec![tried])
    };
    attempts((0..n).map(own).collect())
}

fn struggle(n: u32, scope: ContentScope) -> DataFrame {
    let values = scope_of(&[], Metric::Events);
    let groups = ask(vec![course(0, 0..n)], &values, five(), &Ledger::default());
    let groups = who_tried(groups, scope);
    groups.struggle(None).unwrap().into_frame()
}

fn number(table: &DataFrame, column: &str, row: usize) -> Option<f64> {
    table.column(column).unwrap().f64().unwrap().get(row)
}

#[test]
fn a16_nobody_and_everybody_who_fails_is_only_bounded() {
    for (failed, code, low, high) in [(0, "low", 0.0, 0.08), (60, "high", 0.92, 1.0)] {
        let table = struggle(60, first_content(60, failed));
        assert_eq!(number(&table, "share", 0), None);
        assert_eq!(texts(&table, "not_passed_code")[0].as_deref(), Some(code));
        assert_eq!(number(&table, "low", 0), Some(low));
        assert_eq!(number(&table, "high", 0), Some(high));
    }
    // As many as tried failed, though others did not try at all.
    let mut half = Vec::new();
    for learner in 0..30 {
        let tried = Tried {
            again: true,
            passed: Some(false),
            ..Tried::default()
        };
        half.push((learner, vec![tried]));
    }
    let table = struggle(60, attempts(half));
    assert_eq!(number(&table, "not_passed", 0), Some(30.0));
    assert_eq!(number(&table, "share", 0), None);
    assert_eq!(number(&table, "low", 0), Some(0.85));
}

#[test]
fn a30_a_single_failure_changes_no_byte() {
    let calm = struggle(60, first_content(60, 0));
    assert!(calm.equals_missing(&struggle(60, first_content(60, 1))));
    assert!(!calm.equals_missing(&struggle(60, first_content(60, 8))));
}

#[test]
fn a34_every_content_of_the_catalog_has_a_row_and_no_other() {
    let nobody = struggle(60, attempts(Vec::new()));
    let everybody = struggle(60, first_content(60, 30));
    let contents = |table: &DataFrame| texts(table, "content");
    assert_eq!(contents(&nobody), contents(&everybody));
    assert_eq!(contents(&nobody).len(), 9);
    // A table of what was tried would tell that somebody tried the first content.
    assert!(number(&everybody, "tried", 0).is_none());
    assert_eq!(texts(&everybody, "tried_code")[0].as_deref(), Some("high"));
}

#[test]
fn a19_pass_marks_of_every_height_cannot_be_asked() {
    let values = scope_of(&[], Metric::Events);
    let groups = ask(vec![course(0, 0..60)], &values, five(), &Ledger::default());
    for refused in [0.0, 0.61, 0.501, 1.05, f64::NAN, -0.5] {
        let error = groups.struggle(Some(refused)).unwrap_err();
        assert!(matches!(error, Error::Parameter { .. }));
    }
    for mark in [0.05, 0.15, 0.3, 0.6, 1.0] {
        assert!(groups.struggle(Some(mark)).is_ok());
    }
    // With marks of every height the best of sixty scores is found by halving.
    let scores = polars::prelude::Column::new("s".into(), minutes(60));
    let above = |mark: f64| scores.f64().unwrap().iter().flatten().any(|s| s > mark);
    let (mut low, mut high) = (0.0, 1e4);
    for _ in 0..60 {
        let middle = f64::midpoint(low, high);
        if above(middle) {
            low = middle;
        } else {
            high = middle;
        }
    }
    assert!((high - f64::from(59 * 59 + 60)).abs() < 1e-6);
}

#[test]
fn a_learner_counts_once_in_a_cell_whatever_her_record_says() {
    let own = |l: u32| {
        let tried = Tried {
            again: true,
            passed: Some(l.is_multiple_of(2)),
            ..Tried::default()
        };
        (l, vec![tried; if l == 0 { 40 } else { 1 }])
    };
    let greedy = attempts((0..30).map(own).collect());
    let table = struggle(100, greedy);
    assert_eq!(number(&table, "tried", 0), Some(30.0));
    assert_eq!(number(&table, "not_passed", 0), Some(15.0));
}

/// Learners who respond to the first content, each what `response` says.
fn responses(n: u32, response: impl Fn(u32) -> u32) -> ContentScope {
    let own = |l: u32| {
        let tried = Tried {
            response: response(l),
            ..Tried::default()
        };
        (l, vec![tried])
    };
    attempts((0..n).map(own).collect())
}

#[test]
fn what_fewer_than_k_responded_is_not_there() {
    let rows = |response: fn(u32) -> u32| {
        let values = scope_of(&[], Metric::Events);
        let groups = ask(vec![course(0, 0..60)], &values, five(), &Ledger::default());
        let groups = who_tried(groups, responses(60, response));
        groups.options(Test::Course).unwrap().into_frame()
    };
    // 56 and 4; nobody else's text is there to be read.
    let few = rows(|l| u32::from(l < 4));
    assert_eq!(texts(&few, "chosen_code")[0].as_deref(), Some("high"));
    assert_eq!(
        few.height(),
        9,
        "one named option, and eight contents without"
    );
    let alone = rows(|l| l);
    assert_eq!(texts(&alone, "chosen_code"), vec![None; 9]);
    let enough = rows(|l| u32::from(l < 5));
    assert_eq!(enough.height(), 10);
}

#[test]
fn statistics_of_pairs_of_marks_need_ten_times_k() {
    let reason = |n: u32| -> Vec<Option<String>> {
        let values = scope_of(&[], Metric::Events);
        let groups = ask(vec![course(0, 0..n)], &values, five(), &Ledger::default());
        let table = groups.item_analysis(Test::Course, Blank::Skip).unwrap();
        assert_eq!(
            table.frame().column("discrimination").unwrap().null_count() == 9,
            n < 50
        );
        texts(table.frame(), "reason")
    };
    assert_eq!(reason(49), vec![Some("TooFew".to_string()); 9]);
    assert_eq!(reason(70), vec![None; 9]);
}
