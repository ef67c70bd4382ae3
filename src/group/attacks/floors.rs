//! Below the coverage floor: the last sealed release is shown again, with its date.

use polars::prelude::DataFrame;

use super::sights::{World, name, options};
use super::*;
use crate::data::{Id, LearningData, WEEK};
use crate::group::question::Question;
use crate::group::{Certificate, GroupOptions, Released};
use crate::privacy::Viewer;

/// The week of Monday, March 2, 2026, in which ten learners are shown, and later ones: fifteen,
/// of whom five wait (10 of 15 are below the floor of 70 %), then sixteen, all of them shown.
const WEEKS: [(usize, &str); 4] = [
    (10, "2026-03-11T12:00:00Z"),
    (15, "2026-03-18T12:00:00Z"),
    (15, "2026-03-25T12:00:00Z"),
    (16, "2026-04-01T12:00:00Z"),
];

fn world(week: usize) -> World {
    World {
        last: WEEKS[week].1,
        ..World::new(WEEKS[week].0)
    }
}

fn week(week: usize, ledger: &Ledger) -> ReferenceGroups {
    world(week).week(By::Course, ledger)
}

fn moments(table: &DataFrame) -> Vec<Option<i64>> {
    let column = table.column("as_of").unwrap();
    column.datetime().unwrap().physical().to_vec()
}

fn table(groups: &ReferenceGroups, question: &Question) -> Released {
    groups.answer(question).unwrap()
}

#[test]
fn below_the_floor_the_last_sealed_release_is_shown_with_its_date() {
    let ledger = Ledger::in_memory();
    let first = week(0, &ledger);
    let monday = first.period().unwrap().1;
    for (later, at) in [(1, monday + WEEK), (2, monday + 2 * WEEK)] {
        let low = week(later, &ledger);
        assert_eq!(low.period().unwrap().1, at);
        for question in Question::standard() {
            // Bands are sealed for comparisons, so theirs are asked for here as well.
            let (own, theirs) = (table(&low, &question), table(&first, &question));
            assert!(own.frame().equals_missing(theirs.frame()), "{question:?}");
            assert!(
                moments(own.frame())
                    .iter()
                    .all(|m| *m == Some(first.as_of()))
            );
            assert_eq!(own.certificates(), theirs.certificates());
        }
        let rosters = low.rosters().unwrap().into_frame();
        assert_eq!(texts(&rosters, "used"), [Some("A".to_string())]);
        assert_eq!(texts(&rosters, "reason"), [None]);
        // What was not asked about the first week is not shown now: it would be new.
        let funnel = low.funnel(&three_steps()).unwrap();
        assert_eq!(
            texts(funnel.frame(), "reason"),
            [Some("LowCoverage".to_string())]
        );
        assert_eq!(moments(funnel.frame()), [Some(low.as_of())]);
        let behind: Vec<i64> = low
            .certificates()
            .into_iter()
            .map(Certificate::as_of)
            .collect();
        assert_eq!(behind, [first.as_of()]);
    }
    // Six joiners are enough, and the week is its own again.
    let last = week(3, &ledger);
    let shown = last.summary().unwrap().into_frame();
    assert!(moments(&shown).iter().all(|m| *m == Some(last.as_of())));
    // The controls: without a period, or without an earlier one, the group is withheld.
    let open = GroupOptions {
        period: None,
        ..options(&ledger)
    };
    let withheld = |data: &LearningData, options: &GroupOptions| {
        let groups = data.reference_groups(By::Course, options).unwrap();
        texts(
            groups.distribution(Metric::Events).unwrap().frame(),
            "reason",
        )
    };
    let alone = Ledger::in_memory();
    let rosters_alone = GroupOptions {
        as_of: Some(first.as_of()),
        ..GroupOptions {
            period: None,
            ..options(&alone)
        }
    };
    withheld(&world(0).data(), &rosters_alone);
    let low = [Some("LowCoverage".to_string())];
    assert_eq!(withheld(&world(1).data(), &options(&alone)), low);
    let again = Ledger::in_memory();
    week(0, &again);
    assert_eq!(
        withheld(
            &world(1).data(),
            &GroupOptions {
                ledger: Some(again),
                ..open
            }
        ),
        low
    );
}

#[test]
fn which_week_is_shown_again_is_settled_when_the_period_is_sealed() {
    let ledger = Ledger::in_memory();
    week(0, &ledger);
    let third = week(2, &ledger);
    let before = table(&third, &Question::Summary);
    // The second week is sealed after the third: nothing of the third changes.
    week(1, &ledger);
    let after = table(&week(2, &ledger), &Question::Summary);
    assert!(after.frame().equals_missing(before.frame()));
}

