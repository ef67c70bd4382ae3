//! Attacks by the choice of a grid: edges laid around a value once it is there.

use super::ledger::{data, groups};
use super::*;
use crate::data::{DAY, Id, WEEK};
use crate::group::grid::Grids;
use crate::group::ledger::crash::Folder;

/// 2036-03-03T00:00:00Z: entries are written by the clock of the machine, which is not there yet.
const MARCH: i64 = 2_088_115_200_000_000;

/// Events counted on these edges.
fn events(edges: &[u32]) -> Grid {
    let edges: Vec<f64> = edges.iter().map(|edge| f64::from(*edge)).collect();
    Grid::new(Metric::Events, edges).unwrap()
}

/// The edges that groups of one course are shown on.
fn edges(groups: &ReferenceGroups) -> Vec<f64> {
    let table = groups.distribution(Metric::Events).unwrap().into_frame();
    let upper = table.column("upper").unwrap().f64().unwrap();
    upper.iter().flatten().collect()
}

fn built_in(n: usize) -> Vec<f64> {
    Grids::default().of(Metric::Events, n)
}

/// Two learners who lie in one cell of the public grid, 55 and 57 of 50 to 60 events, among 40.
fn two_between() -> (Scope, u32, u32) {
    let mut values: Vec<f64> = (0..40).map(|l| f64::from(l) * 3.0).collect();
    (values[18], values[19]) = (55.0, 57.0);
    (scope(&values, Metric::Events), 18, 19)
}

/// Where learners are told to stand.
fn bands(groups: &ReferenceGroups, learners: [u32; 2]) -> [(Option<f64>, Option<f64>); 2] {
    learners.map(|learner| {
        let table = compare(groups, learner, Metric::Events)
            .unwrap()
            .into_frame();
        let cell = |name: &str| table.column(name).unwrap().f64().unwrap().get(0);
        (cell("band_low"), cell("band_high"))
    })
}

#[test]
fn a59_a_finer_grid_in_mid_term_changes_no_byte() {
    let (scope, a, b) = two_between();
    let ledger = Ledger::default();
    let family = || vec![course(0, 0..40)];
    let before = tables(&ask(family(), &scope, five(), &ledger));
    let finer = events(&[0, 20, 40, 50, 56, 57, 60, 80, 200]);
    ledger.register_grid(&finer, None).unwrap();
    ledger.register_grid(&finer, Some(&Id::from("0"))).unwrap();
    let groups = ask(family(), &scope, five(), &ledger);
    assert!(same(&before, &tables(&groups)));
    let told = bands(&groups, [a, b]);
    assert_eq!(told[0], told[1]);
    // Without the rule the two are set apart.
    let mut chosen = scope.clone();
    chosen.count_on(Grids::new(vec![finer]));
    let scopes = crate::group::Scopes::from([(Some(0), chosen)]);
    let open = ReferenceGroups {
        scopes: std::sync::Arc::new(scopes),
        ..groups
    };
    let told = bands(&open, [a, b]);
    assert_ne!(told[0], told[1]);
    assert!(!same(&before, &tables(&open)));
}

#[test]
fn a59_what_has_begun_keeps_its_grid_before_its_first_release() {
    let ledger = Ledger::in_memory();
    let term = data(0..20, Some(("spring", "2036-03-03T00:00:00Z")));
    let own = events(&[0, 1, 7]);
    ledger.register_grid_at(&own, None, MARCH).unwrap();
    assert_eq!(edges(&groups(&term, &ledger).unwrap()), built_in(20));
    // A microsecond earlier it counts.
    let ledger = Ledger::in_memory();
    ledger.register_grid_at(&own, None, MARCH - 1).unwrap();
    assert_eq!(edges(&groups(&term, &ledger).unwrap()), [0.0, 7.0]);
    // A clock that was put back registers nothing for terms that began since the last entry.
    let ledger = Ledger::in_memory();
    ledger
        .register_grid_at(&events(&[0, 1, 9]), None, MARCH + DAY)
        .unwrap();
    ledger.register_grid_at(&own, None, MARCH - DAY).unwrap();
    assert_eq!(edges(&groups(&term, &ledger).unwrap()), built_in(20));
}

