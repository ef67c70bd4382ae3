//! Attacks through questions that cannot be asked.

use super::*;

#[test]
fn a09_no_predicate_can_be_asked() {
    for predicate in ["modules>3 or country=IS", "country", "course or group", ""] {
        assert!(matches!(
            predicate.parse::<By>(),
            Err(Error::Parameter { .. })
        ));
        assert!(predicate.parse::<Metric>().is_err());
        assert!(predicate.parse::<Steps>().is_err());
    }
    // With predicates, two requests single a learner out.
    let values = minutes(20);
    let singled = naive(&values, &ids(0..20)).1 - naive(&values, &ids(0..19)).1;
    assert!((singled - values[19]).abs() < 1e-9);
}

#[test]
fn a10_no_value_makes_a_roster() {
    let metrics = Metric::ALL.map(Metric::name);
    for word in ["active", "completers", "status"]
        .into_iter()
        .chain(metrics)
    {
        assert!(word.parse::<By>().is_err());
    }
    // A learner without activity stays on the roster, with the value 0.
    let mut values = minutes(20);
    let all = ask(
        vec![course(0, 0..20)],
        &scope(&values, Metric::Events),
        five(),
        &Ledger::default(),
    );
    values.truncate(6);
    let few_active = ask(
        vec![course(0, 0..20)],
        &scope(&values, Metric::Events),
        five(),
        &Ledger::default(),
    );
    assert_eq!(shown(&all), shown(&few_active));
    // A roster made of the log tells it: with and without her activity it differs by her alone.
    let active = |values: &[f64]| -> Vec<u32> {
        let on = (0..).zip(values).filter(|(_, v)| **v > 0.0);
        on.map(|(l, _)| l).collect()
    };
    let mut without = minutes(20);
    without[7] = 0.0;
    let (with, without) = (active(&minutes(20)), active(&without));
    let gone: Vec<&u32> = with.iter().filter(|l| !without.contains(l)).collect();
    assert_eq!(gone, [&7]);
}

#[test]
fn a19_order_statistics_cannot_be_asked() {
    let values: Vec<f64> = (1..=30).map(|m| f64::from(m) * 60.0).collect();
    let made = distribution(
        &ids(0..30),
        &scope(&values, Metric::StudyTime),
        Metric::StudyTime,
        five(),
    );
    for refused in [(0, 1), (3, 100), (97, 100), (1, 1), (1, 10), (9, 10)] {
        assert_eq!(quantile(&made, refused), None);
    }
    assert!(quantile(&made, (1, 2)).is_some() && quantile(&made, (1, 4)).is_some());
    for word in ["min", "max", "range", "mode", "p97"] {
        assert!(word.parse::<Metric>().is_err());
    }
    // Raw order statistics are single learners' values: of 1 to 30 minutes, p3, p97 and the
    // ends follow one learner wherever she goes, and the released median does not.
    let raw = |values: &[f64], rank: usize| {
        let mut sorted = values.to_vec();
        sorted.sort_by(f64::total_cmp);
        sorted[rank - 1]
    };
    let mut moved = values.clone();
    moved[29] = 123_456.0;
    // p3 is the first of 30, p97 the last (0.97 * 30 = 29.1).
    assert!((raw(&values, 1) - 60.0).abs() < 1e-9);
    assert!((raw(&values, 30) - 1800.0).abs() < 1e-9);
    assert!((raw(&moved, 30) - 123_456.0).abs() < 1e-9);
    let after = distribution(
        &ids(0..30),
        &scope(&moved, Metric::StudyTime),
        Metric::StudyTime,
        five(),
    );
    assert_eq!(quantile(&after, (1, 2)), quantile(&made, (1, 2)));
}

