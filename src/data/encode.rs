//! Ids become dense numbers: each thread numbers its own blocks of rows, `ids::unify` joins them.

#![expect(
    clippy::indexing_slicing,
    reason = "slots are masked by the table's own size, and codes index what handed them out"
)]

use std::hash::BuildHasher;

use hashbrown::HashTable;
use polars::prelude::*;

use super::ids::{NONE, Values};
use super::pieces::{ints, pieces};
use crate::error::{Error, Result};

/// An id column in one of the forms ids come in.
#[derive(Debug, Clone)]
pub(crate) enum IdColumn {
    Ints(Int64Chunked),
    /// Read as they are: to widen a column of the log would cost as much memory as two of it.
    SmallInts(Int32Chunked),
    Texts(StringChunked),
}

impl IdColumn {
    /// Reads a column of ids.
    ///
    /// # Errors
    /// [`Error::Schema`] for a type that cannot be an id.
    pub(crate) fn new(table: &'static str, column: &Column) -> Result<Self> {
        let series = column.as_materialized_series();
        let dtype = series.dtype();
        if *dtype == DataType::UInt64 && series.max::<u64>()?.is_some_and(|v| v > i64::MAX as u64) {
            return Err(Error::schema(
                table,
                format!(
                    "`{}` has integers above 2^63 - 1; cast it to strings",
                    column.name()
                ),
            ));
        }
        if *dtype == DataType::Int32 {
            return Ok(Self::SmallInts(series.i32()?.clone()));
        }
        if dtype.is_integer() {
            return Ok(Self::Ints(series.cast(&DataType::Int64)?.i64()?.clone()));
        }
        if dtype.is_string() || dtype.is_categorical() || dtype.is_enum() {
            return Ok(Self::Texts(series.cast(&DataType::String)?.str()?.clone()));
        }
        if *dtype == DataType::Null {
            return Ok(Self::Texts(StringChunked::full_null(
                column.name().clone(),
                series.len(),
            )));
        }
        let hint = if dtype.is_float() {
            "; whole numbers are floats in pandas where one is missing: .astype(\"Int64\")"
        } else {
            ""
        };
        Err(Error::schema(
            table,
            format!(
                "`{}` must hold ids (integer, string, categorical), got {dtype}{hint}",
                column.name()
            ),
        ))
    }

    /// Which rows have an id.
    pub(crate) fn present(&self) -> Vec<bool> {
        match self {
            Self::Ints(values) => values.iter().map(|id| id.is_some()).collect(),
            Self::SmallInts(values) => values.iter().map(|id| id.is_some()).collect(),
            Self::Texts(values) => values.iter().map(|id| id.is_some()).collect(),
        }
    }

    pub(crate) fn null_count(&self) -> usize {
        match self {
            Self::Ints(values) => values.null_count(),
            Self::SmallInts(values) => values.null_count(),
            Self::Texts(values) => values.null_count(),
        }
    }

    pub(crate) fn len(&self) -> usize {
        match self {
            Self::Ints(values) => values.len(),
            Self::SmallInts(values) => values.len(),
            Self::Texts(values) => values.len(),
        }
    }

    /// Numbers the values of some blocks of rows by first appearance.
    pub(crate) fn encode(&self, blocks: &[Rows]) -> (Vec<Vec<u32>>, Values<'_>) {
        match self {
            Self::Ints(column) => IntCoder::number(column, blocks),
            Self::SmallInts(column) => IntCoder::number(column, blocks),
            Self::Texts(column) => {
                let mut table = TextCoder::default();
                let codes = blocks.iter().map(|rows| {
                    let mut codes = Vec::with_capacity(rows.len);
                    let keys = texts(column, *rows);
                    codes.extend(keys.map(|key| key.map_or(NONE, |key| table.code(key))));
                    codes
                });
                (codes.collect(), Values::Texts(table.values))
            }
        }
    }

    /// All rows at once, for small tables.
    pub(crate) fn encode_all(&self) -> (Vec<u32>, Values<'_>) {
        let (codes, values) = self.encode(&[Rows {
            first: 0,
            len: self.len(),
        }]);
        (codes.into_iter().next().unwrap_or_default(), values)
    }
}

