//! A statement read and checked against the specification in one pass.

use std::borrow::Cow;
use std::cell::RefCell;

use super::actor::Actor;
use super::context::Context;
use super::extensions::Extensions;
use super::instant::instant;
use super::object::Object;
use super::outcome::Outcome;
use super::rules;
use super::seen::{self, Part, Seen};
use crate::data::Zone;
use crate::ingest::batch::{Fault, fault};
use crate::ingest::json::Json;

/// The verb that takes a statement back.
pub(super) const VOIDED: &str = "http://adlnet.gov/expapi/verbs/voided";

/// What a statement says.
#[derive(Debug, PartialEq)]
pub(super) struct Statement<'a> {
    pub(super) id: Option<Cow<'a, str>>,
    pub(super) actor: Actor<'a>,
    pub(super) verb: Cow<'a, str>,
    pub(super) object: Object<'a>,
    pub(super) outcome: Outcome<'a>,
    pub(super) context: Context<'a>,
    pub(super) extensions: Extensions<'a>,
    /// UTC microseconds, as is `stored`.
    pub(super) timestamp: Option<i64>,
    pub(super) stored: Option<i64>,
}

impl<'a> Statement<'a> {
    /// Reads a statement, or one `inside` another; times without an offset are of `zone`.
    ///
    /// # Errors
    /// The rule that it breaks.
    pub(super) fn read(
        json: &mut Json<'a>,
        zone: Option<&Zone>,
        inside: bool,
    ) -> Result<Self, Fault> {
        const PLACE: &str = "statement";
        let (mut id, mut actor, mut verb, mut object) = (None, None, None, None);
        let (mut outcome, mut context) = (Outcome::default(), Context::default());
        // The result tells it better than the context; both are read as they come.
        let (mut of_result, mut of_context) = (Extensions::default(), Extensions::default());
        let (mut timestamp, mut stored) = (None, None);
        json.object(PLACE, |json, key| {
            match key {
                "id" | "stored" | "authority" | "version" if inside => {
                    return Err(fault(PLACE, "NotInSubStatement"));
                }
                // It was looked at already: it says that this is a statement inside another.
                "objectType" if inside => json.pass_text(PLACE)?,
                "id" => id = Some(rules::uuid(json, "id")?),
                "actor" => actor = Some(Actor::read(json, "actor")?),
                "verb" => verb = Some(read_verb(json)?),
                "object" => object = Some(Object::read(json, zone, inside)?),
                "result" => outcome = Outcome::read(json, &mut of_result)?,
                "context" => context = Context::read(json, &mut of_context)?,
                "timestamp" => {
                    timestamp = Some(instant(&json.text("timestamp")?, zone, "timestamp")?);
                }
                "stored" => stored = Some(instant(&json.text("stored")?, zone, "stored")?),
                "authority" => authority(json)?,
                "version" => version(&json.text("version")?)?,
                "attachments" => attachments(json)?,
                _ => return Err(fault(PLACE, "UnknownProperty")),
            }
            Ok(())
        })?;
        let actor = actor.ok_or(fault("actor", "NoActor"))?;
        let verb = verb.ok_or(fault("verb", "NoVerb"))?;
        let object = object.ok_or(fault("object", "NoObject"))?;
        if verb == VOIDED && !matches!(object, Object::Reference(_)) {
            return Err(fault("object", "VoidsNoStatement"));
        }
        if context.of_activity && !matches!(object, Object::Activity(_)) {
            return Err(fault("context", "OnlyOfActivity"));
        }
        of_result.add(of_context);
        Ok(Self {
            id,
            actor,
            verb,
            object,
            outcome,
            context,
            extensions: of_result,
            timestamp,
            stored,
        })
    }

    /// The statement that this one takes back.
    pub(super) fn voids(&self) -> Option<&str> {
        match &self.object {
            Object::Reference(id) if self.verb == VOIDED => Some(id),
            _ => None,
        }
    }
}

thread_local! {
    static VERBS: RefCell<Seen<Part>> = RefCell::new(Seen::new(48, 256));
    static AUTHORITIES: RefCell<Seen<()>> = RefCell::new(Seen::new(48, 16));
}

