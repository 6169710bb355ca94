"""A program in YAML: the engine's own type check against the package schema, and a deployment."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Mapping

import httpx
import pytest

from tests.e2e.harness import ROOT, TOOLS_BIN, Stack, plugin_path
from tests.e2e.programs import EVERYTHING, KEY, SHOP

HEAD = f"name: shop\nruntime: yaml\n{plugin_path()}"
SHOP_IN = {"environment": "${shop}"}
APP = {**SHOP_IN, "image": "i:1"}
TASK = {**APP, "command": ["go"], "interface": {"inputs": {}}}
# Each is one resource with one mistake: its type, its properties, and what the engine says of it.
MISTAKES: tuple[tuple[str, dict[str, object], str], ...] = (
    ("Environment", {"platfrom": "local"}, "Property platfrom does not exist on 'flyte:index:Environment'"),
    ("Environment", {"platform": "flite"}, 'Allowed values are Local ("local"), Flyte ("flyte")'),
    ("Environment", {"localPort": "many"}, "localPort: Cannot assign type 'string' to type 'integer'"),
    ("Environment", {"insecure": "yes"}, "insecure: Cannot assign type 'string' to type 'boolean'"),
    ("Environment", {"resources": {"cpus": 1}}, "Property cpus does not exist on 'flyte:index:Resources'"),
    ("Environment", {"cluster": {"ingresHost": "x"}}, "Property ingresHost does not exist on 'flyte:index:Cluster'"),
    (
        "Environment",
        {"cluster": {"egressCidrs": "x"}},
        "egressCidrs: Cannot assign type 'string' to type 'List<string>'",
    ),
    ("Environment", {"kubernetes": {"runAsUser": "root"}}, "runAsUser: Cannot assign type 'string' to type 'integer'"),
    ("Environment", {"registry": ["ghcr.io"]}, "registry: Cannot assign 'List<string>' to 'string'"),
    ("Secret", {"environment": "shop", "value": "v"}, "environment: Cannot assign type 'string' to type"),
    ("Secret", {"value": "v"}, "Missing required property 'environment'"),
    ("Secret", {**SHOP_IN, "value": ["v"]}, "value: Cannot assign 'List<string>' to 'string'"),
    ("Secret", {**SHOP_IN, "existing": 3}, "existing: Cannot assign type 'number' to type 'boolean'"),
    ("Secret", {**SHOP_IN, "existing": True, "entry": ["x"]}, "entry: Cannot assign 'List<string>' to 'string'"),
    ("App", {**APP, "public": "yes"}, "public: Cannot assign type 'string' to type 'boolean'"),
    ("App", {**APP, "kubernetes": {"spred": True}}, "Property spred does not exist on 'flyte:index:Kubernetes'"),
    ("App", {**APP, "kubernetes": {"tolerations": [{"key": ["x"]}]}}, "key: Cannot assign 'List<string>' to 'string'"),
    ("App", {**SHOP_IN, "source": ["a.py:app"]}, "source: Cannot assign 'List<string>' to 'string'"),
    ("App", {**APP, "port": "http"}, "port: Cannot assign type 'string' to type 'integer'"),
    ("App", {**APP, "inputs": ["back"]}, "inputs: Cannot assign 'List<string>' to 'Map<"),
    ("App", {**APP, "secrets": {"K": "literal"}}, "K: Cannot assign type 'string' to type"),
    ("App", {**APP, "secrets": ["key"]}, "secrets: Cannot assign 'List<string>' to 'Map<"),
    ("App", {**APP, "env": {"A": [1]}}, "A: Cannot assign 'List<number>' to 'string'"),
    ("App", {**APP, "scaling": {"replica": 3}}, "Property replica does not exist on 'flyte:index:Scaling'"),
    ("App", {**APP, "scaling": {"concurrency": "ten"}}, "concurrency: Cannot assign type 'string' to type 'integer'"),
    ("App", {**APP, "health": {"pth": "/x"}}, "Missing required property 'path'"),
    ("App", {**APP, "timeouts": {"requests": 3}}, "Cannot assign '{requests: number}' to 'flyte:index:Timeouts'"),
    ("App", {**APP, "domain": "shop"}, "domain: Cannot assign type 'string' to type 'flyte:index:AppDomain'"),
    ("App", {**APP, "consoleLinks": [{"path": [1]}]}, "path: Cannot assign 'List<number>' to 'string'"),
    ("App", {**APP, "requiresAuth": "maybe"}, "requiresAuth: Cannot assign type 'string' to type 'boolean'"),
    ("App", {**SHOP_IN, "command": ["go"], "image": {"package": ["x"]}}, "to 'flyte:index:Image'"),
    ("Task", {**TASK, "retries": "many"}, "retries: Cannot assign type 'string' to type 'integer'"),
    ("Task", {**TASK, "triggers": {"n": {"intervalMinutes": "often"}}}, "intervalMinutes: Cannot assign type 'string'"),
    ("Task", {**TASK, "trigger": {}}, "Property trigger does not exist on 'flyte:index:Task'"),
    ("Task", {**APP, "command": ["go"], "interface": "int"}, "interface: Cannot assign type 'string' to type"),
)


@pytest.fixture
def yaml(stack: Stack) -> Stack:
    """A stack whose program the test writes, with the shop's code beside it."""
    built = (TOOLS_BIN / "pulumi-language-yaml").exists() or shutil.which("pulumi-language-yaml")
    assert built, "there is no YAML host: tools/build --all"
    stack.write({name: content for name, content in SHOP.items() if name != "__main__.py"})
    stack.init()
    stack.configure({"webhookApiKey": KEY}, secret=True)
    return stack


