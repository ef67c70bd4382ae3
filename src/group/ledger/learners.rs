//! Between the dense ids of one set of learning data and the numbers of a ledger.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use rayon::prelude::*;

use super::Ledger;
use super::book::Book;
use super::names::token;
use crate::Result;
use crate::data::Inner;
use crate::data::ids::{Ids, NONE};
use crate::group::Group;
use crate::group::planner::Outcome;
use crate::group::roster::{Family, Members, tidy};

/// What tokens of learners are keyed for.
const LEARNERS: &str = "kohort ledger 1 learners";

/// Who is who: numbers by dense id and dense ids by number, [`NONE`] for nobody.
#[derive(Clone)]
struct Numbers {
    of: Vec<u32>,
    back: Vec<u32>,
}

impl Numbers {
    fn put(&mut self, dense: u32, number: Option<u32>) {
        let (Some(slot), Some(number)) = (self.of.get_mut(dense as usize), number) else {
            return;
        };
        *slot = number;
        let at = number as usize;
        if self.back.len() <= at {
            self.back.resize(at + 1, NONE);
        }
        if let Some(slot) = self.back.get_mut(at) {
            *slot = dense;
        }
    }
}

/// What learning data keeps for group analytics: a ledger of its own, and who its learners are
/// in the ledger asked last.
#[derive(Default)]
pub(in crate::group) struct Slot {
    pub(in crate::group) ledger: Ledger,
    numbers: Mutex<Option<([u8; 32], Arc<Numbers>)>>,
}

impl Slot {
    /// The numbers known so far in the ledger of this key.
    fn numbers(&self, key: &[u8; 32], learners: usize) -> Arc<Numbers> {
        let kept = self.numbers.lock().unwrap_or_else(PoisonError::into_inner);
        match &*kept {
            Some((of, numbers)) if of == key && numbers.of.len() == learners => numbers.clone(),
            _ => Arc::new(Numbers {
                of: vec![NONE; learners],
                back: Vec::new(),
            }),
        }
    }

    fn keep(&self, key: [u8; 32], numbers: Arc<Numbers>) {
        let mut kept = self.numbers.lock().unwrap_or_else(PoisonError::into_inner);
        *kept = Some((key, numbers));
    }
}

/// The way back from numbers of a ledger to dense ids.
pub(in crate::group) struct Back {
    learners: Arc<Numbers>,
    courses: BTreeMap<u32, u32>,
}

/// Dense ids of learners by their numbers in a ledger.
#[derive(Default)]
pub(in crate::group) struct Persons(Vec<u32>);

impl Persons {
    /// The learner of a number, if she is in the data.
    pub(in crate::group) fn get(&self, number: u32) -> Option<u32> {
        let dense = self.0.get(number as usize).copied();
        dense.filter(|dense| *dense != NONE)
    }
}

impl Book {
    /// Writes families in the numbers of this ledger.
    ///
    /// # Errors
    /// [`crate::Error::Policy`] if ids have another type than before, or a term begins too soon.
    pub(in crate::group) fn enter(
        &mut self,
        data: &Inner,
        slot: &Slot,
        families: &mut [Family],
        as_of: i64,
    ) -> Result<Back> {
        if data.learners.len() > 0 {
            self.agree_on_ids(matches!(data.learners, Ids::Ints(_)))?;
        }
        let mut courses = BTreeMap::new();
        for family in families.iter_mut() {
            let Some((dense, id)) = family.course.and_then(|c| Some((c, data.courses.get(c)?)))
            else {
                continue;
            };
            let term = data.facts.term_of(dense);
            let starts = match term {
                Some((_, starts)) => starts,
                None => data.starts(dense),
            };
            let number = self.component(&id, term.map(|(term, _)| term), starts, as_of)?;
            courses.insert(number, dense);
            family.course = Some(number);
        }
        let numbers = self.numbers(data, slot, families);
        for family in families {
            let children = family.children.iter_mut().map(|child| &mut child.members);
            for members in children.chain(&mut family.parent) {
                *members = ascending(members, &numbers.of);
            }
        }
        Ok(Back {
            learners: numbers,
            courses,
        })
    }

    /// Everybody in the data whom this ledger has met. Who was on a roster of this data is known
    /// already; only the others are looked up.
    pub(in crate::group) fn persons(&self, data: &Inner) -> Persons {
        let key = self.key(LEARNERS);
        let slot = data.slot.get().and_then(|slot| slot.downcast_ref::<Slot>());
        let learners = data.learners.len();
        let kept = slot.map(|slot| slot.numbers(&key, learners));
        let number = |dense: u32| {
            let kept = kept.as_ref().and_then(|kept| kept.of.get(dense as usize));
            let known = kept.copied().filter(|number| *number != NONE);
            known.or_else(|| {
                let id = data.learners.get(dense)?;
                self.names.known(token(&key, &id))
            })
        };
        let mut persons = Numbers {
            of: vec![NONE; learners],
            back: Vec::new(),
        };
        for dense in (0..).take(learners) {
            persons.put(dense, number(dense));
        }
        Persons(persons.back)
    }

