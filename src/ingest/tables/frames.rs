//! Frames to blocks: every column as text, as a text format would have written it.

use jiff::tz::TimeZone;
use polars::prelude::*;

use super::columns::{Block, Plan};
use super::source::ROWS;
use crate::error::{Error, Result};

/// The frame with the fields of its structs as columns of their own: `value.user_id`.
pub(super) fn flat(frame: DataFrame) -> Result<DataFrame> {
    if !frame
        .dtypes()
        .iter()
        .any(|dtype| matches!(dtype, DataType::Struct(_)))
    {
        return Ok(frame);
    }
    let height = frame.height();
    let mut columns = Vec::new();
    for column in frame.columns() {
        if !matches!(column.dtype(), DataType::Struct(_)) {
            columns.push(column.clone());
            continue;
        }
        for field in column
            .as_materialized_series()
            .struct_()?
            .fields_as_series()
        {
            let name = format!("{}.{}", column.name(), field.name());
            columns.push(field.with_name(name.into()).into_column());
        }
    }
    Ok(DataFrame::new(height, columns)?)
}

/// The wanted columns of a frame, in blocks.
///
/// # Errors
/// [`Error::Schema`] for a required column that is not there, or one of a type without a text.
pub(super) fn blocks(frame: &DataFrame, plan: &Plan) -> Result<Vec<Block>> {
    let has: Vec<String> = names(frame);
    let places = plan.find(&has)?;
    let mut blocks = Vec::new();
    for from in (0..frame.height()).step_by(ROWS) {
        let part = frame.slice(i64::try_from(from).unwrap_or(i64::MAX), ROWS);
        let texts = |place: &Option<usize>| {
            let column = place.and_then(|at| part.columns().get(at));
            let series = column.map(Column::as_materialized_series);
            series.map(|series| texts(plan.table, series)).transpose()
        };
        blocks.push(Block {
            rows: part.height(),
            columns: places.iter().map(texts).collect::<Result<_>>()?,
            broken: Vec::new(),
        });
    }
    Ok(blocks)
}

pub(super) fn names(frame: &DataFrame) -> Vec<String> {
    let names = frame.get_column_names();
    names.iter().map(ToString::to_string).collect()
}

fn texts(table: &'static str, series: &Series) -> Result<StringChunked> {
    let name = series.name().clone();
    let dtype = series.dtype();
    let physical = || series.to_physical_repr().cast(&DataType::Int64);
    Ok(match dtype {
        DataType::String => series.str()?.clone(),
        DataType::Null => StringChunked::full_null(name, series.len()),
        DataType::Boolean => {
            let word = |flag: Option<bool>| flag.map(|flag| if flag { "true" } else { "false" });
            StringChunked::from_iter_options(name, series.bool()?.iter().map(word))
        }
        dtype if dtype.is_float() => {
            let floats = series.cast(&DataType::Float64)?;
            StringChunked::from_iter_options(name, floats.f64()?.iter().map(number))
        }
        DataType::Datetime(unit, zone) => {
            let local = zone.is_none();
            let instants = physical()?;
            let text = |value: Option<i64>| value.map(|value| instant(value, *unit, local));
            StringChunked::from_iter_options(name, instants.i64()?.iter().map(text))
        }
        DataType::Duration(unit) => {
            let spans = physical()?;
            let text = |value: Option<i64>| {
                let micros = micros(value?, *unit);
                let (sign, size) = (if micros < 0 { "-" } else { "" }, micros.unsigned_abs());
                Some(format!(
                    "{sign}PT{}.{:06}S",
                    size / 1_000_000,
                    size % 1_000_000
                ))
            };
            StringChunked::from_iter_options(name, spans.i64()?.iter().map(text))
        }
        DataType::Date => {
            let days = physical()?;
            let text = |day: Option<i64>| {
                let micros = day?.checked_mul(86_400_000_000)?;
                let instant = instant(micros, TimeUnit::Microseconds, true);
                instant.split_once('T').map(|(date, _)| date.to_owned())
            };
            StringChunked::from_iter_options(name, days.i64()?.iter().map(text))
        }
        dtype if dtype.is_integer() || dtype.is_categorical() || dtype.is_enum() => {
            series.cast(&DataType::String)?.str()?.clone()
        }
        dtype => {
            let problem = format!("`{name}` must hold texts, numbers or times, got {dtype}");
            return Err(Error::schema(table, problem));
        }
    })
}

/// Ids that a tool made floats of, because some are absent, are whole numbers again.
fn number(value: Option<f64>) -> Option<String> {
    let value = value.filter(|value| !value.is_nan())?;
    let whole = value.fract().abs() < f64::MIN_POSITIVE && value.abs() < 9_007_199_254_740_992.0;
    Some(if whole {
        format!("{value:.0}")
    } else {
        format!("{value:?}")
    })
}

fn micros(value: i64, unit: TimeUnit) -> i64 {
    match unit {
        TimeUnit::Nanoseconds => value.div_euclid(1_000),
        TimeUnit::Microseconds => value,
        TimeUnit::Milliseconds => value.saturating_mul(1_000),
    }
}

/// ISO 8601; what no calendar has is a text that no reader of times takes.
fn instant(value: i64, unit: TimeUnit, local: bool) -> String {
    let Ok(instant) = jiff::Timestamp::from_microsecond(micros(value, unit)) else {
        return "out of range".to_owned();
    };
    if local {
        instant.to_zoned(TimeZone::UTC).datetime().to_string()
    } else {
        instant.to_string()
    }
}
