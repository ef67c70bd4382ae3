//! An event of Caliper to a row.

use std::borrow::Cow;

use super::super::batch::{Batch, Fault, Row, fault};
use super::model::{Context, Entity, Event, Form, term};
use super::table::{CHOICES, Verbs};
use crate::data::calendar::{TimeFault, parse_time};
use crate::data::{Verb, Zone, ids};

/// By which ids people and things are known; `shard` is what Canvas needs for it.
pub(in crate::ingest) trait KnownAs {
    fn learner<'b>(&self, id: &'b str, shard: Option<u64>) -> Cow<'b, str>;

    fn thing<'b>(&self, id: &'b str, shard: Option<u64>) -> Cow<'b, str>;
}

/// How events are read: the ids, the zone of times without one, and what else maps verbs.
pub(in crate::ingest) struct Reading<'a, K> {
    pub(super) known: &'a K,
    zone: Option<&'a Zone>,
    /// Asked in this order.
    verbs: &'a [Verbs],
}

impl<'a, K: KnownAs> Reading<'a, K> {
    pub(in crate::ingest) fn new(known: &'a K, zone: Option<&'a Zone>, verbs: &'a [Verbs]) -> Self {
        Self { known, zone, verbs }
    }

    /// Reads an event, or passes over what is none.
    ///
    /// # Errors
    /// The rule of Caliper that the event breaks.
    pub(in crate::ingest) fn event(
        &self,
        event: &Event<'_>,
        out: &mut Batch<'_>,
    ) -> Result<(), Fault> {
        match event.data {
            // What it holds is read one by one.
            Form::List => return Err(fault("data", "NestedEnvelope")),
            Form::Empty => {
                out.find("envelopes without events");
                return Ok(());
            }
            _ => {}
        }
        let kind = term(event.kind.required("type")?);
        if !kind.ends_with("Event") && event.action.get().is_none() && event.time.get().is_none() {
            out.find("entity descriptions, no events");
            return Ok(());
        }
        match event.context {
            Context::Absent => return Err(fault("@context", "Missing")),
            Context::Foreign => return Err(fault("@context", "NotCaliper")),
            Context::Caliper => {}
        }
        let action = term(event.action.required("action")?);
        let time = clock(event.time.required("eventTime")?, self.zone, "eventTime")?;
        let actor = event.actor.required("actor")?;
        event.object.required("object")?;
        if event.id.get().is_none() && !event.is_legacy() {
            event.id.required("id")?;
        }
        let shard = shard(event);
        let who = match who(event, kind, action, actor) {
            Who::Person(id) => self.known.learner(id, shard),
            Who::Nobody(reason) => {
                out.find(reason);
                return Ok(());
            }
        };
        let course = self.course(event, shard);
        let thing = thing(event, kind);
        let content = thing.map(|thing| self.content(thing, shard));
        let verb = self.verb(event, kind, action);
        let mut row = Row::new(&who, time, verb.unwrap_or(Verb::Interacted));
        row.content = content.as_deref();
        row.course = course.as_deref();
        let session = event.session.as_ref().and_then(|session| session.id.get());
        let session = session.map(|id| self.known.thing(id, shard));
        row.session = session.as_deref();
        row.id = event.id.get();
        if matches!(
            event.object.kind(),
            "VideoObject" | "AudioObject" | "MediaObject"
        ) || kind == "MediaEvent"
        {
            media(event, &mut row);
        }
        let response = measures(event, &mut row);
        let score = score(event);
        row.score = score.and_then(|(given, most)| share(given, most));
        row.response = response.as_deref();
        out.event(&row)?;
        if verb.is_none() {
            out.unknown_verb(&format!("{kind} {action}"));
        }
        if score.is_some() && row.score.is_none() {
            out.find(NO_SHARE);
        }
        if event.id.get().is_some_and(|id| !is_uuid(id)) {
            out.find("ids of events that are no urn:uuid, kept");
        }
        self.facts(event, &row, thing, shard, out);
        Ok(())
    }

    fn verb(&self, event: &Event<'_>, kind: &str, action: &str) -> Option<Verb> {
        let mark = match (kind, event.object.kind()) {
            ("MessageEvent", _) if event.object.reply_to != Form::Absent => " (replyTo)",
            ("Event", "Membership") => " (Membership)",
            _ => "",
        };
        let look = |mark| {
            let mut tables = self.verbs.iter();
            tables.find_map(|verbs| verbs.find(kind, action, mark))
        };
        look(mark).or_else(|| look(""))
    }

