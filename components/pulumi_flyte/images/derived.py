"""The packages of an image that nobody described: what the code imports, in the installed versions. Pure."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from packaging.requirements import InvalidRequirement, Requirement

from pulumi_flyte.source.installed import Distribution, Installed, canonical
from pulumi_flyte.source.reader.syntax import File, imported_modules

DEFAULT_PYTHON = "3.12"
_OF_BASE = re.compile(r"(?:^|/)python:(3\.\d+)")
# A bundle brings the runtime library itself, and Pulumi has nothing to do in a container.
_BROUGHT = frozenset({"flyte-runtime", "pulumi-flyte", "flyte-local"})


@dataclass(frozen=True, slots=True)
class DerivedPackages:
    """Packages of an image: pinned `requirements`, and pins of what these require in turn (`constraints`).

    unavailable: distributions that the code imports and that come from no package index, with the place they come from.
    """

    requirements: tuple[str, ...]
    constraints: tuple[str, ...] = ()
    unavailable: tuple[tuple[str, str], ...] = ()


def python_of_base(base: str) -> str:
    """Return the version of Python that a base has by its name, or a usual one."""
    version = _OF_BASE.search(base)
    return version[1] if version else DEFAULT_PYTHON


def derive(
    code: Mapping[str, bytes], installed: Installed, needs: Iterable[str], *, command: str | None, python: str
) -> DerivedPackages:
    """Return the packages for `code`, path -> content.

    needs: further requirements, which no import has to name. command: the first word of the container's command.
    """
    imported = set(imported_distributions(code, installed))
    if command is not None and command in installed.scripts:
        imported.add(installed.scripts[command])
    brought = [installed.distributions[name] for name in sorted(imported - _BROUGHT)]
    direct = [each for each in brought if not each.url.startswith("file:")]
    requested = [*map(Requirement, needs), *(Requirement(each.name) for each in direct)]
    pins: dict[str, str] = {}
    for requirement in requested:
        name = canonical(requirement.name)
        pin = _pin(requirement, installed.distributions.get(name))
        # A requirement with extras says more than a plain one.
        if name not in pins or len(pin) > len(pins[name]):
            pins[name] = pin
    unavailable = tuple((each.name, each.url) for each in brought if each not in direct)
    closure = _closure(requested, installed, python)
    constraints = {name: _pin(Requirement(name), installed.distributions[name]) for name in closure - pins.keys()}
    return DerivedPackages(_sorted(pins), _sorted(constraints), unavailable)


def imported_distributions(code: Mapping[str, bytes], installed: Installed) -> Iterator[str]:
    """Name the distributions that the code imports, at its top or inside functions."""
    local = {PurePosixPath(path).parts[0].removesuffix(".py") for path in code}
    for path, content in code.items():
        for module in _modules(path, content):
            if module.partition(".")[0] not in local:
                yield from _owners(module, installed)


def _modules(path: str, content: bytes) -> Iterator[str]:
    place = PurePosixPath(path)
    if place.suffix != ".py":
        return
    try:
        tree = ast.parse(content)
    except (SyntaxError, ValueError, RecursionError):
        return
    parts = place.with_suffix("").parts
    name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
    yield from imported_modules(File(Path(path), tree, name))


def _owners(module: str, installed: Installed) -> tuple[str, ...]:
    """Return the distributions that bring a module. Those that share a namespace are told apart by its parts."""
    parts = module.split(".")
    for depth in range(min(len(parts), 3), 0, -1):
        owners = installed.modules.get(".".join(parts[:depth]), ())
        if owners:
            return owners
    return ()


def _pin(requirement: Requirement, distribution: Distribution | None) -> str:
    """Return a requirement for the version that is installed here, or as it is for what is not installed."""
    if distribution is None:
        return str(requirement)
    extras = f"[{','.join(sorted(requirement.extras))}]" if requirement.extras else ""
    if distribution.url and not distribution.url.startswith("file:"):
        return f"{distribution.name}{extras} @ {distribution.url}"
    # A local version (`2.4.0+cpu`) exists on the index of its builder only.
    return f"{distribution.name}{extras}=={distribution.version.partition('+')[0]}"


def _closure(requested: Iterable[Requirement], installed: Installed, python: str) -> set[str]:
    """Return the names of all installed distributions that the requested ones need in a container.

    A requirement of only some operating systems or processors is left out, so that all machines get the same names.
    """
    waiting = list(requested)
    visited: set[tuple[str, frozenset[str]]] = set()
    while waiting:
        requirement = waiting.pop()
        name = canonical(requirement.name)
        state = (name, frozenset(requirement.extras))
        if state in visited or name not in installed.distributions:
            continue
        visited.add(state)
        for text in installed.distributions[name].requires:
            needed = _parsed(text)
            if needed is not None and _applies(needed, requirement.extras, python):
                waiting.append(needed)
    return {name for name, _ in visited if not installed.distributions[name].url.startswith("file:")}


def _applies(requirement: Requirement, extras: Iterable[str], python: str) -> bool:
    marker = requirement.marker
    if marker is None:
        return True
    if re.search(r"platform|os_name", str(marker)):
        return False
    release = {"python_version": python, "python_full_version": f"{python}.0", "implementation_name": "cpython"}
    return any(marker.evaluate({**release, "extra": extra}) for extra in (*extras, ""))


def _parsed(text: str) -> Requirement | None:
    try:
        return Requirement(text)
    except InvalidRequirement:  # an old distribution's, which uv will ignore too
        return None


def _sorted(pins: Mapping[str, str]) -> tuple[str, ...]:
    return tuple(pin for _, pin in sorted(pins.items()))
