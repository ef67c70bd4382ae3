//! The keys of one object, so that none comes twice.

use std::borrow::Cow;
use std::collections::HashSet;

/// How many keys are compared with each other; more are hashed.
pub(super) const FEW: usize = 12;

/// The keys of an object so far.
#[derive(Default)]
pub(super) struct Keys<'a> {
    few: [&'a str; FEW],
    count: usize,
    /// A bit for each key; one that is not set tells that a key is new.
    marks: u64,
    many: Option<HashSet<Cow<'a, str>>>,
}

impl<'a> Keys<'a> {
    /// Adds a key; false if it was there.
    #[inline]
    #[expect(clippy::ptr_arg, reason = "what is borrowed is kept without a copy")]
    pub(super) fn add(&mut self, key: &Cow<'a, str>) -> bool {
        if let (Cow::Borrowed(key), None) = (key, &self.many) {
            let mark = mark(key);
            let seen = self.few.get(..self.count).unwrap_or_default();
            if self.marks & mark != 0 && seen.contains(key) {
                return false;
            }
            self.marks |= mark;
            if let Some(free) = self.few.get_mut(self.count) {
                *free = key;
                self.count += 1;
                return true;
            }
        }
        let seen = self.few.get(..self.count).unwrap_or_default();
        let all = || seen.iter().map(|key| Cow::Borrowed(*key)).collect();
        self.many.get_or_insert_with(all).insert(key.clone())
    }
}

/// A bit by the length of a key and the bytes at its ends.
#[inline]
fn mark(key: &str) -> u64 {
    let bytes = key.as_bytes();
    let [first, last] =
        [bytes.first(), bytes.last()].map(|byte| byte.map_or(0, |b| usize::from(*b)));
    1 << ((bytes.len() * 5 + first * 3 + last) % 64)
}
