//! Attacks through tables about paths: funnels, videos, ties.

use super::*;
use crate::data::{DAY, HOUR, Id, SECOND};
use crate::group::Funnel;
use crate::group::trails::Videos;
use crate::personal::{Order, Place};

/// One film of ten seconds that learners watched so.
fn watching(n: u32, own: impl Fn(u32) -> Viewed) -> DataFrame {
    let film = Content {
        label: "film".into(),
        ..Content::default()
    };
    let videos = Videos {
        list: Ok(vec![film]),
        stretches: vec![10],
    };
    let rows = (0..n).map(|l| (0, l, vec![own(l)])).collect();
    let trails = Trails {
        videos: [(0, videos)].into(),
        watched: ByCourse::new(rows),
        ..Trails::default()
    };
    with(n, trails).video_seconds(SECOND).unwrap().into_frame()
}

fn with(n: u32, trails: Trails) -> ReferenceGroups {
    let values = scope_of(&[], Metric::Events);
    let groups = ask(vec![course(0, 0..n)], &values, five(), &Ledger::default());
    ReferenceGroups {
        trails: Some(trails),
        ..groups
    }
}

fn funnel(levels: &[u32]) -> DataFrame {
    let rows = (0..).zip(levels).map(|(l, level)| (0, l, *level)).collect();
    let trails = Trails {
        levels: ByCourse::new(rows),
        ..Trails::default()
    };
    let n = u32::try_from(levels.len()).unwrap();
    with(n, trails).funnel(&three_steps()).unwrap().into_frame()
}

fn numbers(table: &DataFrame, column: &str) -> Vec<Option<f64>> {
    table
        .column(column)
        .unwrap()
        .f64()
        .unwrap()
        .iter()
        .collect()
}

fn whole() -> Viewed {
    Viewed {
        seen: vec![(0, 10)],
        first: 10,
        ..Viewed::default()
    }
}

#[test]
fn a16_a_step_that_everybody_takes_is_only_bounded() {
    let table = funnel(&[3; 60]);
    assert_eq!(numbers(&table, "learners"), [None; 3]);
    assert_eq!(numbers(&table, "conversion"), [None; 3]);
    assert!(numbers(&table, "conversion_low")[2].unwrap() < 0.95);
    let nobody = funnel(&[0; 60]);
    assert!(numbers(&nobody, "conversion_high")[0].unwrap() > 0.05);
    assert_eq!(
        numbers(&nobody, "conversion_high")[1],
        None,
        "nobody is there to convert"
    );
}

#[test]
fn a30_one_learner_more_or_less_changes_no_byte() {
    let mut levels = [3; 60];
    let before = funnel(&levels);
    levels[7] = 1;
    assert!(before.equals_missing(&funnel(&levels)));
    // Exact counts give her away: 60 come to the second step, or 59.
    assert_eq!(levels.iter().filter(|level| **level >= 2).count(), 59);
    levels[..20].fill(1);
    assert!(!before.equals_missing(&funnel(&levels)));
    let early = |l: u32| Viewed {
        seen: vec![(0, if l == 7 { 3 } else { 10 })],
        first: if l == 7 { 3 } else { 10 },
        ..Viewed::default()
    };
    assert!(watching(60, |_| whole()).equals_missing(&watching(60, early)));
}

#[test]
fn a18_who_watches_again_and_again_counts_once() {
    let again = |l: u32, times: usize| Viewed {
        again: if l < 20 {
            vec![(2, 5); times]
        } else {
            Vec::new()
        },
        ..whole()
    };
    let twice = watching(60, |l| again(l, 1));
    assert!(twice.equals_missing(&watching(60, |l| again(l, 40))));
    assert_eq!(numbers(&twice, "rewatchers")[2], Some(20.0));
    // A sum of rewatches would be 40 times that.
    assert_eq!(
        (0..60).map(|l| again(l, 40).again.len()).sum::<usize>(),
        800
    );
}

#[test]
fn a19_windows_of_every_length_cannot_be_asked() {
    let ask = |within| {
        let steps = vec![Id::from("a"), Id::from("b")];
        Funnel::new(steps, Place::Content, Order::Ordered, Some(within))
    };
    for refused in [0, 1, HOUR - 1, HOUR + 1, 5 * HOUR, 4 * DAY, -DAY] {
        assert!(matches!(ask(refused), Err(Error::Parameter { .. })));
    }
    assert!(ask(HOUR).is_ok() && ask(7 * DAY).is_ok());
    let groups = with(60, Trails::default());
    for refused in [0, SECOND / 2, 3 * SECOND / 2, 2 * HOUR] {
        assert!(groups.video_seconds(refused).is_err());
        assert!(groups.rewatch_peaks(refused).is_err());
    }
    // With windows of every length the time of whoever makes a count turn is found by halving.
    let times = minutes(60);
    let rounded = |window: f64| times.iter().filter(|t| **t <= window).count().div_ceil(5);
    let (mut low, mut high) = (0.0, 1e4);
    for _ in 0..60 {
        let middle = f64::midpoint(low, high);
        if rounded(middle) > 4 {
            high = middle;
        } else {
            low = middle;
        }
    }
    assert!((high - times[20]).abs() < 1e-6);
}

#[test]
fn a34_rows_follow_the_catalog_and_the_question() {
    let nobody = watching(60, |_| Viewed::default());
    assert_eq!(nobody.height(), 10);
    assert_eq!(watching(60, |_| whole()).height(), 10);
    assert_eq!(funnel(&[0; 60]).height(), 3);
    assert!(numbers(&nobody, "drop_off").iter().all(Option::is_none));
}
