"""The story of a stack in YAML: the report of each edit, and the update that it binds."""

from __future__ import annotations

import copy
import json
import shutil
from collections.abc import Mapping

import pytest

from tests.e2e.harness import TOOLS_BIN, Stack, plugin_path
from tests.e2e.programs import SHOP
from tests.review.e2e.command import apply, pulumi_flyte, reviewed

Declaration = Mapping[str, object]
ENVIRONMENT = {"type": "flyte:Environment"}


def workload(kind: str, source: str, options: Declaration | None = None, **properties: object) -> Declaration:
    inside = {"environment": "${shop}", "source": source, **properties}
    return {"type": f"flyte:{kind}", "properties": inside, **({"options": options} if options else {})}


BACKEND = workload("App", "backend.py:app", requiresAuth=True)
PROGRAM: Mapping[str, Declaration] = {
    "shop": ENVIRONMENT,
    "resize": workload("Task", "tasks.py:resize"),
    "backend": BACKEND,
    "page": workload("App", "backend.py:app", inputs={"backend": "${backend}"}, env={"COLOUR": "red"}),
}
OUTPUTS: Mapping[str, object] = {
    "backend": "${backend.publicEndpoint}",
    "colour": "red",
    "key": {"fn::secret": "a-s3cret-of-the-shop"},
}


def write(stack: Stack, resources: Mapping[str, Declaration], outputs: Mapping[str, object]) -> None:
    # JSON is YAML.
    head = f"name: shop\nruntime: yaml\n{plugin_path()}"
    program = f"resources: {json.dumps(resources)}\noutputs: {json.dumps(outputs)}\n"
    stack.write({"Pulumi.yaml": f"{head}{program}"})


@pytest.fixture
def shop(stack: Stack) -> Stack:
    """The deployed shop."""
    assert (TOOLS_BIN / "pulumi-language-yaml").exists() or shutil.which("pulumi-language-yaml")
    stack.write({name: content for name, content in SHOP.items() if name != "__main__.py"})
    write(stack, PROGRAM, OUTPUTS)
    stack.init()
    stack.deployed()
    return stack


def markdown(stack: Stack, *arguments: str) -> str:
    answer = pulumi_flyte(stack, "diff", "--stack", stack.name, "--format", "markdown", *arguments)
    assert answer.code in (0, 2, 3), answer.errors
    print(answer.code, answer.output)
    assert "a-s3cret" not in answer.output + answer.errors
    return answer.output.partition("<details>")[0].partition("\nApply exactly")[0]


def leave_to_be_deleted(stack: Stack, name: str) -> None:
    """Put a resource into the state that an earlier update has replaced, and failed to delete."""
    state = stack.export()
    resources = state["deployment"]["resources"]
    (key,) = [each for each in resources if each["urn"].endswith(f"AuthKey::{name}")]
    resources.append({**copy.deepcopy(key), "delete": True})
    stack.pulumi("stack", "import", "--stack", stack.name, check=True, stdin=json.dumps(state))


def test_a_stack_in_yaml_from_review_to_update(shop: Stack) -> None:
    assert markdown(shop) == "### `shop/dev`: no changes\n"

    # An argument, a file and an output.
    edited = {
        **PROGRAM,
        "page": workload("App", "backend.py:app", inputs={"backend": "${backend}"}, env={"COLOUR": "blue"}),
    }
    write(shop, edited, {**OUTPUTS, "colour": "blue"})
    shop.write({"tasks.py": SHOP["tasks.py"].replace("3", "4")})
    assert markdown(shop) == (
        "### `shop/dev`: updates 2, changes 1 output\n\n"
        "- **updates task `resize`**: `tasks.py` changed\n"
        "- **updates app `page`** (restarts): `env.COLOUR`: `red` → `blue`\n\n"
        "- output `colour`: `red` → `blue`\n"
    )
    report = reviewed(shop)
    write(shop, edited, {**OUTPUTS, "colour": "green"})
    refused = apply(shop, report["token"])
    assert refused.code == 1
    assert "- the program" in refused.errors, "another value of an output is another program"
    write(shop, edited, {**OUTPUTS, "colour": "blue"})
    assert "a-s3cret" not in json.dumps(report)
    assert apply(shop, report["token"]).code == 0
    assert shop.outputs()["colour"] == "blue"

    # A secret among the outputs that comes is named, and its value is not.
    write(shop, edited, {**OUTPUTS, "colour": "blue", "other": {"fn::secret": "another-s3cret"}})
    text = markdown(shop)
    assert "output `other` is new: `[secret]`" in text
    assert "another-s3cret" not in text

    # A rename loses the app, unless it follows the report's advice.
    renamed = {name: each for name, each in edited.items() if name != "page"}
    site = {**edited["page"]}
    write(shop, {**renamed, "site": site}, {**OUTPUTS, "colour": "blue"})
    text = markdown(shop)
    assert "it looks like a rename: app `site` has the same code and arguments" in text
    assert '`opts=ResourceOptions(aliases=[Alias(name="page")])` and `name="page"` keep that one' in text
    properties = {**site["properties"], "name": "page"}  # type: ignore[dict-item]
    aliased = {**site, "properties": properties, "options": {"aliases": [{"name": "page"}]}}
    write(shop, {**renamed, "site": aliased}, {**OUTPUTS, "colour": "blue"})
    report = reviewed(shop, "--fail-on", "")
    assert not {each["op"] for each in report["changes"]} & {"delete", "create", "replace"}
    assert report["reachability"] == {"gained": [], "lost": []}
    assert apply(shop, report["token"]).code == 0

    # What an earlier update left is named, and gone after the next one.
    leave_to_be_deleted(shop, "backend")
    text = markdown(shop, "--fail-on", "delete")
    assert "deletes `flyte:api:AuthKey backend`, which an earlier update left to be deleted" in text
    code = pulumi_flyte(shop, "diff", "--stack", shop.name, "--fail-on", "delete").code
    assert code == 3
    assert apply(shop, reviewed(shop)["token"]).code == 0
    assert markdown(shop) == "### `shop/dev`: no changes\n"

    # A program that is wrong is one message.
    write(shop, {**edited, "wrong": workload("App", "nowhere.py:app")}, OUTPUTS)
    answer = pulumi_flyte(shop, "diff", "--stack", shop.name)
    assert answer.code == 1
    print(answer.errors)
    assert "nowhere.py" in answer.errors
    assert "unhandled" not in answer.errors
    shop.destroy()
