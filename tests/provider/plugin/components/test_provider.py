"""Problems of a component that a program in another language declares."""

from __future__ import annotations

from typing import Any

import pytest
from pulumi_flyte.errors import ArgumentsError
from pulumi_flyte_provider.plugin.components.provider import Components

WHERE = {"platform": "local", "project": "shop", "domain": "development"}
APP = {"kind": "app", "project": "shop", "domain": "development", "name": "my-app", "url": "http://my-app"}
CONTAINER = {"image": "x:1", "command": ["c"]}


@pytest.mark.parametrize(
    ("kind", "inputs", "path"),
    [
        ("App", {"scaling": {"requestRate": 0}}, "scaling.requestRate"),
        ("App", {"requiresAuth": "yes"}, "requiresAuth"),
        ("App", {"env": {"MY_VAR": 3}}, "env.MY_VAR"),
        ("App", {"inputs": {"my_app": 3}}, "inputs.my_app"),
        ("App", {"secrets": {"MY_KEY": "x"}}, "secrets.MY_KEY"),
        ("Task", {"interface": {"inputs": {"my_input": "strr"}}}, "interface.inputs.my_input"),
        ("Task", {"interface": {"outputs": {"the_result": "strr"}}}, "interface.outputs.the_result"),
        ("Task", {"interface": {}, "triggers": {"at_night": "x"}}, "triggers.at_night"),
        (
            "Task",
            {"interface": {}, "triggers": {"at_night": {"intervalMinutes": 0}}},
            "triggers.at_night.intervalMinutes",
        ),
        ("App", {"inputs": {"my_app": {**APP, "publicUrl": 3}}}, "inputs.my_app.publicUrl"),
        ("App", {"secrets": {"MY_KEY": {"kind": "secret", "name": 3}}}, "secrets.MY_KEY.name"),
    ],
)
def test_a_problem_names_the_property_of_the_schema_and_the_names_of_the_user(
    kind: str, inputs: dict[str, Any], path: str
) -> None:
    with pytest.raises(ArgumentsError) as caught:
        Components().construct("bad", f"flyte:index:{kind}", {"environment": WHERE, **CONTAINER, **inputs})
    assert [problem.path.partition(path)[1] for problem in caught.value.problems] == [path], str(caught.value)
