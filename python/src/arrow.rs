//! Arrow in and out through the `PyCapsule` interface: the only `unsafe` in the workspace.
//!
//! polars panics on Arrow types whose feature is off, so every type is looked at
//! before any array is.
#![expect(
    unsafe_code,
    reason = "the Arrow C stream interface hands over raw pointers"
)]

use std::ffi::CStr;

use polars::frame::DataFrame;
use polars::prelude::{Column, CompatLevel, PlSmallStr, Series, TimeZone};
use polars_arrow::array::{Array, StructArray, new_empty_array};
use polars_arrow::datatypes::{ArrowDataType, Field};
use polars_arrow::ffi::{self, ArrowArrayStream, ArrowArrayStreamReader};
use pyo3::prelude::*;
use pyo3::types::PyCapsule;

use crate::errors::{ColumnTypeError, ParameterTypeError, to_py};

const STREAM: &CStr = c"arrow_array_stream";

/// A table read from any object that speaks `__arrow_c_stream__`.
pub(crate) struct Input {
    frame: DataFrame,
    /// Columns of types that are not read, and what is wrong with each.
    unread: Vec<(String, String)>,
}

impl Input {
    /// The table, if every column was read, or at least every one of those `wanted`.
    pub(crate) fn frame(self, table: &str, wanted: Option<&[String]>) -> PyResult<DataFrame> {
        let mut unread = self.unread.into_iter();
        match unread.find(|(name, _)| wanted.is_none_or(|names| names.contains(name))) {
            None => Ok(self.frame),
            Some((name, problem)) => Err(ColumnTypeError::new_err(format!(
                "table `{table}`: column `{name}` has {problem}"
            ))),
        }
    }
}

impl<'a, 'py> FromPyObject<'a, 'py> for Input {
    type Error = PyErr;

    fn extract(ob: Borrowed<'a, 'py, PyAny>) -> PyResult<Self> {
        let export = ob.getattr_opt("__arrow_c_stream__")?.ok_or_else(|| {
            let kind = ob.get_type();
            ParameterTypeError::new_err(format!(
                "expected a table with `__arrow_c_stream__`, got {kind}"
            ))
        })?;
        let capsule = export.call0()?.cast_into::<PyCapsule>()?;
        let ptr = capsule
            .pointer_checked(Some(STREAM))?
            .cast::<ArrowArrayStream>();
        // SAFETY: the capsule's name was checked, so `ptr` is a live C stream. It is
        // replaced by an empty one, so the capsule's destructor releases nothing.
        let stream = unsafe { ptr.replace(ArrowArrayStream::empty()) };
        // A producer may need the Python lock in threads of its own, so ours is given up.
        ob.py().detach(move || read(stream))
    }
}

fn read(stream: ArrowArrayStream) -> PyResult<Input> {
    // SAFETY: `stream` was taken out of its capsule and is ours alone.
    let mut reader = unsafe { ArrowArrayStreamReader::try_new(Box::new(stream)) }
        .map_err(|e| ColumnTypeError::new_err(format!("a column cannot be read: {e}")))?;
    let ArrowDataType::Struct(fields) = reader.field().dtype().clone() else {
        let kind = reader.field().dtype();
        return Err(ParameterTypeError::new_err(format!(
            "expected a table of columns, got one column of Arrow type {kind:?}"
        )));
    };
    // Arrays of some types cannot even be taken over, wanted or not.
    if let Some(field) = fields.iter().find(|field| !importable(&field.dtype)) {
        let (name, problem) = (&field.name, problem(&field.dtype).unwrap_or_default());
        return Err(ColumnTypeError::new_err(format!(
            "column `{name}` has {problem}"
        )));
    }
    let mut height = 0;
    let mut chunks: Vec<Vec<Box<dyn Array>>> = vec![Vec::new(); fields.len()];
    // SAFETY: the producer promised arrays of the stream's own field.
    while let Some(array) = unsafe { reader.next() } {
        let array = array.map_err(|e| to_py(&e.into()))?;
        let Some(batch) = array.as_any().downcast_ref::<StructArray>() else {
            continue; // cannot be: the reader builds what the field says
        };
        height += batch.len();
        for (column, values) in chunks.iter_mut().zip(batch.values()) {
            column.push(values.clone());
        }
    }
    let mut columns: Vec<Column> = Vec::new();
    let mut unread = Vec::new();
    for (field, chunks) in fields.iter().zip(chunks) {
        let twice = columns.iter().any(|column| *column.name() == field.name);
        let twice = twice.then(|| "a name that another column has, too".to_owned());
        match twice.or_else(|| problem(&field.dtype)) {
            None => columns.push(column(field, chunks)?),
            Some(problem) => unread.push((field.name.to_string(), problem)),
        }
    }
    let frame = DataFrame::new(height, columns).map_err(|e| to_py(&e.into()))?;
    Ok(Input { frame, unread })
}

