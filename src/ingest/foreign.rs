//! A foreign format read: events and tables of the kohort schema, and what reading told.

use std::collections::{BTreeMap, HashSet};
use std::path::{Path, PathBuf};

use polars::prelude::*;

use super::batch::{EnrollmentFact, FactsBeside};
use super::caliper::Caliper;
use super::feed::{ForeignOptions, Told, feed};
use super::paths::{failed, resolve};
use super::tracking_log::TrackingLog;
use super::xapi::Xapi;
use crate::data::{LearningData, Options, SourceReport, Tables};
use crate::error::{Error, Result};

/// How names of files of JSON records end, for reading folders.
const ENDINGS: &[&str] = &[
    ".json",
    ".jsonl",
    ".ndjson",
    ".log",
    ".json.gz",
    ".jsonl.gz",
    ".ndjson.gz",
    ".log.gz",
    ".json.zst",
    ".jsonl.zst",
    ".ndjson.zst",
    ".log.zst",
];

/// The formats of the field whose files hold JSON records.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Standard {
    /// xAPI 1.0.3 and 2.0, with the video and cmi5 profiles.
    Xapi,
    /// Caliper 1.1 and 1.2.
    Caliper,
    /// Open edX tracking logs.
    TrackingLog,
}

impl Standard {
    /// The words for them.
    pub const ALL: &'static [(&'static str, Self)] = &[
        ("xapi", Self::Xapi),
        ("caliper", Self::Caliper),
        ("tracking_log", Self::TrackingLog),
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

    fn feed(
        self,
        files: &[PathBuf],
        options: &ForeignOptions,
        sink: &mut dyn FnMut(DataFrame) -> Result<()>,
    ) -> Result<Told> {
        match self {
            Self::Xapi => feed(&Xapi::new(options), files, options, sink),
            Self::Caliper => feed(&Caliper::new(options), files, options, sink),
            Self::TrackingLog => feed(&TrackingLog::new(options), files, options, sink),
        }
    }
}

/// A foreign format in the kohort schema.
#[derive(Debug, Clone, Default)]
pub struct Foreign {
    /// The log.
    pub events: DataFrame,
    /// The tables that the format tells of, too.
    pub tables: Tables,
    /// What was read, refused and noticed.
    pub report: SourceReport,
}

impl Foreign {
    /// Learning data of all this; a table in `own` replaces the format's.
    ///
    /// # Errors
    /// As [`LearningData::new`].
    pub fn learning_data(self, own: Tables, options: &Options) -> Result<LearningData> {
        let told = self.tables;
        let tables = Tables {
            catalog: own.catalog.or(told.catalog),
            courses: own.courses.or(told.courses),
            enrollments: own.enrollments.or(told.enrollments),
            memberships: own.memberships.or(told.memberships),
            learners: own.learners.or(told.learners),
            consents: own.consents.or(told.consents),
            roles: own.roles.or(told.roles),
        };
        let options = Options {
            source: self.report,
            ..options.clone()
        };
        LearningData::new(self.events, tables, &options)
    }
}

/// Reads files of JSON records in one of the field's standards.
///
/// `source` is as in [`super::read_files`]; files may be plain, gzipped or zstd-compressed, with
/// one record a line, an array of records, or pages of them.
///
/// # Errors
/// [`Error::File`] for a file that cannot be read; records that break a rule of the format are
/// refused one by one and stand in the report.
pub fn read_standard(
    standard: Standard,
    source: &[String],
    options: &ForeignOptions,
) -> Result<Foreign> {
    let files = resolve(source, ENDINGS)?;
    let mut events: Option<DataFrame> = None;
    let told = standard.feed(&files, options, &mut |frame| {
        match &mut events {
            Some(all) => {
                all.vstack_mut_owned(frame)?;
            }
            None => events = Some(frame),
        }
        Ok(())
    })?;
    let mut events = match events {
        Some(events) => events,
        None => super::batch::Batch::new(None).take_events()?,
    };
    let mut report = told.report;
    if !told.voided.is_empty() {
        let (kept, dropped) = without(&events, &told.voided)?;
        events = kept;
        report.find("events declared void, left out", dropped);
    }
    Ok(Foreign {
        events: without_empty(events),
        tables: tables(told.facts)?,
        report,
    })
}