    /// The number of a learner whom this ledger has met.
    pub(in crate::group) fn number_of(&self, data: &Inner, learner: u32) -> Option<u32> {
        let id = data.learners.get(learner)?;
        self.names.known(token(&self.key(LEARNERS), &id))
    }

    /// Whether every atom of a course holds 0 or more than k learners whom somebody does not
    /// know. Of those who are gone from the data it cannot be said whether she knew them.
    pub(in crate::group) fn hides(
        &self,
        data: &Inner,
        persons: &Persons,
        course: Option<u32>,
        knows: impl Fn(u32) -> Option<bool>,
        k: u32,
    ) -> bool {
        let place = |course: u32| {
            let term = data.facts.term_of(course).map(|(term, _)| term);
            self.names.place(&data.courses.get(course)?, term)
        };
        let scope = course.and_then(place);
        if course.is_some() && scope.is_none() {
            return false;
        }
        let knows = |number| persons.get(number).and_then(&knows);
        self.hides_from(scope, knows, k)
    }

    /// The numbers of everybody in some family, new ones included. Only learners met for the
    /// first time are looked up; while there are none, nothing is copied.
    fn numbers(&mut self, data: &Inner, slot: &Slot, families: &[Family]) -> Arc<Numbers> {
        let key = self.key(LEARNERS);
        let mut kept = slot.numbers(&key, data.learners.len());
        let unknown = |dense: &u32| kept.of.get(*dense as usize).is_none_or(|n| *n == NONE);
        let mut new: Vec<u32> = Vec::new();
        for family in families {
            let children = family.children.iter().map(|child| &child.members);
            for members in children.chain(&family.parent) {
                new.extend(members.iter().copied().filter(unknown));
            }
        }
        let new = tidy(new);
        let of = |dense: &u32| data.learners.get(*dense).map(|id| token(&key, &id));
        let tokens: Vec<Option<u128>> = new.par_iter().map(of).collect();
        let (new, tokens): (Vec<u32>, Vec<u128>) = new
            .into_iter()
            .zip(tokens)
            .filter_map(|(l, t)| Some((l, t?)))
            .unzip();
        // Without newcomers too: those of an earlier call lose their numbers here.
        let numbers = self.names.number(&tokens);
        if new.is_empty() {
            return kept;
        }
        let known: Vec<Option<u32>> = tokens.iter().map(|t| self.names.known(*t)).collect();
        let own = Arc::make_mut(&mut kept);
        for (dense, number) in new.iter().zip(&known) {
            own.put(*dense, *number);
        }
        slot.keep(key, kept.clone());
        if known.iter().any(Option::is_none) {
            // The numbers of newcomers hold for this call, so they are not kept.
            let own = Arc::make_mut(&mut kept);
            for (dense, number) in new.iter().zip(numbers) {
                own.put(*dense, number);
            }
        }
        kept
    }
}

impl Back {
    /// The dense id of a course.
    pub(in crate::group) fn course(&self, number: u32) -> Option<u32> {
        self.courses.get(&number).copied()
    }

    /// Writes a group in dense ids again.
    pub(in crate::group) fn translate(&self, group: &mut Group) {
        let course = |course| self.courses.get(&course).copied();
        group.course = group.course.and_then(course);
        group.current = ascending(&group.current, &self.learners.back);
        if let Outcome::Released { members, .. } = &mut group.outcome {
            let own = ascending(members, &self.learners.back);
            // Learners of a roster who are not in the data have no values to show.
            if own.len() == members.len() {
                *members = own;
            } else {
                group.outcome = Outcome::TooFew;
            }
        }
    }
}

/// The other numbers of some learners, ascending.
fn ascending(learners: &[u32], numbers: &[u32]) -> Members {
    let other = |l: &u32| numbers.get(*l as usize).copied().filter(|n| *n != NONE);
    let found = learners.iter().filter_map(other);
    if learners.len() < 1024 {
        let mut all: Members = found.collect();
        all.sort_unstable();
        return all;
    }
    // Marks and reads them off: a million are in order at once.
    let mut marks: Vec<u64> = Vec::new();
    for number in found {
        let (word, bit) = (number as usize / 64, number % 64);
        if marks.len() <= word {
            marks.resize(word + 1, 0);
        }
        if let Some(word) = marks.get_mut(word) {
            *word |= 1 << bit;
        }
    }
    let mut all = Vec::with_capacity(learners.len());
    for (base, mut word) in (0..).step_by(64).zip(marks) {
        while word != 0 {
            all.push(base + word.trailing_zeros());
            word &= word - 1;
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn few_and_many_are_put_in_the_same_order() {
        let numbers: Vec<u32> = (0..5000_u32).map(|l| l * 2741 % 5003).collect();
        let all: Vec<u32> = (0..5000).collect();
        let mut sorted = numbers.clone();
        sorted.sort_unstable();
        assert_eq!(ascending(&all, &numbers), sorted);
        assert_eq!(ascending(&[1, 2], &numbers), [479, 2741]);
    }
}
