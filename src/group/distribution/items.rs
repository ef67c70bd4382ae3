//! Marks at an item beside marks at the others: what item analysis is computed from.
//!
//! Per item, on public grids: how many members have marks of at least each level, and how many of
//! them have at least each share of the marks at the other items of the test. Every count is
//! rounded and coded by itself. Levels are steps of a tenth of the full marks (a fifth below
//! n = 100), bands of the others steps of about 5 % (10 %): a multiple of the number of the other
//! items, which is public, so that right and wrong answers fall on band edges.

use std::ops::Range;

use super::contents::{Content, ContentScope, Tried};
use super::{Cell, Rules, protect};
use crate::group::grids::FULL_GRID;
use crate::group::metric::{Blank, Test};
use crate::group::policy::ReleasePolicy;

/// Steps of marks at the items that a share of the others is made of.
const TENTHS: u8 = 10;
/// Most bands of the share of the others.
const BANDS: usize = 20;

/// The tests that contents make up: the place of the test of each content, and each test's size.
pub(in crate::group) fn tests(contents: &[Content], by: Test) -> (Vec<usize>, Vec<usize>) {
    let mut names: Vec<Option<&String>> = Vec::new();
    let mut sizes = Vec::new();
    let of = contents
        .iter()
        .map(|content| {
            let name = content.module.as_ref().filter(|_| by == Test::Module);
            let known = names.iter().position(|other| *other == name);
            let at = known.unwrap_or_else(|| {
                names.push(name);
                sizes.push(0);
                names.len() - 1
            });
            if let Some(size) = sizes.get_mut(at) {
                *size += 1;
            }
            at
        })
        .collect();
    (of, sizes)
}

/// Counts of members by marks at an item and share of the marks at the others.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::group) struct ProtectedItems {
    rules: Rules,
    shape: Shape,
    cells: Vec<Cell>,
}

/// One item's part of them.
#[derive(Debug, Clone, Copy)]
pub(in crate::group) struct Joint<'a> {
    cells: &'a [Cell],
    shape: Shape,
    /// Bands of the share of the others that this item uses; 0 without others.
    pub(in crate::group) bands: usize,
}

impl Joint<'_> {
    /// Steps of marks.
    pub(in crate::group) fn levels(&self) -> usize {
        usize::from(self.shape.levels)
    }

    /// Members with marks of at least `level`, whatever they have at the others.
    pub(in crate::group) fn marked(&self, level: usize) -> Cell {
        self.cells.get(level).copied().unwrap_or(Cell::Low)
    }

    /// Members with marks of at least `level` who have marks at others, at least `band` of them.
    pub(in crate::group) fn with(&self, level: usize, band: usize) -> Cell {
        let at = self.shape.joint(level, band);
        self.cells.get(at).copied().unwrap_or(Cell::Low)
    }
}

/// How many cells an item has, and where they stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Shape {
    pub(super) levels: u8,
    pub(super) bands: usize,
}

impl Shape {
    pub(super) fn new(n: usize) -> Self {
        if n < FULL_GRID {
            Self {
                levels: TENTHS / 2,
                bands: BANDS / 2,
            }
        } else {
            Self {
                levels: TENTHS,
                bands: BANDS,
            }
        }
    }

    /// Bands for an item with `others` in its test.
    pub(super) fn bands(self, others: usize) -> usize {
        let times = self.bands.checked_div(others).unwrap_or(0).max(1);
        if others == 0 || others > self.bands {
            self.bands.min(others)
        } else {
            others * times
        }
    }

    fn joint(self, level: usize, band: usize) -> usize {
        let levels = usize::from(self.levels) + 1;
        levels + level * (self.bands + 1) + band
    }

    fn cells(self) -> usize {
        self.joint(usize::from(self.levels) + 1, 0)
    }
}

impl ProtectedItems {
    /// What n allows.
    pub(in crate::group) fn rules(&self) -> &Rules {
        &self.rules
    }