/// Turns files of a standard into Parquet in bounded memory: the events in `output`, written
/// block by block; the tables and the report come back.
///
/// # Errors
/// As [`read_standard`]; the file is whole or absent only if the caller moves it into place.
pub fn convert_standard(
    standard: Standard,
    source: &[String],
    options: &ForeignOptions,
    output: &Path,
) -> Result<Foreign> {
    let files = resolve(source, ENDINGS)?;
    let mut writer = Writer::new(output)?;
    let told = standard.feed(&files, options, &mut |frame| writer.write(&frame))?;
    writer.finish()?;
    let mut report = told.report;
    if !told.voided.is_empty() {
        report.find(
            "events declared void, left out",
            rewrite(output, &told.voided)?,
        );
    }
    Ok(Foreign {
        events: DataFrame::empty(),
        tables: tables(told.facts)?,
        report,
    })
}

/// Parquet, row group by row group.
struct Writer<'a> {
    path: &'a Path,
    file: polars::io::parquet::write::BatchedWriter<std::fs::File>,
    waiting: Option<DataFrame>,
}

/// Rows in one row group.
const GROUP: usize = 1 << 18;

impl<'a> Writer<'a> {
    fn new(path: &'a Path) -> Result<Self> {
        let file = std::fs::File::create(path).map_err(|e| failed(path, e))?;
        let empty = super::batch::Batch::new(None).take_events()?;
        Ok(Self {
            path,
            file: ParquetWriter::new(file)
                .batched(empty.schema())
                .map_err(|e| failed(path, e))?,
            waiting: None,
        })
    }

    fn write(&mut self, frame: &DataFrame) -> Result<()> {
        match &mut self.waiting {
            Some(waiting) => {
                waiting.vstack_mut(frame)?;
            }
            None => self.waiting = Some(frame.clone()),
        }
        if self
            .waiting
            .as_ref()
            .is_some_and(|frame| frame.height() >= GROUP)
        {
            self.flush()?;
        }
        Ok(())
    }

    fn flush(&mut self) -> Result<()> {
        if let Some(mut frame) = self.waiting.take() {
            frame.rechunk_mut();
            self.file
                .write_batch(&frame)
                .map_err(|e| failed(self.path, e))?;
        }
        Ok(())
    }

    fn finish(mut self) -> Result<()> {
        self.flush()?;
        self.file.finish().map_err(|e| failed(self.path, e))?;
        Ok(())
    }
}

/// Writes a file of events again without those that are void; returns how many those were.
fn rewrite(path: &Path, voided: &HashSet<String>) -> Result<u64> {
    let besides = path.with_extension("voided");
    let mut dropped = 0;
    let mut writer = Writer::new(&besides)?;
    let open = || std::fs::File::open(path).map_err(|e| failed(path, e));
    let rows = ParquetReader::new(open()?).num_rows()?;
    for from in (0..rows).step_by(GROUP) {
        let part = ParquetReader::new(open()?)
            .with_slice(Some((from, GROUP)))
            .finish()?;
        let (kept, voids) = without(&part, voided)?;
        dropped += voids;
        writer.write(&kept)?;
    }
    writer.finish()?;
    std::fs::rename(&besides, path).map_err(|e| failed(path, e))?;
    Ok(dropped)
}

fn without(events: &DataFrame, voided: &HashSet<String>) -> Result<(DataFrame, u64)> {
    let ids = events.column("id")?.str()?;
    let keep: BooleanChunked = ids
        .iter()
        .map(|id| {
            // One record may give several events: what follows `#` tells them apart.
            let record = id.and_then(|id| id.split('#').next());
            Some(record.is_none_or(|id| !voided.contains(id)))
        })
        .collect();
    let kept = events.filter(&keep)?;
    let dropped = events.height() - kept.height();
    Ok((kept, dropped as u64))
}

/// The optional columns that hold something.
fn without_empty(events: DataFrame) -> DataFrame {
    let rows = events.height();
    let empty: Vec<PlSmallStr> = events
        .columns()
        .iter()
        .filter(|column| column.null_count() == rows)
        .map(|column| column.name().clone())
        .filter(|name| !["learner", "time", "content"].contains(&name.as_str()))
        .collect();
    events.drop_many(empty)
}

