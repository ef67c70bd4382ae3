//! Attacks with values of one's own: asking where they lie, and putting them together.

use proptest::prelude::*;

use super::*;

/// Position and group of learner 39 among forty, when her own minutes are these.
fn standing(own: f64) -> [DataFrame; 2] {
    let mut values = minutes(40);
    values[39] = own;
    let scope = scope(&values, Metric::StudyTime);
    let groups = ask(vec![course(0, 0..40)], &scope, five(), &Ledger::default());
    let table = compare(&groups, 39, Metric::StudyTime)
        .unwrap()
        .into_frame();
    let of_all = groups.distribution(Metric::StudyTime).unwrap().into_frame();
    [table.drop("own").unwrap(), of_all]
}

/// A29: her rank, asked again and again while she raises her own minutes.
#[test]
fn a29_a_position_moves_at_public_edges_alone() {
    let values = minutes(40);
    let edges: Vec<f64> = distribution(
        &ids(0..40),
        &scope(&values, Metric::StudyTime),
        Metric::StudyTime,
        five(),
    )
    .cells()
    .map(|(edge, _)| edge)
    .collect();
    let cell = |own: f64| edges.partition_point(|edge| *edge < own);
    // 1, 2, 4 ... minutes, and each quarter of a minute where the others lie.
    let doubled = (0..12).map(|i| 60.0 * f64::from(1 << i));
    let mut asked: Vec<f64> = doubled
        .chain((0..120).map(|i| 15.0 * f64::from(i)))
        .collect();
    asked.sort_by(f64::total_cmp);
    let mut moves = 0;
    for pair in asked.windows(2) {
        let differs = !same(&standing(pair[0]), &standing(pair[1]));
        assert!(!differs || cell(pair[0]) != cell(pair[1]), "{pair:?}");
        moves += usize::from(differs);
    }
    assert!(moves > 3, "control: it does move, {moves} times");

    // Without the grid: an exact rank turns at the value of another, found by halving.
    let rank = |own: f64| values[..39].iter().filter(|v| **v < own).count();
    let (mut low, mut high) = (0.0, 1e4);
    for _ in 0..60 {
        let middle = f64::midpoint(low, high);
        if rank(middle) > 20 {
            high = middle;
        } else {
            low = middle;
        }
    }
    assert!((high - values[20]).abs() < 1e-6);
}

/// Every table about twelve learners, the last of whom has this value.
fn of_twelve(values: &[f64]) -> Vec<DataFrame> {
    let scope = scope(values, Metric::StudyTime);
    tables(&ask(
        vec![course(0, 0..12)],
        &scope,
        five(),
        &Ledger::default(),
    ))
}

/// A25: the promise ends where a coalition leaves fewer than two of an atom. This pins what is
/// said not to be promised: eleven who pool their values place the twelfth, ten do not.
#[test]
fn a25_all_but_one_who_pool_their_values_are_beyond_the_promise() {
    // Four of the eleven have nothing, and the group is shown to have five or more of them.
    let mut values = [vec![0.0; 4], vec![7200.0; 8]].concat();
    let active = of_twelve(&values);
    values[11] = 0.0;
    let idle = of_twelve(&values);
    assert!(!same(&active, &idle), "eleven know which of the two it is");
    // Ten do not: the two others can be exchanged.
    values.swap(10, 11);
    assert!(same(&of_twelve(&values), &idle));
    // An instructor of as many is refused, see A26; differential privacy promises more, see
    // `research`. Without the coding, five of a group of six know the sixth to the minute.
    let exact = minutes(6);
    let sixth = naive(&exact, &ids(0..6)).1 - naive(&exact, &ids(0..5)).1;
    assert!((sixth - exact[5]).abs() < 1e-9);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]
    /// A25: k - 1 of an atom of k + 1 who pool their values leave two, and cannot say which
    /// value is whose.
    #[test]
    fn a25_a_coalition_of_four_in_an_atom_of_six_cannot_place_the_other_two(
        values in prop::collection::vec(0_u32..20_000, 12),
        first in 0_usize..6,
        second in 0_usize..6,
    ) {
        let values: Vec<f64> = values.into_iter().map(f64::from).collect();
        let mut swapped = values.clone();
        swapped.swap(first, second);
        let shown = |values: &[f64]| {
            // The course, and beside it a board of half of it: two atoms of six.
            let family = boards(Some(ids(0..12)), &[("board", ids(0..6))]);
            let scope = scope(values, Metric::StudyTime);
            let groups = ask(vec![course(0, 0..12), family], &scope, five(), &Ledger::default());
            (super::shown(&groups), tables(&groups))
        };
        let ((one, before), (other, after)) = (shown(&values), shown(&swapped));
        prop_assert_eq!(one.len(), 2, "the course and the board");
        prop_assert_eq!(one, other);
        prop_assert!(same(&before, &after));
    }
}
