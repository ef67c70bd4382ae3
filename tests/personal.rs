//! Personal analytics end to end, on logs small enough to check by hand.

#![expect(clippy::unwrap_used, reason = "a test helper may panic")]

use kohort::data::{DAY, Id, LearningData, Options, Tables, parse_span};
use kohort::personal::{
    AttributeTo, Credit, Measured, PersonalOptions, Place, Sessions, Split, Streaks, StudyTime,
    Table, Week,
};
use polars::prelude::*;

fn minutes(frame: &DataFrame, column: &str) -> Vec<Option<f64>> {
    let micros = frame.column(column).unwrap().to_physical_repr();
    let micros = micros.i64().unwrap();
    micros.iter().map(|m| m.map(|m| m as f64 / 6e7)).collect()
}

fn counts(frame: &DataFrame, column: &str) -> Vec<Option<u32>> {
    frame
        .column(column)
        .unwrap()
        .u32()
        .unwrap()
        .iter()
        .collect()
}

fn words<'a>(frame: &'a DataFrame, column: &str) -> Vec<Option<&'a str>> {
    frame
        .column(column)
        .unwrap()
        .str()
        .unwrap()
        .iter()
        .collect()
}

/// Ann reads x for ten minutes, y for twenty, is away for an hour and looks at x again.
fn ann() -> DataFrame {
    df!(
        "learner" => ["ann"; 4],
        "time" => ["2024-03-01T10:00Z", "2024-03-01T10:10Z", "2024-03-01T10:30Z", "2024-03-01T11:30Z"],
        "content" => ["x", "y", "x", "x"],
        "course" => ["A", "B", "A", "A"],
        "duration" => [None, None, Some(3_000.0), None],
    )
    .unwrap()
}

fn data(events: DataFrame, tables: Tables) -> LearningData {
    LearningData::new(events, tables, &Options::default()).unwrap()
}

fn estimate(study_time: StudyTime) -> (Vec<Option<f64>>, usize) {
    let options = PersonalOptions {
        study_time,
        ..PersonalOptions::default()
    };
    let pla = data(ann(), Tables::default()).personal(&options).unwrap();
    let by_course = pla.study_time(&[Split::Course], Week::Iso).unwrap();
    (
        minutes(&by_course, "study_time"),
        pla.sessions().unwrap().height(),
    )
}

#[test]
fn each_parameter_of_the_estimator_does_what_it_says() {
    let ignore = StudyTime {
        measured: Measured::Ignore,
        ..StudyTime::default()
    };
    // x 10 min in A, y 20 min in B; the gap of 60 min ends the session and counts for nothing.
    assert_eq!(estimate(ignore.clone()), (vec![Some(10.0), Some(20.0)], 2));
    // The gap of 60 min is cut to 15; the last event has no next one to cut at.
    let cap = StudyTime {
        over_gap: Credit::Fixed(parse_span("15m").unwrap()),
        ..ignore.clone()
    };
    assert_eq!(estimate(cap).0, [Some(25.0), Some(20.0)]);
    // Both session ends get 5 min, and both stand in A.
    let fixed = StudyTime {
        last_event: Credit::Fixed(parse_span("5m").unwrap()),
        ..ignore.clone()
    };
    assert_eq!(estimate(fixed).0, [Some(20.0), Some(20.0)]);
    // Her own gaps are 10 and 20 min: the median of two is their mean.
    let own = StudyTime {
        last_event: Credit::Median,
        ..ignore.clone()
    };
    assert_eq!(estimate(own).0, [Some(40.0), Some(20.0)]);
    // 10 min end with y, 20 with x.
    let following = StudyTime {
        attribute_to: AttributeTo::Following,
        ..ignore.clone()
    };
    assert_eq!(estimate(following).0, [Some(20.0), Some(10.0)]);
    // The session counts for 15 min: all of the first gap, 5 min of the second.
    let short = StudyTime {
        max_session: Some(parse_span("15m").unwrap()),
        ..ignore.clone()
    };
    assert_eq!(estimate(short).0, [Some(10.0), Some(5.0)]);
    // The second session has one event only.
    let busy = StudyTime {
        min_events: 2,
        ..ignore
    };
    assert_eq!(estimate(busy), (vec![Some(10.0), Some(20.0)], 1));
}

