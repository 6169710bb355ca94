"""The package as a program meets it: every name is there, and none costs anything before it is used."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
import subprocess
import sys

import pulumi
import pulumi_flyte
import pytest


@pytest.mark.parametrize("name", [*pulumi_flyte.__all__, "api", "local"])
def test_every_public_name_is_there(name: str) -> None:
    assert getattr(pulumi_flyte, name) is not None
    assert name in dir(pulumi_flyte)


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'Apps'"):
        pulumi_flyte.Apps  # type: ignore[attr-defined]  # noqa: B018


def test_no_module_takes_the_place_of_a_public_name() -> None:
    modules = {module.name for module in pkgutil.iter_modules(pulumi_flyte.__path__)}
    names = set(pulumi_flyte.__all__) - {"__version__"}
    assert not modules & names, "importing such a module would put it where the name was"


def test_a_program_loads_only_what_it_declares() -> None:
    code = "from pulumi_flyte import App, Environment\nimport sys; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)
    unused = {"pulumi_flyte.task", "pulumi_flyte.discovery.declaration", "croniter", "flyte", "flyteidl2"}
    assert not unused & set(done.stdout.split())


@pytest.mark.parametrize("name", ["App", "Task", "Secret", "Environment"])
def test_outputs_of_components_are_properties(name: str) -> None:
    """The SDK makes a class and evaluates its annotations for each component that it registers."""
    component = getattr(importlib.import_module("pulumi_flyte"), name)
    assert issubclass(component, pulumi.ComponentResource)
    assert not inspect.get_annotations(component)
