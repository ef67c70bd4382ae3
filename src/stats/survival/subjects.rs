//! Subjects, checked once, and the risk sets they make.

use crate::error::{Error, Result};
use crate::stats::check::{not_negative, paired};

/// Subjects with the times at which they entered and left, checked and in order.
#[derive(Debug, Clone)]
pub struct Subjects {
    /// Times of leaving in order, with the kind of event: 0 for censoring.
    exits: Vec<(f64, u32)>,
    /// Times of entering in order; empty where everyone is there from the beginning.
    entries: Vec<f64>,
}

/// What happens at one time of leaving.
#[derive(Debug, Clone, Copy)]
pub(super) struct Moment {
    pub(super) time: f64,
    pub(super) at_risk: usize,
    pub(super) events: usize,
    /// Of them, events of the kind asked for.
    pub(super) of_kind: usize,
    pub(super) censored: usize,
}

impl Subjects {
    /// Subjects from the time each left, what happened then (0 for censoring, else a kind of
    /// event), and the time each entered, if not at the beginning.
    ///
    /// # Errors
    /// [`Error::Parameter`] for slices of different length, times that are negative or not
    /// finite, and an entry that is not before the time of leaving.
    ///
    /// ```
    /// use kohort::stats::Subjects;
    /// assert!(Subjects::new(&[3.0, 5.0], &[1, 0], None).is_ok());
    /// assert!(Subjects::new(&[3.0], &[1], Some(&[3.0])).is_err());
    /// assert!(Subjects::new(&[f64::NAN], &[1], None).is_err());
    /// ```
    pub fn new(time: &[f64], event: &[u32], entry: Option<&[f64]>) -> Result<Self> {
        paired("event", event.len(), "time", time.len())?;
        not_negative("time", time)?;
        let mut entries = Vec::new();
        if let Some(entry) = entry {
            paired("entry", entry.len(), "time", time.len())?;
            not_negative("entry", entry)?;
            if let Some(at) = entry.iter().zip(time).position(|(a, b)| a >= b) {
                let got = format!("another at {at}");
                return Err(Error::parameter("entry", "before `time`", got));
            }
            entries = entry.to_vec();
            entries.sort_unstable_by(f64::total_cmp);
        }
        // Of the two zeros one.
        let times = time.iter().map(|t| *t + 0.0);
        let mut exits: Vec<(f64, u32)> = times.zip(event.iter().copied()).collect();
        exits.sort_unstable_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
        Ok(Self { exits, entries })
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.exits.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.exits.is_empty()
    }

    /// The latest time at which anyone left.
    #[must_use]
    pub fn latest(&self) -> Option<f64> {
        self.exits.last().map(|(time, _)| *time)
    }

    /// The distinct times of leaving, each with its risk set.
    pub(super) fn moments(&self, kind: u32) -> Vec<Moment> {
        let same = |a: &(f64, u32), b: &(f64, u32)| a.0.total_cmp(&b.0).is_eq();
        let mut gone = 0;
        let mut out = Vec::new();
        for leaving in self.exits.chunk_by(same) {
            let Some((time, _)) = leaving.first().copied() else {
                continue;
            };
            let events = leaving.iter().filter(|(_, event)| *event > 0).count();
            out.push(Moment {
                time,
                at_risk: self.entered_before(time) - gone,
                events,
                of_kind: leaving.iter().filter(|(_, event)| *event == kind).count(),
                censored: leaving.len() - events,
            });
            gone += leaving.len();
        }
        out
    }

    /// How many are at risk at a time, whether or not anyone leaves then.
    pub(super) fn at_risk(&self, time: f64) -> usize {
        self.entered_before(time) - self.exits.partition_point(|(exit, _)| *exit < time)
    }

    fn entered_before(&self, time: f64) -> usize {
        if self.entries.is_empty() {
            return self.exits.len();
        }
        self.entries.partition_point(|entry| *entry < time)
    }
}
