//! The closed schema: names, types and sets of words, written once.

use polars::prelude::*;

use super::names::{alike, is_personal, probable};
use crate::error::{Error, Result};

/// What a column holds; the decoders in `columns` and `encode` know how to read each.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Holds {
    /// An identifier: integer, string, categorical or dictionary.
    Id,
    /// An instant.
    Time,
    /// A length of time: polars Duration, a number of seconds, or a text such as `30m`,
    /// `00:30:00` or `PT30M`.
    Span,
    /// A number.
    Number,
    /// A word of a closed set.
    Word,
    /// True or false.
    Flag,
    /// One text or a list of texts.
    Texts,
    /// Stretches of a medium, as text.
    Stretches,
}

/// A column of a table: its name, whether it must be there, and what it holds.
pub(crate) type Column = (&'static str, bool, Holds);

/// The log: who did what, when.
pub(crate) const EVENTS: &[Column] = &[
    ("learner", true, Holds::Id),
    ("time", true, Holds::Time),
    ("content", true, Holds::Id),
    ("verb", false, Holds::Word),
    ("course", false, Holds::Id),
    ("session", false, Holds::Id),
    ("duration", false, Holds::Span),
    ("position", false, Holds::Number),
    ("position_to", false, Holds::Number),
    ("speed", false, Holds::Number),
    ("length", false, Holds::Span),
    ("score", false, Holds::Number),
    ("success", false, Holds::Flag),
    ("progress", false, Holds::Number),
    ("segments", false, Holds::Stretches),
    ("attempt", false, Holds::Number),
    ("response", false, Holds::Id),
    ("count", false, Holds::Number),
    ("received", false, Holds::Time),
    ("id", false, Holds::Id),
];

/// What can be studied, and where it stands in the syllabus.
pub(crate) const CATALOG: &[Column] = &[
    ("content", true, Holds::Id),
    ("course", true, Holds::Id),
    ("module", false, Holds::Id),
    ("kind", false, Holds::Word),
    ("position", false, Holds::Number),
    ("available_from", false, Holds::Time),
    ("due", false, Holds::Time),
    ("expected_duration", false, Holds::Span),
    ("length", false, Holds::Span),
    ("max_score", false, Holds::Number),
    ("required", false, Holds::Flag),
    ("topics", false, Holds::Texts),
    // Set by `derive_catalog`: the log itself is the source.
    ("derived", false, Holds::Flag),
];

/// When a course runs.
pub(crate) const COURSES: &[Column] = &[
    ("course", true, Holds::Id),
    ("starts", false, Holds::Time),
    ("ends", false, Holds::Time),
    ("term", false, Holds::Id),
];

/// Who is enrolled where, since when, and how it ended.
pub(crate) const ENROLLMENTS: &[Column] = &[
    ("learner", true, Holds::Id),
    ("course", true, Holds::Id),
    ("start", false, Holds::Time),
    ("end", false, Holds::Time),
    ("outcome", false, Holds::Word),
];

/// Boards and other registered reference groups.
pub(crate) const MEMBERSHIPS: &[Column] = &[
    ("group", true, Holds::Id),
    ("learner", true, Holds::Id),
    ("course", false, Holds::Id),
    ("since", false, Holds::Time),
    ("until", false, Holds::Time),
    ("parent", false, Holds::Id),
];

/// Facts about learners.
pub(crate) const LEARNERS: &[Column] = &[
    ("learner", true, Holds::Id),
    ("tz", false, Holds::Word),
    ("age_ok", false, Holds::Flag),
    ("eligible", false, Holds::Flag),
];

/// Consents per purpose, given and withdrawn.
pub(crate) const CONSENTS: &[Column] = &[
    ("learner", true, Holds::Id),
    ("purpose", true, Holds::Word),
    ("granted", true, Holds::Flag),
    ("time", true, Holds::Time),
];

/// Who instructs which group.
pub(crate) const ROLES: &[Column] = &[
    ("person", true, Holds::Id),
    ("group", true, Holds::Id),
    ("role", true, Holds::Word),
];

/// Makes an enum of words whose order is the order of the schema.
macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($variant:ident = $word:literal),* $(,)? }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[repr(u8)]
        #[non_exhaustive]
        pub enum $name { $(#[doc = concat!("`", $word, "`")] $variant),* }

        impl $name {
            /// Every word, in the order of the schema.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// The word as tables show it.
            #[must_use]
            pub const fn word(self) -> &'static str {
                match self { $(Self::$variant => $word),* }
            }

            /// The variant a word stands for.
            #[must_use]
            pub fn parse(word: &str) -> Option<Self> {
                match word { $($word => Some(Self::$variant),)* _ => None }
            }
        }
    };
}

