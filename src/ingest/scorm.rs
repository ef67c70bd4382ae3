//! Run-time data of SCORM and AICC players as a table: one row per session of a learner with a SCO.

mod durations;
mod verbs;

use super::batch::{Batch, Fault, Row, fault};
use super::tables::{Line, TableDialect, TableOptions, Wanted, either, maybe};
use crate::data::calendar::{LATEST, TimeFault, parse_time};
use crate::data::{Verb, Zone};

pub(super) use verbs::MAPPING;

/// Reads rows of run-time data.
pub(super) struct Scorm {
    zone: Option<Zone>,
}

impl Scorm {
    pub(super) fn new(options: &TableOptions) -> Self {
        Self {
            zone: options.foreign.zone.clone(),
        }
    }

    /// When the session ended.
    fn time(&self, text: Option<&str>) -> Result<i64, Fault> {
        let bad = |rule| fault("time", rule);
        let text = text.ok_or(bad("BadTime"))?.trim();
        let micros = if let Ok(seconds) = text.parse::<i64>() {
            seconds.checked_mul(1_000_000).ok_or(bad("OutOfRange"))?
        } else {
            parse_time(text, self.zone.as_ref()).map_err(|why| {
                bad(match why {
                    TimeFault::Ambiguous => "AmbiguousTime",
                    TimeFault::NoZone => "NoZone",
                    TimeFault::Unreadable | TimeFault::TooFar => "BadTime",
                })
            })?
        };
        if (0..LATEST).contains(&micros) {
            Ok(micros)
        } else {
            Err(bad("OutOfRange"))
        }
    }
}

impl TableDialect for Scorm {
    const TABLE: &'static str = "scorm";
    const COLUMNS: &'static [Wanted] = &[
        maybe("id"),
        Wanted {
            name: "learner",
            others: &[
                "learner_id",
                "student_id",
                "cmi.learner_id",
                "cmi.core.student_id",
            ],
            required: true,
        },
        either("course", &["course_id"]),
        Wanted {
            name: "sco",
            others: &["sco_id", "activity_id"],
            required: true,
        },
        Wanted {
            name: "time",
            others: &["timestamp", "last_access"],
            required: true,
        },
        either(
            "session_time",
            &["cmi.session_time", "cmi.core.session_time"],
        ),
        either("score_raw", &["cmi.score.raw", "cmi.core.score.raw"]),
        either("score_min", &["cmi.score.min", "cmi.core.score.min"]),
        either("score_max", &["cmi.score.max", "cmi.core.score.max"]),
        either("score_scaled", &["cmi.score.scaled"]),
        either("lesson_status", &["cmi.core.lesson_status"]),
        either("completion_status", &["cmi.completion_status"]),
        either("success_status", &["cmi.success_status"]),
        either("progress_measure", &["cmi.progress_measure"]),
        maybe("attempt"),
    ];

    fn read(&self, line: &Line<'_>, out: &mut Batch<'_>) -> Result<(), Fault> {
        let [
            id,
            learner,
            course,
            sco,
            time,
            session_time,
            raw,
            min,
            max,
            scaled,
            lesson,
            completion,
            success,
            measure,
            attempt,
        ] = line.cells();
        let learner = learner.ok_or(fault("learner", "NoLearner"))?.trim();
        let sco = sco.ok_or(fault("sco", "NoSco"))?.trim();
        let ended = self.time(time)?;
        let duration = session_time.map(durations::read).transpose();
        let duration = duration.map_err(|()| fault("session_time", "BadDuration"))?;
        // The player writes when a session ends; what began then is the next one.
        let began = ended - duration.unwrap_or(0);
        if began < 0 {
            return Err(fault("session_time", "OutOfRange"));
        }
        let score = match number("score_scaled", scaled)? {
            Some(scaled) if !(-1.0..=1.0).contains(&scaled) => {
                return Err(fault("score_scaled", "OutOfBounds"));
            }
            Some(scaled) => Some(scaled),
            None => ratio(raw, min, max, lesson.is_some())?,
        };
        let measure = number("progress_measure", measure)?;
        if measure.is_some_and(|share| !(0.0..=1.0).contains(&share)) {
            return Err(fault("progress_measure", "OutOfBounds"));
        }
        let attempt = attempt.map(|text| text.trim().parse::<u32>().ok().filter(|n| *n > 0));
        if attempt == Some(None) {
            return Err(fault("attempt", "BadAttempt"));
        }
        let verb = MAPPING.verb(&verbs::status(lesson, completion, success));
        out.event(&Row {
            content: Some(sco),
            course: course.map(str::trim),
            duration,
            // A scaled score may be below 0; shares here are not.
            score: score.filter(|score| *score >= 0.0),
            success: verb.and_then(verbs::success),
            progress: measure,
            attempt: attempt.flatten(),
            received: duration.map(|_| ended),
            id,
            ..Row::new(learner, began, verb.unwrap_or(Verb::Interacted))
        })?;
        if score.is_some_and(|score| score < 0.0) {
            out.find("scores below 0, left out");
        }
        if verb.is_none() {
            out.unknown_verb("a status that no standard has");
        }
        Ok(())
    }
}

fn number(place: &'static str, text: Option<&str>) -> Result<Option<f64>, Fault> {
    let Some(text) = text else {
        return Ok(None);
    };
    let value: f64 = text.trim().parse().map_err(|_| fault(place, "BadNumber"))?;
    if value.is_finite() {
        Ok(Some(value))
    } else {
        Err(fault(place, "NotFinite"))
    }
}

/// The share of a raw score. SCORM 1.2 scores lie between 0 and 100 if nothing else is said;
/// in SCORM 2004 a raw score without bounds says nothing.
fn ratio(
    raw: Option<&str>,
    min: Option<&str>,
    max: Option<&str>,
    first_edition: bool,
) -> Result<Option<f64>, Fault> {
    let raw = number("score_raw", raw)?;
    let (min, max) = (number("score_min", min)?, number("score_max", max)?);
    let usual = first_edition && min.is_none() && max.is_none();
    let max = max.or(usual.then_some(100.0));
    let (Some(raw), Some(max)) = (raw, max) else {
        return Ok(None);
    };
    let min = min.unwrap_or(0.0);
    if min >= max {
        return Err(fault("score_max", "OutOfBounds"));
    }
    if raw < min || raw > max {
        return Err(fault("score_raw", "OutOfBounds"));
    }
    Ok(Some((raw - min) / (max - min)))
}
