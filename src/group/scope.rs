//! What a sealed answer is about besides its period and its question: how groups were made, of
//! which course, under which policy and estimator. It is found again by that, so it must not
//! hang on what else is in the data.
//!
//! Only the scope of groups whose memberships name no course does: they are groups of the course
//! while the tables know one course, and of all courses from the second one on. A period that was
//! sealed keeps the scope that they had then. Without that, a course that opens would have weeks
//! sealed anew that are over, and whoever compares both answers would see which events came late.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::bundle::Head;
use super::ledger::{Ledger, Seal};
use super::metric::By;
use super::planner::Part;
use super::rosters;
use super::sealing::{Cut, SNAPSHOT};
use super::{GroupOptions, ReleasePolicy, wording};
use crate::Result;
use crate::data::Inner;
use crate::data::ids::NONE;
use crate::personal::StudyTime;

/// What all courses together are called where courses are named.
pub(super) const ALL: &str = "all courses";

/// All that the scopes of one call have in common.
pub(super) struct Common<'a> {
    pub(super) by: By,
    pub(super) policy: ReleasePolicy,
    pub(super) study_time: &'a StudyTime,
}

impl Common<'_> {
    /// The scope of a course in ledgers; `None`: of all courses together. Not its groups: a group
    /// that is registered later has no place in a period that was shown without it.
    pub(super) fn of(&self, cut: &Cut, course: Option<&str>) -> String {
        let by = match self.by {
            By::Course => "course",
            By::Group => "group",
        };
        let facts = json!({
            "by": by,
            "course": self.course(course),
            "period": cut.period().name(),
            "k": self.policy.k(),
            "base": self.policy.base(),
            "coverage_floor": self.policy.coverage_floor().to_string(),
            "study_time": wording::study_time(self.study_time),
        });
        facts.to_string()
    }

    /// No course can bear the name of all of them: one that would is an object and no text. Rosters
    /// of enrollment are of one course, so there the name is that of a course.
    fn course(&self, course: Option<&str>) -> Value {
        match course {
            Some(ALL) if self.by == By::Group => json!({ "id": ALL }),
            Some(id) => json!(id),
            None => json!(ALL),
        }
    }
}

/// The course of groups whose memberships name none, [`NONE`] for all courses: what it was when the
/// period was sealed, else what the tables tell now.
///
/// # Errors
/// [`crate::Error::Ledger`] if the ledger cannot be read or trusted.
pub(super) fn of_courseless(
    data: &Inner,
    by: By,
    options: &GroupOptions,
    cut: Option<&Cut>,
    ledger: &Ledger,
) -> Result<u32> {
    let now = rosters::only_course(data);
    let (By::Group, Some(cut)) = (by, cut) else {
        return Ok(now);
    };
    let groups = Courseless::of(data);
    if groups.0.is_empty() {
        return Ok(now);
    }
    let common = Common {
        by,
        policy: options.policy,
        study_time: &options.study_time,
    };
    let text = |course: u32| {
        let id = data.courses.get(course).map(|id| id.to_string());
        common.of(cut, id.as_deref())
    };
    let sealed = |courses: &[u32]| -> Result<Vec<(u32, Seal)>> {
        ledger.transact(None, |book| {
            let find =
                |course: &u32| Some((*course, book.sealed(&text(*course), cut.begin(), SNAPSHOT)?));
            Ok(courses.iter().filter_map(find).collect())
        })
    };
    let holds = |(course, seal): &(u32, Seal)| -> Result<bool> {
        let parts = ledger.parts(&[(*seal, 0)])?;
        let head = parts.first().and_then(|part| Head::read(part));
        Ok(head.is_some_and(|head| groups.are_in(&head, *course)))
    };
    // Two courses are never asked for one another: their groups may bear the same names.
    let others: Vec<u32> = match now {
        NONE => (0..).take(data.courses.len()).collect(),
        _ => vec![NONE],
    };
    for own in sealed(&[now])? {
        if holds(&own)? {
            return Ok(now);
        }
    }
    let mut others = sealed(&others)?;
    others.sort_by_key(|(_, seal)| seal.number());
    for other in others {
        if holds(&other)? {
            return Ok(other.0);
        }
    }
    Ok(now)
}

/// The names of groups whose memberships name no course, and the groups of courses.
struct Courseless(BTreeSet<String>, BTreeSet<(u32, String)>);

impl Courseless {
    fn of(data: &Inner) -> Self {
        let rows = || data.facts.memberships.iter().flatten();
        let free: BTreeSet<u32> = rows()
            .filter(|r| r.course == NONE)
            .map(|r| r.group)
            .collect();
        let name = |group: u32| data.groups.get(group).map(|id| id.to_string());
        let named = rows().filter(|row| row.course != NONE && free.contains(&row.group));
        let named: BTreeSet<(u32, u32)> = named.map(|row| (row.course, row.group)).collect();
        let named = named
            .into_iter()
            .filter_map(|(course, group)| Some((course, name(group)?)));
        Self(
            free.iter().copied().filter_map(name).collect(),
            named.collect(),
        )
    }

    /// Whether some of them were sealed there, and not as groups of the course itself.
    fn are_in(&self, head: &Head, course: u32) -> bool {
        let own = head.places.iter().filter(|place| place.part == Part::Group);
        own.map(|place| &place.name)
            .any(|name| self.0.contains(name) && !self.1.contains(&(course, name.clone())))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::{LearningData, Options, Tables};
    use crate::group::Period;
    use polars::prelude::df;

    fn cut() -> Cut {
        let events = df!("learner" => ["l"], "time" => ["2026-03-11T12:00:00Z"],
            "content" => ["page"]);
        let data = LearningData::new(events.unwrap(), Tables::default(), &Options::default());
        let (options, ledger) = (GroupOptions::default(), Ledger::in_memory());
        Cut::last(&data.unwrap().inner, Period::Week, &options, &ledger).unwrap()
    }

    fn text(by: By, course: Option<&str>) -> String {
        let common = Common {
            by,
            policy: ReleasePolicy::default(),
            study_time: &StudyTime::default(),
        };
        common.of(&cut(), course)
    }

    /// The texts of the first ledgers.
    #[test]
    fn the_scope_of_a_course_has_the_text_that_it_had_from_the_start() {
        let wanted = |by: &str, course: &str| {
            format!(
                r#"{{"base":5,"by":"{by}","course":{course},"coverage_floor":"0.7","k":10,"period":"week","study_time":"StudyTime {{ estimator: Gaps, gap: 1800000000, over_gap: Nothing, last_event: Nothing, attribute_to: Preceding, sessions: Gap, min_events: 1, min_duration: 0, max_session: None, measured: Prefer }}"}}"#
            )
        };
        assert_eq!(text(By::Course, Some("A")), wanted("course", r#""A""#));
        assert_eq!(text(By::Group, Some("A")), wanted("group", r#""A""#));
        assert_eq!(text(By::Group, None), wanted("group", r#""all courses""#));
        assert_eq!(
            text(By::Course, Some(ALL)),
            wanted("course", r#""all courses""#)
        );
    }

    #[test]
    fn no_id_of_a_course_has_the_scope_of_all_courses() {
        let ids = [
            ALL,
            "",
            "null",
            "all courses (2)",
            "\"all courses\"",
            r#"{"id":"all courses"}"#,
            "All courses",
            "all\u{a0}courses",
        ];
        let mut texts: BTreeSet<String> = ids.iter().map(|id| text(By::Group, Some(id))).collect();
        assert_eq!(texts.len(), ids.len());
        assert!(texts.insert(text(By::Group, None)));
    }
}
