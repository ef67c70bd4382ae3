//! Opportunities to use a skill: a learner's first attempts at contents with it, numbered in the
//! order in which she began them. How many knew the outcome of each, and how many erred.

use super::contents::{Content, ContentScope};
use super::{Cell, Rules, protect};
use crate::group::metric::Skill;
use crate::group::policy::ReleasePolicy;

/// A skill, and the number of contents that have it.
pub(in crate::group) type Practice = (String, usize);

/// Skills in the order of the contents that have them, and those of each content.
pub(in crate::group) fn skills(
    contents: &[Content],
    by: Skill,
) -> (Vec<Practice>, Vec<Vec<usize>>) {
    let mut skills: Vec<Practice> = Vec::new();
    let mut place = |name: &String| {
        let known = skills.iter().position(|(other, _)| other == name);
        let at = known.unwrap_or_else(|| {
            skills.push((name.clone(), 0));
            skills.len() - 1
        });
        if let Some((_, contents)) = skills.get_mut(at) {
            *contents += 1;
        }
        at
    };
    let of = contents
        .iter()
        .map(|content| match by {
            Skill::Topic => content.topics.iter().map(&mut place).collect(),
            Skill::Module => content.module.iter().map(&mut place).collect(),
        })
        .collect();
    (skills, of)
}

/// Counts of members by skill and opportunity.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::group) struct ProtectedCurves {
    rules: Rules,
    /// Skill by skill, opportunity by opportunity: outcome known, and wrong.
    cells: Vec<Cell>,
}

impl ProtectedCurves {
    /// What n allows.
    pub(in crate::group) fn rules(&self) -> &Rules {
        &self.rules
    }

    /// Outcomes known and errors at each opportunity, one skill after the other.
    pub(in crate::group) fn points(&self) -> impl Iterator<Item = (Cell, Cell)> {
        self.cells.chunks_exact(2).filter_map(|pair| match pair {
            [known, errors] => Some((*known, *errors)),
            _ => None,
        })
    }
}

/// The error rates of a course's skills. A learner has at most as many opportunities as there are
/// contents with the skill; those whose outcome is unknown are numbered and not counted.
pub(in crate::group) fn curves(
    members: &[u32],
    scope: &ContentScope,
    policy: ReleasePolicy,
    by: Skill,
    pass_mark: Option<u8>,
) -> ProtectedCurves {
    let contents = scope.list().as_deref().unwrap_or(&[]);
    let (skills, of) = skills(contents, by);
    let starts: Vec<usize> = skills
        .iter()
        .scan(0, |sum, (_, contents)| {
            let start = *sum;
            *sum += 2 * contents;
            Some(start)
        })
        .collect();
    let len = skills.iter().map(|(_, contents)| 2 * contents).sum();
    let (rules, cells) = protect(members, scope.rows(), policy, len, |tried, into| {
        let mut met = vec![0; skills.len()];
        for own in tried {
            for skill in of.get(own.place as usize).into_iter().flatten() {
                let (Some(met), Some(start)) = (met.get_mut(*skill), starts.get(*skill)) else {
                    continue;
                };
                let at = start + 2 * *met;
                *met += 1;
                match own.right(pass_mark) {
                    Some(true) => into.push(at..at + 1),
                    Some(false) => into.push(at..at + 2),
                    None => {}
                }
            }
        }
    });
    ProtectedCurves { rules, cells }
}
