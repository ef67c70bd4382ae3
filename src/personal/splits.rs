//! Study time split by course, content, calendar and so on. Every split adds up to the total:
//! time that crosses a boundary is divided there, to the microsecond.

#![expect(
    clippy::indexing_slicing,
    reason = "keys have one place per split, items index arrays made for all of them"
)]

use polars::prelude::*;

use super::frames::{days, frame, modules, nothing, phrases, spans, texts};
use super::summary::DAY_RESOLUTION;
use super::walk::{Learner, Walk};
use crate::data::Inner;
use crate::data::calendar::{Clock, course_week, monday, month_start, weekday};
use crate::data::ids::NONE;
use crate::data::schema::Kind;
use crate::error::{Error, Result};

/// What study time can be split by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Split {
    /// Course.
    Course,
    /// Module of the catalog.
    Module,
    /// Content.
    Content,
    /// Kind of content.
    Kind,
    /// Topic; time on a content with several is divided equally.
    Topic,
    /// Local day.
    Day,
    /// Week: the Monday of the ISO week, or the number of the course's week.
    Week,
    /// The first day of the local month.
    Month,
    /// 1 (Monday) to 7.
    Weekday,
    /// Local hour of day, 0 to 23.
    Hour,
}

impl Split {
    /// The split a word stands for.
    ///
    /// # Errors
    /// [`Error::Parameter`] with the words there are.
    pub fn parse(word: &str) -> Result<Self> {
        Ok(match word {
            "course" => Self::Course,
            "module" => Self::Module,
            "content" => Self::Content,
            "kind" => Self::Kind,
            "topic" => Self::Topic,
            "day" => Self::Day,
            "week" => Self::Week,
            "month" => Self::Month,
            "weekday" => Self::Weekday,
            "hour" => Self::Hour,
            _ => {
                return Err(Error::parameter(
                    "by",
                    "any of `course`, `module`, `content`, `kind`, `topic`, `day`, `week`, `month`, \
                     `weekday`, `hour`",
                    format!("{word:?}"),
                ));
            }
        })
    }

    fn name(self) -> &'static str {
        match self {
            Self::Course => "course",
            Self::Module => "module",
            Self::Content => "content",
            Self::Kind => "kind",
            Self::Topic => "topic",
            Self::Day => "day",
            Self::Week => "week",
            Self::Month => "month",
            Self::Weekday => "weekday",
            Self::Hour => "hour",
        }
    }

    fn is_daily(self) -> bool {
        matches!(self, Self::Day | Self::Week | Self::Month | Self::Weekday)
    }
}

/// How weeks are told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Week {
    /// ISO weeks, named by their Monday.
    #[default]
    Iso,
    /// Weeks of seven local days from the one the course begins on, counted from 1; null where it
    /// has no start.
    Course,
}

/// Null in a key; sorts first.
const NULL: i64 = i64::MIN;
type Key = [i64; 10];

struct Row {
    learner: u32,
    key: Key,
    length: i64,
}

/// A learner's study time by the splits in the order asked, sorted by them.
pub(crate) fn table(walk: &Walk<'_>, by: &[Split], week: Week) -> Result<DataFrame> {
    for (at, split) in by.iter().enumerate() {
        if by[..at].contains(split) {
            return Err(Error::parameter(
                "by",
                "each split once",
                format!("{:?} twice", split.name()),
            ));
        }
    }
    let rows = if walk.has_minutes() {
        walk.each(Vec::new, |pieces, learner, out| {
            visit(walk, by, week, pieces, learner, out);
        })?
    } else {
        Vec::new()
    };
    let data = walk.data;
    let dense: Vec<u32> = rows.iter().map(|r| r.learner).collect();
    let mut columns = vec![data.learner_column(&dense)];
    for (at, split) in by.iter().enumerate() {
        let values: Vec<i64> = rows.iter().map(|r| r.key[at]).collect();
        columns.push(column(data, *split, week, &values)?);
    }
    columns.push(spans("study_time", rows.iter().map(|r| Some(r.length))));
    columns.push(nothing("reason", &DataType::String, rows.len()));
    frame(rows.len(), columns)
}

/// The same table for a log without minutes, or without splits: one row per given learner
/// (and course).
pub(crate) fn totals(
    data: &Inner,
    rows: &[(u32, Option<u32>, i64)],
    by_course: bool,
    has_minutes: bool,
) -> Result<DataFrame> {
    let dense: Vec<u32> = rows.iter().map(|r| r.0).collect();
    let mut columns = vec![data.learner_column(&dense)];
    if by_course {
        let courses: Vec<u32> = rows.iter().map(|r| r.1.unwrap_or(NONE)).collect();
        columns.push(data.course_column(&courses));
    }
    columns.push(spans(
        "study_time",
        rows.iter().map(|r| has_minutes.then_some(r.2)),
    ));
    let reason = (!has_minutes).then_some(DAY_RESOLUTION);
    columns.push(phrases("reason", rows.iter().map(|_| reason))?);
    frame(rows.len(), columns)
}

