//! Attacks on reference groups through learning data, as a user could try them.
//!
//! The same attacks, on rosters and records directly and with their negative controls,
//! stand in `src/group/attacks`.

#![expect(clippy::unwrap_used, reason = "a test helper may panic")]

use kohort::Error;
use kohort::data::{Id, LearningData, Options, Tables};
use kohort::group::{By, GroupOptions, Metric, ReferenceGroups, ReleasePolicy, Steps};
use polars::prelude::*;

const START: i64 = 1_709_251_200_000_000; // 2024-03-01
const DAY: i64 = 86_400_000_000;

/// Ids `l000`, `l001` ...
fn name(learner: u32) -> String {
    format!("l{learner:03}")
}

/// One event per learner and module she reached, a minute apart, in course `A`.
fn events(furthest: &[u32]) -> DataFrame {
    let (mut learner, mut time, mut content) = (Vec::new(), Vec::new(), Vec::new());
    for (l, last) in (0..).zip(furthest) {
        for module in 1..=*last {
            learner.push(name(l));
            time.push(START + i64::from(module) * 60_000_000);
            content.push(format!("c{module}"));
        }
    }
    let mut frame = df!("learner" => learner, "time" => time, "content" => content).unwrap();
    let zoned = frame
        .column("time")
        .unwrap()
        .cast(&DataType::Datetime(TimeUnit::Microseconds, None));
    frame.with_column(zoned.unwrap()).unwrap();
    let height = frame.height();
    frame
        .with_column(Column::new("course".into(), vec!["A"; height]))
        .unwrap();
    frame
}

/// Modules 1 to 9 with one content each.
fn catalog() -> DataFrame {
    let names = |prefix: &str| -> Vec<String> { (1..=9).map(|m| format!("{prefix}{m}")).collect() };
    df!(
        "content" => names("c"),
        "course" => vec!["A"; 9],
        "module" => names("m"),
        "position" => (1..=9).map(f64::from).collect::<Vec<_>>(),
    )
    .unwrap()
}

fn courses() -> DataFrame {
    let mut frame =
        df!("course" => ["A"], "starts" => [START], "ends" => [START + 70 * DAY]).unwrap();
    for column in ["starts", "ends"] {
        let cast = frame
            .column(column)
            .unwrap()
            .cast(&DataType::Datetime(TimeUnit::Microseconds, None));
        frame.with_column(cast.unwrap()).unwrap();
    }
    frame
}

fn enrolled(n: u32) -> DataFrame {
    let learners: Vec<String> = (0..n).map(name).collect();
    df!("learner" => learners, "course" => vec!["A"; n as usize]).unwrap()
}

fn boards(groups: &[(&str, std::ops::Range<u32>)]) -> DataFrame {
    let rows = || {
        groups
            .iter()
            .flat_map(|(g, r)| r.clone().map(move |l| (*g, name(l))))
    };
    let groups: Vec<&str> = rows().map(|(g, _)| g).collect();
    let learners: Vec<String> = rows().map(|(_, l)| l).collect();
    let height = groups.len();
    df!("group" => groups, "learner" => learners, "course" => vec!["A"; height]).unwrap()
}

fn data(furthest: &[u32], memberships: Option<DataFrame>) -> LearningData {
    let tables = Tables {
        catalog: Some(catalog()),
        courses: Some(courses()),
        enrollments: Some(enrolled(u32::try_from(furthest.len()).unwrap())),
        memberships,
        ..Tables::default()
    };
    load(furthest, tables)
}

fn load(furthest: &[u32], tables: Tables) -> LearningData {
    let options = Options {
        tz: Some("UTC".into()),
        ..Options::default()
    };
    LearningData::new(events(furthest), tables, &options).unwrap()
}

fn options(k: u32) -> GroupOptions {
    GroupOptions {
        policy: ReleasePolicy::new(k, 5, 0.7).unwrap(),
        as_of: Some(START + 60 * DAY),
        ..GroupOptions::default()
    }
}

fn ask(data: &LearningData, by: By, k: u32) -> ReferenceGroups {
    data.reference_groups(by, &options(k)).unwrap()
}

/// Groups that are shown, with n.
fn shown(groups: &ReferenceGroups) -> Vec<(String, u32)> {
    let frame = groups.summary().unwrap().into_frame();
    let labels = frame.column("group").unwrap().str().unwrap().clone();
    let n = frame.column("n").unwrap().u32().unwrap().clone();
    let rows = labels.iter().zip(n.iter());
    let mut rows: Vec<(String, u32)> = rows
        .filter_map(|(l, n)| Some((l?.to_string(), n?)))
        .collect();
    rows.dedup();
    rows
}

