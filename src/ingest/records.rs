//! Files of JSON records cut into records, without parsing them and in bounded memory.
//!
//! Records stand one on a line, as the elements of an array, or in a named array of an object
//! (`{"statements": [...], "more": ...}`), however the white space falls.

use std::io::{ErrorKind, Read};
use std::ops::Range;

use memchr::{memchr, memchr2};
use serde::Deserialize;
use serde::de::IgnoredAny;

/// About this much is handed on at once.
const BLOCK: usize = 2 << 20;
/// The longest record; longer ones are passed over and counted.
pub(super) const LONGEST: usize = 16 << 20;
/// How much of a file may tell whether its records stand on lines.
const GLANCE: usize = 1 << 20;

/// Some records, in order.
#[derive(Debug, Default)]
pub(super) struct Block {
    bytes: Vec<u8>,
    records: Vec<Range<usize>>,
}

impl Block {
    /// The records; one that was too long is empty.
    pub(super) fn records(&self) -> impl Iterator<Item = &[u8]> {
        let slice = |range: &Range<usize>| self.bytes.get(range.clone()).unwrap_or_default();
        self.records.iter().map(slice)
    }

    pub(super) fn len(&self) -> usize {
        self.records.len()
    }
}

/// How records follow each other.
#[derive(Debug)]
enum Shape {
    Unknown,
    Lines,
    Nested(Nested),
}

/// Reads blocks of records.
pub(super) struct Records<R> {
    from: R,
    /// Names of arrays in objects that hold the records.
    inner: &'static [&'static str],
    shape: Shape,
    /// Never shrunk, so that it is made of zeros once only.
    buffer: Vec<u8>,
    /// So much of `buffer` has been read.
    filled: usize,
    /// Up to here `buffer` has been looked at.
    seen: usize,
    found: Vec<Range<usize>>,
    /// Buffers of blocks that are done with.
    spare: Vec<Vec<u8>>,
    /// A record was too long and its end has not come yet.
    skipping: bool,
    ended: bool,
}

