//! When a content counts as completed (METRICS: progress): a rule per kind.

use crate::data::catalog::Items;
use crate::data::schema::{Kind, Verb};
use crate::error::{Error, Result};

use super::walk::{Learner, Walk};

/// What completes a content, beside an explicit `completed` or `passed`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rule {
    /// Distinct seconds watched / length >= 0.95; the furthest position is not watching.
    Watched,
    /// Any event that touches the content.
    Engaged,
    /// `submitted`.
    Submitted,
    /// `posted`.
    Posted,
    /// Only an explicit `passed`.
    Passed,
    /// Only an explicit `completed` or `passed`.
    Completed,
}

impl Rule {
    /// The rule a word stands for.
    ///
    /// # Errors
    /// [`Error::Parameter`] with the words there are.
    pub fn parse(word: &str) -> Result<Self> {
        Ok(match word {
            "watched" => Self::Watched,
            "engaged" => Self::Engaged,
            "submitted" => Self::Submitted,
            "posted" => Self::Posted,
            "passed" => Self::Passed,
            "completed" => Self::Completed,
            _ => {
                return Err(Error::parameter(
                    "completion",
                    "one of `watched`, `engaged`, `submitted`, `posted`, `passed`, `completed`",
                    format!("{word:?}"),
                ));
            }
        })
    }

    fn of(kind: Option<Kind>) -> Self {
        match kind {
            Some(Kind::Video) => Self::Watched,
            Some(Kind::Quiz | Kind::Problem | Kind::Assignment) => Self::Submitted,
            Some(Kind::Discussion) => Self::Posted,
            _ => Self::Engaged,
        }
    }

    /// Whether one event fulfils it.
    pub(crate) fn met_by(self, verb: Verb) -> bool {
        match verb {
            Verb::Passed => true,
            Verb::Completed => self != Self::Passed,
            Verb::Submitted => matches!(self, Self::Submitted | Self::Engaged),
            Verb::Posted => matches!(self, Self::Posted | Self::Engaged),
            other => self == Self::Engaged && other.is_engagement(),
        }
    }
}

/// The rules of all catalog items.
#[derive(Debug)]
pub(crate) struct Completion {
    /// `None` for items outside the catalog.
    rules: Vec<Option<Rule>>,
    watch: bool,
}

impl Completion {
    pub(crate) fn new(
        items: &Items,
        overrides: &[(String, Rule)],
        positions: bool,
    ) -> Result<Self> {
        for (kind, _) in overrides {
            if Kind::parse(kind).is_none() {
                let all: Vec<&str> = Kind::ALL.iter().map(|k| k.word()).collect();
                return Err(Error::parameter(
                    "completion",
                    format!("by kind: {}", all.join(", ")),
                    format!("{kind:?}"),
                ));
            }
        }
        let rule = |kind: Option<Kind>| {
            let word = kind.map_or("", Kind::word);
            let own = overrides.iter().find(|(kind, _)| kind == word);
            own.map_or(Rule::of(kind), |(_, rule)| *rule)
        };
        let rules: Vec<Option<Rule>> = items
            .entry
            .iter()
            .map(|entry| entry.as_ref().map(|entry| rule(entry.kind)))
            .collect();
        let watch = positions && rules.contains(&Some(Rule::Watched));
        Ok(Self { rules, watch })
    }

    /// How many items there are.
    pub(super) fn items(&self) -> usize {
        self.rules.len()
    }

    /// The rule of a catalog item.
    pub(crate) fn rule(&self, item: u32) -> Option<Rule> {
        self.rules.get(item as usize).copied().flatten()
    }

    /// Whether anything can be completed by watching it.
    pub(crate) fn watches(&self) -> bool {
        self.watch
    }

    /// Calls `complete` once for each item that the learner has completed.
    pub(crate) fn each(
        &self,
        walk: &Walk<'_>,
        learner: &Learner<'_>,
        mut complete: impl FnMut(u32),
    ) {
        if !walk.data.items.known {
            return;
        }
        let told = learner.completing(self);
        for own in told.all() {
            complete(own.item);
        }
        if !self.watch {
            return;
        }
        for film in learner.films(walk).films() {
            let watched = self.rule(film.item) == Some(Rule::Watched) && film.is_watched();
            if watched && told.get(film.item).is_none() {
                complete(film.item);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pass_completes_anything_and_a_view_only_what_is_engaged_with() {
        assert!(Rule::Submitted.met_by(Verb::Passed));
        assert!(!Rule::Passed.met_by(Verb::Completed));
        assert!(Rule::Engaged.met_by(Verb::Viewed) && !Rule::Engaged.met_by(Verb::LoggedIn));
        assert!(!Rule::Watched.met_by(Verb::Ended));
    }
}
