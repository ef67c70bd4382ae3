//! Attacks on cells: all, none, one, decimals, the last of a curve.

use super::*;
use crate::group::distribution::Spell;
use crate::personal::status::Exit;

#[test]
fn a16_a_homogeneous_group_is_never_said_to_be_all_alike() {
    let scope = modules(&[(3, true); 20]);
    let made = steps(&ids(0..20), &scope, Steps::Module, five());
    let (reached, left) = made.cells()[2];
    assert_eq!((reached, left), (Cell::High, Cell::High));
    assert_eq!(Rate::new(left, made.rules()).to_string(), ">= 77 %");
    let groups = ask(vec![course(0, 0..20)], &scope, five(), &Ledger::default());
    let table = groups.drop_off(Steps::Module).unwrap().into_frame();
    assert_eq!(table.column("reached").unwrap().null_count(), 9);
    assert_eq!(table.column("left").unwrap().null_count(), 9);
    // Without the coding: 20 of 20, everybody left at module 3.
    assert_eq!(naive(&[1.0; 20], &ids(0..20)), (20, 20.0));
}

#[test]
fn a17_nobody_is_shown_as_few() {
    let scope = modules(&[(8, false); 100]);
    let made = steps(&ids(0..100), &scope, Steps::Module, ten());
    let (reached, _) = made.cells()[8];
    assert_eq!(reached, Cell::Low);
    let rate = Rate::new(reached, made.rules());
    assert_eq!(rate.to_string(), "<= 10 %");
    assert!(Rate::band(reached, made.rules()).1 > 0.0);
    // Nine who passed read the same; uncoded, 0 of 100 is not 9 of 100.
    let mut nine = vec![(8, false); 91];
    nine.extend([(9, false); 9]);
    let other = steps(&ids(0..100), &modules(&nine), Steps::Module, ten());
    assert_eq!(other.cells()[8], made.cells()[8]);
    let passed = |all: &[(u32, bool)]| all.iter().filter(|(module, _)| *module == 9).count();
    assert_eq!((passed(&[(8, false); 100]), passed(&nine)), (0, 9));
    let mut ten_of_them = nine;
    ten_of_them[0] = (9, false);
    let seen = steps(&ids(0..100), &modules(&ten_of_them), Steps::Module, ten());
    assert_eq!(seen.cells()[8].0, Cell::Count(10), "ten are seen");
}

#[test]
fn a18_one_learner_dominates_nothing() {
    let mut values = vec![360.0; 11];
    values[4] = 144_000.0;
    let scope = scope(&values, Metric::StudyTime);
    let made = distribution(&ids(0..11), &scope, Metric::StudyTime, five());
    let top: Vec<Cell> = made
        .cells()
        .filter(|(e, _)| *e > 480.0)
        .map(|(_, c)| c)
        .collect();
    assert!(
        top.iter().all(|c| *c == Cell::High),
        "6 of 11 or more, never 10"
    );
    assert_eq!(mean(&made), None);
    let calm = distribution(
        &ids(0..11),
        &scope_of(&[360.0; 11], Metric::StudyTime),
        Metric::StudyTime,
        five(),
    );
    assert_eq!(made, calm, "40 h changes no cell");
    let (n, sum) = naive(&values, &ids(0..11));
    assert!(sum / n as f64 > 13_000.0, "the exact mean shows it");
}

#[test]
fn a22_rates_have_no_decimals_that_reveal_n() {
    let mut furthest = vec![(2, true); 7];
    furthest.extend([(9, false); 16]);
    let scope = modules(&furthest);
    let made = steps(&ids(0..23), &scope, Steps::Module, five());
    assert_eq!(
        Rate::new(made.cells()[1].1, made.rules()).to_string(),
        "20 %"
    );
    let groups = ask(vec![course(0, 0..23)], &scope, five(), &Ledger::default());
    for table in tables(&groups) {
        for column in table.columns().iter().filter(|c| c.name() != "upper") {
            if let Ok(values) = column.f64() {
                let near = |v: f64| (v - 30.43).abs() < 0.5 || (v - 0.3043).abs() < 0.001;
                assert!(!values.iter().flatten().any(near));
            }
        }
    }
    assert_eq!(format!("{:.2}", 7.0 / 23.0 * 100.0), "30.43");
}

