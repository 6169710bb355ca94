"""The imports that are allowed between packages, read from the sources."""

from __future__ import annotations

import ast
import graphlib
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
HOUSE = {
    "flyte_runtime": ROOT / "runtime" / "flyte_runtime",
    "flyte_local": ROOT / "local" / "flyte_local",
    "pulumi_flyte": ROOT / "components" / "pulumi_flyte",
    "pulumi_flyte_provider": ROOT / "provider" / "pulumi_flyte_provider",
    "pulumi_flyte_review": ROOT / "review" / "pulumi_flyte_review",
}
ALLOWED = {
    "flyte_runtime": {"flyte_runtime"},
    "flyte_local": {"flyte_local", "flyte_runtime"},
    "pulumi_flyte": {"pulumi_flyte", "flyte_runtime.contract"},
    "pulumi_flyte_provider": {"pulumi_flyte_provider", "pulumi_flyte", "flyte_runtime.contract", "flyte_local"},
    "pulumi_flyte_review": {
        *("pulumi_flyte_review", "pulumi_flyte", "pulumi_flyte_provider", "flyte_runtime.contract"),
    },
}
PURE_IN_REVIEW = ("model", "reasons", "contracts", "consumers", "wiring", "report", "rendering", "binding")
# What a distribution is made of, rooms and public modules, from the ground up. What is on one floor knows nothing of
# the rest of it.
FLOORS = {
    "flyte_runtime": (
        {"event_loop", "observability", "compat", "container"},
        {"apps", "tasks", "serving"},
        {"webhooks", "websockets"},
        {"testing"},
    ),
    "flyte_local": (
        {"wire"},
        {"state"},
        {"secrets", "processes", "web"},
        {"images", "memory"},
        {"tasks", "apps"},
        {"warm", "proxy"},
        {"runs"},
        {"composition"},
        {"api", "console"},
        {"server"},
    ),
    "pulumi_flyte_provider": (
        {"properties"},
        {"messages", "flyte_api", "ownership"},
        {"resources"},
        {"plugin"},
    ),
    "pulumi_flyte_provider.resources": (
        {"container", "run", "state"},
        {"operation"},
        {"resource", "scope"},
        {"auth", "project", "server"},
        {"secret", "task"},
        {"app", "trigger"},
    ),
    "pulumi_flyte_review": (
        {"model"},
        {"contracts", "consumers", "engine", "reasons", "wiring"},
        {"report"},
        {"rendering", "binding"},
        {"comments"},
        {"commands"},
    ),
    "pulumi_flyte": (
        {"naming", "redaction"},
        {"notation"},
        {"source"},
        {"arguments"},
        {"images"},
        {"links"},
        {"engine"},
        {"settings", "api_shapes"},
        {"wiring"},
        {"workload"},
        {"api", "local", "provider"},
        {"platforms"},
        {"environment"},
        {"registration"},
        {"component"},
        {"app", "task", "secret"},
        {"discovery"},
        {"testing", "policies"},
    ),
}
# What every floor may import. It knows no room itself.
EVERYBODYS = {
    "flyte_runtime": {"errors", "contract", "lazy_imports"},
    "flyte_local": {"errors", "home", "version"},
    "pulumi_flyte": {"errors", "problems", "version"},
    "pulumi_flyte_provider": {"errors"},
    "pulumi_flyte_review": {"errors"},
    "pulumi_flyte_provider.resources": set(),
}
# On top of all floors.
ENTRANCES = {
    "flyte_runtime": {"__init__", "__main__", "lifecycle"},
    "flyte_local": {"__init__", "__main__", "daemon"},
    "pulumi_flyte": {"__init__"},
    "pulumi_flyte_provider": {"__init__", "__main__"},
    "pulumi_flyte_review": {"__init__", "__main__"},
    "pulumi_flyte_provider.resources": {"__init__"},
}
PURE = (
    *("problems", "naming", "notation", "redaction", "wiring/graph"),
    *(f"policies/{module}" for module in ("resource", "rule", "builtin", "policy_set")),
    *(
        "source/bundle",
        "source/description",
        "source/request",
        "discovery/request",
        "discovery/plan",
        "discovery/overrides",
    ),
    *("images/recipe", "images/context", "images/dockerfile", "images/reference", "images/derived"),
    *(
        f"platforms/kubernetes/network/{module}"
        for module in (
            "addresses",
            "app_pods",
            "host",
            "names",
            "policies",
            "policy",
            "surroundings",
            "task_pods",
            "warnings",
        )
    ),
)


# Named by signatures everywhere, and imported by type checkers only.
COMPONENTS = {"pulumi_flyte.component.Workload", "pulumi_flyte.secret.Secret"}


