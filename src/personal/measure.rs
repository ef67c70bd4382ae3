//! A table in the making: what is gathered from each learner of a walk, and what becomes of it.
//! Several can share one walk.

use std::any::Any;

use polars::prelude::DataFrame;
use rayon::prelude::*;

use super::frames::Rows;
use super::walk::{Learner, Walk};
use crate::error::Result;

/// What was gathered from one part of the data.
type Part = Box<dyn Any + Send>;

/// One worker's hand at a table.
trait Hand {
    fn visit(&mut self, learner: &Learner<'_>);
    /// Hands over what was gathered since it was last asked.
    fn part(&mut self) -> Part;
}

struct Gathering<S, V, T> {
    state: S,
    visit: V,
    rows: Vec<T>,
}

impl<S, V, T> Hand for Gathering<S, V, T>
where
    V: Fn(&mut S, &Learner<'_>, &mut Vec<T>),
    T: Send + 'static,
{
    fn visit(&mut self, learner: &Learner<'_>) {
        (self.visit)(&mut self.state, learner, &mut self.rows);
    }

    fn part(&mut self) -> Part {
        // Most measures have as many rows in the next part.
        let next = Vec::with_capacity(self.rows.len());
        Box::new(std::mem::replace(&mut self.rows, next))
    }
}

type Start<'a> = Box<dyn Fn() -> Box<dyn Hand + 'a> + Send + Sync + 'a>;
type Finish<'a> = Box<dyn FnOnce(Vec<Part>) -> Result<Vec<DataFrame>> + Send + 'a>;

/// A table in the making, or several that are made of the same rows.
pub(crate) struct Measure<'a> {
    start: Start<'a>,
    finish: Finish<'a>,
}

impl<'a> Measure<'a> {
    /// `start` makes a worker's space, `visit` appends the rows of a learner, `finish` makes the
    /// table of all rows, which come in the order of learners.
    pub(crate) fn new<S, T>(
        start: impl Fn() -> S + Send + Sync + 'a,
        visit: impl Fn(&mut S, &Learner<'_>, &mut Vec<T>) + Copy + Send + Sync + 'a,
        finish: impl FnOnce(&Rows<T>) -> Result<DataFrame> + Send + 'a,
    ) -> Self
    where
        S: 'a,
        T: Send + 'static,
    {
        Self::several(start, visit, |rows| Ok(vec![finish(&rows)?]))
    }

    /// The same with several tables.
    pub(crate) fn several<S, T>(
        start: impl Fn() -> S + Send + Sync + 'a,
        visit: impl Fn(&mut S, &Learner<'_>, &mut Vec<T>) + Copy + Send + Sync + 'a,
        finish: impl FnOnce(Rows<T>) -> Result<Vec<DataFrame>> + Send + 'a,
    ) -> Self
    where
        S: 'a,
        T: Send + 'static,
    {
        let start = move || -> Box<dyn Hand + 'a> {
            Box::new(Gathering {
                state: start(),
                visit,
                rows: Vec::new(),
            })
        };
        let finish = move |parts: Vec<Part>| {
            // Parts are those of the hands that `start` made, so each is of this type.
            let rows = parts.into_iter().filter_map(|part| part.downcast().ok());
            finish(Rows(rows.map(|rows: Box<Vec<T>>| *rows).collect()))
        };
        Self {
            start: Box::new(start),
            finish: Box::new(finish),
        }
    }
}

impl Walk<'_> {
    /// The one table of a measure.
    ///
    /// # Errors
    /// [`crate::Error::Cancelled`] if the job is stopped.
    pub(crate) fn table(&self, measure: Measure<'_>) -> Result<DataFrame> {
        let tables = self.tables(vec![measure])?.into_iter().flatten().next();
        Ok(tables.unwrap_or_default())
    }

    /// The tables of all measures, in one walk: each learner's events are looked at by all of
    /// them before the next learner's are.
    ///
    /// # Errors
    /// [`crate::Error::Cancelled`] if the job is stopped.
    pub(crate) fn tables(&self, measures: Vec<Measure<'_>>) -> Result<Vec<Vec<DataFrame>>> {
        let (starts, finishes): (Vec<_>, Vec<_>) =
            measures.into_iter().map(|m| (m.start, m.finish)).unzip();
        let hands = || -> Vec<_> { starts.iter().map(|start| start()).collect() };
        let visit = |hands: &mut Vec<Box<dyn Hand + '_>>, learner: &Learner<'_>| {
            for hand in hands {
                hand.visit(learner);
            }
        };
        let take = |hands: &mut Vec<Box<dyn Hand + '_>>| -> Vec<Part> {
            hands.iter_mut().map(|hand| hand.part()).collect()
        };
        let mut gathered: Vec<Vec<Part>> = finishes.iter().map(|_| Vec::new()).collect();
        for parts in self.by_part(hands, visit, take)? {
            for (all, part) in gathered.iter_mut().zip(parts) {
                all.push(part);
            }
        }
        drop(starts);
        let both: Vec<_> = finishes.into_iter().zip(gathered).collect();
        both.into_par_iter()
            .map(|(finish, parts)| finish(parts))
            .collect()
    }
}
