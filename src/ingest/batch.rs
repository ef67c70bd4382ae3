//! What a reader of a foreign format fills: events, facts beside them, and what was refused.

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

use hashbrown::{Equivalent, HashMap};
use polars::prelude::*;

use crate::data::ids;
use crate::data::{Kind, Outcome, Role, Verb};
use crate::privacy::Pseudonyms;

/// Why a record was refused: the rule it breaks, and where in the record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Fault {
    pub(super) place: &'static str,
    pub(super) rule: &'static str,
}

/// A record breaks a rule at a place.
pub(super) const fn fault(place: &'static str, rule: &'static str) -> Fault {
    Fault { place, rule }
}

/// One event under the schema's names; [`Row::new`] leaves open what a format does not tell.
#[derive(Debug, Clone, Copy)]
pub(super) struct Row<'a> {
    pub(super) learner: &'a str,
    /// UTC microseconds.
    pub(super) time: i64,
    pub(super) content: Option<&'a str>,
    pub(super) verb: Verb,
    pub(super) course: Option<&'a str>,
    pub(super) session: Option<&'a str>,
    /// Microseconds.
    pub(super) duration: Option<i64>,
    pub(super) position: Option<f64>,
    pub(super) position_to: Option<f64>,
    pub(super) speed: Option<f64>,
    pub(super) length: Option<f64>,
    pub(super) score: Option<f64>,
    pub(super) success: Option<bool>,
    pub(super) progress: Option<f64>,
    /// What the player says was watched, as `0[.]12.5[,]30[.]31` in seconds.
    pub(super) segments: Option<&'a str>,
    pub(super) attempt: Option<u32>,
    /// The option chosen; never free text.
    pub(super) response: Option<&'a str>,
    /// UTC microseconds.
    pub(super) received: Option<i64>,
    pub(super) id: Option<&'a str>,
}

impl<'a> Row<'a> {
    pub(super) fn new(learner: &'a str, time: i64, verb: Verb) -> Self {
        Self {
            learner,
            time,
            content: None,
            verb,
            course: None,
            session: None,
            duration: None,
            position: None,
            position_to: None,
            speed: None,
            length: None,
            score: None,
            success: None,
            progress: None,
            segments: None,
            attempt: None,
            response: None,
            received: None,
            id: None,
        }
    }
}

/// What a record tells of a content; what it does not tell is `None`.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct ContentFacts {
    pub(super) module: Option<String>,
    pub(super) kind: Option<Kind>,
    pub(super) length: Option<f64>,
    pub(super) max_score: Option<f64>,
}

impl ContentFacts {
    /// What was told first holds.
    fn add(&mut self, later: Self) {
        self.module = self.module.take().or(later.module);
        self.kind = self.kind.or(later.kind);
        self.length = self.length.or(later.length);
        self.max_score = self.max_score.or(later.max_score);
    }
}

/// The same, without a copy of anything.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct ContentTold<'a> {
    pub(super) module: Option<&'a str>,
    pub(super) kind: Option<Kind>,
    pub(super) length: Option<f64>,
    pub(super) max_score: Option<f64>,
}

impl ContentTold<'_> {
    /// Whether nothing of this is missing in what is known.
    fn is_in(&self, known: &ContentFacts) -> bool {
        (known.module.is_some() || self.module.is_none())
            && (known.kind.is_some() || self.kind.is_none())
            && (known.length.is_some() || self.length.is_none())
            && (known.max_score.is_some() || self.max_score.is_none())
    }

    /// What was told first holds.
    fn add_to(&self, known: &mut ContentFacts) {
        if known.module.is_none() {
            known.module = self.module.map(str::to_owned);
        }
        known.kind = known.kind.or(self.kind);
        known.length = known.length.or(self.length);
        known.max_score = known.max_score.or(self.max_score);
    }
}

/// What is known of contents, by course and content.
pub(super) type Contents = HashMap<(String, String), ContentFacts, foldhash::fast::RandomState>;

/// A learner comes to a course or leaves it, as the log tells.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct EnrollmentFact {
    pub(super) learner: String,
    pub(super) course: String,
    pub(super) time: i64,
    /// `None` says how it ended only.
    pub(super) enrolled: Option<bool>,
    pub(super) outcome: Option<Outcome>,
}

/// A learner joins a group or leaves it, as the log tells.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct MembershipFact {
    pub(super) group: String,
    pub(super) learner: String,
    pub(super) time: i64,
    pub(super) member: bool,
}

