//! From a statement to events and facts.

use std::borrow::Cow;

use super::activity::{Activity, Interaction};
use super::actor::{Actor, Identifier};
use super::object::Object;
use super::outcome::Score;
use super::statement::Statement;
use super::{Xapi, open_edx};
use crate::data::{Kind, Role, Verb};
use crate::ingest::batch::{Batch, ContentTold, EnrollmentFact, Fault, Row, fault};

/// The verb of Open edX for an answer that was judged on the spot.
const EVALUATED: &str = "https://w3id.org/xapi/acrossx/verbs/evaluated";

impl Xapi {
    /// Adds what a statement tells.
    ///
    /// # Errors
    /// A time or an id that cannot be one.
    pub(super) fn tell(&self, statement: &Statement<'_>, out: &mut Batch<'_>) -> Result<(), Fault> {
        if let Some(id) = statement.voids() {
            out.voided.push(id.to_owned());
            return Ok(());
        }
        let finding = match &statement.object {
            Object::Activity(activity) => return self.about(statement, Some(activity), out),
            Object::Substatement => "statements of an intention, no event",
            Object::Person | Object::Reference(_) => {
                // Somebody may log in to no activity; all else needs a content.
                match self.verb(&statement.verb) {
                    Some(Verb::LoggedIn | Verb::LoggedOut) => {
                        return self.about(statement, None, out);
                    }
                    _ => "statements about a person or a statement, no event",
                }
            }
        };
        out.find(finding);
        Ok(())
    }

    fn about(
        &self,
        statement: &Statement<'_>,
        activity: Option<&Activity<'_>>,
        out: &mut Batch<'_>,
    ) -> Result<(), Fault> {
        let end = statement.timestamp.or(statement.stored);
        let end = end.ok_or(fault("timestamp", "NoTime"))?;
        let duration = statement.outcome.duration.flatten();
        if statement.outcome.duration == Some(None) {
            out.find("durations in months or years, left out");
        }
        let place = Place::of(statement, activity);
        let problem = activity.is_some_and(asks);
        let mut row = Row {
            content: place.content.as_deref(),
            course: place.course.as_deref(),
            duration,
            received: statement.stored,
            success: statement.outcome.success,
            score: score(&statement.outcome.score, out),
            response: response(statement, activity),
            ..Row::new("", 0, Verb::Interacted)
        };
        extended(&mut row, statement, activity, out);
        let (alone, several);
        let people =
            if let (Some(agent), false) = (&statement.actor.identifier, statement.actor.group) {
                alone = self.id(agent);
                std::slice::from_ref(&alone)
            } else {
                several = self.people(&statement.actor, out)?;
                several.as_slice()
            };
        let Some(first) = people.first() else {
            out.find("statements of a group whose members are not told, no event");
            return Ok(());
        };
        let verb = self.verb(&statement.verb);
        row.verb = match verb {
            Some(Verb::Graded) if problem && statement.verb == EVALUATED => Verb::Submitted,
            Some(verb) => verb,
            // Counted when its event is certain to be kept.
            None => Verb::Interacted,
        };
        // The statement is made when the activity ends.
        row.time = end.saturating_sub(duration.unwrap_or(0));
        let done = statement.outcome.completion == Some(true)
            && row.content.is_some()
            && !matches!(row.verb, Verb::Completed | Verb::Passed);
        for (learner, number) in people.iter().zip(1_usize..) {
            let id = match (&statement.id, !statement.actor.group) {
                (Some(id), true) => Some(Cow::Borrowed(&**id)),
                (Some(id), false) => Some(Cow::Owned(format!("{id}#{number}"))),
                (None, _) => None,
            };
            let row = Row {
                learner,
                id: id.as_deref(),
                ..row
            };
            out.event(&row)?;
            if done {
                let id = id.as_deref().map(|id| format!("{id}#completion"));
                let completed = Row {
                    content: row.content,
                    course: row.course,
                    session: row.session,
                    received: row.received,
                    id: id.as_deref(),
                    ..Row::new(learner, end, Verb::Completed)
                };
                out.event(&completed)?;
            }
            enroll(&row, out)?;
        }
        if verb.is_none() {
            out.unknown_verb(&statement.verb);
        }
        self.groups(statement, first, out)?;
        describe(&place, statement, activity, out);
        Ok(())
    }

