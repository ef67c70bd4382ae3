//! What the holes of a form tell, and the statement made of it.

use std::borrow::Cow;

use super::{Hole, PLACE};
use crate::data::Zone;
use crate::ingest::batch::Fault;
use crate::ingest::json::Json;
use crate::ingest::xapi::activity::{Activity, Definition};
use crate::ingest::xapi::actor::{Actor, Identifier};
use crate::ingest::xapi::context::{Context, Places};
use crate::ingest::xapi::extensions::Extensions;
use crate::ingest::xapi::instant::instant;
use crate::ingest::xapi::object::Object;
use crate::ingest::xapi::outcome::Outcome;
use crate::ingest::xapi::statement::{self, Statement};
use crate::ingest::xapi::{duration, rules};

/// What the holes told so far.
#[derive(Default)]
pub(super) struct Draft<'a> {
    id: Option<Cow<'a, str>>,
    /// `mbox` and its like.
    person: Option<Cow<'a, str>>,
    home_page: Option<Cow<'a, str>>,
    account: Option<Cow<'a, str>>,
    verb: Option<Cow<'a, str>>,
    object: Option<Cow<'a, str>>,
    definition: Option<Definition<'a>>,
    outcome: Outcome<'a>,
    places: Option<Places<'a>>,
    of_result: Extensions<'a>,
    of_context: Extensions<'a>,
    timestamp: Option<i64>,
    stored: Option<i64>,
}

impl<'a> Draft<'a> {
    /// Reads the value that fills a hole.
    ///
    /// # Errors
    /// The rule that it breaks.
    pub(super) fn fill(
        &mut self,
        hole: Hole,
        json: &mut Json<'a>,
        zone: Option<&Zone>,
    ) -> Result<(), Fault> {
        let outcome = &mut self.outcome;
        match hole {
            Hole::Id => self.id = Some(rules::uuid(json, PLACE)?),
            Hole::Mbox => self.person = Some(rules::mbox(json, PLACE)?),
            Hole::Sha1 => self.person = Some(rules::sha1(json, PLACE)?),
            Hole::OpenId => self.person = Some(rules::iri(json, PLACE)?),
            Hole::HomePage => self.home_page = Some(rules::iri(json, PLACE)?),
            Hole::AccountName => self.account = Some(json.text(PLACE)?),
            Hole::Verb => self.verb = Some(statement::read_verb(json)?),
            Hole::ObjectId => self.object = Some(rules::iri(json, PLACE)?),
            Hole::Definition => self.definition = Some(Definition::read(json, PLACE)?),
            Hole::Scaled => outcome.score.scaled = Some(json.number(PLACE)?),
            Hole::Raw => outcome.score.raw = Some(json.number(PLACE)?),
            Hole::Min => outcome.score.min = Some(json.number(PLACE)?),
            Hole::Max => outcome.score.max = Some(json.number(PLACE)?),
            Hole::Success => outcome.success = Some(json.flag(PLACE)?),
            Hole::Completion => outcome.completion = Some(json.flag(PLACE)?),
            Hole::Response => outcome.response = Some(json.text(PLACE)?),
            Hole::Duration => {
                let text = json.text(PLACE)?;
                outcome.duration = Some(duration::duration(&text, PLACE)?);
            }
            Hole::OfResult(slot) => self.of_result.value(json, slot, PLACE)?,
            Hole::OfContext(slot) => self.of_context.value(json, slot, PLACE)?,
            Hole::Registration => drop(rules::uuid(json, PLACE)?),
            Hole::Activities => self.places = Some(Places::read(json)?),
            Hole::Timestamp => self.timestamp = Some(instant(&json.text(PLACE)?, zone, PLACE)?),
            Hole::Stored => self.stored = Some(instant(&json.text(PLACE)?, zone, PLACE)?),
            Hole::Authority => statement::authority(json)?,
            Hole::Attachments => statement::attachments(json)?,
            Hole::Text => json.pass_text(PLACE)?,
            Hole::Any => json.pass(PLACE)?,
            Hole::End => {}
        }
        Ok(())
    }

    /// The statement, unless the values do not go together.
    pub(super) fn finish(mut self) -> Option<Statement<'a>> {
        let verb = self.verb.filter(|verb| verb != statement::VOIDED)?;
        self.outcome.score.check().ok()?;
        let identifier = match (self.person, self.home_page, self.account) {
            (Some(text), None, None) => Identifier::Text(text),
            (None, Some(home_page), Some(name)) => Identifier::Account { home_page, name },
            _ => return None,
        };
        self.of_result.add(self.of_context);
        Some(Statement {
            id: self.id,
            actor: Actor {
                group: false,
                identifier: Some(identifier),
                members: Vec::new(),
            },
            verb,
            object: Object::Activity(Activity {
                id: self.object?,
                definition: self.definition.unwrap_or_default(),
            }),
            outcome: self.outcome,
            context: self.places.map(Context::of).unwrap_or_default(),
            extensions: self.of_result,
            timestamp: self.timestamp,
            stored: self.stored,
        })
    }
}
