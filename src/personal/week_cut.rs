//! What the log, cut at some moment, tells of the weeks that end there.

#![expect(
    clippy::indexing_slicing,
    reason = "items and courses index arrays made for all of them, events those of the run"
)]

use super::attempts::{Attempt, Attempts, by_item};
use super::walk::Learner;
use super::weekly::{Asked, Cell};
use crate::data::Inner;
use crate::data::schema::Verb;
use crate::stats::variance;

/// A learner's log as it was known at some moment.
pub(crate) struct Cut<'a> {
    data: &'a Inner,
    asked: &'a Asked,
    learner: &'a Learner<'a>,
    attempts: &'a Attempts,
    /// No study time was credited beyond.
    credited: i64,
}

impl<'a> Cut<'a> {
    pub(crate) fn new(
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

    pub(crate) fn fill(&self, cell: &mut Cell) {
        self.acts(cell);
        if self.credited > cell.period.from {
            self.time(cell);
        }
        for own in by_item(&self.attempts.all) {
            if self.course(own[0].item) == cell.week.course {
                problem(self.data, self.asked, own.iter(), cell);
            }
        }
        due(self.asked, &self.attempts.all, cell);
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
                Verb::Posted => week.more.posts += 1,
                Verb::Replied => week.more.replies += 1,
                Verb::Commented => week.more.comments += 1,
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
            if inside > 0 && self.course(item) == week.course {
                week.credit(self.data.items.kind(item), inside);
            }
        }
    }
}

/// The submissions of the week to one content, from the attempts at it.
pub(crate) fn problem<'a>(
    data: &Inner,
    asked: &Asked,
    attempts: impl Iterator<Item = &'a Attempt>,
    cell: &mut Cell,
) {
    let (period, week) = (&cell.period, &mut cell.week.more);
    let inside = |attempt: &&Attempt| {
        attempt.handed_in() && (period.from..=period.at).contains(&attempt.handed)
    };
    let (mut first, mut last, mut correct) = (i64::MAX, i64::MIN, 0);
    for attempt in attempts.filter(inside) {
        week.submissions += 1;
        correct += u32::from(attempt.correct(asked.pass_mark) == Some(true));
        first = first.min(attempt.handed);
        last = last.max(attempt.handed);
        if let Some(due) = data.items.get(attempt.item).and_then(|entry| entry.due) {
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

/// The assessments due in the week, and those answered right by its end.
pub(crate) fn due(asked: &Asked, attempts: &[Attempt], cell: &mut Cell) {
    let all = &asked.due[cell.week.course as usize];
    if all.is_empty() {
        return;
    }
    let from = all.partition_point(|(due, _)| *due < cell.period.from);
    let to = all.partition_point(|(due, _)| *due <= cell.period.at);
    for (_, item) in all.get(from..to).unwrap_or(&[]) {
        let mut own = attempts.iter().filter(|attempt| attempt.item == *item);
        let right = own.any(|attempt| attempt.correct(asked.pass_mark) == Some(true));
        cell.week.more.due += 1;
        cell.week.more.due_correct += u32::from(right);
    }
}
