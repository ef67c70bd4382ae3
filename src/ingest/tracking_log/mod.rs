#![doc = include_str!("MAPPING.md")]

mod address;
mod columns;
mod keys;
mod mapping;
mod people;
mod place;
mod record;
#[cfg(test)]
mod tests;
mod value;

use std::borrow::Cow;
use std::collections::HashMap;

use super::batch::{Batch, EnrollmentFact, Fault, MembershipFact, Row, fault};
use super::feed::{Dialect, ForeignOptions};
use crate::data::{Outcome, Verb};
use address::Purpose;
use mapping::among;
use record::{Context, Detail, Details, Line};
use value::Value;

pub(super) use mapping::MAPPING;

/// Reads Open edX tracking logs.
pub(super) struct TrackingLog {
    verbs: HashMap<&'static str, Verb>,
}

const UNREADABLE: &str = "details cut off or no JSON, left out";
const COPY: &str = "copies by the browser of what the server tells, left out";
const BESIDE: &str = "acts of the platform, left out";
const REQUEST: &str = "requests for files, interfaces or pages outside courses, left out";
const NAIVE: &str = "times without an offset, read as UTC";

/// What an event is called here, and whether the table knows it.
struct Name<'a> {
    name: &'a str,
    verb: Option<Verb>,
}

impl TrackingLog {
    pub(super) fn new(_: &ForeignOptions) -> Self {
        Self {
            verbs: MAPPING.verbs.iter().copied().collect(),
        }
    }

    /// Reads a record whose detail is known.
    fn tell(
        &self,
        line: &Line<'_>,
        details: &Details<'_>,
        out: &mut Batch<'_>,
    ) -> Result<(), Fault> {
        let named = line.name.as_ref().and_then(Value::text);
        let typed = line.event_type.as_ref().and_then(Value::text);
        let name = named.or(typed).ok_or(fault("event_type", "NoEventType"))?;
        let browser = line.source.as_ref().and_then(Value::text) == Some("browser");
        let name = if name.starts_with('/') {
            match address::place(name).purpose {
                Purpose::Page => mapping::PAGE,
                Purpose::Logout => mapping::LOGOUT,
                Purpose::Team => return Err(fault("event_type", "CourseTeam")),
                Purpose::Other => {
                    out.find(REQUEST);
                    return Ok(());
                }
            }
        } else {
            name
        };
        if mapping::COPIES.contains(&name) && (browser || name == "problem_graded") {
            out.find(COPY);
            return Ok(());
        }
        if mapping::BESIDE.contains(&name) {
            out.find(BESIDE);
            return Ok(());
        }
        if among(mapping::COURSE_TEAM, name) {
            return Err(fault("event_type", "CourseTeam"));
        }
        let verb = self.verbs.get(name).copied();
        event(line, details, &Name { name, verb }, out)
    }
}

/// Reads what a learner did, or what became of her.
fn event(
    line: &Line<'_>,
    details: &Details<'_>,
    called: &Name<'_>,
    out: &mut Batch<'_>,
) -> Result<(), Fault> {
    let none = Context::default();
    let context = line.context.as_ref().unwrap_or(&none);
    let (time, naive) = time(line)?;
    let learner = people::learner(line, context, details, called.name)?;
    let spot = place::spot(line, context, details, called.name);
    let course = spot.course.as_deref();

    if let Some((_, member)) = mapping::MEMBERSHIPS
        .iter()
        .find(|(name, _)| *name == called.name)
    {
        let group = people::group(details).ok_or(fault("event", "NoGroup"))?;
        let learner = out.learner(&learner)?.into_owned();
        out.facts.moves.push(MembershipFact {
            group,
            learner,
            time,
            member: *member,
        });
        return Ok(());
    }

    let mut row = Row::new(&learner, time, called.verb.unwrap_or(Verb::Interacted));
    row.course = course;
    row.content = spot.content.as_deref();
    let session = line.session.as_ref().and_then(Value::text);
    row.session = session.or_else(|| context.session.as_ref().and_then(Value::text));
    let response = columns::response(details, called.name);
    row.response = response.as_deref();
    let oddities = columns::fill(&mut row, details, called.name);
    if row.content.is_none() && row.verb.is_engagement() {
        return Err(fault("content", "NoContent"));
    }
    if row.course.is_none() && row.verb.is_registration() {
        return Err(fault("course", "NoCourse"));
    }
    out.event(&row)?;

    if called.verb.is_none() {
        out.unknown_verb(called.name);
    }
    for finding in oddities.into_iter().flatten().chain(naive.then_some(NAIVE)) {
        out.find(finding);
    }
    if let (Some(course), Some(content)) = (course, row.content) {
        if let Some(facts) = place::facts(&spot, &row, details) {
            out.content(course, content, facts);
        }
        people::roles(details, &learner, course, out)?;
    }
    if let Some(course) = course {
        enrollment(called, &learner, course, time, out)?;
    }
    Ok(())
}