/// What one stretch of records gives.
pub(super) struct Batch<'a> {
    pseudonyms: Option<&'a Pseudonyms>,
    rows: usize,
    learner: StringChunkedBuilder,
    time: Vec<i64>,
    content: StringChunkedBuilder,
    verb: StringChunkedBuilder,
    course: StringChunkedBuilder,
    session: StringChunkedBuilder,
    duration: PrimitiveChunkedBuilder<Int64Type>,
    numbers: [PrimitiveChunkedBuilder<Float64Type>; NUMBERS.len()],
    segments: StringChunkedBuilder,
    success: BooleanChunkedBuilder,
    attempt: PrimitiveChunkedBuilder<UInt32Type>,
    response: StringChunkedBuilder,
    received: PrimitiveChunkedBuilder<Int64Type>,
    id: StringChunkedBuilder,
    pub(super) facts: FactsBeside,
    /// What records before this stretch told of contents; it is not told again.
    pub(super) known: Option<Arc<Contents>>,
    /// Record, place and rule.
    pub(super) rejected: Vec<(u64, Fault)>,
    /// Verbs of the format that kohort has no word for, and how often they came.
    unknown: BTreeMap<String, u64>,
    /// Things worth knowing about the log, and how often they came.
    pub(super) findings: BTreeMap<&'static str, u64>,
    /// Ids of records that others declare void.
    pub(super) voided: Vec<String>,
}

/// The facts that records tell on the way.
#[derive(Debug, Default)]
pub(super) struct FactsBeside {
    pub(super) contents: Contents,
    pub(super) enrollments: Vec<EnrollmentFact>,
    /// Group and learner.
    pub(super) memberships: Vec<(String, String)>,
    pub(super) moves: Vec<MembershipFact>,
    /// Person, group and role.
    pub(super) roles: Vec<(String, String, Role)>,
    pub(super) postings: Vec<Posting>,
    members_once: HashSet<(String, String), foldhash::fast::RandomState>,
    roles_once: HashSet<(String, String, Role), foldhash::fast::RandomState>,
}

/// Course and content, looked up without a copy of either.
#[derive(Hash)]
struct Pair<'a>(&'a str, &'a str);

impl Equivalent<(String, String)> for Pair<'_> {
    fn equivalent(&self, (course, content): &(String, String)) -> bool {
        self.0 == course && self.1 == content
    }
}

/// A person takes a role in a group or gives it up; the last word holds.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Posting {
    pub(super) person: String,
    pub(super) group: String,
    pub(super) role: Role,
    pub(super) time: i64,
    pub(super) joined: bool,
}

const NUMBERS: [&str; 6] = [
    "position",
    "position_to",
    "speed",
    "length",
    "score",
    "progress",
];
/// The longest name of an unknown verb that is told.
const LONGEST_VERB: usize = 200;
/// The most unknown verbs that are told apart.
const MOST_VERBS: usize = 1_000;

impl<'a> Batch<'a> {
    pub(super) fn new(pseudonyms: Option<&'a Pseudonyms>) -> Self {
        Self::with_capacity(pseudonyms, 0)
    }

    /// With room for so many events.
    pub(super) fn with_capacity(pseudonyms: Option<&'a Pseudonyms>, rows: usize) -> Self {
        let texts = |name: &str| StringChunkedBuilder::new(name.into(), rows);
        Self {
            pseudonyms,
            rows: 0,
            learner: texts("learner"),
            time: Vec::with_capacity(rows),
            content: texts("content"),
            verb: texts("verb"),
            course: texts("course"),
            session: texts("session"),
            duration: PrimitiveChunkedBuilder::new("duration".into(), rows),
            numbers: NUMBERS.map(|name| PrimitiveChunkedBuilder::new(name.into(), rows)),
            segments: texts("segments"),
            success: BooleanChunkedBuilder::new("success".into(), rows),
            attempt: PrimitiveChunkedBuilder::new("attempt".into(), rows),
            response: texts("response"),
            received: PrimitiveChunkedBuilder::new("received".into(), rows),
            id: texts("id"),
            facts: FactsBeside::default(),
            known: None,
            rejected: Vec::new(),
            unknown: BTreeMap::new(),
            findings: BTreeMap::new(),
            voided: Vec::new(),
        }
    }

    /// Adds an event, unless an id cannot be one.
    ///
    /// # Errors
    /// The [`Fault`], with nothing added.
    pub(super) fn event(&mut self, row: &Row<'_>) -> Result<(), Fault> {
        let learner = self.learner(row.learner)?;
        for (place, id) in [
            ("content", row.content),
            ("course", row.course),
            ("session", row.session),
            ("id", row.id),
        ] {
            if let Some(id) = id {
                checked(place, id)?;
            }
        }
        self.learner.append_value(&*learner);
        self.time.push(row.time);
        self.content.append_option(row.content);
        self.verb.append_value(row.verb.word());
        self.course.append_option(row.course);
        self.session.append_option(row.session);
        self.duration.append_option(row.duration);
        let numbers = [
            row.position,
            row.position_to,
            row.speed,
            row.length,
            row.score,
            row.progress,
        ];
        for (column, value) in self.numbers.iter_mut().zip(numbers) {
            column.append_option(value);
        }
        self.segments.append_option(row.segments);
        self.success.append_option(row.success);
        self.attempt.append_option(row.attempt);
        self.response.append_option(row.response);
        self.received.append_option(row.received);
        self.id.append_option(row.id);
        self.rows += 1;
        Ok(())
    }

