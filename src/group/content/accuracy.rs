//! How far released numbers are from the exact ones, by the size of the group.

use polars::prelude::{DataFrame, DataType};

use super::items::{Item, Missing, Scores, analyse};
use crate::group::distribution::{Content, ContentScope, Rows, Tried};
use crate::group::fixture::{ask, course, scope, ten, who_tried};
use crate::group::ledger::Ledger;
use crate::group::{Blank, Metric, ReferenceGroups, Test};
use crate::stats::{cronbach_alpha, ndarray::Array2, standard_error_of_measurement};

const ITEMS: usize = 20;

/// Repeatable numbers in 0..1.
struct Dice(u64);

impl Dice {
    fn next(&mut self) -> f64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        f64::from(u32::try_from(self.0 >> 32).unwrap()) / f64::from(u32::MAX)
    }

    fn normal(&mut self) -> f64 {
        (0..12).map(|_| self.next()).sum::<f64>() - 6.0
    }
}

/// Right and wrong answers after a two-parameter logistic model.
fn answers(dice: &mut Dice, learners: usize) -> Vec<Vec<Option<f64>>> {
    let items: Vec<(f64, f64)> = (0..ITEMS)
        .map(|_| (0.4 + 1.2 * dice.next(), 2.4 * dice.next() - 1.2))
        .collect();
    let row = |_| {
        let ability = dice.normal();
        let answer = |(slope, hardness): &(f64, f64)| {
            let chance = 1.0 / (1.0 + (-slope * (ability - hardness)).exp());
            Some(f64::from(u8::from(dice.next() < chance)))
        };
        items.iter().map(answer).collect()
    };
    (0..learners).map(row).collect()
}

fn released(rows: &[Vec<Option<f64>>]) -> ReferenceGroups {
    let content = |i: usize| Content {
        label: format!("q{i}"),
        ..Content::default()
    };
    let tried = |row: &Vec<Option<f64>>| -> Vec<Tried> {
        let marks = (0..)
            .zip(row)
            .filter_map(|(place, score)| Some((place, (*score)?)));
        let own = |(place, score): (u32, f64)| Tried {
            place,
            first: Some(if score > 0.5 { 20 } else { 0 }),
            ..Tried::default()
        };
        marks.map(own).collect()
    };
    let own = (0..).zip(rows).map(|(l, row)| (l, tried(row)));
    let own = ContentScope::new(
        Ok((0..ITEMS).map(content).collect()),
        Rows::new(own.collect()),
    );
    let n = u32::try_from(rows.len()).unwrap();
    let values = scope(&[], Metric::Events);
    let groups = ask(vec![course(0, 0..n)], &values, ten(), &Ledger::default());
    who_tried(groups, own)
}

fn column(table: &DataFrame, name: &str) -> Vec<Option<f64>> {
    let column = table.column(name).unwrap();
    let column = column.cast(&DataType::Float64).unwrap();
    column.f64().unwrap().iter().collect()
}

/// A column, and the exact number.
type Told = (&'static str, fn(&Item) -> Option<f64>);

/// Root mean square errors of facility, discrimination, point-biserial, upper-lower, efficiency,
/// weight, alpha and standard error of measurement.
fn errors(learners: usize, rounds: u64) -> [f64; 8] {
    let mut squares = [(0.0, 0.0); 8];
    let mut add = |at: usize, told: Option<f64>, exact: Option<f64>| {
        if let Some((told, exact)) = told.zip(exact) {
            squares[at].0 += (told - exact).powi(2);
            squares[at].1 += 1.0;
        }
    };
    for seed in 0..rounds {
        let rows = answers(&mut Dice(seed), learners);
        let groups = released(&rows);
        let table = groups.item_analysis(Test::Course, Blank::Skip).unwrap();
        let exact = analyse(&Scores::new(&rows, ITEMS, Missing::LeaveOut), &[1.0; ITEMS]);
        let told: [Told; 6] = [
            ("facility", |item| item.facility),
            ("discrimination", |item| item.discrimination),
            ("point_biserial", |item| item.point_biserial),
            ("upper_lower", |item| item.upper_lower),
            ("efficiency", |item| item.efficiency),
            ("weight", |item| item.weight),
        ];
        for (at, (name, of)) in told.into_iter().enumerate() {
            for (told, exact) in column(table.frame(), name).into_iter().zip(&exact) {
                add(at, told, of(exact));
            }
        }
        let flat: Vec<f64> = rows.iter().flatten().flatten().copied().collect();
        let matrix = Array2::from_shape_vec((learners, ITEMS), flat).unwrap();
        let table = groups.reliability(Test::Course, Blank::Skip).unwrap();
        let alpha = column(table.frame(), "alpha")[0];
        assert_eq!(alpha, column(table.frame(), "kr20")[0]);
        // An item that nearly all or none get right is left out, so only whole tests compare.
        let all = column(table.frame(), "used")[0] == Some(ITEMS as f64);
        add(
            6,
            alpha.filter(|_| all),
            cronbach_alpha(matrix.view()).unwrap(),
        );
        let sem = column(table.frame(), "sem")[0].filter(|_| all);
        add(
            7,
            sem,
            standard_error_of_measurement(matrix.view()).unwrap(),
        );
    }
    squares.map(|(sum, n)| {
        assert!(n > 1.0, "nothing was compared");
        (sum / n).sqrt()
    })
}

#[test]
fn released_item_statistics_near_the_exact_ones_as_groups_grow() {
    // Measured at these seeds, and a third to a half more.
    let bounds: [(usize, u64, [f64; 8]); 4] = [
        (
            100,
            40,
            [0.02, 0.09, 0.085, 0.11, 0.115, 0.008, 0.032, 0.016],
        ),
        (
            300,
            20,
            [0.008, 0.032, 0.03, 0.036, 0.04, 0.005, 0.01, 0.007],
        ),
        (
            1000,
            8,
            [0.006, 0.012, 0.011, 0.013, 0.014, 0.005, 0.007, 0.006],
        ),
        (
            4000,
            4,
            [0.005, 0.006, 0.005, 0.006, 0.007, 0.005, 0.005, 0.004],
        ),
    ];
    let mut wrong = Vec::new();
    for (learners, rounds, most) in bounds {
        let made = errors(learners, rounds);
        if made.iter().zip(most).any(|(made, most)| *made > most) {
            wrong.push((learners, made));
        }
    }
    assert!(wrong.is_empty(), "{wrong:?}");
}

#[test]
fn zero_for_blanks_nears_the_exact_kernel_too() {
    let mut dice = Dice(7);
    let mut rows = answers(&mut dice, 2000);
    for row in &mut rows {
        // Whoever leaves, leaves the rest of the test blank.
        let stays = 4 + usize::from(dice.next() > 0.3) * 20;
        row.iter_mut().skip(stays).for_each(|score| *score = None);
    }
    let groups = released(&rows);
    let table = groups.item_analysis(Test::Course, Blank::Zero).unwrap();
    let exact = analyse(&Scores::new(&rows, ITEMS, Missing::Zero), &[1.0; ITEMS]);
    for (name, of) in [
        ("facility", |i| i.facility),
        ("discrimination", |i| i.discrimination),
        ("efficiency", |i| i.efficiency),
    ] as [Told; 3]
    {
        for (told, exact) in column(table.frame(), name).into_iter().zip(&exact) {
            let (told, exact) = (told.unwrap(), of(exact).unwrap());
            assert!((told - exact).abs() < 0.03, "{name}: {told} for {exact}");
        }
    }
}
