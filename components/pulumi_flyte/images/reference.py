"""References of images that are built here: registry, repository and tag. Pure.

Source of the rules: the grammar of references in github.com/distribution/reference.
"""

from __future__ import annotations

from pulumi_flyte.naming.labels import dashed

_MAX_NAME = 255


def reference(registry: str, project: str, name: str, tag: str) -> str:
    """Return the reference of an image. Project and name may have characters that a repository's name may not have."""
    place = registry.rstrip("/")
    repository = f"{_part(project)}-{_part(name)}"[: _MAX_NAME - len(place) - 1].rstrip("-")
    return f"{place}/{repository}:{tag}"


def host_of(registry: str) -> str:
    """Return the host of a registry, as credentials name it."""
    return registry.partition("/")[0]


def _part(text: str) -> str:
    return dashed(text).strip("-") or "image"
