//! From attempts to what group analytics knows of each learner's assessment.

use std::collections::BTreeMap;

use super::distribution::{Content, ContentList, ContentScope, ContentScopes, Rows, Tried};
use super::grids::steps_reached;
use super::roster::Members;
use super::syllabus::DERIVED;
use crate::Result;
use crate::data::Inner;
use crate::data::catalog::Entry;
use crate::data::ids::NONE;
use crate::data::schema::Kind;
use crate::personal::PersonalAnalytics;
use crate::personal::assessments::Attempt;

/// The attempts of the members of each course that is asked about.
///
/// # Errors
/// [`crate::Error::Cancelled`] if the job is stopped.
pub(super) fn assessed(
    data: &Inner,
    personal: &PersonalAnalytics,
    members: &BTreeMap<u32, Members>,
) -> Result<ContentScopes> {
    let mut lists = BTreeMap::new();
    let mut places = vec![NONE; data.items.len()];
    for course in members.keys() {
        let (list, items) = contents(data, *course, assessable, "assessable contents");
        for (place, item) in (0..).zip(items) {
            if let Some(slot) = places.get_mut(item as usize) {
                *slot = place;
            }
        }
        lists.insert(*course, list);
    }
    if lists.values().all(std::result::Result::is_err) {
        let scope = |(course, list)| (course, ContentScope::new(list, Rows::default()));
        return Ok(lists.into_iter().map(scope).collect());
    }
    let course_of = |item: u32| data.items.course.get(item as usize).copied();
    let rows = personal.of_attempts(|learner, attempts, out| {
        for own in attempts.chunk_by(|a, b| course_of(a.item) == course_of(b.item)) {
            let course = own.first().and_then(|attempt| course_of(attempt.item));
            let on = |course: &u32| {
                let roster = members.get(course);
                roster.is_some_and(|roster| roster.binary_search(&learner).is_ok())
            };
            let Some(course) = course.filter(on) else {
                continue;
            };
            let tried = by_content(own, &places);
            if !tried.is_empty() {
                out.push((course, learner, tried));
            }
        }
    })?;
    let mut by_course: BTreeMap<u32, Vec<_>> = BTreeMap::new();
    for (course, learner, tried) in rows {
        by_course.entry(course).or_default().push((learner, tried));
    }
    let scope = |(course, list)| {
        let rows = Rows::new(by_course.remove(&course).unwrap_or_default());
        (course, ContentScope::new(list, rows))
    };
    Ok(lists.into_iter().map(scope).collect())
}

/// What the catalog calls a problem, a quiz or an assignment, what it says has marks, and what it
/// does not tell the kind of.
fn assessable(entry: &Entry) -> bool {
    let kinds = [Kind::Problem, Kind::Quiz, Kind::Assignment];
    entry.kind.is_none_or(|kind| kinds.contains(&kind)) || entry.max_score.is_some()
}

/// The contents of a course that the catalog has and `keep` wants, by position (those without one
/// last), and their items. Facts of the catalog, so that no table has a row because of a value.
pub(super) fn contents(
    data: &Inner,
    course: u32,
    keep: impl Fn(&Entry) -> bool,
    what: &str,
) -> (ContentList, Vec<u32>) {
    if !data.items.known {
        return (Err("no catalog".to_string()), Vec::new());
    }
    if data.items.derived {
        return (Err(DERIVED.to_string()), Vec::new());
    }
    let wanted = |item: usize| {
        let item = u32::try_from(item).ok()?;
        let entry = data.items.get(item).filter(|entry| keep(entry))?;
        Some((item, entry))
    };
    let mut found: Vec<(u32, &Entry)> = data.items.of_course(course).filter_map(wanted).collect();
    if found.is_empty() {
        return (Err(format!("no {what} in the catalog")), Vec::new());
    }
    found.sort_by(|(a, one), (b, other)| {
        let place = |entry: &Entry| entry.position.unwrap_or(f64::INFINITY);
        place(one).total_cmp(&place(other)).then(a.cmp(b))
    });
    let content = |(item, entry): &(u32, &Entry)| {
        let content = data.items.content.get(*item as usize).copied();
        let id = data.contents.get(content.unwrap_or(NONE));
        Content {
            label: id.map_or_else(String::new, |id| id.to_string()),
            module: data.modules.get(entry.module).map(|id| id.to_string()),
            position: entry.position,
            topics: {
                let topic = |at: &u32| data.items.topics.get(*at as usize).cloned();
                entry.topics.iter().filter_map(topic).collect()
            },
        }
    };
    let list = found.iter().map(content).collect();
    (Ok(list), found.iter().map(|(item, _)| *item).collect())
}

/// A learner's attempts in one course, summed up by content, in the order in which she began.
fn by_content(attempts: &[Attempt], places: &[u32]) -> Vec<Tried> {
    let mut tried: Vec<(i64, Tried)> = Vec::new();
    for own in attempts.chunk_by(|a, b| a.item == b.item) {
        let Some(first) = own.first() else { continue };
        let place = places.get(first.item as usize).copied().unwrap_or(NONE);
        if place != NONE {
            tried.push((first.opened, sum_up(place, first, own)));
        }
    }
    tried.sort_by_key(|(opened, own)| (*opened, own.place));
    tried.into_iter().map(|(_, own)| own).collect()
}

fn sum_up(place: u32, first: &Attempt, attempts: &[Attempt]) -> Tried {
    let verdicts = || attempts.iter().map(|attempt| attempt.correct(None));
    let silent = |attempt: &Attempt| attempt.score.is_none() && attempt.correct(None).is_none();
    let best = attempts.iter().filter_map(|attempt| attempt.score);
    Tried {
        place,
        again: attempts.len() > 1,
        passed: if verdicts().any(|right| right == Some(true)) {
            Some(true)
        } else {
            verdicts()
                .all(|right| right == Some(false))
                .then_some(false)
        },
        succeeded: attempts.iter().any(|a| a.success == Some(true)),
        silent: attempts.iter().any(silent),
        best: best.reduce(f64::max).map(steps_reached),
        first: first.score.map(steps_reached),
        success: first.success,
        right: first.correct(None),
        response: first.response,
    }
}
