//! Which content follows which in a learner's sessions (METRICS: navigation).
//!
//! A trace is what a learner did in one course within one counted session: her engagement events
//! there, in order. Each two neighbours of a trace are a directly-follows pair (van der Aalst 2016).

#![expect(
    clippy::indexing_slicing,
    reason = "items index arrays made for all of them, sessions lie within the run"
)]

use polars::prelude::*;

use super::PersonalAnalytics;
use super::frames::{frame, modules, texts, wholes};
use super::walk::{Learner, Walk};
use crate::data::Inner;
use crate::data::ids::NONE;
use crate::data::schema::Kind;
use crate::error::{Error, Result};

/// What the steps of a navigation are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// Contents.
    Content,
    /// Kinds of content.
    Kind,
    /// Modules.
    Module,
}

impl Place {
    /// The place a word stands for.
    ///
    /// # Errors
    /// [`Error::Parameter`] with the words there are.
    pub fn parse(word: &str) -> Result<Self> {
        match word {
            "content" => Ok(Self::Content),
            "kind" => Ok(Self::Kind),
            "module" => Ok(Self::Module),
            _ => Err(Error::parameter(
                "by",
                "one of `content`, `kind`, `module`",
                format!("{word:?}"),
            )),
        }
    }

    /// The place of each item, as a number; [`NONE`] where it has none.
    pub(super) fn of_items(self, data: &Inner) -> Vec<u32> {
        let items = &data.items;
        let place = |item: usize| {
            let entry = items.entry[item].as_ref();
            match self {
                Self::Content => items.content[item],
                Self::Kind => entry.and_then(|e| e.kind).map_or(NONE, |k| k as u32),
                Self::Module => entry.map_or(NONE, |e| e.module),
            }
        };
        (0..items.len()).map(place).collect()
    }

    fn column(self, data: &Inner, name: &str, places: &[u32]) -> Column {
        match self {
            Self::Content => data.contents.column(name, places),
            Self::Kind => {
                let word = |place: &u32| Kind::ALL.get(*place as usize).map(|kind| kind.word());
                texts(name, places.iter().map(word))
            }
            Self::Module => modules(data, name, places),
        }
    }
}

/// One step of a trace.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Step {
    pub(super) course: u32,
    /// [`NONE`] as a trace begins.
    pub(super) source: u32,
    /// [`NONE`] as it ends.
    pub(super) target: u32,
    /// The event that was gone to; meaningless at the end.
    pub(super) event: usize,
}

/// Calls `step` for each step of a learner's traces, with their begin and end.
pub(super) fn steps(
    learner: &Learner<'_>,
    courses: &[u32],
    places: &[u32],
    open: &mut Vec<(u32, u32)>,
    mut step: impl FnMut(Step),
) {
    for session in &learner.credits.sessions {
        open.clear();
        for event in session.from..session.to {
            let item = learner.run.item[event] as usize;
            let (course, target) = (courses[item], places[item]);
            if target == NONE || !learner.verb(event).is_engagement() {
                continue;
            }
            let known = open.iter_mut().find(|(own, _)| *own == course);
            let source = if let Some((_, last)) = known {
                std::mem::replace(last, target)
            } else {
                open.push((course, target));
                NONE
            };
            step(Step {
                course,
                source,
                target,
                event,
            });
        }
        for (course, source) in open.iter() {
            step(Step {
                course: *course,
                source: *source,
                target: NONE,
                event: session.to,
            });
        }
    }
}

/// How often a learner went from one place to another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Edge {
    learner: u32,
    course: u32,
    source: u32,
    target: u32,
    count: u32,
}

/// The measure: the directly-follows edges of a learner.
struct Edges<'a> {
    courses: &'a [u32],
    places: &'a [u32],
    self_loops: bool,
    open: Vec<(u32, u32)>,
    found: Vec<(u32, u32, u32)>,
}

impl Edges<'_> {
    fn visit(&mut self, learner: &Learner<'_>, out: &mut Vec<Edge>) {
        let Self { open, found, .. } = self;
        found.clear();
        let self_loops = self.self_loops;
        steps(learner, self.courses, self.places, open, |step| {
            if self_loops || step.source != step.target {
                // None comes first: NONE wraps to 0.
                let key = |dense: u32| dense.wrapping_add(1);
                found.push((key(step.course), key(step.source), key(step.target)));
            }
        });
        found.sort_unstable();
        out.extend(found.chunk_by(PartialEq::eq).map(|same| {
            let (course, source, target) = same[0];
            Edge {
                learner: learner.id,
                course: course.wrapping_sub(1),
                source: source.wrapping_sub(1),
                target: target.wrapping_sub(1),
                count: u32::try_from(same.len()).unwrap_or(u32::MAX),
            }
        }));
    }
}

fn edges(walk: &Walk<'_>, by: Place, self_loops: bool) -> Result<Vec<Edge>> {
    if !walk.has_minutes() {
        return Ok(Vec::new());
    }
    let places = by.of_items(walk.data);
    let start = || Edges {
        courses: &walk.data.items.course,
        places: &places,
        self_loops,
        open: Vec::new(),
        found: Vec::new(),
    };
    walk.each(start, Edges::visit)
}

impl PersonalAnalytics {
    /// The directly-follows edges of each learner's sessions: `learner, course, source, target,
    /// count`. A null `source` is the begin of a session in the course, a null `target` its end.
    /// Contents without a kind (module) are passed over. Empty for a log of days.
    ///
    /// # Errors
    /// [`Error::Cancelled`] if the job is stopped.
    pub fn navigation(&self, by: Place, self_loops: bool) -> Result<DataFrame> {
        let walk = self.walk();
        let rows = edges(&walk, by, self_loops)?;
        let column = |f: fn(&Edge) -> u32| -> Vec<u32> { rows.iter().map(f).collect() };
        frame(
            rows.len(),
            vec![
                walk.data.learner_column(&column(|r| r.learner)),
                walk.data.course_column(&column(|r| r.course)),
                by.column(walk.data, "source", &column(|r| r.source)),
                by.column(walk.data, "target", &column(|r| r.target)),
                wholes("count", rows.iter().map(|r| Some(r.count))),
            ],
        )
    }
}
