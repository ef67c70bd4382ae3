"""How study time is estimated: an object, because the choice changes findings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Literal, TypeAlias

from kohort import _core
from kohort._checks import whole, word
from kohort._objects import html
from kohort._spans import show_span, span
from kohort.exceptions import ParameterError, ParameterTypeError
from kohort.typing import Kind, Span

__all__ = ["Cap", "Fixed", "Impute", "StudyTime", "cap", "fixed", "impute"]


@dataclass(frozen=True, slots=True, repr=False)
class Cap:
    """A gap counts up to a length of time. Made by `cap`."""

    longest: Span

    def __post_init__(self) -> None:
        """Check the length and write it in its shortest form."""
        object.__setattr__(self, "longest", _canonical("cap", self.longest))

    def __repr__(self) -> str:
        """Write the call that makes it."""
        return f'cap("{self.longest}")'


@dataclass(frozen=True, slots=True, repr=False)
class Fixed:
    """An event counts a fixed length of time. Made by `fixed`."""

    length: Span

    def __post_init__(self) -> None:
        """Check the length and write it in its shortest form."""
        object.__setattr__(self, "length", _canonical("fixed", self.length))

    def __repr__(self) -> str:
        """Write the call that makes it."""
        return f'fixed("{self.length}")'


@dataclass(frozen=True, slots=True, repr=False)
class Impute:
    """An event counts what is usual for its kind of content. Made by `impute`."""

    table: tuple[tuple[str, str], ...] | None = None

    def __repr__(self) -> str:
        """Write the call that makes it."""
        if self.table is None:
            return "impute()"
        return f"impute({ {kind: length for kind, length in self.table} })"


def cap(longest: Span) -> Cap:
    """Let a gap that is too long count, but only up to a length of time.

    Every longer pause counts as much, the night between two sessions too.

    Parameters
    ----------
    longest
        What such a gap counts at most.

    Returns
    -------
    Cap
        For `StudyTime(over_gap=...)`.

    Examples
    --------
    >>> import kohort as kh
    >>> kh.StudyTime(over_gap=kh.cap("10m")).over_gap
    cap("10m")
    """
    return Cap(longest)


def fixed(length: Span) -> Fixed:
    """Let the last event of a session count a fixed length of time.

    Parameters
    ----------
    length
        What such an event counts; less where the next event comes sooner.

    Returns
    -------
    Fixed
        For `StudyTime(last_event=...)`.

    Examples
    --------
    >>> import kohort as kh
    >>> kh.StudyTime(last_event=kh.fixed("1m")).last_event
    fixed("1m")
    """
    return Fixed(length)


def impute(table: Mapping[Kind, Span] | None = None) -> Impute:
    """Let an event count what is usual for its kind of content.

    Parameters
    ----------
    table
        A length of time per kind of content; kinds that it does not name count 0. Without
        it: the median of the learner's own gaps within sessions after an event of the same
        kind; where she has none, the median of all her gaps within sessions; else 0.

    Returns
    -------
    Impute
        For `StudyTime(over_gap=...)` and `StudyTime(last_event=...)`.

    Examples
    --------
    >>> import kohort as kh
    >>> kh.impute()
    impute()
    >>> kh.impute({"video": "4m", "quiz": "90s"})
    impute({'quiz': '1m30s', 'video': '4m'})
    """
    if table is None:
        return Impute()
    if not isinstance(table, Mapping):
        raise ParameterTypeError(f'`impute` must be a table such as {{"video": "4m"}}, got {table!r}')
    rows = [
        (word("impute", kind, Kind), _canonical(f"impute[{kind!r}]", length))
        for kind, length in table.items()
    ]
    return Impute(tuple(sorted(rows)))


OverGap: TypeAlias = "Literal['drop'] | Cap | Impute"
LastEvent: TypeAlias = "Literal['zero'] | Fixed | Impute"
AttributeTo: TypeAlias = Literal["preceding", "following"]
Sessions: TypeAlias = Literal["gap", "given", "both"]
Measured: TypeAlias = Literal["prefer", "ignore", "only"]
Estimator: TypeAlias = Literal["gaps", "heartbeat"]


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class StudyTime:
    """The estimator of study time.

    A session is a maximal run of one learner's events whose gaps are all at most `gap`.
    Within a session each event counts the time until the next one. What a gap above `gap`
    and the last event of a session count is said by `over_gap` and `last_event`; one event
    never counts beyond the next one.

    Parameters
    ----------
    estimator
        ``"gaps"`` counts the time to the next event of the session. ``"heartbeat"`` is for
        logs that ping every `beat` while a content is open: per session and content, `beat`
        times the distinct values of floor(t / `beat`) less one, plus `min_visit`. What is
        said below of single gaps does not go with it.
    beat, min_visit
        The time between pings, and what the first ping counts.
    gap
        The longest pause within a session.
    over_gap
        What the event before a longer pause counts: ``"drop"`` (nothing, `last_event`
        decides), `cap`, or `impute`.
    last_event
        What the last event of a session counts: ``"zero"``, `fixed`, or `impute`.
    attribute_to
        Whose content a gap belongs to: the ``"preceding"`` event's or the ``"following"``
        one's.
    sessions
        ``"gap"`` cuts sessions by pauses, ``"given"`` by the log's session ids, ``"both"``
        at either. A pause above `gap` within a given session does not cut it, and still counts
        as `over_gap` says; a long `gap` lets all of them count.
    min_events, min_duration
        Sessions with fewer events or less study time are not counted.
    max_session
        What one session counts at most.
    measured
        What is done with durations that the log states: ``"prefer"`` them to an estimate,
        ``"ignore"`` them, or count ``"only"`` them. Measured intervals are united before
        they are added.

    Raises
    ------
    ParameterError
        If a value is outside what it may be.

    References
    ----------
    Kovanovic, Gasevic, Dawson, Joksimovic, Baker, Hatala (2015): Does time-on-task
    estimation matter? Implications for the validity of learning analytics findings. Journal of
    Learning Analytics 2(3), doi:10.18608/jla.2015.23.6.

    Examples
    --------
    >>> import kohort as kh
    >>> kh.StudyTime()
    StudyTime(gap="30m")
    >>> kh.StudyTime(gap="15m", over_gap=kh.cap("5m"), last_event=kh.fixed("1m"))
    StudyTime(gap="15m", over_gap=cap("5m"), last_event=fixed("1m"))
    >>> kh.StudyTime(estimator="heartbeat", beat="1m")
    StudyTime(estimator="heartbeat", beat="1m", gap="30m")

    Clicks at 10:00, 10:10 and 10:50: a gap of ten minutes and one of forty. Dropped, the longer one
    counts nothing; with a cap it counts five minutes; with a gap of an hour it is within a session.

    >>> import polars as pl
    >>> log = pl.DataFrame({
    ...     "learner": ["ann"] * 3,
    ...     "time": ["2024-03-04T10:00Z", "2024-03-04T10:10Z", "2024-03-04T10:50Z"],
    ...     "content": ["a"] * 3,
    ... })
    >>> data = kh.LearningData(log)
    >>> def minutes(**rules):
    ...     spent = data.personal(study_time=kh.StudyTime(**rules)).study_time()
    ...     return spent["study_time"].dt.total_minutes().item()
    >>> minutes(), minutes(over_gap=kh.cap("5m")), minutes(gap="1h")
    (10, 15, 50)
    >>> minutes(last_event=kh.fixed("1m"))  # of both sessions
    12
    """

    estimator: Estimator = "gaps"
    beat: Span = "30s"
    min_visit: Span = "0s"
    gap: Span = "30m"
    over_gap: OverGap = "drop"
    last_event: LastEvent = "zero"
    attribute_to: AttributeTo = "preceding"
    sessions: Sessions = "gap"
    min_events: int = 1
    min_duration: Span = "0s"
    max_session: Span | None = None
    measured: Measured = "prefer"

    def __post_init__(self) -> None:
        """Check every value, and write lengths of time in their shortest form."""
        for name in ("beat", "min_visit", "gap", "min_duration", "max_session"):
            value = getattr(self, name)
            if value is not None:
                object.__setattr__(self, name, _canonical(name, value))
        if not isinstance(self.over_gap, (Cap, Impute)) and self.over_gap != "drop":
            raise ParameterError(
                f'`over_gap` must be "drop", kohort.cap("10m") or kohort.impute(), got {self.over_gap!r}'
            )
        if not isinstance(self.last_event, (Fixed, Impute)) and self.last_event != "zero":
            raise ParameterError(
                f'`last_event` must be "zero", kohort.fixed("1m") or kohort.impute(), got {self.last_event!r}'
            )
        word("estimator", self.estimator, Estimator)
        if self.estimator == "gaps" and (self.beat, self.min_visit) != ("30s", "0s"):
            raise ParameterError('`beat` and `min_visit` go with estimator="heartbeat"')
        word("attribute_to", self.attribute_to, AttributeTo)
        word("sessions", self.sessions, Sessions)
        word("measured", self.measured, Measured)
        least = whole("min_events", self.min_events, least=1, most=2**32 - 1)
        object.__setattr__(self, "min_events", least)
        self._engine()  # refuses what has no meaning

    def __repr__(self) -> str:
        """Write the call that makes it, without what is as by default."""
        shown = [
            f"{field.name}={_quoted(getattr(self, field.name))}"
            for field in fields(self)
            if field.name == "gap" or getattr(self, field.name) != field.default
        ]
        return f"StudyTime({', '.join(shown)})"

    def _repr_html_(self) -> str:
        return html("StudyTime", [(field.name, getattr(self, field.name)) for field in fields(self)])

    def _engine(self) -> _core.StudyTime:
        """Return the same estimator inside the engine."""
        return _core.StudyTime(
            estimator=self.estimator,
            beat=span("beat", self.beat),
            min_visit=span("min_visit", self.min_visit),
            gap=span("gap", self.gap),
            over_gap=_filling(self.over_gap),
            last_event=_filling(self.last_event),
            attribute_to=self.attribute_to,
            sessions=self.sessions,
            min_events=self.min_events,
            min_duration=span("min_duration", self.min_duration),
            max_session=None if self.max_session is None else span("max_session", self.max_session),
            measured=self.measured,
        )


def _filling(rule: OverGap | LastEvent) -> tuple[str, int, list[tuple[str, int]]]:
    """Return a rule as the binding takes it: its word, a length of time, and a table."""
    if isinstance(rule, Cap):
        return "fixed", span("cap", rule.longest), []
    if isinstance(rule, Fixed):
        return "fixed", span("fixed", rule.length), []
    if isinstance(rule, Impute):
        if rule.table is None:
            return "median", 0, []
        return "table", 0, [(kind, span(kind, length)) for kind, length in rule.table]
    return "nothing", 0, []


def _canonical(name: str, value: object) -> str:
    return show_span(span(name, value))


def _quoted(value: object) -> str:
    return f'"{value}"' if isinstance(value, str) else repr(value)
