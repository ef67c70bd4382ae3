//! What a statement is about: an activity, a person, another statement, or an intention.

use std::borrow::Cow;

use super::activity::{Activity, Definition};
use super::actor::Actor;
use super::rules;
use super::statement::Statement;
use crate::data::Zone;
use crate::ingest::batch::{Fault, fault};
use crate::ingest::json::Json;

/// The object of a statement.
#[derive(Debug, PartialEq)]
#[expect(clippy::large_enum_variant, reason = "nearly all are activities")]
pub(super) enum Object<'a> {
    Activity(Activity<'a>),
    /// An agent or a group.
    Person,
    /// Another statement, by its id.
    Reference(Cow<'a, str>),
    /// A statement of what has not been done.
    Substatement,
}

const PLACE: &str = "object";

impl<'a> Object<'a> {
    /// Reads the object of a statement, or of a statement inside one.
    ///
    /// # Errors
    /// The rule that it breaks.
    pub(super) fn read(
        json: &mut Json<'a>,
        zone: Option<&Zone>,
        inside: bool,
    ) -> Result<Self, Fault> {
        match kind(json)?.as_deref() {
            Some("Agent" | "Group") => Actor::read(json, PLACE).map(|_| Self::Person),
            Some("SubStatement") if inside => Err(fault(PLACE, "NestedSubStatement")),
            Some("SubStatement") => {
                let read = Statement::read(json, zone, true);
                let outside = |fault: Fault| match fault.place {
                    "record" => fault,
                    _ => Fault {
                        place: PLACE,
                        ..fault
                    },
                };
                read.map(|_| Self::Substatement).map_err(outside)
            }
            None | Some("Activity" | "StatementRef") => Self::named(json),
            Some(_) => Err(fault(PLACE, "BadObjectType")),
        }
    }

    /// Reads an activity or a reference, which may tell only at the end which of them it is.
    fn named(json: &mut Json<'a>) -> Result<Self, Fault> {
        let mut reference = false;
        let mut id: Option<Cow<'a, str>> = None;
        let mut definition = None;
        json.object(PLACE, |json, key| {
            match key {
                "objectType" => reference = object_type(json)?,
                "id" => id = Some(json.text("object.id")?),
                "definition" => definition = Some(Definition::read(json, "object.definition")?),
                _ => return Err(fault(PLACE, "UnknownProperty")),
            }
            Ok(())
        })?;
        let id = id.ok_or(fault("object.id", "NoId"))?;
        if !reference {
            if !rules::is_iri(&id) {
                return Err(fault("object.id", "NotAnIri"));
            }
            let definition = definition.unwrap_or_default();
            return Ok(Self::Activity(Activity { id, definition }));
        }
        if definition.is_some() {
            return Err(fault(PLACE, "UnknownProperty"));
        }
        rules::as_uuid(id, "object.id").map(Self::Reference)
    }
}

/// Reads a reference to a statement, as it stands in the context.
///
/// # Errors
/// The rule that it breaks.
pub(super) fn reference(json: &mut Json<'_>, place: &'static str) -> Result<(), Fault> {
    let (mut refers, mut id) = (false, false);
    json.object(place, |json, key| match key {
        "objectType" => {
            refers = json.text(place)? == "StatementRef";
            Ok(())
        }
        "id" => {
            id = true;
            rules::uuid(json, place).map(drop)
        }
        _ => Err(fault(place, "UnknownProperty")),
    })?;
    match (refers, id) {
        (false, _) => Err(fault(place, "BadObjectType")),
        (true, false) => Err(fault(place, "NoId")),
        (true, true) => Ok(()),
    }
}

/// Whether it is a reference, and no activity.
fn object_type(json: &mut Json<'_>) -> Result<bool, Fault> {
    match &*json.text(PLACE)? {
        "Activity" => Ok(false),
        "StatementRef" => Ok(true),
        _ => Err(fault(PLACE, "BadObjectType")),
    }
}

/// The type of the object that comes, without moving on. What begins with an id or a definition
/// can only be an activity or a reference.
fn kind<'a>(json: &Json<'a>) -> Result<Option<Cow<'a, str>>, Fault> {
    let mut look = json.clone();
    let (mut kind, mut first) = (None, true);
    let found = fault(PLACE, "");
    let looked = look.object(PLACE, |json, key| match key {
        "objectType" => {
            kind = Some(json.text(PLACE)?);
            Err(found)
        }
        "id" | "definition" if first => Err(found),
        _ => {
            first = false;
            json.pass(PLACE)
        }
    });
    match looked {
        Err(other) if other != found => Err(other),
        _ => Ok(kind),
    }
}
