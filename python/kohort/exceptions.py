"""What can go wrong, as exceptions.

Every exception derives from :class:`KohortError` and from the builtin that fits, so
``except ValueError`` works too. No message ever carries learner data.
"""

__all__ = [
    "BudgetSpentError",
    "ColumnTypeError",
    "DeniedError",
    "FileError",
    "InternalError",
    "KohortError",
    "LedgerError",
    "MissingTableError",
    "NoSuchLearnerError",
    "ParameterError",
    "ParameterTypeError",
    "PolicyError",
    "RejectedRowsWarning",
    "SchemaError",
]


class KohortError(Exception):
    """Anything that kohort itself refuses or fails at."""


class ParameterError(KohortError, ValueError):
    """An argument lies outside what the function is defined on."""


class ParameterTypeError(ParameterError, TypeError):
    """An argument has a type that cannot be taken exactly, such as a bare number for ``"30m"``."""


class SchemaError(KohortError, ValueError):
    """A table has the wrong columns or types."""


class ColumnTypeError(SchemaError, TypeError):
    """A column has an Arrow type that kohort does not read."""


class MissingTableError(KohortError, ValueError):
    """Something that the call needs was not given, such as the enrollments."""


class NoSuchLearnerError(KohortError, KeyError):
    """No such learner, or nothing that may be told about her: the two read the same."""

    def __str__(self) -> str:
        """Return the sentence itself; `KeyError` alone would show it in quotes."""
        return str(self.args[0]) if self.args else "no such learner"


class DeniedError(KohortError, PermissionError):
    """Nothing that this viewer may see; whether it exists reads the same."""


class PolicyError(KohortError, ValueError):
    """A release policy below its floor, weaker than one already used, or a term that begins too soon."""


class LedgerError(KohortError, RuntimeError):
    """A ledger cannot be used or trusted: no numbers of groups are released."""


class BudgetSpentError(KohortError, ValueError):
    """What may be released for a purpose in a year is spent; nothing was computed."""


class FileError(KohortError, OSError):
    """A file could not be read or written."""


class InternalError(KohortError, RuntimeError):
    """A fault in kohort itself; please report it."""


class RejectedRowsWarning(UserWarning):
    """Some rows were not understood; they stand in ``data.rejected`` with a reason."""
