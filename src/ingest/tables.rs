//! Foreign tables: rows of files or frames to events, block by block and in parallel.

mod columns;
mod delimited;
mod frames;
mod objects;
mod source;
mod whole;

use std::collections::BTreeMap;
use std::path::Path;

use polars::prelude::*;
use rayon::prelude::*;

use super::batch::{Batch, Fault};
use super::canvas_web_logs::CanvasWebLogs;
use super::feed::{ForeignOptions, Told, collect, finish};
use super::foreign::Foreign;
use super::mapping::Mapping;
use super::moodle::{Moodle, MoodleReport};
use super::scorm::Scorm;
use crate::data::Job;
use crate::error::{Error, Result};

pub(super) use columns::{Line, Wanted, either, maybe, must};
use source::Blocks;
pub use source::TableSource;

/// A format whose rows stand in a table.
pub(super) trait TableDialect: Sync {
    /// What errors call the table.
    const TABLE: &'static str;
    /// The columns that are read; nothing else is ever looked at.
    const COLUMNS: &'static [Wanted];

    /// Turns a row, its cells in the order of `COLUMNS`, into an event, facts, both or neither.
    ///
    /// # Errors
    /// The rule that the row breaks; nothing may have been added then.
    fn read(&self, line: &Line<'_>, out: &mut Batch<'_>) -> std::result::Result<(), Fault>;
}

/// The formats of the field that are tables.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum TableStandard {
    #[doc = include_str!("moodle/MAPPING.md")]
    Moodle,
    #[doc = include_str!("moodle/REPORT.md")]
    MoodleReport,
    #[doc = include_str!("canvas_web_logs/MAPPING.md")]
    CanvasWebLogs,
    #[doc = include_str!("scorm/MAPPING.md")]
    Scorm,
}

/// How to read a foreign table.
#[derive(Debug, Clone, Default)]
pub struct TableOptions {
    /// Pseudonyms, the zone of times without an offset, and the job that watches.
    pub foreign: ForeignOptions,
    /// The format's names of columns, and the names that they have in the source.
    pub columns: Vec<(String, String)>,
    /// The encoding of text files, as the web names it; UTF-8 if left out.
    pub encoding: Option<String>,
    /// How a Moodle report writes times; see [`TableStandard::MoodleReport`].
    pub date_format: Option<String>,
    /// The course of a Moodle report, for rows that do not tell it.
    pub course: Option<String>,
    /// Moodle's table of course modules; see [`TableStandard::Moodle`].
    pub modules: Option<DataFrame>,
}

impl TableStandard {
    /// The words for them.
    pub const ALL: &'static [(&'static str, Self)] = &[
        ("moodle", Self::Moodle),
        ("moodle_report", Self::MoodleReport),
        ("canvas_web_logs", Self::CanvasWebLogs),
        ("scorm", Self::Scorm),
    ];

    /// The format a word stands for.
    ///
    /// # Errors
    /// [`Error::Parameter`] with the words there are.
    pub fn parse(word: &str) -> Result<Self> {
        let found = Self::ALL.iter().find(|(name, _)| *name == word);
        found.map(|(_, standard)| *standard).ok_or_else(|| {
            let names: Vec<&str> = Self::ALL.iter().map(|(name, _)| *name).collect();
            Error::parameter(
                "format",
                format!("one of {}", names.join(", ")),
                format!("{word:?}"),
            )
        })
    }

    /// What of the format becomes what.
    #[must_use]
    pub const fn mapping(self) -> &'static Mapping {
        match self {
            Self::Moodle => &super::moodle::MAPPING,
            Self::MoodleReport => &super::moodle::REPORT,
            Self::CanvasWebLogs => &super::canvas_web_logs::MAPPING,
            Self::Scorm => &super::scorm::MAPPING,
        }
    }

    /// The columns that are read, under all names that they go by; no other is looked at.
    #[must_use]
    pub fn columns(self) -> Vec<&'static str> {
        let wanted = match self {
            Self::Moodle => Moodle::COLUMNS,
            Self::MoodleReport => MoodleReport::COLUMNS,
            Self::CanvasWebLogs => CanvasWebLogs::COLUMNS,
            Self::Scorm => Scorm::COLUMNS,
        };
        let names = wanted.iter();
        names
            .flat_map(|column| std::iter::once(column.name).chain(column.others.iter().copied()))
            .collect()
    }

    fn feed(
        self,
        source: &TableSource,
        options: &TableOptions,
        sink: &mut dyn FnMut(DataFrame) -> Result<()>,
    ) -> Result<Told> {
        match self {
            Self::Moodle => feed(&Moodle::new(options)?, source, options, sink),
            Self::MoodleReport => feed(&MoodleReport::new(options)?, source, options, sink),
            Self::CanvasWebLogs => feed(&CanvasWebLogs::new(options), source, options, sink),
            Self::Scorm => feed(&Scorm::new(options), source, options, sink),
        }
    }
}

