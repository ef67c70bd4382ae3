//! How soon, how early and how spread out a learner works on contents (METRICS: delay and
//! spacing).

#![expect(
    clippy::indexing_slicing,
    reason = "items index arrays made for all of them, places those of the learner's rows"
)]

use polars::prelude::*;

use super::frames::{Rows, SPAN, counts, frame, instants, nothing, numbers, spans};
use super::lags::Lags;
use super::measure::Measure;
use super::walk::{Learner, Walk};
use crate::data::calendar::Clock;
use crate::data::catalog::Entry;
use crate::data::ids::NONE;
use crate::data::lanes::NO_TIME;
use crate::data::schema::Verb;
use crate::error::Result;
use crate::stats::{median, median_floor};

/// One content of a learner.
#[derive(Debug, Clone, Copy)]
struct Row {
    learner: u32,
    item: u32,
    events: u32,
    first: i64,
    /// The first submission, or [`NO_TIME`].
    submitted: i64,
    active_days: u32,
    accesses: u32,
    /// From the end of each access to the beginning of the next.
    lag_median: Option<i64>,
    /// Study time between release and deadline, and in the last tenth of that; `None` before the
    /// deadline, or without one.
    window: Option<(i64, i64)>,
}

/// One course of a learner, summed up over its contents.
#[derive(Debug, Clone, Copy)]
struct Summed {
    learner: u32,
    course: u32,
    contents: u32,
    delay_median: Option<i64>,
    delays: u32,
    earliness_median: Option<f64>,
    submissions: u32,
    window: Option<(i64, i64)>,
    lag_median: Option<i64>,
    lags: u32,
}

/// When a content was released and due.
#[derive(Debug, Clone, Copy)]
struct Dates {
    released: Option<i64>,
    due: Option<i64>,
}

impl Dates {
    fn of(entry: Option<&Entry>) -> Self {
        Self {
            released: entry.and_then(|entry| entry.available_from),
            due: entry.and_then(|entry| entry.due),
        }
    }

    /// From release to deadline, where there is time between them.
    fn window(self) -> Option<(i64, i64)> {
        self.released.zip(self.due).filter(|(from, to)| from < to)
    }
}

impl Row {
    fn delay(&self, dates: Dates) -> Option<i64> {
        dates.released.map(|released| self.first - released)
    }

    fn earliness(&self, dates: Dates) -> Option<f64> {
        let (released, due) = dates.window()?;
        let left = (self.submitted != NO_TIME).then(|| due - self.submitted)?;
        Some(left as f64 / (due - released) as f64)
    }
}

/// A content in the making, with the day, the session and the time it was last met in.
struct Met {
    row: Row,
    day: i32,
    session: u32,
    last: i64,
}

/// The measure: working space reused from learner to learner.
struct Spacing<'a> {
    walk: &'a Walk<'a>,
    /// Whether any content has both dates.
    dated: bool,
    /// One for each item of the learner, in order.
    met: Vec<Met>,
    lags: Lags,
}

impl<'a> Spacing<'a> {
    fn new(walk: &'a Walk<'a>) -> Self {
        let items = &walk.data.items;
        let dated = |entry: &Option<Entry>| Dates::of(entry.as_ref()).window().is_some();
        Self {
            walk,
            dated: items.entry.iter().any(dated),
            met: Vec::new(),
            lags: Lags::default(),
        }
    }

