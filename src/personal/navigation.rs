//! Which content follows which in a learner's sessions (METRICS: navigation).
//!
//! A trace is what a learner did in one course within one counted session: her engagement events
//! there, in order. Each two neighbours of a trace are a directly-follows pair (van der Aalst 2016).

#![expect(
    clippy::indexing_slicing,
    reason = "items index arrays made for all of them, sessions lie within the run"
)]

use std::sync::Arc;

use polars::prelude::*;

use super::PersonalAnalytics;
use super::frames::{Rows, counts, frame, modules, phrases};
use super::measure::Measure;
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

    fn column(self, data: &Inner, name: &str, places: &[u32]) -> Result<Column> {
        Ok(match self {
            Self::Content => data.contents.column(name, places),
            Self::Kind => {
                let word = |place: &u32| Kind::ALL.get(*place as usize).map(|kind| kind.word());
                phrases(name, places.iter().map(word))?
            }
            Self::Module => modules(data, name, places),
        })
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

/// Steps between items as single numbers, in the order of course, source and target: the begin of
/// a trace before all sources of its course, its end before all targets.
#[derive(Debug)]
pub(super) struct Codes {
    /// The rank of each item's course, none first, and the item's code; [`NONE`] without a content.
    items: Vec<(u32, u32)>,
    /// The code of the begin of a trace in each course, none first.
    begins: Vec<u32>,
    /// The course and the item behind each code; no item behind a begin.
    behind: Vec<(u32, u32)>,
}

/// Where the traces of a session stand: by rank of the course, the session and the last code.
#[derive(Debug, Default)]
pub(super) struct Traces {
    last: Vec<(u64, u32)>,
    session: u64,
}

impl Codes {
    pub(super) fn new(data: &Inner) -> Self {
        let items = &data.items;
        let mut begins = vec![0; data.courses.len() + 1];
        let mut behind = Vec::with_capacity(items.len() + begins.len());
        let mut codes = Vec::with_capacity(items.len());
        let mut all = (0_u32..).zip(&items.course).zip(&items.content).peekable();
        for (rank, begin) in (0_u32..).zip(&mut begins) {
            // No course comes first: NONE wraps to 0.
            let course = rank.wrapping_sub(1);
            *begin = u32::try_from(behind.len()).unwrap_or(NONE);
            behind.push((course, NONE));
            while let Some(((item, _), content)) = all.next_if(|((_, own), _)| **own == course) {
                let code = u32::try_from(behind.len()).unwrap_or(NONE);
                codes.push((rank, if *content == NONE { NONE } else { code }));
                behind.push((course, item));
            }
        }
        Self {
            items: codes,
            begins,
            behind,
        }
    }

    /// Fills in a learner's steps from a content to a content, in order.
    ///
    /// Which course an event is of, no processor guesses: what is no step is written too, and
    /// then written over.
    pub(super) fn moves(&self, learner: &Learner<'_>, traces: &mut Traces, all: &mut Vec<u64>) {
        let Traces { last, session } = traces;
        last.resize(self.begins.len(), (0, 0));
        all.clear();
        all.resize(learner.run.item.len(), 0);
        let mut found = 0;
        for own in &learner.credits.sessions {
            *session += 1;
            for event in own.from..own.to {
                let (rank, code) = self.items[learner.run.item[event] as usize];
                if code == NONE || !learner.verb(event).is_engagement() {
                    continue;
                }
                let (of, source) = std::mem::replace(&mut last[rank as usize], (*session, code));
                all[found] = u64::from(source) << 32 | u64::from(code);
                found += usize::from(of == *session);
            }
        }
        all.truncate(found);
        all.sort_unstable();
    }

    /// Fills in where a learner's traces begin and end, in order.
    fn ends(&self, learner: &Learner<'_>, open: &mut Vec<(u32, u32)>, all: &mut Vec<u64>) {
        all.clear();
        for own in &learner.credits.sessions {
            open.clear();
            for event in own.from..own.to {
                let (rank, code) = self.items[learner.run.item[event] as usize];
                if code == NONE || !learner.verb(event).is_engagement() {
                    continue;
                }
                if let Some((_, last)) = open.iter_mut().find(|(own, _)| *own == rank) {
                    *last = code;
                } else {
                    open.push((rank, code));
                    all.push(u64::from(self.begins[rank as usize]) << 32 | u64::from(code));
                }
            }
            all.extend(open.iter().map(|(_, last)| u64::from(*last) << 32));
        }
        all.sort_unstable();
    }

    /// A number that no step of a course or one before it reaches, and all later ones do.
    pub(super) fn past(&self, course: u32) -> u64 {
        let next = self.begins.get(course.wrapping_add(1) as usize + 1);
        next.map_or(u64::MAX, |begin| u64::from(*begin) << 32)
    }

    /// The course, the source and the target of a step.
    #[expect(
        clippy::cast_possible_truncation,
        reason = "the two halves of a number"
    )]
    pub(super) fn step(&self, code: u64) -> (u32, u32, u32) {
        let (course, source) = self.behind[(code >> 32) as usize];
        // The code 0 is a begin, that no step goes to: it stands for an end.
        let (_, target) = self.behind[code as u32 as usize];
        (course, source, target)
    }
}