words! {
    /// What a learner did, in the field's words.
    Verb {
        Viewed = "viewed", Interacted = "interacted", Played = "played", Paused = "paused",
        Seeked = "seeked", Ended = "ended", Progressed = "progressed", Completed = "completed",
        Attempted = "attempted", Answered = "answered", Submitted = "submitted",
        Graded = "graded", Passed = "passed", Failed = "failed", Hinted = "hinted",
        Searched = "searched", Navigated = "navigated", Posted = "posted", Replied = "replied",
        Commented = "commented", Highlighted = "highlighted", Noted = "noted", Liked = "liked",
        Shared = "shared", Bookmarked = "bookmarked", Downloaded = "downloaded",
        Enrolled = "enrolled", Unenrolled = "unenrolled", LoggedIn = "logged_in",
        LoggedOut = "logged_out", Terminated = "terminated",
    }
}

impl Verb {
    /// Being enrolled or unenrolled is a fact about a learner, not something she studied.
    #[must_use]
    pub const fn is_registration(self) -> bool {
        matches!(self, Self::Enrolled | Self::Unenrolled)
    }

    /// Whether the event touches its content: activity other than logging in or out.
    #[must_use]
    pub const fn is_engagement(self) -> bool {
        !self.is_registration() && !matches!(self, Self::LoggedIn | Self::LoggedOut)
    }
}

words! {
    /// The kind of a content.
    Kind {
        Video = "video", Page = "page", Quiz = "quiz", Problem = "problem",
        Assignment = "assignment", Discussion = "discussion", File = "file", Live = "live",
        Other = "other",
    }
}

words! {
    /// How an enrollment ended.
    Outcome { Pass = "pass", Distinction = "distinction", Fail = "fail", Withdrawn = "withdrawn" }
}

words! {
    /// What a consent is for.
    Purpose {
        Personal = "personal", Group = "group", Research = "research",
        Recommendation = "recommendation",
    }
}

words! {
    /// What a person may be to a group.
    Role { Instructor = "instructor", CoInstructor = "co-instructor" }
}

/// The words of a closed set, for messages.
pub(crate) fn listed<'a>(words: impl IntoIterator<Item = &'a str>) -> String {
    let quoted: Vec<String> = words.into_iter().map(|w| format!("`{w}`")).collect();
    quoted.join(", ")
}

/// What to do with columns outside the schema.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Extra {
    /// An error names them.
    #[default]
    Refuse,
    /// They are left behind unread.
    Drop,
}

/// The table with the schema's columns only, under the schema's names.
///
/// # Errors
/// [`Error::Schema`] for a missing required column (with what the table has and what it probably
/// is), for columns outside the schema unless `extra` drops them, and for Personal Identifiers.
pub(crate) fn conform(
    table: &'static str,
    frame: &DataFrame,
    columns: &[Column],
    mapping: &[(String, String)],
    extra: Extra,
) -> Result<DataFrame> {
    let has: Vec<String> = frame
        .get_column_names()
        .iter()
        .map(ToString::to_string)
        .collect();
    let mut taken = Vec::new();
    let mut kept = Vec::new();
    for (name, required, holds) in columns {
        let source = mapping.iter().find(|(ours, _)| ours == name);
        let source = match source {
            Some((_, theirs)) if has.contains(theirs) => theirs.clone(),
            Some((_, theirs)) if table == "events" => {
                return Err(Error::schema(
                    table,
                    format!(
                        "`columns` maps `{name}` to `{theirs}`, which is not there; the table has {}",
                        listed(has.iter().map(String::as_str))
                    ),
                ));
            }
            _ => (*name).to_owned(),
        };
        if has.contains(&source) {
            kept.push(meant(frame.column(&source)?, *holds).with_name((*name).into()));
            taken.push(source);
        } else if *required {
            return Err(missing(table, name, columns, &has, mapping));
        }
    }
    if table == "events"
        && let Some((ours, _)) = mapping
            .iter()
            .find(|(ours, _)| !EVENTS.iter().any(|(name, ..)| name == ours))
    {
        return Err(Error::schema(
            table,
            format!(
                "`columns` maps `{ours}`, which is no column of the schema; it has {}",
                listed(EVENTS.iter().map(|(name, ..)| *name))
            ),
        ));
    }
    if extra == Extra::Refuse {
        let rest: Vec<&str> = has
            .iter()
            .filter(|name| !taken.contains(name))
            .map(String::as_str)
            .collect();
        refuse(table, &rest, columns)?;
    }
    Ok(DataFrame::new(frame.height(), kept)?)
}

