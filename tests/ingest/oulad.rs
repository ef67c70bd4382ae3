use std::fs;
use std::path::Path;

use kohort::ingest::{Foreign, OuladOptions, read_oulad};
use polars::prelude::*;

use super::{folder_with, ints, texts};

const DAY: i64 = 86_400_000_000;
/// 2013-10-01.
const START: i64 = 15_979 * DAY;

/// A course of two learners; learner 8 withdrew, learner 9 is still there.
const FILES: &[(&str, &str)] = &[
    (
        "courses.csv",
        "code_module,code_presentation,module_presentation_length\nAAA,2013J,268\n",
    ),
    (
        "vle.csv",
        "id_site,code_module,code_presentation,activity_type,week_from,week_to\n\
         500,AAA,2013J,oucontent,,\n501,AAA,2013J,forumng,3,4\n",
    ),
    (
        "assessments.csv",
        "code_module,code_presentation,id_assessment,assessment_type,date,weight\n\
         AAA,2013J,17,TMA,19,10\nAAA,2013J,18,Exam,,100\n",
    ),
    (
        "studentInfo.csv",
        "code_module,code_presentation,id_student,imd_band,final_result\n\
         AAA,2013J,9,10-20,Pass\nAAA,2013J,8,?,Withdrawn\n",
    ),
    (
        "studentRegistration.csv",
        "code_module,code_presentation,id_student,date_registration,date_unregistration\n\
         AAA,2013J,8,-20,12\nAAA,2013J,9,\"\",\"\"\n",
    ),
    (
        "studentVle.csv",
        "code_module,code_presentation,id_student,id_site,date,sum_click\n\
         AAA,2013J,9,501,0,2\nAAA,2013J,9,500,-10,4\nAAA,2013J,9,500,-10,4\nAAA,2013J,8,500,30,1\n",
    ),
    (
        "studentAssessment.csv",
        "id_assessment,id_student,date_submitted,is_banked,score\n\
         17,9,18,0,78\n17,8,-1,1,60\n18,9,200,0,\n",
    ),
];

fn load(folder: &Path, submissions: bool) -> Result<Foreign, String> {
    read_oulad(folder, OuladOptions { submissions }).map_err(|e| e.to_string())
}

/// The small dataset with one file replaced, or without it.
fn with(name: &str, file: &str, content: Option<&str>) -> Result<Foreign, String> {
    let folder = folder_with(name, FILES);
    match content {
        Some(content) => fs::write(folder.join(file), content).unwrap(),
        None => fs::remove_file(folder.join(file)).unwrap(),
    }
    load(&folder, true)
}

#[test]
fn clicks_of_one_learner_site_and_day_are_one_event() {
    let oulad = load(&folder_with("oulad_small", FILES), false).unwrap();
    let events = &oulad.events;
    assert_eq!(
        events.get_column_names(),
        ["learner", "time", "content", "verb", "course", "count"]
    );
    assert_eq!(ints(events, "learner"), [Some(8), Some(9), Some(9)]);
    assert_eq!(ints(events, "content"), [Some(500), Some(500), Some(501)]);
    assert_eq!(ints(events, "count"), [Some(1), Some(8), Some(2)]);
    let days = [START + 30 * DAY, START - 10 * DAY, START].map(Some);
    assert_eq!(ints(events, "time"), days);
    assert_eq!(
        texts(events, "course"),
        vec![Some("AAA-2013J".to_owned()); 3]
    );
    let read = ("rows read: studentVle".to_owned(), 4);
    assert!(oulad.report.findings().contains(&read));
}

