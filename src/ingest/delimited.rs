//! Comma-separated values (RFC 4180), row by row: quotes, line breaks inside them, CRLF.
//!
//! Stricter than most readers: a row with more or fewer fields than the header, a quote that is
//! never closed and bytes that are not UTF-8 are errors with the line, not nulls.

use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};

use csv_core::{ReadRecordResult, Reader};

use super::cells::{Cells, Sheet};
use super::open::{self, BUFFER, MAX_COLUMNS, MAX_ROW};
use super::paths::failed;
use crate::error::Result;

/// Written behind the last line: it comes back as a row of its own unless a quote is still open.
const END: &[u8] = b"\n\x01end of file\x01\n";

/// The rows of one file.
pub(super) struct Rows {
    path: PathBuf,
    input: BufReader<Box<dyn Read + Send>>,
    parser: Reader,
    header: Vec<String>,
    /// The fields of the current row behind each other, and where each ends.
    bytes: Vec<u8>,
    ends: Vec<usize>,
    fields: usize,
    line: u64,
    ended: bool,
    /// What to say of a field that is not UTF-8.
    no_text: &'static str,
}

impl Rows {
    /// Opens a file and reads its header.
    pub(super) fn open(path: &Path) -> Result<Self> {
        Self::of(
            path,
            open::text(path)?,
            "is not UTF-8 text; save the file as UTF-8",
        )
    }

    /// The rows of a text; `path` and `no_text` are for errors.
    pub(super) fn of(
        path: &Path,
        text: Box<dyn Read + Send>,
        no_text: &'static str,
    ) -> Result<Self> {
        let text: Box<dyn Read + Send> = Box::new(text.chain(END));
        let mut rows = Self {
            path: path.to_path_buf(),
            input: BufReader::with_capacity(BUFFER, text),
            parser: Reader::new(),
            header: Vec::new(),
            bytes: vec![0; 1 << 10],
            ends: vec![0; 1 << 6],
            fields: 0,
            line: 1,
            ended: false,
            no_text,
        };
        rows.header = rows.first()?;
        Ok(rows)
    }

    /// The names in the first row, each once.
    pub(super) fn header(&self) -> &[String] {
        &self.header
    }

    /// Goes to the next row; false behind the last one.
    pub(super) fn next(&mut self) -> Result<bool> {
        let more = self.step()?;
        let (got, expected) = (self.fields, self.header.len());
        if more && got != expected {
            return self.fault(&format!("has {got} fields, the header has {expected}"));
        }
        Ok(more)
    }

    /// Goes to the next row, however many fields it has; false behind the last one.
    pub(super) fn step(&mut self) -> Result<bool> {
        self.advance()
    }

    /// Whether the current row has as many fields as the header.
    pub(super) fn fits(&self) -> bool {
        self.fields == self.header.len()
    }

    /// A field of the current row.
    pub(super) fn field(&self, index: usize) -> Result<&str> {
        let start = index
            .checked_sub(1)
            .and_then(|before| self.ends.get(before));
        let range = start.copied().unwrap_or(0)..self.ends.get(index).copied().unwrap_or(0);
        let bytes = self.bytes.get(range).unwrap_or_default();
        let text = std::str::from_utf8(bytes);
        text.or_else(|_| self.fault(self.no_text))
    }

    fn first(&mut self) -> Result<Vec<String>> {
        if !self.advance()? {
            return Err(failed(&self.path, "expected a header line, got none"));
        }
        let mut header: Vec<String> = Vec::with_capacity(self.fields);
        for index in 0..self.fields {
            let name = self.field(index)?.to_owned();
            if header.contains(&name) {
                let problem = format!("the header names column `{name}` twice");
                return Err(failed(&self.path, problem));
            }
            header.push(name);
        }
        if let [one] = header.as_slice()
            && one.contains([';', '\t'])
        {
            let problem = "fields must be separated by commas, got semicolons or tabs";
            return Err(failed(&self.path, problem));
        }
        Ok(header)
    }

    fn fault<T>(&self, problem: &str) -> Result<T> {
        Err(failed(&self.path, format!("line {} {problem}", self.line)))
    }

    fn advance(&mut self) -> Result<bool> {
        if self.ended {
            return Ok(false);
        }
        let before = std::mem::replace(&mut self.line, self.parser.line());
        let (mut bytes, mut ends) = (0, 0);
        loop {
            let input = self.input.fill_buf().map_err(|e| failed(&self.path, e))?;
            let (result, read, written, ended) = self.parser.read_record(
                input,
                self.bytes.get_mut(bytes..).unwrap_or_default(),
                self.ends.get_mut(ends..).unwrap_or_default(),
            );
            self.input.consume(read);
            bytes += written;
            ends += ended;
            match result {
                ReadRecordResult::InputEmpty => {}
                ReadRecordResult::OutputFull if bytes < MAX_ROW => {
                    self.bytes.resize(self.bytes.len() * 2, 0);
                }
                ReadRecordResult::OutputFull => {
                    return self.fault("is longer than 16 MiB; is a quote never closed?");
                }
                ReadRecordResult::OutputEndsFull if ends < MAX_COLUMNS => {
                    self.ends.resize(self.ends.len() * 2, 0);
                }
                ReadRecordResult::OutputEndsFull => return self.fault("has too many fields"),
                ReadRecordResult::Record => break,
                ReadRecordResult::End => {
                    self.line = before;
                    return self.fault("opens a quote that is never closed");
                }
            }
        }
        self.fields = ends;
        let all = self.bytes.get(..bytes);
        self.ended = ends == 1 && all == END.get(1..END.len() - 1);
        Ok(!self.ended)
    }
}

/// The columns of one file as text, an empty field as null; `wanted` picks by name.
pub(super) fn read(path: &Path, wanted: Option<&[String]>) -> Result<Sheet> {
    let mut rows = Rows::open(path)?;
    let mut columns: Vec<(usize, Cells)> = rows
        .header()
        .iter()
        .enumerate()
        .filter(|(_, name)| wanted.is_none_or(|wanted| wanted.contains(name)))
        .map(|(index, name)| (index, Cells::new(name)))
        .collect();
    let mut height = 0;
    while rows.next()? {
        height += 1;
        for (index, cells) in &mut columns {
            cells.push(Some(rows.field(*index)?).filter(|text| !text.is_empty()));
        }
    }
    Ok(Sheet {
        rows: height,
        columns: columns.into_iter().map(|(_, cells)| cells).collect(),
    })
}