fn words(frame: &DataFrame, column: &str) -> Vec<Option<String>> {
    let column = frame.column(column).unwrap().str().unwrap();
    column.iter().map(|w| w.map(str::to_string)).collect()
}

fn numbers(frame: &DataFrame, column: &str) -> Vec<Option<f64>> {
    frame
        .column(column)
        .unwrap()
        .f64()
        .unwrap()
        .iter()
        .collect()
}

#[test]
fn a01_a_small_course_is_withheld() {
    let groups = ask(&data(&[1, 2, 3, 4], None), By::Course, 5);
    let frame = groups.summary().unwrap().into_frame();
    assert_eq!(frame.column("n").unwrap().null_count(), 7);
    assert_eq!(words(&frame, "reason"), vec![Some("TooFew".to_string()); 7]);
    // Six can be shown: the same course with two more.
    assert_eq!(
        shown(&ask(&data(&[1, 2, 3, 4, 5, 6], None), By::Course, 5)),
        [("A".into(), 5)]
    );
}

#[test]
fn a06_the_course_and_its_boards_are_answered_in_either_order() {
    let memberships = boards(&[("b1", 0..12), ("b2", 12..24), ("b3", 24..30)]);
    for order in [[By::Course, By::Group], [By::Group, By::Course]] {
        let data = data(&[5; 30], Some(memberships.clone()));
        let mut all: Vec<(String, u32)> = order
            .iter()
            .flat_map(|by| shown(&ask(&data, *by, 10)))
            .collect();
        all.sort();
        let expected = [("(other)", 20), ("A", 30), ("b2", 10)];
        assert_eq!(all, expected.map(|(l, n)| (l.to_string(), n)));
    }
}

#[test]
fn a07_clones_share_the_record_of_what_was_released() {
    let memberships = boards(&[("a", 0..11), ("b", 11..21), ("c", 0..10), ("c", 11..21)]);
    let tables = || Tables {
        memberships: Some(memberships.clone()),
        ..Tables::default()
    };
    let data = load(&[5; 21], tables());
    let labels = |groups: &ReferenceGroups| -> Vec<String> {
        shown(groups).into_iter().map(|(l, _)| l).collect()
    };
    assert_eq!(labels(&ask(&data, By::Group, 5)), ["a", "b"]);
    let clone = data.clone();
    drop(data);
    assert_eq!(labels(&ask(&clone, By::Group, 5)), ["a", "b"]);
    let weaker = GroupOptions {
        policy: ReleasePolicy::new(10, 5, 0.7).unwrap(),
        ..options(10)
    };
    assert!(clone.reference_groups(By::Group, &weaker).is_ok());
    let refused = clone.reference_groups(By::Group, &options(5));
    assert!(matches!(refused, Err(Error::Policy(_))));
}

#[test]
fn a11_asking_again_gives_the_same_bytes() {
    let data = data(&(0..60).map(|l| l % 9 + 1).collect::<Vec<_>>(), None);
    let first = ask(&data, By::Course, 10)
        .drop_off(Steps::Module)
        .unwrap()
        .into_frame();
    for _ in 0..20 {
        let again = ask(&data, By::Course, 10).drop_off(Steps::Module).unwrap();
        assert!(again.verify());
        assert!(again.frame().equals_missing(&first));
    }
}

#[test]
fn a16_where_everybody_left_is_coded() {
    let table = ask(&data(&[3; 20], None), By::Course, 5)
        .drop_off(Steps::Module)
        .unwrap()
        .into_frame();
    assert_eq!(words(&table, "step")[2].as_deref(), Some("m3"));
    assert_eq!(words(&table, "reached_code")[2].as_deref(), Some("high"));
    assert_eq!(words(&table, "left_code")[2].as_deref(), Some("high"));
    assert_eq!(numbers(&table, "left"), [None; 9]);
}