/// A range of rows of a table.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Rows {
    pub(crate) first: usize,
    pub(crate) len: usize,
}

impl Rows {
    /// Splits a table into blocks of a size.
    pub(crate) fn split(height: usize, size: usize) -> Vec<Self> {
        let size = size.max(1);
        // An empty table is one empty block: its columns still have types.
        (0..height.max(1))
            .step_by(size)
            .map(|first| Self {
                first,
                len: size.min(height - first),
            })
            .collect()
    }
}

/// What the numbering of some blocks of a log gives: the content and course of each row as one
/// code, and which (content, course) pair each code stands for.
#[derive(Debug)]
pub(crate) struct Pairs<'a> {
    pub(crate) codes: Vec<Vec<u32>>,
    /// Local content and course; course [`NONE`] where the row has none.
    pub(crate) meaning: Vec<(u32, u32)>,
    pub(crate) contents: Values<'a>,
    pub(crate) courses: Values<'a>,
}

/// Numbers content and course together: a content nearly always stands in one course, so the
/// course is compared with the content's last one and rarely looked up.
pub(crate) fn encode_pairs<'a>(
    content: &'a IdColumn,
    course: Option<&'a IdColumn>,
    blocks: &[Rows],
) -> Pairs<'a> {
    let (mut codes, contents) = content.encode(blocks);
    let known = contents.len();
    let each = codes.iter_mut().zip(blocks);
    let (meaning, courses) = match course {
        None => {
            let mut pairing = Pairing::new(known, IntCoder::default());
            each.for_each(|(codes, rows)| pairing.join(codes, std::iter::repeat_n(None, rows.len)));
            (pairing.pairs, Values::Texts(Vec::new()))
        }
        Some(IdColumn::Ints(column)) => {
            let mut pairing = Pairing::new(known, IntCoder::default());
            each.for_each(|(codes, rows)| pairing.join(codes, ints(column, *rows)));
            (pairing.pairs, Values::Ints(pairing.table.values))
        }
        Some(IdColumn::SmallInts(column)) => {
            let mut pairing = Pairing::new(known, IntCoder::default());
            each.for_each(|(codes, rows)| pairing.join(codes, ints(column, *rows)));
            (pairing.pairs, Values::Ints(pairing.table.values))
        }
        Some(IdColumn::Texts(column)) => {
            let mut pairing = Pairing::new(known, TextCoder::default());
            each.for_each(|(codes, rows)| pairing.join(codes, texts(column, *rows)));
            (pairing.pairs, Values::Texts(pairing.table.values))
        }
    };
    Pairs {
        codes,
        meaning,
        contents,
        courses,
    }
}

/// Contents and courses on their way to pairs.
struct Pairing<K, C> {
    /// The last course of each content, and their pair; the last place is for rows without one.
    last: Vec<(Option<K>, u32)>,
    pairs: Vec<(u32, u32)>,
    seen: hashbrown::HashMap<(u32, u32), u32, foldhash::fast::RandomState>,
    table: C,
}

impl<K: Copy + PartialEq, C: Coder<K>> Pairing<K, C> {
    fn new(contents: usize, table: C) -> Self {
        Self {
            last: vec![(None, NONE); contents + 1],
            pairs: Vec::new(),
            seen: hashbrown::HashMap::default(),
            table,
        }
    }

    /// From contents to pairs.
    fn join(&mut self, codes: &mut [u32], courses: impl Iterator<Item = Option<K>>) {
        let none = self.last.len() - 1;
        let mut codes = codes.iter_mut();
        // The courses lead: their chunks are fastest from within.
        courses.for_each(|course| {
            let Some(code) = codes.next() else { return };
            let place = (*code as usize).min(none);
            let (known, pair) = self.last[place];
            *code = if pair != NONE && known == course {
                pair
            } else {
                self.look_up(place, *code, course)
            };
        });
    }