#[test]
fn the_newest_counts_for_terms_that_begin_later_and_all_stay_on_record() {
    let ledger = Ledger::in_memory();
    let spring = data(0..20, Some(("spring", "2036-03-03T00:00:00Z")));
    let autumn = data(0..20, Some(("autumn", "2036-09-01T00:00:00Z")));
    let winter = data(0..20, Some(("winter", "2036-12-01T00:00:00Z")));
    for (number, before) in [(3, 2 * WEEK), (5, WEEK), (7, -4 * WEEK)] {
        let grid = events(&[0, 1, number]);
        ledger
            .register_grid_at(&grid, None, MARCH - before)
            .unwrap();
    }
    assert_eq!(edges(&groups(&spring, &ledger).unwrap()), [0.0, 5.0]);
    assert_eq!(edges(&groups(&autumn, &ledger).unwrap()), [0.0, 7.0]);
    // One for the course goes before one for all.
    let course = Id::from("algebra");
    let other = Id::from("biology");
    for (number, course) in [(11, Some(&course)), (13, None), (17, Some(&other))] {
        let grid = events(&[0, 1, number]);
        ledger
            .register_grid_at(&grid, course, MARCH + 30 * WEEK)
            .unwrap();
    }
    assert_eq!(edges(&groups(&winter, &ledger).unwrap()), [0.0, 11.0]);
    for (term, last) in [(&spring, 5.0), (&autumn, 7.0), (&winter, 11.0)] {
        assert_eq!(edges(&groups(term, &ledger).unwrap()), [0.0, last]);
    }
    let kinds = texts(&ledger.entries().unwrap(), "kind");
    let grids = kinds.iter().filter(|kind| kind.as_deref() == Some("grid"));
    assert_eq!(grids.count(), 6);
}

#[test]
fn where_no_start_is_known_it_counts_before_the_first_release() {
    let ledger = Ledger::default();
    let scope = scope(&minutes(40), Metric::Events);
    let asked = |at: u32| edges(&ask(vec![course(at, 0..40)], &scope, five(), &ledger));
    assert_eq!(asked(0), built_in(40));
    ledger.register_grid(&events(&[0, 10, 20]), None).unwrap();
    assert_eq!(asked(0), built_in(40));
    // A refused release is none.
    let few = |at: u32, n: u32| ask(vec![course(at, 0..n)], &scope, five(), &ledger);
    assert_eq!(shown(&few(1, 4)), []);
    ledger.register_grid(&events(&[0, 10, 30]), None).unwrap();
    let fresh = ledger.look(|book| book.grids(Some(1)));
    assert_eq!(fresh.full(Metric::Events), [0.0, 10.0, 30.0]);
    assert_eq!(
        fresh.full(Metric::Sessions),
        Grids::default().full(Metric::Sessions)
    );
    // What spans all courses holds what was released of one.
    let all = ledger.look(|book| book.grids(None));
    assert_eq!(
        all.full(Metric::Events),
        Grids::default().full(Metric::Events)
    );
}

#[test]
fn a_course_over_all_terms_keeps_the_grid_that_its_terms_were_released_on() {
    let ledger = Ledger::in_memory();
    let term = data(0..20, Some(("spring", "2036-03-03T00:00:00Z")));
    groups(&term, &ledger).unwrap();
    ledger.register_grid(&events(&[0, 1, 7]), None).unwrap();
    let whole = groups(&data(0..20, None), &ledger).unwrap();
    assert_eq!(edges(&whole), built_in(20));
}

#[test]
fn a_registered_grid_outlives_the_process() {
    let folder = Folder::new("grid");
    let ledger = Ledger::open(folder.ledger(), None).unwrap();
    let grid = Grid::new(Metric::StudyTime, [0.0, 0.1, 0.1 + 0.2]).unwrap();
    let course = Id::Int(7);
    ledger.register_grid(&grid, Some(&course)).unwrap();
    drop(ledger);
    let again = Ledger::open(folder.ledger(), None).unwrap();
    assert_eq!(again.verify().unwrap(), 1);
    let table = again.grids().unwrap();
    let (component, upper) = (texts(&table, "component"), table.column("upper").unwrap());
    let own: Vec<f64> = component
        .iter()
        .zip(upper.f64().unwrap().iter())
        .zip(
            table
                .column("registered")
                .unwrap()
                .datetime()
                .unwrap()
                .physical()
                .iter(),
        )
        .filter(|((name, _), since)| name.as_deref() == Some("7 (later)") && since.is_some())
        .filter_map(|((_, upper), _)| upper)
        .collect();
    assert_eq!(own, grid.edges());
    assert!(
        component
            .iter()
            .any(|name| name.as_deref() == Some("(later)"))
    );
}

#[test]
fn without_an_edge_at_0_nobody_is_counted_as_active() {
    let ledger = Ledger::default();
    ledger.register_grid(&events(&[10, 20, 30]), None).unwrap();
    let scope = scope(&minutes(40), Metric::Events);
    let groups = ask(vec![course(0, 0..40)], &scope, five(), &ledger);
    assert_eq!(edges(&groups), [10.0, 30.0]);
    let groups = ReferenceGroups {
        metrics: &Metric::CUMULATIVE,
        ..groups
    };
    let table = groups.active_learners().unwrap().into_frame();
    let reasons = texts(&table, "reason");
    let metrics = texts(&table, "metric");
    for (metric, reason) in metrics.iter().zip(&reasons) {
        let none = metric.as_deref() == Some("events");
        assert_eq!(
            reason.as_deref(),
            none.then_some("the grid has no edge at 0")
        );
    }
}