    /// The ids of the members of a group, each once.
    fn people<'s>(
        &self,
        actor: &'s Actor<'_>,
        out: &Batch<'_>,
    ) -> Result<Vec<Cow<'s, str>>, Fault> {
        let mut people: Vec<Cow<'s, str>> = Vec::with_capacity(actor.members.len());
        let mut seen = std::collections::HashSet::new();
        for member in &actor.members {
            let id = self.id(member);
            if seen.insert(id.clone()) {
                // All must be ids, so that an event is added for each or for none.
                out.learner(&id)?;
                people.push(id);
            }
        }
        Ok(people)
    }

    fn id<'s>(&self, identifier: &'s Identifier<'_>) -> Cow<'s, str> {
        identifier.id(self.home_page.as_deref())
    }

    /// Who belongs to an identified group or team, and who instructs it.
    fn groups(
        &self,
        statement: &Statement<'_>,
        first: &str,
        out: &mut Batch<'_>,
    ) -> Result<(), Fault> {
        let actor = &statement.actor;
        if let (true, Some(group)) = (actor.group, &actor.identifier) {
            for member in &actor.members {
                let pair = (
                    out.learner(&self.id(group))?.into_owned(),
                    out.learner(&self.id(member))?.into_owned(),
                );
                out.facts.memberships.push(pair);
            }
        }
        let team = statement.context.team.as_ref();
        let Some(team) = team.and_then(|team| team.identifier.as_ref()) else {
            return Ok(());
        };
        let team = out.learner(&self.id(team))?.into_owned();
        if !actor.group {
            let learner = out.learner(first)?.into_owned();
            out.facts.memberships.push((team.clone(), learner));
        }
        let instructor = statement.context.instructor.as_ref();
        if let Some(person) = instructor.and_then(|actor| actor.identifier.as_ref()) {
            let person = out.learner(&self.id(person))?.into_owned();
            out.facts.roles.push((person, team, Role::Instructor));
        }
        Ok(())
    }
}

/// Enrolling and leaving are facts, too.
fn enroll(row: &Row<'_>, out: &mut Batch<'_>) -> Result<(), Fault> {
    let enrolled = match row.verb {
        Verb::Enrolled => true,
        Verb::Unenrolled => false,
        _ => return Ok(()),
    };
    let Some(course) = row.course.or(row.content) else {
        return Ok(());
    };
    let learner = out.learner(row.learner)?.into_owned();
    out.facts.enrollments.push(EnrollmentFact {
        learner,
        course: course.to_owned(),
        time: row.time,
        enrolled: Some(enrolled),
        outcome: None,
    });
    Ok(())
}

/// Where an event belongs.
struct Place<'s> {
    content: Option<Cow<'s, str>>,
    course: Option<Cow<'s, str>>,
    module: Option<Cow<'s, str>>,
}

impl<'s> Place<'s> {
    fn of(statement: &'s Statement<'_>, activity: Option<&'s Activity<'_>>) -> Self {
        let context = &statement.context;
        let id = activity.map(|activity| open_edx::content(&activity.id));
        let course = if activity.is_some_and(|activity| activity.definition.course) {
            id.clone()
        } else if let Some(course) = &context.course {
            Some(Cow::Borrowed(&**course))
        } else {
            activity
                .and_then(|activity| open_edx::course_of(&activity.id))
                .map(Cow::Owned)
                .or(context.course_key.as_deref().map(Cow::Borrowed))
        };
        let module = context.module.as_ref();
        Self {
            content: id,
            course,
            module: module.map(|id| Cow::Borrowed(&**id)),
        }
    }
}

fn asks(activity: &Activity<'_>) -> bool {
    let definition = &activity.definition;
    definition.interaction.is_some() || definition.content == Some(Kind::Problem)
}

fn score(score: &Score, out: &mut Batch<'_>) -> Option<f64> {
    let share = score.share();
    if share.is_none() && score.told() {
        out.find("scores below 0 or without a maximum, left out");
    }
    share
}

