"""The engine's event log as a preview."""

from __future__ import annotations

from typing import Any

import pytest
from pulumi_flyte.notation.engine_marks import SECRET, UNKNOWN
from pulumi_flyte_review.engine.events import preview_of
from pulumi_flyte_review.engine.failure import failure_message
from pulumi_flyte_review.model.preview import Diagnostic, PropertyChange

APP = "urn:pulumi:dev::shop::flyte:index:App$flyte:api:App::web"
UNKNOWN_VALUE = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"


def step(op: str, *, kind: str = "resourcePreEvent", **rest: Any) -> dict[str, Any]:
    return {kind: {"metadata": {"op": op, "urn": APP, "type": "flyte:api:App", **rest}}}


def state(**inputs: Any) -> dict[str, Any]:
    return {"inputs": inputs, "outputs": {}, "parent": "urn:parent"}


def test_the_last_word_of_a_resource_counts() -> None:
    events = [
        step("update", old=state(a=1), new=state(a=UNKNOWN_VALUE), detailedDiff={"a": {"diffKind": "update"}}),
        step("update", kind="resOutputsEvent", old=state(a=1), new={**state(a=2), "outputs": {"manifest": {}}}),
    ]
    (only,) = preview_of(events).steps
    assert only.after is not None
    assert (only.after.inputs, only.after.outputs) == ({"a": 2}, {"manifest": {}})
    assert only.properties == (PropertyChange("a", "update"),)


def test_values_that_only_the_update_knows_have_a_word() -> None:
    (only,) = preview_of([step("create", new=state(a=[UNKNOWN_VALUE]))]).steps
    assert only.before is None
    assert only.after is not None
    assert only.after.inputs == {"a": [UNKNOWN]}


def test_a_secret_among_the_outputs_of_the_stack_has_a_word() -> None:
    """The engine writes the value there, encrypted anew each time or not at all, as in a state."""
    mark = {"4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270"}
    old = {
        "inputs": {},
        "outputs": {"key": {**mark, "ciphertext": "v1:abc"}, "all": [{"dsn": {**mark, "plaintext": '"x"'}}]},
    }
    new = {"inputs": {}, "outputs": {"key": {**mark, "ciphertext": "v1:def"}, "all": [{"dsn": "[secret]"}]}}
    (only,) = preview_of([step("same", old=old, new=new)]).steps
    assert only.before is not None
    assert only.after is not None
    assert only.before.outputs == only.after.outputs == {"key": SECRET, "all": [{"dsn": SECRET}]}


def test_the_steps_of_a_replacement_are_one() -> None:
    old, new = state(a=1), state(a=2)
    difference: dict[str, Any] = {"detailedDiff": {"a": {"diffKind": "update-replace"}}}
    events = [
        step("create-replacement", old=old, new=new, **difference),
        step("replace", old=old, new=new, **difference),
        step("delete-replaced", old=old, new=None),
    ]
    (only,) = preview_of(events).steps
    assert only.operation == "replace"
    assert only.before is not None
    assert only.after is not None
    assert (only.before.inputs, only.after.inputs) == ({"a": 1}, {"a": 2})
    assert only.properties == (PropertyChange("a", "update", replaces=True),)


def test_a_resource_that_an_earlier_update_left_to_be_deleted_hides_no_step() -> None:
    events = [step("same", old=state(a=1), new=state(a=1)), step("delete", old=state(a=0), new=None)]
    (only,) = preview_of(events).steps
    assert (only.operation, only.leftover) == ("same", True)
    assert only.changes


@pytest.mark.parametrize("op", ["delete-replaced", "remove-pending-replace"])
def test_a_resource_that_an_earlier_update_left_is_no_replacement(op: str) -> None:
    """The engine announces its deletion as the end of a replacement that there is not."""
    left = step(op, old=state(a=0), new=None)
    (only,) = preview_of([step("update", old=state(a=1), new=state(a=2)), left]).steps
    assert (only.operation, only.leftover) == ("update", True)
    assert only.after is not None
    assert only.after.inputs == {"a": 2}
    (alone,) = preview_of([left]).steps
    assert (alone.operation, alone.after, alone.leftover) == ("delete", None, False)


def test_stack_project_and_configuration_are_those_of_the_engine() -> None:
    preview = preview_of(
        [{"preludeEvent": {"config": {"shop:key": "[secret]"}}}, step("same", old=state(), new=state())]
    )
    assert (preview.stack, preview.project, preview.configuration) == ("dev", "shop", {"shop:key": "[secret]"})


def test_warnings_and_policies_are_there_once_and_debug_lines_are_not() -> None:
    warning = {"diagnosticEvent": {"severity": "warning", "message": "careful\n"}}
    debug = {"diagnosticEvent": {"severity": "debug", "message": "beginning rpc"}}
    policy = {
        "policyEvent": {
            "policyPackName": "team",
            "policyName": "no-public",
            "message": "web is public",
            "enforcementLevel": "mandatory",
            "resourceUrn": APP,
        }
    }
    preview = preview_of([warning, debug, warning, policy])
    assert preview.diagnostics == (Diagnostic("warning", "careful"),)
    assert [(each.policy, each.mandatory, each.urn) for each in preview.policies] == [("no-public", True, APP)]


TRACEBACK = """\
Program failed with an unhandled exception:
Traceback (most recent call last):
  File "/home/ada/shop/__main__.py", line 7, in <module>
    App("web", environment=shop, source=sorce)
  File "/home/ada/.venv/lib/python3.12/site-packages/pulumi/x.py", line 1, in f
    return g()
           ^^^
NameError: name 'sorce' is not defined
"""


def test_a_failing_program_is_one_line_and_no_traceback() -> None:
    message = failure_message(
        [Diagnostic("error", TRACEBACK), Diagnostic("error", "preview failed")], "", "/home/ada/shop"
    )
    assert message == "__main__.py, line 7: NameError: name 'sorce' is not defined"


NODE = """\
Running program '/home/ada/shop/index.ts' failed with an unhandled exception:
TypeError: x is not a function
    at Object.<anonymous> (/home/ada/shop/index.ts:23:7)
    at Module._compile (node:internal/modules/cjs/loader:1521:14)
    at async /home/ada/shop/node_modules/@pulumi/pulumi/x.js:1:2
error: an unhandled error occurred: Program exited with non-zero exit code: 255
"""


def test_a_failing_program_of_node_is_one_line_and_no_traceback() -> None:
    failure = failure_message([Diagnostic("error", NODE)], "", "/home/ada/shop")
    assert failure == "index.ts, line 23: TypeError: x is not a function"
    compiler = NODE.replace("/home/ada/shop/index.ts:23", "/home/ada/shop/node_modules/ts-node/index.js:3")
    assert failure_message([Diagnostic("error", compiler)], "", "/home/ada/shop") == "TypeError: x is not a function"


def test_without_a_message_in_the_log_what_was_printed_is_told() -> None:
    assert failure_message([], "error: no stack named 'prod' found\n", "/x") == "no stack named 'prod' found"


def test_colours_that_a_language_host_prints_are_in_no_message() -> None:
    assert failure_message([], "error: \x1b[31mError\x1b[0m: no type \x1b[1;4mx\x1b[0m\n", "/x") == "Error: no type x"
    preview = preview_of([{"diagnosticEvent": {"severity": "warning", "message": "\x1b[33mcareful\x1b[0m\n"}}])
    assert preview.diagnostics == (Diagnostic("warning", "careful"),)
