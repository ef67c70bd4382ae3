//! Enrollments, and the work that learners handed in.

use std::collections::BTreeMap;
use std::path::Path;

use polars::prelude::*;

use super::catalog::Content;
use super::presentations::{Presentations, times};
use super::source::{Field, Holds, load};
use crate::error::Result;

const INFO: &[Field] = &[
    ("code_module", false, Holds::Text),
    ("code_presentation", false, Holds::Text),
    ("id_student", false, Holds::Whole),
    ("final_result", true, Holds::Text),
];

const REGISTRATION: &[Field] = &[
    ("code_module", false, Holds::Text),
    ("code_presentation", false, Holds::Text),
    ("id_student", false, Holds::Whole),
    ("date_registration", true, Holds::Whole),
    ("date_unregistration", true, Holds::Whole),
];

const WORK: &[Field] = &[
    ("id_assessment", false, Holds::Whole),
    ("id_student", false, Holds::Whole),
    ("date_submitted", false, Holds::Whole),
    ("is_banked", false, Holds::Whole),
    ("score", true, Holds::Number),
];

#[derive(Default)]
struct Enrollment {
    registered: bool,
    start: Option<i64>,
    end: Option<i64>,
    result: bool,
    outcome: Option<&'static str>,
}

/// `learner, course, start, end, outcome`, sorted by course and learner; and the rows read of
/// `studentInfo` and `studentRegistration`.
///
/// Days of unregistration and results are kept as they are: some who withdrew have no day, and
/// some who failed have one.
pub(super) fn enrollments(folder: &Path, courses: &Presentations) -> Result<(DataFrame, u64, u64)> {
    let mut all: BTreeMap<(u32, i64), Enrollment> = BTreeMap::new();
    let (mut infos, mut registrations) = (0, 0);
    for part in load(folder, "studentInfo", INFO)? {
        let learners = part.ints("id_student")?.iter().flatten();
        let results = part.texts("final_result")?.iter();
        let rows = courses
            .places(&part)?
            .into_iter()
            .zip(learners)
            .zip(results);
        for (row, (key, result)) in rows.enumerate() {
            let enrollment = all.entry(key).or_default();
            if enrollment.result {
                return Err(part.bad(row, "id_student", "stands in this course twice"));
            }
            enrollment.result = true;
            enrollment.outcome = result
                .map(|result| {
                    let known = outcome(result);
                    let problem = "is not Pass, Distinction, Fail or Withdrawn";
                    known.ok_or_else(|| part.bad(row, "final_result", problem))
                })
                .transpose()?;
            infos += 1;
        }
    }
    for part in load(folder, "studentRegistration", REGISTRATION)? {
        let learners = part.ints("id_student")?.iter().flatten();
        let starts = part.ints("date_registration")?.iter();
        let ends = part.ints("date_unregistration")?.iter();
        let rows = courses
            .places(&part)?
            .into_iter()
            .zip(learners)
            .zip(starts.zip(ends));
        for (row, (key, (start, end))) in rows.enumerate() {
            let enrollment = all.entry(key).or_default();
            if enrollment.registered {
                return Err(part.bad(row, "id_student", "stands in this course twice"));
            }
            let instant = |day: Option<i64>, column| {
                let instant = day.map(|day| courses.instant(key.0, day));
                let far = || part.bad(row, column, "is not a day near the course");
                instant.map(|instant| instant.ok_or_else(far)).transpose()
            };
            enrollment.registered = true;
            enrollment.start = instant(start, "date_registration")?;
            enrollment.end = instant(end, "date_unregistration")?;
            registrations += 1;
        }
    }
    let learners: Int64Chunked = all.keys().map(|(_, learner)| Some(*learner)).collect();
    let outcomes: Vec<Option<&str>> = all.values().map(|e| e.outcome).collect();
    let columns = vec![
        learners.with_name("learner".into()).into_column(),
        courses.names("course", all.keys().map(|(course, _)| *course)),
        times("start", all.values().map(|e| e.start)),
        times("end", all.values().map(|e| e.end)),
        Column::new("outcome".into(), outcomes),
    ];
    Ok((DataFrame::new(all.len(), columns)?, infos, registrations))
}

fn outcome(result: &str) -> Option<&'static str> {
    match result {
        "Pass" => Some("pass"),
        "Distinction" => Some("distinction"),
        "Fail" => Some("fail"),
        "Withdrawn" => Some("withdrawn"),
        _ => None,
    }
}

/// Work handed in for an assessment.
pub(super) struct Submission {
    pub(super) learner: i64,
    pub(super) time: i64,
    pub(super) assessment: i64,
    pub(super) course: u32,
    pub(super) score: Option<f64>,
}

/// The submissions in the order of the files, the rows read, and how many of them were banked:
/// results carried over from an earlier presentation, which nobody handed in in this one.
pub(super) fn submissions(
    folder: &Path,
    courses: &Presentations,
    assessments: &[Content],
) -> Result<(Vec<Submission>, u64, u64)> {
    let course_of: BTreeMap<i64, u32> = assessments.iter().map(|a| (a.id, a.course)).collect();
    let (mut all, mut read, mut banked) = (Vec::new(), 0, 0);
    for part in load(folder, "studentAssessment", WORK)? {
        let ids = part
            .ints("id_assessment")?
            .iter()
            .zip(part.ints("id_student")?.iter());
        let days = part
            .ints("date_submitted")?
            .iter()
            .zip(part.ints("is_banked")?.iter());
        let rows = ids.zip(days).zip(part.numbers("score")?.iter());
        for (row, (((assessment, learner), (day, is_banked)), score)) in rows.enumerate() {
            read += 1;
            match is_banked {
                Some(0) => {}
                Some(1) => {
                    banked += 1;
                    continue;
                }
                _ => return Err(part.bad(row, "is_banked", "is not 0 or 1")),
            }
            let assessment = assessment.unwrap_or_default();
            let unknown = || part.bad(row, "id_assessment", "`assessments` has no such assessment");
            let course = *course_of.get(&assessment).ok_or_else(unknown)?;
            let far = || part.bad(row, "date_submitted", "is not a day near the course");
            all.push(Submission {
                learner: learner.unwrap_or_default(),
                time: courses
                    .instant(course, day.unwrap_or_default())
                    .ok_or_else(far)?,
                assessment,
                course,
                score: score.map(|score| score / 100.0),
            });
        }
    }
    Ok((all, read, banked))
}