    /// The id under which a learner is known: the pseudonym, where there is a key.
    ///
    /// # Errors
    /// The [`Fault`] of an id that cannot be one.
    pub(super) fn learner<'b>(&self, id: &'b str) -> Result<std::borrow::Cow<'b, str>, Fault> {
        match self.pseudonyms {
            Some(pseudonyms) if !id.trim().is_empty() => Ok(pseudonyms.of(id).into()),
            _ => {
                checked("learner", id)?;
                Ok(id.into())
            }
        }
    }

    /// Tells something of a content; events alone do not make a catalog.
    pub(super) fn content(&mut self, course: &str, content: &str, facts: ContentFacts) {
        let told = ContentTold {
            module: facts.module.as_deref(),
            kind: facts.kind,
            length: facts.length,
            max_score: facts.max_score,
        };
        self.describe(course, content, &told);
    }

    /// Adds to what is known of a content so far.
    pub(super) fn describe(&mut self, course: &str, content: &str, told: &ContentTold<'_>) {
        let pair = Pair(course, content);
        let known = self.known.as_ref().and_then(|known| known.get(&pair));
        if known.is_some_and(|known| told.is_in(known)) {
            return;
        }
        if let Some(known) = self.facts.contents.get_mut(&pair) {
            return told.add_to(known);
        }
        let mut facts = ContentFacts::default();
        told.add_to(&mut facts);
        let key = (course.to_owned(), content.to_owned());
        self.facts.contents.insert(key, facts);
    }

    /// Counts a verb that kohort has no word for; its event is kept as `interacted`.
    pub(super) fn unknown_verb(&mut self, verb: &str) -> Verb {
        let mut end = verb.len().min(LONGEST_VERB);
        while !verb.is_char_boundary(end) {
            end -= 1;
        }
        let verb = verb.get(..end).unwrap_or_default();
        if let Some(count) = self.unknown.get_mut(verb) {
            *count += 1;
        } else if self.unknown.len() < MOST_VERBS {
            self.unknown.insert(verb.to_owned(), 1);
        } else {
            *self.unknown.entry("(others)".to_owned()).or_default() += 1;
        }
        Verb::Interacted
    }

    /// Counts something worth knowing.
    pub(super) fn find(&mut self, finding: &'static str) {
        *self.findings.entry(finding).or_default() += 1;
    }

    /// The events so far, under the schema's names; every column is there.
    pub(super) fn take_events(&mut self) -> PolarsResult<DataFrame> {
        let fresh = Batch::new(self.pseudonyms);
        let told = Self {
            facts: std::mem::take(&mut self.facts),
            known: self.known.take(),
            rejected: std::mem::take(&mut self.rejected),
            unknown: std::mem::take(&mut self.unknown),
            findings: std::mem::take(&mut self.findings),
            voided: std::mem::take(&mut self.voided),
            ..fresh
        };
        let full = std::mem::replace(self, told);
        let instants = |values: Int64Chunked| {
            values
                .into_datetime(TimeUnit::Microseconds, Some(TimeZone::UTC))
                .into_column()
        };
        let mut columns = vec![
            full.learner.finish().into_column(),
            instants(Int64Chunked::from_vec("time".into(), full.time)),
            full.content.finish().into_column(),
            full.verb.finish().into_column(),
            full.course.finish().into_column(),
            full.session.finish().into_column(),
            full.duration
                .finish()
                .into_duration(TimeUnit::Microseconds)
                .into_column(),
        ];
        columns.extend(full.numbers.map(|column| column.finish().into_column()));
        columns.extend([
            full.segments.finish().into_column(),
            full.success.finish().into_column(),
            full.attempt.finish().into_column(),
            full.response.finish().into_column(),
            instants(full.received.finish()),
            full.id.finish().into_column(),
        ]);
        DataFrame::new(full.rows, columns)
    }

    /// The verbs that kohort has no word for.
    pub(super) fn take_unknown(&mut self) -> BTreeMap<String, u64> {
        std::mem::take(&mut self.unknown)
    }
}

fn checked(place: &'static str, id: &str) -> Result<(), Fault> {
    match ids::check(id) {
        Ok(_) => Ok(()),
        Err(ids::LARGE) => Err(fault(place, "TooLarge")),
        Err(_) => Err(fault(place, "BadId")),
    }
}

impl FactsBeside {
    /// Adds what later records told.
    pub(super) fn add(&mut self, later: Self) {
        for (key, facts) in later.contents {
            self.contents.entry(key).or_default().add(facts);
        }
        self.enrollments.extend(later.enrollments);
        self.moves.extend(later.moves);
        self.postings.extend(later.postings);
        self.members_once.extend(later.memberships);
        self.roles_once.extend(later.roles);
    }

    /// Puts each fact that was told over and over where the others are.
    pub(super) fn finish(&mut self) {
        self.memberships.extend(self.members_once.drain());
        self.roles.extend(self.roles_once.drain());
    }
}
