//! The log table `logstore_standard_log`.

use std::collections::HashMap;

use crate::data::calendar::{LATEST, TimeFault, parse_time};
use crate::data::{Role, Verb, Zone};
use crate::error::Result;
use crate::ingest::batch::{
    Batch, ContentFacts, EnrollmentFact, Fault, MembershipFact, Posting, Row, fault,
};
use crate::ingest::tables::{Line, TableDialect, TableOptions, Wanted, maybe, must};

use super::verbs::{ABOUT, MAPPING, STAFF};
use super::{NOT_LEARNING, context, kind, other};

/// Reads rows of the log table.
pub(in crate::ingest) struct Moodle {
    zone: Option<Zone>,
    verbs: HashMap<&'static str, Verb>,
}

impl Moodle {
    pub(in crate::ingest) fn new(options: &TableOptions) -> Result<Self> {
        if let Some(list) = &options.modules {
            super::modules::catalog(list)?;
        }
        Ok(Self {
            zone: options.foreign.zone.clone(),
            verbs: MAPPING.verbs.iter().copied().collect(),
        })
    }

    /// The verb of an event that is not refused; `None` if the table does not know it.
    fn verb(&self, name: &str, crud: Option<&str>) -> Option<Verb> {
        if let Some(verb) = self.verbs.get(name) {
            return Some(*verb);
        }
        let (component, event) = parts(name);
        let known = |key: &str| self.verbs.get(key).copied();
        let module = component
            .starts_with("mod_")
            .then(|| known(&format!(r"\mod_*\event\{event}")));
        let (target, action) = event.rsplit_once('_').unwrap_or(("", event));
        module
            .flatten()
            .or_else(|| known(&format!("target={target} action={action}")))
            .or_else(|| known(&format!("action={action}")))
            .or_else(|| known(&format!("crud={}", crud?)))
    }
}

/// `\mod_quiz\event\attempt_started` is of `mod_quiz` and says `attempt_started`.
fn parts(name: &str) -> (&str, &str) {
    let name = name.trim_start_matches('\\');
    let component = name.split_once('\\').map_or("", |(component, _)| component);
    (
        component,
        name.rsplit_once('\\').map_or(name, |(_, event)| event),
    )
}

/// Some databases write a backslash twice, and some lose the first one.
fn normal(name: &str) -> String {
    let words = name.trim().split('\\').filter(|word| !word.is_empty());
    words.fold(String::new(), |name, word| name + "\\" + word)
}

fn time(text: Option<&str>, zone: Option<&Zone>) -> std::result::Result<i64, Fault> {
    let bad = |rule| fault("timecreated", rule);
    let text = text.ok_or(bad("BadTime"))?.trim();
    let micros = if let Ok(seconds) = text.parse::<i64>() {
        seconds.checked_mul(1_000_000).ok_or(bad("OutOfRange"))?
    } else {
        parse_time(text, zone).map_err(|fault| {
            bad(match fault {
                TimeFault::Ambiguous => "AmbiguousTime",
                TimeFault::NoZone => "NoZone",
                TimeFault::Unreadable | TimeFault::TooFar => "BadTime",
            })
        })?
    };
    if (0..LATEST).contains(&micros) {
        Ok(micros)
    } else {
        Err(bad("OutOfRange"))
    }
}

/// One row, with names for its cells.
struct Entry<'a> {
    id: Option<&'a str>,
    name: String,
    object: Option<&'a str>,
    level: Option<&'a str>,
    instance: Option<&'a str>,
    course: Option<&'a str>,
    other: Option<&'a str>,
    time: i64,
}

impl TableDialect for Moodle {
    const TABLE: &'static str = "logstore_standard_log";
    const COLUMNS: &'static [Wanted] = &[
        maybe("id"),
        must("eventname"),
        maybe("objectid"),
        maybe("crud"),
        maybe("edulevel"),
        maybe("contextlevel"),
        maybe("contextinstanceid"),
        must("userid"),
        maybe("courseid"),
        maybe("relateduserid"),
        maybe("anonymous"),
        maybe("other"),
        must("timecreated"),
        maybe("origin"),
        maybe("realuserid"),
    ];

    fn read(&self, line: &Line<'_>, out: &mut Batch<'_>) -> std::result::Result<(), Fault> {
        let [
            id,
            eventname,
            object,
            crud,
            edulevel,
            level,
            instance,
            user,
            course,
            related,
            anonymous,
            other,
            created,
            origin,
            real,
        ] = line.numbered_cells();
        let entry = Entry {
            id,
            name: normal(eventname.ok_or(fault("eventname", "NoEventName"))?),
            object,
            level,
            instance,
            course: context::course(course),
            other,
            time: time(created, self.zone.as_ref())?,
        };
        if matches!(anonymous, Some("1" | "true")) {
            return Err(fault("anonymous", "Anonymous"));
        }
        let about = ABOUT.contains(&entry.name.as_str());
        let learner = match related {
            Some(_) if about => context::person("relateduserid", related),
            _ => context::person("userid", user),
        };
        if let Some(read) = registration(&entry, learner, out) {
            return read;
        }
        if real.is_some_and(|id| id.trim() != "0") {
            return Err(fault("realuserid", "LoggedInAs"));
        }
        let verb = self.verb(&entry.name, crud);
        let unlisted = !self.verbs.contains_key(entry.name.as_str());
        if STAFF.contains(&entry.name.as_str()) || (unlisted && teaching(edulevel, &entry.name)) {
            return Err(fault("eventname", NOT_LEARNING));
        }
        context::by_hand("origin", origin)?;
        self.deed(&entry, learner?, verb, out)
    }
}

