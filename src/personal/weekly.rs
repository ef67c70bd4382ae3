//! What a learner did in a course week by week, as it was known at the end of each week.
//!
//! A week is read from the log cut at its end: sessions, study time, attempts and their results
//! are those that were known then, so that nothing in a week tells of a later one. Weeks at whose
//! end the log was but the beginning of the whole one are filled in by one pass over it; of the
//! others, those between which nothing became known share one cut.

#![expect(
    clippy::indexing_slicing,
    reason = "items and courses index arrays made for all of them, cells their own weeks"
)]

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use super::attempts::Attempts;
use super::engagement::is_assessment;
use super::frames::Rows;
use super::grid::{Grid, Period};
use super::participation::has;
use super::spells::known;
use super::walk::{Learner, Walk};
use super::week_cut::{Cut, due};
use super::weekly_pass::{Pass, fits};
use crate::data::Inner;
use crate::data::lanes::Field;
use crate::data::schema::Kind;
use crate::stats::mean;

/// One week of a learner in a course.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Week {
    pub(crate) learner: u32,
    pub(crate) course: u32,
    pub(crate) label: i32,
    pub(crate) events: u32,
    pub(crate) at: i64,
    pub(crate) study_time: i64,
    pub(crate) longest: i64,
    /// Square hours.
    pub(crate) event_time_variance: Option<f64>,
    pub(crate) more: More,
}

/// What a log of times and contents alone does not tell.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct More {
    pub(crate) video_time: i64,
    pub(crate) reading_time: i64,
    pub(crate) posts: u32,
    pub(crate) replies: u32,
    pub(crate) comments: u32,
    /// Contents with a submission, and those of them with a right one.
    pub(crate) problems: u32,
    pub(crate) problems_correct: u32,
    pub(crate) submissions: u32,
    pub(crate) submissions_correct: u32,
    /// From the first to the last submission, added up over problems.
    pub(crate) solving: i64,
    /// Submissions to contents with a deadline, and how long before it, added up.
    pub(crate) dated: u32,
    pub(crate) before_due: i64,
    /// Assessments due in the week, and those of them answered right by its end.
    pub(crate) due: u32,
    pub(crate) due_correct: u32,
    pub(crate) due_change: Option<f64>,
    pub(crate) stopped_out: Option<bool>,
}

impl More {
    pub(crate) fn due_share(&self) -> Option<f64> {
        (self.due > 0).then(|| f64::from(self.due_correct) / f64::from(self.due))
    }
}

/// The weeks of a part of the learners, as they are kept for the table.
#[derive(Debug, Default)]
pub(crate) struct Block {
    pub(crate) rows: Rows<Row>,
    /// One for each row, or none where the log tells no more.
    pub(crate) more: Rows<More>,
}

/// What every log tells of a week.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Row {
    pub(crate) learner: u32,
    pub(crate) course: u32,
    pub(crate) label: i32,
    pub(crate) events: u32,
    pub(crate) at: i64,
    pub(crate) study_time: i64,
    pub(crate) longest: i64,
    /// NaN for none.
    pub(crate) event_time_variance: f64,
}

impl Week {
    fn new(learner: u32, course: u32, period: &Period) -> Self {
        Self {
            learner,
            course,
            label: period.label,
            at: period.at,
            ..Self::default()
        }
    }

    fn row(&self) -> Row {
        Row {
            learner: self.learner,
            course: self.course,
            label: self.label,
            events: self.events,
            at: self.at,
            study_time: self.study_time,
            longest: self.longest,
            event_time_variance: self.event_time_variance.unwrap_or(f64::NAN),
        }
    }

    /// Adds study time on a content of some kind, all of it in the week.
    pub(crate) fn credit(&mut self, kind: Option<Kind>, length: i64) {
        self.study_time += length;
        self.longest = self.longest.max(length);
        match kind {
            Some(Kind::Video) => self.more.video_time += length,
            Some(Kind::Page | Kind::File) => self.more.reading_time += length,
            _ => {}
        }
    }
}

