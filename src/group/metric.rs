//! What may be asked about a reference group: a closed list of measures and steps.

use std::fmt;
use std::str::FromStr;

use crate::{Error, Result};

/// A measure that reference groups are shown for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Metric {
    /// Estimated study time, in seconds.
    StudyTime,
    /// Counted sessions.
    Sessions,
    /// Rows of the log.
    Events,
    /// Local days with activity.
    ActiveDays,
    /// Distinct contents engaged with.
    Contents,
    /// Contents completed.
    Completed,
    /// Completed share of the required contents available.
    Progress,
    /// Estimated study time that lies in the period, in seconds.
    StudyTimeInPeriod,
    /// Counted sessions that began in the period.
    SessionsInPeriod,
    /// Rows of the log in the period.
    EventsInPeriod,
    /// Local days of the period with activity.
    ActiveDaysInPeriod,
    /// Distinct contents engaged with in the period.
    ContentsInPeriod,
    /// Contents completed in the period.
    CompletedInPeriod,
}

impl Metric {
    /// Every metric, in the order tables show them.
    pub const ALL: [Self; 13] = [
        Self::StudyTime,
        Self::Sessions,
        Self::Events,
        Self::ActiveDays,
        Self::Contents,
        Self::Completed,
        Self::Progress,
        Self::StudyTimeInPeriod,
        Self::SessionsInPeriod,
        Self::EventsInPeriod,
        Self::ActiveDaysInPeriod,
        Self::ContentsInPeriod,
        Self::CompletedInPeriod,
    ];

    /// Those that count from the start.
    pub const CUMULATIVE: [Self; 7] = [
        Self::StudyTime,
        Self::Sessions,
        Self::Events,
        Self::ActiveDays,
        Self::Contents,
        Self::Completed,
        Self::Progress,
    ];

    /// Those that count what happened in a period.
    pub const FLOWS: [Self; 6] = [
        Self::StudyTimeInPeriod,
        Self::SessionsInPeriod,
        Self::EventsInPeriod,
        Self::ActiveDaysInPeriod,
        Self::ContentsInPeriod,
        Self::CompletedInPeriod,
    ];

    /// The name a user writes.
    pub fn name(self) -> &'static str {
        match self {
            Self::StudyTime => "study_time",
            Self::Sessions => "sessions",
            Self::Events => "events",
            Self::ActiveDays => "active_days",
            Self::Contents => "contents",
            Self::Completed => "completed",
            Self::Progress => "progress",
            Self::StudyTimeInPeriod => "study_time_in_period",
            Self::SessionsInPeriod => "sessions_in_period",
            Self::EventsInPeriod => "events_in_period",
            Self::ActiveDaysInPeriod => "active_days_in_period",
            Self::ContentsInPeriod => "contents_in_period",
            Self::CompletedInPeriod => "completed_in_period",
        }
    }

    /// The unit of its values: `s`, `1` or `share`.
    pub fn unit(self) -> &'static str {
        match self {
            Self::StudyTime | Self::StudyTimeInPeriod => "s",
            Self::Progress => "share",
            _ => "1",
        }
    }
}

impl fmt::Display for Metric {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Metric {
    type Err = Error;

    /// # Errors
    /// [`Error::Parameter`] for any other name: nothing else can be asked.
    fn from_str(name: &str) -> Result<Self> {
        pick("metric", name, &Self::ALL.map(|m| (m.name(), m)))
    }
}

/// How learners are put into reference groups. Nothing else can be asked: a filter or a
/// value is never a group.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum By {
    /// One group per course, from the enrollments.
    Course,
    /// The registered groups of the memberships.
    Group,
}

impl FromStr for By {
    type Err = Error;

    /// # Errors
    /// [`Error::Parameter`] for anything but `course` and `group`.
    fn from_str(name: &str) -> Result<Self> {
        pick(
            "by",
            name,
            &[("course", Self::Course), ("group", Self::Group)],
        )
    }
}

/// A period of the local calendar. Nothing else can be asked: two that overlap would show what
/// lies between them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Period {
    /// Monday to Sunday.
    Week,
    /// A calendar month.
    Month,
}

impl Period {
    /// The name a user writes.
    pub fn name(self) -> &'static str {
        match self {
            Self::Week => "week",
            Self::Month => "month",
        }
    }
}

impl FromStr for Period {
    type Err = Error;

    /// # Errors
    /// [`Error::Parameter`] for anything but `week` and `month`.
    fn from_str(name: &str) -> Result<Self> {
        let known = [Self::Week, Self::Month];
        pick("period", name, &known.map(|period| (period.name(), period)))
    }
}

