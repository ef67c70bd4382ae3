//! What protection costs: the error of counts, measured on a simulated platform.

use super::spending::Spending;
use super::world::learners;
use super::{Counted, Research, ResearchOptions};
use crate::data::{LearningData, Options, Tables};
use crate::group::By;
use crate::simulate::Simulation;

/// Mean absolute error of the counts of learners by course, over 200 releases.
fn error(data: &LearningData, epsilon: f64, exact: &[i64]) -> f64 {
    let mut sum = 0.0;
    let mut n = 0.0;
    for _ in 0..200 {
        let clock: fn() -> i64 = || 1_800_000_000_000_000;
        let options = ResearchOptions {
            as_of: Some(clock()),
            ..ResearchOptions::new(epsilon)
        };
        // Each from a budget of its own.
        let fresh = Research {
            spending: Spending::default(),
            ..Research::new(data, &options, clock).unwrap()
        };
        let table = fresh.counts(By::Course, Counted::Enrolled, 2).unwrap();
        for (noisy, exact) in learners(table.frame()).iter().zip(exact) {
            sum += (noisy - exact).abs() as f64;
            n += 1.0;
        }
    }
    sum / n
}

/// E|X| of the discrete Laplace distribution.
fn expected(epsilon: f64, bound: f64) -> f64 {
    let a = (-epsilon / bound).exp();
    2.0 * a / (1.0 - a * a)
}

#[test]
fn counts_are_off_by_what_the_noise_says() {
    let simulation = Simulation {
        learners: 2000,
        courses: 4,
        seed: 3,
        ..Simulation::default()
    };
    let log = simulation.run().unwrap();
    let tables = Tables {
        catalog: Some(log.catalog),
        courses: Some(log.courses),
        enrollments: Some(log.enrollments),
        ..Tables::default()
    };
    let data = LearningData::new(log.events, tables, &Options::default()).unwrap();
    let facts = &data.inner.facts;
    let of = |course| {
        facts
            .enrollments
            .iter()
            .flatten()
            .filter(|e| e.course == course)
            .count()
    };
    let exact: Vec<i64> = (0..4)
        .map(|course| i64::try_from(of(course)).unwrap())
        .collect();
    for epsilon in [0.1, 0.5, 1.0] {
        let (got, expected) = (error(&data, epsilon, &exact), expected(epsilon, 2.0));
        assert!(
            (got / expected - 1.0).abs() < 0.25,
            "{epsilon}: {got} for {expected}"
        );
    }
}
