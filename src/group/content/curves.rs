//! Learning curves: the error rate at the first, second, ... opportunity to use a skill
//! (Koedinger et al. 2010, `DataShop`). An opportunity is a learner's first attempt at a content
//! with that skill.

use std::collections::BTreeMap;

use crate::data::catalog::Items;
use crate::personal::assessments::Response;

/// One point of a learning curve.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Point {
    pub(crate) skill: u32,
    /// From 1.
    pub(crate) opportunity: u32,
    /// Learners whose outcome is known.
    pub(crate) n: u32,
    pub(crate) errors: u32,
}

/// A first attempt at a content: learner, skill, and whether it was right, if that is known.
pub(crate) type Opportunity = (u32, u32, Option<bool>);

/// The curves of all skills. Each learner's opportunities come in order of time; those whose
/// outcome is unknown were practice all the same, so they are numbered and not counted.
pub(crate) fn curves(opportunities: &[Opportunity]) -> Vec<Point> {
    let mut met: BTreeMap<(u32, u32), u32> = BTreeMap::new();
    let mut points: BTreeMap<(u32, u32), (u32, u32)> = BTreeMap::new();
    for (learner, skill, right) in opportunities {
        let number = met.entry((*learner, *skill)).or_default();
        *number += 1;
        if let Some(right) = right {
            let (n, errors) = points.entry((*skill, *number)).or_default();
            *n += 1;
            *errors += u32::from(!right);
        }
    }
    let point = |((skill, opportunity), (n, errors))| Point {
        skill,
        opportunity,
        n,
        errors,
    };
    points.into_iter().map(point).collect()
}

/// The opportunities in learners' responses; a skill is a topic of the catalog.
pub(crate) fn opportunities(
    responses: &[Response],
    items: &Items,
    pass_mark: Option<f64>,
) -> Vec<Opportunity> {
    let mut first: Vec<&Response> = responses.iter().filter(|r| r.number == 1).collect();
    first.sort_by_key(|r| (r.learner, r.attempt.opened, r.attempt.item));
    let tell = |r: &&Response| {
        let topics = items.get(r.attempt.item).map_or(&[][..], |e| &e.topics);
        let right = r.attempt.correct(pass_mark);
        let learner = r.learner;
        topics.iter().map(move |topic| (learner, *topic, right))
    };
    first.iter().flat_map(tell).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_fall_from_opportunity_to_opportunity() {
        let (wrong, right) = (Some(false), Some(true));
        let seen = [
            (1, 0, wrong),
            (1, 0, right),
            (1, 9, right),
            (2, 0, wrong),
            (2, 0, None),
            (2, 0, right),
            (3, 0, right),
        ];
        let told: Vec<_> = curves(&seen)
            .iter()
            .map(|p| (p.skill, p.opportunity, p.n, p.errors))
            .collect();
        // Skill 0: three learners, two wrong; learner 1 right; learner 2 right at her third.
        assert_eq!(
            told,
            [(0, 1, 3, 2), (0, 2, 1, 0), (0, 3, 1, 0), (9, 1, 1, 0)]
        );
    }
}
