//! From personal analytics to what group analytics knows of each learner.

use super::GroupOptions;
use super::distribution::{Record, Scope, Scopes, Spell};
use super::roster::Family;
use super::syllabus::{Syllabus, syllabus};
use crate::Result;
use crate::data::calendar::course_week;
use crate::data::lanes::NO_TIME;
use crate::data::{LearningData, SECOND, WEEK};
use crate::personal::PersonalOptions;
use crate::personal::courses::{Per, Record as Own};
use crate::personal::status;
use crate::personal::summary::Records;

/// The scopes that some family is about.
///
/// # Errors
/// [`crate::Error::Cancelled`] if the job is stopped.
pub(super) fn scopes(
    data: &LearningData,
    families: &[Family],
    options: &GroupOptions,
    as_of: i64,
) -> Result<Scopes> {
    let personal = data.personal(&PersonalOptions {
        study_time: options.study_time.clone(),
        as_of: Some(as_of),
        job: options.job.clone(),
        ..PersonalOptions::default()
    })?;
    let mut scopes = Scopes::new();
    for per in [Per::Course, Per::Learner] {
        let whole = per == Per::Learner;
        let mut courses: Vec<Option<u32>> = families.iter().map(|f| f.course).collect();
        courses.retain(|course| course.is_none() == whole);
        courses.dedup();
        if courses.is_empty() {
            continue;
        }
        let records = personal.records(per)?;
        let mut rows: Vec<&Own> = records.rows().collect();
        rows.sort_by_key(|row| row.course);
        for course in courses {
            let syllabus = syllabus(&data.inner, course, as_of);
            let of = |course: u32| {
                let from = rows.partition_point(|row| row.course < course);
                let to = rows.partition_point(|row| row.course <= course);
                rows.get(from..to).unwrap_or(&[])
            };
            let own = course.map_or(rows.as_slice(), of);
            let made = own
                .iter()
                .map(|row| (row.learner, record(&records, &syllabus, course, row)));
            scopes.insert(course, Scope::new(made.collect(), syllabus.facts.clone()));
        }
    }
    Ok(scopes)
}

/// One learner's record.
fn record(records: &Records<'_>, syllabus: &Syllabus, course: Option<u32>, own: &Own) -> Record {
    let place = syllabus.place(own.furthest);
    // A group has one calendar, that of the data set.
    let data = records.data;
    let day = |instant| data.zone.local_day(instant, data.day_start);
    let week = |starts| u32::try_from(course_week(day(own.last), day(starts)) - 1).unwrap_or(0);
    let starts = course.and_then(|c| data.starts(c));
    Record {
        metrics: [
            Some(own.study_time as f64 / SECOND as f64),
            Some(f64::from(own.sessions)),
            Some(f64::from(own.events)),
            Some(f64::from(own.active_days)),
            Some(f64::from(own.contents)),
            Some(f64::from(own.completed)),
            course.and_then(|_| records.progress(own)),
        ],
        furthest_content: place.map(|(content, _)| content),
        furthest_module: place.and_then(|(_, module)| module),
        last_week: starts.filter(|_| own.last != NO_TIME).map(week),
        left: course.is_some() && records.status(own).left(),
        spell: course.and_then(|_| spell(records, own)),
    }
}

/// How long a learner stayed, in whole weeks.
fn spell(records: &Records<'_>, own: &Own) -> Option<Spell> {
    let status = records.status(own);
    let (begin, end, exit) = status::spell(records.data, own, status, records.as_of)?;
    let weeks = (end - begin).div_euclid(WEEK);
    Some(Spell {
        week: u32::try_from(weeks).unwrap_or(u32::MAX),
        exit,
    })
}