/// A column without a single value has no type to be wrong about: pandas makes floats of it. Only
/// integers still say what ids will be.
fn meant(column: &polars::prelude::Column, holds: Holds) -> polars::prelude::Column {
    let nothing = column.null_count() == column.len();
    if nothing && (holds != Holds::Id || column.dtype().is_float()) {
        let (name, height) = (column.name().clone(), column.len());
        return polars::prelude::Column::full_null(name, height, &DataType::Null);
    }
    column.clone()
}

fn refuse(table: &'static str, rest: &[&str], columns: &[Column]) -> Result<()> {
    let personal: Vec<&str> = rest
        .iter()
        .copied()
        .filter(|name| is_personal(name))
        .collect();
    if !personal.is_empty() {
        return Err(Error::schema(
            table,
            format!(
                "{} would name or identify a person and must not come in; remove it, \
                 or leave it behind with extra=\"drop\"",
                listed(personal)
            ),
        ));
    }
    if !rest.is_empty() {
        let like = |theirs: &str| columns.iter().find(|(ours, ..)| alike(ours, theirs));
        let similar: Vec<String> = rest
            .iter()
            .filter_map(|theirs| Some((theirs, like(theirs)?.0)))
            .filter(|(theirs, ours)| *theirs != ours)
            .map(|(theirs, ours)| format!("`{theirs}` is probably `{ours}`; "))
            .collect();
        let how = match table {
            "events" => "map a name with `columns`",
            _ => "rename it",
        };
        return Err(Error::schema(
            table,
            format!(
                "unknown column {}; {}the schema has {}; {how}, \
                 or leave others behind with extra=\"drop\"",
                listed(rest.iter().copied()),
                similar.concat(),
                listed(columns.iter().map(|(name, ..)| *name))
            ),
        ));
    }
    Ok(())
}

/// A required column is not there: what the table has, and which of it is probably meant. For
/// events every name that has to be mapped is told at once, beside those that are mapped already.
fn missing(
    table: &'static str,
    name: &str,
    columns: &[Column],
    has: &[String],
    mapping: &[(String, String)],
) -> Error {
    let mut named: Vec<(&str, &str)> = mapping
        .iter()
        .map(|(ours, theirs)| (ours.as_str(), theirs.as_str()))
        .collect();
    let others = columns.iter().filter(|(other, required, _)| {
        *required && *other != name && !has.iter().any(|theirs| theirs == other)
    });
    let mut hint = String::new();
    for wanted in std::iter::once(name).chain(others.map(|(other, ..)| *other)) {
        if named.iter().any(|(ours, _)| *ours == wanted) {
            continue;
        }
        let Some(theirs) = probable(wanted, has, &named) else {
            continue;
        };
        named.push((wanted, theirs));
        if wanted == name {
            hint = format!("; it is probably `{theirs}`");
        }
    }
    if !hint.is_empty() && table == "events" {
        let pairs: Vec<String> = named
            .iter()
            .map(|(ours, theirs)| format!("\"{ours}\": \"{theirs}\""))
            .collect();
        hint = format!("{hint}: columns={{{}}}", pairs.join(", "));
    } else if !hint.is_empty() {
        hint = format!("{hint}: rename it to `{name}`");
    }
    Error::schema(
        table,
        format!(
            "column `{name}` is missing; the table has {}{hint}",
            if has.is_empty() {
                "no columns".to_owned()
            } else {
                listed(has.iter().map(String::as_str))
            }
        ),
    )
}
