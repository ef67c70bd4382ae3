"""Arguments taken exactly, or refused with the right form."""

from __future__ import annotations

import operator
import sys
from typing import Any, TypeVar, get_args

from kohort.exceptions import ParameterError, ParameterTypeError

T = TypeVar("T")


def whole(name: str, value: object, *, least: int, most: int | None = None) -> int:
    """Return an integer exactly; a bool, a float or a Decimal is not one."""
    form = f"a whole number from {least}" + ("" if most is None else f" to {most}")
    if isinstance(value, bool) or type(value).__name__ in ("bool", "bool_"):
        raise ParameterTypeError(f"`{name}` must be {form}, got {value!r}")
    try:
        number = operator.index(value)  # type: ignore[arg-type]  # numpy's integers have it too
    except TypeError:
        raise ParameterTypeError(f"`{name}` must be {form}, got {value!r}") from None
    if number < least or (most is not None and number > most):
        raise ParameterError(f"`{name}` must be {form}, got {number}")
    return number


def share(name: str, value: object) -> float:
    """Return a float in 0..1; a bool or a Decimal is not one."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise ParameterTypeError(f"`{name}` must be a share from 0 to 1, got {value!r}")
    if not 0 <= value <= 1:
        raise ParameterError(f"`{name}` must be a share from 0 to 1, got {value!r}")
    return float(value)


def number(name: str, value: object) -> float:
    """Return a float; a bool or a Decimal is not one. The engine knows the range."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise ParameterTypeError(f"`{name}` must be a number, got {value!r}")
    return float(value)


def flag(name: str, value: object) -> bool:
    """Return true or false, exactly."""
    if type(value).__name__ not in ("bool", "bool_"):
        raise ParameterTypeError(f"`{name}` must be True or False, got {value!r}")
    return bool(value)


def word(name: str, value: object, words: Any) -> str:  # noqa: ANN401 (a Literal has no type)
    """Return a word of a closed set, given as a Literal."""
    allowed: tuple[str, ...] = get_args(words)
    if isinstance(value, str) and value in allowed:
        return value
    shown = ", ".join(f'"{a}"' for a in allowed)
    kind = ParameterError if isinstance(value, str) else ParameterTypeError
    raise kind(f"`{name}` must be one of {shown}, got {value!r}")


def callers_level() -> int:
    """Return the `stacklevel` at which a warning from here points to the line outside the package."""
    level, frame = 1, sys._getframe(1)
    while frame.f_back is not None and frame.f_globals.get("__name__", "").split(".")[0] == "kohort":
        level, frame = level + 1, frame.f_back
    return level


def learner_id(value: object, *, name: str = "learner") -> str | int:
    """Return an id as a string or an integer, exactly."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool) or type(value).__name__ in ("bool", "bool_"):
        raise ParameterTypeError(f"`{name}` must be a string or an integer, got {value!r}")
    try:
        return operator.index(value)  # type: ignore[arg-type]
    except TypeError:
        raise ParameterTypeError(
            f"`{name}` must be a string or an integer, got {type(value).__name__}"
        ) from None
