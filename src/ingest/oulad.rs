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

use super::paths::failed;
use crate::data::{LearningData, Options, Tables};
use crate::error::Result;

/// What to read of the dataset beside the clicks.
#[derive(Debug, Clone, Copy, Default)]
pub struct OuladOptions {
    /// Adds work handed in as `submitted` events, and makes assessments required contents.
    pub submissions: bool,
}

/// The dataset in the kohort schema.
#[derive(Debug, Clone)]
pub struct OuladTables {
    /// `learner, time, content, verb, course, count`, and `score` with submissions.
    pub events: DataFrame,
    /// Catalog, courses and enrollments.
    pub tables: Tables,
    /// How many rows each table of the dataset had.
    pub source_rows: Vec<(String, u64)>,
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
pub fn read_oulad(folder: &Path, options: OuladOptions) -> Result<OuladTables> {
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
    let mut source_rows = vec![
        ("courses".to_owned(), n_courses),
        ("vle".to_owned(), n_sites),
        ("assessments".to_owned(), assessments.len() as u64),
        ("studentInfo".to_owned(), n_infos),
        ("studentRegistration".to_owned(), n_registrations),
        ("studentVle".to_owned(), n_clicks),
    ];
    let mut events = click_frame(&clicks, &courses)?;
    if options.submissions {
        let (work, read, banked) = people::submissions(folder, &courses, &assessments)?;
        source_rows.push(("studentAssessment".to_owned(), read));
        source_rows.push(("studentAssessment, banked and left out".to_owned(), banked));
        let score = Column::full_null("score".into(), events.height(), &DataType::Float64);
        events.with_column(score)?;
        events.vstack_mut_owned(work_frame(&work, &courses)?)?;
    }
    contents.extend(assessments);
    Ok(OuladTables {
        events,
        tables: Tables {
            catalog: Some(catalog::frame(&contents, &courses)?),
            courses: Some(courses.frame()?),
            enrollments: Some(enrollments),
            ..Default::default()
        },
        source_rows,
    })
}

/// Reads the dataset straight into learning data, with the rows read in its `quality`.
///
/// # Errors
/// As [`read_oulad`] and [`LearningData::new`].
pub fn oulad(folder: &Path, options: OuladOptions, data: &Options) -> Result<LearningData> {
    let read = read_oulad(folder, options)?;
    let mut data = data.clone();
    data.source_rows.extend(read.source_rows);
    LearningData::new(read.events, read.tables, &data)
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
