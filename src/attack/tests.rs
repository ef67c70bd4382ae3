//! Releases made without a gate, by the numbers of the attacks in DISCLOSURE; each must fall.

#![expect(
    clippy::many_single_char_names,
    reason = "the attacks are written with the letters of their source"
)]

use proptest::prelude::*;

use super::*;
use crate::Error;

/// Publishes exact means of rosters, with nothing else.
fn means(rosters: &[Vec<u32>], values: &[f64], resolution: Option<f64>) -> History {
    let mut history = empty(rosters, resolution);
    for (release, roster) in (0..).zip(rosters) {
        let sum: f64 = roster.iter().map(|l| values[*l as usize]).sum();
        let mean = sum / roster.len() as f64;
        history
            .cells
            .push(cell(release, Statistic::Mean, mean, mean));
    }
    history
}

fn empty(rosters: &[Vec<u32>], resolution: Option<f64>) -> History {
    let on = |(release, roster): (u32, &Vec<u32>)| {
        let learners = roster.clone().into_iter();
        learners.map(move |l| (release, l)).collect::<Vec<_>>()
    };
    History {
        releases: (0..rosters.len())
            .map(|i| ["A", "B", "C", "D", "E", "F"][i % 6].into())
            .collect(),
        metrics: vec![Facts {
            name: "minutes".into(),
            low: 0.0,
            high: f64::INFINITY,
            resolution,
        }],
        rosters: (0..).zip(rosters).flat_map(on).collect(),
        cells: Vec::new(),
    }
}

fn cell(release: u32, statistic: Statistic, low: f64, high: f64) -> Cell {
    let metric = (statistic != Statistic::N).then_some(0);
    Cell {
        release,
        metric,
        statistic,
        low,
        high,
    }
}

fn run(history: &History) -> Report {
    attack(history, &Limits::default(), &|| Ok(())).unwrap()
}

fn ids(range: std::ops::Range<u32>) -> Vec<u32> {
    range.collect()
}

fn minutes(n: u32) -> Vec<f64> {
    (0..n).map(|l| f64::from(l * l + 60)).collect()
}

/// The one finding about a learner by an attack.
fn about(report: &Report, attack: Attack, learner: u32) -> &Finding {
    let mut all = report.findings.iter();
    all.find(|f| f.attack == attack && f.learners == [learner])
        .unwrap_or_else(|| panic!("{report:?}"))
}

#[test]
fn a_joiner_is_the_difference_of_two_weeks() {
    let values = minutes(21);
    let report = run(&means(&[ids(0..20), ids(0..21)], &values, None));
    let found = about(&report, Attack::Difference, 20);
    assert!(found.exact && (found.low - 460.0).abs() < 1e-6);
    assert_eq!(found.evidence, "B - A");
}

#[test]
fn siblings_leave_the_smallest_board_over() {
    let report = run(&means(
        &[ids(0..30), ids(0..12), ids(12..24)],
        &minutes(30),
        None,
    ));
    let total = &report.findings[0];
    assert_eq!(
        (total.attack, total.inferred),
        (Attack::Tracker, Inferred::Total)
    );
    assert_eq!(total.learners, ids(24..30));
    assert_eq!(total.evidence, "A - B - C");
}

#[test]
fn four_groups_that_pass_all_pairwise_checks_single_a_learner_out() {
    let (p, q, r, s) = (ids(0..6), ids(6..12), ids(12..18), ids(18..24));
    let a = [p.clone(), q.clone(), vec![24]].concat();
    let rosters = [
        a,
        [r.clone(), s.clone()].concat(),
        [p, r].concat(),
        [q, s].concat(),
    ];
    let report = run(&means(&rosters, &minutes(25), None));
    let found = about(&report, Attack::Tracker, 24);
    assert_eq!(found.evidence, "A + B - C - D");
    assert!((found.high - 636.0).abs() < 1e-6);
    assert_eq!(report.findings.len(), 1);
}

#[test]
fn a_tracker_of_many_groups_is_found_as_well() {
    // A ring of blocks: B0+B1, B1+B2, ... closes to 2 t after an odd number of steps.
    let block = |i: u32| ids(i * 10..i * 10 + 10);
    let mut rosters: Vec<Vec<u32>> = (0..7)
        .map(|i| [block(i), block((i + 1) % 7)].concat())
        .collect();
    rosters.push([block(0), vec![70]].concat());
    let report = run(&means(&rosters, &minutes(71), None));
    let found = about(&report, Attack::Tracker, 70);
    assert!(found.evidence.ends_with(") / 2"), "{}", found.evidence);
    assert!((found.low - 4960.0).abs() < 1e-4, "{}", found.low);
}

