"""The packages in the lines of a requirements file. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from packaging.requirements import InvalidRequirement, Requirement

from pulumi_flyte.source.installed import canonical


def packages_of(lines: Iterable[str]) -> Mapping[str, str]:
    """Return the packages of the lines: name to pinned version, or to the rest of the line."""
    return dict(_package_of(line) for line in lines if line.strip() and not line.lstrip().startswith(("#", "-")))


def _package_of(line: str) -> tuple[str, str]:
    text = line.partition(" #")[0].strip()
    try:
        requirement = Requirement(text)
    except InvalidRequirement:
        return text, ""
    name = canonical(requirement.name)
    versions = list(requirement.specifier)
    if len(versions) == 1 and versions[0].operator == "==" and requirement.url is None:
        return name, versions[0].version
    return name, requirement.url or str(requirement.specifier)
