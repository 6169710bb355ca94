"""Stacks of every release under the code of today: nothing is replaced, and nothing changes."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
import yaml
from pulumi_flyte.source import staging
from pulumi_flyte.version import VERSION
from pulumi_flyte_review.engine.offline.process import steps

from tests.e2e.harness import VENV_BIN, plugin_path, short
from tests.upgrades.releases import releases
from tests.upgrades.stacks import (
    CONFIGURATION,
    DECLARATIONS,
    PROGRAM,
    STATE,
    WORLD,
    ReleasedStack,
    flyte_platform,
    local_platform,
    side_of,
)
from tests.upgrades.versions import packages_as, plugin_as, plugins

NEXT = "99.0.0"
# The ports of the platforms are those of the states.
pytestmark = [pytest.mark.e2e, pytest.mark.timeout(600), pytest.mark.xdist_group("upgrades")]
Deployed = Callable[[Path], ReleasedStack]


def cases(file: str) -> list[Path]:
    """Return the folders of all releases that have a file."""
    return [path.parent for release in releases() for path in sorted(release.folder.glob(f"*/{file}"))]


def in_python() -> list[Path]:
    """Return the stacks of Python programs on this machine's platform."""
    return [each for each in cases(STATE) if not (each / WORLD).exists() and (each / PROGRAM / "__main__.py").exists()]


def in_yaml() -> list[Path]:
    """Return the stacks of YAML programs, whose components the plugin makes."""
    return [each for each in cases(STATE) if "runtime: yaml" in (each / PROGRAM / "Pulumi.yaml").read_text()]


def title(folder: Path) -> str:
    return f"{folder.parent.name}-{folder.name}"


@pytest.fixture
def deployed(tmp_path: Path) -> Iterator[Deployed]:
    """Make the stack of a release on a platform that has its resources."""
    with ExitStack() as cleaning:

        def deploy(folder: Path) -> ReleasedStack:
            stack = ReleasedStack(tmp_path / "stack")
            cleaning.callback(stack.close)
            stack.take(folder / PROGRAM)
            state = json.loads((folder / STATE).read_text())
            if (folder / WORLD).exists():
                cleaning.enter_context(flyte_platform(None, folder / WORLD))
            else:
                cleaning.enter_context(local_platform(stack, state))
            stack.pulumi("stack", "init", stack.name, check=True)
            # Making the stack has given its file another salt.
            (stack.folder / CONFIGURATION).write_text((folder / PROGRAM / CONFIGURATION).read_text())
            stack.pulumi("stack", "import", "--file", str(folder / STATE), check=True)
            return stack

        yield deploy


@pytest.fixture
def next_plugin(tmp_path: Path) -> Path:
    """The folder of a plugin of a later version."""
    return plugin_as(NEXT, tmp_path / "next")


def ids_of(stack: ReleasedStack) -> dict[str, str | None]:
    """Return the id of each resource. The default provider is another one for each version of the plugin."""
    return {each["urn"]: each.get("id") for each in stack.export()["deployment"]["resources"] if not _is_provider(each)}


def providers_of(stack: ReleasedStack) -> dict[str, str]:
    """Return the version of the provider of each app and task."""
    resources = stack.export()["deployment"]["resources"]
    return {
        short(each["urn"]): each["provider"].split("::")[3].removeprefix("default_").replace("_", ".")
        for each in resources
        if each["type"] in ("flyte:api:App", "flyte:api:Task")
    }


def _is_provider(resource: Mapping[str, Any]) -> bool:
    return str(resource["type"]).startswith("pulumi:providers:")


def changes_nothing(stack: ReleasedStack) -> None:
    """Update the stack, and check that this changed nothing."""
    before = ids_of(stack)
    outcome = stack.up("--expect-no-changes")
    assert outcome.code == 0, outcome.text
    assert outcome.summary == {}, outcome.text
    assert ids_of(stack) == before


@pytest.mark.parametrize("folder", in_python(), ids=title)
def test_a_newer_version_and_the_way_back_change_nothing(
    folder: Path, deployed: Deployed, next_plugin: Path, tmp_path: Path
) -> None:
    stack = deployed(folder)
    changes_nothing(stack)
    stack.packages = packages_as(NEXT, tmp_path / "packages")
    stack.use(plugin_path(next_plugin))
    changes_nothing(stack)
    assert set(providers_of(stack).values()) == {NEXT}
    stack.packages = None
    stack.use(plugin_path())
    changes_nothing(stack)
    assert set(providers_of(stack).values()) == {VERSION}


@pytest.mark.parametrize("folder", in_yaml(), ids=title)
def test_components_of_one_program_use_the_versions_that_they_name(
    folder: Path, deployed: Deployed, next_plugin: Path
) -> None:
    stack = deployed(folder)
    changes_nothing(stack)
    stack.use(plugins({VERSION: VENV_BIN, NEXT: next_plugin}))
    program = yaml.safe_load((stack.folder / "Pulumi.yaml").read_text())
    for name, resource in program["resources"].items():
        resource["options"] = {"version": NEXT if name == "webhook" else VERSION}
    stack.write({"Pulumi.yaml": json.dumps(program)})
    changes_nothing(stack)
    versions = {
        "flyte:api:App::webhook": NEXT,
        "flyte:api:App::backend-api": VERSION,
        "flyte:api:Task::resize": VERSION,
    }
    assert providers_of(stack) == versions


@pytest.mark.parametrize("folder", cases(WORLD), ids=title)
def test_what_is_on_the_platform_stays_and_is_updated_in_place(folder: Path, deployed: Deployed) -> None:
    stack = deployed(folder)
    before = ids_of(stack)
    outcome = stack.up("--expect-no-changes", "--refresh")
    assert outcome.code == 0, outcome.text
    assert outcome.summary == {}, outcome.text
    program = (stack.folder / "__main__.py").read_text()
    stack.write({"__main__.py": program.replace("blue", "red")})
    outcome = stack.up()
    assert outcome.summary == {"update": 2}, outcome.text
    assert outcome.changed == {"flyte:api:App::webhook"}
    assert ids_of(stack) == before


@pytest.mark.parametrize("folder", cases(DECLARATIONS), ids=title)
def test_a_program_declares_what_it_declared_then(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(staging.CACHE_VARIABLE, str(tmp_path / "cache"))
    former = json.loads((folder / DECLARATIONS).read_text())
    changes, _ = steps(side_of(folder / PROGRAM), "dev", former)
    different = [f"{step.operation} {step.urn}: {step.properties}" for step in changes if step.operation != "same"]
    assert changes
    assert not different, "\n".join(different)


def test_every_release_has_states_of_each_platform() -> None:
    for release in releases():
        names = {path.name for path in release.folder.iterdir() if path.is_dir()}
        assert names >= {"local", "yaml", "flyte", "kubernetes"}, release