#[test]
fn stated_durations_replace_estimates() {
    // The third event lasted 50 min by its own word.
    assert_eq!(estimate(StudyTime::default()).0, [Some(60.0), Some(20.0)]);
    let only = StudyTime {
        measured: Measured::Only,
        ..StudyTime::default()
    };
    assert_eq!(estimate(only).0, [Some(50.0)]);
}

#[test]
fn overlapping_intervals_are_united() {
    // 10 min from 10:00 and 10 min from 10:05 are 15 min, not 20.
    let events = df!(
        "learner" => ["ann"; 2], "content" => ["x", "y"], "duration" => [600, 600],
        "time" => ["2024-03-01T10:00Z", "2024-03-01T10:05Z"],
    );
    let pla = data(events.unwrap(), Tables::default()).personal(&PersonalOptions::default());
    let pla = pla.unwrap();
    let total = pla.study_time(&[], Week::Iso).unwrap();
    assert_eq!(minutes(&total, "study_time"), [Some(15.0)]);
    let content = pla.study_time(&[Split::Content], Week::Iso).unwrap();
    assert_eq!(minutes(&content, "study_time"), [Some(10.0), Some(5.0)]);
}

#[test]
fn time_across_midnight_is_divided_there() {
    let events = df!(
        "learner" => ["ann"; 2], "content" => ["x", "x"],
        "time" => ["2024-03-30T21:50Z", "2024-03-30T22:15Z"],
    );
    let options = Options {
        tz: Some("Europe/Helsinki".into()), // 22:00 UTC is midnight there
        ..Options::default()
    };
    let data = LearningData::new(events.unwrap(), Tables::default(), &options).unwrap();
    let pla = data.personal(&PersonalOptions::default()).unwrap();
    let split = pla.study_time(&[Split::Day], Week::Iso).unwrap();
    assert_eq!(minutes(&split, "study_time"), [Some(10.0), Some(15.0)]);
}

#[test]
fn given_sessions_break_where_ids_change() {
    let events = df!(
        "learner" => ["ann"; 4], "content" => ["x"; 4],
        "session" => [Some("s1"), Some("s2"), None, Some("s2")],
        "time" => ["2024-03-01T10:00Z", "2024-03-01T10:01Z", "2024-03-01T10:02Z", "2024-03-01T12:00Z"],
    )
    .unwrap();
    let count = |sessions| {
        let study_time = StudyTime {
            sessions,
            ..StudyTime::default()
        };
        let options = PersonalOptions {
            study_time,
            ..PersonalOptions::default()
        };
        let pla = data(events.clone(), Tables::default()).personal(&options);
        pla.unwrap().sessions().unwrap().height()
    };
    assert_eq!(count(Sessions::Gap), 2);
    assert_eq!(count(Sessions::Given), 3); // s1 | s2, then nothing known: the gap decides
    assert_eq!(count(Sessions::Both), 3);
}

