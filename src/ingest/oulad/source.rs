//! The files of one table of the dataset, read with strict types.

use std::path::{Path, PathBuf};

use polars::prelude::*;

use crate::error::{Error, Result};
use crate::ingest::Format;
use crate::ingest::delimited::Rows;
use crate::ingest::files::binary;
use crate::ingest::paths::failed;

/// What a column of the dataset holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Holds {
    Text,
    Whole,
    Number,
}

/// A column of the dataset, whether it may be empty, and what it holds.
pub(super) type Field = (&'static str, bool, Holds);

/// One file: its columns as String, Int64 or Float64.
pub(super) struct Part {
    pub(super) path: PathBuf,
    pub(super) frame: DataFrame,
}

impl Part {
    pub(super) fn ints(&self, name: &str) -> Result<&Int64Chunked> {
        Ok(self.frame.column(name)?.as_materialized_series().i64()?)
    }

    pub(super) fn numbers(&self, name: &str) -> Result<&Float64Chunked> {
        Ok(self.frame.column(name)?.as_materialized_series().f64()?)
    }

    pub(super) fn texts(&self, name: &str) -> Result<&StringChunked> {
        Ok(self.frame.column(name)?.as_materialized_series().str()?)
    }

    /// An error about one value; `row` counts from 0.
    pub(super) fn bad(&self, row: usize, column: &str, problem: &str) -> Error {
        bad(&self.path, row, column, problem)
    }
}

fn bad(path: &Path, row: usize, column: &str, problem: &str) -> Error {
    failed(
        path,
        format!("row {row} (the first is 0), column `{column}`: {problem}"),
    )
}

/// Reads all files of a table: `name.parquet`, `name.csv`, `name.csv.gz`, or in their place any
/// number of parts like `name_AAA_2013J.csv`.
///
/// # Errors
/// [`Error::File`] if there is no such file, if two of them would tell the same rows twice, or
/// for the first value that does not fit its column.
pub(super) fn load(folder: &Path, name: &str, columns: &[Field]) -> Result<Vec<Part>> {
    let files = find(folder, name)?;
    files.into_iter().map(|path| read(path, columns)).collect()
}

fn find(folder: &Path, name: &str) -> Result<Vec<PathBuf>> {
    let mut seen = Vec::new();
    let mut files: Vec<(String, PathBuf)> = Vec::new();
    for entry in folder.read_dir().map_err(|e| failed(folder, e))? {
        let path = entry.map_err(|e| failed(folder, e))?.path();
        let file = path
            .file_name()
            .map(|file| file.to_string_lossy().into_owned());
        let Some(file) = file.filter(|_| path.is_file()) else {
            continue;
        };
        let stem = [".parquet", ".csv.gz", ".csv"]
            .iter()
            .find_map(|end| file.strip_suffix(end));
        let part = stem.and_then(|stem| stem.strip_prefix(name));
        if let Some(part) = part.filter(|part| part.is_empty() || part.starts_with('_')) {
            files.push((part.to_owned(), path));
        }
        seen.push(file);
    }
    files.sort();
    if files.is_empty() {
        seen.sort();
        let problem = format!(
            "expected `{name}.parquet`, `{name}.csv`, `{name}.csv.gz` or parts like \
             `{name}_AAA_2013J.csv`, found {}",
            if seen.is_empty() {
                "no files".to_owned()
            } else {
                seen.join(", ")
            }
        );
        return Err(failed(folder, problem));
    }
    let whole = files.first().is_some_and(|(part, _)| part.is_empty());
    for pair in files.windows(2) {
        if let [(a, one), (b, other)] = pair
            && (a == b || whole)
        {
            let problem = format!(
                "tells the same rows as `{}`; keep one of them",
                one.display()
            );
            return Err(failed(other, problem));
        }
    }
    Ok(files.into_iter().map(|(_, path)| path).collect())
}

fn read(path: PathBuf, columns: &[Field]) -> Result<Part> {
    let parquet = path.extension().is_some_and(|end| end == "parquet");
    let frame = if parquet {
        from_parquet(&path, columns)?
    } else {
        from_csv(&path, columns)?
    };
    for (name, optional, _) in columns {
        let empty = frame.column(name)?.is_null().first_true_idx();
        if let Some(row) = empty.filter(|_| !optional) {
            return Err(bad(&path, row, name, "is empty"));
        }
    }
    Ok(Part { path, frame })
}

fn missing(path: &Path, name: &str, has: &[String]) -> Error {
    failed(
        path,
        format!(
            "column `{name}` is missing; the file has {}",
            has.join(", ")
        ),
    )
}

fn from_parquet(path: &Path, columns: &[Field]) -> Result<DataFrame> {
    let names: Vec<String> = columns
        .iter()
        .map(|(name, ..)| (*name).to_owned())
        .collect();
    let frame = binary(path, Format::Parquet, Some(&names))?;
    let mut typed = Vec::with_capacity(columns.len());
    for (name, _, holds) in columns {
        let Ok(column) = frame.column(name) else {
            let has: Vec<String> = frame
                .get_column_names()
                .iter()
                .map(ToString::to_string)
                .collect();
            return Err(missing(path, name, &has));
        };
        let series = column.as_materialized_series();
        let dtype = series.dtype();
        let column = match holds {
            Holds::Text if dtype.is_string() || dtype.is_categorical() => {
                series.cast(&DataType::String)?
            }
            Holds::Whole if dtype.is_integer() => series.cast(&DataType::Int64)?,
            Holds::Number if dtype.is_primitive_numeric() => series.cast(&DataType::Float64)?,
            _ if *dtype == DataType::Null || dtype.is_string() || dtype.is_float() => {
                reparse(path, name, *holds, series)?
            }
            _ => {
                let expected = if *holds == Holds::Text {
                    "text"
                } else {
                    "numbers"
                };
                let problem = format!("column `{name}` must hold {expected}, got {dtype}");
                return Err(failed(path, problem));
            }
        };
        typed.push(column.into_column());
    }
    Ok(DataFrame::new(frame.height(), typed)?)
}

/// Columns that another tool wrote as text, or as floats because some values are empty.
fn reparse(path: &Path, name: &str, holds: Holds, series: &Series) -> Result<Series> {
    let texts: StringChunked = match series.dtype() {
        DataType::Null => StringChunked::full_null(name.into(), series.len()),
        DataType::String => series.str()?.clone(),
        _ => {
            let floats = series.cast(&DataType::Float64)?;
            let known = |value: Option<f64>| value.filter(|v| !v.is_nan()).map(|v| format!("{v}"));
            floats.f64()?.iter().map(known).collect()
        }
    };
    let mut builder = Builder::new(name, holds);
    for (row, text) in texts.iter().enumerate() {
        builder
            .push(text.unwrap_or_default())
            .map_err(|problem| bad(path, row, name, problem))?;
    }
    Ok(builder.finish())
}

fn from_csv(path: &Path, columns: &[Field]) -> Result<DataFrame> {
    let mut rows = Rows::open(path)?;
    let mut builders = Vec::with_capacity(columns.len());
    for (name, _, holds) in columns {
        let Some(place) = rows.header().iter().position(|has| has == name) else {
            return Err(missing(path, name, rows.header()));
        };
        builders.push((place, *name, Builder::new(name, *holds)));
    }
    let mut height = 0;
    while rows.next()? {
        for (place, name, builder) in &mut builders {
            let pushed = builder.push(rows.field(*place)?);
            pushed.map_err(|problem| bad(path, height, name, problem))?;
        }
        height += 1;
    }
    let columns = builders
        .into_iter()
        .map(|(_, _, builder)| builder.finish().into_column());
    Ok(DataFrame::new(height, columns.collect())?)
}

/// A column that grows from text.
enum Builder {
    Text(StringChunkedBuilder),
    Whole(PrimitiveChunkedBuilder<Int64Type>),
    Number(PrimitiveChunkedBuilder<Float64Type>),
}

impl Builder {
    fn new(name: &str, holds: Holds) -> Self {
        match holds {
            Holds::Text => Self::Text(StringChunkedBuilder::new(name.into(), 0)),
            Holds::Whole => Self::Whole(PrimitiveChunkedBuilder::new(name.into(), 0)),
            Holds::Number => Self::Number(PrimitiveChunkedBuilder::new(name.into(), 0)),
        }
    }

    /// Adds a value; the dataset writes what it does not know as nothing or as `?`.
    fn push(&mut self, text: &str) -> std::result::Result<(), &'static str> {
        let text = Some(text).filter(|text| !text.is_empty() && *text != "?");
        match self {
            Self::Text(builder) => builder.append_option(text),
            Self::Whole(builder) => {
                let value = text.map(str::parse).transpose();
                builder.append_option(value.map_err(|_| "is not a whole number")?);
            }
            Self::Number(builder) => {
                let value: Option<f64> = text
                    .map(str::parse)
                    .transpose()
                    .map_err(|_| "is not a number")?;
                if value.is_some_and(|v| !v.is_finite()) {
                    return Err("is not a finite number");
                }
                builder.append_option(value);
            }
        }
        Ok(())
    }

    fn finish(self) -> Series {
        match self {
            Self::Text(builder) => builder.finish().into_series(),
            Self::Whole(builder) => builder.finish().into_series(),
            Self::Number(builder) => builder.finish().into_series(),
        }
    }
}
