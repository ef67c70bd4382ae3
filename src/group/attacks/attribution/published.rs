//! OULAD 2013 (Kuzilek, Hlosta, Zdrahal 2017): its courses, with tutor groups by chance.
//!
//! `KOHORT_COURSES=all` tries every presentation of 2013 in each test, and not only in the first
//! one: some minutes.

use std::collections::{BTreeMap, BTreeSet};

use rayon::prelude::*;

use super::{Dice, Metric, Question, Score, Student, Term};

/// Every presentation of 2013.
const ALL: [&str; 9] = [
    "AAA-2013J",
    "BBB-2013B",
    "BBB-2013J",
    "DDD-2013B",
    "DDD-2013J",
    "EEE-2013J",
    "FFF-2013B",
    "FFF-2013J",
    "GGG-2013J",
];

/// Those that are small.
const SMALL: [&str; 3] = ["AAA-2013J", "GGG-2013J", "EEE-2013J"];

/// One published table of a course: its integer columns, by row; `None` where it is absent.
fn published<const N: usize>(
    name: &str,
    course: &str,
    columns: [&str; N],
) -> Option<Vec<[Option<i32>; N]>> {
    use polars::prelude::*;
    let data = std::env::var_os("KOHORT_DATA").map_or_else(
        || std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/data"),
        std::path::PathBuf::from,
    );
    let path = data.join("oulad_2013").join(format!("{name}.parquet"));
    let Ok(file) = std::fs::File::open(&path) else {
        eprintln!(
            "skipped: no learning data at {}; set KOHORT_DATA",
            path.display()
        );
        return None;
    };
    let keys = ["code_module", "code_presentation"];
    let wanted = keys.into_iter().chain(columns).map(str::to_string);
    let frame = ParquetReader::new(file)
        .with_columns(Some(wanted.collect()))
        .finish()
        .unwrap();
    let own = |column: &str, value: &str| {
        let column = frame.column(column).unwrap().str().unwrap().clone();
        column
            .iter()
            .map(|v| v == Some(value))
            .collect::<BooleanChunked>()
    };
    let (module, presentation) = course.split_once('-').unwrap();
    let here = own(keys[0], module) & own(keys[1], presentation);
    let frame = frame.filter(&here).unwrap();
    let columns = columns.map(|column| {
        let column = frame
            .column(column)
            .unwrap()
            .cast(&DataType::Int32)
            .unwrap();
        column.i32().unwrap().iter().collect::<Vec<_>>()
    });
    let row = |i: usize| std::array::from_fn(|c| columns[c][i]);
    Some((0..frame.height()).map(row).collect())
}

/// A course from its first day to its last: tutor groups of about 40, by chance; who is there
/// by days of registration and unregistration; and on how many days of each stretch each learner
/// was active.
fn course_of_2013(course: &str, every: u32, weeks: Weeks) -> Option<Term> {
    let columns = ["id_student", "date_registration", "date_unregistration"];
    let registered = published("studentRegistration", course, columns)?;
    let clicks = published("studentVle", course, ["id_student", "date"])?;
    let lengths = published("courses", course, ["module_presentation_length"])?;
    let days = u32::try_from(lengths[0][0].unwrap()).unwrap();
    let mut active: BTreeMap<i32, BTreeSet<u32>> = BTreeMap::new();
    for [student, day] in clicks {
        if let (Some(student), Some(Ok(day))) = (student, day.map(u32::try_from)) {
            active.entry(student).or_default().insert(day);
        }
    }
    let mut dice = Dice::new(2013);
    let (mut students, mut ids) = (Vec::new(), Vec::new());
    let boards = u32::try_from(registered.len() / 40).unwrap();
    for [student, from, until] in registered {
        let after = |day: i32| u32::try_from(day.max(0)).unwrap();
        let leaves = until.map(after);
        // Who left before the first day never was on a roster.
        if let (Some(student), Some(from), true) = (student, from, leaves != Some(0)) {
            students.push(Student {
                joins: after(from),
                leaves,
                board: dice.below(boards),
                ..Student::default()
            });
            ids.push(student);
        }
    }
    let question = |about: (u32, u32), from: u32| {
        let count = |id: &i32| {
            active
                .get(id)
                .map_or(0, |own| own.range(about.0..=about.1).count())
        };
        Question {
            values: ids.iter().map(|id| count(id) as f64).collect(),
            about,
            from,
        }
    };
    let week = |week| question((7 * week, 7 * week + 6), 7 * week + 6);
    let (metric, questions) = match weeks {
        Weeks::FirstFour => (Metric::ActiveDays, vec![question((0, 27), 0)]),
        Weeks::Each => (
            Metric::ActiveDaysInPeriod,
            (0..days / 7).map(week).collect(),
        ),
    };
    Some(Term {
        students,
        questions,
        metric,
        boards,
        days: days - 1,
        every,
    })
}

