//! The study time estimator: its parameters, recorded with every result it makes.

use crate::data::{DAY, SECOND, show_span};
use crate::error::{Error, Result};

/// No event is credited with more by a rule: a year is no studying.
const LONGEST: i64 = 366 * DAY;

/// Credit for an event that no next event bounds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Credit {
    /// None at all.
    Nothing,
    /// At most this long (microseconds).
    Fixed(i64),
    /// The median of the learner's own gaps after contents of the same kind.
    Median,
    /// By the kind of the content, as the user says; other kinds get nothing.
    Table(Vec<(String, i64)>),
}

/// Which event of a gap is credited with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum AttributeTo {
    /// The content that was open when the gap began.
    #[default]
    Preceding,
    /// The content that ended it.
    Following,
}

/// What ends a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Sessions {
    /// A gap longer than `gap`.
    #[default]
    Gap,
    /// Another session id in the log; the gap rule where an id is missing.
    Given,
    /// Either.
    Both,
}

/// What to do with durations that the log states.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Measured {
    /// They replace the estimate.
    #[default]
    Prefer,
    /// They are not used.
    Ignore,
    /// Only they count.
    Only,
}

/// What an event is credited with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Estimator {
    /// The time to the next event of its session.
    #[default]
    Gaps,
    /// For logs that ping while a content is open: per session and content, `every` times the
    /// distinct values of floor(t / `every`) less one, plus `min_visit`.
    Heartbeat {
        /// The time between pings (microseconds).
        every: i64,
        /// What the first ping of a content in a session counts (microseconds).
        min_visit: i64,
    },
}

/// Study time is an estimate, and this is the estimator.
///
/// A learner's events are cut into sessions; an event is credited with the time to the next
/// event of its session. What happens where there is no such next event is a choice, and the
/// choice changes findings (Kovanović, Gašević, Dawson, Joksimović, Baker & Hatala 2015,
/// "Penetrating the black box of time-on-task estimation", LAK '15, doi:10.1145/2723576.2723623).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StudyTime {
    /// What an event is credited with.
    pub estimator: Estimator,
    /// A longer gap ends the session (microseconds).
    pub gap: i64,
    /// Credit for an event whose next event comes after more than `gap`.
    pub over_gap: Credit,
    /// Credit for an event that `over_gap` says nothing about: the last one.
    pub last_event: Credit,
    /// Which content a gap is credited to.
    pub attribute_to: AttributeTo,
    /// What ends a session.
    pub sessions: Sessions,
    /// Sessions with fewer events are not counted.
    pub min_events: u32,
    /// Sessions with less study time are not counted (microseconds).
    pub min_duration: i64,
    /// A session counts for at most this long (microseconds).
    pub max_session: Option<i64>,
    /// Durations that the log states.
    pub measured: Measured,
}

impl Default for StudyTime {
    fn default() -> Self {
        Self {
            estimator: Estimator::Gaps,
            gap: 1_800 * SECOND,
            over_gap: Credit::Nothing,
            last_event: Credit::Nothing,
            attribute_to: AttributeTo::Preceding,
            sessions: Sessions::Gap,
            min_events: 1,
            min_duration: 0,
            max_session: None,
            measured: Measured::Prefer,
        }
    }
}

impl StudyTime {
    /// Refuses parameters without a meaning.
    ///
    /// # Errors
    /// [`Error::Parameter`] for a gap or a cap that is not above zero.
    pub fn check(&self) -> Result<()> {
        let positive = |name, value: i64| {
            if value > 0 {
                return Ok(());
            }
            Err(Error::parameter(name, "longer than 0s", show_span(value)))
        };
        positive("gap", self.gap)?;
        if let Estimator::Heartbeat { every, min_visit } = self.estimator {
            positive("every", every)?;
            for (name, span, least) in [("every", every, 1), ("min_visit", min_visit, 0)] {
                if !(least..=LONGEST).contains(&span) {
                    let expected = format!("between 0s and {}", show_span(LONGEST));
                    return Err(Error::parameter(name, expected, show_span(span)));
                }
            }
            self.check_heartbeat()?;
        }
        if let Some(cap) = self.max_session {
            positive("max_session", cap)?;
        }
        if self.min_duration < 0 {
            return Err(Error::parameter(
                "min_duration",
                "at least 0s",
                show_span(self.min_duration),
            ));
        }
        for (name, credit) in [
            ("over_gap", &self.over_gap),
            ("last_event", &self.last_event),
        ] {
            let spans: Vec<i64> = match credit {
                Credit::Fixed(span) => vec![*span],
                Credit::Table(kinds) => kinds.iter().map(|(_, span)| *span).collect(),
                Credit::Nothing | Credit::Median => Vec::new(),
            };
            let sound = 0..=LONGEST;
            if let Some(span) = spans.into_iter().find(|span| !sound.contains(span)) {
                let expected = format!("between 0s and {}", show_span(LONGEST));
                return Err(Error::parameter(name, expected, show_span(span)));
            }
        }
        Ok(())
    }

    /// What is about gaps does not go with pings.
    fn check_heartbeat(&self) -> Result<()> {
        let usual = Self::default();
        let other = [
            ("over_gap", self.over_gap == usual.over_gap),
            ("last_event", self.last_event == usual.last_event),
            ("attribute_to", self.attribute_to == usual.attribute_to),
            ("measured", self.measured != Measured::Only),
        ];
        match other.into_iter().find(|(_, usual)| !usual) {
            Some((name, _)) => Err(Error::parameter(
                name,
                "left as it is with the heartbeat estimator",
                "another value",
            )),
            None => Ok(()),
        }
    }

    /// The estimator in one line, for metadata and reprs.
    #[must_use]
    pub fn describe(&self) -> String {
        let credit = |credit: &Credit, nothing: &str, fixed: &str| match credit {
            Credit::Nothing => nothing.to_owned(),
            Credit::Fixed(span) => format!("{fixed}({})", show_span(*span)),
            Credit::Median => "impute(own median)".to_owned(),
            Credit::Table(kinds) => {
                let kinds: Vec<String> = kinds
                    .iter()
                    .map(|(kind, span)| format!("{kind}: {}", show_span(*span)))
                    .collect();
                format!("impute({})", kinds.join(", "))
            }
        };
        let lower = |text: String| text.to_lowercase();
        if let Estimator::Heartbeat { every, min_visit } = self.estimator {
            return format!(
                "heartbeat(every={}, min_visit={}), gap={}, sessions={}{}",
                show_span(every),
                show_span(min_visit),
                show_span(self.gap),
                lower(format!("{:?}", self.sessions)),
                self.limits()
            );
        }
        let parts = [
            format!("gap={}", show_span(self.gap)),
            format!("over_gap={}", credit(&self.over_gap, "drop", "cap")),
            format!("last_event={}", credit(&self.last_event, "zero", "fixed")),
            format!("attribute_to={}", lower(format!("{:?}", self.attribute_to))),
            format!("sessions={}", lower(format!("{:?}", self.sessions))),
            format!("measured={}", lower(format!("{:?}", self.measured))),
        ];
        format!("{}{}", parts.join(", "), self.limits())
    }

    fn limits(&self) -> String {
        let mut parts = Vec::new();
        if self.min_events > 1 {
            parts.push(format!(", min_events={}", self.min_events));
        }
        if self.min_duration > 0 {
            parts.push(format!(", min_duration={}", show_span(self.min_duration)));
        }
        if let Some(cap) = self.max_session {
            parts.push(format!(", max_session={}", show_span(cap)));
        }
        parts.concat()
    }
}
