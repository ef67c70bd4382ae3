//! Which features a learner uses, and what she gives to others (METRICS: navigation and
//! collaboration). Both count verbs; a log without verbs tells of neither.

#![expect(
    clippy::indexing_slicing,
    reason = "items index arrays made for all of them, counts have one place for each"
)]

use polars::prelude::*;

use super::PersonalAnalytics;
use super::frames::{Rows, counts, flags, frame, instants, no_instants, nothing, words};
use super::measure::Measure;
use super::walk::{Learner, Walk};
use crate::data::Inner;
use crate::data::ids::NONE;
use crate::data::lanes::{Field, NO_TIME};
use crate::data::schema::Verb;
use crate::error::Result;

/// The features of a platform that a log can tell of, each with the verbs that use it.
pub(crate) const FEATURES: [(&str, &[Verb]); 10] = [
    ("bookmarks", &[Verb::Bookmarked]),
    (
        "discussions",
        &[Verb::Posted, Verb::Replied, Verb::Commented],
    ),
    ("downloads", &[Verb::Downloaded]),
    ("highlights", &[Verb::Highlighted]),
    ("hints", &[Verb::Hinted]),
    ("likes", &[Verb::Liked]),
    ("notes", &[Verb::Noted]),
    ("search", &[Verb::Searched]),
    ("shares", &[Verb::Shared]),
    (
        "video_playback",
        &[Verb::Played, Verb::Paused, Verb::Seeked, Verb::Ended],
    ),
];

/// What a learner gives to others, or keeps for herself, each told by one verb.
pub(crate) const ACTS: [(&str, Verb); 7] = [
    ("posts", Verb::Posted),
    ("replies", Verb::Replied),
    ("comments", Verb::Commented),
    ("likes_given", Verb::Liked),
    ("highlights", Verb::Highlighted),
    ("notes", Verb::Noted),
    ("shares", Verb::Shared),
];

/// Whether the log says what learners did.
pub(crate) fn has_verbs(data: &Inner) -> bool {
    has(data, Field::Verb)
}

/// Whether the log has a column.
pub(crate) fn has(data: &Inner, field: Field) -> bool {
    let lane = |p: &crate::data::runs::Partition| p.lanes[field as usize].is_some();
    data.partitions.iter().any(lane)
}

/// The use of one feature by a learner in a course.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Use {
    pub(crate) learner: u32,
    pub(crate) course: u32,
    /// A place in [`FEATURES`].
    pub(crate) feature: usize,
    pub(crate) events: u32,
    /// [`NO_TIME`] if never.
    first: i64,
    last: i64,
}

/// The measure: an entry for each course of a learner and each feature.
pub(crate) struct Uses<'a> {
    walk: &'a Walk<'a>,
    courses: &'a [u32],
    /// The feature that each verb uses.
    of_verb: Vec<Option<usize>>,
}

impl<'a> Uses<'a> {
    pub(crate) fn new(walk: &'a Walk<'a>) -> Self {
        let feature = |verb| FEATURES.iter().position(|(_, verbs)| verbs.contains(verb));
        Self {
            walk,
            courses: &walk.data.items.course,
            of_verb: Verb::ALL.iter().map(feature).collect(),
        }
    }

    pub(crate) fn visit(&mut self, learner: &Learner<'_>, out: &mut Vec<Use>) {
        let standing = learner.courses(self.walk);
        let begin = out.len();
        for course in standing {
            out.extend((0..FEATURES.len()).map(|feature| Use {
                learner: learner.id,
                course: *course,
                feature,
                events: 0,
                first: NO_TIME,
                last: NO_TIME,
            }));
        }
        let own = &mut out[begin..];
        if learner.run.verb.is_none() {
            return;
        }
        for (event, (time, item)) in learner.run.time.iter().zip(learner.run.item).enumerate() {
            let Some(feature) = self.of_verb[learner.verb(event) as usize] else {
                continue;
            };
            let course = self.courses[*item as usize];
            let Some(place) = standing.iter().position(|c| *c == course) else {
                continue;
            };
            let used = &mut own[place * FEATURES.len() + feature];
            used.events += 1;
            used.last = *time;
            if used.first == NO_TIME {
                used.first = *time;
            }
        }
    }
}

/// What a learner did with and for others in a course.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Collaboration {
    pub(crate) learner: u32,
    pub(crate) course: u32,
    pub(crate) acts: [u32; ACTS.len()],
    /// Distinct contents she posted, replied or commented in.
    pub(crate) threads: u32,
}

/// Something a learner wrote.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Writing {
    pub(crate) learner: u32,
    pub(crate) item: u32,
    pub(crate) time: i64,
    /// A reply or a comment, not a post.
    pub(crate) answers: bool,
}

/// The measure: an entry for each course of a learner.
struct Collaborations<'a> {
    walk: &'a Walk<'a>,
    courses: &'a [u32],
    /// The act that each verb is.
    of_verb: Vec<Option<usize>>,
    /// The last learner that wrote in an item; no learner has the number [`NONE`].
    written: Vec<u32>,
}

impl<'a> Collaborations<'a> {
    fn new(walk: &'a Walk<'a>) -> Self {
        let act = |verb| ACTS.iter().position(|(_, own)| own == verb);
        Self {
            walk,
            courses: &walk.data.items.course,
            of_verb: Verb::ALL.iter().map(act).collect(),
            written: vec![NONE; walk.data.items.len()],
        }
    }

