"""Personal Learning Analytics, and Reference Group Analytics that are safe to show.

Learning data (who did what, when, in which course) goes in as a polars, pandas, pyarrow or
duckdb table, or as files; `polars.DataFrame` comes out::

    data = kohort.read_parquet("events/*.parquet", catalog=catalog, enrollments=enrollments)
    data.personal().summary()
    data.reference_groups(by="course").quantiles("study_time")
"""

from kohort import stats
from kohort._core import __version__
from kohort._viewer import Viewer
from kohort.attacks import AttackReport, attack, released_cells
from kohort.audience import View
from kohort.data import LearningData
from kohort.estimator import StudyTime, cap, fixed, impute
from kohort.exceptions import (
    BudgetSpentError,
    ColumnTypeError,
    DeniedError,
    FileError,
    InternalError,
    KohortError,
    LedgerError,
    MissingTableError,
    NoSuchLearnerError,
    ParameterError,
    ParameterTypeError,
    PolicyError,
    RejectedRowsWarning,
    SchemaError,
)
from kohort.grid import Grid, grids
from kohort.group import ReferenceGroups
from kohort.ledger import Ledger, verify
from kohort.personal import PersonalAnalytics
from kohort.policy import ReleasePolicy
from kohort.readers import (
    mapping,
    read_caliper,
    read_canvas,
    read_csv,
    read_ipc,
    read_ndjson,
    read_oulad,
    read_parquet,
    read_tracking_log,
    read_xapi,
)
from kohort.research import Research
from kohort.simulation import Simulation, simulate
from kohort.table_readers import read_canvas_web_logs, read_moodle, read_scorm

__all__ = [
    "AttackReport",
    "BudgetSpentError",
    "ColumnTypeError",
    "DeniedError",
    "FileError",
    "Grid",
    "InternalError",
    "KohortError",
    "LearningData",
    "Ledger",
    "LedgerError",
    "MissingTableError",
    "NoSuchLearnerError",
    "ParameterError",
    "ParameterTypeError",
    "PersonalAnalytics",
    "PolicyError",
    "ReferenceGroups",
    "RejectedRowsWarning",
    "ReleasePolicy",
    "Research",
    "SchemaError",
    "Simulation",
    "StudyTime",
    "View",
    "Viewer",
    "__version__",
    "attack",
    "cap",
    "fixed",
    "grids",
    "impute",
    "mapping",
    "read_caliper",
    "read_canvas",
    "read_canvas_web_logs",
    "read_csv",
    "read_ipc",
    "read_moodle",
    "read_ndjson",
    "read_oulad",
    "read_parquet",
    "read_scorm",
    "read_tracking_log",
    "read_xapi",
    "released_cells",
    "simulate",
    "stats",
    "verify",
]
