//! Who counts: decided by facts about a learner alone, before any value is read.

use super::Research;
use crate::data::Id;

impl Research {
    /// Whether a learner counts: the host does not keep her out, and her consent to the purpose
    /// is in force at `as_of` and was not withdrawn since. The newest moment of the log, which
    /// reference groups ask at, would be another learner's event.
    pub(super) fn counts_learner(&self, learner: u32) -> bool {
        let facts = &self.data.inner.facts;
        let kept_out = facts.ineligible.get(learner as usize).copied();
        !kept_out.unwrap_or(false) && facts.consents_to(learner, self.options.purpose, self.as_of)
    }

    /// Her own id, by which lots are drawn; `None` for one who does not count.
    pub(super) fn who(&self, learner: u32) -> Option<Id> {
        let counts = self.counts_learner(learner);
        counts
            .then(|| self.data.inner.learners.get(learner))
            .flatten()
    }
}
