//! Where a table stands, and its rows block by block.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use encoding_rs::Encoding;
use polars::prelude::*;

use super::TableOptions;
use super::columns::{Block, Plan};
use super::delimited::{self, Delimited};
use super::frames;
use super::objects::Objects;
use crate::data::Job;
use crate::error::Result;
use crate::ingest::feed::Counted;
use crate::ingest::files::{Format, binary, parquet_rows, parquet_shape};
use crate::ingest::open;
use crate::ingest::paths::{failed, resolve};

/// Rows in a block, and about the most bytes.
pub(super) const ROWS: usize = 1 << 15;
pub(super) const BYTES: usize = 8 << 20;
/// Rows of Parquet read at once.
const GROUP: usize = 1 << 18;

/// How names of files that may hold a table end, for reading folders.
const ENDINGS: &[&str] = &[
    ".parquet",
    ".pq",
    ".arrow",
    ".ipc",
    ".feather",
    ".csv",
    ".csv.gz",
    ".csv.zst",
    ".json",
    ".jsonl",
    ".ndjson",
    ".json.gz",
    ".jsonl.gz",
    ".ndjson.gz",
    ".json.zst",
    ".jsonl.zst",
    ".ndjson.zst",
];

/// Where a table stands.
#[derive(Debug, Clone)]
pub enum TableSource {
    /// Paths, globs or folders, as in [`crate::ingest::read_files`].
    Files(Vec<String>),
    /// In memory.
    Frame(DataFrame),
}

type Text = Box<dyn Read + Send>;

/// The rows of one file or frame that is being read.
enum Open {
    Delimited(Box<Delimited>),
    Objects(Box<Objects<Text>>),
    Parquet {
        from: usize,
        rows: usize,
        names: Vec<String>,
    },
    /// What is in memory already, the last block first.
    Blocks(Vec<Block>),
}

/// The rows of a source, block by block.
pub(super) struct Blocks<'a> {
    plan: &'a Plan,
    encoding: Option<&'static Encoding>,
    job: &'a Job,
    /// Files that have not been opened yet, the last one first.
    files: Vec<PathBuf>,
    open: Option<(PathBuf, Open)>,
    /// Bytes of the open file that were read, and how many of them the job knows of.
    count: Arc<AtomicUsize>,
    known: usize,
    /// Blocks of the last piece of a columnar file, the last one first.
    waiting: Vec<Block>,
}

impl<'a> Blocks<'a> {
    /// # Errors
    /// Paths that match nothing, an unknown encoding, and columns that a frame does not have.
    pub(super) fn new(
        source: &TableSource,
        plan: &'a Plan,
        encoding: Option<&str>,
        job: &'a Job,
    ) -> Result<Self> {
        let mut blocks = Self {
            plan,
            encoding: delimited::encoding(encoding)?,
            job,
            files: Vec::new(),
            open: None,
            count: Arc::default(),
            known: 0,
            waiting: Vec::new(),
        };
        match source {
            TableSource::Frame(frame) => {
                let mut parts = frames::blocks(&frames::flat(frame.clone())?, plan)?;
                parts.reverse();
                blocks.open = Some((PathBuf::new(), Open::Blocks(parts)));
            }
            TableSource::Files(paths) => {
                blocks.files = resolve(paths, ENDINGS)?;
                for path in &blocks.files {
                    job.expect(size(path));
                }
                blocks.files.reverse();
            }
        }
        Ok(blocks)
    }

    /// The next blocks, enough for every thread; none at the end.
    ///
    /// # Errors
    /// A file that cannot be read, a column that it must have and has not, and
    /// [`crate::Error::Cancelled`].
    pub(super) fn group(&mut self) -> Result<Vec<Block>> {
        let mut group = Vec::new();
        while group.len() < rayon::current_num_threads() {
            match self.next()? {
                Some(block) => group.push(block),
                None => break,
            }
        }
        self.advance()?;
        Ok(group)
    }

    fn next(&mut self) -> Result<Option<Block>> {
        loop {
            if let Some(block) = self.waiting.pop() {
                return Ok(Some(block));
            }
            let Some((path, open)) = &mut self.open else {
                let Some(path) = self.files.pop() else {
                    return Ok(None);
                };
                self.start(path)?;
                continue;
            };
            let block = match open {
                Open::Delimited(rows) => rows.block()?,
                Open::Objects(objects) => objects.block(path, self.plan)?,
                Open::Blocks(blocks) => blocks.pop(),
                Open::Parquet { from, rows, names } if *from < *rows => {
                    let part = parquet_rows(path, names, *from, GROUP.min(*rows - *from))?;
                    *from += GROUP;
                    let share = *from as f64 / (*rows).max(1) as f64;
                    self.count
                        .store(portion(size(path), share), Ordering::Relaxed);
                    self.waiting = frames::blocks(&frames::flat(part)?, self.plan)?;
                    self.waiting.reverse();
                    self.waiting.pop()
                }
                Open::Parquet { .. } => None,
            };
            if block.is_some() {
                return Ok(block);
            }
            self.advance()?;
            self.open = None;
        }
    }

