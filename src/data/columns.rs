//! Reads the columns that are not ids: times, lengths of time, numbers, flags and words.

use polars::prelude::*;

use super::calendar::{LATEST, TimeFault, Zone, parse_time};
use super::encode::IdColumn;
use super::quality::{Reason, Reject};
use super::schema::listed;
use super::span::DAY;
use crate::error::{Error, Result};

/// Reads the columns of one table and collects the rows that cannot be read.
#[derive(Debug)]
pub(crate) struct Reader<'a> {
    pub(crate) table: &'static str,
    pub(crate) frame: &'a DataFrame,
    /// For times without an offset.
    pub(crate) zone: Option<&'a Zone>,
    pub(crate) epoch: i64,
    pub(crate) rejects: Vec<Reject>,
}

impl Reader<'_> {
    pub(super) fn column(&self, name: &str) -> Option<&Series> {
        let column = self.frame.column(name).ok()?;
        Some(column.as_materialized_series())
    }

    pub(super) fn wrong(&self, name: &str, expected: &str, got: &DataType) -> Error {
        Error::schema(
            self.table,
            format!("`{name}` must be {expected}, got {got}"),
        )
    }

    pub(crate) fn reject(&mut self, row: usize, column: &'static str, reason: Reason) {
        self.rejects.push(Reject {
            row: row as u64,
            column,
            reason,
        });
    }

    /// Instants in UTC microseconds. What cannot be read is rejected; null stays null.
    ///
    /// # Errors
    /// [`Error::Schema`] for a type without a meaning as time, or a local time without a zone.
    pub(crate) fn times(&mut self, name: &'static str) -> Result<Option<Int64Chunked>> {
        let Some(series) = self.column(name).cloned() else {
            return Ok(None);
        };
        let naive = |zone: Option<&Zone>| {
            zone.cloned().ok_or_else(|| {
                Error::schema(
                    self.table,
                    format!(
                        "`{name}` has no time zone; say which one it is in, for example tz=\"UTC\" \
                         or tz=\"Europe/Helsinki\""
                    ),
                )
            })
        };
        let (instants, faults) = match series.dtype() {
            DataType::Datetime(unit, Some(_)) => {
                (to_micros(series.to_physical_repr().i64()?, *unit), vec![])
            }
            DataType::Datetime(unit, None) => {
                let zone = naive(self.zone)?;
                let local = to_micros(series.to_physical_repr().i64()?, *unit);
                localize(&local, |value| {
                    zone.instant(value).ok_or(Reason::AmbiguousTime)
                })
            }
            DataType::Date => {
                let zone = naive(self.zone)?;
                let days = series.to_physical_repr().cast(&DataType::Int64)?;
                localize(days.i64()?, |day| {
                    if day.abs() > LATEST / DAY {
                        return Err(Reason::OutOfRange);
                    }
                    i32::try_from(day)
                        .map(|day| zone.start_of_day(day))
                        .map_err(|_| Reason::OutOfRange)
                })
            }
            dtype if dtype.is_string() || dtype.is_categorical() => {
                let texts = series.cast(&DataType::String)?;
                let zone = self.zone;
                let mut no_zone = false;
                let mut faults = Vec::new();
                let parsed: Int64Chunked = texts
                    .str()?
                    .iter()
                    .enumerate()
                    .map(|(row, text)| match parse_time(text?, zone) {
                        Ok(instant) => Some(instant),
                        Err(fault) => {
                            no_zone |= fault == TimeFault::NoZone;
                            let reason = match fault {
                                TimeFault::Ambiguous => Reason::AmbiguousTime,
                                TimeFault::TooFar => Reason::OutOfRange,
                                _ => Reason::BadTime,
                            };
                            faults.push((row, reason));
                            None
                        }
                    })
                    .collect();
                if no_zone {
                    naive(None)?;
                }
                (parsed, faults)
            }
            DataType::Null => (Int64Chunked::full_null(name.into(), series.len()), vec![]),
            dtype if dtype.is_integer() => {
                return Err(self.wrong(
                    name,
                    "a datetime (a number has no unit: pl.from_epoch(column, time_unit=\"s\") makes one)",
                    dtype,
                ));
            }
            dtype => {
                return Err(self.wrong(name, "a datetime, a date or an ISO 8601 string", dtype));
            }
        };
        for (row, reason) in faults {
            self.reject(row, name, reason);
        }
        let epoch = self.epoch;
        let outside = |value: i64| !(epoch..LATEST).contains(&value);
        // Without a way out early it is fast; under a null may stand anything.
        let found = |values: &[i64]| values.iter().fold(false, |any, v| any | outside(*v));
        if instants.downcast_iter().any(|chunk| found(chunk.values())) {
            let rows: Vec<usize> = instants
                .iter()
                .enumerate()
                .filter_map(|(row, value)| value.filter(|v| outside(*v)).map(|_| row))
                .collect();
            for row in rows {
                self.reject(row, name, Reason::OutOfRange);
            }
        }
        Ok(Some(instants))
    }

    /// Numbers as `f64`; NaN and infinities are rejected, -0 is 0. Text, which is how CSV holds
    /// numbers, is parsed; `NA`, which is how R writes what is absent, is null.
    ///
    /// # Errors
    /// [`Error::Schema`] for a column that does not hold numbers.
    pub(crate) fn numbers(&mut self, name: &'static str) -> Result<Option<Vec<Option<f64>>>> {
        self.numbers_or(name, "a number", |_| None, Reason::BadValue)
    }

    /// As [`Reader::numbers`], with texts that have another form than a number's.
    ///
    /// # Errors
    /// As [`Reader::numbers`], naming what is expected.
    pub(super) fn numbers_or(
        &mut self,
        name: &'static str,
        expected: &str,
        other: impl Fn(&str) -> Option<f64>,
        reason: Reason,
    ) -> Result<Option<Vec<Option<f64>>>> {
        let Some(series) = self.column(name).cloned() else {
            return Ok(None);
        };
        let dtype = series.dtype();
        if *dtype == DataType::Null {
            return Ok(Some(vec![None; series.len()]));
        }
        let values = match dtype {
            dtype if dtype.is_string() || dtype.is_categorical() || dtype.is_enum() => {
                let texts = series.cast(&DataType::String)?;
                self.parsed(name, texts.str()?, other, reason)
            }
            dtype if dtype.is_primitive_numeric() => series.cast(&DataType::Float64)?,
            dtype => return Err(self.wrong(name, expected, dtype)),
        };
        let mut out = Vec::with_capacity(values.len());
        for (row, value) in values.f64()?.iter().enumerate() {
            if value.is_some_and(|v| !v.is_finite()) {
                self.reject(row, name, Reason::NotFinite);
            }
            out.push(value.map(|v| v + 0.0));
        }
        Ok(Some(out))
    }

    fn parsed(
        &mut self,
        name: &'static str,
        texts: &StringChunked,
        other: impl Fn(&str) -> Option<f64>,
        reason: Reason,
    ) -> Series {
        let mut numbers = Vec::with_capacity(texts.len());
        for (row, text) in texts.iter().enumerate() {
            let text = text
                .map(str::trim)
                .filter(|text| !matches!(*text, "" | "NA"));
            let number = text.and_then(|text| text.parse().ok().or_else(|| other(text)));
            if text.is_some() && number.is_none() {
                self.reject(row, name, reason);
            }
            numbers.push(number);
        }
        Series::new(name.into(), numbers)
    }

    /// Numbers that must lie in a range; others are rejected.
    ///
    /// # Errors
    /// As [`Reader::numbers`].
    pub(crate) fn numbers_within(
        &mut self,
        name: &'static str,
        low: f64,
        high: f64,
    ) -> Result<Option<Vec<Option<f64>>>> {
        let values = self.numbers(name)?;
        self.within(name, values.as_deref(), low, high);
        Ok(values)
    }

    /// Rejects the numbers outside a range.
    pub(crate) fn within(
        &mut self,
        name: &'static str,
        values: Option<&[Option<f64>]>,
        low: f64,
        high: f64,
    ) {
        for (row, value) in values.iter().copied().flatten().enumerate() {
            if value.is_some_and(|v| v < low || v > high) {
                self.reject(row, name, Reason::OutOfBounds);
            }
        }
    }

    /// Whole numbers from `low` up; others are rejected.
    ///
    /// # Errors
    /// As [`Reader::numbers`].
    pub(crate) fn whole(
        &mut self,
        name: &'static str,
        low: u32,
    ) -> Result<Option<Vec<Option<u32>>>> {
        let Some(values) = self.numbers(name)? else {
            return Ok(None);
        };
        let mut out = Vec::with_capacity(values.len());
        for (row, value) in values.into_iter().enumerate() {
            let whole = value.map(to_whole);
            if whole.is_some_and(|whole| whole.is_none_or(|v| v < low)) {
                self.reject(row, name, Reason::OutOfBounds);
            }
            out.push(whole.flatten());
        }
        Ok(Some(out))
    }

    /// True, false or null, also as the words `true` and `false` and as 1 and 0.
    ///
    /// # Errors
    /// [`Error::Schema`] for a column of another type, or with other words or numbers.
    pub(crate) fn flags(&self, name: &'static str) -> Result<Option<Vec<Option<bool>>>> {
        let Some(series) = self.column(name) else {
            return Ok(None);
        };
        match series.dtype() {
            DataType::Boolean => Ok(Some(series.bool()?.iter().collect())),
            DataType::Null => Ok(Some(vec![None; series.len()])),
            dtype if dtype.is_string() || dtype.is_categorical() || dtype.is_enum() => {
                self.words(name, flag, ["true", "false", "1", "0"])
            }
            dtype if dtype.is_primitive_numeric() => {
                let numbers = series.cast(&DataType::Float64)?;
                let mut flags = Vec::with_capacity(series.len());
                for number in numbers.f64()?.iter() {
                    flags.push(number.map(bit).transpose().map_err(|()| {
                        Error::schema(
                            self.table,
                            format!(
                                "`{name}` must be true or false, or 1 and 0; it has other numbers"
                            ),
                        )
                    })?);
                }
                Ok(Some(flags))
            }
            dtype => Err(self.wrong(name, "true or false", dtype)),
        }
    }

    /// Words of a closed set.
    ///
    /// # Errors
    /// [`Error::Schema`] for another word (which is not repeated: it may be anything).
    pub(crate) fn words<T: Copy>(
        &self,
        name: &'static str,
        parse: impl Fn(&str) -> Option<T>,
        all: impl IntoIterator<Item = &'static str>,
    ) -> Result<Option<Vec<Option<T>>>> {
        let (words, unknown) = self.words_or(name, parse, None)?;
        if unknown > 0 {
            return Err(Error::schema(
                self.table,
                format!(
                    "`{name}` must be one of {}; rows with another word: {unknown}",
                    listed(all)
                ),
            ));
        }
        Ok(words)
    }

    /// Words of a closed set, in whatever case; others become `other`, and are counted.
    ///
    /// # Errors
    /// [`Error::Schema`] for a column that does not hold strings.
    pub(crate) fn words_or<T: Copy>(
        &self,
        name: &'static str,
        parse: impl Fn(&str) -> Option<T>,
        other: Option<T>,
    ) -> Result<(Option<Vec<Option<T>>>, u64)> {
        let Some(series) = self.column(name) else {
            return Ok((None, 0));
        };
        let IdColumn::Texts(texts) = IdColumn::new(self.table, &series.clone().into_column())?
        else {
            return Err(self.wrong(name, "a word", series.dtype()));
        };
        let mut unknown = 0;
        let words = texts
            .iter()
            .map(|text| {
                let text = text?;
                if let Some(word) = parse(text) {
                    return Some(word);
                }
                let text = text.trim();
                if matches!(text, "" | "NA") {
                    return None;
                }
                let word = in_small_letters(text, &parse);
                unknown += u64::from(word.is_none());
                word.or(other)
            })
            .collect();
        Ok((Some(words), unknown))
    }

    /// Names that are strings or integers, as text.
    ///
    /// # Errors
    /// [`Error::Schema`] for anything else.
    pub(crate) fn labels(&self, name: &str) -> Result<Option<Vec<Option<String>>>> {
        let Some(series) = self.column(name) else {
            return Ok(None);
        };
        let dtype = series.dtype();
        if !(dtype.is_string() || dtype.is_categorical() || dtype.is_integer() || dtype.is_null()) {
            return Err(self.wrong(name, "strings or integers", dtype));
        }
        let texts = series.cast(&DataType::String)?;
        let texts = texts.str()?.iter().map(|text| text.map(str::to_owned));
        Ok(Some(texts.collect()))
    }

    /// The texts of each row: none, one or a list.
    ///
    /// # Errors
    /// [`Error::Schema`] for anything but strings or lists of strings.
    pub(crate) fn texts(&self, name: &str) -> Result<Option<Vec<Vec<String>>>> {
        let Some(series) = self.column(name) else {
            return Ok(None);
        };
        let owned = |texts: &StringChunked| -> Vec<String> {
            texts.iter().flatten().map(str::to_owned).collect()
        };
        match series.dtype() {
            dtype if dtype.is_string() || dtype.is_categorical() || dtype.is_enum() => {
                let one = |text: Option<&str>| text.map(str::to_owned).into_iter().collect();
                let texts = series.cast(&DataType::String)?;
                Ok(Some(texts.str()?.iter().map(one).collect()))
            }
            DataType::List(inner) if inner.is_string() => {
                let list = series.list()?;
                let mut rows = Vec::with_capacity(series.len());
                for row in 0..series.len() {
                    let texts = list.get_as_series(row);
                    rows.push(match texts {
                        Some(texts) => owned(texts.str()?),
                        None => Vec::new(),
                    });
                }
                Ok(Some(rows))
            }
            DataType::Null => Ok(Some(vec![Vec::new(); series.len()])),
            DataType::List(inner) if **inner == DataType::Null => {
                Ok(Some(vec![Vec::new(); series.len()]))
            }
            dtype => Err(self.wrong(name, "strings or lists of strings", dtype)),
        }
    }
}

