//! What an event of Caliper tells beside itself: contents, members, roles, enrollments.

use super::super::batch::{Batch, ContentFacts, EnrollmentFact, Row};
use super::event::{KnownAs, Reading};
use super::model::{Entity, Event, term};
use crate::data::{Kind, Role, Verb};

/// What may hold contents together as a module.
const MODULES: &[&str] = &[
    "Chapter",
    "DigitalResourceCollection",
    "EpubChapter",
    "EpubPart",
    "EpubSubChapter",
];

impl<K: KnownAs> Reading<'_, K> {
    /// Files the facts of an event that became a row.
    pub(super) fn facts(
        &self,
        event: &Event<'_>,
        row: &Row<'_>,
        thing: Option<&Entity<'_>>,
        shard: Option<u64>,
        out: &mut Batch<'_>,
    ) {
        if let (Some(thing), Some(content), Some(course)) = (thing, row.content, row.course) {
            self.about(event, row, thing, content, course, shard, out);
        }
        let Ok(learner) = out.learner(row.learner).map(std::borrow::Cow::into_owned) else {
            return;
        };
        if let (Some(course), Verb::Enrolled | Verb::Unenrolled) = (row.course, row.verb) {
            out.facts.enrollments.push(EnrollmentFact {
                learner,
                course: course.to_owned(),
                time: row.time,
                enrolled: Some(row.verb == Verb::Enrolled),
                outcome: None,
            });
            return;
        }
        if let Some(membership) = &event.membership {
            self.member(event, membership, row, shard, out);
        }
    }

    #[expect(clippy::too_many_arguments, reason = "one caller, which has them all")]
    fn about(
        &self,
        event: &Event<'_>,
        row: &Row<'_>,
        thing: &Entity<'_>,
        content: &str,
        course: &str,
        shard: Option<u64>,
        out: &mut Batch<'_>,
    ) {
        let module = thing
            .upwards()
            .skip(1)
            .find(|above| MODULES.contains(&above.kind()));
        let module = module.and_then(|module| module.id.get());
        let score = event
            .generated
            .as_ref()
            .filter(|made| made.kind() == "Score");
        out.content(
            course,
            content,
            ContentFacts {
                module: module.map(|id| self.known.thing(id, shard).into_owned()),
                kind: kind(thing.kind()),
                length: row.length,
                max_score: thing
                    .max_score
                    .or_else(|| score.and_then(|score| score.max_score))
                    .filter(|most| *most > 0.0),
            },
        );
    }

    fn member(
        &self,
        event: &Event<'_>,
        membership: &Entity<'_>,
        row: &Row<'_>,
        shard: Option<u64>,
        out: &mut Batch<'_>,
    ) {
        let active = membership
            .status
            .get()
            .is_none_or(|status| term(status) == "Active");
        if membership.roles.is_empty() || !active {
            return;
        }
        let organization = membership
            .organization
            .as_deref()
            .and_then(|it| it.id.get());
        let group = organization.map(|id| self.known.thing(id, shard));
        let Some(group) = group.as_deref().or(row.course) else {
            return;
        };
        // A membership is the actor's, and the event may be about somebody else.
        let member = membership.member.as_deref().and_then(|it| it.id.get());
        let Some(person) = member.or(event.actor.id.get()) else {
            return;
        };
        let person = self.known.learner(person, shard);
        let Ok(person) = out.learner(&person).map(std::borrow::Cow::into_owned) else {
            return;
        };
        for word in &membership.roles {
            let word = term(word);
            if word.ends_with("Learner") {
                out.facts
                    .memberships
                    .push((group.to_owned(), person.clone()));
            } else if let Some(role) = role(word) {
                out.facts
                    .roles
                    .push((person.clone(), group.to_owned(), role));
            }
        }
    }
}

fn role(word: &str) -> Option<Role> {
    match word {
        "Instructor" | "Lecturer" | "PrimaryInstructor" => Some(Role::Instructor),
        "SecondaryInstructor" | "GuestInstructor" => Some(Role::CoInstructor),
        _ if word.starts_with("TeachingAssistant") => Some(Role::CoInstructor),
        _ => None,
    }
}

fn kind(word: &str) -> Option<Kind> {
    Some(match word {
        "VideoObject" | "AudioObject" | "MediaObject" => Kind::Video,
        "Assessment" => Kind::Quiz,
        "AssessmentItem" => Kind::Problem,
        "AssignableDigitalResource" => Kind::Assignment,
        "Forum" | "Thread" | "Message" => Kind::Discussion,
        "WebPage" | "Page" | "Chapter" | "EpubChapter" | "EpubPart" | "EpubSubChapter"
        | "Reading" => Kind::Page,
        "Document" | "ImageObject" => Kind::File,
        "SoftwareApplication" | "Questionnaire" | "QuestionnaireItem" | "Survey" | "LtiLink" => {
            Kind::Other
        }
        _ => return None,
    })
}
