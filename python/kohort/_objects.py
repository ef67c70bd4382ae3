"""What kohort's objects have in common: they never change, and they say what they are."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from html import escape
from types import FunctionType
from typing import NoReturn, TypeVar

Facts = Sequence[tuple[str, object]]
Public = TypeVar("Public", bound=type)


def in_public(cls: Public) -> Public:
    """Name the methods that a public class has from our own files after that class.

    Python names a function in its errors as it was defined, and a user knows nothing of
    the parts that a large class is divided into.
    """
    for part in cls.__mro__[1:]:
        if not part.__module__.startswith("kohort._"):
            continue
        for name, value in vars(part).items():
            method = value.fget if isinstance(value, property) else value
            if isinstance(method, FunctionType) and not name.startswith("_"):
                method.__qualname__ = f"{cls.__qualname__}.{name}"
        # pickle looks for the method by this name in the file that it was defined in
        setattr(sys.modules[part.__module__], cls.__name__, cls)
    return cls


class Frozen:
    """An object whose attributes are set once, by its own constructor."""

    __slots__ = ()

    def _set(self, **attributes: object) -> None:
        for name, value in attributes.items():
            object.__setattr__(self, name, value)

    def __setattr__(self, name: str, value: object) -> NoReturn:
        """Refuse: a result that can be edited proves nothing."""
        raise AttributeError(f"{type(self).__name__} is immutable, `{name}` cannot be set")

    def __delattr__(self, name: str) -> NoReturn:
        """Refuse, for the same reason."""
        raise AttributeError(f"{type(self).__name__} is immutable, `{name}` cannot be deleted")


class Described(Frozen):
    """A frozen object that shows its facts in a terminal and in a notebook."""

    __slots__ = ()

    def _facts(self) -> Facts:
        return ()

    def __repr__(self) -> str:
        """Name the object and its facts on one line."""
        facts = ", ".join(f"{name}: {_plain(value)}" for name, value in self._facts())
        return f"<{type(self).__name__} {facts}>"

    def _repr_html_(self) -> str:
        return html(type(self).__name__, self._facts())


def html(title: str, facts: Facts) -> str:
    """Return facts as a small table for a notebook."""
    style = ' style="text-align:left"'
    rows = "".join(
        f"<tr><th{style}>{escape(name)}</th><td{style}>{escape(_plain(value))}</td></tr>"
        for name, value in facts
    )
    return f"<table><caption>{escape(title)}</caption><tbody>{rows}</tbody></table>"


def _plain(value: object) -> str:
    return f"{value:,}" if isinstance(value, int) and not isinstance(value, bool) else str(value)
