//! Paths, globs and folders to one frame.

use std::fs::File;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};

use polars::prelude::*;

use super::cells::{self, Sheet};
use super::paths::{self, failed};
use super::{delimited, ndjson};
use crate::error::Result;

/// How a file is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Format {
    /// Apache Parquet.
    Parquet,
    /// Comma-separated values in UTF-8 with a header line, plain, gzipped or zstd-compressed.
    Csv,
    /// One flat JSON object a line, plain, gzipped or zstd-compressed.
    NdJson,
    /// Arrow IPC (Feather), the file form.
    Ipc,
}

impl Format {
    /// How file names of this format end, for reading folders.
    pub(super) const fn endings(self) -> &'static [&'static str] {
        match self {
            Self::Parquet => &[".parquet", ".pq"],
            Self::Csv => &[".csv", ".csv.gz", ".csv.zst"],
            Self::NdJson => &[
                ".ndjson",
                ".jsonl",
                ".ndjson.gz",
                ".jsonl.gz",
                ".ndjson.zst",
                ".jsonl.zst",
            ],
            Self::Ipc => &[".arrow", ".ipc", ".feather"],
        }
    }
}

/// Reads files into one frame, in the order of their paths.
///
/// Each entry of `source` is a path, a glob (`events/*.parquet`) or a folder, which is searched
/// with its subfolders for the usual endings; names that start with `.` or `_` are passed over
/// there. A file that is named twice is read once.
///
/// With `columns`, only columns of these names are read; names that no file has are no error
/// here. All files must have the same columns with the same types, in any order; integers of
/// different width are widened. In newline-delimited JSON a key may be absent. CSV columns are
/// 64-bit integers if every cell is the one way to write its integer, and text otherwise, which
/// learning data parses where its schema expects a time, a number or a flag; empty cells are null.
///
/// # Errors
/// [`crate::Error::File`] with the file, and the line or column, or with the entry of `source`
/// that matches nothing.
pub fn read_files(
    source: &[String],
    format: Format,
    columns: Option<&[String]>,
) -> Result<DataFrame> {
    let files = paths::resolve(source, format.endings())?;
    match format {
        Format::Csv => {
            let mut read = Vec::with_capacity(files.len());
            for path in &files {
                let sheet = delimited::read(path, columns)?;
                if let (Some(first), Some(model)) = (read.first(), files.first()) {
                    compare(model, &names(first), path, &names(&sheet))?;
                }
                read.push(sheet);
            }
            Ok(cells::frame(read)?)
        }
        Format::NdJson => {
            let read: Result<Vec<_>> = files
                .iter()
                .map(|path| ndjson::read(path, columns))
                .collect();
            Ok(cells::frame(read?)?)
        }
        Format::Parquet | Format::Ipc => {
            let mut read = Vec::with_capacity(files.len());
            for path in files {
                let frame = binary(&path, format, columns)?;
                read.push((path, frame));
            }
            stack(read)
        }
    }
}

/// Reads one Parquet or Arrow IPC file; `wanted` picks columns by name.
pub(super) fn binary(path: &Path, format: Format, wanted: Option<&[String]>) -> Result<DataFrame> {
    // The readers panic on some broken files; what they say then helps nobody.
    let read = catch_unwind(AssertUnwindSafe(|| decode(path, format, wanted, None)));
    read.unwrap_or_else(|_| Err(failed(path, "the file is broken and cannot be read")))
}

/// Some rows of a Parquet file, from a row on.
pub(super) fn parquet_rows(
    path: &Path,
    wanted: &[String],
    from: usize,
    rows: usize,
) -> Result<DataFrame> {
    let slice = Some((from, rows));
    let read = || decode(path, Format::Parquet, Some(wanted), slice);
    let read = catch_unwind(AssertUnwindSafe(read));
    read.unwrap_or_else(|_| Err(failed(path, "the file is broken and cannot be read")))
}

/// The names of the columns of a Parquet file, and how many rows it has.
pub(super) fn parquet_shape(path: &Path) -> Result<(Vec<String>, usize)> {
    let read = || {
        let file = File::open(path).map_err(|e| failed(path, e))?;
        let mut reader = ParquetReader::new(file);
        let schema = reader.schema().map_err(|e| failed(path, e))?;
        let names = schema.iter_names().map(ToString::to_string).collect();
        Ok((names, reader.num_rows().map_err(|e| failed(path, e))?))
    };
    let read = catch_unwind(AssertUnwindSafe(read));
    read.unwrap_or_else(|_| Err(failed(path, "the file is broken and cannot be read")))
}

fn decode(
    path: &Path,
    format: Format,
    wanted: Option<&[String]>,
    slice: Option<(usize, usize)>,
) -> Result<DataFrame> {
    let file = File::open(path).map_err(|e| failed(path, e))?;
    let unread = |e: PolarsError| failed(path, e);
    if format == Format::Ipc {
        let mut reader = IpcReader::new(file);
        let schema = reader.schema().map_err(unread)?;
        let picked = pick(path, &schema, wanted)?;
        return reader.with_columns(Some(picked)).finish().map_err(unread);
    }
    let mut reader = ParquetReader::new(file);
    let schema = reader.schema().map_err(unread)?;
    let picked = pick(path, &schema, wanted)?;
    let reader = reader.with_columns(Some(picked)).with_slice(slice);
    reader.finish().map_err(unread)
}

