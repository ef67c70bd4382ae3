//! When a content counts as completed (METRICS: progress): a rule per kind.

#![expect(clippy::indexing_slicing, reason = "arrays have one entry per item")]

use crate::data::catalog::Items;
use crate::data::ids::NONE;
use crate::data::schema::{Kind, Verb};
use crate::error::{Error, Result};

use super::walk::Learner;

/// The share of a video that must have been watched.
const WATCHED: f64 = 0.95;
/// Shorter stretches of a video (seconds) are noise of the player.
const SHORTEST: f64 = 0.25;

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
    fn met_by(self, verb: Verb) -> bool {
        match verb {
            Verb::Passed => true,
            Verb::Completed => self != Self::Passed,
            Verb::Submitted => matches!(self, Self::Submitted | Self::Engaged),
            Verb::Posted => matches!(self, Self::Posted | Self::Engaged),
            other => self == Self::Engaged && other.is_engagement(),
        }
    }
}

/// The rules of all catalog items, and the working space to apply them to one learner.
#[derive(Debug, Clone)]
pub(crate) struct Completion {
    /// `None` for items outside the catalog.
    rules: Vec<Option<Rule>>,
    watch: bool,
    done: Vec<u32>,
    open: Vec<(u32, u32, f64)>,
    seen: Vec<(u32, f64, f64)>,
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
        Ok(Self {
            rules,
            watch,
            done: vec![NONE; items.len()],
            open: Vec::new(),
            seen: Vec::new(),
        })
    }

    /// No rules at all, to stand in while the real ones are in use.
    pub(crate) const fn empty() -> Self {
        Self {
            rules: Vec::new(),
            watch: false,
            done: Vec::new(),
            open: Vec::new(),
            seen: Vec::new(),
        }
    }

    /// Calls `complete` once for each item that the learner has completed.
    pub(crate) fn each(
        &mut self,
        learner: &Learner<'_>,
        items: &Items,
        mut complete: impl FnMut(u32),
    ) {
        if !items.known {
            return;
        }
        self.open.clear();
        self.seen.clear();
        for (event, item) in learner.run.item.iter().enumerate() {
            let place = *item as usize;
            let Some(rule) = self.rules[place] else {
                continue;
            };
            if self.done[place] == learner.id {
                continue;
            }
            let verb = learner.verb(event);
            if rule.met_by(verb) {
                self.done[place] = learner.id;
                complete(*item);
            } else if self.watch && rule == Rule::Watched {
                self.play(learner, event, *item, verb);
            }
        }
        if self.seen.is_empty() {
            return;
        }
        self.seen.sort_by(|a, b| {
            (a.0, a.1)
                .partial_cmp(&(b.0, b.1))
                .unwrap_or(std::cmp::Ordering::Equal)
        });
        for stretches in self.seen.chunk_by(|a, b| a.0 == b.0) {
            let item = stretches[0].0;
            let length = items.get(item).and_then(|entry| entry.length);
            let Some(length) = length.filter(|length| *length > 0.0) else {
                continue;
            };
            let unwatched = self.done[item as usize] != learner.id;
            if unwatched && union(stretches, length) / length >= WATCHED {
                self.done[item as usize] = learner.id;
                complete(item);
            }
        }
    }

    /// A `played` opens a stretch, the next stop of the same content and session closes it.
    fn play(&mut self, learner: &Learner<'_>, event: usize, item: u32, verb: Verb) {
        let closes = matches!(
            verb,
            Verb::Paused | Verb::Seeked | Verb::Ended | Verb::Completed | Verb::Terminated
        );
        if !closes && verb != Verb::Played {
            return;
        }
        let value = learner.run.position.map_or(f64::NAN, |p| p[event]);
        let session = learner.run.session.map_or(NONE, |s| s[event]);
        let at = self
            .open
            .iter()
            .position(|(other, own, _)| *other == item && *own == session);
        if closes {
            if let Some(at) = at {
                let (_, _, from) = self.open.swap_remove(at);
                if value - from >= SHORTEST {
                    self.seen.push((item, from, value));
                }
            }
        } else {
            if let Some(at) = at {
                self.open.swap_remove(at);
            }
            self.open.push((item, session, value));
        }
    }
}

/// The length of the union of stretches sorted by their start, within `[0, length]`.
fn union(stretches: &[(u32, f64, f64)], length: f64) -> f64 {
    let (mut total, mut covered) = (0.0, 0.0_f64);
    for (_, from, to) in stretches {
        let from = from.max(covered);
        let to = to.min(length);
        if to > from {
            total += to - from;
            covered = to;
        }
    }
    total
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn watching_twice_is_watching_once() {
        let stretches = [(0, -3.0, 60.0), (0, 30.0, 50.0), (0, 80.0, 130.0)];
        assert!((union(&stretches, 100.0) - 80.0).abs() < 1e-12);
    }

    #[test]
    fn a_pass_completes_anything_and_a_view_only_what_is_engaged_with() {
        assert!(Rule::Submitted.met_by(Verb::Passed));
        assert!(!Rule::Passed.met_by(Verb::Completed));
        assert!(Rule::Engaged.met_by(Verb::Viewed) && !Rule::Engaged.met_by(Verb::LoggedIn));
        assert!(!Rule::Watched.met_by(Verb::Ended));
    }
}
