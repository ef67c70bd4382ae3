//! Columns of the result tables, in the types the whole library uses.

use polars::prelude::*;

use crate::data::Inner;
use crate::data::ids::NONE;
use crate::data::lanes::NO_TIME;
use crate::data::optional::optional;
use crate::error::Result;

/// The rows of a table, in order.
#[derive(Debug)]
pub(crate) struct Rows<T>(pub(crate) Vec<T>);

impl<T> Default for Rows<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<T> Rows<T> {
    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    pub(crate) fn iter(&self) -> impl ExactSizeIterator<Item = &T> + Clone {
        self.0.iter()
    }

    /// What each row has of something.
    pub(crate) fn all<U>(&self, of: impl Fn(&T) -> U) -> Vec<U> {
        self.0.iter().map(of).collect()
    }
}

/// A table from its columns.
pub(crate) fn frame(height: usize, columns: Vec<Column>) -> Result<DataFrame> {
    Ok(DataFrame::new(height, columns)?)
}

/// Instants in the data set's time zone; [`NO_TIME`] is null.
pub(crate) fn instants(data: &Inner, name: &str, values: Vec<i64>) -> Result<Column> {
    let values = if values.iter().all(|v| *v == NO_TIME) {
        return no_instants(data, name, values.len());
    } else if values.contains(&NO_TIME) {
        let known = values.iter().map(|v| (*v != NO_TIME).then_some(*v));
        optional::<Int64Type>(name, known)
    } else {
        Int64Chunked::from_vec(name.into(), values)
    };
    // The name was checked when the zone was looked up.
    let tz = TimeZone::opt_try_new(Some(data.zone.name()))?;
    Ok(values
        .into_datetime(TimeUnit::Microseconds, tz)
        .into_column())
}

/// Whole numbers, every one of them known.
pub(crate) fn counts(name: &str, values: Vec<u32>) -> Column {
    UInt32Chunked::from_vec(name.into(), values).into_column()
}

/// Lengths of time, every one of them known.
pub(crate) fn lengths(name: &str, values: Vec<i64>) -> Column {
    Int64Chunked::from_vec(name.into(), values)
        .into_duration(TimeUnit::Microseconds)
        .into_column()
}

/// A column of which nothing is known.
pub(crate) fn nothing(name: &str, kind: &DataType, height: usize) -> Column {
    Series::full_null(name.into(), height, kind).into_column()
}

/// Instants of which none is known.
pub(crate) fn no_instants(data: &Inner, name: &str, height: usize) -> Result<Column> {
    let tz = TimeZone::opt_try_new(Some(data.zone.name()))?;
    let kind = DataType::Datetime(TimeUnit::Microseconds, tz);
    Ok(nothing(name, &kind, height))
}

/// The type of lengths of time.
pub(crate) const SPAN: DataType = DataType::Duration(TimeUnit::Microseconds);

/// Lengths of time.
pub(crate) fn spans(name: &str, values: impl Iterator<Item = Option<i64>>) -> Column {
    optional::<Int64Type>(name, values)
        .into_duration(TimeUnit::Microseconds)
        .into_column()
}

/// Local days.
pub(crate) fn days(name: &str, values: impl Iterator<Item = Option<i32>>) -> Column {
    optional::<Int32Type>(name, values)
        .into_date()
        .into_column()
}

/// Whole numbers.
pub(crate) fn wholes(name: &str, values: impl Iterator<Item = Option<u32>>) -> Column {
    optional::<UInt32Type>(name, values).into_column()
}

/// Numbers.
pub(crate) fn numbers(name: &str, values: impl Iterator<Item = Option<f64>>) -> Column {
    optional::<Float64Type>(name, values).into_column()
}

/// True or false.
pub(crate) fn flags(name: &str, values: impl Iterator<Item = Option<bool>>) -> Column {
    BooleanChunked::from_iter_options(name.into(), values).into_column()
}

/// Texts.
pub(crate) fn texts<'a>(name: &str, values: impl Iterator<Item = Option<&'a str>>) -> Column {
    StringChunked::from_iter_options(name.into(), values).into_column()
}

/// Words of a short list, by their place in it; null behind its end.
pub(crate) fn words(name: &str, list: &[&str], places: Vec<u32>) -> Result<Column> {
    let end = u32::try_from(list.len()).unwrap_or(u32::MAX);
    if places.iter().all(|place| *place >= end) {
        return Ok(nothing(name, &DataType::String, places.len()));
    }
    let list = StringChunked::from_slice(name.into(), list);
    let places = if places.iter().all(|place| *place < end) {
        IdxCa::from_vec(name.into(), places)
    } else {
        let known = places.into_iter();
        optional::<IdxType>(name, known.map(|place| (place < end).then_some(place)))
    };
    Ok(list.take(&places)?.into_column())
}

/// A few phrases, each of which many rows may have.
pub(crate) fn phrases(
    name: &str,
    values: impl Iterator<Item = Option<&'static str>>,
) -> Result<Column> {
    let mut list: Vec<&str> = Vec::new();
    let mut place = |phrase: &'static str| {
        let known = list.iter().position(|own| *own == phrase);
        let at = known.unwrap_or_else(|| {
            list.push(phrase);
            list.len() - 1
        });
        u32::try_from(at).unwrap_or(NONE)
    };
    let mut before = (None, NONE);
    let places = values.map(|phrase| {
        if before.0 != phrase {
            before = (phrase, phrase.map_or(NONE, &mut place));
        }
        before.1
    });
    let places = places.collect();
    words(name, &list, places)
}

/// One text in every row.
pub(crate) fn same(name: &str, text: &str, height: usize) -> Column {
    StringChunked::full(name.into(), text, height).into_column()
}

/// Module ids of dense modules; null for [`NONE`].
pub(crate) fn modules(data: &Inner, name: &str, dense: &[u32]) -> Column {
    data.modules.column(name, dense)
}

/// The module of an item, or [`NONE`].
pub(crate) fn module_of(data: &Inner, item: u32) -> u32 {
    data.items.get(item).map_or(NONE, |entry| entry.module)
}
