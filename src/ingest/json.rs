//! JSON read by pulling: one pass over the text, nothing copied that has no escapes, every rule
//! of JSON kept, and keys that come twice refused.
//!
//! Each call names the place it reads for, so that what is wrong is told with its place.
//!
//! Statements of xAPI are read so, because the learned forms need to stop in the middle of a text,
//! go on behind a part that was seen before and know where each value stood: `serde_json` does
//! none of it, and refuses no key that comes twice among those that nobody asks for. All other
//! formats describe their records as structures and leave the text to `serde_json`. The tests
//! below hold the two to the same judgement of what is JSON.

mod keys;

use std::borrow::Cow;

use self::keys::Keys;
use super::batch::{Fault, fault};

/// How deep values may be nested: as deep as `serde_json` allows.
const DEEPEST: u32 = 127;
/// The text is no JSON.
const BROKEN: Fault = fault("record", "BadJson");

type Result<T> = std::result::Result<T, Fault>;

/// What value comes next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Next {
    Object,
    Array,
    Text,
    Number,
    /// True, false or null, or no JSON.
    Word,
}

/// A place in a JSON text.
#[derive(Debug, Clone)]
pub(super) struct Json<'a> {
    text: &'a str,
    at: usize,
    depth: u32,
}

impl<'a> Json<'a> {
    /// The beginning of a text.
    ///
    /// # Errors
    /// `BadUtf8`.
    pub(super) fn new(text: &'a [u8]) -> Result<Self> {
        let text = std::str::from_utf8(text).map_err(|_| fault("record", "BadUtf8"))?;
        Ok(Self {
            text,
            at: 0,
            depth: 0,
        })
    }

    /// What comes next.
    pub(super) fn next(&mut self) -> Next {
        match self.peek() {
            Some(b'{') => Next::Object,
            Some(b'[') => Next::Array,
            Some(b'"') => Next::Text,
            Some(b'-' | b'0'..=b'9') => Next::Number,
            _ => Next::Word,
        }
    }

    /// Reads an object; `each` reads the value of each key.
    ///
    /// # Errors
    /// What is no object, and what `each` returns.
    #[inline]
    pub(super) fn object(
        &mut self,
        place: &'static str,
        mut each: impl FnMut(&mut Self, &str) -> Result<()>,
    ) -> Result<()> {
        self.open(b'{', place, "NotAnObject")?;
        let mut keys = Keys::default();
        if self.closes(b'}') {
            return Ok(());
        }
        loop {
            if self.peek() != Some(b'"') {
                return Err(BROKEN);
            }
            let key = self.text_here()?;
            if !keys.add(&key) {
                return Err(fault(place, "DuplicateKey"));
            }
            if self.peek() != Some(b':') {
                return Err(BROKEN);
            }
            self.at += 1;
            each(self, &key)?;
            if !self.goes_on(b'}')? {
                return Ok(());
            }
        }
    }

    /// Reads an array; `each` reads each element.
    ///
    /// # Errors
    /// What is no array, and what `each` returns.
    #[inline]
    pub(super) fn array(
        &mut self,
        place: &'static str,
        mut each: impl FnMut(&mut Self) -> Result<()>,
    ) -> Result<()> {
        self.open(b'[', place, "NotAnArray")?;
        if self.closes(b']') {
            return Ok(());
        }
        loop {
            each(self)?;
            if !self.goes_on(b']')? {
                return Ok(());
            }
        }
    }

    /// Reads a text.
    ///
    /// # Errors
    /// What is no text.
    pub(super) fn text(&mut self, place: &'static str) -> Result<Cow<'a, str>> {
        if self.peek() != Some(b'"') {
            return Err(self.other(place, "NotAString"));
        }
        self.text_here()
    }

    /// Reads a text of so many bytes, if that comes and is `good`, which no quote, backslash or
    /// control character may be; or stays.
    #[inline]
    pub(super) fn text_of(
        &mut self,
        length: usize,
        good: impl FnOnce(&[u8]) -> bool,
    ) -> Option<&'a str> {
        let from = self.place().0 + 1;
        let to = from + length;
        let bytes = self.text.as_bytes();
        let quoted = bytes.get(from - 1) == Some(&b'"') && bytes.get(to) == Some(&b'"');
        let text = self
            .text
            .get(from..to)
            .filter(|text| quoted && good(text.as_bytes()))?;
        self.at = to + 1;
        Some(text)
    }

    /// Passes over a text.
    ///
    /// # Errors
    /// What is no text.
    pub(super) fn pass_text(&mut self, place: &'static str) -> Result<()> {
        if self.peek() != Some(b'"') {
            return Err(self.other(place, "NotAString"));
        }
        self.raw().map(drop)
    }

    /// Reads a number.
    ///
    /// # Errors
    /// What is no number, and what is too large for one.
    pub(super) fn number(&mut self, place: &'static str) -> Result<f64> {
        if self.next() != Next::Number {
            return Err(self.other(place, "NotANumber"));
        }
        let number: f64 = self.digits()?.parse().map_err(|_| BROKEN)?;
        if number.is_finite() {
            Ok(number)
        } else {
            Err(fault(place, "NotFinite"))
        }
    }