    /// The course: of a group inside a course, the course.
    pub(super) fn course<'b>(
        &self,
        event: &'b Event<'_>,
        shard: Option<u64>,
    ) -> Option<Cow<'b, str>> {
        let group = event.group.as_deref().and_then(course_of);
        let member = || {
            let organization = event.membership.as_ref()?.organization.as_deref()?;
            course_of(organization)
        };
        let object = &event.object;
        let enrolled = || match object.kind() {
            "Membership" => object.organization.as_deref().and_then(course_of),
            "CourseOffering" | "CourseSection" => object.id.get(),
            _ => None,
        };
        let extension = || object.extensions.course.get();
        let id = group.or_else(member).or_else(enrolled).or_else(extension);
        id.map(|id| self.known.thing(id, shard))
    }

    pub(super) fn content<'b>(&self, thing: &'b Entity<'_>, shard: Option<u64>) -> Cow<'b, str> {
        let id = self.known.thing(thing.id.get().unwrap_or_default(), shard);
        let canvas = thing.extensions.canvas.as_ref();
        match canvas.and_then(|canvas| canvas.subtype.get()) {
            Some(list) => Cow::Owned(format!("{id}/{list}")),
            None => id,
        }
    }
}

impl Event<'_> {
    /// Caliper 1.0 gave events no ids.
    fn is_legacy(&self) -> bool {
        self.kind
            .get()
            .is_some_and(|kind| kind.contains("/caliper/v1/"))
    }
}

/// Somebody, or the reason that it is nobody.
enum Who<'a> {
    Person(&'a str),
    Nobody(&'static str),
}

impl<'a> Who<'a> {
    /// Blank nodes and the IRIs of types stand for people that shall not be known.
    fn person(id: &'a str) -> Self {
        if id.starts_with("_:") || id.contains("://purl.imsglobal.org/caliper/") {
            Self::Nobody("events of anonymous people, left out")
        } else {
            Self::Person(id)
        }
    }
}

/// Whose event it is.
fn who<'b>(event: &'b Event<'_>, kind: &str, action: &str, actor: &'b str) -> Who<'b> {
    if matches!(event.object.kind(), "Attempt" | "Result") || kind == "GradeEvent" {
        let scored = event
            .generated
            .as_ref()
            .and_then(|made| made.attempt.as_deref());
        let of = |attempt: &'b Entity<'_>| attempt.assignee.as_ref()?.id.get();
        if let Some(id) = of(&event.object).or_else(|| scored.and_then(of)) {
            return Who::person(id);
        }
        if matches!(kind, "GradeEvent" | "OutcomeEvent") {
            return Who::Nobody("grades of nobody named, left out");
        }
    }
    if action == "TimedOut" {
        let user = |session: &'b Entity<'_>| session.user.as_ref()?.id.get();
        let session = event.session.as_deref();
        if let Some(id) = user(&event.object).or_else(|| session.and_then(user)) {
            return Who::person(id);
        }
    }
    match event.actor.kind() {
        "Person" | "Agent" | "" => Who::person(actor),
        _ => Who::Nobody("events of software and organizations, left out"),
    }
}

/// The shard of Canvas in which local ids hold.
fn shard(event: &Event<'_>) -> Option<u64> {
    let account = event.actor.extensions.canvas.as_ref()?.account.get()?;
    account.parse::<u64>().ok()
}

fn course_of<'b>(group: &'b Entity<'_>) -> Option<&'b str> {
    let mut level = Some(group);
    while let Some(organization) = level {
        match organization.kind() {
            // An address alone says nothing of its type.
            "CourseOffering" | "CourseSection" | "" => return organization.id.get(),
            _ => level = organization.above.as_deref(),
        }
    }
    None
}

/// What is studied.
fn thing<'b, 'a>(event: &'b Event<'a>, kind: &str) -> Option<&'b Entity<'a>> {
    let object = &event.object;
    match (kind, object.kind()) {
        ("SessionEvent", _) | ("Event", "Membership" | "Session") => None,
        (_, "Attempt" | "Result") => {
            let scored = event
                .generated
                .as_ref()
                .and_then(|made| made.attempt.as_deref());
            let of = |attempt: &'b Entity<'a>| {
                attempt
                    .assignable
                    .as_deref()
                    .filter(|it| it.id.get().is_some())
            };
            of(object).or_else(|| scored.and_then(of)).or(Some(object))
        }
        (_, "Message") => {
            let above = |kind| {
                let mut levels = object.upwards();
                levels.find(|level| level.kind() == kind && level.id.get().is_some())
            };
            above("Thread").or_else(|| above("Forum")).or(Some(object))
        }
        ("ToolLaunchEvent", _) => {
            let link = event.target.as_deref();
            link.filter(|link| link.kind().ends_with("Link") && link.id.get().is_some())
                .or(Some(object))
        }
        _ => Some(object),
    }
}

