#![doc = include_str!("MAPPING.md")]

mod activity;
mod actor;
mod context;
mod duration;
mod event;
mod extensions;
mod form;
mod instant;
mod kinds;
mod object;
mod open_edx;
mod outcome;
mod rules;
mod seen;
mod statement;
#[cfg(test)]
mod tests;
mod verbs;

use hashbrown::HashMap;

use self::statement::Statement;
use super::batch::{Batch, Fault};
use super::feed::{Dialect, ForeignOptions};
use super::json::Json;
use super::mapping::Mapping;
use crate::data::{Verb, Zone};

/// The mapping tables.
pub(super) const MAPPING: Mapping = Mapping {
    verbs: verbs::VERBS,
    fields: &[
        (
            "learner",
            "`actor`: `mbox`, `mbox_sha1sum`, `openid`, or `account` as its `homePage`, a space and its `name`; each `member` of a group",
        ),
        (
            "time",
            "`timestamp` (else `stored`) minus `result.duration`",
        ),
        ("content", "`object.id`, or the Open edX key in it"),
        ("verb", "`verb.id`"),
        (
            "course",
            "a course among `object`, then `grouping`, `parent`, `category` of `context.contextActivities`; else the Open edX course of an id",
        ),
        (
            "session",
            "extension `session-id` of the video profile, or `sessionid` of cmi5",
        ),
        ("duration", "`result.duration`"),
        ("position", "video extension `time-from`, else `time`"),
        ("position_to", "video extension `time-to`"),
        ("speed", "video extension `speed`"),
        ("length", "video extension `length`"),
        (
            "score",
            "`result.score.scaled`, else `raw` between `min` and `max`",
        ),
        ("success", "`result.success`"),
        (
            "progress",
            "video extension `progress`, or that of cmi5 / 100",
        ),
        ("segments", "video extension `played-segments`"),
        (
            "attempt",
            "extension `http://id.tincanapi.com/extension/attempt-id`",
        ),
        ("response", "`result.response` where an option is chosen"),
        ("received", "`stored`"),
        ("id", "`id`"),
    ],
};

/// The reader.
pub(super) struct Xapi {
    zone: Option<Zone>,
    home_page: Option<String>,
    verbs: HashMap<&'static str, Verb, foldhash::fast::FixedState>,
}

impl Xapi {
    pub(super) fn new(options: &ForeignOptions) -> Self {
        let verbs = verbs::VERBS
            .iter()
            .map(|(name, verb)| (verbs::bare(name), *verb));
        Self {
            zone: options.zone.clone(),
            home_page: options.home_page.clone(),
            verbs: verbs.collect(),
        }
    }

    /// Reads a statement, by its form where that is known.
    fn statement<'a>(&self, text: &Json<'a>) -> Result<Statement<'a>, Fault> {
        if let Some(statement) = form::read(text, self.zone.as_ref()) {
            return Ok(statement);
        }
        let mut json = text.clone();
        let statement = Statement::read(&mut json, self.zone.as_ref(), false)?;
        json.end()?;
        form::learn(text, &statement);
        Ok(statement)
    }

    fn verb(&self, verb: &str) -> Option<Verb> {
        self.verbs.get(verbs::bare(verb)).copied()
    }
}

impl Dialect for Xapi {
    const INNER: &'static [&'static str] = &["statements"];

    fn read(&self, record: &[u8], out: &mut Batch<'_>) -> Result<(), Fault> {
        let statement = self.statement(&Json::new(record)?)?;
        self.tell(&statement, out)
    }
}