    fn visit(&mut self, learner: &Learner<'_>, out: &mut Vec<Collaboration>) {
        let standing = learner.courses(self.walk);
        let begin = out.len();
        out.extend(standing.iter().map(|course| Collaboration {
            learner: learner.id,
            course: *course,
            acts: [0; ACTS.len()],
            threads: 0,
        }));
        let own = &mut out[begin..];
        if learner.run.verb.is_none() {
            return;
        }
        for (event, item) in learner.run.item.iter().enumerate() {
            let verb = learner.verb(event);
            let Some(act) = self.of_verb[verb as usize] else {
                continue;
            };
            let course = self.courses[*item as usize];
            let Some(place) = standing.iter().position(|c| *c == course) else {
                continue;
            };
            own[place].acts[act] += 1;
            let writes = matches!(verb, Verb::Posted | Verb::Replied | Verb::Commented);
            if writes && self.written[*item as usize] != learner.id {
                self.written[*item as usize] = learner.id;
                own[place].threads += 1;
            }
        }
    }
}

impl PersonalAnalytics {
    /// The use of each feature by each learner in each of her courses.
    pub(crate) fn uses(&self) -> Result<Vec<Use>> {
        let walk = self.walk();
        walk.each(|| Uses::new(&walk), Uses::visit)
    }

    /// What each learner did with and for others in each of her courses.
    pub(crate) fn collaborations(&self) -> Result<Vec<Collaboration>> {
        let walk = self.walk();
        walk.each(|| Collaborations::new(&walk), Collaborations::visit)
    }

    /// Everything that was written, by learner and time.
    pub(crate) fn writings(&self) -> Result<Vec<Writing>> {
        let content = &self.inner().items.content;
        let visit = |(): &mut (), learner: &Learner<'_>, out: &mut Vec<Writing>| {
            for (event, (time, item)) in learner.run.time.iter().zip(learner.run.item).enumerate() {
                let verb = learner.verb(event);
                let answers = matches!(verb, Verb::Replied | Verb::Commented);
                if (answers || verb == Verb::Posted) && content[*item as usize] != NONE {
                    out.push(Writing {
                        learner: learner.id,
                        item: *item,
                        time: *time,
                        answers,
                    });
                }
            }
        };
        self.walk().each(|| (), visit)
    }

    /// The items each learner engaged with: learner and items in order.
    pub(crate) fn touched(&self) -> Result<Vec<(u32, Vec<u32>)>> {
        let content = &self.inner().items.content;
        let visit = |(): &mut (), learner: &Learner<'_>, out: &mut Vec<(u32, Vec<u32>)>| {
            let engages = |(event, item): &(usize, &u32)| {
                learner.verb(*event).is_engagement() && content[**item as usize] != NONE
            };
            let events = learner.run.item.iter().enumerate().filter(engages);
            let mut items: Vec<u32> = events.map(|(_, item)| *item).collect();
            items.sort_unstable();
            items.dedup();
            out.push((learner.id, items));
        };
        self.walk().each(|| (), visit)
    }

    /// One row per learner, course and feature, used or not: `learner, course, feature, events,
    /// first_used, last_used, used`. In a log without verbs the last four are null.
    ///
    /// # Errors
    /// [`crate::Error::Cancelled`] if the job is stopped.
    pub fn feature_usage(&self) -> Result<DataFrame> {
        let walk = self.walk();
        walk.table(usage(&walk))
    }

    /// One row per learner and course: `learner, course, posts, replies, comments, threads,
    /// likes_given, highlights, notes, shares`; all counts null in a log without verbs.
    ///
    /// # Errors
    /// [`crate::Error::Cancelled`] if the job is stopped.
    pub fn collaboration(&self) -> Result<DataFrame> {
        let walk = self.walk();
        walk.table(collaboration(&walk))
    }
}

/// `learner, course, feature, events, first_used, last_used, used`.
pub(super) fn usage<'a>(walk: &'a Walk<'a>) -> Measure<'a> {
    let data = walk.data;
    let known = has_verbs(data);
    let table = move |rows: &Rows<Use>| {
        let height = rows.len();
        let place = |r: &Use| u32::try_from(r.feature).unwrap_or(u32::MAX);
        let mut columns = vec![
            data.learner_column(&rows.all(|r| r.learner)),
            data.course_column(&rows.all(|r| r.course)),
            words("feature", &FEATURES.map(|(name, _)| name), rows.all(place))?,
        ];
        if known {
            columns.extend([
                counts("events", rows.all(|r| r.events)),
                instants(data, "first_used", rows.all(|r| r.first))?,
                instants(data, "last_used", rows.all(|r| r.last))?,
                flags("used", rows.iter().map(|r| Some(r.events > 0))),
            ]);
        } else {
            columns.extend([
                nothing("events", &DataType::UInt32, height),
                no_instants(data, "first_used", height)?,
                no_instants(data, "last_used", height)?,
                nothing("used", &DataType::Boolean, height),
            ]);
        }
        frame(height, columns)
    };
    Measure::new(|| Uses::new(walk), Uses::visit, table)
}

/// `learner, course, posts, replies, comments, threads, likes_given, highlights, notes, shares`.
pub(super) fn collaboration<'a>(walk: &'a Walk<'a>) -> Measure<'a> {
    let data = walk.data;
    let known = has_verbs(data);
    let table = move |rows: &Rows<Collaboration>| {
        let told = |name: &str, of: &dyn Fn(&Collaboration) -> u32| {
            if known {
                counts(name, rows.all(of))
            } else {
                nothing(name, &DataType::UInt32, rows.len())
            }
        };
        let mut columns = vec![
            data.learner_column(&rows.all(|r| r.learner)),
            data.course_column(&rows.all(|r| r.course)),
        ];
        let acts = ACTS.iter().enumerate();
        columns.extend(acts.map(|(act, (name, _))| told(name, &|r| r.acts[act])));
        columns.insert(5, told("threads", &|r| r.threads));
        frame(rows.len(), columns)
    };
    Measure::new(|| Collaborations::new(walk), Collaborations::visit, table)
}
