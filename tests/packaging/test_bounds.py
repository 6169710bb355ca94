"""The versions that the three distributions accept: the same everywhere, and bounded where private names are used."""

from __future__ import annotations

import importlib.metadata
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from flyte_runtime.serving.serve import OLDEST_UVICORN
from packaging.requirements import Requirement
from packaging.version import Version

ROOT = Path(__file__).parents[2]
DISTRIBUTIONS = ("pulumi-flyte", "flyte-runtime", "flyte-local")
# Those with an `*_internals.py`, and flyteidl2, whose classes are generated for one version of Flyte's API.
FENCED = ("flyte", "flyteidl2", "pulumi", "uvicorn")


def requirements() -> Iterator[tuple[str, Requirement]]:
    for distribution in DISTRIBUTIONS:
        for text in importlib.metadata.requires(distribution) or ():
            yield distribution, Requirement(text)


def bounds(package: str) -> dict[str, str]:
    """Return the requirement of each distribution for a package."""
    return {name: str(each.specifier) for name, each in requirements() if each.name == package}


@pytest.mark.parametrize("package", sorted({each.name for _, each in requirements()}))
def test_the_distributions_agree_on_a_packages_versions(package: str) -> None:
    assert len(set(bounds(package).values())) == 1, bounds(package)


@pytest.mark.parametrize("package", FENCED)
def test_a_package_whose_private_names_are_used_is_bound_to_the_minor_versions_that_were_tested(package: str) -> None:
    [specifier] = set(bounds(package).values())
    [upper] = re.findall(r"<([\d.]+)", specifier)
    assert len(Version(upper).release) == 2, specifier
    table = re.findall(rf"^\| {package} \| ([\d.]+) \| ([\d.]+) \| (.*) \|$", compatibility(), re.MULTILINE)
    [(locked, newest, outcome)] = table
    assert re.fullmatch(r"\d+ passed(, \d+ skipped)?", outcome), "the newest release that was tried does not pass"
    assert Version(importlib.metadata.version(package)) <= max(Version(locked), Version(newest)) < Version(upper)
    major, minor = Version(newest).release[:2]
    assert upper == f"{major}.{minor + 1}", f"{package} {newest} was tested"


def compatibility() -> str:
    return (ROOT / "docs" / "compatibility.md").read_text()


def test_the_server_refuses_what_the_metadata_refuses() -> None:
    [specifier] = set(bounds("uvicorn").values())
    assert f">={'.'.join(map(str, OLDEST_UVICORN))}" in specifier