    /// Reads true or false.
    ///
    /// # Errors
    /// What is neither.
    pub(super) fn flag(&mut self, place: &'static str) -> Result<bool> {
        self.peek();
        for (word, flag) in [("true", true), ("false", false)] {
            if self.rest().starts_with(word.as_bytes()) {
                self.at += word.len();
                return Ok(flag);
            }
        }
        Err(self.other(place, "NotABoolean"))
    }

    /// Passes over any value.
    ///
    /// # Errors
    /// What is no JSON, nested too deep, or has a key twice.
    pub(super) fn pass(&mut self, place: &'static str) -> Result<()> {
        match self.next() {
            Next::Object => self.object(place, |json, _| json.pass(place)),
            Next::Array => self.array(place, |json| json.pass(place)),
            Next::Text => self.raw().map(drop),
            Next::Number => self.digits().map(drop),
            Next::Word => {
                let rest = self.rest();
                let words = [&b"true"[..], b"false", b"null"];
                let word = words.iter().find(|word| rest.starts_with(word));
                self.at += word.ok_or(BROKEN)?.len();
                Ok(())
            }
        }
    }

    /// Whether nothing follows.
    ///
    /// # Errors
    /// `BadJson` if something does.
    pub(super) fn end(&mut self) -> Result<()> {
        self.peek().map_or(Ok(()), |_| Err(BROKEN))
    }

    /// The text from the next value on.
    pub(super) fn ahead(&mut self) -> &'a str {
        self.peek();
        self.text.get(self.at..).unwrap_or_default()
    }

    /// The text that was read since `before`, which was ahead then.
    pub(super) fn since(&self, before: &'a str) -> &'a str {
        let left = self.text.len().saturating_sub(self.at);
        let read = before.len().checked_sub(left);
        read.and_then(|read| before.get(..read)).unwrap_or_default()
    }

    /// Passes by a text that comes here word for word, to a value so deep; or stays.
    #[inline]
    pub(super) fn pass_text_of(&mut self, text: &str, depth: u32) -> bool {
        let comes = self.rest().starts_with(text.as_bytes());
        if comes {
            self.at += text.len();
            self.depth = depth;
        }
        comes
    }

    /// All of the text.
    pub(super) fn whole(&self) -> &'a str {
        self.text
    }

    /// Where the next value begins, and how deep.
    pub(super) fn place(&mut self) -> (usize, u32) {
        self.peek();
        (self.at, self.depth)
    }

    /// Where the last value ended.
    pub(super) fn place_before(&self) -> usize {
        self.at
    }

    /// Passes by so many bytes of a value that is known to be whole and good, and returns them.
    pub(super) fn pass_by(&mut self, length: usize) -> Option<&'a str> {
        let passed = self.text.get(self.at..self.at + length)?;
        self.at += length;
        Some(passed)
    }

    fn rest(&self) -> &'a [u8] {
        self.text.as_bytes().get(self.at..).unwrap_or_default()
    }

    #[inline]
    fn byte(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    /// The next byte that is no white space.
    #[inline]
    fn peek(&mut self) -> Option<u8> {
        loop {
            match self.byte() {
                Some(b' ' | b'\n' | b'\r' | b'\t') => self.at += 1,
                byte => return byte,
            }
        }
    }

    fn open(&mut self, bracket: u8, place: &'static str, rule: &'static str) -> Result<()> {
        if self.peek() != Some(bracket) {
            return Err(self.other(place, rule));
        }
        self.at += 1;
        self.depth += 1;
        if self.depth > DEEPEST {
            return Err(fault(place, "TooDeep"));
        }
        Ok(())
    }

    #[inline]
    fn closes(&mut self, bracket: u8) -> bool {
        let closes = self.peek() == Some(bracket);
        if closes {
            self.at += 1;
            self.depth -= 1;
        }
        closes
    }

    /// Whether a comma follows; else the bracket must close.
    #[inline]
    fn goes_on(&mut self, bracket: u8) -> Result<bool> {
        if self.peek() == Some(b',') {
            self.at += 1;
            return Ok(true);
        }
        if self.closes(bracket) {
            return Ok(false);
        }
        Err(BROKEN)
    }

    /// A value of another kind than a place wants.
    fn other(&mut self, place: &'static str, rule: &'static str) -> Fault {
        let null = self.rest().starts_with(b"null");
        match self.clone().pass(place) {
            Err(broken) => broken,
            Ok(()) if null => fault(place, "NullValue"),
            Ok(()) => fault(place, rule),
        }
    }

    /// The text that begins here.
    #[inline]
    fn text_here(&mut self) -> Result<Cow<'a, str>> {
        let (raw, escaped) = self.raw()?;
        if escaped {
            unescaped(raw).map(Cow::Owned)
        } else {
            Ok(Cow::Borrowed(raw))
        }
    }

    /// What stands between the quotes, checked; whether it has escapes.
    #[inline]
    fn raw(&mut self) -> Result<(&'a str, bool)> {
        let start = self.at + 1;
        let mut at = start;
        let mut escaped = false;
        loop {
            at += plain(self.text.as_bytes().get(at..).unwrap_or_default());
            match self.text.as_bytes().get(at) {
                Some(b'"') => {
                    self.at = at + 1;
                    let raw = self.text.get(start..at).ok_or(BROKEN)?;
                    return Ok((raw, escaped));
                }
                Some(b'\\') => {
                    escaped = true;
                    at += escape(self.text.as_bytes().get(at..).unwrap_or_default())?.1;
                }
                _ => return Err(BROKEN),
            }
        }
    }

    /// The number that begins here, as it is written.
    fn digits(&mut self) -> Result<&'a str> {
        let from = self.at;
        let run = |json: &mut Self| {
            let before = json.at;
            while json.byte().is_some_and(|byte| byte.is_ascii_digit()) {
                json.at += 1;
            }
            json.at > before
        };
        if self.byte() == Some(b'-') {
            self.at += 1;
        }
        let whole = if self.byte() == Some(b'0') {
            self.at += 1;
            true
        } else {
            run(self)
        };
        let mut good = whole;
        if self.byte() == Some(b'.') {
            self.at += 1;
            good &= run(self);
        }
        if let Some(b'e' | b'E') = self.byte() {
            self.at += 1;
            if let Some(b'+' | b'-') = self.byte() {
                self.at += 1;
            }
            good &= run(self);
        }
        let digits = self.text.get(from..self.at);
        digits.filter(|_| good).ok_or(BROKEN)
    }
}

