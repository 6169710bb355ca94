"""Calls with wrong arguments: an error that says the nearest keyword, for everything that a program calls."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator

import pulumi_flyte
import pytest
from pulumi_flyte import AppEndpoint, ArgumentsError, Image, Link, Provider, Scaling, TaskRef, api, discover, local

# What the package hands out, or is extended by itself only: no program calls their constructors.
HANDED_OUT = {"Discovered", "ReadSource", "Workload"}


def callables() -> Iterator[tuple[str, Callable[..., object]]]:
    for module, names in ((pulumi_flyte, pulumi_flyte.__all__), (api, vars(api)), (local, vars(local))):
        for name in names:
            value = getattr(module, name)
            is_ours = getattr(value, "__module__", "").startswith("pulumi_flyte") and callable(value)
            is_type = inspect.isclass(value) and issubclass(value, (dict, Exception))
            if not is_ours or is_type or name.startswith("_") or name in HANDED_OUT:
                continue
            if module in (api, local) and value.__module__ != module.__name__:
                continue
            yield f"{module.__name__}.{name}", value
            if hasattr(value, "get"):
                yield f"{module.__name__}.{name}.get", value.get


CALLABLES = dict(callables())


@pytest.mark.parametrize("name", CALLABLES)
def test_an_unknown_keyword_is_reported_with_the_nearest_one(name: str) -> None:
    function = CALLABLES[name]
    parameter = list(inspect.signature(function).parameters)[-1]
    with pytest.raises(ArgumentsError) as raised:
        function(**{f"{parameter}x": "value"})
    problems = {problem.path: problem.reason for problem in raised.value.problems}
    assert problems[f"{parameter}x"] == f"unknown argument: did you mean {parameter!r}?"


def test_all_that_a_program_calls_is_tried() -> None:
    assert set(CALLABLES) >= {"pulumi_flyte.discover", "pulumi_flyte.AppEndpoint", "pulumi_flyte.api.App.get"}
    assert len(CALLABLES) > 30


@pytest.mark.parametrize(
    ("function", "positional", "keywords", "text"),
    [
        (
            discover,
            ("shop.py",),
            {"environment": object(), "overides": {}},
            "discover 'shop.py' has 1 problem:\n  - overides: unknown argument: did you mean 'overrides'?",
        ),
        (discover, ("shop.py",), {}, "discover 'shop.py' has 1 problem:\n  - environment: required"),
        (
            Provider,
            ("other", "local"),
            {},
            "Provider 'other' has 1 problem:\n  - arguments: pass them by keyword, except resource_name",
        ),
        (
            AppEndpoint,
            ("web",),
            {"projct": "shop", "domian": "staging"},
            "AppEndpoint 'web' has 2 problems:\n  - projct: unknown argument: did you mean 'project'?\n"
            "  - domian: unknown argument: did you mean 'domain'?",
        ),
        (TaskRef, (), {}, "TaskRef has 1 problem:\n  - name: required"),
        (
            Link,
            (AppEndpoint("web"),),
            {"to": AppEndpoint("other")},
            "Link has 1 problem:\n  - to: it is passed twice, by position and by keyword",
        ),
        (
            Image,
            (),
            {"packges": ["httpx"]},
            "Image has 1 problem:\n  - packges: unknown argument: did you mean 'packages'?",
        ),
        (
            api.App.get,
            ("web",),
            {"idd": "shop/development/web"},
            "App.get 'web' has 1 problem:\n  - idd: unknown argument: did you mean 'id'?",
        ),
        (Scaling, (3,), {}, "Scaling has 1 problem:\n  - arguments: pass them by keyword"),
    ],
)
def test_a_wrong_call_is_one_error_with_all_of_it(
    function: Callable[..., object], positional: tuple[object, ...], keywords: dict[str, object], text: str
) -> None:
    with pytest.raises(ArgumentsError) as raised:
        function(*positional, **keywords)
    assert str(raised.value) == text


def test_an_error_shows_no_value_of_a_wrong_call() -> None:
    create: Callable[..., object] = api.Secret
    with pytest.raises(ArgumentsError) as raised:
        create("key", "hidden", valu="hidden")
    assert "hidden" not in str(raised.value)