fn column(field: &Field, mut chunks: Vec<Box<dyn Array>>) -> PyResult<Column> {
    if chunks.is_empty() {
        chunks.push(new_empty_array(field.dtype.clone()));
    }
    let dtype = in_utc(&field.dtype);
    // SAFETY: the reader built every chunk from this very field; the name of its zone may be
    // another, which is nothing that a chunk holds.
    let series = unsafe { Series::_try_from_arrow_unchecked(field.name.clone(), chunks, &dtype) };
    Ok(series.map_err(|e| to_py(&e.into()))?.into())
}

/// Instants are counted in UTC whatever zone they are shown in; polars knows no offset such as
/// `+05:30`, which is the zone that pandas has from a text with one, and not `Z`.
fn in_utc(dtype: &ArrowDataType) -> ArrowDataType {
    match dtype {
        ArrowDataType::Timestamp(unit, Some(zone)) if is_offset(zone) => {
            ArrowDataType::Timestamp(*unit, Some("UTC".into()))
        }
        other => other.clone(),
    }
}

fn is_offset(zone: &str) -> bool {
    zone == "Z"
        || matches!(zone.as_bytes(), [b'+' | b'-', hours @ .., b':', m, n]
            if hours.len() == 2 && hours.iter().chain([m, n]).all(u8::is_ascii_digit))
}

/// Why polars would panic on arrays of a type, or refuse them.
fn problem(dtype: &ArrowDataType) -> Option<String> {
    use ArrowDataType as A;
    match dtype {
        A::Null
        | A::Boolean
        | A::Int8
        | A::Int16
        | A::Int32
        | A::Int64
        | A::UInt8
        | A::UInt16
        | A::UInt32
        | A::UInt64
        | A::Float32
        | A::Float64
        | A::Date32
        | A::Date64
        | A::Duration(_)
        | A::Utf8
        | A::LargeUtf8
        | A::Utf8View
        | A::Binary
        | A::LargeBinary
        | A::BinaryView => None,
        A::Timestamp(_, Some(zone)) if is_offset(zone) => None,
        A::Timestamp(_, zone) => match TimeZone::opt_try_new(zone.clone()) {
            Ok(_) => None,
            Err(_) => Some("times in an unknown time zone".to_owned()),
        },
        A::List(item) | A::LargeList(item) => problem(&item.dtype),
        A::Struct(fields) => fields.iter().find_map(|f| problem(&f.dtype)),
        A::Dictionary(_, values, _) if !values.is_nested() => problem(values),
        other => {
            let shown = format!("{other:?}");
            let shown = match other {
                A::Extension(extension) => &extension.name,
                _ if other.is_nested() => shown.split('(').next().unwrap_or_default(),
                _ => &shown,
            };
            Some(format!(
                "the Arrow type {shown}, which kohort does not read; \
                 cast it to an integer, a float or a string, or leave it out"
            ))
        }
    }
}

/// Whether `polars_arrow` takes over arrays of a type without a panic.
fn importable(dtype: &ArrowDataType) -> bool {
    use ArrowDataType as A;
    match dtype {
        A::Decimal256(_, _) | A::Union(_) | A::Unknown => false,
        A::List(item) | A::LargeList(item) | A::FixedSizeList(item, _) | A::Map(item, _) => {
            importable(&item.dtype)
        }
        A::Struct(fields) => fields.iter().all(|f| importable(&f.dtype)),
        A::Dictionary(_, values, _) => importable(values),
        A::Extension(extension) => importable(&extension.inner),
        _ => true,
    }
}

/// An Arrow table that Python hands on to polars, pandas, pyarrow or duckdb without copying.
#[pyclass(frozen, module = "kohort._core")]
pub(crate) struct Table(DataFrame);

impl From<DataFrame> for Table {
    fn from(mut frame: DataFrame) -> Self {
        frame.align_chunks();
        Self(frame)
    }
}

#[pymethods]
impl Table {
    #[pyo3(signature = (requested_schema=None))]
    fn __arrow_c_stream__<'py>(
        &self,
        py: Python<'py>,
        requested_schema: Option<Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyCapsule>> {
        drop(requested_schema); // best effort by the protocol: we always export as stored
        let level = CompatLevel::newest();
        let fields = (self.0.columns().iter())
            .map(|c| c.field().to_arrow(level))
            .collect();
        let dtype = ArrowDataType::Struct(fields);
        let batches: Vec<_> = (self.0.iter_chunks(level, false))
            .map(|b| StructArray::try_new(dtype.clone(), b.len(), b.into_arrays(), None))
            .map(|array| array.map(StructArray::boxed))
            .collect();
        let field = Field::new(PlSmallStr::EMPTY, dtype, false);
        let stream = ffi::export_iterator(Box::new(batches.into_iter()), field);
        PyCapsule::new_with_value(py, stream, STREAM)
    }

    fn __len__(&self) -> usize {
        self.0.height()
    }
}
