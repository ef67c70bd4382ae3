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

use super::attempts::{Attempt, Attempts};
use super::grid::{Grid, Period};
use super::spells::{Spells, known};
use super::walk::{Learner, Walk};
use crate::data::Inner;
use crate::data::schema::{Kind, Verb};
use crate::stats::{mean, variance};

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
            let assessed = |kind| matches!(kind, Kind::Quiz | Kind::Problem | Kind::Assignment);
            let entry = entry.filter(|entry| entry.kind.is_some_and(assessed));
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
struct Cell {
    period: Period,
    known: usize,
    week: Week,
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

/// A learner's log as it was known at some moment.
struct Cut<'a> {
    data: &'a Inner,
    asked: &'a Asked,
    learner: &'a Learner<'a>,
    attempts: &'a Attempts,
    /// No study time was credited beyond.
    credited: i64,
}

impl<'a> Cut<'a> {
    fn new(
        data: &'a Inner,
        asked: &'a Asked,
        learner: &'a Learner<'a>,
        attempts: &'a Attempts,
    ) -> Self {
        let ends = learner.credits.length.iter().enumerate();
        let ends = ends.map(|(event, length)| learner.credits.start(&learner.run, event) + length);
        Self {
            data,
            asked,
            learner,
            attempts,
            credited: ends.max().unwrap_or(i64::MIN),
        }
    }

    fn course(&self, item: u32) -> u32 {
        self.data.items.course[item as usize]
    }

    fn fill(&self, cell: &mut Cell) {
        self.acts(cell);
        if self.credited > cell.period.from {
            self.time(cell);
        }
        for own in self.attempts.by_item() {
            if self.course(own[0].item) == cell.week.course {
                self.problem(own, cell);
            }
        }
        due(self.asked, Some(self.attempts), cell);
    }

    /// What the events of the week say by themselves.
    fn acts(&self, cell: &mut Cell) {
        let run = &self.learner.run;
        let (period, week) = (&cell.period, &mut cell.week);
        let from = run.time.partition_point(|time| *time < period.from);
        let to = run.time.partition_point(|time| *time <= period.at);
        let mut hours = Vec::new();
        for event in from..to {
            if self.course(run.item[event]) != week.course {
                continue;
            }
            hours.push((run.time[event] - period.from) as f64 / 3.6e9);
            week.events += 1;
            match self.learner.verb(event) {
                Verb::Posted => week.posts += 1,
                Verb::Replied => week.replies += 1,
                Verb::Commented => week.comments += 1,
                _ => {}
            }
        }
        week.event_time_variance = variance(&hours, 1);
    }

    /// The study time that lies in the week.
    fn time(&self, cell: &mut Cell) {
        let (run, credits) = (&self.learner.run, self.learner.credits);
        let (period, week) = (&cell.period, &mut cell.week);
        for (event, length) in credits.length.iter().enumerate() {
            let start = credits.start(run, event);
            let inside = (start + length).min(period.next) - start.max(period.from);
            let item = run.item[credits.owner(event)];
            if inside <= 0 || self.course(item) != week.course {
                continue;
            }
            week.study_time += inside;
            week.longest = week.longest.max(inside);
            match self.data.items.kind(item) {
                Some(Kind::Video) => week.video_time += inside,
                Some(Kind::Page | Kind::File) => week.reading_time += inside,
                _ => {}
            }
        }
    }

    /// The submissions of the week to one content.
    fn problem(&self, attempts: &[Attempt], cell: &mut Cell) {
        let (period, week) = (&cell.period, &mut cell.week);
        let inside = |attempt: &&Attempt| {
            attempt.handed_in() && (period.from..=period.at).contains(&attempt.handed)
        };
        let deadline = self.data.items.get(attempts[0].item);
        let deadline = deadline.and_then(|entry| entry.due);
        let (mut first, mut last, mut correct) = (i64::MAX, i64::MIN, 0);
        for attempt in attempts.iter().filter(inside) {
            week.submissions += 1;
            correct += u32::from(attempt.correct(self.asked.pass_mark) == Some(true));
            first = first.min(attempt.handed);
            last = last.max(attempt.handed);
            if let Some(due) = deadline {
                week.dated += 1;
                week.before_due += due - attempt.handed;
            }
        }
        if first <= last {
            week.problems += 1;
            week.solving += last - first;
            week.submissions_correct += correct;
            week.problems_correct += u32::from(correct > 0);
        }
    }
}

/// The assessments due in the week, and those answered right by its end.
fn due(asked: &Asked, attempts: Option<&Attempts>, cell: &mut Cell) {
    let all = &asked.due[cell.week.course as usize];
    let from = all.partition_point(|(due, _)| *due < cell.period.from);
    let to = all.partition_point(|(due, _)| *due <= cell.period.at);
    let attempts = attempts.map_or(&[] as &[Attempt], |attempts| &attempts.all);
    for (_, item) in all.get(from..to).unwrap_or(&[]) {
        let first = attempts.partition_point(|attempt| attempt.item < *item);
        let own = attempts[first..].iter();
        let mut own = own.take_while(|attempt| attempt.item == *item);
        let right = own.any(|attempt| attempt.correct(asked.pass_mark) == Some(true));
        cell.week.due += 1;
        cell.week.due_correct += u32::from(right);
    }
}
