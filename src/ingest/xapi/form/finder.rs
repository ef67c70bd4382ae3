//! The form of a statement: where its holes are.

use super::{Hole, LONGEST, PLACE};
use crate::ingest::batch::{Fault, fault};
use crate::ingest::json::Json;
use crate::ingest::xapi::extensions::Slot;

/// A statement that no form is made of.
const UNFIT: Fault = fault(PLACE, "");

/// Finds the holes of a statement that was found good.
pub(super) struct Finder<'a> {
    /// All of the text.
    text: &'a str,
    /// Where the last hole ended.
    from: usize,
    form: Vec<(&'a str, Hole, u32)>,
}

impl<'a> Finder<'a> {
    /// The stretches and the holes behind them; `None` if there are values that no hole is for.
    pub(super) fn find(mut json: Json<'a>) -> Option<Vec<(&'a str, Hole, u32)>> {
        let mut finder = Self {
            text: json.whole(),
            from: 0,
            form: Vec::with_capacity(40),
        };
        finder.statement(&mut json).ok()?;
        finder
            .form
            .push((finder.text.get(finder.from..)?, Hole::End, 0));
        // What is behind the last bracket is looked at when the form is used.
        let (end, ..) = finder.form.last_mut()?;
        *end = end.trim_end();
        let short = |(before, ..): &(&str, Hole, u32)| before.len() <= LONGEST;
        finder.form.iter().all(short).then_some(finder.form)
    }

    fn hole(&mut self, json: &mut Json<'a>, hole: Hole) -> Result<(), Fault> {
        let (at, depth) = json.place();
        let before = self.text.get(self.from..at).ok_or(UNFIT)?;
        self.form.push((before, hole, depth));
        json.pass(PLACE)?;
        self.from = json.place_before();
        Ok(())
    }

    fn statement(&mut self, json: &mut Json<'a>) -> Result<(), Fault> {
        json.object(PLACE, |json, key| match key {
            "id" => self.hole(json, Hole::Id),
            "actor" => self.actor(json),
            "verb" => self.hole(json, Hole::Verb),
            "object" => json.object(PLACE, |json, key| match key {
                "id" => self.hole(json, Hole::ObjectId),
                "definition" => self.hole(json, Hole::Definition),
                // The type.
                _ => json.pass(PLACE),
            }),
            "result" => self.result(json),
            "context" => self.context(json),
            "timestamp" => self.hole(json, Hole::Timestamp),
            "stored" => self.hole(json, Hole::Stored),
            "authority" => self.hole(json, Hole::Authority),
            "attachments" => self.hole(json, Hole::Attachments),
            "version" => json.pass(PLACE),
            _ => Err(UNFIT),
        })
    }

    fn actor(&mut self, json: &mut Json<'a>) -> Result<(), Fault> {
        json.object(PLACE, |json, key| match key {
            "objectType" => json.pass(PLACE),
            "name" => self.hole(json, Hole::Text),
            "mbox" => self.hole(json, Hole::Mbox),
            "mbox_sha1sum" => self.hole(json, Hole::Sha1),
            "openid" => self.hole(json, Hole::OpenId),
            "account" => json.object(PLACE, |json, key| match key {
                "homePage" => self.hole(json, Hole::HomePage),
                "name" => self.hole(json, Hole::AccountName),
                _ => Err(UNFIT),
            }),
            _ => Err(UNFIT),
        })
    }

    fn result(&mut self, json: &mut Json<'a>) -> Result<(), Fault> {
        json.object(PLACE, |json, key| match key {
            "score" => json.object(PLACE, |json, key| {
                let hole = match key {
                    "scaled" => Hole::Scaled,
                    "raw" => Hole::Raw,
                    "min" => Hole::Min,
                    "max" => Hole::Max,
                    _ => return Err(UNFIT),
                };
                self.hole(json, hole)
            }),
            "success" => self.hole(json, Hole::Success),
            "completion" => self.hole(json, Hole::Completion),
            "response" => self.hole(json, Hole::Response),
            "duration" => self.hole(json, Hole::Duration),
            "extensions" => self.extensions(json, Hole::OfResult),
            _ => Err(UNFIT),
        })
    }

    fn context(&mut self, json: &mut Json<'a>) -> Result<(), Fault> {
        json.object(PLACE, |json, key| match key {
            "registration" => self.hole(json, Hole::Registration),
            "contextActivities" => self.hole(json, Hole::Activities),
            "revision" | "platform" => self.hole(json, Hole::Text),
            "language" => json.pass(PLACE),
            "extensions" => self.extensions(json, Hole::OfContext),
            _ => Err(UNFIT),
        })
    }

    fn extensions(&mut self, json: &mut Json<'a>, of: fn(Slot) -> Hole) -> Result<(), Fault> {
        json.object(PLACE, |json, key| {
            self.hole(json, Slot::of(key).map_or(Hole::Any, of))
        })
    }
}
