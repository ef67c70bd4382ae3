"""The options of learning data: what they may be, and how they come to the engine."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import time
from typing import Literal, TypedDict, get_args

from kohort import _core, _progress, _tables
from kohort._checks import whole, word
from kohort._spans import instant, read_day_start, span
from kohort.exceptions import ParameterTypeError
from kohort.typing import EventColumn, Instant, Progress, Span, Table

TABLES = ("catalog", "courses", "enrollments", "memberships", "learners", "consents", "roles")
Extra = Literal["error", "drop"]
Duplicates = Literal["keep", "drop"]
Resolution = Literal["instant", "day"]


class BesideOptions(TypedDict, total=False):
    """The options of readers whose columns are named by the format; `LearningData` explains them."""

    catalog: Table | None
    courses: Table | None
    enrollments: Table | None
    memberships: Table | None
    learners: Table | None
    consents: Table | None
    roles: Table | None
    tz: str | None
    day_start: str | time
    duplicates: Duplicates
    resolution: Resolution | None
    now: Instant | None
    epoch: Instant | None
    max_duration: Span
    max_events_per_day: int
    progress: Progress


class DataOptions(BesideOptions, total=False):
    """The options that `LearningData` and all readers share; `LearningData` explains them."""

    columns: Mapping[EventColumn, str] | None
    extra: Extra


def build(events: object, options: DataOptions, source: _core.Foreign | None = None) -> _core.LearningData:
    """Check and convert the options, and hand everything to the engine."""
    get = options.get
    tz, resolution, now, epoch = get("tz"), get("resolution"), get("now"), get("epoch")
    if tz is not None and not isinstance(tz, str):
        raise ParameterTypeError(f'`tz` must be a name such as "Europe/Helsinki", got {tz!r}')
    tables = {name: get(name) for name in TABLES}
    with _progress.reporting(_progress.check(get("progress", False))) as report:
        return _core.LearningData(
            events,
            tables=_tables.given(tables),
            columns=_mapping(get("columns")),
            tz=tz,
            day_start=read_day_start(get("day_start", "00:00")),
            extra=word("extra", get("extra", "error"), Extra),
            duplicates=word("duplicates", get("duplicates", "keep"), Duplicates),
            resolution=None if resolution is None else word("resolution", resolution, Resolution),
            now=None if now is None else instant("now", now, tz),
            epoch=None if epoch is None else instant("epoch", epoch, tz),
            max_duration=span("max_duration", get("max_duration", "24h")),
            max_events_per_day=whole(
                "max_events_per_day", get("max_events_per_day", 20_000), least=1, most=2**32 - 1
            ),
            source=source,
            known=known(options),
            progress=report,
        )


def check_options(options: BesideOptions, allowed: type[BesideOptions]) -> None:
    """Refuse an option that a reader does not have: a misspelt one must not be passed over."""
    names = list(allowed.__annotations__)
    for name in options:
        if name not in names:
            raise ParameterTypeError(
                f"`{name}` is no option of this reader; it has {', '.join(f'`{known}`' for known in names)}"
            )


def known(options: DataOptions) -> list[str]:
    """Return the columns of the schema under the names that the log has them by."""
    yours = dict(_mapping(options.get("columns")))
    return [yours.get(name, name) for name in get_args(EventColumn)]


def _mapping(columns: object) -> list[tuple[str, str]]:
    if columns is None:
        return []
    if not isinstance(columns, Mapping):
        raise ParameterTypeError(
            f'`columns` must be a table such as {{"learner": "user_id"}}, got {type(columns).__name__}'
        )
    for ours, yours in columns.items():
        if not isinstance(ours, str) or not isinstance(yours, str):
            raise ParameterTypeError(f"`columns` must map kohort's names to yours, got {ours!r}: {yours!r}")
    return list(columns.items())
