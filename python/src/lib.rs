//! The Python face of kohort: convert, detach, call, convert. No arithmetic.

mod arrow;
mod errors;

use pyo3::prelude::*;

#[pymodule]
mod _core {
    #[pymodule_export]
    use crate::arrow::Table;

    #[pyo3::pyfunction]
    fn roundtrip(input: crate::arrow::Input) -> Table {
        input.0.into()
    }
}
