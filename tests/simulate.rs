//! The simulator keeps its word: determinism, planted truth, and tables that agree.
#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot read its own tables should fail loudly"
)]

use std::collections::{BTreeMap, BTreeSet};

use kohort::simulate::{Ids, Simulated, Simulation};
use kohort::{Error, Result};
use polars::prelude::*;

const SEEDED: u64 = 11;

fn small(ids: Ids) -> Simulation {
    Simulation {
        learners: 600,
        courses: 2,
        seed: SEEDED,
        ids,
        ..Simulation::default()
    }
}

fn tables(simulated: &Simulated) -> [&DataFrame; 9] {
    [
        &simulated.events,
        &simulated.catalog,
        &simulated.courses,
        &simulated.enrollments,
        &simulated.memberships,
        &simulated.learners,
        &simulated.truth_learners,
        &simulated.truth_sessions,
        &simulated.truth_drop_off,
    ]
}

fn ints(frame: &DataFrame, name: &str) -> Vec<Option<i64>> {
    let physical = frame.column(name).unwrap().to_physical_repr();
    let cast = physical.cast(&DataType::Int64).unwrap();
    cast.i64().unwrap().iter().collect()
}

fn texts(frame: &DataFrame, name: &str) -> Vec<Option<String>> {
    let cast = frame.column(name).unwrap().cast(&DataType::String).unwrap();
    cast.str()
        .unwrap()
        .iter()
        .map(|v| v.map(Into::into))
        .collect()
}

fn set(frame: &DataFrame, name: &str) -> BTreeSet<String> {
    texts(frame, name).into_iter().flatten().collect()
}

#[test]
fn one_two_and_three_threads_draw_the_same_tables() {
    for ids in [Ids::Text, Ids::Integer] {
        let on = |threads| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads);
            pool.build().unwrap().install(|| small(ids).run()).unwrap()
        };
        let one = on(1);
        for threads in [2, 3] {
            for (a, b) in tables(&one).iter().zip(tables(&on(threads))) {
                assert!(a.equals_missing(b));
            }
        }
    }
}

#[test]
fn another_seed_draws_another_log() -> Result<()> {
    let other = Simulation {
        seed: SEEDED + 1,
        ..small(Ids::Text)
    };
    assert!(
        !small(Ids::Text)
            .run()?
            .events
            .equals_missing(&other.run()?.events)
    );
    Ok(())
}

#[test]
fn integer_ids_name_the_same_log() -> Result<()> {
    let (text, integer) = (small(Ids::Text).run()?, small(Ids::Integer).run()?);
    assert_eq!(text.events.height(), integer.events.height());
    for name in ["learner", "content", "course", "session"] {
        assert_eq!(integer.events.column(name)?.dtype(), &DataType::Int64);
        assert_eq!(
            set(&text.events, name).len(),
            set(&integer.events, name).len()
        );
        assert!(
            ints(&integer.events, name)
                .iter()
                .flatten()
                .all(|&id| id > 0)
        );
    }
    assert_eq!(texts(&text.events, "verb"), texts(&integer.events, "verb"));
    assert_eq!(ints(&text.events, "time"), ints(&integer.events, "time"));
    Ok(())
}

#[test]
fn events_stand_in_time_order_and_have_ids_of_their_own() -> Result<()> {
    let events = small(Ids::Text).run()?.events;
    assert!(ints(&events, "time").is_sorted());
    assert_eq!(set(&events, "id").len(), events.height());
    let received = ints(&events, "received");
    let late = ints(&events, "time")
        .iter()
        .zip(&received)
        .map(|(t, r)| r.unwrap() - t.unwrap())
        .collect::<Vec<_>>();
    assert!(late.iter().all(|&us| us > 0));
    let days = late.iter().filter(|&&us| us > 86_400_000_000).count() as f64 / late.len() as f64;
    assert!((0.0005..0.05).contains(&days), "{days}");
    Ok(())
}

#[test]
fn every_id_stands_in_its_table() -> Result<()> {
    let simulated = small(Ids::Text).run()?;
    let events = &simulated.events;
    assert!(set(events, "content").is_subset(&set(&simulated.catalog, "content")));
    assert_eq!(set(&simulated.learners, "learner").len(), 600);
    assert_eq!(
        set(events, "session"),
        set(&simulated.truth_sessions, "session")
    );
    assert_eq!(
        set(&simulated.truth_sessions, "session").len(),
        simulated.truth_sessions.height()
    );
    let pairs = |frame: &DataFrame| -> BTreeSet<_> {
        texts(frame, "learner")
            .into_iter()
            .zip(texts(frame, "course"))
            .collect()
    };
    assert_eq!(pairs(events), pairs(&simulated.enrollments));
    assert!(pairs(&simulated.memberships).is_subset(&pairs(&simulated.enrollments)));
    let positions = ints(&simulated.catalog, "position").len();
    assert_eq!(positions, set(&simulated.catalog, "content").len());
    Ok(())
}

