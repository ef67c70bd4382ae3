//! Learning Data as one viewer sees it: the face of the rules in [`crate::privacy`].

use std::fmt;

use crate::data::LearningData;
use crate::error::{Error, Result};
use crate::group::{By, GroupOptions, ReferenceGroups};
use crate::personal::{PersonalAnalytics, PersonalOptions};
use crate::privacy::Viewer;
use crate::research::{Research, ResearchOptions};

/// What one viewer may see. Whatever no relation allows is [`Error::Denied`], in the same
/// words whether it exists or not.
///
/// Relations are those of the tables: a learner herself; who instructs (`roles`) a group that a
/// learner is on (`memberships`). Consent to the purpose `personal` (`consents`) must be in
/// force; withdrawn, only the learner herself sees her analytics. Learning Data itself has no
/// viewer: it belongs to the host.
#[derive(Clone)]
pub struct View {
    data: LearningData,
    viewer: Viewer,
}

impl fmt::Debug for View {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("View").field(&self.viewer).finish()
    }
}

impl LearningData {
    /// This data as a viewer may see it; deny by default.
    pub fn seen_by(&self, viewer: Viewer) -> View {
        View {
            data: self.clone(),
            viewer,
        }
    }
}

impl View {
    /// Whose view it is.
    pub fn viewer(&self) -> &Viewer {
        &self.viewer
    }

    /// The data set's time zone.
    pub fn tz(&self) -> &str {
        self.data.tz()
    }

    /// Personal Learning Analytics: a learner's own, or those of the learners on an instructor's
    /// boards who consent, from their events in the boards' courses alone (in all courses where a
    /// board has none).
    ///
    /// They are computed from a part of the data that holds nothing of anybody else. `as_of` is
    /// the newest instant of the events that may be seen if left out.
    ///
    /// # Errors
    /// [`Error::Denied`] without a relation, [`Error::Parameter`] for options
    /// without a meaning.
    pub fn personal(&self, options: &PersonalOptions) -> Result<PersonalAnalytics> {
        let relations = self.viewer.relations(&self.data.inner)?;
        let newest = || relations.newest(&self.data.inner);
        let as_of = options.as_of.unwrap_or_else(newest);
        let seen = relations.seen(&self.data.inner, as_of);
        self.data.only(&seen).personal(&PersonalOptions {
            as_of: Some(as_of),
            ..options.clone()
        })
    }

    /// Reference groups: those that a learner is a member of; an instructor's boards and their
    /// courses, less what would give away learners that she does not know
    /// ([`ReferenceGroups::seen_by`]).
    ///
    /// # Errors
    /// [`Error::Denied`] without a relation, and as [`LearningData::reference_groups`].
    pub fn reference_groups(&self, by: By, options: &GroupOptions) -> Result<ReferenceGroups> {
        self.viewer.relations(&self.data.inner)?;
        let groups = self.data.reference_groups(by, options)?;
        groups.seen_by(&self.viewer)
    }

    /// Differentially private tables, for the purpose that is the viewer's: `Research` or
    /// `Recommendation`.
    ///
    /// # Errors
    /// [`Error::Denied`] for learners and instructors, and for another purpose; as
    /// [`LearningData::research`].
    pub fn research(&self, options: &ResearchOptions) -> Result<Research> {
        if self.viewer.purpose()? == options.purpose {
            return self.data.research(options);
        }
        Err(Error::Denied)
    }
}
