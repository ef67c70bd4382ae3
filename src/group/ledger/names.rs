//! Who is who in a ledger. Dense ids are of one set of learning data; a ledger outlives it, so
//! it numbers learners by a keyed token of their id, and components by course and term.

use hashbrown::HashMap;

use crate::data::{DAY, Id};

/// Terms of one course begin at least this far apart.
const TERM: i64 = 28 * DAY;

/// A component: a course, or one term of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) course: Id,
    /// `None`: all terms of the course.
    pub(super) term: Option<String>,
    pub(super) begins: i64,
    /// When it begins, if that is known.
    pub(super) starts: Option<i64>,
}

/// The numbers of learners and components.
#[derive(Default)]
pub(super) struct Names {
    /// Token of each number that has one.
    tokens: Vec<Option<u128>>,
    numbers: HashMap<u128, u32>,
    /// Learners of the call at hand whom no roster had named before it, numbered from `base`.
    pending: Vec<u128>,
    base: usize,
    places: Vec<Place>,
}

impl Names {
    /// The numbers of learners, new ones for those not met before. New numbers hold for one
    /// transaction, unless a roster names them. In the order of tokens: that of ids would
    /// tell something of them.
    pub(super) fn number(&mut self, tokens: &[u128]) -> Vec<Option<u32>> {
        let unknown = tokens.iter().filter(|t| !self.numbers.contains_key(*t));
        self.pending = unknown.copied().collect();
        self.pending.sort_unstable();
        self.pending.dedup();
        self.base = self.tokens.len();
        let find = |token| {
            let new = || {
                let at = self.pending.binary_search(token).ok()?;
                u32::try_from(self.base + at).ok()
            };
            self.numbers.get(token).copied().or_else(new)
        };
        tokens.iter().map(find).collect()
    }

    /// The number of a learner met before.
    pub(super) fn known(&self, token: u128) -> Option<u32> {
        self.numbers.get(&token).copied()
    }

    /// Whether a roster has named this learner.
    fn named(&self, number: u32) -> bool {
        matches!(self.tokens.get(number as usize), Some(Some(_)))
    }

    /// Tokens of the members whom no roster has named yet, in the order of the members.
    pub(super) fn newcomers(&self, members: &[u32]) -> Vec<u128> {
        let new = members.iter().filter(|m| !self.named(**m));
        let token = |m: &u32| {
            self.pending
                .get((*m as usize).checked_sub(self.base)?)
                .copied()
        };
        new.filter_map(token).collect()
    }

    /// Takes note of the learners whom a roster is the first to name; `false` if the tokens do
    /// not fit them.
    pub(super) fn name(&mut self, members: &[u32], newcomers: &[u128]) -> bool {
        if newcomers.is_empty() {
            return true;
        }
        let new: Vec<u32> = members
            .iter()
            .copied()
            .filter(|m| !self.named(*m))
            .collect();
        for (member, token) in new.iter().zip(newcomers) {
            let at = *member as usize;
            if self.tokens.len() <= at {
                self.tokens.resize(at + 1, None);
            }
            if let Some(slot) = self.tokens.get_mut(at) {
                *slot = Some(*token);
            }
            if self.numbers.insert(*token, *member).is_some() {
                return false;
            }
        }
        new.len() == newcomers.len()
    }

    /// The component of a course and term, if it is open.
    pub(super) fn place(&self, course: &Id, term: Option<&str>) -> Option<u32> {
        let same = |p: &Place| p.course == *course && p.term.as_deref() == term;
        let at = self.places.iter().position(same)?;
        u32::try_from(at).ok()
    }

    /// The component of a number.
    pub(super) fn at(&self, number: u32) -> Option<&Place> {
        self.places.get(number as usize)
    }

    /// All components.
    pub(super) fn places(&self) -> &[Place] {
        &self.places
    }

    /// Whether a course is named by the same text in another type.
    pub(super) fn other_type(&self, course: &Id) -> bool {
        let text = course.to_string();
        let other = |p: &Place| p.course != *course && p.course.to_string() == text;
        self.places.iter().any(other)
    }

    /// Whether a term that begins then is too close to another one of its course.
    pub(super) fn too_soon(&self, course: &Id, begins: i64) -> bool {
        let near = |p: &&Place| p.begins.abs_diff(begins) < TERM.unsigned_abs();
        let terms = self.places.iter().filter(|p| p.term.is_some());
        terms.filter(near).any(|p| p.course == *course)
    }

    /// Opens a component; `false` if its number is not the next.
    pub(super) fn open(&mut self, number: u32, place: Place) -> bool {
        let next = self.places.len() == number as usize;
        self.places.push(place);
        next
    }
}

/// The token of a learner's id under a ledger's key: an integer is never a string.
pub(super) fn token(key: &[u8; 32], id: &Id) -> u128 {
    let mut hasher = blake3::Hasher::new_keyed(key);
    match id {
        Id::Int(value) => hasher.update(&[0]).update(&value.to_le_bytes()),
        Id::Text(value) => hasher.update(&[1]).update(value.as_bytes()),
    };
    let mut bytes = [0; 16];
    hasher.finalize_xof().fill(&mut bytes);
    u128::from_le_bytes(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_not_a_text_and_another_key_is_another_token() {
        let seven = token(&[1; 32], &Id::Int(7));
        assert_ne!(seven, token(&[1; 32], &Id::from("7")));
        assert_ne!(seven, token(&[2; 32], &Id::Int(7)));
        assert_eq!(seven, token(&[1; 32], &Id::Int(7)));
    }

    #[test]
    fn only_learners_that_a_roster_names_keep_their_numbers() {
        let mut names = Names::default();
        assert_eq!(names.number(&[30, 10, 20]), [Some(2), Some(0), Some(1)]);
        let members = [0, 2];
        let new = names.newcomers(&members);
        assert_eq!(new, [10, 30]);
        assert!(names.name(&members, &new));
        assert_eq!((names.known(30), names.known(20)), (Some(2), None));
        assert_eq!(names.newcomers(&[1]), [20], "still in the same call");
        assert_eq!(names.number(&[20, 30]), [Some(3), Some(2)]);
    }
}