    /// The items in order, for contents that belong to tests of these sizes; none when n < 2k.
    pub(in crate::group) fn items<'a>(
        &'a self,
        (of, sizes): &'a (Vec<usize>, Vec<usize>),
    ) -> impl Iterator<Item = Joint<'a>> {
        let cells = self.cells.chunks_exact(self.shape.cells());
        cells.zip(of).map(|(cells, test)| Joint {
            cells,
            shape: self.shape,
            bands: sizes
                .get(*test)
                .map_or(0, |size| self.shape.bands(size - 1)),
        })
    }
}

/// Marks at the items of a test, item by item.
pub(in crate::group) fn items(
    members: &[u32],
    scope: &ContentScope,
    policy: ReleasePolicy,
    (by, blank): (Test, Blank),
) -> ProtectedItems {
    let contents = scope.list().as_deref().unwrap_or(&[]);
    let (of, sizes) = tests(contents, by);
    let shape = Shape::new(members.len());
    let len = contents.len() * shape.cells();
    let (rules, cells) = protect(members, scope.rows(), policy, len, |tried, into| {
        let own = Own::new(tried, &of, sizes.len());
        for (place, test) in of.iter().enumerate() {
            let others = sizes.get(*test).map_or(0, |size| size - 1);
            let mine = tried.iter().find(|own| own.place as usize == place);
            own.fall(
                mine,
                (*test, others),
                blank,
                shape,
                place * shape.cells(),
                into,
            );
        }
    });
    ProtectedItems {
        rules,
        shape,
        cells,
    }
}

/// One learner's marks by test: their sum in tenths, and at how many items.
pub(super) struct Own(Vec<(usize, usize)>);

impl Own {
    pub(super) fn new(tried: &[Tried], of: &[usize], tests: usize) -> Self {
        let mut sums = vec![(0, 0); tests];
        for own in tried {
            let test = of.get(own.place as usize);
            let sum = test.and_then(|test| sums.get_mut(*test));
            if let Some(((marks, items), own)) = sum.zip(own.marks(TENTHS)) {
                *marks += usize::from(own);
                *items += 1;
            }
        }
        Self(sums)
    }

    /// The band of her marks at the other items of a test; `None` without marks at any.
    pub(super) fn band(
        &self,
        mine: Option<&Tried>,
        (test, others): (usize, usize),
        blank: Blank,
        bands: usize,
    ) -> Option<usize> {
        let (marks, items) = self.0.get(test).copied()?;
        let own = mine.and_then(|own| own.marks(TENTHS));
        let rest = marks - own.map_or(0, usize::from);
        let met = items - usize::from(own.is_some());
        let met = match blank {
            Blank::Skip => met,
            // Who has marks at this item alone has none at the others.
            Blank::Zero if items > 0 => others,
            Blank::Zero => 0,
        };
        // Nearest band of the share rest / (10 met), half up.
        let tenths = usize::from(TENTHS) * met;
        (2 * bands * rest + tenths).checked_div(2 * tenths)
    }

    fn fall(
        &self,
        mine: Option<&Tried>,
        test: (usize, usize),
        blank: Blank,
        shape: Shape,
        start: usize,
        into: &mut Vec<Range<usize>>,
    ) {
        let any = self.0.get(test.0).is_some_and(|(_, items)| *items > 0);
        let marks = mine.and_then(|own| own.marks(shape.levels));
        let Some(level) = marks.or((blank == Blank::Zero && any).then_some(0)) else {
            return;
        };
        let level = usize::from(level.min(shape.levels));
        into.push(start..start + level + 1);
        let bands = shape.bands(test.1);
        if let Some(band) = self.band(mine, test, blank, bands) {
            let row = |level| start + shape.joint(level, 0);
            into.extend((0..=level).map(|level| row(level)..row(level) + band.min(bands) + 1));
        }
    }
}
