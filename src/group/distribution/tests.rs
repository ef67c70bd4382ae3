use super::*;
use crate::group::fixture::{facts, five, scope};
use crate::group::grid::Grids;
use proptest::prelude::*;

/// The slow twin, written from the definition: count, compare, round.
fn twin(values: &[f64], metric: Metric, k: usize, base: usize) -> Vec<(f64, Cell)> {
    let n = values.len();
    let mut out = Vec::new();
    if n < 2 * k {
        return out;
    }
    let edges = Grids::default().of(metric, n);
    for edge in &edges {
        let mut count = 0;
        for value in values {
            let clamped = value.max(edges[0]).min(edges[edges.len() - 1]);
            if clamped <= *edge {
                count += 1;
            }
        }
        let cell = if count < k {
            Cell::Low
        } else if count > n - k {
            Cell::High
        } else {
            let mut nearest = 0;
            while 2 * nearest + base <= 2 * count {
                nearest += base;
            }
            Cell::Count(u32::try_from(nearest).unwrap())
        };
        out.push((*edge, cell));
    }
    out
}

proptest! {
    #[test]
    fn the_distribution_agrees_with_its_slow_twin(
        values in prop::collection::vec(prop_oneof![0.0..400.0f64, Just(0.0), Just(1e9), (0u32..9).prop_map(f64::from)], 0..130),
        metric in prop::sample::select(Metric::ALL.to_vec()),
        wide in any::<bool>(),
    ) {
        let (k, base) = if wide { (10, 10) } else { (5, 5) };
        let policy = ReleasePolicy::new(k, base, 0.7).unwrap();
        let members: Vec<u32> = (0..u32::try_from(values.len()).unwrap()).collect();
        let made = distribution(&members, &scope(&values, metric), metric, policy);
        prop_assert_eq!(made.cells().collect::<Vec<_>>(), twin(&values, metric, k as usize, base as usize));
    }

    #[test]
    fn counts_never_fall_along_the_grid(values in prop::collection::vec(0.0..400.0f64, 20..130)) {
        let members: Vec<u32> = (0..u32::try_from(values.len()).unwrap()).collect();
        let made = distribution(&members, &scope(&values, Metric::Events), Metric::Events, five());
        let n = made.rules().n;
        let level = |c| match c { Cell::Low => 0, Cell::Count(c) => c, Cell::High => n };
        let levels: Vec<u32> = made.cells().map(|(_, c)| level(c)).collect();
        prop_assert!(levels.windows(2).all(|w| w[0] <= w[1]));
    }
}

#[test]
fn a_member_without_a_record_counts_as_zero() {
    let members: Vec<u32> = (0..20).collect();
    let made = distribution(
        &members,
        &scope(&[], Metric::Events),
        Metric::Events,
        five(),
    );
    assert!(made.cells().all(|(_, c)| c == Cell::High));
}

#[test]
fn rules_follow_the_exact_n() {
    let policy = ReleasePolicy::default();
    let at = |n| Rules::new(n, policy);
    assert!(!at(19).cells && at(20).cells);
    assert!(!at(39).mean && at(40).mean);
    let allowed = |n| -> Vec<(u32, u32)> {
        let rules = at(n).quantiles;
        QUANTILES
            .into_iter()
            .zip(rules)
            .filter(|(_, r)| *r)
            .map(|(q, _)| q)
            .collect()
    };
    assert_eq!(allowed(19), []);
    assert_eq!(allowed(20), [(1, 2)]);
    assert!(!allowed(39).contains(&(1, 4)) && allowed(40).contains(&(1, 4)));
    assert!(!allowed(99).contains(&(1, 10)) && allowed(100).len() == QUANTILES.len());
}

#[test]
fn bounds_of_rates_widen_as_groups_shrink() {
    let ten = ReleasePolicy::default();
    let bound = |n: usize, p| Rules::new(n, p).bound;
    assert_eq!(bound(20, five()), 23);
    assert_eq!(bound(100, ten), 10);
    assert_eq!(bound(5000, ten), 1);
    assert_eq!(bound(250, ten), 4);
    assert_eq!(bound(20, ten), 50);
}

#[test]
fn reached_and_left_are_counted_and_coded_by_themselves() {
    let rows = (0u32..30).map(|l| {
        let furthest = if l < 12 { 0 } else { 2 };
        let record = Record {
            furthest_module: Some(furthest),
            left: l < 12,
            ..Record::default()
        };
        (l, record)
    });
    let scope = Scope::new(rows.collect(), facts());
    let members: Vec<u32> = (0..30).collect();
    let made = steps(&members, &scope, Steps::Module, five());
    let expected = [
        (Cell::High, Cell::Count(10)),
        (Cell::Count(20), Cell::Low),
        (Cell::Count(20), Cell::Low),
    ];
    assert_eq!(made.cells()[..3], expected);
    assert!(
        made.cells()[3..]
            .iter()
            .all(|c| *c == (Cell::Low, Cell::Low))
    );
}

#[test]
fn steps_at_one_position_are_reached_together() {
    let mut facts = facts();
    let modules = facts.modules.as_mut().unwrap();
    modules[3].position = modules[2].position;
    let at = |l| {
        (
            l,
            Record {
                furthest_module: Some(2),
                ..Record::default()
            },
        )
    };
    let scope = Scope::new((0..30).map(at).collect(), facts);
    let members: Vec<u32> = (0..30).collect();
    let made = steps(&members, &scope, Steps::Module, five());
    let reached: Vec<Cell> = made.cells().iter().map(|(r, _)| *r).collect();
    assert_eq!(reached[..4], [Cell::High; 4]);
    assert_eq!(reached[4..], [Cell::Low; 5]);
}
