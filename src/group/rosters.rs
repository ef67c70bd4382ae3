//! From the tables to rosters: facts of enrollment, membership and consent, nothing else.

use std::collections::BTreeMap;

use super::metric::By;
use super::roster::{Family, Members, Roster};
use crate::data::Inner;
use crate::data::ids::{Ids, NONE};
use crate::data::schema::Purpose;
use crate::{Error, Result};

/// The families to plan, by course, those over all courses last.
///
/// Learners the host calls ineligible, and those without consent to the group purpose in
/// force today, are on no roster. Leavers stay: a drop-off curve needs them.
///
/// # Errors
/// [`Error::Missing`] if the table that names the groups was not given.
pub(super) fn families(data: &Inner, by: By, as_of: i64) -> Result<Vec<Family>> {
    match by {
        By::Course => by_course(data, as_of),
        By::Group => by_group(data, as_of),
    }
}

fn by_course(data: &Inner, as_of: i64) -> Result<Vec<Family>> {
    let mut rosters = enrolled(data, as_of).ok_or(Error::Missing {
        needs: "reference groups by course",
        what: "the enrollments table",
        how: "give `enrollments` (learner, course, start, end, outcome)",
    })?;
    let count = u32::try_from(data.courses.len()).unwrap_or(NONE);
    let family = |course| Family {
        label: label(&data.courses, course),
        course: Some(course),
        parent: Some(rosters.remove(&course).unwrap_or_default()),
        children: Vec::new(),
        show_parent: true,
    };
    Ok((0..count).map(family).collect())
}

fn by_group(data: &Inner, as_of: i64) -> Result<Vec<Family>> {
    let rows = data.facts.memberships.as_ref().ok_or(Error::Missing {
        needs: "reference groups by group",
        what: "the memberships table",
        how: "give `memberships` (group, learner, course, since, until, parent)",
    })?;
    let mut groups: BTreeMap<(u32, u32), Members> = BTreeMap::new();
    for row in rows {
        let course = scope_of(data, row.course);
        let members = groups.entry((course, row.group)).or_default();
        if row.since.is_none_or(|since| since <= as_of) && eligible(data, row.learner) {
            members.push(row.learner);
        }
    }
    let mut enrolled = enrolled(data, as_of).unwrap_or_default();
    let mut families: BTreeMap<u32, Family> = BTreeMap::new();
    for ((course, group), members) in groups {
        let family = families.entry(course).or_insert_with(|| Family {
            label: label(&data.courses, course),
            course: Some(course).filter(|c| *c != NONE),
            parent: enrolled.remove(&course),
            children: Vec::new(),
            show_parent: false,
        });
        family.children.push(Roster {
            label: label(&data.groups, group),
            members: tidy(members),
        });
    }
    Ok(families.into_values().collect())
}

/// Everybody enrolled by `as_of`, per course; `None` without the table.
fn enrolled(data: &Inner, as_of: i64) -> Option<BTreeMap<u32, Members>> {
    let rows = data.facts.enrollments.as_ref()?;
    let mut rosters: BTreeMap<u32, Members> = BTreeMap::new();
    for row in rows {
        if row.start.is_none_or(|start| start <= as_of) && eligible(data, row.learner) {
            rosters.entry(row.course).or_default().push(row.learner);
        }
    }
    Some(rosters.into_iter().map(|(c, m)| (c, tidy(m))).collect())
}

/// A group over all courses is a group of the course when there is only one and no event
/// outside it: the values are the same, and the course can be asked for as well.
fn scope_of(data: &Inner, course: u32) -> u32 {
    let single = data.courses.len() == 1 && data.items.of_course(NONE).is_empty();
    if course == NONE && single { 0 } else { course }
}

/// Whether a learner may be on a roster. Consent counts as it stands now, whatever
/// `as_of` is: a withdrawal works from the next computation on.
fn eligible(data: &Inner, learner: u32) -> bool {
    let facts = &data.facts;
    let kept_out = facts.ineligible.get(learner as usize).copied();
    !kept_out.unwrap_or(false) && facts.consents_to(learner, Purpose::Group, i64::MAX)
}

fn tidy(mut members: Members) -> Members {
    members.sort_unstable();
    members.dedup();
    members
}

fn label(ids: &Ids, dense: u32) -> String {
    ids.get(dense)
        .map_or_else(|| "all courses".to_string(), |id| id.to_string())
}
