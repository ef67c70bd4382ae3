//! Grids that a host registers, and for which components they count.
//!
//! A grid that is chosen by the values it will show could be laid around one of them. So it
//! counts only for a component that had not begun when it was registered; where it is not known
//! when a component began, for one of which nothing had been released.

use std::collections::BTreeMap;

use polars::prelude::*;

use super::Ledger;
use super::book::Book;
use super::entry::{Entry, now};
use super::names::Place;
use crate::Result;
use crate::data::Id;
use crate::group::grid::{Grid, Grids};
use crate::group::metric::Metric;

/// A grid on record.
#[derive(Debug, Clone)]
pub(super) struct Registered {
    grid: Grid,
    /// The course whose terms it is for; `None`: those of every course.
    course: Option<String>,
    /// When it was registered.
    at: i64,
}

/// All of them, in order.
#[derive(Debug, Default)]
pub(super) struct Registry {
    all: Vec<Registered>,
    /// How many there were when something was first released of a component.
    released: BTreeMap<Option<u32>, usize>,
    /// The latest time that an entry tells.
    latest: Option<i64>,
}

impl Registry {
    /// Takes note of when an entry was written.
    pub(super) fn written(&mut self, time: i64) {
        self.latest = self.latest.max(Some(time));
    }

    /// Takes note of a release.
    pub(super) fn released(&mut self, component: Option<u32>) {
        self.released.entry(component).or_insert(self.all.len());
    }

    /// Takes in a grid as an entry tells of it; `false` if it is none.
    pub(super) fn take(&mut self, entry: &Entry) -> bool {
        let Entry::Grid {
            metric,
            edges,
            course,
            at,
        } = entry
        else {
            return false;
        };
        let edges = edges.iter().map(|edge| edge.parse().ok());
        let (Ok(metric), Some(edges)) = (metric.parse(), edges.collect::<Option<Vec<f64>>>())
        else {
            return false;
        };
        let Ok(grid) = Grid::new(metric, edges) else {
            return false;
        };
        let course = course.clone();
        let at = *at;
        self.written(at);
        self.all.push(Registered { grid, course, at });
        true
    }

    /// The newest for each metric that counts; one for the course goes before one for all.
    fn newest(&self, fits: impl Fn(usize, &Registered) -> bool) -> Vec<&Registered> {
        let fitting = || {
            let all = self.all.iter().enumerate().rev();
            all.filter(|(at, own)| fits(*at, own)).map(|(_, own)| own)
        };
        let of = |metric: Metric| {
            let mut own = fitting().filter(|own| own.grid.metric() == metric);
            let any = own.clone().next();
            own.find(|own| own.course.is_some()).or(any)
        };
        Metric::ALL.into_iter().filter_map(of).collect()
    }
}

impl Book {
    /// Registers a grid at a moment of the clock.
    pub(in crate::group) fn register(&mut self, grid: &Grid, course: Option<&Id>, clock: i64) {
        self.write(&Entry::Grid {
            metric: grid.metric().name().to_string(),
            edges: grid.edges().iter().map(f64::to_string).collect(),
            // A course has one type of id under a ledger, so its text tells which it is.
            course: course.map(Id::to_string),
            // A clock that was put back opens no term again.
            at: self
                .registry
                .latest
                .map_or(clock, |latest| clock.max(latest)),
        });
    }

    /// The grids for a component: a function of the chain and of nothing else.
    pub(in crate::group) fn grids(&self, component: Option<u32>) -> Grids {
        let newest = self.counting(component).into_iter();
        Grids::new(newest.map(|own| own.grid.clone()).collect())
    }

    fn counting(&self, component: Option<u32>) -> Vec<&Registered> {
        let place = component.and_then(|number| self.names.at(number));
        let starts = place.and_then(|place| place.starts);
        let related = |other: Option<u32>| {
            let part = self.within(other, component);
            // What began at an unknown time may be part of what was released over more.
            part || (starts.is_none() && self.within(component, other))
        };
        let releases = self.registry.released.iter();
        let before = releases
            .filter(|(other, _)| related(**other))
            .map(|(_, before)| *before)
            .min();
        self.registry.newest(|at, own| {
            let unreleased = before.is_none_or(|before| at < before);
            let unbegun = starts.is_none_or(|starts| own.at < starts);
            let named = place.map(|place| place.course.to_string());
            let here = own.course.is_none() || own.course == named;
            unreleased && unbegun && here
        })
    }

