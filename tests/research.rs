//! What protection costs: the error of differentially private counts on a simulated platform.

#![expect(clippy::unwrap_used, reason = "a test helper may panic")]

use kohort::data::{LearningData, Options, Tables};
use kohort::group::By;
use kohort::research::{Counted, ResearchOptions};
use kohort::simulate::Simulation;
use polars::prelude::*;

const RELEASES: usize = 150;

/// The enrollments of a platform, beside a log of one event: enough to count who is enrolled.
fn tables() -> (DataFrame, Tables) {
    let simulation = Simulation {
        learners: 2000,
        courses: 4,
        seed: 3,
        ..Simulation::default()
    };
    let log = simulation.run().unwrap();
    let tables = Tables {
        courses: Some(log.courses),
        enrollments: Some(log.enrollments),
        ..Tables::default()
    };
    (log.events.head(Some(1)), tables)
}

/// Learners by course, in the order of their ids.
fn exact(enrollments: &DataFrame) -> Vec<i64> {
    let column = enrollments.column("course").unwrap().str().unwrap();
    let mut counts = std::collections::BTreeMap::<&str, i64>::new();
    for course in column.iter().flatten() {
        *counts.entry(course).or_default() += 1;
    }
    counts.into_values().collect()
}

/// E|noise| of the discrete Laplace distribution of scale `bound / epsilon`.
fn expected(epsilon: f64, bound: f64) -> f64 {
    let a = (-epsilon / bound).exp();
    2.0 * a / (1.0 - a * a)
}

#[test]
fn counts_are_off_by_what_the_noise_says() {
    let (events, tables) = tables();
    let exact = exact(tables.enrollments.as_ref().unwrap());
    assert!(exact.iter().all(|n| *n > 400), "{exact:?}");
    for epsilon in [0.1, 0.5, 1.0] {
        let mut sum = 0.0;
        for _ in 0..RELEASES {
            // Read anew, so that each release has a budget of its own.
            let data = LearningData::new(events.clone(), tables.clone(), &Options::default());
            let research = data
                .unwrap()
                .research(&ResearchOptions::new(epsilon))
                .unwrap();
            let table = research.counts(By::Course, Counted::Enrolled, 2).unwrap();
            let column = table.frame().column("learners").unwrap().i64().unwrap();
            let noisy: Vec<i64> = column.iter().flatten().collect();
            assert_eq!(noisy.len(), exact.len());
            sum += noisy
                .iter()
                .zip(&exact)
                .map(|(n, e)| (n - e).abs() as f64)
                .sum::<f64>();
        }
        let off = sum / (RELEASES * exact.len()) as f64;
        let expected = expected(epsilon, 2.0);
        assert!(
            (off / expected - 1.0).abs() < 0.25,
            "epsilon {epsilon}: {off} for {expected}"
        );
    }
}
