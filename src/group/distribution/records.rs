//! What group analytics knows about each learner, and the public facts around it.
//! The values are readable in `distribution` alone.

use std::collections::BTreeMap;

use super::rows::Rows;
use crate::group::grid::Grids;
use crate::group::metric::{Metric, Steps};
use crate::personal::status::Exit;

/// One learner's values in one scope (a course, or all courses).
#[derive(Clone, Default)]
pub(crate) struct Record {
    /// In the order of `Metric::ALL`; NaN counts as 0 where the metric is available.
    pub(crate) metrics: [f64; Metric::ALL.len()],
    /// Index of the furthest content reached, in syllabus order.
    pub(crate) furthest_content: Option<u32>,
    /// Index of the furthest module reached.
    pub(crate) furthest_module: Option<u32>,
    /// Week of the last activity, 0 is the first week of the course.
    pub(crate) last_week: Option<u32>,
    /// Whether she stopped or withdrew.
    pub(crate) left: bool,
    /// How long she stayed, and what ended it.
    pub(crate) spell: Option<Spell>,
}

/// A learner's time in a course.
#[derive(Clone, Copy, Default)]
pub(crate) struct Spell {
    /// Whole weeks from her enrollment to its end.
    pub(crate) week: u32,
    pub(crate) exit: Exit,
    /// Whole weeks from her enrollment to `as_of` or the end of the course, whatever she did.
    pub(crate) could: u32,
}

impl std::fmt::Debug for Record {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Record").finish_non_exhaustive()
    }
}

/// A step learners may reach: its name and its place in the syllabus.
#[derive(Debug, Clone)]
pub(crate) struct Step {
    /// Content id, module or week number.
    pub(crate) label: String,
    /// Place in the syllabus; the number of the week.
    pub(crate) position: Option<f64>,
}

/// Steps in order, or the public reason why there are none.
pub(crate) type StepList = Result<Vec<Step>, String>;

/// Facts about a scope that hold for everybody in it and say nothing about anyone.
#[derive(Debug, Clone)]
pub(crate) struct Facts {
    /// Why a metric cannot be had (day resolution, no catalog), in the order of `Metric::ALL`.
    pub(crate) unavailable: [Option<String>; Metric::ALL.len()],
    /// The edges that metrics are counted on.
    pub(crate) grids: Grids,
    /// Contents in syllabus order.
    pub(crate) contents: StepList,
    /// Modules in syllabus order.
    pub(crate) modules: StepList,
    /// Weeks from the start of the course to `as_of`.
    pub(crate) weeks: StepList,
    /// Why nobody's time in the course can be told, if so.
    pub(crate) stays: Result<(), String>,
}

impl Facts {
    /// Why a metric cannot be had, if so.
    pub(in crate::group) fn reason(&self, metric: Metric) -> Option<&String> {
        let at = Metric::ALL.iter().position(|m| *m == metric)?;
        self.unavailable.get(at)?.as_ref()
    }

    /// The steps to count along.
    pub(in crate::group) fn steps(&self, by: Steps) -> &StepList {
        match by {
            Steps::Content => &self.contents,
            Steps::Module => &self.modules,
            Steps::Week => &self.weeks,
        }
    }
}

/// Everybody's records in one scope.
#[derive(Debug, Clone)]
pub(crate) struct Scope {
    rows: Rows<Record>,
    facts: Facts,
}

impl Scope {
    /// Records by dense learner number, in any order, one each.
    pub(crate) fn new(rows: Vec<(u32, Record)>, facts: Facts) -> Self {
        let rows = Rows::new(rows);
        Self { rows, facts }
    }

    /// The public facts.
    pub(in crate::group) fn facts(&self) -> &Facts {
        &self.facts
    }

    /// The same scope, counted on these grids.
    pub(in crate::group) fn count_on(&mut self, grids: Grids) {
        self.facts.grids = grids;
    }

    /// The records; a member without one was never active.
    pub(super) fn rows(&self) -> &Rows<Record> {
        &self.rows
    }

    /// The same scope with the records of learners exchanged.
    #[cfg(test)]
    pub(in crate::group) fn permuted(&self, moves: &[(u32, u32)]) -> Self {
        Self {
            rows: self.rows.permuted(moves),
            facts: self.facts.clone(),
        }
    }
}

/// Scopes by course; `None` is all courses together.
pub(crate) type Scopes = BTreeMap<Option<u32>, Scope>;
