//! One row for each counted session.

#![expect(
    clippy::indexing_slicing,
    reason = "sessions lie within the run, items index arrays made for all of them"
)]

use super::frames::{Rows, counts, frame, instants, lengths};
use super::measure::Measure;
use super::walk::{Learner, Walk};
use crate::data::catalog::Items;
use crate::data::ids::NONE;

struct Row {
    learner: u32,
    session: u32,
    start: i64,
    end: i64,
    events: u32,
    contents: u32,
    courses: u32,
    study_time: i64,
}

/// `learner, session, start, end, events, contents, courses, study_time`; empty for a log of days.
pub(super) fn table<'a>(walk: &'a Walk<'a>) -> Measure<'a> {
    let data = walk.data;
    let table = |rows: &Rows<Row>| {
        let learners = rows.all(|r| r.learner);
        let sessions = rows.all(|r| r.session);
        let starts = rows.all(|r| r.start);
        let ends = rows.all(|r| r.end);
        let events = rows.all(|r| r.events);
        let contents = rows.all(|r| r.contents);
        let courses = rows.all(|r| r.courses);
        let lasting = rows.all(|r| r.study_time);
        frame(
            rows.len(),
            vec![
                data.learner_column(&learners),
                counts("session", sessions),
                instants(data, "start", starts)?,
                instants(data, "end", ends)?,
                counts("events", events),
                counts("contents", contents),
                counts("courses", courses),
                lengths("study_time", lasting),
            ],
        )
    };
    let start = || Distinct {
        items: &data.items,
        session: 0,
        contents: vec![0; data.contents.len()],
        courses: vec![0; data.courses.len()],
    };
    Measure::new(start, Distinct::visit, table)
}

/// The measure.
struct Distinct<'a> {
    items: &'a Items,
    /// Sessions so far, of all learners.
    session: u64,
    /// In which session a content, a course was last met.
    contents: Vec<u64>,
    courses: Vec<u64>,
}

impl Distinct<'_> {
    fn visit(&mut self, learner: &Learner<'_>, out: &mut Vec<Row>) {
        for (number, session) in (1_u32..).zip(&learner.credits.sessions) {
            self.session += 1;
            let (mut contents, mut courses) = (0, 0);
            // Nothing is met in no course: [`NONE`] has no place.
            let meet = |met: &mut Vec<u64>, place: u32| {
                let last = met.get_mut(place as usize)?;
                let new = *last != self.session;
                *last = self.session;
                Some(u32::from(new))
            };
            for event in session.from..session.to {
                let item = learner.run.item[event] as usize;
                if learner.verb(event).is_engagement() {
                    contents += meet(&mut self.contents, self.items.content[item]).unwrap_or(0);
                }
                courses += meet(&mut self.courses, self.items.course[item]).unwrap_or(0);
            }
            out.push(Row {
                learner: learner.id,
                session: number,
                start: learner.run.time[session.from],
                end: learner.run.time[session.to - 1],
                events: u32::try_from(session.to - session.from).unwrap_or(NONE),
                contents,
                courses,
                study_time: session.study_time,
            });
        }
    }
}
