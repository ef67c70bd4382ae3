//! Tables in the making: what is gathered from each learner of a walk, and what becomes of it.
//! Several can share one walk.
//!
//! A worker makes the tables of one block of the data after the other, while the rows of a block
//! are near and in the room of those before. The tables of all blocks are then put one below
//! another, without moving them: a large table has a chunk for each block.

use std::sync::Arc;

use polars::prelude::DataFrame;
use rayon::prelude::*;

use super::frames::Rows;
use super::walk::{Learner, Walk};
use crate::error::Result;

/// Smaller chunks than this, in the mean, are moved together.
const CHUNK: usize = 1 << 13;

/// One worker's hand at a table, or at several that are made of the same rows.
trait Hand {
    fn visit(&mut self, learner: &Learner<'_>);
    /// The tables of all learners visited since it was last asked.
    fn tables(&mut self) -> Result<Vec<DataFrame>>;
}

struct Gathering<S, V, T, F> {
    state: S,
    visit: V,
    rows: Rows<T>,
    finish: Arc<F>,
}

impl<S, V, T, F> Hand for Gathering<S, V, T, F>
where
    V: Fn(&mut S, &Learner<'_>, &mut Vec<T>),
    F: Fn(&Rows<T>) -> Result<Vec<DataFrame>>,
{
    fn visit(&mut self, learner: &Learner<'_>) {
        (self.visit)(&mut self.state, learner, &mut self.rows.0);
    }

    fn tables(&mut self) -> Result<Vec<DataFrame>> {
        let made = (self.finish)(&self.rows)?;
        self.rows.0.clear();
        Ok(made)
    }
}

/// A table in the making, or several that are made of the same rows: makes a worker's hand.
pub(crate) struct Measure<'a>(Box<dyn Fn() -> Box<dyn Hand + 'a> + Send + Sync + 'a>);

impl<'a> Measure<'a> {
    /// `start` makes a worker's space, `visit` appends the rows of a learner, `finish` makes the
    /// table of some rows, which come in the order of learners.
    pub(crate) fn new<S, T>(
        start: impl Fn() -> S + Send + Sync + 'a,
        visit: impl Fn(&mut S, &Learner<'_>, &mut Vec<T>) + Copy + Send + Sync + 'a,
        finish: impl Fn(&Rows<T>) -> Result<DataFrame> + Send + Sync + 'a,
    ) -> Self
    where
        S: 'a,
        T: 'a,
    {
        Self::several(start, visit, move |rows| Ok(vec![finish(rows)?]))
    }

    /// The same with several tables.
    pub(crate) fn several<S, T>(
        start: impl Fn() -> S + Send + Sync + 'a,
        visit: impl Fn(&mut S, &Learner<'_>, &mut Vec<T>) + Copy + Send + Sync + 'a,
        finish: impl Fn(&Rows<T>) -> Result<Vec<DataFrame>> + Send + Sync + 'a,
    ) -> Self
    where
        S: 'a,
        T: 'a,
    {
        let finish = Arc::new(finish);
        Self(Box::new(move || {
            Box::new(Gathering {
                state: start(),
                visit,
                rows: Rows::default(),
                finish: Arc::clone(&finish),
            })
        }))
    }
}

/// Puts the tables of blocks one below another.
fn join(blocks: Vec<DataFrame>) -> Result<DataFrame> {
    let mut blocks = blocks.into_iter();
    let mut all = blocks.next().unwrap_or_default();
    for block in blocks {
        if all.height() == 0 {
            all = block;
        } else if block.height() > 0 {
            all.vstack_mut_owned(block)?;
        }
    }
    if all.height() < CHUNK * all.first_col_n_chunks() {
        all.rechunk_mut();
    }
    Ok(all)
}

impl Walk<'_> {
    /// The one table of a measure.
    ///
    /// # Errors
    /// [`crate::Error::Cancelled`] if the job is stopped.
    pub(crate) fn table(&self, measure: Measure<'_>) -> Result<DataFrame> {
        Ok(self.tables(&[measure])?.pop().unwrap_or_default())
    }

    /// The tables of all measures, in one walk: each learner's events are looked at by all of
    /// them before the next learner's are.
    ///
    /// # Errors
    /// [`crate::Error::Cancelled`] if the job is stopped.
    pub(crate) fn tables(&self, measures: &[Measure<'_>]) -> Result<Vec<DataFrame>> {
        let hands = || -> Vec<_> { measures.iter().map(|measure| measure.0()).collect() };
        let visit = |hands: &mut Vec<Box<dyn Hand + '_>>, learner: &Learner<'_>| {
            for hand in hands {
                hand.visit(learner);
            }
        };
        let take = |hands: &mut Vec<Box<dyn Hand + '_>>| -> Result<Vec<DataFrame>> {
            let made = hands.iter_mut().map(|hand| hand.tables());
            Ok(made.collect::<Result<Vec<_>>>()?.concat())
        };
        let blocks = match self.by_block(hands, visit, take)? {
            none if none.is_empty() => vec![take(&mut hands())?],
            some => some,
        };
        let mut tables: Vec<Vec<DataFrame>> = Vec::new();
        for block in blocks {
            tables.resize_with(block.len(), Vec::new);
            for (all, own) in tables.iter_mut().zip(block) {
                all.push(own);
            }
        }
        tables.into_par_iter().map(join).collect()
    }
}