    /// What stands for each component, and for those that come later.
    fn in_use(&self) -> Vec<(String, Vec<&Registered>)> {
        let label = |place: &Place| match &place.term {
            Some(term) => format!("{}, {term}", place.course),
            None => place.course.to_string(),
        };
        let places = (0..).zip(self.names.places());
        let mut all: Vec<_> = places
            .map(|(number, place)| (label(place), self.counting(Some(number))))
            .collect();
        all.push((
            "(later)".to_string(),
            self.registry.newest(|_, own| own.course.is_none()),
        ));
        let mut courses: Vec<&String> = self
            .registry
            .all
            .iter()
            .filter_map(|own| own.course.as_ref())
            .collect();
        courses.sort_unstable();
        courses.dedup();
        for course in courses {
            let fits = |_, own: &Registered| own.course.as_ref().is_none_or(|own| own == course);
            all.push((format!("{course} (later)"), self.registry.newest(fits)));
        }
        all
    }
}

impl Ledger {
    /// Registers a grid, for all courses or for one, in place of the built-in one of its metric.
    ///
    /// It counts for terms (or courses) that begin later, by the `starts` of the courses table;
    /// where that is not known, for those of which nothing was released so far. What has begun
    /// keeps its grid to the end: nobody chooses a grid by the values. Of several the newest
    /// counts, one for the course before one for all; all stay on record.
    ///
    /// # Errors
    /// [`crate::Error::Ledger`] if the ledger cannot be written or trusted.
    ///
    /// ```
    /// use kohort::group::{Grid, Ledger, Metric};
    /// let ledger = Ledger::in_memory();
    /// let days = Grid::new(Metric::ActiveDays, [0.0, 5.0, 10.0, 20.0, 40.0])?;
    /// ledger.register_grid(&days, None)?;
    /// assert!(ledger.head()?.starts_with("1:"));
    /// # Ok::<(), kohort::Error>(())
    /// ```
    pub fn register_grid(&self, grid: &Grid, course: Option<&Id>) -> Result<()> {
        self.register_grid_at(grid, course, now())
    }

    /// The same at a moment of another clock.
    pub(in crate::group) fn register_grid_at(
        &self,
        grid: &Grid,
        course: Option<&Id>,
        clock: i64,
    ) -> Result<()> {
        self.transact(None, |book| {
            book.register(grid, course, clock);
            Ok(())
        })
    }

    /// The grids in use: `component, metric, unit, upper, registered`, one row per edge.
    ///
    /// `component` is as in [`Self::entries`], `(later)` stands for courses and terms that begin
    /// from now on; `registered` is null for a built-in grid.
    ///
    /// # Errors
    /// [`crate::Error::Ledger`] if the ledger cannot be read or trusted.
    pub fn grids(&self) -> Result<DataFrame> {
        let rows = self.transact(None, |book| {
            let of = |(label, registered): (String, Vec<&Registered>)| {
                let grids = Grids::new(registered.iter().map(|own| own.grid.clone()).collect());
                let each = Metric::ALL.map(|metric| {
                    let own = registered.iter().find(|own| own.grid.metric() == metric);
                    (metric, grids.full(metric).to_vec(), own.map(|own| own.at))
                });
                (label, each)
            };
            Ok(book.in_use().into_iter().map(of).collect::<Vec<_>>())
        })?;
        let (mut component, mut metric, mut unit) = (Vec::new(), Vec::new(), Vec::new());
        let (mut upper, mut since) = (Vec::new(), Vec::new());
        for (label, each) in &rows {
            for (own, edges, at) in each {
                for edge in edges {
                    component.push(label.as_str());
                    metric.push(own.name());
                    unit.push(own.unit());
                    upper.push(*edge);
                    since.push(*at);
                }
            }
        }
        let utc = DataType::Datetime(TimeUnit::Microseconds, Some(TimeZone::UTC));
        Ok(DataFrame::new_infer_height(vec![
            Column::new("component".into(), component),
            Column::new("metric".into(), metric),
            Column::new("unit".into(), unit),
            Column::new("upper".into(), upper),
            Column::new("registered".into(), since).cast(&utc)?,
        ])?)
    }
}