    #[cold]
    fn look_up(&mut self, place: usize, content: u32, course: Option<K>) -> u32 {
        let course_code = course.map_or(NONE, |key| self.table.code(key));
        let pair = (content, course_code);
        let next = u32::try_from(self.pairs.len()).unwrap_or(NONE);
        let at = *self.seen.entry(pair).or_insert(next);
        if at == next {
            self.pairs.push(pair);
        }
        self.last[place] = (course, at);
        at
    }
}

pub(crate) fn texts(column: &StringChunked, rows: Rows) -> impl Iterator<Item = Option<&str>> {
    let mut skip = rows.first;
    let mut left = rows.len;
    column.downcast_iter().flat_map(move |array| {
        let from = skip.min(array.len());
        let to = (from + left).min(array.len());
        skip -= from;
        left -= to - from;
        (from..to).map(move |i| array.get(i))
    })
}

/// Hands out numbers by first appearance.
trait Coder<K> {
    fn code(&mut self, key: K) -> u32;
}

/// Keys that are looked up at a time.
const BATCH: usize = 64;

/// Slots for each key, at least.
const SPARSE: usize = 8;

/// Open addressing on integers. Slots are small and many, so that the first is nearly always the
/// right one: it holds the code, and the key stands among the values.
#[derive(Debug)]
struct IntCoder {
    slots: Vec<u32>,
    shift: u32,
    values: Vec<i64>,
}

impl Default for IntCoder {
    fn default() -> Self {
        Self {
            slots: vec![NONE; 1 << 10],
            shift: 54,
            values: Vec::new(),
        }
    }
}

impl IntCoder {
    /// Numbers some blocks of rows.
    fn number<T>(column: &ChunkedArray<T>, blocks: &[Rows]) -> (Vec<Vec<u32>>, Values<'static>)
    where
        T: PolarsNumericType<Native: Into<i64>>,
    {
        let mut table = Self::default();
        let codes = blocks.iter().map(|rows| table.encode(column, *rows));
        (codes.collect(), Values::Ints(table.values))
    }

    /// The codes of some rows of a column.
    fn encode<T>(&mut self, column: &ChunkedArray<T>, rows: Rows) -> Vec<u32>
    where
        T: PolarsNumericType<Native: Into<i64>>,
    {
        let mut codes = Vec::with_capacity(rows.len);
        for piece in pieces(column, rows) {
            match piece.valid {
                None => self.batches(piece.values, &mut codes),
                Some(valid) => {
                    let keys = piece.values.iter().enumerate();
                    codes.extend(keys.map(|(i, key)| {
                        if valid(i) {
                            self.code((*key).into())
                        } else {
                            NONE
                        }
                    }));
                }
            }
        }
        codes
    }

    /// The codes of keys. A large table is far from the processor: the slots of a batch are all
    /// fetched before any is believed.
    fn batches<N: Copy + Into<i64>>(&mut self, keys: &[N], codes: &mut Vec<u32>) {
        for batch in keys.chunks(BATCH) {
            let from = codes.len();
            let slots = batch.iter().map(|key| self.slots[self.slot((*key).into())]);
            codes.extend(slots);
            for (code, key) in codes[from..].iter_mut().zip(batch) {
                let key = (*key).into();
                if self.values.get(*code as usize) != Some(&key) {
                    *code = self.code(key);
                }
            }
        }
    }

    fn slot(&self, key: i64) -> usize {
        let key = key.cast_unsigned();
        let mixed = (key ^ (key >> 32)).wrapping_mul(0x9E37_79B9_7F4A_7C15);
        usize::try_from(mixed >> self.shift).unwrap_or(0)
    }

    #[cold]
    fn grow(&mut self) {
        self.shift -= 1;
        let mask = self.slots.len() * 2 - 1;
        self.slots = vec![NONE; mask + 1];
        for (code, key) in (0_u32..).zip(&self.values) {
            let mut at = self.slot(*key);
            while self.slots[at] != NONE {
                at = (at + 1) & mask;
            }
            self.slots[at] = code;
        }
    }
}

impl Coder<i64> for IntCoder {
    #[inline]
    fn code(&mut self, key: i64) -> u32 {
        let mask = self.slots.len() - 1;
        let mut at = self.slot(key);
        loop {
            let code = self.slots[at & mask];
            if code == NONE {
                break;
            }
            if self.values[code as usize] == key {
                return code;
            }
            at += 1;
        }
        let code = u32::try_from(self.values.len()).unwrap_or(NONE);
        self.slots[at & mask] = code;
        self.values.push(key);
        if self.values.len() * SPARSE > self.slots.len() {
            self.grow();
        }
        code
    }
}

/// A table of the distinct texts, with their hashes beside the codes.
#[derive(Debug, Default)]
struct TextCoder<'a> {
    table: HashTable<(u64, u32)>,
    values: Vec<&'a str>,
    hasher: foldhash::fast::RandomState,
}

