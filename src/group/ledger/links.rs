//! Which components count as one. A component is a course, or one term of it; a release over
//! all terms of a course, or over all courses, links theirs, and from then on atoms are counted
//! over the joint signatures.

use super::book::Book;
use super::names::Place;
use crate::group::gate::{Class, Component};

impl Book {
    /// Whether the gate allows a release of `members` in `scope`.
    pub(super) fn check(&self, scope: Option<u32>, members: &[u32], k: u32) -> bool {
        if self.links(scope) {
            return self.joined(scope).allows(members, k);
        }
        let own = self.components.get(&self.root(scope));
        own.unwrap_or(&Component::default()).allows(members, k)
    }

    /// Whether every atom of a scope holds 0 or more than k learners whom somebody does not know.
    pub(in crate::group) fn hides_from(
        &self,
        scope: Option<u32>,
        knows: impl Fn(u32) -> Option<bool>,
        k: u32,
    ) -> bool {
        let component = self.components.get(&self.root(scope));
        component.is_none_or(|component| component.hides(knows, k))
    }

    /// Learners by what was released about them in the component that a release in `scope`
    /// would be part of.
    pub(in crate::group) fn classes(&self, scope: Option<u32>, members: &[u32]) -> Vec<Class> {
        if self.links(scope) {
            return self.joined(scope).classes(members);
        }
        let own = self.components.get(&self.root(scope));
        own.unwrap_or(&Component::default()).classes(members)
    }

    /// Under which number the releases of a component are counted now.
    pub(super) fn root(&self, component: Option<u32>) -> Option<u32> {
        let component = component.filter(|_| !self.merged)?;
        let course = |n: u32| self.names.at(n).map(|place| &place.course);
        let own = course(component);
        let mut whole = self.whole.iter().copied();
        let found = whole.find(|w| own.is_some() && course(*w) == own);
        Some(found.unwrap_or(component))
    }

    /// Whether a release at this component links others that are apart so far.
    pub(super) fn links(&self, component: Option<u32>) -> bool {
        match component {
            None => !self.merged,
            Some(n) => {
                let of_all_terms = self.names.at(n).is_some_and(|p| p.term.is_none());
                let terms = |place: &Place| {
                    self.names
                        .at(n)
                        .is_some_and(|own| own.course == place.course)
                };
                let several = self.names.places().iter().filter(|p| terms(p)).count() > 1;
                of_all_terms && several && !self.merged && !self.whole.contains(&n)
            }
        }
    }

    /// Whether a component counts as part of another one.
    pub(super) fn within(&self, component: Option<u32>, whole: Option<u32>) -> bool {
        let Some(whole) = whole else { return true };
        let Some(part) = component else { return false };
        let same_course = || match (self.names.at(part), self.names.at(whole)) {
            (Some(part), Some(whole)) => whole.term.is_none() && part.course == whole.course,
            _ => false,
        };
        part == whole || same_course()
    }

    /// All that count as part of a component, as one.
    pub(super) fn joined(&self, whole: Option<u32>) -> Component {
        let parts = self
            .components
            .iter()
            .filter(|(at, _)| self.within(**at, whole));
        let start = Component::default();
        parts.fold(start, |joint, (_, part)| joint.join(part))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::group::ledger::book::Key;
    use crate::group::ledger::entry::Name;

    fn course(c: u32) -> Key {
        (Some(c), Name::Course)
    }

    #[test]
    fn courses_are_apart_until_a_release_links_them() {
        let mut book = Book::default();
        let (a, b): (Vec<u32>, Vec<u32>) = ((0..20).collect(), (17..40).collect());
        assert!(book.admit(&course(0), &a, 5));
        assert!(book.admit(&course(1), &b, 5));
        let platform = (None, Name::Group("all".into()));
        let everybody: Vec<u32> = (0..40).collect();
        assert!(
            !book.admit(&platform, &everybody, 5),
            "17..20 are in both courses"
        );
        assert!(book.admit(&course(2), &a, 5), "a refusal links nothing");
    }

    #[test]
    fn a_linking_release_holds_later_courses_to_the_joint_atoms() {
        let mut book = Book::default();
        let platform = (None, Name::Group("all".into()));
        let everybody: Vec<u32> = (0..40).collect();
        assert!(book.admit(&platform, &everybody, 5));
        let most: Vec<u32> = (0..37).collect();
        assert!(!book.admit(&course(0), &most, 5));
        let half: Vec<u32> = (0..20).collect();
        assert!(book.admit(&course(0), &half, 5));
        assert!(!book.admit(&course(1), &(0..22).collect::<Vec<_>>(), 5));
    }
}
