//! From files of records to tables of learning data, block by block and in parallel.

use std::collections::{BTreeMap, HashSet};
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use polars::prelude::*;
use rayon::prelude::*;

use super::batch::{Batch, Contents, FactsBeside, Fault, fault};
use super::open;
use super::paths::failed;
use super::records::{Block, Records, split};
use crate::data::{Job, SourceReport};
use crate::error::Result;
use crate::privacy::Pseudonyms;

/// A format whose files hold JSON records.
pub(super) trait Dialect: Sync {
    /// Names of the arrays in which objects hold records.
    const INNER: &'static [&'static str] = &[];

    /// Whether a record is nothing but a holder of others, told without parsing all of it.
    /// A record that is refused is looked into anyway.
    fn holds_records(&self, record: &[u8]) -> bool {
        record.starts_with(b"[")
    }

    /// Turns a record into an event, facts, both or neither.
    ///
    /// # Errors
    /// The rule of the format that the record breaks; nothing may have been added then.
    fn read(&self, record: &[u8], out: &mut Batch<'_>) -> std::result::Result<(), Fault>;
}

/// How to read a foreign format.
#[derive(Debug, Clone, Default)]
pub struct ForeignOptions {
    /// Learners come in under pseudonyms.
    pub pseudonyms: Option<Pseudonyms>,
    /// The zone of times without an offset.
    pub zone: Option<crate::data::Zone>,
    /// Learners known under this address are known by what follows it.
    pub home_page: Option<String>,
    /// Watches and stops the work; its unit is the byte.
    pub job: Option<Arc<Job>>,
}

/// What reading told beside the events.
#[derive(Debug, Default)]
pub(super) struct Told {
    pub(super) facts: FactsBeside,
    pub(super) report: SourceReport,
    /// Ids of events that others declare void.
    pub(super) voided: HashSet<String>,
}

/// Reads files; each frame of events goes to `sink`, in the order of the records.
///
/// # Errors
/// [`crate::Error::File`] if a file cannot be read, [`crate::Error::Cancelled`], and what `sink`
/// returns.
pub(super) fn feed<S: Dialect>(
    dialect: &S,
    files: &[PathBuf],
    options: &ForeignOptions,
    sink: &mut dyn FnMut(DataFrame) -> Result<()>,
) -> Result<Told> {
    let idle = Job::default();
    let job = options.job.as_deref().unwrap_or(&idle);
    for path in files {
        let size = path.metadata().map_or(0, |facts| facts.len());
        job.expect(usize::try_from(size).unwrap_or(usize::MAX));
    }
    let mut told = Told::default();
    let mut unknown = BTreeMap::new();
    let mut findings = BTreeMap::new();
    let mut row = 0;
    for path in files {
        let file = File::open(path).map_err(|e| failed(path, e))?;
        let counted = Counted::new(file);
        let count = counted.count.clone();
        let mut records = Records::new(open::unpacked(path, counted)?, S::INNER);
        let mut read = 0;
        let mut next = blocks(path, &mut records)?;
        while !next.is_empty() {
            let now = std::mem::take(&mut next);
            let known = Arc::new(std::mem::take(&mut told.facts.contents));
            // The next blocks are read and unpacked while these are parsed.
            let (parsed, following) = rayon::join(
                || parse(dialect, &now, row, options.pseudonyms.as_ref(), &known),
                || blocks(path, &mut records),
            );
            told.facts.contents = Arc::unwrap_or_clone(known);
            row += now.iter().map(|block| block.len() as u64).sum::<u64>();
            for block in now {
                records.recycle(block);
            }
            for mut batch in parsed {
                let events = batch.take_events()?;
                collect(&mut told, &mut unknown, &mut findings, batch);
                if events.height() > 0 {
                    sink(events)?;
                }
            }
            let now = count.load(std::sync::atomic::Ordering::Relaxed);
            job.advance(now - read)?;
            read = now;
            next = following?;
        }
    }
    finish(&mut told, row, findings, unknown);
    Ok(told)
}