#[test]
fn a_learner_on_the_roster_counts_zero_and_has_no_means() {
    let enrollments = df!("learner" => ["ann", "ben"], "course" => ["A", "A"]).unwrap();
    let tables = Tables {
        enrollments: Some(enrollments),
        ..Tables::default()
    };
    let pla = data(ann(), tables)
        .personal(&PersonalOptions::default())
        .unwrap();
    let summary = pla.summary().unwrap();
    assert_eq!(
        words(&summary, "learner"),
        [Some("ann"), Some("ann"), Some("ben")]
    );
    assert_eq!(counts(&summary, "events"), [Some(3), Some(1), Some(0)]);
    assert_eq!(counts(&summary, "sessions"), [Some(2), Some(1), Some(0)]);
    assert_eq!(minutes(&summary, "study_time").last(), Some(&Some(0.0)));
    assert_eq!(
        words(&summary, "status"),
        [Some("active"), Some("active"), Some("never_started")]
    );
    let own = pla.learner(&Id::from("ben")).unwrap();
    assert_eq!(own.summary().unwrap().height(), 1);
    assert!(pla.learner(&Id::from("Ben")).is_err());
    let rhythm = own.frequency(false, Streaks::default()).unwrap();
    let gap = rhythm.column("session_gap_mean").unwrap();
    assert_eq!(gap.null_count(), 1);
}

#[test]
fn a_log_of_days_has_no_minutes() {
    let events = df!(
        "learner" => ["ann"; 2], "content" => ["x"; 2], "count" => [3, 4],
        "time" => ["2024-03-01T00:00Z", "2024-03-02T00:00Z"],
    );
    let pla = data(events.unwrap(), Tables::default()).personal(&PersonalOptions::default());
    let pla = pla.unwrap();
    let summary = pla.summary().unwrap();
    assert_eq!(summary.column("study_time").unwrap().null_count(), 1);
    assert_eq!(counts(&summary, "active_days"), [Some(2)]);
    let reasons = pla.reasons();
    assert!(
        reasons
            .iter()
            .any(|(c, r)| c == "study_time" && r.contains("day resolution"))
    );
}

#[test]
fn seeking_to_the_end_of_a_video_is_not_watching_it() {
    let catalog = df!(
        "content" => ["v"], "course" => ["A"], "kind" => ["video"], "length" => [100.0],
    );
    let events = |to: [f64; 4]| {
        df!(
            "learner" => ["ann"; 4], "content" => ["v"; 4],
            "time" => ["2024-03-01T10:00Z", "2024-03-01T10:01Z", "2024-03-01T10:02Z", "2024-03-01T10:03Z"],
            "verb" => ["played", "seeked", "played", "ended"],
            "position" => to,
        )
        .unwrap()
    };
    let completed = |to| {
        let tables = Tables {
            catalog: Some(catalog.as_ref().unwrap().clone()),
            ..Tables::default()
        };
        let pla = data(events(to), tables).personal(&PersonalOptions::default());
        counts(&pla.unwrap().summary().unwrap(), "completed")
    };
    assert_eq!(completed([0.0, 10.0, 90.0, 100.0]), [Some(0)]);
    assert_eq!(completed([0.0, 60.0, 50.0, 96.0]), [Some(1)]);
}

#[test]
fn a_catalog_can_be_derived_from_what_enough_learners_touched() {
    let learners: Vec<String> = (0..6).map(|i| format!("l{i}")).collect();
    let mut who: Vec<&str> = learners.iter().map(String::as_str).collect();
    let mut what = vec!["x"; 6];
    who.push("l0");
    what.push("rare");
    let events = df!(
        "learner" => &who, "content" => &what, "course" => vec!["A"; 7],
        "time" => vec!["2024-03-01T10:00Z"; 7],
    );
    let log = data(events.unwrap(), Tables::default());
    let catalog = log.derive_catalog(0.01, 5).unwrap();
    assert_eq!(words(&catalog, "content"), [Some("x")]);
    assert!(log.derive_catalog(1.5, 5).is_err());
}

