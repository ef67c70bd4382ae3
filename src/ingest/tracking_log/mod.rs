//! Open edX tracking logs; `MAPPING.md` says what becomes what and why.

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
use crate::data::calendar::parse_time;
use crate::data::{Outcome, Verb, Zone};
use address::Purpose;
use mapping::among;
use record::{Detail, Details, Line};

pub(super) use mapping::MAPPING;

/// Reads Open edX tracking logs.
pub(super) struct TrackingLog {
    verbs: HashMap<&'static str, Verb>,
    utc: Zone,
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
            // The platform writes UTC, whatever the zone of the analysis is.
            utc: Zone::utc(),
        }
    }

    /// Reads a record whose detail is known.
    fn tell(
        &self,
        line: &Line<'_>,
        details: &Details<'_>,
        out: &mut Batch<'_>,
    ) -> Result<(), Fault> {
        let name = line.name.text().or_else(|| line.event_type.text());
        let name = name.ok_or(fault("event_type", "NoEventType"))?;
        let browser = line.source.text() == Some("browser");
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
        if mapping::COPIES.contains(&name) && (browser || name != "problem_check") {
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
        let time = time(line, &self.utc)?;
        event(line, details, &Name { name, verb }, time, out)
    }
}

/// Reads what a learner did, or what became of her.
fn event(
    line: &Line<'_>,
    details: &Details<'_>,
    called: &Name<'_>,
    (time, naive): (i64, bool),
    out: &mut Batch<'_>,
) -> Result<(), Fault> {
    let context = &line.context;
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
    row.session = line.session.text().or_else(|| context.session.text());
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
        if line.doubled || line.context.doubled || line.context.module.doubled {
            return Err(fault("record", "DuplicateKey"));
        }
        let detail = match std::mem::take(&mut line.event) {
            Detail::Nothing => std::mem::take(&mut line.data),
            event => event,
        };
        match detail {
            Detail::Object(details) if details.doubled => Err(fault("event", "DuplicateKey")),
            Detail::Object(details) => self.tell(&line, &details, out),
            Detail::Text(text) => self.tell_text(&line, &text, out),
            Detail::Nothing => self.tell(&line, &Details::default(), out),
        }
    }
}

impl TrackingLog {
    /// Reads a record whose detail is a text: an object once more, or something that is not read,
    /// such as a form that was filled in.
    fn tell_text(&self, line: &Line<'_>, text: &str, out: &mut Batch<'_>) -> Result<(), Fault> {
        // Some forwarders quote the text another time.
        let text = match text.trim() {
            quoted if quoted.starts_with('"') => {
                serde_json::from_str(quoted).map_or_else(|_| Cow::Borrowed(quoted), Cow::Owned)
            }
            text => Cow::<str>::Borrowed(text),
        };
        if !text.starts_with('{') {
            return self.tell(line, &Details::default(), out);
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

/// UTC microseconds, and whether the time had no offset.
fn time(line: &Line<'_>, utc: &Zone) -> Result<(i64, bool), Fault> {
    let time = line.time.or(&line.timestamp);
    if !time.says_something() {
        return Err(fault("time", "NoTime"));
    }
    let text = time.text().ok_or(fault("time", "BadTime"))?;
    let instant = parse_time(text, Some(utc)).map_err(|_| fault("time", "BadTime"))?;
    let clock = text
        .split_once(['T', 't', ' '])
        .map_or("", |(_, clock)| clock);
    Ok((instant, !clock.contains(['+', '-', 'Z', 'z'])))
}
