//! How it went: the result of a statement.

use std::borrow::Cow;

use super::duration::duration;
use super::extensions::Extensions;
use crate::ingest::batch::{Fault, fault};
use crate::ingest::json::Json;

/// Score, success, completion, response and duration.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Outcome<'a> {
    pub(super) score: Score,
    pub(super) success: Option<bool>,
    pub(super) completion: Option<bool>,
    pub(super) response: Option<Cow<'a, str>>,
    /// Microseconds; inside, `None` is a length that counts months or years.
    #[expect(
        clippy::option_option,
        reason = "no length, and a length that is not known"
    )]
    pub(super) duration: Option<Option<i64>>,
}

/// A score as it is told.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) struct Score {
    pub(super) scaled: Option<f64>,
    pub(super) raw: Option<f64>,
    pub(super) min: Option<f64>,
    pub(super) max: Option<f64>,
}

const SCORE: &str = "result.score";

impl Score {
    fn read(json: &mut Json<'_>) -> Result<Self, Fault> {
        let mut score = Self::default();
        json.object(SCORE, |json, key| {
            let slot = match key {
                "scaled" => &mut score.scaled,
                "raw" => &mut score.raw,
                "min" => &mut score.min,
                "max" => &mut score.max,
                _ => return Err(fault(SCORE, "UnknownProperty")),
            };
            *slot = Some(json.number(SCORE)?);
            Ok(())
        })?;
        score.check().map(|()| score)
    }

    /// Whether its numbers go together.
    ///
    /// # Errors
    /// The rule that they break.
    pub(super) fn check(&self) -> Result<(), Fault> {
        let above = |low: Option<f64>, high: Option<f64>| low.zip(high).is_some_and(|(l, h)| l > h);
        let inside = |scaled: f64| (-1.0..=1.0).contains(&scaled);
        if !self.scaled.is_none_or(inside) {
            return Err(fault(SCORE, "ScaledOutOfBounds"));
        }
        let Self { raw, min, max, .. } = *self;
        if above(min, raw) || above(raw, max) {
            return Err(fault(SCORE, "RawOutOfBounds"));
        }
        if min.zip(max).is_some_and(|(min, max)| min >= max) {
            return Err(fault(SCORE, "MinNotBelowMax"));
        }
        Ok(())
    }

    /// The share of what could be had: `scaled`, or where `raw` lies between `min` (0 if it is
    /// not told) and `max`. `None` below nothing.
    pub(super) fn share(&self) -> Option<f64> {
        let share = |share: &f64| (0.0..=1.0).contains(share);
        let between = || {
            let (raw, min, max) = (self.raw?, self.min.unwrap_or(0.0), self.max?);
            (min < max).then(|| (raw - min) / (max - min))
        };
        self.scaled
            .filter(share)
            .or_else(|| between().filter(share))
    }

    /// Whether something was told, which need not be a share.
    pub(super) fn told(&self) -> bool {
        self.scaled.is_some() || self.raw.is_some()
    }
}

impl<'a> Outcome<'a> {
    /// Reads a result.
    ///
    /// # Errors
    /// The rule that it breaks.
    pub(super) fn read(
        json: &mut Json<'a>,
        extensions: &mut Extensions<'a>,
    ) -> Result<Self, Fault> {
        const PLACE: &str = "result";
        let mut read = Self::default();
        json.object(PLACE, |json, key| {
            match key {
                "score" => read.score = Score::read(json)?,
                "success" => read.success = Some(json.flag(PLACE)?),
                "completion" => read.completion = Some(json.flag(PLACE)?),
                "response" => read.response = Some(json.text(PLACE)?),
                "duration" => {
                    let text = json.text("result.duration")?;
                    read.duration = Some(duration(&text, "result.duration")?);
                }
                "extensions" => extensions.read(json, "result.extensions")?,
                _ => return Err(fault(PLACE, "UnknownProperty")),
            }
            Ok(())
        })?;
        Ok(read)
    }
}
