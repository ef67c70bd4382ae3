//! Which contents learners use, and which contents and courses go together.

use std::str::FromStr;

use super::bounding::{Cell, Lots, count, pair_of_cell};
use super::counts::{courses_of, needs_enrollments};
use super::{Private, Question, Research};
use crate::data::Inner;
use crate::data::ids::NONE;
use crate::{Error, Result};

/// What is paired.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pairs {
    /// Contents that a learner used.
    Content,
    /// Courses that a learner is enrolled in.
    Course,
}

impl FromStr for Pairs {
    type Err = Error;

    /// # Errors
    /// [`Error::Parameter`] for anything but `content` and `course`.
    fn from_str(name: &str) -> Result<Self> {
        match name {
            "content" => Ok(Self::Content),
            "course" => Ok(Self::Course),
            _ => {
                let expected = "one of \"content\", \"course\"";
                Err(Error::parameter("of", expected, format!("\"{name}\"")))
            }
        }
    }
}

pub(super) fn popularity(research: &Research, contributions: u32) -> Result<Private> {
    research.ask(&popular(research), contributions)
}

pub(super) fn co_occurrence(research: &Research, of: Pairs, contributions: u32) -> Result<Private> {
    research.ask(&together(research, of)?, contributions)
}

pub(super) fn popular(research: &Research) -> Question<'_> {
    let data = &research.data.inner;
    let items = &data.items;
    let known = items.known.then(|| {
        let all = (0..).zip(&items.entry).filter(|(_, entry)| entry.is_some());
        all.map(|(item, _)| item).collect::<Vec<Cell>>()
    });
    Question {
        name: "popularity",
        known,
        tally: Box::new(move |lots| {
            // A content outside the catalog has no row, so it takes no place from one that has.
            let shown = |item: &u32| !items.known || items.get(*item).is_some();
            let kept = kept_of_each(research, |id, own| {
                let own = own.iter().filter(|item| shown(item));
                lots.cells(id, &own.map(|item| Cell::from(*item)).collect::<Vec<_>>())
            })?;
            Ok(count(kept, lots.bound()))
        }),
        keys: Box::new(move |cells| {
            let all: Vec<u32> = cells.iter().map(|cell| pair_of_cell(*cell).1).collect();
            keys_of_items(data, &all, ["course", "content"])
        }),
    }
}

pub(super) fn together(research: &Research, of: Pairs) -> Result<Question<'_>> {
    let data = &research.data.inner;
    if of == Pairs::Course {
        needs_enrollments(data, "co-occurrence of courses")?;
    }
    Ok(Question {
        name: match of {
            Pairs::Content => "co-occurrence of contents",
            Pairs::Course => "co-occurrence of courses",
        },
        known: None,
        tally: Box::new(move |lots| {
            let kept = match of {
                Pairs::Content => kept_of_each(research, |id, own| lots.pairs(id, own))?,
                Pairs::Course => pairs_of_courses(research, lots),
            };
            Ok(count(kept, lots.bound()))
        }),
        keys: Box::new(move |cells| {
            let pairs = cells.iter().map(|cell| pair_of_cell(*cell));
            let (one, other): (Vec<u32>, Vec<u32>) = pairs.unzip();
            match of {
                Pairs::Content => {
                    let mut keys = keys_of_items(data, &one, ["course", "content"]);
                    let names = ["other_course", "other_content"];
                    keys.extend(keys_of_items(data, &other, names));
                    keys
                }
                Pairs::Course => vec![
                    data.course_column(&one),
                    data.courses.column("other_course", &other),
                ],
            }
        }),
    })
}

/// What learners who count keep of the contents they used.
fn kept_of_each(
    research: &Research,
    keep: impl Fn(&crate::data::Id, &[u32]) -> Vec<Cell> + Send + Sync,
) -> Result<Vec<Cell>> {
    research.personal()?.of_contents(|learner, own, out| {
        if let Some(id) = research.who(learner) {
            out.extend(keep(&id, own));
        }
    })
}

fn pairs_of_courses(research: &Research, lots: &Lots) -> Vec<Cell> {
    let mut kept = Vec::new();
    for (learner, own) in courses_of(research, None) {
        if let Some(id) = research.who(learner) {
            let own: Vec<u32> = own.into_iter().map(|(course, _)| course).collect();
            kept.extend(lots.pairs(&id, &own));
        }
    }
    kept
}

fn keys_of_items(data: &Inner, items: &[u32], names: [&str; 2]) -> Vec<polars::prelude::Column> {
    let [course, content] = names;
    let of = |item: &u32| data.items.course.get(*item as usize).copied();
    let courses: Vec<u32> = items.iter().map(|item| of(item).unwrap_or(NONE)).collect();
    vec![
        data.courses.column(course, &courses),
        data.content_column(content, items),
    ]
}
