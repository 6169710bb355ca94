"""The package and the plugin of this checkout under another version, as another release would be installed."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path

import pulumi_flyte


def packages_as(version: str, folder: Path) -> Path:
    """Return a folder for PYTHONPATH in which `pulumi_flyte` says that it has another version."""
    source, target = Path(pulumi_flyte.__file__).parent, folder / "pulumi_flyte"
    target.mkdir(parents=True)
    for path in source.iterdir():
        if path.name == "version.py":
            (target / path.name).write_text(f'VERSION = "{version}"\n')
        elif path.name != "__pycache__":
            (target / path.name).symlink_to(path)
    return folder


def plugin_as(version: str, folder: Path) -> Path:
    """Return a folder with a plugin that has another version."""
    packages = packages_as(version, folder / "packages")
    program = folder / "bin" / "pulumi-resource-flyte"
    program.parent.mkdir()
    command = f'PYTHONPATH="{packages}" exec {sys.executable} -m pulumi_flyte_provider "$@"'
    program.write_text(f"#!/bin/sh\n{command}\n")
    program.chmod(0o755)
    return program.parent


def plugins(folders: Mapping[str, Path]) -> str:
    """Return the lines of Pulumi.yaml that name the folder of each version of the plugin."""
    entries = (f"    - {{name: flyte, version: {version}, path: {path}}}\n" for version, path in folders.items())
    return f"plugins:\n  providers:\n{''.join(entries)}"