/// How many bytes come before a quote, a backslash or a control character; eight at a time.
#[inline]
fn plain(bytes: &[u8]) -> usize {
    const ONES: u64 = u64::MAX / 255;
    const HIGHS: u64 = ONES << 7;
    let (words, tail) = bytes.as_chunks::<8>();
    for (word, count) in words.iter().zip(0_usize..) {
        let word = u64::from_le_bytes(*word);
        let quote = word ^ (ONES * u64::from(b'"'));
        let slash = word ^ (ONES * u64::from(b'\\'));
        // The lowest high bit that remains stands in the first byte of one of the three kinds.
        let control = word.wrapping_sub(ONES * 0x20) & !word;
        let quote = quote.wrapping_sub(ONES) & !quote;
        let slash = slash.wrapping_sub(ONES) & !slash;
        let found = (control | quote | slash) & HIGHS;
        if found != 0 {
            return count * 8 + (found.trailing_zeros() / 8) as usize;
        }
    }
    let special = |byte: &u8| matches!(byte, b'"' | b'\\' | 0..=0x1f);
    let rest = tail.iter().position(special).unwrap_or(tail.len());
    words.len() * 8 + rest
}

/// The character that an escape stands for, and the bytes it takes.
fn escape(bytes: &[u8]) -> Result<(char, usize)> {
    let letter = bytes.get(1).ok_or(BROKEN)?;
    let simple = match letter {
        b'"' => '"',
        b'\\' => '\\',
        b'/' => '/',
        b'b' => '\u{8}',
        b'f' => '\u{c}',
        b'n' => '\n',
        b'r' => '\r',
        b't' => '\t',
        b'u' => {
            let high = hex(bytes.get(2..6))?;
            if let Some(character) = char::from_u32(high) {
                return Ok((character, 6));
            }
            let alone = fault("record", "LoneSurrogate");
            if high >= 0xdc00 || bytes.get(6..8) != Some(b"\\u") {
                return Err(alone);
            }
            let low = hex(bytes.get(8..12))?;
            if !(0xdc00..0xe000).contains(&low) {
                return Err(alone);
            }
            let both = 0x1_0000 + ((high - 0xd800) << 10) + (low - 0xdc00);
            return Ok((char::from_u32(both).ok_or(alone)?, 12));
        }
        _ => return Err(BROKEN),
    };
    Ok((simple, 2))
}

fn hex(digits: Option<&[u8]>) -> Result<u32> {
    let mut value = 0;
    for digit in digits.ok_or(BROKEN)? {
        value = value * 16 + char::from(*digit).to_digit(16).ok_or(BROKEN)?;
    }
    Ok(value)
}

fn unescaped(raw: &str) -> Result<String> {
    let mut text = String::with_capacity(raw.len());
    let mut rest = raw;
    while let Some(at) = memchr::memchr(b'\\', rest.as_bytes()) {
        let (before, from) = rest.split_at_checked(at).ok_or(BROKEN)?;
        let (character, taken) = escape(from.as_bytes())?;
        text.push_str(before);
        text.push(character);
        rest = from.get(taken..).ok_or(BROKEN)?;
    }
    text.push_str(rest);
    Ok(text)
}

#[cfg(test)]
#[path = "json_tests.rs"]
mod tests;