/// Reads a table of one of the field's formats.
///
/// Files may be Parquet, Arrow IPC, CSV, or JSON (one object a line, or arrays of them), the text
/// forms gzipped or zstd-compressed, too; what a file is, its first bytes tell. Ids that are
/// integers throughout are integers in every table that comes back.
///
/// # Errors
/// [`Error::File`] for a file that cannot be read, [`Error::Schema`] for a column that must be
/// there, [`Error::Parameter`] for an option; rows that break a rule of the format are refused one
/// by one and stand in the report.
pub fn read_tables(
    standard: TableStandard,
    source: &TableSource,
    options: &TableOptions,
) -> Result<Foreign> {
    whole::read(options, |sink| standard.feed(source, options, sink))
}

/// Reads Canvas Data 2 `web_logs` and page views; as [`read_tables`].
///
/// # Errors
/// As [`read_tables`].
pub fn read_canvas_web_logs(source: &TableSource, options: &TableOptions) -> Result<Foreign> {
    read_tables(TableStandard::CanvasWebLogs, source, options)
}

/// Turns a table into Parquet in bounded memory: the events in `output`; the tables and the
/// report come back.
///
/// # Errors
/// As [`read_tables`]; the file is whole or absent only if the caller moves it into place.
pub fn convert_tables(
    standard: TableStandard,
    source: &TableSource,
    options: &TableOptions,
    output: &Path,
) -> Result<Foreign> {
    whole::convert(options, output, |sink| standard.feed(source, options, sink))
}

/// Whether the columns of a source are those of a Moodle report rather than of the log table.
///
/// # Errors
/// [`Error::File`] for a first file that cannot be read.
pub fn is_moodle_report(source: &TableSource, options: &TableOptions) -> Result<bool> {
    let names = source::names(source, options)?;
    let has = |name: &str| {
        names
            .iter()
            .any(|known| known.trim().eq_ignore_ascii_case(name))
    };
    Ok(has("description") && !has("eventname") && !has("timecreated"))
}

fn feed<D: TableDialect>(
    dialect: &D,
    source: &TableSource,
    options: &TableOptions,
    sink: &mut dyn FnMut(DataFrame) -> Result<()>,
) -> Result<Told> {
    let idle = Job::default();
    let job = options.foreign.job.as_deref().unwrap_or(&idle);
    let plan = columns::Plan::new(D::TABLE, D::COLUMNS, &options.columns)?;
    let mut blocks = Blocks::new(source, &plan, options.encoding.as_deref(), job)?;
    let mut told = Told::default();
    let (mut unknown, mut findings) = (BTreeMap::new(), BTreeMap::new());
    let mut row = 0;
    let mut next = blocks.group()?;
    while !next.is_empty() {
        let now = std::mem::take(&mut next);
        let pseudonyms = options.foreign.pseudonyms.as_ref();
        // The next blocks are read and unpacked while these are parsed.
        let (parsed, following) = rayon::join(
            || {
                let firsts = now.iter().scan(row, |row, block| {
                    let first = *row;
                    *row += block.rows as u64;
                    Some(first)
                });
                let firsts: Vec<u64> = firsts.collect();
                let numbered = now.par_iter().zip(firsts);
                let parsed = numbered.map(|(block, first)| {
                    let mut batch = Batch::new(pseudonyms);
                    block.each(|at, line| {
                        let read = line.and_then(|line| dialect.read(&line, &mut batch));
                        let row = first + at as u64;
                        batch.rejected.extend(read.err().map(|fault| (row, fault)));
                    });
                    batch
                });
                parsed.collect::<Vec<_>>()
            },
            || blocks.group(),
        );
        row += now.iter().map(|block| block.rows as u64).sum::<u64>();
        for mut batch in parsed {
            let events = batch.take_events()?;
            collect(&mut told, &mut unknown, &mut findings, batch);
            if events.height() > 0 {
                sink(events)?;
            }
        }
        next = following?;
    }
    finish(&mut told, row, findings, unknown);
    Ok(told)
}
