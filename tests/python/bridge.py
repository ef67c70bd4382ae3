"""Puts a twin's log into kohort and reads kohort's tables back as plain rows."""

from __future__ import annotations

import warnings
from collections.abc import Iterable
from datetime import timedelta
from typing import Any

import kohort as kh
import polars as pl
import twin
from twin import Cell, Log, Row

INSTANT = pl.Datetime("us", "UTC")
LENGTH = pl.Duration("us")
TYPES: dict[str, Any] = {
    "time": INSTANT,
    "received": INSTANT,
    "start": INSTANT,
    "end": INSTANT,
    "starts": INSTANT,
    "ends": INSTANT,
    "available_from": INSTANT,
    "due": INSTANT,
    "duration": LENGTH,
    "expected_duration": LENGTH,
    "verb": pl.String,
    "count": pl.Int64,
    "score": pl.Float64,
    "success": pl.Boolean,
    "attempt": pl.Int64,
    "response": pl.String,
    "length": pl.Float64,
    "required": pl.Boolean,
    "topics": pl.List(pl.String),
    "kind": pl.String,
    "module": pl.String,
    "outcome": pl.String,
    "tz": pl.String,
    "id": pl.String,
}


def frame(rows: list[Row], **types: Cell) -> pl.DataFrame:
    """Make a frame of the columns that the rows have, with times and lengths typed."""
    names = list(dict.fromkeys(name for row in rows for name in row))
    known = TYPES | {"position": pl.Float64, "position_to": pl.Float64, "speed": pl.Float64} | types
    columns = []
    for name in names:
        values = [row.get(name) for row in rows]
        is_number = any(isinstance(value, int) for value in values)
        dtype = known.get(name, pl.Int64 if is_number else pl.String)
        columns.append(pl.Series(name, values, dtype=dtype))
    return pl.DataFrame(columns)


def tables(log: Log) -> dict[str, pl.DataFrame | None]:
    """Make the tables beside the events, as ``LearningData`` takes them."""
    return {
        "catalog": None if log.catalog is None else frame(log.catalog, position=pl.Int64),
        "courses": None if log.courses is None else frame(log.courses),
        "enrollments": None if log.enrollments is None else frame(log.enrollments),
        "learners": None if log.learners is None else frame(log.learners),
    }


def span(us: int) -> timedelta:
    return timedelta(microseconds=us)


def learning_data(log: Log, events: pl.DataFrame | None = None, **more: Cell) -> kh.LearningData:
    """Read the log into kohort, from its own rows or from the given frame of them."""
    minutes, rest = divmod(log.day_start, twin.MINUTE)
    assert rest == 0, "a day starts on a whole minute"
    options = {
        "tz": log.tz,
        "day_start": f"{minutes // 60:02}:{minutes % 60:02}",
        "resolution": log.resolution,
        "max_duration": span(log.max_duration),
    }
    given = frame(log.events) if events is None else events
    with warnings.catch_warnings():  # of two events with one id the second is set apart
        warnings.simplefilter("ignore", kh.RejectedRowsWarning)
        return kh.LearningData(given, **{**tables(log), **options, **more})


def estimator(est: twin.StudyTime) -> kh.StudyTime:
    """Say the same estimator in kohort's words."""

    def rule(value: Cell) -> Cell:
        if isinstance(value, str):
            return value
        name, length = value
        if name == "impute":
            table = None if length is None else {k: span(v) for k, v in length.items()}
            return kh.impute() if table is None else kh.impute(table)
        return {"cap": kh.cap, "fixed": kh.fixed}[name](span(length))

    if est.heartbeat is not None:
        every, min_visit = est.heartbeat
        return kh.StudyTime(
            estimator="heartbeat",
            beat=span(every),
            min_visit=span(min_visit),
            gap=span(est.gap),
            sessions=est.sessions,
            min_events=est.min_events,
            min_duration=span(est.min_duration),
            max_session=None if est.max_session is None else span(est.max_session),
        )
    return kh.StudyTime(
        gap=span(est.gap),
        over_gap=rule(est.over_gap),
        last_event=rule(est.last_event),
        attribute_to=est.attribute_to,
        sessions=est.sessions,
        min_events=est.min_events,
        min_duration=span(est.min_duration),
        max_session=None if est.max_session is None else span(est.max_session),
        measured=est.measured,
    )


