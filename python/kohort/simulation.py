"""Logs with known truth: for demos, benchmarks and tests of estimators."""

from __future__ import annotations

from typing import Literal

import polars as pl

from kohort import _core
from kohort._checks import share, whole, word
from kohort._objects import Described, Facts
from kohort.data import LearningData
from kohort.exceptions import ParameterError, ParameterTypeError

__all__ = ["Simulation", "simulate"]

Ids = Literal["text", "integer"]
TABLES = ("catalog", "courses", "enrollments", "memberships", "learners")
TRUTH = ("truth_learners", "truth_sessions", "truth_drop_off")


class Simulation(Described):
    """A simulated platform: its log, its tables, and the truth behind them.

    Made by `simulate`.

    Examples
    --------
    >>> import kohort as kh
    >>> platform = kh.simulate(learners=50, courses=2, seed=1)
    >>> list(platform.tables())[:3]
    ['events', 'catalog', 'courses']
    """

    __slots__ = ("_data", "_engine", "_seed")
    _engine: _core.Simulated
    _data: LearningData | None
    _seed: int

    def __init__(self) -> None:
        raise TypeError("use kohort.simulate() to make a Simulation")

    @property
    def data(self) -> LearningData:
        """The log and its tables, read."""
        if self._data is None:
            tables = {name: getattr(self, name) for name in TABLES}
            self._set(_data=LearningData(self.events, **tables))
        assert self._data is not None
        return self._data

    @property
    def events(self) -> pl.DataFrame:
        """The log, in time order."""
        return self._table("events")

    @property
    def catalog(self) -> pl.DataFrame:
        """What can be studied."""
        return self._table("catalog")

    @property
    def courses(self) -> pl.DataFrame:
        """When courses run."""
        return self._table("courses")

    @property
    def enrollments(self) -> pl.DataFrame:
        """Who is enrolled where, since when, and how it ended."""
        return self._table("enrollments")

    @property
    def memberships(self) -> pl.DataFrame:
        """Who is on which board of a course."""
        return self._table("memberships")

    @property
    def learners(self) -> pl.DataFrame:
        """Facts about learners: their zone, for one."""
        return self._table("learners")

    @property
    def truth_learners(self) -> pl.DataFrame:
        """Per enrollment the true study time, and where the learner truly left."""
        return self._table("truth_learners")

    @property
    def truth_sessions(self) -> pl.DataFrame:
        """Per session when the learner truly began and stopped, and her time on task."""
        return self._table("truth_sessions")

    @property
    def truth_drop_off(self) -> pl.DataFrame:
        """Per course and module the planted hazard of leaving, and how many left."""
        return self._table("truth_drop_off")

    def tables(self) -> dict[str, pl.DataFrame]:
        """Return every table by its name, the truth included."""
        return {name: self._table(name) for name in ("events", *TABLES, *TRUTH)}

    def _table(self, name: str) -> pl.DataFrame:
        return pl.DataFrame(self._engine.table(name))

    def _facts(self) -> Facts:
        return [
            ("learners", len(self._engine.table("learners"))),
            ("courses", len(self._engine.table("courses"))),
            ("events", len(self._engine.table("events"))),
            ("seed", self._seed),
        ]


def simulate(
    *,
    learners: int = 1000,
    courses: int = 3,
    seed: int = 0,
    weeks: int = 12,
    ids: Literal["text", "integer"] = "text",
    events_per_learner: float = 200.0,
    base_hazard: float = 0.02,
    planted_hazard: float = 0.3,
    never_start: float = 0.08,
    second_course: float = 0.15,
    offline: float = 0.1,
    under_age: float = 0.0,
) -> Simulation:
    """Simulate a learning platform whose truth is known.

    Learners study in sessions at their own hours in their own zones, watch videos, take
    quizzes, post, revisit, are distracted, report late, and leave, most of them at modules
    that were planted. Equal arguments give equal bytes.

    Parameters
    ----------
    learners, courses
        How many.
    seed
        Of all random numbers.
    weeks
        How long a course teaches; each week has a module.
    ids
        ``"text"`` for ids such as ``L7``, ``"integer"`` for arbitrary 64-bit integers.
    events_per_learner
        The mean, met approximately.
    base_hazard, planted_hazard
        The probability of leaving in an ordinary module, and in a planted one.
    never_start, second_course, offline, under_age
        The share of enrollments without activity; of learners with a second course, with a
        phone that is often offline, below the age of consent.

    Returns
    -------
    Simulation
        The log, its tables, and the truth behind them.

    Raises
    ------
    ParameterError
        If a number is out of range.

    Examples
    --------
    >>> import kohort as kh
    >>> platform = kh.simulate(learners=100, courses=2, seed=7)
    >>> platform.learners.height, platform.courses.height
    (100, 2)
    >>> platform.truth_drop_off.columns
    ['course', 'module', 'position', 'planted', 'hazard', 'left', 'reached']
    """
    core = _core.simulate(
        learners=whole("learners", learners, least=1, most=2**31 - 1),
        courses=whole("courses", courses, least=1, most=2**31 - 1),
        seed=whole("seed", seed, least=0, most=2**64 - 1),
        weeks=whole("weeks", weeks, least=1, most=2**31 - 1),
        ids=word("ids", ids, Ids),
        events_per_learner=_number("events_per_learner", events_per_learner),
        base_hazard=share("base_hazard", base_hazard),
        planted_hazard=share("planted_hazard", planted_hazard),
        never_start=share("never_start", never_start),
        second_course=share("second_course", second_course),
        offline=share("offline", offline),
        under_age=share("under_age", under_age),
    )
    self = object.__new__(Simulation)
    self._set(_engine=core, _data=None, _seed=seed)
    return self


def _number(name: str, value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise ParameterTypeError(f"`{name}` must be a number, got {value!r}")
    if value != value:
        raise ParameterError(f"`{name}` must be a number, got {value!r}")
    return float(value)