/// Puts what was counted into the report.
pub(super) fn finish(
    told: &mut Told,
    read: u64,
    findings: BTreeMap<&'static str, u64>,
    unknown: BTreeMap<String, u64>,
) {
    let report = &mut told.report;
    report.find("records read", read);
    report.find("records refused", report.rejected.len() as u64);
    for (finding, count) in findings {
        report.find(finding, count);
    }
    for (verb, count) in unknown {
        report.find(format!("verb kept as interacted: {verb}"), count);
    }
}

fn blocks<R: Read>(path: &Path, records: &mut Records<R>) -> Result<Vec<Block>> {
    let mut blocks = Vec::new();
    for _ in 0..rayon::current_num_threads() {
        match records.block().map_err(|e| failed(path, e))? {
            Some(block) => blocks.push(block),
            None => break,
        }
    }
    Ok(blocks)
}

fn parse<'a, S: Dialect>(
    dialect: &S,
    blocks: &[Block],
    before: u64,
    pseudonyms: Option<&'a Pseudonyms>,
    known: &Arc<Contents>,
) -> Vec<Batch<'a>> {
    let firsts = blocks.iter().scan(before, |row, block| {
        let first = *row;
        *row += block.len() as u64;
        Some(first)
    });
    let firsts: Vec<u64> = firsts.collect();
    let numbered = blocks.par_iter().zip(firsts);
    let parsed = numbered.map(|(block, first)| {
        let mut batch = Batch::with_capacity(pseudonyms, block.len());
        batch.known = Some(Arc::clone(known));
        for (row, record) in (first..).zip(block.records()) {
            one(dialect, row, record, &mut batch);
        }
        // Let go, so that what is known can grow.
        batch.known = None;
        batch
    });
    parsed.collect()
}

/// Reads a record, or the records that it holds; what is refused is filed under its row.
fn one<S: Dialect>(dialect: &S, row: u64, record: &[u8], batch: &mut Batch<'_>) {
    let holds = !record.is_empty() && dialect.holds_records(record);
    let mut refused = Some(fault("record", "TooLarge"));
    if !record.is_empty() && !holds {
        refused = dialect.read(record, batch).err();
        let holds = |name: &&str| {
            let quoted = format!("\"{name}\"");
            memchr::memmem::find(record, quoted.as_bytes()).is_some()
        };
        if refused.is_none() || !S::INNER.iter().any(holds) {
            batch.rejected.extend(refused.map(|fault| (row, fault)));
            return;
        }
    }
    let mut inside = 0;
    for inner in split(record, S::INNER) {
        // An object that holds no records comes back whole, and was refused already.
        if inner.len() == record.trim_ascii().len() {
            break;
        }
        inside += 1;
        let read = dialect.read(inner, batch);
        batch.rejected.extend(read.err().map(|fault| (row, fault)));
    }
    if inside == 0 && !record.starts_with(b"[") {
        // What should hold records and holds none is judged itself.
        if holds {
            refused = dialect.read(record, batch).err();
        }
        batch.rejected.extend(refused.map(|fault| (row, fault)));
    }
}

pub(super) fn collect(
    told: &mut Told,
    unknown: &mut BTreeMap<String, u64>,
    findings: &mut BTreeMap<&'static str, u64>,
    mut batch: Batch<'_>,
) {
    for (verb, count) in batch.take_unknown() {
        *unknown.entry(verb).or_default() += count;
    }
    for (finding, count) in batch.findings {
        *findings.entry(finding).or_default() += count;
    }
    for (row, fault) in batch.rejected {
        told.report.reject(row, fault.place, fault.rule);
    }
    told.voided.extend(batch.voided);
    told.facts.add(batch.facts);
}

/// Counts the bytes that were read.
pub(super) struct Counted<R> {
    from: R,
    pub(super) count: Arc<std::sync::atomic::AtomicUsize>,
}

impl<R> Counted<R> {
    pub(super) fn new(from: R) -> Self {
        Self {
            from,
            count: Arc::default(),
        }
    }
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, to: &mut [u8]) -> std::io::Result<usize> {
        let read = self.from.read(to)?;
        self.count
            .fetch_add(read, std::sync::atomic::Ordering::Relaxed);
        Ok(read)
    }
}
