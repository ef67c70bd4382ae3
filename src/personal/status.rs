//! Where a learner stands in a course (METRICS: drop-off); the first match wins.

use super::courses::Record;
use crate::data::ids::NONE;
use crate::data::lanes::NO_TIME;
use crate::data::schema::Outcome;
use crate::data::{DAY, Inner};

/// A learner's standing in a course.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Status {
    /// Unenrolled, or the enrollment ended without an outcome or as withdrawn.
    Withdrawn,
    /// Passed once the course was over, or all required contents completed.
    Completed,
    /// No activity.
    NeverStarted,
    /// Active within `inactivity` of `as_of` or the end of the course: what comes is unknown.
    Active,
    /// Gone quiet.
    Stopped,
}

impl Status {
    /// All of them, in their order.
    pub(crate) const ALL: [Self; 5] = [
        Self::Withdrawn,
        Self::Completed,
        Self::NeverStarted,
        Self::Active,
        Self::Stopped,
    ];

    /// The word tables show.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Withdrawn => "withdrawn",
            Self::Completed => "completed",
            Self::NeverStarted => "never_started",
            Self::Active => "active",
            Self::Stopped => "stopped",
        }
    }

    /// Whether the learner left: a step of hers is a drop-off point.
    #[must_use]
    pub const fn left(self) -> bool {
        matches!(self, Self::Withdrawn | Self::Stopped)
    }
}

/// What the catalog asks of a course at `as_of`.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(crate) struct Asked {
    /// Required contents, available or not.
    pub(crate) required: u32,
    /// Required contents available.
    pub(crate) available: u32,
    /// Their expected duration; `None` unless all have one.
    pub(crate) expected: Option<i64>,
}

/// What the catalog asks in each course; index 0 is "no course".
pub(crate) fn asked(data: &Inner, as_of: i64) -> Vec<Asked> {
    let mut all = vec![
        Asked {
            expected: Some(0),
            ..Asked::default()
        };
        data.courses.len() + 1
    ];
    for (course, entry) in data.items.course.iter().zip(&data.items.entry) {
        let Some(entry) = entry.as_ref().filter(|entry| entry.required) else {
            continue;
        };
        if let Some(asked) = all.get_mut(course.wrapping_add(1) as usize) {
            asked.required += 1;
            if entry.available_from.is_none_or(|from| from <= as_of) {
                asked.available += 1;
                asked.expected = asked.expected.zip(entry.expected).map(|(a, b)| a + b);
            }
        }
    }
    for asked in &mut all {
        if asked.available == 0 {
            asked.expected = None;
        }
    }
    all
}

/// The horizon of a course: `as_of`, or its end if that came first.
pub(crate) fn horizon(data: &Inner, course: u32, as_of: i64) -> i64 {
    data.ends(course).map_or(as_of, |end| end.min(as_of))
}

/// The last instant of a course that is known of: `as_of`, or the one before its end.
pub(crate) fn last_instant(data: &Inner, course: u32, as_of: i64) -> i64 {
    match data.ends(course) {
        Some(end) if end <= as_of => end.saturating_sub(1),
        _ => as_of,
    }
}

/// A learner's standing in a course.
pub(crate) fn status(
    data: &Inner,
    record: &Record,
    asked: Asked,
    as_of: i64,
    inactivity: i64,
) -> Status {
    let over = record.course != NONE && data.ends(record.course).is_some_and(|end| end <= as_of);
    let outcome = record.enrolled.and_then(|enrolled| enrolled.outcome);
    let end = record.enrolled.and_then(|enrolled| enrolled.end);
    let withdrawn_at_last = over && end.is_none() && outcome == Some(Outcome::Withdrawn);
    if gone_since(record, as_of).is_some() || withdrawn_at_last {
        return Status::Withdrawn;
    }
    let passed = over && matches!(outcome, Some(Outcome::Pass | Outcome::Distinction));
    if passed || (asked.required > 0 && record.required == asked.required) {
        return Status::Completed;
    }
    if record.last == NO_TIME {
        return Status::NeverStarted;
    }
    if record.last >= horizon(data, record.course, as_of).saturating_sub(inactivity) {
        return Status::Active;
    }
    Status::Stopped
}

/// When she unenrolled, or when an enrollment ended that had no other outcome; the earlier of the
/// two.
fn gone_since(record: &Record, as_of: i64) -> Option<i64> {
    let ended = record.enrolled.and_then(|enrolled| {
        let withdrew = matches!(enrolled.outcome, None | Some(Outcome::Withdrawn));
        enrolled.end.filter(|end| withdrew && *end <= as_of)
    });
    record.unenrolled.into_iter().chain(ended).min()
}

/// Days from the last activity to the horizon.
pub(crate) fn inactive_days(data: &Inner, record: &Record, as_of: i64) -> Option<f64> {
    let active = record.last != NO_TIME;
    active.then(|| (horizon(data, record.course, as_of) - record.last) as f64 / DAY as f64)
}

/// What ended a learner's time in a course.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Exit {
    /// She stopped or withdrew.
    Left,
    /// She completed it.
    Completed,
    /// Nothing yet: it goes on, or never began.
    #[default]
    Censored,
}

/// A learner's time in a course: from her enrollment (else the start of the course) to her last
/// activity, or to the day on which she withdrew if it is known; censored at the horizon, and
/// at once for one who never started. Whoever left or completed after the end of the course did
/// so in its last instant: there is no time in a course that is over. `None` where nothing says
/// when it began.
pub(crate) fn spell(
    data: &Inner,
    record: &Record,
    status: Status,
    as_of: i64,
) -> Option<(i64, i64, Exit)> {
    let enrolled = record.enrolled.and_then(|enrolled| enrolled.start);
    let begin = enrolled.or_else(|| data.starts(record.course))?;
    let last = Some(record.last).filter(|last| *last != NO_TIME);
    let last = last.unwrap_or(begin);
    let within = |end: i64| end.min(last_instant(data, record.course, as_of));
    let (end, exit) = match status {
        Status::Withdrawn => (
            within(gone_since(record, as_of).unwrap_or(last)),
            Exit::Left,
        ),
        Status::Stopped => (last, Exit::Left),
        Status::Completed => (within(last), Exit::Completed),
        Status::Active => (horizon(data, record.course, as_of), Exit::Censored),
        Status::NeverStarted => (begin, Exit::Censored),
    };
    Some((begin, end.max(begin), exit))
}