def imported(path: Path) -> Iterator[str]:
    tree = ast.parse(path.read_text())
    guards = [node for node in tree.body if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"]
    for_types = {name for guard in guards for name in imported_by(guard)} & COMPONENTS
    yield from (name for name in imported_by(tree) if name not in for_types)


def imported_by(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


@pytest.mark.parametrize("package", HOUSE)
def test_a_distribution_imports_only_what_it_may(package: str) -> None:
    for path in HOUSE[package].rglob("*.py"):
        for name in imported(path):
            if name.split(".")[0] in HOUSE:
                allowed = any(name == room or name.startswith(f"{room}.") for room in ALLOWED[package])
                assert allowed, f"{path.relative_to(ROOT)} imports {name}"


def test_only_the_stand_in_engine_of_the_review_asks_the_plugins_rules() -> None:
    house = HOUSE["pulumi_flyte_review"]
    for path in house.rglob("*.py"):
        if not path.is_relative_to(house / "engine" / "offline" / "program"):
            names = [name for name in imported(path) if name.startswith("pulumi_flyte_provider")]
            assert not names, f"{path.relative_to(ROOT)} imports {names}"


def house_of(package: str) -> Path:
    """Return the folder of a distribution, or of a room that has floors of its own."""
    distribution, *rooms = package.split(".")
    return HOUSE[distribution].joinpath(*rooms)


def modules_of(package: str, room: str) -> list[Path]:
    """Those of a folder, or the one module of this name."""
    place = house_of(package) / room
    return sorted(place.rglob("*.py")) if place.is_dir() else [place.with_suffix(".py")]


@pytest.mark.parametrize("package", FLOORS)
def test_everything_is_on_a_floor(package: str) -> None:
    house = house_of(package)
    found = {path.stem for path in house.glob("*.py")} | {path.parent.name for path in house.glob("*/__init__.py")}
    assert found == EVERYBODYS[package].union(ENTRANCES[package], *FLOORS[package])


@pytest.mark.parametrize("package", FLOORS)
def test_what_is_on_a_floor_imports_only_from_those_below(package: str) -> None:
    below = EVERYBODYS[package]
    for room in below:
        only_imports(package, room, below)
    for floor in FLOORS[package]:
        for room in floor:
            only_imports(package, room, {room, *below})
        below = below | floor


def only_imports(package: str, room: str, allowed: set[str]) -> None:
    for path in modules_of(package, room):
        for name in imported(path):
            room_of_it = name.removeprefix(f"{package}.").split(".")[0]
            is_inside = name.startswith(f"{package}.")
            assert not is_inside or room_of_it in allowed, f"{path.relative_to(ROOT)} imports {name}"


@pytest.mark.parametrize("package", HOUSE)
def test_no_modules_import_each_other_in_a_circle(package: str) -> None:
    """Imports in functions and under TYPE_CHECKING count, except those of COMPONENTS: a workload refers to others.

    A package counts for the names that are imported from it.
    """
    try:
        graphlib.TopologicalSorter(import_graph(package)).prepare()
    except graphlib.CycleError as error:
        pytest.fail(f"a circle of imports: {' → '.join(reversed(error.args[1]))}")


def import_graph(package: str) -> dict[str, set[str]]:
    """Return the modules of a distribution, each with the modules that it imports anywhere in its text."""
    house = HOUSE[package]
    modules = {module_name(path, house): path for path in house.rglob("*.py")}
    graph: dict[str, set[str]] = {}
    for module, path in modules.items():
        parent = module if path.stem == "__init__" else module.rpartition(".")[0]
        names = {*imported(path), *relatively_imported(path, parent)}
        targets = {name if name in modules else name.rpartition(".")[0] for name in names}
        graph[module] = (targets & modules.keys()) - {module}
    return graph


def module_name(path: Path, house: Path) -> str:
    parts = path.relative_to(house.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def relatively_imported(path: Path, parent: str) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom) and node.level > 0:
            above = parent.split(".")[: len(parent.split(".")) - node.level + 1]
            module = ".".join([*above, *filter(None, [node.module])])
            yield from (f"{module}.{alias.name}" for alias in node.names)


@pytest.mark.parametrize("package", ["flyte_runtime", "flyte_local"])
def test_pulumi_is_needed_by_programs_and_the_plugin_only(package: str) -> None:
    for path in HOUSE[package].rglob("*.py"):
        assert not [name for name in imported(path) if name.split(".")[0] == "pulumi"], path.relative_to(ROOT)


@pytest.mark.parametrize("component", ["app", "task", "component", "secret"])
def test_components_know_no_resource_class(component: str) -> None:
    names = set(imported(HOUSE["pulumi_flyte"] / f"{component}.py"))
    assert not names & {"pulumi_flyte.api", "pulumi_flyte.local"}
    assert not {name for name in names if name.startswith("pulumi_flyte.platforms.") and ".base." not in name} - {
        "pulumi_flyte.platforms.platform_of",
        "pulumi_flyte.platforms.stand_in_variables",
    }


@pytest.mark.parametrize(
    ("package", "room"),
    [
        *(("pulumi_flyte", room) for room in PURE),
        *(("pulumi_flyte_review", room) for room in PURE_IN_REVIEW),
    ],
)
def test_pure_decisions_import_neither_pulumi_nor_io(package: str, room: str) -> None:
    for path in modules_of(package, room):
        found = {name.split(".")[0] for name in imported(path)}
        assert not found & {"pulumi", "httpx", "subprocess", "socket", "os"}, path.relative_to(ROOT)


# Modules beside the platforms' own folder that may ask for a platform's name: names are pure functions of it.
PLATFORM_NAMERS = {"pulumi_flyte": {"naming/names.py", "settings.py"}, "pulumi_flyte_provider": set()}


@pytest.mark.parametrize("package", PLATFORM_NAMERS)
def test_only_the_platforms_folder_compares_platforms(package: str) -> None:
    for path in HOUSE[package].rglob("*.py"):
        inside = path.relative_to(HOUSE[package])
        if "platforms" in inside.parts or inside.as_posix() in PLATFORM_NAMERS[package]:
            continue
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Compare) and "platform" in ast.unparse(node):
                literals = {part.value for part in ast.walk(node) if isinstance(part, ast.Constant)}
                assert not literals & {"local", "flyte", "kubernetes"}, f"{path.relative_to(ROOT)}:{node.lineno}"
