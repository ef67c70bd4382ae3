//! What tables about contents have in common: how a group is asked, and shares of those who did
//! something.

use crate::Result;
use crate::group::distribution::{Cell, Content, ContentScope, Rules};
use crate::group::{Group, ReferenceGroups};
use crate::stats::wilson;

use super::tables::{Answer, answer, no_scope, released};

const CONFIDENCE: f64 = 0.95;

/// What `make` reads of the contents of a group that is released, or the reason why not. A group
/// that is withheld says so before anything else.
///
/// # Errors
/// [`crate::Error::Cancelled`] if the job is stopped.
pub(super) fn ask_contents<'a, T>(
    groups: &'a ReferenceGroups,
    group: &Group,
    make: impl FnOnce(&[u32], &'a ContentScope) -> (Rules, T),
) -> Result<Answer<(&'a [Content], T)>> {
    let members = match released(group) {
        Ok(members) => members,
        Err(reason) => {
            return Ok(Answer {
                n: None,
                cells: Err(reason),
            });
        }
    };
    let Some(course) = group.course else {
        let several = Err("spans several courses".to_string());
        return Ok(no_scope(groups, members, several));
    };
    let Some(scope) = groups.assessed()?.get(&course) else {
        let nothing = Err("no learning data".to_string());
        return Ok(no_scope(groups, members, nothing));
    };
    let (rules, cells) = make(members, scope);
    let list = scope.list();
    let contents = list.as_ref().map_or(&[][..], Vec::as_slice);
    Ok(answer(
        &rules,
        list.as_ref().err().cloned(),
        (contents, cells),
    ))
}

/// A share of the members who did something, from two released counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Share {
    part: u64,
    whole: u64,
    /// Below this percent, and above 100 less this, the share is only bounded: never less than
    /// what the coding of small counts knows.
    bound: u64,
}

impl Share {
    /// `None` where fewer than 2k did it.
    pub(super) fn new(part: Cell, whole: Cell, rules: &Rules) -> Option<Self> {
        let whole = Some(whole).filter(|whole| *whole != Cell::Low);
        Self::of(count(part, rules), count(whole?, rules), rules)
    }

    /// The same from what the counts stand for.
    pub(super) fn of(part: u64, whole: u64, rules: &Rules) -> Option<Self> {
        if whole < 2 * u64::from(rules.k) {
            return None;
        }
        let least = whole.saturating_sub(u64::from(rules.slack)).max(1);
        let known = (100 * u64::from(rules.k.saturating_sub(1))).div_ceil(least);
        Some(Self {
            part: part.min(whole),
            whole,
            bound: known.max(u64::from(rules.bound)).min(50),
        })
    }

    /// The share of the whole roster.
    pub(super) fn of_all(part: Cell, rules: &Rules) -> Self {
        Self {
            part: count(part, rules).min(u64::from(rules.n)),
            whole: u64::from(rules.n.max(1)),
            bound: u64::from(rules.bound).min(50),
        }
    }

    /// Of how many it is the share.
    pub(super) fn whole(&self) -> u64 {
        self.whole
    }

    fn rounded(&self) -> u64 {
        (200 * self.part + self.whole) / (2 * self.whole)
    }

    /// In whole percent, unless it is only bounded.
    fn shown(&self) -> Option<u64> {
        let inside = self.bound..=100 - self.bound;
        Some(self.rounded()).filter(|percent| inside.contains(percent))
    }

    /// From 0 to 1.
    pub(super) fn rate(&self) -> Option<f64> {
        self.shown().map(|percent| percent as f64 / 100.0)
    }

    /// The two counts: of those who did it, out of how many.
    pub(super) fn counts(&self) -> (u64, u64) {
        (self.part, self.whole)
    }

    /// Whether it is above (or below) a percent; `None` if its bound does not tell.
    pub(super) fn beyond(&self, percent: u64, above: bool) -> Option<bool> {
        match self.shown() {
            Some(own) => Some(if above { own > percent } else { own < percent }),
            None if self.order() == 100 && above => {
                Some(true).filter(|_| 100 - self.bound >= percent)
            }
            None if self.order() == 0 && !above => Some(true).filter(|_| self.bound <= percent),
            None if above => Some(false).filter(|_| self.bound <= percent),
            None => Some(false).filter(|_| 100 - self.bound >= percent),
        }
    }

    /// The percent it is ordered by: shares that are only bounded come first or last together.
    pub(super) fn order(&self) -> u64 {
        let end = if self.rounded() >= 50 { 100 } else { 0 };
        self.shown().unwrap_or(end)
    }

    /// Wilson's 95 % interval, or the bound.
    ///
    /// # Errors
    /// None: a part is never more than the whole.
    pub(super) fn interval(&self) -> Result<(Option<f64>, Option<f64>)> {
        let share = |percent: u64| Some(percent as f64 / 100.0);
        match self.shown() {
            Some(_) => Ok(wilson(self.part, self.whole, CONFIDENCE)?.unzip()),
            None if self.order() == 100 => Ok((share(100 - self.bound), share(100))),
            None => Ok((share(0), share(self.bound))),
        }
    }
}

/// To two decimals: no more is known.
pub(super) fn hundredths(value: f64) -> f64 {
    // Not -0.
    (value * 100.0).round() / 100.0 + 0.0
}

/// What a count stands for: one that is only known to be low for k / 2, one known to be high for
/// all but k / 2, rounded down.
pub(super) fn count(cell: Cell, rules: &Rules) -> u64 {
    let tail = u64::from(rules.k / 2);
    match cell {
        Cell::Low => tail,
        Cell::Count(count) => u64::from(count),
        Cell::High => u64::from(rules.n).saturating_sub(tail),
    }
}