/// What a drop-off table counts along.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Steps {
    /// Contents in syllabus order.
    Content,
    /// Modules in syllabus order.
    Module,
    /// Weeks since the start of the course, the first one is 1.
    Week,
}

impl FromStr for Steps {
    type Err = Error;

    /// # Errors
    /// [`Error::Parameter`] for anything but `content`, `module` and `week`.
    fn from_str(name: &str) -> Result<Self> {
        let known = [
            ("content", Self::Content),
            ("module", Self::Module),
            ("week", Self::Week),
        ];
        pick("by", name, &known)
    }
}

/// A measure of collaboration.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Measure {
    Posts,
    Replies,
    Comments,
    Threads,
    Peers,
    Answers,
    AnsweredBy,
    Mutual,
    Centrality,
}

impl Measure {
    /// Every measure, in the order tables show them.
    pub(super) const ALL: [Self; 9] = [
        Self::Posts,
        Self::Replies,
        Self::Comments,
        Self::Threads,
        Self::Peers,
        Self::Answers,
        Self::AnsweredBy,
        Self::Mutual,
        Self::Centrality,
    ];

    /// The name that tables show.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Posts => "posts",
            Self::Replies => "replies",
            Self::Comments => "comments",
            Self::Threads => "threads",
            Self::Peers => "peers",
            Self::Answers => "answers",
            Self::AnsweredBy => "answered_by",
            Self::Mutual => "mutual",
            Self::Centrality => "centrality",
        }
    }

    /// The unit of its values: `1` or `share`.
    pub(super) fn unit(self) -> &'static str {
        match self {
            Self::Centrality => "share",
            _ => "1",
        }
    }
}

/// Which groups of a course are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Between {
    /// Each two of them.
    Pairs,
    /// All that are large enough at once; the row bears the name of the course.
    All,
}

impl FromStr for Between {
    type Err = Error;

    /// # Errors
    /// [`Error::Parameter`] for anything but `pairs` and `all`.
    fn from_str(name: &str) -> Result<Self> {
        pick(
            "between",
            name,
            &[("pairs", Self::Pairs), ("all", Self::All)],
        )
    }
}

/// What makes up a test, whose items are analysed together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Test {
    /// All assessable contents of the course.
    Course,
    /// Those of one module.
    Module,
}

impl FromStr for Test {
    type Err = Error;

    /// # Errors
    /// [`Error::Parameter`] for anything but `course` and `module`.
    fn from_str(name: &str) -> Result<Self> {
        let known = [("course", Self::Course), ("module", Self::Module)];
        pick("by", name, &known)
    }
}

/// What an item without marks counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Blank {
    /// Nothing: a learner is compared over the items that she has marks at.
    Skip,
    /// No marks, for learners who have marks at another item of the test.
    Zero,
}

impl FromStr for Blank {
    type Err = Error;

    /// # Errors
    /// [`Error::Parameter`] for anything but `skip` and `zero`.
    fn from_str(name: &str) -> Result<Self> {
        let known = [("skip", Self::Skip), ("zero", Self::Zero)];
        pick("blank", name, &known)
    }
}

/// What a learning curve is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Skill {
    /// A topic of the catalog.
    Topic,
    /// A module.
    Module,
}

impl FromStr for Skill {
    type Err = Error;

    /// # Errors
    /// [`Error::Parameter`] for anything but `topic` and `module`.
    fn from_str(name: &str) -> Result<Self> {
        let known = [("topic", Self::Topic), ("module", Self::Module)];
        pick("by", name, &known)
    }
}

/// The value that goes by `name`, or an error that lists the names there are.
fn pick<T: Copy>(argument: &'static str, name: &str, known: &[(&str, T)]) -> Result<T> {
    let found = known.iter().find(|(n, _)| *n == name);
    found.map(|(_, value)| *value).ok_or_else(|| {
        let names: Vec<String> = known.iter().map(|(n, _)| format!("\"{n}\"")).collect();
        Error::parameter(
            argument,
            format!("one of {}", names.join(", ")),
            format!("\"{name}\""),
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_metric_reads_back_from_its_name() {
        for metric in Metric::ALL {
            assert_eq!(metric.name().parse::<Metric>().unwrap(), metric);
        }
    }

    #[test]
    fn a_metric_is_cumulative_or_of_a_period() {
        let parts = [&Metric::CUMULATIVE[..], &Metric::FLOWS].concat();
        assert_eq!(parts, Metric::ALL);
    }

    #[test]
    fn an_unknown_name_is_an_error_that_lists_the_known_ones() {
        let error = "day".parse::<Steps>().unwrap_err().to_string();
        assert_eq!(
            error,
            "`by` must be one of \"content\", \"module\", \"week\", got \"day\""
        );
    }
}