fn media(event: &Event<'_>, row: &mut Row<'_>) {
    let extensions = &event.object.extensions;
    let target = event
        .target
        .as_ref()
        .and_then(|target| target.current_time.0);
    row.length = event.object.duration.0.filter(|length| *length > 0.0);
    if row.verb == Verb::Seeked {
        row.position = extensions.old_time.0;
        row.position_to = target.or(extensions.new_time.0);
    } else {
        row.position = target.or(extensions.current_time.0);
    }
}

/// Attempt, success, duration; returns the response.
fn measures<'b>(event: &'b Event<'_>, row: &mut Row<'_>) -> Option<Cow<'b, str>> {
    let object = &event.object;
    let made = event.generated.as_deref();
    let attempts = [
        Some(object),
        made,
        made.and_then(|made| made.attempt.as_deref()),
        event.target.as_deref(),
    ];
    let attempt = attempts
        .into_iter()
        .flatten()
        .find(|it| it.kind() == "Attempt");
    let count = attempt.and_then(|attempt| attempt.count);
    row.attempt = count.or(object.extensions.attempts).and_then(ordinal);
    row.success = object.extensions.success;
    if matches!(row.verb, Verb::Submitted | Verb::Completed | Verb::Answered) {
        let response = made.filter(|made| made.kind() != "Score");
        let mut lengths = [response, attempt].into_iter().flatten();
        let length = lengths.find_map(|it| it.duration.micros());
        // The event stands at the end of what it finishes.
        let start = length.and_then(|length| row.time.checked_sub(length));
        if let Some(start) = start {
            row.time = start;
            row.duration = length;
        }
    }
    made.and_then(chosen)
}

/// The score given, and the best there is.
fn score(event: &Event<'_>) -> Option<(f64, f64)> {
    let extensions = &event.object.extensions;
    let made = event.generated.as_ref();
    let pairs = [
        made.map(|made| (made.score, made.max_score)),
        Some((extensions.grade, extensions.max_grade)),
        Some((extensions.earned, extensions.possible)),
    ];
    let mut told = pairs.into_iter().flatten();
    told.find_map(|(given, most)| Some((given?, most?)))
}

/// What is counted where [`share`] finds none.
pub(in crate::ingest) const NO_SHARE: &str = "scores and shares outside 0..1, left out";

/// The share of the best, if it lies in 0..1.
pub(in crate::ingest) fn share(given: f64, most: f64) -> Option<f64> {
    let share = given / most;
    (most > 0.0 && (0.0..=1.0).contains(&share)).then_some(share)
}

/// A count from 1.
pub(in crate::ingest) fn ordinal(count: f64) -> Option<u32> {
    let fits = count >= 1.0 && count <= f64::from(u32::MAX) && count.fract() == 0.0;
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "checked to fit"
    )]
    fits.then_some(count as u32)
}

/// The options chosen, where options were offered.
fn chosen<'b>(response: &'b Entity<'_>) -> Option<Cow<'b, str>> {
    if !CHOICES.contains(&response.kind()) {
        return None;
    }
    let options = [&response.value, &response.values, &response.selections];
    let options = options.into_iter().find(|options| !options.is_empty())?;
    let chosen = match options.as_slice() {
        [only] => Cow::Borrowed(only.as_ref()),
        several => Cow::Owned(several.join("[,]")),
    };
    // What cannot be an id was not an option.
    ids::check(&chosen).is_ok().then_some(chosen)
}

/// A time in UTC microseconds.
///
/// # Errors
/// `BadTime`, `NoZone` or `AmbiguousTime`.
pub(in crate::ingest) fn clock(
    text: &str,
    zone: Option<&Zone>,
    place: &'static str,
) -> Result<i64, Fault> {
    parse_time(text, zone).map_err(|wrong| match wrong {
        TimeFault::Unreadable | TimeFault::TooFar => fault(place, "BadTime"),
        TimeFault::NoZone => fault(place, "NoZone"),
        TimeFault::Ambiguous => fault(place, "AmbiguousTime"),
    })
}

fn is_uuid(id: &str) -> bool {
    let Some(uuid) = id.strip_prefix("urn:uuid:") else {
        return false;
    };
    uuid.len() == 36
        && uuid.bytes().enumerate().all(|(at, byte)| match at {
            8 | 13 | 18 | 23 => byte == b'-',
            _ => byte.is_ascii_hexdigit(),
        })
}
