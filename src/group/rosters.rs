//! From the tables to rosters: facts of enrollment, membership and consent, nothing else.

use std::collections::BTreeMap;

use super::metric::By;
use super::roster::{Family, Members, Roster, tidy};
use super::scope::ALL;
use crate::data::Id;
use crate::data::Inner;
use crate::data::calendar::Clock;
use crate::data::ids::NONE;
use crate::data::schema::Purpose;
use crate::{Error, Result};

/// The families to plan, by course, those over all courses last.
///
/// Learners the host calls ineligible, and those without consent to the group purpose in
/// force today, are on no roster. Leavers stay: a drop-off curve needs them. Groups whose
/// memberships name no course stand in the scope `courseless`.
///
/// # Errors
/// [`Error::Missing`] if the table that names the groups was not given.
pub(super) fn families(data: &Inner, by: By, as_of: i64, courseless: u32) -> Result<Vec<Family>> {
    match by {
        By::Course => by_course(data, as_of),
        By::Group => by_group(data, as_of, courseless),
    }
}

fn by_course(data: &Inner, as_of: i64) -> Result<Vec<Family>> {
    let rosters = enrolled(data, as_of).ok_or(Error::Missing {
        needs: "reference groups by course",
        what: "the enrollments table",
        how: "give `enrollments` (learner, course, start, end, outcome)",
    })?;
    // Only courses that somebody is enrolled in: that an event names a course is no fact.
    let family = |(course, roster)| Family {
        label: name(data, course),
        course: Some(course),
        parent: Some(roster),
        children: Vec::new(),
        show_parent: true,
    };
    Ok(rosters.into_iter().map(family).collect())
}

fn by_group(data: &Inner, as_of: i64, courseless: u32) -> Result<Vec<Family>> {
    let rows = data.facts.memberships.as_ref().ok_or(Error::Missing {
        needs: "reference groups by group",
        what: "the memberships table",
        how: "give `memberships` (group, learner, course, since, until, parent)",
    })?;
    let mut groups: BTreeMap<(u32, u32), Members> = BTreeMap::new();
    for row in rows {
        let course = match row.course {
            NONE => courseless,
            own => own,
        };
        let members = groups.entry((course, row.group)).or_default();
        if row.since.is_none_or(|since| since <= as_of) && eligible(data, row.learner) {
            members.push(row.learner);
        }
    }
    let mut enrolled = enrolled(data, as_of).unwrap_or_default();
    let mut families: BTreeMap<u32, Family> = BTreeMap::new();
    for ((course, group), members) in groups {
        let family = families.entry(course).or_insert_with(|| Family {
            label: name(data, course),
            course: Some(course).filter(|c| *c != NONE),
            parent: enrolled.remove(&course),
            children: Vec::new(),
            show_parent: false,
        });
        family.children.push(Roster {
            label: data
                .groups
                .get(group)
                .map_or_else(String::new, |id| id.to_string()),
            members: tidy(members),
        });
    }
    Ok(families.into_values().collect())
}

/// Everybody enrolled by `as_of`, per course that anybody is enrolled in; `None` without the
/// table.
fn enrolled(data: &Inner, as_of: i64) -> Option<BTreeMap<u32, Members>> {
    let rows = data.facts.enrollments.as_ref()?;
    let mut rosters: BTreeMap<u32, Members> = BTreeMap::new();
    for row in rows {
        let roster = rosters.entry(row.course).or_default();
        if row.start.is_none_or(|start| start <= as_of) && eligible(data, row.learner) {
            roster.push(row.learner);
        }
    }
    Some(rosters.into_iter().map(|(c, m)| (c, tidy(m))).collect())
}

/// The only course that the tables beside the log know, [`NONE`] where they know several or none:
/// a group over all courses is a group of that course. The log itself is not asked: what is
/// released must not hang on anybody's events.
pub(super) fn only_course(data: &Inner) -> u32 {
    let facts = &data.facts;
    let enrolled = facts.enrollments.iter().flatten().map(|row| row.course);
    let members = facts.memberships.iter().flatten().map(|row| row.course);
    let catalog = data.items.course.iter().zip(&data.items.entry);
    let catalog = catalog
        .filter(|(_, entry)| entry.is_some())
        .map(|(c, _)| *c);
    let mut known = enrolled
        .chain(members)
        .chain(catalog)
        .filter(|c| *c != NONE);
    match known.next() {
        Some(only) if known.all(|other| other == only) => only,
        _ => NONE,
    }
}

/// The end of the local day of the newest event of anybody on a roster: the default of
/// `as_of`. The instant itself would tell when one learner was last active.
pub(super) fn end_of_newest_day(data: &Inner) -> i64 {
    let facts = &data.facts;
    let enrolled = facts.enrollments.iter().flatten().map(|row| row.learner);
    let members = facts.memberships.iter().flatten().map(|row| row.learner);
    let learners = tidy(enrolled.chain(members).collect());
    let newest = learners
        .into_iter()
        .filter(|learner| eligible(data, *learner))
        .filter_map(|learner| data.run_of(learner))
        .filter_map(|run| {
            let received = run.received.into_iter().flatten();
            run.time.iter().chain(received).max().copied()
        })
        .max();
    let starts = facts
        .enrollments
        .iter()
        .flatten()
        .filter_map(|row| row.start);
    let Some(newest) = newest.or(starts.max()) else {
        return 0;
    };
    let (day, _) = Clock::new(&data.zone, data.day_start).day(newest);
    data.zone.start_of_day(day + 1) + data.day_start
}

/// Whether a learner may be on a roster. Consent counts as it stands at the newest instant of
/// the log, whatever `as_of` is: a withdrawal works from the next computation on.
fn eligible(data: &Inner, learner: u32) -> bool {
    let facts = &data.facts;
    let kept_out = facts.ineligible.get(learner as usize).copied();
    !kept_out.unwrap_or(false) && facts.consents_to(learner, Purpose::Group, data.newest())
}

/// What a course is called; all of them together are called as no course is.
fn name(data: &Inner, course: u32) -> String {
    if let Some(id) = data.courses.get(course) {
        return id.to_string();
    }
    let others = (2..).map(|time: u32| format!("{ALL} ({time})"));
    let mut names = std::iter::once(ALL.to_string()).chain(others);
    let free = |name: &String| data.courses.find(&Id::Text(name.clone())).is_none();
    names.find(free).unwrap_or_default()
}
