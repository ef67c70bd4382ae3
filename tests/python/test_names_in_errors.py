"""What Python says of a wrong call names the class and the method that the user wrote."""

from __future__ import annotations

import doctest
import inspect
import pickle
import pydoc
from collections.abc import Callable, Iterator
from typing import Any, get_type_hints

import kohort as kh
import pytest
from bad import log, read
from kohort import stats


def functions() -> Iterator[Any]:
    """Every public function and method, under the name that users have for it."""
    for module in (kh, stats):
        for name in module.__all__:
            thing = getattr(module, name)
            if inspect.isfunction(thing):
                yield pytest.param(thing, name, id=name)
            if not inspect.isclass(thing) or issubclass(thing, Exception):
                continue
            for attribute in dir(thing):
                value = inspect.getattr_static(thing, attribute)
                function = value.__func__ if isinstance(value, (classmethod, staticmethod)) else value
                inherited = (getattr(function, "__module__", None) or "").split(".")[0] != "kohort"
                if attribute.startswith("_") or not inspect.isfunction(function) or inherited:
                    continue
                shown = f"{name}.{attribute}"
                yield pytest.param(function, shown, id=shown)


@pytest.mark.parametrize(("function", "shown"), list(functions()))
def test_an_unknown_argument_is_told_with_the_public_name(function: Callable[..., Any], shown: str) -> None:
    takes_anything = any(p.kind is p.VAR_KEYWORD for p in inspect.signature(function).parameters.values())
    if takes_anything:  # readers: they name the option themselves, as test_options.py says
        assert shown.startswith("read_")
        return
    with pytest.raises(TypeError) as caught:
        function(no_such_option=1)
    assert str(caught.value).startswith(f"{shown}() got an unexpected keyword argument 'no_such_option'")


def test_there_is_something_to_name() -> None:
    names = {str(param.values[1]) for param in functions()}
    assert {"PersonalAnalytics.progress", "ReferenceGroups.survival", "LearningData.personal"} <= names
    assert len(names) > 80


def test_methods_are_found_where_they_say_they_are() -> None:
    assert pickle.loads(pickle.dumps(kh.PersonalAnalytics.progress)) is kh.PersonalAnalytics.progress
    assert pickle.loads(pickle.dumps(kh.ReferenceGroups.survival)) is kh.ReferenceGroups.survival
    progress = kh.PersonalAnalytics.progress
    assert "by" in inspect.signature(progress).parameters
    assert "def progress(" in inspect.getsource(progress)
    assert get_type_hints(progress)
    assert "progress(self" in pydoc.render_doc(kh.PersonalAnalytics, renderer=pydoc.plaintext)
    with pytest.raises(TypeError, match=r"^PersonalAnalytics\.progress\(\) takes from 1 to 2 positional"):
        read(log()).personal().progress("module", 1)  # type: ignore[misc]


def test_examples_of_the_parts_are_still_run() -> None:
    from kohort import _standing

    found = doctest.DocTestFinder().find(_standing)
    assert any(test.name.endswith("progress") and test.examples for test in found)
