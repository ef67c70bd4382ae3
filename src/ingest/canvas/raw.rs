//! Canvas's own form of its events.

use std::borrow::Cow;

use super::super::batch::{Batch, ContentFacts, Fault, Row, fault};
use super::super::caliper::{NO_SHARE, clock, ordinal, share};
use super::enrollment::Enrollment;
use super::ids::{global, named};
use super::model::{Body, Metadata};
use super::table::{MAPPING, is_about_administration};
use crate::data::{Kind, Verb, Zone};

/// Reads an event, or the facts in it.
///
/// # Errors
/// The rule that it breaks.
pub(super) fn read(
    metadata: &Metadata<'_>,
    body: &Body<'_>,
    zone: Option<&Zone>,
    out: &mut Batch<'_>,
) -> Result<(), Fault> {
    let name = metadata.name.required("metadata.event_name")?;
    let place = "metadata.event_time";
    let time = clock(metadata.time.required(place)?, zone, place)?;
    let event = Told {
        name,
        time,
        account: metadata
            .account
            .get()
            .and_then(|account| account.parse().ok()),
        metadata,
        body,
    };
    let course = event.course();
    match name {
        "enrollment_created" | "enrollment_updated" => return event.enrollment(zone, out),
        "group_membership_created" | "group_membership_updated" => return event.membership(out),
        _ if is_about_administration(name) => {
            event.about_content(course.as_deref(), out);
            out.find("events of administration, left out");
            return Ok(());
        }
        _ => {}
    }
    let Some(learner) = event.learner(out) else {
        return Ok(());
    };
    let content = event.content(course.as_deref());
    let verb = event.verb();
    let mut row = Row::new(&learner, time, verb.unwrap_or(Verb::Interacted));
    row.content = content.as_deref();
    row.course = course.as_deref();
    row.session = metadata.session.get();
    row.attempt = body.attempt.and_then(ordinal);
    let score = body.score.zip(body.points);
    let score = score.filter(|_| row.verb == Verb::Graded);
    row.score = score.and_then(|(given, most)| share(given, most));
    let counts = body.progress.as_ref();
    let counts = counts.and_then(|counts| counts.done.zip(counts.all));
    row.progress = counts.and_then(|(done, all)| share(done, all));
    out.event(&row)?;
    if verb.is_none() {
        out.unknown_verb(name);
    }
    if score.is_some() && row.score.is_none() || counts.is_some() && row.progress.is_none() {
        out.find(NO_SHARE);
    }
    event.about_content(course.as_deref(), out);
    Ok(())
}

/// An event under its ids.
struct Told<'a> {
    name: &'a str,
    time: i64,
    account: Option<u64>,
    metadata: &'a Metadata<'a>,
    body: &'a Body<'a>,
}