#[test]
fn facts_about_courses_contents_and_enrollments_follow_the_documented_mapping() {
    let tables = load(&folder_with("oulad_facts", FILES), false)
        .unwrap()
        .tables;
    let courses = tables.courses.unwrap();
    assert_eq!(ints(&courses, "starts"), [Some(START)]);
    assert_eq!(ints(&courses, "ends"), [Some(START + 268 * DAY)]);
    let catalog = tables.catalog.unwrap();
    let kinds = texts(&catalog, "kind");
    assert_eq!(
        kinds,
        ["page", "discussion", "assignment", "quiz"].map(|k| Some(k.to_owned()))
    );
    assert_eq!(ints(&catalog, "position"), [None, Some(3), None, None]);
    assert_eq!(
        ints(&catalog, "due"),
        [None, None, Some(START + 19 * DAY), None]
    );
    let required: Vec<_> = catalog
        .column("required")
        .unwrap()
        .bool()
        .unwrap()
        .iter()
        .collect();
    assert_eq!(required, [None, None, Some(false), Some(false)]);
    let enrollments = tables.enrollments.unwrap();
    assert_eq!(ints(&enrollments, "learner"), [Some(8), Some(9)]);
    assert_eq!(ints(&enrollments, "start"), [Some(START - 20 * DAY), None]);
    assert_eq!(ints(&enrollments, "end"), [Some(START + 12 * DAY), None]);
    let outcomes = [Some("withdrawn".to_owned()), Some("pass".to_owned())];
    assert_eq!(texts(&enrollments, "outcome"), outcomes);
}

#[test]
fn submissions_are_events_and_banked_ones_are_left_out_and_counted() {
    let oulad = load(&folder_with("oulad_work", FILES), true).unwrap();
    let work = oulad.events.tail(Some(2));
    assert_eq!(texts(&work, "verb"), vec![Some("submitted".to_owned()); 2]);
    assert_eq!(ints(&work, "content"), [Some(17), Some(18)]);
    assert_eq!(
        ints(&work, "time"),
        [Some(START + 18 * DAY), Some(START + 200 * DAY)]
    );
    let scores: Vec<_> = work
        .column("score")
        .unwrap()
        .f64()
        .unwrap()
        .iter()
        .collect();
    assert_eq!(scores, [Some(0.78), None]);
    let banked = (
        "rows read: studentAssessment, banked and left out".to_owned(),
        1,
    );
    assert!(oulad.report.findings().contains(&banked));
    let catalog = oulad.tables.catalog.unwrap();
    assert_eq!(
        catalog.column("required").unwrap().bool().unwrap().sum(),
        Some(2)
    );
}

#[test]
fn a_missing_table_is_an_error_with_what_was_expected_and_found() {
    let error = with("oulad_missing", "vle.csv", None).unwrap_err();
    assert!(
        error.contains("expected `vle.parquet`, `vle.csv`, `vle.csv.gz`"),
        "{error}"
    );
    assert!(error.contains("studentVle.csv"), "{error}");
    let folder = folder_with("oulad_no_work", FILES);
    fs::remove_file(folder.join("studentAssessment.csv")).unwrap();
    assert!(load(&folder, false).is_ok());
}

#[test]
fn a_table_in_two_forms_is_an_error_and_parts_are_read_together() {
    let courses = "code_module,code_presentation,module_presentation_length\nBBB,2013B,240\n";
    let error = with("oulad_forms", "courses_BBB_2013B.csv", Some(courses)).unwrap_err();
    assert!(error.contains("tells the same rows as"), "{error}");
    let folder = folder_with("oulad_parts", FILES);
    fs::rename(
        folder.join("courses.csv"),
        folder.join("courses_AAA_2013J.csv"),
    )
    .unwrap();
    fs::write(folder.join("courses_BBB_2013B.csv"), courses).unwrap();
    let courses = load(&folder, false).unwrap().tables.courses.unwrap();
    assert_eq!(
        texts(&courses, "course"),
        ["AAA-2013J", "BBB-2013B"].map(|c| Some(c.to_owned()))
    );
}

