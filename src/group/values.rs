//! From personal analytics to what group analytics knows of each learner.

use super::GroupOptions;
use super::distribution::{Record, Scope, Scopes, Spell};
use super::roster::Family;
use super::syllabus::{Syllabus, syllabus};
use crate::Result;
use crate::data::calendar::course_week;
use crate::data::lanes::NO_TIME;
use crate::data::{LearningData, SECOND, WEEK};
use crate::personal::courses::{Per, Record as Own};
use crate::personal::flows::{Flow, Window};
use crate::personal::status;
use crate::personal::summary::Records;
use crate::personal::{PersonalAnalytics, PersonalOptions};

/// The scopes that some family is about; with what was done in a window, if one is given.
///
/// # Errors
/// [`crate::Error::Cancelled`] if the job is stopped.
pub(super) fn scopes(
    data: &LearningData,
    families: &[Family],
    options: &GroupOptions,
    as_of: i64,
    window: Option<Window>,
) -> Result<Scopes> {
    let personal = |as_of: i64| {
        data.personal(&PersonalOptions {
            study_time: options.study_time.clone(),
            as_of: Some(as_of),
            job: options.job.clone(),
            ..PersonalOptions::default()
        })
    };
    // How long the last event of a window took is known when the next one comes.
    let later = as_of.saturating_add(options.study_time.gap);
    let later = later.min(options.as_of.unwrap_or(later)).max(as_of);
    let (personal, after) = (personal(as_of)?, personal(later)?);
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
        let flows = window
            .map(|window| flows(&after, per, window))
            .transpose()?;
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
            let made = own.iter().map(|row| {
                let flow = flows.as_ref().map(|flows| flow_of(flows, row));
                let made = record(&records, &syllabus, course, row, flow);
                (row.learner, made)
            });
            scopes.insert(course, Scope::new(made.collect(), syllabus.facts.clone()));
        }
    }
    Ok(scopes)
}

/// What was done in a window, by course and learner.
type ByCourse = Vec<((u32, u32), Flow)>;

fn flows(personal: &PersonalAnalytics, per: Per, window: Window) -> Result<ByCourse> {
    let flows = personal.flows(per, window)?.into_iter();
    let mut flows: ByCourse = flows
        .map(|(learner, course, flow)| ((course, learner), flow))
        .collect();
    flows.sort_unstable_by_key(|(key, _)| *key);
    Ok(flows)
}

/// What a learner did in the window; nothing if she is not among those who did something.
fn flow_of(flows: &ByCourse, own: &Own) -> Flow {
    let at = flows.binary_search_by_key(&(own.course, own.learner), |(key, _)| *key);
    let found = at.ok().and_then(|at| flows.get(at));
    found.map(|(_, flow)| *flow).unwrap_or_default()
}

/// One learner's record.
fn record(
    records: &Records<'_>,
    syllabus: &Syllabus,
    course: Option<u32>,
    own: &Own,
    flow: Option<Flow>,
) -> Record {
    let flow = flow.unwrap_or_default();
    let place = syllabus.place(own.furthest);
    // A group has one calendar, that of the data set.
    let data = records.data;
    let day = |instant| data.zone.local_day(instant, data.day_start);
    let week = |starts| u32::try_from(course_week(day(own.during), day(starts)) - 1).unwrap_or(0);
    let starts = course.and_then(|c| data.starts(c));
    Record {
        metrics: [
            own.study_time as f64 / SECOND as f64,
            f64::from(own.sessions),
            f64::from(own.events),
            f64::from(own.active_days),
            f64::from(own.contents),
            f64::from(own.completed),
            course
                .and_then(|_| records.progress(own))
                .unwrap_or(f64::NAN),
            flow.study_time as f64 / SECOND as f64,
            f64::from(flow.sessions),
            f64::from(flow.events),
            f64::from(flow.active_days),
            f64::from(flow.contents),
            f64::from(flow.completed),
        ],
        furthest_content: place.map(|(content, _)| content),
        furthest_module: place.and_then(|(_, module)| module),
        last_week: starts.filter(|_| own.during != NO_TIME).map(week),
        left: course.is_some() && records.status(own).left(),
        spell: course.and_then(|_| spell(records, own)),
    }
}

/// How long a learner stayed, and could have stayed by now, in whole weeks.
fn spell(records: &Records<'_>, own: &Own) -> Option<Spell> {
    let status = records.status(own);
    let (begin, end, exit) = status::spell(records.data, own, status, records.as_of)?;
    let weeks = |until: i64| {
        let weeks = (until - begin).max(0).div_euclid(WEEK);
        u32::try_from(weeks).unwrap_or(u32::MAX)
    };
    let could = weeks(status::last_instant(
        records.data,
        own.course,
        records.as_of,
    ));
    Some(Spell {
        week: weeks(end).min(could),
        exit,
        could,
    })
}
