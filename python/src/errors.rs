//! kohort's errors as the exceptions of `kohort.exceptions`.

use kohort::Error;
use pyo3::PyErr;
use pyo3::exceptions::PyKeyboardInterrupt;

pyo3::import_exception!(kohort.exceptions, BudgetSpentError);
pyo3::import_exception!(kohort.exceptions, ColumnTypeError);
pyo3::import_exception!(kohort.exceptions, DeniedError);
pyo3::import_exception!(kohort.exceptions, FileError);
pyo3::import_exception!(kohort.exceptions, InternalError);
pyo3::import_exception!(kohort.exceptions, KohortError);
pyo3::import_exception!(kohort.exceptions, LedgerError);
pyo3::import_exception!(kohort.exceptions, MissingTableError);
pyo3::import_exception!(kohort.exceptions, NoSuchLearnerError);
pyo3::import_exception!(kohort.exceptions, ParameterError);
pyo3::import_exception!(kohort.exceptions, ParameterTypeError);
pyo3::import_exception!(kohort.exceptions, PolicyError);
pyo3::import_exception!(kohort.exceptions, SchemaError);

/// The exception that says the same.
pub(crate) fn to_py(error: &Error) -> PyErr {
    let text = error.to_string();
    match error {
        Error::Parameter { .. } => ParameterError::new_err(text),
        Error::Schema { .. } => SchemaError::new_err(text),
        Error::Missing { .. } => MissingTableError::new_err(text),
        Error::NoSuchLearner => NoSuchLearnerError::new_err(text),
        Error::Denied => DeniedError::new_err(text),
        Error::Policy(_) => PolicyError::new_err(text),
        Error::Ledger { .. } => LedgerError::new_err(text),
        Error::BudgetSpent { .. } => BudgetSpentError::new_err(text),
        Error::File { .. } => FileError::new_err(text),
        Error::Cancelled => PyKeyboardInterrupt::new_err(text),
        _ => KohortError::new_err(text),
    }
}

/// A fault of kohort itself, as an exception rather than an abort.
pub(crate) fn panicked(payload: &(dyn std::any::Any + Send)) -> PyErr {
    let text = (payload.downcast_ref::<&str>().copied())
        .or_else(|| payload.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("no message");
    InternalError::new_err(format!(
        "a fault in kohort itself, please report it: {text}"
    ))
}
