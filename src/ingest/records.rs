//! Files of JSON records cut into records, without parsing them and in bounded memory.
//!
//! Records stand one on a line, as the elements of an array, or in a named array of an object
//! (`{"statements": [...], "more": ...}`), however the white space falls.

use std::io::Read;
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
    buffer: Vec<u8>,
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
            let target = self.buffer.len() + BLOCK;
            self.fill(target)?;
            if matches!(self.shape, Shape::Unknown) {
                self.shape = shape(&self.buffer);
            }
            let used = match &mut self.shape {
                Shape::Nested(nested) => {
                    nested.scan(&self.buffer, &mut self.seen, self.inner, &mut self.found);
                    if self.ended {
                        nested.finish(self.buffer.len(), &mut self.found);
                    }
                    nested.pending().unwrap_or(self.seen)
                }
                _ => self.lines(),
            };
            // What belongs to a record that is too long is let go.
            let (used, dropped) = if self.buffer.len() - used > LONGEST {
                if let Shape::Nested(nested) = &mut self.shape {
                    nested.lose();
                    self.skipping = false;
                }
                (
                    self.buffer.len(),
                    !std::mem::replace(&mut self.skipping, true),
                )
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
        let mut bytes = block.bytes;
        bytes.clear();
        if bytes.capacity() <= 2 * BLOCK {
            self.spare.push(bytes);
        }
    }

    /// Reads until the buffer has `target` bytes or the file ends.
    fn fill(&mut self, target: usize) -> std::io::Result<()> {
        let missing = target.saturating_sub(self.buffer.len());
        self.buffer.reserve(missing);
        let read = self
            .from
            .by_ref()
            .take(missing as u64)
            .read_to_end(&mut self.buffer)?;
        self.ended = read < missing;
        Ok(())
    }

    /// Finds the lines in the buffer; returns where the unfinished one begins.
    fn lines(&mut self) -> usize {
        // Everything before `seen` was handed on, so a line begins at 0.
        let mut from = 0;
        while let Some(length) = memchr(b'\n', self.buffer.get(self.seen..).unwrap_or_default()) {
            let end = self.seen + length;
            self.line(from, end);
            from = end + 1;
            self.seen = from;
        }
        self.seen = self.buffer.len();
        if self.ended && from < self.buffer.len() {
            self.line(from, self.buffer.len());
            from = self.buffer.len();
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
        rest.extend_from_slice(self.buffer.get(used..).unwrap_or_default());
        self.buffer.truncate(used);
        let block = Block {
            bytes: std::mem::replace(&mut self.buffer, rest),
            records: std::mem::take(&mut self.found),
        };
        self.moved(used);
        block
    }

    fn forget(&mut self, used: usize) {
        self.buffer.drain(..used);
        self.moved(used);
    }

    fn moved(&mut self, by: usize) {
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
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn read(text: &str) -> Vec<String> {
        let mut records = Records::new(text.as_bytes(), &["statements", "data"]);
        let mut all = Vec::new();
        while let Some(block) = records.block().unwrap() {
            let texts = block
                .records()
                .map(|r| String::from_utf8_lossy(r).trim().to_owned());
            all.extend(texts);
        }
        all
    }

    #[test]
    fn lines_arrays_and_pages_hold_the_same_records() {
        let expected = ["{\"a\":\"]}\\\"\"}", "{\"b\":[{}]}"];
        let [a, b] = expected;
        for text in [
            format!("{a}\n{b}\n"),
            format!("{a}\r\n\n{b}"),
            format!("[{a},{b}]"),
            format!("[\n {a} ,\n {b} \n]\n"),
            format!("{{\"statements\":[{a},{b}],\"more\":\"/x\"}}"),
            format!("{{\n\"more\": \"\",\n\"statements\": [\n{a},\n{b}]\n}}"),
            format!("\n{a}\n{b}"),
        ] {
            assert_eq!(read(&text), expected, "{text}");
        }
    }

    #[test]
    fn pages_on_lines_are_records_that_hold_records() {
        let pages = ["{\"statements\":[{},1]}", "{\"more\":[1],\"data\":[{}]}"];
        assert_eq!(read(&pages.join(" \n ")), pages);
        let inside = |page: &'static str| split(page.as_bytes(), &["statements", "data"]);
        let inside: Vec<&[u8]> = pages.into_iter().flat_map(inside).collect();
        assert_eq!(inside, [&b"{}"[..], b"1", b"{}"]);
    }

    #[test]
    fn a_first_line_that_is_cut_off_spoils_no_other() {
        for cut in ["{\"a\": \"tru", "{\"a\": 1", "\"}", "[{\"a\""] {
            let text = format!("{cut}\n{{\"b\":1}}\n{{\"c\":2}}\n");
            assert_eq!(read(&text), [cut, "{\"b\":1}", "{\"c\":2}"], "{cut}");
        }
    }

    #[test]
    fn what_is_no_object_is_a_record_too() {
        assert_eq!(
            read("[1, \"x,y\", null, {}]"),
            ["1", "\"x,y\"", "null", "{}"]
        );
        assert_eq!(read("not json\n{}\n"), ["not json", "{}"]);
        assert_eq!(read("a header: {\"a\": 1}"), ["a header: {\"a\": 1}"]);
        assert_eq!(read("{\"a\": {\"statements\": [1]}}").len(), 1);
        assert_eq!(read("[{\"a\":1},{\"b\":"), ["{\"a\":1}", "{\"b\":"]);
        assert!(read("").is_empty() && read("[]").is_empty() && read(" \n ").is_empty());
    }

    #[test]
    fn a_record_that_is_too_long_is_passed_over_and_counted() {
        for more in [1, BLOCK / 2, BLOCK, 2 * BLOCK] {
            let long = format!("{{\"a\":\"{}\"}}", "x".repeat(LONGEST + more));
            for text in [
                format!("{{}}\n{long}\n{{\"b\":1}}\n"),
                format!("[{{}},\n{long},{{\"b\":1}}]"),
            ] {
                assert_eq!(read(&text), ["{}", "", "{\"b\":1}"], "{more}");
            }
        }
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_stumble(text in proptest::collection::vec(
            prop_oneof![Just(b'{'), Just(b'}'), Just(b'['), Just(b']'), Just(b'"'), Just(b'\\'),
                Just(b','), Just(b':'), Just(b'\n'), Just(b' '), any::<u8>()], 0..200))
        {
            let mut records = Records::new(&text[..], &["statements"]);
            let mut bytes = 0;
            while let Some(block) = records.block().unwrap() {
                bytes += block.records().map(<[u8]>::len).sum::<usize>();
            }
            prop_assert!(bytes <= text.len());
        }

        #[test]
        fn elements_are_found_however_they_are_written(values in proptest::collection::vec("[a-z\\[\\]{},:\"\\\\\n]{0,9}", 1..9)) {
            let objects: Vec<serde_json::Value> =
                values.iter().map(|v| serde_json::json!({ "k": [v, { "z": v }] })).collect();
            let plain = serde_json::to_string(&objects).unwrap();
            let pretty = serde_json::to_string_pretty(&serde_json::json!({ "statements": objects })).unwrap();
            for text in [plain, pretty] {
                let read: Vec<serde_json::Value> =
                    read(&text).iter().map(|r| serde_json::from_str(r).unwrap()).collect();
                prop_assert_eq!(&read, &objects);
            }
        }
    }
}
