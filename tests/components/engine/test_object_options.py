"""Options that name arguments of a component reach the property of its resource."""

from __future__ import annotations

import inspect

import pulumi
import pytest
from pulumi_flyte import App, Secret, Task, api
from pulumi_flyte.engine.object_options import (
    ObjectOptions,
    ObjectProperties,
    PropertyPath,
    parsed,
    without,
    without_hooks,
)
from pulumi_flyte.naming.casing import camel
from pulumi_flyte.platforms.flyte_api.object_properties import APP, SECRET, TASK

PATHS = {
    "env": PropertyPath("env"),
    "env.LOG_LEVEL": PropertyPath("env", "LOG_LEVEL"),
    'env["LOG_LEVEL"]': PropertyPath("env", "LOG_LEVEL"),
    "env['a.b']": PropertyPath("env", "a.b"),
    "console_links": PropertyPath("consoleLinks"),
    "*": PropertyPath("*"),
}


@pytest.mark.parametrize("path", PATHS)
def test_a_path_is_an_argument_and_perhaps_one_of_its_entries(path: str) -> None:
    assert parsed(path) == PATHS[path]
    assert parsed(PATHS[path].text) == PATHS[path]


@pytest.mark.parametrize("path", ["", "env.", "env[0]", "env.A.B", "[0].x"])
def test_what_names_no_argument_is_no_path(path: str) -> None:
    assert parsed(path) is None


@pytest.mark.parametrize(
    ("properties", "component", "resource"), [(APP, App, api.App), (TASK, Task, api.Task), (SECRET, Secret, api.Secret)]
)
def test_arguments_and_properties_exist(properties: ObjectProperties, component: type, resource: type) -> None:
    arguments = set(inspect.signature(component).parameters) | {"version"}
    assert set(properties.names) <= arguments
    assert properties.ignorable <= set(properties.names)
    inputs = {camel(name) for name in inspect.signature(resource).parameters}
    assert set(properties.names.values()) <= inputs


def test_the_resource_has_the_options_of_its_component() -> None:
    other = pulumi.Resource.__new__(pulumi.Resource)
    options = pulumi.ResourceOptions(
        ignore_changes=["env.A", "service_account"], replace_on_changes=["source"], hide_diffs=["domain"]
    )
    options.replace_with, options.replacement_trigger = [other], "1"
    child = pulumi.ResourceOptions()
    ObjectOptions.of(options, APP).add_to(child)
    assert (child.replace_with, child.replacement_trigger) == ([other], "1")
    assert child.ignore_changes == ['env["A"]', "serviceAccount"]
    assert child.replace_on_changes == ["bundle"]
    assert child.hide_diffs == ["ingress"]


def test_the_resource_has_the_hooks_and_the_component_has_none() -> None:
    options = pulumi.ResourceOptions(protect=True, hooks=pulumi.ResourceHookBinding())
    of_component = without_hooks(options)
    assert of_component is not None
    assert (of_component.hooks, of_component.protect) == (None, True)
    child = pulumi.ResourceOptions()
    ObjectOptions.of(options, APP).add_to(child)
    assert child.hooks is options.hooks


def test_a_version_does_not_count_what_is_ignored() -> None:
    ignored = APP.paths(["env.A", "service_account", "resources"])
    properties = {"env": {"A": "1", "B": "2"}, "service_account": "robot", "resources": None, "image": "x:1"}
    assert without(properties, ignored) == {"env": {"B": "2"}, "image": "x:1"}