#[test]
fn a_bad_value_is_an_error_with_file_row_and_column_but_without_the_value() {
    let clicks = "code_module,code_presentation,id_student,id_site,date,sum_click\n";
    let cases = [
        (
            "studentVle.csv",
            format!("{clicks}AAA,2013J,8,500,1,1\nAAA,2013J,secret,500,1,1\n"),
            "row 1 (the first is 0), column `id_student`: is not a whole number",
        ),
        (
            "studentVle.csv",
            format!("{clicks}AAA,2013J,,500,1,1\n"),
            "column `id_student`: is empty",
        ),
        (
            "studentVle.csv",
            format!("{clicks}AAA,2013J,8,500,1,-1\n"),
            "column `sum_click`: is below zero",
        ),
        (
            "studentVle.csv",
            format!("{clicks}AAA,2013J,8,500,99999,1\n"),
            "column `date`: is not a day near",
        ),
        (
            "studentVle.csv",
            format!("{clicks}AAA,2014J,8,500,1,1\n"),
            "`courses` has no such course",
        ),
        (
            "studentVle.csv",
            format!("{clicks}AAA,2013J,8,17,1,1\n"),
            "`id_site` 17 of studentVle",
        ),
        (
            "studentVle.csv",
            "code_module,code_presentation\n".to_owned(),
            "column `id_student` is missing",
        ),
        (
            "courses.csv",
            "code_module,code_presentation,module_presentation_length\nAAA,2013Q,9\n".to_owned(),
            "row 0 (the first is 0), column `code_presentation`: is not a year and B",
        ),
        (
            "vle.csv",
            "id_site,code_module,code_presentation,activity_type,week_from\n17,AAA,2013J,page,\n"
                .to_owned(),
            "column `id_assessment`: is the `id_site` of a site",
        ),
        (
            "studentAssessment.csv",
            "id_assessment,id_student,date_submitted,is_banked,score\n17,9,1,7,\n".to_owned(),
            "column `is_banked`: is not 0 or 1",
        ),
        (
            "studentAssessment.csv",
            "id_assessment,id_student,date_submitted,is_banked,score\n99,9,1,0,\n".to_owned(),
            "column `id_assessment`: `assessments` has no such assessment",
        ),
        (
            "studentInfo.csv",
            "code_module,code_presentation,id_student,final_result\nAAA,2013J,8,Secret\n"
                .to_owned(),
            "column `final_result`: is not Pass, Distinction, Fail or Withdrawn",
        ),
    ];
    for (file, content, expected) in cases {
        let error = with("oulad_bad", file, Some(&content)).unwrap_err();
        assert!(error.contains(expected), "{error}");
        assert!(!error.to_lowercase().contains("secret"), "{error}");
    }
}

#[test]
fn sums_of_clicks_do_not_overflow_32_bits() {
    let row = format!("AAA,2013J,8,500,1,{}\n", i32::MAX);
    let clicks =
        format!("code_module,code_presentation,id_student,id_site,date,sum_click\n{row}{row}");
    let oulad = with("oulad_wide", "studentVle.csv", Some(&clicks)).unwrap();
    assert_eq!(
        ints(&oulad.events, "count")[0],
        Some(2 * i64::from(i32::MAX))
    );
}

#[test]
fn parquet_with_floats_where_some_values_are_empty_reads_the_same() {
    let folder = folder_with("oulad_floats", FILES);
    let expected = load(&folder, false).unwrap().tables.enrollments.unwrap();
    fs::remove_file(folder.join("studentRegistration.csv")).unwrap();
    let columns = vec![
        Column::new("code_module".into(), ["AAA", "AAA"]),
        Column::new("code_presentation".into(), ["2013J", "2013J"]),
        Column::new("id_student".into(), [8_i32, 9]),
        Column::new("date_registration".into(), [Some(-20.0), None]),
        Column::new("date_unregistration".into(), [12.0, f64::NAN]),
    ];
    let mut frame = DataFrame::new(2, columns).unwrap();
    let file = fs::File::create(folder.join("studentRegistration.parquet")).unwrap();
    ParquetWriter::new(file).finish(&mut frame).unwrap();
    let enrollments = load(&folder, false).unwrap().tables.enrollments.unwrap();
    assert!(enrollments.equals_missing(&expected));
}
