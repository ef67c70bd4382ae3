//! The properties of Caliper's events and entities that kohort reads.

use std::borrow::Cow;

use super::super::batch::{Fault, fault};
use super::duration::Seconds;
use super::json::{FromJson, Json, Number, TWICE, Text, object};

type Texts<'a> = Vec<Cow<'a, str>>;
type Inside<'a> = Option<Box<Entity<'a>>>;

object! {
    /// An event, or what stands in its place.
    Event<'a> {
        context: Context = "@context",
        id: Text<'a> = "id" | "@id",
        kind: Text<'a> = "type" | "@type",
        actor: Entity<'a> = "actor",
        action: Text<'a> = "action",
        object: Entity<'a> = "object",
        time: Text<'a> = "eventTime",
        target: Inside<'a> = "target",
        generated: Inside<'a> = "generated",
        group: Inside<'a> = "group",
        membership: Inside<'a> = "membership",
        session: Inside<'a> = "session",
        data: Form = "data",
    }
}

impl Event<'_> {
    fn of_object() -> Self {
        Self::default()
    }
}

object! {
    /// Anything that takes part in an event: an IRI, or an object.
    Entity<'a> {
        ; form: Form,
        id: Text<'a> = "id" | "@id",
        kind: Text<'a> = "type" | "@type",
        part_of: Inside<'a> = "isPartOf",
        duration: Seconds = "duration",
        current_time: Seconds = "currentTime",
        assignee: Inside<'a> = "assignee",
        assignable: Inside<'a> = "assignable",
        attempt: Inside<'a> = "attempt",
        count: Option<f64> = "count",
        max_score: Option<f64> = "maxScore",
        score: Option<f64> = "scoreGiven",
        user: Inside<'a> = "user",
        member: Inside<'a> = "member",
        organization: Inside<'a> = "organization",
        above: Inside<'a> = "subOrganizationOf",
        roles: Texts<'a> = "roles",
        status: Text<'a> = "status",
        reply_to: Form = "replyTo",
        value: Texts<'a> = "value",
        values: Texts<'a> = "values",
        selections: Texts<'a> = "selections",
        extensions: Extensions<'a> = "extensions",
    }

    fn text(id: Cow<'a, str>) -> Self {
        Self {
            form: Form::Iri,
            id: Text::Is(id),
            ..Self::default()
        }
    }

    fn wrong() -> Self {
        Self {
            form: Form::Wrong,
            ..Self::default()
        }
    }
}

impl<'a> Entity<'a> {
    fn of_object() -> Self {
        Self {
            form: Form::Object,
            ..Self::default()
        }
    }

    /// The id of an entity that must be there.
    ///
    /// # Errors
    /// `Missing` or `WrongType`.
    pub(in crate::ingest) fn required(&self, place: &'static str) -> Result<&str, Fault> {
        match self.form {
            Form::Absent => Err(fault(place, "Missing")),
            Form::Wrong => Err(fault(place, "WrongType")),
            _ => self.id.required(place),
        }
    }

    /// The term of its type; an IRI of a type is the term at its end.
    pub(in crate::ingest) fn kind(&self) -> &str {
        term(self.kind.get().unwrap_or_default())
    }

    /// Itself and what it is a part of, from the inside out.
    pub(in crate::ingest) fn upwards(&self) -> impl Iterator<Item = &Entity<'a>> {
        std::iter::successors(Some(self), |entity| entity.part_of.as_deref())
    }
}

object! {
    /// What others add: Open edX to media and problems, Canvas to everything.
    Extensions<'a> {
        course: Text<'a> = "course_id",
        old_time: Seconds = "old_time",
        new_time: Seconds = "new_time",
        current_time: Seconds = "currentTime",
        success: Option<bool> = "success",
        attempts: Option<f64> = "attempts",
        grade: Option<f64> = "grade",
        max_grade: Option<f64> = "max_grade",
        earned: Option<f64> = "weighted_earned",
        possible: Option<f64> = "weighted_possible",
        canvas: Option<Box<Canvas<'a>>> = "com.instructure.canvas",
    }
}

impl Extensions<'_> {
    fn of_object() -> Self {
        Self::default()
    }
}

object! {
    /// What Canvas adds.
    Canvas<'a> {
        account: Number<'a> = "root_account_id",
        course: Text<'a> = "course_id",
        user: Text<'a> = "user_id",
        kind: Text<'a> = "type",
        state: Text<'a> = "workflow_state",
        subtype: Text<'a> = "asset_subtype",
    }
}

impl Canvas<'_> {
    fn of_object() -> Self {
        Self::default()
    }
}

/// In what form a value came.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(in crate::ingest) enum Form {
    #[default]
    Absent,
    Wrong,
    Iri,
    Object,
    Empty,
    List,
}

impl<'de> FromJson<'de> for Form {
    fn text(_: Cow<'de, str>) -> Self {
        Self::Iri
    }

    fn list<A: serde::de::SeqAccess<'de>>(mut list: A) -> Result<Self, A::Error> {
        let mut form = Self::Empty;
        while list.next_element::<serde::de::IgnoredAny>()?.is_some() {
            form = Self::List;
        }
        Ok(form)
    }

    fn object<A: serde::de::MapAccess<'de>>(mut object: A) -> Result<Self, A::Error> {
        while object
            .next_entry::<serde::de::IgnoredAny, serde::de::IgnoredAny>()?
            .is_some()
        {}
        Ok(Self::Object)
    }

    fn wrong() -> Self {
        Self::Wrong
    }
}

/// Whether the JSON-LD context is Caliper's.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(in crate::ingest) enum Context {
    #[default]
    Absent,
    Foreign,
    Caliper,
}

const CONTEXT: &str = "purl.imsglobal.org/ctx/caliper/";

impl<'de> FromJson<'de> for Context {
    fn text(address: Cow<'de, str>) -> Self {
        let rest = address.strip_prefix("http");
        let rest = rest.map(|rest| rest.strip_prefix('s').unwrap_or(rest));
        let rest = rest.and_then(|rest| rest.strip_prefix("://"));
        if rest.is_some_and(|rest| rest.starts_with(CONTEXT)) {
            Self::Caliper
        } else {
            Self::Foreign
        }
    }

    /// Several contexts may stand in a list, Caliper's among them.
    fn list<A: serde::de::SeqAccess<'de>>(mut list: A) -> Result<Self, A::Error> {
        let mut found = Self::Foreign;
        while let Some(Json(one)) = list.next_element::<Json<Self>>()? {
            if one == Self::Caliper {
                found = one;
            }
        }
        Ok(found)
    }

    fn wrong() -> Self {
        Self::Foreign
    }
}

/// The term at the end of an IRI: Caliper 1.0 wrote types, actions and roles as IRIs.
pub(in crate::ingest) fn term(word: &str) -> &str {
    word.rsplit(['#', '/']).next().unwrap_or(word)
}
