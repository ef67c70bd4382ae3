//! What the video and cmi5 profiles, and Open edX, say in extensions.

use std::borrow::Cow;

use super::rules::is_iri;
use crate::ingest::batch::{Fault, fault};
use crate::ingest::json::{Json, Next};

/// What extensions may tell; of a kind that does not fit, nothing.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Extensions<'a> {
    /// Seconds, as are `from`, `to` and `length`.
    pub(super) time: Option<f64>,
    pub(super) from: Option<f64>,
    pub(super) to: Option<f64>,
    pub(super) length: Option<f64>,
    pub(super) speed: Option<f64>,
    /// Share, 0 to 1, by the video profile.
    pub(super) progress: Option<f64>,
    /// The same by cmi5; the video profile's holds where both are told.
    pub(super) progress_cmi5: Option<f64>,
    pub(super) segments: Option<Cow<'a, str>>,
    /// By the video profile; `session_cmi5` by cmi5 holds where it tells none.
    pub(super) session: Option<Cow<'a, str>>,
    pub(super) session_cmi5: Option<Cow<'a, str>>,
    pub(super) attempt: Option<f64>,
}

/// The extensions that are known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Slot {
    Time,
    From,
    To,
    Length,
    Speed,
    Progress,
    ProgressCmi5,
    Segments,
    Session,
    SessionCmi5,
    Attempt,
}

impl Slot {
    /// The extension that a key names.
    pub(super) fn of(key: &str) -> Option<Self> {
        if let Some(name) = key.strip_prefix("https://w3id.org/xapi/video/extensions/") {
            return Some(match name {
                "time" => Self::Time,
                "time-from" => Self::From,
                "time-to" => Self::To,
                "length" => Self::Length,
                "progress" => Self::Progress,
                "speed" => Self::Speed,
                "played-segments" => Self::Segments,
                "session-id" => Self::Session,
                _ => return None,
            });
        }
        Some(match key {
            "https://w3id.org/xapi/cmi5/context/extensions/sessionid" => Self::SessionCmi5,
            "https://w3id.org/xapi/cmi5/result/extensions/progress" => Self::ProgressCmi5,
            "http://id.tincanapi.com/extension/attempt-id" => Self::Attempt,
            _ => return None,
        })
    }
}

impl<'a> Extensions<'a> {
    /// Reads an object of extensions; what was told before holds.
    ///
    /// # Errors
    /// `NotAnIri` for a key that is none.
    pub(super) fn read(&mut self, json: &mut Json<'a>, place: &'static str) -> Result<(), Fault> {
        json.object(place, |json, key| match Slot::of(key) {
            Some(slot) => self.value(json, slot, place),
            None if is_iri(key) => json.pass(place),
            None => Err(fault(place, "NotAnIri")),
        })
    }

    /// Reads the value of an extension that is known.
    ///
    /// # Errors
    /// What is no JSON.
    pub(super) fn value(
        &mut self,
        json: &mut Json<'a>,
        slot: Slot,
        place: &'static str,
    ) -> Result<(), Fault> {
        let number_of = match slot {
            Slot::Segments => return keep(&mut self.segments, text(json, place)?),
            Slot::Session => return keep(&mut self.session, text(json, place)?),
            Slot::SessionCmi5 => return keep(&mut self.session_cmi5, text(json, place)?),
            Slot::ProgressCmi5 => {
                let share = number(json, place)?.map(|percent| percent / 100.0);
                return keep(&mut self.progress_cmi5, share);
            }
            Slot::Time => &mut self.time,
            Slot::From => &mut self.from,
            Slot::To => &mut self.to,
            Slot::Length => &mut self.length,
            Slot::Progress => &mut self.progress,
            Slot::Speed => &mut self.speed,
            Slot::Attempt => &mut self.attempt,
        };
        keep(number_of, number(json, place)?)
    }

    /// Adds what `later` tells and this does not.
    pub(super) fn add(&mut self, later: Self) {
        self.time = self.time.or(later.time);
        self.from = self.from.or(later.from);
        self.to = self.to.or(later.to);
        self.length = self.length.or(later.length);
        self.speed = self.speed.or(later.speed);
        self.progress = self.progress.or(later.progress);
        self.progress_cmi5 = self.progress_cmi5.or(later.progress_cmi5);
        self.segments = self.segments.take().or(later.segments);
        self.session = self.session.take().or(later.session);
        self.session_cmi5 = self.session_cmi5.take().or(later.session_cmi5);
        self.attempt = self.attempt.or(later.attempt);
    }
}

#[expect(clippy::unnecessary_wraps, reason = "it ends the arms that read")]
fn keep<T>(slot: &mut Option<T>, value: Option<T>) -> Result<(), Fault> {
    if slot.is_none() {
        *slot = value;
    }
    Ok(())
}

fn text<'a>(json: &mut Json<'a>, place: &'static str) -> Result<Option<Cow<'a, str>>, Fault> {
    if json.next() == Next::Text {
        return json.text(place).map(Some);
    }
    json.pass(place).map(|()| None)
}

/// A number, or a text that is one, as in `1.5` or `1.5x`.
fn number(json: &mut Json<'_>, place: &'static str) -> Result<Option<f64>, Fault> {
    match json.next() {
        Next::Number => match json.number(place) {
            Err(Fault {
                rule: "NotFinite", ..
            }) => Ok(None),
            number => number.map(Some),
        },
        Next::Text => {
            let text = json.text(place)?;
            let number: Option<f64> = text.trim().trim_end_matches('x').parse().ok();
            Ok(number.filter(|number| number.is_finite()))
        }
        _ => json.pass(place).map(|()| None),
    }
}