impl<'a> Coder<&'a str> for TextCoder<'a> {
    fn code(&mut self, key: &'a str) -> u32 {
        let hash = self.hasher.hash_one(key);
        let values = &self.values;
        let same = |(other, code): &(u64, u32)| *other == hash && values[*code as usize] == key;
        if let Some((_, code)) = self.table.find(hash, same) {
            return *code;
        }
        let code = u32::try_from(self.values.len()).unwrap_or(NONE);
        self.table
            .insert_unique(hash, (hash, code), |(hash, _)| *hash);
        self.values.push(key);
        code
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn integers_keep_their_numbers_while_the_table_grows() {
        let keys: Vec<i64> = (0..5_000)
            .map(|i| (i % 2_500) * 0x1_0000_0001 - 77)
            .collect();
        let column = IdColumn::Ints(Int64Chunked::from_slice("learner".into(), &keys));
        let (codes, values) = column.encode_all();
        let Values::Ints(values) = values else {
            panic!()
        };
        assert_eq!(values.len(), 2_500);
        for (key, code) in keys.iter().zip(codes) {
            assert_eq!(values[code as usize], *key);
        }
    }

    #[test]
    fn blocks_numbered_together_agree_with_the_whole() {
        let keys = (0..2_000_i64).map(|i| (i % 7 != 3).then_some(i * i % 997));
        let mut ints = Int64Chunked::from_iter_options("learner".into(), keys);
        // Values without nulls go another way, and chunks do not end where blocks end.
        let more: Vec<i64> = (0..2_000).map(|i| -(i * i) % 1_499).collect();
        ints.append(&Int64Chunked::from_slice("learner".into(), &more))
            .unwrap();
        let texts = ints.cast(&DataType::String).unwrap();
        let texts = texts.str().unwrap().clone();
        let small = ints.cast(&DataType::Int32).unwrap();
        let small = small.i32().unwrap().clone();
        let blocks = Rows::split(ints.len(), 300);
        let ints = IdColumn::Ints(ints);
        let (codes, _) = ints.encode_all();
        for column in [ints, IdColumn::SmallInts(small), IdColumn::Texts(texts)] {
            let (whole, _) = column.encode_all();
            assert_eq!(whole, codes);
            let (parts, _) = column.encode(&blocks);
            assert!(parts.iter().zip(&blocks).all(|(p, b)| p.len() == b.len));
            assert_eq!(parts.concat(), whole);
            let course =
                IdColumn::Ints((0..4_000).map(|i| (i % 11 > 0).then_some(i % 3)).collect());
            let one = encode_pairs(&column, Some(&course), &Rows::split(4_000, 4_000));
            let many = encode_pairs(&column, Some(&course), &blocks);
            assert_eq!(many.codes.concat(), one.codes.concat());
            assert_eq!(many.meaning, one.meaning);
        }
    }

    #[test]
    fn a_content_in_two_courses_is_two_pairs() {
        let content = IdColumn::Texts(StringChunked::from_slice("c".into(), &["a", "a", "b", "a"]));
        let course = IdColumn::Ints(Int64Chunked::from_slice_options(
            "k".into(),
            &[Some(1), Some(2), None, Some(1)],
        ));
        let pairs = encode_pairs(&content, Some(&course), &[Rows { first: 0, len: 4 }]);
        assert_eq!(pairs.codes, [[0, 1, 2, 0]]);
        assert_eq!(pairs.meaning, [(0, 0), (0, 1), (1, NONE)]);
    }
}
