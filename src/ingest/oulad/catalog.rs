//! Sites and assessments to one catalog.
//!
//! | kind | activity types |
//! |---|---|
//! | `page` | `dualpane`, `glossary`, `homepage`, `htmlactivity`, `oucontent`, `ouwiki`, `page`, `sharedsubpage`, `subpage` |
//! | `file` | `folder`, `resource` |
//! | `quiz` | `externalquiz`, `quiz` |
//! | `discussion` | `forumng` |
//! | `live` | `oucollaborate`, `ouelluminate` |
//! | `other` | `dataplus`, `questionnaire`, `repeatactivity`, `url`, and any type not listed here |
//!
//! Assessments: `TMA` (marked by a tutor) is an `assignment`; `CMA` (marked by a computer) and
//! `Exam` are a `quiz`. A questionnaire asks for opinions and is not a quiz.

use std::path::Path;

use polars::prelude::*;

use super::presentations::{Presentations, times};
use super::source::{Field, Holds, load};
use crate::error::Result;

const SITES: &[Field] = &[
    ("id_site", false, Holds::Whole),
    ("code_module", false, Holds::Text),
    ("code_presentation", false, Holds::Text),
    ("activity_type", true, Holds::Text),
    ("week_from", true, Holds::Whole),
];

const ASSESSMENTS: &[Field] = &[
    ("code_module", false, Holds::Text),
    ("code_presentation", false, Holds::Text),
    ("id_assessment", false, Holds::Whole),
    ("assessment_type", false, Holds::Text),
    ("date", true, Holds::Whole),
];

/// One content of the catalog.
pub(super) struct Content {
    pub(super) id: i64,
    pub(super) course: u32,
    kind: &'static str,
    position: Option<i64>,
    due: Option<i64>,
    required: Option<bool>,
}

/// The sites, in the order of the files.
pub(super) fn sites(folder: &Path, courses: &Presentations) -> Result<Vec<Content>> {
    let mut all = Vec::new();
    for part in load(folder, "vle", SITES)? {
        let ids = part.ints("id_site")?.iter().flatten();
        let types = part.texts("activity_type")?.iter();
        let weeks = part.ints("week_from")?.iter();
        let rows = courses
            .places(&part)?
            .into_iter()
            .zip(ids)
            .zip(types.zip(weeks));
        all.extend(rows.map(|((course, id), (activity, position))| Content {
            id,
            course,
            kind: site_kind(activity.unwrap_or_default()),
            position,
            due: None,
            required: None,
        }));
    }
    Ok(all)
}

/// The assessments, in the order of the files. They are required where submissions are read:
/// without them nobody could ever complete one.
pub(super) fn assessments(
    folder: &Path,
    courses: &Presentations,
    sites: &[Content],
    submissions: bool,
) -> Result<Vec<Content>> {
    let taken = ids(sites);
    let mut all = Vec::new();
    for part in load(folder, "assessments", ASSESSMENTS)? {
        let ids = part.ints("id_assessment")?.iter().flatten();
        let types = part.texts("assessment_type")?.iter();
        let days = part.ints("date")?.iter();
        let rows = courses
            .places(&part)?
            .into_iter()
            .zip(ids)
            .zip(types.zip(days));
        for (row, ((course, id), (assessment, day))) in rows.enumerate() {
            if taken.binary_search(&id).is_ok() {
                return Err(part.bad(row, "id_assessment", "is the `id_site` of a site, too"));
            }
            let kind = assessment_kind(assessment.unwrap_or_default());
            let kind =
                kind.ok_or_else(|| part.bad(row, "assessment_type", "is not TMA, CMA or Exam"))?;
            let due = day.map(|day| {
                let due = courses.instant(course, day);
                due.ok_or_else(|| part.bad(row, "date", "is not a day near the course"))
            });
            all.push(Content {
                id,
                course,
                kind,
                position: None,
                due: due.transpose()?,
                required: Some(submissions),
            });
        }
    }
    Ok(all)
}

/// The ids of contents, sorted.
pub(super) fn ids(contents: &[Content]) -> Vec<i64> {
    let mut ids: Vec<i64> = contents.iter().map(|content| content.id).collect();
    ids.sort_unstable();
    ids
}

/// `content, course, module, kind, position, due, required`.
pub(super) fn frame(contents: &[Content], courses: &Presentations) -> Result<DataFrame> {
    let ids: Int64Chunked = contents.iter().map(|c| Some(c.id)).collect();
    let kinds: Vec<&str> = contents.iter().map(|c| c.kind).collect();
    let positions: Vec<Option<i64>> = contents.iter().map(|c| c.position).collect();
    let required: Vec<Option<bool>> = contents.iter().map(|c| c.required).collect();
    let columns = vec![
        ids.with_name("content".into()).into_column(),
        courses.names("course", contents.iter().map(|c| c.course)),
        Column::full_null("module".into(), contents.len(), &DataType::String),
        Column::new("kind".into(), kinds),
        Column::new("position".into(), positions),
        times("due", contents.iter().map(|c| c.due)),
        Column::new("required".into(), required),
    ];
    Ok(DataFrame::new(contents.len(), columns)?)
}

fn site_kind(activity: &str) -> &'static str {
    match activity {
        "dualpane" | "glossary" | "homepage" | "htmlactivity" | "oucontent" | "ouwiki" | "page"
        | "sharedsubpage" | "subpage" => "page",
        "folder" | "resource" => "file",
        "externalquiz" | "quiz" => "quiz",
        "forumng" => "discussion",
        "oucollaborate" | "ouelluminate" => "live",
        _ => "other",
    }
}

fn assessment_kind(assessment: &str) -> Option<&'static str> {
    match assessment {
        "TMA" => Some("assignment"),
        "CMA" | "Exam" => Some("quiz"),
        _ => None,
    }
}