    /// Makes the rows of a learner and the lags of each.
    fn gather(&mut self, learner: &Learner<'_>) {
        let data = self.walk.data;
        let run = &learner.run;
        let (items, ranks) = (learner.items(self.walk), learner.ranks(self.walk));
        let Self { met, lags, .. } = self;
        met.clear();
        met.extend(items.iter().map(|item| Met::new(learner.id, *item)));
        lags.found.clear();
        let content = |item: &u32| data.items.content[*item as usize];
        let always = run.verb.is_none() && items.iter().all(|item| content(item) != NONE);
        let mut clock = Clock::new(data.zone_of(learner.id), data.day_start);
        let (mut day, mut until) = (0, i64::MIN);
        for (event, (time, rank)) in run.time.iter().zip(ranks).enumerate() {
            let verb = learner.verb(event);
            if !always && (content(&run.item[event]) == NONE || !verb.is_engagement()) {
                continue;
            }
            if *time >= until {
                (day, until) = clock.day(*time);
            }
            let own = &mut met[*rank as usize];
            own.row.first = if own.row.events == 0 {
                *time
            } else {
                own.row.first
            };
            own.row.events += 1;
            own.row.active_days += u32::from(own.day != day);
            own.day = day;
            if own.row.submitted == NO_TIME && verb == Verb::Submitted {
                own.row.submitted = *time;
            }
            let session = learner.credits.session.get(event).copied().unwrap_or(NONE);
            if session == NONE {
                continue;
            }
            if own.session != session {
                own.row.accesses += 1;
                if own.session != NONE {
                    lags.found.push((*rank, *time - own.last));
                }
                own.session = session;
            }
            own.last = *time;
        }
        lags.place(items.len());
        if self.dated {
            self.cram(learner);
        }
    }

    /// Fills in the study time before deadlines that are over.
    fn cram(&mut self, learner: &Learner<'_>) {
        if !self.walk.has_minutes() {
            return;
        }
        let window = |item: u32| {
            let window = Dates::of(self.walk.data.items.get(item)).window();
            window.filter(|(_, due)| *due <= self.walk.as_of)
        };
        for own in &mut self.met {
            own.row.window = window(own.row.item).map(|_| (0, 0));
        }
        let ranks = learner.ranks(self.walk);
        for (event, length) in learner.credits.length.iter().enumerate() {
            let owner = learner.credits.owner(event);
            let own = &mut self.met[ranks[owner] as usize].row;
            let Some(((all, last), (released, due))) = own.window.as_mut().zip(window(own.item))
            else {
                continue;
            };
            let from = learner.credits.start(&learner.run, event);
            let within = |since: i64| ((from + length).min(due) - from.max(since)).max(0);
            *all += within(released);
            *last += within(due - (due - released) / 10);
        }
    }

    fn contents(&mut self, learner: &Learner<'_>, out: &mut Vec<Row>) {
        self.gather(learner);
        for (rank, own) in self.met.iter().enumerate() {
            if own.row.events > 0 {
                out.push(Row {
                    lag_median: median_floor(self.lags.of(rank..rank + 1)),
                    ..own.row
                });
            }
        }
    }

    fn courses(&mut self, learner: &Learner<'_>, out: &mut Vec<Summed>) {
        self.gather(learner);
        let items = &self.walk.data.items;
        let course = |own: &Met| items.course[own.row.item as usize];
        let mut rank = 0;
        for part in self.met.chunk_by(|a, b| course(a) == course(b)) {
            let ranks = rank..rank + part.len();
            rank = ranks.end;
            let rows = part.iter().map(|own| &own.row);
            let part: Vec<&Row> = rows.filter(|row| row.events > 0).collect();
            let Some(item) = part.last().map(|row| row.item) else {
                continue;
            };
            let own = self.lags.of(ranks);
            let dates = |row: &Row| Dates::of(items.get(row.item));
            let mut delays: Vec<i64> = part.iter().filter_map(|r| r.delay(dates(r))).collect();
            delays.sort_unstable();
            let early = part.iter().filter_map(|r| r.earliness(dates(r)));
            let early: Vec<f64> = early.collect();
            let windows = part.iter().filter_map(|r| r.window);
            out.push(Summed {
                learner: learner.id,
                course: items.course[item as usize],
                contents: count(part.len()),
                delay_median: median_floor(&delays),
                delays: count(delays.len()),
                earliness_median: median(&early),
                submissions: count(early.len()),
                window: windows.reduce(|a, b| (a.0 + b.0, a.1 + b.1)),
                lag_median: median_floor(own),
                lags: count(own.len()),
            });
        }
    }
}

impl Met {
    fn new(learner: u32, item: u32) -> Self {
        Self {
            row: Row {
                learner,
                item,
                events: 0,
                first: NO_TIME,
                submitted: NO_TIME,
                active_days: 0,
                accesses: 0,
                lag_median: None,
                window: None,
            },
            day: i32::MIN,
            session: NONE,
            last: NO_TIME,
        }
    }
}