/// The measure: the directly-follows edges of a learner.
struct Edges<'a> {
    walk: &'a Walk<'a>,
    codes: Arc<Codes>,
    self_loops: bool,
    open: Vec<(u32, u32)>,
    ends: Vec<u64>,
}

impl Edges<'_> {
    fn visit(&mut self, learner: &Learner<'_>, out: &mut Vec<Edge>) {
        let Self {
            codes, open, ends, ..
        } = self;
        codes.ends(learner, open, ends);
        let contents = &self.walk.data.items.content;
        let content = |item: u32| contents.get(item as usize).copied().unwrap_or(NONE);
        let mut edges = |same: &[u64]| {
            let (course, source, target) = codes.step(same[0]);
            if self.self_loops || source != target {
                out.push(Edge {
                    learner: learner.id,
                    course,
                    source: content(source),
                    target: content(target),
                    count: u32::try_from(same.len()).unwrap_or(u32::MAX),
                });
            }
        };
        // No step is in both lists.
        let mut ends = ends.chunk_by(PartialEq::eq).peekable();
        for same in learner.moves(codes).chunk_by(PartialEq::eq) {
            while let Some(earlier) = ends.next_if(|end| end[0] < same[0]) {
                edges(earlier);
            }
            edges(same);
        }
        ends.for_each(edges);
    }
}

/// The same between kinds or modules.
struct Groups<'a> {
    courses: &'a [u32],
    places: Arc<Vec<u32>>,
    self_loops: bool,
    open: Vec<(u32, u32)>,
    found: Vec<(u32, u32, u32)>,
}

impl Groups<'_> {
    fn visit(&mut self, learner: &Learner<'_>, out: &mut Vec<Edge>) {
        let Self { open, found, .. } = self;
        found.clear();
        let self_loops = self.self_loops;
        steps(learner, self.courses, &self.places, open, |step| {
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

/// `learner, course, source, target, count`; empty for a log of days.
pub(super) fn table<'a>(walk: &'a Walk<'a>, by: Place, self_loops: bool) -> Measure<'a> {
    let data = walk.data;
    let table = move |rows: &Rows<Edge>| {
        let learners = rows.all(|r| r.learner);
        let courses = rows.all(|r| r.course);
        let sources = rows.all(|r| r.source);
        let targets = rows.all(|r| r.target);
        let numbers = rows.all(|r| r.count);
        frame(
            rows.len(),
            vec![
                data.learner_column(&learners),
                data.course_column(&courses),
                by.column(data, "source", &sources)?,
                by.column(data, "target", &targets)?,
                counts("count", numbers),
            ],
        )
    };
    if by == Place::Content {
        let codes = Arc::new(Codes::new(data));
        let start = move || Edges {
            walk,
            codes: Arc::clone(&codes),
            self_loops,
            open: Vec::new(),
            ends: Vec::new(),
        };
        return Measure::new(start, Edges::visit, table);
    }
    let places = Arc::new(by.of_items(data));
    let start = move || Groups {
        courses: &data.items.course,
        places: Arc::clone(&places),
        self_loops,
        open: Vec::new(),
        found: Vec::new(),
    };
    Measure::new(start, Groups::visit, table)
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
        walk.table(table(&walk, by, self_loops))
    }
}