#[test]
fn a28_accounts_that_one_person_made_are_no_company() {
    // 20 learners; later ten fresh accounts and one more learner enroll.
    let shown_then = |fresh_count: bool| {
        let starts: Vec<i64> = (0..31)
            .map(|l| START + i64::from(l / 20) * 7 * DAY)
            .collect();
        let mut enrollments = enrolled(31);
        let starts = Column::new("start".into(), starts)
            .cast(&DataType::Datetime(TimeUnit::Microseconds, None));
        enrollments.with_column(starts.unwrap()).unwrap();
        let accounts: Vec<String> = (0..31).map(name).collect();
        let eligible: Vec<bool> = (0..31).map(|l| l < 21 || fresh_count).collect();
        let tables = Tables {
            enrollments: Some(enrollments),
            learners: Some(df!("learner" => accounts, "eligible" => eligible).unwrap()),
            ..Tables::default()
        };
        let data = load(&[5; 31], tables);
        let at = |days: i64| {
            let options = GroupOptions {
                as_of: Some(START + days * DAY),
                ..options(10)
            };
            shown(&data.reference_groups(By::Course, &options).unwrap())
        };
        [at(1), at(8)].concat()
    };
    let course = |n: u32| ("A".to_string(), n);
    assert_eq!(shown_then(false), [course(20), course(20)]);
    assert_eq!(
        shown_then(true),
        [course(20), course(30)],
        "the host let them in"
    );
}

#[test]
fn a30_a_single_drop_changes_no_byte() {
    let stay = [9; 30];
    let mut drop = stay;
    drop[7] = 4;
    let table = |furthest: &[u32]| {
        let groups = ask(&data(furthest, None), By::Course, 5);
        groups.drop_off(Steps::Module).unwrap().into_frame()
    };
    assert!(table(&stay).equals_missing(&table(&drop)));
    let mut many = stay;
    many[..8].fill(4);
    assert!(
        !table(&stay).equals_missing(&table(&many)),
        "eight are seen"
    );
}

#[test]
fn a51_nobody_tells_an_unknown_learner_from_one_off_the_roster() {
    let mut furthest = vec![5; 21];
    furthest[20] = 9;
    let tables = Tables {
        enrollments: Some(enrolled(20)),
        ..Tables::default()
    };
    let groups = ask(&load(&furthest, tables), By::Course, 5);
    let refused = |id: &str| {
        groups
            .compare(&Id::from(id), Metric::Events)
            .unwrap_err()
            .to_string()
    };
    assert_eq!(refused("l020"), refused("nobody"));
    assert!(groups.compare(&Id::from("l019"), Metric::Events).is_ok());
}

#[test]
fn a_missing_table_is_named() {
    let data = load(&[5; 20], Tables::default());
    for (by, table) in [(By::Course, "enrollments"), (By::Group, "memberships")] {
        let error = data.reference_groups(by, &options(5)).unwrap_err();
        assert!(matches!(error, Error::Missing { .. }) && error.to_string().contains(table));
    }
}

#[test]
fn counts_are_those_of_the_log() {
    // 100 learners; 40 reach module 2 only, 60 all nine.
    let furthest: Vec<u32> = (0..100).map(|l| if l < 40 { 2 } else { 9 }).collect();
    let groups = ask(&data(&furthest, None), By::Course, 10);
    let steps = groups.drop_off(Steps::Module).unwrap().into_frame();
    let at_or_after = [None, None, Some(60.0), Some(60.0)];
    assert_eq!(numbers(&steps, "reached")[..4], at_or_after);
    assert_eq!(numbers(&steps, "left")[1], Some(40.0));
    assert_eq!(
        numbers(&steps, "position")[..3],
        [Some(1.0), Some(2.0), Some(3.0)]
    );

    let counts = groups.distribution(Metric::Contents).unwrap().into_frame();
    let learners = numbers(&counts, "learners");
    assert_eq!(learners[2], Some(40.0), "at most 2 contents");
    assert_eq!(words(&counts, "code")[1].as_deref(), Some("low"));

    let summary = groups.summary().unwrap().into_frame();
    // Progress: 40 at 2/9, 60 at 1; half lie between .95 and 1.
    let progress = numbers(&summary, "median")[6].unwrap();
    assert!((0.9..=1.0).contains(&progress));
    assert_eq!(words(&summary, "unit")[6].as_deref(), Some("share"));

    let weeks = groups.drop_off(Steps::Week).unwrap().into_frame();
    assert_eq!(weeks.height(), 9, "60 days are 9 weeks begun");
    assert_eq!(words(&weeks, "reached_code")[0].as_deref(), Some("high"));
    assert_eq!(words(&weeks, "reached_code")[1].as_deref(), Some("low"));
}