fn visit(
    walk: &Walk<'_>,
    by: &[Split],
    week: Week,
    pieces: &mut Vec<(Key, i64)>,
    learner: &Learner<'_>,
    out: &mut Vec<Row>,
) {
    pieces.clear();
    let data = walk.data;
    let zone = data.zone_of(learner.id);
    let mut clock = Clock::new(zone, data.day_start);
    let by_course_week = by.contains(&Split::Week) && week == Week::Course;
    let by_day = by.iter().any(|split| split.is_daily());
    let by_hour = by.contains(&Split::Hour);
    let topic = by.iter().position(|split| *split == Split::Topic);
    for (event, length) in learner.credits.length.iter().enumerate() {
        let mut from = learner.credits.start(&learner.run, event);
        let end = from + length;
        let item = learner.run.item[learner.credits.owner(event)];
        let first = Some(data.items.course[item as usize])
            .filter(|_| by_course_week)
            .and_then(|course| data.starts(course))
            .map(|starts| zone.local_day(starts, data.day_start));
        while from < end {
            let mut until = end;
            let (mut day, mut hour) = (0, 0);
            if by_day {
                let (own, ends) = clock.day(from);
                day = own;
                until = until.min(ends);
            }
            if by_hour {
                let (own, ends) = clock.hour(from);
                hour = own;
                until = until.min(ends);
            }
            let mut key: Key = [0; 10];
            for (place, split) in by.iter().enumerate() {
                key[place] = match split {
                    Split::Day => i64::from(day),
                    Split::Week if by_course_week => {
                        first.map_or(NULL, |first| i64::from(course_week(day, first)))
                    }
                    Split::Week => i64::from(monday(day)),
                    Split::Month => i64::from(month_start(day)),
                    Split::Weekday => i64::from(weekday(day) + 1),
                    Split::Hour => i64::from(hour),
                    other => label(data, *other, item),
                };
            }
            divide(data, item, topic, key, until - from, pieces);
            from = until;
        }
    }
    pieces.sort_unstable();
    for group in pieces.chunk_by(|a, b| a.0 == b.0) {
        out.push(Row {
            learner: learner.id,
            key: group[0].0,
            length: group.iter().map(|(_, length)| length).sum(),
        });
    }
}

/// Adds a piece, divided equally among the topics of its content.
fn divide(
    data: &Inner,
    item: u32,
    topic: Option<usize>,
    mut key: Key,
    length: i64,
    pieces: &mut Vec<(Key, i64)>,
) {
    let topics = data
        .items
        .get(item)
        .map_or(&[] as &[u32], |entry| &entry.topics);
    let Some(place) = topic.filter(|_| !topics.is_empty()) else {
        add(key, length, pieces);
        return;
    };
    let shares = i64::try_from(topics.len()).unwrap_or(1);
    for (number, own) in (0_i64..).zip(topics) {
        key[place] = i64::from(*own);
        let share = length / shares + i64::from(number < length % shares);
        if share > 0 {
            add(key, share, pieces);
        }
    }
}

/// Most pieces have the key of the one before: the same day, the same course.
fn add(key: Key, length: i64, pieces: &mut Vec<(Key, i64)>) {
    match pieces.last_mut() {
        Some((last, sum)) if *last == key => *sum += length,
        _ => pieces.push((key, length)),
    }
}

/// The key of an item in a split that does not depend on time.
fn label(data: &Inner, split: Split, item: u32) -> i64 {
    let dense = match split {
        Split::Course => data.items.course[item as usize],
        Split::Content => data.items.content[item as usize],
        Split::Module => data.items.get(item).map_or(NONE, |entry| entry.module),
        Split::Kind => return data.items.kind(item).map_or(NULL, alphabetical),
        // Topics are filled in where the time is divided.
        _ => NONE,
    };
    if dense == NONE {
        NULL
    } else {
        i64::from(dense)
    }
}

/// Kinds sort by their word.
fn alphabetical(kind: Kind) -> i64 {
    let before = Kind::ALL.iter().filter(|other| other.word() < kind.word());
    i64::try_from(before.count()).unwrap_or(NULL)
}

fn column(data: &Inner, split: Split, week: Week, values: &[i64]) -> Result<Column> {
    let dense = || -> Vec<u32> {
        values
            .iter()
            .map(|v| u32::try_from(*v).unwrap_or(NONE))
            .collect()
    };
    let small = || values.iter().map(|v| i32::try_from(*v).ok());
    Ok(match split {
        Split::Course => data.course_column(&dense()),
        Split::Module => modules(data, "module", &dense()),
        Split::Content => data.contents.column("content", &dense()),
        Split::Kind => {
            let word = |v: &i64| {
                Kind::ALL
                    .iter()
                    .find(|kind| alphabetical(**kind) == *v)
                    .map(|k| k.word())
            };
            phrases("kind", values.iter().map(word))?
        }
        Split::Topic => {
            let word = |v: &i64| {
                usize::try_from(*v)
                    .ok()
                    .and_then(|at| data.items.topics.get(at))
            };
            texts("topic", values.iter().map(|v| word(v).map(String::as_str)))
        }
        Split::Week if week == Week::Course => {
            Int32Chunked::from_iter_options("week".into(), small()).into_column()
        }
        Split::Day | Split::Week | Split::Month => days(split.name(), small()),
        Split::Weekday | Split::Hour => {
            let values = values.iter().map(|v| i8::try_from(*v).ok());
            Int8Chunked::from_iter_options(split.name().into(), values).into_column()
        }
    })
}
