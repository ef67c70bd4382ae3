//! The Open University Learning Analytics Dataset (Kuzilek, Hlosta & Zdrahal, Sci. Data 4:170171,
//! 2017) as learning data.
//!
//! | here | there |
//! |---|---|
//! | course | `code_module`-`code_presentation`: `AAA-2013J` |
//! | learner | `id_student` |
//! | content | `id_site`, and `id_assessment` for assessments |
//! | time | midnight UTC of the start of the presentation (`B`: 1 February, `J`: 1 October), plus `date` days |
//! | verb | `interacted`; `submitted` for work handed in |
//! | count | the sum of `sum_click` over the rows of one learner, course, site and day |
//! | score | `score` / 100 |
//! | kind | from `activity_type` and `assessment_type`; see the table at `catalog` |
//! | position | `week_from` |
//! | enrollment | `date_registration` to `date_unregistration`, `final_result` |
//! | course starts, ends | start of the presentation, and `module_presentation_length` days later |
//!
//! Times have day resolution: nothing here tells how long anyone studied.

mod catalog;
mod clicks;
mod people;
mod presentations;
mod source;

use std::path::Path;

use polars::prelude::*;

use clicks::Click;
use people::Submission;
use presentations::{Presentations, times};

use super::foreign::Foreign;
use super::paths::failed;
use crate::data::{LearningData, Options, SourceReport, Tables};
use crate::error::Result;

/// What to read of the dataset beside the clicks.
#[derive(Debug, Clone, Copy, Default)]
pub struct OuladOptions {
    /// Adds work handed in as `submitted` events, and makes assessments required contents.
    pub submissions: bool,
}

/// Reads the dataset from a folder with its seven tables: `courses`, `assessments`, `vle`,
/// `studentInfo`, `studentRegistration`, `studentVle`, and for submissions `studentAssessment`.
///
/// Each is `studentVle.parquet`, `studentVle.csv` or `studentVle.csv.gz`, or is in parts like
/// `studentVle_AAA_2013J.csv`.
///
/// # Errors
/// [`crate::Error::File`] for a table without a file (with what was expected and found), and for
/// the first value that cannot be read, with file, row and column.
pub fn read_oulad(folder: &Path, options: OuladOptions) -> Result<Foreign> {
    let (courses, n_courses) = Presentations::read(folder)?;
    let mut contents = catalog::sites(folder, &courses)?;
    let n_sites = contents.len() as u64;
    let assessments = catalog::assessments(folder, &courses, &contents, options.submissions)?;
    let (enrollments, n_infos, n_registrations) = people::enrollments(folder, &courses)?;
    let (clicks, n_clicks) = clicks::read(folder, &courses)?;
    let ids = catalog::ids(&assessments);
    if let Some(click) = clicks
        .iter()
        .find(|click| ids.binary_search(&click.site).is_ok())
    {
        let problem = format!(
            "`id_site` {} of studentVle is an `id_assessment`, too",
            click.site
        );
        return Err(failed(folder, problem));
    }
    let mut report = SourceReport::default();
    for (table, rows) in [
        ("courses", n_courses),
        ("vle", n_sites),
        ("assessments", assessments.len() as u64),
        ("studentInfo", n_infos),
        ("studentRegistration", n_registrations),
        ("studentVle", n_clicks),
    ] {
        report.find(format!("rows read: {table}"), rows);
    }
    let mut events = click_frame(&clicks, &courses)?;
    if options.submissions {
        let (work, read, banked) = people::submissions(folder, &courses, &assessments)?;
        report.find("rows read: studentAssessment", read);
        report.find("rows read: studentAssessment, banked and left out", banked);
        let score = Column::full_null("score".into(), events.height(), &DataType::Float64);
        events.with_column(score)?;
        events.vstack_mut_owned(work_frame(&work, &courses)?)?;
    }
    contents.extend(assessments);
    Ok(Foreign {
        events,
        tables: Tables {
            catalog: Some(catalog::frame(&contents, &courses)?),
            courses: Some(courses.frame()?),
            enrollments: Some(enrollments),
            ..Default::default()
        },
        report,
    })
}

/// Reads the dataset straight into learning data, with the rows read in its `quality`.
///
/// # Errors
/// As [`read_oulad`] and [`LearningData::new`].
pub fn oulad(folder: &Path, options: OuladOptions, data: &Options) -> Result<LearningData> {
    read_oulad(folder, options)?.learning_data(Tables::default(), data)
}

fn click_frame(clicks: &[Click], courses: &Presentations) -> Result<DataFrame> {
    let learners = clicks.iter().map(|click| click.learner);
    let sites = clicks.iter().map(|click| click.site);
    let columns = vec![
        ints("learner", learners),
        times("time", clicks.iter().map(|click| Some(click.time))),
        ints("content", sites),
        verb("interacted", clicks.len()),
        courses.names("course", clicks.iter().map(|click| click.course)),
        ints("count", clicks.iter().map(|click| click.count)),
    ];
    Ok(DataFrame::new(clicks.len(), columns)?)
}

fn work_frame(work: &[Submission], courses: &Presentations) -> Result<DataFrame> {
    let scores: Vec<Option<f64>> = work.iter().map(|w| w.score).collect();
    let columns = vec![
        ints("learner", work.iter().map(|w| w.learner)),
        times("time", work.iter().map(|w| Some(w.time))),
        ints("content", work.iter().map(|w| w.assessment)),
        verb("submitted", work.len()),
        courses.names("course", work.iter().map(|w| w.course)),
        ints("count", work.iter().map(|_| 1)),
        Column::new("score".into(), scores),
    ];
    Ok(DataFrame::new(work.len(), columns)?)
}

fn ints(name: &str, values: impl Iterator<Item = i64>) -> Column {
    Int64Chunked::from_iter_values(name.into(), values).into_column()
}

fn verb(word: &str, rows: usize) -> Column {
    Column::new_scalar(
        "verb".into(),
        Scalar::from(PlSmallStr::from_str(word)),
        rows,
    )
}