/// Files what an event tells of an enrollment.
fn enrollment(
    called: &Name<'_>,
    learner: &str,
    course: &str,
    time: i64,
    out: &mut Batch<'_>,
) -> Result<(), Fault> {
    let certified = called.name == "edx.certificate.created";
    let enrolled = match called.verb {
        Some(Verb::Enrolled) => Some(true),
        Some(Verb::Unenrolled) => Some(false),
        _ if certified => None,
        _ => return Ok(()),
    };
    let learner = out.learner(learner)?.into_owned();
    out.facts.enrollments.push(EnrollmentFact {
        learner,
        course: course.to_owned(),
        time,
        enrolled,
        outcome: certified.then_some(Outcome::Pass),
    });
    Ok(())
}

impl Dialect for TrackingLog {
    /// An array of records; a header in brackets is none.
    fn holds_records(&self, record: &[u8]) -> bool {
        let inside = record.trim_ascii_start().strip_prefix(b"[");
        inside.is_some_and(|inside| {
            let first = inside.trim_ascii_start().first();
            matches!(first, None | Some(b'{' | b'[' | b']'))
        })
    }

    fn read(&self, record: &[u8], out: &mut Batch<'_>) -> Result<(), Fault> {
        // A header, such as that of syslog, may stand before the object.
        let start = memchr::memchr(b'{', record).ok_or(fault("record", "NotJson"))?;
        let json = record.get(start..).unwrap_or_default();
        let mut line: Line<'_> =
            serde_json::from_slice(json).map_err(|_| fault("record", "NotJson"))?;
        let context = line.context.as_ref();
        let module = context.and_then(|context| context.module.as_ref());
        if line.doubled
            || context.is_some_and(|context| context.doubled)
            || module.is_some_and(|module| module.doubled)
        {
            return Err(fault("record", "DuplicateKey"));
        }
        let detail = line.event.take().or_else(|| line.data.take());
        match detail {
            Some(Detail::Object(details)) if details.doubled => Err(fault("event", "DuplicateKey")),
            Some(Detail::Object(details)) => self.tell(&line, &details, out),
            Some(Detail::Text(text)) => self.tell_text(&line, &text, out),
            Some(Detail::Nothing) | None => self.tell(&line, &Details::default(), out),
        }
    }
}

impl TrackingLog {
    /// Reads a record whose detail is a text: an object once more, a filled form, or neither.
    fn tell_text(&self, line: &Line<'_>, text: &str, out: &mut Batch<'_>) -> Result<(), Fault> {
        // Some forwarders quote the text another time.
        let text = match text.trim() {
            quoted if quoted.starts_with('"') => {
                serde_json::from_str(quoted).map_or_else(|_| Cow::Borrowed(quoted), Cow::Owned)
            }
            text => Cow::<str>::Borrowed(text),
        };
        if !text.starts_with('{') {
            let details = Details {
                problem_id: form_input(&text).map(|id| Value::Text(id.into())),
                ..Details::default()
            };
            return self.tell(line, &details, out);
        }
        match serde_json::from_str::<Details<'_>>(&text) {
            Ok(details) if details.doubled => Err(fault("event", "DuplicateKey")),
            Ok(details) => self.tell(line, &details, out),
            Err(_) => {
                self.tell(line, &Details::default(), out)?;
                out.find(UNREADABLE);
                Ok(())
            }
        }
    }
}

/// The first input of a form that the browser handed in: `input_..._2_1=...&...`.
fn form_input(text: &str) -> Option<&str> {
    let (_, rest) = text.split_once("input_")?;
    let named = |byte: u8| byte.is_ascii_alphanumeric() || b"_-.".contains(&byte);
    let end = rest.bytes().position(|byte| !named(byte));
    rest.get(..end.unwrap_or(rest.len()))
        .filter(|id| !id.is_empty())
}

/// UTC microseconds, and whether the time had no offset.
fn time(line: &Line<'_>) -> Result<(i64, bool), Fault> {
    let time = line.time.as_ref().filter(|time| time.says_something());
    let time = time.or(line.timestamp.as_ref().filter(|time| time.says_something()));
    let time = time.ok_or(fault("time", "NoTime"))?;
    let text = time.text().ok_or(fault("time", "BadTime"))?;
    let utc = crate::data::Zone::utc();
    let instant = crate::data::calendar::parse_time(text, Some(&utc));
    let instant = instant.map_err(|_| fault("time", "BadTime"))?;
    let clock = text
        .split_once(['T', 't', ' '])
        .map_or("", |(_, clock)| clock);
    Ok((instant, !clock.contains(['+', '-', 'Z', 'z'])))
}
