//! What group analytics knows of each learner's attempts, and what may be shown of it: per
//! content and code, how many members' records fall in it.

use std::collections::BTreeMap;

use crate::data::ids::NONE;

use super::rows::Rows;
use super::{Cell, Rules, protect};
use crate::group::policy::ReleasePolicy;

/// A content as the catalog tells of it.
#[derive(Debug, Clone, Default)]
pub(crate) struct Content {
    pub(crate) label: String,
    pub(crate) module: Option<String>,
    pub(crate) position: Option<f64>,
    pub(crate) topics: Vec<String>,
}

/// Contents in syllabus order, or the public reason why there are none.
pub(crate) type ContentList = Result<Vec<Content>, String>;

/// A learner's attempts at one content. Scores are numbers of steps of 5 % that they reach.
#[derive(Clone, Copy)]
pub(crate) struct Tried {
    /// Place in the list of contents.
    pub(crate) place: u32,
    /// Two attempts or more.
    pub(crate) again: bool,
    /// Whether one was right without a pass mark; `None` if that cannot be known.
    pub(crate) passed: Option<bool>,
    /// A success is stated.
    pub(crate) succeeded: bool,
    /// An attempt with neither a score nor anything else that tells whether it was right.
    pub(crate) silent: bool,
    /// Of the best attempt.
    pub(crate) best: Option<u8>,
    /// Of the first attempt.
    pub(crate) first: Option<u8>,
    /// What the first attempt states.
    pub(crate) success: Option<bool>,
    /// Whether the first attempt was right without a pass mark; `None` if that cannot be known.
    pub(crate) right: Option<bool>,
    /// Dense response of the first attempt, or [`NONE`].
    pub(crate) response: u32,
}

impl Default for Tried {
    fn default() -> Self {
        Self {
            place: 0,
            again: false,
            passed: None,
            succeeded: false,
            silent: false,
            best: None,
            first: None,
            success: None,
            right: None,
            response: NONE,
        }
    }
}

impl Tried {
    /// Whether an attempt was right, under a pass mark in steps of 5 % if there is one.
    fn passed(&self, pass_mark: Option<u8>) -> Option<bool> {
        match pass_mark {
            None => self.passed,
            Some(mark) if self.succeeded || self.best.is_some_and(|best| best >= mark) => {
                Some(true)
            }
            Some(_) if self.silent => None,
            Some(_) => Some(false),
        }
    }

    /// Whether the first attempt was right, likewise.
    pub(super) fn right(&self, pass_mark: Option<u8>) -> Option<bool> {
        let reached = pass_mark.zip(self.first).map(|(mark, own)| own >= mark);
        match (self.right, reached) {
            (Some(true), _) => Some(true),
            (right, None) => right,
            (_, reached) => reached,
        }
    }

    /// Marks of the first attempt to the nearest of `levels` steps (5 or 10); a success without a
    /// score is full marks, a failure none.
    pub(super) fn marks(&self, levels: u8) -> Option<u8> {
        let width = 20 / levels.max(1);
        let near = |reached: u8| (reached + width / 2) / width;
        let stated = |success: bool| if success { levels } else { 0 };
        self.first.map(near).or(self.success.map(stated))
    }
}

/// Everybody's attempts in one course, with what the catalog says about its contents.
#[derive(Debug, Clone)]
pub(crate) struct ContentScope {
    list: ContentList,
    rows: Rows<Vec<Tried>>,
}

/// Content scopes by course.
pub(crate) type ContentScopes = BTreeMap<u32, ContentScope>;

impl ContentScope {
    /// Each learner's attempts in the order in which she began them.
    pub(crate) fn new(list: ContentList, rows: Rows<Vec<Tried>>) -> Self {
        Self { list, rows }
    }

    /// Only `distribution` reads the records.
    pub(super) fn rows(&self) -> &Rows<Vec<Tried>> {
        &self.rows
    }

    /// The contents, in the order of the places of records.
    pub(in crate::group) fn list(&self) -> &ContentList {
        &self.list
    }

    /// The same scope with the records of learners exchanged.
    #[cfg(test)]
    pub(in crate::group) fn permuted(&self, moves: &[(u32, u32)]) -> Self {
        Self {
            list: self.list.clone(),
            rows: self.rows.permuted(moves),
        }
    }
}

/// Counts of members by content and code, as they may be shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::group) struct ProtectedTable {
    rules: Rules,
    codes: usize,
    cells: Vec<Cell>,
}

impl ProtectedTable {
    /// What n allows.
    pub(in crate::group) fn rules(&self) -> &Rules {
        &self.rules
    }

    /// The codes of one content after the other; empty when n < 2k.
    pub(in crate::group) fn contents(&self) -> impl Iterator<Item = &[Cell]> {
        self.cells.chunks_exact(self.codes.max(1))
    }
}

/// Counts, per content and code, the members whose record falls in it, each cell coded by itself.
/// `falls` tells the cells of one record: content and code.
pub(super) fn table<R: Default>(
    members: &[u32],
    rows: &Rows<R>,
    policy: ReleasePolicy,
    (contents, codes): (usize, usize),
    falls: impl Fn(&R, &mut dyn FnMut(usize, usize)),
) -> ProtectedTable {
    let (rules, cells) = protect(members, rows, policy, contents * codes, |record, into| {
        falls(record, &mut |content, code| {
            if content < contents && code < codes {
                let at = content * codes + code;
                into.push(at..at + 1);
            }
        });
    });
    ProtectedTable {
        rules,
        codes,
        cells,
    }
}

/// Per content: members who tried it twice or more of whom it is known whether they passed, and
/// those of them who did not.
pub(in crate::group) fn struggle(
    members: &[u32],
    scope: &ContentScope,
    policy: ReleasePolicy,
    pass_mark: Option<u8>,
) -> ProtectedTable {
    let contents = scope.list.as_ref().map_or(0, Vec::len);
    table(
        members,
        &scope.rows,
        policy,
        (contents, 2),
        |tried, cell| {
            for own in tried.iter().filter(|own| own.again) {
                if let Some(passed) = own.passed(pass_mark) {
                    cell(own.place as usize, 0);
                    if !passed {
                        cell(own.place as usize, 1);
                    }
                }
            }
        },
    )
}
