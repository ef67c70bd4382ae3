//! Attacks that add and subtract releases.

use std::collections::BTreeSet;

use super::*;

#[test]
fn a01_a_small_group_is_withheld() {
    let values = [10.0, 20.0, 30.0, 40.0];
    let scope = scope(&values, Metric::StudyTime);
    let groups = ask(vec![course(0, 0..4)], &scope, five(), &Ledger::default());
    for table in tables(&groups) {
        assert_eq!(table.column("n").unwrap().null_count(), table.height());
        assert!(
            texts(&table, "reason")
                .iter()
                .all(|r| r.as_deref() == Some("TooFew"))
        );
    }
    assert_eq!(naive(&values, &ids(0..4)), (4, 100.0));
}

#[test]
fn a02_k_learners_with_the_viewer_are_too_few() {
    let scope = scope(&minutes(6), Metric::StudyTime);
    let five_of_them = ask(vec![course(0, 0..5)], &scope, five(), &Ledger::default());
    assert_eq!(shown(&five_of_them), []);
    let six = ask(vec![course(0, 0..6)], &scope, five(), &Ledger::default());
    assert_eq!(shown(&six), [("course 0".into(), 5)]);
}

#[test]
fn a05_a_group_inside_a_course_does_not_leave_three_learners_over() {
    let values = minutes(20);
    let scope = scope(&values, Metric::StudyTime);
    let ledger = Ledger::default();
    let board = boards(Some(ids(0..20)), &[("board", ids(0..17))]);
    let planned = ask(vec![course(0, 0..20), board], &scope, five(), &ledger);
    let labels: Vec<String> = shown(&planned).into_iter().map(|(l, _)| l).collect();
    assert_eq!(
        labels,
        ["course 0", "(other)"],
        "the pool is the whole course"
    );
    assert_eq!(ledger.look(Book::len), 1);

    let rest = naive(&values, &ids(0..20)).1 - naive(&values, &ids(0..17)).1;
    assert!((rest - values[17..].iter().sum::<f64>()).abs() < 1e-9);
}

#[test]
fn a06_siblings_and_the_course_do_not_leave_the_smallest_one_over() {
    let values = minutes(30);
    let scope = scope(&values, Metric::StudyTime);
    let rosters = [("a", ids(0..12)), ("b", ids(12..24)), ("c", ids(24..30))];
    let family = boards(Some(ids(0..30)), &rosters);
    let groups = ask(
        vec![course(0, 0..30), family],
        &scope,
        ten(),
        &Ledger::default(),
    );
    let expected = [("course 0", 30), ("b", 10), ("(other)", 20)];
    assert_eq!(shown(&groups), expected.map(|(l, n)| (l.to_string(), n)));

    let (_, whole) = naive(&values, &ids(0..30));
    let rest = whole - naive(&values, &ids(0..12)).1 - naive(&values, &ids(12..24)).1;
    assert!((rest - naive(&values, &ids(24..30)).1).abs() < 1e-9);
}

#[test]
fn a07_a_tracker_of_three_groups_is_stopped_at_the_third() {
    let values = minutes(21);
    let scope = scope(&values, Metric::StudyTime);
    let (t, x, y) = (20, ids(0..10), ids(10..20));
    let a = [x.clone(), vec![t]].concat();
    let c = [x, y.clone()].concat();
    let family = boards(
        None,
        &[("A", a.clone()), ("B", y.clone()), ("C", c.clone())],
    );
    let groups = ask(vec![family], &scope, five(), &Ledger::default());
    let labels: Vec<String> = shown(&groups).into_iter().map(|(l, _)| l).collect();
    assert_eq!(labels, ["A", "B"]);

    let traced = naive(&values, &a).1 + naive(&values, &y).1 - naive(&values, &c).1;
    assert!((traced - values[20]).abs() < 1e-9);
}

#[test]
fn a08_a_tracker_of_four_groups_that_passes_all_pairwise_checks_is_stopped() {
    let values = minutes(25);
    let scope = scope(&values, Metric::StudyTime);
    let (p, q, r, s, t) = (ids(0..6), ids(6..12), ids(12..18), ids(18..24), 24);
    let a = [p.clone(), q.clone(), vec![t]].concat();
    let b = [r.clone(), s.clone()].concat();
    let c = [p, r].concat();
    let d = [q, s].concat();
    let rosters = [a.clone(), b.clone(), c.clone(), d.clone()];
    for (i, one) in rosters.iter().enumerate() {
        for other in &rosters[i + 1..] {
            let [one, other] = [one, other].map(|r| r.iter().copied().collect::<BTreeSet<u32>>());
            for part in [&one - &other, &other - &one, &one & &other] {
                assert!(
                    part.is_empty() || part.len() >= 6,
                    "pairwise checks see nothing"
                );
            }
        }
    }
    let named = [
        ("A", a.clone()),
        ("B", b.clone()),
        ("C", c.clone()),
        ("D", d.clone()),
    ];
    let groups = ask(
        vec![boards(None, &named)],
        &scope,
        five(),
        &Ledger::default(),
    );
    let labels: Vec<String> = shown(&groups).into_iter().map(|(l, _)| l).collect();
    assert_eq!(labels, ["A", "B", "C"]);

    let sum = |roster: &[u32]| naive(&values, roster).1;
    let traced = sum(&a) + sum(&b) - sum(&c) - sum(&d);
    assert!((traced - values[24]).abs() < 1e-9);
}

#[test]
fn a11_asking_ten_thousand_times_averages_nothing() {
    let scope = scope(&minutes(30), Metric::StudyTime);
    let ledger = Ledger::default();
    let release = || {
        let groups = ask(vec![course(0, 0..30)], &scope, five(), &ledger);
        groups.distribution(Metric::StudyTime).unwrap().into_frame()
    };
    let first = release();
    for _ in 0..10_000 {
        assert!(release().equals_missing(&first));
    }
    assert_eq!(ledger.look(Book::len), 1);
    // Fresh noise per answer would average out: 10 000 uniform draws in -5..5 around 43.
    let noise = |i: u32| f64::from(i.wrapping_mul(2_654_435_761) >> 8) / f64::from(1 << 24) - 0.5;
    let average = (0..10_000).map(|i| 43.0 + 10.0 * noise(i)).sum::<f64>() / 10_000.0;
    assert!((average - 43.0).abs() < 0.5);
}