#[test]
fn extreme_arguments_neither_overflow_nor_panic() {
    let log = data(ann(), Tables::default());
    for as_of in [i64::MIN, -1, i64::MAX] {
        let options = PersonalOptions {
            as_of: Some(as_of),
            inactivity: i64::MAX,
            ..PersonalOptions::default()
        };
        let pla = log.personal(&options).unwrap();
        let rows = if as_of > 0 { 2 } else { 0 };
        assert_eq!(pla.summary().unwrap().height(), rows);
        assert_eq!(pla.drop_off().unwrap().height(), rows);
        // In a course without an end the weeks end with the activity, not thousands of years later.
        assert_eq!(pla.weekly_features(Week::Iso, None).unwrap().height(), rows);
        assert_eq!(
            pla.progress_over_time(DAY, Week::Iso).unwrap().height(),
            rows
        );
        assert!(pla.progress_over_time(i64::MAX, Week::Course).is_err());
        assert_eq!(pla.engagement().unwrap().height(), 0);
        assert_eq!(
            pla.frequency(true, Streaks::default()).unwrap().height(),
            rows
        );
    }
    let forever = StudyTime {
        last_event: Credit::Fixed(i64::MAX),
        ..StudyTime::default()
    };
    let options = PersonalOptions {
        study_time: forever,
        ..PersonalOptions::default()
    };
    assert!(
        log.personal(&options)
            .unwrap_err()
            .to_string()
            .contains("366d")
    );
}

/// Ann answers wrong, reads the page again, and answers right.
fn answers() -> DataFrame {
    df!(
        "learner" => ["ann"; 4],
        "time" => ["2024-03-01T10:00Z", "2024-03-01T10:04Z", "2024-03-01T10:09Z", "2024-03-01T10:10Z"],
        "content" => ["page", "quiz", "page", "quiz"],
        "verb" => ["viewed", "answered", "noted", "answered"],
        "score" => [None, Some(0.25), None, Some(0.75)],
        "response" => [None, Some("b"), None, Some("a")],
    )
    .unwrap()
}

#[test]
fn attempts_are_told_by_content_and_one_by_one() {
    let pla = data(answers(), Tables::default())
        .personal(&PersonalOptions::default())
        .unwrap();
    let table = pla.assessments(Some(0.5)).unwrap();
    assert_eq!(words(&table, "content"), [Some("quiz")]);
    assert_eq!(counts(&table, "attempts_to_correct"), [Some(2)]);
    assert_eq!(minutes(&table, "time_to_first_correct"), [Some(6.0)]);
    let responses = pla.responses().unwrap();
    assert_eq!(words(&responses, "response"), [Some("b"), Some("a")]);
    assert!(pla.assessments(Some(1.01)).is_err());
    assert!(pla.struggle(Some(f64::NAN)).is_err());
}

#[test]
fn the_way_through_a_session_is_a_list_of_edges() {
    let pla = data(answers(), Tables::default())
        .personal(&PersonalOptions::default())
        .unwrap();
    let edges = pla.navigation(Place::Content, false).unwrap();
    assert_eq!(
        words(&edges, "source"),
        [None, Some("page"), Some("quiz"), Some("quiz")]
    );
    assert_eq!(
        words(&edges, "target"),
        [Some("page"), Some("quiz"), None, Some("page")]
    );
    assert_eq!(
        counts(&edges, "count"),
        [Some(1), Some(2), Some(1), Some(1)]
    );
    assert_eq!(pla.navigation(Place::Kind, false).unwrap().height(), 0);
    let moved = pla.navigation_summary().unwrap();
    assert_eq!(counts(&moved, "transitions"), [Some(3)]);
    assert_eq!(counts(&moved, "placed"), [Some(0)]);
    assert_eq!(counts(&pla.collaboration().unwrap(), "notes"), [Some(1)]);
}

