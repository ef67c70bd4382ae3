from collections.abc import Callable, Mapping
from typing import Final, final

__all__ = [
    "Foreign",
    "LearningData",
    "Overview",
    "PersonalAnalytics",
    "ReferenceGroups",
    "Simulated",
    "StudyTime",
    "Table",
    "__version__",
    "grids",
    "parse_span",
    "read_oulad",
    "read_standard",
    "read_table",
    "show_span",
    "simulate",
    "standard_mapping",
]

__version__: Final[str]

_Report = Callable[[int, int], object] | None
_Filling = tuple[str, int, list[tuple[str, int]]]

@final
class Table:
    def __arrow_c_stream__(self, requested_schema: object | None = None) -> object: ...
    def __len__(self) -> int: ...

@final
class Overview:
    @property
    def learners(self) -> int: ...
    @property
    def events(self) -> int: ...
    @property
    def courses(self) -> int: ...
    @property
    def contents(self) -> int: ...
    @property
    def first(self) -> int | None: ...
    @property
    def last(self) -> int | None: ...
    @property
    def tz(self) -> str: ...
    @property
    def resolution(self) -> str: ...
    @property
    def rejected(self) -> int: ...
    @property
    def tables(self) -> list[str]: ...

@final
class StudyTime:
    def __new__(
        cls,
        *,
        gap: int,
        over_gap: _Filling,
        last_event: _Filling,
        attribute_to: str,
        sessions: str,
        min_events: int,
        min_duration: int,
        max_session: int | None,
        measured: str,
    ) -> StudyTime: ...

@final
class LearningData:
    def __new__(
        cls,
        events: object,
        *,
        tables: Mapping[str, object],
        columns: list[tuple[str, str]],
        tz: str | None,
        day_start: int,
        extra: str,
        duplicates: str,
        resolution: str | None,
        now: int | None,
        epoch: int | None,
        max_duration: int,
        max_events_per_day: int,
        source: Foreign | None,
        known: list[str],
        progress: _Report,
    ) -> LearningData: ...
    def overview(self) -> Overview: ...
    def rejected(self) -> Table: ...
    def quality(self) -> Table: ...
    def derive_catalog(self, min_share: float, min_learners: int) -> Table: ...
    @property
    def tz(self) -> str: ...
    def personal(
        self,
        *,
        study_time: StudyTime,
        as_of: int | None,
        inactivity: int,
        completion: list[tuple[str, str]],
    ) -> PersonalAnalytics: ...
    def reference_groups(
        self,
        *,
        by: str,
        k: int,
        base: int,
        coverage_floor: float,
        study_time: StudyTime,
        as_of: int | None,
        progress: _Report,
    ) -> ReferenceGroups: ...

@final
class PersonalAnalytics:
    @property
    def as_of(self) -> int: ...
    def reasons(self) -> list[tuple[str, str]]: ...
    def summary(self, *, progress: _Report) -> Table: ...
    def sessions(self, *, progress: _Report) -> Table: ...
    def study_time(self, by: list[str], week: str, *, progress: _Report) -> Table: ...
    def frequency(self, by_course: bool, min_activity: int, freeze: int, *, progress: _Report) -> Table: ...
    def progress(self, by_module: bool, *, progress: _Report) -> Table: ...
    def drop_off(self, *, progress: _Report) -> Table: ...
    def assessments(self, pass_mark: float | None, *, progress: _Report) -> Table: ...
    def responses(self, *, progress: _Report) -> Table: ...
    def struggle(self, pass_mark: float | None, *, progress: _Report) -> Table: ...
    def navigation(self, by: str, self_loops: bool, *, progress: _Report) -> Table: ...
    def navigation_summary(self, *, progress: _Report) -> Table: ...
    def feature_usage(self, *, progress: _Report) -> Table: ...
    def collaboration(self, *, progress: _Report) -> Table: ...
    def learner(self, learner: str | int) -> PersonalAnalytics: ...

@final
class ReferenceGroups:
    @property
    def as_of(self) -> int: ...
    def groups(self) -> list[str]: ...
    def summary(self) -> Table: ...
    def distribution(self, metric: str) -> Table: ...
    def quantiles(self, metric: str) -> Table: ...
    def drop_off(self, by: str) -> Table: ...
    def compare(self, learner: str | int, metric: str) -> Table: ...

@final
class Simulated:
    def table(self, name: str) -> Table: ...

@final
class Foreign:
    def tables(self) -> list[tuple[str, Table]]: ...
    def findings(self) -> list[tuple[str, int]]: ...
    def rejected(self) -> Table: ...

def parse_span(text: str) -> int: ...
def show_span(micros: int) -> str: ...
def read_table(form: str, paths: list[str], wanted: list[str] | None = None) -> Table: ...
def read_oulad(folder: str, submissions: bool) -> Foreign: ...
def read_standard(
    standard: str,
    paths: list[str],
    *,
    output: str | None,
    pseudonymize: bytes | None,
    tz: str | None,
    progress: _Report,
) -> Foreign: ...
def standard_mapping(standard: str) -> Table: ...
def simulate(
    *,
    learners: int,
    courses: int,
    seed: int,
    weeks: int,
    ids: str,
    events_per_learner: float,
    base_hazard: float,
    planted_hazard: float,
    never_start: float,
    second_course: float,
    offline: float,
    under_age: float,
) -> Simulated: ...
def grids() -> Table: ...
