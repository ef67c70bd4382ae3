//! CSV to blocks: a row that does not fit is refused, the others are read.

use std::io::Read;
use std::path::Path;

use encoding_rs::{Decoder, DecoderResult, Encoding};
use polars::prelude::*;

use super::columns::{Block, Plan};
use super::source::{BYTES, ROWS};
use crate::error::{Error, Result};
use crate::ingest::batch::fault;
use crate::ingest::delimited::Rows;

/// The rows of one CSV file.
pub(super) struct Delimited {
    rows: Rows,
    /// Where each wanted column stands.
    places: Vec<Option<usize>>,
    ended: bool,
}

impl Delimited {
    /// # Errors
    /// As [`Rows`] and [`Plan::find`].
    pub(super) fn open(
        path: &Path,
        text: Box<dyn Read + Send>,
        encoding: Option<&'static Encoding>,
        plan: &Plan,
    ) -> Result<Self> {
        let rows = rows(path, text, encoding)?;
        let places = plan.find(rows.header())?;
        Ok(Self {
            rows,
            places,
            ended: false,
        })
    }

    /// The next rows, or `None` at the end.
    ///
    /// # Errors
    /// As [`Rows`].
    pub(super) fn block(&mut self) -> Result<Option<Block>> {
        if self.ended {
            return Ok(None);
        }
        let new =
            |place: &Option<usize>| place.map(|_| StringChunkedBuilder::new(PlSmallStr::EMPTY, 0));
        let mut columns: Vec<Option<StringChunkedBuilder>> = self.places.iter().map(new).collect();
        let (mut height, mut bytes, mut broken) = (0, 0, Vec::new());
        while height < ROWS && bytes < BYTES {
            if !self.rows.step()? {
                self.ended = true;
                break;
            }
            let fits = self.rows.fits();
            if !fits {
                broken.push((height, fault("row", "FieldCount")));
            }
            for (column, place) in columns.iter_mut().zip(&self.places) {
                let (Some(column), Some(place)) = (column, place) else {
                    continue;
                };
                if fits {
                    let text = self.rows.field(*place)?;
                    bytes += text.len();
                    column.append_value(text);
                } else {
                    column.append_null();
                }
            }
            height += 1;
        }
        let finish =
            |column: Option<StringChunkedBuilder>| column.map(StringChunkedBuilder::finish);
        Ok(Some(Block {
            rows: height,
            columns: columns.into_iter().map(finish).collect(),
            broken,
        }))
    }
}

/// The rows of a CSV file in an encoding.
pub(super) fn rows(
    path: &Path,
    text: Box<dyn Read + Send>,
    encoding: Option<&'static Encoding>,
) -> Result<Rows> {
    match encoding {
        None => Rows::of(
            path,
            text,
            "is not UTF-8 text; is it `encoding=\"cp1252\"`?",
        ),
        Some(encoding) => Rows::of(
            path,
            Box::new(Decoded::new(text, encoding)),
            "is not text in this encoding",
        ),
    }
}

/// The encoding of a name.
///
/// # Errors
/// [`Error::Parameter`] for a name that the web does not know.
pub(super) fn encoding(name: Option<&str>) -> Result<Option<&'static Encoding>> {
    let Some(name) = name else {
        return Ok(None);
    };
    let found = Encoding::for_label(name.as_bytes());
    let found = found.filter(|encoding| encoding.is_ascii_compatible());
    let expected = "an encoding such as \"utf-8\", \"cp1252\" or \"iso-8859-2\"";
    let found = found.ok_or_else(|| Error::parameter("encoding", expected, format!("{name:?}")))?;
    Ok(Some(found).filter(|encoding| *encoding != encoding_rs::UTF_8))
}

/// Bytes of an encoding as UTF-8; what is no text in it becomes bytes that UTF-8 does not have.
struct Decoded<R> {
    from: R,
    decoder: Decoder,
    raw: Vec<u8>,
    used: usize,
    ended: bool,
}

impl<R: Read> Decoded<R> {
    fn new(from: R, encoding: &'static Encoding) -> Self {
        Self {
            from,
            decoder: encoding.new_decoder_without_bom_handling(),
            raw: Vec::new(),
            used: 0,
            ended: false,
        }
    }
}

/// The most bytes that one character takes.
const CHARACTER: usize = 4;

impl<R: Read> Read for Decoded<R> {
    fn read(&mut self, to: &mut [u8]) -> std::io::Result<usize> {
        if to.len() < CHARACTER {
            // Too little room for a character, which is never the case behind a buffer.
            return Ok(0);
        }
        loop {
            if self.used >= self.raw.len() && !self.ended {
                self.raw.resize(1 << 16, 0);
                let read = self.from.read(&mut self.raw)?;
                self.raw.truncate(read);
                self.used = 0;
                self.ended = read == 0;
            }
            let rest = self.raw.get(self.used..).unwrap_or_default();
            let (result, read, written) = self
                .decoder
                .decode_to_utf8_without_replacement(rest, to, self.ended);
            self.used += read;
            if let DecoderResult::Malformed(..) = result
                && let Some(byte) = to.get_mut(written)
            {
                *byte = 0xff;
                return Ok(written + 1);
            }
            if written > 0 || self.ended {
                return Ok(written);
            }
        }
    }
}