#[test]
fn no_content_is_touched_before_it_opens() -> Result<()> {
    let simulated = small(Ids::Text).run()?;
    let opens: BTreeMap<_, _> = texts(&simulated.catalog, "content")
        .into_iter()
        .zip(ints(&simulated.catalog, "available_from"))
        .collect();
    for (content, time) in texts(&simulated.events, "content")
        .into_iter()
        .zip(ints(&simulated.events, "time"))
    {
        assert!(content.is_none() || opens[&content] <= time);
    }
    Ok(())
}

#[test]
fn sessions_of_the_truth_add_up_to_its_learners_and_its_events() -> Result<()> {
    let simulated = small(Ids::Text).run()?;
    let (learners, sessions) = (&simulated.truth_learners, &simulated.truth_sessions);
    let key = |frame: &DataFrame| {
        texts(frame, "learner")
            .into_iter()
            .zip(texts(frame, "course"))
            .collect::<Vec<_>>()
    };
    let mut sums = BTreeMap::<_, (i64, i64, i64)>::new();
    let rows = ints(sessions, "study_time")
        .into_iter()
        .zip(ints(sessions, "events"));
    for (pair, (study, events)) in key(sessions).into_iter().zip(rows) {
        let sum = sums.entry(pair).or_default();
        *sum = (sum.0 + 1, sum.1 + study.unwrap(), sum.2 + events.unwrap());
    }
    let (count, study, events) = (
        ints(learners, "sessions"),
        ints(learners, "study_time"),
        ints(learners, "events"),
    );
    let withdrawn: Vec<_> = learners.column("withdrawn")?.bool()?.iter().collect();
    for (row, pair) in key(learners).iter().enumerate() {
        let sum = sums.get(pair).copied().unwrap_or_default();
        let registration = if withdrawn[row] == Some(true) { 2 } else { 1 };
        assert_eq!((count[row], study[row]), (Some(sum.0), Some(sum.1)));
        assert_eq!(events[row], Some(sum.2 + registration));
    }
    let total: i64 = events.into_iter().flatten().sum();
    assert_eq!(usize::try_from(total).unwrap(), simulated.events.height());
    Ok(())
}

#[test]
fn sessions_span_their_events_and_never_overlap() -> Result<()> {
    let simulated = small(Ids::Text).run()?;
    let mut spans = BTreeMap::<_, (i64, i64)>::new();
    for (session, time) in texts(&simulated.events, "session")
        .into_iter()
        .zip(ints(&simulated.events, "time"))
    {
        let time = time.unwrap();
        let span = spans.entry(session).or_insert((time, time));
        *span = (span.0.min(time), span.1.max(time));
    }
    let truth = &simulated.truth_sessions;
    let (starts, ends, study) = (
        ints(truth, "start"),
        ints(truth, "end"),
        ints(truth, "study_time"),
    );
    let (learners, sessions) = (texts(truth, "learner"), texts(truth, "session"));
    for row in 0..truth.height() {
        let (first, last) = spans[&sessions[row]];
        assert_eq!(starts[row], Some(first));
        assert!(ends[row] > Some(last));
        assert!(study[row] > Some(0) && study[row].unwrap() <= ends[row].unwrap() - first);
        if row > 0 && learners[row - 1] == learners[row] {
            assert!(ends[row - 1] < starts[row]);
        }
    }
    Ok(())
}

#[test]
fn planted_modules_lose_more_learners_than_the_others() -> Result<()> {
    let simulation = Simulation {
        learners: 4000,
        events_per_learner: 60.0,
        ..small(Ids::Text)
    };
    let truth = simulation.run()?.truth_drop_off;
    let planted: Vec<_> = truth.column("planted")?.bool()?.iter().collect();
    let (left, reached) = (ints(&truth, "left"), ints(&truth, "reached"));
    for row in 0..truth.height() {
        let realised = left[row].unwrap() as f64 / reached[row].unwrap() as f64;
        let hazard = if planted[row] == Some(true) {
            0.3
        } else {
            0.02
        };
        // four standard errors
        let tolerance = 4.0 * (hazard * (1.0 - hazard) / reached[row].unwrap() as f64).sqrt();
        assert!(
            (realised - hazard).abs() < tolerance,
            "{realised} in row {row}"
        );
    }
    assert!((2..=4).contains(&planted.iter().filter(|p| **p == Some(true)).count()));
    Ok(())
}

