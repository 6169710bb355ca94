"""A team's own component, made of ours: its package, its schema, and programs of other teams in four languages."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.e2e.harness import ROOT, TOOLS_BIN, VENV_BIN, Outcome, Stack, is_object, plugin_path
from tools.schema_changes.comparison import breaking_changes
from tools.schema_changes.package import Package

TEAM = ROOT / "examples" / "team-components"
KEY = "k3y-of-the-model"
SERVICE = {
    "flyte:local:Server::fraud",
    "flyte:api:Secret::fraud-key",
    "flyte:api:App::fraud-api",
    "flyte:api:Task::fraud-evaluation",
    "flyte:api:Trigger::fraud-evaluation-nightly",
}
# Every option of Pulumi that has to reach what is in a component. `moved` puts it below another component.
OPTIONS = """\
const moved = new pulumi.Config().getBoolean("moved");
const blue: pulumi.ResourceTransform = ({ type, props, opts }) => {
    if (type !== "flyte:api:App") return undefined;
    const ignored = moved ? {} : { ignoreChanges: ["env"] };
    return { props: { ...props, env: { ...props.env, COLOUR: "blue" } }, opts: pulumi.mergeOptions(opts, ignored) };
};
const aliases = [{ parent: pulumi.rootStackResource }];
const place = moved ? { parent: new pulumi.ComponentResource("risk:index:Team", "risk"), aliases } : {};
const options = { ...place, protect: true, transforms: [blue] };
"""
PROVIDERS = """\
  eu:
    type: pulumi:providers:flyte
    properties: {localPort: PORT}
    options: {version: 0.1.0}
"""


class Consumer(Stack):
    """A product team's program. The environment has the component's package, as if its wheel were installed."""

    @property
    def environment(self) -> dict[str, str]:
        """The environment of every call."""
        return {**super().environment, "PYTHONPATH": str(TEAM)}

    def program(self, language: str) -> None:
        """Replace the program with that of a language, and keep the stack."""
        self.folder = self.base / "consumers" / language
        project = (TEAM / "consumers" / language / "Pulumi.yaml").read_text()
        head = project.partition("plugins:")[0].partition("  options:")[0]
        acme = f"    - {{name: acme, path: {self.plugin}}}\n"
        self.write({"Pulumi.yaml": f"{head}{plugin_path()}{acme}"})

    @property
    def plugin(self) -> Path:
        """The folder of the component's plugin, which is the command of its package."""
        command = self.base / "bin" / "pulumi-resource-acme"
        if not command.exists():
            command.parent.mkdir()
            command.write_text(f'#!/bin/sh\nexec {sys.executable} -m acme_flyte.plugin "$@"\n')
            command.chmod(0o755)
        return command.parent


@pytest.fixture
def consumer(tmp_path: Path) -> Iterator[Consumer]:
    """The folders of all consumers, with one stack."""
    stack = Consumer(tmp_path / "stack", project="fraud")
    shutil.copytree(TEAM / "consumers", stack.base / "consumers")
    yield stack
    stack.close()


@pytest.fixture(scope="module")
def modules(node_modules: Path) -> Path:
    """The packages of a TypeScript program, with the one that is generated from the component's schema."""
    folder = node_modules.parent
    generated = run([str(TOOLS_BIN / "pulumi-flyte-sdk"), "nodejs"], folder, (TEAM / "schema.json").read_text())
    for path, text in json.loads(generated).items():
        (folder / "acme" / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / "acme" / path).write_text(text)
    (folder / "acme" / "node_modules").symlink_to(node_modules)
    package = node_modules / "@acme" / "acme"
    run(["npx", "tsc", "--project", "acme", "--outDir", str(package)], folder)
    shutil.copy(folder / "acme" / "package.json", package)
    return node_modules


def go_package(consumer: Consumer) -> None:
    """Put the package for Go that is generated from the component's schema where the program looks for it."""
    generated = run([str(TOOLS_BIN / "pulumi-flyte-sdk"), "go"], consumer.folder, (TEAM / "schema.json").read_text())
    consumer.write({f"sdks/{path}": text for path, text in json.loads(generated).items() if path.startswith("acme/")})
    # It needs what our own package for Go needs.
    module = (ROOT / "sdk" / "go" / "go.mod").read_text()
    name = "module github.com/acme/pulumi-acme/sdk/go/acme"
    consumer.write({"sdks/acme/go.mod": re.sub(r"^module .*", name, module)})
    shutil.copy(ROOT / "sdk" / "go" / "go.sum", consumer.folder / "sdks" / "acme")


