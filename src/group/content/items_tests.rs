//! Tables that a reader can analyse on paper.

use super::*;

fn table(rows: &[&[f64]]) -> Scores {
    let rows: Vec<Vec<Option<f64>>> = rows
        .iter()
        .map(|row| row.iter().copied().map(Some).collect())
        .collect();
    Scores::new(&rows, rows[0].len(), Missing::LeaveOut)
}

fn near(a: Option<f64>, b: f64) {
    assert!((a.unwrap() - b).abs() < 1e-12, "{a:?} against {b}");
}

/// Four learners, three items: a Guttman scale, totals 3 2 1 0.
fn scale() -> Scores {
    table(&[
        &[1.0, 1.0, 1.0],
        &[1.0, 1.0, 0.0],
        &[1.0, 0.0, 0.0],
        &[0.0, 0.0, 0.0],
    ])
}

#[test]
fn a_perfect_scale_by_hand() {
    let items = analyse(&scale(), &[1.0; 3]);
    near(items[0].facility, 0.75);
    near(items[1].facility, 0.5);
    near(items[2].facility, 0.25);
    // Item 2 is 1 1 0 0, the rest 2 1 1 0: cov 1/4, sd 1/2 and sqrt(1/2).
    near(items[1].discrimination, 0.5_f64.sqrt());
    // Item 1 is 1 1 1 0, the rest 2 1 0 0: cov 3/16, sd sqrt(3)/4 and sqrt(11)/4.
    near(items[0].discrimination, 3.0 / 33.0_f64.sqrt());
    // With the total 3 2 1 0 (sd sqrt(5)/2): cov 1/2 over sqrt(5)/4.
    near(items[1].point_biserial, 2.0 / 5.0_f64.sqrt());
    // 27 % of 4 is one learner at each end: 1 - 0 for every item.
    for item in &items {
        near(item.upper_lower, 1.0);
        near(item.efficiency, 1.0);
        assert!(!item.weak() && !item.negative() && !item.easy() && !item.hard());
    }
    // cov with the total: 3/8, 1/2, 3/8.
    let sum = 2.0 * 0.375_f64.sqrt() + 0.5_f64.sqrt();
    near(items[0].weight, 0.375_f64.sqrt() / sum);
    let weights: f64 = items.iter().filter_map(|item| item.weight).sum();
    near(Some(weights), 1.0);
}

#[test]
fn an_item_with_the_wrong_key_is_flagged() {
    let items = analyse(
        &table(&[
            &[1.0, 1.0, 0.0],
            &[1.0, 1.0, 0.0],
            &[0.0, 1.0, 1.0],
            &[0.0, 0.0, 1.0],
        ]),
        &[1.0; 3],
    );
    // The rest of item 3 is 2 2 1 0: cov (0 + 0 + 1 + 0)/4 - 1/2 * 5/4 = -3/8.
    let spread = 0.5 * (2.25_f64 - 1.5625).sqrt();
    near(items[2].discrimination, -0.375 / spread);
    assert!(items[2].negative() && items[2].weak());
    assert_eq!(items[2].weight, None);
    // Sorted alike the covariance could be (0 + 0 + 2 + 2)/4 - 5/8 = 3/8.
    near(items[2].efficiency, -1.0);
}

#[test]
fn ties_at_the_border_share_its_places() {
    // Totals 2 1 1 1 0: 27 % of 5 is one place; and with totals 1 1 0 0 0 the two best share it.
    let items = analyse(
        &table(&[
            &[1.0, 0.0],
            &[0.0, 1.0],
            &[0.0, 0.0],
            &[0.0, 0.0],
            &[0.0, 0.0],
        ]),
        &[1.0; 2],
    );
    near(items[0].upper_lower, 0.5);
    near(items[1].upper_lower, 0.5);
    let swapped = analyse(
        &table(&[
            &[0.0, 0.0],
            &[0.0, 1.0],
            &[0.0, 0.0],
            &[1.0, 0.0],
            &[0.0, 0.0],
        ]),
        &[1.0; 2],
    );
    let index = |items: &[Item]| -> Vec<_> { items.iter().map(|item| item.upper_lower).collect() };
    assert_eq!(index(&items), index(&swapped));
}

#[test]
fn what_does_not_vary_has_no_discrimination() {
    let items = analyse(
        &table(&[&[1.0, 0.5], &[1.0, 1.0], &[1.0, 0.0]]),
        &[1.0, 1.0],
    );
    near(items[0].facility, 1.0);
    assert!(items[0].easy());
    assert_eq!(items[0].discrimination, None);
    assert_eq!(items[0].efficiency, None);
    // Half marks are no right or wrong.
    assert_eq!(items[1].point_biserial, None);
    assert_eq!(
        analyse(&table(&[&[1.0, 1.0]]), &[1.0; 2])[0].upper_lower,
        None
    );
}

#[test]
fn full_marks_other_than_one_scale_the_facility() {
    let items = analyse(&table(&[&[4.0, 1.0], &[2.0, 0.0]]), &[4.0, 1.0]);
    near(items[0].facility, 0.75);
    near(items[0].upper_lower, 0.5);
}

#[test]
fn a_blank_is_no_marks_or_leaves_the_learner_out() {
    let rows = [
        vec![Some(1.0), None],
        vec![Some(1.0), Some(1.0)],
        vec![None, None],
    ];
    let zero = analyse(&Scores::new(&rows, 2, Missing::Zero), &[1.0; 2]);
    assert_eq!(zero[1].n, 2);
    near(zero[1].facility, 0.5);
    let out = analyse(&Scores::new(&rows, 2, Missing::LeaveOut), &[1.0; 2]);
    assert_eq!(out[1].n, 1);
    near(out[1].facility, 1.0);
    let nobody = analyse(&Scores::new(&[], 2, Missing::Zero), &[1.0; 2]);
    assert_eq!(nobody[0].facility, None);
}