impl<'a> Told<'a> {
    fn course(&self) -> Option<Cow<'a, str>> {
        let (metadata, body) = (self.metadata, self.body);
        let of = |kind: Option<&str>, id| if kind == Some("Course") { id } else { None };
        let course = body.course.as_ref().and_then(|course| course.id.get());
        let id = of(metadata.context_type.get(), metadata.context.get())
            .or_else(|| of(body.context_type.get(), body.context.get()))
            .or(body.course_id.get())
            .or(course)?;
        Some(global(id, self.account))
    }

    /// Whose event it is; what is nobody's is counted.
    fn learner(&self, out: &mut Batch<'_>) -> Option<Cow<'a, str>> {
        let of = |id: Option<&'a str>| id.map(|id| global(id, self.account));
        let (metadata, body) = (self.metadata, self.body);
        let actor = of(metadata.user.get());
        let real = of(metadata.real_user.get());
        if real.is_some() && real != actor {
            out.find("events of staff acting as somebody else, left out");
            return None;
        }
        if body.role.get() == Some("StudentViewEnrollment") {
            out.find("events of test students, left out");
            return None;
        }
        let own = body.user.as_ref().and_then(|user| user.id.get());
        let own = own
            .or(body.student.get())
            .or(body.user_id.get())
            .or(body.author.get());
        let own = of(own);
        if self.name == "submission_updated" && own.is_some() && own != actor {
            out.find("submissions changed by others, left out");
            return None;
        }
        let learner = own.or(actor);
        if learner.is_none() {
            out.find("events of nobody named, left out");
        }
        learner
    }

    fn verb(&self) -> Option<Verb> {
        let reply = self.body.parent_entry.get().is_some();
        let marked = match self.name {
            "discussion_entry_created" if reply => {
                "discussion_entry_created (parent_discussion_entry_id)"
            }
            "discussion_entry_submitted" if reply => {
                "discussion_entry_submitted (parent_discussion_entry_id)"
            }
            name => name,
        };
        MAPPING.verb(marked)
    }

    fn content(&self, course: Option<&str>) -> Option<Cow<'a, str>> {
        let body = self.body;
        if matches!(self.name, "logged_in" | "logged_out") {
            return None;
        }
        if let (Some(kind), Some(id)) = (body.asset_type.get(), body.asset.get()) {
            let asset = named(kind, id, self.account);
            return Some(match body.asset_subtype.get() {
                Some(list) => Cow::Owned(format!("{asset}/{list}")),
                None => asset,
            });
        }
        let things = [
            ("attachment", &body.attachment),
            ("quiz", &body.quiz),
            ("discussion", &body.topic),
            ("wiki_page", &body.wiki_page),
            ("assignment", &body.assignment),
            ("conversation", &body.conversation),
            ("submission", &body.submission),
        ];
        let mut told = things.into_iter();
        told.find_map(|(kind, id)| Some(named(kind, id.get()?, self.account)))
            .or_else(|| course.map(|course| Cow::Owned(course.to_owned())))
    }

    /// What the event tells of its content.
    fn about_content(&self, course: Option<&str>, out: &mut Batch<'_>) {
        let kind = match self.name.split_once('_').map_or("", |(first, _)| first) {
            "attachment" => Kind::File,
            "quiz" => Kind::Quiz,
            "discussion" => Kind::Discussion,
            "wiki" => Kind::Page,
            "submission" | "grade" | "assignment" => Kind::Assignment,
            "asset" => match self.body.asset_type.get().filter(|_| self.is_one()) {
                Some("attachment") => Kind::File,
                Some("quizzes:quiz") => Kind::Quiz,
                Some("discussion_topic") => Kind::Discussion,
                Some("wiki_page") => Kind::Page,
                Some("assignment") => Kind::Assignment,
                _ => return,
            },
            _ => return,
        };
        let (Some(course), Some(content)) = (course, self.content(None)) else {
            return;
        };
        if self.name == "submission_comment_created" {
            return;
        }
        let most = self.body.points.filter(|most| *most > 0.0);
        let facts = ContentFacts {
            kind: Some(kind),
            max_score: most,
            ..ContentFacts::default()
        };
        out.content(course, &content, facts);
    }

    /// Whether the asset is one thing and not a list of them.
    fn is_one(&self) -> bool {
        self.body.asset_subtype.get().is_none()
    }

    fn enrollment(&self, zone: Option<&Zone>, out: &mut Batch<'_>) -> Result<(), Fault> {
        let body = self.body;
        let missing = |place| fault(place, "Missing");
        let person = body.user_id.get().ok_or(missing("body.user_id"))?;
        let course = self.course().ok_or(missing("body.course_id"))?;
        let made = body.created.get();
        Enrollment {
            person: &global(person, self.account),
            course: &course,
            kind: body.kind.get().unwrap_or_default(),
            state: body.state.get().unwrap_or_default(),
            time: self.time,
            made: made.and_then(|made| clock(made, zone, "body.created_at").ok()),
            fresh: self.name == "enrollment_created",
            session: self.metadata.session.get(),
            id: None,
        }
        .file(out)
    }

    /// Groups inside courses are reference groups.
    fn membership(&self, out: &mut Batch<'_>) -> Result<(), Fault> {
        let body = self.body;
        let missing = |place| fault(place, "Missing");
        let person = body.user_id.get().ok_or(missing("body.user_id"))?;
        let group = body.group.get().ok_or(missing("body.group_id"))?;
        if body.state.get() == Some("accepted") {
            let person = out.learner(&global(person, self.account))?.into_owned();
            let group = named("group", group, self.account).into_owned();
            out.facts.memberships.push((group, person));
        }
        Ok(())
    }
}