/// A course with a quiz due in each of three weeks: the first in time, the second late.
fn quizzes() -> LearningData {
    let events = df!(
        "learner" => ["ann"; 4],
        "time" => ["2024-03-05T10:00Z", "2024-03-05T10:20Z", "2024-03-18T10:00Z", "2024-03-19T10:00Z"],
        "content" => ["q1", "q1", "q2", "page"],
        "verb" => ["submitted", "submitted", "submitted", "viewed"],
        "score" => [Some(0.5), Some(1.0), Some(0.0), None],
    );
    let catalog = df!(
        "content" => ["q1", "q2", "q3", "page"],
        "course" => ["A"; 4],
        "kind" => ["quiz", "quiz", "quiz", "page"],
        "due" => [Some("2024-03-10T20:00Z"), Some("2024-03-17T20:00Z"), Some("2024-03-24T20:00Z"), None],
        "available_from" => [None, None, Some("2024-03-18T00:00Z"), None],
    );
    let tables = Tables {
        catalog: catalog.ok(),
        ..Tables::default()
    };
    data(events.unwrap(), tables)
}

#[test]
fn progress_engagement_and_features_go_week_by_week() {
    let options = PersonalOptions {
        as_of: Some(1_711_324_800_000_000), // 2024-03-25, a Monday
        ..PersonalOptions::default()
    };
    let pla = quizzes().personal(&options).unwrap();
    let series = pla.progress_over_time(7 * DAY, Week::Iso).unwrap();
    // The course has no end: her last activity is in the third week.
    let wholes = |values: [u32; 3]| values.map(Some).to_vec();
    assert_eq!(counts(&series, "completed"), wholes([1, 1, 3]));
    assert_eq!(counts(&series, "available"), wholes([3, 3, 4]));

    let labels = pla.engagement().unwrap();
    let found = words(&labels, "label");
    assert_eq!(found, [Some("on_track"), Some("behind"), Some("auditing")]);

    let weeks = pla.weekly_features(Week::Iso, None).unwrap();
    assert_eq!(counts(&weeks, "submissions"), wholes([2, 0, 1]));
    assert_eq!(counts(&weeks, "problems_correct"), wholes([1, 0, 0]));
    assert_eq!(
        minutes(&weeks, "time_to_solve"),
        [Some(20.0), None, Some(0.0)]
    );
    assert!(pla.weekly_features(Week::Iso, Some(1.5)).is_err());
}

/// So many events that a walk takes them in several blocks.
#[test]
fn the_tables_of_a_large_log_are_those_of_its_learners_one_by_one() {
    let (learners, hour) = (41, 3_600_000_000_i64);
    // Scattered over learners, contents of three courses, and half a year, without a pattern.
    let mixed = |n: i64| (n * 2_654_435_761 % 4_294_967_291) ^ (n >> 3);
    let numbers = || (0..280_000_i64).map(mixed);
    let content = |n: i64| n / 41 % 37;
    let mut events = df!(
        "learner" => numbers().map(|n| n % learners).collect::<Vec<_>>(),
        "time" => numbers().map(|n| 19_800 * DAY + n % (4_320 * hour)).collect::<Vec<_>>(),
        "content" => numbers().map(content).collect::<Vec<_>>(),
        "course" => numbers().map(|n| content(n) % 3).collect::<Vec<_>>(),
    )
    .unwrap();
    let time = events.column("time").unwrap();
    let zone = TimeZone::opt_try_new(Some("UTC")).unwrap();
    let time = time
        .cast(&DataType::Datetime(TimeUnit::Microseconds, zone))
        .unwrap();
    events.with_column(time).unwrap();
    let pla = data(events, Tables::default());
    let pla = pla.personal(&PersonalOptions::default()).unwrap();
    let whole = pla.tables(Table::ALL).unwrap();
    let mut joined: Vec<DataFrame> = whole.iter().map(DataFrame::clear).collect();
    for learner in 0..learners {
        let own = pla.learner(&Id::Int(learner)).unwrap();
        for (all, own) in joined.iter_mut().zip(own.tables(Table::ALL).unwrap()) {
            all.vstack_mut(&own).unwrap();
        }
    }
    for ((table, whole), joined) in Table::ALL.iter().zip(whole).zip(joined) {
        assert!(whole.equals_missing(&joined), "{}", table.word());
    }
}