def documented_program() -> str:
    """The program in docs/languages.md, with the plugin of this environment."""
    pages = re.findall(r"^```yaml\n(.*?)^```$", (ROOT / "docs" / "languages.md").read_text(), re.MULTILINE | re.DOTALL)
    (program,) = [page for page in pages if "runtime: yaml" in page]
    return re.sub(r"^plugins:\n(  .*\n)+", plugin_path(), program, flags=re.MULTILINE)


def errors_of(
    stack: Stack, resources: Mapping[str, tuple[str, Mapping[str, object]]], outputs: Mapping[str, str] | None = None
) -> list[str]:
    """Preview a program with these wrong resources beside right ones. Return the engine's errors."""
    right: dict[str, tuple[str, Mapping[str, object]]] = {"shop": ("Environment", {}), "job": ("Task", TASK)}
    declared = {
        name: {"type": f"flyte:{kind}", "properties": properties}
        for name, (kind, properties) in {**right, **resources}.items()
    }
    sections = {"resources": declared, "outputs": outputs or {}}
    # JSON is YAML; a line for each value, since errors quote lines.
    program = "".join(f"{key}: {json.dumps(part, indent=1)}\n" for key, part in sections.items())
    stack.write({"Pulumi.yaml": f"{HEAD}{program}"})
    outcome = stack.preview()
    assert outcome.code != 0, outcome.text
    text = re.sub(r"\x1b\[[\d;]*m", "", outcome.text.partition("Diagnostics:")[2])
    errors = re.split(r"^ *Error: ", text, flags=re.MULTILINE)[1:]
    assert errors, outcome.text
    return errors


def test_every_mistake_is_reported_by_the_engines_own_check(yaml: Stack) -> None:
    wrong = {f"wrong{number}": (kind, properties) for number, (kind, properties, _) in enumerate(MISTAKES)}
    errors = errors_of(yaml, wrong)
    missing = [message for _, _, message in MISTAKES if not any(message in error for error in errors)]
    assert not missing, "\n".join([*missing, "are not in", *errors])
    assert len(errors) == len(MISTAKES) >= 20, f"{len(errors)} errors:\n" + "\n".join(errors)


def test_each_mistake_of_one_resource_has_a_line(yaml: Stack) -> None:
    mistakes = {"port": "http", "domain": "shop", "requiresAuth": "maybe", "include": "data", "active": 3}
    (error,) = errors_of(yaml, {"wrong": ("App", {**APP, **mistakes})})
    assert not [name for name in mistakes if f"{name}: Cannot assign" not in error], error


def test_an_output_that_no_component_has_is_an_error(yaml: Stack) -> None:
    (error,) = errors_of(yaml, {}, {"url": "${job.publicEndpont}"})
    assert "publicEndpont does not exist on job" in error


def test_the_documented_program_declares_wired_workloads(yaml: Stack) -> None:
    yaml.write({"Pulumi.yaml": documented_program()})
    assert yaml.deployed().changed == EVERYTHING
    url = yaml.outputs()["webhook"]
    assert httpx.get(f"{url}/backend", timeout=60).json()["app"] == "backend"
    assert "cat.png@3" in httpx.get(f"{url}/jobs", timeout=60).json()["outputs"]
    assert httpx.get(f"{url}/key", timeout=60).json() == {"length": len(KEY)}
    again = yaml.preview()
    assert again.steps == {}, again.text
    assert yaml.destroy().code == 0
    assert not yaml.remaining()


def test_an_object_that_may_be_somebody_elses_ends_with_one_message(yaml: Stack) -> None:
    server = {"clusters": [{"name": "c", "cluster": {"server": "http://127.0.0.1:1"}}]}
    context = {"contexts": [{"name": "x", "context": {"cluster": "c", "user": "u"}}], "current-context": "x"}
    kubeconfig = {"apiVersion": "v1", "kind": "Config", **server, **context, "users": [{"name": "u", "user": {}}]}
    yaml.configure({"flyte:platform": "kubernetes", "kubernetes:kubeconfig": json.dumps(kubeconfig)})
    yaml.write({"Pulumi.yaml": HEAD + "resources:\n  shop: {type: flyte:Environment}\n"})
    outcome = yaml.up()
    assert outcome.code != 0
    assert "the cluster could not be read (it does not answer)" in outcome.text
    assert "Duplicate resource URN" not in outcome.text
    assert not [each for each in yaml.export()["deployment"]["resources"] if "kubernetes:core" in each["type"]]