#[test]
fn a30_a_single_drop_changes_no_byte() {
    let stay = vec![(9, false); 30];
    let mut drop = stay.clone();
    drop[7] = (4, true);
    let table = |furthest: &[(u32, bool)]| {
        tables(&ask(
            vec![course(0, 0..30)],
            &modules(furthest),
            five(),
            &Ledger::default(),
        ))
    };
    assert!(same(&table(&stay), &table(&drop)));
    let made = steps(&ids(0..30), &modules(&drop), Steps::Module, five());
    assert_eq!(made.cells()[3], (Cell::High, Cell::Low));
    assert_eq!(made.cells()[4], (Cell::High, Cell::Low));
    // Exact counts give it away: 30 reach module 4, 29 module 5.
    let reached = |j: u32| drop.iter().filter(|(m, _)| *m >= j).count();
    assert_eq!((reached(4), reached(5)), (30, 29));
}

/// Survival of thirty learners, of whom nine leave in each of weeks 3, 6 and 9 and the last three
/// as given, by the columns of the table.
fn staying(last: [u32; 3]) -> DataFrame {
    let week_of = |l: u32| match l {
        0..27 => 2 + 3 * (l / 9),
        _ => last[l as usize - 27],
    };
    let row = |l: u32| {
        let spell = Some(Spell {
            week: week_of(l),
            exit: Exit::Left,
            could: 13,
        });
        let record = Record {
            spell,
            ..Record::default()
        };
        (l, record)
    };
    let scope = Scope::new((0..30).map(row).collect(), facts());
    let groups = ask(vec![course(0, 0..30)], &scope, five(), &Ledger::default());
    groups.survival().unwrap().into_frame()
}

#[test]
fn a31_the_curve_stops_where_fewer_than_k_are_left() {
    let table = staying([11, 11, 12]);
    let column = |name: &str| -> Vec<Option<f64>> {
        table.column(name).unwrap().f64().unwrap().iter().collect()
    };
    let rounded: Vec<Option<f64>> = column("survival")
        .into_iter()
        .map(|s| s.map(|s| (s * 30.0).round()))
        .collect();
    // Steps of 9 shown as 10; after 27, coded as all but 2.5, 2.5 are left: fewer than 5.
    let (all, twenty, ten) = (Some(30.0), Some(20.0), Some(10.0));
    let expected = [&[all; 2][..], &[twenty; 3], &[ten; 3], &[None; 6]].concat();
    assert_eq!(rounded, expected);
    for name in ["low", "high", "left", "completed", "cumulative_hazard"] {
        assert!(column(name)[8..].iter().all(Option::is_none), "{name}");
    }
    // When the last three leave changes no byte.
    assert!(table.equals_missing(&staying([9, 12, 13])));
    assert!(table.equals_missing(&staying([13; 3])));
    // Kaplan and Meier's own curve tells the week of each: three at risk, then one, then none.
    let alive = |week: u32| 3 - [11, 11, 12].iter().filter(|last| **last < week).count();
    assert_eq!([11, 12, 13].map(alive), [3, 1, 0]);
}

#[test]
fn a16_nobody_and_everybody_are_never_confirmed_to_be_active() {
    let of = |active: usize| {
        let mut values = vec![0.0; 100];
        values.iter_mut().take(active).for_each(|v| *v = 3.0);
        let scope = scope(&values, Metric::EventsInPeriod);
        let groups = ask(vec![course(0, 0..100)], &scope, ten(), &Ledger::default());
        let table = groups.active_learners().unwrap().into_frame();
        let names = texts(&table, "metric");
        let row = names
            .iter()
            .position(|name| name.as_deref() == Some("events_in_period"));
        table.slice(i64::try_from(row.unwrap()).unwrap(), 1)
    };
    let number = |table: &DataFrame, name: &str| {
        let column = table.column(name).unwrap().f64().unwrap();
        column.get(0)
    };
    let code = |table: &DataFrame| texts(table, "code")[0].clone().unwrap();
    for (some, same) in [(0, 9), (100, 91)] {
        assert_eq!(of(some), of(same));
        assert_eq!(number(&of(some), "learners"), None);
        assert_eq!(number(&of(some), "share"), None);
    }
    assert_eq!((code(&of(9)), code(&of(91))), ("low".into(), "high".into()));
    let half = of(52);
    assert_eq!(code(&half), "count");
    assert_eq!(number(&half, "learners"), Some(50.0));
    assert_eq!(number(&half, "share"), Some(0.5));
    assert!(number(&half, "low").unwrap() < 0.5 && number(&half, "high").unwrap() > 0.5);
    // A count of active learners without coding tells 100 from 99.
    let scope = scope(&[3.0; 100], Metric::EventsInPeriod);
    let cells = distribution(&ids(0..100), &scope, Metric::EventsInPeriod, ten());
    assert!(cells.cells().take(3).all(|(_, cell)| cell == Cell::Low));
}
