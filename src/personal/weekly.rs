//! What a learner did in a course week by week, as it was known at the end of each week.
//!
//! A week is read from the log cut at its end: sessions, study time, attempts and their results
//! are those that were known then, so that nothing in a week tells of a later one. Weeks between
//! which nothing became known share one cut.

#![expect(
    clippy::indexing_slicing,
    reason = "items and courses index arrays made for all of them, cells their own weeks"
)]

use std::sync::Mutex;

use super::attempts::Attempts;
use super::engagement::is_assessment;
use super::grid::{Grid, Period};
use super::spells::{Spells, known};
use super::walk::{Learner, Walk};
use super::week_cut::{Cut, due};
use crate::data::Inner;
use crate::stats::mean;

/// One week of a learner in a course.
#[derive(Debug, Clone, Default)]
pub(crate) struct Week {
    pub(crate) learner: u32,
    pub(crate) course: u32,
    pub(crate) label: i32,
    pub(crate) at: i64,
    pub(crate) events: u32,
    /// Square hours.
    pub(crate) event_time_variance: Option<f64>,
    pub(crate) study_time: i64,
    pub(crate) video_time: i64,
    pub(crate) reading_time: i64,
    pub(crate) longest: i64,
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

impl Week {
    pub(crate) fn due_share(&self) -> Option<f64> {
        (self.due > 0).then(|| f64::from(self.due_correct) / f64::from(self.due))
    }
}

/// What is asked.
pub(crate) struct Asked {
    pub(crate) grid: Grid,
    pub(crate) pass_mark: Option<f64>,
    /// The required assessments of each course by deadline.
    pub(crate) due: Vec<Vec<(i64, u32)>>,
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
        }
    }
}

/// A week to be filled in, and the events of the whole log that were known at its end.
pub(crate) struct Cell {
    pub(crate) period: Period,
    known: usize,
    pub(crate) week: Week,
}

/// The measure.
pub(crate) struct Weeks<'a> {
    walk: &'a Walk<'a>,
    asked: &'a Asked,
    spells: Spells,
    attempts: Attempts,
    periods: Vec<Period>,
    known: Vec<i64>,
    cells: Vec<Cell>,
    too_many: bool,
}

impl<'a> Weeks<'a> {
    pub(crate) fn new(walk: &'a Walk<'a>, asked: &'a Asked) -> Self {
        Self {
            walk,
            asked,
            spells: Spells::default(),
            attempts: Attempts::new(walk.data.items.len()),
            periods: Vec::new(),
            known: Vec::new(),
            cells: Vec::new(),
            too_many: false,
        }
    }

    /// Appends the weeks of a learner, by course; nothing where there are too many.
    pub(crate) fn visit(&mut self, learner: &Learner<'_>, out: &mut Vec<Option<Week>>) {
        self.lay(learner, out);
        self.fill(learner.id);
        self.outcomes(learner);
        out.extend(self.cells.drain(..).map(|cell| Some(cell.week)));
    }

    fn lay(&mut self, learner: &Learner<'_>, out: &mut Vec<Option<Week>>) {
        let data = self.walk.data;
        let zone = data.zone_of(learner.id);
        self.known.clear();
        let events = 0..learner.run.time.len();
        self.known.extend(events.map(|event| known(learner, event)));
        self.known.sort_unstable();
        for spell in self.spells.of(self.walk, learner) {
            if !self.asked.grid.lay(data, zone, spell, &mut self.periods) {
                if !self.too_many {
                    self.too_many = true;
                    out.push(None);
                }
                continue;
            }
            self.cells.extend(self.periods.iter().map(|period| Cell {
                period: *period,
                known: self.known.partition_point(|known| *known <= period.at),
                week: Week {
                    learner: learner.id,
                    course: spell.course,
                    label: period.label,
                    at: period.at,
                    ..Week::default()
                },
            }));
        }
    }

    /// Fills the weeks in from the log cut at the end of each.
    fn fill(&mut self, learner: u32) {
        let (walk, asked) = (self.walk, self.asked);
        let cells = self.cells.iter().enumerate();
        let mut order: Vec<(usize, usize)> = cells.map(|(at, cell)| (cell.known, at)).collect();
        order.sort_unstable();
        for own in order.chunk_by(|a, b| a.0 == b.0) {
            let (known, first) = own[0];
            if known == 0 {
                for (_, at) in own {
                    due(asked, None, &mut self.cells[*at]);
                }
                continue;
            }
            let then = Walk {
                as_of: self.cells[first].week.at,
                only: Some(learner),
                job: None,
                ..*walk
            };
            let space = Mutex::new((&mut self.attempts, &mut self.cells));
            let read = |(): &mut (), cut: &Learner<'_>, _: &mut Vec<()>| {
                if let Ok(mut space) = space.lock() {
                    let (attempts, cells) = &mut *space;
                    attempts.gather(cut);
                    let cut = Cut::new(walk.data, asked, cut, attempts);
                    for (_, at) in own {
                        cut.fill(&mut cells[*at]);
                    }
                }
            };
            // Only a job can stop it, and there is none.
            let _: Result<Vec<()>, _> = then.each(|| (), read);
        }
    }

    /// What takes the learner's other weeks to tell.
    fn outcomes(&mut self, learner: &Learner<'_>) {
        let data = self.walk.data;
        self.attempts.gather(learner);
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
            for Cell { period, week, .. } in own {
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