/// Every column that a table of groups may have.
#[rustfmt::skip]
const COLUMNS: &[&str] = &[
    "group", "metric", "q25", "median", "q75", "mean", "n", "unit", "reason", "upper", "learners",
    "code", "quantile", "value", "step", "position", "reached", "reached_code", "left",
    "left_code", "hazard", "low", "high", "lift", "p_value", "flagged", "week", "survival",
    "completed", "cumulative_hazard", "place", "conversion", "conversion_low", "conversion_high", "conversion_n",
    "overall", "overall_low", "overall_high", "overall_n", "second", "viewers", "viewers_code",
    "rewatchers", "rewatchers_code", "drop_off", "starters", "drop_off_again", "low_again",
    "high_again", "starters_again", "start", "apex", "end", "prominence", "feature", "ignored",
    "measure", "none", "none_low", "none_high", "alone", "alone_low", "alone_high", "reciprocity",
    "reciprocity_low", "reciprocity_high", "answering", "density", "other", "chi_square", "df",
    "adjusted", "hazard_ratio", "n_other", "content", "module", "tried", "tried_code",
    "not_passed", "not_passed_code", "share", "rank", "answered", "answered_code", "facility",
    "discrimination", "point_biserial", "upper_lower", "efficiency", "weight", "hard", "easy",
    "weak", "negative", "contents", "used", "alpha", "kr20", "sem", "option", "chosen",
    "chosen_code", "rest", "skill", "opportunity", "errors", "errors_code", "error_rate",
    "power_law", "logistic", "points", "first_error", "exponent", "r_squared", "intercept",
    "slope", "slope_se", "coverage",
];

#[test]
fn a34_no_table_has_a_row_per_learner() {
    let heights = |n: u32| -> Vec<usize> {
        let scope = scope(&minutes(n), Metric::StudyTime);
        let groups = ask(vec![course(0, 0..n)], &scope, five(), &Ledger::default());
        let made = tables(&groups);
        for name in made.iter().flat_map(DataFrame::get_column_names) {
            assert!(COLUMNS.contains(&name.as_str()), "{name}");
        }
        made.iter().map(DataFrame::height).collect()
    };
    assert_eq!(heights(100), heights(1000));
    // A table per learner would grow with them, and Debug of what holds the values would show them.
    let values = minutes(100);
    assert!(format!("{values:?}").contains("3660"));
    let scope = scope(&values, Metric::StudyTime);
    let groups = ask(vec![course(0, 0..100)], &scope, five(), &Ledger::default());
    assert!(!format!("{groups:?}").contains("3660"));
    assert!(!format!("{scope:?}").contains("3660"));
}

#[test]
fn a51_unknown_empty_and_small_groups_answer_alike() {
    let scope = scope(&minutes(40), Metric::StudyTime);
    let answer = |members: Vec<u32>| {
        let groups = ask(vec![course(0, members)], &scope, five(), &Ledger::default());
        tables(&groups)
    };
    let (empty, small) = (answer(Vec::new()), answer(ids(0..4)));
    assert!(same(&empty, &small));
    // A course nobody has heard of has no records either.
    let mut unknown = course(0, 0..4);
    unknown.course = Some(99);
    let unknown = tables(&ask(vec![unknown], &scope, five(), &Ledger::default()));
    assert!(same(&unknown, &small));
    // Inside a course, none of them has a row.
    for members in [Vec::new(), ids(0..4)] {
        let family = boards(
            Some(ids(0..40)),
            &[("small", members), ("large", ids(4..20))],
        );
        let groups = ask(vec![family], &scope, five(), &Ledger::default());
        assert!(!groups.groups().contains(&"small"));
    }
    // A learner nobody has heard of, and one who is on no roster.
    let groups = ask(vec![course(0, 0..20)], &scope, five(), &Ledger::default());
    let text = |l| {
        compare(&groups, l, Metric::StudyTime)
            .unwrap_err()
            .to_string()
    };
    assert_eq!(text(35), text(4_000_000));
    // Counts without a gate tell 0 from 4.
    assert_ne!(naive(&minutes(4), &[]).0, naive(&minutes(4), &ids(0..4)).0);
}