def rows(table: pl.DataFrame) -> list[Row]:
    """Rows with instants and lengths as whole microseconds and without ``reason``."""
    columns = []
    for column in table.get_columns():
        if column.dtype.base_type() in (pl.Datetime, pl.Duration):
            assert column.dtype.time_unit == "us", column  # type: ignore[attr-defined]
            column = column.to_physical()
        columns.append(column)
    return pl.DataFrame(columns).drop("reason", strict=False).to_dicts()


class Twin:
    """The slow twin behind the same calls as :class:`Kohort`."""

    def __init__(self, log: Log, est: twin.StudyTime = twin.DEFAULT, **options: Cell) -> None:
        self.log, self.est = log, est
        self.as_of = options.get("as_of")
        self.rules = {"completion": options.get("completion")}
        self.stay = {"inactivity": options.get("inactivity", 14 * twin.DAY)}

    def summary(self) -> list[Row]:
        return twin.summary(self.log, self.est, self.as_of, **self.rules, **self.stay)

    def sessions(self) -> list[Row]:
        return twin.sessions(self.log, self.est, self.as_of)

    def study_time(self, by: Iterable[str] = (), week: str = "iso") -> list[Row]:
        table = twin.study_time(self.log, self.est, self.as_of, by, week)
        return [{k: v for k, v in row.items() if k != "reason"} for row in table]

    def frequency(self, **options: Cell) -> list[Row]:
        return twin.frequency(self.log, self.est, self.as_of, **options)

    def regularity(self, by: str | None = None) -> list[Row]:
        return twin.regularity(self.log, self.as_of, by)

    def activity_calendar(self) -> list[Row]:
        return twin.activity_calendar(self.log, self.est, self.as_of)

    def activity_clock(self) -> list[Row]:
        return twin.activity_clock(self.log, self.est, self.as_of)

    def delay(self, by: str | None = None) -> list[Row]:
        return twin.delay(self.log, self.est, self.as_of, by)

    def progress(self, by: str | None = None) -> list[Row]:
        return twin.progress(self.log, self.as_of, by, **self.rules)

    def progress_over_time(self, **options: Cell) -> list[Row]:
        return twin.progress_over_time(self.log, self.as_of, **options, **self.rules)

    def engagement(self) -> list[Row]:
        return twin.engagement(self.log, self.as_of, **self.rules)

    def weekly_features(self, **options: Cell) -> list[Row]:
        return twin.weekly_features(self.log, self.est, self.as_of, **options)

    def pace(self) -> list[Row]:
        return twin.pace(self.log, self.as_of, **self.rules)

    def studied_content(self) -> list[Row]:
        return twin.studied_content(self.log, self.est, self.as_of, **self.rules)

    def video(self, **options: Cell) -> list[Row]:
        return twin.video(self.log, self.as_of, **options)

    def video_segments(self, width: int = 1) -> list[Row]:
        return twin.video_segments(self.log, self.as_of, width)

    def drop_off(self) -> list[Row]:
        return twin.drop_off(self.log, self.as_of, **self.rules, **self.stay)

    def person_periods(self, **options: Cell) -> list[Row]:
        return twin.person_periods(self.log, self.as_of, **options, **self.rules, **self.stay)

    def assessments(self, **options: Cell) -> list[Row]:
        return twin.assessments(self.log, self.as_of, **options)

    def responses(self) -> list[Row]:
        return twin.responses(self.log, self.as_of)

    def struggle(self, **options: Cell) -> list[Row]:
        return twin.struggle(self.log, self.as_of, **options)

    def navigation(self, **options: Cell) -> list[Row]:
        return twin.navigation(self.log, self.est, self.as_of, **options)

    def navigation_summary(self) -> list[Row]:
        return twin.navigation_summary(self.log, self.est, self.as_of)

    def feature_usage(self) -> list[Row]:
        return twin.feature_usage(self.log, self.as_of)

    def collaboration(self) -> list[Row]:
        return twin.collaboration(self.log, self.as_of)