impl<R: Read> Records<R> {
    pub(super) fn new(from: R, inner: &'static [&'static str]) -> Self {
        Self {
            from,
            inner,
            shape: Shape::Unknown,
            buffer: Vec::new(),
            filled: 0,
            seen: 0,
            found: Vec::new(),
            spare: Vec::new(),
            skipping: false,
            ended: false,
        }
    }

    /// The next block, or `None` at the end.
    ///
    /// # Errors
    /// What reading returns.
    pub(super) fn block(&mut self) -> std::io::Result<Option<Block>> {
        loop {
            if self.ended {
                return Ok(None);
            }
            self.fill()?;
            let text = self.buffer.get(..self.filled).unwrap_or_default();
            if matches!(self.shape, Shape::Unknown) {
                self.shape = shape(text);
            }
            let used = match &mut self.shape {
                Shape::Nested(nested) => {
                    nested.scan(text, &mut self.seen, self.inner, &mut self.found);
                    if self.ended {
                        nested.finish(text.len(), &mut self.found);
                    }
                    nested.pending().unwrap_or(self.seen)
                }
                _ => self.lines(),
            };
            // What belongs to a record that is too long is let go.
            let (used, dropped) = if self.filled - used > LONGEST {
                if let Shape::Nested(nested) = &mut self.shape {
                    nested.lose();
                    self.skipping = false;
                }
                (self.filled, !std::mem::replace(&mut self.skipping, true))
            } else {
                (used, false)
            };
            // A record whose end came with the block that made it too long is no exception.
            let long = self.found.iter_mut().filter(|range| range.len() > LONGEST);
            long.for_each(|range| *range = 0..0);
            if dropped {
                self.found.push(0..0);
            }
            if !self.found.is_empty() {
                return Ok(Some(self.take(used)));
            }
            self.forget(used);
        }
    }

    /// Takes back a block that is done with, so that its memory serves the next.
    pub(super) fn recycle(&mut self, block: Block) {
        if block.bytes.len() <= 2 * BLOCK {
            self.spare.push(block.bytes);
        }
    }

    /// Reads a block more, or until the file ends.
    fn fill(&mut self) -> std::io::Result<()> {
        let target = self.filled + BLOCK;
        if self.buffer.len() < target {
            self.buffer.resize(target, 0);
        }
        while let Some(free) = self.buffer.get_mut(self.filled..target)
            && !free.is_empty()
        {
            match self.from.read(free) {
                Ok(0) => {
                    self.ended = true;
                    break;
                }
                Ok(read) => self.filled += read,
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    /// Finds the lines in the buffer; returns where the unfinished one begins.
    fn lines(&mut self) -> usize {
        // Everything before `seen` was handed on, so a line begins at 0.
        let mut from = 0;
        while let Some(ahead) = self.buffer.get(self.seen..self.filled)
            && let Some(length) = memchr(b'\n', ahead)
        {
            let end = self.seen + length;
            self.line(from, end);
            from = end + 1;
            self.seen = from;
        }
        self.seen = self.filled;
        if self.ended && from < self.filled {
            self.line(from, self.filled);
            from = self.filled;
        }
        from
    }

    fn line(&mut self, from: usize, to: usize) {
        if std::mem::take(&mut self.skipping) {
            return;
        }
        let blank = |line: &[u8]| line.iter().all(u8::is_ascii_whitespace);
        if !self.buffer.get(from..to).is_none_or(blank) {
            self.found.push(from..to);
        }
    }

    /// Hands on what was found; what is unfinished stays.
    fn take(&mut self, used: usize) -> Block {
        let mut rest = self.spare.pop().unwrap_or_default();
        let unfinished = self.buffer.get(used..self.filled).unwrap_or_default();
        if rest.len() < unfinished.len() {
            rest.resize(unfinished.len(), 0);
        }
        rest.iter_mut()
            .zip(unfinished)
            .for_each(|(to, byte)| *to = *byte);
        let block = Block {
            bytes: std::mem::replace(&mut self.buffer, rest),
            records: std::mem::take(&mut self.found),
        };
        self.moved(used);
        block
    }

    fn forget(&mut self, used: usize) {
        self.buffer.copy_within(used..self.filled, 0);
        self.moved(used);
    }

    fn moved(&mut self, by: usize) {
        self.filled -= by;
        self.seen -= by.min(self.seen);
        if let Shape::Nested(nested) = &mut self.shape {
            nested.moved(by);
        }
    }
}

/// The records inside one text, as [`Records`] would find them in a file that is not in lines.
pub(super) fn split<'a>(
    text: &'a [u8],
    inner: &'static [&'static str],
) -> impl Iterator<Item = &'a [u8]> + use<'a> {
    let (mut found, mut seen) = (Vec::new(), 0);
    let mut nested = Nested::default();
    nested.scan(text, &mut seen, inner, &mut found);
    nested.finish(text.len(), &mut found);
    found
        .into_iter()
        .map(|range| text.get(range).unwrap_or_default())
}

/// Records stand on lines if the first line is a whole JSON value, or if the text does not go on
/// as JSON behind it: a log may begin with a line that is cut off.
fn shape(head: &[u8]) -> Shape {
    let head = head.trim_ascii_start();
    let glance = head.get(..GLANCE.min(head.len())).unwrap_or_default();
    // What is no JSON at all, or stands behind a header, is judged line by line.
    if !head.starts_with(b"{") && !head.starts_with(b"[") {
        return Shape::Lines;
    }
    let Some(end) = memchr(b'\n', glance) else {
        return Shape::Nested(Nested::default());
    };
    let line = glance.get(..end).unwrap_or_default();
    let mut value = serde_json::Deserializer::from_slice(line);
    if IgnoredAny::deserialize(&mut value).is_ok() && value.end().is_ok() {
        return Shape::Lines;
    }
    let mut values = serde_json::Deserializer::from_slice(glance).into_iter::<IgnoredAny>();
    match values.next() {
        Some(Err(error)) if !error.is_eof() => Shape::Lines,
        _ => Shape::Nested(Nested::default()),
    }
}

/// Follows brackets and strings.
#[derive(Debug, Default)]
#[expect(clippy::struct_excessive_bools, reason = "each is a state of its own")]
struct Nested {
    depth: usize,
    in_string: bool,
    escaped: bool,
    /// Values that begin at this depth are records.
    base: usize,
    /// Where the record under way began.
    start: Option<usize>,
    /// The last string at depth 1 of an outermost object, maybe a key.
    key: Option<Range<usize>>,
    /// The outermost value is an object whose records stand in a named array.
    holds: bool,
    /// The record under way was too long.
    lost: bool,
}