fn texts<'a>(name: &str, values: impl Iterator<Item = Option<&'a str>>) -> Column {
    StringChunked::from_iter_options(name.into(), values).into_column()
}

fn tables(facts: FactsBeside) -> Result<Tables> {
    let mut tables = Tables::default();
    if !facts.contents.is_empty() {
        let mut rows: Vec<_> = facts.contents.iter().collect();
        rows.sort_by_key(|(key, _)| *key);
        let numbers = |name: &str, values: Vec<Option<f64>>| Column::new(name.into(), values);
        tables.catalog = Some(DataFrame::new(
            rows.len(),
            vec![
                texts(
                    "content",
                    rows.iter().map(|((_, content), _)| Some(content.as_str())),
                ),
                texts(
                    "course",
                    rows.iter().map(|((course, _), _)| Some(course.as_str())),
                ),
                texts(
                    "module",
                    rows.iter().map(|(_, facts)| facts.module.as_deref()),
                ),
                texts(
                    "kind",
                    rows.iter()
                        .map(|(_, facts)| facts.kind.map(crate::data::Kind::word)),
                ),
                numbers(
                    "length",
                    rows.iter().map(|(_, facts)| facts.length).collect(),
                ),
                numbers(
                    "max_score",
                    rows.iter().map(|(_, facts)| facts.max_score).collect(),
                ),
                // The log itself is the source: it does not show what nobody opened.
                Column::new("derived".into(), vec![true; rows.len()]),
            ],
        )?);
    }
    if !facts.enrollments.is_empty() {
        tables.enrollments = Some(enrollments(facts.enrollments)?);
    }
    let mut members = facts.memberships;
    members.sort_unstable();
    members.dedup();
    if !members.is_empty() {
        tables.memberships = Some(DataFrame::new(
            members.len(),
            vec![
                texts(
                    "group",
                    members.iter().map(|(group, _)| Some(group.as_str())),
                ),
                texts(
                    "learner",
                    members.iter().map(|(_, learner)| Some(learner.as_str())),
                ),
            ],
        )?);
    }
    let mut roles = facts.roles;
    roles.sort_unstable();
    roles.dedup();
    if !roles.is_empty() {
        tables.roles = Some(DataFrame::new(
            roles.len(),
            vec![
                texts(
                    "person",
                    roles.iter().map(|(person, ..)| Some(person.as_str())),
                ),
                texts(
                    "group",
                    roles.iter().map(|(_, group, _)| Some(group.as_str())),
                ),
                texts("role", roles.iter().map(|(.., role)| Some(role.word()))),
            ],
        )?);
    }
    Ok(tables)
}

/// One row per learner and course: the first coming, the leaving if it is the last word, and how
/// it ended.
fn enrollments(mut facts: Vec<EnrollmentFact>) -> Result<DataFrame> {
    #[derive(Default)]
    struct Spell {
        start: Option<i64>,
        end: Option<i64>,
        outcome: Option<&'static str>,
    }
    facts.sort_by_key(|fact| fact.time);
    let mut spells: BTreeMap<(&str, &str), Spell> = BTreeMap::new();
    for fact in &facts {
        let spell = spells.entry((&fact.course, &fact.learner)).or_default();
        match fact.enrolled {
            Some(true) => {
                spell.start.get_or_insert(fact.time);
                spell.end = None;
            }
            Some(false) => spell.end = Some(fact.time),
            None => {}
        }
        if let Some(outcome) = fact.outcome {
            spell.outcome = Some(outcome.word());
        }
    }
    let instants = |name: &str, values: Vec<Option<i64>>| {
        Int64Chunked::from_iter_options(name.into(), values.into_iter())
            .into_datetime(TimeUnit::Microseconds, Some(TimeZone::UTC))
            .into_column()
    };
    Ok(DataFrame::new(
        spells.len(),
        vec![
            texts("learner", spells.keys().map(|(_, learner)| Some(*learner))),
            texts("course", spells.keys().map(|(course, _)| Some(*course))),
            instants("start", spells.values().map(|spell| spell.start).collect()),
            instants("end", spells.values().map(|spell| spell.end).collect()),
            texts("outcome", spells.values().map(|spell| spell.outcome)),
        ],
    )?)
}