def run(command: list[str], folder: Path, stdin: str | None = None, **variables: str) -> str:
    done = subprocess.run(
        command,
        cwd=folder,
        env={**os.environ, **variables},
        input=stdin,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def unchanged(outcome: Outcome) -> None:
    assert outcome.code == 0, outcome.text
    assert outcome.summary == {}, outcome.text


def test_the_teams_tests_pass() -> None:
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-c", os.devnull, "tests"]
    assert "passed" in run(command, TEAM, PYTHONPATH=str(TEAM))


def test_the_wheel_has_the_component_its_types_and_the_command(tmp_path: Path) -> None:
    source = tmp_path / "source"
    shutil.copytree(TEAM, source, ignore=shutil.ignore_patterns("__pycache__", "consumers"))
    run(["uv", "build", "--wheel", "--quiet", "--out-dir", str(tmp_path), str(source)], tmp_path, PATH=_path())
    (wheel,) = tmp_path.glob("acme_flyte-0.1.0-*.whl")
    names = run([sys.executable, "-m", "zipfile", "--list", str(wheel)], tmp_path)
    assert all(name in names for name in ("scored_service.py", "plugin.py", "py.typed", "entry_points.txt"))


def test_four_languages_use_one_component_and_its_state(consumer: Consumer, modules: Path) -> None:
    consumer.program("python")
    consumer.init()
    consumer.configure({"modelKey": KEY}, secret=True)
    schema = consumer.pulumi("package", "get-schema", str(consumer.plugin / "pulumi-resource-acme"), check=True).text
    committed = Package.read(TEAM / "schema.json")
    assert not breaking_changes(committed, Package.model_validate_json(schema))
    assert not breaking_changes(Package.model_validate_json(schema), committed)

    assert consumer.deployed().changed == SERVICE
    url = consumer.outputs()["url"]
    assert httpx.get(f"{url}/score", params={"amount": 5000}, timeout=60).json() == {"fraud": True}
    configuration = (consumer.folder / "Pulumi.dev.yaml").read_text()

    consumer.program("yaml")
    consumer.write({"Pulumi.dev.yaml": configuration, "Pulumi.yaml": yaml_program(consumer)})
    unchanged(consumer.preview())
    consumer.write({"Pulumi.yaml": yaml_program(consumer).replace("replicas: 2", "replicas: 1")})
    assert consumer.deployed().changed == {"flyte:api:App::fraud-api"}

    consumer.program("go")
    go_package(consumer)
    program = (consumer.folder / "main.go").read_text()
    consumer.write({"Pulumi.dev.yaml": configuration, "main.go": program.replace("replicas := 2", "replicas := 1")})
    unchanged(consumer.preview())

    consumer.program("typescript")
    (consumer.folder / "node_modules").symlink_to(modules)
    program = (consumer.folder / "index.ts").read_text()
    consumer.write({"Pulumi.dev.yaml": configuration, "index.ts": program.replace("replicas: 2", "replicas: 1")})
    unchanged(consumer.preview())
    options_reach_all(consumer, program)
    assert consumer.destroy().code != 0, "it is protected"
    consumer.pulumi("state", "unprotect", "--all", "--yes", "--stack", consumer.name, check=True)
    assert consumer.destroy().code == 0
    assert not consumer.remaining()


def options_reach_all(consumer: Consumer, program: str) -> None:
    """Check `parent`, `aliases`, `protect`, `transforms` and `ignoreChanges` of a program in TypeScript."""
    head, call, rest = program.replace("replicas: 2", "replicas: 1").partition("const fraud")
    consumer.write({"index.ts": f"{head}{OPTIONS}{call}{rest.replace('});', '}, options);')}"})
    unchanged(consumer.preview())
    consumer.configure({"moved": "true"})
    # Each object gets the mark of its new owner. Nothing is replaced.
    update = consumer.deployed()
    assert update.changed == SERVICE
    assert {operation for urn, operation in update.steps.items() if is_object(urn)} == {"update"}
    resources = consumer.export("--stack", consumer.name)["deployment"]["resources"]
    inside = [each for each in resources if "acme:index:ScoredService" in each["urn"]]
    assert len(inside) == 10
    assert all(each.get("protect") and "risk:index:Team$" in each["urn"] for each in inside)
    (app,) = [each for each in inside if each["type"] == "flyte:api:App"]
    assert app["inputs"]["env"]["COLOUR"] == "blue"


def test_an_explicit_provider_reaches_all_that_is_in_a_component(consumer: Consumer) -> None:
    consumer.program("yaml")
    consumer.init()
    consumer.configure({"modelKey": KEY}, secret=True)
    provider = PROVIDERS.replace("PORT", str(consumer.port))
    program = yaml_program(consumer).replace("resources:\n", f"resources:\n{provider}")
    service = "    type: acme:ScoredService\n"
    consumer.write({"Pulumi.yaml": program.replace(service, f"{service}    options: {{providers: ['${{eu}}']}}\n")})
    outcome = consumer.preview()
    assert outcome.code == 0, outcome.text
    assert {name: _provider(outcome, name) for name in SERVICE} == dict.fromkeys(SERVICE, "eu")


def _provider(outcome: Outcome, name: str) -> str:
    provider: str = outcome.metadata(name)["provider"]
    return provider.split("::")[3]


def yaml_program(consumer: Consumer) -> str:
    """Return the program in YAML with the plugins of this environment."""
    project = (TEAM / "consumers" / "yaml" / "Pulumi.yaml").read_text().partition("plugins:")[0]
    return f"{project}{plugin_path()}    - {{name: acme, path: {consumer.plugin}}}\n"


def _path() -> str:
    return os.pathsep.join([str(TOOLS_BIN), str(VENV_BIN), os.environ["PATH"]])