/// What stands in the extensions; values that cannot be are left out and counted.
fn extended<'s>(
    row: &mut Row<'s>,
    statement: &'s Statement<'_>,
    activity: Option<&Activity<'_>>,
    out: &mut Batch<'_>,
) {
    let told = &statement.extensions;
    let mut checked = |value: Option<f64>, good: fn(f64) -> bool, finding: &'static str| {
        let kept = value.filter(|value| good(*value));
        if kept != value {
            out.find(finding);
        }
        kept
    };
    let position = told.from.or(told.time);
    row.position = checked(position, |at| at >= 0.0, "positions below 0, left out");
    row.position_to = checked(told.to, |at| at >= 0.0, "positions below 0, left out");
    row.speed = checked(
        told.speed,
        |speed| speed > 0.0,
        "speeds of 0 or below, left out",
    );
    let length = told
        .length
        .or(activity.and_then(|activity| activity.definition.extensions.length));
    row.length = checked(
        length,
        |length| length > 0.0,
        "lengths of 0 or below, left out",
    );
    let share = |share: f64| (0.0..=1.0).contains(&share);
    let progress = told.progress.or(told.progress_cmi5);
    row.progress = checked(progress, share, "progress outside 0..1, left out");
    row.segments = told.segments.as_deref().filter(|text| !text.is_empty());
    let session = told.session.as_ref().or(told.session_cmi5.as_ref());
    row.session = session.map(AsRef::as_ref);
    let attempt = activity.and_then(|activity| activity.definition.extensions.attempt);
    let whole = |number: f64| number >= 0.0 && number.fract() == 0.0 && number < 1e9;
    let attempt = attempt.or(told.attempt).filter(|number| whole(*number));
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a whole number of nine digits"
    )]
    let attempt = attempt.map(|number| number as u32);
    row.attempt = attempt;
}

/// The option chosen; a text that may be free is none.
fn response<'s>(statement: &'s Statement<'_>, activity: Option<&Activity<'_>>) -> Option<&'s str> {
    let text = statement.outcome.response.as_deref()?;
    let definition = &activity?.definition;
    let known = |id: &str| definition.options.iter().any(|option| option == id);
    let listed = |separators: &[&str]| {
        definition.options.is_empty() || {
            let mut parts = vec![text];
            for separator in separators {
                parts = parts
                    .iter()
                    .flat_map(|part| part.split(separator))
                    .collect();
            }
            parts.into_iter().all(known)
        }
    };
    let chosen = match definition.interaction? {
        Interaction::TrueFalse => matches!(text, "true" | "false"),
        Interaction::Numeric => text.parse::<f64>().is_ok(),
        Interaction::Choice | Interaction::Sequencing | Interaction::Likert => listed(&["[,]"]),
        Interaction::Matching => listed(&["[,]", "[.]"]),
        Interaction::FillIn
        | Interaction::LongFillIn
        | Interaction::Performance
        | Interaction::Other => false,
    };
    Some(text).filter(|text| chosen && crate::data::ids::check(text).is_ok())
}

/// What the statement tells of its content stands in the catalog.
fn describe(
    place: &Place<'_>,
    statement: &Statement<'_>,
    activity: Option<&Activity<'_>>,
    out: &mut Batch<'_>,
) {
    let (Some(content), Some(course), Some(activity)) = (&place.content, &place.course, activity)
    else {
        return;
    };
    if content == course {
        return;
    }
    let definition = &activity.definition;
    let kind = definition.content;
    let length = statement.extensions.length.or(definition.extensions.length);
    let max_score = statement.outcome.score.max.filter(|max| *max > 0.0);
    let length = length.filter(|length| *length > 0.0);
    let kind = kind.or(definition.interaction.map(|_| Kind::Problem));
    if kind.is_none() && length.is_none() && max_score.is_none() && place.module.is_none() {
        return;
    }
    let told = ContentTold {
        module: place.module.as_deref(),
        kind,
        length,
        max_score,
    };
    out.describe(course, content, &told);
}
