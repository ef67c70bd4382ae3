//! Fragments that many statements share word for word: a verb with its display, a definition, the
//! activities of a context. Each is read and checked once; where the same text comes again, what
//! it told is told again.
//!
//! A fragment is looked up by its first bytes and compared as a whole, so that what was refused
//! once can never be taken for what was accepted. Only so many are kept, the last ones.

use std::hash::BuildHasher;

use crate::ingest::json::Json;

/// Longer fragments are not kept.
const LONGEST: usize = 4 << 10;

/// Part of a fragment, from its beginning.
pub(super) type Part = (u32, u32);

/// Fragments of one kind, and what they told.
pub(super) struct Seen<T> {
    /// So many bytes tell one fragment from others; shorter ones are not kept.
    window: usize,
    slots: Vec<(String, Option<T>)>,
    hasher: foldhash::fast::FixedState,
}

impl<T: Clone> Seen<T> {
    pub(super) fn new(window: usize, slots: usize) -> Self {
        Self {
            window,
            slots: vec![(String::new(), None); slots],
            hasher: foldhash::fast::FixedState::default(),
        }
    }

    fn slot(&mut self, text: &str) -> Option<&mut (String, Option<T>)> {
        let head = text.as_bytes().get(..self.window)?;
        let hash = usize::try_from(self.hasher.hash_one(head) >> 32).ok()?;
        let count = self.slots.len();
        self.slots.get_mut(hash.checked_rem(count)?)
    }

    /// What the fragment that comes here told; it is passed over then.
    pub(super) fn find<'a>(&mut self, json: &mut Json<'a>) -> Option<(&'a str, T)> {
        let rest = json.ahead();
        let (fragment, told) = self.slot(rest)?;
        if fragment.is_empty() || !rest.starts_with(fragment.as_str()) {
            return None;
        }
        let told = told.clone()?;
        Some((json.pass_by(fragment.len())?, told))
    }

    /// Keeps a fragment with what it told.
    pub(super) fn keep(&mut self, fragment: &str, told: Option<T>) {
        if fragment.len() > LONGEST || told.is_none() {
            return;
        }
        if let Some((known, slot)) = self.slot(fragment) {
            known.clear();
            known.push_str(fragment);
            *slot = told;
        }
    }
}

/// Where a part of a fragment lies in it; `None` if it is not part of it.
pub(super) fn part(fragment: &str, text: &str) -> Option<Part> {
    let from = text.as_ptr().addr().checked_sub(fragment.as_ptr().addr())?;
    let to = from.checked_add(text.len())?;
    (to <= fragment.len()).then_some(())?;
    Some((u32::try_from(from).ok()?, u32::try_from(to).ok()?))
}

/// A part of a fragment.
pub(super) fn of(fragment: &str, (from, to): Part) -> Option<&str> {
    fragment.get(from as usize..to as usize)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fragment_is_known_by_all_of_it_and_passed_over() {
        let mut seen = Seen::new(4, 8);
        seen.keep("{\"a\": 1}", Some(7));
        let read = |seen: &mut Seen<i32>, text: &'static str| {
            let mut json = Json::new(text.as_bytes()).unwrap();
            let told = seen.find(&mut json).map(|(_, told)| told);
            (told, json.ahead())
        };
        assert_eq!(read(&mut seen, " {\"a\": 1}, 2"), (Some(7), ", 2"));
        assert_eq!(read(&mut seen, "{\"a\": 12}"), (None, "{\"a\": 12}"));
        assert_eq!(read(&mut seen, "{\"a"), (None, "{\"a"));
        seen.keep("{}", Some(1));
        assert_eq!(read(&mut seen, "{}"), (None, "{}"), "too short to be kept");
        seen.keep(&format!("{{\"b\": \"{}\"}}", "x".repeat(LONGEST)), Some(2));
        assert_eq!(read(&mut seen, "{\"a\": 1}"), (Some(7), ""));
    }

    #[test]
    fn parts_are_those_of_the_fragment_only() {
        let text = String::from("a fragment and more");
        let fragment = &text[2..10];
        assert_eq!(part(fragment, &text[2..6]), Some((0, 4)));
        assert_eq!(of(fragment, (0, 4)), Some("frag"));
        assert_eq!(part(fragment, &text[0..6]), None);
        assert_eq!(part(fragment, &text[8..14]), None);
        assert_eq!(of(fragment, (4, 99)), None);
    }
}