class Kohort:
    """kohort's tables as plain rows."""

    def __init__(self, log: Log, est: twin.StudyTime = twin.DEFAULT, **options: Cell) -> None:
        as_of = options.get("as_of")
        self.pla = learning_data(log).personal(
            study_time=estimator(est),
            as_of=None if as_of is None else twin.EPOCH + span(as_of),
            inactivity=span(options.get("inactivity", 14 * twin.DAY)),
            completion=options.get("completion"),
        )

    def summary(self) -> list[Row]:
        return rows(self.pla.summary())

    def sessions(self) -> list[Row]:
        return rows(self.pla.sessions())

    def study_time(self, by: Iterable[str] = (), week: str = "iso") -> list[Row]:
        return rows(self.pla.study_time(by=list(by) or None, week=week))

    def frequency(self, **options: Cell) -> list[Row]:
        return rows(self.pla.frequency(**options))

    def regularity(self, by: str | None = None) -> list[Row]:
        return rows(self.pla.regularity(by))

    def activity_calendar(self) -> list[Row]:
        return rows(self.pla.activity_calendar())

    def activity_clock(self) -> list[Row]:
        return rows(self.pla.activity_clock())

    def delay(self, by: str | None = None) -> list[Row]:
        return rows(self.pla.delay(by))

    def progress(self, by: str | None = None) -> list[Row]:
        return rows(self.pla.progress(by=by))

    def progress_over_time(self, **options: Cell) -> list[Row]:
        every = span(options.pop("every", 7 * twin.DAY))
        return rows(self.pla.progress_over_time(every=every, **options))

    def engagement(self) -> list[Row]:
        return rows(self.pla.engagement())

    def weekly_features(self, **options: Cell) -> list[Row]:
        return rows(self.pla.weekly_features(**options))

    def pace(self) -> list[Row]:
        return rows(self.pla.pace())

    def studied_content(self) -> list[Row]:
        return rows(self.pla.studied_content())

    def video(self, **options: Cell) -> list[Row]:
        table = self.pla.video(**options)
        reasons = table["reason"].to_list()
        return [row | {"reason": reason} for row, reason in zip(rows(table), reasons, strict=True)]

    def video_segments(self, width: int = 1) -> list[Row]:
        return rows(self.pla.video_segments(width=f"{width}s"))

    def drop_off(self) -> list[Row]:
        return rows(self.pla.drop_off())

    def person_periods(self, **options: Cell) -> list[Row]:
        every = span(options.pop("every", 7 * twin.DAY))
        return rows(self.pla.person_periods(every=every, **options))

    def assessments(self, **options: Cell) -> list[Row]:
        return rows(self.pla.assessments(**options))

    def responses(self) -> list[Row]:
        return rows(self.pla.responses())

    def struggle(self, **options: Cell) -> list[Row]:
        return rows(self.pla.struggle(**options))

    def navigation(self, **options: Cell) -> list[Row]:
        return rows(self.pla.navigation(**options))

    def navigation_summary(self) -> list[Row]:
        return rows(self.pla.navigation_summary())

    def feature_usage(self) -> list[Row]:
        return rows(self.pla.feature_usage())

    def collaboration(self) -> list[Row]:
        return rows(self.pla.collaboration())


def differences(ours: list[Row], theirs: list[Row]) -> list[str]:
    """List what differs, cell by cell: exactly, floats to a relative 1e-12."""
    if len(ours) != len(theirs):
        return [f"{len(ours)} rows against {len(theirs)}: {ours} against {theirs}"]
    found = []
    for number, (a, b) in enumerate(zip(ours, theirs, strict=True)):
        if list(a) != list(b):
            return [f"columns {list(a)} against {list(b)}"]
        found += [
            f"row {number} {column}: {a[column]!r} against {b[column]!r} in {b}"
            for column in a
            if not same(a[column], b[column])
        ]
    return found


def same(a: Cell, b: Cell) -> bool:
    if isinstance(a, float) and isinstance(b, (int, float)):
        return abs(a - b) <= 1e-12 * max(1.0, abs(a), abs(b))
    return bool(a == b)