#[test]
fn the_log_shows_where_learners_left() -> Result<()> {
    let simulated = small(Ids::Text).run()?;
    let catalog = &simulated.catalog;
    let positions: BTreeMap<_, _> = texts(catalog, "content")
        .into_iter()
        .zip(ints(catalog, "position"))
        .collect();
    let mut furthest = BTreeMap::new();
    let events = &simulated.events;
    let pairs = texts(events, "learner")
        .into_iter()
        .zip(texts(events, "course"));
    for (pair, content) in pairs.zip(texts(events, "content")) {
        if content.is_some() {
            let best = furthest.entry(pair).or_insert(None);
            *best = positions[&content].max(*best);
        }
    }
    let truth = &simulated.truth_learners;
    let pairs = texts(truth, "learner")
        .into_iter()
        .zip(texts(truth, "course"));
    let started: Vec<_> = truth.column("started")?.bool()?.iter().collect();
    for ((pair, left), started) in pairs.zip(ints(truth, "left_position")).zip(started) {
        let seen = furthest.get(&pair).copied().flatten();
        assert_eq!(started, Some(seen.is_some()));
        assert_eq!(seen, left.or(seen.map(|_| 96)));
    }
    Ok(())
}

#[test]
fn the_mean_number_of_events_is_about_what_was_asked_for() -> Result<()> {
    for wanted in [150.0, 400.0, 1500.0] {
        let simulation = Simulation {
            learners: 3000,
            events_per_learner: wanted,
            ..small(Ids::Integer)
        };
        let mean = simulation.run()?.events.height() as f64 / 3000.0;
        assert!(
            (mean / wanted - 1.0).abs() < 0.15,
            "{mean} instead of {wanted}"
        );
    }
    Ok(())
}

#[test]
fn the_smallest_simulation_runs() -> Result<()> {
    for (weeks, never_start) in [(1, 0.0), (2, 1.0)] {
        let simulation = Simulation {
            learners: 1,
            courses: 1,
            weeks,
            never_start,
            second_course: 1.0,
            ..Simulation::default()
        };
        let simulated = simulation.run()?;
        assert_eq!(simulated.enrollments.height(), 1);
        assert!(simulated.events.height() > 0);
    }
    Ok(())
}

#[test]
fn a_number_out_of_range_is_named() {
    let refused = |simulation: Simulation| match simulation.run() {
        Err(Error::Parameter { name, .. }) => name,
        other => panic!("{other:?}"),
    };
    let start = Simulation::default;
    assert_eq!(
        refused(Simulation {
            learners: 0,
            ..start()
        }),
        "learners"
    );
    assert_eq!(
        refused(Simulation {
            weeks: 105,
            ..start()
        }),
        "weeks"
    );
    assert_eq!(
        refused(Simulation {
            offline: f64::NAN,
            ..start()
        }),
        "offline"
    );
    assert_eq!(
        refused(Simulation {
            events_per_learner: 1e9,
            ..start()
        }),
        "events_per_learner"
    );
}

#[test]
fn habits_follow_local_clocks_through_the_end_of_summer_time() -> Result<()> {
    const HOUR: i64 = 3_600_000_000;
    const CHANGE: i64 = 1_761_440_400_000_000; // 2025-10-26 01:00 UTC
    let simulation = Simulation {
        learners: 2000,
        ..small(Ids::Text)
    };
    let simulated = simulation.run()?;
    let people = &simulated.learners;
    let zones: BTreeMap<_, _> = texts(people, "learner")
        .into_iter()
        .zip(texts(people, "tz"))
        .collect();
    let truth = &simulated.truth_sessions;
    let (mut summer, mut winter) = (Vec::new(), Vec::new());
    for (learner, start) in texts(truth, "learner").iter().zip(ints(truth, "start")) {
        let start = start.unwrap();
        let hour = start.rem_euclid(24 * HOUR) as f64 / HOUR as f64;
        let season = if start < CHANGE {
            &mut summer
        } else {
            &mut winter
        };
        // evening sessions
        if zones[learner].as_deref() == Some("Europe/Helsinki") && hour > 13.0 {
            season.push(hour);
        }
    }
    let mean = |hours: &[f64]| hours.iter().sum::<f64>() / hours.len() as f64;
    let shift = mean(&winter) - mean(&summer);
    assert!((0.6..1.2).contains(&shift), "{shift}");
    Ok(())
}
