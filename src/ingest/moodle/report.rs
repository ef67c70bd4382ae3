//! The log report as a site exports it: one line of text per event, ids only inside Description.

use std::collections::HashMap;

use jiff::tz::TimeZone;

use crate::data::calendar::{TimeFault, parse_time};
use crate::data::{Verb, Zone};
use crate::error::{Error, Result};
use crate::ingest::batch::{
    Batch, ContentFacts, EnrollmentFact, Fault, MembershipFact, Row, fault,
};
use crate::ingest::tables::{Line, TableDialect, TableOptions, Wanted, either, maybe};

use super::dates::Pattern;
use super::description::{self, Told};
use super::report_verbs::{REPORT, REPORT_ABOUT, REPORT_STAFF};
use super::{NOT_LEARNING, context, kind, modules};

/// Moodle's short form of times in English.
const PATTERN: &str = "d/m/yy, HH:MM";

/// Reads rows of a report.
pub(in crate::ingest) struct MoodleReport {
    zone: Zone,
    pattern: Pattern,
    course: Option<String>,
    /// The course of each course module, where the list of them was given.
    courses: HashMap<String, String>,
    verbs: HashMap<&'static str, Verb>,
}

impl MoodleReport {
    pub(in crate::ingest) fn new(options: &TableOptions) -> Result<Self> {
        let zone = options.foreign.zone.clone().ok_or(Error::Missing {
            needs: "a Moodle report",
            what: "the time zone of its times",
            how: "give the zone of whoever exported it, for example tz=\"Europe/Helsinki\"",
        })?;
        let list = options.modules.as_ref();
        if let Some(list) = list {
            modules::catalog(list)?;
        }
        Ok(Self {
            zone,
            pattern: Pattern::new(options.date_format.as_deref().unwrap_or(PATTERN))?,
            course: options.course.clone(),
            courses: list.map(modules::courses).transpose()?.unwrap_or_default(),
            verbs: REPORT.verbs.iter().copied().collect(),
        })
    }

    fn time(&self, text: Option<&str>) -> std::result::Result<i64, Fault> {
        let text = text.ok_or(fault("Time", "BadTime"))?;
        let Some(local) = self.pattern.read(text) else {
            // Frames may hold times as such.
            let iso = text
                .contains('T')
                .then(|| parse_time(text, Some(&self.zone)));
            return iso
                .unwrap_or(Err(TimeFault::Unreadable))
                .map_err(time_fault);
        };
        let local = TimeZone::UTC.to_timestamp(local);
        let local = local
            .map_err(|_| fault("Time", "BadTime"))?
            .as_microsecond();
        self.zone
            .instant(local)
            .ok_or(fault("Time", "AmbiguousTime"))
    }

    fn verb(&self, name: &str, told: &Told<'_>) -> Option<Verb> {
        let phrase = || {
            self.verbs
                .get(format!("the user ... {}", told.deed?).as_str())
        };
        self.verbs.get(name).or_else(phrase).copied()
    }
}

fn time_fault(why: TimeFault) -> Fault {
    match why {
        TimeFault::Ambiguous => fault("Time", "AmbiguousTime"),
        _ => fault("Time", "BadTime"),
    }
}

impl TableDialect for MoodleReport {
    const TABLE: &'static str = "report";
    const COLUMNS: &'static [Wanted] = &[
        Wanted {
            name: "Time",
            others: &["Date", "Date/Time"],
            required: true,
        },
        either("Event name", &["Name", "Event"]),
        Wanted {
            name: "Description",
            others: &[],
            required: true,
        },
        maybe("Origin"),
    ];

    fn read(&self, line: &Line<'_>, out: &mut Batch<'_>) -> std::result::Result<(), Fault> {
        let [time, name, description, origin] = line.cells();
        let time = self.time(time)?;
        let name = name.unwrap_or_default().trim();
        let told = description::read(description.unwrap_or_default());
        let [first, second] = told.users;
        let about = REPORT_ABOUT.contains(&name);
        let learner = if about && told.named == 2 {
            second
        } else {
            first
        };
        let learner = context::person("Description", learner);
        if REPORT_STAFF.contains(&name) {
            return Err(fault("Event name", NOT_LEARNING));
        }
        if let "Group member added" | "Group member removed" = name {
            let group = told.group.ok_or(fault("Description", "NoGroup"))?;
            let learner = out.learner(learner?)?.into_owned();
            out.facts.moves.push(MembershipFact {
                group: group.to_owned(),
                learner,
                time,
                member: name.ends_with("added"),
            });
            out.find("rows that tell facts and no event");
            return Ok(());
        }
        let verb = self.verb(name, &told);
        if !verb.is_some_and(Verb::is_registration) {
            context::by_hand("Origin", origin)?;
        }
        self.deed(&told, learner?, time, (name, verb), out)
    }
}

impl MoodleReport {
    fn deed(
        &self,
        told: &Told<'_>,
        learner: &str,
        time: i64,
        (name, verb): (&str, Option<Verb>),
        out: &mut Batch<'_>,
    ) -> std::result::Result<(), Fault> {
        let listed = told.module.and_then(|module| self.courses.get(module));
        let course = context::course(told.course).or(listed.map(String::as_str));
        let known = verb.unwrap_or(Verb::Interacted);
        let registration = known.is_registration();
        let placed = course.or(context::course(self.course.as_deref()));
        let content = match (told.module, told.activity, course, told.grade_item) {
            (Some(id), ..) => Some(format!("cm:{id}")),
            (_, Some((name, id)), ..) => Some(format!("{name}:{id}")),
            (_, _, Some(course), _) => Some(format!("course:{course}")),
            (.., Some(item)) => Some(format!("gradeitem:{item}")),
            _ => placed.map(|course| format!("course:{course}")),
        };
        let content = content.filter(|_| known.is_engagement());
        if known.is_engagement() && content.is_none() {
            return Err(fault("Description", "NoContent"));
        }
        if registration && course.is_none() {
            return Err(fault("Description", "NoCourse"));
        }
        out.event(&Row {
            content: content.as_deref(),
            course: placed.filter(|_| !matches!(known, Verb::LoggedIn | Verb::LoggedOut)),
            ..Row::new(learner, time, known)
        })?;
        if verb.is_none() {
            out.unknown_verb(name);
        }
        if let (true, Some(course)) = (registration, course) {
            let fact = EnrollmentFact {
                learner: out.learner(learner)?.into_owned(),
                course: course.to_owned(),
                time,
                enrolled: Some(known == Verb::Enrolled),
                outcome: None,
            };
            out.facts.enrollments.push(fact);
        }
        let module = told.kind.filter(|_| told.module.is_some());
        if let (Some(module), Some(course), Some(content)) = (module, placed, content) {
            let facts = ContentFacts {
                kind: Some(kind(module)),
                ..ContentFacts::default()
            };
            out.content(course, &content, facts);
        }
        Ok(())
    }
}