/// What is asked.
pub(crate) struct Asked {
    pub(crate) grid: Grid,
    pub(crate) pass_mark: Option<f64>,
    /// The required assessments of each course by deadline.
    pub(crate) due: Vec<Vec<(i64, u32)>>,
    /// Whether the log or the catalog tells more than times.
    more: bool,
    /// Set where a learner has more weeks than are made.
    pub(crate) too_many: AtomicBool,
}

impl Asked {
    pub(crate) fn new(data: &Inner, grid: Grid, pass_mark: Option<f64>) -> Self {
        let mut due = vec![Vec::new(); data.courses.len()];
        for (item, (course, entry)) in
            (0_u32..).zip(data.items.course.iter().zip(&data.items.entry))
        {
            let entry = entry.as_ref().filter(|entry| entry.required);
            let entry = entry.filter(|entry| is_assessment(entry.kind));
            let own: Option<&mut Vec<(i64, u32)>> = due.get_mut(*course as usize);
            if let Some((own, at)) = own.zip(entry.and_then(|entry| entry.due)) {
                own.push((at, item));
            }
        }
        for own in &mut due {
            own.sort_unstable();
        }
        Self {
            grid,
            pass_mark,
            due,
            more: data.items.known || attempted(data),
            too_many: AtomicBool::new(false),
        }
    }
}

/// Whether a log tells of attempts: by verbs or by results.
pub(crate) fn attempted(data: &Inner) -> bool {
    let fields = [Field::Verb, Field::Score, Field::Success];
    fields.iter().any(|field| has(data, *field))
}

/// A week to be filled in.
#[derive(Debug)]
pub(crate) struct Cell {
    pub(crate) period: Period,
    pub(crate) week: Week,
}

/// The measure.
pub(crate) struct Weeks<'a> {
    walk: &'a Walk<'a>,
    asked: Arc<Asked>,
    attempts: Attempts,
    periods: Vec<Period>,
    known: Vec<i64>,
    /// The weeks by their ends, and those at whose end something of before was not known yet.
    ends: Vec<(i64, usize)>,
    late: Vec<usize>,
    cells: Vec<Cell>,
    pass: Pass,
}

impl<'a> Weeks<'a> {
    pub(crate) fn new(walk: &'a Walk<'a>, asked: Arc<Asked>) -> Self {
        Self {
            walk,
            asked,
            attempts: Attempts::default(),
            periods: Vec::new(),
            known: Vec::new(),
            ends: Vec::new(),
            late: Vec::new(),
            cells: Vec::new(),
            pass: Pass::new(walk.data.courses.len()),
        }
    }

    /// Appends the weeks of a learner, by course, to the block of her part.
    pub(crate) fn visit(&mut self, learner: &Learner<'_>, out: &mut Vec<Block>) {
        self.lay(learner);
        if fits(self.walk, learner) {
            let (attempts, cells) = (&mut self.attempts, &mut self.cells);
            self.pass
                .fill(self.walk, &self.asked, learner, attempts, cells);
            self.find_late(learner);
        } else {
            self.late.clear();
            self.late.extend(0..self.cells.len());
        }
        if !self.late.is_empty() {
            self.fill_late(learner);
        }
        if out.is_empty() {
            out.push(Block::default());
        }
        if let Some(block) = out.last_mut() {
            let rows = self.cells.iter().map(|cell| cell.week.row());
            block.rows.0.extend(rows);
            if self.asked.more {
                self.outcomes();
                block
                    .more
                    .0
                    .extend(self.cells.iter().map(|cell| cell.week.more));
            }
        }
        self.cells.clear();
    }

    /// Lays the weeks out; none where there are too many.
    fn lay(&mut self, learner: &Learner<'_>) {
        let data = self.walk.data;
        let zone = data.zone_of(learner.id);
        for spell in learner.spells(self.walk) {
            if !self.asked.grid.lay(data, zone, spell, &mut self.periods) {
                self.asked.too_many.store(true, Ordering::Relaxed);
                continue;
            }
            self.cells.extend(self.periods.iter().map(|period| Cell {
                period: *period,
                week: Week::new(learner.id, spell.course, period),
            }));
        }
    }