fn flag(word: &str) -> Option<bool> {
    match word {
        "true" | "1" => Some(true),
        "false" | "0" => Some(false),
        _ => None,
    }
}

/// A flag that a database or a spreadsheet wrote as a number.
fn bit(number: f64) -> std::result::Result<bool, ()> {
    match number {
        1.0 => Ok(true),
        0.0 => Ok(false),
        _ => Err(()),
    }
}

/// A word in whatever case, without a copy on the heap; none of ours has more than 16 letters.
fn in_small_letters<T>(text: &str, parse: impl Fn(&str) -> Option<T>) -> Option<T> {
    let mut letters = [0; 16];
    let small = letters.get_mut(..text.len())?;
    small.copy_from_slice(text.as_bytes());
    small.make_ascii_lowercase();
    parse(std::str::from_utf8(small).ok()?)
}

pub(super) fn to_micros(values: &Int64Chunked, unit: TimeUnit) -> Int64Chunked {
    match unit {
        TimeUnit::Microseconds => values.clone(),
        TimeUnit::Nanoseconds => values.apply_values(|v| v.div_euclid(1_000)),
        TimeUnit::Milliseconds => values.apply_values(|v| v.saturating_mul(1_000)),
    }
}

fn localize(
    local: &Int64Chunked,
    instant: impl Fn(i64) -> std::result::Result<i64, Reason>,
) -> (Int64Chunked, Vec<(usize, Reason)>) {
    let mut faults = Vec::new();
    let instants = local
        .iter()
        .enumerate()
        .map(|(row, value)| match instant(value?) {
            Ok(instant) => Some(instant),
            Err(reason) => {
                faults.push((row, reason));
                None
            }
        })
        .collect();
    (instants, faults)
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::float_cmp,
    reason = "the value was just checked to be a whole number in range"
)]
fn to_whole(value: f64) -> Option<u32> {
    (value.trunc() == value && (0.0..=f64::from(u32::MAX)).contains(&value)).then_some(value as u32)
}
