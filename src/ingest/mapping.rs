//! Mapping tables: what of a format becomes what here. The readers look verbs up in these very
//! tables, and the published pages are made from them.

use std::fmt::Write as _;

use polars::prelude::*;

use super::foreign::Standard;
use crate::data::Verb;
use crate::error::Result;

/// What of a format becomes what.
#[derive(Debug, Clone, Copy)]
pub struct Mapping {
    /// The format's verb or event, and the verb here.
    pub verbs: &'static [(&'static str, Verb)],
    /// The column here, and what of the format fills it.
    pub fields: &'static [(&'static str, &'static str)],
}

impl Mapping {
    /// The verb of a format's word.
    pub(super) fn verb(&self, word: &str) -> Option<Verb> {
        let found = self.verbs.iter().find(|(name, _)| *name == word);
        found.map(|(_, verb)| *verb)
    }

    /// `source, verb`: the table of verbs.
    ///
    /// # Errors
    /// What polars returns.
    pub fn verb_frame(&self) -> Result<DataFrame> {
        let (sources, verbs): (Vec<&str>, Vec<&str>) = self
            .verbs
            .iter()
            .map(|(source, verb)| (*source, verb.word()))
            .unzip();
        let columns = vec![
            Column::new("source".into(), sources),
            Column::new("verb".into(), verbs),
        ];
        Ok(DataFrame::new(self.verbs.len(), columns)?)
    }

    /// Both tables as Markdown.
    #[must_use]
    pub fn markdown(&self) -> String {
        let mut page = String::from("| column | filled from |\n|---|---|\n");
        for (column, source) in self.fields {
            let _ = writeln!(page, "| `{column}` | {source} |");
        }
        page.push_str("\n| verb or event there | verb here |\n|---|---|\n");
        for (source, verb) in self.verbs {
            let _ = writeln!(page, "| `{source}` | `{}` |", verb.word());
        }
        page
    }
}

impl Standard {
    /// What of the format becomes what.
    #[must_use]
    pub const fn mapping(self) -> &'static Mapping {
        match self {
            Self::Xapi => &super::xapi::MAPPING,
            Self::Caliper => &super::caliper::MAPPING,
            Self::TrackingLog => &super::tracking_log::MAPPING,
            Self::Canvas => &super::canvas::MAPPING,
        }
    }
}