#[test]
fn an_own_value_of_today_stands_beside_the_older_distribution() {
    let ledger = Ledger::in_memory();
    let first = week(0, &ledger);
    let low = week(1, &ledger);
    for l in [2, 9, 12] {
        let her = Id::from(name(l).as_str());
        let mine = low.compare(&her, Metric::Events).unwrap().into_frame();
        assert_eq!(moments(&mine), [Some(first.as_of())]);
        assert_eq!(texts(&mine, "used"), [Some("A".to_string())]);
        let own = mine.column("own").unwrap().f64().unwrap().get(0);
        // All her events until the end of the second week, that of the week's Wednesday too.
        assert_eq!(own, Some(l as f64 + 1.0));
        assert!(mine.column("band_low").unwrap().null_count() == 0, "{mine}");
    }
    // Twelve was not there then: her value of today is placed among those who were.
    let absent = Id::from(name(12).as_str());
    assert!(first.compare(&absent, Metric::Events).is_err());
}

#[test]
fn a_viewer_sees_what_is_shown_again_by_the_roster_that_was_sealed_then() {
    let ledger = Ledger::in_memory();
    let led = |week: usize, known: usize| World {
        boards: vec![("b", (0..known).collect())],
        roles: vec![("t", "b")],
        ..world(week)
    };
    led(0, 10).week(By::Course, &ledger);
    let teacher = Viewer::instructor("t");
    let reasons = |known: usize| {
        let low = led(1, known).week(By::Course, &ledger);
        let seen = low.seen_by(&teacher).unwrap();
        texts(seen.distribution(Metric::Events).unwrap().frame(), "reason")
    };
    // She knows all ten of then, though not the five who wait; or all but two of them.
    assert!(reasons(10).iter().all(Option::is_none));
    assert_eq!(reasons(8), [Some("TooFew".to_string())]);
}

/// Begin, median and change of each row of a trend.
fn course_of(groups: &ReferenceGroups) -> Vec<(i64, Option<f64>, Option<f64>)> {
    let table = groups.trend(Metric::Events).unwrap().into_frame();
    let begin = table.column("begin").unwrap().datetime().unwrap();
    let begin = begin.physical().to_vec();
    let number = |name: &str| table.column(name).unwrap().f64().unwrap().to_vec();
    let rows = begin
        .into_iter()
        .zip(number("median"))
        .zip(number("change"));
    rows.map(|((begin, median), change)| (begin.unwrap(), median, change))
        .collect()
}

#[test]
fn a_trend_is_one_of_equal_rosters_and_never_tells_of_those_who_came_and_went() {
    let ledger = Ledger::in_memory();
    let first = week(0, &ledger);
    let monday = first.period().unwrap().1;
    let median = |groups: &ReferenceGroups| {
        let table = groups.summary().unwrap().into_frame();
        let at = Metric::ALL.iter().position(|m| *m == Metric::Events);
        table
            .column("median")
            .unwrap()
            .f64()
            .unwrap()
            .get(at.unwrap())
    };
    assert_eq!(course_of(&first), [(monday, median(&first), None)]);
    // The same ten a week later: their last events of the first week are in it now.
    let same = World {
        last: WEEKS[1].1,
        ..World::new(10)
    };
    let second = same.week(By::Course, &ledger);
    let change = median(&second)
        .zip(median(&first))
        .map(|(now, then)| now - then);
    assert!(change.is_some());
    let both = [
        (monday, median(&first), None),
        (monday + WEEK, median(&second), change),
    ];
    assert_eq!(course_of(&second), both);
    // Fifteen: below the floor, the roster that is shown is that of the ten, and so is the trend.
    let third = week(2, &ledger);
    assert_eq!(course_of(&third), both);
    // Sixteen: another roster, and nothing is told between the two.
    let fourth = week(3, &ledger);
    assert_eq!(
        course_of(&fourth),
        [(monday + 3 * WEEK, median(&fourth), None)]
    );
    // The control: the sealed numbers themselves differ, and their difference is the joiners'.
    assert_ne!(median(&fourth), median(&second));
    let roster = |groups: &ReferenceGroups| groups.certificates()[0].roster().to_string();
    assert_eq!(roster(&first), roster(&second));
    assert_ne!(roster(&first), roster(&fourth));
    // Without a period there is none; another policy has none of these.
    let open = GroupOptions {
        period: None,
        ..options(&ledger)
    };
    let open = world(3).data().reference_groups(By::Course, &open).unwrap();
    assert!(matches!(
        open.trend(Metric::Events),
        Err(Error::Parameter { .. })
    ));
    // A viewer who may not see the group is told nothing of its past.
    let stranger = World {
        boards: vec![("b", (0..14).collect())],
        roles: vec![("t", "b")],
        ..world(3)
    };
    let groups = stranger.week(By::Course, &ledger);
    let seen = groups.seen_by(&Viewer::instructor("t")).unwrap();
    let table = seen.trend(Metric::Events).unwrap().into_frame();
    assert_eq!(texts(&table, "reason"), [Some("TooFew".to_string())]);
    assert_eq!(table.column("median").unwrap().null_count(), 1);
}