/// What is shown.
#[derive(Clone, Copy, PartialEq)]
enum Weeks {
    /// Active days of each week, in every release from its end on.
    Each,
    /// Those of the first four weeks together, from the first day on.
    FirstFour,
}

/// All courses, one by one and together; `None` where they are absent.
fn scores(courses: &[&str], make: impl Fn(&str) -> Option<Term> + Sync) -> Option<Score> {
    let play = |course: &&str| Some(make(course)?.play());
    let scores: Option<Vec<Score>> = courses.into_par_iter().map(play).collect();
    let mut all = Score::default();
    for (course, own) in courses.iter().zip(scores?) {
        eprintln!("{}", own.row(course));
        all.add(own);
    }
    eprintln!("{}", all.row("together"));
    Some(all)
}

/// Those that are asked for by hand, else those that are small; and whether these are all.
fn asked() -> (&'static [&'static str], bool) {
    match std::env::var("KOHORT_COURSES") {
        Ok(all) if all == "all" => (&ALL, true),
        _ => (&SMALL, false),
    }
}

#[test]
fn nor_do_weekly_releases_about_published_courses() {
    let make = |course: &str| course_of_2013(course, 7, Weeks::Each);
    let Some(score) = scores(&ALL, make) else {
        return;
    };
    let [blind, gated, naive] = score.named();
    assert!(gated <= blind + 2.0, "{score:?}");
    assert!(score.published() >= 90.0, "{score:?}");
    // Of several who leave a group between two releases only the sum is told.
    assert!(naive > 85.0, "{score:?}");
    score.stands_as("OULAD 2013, active days of each week, weekly");
}

#[test]
fn nor_do_daily_ones() {
    let (courses, all) = asked();
    for (weeks, name) in [
        (Weeks::Each, "the same, daily"),
        (
            Weeks::FirstFour,
            "active days of the first four weeks, daily",
        ),
    ] {
        let Some(score) = scores(courses, |course| course_of_2013(course, 1, weeks)) else {
            return;
        };
        let [blind, gated, naive] = score.named();
        assert!(gated <= blind + 2.0, "{score:?}");
        assert!(score.published() >= 90.0, "{score:?}");
        assert!(naive > 90.0, "{score:?}");
        if all {
            score.stands_as(name);
        }
    }
}

/// Groups shrink, and lose k others with each who withdraws alone.
#[test]
fn nor_do_those_about_courses_whose_leavers_withdraw_consent() {
    let (courses, all) = asked();
    let make = |course: &str| {
        let mut term = course_of_2013(course, 7, Weeks::Each)?;
        for student in &mut term.students {
            student.withdraws = student.leaves;
        }
        Some(term)
    };
    let Some(score) = scores(courses, make) else {
        return;
    };
    let [blind, gated, _] = score.named();
    assert!(gated <= blind + 2.0, "{score:?}");
    if all {
        score.stands_as("active days of each week, weekly; who leaves withdraws consent");
    }
}
