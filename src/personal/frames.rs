//! Columns of the result tables, in the types the whole library uses.

use polars::prelude::*;

use crate::data::Inner;
use crate::data::ids::NONE;
use crate::data::lanes::NO_TIME;
use crate::error::Result;

/// A table from its columns.
pub(crate) fn frame(height: usize, columns: Vec<Column>) -> Result<DataFrame> {
    Ok(DataFrame::new(height, columns)?)
}

/// Instants in the data set's time zone; [`NO_TIME`] is null.
pub(crate) fn times(data: &Inner, name: &str, values: impl Iterator<Item = i64>) -> Result<Column> {
    let values = values.map(|v| (v != NO_TIME).then_some(v));
    // The name was checked when the zone was looked up.
    let tz = TimeZone::opt_try_new(Some(data.zone.name()))?;
    Ok(Int64Chunked::from_iter_options(name.into(), values)
        .into_datetime(TimeUnit::Microseconds, tz)
        .into_column())
}

/// Lengths of time.
pub(crate) fn spans(name: &str, values: impl Iterator<Item = Option<i64>>) -> Column {
    Int64Chunked::from_iter_options(name.into(), values)
        .into_duration(TimeUnit::Microseconds)
        .into_column()
}

/// Local days.
pub(crate) fn days(name: &str, values: impl Iterator<Item = Option<i32>>) -> Column {
    Int32Chunked::from_iter_options(name.into(), values)
        .into_date()
        .into_column()
}

/// Whole numbers.
pub(crate) fn wholes(name: &str, values: impl Iterator<Item = Option<u32>>) -> Column {
    UInt32Chunked::from_iter_options(name.into(), values).into_column()
}

/// Numbers.
pub(crate) fn numbers(name: &str, values: impl Iterator<Item = Option<f64>>) -> Column {
    Float64Chunked::from_iter_options(name.into(), values).into_column()
}

/// True or false.
pub(crate) fn flags(name: &str, values: impl Iterator<Item = Option<bool>>) -> Column {
    BooleanChunked::from_iter_options(name.into(), values).into_column()
}

/// Texts.
pub(crate) fn texts<'a>(name: &str, values: impl Iterator<Item = Option<&'a str>>) -> Column {
    StringChunked::from_iter_options(name.into(), values).into_column()
}

/// Module ids of dense modules; null for [`NONE`].
pub(crate) fn modules(data: &Inner, name: &str, dense: &[u32]) -> Column {
    data.modules.column(name, dense)
}

/// The module of an item, or [`NONE`].
pub(crate) fn module_of(data: &Inner, item: u32) -> u32 {
    data.items.get(item).map_or(NONE, |entry| entry.module)
}