/// Moodle's own word for what changes how others learn; views of course modules are everybody's.
fn teaching(edulevel: Option<&str>, name: &str) -> bool {
    edulevel == Some("1") && !name.ends_with(r"\course_module_viewed")
}

impl Moodle {
    fn deed(
        &self,
        entry: &Entry<'_>,
        learner: &str,
        verb: Option<Verb>,
        out: &mut Batch<'_>,
    ) -> std::result::Result<(), Fault> {
        let state = entry
            .other
            .filter(|_| entry.name.ends_with("_completion_updated"));
        let state = state.and_then(|text| other::number(text, "completionstate"));
        let keyed = state.map(|state| format!("{} completionstate={state}", entry.name));
        let keyed = keyed.and_then(|key| self.verbs.get(key.as_str()).copied());
        let unknown = verb.is_none() && keyed.is_none();
        let verb = keyed.or(verb).unwrap_or(Verb::Interacted);
        let login = matches!(verb, Verb::LoggedIn | Verb::LoggedOut);
        let module = (entry.level == Some("70"))
            .then_some(entry.instance)
            .flatten();
        let content = match (module, entry.course) {
            (Some(instance), _) => format!("cm:{}", instance.trim()),
            (None, Some(course)) => format!("course:{course}"),
            (None, None) => "site".to_owned(),
        };
        out.event(&Row {
            content: Some(content.as_str()).filter(|_| !login),
            course: entry.course.filter(|_| !login),
            success: match state {
                Some(2) => Some(true),
                Some(3) => Some(false),
                _ => None,
            },
            id: entry.id,
            ..Row::new(learner, entry.time, verb)
        })?;
        if unknown {
            out.unknown_verb(&entry.name);
        }
        let (component, _) = parts(&entry.name);
        if let (Some(_), Some(course), true) = (module, entry.course, component.starts_with("mod_"))
        {
            let facts = ContentFacts {
                kind: Some(kind(component)),
                ..ContentFacts::default()
            };
            out.content(course, &content, facts);
        }
        Ok(())
    }
}

/// Who is enrolled, in which group and in which role: facts about a person, whoever made them and
/// however (the command line, too). `None` for other events.
fn registration(
    entry: &Entry<'_>,
    person: std::result::Result<&str, Fault>,
    out: &mut Batch<'_>,
) -> Option<std::result::Result<(), Fault>> {
    let event = entry.name.strip_prefix(r"\core\event\")?;
    let read = match event {
        "user_enrolment_created" => person.and_then(|person| enroll(entry, person, true, out)),
        "user_enrolment_deleted" => person.and_then(|person| {
            if entry
                .other
                .and_then(|text| other::number(text, "lastenrol"))
                == Some(0)
            {
                return Err(fault("other", "StillEnrolled"));
            }
            enroll(entry, person, false, out)
        }),
        "group_member_added" | "group_member_removed" => person.and_then(|person| {
            let group = entry.object.ok_or(fault("objectid", "NoGroup"))?;
            post(entry, person, group, None, event.ends_with("added"), out)
        }),
        "role_assigned" | "role_unassigned" => person.and_then(|person| {
            // A fresh site numbers its roles so, and no number is given twice.
            let role = match entry.object.map(str::trim) {
                Some("3") => Role::Instructor,
                Some("4") => Role::CoInstructor,
                _ => return Err(fault("eventname", NOT_LEARNING)),
            };
            let course = entry.course.filter(|_| entry.level == Some("50"));
            let course = course.ok_or(fault("contextlevel", NOT_LEARNING))?;
            post(
                entry,
                person,
                course,
                Some(role),
                event == "role_assigned",
                out,
            )
        }),
        _ => return None,
    };
    Some(read)
}

fn enroll(
    entry: &Entry<'_>,
    person: &str,
    enrolled: bool,
    out: &mut Batch<'_>,
) -> std::result::Result<(), Fault> {
    let course = entry.course.ok_or(fault("courseid", "NoCourse"))?;
    let verb = if enrolled {
        Verb::Enrolled
    } else {
        Verb::Unenrolled
    };
    out.event(&Row {
        course: Some(course),
        id: entry.id,
        ..Row::new(person, entry.time, verb)
    })?;
    let learner = out.learner(person)?.into_owned();
    out.facts.enrollments.push(EnrollmentFact {
        learner,
        course: course.to_owned(),
        time: entry.time,
        enrolled: Some(enrolled),
        outcome: None,
    });
    Ok(())
}

fn post(
    entry: &Entry<'_>,
    person: &str,
    group: &str,
    role: Option<Role>,
    joined: bool,
    out: &mut Batch<'_>,
) -> std::result::Result<(), Fault> {
    let person = out.learner(person)?.into_owned();
    let (group, time) = (group.trim().to_owned(), entry.time);
    match role {
        Some(role) => out.facts.postings.push(Posting {
            person,
            group,
            role,
            time,
            joined,
        }),
        None => out.facts.moves.push(MembershipFact {
            group,
            learner: person,
            time,
            member: joined,
        }),
    }
    out.find("rows that tell facts and no event");
    Ok(())
}