#[test]
fn a_count_of_everybody_tells_what_all_share() {
    let rosters = [ids(0..20)];
    let mut history = empty(&rosters, Some(1.0));
    history
        .cells
        .push(cell(0, Statistic::AtMost(3.0), 20.0, 20.0));
    history
        .cells
        .push(cell(0, Statistic::AtMost(2.0), 0.0, 0.0));
    let report = run(&history);
    assert_eq!(report.findings.len(), 20);
    let found = about(&report, Attack::Bounds, 7);
    assert!(found.exact && (3.0..=3.0).contains(&found.low) && found.high < 3.5);
    // Coded as "all but fewer than five" and "fewer than five", nothing follows.
    history.cells.clear();
    history.cells.push(cell(0, Statistic::Above(3.0), 0.0, 4.0));
    history
        .cells
        .push(cell(0, Statistic::AtMost(2.0), 0.0, 4.0));
    assert_eq!(run(&history).findings, []);
}

#[test]
fn six_statistics_of_six_learners_are_their_values() {
    let mut history = empty(&[ids(0..6)], Some(1.0));
    history.metrics[0].high = 12.0;
    for (statistic, low, high) in [
        (Statistic::Mean, 4.665, 4.675),
        (Statistic::Deviation, 2.875, 2.885),
        (Statistic::Quantile(0.5), 4.0, 4.0),
        (Statistic::Minimum, 1.0, 1.0),
        (Statistic::Maximum, 9.0, 9.0),
    ] {
        history.cells.push(cell(0, statistic, low, high));
    }
    let report = run(&history);
    assert_eq!(report.findings.len(), 2, "{report:?}");
    assert_eq!(report.findings[0].attack, Attack::SmallGroup);
    let found = &report.findings[1];
    assert_eq!(found.solutions, [[1.0, 3.0, 4.0, 4.0, 7.0, 9.0]]);
    assert!(found.exact && found.inferred == Inferred::Values);
    // Without the deviation and the median there are more than may be reported.
    let gone = [Statistic::Deviation, Statistic::Quantile(0.5)];
    history.cells.retain(|c| !gone.contains(&c.statistic));
    let report = run(&history);
    assert_eq!(report.findings.len(), 1);
    assert!(report.groups[0].complete && report.groups[0].solutions > 10);
}

#[test]
fn decimals_tell_how_many_there_are() {
    let mut history = empty(&[Vec::new()], Some(1.0));
    history.cells.push(cell(0, Statistic::N, 23.0, 27.0));
    history
        .cells
        .push(cell(0, Statistic::Mean, 0.304_25, 0.304_35));
    let report = run(&history);
    assert_eq!(
        (report.findings[0].low, report.findings[0].exact),
        (23.0, true)
    );
    // 43.478 is 1000 / 23; 43.48 is 1087 / 25 and 1174 / 27 as well.
    history.cells[1] = cell(0, Statistic::Mean, 43.4775, 43.4785);
    assert_eq!(run(&history).findings[0].solutions, [[23.0]]);
    history.cells[1] = cell(0, Statistic::Mean, 43.475, 43.485);
    assert_eq!(run(&history).findings, []);
    // A share of rounded counts in whole percent: any of 23 to 27 can have it.
    history.cells[1] = cell(0, Statistic::Mean, 0.175, 0.225);
    assert_eq!(run(&history).findings, []);
}

#[test]
fn a_maximum_that_one_only_can_have_is_hers() {
    let mut history = empty(&[ids(0..10), ids(0..11)], None);
    history.cells.push(cell(0, Statistic::Maximum, 30.0, 30.0));
    history.cells.push(cell(1, Statistic::Maximum, 40.0, 40.0));
    let report = run(&history);
    assert_eq!(report.findings.len(), 1);
    let found = about(&report, Attack::Extremes, 10);
    assert!(found.exact && (40.0..=40.0).contains(&found.low));
}

#[test]
fn fresh_noise_averages_out() {
    let dice = |i: u32| f64::from(i.wrapping_mul(2_654_435_761) >> 8) / f64::from(1 << 24) - 0.5;
    let mut history = empty(&[ids(0..20), ids(0..21)], None);
    history.metrics[0].high = 1000.0;
    for i in 0..10_000 {
        for (release, sum) in [(0, 2400.0), (1, 2520.0)] {
            let answer = sum + 200.0 * dice(2 * i + release);
            history
                .cells
                .push(cell(release, Statistic::Sum, answer, answer));
        }
    }
    let found = about(&run(&history), Attack::Difference, 20).clone();
    assert!(found.low < 120.0 && 120.0 < found.high && found.high - found.low < 10.0);
}

#[test]
fn a_history_that_cannot_be_is_refused_and_work_stops_when_asked() {
    let good = means(&[ids(0..20), ids(0..21)], &minutes(21), None);
    for spoil in [
        |h: &mut History| h.cells[0].release = 9,
        |h: &mut History| h.cells[0].metric = None,
        |h: &mut History| h.cells[0].low = f64::NAN,
        |h: &mut History| h.cells[0].high = -1.0,
        |h: &mut History| h.metrics[0].resolution = Some(0.0),
        |h: &mut History| h.rosters.push((2, 0)),
    ] {
        let mut bad = good.clone();
        spoil(&mut bad);
        let refused = attack(&bad, &Limits::default(), &|| Ok(()));
        assert!(matches!(refused, Err(Error::Parameter { .. })));
    }
    let stopped = attack(&good, &Limits::default(), &|| Err(Error::Cancelled));
    assert!(matches!(stopped, Err(Error::Cancelled)));
}