impl Nested {
    fn pending(&self) -> Option<usize> {
        self.start
    }

    fn moved(&mut self, by: usize) {
        self.start = self.start.map(|at| at.saturating_sub(by));
        let key = self.key.take().filter(|key| key.start >= by);
        self.key = key.map(|key| key.start - by..key.end - by);
    }

    /// The bytes of the record under way are gone.
    fn lose(&mut self) {
        self.lost = self.start.take().is_some();
    }

    fn scan(
        &mut self,
        text: &[u8],
        seen: &mut usize,
        inner: &[&str],
        found: &mut Vec<Range<usize>>,
    ) {
        let mut at = *seen;
        while let Some(byte) = text.get(at).copied() {
            if self.in_string {
                at = self.string(text, at);
                continue;
            }
            match byte {
                b' ' | b'\t' | b'\r' | b'\n' | b',' => self.scalar_ends(at, found),
                b':' => {}
                b'"' => {
                    self.begin(at);
                    self.in_string = true;
                    if self.depth == 1 && self.base == 0 {
                        self.key = Some(at + 1..at + 1);
                    }
                }
                b'{' | b'[' => self.open(text, at, byte, inner),
                b'}' | b']' => {
                    self.scalar_ends(at, found);
                    self.close(at, found);
                }
                _ => self.begin(at),
            }
            at += 1;
        }
        *seen = at;
    }

    /// Goes to the end of a string, or of the text.
    fn string(&mut self, text: &[u8], mut at: usize) -> usize {
        if self.escaped {
            self.escaped = false;
            return at + 1;
        }
        let rest = text.get(at..).unwrap_or_default();
        let Some(length) = memchr2(b'"', b'\\', rest) else {
            return text.len();
        };
        at += length;
        if text.get(at) == Some(&b'\\') {
            self.escaped = true;
        } else {
            self.in_string = false;
            if self.depth == 1
                && self.base == 0
                && let Some(key) = &mut self.key
            {
                key.end = at;
            }
        }
        at + 1
    }

    /// A value begins; it is a record if it stands where records stand.
    fn begin(&mut self, at: usize) {
        if self.depth == self.base && self.start.is_none() && !self.lost {
            self.start = Some(at);
        }
    }

    fn open(&mut self, text: &[u8], at: usize, byte: u8, inner: &[&str]) {
        if byte == b'[' && self.base == 0 {
            let key = self.key.take().and_then(|key| text.get(key));
            let named = key.is_some_and(|key| inner.iter().any(|name| name.as_bytes() == key));
            if self.depth == 0 {
                // An outermost array: its elements are the records.
                self.base = 1;
                self.start = None;
            } else if self.depth == 1 && named {
                self.base = 2;
                self.start = None;
                self.holds = true;
                self.lost = false;
            }
        } else {
            self.begin(at);
        }
        self.depth += 1;
    }

    fn close(&mut self, at: usize, found: &mut Vec<Range<usize>>) {
        self.depth = self.depth.saturating_sub(1);
        if self.depth < self.base {
            // The array of records ends; behind it, only the rest of its object may come.
            self.base = if self.holds && self.depth == 1 {
                usize::MAX
            } else {
                0
            };
        }
        if self.depth == 0 {
            self.base = 0;
            self.holds = false;
        }
        if self.depth == self.base {
            self.lost = false;
            if let Some(start) = self.start.take() {
                found.push(start..at + 1);
            }
        }
    }

    /// A number, a word or a string ends where records stand.
    fn scalar_ends(&mut self, at: usize, found: &mut Vec<Range<usize>>) {
        if self.depth == self.base {
            self.lost = false;
            if let Some(start) = self.start.take() {
                found.push(start..at);
            }
        }
    }

    /// The text ends; what is unfinished is a record, too, so that nothing is lost.
    fn finish(&mut self, end: usize, found: &mut Vec<Range<usize>>) {
        if let Some(start) = self.start.take() {
            found.push(start..end);
        }
    }
}

#[cfg(test)]
#[path = "records_tests.rs"]
mod tests;
