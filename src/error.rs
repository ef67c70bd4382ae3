//! One error type: what is wrong, where, what was expected and what was got.

/// Result of everything in kohort that can fail.
pub type Result<T> = std::result::Result<T, Error>;

/// What went wrong. No variant ever carries learner data.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// An argument lies outside what the function is defined on.
    #[error("`{name}` must be {expected}, got {got}")]
    Parameter {
        /// The argument as the user wrote it.
        name: &'static str,
        /// The values it may take, with the right form.
        expected: String,
        /// What was passed.
        got: String,
    },
    /// A table has the wrong columns or types.
    #[error("table `{table}`: {problem}")]
    Schema {
        /// Which table.
        table: &'static str,
        /// What is wrong, expected and got.
        problem: String,
    },
    /// Something the call needs was not given (a table, a time zone).
    #[error("{needs} needs {what}; {how}")]
    Missing {
        /// The call that needs it.
        needs: &'static str,
        /// What is absent.
        what: &'static str,
        /// How to give it.
        how: &'static str,
    },
    /// No such learner, or nothing that may be told about her: the two read the same.
    #[error("no such learner")]
    NoSuchLearner,
    /// Nothing that this viewer may see: whether it exists is not said.
    #[error("denied: there is nothing here that this viewer may see")]
    Denied,
    /// A release policy below its floor, or weaker than one already used.
    #[error("release policy refused: {0}")]
    Policy(String),
    /// The ledger cannot be trusted or used: nothing of a group is released.
    #[error("ledger `{path}`: {problem}")]
    Ledger {
        /// Its file.
        path: String,
        /// What is wrong with it.
        problem: String,
    },
    /// What may be released for a purpose in a year is spent; nothing was computed.
    #[error(
        "the budget of purpose `{purpose}` for {year} does not allow epsilon = {}, delta = {}; \
         left are epsilon = {}, delta = {}",
        asked.0, asked.1, left.0, left.1
    )]
    BudgetSpent {
        /// What the release was for.
        purpose: &'static str,
        /// The year, in UTC.
        year: i16,
        /// Epsilon and delta of the release.
        asked: (f64, f64),
        /// Epsilon and delta that are left.
        left: (f64, f64),
    },
    /// Noise could not be drawn, so nothing was released.
    #[error("no noise, no release: {0}")]
    Noise(String),
    /// A file could not be read or written.
    #[error("`{path}`: {problem}")]
    File {
        /// The file or pattern as the user wrote it.
        path: String,
        /// What the system or the parser said.
        problem: String,
    },
    /// The caller asked long work to stop.
    #[error("cancelled")]
    Cancelled,
    /// polars refused an operation on a table.
    #[error("polars: {0}")]
    Polars(#[from] polars::error::PolarsError),
}

impl Error {
    /// An argument outside what the function is defined on.
    pub(crate) fn parameter(
        name: &'static str,
        expected: impl Into<String>,
        got: impl ToString,
    ) -> Self {
        Self::Parameter {
            name,
            expected: expected.into(),
            got: got.to_string(),
        }
    }

    /// A table with the wrong columns or types.
    pub(crate) fn schema(table: &'static str, problem: impl Into<String>) -> Self {
        Self::Schema {
            table,
            problem: problem.into(),
        }
    }

    /// A file that could not be read or written.
    pub(crate) fn file(path: impl ToString, problem: impl ToString) -> Self {
        Self::File {
            path: path.to_string(),
            problem: problem.to_string(),
        }
    }
}