/// The names of the columns to read, all of types that can be read.
fn pick(path: &Path, schema: &ArrowSchema, wanted: Option<&[String]>) -> Result<Vec<String>> {
    let mut picked = Vec::new();
    for (name, field) in schema.iter() {
        if wanted.is_some_and(|wanted| !wanted.iter().any(|wanted| wanted == name.as_str())) {
            continue;
        }
        if let ArrowDataType::Timestamp(_, zone) = field.dtype()
            && TimeZone::opt_try_new(zone.clone()).is_err()
        {
            let zone = zone.as_deref().unwrap_or_default();
            let problem = format!(
                "column `{name}` holds times in the zone `{zone}`, which cannot be read; write \
                 them in UTC"
            );
            return Err(failed(path, problem));
        }
        if !readable(field.dtype()) {
            let problem = format!(
                "column `{name}` holds {:?}, which cannot be read; cast it to a number or text, \
                 or leave it out",
                field.dtype()
            );
            return Err(failed(path, problem));
        }
        picked.push(name.to_string());
    }
    Ok(picked)
}

fn readable(dtype: &ArrowDataType) -> bool {
    use ArrowDataType as T;
    let simple = matches!(
        dtype,
        T::Null | T::Boolean | T::Utf8 | T::LargeUtf8 | T::Utf8View | T::Float32 | T::Float64
    );
    let integer = matches!(dtype, T::Int8 | T::Int16 | T::Int32 | T::Int64)
        || matches!(dtype, T::UInt8 | T::UInt16 | T::UInt32 | T::UInt64);
    let time = matches!(
        dtype,
        T::Date32 | T::Date64 | T::Timestamp(..) | T::Duration(_)
    );
    match dtype {
        T::Dictionary(_, values, _) => readable(values),
        T::List(field) | T::LargeList(field) => readable(field.dtype()),
        T::Struct(fields) => fields.iter().all(|field| readable(field.dtype())),
        _ => simple || integer || time,
    }
}

fn names(sheet: &Sheet) -> Vec<String> {
    sheet
        .columns
        .iter()
        .map(|cells| cells.name().to_owned())
        .collect()
}

fn compare(model: &Path, expected: &[String], path: &Path, got: &[String]) -> Result<()> {
    let model = model.display();
    if let Some(name) = expected.iter().find(|name| !got.contains(name)) {
        return Err(failed(
            path,
            format!("column `{name}` is missing; `{model}` has it"),
        ));
    }
    if let Some(name) = got.iter().find(|name| !expected.contains(name)) {
        return Err(failed(path, format!("column `{name}` is not in `{model}`")));
    }
    Ok(())
}

fn stack(read: Vec<(PathBuf, DataFrame)>) -> Result<DataFrame> {
    let Some((model, first)) = read.first() else {
        return Ok(DataFrame::empty());
    };
    let names = |frame: &DataFrame| -> Vec<String> {
        let names = frame.get_column_names();
        names.iter().map(ToString::to_string).collect()
    };
    let expected = names(first);
    let mut dtypes = first.dtypes();
    for (path, frame) in &read {
        compare(model, &expected, path, &names(frame))?;
        for (name, dtype) in expected.iter().zip(&mut dtypes) {
            let other = frame.column(name)?.dtype();
            *dtype = common(dtype, other).ok_or_else(|| {
                let model = model.display();
                let problem = format!("column `{name}` holds {other}, `{model}` has {dtype}");
                failed(path, problem)
            })?;
        }
    }
    let mut whole = DataFrame::empty();
    for (_, frame) in &read {
        // A cast to the same type is not always the identity: it can drop a time zone.
        let cast = |(name, dtype): (&String, &DataType)| {
            let column = frame.column(name)?;
            let same = column.dtype() == dtype;
            if same {
                Ok(column.clone())
            } else {
                column.cast(dtype)
            }
        };
        let columns = expected
            .iter()
            .zip(&dtypes)
            .map(cast)
            .collect::<PolarsResult<_>>()?;
        whole.vstack_mut_owned(DataFrame::new(frame.height(), columns)?)?;
    }
    Ok(whole)
}

/// The type that holds both without loss, if there is one that needs no guess.
fn common(a: &DataType, b: &DataType) -> Option<DataType> {
    let narrow = |dtype: &DataType| dtype.is_integer() && *dtype != DataType::UInt64;
    let texts = |dtype: &DataType| dtype.is_string() || dtype.is_categorical() || dtype.is_enum();
    match (a, b) {
        (a, b) if a == b => Some(a.clone()),
        (DataType::Null, other) | (other, DataType::Null) => Some(other.clone()),
        (a, b) if narrow(a) && narrow(b) => Some(DataType::Int64),
        (a, b) if a.is_float() && b.is_float() => Some(DataType::Float64),
        (a, b) if texts(a) && texts(b) => Some(DataType::String),
        _ => None,
    }
}