    fn start(&mut self, path: PathBuf) -> Result<()> {
        self.count = Arc::default();
        self.known = 0;
        let open = match form(&path)? {
            Form::Parquet => {
                let (has, rows) = parquet_shape(&path)?;
                let names = wanted(self.plan, &has);
                Open::Parquet {
                    from: 0,
                    rows,
                    names,
                }
            }
            Form::Ipc => {
                let frame = frames::flat(binary(&path, Format::Ipc, None)?)?;
                let mut blocks = frames::blocks(&frame, self.plan)?;
                blocks.reverse();
                Open::Blocks(blocks)
            }
            Form::Json => Open::Objects(Box::new(Objects::new(self.text(&path)?, self.plan))),
            Form::Csv => {
                let text = self.text(&path)?;
                Open::Delimited(Box::new(Delimited::open(
                    &path,
                    text,
                    self.encoding,
                    self.plan,
                )?))
            }
        };
        self.open = Some((path, open));
        Ok(())
    }

    fn text(&mut self, path: &Path) -> Result<Text> {
        let counted = Counted::new(File::open(path).map_err(|e| failed(path, e))?);
        self.count = counted.count.clone();
        open::unpacked(path, counted)
    }

    fn advance(&mut self) -> Result<()> {
        let now = self.count.load(Ordering::Relaxed);
        self.job.advance(now.saturating_sub(self.known))?;
        self.known = self.known.max(now);
        Ok(())
    }
}

/// The columns of a Parquet file that may be read: those wanted, and wrappers of them.
fn wanted(plan: &Plan, has: &[String]) -> Vec<String> {
    let wrapper = |name: &str| matches!(name, "key" | "value");
    let wanted = has
        .iter()
        .filter(|name| plan.place(name).is_some() || wrapper(name));
    wanted.cloned().collect()
}

fn size(path: &Path) -> usize {
    let size = path.metadata().map_or(0, |facts| facts.len());
    usize::try_from(size).unwrap_or(usize::MAX)
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a share of a size, for a progress bar"
)]
fn portion(size: usize, share: f64) -> usize {
    (size as f64 * share.min(1.0)) as usize
}

enum Form {
    Parquet,
    Ipc,
    Json,
    Csv,
}

/// What a file is, told from its first bytes.
fn form(path: &Path) -> Result<Form> {
    let mut head = Vec::new();
    let file = File::open(path).map_err(|e| failed(path, e))?;
    let read = file.take(6).read_to_end(&mut head);
    read.map_err(|e| failed(path, e))?;
    if head.starts_with(b"PAR1") {
        return Ok(Form::Parquet);
    }
    if head.starts_with(b"ARROW1") {
        return Ok(Form::Ipc);
    }
    let mut text = open::text(path)?;
    let mut first = [b' '];
    // White space may stand before a JSON value, but not a gigabyte of it.
    for _ in 0..1 << 16 {
        if text.read(&mut first).map_err(|e| failed(path, e))? == 0 {
            break;
        }
        if !first.iter().all(u8::is_ascii_whitespace) {
            break;
        }
    }
    Ok(match first {
        [b'{' | b'['] => Form::Json,
        _ => Form::Csv,
    })
}

/// The names of the columns of a source, as far as its first file tells.
///
/// # Errors
/// A file that cannot be read.
pub(super) fn names(source: &TableSource, options: &TableOptions) -> Result<Vec<String>> {
    let paths = match source {
        TableSource::Frame(frame) => return Ok(frames::names(frame)),
        TableSource::Files(paths) => paths,
    };
    let files = resolve(paths, ENDINGS)?;
    let Some(path) = files.first() else {
        return Ok(Vec::new());
    };
    match form(path)? {
        Form::Parquet => Ok(parquet_shape(path)?.0),
        Form::Ipc => Ok(frames::names(&binary(path, Format::Ipc, None)?)),
        Form::Csv => {
            let encoding = delimited::encoding(options.encoding.as_deref())?;
            let rows = delimited::rows(path, open::text(path)?, encoding)?;
            Ok(rows.header().to_vec())
        }
        Form::Json => {
            let mut head = Vec::new();
            let read = open::text(path)?.take(1 << 20).read_to_end(&mut head);
            read.map_err(|e| failed(path, e))?;
            let first = crate::ingest::records::split(&head, &[]).next();
            let first = first.and_then(|text| serde_json::from_slice(text).ok());
            let first: serde_json::Map<String, serde_json::Value> = first.unwrap_or_default();
            Ok(first.into_iter().map(|(name, _)| name).collect())
        }
    }
}
