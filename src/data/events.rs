//! Reads the log: times, optional columns, and what each row must have.

use polars::prelude::*;

use super::calendar::Zone;
use super::columns::Reader;
use super::encode::IdColumn;
use super::families::Families;
use super::ids::LIMIT;
use super::lanes::{FIELDS, Field, Lane, Lanes};
use super::learning_data::Options;
use super::quality::{Quality, Reason, Reject};
use super::schema::Verb;
use super::segments::Segments;
use super::span::SECOND;
use crate::error::Result;

/// How far a clock may run ahead of `now`.
const SKEW: i64 = 600 * SECOND;

/// Reads the columns of the log that are not ids of learner, content or course.
pub(crate) struct EventReader<'a, 'q> {
    reader: Reader<'a>,
    options: &'a Options,
    quality: &'q mut Quality,
}

impl<'a, 'q> EventReader<'a, 'q> {
    pub(crate) fn new(
        log: &'a DataFrame,
        zone: Option<&'a Zone>,
        options: &'a Options,
        quality: &'q mut Quality,
    ) -> Self {
        let reader = Reader {
            table: "events",
            frame: log,
            zone,
            epoch: options.epoch,
            rejects: Vec::new(),
        };
        Self {
            reader,
            options,
            quality,
        }
    }

    /// The rows that cannot be read.
    pub(crate) fn finish(self, content: &IdColumn, lanes: &Lanes) -> Vec<Reject> {
        let verbs = lanes.first().and_then(Option::as_ref);
        without_content(content, verbs, self.reader.rejects)
    }

    pub(crate) fn time(&mut self) -> Result<Int64Chunked> {
        let time = self.reader.times("time")?;
        let time = time.unwrap_or_else(|| Int64Chunked::full_null("time".into(), 0));
        if time.null_count() > 0 {
            let known: Vec<u64> = self.reader.rejects.iter().map(|r| r.row).collect();
            let known: std::collections::BTreeSet<u64> = known.into_iter().collect();
            let absent = time.iter().zip(0_u64..).filter(|(time, _)| time.is_none());
            for (_, row) in absent.filter(|(_, row)| !known.contains(row)) {
                self.reader.rejects.push(Reject {
                    row,
                    column: "time",
                    reason: Reason::BadTime,
                });
            }
        }
        let Some(now) = self
            .options
            .now
            .filter(|now| time.max().is_some_and(|max| max > *now))
        else {
            return Ok(time);
        };
        let mut clamped = 0;
        for (value, row) in time.iter().zip(0_usize..) {
            match value {
                Some(value) if value > now.saturating_add(SKEW) => {
                    self.reader.reject(row, "time", Reason::FutureTime);
                }
                Some(value) if value > now => clamped += 1,
                _ => {}
            }
        }
        self.quality
            .find("events", "times at most 10 min ahead, set to now", clamped);
        Ok(time.apply_values(|value| value.min(now)))
    }

    pub(crate) fn lanes(&mut self, families: &Families<'_>) -> Result<(Lanes, Segments)> {
        let mut lanes: Lanes = [const { None }; FIELDS];
        let mut set = |field: Field, lane: Option<Lane>| {
            if let Some(slot) = lanes.get_mut(field as usize) {
                *slot = lane;
            }
        };
        let reader = &mut self.reader;
        let (verbs, unknown) = reader.words_or("verb", Verb::parse, Some(Verb::Interacted))?;
        if verbs.is_some() {
            self.quality
                .find("events", "unknown verbs, kept as interacted", unknown);
        }
        let verb = |verbs: Vec<Option<Verb>>| Lane::words(verbs, |verb| verb as u8);
        set(Field::Verb, verbs.map(verb));
        for (field, name) in [(Field::Session, "session"), (Field::Response, "response")] {
            let lane = families.codes("events", name).ok().map(|codes| {
                let dense = families.dense_all(codes);
                if field == Field::Session {
                    for (code, row) in dense.iter().zip(0_usize..) {
                        if *code >= LIMIT && *code != super::ids::NONE {
                            reader.reject(row, "session", super::ids::fault(*code));
                        }
                    }
                }
                // A response that is no id (a long text) is left behind; the event stays.
                let code = |code: u32| {
                    if code >= LIMIT {
                        super::ids::NONE
                    } else {
                        code
                    }
                };
                Lane::Wholes(dense.into_iter().map(code).collect())
            });
            set(field, lane);
        }
        let cap = self.options.max_duration;
        if let Some(durations) = reader.spans("duration")? {
            let long = durations.iter().flatten().filter(|d| **d > cap).count();
            self.quality
                .find("events", "durations cut to the cap", long as u64);
            let cut = durations.into_iter().map(|d| d.map(|d| d.min(cap)));
            set(Field::Duration, Some(Lane::micros(cut)));
        }
        for (field, name) in [
            (Field::Position, "position"),
            (Field::PositionTo, "position_to"),
            (Field::Speed, "speed"),
        ] {
            set(field, reader.numbers(name)?.map(Lane::numbers));
        }
        set(Field::Length, reader.lengths("length")?.map(Lane::numbers));
        for (field, name) in [(Field::Score, "score"), (Field::Progress, "progress")] {
            set(
                field,
                reader.numbers_within(name, 0.0, 1.0)?.map(Lane::numbers),
            );
        }
        let (segments, stretches) = Segments::read(reader)?;
        set(Field::Segments, segments);
        let success = reader.flags("success")?;
        set(
            Field::Success,
            success.map(|flags| Lane::words(flags, u8::from)),
        );
        set(
            Field::Attempt,
            reader.whole("attempt", 0)?.map(Lane::wholes),
        );
        let count = reader.whole("count", 1)?;
        let count = count.map(|counts| counts.into_iter().map(|c| c.or(Some(1))).collect());
        set(Field::Count, count.map(Lane::wholes));
        let received = reader.times("received")?;
        set(
            Field::Received,
            received.map(|times| Lane::micros(times.iter())),
        );
        Ok((lanes, stretches))
    }
}

/// Only registrations and logging in or out may go without a content.
fn without_content(
    content: &IdColumn,
    verbs: Option<&Lane>,
    mut rejects: Vec<Reject>,
) -> Vec<Reject> {
    if content.null_count() == 0 {
        return rejects;
    }
    for (row, _) in content
        .present()
        .iter()
        .enumerate()
        .filter(|(_, has)| !**has)
    {
        let verb = match verbs {
            Some(Lane::Words(codes)) => codes
                .get(row)
                .and_then(|code| Verb::ALL.get(usize::from(*code))),
            _ => None,
        };
        if verb.is_none_or(|verb| verb.is_engagement()) {
            rejects.push(Reject {
                row: row as u64,
                column: "content",
                reason: Reason::NullId,
            });
        }
    }
    rejects
}