#[test]
fn contradictions_are_told_and_nothing_follows_from_them() {
    let mut history = means(&[ids(0..20), ids(0..20)], &minutes(20), None);
    history
        .cells
        .push(cell(0, Statistic::AtMost(5.0), 21.0, 30.0));
    history.cells.push(cell(0, Statistic::Minimum, 50.0, 60.0));
    history.cells.push(cell(0, Statistic::Maximum, 40.0, 40.0));
    let report = run(&history);
    assert_eq!(report.findings, []);
    assert!(report.unsearched.iter().any(|n| n.contains("contradict")));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    /// Whatever is inferred from true numbers is true.
    #[test]
    fn nothing_false_follows_from_what_is_true(
        values in prop::collection::vec(0_u32..20, 14),
        rosters in prop::collection::vec(prop::collection::btree_set(0_u32..14, 2..14), 1..7),
        edge in 0_u32..20,
        blur in 0_u32..3,
    ) {
        let rosters: Vec<Vec<u32>> = rosters.into_iter().map(|r| r.into_iter().collect()).collect();
        let mut history = empty(&rosters, Some(1.0));
        history.metrics[0].high = 19.0;
        let blur = f64::from(blur);
        for (release, roster) in (0..).zip(&rosters) {
            let own: Vec<f64> = roster.iter().map(|l| f64::from(values[*l as usize])).collect();
            let sum: f64 = own.iter().sum();
            let below = own.iter().filter(|v| **v <= f64::from(edge)).count() as f64;
            let (mean, deviation) = crate::stats::moments(&own);
            let mut say = |statistic, value: f64, blur: f64| {
                history.cells.push(cell(release, statistic, value - blur, value + blur));
            };
            say(Statistic::Sum, sum, blur);
            say(Statistic::AtMost(f64::from(edge)), below, blur);
            say(Statistic::Mean, mean.unwrap(), blur / 10.0);
            say(Statistic::Deviation, deviation.unwrap(), blur / 10.0);
            say(Statistic::Quantile(0.5), crate::stats::median(&own).unwrap(), 0.0);
            if release % 2 == 0 {
                say(Statistic::Maximum, own.iter().copied().fold(0.0, f64::max), 0.0);
            }
        }
        let report = run(&history);
        let truth: Vec<Truth> = (0..).zip(&values)
            .map(|(learner, v)| Truth { learner, metric: 0, value: f64::from(*v) }).collect();
        let (scores, verdicts) = score(&history, &report.findings, &truth);
        for (finding, right) in report.findings.iter().zip(verdicts) {
            prop_assert_eq!(right, Some(true), "{:?} of {:?}", finding, values);
        }
        for group in report.groups {
            prop_assert!(group.solutions > 0 || !group.complete, "the true values are a solution");
        }
        for score in scores {
            prop_assert_eq!(score.right, score.checked);
        }
        prop_assert!(report.unsearched.iter().all(|n| !n.contains("agree")), "{:?}", report.unsearched);
    }
    /// Nothing panics, whatever is said, and the same history gives the same report.
    #[test]
    fn whatever_is_said_is_answered(
        rosters in prop::collection::vec(prop::collection::btree_set(0_u32..9, 0..9), 1..5),
        said in prop::collection::vec((0_u32..5, 0_usize..10, 0_usize..12, 0_usize..12), 0..14),
        public in (0_usize..12, 0_usize..12, 0_usize..4),
    ) {
        const ENDS: [f64; 12] = [
            f64::NEG_INFINITY, -1e300, -1e9, -3.0, -0.0, 1e-300, 0.3, 1.0, 4.0, 1e9, 1e300, f64::INFINITY,
        ];
        let rosters: Vec<Vec<u32>> = rosters.into_iter().map(|r| r.into_iter().collect()).collect();
        let mut history = empty(&rosters, [None, Some(1.0), Some(1e-9), Some(1e300)][public.2]);
        history.metrics[0].low = ENDS[public.0.min(public.1)];
        history.metrics[0].high = ENDS[public.0.max(public.1)];
        for (release, statistic, low, high) in said {
            let edge = if ENDS[low].is_finite() { ENDS[low] } else { 2.0 };
            let statistic = [
                Statistic::N, Statistic::Sum, Statistic::Mean, Statistic::AtMost(edge),
                Statistic::Above(edge), Statistic::Quantile(0.5), Statistic::Quantile(0.9),
                Statistic::Minimum, Statistic::Maximum, Statistic::Deviation,
            ][statistic];
            let ends = (ENDS[low.min(high)], ENDS[low.max(high)]);
            history.cells.push(cell(release, statistic, ends.0, ends.1));
        }
        let limits = Limits { branches: 20_000, ..Limits::default() };
        let report = || attack(&history, &limits, &|| Ok(()));
        match (report(), report()) {
            (Ok(one), Ok(other)) => prop_assert_eq!(format!("{one:?}"), format!("{other:?}")),
            (Err(one), Err(other)) => prop_assert_eq!(one.to_string(), other.to_string()),
            _ => prop_assert!(false, "answered once"),
        }
    }
}