#[test]
fn a_learner_without_consent_or_eligibility_changes_nothing() {
    let world = |last: u32| {
        let mut furthest: Vec<u32> = (0..40).map(|l| l % 9 + 1).collect();
        furthest[38] = last;
        furthest[39] = last;
        let mut consents: Vec<(String, bool)> = (0..40).map(|l| (name(l), true)).collect();
        consents.push((name(39), false));
        let times: Vec<&str> = (0..41)
            .map(|i| {
                if i < 40 {
                    "2024-01-01T00:00Z"
                } else {
                    "2024-02-01T00:00Z"
                }
            })
            .collect();
        let tables = Tables {
            catalog: Some(catalog()),
            enrollments: Some(enrolled(40)),
            consents: Some(
                df!(
                    "learner" => consents.iter().map(|(l, _)| l.clone()).collect::<Vec<_>>(),
                    "purpose" => vec!["group"; 41],
                    "granted" => consents.iter().map(|(_, g)| *g).collect::<Vec<_>>(),
                    "time" => times,
                )
                .unwrap(),
            ),
            learners: Some(df!("learner" => [name(38)], "eligible" => [false]).unwrap()),
            ..Tables::default()
        };
        let groups = ask(&load(&furthest, tables), By::Course, 5);
        let refused = groups.compare(&Id::from("l039"), Metric::Events);
        assert!(matches!(refused, Err(Error::NoSuchLearner)));
        let mut all = vec![groups.summary().unwrap().into_frame()];
        all.push(groups.drop_off(Steps::Module).unwrap().into_frame());
        all
    };
    let (quiet, loud) = (world(1), world(9));
    assert!(quiet.iter().zip(&loud).all(|(a, b)| a.equals_missing(b)));
}

#[test]
fn integer_courses_keep_their_type_and_groups_do_not_lose_other() {
    let mut log = events(&[5; 20]);
    let height = log.height();
    log.with_column(Column::new("course".into(), vec![7_i64; height]))
        .unwrap();
    let learners: Vec<String> = (0..20).map(name).collect();
    let tables = Tables {
        enrollments: Some(df!("learner" => &learners, "course" => vec![7_i64; 20]).unwrap()),
        memberships: Some(df!("learner" => &learners, "group" => vec![1_i64; 20]).unwrap()),
        ..Tables::default()
    };
    let options = Options {
        tz: Some("UTC".into()),
        ..Options::default()
    };
    let data = LearningData::new(log, tables, &options).unwrap();
    let dtype = |by| {
        let frame = ask(&data, by, 5).summary().unwrap().into_frame();
        frame.column("group").unwrap().dtype().clone()
    };
    assert_eq!(dtype(By::Course), DataType::Int64);
    assert_eq!(dtype(By::Group), DataType::String);
}

#[test]
fn progress_over_a_catalog_made_from_the_log_is_refused() {
    let derived = data(&[5; 20], None).derive_catalog(0.01, 5).unwrap();
    let tables = Tables {
        catalog: Some(derived),
        enrollments: Some(enrolled(20)),
        ..Tables::default()
    };
    let groups = ask(&load(&[5; 20], tables), By::Course, 5);
    let table = groups.distribution(Metric::Progress).unwrap().into_frame();
    let reason = Some("the catalog is derived from the log".to_string());
    assert_eq!(words(&table, "reason"), std::slice::from_ref(&reason));
    let steps = groups.drop_off(Steps::Content).unwrap().into_frame();
    assert_eq!(words(&steps, "reason"), [reason]);
}

#[test]
fn a_group_over_all_courses_ties_the_courses_together() {
    let mut log = events(&[4; 30]);
    let height = log.height();
    let courses: Vec<&str> = (0..height).map(|i| ["A", "B"][i % 2]).collect();
    log.with_column(Column::new("course".into(), courses))
        .unwrap();
    let (learners, groups): (Vec<String>, Vec<&str>) = (0..30).map(|l| (name(l), "all")).unzip();
    let enrolled: Vec<String> = (0..30).map(name).collect();
    let courses = [vec!["A"; 27], vec!["B"; 3]].concat();
    let tables = Tables {
        enrollments: Some(df!("learner" => &enrolled, "course" => &courses).unwrap()),
        memberships: Some(df!("learner" => learners, "group" => groups).unwrap()),
        ..Tables::default()
    };
    let options = Options {
        tz: Some("UTC".into()),
        ..Options::default()
    };
    let data = LearningData::new(log, tables, &options).unwrap();
    let whole = ask(&data, By::Group, 5);
    assert_eq!(shown(&whole), [("all".into(), 30)]);
    assert_eq!(
        shown(&ask(&data, By::Course, 5)),
        [("A".into(), 25)],
        "27 of the 30 would leave three, so that three others step out"
    );
    let steps = whole.drop_off(Steps::Module).unwrap().into_frame();
    assert_eq!(
        words(&steps, "reason"),
        [Some("spans several courses".to_string())]
    );
}
