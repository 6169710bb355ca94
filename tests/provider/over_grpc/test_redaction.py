"""No text that leaves the plugin shows a secret's value."""

from __future__ import annotations

import pytest
from connectrpc.code import Code
from connectrpc.errors import ConnectError
from pulumi_flyte_provider.properties.values import Secret

from tests.provider.messages.spellings import SPELLINGS, VALUE
from tests.provider.over_grpc.oss_server import World
from tests.provider.over_grpc.plugin import PartialFailure, Plugin, PluginError

APP, SECRET = "flyte:api:App", "flyte:api:Secret"
WEB = {"name": "web", "image": "nginx:1"}
KEY = {"name": "api-key", "value": Secret(VALUE)}


def test_an_app_that_prints_its_secret_leaks_it_neither_in_the_error_nor_in_state(flyte: Plugin, world: World) -> None:
    flyte.check(SECRET, "key", KEY)
    world.fail_apps = f"cannot log in with {VALUE}"
    world.logs = [f"line {spelling}" for spelling in SPELLINGS]
    with pytest.raises(PartialFailure) as caught:
        flyte.create(APP, "web", WEB)
    (reason,) = caught.value.reasons
    assert "cannot log in with ***" in reason
    assert reason.count("line ***") == len(SPELLINGS)
    for spelling in SPELLINGS:
        assert spelling not in reason
    assert caught.value.outputs["name"] == "web", "what is no message stays as it is"


@pytest.mark.parametrize("last", ["Read", "Update", "Delete", "Diff"])
def test_values_that_only_state_knows_are_hidden_too(flyte: Plugin, next_run: Plugin, world: World, last: str) -> None:
    id, outputs = flyte.create(SECRET, "key", KEY)
    new = {**KEY, "value": Secret("an0ther-one")}
    if last == "Read":
        next_run.read(SECRET, "key", id, outputs, outputs)
    elif last == "Update":
        next_run.update(SECRET, "key", id, outputs, outputs, new)
    elif last == "Diff":
        next_run.diff(SECRET, "key", id, outputs, outputs, new)
    else:
        next_run.delete(SECRET, "key", id, outputs)
    world.fail_apps = f"still has {VALUE}"
    with pytest.raises(PartialFailure) as caught:
        next_run.create(APP, "web", WEB)
    assert "still has ***" in caught.value.reasons[0]


def test_a_refusal_that_quotes_a_value_does_not_show_it(flyte: Plugin, world: World) -> None:
    world.faults["Secret.UpdateSecret"] = [ConnectError(Code.INVALID_ARGUMENT, f"bad value {VALUE}")]
    with pytest.raises(PluginError, match=r"bad value \*\*\*$"):
        flyte.create(SECRET, "key", KEY)


def test_a_check_does_not_show_a_value_that_was_copied_into_a_spec(flyte: Plugin) -> None:
    flyte.check(SECRET, "key", KEY)
    (problem,) = flyte.failures(APP, "web", {**WEB, "health": {"path": VALUE}})
    assert VALUE not in problem
    assert "***" in problem
