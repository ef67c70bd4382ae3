//! Records by learner: whoever holds them, only `distribution` reads them.

use std::fmt;
use std::sync::Arc;

/// One record of each learner, in the order of learners. Cheap to clone.
pub(crate) struct Rows<R>(Arc<Vec<(u32, R)>>);

impl<R> Rows<R> {
    /// Records by dense learner number, in any order, one each.
    pub(crate) fn new(mut rows: Vec<(u32, R)>) -> Self {
        rows.sort_by_key(|(learner, _)| *learner);
        Self(Arc::new(rows))
    }

    /// A learner's record; a member without one did nothing.
    pub(super) fn get(&self, learner: u32) -> Option<&R> {
        let at = self.0.binary_search_by_key(&learner, |(l, _)| *l).ok()?;
        self.0.get(at).map(|(_, record)| record)
    }

    /// The same records, exchanged: `(a, b)` gives `a` what `b` had.
    #[cfg(test)]
    pub(in crate::group) fn permuted(&self, moves: &[(u32, u32)]) -> Self
    where
        R: Clone,
    {
        let stays = |(l, _): &&(u32, R)| !moves.iter().any(|(to, _)| to == l);
        let mut rows: Vec<(u32, R)> = self.0.iter().filter(stays).cloned().collect();
        for (to, from) in moves {
            if let Some(record) = self.get(*from) {
                rows.push((*to, record.clone()));
            }
        }
        Self::new(rows)
    }
}

impl<R> Default for Rows<R> {
    fn default() -> Self {
        Self(Arc::new(Vec::new()))
    }
}

impl<R> Clone for Rows<R> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<R> fmt::Debug for Rows<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Rows").finish_non_exhaustive()
    }
}