/// Reads a verb.
///
/// # Errors
/// The rule that it breaks.
pub(super) fn read_verb<'a>(json: &mut Json<'a>) -> Result<Cow<'a, str>, Fault> {
    if let Some((fragment, id)) = VERBS.with_borrow_mut(|seen| seen.find(json))
        && let Some(id) = seen::of(fragment, id)
    {
        return Ok(Cow::Borrowed(id));
    }
    let from = json.ahead();
    let verb = new_verb(json)?;
    let fragment = json.since(from);
    if let Cow::Borrowed(id) = verb {
        VERBS.with_borrow_mut(|seen| seen.keep(fragment, seen::part(fragment, id)));
    }
    Ok(verb)
}

fn new_verb<'a>(json: &mut Json<'a>) -> Result<Cow<'a, str>, Fault> {
    let mut id = None;
    json.object("verb", |json, key| match key {
        "id" => {
            id = Some(rules::iri(json, "verb.id")?);
            Ok(())
        }
        "display" => rules::language_map(json, "verb.display"),
        _ => Err(fault("verb", "UnknownProperty")),
    })?;
    id.ok_or(fault("verb.id", "NoVerbId"))
}

/// Reads an authority: an agent, or a group of the two of three-legged authorization.
///
/// # Errors
/// The rule that it breaks.
pub(super) fn authority(json: &mut Json<'_>) -> Result<(), Fault> {
    const PLACE: &str = "authority";
    if AUTHORITIES
        .with_borrow_mut(|seen| seen.find(json))
        .is_some()
    {
        return Ok(());
    }
    let from = json.ahead();
    let authority = Actor::read(json, PLACE)?;
    if authority.group && (authority.identifier.is_some() || authority.members.len() != 2) {
        return Err(fault(PLACE, "BadAuthority"));
    }
    let fragment = json.since(from);
    AUTHORITIES.with_borrow_mut(|seen| seen.keep(fragment, Some(())));
    Ok(())
}

/// 1.0 and 2.0, with or without a third number.
fn version(text: &str) -> Result<(), Fault> {
    let rest = text.strip_prefix("1.0").or(text.strip_prefix("2.0"));
    let third = |rest: &str| match rest.strip_prefix('.') {
        Some(third) => !third.is_empty() && third.bytes().all(|byte| byte.is_ascii_digit()),
        None => rest.is_empty(),
    };
    let good = rest.is_some_and(third);
    good.then_some(()).ok_or(fault("version", "BadVersion"))
}

/// Reads a list of attachments, of which nothing is kept.
///
/// # Errors
/// The rule that they break.
pub(super) fn attachments(json: &mut Json<'_>) -> Result<(), Fault> {
    const PLACE: &str = "attachments";
    json.array(PLACE, |json| {
        let mut there = [false; 5];
        json.object(PLACE, |json, key| {
            let required = match key {
                "usageType" => {
                    rules::iri(json, PLACE)?;
                    0
                }
                "display" => {
                    rules::language_map(json, PLACE)?;
                    1
                }
                "contentType" => {
                    json.pass_text(PLACE)?;
                    2
                }
                "length" => {
                    let length = json.number(PLACE)?;
                    if length < 0.0 || length.fract() != 0.0 {
                        return Err(fault(PLACE, "BadLength"));
                    }
                    3
                }
                "sha2" => {
                    let sum = json.text(PLACE)?;
                    if sum.is_empty() || !sum.bytes().all(|byte| byte.is_ascii_hexdigit()) {
                        return Err(fault(PLACE, "BadSha2"));
                    }
                    4
                }
                "description" => return rules::language_map(json, PLACE),
                "fileUrl" => return rules::iri(json, PLACE).map(drop),
                _ => return Err(fault(PLACE, "UnknownProperty")),
            };
            if let Some(slot) = there.get_mut(required) {
                *slot = true;
            }
            Ok(())
        })?;
        if there.contains(&false) {
            return Err(fault(PLACE, "IncompleteAttachment"));
        }
        Ok(())
    })
}
