"""Lengths of time and instants as people write them, in whole microseconds."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta, timezone

import polars as pl

from kohort import _core
from kohort.exceptions import ParameterError, ParameterTypeError

MICROSECOND = timedelta(microseconds=1)
EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
SPAN_FORM = 'a length of time such as "30m", "1h30m" or "7d", or a timedelta'
INSTANT_FORM = 'a time such as "2014-03-01", "2014-03-01T08:30+02:00", a date or a datetime'
DAY_START_FORM = 'a time of day such as "04:00", or a datetime.time'
LARGEST = 2**63 - 1
FIRST = (datetime.min.replace(tzinfo=timezone.utc) - EPOCH) // MICROSECOND
LAST = (datetime.max.replace(tzinfo=timezone.utc) - EPOCH) // MICROSECOND


def span(name: str, value: object) -> int:
    """Microseconds in a length of time; a bare number is an error that shows the right form."""
    if isinstance(value, str):
        try:
            return _core.parse_span(value)
        except ParameterError:
            raise ParameterError(f"`{name}` must be {SPAN_FORM}, got {value!r}") from None
    if not isinstance(value, timedelta):
        raise ParameterTypeError(f"`{name}` must be {SPAN_FORM}, got {value!r}")
    if value != value or getattr(value, "nanoseconds", False):
        raise ParameterError(f"`{name}` must be {SPAN_FORM} in whole microseconds, got {value!r}")
    micros = timedelta(days=value.days, seconds=value.seconds, microseconds=value.microseconds)
    whole = micros // MICROSECOND
    if not 0 <= whole <= LARGEST:
        raise ParameterError(f"`{name}` must be {SPAN_FORM} that is not negative, got {value!r}")
    return whole


def show_span(micros: int) -> str:
    """Return a length of time as `span` reads it."""
    return _core.show_span(micros).replace(" ", "")


def read_day_start(value: object) -> int:
    """Microseconds from midnight to the hour at which a learner's day begins."""
    if isinstance(value, str) and ":" in value:
        try:
            value = time.fromisoformat(value)
        except ValueError:
            raise ParameterError(f"`day_start` must be {DAY_START_FORM}, got {value!r}") from None
    if isinstance(value, time):
        if value.tzinfo is not None:
            raise ParameterError(f"`day_start` must be {DAY_START_FORM} without a zone")
        value = timedelta(
            hours=value.hour,
            minutes=value.minute,
            seconds=value.second,
            microseconds=value.microsecond,
        )
    if not isinstance(value, (str, timedelta)):
        raise ParameterTypeError(f"`day_start` must be {DAY_START_FORM}, got {value!r}")
    return span("day_start", value)


def instant(name: str, value: object, tz: str | None) -> int:
    """UTC microseconds of an instant; what is naive is local to `tz` (UTC if that is not given).

    A date is the first moment of that local day, also where daylight saving skips midnight.
    """
    micros = _instant(name, value, tz)
    if not FIRST <= micros <= LAST:
        raise ParameterError(f"`{name}` must lie in the years 1 to 9999 of UTC, got {value!r}")
    return micros


def _instant(name: str, value: object, tz: str | None) -> int:
    if isinstance(value, str):
        value = _parse(name, value)
    if isinstance(value, datetime):
        if value != value or getattr(value, "nanosecond", False):
            raise ParameterError(f"`{name}` must be {INSTANT_FORM} in whole microseconds, got {value!r}")
        if value.tzinfo is not None:
            return (value - EPOCH) // MICROSECOND
        return _local(name, value, tz or "UTC")
    if isinstance(value, date):
        return _first_moment(value, tz or "UTC")
    raise ParameterTypeError(f"`{name}` must be {INSTANT_FORM}, got {value!r}")


def as_datetime(micros: int) -> datetime:
    """Return an instant as a datetime in UTC."""
    return EPOCH + timedelta(microseconds=micros)


def show_instant(micros: int, tz: str | None) -> str:
    """Return an instant as the clock in `tz` shows it, to the minute."""
    utc = pl.Series([micros], dtype=pl.Int64).cast(pl.Datetime("us", "UTC"))
    local = utc.dt.convert_time_zone(tz or "UTC")
    return str(local.dt.strftime("%Y-%m-%d %H:%M")[0])


def _parse(name: str, text: str) -> datetime | date:
    text = text.strip()
    try:
        if len(text) == len("2014-03-01"):
            return date.fromisoformat(text)
        iso = f"{text[:-1]}+00:00" if text.endswith(("Z", "z")) else text  # Python 3.10 needs this
        return datetime.fromisoformat(iso)
    except ValueError:
        raise ParameterError(f"`{name}` must be {INSTANT_FORM}, got {text!r}") from None


def _localized(naive: list[datetime], tz: str) -> pl.Series:
    try:
        return pl.Series(naive, dtype=pl.Datetime("us")).dt.replace_time_zone(
            tz, ambiguous="earliest", non_existent="null"
        )
    except pl.exceptions.PolarsError:
        raise ParameterError(f'`tz` must be an IANA zone such as "Europe/Helsinki", got {tz!r}') from None


def _local(name: str, value: datetime, tz: str) -> int:
    plain = value.replace(tzinfo=None)
    first = _localized([plain], tz).to_physical()[0]
    last = (
        pl.Series([plain], dtype=pl.Datetime("us"))
        .dt.replace_time_zone(tz, ambiguous="latest", non_existent="null")
        .to_physical()[0]
    )
    if first is None or first != last:
        what = "does not exist" if first is None else "comes twice"
        raise ParameterError(f"`{name}`: {plain} {what} in {tz}; say its offset from UTC")
    return int(first)


def _first_moment(day: date, tz: str) -> int:
    midnight = datetime(day.year, day.month, day.day)
    # Where the clock skips midnight, the day begins when the gap ends (a whole day at most).
    left = (datetime.max - midnight) // timedelta(minutes=1)
    minutes = [midnight + timedelta(minutes=m) for m in range(min(left, 1440) + 1)]
    moments = _localized(minutes, tz).drop_nulls().to_physical()
    return int(moments[0])