fn count(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(NONE)
}

fn share(window: Option<(i64, i64)>) -> Option<f64> {
    let (all, last) = window?;
    (all > 0).then(|| last as f64 / all as f64)
}

/// One row per learner and content engaged with.
pub(super) fn contents<'a>(walk: &'a Walk<'a>) -> Measure<'a> {
    let start = move || Spacing::new(walk);
    Measure::new(start, Spacing::contents, move |rows| by_content(walk, rows))
}

/// One row per learner and course.
pub(super) fn courses<'a>(walk: &'a Walk<'a>) -> Measure<'a> {
    let start = move || Spacing::new(walk);
    Measure::new(start, Spacing::courses, move |rows| by_course(walk, rows))
}

fn by_content(walk: &Walk<'_>, rows: &Rows<Row>) -> Result<DataFrame> {
    let data = walk.data;
    let height = rows.len();
    let dates = |r: &Row| Dates::of(data.items.get(r.item));
    let learners = rows.all(|r| r.learner);
    let courses = rows.all(|r| data.items.course[r.item as usize]);
    let items = rows.all(|r| r.item);
    let firsts = rows.all(|r| r.first);
    let submitted = rows.all(|r| r.submitted);
    let active_days = rows.all(|r| r.active_days);
    let accesses = rows.all(|r| r.accesses);
    let lags = rows.all(|r| r.lag_median);
    let instant = |of: fn(Dates) -> Option<i64>| {
        if data.items.known {
            rows.all(|r| of(dates(r)).unwrap_or(NO_TIME))
        } else {
            vec![NO_TIME; height]
        }
    };
    let known_dates = data.items.known;
    let (delay, earliness, window, cram) = if known_dates {
        (
            spans("delay", rows.iter().map(|r| r.delay(dates(r)))),
            numbers("earliness", rows.iter().map(|r| r.earliness(dates(r)))),
            spans(
                "window_study_time",
                rows.iter().map(|r| r.window.map(|(all, _)| all)),
            ),
            numbers("cram_share", rows.iter().map(|r| share(r.window))),
        )
    } else {
        (
            nothing("delay", &SPAN, height),
            nothing("earliness", &DataType::Float64, height),
            nothing("window_study_time", &SPAN, height),
            nothing("cram_share", &DataType::Float64, height),
        )
    };
    let accesses = if walk.has_minutes() {
        counts("accesses", accesses)
    } else {
        nothing("accesses", &DataType::UInt32, height)
    };
    frame(
        height,
        vec![
            data.learner_column(&learners),
            data.course_column(&courses),
            data.content_column("content", &items),
            instants(data, "available_from", instant(|d| d.released))?,
            instants(data, "due", instant(|d| d.due))?,
            instants(data, "first_active", firsts)?,
            delay,
            instants(data, "submitted", submitted)?,
            earliness,
            window,
            cram,
            counts("active_days", active_days),
            accesses,
            spans("lag_median", lags.into_iter()),
        ],
    )
}

fn by_course(walk: &Walk<'_>, rows: &Rows<Summed>) -> Result<DataFrame> {
    let data = walk.data;
    let height = rows.len();
    let window = rows.iter().map(|r| r.window.map(|(all, _)| all));
    let lags = if walk.has_minutes() {
        counts("lags", rows.all(|r| r.lags))
    } else {
        nothing("lags", &DataType::UInt32, height)
    };
    frame(
        height,
        vec![
            data.learner_column(&rows.all(|r| r.learner)),
            data.course_column(&rows.all(|r| r.course)),
            counts("contents", rows.all(|r| r.contents)),
            spans("delay_median", rows.iter().map(|r| r.delay_median)),
            counts("delays", rows.all(|r| r.delays)),
            numbers("earliness_median", rows.iter().map(|r| r.earliness_median)),
            counts("submissions", rows.all(|r| r.submissions)),
            spans("window_study_time", window),
            numbers("cram_share", rows.iter().map(|r| share(r.window))),
            spans("lag_median", rows.iter().map(|r| r.lag_median)),
            lags,
        ],
    )
}
