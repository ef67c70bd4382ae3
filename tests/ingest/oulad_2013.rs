//! The published dataset against figures that were computed without kohort.

use std::collections::{BTreeMap, BTreeSet};
use std::env;
use std::path::{Path, PathBuf};

use kohort::data::{Options, Resolution};
use kohort::ingest::{Foreign, OuladOptions, oulad, read_oulad};
use polars::prelude::*;

use super::{ints, texts};

/// Course, enrolled, active, active days, distinct (learner, site), clicks.
const TRUTH: &[(&str, usize, usize, usize, usize, i64)] = &[
    ("AAA-2013J", 383, 378, 34_072, 24_112, 648_494),
    ("BBB-2013B", 1_767, 1_537, 78_647, 57_068, 1_347_911),
    ("BBB-2013J", 2_237, 1_870, 93_548, 67_531, 1_378_656),
    ("DDD-2013B", 1_303, 1_214, 90_441, 125_540, 1_387_467),
    ("DDD-2013J", 1_938, 1_768, 124_457, 155_849, 1_757_214),
    ("EEE-2013J", 1_052, 964, 66_963, 42_202, 1_535_953),
    ("FFF-2013B", 1_614, 1_510, 127_584, 182_744, 4_220_055),
    ("FFF-2013J", 2_283, 2_098, 163_222, 229_416, 5_116_439),
    ("GGG-2013J", 952, 895, 32_352, 29_666, 509_091),
];

/// The dataset's folder, or `None` with a printed reason.
fn folder() -> Option<PathBuf> {
    let data = env::var_os("KOHORT_DATA").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/data"),
        PathBuf::from,
    );
    let folder = data.join("oulad_2013");
    if folder.is_dir() {
        return Some(folder);
    }
    eprintln!(
        "skipped: no learning data at {}; set KOHORT_DATA",
        folder.display()
    );
    None
}

fn load(folder: &Path, submissions: bool) -> Foreign {
    read_oulad(folder, OuladOptions { submissions }).unwrap()
}

#[test]
fn every_course_has_its_known_figures() {
    let Some(folder) = folder() else { return };
    let Foreign {
        events,
        tables,
        report,
    } = load(&folder, false);
    for (table, rows) in [
        ("studentVle", 4_875_652),
        ("studentInfo", 13_529),
        ("vle", 3_023),
        ("assessments", 92),
    ] {
        let read = (format!("rows read: {table}"), rows);
        assert!(report.findings().contains(&read));
    }
    assert_eq!(events.height(), 3_949_842);
    assert_eq!(tables.catalog.unwrap().height(), 3_023 + 92);

    let (learners, sites) = (ints(&events, "learner"), ints(&events, "content"));
    let (times, counts) = (ints(&events, "time"), ints(&events, "count"));
    let mut rows: BTreeMap<String, Vec<usize>> = BTreeMap::new();
    for (row, course) in texts(&events, "course").into_iter().enumerate() {
        rows.entry(course.unwrap()).or_default().push(row);
    }
    let enrollments = tables.enrollments.unwrap();
    let enrolled = texts(&enrollments, "course");
    for (course, enrolled_here, active, days, pairs, clicks) in TRUTH {
        let rows = &rows[*course];
        let here = enrolled
            .iter()
            .filter(|c| c.as_deref() == Some(*course))
            .count();
        assert_eq!(here, *enrolled_here, "{course}");
        let distinct = |f: &dyn Fn(usize) -> (Option<i64>, Option<i64>)| {
            rows.iter()
                .map(|row| f(*row))
                .collect::<BTreeSet<_>>()
                .len()
        };
        assert_eq!(distinct(&|row| (learners[row], None)), *active, "{course}");
        assert_eq!(
            distinct(&|row| (learners[row], times[row])),
            *days,
            "{course}"
        );
        assert_eq!(
            distinct(&|row| (learners[row], sites[row])),
            *pairs,
            "{course}"
        );
        let sum: i64 = rows.iter().map(|row| counts[*row].unwrap()).sum();
        assert_eq!(sum, *clicks, "{course}");
    }
    assert_eq!(rows.len(), TRUTH.len());
    assert_eq!(TRUTH.iter().map(|truth| truth.2).sum::<usize>(), 12_234);
    assert_eq!(counts.iter().flatten().sum::<i64>(), 17_901_280);
    assert_eq!(learners.iter().collect::<BTreeSet<_>>().len(), 12_102);
    let outcomes = texts(&enrollments, "outcome");
    let withdrawn = outcomes
        .iter()
        .flatten()
        .filter(|o| *o == "withdrawn")
        .count();
    assert_eq!(withdrawn, 3_717);
}

#[test]
fn submissions_leave_banked_results_out() {
    let Some(folder) = folder() else { return };
    let oulad = load(&folder, true);
    assert_eq!(oulad.events.height(), 3_949_842 + 82_842 - 720);
    let read = ("rows read: studentAssessment".to_owned(), 82_842);
    assert!(oulad.report.findings().contains(&read));
}

#[test]
fn parquet_and_original_csv_form_give_equal_frames() {
    let Some(folder) = folder() else { return };
    let parquet = load(&folder, true);
    let csv = load(&folder.join("csv_original_format"), true);
    let only = |frame: &DataFrame| {
        let courses = frame.column("course").unwrap().str().unwrap();
        let ours: BooleanChunked = courses.iter().map(|c| c == Some("AAA-2013J")).collect();
        frame.filter(&ours).unwrap()
    };
    let same = |parquet: &DataFrame, csv: &DataFrame| {
        assert!(csv.height() > 0);
        assert!(only(parquet).equals_missing(csv));
    };
    same(&parquet.events, &csv.events);
    let (parquet, csv) = (parquet.tables, csv.tables);
    same(&parquet.catalog.unwrap(), &csv.catalog.unwrap());
    same(&parquet.courses.unwrap(), &csv.courses.unwrap());
    same(&parquet.enrollments.unwrap(), &csv.enrollments.unwrap());
}

#[test]
fn learning_data_takes_all_of_it_and_says_what_was_read() {
    let Some(folder) = folder() else { return };
    let options = Options {
        tz: Some("UTC".to_owned()),
        ..Options::default()
    };
    let data = oulad(&folder, OuladOptions { submissions: true }, &options).unwrap();
    let overview = data.overview();
    assert_eq!(overview.events, 3_949_842 + 82_842 - 720);
    assert_eq!((overview.courses, overview.contents), (9, 3_023 + 92));
    assert_eq!(overview.resolution, Resolution::Day);
    assert_eq!(overview.rejected, 0);
    let quality = data.quality().unwrap();
    let findings = texts(&quality, "finding");
    let place = findings
        .iter()
        .position(|f| f.as_deref() == Some("rows read: studentVle"));
    assert_eq!(ints(&quality, "rows")[place.unwrap()], Some(4_875_652));
}