    /// Finds the weeks that end between an event and when it became known.
    fn find_late(&mut self, learner: &Learner<'_>) {
        self.late.clear();
        if learner.run.received.is_none() {
            return;
        }
        self.ends.clear();
        let ends = self.cells.iter().enumerate();
        self.ends
            .extend(ends.map(|(at, cell)| (cell.period.at, at)));
        self.ends.sort_unstable();
        let mut later = self.ends.as_slice();
        for (event, time) in learner.run.time.iter().enumerate() {
            while let Some(((end, _), rest)) = later.split_first()
                && end < time
            {
                later = rest;
            }
            let known = known(learner, event);
            let between = later.iter().take_while(|(end, _)| *end < known);
            self.late.extend(between.map(|(_, at)| *at));
        }
        self.late.sort_unstable();
        self.late.dedup();
    }

    /// Fills late weeks in from the log cut at the end of each.
    fn fill_late(&mut self, learner: &Learner<'_>) {
        let (walk, asked) = (self.walk, &*self.asked);
        for at in &self.late {
            let Cell { period, week } = &mut self.cells[*at];
            *week = Week::new(week.learner, week.course, period);
        }
        self.known.clear();
        let events = 0..learner.run.time.len();
        self.known.extend(events.map(|event| known(learner, event)));
        self.known.sort_unstable();
        let known = |at: i64| self.known.partition_point(|known| *known <= at);
        let late = self.late.iter();
        let mut order: Vec<(usize, usize)> = late
            .map(|at| (known(self.cells[*at].period.at), *at))
            .collect();
        order.sort_unstable();
        for own in order.chunk_by(|a, b| a.0 == b.0) {
            let (known, first) = own[0];
            if known == 0 {
                for (_, at) in own {
                    due(asked, &[], &mut self.cells[*at]);
                }
                continue;
            }
            let then = Walk {
                as_of: self.cells[first].week.at,
                only: Some(learner.id),
                job: None,
                ..*walk
            };
            let space = Mutex::new((&mut self.attempts, &mut self.cells));
            let read = |(): &mut (), cut: &Learner<'_>, _: &mut Vec<()>| {
                if let Ok(mut space) = space.lock() {
                    let (attempts, cells) = &mut *space;
                    attempts.gather(cut, walk.data.items.len());
                    let cut = Cut::new(walk.data, asked, cut, attempts);
                    for (_, at) in own {
                        cut.fill(&mut cells[*at]);
                    }
                }
            };
            // Only a job can stop it, and there is none.
            let _: Result<Vec<()>, _> = then.each(|| (), read);
        }
        self.attempts.gather(learner, walk.data.items.len());
    }

    /// What takes the learner's other weeks to tell, from all of her attempts.
    fn outcomes(&mut self) {
        let data = self.walk.data;
        for own in self
            .cells
            .chunk_by_mut(|a, b| a.week.course == b.week.course)
        {
            let Some(course) = own.first().map(|cell| cell.week.course) else {
                continue;
            };
            let end = own.last().map_or(i64::MIN, |cell| cell.week.at);
            let over = data.ends(course).is_some_and(|end| end <= self.walk.as_of);
            let handed = self.attempts.all.iter().filter(|attempt| {
                let here = data.items.course[attempt.item as usize] == course;
                here && attempt.handed_in() && attempt.handed <= end
            });
            let last = handed.map(|attempt| attempt.handed).max();
            let mut shares = Vec::new();
            for Cell { period, week } in own {
                let week = &mut week.more;
                let active = last.is_some_and(|last| last >= period.from);
                let settled = last.is_some() && (active || over);
                week.stopped_out = settled.then_some(!active);
                if let Some(share) = week.due_share() {
                    week.due_change = mean(&shares).map(|before| share - before);
                    shares.push(share);
                }
            }
        }
    }
}
