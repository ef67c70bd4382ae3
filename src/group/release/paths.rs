//! How a group is asked about records that are made for one question.

use crate::group::distribution::Rules;
use crate::group::{Group, ReferenceGroups};

use super::tables::{Answer, answer, no_scope, released};

/// What `make` reads of the course of a group that is released, or the reason why not. A group
/// that is withheld says so before anything else.
pub(super) fn ask_course<T>(
    groups: &ReferenceGroups,
    group: &Group,
    public: impl FnOnce(u32) -> Option<String>,
    make: impl FnOnce(&[u32], u32) -> (Rules, T),
) -> Answer<T> {
    let members = match released(group) {
        Ok(members) => members,
        Err(reason) => {
            return Answer {
                n: None,
                cells: Err(reason),
            };
        }
    };
    let Some(course) = group.course else {
        let several = Err("spans several courses".to_string());
        return no_scope(groups, members, several);
    };
    let (rules, cells) = make(members, course);
    answer(&rules, public(course), cells)
}
